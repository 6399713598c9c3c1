#include "loop/world_year.h"

#include <math.h>
#include <string.h>

#include "base/dmath.h"
#include "base/log.h"
#include "base/par.h"
#include "loop/holiday.h"
#include "loop/world_measures.h"
#include "model/growth.h"

// Level of service for destination choice is sampled at these departures: two in the morning and two in the
// afternoon, a quarter of an hour apart so that a half-hourly line is met at different waits. The choice of mode
// itself uses each tour's own times (loop/tour_cost).
enum { SAMPLE_COUNT = 4 };
static const int32_t sample_departure_s[SAMPLE_COUNT] = {27000, 28020, 54000, 55020};

static const double beeline_detour = 1.3;  // walked over straight distance (mobsim.csv, walk.matsim)

choice_tree world_year_choice_tree(const purpose_params *p) {
    choice_tree t = {.alternative_count = MODE_COUNT, .nest_count = 3};
    t.nest_parent[0] = -1;
    t.nest_lambda[0] = 1.0;
    t.nest_parent[1] = 0;
    t.nest_lambda[1] = p->lambda_motor;
    t.nest_parent[2] = 0;
    t.nest_lambda[2] = p->lambda_active;
    t.alternative_nest[MODE_CAR_DRIVER] = 1;
    t.alternative_nest[MODE_CAR_PASSENGER] = 1;
    t.alternative_nest[MODE_PT] = 0;
    t.alternative_nest[MODE_CYCLE] = 2;
    t.alternative_nest[MODE_WALK] = 2;
    return t;
}

double world_year_fare_nok(const world_year *w, uint32_t from_place, uint32_t to_place, age_group age,
                           bool season_pass) {
    const scenario *s = &w->source->scenario;
    const zone_system *z = &w->source->zones;
    bool outside =
        z->zone.outside[z->place.zone_ix[from_place]] != 0 || z->zone.outside[z->place.zone_ix[to_place]] != 0;
    double fare = outside ? s->pt_fare_outside_nok : s->pt_fare_base_nok;
    fare *= w->fare_factor;
    bool reduced = age <= AGE_16_19 || age >= AGE_67_79;
    fare *= reduced ? 0.5 : 1.0;  // children, youth and seniors pay half: ruter.30day.senior/adult, 2017
    return season_pass ? fare * s->pt_season_share : fare;
}

double world_year_parking_nok(const world_year *w, uint32_t place) {
    uint32_t zone = w->source->zones.place.zone_ix[place];
    bool outside = w->source->zones.zone.outside[zone] != 0;
    return (double)w->zone_parking_nok[zone] + (outside ? w->source->scenario.outside_parking_nok : 0.0);
}

// Slots are numbered in the order of places, so that they are the same every year.
static err_code build_slots(const zone_system *z, const network *n, arena *a, world_year *w) {
    uint32_t *slot_of_node;
    ARENA_NEW(a, slot_of_node, n->node.count);
    ARENA_NEW(a, w->place_slot, z->place.count);
    ARENA_NEW(a, w->slot_node, z->place.count);
    memset(slot_of_node, 0xff, (size_t)n->node.count * sizeof *slot_of_node);
    for (uint32_t i = 0; i < z->place.count; i++) {
        uint32_t v = z->place.node_ix[i];
        if (slot_of_node[v] == IX_NONE) {
            slot_of_node[v] = w->slot_count;
            w->slot_node[w->slot_count++] = v;
        }
        w->place_slot[i] = slot_of_node[v];
    }
    return ERR_OK;
}

static double straight_m(double x1_m, double y1_m, double x2_m, double y2_m) {
    double dx = x1_m - x2_m;
    double dy = y1_m - y2_m;
    return dmath_sqrt(dx * dx + dy * dy);
}

