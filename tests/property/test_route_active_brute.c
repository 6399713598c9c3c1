// Walking and cycling trees against Bellman-Ford on keyed random networks.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "model/route_active.h"
#include "support.h"

enum { NODES_MAX = 40, LINKS_MAX = 120, WORLDS = 150, QUESTIONS = 6 };

typedef struct world {
    arena a;
    network n;
    route_active_params p;
    uint64_t seed;
    uint32_t next;
} world;

static uint32_t pick(world *w, uint32_t count) {
    return (uint32_t)(support_random(w->seed, w->next++) % count);
}

static void random_world(world *w, uint64_t seed) {
    *w = (world){.seed = seed};
    arena_init(&w->a);
    scenario s = {.walk_speed_kmh = 4.8,
                  .cycle_speed_kmh = 18,
                  .ecycle_speed_kmh = 24,
                  .cycle_uphill_kmh_per_pct = 1.56,
                  .cycle_downhill_kmh_per_pct = 1.3,
                  .ecycle_uphill_kmh_per_pct = 0.6,
                  .crossing_slow_s = 2,
                  .crossing_fast_s = 11,
                  .crossing_rural_s = 30.5,
                  .crossing_signal_s = 8};
    route_active_params_init(&w->p, &s);
    uint32_t nodes = 2 + pick(w, NODES_MAX - 1);
    uint32_t links = 1 + pick(w, LINKS_MAX);
    support_blank_network(&w->a, &w->n, nodes, links);
    for (uint32_t e = 0; e < links; e++) {
        w->n.link.from_ix[e] = pick(w, nodes);
        w->n.link.to_ix[e] = pick(w, nodes);
        w->n.link.length_m[e] = (float)(10 * (1 + pick(w, 100)));
        w->n.link.grade_pct[e] = (float)pick(w, 21) - 10.0F;
        w->n.link.cycle_facility[e] = (uint8_t)pick(w, CYCLE_FACILITY_COUNT);
        w->n.link.allowed[e] = (uint8_t)pick(w, 16);
        uint32_t size = pick(w, 6);  // larger roads are faster
        w->n.link.capacity_vph[e] = 500.0F + 300.0F * (float)size;
        w->n.link.free_speed_mps[e] = (30.0F + 12.0F * (float)size) / 3.6F;
    }
    for (uint32_t v = 0; v < nodes; v++) {
        w->n.node.control[v] = (uint8_t)pick(w, 5);
    }
    assert_ok(network_build(&w->n, &w->a));
}

typedef struct label {
    uint64_t perceived_ds, time_ds;
} label;

// Wait at the end of a link by the rule of the header, written out anew: the largest capacity to each neighbour,
// sorted.
static double wait_s(const world *w, uint32_t e, uint32_t tail, uint32_t head) {
    const link_columns *l = &w->n.link;
    float largest[NODES_MAX] = {0};
    for (uint32_t k = 0; k < l->count; k++) {
        uint32_t other = l->from_ix[k] == head ? l->to_ix[k] : l->to_ix[k] == head ? l->from_ix[k] : head;
        if (other != head && other != tail && (l->allowed[k] & ALLOW_CAR) != 0 && l->capacity_vph[k] > largest[other]) {
            largest[other] = l->capacity_vph[k];
        }
    }
    float first = 0, second = 0;
    for (uint32_t v = 0; v < w->n.node.count; v++) {
        float c = largest[v];
        second = c > first ? first : c > second ? c : second;
        first = c > first ? c : first;
    }
    float own = (l->allowed[e] & ALLOW_CAR) != 0 ? l->capacity_vph[e] : 0;
    if (second <= 0) {
        return 0;
    }
    if (w->n.node.control[head] == CONTROL_SIGNAL) {
        return 8;
    }
    if (w->n.node.control[head] != CONTROL_ROUNDABOUT && second <= own) {
        return 0;
    }
    float kmh = 30 + 12 * (second - 500) / 300;
    return kmh < 45 ? 2 : kmh < 65 ? 11 : 30.5;
}

static uint64_t rounded(double ds) {
    return (uint64_t)floor(ds + 0.5);
}

// Time and perceived time of a link by the formulas of the header, written out anew.
static label link_label(const world *w, active_mode m, uint32_t e, bool against) {
    uint32_t from = w->n.link.from_ix[e], to = w->n.link.to_ix[e];
    double wait_ds = 10 * (against ? wait_s(w, e, to, from) : wait_s(w, e, from, to));
    double grade = (double)w->n.link.grade_pct[e];
    double length_m = (double)w->n.link.length_m[e];
    if (m == ACTIVE_WALK) {
        uint64_t walk_ds = rounded(length_m * 36.0 / 4.8 + wait_ds);
        return (label){walk_ds, walk_ds};
    }
    double flat = m == ACTIVE_CYCLE ? 18.0 : 24.0;
    double kmh = flat - 1.3 * grade;
    if (grade > 0) {
        kmh = flat - grade * (m == ACTIVE_CYCLE ? 1.56 : 0.6);
    }
    kmh = kmh < 5.0 ? 5.0 : kmh;
    kmh = kmh > 1.3 * flat ? 1.3 * flat : kmh;
    static const double factor[CYCLE_FACILITY_COUNT] = {1.35, 1.6, 1.3, 1.07, 1.0};
    double ds = length_m * 36.0 / kmh;
    return (label){rounded(ds * factor[w->n.link.cycle_facility[e]] + wait_ds), rounded(ds + wait_ds)};
}

