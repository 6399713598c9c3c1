// Car routes with forbidden turns and turn penalties against Bellman-Ford on links (what it costs to be at the end of
// each link), on keyed random networks: exact Dijkstra, contraction hierarchies and trees of both must say the same.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "model/cch_car.h"
#include "support.h"

enum { NODES_MAX = 30, LINKS_MAX = 140, PATH_MAX_LINKS = 1024, WORLDS = 80, QUESTIONS = 8 };

typedef struct world {
    arena a;
    network n;
    traveltime time;
    uint64_t seed;
    uint32_t next;
    uint32_t refused;    // questions without a way that would have one if turns were free
    uint32_t detoured;   // questions whose way costs more than if turns were free
    uint32_t revisited;  // ways that pass a node twice
} world;

static uint32_t pick(world *w, uint32_t count) {
    return (uint32_t)(support_random(w->seed, w->next++) % count);
}

// A quarter of the turns (U-turns too) is forbidden, a quarter penalized; some rows say nothing.
static void random_turns(world *w) {
    network *n = &w->n;
    uint32_t rows = 0;
    for (int fill = 0; fill < 2; fill++) {
        uint32_t count = 0;
        w->next = 5000;
        for (uint32_t in = 0; in < n->link.count; in++) {
            uint32_t v = n->link.to_ix[in];
            bool plain = pick(w, 3) == 0;  // an in-link without restrictions
            for (uint32_t i = n->out_first[v]; i < n->out_first[v + 1] && !plain; i++) {
                uint32_t kind = pick(w, 8), penalty_s = 1 + pick(w, 120);
                if (kind > 4) {
                    continue;
                }
                if (fill == 1) {
                    n->turn.in_ix[count] = in;
                    n->turn.out_ix[count] = n->out_link[i];
                    n->turn.forbidden[count] = kind < 2 ? 1 : 0;
                    n->turn.penalty_s[count] = kind == 2 || kind == 3 ? (float)penalty_s : 0.0F;
                }
                count++;
            }
        }
        rows = count;
        if (fill == 0) {
            assert_ok(turn_alloc(&n->turn, &w->a, rows));
        }
    }
    assert_ok(turn_sort(&n->turn, &w->a));
}

// One-way links, links back (so that there are U-turns), parallel ones, dead ends, loops, closed links, tolls.
static void random_network(world *w, uint64_t seed, bool money) {
    uint32_t refused = w->refused, detoured = w->detoured, revisited = w->revisited;
    *w = (world){.seed = seed, .refused = refused, .detoured = detoured, .revisited = revisited};
    arena_init(&w->a);
    uint32_t nodes = 2 + pick(w, NODES_MAX - 1), links = 2 + pick(w, LINKS_MAX - 1), reach = 1 + pick(w, nodes);
    support_blank_network(&w->a, &w->n, nodes, links);
    for (uint32_t e = 0; e < links; e++) {
        bool back = e % 2 == 1 && pick(w, 2) == 0;
        w->n.link.from_ix[e] = back ? w->n.link.to_ix[e - 1] : pick(w, nodes);
        w->n.link.to_ix[e] = back ? w->n.link.from_ix[e - 1] : (w->n.link.from_ix[e] + pick(w, reach + 1)) % nodes;
        w->n.link.length_m[e] = (float)(1 + pick(w, 2000));
        w->n.link.toll_nok[e] = (float)(money && pick(w, 5) == 0 ? pick(w, 60) : 0);
        w->n.link.allowed[e] = pick(w, 9) == 0 ? ALLOW_BUS : ALLOW_CAR;
    }
    assert_ok(network_build(&w->n, &w->a));
    random_turns(w);
    assert_ok(traveltime_init(&w->time, &w->a, &w->n));
}

static void changing_times(world *w) {
    for (size_t i = 0; i < (size_t)w->n.link.count * TRAVELTIME_BINS; i++) {
        w->time.time_ds[i] = 10 + pick(w, pick(w, 4) == 0 ? 36000 : 3000);
    }
    traveltime_repair(&w->time);
}

typedef struct label {
    uint64_t cost_ds, time_ds;
} label;

static const label no_label = {UINT64_MAX, UINT64_MAX};

static bool is_less(label a, label b) {
    return a.cost_ds < b.cost_ds || (a.cost_ds == b.cost_ds && a.time_ds < b.time_ds);
}

static uint64_t money_ds(const network *n, uint32_t e, bool money) {
    return money ? (uint64_t)floor((double)n->link.length_m[e] * 0.48 + (double)n->link.toll_nok[e] * 240.0 + 0.5) : 0;
}

