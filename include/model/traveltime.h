// Link travel times by 15-minute entry bin: what travellers believe about the road, smoothed over days.
//
// Times are deciseconds. FIFO holds after traveltime_repair: entering later never means leaving earlier. Bin values
// fall by at most the bin length, and the start of a bin keeps the time of the bin before until a vehicle that
// entered in it could not be overtaken; the last bin covers the rest of the simulated day.
#ifndef VESTSIM_MODEL_TRAVELTIME_H
#define VESTSIM_MODEL_TRAVELTIME_H

#include "world/network.h"

enum {
    TRAVELTIME_BIN_S = 900,
    TRAVELTIME_BINS = 120,            // 30 hours
    TRAVELTIME_THIRDS = 3,            // of a bin: 5 minutes
    TRAVELTIME_FREE_DS_MIN = 10,      // a second: what the queue model needs between two nodes
    TRAVELTIME_FREE_DS_MAX = 655350,  // 18 h
    TRAVELTIME_BIN_DS = TRAVELTIME_BIN_S * 10
};

// What was seen of the vehicles that entered a link in one bin and left it, one record so that a vehicle that leaves
// touches one cache line.
typedef struct traveltime_seen {
    uint32_t time_sum_ds;              // time on the link, free-flow part exact to 0.1 s
    uint32_t left[TRAVELTIME_THIRDS];  // vehicles, by 5 minutes of entry
} traveltime_seen;

typedef struct traveltime {
    uint32_t link_count;
    uint32_t *free_ds;  // [link] free-flow time
    uint32_t *time_ds;  // [bin][link]
} traveltime;

// Free-flow time of a link in whole deciseconds, within the bounds above; links without a speed get the upper one.
// The queue model drives exactly these times.
uint32_t traveltime_free_ds(const network *n, uint32_t link_ix);
err_code traveltime_init(traveltime *t, arena *a, const network *n);  // free flow
err_code traveltime_copy(const traveltime *from, arena *a, traveltime *to);
// time = (1 - weight) * time + weight * observed, where observed = (time_sum_ds - turn_sum_ds) / vehicles that left,
// free flow if there was none. turn_sum_ds (or NULL): the part of it that were penalties of turns, which routers add
// themselves. Arrays are [bin][link] as mobsim fills them. Integer arithmetic (weight in 1/1024).
void traveltime_update(traveltime *t, const traveltime_seen *seen, const uint32_t *turn_sum_ds, double weight);
void traveltime_repair(traveltime *t);
static inline uint32_t traveltime_left(const traveltime_seen *seen) {
    return seen->left[0] + seen->left[1] + seen->left[2];
}
// Travel time in ds when entering a link at time_ds (deciseconds since midnight): the bin's value, but never so small
// that a vehicle that entered at the end of the bin before would be overtaken. No interpolation, so router and tests
// agree exactly. One bin back is enough after traveltime_repair.
static inline uint32_t traveltime_at_ds(const traveltime *t, uint32_t link, uint32_t time_ds) {
    uint32_t bin = time_ds / TRAVELTIME_BIN_DS;
    bin = bin < TRAVELTIME_BINS ? bin : TRAVELTIME_BINS - 1;
    const uint32_t *value = &t->time_ds[(size_t)bin * t->link_count + link];
    if (bin == 0) {
        return *value;
    }
    uint32_t since_ds = time_ds - bin * TRAVELTIME_BIN_DS;
    uint32_t before_ds = *(value - t->link_count);
    return before_ds > *value + since_ds ? before_ds - since_ds : *value;
}

#endif
