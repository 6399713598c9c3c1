// Level of service from zone to zone: what a traveller between the middles of two zones meets in a year, on the travel
// times that the simulated traffic left. The middle of a zone is the place nearest to the mean of its places (a place
// counts once); a zone without places has no service. Within a zone everything is 0.
#ifndef VESTSIM_LOOP_SKIM_H
#define VESTSIM_LOOP_SKIM_H

#include "loop/equilibrium.h"

enum { SKIM_PERIODS = 4, SKIM_MAX = 4 + SKIM_PERIODS * 5 };

typedef struct skim_matrix {
    char name[48];  // as ActivitySim's skims: SOV_TIME__AM, DISTWALK ...
    const char *unit;
    const char *doc;
    double *value;  // [zone][zone] from, to; NAN = no way
} skim_matrix;

typedef struct skim_set {
    uint32_t zone_count;
    uint32_t count;
    skim_matrix matrix[SKIM_MAX];
} skim_set;

// Parallel over zones; independent of thread count.
err_code skim_build(const world_year *w, const traveltime *time, arena *a, skim_set *out);

#endif
