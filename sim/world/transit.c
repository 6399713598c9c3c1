#include "world/transit.h"

#include <math.h>
#include <stdlib.h>

#include "base/par.h"

err_code transit_alloc_stops(transit *t, arena *a_, uint32_t n_) {
    *t = (transit){.stop.count = n_};
    transit_stop_columns *t_ = &t->stop;
    COLUMN_ALLOC(TRANSIT_STOP_COLUMNS)
    ARENA_NEW(a_, t->main_ix, n_);
    for (uint32_t s = 0; s < n_; s++) {
        t->main_ix[s] = s;
    }
    return ERR_OK;
}

static err_code transit_alloc_trips(transit_trip_columns *t_, arena *a_, uint32_t n_) {
    t_->count = n_;
    COLUMN_ALLOC(TRANSIT_TRIP_COLUMNS)
    return ERR_OK;
}

// --- grouping trips into patterns -----------------------------------------------------------------------------------

typedef struct transit_run {  // a trip while it is sorted
    const transit_call *call;
    uint32_t call_count;
    uint32_t trip_ix;  // in the input
    const char *id;
} transit_run;

// Same stops in the same order with the same boarding rules?
static int transit_compare_stops(const transit_run *a, const transit_run *b) {
    if (a->call_count != b->call_count) {
        return a->call_count < b->call_count ? -1 : 1;
    }
    for (uint32_t k = 0; k < a->call_count; k++) {
        const transit_call *p = &a->call[k], *q = &b->call[k];
        if (p->stop_ix != q->stop_ix) {
            return p->stop_ix < q->stop_ix ? -1 : 1;
        }
        if (p->no_pickup != q->no_pickup) {
            return p->no_pickup < q->no_pickup ? -1 : 1;
        }
        if (p->no_dropoff != q->no_dropoff) {
            return p->no_dropoff < q->no_dropoff ? -1 : 1;
        }
    }
    return 0;
}

static int transit_compare_runs(const void *left, const void *right) {
    const transit_run *a = left, *b = right;
    int by_stops = transit_compare_stops(a, b);
    if (by_stops != 0) {
        return by_stops;
    }
    if (a->call[0].departure_s != b->call[0].departure_s) {
        return a->call[0].departure_s < b->call[0].departure_s ? -1 : 1;
    }
    return strcmp(a->id, b->id);  // ids are unique: a total order
}

// Does b run behind a at every stop?
static bool transit_follows(const transit_run *a, const transit_run *b) {
    for (uint32_t k = 0; k < a->call_count; k++) {
        if (b->call[k].arrival_s < a->call[k].arrival_s || b->call[k].departure_s < a->call[k].departure_s) {
            return false;
        }
    }
    return true;
}

// First fit in order of departure: pattern[i] of run i, first_of the patterns' first runs. Returns their number.
static uint32_t transit_split(const transit_run *run, uint32_t count, uint32_t *pattern, uint32_t *last_of) {
    uint32_t patterns = 0, group_first = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || transit_compare_stops(&run[i - 1], &run[i]) != 0) {
            group_first = patterns;
        }
        uint32_t p = group_first;
        while (p < patterns && !transit_follows(&run[last_of[p]], &run[i])) {
            p++;
        }
        patterns = p == patterns ? patterns + 1 : patterns;
        pattern[i] = p;
        last_of[p] = i;
    }
    return patterns;
}

static err_code transit_check_input(const transit *t, arena *scratch, const transit_trip_columns *meta,
                                    const uint32_t *call_first, const transit_call *call) {
    idmap seen;
    TRY(idmap_init(&seen, scratch, meta->count));
    for (uint32_t i = 0; i < meta->count; i++) {
        CHECK(idmap_put(&seen, meta->id[i], i) == IX_NONE, ERR_REFERENCE, "trip id '%s' is used twice", meta->id[i]);
        CHECK(call_first[i + 1] > call_first[i], ERR_RANGE, "trip '%s' has no stops", meta->id[i]);
        for (uint32_t k = call_first[i]; k < call_first[i + 1]; k++) {
            CHECK(call[k].stop_ix < t->stop.count, ERR_REFERENCE, "trip '%s': a stop of it is not among the stops",
                  meta->id[i]);
        }
    }
    return ERR_OK;
}

