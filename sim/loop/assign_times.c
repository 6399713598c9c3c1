#include "assign_times.h"

#include <string.h>

enum { WEIGHT_ONE = 1024 };

err_code assign_times_init(assign_times *t, arena *a, const uint32_t *free_ds, uint32_t link_count) {
    size_t cells = (size_t)link_count * ASSIGN_BINS;
    *t = (assign_times){.link_count = link_count, .free_ds = free_ds};
    ARENA_NEW(a, t->time_ds, cells);
    ARENA_NEW(a, t->wait_ds, cells);
    ARENA_NEW(a, t->count, cells);
    ARENA_NEW(a, t->wait_count, cells);
    ARENA_NEW(a, t->sum_s, cells);
    ARENA_NEW(a, t->wait_sum_s, cells);
    for (uint32_t l = 0; l < link_count; l++) {
        for (uint32_t b = 0; b < ASSIGN_BINS; b++) {
            t->time_ds[(size_t)l * ASSIGN_BINS + b] = free_ds[l];
        }
    }
    return ERR_OK;
}

static size_t cell_of(uint32_t link, uint32_t time_s) {
    uint32_t bin = time_s / ASSIGN_BIN_S;
    return (size_t)link * ASSIGN_BINS + (bin < ASSIGN_BINS ? bin : ASSIGN_BINS - 1);
}

static void add_leg(assign_times *t, const mobsim_demand *d, uint32_t leg, uint32_t arrival_s,
                    const uint32_t *entry_s) {
    uint32_t first = d->route_first[leg], end = d->route_first[leg + 1];
    if (first == end || entry_s[first] == IX_NONE) {
        return;
    }
    size_t start = cell_of(d->route_link[first], d->departure_s[leg]);
    t->wait_count[start]++;
    t->wait_sum_s[start] += entry_s[first] - d->departure_s[leg];
    for (uint32_t i = first; i < end && entry_s[i] != IX_NONE; i++) {
        uint32_t left_s = i + 1 < end ? entry_s[i + 1] : arrival_s;
        if (left_s != IX_NONE) {
            size_t cell = cell_of(d->route_link[i], entry_s[i]);
            t->count[cell]++;
            t->sum_s[cell] += left_s - entry_s[i];
        }
    }
}

// One link's row: observed means, what is left of the minute before where there is none, both above `least`.
static void smooth_row(uint32_t *time_ds, const uint32_t *count, const uint64_t *sum_s, uint32_t least_ds,
                       uint32_t weight) {
    uint32_t observed_ds = least_ds;
    for (uint32_t b = 0; b < ASSIGN_BINS; b++) {
        uint32_t left_ds = observed_ds > ASSIGN_BIN_DS ? observed_ds - ASSIGN_BIN_DS : 0;
        observed_ds = count[b] > 0 ? (uint32_t)((sum_s[b] * 10 + count[b] / 2) / count[b]) : left_ds;
        observed_ds = observed_ds < left_ds ? left_ds : observed_ds;
        observed_ds = observed_ds < least_ds ? least_ds : observed_ds;
        uint64_t mixed = (uint64_t)(WEIGHT_ONE - weight) * time_ds[b] + (uint64_t)weight * observed_ds;
        time_ds[b] = (uint32_t)((mixed + WEIGHT_ONE / 2) / WEIGHT_ONE);
        if (b > 0 && time_ds[b - 1] > time_ds[b] + ASSIGN_BIN_DS) {
            time_ds[b] = time_ds[b - 1] - ASSIGN_BIN_DS;  // rounding
        }
    }
}

void assign_times_update(assign_times *t, const mobsim_demand *d, const mobsim_result *r, const uint32_t *entry_s,
                         double weight) {
    size_t cells = (size_t)t->link_count * ASSIGN_BINS;
    uint32_t weight_1024 = (uint32_t)(weight * WEIGHT_ONE + 0.5);
    memset(t->count, 0, cells * sizeof *t->count);
    memset(t->wait_count, 0, cells * sizeof *t->wait_count);
    memset(t->sum_s, 0, cells * sizeof *t->sum_s);
    memset(t->wait_sum_s, 0, cells * sizeof *t->wait_sum_s);
    for (uint32_t leg = 0; leg < d->leg_count; leg++) {
        add_leg(t, d, leg, r->arrival_s[leg], entry_s);
    }
#pragma omp parallel for schedule(runtime)
    for (uint32_t l = 0; l < t->link_count; l++) {
        size_t row = (size_t)l * ASSIGN_BINS;
        smooth_row(t->time_ds + row, t->count + row, t->sum_s + row, t->free_ds[l], weight_1024);
        smooth_row(t->wait_ds + row, t->wait_count + row, t->wait_sum_s + row, 0, weight_1024);
    }
}

// Between the middles of minutes. Whole deciseconds, rounded down: FIFO holds to 0.1 s.
static uint32_t at_ds(const uint32_t *row_ds, uint32_t time_ds) {
    uint32_t since_ds = time_ds < ASSIGN_BIN_DS / 2 ? 0 : time_ds - ASSIGN_BIN_DS / 2, bin = since_ds / ASSIGN_BIN_DS;
    if (bin >= ASSIGN_BINS - 1) {
        return row_ds[ASSIGN_BINS - 1];
    }
    uint64_t part = since_ds - bin * ASSIGN_BIN_DS;
    return (uint32_t)((row_ds[bin] * (ASSIGN_BIN_DS - part) + row_ds[bin + 1] * part) / ASSIGN_BIN_DS);
}

uint32_t assign_times_route_ds(const assign_times *t, const uint32_t *link, uint32_t count, uint32_t departure_s) {
    uint32_t start_ds = departure_s * 10, now_ds = start_ds;
    if (count > 0) {
        now_ds += at_ds(t->wait_ds + (size_t)link[0] * ASSIGN_BINS, now_ds);
    }
    for (uint32_t i = 0; i < count; i++) {
        now_ds += at_ds(t->time_ds + (size_t)link[i] * ASSIGN_BINS, now_ds);
    }
    return now_ds - start_ds;
}
