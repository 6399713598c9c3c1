#include "model/chain.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/par.h"
#include "chain_internal.h"

enum { GATE_TICK_SHIFT = 14 };

static const uint8_t CLASS_ALLOW[VEHICLE_CLASS_COUNT] = {
    [VEHICLE_CAR] = ALLOW_CAR, [VEHICLE_LORRY] = ALLOW_LORRY, [VEHICLE_BUS] = ALLOW_BUS};

// ------------------------------------------------------------------------------------------------ routes

chain_fault chain_check_route(const network *n, uint32_t start_link, const uint32_t *route, uint32_t count,
                              vehicle_class vehicle, uint32_t *position) {
    *position = 0;
    if (start_link >= n->link.count) {
        return CHAIN_UNKNOWN_LINK;
    }
    uint32_t at_link = start_link;
    for (uint32_t i = 0; i < count; i++) {
        *position = i;
        if (route[i] >= n->link.count) {
            return CHAIN_UNKNOWN_LINK;
        }
        if ((n->link.allowed[route[i]] & CLASS_ALLOW[vehicle]) == 0) {
            return CHAIN_CLOSED;
        }
        if (n->link.from_ix[route[i]] != n->link.to_ix[at_link]) {
            return CHAIN_GAP;
        }
        if (turn_is_forbidden(&n->turn, at_link, route[i])) {
            return CHAIN_TURN;
        }
        at_link = route[i];
    }
    return CHAIN_OK;
}

const char *chain_fault_text(chain_fault fault) {
    static const char *const texts[CHAIN_FAULT_COUNT] = {"can be driven",
                                                         "have no route",
                                                         "name a link or node that is not in the network",
                                                         "use a link that is closed to their vehicle",
                                                         "have a route with a gap",
                                                         "take a forbidden turn"};
    return (unsigned)fault < CHAIN_FAULT_COUNT ? texts[fault] : "?";
}

// ------------------------------------------------------------------------------------------------ demand

typedef struct person_key {
    const char *id;
    uint32_t ix;
} person_key;

static int descending(const void *left, const void *right) {
    const person_key *a = left, *b = right;
    int order = strcmp(b->id, a->id);
    return order != 0 ? order : (a->ix > b->ix) - (a->ix < b->ix);
}

static bool is_ride(const chain_leg *leg) {
    return leg->kind == CHAIN_DRIVE && leg->route_count > 0;
}

static uint32_t free_flow_s(const network *n, const uint32_t *route, uint32_t count) {
    uint64_t sum_ds = 10;  // the second in which it leaves its start link
    for (uint32_t i = 0; i < count; i++) {
        sum_ds += traveltime_free_ds(n, route[i]);
    }
    return sum_ds / 10 < DAY_MAX_S ? (uint32_t)(sum_ds / 10) : DAY_MAX_S;
}

static void add_ride(chain_work *w, uint32_t leg_ix) {
    const chain_leg *leg = &w->plans->leg[leg_ix];
    const uint32_t *route = w->plans->route_link + leg->route_first;
    uint32_t k = w->demand.leg_count++;
    uint32_t first = w->route_first[k];
    w->ride[k] = (chain_ride){leg_ix, IX_NONE, free_flow_s(w->network, route, leg->route_count)};
    w->ride_of[leg_ix] = k;
    memcpy(w->route_link + first, route, leg->route_count * sizeof *route);
    w->route_first[k + 1] = first + leg->route_count;
    w->vehicle[k] = leg->vehicle;
    w->result->entry_first[leg_ix] = first;
}

// rides and links with the buses.
static err_code alloc_work(chain_work *w, arena *a, uint32_t rides, uint32_t links) {
    const chain_plans *p = w->plans;
    chain_result *r = w->result;
    ARENA_NEW(a, r->departure_s, p->leg_count);
    ARENA_NEW(a, r->arrival_s, p->leg_count);
    ARENA_NEW(a, r->outcome, p->leg_count);
    ARENA_NEW(a, r->entry_first, p->leg_count);
    ARENA_NEW(a, r->entry_s, links);
    ARENA_NEW(a, w->ride_of, p->leg_count);
    ARENA_NEW(a, w->ride, rides);
    ARENA_NEW(a, w->departure_s, rides);
    ARENA_NEW(a, w->route_first, (size_t)rides + 1);
    ARENA_NEW(a, w->route_link, links);
    ARENA_NEW(a, w->vehicle, rides);
    ARENA_NEW(a, w->gate_tick, w->network->link.count);
    ARENA_NEW(a, w->key, rides);
    ARENA_NEW(a, w->order, rides);
    return ERR_OK;
}

