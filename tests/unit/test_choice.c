#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/par.h"
#include "model/choice.h"
#include "support.h"

static choice_tree flat_tree(int alternatives) {
    choice_tree t = {.alternative_count = alternatives, .nest_count = 1};
    t.nest_parent[0] = -1;
    t.nest_lambda[0] = 1.0;
    return t;
}

// Root -> {0, A(0.6) -> {1, 2, B(0.5) -> {3, 4}}, C(0.3) -> {5}}: three levels.
static choice_tree deep_tree(void) {
    choice_tree t = flat_tree(6);
    t.nest_count = 4;
    t.nest_parent[1] = 0;
    t.nest_lambda[1] = 0.6;
    t.nest_parent[2] = 1;
    t.nest_lambda[2] = 0.5;
    t.nest_parent[3] = 0;
    t.nest_lambda[3] = 0.3;
    const int nest[6] = {0, 1, 1, 2, 2, 3};
    for (int i = 0; i < 6; i++) {
        t.alternative_nest[i] = nest[i];
    }
    return t;
}

// The textbook recursion, straight from the definition and independent of the module: value of a nest in the units of
// its own scale, with plain exp and log.
static double nest_sum(const choice_tree *t, const double *v, int nest, double scale) {
    double sum = 0.0;
    for (int i = 0; i < t->alternative_count; i++) {
        if (t->alternative_nest[i] == nest) {
            sum += exp(v[i] / scale);
        }
    }
    for (int n = nest + 1; n < t->nest_count; n++) {
        if (t->nest_parent[n] == nest) {
            sum += pow(nest_sum(t, v, n, scale * t->nest_lambda[n]), t->nest_lambda[n]);
        }
    }
    return sum;
}

static double nest_scale(const choice_tree *t, int nest) {
    return nest == 0 ? 1.0 : nest_scale(t, t->nest_parent[nest]) * t->nest_lambda[nest];
}

static double brute_probability(const choice_tree *t, const double *v, int alternative) {
    int nest = t->alternative_nest[alternative];
    double sum = nest_sum(t, v, nest, nest_scale(t, nest));
    double p = sum > 0.0 ? exp(v[alternative] / nest_scale(t, nest)) / sum : 0.0;
    for (; nest > 0; nest = t->nest_parent[nest]) {
        double own = pow(nest_sum(t, v, nest, nest_scale(t, nest)), t->nest_lambda[nest]);
        double all = nest_sum(t, v, t->nest_parent[nest], nest_scale(t, t->nest_parent[nest]));
        p = all > 0.0 ? p * own / all : 0.0;
    }
    return p;
}

static void check_against_recursion(const choice_tree *t, const double *v) {
    double p[CHOICE_ALTERNATIVES_MAX];
    double total = 0.0;
    double logsum = choice_probabilities(t, v, p);
    for (int i = 0; i < t->alternative_count; i++) {
        assert_near(p[i], brute_probability(t, v, i), 1e-12);
        total += p[i];
    }
    assert_near(total, 1.0, 1e-12);
    assert_near(logsum, log(nest_sum(t, v, 0, 1.0)), 1e-12);
    assert_near(choice_probabilities(t, v, NULL), logsum, 0.0);
    double log_p[CHOICE_ALTERNATIVES_MAX];
    assert_near(choice_log_probabilities(t, v, log_p), logsum, 0.0);
    for (int i = 0; i < t->alternative_count; i++) {
        assert_near(log_p[i], p[i] > 0.0 ? log(p[i]) : -HUGE_VAL, 1e-12);
    }
}

static void binary_logit_has_the_published_value(void **state) {
    (void)state;
    choice_tree t = flat_tree(2);
    const double v[2] = {1.0, 0.0};
    double p[2];
    double logsum = choice_probabilities(&t, v, p);
    assert_near(p[0], 0.731058578630005, 1e-15);
    assert_near(p[1], 0.268941421369995, 1e-15);
    assert_near(logsum, 1.313261687518223, 1e-15);
}

