#include "base/rng.h"

#include "base/dmath.h"

// Constants of Salmon et al. 2011, table 2: multipliers and the Weyl increments of the key.
#define PHILOX_M0 0xD2511F53u
#define PHILOX_M1 0xCD9E8D57u
#define PHILOX_W0 0x9E3779B9u
#define PHILOX_W1 0xBB67AE85u
enum { PHILOX_ROUNDS = 10 };

rng_block rng_philox(const uint32_t counter[4], const uint32_t key[2]) {
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        uint64_t p0 = (uint64_t)PHILOX_M0 * c0;
        uint64_t p1 = (uint64_t)PHILOX_M1 * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
    }
    return (rng_block){{c0, c1, c2, c3}};
}

rng_block rng_draw_at(rng_key key, uint64_t entity, uint32_t purpose, uint32_t draw, uint32_t day, uint32_t tick) {
    ASSERT(purpose < 65536 && draw < 65536 && day < 32768 && tick < 131072);
    const uint32_t counter[4] = {(uint32_t)entity, (uint32_t)(entity >> 32), purpose << 16 | draw, day << 17 | tick};
    const uint32_t key_words[2] = {key.seed, key.replication};
    return rng_philox(counter, key_words);
}

rng_block rng_draw(rng_key key, uint64_t entity, uint32_t purpose, uint32_t draw) {
    return rng_draw_at(key, entity, purpose, draw, 0, 0);
}

// The middle of one of 2^52 equal cells: exact in a double, never 0 or 1, symmetric around 1/2.
static double rng_unit(uint32_t high, uint32_t low) {
    uint64_t cell = ((uint64_t)high << 32 | low) >> 12;
    return ((double)cell + 0.5) * 0x1p-52;
}

double rng_uniform(rng_key key, uint64_t entity, uint32_t purpose, uint32_t draw) {
    rng_block b = rng_draw(key, entity, purpose, draw);
    return rng_unit(b.word[0], b.word[1]);
}

double rng_gumbel(rng_key key, uint64_t entity, uint32_t purpose, uint32_t draw) {
    return -dmath_log(rng_exponential(key, entity, purpose, draw));
}

double rng_exponential(rng_key key, uint64_t entity, uint32_t purpose, uint32_t draw) {
    return -dmath_log(rng_uniform(key, entity, purpose, draw));
}

double rng_normal(rng_key key, uint64_t entity, uint32_t purpose, uint32_t draw) {
    rng_block b = rng_draw(key, entity, purpose, draw);
    double radius = dmath_sqrt(-2.0 * dmath_log(rng_unit(b.word[0], b.word[1])));
    return radius * dmath_cos(6.283185307179586477 * rng_unit(b.word[2], b.word[3]));
}

// The high half of (64 random bits x count): off from uniform by less than count / 2^64.
uint32_t rng_index(rng_key key, uint64_t entity, uint32_t purpose, uint32_t draw, uint32_t count) {
    ASSERT(count > 0);
    rng_block b = rng_draw(key, entity, purpose, draw);
    uint64_t low = (uint64_t)b.word[1] * count;
    uint64_t high = (uint64_t)b.word[0] * count + (low >> 32);
    return (uint32_t)(high >> 32);
}
