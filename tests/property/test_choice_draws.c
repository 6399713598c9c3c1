// Best responses to frozen errors reproduce the probabilities of the formula over a population.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "model/choice.h"
#include "support.h"

enum { ENTITIES = 100000, ALTERNATIVES_MAX = 8 };

static choice_tree one_level(void) {
    choice_tree t = {.alternative_count = 4, .nest_count = 1};
    t.nest_parent[0] = -1;
    t.nest_lambda[0] = 1.0;
    return t;
}

static choice_tree two_levels(void) {
    choice_tree t = {.alternative_count = 5, .nest_count = 3};
    const int nest[5] = {1, 1, 0, 2, 2};
    t.nest_parent[0] = -1;
    t.nest_lambda[0] = 1.0;
    t.nest_lambda[1] = 0.4;
    t.nest_lambda[2] = 0.7;
    memcpy(t.alternative_nest, nest, sizeof nest);
    return t;
}

static choice_tree three_levels(void) {
    choice_tree t = {.alternative_count = 7, .nest_count = 4};
    const int nest[7] = {0, 1, 2, 2, 3, 3, 3};
    t.nest_parent[0] = -1;
    t.nest_parent[1] = 0;
    t.nest_parent[2] = 1;
    t.nest_parent[3] = 1;
    t.nest_lambda[0] = 1.0;
    t.nest_lambda[1] = 0.6;
    t.nest_lambda[2] = 0.5;
    t.nest_lambda[3] = 0.15;
    memcpy(t.alternative_nest, nest, sizeof nest);
    return t;
}

// Chi-square of the choices with errors drawn for `drawn` against the probabilities of `t`; df by the open ones.
static double chi_square(const choice_tree *t, const choice_tree *drawn, const double *v, uint32_t seed, int *df) {
    uint32_t chosen[ALTERNATIVES_MAX] = {0};
    double p[ALTERNATIVES_MAX];
    choice_probabilities(t, v, p);
    for (uint64_t entity = 0; entity < ENTITIES; entity++) {
        double error[ALTERNATIVES_MAX];
        choice_frozen_errors(drawn, (rng_key){.seed = seed, .replication = 0}, entity * 0x9e3779b97f4a7c15ULL, error);
        int best = choice_best(t, v, error);
        assert_true(best >= 0);
        chosen[best]++;
    }
    double chi = 0.0;
    *df = -1;
    for (int i = 0; i < t->alternative_count; i++) {
        double expected = p[i] * ENTITIES;
        assert_true(expected > 20.0 || chosen[i] == 0);
        if (expected > 0.0) {
            chi += (chosen[i] - expected) * (chosen[i] - expected) / expected;
            *df += 1;
        }
    }
    return chi;
}

// 99.9 % quantiles of chi-square with 1 .. 6 degrees of freedom. Seeds are fixed: this passes or fails for good.
static const double QUANTILE[7] = {0, 10.83, 13.82, 16.27, 18.47, 20.52, 22.46};

static void check_shares(const choice_tree *t, const double *v, int expected_df) {
    for (uint32_t seed = 1; seed <= 3; seed++) {
        int df;
        double chi = chi_square(t, t, v, seed, &df);
        assert_int_equal(df, expected_df);
        assert_true(chi < QUANTILE[df]);
    }
}

static void shares_equal_the_formula_on_one_level(void **state) {
    (void)state;
    choice_tree t = one_level();
    const double v[4] = {0.5, 0.1, -1.3, 0.0};
    check_shares(&t, v, 3);
}

// A chain of four nests, the last of which is itself a pair: six levels, strong correlation at the end.
static void shares_equal_the_formula_at_any_depth(void **state) {
    (void)state;
    choice_tree t = {.alternative_count = 7, .nest_count = 6};
    for (int n = 0; n < 6; n++) {
        t.nest_parent[n] = n - 1;
        t.nest_lambda[n] = n == 0 ? 1.0 : 0.7;
        t.alternative_nest[n] = n;
    }
    t.alternative_nest[6] = 5;
    assert_ok(choice_validate(&t));
    const double v[7] = {0.4, 0.3, 0.1, 0.0, 0.1, 0.05, -0.05};
    check_shares(&t, v, 6);
}

