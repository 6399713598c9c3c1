// What each mode is worth to each tour: systematic utilities and frozen errors.
//
// Everything that does not depend on traffic (walking, cycling, public transport, prices, availability) is worked out
// once; the car's time and route come from the router in every iteration. Utilities are per tour: time coefficients
// are per one-way minute, so the mean of the way out and the way home is used (behaviour.md 2.4).
#ifndef VESTSIM_LOOP_TOUR_COST_H
#define VESTSIM_LOOP_TOUR_COST_H

#include "loop/world_year.h"

typedef struct tour_cost {
    uint32_t count;
    double *utility;     // [tour][MODE_COUNT]; car entries hold the part without driving time and distance
    double *error;       // [tour][MODE_COUNT] frozen
    uint8_t *driver_ok;  // [tour] may drive: holds a licence and a household car is reserved for the tour
    uint8_t *ride_ok;    // [tour] may be a passenger
    float *pt_walk_min;  // [tour] minutes walked on a public transport tour, out and home together
} tour_cost;

typedef struct tour_car {  // a car tour on given routes
    uint32_t time_ds;      // out and home together; IX_NONE = no way
    double money_nok;      // running cost and tolls, out and home together
} tour_car;

// Household cars are reserved tour by tour (work first, then escort, then the rest, earlier first), so there are never
// more driver tours at once than cars; a reserved car that stays at home is not lent out. Visitors who hold a licence
// have a car. Parallel over tours; independent of thread count.
err_code tour_cost_build(const world_year *w, const population *people, const plan *p, rng_key key, arena *a,
                         tour_cost *out);
// Best public transport journey of one direction by weighted minutes; false if there is none. walk_min and minutes may
// be NULL.
bool tour_cost_transit(const world_year *w, route_transit_query *q, uint32_t from_place, uint32_t to_place,
                       int32_t departure_s, route_transit_journey *journey, double *minutes);
// Utilities of driving and of riding along for a tour, given its car ways; -inf where not available.
double tour_cost_driver(const tour_cost *c, const world_year *w, const plan *p, uint32_t tour, const tour_car *car);
double tour_cost_passenger(const tour_cost *c, const world_year *w, const plan *p, uint32_t tour, const tour_car *car);
// Utility of any other mode (as stored).
double tour_cost_fixed(const tour_cost *c, uint32_t tour, mode m);
// Mode constant, for turning utility into generalised cost.
double tour_cost_constant(const world_year *w, purpose u, mode m);
// Best mode by utility + frozen error; MODE_CAR_PASSENGER when no alternative can be taken at all.
mode tour_cost_best(const tour_cost *c, uint32_t tour, const double utility[MODE_COUNT], double *best);
// Which cycle the tour's person rides, if any.
active_mode tour_cost_cycle(const population *people, const plan *p, uint32_t tour);
// Money metric of a purpose.
route_car_metric tour_cost_metric(const world_year *w, const traveltime *time, purpose u);

#endif
