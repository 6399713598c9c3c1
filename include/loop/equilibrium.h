// Day-to-day loop for one (year, replication): travellers see smoothed times, some reconsider mode and route, traffic
// is simulated, times are averaged, until the relative gap and the change in mode shares are small.
#ifndef VESTSIM_LOOP_EQUILIBRIUM_H
#define VESTSIM_LOOP_EQUILIBRIUM_H

#include "loop/world_year.h"
#include "model/mobsim.h"
#include "world/result.h"

typedef struct equilibrium_out {  // arrays in the arena given
    uint32_t iterations;
    bool converged;
    double gap_pct;
    uint32_t leg_count;  // vehicle legs: two a car tour, then one a flow vehicle
    uint32_t *leg_departure_s;
    uint32_t *leg_route_first;
    uint32_t *leg_route_link;
    uint8_t *leg_vehicle;
    uint8_t *leg_segment;
    uint32_t *leg_tour_ix;  // IX_NONE for flows
    uint8_t *leg_return;    // 1 for the trip home
    mobsim_result traffic;  // last iteration
    traveltime time;        // smoothed, for warm starts
} equilibrium_out;

// warm: times to start from (a neighbouring year or replication), or NULL for free flow. Writes iteration rows of
// r at [year_ix][replication] and sets p->tour.mode. ERR_INTERRUPTED when asked to stop.
err_code equilibrium_run(const world_year *w, plan *p, const population *people, rng_key key, const traveltime *warm,
                         arena *a, arena *scratch, result *r, uint32_t year_ix, uint32_t replication,
                         equilibrium_out *out);

#endif
