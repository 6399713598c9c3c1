// The vehicles of one day: who drives when on which route. One leg a trip of the car tours (trip order), then one a
// vehicle of the fixed flows. A leg set is what mobsim_demand points into.
#ifndef VESTSIM_LOOP_LEGS_H
#define VESTSIM_LOOP_LEGS_H

#include "loop/world_year.h"
#include "model/mobsim.h"

// Vehicles of flows.csv as single vehicles with departure times; fixed for a (year, replication).
typedef struct legs_flow_vehicles {
    uint32_t count;
    uint32_t *flow_ix;            // [vehicle]
    uint32_t *departure_s;        // [vehicle]
    uint64_t *id;                 // [vehicle] stable
    uint32_t group_count;         // (flow, quarter-hour) pairs in use
    uint32_t *group;              // [vehicle]
    uint32_t *group_flow;         // [group]
    uint32_t *group_departure_s;  // [group] middle of the quarter-hour
} legs_flow_vehicles;

// Counts are scaled by scenario scale and growth since today; a fraction becomes a vehicle by a keyed draw. Vehicle k
// of a flow is the same in every scenario and year.
err_code legs_build_flows(const world_year *w, rng_key key, arena *a, legs_flow_vehicles *out);

// Routes of one day, growing by append; memory outside arenas, freed by legs_free.
typedef struct legs_routes {
    uint32_t *link;
    size_t count;
    size_t capacity;
} legs_routes;

err_code legs_routes_append(legs_routes *r, const uint32_t *links, uint32_t count, uint32_t *first_out);
void legs_routes_free(legs_routes *r);

typedef struct legs_set {
    uint32_t count;
    uint32_t capacity;
    uint32_t *departure_s;
    uint32_t *route_first;  // capacity + 1
    uint8_t *vehicle;       // enum vehicle_class
    uint8_t *segment;       // enum segment
    uint32_t *tour_ix;      // IX_NONE for flows
    uint32_t *trip_ix;      // in the plan; IX_NONE for flows
    uint32_t *flow_ix;      // IX_NONE for tours
    legs_routes route;
} legs_set;

err_code legs_set_init(legs_set *s, arena *a, uint32_t capacity);
void legs_set_reset(legs_set *s);
void legs_set_free(legs_set *s);  // the routes; columns belong to the arena
typedef struct legs_leg {         // one leg's columns
    uint32_t departure_s;
    uint32_t tour_ix;
    uint32_t trip_ix;
    uint32_t flow_ix;
    vehicle_class vehicle;
    segment traveller;
} legs_leg;
// Adds a leg with a copy of its route; the set must have room.
err_code legs_set_add(legs_set *s, const legs_leg *leg, const uint32_t *links, uint32_t link_count);
static inline uint32_t legs_route_count(const legs_set *s, uint32_t leg) {
    return s->route_first[leg + 1] - s->route_first[leg];
}
mobsim_demand legs_demand(const legs_set *s);

#endif
