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
    uint32_t *edges;    // of a way: two lists, the first with room for the branches
    uint32_t from, to;  // ranks of the last tree or aim, whose labels are still set; IX_NONE = none
    cch_climb climb;    // the last question in one lane
    cch_sweep sweep;    // the last question in all lanes
};

enum { UNPACK_ROOM = 1024 };

static const uint64_t no_label = (uint64_t)CCH_COST_NONE << 32;

err_code cch_query_init(const cch_index *x, arena *a, cch_query **out) {
    cch_query *q;
    ARENA_NEW(a, q, 1);
    ARENA_NEW(a, q->forward, x->node_count);
    ARENA_NEW(a, q->backward, x->node_count);
    ARENA_NEW(a, q->tree, x->node_count);
    ARENA_NEW(a, q->aimed, x->node_count);
    for (int k = 0; k < 2; k++) {
        ARENA_NEW(a, q->climb.cost[k], (size_t)x->height + 1);
        ARENA_NEW(a, q->climb.edge[k], (size_t)x->height + 1);
    }
    q->climb.meet = IX_NONE;
    ARENA_NEW(a, q->sweep.forward, (size_t)x->height + 1);
    ARENA_NEW(a, q->sweep.backward, (size_t)x->height + 1);
    ARENA_NEW(a, q->edges, 2 * (size_t)x->height + 2 * UNPACK_ROOM + 2);
    // Unpacking goes down a node with each step and leaves one edge waiting.
    ARENA_NEW(a, q->stack, (size_t)x->node_count + 2);
    for (uint32_t v = 0; v < x->node_count; v++) {
        q->forward[v] = no_label;
        q->backward[v] = no_label;
    }
    q->from = q->to = IX_NONE;
    *out = q;
    return ERR_OK;
}

typedef struct lane_costs {  // of one metric, however it is held
    const uint32_t *up;
    const uint32_t *down;
    size_t step;  // from edge to edge
} lane_costs;

static lane_costs costs_of(const cch_index *x, const cch_metrics *m, uint32_t lane) {
    if (m->edge == NULL) {
        size_t first = (size_t)lane * x->edge_count;
        return (lane_costs){m->up + first, m->down + first, 1};
    }
    const uint32_t *costs = (const uint32_t *)m->edge;
    return (lane_costs){costs + lane, costs + CCH_LANES + lane, 2 * (size_t)CCH_LANES};
}

static void clear_labels(const cch_index *x, cch_query *q) {
    for (uint32_t v = q->from; v != IX_NONE; v = x->parent[v]) {
        q->forward[v] = no_label;
    }
    for (uint32_t v = q->to; v != IX_NONE; v = x->parent[v]) {
        q->backward[v] = no_label;
    }
}