static err_code build_stops(const zone_system *z, arena *a, world_year *w) {
    const transit *t = w->transit;
    const zone_polygon *municipality = zone_find_polygon(z, "municipality");
    bool *rail;
    ARENA_NEW(a, w->stop_node, t->stop.count);
    ARENA_NEW(a, w->stop_inside, t->stop.count);
    ARENA_NEW(a, rail, t->stop.count);
    for (uint32_t i = 0; i < t->stop.count; i++) {
        w->stop_node[i] = network_nearest_node(&w->network, t->stop.x_m[i], t->stop.y_m[i], ALLOW_WALK);
        w->stop_inside[i] = municipality != NULL && zone_polygon_contains(municipality, t->stop.x_m[i], t->stop.y_m[i]);
    }
    for (uint32_t i = 0; i < t->trip.count; i++) {
        uint32_t p = t->trip.pattern_ix[i];
        for (uint32_t k = t->pattern_stop_first[p]; t->trip.route_type[i] == 2 && k < t->pattern_stop_first[p + 1];
             k++) {
            rail[t->pattern_stop[k]] = true;
        }
    }
    ARENA_NEW(a, w->station_distance_m, z->place.count);
    for (uint32_t i = 0; i < z->place.count; i++) {
        uint32_t v = z->place.node_ix[i];
        double nearest = HUGE_VAL;
        for (uint32_t k = 0; k < t->stop.count; k++) {
            double d = rail[k]
                           ? straight_m(w->network.node.x_m[v], w->network.node.y_m[v], t->stop.x_m[k], t->stop.y_m[k])
                           : HUGE_VAL;
            nearest = d < nearest ? d : nearest;
        }
        w->station_distance_m[i] = (float)nearest;
    }
    return ERR_OK;
}

typedef struct los_scratch {  // one a thread
    route_active_query *active;
    cch_car_query *car;
    route_transit_query *transit;
    uint32_t *perceived_ds, *time_ds, *cost_ds;  // [node]
    float *distance_m, *toll_nok;                // [node]
    int32_t *arrival_s;                          // [stop]
    uint8_t *boardings;                          // [stop]
} los_scratch;

static err_code scratch_init(const world_year *w, arena *a, los_scratch *s) {
    uint32_t nodes = w->network.node.count;
    TRY(route_active_query_init(w->active, a, &s->active));
    TRY(cch_car_query_init(w->roads, a, 1, &s->car));  // trees only: no way is written
    TRY(route_transit_query_init(w->transit, a, &s->transit));
    ARENA_NEW(a, s->perceived_ds, nodes);
    ARENA_NEW(a, s->time_ds, nodes);
    ARENA_NEW(a, s->cost_ds, nodes);
    ARENA_NEW(a, s->distance_m, nodes);
    ARENA_NEW(a, s->toll_nok, nodes);
    ARENA_NEW(a, s->arrival_s, w->transit->stop.count);
    ARENA_NEW(a, s->boardings, w->transit->stop.count);
    return ERR_OK;
}

// Walking, cycling and e-cycling from one slot to all.
static void active_row(world_year *w, los_scratch *s, uint32_t slot) {
    for (int m = 0; m < ACTIVE_MODE_COUNT; m++) {
        route_active_tree(w->active, (active_mode)m, s->active, w->slot_node[slot], 0, s->perceived_ds, s->time_ds,
                          s->distance_m);
        size_t row = (size_t)slot * w->slot_count;
        for (uint32_t k = 0; k < w->slot_count; k++) {
            uint32_t v = w->slot_node[k];
            w->perceived_ds[m][row + k] = s->perceived_ds[v];
            w->time_ds[m][row + k] = s->time_ds[v];
            w->active_m[m][row + k] = s->distance_m[v];
        }
    }
}

// Walk in seconds from a slot to every stop by the walk network plus the straight way from the stop to its node;
// IX_NONE beyond the longest walk. s->time_ds and distance_m must hold the slot's walking tree.
static uint32_t stop_walk_s(const world_year *w, const los_scratch *s, uint32_t stop) {
    const scenario *p = &w->source->scenario;
    uint32_t v = w->stop_node[stop];
    if (v == IX_NONE || s->time_ds[v] == IX_NONE) {
        return IX_NONE;
    }
    double extra_m = beeline_detour * straight_m(w->network.node.x_m[v], w->network.node.y_m[v],
                                                 w->transit->stop.x_m[stop], w->transit->stop.y_m[stop]);
    if ((double)s->distance_m[v] + extra_m > p->transit_walk_max_m) {
        return IX_NONE;
    }
    return (uint32_t)(s->time_ds[v] / 10.0 + extra_m / (p->walk_speed_kmh / 3.6) + 0.5);
}

