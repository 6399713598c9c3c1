// Another frequency for some trips of a timetable.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "world/transit.h"

enum { TRIP_ID_BYTES = 256 };
static const double same_place = 1e-9;  // a new departure this near to an old one is the old one

typedef struct frequency_build {
    const transit *t;
    arena *a;  // of the new timetable
    double factor;
    uint32_t count;
    uint32_t call_count;
    transit_trip_columns meta;
    uint32_t *call_first;
    transit_call *call;
    uint32_t *from_trip;  // of each new trip: the old one whose parts it has
    uint32_t changed;
} frequency_build;

// Departures at a factor of today's frequency: the headways are divided by it, the ends of the day stay.
static uint32_t frequency_trips(uint32_t trips, double factor) {
    return (uint32_t)floor((trips - 1) * factor + 0.5) + 1;
}

static err_code frequency_alloc(frequency_build *b, arena *scratch, double most) {
    const transit *t = b->t;
    uint32_t n_ = (uint32_t)most;
    transit_trip_columns *t_ = &b->meta;
    arena *a_ = scratch;
    COLUMN_ALLOC(TRANSIT_TRIP_COLUMNS)
    uint64_t longest = 0;
    for (uint32_t p = 0; p < t->pattern_count; p++) {
        longest = t->block[p].stops > longest ? t->block[p].stops : longest;
    }
    CHECK(longest * n_ < IX_NONE, ERR_RANGE, "a frequency of %.6g times today's makes too many departures", b->factor);
    ARENA_NEW(scratch, b->call_first, (size_t)n_ + 1);
    ARENA_NEW(scratch, b->from_trip, n_);
    ARENA_NEW(scratch, b->call, longest * n_);
    return ERR_OK;
}

static int32_t between(int32_t earlier, int32_t later, double share) {
    return earlier + (int32_t)floor((later - earlier) * share);
}

// A trip `share` of the way from one trip of a pattern to the next one; number makes its id its own (0 = the trip
// itself).
static err_code frequency_add(frequency_build *b, uint32_t trip, uint32_t next, double share, uint32_t number) {
    const transit *t = b->t;
    const transit_block *k = &t->block[t->trip.pattern_ix[trip]];
    uint32_t i = b->count++;
    b->meta.id[i] = t->trip.id[trip];
    if (number > 0) {
        char id[TRIP_ID_BYTES];
        snprintf(id, sizeof id, "%.200s+%u", t->trip.id[trip], number);
        b->meta.id[i] = arena_text(b->a, id);
        if (b->meta.id[i] == NULL) {
            return ERR_MEMORY;
        }
    }
    b->meta.line[i] = t->trip.line[trip];
    b->meta.headsign[i] = t->trip.headsign[trip];
    b->meta.route_type[i] = t->trip.route_type[trip];
    b->from_trip[i] = trip;
    for (uint32_t s = 0; s < k->stops; s++) {
        uint32_t x = t->trip.time_first[trip] + s, y = t->trip.time_first[next] + s;
        b->call[b->call_count++] = (transit_call){.stop_ix = t->pattern_stop[k->stop_first + s],
                                                  .arrival_s = between(t->arrival_s[x], t->arrival_s[y], share),
                                                  .departure_s = between(t->departure_s[x], t->departure_s[y], share),
                                                  .no_pickup = t->no_pickup[x],
                                                  .no_dropoff = t->no_dropoff[x]};
    }
    b->call_first[b->count] = b->call_count;
    return ERR_OK;
}

// The chosen trips of one line within a pattern, in order: other trips of the pattern do not matter to their headway.
static err_code frequency_add_line(frequency_build *b, const uint32_t *trip, uint32_t trips) {
    uint32_t wanted = frequency_trips(trips, b->factor);
    b->changed += wanted != trips ? 1 : 0;
    for (uint32_t j = 0; j < wanted; j++) {
        double at = wanted > 1 ? (double)j * (trips - 1) / (wanted - 1) : 0.0;
        uint32_t earlier = (uint32_t)floor(at + same_place);
        double share = at - earlier;
        bool old = share < same_place || earlier + 1 >= trips;
        TRY(frequency_add(b, trip[earlier], old ? trip[earlier] : trip[earlier + 1], old ? 0.0 : share, old ? 0 : j));
    }
    return ERR_OK;
}

