// Exact small cases of the queue model. Numbers: params/validation_cases.csv where named.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/mobsim.h"
#include "support.h"
#include "world/result.h"

enum { LEGS_MAX = 4000, ROUTE_MAX = 40000 };

typedef struct fixture {
    arena a;
    network n;
    mobsim_params p;
    mobsim *m;
    mobsim_result r;
    uint32_t departure_s[LEGS_MAX];
    uint32_t route_first[LEGS_MAX + 1];
    uint32_t route_link[ROUTE_MAX];
    uint8_t vehicle[LEGS_MAX];
    uint32_t legs;
} fixture;

static int make(void **state) {
    static fixture f;
    memset(&f, 0, sizeof f);
    arena_init(&f.a);
    f.p = (mobsim_params){
        .wave_speed_kmh = 18, .jam_spacing_m = 7.5, .stuck_s = 3600, .lorry_pcu = 2, .scale = 1, .end_s = 108000};
    *state = &f;
    return 0;
}

static int drop(void **state) {
    fixture *f = *state;
    arena_free(&f->a);
    return 0;
}

static void add_leg(fixture *f, vehicle_class vehicle, uint32_t departure_s, uint32_t links, const uint32_t *link) {
    assert_true(f->legs < LEGS_MAX && f->route_first[f->legs] + links <= ROUTE_MAX);
    f->departure_s[f->legs] = departure_s;
    f->vehicle[f->legs] = (uint8_t)vehicle;
    for (uint32_t i = 0; i < links; ++i) {
        f->route_link[f->route_first[f->legs] + i] = link[i];
    }
    f->route_first[f->legs + 1] = f->route_first[f->legs] + links;
    ++f->legs;
}

// A leg over links first .. last of a line.
static void add_line_leg(fixture *f, vehicle_class vehicle, uint32_t departure_s, uint32_t first, uint32_t last) {
    uint32_t link[64];
    for (uint32_t l = first; l <= last; ++l) {
        link[l - first] = l;
    }
    add_leg(f, vehicle, departure_s, last - first + 1, link);
}

static mobsim_demand demand(const fixture *f) {
    return (mobsim_demand){.leg_count = f->legs,
                           .departure_s = f->departure_s,
                           .route_first = f->route_first,
                           .route_link = f->route_link,
                           .vehicle = f->vehicle};
}

static void build(fixture *f) {
    assert_ok(mobsim_build(&f->n, &f->p, &f->a, &f->m));
    assert_ok(mobsim_alloc_result(f->m, &f->a, f->legs, &f->r));
}

static void run(fixture *f) {
    build(f);
    mobsim_demand d = demand(f);
    assert_ok(mobsim_run(f->m, &d, &f->r));
    assert_int_equal(f->r.unbalanced_s, IX_NONE);
    assert_int_equal(f->r.started, f->r.arrived + f->r.on_network);
}

static uint32_t entered_on(const fixture *f, uint32_t link) {
    uint32_t sum = 0;
    for (uint32_t row = 0; row < VEHICLE_CLASS_COUNT * RESULT_BINS; ++row) {
        sum += mobsim_entered(&f->r, row / RESULT_BINS, row % RESULT_BINS, link);
    }
    return sum;
}

static uint32_t left_from(const fixture *f, uint32_t link) {
    uint32_t sum = 0;
    for (uint32_t bin = 0; bin < TRAVELTIME_BINS; ++bin) {
        sum += traveltime_left(mobsim_seen(&f->r, bin, link));
    }
    return sum;
}

// -------------------------------------------------------------------------------------------- free flow

static void drives_a_link_in_its_free_flow_time(void **state) {
    fixture *f = *state;
    support_line_network(&f->a, &f->n, 1, 1000, 72, 1800);  // uxsim.1link.tt: 50 s
    add_line_leg(f, VEHICLE_CAR, 1000, 0, 0);
    run(f);
    assert_int_equal(f->r.arrival_s[0], 1050);
    assert_int_equal(f->r.arrived, 1);
    assert_int_equal(f->r.link_events, 1);
    assert_int_equal(f->r.delay_s, 0);
}

