#include "world/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "support.h"

static arena memory;

static int start(void **state) {
    (void)state;
    arena_init(&memory);
    return 0;
}

static int stop(void **state) {
    (void)state;
    arena_free(&memory);
    return 0;
}

// Three persons at place 0; the first makes two tours to place 1, the second none, the third one.
static void small_day(plan *p, population *pop, zone_system *z) {
    assert_ok(zone_alloc(z, &memory, 1, 2));
    assert_ok(population_alloc(pop, &memory, 0, 3));
    assert_ok(plan_alloc(p, &memory, 3, 3));
    static const uint32_t person[3] = {0, 0, 2}, first[4] = {0, 2, 2, 3};
    memcpy(p->tour_first, first, sizeof first);
    for (uint32_t i = 0; i < 3; i++) {
        p->tour.id[i] = 100 + i;
        p->tour.person_ix[i] = person[i];
        p->tour.destination_place_ix[i] = 1;
        p->tour.departure_s[i] = 28800 + 3600 * (int32_t)i;
        p->tour.return_s[i] = 30000 + 3600 * (int32_t)i;
        p->tour.mode[i] = MODE_COUNT;
        p->trip_first[i + 1] = 2 * i + 2;
    }
    assert_ok(plan_alloc_trips(p, &memory, 6));
    for (uint32_t k = 0; k < 6; k++) {
        p->trip.tour_ix[k] = k / 2;
        p->trip.from_place_ix[k] = k % 2;
        p->trip.to_place_ix[k] = 1 - k % 2;
        p->trip.departure_s[k] = k % 2 == 0 ? p->tour.departure_s[k / 2] : p->tour.return_s[k / 2];
    }
}

// The tour of the third person is made like the first person's second one.
static void go_together(plan *p) {
    p->tour.departure_s[2] = p->trip.departure_s[4] = p->tour.departure_s[1];
    p->tour.return_s[2] = p->trip.departure_s[5] = p->tour.return_s[1];
    p->tour.lead_tour_ix[2] = 1;
}

static void a_sound_day_is_accepted(void **state) {
    (void)state;
    plan p;
    population pop;
    zone_system z;
    small_day(&p, &pop, &z);
    assert_ok(plan_validate(&p, &pop, &z));
    p.tour.mode[0] = MODE_WALK;
    assert_ok(plan_validate(&p, &pop, &z));
}

static void a_day_without_tours_is_accepted(void **state) {
    (void)state;
    plan p;
    population pop;
    zone_system z;
    small_day(&p, &pop, &z);
    assert_ok(plan_alloc(&p, &memory, 0, 3));
    assert_ok(plan_alloc_trips(&p, &memory, 0));
    assert_ok(plan_validate(&p, &pop, &z));
}

#define EXPECT_INVALID(change, code, message)                     \
    do {                                                          \
        plan p;                                                   \
        population pop;                                           \
        zone_system z;                                            \
        small_day(&p, &pop, &z);                                  \
        change;                                                   \
        assert_error(plan_validate(&p, &pop, &z), code, message); \
    } while (0)

static void rejects_broken_tours(void **state) {
    (void)state;
    EXPECT_INVALID(p.tour.destination_place_ix[1] = 2, ERR_REFERENCE, "tour 1: one of its places");
    EXPECT_INVALID(p.tour.origin_place_ix[1] = 1, ERR_REFERENCE, "tour 1: does not start at the home of person 0");
    EXPECT_INVALID(p.tour.purpose[1] = PURPOSE_COUNT, ERR_RANGE, "tour 1: purpose");
    EXPECT_INVALID(p.tour.mode[1] = MODE_COUNT + 1, ERR_RANGE, "tour 1: mode");
    EXPECT_INVALID(p.tour.departure_s[2] = -1, ERR_RANGE, "tour 2: departs before midnight");
    EXPECT_INVALID(p.tour.return_s[2] = 1000, ERR_RANGE, "tour 2: returns at 1000 s, before it departs");
    EXPECT_INVALID(p.tour.departure_s[1] = 28000, ERR_RANGE, "tour 1: departs before the same person's tour");
}

