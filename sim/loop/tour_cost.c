#include "loop/tour_cost.h"

#include <math.h>
#include <string.h>

#include "base/dmath.h"
#include "base/par.h"

// Time until the first departure, by the recommended concave curve of headways H (time_weights.csv REC.wait_first):
// 1.5 times H/2 up to 10 min, then 5 + (H - 10)/4. The mean wait is half a headway, so a minute of it weighs 1.5 up to
// 5 min and 0.75 beyond; in the mean over departures that is within 1 min of the curve for H from 5 to 60 min.
static const double shift_near_s = 300.0;
static const double shift_near_weight = 1.5;
static const double shift_far_weight = 0.75;
static const double ride_mps = 40.0 / 3.6;  // assumption: 40 km/h, as people plan (model/activity_day.c)

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

static double journey_minutes(const scenario *s, const tour_cost_search *x, const route_transit_journey *j,
                              int32_t desired_s) {
    double transfers = j->boardings > 1 ? (double)(j->boardings - 1) : 0.0;
    double shift_s = j->departure_s - desired_s;
    double on_board_s = x->crowd != NULL ? route_transit_crowded_s(x->t, j, x->crowd) : j->on_board_s;
    return (on_board_s + s->pt_walk_weight * j->walk_s + s->pt_wait_weight * j->wait_s +
            shift_near_weight * fmin(shift_s, shift_near_s) + shift_far_weight * fmax(0.0, shift_s - shift_near_s)) /
               60.0 +
           s->pt_transfer_min * transfers;
}

err_code tour_cost_search_init(const transit *t, const tour_cost_riding *riding, arena *a, tour_cost_search *out) {
    *out = (tour_cost_search){.t = t, .crowd = riding->crowd, .full = riding->full};
    TRY(route_transit_query_init(t, a, &out->query));
    if (riding->full != NULL) {
        uint32_t events = transit_event_count(t);
        ARENA_NEW(a, out->denied, events);
        memcpy(out->denied, riding->full, events);
        route_transit_deny(out->query, out->denied);
    }
    return ERR_OK;
}

void tour_cost_search_hold(tour_cost_search *s, const uint32_t *board_event, bool hold) {
    for (int i = 0; s->denied != NULL && i < ROUTE_TRANSIT_ROUNDS_MAX && board_event[i] != IX_NONE; i++) {
        s->denied[board_event[i]] = hold ? 0 : s->full[board_event[i]];
    }
}

