#include "loop/equilibrium.h"

#include <math.h>
#include <string.h>

#include "base/dmath.h"
#include "base/log.h"
#include "base/par.h"

enum {
    PATH_LINKS_MAX = 1024,  // longest route in links
    BLOCK = 1024,           // travellers routed in parallel before their routes are stored in order
    GAP_UNITS = 1000        // gaps and costs are summed in milli-minutes (integers: same sum in any order)
};

static const double gap_ignored = 0.002;  // gaps below 0.2 % never make anybody switch (speed.md section 4)
static const double gap_certain = 0.05;   // at this own gap a traveller who reconsiders always switches
static const double replan_share_min = 0.05;

// What one traveller (tour or flow vehicle) found when reconsidering.
typedef struct option {
    uint8_t mode;       // new mode; flows: unchanged
    uint8_t switching;  // takes the new mode or route
    uint8_t failed;     // err_code of this index
    int64_t gain_mmin;  // could gain
    int64_t paid_mmin;  // pays now
    uint32_t first[2];  // new routes in `fresh`, IX_NONE = none
    uint32_t count[2];
} option;

typedef struct block_route {  // of one traveller in a block
    uint32_t links[2][PATH_LINKS_MAX];
    uint32_t count[2];
} block_route;

typedef struct state {  // of one run of the loop
    const world_year *w;
    plan *p;
    const population *people;
    rng_key key;
    equilibrium_out *out;
    legs_set previous;              // yesterday's vehicles
    uint32_t *tour_leg;             // [tour]: out leg in `out->legs` (the way home follows), IX_NONE = does not drive
    uint32_t *flow_leg;             // [flow vehicle]: leg, IX_NONE before the first day
    uint8_t *considered;            // [tours, then flow vehicles]
    uint32_t *item;                 // the considered, in order
    option *option;                 // [tours, then flow vehicles]
    option *group;                  // [flow group]: best route of the quarter-hour
    legs_routes fresh;              // routes found today
    block_route *block;             // [BLOCK]
    route_car_query **query;        // [thread]
    route_car_query **lorry_query;  // [thread]
    mobsim *mobsim;
    arena day_arena;  // stops of the day's buses
    bool everybody;   // evaluation of all, nobody switches
    uint32_t day;
    double gap_pct;
    uint32_t iteration_tours;  // considered
} state;

static const tour_car no_car = {.time_ds = IX_NONE, .money_nok = 0.0};

static double money_nok(const world_year *w, const route_car_answer *a) {
    return (double)a->distance_m / 1000.0 * w->car_cost_nok_per_km + (double)a->toll_nok;
}

// Best car ways out and home; routes are stored in b (which may be NULL when only costs matter).
static err_code best_car(state *s, uint32_t tour, block_route *b, tour_car *car) {
    const plan *p = s->p;
    const world_year *w = s->w;
    route_car_metric metric = tour_cost_metric(w, &s->out->time, (purpose)p->tour.purpose[tour]);
    uint32_t home = w->source->zones.place.node_ix[p->tour.origin_place_ix[tour]];
    uint32_t there = w->source->zones.place.node_ix[p->tour.destination_place_ix[tour]];
    int thread = par_thread_ix();
    *car = (tour_car){0};
    for (int k = 0; k < 2; k++) {
        route_car_answer answer;
        uint32_t departure_s = (uint32_t)(k == 0 ? p->tour.departure_s[tour] : p->tour.return_s[tour]);
        TRY(route_car_run(w->car, &metric, s->query[thread], k == 0 ? home : there, k == 0 ? there : home, departure_s,
                          b->links[k], PATH_LINKS_MAX, &answer));
        if (answer.arrival_s == IX_NONE) {
            *car = no_car;
            return ERR_OK;
        }
        b->count[k] = answer.link_count;
        car->time_ds += answer.time_ds;
        car->money_nok += money_nok(w, &answer);
    }
    return ERR_OK;
}

