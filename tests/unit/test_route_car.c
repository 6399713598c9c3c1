#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "model/route_car.h"
#include "support.h"

enum { ROOM = 64 };

typedef struct world {
    arena a;
    network n;
    traveltime time;
    route_car_index *x;
    route_car_query *q;
    route_car_metric m;
} world;

// The time of a link in every bin.
static void set_time(world *w, uint32_t link, uint32_t time_ds) {
    w->time.free_ds[link] = time_ds;
    for (uint32_t b = 0; b < TRAVELTIME_BINS; b++) {
        w->time.time_ds[(size_t)b * w->time.link_count + link] = time_ds;
    }
}

static void index_world(world *w, uint8_t allow) {
    assert_ok(route_car_build(&w->n, allow, &w->a, &w->x));
    assert_ok(route_car_query_init(w->x, &w->a, &w->q));
}

static void time_world(world *w) {
    assert_ok(traveltime_init(&w->time, &w->a, &w->n));
    w->m = (route_car_metric){.time = &w->time, .cost_nok_per_km = 0.0, .nok_per_h = 100.0};
    index_world(w, ALLOW_CAR);
}

// n0 -> n3 by n1 (links a, b) or by n2 (links c, d), all 1 km and 60 s.
static const char *const diamond_id[4] = {"a", "b", "c", "d"};
static const uint32_t diamond_end[4][2] = {{0, 1}, {1, 3}, {0, 2}, {2, 3}};

static void diamond(world *w) {
    arena_init(&w->a);
    support_blank_network(&w->a, &w->n, 4, 4);
    for (uint32_t e = 0; e < 4; e++) {
        w->n.link.id[e] = diamond_id[e];
        w->n.link.from_ix[e] = diamond_end[e][0];
        w->n.link.to_ix[e] = diamond_end[e][1];
        w->n.link.length_m[e] = 1000;
        w->n.link.free_speed_mps[e] = (float)(1000.0 / 60.0);
    }
    assert_ok(network_build(&w->n, &w->a));
    time_world(w);
    for (uint32_t e = 0; e < 4; e++) {
        set_time(w, e, 600);
    }
}

static uint32_t link(const world *w, const char *id) {
    uint32_t e = network_find_link(&w->n, id);
    assert_int_not_equal(e, IX_NONE);
    return e;
}

static route_car_answer run(world *w, uint32_t from, uint32_t to, uint32_t departure_s, uint32_t links[ROOM]) {
    route_car_answer out;
    assert_ok(route_car_run(w->x, &w->m, w->q, from, to, departure_s, links, ROOM, &out));
    return out;
}

static void takes_the_faster_of_two_ways(void **state) {
    (void)state;
    world w;
    uint32_t links[ROOM];
    diamond(&w);
    set_time(&w, link(&w, "b"), 601);
    route_car_answer out = run(&w, 0, 3, 28800, links);
    assert_int_equal(out.link_count, 2);
    assert_int_equal(links[0], link(&w, "c"));
    assert_int_equal(links[1], link(&w, "d"));
    assert_int_equal(out.time_ds, 1200);
    assert_int_equal(out.cost_ds, 1200);
    assert_int_equal(out.arrival_s, 28920);
    assert_near(out.distance_m, 2000, 0);
    assert_near(out.toll_nok, 0, 0);
    arena_free(&w.a);
}

static void equal_ways_go_by_the_lower_node(void **state) {
    (void)state;
    world w;
    uint32_t links[ROOM];
    diamond(&w);
    assert_int_equal(run(&w, 0, 3, 0, links).time_ds, 1200);
    assert_int_equal(links[0], link(&w, "a"));
    assert_int_equal(links[1], link(&w, "b"));
    arena_free(&w.a);
}

static void distance_and_toll_count_as_time(void **state) {
    (void)state;
    world w;
    uint32_t links[ROOM];
    diamond(&w);
    uint32_t toll_link = link(&w, "a");
    w.n.link.toll_nok[toll_link] = 10;
    set_time(&w, link(&w, "c"), 1200);  // a minute longer
    index_world(&w, ALLOW_CAR);
    w.m.cost_nok_per_km = 2.0;
    w.m.nok_per_h = 1200;  // 10 NOK = 30 s: worth paying
    route_car_answer out = run(&w, 0, 3, 0, links);
    assert_int_equal(links[0], toll_link);
    assert_int_equal(out.time_ds, 1200);
    assert_int_equal(out.cost_ds, 1200 + 60 + 60 + 300);
    assert_near(out.toll_nok, 10, 0);
    w.m.nok_per_h = 300;  // 10 NOK = 120 s: not worth it
    out = run(&w, 0, 3, 0, links);
    assert_int_equal(links[0], link(&w, "c"));
    assert_int_equal(out.time_ds, 1800);
    assert_int_equal(out.cost_ds, 1800 + 2 * 240);
    assert_near(out.toll_nok, 0, 0);
    arena_free(&w.a);
}