static err_code frequency_add_pattern(frequency_build *b, const uint8_t *chosen, uint32_t pattern, uint32_t *trip,
                                      uint8_t *done) {
    const transit_block *k = &b->t->block[pattern];
    for (uint32_t i = k->trip_first; i < k->trip_first + k->trips; i++) {
        if (!chosen[i]) {
            TRY(frequency_add(b, i, i, 0.0, 0));
        } else if (!done[i]) {
            uint32_t trips = 0;
            for (uint32_t j = i; j < k->trip_first + k->trips; j++) {
                if (chosen[j] && !done[j] && strcmp(b->t->trip.line[i], b->t->trip.line[j]) == 0) {
                    trip[trips++] = j;
                    done[j] = 1;
                }
            }
            TRY(frequency_add_line(b, trip, trips));
        }
    }
    return ERR_OK;
}

static err_code frequency_set_parts(const frequency_build *b, arena *scratch, transit *out) {
    const transit *t = b->t;
    if (t->part_first == NULL) {
        return ERR_OK;
    }
    uint32_t *first;
    transit_part *part;
    ARENA_NEW(scratch, first, (size_t)b->count + 1);
    for (uint32_t i = 0; i < b->count; i++) {
        first[i + 1] = first[i] + t->part_first[b->from_trip[i] + 1] - t->part_first[b->from_trip[i]];
    }
    ARENA_NEW(scratch, part, first[b->count]);
    for (uint32_t i = 0; i < b->count; i++) {
        memcpy(part + first[i], t->part + t->part_first[b->from_trip[i]], (first[i + 1] - first[i]) * sizeof *part);
    }
    transit_trip_columns meta = b->meta;
    meta.count = b->count;
    return transit_set_parts(out, b->a, &meta, first, part);
}

// Footpaths and times of changes as transit_build wants them.
static err_code frequency_paths(const transit *t, arena *scratch, transit_footpath **path, uint32_t *count) {
    uint32_t n = 0;
    ARENA_NEW(scratch, *path, (size_t)t->path_first[t->stop.count] + t->stop.count);
    for (uint32_t s = 0; s < t->stop.count; s++) {
        (*path)[n++] = (transit_footpath){.from_ix = s, .to_ix = s, .walk_s = t->change_s[s]};
        for (uint32_t k = t->path_first[s]; k < t->path_first[s + 1]; k++) {
            (*path)[n++] = (transit_footpath){.from_ix = s, .to_ix = t->path_to[k], .walk_s = t->path_s[k]};
        }
    }
    *count = n;
    return ERR_OK;
}

static err_code frequency_run(frequency_build *b, const uint8_t *chosen, arena *scratch, transit *out) {
    const transit *t = b->t;
    uint8_t *done;
    uint32_t *trip;
    transit_footpath *path;
    uint32_t path_count;
    ARENA_NEW(scratch, done, t->trip.count);
    ARENA_NEW(scratch, trip, t->trip.count);
    TRY(frequency_alloc(b, scratch, t->trip.count * fmax(1.0, b->factor) + t->trip.count + 1));
    for (uint32_t p = 0; p < t->pattern_count; p++) {
        TRY(frequency_add_pattern(b, chosen, p, trip, done));
    }
    TRY(frequency_paths(t, scratch, &path, &path_count));
    *out = *t;  // stops and stations are the same
    transit_trip_columns meta = b->meta;
    meta.count = b->count;
    TRY(transit_build(out, b->a, &meta, b->call_first, b->call, path, path_count));
    return frequency_set_parts(b, scratch, out);
}

err_code transit_set_frequency(const transit *t, const uint8_t *chosen, double factor, arena *a, transit *out,
                               uint32_t *changed) {
    frequency_build b = {.t = t, .a = a, .factor = factor};
    arena scratch;
    arena_init(&scratch);
    err_code code = frequency_run(&b, chosen, &scratch, out);
    arena_free(&scratch);
    *changed = b.changed;
    return code;
}