bool tour_cost_transit(const world_year *w, const tour_cost_search *x, uint32_t from_place, uint32_t to_place,
                       int32_t departure_s, route_transit_journey *journey, double *minutes) {
    const scenario *s = &w->source->scenario;
    uint32_t from = w->place_slot[from_place];
    uint32_t to = w->place_slot[to_place];
    route_transit_journey front[ROUTE_TRANSIT_ROUNDS_MAX];
    uint32_t rounds = (uint32_t)s->transit_boardings_max;
    uint32_t n = route_transit_run(x->t, x->query, w->access + w->access_first[from],
                                   w->access_first[from + 1] - w->access_first[from], w->access + w->access_first[to],
                                   w->access_first[to + 1] - w->access_first[to], departure_s, rounds, front);
    double best = HUGE_VAL;
    for (uint32_t i = 0; i < n; i++) {
        double m = journey_minutes(s, x, &front[i], departure_s);
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

// A car is away from departure until it is home again: the last way home is allowed its free road distance at 40 km/h
// and ten minutes (assumption, generous), so that two drivers never need the same car at once.
int32_t tour_cost_car_home_s(const activity_los *los, const plan *p, uint32_t tour) {
    uint32_t last = p->trip_first[tour + 1] - 1;
    size_t cell = (size_t)los->place_slot[p->trip.from_place_ix[last]] * los->slot_count +
                  los->place_slot[p->trip.to_place_ix[last]];
    double metres = (double)los->distance_m[cell];
    double drive_s = isfinite(metres) ? metres / (40.0 / 3.6) + 600.0 : 7200.0;
    return p->trip.departure_s[last] + (int32_t)drive_s;
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
static void reserve_cars(const activity_los *los, const population *people, const plan *p, uint32_t household,
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
        int32_t to_s = tour_cost_car_home_s(los, p, next);
        bool wants = people->person.licence[p->tour.person_ix[next]] != 0 && p->tour.lead_tour_ix[next] == IX_NONE &&
                     count < RESERVATIONS_MAX;
        for (uint32_t car = 0; wants && car < h->cars[household]; car++) {
            if (car_is_free(taken, count, car, from_s, to_s)) {
                taken[count++] = (reservation){.car = car, .from_s = from_s, .to_s = to_s};
                driver_ok[next] = 1;
                break;
            }
        }
    }
}

void tour_cost_reserve_cars(const activity_los *los, const population *people, const plan *p, uint8_t *driver_ok) {
    memset(driver_ok, 0, p->tour.count);
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < people->household.count; i++) {
        reserve_cars(los, people, p, i, driver_ok);
    }
    for (uint32_t t = 0; t < p->tour.count; t++) {
        uint32_t person = p->tour.person_ix[t];
        if (people->person.household_ix[person] == IX_NONE && p->tour.lead_tour_ix[t] == IX_NONE) {
            driver_ok[t] = people->person.licence[person];
        }
    }
}

// Sum over the tour's trips of a table between slots; IX_NONE if one of them cannot be made.
static uint64_t sum_ds(const world_year *w, const plan *p, uint32_t tour, const uint32_t *between) {
    uint64_t sum = 0;
    for (uint32_t k = p->trip_first[tour]; k < p->trip_first[tour + 1]; k++) {
        uint32_t ds = between[(size_t)w->place_slot[p->trip.from_place_ix[k]] * w->slot_count +
                              w->place_slot[p->trip.to_place_ix[k]]];
        if (ds == IX_NONE) {
            return IX_NONE;
        }
        sum += ds;
    }
    return sum;
}

static void active_utilities(const world_year *w, const population *people, const plan *p, uint32_t tour,
                             double *utility) {
    purpose u = (purpose)p->tour.purpose[tour];
    const purpose_params *c = &w->source->scenario.purpose[u];
    uint64_t walk = sum_ds(w, p, tour, w->time_ds[ACTIVE_WALK]);
    uint64_t ride = sum_ds(w, p, tour, w->perceived_ds[tour_cost_cycle(people, p, tour)]);
    utility[MODE_WALK] = -HUGE_VAL;
    if (walk != IX_NONE) {
        utility[MODE_WALK] = tour_cost_constant(w, u, MODE_WALK) + c->walk_per_min * (double)walk / 1200.0;
    }
    utility[MODE_CYCLE] = -HUGE_VAL;
    if (people->person.cycle[p->tour.person_ix[tour]] != 0 && ride != IX_NONE) {
        utility[MODE_CYCLE] = tour_cost_constant(w, u, MODE_CYCLE) + c->cycle_per_min * (double)ride / 1200.0;
    }
}

double tour_cost_walk_minutes(const world_year *w, uint32_t from_place, uint32_t to_place) {
    const scenario *s = &w->source->scenario;
    size_t cell = (size_t)w->place_slot[from_place] * w->slot_count + w->place_slot[to_place];
    bool near =
        w->time_ds[ACTIVE_WALK][cell] != IX_NONE && (double)w->active_m[ACTIVE_WALK][cell] <= s->transit_walk_max_m;
    return near ? s->pt_walk_weight * w->time_ds[ACTIVE_WALK][cell] / 600.0 : HUGE_VAL;
}

// Stop events of the timetable where a journey boards and alights.
static void note_rides(const route_transit_journey *j, uint32_t *board, uint32_t *alight) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < j->leg_count; i++) {
        if (j->leg[i].trip_ix != IX_NONE && n < ROUTE_TRANSIT_ROUNDS_MAX) {
            board[n] = j->leg[i].board_event;
            alight[n++] = j->leg[i].alight_event;
        }
    }
}

// The journey of a trip for who may hold a place in the vehicles of `before` (board events of the trip's old journey).
static bool journey_of(const world_year *w, const plan *p, uint32_t trip, const tour_cost_riding *riding,
                       const uint32_t *before, tour_cost_search *s, route_transit_journey *j, double *minutes) {
    bool holds = riding->held != NULL && riding->held[trip] != 0;
    if (holds) {
        tour_cost_search_hold(s, before, true);
    }
    bool found = tour_cost_transit(w, s, p->trip.from_place_ix[trip], p->trip.to_place_ix[trip],
                                   p->trip.departure_s[trip], j, minutes);
    if (holds) {
        tour_cost_search_hold(s, before, false);
    }
    return found;
}

