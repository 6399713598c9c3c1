#include "loop/equilibrium.h"

#include <math.h>
#include <string.h>

#include "base/dmath.h"
#include "base/par.h"
#include "loop/car_ways.h"

enum { GAP_UNITS = 1000 };  // gaps and costs are summed in milli-minutes (integers: same sum in any order)

static const double gap_ignored = 0.002;     // gaps below 0.2 % never make anybody switch (speed.md section 4)
static const double gap_certain = 0.2;       // at this own gap a traveller who reconsiders always switches
static const double replan_share_min = 0.2;  // these two by trial on a congested town (docs/methods.md)
// From the third day on so many reconsider that at most about this share of all switches, since probabilities to switch
// are gap / gap_certain: more, the nearer the end. Both by trial on Vestby with many visitors.
static const double switchers_max = 0.02;
static const double replan_share_max = 0.5;

// What one traveller (tour or flow vehicle) found when reconsidering.
typedef struct option {
    uint8_t mode;                         // new mode; flows: unchanged
    uint8_t switching;                    // takes the new mode or route
    uint8_t keeps[PLAN_TOUR_TRIPS_MAX];   // [trip] the present route is as good
    int64_t gain_mmin;                    // could gain
    int64_t paid_mmin;                    // pays now
    uint32_t first[PLAN_TOUR_TRIPS_MAX];  // [trip] new routes in `fresh`; flows: the first
    uint32_t count[PLAN_TOUR_TRIPS_MAX];
} option;

typedef struct state {  // of one run of the loop
    const world_year *w;
    plan *p;
    const population *people;
    rng_key key;
    equilibrium_out *out;
    legs_set previous;    // yesterday's vehicles
    uint32_t *tour_leg;   // [tour]: first leg in `out->legs` (its other trips follow), IX_NONE = does not drive
    uint32_t *flow_leg;   // [flow vehicle]: leg, IX_NONE before the first day
    uint8_t *considered;  // [tours, then flow vehicles]
    uint32_t *item;       // the considered, in order
    option *option;       // [tours, then flow vehicles]
    option *group;        // [flow group]: best route of the quarter-hour
    legs_routes fresh;    // routes found today
    car_ways *ways;
    car_ways_trips trips;  // today's questions: trips of tours, then flow groups
    uint32_t *tour_trip;   // [tour] its first trip in `trips` (the others follow); IX_NONE = no car
    car_ways_classes classes;
    mobsim *mobsim;
    arena *kept;      // lives as long as `out`
    uint32_t looks;   // at public transport, but for those of whom a full vehicle left behind
    arena day_arena;  // stops of the day's buses, cyclists
    bool everybody;   // evaluation of all, nobody switches
    uint32_t day;
    double gap_pct;
} state;

// assumption: travellers look at the buses' real times every five days from the third on, when more than 1 % of the
// stop events have moved by more than a minute, and at who found room (loop/riders.h); whom full vehicles left behind
// looks at once. Five looks for other reasons are enough.
static const uint32_t looks_max = 5;
static const uint32_t look_days = 5;
static const uint32_t look_first = 2;
static const double shift_share = 0.01;

static const tour_car no_car = {.time_ds = IX_NONE, .money_nok = 0.0};

static double money_nok(const world_year *w, const route_car_answer *a) {
    return (double)a->distance_m / 1000.0 * w->car_cost_nok_per_km + (double)a->toll_nok;
}

// Asks for the ways of every considered tour that may go by car, and for those of the flow groups.
static err_code find_ways(state *s, uint32_t tour_items) {
    const plan *p = s->p;
    const uint32_t *node_ix = s->w->source->zones.place.node_ix;
    const legs_flow_vehicles *f = &s->out->flows;
    s->trips.count = 0;
    s->fresh.count = 0;
    for (uint32_t i = 0; i < tour_items; i++) {
        uint32_t t = s->item[i];
        s->tour_trip[t] = IX_NONE;
        for (uint32_t k = p->trip_first[t]; s->out->cost.driver_ok[t] != 0 && k < p->trip_first[t + 1]; k++) {
            uint32_t q =
                car_ways_add(&s->trips, s->classes.of_purpose[p->tour.purpose[t]], node_ix[p->trip.from_place_ix[k]],
                             node_ix[p->trip.to_place_ix[k]], (uint32_t)p->trip.departure_s[k]);
            s->tour_trip[t] = s->tour_trip[t] == IX_NONE ? q : s->tour_trip[t];
        }
    }
    uint32_t first_group = s->trips.count;
    for (uint32_t g = 0; g < f->group_count; g++) {
        const zone_flow *flow = &s->w->source->zones.flow[f->group_flow[g]];
        uint8_t c = flow->vehicle == VEHICLE_LORRY ? s->classes.lorry : s->classes.of_purpose[PURPOSE_WORK];
        (void)car_ways_add(&s->trips, c, flow->from_node_ix, flow->to_node_ix, f->group_departure_s[g]);
    }
    TRY(car_ways_run(s->ways, s->classes.class, &s->trips, &s->fresh));
    for (uint32_t g = 0; g < f->group_count; g++) {
        const cch_car_trip *trip = &s->trips.trip[first_group + g];
        CHECK(trip->answer.arrival_s != IX_NONE, ERR_INFEASIBLE,
              "flow '%s' (flows.csv): no way from its from_node_id to its to_node_id in %d: look for links that are "
              "closed to its vehicle and for forbidden turns (movement.csv)",
              s->w->source->zones.flow[f->group_flow[g]].id, s->w->year);
        s->group[g] = (option){.first = {s->trips.route_first[first_group + g]}, .count = {trip->answer.link_count}};
    }
    return ERR_OK;
}

