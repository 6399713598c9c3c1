// Indicators of one simulated day: pure collectors over the equilibrium's vehicles and tours into result.
#ifndef VESTSIM_LOOP_INDICATOR_H
#define VESTSIM_LOOP_INDICATOR_H

#include "loop/equilibrium.h"

// Adds this (year, replication) to r: indicators, traffic sums, counting points, mode shares, trips of replication 0.
err_code indicator_collect(const world_year *w, const population *people, const plan *p, const equilibrium_out *e,
                           arena *a, result *r, uint32_t year_ix, uint32_t replication);

#endif
