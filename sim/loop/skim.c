#include "loop/skim.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/dmath.h"
#include "base/par.h"

// A car leaves at the hour; public transport is the mean of four departures from then on, so that waits are as met.
static const struct {
    const char *name;
    int32_t departure_s;
} periods[SKIM_PERIODS] = {{"AM", 28800}, {"MD", 43200}, {"PM", 57600}, {"EV", 72000}};
enum { SAMPLES = 4, SAMPLE_STEP_S = 900 };
enum { CAR_TIME, CAR_DIST, CAR_TOLL, PT_TIME, PT_BOARDS, BY_PERIOD };
enum { WALK_TIME, WALK_DIST, BIKE_TIME, BIKE_DIST, ALL_DAY };

typedef struct skim_scratch {  // one a thread
    route_car_query *car;
    tour_cost_search transit;      // vehicles have room
    uint32_t *time_ds;             // [node]
    float *distance_m, *toll_nok;  // [node]
} skim_scratch;

typedef struct skim_context {
    const world_year *w;
    const traveltime *time;
    uint32_t *place;  // [zone] its middle, IX_NONE = none
    skim_set *out;
} skim_context;

static err_code find_middles(const world_year *w, arena *a, uint32_t *place) {
    const zone_system *z = &w->source->zones;
    uint32_t zones = z->zone.count;
    double *x_m, *y_m, *least;
    uint32_t *count;
    ARENA_NEW(a, x_m, zones);
    ARENA_NEW(a, y_m, zones);
    ARENA_NEW(a, least, zones);
    ARENA_NEW(a, count, zones);
    for (uint32_t i = 0; i < z->place.count; i++) {
        uint32_t zone = z->place.zone_ix[i];
        x_m[zone] += w->network.node.x_m[z->place.node_ix[i]];
        y_m[zone] += w->network.node.y_m[z->place.node_ix[i]];
        count[zone]++;
    }
    for (uint32_t k = 0; k < zones; k++) {
        place[k] = IX_NONE;
    }
    for (uint32_t i = 0; i < z->place.count; i++) {
        uint32_t zone = z->place.zone_ix[i];
        double dx = w->network.node.x_m[z->place.node_ix[i]] - x_m[zone] / count[zone];
        double dy = w->network.node.y_m[z->place.node_ix[i]] - y_m[zone] / count[zone];
        double d = dx * dx + dy * dy;
        if (place[zone] == IX_NONE || d < least[zone]) {
            place[zone] = i;
            least[zone] = d;
        }
    }
    return ERR_OK;
}

static void active_row(const skim_context *c, uint32_t from) {
    const world_year *w = c->w;
    for (uint32_t to = 0; to < c->out->zone_count; to++) {
        size_t cell = (size_t)from * c->out->zone_count + to;
        if (c->place[to] == IX_NONE) {
            continue;
        }
        size_t pair = (size_t)w->place_slot[c->place[from]] * w->slot_count + w->place_slot[c->place[to]];
        const active_mode way[2] = {ACTIVE_WALK, ACTIVE_CYCLE};
        for (int m = 0; m < 2; m++) {
            if (w->time_ds[way[m]][pair] != IX_NONE) {
                c->out->matrix[WALK_TIME + 2 * m].value[cell] = w->time_ds[way[m]][pair] / 600.0;
                c->out->matrix[WALK_DIST + 2 * m].value[cell] = (double)w->active_m[way[m]][pair] / 1000.0;
            }
        }
    }
}

static void car_row(const skim_context *c, skim_scratch *s, uint32_t from, int period) {
    const uint32_t *node_ix = c->w->source->zones.place.node_ix;
    const skim_matrix *m = &c->out->matrix[ALL_DAY + period * BY_PERIOD];
    route_car_metric metric = tour_cost_metric(c->w, c->time, PURPOSE_WORK);
    route_car_tree(c->w->car, &metric, s->car, node_ix[c->place[from]], (uint32_t)periods[period].departure_s, NULL,
                   s->time_ds, s->distance_m, s->toll_nok);
    for (uint32_t to = 0; to < c->out->zone_count; to++) {
        size_t cell = (size_t)from * c->out->zone_count + to;
        uint32_t node = c->place[to] == IX_NONE ? IX_NONE : node_ix[c->place[to]];
        if (node != IX_NONE && s->time_ds[node] != IX_NONE) {
            m[CAR_TIME].value[cell] = s->time_ds[node] / 600.0;
            m[CAR_DIST].value[cell] = (double)s->distance_m[node] / 1000.0;
            m[CAR_TOLL].value[cell] = (double)s->toll_nok[node];
        }
    }
}

