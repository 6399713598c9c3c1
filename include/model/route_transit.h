// Public transport journeys by RAPTOR (Delling, Pajor, Werneck 2015): earliest arrival for each number of boardings,
// with walk access and egress. index = world transit (with its patterns) / query = scratch, one a thread.
//
// Rides are joined at the same stop (in the time of a change there, mostly none) or by one footpath; egress is from a
// stop reached by vehicle: never two walks in a row. For every arrival the journey of latest departure is given, by a
// search backwards over what the forward search reached; among equals the lowest trip and stop.
#ifndef VESTSIM_MODEL_ROUTE_TRANSIT_H
#define VESTSIM_MODEL_ROUTE_TRANSIT_H

#include "world/transit.h"

enum { ROUTE_TRANSIT_ROUNDS_MAX = 8, ROUTE_TRANSIT_LEGS_MAX = 17 };

typedef struct route_transit_query route_transit_query;

// A way to (or from) a stop: on foot, by cycle (bike-and-ride) or by car (park-and-ride), as the caller offers them.
// The same stop may be offered by several modes. Where the car park or cycle stand of an access is full, arriving there
// is not possible from full_from_s to before full_to_s; a traveller may come earlier and wait. Both 0 = never full.
typedef struct route_transit_access {
    uint32_t stop_ix;
    int32_t walk_s;  // seconds on the way by the mode
    uint8_t mode;    // the caller's number for the mode; 0 = on foot
    int32_t full_from_s;
    int32_t full_to_s;
} route_transit_access;

typedef struct route_transit_leg {
    uint32_t trip_ix;  // IX_NONE for walking between stops
    uint32_t from_stop_ix;
    uint32_t to_stop_ix;
    int32_t departure_s;
    int32_t arrival_s;
    uint32_t board_event;  // stop events of the timetable; IX_NONE for walking
    uint32_t alight_event;
} route_transit_leg;

typedef struct route_transit_journey {
    int32_t departure_s;  // leaving the origin as late as the first boarding allows
    int32_t arrival_s;    // at the destination, egress walk included; INT32_MAX if none
    int32_t on_board_s;
    int32_t wait_s;   // at stops, times of changes included; at the first stop only where its car park fills up before
    int32_t walk_s;   // access, transfers and egress on foot
    int32_t other_s;  // access and egress by other modes
    uint8_t access_mode;
    uint8_t egress_mode;
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
// Arrives at the destination at arrival_s or earlier. For each number of boardings that lets one leave strictly later
// than with fewer, one journey (Pareto set in departure and boardings, fewest boardings first); each arrives as early
// as its departure and boardings allow.
uint32_t route_transit_arrive_by(const transit *t, route_transit_query *q, const route_transit_access *access,
                                 uint32_t access_count, const route_transit_access *egress, uint32_t egress_count,
                                 int32_t arrival_s, uint32_t rounds, route_transit_journey *out);
// Boarding denial: from now on nobody boards where denied[stop event] is not 0 (a full vehicle). The array must outlive
// its use; NULL ends it.
void route_transit_deny(route_transit_query *q, const uint8_t *denied);

// --- crowding and parking: what a simulated day tells the next search ---

// Adds weight travellers to load[stop event] for every part of the journey's rides from that event's stop to the next.
void route_transit_add_load(const route_transit_journey *j, float weight, float *load);
// Seconds on board, each part weighted by factor[stop event] (of its first stop): the perceived time in crowded
// vehicles.
double route_transit_crowded_s(const transit *t, const route_transit_journey *j, const float *factor);
// Sets denied[stop event] to 1 where a vehicle leaves with load at or above capacity[trip], else to 0: who comes on top
// of those is left behind. Returns how many events are marked. Which of the waiting got on is for the caller to know.
uint32_t route_transit_full_vehicles(const transit *t, const float *load, const float *capacity, uint8_t *denied);
// Sets full_from_s and full_to_s of an access entry from the cars (or cycles) counted at its stop in bins of bin_s
// seconds from midnight: from the first bin with occupied >= capacity to the next with room (or never).
void route_transit_park(route_transit_access *access, const uint32_t *occupied, uint32_t bins, int32_t bin_s,
                        uint32_t capacity);

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
// Only when one can be there, with any number of boardings: by connection scan, several times as fast as
// route_transit_run. The scan is an index (immutable, shared by threads), the query scratch (one a thread).
typedef struct route_transit_scan route_transit_scan;
typedef struct route_transit_scan_query route_transit_scan_query;
err_code route_transit_scan_build(const transit *t, arena *a, route_transit_scan **out);
err_code route_transit_scan_query_init(const route_transit_scan *x, arena *a, route_transit_scan_query **out);
// Earliest arrival when leaving at departure_s or later, INT32_MAX if none. denied: as in route_transit_deny, or NULL.
int32_t route_transit_earliest(route_transit_scan_query *q, const route_transit_access *access, uint32_t access_count,
                               const route_transit_access *egress, uint32_t egress_count, int32_t departure_s,
                               const uint8_t *denied);
// Profile to all stops: calls found for every (departure, arrival, boardings) on the front of every stop reached by
// vehicle (egress is for the caller to add), departures in [from_s, to_s], latest departure first, then fewest
// boardings; stops in an order that depends on the timetable only.
typedef void route_transit_found(void *ctx, uint32_t stop_ix, int32_t departure_s, int32_t arrival_s,
                                 uint32_t boardings);
void route_transit_profile_tree(const transit *t, route_transit_query *q, const route_transit_access *access,
                                uint32_t access_count, int32_t from_s, int32_t to_s, uint32_t rounds,
                                route_transit_found *found, void *ctx);

#endif