// The tour's car ways: the best there are and, of a driver, the present ones. A present route that is as good as the
// one found (which is sampled, not exact) is kept, so that best is never worse than present.
static void car_ways_of(const state *s, uint32_t tour, option *o, tour_car *best, tour_car *present) {
    const legs_set *legs = &s->out->legs;
    uint32_t i = s->tour_trip[tour];
    bool drives = s->p->tour.mode[tour] == MODE_CAR_DRIVER;
    route_car_metric metric = tour_cost_metric(s->w, &s->out->time, (purpose)s->p->tour.purpose[tour]);
    uint32_t trips = plan_trip_count(s->p, tour);
    *best = *present = no_car;
    for (uint32_t k = 0; k < trips; k++) {
        if (i == IX_NONE || s->trips.trip[i + k].answer.arrival_s == IX_NONE) {
            return;
        }
    }
    *best = *present = (tour_car){0};
    for (uint32_t k = 0; k < trips; k++) {
        route_car_answer found = s->trips.trip[i + k].answer;
        route_car_answer mine = found;
        if (drives) {
            uint32_t leg = s->tour_leg[tour] + k;
            route_car_evaluate(s->w->car, &metric, legs->route.link + legs->route_first[leg],
                               legs_route_count(legs, leg), legs->departure_s[leg], &mine);
            o->keeps[k] = mine.cost_ds <= found.cost_ds ? 1 : 0;
        }
        const route_car_answer *better = o->keeps[k] != 0 ? &mine : &found;
        o->first[k] = s->trips.route_first[i + k];
        o->count[k] = found.link_count;
        best->time_ds += better->time_ds;
        best->money_nok += money_nok(s->w, better);
        present->time_ds += mine.time_ds;
        present->money_nok += money_nok(s->w, &mine);
    }
}

static bool draws_switch(const state *s, uint64_t id, double own_gap) {
    if (own_gap < gap_ignored || s->everybody) {
        return false;
    }
    rng_block b = rng_draw_at(s->key, id, DRAW_REPLAN, 1, s->day, 0);
    return b.word[0] * 0x1p-32 < own_gap / gap_certain;
}

// Fills gain, paid and the decision of a tour from present and best utilities.
static void weigh(const state *s, uint32_t tour, const double utility[MODE_COUNT], const tour_car *mine, option *o) {
    uint8_t present = s->p->tour.mode[tour];
    purpose u = (purpose)s->p->tour.purpose[tour];
    double minute = fabs(s->w->source->scenario.purpose[u].car_per_min);
    double best;
    mode choice = tour_cost_best(&s->out->cost, tour, utility, &best);
    o->mode = (uint8_t)choice;
    if (present == MODE_COUNT) {  // first day
        o->switching = 1;
        return;
    }
    double now = utility[present];
    if (present == MODE_PT && !isfinite(now)) {  // no vehicle has room any more
        o->switching = s->everybody ? 0 : 1;
        return;
    }
    if (present == MODE_CAR_DRIVER) {
        now = tour_cost_driver(&s->out->cost, s->w, s->p, tour, mine);
    } else if (present == MODE_CAR_PASSENGER) {
        return;  // has no alternative at all
    }
    double paid = (tour_cost_constant(s->w, u, (mode)present) - now) / minute;
    double gain = (best - (now + tour_cost_error(&s->out->cost, tour, (mode)present))) / minute;
    if (!(paid > 0.0) || !isfinite(paid) || !isfinite(gain)) {
        return;
    }
    o->paid_mmin = (int64_t)(paid * GAP_UNITS);
    o->gain_mmin = gain > 0.0 ? (int64_t)(gain * GAP_UNITS) : 0;
    o->switching = draws_switch(s, s->p->tour.id[tour], gain / paid) ? 1 : 0;
}