// Train 2009, section 4.2: alike alternatives in one nest share what one would have, the more the smaller lambda.
static void blue_bus_takes_from_the_red_bus(void **state) {
    (void)state;
    choice_tree t = flat_tree(3);
    t.nest_count = 2;
    t.nest_parent[1] = 0;
    t.alternative_nest[1] = 1;
    t.alternative_nest[2] = 1;
    const double v[3] = {0.0, 0.0, 0.0};
    const double lambda[3] = {1.0, 0.5, 0.01};
    for (int k = 0; k < 3; k++) {
        double p[3];
        t.nest_lambda[1] = lambda[k];
        choice_probabilities(&t, v, p);
        assert_near(p[0], 1.0 / (1.0 + pow(2.0, lambda[k])), 1e-14);
        assert_near(p[1], p[2], 1e-15);
    }
}

static void agrees_with_the_recursion_on_three_levels(void **state) {
    (void)state;
    choice_tree t = deep_tree();
    const double v[6] = {0.3, -0.2, 0.9, 1.1, -1.4, 0.4};
    check_against_recursion(&t, v);
}

static void agrees_with_the_recursion_on_random_trees(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        uint32_t k = 0;
        choice_tree t = flat_tree(2 + (int)(support_random(seed, k++) % 12));
        t.nest_count = 1 + (int)(support_random(seed, k++) % 7);
        for (int n = 1; n < t.nest_count; n++) {
            t.nest_parent[n] = (int)(support_random(seed, k++) % (uint64_t)n);
            t.nest_lambda[n] = 0.2 + 0.8 * support_uniform(seed, k++);
        }
        double v[CHOICE_ALTERNATIVES_MAX];
        for (int i = 0; i < t.alternative_count; i++) {
            t.alternative_nest[i] = (int)(support_random(seed, k++) % (uint64_t)t.nest_count);
            v[i] = 4.0 * support_uniform(seed, k++) - 2.0;
            if (i > 0 && support_uniform(seed, k++) < 0.2) {
                v[i] = -HUGE_VAL;
            }
        }
        assert_ok(choice_validate(&t));
        check_against_recursion(&t, v);
    }
}

static void lambda_one_is_the_multinomial_logit(void **state) {
    (void)state;
    choice_tree nested = deep_tree();
    choice_tree flat = flat_tree(6);
    for (int n = 1; n < nested.nest_count; n++) {
        nested.nest_lambda[n] = 1.0;
    }
    const double v[6] = {0.3, -0.2, 0.9, 1.1, -1.4, 0.4};
    double p[6];
    double q[6];
    assert_near(choice_probabilities(&nested, v, p), choice_probabilities(&flat, v, q), 1e-14);
    for (int i = 0; i < 6; i++) {
        assert_near(p[i], q[i], 1e-14);
    }
}

static void unavailable_alternatives_have_no_share(void **state) {
    (void)state;
    choice_tree t = deep_tree();
    double v[6] = {0.3, -0.2, 0.9, -HUGE_VAL, -HUGE_VAL, 0.4};  // a whole nest closed
    double p[6];
    choice_probabilities(&t, v, p);
    assert_near(p[3], 0.0, 0.0);
    assert_near(p[4], 0.0, 0.0);
    assert_near(p[0] + p[1] + p[2] + p[5], 1.0, 1e-14);
    for (int i = 0; i < 6; i++) {
        v[i] = -HUGE_VAL;
    }
    assert_true(choice_probabilities(&t, v, p) == -HUGE_VAL);
    for (int i = 0; i < 6; i++) {
        assert_near(p[i], 0.0, 0.0);
    }
}

static void huge_utilities_do_not_overflow(void **state) {
    (void)state;
    choice_tree t = deep_tree();
    const double base[6] = {0.3, -0.2, 0.9, 1.1, -1.4, 0.4};
    const double shift[4] = {-1e5, 1e5, 1e-3, 700.0};
    double p[6];
    double logsum = choice_probabilities(&t, base, p);
    for (int k = 0; k < 4; k++) {
        double v[6];
        double q[6];
        for (int i = 0; i < 6; i++) {
            v[i] = base[i] + shift[k];
        }
        assert_near(choice_probabilities(&t, v, q) - shift[k], logsum, 1e-9);
        for (int i = 0; i < 6; i++) {
            assert_near(q[i], p[i], 1e-9);
        }
    }
    const double apart[6] = {-1e4, 1e4, -1e4, 0, 0, 0};
    choice_probabilities(&t, apart, p);
    assert_near(p[1], 1.0, 1e-15);
}