// Trips and stop events in the order of patterns. order: runs by pattern.
static err_code transit_place_trips(transit *t, arena *a, const transit_trip_columns *meta, const transit_run *run,
                                    const uint32_t *pattern, const uint32_t *order, uint32_t call_count) {
    TRY(transit_alloc_trips(&t->trip, a, meta->count));
    ARENA_NEW(a, t->arrival_s, call_count);
    ARENA_NEW(a, t->departure_s, call_count);
    ARENA_NEW(a, t->no_pickup, call_count);
    ARENA_NEW(a, t->no_dropoff, call_count);
    uint32_t event = 0;
    for (uint32_t i = 0; i < meta->count; i++) {
        const transit_run *r = &run[order[i]];
        t->trip.id[i] = meta->id[r->trip_ix];
        t->trip.line[i] = meta->line[r->trip_ix];
        t->trip.headsign[i] = meta->headsign[r->trip_ix];
        t->trip.route_type[i] = meta->route_type[r->trip_ix];
        t->trip.pattern_ix[i] = pattern[order[i]];
        t->trip.time_first[i] = event;
        for (uint32_t k = 0; k < r->call_count; k++, event++) {
            t->arrival_s[event] = r->call[k].arrival_s;
            t->departure_s[event] = r->call[k].departure_s;
            t->no_pickup[event] = r->call[k].no_pickup;
            t->no_dropoff[event] = r->call[k].no_dropoff;
        }
    }
    return ERR_OK;
}

static err_code transit_place_stops(transit *t, arena *a, const transit_run *run, const uint32_t *order) {
    uint32_t total = 0;
    ARENA_NEW(a, t->pattern_stop_first, (size_t)t->pattern_count + 1);
    for (uint32_t p = 0; p < t->pattern_count; p++) {
        total += run[order[t->pattern_trip_first[p]]].call_count;
        t->pattern_stop_first[p + 1] = total;
    }
    ARENA_NEW(a, t->pattern_stop, total);
    for (uint32_t p = 0; p < t->pattern_count; p++) {
        const transit_run *r = &run[order[t->pattern_trip_first[p]]];
        for (uint32_t k = 0; k < r->call_count; k++) {
            t->pattern_stop[t->pattern_stop_first[p] + k] = r->call[k].stop_ix;
        }
    }
    return ERR_OK;
}

static err_code transit_build_patterns(transit *t, arena *a, arena *scratch, const transit_trip_columns *meta,
                                       const uint32_t *call_first, const transit_call *call) {
    uint32_t count = meta->count;
    transit_run *run;
    uint32_t *pattern, *last_of, *order;
    ARENA_NEW(scratch, run, count);
    ARENA_NEW(scratch, pattern, count);
    ARENA_NEW(scratch, last_of, count);
    ARENA_NEW(scratch, order, count);
    for (uint32_t i = 0; i < count; i++) {
        run[i] = (transit_run){call + call_first[i], call_first[i + 1] - call_first[i], i, meta->id[i]};
    }
    if (count > 0) {
        qsort(run, count, sizeof *run, transit_compare_runs);
    }
    t->pattern_count = transit_split(run, count, pattern, last_of);
    ARENA_NEW(a, t->pattern_trip_first, (size_t)t->pattern_count + 1);
    TRY(par_group_u32(pattern, count, t->pattern_count, t->pattern_trip_first, order));
    TRY(transit_place_trips(t, a, meta, run, pattern, order, count == 0 ? 0 : call_first[count] - call_first[0]));
    return transit_place_stops(t, a, run, order);
}

// --- departures side by side ----------------------------------------------------------------------------------------

