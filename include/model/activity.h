// Daily tours: how many of which purpose, when, and to which place.
//
// Fixed places first: work by commuting margins then jobs by a doubly constrained gravity (Wilson 1967, Transp. Res.
// 1(3)), school by nearest with places left. Other destinations: logit over places with ln(size) and the mode
// logsum. Every draw is keyed by stable ids, so the same person does the same in every scenario.
#ifndef VESTSIM_MODEL_ACTIVITY_H
#define VESTSIM_MODEL_ACTIVITY_H

#include "model/choice.h"
#include "world/plan.h"
#include "world/scenario.h"

// Level of service between the nodes of places, filled by the loop: logsum of the mode choice by purpose.
// node_slot[place] gives the row/column; logsum[purpose][slot_from][slot_to]; distance_m[slot_from][slot_to] by road.
typedef struct activity_los {
    uint32_t slot_count;
    const uint32_t *place_slot;
    const float *logsum[PURPOSE_COUNT];         // of a traveller with a car; -inf = cannot be reached
    const float *logsum_no_car[PURPOSE_COUNT];  // without one; all NULL = nobody heeds it
    const float *distance_m;                    // +inf = cannot be reached
} activity_los;

// Assigns person.work_place_ix (work and school). Residents: out_commuters leave to outside jobs, the rest work
// inside; in-commuters get inside jobs. Growth keeps the same rates.
err_code activity_assign_fixed(const scenario *s, const zone_system *z, const activity_los *los, rng_key key,
                               double out_commute_share, population *p, arena *scratch);
// Share of employed residents who work outside, from the scenario's out_commuters and today's population.
double activity_out_commute_share(const scenario *s, const population *today);
// Tours of everybody, with destinations and times, mode = MODE_COUNT (not yet chosen). home_office_share as given
// (measures may change it).
err_code activity_run(const scenario *s, const zone_system *z, const activity_los *los, double home_office_share,
                      rng_key key, const population *p, arena *a, arena *scratch, plan *out);

#endif