// The likelihood of what nobody would do is a finite number, where the probability is 0 in floating point.
static void log_probabilities_do_not_vanish(void **state) {
    (void)state;
    choice_tree t = flat_tree(3);
    t.nest_count = 2;
    t.nest_parent[1] = 0;
    t.nest_lambda[1] = 0.5;
    t.alternative_nest[1] = 1;
    t.alternative_nest[2] = 1;
    const double v[3] = {0.0, -2000.0, -3000.0};
    double p[3], log_p[3];
    choice_probabilities(&t, v, p);
    choice_log_probabilities(&t, v, log_p);
    assert_near(p[1], 0.0, 0.0);
    assert_near(log_p[0], 0.0, 0.0);
    assert_near(log_p[1], -2000.0, 1e-9);
    assert_near(log_p[2], -4000.0, 1e-9);  // -2000 for the nest, (-3000 + 2000) / 0.5 within it
}

// Many choices at once are the single ones, bit for bit, on any number of threads.
static void evaluates_many_choices_alike_on_any_number_of_threads(void **state) {
    (void)state;
    enum { CHOICES = 1000 };
    static double v[CHOICES * 6], p[CHOICES * 6], log_p[CHOICES * 6], logsum[CHOICES];
    choice_tree t = deep_tree();
    for (uint32_t i = 0; i < CHOICES * 6; i++) {
        v[i] = support_uniform(9, i) < 0.2 && i % 6 > 0 ? -HUGE_VAL : 6.0 * support_uniform(10, i) - 3.0;
    }
    for (int threads = 1; threads <= 3; threads++) {
        par_set_threads(threads);
        memset(p, 0, sizeof p);
        memset(logsum, 0, sizeof logsum);
        choice_evaluate(&t, CHOICES, v, log_p, p, logsum);
        for (uint32_t k = 0; k < CHOICES; k++) {
            double one[6], log_one[6];
            assert_near(choice_probabilities(&t, v + (size_t)6 * k, one), logsum[k], 0.0);
            choice_log_probabilities(&t, v + (size_t)6 * k, log_one);
            assert_memory_equal(one, p + (size_t)6 * k, sizeof one);
            assert_memory_equal(log_one, log_p + (size_t)6 * k, sizeof log_one);
        }
    }
    par_set_threads(0);
}

static void rejects_trees_that_are_none(void **state) {
    (void)state;
    choice_tree t = deep_tree();
    assert_ok(choice_validate(&t));
    t.nest_lambda[2] = 1.2;
    assert_error(choice_validate(&t), ERR_RANGE, "nest 2 has lambda 1.2");
    t.nest_lambda[2] = 0.0;
    assert_error(choice_validate(&t), ERR_RANGE, "nest 2");
    t.nest_lambda[2] = (double)NAN;
    assert_error(choice_validate(&t), ERR_RANGE, "nest 2");
    t = deep_tree();
    t.nest_lambda[1] = 1e-5;
    t.nest_lambda[2] = 1e-2;
    assert_error(choice_validate(&t), ERR_RANGE, "nest 2 has scale 1e-07 against the root");
    t = deep_tree();
    t.nest_parent[2] = 2;
    assert_error(choice_validate(&t), ERR_REFERENCE, "nest 2 has parent 2");
    t = deep_tree();
    t.nest_parent[1] = -1;
    assert_error(choice_validate(&t), ERR_REFERENCE, "nest 1");
    t = deep_tree();
    t.alternative_nest[5] = 4;
    assert_error(choice_validate(&t), ERR_REFERENCE, "alternative 5 is in nest 4");
    t = deep_tree();
    t.nest_lambda[0] = 0.5;
    assert_error(choice_validate(&t), ERR_RANGE, "nest 0");
    t = deep_tree();
    t.alternative_count = 0;
    assert_error(choice_validate(&t), ERR_RANGE, "0 alternatives");
}

