// Arenas over a counted allocator that tests can make fail.
//
// An arena owns many blocks freed at once; every allocation is zeroed and 64-byte aligned. Lifetimes:
// one arena per scenario world, per year/replication, per iteration, per thread scratch. Pointers stay
// valid until arena_reset or arena_free. Arenas are not thread-safe: one owner at a time.
#ifndef VESTSIM_BASE_MEM_H
#define VESTSIM_BASE_MEM_H

#include "base/err.h"

typedef struct arena {
    struct arena_block *first;  // newest block first
    size_t used_bytes;          // handed out since the last reset
    size_t peak_bytes;
} arena;

void arena_init(arena *a);
void arena_free(arena *a);   // accepts a zeroed or freed arena
void arena_reset(arena *a);  // keeps the largest block for reuse
// Zeroed room for count items of size bytes; NULL when memory is out or count*size overflows (the
// message is then raised with ERR_MEMORY). count 0 gives a valid, unusable pointer.
void *arena_alloc(arena *a, size_t count, size_t size_bytes);
// A copy of text in the arena; NULL as above.
char *arena_text(arena *a, const char *text);
char *arena_text_n(arena *a, const char *text, size_t length);

// out: an lvalue of pointer type. Returns ERR_MEMORY from the calling function on failure.
#define ARENA_NEW(a, out, count)                                  \
    do {                                                          \
        (out) = arena_alloc((a), (size_t)(count), sizeof *(out)); \
        if ((out) == NULL) {                                      \
            return ERR_MEMORY;                                    \
        }                                                         \
    } while (0)

// The counted, failable allocator below the arenas (also for growing arrays).
void *mem_alloc(size_t bytes);                                  // zeroed, 64-byte aligned; NULL + ERR_MEMORY message
void *mem_grow(void *old, size_t old_bytes, size_t new_bytes);  // old contents kept, rest zeroed
void mem_free(void *p);
uint64_t mem_alloc_count(void);            // allocations so far
int64_t mem_live_count(void);              // allocations not yet freed
void mem_fail_after(int64_t allocations);  // tests: the allocation after this many fails; -1 = never

#endif
