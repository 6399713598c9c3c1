#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/traveltime.h"
#include "support.h"

typedef struct fixture {
    arena a;
    network n;
    traveltime t;
} fixture;

static int make(void **state) {
    static fixture f;
    arena_init(&f.a);
    support_line_network(&f.a, &f.n, 3, 87, 50, 1800);
    assert_ok(traveltime_init(&f.t, &f.a, &f.n));
    *state = &f;
    return 0;
}

static int drop(void **state) {
    fixture *f = *state;
    arena_free(&f->a);
    return 0;
}

static uint32_t *cell(traveltime *t, uint32_t bin, uint32_t link) {
    return &t->time_ds[(size_t)bin * t->link_count + link];
}

static void starts_at_free_flow_in_every_bin(void **state) {
    fixture *f = *state;
    assert_int_equal(f->t.link_count, 3);
    for (uint32_t l = 0; l < 3; ++l) {
        assert_int_equal(f->t.free_ds[l], 63);  // 87 m at 50 km/h: 6.264 s
        for (uint32_t b = 0; b < TRAVELTIME_BINS; ++b) {
            assert_int_equal(*cell(&f->t, b, l), 63);
        }
    }
}

static void keeps_free_flow_within_what_the_queue_model_can_drive(void **state) {
    fixture *f = *state;
    f->n.link.length_m[0] = 0.5F;
    f->n.link.free_speed_mps[1] = 0;
    f->n.link.length_m[2] = 1e9F;
    assert_int_equal(traveltime_free_ds(&f->n, 0), TRAVELTIME_FREE_DS_MIN);
    assert_int_equal(traveltime_free_ds(&f->n, 1), TRAVELTIME_FREE_DS_MAX);
    assert_int_equal(traveltime_free_ds(&f->n, 2), TRAVELTIME_FREE_DS_MAX);
}

static void moves_towards_what_was_seen_by_the_weight(void **state) {
    fixture *f = *state;
    static traveltime_seen seen[3 * TRAVELTIME_BINS];
    memset(seen, 0, sizeof seen);
    seen[3 * 32 + 1] = (traveltime_seen){.time_sum_ds = 4 * 1063, .left = {1, 0, 3}};  // 08:00
    traveltime_update(&f->t, seen, NULL, 0.25);
    assert_int_equal(*cell(&f->t, 32, 1), 63 + 250);
    assert_int_equal(*cell(&f->t, 31, 1), 63);
    assert_int_equal(*cell(&f->t, 32, 0), 63);
    traveltime_update(&f->t, seen, NULL, 1);
    assert_int_equal(*cell(&f->t, 32, 1), 1063);
    memset(seen[3 * 32 + 1].left, 0, sizeof seen->left);  // nobody came: back to free flow
    traveltime_update(&f->t, seen, NULL, 0.5);
    assert_int_equal(*cell(&f->t, 32, 1), 563);
    traveltime_update(&f->t, seen, NULL, 0);
    assert_int_equal(*cell(&f->t, 32, 1), 563);
}

// Routers add a turn's penalty themselves: what was learnt of the link is without it.
static void penalties_of_turns_are_not_learnt(void **state) {
    fixture *f = *state;
    static traveltime_seen seen[3 * TRAVELTIME_BINS];
    static uint32_t turn_sum_ds[3 * TRAVELTIME_BINS];
    seen[3 * 32 + 1] = (traveltime_seen){.time_sum_ds = 4 * 1063, .left = {4, 0, 0}};
    turn_sum_ds[3 * 32 + 1] = 2 * 300;  // two of four turned
    traveltime_update(&f->t, seen, turn_sum_ds, 1);
    assert_int_equal(*cell(&f->t, 32, 1), 1063 - 150);
}

static void copies_are_independent(void **state) {
    fixture *f = *state;
    traveltime copy;
    *cell(&f->t, 7, 2) = 999;
    assert_ok(traveltime_copy(&f->t, &f->a, &copy));
    *cell(&f->t, 7, 2) = 1;
    assert_int_equal(*cell(&copy, 7, 2), 999);
    assert_int_equal(copy.free_ds[2], 63);
}

static void at_uses_the_bin_of_entry(void **state) {
    fixture *f = *state;
    *cell(&f->t, 4, 0) = 100;
    *cell(&f->t, TRAVELTIME_BINS - 1, 0) = 200;
    assert_int_equal(traveltime_at_ds(&f->t, 0, 4 * TRAVELTIME_BIN_DS - 1), 63);
    assert_int_equal(traveltime_at_ds(&f->t, 0, 4 * TRAVELTIME_BIN_DS), 100);
    assert_int_equal(traveltime_at_ds(&f->t, 0, 5 * TRAVELTIME_BIN_DS - 1), 100);
    assert_int_equal(traveltime_at_ds(&f->t, 0, 2000000), 200);  // after the last bin's start: covers the rest
    // and the first tenths of a second after a slow bin are bounded by it
    assert_int_equal(traveltime_at_ds(&f->t, 0, 5 * TRAVELTIME_BIN_DS), 100);
    assert_int_equal(traveltime_at_ds(&f->t, 0, 5 * TRAVELTIME_BIN_DS + 36), 64);
    assert_int_equal(traveltime_at_ds(&f->t, 0, 5 * TRAVELTIME_BIN_DS + 37), 63);
}

static void repair_bounds_the_fall_between_bins(void **state) {
    fixture *f = *state;
    *cell(&f->t, 10, 1) = 30000;
    traveltime_repair(&f->t);
    assert_int_equal(*cell(&f->t, 9, 1), 63);
    assert_int_equal(*cell(&f->t, 10, 1), 30000);
    assert_int_equal(*cell(&f->t, 11, 1), 21000);
    assert_int_equal(*cell(&f->t, 13, 1), 3000);
    assert_int_equal(*cell(&f->t, 14, 1), 63);
    assert_int_equal(*cell(&f->t, 11, 0), 63);
}

static void entering_later_never_means_leaving_earlier(void **state) {
    fixture *f = *state;
    for (uint32_t seed = 0; seed < 20; ++seed) {
        for (uint32_t b = 0; b < TRAVELTIME_BINS; ++b) {
            uint64_t r = support_random(seed, b);
            *cell(&f->t, b, 0) = 63 + (uint32_t)(r % (r % 5 == 0 ? 60000 : 600));
        }
        traveltime_repair(&f->t);
        uint32_t before = 0;
        for (uint32_t ds = 0; ds < (TRAVELTIME_BINS + 2) * TRAVELTIME_BIN_DS; ++ds) {
            uint32_t leave = ds + traveltime_at_ds(&f->t, 0, ds);
            if (leave < before) {
                fail_msg("seed %u: entering at %u ds leaves at %u, before %u", seed, ds, leave, before);
            }
            before = leave;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(starts_at_free_flow_in_every_bin, make, drop),
        cmocka_unit_test_setup_teardown(keeps_free_flow_within_what_the_queue_model_can_drive, make, drop),
        cmocka_unit_test_setup_teardown(moves_towards_what_was_seen_by_the_weight, make, drop),
        cmocka_unit_test_setup_teardown(penalties_of_turns_are_not_learnt, make, drop),
        cmocka_unit_test_setup_teardown(copies_are_independent, make, drop),
        cmocka_unit_test_setup_teardown(at_uses_the_bin_of_entry, make, drop),
        cmocka_unit_test_setup_teardown(repair_bounds_the_fall_between_bins, make, drop),
        cmocka_unit_test_setup_teardown(entering_later_never_means_leaving_earlier, make, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