static err_code transit_build_blocks(transit *t, arena *a) {
    ARENA_NEW(a, t->block, t->pattern_count);
    ARENA_NEW(a, t->leave_s, transit_event_count(t));
    for (uint32_t p = 0; p < t->pattern_count; p++) {
        transit_block *b = &t->block[p];
        b->trip_first = t->pattern_trip_first[p];
        b->trips = t->pattern_trip_first[p + 1] - b->trip_first;
        b->stop_first = t->pattern_stop_first[p];
        b->stops = t->pattern_stop_first[p + 1] - b->stop_first;
        b->event_first = t->trip.time_first[b->trip_first];
        int32_t span_s = t->departure_s[b->event_first + (b->trips - 1) * b->stops] - t->departure_s[b->event_first];
        b->trips_per_s = span_s > 0 ? (float)(b->trips - 1) / (float)span_s : 0;
        for (uint32_t n = 0; n < b->trips; n++) {
            for (uint32_t k = 0; k < b->stops; k++) {
                t->leave_s[b->event_first + k * b->trips + n] = t->departure_s[b->event_first + n * b->stops + k];
            }
        }
    }
    return ERR_OK;
}

// --- lists by stop --------------------------------------------------------------------------------------------------

// Patterns by stop, in order of pattern and position.
static err_code transit_build_stop_patterns(transit *t, arena *a, arena *scratch) {
    uint32_t total = t->pattern_stop_first[t->pattern_count];
    uint32_t *place;
    ARENA_NEW(scratch, place, total);
    ARENA_NEW(a, t->stop_pattern_first, (size_t)t->stop.count + 1);
    ARENA_NEW(a, t->stop_pattern, total);
    ARENA_NEW(a, t->stop_pattern_pos, total);
    TRY(par_group_u32(t->pattern_stop, total, t->stop.count, t->stop_pattern_first, place));
    uint32_t *pattern_of;
    ARENA_NEW(scratch, pattern_of, total);
    for (uint32_t p = 0; p < t->pattern_count; p++) {
        for (uint32_t k = t->pattern_stop_first[p]; k < t->pattern_stop_first[p + 1]; k++) {
            pattern_of[k] = p;
        }
    }
    for (uint32_t i = 0; i < total; i++) {
        t->stop_pattern[i] = pattern_of[place[i]];
        t->stop_pattern_pos[i] = place[i] - t->pattern_stop_first[pattern_of[place[i]]];
    }
    return ERR_OK;
}

static int transit_compare_paths(const void *left, const void *right) {
    const transit_footpath *a = left, *b = right;
    if (a->from_ix != b->from_ix) {
        return a->from_ix < b->from_ix ? -1 : 1;
    }
    if (a->to_ix != b->to_ix) {
        return a->to_ix < b->to_ix ? -1 : 1;
    }
    return (a->walk_s > b->walk_s) - (a->walk_s < b->walk_s);
}

// By (from, to), the shortest of several. A path from a stop to itself is the time of a change there.
static err_code transit_build_paths(transit *t, arena *a, arena *scratch, const transit_footpath *path,
                                    uint32_t path_count) {
    transit_footpath *sorted;
    ARENA_NEW(scratch, sorted, path_count);
    uint32_t kept = 0;
    ARENA_NEW(a, t->change_s, t->stop.count);
    memset(t->change_s, 0xff, t->stop.count * sizeof *t->change_s);  // -1: nothing said yet
    for (uint32_t i = 0; i < path_count; i++) {
        CHECK(path[i].from_ix < t->stop.count && path[i].to_ix < t->stop.count, ERR_REFERENCE,
              "footpath %u: its %s stop is not among the stops", i, path[i].from_ix < t->stop.count ? "to" : "from");
        CHECK(path[i].walk_s >= 0, ERR_RANGE, "footpath from stop '%s' to '%s': %d s is negative",
              t->stop.id[path[i].from_ix], t->stop.id[path[i].to_ix], (int)path[i].walk_s);
        int32_t *change_s = &t->change_s[path[i].from_ix];
        if (path[i].from_ix != path[i].to_ix) {
            sorted[kept++] = path[i];
        } else if (*change_s < 0 || path[i].walk_s < *change_s) {
            *change_s = path[i].walk_s;
        }
    }
    for (uint32_t s = 0; s < t->stop.count; s++) {
        t->change_s[s] = t->change_s[s] < 0 ? 0 : t->change_s[s];
    }
    if (kept > 0) {
        qsort(sorted, kept, sizeof *sorted, transit_compare_paths);
    }
    ARENA_NEW(a, t->path_first, (size_t)t->stop.count + 1);
    ARENA_NEW(a, t->path_to, kept);
    ARENA_NEW(a, t->path_s, kept);
    uint32_t written = 0;
    for (uint32_t i = 0; i < kept; i++) {
        if (i > 0 && sorted[i].from_ix == sorted[i - 1].from_ix && sorted[i].to_ix == sorted[i - 1].to_ix) {
            continue;
        }
        t->path_to[written] = sorted[i].to_ix;
        t->path_s[written] = sorted[i].walk_s;
        t->path_first[sorted[i].from_ix]++;
        written++;
    }
    par_scan_u32(t->path_first, t->stop.count, t->path_first);
    return ERR_OK;
}

