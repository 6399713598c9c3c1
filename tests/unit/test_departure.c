// Schedule delay by hand, profiles, frozen terms, and logit shares over many persons.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/dmath.h"
#include "model/departure.h"
#include "support.h"

static const departure_values vickrey = {.travel_per_h = 6.4, .early_per_h = 3.9, .late_per_h = 15.21};

static departure_trip trip(uint64_t id, double scale) {
    return (departure_trip){.values = vickrey,
                            .desired_s = 8 * 3600,
                            .desired_arrival = true,
                            .scale = scale,
                            .key = {.seed = 1},
                            .id = id};
}

static void costs_are_as_by_hand(void **state) {
    (void)state;
    departure_trip t = trip(1, 0);
    assert_near(departure_cost(&t, 7 * 3600, 1800), 3.2 + 1.95, 1e-12);  // half an hour early
    assert_near(departure_cost(&t, 7 * 3600, 3600), 6.4, 1e-12);
    assert_near(departure_cost(&t, 8 * 3600, 1800), 3.2 + 7.605, 1e-12);
    t.values.tolerance_s = 600;
    t.values.late_fixed = 2;
    assert_near(departure_cost(&t, 8 * 3600 - 1800, 1800 + 600), 6.4 * 2 / 3, 1e-12);  // 10 minutes late: tolerated
    assert_near(departure_cost(&t, 8 * 3600, 1200), 6.4 / 3 + 15.21 / 6 + 2, 1e-12);
    assert_near(departure_cost(&t, 7 * 3600, 1800), 3.2 + 3.9 / 3, 1e-12);
    t.desired_arrival = false;  // leaving at 8:00 is what is wanted
    assert_near(departure_cost(&t, 8 * 3600, 7200), 12.8, 1e-12);
    assert_near(departure_cost(&t, 7 * 3600, 3600), 6.4 + 3.9 * 5 / 6, 1e-12);
}

static void profiles_are_straight_between_points(void **state) {
    (void)state;
    const double time_s[] = {600, 1200, 900};
    const departure_profile p = {.first_s = 450, .step_s = 900, .count = 3, .time_s = time_s};
    assert_near(departure_profile_time(&p, 0), 600, 0);
    assert_near(departure_profile_time(&p, 450), 600, 0);
    assert_near(departure_profile_time(&p, 900), 900, 1e-9);
    assert_near(departure_profile_time(&p, 1350 + 300), 1100, 1e-9);
    assert_near(departure_profile_time(&p, 1e6), 900, 0);
    const departure_profile one = {.step_s = 1, .count = 1, .time_s = time_s};
    assert_near(departure_profile_time(&one, 77), 600, 0);
}

static void without_tastes_the_cheapest_is_best(void **state) {
    (void)state;
    const double time_s[] = {600, 600, 3600, 3600, 600, 600};
    const departure_profile p = {.first_s = 6 * 3600, .step_s = 1800, .count = 6, .time_s = time_s};
    const departure_range r = {.first_s = 6 * 3600, .step_s = 60, .count = 180};
    for (uint64_t id = 0; id < 50; id++) {
        departure_trip t = trip(id, 0);
        departure_option best = departure_best(&t, &r, departure_profile_time, &p);
        for (uint32_t k = 0; k < r.count; k++) {
            double at_s = departure_of(&t, &r, k);
            departure_option o = departure_evaluate(&t, &r, k, departure_profile_time(&p, at_s));
            assert_true(o.cost >= best.cost);
            assert_true(at_s > r.first_s + k * 60 && at_s < r.first_s + (k + 1) * 60);
        }
        assert_near(best.departure_s, departure_of(&t, &r, best.k), 0);
        assert_near(best.utility, -best.cost, 0);
    }
}

static double no_time(const void *context, double departure_s) {
    (void)context;
    (void)departure_s;
    return 0;
}

