#include "base/hash.h"

#include <string.h>

#define HASH_FNV_PRIME 0x100000001b3ULL

uint64_t hash_bytes(uint64_t h, const void *data, size_t bytes) {
    const unsigned char *p = data;
    for (size_t i = 0; i < bytes; i++) {
        h = (h ^ p[i]) * HASH_FNV_PRIME;
    }
    return h;
}

// Bytes are taken lowest first from the value, so the hash does not depend on the machine's byte order.
uint64_t hash_u64(uint64_t h, uint64_t value) {
    for (int i = 0; i < 8; i++) {
        h = (h ^ (value & 0xFFu)) * HASH_FNV_PRIME;
        value >>= 8;
    }
    return h;
}

uint64_t hash_f64(uint64_t h, double value) {
    uint64_t bits = 0x7ff8000000000000ULL;  // stands for every NaN
    if (value == 0) {
        bits = 0;
    } else if (value == value) {
        memcpy(&bits, &value, sizeof bits);
    }
    return hash_u64(h, bits);
}

uint64_t hash_text(const char *text) {
    return hash_finish(hash_bytes(HASH_SEED, text, strlen(text)));
}

uint64_t hash_finish(uint64_t h) {
    h ^= h >> 30;
    h *= 0xbf58476d1ce4e5b9ULL;
    h ^= h >> 27;
    h *= 0x94d049bb133111ebULL;
    return h ^ (h >> 31);
}