static bool relax(label *out, uint32_t tail, uint32_t head, label by) {
    if (out[tail].perceived_ds == UINT64_MAX) {
        return false;
    }
    label beyond = {out[tail].perceived_ds + by.perceived_ds, out[tail].time_ds + by.time_ds};
    bool better = beyond.perceived_ds < out[head].perceived_ds ||
                  (beyond.perceived_ds == out[head].perceived_ds && beyond.time_ds < out[head].time_ds);
    if (better) {
        out[head] = beyond;
    }
    return better;
}

static void bellman_ford(const world *w, active_mode m, uint32_t from, label out[NODES_MAX]) {
    const network *n = &w->n;
    uint8_t allow = m == ACTIVE_WALK ? ALLOW_WALK : ALLOW_CYCLE;
    for (uint32_t v = 0; v < n->node.count; v++) {
        out[v] = (label){UINT64_MAX, UINT64_MAX};
    }
    out[from] = (label){0, 0};
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t e = 0; e < n->link.count; e++) {
            if ((n->link.allowed[e] & allow) == 0) {
                continue;
            }
            changed = relax(out, n->link.from_ix[e], n->link.to_ix[e], link_label(w, m, e, false)) || changed;
            changed =
                (m == ACTIVE_WALK && relax(out, n->link.to_ix[e], n->link.from_ix[e], link_label(w, m, e, true))) ||
                changed;
        }
    }
}

// The last tree's path to v is a way along allowed links that adds up to its labels.
static void check_path(const world *w, const route_active_index *x, const route_active_query *q, active_mode m,
                       uint32_t from, uint32_t v, label expected, double distance_m) {
    const network *n = &w->n;
    uint32_t links[NODES_MAX], enter_s[NODES_MAX], leave_s[NODES_MAX];
    uint32_t count = route_active_ride(x, q, v, 30000, links, enter_s, leave_s, NODES_MAX);
    assert_int_equal(route_active_path(x, q, v, enter_s, NODES_MAX), count);  // NULL is accepted
    assert_int_equal(route_active_ride(x, q, v, 30000, links, enter_s, NULL, NODES_MAX), count);
    assert_int_not_equal(count, IX_NONE);
    uint32_t at = from;
    label sum = {0, 0};
    double length_m = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t e = links[i];
        bool along = n->link.from_ix[e] == at;
        assert_true(along || (m == ACTIVE_WALK && n->link.to_ix[e] == at));
        assert_true((n->link.allowed[e] & (m == ACTIVE_WALK ? ALLOW_WALK : ALLOW_CYCLE)) != 0);
        at = along ? n->link.to_ix[e] : n->link.from_ix[e];
        label by = link_label(w, m, e, !along);
        assert_true(!along || route_active_link_ds(x, m, e) == by.time_ds);
        assert_int_equal(enter_s[i], 30000 + sum.time_ds / 10);
        sum = (label){sum.perceived_ds + by.perceived_ds, sum.time_ds + by.time_ds};
        assert_int_equal(leave_s[i], 30000 + sum.time_ds / 10);
        length_m += (double)n->link.length_m[e];
    }
    assert_int_equal(at, v);
    assert_int_equal(sum.perceived_ds, expected.perceived_ds);
    assert_int_equal(sum.time_ds, expected.time_ds);
    assert_near(distance_m, length_m, 0.01);
}

static void check_tree(world *w, const route_active_index *x, route_active_query *q, active_mode m) {
    label expected[NODES_MAX];
    uint32_t perceived[NODES_MAX], time[NODES_MAX];
    float distance[NODES_MAX];
    uint32_t from = pick(w, w->n.node.count);
    uint32_t limit_ds = pick(w, 2) == 0 ? 0 : pick(w, 20000);
    bellman_ford(w, m, from, expected);
    route_active_tree(x, m, q, from, limit_ds, perceived, time, distance);
    for (uint32_t v = 0; v < w->n.node.count; v++) {
        bool in = expected[v].perceived_ds != UINT64_MAX && (limit_ds == 0 || expected[v].perceived_ds <= limit_ds);
        assert_int_equal(perceived[v], in ? expected[v].perceived_ds : IX_NONE);
        assert_int_equal(time[v], in ? expected[v].time_ds : IX_NONE);
        if (in) {
            check_path(w, x, q, m, from, v, expected[v], (double)distance[v]);
        } else {
            assert_true(isinf(distance[v]));
            assert_int_equal(route_active_path(x, q, v, perceived, 0), IX_NONE);
        }
    }
}

static void trees_are_least_in_perceived_time(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= WORLDS; seed++) {
        world w;
        route_active_index *x;
        route_active_query *q;
        random_world(&w, seed);
        assert_ok(route_active_build(&w.n, &w.p, &w.a, &x));
        assert_ok(route_active_query_init(x, &w.a, &q));
        for (int i = 0; i < QUESTIONS; i++) {
            check_tree(&w, x, q, (active_mode)(i % ACTIVE_MODE_COUNT));
        }
        arena_free(&w.a);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_are_least_in_perceived_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
