#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "model/route_active.h"
#include "support.h"

typedef struct world {
    arena a;
    network n;
    route_active_params p;
    route_active_index *x;
    route_active_query *q;
    uint32_t perceived[16];
    uint32_t time[16];
    float distance[16];
} world;

static void index_world(world *w) {
    assert_ok(route_active_build(&w->n, &w->p, &w->a, &w->x));
    assert_ok(route_active_query_init(w->x, &w->a, &w->q));
}

static void params(route_active_params *p) {
    scenario s = {.walk_speed_kmh = 4.8,
                  .cycle_speed_kmh = 18,
                  .ecycle_speed_kmh = 24,
                  .cycle_uphill_kmh_per_pct = 1.56,
                  .cycle_downhill_kmh_per_pct = 1.3,
                  .ecycle_uphill_kmh_per_pct = 0.6,
                  .crossing_slow_s = 2,
                  .crossing_fast_s = 4,
                  .crossing_rural_s = 15,
                  .crossing_signal_s = 8};
    route_active_params_init(p, &s);
}

// n0 -> n1 -> n2 -> n3 -> n4, one way, 600 m each.
static void line(world *w) {
    arena_init(&w->a);
    support_line_network(&w->a, &w->n, 4, 600, 50, 1000);
    for (uint32_t e = 0; e < 4; e++) {
        w->n.link.cycle_facility[e] = CYCLE_PATH_OWN;
    }
    params(&w->p);
    index_world(w);
}

static void tree(world *w, active_mode m, uint32_t from, uint32_t limit_ds) {
    route_active_tree(w->x, m, w->q, from, limit_ds, w->perceived, w->time, w->distance);
}

static void facility_factors_are_those_of_the_literature(void **state) {
    (void)state;
    route_active_params p;
    params(&p);
    assert_near(p.facility_factor[CYCLE_PATH_OWN], 1.0, 0);
    assert_near(p.facility_factor[CYCLE_PATH_ALONG], 1.07, 0);
    assert_near(p.facility_factor[CYCLE_LANE], 1.3, 0);
    assert_near(p.facility_factor[CYCLE_MIXED_SLOW], 1.35, 0);
    assert_near(p.facility_factor[CYCLE_MIXED_FAST], 1.6, 0);
    assert_near(p.walk_speed_kmh, 4.8, 0);
    assert_near(p.downhill_kmh_per_pct, 1.3, 0);
}

static void walks_both_ways_on_a_one_way_link(void **state) {
    (void)state;
    world w;
    uint32_t links[4];
    line(&w);
    tree(&w, ACTIVE_WALK, 2, 0);
    assert_int_equal(w.time[4], 9000);  // 1200 m at 4.8 km/h
    assert_int_equal(w.time[0], 9000);
    assert_int_equal(w.perceived[0], 9000);
    assert_near(w.distance[0], 1200, 0);
    assert_int_equal(route_active_path(w.x, w.q, 0, links, 4), 2);
    assert_int_equal(links[0], 1);
    assert_int_equal(links[1], 0);
    arena_free(&w.a);
}

static void cycles_in_the_direction_of_a_link_only(void **state) {
    (void)state;
    world w;
    uint32_t links[4];
    line(&w);
    for (int m = ACTIVE_CYCLE; m <= ACTIVE_ECYCLE; m++) {
        tree(&w, (active_mode)m, 2, 0);
        assert_int_equal(w.time[4], m == ACTIVE_CYCLE ? 2400 : 1800);
        assert_int_equal(w.time[1], IX_NONE);
        assert_int_equal(w.perceived[1], IX_NONE);
        assert_true(isinf(w.distance[1]));
        assert_int_equal(route_active_path(w.x, w.q, 1, links, 4), IX_NONE);
    }
    arena_free(&w.a);
}

static void walking_ignores_facility_and_gradient(void **state) {
    (void)state;
    world w;
    line(&w);
    w.n.link.cycle_facility[0] = CYCLE_MIXED_FAST;
    w.n.link.grade_pct[0] = 8;
    index_world(&w);
    tree(&w, ACTIVE_WALK, 0, 0);
    assert_int_equal(w.time[1], 4500);
    assert_int_equal(w.perceived[1], 4500);
    arena_free(&w.a);
}

