#define _DEFAULT_SOURCE  // madvise
#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// Under AddressSanitizer the unused part of a block is poisoned and allocations are kept apart, so that a
// step beyond an arena array is caught as it would be for malloc.
#if defined(__SANITIZE_ADDRESS__)
#define MEM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEM_ASAN 1
#endif
#endif
#if defined(MEM_ASAN)
#include <sanitizer/asan_interface.h>
#define MEM_POISON(p, bytes) __asan_poison_memory_region((p), (bytes))
#define MEM_UNPOISON(p, bytes) __asan_unpoison_memory_region((p), (bytes))
#define MEM_GAP_BYTES 64u
#else
#define MEM_POISON(p, bytes) ((void)(p), (void)(bytes))
#define MEM_UNPOISON(p, bytes) ((void)(p), (void)(bytes))
#define MEM_GAP_BYTES 0u
#endif

#define MEM_ALIGN 64u
#define MEM_HUGE_PAGE_BYTES ((size_t)2 << 20)
#define MEM_BYTES_MAX (SIZE_MAX / 4)  // more than this is an overflow somewhere, not a wish
#define ARENA_BLOCK_FIRST_BYTES ((size_t)64 << 10)
#define ARENA_BLOCK_LARGEST_BYTES ((size_t)8 << 20)

static atomic_uint_least64_t mem_allocations;
static atomic_int_least64_t mem_live;
static atomic_int_least64_t mem_fail_left = -1;

static size_t mem_round_up(size_t bytes) {
    return (bytes + (MEM_ALIGN - 1)) & ~(size_t)(MEM_ALIGN - 1);
}

// True when a test has asked for this allocation to fail.
static bool mem_must_fail(void) {
    int_least64_t left = atomic_load(&mem_fail_left);
    if (left < 0) {
        return false;
    }
    if (left == 0) {
        atomic_store(&mem_fail_left, -1);
        return true;
    }
    atomic_store(&mem_fail_left, left - 1);
    return false;
}

// Large room asks for huge pages: kernels that jump about in it would wait for page tables. Where there are none,
// nothing changes.
static void *mem_take(size_t bytes) {
#if defined(MADV_HUGEPAGE) && !defined(MEM_ASAN)
    if (bytes >= 2 * MEM_HUGE_PAGE_BYTES) {
        void *p = NULL;
        if (posix_memalign(&p, MEM_HUGE_PAGE_BYTES, bytes) != 0) {
            return NULL;
        }
        madvise(p, bytes / MEM_HUGE_PAGE_BYTES * MEM_HUGE_PAGE_BYTES, MADV_HUGEPAGE);
        return p;
    }
#endif
    return aligned_alloc(MEM_ALIGN, bytes);
}

void *mem_alloc(size_t bytes) {
    if (bytes == 0) {
        bytes = 1;
    }
    void *p = NULL;
    if (bytes <= MEM_BYTES_MAX && !mem_must_fail()) {
        p = mem_take(mem_round_up(bytes));
    }
    if (p == NULL) {
        err_raise(ERR_MEMORY,
                  "out of memory: %zu bytes more were needed; use a smaller scale, fewer replications or "
                  "a machine with more memory",
                  bytes);
        return NULL;
    }
    memset(p, 0, mem_round_up(bytes));
    atomic_fetch_add(&mem_allocations, 1);
    atomic_fetch_add(&mem_live, 1);
    return p;
}

void *mem_grow(void *old, size_t old_bytes, size_t new_bytes) {
    void *fresh = mem_alloc(new_bytes);
    if (fresh != NULL && old != NULL) {
        memcpy(fresh, old, old_bytes < new_bytes ? old_bytes : new_bytes);
        mem_free(old);
    }
    return fresh;
}

void mem_free(void *p) {
    if (p != NULL) {
        atomic_fetch_sub(&mem_live, 1);
        free(p);
    }
}

uint64_t mem_alloc_count(void) {
    return atomic_load(&mem_allocations);
}

int64_t mem_live_count(void) {
    return atomic_load(&mem_live);
}

void mem_fail_after(int64_t allocations) {
    atomic_store(&mem_fail_left, allocations < 0 ? -1 : allocations);
}

// Stands at the start of the block's memory; the room follows at the next multiple of MEM_ALIGN.
struct arena_block {
    struct arena_block *next;
    size_t room_bytes;
    size_t used_bytes;
    size_t dirty_bytes;  // room below this may hold old contents
};

