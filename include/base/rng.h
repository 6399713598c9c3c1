// Random numbers as a pure function: Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random
// numbers: as easy as 1, 2, 3", SC11). No state anywhere.
//
// key = (seed, replication); counter = (entity low, entity high, purpose << 16 | draw, day << 17 | tick).
// entity is a stable external id, never an array index. The scenario's name and year are not in the
// key, so scenarios share draws (docs/decisions/0002-random-number-keys.md).
#ifndef VESTSIM_BASE_RNG_H
#define VESTSIM_BASE_RNG_H

#include "base/err.h"

typedef struct rng_key {
    uint32_t seed;
    uint32_t replication;
} rng_key;

typedef struct rng_block {
    uint32_t word[4];
} rng_block;

rng_block rng_philox(const uint32_t counter[4], const uint32_t key[2]);
// One block of four 32-bit words. purpose, draw < 65536; day < 32768; tick < 131072.
rng_block rng_draw(rng_key key, uint64_t entity, uint32_t purpose, uint32_t draw);
rng_block rng_draw_at(rng_key key, uint64_t entity, uint32_t purpose, uint32_t draw, uint32_t day, uint32_t tick);
// Uniform in the open interval (0,1): middles of 2^52 cells.
double rng_uniform(rng_key key, uint64_t entity, uint32_t purpose, uint32_t draw);
double rng_gumbel(rng_key key, uint64_t entity, uint32_t purpose, uint32_t draw);       // -ln(-ln u)
double rng_exponential(rng_key key, uint64_t entity, uint32_t purpose, uint32_t draw);  // mean 1
double rng_normal(rng_key key, uint64_t entity, uint32_t purpose, uint32_t draw);       // Box-Muller with dmath
uint32_t rng_index(rng_key key, uint64_t entity, uint32_t purpose, uint32_t draw, uint32_t count);  // < count
// A 64-bit mix (splitmix64 finaliser) for service orders and tie-breaks in hot loops.
static inline uint64_t rng_mix64(uint64_t x) {
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9ULL;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

#endif