static void carries_fractions_of_a_second(void **state) {
    fixture *f = *state;
    support_line_network(&f->a, &f->n, 20, 87, 50, 1800);  // 6.3 s each: neither 6 nor 7
    add_line_leg(f, VEHICLE_CAR, 0, 0, 19);
    run(f);
    assert_int_equal(f->r.arrival_s[0], 126);
    for (uint32_t l = 0; l < 20; ++l) {
        assert_int_equal(traveltime_left(mobsim_seen(&f->r, 0, l)), 1);
        assert_int_equal(mobsim_seen(&f->r, 0, l)->time_sum_ds, 63);
    }
}

static void counts_vehicles_by_class_and_bin_of_entry(void **state) {
    fixture *f = *state;
    support_line_network(&f->a, &f->n, 2, 1000, 72, 1800);
    add_line_leg(f, VEHICLE_CAR, 290, 0, 1);    // enters link 1 at 340: the next 5 minutes
    add_line_leg(f, VEHICLE_LORRY, 890, 0, 1);  // and the next quarter of an hour
    add_line_leg(f, VEHICLE_CAR, 90000, 0, 0);  // after 24 h: the last 5-minute bin
    run(f);
    assert_int_equal(mobsim_entered(&f->r, VEHICLE_CAR, 0, 0), 1);
    assert_int_equal(mobsim_entered(&f->r, VEHICLE_CAR, 1, 1), 1);
    assert_int_equal(mobsim_entered(&f->r, VEHICLE_LORRY, 2, 0), 1);
    assert_int_equal(mobsim_entered(&f->r, VEHICLE_LORRY, 3, 1), 1);
    assert_int_equal(mobsim_entered(&f->r, VEHICLE_CAR, RESULT_BINS - 1, 0), 1);
    assert_int_equal(traveltime_left(mobsim_seen(&f->r, 0, 0)), 2);
    assert_int_equal(traveltime_left(mobsim_seen(&f->r, 0, 1)), 1);
    assert_int_equal(traveltime_left(mobsim_seen(&f->r, 1, 1)), 1);
    assert_int_equal(mobsim_seen(&f->r, 1, 1)->time_sum_ds, 500);
    assert_int_equal(entered_on(f, 0) + entered_on(f, 1), 5);
}

static void settles_empty_and_late_legs(void **state) {
    fixture *f = *state;
    support_line_network(&f->a, &f->n, 1, 1000, 72, 1800);
    f->p.end_s = 7200;
    add_leg(f, VEHICLE_CAR, 600, 0, NULL);
    add_line_leg(f, VEHICLE_CAR, 7200, 0, 0);  // would start when the day is over
    add_line_leg(f, VEHICLE_CAR, 7199, 0, 0);  // starts and does not arrive
    add_line_leg(f, VEHICLE_CAR, 7149, 0, 0);  // arrives in the last second
    run(f);
    assert_int_equal(f->r.arrival_s[0], 600);
    assert_int_equal(f->r.arrival_s[1], IX_NONE);
    assert_int_equal(f->r.arrival_s[2], IX_NONE);
    assert_int_equal(f->r.arrival_s[3], 7199);
    assert_int_equal(f->r.started, 3);
    assert_int_equal(f->r.arrived, 2);
    assert_int_equal(f->r.on_network, 1);
}

static void runs_a_day_without_legs(void **state) {
    fixture *f = *state;
    support_line_network(&f->a, &f->n, 1, 1000, 72, 1800);
    run(f);
    assert_int_equal(f->r.started, 0);
}

// -------------------------------------------------------------------------------------------- capacity

// point_queue: 2400 veh/h for 30 min into 1800: at most 300 vehicles wait, clear at 40 min, 100 veh h.
static void holds_a_queue_before_a_bottleneck(void **state) {
    fixture *f = *state;
    support_line_network(&f->a, &f->n, 2, 6000, 72, 7200);
    f->n.link.lanes[0] = 4;
    f->n.link.capacity_vph[0] = 1800;
    for (uint32_t k = 0; k < 1200; ++k) {
        add_line_leg(f, VEHICLE_CAR, k * 3 / 2, 0, 1);
    }
    run(f);
    int32_t queue_max = 0;
    for (uint32_t k = 0; k < 1200; ++k) {
        uint32_t left_s = f->r.arrival_s[k] - 300;  // left the first link
        uint32_t come = 0;
        while (come < 1200 && f->departure_s[come] + 300 <= left_s) {
            ++come;
        }
        int32_t queue = (int32_t)come - (int32_t)k;
        queue_max = queue > queue_max ? queue : queue_max;
    }
    assert_near(queue_max, 300, 1);
    assert_near(f->r.arrival_s[1199] - 600, 2400, 2);
    assert_near((double)f->r.delay_s / 3600, 100, 0.1);
    assert_int_equal(f->r.forced, 0);
}

