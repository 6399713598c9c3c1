#include "world/result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support.h"

enum { LINKS = 3, STOPS = 2 };

typedef struct small_case {
    arena memory;
    scenario scenario;
    int year[1];
    network network;
    zone_system zones;
    transit transit;
    zone_count_point point;
    result result;
} small_case;

static small_case world;

static int start(void **state) {
    (void)state;
    memset(&world, 0, sizeof world);
    arena *a = &world.memory;
    arena_init(a);
    scenario_set_defaults(&world.scenario);
    world.scenario.today_year = 2023;
    world.scenario.replications = 2;
    world.scenario.replications_max = 3;
    world.scenario.iterations_max = 4;
    world.year[0] = 2040;
    world.scenario.year = world.year;
    world.scenario.year_count = 1;
    support_line_network(a, &world.network, LINKS, 100, 50, 1800);
    static const support_trip trip = {"a", "1", 2, {{0, 100, 100}, {1, 200, 200}}};
    support_transit(a, &world.transit, STOPS, &trip, 1, NULL, 0);
    assert_ok(zone_alloc(&world.zones, a, 5, 0));
    static const char *const area[5] = {"sentrum", "son", "sentrum", "outside", "son"};
    for (uint32_t i = 0; i < 5; i++) {
        world.zones.zone.area[i] = area[i];
        world.zones.zone.outside[i] = i == 3;
    }
    world.zones.count_point = &world.point;
    world.zones.count_point_count = 1;
    assert_ok(result_alloc(&world.result, a, &world.scenario, &world.network, &world.zones, &world.transit));
    return 0;
}

static int stop(void **state) {
    (void)state;
    arena_free(&world.memory);
    return 0;
}

static void sizes_follow_the_scenario(void **state) {
    (void)state;
    const result *r = &world.result;
    assert_int_equal(r->year_count, 2);
    assert_int_equal(r->year[0], 2023);
    assert_int_equal(r->year[1], 2040);
    assert_int_equal(r->replications, 0);
    assert_int_equal(r->replications_max, 3);
    assert_int_equal(r->iterations_max, 4);
    assert_int_equal(r->area_count, 2);
    assert_string_equal(r->area[0], "sentrum");
    assert_string_equal(r->area[1], "son");
    // the last entries exist (AddressSanitizer watches) and are empty
    size_t last_bin = (size_t)2 * VEHICLE_CLASS_COUNT * RESULT_BINS * LINKS - 1;
    assert_true(r->entered_sum[last_bin] == 0 && r->entered_square[last_bin] == 0);
    assert_true(r->time_sum_ds[2 * RESULT_BINS * LINKS - 1] == 0 && r->cycle_sum[2 * RESULT_BINS * LINKS - 1] == 0);
    assert_true(r->foot_sum[2 * RESULT_BINS * LINKS - 1] == 0 && r->passenger_sum[2 * RESULT_BINS * LINKS - 1] == 0);
    assert_true(r->point_count[2 * 3 * RESULT_BINS * VEHICLE_CLASS_COUNT - 1] == 0);
    assert_true(r->boardings_sum[2 * STOPS - 1] == 0 && r->alightings_sum[2 * STOPS - 1] == 0);
    assert_true(r->trip_load_sum[1] == 0 && !r->converged[5]);
    assert_true(r->area_mode_trips[2 * 3 * 2 * PURPOSE_COUNT * MODE_COUNT - 1] == 0);
    assert_true(r->verdict[1].replications == 0);
}

static void what_was_not_simulated_is_nan(void **state) {
    (void)state;
    const result *r = &world.result;
    for (int i = 0; i < RESULT_INDICATOR_COUNT; i++) {
        for (uint32_t y = 0; y < 2; y++) {
            for (uint32_t k = 0; k < 3; k++) {
                assert_true(isnan(*result_indicator_at(r, (result_indicator)i, y, k)));
            }
        }
    }
    for (int i = 0; i < 2 * 3 * 4; i++) {
        assert_true(isnan(r->iteration_gap_pct[i]) && isnan(r->iteration_stuck[i]));
        assert_true(isnan(r->iteration_share[i * MODE_COUNT + MODE_COUNT - 1]));
    }
}

static void the_larger_number_of_replications_has_room(void **state) {
    (void)state;
    world.scenario.replications = 7;
    assert_ok(
        result_alloc(&world.result, &world.memory, &world.scenario, &world.network, &world.zones, &world.transit));
    assert_int_equal(world.result.replications_max, 7);
}

