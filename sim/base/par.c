#include "base/par.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAR_BLOCK = 4096,         // items of one partial sum
    PAR_BLOCKS = 256,         // partial sums held at a time
    PAR_CHUNKS = 16,          // fixed pieces of count-scan-place
    PAR_CHUNK_ITEMS = 16,     // loop indices a thread takes at a time
    PAR_SERIAL_MAX = 1 << 15  // below this the threads cost more than they give
};

void par_set_threads(int threads) {
    omp_set_dynamic(0);
    omp_set_num_threads(threads > 0 ? threads : omp_get_num_procs());
    // Loops are schedule(runtime). The run-time's own default hands out one index at a time, which costs more than many
    // a loop body; results do not depend on it, so OMP_SCHEDULE may still choose another.
    if (getenv("OMP_SCHEDULE") == NULL) {
        omp_set_schedule(omp_sched_dynamic, PAR_CHUNK_ITEMS);
    }
}

int par_thread_count(void) {
    return omp_get_max_threads();
}

int par_thread_ix(void) {
    return omp_get_thread_num();
}

static size_t par_min(size_t a, size_t b) {
    return a < b ? a : b;
}

double par_sum_f64(const double *values, size_t count) {
    double total = 0;
    double part[PAR_BLOCKS];
    for (size_t done = 0; done < count; done += (size_t)PAR_BLOCK * PAR_BLOCKS) {
        size_t blocks = par_min((count - done + PAR_BLOCK - 1) / PAR_BLOCK, PAR_BLOCKS);
#pragma omp parallel for schedule(static) if (blocks > 4)
        for (size_t b = 0; b < blocks; b++) {
            size_t first = done + b * PAR_BLOCK;
            size_t end = par_min(first + PAR_BLOCK, count);
            double sum = 0;
            for (size_t i = first; i < end; i++) {
                sum += values[i];
            }
            part[b] = sum;
        }
        for (size_t b = 0; b < blocks; b++) {
            total += part[b];
        }
    }
    return total;
}

int64_t par_sum_i64(const int64_t *values, size_t count) {
    int64_t total = 0;
    int64_t part[PAR_BLOCKS];
    for (size_t done = 0; done < count; done += (size_t)PAR_BLOCK * PAR_BLOCKS) {
        size_t blocks = par_min((count - done + PAR_BLOCK - 1) / PAR_BLOCK, PAR_BLOCKS);
#pragma omp parallel for schedule(static) if (blocks > 4)
        for (size_t b = 0; b < blocks; b++) {
            size_t first = done + b * PAR_BLOCK;
            size_t end = par_min(first + PAR_BLOCK, count);
            int64_t sum = 0;
            for (size_t i = first; i < end; i++) {
                sum += values[i];
            }
            part[b] = sum;
        }
        for (size_t b = 0; b < blocks; b++) {
            total += part[b];
        }
    }
    return total;
}

void par_scan_u32(const uint32_t *counts, uint32_t n, uint32_t *first) {
    uint64_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t count = counts[i];  // read before writing: counts and first may be the same array
        first[i] = (uint32_t)total;
        total += count;
    }
    ASSERT(total <= UINT32_MAX);
    first[n] = (uint32_t)total;
}

// Start of piece c when n items are cut into PAR_CHUNKS pieces.
static uint32_t par_chunk_first(uint32_t n, int c) {
    return (uint32_t)((uint64_t)n * (uint64_t)c / PAR_CHUNKS);
}

static err_code par_group_serial(const uint32_t *key, uint32_t n, uint32_t key_count, uint32_t *first,
                                 uint32_t *items) {
    memset(first, 0, ((size_t)key_count + 1) * sizeof *first);
    for (uint32_t i = 0; i < n; i++) {
        CHECK(key[i] < key_count, ERR_RANGE, "item %u has group %u, but there are only %u groups", i, key[i],
              key_count);
        first[key[i]]++;
    }
    par_scan_u32(first, key_count, first);
    for (uint32_t i = 0; i < n; i++) {
        items[first[key[i]]++] = i;
    }
    // Each first now stands at its group's end, which is the next group's start.
    memmove(first + 1, first, (size_t)key_count * sizeof *first);
    first[0] = 0;
    return ERR_OK;
}