static void consider_tour(const state *s, uint32_t tour, option *o) {
    const tour_cost *c = &s->out->cost;
    tour_car best;
    tour_car present;
    *o = (option){0};
    car_ways_of(s, tour, o, &best, &present);
    double utility[MODE_COUNT];
    utility[MODE_CAR_DRIVER] = tour_cost_driver(c, s->w, s->p, tour, &best);
    utility[MODE_CAR_PASSENGER] = -HUGE_VAL;
    utility[MODE_PT] = tour_cost_fixed(c, tour, MODE_PT);
    utility[MODE_CYCLE] = tour_cost_fixed(c, tour, MODE_CYCLE);
    utility[MODE_WALK] = tour_cost_fixed(c, tour, MODE_WALK);
    weigh(s, tour, utility, &present, o);
}

// A flow vehicle compares its route with its group's best at its own departure.
static void weigh_flow(state *s, uint32_t v, option *o) {
    const legs_flow_vehicles *f = &s->out->flows;
    const option *g = &s->group[f->group[v]];
    const zone_flow *flow = &s->w->source->zones.flow[f->flow_ix[v]];
    const route_car_index *x = flow->vehicle == VEHICLE_LORRY ? s->w->lorry : s->w->car;
    const legs_set *legs = &s->out->legs;
    *o = (option){.first = {g->first[0]}, .count = {g->count[0]}, .switching = 1};
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
    double few = s->gap_pct > 0.0 ? 100.0 * switchers_max * gap_certain / s->gap_pct : 1.0;
    few = few < replan_share_max ? few : replan_share_max;
    share = s->day > 1 && few > share ? few : share;
    bool all = s->day == 0 || s->everybody;
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < n; i++) {
        uint64_t id = i < tours ? s->p->tour.id[i] : s->out->flows.id[i - tours];
        rng_block b = rng_draw_at(s->key, id, DRAW_REPLAN, 0, s->day, 0);
        bool decides = i >= tours || s->p->tour.lead_tour_ix[i] == IX_NONE;
        bool stranded =
            i < tours && s->p->tour.mode[i] == MODE_PT && !isfinite(tour_cost_fixed(&s->out->cost, i, MODE_PT));
        s->considered[i] = decides && (all || stranded || b.word[0] * 0x1p-32 < share) ? 1 : 0;
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
    TRY(find_ways(s, tour_items));
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < tour_items; i++) {
        consider_tour(s, s->item[i], &s->option[s->item[i]]);
    }
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
    for (uint32_t k = 0; k < plan_trip_count(s->p, tour); k++) {
        uint32_t trip = s->p->trip_first[tour] + k;
        legs_leg leg = {.departure_s = (uint32_t)s->p->trip.departure_s[trip],
                        .tour_ix = tour,
                        .trip_ix = trip,
                        .flow_ix = IX_NONE,
                        .vehicle = VEHICLE_CAR,
                        .traveller = (segment)person->segment[s->p->tour.person_ix[tour]]};
        bool new_way = fresh && o->keeps[k] == 0;
        const uint32_t *links = new_way ? s->fresh.link + o->first[k] : old->route.link + old->route_first[before + k];
        TRY(legs_set_add(next, &leg, links, new_way ? o->count[k] : legs_route_count(old, before + k)));
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
                    .trip_ix = IX_NONE,
                    .vehicle = flow->vehicle,
                    .traveller = flow->traveller};
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
    for (uint32_t t = 0; t < tours; t++) {
        uint32_t lead = s->p->tour.lead_tour_ix[t];
        if (lead != IX_NONE) {
            s->p->tour.mode[t] = (uint8_t)tour_cost_mode_with((mode)s->p->tour.mode[lead]);
        }
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

// Mode shares of residents' trips, by the modes of their tours, in percent; returns the largest change against `share`,
// which is updated.
static double update_shares(const state *s, double share[MODE_COUNT]) {
    uint32_t count[MODE_COUNT] = {0};
    uint32_t total = 0;
    for (uint32_t t = 0; t < s->p->tour.count; t++) {
        if (s->people->person.segment[s->p->tour.person_ix[t]] == SEGMENT_RESIDENT) {
            count[s->p->tour.mode[t]] += plan_trip_count(s->p, t);
            total += plan_trip_count(s->p, t);
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
    TRY(riders_board(&s->out->timetable, s->p, &s->out->cost, &s->out->riders));
    TRY(bus_add_stops(&s->out->buses, s->w->transit, s->out->riders.boarded, s->w->source->scenario.scale,
                      demand.leg_count, &s->day_arena, &demand));
    TRY(cyclists_find(s->w, s->people, s->p, &s->out->cyclists));
    TRY(cyclists_add(s->w, s->people, s->p, &s->out->cyclists, &s->day_arena, &demand));
    TRY(mobsim_run(s->mobsim, &demand, &s->out->traffic));
    CHECK(s->out->traffic.unbalanced_s == IX_NONE, ERR_INTERNAL,
          "traffic lost or invented a vehicle at second %u: this is a bug in the program",
          s->out->traffic.unbalanced_s);
    traveltime_update(&s->out->time, s->out->traffic.seen, s->out->traffic.turn_sum_ds,
                      s->w->source->scenario.time_smoothing);
    traveltime_repair(&s->out->time);
    return ERR_OK;
}

// Every few days, and before the loop ends, travellers look at when the buses really ran and which vehicles were full
// or crowded. True if that has changed.
// On the last day there is only the answer: nobody would act on it.
static err_code look_at_transit(state *s, bool ending, bool last_day, bool *changed) {
    *changed = false;
    bool left = riders_left(&s->out->riders) && (ending || s->day >= look_first);
    if (!ending && !left && s->day % look_days != look_first) {
        return ERR_OK;
    }
    transit kept;
    TRY(bus_shift_timetable(&s->out->buses, s->w->transit, &s->out->traffic, s->kept, &kept));
    bool other = bus_moved_share(&s->out->buses, &kept, &s->out->timetable) > shift_share ||
                 riders_changed(&s->out->timetable, &s->out->riders);
    *changed = left || (other && s->looks < looks_max);
    if (*changed && !last_day) {
        s->looks += left ? 0 : 1;
        s->out->timetable = kept;
        TRY(riders_look(s->w, &s->out->timetable, s->people, s->p, &s->out->cost, &s->out->riders));
    }
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
        bool late;
        TRY(look_at_transit(s, settled, s->day + 1 == limit, &late));
        settled = settled && !late;
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

static mobsim_params traffic_params(const scenario *sc) {
    return (mobsim_params){.wave_speed_kmh = sc->wave_speed_kmh,
                           .jam_spacing_m = sc->jam_spacing_m,
                           .stuck_s = (uint32_t)sc->stuck_s,
                           .lorry_pcu = sc->lorry_pcu,
                           .scale = sc->scale,
                           .end_s = (uint32_t)(sc->end_h * 3600.0)};
}

static err_code state_alloc(state *s, arena *a) {
    uint32_t n = s->p->tour.count + s->out->flows.count;
    uint32_t leg_capacity = s->p->trip.count + s->out->flows.count + s->out->buses.count;
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
    ARENA_NEW(a, s->tour_trip, s->p->tour.count);
    uint32_t trips = s->p->trip.count + s->out->flows.group_count;
    TRY(car_ways_trips_init(&s->trips, a, trips));
    car_ways_set_classes(s->w, &s->out->time, &s->classes);
    TRY(car_ways_init(s->w->roads, s->classes.count, trips, a, &s->ways));
    mobsim_params m = traffic_params(&s->w->source->scenario);
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
    TRY(cyclists_init(s->w, s->p, a, &s->out->cyclists));
    s->kept = a;
    s->out->timetable = *s->w->transit;
    TRY(riders_init(s->w, s->p, s->key, a, &s->out->riders));
    TRY(state_alloc(s, a));
    return iterate(s, r, year_ix, replication);
}

err_code equilibrium_run(const world_year *w, plan *p, const population *people, rng_key key, const traveltime *warm,
                         arena *a, result *r, uint32_t year_ix, uint32_t replication, equilibrium_out *out) {
    *out = (equilibrium_out){0};
    state s = {.w = w, .p = p, .people = people, .key = key, .out = out};
    memset(p->tour.mode, MODE_COUNT, p->tour.count);  // nobody has a route yet
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

err_code equilibrium_record(const world_year *w, const population *people, const plan *p, const equilibrium_out *e,
                            arena *a, uint32_t **entry_s) {
    mobsim *m;
    mobsim_result again;
    mobsim_params params = traffic_params(&w->source->scenario);
    mobsim_demand demand = legs_demand(&e->legs);
    ARENA_NEW(a, *entry_s, e->legs.route.count);
    TRY(mobsim_build(&w->network, &params, a, &m));
    TRY(mobsim_alloc_result(m, a, demand.leg_count, &again));
    TRY(mobsim_alloc_stops(a, bus_stop_count(&e->buses), &again));
    TRY(bus_add_stops(&e->buses, w->transit, e->riders.boarded, w->source->scenario.scale, demand.leg_count, a,
                      &demand));
    TRY(cyclists_add(w, people, p, &e->cyclists, a, &demand));
    mobsim_set_recorder(m, *entry_s);
    TRY(mobsim_run(m, &demand, &again));
    for (uint32_t i = 0; i < demand.leg_count; i++) {
        CHECK(again.arrival_s[i] == e->traffic.arrival_s[i], ERR_INTERNAL,
              "the same day of traffic gave another arrival: this is a bug in the program");
    }
    return ERR_OK;
}

void equilibrium_free(equilibrium_out *out) {
    legs_set_free(&out->legs);
    bus_free(&out->buses);
    cyclists_free(&out->cyclists);
}
