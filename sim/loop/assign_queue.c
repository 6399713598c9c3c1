#include "loop/assign_queue.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assign_times.h"
#include "base/log.h"
#include "base/par.h"
#include "base/rng.h"
#include "model/route_car.h"
#include "world/result.h"

enum {
    GROUP_S = TRAVELTIME_BIN_S,  // departures that share a search for the cheapest route
    PATH_LINKS_MAX = 2048,
    BLOCK = 256,        // groups routed in parallel before their routes are stored in order
    DAYS_AVERAGED = 5,  // volumes are the mean of as many last days: one day's switches do not cancel out
    DRAW_SWITCH = 77    // rng purpose: nothing else of this command draws
};

static const double gap_ignored = 0.002;  // gaps below 0.2 % never make anybody switch (speed.md section 4)
static const double gap_certain = 0.05;   // at this own gap the present share of vehicles switches
static const double share_first = 0.5;    // share that may switch on the first day; falls as 1 / (1 + day / 4)
static const double share_min = 0.05;
static const double smoothing = 0.5;
// With departure choice (docs/methods.md: found by trial on Vickrey's bottleneck; faster or smoothed days swing)
static const double departure_share = 0.3;  // falls as 1 / (1 + day / 4)
static const double departure_days = 4;
static const double departure_certain = 0.2;
enum { DEPARTURE_STEP_S = 60 };

typedef struct queue_group {  // vehicles of a pair of zones that depart in the same quarter-hour
    uint32_t from_ix, to_ix, departure_s;
    uint32_t best;         // route
    uint32_t first_route;  // of those found for it, linked by route_next
    uint8_t failed;
} queue_group;

typedef struct queue_block {
    uint32_t link[PATH_LINKS_MAX];
    route_car_answer answer;
} queue_block;

typedef struct queue_run {
    const od_matrix *od;
    const assign_queue_params *p;
    arena *a;
    network net;         // zone_only nodes split
    uint32_t *start_ix;  // [zone] node where its trips start
    uint32_t vehicle_count, group_count;
    uint32_t *departure_s, *group_of, *route, *better;  // [vehicle]
    uint32_t *driven_s;                                 // [vehicle] departure of the last day that was driven
    uint32_t *own_ds, *least_ds;  // [vehicle] route kept, and the better of it and the group's best
    uint8_t *class_of;
    queue_group *group;
    queue_block *block;
    route_car_index *index;
    route_car_query **query;  // [thread]
    traveltime time;          // of quarter-hours: where the router looks for new routes
    assign_times minute;      // what routes are compared by
    mobsim *mobsim;
    mobsim_result traffic;
    // departure choice
    departure_range range;
    uint32_t slot_first, slot_count;  // quarter-hours of the range; group = pair * slot_count + slot
    uint32_t pair_count;
    uint32_t *alternative;    // [vehicle]
    double *profile_s;        // [pair][range.count + 1]
    double *own_cost, *gain;  // [vehicle]
    uint32_t *volume;         // [DAYS_AVERAGED][link] ring
    // routes, heap memory
    uint32_t route_count;
    uint32_t *route_first, *route_next, *route_link;
    size_t first_room, next_room, link_room, leg_room, entry_room;
    uint32_t *leg_first, *leg_link, *leg_entry_s;  // routes of the day's vehicles
} queue_run;

assign_queue_params assign_queue_defaults(void) {
    return (assign_queue_params){.period_h = 1,
                                 .gap = 0.01,
                                 .days_max = 60,
                                 .seed = 1,
                                 .arrive_s = 8 * 3600,
                                 .taste_min = 3,
                                 .traffic = {.wave_speed_kmh = 18,
                                             .jam_spacing_m = 7.5,
                                             .stuck_s = 300,
                                             .lorry_pcu = 2,
                                             .scale = 1,
                                             .end_s = TRAVELTIME_BINS * TRAVELTIME_BIN_S}};
}

void assign_queue_choose_departures(assign_queue_params *p, departure_values values, double arrive_s) {
    p->choose_departure = true;
    p->values = values;
    p->arrive_s = arrive_s;
    p->gap = 0.15;
    p->days_max = 250;
}

// --- network without through traffic at zones ------------------------------------------------------------------------

#define QUEUE_COPY(type, name, unit, doc) t->name[to] = f->name[from];

static void copy_node(node_columns *t, uint32_t to, const node_columns *f, uint32_t from) {
    NODE_COLUMNS(QUEUE_COPY)
}