static void keeps_fractional_and_wide_capacities_exactly(void **state) {
    fixture *f = *state;
    const double capacity_vph[] = {1700, 18000, 433};
    for (size_t c = 0; c < 3; ++c) {
        support_line_network(&f->a, &f->n, 2, 3000, 72, capacity_vph[c]);
        f->n.link.capacity_vph[1] = 36000;
        f->n.link.lanes[0] = 10;
        f->n.link.lanes[1] = 10;
        f->legs = 0;
        uint32_t count = 1500;
        for (uint32_t k = 0; k < count; ++k) {
            add_line_leg(f, VEHICLE_CAR, 0, 0, 1);
        }
        run(f);
        double expected_s = (count - 1) * 3600 / capacity_vph[c];
        assert_near(f->r.arrival_s[count - 1] - f->r.arrival_s[0], expected_s, 1 + expected_s * 0.0003);
        for (uint32_t first = 0; first < count; first += 97) {
            for (uint32_t last = first; last < count; last += 31) {
                double window_s = (double)(f->r.arrival_s[last] - f->r.arrival_s[first] + 1);
                assert_true(last - first + 1 <= window_s * capacity_vph[c] / 3600 * 1.0003 + 1);
            }
        }
    }
}

static void lets_a_lorry_take_its_units_of_flow(void **state) {
    fixture *f = *state;
    support_line_network(&f->a, &f->n, 2, 3000, 72, 1800);
    f->p.lorry_pcu = 2.5;
    for (uint32_t k = 0; k < 100; ++k) {
        add_line_leg(f, k % 2 == 0 ? VEHICLE_LORRY : VEHICLE_CAR, 0, 0, 1);
    }
    run(f);
    // 2 s after a car, 5 s after a lorry
    assert_int_equal(f->r.arrival_s[99] - f->r.arrival_s[0], 50 * 5 + 49 * 2);
}

static void scales_capacities(void **state) {
    fixture *f = *state;
    support_line_network(&f->a, &f->n, 2, 3000, 72, 1800);
    f->p.scale = 0.1;
    for (uint32_t k = 0; k < 20; ++k) {
        add_line_leg(f, VEHICLE_CAR, 0, 0, 1);
    }
    run(f);
    assert_int_equal(f->r.arrival_s[19] - f->r.arrival_s[0], 19 * 20);
}

// --------------------------------------------------------------------------------------------- storage

// l1 has 20 slots, holes take 30 s, and one vehicle leaves it every 100 s. Vehicles come to the end of l0 every 2 s
// from second 25. Entry n needs exit n - 20 to be 30 s past: exits at 33 and 133, so vehicle 21 must wait until 163.
static void spills_back_with_holes_at_the_wave_speed(void **state) {
    fixture *f = *state;
    support_line_network(&f->a, &f->n, 3, 500, 72, 1800);
    f->n.link.length_m[1] = 150;
    f->n.link.capacity_vph[1] = 36;
    for (uint32_t k = 0; k < 22; ++k) {
        add_line_leg(f, VEHICLE_CAR, 0, 0, 2);
    }
    add_line_leg(f, VEHICLE_CAR, 0, 0, 0);  // ends right behind vehicle 21
    run(f);
    assert_int_equal(f->r.arrival_s[22], 163);
    assert_int_equal(f->r.arrival_s[0], 33 + 25);
    assert_int_equal(f->r.arrival_s[1], 133 + 25);
}

