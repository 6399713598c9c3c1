// Parallel helpers with results that do not depend on the number of threads.
// Only this module calls the OpenMP run-time library; models use `#pragma omp parallel for
// schedule(runtime)` and nothing else, and write only what their own index owns.
#ifndef VESTSIM_BASE_PAR_H
#define VESTSIM_BASE_PAR_H

#include "base/mem.h"

void par_set_threads(int threads);  // 0 = all the machine has
int par_thread_count(void);         // threads a parallel region would use
int par_thread_ix(void);            // scratch index inside a region, 0 outside

// Sum in fixed blocks of 4096, blocks added in order: same bits for any thread count.
double par_sum_f64(const double *values, size_t count);
int64_t par_sum_i64(const int64_t *values, size_t count);

// Exclusive prefix sum of counts[0..n) into first[0..n]; first[n] is the total.
void par_scan_u32(const uint32_t *counts, uint32_t n, uint32_t *first);
// Count-scan-place: groups items 0..n-1 by key[i] < key_count, in item order within a key.
// first has key_count+1 entries, items n.
err_code par_group_u32(const uint32_t *key, uint32_t n, uint32_t key_count, uint32_t *first, uint32_t *items);
// Indices i with keep[i] != 0, in order; returns how many.
uint32_t par_select_u8(const uint8_t *keep, uint32_t n, uint32_t *items);
// Stable radix sort of order[0..n) by key[order[i]] (64-bit keys).
err_code par_sort_u64(const uint64_t *key, uint32_t n, uint32_t *order);

// Lowest index whose status is not ERR_OK, or IX_NONE: the error to report after a parallel loop.
uint32_t par_first_failure(const uint8_t *status, uint32_t n);

#endif
