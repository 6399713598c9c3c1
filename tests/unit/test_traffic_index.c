// The traffic index: the authority's formulas on small examples worked by hand, and its published rows where the
// parameter tables are at hand (folder `params` beside the cases; skipped otherwise, nothing is copied).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop/traffic_index.h"
#include "support.h"

static void three_points_by_hand(void **state) {
    (void)state;
    // R = 100, 200, 700; W = 110, 190, 735: I = 35/1000, I_i = 10 %, -5 %, 5 %, w = 0.1, 0.2, 0.7.
    const traffic_index_point p[4] = {{.before = 100, .after = 110},
                                      {.before = 200, .after = 190},
                                      {.before = 0, .after = 50},  // no reference: left out
                                      {.before = 700, .after = 735}};
    result_point_index x;
    traffic_index_present(p, 4, 0.95, &x);
    assert_int_equal(x.points, 3);
    assert_near(x.index_pct, 3.5, 1e-12);
    assert_near(x.n_effective, 1.0 / 0.54, 1e-12);
    double spread = 0.1 * 6.5 * 6.5 + 0.2 * 8.5 * 8.5 + 0.7 * 1.5 * 1.5;
    assert_near(x.sd_pct, sqrt(spread / 0.46), 1e-10);
    assert_near(x.se_pct, x.sd_pct * sqrt(0.54), 1e-10);
    assert_near(x.high_pct - x.index_pct, 4.302653 * x.se_pct, 1e-5);  // t(0.975, 2): Abramowitz and Stegun 26.10
    assert_near(x.index_pct - x.low_pct, x.high_pct - x.index_pct, 1e-12);
}

static void one_point_has_no_interval(void **state) {
    (void)state;
    const traffic_index_point p[1] = {{.before = 10168, .after = 9851, .length_km = 1}};
    const double work[1] = {1};
    arena a;
    arena_init(&a);
    result_point_index x;
    traffic_index_present(p, 1, 0.95, &x);
    assert_near(x.index_pct, -3.1176, 1e-4);
    assert_true(isinf(x.low_pct) && isinf(x.high_pct));
    assert_ok(traffic_index_2027(p, 1, work, 1, 0.95, &a, &x));
    assert_near(x.index_pct, -3.1176, 1e-4);
    assert_true(isinf(x.low_pct) && isinf(x.high_pct));
    traffic_index_present(p, 0, 0.95, &x);
    assert_true(isnan(x.index_pct));
    arena_free(&a);
}

static void classes_are_weighted_by_their_roads_not_their_points(void **state) {
    (void)state;
    // Class 0: +10 % at 1 km and -10 % at 3 km, equal counts: I = (10 - 30)/4 = -5 %. Class 1: +20 %. Class 2: no
    // point.
    const traffic_index_point p[3] = {{.before = 100, .after = 110, .length_km = 1, .stratum = 0},
                                      {.before = 100, .after = 90, .length_km = 3, .stratum = 0},
                                      {.before = 500, .after = 600, .length_km = 2, .stratum = 1}};
    const double work[3] = {3, 1, 99};
    arena a;
    arena_init(&a);
    result_point_index x;
    assert_ok(traffic_index_2027(p, 3, work, 3, 0.95, &a, &x));
    assert_near(x.index_pct, 0.75 * -5 + 0.25 * 20, 1e-10);
    // e: class 0: 0.75 (1 x 15, 3 x -5)/4; the lone class against I = 1.25: 0.25 x 18.75.
    double e0 = 0.75 * 15 / 4, e2 = 0.25 * 18.75;
    assert_near(x.se_pct, sqrt(2.0 * 2.0 * e0 * e0 + e2 * e2), 1e-10);
    assert_near(x.high_pct - x.index_pct, 4.302653 * x.se_pct, 1e-4);
    arena_free(&a);
}

static void the_sentence_is_the_authoritys(void **state) {
    (void)state;
    char s[512];
    traffic_index_sentence(&(result_point_index){.index_pct = 1.2, .low_pct = -1.4, .high_pct = 3.8}, s, sizeof s);
    assert_non_null(strstr(s, "kan man ikke si helt sikkert om trafikken har økt eller ikke"));
    assert_non_null(strstr(s, "et sted mellom \u22121,4 % og 3,8 %"));
    assert_null(strstr(s, "Svak"));
    traffic_index_sentence(&(result_point_index){.index_pct = 0.8, .low_pct = 0.1, .high_pct = 1.5}, s, sizeof s);
    assert_non_null(strstr(s, "Svak økning. Trafikken har økt sammenlignet med referanseåret."));
    traffic_index_sentence(&(result_point_index){.index_pct = -3, .low_pct = -4, .high_pct = -0.02}, s, sizeof s);
    assert_non_null(strstr(s, "Trafikken har gått ned"));
    assert_non_null(strstr(s, "og 0,0 %"));  // no minus before zero
    traffic_index_sentence(&(result_point_index){.index_pct = 3, .low_pct = -INFINITY, .high_pct = INFINITY}, s,
                           sizeof s);
    assert_non_null(strstr(s, "for få tellepunkt"));
}