static void frozen_errors_are_a_function_of_key_and_entity(void **state) {
    (void)state;
    choice_tree t = deep_tree();
    rng_key key = {.seed = 1, .replication = 2};
    double a[6];
    double b[6];
    double c[6];
    double d[6];
    choice_frozen_errors(&t, key, 42, a);
    choice_frozen_errors(&t, key, 42, b);
    choice_frozen_errors(&t, key, 43, c);
    choice_frozen_errors(&t, (rng_key){.seed = 1, .replication = 3}, 42, d);
    for (int i = 0; i < 6; i++) {
        assert_near(a[i], b[i], 0.0);
        assert_true(fabs(a[i] - c[i]) > 1e-9);
        assert_true(fabs(a[i] - d[i]) > 1e-9);
    }
}

// Bits that every compiler and machine must give; made once by this program.
static void frozen_errors_have_their_golden_values(void **state) {
    (void)state;
    const double golden[6] = {0x1.35a12238d71fep+1, 0x1.52dde5bbbc92ap+0, 0x1.dcaa904eaf11p-1,
                              0x1.12f03965f695fp+0, 0x1.38bb3f11c6482p+0, 0x1.5ca0a4076638p+0};
    choice_tree t = deep_tree();
    double error[6];
    choice_frozen_errors(&t, (rng_key){.seed = 20231018, .replication = 0}, 0x0123456789abcdefULL, error);
    for (int i = 0; i < 6; i++) {
        assert_near(error[i], golden[i], 0.0);
    }
}

static void a_tree_without_nests_has_plain_gumbels(void **state) {
    (void)state;
    choice_tree t = flat_tree(2);
    t.nest_count = 2;  // a nest with lambda 1 changes nothing
    t.nest_parent[1] = 0;
    t.nest_lambda[1] = 1.0;
    t.alternative_nest[1] = 1;
    rng_key key = {.seed = 5, .replication = 0};
    double error[2];
    choice_frozen_errors(&t, key, 99, error);
    assert_near(error[0], rng_gumbel(key, 99, 13, 0), 0.0);  // 13 = DRAW_MODE_ALTERNATIVE, never to be renumbered
    assert_near(error[1], rng_gumbel(key, 99, 13, 1), 0.0);
}

static void best_takes_the_first_of_equals(void **state) {
    (void)state;
    choice_tree t = flat_tree(3);
    const double zero[3] = {0, 0, 0};
    const double tie[3] = {1.0, 2.0, 2.0};
    const double closed[3] = {-HUGE_VAL, -HUGE_VAL, -HUGE_VAL};
    const double error[3] = {5.0, 0.0, 3.9};
    assert_int_equal(choice_best(&t, tie, zero), 1);
    assert_int_equal(choice_best(&t, tie, error), 0);
    assert_int_equal(choice_best(&t, closed, error), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binary_logit_has_the_published_value),
        cmocka_unit_test(blue_bus_takes_from_the_red_bus),
        cmocka_unit_test(agrees_with_the_recursion_on_three_levels),
        cmocka_unit_test(agrees_with_the_recursion_on_random_trees),
        cmocka_unit_test(lambda_one_is_the_multinomial_logit),
        cmocka_unit_test(unavailable_alternatives_have_no_share),
        cmocka_unit_test(huge_utilities_do_not_overflow),
        cmocka_unit_test(log_probabilities_do_not_vanish),
        cmocka_unit_test(evaluates_many_choices_alike_on_any_number_of_threads),
        cmocka_unit_test(rejects_trees_that_are_none),
        cmocka_unit_test(frozen_errors_are_a_function_of_key_and_entity),
        cmocka_unit_test(frozen_errors_have_their_golden_values),
        cmocka_unit_test(a_tree_without_nests_has_plain_gumbels),
        cmocka_unit_test(best_takes_the_first_of_equals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
