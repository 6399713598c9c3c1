#include <string.h>

#include "cch_part.h"

// Labels are cost << 32 | edge that reached the node, so that the least label is the least cost, ties by edge.
struct cch_query {
    uint64_t *forward;   // [rank]
    uint64_t *backward;  // [rank]
    uint32_t *tree;      // [rank], of cch_tree
    uint64_t *aimed;     // [rank] of cch_cost_to: stamp << 32 | cost
    uint32_t stamp;
    uint32_t *stack;    // of unpacking: 2 * edge + direction
    uint32_t from, to;  // ranks of the last question, whose labels are still set; IX_NONE = none
    uint32_t meet;      // where its way is highest; IX_NONE = no way
};

static const uint64_t no_label = (uint64_t)CCH_COST_NONE << 32;

err_code cch_query_init(const cch_index *x, arena *a, cch_query **out) {
    cch_query *q;
    ARENA_NEW(a, q, 1);
    ARENA_NEW(a, q->forward, x->node_count);
    ARENA_NEW(a, q->backward, x->node_count);
    ARENA_NEW(a, q->tree, x->node_count);
    ARENA_NEW(a, q->aimed, x->node_count);
    // Unpacking goes down a node with each step and leaves one edge waiting.
    ARENA_NEW(a, q->stack, (size_t)x->node_count + 2);
    for (uint32_t v = 0; v < x->node_count; v++) {
        q->forward[v] = no_label;
        q->backward[v] = no_label;
    }
    q->from = q->to = q->meet = IX_NONE;
    *out = q;
    return ERR_OK;
}

static void clear_labels(const cch_index *x, cch_query *q) {
    for (uint32_t v = q->from; v != IX_NONE; v = x->parent[v]) {
        q->forward[v] = no_label;
    }
    for (uint32_t v = q->to; v != IX_NONE; v = x->parent[v]) {
        q->backward[v] = no_label;
    }
}

static inline void relax_up(const cch_index *x, const uint32_t *weight, uint32_t v, uint64_t *label) {
    uint64_t base = label[v] & ~(uint64_t)UINT32_MAX;
    uint32_t last = x->up_first[v + 1];
    for (uint32_t e = x->up_first[v]; e < last; e++) {
        uint64_t over = (base + ((uint64_t)weight[e] << 32)) | e;
        uint64_t *own = &label[x->high[e]];
        *own = over < *own ? over : *own;
    }
}

static inline uint32_t cost_of(uint64_t label) {
    return (uint32_t)(label >> 32);
}

uint32_t cch_run(const cch_index *x, const cch_metrics *m, uint32_t lane, cch_query *q, uint32_t from_ix,
                 uint32_t to_ix) {
    return cch_run_below(x, m, lane, q, from_ix, to_ix, CCH_COST_NONE);
}

uint32_t cch_run_below(const cch_index *x, const cch_metrics *m, uint32_t lane, cch_query *q, uint32_t from_ix,
                       uint32_t to_ix, uint32_t bound) {
    ASSERT(from_ix < x->node_count && to_ix < x->node_count && lane < CCH_LANES);
    const uint32_t *up = m->up + (size_t)lane * x->edge_count;
    const uint32_t *down = m->down + (size_t)lane * x->edge_count;
    clear_labels(x, q);
    uint32_t f = q->from = x->rank[from_ix];
    uint32_t b = q->to = x->rank[to_ix];
    uint32_t best = bound < (uint32_t)CCH_COST_NONE ? bound : (uint32_t)CCH_COST_NONE;
    q->forward[f] = 0;
    q->backward[b] = 0;
    // Up both branches, always the lower one, until they are one; IX_NONE beyond a root is higher than any rank.
    while (f != b) {
        if (f < b) {
            if (cost_of(q->forward[f]) < best) {
                relax_up(x, up, f, q->forward);
            }
            f = x->parent[f];
        } else {
            if (cost_of(q->backward[b]) < best) {
                relax_up(x, down, b, q->backward);
            }
            b = x->parent[b];
        }
    }
    q->meet = IX_NONE;
    for (; f != IX_NONE; f = x->parent[f]) {
        uint32_t here = cost_of(q->forward[f]);
        uint32_t there = cost_of(q->backward[f]);
        if (here + there < best) {
            best = here + there;
            q->meet = f;
        }
        if (here < best) {
            relax_up(x, up, f, q->forward);
        }
        if (there < best) {
            relax_up(x, down, f, q->backward);
        }
    }
    return q->meet == IX_NONE ? CCH_CLOSED : best;
}

