// Cumulative destination shares by origin slot: made once for all draws, then a draw is a binary search.
#include <math.h>
#include <string.h>

#include "activity_part.h"
#include "base/dmath.h"

err_code activity_table_init(const activity_los *los, uint32_t place_count, const double *place_size,
                             const uint8_t *slot_used, arena *a, activity_table *out) {
    memset(out, 0, sizeof *out);
    ARENA_NEW(a, out->place_ix, place_count);
    ARENA_NEW(a, out->size, place_count);
    ARENA_NEW(a, out->row_slot, los->slot_count);
    ARENA_NEW(a, out->row_of_slot, los->slot_count);
    for (uint32_t p = 0; p < place_count; p++) {
        if (place_size[p] > 0.0) {
            out->place_ix[out->count] = p;
            out->size[out->count++] = place_size[p];
        }
    }
    for (uint32_t slot = 0; slot < los->slot_count; slot++) {
        out->row_of_slot[slot] = slot_used[slot] ? out->row_count : IX_NONE;
        if (slot_used[slot]) {
            out->row_slot[out->row_count++] = slot;
        }
    }
    ARENA_NEW(a, out->cumulative, (size_t)out->row_count * out->count);
    return ERR_OK;
}

static void accumulate_row(double *row, uint32_t count) {
    double total = 0.0;
    for (uint32_t j = 0; j < count; j++) {
        total += row[j];
    }
    double running = 0.0;
    for (uint32_t j = 0; j < count; j++) {
        running += total > 0.0 ? row[j] / total : 0.0;
        row[j] = running;
    }
    // Rounding must not leave a gap above the last place that can be reached.
    for (uint32_t j = count; total > 0.0 && j > 0 && row[j - 1] >= running; j--) {
        row[j - 1] = 1.0;
    }
}

void activity_table_accumulate(activity_table *t) {
#pragma omp parallel for schedule(runtime)
    for (uint32_t r = 0; r < t->row_count; r++) {
        accumulate_row(t->cumulative + (size_t)r * t->count, t->count);
    }
}

void activity_table_fill(activity_table *t, const activity_los *los, const float *of_all, double size_scale,
                         double logsum_scale) {
#pragma omp parallel for schedule(runtime)
    for (uint32_t r = 0; r < t->row_count; r++) {
        double *row = t->cumulative + (size_t)r * t->count;
        const float *logsum = of_all + (size_t)t->row_slot[r] * los->slot_count;
        double best = -HUGE_VAL;
        for (uint32_t j = 0; j < t->count; j++) {
            double mode_logsum = (double)logsum[los->place_slot[t->place_ix[j]]];
            row[j] = -HUGE_VAL;
            if (mode_logsum > -HUGE_VAL) {
                row[j] = size_scale * dmath_log(t->size[j]) + logsum_scale * mode_logsum;
                best = fmax(best, row[j]);
            }
        }
        for (uint32_t j = 0; j < t->count; j++) {
            row[j] = row[j] > -HUGE_VAL ? dmath_exp(row[j] - best) : 0.0;
        }
        accumulate_row(row, t->count);
    }
}

uint32_t activity_table_draw(const activity_table *t, uint32_t slot, double u) {
    uint32_t r = t->row_of_slot[slot];
    if (r == IX_NONE || t->count == 0) {
        return IX_NONE;
    }
    const double *row = t->cumulative + (size_t)r * t->count;
    if (row[t->count - 1] <= 0.0) {
        return IX_NONE;
    }
    uint32_t low = 0;
    uint32_t high = t->count - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (row[middle] > u) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return t->place_ix[low];
}

bool activity_is_commuter(const population *p, uint32_t person_ix) {
    return p->person.segment[person_ix] == SEGMENT_VISITOR && p->person.employed[person_ix];
}

uint8_t *activity_slots_of(const activity_los *los, const population *p, segment who, arena *a) {
    uint8_t *used = arena_alloc(a, los->slot_count, sizeof *used);
    for (uint32_t i = 0; used != NULL && i < p->person.count; i++) {
        if (p->person.segment[i] == who) {
            used[los->place_slot[p->person.home_place_ix[i]]] = 1;
        }
    }
    return used;
}
