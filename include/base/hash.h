// A 64-bit hash of state for determinism tests and cache keys (FNV-1a over bytes with a splitmix64
// finish). Not cryptographic.
#ifndef VESTSIM_BASE_HASH_H
#define VESTSIM_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_SEED 0xcbf29ce484222325ULL
uint64_t hash_bytes(uint64_t h, const void *data, size_t bytes);
uint64_t hash_u64(uint64_t h, uint64_t value);
uint64_t hash_f64(uint64_t h, double value);  // -0 as 0, every NaN alike
uint64_t hash_text(const char *text);         // whole text from HASH_SEED, finished: a stable id
uint64_t hash_finish(uint64_t h);

#endif
