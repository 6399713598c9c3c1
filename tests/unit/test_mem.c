#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/table.h"
#include "support.h"

#if defined(__SANITIZE_ADDRESS__)
#define MEM_TEST_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEM_TEST_ASAN 1
#endif
#endif
#if defined(MEM_TEST_ASAN)
#include <sanitizer/asan_interface.h>
#endif

static bool is_zero(const unsigned char *p, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        if (p[i] != 0) {
            return false;
        }
    }
    return true;
}

static void allocations_are_zeroed_aligned_and_apart(void **state) {
    (void)state;
    arena a;
    arena_init(&a);
    unsigned char *before = NULL;
    size_t before_bytes = 0;
    for (uint32_t i = 0; i < 2000; i++) {
        size_t bytes = (size_t)(support_random(1, i) % 5000);
        unsigned char *p = arena_alloc(&a, bytes, 1);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 64, 0);
        assert_true(is_zero(p, bytes));
        memset(p, 0xAB, bytes);
        if (before != NULL && before_bytes > 0) {
            assert_int_equal(before[before_bytes - 1], 0xAB);
            memset(before, 0xCD, before_bytes);
            assert_true(bytes == 0 || (p[0] == 0xAB && p[bytes - 1] == 0xAB));
        }
        before = p;
        before_bytes = bytes;
    }
    arena_free(&a);
}

static void reset_memory_is_zeroed_again(void **state) {
    (void)state;
    arena a;
    arena_init(&a);
    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < 300; i++) {
            size_t bytes = 1 + (size_t)(support_random(2, i + (uint32_t)round) % 9000);
            unsigned char *p = arena_alloc(&a, bytes, 1);
            assert_non_null(p);
            assert_true(is_zero(p, bytes));
            memset(p, 0xFF, bytes);
        }
        assert_true(a.used_bytes > 0 && a.peak_bytes >= a.used_bytes);
        size_t peak = a.peak_bytes;
        arena_reset(&a);
        assert_int_equal(a.used_bytes, 0);
        assert_int_equal(a.peak_bytes, peak);
    }
    arena_free(&a);
}

static void reset_keeps_the_largest_block(void **state) {
    (void)state;
    int64_t live = mem_live_count();
    arena a;
    arena_init(&a);
    assert_non_null(arena_alloc(&a, 10, 1));
    assert_non_null(arena_alloc(&a, 3000000, 1));
    assert_non_null(arena_alloc(&a, 10, 1));
    assert_int_equal(mem_live_count(), live + 2);  // the outsized block stands behind the first, which goes on
    arena_reset(&a);
    assert_int_equal(mem_live_count(), live + 1);
    uint64_t count = mem_alloc_count();
    assert_non_null(arena_alloc(&a, 2900000, 1));
    assert_int_equal(mem_alloc_count(), count);
    arena_free(&a);
    arena_free(&a);
    assert_int_equal(mem_live_count(), live);
}

static void freeing_a_zeroed_arena_is_harmless(void **state) {
    (void)state;
    arena a = {0};
    arena_reset(&a);
    arena_free(&a);
    assert_null(a.first);
}

static void refuses_sizes_that_overflow(void **state) {
    (void)state;
    arena a;
    arena_init(&a);
    static const size_t bad[][2] = {{SIZE_MAX, 1}, {SIZE_MAX, 8},        {SIZE_MAX / 8 + 2, 8}, {SIZE_MAX / 2, 2},
                                    {1, SIZE_MAX}, {SIZE_MAX, SIZE_MAX}, {SIZE_MAX / 2, 1}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        err_clear();
        assert_null(arena_alloc(&a, bad[i][0], bad[i][1]));
        assert_non_null(strstr(err_message(), "out of memory"));
    }
    assert_null(arena_text_n(&a, "x", SIZE_MAX));
    assert_null(mem_alloc(SIZE_MAX));
    assert_non_null(arena_alloc(&a, 0, SIZE_MAX));  // nothing of anything is nothing
    arena_free(&a);
}

// Under AddressSanitizer only: what lies around an allocation, and all of a reset arena, must not be touched.
static void the_sanitizer_sees_arena_bounds(void **state) {
    (void)state;
#if defined(MEM_TEST_ASAN)
    arena a;
    arena_init(&a);
    unsigned char *p = arena_alloc(&a, 10, 1), *q = arena_alloc(&a, 64, 1);
    assert_true(p != NULL && q != NULL);
    assert_false(__asan_address_is_poisoned(p + 9));
    assert_true(__asan_address_is_poisoned(p + 10));
    assert_true(__asan_address_is_poisoned(q - 1));
    assert_true(__asan_address_is_poisoned(q + 64));
    arena_reset(&a);
    assert_true(__asan_address_is_poisoned(p));
    arena_free(&a);
#else
    skip();
#endif
}