static void gradient_changes_the_speed_of_cycles(void **state) {
    (void)state;
    world w;
    line(&w);
    w.n.link.grade_pct[0] = 5;    // 18 - 7.8 = 10.2 km/h
    w.n.link.grade_pct[1] = -2;   // 18 + 2.6 = 20.6 km/h
    w.n.link.grade_pct[2] = 20;   // not below 5 km/h
    w.n.link.grade_pct[3] = -20;  // not above 1.3 x 18 = 23.4 km/h
    index_world(&w);
    assert_int_equal(route_active_link_ds(w.x, ACTIVE_CYCLE, 0), 2118);
    assert_int_equal(route_active_link_ds(w.x, ACTIVE_CYCLE, 1), 1049);
    assert_int_equal(route_active_link_ds(w.x, ACTIVE_CYCLE, 2), 4320);
    assert_int_equal(route_active_link_ds(w.x, ACTIVE_CYCLE, 3), 923);
    // An e-cycle loses 0.6 km/h a percent: 24 - 3 = 21.
    assert_int_equal(route_active_link_ds(w.x, ACTIVE_ECYCLE, 0), 1029);
    assert_int_equal(route_active_link_ds(w.x, ACTIVE_WALK, 0), 4500);
    arena_free(&w.a);
}

static void facilities_lengthen_the_perceived_time_only(void **state) {
    (void)state;
    world w;
    line(&w);
    for (uint32_t e = 0; e < 4; e++) {
        w.n.link.cycle_facility[e] = (uint8_t)e;
    }
    index_world(&w);
    tree(&w, ACTIVE_CYCLE, 0, 0);
    assert_int_equal(w.time[4], 4800);
    assert_int_equal(w.perceived[1], 1620);
    assert_int_equal(w.perceived[2], 1620 + 1920);
    assert_int_equal(w.perceived[3], 1620 + 1920 + 1560);
    assert_int_equal(w.perceived[4], 1620 + 1920 + 1560 + 1284);
    arena_free(&w.a);
}

// n0 -> n1 by a fast road (link "road") or by n2 on a path 20 % longer.
static void prefers_a_longer_way_that_feels_shorter(void **state) {
    (void)state;
    static const uint32_t end[3][2] = {{0, 1}, {0, 2}, {2, 1}};
    static const float length_m[3] = {1000, 600, 600};
    world w;
    uint32_t links[4];
    arena_init(&w.a);
    support_blank_network(&w.a, &w.n, 3, 3);
    for (uint32_t e = 0; e < 3; e++) {
        w.n.link.from_ix[e] = end[e][0];
        w.n.link.to_ix[e] = end[e][1];
        w.n.link.length_m[e] = length_m[e];
        w.n.link.cycle_facility[e] = e == 0 ? CYCLE_MIXED_FAST : CYCLE_PATH_OWN;
    }
    assert_ok(network_build(&w.n, &w.a));
    params(&w.p);
    index_world(&w);
    tree(&w, ACTIVE_CYCLE, 0, 0);
    assert_int_equal(w.perceived[1], 2400);
    assert_int_equal(w.time[1], 2400);
    assert_near(w.distance[1], 1200, 0);
    assert_int_equal(route_active_path(w.x, w.q, 1, links, 4), 2);
    assert_int_equal(links[0], network_find_link(&w.n, "l1"));
    tree(&w, ACTIVE_WALK, 0, 0);
    assert_near(w.distance[1], 1000, 0);
    arena_free(&w.a);
}

static void does_not_use_links_closed_to_the_mode(void **state) {
    (void)state;
    world w;
    line(&w);
    w.n.link.allowed[1] = ALLOW_CYCLE;
    w.n.link.allowed[2] = ALLOW_WALK | ALLOW_CAR;
    index_world(&w);
    tree(&w, ACTIVE_WALK, 0, 0);
    assert_int_equal(w.time[1], 4500);
    assert_int_equal(w.time[2], IX_NONE);
    tree(&w, ACTIVE_CYCLE, 0, 0);
    assert_int_equal(w.time[2], 2400);
    assert_int_equal(w.time[3], IX_NONE);
    assert_int_equal(route_active_link_ds(w.x, ACTIVE_WALK, 1), IX_NONE);
    assert_int_equal(route_active_link_ds(w.x, ACTIVE_CYCLE, 2), IX_NONE);
    arena_free(&w.a);
}

static void stops_at_the_limit(void **state) {
    (void)state;
    world w;
    uint32_t links[4];
    line(&w);
    tree(&w, ACTIVE_WALK, 0, 9000);
    assert_int_equal(w.time[2], 9000);
    assert_int_equal(w.time[3], IX_NONE);
    assert_true(isinf(w.distance[3]));
    assert_int_equal(route_active_path(w.x, w.q, 3, links, 4), IX_NONE);
    tree(&w, ACTIVE_WALK, 0, 8999);
    assert_int_equal(w.time[2], IX_NONE);
    arena_free(&w.a);
}