// tally[chunk][key] counts, then turns into the place of the chunk's first item of the key.
static void par_group_chunks(const uint32_t *key, uint32_t n, uint32_t key_count, uint32_t *tally, uint32_t *first,
                             uint32_t *items) {
#pragma omp parallel for schedule(static)
    for (int c = 0; c < PAR_CHUNKS; c++) {
        uint32_t *mine = tally + (size_t)c * key_count;
        for (uint32_t i = par_chunk_first(n, c); i < par_chunk_first(n, c + 1); i++) {
            mine[key[i]]++;
        }
    }
    uint32_t total = 0;
    for (uint32_t k = 0; k < key_count; k++) {
        first[k] = total;
        for (int c = 0; c < PAR_CHUNKS; c++) {
            uint32_t *slot = &tally[(size_t)c * key_count + k];
            uint32_t count = *slot;
            *slot = total;
            total += count;
        }
    }
    first[key_count] = total;
#pragma omp parallel for schedule(static)
    for (int c = 0; c < PAR_CHUNKS; c++) {
        uint32_t *mine = tally + (size_t)c * key_count;
        for (uint32_t i = par_chunk_first(n, c); i < par_chunk_first(n, c + 1); i++) {
            items[mine[key[i]]++] = i;
        }
    }
}

err_code par_group_u32(const uint32_t *key, uint32_t n, uint32_t key_count, uint32_t *first, uint32_t *items) {
    // With few items a key the chunks' tallies would be larger than the work.
    if (n < PAR_SERIAL_MAX || key_count > n / PAR_CHUNKS || omp_get_max_threads() == 1) {
        return par_group_serial(key, n, key_count, first, items);
    }
    for (uint32_t i = 0; i < n; i++) {
        CHECK(key[i] < key_count, ERR_RANGE, "item %u has group %u, but there are only %u groups", i, key[i],
              key_count);
    }
    uint32_t *tally = mem_alloc((size_t)key_count * PAR_CHUNKS * sizeof *tally);
    if (tally == NULL) {
        return ERR_MEMORY;
    }
    par_group_chunks(key, n, key_count, tally, first, items);
    mem_free(tally);
    return ERR_OK;
}

uint32_t par_select_u8(const uint8_t *keep, uint32_t n, uint32_t *items) {
    uint32_t first[PAR_CHUNKS + 1] = {0};
#pragma omp parallel for schedule(static) if (n >= PAR_SERIAL_MAX)
    for (int c = 0; c < PAR_CHUNKS; c++) {
        uint32_t kept = 0;
        for (uint32_t i = par_chunk_first(n, c); i < par_chunk_first(n, c + 1); i++) {
            kept += keep[i] != 0;
        }
        first[c] = kept;
    }
    par_scan_u32(first, PAR_CHUNKS, first);
#pragma omp parallel for schedule(static) if (n >= PAR_SERIAL_MAX)
    for (int c = 0; c < PAR_CHUNKS; c++) {
        uint32_t place = first[c];
        for (uint32_t i = par_chunk_first(n, c); i < par_chunk_first(n, c + 1); i++) {
            if (keep[i] != 0) {
                items[place++] = i;
            }
        }
    }
    return first[PAR_CHUNKS];
}

err_code par_sort_u64(const uint64_t *key, uint32_t n, uint32_t *order) {
    enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };
    uint64_t all_or = 0, all_and = UINT64_MAX;
    for (uint32_t i = 0; i < n; i++) {
        all_or |= key[order[i]];
        all_and &= key[order[i]];
    }
    uint64_t varying = n == 0 ? 0 : all_or ^ all_and;
    if (varying == 0) {
        return ERR_OK;
    }
    uint32_t *other = mem_alloc((size_t)n * sizeof *other);
    if (other == NULL) {
        return ERR_MEMORY;
    }
    uint32_t *from = order, *to = other;
    for (int shift = 0; shift < 64; shift += DIGIT_BITS) {
        if ((varying >> shift & (DIGITS - 1)) == 0) {
            continue;  // every key has the same digit here
        }
        uint32_t place[DIGITS + 1] = {0};
        for (uint32_t i = 0; i < n; i++) {
            place[key[from[i]] >> shift & (DIGITS - 1)]++;
        }
        par_scan_u32(place, DIGITS, place);
        for (uint32_t i = 0; i < n; i++) {
            to[place[key[from[i]] >> shift & (DIGITS - 1)]++] = from[i];
        }
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != order) {
        memcpy(order, from, (size_t)n * sizeof *order);
    }
    mem_free(other);
    return ERR_OK;
}

uint32_t par_first_failure(const uint8_t *status, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        if (status[i] != ERR_OK) {
            return i;
        }
    }
    return IX_NONE;
}
