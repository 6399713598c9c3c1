// A run: today and the scenario's years, replications with common random numbers, more of them until the verdict
// settles or the limit is reached.
#ifndef VESTSIM_LOOP_EXPERIMENT_H
#define VESTSIM_LOOP_EXPERIMENT_H

#include "loop/equilibrium.h"

// r must be allocated by result_alloc in the same arena. Reports progress through base/log.
err_code experiment_run(const world_case *c, arena *a, result *r);

// One simulated day of one (year, replication), for searches that need no results file.
typedef struct experiment_day_in {
    const world_year *world;
    const scenario *programme;  // its homes are built; all else is the world's own
    rng_key key;
    const population *today;
    double out_share;        // activity_out_commute_share of replication 0's population of today
    const traveltime *warm;  // times to start from, or NULL
} experiment_day_in;

typedef struct experiment_day_out {  // in the arena given, but for days: free with equilibrium_free
    population people;
    plan plan;
    equilibrium_out days;
} experiment_day_out;

// Growth, workplaces, tours, then days until the equilibrium is reached. Calls of different replications may run at the
// same time, each with its own arena and its own [year_ix][replication] of r.
err_code experiment_day(const experiment_day_in *in, arena *a, result *r, uint32_t year_ix, uint32_t replication,
                        experiment_day_out *out);

#endif