typedef struct way {  // being written
    const cch_index *x;
    const uint32_t *up;
    const uint32_t *down;
    const uint32_t *arc_cost;  // of the lane
    uint32_t *arcs;
    uint32_t capacity;
    uint32_t count;
} way;

// The arc of the graph that an edge stands for in this metric; IX_NONE when it is a way over lower nodes.
static inline uint32_t own_arc(const way *w, const cch_edge *edge, uint32_t direction, uint32_t cost) {
    for (uint32_t i = edge->arc[direction]; i < edge->arc[direction + 1]; i++) {
        if (w->arc_cost[i] == cost) {
            return w->x->arc[i];
        }
    }
    return IX_NONE;
}

// Finds the lower triangle that gives an edge its cost: the two edges in the order of travel (directed).
static inline void split(const way *w, const cch_edge *edge, uint32_t direction, uint32_t cost, uint32_t *first,
                         uint32_t *second) {
    const cch_index *x = w->x;
    bool upward = direction == 0;
    const uint32_t *of_low = upward ? w->down : w->up;
    const uint32_t *of_high = upward ? w->up : w->down;
    *first = *second = IX_NONE;
    // Nodes below both ends, the highest first: the middle of a long way is high up.
    const cch_down *i = x->down + edge->low_down, *k = x->down + edge->place;
    const cch_down *low_first = x->down + x->down_first[edge->low], *high_first = x->down + x->down_first[edge->high];
    while (i > low_first && k > high_first) {
        uint32_t below_low = i[-1].low, below_high = k[-1].low;
        if (below_low == below_high && of_low[i[-1].edge] + of_high[k[-1].edge] == cost) {
            *first = upward ? 2 * i[-1].edge + 1 : 2 * k[-1].edge + 1;
            *second = upward ? 2 * k[-1].edge : 2 * i[-1].edge;
            return;
        }
        i -= below_low >= below_high ? 1 : 0;
        k -= below_high >= below_low ? 1 : 0;
    }
    ASSERT(*first != IX_NONE);
}

static void unpack(way *w, cch_query *q, uint32_t directed) {
    uint32_t waiting = 0;
    q->stack[waiting++] = directed;
    while (waiting > 0) {
        uint32_t now = q->stack[--waiting];
        uint32_t cost = now % 2 == 0 ? w->up[now / 2] : w->down[now / 2];
        const cch_edge *edge = &w->x->edge[now / 2];
        uint32_t arc = own_arc(w, edge, now % 2, cost);
        if (arc != IX_NONE) {
            if (w->count < w->capacity) {
                w->arcs[w->count] = arc;
            }
            w->count++;
            continue;
        }
        uint32_t first;
        uint32_t second;
        split(w, edge, now % 2, cost, &first, &second);
        q->stack[waiting++] = second;
        q->stack[waiting++] = first;
    }
}

err_code cch_path(const cch_index *x, const cch_metrics *m, uint32_t lane, cch_query *q, uint32_t *arcs,
                  uint32_t capacity, uint32_t *count) {
    way w = {.x = x,
             .up = m->up + (size_t)lane * x->edge_count,
             .down = m->down + (size_t)lane * x->edge_count,
             .arc_cost = m->arc_cost + (size_t)lane * x->arc_count,
             .arcs = arcs,
             .capacity = capacity};
    *count = 0;
    if (q->meet == IX_NONE) {
        return ERR_OK;
    }
    // The forward half is found from its end: its edges wait in the tree's room, which has one place a node.
    uint32_t *edges = q->tree;
    uint32_t n = 0;
    for (uint32_t v = q->meet; v != q->from; v = x->edge[edges[n - 1]].low) {
        edges[n++] = (uint32_t)q->forward[v];
    }
    while (n > 0) {
        unpack(&w, q, 2 * edges[--n]);
    }
    for (uint32_t v = q->meet; v != q->to; v = x->edge[(uint32_t)q->backward[v]].low) {
        unpack(&w, q, 2 * (uint32_t)q->backward[v] + 1);
    }
    *count = w.count;
    CHECK(w.count <= capacity, ERR_RANGE, "a route has %u links but there is room for %u: give room for more links",
          (unsigned)w.count, (unsigned)capacity);
    return ERR_OK;
}