static inline void relax_up(const cch_index *x, const uint32_t *weight, size_t step, uint32_t v, uint64_t *label) {
    uint64_t base = label[v] & ~(uint64_t)UINT32_MAX;
    uint32_t last = x->up_first[v + 1];
    for (uint32_t e = x->up_first[v]; e < last; e++) {
        uint64_t over = (base + ((uint64_t)weight[e * step] << 32)) | e;
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

void cch_run_lanes(const cch_index *x, const cch_metrics *m, cch_query *q, uint32_t from_ix, uint32_t to_ix,
                   uint32_t cost[CCH_LANES]) {
    ASSERT(from_ix < x->node_count && to_ix < x->node_count && m->edge != NULL);
    q->sweep.from = x->rank[from_ix];
    q->sweep.to = x->rank[to_ix];
    cch_sweep_run(x, m->edge, &q->sweep);
    for (int l = 0; l < CCH_LANES; l++) {
        cost[l] = q->sweep.meet[l] < 0 ? CCH_CLOSED : (uint32_t)q->sweep.cost[l];
    }
}

uint32_t cch_run_below(const cch_index *x, const cch_metrics *m, uint32_t lane, cch_query *q, uint32_t from_ix,
                       uint32_t to_ix, uint32_t bound) {
    ASSERT(from_ix < x->node_count && to_ix < x->node_count && lane < CCH_LANES);
    if (m->edge != NULL) {
        uint32_t cost[CCH_LANES];
        cch_run_lanes(x, m, q, from_ix, to_ix, cost);
        q->sweep.meet[lane] = cost[lane] < bound ? q->sweep.meet[lane] : -1;
        return cost[lane] < bound ? cost[lane] : CCH_CLOSED;
    }
    size_t first = (size_t)lane * x->edge_count;
    const int32_t *const weight[2] = {(const int32_t *)m->up + first, (const int32_t *)m->down + first};
    q->climb.from = x->rank[from_ix];
    q->climb.to = x->rank[to_ix];
    int32_t least = bound < (uint32_t)CCH_COST_NONE ? (int32_t)bound : CCH_COST_NONE;
    least = cch_climb_run(x, weight, &q->climb, least);
    return q->climb.meet == IX_NONE ? CCH_CLOSED : (uint32_t)least;
}

typedef struct way {  // being written
    const cch_index *x;
    const int32_t *via;  // of the lane; [CCH_LANES * (2 * edge + direction)]
    uint32_t *stack;
    uint32_t *arcs;
    uint32_t capacity;
    uint32_t count;
} way;

// The edge from the lower end of edge i to a higher end beyond that of i.
static inline uint32_t edge_beyond(const cch_index *x, uint32_t i, uint32_t high) {
    do {
        i++;
    } while (x->high[i] != high);
    return i;
}

static inline const int32_t *via_of(const way *w, uint32_t directed) {
    return w->via + (size_t)CCH_LANES * directed;
}

static inline void write_arc(way *w, int32_t via) {
    if (w->count < w->capacity) {
        w->arcs[w->count] = (uint32_t)(via - CCH_VIA_ARC);
    }
    w->count++;
}

typedef struct halves {  // of an edge's way over a lower node, in the order of travel
    uint32_t first, second;
} halves;

static inline halves split(const way *w, uint32_t directed, int32_t via) {
    uint32_t low = (uint32_t)via, high = edge_beyond(w->x, low, w->x->high[directed / 2]);
    bool upward = directed % 2 == 0;
    return (halves){upward ? 2 * low + 1 : 2 * high + 1, upward ? 2 * high : 2 * low};
}

// Writes out the way of an edge (2 * edge + direction).
static void unpack(way *w, uint32_t directed) {
    uint32_t waiting = 0;
    w->stack[waiting++] = directed;
    while (waiting > 0) {
        uint32_t now = w->stack[--waiting];
        int32_t via = *via_of(w, now);
        while (via >= 0) {  // the first half is gone on with, the second waits
            halves h = split(w, now, via);
            __builtin_prefetch(via_of(w, h.second));
            w->stack[waiting++] = h.second;
            now = h.first;
            via = *via_of(w, now);
        }
        write_arc(w, via);
    }
}

// The same for several edges, level by level: each step waits for memory, but not for the other edges' steps. Arcs
// are kept as what they are in `via`. What does not fit is unpacked one by one.
static void unpack_all(way *w, uint32_t *edges, uint32_t count) {
    uint32_t *now = edges, *next = edges + UNPACK_ROOM;  // a longer list of edges is not unpacked in levels
    bool open = true;
    while (open && 2 * count <= UNPACK_ROOM) {
        uint32_t n = 0;
        open = false;
        for (uint32_t i = 0; i < count; i++) {
            int32_t via = (int32_t)now[i] < 0 ? (int32_t)now[i] : *via_of(w, now[i]);
            if (via < 0) {
                next[n++] = (uint32_t)via;
                continue;
            }
            halves h = split(w, now[i], via);
            __builtin_prefetch(via_of(w, h.first));
            __builtin_prefetch(via_of(w, h.second));
            next[n++] = h.first;
            next[n++] = h.second;
            open = true;
        }
        uint32_t *spare = now;
        now = next;
        next = spare;
        count = n;
    }
    for (uint32_t i = 0; i < count; i++) {
        if ((int32_t)now[i] < 0) {
            write_arc(w, (int32_t)now[i]);
        } else {
            unpack(w, now[i]);
        }
    }
}

typedef struct branches {  // of the last question in a lane
    const cch_query *q;
    uint32_t lane;
    bool side_by_side;
    uint32_t from, to, meet;
} branches;

static branches branches_of(const cch_metrics *m, const cch_query *q, uint32_t lane) {
    if (m->edge == NULL) {
        return (branches){q, lane, false, q->climb.from, q->climb.to, q->climb.meet};
    }
    const cch_sweep *s = &q->sweep;
    return (branches){q, lane, true, s->from, s->to, s->meet[lane] < 0 ? IX_NONE : (uint32_t)s->meet[lane]};
}

// The edge that brought node v its label.
static inline uint32_t edge_to(const cch_index *x, const branches *b, uint32_t v, bool forward) {
    if (b->side_by_side) {
        const cch_label *label = forward ? b->q->sweep.forward : b->q->sweep.backward;
        return (uint32_t)label[x->place[v]].from[b->lane];
    }
    return (uint32_t)b->q->climb.edge[forward ? 0 : 1][x->place[v]];
}

err_code cch_path(const cch_index *x, const cch_metrics *m, uint32_t lane, cch_query *q, uint32_t *arcs,
                  uint32_t capacity, uint32_t *count) {
    branches b = branches_of(m, q, lane);
    *count = 0;
    if (b.meet == IX_NONE) {
        return ERR_OK;
    }
    ASSERT(m->via != NULL);
    way w = {.x = x, .via = (const int32_t *)m->via + lane, .stack = q->stack, .arcs = arcs, .capacity = capacity};
    uint32_t *edges = q->edges, n = 0;
    for (uint32_t v = b.meet; v != b.from; v = x->low[edges[n - 1] / 2]) {
        edges[n] = 2 * edge_to(x, &b, v, true);
        __builtin_prefetch(via_of(&w, edges[n]));
        n++;
    }
    for (uint32_t k = 0; k < n / 2; k++) {  // the forward half is found from its end
        uint32_t e = edges[k];
        edges[k] = edges[n - 1 - k];
        edges[n - 1 - k] = e;
    }
    for (uint32_t v = b.meet; v != b.to; v = x->low[edges[n - 1] / 2]) {
        edges[n] = 2 * edge_to(x, &b, v, false) + 1;
        __builtin_prefetch(via_of(&w, edges[n]));
        n++;
    }
    unpack_all(&w, edges, n);
    *count = w.count;
    CHECK(w.count <= capacity, ERR_RANGE, "a route has %u links but there is room for %u: give room for more links",
          (unsigned)w.count, (unsigned)capacity);
    return ERR_OK;
}

void cch_aim(const cch_index *x, const cch_metrics *m, uint32_t lane, cch_query *q, uint32_t to_ix) {
    ASSERT(to_ix < x->node_count && lane < CCH_LANES);
    lane_costs w = costs_of(x, m, lane);
    clear_labels(x, q);
    q->from = IX_NONE;
    q->to = x->rank[to_ix];
    q->backward[q->to] = 0;
    for (uint32_t v = q->to; v != IX_NONE; v = x->parent[v]) {
        if (q->backward[v] < no_label) {
            relax_up(x, w.down, w.step, v, q->backward);
        }
    }
    q->stamp++;
    if (q->stamp == 0) {  // gone round: old costs would look new
        memset(q->aimed, 0, x->node_count * sizeof *q->aimed);
        q->stamp = 1;
    }
}

// Either down to the aim at once, or first up an edge. All higher ends of a node are above it in its elimination tree.
static inline uint32_t aimed_cost(const cch_index *x, const lane_costs *w, const cch_query *q, uint32_t v) {
    uint32_t least = cost_of(q->backward[v]);
    least = least < (uint32_t)CCH_COST_NONE ? least : (uint32_t)CCH_COST_NONE;
    for (uint32_t e = x->up_first[v]; e < x->up_first[v + 1]; e++) {
        uint32_t over = w->up[e * w->step] + (uint32_t)q->aimed[x->high[e]];
        least = over < least ? over : least;
    }
    return least;
}

uint32_t cch_cost_to(const cch_index *x, const cch_metrics *m, uint32_t lane, cch_query *q, uint32_t from_ix) {
    lane_costs w = costs_of(x, m, lane);
    uint32_t waiting = 0;
    uint32_t first = x->rank[from_ix];
    for (uint32_t v = first; v != IX_NONE && q->aimed[v] >> 32 != q->stamp; v = x->parent[v]) {
        q->stack[waiting++] = v;
    }
    while (waiting > 0) {
        uint32_t v = q->stack[--waiting];
        q->aimed[v] = (uint64_t)q->stamp << 32 | aimed_cost(x, &w, q, v);
    }
    return (uint32_t)q->aimed[first];
}

void cch_tree(const cch_index *x, const cch_metrics *m, uint32_t lane, cch_query *q, uint32_t from_ix, uint32_t *cost) {
    ASSERT(from_ix < x->node_count && lane < CCH_LANES);
    lane_costs w = costs_of(x, m, lane);
    clear_labels(x, q);
    q->from = x->rank[from_ix];
    q->to = IX_NONE;
    q->forward[q->from] = 0;
    for (uint32_t v = q->from; v != IX_NONE; v = x->parent[v]) {
        if (q->forward[v] < no_label) {
            relax_up(x, w.up, w.step, v, q->forward);
        }
    }
    for (uint32_t v = x->node_count; v-- > 0;) {
        uint32_t least = cost_of(q->forward[v]);
        least = least < (uint32_t)CCH_COST_NONE ? least : (uint32_t)CCH_COST_NONE;
        for (uint32_t e = x->up_first[v]; e < x->up_first[v + 1]; e++) {
            uint32_t over = q->tree[x->high[e]] + w.down[e * w.step];
            least = over < least ? over : least;
        }
        q->tree[v] = least;
        cost[x->order[v]] = least < (uint32_t)CCH_COST_NONE ? least : CCH_CLOSED;
    }
}