// By the definition, from the table itself: what a turn costs; false = forbidden.
static bool turn_of(const network *n, uint32_t in, uint32_t out, uint32_t *ds) {
    *ds = 0;
    for (uint32_t row = 0; row < n->turn.count; row++) {
        if (n->turn.in_ix[row] == in && n->turn.out_ix[row] == out) {
            *ds = (uint32_t)lround((double)n->turn.penalty_s[row]) * 10;
            return n->turn.forbidden[row] == 0;
        }
    }
    return true;
}

static label drive(const world *w, label at, uint32_t turn_ds, uint32_t e, uint32_t departure_s, bool money) {
    at.time_ds += turn_ds;
    uint32_t ds = traveltime_at_ds(&w->time, e, departure_s * 10 + (uint32_t)at.time_ds);
    return (label){at.cost_ds + turn_ds + ds + money_ds(&w->n, e, money), at.time_ds + ds};
}

// out[link] at the end of each link, until nothing changes; node[v] is the least of its in-links.
static void bellman_ford(const world *w, uint32_t from, uint32_t departure_s, bool money, bool turns,
                         label node[NODES_MAX + 1]) {
    const network *n = &w->n;
    label at[LINKS_MAX + 1];
    for (uint32_t e = 0; e < n->link.count; e++) {
        at[e] = no_label;
        if (n->link.from_ix[e] == from && (n->link.allowed[e] & ALLOW_CAR) != 0) {
            at[e] = drive(w, (label){0, 0}, 0, e, departure_s, money);
        }
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t e = 0; e < n->link.count; e++) {
            for (uint32_t in = 0; in < n->link.count && (n->link.allowed[e] & ALLOW_CAR) != 0; in++) {
                uint32_t turn_ds = 0;
                if (n->link.to_ix[in] != n->link.from_ix[e] || at[in].cost_ds == UINT64_MAX ||
                    (turns && !turn_of(n, in, e, &turn_ds))) {
                    continue;
                }
                label beyond = drive(w, at[in], turn_ds, e, departure_s, money);
                if (is_less(beyond, at[e])) {
                    at[e] = beyond;
                    changed = true;
                }
            }
        }
    }
    for (uint32_t v = 0; v < n->node.count; v++) {
        node[v] = v == from ? (label){0, 0} : no_label;
    }
    for (uint32_t e = 0; e < n->link.count; e++) {
        label *v = &node[n->link.to_ix[e]];
        *v = is_less(at[e], *v) ? at[e] : *v;
    }
}

// A connected way over open links without a forbidden turn that adds up to the answer.
static void check_path(world *w, uint32_t from, uint32_t to, uint32_t departure_s, bool money, const uint32_t *links,
                       const route_car_answer *out) {
    const network *n = &w->n;
    label at = {0, 0};
    uint32_t node = from;
    bool seen[NODES_MAX + 1] = {false};
    bool twice = false;
    for (uint32_t i = 0; i < out->link_count; i++) {
        uint32_t turn_ds = 0;
        assert_int_equal(n->link.from_ix[links[i]], node);
        assert_true((n->link.allowed[links[i]] & ALLOW_CAR) != 0);
        if (i > 0) {
            assert_true(turn_of(n, links[i - 1], links[i], &turn_ds));
        }
        at = drive(w, at, turn_ds, links[i], departure_s, money);
        twice = twice || seen[node];
        seen[node] = true;
        node = n->link.to_ix[links[i]];
    }
    assert_int_equal(node, to);
    assert_int_equal(out->cost_ds, at.cost_ds);
    assert_int_equal(out->time_ds, at.time_ds);
    w->revisited += twice ? 1 : 0;
}

typedef struct routers {
    route_car_metric m;
    route_car_index *x;
    route_car_query *q;
    cch_car_index *cch;
    cch_car_query *cch_q;
    cch_car_window window;
    uint8_t canonical[TRAVELTIME_BINS];
} routers;

static void build_routers(world *w, bool money, routers *r) {
    cch_car_scratch *scratch;
    r->m = (route_car_metric){&w->time, money ? 2.0 : 0.0, money ? 150.0 : 0.0};
    assert_ok(route_car_build(&w->n, ALLOW_CAR, &w->a, &r->x));
    assert_ok(route_car_query_init(r->x, &w->a, &r->q));
    assert_ok(cch_car_build(&w->n, ALLOW_CAR | ALLOW_BUS, NULL, &w->a, &r->cch));  // more links than cars may use
    assert_ok(cch_car_query_init(r->cch, &w->a, PATH_MAX_LINKS, &r->cch_q));
    assert_ok(cch_car_scratch_init(r->cch, &w->a, &scratch));
    assert_ok(cch_car_window_init(r->cch, TRAVELTIME_BINS / CCH_LANES, &w->a, &r->window));
    cch_car_canonical(&w->time, r->canonical);
    (void)cch_car_window_begin(&r->window, r->x, &r->m, r->canonical, NULL, 0);
    for (uint32_t i = 0; i < r->window.set_count; i++) {
        cch_car_window_fill(&r->window, i, scratch);
    }
    assert_ok(cch_car_window_repair(&r->window, &w->a));
    cch_car_window_fill_least(&r->window, scratch);
}