// The tour's present car routes on today's times.
static tour_car present_car(const state *s, uint32_t tour) {
    const legs_set *legs = &s->out->legs;
    route_car_metric metric = tour_cost_metric(s->w, &s->out->time, (purpose)s->p->tour.purpose[tour]);
    tour_car car = {0};
    for (uint32_t k = 0; k < 2; k++) {
        uint32_t leg = s->tour_leg[tour] + k;
        route_car_answer answer;
        route_car_evaluate(s->w->car, &metric, legs->route.link + legs->route_first[leg], legs_route_count(legs, leg),
                           legs->departure_s[leg], &answer);
        car.time_ds += answer.time_ds;
        car.money_nok += money_nok(s->w, &answer);
    }
    return car;
}

static bool draws_switch(const state *s, uint64_t id, double own_gap) {
    if (own_gap < gap_ignored || s->everybody) {
        return false;
    }
    rng_block b = rng_draw_at(s->key, id, DRAW_REPLAN, 1, s->day, 0);
    return b.word[0] * 0x1p-32 < own_gap / gap_certain;
}

// Fills gain, paid and the decision of a tour from present and best utilities.
static void weigh(state *s, uint32_t tour, const double utility[MODE_COUNT], const tour_car *best_way, option *o) {
    uint8_t present = s->p->tour.mode[tour];
    purpose u = (purpose)s->p->tour.purpose[tour];
    double minute = fabs(s->w->source->scenario.purpose[u].car_per_min);
    const double *error = s->out->cost.error + (size_t)tour * MODE_COUNT;
    double best;
    mode choice = tour_cost_best(&s->out->cost, tour, utility, &best);
    o->mode = (uint8_t)choice;
    if (present == MODE_COUNT) {  // first day
        o->switching = 1;
        return;
    }
    double now = utility[present];
    if (present == MODE_CAR_DRIVER) {
        tour_car mine = present_car(s, tour);
        now = tour_cost_driver(&s->out->cost, s->w, s->p, tour, &mine);
    } else if (present == MODE_CAR_PASSENGER && best_way->time_ds == IX_NONE) {
        return;  // has no alternative at all
    }
    double paid = (tour_cost_constant(s->w, u, (mode)present) - now) / minute;
    double gain = (best - (now + error[present])) / minute;
    if (!(paid > 0.0) || !isfinite(paid) || !isfinite(gain)) {
        return;
    }
    o->paid_mmin = (int64_t)(paid * GAP_UNITS);
    o->gain_mmin = gain > 0.0 ? (int64_t)(gain * GAP_UNITS) : 0;
    o->switching = draws_switch(s, s->p->tour.id[tour], gain / paid) ? 1 : 0;
}

static err_code consider_tour(state *s, uint32_t tour, block_route *b, option *o) {
    const tour_cost *c = &s->out->cost;
    tour_car car = no_car;
    b->count[0] = b->count[1] = IX_NONE;
    if (c->driver_ok[tour] != 0 || c->ride_ok[tour] != 0) {
        TRY(best_car(s, tour, b, &car));
    }
    double utility[MODE_COUNT];
    utility[MODE_CAR_DRIVER] = tour_cost_driver(c, s->w, s->p, tour, &car);
    utility[MODE_CAR_PASSENGER] = tour_cost_passenger(c, s->w, s->p, tour, &car);
    utility[MODE_PT] = tour_cost_fixed(c, tour, MODE_PT);
    utility[MODE_CYCLE] = tour_cost_fixed(c, tour, MODE_CYCLE);
    utility[MODE_WALK] = tour_cost_fixed(c, tour, MODE_WALK);
    weigh(s, tour, utility, &car, o);
    if (o->switching == 0 || o->mode != MODE_CAR_DRIVER) {
        b->count[0] = b->count[1] = IX_NONE;  // no route to keep
    }
    return ERR_OK;
}

