// Turns, merges, buses and cyclists of the queue model; capacities of junctions are in property/test_traffic_exact.c.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "traffic_case.h"

static void make_fork(void) {
    tc_network(4, (tc_point[]){{0, 0}, {1000, 0}, {1900, 400}, {1900, -400}}, 3,
               (tc_link[]){{0, 1, 1000, 72, 1800, 1}, {1, 2, 1000, 72, 1800, 1}, {1, 3, 1000, 72, 1800, 1}});
}

// ----------------------------------------------------------------------------------------------- turns

static void adds_the_penalty_of_a_turn(void **state) {
    (void)state;
    make_fork();
    tc_turns(1, (tc_turn[]){{.in = 0, .out = 1, .penalty_s = 7}});
    tc_car(0, 0, 1);
    tc_car(0, 0, 2);  // behind it
    tc_car(100, 0, 2);
    tc_run();
    assert_int_equal(tc.r.arrival_s[0], 107);
    assert_int_equal(tc.r.arrival_s[1], 109);
    assert_int_equal(tc.r.arrival_s[2], 200);
    assert_int_equal(tc.r.delay_s, 7 + 9);
}

static void refuses_routes_over_forbidden_turns(void **state) {
    (void)state;
    make_fork();
    tc_turns(2, (tc_turn[]){{.in = 0, .out = 2, .forbidden = true}, {.in = 0, .out = 1, .penalty_s = 1}});
    tc_car(0, 0, 1);
    tc_car(0, 0, 2);
    tc_build();
    assert_error(mobsim_run(tc.m, &tc.d, &tc.r), ERR_REFERENCE,
                 "leg 1: the turn from link 'l0' to link 'l2' (number 2 of its route) is forbidden");
    tc.d.leg_count = 1;
    assert_ok(mobsim_run(tc.m, &tc.d, &tc.r));
}

static void limits_a_turn_to_its_capacity(void **state) {
    (void)state;
    make_fork();
    tc_turns(1, (tc_turn[]){{.in = 0, .out = 1, .vph = 360}});
    for (uint32_t k = 0; k < 20; ++k) {
        tc_car(0, 0, 1);
    }
    tc_run();
    for (uint32_t k = 1; k < 20; ++k) {
        assert_int_equal(tc.r.arrival_s[k] - tc.r.arrival_s[k - 1], 10);
    }
}

// -------------------------------------------------------------------------------------------- turn table

static void sorts_and_finds_turns(void **state) {
    (void)state;
    make_fork();
    tc_turns(2, (tc_turn[]){{.in = 0, .out = 2, .forbidden = true}, {.in = 0, .out = 1}});
    const turn_table *t = &tc.n.turn;
    assert_true(turn_is_forbidden(t, tc.link[0], tc.link[2]));
    assert_false(turn_is_forbidden(t, tc.link[0], tc.link[1]));
    assert_int_equal(turn_find(t, tc.link[1], tc.link[2]), IX_NONE);
    uint64_t hash = network_hash(&tc.n);
    network copy;
    assert_ok(network_copy(&tc.n, &tc.a, &copy));
    assert_int_equal(network_hash(&copy), hash);
    copy.turn.forbidden[turn_find(t, tc.link[0], tc.link[1])] = 1;
    assert_true(network_hash(&copy) != hash);
    assert_false(turn_is_forbidden(t, tc.link[0], tc.link[1]));
}

static void refuses_turns_without_meaning(void **state) {
    (void)state;
    make_fork();
    assert_ok(turn_alloc(&tc.n.turn, &tc.a, 2));
    tc.n.turn.in_ix[0] = tc.n.turn.in_ix[1] = tc.link[0];
    tc.n.turn.out_ix[0] = tc.n.turn.out_ix[1] = tc.link[1];
    assert_error(turn_sort(&tc.n.turn, &tc.a), ERR_REFERENCE, "rows 1 and 2 describe the same turn");
    tc.n.turn.out_ix[1] = tc.link[2];
    assert_ok(network_validate(&tc.n));
    tc.n.turn.penalty_s[1] = -1;
    assert_error(network_validate(&tc.n), ERR_RANGE, "turn from link 'l0' to link 'l2': penalty");
    tc.n.turn.penalty_s[1] = 0;
    tc.n.turn.in_ix[1] = tc.link[1];
    assert_error(network_validate(&tc.n), ERR_REFERENCE, "the first does not end where the second starts");
    tc.n.turn.in_ix[1] = tc.link[0];
    tc.n.turn.cycle_s[1] = 60;
    assert_error(network_validate(&tc.n), ERR_RANGE, "must lie within its cycle of 60 s");
}

