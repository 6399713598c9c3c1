// Car routes against Bellman-Ford on keyed random networks.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "model/route_car.h"
#include "support.h"

enum { NODES_MAX = 40, LINKS_MAX = 160, WORLDS = 150, QUESTIONS = 20 };

typedef struct world {
    arena a;
    network n;
    traveltime time;
    uint64_t seed;
    uint32_t next;
} world;

static uint32_t pick(world *w, uint32_t count) {
    return (uint32_t)(support_random(w->seed, w->next++) % count);
}

// Random links, some parallel, some from a node to itself, some closed to cars, some with a toll of whole kroner.
static void random_network(world *w, uint64_t seed) {
    *w = (world){.seed = seed};
    arena_init(&w->a);
    uint32_t nodes = 2 + pick(w, NODES_MAX - 1);
    uint32_t links = 1 + pick(w, LINKS_MAX);
    support_blank_network(&w->a, &w->n, nodes, links);
    for (uint32_t e = 0; e < links; e++) {
        w->n.link.from_ix[e] = pick(w, nodes);
        w->n.link.to_ix[e] = pick(w, nodes);
        w->n.link.length_m[e] = (float)(1 + pick(w, 2000));
        w->n.link.toll_nok[e] = (float)(pick(w, 5) == 0 ? pick(w, 60) : 0);
        w->n.link.allowed[e] = pick(w, 8) == 0 ? ALLOW_BUS : ALLOW_CAR;
    }
    assert_ok(network_build(&w->n, &w->a));
    assert_ok(traveltime_init(&w->time, &w->a, &w->n));
}

static void static_times(world *w) {
    for (uint32_t e = 0; e < w->n.link.count; e++) {
        uint32_t ds = pick(w, 3000);  // 0 too
        for (uint32_t b = 0; b < TRAVELTIME_BINS; b++) {
            w->time.time_ds[(size_t)b * w->n.link.count + e] = ds;
        }
    }
}

// Times that rise and fall by up to an hour, brought to FIFO by the module's own repair.
static void changing_times(world *w) {
    for (size_t i = 0; i < (size_t)w->n.link.count * TRAVELTIME_BINS; i++) {
        w->time.time_ds[i] = 10 + pick(w, pick(w, 4) == 0 ? 36000 : 3000);
    }
    traveltime_repair(&w->time);
}

typedef struct label {
    uint64_t cost_ds, time_ds;
} label;

// Money of a link at 150 NOK/h and 2 NOK/km: 0.48 ds a metre and 240 ds a krone, never halfway between two numbers.
static uint64_t money_ds(const network *n, uint32_t e) {
    return (uint64_t)floor((double)n->link.length_m[e] * 0.48 + (double)n->link.toll_nok[e] * 240.0 + 0.5);
}

// Relaxes every link until nothing changes: least (cost, time) of every node.
static void bellman_ford(const world *w, uint32_t from, uint32_t departure_s, bool money, label out[NODES_MAX]) {
    const network *n = &w->n;
    for (uint32_t v = 0; v < n->node.count; v++) {
        out[v] = (label){UINT64_MAX, UINT64_MAX};
    }
    out[from] = (label){0, 0};
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t e = 0; e < n->link.count; e++) {
            const label *tail = &out[n->link.from_ix[e]];
            label *head = &out[n->link.to_ix[e]];
            if ((n->link.allowed[e] & ALLOW_CAR) == 0 || tail->cost_ds == UINT64_MAX) {
                continue;
            }
            uint32_t ds = traveltime_at_ds(&w->time, e, departure_s * 10 + (uint32_t)tail->time_ds);
            label beyond = {tail->cost_ds + ds + (money ? money_ds(n, e) : 0), tail->time_ds + ds};
            if (beyond.cost_ds < head->cost_ds || (beyond.cost_ds == head->cost_ds && beyond.time_ds < head->time_ds)) {
                *head = beyond;
                changed = true;
            }
        }
    }
}