static err_code check_ride(const chain_work *w, uint32_t person, uint32_t leg_ix) {
    const chain_leg *leg = &w->plans->leg[leg_ix];
    uint32_t position = 0;
    CHECK(leg->vehicle < VEHICLE_CLASS_COUNT, ERR_REFERENCE, "person '%.60s': vehicle class %u does not exist",
          w->plans->person_id[person], leg->vehicle);
    chain_fault fault = chain_check_route(w->network, leg->start_link, w->plans->route_link + leg->route_first,
                                          leg->route_count, (vehicle_class)leg->vehicle, &position);
    CHECK(fault == CHAIN_OK, ERR_REFERENCE, "person '%.60s', leg %u: link %u of its route cannot be driven",
          w->plans->person_id[person], leg_ix - w->plans->leg_first[person] + 1, position + 1);
    return ERR_OK;
}

static err_code make_demand(chain_work *w, arena *a) {
    const chain_plans *p = w->plans;
    person_key *person;
    uint32_t rides = 0, links = 0;
    for (uint32_t leg = 0; leg < p->leg_count; leg++) {
        rides += is_ride(&p->leg[leg]);
        links += is_ride(&p->leg[leg]) ? p->leg[leg].route_count : 0;
    }
    TRY(alloc_work(w, a, rides + w->bus_count, links + w->bus_links));
    ARENA_NEW(a, person, p->person_count);
    for (uint32_t i = 0; i < p->person_count; i++) {
        person[i] = (person_key){p->person_id[i], i};
    }
    qsort(person, p->person_count, sizeof *person, descending);
    for (uint32_t i = 0; i < p->person_count; i++) {
        for (uint32_t leg = p->leg_first[person[i].ix]; leg < p->leg_first[person[i].ix + 1]; leg++) {
            w->ride_of[leg] = w->result->entry_first[leg] = IX_NONE;
            if (is_ride(&p->leg[leg])) {
                TRY(check_ride(w, person[i].ix, leg));
                add_ride(w, leg);
            }
        }
    }
    w->ride_count = rides;
    w->demand = (mobsim_demand){.leg_count = rides,
                                .departure_s = w->departure_s,
                                .route_first = w->route_first,
                                .route_link = w->route_link,
                                .vehicle = w->vehicle};
    return ERR_OK;
}

// -------------------------------------------------------------------------------------------------- days

// When a leg departs whose person is free from at_s on; IX_NONE = never.
static uint32_t departure_after(const chain_leg *leg, uint32_t at_s) {
    if (leg->end_s != IX_NONE) {
        return leg->end_s > at_s ? leg->end_s : at_s;
    }
    if (leg->stay_s == IX_NONE) {
        return IX_NONE;
    }
    return at_s + (leg->stay_s < DAY_MAX_S ? leg->stay_s : DAY_MAX_S);
}

// Arrival of a leg that departs now, as far as the last run knows; IX_NONE = it did not arrive there.
static uint32_t expected_arrival(const chain_work *w, uint32_t leg_ix, uint32_t departure_s) {
    const chain_leg *leg = &w->plans->leg[leg_ix];
    uint32_t k = w->ride_of[leg_ix];
    uint32_t trip_s = k != IX_NONE ? w->ride[k].trip_s : leg->kind == CHAIN_DRIVE ? 0 : leg->travel_s;
    if (trip_s == IX_NONE) {
        return IX_NONE;
    }
    return departure_s + (trip_s < DAY_MAX_S ? trip_s : DAY_MAX_S);
}

uint32_t chain_go_on(const chain_work *w, uint32_t leg, uint32_t end, uint32_t at_s) {
    const chain_plans *p = w->plans;
    chain_result *r = w->result;
    for (; leg < end; leg++) {
        uint32_t departure_s = at_s == IX_NONE ? IX_NONE : departure_after(&p->leg[leg], at_s);
        bool starts = departure_s != IX_NONE && departure_s < w->params->end_s;
        r->departure_s[leg] = starts ? departure_s : IX_NONE;
        r->arrival_s[leg] = IX_NONE;
        if (starts && chain_is_rider(w, leg)) {
            return leg;
        }
        at_s = starts ? expected_arrival(w, leg, departure_s) : IX_NONE;
        r->arrival_s[leg] = at_s != IX_NONE && at_s < w->params->end_s ? at_s : IX_NONE;
        at_s = r->arrival_s[leg];
    }
    return IX_NONE;
}

// Departures and expected arrivals of everybody, as the last run makes them; how many are other than it had them.
static err_code plan_day(chain_work *w, uint32_t *changed) {
    const chain_plans *p = w->plans;
    *changed = 0;
#pragma omp parallel for schedule(runtime)
    for (uint32_t person = 0; person < p->person_count; person++) {
        uint32_t waits = chain_go_on(w, p->leg_first[person], p->leg_first[person + 1], 0);
        w->pending[person] = waits;
        for (uint32_t leg = waits; waits != IX_NONE && leg < p->leg_first[person + 1]; leg++) {
            w->result->departure_s[leg] = leg == waits ? w->result->departure_s[leg] : IX_NONE;
            w->result->arrival_s[leg] = IX_NONE;
        }
    }
    if (w->transit != NULL) {
        TRY(chain_transit_day(w, changed));
    }
    for (uint32_t k = 0; k < w->ride_count; k++) {
        *changed += w->ride[k].departure_s != w->result->departure_s[w->ride[k].leg];
    }
    return ERR_OK;
}

