// Static assignment: the user equilibrium of Wardrop (1952) on volume-delay functions, every used route of a pair of
// zones as cheap as its cheapest. It is the proof that routes and equilibrium are right, against published solutions.
//
// Method: the minimum of Beckmann's objective (Beckmann, McGuire and Winsten 1956) by gradient projection on paths
// (Jayakrishnan, Tsai, Prashker and Rajadhyaksha 1994, Transp. Res. Record 1443): shortest trees by origin offer new
// paths, then flow of each pair moves from its dearer paths to its cheapest by Newton steps, pair by pair in order,
// costs renewed at once. Trees of different origins are found in parallel; flows move in one order: any number of
// threads gives the same bytes. Relative gap: 1 - sum(demand x cheapest cost) / sum(flow x cost) at the same costs.
#ifndef VESTSIM_LOOP_ASSIGN_H
#define VESTSIM_LOOP_ASSIGN_H

#include "world/od_matrix.h"
#include "world/volume_delay.h"

typedef struct assign_params {
    double gap;  // stop at this relative gap or below
    uint32_t iterations_max;
} assign_params;

typedef struct assign_result {
    double *flow;      // [link] vehicles
    double *time_min;  // [link] at this flow, without the fixed cost
    double gap;        // relative
    double objective;  // Beckmann's, minutes x vehicles
    double total_time_min;
    double total_cost_min;  // with the fixed cost
    double free_cost_min;   // demand x cheapest cost on the empty network
    double demand;          // all trips
    double intrazonal;      // of them within a zone: not assigned
    double unreachable;     // of them without a way: not assigned
    uint32_t iterations;
    uint32_t path_count;  // used at the end
    bool converged;
} assign_result;

// Cars on the links allowed to them. Arrays of the result are in the arena. ERR_INTERRUPTED when asked to stop;
// a gap that was not reached is no error here: see converged.
err_code assign_run(const network *n, const volume_delay *delay, const od_matrix *od, const assign_params *p, arena *a,
                    assign_result *out);

#endif