// Two passes over the slots (count, place) share this walk; access == NULL only counts.
static uint32_t access_row(world_year *w, los_scratch *s, uint32_t slot, route_transit_access *access) {
    route_active_tree(w->active, ACTIVE_WALK, s->active, w->slot_node[slot], 0, NULL, s->time_ds, s->distance_m);
    uint32_t count = 0;
    for (uint32_t k = 0; k < w->transit->stop.count; k++) {
        uint32_t walk_s = stop_walk_s(w, s, k);
        if (walk_s != IX_NONE) {
            if (access != NULL) {
                access[count] = (route_transit_access){.stop_ix = k, .walk_s = (int32_t)walk_s};
            }
            count++;
        }
    }
    return count;
}

static err_code build_access(world_year *w, los_scratch *scratch, arena *a) {
    uint32_t n = w->slot_count;
    uint32_t *count;
    ARENA_NEW(a, count, n + 1);
    ARENA_NEW(a, w->access_first, n + 1);
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < n; i++) {
        count[i] = access_row(w, &scratch[par_thread_ix()], i, NULL);
    }
    par_scan_u32(count, n, w->access_first);
    ARENA_NEW(a, w->access, w->access_first[n] + 1);
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < n; i++) {
        access_row(w, &scratch[par_thread_ix()], i, w->access + w->access_first[i]);
    }
    return ERR_OK;
}

// Mean door-to-door minutes by public transport from a slot to all over the sampled departures, with a transfer
// penalty; +inf where a sample finds no way. Adds into minutes[slot], which must be zeroed.
static void transit_row(const world_year *w, los_scratch *s, uint32_t slot, double *minutes) {
    const scenario *p = &w->source->scenario;
    uint32_t first = w->access_first[slot];
    for (int k = 0; k < SAMPLE_COUNT; k++) {
        int32_t departure_s = sample_departure_s[k];
        route_transit_tree(w->transit, s->transit, w->access + first, w->access_first[slot + 1] - first, departure_s,
                           (uint32_t)p->transit_boardings_max, s->arrival_s, s->boardings);
        for (uint32_t to = 0; to < w->slot_count; to++) {
            double best = HUGE_VAL;
            for (uint32_t e = w->access_first[to]; e < w->access_first[to + 1]; e++) {
                uint32_t stop = w->access[e].stop_ix;
                if (s->arrival_s[stop] == INT32_MAX || s->boardings[stop] == 0) {
                    continue;
                }
                double m = (s->arrival_s[stop] + w->access[e].walk_s - departure_s) / 60.0 +
                           p->pt_transfer_min * (s->boardings[stop] - 1);
                best = m < best ? m : best;
            }
            minutes[to] += best / SAMPLE_COUNT;
        }
    }
}