// The number on a link at the end of second t, from runs that stop there.
static void never_holds_more_than_its_storage(void **state) {
    fixture *f = *state;
    const uint32_t slots[] = {66, 20, 40};  // by length; flow needs fewer
    for (uint32_t lorry = 0; lorry < 2; ++lorry) {
        uint32_t most = 0;
        support_line_network(&f->a, &f->n, 3, 300, 72, 900);
        f->n.link.length_m[0] = 495;
        f->n.link.length_m[1] = 150;
        f->n.link.capacity_vph[1] = 60;
        f->legs = 0;
        for (uint32_t k = 0; k < 200; ++k) {
            add_line_leg(f, lorry ? VEHICLE_LORRY : VEHICLE_CAR, 0, 0, 2);
        }
        for (uint32_t end_s = 1; end_s < 1200; end_s += 23) {
            f->p.end_s = end_s;
            run(f);
            for (uint32_t l = 0; l < 3; ++l) {
                uint32_t present = entered_on(f, l) - left_from(f, l);
                assert_true(present <= slots[l] / (1 + lorry));
                most = l == 1 && present > most ? present : most;
            }
        }
        assert_int_equal(most, slots[1] / (1 + lorry));
    }
}

// Storage must never hold flow below capacity: S >= q (L/v + L/w).
static void reaches_capacity_on_links_with_little_room(void **state) {
    fixture *f = *state;
    support_line_network(&f->a, &f->n, 12, 100, 80, 2400);  // 13 slots by length carry 1684 veh/h only (w 15)
    f->p.wave_speed_kmh = 15;
    for (uint32_t k = 0; k < 1200; ++k) {
        add_line_leg(f, VEHICLE_CAR, k * 3 / 2, 0, 11);
    }
    run(f);
    assert_near(f->r.arrival_s[1199] - f->r.arrival_s[0], 1199 * 1.5, 3);
}

// Two streams into one full link share it by capacity (merge.daganzo.case1 and case2).
static void merge(fixture *f, double second_vph, double expect_first, double expect_second) {
    support_blank_network(&f->a, &f->n, 5, 4);
    const uint32_t from[] = {0, 1, 2, 3};
    const uint32_t to[] = {2, 2, 3, 4};
    memcpy(f->n.link.from_ix, from, sizeof from);
    memcpy(f->n.link.to_ix, to, sizeof to);
    assert_ok(network_build(&f->n, &f->a));
    uint32_t l[4];
    for (uint32_t i = 0; i < 4; ++i) {
        char id[8];
        snprintf(id, sizeof id, "l%u", i);
        l[i] = network_find_link(&f->n, id);
        f->n.link.length_m[l[i]] = i < 2 ? 9000 : 200;
        f->n.link.lanes[l[i]] = i < 2 ? 3 : 1;
    }
    f->n.link.capacity_vph[l[0]] = 3000;  // priority 2/3 to 1/3
    f->n.link.capacity_vph[l[1]] = 1500;
    f->n.link.capacity_vph[l[2]] = 1800;
    f->n.link.capacity_vph[l[3]] = 7200;
    f->legs = 0;
    for (uint32_t k = 0; k < 1500; ++k) {
        add_leg(f, VEHICLE_CAR, k * 3600 / 1500, 3, (uint32_t[]){l[0], l[2], l[3]});
    }
    for (uint32_t k = 0; k < (uint32_t)second_vph; ++k) {
        add_leg(f, VEHICLE_CAR, (uint32_t)(k * 3600 / second_vph), 3, (uint32_t[]){l[1], l[2], l[3]});
    }
    run(f);
    double first = 0;
    double second = 0;
    uint32_t window_from_s = 2000;
    uint32_t window_to_s = 3800;  // both streams still come
    for (uint32_t k = 0; k < f->legs; ++k) {
        bool within = f->r.arrival_s[k] >= window_from_s && f->r.arrival_s[k] < window_to_s;
        first += within && k < 1500 ? 2 : 0;
        second += within && k >= 1500 ? 2 : 0;
    }
    assert_near(first, expect_first, expect_first * 0.05);
    assert_near(second, expect_second, expect_second * 0.05);
}

static void shares_a_full_link_by_capacity(void **state) {
    merge(*state, 900, 1200, 600);
}

static void leaves_what_the_smaller_stream_does_not_use(void **state) {
    merge(*state, 400, 1400, 400);
}

// -------------------------------------------------------------------------------------------- gridlock