// ----------------------------------------------------------------------------------------------- buses

static void make_line(uint32_t links) {
    tc_link link[8];
    for (uint32_t l = 0; l < links; ++l) {
        link[l] = (tc_link){l, l + 1, 1000, 72, 1800, 1};
    }
    tc_network(links + 1, NULL, links, link);
}

static void a_bus_dwells_and_keeps_its_timetable(void **state) {
    (void)state;
    make_line(3);
    tc_leg(VEHICLE_BUS, 100, 3, (uint32_t[]){0, 1, 2});
    tc_stop(0, 130, 10);  // waits for the timetable at its first stop
    tc_stop(1, 0, mobsim_dwell_s(3));
    tc_stop(2, 300, 20);
    tc_stop(3, 0, 20);
    tc_run();
    const uint32_t arrival_s[] = {100, 180, 240, 350};
    const uint32_t departure_s[] = {130, 190, 300, 350};
    for (uint32_t k = 0; k < 4; ++k) {
        assert_int_equal(tc.r.stop_arrival_s[k], arrival_s[k]);
        assert_int_equal(tc.r.stop_departure_s[k], departure_s[k]);
    }
    assert_int_equal(tc.r.arrival_s[0], 350);
    assert_int_equal(tc.r.delay_s, 0);
}

static void several_stops_at_one_node_follow_each_other(void **state) {
    (void)state;
    make_line(2);
    tc_leg(VEHICLE_BUS, 0, 2, (uint32_t[]){0, 1});
    tc_stop(0, 0, 5);
    tc_stop(0, 0, 5);
    tc_stop(1, 0, 7);
    tc_stop(1, 0, 7);
    tc_run();
    assert_int_equal(tc.r.stop_departure_s[1], 10);
    assert_int_equal(tc.r.stop_arrival_s[2], 60);
    assert_int_equal(tc.r.stop_arrival_s[3], 67);
    assert_int_equal(tc.r.arrival_s[0], 74 + 50);
}

static void traffic_delays_a_bus_but_a_stopped_bus_delays_nobody(void **state) {
    (void)state;
    make_line(2);
    tc.n.link.capacity_vph[0] = 360;
    for (uint32_t k = 0; k < 10; ++k) {
        tc_car(0, 0, 1);
    }
    tc_leg(VEHICLE_BUS, 0, 2, (uint32_t[]){0, 1});
    tc_stop(1, 0, 60);
    tc_car(1, 0, 1);
    tc_run();
    assert_int_equal(tc.r.stop_arrival_s[0], 50 + 90);  // off the road when the tenth car has gone
    assert_int_equal(tc.r.arrival_s[10], 140 + 60 + 50);
    assert_int_equal(tc.r.arrival_s[11], 50 + 100 + 50);
}

static void a_bus_without_stops_takes_its_units_of_flow(void **state) {
    (void)state;
    make_line(2);
    for (uint32_t k = 0; k < 10; ++k) {
        tc_leg(k % 2 == 0 ? VEHICLE_BUS : VEHICLE_CAR, 0, 2, (uint32_t[]){0, 1});
    }
    tc_run();
    assert_int_equal(tc.r.arrival_s[9] - tc.r.arrival_s[0], 5 * 4 + 4 * 2);
    uint32_t buses = 0;
    for (uint32_t bin = 0; bin < RESULT_BINS; ++bin) {
        buses += mobsim_entered(&tc.r, VEHICLE_BUS, bin, tc.link[1]);
    }
    assert_int_equal(buses, 5);
}

