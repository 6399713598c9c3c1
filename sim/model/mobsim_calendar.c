#include "mobsim_calendar.h"

#include <string.h>

uint32_t mobsim_calendar_chunks(uint32_t items) {
    uint32_t full = items / (MOBSIM_CHUNK - 1) + 1;
    return 1 + full + full / 4 + 2 * MOBSIM_BUCKETS;  // chunk 0 stands for "none"; a bucket's last may be nearly empty
}

void mobsim_calendar_reset(mobsim_calendar *c) {
    memset(c->end, 0, sizeof c->end);
    for (uint32_t chunk = 1; chunk < c->chunk_count; ++chunk) {
        c->entry[chunk * MOBSIM_CHUNK] = chunk + 1 < c->chunk_count ? chunk + 1 : 0;
    }
    c->free_chunk = 1;
}

// Empties the last chunk of the chain that ends before *end into items; returns how many. Moves *end to the chunk
// before, 0 = there is none.
static uint32_t take_chunk(mobsim_calendar *c, uint32_t *end, uint32_t *items) {
    uint32_t chunk = (*end - 1) / MOBSIM_CHUNK;
    uint32_t first = chunk * MOBSIM_CHUNK;
    uint32_t count = *end - first - 1;
    memcpy(items, c->entry + first + 1, count * sizeof *items);
    uint32_t before = c->entry[first];
    c->entry[first] = c->free_chunk;
    c->free_chunk = chunk;
    *end = before == 0 ? 0 : (before + 1) * MOBSIM_CHUNK;
    return count;
}

uint32_t mobsim_calendar_take(mobsim_calendar *c, uint32_t bucket, uint32_t *items, uint32_t room) {
    uint32_t count = 0;
    uint32_t end = c->end[bucket];
    while (end != 0 && count + MOBSIM_CHUNK <= room) {
        count += take_chunk(c, &end, items + count);
    }
    c->end[bucket] = end;
    return count;
}

static const uint32_t seen = 1u << 31;  // of due_s: no second is that late

static void compact_bucket(mobsim_calendar *c, uint32_t *due_s, uint32_t bucket) {
    uint32_t end = c->end[bucket];
    c->end[bucket] = 0;
    while (end != 0) {
        uint32_t item[MOBSIM_CHUNK];
        uint32_t count = take_chunk(c, &end, item);  // frees a chunk for what is pushed again
        for (uint32_t i = 0; i < count; ++i) {
            if ((due_s[item[i]] & seen) == 0 && due_s[item[i]] % MOBSIM_BUCKETS == bucket) {
                due_s[item[i]] |= seen;
                mobsim_calendar_push(c, due_s, bucket, item[i]);
            }
        }
    }
    end = c->end[bucket];
    while (end != 0) {
        uint32_t first = (end - 1) / MOBSIM_CHUNK * MOBSIM_CHUNK;
        for (uint32_t i = first + 1; i < end; ++i) {
            due_s[c->entry[i]] &= ~seen;
        }
        end = c->entry[first] == 0 ? 0 : (c->entry[first] + 1) * MOBSIM_CHUNK;
    }
}

// Only the earliest wake-up of an item counts; entries it leaves behind in later buckets, and doubles, are dropped.
static void compact(mobsim_calendar *c, uint32_t *due_s) {
    for (uint32_t bucket = 0; bucket < MOBSIM_BUCKETS; ++bucket) {
        compact_bucket(c, due_s, bucket);
    }
}

uint32_t mobsim_calendar_add_chunk(mobsim_calendar *c, uint32_t *due_s, uint32_t bucket) {
    if (c->free_chunk == 0) {
        compact(c, due_s);
        if (c->end[bucket] % MOBSIM_CHUNK != 0) {
            return c->end[bucket];  // compacting made room
        }
    }
    uint32_t chunk = c->free_chunk;
    ASSERT(chunk != 0);
    uint32_t first = chunk * MOBSIM_CHUNK;
    c->free_chunk = c->entry[first];
    c->entry[first] = c->end[bucket] == 0 ? 0 : c->end[bucket] / MOBSIM_CHUNK - 1;
    return first + 1;
}
