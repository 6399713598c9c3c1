// Measures on the town in memory: whose copy they change, in which order they act, and what adds up.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "loop/experiment.h"
#include "loop/world_measures.h"
#include "town.h"

enum { MEASURES_MAX = 8 };
static const char *const sentrum[1] = {"sentrum"};
static const char *const suburb[1] = {"suburb"};
static const char *const flow[1] = {"west-east"};

typedef struct fixture {
    arena a;
    world_case c;
    scenario_measure m[MEASURES_MAX];
} fixture;

static void set_up(fixture *f) {
    memset(f, 0, sizeof *f);
    arena_init(&f->a);
    town_build(&f->a, &f->c, 1000);
    f->c.scenario.measure = f->m;
    f->c.zones.flow[0].vehicle = VEHICLE_LORRY;
}

static void add(fixture *f, measure_kind kind, int start_year, double value, const char *const *target) {
    assert_true(f->c.scenario.measure_count < MEASURES_MAX);
    f->m[f->c.scenario.measure_count++] = (scenario_measure){.kind = kind,
                                                             .start_year = start_year,
                                                             .value = value,
                                                             .target = target,
                                                             .target_count = target != NULL ? 1 : 0,
                                                             .source = "test",
                                                             .file = "town.yaml",
                                                             .line = 7};
}

static double size_of(const zone_system *z, const char *place) {
    return (double)z->place.size[idmap_find(&z->place_map, place)];
}

static void a_year_has_its_own_copy(void **state) {
    (void)state;
    static fixture f;
    set_up(&f);
    world_year w, today;
    f.c.scenario.in_commuters = 90;
    add(&f, MEASURE_JOBS, 2025, 100, sentrum);
    add(&f, MEASURE_SHOPS, 2025, -100, suburb);
    add(&f, MEASURE_FREIGHT_RAIL, 2025, 0.25, flow);
    add(&f, MEASURE_SEASON, 2025, 0.4, NULL);
    add(&f, MEASURE_EV_SHARE, 2025, 0.9, NULL);
    uint64_t before = zone_hash(&f.c.zones);
    assert_ok(world_year_build(&f.c, 2030, &f.a, &w));
    assert_ok(world_year_build(&f.c, 2023, &f.a, &today));
    assert_true(zone_hash(&f.c.zones) == before);
    assert_near(f.c.zones.flow[0].weekday_vehicles, 1000, 0);
    assert_near(f.c.scenario.cycle_season_factor, 1, 0);
    // 200 jobs in four places of sentrum become 300; in-commuters follow, 90 x 300 / 200
    assert_near(size_of(&w.source->zones, "p16"), 75, 1e-4);
    assert_near(w.source->scenario.in_commuters, 135, 1e-6);
    assert_near(size_of(&w.source->zones, "p23"), 100, 1e-4);
    assert_near(w.source->zones.flow[0].weekday_vehicles, 750, 1e-9);
    assert_near(w.source->scenario.cycle_season_factor, 0.4, 0);
    assert_near(w.source->scenario.ev_share, 0.9, 0);
    assert_near(size_of(&today.source->zones, "p16"), 50, 0);
    assert_near(today.source->scenario.in_commuters, 90, 0);
    arena_free(&f.a);
}

static void measures_act_in_the_order_of_their_years(void **state) {
    (void)state;
    static fixture f;
    set_up(&f);
    world_year w;
    add(&f, MEASURE_PARKING_PRICE, 2030, 80, sentrum);
    add(&f, MEASURE_PARKING_PRICE, 2025, 20, sentrum);
    add(&f, MEASURE_FARE_FACTOR, 2028, 0.5, NULL);
    add(&f, MEASURE_FARE_FACTOR, 2026, 0.5, NULL);
    assert_ok(world_year_build(&f.c, 2029, &f.a, &w));
    assert_near(w.zone_parking_nok[1], 20, 0);
    assert_near(w.fare_factor, 0.25, 0);
    assert_ok(world_year_build(&f.c, 2030, &f.a, &w));
    assert_near(w.zone_parking_nok[1], 80, 0);
    arena_free(&f.a);
}

static double growth_by(fixture *f, int year) {
    world_year w;
    assert_ok(world_year_build(&f->c, year, &f->a, &w));
    return pow(1.0 + w.source->scenario.background_growth_pct / 100.0, year - 2023);
}

static void growth_outside_changes_from_its_year_on(void **state) {
    (void)state;
    static fixture f;
    set_up(&f);
    f.c.scenario.background_growth_pct = 1;
    add(&f, MEASURE_BACKGROUND_GROWTH, 2031, -2, NULL);
    add(&f, MEASURE_BACKGROUND_GROWTH, 2026, 3, NULL);
    assert_near(growth_by(&f, 2025), pow(1.01, 2), 1e-9);
    assert_near(growth_by(&f, 2026), pow(1.01, 2) * 1.03, 1e-9);
    assert_near(growth_by(&f, 2033), pow(1.01, 2) * pow(1.03, 5) * pow(0.98, 3), 1e-9);
    arena_free(&f.a);
}

// 60 s of search at 70 % taken: with 84 % of the places 5/6 are taken, twice as long; with 70 % nobody finds one.
static void fewer_places_make_longer_searches(void **state) {
    (void)state;
    static fixture f;
    set_up(&f);
    f.c.zones.zone.parking_search_s[1] = 60;
    const double factor[3] = {0.84, 0.7, 2};
    const double expected_s[3] = {60 * 0.3 / (1 - 0.7 / 0.84), 900, 60 * 0.3 / 0.65};
    for (int i = 0; i < 3; i++) {
        world_year w;
        f.c.scenario.measure_count = 0;
        add(&f, MEASURE_PARKING_PLACES, 2025, 3, sentrum);  // against today: the later one replaces it
        add(&f, MEASURE_PARKING_PLACES, 2026, factor[i], sentrum);
        assert_ok(world_year_build(&f.c, 2030, &f.a, &w));
        assert_near(w.source->zones.zone.parking_search_s[1], expected_s[i], 1e-3);
        assert_near(w.source->zones.zone.parking_search_s[0], 0, 0);
    }
    arena_free(&f.a);
}

static void a_measure_takes_no_more_than_there_is(void **state) {
    (void)state;
    static fixture f;
    set_up(&f);
    add(&f, MEASURE_JOBS, 2025, 1000, sentrum);
    add(&f, MEASURE_JOBS, 2026, -1201, sentrum);
    assert_error(world_measures_check(&f.c, &f.a), ERR_INFEASIBLE, "town.yaml:7");
    assert_non_null(strstr(err_message(), "takes away 1201 jobs where there are 1200"));
    f.m[1].value = -1200;  // all of them
    assert_ok(world_measures_check(&f.c, &f.a));
    arena_free(&f.a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_year_has_its_own_copy),
        cmocka_unit_test(measures_act_in_the_order_of_their_years),
        cmocka_unit_test(growth_outside_changes_from_its_year_on),
        cmocka_unit_test(fewer_places_make_longer_searches),
        cmocka_unit_test(a_measure_takes_no_more_than_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
