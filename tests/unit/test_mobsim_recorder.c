// The optional record of when each leg enters each link: free flow to the second, long routes, queues, and the same
// record for any number of partitions.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/mobsim.h"
#include "support.h"

enum { LINKS = 40, LEGS = 300, GRID = 6, GRID_LINKS_MAX = 8 };

static const mobsim_params PARAMS = {
    .wave_speed_kmh = 18, .jam_spacing_m = 7.5, .stuck_s = 60, .lorry_pcu = 2, .scale = 1, .end_s = 7200};

static void times_follow_the_free_flow_on_a_route_of_several_words(void **state) {
    (void)state;
    arena a;
    network n;
    mobsim *m;
    mobsim_result r;
    uint32_t link[LINKS], entry_s[LINKS + 3];
    arena_init(&a);
    support_line_network(&a, &n, LINKS, 100, 36, 3600);  // 10 s a link
    for (uint32_t i = 0; i < LINKS; i++) {
        link[i] = i;
    }
    const uint32_t departure_s[] = {100, 8000}, first[] = {0, LINKS - 3, LINKS};
    const uint8_t vehicle[] = {VEHICLE_CAR, VEHICLE_CAR};
    const mobsim_demand d = {
        .leg_count = 2, .departure_s = departure_s, .route_first = first, .route_link = link, .vehicle = vehicle};
    assert_ok(mobsim_build(&n, &PARAMS, &a, &m));
    assert_ok(mobsim_alloc_result(m, &a, 2, &r));
    memset(entry_s, 0, sizeof entry_s);
    mobsim_set_recorder(m, entry_s);
    assert_ok(mobsim_run(m, &d, &r));
    for (uint32_t i = 0; i < LINKS - 3; i++) {
        assert_int_equal(entry_s[i], 100 + 10 * i);
    }
    for (uint32_t i = LINKS - 3; i < LINKS; i++) {
        assert_int_equal(entry_s[i], IX_NONE);  // departs after the end of the day
    }
    assert_int_equal(entry_s[LINKS], 0);  // nothing written behind the routes
    mobsim_set_recorder(m, NULL);
    memset(entry_s, 0, sizeof entry_s);
    assert_ok(mobsim_run(m, &d, &r));
    assert_int_equal(entry_s[0], 0);
    arena_free(&a);
}

// Each part of a bus's route between its stops starts a new word of turns.
static void buses_are_recorded_from_stop_to_stop(void **state) {
    (void)state;
    arena a;
    network n;
    mobsim *m;
    mobsim_result r;
    uint32_t link[2 * LINKS], entry_s[2 * LINKS];
    arena_init(&a);
    support_line_network(&a, &n, LINKS, 100, 36, 3600);  // 10 s a link
    for (uint32_t i = 0; i < 2 * LINKS; i++) {
        link[i] = i % LINKS;
    }
    for (uint32_t i = 0; i < LINKS; i++) {
        n.link.allowed[i] |= ALLOW_BUS;
    }
    const uint32_t departure_s[] = {100, 1000}, first[] = {0, LINKS, 2 * LINKS};
    const uint32_t stop_first[] = {0, 3, 3}, stop_links[] = {0, 3, 7}, stop_departure_s[] = {0, 0, 0};
    const uint16_t dwell_s[] = {5, 5, 5};
    const uint8_t vehicle[] = {VEHICLE_BUS, VEHICLE_CAR};
    const mobsim_demand d = {.leg_count = 2,
                             .departure_s = departure_s,
                             .route_first = first,
                             .route_link = link,
                             .vehicle = vehicle,
                             .stop_first = stop_first,
                             .stop_links = stop_links,
                             .stop_departure_s = stop_departure_s,
                             .stop_dwell_s = dwell_s};
    assert_ok(mobsim_build(&n, &PARAMS, &a, &m));
    assert_ok(mobsim_alloc_result(m, &a, 2, &r));
    assert_ok(mobsim_alloc_stops(&a, 3, &r));
    mobsim_set_recorder(m, entry_s);
    assert_ok(mobsim_run(m, &d, &r));
    for (uint32_t i = 0; i < LINKS; i++) {
        assert_int_equal(entry_s[i], 105 + 10 * i + (i >= 3 ? 5 : 0) + (i >= 7 ? 5 : 0));
        assert_int_equal(entry_s[LINKS + i], 1000 + 10 * i);
    }
    arena_free(&a);
}

// Random walks on a grid with too little capacity.
static uint32_t walk(const network *n, uint32_t leg, uint32_t *route) {
    uint32_t count = 1 + (uint32_t)(support_random(7, leg) % GRID_LINKS_MAX);
    uint32_t link = (uint32_t)(support_random(8, leg) % n->link.count);
    for (uint32_t i = 0; i < count; i++) {
        route[i] = link;
        uint32_t v = n->link.to_ix[link];
        uint32_t degree = n->out_first[v + 1] - n->out_first[v];
        link = n->out_link[n->out_first[v] + (uint32_t)(support_random(9 + leg, i) % degree)];
    }
    return count;
}

static void the_record_is_the_same_for_any_partitions_and_agrees_with_the_counts(void **state) {
    (void)state;
    static uint32_t departure_s[LEGS], first[LEGS + 1], link[LEGS * GRID_LINKS_MAX], record[2][LEGS * GRID_LINKS_MAX];
    static uint8_t vehicle[LEGS];
    arena a;
    network n;
    mobsim *m;
    mobsim_result r;
    arena_init(&a);
    support_grid_network(&a, &n, GRID, GRID, 60, 50, 200, 1);
    for (uint32_t leg = 0; leg < LEGS; leg++) {
        departure_s[leg] = leg / 10;
        first[leg + 1] = first[leg] + walk(&n, leg, link + first[leg]);
        vehicle[leg] = leg % 7 == 0 ? VEHICLE_LORRY : VEHICLE_CAR;
    }
    const mobsim_demand d = {
        .leg_count = LEGS, .departure_s = departure_s, .route_first = first, .route_link = link, .vehicle = vehicle};
    assert_ok(mobsim_build(&n, &PARAMS, &a, &m));
    assert_ok(mobsim_alloc_result(m, &a, LEGS, &r));
    for (uint32_t k = 0; k < 2; k++) {
        mobsim_set_test_hooks(m, (mobsim_test_hooks){.drop_vehicle = -1, .partitions = 1 + 2 * k});
        mobsim_set_recorder(m, record[k]);
        assert_ok(mobsim_run(m, &d, &r));
    }
    assert_memory_equal(record[0], record[1], first[LEGS] * sizeof record[0][0]);
    assert_true(r.forced > 0);
    for (uint32_t leg = 0; leg < LEGS; leg++) {
        uint32_t before_s = departure_s[leg];
        for (uint32_t i = first[leg]; i < first[leg + 1] && record[0][i] != IX_NONE; i++) {
            assert_true(record[0][i] >= before_s);
            before_s = record[0][i] + 1;
        }
        if (r.arrival_s[leg] != IX_NONE) {
            assert_in_range(r.arrival_s[leg], before_s, PARAMS.end_s);
        }
    }
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buses_are_recorded_from_stop_to_stop),
        cmocka_unit_test(times_follow_the_free_flow_on_a_route_of_several_words),
        cmocka_unit_test(the_record_is_the_same_for_any_partitions_and_agrees_with_the_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