static err_code transit_build_stop_map(transit *t, arena *a) {
    TRY(idmap_init(&t->stop_map, a, t->stop.count));
    for (uint32_t s = 0; s < t->stop.count; s++) {
        CHECK(t->stop.id[s] != NULL && t->stop.id[s][0] != '\0', ERR_REFERENCE, "stop %u of the table has no id", s);
        CHECK(idmap_put(&t->stop_map, t->stop.id[s], s) == IX_NONE, ERR_REFERENCE, "stop id '%s' is used twice",
              t->stop.id[s]);
    }
    return ERR_OK;
}

static err_code transit_build_with(transit *t, arena *a, arena *scratch, const transit_trip_columns *meta,
                                   const uint32_t *call_first, const transit_call *call, const transit_footpath *path,
                                   uint32_t path_count) {
    TRY(transit_build_stop_map(t, a));
    TRY(transit_check_input(t, scratch, meta, call_first, call));
    TRY(transit_build_patterns(t, a, scratch, meta, call_first, call));
    TRY(transit_build_blocks(t, a));
    TRY(transit_build_stop_patterns(t, a, scratch));
    return transit_build_paths(t, a, scratch, path, path_count);
}

err_code transit_build(transit *t, arena *a, const transit_trip_columns *trip_meta, const uint32_t *call_first,
                       const transit_call *call, const transit_footpath *path, uint32_t path_count) {
    arena scratch;
    arena_init(&scratch);
    err_code code = transit_build_with(t, a, &scratch, trip_meta, call_first, call, path, path_count);
    arena_free(&scratch);
    return code;
}

// --- parts ----------------------------------------------------------------------------------------------------------

static err_code transit_set_parts_with(transit *t, arena *a, arena *scratch, const transit_trip_columns *meta,
                                       const uint32_t *part_first, const transit_part *part) {
    idmap given;
    TRY(idmap_init(&given, scratch, meta->count));
    for (uint32_t i = 0; i < meta->count; i++) {
        idmap_put(&given, meta->id[i], i);
    }
    ARENA_NEW(a, t->part_first, (size_t)t->trip.count + 1);
    ARENA_NEW(a, t->part, part_first[meta->count] - part_first[0]);
    for (uint32_t i = 0; i < t->trip.count; i++) {
        uint32_t from = idmap_find(&given, t->trip.id[i]);
        CHECK(from != IX_NONE, ERR_INTERNAL, "trip '%s' has no parts", t->trip.id[i]);
        uint32_t count = part_first[from + 1] - part_first[from];
        memcpy(t->part + t->part_first[i], part + part_first[from], count * sizeof *part);
        t->part_first[i + 1] = t->part_first[i] + count;
    }
    return ERR_OK;
}

err_code transit_set_parts(transit *t, arena *a, const transit_trip_columns *trip_meta, const uint32_t *part_first,
                           const transit_part *part) {
    arena scratch;
    arena_init(&scratch);
    err_code code = transit_set_parts_with(t, a, &scratch, trip_meta, part_first, part);
    arena_free(&scratch);
    return code;
}

const transit_part *transit_part_at(const transit *t, uint32_t trip_ix, uint32_t position) {
    if (t->part_first == NULL) {
        return NULL;
    }
    uint32_t k = t->part_first[trip_ix];
    while (k + 1 < t->part_first[trip_ix + 1] && t->part[k + 1].position <= position) {
        k++;
    }
    return &t->part[k];
}