static void money_does_not_count_without_a_value_of_time(void **state) {
    (void)state;
    world w;
    uint32_t links[ROOM];
    diamond(&w);
    w.n.link.toll_nok[link(&w, "a")] = 1000;
    index_world(&w, ALLOW_CAR);
    w.m.nok_per_h = 0.0;
    route_car_answer out = run(&w, 0, 3, 0, links);
    assert_int_equal(out.cost_ds, 1200);
    assert_near(out.toll_nok, 1000, 0);
    arena_free(&w.a);
}

static void among_equal_costs_takes_the_shorter_time(void **state) {
    (void)state;
    world w;
    uint32_t links[ROOM];
    diamond(&w);
    w.n.link.toll_nok[link(&w, "c")] = 1;  // 36 s at 100 NOK/h
    index_world(&w, ALLOW_CAR);
    set_time(&w, link(&w, "c"), 240);
    route_car_answer out = run(&w, 0, 3, 0, links);
    assert_int_equal(out.cost_ds, 1200);
    assert_int_equal(out.time_ds, 840);
    assert_int_equal(links[0], link(&w, "c"));
    arena_free(&w.a);
}

static void uses_the_bin_in_which_each_link_is_entered(void **state) {
    (void)state;
    world w;
    uint32_t links[ROOM];
    diamond(&w);
    // From 08:00 on link b takes 200 s. Whoever leaves at 07:59:30 enters it at 08:00:30.
    for (uint32_t bin = 32; bin < TRAVELTIME_BINS; bin++) {
        w.time.time_ds[(size_t)bin * 4 + link(&w, "b")] = 2000;
    }
    set_time(&w, link(&w, "c"), 700);
    assert_int_equal(run(&w, 0, 3, 28739, links).time_ds, 1200);
    assert_int_equal(links[0], link(&w, "a"));
    assert_int_equal(run(&w, 0, 3, 28740, links).time_ds, 1300);
    assert_int_equal(links[0], link(&w, "c"));
    arena_free(&w.a);
}

static void evaluates_a_path_as_run_does(void **state) {
    (void)state;
    world w;
    uint32_t links[ROOM];
    diamond(&w);
    w.n.link.toll_nok[link(&w, "d")] = 7.5F;
    index_world(&w, ALLOW_CAR);
    w.m.cost_nok_per_km = 1.7;
    route_car_answer found = run(&w, 0, 3, 12345, links);
    route_car_answer again;
    route_car_evaluate(w.x, &w.m, links, found.link_count, 12345, &again);
    assert_memory_equal(&again, &found, sizeof found);
    uint32_t other[2] = {link(&w, "c"), link(&w, "d")};
    route_car_evaluate(w.x, &w.m, other, 2, 12345, &again);
    assert_int_equal(again.time_ds, 1200);
    assert_int_equal(again.cost_ds, 1200 + 2 * 612 + 2700);
    assert_near(again.toll_nok, 7.5, 0);
    assert_near(again.distance_m, 2000, 0);
    route_car_evaluate(w.x, &w.m, other, 0, 12345, &again);
    assert_int_equal(again.arrival_s, 12345);
    arena_free(&w.a);
}

static void the_same_node_is_an_empty_path(void **state) {
    (void)state;
    world w;
    uint32_t links[ROOM];
    diamond(&w);
    route_car_answer out = run(&w, 2, 2, 77, links);
    assert_int_equal(out.link_count, 0);
    assert_int_equal(out.arrival_s, 77);
    assert_int_equal(out.time_ds, 0);
    assert_int_equal(out.cost_ds, 0);
    arena_free(&w.a);
}

static void says_so_when_there_is_no_way(void **state) {
    (void)state;
    world w;
    uint32_t links[ROOM];
    diamond(&w);
    route_car_answer out = run(&w, 3, 0, 77, links);
    assert_int_equal(out.arrival_s, IX_NONE);
    assert_int_equal(out.time_ds, IX_NONE);
    assert_int_equal(out.cost_ds, IX_NONE);
    assert_int_equal(out.link_count, 0);
    // An answer must not be left over from the search before.
    assert_int_equal(run(&w, 0, 3, 77, links).link_count, 2);
    assert_int_equal(run(&w, 1, 2, 77, links).arrival_s, IX_NONE);
    arena_free(&w.a);
}

static void does_not_use_links_closed_to_the_vehicle(void **state) {
    (void)state;
    world w;
    uint32_t links[ROOM];
    diamond(&w);
    uint32_t closed = link(&w, "b");
    w.n.link.allowed[closed] = ALLOW_LORRY | ALLOW_WALK;
    w.n.link.allowed[link(&w, "c")] = ALLOW_CAR | ALLOW_CYCLE;
    index_world(&w, ALLOW_CAR);
    run(&w, 0, 3, 0, links);
    assert_int_equal(links[0], link(&w, "c"));
    route_car_answer out;
    uint32_t path[2] = {link(&w, "a"), closed};
    route_car_evaluate(w.x, &w.m, path, 2, 0, &out);
    assert_int_equal(out.arrival_s, IX_NONE);
    index_world(&w, ALLOW_LORRY);
    run(&w, 0, 3, 0, links);
    assert_int_equal(links[0], link(&w, "a"));
    arena_free(&w.a);
}