static void a_path_needs_its_room(void **state) {
    (void)state;
    world w;
    uint32_t links[4];
    line(&w);
    assert_int_equal(route_active_path(w.x, w.q, 0, links, 4), IX_NONE);  // no tree yet
    tree(&w, ACTIVE_CYCLE, 0, 0);
    assert_int_equal(route_active_path(w.x, w.q, 4, links, 3), IX_NONE);
    assert_int_equal(route_active_path(w.x, w.q, 4, links, 4), 4);
    assert_int_equal(links[3], 3);
    assert_int_equal(route_active_path(w.x, w.q, 0, links, 0), 0);
    route_active_tree(w.x, ACTIVE_WALK, w.q, 0, 0, NULL, NULL, NULL);
    arena_free(&w.a);
}

static void a_street_of_two_links_is_walked_in_its_own_direction(void **state) {
    (void)state;
    world w;
    uint32_t links[16];
    arena_init(&w.a);
    support_grid_network(&w.a, &w.n, 4, 4, 120, 50, 1000, 1);
    params(&w.p);
    index_world(&w);
    tree(&w, ACTIVE_WALK, 15, 0);
    uint32_t count = route_active_path(w.x, w.q, 0, links, 16);
    assert_int_equal(count, 6);
    uint32_t at = 15;
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(w.n.link.from_ix[links[i]], at);
        at = w.n.link.to_ix[links[i]];
    }
    assert_int_equal(at, 0);
    arena_free(&w.a);
}

// A street n0 -> n1 of `capacity` and no cars if it is 0 meets a road n2 - n1 - n3 of 1000 veh/h and `kmh` in n1, and
// goes on to n4 where it has cars. Returns the wait at n1 in deciseconds; 600 m cost 1200 ds by cycle, 4500 on foot.
static uint32_t wait_ds(active_mode m, float capacity, float kmh, junction_control control, uint32_t from) {
    static const uint32_t end[8][2] = {{0, 1}, {1, 0}, {2, 1}, {1, 2}, {3, 1}, {1, 3}, {4, 1}, {1, 4}};
    world w;
    arena_init(&w.a);
    support_blank_network(&w.a, &w.n, 5, 8);
    for (uint32_t e = 0; e < 8; e++) {
        bool road = e >= 2 && e < 6;
        w.n.link.from_ix[e] = end[e][0];
        w.n.link.to_ix[e] = end[e][1];
        w.n.link.length_m[e] = 600;
        w.n.link.cycle_facility[e] = CYCLE_PATH_OWN;
        w.n.link.capacity_vph[e] = road ? 1000 : capacity;
        w.n.link.free_speed_mps[e] = (road ? kmh : 30.0F) / 3.6F;
        if (!road && !(capacity > 0)) {
            w.n.link.allowed[e] = ALLOW_WALK | ALLOW_CYCLE;
        }
    }
    assert_ok(network_build(&w.n, &w.a));
    w.n.node.control[1] = (uint8_t)control;
    params(&w.p);
    index_world(&w);
    tree(&w, m, from, 0);
    uint32_t ds = w.time[1] - (m == ACTIVE_WALK ? 4500 : m == ACTIVE_CYCLE ? 1200 : 900);
    assert_int_equal(w.perceived[1], w.time[1]);
    arena_free(&w.a);
    return ds;
}

static void crossings_cost_what_the_road_crossed_says(void **state) {
    (void)state;
    for (int i = 0; i < ACTIVE_MODE_COUNT; i++) {
        active_mode m = (active_mode)i;
        assert_int_equal(wait_ds(m, 500, 30, CONTROL_NONE, 0), 20);
        assert_int_equal(wait_ds(m, 500, 50, CONTROL_YIELD, 0), 40);
        assert_int_equal(wait_ds(m, 500, 80, CONTROL_NONE, 0), 150);
        assert_int_equal(wait_ds(m, 0, 50, CONTROL_NONE, 0), 40);      // a path across the road
        assert_int_equal(wait_ds(m, 2000, 80, CONTROL_NONE, 0), 0);    // the larger road has priority
        assert_int_equal(wait_ds(m, 500, 80, CONTROL_NONE, 2), 0);     // along the road
        assert_int_equal(wait_ds(m, 0, 80, CONTROL_NONE, 2), 0);       // where only a path joins
        assert_int_equal(wait_ds(m, 500, 50, CONTROL_SIGNAL, 0), 80);  // at signals whoever comes
        assert_int_equal(wait_ds(m, 500, 50, CONTROL_SIGNAL, 2), 80);
        assert_int_equal(wait_ds(m, 2000, 80, CONTROL_ROUNDABOUT, 0), 150);
    }
}

