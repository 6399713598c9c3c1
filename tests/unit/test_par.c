#include "base/par.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/hash.h"
#include "support.h"

static const int thread_counts[] = {1, 2, 3, 8};
enum { THREAD_COUNTS = sizeof thread_counts / sizeof thread_counts[0] };

static void the_thread_count_is_what_was_set(void **state) {
    (void)state;
    for (int i = 0; i < THREAD_COUNTS; i++) {
        par_set_threads(thread_counts[i]);
        assert_int_equal(par_thread_count(), thread_counts[i]);
        assert_int_equal(par_thread_ix(), 0);
        uint8_t seen[64] = {0};
#pragma omp parallel for schedule(static, 1)
        for (int k = 0; k < 64; k++) {
            seen[k] = (uint8_t)(par_thread_ix() + 1);
        }
        for (int k = 0; k < 64; k++) {
            assert_in_range(seen[k], 1, thread_counts[i]);
        }
    }
    par_set_threads(0);
    assert_true(par_thread_count() >= 1);
}

static double *random_numbers(arena *a, uint32_t count) {
    double *x = arena_alloc(a, count, sizeof *x);
    assert_non_null(x);
    for (uint32_t i = 0; i < count; i++) {
        x[i] = (support_uniform(1, i) - 0.5) * (i % 97 == 0 ? 1e12 : 1);
    }
    return x;
}

static void sums_have_the_same_bits_for_any_thread_count(void **state) {
    (void)state;
    arena a;
    arena_init(&a);
    const uint32_t sizes[] = {0, 1, 4095, 4096, 4097, 50000, 1500000};
    double *x = random_numbers(&a, 1500000);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        double by_definition = 0;  // blocks of 4096, added in order
        for (uint32_t first = 0; first < sizes[s]; first += 4096) {
            double block = 0;
            for (uint32_t i = first; i < sizes[s] && i < first + 4096; i++) {
                block += x[i];
            }
            by_definition += block;
        }
        for (int i = 0; i < THREAD_COUNTS; i++) {
            par_set_threads(thread_counts[i]);
            double sum = par_sum_f64(x, sizes[s]);
            assert_memory_equal(&sum, &by_definition, sizeof sum);
        }
    }
    arena_free(&a);
}

static void integer_sums_are_exact(void **state) {
    (void)state;
    arena a;
    arena_init(&a);
    const uint32_t count = 1200000;
    int64_t *x = arena_alloc(&a, count, sizeof *x);
    assert_non_null(x);
    int64_t expected = 0;
    for (uint32_t i = 0; i < count; i++) {
        x[i] = (int64_t)(support_random(2, i) >> 24) - ((int64_t)1 << 39);
        expected += x[i];
    }
    for (int i = 0; i < THREAD_COUNTS; i++) {
        par_set_threads(thread_counts[i]);
        assert_true(par_sum_i64(x, count) == expected);
    }
    arena_free(&a);
}

static void scans_counts_into_offsets(void **state) {
    (void)state;
    const uint32_t counts[5] = {3, 0, 2, 0, 4};
    const uint32_t expected[6] = {0, 3, 3, 5, 5, 9};
    uint32_t first[6];
    par_scan_u32(counts, 5, first);
    assert_memory_equal(first, expected, sizeof first);
    uint32_t in_place[6] = {3, 0, 2, 0, 4, 77};
    par_scan_u32(in_place, 5, in_place);
    assert_memory_equal(in_place, expected, sizeof expected);
    par_scan_u32(counts, 0, first);
    assert_int_equal(first[0], 0);
}

static void check_groups(uint32_t n, uint32_t key_count) {
    arena a;
    arena_init(&a);
    uint32_t *key = arena_alloc(&a, n, sizeof *key), *items = arena_alloc(&a, n, sizeof *items);
    uint32_t *first = arena_alloc(&a, (size_t)key_count + 1, sizeof *first);
    assert_true(key != NULL && items != NULL && first != NULL);
    for (uint32_t i = 0; i < n; i++) {
        key[i] = (uint32_t)(support_random(n, i) % key_count);
    }
    for (int t = 0; t < THREAD_COUNTS; t++) {
        par_set_threads(thread_counts[t]);
        memset(items, 0xFF, n * sizeof *items);
        assert_ok(par_group_u32(key, n, key_count, first, items));
        assert_int_equal(first[0], 0);
        assert_int_equal(first[key_count], n);
        uint64_t seen = 0;
        for (uint32_t k = 0; k < key_count; k++) {
            for (uint32_t i = first[k]; i < first[k + 1]; i++) {
                if (key[items[i]] != k || (i > first[k] && items[i] <= items[i - 1])) {
                    fail_msg("item %u of group %u is out of place", items[i], k);
                }
                seen++;
            }
        }
        assert_int_equal(seen, n);
    }
    arena_free(&a);
}