// --- other times ----------------------------------------------------------------------------------------------------

uint32_t transit_event_count(const transit *t) {
    if (t->trip.count == 0) {
        return 0;
    }
    uint32_t last = t->trip.count - 1, p = t->trip.pattern_ix[last];
    return t->trip.time_first[last] + t->pattern_stop_first[p + 1] - t->pattern_stop_first[p];
}

static int32_t transit_raise(int32_t *time_s, int32_t at_least_s) {
    int32_t raised = *time_s < at_least_s ? 1 : 0;
    *time_s = raised != 0 ? at_least_s : *time_s;
    return raised;
}

err_code transit_retime(const transit *t, arena *a, const int32_t *arrival_s, const int32_t *departure_s, transit *out,
                        uint32_t *raised) {
    uint32_t events = transit_event_count(t), count = 0;
    int32_t *arrival, *departure;
    ARENA_NEW(a, arrival, events);
    ARENA_NEW(a, departure, events);
    for (uint32_t i = 0; i < t->trip.count; i++) {
        uint32_t p = t->trip.pattern_ix[i], first = t->trip.time_first[i];
        uint32_t stops = t->pattern_stop_first[p + 1] - t->pattern_stop_first[p];
        bool follows = i > t->pattern_trip_first[p];
        for (uint32_t k = 0; k < stops; k++) {
            uint32_t event = first + k;
            arrival[event] = arrival_s[event];
            departure[event] = departure_s[event];
            // The trip ahead has the same number of calls: its event of this stop lies just before.
            count += (uint32_t)transit_raise(&arrival[event], k > 0 ? departure[event - 1] : 0);
            count += (uint32_t)transit_raise(&arrival[event], follows ? arrival[event - stops] : 0);
            count += (uint32_t)transit_raise(&departure[event], arrival[event]);
            count += (uint32_t)transit_raise(&departure[event], follows ? departure[event - stops] : 0);
        }
    }
    *out = *t;
    out->arrival_s = arrival;
    out->departure_s = departure;
    if (raised != NULL) {
        *raised = count;
    }
    return transit_build_blocks(out, a);
}

// --- checks ---------------------------------------------------------------------------------------------------------

static err_code transit_validate_trip(const transit *t, uint32_t i) {
    uint32_t p = t->trip.pattern_ix[i];
    CHECK(p < t->pattern_count && i >= t->pattern_trip_first[p] && i < t->pattern_trip_first[p + 1], ERR_INTERNAL,
          "trip '%s' is not in its pattern", t->trip.id[i]);
    uint32_t first = t->trip.time_first[i], stops = t->pattern_stop_first[p + 1] - t->pattern_stop_first[p];
    int32_t before = 0;
    for (uint32_t k = 0; k < stops; k++) {
        int32_t arrival = t->arrival_s[first + k], departure = t->departure_s[first + k];
        const char *stop = t->stop.id[t->pattern_stop[t->pattern_stop_first[p] + k]];
        CHECK(arrival >= before, ERR_RANGE, "trip '%s': arrives at stop '%s' at %d s, before %s (%d s)", t->trip.id[i],
              stop, (int)arrival, k == 0 ? "the day begins" : "it leaves the stop before", (int)before);
        CHECK(departure >= arrival, ERR_RANGE, "trip '%s': leaves stop '%s' at %d s, before it arrives (%d s)",
              t->trip.id[i], stop, (int)departure, (int)arrival);
        before = departure;
    }
    if (i == t->pattern_trip_first[p]) {
        return ERR_OK;
    }
    uint32_t earlier = t->trip.time_first[i - 1];
    for (uint32_t k = 0; k < stops; k++) {
        CHECK(t->arrival_s[first + k] >= t->arrival_s[earlier + k] &&
                  t->departure_s[first + k] >= t->departure_s[earlier + k],
              ERR_INTERNAL, "trip '%s' overtakes trip '%s' of its pattern", t->trip.id[i], t->trip.id[i - 1]);
    }
    return ERR_OK;
}