static void copy_link(link_columns *t, uint32_t to, const link_columns *f, uint32_t from) {
    LINK_COLUMNS(QUEUE_COPY)
}

// Turn records, but for those at nodes that are split: nobody turns there.
static err_code copy_turns(queue_run *q, const network *n, const uint32_t *start) {
    turn_table *t = &q->net.turn;
    TRY(turn_copy(&n->turn, q->a, t));
    t->count = 0;
    for (uint32_t row = 0; row < n->turn.count; row++) {
        uint32_t v = n->link.from_ix[n->turn.out_ix[row]];
        if (start[v] == v) {
#define TURN_MOVE(type, name, unit, doc) t->name[t->count] = t->name[row];
            TURN_COLUMNS(TURN_MOVE)
            t->count++;
        }
    }
    return ERR_OK;
}

// Room on a link without spillback: what leaves it in four times the period, far more than ever stood there (four
// times the period's vehicles would have to arrive), at most everybody. Holes do not matter where nothing is full.
static void unbound_storage(queue_run *q) {
    double slots_max = (double)q->vehicle_count;
    for (uint32_t e = 0; e < q->net.link.count; e++) {
        double by_length = (double)q->net.link.length_m[e] * (double)q->net.link.lanes[e] / q->p->traffic.jam_spacing_m;
        double slots = (double)q->net.link.capacity_vph[e] * q->p->period_h * 4 + by_length;
        slots = slots < slots_max ? slots : slots_max;
        double length_m = q->net.link.length_m[e] > 0 ? (double)q->net.link.length_m[e] : 1;
        q->net.link.lanes[e] = (float)(slots * q->p->traffic.jam_spacing_m / length_m);
    }
}

// A node that may not be passed keeps its in-links; a second one gets its out-links. Links keep their order.
static err_code split_zones(queue_run *q, const network *n) {
    uint32_t extra = 0, *start;
    ARENA_NEW(q->a, start, n->node.count);
    for (uint32_t v = 0; v < n->node.count; v++) {
        start[v] = q->od->node_zone_only[v] != 0 ? n->node.count + extra++ : v;
    }
    TRY(network_alloc(&q->net, q->a, n->node.count + extra, n->link.count));
    for (uint32_t v = 0; v < n->node.count; v++) {
        copy_node(&q->net.node, v, &n->node, v);
        if (start[v] != v) {
            size_t bytes = strlen(n->node.id[v]) + sizeof "/start";
            char *id;
            ARENA_NEW(q->a, id, bytes);
            snprintf(id, bytes, "%s/start", n->node.id[v]);
            copy_node(&q->net.node, start[v], &n->node, v);
            q->net.node.id[start[v]] = id;
        }
    }
    for (uint32_t e = 0; e < n->link.count; e++) {
        copy_link(&q->net.link, e, &n->link, e);
        q->net.link.from_ix[e] = start[n->link.from_ix[e]];
    }
    ARENA_NEW(q->a, q->start_ix, q->od->zone_count);
    for (uint32_t z = 0; z < q->od->zone_count; z++) {
        q->start_ix[z] = start[q->od->zone_node_ix[z]];
    }
    TRY(network_build(&q->net, q->a));  // links keep their index: they are sorted by to-node already
    return copy_turns(q, n, start);
}

// --- vehicles --------------------------------------------------------------------------------------------------------

static uint32_t group_slot_count(const queue_run *q) {
    return q->p->choose_departure ? q->slot_count : (uint32_t)ceil(q->p->period_h * 3600 / GROUP_S);
}

static err_code prepare_departures(queue_run *q) {
    double period_s = q->p->period_h * 3600, first_s = q->p->arrive_s - 2 * period_s;
    TRY(departure_check(&q->p->values, true));
    CHECK(q->p->arrive_s >= period_s && q->p->arrive_s + period_s < TRAVELTIME_BINS * TRAVELTIME_BIN_S, ERR_RANGE,
          "arrival at %g h must be at least the period of %g h after midnight and before %d h less the period",
          q->p->arrive_s / 3600, q->p->period_h, TRAVELTIME_BINS * TRAVELTIME_BIN_S / 3600);
    CHECK(isfinite(q->p->taste_min) && q->p->taste_min >= 0, ERR_RANGE, "a taste scale of %g min must not be negative",
          q->p->taste_min);
    first_s = first_s > 0 ? first_s : 0;
    uint32_t count = (uint32_t)((q->p->arrive_s + period_s - first_s) / DEPARTURE_STEP_S);
    q->range = (departure_range){.first_s = first_s, .step_s = DEPARTURE_STEP_S, .count = count > 0 ? count : 1};
    q->slot_first = (uint32_t)first_s / GROUP_S;
    q->slot_count = (uint32_t)(first_s + q->range.count * (double)DEPARTURE_STEP_S) / GROUP_S + 1 - q->slot_first;
    return ERR_OK;
}

