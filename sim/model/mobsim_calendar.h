// Wake-ups of the queue model by second: a bucket a second, each a chain of small chunks from one pool.
#ifndef VESTSIM_MODEL_MOBSIM_CALENDAR_H
#define VESTSIM_MODEL_MOBSIM_CALENDAR_H

#include "mobsim_internal.h"

#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch((address), 1)
// Of functions that do nothing but fetch: gcc takes them for pure and drops their calls unless it inlines them first.
#define FETCHES static inline __attribute__((always_inline)) void
#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#else
#define PREFETCH(address) ((void)(address))
#define FETCHES static inline void
#define LIKELY(condition) (condition)
#define UNLIKELY(condition) (condition)
#endif

// Chunks for so many items: more wake-ups than items are stale and dropped when the pool is full.
uint32_t mobsim_calendar_chunks(uint32_t items);
void mobsim_calendar_reset(mobsim_calendar *c);
// Takes up to room items (at least MOBSIM_CHUNK) out of a bucket; 0 = it is empty.
uint32_t mobsim_calendar_take(mobsim_calendar *c, uint32_t bucket, uint32_t *items, uint32_t room);
// Place for the next entry of a bucket whose last chunk is full.
uint32_t mobsim_calendar_add_chunk(mobsim_calendar *c, uint32_t *due_s, uint32_t bucket);

static inline void mobsim_calendar_push(mobsim_calendar *c, uint32_t *due_s, uint32_t bucket, uint32_t item) {
    uint32_t end = c->end[bucket];
    if (UNLIKELY(end % MOBSIM_CHUNK == 0)) {
        end = mobsim_calendar_add_chunk(c, due_s, bucket);
    }
    c->entry[end] = item;
    c->end[bucket] = end + 1;
}

#endif
