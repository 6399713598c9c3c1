#include "loop/assign.h"

#include <math.h>
#include <string.h>

#include "assign_part.h"
#include "base/log.h"
#include "base/par.h"

enum {
    ORIGIN_BLOCK = 64,    // trees found in parallel before their paths are stored in order
    BALANCE_PASSES = 20,  // at most, between two searches for paths
    CHECK_PASSES_MIN = 2
};

// Balance the paths known until what could be gained among them is this share of the whole gap: the rest needs new
// paths.
static const double balance_share = 0.02;
// A path counts as new only when it is cheaper by more than rounding.
static const double new_path_share = 1e-13;

typedef struct assign {
    const network *n;
    const volume_delay *delay;
    const od_matrix *od;
    assign_graph graph;
    assign_tree *tree;  // [ORIGIN_BLOCK]
    assign_pair *pair;
    uint32_t pair_count;
    uint32_t *pair_of_zone;  // [zone + 1] first pair of an origin
    uint32_t *path;          // [node] links of one path
    assign_paths now, next;
    assign_state state;
    double least_cost;  // demand x cheapest cost
} assign;

// Pairs of different zones, in the order of the matrix.
static err_code list_pairs(assign *s, arena *a) {
    const od_matrix *od = s->od;
    ARENA_NEW(a, s->pair, od->first[od->zone_count]);
    ARENA_NEW(a, s->pair_of_zone, (size_t)od->zone_count + 1);
    for (uint32_t o = 0; o < od->zone_count; o++) {
        s->pair_of_zone[o] = s->pair_count;
        for (uint32_t i = od->first[o]; i < od->first[o + 1]; i++) {
            uint32_t d = od->to_zone_ix[i];
            if (d != o && od->zone_node_ix[o] != od->zone_node_ix[d]) {
                s->pair[s->pair_count++] = (assign_pair){.cell = i,
                                                         .from_node_ix = od->zone_node_ix[o],
                                                         .to_node_ix = od->zone_node_ix[d],
                                                         .volume = od->volume[i]};
            }
        }
    }
    s->pair_of_zone[od->zone_count] = s->pair_count;
    return ERR_OK;
}

static err_code prepare(assign *s, arena *a) {
    uint32_t links = s->n->link.count;
    TRY(volume_delay_validate(s->delay, s->n));
    TRY(assign_graph_build(s->n, s->od, a, &s->graph));
    TRY(list_pairs(s, a));
    ARENA_NEW(a, s->tree, ORIGIN_BLOCK);
    for (uint32_t i = 0; i < ORIGIN_BLOCK; i++) {
        TRY(assign_tree_alloc(&s->graph, a, &s->tree[i]));
    }
    ARENA_NEW(a, s->path, s->n->node.count);
    s->state.delay = s->delay;
    ARENA_NEW(a, s->state.flow, links);
    ARENA_NEW(a, s->state.cost, links);
    ARENA_NEW(a, s->state.slope, links);
    ARENA_NEW(a, s->state.mark[0], links);
    ARENA_NEW(a, s->state.mark[1], links);
    return ERR_OK;
}

// Keeps the pair's used paths and adds the cheapest where it is new. A pair without a path gets all its flow on it.
static err_code renew_pair(assign *s, uint32_t i, const assign_tree *t) {
    const assign_paths *now = &s->now;
    const assign_pair *pair = &s->pair[i];
    double least = t->cost[pair->to_node_ix], known = HUGE_VAL;
    TRY(assign_paths_next_pair(&s->next, s->pair_count));
    if (isinf(least)) {
        return ERR_OK;
    }
    s->least_cost += pair->volume * least;
    for (uint32_t p = now->pair_count == 0 ? 0 : now->pair_first[i]; now->pair_count > 0 && p < now->pair_first[i + 1];
         p++) {
        if (now->flow[p] > 0) {
            double cost = assign_path_cost(&s->state, now, p);
            known = cost < known ? cost : known;
            uint32_t first = now->link_first[p];
            TRY(assign_paths_add(&s->next, now->link + first, now->link_first[p + 1] - first, now->flow[p]));
        }
    }
    if (!(least < known * (1 - new_path_share))) {
        return ERR_OK;
    }
    uint32_t count = assign_tree_path(&s->graph, t, pair->to_node_ix, s->path);
    return assign_paths_add(&s->next, s->path, count, isinf(known) ? pair->volume : 0);
}

