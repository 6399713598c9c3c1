// What the vehicles of the queue assignment met, minute by minute: time on each link by minute of entry, and the wait
// before a first link by minute of departure (a full road keeps vehicles from starting; link times do not show it).
// Minutes, because a quarter-hour is a quarter of the period of these problems; the router's candidates come from
// model/traveltime, which is kept by quarter-hours.
//
// A minute in which nobody entered has what is left of the time of the minute before. Times between the middles of two
// minutes are interpolated; entering later never means leaving earlier.
#ifndef VESTSIM_LOOP_ASSIGN_TIMES_H
#define VESTSIM_LOOP_ASSIGN_TIMES_H

#include "model/mobsim.h"

enum {
    ASSIGN_BIN_S = 60,
    ASSIGN_BIN_DS = ASSIGN_BIN_S * 10,
    ASSIGN_BINS = TRAVELTIME_BINS * TRAVELTIME_BIN_S / ASSIGN_BIN_S
};

typedef struct assign_times {
    uint32_t link_count;
    const uint32_t *free_ds;  // [link], borrowed
    uint32_t *time_ds;        // [link][bin], smoothed
    uint32_t *wait_ds;        // [link][bin], smoothed
    uint32_t *count, *wait_count;
    uint64_t *sum_s, *wait_sum_s;
} assign_times;

err_code assign_times_init(assign_times *t, arena *a, const uint32_t *free_ds, uint32_t link_count);
// weight of the day's times against those before. entry_s as of mobsim_set_recorder.
void assign_times_update(assign_times *t, const mobsim_demand *d, const mobsim_result *r, const uint32_t *entry_s,
                         double weight);
// From departure to arrival.
uint32_t assign_times_route_ds(const assign_times *t, const uint32_t *link, uint32_t count, uint32_t departure_s);

#endif
