// Volume-delay functions of links, for static assignment: time as a smooth function of flow,
//   t(x) = free_min (1 + alpha (x / capacity)^power)        (Bureau of Public Roads 1964, Traffic Assignment Manual)
// and a fixed part of the cost that flow does not change (toll and distance turned into minutes). Kept apart from the
// network's own columns: the queue model has no use for them.
#ifndef VESTSIM_WORLD_VOLUME_DELAY_H
#define VESTSIM_WORLD_VOLUME_DELAY_H

#include "world/network.h"

#define VOLUME_DELAY_COLUMNS(X)                                                        \
    X(double, free_min, "min", "time without traffic")                                 \
    X(double, alpha, "1", "BPR alpha (B)")                                             \
    X(double, power, "1", "BPR beta (power)")                                          \
    X(double, capacity, "h-1", "flow at which the delay is alpha times the free time") \
    X(double, fixed_min, "min", "toll and distance as minutes, whatever the flow")

typedef struct volume_delay {
    uint32_t count;
    COLUMN_FIELDS(VOLUME_DELAY_COLUMNS)
} volume_delay;

err_code volume_delay_alloc(volume_delay *v, arena *a, uint32_t link_count);
// Length and speed of the network as free time, its capacities, alpha 0.15 and power 4 (BPR 1964), nothing fixed.
err_code volume_delay_from_network(volume_delay *v, arena *a, const network *n);
// Finite, not negative, capacity above 0, power 0 or at least 1 (the cost must be convex); message names the link.
err_code volume_delay_validate(const volume_delay *v, const network *n);

double volume_delay_time(const volume_delay *v, uint32_t link, double flow);      // minutes
double volume_delay_slope(const volume_delay *v, uint32_t link, double flow);     // minutes a vehicle
double volume_delay_integral(const volume_delay *v, uint32_t link, double flow);  // minutes x vehicles, from 0 to flow

#endif
