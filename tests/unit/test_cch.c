// Contraction hierarchies on graphs small enough to check by hand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/cch_car.h"
#include "support.h"

enum { ARCS_MAX = 32, NODES_MAX = 16 };

typedef struct world {
    arena a;
    cch_graph g;
    cch_index *x;
    cch_metrics m;
    cch_query *q;
    cch_customizer *c;
    uint32_t tail[ARCS_MAX], head[ARCS_MAX];
    uint32_t cost[ARCS_MAX * CCH_LANES];
} world;

static void begin(world *w, uint32_t nodes) {
    *w = (world){.g = {.node_count = nodes}};
    arena_init(&w->a);
}

// An arc that costs `base` in lane 0 and `step` more in each further lane.
static void arc(world *w, uint32_t tail, uint32_t head, uint32_t base, int32_t step) {
    uint32_t i = w->g.arc_count++;
    assert_true(i < ARCS_MAX);
    w->tail[i] = tail;
    w->head[i] = head;
    for (int32_t l = 0; l < CCH_LANES; l++) {
        w->cost[i * CCH_LANES + (uint32_t)l] = base == CCH_CLOSED ? base : (uint32_t)((int32_t)base + l * step);
    }
}

static void finish(world *w, const uint32_t *order) {
    w->g.tail_ix = w->tail;
    w->g.head_ix = w->head;
    assert_ok(cch_build(&w->g, order, &w->a, &w->x));
    assert_ok(cch_customizer_init(w->x, &w->a, &w->c));
    assert_ok(cch_metrics_init(w->x, cch_best_layout(w->x) | CCH_WAYS, &w->a, &w->m));
    assert_ok(cch_query_init(w->x, &w->a, &w->q));
    cch_customize(w->x, w->cost, w->c, &w->m);
}

static void check_way(world *w, uint32_t lane, uint32_t from, uint32_t to, uint32_t cost, uint32_t count,
                      const uint32_t *expected) {
    uint32_t arcs[ARCS_MAX];
    uint32_t n = 99;
    assert_int_equal(cch_run(w->x, &w->m, lane, w->q, from, to), cost);
    assert_ok(cch_path(w->x, &w->m, lane, w->q, arcs, ARCS_MAX, &n));
    assert_int_equal(n, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(arcs[i], expected[i]);
    }
}

static void one_way_line_is_walked_in_its_direction_only(void **state) {
    (void)state;
    world w;
    begin(&w, 5);
    for (uint32_t v = 0; v < 4; v++) {
        arc(&w, v, v + 1, 10 + v, 0);
    }
    finish(&w, NULL);
    check_way(&w, 0, 0, 4, 46, 4, (uint32_t[]){0, 1, 2, 3});
    check_way(&w, 0, 1, 3, 23, 2, (uint32_t[]){1, 2});
    check_way(&w, 0, 4, 0, CCH_CLOSED, 0, NULL);
    check_way(&w, 0, 2, 2, 0, 0, NULL);
    arena_free(&w.a);
}

static void the_cheapest_of_parallel_arcs_is_taken_in_each_lane(void **state) {
    (void)state;
    world w;
    begin(&w, 3);
    arc(&w, 0, 1, 50, 0);
    arc(&w, 0, 1, 40, 5);  // cheaper in lanes 0 and 1, equal in 2
    arc(&w, 1, 2, 7, 0);
    arc(&w, 1, 1, 0, 0);  // a loop is never of use
    finish(&w, NULL);
    check_way(&w, 0, 0, 2, 47, 2, (uint32_t[]){1, 2});
    check_way(&w, 1, 0, 2, 52, 2, (uint32_t[]){1, 2});
    check_way(&w, 2, 0, 2, 57, 2, (uint32_t[]){0, 2});  // a tie: the lower arc
    check_way(&w, 7, 0, 2, 57, 2, (uint32_t[]){0, 2});
    arena_free(&w.a);
}