// Rides leave their start link a headway apart, in the order of the demand within a second.
static err_code pass_gates(chain_work *w) {
    uint32_t rides = w->ride_count;
    for (uint32_t k = 0; k < rides; k++) {
        w->ride[k].departure_s = w->result->departure_s[w->ride[k].leg];
        w->key[k] = w->ride[k].departure_s;
        w->order[k] = k;
    }
    TRY(par_sort_u64(w->key, rides, w->order));
    memset(w->gate_tick, 0, w->network->link.count * sizeof *w->gate_tick);
    for (uint32_t i = 0; i < rides; i++) {
        uint32_t k = w->order[i];
        if (w->ride[k].departure_s == IX_NONE) {
            w->departure_s[k] = IX_NONE;
            continue;
        }
        uint32_t start = w->plans->leg[w->ride[k].leg].start_link;
        double capacity_vph = (double)w->network->link.capacity_vph[start] * w->params->scale;
        double pcu = w->vehicle[k] == VEHICLE_LORRY ? w->params->lorry_pcu : 1;
        double headway_s = 3600 * pcu / (capacity_vph > 1 ? capacity_vph : 1);
        uint64_t free_tick = ((uint64_t)w->ride[k].departure_s + 1) << GATE_TICK_SHIFT;
        uint64_t tick = w->gate_tick[start] > free_tick ? w->gate_tick[start] : free_tick;
        w->gate_tick[start] = tick + (uint64_t)(headway_s * (1 << GATE_TICK_SHIFT) + 0.5);
        uint64_t leave_s = tick >> GATE_TICK_SHIFT;
        w->departure_s[k] = leave_s < DAY_MAX_S ? (uint32_t)leave_s : DAY_MAX_S;
    }
    return ERR_OK;
}

static void take_trips(chain_work *w) {
    for (uint32_t k = 0; k < w->ride_count; k++) {
        uint32_t arrival_s = w->result->mobsim.arrival_s[k];
        chain_ride *ride = &w->ride[k];
        if (ride->departure_s != IX_NONE) {  // otherwise what was expected of it stays
            ride->trip_s = arrival_s == IX_NONE ? IX_NONE : arrival_s - ride->departure_s;
        }
    }
}

static void set_outcome(const chain_work *w, uint32_t leg_ix) {
    chain_result *r = w->result;
    uint8_t kind = w->plans->leg[leg_ix].kind;
    bool rides = chain_is_rider(w, leg_ix);
    bool unfit = kind == CHAIN_UNUSABLE || (w->transit != NULL && w->plans->leg[leg_ix].wish != NULL && !rides);
    bool waits = rides && r->transit.boarded[leg_ix] == IX_NONE;
    chain_outcome arrived = rides ? CHAIN_SERVED : kind == CHAIN_TELEPORT ? CHAIN_WAS_TELEPORTED : CHAIN_ARRIVED;
    chain_outcome outcome = r->arrival_s[leg_ix] != IX_NONE     ? arrived
                            : r->departure_s[leg_ix] == IX_NONE ? CHAIN_NOT_STARTED
                            : waits                             ? CHAIN_LEFT_WAITING
                                                                : CHAIN_UNDER_WAY;
    r->outcome[leg_ix] = (uint8_t)(unfit ? CHAIN_WAS_UNUSABLE : outcome);
}

err_code chain_run(const network *n, const mobsim_params *p, const chain_plans *plans, const schedule *s,
                   uint32_t rounds_max, arena *a, chain_result *r) {
    *r = (chain_result){0};
    mobsim_params params = *p;
    params.bus_pcu = p->bus_pcu > 0 || s == NULL ? p->bus_pcu : schedule_mean_pcu(s);
    chain_work w = {.network = n, .params = &params, .plans = plans, .schedule = s, .result = r};
    mobsim *m;
    ARENA_NEW(a, w.pending, plans->person_count);
    chain_transit_count(&w);
    TRY(make_demand(&w, a));
    if (s != NULL) {
        TRY(chain_transit_build(&w, a));
    }
    TRY(mobsim_build(n, &params, a, &m));
    TRY(mobsim_alloc_result(m, a, w.demand.leg_count, &r->mobsim));
    if (w.bus_count > 0) {
        TRY(mobsim_alloc_stops(a, w.demand.stop_first[w.demand.leg_count], &r->mobsim));
    }
    mobsim_set_recorder(m, r->entry_s);
    TRY(plan_day(&w, &r->unsettled));
    do {
        TRY(log_check_interrupt());
        TRY(pass_gates(&w));
        TRY(mobsim_run(m, &w.demand, &r->mobsim));
        take_trips(&w);
        r->rounds++;
        TRY(plan_day(&w, &r->unsettled));
    } while (r->unsettled > 0 && r->rounds < rounds_max);
    for (uint32_t leg = 0; leg < plans->leg_count; leg++) {
        set_outcome(&w, leg);
    }
    if (s != NULL) {
        chain_transit_sum_up(&w);
    }
    return ERR_OK;
}
