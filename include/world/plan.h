// The day's tours: home - destination - home, two trips each, chosen mode and times. One table for residents and
// for visitors who live outside. Sorted by person, then order in the day.
#ifndef VESTSIM_WORLD_PLAN_H
#define VESTSIM_WORLD_PLAN_H

#include "world/population.h"

#define TOUR_COLUMNS(X)                                                        \
    X(uint64_t, id, "1", "stable id: person id mixed with purpose and number") \
    X(uint32_t, person_ix, "1", "person")                                      \
    X(uint8_t, purpose, "1", "purpose (enum purpose)")                         \
    X(uint32_t, origin_place_ix, "1", "place the tour starts and ends (home)") \
    X(uint32_t, destination_place_ix, "1", "place of the main activity")       \
    X(int32_t, departure_s, "s", "departure from home")                        \
    X(int32_t, return_s, "s", "departure from the destination")                \
    X(uint8_t, mode, "1", "mode chosen for both trips (enum mode)")

typedef struct tour_columns {
    uint32_t count;
    COLUMN_FIELDS(TOUR_COLUMNS)
} tour_columns;

typedef struct plan {
    tour_columns tour;
    uint32_t *tour_first;  // by person, count + 1
} plan;

err_code plan_alloc(plan *p, arena *a, uint32_t tour_count, uint32_t person_count);
err_code plan_validate(const plan *p, const population *pop, const zone_system *z);
uint64_t plan_hash(const plan *p);
void plan_describe_tours(const plan *p, column out[COLUMN_COUNT(TOUR_COLUMNS)]);

#endif
