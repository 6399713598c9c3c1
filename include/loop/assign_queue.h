// The trips of a static problem on the queue model: a dynamic equilibrium of routes whose volumes can be held against
// the static ones. Trips become whole vehicles that depart evenly over a period (rounded so that the total is kept to
// one vehicle); day to day, on smoothed travel times, vehicles switch to the cheapest route of their quarter-hour with
// a probability that grows with their own relative gap (as loop/equilibrium.h; speed.md section 4).
#ifndef VESTSIM_LOOP_ASSIGN_QUEUE_H
#define VESTSIM_LOOP_ASSIGN_QUEUE_H

#include "model/mobsim.h"
#include "world/od_matrix.h"

typedef struct assign_queue_params {
    double period_h;  // the trips depart in this time: capacities are per hour, trips per period
    double gap;       // stop at this relative gap of travel times on the smoothed day
    uint32_t days_max;
    uint32_t seed;
    mobsim_params traffic;
} assign_queue_params;

typedef struct assign_queue_result {
    double *flow;      // [link] vehicles that entered on the last day
    double *time_min;  // [link] mean time of those that entered and left; free flow where nobody did
    double gap;
    double total_time_min;  // of those that arrived, waiting to depart included
    uint32_t days;
    uint64_t vehicles, arrived, forced, unreachable;
    bool converged;
} assign_queue_result;

assign_queue_params assign_queue_defaults(void);
// Cars; nodes marked zone_only carry no through traffic (they are split in a copy of the network).
err_code assign_queue_run(const network *n, const od_matrix *od, const assign_queue_params *p, arena *a,
                          assign_queue_result *out);

#endif