// A ring of four full links whose vehicles all want to go on: nobody can move until the timer.
static void make_ring(fixture *f) {
    support_blank_network(&f->a, &f->n, 4, 4);
    for (uint32_t l = 0; l < 4; ++l) {
        f->n.link.from_ix[l] = l;
        f->n.link.to_ix[l] = (l + 1) % 4;
        f->n.link.length_m[l] = 30;
        f->n.link.capacity_vph[l] = 600;
    }
    assert_ok(network_build(&f->n, &f->a));
    for (uint32_t k = 0; k < 400; ++k) {
        uint32_t route[6];
        for (uint32_t i = 0; i < 6; ++i) {
            char id[8];
            snprintf(id, sizeof id, "l%u", (k + i) % 4);
            route[i] = network_find_link(&f->n, id);
        }
        add_leg(f, k % 5 == 0 ? VEHICLE_LORRY : VEHICLE_CAR, k / 40, 6, route);
    }
}

static void breaks_gridlock_by_force_and_counts_it(void **state) {
    fixture *f = *state;
    make_ring(f);
    f->p.stuck_s = 30;
    run(f);
    assert_int_equal(f->r.arrived, 400);
    assert_int_equal(f->r.on_network, 0);
    assert_true(f->r.forced > 0);
    uint64_t hash = mobsim_hash(f->m, &f->r, f->legs);
    for (uint32_t partitions = 2; partitions <= 4; ++partitions) {
        mobsim_set_test_hooks(f->m, (mobsim_test_hooks){.drop_vehicle = -1, .partitions = partitions});
        mobsim_demand d = demand(f);
        assert_ok(mobsim_run(f->m, &d, &f->r));
        assert_int_equal(mobsim_hash(f->m, &f->r, f->legs), hash);
    }
}

static void stands_still_in_gridlock_without_the_timer(void **state) {
    fixture *f = *state;
    make_ring(f);
    f->p.stuck_s = 100000;
    f->p.end_s = 20000;
    run(f);
    assert_int_equal(f->r.forced, 0);
    assert_true(f->r.on_network > 0);
}

// -------------------------------------------------------------------------------------- bookkeeping

static void notices_a_vehicle_that_disappears(void **state) {
    fixture *f = *state;
    support_line_network(&f->a, &f->n, 4, 500, 72, 1800);
    for (uint32_t k = 0; k < 50; ++k) {
        add_line_leg(f, VEHICLE_CAR, 100 + 7 * k, 0, 3);
    }
    run(f);  // balanced
    for (uint32_t partitions = 1; partitions <= 3; ++partitions) {
        mobsim_set_test_hooks(f->m, (mobsim_test_hooks){.drop_vehicle = 20, .partitions = partitions});
        mobsim_demand d = demand(f);
        assert_ok(mobsim_run(f->m, &d, &f->r));
        assert_int_equal(f->r.unbalanced_s, 100 + 7 * 20);
        assert_int_equal(f->r.arrived, 49);
    }
}

static void gives_the_same_day_when_run_again(void **state) {
    fixture *f = *state;
    make_ring(f);
    f->p.stuck_s = 40;
    run(f);
    uint64_t hash = mobsim_hash(f->m, &f->r, f->legs);
    mobsim_demand d = demand(f);
    d.leg_count = 30;  // another day in between
    assert_ok(mobsim_run(f->m, &d, &f->r));
    assert_true(mobsim_hash(f->m, &f->r, f->legs) != hash);
    d.leg_count = f->legs;
    assert_ok(mobsim_run(f->m, &d, &f->r));
    assert_int_equal(mobsim_hash(f->m, &f->r, f->legs), hash);
}

// --------------------------------------------------------------------------------------------- refusals

static void refuses_routes_that_do_not_connect(void **state) {
    fixture *f = *state;
    support_line_network(&f->a, &f->n, 4, 500, 72, 1800);
    add_line_leg(f, VEHICLE_CAR, 0, 0, 3);
    add_leg(f, VEHICLE_CAR, 0, 3, (uint32_t[]){0, 1, 3});
    build(f);
    mobsim_demand d = demand(f);
    assert_error(mobsim_run(f->m, &d, &f->r), ERR_REFERENCE,
                 "leg 1: link 'l1' ends at node 'n2', but the next link of its route, 'l3', starts at node 'n3'");
}

