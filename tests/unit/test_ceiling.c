// Roots of analytic responses (known answer, step, tremble, no root, not monotone) and nested homes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "loop/ceiling.h"
#include "model/growth.h"
#include "support.h"

typedef struct curve {
    double (*f)(double x, double root);
    double root;
    uint32_t calls;
} curve;

static err_code respond(void *context, double x, double *change_pct) {
    curve *c = context;
    c->calls++;
    *change_pct = c->f(x, c->root);
    return ERR_OK;
}

static double straight(double x, double root) {
    return 0.01 * (x - root);
}
static double falling(double x, double root) {
    return 4.0 * (exp(-x / 30.0) - exp(-root / 30.0));
}
static double cubic(double x, double root) {
    double d = (x - root) / 1000.0;
    return 30.0 * d * d * d + 0.5 * d;
}
// Homes in whole blocks, each home with a keyed tremble: as the simulation answers.
static double trembling(double x, double root) {
    double u = rng_uniform((rng_key){.seed = 3, .replication = 0}, (uint64_t)x + 1, 900, 0);
    return 0.01 * (floor(x) - root) + 0.2 * (u - 0.5);
}
static double hill(double x, double root) {
    double d = (x - 1000.0) / 400.0;
    return 5.0 * exp(-d * d) - root;
}
static double no_change(double x, double root) {
    (void)x;
    return root;
}

static const ceiling_range homes = {.min = 0, .max = 2000, .whole = true, .tolerance = 20, .tolerance_pct = 0.05};
static const ceiling_range price = {.min = 0, .max = 100, .tolerance = 0.001, .tolerance_pct = 0};

static void finds_the_root_of_a_straight_line(void **state) {
    (void)state;
    curve c = {.f = straight, .root = 617.3};
    ceiling_root r;
    assert_ok(ceiling_find_root(respond, &c, &homes, NULL, &r));
    assert_int_equal(r.status, CEILING_FOUND);
    assert_true(r.rising);
    assert_near(r.x, 617.3, 1e-6);
    assert_near(r.slope, 0.01, 1e-9);
    assert_true(c.calls <= 7);
    assert_int_equal(c.calls, r.point_count);
    for (uint32_t i = 1; i < r.point_count; i++) {
        assert_true(r.point_x[i] > r.point_x[i - 1]);
    }
}

static void a_known_neighbour_saves_simulations(void **state) {
    (void)state;
    ceiling_root first, r;
    curve c = {.f = straight, .root = 617.3};
    assert_ok(ceiling_find_root(respond, &c, &homes, NULL, &first));
    uint32_t calls = 0;
    for (double root = 300; root < 1000; root += 50) {
        curve other = {.f = straight, .root = root};
        assert_ok(ceiling_find_root(respond, &other, &homes, &first, &r));
        assert_int_equal(r.status, CEILING_FOUND);
        assert_near(r.x, root, 1e-6);
        calls += other.calls;
    }
    assert_true(calls <= 14 * 3);
}

static void finds_falling_and_curved_roots_to_the_tolerance(void **state) {
    (void)state;
    ceiling_root r;
    curve c = {.f = falling, .root = 41.5};
    assert_ok(ceiling_find_root(respond, &c, &price, NULL, &r));
    assert_int_equal(r.status, CEILING_FOUND);
    assert_false(r.rising);
    assert_near(r.x, 41.5, 0.001);
    curve bent = {.f = cubic, .root = 1234};
    assert_ok(ceiling_find_root(respond, &bent, &homes, NULL, &r));
    assert_int_equal(r.status, CEILING_FOUND);
    assert_near(r.x, 1234, 20);
}

static void a_trembling_response_has_a_root_near_the_truth(void **state) {
    (void)state;
    ceiling_root first = {0};
    for (int i = 0; i < 40; i++) {
        curve c = {.f = trembling, .root = 400 + 25.3 * i};
        ceiling_root r;
        assert_ok(ceiling_find_root(respond, &c, &homes, i == 0 ? NULL : &first, &r));
        assert_int_equal(r.status, CEILING_FOUND);
        assert_true(fabs(r.x - c.root) < 25);  // 0.1 % of tremble on 0.01 % a home, and the bracket
        first = i == 0 ? r : first;
    }
}