static void transit_cell(const skim_context *c, skim_scratch *s, uint32_t from, uint32_t to, int period) {
    const skim_matrix *m = &c->out->matrix[ALL_DAY + period * BY_PERIOD];
    size_t cell = (size_t)from * c->out->zone_count + to;
    double minutes = 0, boardings = 0;
    for (int k = 0; k < SAMPLES; k++) {
        route_transit_journey j;
        int32_t departure_s = periods[period].departure_s + k * SAMPLE_STEP_S;
        if (!tour_cost_transit(c->w, &s->transit, c->place[from], c->place[to], departure_s, &j, NULL)) {
            return;
        }
        minutes += (j.arrival_s - departure_s) / 60.0 / SAMPLES;
        boardings += (double)j.boardings / SAMPLES;
    }
    m[PT_TIME].value[cell] = minutes;
    m[PT_BOARDS].value[cell] = boardings;
}

static void zone_row(const skim_context *c, skim_scratch *s, uint32_t from) {
    if (c->place[from] == IX_NONE) {
        return;
    }
    active_row(c, from);
    for (int period = 0; period < SKIM_PERIODS; period++) {
        car_row(c, s, from, period);
        for (uint32_t to = 0; to < c->out->zone_count; to++) {
            if (c->place[to] != IX_NONE && to != from) {
                transit_cell(c, s, from, to, period);
            }
        }
        const skim_matrix *m = &c->out->matrix[ALL_DAY + period * BY_PERIOD];
        size_t own = (size_t)from * c->out->zone_count + from;
        m[PT_TIME].value[own] = 0;
        m[PT_BOARDS].value[own] = 0;
    }
}

static err_code add(skim_set *s, const char *name, const char *period, const char *unit, const char *doc, arena *a) {
    skim_matrix *m = &s->matrix[s->count++];
    size_t cells = (size_t)s->zone_count * s->zone_count;
    (void)snprintf(m->name, sizeof m->name, "%s%s%s", name, period[0] == '\0' ? "" : "__", period);
    m->unit = unit;
    m->doc = doc;
    ARENA_NEW(a, m->value, cells);
    for (size_t i = 0; i < cells; i++) {
        m->value[i] = DMATH_NAN;
    }
    return ERR_OK;
}

static err_code add_matrices(skim_set *s, arena *a) {
    TRY(add(s, "WALK_TIME", "", "min", "time on foot", a));
    TRY(add(s, "DISTWALK", "", "km", "distance on foot", a));
    TRY(add(s, "BIKE_TIME", "", "min", "time by bicycle", a));
    TRY(add(s, "DISTBIKE", "", "km", "distance by bicycle", a));
    for (int p = 0; p < SKIM_PERIODS; p++) {
        const char *name = periods[p].name;
        TRY(add(s, "SOV_TIME", name, "min", "driving time of a car that leaves at the hour", a));
        TRY(add(s, "SOV_DIST", name, "km", "distance driven", a));
        TRY(add(s, "SOV_TOLL", name, "NOK", "toll on the way", a));
        TRY(add(s, "WLK_TRN_WLK_TIME", name, "min", "door to door by public transport, with the first wait", a));
        TRY(add(s, "WLK_TRN_WLK_BOARDS", name, "1", "boardings", a));
    }
    return ERR_OK;
}

err_code skim_build(const world_year *w, const traveltime *time, arena *a, skim_set *out) {
    memset(out, 0, sizeof *out);
    out->zone_count = w->source->zones.zone.count;
    skim_context c = {.w = w, .time = time, .out = out};
    skim_scratch *scratch;
    int threads = par_thread_count();
    ARENA_NEW(a, c.place, out->zone_count);
    ARENA_NEW(a, scratch, threads);
    TRY(find_middles(w, a, c.place));
    TRY(add_matrices(out, a));
    for (int i = 0; i < threads; i++) {
        TRY(route_car_query_init(w->car, a, &scratch[i].car));
        const tour_cost_riding room = {0};
        TRY(tour_cost_search_init(w->transit, &room, a, &scratch[i].transit));
        ARENA_NEW(a, scratch[i].time_ds, w->network.node.count);
        ARENA_NEW(a, scratch[i].distance_m, w->network.node.count);
        ARENA_NEW(a, scratch[i].toll_nok, w->network.node.count);
    }
#pragma omp parallel for schedule(runtime)
    for (uint32_t from = 0; from < out->zone_count; from++) {
        zone_row(&c, &scratch[par_thread_ix()], from);
    }
    return ERR_OK;
}