static departure_trip trip_of(const queue_run *q, uint32_t vehicle) {
    return (departure_trip){.values = q->p->values,
                            .desired_s = q->p->arrive_s,
                            .desired_arrival = true,
                            .scale = q->p->values.travel_per_h * q->p->taste_min / 60,
                            .key = {.seed = q->p->seed},
                            .id = vehicle};
}

// Whole vehicles of a cell: what the running sum of volumes gains in whole numbers.
static uint32_t whole_vehicles(const od_matrix *od, uint32_t cell, double *sum) {
    double before = floor(*sum);
    *sum += od->volume[cell];
    return (uint32_t)(floor(*sum) - before);
}

static err_code alloc_vehicles(queue_run *q) {
    const od_matrix *od = q->od;
    double sum = 0;
    uint64_t vehicles = 0, cells = od->first[od->zone_count];
    CHECK(od_matrix_total(od) < 2e8, ERR_RANGE, "more than 200 million trips");
    for (uint32_t o = 0; o < od->zone_count; o++) {
        for (uint32_t i = od->first[o]; i < od->first[o + 1]; i++) {
            vehicles += od->to_zone_ix[i] == o ? 0 : whole_vehicles(od, i, &sum);
        }
    }
    CHECK(vehicles > 0, ERR_INFEASIBLE, "no trips between different zones; there is nothing to assign");
    CHECK(cells * group_slot_count(q) < UINT32_MAX / 2, ERR_RANGE, "too many pairs of zones and quarter-hours");
    q->vehicle_count = (uint32_t)vehicles;
    ARENA_NEW(q->a, q->departure_s, vehicles);
    ARENA_NEW(q->a, q->group_of, vehicles);
    ARENA_NEW(q->a, q->driven_s, vehicles);
    ARENA_NEW(q->a, q->route, vehicles);
    ARENA_NEW(q->a, q->better, vehicles);
    ARENA_NEW(q->a, q->own_ds, vehicles);
    ARENA_NEW(q->a, q->least_ds, vehicles);
    ARENA_NEW(q->a, q->class_of, vehicles);
    ARENA_NEW(q->a, q->leg_first, vehicles + 1);
    ARENA_NEW(q->a, q->group, cells * group_slot_count(q));
    if (q->p->choose_departure) {
        ARENA_NEW(q->a, q->alternative, vehicles);
        ARENA_NEW(q->a, q->own_cost, vehicles);
        ARENA_NEW(q->a, q->gain, vehicles);
        ARENA_NEW(q->a, q->profile_s, cells * (q->range.count + 1));
    }
    return ERR_OK;
}

static queue_group group_at(const queue_run *q, uint32_t o, uint32_t cell, uint32_t slot) {
    return (queue_group){.from_ix = q->start_ix[o],
                         .to_ix = q->od->zone_node_ix[q->od->to_zone_ix[cell]],
                         .departure_s = slot * GROUP_S + GROUP_S / 2,
                         .best = IX_NONE,
                         .first_route = IX_NONE};
}

// One alternative of the vehicle, into its column and its group's.
static void depart_at(queue_run *q, uint32_t vehicle, uint32_t pair, uint32_t alternative) {
    const departure_trip trip = trip_of(q, vehicle);
    uint32_t s = (uint32_t)departure_of(&trip, &q->range, alternative);
    q->alternative[vehicle] = alternative;
    q->departure_s[vehicle] = s;
    q->group_of[vehicle] = pair * q->slot_count + s / GROUP_S - q->slot_first;
}

