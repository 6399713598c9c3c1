// Contraction orders of large networks kept between runs, so that METIS orders a network once. Never needed: an order
// that cannot be found, read or written only costs the time to work it out, and routes are the same with and without.
//
// One file an order, order-<key>.bin: "VSORDER1", key (u64), node count (u64), the order (u32 each), hash of all of
// this (u64), little-endian. A file is checked by its hash and for being a permutation; one that is not right is left
// alone with a warning. Files are written under another name and renamed, so that nobody reads half of one.
#ifndef VESTSIM_IO_ORDER_CACHE_H
#define VESTSIM_IO_ORDER_CACHE_H

#include "base/mem.h"

// Folder: VESTSIM_CACHE (empty = no cache), else vestsim in XDG_CACHE_HOME, else ~/.cache/vestsim.
// *order is NULL if there is none (no error). ERR_MEMORY only.
err_code order_cache_get(uint64_t key, uint32_t count, arena *a, uint32_t **order);
// Keeps an order if it can.
void order_cache_put(uint64_t key, const uint32_t *order, uint32_t count);

#endif