static void closed_arcs_and_costs_beyond_the_bound_are_no_way(void **state) {
    (void)state;
    world w;
    begin(&w, 4);
    arc(&w, 0, 1, CCH_CLOSED, 0);
    arc(&w, 0, 2, CCH_COST_MAX, 0);
    arc(&w, 2, 1, 0, 0);
    arc(&w, 1, 3, 1, 0);
    finish(&w, NULL);
    check_way(&w, 0, 0, 1, CCH_COST_MAX, 2, (uint32_t[]){1, 2});
    check_way(&w, 0, 0, 3, CCH_CLOSED, 0, NULL);
    check_way(&w, 0, 3, 0, CCH_CLOSED, 0, NULL);
    arena_free(&w.a);
}

static void any_order_gives_the_same_costs(void **state) {
    (void)state;
    static const uint32_t orders[3][6] = {{0, 1, 2, 3, 4, 5}, {5, 4, 3, 2, 1, 0}, {3, 0, 5, 1, 4, 2}};
    for (int k = 0; k < 3; k++) {
        world w;
        begin(&w, 6);
        for (uint32_t v = 0; v < 6; v++) {
            arc(&w, v, (v + 1) % 6, 3 + v, 0);
            arc(&w, (v + 1) % 6, v, 5, 0);
        }
        finish(&w, orders[k]);
        check_way(&w, 0, 0, 2, 7, 2, (uint32_t[]){0, 2});
        check_way(&w, 0, 0, 4, 10, 2, (uint32_t[]){11, 9});
        assert_memory_equal(cch_order_used(w.x), orders[k], sizeof orders[k]);
        arena_free(&w.a);
    }
}

static void the_order_worked_out_is_a_permutation_and_can_be_given_back(void **state) {
    (void)state;
    world w;
    uint32_t *order;
    bool seen[NODES_MAX] = {false};
    begin(&w, 12);
    for (uint32_t v = 0; v + 1 < 12; v++) {
        arc(&w, v, v + 1, 1, 0);
    }
    w.g.tail_ix = w.tail;
    w.g.head_ix = w.head;
    assert_ok(cch_order(&w.g, &w.a, &order));
    for (uint32_t r = 0; r < 12; r++) {
        assert_true(order[r] < 12 && !seen[order[r]]);
        seen[order[r]] = true;
    }
    finish(&w, order);
    check_way(&w, 0, 2, 6, 4, 4, (uint32_t[]){2, 3, 4, 5});
    cch_index *again;
    assert_ok(cch_build(&w.g, NULL, &w.a, &again));
    assert_memory_equal(cch_order_used(again), order, 12 * sizeof *order);
    arena_free(&w.a);
}

static void rejects_an_order_of_another_network(void **state) {
    (void)state;
    world w;
    cch_index *x;
    begin(&w, 3);
    arc(&w, 0, 1, 1, 0);
    w.g.tail_ix = w.tail;
    w.g.head_ix = w.head;
    assert_error(cch_build(&w.g, (uint32_t[]){0, 1, 1}, &w.a, &x), ERR_RANGE, "node 1 twice");
    assert_error(cch_build(&w.g, (uint32_t[]){0, 1, 3}, &w.a, &x), ERR_RANGE, "node 3");
    arena_free(&w.a);
}

static void a_graph_without_arcs_has_no_ways(void **state) {
    (void)state;
    world w;
    begin(&w, 3);
    finish(&w, NULL);
    check_way(&w, 0, 0, 2, CCH_CLOSED, 0, NULL);
    check_way(&w, 0, 1, 1, 0, 0, NULL);
    arena_free(&w.a);
}

static void says_when_there_is_no_room_for_the_way(void **state) {
    (void)state;
    world w;
    uint32_t arcs[2];
    uint32_t n;
    begin(&w, 4);
    for (uint32_t v = 0; v < 3; v++) {
        arc(&w, v, v + 1, 1, 0);
    }
    finish(&w, NULL);
    assert_int_equal(cch_run(w.x, &w.m, 0, w.q, 0, 3), 3);
    assert_error(cch_path(w.x, &w.m, 0, w.q, arcs, 2, &n), ERR_RANGE, "3 links");
    arena_free(&w.a);
}