static void rejects_broken_lists(void **state) {
    (void)state;
    EXPECT_INVALID(p.tour.person_ix[1] = 1, ERR_REFERENCE, "tour 1 belongs to person 1, not to 0");
    EXPECT_INVALID(p.tour_first[3] = 2, ERR_REFERENCE, "do not cover");
    EXPECT_INVALID(p.tour_first[0] = 1, ERR_REFERENCE, "do not cover");
    EXPECT_INVALID(p.tour_first[1] = 3, ERR_REFERENCE, "belongs to person 2");
    EXPECT_INVALID(p.tour_first[1] = 9, ERR_REFERENCE, "person 0: its tours run backwards");
    EXPECT_INVALID(p.tour.id[2] = 100, ERR_REFERENCE, "tours 0 and 2 have the same id");
}

static void rejects_broken_trips(void **state) {
    (void)state;
    EXPECT_INVALID(p.trip_first[3] = 5, ERR_REFERENCE, "do not cover the table of trips");
    EXPECT_INVALID(p.trip_first[1] = 1, ERR_REFERENCE, "tour 0: has 1 trips");
    EXPECT_INVALID(p.trip.tour_ix[3] = 0, ERR_REFERENCE, "trip 3 belongs to tour 0, not to 1");
    EXPECT_INVALID(p.trip.to_place_ix[1] = 1, ERR_REFERENCE, "tour 0: its trips do not start and end at home");
    EXPECT_INVALID(p.trip.departure_s[2] = 1, ERR_REFERENCE, "tour 1: its trips do not start and end at home");
    EXPECT_INVALID(p.trip.from_place_ix[1] = 0, ERR_RANGE, "trip 1: does not start where");
    EXPECT_INVALID(p.trip.departure_s[1] = 1, ERR_RANGE, "trip 1: does not start where and after");
    EXPECT_INVALID(p.trip.departure_s[1] += 60, ERR_REFERENCE, "tour 0: no trip leaves its destination");
    EXPECT_INVALID(p.trip.purpose[1] = PURPOSE_COUNT, ERR_REFERENCE, "trip 1: its place or purpose");
}

static void company_is_accepted(void **state) {
    (void)state;
    plan p;
    population pop;
    zone_system z;
    small_day(&p, &pop, &z);
    go_together(&p);
    assert_ok(plan_validate(&p, &pop, &z));
    assert_true(plan_is_joint(&p, 2) && !plan_is_joint(&p, 1));
}

static void rejects_broken_company(void **state) {
    (void)state;
    EXPECT_INVALID(p.tour.lead_tour_ix[1] = 0, ERR_REFERENCE, "tour 1: its lead is no other person's tour");
    EXPECT_INVALID((go_together(&p), p.tour.lead_tour_ix[1] = 2), ERR_REFERENCE, "decides for itself");
    EXPECT_INVALID(p.tour.lead_tour_ix[2] = 0, ERR_REFERENCE, "tour 2: does not start together with its lead");
    EXPECT_INVALID(p.tour.pickup_tour_ix[2] = 0, ERR_REFERENCE, "was not taken there");
    EXPECT_INVALID((go_together(&p), p.tour.pickup_tour_ix[2] = 0), ERR_REFERENCE, "does not come home together");
}

static void the_hash_sees_modes(void **state) {
    (void)state;
    plan p;
    population pop;
    zone_system z;
    small_day(&p, &pop, &z);
    uint64_t before = plan_hash(&p);
    p.tour.mode[2] = MODE_PT;
    assert_true(plan_hash(&p) != before);
    column tours[COLUMN_COUNT(TOUR_COLUMNS)];
    plan_describe_tours(&p, tours);
    assert_string_equal(tours[7].name, "mode");
    before = plan_hash(&p);
    p.trip.departure_s[3] += 1;
    assert_true(plan_hash(&p) != before);
    assert_ptr_equal(tours[7].data, p.tour.mode);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_sound_day_is_accepted), CASE(a_day_without_tours_is_accepted),
        CASE(rejects_broken_tours),    CASE(rejects_broken_lists),
        CASE(company_is_accepted),     CASE(rejects_broken_trips),
        CASE(rejects_broken_company),  CASE(the_hash_sees_modes),
    };
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