void tour_cost_set_tour(const world_year *w, const tour_cost_riding *riding, const population *people, const plan *p,
                        tour_cost_search *s, uint32_t tour, tour_cost *out) {
    double *utility = out->utility + (size_t)tour * MODE_COUNT;
    float *walk_min = &out->pt_walk_min[tour];
    uint32_t before[PLAN_TOUR_TRIPS_MAX * ROUTE_TRANSIT_ROUNDS_MAX];
    size_t first = (size_t)p->trip_first[tour] * ROUTE_TRANSIT_ROUNDS_MAX;
    size_t rides_bytes = (size_t)plan_trip_count(p, tour) * ROUTE_TRANSIT_ROUNDS_MAX * sizeof *before;
    memcpy(before, out->board_event + first, rides_bytes);
    memset(out->board_event + first, 0xff, rides_bytes);
    uint32_t person = p->tour.person_ix[tour];
    const purpose_params *c = &w->source->scenario.purpose[p->tour.purpose[tour]];
    bool stops = plan_trip_count(p, tour) > 2;
    bool rides = false;
    double minutes = 0.0, fare = 0.0, walk_s = 0.0;
    utility[MODE_PT] = -HUGE_VAL;
    *walk_min = 0.0F;
    for (uint32_t k = p->trip_first[tour]; k < p->trip_first[tour + 1]; k++) {
        uint32_t from = p->trip.from_place_ix[k];
        uint32_t to = p->trip.to_place_ix[k];
        route_transit_journey j;
        double by_vehicle;
        double on_foot = stops ? tour_cost_walk_minutes(w, from, to) : HUGE_VAL;
        size_t at = (size_t)k * ROUTE_TRANSIT_ROUNDS_MAX;
        if (journey_of(w, p, k, riding, before + (at - first), s, &j, &by_vehicle) && by_vehicle < on_foot) {
            rides = true;
            note_rides(&j, out->board_event + at, out->alight_event + at);
            minutes += by_vehicle;
            walk_s += j.walk_s;
            fare += world_year_fare_nok(w, from, to, (age_group)people->person.age[person],
                                        people->person.season_pass[person] != 0);
        } else if (on_foot < HUGE_VAL) {
            minutes += on_foot;
        } else {
            return;
        }
    }
    if (rides) {
        utility[MODE_PT] = c->asc_pt + c->pt_per_min * 0.5 * minutes + c->cost_per_nok * 0.5 * fare;
        *walk_min = (float)(walk_s / 60.0);
    }
}

bool tour_cost_parks(const plan *p, uint32_t trip) {
    uint32_t tour = p->trip.tour_ix[trip];
    bool home = trip + 1 == p->trip_first[tour + 1];
    bool sets_down = p->trip.purpose[trip] == PURPOSE_ESCORT && p->tour.purpose[tour] != PURPOSE_ESCORT;
    return !home && !sets_down;
}

// Getting in and out on every trip; searching and paying for a place to park wherever the car is left.
static double terminal_utility(const world_year *w, const plan *p, uint32_t tour) {
    const purpose_params *c = &w->source->scenario.purpose[p->tour.purpose[tour]];
    double search_s = 0.0, parking_nok = 0.0;
    for (uint32_t k = p->trip_first[tour]; k < p->trip_first[tour + 1]; k++) {
        uint32_t place = p->trip.to_place_ix[k];
        if (tour_cost_parks(p, k)) {
            search_s += (double)w->source->zones.zone.parking_search_s[w->source->zones.place.zone_ix[place]];
            parking_nok += world_year_parking_nok(w, place);
        }
    }
    double access_min = 0.5 * plan_trip_count(p, tour) * w->source->scenario.car_access_min;
    return c->car_per_min * (access_min + 0.5 * search_s / 60.0) + c->cost_per_nok * 0.5 * parking_nok;
}

static void tour_row(const world_year *w, const population *people, const plan *p, rng_key key, uint32_t tour,
                     tour_cost *out) {
    double *utility = out->utility + (size_t)tour * MODE_COUNT;
    utility[MODE_CAR_DRIVER] = terminal_utility(w, p, tour);
    utility[MODE_CAR_PASSENGER] = -HUGE_VAL;
    active_utilities(w, people, p, tour, utility);
    choice_tree tree = world_year_choice_tree(&w->source->scenario.purpose[p->tour.purpose[tour]]);
    choice_frozen_errors(&tree, key, p->tour.id[tour], out->error + (size_t)tour * MODE_COUNT);
}