static err_code consider_group(state *s, uint32_t group, block_route *b) {
    const legs_flow_vehicles *f = &s->out->flows;
    const zone_flow *flow = &s->w->source->zones.flow[f->group_flow[group]];
    bool lorry = flow->vehicle == VEHICLE_LORRY;
    int thread = par_thread_ix();
    route_car_metric metric = tour_cost_metric(s->w, &s->out->time, PURPOSE_WORK);
    route_car_answer answer;
    b->count[1] = IX_NONE;
    TRY(route_car_run(lorry ? s->w->lorry : s->w->car, &metric, lorry ? s->lorry_query[thread] : s->query[thread],
                      flow->from_node_ix, flow->to_node_ix, f->group_departure_s[group], b->links[0], PATH_LINKS_MAX,
                      &answer));
    CHECK(answer.arrival_s != IX_NONE, ERR_INFEASIBLE,
          "flow '%s': no way from its from_node_id to its to_node_id in %d", flow->id, s->w->year);
    b->count[0] = answer.link_count;
    return ERR_OK;
}

// Runs one traveller or group of a block; kept apart so that the parallel loop's body is one call.
static void consider_one(state *s, bool groups, uint32_t ix, block_route *b, option *o) {
    *o = (option){.first = {IX_NONE, IX_NONE}};
    o->failed = (uint8_t)(groups ? consider_group(s, ix, b) : consider_tour(s, ix, b, o));
}

// Routes `count` travellers (item list) or flow groups in parallel blocks; routes are stored in item order.
static err_code consider_all(state *s, bool groups, const uint32_t *item, uint32_t count, option *option_of) {
    for (uint32_t from = 0; from < count; from += BLOCK) {
        uint32_t n = count - from < BLOCK ? count - from : BLOCK;
        TRY(log_check_interrupt());
#pragma omp parallel for schedule(runtime)
        for (uint32_t i = 0; i < n; i++) {
            uint32_t ix = groups ? from + i : item[from + i];
            consider_one(s, groups, ix, &s->block[i], &option_of[ix]);
        }
        for (uint32_t i = 0; i < n; i++) {
            uint32_t ix = groups ? from + i : item[from + i];
            option *o = &option_of[ix];
            if (o->failed != 0) {  // the message is kept by thread: raise it here by running the index again
                consider_one(s, groups, ix, &s->block[i], o);
                return (err_code)o->failed;
            }
            for (int k = 0; k < 2; k++) {
                if (s->block[i].count[k] != IX_NONE) {
                    o->count[k] = s->block[i].count[k];
                    TRY(legs_routes_append(&s->fresh, s->block[i].links[k], o->count[k], &o->first[k]));
                }
            }
        }
    }
    return ERR_OK;
}

// A flow vehicle compares its route with its group's best at its own departure.
static void weigh_flow(state *s, uint32_t v, option *o) {
    const legs_flow_vehicles *f = &s->out->flows;
    const option *g = &s->group[f->group[v]];
    const zone_flow *flow = &s->w->source->zones.flow[f->flow_ix[v]];
    const route_car_index *x = flow->vehicle == VEHICLE_LORRY ? s->w->lorry : s->w->car;
    const legs_set *legs = &s->out->legs;
    *o = (option){.first = {g->first[0], IX_NONE}, .count = {g->count[0], 0}, .switching = 1};
    uint32_t leg = s->flow_leg[v];
    if (leg == IX_NONE) {
        return;  // first day
    }
    route_car_metric metric = tour_cost_metric(s->w, &s->out->time, PURPOSE_WORK);
    route_car_answer mine, best;
    route_car_evaluate(x, &metric, legs->route.link + legs->route_first[leg], legs_route_count(legs, leg),
                       legs->departure_s[leg], &mine);
    route_car_evaluate(x, &metric, s->fresh.link + g->first[0], g->count[0], legs->departure_s[leg], &best);
    double gain_ds = (double)mine.cost_ds - (double)best.cost_ds;
    o->paid_mmin = (int64_t)mine.cost_ds * GAP_UNITS / 600;
    o->gain_mmin = gain_ds > 0.0 ? (int64_t)(gain_ds * GAP_UNITS / 600.0) : 0;
    o->switching = mine.cost_ds > 0 && draws_switch(s, f->id[v], gain_ds / mine.cost_ds) ? 1 : 0;
}