static void refuses_closed_and_unknown_links(void **state) {
    fixture *f = *state;
    support_line_network(&f->a, &f->n, 4, 500, 72, 1800);
    f->n.link.allowed[1] = ALLOW_WALK | ALLOW_CYCLE;
    f->n.link.allowed[2] = ALLOW_CAR;
    add_line_leg(f, VEHICLE_CAR, 0, 0, 1);
    build(f);
    mobsim_demand d = demand(f);
    assert_error(mobsim_run(f->m, &d, &f->r), ERR_REFERENCE, "leg 0: link 'l1' (number 2 of its route) is closed");
    f->legs = 0;
    add_line_leg(f, VEHICLE_CAR, 0, 2, 3);
    add_line_leg(f, VEHICLE_LORRY, 0, 2, 3);
    d = demand(f);
    build(f);
    assert_error(mobsim_run(f->m, &d, &f->r), ERR_REFERENCE, "leg 1: link 'l2' (number 1 of its route) is closed");
    f->vehicle[1] = 9;
    assert_error(mobsim_run(f->m, &d, &f->r), ERR_REFERENCE, "leg 1: vehicle class 9");
    f->vehicle[1] = VEHICLE_CAR;
    f->route_link[3] = 77;
    assert_error(mobsim_run(f->m, &d, &f->r), ERR_REFERENCE, "leg 1: link number 2 of its route, index 77");
    f->route_link[3] = 3;
    assert_ok(mobsim_run(f->m, &d, &f->r));
}

static void make_star(fixture *f, uint32_t out_links, uint32_t in_links) {
    support_blank_network(&f->a, &f->n, out_links + in_links + 1, out_links + in_links);
    for (uint32_t l = 0; l < out_links + in_links; ++l) {
        f->n.link.from_ix[l] = l < out_links ? 0 : l + 1;
        f->n.link.to_ix[l] = l < out_links ? l + 1 : 0;
    }
    assert_ok(network_build(&f->n, &f->a));
}

static void refuses_nodes_with_too_many_roads(void **state) {
    fixture *f = *state;
    make_star(f, 15, 64);
    assert_ok(mobsim_build(&f->n, &f->p, &f->a, &f->m));
    make_star(f, 16, 1);
    assert_error(mobsim_build(&f->n, &f->p, &f->a, &f->m), ERR_RANGE, "node 'n0' has 16 road links going out");
    f->n.link.allowed[network_find_link(&f->n, "l3")] = ALLOW_WALK;  // footpaths do not count
    assert_ok(mobsim_build(&f->n, &f->p, &f->a, &f->m));
    make_star(f, 1, 65);
    assert_error(mobsim_build(&f->n, &f->p, &f->a, &f->m), ERR_RANGE, "node 'n0' has 65 road links coming in");
}

static void refuses_parameters_without_meaning(void **state) {
    fixture *f = *state;
    support_line_network(&f->a, &f->n, 1, 500, 72, 1800);
    mobsim_params good = f->p;
    f->p.wave_speed_kmh = 0;
    assert_error(mobsim_build(&f->n, &f->p, &f->a, &f->m), ERR_RANGE, "wave speed");
    f->p = good;
    f->p.lorry_pcu = 0.5;
    assert_error(mobsim_build(&f->n, &f->p, &f->a, &f->m), ERR_RANGE, "lorry");
    f->p = good;
    f->p.end_s = 1u << 20;
    assert_error(mobsim_build(&f->n, &f->p, &f->a, &f->m), ERR_RANGE, "end");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(drives_a_link_in_its_free_flow_time),
        CASE(carries_fractions_of_a_second),
        CASE(counts_vehicles_by_class_and_bin_of_entry),
        CASE(settles_empty_and_late_legs),
        CASE(runs_a_day_without_legs),
        CASE(holds_a_queue_before_a_bottleneck),
        CASE(keeps_fractional_and_wide_capacities_exactly),
        CASE(lets_a_lorry_take_its_units_of_flow),
        CASE(scales_capacities),
        CASE(spills_back_with_holes_at_the_wave_speed),
        CASE(never_holds_more_than_its_storage),
        CASE(reaches_capacity_on_links_with_little_room),
        CASE(shares_a_full_link_by_capacity),
        CASE(leaves_what_the_smaller_stream_does_not_use),
        CASE(breaks_gridlock_by_force_and_counts_it),
        CASE(stands_still_in_gridlock_without_the_timer),
        CASE(notices_a_vehicle_that_disappears),
        CASE(gives_the_same_day_when_run_again),
        CASE(refuses_routes_that_do_not_connect),
        CASE(refuses_closed_and_unknown_links),
        CASE(refuses_nodes_with_too_many_roads),
        CASE(refuses_parameters_without_meaning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
