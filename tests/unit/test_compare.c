// What may be compared, what is warned about, and differences against numbers worked by hand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "loop/compare.h"
#include "support.h"

enum { YEARS = 2, REPLICATIONS = 6 };

typedef struct fixture {
    double value[RESULT_INDICATOR_COUNT * YEARS * REPLICATIONS];
    int year[YEARS];
    compare_run run;
} fixture;

static double *at(fixture *f, result_indicator i, uint32_t y, uint32_t k) {
    return &f->value[((size_t)i * YEARS + y) * REPLICATIONS + k];
}

static void set_up(fixture *f, const char *name) {
    *f = (fixture){.year = {2023, 2040}};
    for (size_t i = 0; i < sizeof f->value / sizeof f->value[0]; i++) {
        f->value[i] = 100.0 + (double)(i % 7);
    }
    f->run = (compare_run){.name = name,
                           .program_version = "1.0",
                           .git_commit = "abc",
                           .format_version = "1.1",
                           .seed = 1,
                           .scale = 1,
                           .confidence = 0.95,
                           .converged = true,
                           .town_hash = 42,
                           .today_year = 2023,
                           .year_count = YEARS,
                           .year = f->year,
                           .replications = REPLICATIONS,
                           .indicator = f->value};
}

// Checks two runs; returns the number of warnings and whether one contains the words.
static uint32_t warnings_of(const fixture *a, const fixture *b, const char *words, bool *said) {
    const compare_run run[2] = {a->run, b->run};
    const char *const *warning;
    uint32_t count;
    arena scratch;
    arena_init(&scratch);
    assert_ok(compare_check(run, 2, &scratch, &warning, &count));
    *said = false;
    for (uint32_t i = 0; i < count; i++) {
        *said = *said || strstr(warning[i], words) != NULL;
    }
    arena_free(&scratch);
    return count;
}

static void assert_refused(const fixture *a, const fixture *b, const char *words) {
    const compare_run run[2] = {a->run, b->run};
    const char *const *warning;
    uint32_t count;
    arena scratch;
    arena_init(&scratch);
    assert_error(compare_check(run, 2, &scratch, &warning, &count), ERR_INFEASIBLE, words);
    arena_free(&scratch);
}

static void refuses_what_would_mean_nothing(void **state) {
    (void)state;
    fixture a, b;
    set_up(&a, "a.h5");
    set_up(&b, "b.h5");
    b.run.town_hash = 43;
    assert_refused(&a, &b, "b.h5 has other zones than a.h5");
    b.run.town_hash = 42;
    b.run.today_year = 2024;
    assert_refused(&a, &b, "b.h5 calls 2024 today");
    b.run.today_year = 2023;
    b.year[1] = 2030;
    assert_refused(&a, &b, "no year after today in common");
}

static void warns_with_the_reason(void **state) {
    (void)state;
    fixture a, b;
    bool said;
    set_up(&a, "a.h5");
    set_up(&b, "b.h5");
    assert_int_equal(warnings_of(&a, &b, "", &said), 0);
    b.run.program_version = "1.1";
    assert_int_equal(warnings_of(&a, &b, "b.h5 was made by vestsim 1.1, a.h5 by 1.0", &said), 1);
    assert_true(said);
    b.run.program_version = "1.0";
    b.run.git_commit = "def";
    assert_int_equal(warnings_of(&a, &b, "commit def", &said), 1);
    assert_true(said);
    b.run.git_commit = "abc";
    b.run.format_version = "1.0";
    assert_int_equal(warnings_of(&a, &b, "format version 1.0", &said), 1);
    assert_true(said);
    b.run.format_version = "1.1";
    b.run.seed = 2;
    assert_int_equal(warnings_of(&a, &b, "share no random draws", &said), 1);
    assert_true(said);
    b.run.seed = 1;
    b.run.scale = 0.5;
    assert_int_equal(warnings_of(&a, &b, "a share of 0.5", &said), 1);
    assert_true(said);
    b.run.scale = (double)NAN;  // not known: no reason to warn
    assert_int_equal(warnings_of(&a, &b, "", &said), 0);
    b.run.confidence = 0.9;
    assert_int_equal(warnings_of(&a, &b, "at 90 %", &said), 1);
    assert_true(said);
    b.run.confidence = 0.95;
    b.run.converged = false;
    assert_int_equal(warnings_of(&a, &b, "b.h5 did not converge", &said), 1);
    assert_true(said);
    b.run.converged = true;
    *at(&b, RESULT_car_km_sentrum, 0, 3) += 1.0;
    assert_int_equal(warnings_of(&a, &b, "differ today already", &said), 1);
    assert_true(said);
    set_up(&b, "b.h5");
    b.run.year_count = 1;  // today only
    assert_int_equal(warnings_of(&a, &b, "only those of both", &said), 1);
    assert_true(said);
}