// Who reconsiders today: everybody on the first day and in a full evaluation.
static uint32_t draw_considered(state *s) {
    uint32_t tours = s->p->tour.count;
    uint32_t n = tours + s->out->flows.count;
    double share = s->w->source->scenario.switch_cap / (1.0 + s->day / 4.0);
    share = share > replan_share_min ? share : replan_share_min;
    bool all = s->day == 0 || s->everybody;
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < n; i++) {
        uint64_t id = i < tours ? s->p->tour.id[i] : s->out->flows.id[i - tours];
        rng_block b = rng_draw_at(s->key, id, DRAW_REPLAN, 0, s->day, 0);
        s->considered[i] = all || b.word[0] * 0x1p-32 < share ? 1 : 0;
    }
    return par_select_u8(s->considered, n, s->item);
}

static err_code consider(state *s) {
    uint32_t tours = s->p->tour.count;
    uint32_t n = draw_considered(s);
    uint32_t tour_items = 0;
    while (tour_items < n && s->item[tour_items] < tours) {
        tour_items++;
    }
    s->fresh.count = 0;
    TRY(consider_all(s, false, s->item, tour_items, s->option));
    TRY(consider_all(s, true, NULL, s->out->flows.group_count, s->group));
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = tour_items; i < n; i++) {
        weigh_flow(s, s->item[i] - tours, &s->option[s->item[i]]);
    }
    int64_t gain = 0;
    int64_t paid = 0;
    for (uint32_t i = 0; i < n; i++) {
        gain += s->option[s->item[i]].gain_mmin;
        paid += s->option[s->item[i]].paid_mmin;
    }
    s->gap_pct = paid > 0 ? 100.0 * (double)gain / (double)paid : (s->day == 0 ? 100.0 : 0.0);
    return ERR_OK;
}

static err_code add_tour_legs(state *s, uint32_t tour, const option *o, legs_set *next) {
    const legs_set *old = &s->out->legs;
    const person_columns *person = &s->people->person;
    uint32_t before = s->tour_leg[tour];
    s->tour_leg[tour] = IX_NONE;
    if (s->p->tour.mode[tour] != MODE_CAR_DRIVER) {
        return ERR_OK;
    }
    bool fresh = o != NULL && o->switching != 0;
    s->tour_leg[tour] = next->count;
    for (uint32_t k = 0; k < 2; k++) {
        legs_leg leg = {.departure_s = (uint32_t)(k == 0 ? s->p->tour.departure_s[tour] : s->p->tour.return_s[tour]),
                        .tour_ix = tour,
                        .flow_ix = IX_NONE,
                        .vehicle = VEHICLE_CAR,
                        .traveller = (segment)person->segment[s->p->tour.person_ix[tour]],
                        .returning = k == 1};
        const uint32_t *links = fresh ? s->fresh.link + o->first[k] : old->route.link + old->route_first[before + k];
        TRY(legs_set_add(next, &leg, links, fresh ? o->count[k] : legs_route_count(old, before + k)));
    }
    return ERR_OK;
}

static err_code add_flow_leg(state *s, uint32_t v, const option *o, legs_set *next) {
    const legs_set *old = &s->out->legs;
    const legs_flow_vehicles *f = &s->out->flows;
    const zone_flow *flow = &s->w->source->zones.flow[f->flow_ix[v]];
    uint32_t before = s->flow_leg[v];
    bool fresh = o != NULL && o->switching != 0;
    legs_leg leg = {.departure_s = f->departure_s[v],
                    .tour_ix = IX_NONE,
                    .flow_ix = f->flow_ix[v],
                    .vehicle = flow->vehicle,
                    .traveller = flow->traveller,
                    .returning = false};
    const uint32_t *links = fresh ? s->fresh.link + o->first[0] : old->route.link + old->route_first[before];
    s->flow_leg[v] = next->count;
    return legs_set_add(next, &leg, links, fresh ? o->count[0] : legs_route_count(old, before));
}