static void groups_items_in_order_for_any_thread_count(void **state) {
    (void)state;
    check_groups(0, 3);
    check_groups(1, 1);
    check_groups(1000, 7);
    check_groups(1000, 5000);
    check_groups(100000, 50);     // in chunks
    check_groups(100000, 90000);  // too many keys for chunks
}

static void refuses_a_group_that_does_not_exist(void **state) {
    (void)state;
    static uint32_t key[60000], items[60000];
    uint32_t first[5];
    for (int t = 1; t <= 2; t++) {
        par_set_threads(t);
        key[59999] = 4;
        assert_error(par_group_u32(key, 60000, 4, first, items), ERR_RANGE, "item 59999 has group 4");
    }
    par_set_threads(0);
}

static void selects_in_order_for_any_thread_count(void **state) {
    (void)state;
    static uint8_t keep[100000];
    static uint32_t items[100000];
    for (uint32_t n = 0; n <= 100000; n += n < 20 ? 1 : 33333) {
        uint32_t kept = 0;
        for (uint32_t i = 0; i < n; i++) {
            keep[i] = (uint8_t)(support_random(5, i) % 3 == 0 ? 2 : 0);
            kept += keep[i] != 0;
        }
        for (int t = 0; t < THREAD_COUNTS; t++) {
            par_set_threads(thread_counts[t]);
            assert_int_equal(par_select_u8(keep, n, items), kept);
            for (uint32_t k = 0; k < kept; k++) {
                assert_true(keep[items[k]] != 0 && (k == 0 || items[k] > items[k - 1]));
            }
        }
    }
}

static void check_sort(uint32_t n, uint64_t mask, uint32_t shift) {
    arena a;
    arena_init(&a);
    uint64_t *key = arena_alloc(&a, n, sizeof *key);
    uint32_t *order = arena_alloc(&a, n, sizeof *order);
    assert_true(key != NULL && order != NULL);
    uint64_t content = 0;
    for (uint32_t i = 0; i < n; i++) {
        key[i] = (support_random(n, i) & mask) << shift;
        order[i] = n - 1 - i;  // stability is judged against this order
        content += hash_finish(i);
    }
    assert_ok(par_sort_u64(key, n, order));
    for (uint32_t i = 0; i < n; i++) {
        content -= hash_finish(order[i]);
        if (i > 0 &&
            (key[order[i]] < key[order[i - 1]] || (key[order[i]] == key[order[i - 1]] && order[i] > order[i - 1]))) {
            fail_msg("position %u of %u is out of order", i, n);
        }
    }
    assert_true(content == 0);  // still a permutation
    arena_free(&a);
}

static void sorts_stably_by_64_bit_keys(void **state) {
    (void)state;
    check_sort(0, UINT64_MAX, 0);
    check_sort(1, UINT64_MAX, 0);
    check_sort(2, UINT64_MAX, 0);
    check_sort(5000, UINT64_MAX, 0);
    check_sort(5000, 0xF, 0);
    check_sort(5000, 0xF, 60);
    check_sort(5000, 0, 0);
    check_sort(70000, 0xFFFFF, 7);
}

static void reports_running_out_of_memory(void **state) {
    (void)state;
    const uint64_t key[2] = {2, 1};
    uint32_t order[2] = {0, 1};
    mem_fail_after(0);
    assert_error(par_sort_u64(key, 2, order), ERR_MEMORY, "out of memory");
    mem_fail_after(-1);
}

static void finds_the_lowest_failure(void **state) {
    (void)state;
    const uint8_t status[5] = {ERR_OK, ERR_OK, ERR_RANGE, ERR_OK, ERR_FILE};
    assert_int_equal(par_first_failure(status, 5), 2);
    assert_int_equal(par_first_failure(status, 2), IX_NONE);
    assert_int_equal(par_first_failure(status, 0), IX_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_thread_count_is_what_was_set),
        cmocka_unit_test(sums_have_the_same_bits_for_any_thread_count),
        cmocka_unit_test(integer_sums_are_exact),
        cmocka_unit_test(scans_counts_into_offsets),
        cmocka_unit_test(groups_items_in_order_for_any_thread_count),
        cmocka_unit_test(refuses_a_group_that_does_not_exist),
        cmocka_unit_test(selects_in_order_for_any_thread_count),
        cmocka_unit_test(sorts_stably_by_64_bit_keys),
        cmocka_unit_test(reports_running_out_of_memory),
        cmocka_unit_test(finds_the_lowest_failure),
    };
    return cmocka_run_group_tests_name("par", tests, NULL, NULL);
}
