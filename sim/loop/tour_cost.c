#include "loop/tour_cost.h"

#include <math.h>

#include "base/dmath.h"
#include "base/par.h"

// The time until the first departure is felt at 0.6 of its length: 0.3 x headway on average (HELMET's hidden wait,
// time_weights.csv), since the mean shift to the next departure is half a headway.
static const double shift_weight = 0.6;

route_car_metric tour_cost_metric(const world_year *w, const traveltime *time, purpose u) {
    const purpose_params *c = &w->source->scenario.purpose[u];
    return (route_car_metric){
        .time = time, .cost_nok_per_km = w->car_cost_nok_per_km, .nok_per_h = 60.0 * c->car_per_min / c->cost_per_nok};
}

double tour_cost_constant(const world_year *w, purpose u, mode m) {
    const purpose_params *c = &w->source->scenario.purpose[u];
    double season = w->source->scenario.cycle_season_factor;
    switch (m) {
        case MODE_CAR_PASSENGER:
            return c->asc_car_passenger;
        case MODE_PT:
            return c->asc_pt;
        case MODE_CYCLE:  // a season factor of 0.5 halves the odds of cycling
            return c->asc_cycle + (season > 0.0 ? dmath_log(season) : -HUGE_VAL);
        case MODE_WALK:
            return c->asc_walk;
        default:
            return 0.0;
    }
}

static double journey_minutes(const scenario *s, const route_transit_journey *j, int32_t desired_s) {
    double transfers = j->boardings > 1 ? (double)(j->boardings - 1) : 0.0;
    return (j->on_board_s + s->pt_walk_weight * j->walk_s + s->pt_wait_weight * j->wait_s +
            shift_weight * (j->departure_s - desired_s)) /
               60.0 +
           s->pt_transfer_min * transfers;
}

bool tour_cost_transit(const world_year *w, route_transit_query *q, uint32_t from_place, uint32_t to_place,
                       int32_t departure_s, route_transit_journey *journey, double *minutes) {
    const scenario *s = &w->source->scenario;
    uint32_t from = w->place_slot[from_place];
    uint32_t to = w->place_slot[to_place];
    route_transit_journey front[ROUTE_TRANSIT_ROUNDS_MAX];
    uint32_t rounds = (uint32_t)s->transit_boardings_max;
    uint32_t n = route_transit_run(w->transit, q, w->access + w->access_first[from],
                                   w->access_first[from + 1] - w->access_first[from], w->access + w->access_first[to],
                                   w->access_first[to + 1] - w->access_first[to], departure_s, rounds, front);
    double best = HUGE_VAL;
    for (uint32_t i = 0; i < n; i++) {
        double m = journey_minutes(s, &front[i], departure_s);
        if (front[i].boardings > 0 && m < best) {
            best = m;
            *journey = front[i];
        }
    }
    if (minutes != NULL) {
        *minutes = best;
    }
    return best < HUGE_VAL;
}

// The main user of each household car: employed licence holders first, then the others, by id.
static void assign_cars(const population *people, uint8_t *has_car) {
    const household_columns *h = &people->household;
    const person_columns *p = &people->person;
    for (uint32_t i = 0; i < h->count; i++) {
        for (uint32_t car = 0; car < h->cars[i]; car++) {
            uint32_t best = IX_NONE;
            for (uint32_t k = h->person_first[i]; k < h->person_first[i] + h->size[i]; k++) {
                bool candidate = p->licence[k] != 0 && has_car[k] == 0;
                if (candidate && (best == IX_NONE || p->employed[k] > p->employed[best] ||
                                  (p->employed[k] == p->employed[best] && p->id[k] < p->id[best]))) {
                    best = k;
                }
            }
            if (best != IX_NONE) {
                has_car[best] = 1;
            }
        }
    }
    for (uint32_t k = 0; k < p->count; k++) {
        if (p->household_ix[k] == IX_NONE) {
            has_car[k] = p->licence[k];
        }
    }
}

