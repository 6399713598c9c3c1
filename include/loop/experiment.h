// A run: today and the scenario's years, replications with common random numbers, more of them until the verdict
// settles or the limit is reached.
#ifndef VESTSIM_LOOP_EXPERIMENT_H
#define VESTSIM_LOOP_EXPERIMENT_H

#include "loop/world_year.h"

// r must be allocated by result_alloc in the same arena. Reports progress through base/log.
err_code experiment_run(const world_case *c, arena *a, result *r);

#endif