// With tastes the best is the maximum over every alternative by brute force, and the same each time it is asked.
static void terms_are_frozen(void **state) {
    (void)state;
    const departure_range r = {.first_s = 7 * 3600, .step_s = 60, .count = 120};
    uint32_t differ = 0;
    for (uint64_t id = 0; id < 500; id++) {
        departure_trip t = trip(id, 0.3);
        departure_option best = departure_best(&t, &r, no_time, NULL), most = {.utility = -HUGE_VAL};
        for (uint32_t k = 0; k < r.count; k++) {
            departure_option o = departure_evaluate(&t, &r, k, 0);
            most = o.utility > most.utility ? o : most;
        }
        assert_int_equal(best.k, most.k);
        assert_near(best.utility, most.utility, 0);
        t.id += 1000;
        differ += departure_best(&t, &r, no_time, NULL).k != best.k;
    }
    assert_true(differ > 400);
}

// 20 000 persons among 6 quarter-hours: chi-square of the shares against the logit. Offsets move the alternatives, so
// the schedule is free on both sides (early = late = 0) and travel time decides.
static void shares_are_those_of_the_logit(void **state) {
    (void)state;
    enum { PERSONS = 20000, COUNT = 6 };
    const double time_s[COUNT + 1] = {600, 900, 1500, 1300, 800, 700, 700};
    double p[COUNT], sum = 0, chi2 = 0;
    uint32_t chosen[COUNT] = {0};
    for (uint64_t id = 0; id < PERSONS; id++) {
        departure_trip t = trip(id, 0.5);
        departure_option best = {.utility = -HUGE_VAL};
        const departure_range r = {.step_s = 900, .count = COUNT};
        t.values.early_per_h = t.values.late_per_h = 0;
        for (uint32_t k = 0; k < COUNT; k++) {
            departure_option o = departure_evaluate(&t, &r, k, time_s[k]);
            best = o.utility > best.utility ? o : best;
        }
        chosen[best.k]++;
    }
    for (int k = 0; k < COUNT; k++) {
        p[k] = dmath_exp(-6.4 * time_s[k] / 3600 / 0.5);
        sum += p[k];
    }
    for (int k = 0; k < COUNT; k++) {
        double expected = PERSONS * p[k] / sum, off = chosen[k] - expected;
        chi2 += off * off / expected;
    }
    assert_true(chi2 < 20.5);  // 5 degrees of freedom, 0.1 %
}

static void chances_grow_with_the_gap(void **state) {
    (void)state;
    departure_option own = {.cost = 4, .utility = -4}, better = {.cost = 3, .utility = -3};
    assert_near(departure_gap(&own, &better), 0.25, 1e-12);
    assert_near(departure_gap(&better, &own), 0, 0);
    better.utility = 10;
    assert_near(departure_gap(&own, &better), 1, 0);
    assert_near(departure_switch_chance(0.1, 0.4, 0.002, 0.2), 0.2, 1e-12);
    assert_near(departure_switch_chance(0.3, 0.4, 0.002, 0.2), 0.4, 0);
    assert_near(departure_switch_chance(0.001, 0.4, 0.002, 0.2), 0, 0);
}

static void values_without_an_equilibrium_are_errors(void **state) {
    (void)state;
    departure_values v = vickrey;
    assert_ok(departure_check(&v, true));
    v.early_per_h = 6.4;
    assert_error(departure_check(&v, true), ERR_RANGE, "must be below that of travel time");
    assert_ok(departure_check(&v, false));
    v.late_per_h = NAN;
    assert_error(departure_check(&v, false), ERR_RANGE, "finite");
    v = (departure_values){0};
    assert_error(departure_check(&v, false), ERR_RANGE, "above 0");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(costs_are_as_by_hand),
        cmocka_unit_test(profiles_are_straight_between_points),
        cmocka_unit_test(without_tastes_the_cheapest_is_best),
        cmocka_unit_test(terms_are_frozen),
        cmocka_unit_test(shares_are_those_of_the_logit),
        cmocka_unit_test(chances_grow_with_the_gap),
        cmocka_unit_test(values_without_an_equilibrium_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
