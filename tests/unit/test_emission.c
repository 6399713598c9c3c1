#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/emission.h"
#include "support.h"

static scenario make_scenario(void) {
    scenario s = {0};
    s.today_year = 2023;
    s.ev_share = 0.25;
    s.ev_share_per_year = 0.05;
    s.ev_share_max = 0.75;
    s.co2_g_per_km = 140;
    s.lorry_co2_g_per_km = 800;
    return s;
}

static void electric_share_grows_from_today(void **state) {
    (void)state;
    scenario s = make_scenario();
    assert_near(emission_ev_share(&s, 2023), 0.25, 1e-15);
    assert_near(emission_ev_share(&s, 2030), 0.60, 1e-15);
    assert_near(emission_ev_share(&s, 2021), 0.15, 1e-15);
}

static void electric_share_stays_between_its_limits(void **state) {
    (void)state;
    scenario s = make_scenario();
    assert_near(emission_ev_share(&s, 2050), 0.75, 1e-15);
    assert_near(emission_ev_share(&s, 2000), 0.0, 0.0);
    s.ev_share_max = 0.1;  // below today's: the fleet does not go back
    assert_near(emission_ev_share(&s, 2040), 0.25, 1e-15);
}

static void co2_is_fossil_car_km_and_all_lorry_km(void **state) {
    (void)state;
    scenario s = make_scenario();
    assert_near(emission_co2_t(&s, 2023, 1e6, 0.0), 105.0, 1e-9);
    assert_near(emission_co2_t(&s, 2023, 0.0, 1e4), 8.0, 1e-12);
    assert_near(emission_co2_t(&s, 2033, 2e6, 1e4), 78.0, 1e-9);
    assert_near(emission_co2_t(&s, 2023, 0.0, 0.0), 0.0, 0.0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(electric_share_grows_from_today),
        cmocka_unit_test(electric_share_stays_between_its_limits),
        cmocka_unit_test(co2_is_fossil_car_km_and_all_lorry_km),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
