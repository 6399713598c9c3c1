// Link travel times by 15-minute entry bin: what travellers believe about the road, smoothed over days.
//
// Times are deciseconds. FIFO holds after traveltime_repair: entering later never means leaving earlier (bin value
// differences are bounded by the bin length); the last bin covers the rest of the simulated day.
#ifndef VESTSIM_MODEL_TRAVELTIME_H
#define VESTSIM_MODEL_TRAVELTIME_H

#include "world/network.h"

enum { TRAVELTIME_BIN_S = 900, TRAVELTIME_BINS = 120 };  // 30 hours

typedef struct traveltime {
    uint32_t link_count;
    uint32_t *free_ds;  // [link] free-flow time
    uint32_t *time_ds;  // [bin][link]
} traveltime;

err_code traveltime_init(traveltime *t, arena *a, const network *n);  // free flow
err_code traveltime_copy(const traveltime *from, arena *a, traveltime *to);
// time = (1 - weight) * time + weight * observed, where observed = time_sum_s / entered of the bin, free flow if
// nobody entered. Arrays are [bin][link] as mobsim fills them. Integer arithmetic (weight in 1/1024).
void traveltime_update(traveltime *t, const uint32_t *entered, const uint32_t *time_sum_s, double weight);
void traveltime_repair(traveltime *t);
// Travel time in ds when entering link e at time t_ds (deciseconds): linear between bin middles is not used; steps
// of bins with FIFO repair, so that router and tests agree exactly.
static inline uint32_t traveltime_at_ds(const traveltime *t, uint32_t link, uint32_t time_ds) {
    uint32_t bin = time_ds / (TRAVELTIME_BIN_S * 10);
    bin = bin < TRAVELTIME_BINS ? bin : TRAVELTIME_BINS - 1;
    return t->time_ds[(size_t)bin * t->link_count + link];
}

#endif