// Mode-choice logsum of every purpose from one slot to all, for a traveller with a bicycle and no pass: with a car in
// logsum[purpose], without one in logsum[PURPOSE_COUNT + purpose].
static void logsum_row(world_year *w, los_scratch *s, uint32_t slot, const double *transit_min, float **logsum,
                       float *distance_m) {
    const scenario *p = &w->source->scenario;
    size_t row = (size_t)slot * w->slot_count;
    for (uint32_t k = 0; k < w->slot_count; k++) {
        uint32_t v = w->slot_node[k];
        distance_m[row + k] = s->time_ds[v] == IX_NONE ? HUGE_VALF : s->distance_m[v];
    }
    for (int u = 0; u < PURPOSE_COUNT; u++) {
        const purpose_params *c = &p->purpose[u];
        choice_tree tree = world_year_choice_tree(c);
        for (uint32_t k = 0; k < w->slot_count; k++) {
            uint32_t v = w->slot_node[k];
            bool by_road = s->time_ds[v] != IX_NONE;
            double car_min = by_road ? s->time_ds[v] / 600.0 + p->car_access_min : HUGE_VAL;
            double money =
                by_road ? (double)s->distance_m[v] / 1000.0 * w->car_cost_nok_per_km + (double)s->toll_nok[v] : 0.0;
            uint32_t walk_ds = w->time_ds[ACTIVE_WALK][row + k];
            uint32_t cycle_ds = w->perceived_ds[ACTIVE_CYCLE][row + k];
            double utility[MODE_COUNT];
            utility[MODE_CAR_DRIVER] = c->car_per_min * car_min + c->cost_per_nok * money;
            utility[MODE_CAR_PASSENGER] = -HUGE_VAL;  // needs company, which is not known here
            utility[MODE_PT] =
                c->asc_pt + c->pt_per_min * transit_min[k] + c->cost_per_nok * p->pt_fare_base_nok * w->fare_factor;
            utility[MODE_CYCLE] =
                cycle_ds == IX_NONE ? -HUGE_VAL : c->asc_cycle + c->cycle_per_min * (cycle_ds / 600.0);
            utility[MODE_WALK] = walk_ds == IX_NONE ? -HUGE_VAL : c->asc_walk + c->walk_per_min * (walk_ds / 600.0);
            logsum[u][row + k] = (float)choice_probabilities(&tree, utility, NULL);
            utility[MODE_CAR_DRIVER] = -HUGE_VAL;
            logsum[PURPOSE_COUNT + u][row + k] = (float)choice_probabilities(&tree, utility, NULL);
        }
    }
}

static void los_row(world_year *w, los_scratch *s, const cch_car_window *free, uint32_t slot, double *transit_min,
                    float **logsum, float *distance_m) {
    memset(transit_min, 0, (size_t)w->slot_count * sizeof *transit_min);
    transit_row(w, s, slot, transit_min);
    cch_car_tree(free, s->car, w->slot_node[slot], 0, s->cost_ds, s->time_ds, s->distance_m, s->toll_nok);
    logsum_row(w, s, slot, transit_min, logsum, distance_m);
}

static uint32_t place_at(const world_year *w, uint32_t slot) {
    uint32_t i = 0;
    while (w->place_slot[i] != slot) {
        i++;
    }
    return i;
}

// Says how many pairs of places have no way by car, and names the first. Nobody drives there: the journeys' other modes
// take them, and where there are none the places are not chosen.
static void warn_of_cut_off_places(const world_year *w, const float *distance_m) {
    uint32_t n = w->slot_count;
    uint64_t cut = 0, first = 0;
    for (uint64_t i = 0; i < (uint64_t)n * n; i++) {
        if (distance_m[i] == HUGE_VALF) {
            first = cut == 0 ? i : first;
            cut++;
        }
    }
    if (cut == 0) {
        return;
    }
    const zone_system *z = &w->source->zones;
    log_warn(
        "%llu of %llu pairs of nodes with places have no way by car in %d, the first of them from '%s' to '%s' "
        "(places.csv): "
        "look for links that are one-way or closed to cars (link.csv) and for forbidden turns (movement.csv)",
        (unsigned long long)cut, (unsigned long long)n * (n - 1), w->year,
        z->place.id[place_at(w, (uint32_t)(first / n))], z->place.id[place_at(w, (uint32_t)(first % n))]);
}

