// A small network and its legs for exact tests of the queue model. Links keep the numbers they were added with.
// Header only: everything fails the running test instead of returning errors.
#ifndef VESTSIM_TESTS_TRAFFIC_CASE_H
#define VESTSIM_TESTS_TRAFFIC_CASE_H

#include <stdio.h>
#include <string.h>

#include "model/mobsim.h"
#include "support.h"
#include "world/result.h"

enum { TC_LEGS = 42000, TC_LINKS = 64, TC_TURNS = 64, TC_STOPS = 4096 };

typedef struct tc_point {
    double x_m, y_m;
} tc_point;

typedef struct tc_link {
    uint32_t from, to;
    double length_m, speed_kmh, vph, lanes;
} tc_link;

typedef struct tc_turn {
    uint32_t in, out;
    bool forbidden;
    uint8_t control;  // 0 = as the node
    double penalty_s, vph;
    uint32_t cycle_s, green_from_s, green_s;
} tc_turn;

typedef struct traffic_case {
    arena a;
    network n;
    mobsim_params p;
    mobsim *m;
    mobsim_result r;
    uint32_t link[TC_LINKS];  // index in the network
    uint32_t link_count;
    uint32_t departure_s[TC_LEGS];
    uint32_t route_first[TC_LEGS + 1];
    uint32_t route_link[TC_LEGS * 4];
    uint8_t vehicle[TC_LEGS];
    uint32_t legs;
    uint32_t stop_first[TC_LEGS + 1];
    uint32_t stop_links[TC_STOPS];
    uint32_t stop_departure_s[TC_STOPS];
    uint16_t stop_dwell_s[TC_STOPS];
    bool stops;
    mobsim_demand d;
} traffic_case;

static traffic_case tc;

static int tc_make(void **state) {
    memset(&tc, 0, sizeof tc);
    arena_init(&tc.a);
    tc.p = (mobsim_params){
        .wave_speed_kmh = 15, .jam_spacing_m = 7.5, .stuck_s = 100000, .lorry_pcu = 2, .scale = 1, .end_s = 108000};
    *state = &tc;
    return 0;
}

static int tc_drop(void **state) {
    (void)state;
    arena_free(&tc.a);
    return 0;
}

// Coordinates in metres; control: 0 everywhere unless set before tc_build.
static inline void tc_network(uint32_t nodes, const tc_point *xy, uint32_t links, const tc_link *link) {
    assert_true(links <= TC_LINKS);
    support_blank_network(&tc.a, &tc.n, nodes, links);
    for (uint32_t v = 0; v < nodes; ++v) {
        tc.n.node.x_m[v] = 600000 + (xy != NULL ? xy[v].x_m : 1000.0 * v);
        tc.n.node.y_m[v] = 6600000 + (xy != NULL ? xy[v].y_m : 0);
    }
    for (uint32_t l = 0; l < links; ++l) {
        tc.n.link.from_ix[l] = link[l].from;
        tc.n.link.to_ix[l] = link[l].to;
        tc.n.link.length_m[l] = (float)link[l].length_m;
        tc.n.link.free_speed_mps[l] = (float)(link[l].speed_kmh / 3.6);
        tc.n.link.capacity_vph[l] = (float)link[l].vph;
        tc.n.link.lanes[l] = (float)link[l].lanes;
    }
    assert_ok(network_build(&tc.n, &tc.a));
    tc.link_count = links;
    for (uint32_t l = 0; l < links; ++l) {
        char id[16];
        snprintf(id, sizeof id, "l%u", l);
        tc.link[l] = network_find_link(&tc.n, id);
    }
    tc.legs = 0;
}

static inline void tc_turns(uint32_t count, const tc_turn *turn) {
    assert_ok(turn_alloc(&tc.n.turn, &tc.a, count));
    for (uint32_t i = 0; i < count; ++i) {
        tc.n.turn.in_ix[i] = tc.link[turn[i].in];
        tc.n.turn.out_ix[i] = tc.link[turn[i].out];
        tc.n.turn.forbidden[i] = turn[i].forbidden;
        tc.n.turn.control[i] = turn[i].control > 0 ? turn[i].control : TURN_CONTROL_NODE;
        tc.n.turn.penalty_s[i] = (float)turn[i].penalty_s;
        tc.n.turn.capacity_vph[i] = (float)turn[i].vph;
        tc.n.turn.cycle_s[i] = turn[i].cycle_s;
        tc.n.turn.green_from_s[i] = turn[i].green_from_s;
        tc.n.turn.green_s[i] = turn[i].green_s;
    }
    assert_ok(turn_sort(&tc.n.turn, &tc.a));
    assert_ok(network_validate(&tc.n));
}

