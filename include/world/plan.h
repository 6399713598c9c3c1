// The day's tours: home - (stop) - destination - (stops) - home, with the mode chosen for the whole tour, and their
// trips. One table for residents and for visitors who live outside. Tours are sorted by person, then order in the day;
// trips by tour, then order.
//
// Who travels with whom: a tour with a lead is made together with the lead's tour, which decides on the mode for both
// and whose driver takes the tour's person along: all the way when both have the same trips, else on the lead's first
// trip (a child taken to school; home with the pickup tour's last trip, or on its own). Leads have no lead themselves.
#ifndef VESTSIM_WORLD_PLAN_H
#define VESTSIM_WORLD_PLAN_H

#include "world/population.h"

enum { PLAN_TOUR_TRIPS_MAX = 4 };

#define TOUR_COLUMNS(X)                                                                        \
    X(uint64_t, id, "1", "stable id: person id mixed with purpose and number")                 \
    X(uint32_t, person_ix, "1", "person")                                                      \
    X(uint8_t, purpose, "1", "purpose of the main activity (enum purpose)")                    \
    X(uint32_t, origin_place_ix, "1", "place the tour starts and ends (home)")                 \
    X(uint32_t, destination_place_ix, "1", "place of the main activity")                       \
    X(int32_t, departure_s, "s", "departure from home")                                        \
    X(int32_t, return_s, "s", "departure from the destination")                                \
    X(uint8_t, mode, "1", "mode chosen for the tour (enum mode)")                              \
    X(uint32_t, lead_tour_ix, "1", "tour it is made with and that decides; IX_NONE = its own") \
    X(uint32_t, pickup_tour_ix, "1", "tour that takes a child home; IX_NONE = comes home alone")

#define PLAN_TRIP_COLUMNS(X)                           \
    X(uint32_t, tour_ix, "1", "tour")                  \
    X(uint32_t, from_place_ix, "1", "where it starts") \
    X(uint32_t, to_place_ix, "1", "where it ends")     \
    X(int32_t, departure_s, "s", "planned departure")  \
    X(uint8_t, purpose, "1", "what is done where it ends; of a trip home, what was done where it starts")

typedef struct tour_columns {
    uint32_t count;
    COLUMN_FIELDS(TOUR_COLUMNS)
} tour_columns;

typedef struct plan_trip_columns {
    uint32_t count;
    COLUMN_FIELDS(PLAN_TRIP_COLUMNS)
} plan_trip_columns;

typedef struct plan {
    tour_columns tour;
    plan_trip_columns trip;
    uint32_t *tour_first;  // by person, count + 1
    uint32_t *trip_first;  // by tour, count + 1
} plan;

// Tours without trips; leads and pickups are IX_NONE.
err_code plan_alloc(plan *p, arena *a, uint32_t tour_count, uint32_t person_count);
err_code plan_alloc_trips(plan *p, arena *a, uint32_t trip_count);
static inline uint32_t plan_trip_count(const plan *p, uint32_t tour) {
    return p->trip_first[tour + 1] - p->trip_first[tour];
}
// Is the tour driven by (or made like) its lead all the way?
bool plan_is_joint(const plan *p, uint32_t tour);
err_code plan_validate(const plan *p, const population *pop, const zone_system *z);
uint64_t plan_hash(const plan *p);
void plan_describe_tours(const plan *p, column out[COLUMN_COUNT(TOUR_COLUMNS)]);
void plan_describe_trips(const plan *p, column out[COLUMN_COUNT(PLAN_TRIP_COLUMNS)]);

#endif