err_code transit_validate(const transit *t) {
    for (uint32_t s = 0; s < t->stop.count; s++) {
        CHECK(isfinite(t->stop.x_m[s]) && isfinite(t->stop.y_m[s]) && isfinite(t->stop.lon[s]) &&
                  isfinite(t->stop.lat[s]),
              ERR_RANGE, "stop '%s': its coordinates are not finite numbers", t->stop.id[s]);
        for (uint32_t i = t->path_first[s]; i < t->path_first[s + 1]; i++) {
            CHECK(t->path_to[i] < t->stop.count && t->path_s[i] >= 0, ERR_INTERNAL,
                  "stop '%s': a footpath of it leads nowhere", t->stop.id[s]);
        }
    }
    for (uint32_t k = 0; k < t->pattern_stop_first[t->pattern_count]; k++) {
        CHECK(t->pattern_stop[k] < t->stop.count, ERR_INTERNAL, "a pattern has a stop that is not among the stops");
    }
    for (uint32_t i = 0; i < t->trip.count; i++) {
        TRY(transit_validate_trip(t, i));
    }
    return ERR_OK;
}

uint64_t transit_hash(const transit *t) {
    column stops[COLUMN_COUNT(TRANSIT_STOP_COLUMNS)], trips[COLUMN_COUNT(TRANSIT_TRIP_COLUMNS)];
    transit_describe_stops(t, stops);
    transit_describe_trips(t, trips);
    uint64_t h = column_hash(HASH_SEED, stops, COLUMN_COUNT(TRANSIT_STOP_COLUMNS), t->stop.count);
    h = column_hash(h, trips, COLUMN_COUNT(TRANSIT_TRIP_COLUMNS), t->trip.count);
    h = hash_u64(h, t->pattern_count);
    uint32_t events = 0;
    for (uint32_t p = 0; p < t->pattern_count; p++) {
        uint32_t stop_count = t->pattern_stop_first[p + 1] - t->pattern_stop_first[p];
        uint32_t trip_count = t->pattern_trip_first[p + 1] - t->pattern_trip_first[p];
        h = hash_u64(hash_u64(h, stop_count), trip_count);
        h = hash_bytes(h, t->pattern_stop + t->pattern_stop_first[p], (size_t)stop_count * sizeof *t->pattern_stop);
        events += stop_count * trip_count;
    }
    h = hash_bytes(h, t->arrival_s, (size_t)events * sizeof *t->arrival_s);
    h = hash_bytes(h, t->departure_s, (size_t)events * sizeof *t->departure_s);
    h = hash_bytes(h, t->no_pickup, events);
    h = hash_bytes(h, t->no_dropoff, events);
    uint32_t paths = t->path_first == NULL ? 0 : t->path_first[t->stop.count];
    for (uint32_t i = 0; i < paths; i++) {
        h = hash_u64(hash_u64(h, t->path_to[i]), (uint64_t)t->path_s[i]);
    }
    h = t->path_first == NULL ? h : hash_bytes(h, t->path_first, ((size_t)t->stop.count + 1) * sizeof *t->path_first);
    for (uint32_t s = 0; t->change_s != NULL && s < t->stop.count; s++) {
        h = t->change_s[s] == 0 ? h : hash_u64(hash_u64(h, s), (uint64_t)t->change_s[s]);
    }
    return hash_finish(h);
}

uint32_t transit_find_stop(const transit *t, const char *id) {
    return idmap_find(&t->stop_map, id);
}

void transit_describe_stops(const transit *t, column out[COLUMN_COUNT(TRANSIT_STOP_COLUMNS)]) {
    const transit_stop_columns *t_ = &t->stop;
    const column all[] = {COLUMN_DESCRIBE(TRANSIT_STOP_COLUMNS)};
    memcpy(out, all, sizeof all);
}

void transit_describe_trips(const transit *t, column out[COLUMN_COUNT(TRANSIT_TRIP_COLUMNS)]) {
    const transit_trip_columns *t_ = &t->trip;
    const column all[] = {COLUMN_DESCRIBE(TRANSIT_TRIP_COLUMNS)};
    memcpy(out, all, sizeof all);
}