// Departures of a pair that will be chosen: at first even in the period before the desired arrival.
static void depart_pair_freely(queue_run *q, uint32_t o, uint32_t cell, uint32_t n, uint32_t *vehicle) {
    double period_s = q->p->period_h * 3600;
    for (uint32_t slot = 0; slot < q->slot_count; slot++) {
        q->group[q->group_count++] = group_at(q, o, cell, q->slot_first + slot);
    }
    for (uint32_t k = 0; k < n; k++, (*vehicle)++) {
        double s = q->p->arrive_s - period_s + ((double)k + 0.5) / n * period_s;
        depart_at(q, *vehicle, q->pair_count, (uint32_t)((s - q->range.first_s) / DEPARTURE_STEP_S));
        q->route[*vehicle] = IX_NONE;
        q->class_of[*vehicle] = VEHICLE_CAR;
    }
    q->pair_count++;
}

// Departures of a pair: one in each of n equal parts of the period, at a place in it that is the pair's own.
static void depart_pair(queue_run *q, uint32_t o, uint32_t cell, uint32_t n, uint32_t *vehicle) {
    const rng_key key = {.seed = q->p->seed};
    double period_s = q->p->period_h * 3600, offset = rng_uniform(key, cell, DRAW_SWITCH, 1);
    uint32_t slot = IX_NONE;
    for (uint32_t k = 0; k < n; k++, (*vehicle)++) {
        uint32_t s = (uint32_t)(((double)k + offset) / n * period_s);
        if (s / GROUP_S != slot) {
            slot = s / GROUP_S;
            q->group[q->group_count++] = group_at(q, o, cell, slot);
        }
        q->departure_s[*vehicle] = s;
        q->group_of[*vehicle] = q->group_count - 1;
        q->route[*vehicle] = IX_NONE;
        q->class_of[*vehicle] = VEHICLE_CAR;
    }
}

static err_code make_vehicles(queue_run *q) {
    const od_matrix *od = q->od;
    double sum = 0;
    uint32_t vehicle = 0;
    TRY(alloc_vehicles(q));
    for (uint32_t o = 0; o < od->zone_count; o++) {
        for (uint32_t i = od->first[o]; i < od->first[o + 1]; i++) {
            if (od->to_zone_ix[i] != o) {
                (q->p->choose_departure ? depart_pair_freely : depart_pair)(q, o, i, whole_vehicles(od, i, &sum),
                                                                            &vehicle);
            }
        }
    }
    return ERR_OK;
}

// --- routes ----------------------------------------------------------------------------------------------------------

static err_code grow(uint32_t **array, size_t *room, size_t needed) {
    if (needed <= *room) {
        return ERR_OK;
    }
    size_t wanted = 2 * needed + 1024;
    uint32_t *grown = mem_grow(*array, *room * sizeof **array, wanted * sizeof **array);
    if (grown == NULL) {
        return ERR_MEMORY;
    }
    *array = grown;
    *room = wanted;
    return ERR_OK;
}

// The route of a group with these links, added when it is not there yet.
static err_code keep_route(queue_run *q, queue_group *g, const uint32_t *link, uint32_t count) {
    for (uint32_t r = g->first_route; r != IX_NONE; r = q->route_next[r]) {
        uint32_t first = q->route_first[r];
        if (q->route_first[r + 1] - first == count && memcmp(q->route_link + first, link, count * sizeof *link) == 0) {
            g->best = r;
            return ERR_OK;
        }
    }
    size_t at = q->route_count == 0 ? 0 : q->route_first[q->route_count];
    CHECK(at < UINT32_MAX / 4, ERR_RANGE, "more than a thousand million links on all routes together");
    TRY(grow(&q->route_first, &q->first_room, (size_t)q->route_count + 2));
    TRY(grow(&q->route_next, &q->next_room, (size_t)q->route_count + 1));
    TRY(grow(&q->route_link, &q->link_room, at + count));
    memcpy(q->route_link + at, link, count * sizeof *link);
    q->route_next[q->route_count] = g->first_route;
    q->route_first[q->route_count] = (uint32_t)at;
    q->route_first[q->route_count + 1] = (uint32_t)at + count;
    g->best = g->first_route = q->route_count++;
    return ERR_OK;
}

