// Vehicles' runs: every trip on every day it runs, once for each departure by frequency, and joined to the trip that
// follows where passengers may stay seated (block_id, transfers of type 4; type 5 forbids it).
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "gtfs_parts.h"

enum { ID_BYTES = 32 };

#define RUNS_MAX 500000u
#define CALLS_MAX 20000000u
// Two trips of a block are joined when the second begins where the first ends or within this bee-line: as
// OpenTripPlanner has it (maxInterlineDistance 200 m).
#define BLOCK_REACH_M 200.0

typedef struct block_trip {
    const char *block;
    int32_t first_s;
    uint32_t trip;
} block_trip;

typedef struct joiner {
    gtfs *g;
    block_trip *sorted;  // trips with a block
    uint32_t sorted_count;
    uint32_t *next;     // by trip: the one it continues as on the day at hand, IX_NONE if none
    uint8_t *follows;   // by trip: continues another
    uint32_t left_out;  // rows of type 4 that could not be used
} joiner;

// --- which trip follows which
// -----------------------------------------------------------------------------------------

static bool is_run(const gtfs *g, uint32_t trip, uint32_t day) {
    return (g->trip[trip].days >> day & 1) != 0 && g->trip[trip].call_count >= 2;
}

static bool by_frequency(const gtfs *g, uint32_t trip) {
    return g->frequency_first[trip] < g->frequency_first[trip + 1];
}

static const gtfs_call *first_call(const gtfs *g, uint32_t trip) {
    return &g->call[g->trip[trip].call_first];
}

static const gtfs_call *last_call(const gtfs *g, uint32_t trip) {
    return &g->call[g->trip[trip].call_first + g->trip[trip].call_count - 1];
}

static int compare_blocks(const void *left, const void *right) {
    const block_trip *a = left, *b = right;
    int by_block = strcmp(a->block, b->block);
    if (by_block != 0) {
        return by_block;
    }
    if (a->first_s != b->first_s) {
        return a->first_s < b->first_s ? -1 : 1;
    }
    return a->trip < b->trip ? -1 : a->trip > b->trip;
}

static err_code list_blocks(joiner *j) {
    const gtfs *g = j->g;
    ARENA_NEW(g->scratch, j->sorted, g->trip_count);
    ARENA_NEW(g->scratch, j->next, g->trip_count);
    ARENA_NEW(g->scratch, j->follows, g->trip_count);
    for (uint32_t i = 0; i < g->trip_count; i++) {
        const gtfs_trip *trip = &g->trip[i];
        if (trip->days != 0 && trip->block[0] != '\0' && trip->call_count >= 2 && !by_frequency(g, i)) {
            j->sorted[j->sorted_count++] = (block_trip){trip->block, first_call(g, i)->departure_s, i};
        }
    }
    if (j->sorted_count > 0) {
        qsort(j->sorted, j->sorted_count, sizeof *j->sorted, compare_blocks);
    }
    return ERR_OK;
}

static bool near(const gtfs *g, uint32_t i, uint32_t k) {
    const transit_stop_columns *s = &g->out->stop;
    double dx = s->x_m[i] - s->x_m[k], dy = s->y_m[i] - s->y_m[k];
    bool station = g->location.parent[i] != IX_NONE && g->location.parent[i] == g->location.parent[k];
    return i == k || station || dx * dx + dy * dy <= BLOCK_REACH_M * BLOCK_REACH_M;
}

static bool join(joiner *j, uint32_t from, uint32_t to) {
    if (from == to || j->next[from] != IX_NONE || j->follows[to] != 0 ||
        first_call(j->g, to)->departure_s < last_call(j->g, from)->arrival_s ||
        first_call(j->g, to)->departure_s <= first_call(j->g, from)->departure_s) {  // no circles
        return false;
    }
    j->next[from] = to;
    j->follows[to] = 1;
    return true;
}

static bool must_leave(const gtfs *g, uint32_t from, uint32_t to) {
    for (uint32_t i = 0; i < g->transfer.seat_count; i++) {
        const gtfs_seat *s = &g->transfer.seat[i];
        if (s->type == 5 && s->from_trip == from && s->to_trip == to) {
            return true;
        }
    }
    return false;
}