static void refuses_a_path_longer_than_its_room(void **state) {
    (void)state;
    world w;
    uint32_t links[2] = {99, 99};
    route_car_answer out;
    diamond(&w);
    assert_error(route_car_run(w.x, &w.m, w.q, 0, 3, 0, links, 1, &out), ERR_RANGE, "give room for more links");
    assert_int_equal(links[0], 99);
    assert_int_equal(links[1], 99);
    assert_ok(route_car_run(w.x, &w.m, w.q, 0, 3, 0, links, 2, &out));
    assert_ok(route_car_run(w.x, &w.m, w.q, 0, 3, 0, NULL, 0, &out));
    assert_int_equal(out.link_count, 2);
    arena_free(&w.a);
}

static void a_tree_holds_what_single_routes_find(void **state) {
    (void)state;
    world w;
    uint32_t cost[30], time[30], links[ROOM];
    float distance[30], toll[30];
    arena_init(&w.a);
    support_grid_network(&w.a, &w.n, 6, 5, 173.3, 50, 1800, 1);
    for (uint32_t e = 0; e < w.n.link.count; e++) {
        w.n.link.toll_nok[e] = (float)(support_random(5, e) % 3) * 0.7F;
    }
    time_world(&w);
    w.m.cost_nok_per_km = 1.9;
    route_car_tree(w.x, &w.m, w.q, 7, 30000, cost, time, distance, toll);
    for (uint32_t v = 0; v < 30; v++) {
        route_car_answer out = run(&w, 7, v, 30000, links);
        assert_int_equal(cost[v], out.cost_ds);
        assert_int_equal(time[v], out.time_ds);
        assert_near(distance[v], out.distance_m, 0);
        assert_near(toll[v], out.toll_nok, 0);
    }
    route_car_tree(w.x, &w.m, w.q, 7, 30000, NULL, NULL, NULL, NULL);
    arena_free(&w.a);
}

static void a_tree_marks_what_it_cannot_reach(void **state) {
    (void)state;
    world w;
    uint32_t cost[4], time[4];
    float distance[4], toll[4];
    diamond(&w);
    route_car_tree(w.x, &w.m, w.q, 1, 0, cost, time, distance, toll);
    assert_int_equal(cost[1], 0);
    assert_int_equal(time[3], 600);
    assert_int_equal(cost[2], IX_NONE);
    assert_int_equal(time[2], IX_NONE);
    assert_true(isinf(distance[2]) && isinf(toll[2]));
    arena_free(&w.a);
}

static void an_absurd_price_is_no_way_rather_than_a_cheap_one(void **state) {
    (void)state;
    world w;
    uint32_t links[ROOM];
    diamond(&w);
    w.n.link.toll_nok[link(&w, "b")] = 1e30F;
    w.n.link.toll_nok[link(&w, "d")] = 1e30F;
    w.n.link.toll_nok[link(&w, "a")] = 1e30F;
    w.n.link.toll_nok[link(&w, "c")] = 1e30F;
    index_world(&w, ALLOW_CAR);
    assert_int_equal(run(&w, 0, 3, 0, links).arrival_s, IX_NONE);
    arena_free(&w.a);
}

static void running_out_of_memory_is_an_error(void **state) {
    (void)state;
    world w;
    diamond(&w);
    arena none;
    arena_init(&none);
    mem_fail_after(0);
    route_car_index *x;
    assert_error(route_car_build(&w.n, ALLOW_CAR, &none, &x), ERR_MEMORY, NULL);
    mem_fail_after(0);
    route_car_query *q;
    assert_error(route_car_query_init(w.x, &none, &q), ERR_MEMORY, NULL);
    mem_fail_after(-1);
    arena_free(&none);
    arena_free(&w.a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_faster_of_two_ways),
        cmocka_unit_test(equal_ways_go_by_the_lower_node),
        cmocka_unit_test(distance_and_toll_count_as_time),
        cmocka_unit_test(money_does_not_count_without_a_value_of_time),
        cmocka_unit_test(among_equal_costs_takes_the_shorter_time),
        cmocka_unit_test(uses_the_bin_in_which_each_link_is_entered),
        cmocka_unit_test(evaluates_a_path_as_run_does),
        cmocka_unit_test(the_same_node_is_an_empty_path),
        cmocka_unit_test(says_so_when_there_is_no_way),
        cmocka_unit_test(does_not_use_links_closed_to_the_vehicle),
        cmocka_unit_test(refuses_a_path_longer_than_its_room),
        cmocka_unit_test(a_tree_holds_what_single_routes_find),
        cmocka_unit_test(a_tree_marks_what_it_cannot_reach),
        cmocka_unit_test(an_absurd_price_is_no_way_rather_than_a_cheap_one),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