// Someone else in the household can drive one of its cars; visitors can always be driven.
static bool can_ride(const population *people, uint32_t person) {
    uint32_t h = people->person.household_ix[person];
    if (h == IX_NONE) {
        return true;
    }
    uint32_t first = people->household.person_first[h];
    for (uint32_t k = first; k < first + people->household.size[h]; k++) {
        if (k != person && people->person.licence[k] != 0 && people->household.cars[h] > 0) {
            return true;
        }
    }
    return false;
}

static void active_utilities(const world_year *w, const population *people, const plan *p, uint32_t tour,
                             double *utility) {
    uint32_t person = p->tour.person_ix[tour];
    purpose u = (purpose)p->tour.purpose[tour];
    const purpose_params *c = &w->source->scenario.purpose[u];
    uint32_t from = w->place_slot[p->tour.origin_place_ix[tour]];
    uint32_t to = w->place_slot[p->tour.destination_place_ix[tour]];
    size_t out = (size_t)from * w->slot_count + to;
    size_t back = (size_t)to * w->slot_count + from;
    const uint32_t *walk = w->time_ds[ACTIVE_WALK];
    utility[MODE_WALK] = -HUGE_VAL;
    if (walk[out] != IX_NONE && walk[back] != IX_NONE) {
        utility[MODE_WALK] =
            tour_cost_constant(w, u, MODE_WALK) + c->walk_per_min * ((double)walk[out] + walk[back]) / 1200.0;
    }
    const uint32_t *ride = w->perceived_ds[people->person.cycle[person] == 2 ? ACTIVE_ECYCLE : ACTIVE_CYCLE];
    utility[MODE_CYCLE] = -HUGE_VAL;
    if (people->person.cycle[person] != 0 && ride[out] != IX_NONE && ride[back] != IX_NONE) {
        utility[MODE_CYCLE] =
            tour_cost_constant(w, u, MODE_CYCLE) + c->cycle_per_min * ((double)ride[out] + ride[back]) / 1200.0;
    }
}

static void transit_utility(const world_year *w, const population *people, const plan *p, route_transit_query *q,
                            uint32_t tour, double *utility, float *walk_min) {
    uint32_t person = p->tour.person_ix[tour];
    uint32_t from = p->tour.origin_place_ix[tour];
    uint32_t to = p->tour.destination_place_ix[tour];
    purpose u = (purpose)p->tour.purpose[tour];
    const purpose_params *c = &w->source->scenario.purpose[u];
    route_transit_journey out, back;
    double out_min, back_min;
    utility[MODE_PT] = -HUGE_VAL;
    *walk_min = 0.0F;
    if (!tour_cost_transit(w, q, from, to, p->tour.departure_s[tour], &out, &out_min) ||
        !tour_cost_transit(w, q, to, from, p->tour.return_s[tour], &back, &back_min)) {
        return;
    }
    uint8_t age = people->person.age[person];
    bool reduced = age <= AGE_16_19 || age >= AGE_67_79;
    double fare = world_year_fare_nok(w, from, to, reduced, people->person.season_pass[person] != 0);
    utility[MODE_PT] = c->asc_pt + c->pt_per_min * 0.5 * (out_min + back_min) + c->cost_per_nok * fare;
    *walk_min = (float)((out.walk_s + back.walk_s) / 60.0);
}

