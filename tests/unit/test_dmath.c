// Accuracy against the C library's long double functions, and a golden hash of bits: gcc and clang, any optimisation.
#include "base/dmath.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>

#include "base/hash.h"
#include "support.h"

#define GOLDEN_BITS 0x9fd16c064cb2b2ebULL

enum { POINTS = 200000 };

static double between(uint64_t seed, uint32_t i, double low, double high) {
    return low + (high - low) * support_uniform(seed, i);
}

static double relative(double got, long double exact) {
    if (exact == 0) {
        return fabs(got);
    }
    return (double)fabsl(((long double)got - exact) / exact);
}

static void exp_is_accurate(void **state) {
    (void)state;
    for (uint32_t i = 0; i < POINTS; i++) {
        double x = i % 2 == 0 ? between(1, i, -708, 709.78) : between(2, i, -2, 2);
        assert_near(relative(dmath_exp(x), expl((long double)x)), 0, 4e-16);
    }
}

static void exp_has_its_limits(void **state) {
    (void)state;
    assert_true(dmath_exp(0) == 1);
    assert_true(dmath_exp(-DMATH_INF) == 0 && dmath_exp(-746) == 0);
    assert_true(isinf(dmath_exp(709.79)) && isinf(dmath_exp(DMATH_INF)));
    assert_true(dmath_exp(709.78) < DBL_MAX && dmath_exp(709.78) > 1e308);
    assert_true(isnan(dmath_exp(DMATH_NAN)));
    assert_near(dmath_exp(-740) / exp(-740), 1, 1e-2);  // a number below DBL_MIN has few bits
    assert_true(dmath_exp(-745) > 0);
}

static void log_is_accurate(void **state) {
    (void)state;
    for (uint32_t i = 0; i < POINTS; i++) {
        double x = i % 3 == 0   ? between(3, i, 0.5, 2)
                   : i % 3 == 1 ? between(4, i, 0, 1e6)
                                : 1 + between(5, i, -1e-6, 1e-6);
        assert_near(relative(dmath_log(x), logl((long double)x)), 0, 1e-15);
    }
    for (int e = -1074; e < 1024; e++) {
        double x = ldexp(1.0, e);
        assert_near(relative(dmath_log(x), logl((long double)x)), 0, 1e-15);
    }
}

static void log_has_its_limits(void **state) {
    (void)state;
    assert_true(dmath_log(1) == 0);
    assert_true(dmath_log(0) == -DMATH_INF && dmath_log(-0.0) == -DMATH_INF);
    assert_true(isnan(dmath_log(-1)) && isnan(dmath_log(DMATH_NAN)));
    assert_true(dmath_log(DMATH_INF) == DMATH_INF);
}

static void pow_is_accurate(void **state) {
    (void)state;
    for (uint32_t i = 0; i < POINTS; i++) {
        double x = i % 2 == 0 ? between(6, i, 1e-3, 1e3) : between(7, i, 0.9, 1.1);
        double y = between(8, i, -90, 90);
        assert_near(relative(dmath_pow(x, y), powl((long double)x, (long double)y)), 0, 1e-15);
    }
}

static void pow_has_its_limits(void **state) {
    (void)state;
    assert_true(dmath_pow(2, 10) == 1024 && dmath_pow(4, 0.5) == 2);
    assert_true(dmath_pow(5, 0) == 1 && dmath_pow(1, 1e300) == 1 && dmath_pow(0, 0) == 1);
    assert_true(dmath_pow(0, 2) == 0 && dmath_pow(0, -2) == DMATH_INF);
    assert_true(dmath_pow(10, 400) == DMATH_INF && dmath_pow(10, -400) == 0);
    assert_true(dmath_pow(0.5, 1e300) == 0 && dmath_pow(0.5, -1e300) == DMATH_INF);
    assert_true(dmath_pow(2, DMATH_INF) == DMATH_INF && dmath_pow(0.5, DMATH_INF) == 0);
    assert_true(dmath_pow(DMATH_INF, 1) == DMATH_INF && dmath_pow(DMATH_INF, -1) == 0);
    assert_true(isnan(dmath_pow(-1, 0.5)) && isnan(dmath_pow(2, DMATH_NAN)) && isnan(dmath_pow(DMATH_NAN, 1)));
}