static const size_t arena_head_bytes = (sizeof(struct arena_block) + MEM_ALIGN - 1) / MEM_ALIGN * MEM_ALIGN;

static unsigned char *arena_room(struct arena_block *b) {
    return (unsigned char *)b + arena_head_bytes;
}

static void arena_free_block(struct arena_block *b) {
    MEM_UNPOISON(arena_room(b), b->room_bytes);
    mem_free(b);
}

void arena_init(arena *a) {
    *a = (arena){0};
}

void arena_free(arena *a) {
    struct arena_block *b = a->first;
    while (b != NULL) {
        struct arena_block *next = b->next;
        arena_free_block(b);
        b = next;
    }
    *a = (arena){0};
}

void arena_reset(arena *a) {
    struct arena_block *largest = a->first;
    for (struct arena_block *b = a->first; b != NULL; b = b->next) {
        largest = b->room_bytes > largest->room_bytes ? b : largest;
    }
    struct arena_block *b = a->first;
    while (b != NULL) {
        struct arena_block *next = b->next;
        if (b != largest) {
            arena_free_block(b);
        }
        b = next;
    }
    if (largest != NULL) {
        largest->next = NULL;
        largest->used_bytes = 0;
        MEM_POISON(arena_room(largest), largest->room_bytes);
    }
    a->first = largest;
    a->used_bytes = 0;
}

// A block with room for at least `bytes`. An outsized request gets a block of its own behind the first, so that the
// rest of the first stays in use.
static struct arena_block *arena_add_block(arena *a, size_t bytes) {
    size_t room = ARENA_BLOCK_FIRST_BYTES;
    if (a->first != NULL) {
        room =
            a->first->room_bytes < ARENA_BLOCK_LARGEST_BYTES / 2 ? a->first->room_bytes * 2 : ARENA_BLOCK_LARGEST_BYTES;
    }
    bool outsized = bytes > room / 2;
    room = outsized ? bytes : room;
    struct arena_block *b = mem_alloc(arena_head_bytes + room);
    if (b == NULL) {
        return NULL;
    }
    b->room_bytes = room;
    MEM_POISON(arena_room(b), room);
    if (outsized && a->first != NULL) {
        b->next = a->first->next;
        a->first->next = b;
    } else {
        b->next = a->first;
        a->first = b;
    }
    return b;
}

void *arena_alloc(arena *a, size_t count, size_t size_bytes) {
    if (size_bytes != 0 && count > MEM_BYTES_MAX / size_bytes) {
        err_raise(ERR_MEMORY, "out of memory: %zu items of %zu bytes are more than a machine can address", count,
                  size_bytes);
        return NULL;
    }
    size_t bytes = count * size_bytes;
    size_t step = mem_round_up(bytes) + MEM_GAP_BYTES;
    struct arena_block *b = a->first;
    if (b == NULL || b->room_bytes - b->used_bytes < step) {
        b = arena_add_block(a, step);
        if (b == NULL) {
            return NULL;
        }
    }
    unsigned char *p = arena_room(b) + b->used_bytes;
    if (b->used_bytes < b->dirty_bytes) {
        size_t old = b->dirty_bytes - b->used_bytes;
        MEM_UNPOISON(p, mem_round_up(bytes));
        memset(p, 0, old < bytes ? old : bytes);
        MEM_POISON(p, mem_round_up(bytes));
    }
    MEM_UNPOISON(p, bytes);
    b->used_bytes += step;
    b->dirty_bytes = b->used_bytes > b->dirty_bytes ? b->used_bytes : b->dirty_bytes;
    a->used_bytes += bytes;
    a->peak_bytes = a->used_bytes > a->peak_bytes ? a->used_bytes : a->peak_bytes;
    return p;
}

char *arena_text_n(arena *a, const char *text, size_t length) {
    if (length >= MEM_BYTES_MAX) {
        err_raise(ERR_MEMORY, "out of memory: a text of %zu bytes", length);
        return NULL;
    }
    char *copy = arena_alloc(a, length + 1, 1);
    if (copy != NULL) {
        memcpy(copy, text, length);
    }
    return copy;
}

char *arena_text(arena *a, const char *text) {
    return arena_text_n(a, text, strlen(text));
}