static void refuses_stops_off_the_route_and_stops_of_cars(void **state) {
    (void)state;
    make_line(2);
    tc_leg(VEHICLE_BUS, 0, 2, (uint32_t[]){0, 1});
    tc_stop(3, 0, 5);
    tc_build();
    assert_error(mobsim_run(tc.m, &tc.d, &tc.r), ERR_REFERENCE, "leg 0: its stops must follow its route");
    tc.stop_links[0] = 1;
    tc.vehicle[0] = VEHICLE_CAR;
    assert_error(mobsim_run(tc.m, &tc.d, &tc.r), ERR_REFERENCE, "only buses have stops");
    tc.vehicle[0] = VEHICLE_BUS;
    assert_ok(mobsim_run(tc.m, &tc.d, &tc.r));
    tc.n.link.allowed[tc.link[1]] = ALLOW_CAR;
    tc_build();
    assert_error(mobsim_run(tc.m, &tc.d, &tc.r), ERR_REFERENCE, "is closed to this vehicle");
}

static void counts_a_bus_at_its_stop_as_on_the_network(void **state) {
    (void)state;
    make_line(2);
    tc.p.end_s = 80;
    tc_leg(VEHICLE_BUS, 0, 2, (uint32_t[]){0, 1});
    tc_stop(1, 500, 5);
    tc_run();
    assert_int_equal(tc.r.on_network, 1);
    assert_int_equal(tc.r.stop_arrival_s[0], 50);
    assert_int_equal(tc.r.stop_departure_s[0], IX_NONE);
}

static void drives_long_parts_between_stops(void **state) {
    (void)state;
    for (uint32_t first = 15; first <= 18; ++first) {  // around a word of turns
        support_line_network(&tc.a, &tc.n, 40, 1000, 72, 1800);
        tc.link_count = 40;
        tc.legs = 0;
        tc.stop_first[1] = tc.stop_first[0] = 0;
        uint32_t route[40];
        for (uint32_t l = 0; l < 40; ++l) {
            tc.link[l] = route[l] = l;
        }
        tc_leg(VEHICLE_BUS, 0, 40, route);
        tc_stop(first, 0, 10);
        tc_stop(first + 16, 0, 10);
        tc_run();
        assert_int_equal(tc.r.stop_arrival_s[0], 50 * first);
        assert_int_equal(tc.r.stop_arrival_s[1], 50 * (first + 16) + 10);
        assert_int_equal(tc.r.arrival_s[0], 40 * 50 + 20);
        assert_int_equal(tc.r.link_events, 40);
    }
}

// -------------------------------------------------------------------------------------------- cyclists

static void cyclists_take_a_quarter_of_a_car_of_flow(void **state) {
    (void)state;
    make_line(2);
    uint32_t cycle_s[400], cycle_link[400];
    for (uint32_t k = 0; k < 400; ++k) {
        cycle_s[k] = 60 + (399 - k) % 200;  // two each second, in any order
        cycle_link[k] = tc.link[0];
    }
    for (uint32_t k = 0; k < 200; ++k) {
        tc_car(0, 0, 1);
    }
    tc_run();
    uint32_t without_s = tc.r.arrival_s[199];
    tc.d.cycle_count = 400;
    tc.d.cycle_s = cycle_s;
    tc.d.cycle_link = cycle_link;
    assert_ok(mobsim_run(tc.m, &tc.d, &tc.r));
    assert_near(tc.r.arrival_s[199], without_s + 400 * 0.25 * 2, 1);
    cycle_link[7] = 99;
    assert_error(mobsim_run(tc.m, &tc.d, &tc.r), ERR_REFERENCE, "cyclist 7: link index 99");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TC_CASE(adds_the_penalty_of_a_turn),
        TC_CASE(refuses_routes_over_forbidden_turns),
        TC_CASE(limits_a_turn_to_its_capacity),
        TC_CASE(sorts_and_finds_turns),
        TC_CASE(refuses_turns_without_meaning),
        TC_CASE(a_bus_dwells_and_keeps_its_timetable),
        TC_CASE(several_stops_at_one_node_follow_each_other),
        TC_CASE(traffic_delays_a_bus_but_a_stopped_bus_delays_nobody),
        TC_CASE(a_bus_without_stops_takes_its_units_of_flow),
        TC_CASE(refuses_stops_off_the_route_and_stops_of_cars),
        TC_CASE(counts_a_bus_at_its_stop_as_on_the_network),
        TC_CASE(drives_long_parts_between_stops),
        TC_CASE(cyclists_take_a_quarter_of_a_car_of_flow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