// Today's vehicles: decisions of those who switch, yesterday's routes for the others.
static err_code rebuild_legs(state *s) {
    legs_set *next = &s->previous;
    uint32_t tours = s->p->tour.count;
    legs_set_reset(next);
    for (uint32_t t = 0; t < tours; t++) {
        const option *o = s->considered[t] != 0 ? &s->option[t] : NULL;
        if (o != NULL && o->switching != 0) {
            s->p->tour.mode[t] = o->mode;
        }
        TRY(add_tour_legs(s, t, o, next));
    }
    for (uint32_t v = 0; v < s->out->flows.count; v++) {
        TRY(add_flow_leg(s, v, s->considered[tours + v] != 0 ? &s->option[tours + v] : NULL, next));
    }
    TRY(bus_add_legs(&s->out->buses, next));
    legs_set yesterday = s->out->legs;
    s->out->legs = *next;
    s->previous = yesterday;
    return ERR_OK;
}

// Mode shares of residents' tours in percent; returns the largest change against `share`, which is updated.
static double update_shares(const state *s, double share[MODE_COUNT]) {
    uint32_t count[MODE_COUNT] = {0};
    uint32_t total = 0;
    for (uint32_t t = 0; t < s->p->tour.count; t++) {
        if (s->people->person.segment[s->p->tour.person_ix[t]] == SEGMENT_RESIDENT) {
            count[s->p->tour.mode[t]]++;
            total++;
        }
    }
    double change = 0.0;
    for (int m = 0; m < MODE_COUNT; m++) {
        double now = total > 0 ? 100.0 * count[m] / total : 0.0;
        double d = fabs(now - share[m]);
        change = d > change ? d : change;
        share[m] = now;
    }
    return change;
}

static void record(const state *s, const double share[MODE_COUNT], result *r, uint32_t year_ix, uint32_t replication) {
    size_t row = ((size_t)year_ix * r->replications_max + replication) * r->iterations_max + s->day;
    ASSERT(s->day < r->iterations_max);
    r->iteration_gap_pct[row] = (float)s->gap_pct;
    r->iteration_stuck[row] = (float)s->out->traffic.on_network;
    for (int m = 0; m < MODE_COUNT; m++) {
        r->iteration_share[row * MODE_COUNT + (size_t)m] = (float)share[m];
    }
}

static err_code simulate(state *s) {
    mobsim_demand demand = legs_demand(&s->out->legs);
    arena_reset(&s->day_arena);
    TRY(bus_add_stops(&s->out->buses, s->w->transit, demand.leg_count, &s->day_arena, &demand));
    TRY(mobsim_run(s->mobsim, &demand, &s->out->traffic));
    CHECK(s->out->traffic.unbalanced_s == IX_NONE, ERR_INTERNAL,
          "traffic lost or invented a vehicle at second %u: this is a bug in the program",
          s->out->traffic.unbalanced_s);
    traveltime_update(&s->out->time, s->out->traffic.entered_15, s->out->traffic.time_sum_ds,
                      s->w->source->scenario.time_smoothing);
    traveltime_repair(&s->out->time);
    return ERR_OK;
}

// The gap of everybody on the last day's times, without changing anything.
static err_code evaluate_everybody(state *s) {
    s->everybody = true;
    err_code code = consider(s);
    s->everybody = false;
    return code;
}

static err_code iterate(state *s, result *r, uint32_t year_ix, uint32_t replication) {
    const scenario *sc = &s->w->source->scenario;
    double share[MODE_COUNT] = {0};
    uint32_t limit =
        (uint32_t)sc->iterations_max < r->iterations_max ? (uint32_t)sc->iterations_max : r->iterations_max;
    for (s->day = 0; s->day < limit; s->day++) {
        TRY(consider(s));
        TRY(rebuild_legs(s));
        TRY(simulate(s));
        double change = update_shares(s, share);
        record(s, share, r, year_ix, replication);
        s->out->iterations = s->day + 1;
        bool settled = s->day > 0 && s->gap_pct <= sc->gap_max_pct && change <= sc->share_change_max_point;
        if (settled || s->day + 1 == limit) {
            TRY(evaluate_everybody(s));
            s->out->gap_pct = s->gap_pct;
            s->out->converged = settled && s->gap_pct <= sc->gap_max_pct;
            if (s->out->converged) {
                break;
            }
        }
    }
    r->converged[(size_t)year_ix * r->replications_max + replication] = s->out->converged;
    return ERR_OK;
}