static err_code find_routes(queue_run *q) {
    const route_car_metric metric = {.time = &q->time};
    for (uint32_t first = 0; first < q->group_count; first += BLOCK) {
        uint32_t end = first + BLOCK < q->group_count ? first + BLOCK : q->group_count;
#pragma omp parallel for schedule(runtime)
        for (uint32_t i = first; i < end; i++) {
            queue_block *b = &q->block[i - first];
            q->group[i].failed =
                (uint8_t)route_car_run(q->index, &metric, q->query[par_thread_ix()], q->group[i].from_ix,
                                       q->group[i].to_ix, q->group[i].departure_s, b->link, PATH_LINKS_MAX, &b->answer);
        }
        for (uint32_t i = first; i < end; i++) {
            const queue_block *b = &q->block[i - first];
            CHECK(q->group[i].failed == ERR_OK, (err_code)q->group[i].failed,
                  "a route from node '%s' to node '%s' cannot be found or has more than %d links",
                  q->net.node.id[q->group[i].from_ix], q->net.node.id[q->group[i].to_ix], (int)PATH_LINKS_MAX);
            if (b->answer.arrival_s != IX_NONE) {
                TRY(keep_route(q, &q->group[i], b->link, b->answer.link_count));
            }
        }
    }
    return ERR_OK;
}

static uint32_t route_time(const queue_run *q, uint32_t route, uint32_t departure_s) {
    uint32_t first = q->route_first[route];
    return assign_times_route_ds(&q->minute, q->route_link + first, q->route_first[route + 1] - first, departure_s);
}

// Own and least travel time of every vehicle; those without a route yet take the best.
static void compare_routes(queue_run *q) {
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < q->vehicle_count; i++) {
        uint32_t best = q->group[q->group_of[i]].best;
        if (best == IX_NONE) {
            continue;  // no way
        }
        if (q->route[i] == IX_NONE) {
            q->route[i] = best;
        }
        q->own_ds[i] = q->least_ds[i] = route_time(q, q->route[i], q->departure_s[i]);
        q->better[i] = q->route[i];
        for (uint32_t r = q->group[q->group_of[i]].first_route; r != IX_NONE; r = q->route_next[r]) {
            uint32_t time_ds = r == q->route[i] ? q->own_ds[i] : route_time(q, r, q->departure_s[i]);
            if (time_ds < q->least_ds[i]) {
                q->least_ds[i] = time_ds;
                q->better[i] = r;
            }
        }
    }
}

static double present_gap(const queue_run *q) {
    if (q->p->choose_departure) {
        double paid = par_sum_f64(q->own_cost, q->vehicle_count);
        return paid > 0 ? par_sum_f64(q->gain, q->vehicle_count) / paid : 0;
    }
    uint64_t own = 0, least = 0;
    for (uint32_t i = 0; i < q->vehicle_count; i++) {
        own += q->own_ds[i];
        least += q->least_ds[i];
    }
    return own > 0 ? (double)(own - least) / (double)own : 0;
}

static void switch_routes(queue_run *q, uint32_t day) {
    const rng_key key = {.seed = q->p->seed};
    double share = share_first / (1 + (double)day / 4);
    share = share < share_min ? share_min : share;
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < q->vehicle_count; i++) {
        if (q->least_ds[i] >= q->own_ds[i]) {
            continue;
        }
        double gap = (double)(q->own_ds[i] - q->least_ds[i]) / (double)q->own_ds[i];
        double chance = gap <= gap_ignored ? 0 : gap >= gap_certain ? share : share * gap / gap_certain;
        rng_block drawn = rng_draw_at(key, i, DRAW_SWITCH, 0, day, 0);
        if ((double)drawn.word[0] < chance * 4294967296.0) {
            q->route[i] = q->better[i];
        }
    }
}

// --- departure times
// ---------------------------------------------------------------------------------------------------

static uint32_t best_route_of(const queue_run *q, uint32_t group, uint32_t departure_s, uint32_t *time_ds) {
    uint32_t best = IX_NONE;
    *time_ds = UINT32_MAX;
    for (uint32_t r = q->group[group].first_route; r != IX_NONE; r = q->route_next[r]) {
        uint32_t ds = route_time(q, r, departure_s);
        if (ds < *time_ds) {
            *time_ds = ds;
            best = r;
        }
    }
    return best;
}

// Travel time of each pair by minute of departure, on its best route. Without a way: never used.
static void build_profiles(queue_run *q) {
    uint32_t points = q->range.count + 1;
#pragma omp parallel for schedule(runtime)
    for (uint32_t pair = 0; pair < q->pair_count; pair++) {
        for (uint32_t k = 0; k < points; k++) {
            uint32_t departure_s = (uint32_t)(q->range.first_s + k * q->range.step_s), ds;
            uint32_t group = pair * q->slot_count + departure_s / GROUP_S - q->slot_first;
            best_route_of(q, group, departure_s, &ds);
            q->profile_s[(size_t)pair * points + k] = ds / 10.0;
        }
    }
}