static inline uint32_t tc_leg(vehicle_class vehicle, uint32_t departure_s, uint32_t links, const uint32_t *link) {
    assert_true(tc.legs < TC_LEGS && tc.route_first[tc.legs] + links <= TC_LEGS * 4);
    tc.departure_s[tc.legs] = departure_s;
    tc.vehicle[tc.legs] = (uint8_t)vehicle;
    for (uint32_t i = 0; i < links; ++i) {
        tc.route_link[tc.route_first[tc.legs] + i] = tc.link[link[i]];
    }
    tc.route_first[tc.legs + 1] = tc.route_first[tc.legs] + links;
    tc.stop_first[tc.legs + 1] = tc.stop_first[tc.legs];
    return tc.legs++;
}

#define tc_car(departure_s, ...)                                                                       \
    tc_leg(VEHICLE_CAR, (uint32_t)(departure_s), sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), \
           (uint32_t[]){__VA_ARGS__})

// A stop of the last leg.
static inline void tc_stop(uint32_t links_driven, uint32_t timetable_s, uint16_t dwell_s) {
    uint32_t i = tc.stop_first[tc.legs]++;
    assert_true(i < TC_STOPS);
    tc.stop_links[i] = links_driven;
    tc.stop_departure_s[i] = timetable_s;
    tc.stop_dwell_s[i] = dwell_s;
    tc.stops = true;
}

static inline void tc_build(void) {
    assert_ok(mobsim_build(&tc.n, &tc.p, &tc.a, &tc.m));
    assert_ok(mobsim_alloc_result(tc.m, &tc.a, tc.legs, &tc.r));
    assert_ok(mobsim_alloc_stops(&tc.a, TC_STOPS, &tc.r));
    tc.d.leg_count = tc.legs;
    tc.d.departure_s = tc.departure_s;
    tc.d.route_first = tc.route_first;
    tc.d.route_link = tc.route_link;
    tc.d.vehicle = tc.vehicle;
    if (tc.stops) {
        tc.d.stop_first = tc.stop_first;
        tc.d.stop_links = tc.stop_links;
        tc.d.stop_departure_s = tc.stop_departure_s;
        tc.d.stop_dwell_s = tc.stop_dwell_s;
    }
}

static inline void tc_run(void) {
    tc_build();
    assert_ok(mobsim_run(tc.m, &tc.d, &tc.r));
    assert_int_equal(tc.r.unbalanced_s, IX_NONE);
    assert_int_equal(tc.r.started, tc.r.arrived + tc.r.on_network);
}

// Vehicles that have left link l, and the time they spent on it beyond free flow.
static inline uint32_t tc_left(uint32_t l) {
    uint32_t sum = 0;
    for (uint32_t bin = 0; bin < TRAVELTIME_BINS; ++bin) {
        sum += traveltime_left(mobsim_seen(&tc.r, bin, tc.link[l]));
    }
    return sum;
}

static inline uint32_t tc_entered(uint32_t l) {
    uint32_t sum = 0;
    for (uint32_t row = 0; row < VEHICLE_CLASS_COUNT * RESULT_BINS; ++row) {
        sum += mobsim_entered(&tc.r, row / RESULT_BINS, row % RESULT_BINS, tc.link[l]);
    }
    return sum;
}

static inline double tc_time_s(uint32_t l) {
    double sum_ds = 0;
    for (uint32_t bin = 0; bin < TRAVELTIME_BINS; ++bin) {
        sum_ds += mobsim_seen(&tc.r, bin, tc.link[l])->time_sum_ds;
    }
    return sum_ds / 10;
}

static inline double tc_delay_s(uint32_t l) {
    return tc_time_s(l) - tc_left(l) * traveltime_free_ds(&tc.n, tc.link[l]) / 10.0;
}

// First second at whose end link l has let a delayed vehicle go.
static inline uint32_t tc_first_delay_s(uint32_t l, uint32_t low_s, uint32_t high_s) {
    while (low_s < high_s) {
        tc.p.end_s = (low_s + high_s) / 2 + 1;
        tc_run();
        if (tc_delay_s(l) > 0.5) {
            high_s = (low_s + high_s) / 2;
        } else {
            low_s = (low_s + high_s) / 2 + 1;
        }
    }
    return low_s;
}

// Arrivals of legs first, first + step ... in [from, to).
static inline uint32_t tc_arrived(uint32_t first, uint32_t end, uint32_t step, uint32_t from_s, uint32_t to_s) {
    uint32_t count = 0;
    for (uint32_t leg = first; leg < end; leg += step) {
        count += tc.r.arrival_s[leg] >= from_s && tc.r.arrival_s[leg] < to_s;
    }
    return count;
}

#define TC_CASE(name) cmocka_unit_test_setup_teardown(name, tc_make, tc_drop)

#endif