// Cheapest trees of all origins at the present costs, and the paths they offer.
static err_code search(assign *s) {
    s->least_cost = 0;
    assign_paths_clear(&s->next);
    for (uint32_t block = 0; block < s->od->zone_count; block += ORIGIN_BLOCK) {
        uint32_t end = block + ORIGIN_BLOCK < s->od->zone_count ? block + ORIGIN_BLOCK : s->od->zone_count;
#pragma omp parallel for schedule(runtime)
        for (uint32_t o = block; o < end; o++) {
            if (s->pair_of_zone[o] < s->pair_of_zone[o + 1]) {
                assign_tree_run(&s->graph, s->state.cost, s->od->zone_node_ix[o], &s->tree[o - block]);
            }
        }
        for (uint32_t o = block; o < end; o++) {
            for (uint32_t i = s->pair_of_zone[o]; i < s->pair_of_zone[o + 1]; i++) {
                TRY(renew_pair(s, i, &s->tree[o - block]));
            }
        }
    }
    assign_paths old = s->now;
    s->now = s->next;
    s->next = old;
    return ERR_OK;
}

static double total_cost(const assign_state *s) {
    double sum = 0;
    for (uint32_t e = 0; e < s->delay->count; e++) {
        sum += s->flow[e] * s->cost[e];
    }
    return sum;
}

static void balance(assign *s, double gap, double paid) {
    for (uint32_t pass = 0; pass < BALANCE_PASSES; pass++) {
        double excess = assign_balance(&s->state, &s->now);
        if (pass + 1 >= CHECK_PASSES_MIN && excess <= balance_share * gap * paid) {
            return;
        }
    }
}

static err_code iterate(assign *s, const assign_params *p, assign_result *r) {
    assign_state_load(&s->state, &s->now);  // no paths: free flow
    TRY(search(s));
    r->free_cost_min = s->least_cost;
    for (r->iterations = 1;; r->iterations++) {
        assign_state_load(&s->state, &s->now);
        double paid = total_cost(&s->state);
        TRY(search(s));  // adds paths without flow: the gap is that of the flows loaded
        r->gap = paid > 0 && s->least_cost < paid ? 1 - s->least_cost / paid : 0;
        log_progress("assignment", r->iterations, p->iterations_max);
        r->converged = r->gap <= p->gap;
        if (r->converged || r->iterations >= p->iterations_max) {
            return ERR_OK;
        }
        TRY(log_check_interrupt());
        balance(s, r->gap, paid);
    }
}

static void summarise(const assign *s, assign_result *r) {
    const assign_state *t = &s->state;
    for (uint32_t e = 0; e < s->delay->count; e++) {
        r->time_min[e] = volume_delay_time(s->delay, e, t->flow[e]);
        r->flow[e] = t->flow[e];
        r->objective += volume_delay_integral(s->delay, e, t->flow[e]) + s->delay->fixed_min[e] * t->flow[e];
        r->total_time_min += t->flow[e] * r->time_min[e];
        r->total_cost_min += t->flow[e] * t->cost[e];
    }
    for (uint32_t i = 0; i < s->pair_count; i++) {
        r->unreachable += s->now.pair_first[i] == s->now.pair_first[i + 1] ? s->pair[i].volume : 0;
    }
    for (uint32_t i = 0; i < s->now.path_count; i++) {
        r->path_count += s->now.flow[i] > 0;
    }
}

err_code assign_run(const network *n, const volume_delay *delay, const od_matrix *od, const assign_params *p, arena *a,
                    assign_result *out) {
    assign s = {.n = n, .delay = delay, .od = od};
    *out = (assign_result){.demand = od_matrix_total(od)};
    ARENA_NEW(a, out->flow, n->link.count);
    ARENA_NEW(a, out->time_min, n->link.count);
    TRY(prepare(&s, a));
    CHECK(s.pair_count > 0, ERR_INFEASIBLE, "no trips between different zones; there is nothing to assign");
    out->intrazonal = od_matrix_intrazonal(od);
    err_code code = iterate(&s, p, out);
    if (code == ERR_OK) {
        summarise(&s, out);
    }
    assign_paths_free(&s.now);
    assign_paths_free(&s.next);
    return code;
}
