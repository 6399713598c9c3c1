// The trips of a static problem on the queue model: a dynamic equilibrium of routes whose volumes can be held against
// the static ones. Trips become whole vehicles that depart evenly over a period (rounded so that the total is kept to
// one vehicle). Day to day the router offers each pair and quarter-hour its cheapest route; vehicles compare all routes
// offered so far by smoothed travel times of minutes, the wait for room on the first link included, and switch to the
// best with a probability that grows with their own relative gap (as loop/equilibrium.h).
#ifndef VESTSIM_LOOP_ASSIGN_QUEUE_H
#define VESTSIM_LOOP_ASSIGN_QUEUE_H

#include "model/departure.h"
#include "model/mobsim.h"
#include "world/od_matrix.h"

typedef struct assign_queue_params {
    double period_h;  // the trips depart in this time: capacities are per hour, trips per period
    double gap;       // stop at this relative gap of travel times on the smoothed day
    uint32_t days_max;
    uint32_t seed;
    // Queues stand at the end of their link and do not reach back (Vickrey 1969, Am. Econ. Rev. 59(2)): the dynamic
    // counterpart of delay functions, and what remains where lengths are not lengths (Sioux Falls). false: storage by
    // length, as in vestsim run.
    bool point_queue;
    // Everybody wants to arrive at arrive_s and chooses departure and route (model/departure.h) among minutes from two
    // periods before to one period after it; at first departures are even in the period before.
    bool choose_departure;
    double arrive_s;
    departure_values values;
    double taste_min;  // scale of the frozen random terms, as minutes of travel time (3: assumption)
    mobsim_params traffic;
} assign_queue_params;

typedef struct assign_queue_result {
    double *flow;      // [link] vehicles that entered, mean of the last five days
    double *time_min;  // [link] mean time of those that entered and left; free flow where nobody did
    double *day_gap;   // [days + 1] before each day and after the last; [0] is 0, nobody knows of queues yet
    double gap;
    double total_time_min;  // of those that arrived, waiting to depart included
    double total_cost;      // with choose_departure: of travel time and schedule delay as driven on the last day
    uint32_t vehicle_count;
    const uint32_t *departure_s, *arrival_s;  // [vehicle] of the last day; IX_NONE = not arrived
    uint32_t days;
    uint64_t vehicles, arrived, forced, unreachable;
    bool converged;
} assign_queue_result;

assign_queue_params assign_queue_defaults(void);
// Sets choose_departure with a gap and a number of days that suit it: the gap is over all minutes and frozen terms, so
// that it stays larger than that of routes.
void assign_queue_choose_departures(assign_queue_params *p, departure_values values, double arrive_s);
// Cars; nodes marked zone_only carry no through traffic (they are split in a copy of the network).
err_code assign_queue_run(const network *n, const od_matrix *od, const assign_queue_params *p, arena *a,
                          assign_queue_result *out);

#endif
