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

active_mode tour_cost_cycle(const population *people, const plan *p, uint32_t tour) {
    return people->person.cycle[p->tour.person_ix[tour]] == 2 ? ACTIVE_ECYCLE : ACTIVE_CYCLE;
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

enum { RESERVATIONS_MAX = 128 };  // car reservations of one household; tours beyond find no car

typedef struct reservation {
    uint32_t car;
    int32_t from_s;
    int32_t to_s;
} reservation;

// A car is away from departure until it is home again: the way home is allowed its free road distance at 40 km/h and
// ten minutes (assumption, generous), so that two drivers never need the same car at once.
static int32_t car_home_s(const world_year *w, const plan *p, uint32_t tour) {
    size_t cell = (size_t)w->place_slot[p->tour.destination_place_ix[tour]] * w->slot_count +
                  w->place_slot[p->tour.origin_place_ix[tour]];
    double metres = (double)w->los.distance_m[cell];
    double drive_s = isfinite(metres) ? metres / (40.0 / 3.6) + 600.0 : 7200.0;
    return p->tour.return_s[tour] + (int32_t)drive_s;
}

static bool car_is_free(const reservation *taken, uint32_t count, uint32_t car, int32_t from_s, int32_t to_s) {
    for (uint32_t i = 0; i < count; i++) {
        if (taken[i].car == car && from_s < taken[i].to_s && taken[i].from_s < to_s) {
            return false;
        }
    }
    return true;
}

// Order in which tours of a household get its cars: work and business, then escort, then the rest; earlier first.
static int64_t car_rank(const plan *p, uint32_t tour) {
    static const int64_t by_purpose[PURPOSE_COUNT] = {[PURPOSE_WORK] = 0, [PURPOSE_BUSINESS] = 0, [PURPOSE_ESCORT] = 1,
                                                      [PURPOSE_SHOP] = 2, [PURPOSE_LEISURE] = 2,  [PURPOSE_SCHOOL] = 2};
    return by_purpose[p->tour.purpose[tour]] * 1000000 + p->tour.departure_s[tour];
}

// Reserves the household's cars for tours of licence holders, one after another by rank (ties by tour ix). A tour with
// a reservation may choose to drive; whether it does or not, nobody else gets that car at that time.
static void reserve_cars(const world_year *w, const population *people, const plan *p, uint32_t household,
                         uint8_t *driver_ok) {
    const household_columns *h = &people->household;
    uint32_t first = p->tour_first[h->person_first[household]];
    uint32_t last = p->tour_first[h->person_first[household] + h->size[household]];
    reservation taken[RESERVATIONS_MAX];
    uint32_t count = 0;
    int64_t done_rank = -1;
    uint32_t done_tour = 0;
    for (uint32_t k = first; k < last; k++) {
        uint32_t next = IX_NONE;  // selection in rank order: households have few tours
        for (uint32_t t = first; t < last; t++) {
            int64_t rank = car_rank(p, t);
            bool after = rank > done_rank || (rank == done_rank && t > done_tour);
            if (after && (next == IX_NONE || rank < car_rank(p, next))) {
                next = t;
            }
        }
        done_rank = car_rank(p, next);
        done_tour = next;
        int32_t from_s = p->tour.departure_s[next];
        int32_t to_s = car_home_s(w, p, next);
        bool wants = people->person.licence[p->tour.person_ix[next]] != 0 && count < RESERVATIONS_MAX;
        for (uint32_t car = 0; wants && car < h->cars[household]; car++) {
            if (car_is_free(taken, count, car, from_s, to_s)) {
                taken[count++] = (reservation){.car = car, .from_s = from_s, .to_s = to_s};
                driver_ok[next] = 1;
                break;
            }
        }
    }
}

static void assign_cars(const world_year *w, const population *people, const plan *p, uint8_t *driver_ok) {
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < people->household.count; i++) {
        reserve_cars(w, people, p, i, driver_ok);
    }
    for (uint32_t t = 0; t < p->tour.count; t++) {
        uint32_t person = p->tour.person_ix[t];
        if (people->person.household_ix[person] == IX_NONE) {
            driver_ok[t] = people->person.licence[person];
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
    const uint32_t *ride = w->perceived_ds[tour_cost_cycle(people, p, tour)];
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
    double fare = world_year_fare_nok(w, from, to, (age_group)people->person.age[person],
                                      people->person.season_pass[person] != 0);
    utility[MODE_PT] = c->asc_pt + c->pt_per_min * 0.5 * (out_min + back_min) + c->cost_per_nok * fare;
    *walk_min = (float)((out.walk_s + back.walk_s) / 60.0);
}

static void tour_row(const world_year *w, const population *people, const plan *p, rng_key key, route_transit_query *q,
                     uint32_t tour, tour_cost *out) {
    double *utility = out->utility + (size_t)tour * MODE_COUNT;
    uint32_t person = p->tour.person_ix[tour];
    uint32_t zone = w->source->zones.place.zone_ix[p->tour.destination_place_ix[tour]];
    purpose u = (purpose)p->tour.purpose[tour];
    const scenario *s = &w->source->scenario;
    const purpose_params *c = &s->purpose[u];
    double search_min = (double)w->source->zones.zone.parking_search_s[zone] / 60.0;
    double parking_nok = world_year_parking_nok(w, p->tour.destination_place_ix[tour]);
    double terminal_min = s->car_access_min + 0.5 * search_min;  // searching happens on the way out only
    utility[MODE_CAR_DRIVER] = c->car_per_min * terminal_min + c->cost_per_nok * 0.5 * parking_nok;
    utility[MODE_CAR_PASSENGER] = c->asc_car_passenger + c->car_per_min * s->car_access_min;
    active_utilities(w, people, p, tour, utility);
    transit_utility(w, people, p, q, tour, utility, &out->pt_walk_min[tour]);
    out->ride_ok[tour] = can_ride(people, person) ? 1 : 0;
    choice_tree tree = world_year_choice_tree(c);
    choice_frozen_errors(&tree, key, p->tour.id[tour], out->error + (size_t)tour * MODE_COUNT);
}

err_code tour_cost_build(const world_year *w, const population *people, const plan *p, rng_key key, arena *a,
                         tour_cost *out) {
    uint32_t n = p->tour.count;
    *out = (tour_cost){.count = n};
    ARENA_NEW(a, out->utility, (size_t)n * MODE_COUNT);
    ARENA_NEW(a, out->error, (size_t)n * MODE_COUNT);
    ARENA_NEW(a, out->driver_ok, n);
    ARENA_NEW(a, out->ride_ok, n);
    ARENA_NEW(a, out->pt_walk_min, n);
    assign_cars(w, people, p, out->driver_ok);
    route_transit_query **query;
    int threads = par_thread_count();
    ARENA_NEW(a, query, threads);
    for (int i = 0; i < threads; i++) {
        TRY(route_transit_query_init(w->transit, a, &query[i]));
    }
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < n; i++) {
        tour_row(w, people, p, key, query[par_thread_ix()], i, out);
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
