// Season as a scenario term: active.cycle_season_factor multiplies the odds of cycling and nothing else.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "loop/tour_cost.h"
#include "support.h"

static world_case source;

static double constant(double factor, mode m) {
    const world_year w = {.source = &source};
    source.scenario.cycle_season_factor = factor;
    source.scenario.purpose[PURPOSE_SHOP] = (purpose_params){.asc_cycle = -1.8, .asc_walk = 0.4, .asc_pt = -0.3};
    return tour_cost_constant(&w, PURPOSE_SHOP, m);
}

static void the_factor_multiplies_the_odds_of_cycling(void **state) {
    (void)state;
    assert_near(constant(1.0, MODE_CYCLE), -1.8, 1e-15);  // the yearly mean
    // Winter 0.4 and summer 1.6 of cycling_walking.csv season.*: odds exp(V) against the mean.
    assert_near(exp(constant(0.4, MODE_CYCLE) - constant(1.0, MODE_CYCLE)), 0.4, 1e-12);
    assert_near(exp(constant(1.6, MODE_CYCLE) - constant(1.0, MODE_CYCLE)), 1.6, 1e-12);
    assert_true(constant(0.0, MODE_CYCLE) == -HUGE_VAL);  // nobody cycles
}

static void other_modes_have_no_season(void **state) {
    (void)state;
    assert_near(constant(0.4, MODE_WALK), 0.4, 0);
    assert_near(constant(0.4, MODE_PT), -0.3, 0);
    assert_near(constant(0.0, MODE_CAR_DRIVER), 0.0, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_factor_multiplies_the_odds_of_cycling),
        cmocka_unit_test(other_modes_have_no_season),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
