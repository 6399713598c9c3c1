// Indicators of one simulated day: pure collectors over the equilibrium's vehicles and tours into result.
//
// Extensive indicators are scaled up by 1 / scenario scale. Definitions: model.md section 9; every indicator's unit and
// meaning stands in RESULT_INDICATORS.
#ifndef VESTSIM_LOOP_INDICATOR_H
#define VESTSIM_LOOP_INDICATOR_H

#include "loop/equilibrium.h"

// Adds this (year, replication) to r: indicators, traffic sums, counting points, mode shares, public transport, and the
// trips of replication 0 (rows go to r's own arena `result_arena`; scratch may be reset afterwards).
err_code indicator_collect(const world_year *w, const population *people, const plan *p, const equilibrium_out *e,
                           arena *result_arena, arena *scratch, result *r, uint32_t year_ix, uint32_t replication);
// Only what follows from the vehicles' routes (car-km, cordon, index points, emissions, delay): all that a search for a
// ceiling needs. traffic_index_*_pct are set by traffic_index_fill when every year is there.
err_code indicator_collect_road(const world_year *w, const population *people, const plan *p, const equilibrium_out *e,
                                arena *scratch, result *r, uint32_t year_ix, uint32_t replication);
// What the indicator state_hash_low holds: people, plans and arrivals of a day.
uint32_t indicator_state_hash(const population *people, const plan *p, const equilibrium_out *e);

#endif
