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

// The last day of one year in replication 0 of a run once more, as experiment_run simulated it: the same bytes, so that
// what a results file does not hold need not be held. r is scratch, allocated by result_alloc.
typedef struct experiment_replayed {  // in the arena given, but for day.days: free with experiment_replayed_free
    world_year world;
    experiment_day_out day;
    uint32_t *entry_s;    // parallel to day.days.legs.route.link: when it was entered, IX_NONE = not reached
    uint32_t state_hash;  // as the indicator state_hash_low
} experiment_replayed;

err_code experiment_replay(const world_case *c, uint32_t year_ix, arena *a, result *r, experiment_replayed *out);
void experiment_replayed_free(experiment_replayed *x);

#endif