// Own and best departure of every vehicle by what the last day was like; some change.
static void choose_departures(queue_run *q, uint32_t day, bool change) {
    const rng_key key = {.seed = q->p->seed};
    double share = departure_share / (1 + day / departure_days);
    build_profiles(q);
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < q->vehicle_count; i++) {
        if (q->route[i] == IX_NONE) {
            continue;
        }
        uint32_t pair = q->group_of[i] / q->slot_count, points = q->range.count + 1, ds;
        const departure_trip trip = trip_of(q, i);
        const departure_profile profile = {.first_s = q->range.first_s,
                                           .step_s = q->range.step_s,
                                           .count = points,
                                           .time_s = q->profile_s + (size_t)pair * points};
        departure_option own = departure_evaluate(&trip, &q->range, q->alternative[i], q->own_ds[i] / 10.0);
        departure_option best = departure_best(&trip, &q->range, departure_profile_time, &profile);
        double gap = departure_gap(&own, &best);
        q->own_cost[i] = own.cost;
        q->gain[i] = gap * own.cost;
        double chance = departure_switch_chance(gap, share, gap_ignored, departure_certain);
        rng_block drawn = rng_draw_at(key, i, DRAW_SWITCH, 1, day, 0);
        if (change && (double)drawn.word[0] < chance * 4294967296.0) {
            depart_at(q, i, pair, best.k);
            q->route[i] = best_route_of(q, q->group_of[i], q->departure_s[i], &ds);
            q->least_ds[i] = q->own_ds[i];  // no second change today
        }
    }
}

// --- days ------------------------------------------------------------------------------------------------------------

static err_code drive(queue_run *q, uint32_t day) {
    size_t links = 0;
    for (uint32_t i = 0; i < q->vehicle_count; i++) {
        links += q->route[i] == IX_NONE ? 0 : q->route_first[q->route[i] + 1] - q->route_first[q->route[i]];
    }
    CHECK(links < UINT32_MAX / 2, ERR_RANGE, "the routes of all vehicles have more than two thousand million links");
    TRY(grow(&q->leg_link, &q->leg_room, links));
    TRY(grow(&q->leg_entry_s, &q->entry_room, links));
    for (uint32_t i = 0; i < q->vehicle_count; i++) {
        uint32_t first = q->route[i] == IX_NONE ? 0 : q->route_first[q->route[i]];
        uint32_t count = q->route[i] == IX_NONE ? 0 : q->route_first[q->route[i] + 1] - first;
        if (count > 0) {
            memcpy(q->leg_link + q->leg_first[i], q->route_link + first, count * sizeof *q->leg_link);
        }
        q->leg_first[i + 1] = q->leg_first[i] + count;
    }
    memcpy(q->driven_s, q->departure_s, q->vehicle_count * sizeof *q->driven_s);
    const mobsim_demand demand = {.leg_count = q->vehicle_count,
                                  .departure_s = q->departure_s,
                                  .route_first = q->leg_first,
                                  .route_link = q->leg_link,
                                  .vehicle = q->class_of};
    double weight = day == 0 || q->p->choose_departure ? 1 : smoothing;
    mobsim_set_recorder(q->mobsim, q->leg_entry_s);
    TRY(mobsim_run(q->mobsim, &demand, &q->traffic));
    assign_times_update(&q->minute, &demand, &q->traffic, q->leg_entry_s, weight);
    traveltime_update(&q->time, q->traffic.seen, q->traffic.turn_sum_ds, weight);
    traveltime_repair(&q->time);
    return ERR_OK;
}

// Cars that entered each link on this day, into the ring of the last days.
static void record_volumes(queue_run *q, uint32_t day) {
    uint32_t links = q->net.link.count;
    uint32_t *volume = q->volume + (size_t)(day % DAYS_AVERAGED) * links;
    memset(volume, 0, links * sizeof *volume);
    for (uint32_t bin = 0; bin < RESULT_BINS; bin++) {
        for (uint32_t e = 0; e < links; e++) {
            volume[e] += mobsim_entered(&q->traffic, VEHICLE_CAR, bin, e);
        }
    }
}

