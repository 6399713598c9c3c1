#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "support.h"

// Known answers of Random123 (kat_vectors, philox4x32 10).
static void agrees_with_the_published_vectors(void **state) {
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], expected[4];
    } vector[3] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (int i = 0; i < 3; i++) {
        rng_block b = rng_philox(vector[i].counter, vector[i].key);
        assert_memory_equal(b.word, vector[i].expected, sizeof b.word);
    }
}

static void puts_every_part_of_the_address_in_its_own_bits(void **state) {
    (void)state;
    const uint32_t counter[4] = {0x89abcdef, 0x01234567, 0x0012fffe, 0x7ffeu << 17 | 0x1fffeu};
    const uint32_t key[2] = {77, 3};
    rng_block expected = rng_philox(counter, key);
    rng_block got = rng_draw_at((rng_key){77, 3}, 0x0123456789abcdefULL, 0x12, 0xfffe, 0x7ffe, 0x1fffe);
    assert_memory_equal(&got, &expected, sizeof got);
    rng_block plain = rng_draw((rng_key){1, 2}, 3, 4, 5), at = rng_draw_at((rng_key){1, 2}, 3, 4, 5, 0, 0);
    assert_memory_equal(&plain, &at, sizeof plain);
}

static bool same(rng_block a, rng_block b) {
    return memcmp(&a, &b, sizeof a) == 0;
}

static void a_change_anywhere_in_the_address_gives_another_draw(void **state) {
    (void)state;
    rng_block base = rng_draw_at((rng_key){1, 2}, 3, 4, 5, 6, 7);
    assert_true(same(base, rng_draw_at((rng_key){1, 2}, 3, 4, 5, 6, 7)));
    assert_false(same(base, rng_draw_at((rng_key){2, 2}, 3, 4, 5, 6, 7)));
    assert_false(same(base, rng_draw_at((rng_key){1, 3}, 3, 4, 5, 6, 7)));
    assert_false(same(base, rng_draw_at((rng_key){1, 2}, 3 + (1ULL << 32), 4, 5, 6, 7)));
    assert_false(same(base, rng_draw_at((rng_key){1, 2}, 3, 5, 5, 6, 7)));
    assert_false(same(base, rng_draw_at((rng_key){1, 2}, 3, 4, 4, 6, 7)));
    assert_false(same(base, rng_draw_at((rng_key){1, 2}, 3, 4, 5, 7, 7)));
    assert_false(same(base, rng_draw_at((rng_key){1, 2}, 3, 4, 5, 6, 6)));
}

enum { DRAWS = 200000 };

// Mean and variance within 5 standard errors of what the distribution has.
static void check_moments(double (*sample)(rng_key, uint64_t, uint32_t, uint32_t), double mean, double variance,
                          double fourth_moment) {
    double sum = 0, squares = 0;
    for (uint32_t i = 0; i < DRAWS; i++) {
        double x = sample((rng_key){42, 0}, i, 1, 2);
        assert_true(isfinite(x));
        sum += x;
        squares += (x - mean) * (x - mean);
    }
    assert_near(sum / DRAWS, mean, 5 * sqrt(variance / DRAWS));
    assert_near(squares / DRAWS, variance, 5 * sqrt((fourth_moment - variance * variance) / DRAWS));
}

static void draws_have_the_moments_of_their_distributions(void **state) {
    (void)state;
    const double pi = 3.14159265358979323846;
    check_moments(rng_uniform, 0.5, 1.0 / 12, 1.0 / 80);
    check_moments(rng_exponential, 1, 1, 9);
    check_moments(rng_normal, 0, 1, 3);
    double v = pi * pi / 6;  // Gumbel: kurtosis 27/5
    check_moments(rng_gumbel, 0.57721566490153286, v, 5.4 * v * v);
}

static void uniforms_fill_their_interval_evenly(void **state) {
    (void)state;
    uint32_t cell[100] = {0};
    for (uint32_t i = 0; i < DRAWS; i++) {
        double u = rng_uniform((rng_key){7, 1}, 1000 + i, 0, 0);
        assert_true(u > 0 && u < 1);
        cell[(int)(u * 100)]++;
    }
    double chi_square = 0;
    for (int c = 0; c < 100; c++) {
        double off = cell[c] - DRAWS / 100.0;
        chi_square += off * off / (DRAWS / 100.0);
    }
    assert_true(chi_square < 160 && chi_square > 50);  // 99 expected; outside with probability below 1e-4
}

static void indices_are_below_their_count_and_even(void **state) {
    (void)state;
    assert_int_equal(rng_index((rng_key){1, 1}, 5, 0, 0, 1), 0);
    uint32_t seen[7] = {0};
    for (uint32_t i = 0; i < 70000; i++) {
        uint32_t ix = rng_index((rng_key){1, 1}, i, 3, 4, 7);
        assert_true(ix < 7);
        seen[ix]++;
    }
    for (int k = 0; k < 7; k++) {
        assert_in_range(seen[k], 9500, 10500);  // standard deviation 93
    }
    uint32_t top = 0;
    for (uint32_t i = 0; i < 100; i++) {
        uint32_t ix = rng_index((rng_key){1, 1}, i, 3, 4, UINT32_MAX);
        top = ix > top ? ix : top;
    }
    assert_true(top > UINT32_MAX / 2);
}

static void replications_are_not_correlated(void **state) {
    (void)state;
    double sum = 0;
    for (uint32_t i = 0; i < DRAWS; i++) {
        sum += (rng_uniform((rng_key){9, 0}, i, 0, 0) - 0.5) * (rng_uniform((rng_key){9, 1}, i, 0, 0) - 0.5);
    }
    assert_near(sum / DRAWS, 0, 5.0 / 12 / sqrt((double)DRAWS));
}

static void the_mix_is_splitmix64(void **state) {
    (void)state;
    // first output of splitmix64 with seed 0: the finaliser of the golden-ratio increment
    assert_true(rng_mix64(0x9e3779b97f4a7c15ULL) == 0xe220a8397b1dcdafULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_published_vectors),
        cmocka_unit_test(puts_every_part_of_the_address_in_its_own_bits),
        cmocka_unit_test(a_change_anywhere_in_the_address_gives_another_draw),
        cmocka_unit_test(draws_have_the_moments_of_their_distributions),
        cmocka_unit_test(uniforms_fill_their_interval_evenly),
        cmocka_unit_test(indices_are_below_their_count_and_even),
        cmocka_unit_test(replications_are_not_correlated),
        cmocka_unit_test(the_mix_is_splitmix64),
    };
    return cmocka_run_group_tests_name("rng", tests, NULL, NULL);
}
