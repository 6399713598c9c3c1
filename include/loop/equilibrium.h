// Day-to-day loop for one (year, replication): travellers see smoothed times, some reconsider mode and route, traffic
// is simulated, times are averaged, until the relative gap and the change in mode shares are small.
//
// Gap: what travellers could still gain (best mode and route against their own, frozen errors included) as a share of
// what they pay (generalised cost), both in minutes, over all tours and flow vehicles. Who reconsiders is a keyed draw
// whose probability falls with the iterations; those who do switch with a probability that grows with their own gap
// (speed.md section 4). While days are simulated the gap is estimated on those who reconsider; the gap that is
// reported at the end is evaluated for everybody.
#ifndef VESTSIM_LOOP_EQUILIBRIUM_H
#define VESTSIM_LOOP_EQUILIBRIUM_H

#include "loop/bus.h"
#include "loop/cyclists.h"
#include "loop/legs.h"
#include "loop/riders.h"
#include "world/result.h"

typedef struct equilibrium_out {  // arrays in the arena given, but for the routes in legs: free with equilibrium_free
    uint32_t iterations;
    bool converged;
    double gap_pct;
    tour_cost cost;
    legs_flow_vehicles flows;
    bus_day buses;
    cyclists cyclists;
    riders riders;          // of public transport
    transit timetable;      // as the buses kept it when travellers last looked
    legs_set legs;          // the last day's vehicles: tours, flows, buses
    mobsim_result traffic;  // of the last day
    traveltime time;        // smoothed, for warm starts
} equilibrium_out;

// warm: times to start from (a neighbouring year or replication), or NULL for free flow. Sets p->tour.mode and writes
// the iteration rows of r at [year_ix][replication]. ERR_INTERRUPTED when asked to stop.
err_code equilibrium_run(const world_year *w, plan *p, const population *people, rng_key key, const traveltime *warm,
                         arena *a, result *r, uint32_t year_ix, uint32_t replication, equilibrium_out *out);
// Drives the last day again and says when each vehicle enters each link: entry_s in a, parallel to
// out->legs.route.link, IX_NONE where it did not get. ERR_INTERNAL if anybody arrives at another second than before.
err_code equilibrium_record(const world_year *w, const population *people, const plan *p, const equilibrium_out *e,
                            arena *a, uint32_t **entry_s);
void equilibrium_free(equilibrium_out *out);

#endif