static void crossings_count_as_they_are_whatever_the_facility(void **state) {
    (void)state;
    world w;
    arena_init(&w.a);
    support_grid_network(&w.a, &w.n, 3, 3, 600, 50, 1000, 1);
    for (uint32_t e = 0; e < w.n.link.count; e++) {
        w.n.link.cycle_facility[e] = CYCLE_MIXED_FAST;
    }
    uint32_t middle = network_find_node(&w.n, "n1_1");
    w.n.node.control[middle] = CONTROL_SIGNAL;
    params(&w.p);
    index_world(&w);
    tree(&w, ACTIVE_CYCLE, network_find_node(&w.n, "n0_1"), 0);
    assert_int_equal(w.time[middle], 1200 + 80);
    assert_int_equal(w.perceived[middle], 1920 + 80);
    arena_free(&w.a);
}

static void a_ride_tells_when_links_are_entered_and_left(void **state) {
    (void)state;
    world w;
    uint32_t links[4], enter_s[4], leave_s[4];
    line(&w);
    w.n.link.grade_pct[1] = 5;  // 2118 ds instead of 1200
    index_world(&w);
    tree(&w, ACTIVE_CYCLE, 0, 0);
    assert_int_equal(route_active_ride(w.x, w.q, 3, 28800, links, enter_s, leave_s, 4), 3);
    const uint32_t enter[3] = {28800, 28920, 29131}, leave[3] = {28920, 29131, 29251};
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(links[i], i);
        assert_int_equal(enter_s[i], enter[i]);
        assert_int_equal(leave_s[i], leave[i]);
    }
    assert_int_equal(route_active_ride(w.x, w.q, 3, 0, links, enter_s, leave_s, 2), IX_NONE);
    assert_int_equal(route_active_ride(w.x, w.q, 0, 0, links, NULL, NULL, 0), 0);
    arena_free(&w.a);
}

static void refuses_speeds_that_are_not_positive(void **state) {
    (void)state;
    world w;
    line(&w);
    w.p.walk_speed_kmh = 0;
    assert_error(route_active_build(&w.n, &w.p, &w.a, &w.x), ERR_RANGE, "active.walk_speed_kmh");
    w.p.walk_speed_kmh = (double)NAN;
    assert_error(route_active_build(&w.n, &w.p, &w.a, &w.x), ERR_RANGE, "above 0");
    arena_free(&w.a);
}

static void running_out_of_memory_is_an_error(void **state) {
    (void)state;
    world w;
    line(&w);
    arena none;
    arena_init(&none);
    route_active_index *x;
    route_active_query *q;
    mem_fail_after(0);
    assert_error(route_active_build(&w.n, &w.p, &none, &x), ERR_MEMORY, NULL);
    mem_fail_after(0);
    assert_error(route_active_query_init(w.x, &none, &q), ERR_MEMORY, NULL);
    mem_fail_after(-1);
    arena_free(&none);
    arena_free(&w.a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facility_factors_are_those_of_the_literature),
        cmocka_unit_test(walks_both_ways_on_a_one_way_link),
        cmocka_unit_test(cycles_in_the_direction_of_a_link_only),
        cmocka_unit_test(walking_ignores_facility_and_gradient),
        cmocka_unit_test(gradient_changes_the_speed_of_cycles),
        cmocka_unit_test(facilities_lengthen_the_perceived_time_only),
        cmocka_unit_test(prefers_a_longer_way_that_feels_shorter),
        cmocka_unit_test(does_not_use_links_closed_to_the_mode),
        cmocka_unit_test(stops_at_the_limit),
        cmocka_unit_test(a_path_needs_its_room),
        cmocka_unit_test(a_street_of_two_links_is_walked_in_its_own_direction),
        cmocka_unit_test(crossings_cost_what_the_road_crossed_says),
        cmocka_unit_test(crossings_count_as_they_are_whatever_the_facility),
        cmocka_unit_test(a_ride_tells_when_links_are_entered_and_left),
        cmocka_unit_test(refuses_speeds_that_are_not_positive),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
