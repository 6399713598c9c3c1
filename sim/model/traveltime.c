#include "model/traveltime.h"

#include <string.h>

enum { WEIGHT_ONE = 1024 };

uint32_t traveltime_free_ds(const network *n, uint32_t link_ix) {
    double speed_mps = (double)n->link.free_speed_mps[link_ix];
    double length_m = (double)n->link.length_m[link_ix];
    if (!(speed_mps > 0)) {
        return TRAVELTIME_FREE_DS_MAX;  // no cars: routers never ask
    }
    double free_ds = length_m / speed_mps * 10 + 0.5;
    if (!(free_ds > TRAVELTIME_FREE_DS_MIN)) {
        return TRAVELTIME_FREE_DS_MIN;
    }
    return free_ds < TRAVELTIME_FREE_DS_MAX ? (uint32_t)free_ds : TRAVELTIME_FREE_DS_MAX;
}

static err_code alloc_columns(traveltime *t, arena *a, uint32_t link_count) {
    t->link_count = link_count;
    ARENA_NEW(a, t->free_ds, link_count);
    ARENA_NEW(a, t->time_ds, (size_t)link_count * TRAVELTIME_BINS);
    return ERR_OK;
}

err_code traveltime_init(traveltime *t, arena *a, const network *n) {
    TRY(alloc_columns(t, a, n->link.count));
    for (uint32_t l = 0; l < t->link_count; ++l) {
        t->free_ds[l] = traveltime_free_ds(n, l);
    }
    for (uint32_t b = 0; b < TRAVELTIME_BINS; ++b) {
        memcpy(t->time_ds + (size_t)b * t->link_count, t->free_ds, t->link_count * sizeof *t->free_ds);
    }
    return ERR_OK;
}

err_code traveltime_copy(const traveltime *from, arena *a, traveltime *to) {
    TRY(alloc_columns(to, a, from->link_count));
    memcpy(to->free_ds, from->free_ds, from->link_count * sizeof *from->free_ds);
    memcpy(to->time_ds, from->time_ds, (size_t)from->link_count * TRAVELTIME_BINS * sizeof *from->time_ds);
    return ERR_OK;
}

static uint32_t weight_of(double weight) {
    if (!(weight > 0)) {
        return 0;
    }
    return weight < 1 ? (uint32_t)(weight * WEIGHT_ONE + 0.5) : WEIGHT_ONE;
}

static void update_bin(traveltime *t, uint32_t bin, const traveltime_seen *seen, const uint32_t *turn_sum_ds,
                       uint32_t weight) {
    size_t row = (size_t)bin * t->link_count;
    for (uint32_t l = 0; l < t->link_count; ++l) {
        uint32_t count = traveltime_left(&seen[row + l]);
        uint64_t observed_ds = t->free_ds[l];
        if (count > 0) {
            uint64_t sum_ds = seen[row + l].time_sum_ds - (turn_sum_ds == NULL ? 0 : turn_sum_ds[row + l]);
            observed_ds = (sum_ds + count / 2) / count;
        }
        uint64_t mixed = (uint64_t)(WEIGHT_ONE - weight) * t->time_ds[row + l] + weight * observed_ds;
        t->time_ds[row + l] = (uint32_t)((mixed + WEIGHT_ONE / 2) / WEIGHT_ONE);
    }
}

void traveltime_update(traveltime *t, const traveltime_seen *seen, const uint32_t *turn_sum_ds, double weight) {
    uint32_t weight_1024 = weight_of(weight);
#pragma omp parallel for schedule(runtime)
    for (uint32_t bin = 0; bin < TRAVELTIME_BINS; ++bin) {
        update_bin(t, bin, seen, turn_sum_ds, weight_1024);
    }
}

// Forward only: a time is never lowered, so a jam stays as long as it was seen.
void traveltime_repair(traveltime *t) {
#pragma omp parallel for schedule(runtime)
    for (uint32_t l = 0; l < t->link_count; ++l) {
        for (uint32_t b = 1; b < TRAVELTIME_BINS; ++b) {
            uint32_t before_ds = t->time_ds[(size_t)(b - 1) * t->link_count + l];
            uint32_t *now_ds = &t->time_ds[(size_t)b * t->link_count + l];
            if (before_ds > *now_ds + TRAVELTIME_BIN_DS) {
                *now_ds = before_ds - TRAVELTIME_BIN_DS;
            }
        }
    }
}
