#include "cch_part.h"

// One question in one metric: for hierarchies with long rows, where eight metrics at once would be too much memory to
// read. Most of a long row leads to nodes that follow each other in the tree, whose labels are then neighbours.

typedef struct branch {     // one direction of a question
    const int32_t *weight;  // [edge]
    int32_t *cost;          // [place]
    int32_t *edge;
} branch;

static CCH_INLINE void offer(const cch_index *x, const branch *b, int32_t base, uint32_t e, uint32_t end) {
    for (; e < end; e++) {
        uint32_t p = x->high_place[e];
        int32_t over = base + b->weight[e], before = b->cost[p];
        b->edge[p] = over < before ? (int32_t)e : b->edge[p];
        b->cost[p] = over < before ? over : before;
    }
}

// The same for higher ends that follow each other.
static CCH_INLINE void offer_run(const cch_index *x, const branch *b, int32_t base, cch_row_run run) {
    uint32_t e = run.first, p = x->high_place[e];
    for (; e + CCH_LANES <= run.end; e += CCH_LANES, p += CCH_LANES) {
        const cch_eight ahead = {0, 1, 2, 3, 4, 5, 6, 7};
        cch_eight_anywhere *cost = (cch_eight_anywhere *)(b->cost + p), *edge = (cch_eight_anywhere *)(b->edge + p);
        cch_eight over = base + *(const cch_eight_anywhere *)(b->weight + e);
        cch_eight before = *cost, old = *edge;
        cch_eight better = over < before;
        *edge = CCH_PICK(better, (int32_t)e + ahead, old);
        *cost = CCH_PICK(better, over, before);
    }
    offer(x, b, base, e, run.end);
}

// Offers the nodes above v what v's label and the edges up to them cost. Equal costs keep the lower edge.
static CCH_INLINE void offer_up(const cch_index *x, const branch *b, uint32_t v) {
    int32_t base = b->cost[x->place[v]];
    uint32_t e = x->up_first[v];
    for (uint32_t r = x->run_first[v]; r < x->run_first[v + 1]; r++) {
        offer(x, b, base, e, x->run[r].first);
        offer_run(x, b, base, x->run[r]);
        e = x->run[r].end;
    }
    offer(x, b, base, e, x->up_first[v + 1]);
}

static CCH_INLINE void clear(const cch_index *x, const branch *b, uint32_t v) {
    for (uint32_t p = x->place[v]; p <= x->height; p++) {
        b->cost[p] = CCH_COST_NONE;
    }
    b->cost[x->place[v]] = 0;
}

// Least cost from a place up: nothing that goes on over these nodes costs less than this beyond them.
static CCH_INLINE int32_t least_from(const cch_index *x, const branch *b, uint32_t place) {
    int32_t least = CCH_COST_NONE;
    for (uint32_t p = place; p <= x->height; p++) {
        least = b->cost[p] < least ? b->cost[p] : least;
    }
    return least;
}

// The lowest node that is above both, IX_NONE if there is none.
static uint32_t common_node(const cch_index *x, uint32_t f, uint32_t b) {
    while (f != b) {
        if (f < b) {
            f = x->parent[f];
        } else {
            b = x->parent[b];
        }
    }
    return f;
}

static CCH_INLINE int32_t climb(const cch_index *x, const int32_t *const weight[2], cch_climb *c, int32_t best) {
    const branch to = {weight[0], c->cost[0], c->edge[0]}, back = {weight[1], c->cost[1], c->edge[1]};
    uint32_t top = common_node(x, c->from, c->to);
    c->meet = IX_NONE;
    if (top == IX_NONE) {
        return best;
    }
    clear(x, &to, c->from);
    clear(x, &back, c->to);
    for (uint32_t v = c->to; v != top; v = x->parent[v]) {
        if (back.cost[x->place[v]] < best) {
            offer_up(x, &back, v);
        }
    }
    // What goes up from here comes down again over a common node: no cheaper than the cheapest of them.
    int32_t beyond = least_from(x, &back, x->place[top]);
    for (uint32_t v = c->from; v != top; v = x->parent[v]) {
        if (to.cost[x->place[v]] + beyond < best) {
            offer_up(x, &to, v);
        }
    }
    int32_t before = least_from(x, &to, x->place[top]);
    for (uint32_t v = top; v != IX_NONE; v = x->parent[v]) {
        int32_t here = to.cost[x->place[v]], there = back.cost[x->place[v]];
        if (here + there < best) {
            best = here + there;
            c->meet = v;
        }
        if (here + beyond < best) {
            offer_up(x, &to, v);
        }
        if (there + before < best) {
            offer_up(x, &back, v);
        }
    }
    return best;
}

#if defined(CCH_WIDE)
CCH_WIDE static int32_t climb_wide(const cch_index *x, const int32_t *const weight[2], cch_climb *c, int32_t bound) {
    return climb(x, weight, c, bound);
}
#endif

int32_t cch_climb_run(const cch_index *x, const int32_t *const weight[2], cch_climb *c, int32_t bound) {
#if defined(CCH_WIDE)
    if (__builtin_cpu_supports("avx2")) {
        return climb_wide(x, weight, c, bound);
    }
#endif
    return climb(x, weight, c, bound);
}