static void join_day(joiner *j, uint32_t day) {
    const gtfs *g = j->g;
    memset(j->next, 0xff, g->trip_count * sizeof *j->next);
    memset(j->follows, 0, g->trip_count);
    for (uint32_t i = 0; i < g->transfer.seat_count; i++) {  // before blocks, which they overrule
        const gtfs_seat *s = &g->transfer.seat[i];
        if (s->type == 4 && is_run(g, s->from_trip, day) && is_run(g, s->to_trip, day)) {
            bool fixed = !by_frequency(g, s->from_trip) && !by_frequency(g, s->to_trip);
            j->left_out += fixed && join(j, s->from_trip, s->to_trip) ? 0 : 1;
        }
    }
    uint32_t before = IX_NONE;  // last trip of the day in the order of blocks
    for (uint32_t i = 0; i < j->sorted_count; i++) {
        uint32_t trip = j->sorted[i].trip;
        if (!is_run(g, trip, day)) {
            continue;
        }
        if (before != IX_NONE && strcmp(g->trip[before].block, g->trip[trip].block) == 0 &&
            near(g, last_call(g, before)->stop_ix, first_call(g, trip)->stop_ix) && !must_leave(g, before, trip)) {
            join(j, before, trip);
        }
        before = trip;
    }
}

// --- runs ---------------------------------------------------------------------------------------------------------

// Runs at start, start + headway, ... before end.
static uint32_t count_runs(const gtfs_frequency *f) {
    return (uint32_t)((f->end_s - f->start_s + f->headway_s - 1) / f->headway_s);
}

static err_code alloc_meta(transit_trip_columns *t_, arena *a_, uint32_t n_) {
    COLUMN_ALLOC(TRANSIT_TRIP_COLUMNS)
    return ERR_OK;
}

static err_code alloc_runs(gtfs *g, gtfs_runs *r) {
    uint64_t runs = 0, calls = 0;
    for (uint32_t i = 0; i < g->trip_count; i++) {
        uint64_t of_day = by_frequency(g, i) ? 0 : 1, days = 0;
        for (uint32_t f = g->frequency_first[i]; f < g->frequency_first[i + 1]; f++) {
            of_day += count_runs(&g->frequency[f]);
        }
        for (uint32_t d = 0; d < g->day_count; d++) {
            days += is_run(g, i, d) ? 1 : 0;
        }
        runs += of_day * days;
        calls += of_day * days * g->trip[i].call_count;
        CHECK(runs <= RUNS_MAX && calls <= CALLS_MAX, ERR_RANGE,
              "%s: more than %u runs or %u stop events on one day; are the headways in frequencies.txt right?",
              gtfs_source_path(g->src), RUNS_MAX, CALLS_MAX);
    }
    TRY(alloc_meta(&r->meta, g->scratch, (uint32_t)runs));
    r->meta.count = 0;
    ARENA_NEW(g->scratch, r->call_first, (size_t)runs + 1);
    ARENA_NEW(g->scratch, r->call, (size_t)calls);
    ARENA_NEW(g->scratch, r->part_first, (size_t)runs + 1);
    ARENA_NEW(g->scratch, r->part, (size_t)runs);
    return ERR_OK;
}

// A run's id: that of its trip, "#k" for the k-th by frequency, "@d" for day d of several.
static err_code make_id(const gtfs *g, uint32_t trip, uint32_t number, uint32_t day, text *out) {
    size_t room = strlen(g->trip[trip].id) + ID_BYTES;
    char *id;
    ARENA_NEW(g->a, id, room);
    int used = snprintf(id, room, "%s", g->trip[trip].id);
    if (number > 0) {
        used += snprintf(id + used, room - (size_t)used, "#%u", number);
    }
    if (g->day_count > 1) {
        snprintf(id + used, room - (size_t)used, "@%u", day);
    }
    *out = id;
    return ERR_OK;
}

static void add_part(gtfs *g, gtfs_runs *r, uint32_t trip, uint32_t position, uint32_t day) {
    const gtfs_trip *from = &g->trip[trip];
    const gtfs_route *route = &g->route[from->route];
    r->part[r->part_count++] = (transit_part){from->id, route->id, route->line, from->headsign, position, (int32_t)day};
}