static void indicators_are_stored_by_year_and_replication(void **state) {
    (void)state;
    result *r = &world.result;
    r->replications = 2;
    for (int i = 0; i < RESULT_INDICATOR_COUNT; i++) {
        for (uint32_t y = 0; y < 2; y++) {
            for (uint32_t k = 0; k < 3; k++) {
                *result_indicator_at(r, (result_indicator)i, y, k) = i * 100 + (double)(y * 10 + k);
            }
        }
    }
    assert_true(r->indicator[(RESULT_stuck * 2 + 1) * 3 + 2] == RESULT_stuck * 100 + 12);
    assert_near(result_indicator_mean(r, RESULT_share_pt, 1), RESULT_share_pt * 100 + 10.5,
                1e-12);  // of two, not three
    r->replications = 0;
    assert_true(isnan(result_indicator_mean(r, RESULT_share_pt, 1)));
}

static void indicators_have_names_units_and_meanings(void **state) {
    (void)state;
    assert_string_equal(result_indicator_name(RESULT_car_km_sentrum), "car_km_sentrum");
    assert_string_equal(result_indicator_unit(RESULT_share_walk), "percent");
    assert_string_equal(result_indicator_doc(RESULT_residents), "residents simulated");
    assert_string_equal(result_indicator_name(RESULT_INDICATOR_COUNT), "?");
}

static void a_run_converged_when_every_replication_used_did(void **state) {
    (void)state;
    result *r = &world.result;
    assert_false(result_all_converged(r));  // nothing was run
    r->replications = 2;
    r->converged[0] = r->converged[1] = r->converged[3] = r->converged[4] = true;
    assert_true(result_all_converged(r));
    r->converged[4] = false;
    assert_false(result_all_converged(r));
}

static void trips_are_kept_when_room_is_added(void **state) {
    (void)state;
    result *r = &world.result;
    assert_ok(result_reserve_trips(r, &world.memory, 2));
    assert_int_equal(r->trip.capacity, 2);
    r->trip.count = 2;
    r->trip.person[1] = 77;
    r->trip.distance_m[1] = 1250;
    assert_ok(result_reserve_trips(r, &world.memory, 5000));
    assert_int_equal(r->trip.count, 2);
    assert_true(r->trip.person[1] == 77 && r->trip.distance_m[1] == 1250);
    r->trip.cost_nok[4999] = 1;
    const uint64_t *kept = r->trip.person;
    assert_ok(result_reserve_trips(r, &world.memory, 10));  // never less
    assert_int_equal(r->trip.capacity, 5000);
    assert_ptr_equal(r->trip.person, kept);
    assert_ok(result_reserve_people(r, &world.memory, 1, 3));
    r->person.count = 3;
    r->person.person[2] = 99;
    assert_ok(result_reserve_people(r, &world.memory, 2, 4));
    assert_true(r->person.capacity == 4 && r->household.capacity == 2 && r->person.person[2] == 99);
}

#define EXPECT_SEEN(change)                                \
    do {                                                   \
        uint64_t before = result_hash(&world.result);      \
        change;                                            \
        assert_true(result_hash(&world.result) != before); \
    } while (0)