static void tour_row(const world_year *w, const population *people, const plan *p, const uint8_t *has_car, rng_key key,
                     route_transit_query *q, uint32_t tour, tour_cost *out) {
    double *utility = out->utility + (size_t)tour * MODE_COUNT;
    uint32_t person = p->tour.person_ix[tour];
    uint32_t zone = w->source->zones.place.zone_ix[p->tour.destination_place_ix[tour]];
    purpose u = (purpose)p->tour.purpose[tour];
    const scenario *s = &w->source->scenario;
    const purpose_params *c = &s->purpose[u];
    double search_min = (double)w->source->zones.zone.parking_search_s[zone] / 60.0;
    double parking_nok =
        (double)w->zone_parking_nok[zone] + (w->source->zones.zone.outside[zone] != 0 ? s->outside_parking_nok : 0.0);
    double terminal_min = s->car_access_min + 0.5 * search_min;  // searching happens on the way out only
    utility[MODE_CAR_DRIVER] = c->car_per_min * terminal_min + c->cost_per_nok * 0.5 * parking_nok;
    utility[MODE_CAR_PASSENGER] = c->asc_car_passenger + c->car_per_min * s->car_access_min;
    active_utilities(w, people, p, tour, utility);
    transit_utility(w, people, p, q, tour, utility, &out->pt_walk_min[tour]);
    out->driver_ok[tour] = has_car[person];
    out->ride_ok[tour] = can_ride(people, person) ? 1 : 0;
    choice_tree tree = world_year_choice_tree(c);
    choice_frozen_errors(&tree, key, p->tour.id[tour], out->error + (size_t)tour * MODE_COUNT);
}

err_code tour_cost_build(const world_year *w, const population *people, const plan *p, rng_key key, arena *a,
                         tour_cost *out) {
    uint32_t n = p->tour.count;
    uint8_t *has_car;
    *out = (tour_cost){.count = n};
    ARENA_NEW(a, out->utility, (size_t)n * MODE_COUNT);
    ARENA_NEW(a, out->error, (size_t)n * MODE_COUNT);
    ARENA_NEW(a, out->driver_ok, n);
    ARENA_NEW(a, out->ride_ok, n);
    ARENA_NEW(a, out->pt_walk_min, n);
    ARENA_NEW(a, has_car, people->person.count);
    assign_cars(people, has_car);
    route_transit_query **query;
    int threads = par_thread_count();
    ARENA_NEW(a, query, threads);
    for (int i = 0; i < threads; i++) {
        TRY(route_transit_query_init(w->transit, a, &query[i]));
    }
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < n; i++) {
        tour_row(w, people, p, has_car, key, query[par_thread_ix()], i, out);
    }
    return ERR_OK;
}

double tour_cost_driver(const tour_cost *c, const world_year *w, const plan *p, uint32_t tour, const tour_car *car) {
    if (c->driver_ok[tour] == 0 || car->time_ds == IX_NONE) {
        return -HUGE_VAL;
    }
    const purpose_params *u = &w->source->scenario.purpose[p->tour.purpose[tour]];
    return c->utility[(size_t)tour * MODE_COUNT + MODE_CAR_DRIVER] + u->car_per_min * car->time_ds / 1200.0 +
           u->cost_per_nok * 0.5 * car->money_nok;
}

double tour_cost_passenger(const tour_cost *c, const world_year *w, const plan *p, uint32_t tour, const tour_car *car) {
    if (c->ride_ok[tour] == 0 || car->time_ds == IX_NONE) {
        return -HUGE_VAL;
    }
    const purpose_params *u = &w->source->scenario.purpose[p->tour.purpose[tour]];
    return c->utility[(size_t)tour * MODE_COUNT + MODE_CAR_PASSENGER] + u->car_per_min * car->time_ds / 1200.0;
}

double tour_cost_fixed(const tour_cost *c, uint32_t tour, mode m) {
    ASSERT(m == MODE_PT || m == MODE_CYCLE || m == MODE_WALK);
    return c->utility[(size_t)tour * MODE_COUNT + m];
}

mode tour_cost_best(const tour_cost *c, uint32_t tour, const double utility[MODE_COUNT], double *best) {
    const double *error = c->error + (size_t)tour * MODE_COUNT;
    mode choice = MODE_CAR_PASSENGER;
    *best = -HUGE_VAL;
    for (int m = 0; m < MODE_COUNT; m++) {
        double u = utility[m] + error[m];
        if (u > *best) {
            *best = u;
            choice = (mode)m;
        }
    }
    return choice;
}