// --- published rows -----------------------------------------------------------------------------------------------

// params/NAME beside the folder of the cases, or a skip.
static FILE *open_params(const char *name) {
    const char *cases = getenv("VESTSIM_CASES");
    char path[4096];
    if (cases == NULL) {
        return NULL;
    }
    snprintf(path, sizeof path, "%s/../params/%s", cases, name);
    return fopen(path, "r");
}

// Figure after `mark` in a line; NAN when absent.
static double figure(const char *line, const char *mark) {
    const char *at = strstr(line, mark);
    return at == NULL ? (double)NAN : strtod(at + strlen(mark), NULL);
}

// The row of behaviour.md: +1.2 %, [-1.4, 3.8], n = 42. Its figures are public and typed in; the 42 points are not at
// hand, so index, sd and n_eff are taken as published and se and the interval are reproduced.
static void the_published_row_of_may_2026(void **state) {
    (void)state;
    result_point_index x;
    traffic_index_interval(1.2, 6.39, 23.9, 42, 0.95, &x);
    assert_near(x.se_pct, 1.31, 0.005);
    assert_near(x.low_pct, -1.4, 0.05);
    assert_near(x.high_pct, 3.8, 0.05);
}

// Every published row of the area has index, interval, n, n_eff, sd and se: se and interval follow from the others.
static void every_published_interval_of_the_area(void **state) {
    (void)state;
    FILE *f = open_params("byindeks_series.csv");
    char line[1024];
    uint32_t rows = 0;
    if (f == NULL) {
        skip();
    }
    while (fgets(line, sizeof line, f) != NULL) {
        double sd = figure(line, " sd="), se = figure(line, " se="), n = figure(line, " n=");
        double n_effective = figure(line, " neff="), low = figure(line, "CI "), high = figure(line, "..");
        if (isnan(sd) || isnan(se) || isnan(n) || isnan(n_effective) || isnan(low) || isnan(high)) {
            continue;
        }
        result_point_index x;
        traffic_index_interval(strtod(strchr(line, ',') + 1, NULL), sd, n_effective, (uint32_t)n, 0.95, &x);
        assert_near(x.se_pct, se, 0.011);   // sd to 0.01 and n_eff to 0.1 are published
        assert_near(x.low_pct, low, 0.08);  // published to 0.1
        assert_near(x.high_pct, high, 0.08);
        rows++;
    }
    fclose(f);
    print_message("published intervals reproduced: %u\n", rows);
    assert_true(rows >= 50);
}

// Vestby storsenter's published index is its mean light traffic against the reference, both published whole.
static void every_published_index_of_vestby_storsenter(void **state) {
    (void)state;
    FILE *f = open_params("byindeks_series.csv");
    char line[1024];
    uint32_t rows = 0;
    if (f == NULL) {
        skip();
    }
    while (fgets(line, sizeof line, f) != NULL) {
        double after = figure(line, "mean MDT "), before = figure(line, "(ref ");
        if (strncmp(line, "vestby_storsenter.", 18) != 0 || isnan(after) || isnan(before)) {
            continue;
        }
        const traffic_index_point p = {.before = before, .after = after};
        result_point_index x;
        traffic_index_present(&p, 1, 0.95, &x);
        assert_near(x.index_pct, strtod(strchr(line, ',') + 1, NULL), 0.012);  // counts are rounded to whole vehicles
        rows++;
    }
    fclose(f);
    print_message("published indices of one point reproduced: %u\n", rows);
    assert_true(rows >= 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_points_by_hand),
        cmocka_unit_test(one_point_has_no_interval),
        cmocka_unit_test(classes_are_weighted_by_their_roads_not_their_points),
        cmocka_unit_test(the_sentence_is_the_authoritys),
        cmocka_unit_test(the_published_row_of_may_2026),
        cmocka_unit_test(every_published_interval_of_the_area),
        cmocka_unit_test(every_published_index_of_vestby_storsenter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