// The path leads from -> to over open links, and adds up to the answer by the plain definition.
static void check_path(const world *w, uint32_t from, uint32_t to, uint32_t departure_s, bool money,
                       const uint32_t *links, const route_car_answer *out) {
    const network *n = &w->n;
    uint64_t cost_ds = 0, time_ds = 0;
    double length_m = 0, toll_nok = 0;
    uint32_t at = from;
    for (uint32_t i = 0; i < out->link_count; i++) {
        uint32_t e = links[i];
        assert_int_equal(n->link.from_ix[e], at);
        assert_true((n->link.allowed[e] & ALLOW_CAR) != 0);
        uint32_t ds = traveltime_at_ds(&w->time, e, departure_s * 10 + (uint32_t)time_ds);
        time_ds += ds;
        cost_ds += ds + (money ? money_ds(n, e) : 0);
        length_m += (double)n->link.length_m[e];
        toll_nok += (double)n->link.toll_nok[e];
        at = n->link.to_ix[e];
    }
    assert_int_equal(at, to);
    assert_int_equal(out->time_ds, time_ds);
    assert_int_equal(out->cost_ds, cost_ds);
    assert_int_equal(out->arrival_s, departure_s + (time_ds + 5) / 10);
    assert_near(out->distance_m, length_m, 1e-3 * (1 + length_m / 1000));
    assert_near(out->toll_nok, toll_nok, 1e-3);
}

static void check_world(world *w, bool money) {
    route_car_index *x;
    route_car_query *q;
    route_car_metric m = {&w->time, money ? 2.0 : 0.0, money ? 150.0 : 0.0};
    label expected[NODES_MAX];
    uint32_t links[NODES_MAX], cost[NODES_MAX], time[NODES_MAX];
    assert_ok(route_car_build(&w->n, ALLOW_CAR, &w->a, &x));
    assert_ok(route_car_query_init(x, &w->a, &q));
    for (int i = 0; i < QUESTIONS; i++) {
        uint32_t from = pick(w, w->n.node.count), to = pick(w, w->n.node.count);
        uint32_t departure_s = pick(w, 110000);  // beyond the last bin too
        route_car_answer out, again;
        bellman_ford(w, from, departure_s, money, expected);
        assert_ok(route_car_run(x, &m, q, from, to, departure_s, links, NODES_MAX, &out));
        if (expected[to].cost_ds == UINT64_MAX) {
            assert_int_equal(out.arrival_s, IX_NONE);
        } else {
            assert_int_equal(out.cost_ds, expected[to].cost_ds);
            assert_int_equal(out.time_ds, expected[to].time_ds);
            check_path(w, from, to, departure_s, money, links, &out);
            route_car_evaluate(x, &m, links, out.link_count, departure_s, &again);
            assert_memory_equal(&again, &out, sizeof out);
        }
        route_car_tree(x, &m, q, from, departure_s, cost, time, NULL, NULL);
        for (uint32_t v = 0; v < w->n.node.count; v++) {
            assert_int_equal(cost[v], expected[v].cost_ds == UINT64_MAX ? IX_NONE : expected[v].cost_ds);
            assert_int_equal(time[v], expected[v].cost_ds == UINT64_MAX ? IX_NONE : expected[v].time_ds);
        }
    }
}

static void static_generalised_cost_is_least(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= WORLDS; seed++) {
        world w;
        random_network(&w, seed);
        static_times(&w);
        check_world(&w, true);
        arena_free(&w.a);
    }
}

static void arrival_on_changing_times_is_earliest(void **state) {
    (void)state;
    for (uint64_t seed = 1001; seed <= 1000 + WORLDS; seed++) {
        world w;
        random_network(&w, seed);
        changing_times(&w);
        check_world(&w, false);
        arena_free(&w.a);
    }
}

// With money on changing times the least cost is not promised; the answer is a real path, told truly.
static void money_on_changing_times_gives_a_true_answer(void **state) {
    (void)state;
    for (uint64_t seed = 2001; seed <= 2000 + WORLDS; seed++) {
        world w;
        random_network(&w, seed);
        changing_times(&w);
        route_car_index *x;
        route_car_query *q;
        route_car_metric m = {&w.time, 2.0, 150.0};
        uint32_t links[NODES_MAX];
        assert_ok(route_car_build(&w.n, ALLOW_CAR, &w.a, &x));
        assert_ok(route_car_query_init(x, &w.a, &q));
        for (int i = 0; i < QUESTIONS; i++) {
            uint32_t from = pick(&w, w.n.node.count), to = pick(&w, w.n.node.count);
            uint32_t departure_s = pick(&w, 100000);
            route_car_answer out;
            assert_ok(route_car_run(x, &m, q, from, to, departure_s, links, NODES_MAX, &out));
            if (out.arrival_s != IX_NONE) {
                check_path(&w, from, to, departure_s, true, links, &out);
            }
        }
        arena_free(&w.a);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(static_generalised_cost_is_least),
        cmocka_unit_test(arrival_on_changing_times_is_earliest),
        cmocka_unit_test(money_on_changing_times_gives_a_true_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