// Every decision maker has an own choice set: whatever the set, the same frozen errors give the shares of its formula.
// Expected counts are sums of the probabilities, so the variance is below that of one multinomial: the quantile holds.
static void shares_equal_the_formula_with_varying_choice_sets(void **state) {
    (void)state;
    choice_tree t = three_levels();
    const double v[7] = {0.4, 0.0, 0.3, 0.1, 0.05, 0.0, -0.05};
    for (uint32_t seed = 1; seed <= 3; seed++) {
        double expected[7] = {0};
        uint32_t chosen[7] = {0};
        for (uint64_t entity = 0; entity < ENTITIES; entity++) {
            double w[7], p[7], error[7];
            uint32_t open = 1 + (uint32_t)(support_random(77, (uint32_t)entity) % 127);  // at least one alternative
            for (int i = 0; i < 7; i++) {
                w[i] = (open >> i & 1U) != 0 ? v[i] : -HUGE_VAL;
            }
            choice_probabilities(&t, w, p);
            choice_frozen_errors(&t, (rng_key){.seed = seed, .replication = 2}, entity, error);
            int best = choice_best(&t, w, error);
            assert_true(best >= 0 && w[best] > -HUGE_VAL);
            chosen[best]++;
            for (int i = 0; i < 7; i++) {
                expected[i] += p[i];
            }
        }
        double chi = 0.0;
        for (int i = 0; i < 7; i++) {
            chi += (chosen[i] - expected[i]) * (chosen[i] - expected[i]) / expected[i];
        }
        assert_true(chi < QUANTILE[6]);
    }
}

static void shares_equal_the_formula_on_two_levels(void **state) {
    (void)state;
    choice_tree t = two_levels();
    const double v[5] = {0.5, 0.1, -0.3, -0.2, 0.2};
    check_shares(&t, v, 4);
}

static void shares_equal_the_formula_on_three_levels(void **state) {
    (void)state;
    choice_tree t = three_levels();
    const double v[7] = {0.4, 0.0, 0.3, 0.1, 0.05, 0.0, -0.05};
    check_shares(&t, v, 6);
}

static void shares_equal_the_formula_with_an_unavailable_alternative(void **state) {
    (void)state;
    choice_tree two = two_levels();
    choice_tree three = three_levels();
    const double v[5] = {0.5, -HUGE_VAL, -0.3, -0.2, 0.2};
    const double w[7] = {0.4, 0.0, 0.3, 0.1, -HUGE_VAL, 0.0, -0.05};
    check_shares(&two, v, 3);
    check_shares(&three, w, 5);
}

// The test has the power to notice: independent errors do not reproduce nested shares.
static void errors_without_the_nests_are_noticed(void **state) {
    (void)state;
    choice_tree t = two_levels();
    choice_tree flat = t;
    flat.nest_lambda[1] = 1.0;
    flat.nest_lambda[2] = 1.0;
    const double v[5] = {0.5, 0.1, -0.3, -0.2, 0.2};
    int df;
    assert_true(chi_square(&t, &flat, v, 1, &df) > 10.0 * QUANTILE[df]);
}

// Whatever the depth, each alternative's own error is a standard Gumbel.
static void every_error_is_a_standard_gumbel(void **state) {
    (void)state;
    choice_tree t = three_levels();
    double sum[7] = {0};
    double square[7] = {0};
    for (uint64_t entity = 0; entity < ENTITIES; entity++) {
        double error[7];
        choice_frozen_errors(&t, (rng_key){.seed = 3, .replication = 1}, entity, error);
        for (int i = 0; i < 7; i++) {
            sum[i] += error[i];
            square[i] += error[i] * error[i];
        }
    }
    for (int i = 0; i < 7; i++) {
        double mean = sum[i] / ENTITIES;
        double variance = square[i] / ENTITIES - mean * mean;
        assert_near(mean, 0.5772156649, 0.016);      // 4 standard errors of 0.0041
        assert_near(variance, 1.6449340668, 0.050);  // 4 standard errors of about 0.012
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_equal_the_formula_on_one_level),
        cmocka_unit_test(shares_equal_the_formula_at_any_depth),
        cmocka_unit_test(shares_equal_the_formula_with_varying_choice_sets),
        cmocka_unit_test(shares_equal_the_formula_on_two_levels),
        cmocka_unit_test(shares_equal_the_formula_on_three_levels),
        cmocka_unit_test(shares_equal_the_formula_with_an_unavailable_alternative),
        cmocka_unit_test(errors_without_the_nests_are_noticed),
        cmocka_unit_test(every_error_is_a_standard_gumbel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