static err_code build_los(world_year *w, los_scratch *scratch, arena *a) {
    const purpose_params *work = &w->source->scenario.purpose[PURPOSE_WORK];
    size_t cells = (size_t)w->slot_count * w->slot_count;
    float *logsum[2 * PURPOSE_COUNT];
    float *distance_m;
    double *transit_min;
    traveltime free_flow;
    TRY(traveltime_init(&free_flow, a, &w->network));
    ARENA_NEW(a, distance_m, cells);
    ARENA_NEW(a, transit_min, (size_t)par_thread_count() * w->slot_count);
    for (int u = 0; u < PURPOSE_COUNT; u++) {
        ARENA_NEW(a, logsum[u], cells);
        ARENA_NEW(a, logsum[PURPOSE_COUNT + u], cells);
        w->los.logsum[u] = logsum[u];
        w->los.logsum_no_car[u] = logsum[PURPOSE_COUNT + u];
    }
    w->los.slot_count = w->slot_count;
    w->los.place_slot = w->place_slot;
    w->los.distance_m = distance_m;
    route_car_metric metric = {.time = &free_flow,
                               .cost_nok_per_km = w->car_cost_nok_per_km,
                               .nok_per_h = 60.0 * work->car_per_min / work->cost_per_nok};
    cch_car_window window;
    cch_car_scratch *filling;
    uint8_t canonical[TRAVELTIME_BINS];
    TRY(cch_car_window_init(w->roads, 1, a, &window));
    TRY(cch_car_scratch_init(w->roads, a, &filling));
    cch_car_canonical(&free_flow, canonical);  // all alike
    (void)cch_car_window_begin(&window, w->car, &metric, canonical, NULL, 0);
    cch_car_window_fill(&window, 0, filling);
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < w->slot_count; i++) {
        int thread = par_thread_ix();
        los_row(w, &scratch[thread], &window, i, transit_min + (size_t)thread * w->slot_count, logsum, distance_m);
    }
    warn_of_cut_off_places(w, distance_m);
    return ERR_OK;
}

static err_code build_active(world_year *w, los_scratch *scratch, arena *a) {
    size_t cells = (size_t)w->slot_count * w->slot_count;
    for (int m = 0; m < ACTIVE_MODE_COUNT; m++) {
        ARENA_NEW(a, w->time_ds[m], cells);
        ARENA_NEW(a, w->perceived_ds[m], cells);
        ARENA_NEW(a, w->active_m[m], cells);
    }
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < w->slot_count; i++) {
        active_row(w, &scratch[par_thread_ix()], i);
    }
    return ERR_OK;
}

err_code world_year_build(const world_case *c, int year, arena *a, world_year *out) {
    const scenario *s = &c->scenario;
    world_case *own;
    TRY(world_measures_own(c, a, &own));
    *out = (world_year){.source = own,
                        .year = year,
                        .transit = &c->transit,
                        .car_cost_nok_per_km = s->car_cost_nok_per_km,
                        .fare_factor = 1.0,
                        .home_office_share = s->home_office_share};
    TRY(network_copy(&c->network, a, &out->network));
    ARENA_NEW(a, out->zone_parking_nok, c->zones.zone.count);
    memcpy(out->zone_parking_nok, c->zones.zone.parking_nok, c->zones.zone.count * sizeof *out->zone_parking_nok);
    ARENA_NEW(a, out->holiday_share, c->zones.place.count);
    growth_people_of_year(&c->people, (int)s->today_year, year, &own->people);
    TRY(world_measures_apply(c, own, year, a, out));
    route_active_params active;
    route_active_params_init(&active, s);
    TRY(route_car_build(&out->network, ALLOW_CAR, a, &out->car));
    TRY(route_car_build(&out->network, ALLOW_LORRY, a, &out->lorry));
    TRY(cch_car_build(&c->network, ALLOW_CAR | ALLOW_LORRY, c->road_order, a, &out->roads));
    TRY(route_active_build(&out->network, &active, a, &out->active));
    TRY(build_slots(&c->zones, &out->network, a, out));
    TRY(build_stops(&c->zones, a, out));
    TRY(holiday_build(a, out));
    los_scratch *scratch;
    int threads = par_thread_count();
    ARENA_NEW(a, scratch, threads);
    for (int i = 0; i < threads; i++) {
        TRY(scratch_init(out, a, &scratch[i]));
    }
    TRY(build_active(out, scratch, a));
    TRY(build_access(out, scratch, a));
    return build_los(out, scratch, a);
}
