#include "model/cch.h"

#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "cch_part.h"

// Growing list of higher ends while the graph is eliminated.
typedef struct high_list {
    uint32_t *high;
    size_t count;
    size_t capacity;
} high_list;

static err_code list_room(high_list *l, size_t more) {
    if (l->count + more <= l->capacity) {
        return ERR_OK;
    }
    size_t capacity = 2 * l->capacity + more + 1024;
    uint32_t *grown = mem_grow(l->high, l->capacity * sizeof *l->high, capacity * sizeof *l->high);
    if (grown == NULL) {
        return ERR_MEMORY;
    }
    l->high = grown;
    l->capacity = capacity;
    return ERR_OK;
}

static int compare_u32(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

typedef struct elimination {  // scratch
    uint32_t *arc_first;      // [rank + 1] arcs by their lower end
    uint32_t *arc;
    uint32_t *seen;     // [rank] last node that took this one up, + 1
    uint32_t *child;    // [rank] first child
    uint32_t *sibling;  // [rank] next child of the same parent
} elimination;

static uint32_t lower_end(const cch_index *x, const cch_graph *g, uint32_t arc) {
    uint32_t tail = x->rank[g->tail_ix[arc]];
    uint32_t head = x->rank[g->head_ix[arc]];
    return tail < head ? tail : head;
}

static uint32_t higher_end(const cch_index *x, const cch_graph *g, uint32_t arc) {
    uint32_t tail = x->rank[g->tail_ix[arc]];
    uint32_t head = x->rank[g->head_ix[arc]];
    return tail < head ? head : tail;
}

static void take_up(elimination *e, high_list *l, uint32_t v, uint32_t high) {
    if (high > v && e->seen[high] != v + 1) {
        e->seen[high] = v + 1;
        l->high[l->count++] = high;
    }
}

// Higher ends of v: those of its arcs and those of its children in the elimination tree.
static err_code eliminate_node(cch_index *x, const cch_graph *g, elimination *e, high_list *l, uint32_t v) {
    size_t room = e->arc_first[v + 1] - e->arc_first[v];
    for (uint32_t c = e->child[v]; c != IX_NONE; c = e->sibling[c]) {
        room += x->up_first[c + 1] - x->up_first[c];
    }
    TRY(list_room(l, room));
    size_t first = l->count;
    for (uint32_t i = e->arc_first[v]; i < e->arc_first[v + 1]; i++) {
        take_up(e, l, v, higher_end(x, g, e->arc[i]));
    }
    for (uint32_t c = e->child[v]; c != IX_NONE; c = e->sibling[c]) {
        for (uint32_t i = x->up_first[c]; i < x->up_first[c + 1]; i++) {
            take_up(e, l, v, l->high[i]);
        }
    }
    if (l->count > first) {
        qsort(l->high + first, l->count - first, sizeof *l->high, compare_u32);
    }
    CHECK(l->count < UINT32_MAX / 2, ERR_RANGE, "the network's hierarchy has more than two billion edges");
    x->up_first[v + 1] = (uint32_t)l->count;
    x->parent[v] = IX_NONE;
    if (l->count > first) {
        uint32_t p = l->high[first];
        x->parent[v] = p;
        e->sibling[v] = e->child[p];
        e->child[p] = v;
    }
    return ERR_OK;
}

static err_code eliminate(cch_index *x, const cch_graph *g, arena *scratch, high_list *l) {
    elimination e;
    uint32_t *key;
    ARENA_NEW(scratch, key, g->arc_count);
    ARENA_NEW(scratch, e.arc_first, (size_t)x->node_count + 1);
    ARENA_NEW(scratch, e.arc, g->arc_count);
    ARENA_NEW(scratch, e.seen, x->node_count);
    ARENA_NEW(scratch, e.child, x->node_count);
    ARENA_NEW(scratch, e.sibling, x->node_count);
    memset(e.child, 0xff, x->node_count * sizeof *e.child);
    for (uint32_t i = 0; i < g->arc_count; i++) {
        key[i] = lower_end(x, g, i);
    }
    if (x->node_count > 0) {
        TRY(par_group_u32(key, g->arc_count, x->node_count, e.arc_first, e.arc));
    }
    for (uint32_t v = 0; v < x->node_count; v++) {
        TRY(eliminate_node(x, g, &e, l, v));
    }
    return ERR_OK;
}

static uint32_t find_edge(const cch_index *x, uint32_t low, uint32_t high) {
    uint32_t from = x->up_first[low];
    uint32_t to = x->up_first[low + 1];
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (x->high[middle] < high) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

// Places arcs by (edge, direction); self-loops go to a group beyond the last, which is cut off.
static err_code place_arcs(cch_index *x, const cch_graph *g, arena *a, arena *scratch) {
    uint32_t *key;
    uint32_t *first;
    uint32_t keys = 2 * x->edge_count + 1;
    ARENA_NEW(scratch, key, g->arc_count);
    ARENA_NEW(scratch, first, (size_t)keys + 1);
    ARENA_NEW(a, x->arc, g->arc_count);
    for (uint32_t i = 0; i < g->arc_count; i++) {
        uint32_t tail = x->rank[g->tail_ix[i]];
        uint32_t head = x->rank[g->head_ix[i]];
        uint32_t edge = tail == head ? x->edge_count : find_edge(x, lower_end(x, g, i), higher_end(x, g, i));
        key[i] = 2 * edge + (tail > head ? 1U : 0U);
    }
    TRY(par_group_u32(key, g->arc_count, keys, first, x->arc));
    x->arc_first = first;
    x->arc_count = first[2 * x->edge_count];
    ARENA_NEW(a, x->arc_first, keys);
    memcpy(x->arc_first, first, keys * sizeof *first);
    return ERR_OK;
}

// Places of nodes: roots are highest.
static err_code place_nodes(cch_index *x, arena *a, arena *scratch) {
    uint32_t *above;
    ARENA_NEW(a, x->place, x->node_count);
    ARENA_NEW(scratch, above, x->node_count);
    for (uint32_t v = x->node_count; v-- > 0;) {
        above[v] = x->parent[v] == IX_NONE ? 0 : above[x->parent[v]] + 1;
        x->height = above[v] > x->height ? above[v] : x->height;
    }
    for (uint32_t v = 0; v < x->node_count; v++) {
        x->place[v] = x->height - above[v];
    }
    return ERR_OK;
}

static err_code index_edges(cch_index *x, const high_list *l, arena *a, arena *scratch) {
    x->edge_count = (uint32_t)l->count;
    TRY(place_nodes(x, a, scratch));
    ARENA_NEW(a, x->high, l->count);
    ARENA_NEW(a, x->low, l->count);
    ARENA_NEW(a, x->high_place, l->count);
    for (uint32_t v = 0; v < x->node_count; v++) {
        for (uint32_t e = x->up_first[v]; e < x->up_first[v + 1]; e++) {
            x->low[e] = v;
            x->high[e] = l->high[e];
            x->high_place[e] = x->place[l->high[e]];
        }
    }
    return ERR_OK;
}

enum { RUN_LENGTH_MIN = 16 };

// Long runs of edges to nodes that follow each other: with NULL they are only counted, else also written.
static uint32_t find_runs(const cch_index *x, uint32_t v, cch_row_run *out) {
    uint32_t count = 0, last = x->up_first[v + 1];
    for (uint32_t first = x->up_first[v], e = first; e < last; e++) {
        if (e + 1 < last && x->high_place[e + 1] == x->high_place[e] + 1) {
            continue;
        }
        if (e + 1 - first >= RUN_LENGTH_MIN) {
            if (out != NULL) {
                out[count] = (cch_row_run){first, e + 1};
            }
            count++;
        }
        first = e + 1;
    }
    return count;
}

static err_code index_runs(cch_index *x, arena *a) {
    ARENA_NEW(a, x->run_first, (size_t)x->node_count + 1);
    for (uint32_t v = 0; v < x->node_count; v++) {
        x->run_first[v + 1] = x->run_first[v] + find_runs(x, v, NULL);
    }
    ARENA_NEW(a, x->run, x->run_first[x->node_count]);
    for (uint32_t v = 0; v < x->node_count; v++) {
        (void)find_runs(x, v, x->run + x->run_first[v]);
    }
    return ERR_OK;
}

// Edges looked at by a question, on average and in one direction, from which on metrics side by side would be too much
// memory to read: 32 bytes an edge beyond the second cache. (A town of 75,000 links has 1,300, a grid of 100,000 has
// 51,000.)
static const double side_by_side_edges_max = 8192.0;

static err_code choose_layout(cch_index *x, arena *scratch) {
    uint64_t *above;
    uint64_t all = 0;
    ARENA_NEW(scratch, above, x->node_count);
    for (uint32_t v = x->node_count; v-- > 0;) {
        above[v] = (x->parent[v] == IX_NONE ? 0 : above[x->parent[v]]) + x->up_first[v + 1] - x->up_first[v];
        all += above[v];
    }
    x->side_by_side = (double)all <= side_by_side_edges_max * x->node_count;
    return ERR_OK;
}

int cch_best_layout(const cch_index *x) {
    return x->side_by_side ? CCH_SIDE_BY_SIDE : CCH_ROWS;
}

static err_code set_order(cch_index *x, const cch_graph *g, const uint32_t *order, arena *a) {
    if (order == NULL) {
        TRY(cch_order(g, a, &x->order));
    } else {
        ARENA_NEW(a, x->order, g->node_count);
        memcpy(x->order, order, g->node_count * sizeof *order);
    }
    ARENA_NEW(a, x->rank, g->node_count);
    memset(x->rank, 0xff, g->node_count * sizeof *x->rank);
    for (uint32_t r = 0; r < g->node_count; r++) {
        uint32_t v = x->order[r];
        CHECK(v < g->node_count && x->rank[v] == IX_NONE, ERR_RANGE,
              "the contraction order names node %u twice or out of range: make a new order for this network",
              (unsigned)v);
        x->rank[v] = r;
    }
    return ERR_OK;
}

err_code cch_build(const cch_graph *g, const uint32_t *order, arena *a, cch_index **out) {
    cch_index *x;
    CHECK(g->arc_count < INT32_MAX, ERR_RANGE, "a network of %u links is too large for a hierarchy",
          (unsigned)g->arc_count);
    ARENA_NEW(a, x, 1);
    x->node_count = g->node_count;
    TRY(set_order(x, g, order, a));
    ARENA_NEW(a, x->parent, g->node_count);
    ARENA_NEW(a, x->up_first, (size_t)g->node_count + 1);
    arena scratch;
    high_list l = {0};
    arena_init(&scratch);
    err_code code = eliminate(x, g, &scratch, &l);
    code = code == ERR_OK ? index_edges(x, &l, a, &scratch) : code;
    code = code == ERR_OK ? index_runs(x, a) : code;
    code = code == ERR_OK ? choose_layout(x, &scratch) : code;
    code = code == ERR_OK ? place_arcs(x, g, a, &scratch) : code;
    mem_free(l.high);
    arena_free(&scratch);
    *out = x;
    return code;
}

uint32_t cch_edge_count(const cch_index *x) {
    return x->edge_count;
}

uint32_t cch_rank(const cch_index *x, uint32_t node_ix) {
    return x->rank[node_ix];
}

const uint32_t *cch_order_used(const cch_index *x) {
    return x->order;
}
