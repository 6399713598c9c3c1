// Public transport journeys by RAPTOR (Delling, Pajor, Werneck 2015): earliest arrival for each number of boardings,
// with walk access and egress. index = world transit (with its patterns) / query = scratch, one a thread.
//
// Rides are joined at the same stop (in no time) or by one footpath; egress is from a stop reached by vehicle: never
// two walks in a row. For every arrival the journey of latest departure is given, by a search backwards over what the
// forward search reached; among equals the lowest trip and stop.
#ifndef VESTSIM_MODEL_ROUTE_TRANSIT_H
#define VESTSIM_MODEL_ROUTE_TRANSIT_H

#include "world/transit.h"

enum { ROUTE_TRANSIT_ROUNDS_MAX = 8, ROUTE_TRANSIT_LEGS_MAX = 17 };

typedef struct route_transit_query route_transit_query;

typedef struct route_transit_access {  // a stop and the walk to (or from) it
    uint32_t stop_ix;
    int32_t walk_s;
} route_transit_access;

typedef struct route_transit_leg {
    uint32_t trip_ix;  // IX_NONE for walking between stops
    uint32_t from_stop_ix;
    uint32_t to_stop_ix;
    int32_t departure_s;
    int32_t arrival_s;
} route_transit_leg;

typedef struct route_transit_journey {
    int32_t departure_s;  // leaving the origin as late as the first boarding allows
    int32_t arrival_s;    // at the destination, egress walk included; INT32_MAX if none
    int32_t on_board_s;
    int32_t wait_s;  // waits at stops before boardings after the first, and margin at the first stop = 0
    int32_t walk_s;  // access, transfers and egress
    uint32_t boardings;
    uint32_t leg_count;
    route_transit_leg leg[ROUTE_TRANSIT_LEGS_MAX];
} route_transit_journey;

err_code route_transit_query_init(const transit *t, arena *a, route_transit_query **out);
// Leaves the origin at departure_s or later. For each number of boardings 1..rounds that arrives strictly earlier
// than with fewer, one journey is written to out (Pareto set in arrival and boardings, fewest boardings first);
// returns how many. Among equal arrivals the departure is made as late as possible for the first boarding's trip.
// rounds <= ROUTE_TRANSIT_ROUNDS_MAX; out has room for rounds.
uint32_t route_transit_run(const transit *t, route_transit_query *q, const route_transit_access *access,
                           uint32_t access_count, const route_transit_access *egress, uint32_t egress_count,
                           int32_t departure_s, uint32_t rounds, route_transit_journey *out);
// One to all: earliest arrival (s) and boardings of that journey (0 = access walk) at every stop, by a last footpath
// too; INT32_MAX if unreachable.
void route_transit_tree(const transit *t, route_transit_query *q, const route_transit_access *access,
                        uint32_t access_count, int32_t departure_s, uint32_t rounds, int32_t *arrival_s,
                        uint8_t *boardings);
// Profile: all journeys on the Pareto front of (departure, arrival, boardings) with departure in [from_s, to_s],
// latest departure first, then fewest boardings (self-pruning rRAPTOR). A journey that one leaving after to_s beats is
// not on the front. Returns how many were found; writes at most capacity. Each is the journey that route_transit_run
// gives at its departure.
uint32_t route_transit_profile(const transit *t, route_transit_query *q, const route_transit_access *access,
                               uint32_t access_count, const route_transit_access *egress, uint32_t egress_count,
                               int32_t from_s, int32_t to_s, uint32_t rounds, route_transit_journey *out,
                               uint32_t capacity);

#endif