static void sin_and_cos_are_accurate(void **state) {
    (void)state;
    for (uint32_t i = 0; i < POINTS; i++) {
        double x = i % 2 == 0 ? between(9, i, -7, 7) : between(10, i, -1048576, 1048576);
        assert_near(dmath_sin(x), sinl((long double)x), 4e-16);
        assert_near(dmath_cos(x), cosl((long double)x), 4e-16);
    }
    for (int k = 1; k <= 600000; k += 997) {  // beside the zeros, where the reduction is hardest
        double x = k * 1.57079632679489661923;
        assert_near(relative(dmath_sin(x), sinl((long double)x)), 0, 1e-15);
        assert_near(relative(dmath_cos(x), cosl((long double)x)), 0, 1e-15);
    }
}

static void sin_and_cos_have_their_limits(void **state) {
    (void)state;
    assert_true(dmath_sin(0) == 0 && dmath_cos(0) == 1);
    assert_true(isnan(dmath_sin(2e6)) && isnan(dmath_cos(-2e6)) && isnan(dmath_sin(DMATH_NAN)));
    assert_true(dmath_sin(-1) == -dmath_sin(1) && dmath_cos(-1) == dmath_cos(1));
}

static void sqrt_is_exact(void **state) {
    (void)state;
    assert_true(dmath_sqrt(2) == 1.4142135623730951 && dmath_sqrt(0) == 0 && isnan(dmath_sqrt(-1)));
}

static void logsum_survives_large_and_missing_utilities(void **state) {
    (void)state;
    const double two[2] = {1000, 1000}, low[2] = {-1e4, -1e4 + 1}, gone[3] = {-DMATH_INF, 3, -DMATH_INF};
    assert_near(dmath_logsum(two, 2), 1000 + 0.69314718055994531, 1e-12);
    assert_near(dmath_logsum(low, 2), -1e4 + 1.3132616875182228, 1e-11);
    assert_true(dmath_logsum(gone, 3) == 3);
    assert_true(dmath_logsum(gone, 1) == -DMATH_INF);
    assert_true(dmath_logsum(two, 0) == -DMATH_INF);
    const double top[2] = {1, DMATH_INF}, odd[2] = {1, DMATH_NAN};
    assert_true(dmath_logsum(top, 2) == DMATH_INF);
    assert_true(isnan(dmath_logsum(odd, 2)));
}

// The value was computed once with gcc 12 -O2 on x86-64; any other compiler or machine must find the same bits.
static void every_compiler_gives_the_same_bits(void **state) {
    (void)state;
    uint64_t h = HASH_SEED;
    for (uint32_t i = 0; i < 20000; i++) {
        double u = support_uniform(11, i), v = support_uniform(12, i);
        h = hash_f64(h, dmath_exp(1400 * u - 700));
        h = hash_f64(h, dmath_log(u));
        h = hash_f64(h, dmath_pow(10 * u, 20 * v - 10));
        h = hash_f64(h, dmath_sin(2000 * u - 1000));
        h = hash_f64(h, dmath_cos(2000 * v - 1000));
        h = hash_f64(h, dmath_sqrt(u));
    }
    h = hash_finish(h);
    if (h != GOLDEN_BITS) {
        print_error("hash of bits is 0x%016llxULL\n", (unsigned long long)h);
    }
    assert_true(h == GOLDEN_BITS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exp_is_accurate),
        cmocka_unit_test(exp_has_its_limits),
        cmocka_unit_test(log_is_accurate),
        cmocka_unit_test(log_has_its_limits),
        cmocka_unit_test(pow_is_accurate),
        cmocka_unit_test(pow_has_its_limits),
        cmocka_unit_test(sin_and_cos_are_accurate),
        cmocka_unit_test(sin_and_cos_have_their_limits),
        cmocka_unit_test(sqrt_is_exact),
        cmocka_unit_test(logsum_survives_large_and_missing_utilities),
        cmocka_unit_test(every_compiler_gives_the_same_bits),
    };
    return cmocka_run_group_tests_name("dmath", tests, NULL, NULL);
}