void cch_aim(const cch_index *x, const cch_metrics *m, uint32_t lane, cch_query *q, uint32_t to_ix) {
    ASSERT(to_ix < x->node_count && lane < CCH_LANES);
    const uint32_t *down = m->down + (size_t)lane * x->edge_count;
    clear_labels(x, q);
    q->from = q->meet = IX_NONE;
    q->to = x->rank[to_ix];
    q->backward[q->to] = 0;
    for (uint32_t v = q->to; v != IX_NONE; v = x->parent[v]) {
        if (q->backward[v] < no_label) {
            relax_up(x, down, v, q->backward);
        }
    }
    q->stamp++;
    if (q->stamp == 0) {  // gone round: old costs would look new
        memset(q->aimed, 0, x->node_count * sizeof *q->aimed);
        q->stamp = 1;
    }
}

// Either down to the aim at once, or first up an edge. All higher ends of a node are above it in its elimination tree.
static uint32_t aimed_cost(const cch_index *x, const uint32_t *up, const cch_query *q, uint32_t v) {
    uint32_t least = cost_of(q->backward[v]);
    least = least < (uint32_t)CCH_COST_NONE ? least : (uint32_t)CCH_COST_NONE;
    for (uint32_t e = x->up_first[v]; e < x->up_first[v + 1]; e++) {
        uint32_t over = up[e] + (uint32_t)q->aimed[x->high[e]];
        least = over < least ? over : least;
    }
    return least;
}

uint32_t cch_cost_to(const cch_index *x, const cch_metrics *m, uint32_t lane, cch_query *q, uint32_t from_ix) {
    const uint32_t *up = m->up + (size_t)lane * x->edge_count;
    uint32_t waiting = 0;
    uint32_t first = x->rank[from_ix];
    for (uint32_t v = first; v != IX_NONE && q->aimed[v] >> 32 != q->stamp; v = x->parent[v]) {
        q->stack[waiting++] = v;
    }
    while (waiting > 0) {
        uint32_t v = q->stack[--waiting];
        q->aimed[v] = (uint64_t)q->stamp << 32 | aimed_cost(x, up, q, v);
    }
    return (uint32_t)q->aimed[first];
}

void cch_tree(const cch_index *x, const cch_metrics *m, uint32_t lane, cch_query *q, uint32_t from_ix, uint32_t *cost) {
    ASSERT(from_ix < x->node_count && lane < CCH_LANES);
    const uint32_t *up = m->up + (size_t)lane * x->edge_count;
    const uint32_t *down = m->down + (size_t)lane * x->edge_count;
    clear_labels(x, q);
    q->from = x->rank[from_ix];
    q->to = q->meet = IX_NONE;
    q->forward[q->from] = 0;
    for (uint32_t v = q->from; v != IX_NONE; v = x->parent[v]) {
        if (q->forward[v] < no_label) {
            relax_up(x, up, v, q->forward);
        }
    }
    for (uint32_t v = x->node_count; v-- > 0;) {
        uint32_t least = cost_of(q->forward[v]);
        least = least < (uint32_t)CCH_COST_NONE ? least : (uint32_t)CCH_COST_NONE;
        for (uint32_t e = x->up_first[v]; e < x->up_first[v + 1]; e++) {
            uint32_t over = q->tree[x->high[e]] + down[e];
            least = over < least ? over : least;
        }
        q->tree[v] = least;
        cost[x->order[v]] = least < (uint32_t)CCH_COST_NONE ? least : CCH_CLOSED;
    }
}
