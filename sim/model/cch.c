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
    for (uint32_t e = 0; e < x->edge_count; e++) {
        memcpy(x->edge[e].arc, first + 2 * (size_t)e, sizeof x->edge[e].arc);
    }
    return ERR_OK;
}

static err_code index_edges(cch_index *x, const high_list *l, arena *a, arena *scratch) {
    uint32_t *by_high;
    x->edge_count = (uint32_t)l->count;
    ARENA_NEW(a, x->high, l->count);
    ARENA_NEW(a, x->edge, l->count);
    ARENA_NEW(a, x->down_first, (size_t)x->node_count + 1);
    ARENA_NEW(a, x->down, l->count);
    ARENA_NEW(scratch, by_high, l->count);
    if (l->count == 0) {
        return ERR_OK;
    }
    memcpy(x->high, l->high, l->count * sizeof *l->high);
    TRY(par_group_u32(x->high, x->edge_count, x->node_count, x->down_first, by_high));
    for (uint32_t v = 0; v < x->node_count; v++) {
        for (uint32_t e = x->up_first[v]; e < x->up_first[v + 1]; e++) {
            x->edge[e] = (cch_edge){.low = v, .high = x->high[e], .low_down = x->down_first[v + 1]};
        }
    }
    for (uint32_t i = 0; i < x->edge_count; i++) {
        uint32_t e = by_high[i];
        x->down[i] = (cch_down){.low = x->edge[e].low, .edge = e};
        x->edge[e].place = i;
    }
    return ERR_OK;
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
