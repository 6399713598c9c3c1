// What each mode is worth to each tour: systematic utilities and frozen errors.
//
// Everything that does not depend on traffic (walking, cycling, public transport, prices, availability) is worked out
// once; the car's time and route come from the router in every iteration. Utilities are per tour: time coefficients
// are per one-way minute, so half of the sum over the tour's trips is used (behaviour.md 2.4). A tour with a lead does
// not choose: its lead chooses what is best for both (sum of utilities).
#ifndef VESTSIM_LOOP_TOUR_COST_H
#define VESTSIM_LOOP_TOUR_COST_H

#include "loop/world_year.h"

typedef struct tour_cost {
    uint32_t count;
    double *utility;  // [tour][MODE_COUNT]; the car entry holds the part without driving time and distance; nobody is
                      // a passenger but with a lead
    double *error;    // [tour][MODE_COUNT] frozen
    double *company;  // [tour][MODE_COUNT] what the lead's mode is worth to those who go with it
    uint8_t *driver_ok;      // [tour] may drive: holds a licence and a household car is reserved for the tour
    float *pt_walk_min;      // [tour] minutes walked to, from and between vehicles on a public transport tour
    uint32_t *board_event;   // [trip][ROUTE_TRANSIT_ROUNDS_MAX] stop events where its public transport journey boards;
                             // IX_NONE = no more
    uint32_t *alight_event;  // the same, where it leaves the vehicle
} tour_cost;

// What travellers know of the vehicles (loop/riders.h); all NULL = they have room.
typedef struct tour_cost_riding {
    const float *crowd;   // [stop event] weight of time on board to the next stop
    const uint8_t *full;  // [stop event] nobody gets on here
    const uint8_t *held;  // [trip of the plan] but its traveller has a place in the journey in board_event
} tour_cost_riding;

typedef struct tour_cost_search {  // scratch of a search for journeys, one a thread
    const transit *t;
    const float *crowd;
    const uint8_t *full;
    route_transit_query *query;
    uint8_t *denied;  // [stop event] full, but for those who hold a place
} tour_cost_search;

typedef struct tour_car {  // a car tour on given routes
    uint32_t time_ds;      // all trips together; IX_NONE = no way
    double money_nok;      // running cost and tolls, all trips together
} tour_car;

// Household cars are reserved tour by tour (work first, then escort, then the rest, earlier first), so there are never
// more driver tours at once than cars; a reserved car that stays at home is not lent out. Visitors who hold a licence
// have a car. Tours with a lead need none. driver_ok has an entry a tour. Parallel over households.
void tour_cost_reserve_cars(const activity_los *los, const population *people, const plan *p, uint8_t *driver_ok);
// When the car of a tour is surely home again, by the plan.
int32_t tour_cost_car_home_s(const activity_los *los, const plan *p, uint32_t tour);
// Parallel over tours; independent of thread count.
err_code tour_cost_build(const world_year *w, const population *people, const plan *p, rng_key key, arena *a,
                         tour_cost *out);
// Again what depends on the timetable, whose trips now run at other times (loop/bus.h), and on its vehicles' room: for
// all tours, those that go by public transport now, or the others. Parallel over tours. Then call
// tour_cost_add_company.
typedef enum tour_cost_whose { TOUR_COST_ALL = 0, TOUR_COST_RIDERS, TOUR_COST_OTHERS } tour_cost_whose;
err_code tour_cost_set_timetable(const world_year *w, const transit *t, const tour_cost_riding *riding,
                                 const population *people, const plan *p, tour_cost_whose whose, tour_cost *c);
// The same for one tour, with a search of the timetable.
void tour_cost_set_tour(const world_year *w, const tour_cost_riding *riding, const population *people, const plan *p,
                        tour_cost_search *s, uint32_t tour, tour_cost *c);
// What each mode of a lead is worth to its company, from the members' utilities.
void tour_cost_add_company(const world_year *w, const plan *p, tour_cost *c);
err_code tour_cost_search_init(const transit *t, const tour_cost_riding *riding, arena *a, tour_cost_search *out);
// Opens (or closes again) full vehicles to one who holds a place: board_event[ROUTE_TRANSIT_ROUNDS_MAX].
void tour_cost_search_hold(tour_cost_search *s, const uint32_t *board_event, bool hold);
// Frozen error and company together.
static inline double tour_cost_error(const tour_cost *c, uint32_t tour, mode m) {
    size_t at = (size_t)tour * MODE_COUNT + (size_t)m;
    return c->error[at] + c->company[at];
}
// Best public transport journey of one direction by weighted minutes; false if there is none. walk_min and minutes may
// be NULL.
// The search's timetable is the year's, or has its trips at other times.
bool tour_cost_transit(const world_year *w, const tour_cost_search *s, uint32_t from_place, uint32_t to_place,
                       int32_t departure_s, route_transit_journey *journey, double *minutes);
// Utility of driving a tour, given its car ways; -inf where not available.
double tour_cost_driver(const tour_cost *c, const world_year *w, const plan *p, uint32_t tour, const tour_car *car);
// Utility of any other mode (as stored).
double tour_cost_fixed(const tour_cost *c, uint32_t tour, mode m);
// Mode constant, for turning utility into generalised cost.
double tour_cost_constant(const world_year *w, purpose u, mode m);
// Best mode by utility + frozen error; MODE_CAR_PASSENGER, driven by somebody the model does not know, when no
// alternative can be taken at all.
mode tour_cost_best(const tour_cost *c, uint32_t tour, const double utility[MODE_COUNT], double *best);
// Mode of a tour whose lead's tour has this mode.
static inline mode tour_cost_mode_with(mode lead) {
    return lead == MODE_CAR_DRIVER ? MODE_CAR_PASSENGER : lead;
}
// Minutes of a trip of a public transport tour that is walked instead, where that is felt as less; HUGE_VAL if it
// cannot be. Only trips between stops on the way are walked: a tour without stops takes public transport both ways.
double tour_cost_walk_minutes(const world_year *w, uint32_t from_place, uint32_t to_place);
// Is a car left where this trip ends? Not at home, nor where somebody is only set down or picked up on the way.
bool tour_cost_parks(const plan *p, uint32_t trip);
// Which cycle the tour's person rides, if any.
active_mode tour_cost_cycle(const population *people, const plan *p, uint32_t tour);
// Money metric of a purpose.
route_car_metric tour_cost_metric(const world_year *w, const traveltime *time, purpose u);

#endif
