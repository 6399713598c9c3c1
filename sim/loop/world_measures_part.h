// What the files of world_measures share. Private to the loop layer.
#ifndef VESTSIM_LOOP_WORLD_MEASURES_PART_H
#define VESTSIM_LOOP_WORLD_MEASURES_PART_H

#include "loop/world_measures.h"

typedef struct world_measures_context {
    const world_case *today;  // as read
    world_case *own;          // the year's own copy
    world_year *w;
    int year;
    arena *a;  // lives as long as the year
} world_measures_context;

// world_measures_parking_price, ...: what a kind does. Each fails with ERR_REFERENCE or ERR_INFEASIBLE at m's place.
#define X(kind, name, min, max, unit, target, text, doc) \
    err_code world_measures_##name(const scenario_measure *m, world_measures_context *k);
MEASURE_KINDS(X)
#undef X

// Is the zone, or the area it lies in, called so?
bool world_measures_zone_is(const zone_system *z, uint32_t zone_ix, const char *target);
// Is the place, its zone or its area called so?
bool world_measures_place_is(const zone_system *z, uint32_t place_ix, const char *target);

#endif