static err_code state_alloc(state *s, arena *a) {
    uint32_t n = s->p->tour.count + s->out->flows.count;
    uint32_t leg_capacity = 2 * s->p->tour.count + s->out->flows.count + s->out->buses.count;
    int threads = par_thread_count();
    TRY(legs_set_init(&s->out->legs, a, leg_capacity));
    TRY(legs_set_init(&s->previous, a, leg_capacity));
    ARENA_NEW(a, s->tour_leg, s->p->tour.count);
    ARENA_NEW(a, s->flow_leg, s->out->flows.count);
    memset(s->tour_leg, 0xff, s->p->tour.count * sizeof *s->tour_leg);
    memset(s->flow_leg, 0xff, s->out->flows.count * sizeof *s->flow_leg);
    ARENA_NEW(a, s->considered, n);
    ARENA_NEW(a, s->item, n);
    ARENA_NEW(a, s->option, n);
    ARENA_NEW(a, s->group, s->out->flows.group_count);
    ARENA_NEW(a, s->block, BLOCK);
    ARENA_NEW(a, s->query, threads);
    ARENA_NEW(a, s->lorry_query, threads);
    for (int i = 0; i < threads; i++) {
        TRY(route_car_query_init(s->w->car, a, &s->query[i]));
        TRY(route_car_query_init(s->w->lorry, a, &s->lorry_query[i]));
    }
    const scenario *sc = &s->w->source->scenario;
    mobsim_params m = {.wave_speed_kmh = sc->wave_speed_kmh,
                       .jam_spacing_m = sc->jam_spacing_m,
                       .stuck_s = (uint32_t)sc->stuck_s,
                       .lorry_pcu = sc->lorry_pcu,
                       .scale = sc->scale,
                       .end_s = (uint32_t)(sc->end_h * 3600.0)};
    TRY(mobsim_build(&s->w->network, &m, a, &s->mobsim));
    TRY(mobsim_alloc_result(s->mobsim, a, leg_capacity, &s->out->traffic));
    return mobsim_alloc_stops(a, bus_stop_count(&s->out->buses), &s->out->traffic);
}

// Free flow of this year's network plus the delays of another year or replication.
static err_code warm_start(const world_year *w, const traveltime *warm, arena *a, traveltime *out) {
    TRY(traveltime_init(out, a, &w->network));
    if (warm == NULL) {
        return ERR_OK;
    }
    ASSERT(warm->link_count == out->link_count);
    for (size_t i = 0; i < (size_t)TRAVELTIME_BINS * out->link_count; i++) {
        uint32_t free_ds = warm->free_ds[i % out->link_count];
        out->time_ds[i] += warm->time_ds[i] > free_ds ? warm->time_ds[i] - free_ds : 0;
    }
    traveltime_repair(out);
    return ERR_OK;
}

static err_code run_days(state *s, const traveltime *warm, arena *a, result *r, uint32_t year_ix,
                         uint32_t replication) {
    TRY(warm_start(s->w, warm, a, &s->out->time));
    TRY(tour_cost_build(s->w, s->people, s->p, s->key, a, &s->out->cost));
    TRY(legs_build_flows(s->w, s->key, a, &s->out->flows));
    TRY(bus_build(s->w, a, &s->out->buses));
    TRY(state_alloc(s, a));
    return iterate(s, r, year_ix, replication);
}

err_code equilibrium_run(const world_year *w, plan *p, const population *people, rng_key key, const traveltime *warm,
                         arena *a, result *r, uint32_t year_ix, uint32_t replication, equilibrium_out *out) {
    *out = (equilibrium_out){0};
    state s = {.w = w, .p = p, .people = people, .key = key, .out = out};
    arena_init(&s.day_arena);
    err_code code = run_days(&s, warm, a, r, year_ix, replication);
    arena_free(&s.day_arena);
    legs_set_free(&s.previous);
    legs_routes_free(&s.fresh);
    if (code != ERR_OK) {
        equilibrium_free(out);
    }
    return code;
}

void equilibrium_free(equilibrium_out *out) {
    legs_set_free(&out->legs);
    bus_free(&out->buses);
}