static void a_tree_gives_every_nodes_cost(void **state) {
    (void)state;
    world w;
    uint32_t cost[4];
    begin(&w, 4);
    arc(&w, 0, 1, 4, 0);
    arc(&w, 1, 2, 4, 0);
    arc(&w, 0, 2, 9, 0);
    arc(&w, 3, 0, 1, 0);
    finish(&w, NULL);
    cch_tree(w.x, &w.m, 0, w.q, 0, cost);
    assert_memory_equal(cost, ((uint32_t[]){0, 4, 8, CCH_CLOSED}), sizeof cost);
    cch_tree(w.x, &w.m, 0, w.q, 3, cost);
    assert_memory_equal(cost, ((uint32_t[]){1, 5, 9, 0}), sizeof cost);
    check_way(&w, 0, 0, 2, 8, 2, (uint32_t[]){0, 1});  // a question after a tree
    arena_free(&w.a);
}

// Turns: the nodes are links of a crossroads, the arcs allowed turns; a turn costs its penalty and the link entered.
// Links: 0 south-centre, 1 centre-west, 2 centre-north, 3 north-west, 4 west-centre, 5 centre-south.
static void forbidden_turns_and_penalties_hold_on_links_as_nodes(void **state) {
    (void)state;
    enum { LEFT_DS = 80 };
    static const uint32_t link_ds[6] = {100, 100, 30, 40, 100, 100};
    world w;
    begin(&w, 6);
    arc(&w, 0, 2, link_ds[2], 0);                       // ahead to the north
    arc(&w, 0, 1, link_ds[1] + LEFT_DS, -LEFT_DS / 8);  // left to the west: the penalty falls lane by lane
    arc(&w, 2, 3, link_ds[3], 0);
    arc(&w, 4, 5, link_ds[5], 0);  // right to the south; the turn back 3 -> 4 and left from the west are forbidden
    finish(&w, NULL);
    check_way(&w, 0, 0, 1, 180, 1, (uint32_t[]){1});
    check_way(&w, 7, 0, 1, 110, 1, (uint32_t[]){1});
    check_way(&w, 0, 0, 3, 70, 2, (uint32_t[]){0, 2});
    check_way(&w, 0, 4, 2, CCH_CLOSED, 0, NULL);  // left: forbidden
    check_way(&w, 0, 4, 5, 100, 1, (uint32_t[]){3});
    arena_free(&w.a);
}

static void equal_quarter_hours_share_a_metric(void **state) {
    (void)state;
    arena a;
    network n;
    traveltime t;
    uint8_t canonical[TRAVELTIME_BINS];
    arena_init(&a);
    support_line_network(&a, &n, 3, 500, 50, 1000);
    assert_ok(traveltime_init(&t, &a, &n));
    t.time_ds[10 * 3 + 1] += 5;
    cch_car_canonical(&t, canonical);
    for (uint32_t b = 0; b < TRAVELTIME_BINS; b++) {
        assert_int_equal(canonical[b], b < 10 ? 0 : (b == 10 ? 10 : 11));
    }
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_way_line_is_walked_in_its_direction_only),
        cmocka_unit_test(the_cheapest_of_parallel_arcs_is_taken_in_each_lane),
        cmocka_unit_test(closed_arcs_and_costs_beyond_the_bound_are_no_way),
        cmocka_unit_test(any_order_gives_the_same_costs),
        cmocka_unit_test(the_order_worked_out_is_a_permutation_and_can_be_given_back),
        cmocka_unit_test(rejects_an_order_of_another_network),
        cmocka_unit_test(a_graph_without_arcs_has_no_ways),
        cmocka_unit_test(says_when_there_is_no_room_for_the_way),
        cmocka_unit_test(a_tree_gives_every_nodes_cost),
        cmocka_unit_test(forbidden_turns_and_penalties_hold_on_links_as_nodes),
        cmocka_unit_test(equal_quarter_hours_share_a_metric),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