static void says_when_it_holds_or_fails_everywhere(void **state) {
    (void)state;
    ceiling_root r, near;
    curve holds = {.f = straight, .root = 2500};
    assert_ok(ceiling_find_root(respond, &holds, &homes, NULL, &near));
    assert_int_equal(near.status, CEILING_HOLDS_EVERYWHERE);
    assert_near(near.x, 2000, 0);
    holds.calls = 0;
    assert_ok(ceiling_find_root(respond, &holds, &homes, &near, &r));
    assert_int_equal(r.status, CEILING_HOLDS_EVERYWHERE);
    assert_int_equal(holds.calls, 1);  // the deciding end alone
    curve fails = {.f = straight, .root = -10};
    assert_ok(ceiling_find_root(respond, &fails, &homes, NULL, &r));
    assert_int_equal(r.status, CEILING_FAILS_EVERYWHERE);
    assert_near(r.x, 0, 0);
    curve flat = {.f = no_change, .root = 1.5};
    assert_ok(ceiling_find_root(respond, &flat, &homes, NULL, &r));
    assert_int_equal(r.status, CEILING_FAILS_EVERYWHERE);
}

// Another seed's root may lie outside the range although the first one's did not.
static void a_seed_without_a_root_is_told_from_one_with(void **state) {
    (void)state;
    ceiling_root first, r;
    curve c = {.f = straight, .root = 1900};
    assert_ok(ceiling_find_root(respond, &c, &homes, NULL, &first));
    c.root = 2100;
    assert_ok(ceiling_find_root(respond, &c, &homes, &first, &r));
    assert_int_equal(r.status, CEILING_HOLDS_EVERYWHERE);
    assert_near(r.x, 2000, 0);
}

static void a_hill_is_not_monotone(void **state) {
    (void)state;
    ceiling_root r;
    curve twice = {.f = hill, .root = 2.0};  // under, over, under
    assert_ok(ceiling_find_root(respond, &twice, &homes, NULL, &r));
    assert_int_equal(r.status, CEILING_NOT_MONOTONE);
    ceiling_range left = homes;
    left.max = 1600;
    curve once = {.f = hill, .root = 0.3};  // crosses once in the range, then falls by more than half
    assert_ok(ceiling_find_root(respond, &once, &left, NULL, &r));
    assert_int_equal(r.status, CEILING_NOT_MONOTONE);
}

static err_code refuse(void *context, double x, double *change_pct) {
    (void)context;
    *change_pct = NAN;
    return x > 900 ? err_raise(ERR_INTERRUPTED, "stopped") : ERR_OK;
}

static void passes_errors_on(void **state) {
    (void)state;
    ceiling_root r;
    assert_error(ceiling_find_root(refuse, NULL, &homes, NULL, &r), ERR_INFEASIBLE, "no number");
}

static void homes_are_nested_and_sum_to_the_total(void **state) {
    (void)state;
    scenario_programme p[3] = {{.id = "a", .homes = 330, .from_year = 2025, .to_year = 2036},
                               {.id = "b", .homes = 70, .from_year = 2024, .to_year = 2050},
                               {.id = "c", .homes = 100, .from_year = 2045, .to_year = 2050}};
    scenario s = {.programme_count = 3, .programme = p};
    uint32_t planned = growth_homes_by(&p[0], 2040) + growth_homes_by(&p[1], 2040);
    uint32_t before[3] = {0};
    for (uint32_t total = 0; total <= 2 * planned; total++) {
        uint32_t now[3];
        ceiling_share_homes(&s, 2040, total, now);
        assert_int_equal(now[0] + now[1] + now[2], total);
        assert_int_equal(now[2], 0);  // nothing stands by then
        for (int i = 0; i < 3; i++) {
            assert_true(now[i] >= before[i]);
            before[i] = now[i];
        }
        if (total == planned) {
            assert_int_equal(now[0], 330);
            assert_int_equal(now[1], growth_homes_by(&p[1], 2040));
        }
    }
    uint32_t none[3];
    ceiling_share_homes(&s, 2024 - 1, 50, none);
    assert_int_equal(none[0] + none[1] + none[2], 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_root_of_a_straight_line),
        cmocka_unit_test(a_known_neighbour_saves_simulations),
        cmocka_unit_test(finds_falling_and_curved_roots_to_the_tolerance),
        cmocka_unit_test(a_trembling_response_has_a_root_near_the_truth),
        cmocka_unit_test(says_when_it_holds_or_fails_everywhere),
        cmocka_unit_test(a_seed_without_a_root_is_told_from_one_with),
        cmocka_unit_test(a_hill_is_not_monotone),
        cmocka_unit_test(passes_errors_on),
        cmocka_unit_test(homes_are_nested_and_sum_to_the_total),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