static void differences_equal_a_hand_calculation(void **state) {
    (void)state;
    static const double change[REPLICATIONS] = {1, 2, 3, 4, 5, 3};
    fixture a, b;
    set_up(&a, "a.h5");
    set_up(&b, "b.h5");
    for (uint32_t k = 0; k < REPLICATIONS; k++) {
        *at(&a, RESULT_co2_t, 1, k) = 50.0 - k;
        *at(&b, RESULT_co2_t, 1, k) = 50.0 - k + change[k];
    }
    compare_cell x;
    compare_indicator(&a.run, &b.run, RESULT_co2_t, 2040, 0.95, &x);
    assert_int_equal(x.pairs, 6);
    assert_near(x.base_mean, 47.5, 1e-12);
    assert_near(x.mean, 50.5, 1e-12);
    assert_near(x.difference.mean, 3.0, 1e-12);
    assert_near(x.difference.sd, sqrt(2.0), 1e-12);
    assert_near(x.difference_pct, 100 * 3.0 / 47.5, 1e-9);
    assert_near(x.difference.t_high - 3.0, 2.570582 * sqrt(2.0 / 6.0), 1e-5);
    assert_int_equal(x.shown, COMPARE_HIGHER);
    compare_indicator(&b.run, &a.run, RESULT_co2_t, 2040, 0.95, &x);
    assert_int_equal(x.shown, COMPARE_LOWER);
}

static void fewer_pairs_show_nothing(void **state) {
    (void)state;
    fixture a, b;
    set_up(&a, "a.h5");
    set_up(&b, "b.h5");
    compare_cell x;
    compare_indicator(&a.run, &b.run, RESULT_stuck, 2040, 0.95, &x);
    assert_int_equal(x.shown, COMPARE_EQUAL);
    fixture one;  // a single replication of b
    set_up(&one, "one.h5");
    one.run.replications = 1;
    for (size_t i = 0; i < sizeof one.value / sizeof one.value[0]; i++) {
        one.value[i] = 500.0;
    }
    compare_indicator(&a.run, &one.run, RESULT_stuck, 2040, 0.95, &x);
    assert_int_equal(x.pairs, 1);
    assert_true(isinf(x.difference.low) && isinf(x.difference.high));
    assert_int_equal(x.shown, COMPARE_NOT_SHOWN);
    *at(&b, RESULT_stuck, 1, 2) = (double)NAN;  // an older file without the indicator
    compare_indicator(&a.run, &b.run, RESULT_stuck, 2040, 0.95, &x);
    assert_int_equal(x.pairs, 0);
    assert_true(isnan(x.mean));
    compare_indicator(&a.run, &b.run, RESULT_stuck, 2035, 0.95, &x);
    assert_int_equal(x.pairs, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_would_mean_nothing),
        cmocka_unit_test(warns_with_the_reason),
        cmocka_unit_test(differences_equal_a_hand_calculation),
        cmocka_unit_test(fewer_pairs_show_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