static void copies_texts(void **state) {
    (void)state;
    arena a;
    arena_init(&a);
    char source[] = "Vestby";
    char *whole = arena_text(&a, source), *part = arena_text_n(&a, source, 4), *empty = arena_text(&a, "");
    source[0] = 'W';
    assert_string_equal(whole, "Vestby");
    assert_string_equal(part, "Vest");
    assert_string_equal(empty, "");
    arena_free(&a);
}

static void growing_keeps_the_old_and_zeroes_the_new(void **state) {
    (void)state;
    int64_t live = mem_live_count();
    unsigned char *p = mem_grow(NULL, 0, 10);
    assert_non_null(p);
    memset(p, 7, 10);
    p = mem_grow(p, 10, 1000);
    assert_non_null(p);
    assert_int_equal(p[9], 7);
    assert_true(is_zero(p + 10, 990));
    assert_int_equal(mem_live_count(), live + 1);
    mem_fail_after(0);
    assert_null(mem_grow(p, 1000, 2000));
    assert_int_equal(p[0], 7);  // a failed growth leaves the old alone
    mem_free(p);
    mem_free(NULL);
    assert_int_equal(mem_live_count(), live);
}

static void the_asked_for_allocation_fails_and_the_next_works(void **state) {
    (void)state;
    mem_fail_after(2);
    void *p[4];
    for (int i = 0; i < 4; i++) {
        p[i] = mem_alloc(8);
        assert_int_equal(p[i] == NULL, i == 2);
    }
    for (int i = 0; i < 4; i++) {
        mem_free(p[i]);
    }
    mem_fail_after(0);
    mem_fail_after(-1);
    void *last = mem_alloc(8);
    assert_non_null(last);
    mem_free(last);
}

static err_code use_an_arena(arena *a) {
    uint32_t *numbers;
    for (uint32_t i = 0; i < 60; i++) {
        ARENA_NEW(a, numbers, 20000 + 1000 * i);
        numbers[0] = i;
    }
    return arena_text(a, "done") == NULL ? ERR_MEMORY : ERR_OK;
}

static err_code parse_a_table(arena *a) {
    static char csv[40000];
    size_t used = (size_t)snprintf(csv, sizeof csv, "id,size\n");
    for (int i = 0; i < 2000; i++) {
        used += (size_t)snprintf(csv + used, sizeof csv - used, "row%d,%d\n", i, i);
    }
    table *t;
    TRY(table_parse("t.csv", csv, used, a, &t));
    idmap map;
    TRY(idmap_init(&map, a, table_row_count(t)));
    return ERR_OK;
}

static err_code load_a_table(arena *a) {
    table *t;
    return table_load("/proc/self/status", a, &t);  // a file without a size: read as a stream
}

// Fails the n-th allocation for every n until the job succeeds: each time ERR_MEMORY, and nothing is left behind.
static uint32_t fail_every_allocation(err_code (*job)(arena *), err_code at_last) {
    int64_t live = mem_live_count();
    for (uint32_t n = 0; n < 10000; n++) {
        arena a;
        arena_init(&a);
        mem_fail_after(n);
        err_clear();
        err_code code = job(&a);
        mem_fail_after(-1);
        bool memory = code == ERR_MEMORY;
        if (memory) {
            assert_non_null(strstr(err_message(), "out of memory"));
        }
        arena_free(&a);
        assert_int_equal(mem_live_count(), live);
        if (!memory) {
            assert_int_equal(code, at_last);
            return n;
        }
    }
    fail_msg("the job never succeeds");
    return 0;
}

static void running_out_of_memory_anywhere_is_an_error_without_leaks(void **state) {
    (void)state;
    assert_in_range(fail_every_allocation(use_an_arena, ERR_OK), 2, 1000);
    assert_in_range(fail_every_allocation(parse_a_table, ERR_OK), 5, 1000);
    assert_in_range(fail_every_allocation(load_a_table, ERR_FORMAT), 2, 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_zeroed_aligned_and_apart),
        cmocka_unit_test(reset_memory_is_zeroed_again),
        cmocka_unit_test(reset_keeps_the_largest_block),
        cmocka_unit_test(freeing_a_zeroed_arena_is_harmless),
        cmocka_unit_test(refuses_sizes_that_overflow),
        cmocka_unit_test(the_sanitizer_sees_arena_bounds),
        cmocka_unit_test(copies_texts),
        cmocka_unit_test(growing_keeps_the_old_and_zeroes_the_new),
        cmocka_unit_test(the_asked_for_allocation_fails_and_the_next_works),
        cmocka_unit_test(running_out_of_memory_anywhere_is_an_error_without_leaks),
    };
    return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