// The calls of one trip, shift_s later than written. A run by frequency begins with its departure: how long the
// template stands before it says nothing. A trip that continues another shares the call where they meet when both are
// there at the same row of the timetable's stops; otherwise nobody boards at the one or alights at the other.
static void add_calls(gtfs *g, gtfs_runs *r, uint32_t trip, int32_t shift_s, bool frequency, bool follows,
                      uint32_t day) {
    const gtfs_trip *from = &g->trip[trip];
    uint32_t run_first = r->call_first[r->meta.count], k = 0;
    if (follows) {
        transit_call *last = &r->call[r->call_count - 1];
        const gtfs_call *first = first_call(g, trip);
        last->no_pickup = 1;
        if (last->stop_ix == first->node_ix) {
            last->departure_s = first->departure_s + shift_s;
            last->no_pickup = first->no_pickup;
            k = 1;
        }
    }
    add_part(g, r, trip, r->call_count - k - run_first, day);
    for (; k < from->call_count; k++) {
        const gtfs_call *c = &g->call[from->call_first + k];
        int32_t arrival_s = k == 0 && (frequency || follows) ? c->departure_s : c->arrival_s;
        uint8_t no_dropoff = k == 0 && follows ? 1 : c->no_dropoff;
        r->call[r->call_count++] =
            (transit_call){c->node_ix, arrival_s + shift_s, c->departure_s + shift_s, c->no_pickup, no_dropoff};
    }
}

// One run of a trip and of those it continues as.
static err_code add_run(joiner *j, gtfs_runs *r, uint32_t trip, uint32_t day, int32_t shift_s, uint32_t number) {
    gtfs *g = j->g;
    uint32_t ix = r->meta.count;
    TRY(make_id(g, trip, number, day, &r->meta.id[ix]));
    r->meta.headsign[ix] = g->trip[trip].headsign;
    r->meta.line[ix] = g->route[g->trip[trip].route].line;
    r->meta.route_type[ix] = g->route[g->trip[trip].route].type;
    for (uint32_t part = trip; part != IX_NONE; part = j->next[part]) {
        add_calls(g, r, part, shift_s, number > 0, part != trip, day);
    }
    r->meta.count++;
    r->call_first[r->meta.count] = r->call_count;
    r->part_first[r->meta.count] = r->part_count;
    return ERR_OK;
}

static err_code add_runs(joiner *j, gtfs_runs *r, uint32_t trip, uint32_t day) {
    const gtfs *g = j->g;
    int32_t midnight_s = (int32_t)day * 86400;
    if (!by_frequency(g, trip)) {
        return j->follows[trip] != 0 ? ERR_OK : add_run(j, r, trip, day, midnight_s, 0);
    }
    int32_t template_s = first_call(g, trip)->departure_s;
    uint32_t number = 1;
    for (uint32_t f = g->frequency_first[trip]; f < g->frequency_first[trip + 1]; f++) {
        uint32_t runs = count_runs(&g->frequency[f]);
        for (uint32_t k = 0; k < runs; k++, number++) {
            int32_t start_s = g->frequency[f].start_s + (int32_t)k * g->frequency[f].headway_s;
            TRY(add_run(j, r, trip, day, midnight_s + start_s - template_s, number));
        }
    }
    return ERR_OK;
}

err_code gtfs_run_build(gtfs *g, gtfs_runs *out) {
    joiner j = {.g = g};
    *out = (gtfs_runs){0};
    TRY(alloc_runs(g, out));
    TRY(list_blocks(&j));
    for (uint32_t day = 0; day < g->day_count; day++) {
        join_day(&j, day);
        for (uint32_t i = 0; i < g->trip_count; i++) {
            if (is_run(g, i, day)) {
                TRY(add_runs(&j, out, i, day));
            }
        }
    }
    if (j.left_out > 0) {
        log_warn(
            "%s: %u transfers of type 4 are left out: a trip continues as one other that does not leave before it "
            "arrives, and neither runs by frequency",
            table_name(g->transfer.t), j.left_out);
    }
    return ERR_OK;
}