// Riding along with the lead: at the planned speed of the road distance, since it is the lead who meets the traffic.
static double riding_utility(const world_year *w, const plan *p, uint32_t tour) {
    const purpose_params *c = &w->source->scenario.purpose[p->tour.purpose[tour]];
    double metres = 0.0;
    for (uint32_t k = p->trip_first[tour]; k < p->trip_first[tour + 1]; k++) {
        metres += (double)w->los.distance_m[(size_t)w->place_slot[p->trip.from_place_ix[k]] * w->slot_count +
                                            w->place_slot[p->trip.to_place_ix[k]]];
    }
    double ride_min = metres / ride_mps / 60.0 + plan_trip_count(p, tour) * w->source->scenario.car_access_min;
    return c->asc_car_passenger + c->car_per_min * 0.5 * ride_min;
}

// A party chooses the mode of the largest sum of its members' utilities: what each mode of the lead is worth to the
// others is kept beside the lead's error.
void tour_cost_add_company(const world_year *w, const plan *p, tour_cost *out) {
    memset(out->company, 0, (size_t)out->count * MODE_COUNT * sizeof *out->company);
    for (uint32_t t = 0; t < p->tour.count; t++) {
        uint32_t lead = p->tour.lead_tour_ix[t];
        if (lead == IX_NONE) {
            continue;
        }
        double *utility = out->utility + (size_t)t * MODE_COUNT;
        const double *error = out->error + (size_t)t * MODE_COUNT;
        utility[MODE_CAR_PASSENGER] = riding_utility(w, p, t);
        for (int m = 0; m < MODE_COUNT; m++) {
            mode mine = tour_cost_mode_with((mode)m);
            out->company[(size_t)lead * MODE_COUNT + (size_t)m] += utility[mine] + error[mine];
        }
    }
}

static err_code transit_rows(const world_year *w, const transit *t, const tour_cost_riding *riding,
                             const population *people, const plan *p, tour_cost_whose whose, arena *scratch,
                             tour_cost *out) {
    tour_cost_search *search;
    int threads = par_thread_count();
    ARENA_NEW(scratch, search, threads);
    for (int i = 0; i < threads; i++) {
        TRY(tour_cost_search_init(t, riding, scratch, &search[i]));
    }
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < out->count; i++) {
        bool rides = p->tour.mode[i] == MODE_PT;
        if (whose == TOUR_COST_ALL || rides == (whose == TOUR_COST_RIDERS)) {
            tour_cost_set_tour(w, riding, people, p, &search[par_thread_ix()], i, out);
        }
    }
    return ERR_OK;
}

err_code tour_cost_set_timetable(const world_year *w, const transit *t, const tour_cost_riding *riding,
                                 const population *people, const plan *p, tour_cost_whose whose, tour_cost *c) {
    arena scratch;
    arena_init(&scratch);
    err_code code = transit_rows(w, t, riding, people, p, whose, &scratch, c);
    arena_free(&scratch);
    return code;
}

err_code tour_cost_build(const world_year *w, const population *people, const plan *p, rng_key key, arena *a,
                         tour_cost *out) {
    uint32_t n = p->tour.count;
    *out = (tour_cost){.count = n};
    ARENA_NEW(a, out->utility, (size_t)n * MODE_COUNT);
    ARENA_NEW(a, out->error, (size_t)n * MODE_COUNT);
    ARENA_NEW(a, out->company, (size_t)n * MODE_COUNT);
    ARENA_NEW(a, out->driver_ok, n);
    ARENA_NEW(a, out->pt_walk_min, n);
    ARENA_NEW(a, out->board_event, (size_t)p->trip.count * ROUTE_TRANSIT_ROUNDS_MAX);
    ARENA_NEW(a, out->alight_event, (size_t)p->trip.count * ROUTE_TRANSIT_ROUNDS_MAX);
    tour_cost_reserve_cars(&w->los, people, p, out->driver_ok);
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < n; i++) {
        tour_row(w, people, p, key, i, out);
    }
    const tour_cost_riding room = {0};
    TRY(tour_cost_set_timetable(w, w->transit, &room, people, p, TOUR_COST_ALL, out));
    tour_cost_add_company(w, p, out);
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

double tour_cost_fixed(const tour_cost *c, uint32_t tour, mode m) {
    ASSERT(m == MODE_PT || m == MODE_CYCLE || m == MODE_WALK);
    return c->utility[(size_t)tour * MODE_COUNT + m];
}

mode tour_cost_best(const tour_cost *c, uint32_t tour, const double utility[MODE_COUNT], double *best) {
    mode choice = MODE_CAR_PASSENGER;
    *best = -HUGE_VAL;
    for (int m = 0; m < MODE_COUNT; m++) {
        double u = utility[m] + tour_cost_error(c, tour, (mode)m);
        if (u > *best) {
            *best = u;
            choice = (mode)m;
        }
    }
    return choice;
}