static void the_hash_sees_every_part(void **state) {
    (void)state;
    result *r = &world.result;
    EXPECT_SEEN(r->replications = 2);
    assert_ok(result_reserve_trips(r, &world.memory, 1));
    r->trip.count = 1;
    EXPECT_SEEN(r->year[1] = 2041);
    EXPECT_SEEN(*result_indicator_at(r, RESULT_co2_t, 1, 1) = 3);
    EXPECT_SEEN(r->area_mode_trips[2 * 2 * PURPOSE_COUNT * MODE_COUNT - 1] = 1);  // replication 1
    EXPECT_SEEN(r->area[1] = "holen");
    EXPECT_SEEN(r->entered_sum[2 * VEHICLE_CLASS_COUNT * RESULT_BINS * LINKS - 1] = 1);
    EXPECT_SEEN(r->entered_square[5] = 1);
    EXPECT_SEEN(r->time_sum_ds[2 * RESULT_BINS * LINKS - 1] = 1);
    EXPECT_SEEN(r->cycle_sum[2 * RESULT_BINS * LINKS - 1] = 1);
    EXPECT_SEEN(r->foot_sum[2 * RESULT_BINS * LINKS - 1] = 1);
    EXPECT_SEEN(r->passenger_sum[2 * RESULT_BINS * LINKS - 1] = 1);
    EXPECT_SEEN(r->point_count[(3 + 2) * RESULT_BINS * VEHICLE_CLASS_COUNT - 1] = 1);  // 2040, replication 1
    EXPECT_SEEN(r->boardings_sum[3] = 1);
    EXPECT_SEEN(r->alightings_sum[3] = 1);
    EXPECT_SEEN(r->trip_load_sum[1] = 1);
    EXPECT_SEEN(r->iteration_gap_pct[(3 + 1) * 4 + 3] = 1);
    EXPECT_SEEN(r->iteration_share[((3 + 1) * 4 + 3) * MODE_COUNT + 4] = 1);
    EXPECT_SEEN(r->iteration_stuck[(3 + 1) * 4 + 3] = 1);
    EXPECT_SEEN(r->converged[3 + 1] = true);
    EXPECT_SEEN(r->trip.mode[0] = MODE_PT);
    assert_ok(result_reserve_people(r, &world.memory, 1, 2));
    EXPECT_SEEN(r->household.count = 1);
    EXPECT_SEEN(r->household.cars[0] = 2);
    EXPECT_SEEN(r->person.count = 2);
    EXPECT_SEEN(r->person.age[1] = AGE_80_PLUS);
    EXPECT_SEEN(r->verdict[1].index_pct = -1);
    EXPECT_SEEN(r->verdict[1].code = VERDICT_NOT_SHOWN);
    EXPECT_SEEN(memcpy(r->verdict[1].sentence_nb, "Nei", 4));
}

static void the_hash_ignores_room_that_was_not_used(void **state) {
    (void)state;
    result *r = &world.result;
    r->replications = 2;
    uint64_t before = result_hash(r);
    *result_indicator_at(r, RESULT_co2_t, 0, 2) = 3;
    r->area_mode_trips[3 * 2 * PURPOSE_COUNT * MODE_COUNT - 1] = 1;
    r->point_count[3 * RESULT_BINS * VEHICLE_CLASS_COUNT - 1] = 1;
    r->iteration_gap_pct[2 * 4] = 1;
    r->converged[2] = true;
    memcpy(r->verdict[1].sentence_en + 100, "rest", 4);  // behind the text's end
    assert_true(result_hash(r) == before);
}

static void sizes_that_cannot_be_kept_are_refused(void **state) {
    (void)state;
    result r;
    world.scenario.iterations_max = RESULT_ITERATIONS_MAX + 1;
    assert_error(result_alloc(&r, &world.memory, &world.scenario, &world.network, &world.zones, &world.transit),
                 ERR_RANGE, "iterations");
    world.scenario.iterations_max = 4;
}

static void running_out_of_memory_anywhere_is_an_error(void **state) {
    (void)state;
    int64_t live = mem_live_count();
    err_code code = ERR_MEMORY;
    int64_t n = 0;
    for (; code == ERR_MEMORY; n++) {
        arena a;
        arena_init(&a);
        result r;
        mem_fail_after(n);
        code = result_alloc(&r, &a, &world.scenario, &world.network, &world.zones, &world.transit);
        mem_fail_after(-1);
        arena_free(&a);
        assert_int_equal(mem_live_count(), live);
    }
    assert_ok(code);
    assert_true(n > 1);
}

static void verdicts_have_names(void **state) {
    (void)state;
    assert_string_equal(result_verdict_name(VERDICT_HOLDS), "holds");
    assert_string_equal(result_verdict_name(VERDICT_EXCEEDS), "exceeds");
    assert_string_equal(result_verdict_name(VERDICT_NOT_SHOWN), "not_shown");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(sizes_follow_the_scenario),
        CASE(what_was_not_simulated_is_nan),
        CASE(the_larger_number_of_replications_has_room),
        CASE(indicators_are_stored_by_year_and_replication),
        CASE(indicators_have_names_units_and_meanings),
        CASE(a_run_converged_when_every_replication_used_did),
        CASE(trips_are_kept_when_room_is_added),
        CASE(the_hash_sees_every_part),
        CASE(the_hash_ignores_room_that_was_not_used),
        CASE(sizes_that_cannot_be_kept_are_refused),
        CASE(running_out_of_memory_anywhere_is_an_error),
        CASE(verdicts_have_names),
    };
    return cmocka_run_group_tests_name("result", tests, NULL, NULL);
}