static void check_trees(const world *w, routers *r, uint32_t from, uint32_t departure_s, bool is_static,
                        const label expected[NODES_MAX + 1]) {
    uint32_t cost[NODES_MAX + 1], time[NODES_MAX + 1];
    float metres[NODES_MAX + 1], nok[NODES_MAX + 1];
    route_car_tree(r->x, &r->m, r->q, from, departure_s, cost, time, NULL, NULL);
    for (uint32_t v = 0; v < w->n.node.count; v++) {
        bool reached = expected[v].cost_ds != UINT64_MAX;
        assert_int_equal(cost[v], reached ? expected[v].cost_ds : IX_NONE);
        assert_int_equal(time[v], reached ? expected[v].time_ds : IX_NONE);
    }
    if (!is_static) {
        return;
    }
    cch_car_tree(&r->window, r->cch_q, from, departure_s, cost, time, metres, nok);
    for (uint32_t v = 0; v < w->n.node.count; v++) {
        bool reached = expected[v].cost_ds != UINT64_MAX;
        assert_int_equal(cost[v], reached ? expected[v].cost_ds : IX_NONE);
        if (reached && r->m.nok_per_h > 0) {
            double money = (double)metres[v] * 0.48 + (double)nok[v] * 240.0;
            assert_near(time[v] + money, cost[v], 0.5 * w->n.link.count + 1);
        } else {
            assert_int_equal(time[v], cost[v]);
        }
    }
}

static void ask(world *w, routers *r, bool money, bool is_static) {
    uint32_t from = pick(w, w->n.node.count), to = pick(w, w->n.node.count), departure_s = pick(w, 110000);
    uint32_t links[PATH_MAX_LINKS];
    label expected[NODES_MAX + 1], unhindered[NODES_MAX + 1];
    route_car_answer exact, sampled, again;
    bellman_ford(w, from, departure_s, money, true, expected);
    bellman_ford(w, from, departure_s, money, false, unhindered);
    w->refused += expected[to].cost_ds == UINT64_MAX && unhindered[to].cost_ds != UINT64_MAX ? 1 : 0;
    w->detoured += expected[to].cost_ds != UINT64_MAX && unhindered[to].cost_ds < expected[to].cost_ds ? 1 : 0;
    check_trees(w, r, from, departure_s, is_static, expected);
    assert_ok(route_car_run(r->x, &r->m, r->q, from, to, departure_s, links, PATH_MAX_LINKS, &exact));
    if (expected[to].cost_ds == UINT64_MAX) {
        assert_int_equal(exact.arrival_s, IX_NONE);
    } else {
        assert_int_equal(exact.cost_ds, expected[to].cost_ds);
        check_path(w, from, to, departure_s, money, links, &exact);
        route_car_evaluate(r->x, &r->m, links, exact.link_count, departure_s, &again);
        assert_memory_equal(&again, &exact, sizeof exact);
    }
    assert_ok(cch_car_run(&r->window, r->cch_q, from, to, departure_s, links, &sampled));
    assert_int_equal(sampled.arrival_s == IX_NONE, exact.arrival_s == IX_NONE);
    if (sampled.arrival_s != IX_NONE) {
        assert_true(is_static ? sampled.cost_ds == exact.cost_ds : sampled.cost_ds >= exact.cost_ds);
        assert_true((uint64_t)sampled.cost_ds * 100 <= (uint64_t)exact.cost_ds * 102);
        check_path(w, from, to, departure_s, money, links, &sampled);
    }
}

static void check_worlds(uint64_t first_seed, bool money, bool is_static) {
    world w = {0};
    for (uint64_t seed = first_seed; seed < first_seed + WORLDS; seed++) {
        routers r;
        random_network(&w, seed, money);
        if (!is_static) {
            changing_times(&w);
        }
        build_routers(&w, money, &r);
        for (int i = 0; i < QUESTIONS; i++) {
            ask(&w, &r, money, is_static);
        }
        arena_free(&w.a);
    }
    print_message("%u ways refused, %u longer, %u pass a node twice\n", w.refused, w.detoured, w.revisited);
    assert_true(w.refused > 5 && w.detoured > 80 && w.revisited > 20);  // the worlds do try what they should
}

static void least_time_with_turns(void **state) {
    (void)state;
    check_worlds(1, false, true);
}

static void least_cost_with_turns_and_money(void **state) {
    (void)state;
    check_worlds(1001, true, true);
}

static void earliest_arrival_with_turns_on_changing_times(void **state) {
    (void)state;
    check_worlds(2001, false, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(least_time_with_turns),
        cmocka_unit_test(least_cost_with_turns_and_money),
        cmocka_unit_test(earliest_arrival_with_turns_on_changing_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