static err_code simulate(queue_run *q, assign_queue_result *r) {
    for (uint32_t day = 0;; day++) {
        TRY(find_routes(q));
        compare_routes(q);
        if (q->p->choose_departure) {
            choose_departures(q, day, day > 0 && day < q->p->days_max);
        }
        r->gap = r->day_gap[day] = present_gap(q);
        r->days = day;
        log_progress("assignment, days", day, q->p->days_max);
        r->converged = day > 1 && r->gap <= q->p->gap;
        if (r->converged || day == q->p->days_max) {
            return ERR_OK;
        }
        switch_routes(q, day);
        TRY(drive(q, day));
        record_volumes(q, day);
        TRY(log_check_interrupt());
    }
}

static void summarise(const queue_run *q, assign_queue_result *r) {
    const mobsim_result *t = &q->traffic;
    uint32_t links = q->net.link.count;
    for (uint32_t e = 0; e < links; e++) {
        uint64_t left = 0, time_ds = 0;
        for (uint32_t bin = 0; bin < TRAVELTIME_BINS; bin++) {
            left += traveltime_left(mobsim_seen(t, bin, e));
            time_ds += mobsim_seen(t, bin, e)->time_sum_ds;
        }
        uint32_t days = r->days < DAYS_AVERAGED ? r->days : DAYS_AVERAGED;
        for (uint32_t day = 0; day < days; day++) {
            r->flow[e] += (double)q->volume[(size_t)day * links + e] / days;
        }
        r->time_min[e] = (left > 0 ? (double)time_ds / (double)left : (double)q->time.free_ds[e]) / 600;
    }
    for (uint32_t i = 0; i < q->vehicle_count; i++) {
        r->unreachable += q->route[i] == IX_NONE;
        if (q->route[i] != IX_NONE && t->arrival_s[i] != IX_NONE) {
            r->arrived++;
            double travel_s = (double)(t->arrival_s[i] - q->driven_s[i]);
            r->total_time_min += travel_s / 60;
            const departure_trip trip = trip_of(q, i);
            r->total_cost += q->p->choose_departure ? departure_cost(&trip, q->driven_s[i], travel_s) : 0;
        }
    }
    r->vehicles = q->vehicle_count;
    r->vehicle_count = q->vehicle_count;
    r->departure_s = q->driven_s;
    r->arrival_s = t->arrival_s;
    r->forced = t->forced;
}

static err_code prepare(queue_run *q, const network *n) {
    CHECK(q->p->period_h > 0 && q->p->period_h <= 24, ERR_RANGE, "a period of %g h must be above 0 and at most 24",
          q->p->period_h);
    TRY(split_zones(q, n));
    if (q->p->choose_departure) {
        TRY(prepare_departures(q));
    }
    TRY(make_vehicles(q));
    int threads = par_thread_count();
    ARENA_NEW(q->a, q->block, BLOCK);
    ARENA_NEW(q->a, q->query, threads);
    TRY(route_car_build(&q->net, ALLOW_CAR, q->a, &q->index));
    for (int i = 0; i < threads; i++) {
        TRY(route_car_query_init(q->index, q->a, &q->query[i]));
    }
    TRY(traveltime_init(&q->time, q->a, &q->net));
    ARENA_NEW(q->a, q->volume, (size_t)DAYS_AVERAGED * q->net.link.count);
    TRY(assign_times_init(&q->minute, q->a, q->time.free_ds, q->net.link.count));
    if (q->p->point_queue) {
        unbound_storage(q);
    }
    TRY(mobsim_build(&q->net, &q->p->traffic, q->a, &q->mobsim));
    return mobsim_alloc_result(q->mobsim, q->a, q->vehicle_count, &q->traffic);
}

err_code assign_queue_run(const network *n, const od_matrix *od, const assign_queue_params *p, arena *a,
                          assign_queue_result *out) {
    queue_run q = {.od = od, .p = p, .a = a};
    *out = (assign_queue_result){0};
    ARENA_NEW(a, out->flow, n->link.count);
    ARENA_NEW(a, out->time_min, n->link.count);
    ARENA_NEW(a, out->day_gap, (size_t)p->days_max + 1);
    TRY(prepare(&q, n));
    err_code code = simulate(&q, out);
    if (code == ERR_OK) {
        summarise(&q, out);
    }
    mem_free(q.route_first);
    mem_free(q.route_next);
    mem_free(q.route_link);
    mem_free(q.leg_link);
    mem_free(q.leg_entry_s);
    return code;
}
