// Shortest trees on fixed link costs (Dijkstra 1959), traffic kept out of nodes it may not pass.
#include <math.h>

#include "assign_part.h"
#include "base/dmath.h"

err_code assign_graph_build(const network *n, const od_matrix *od, arena *a, assign_graph *out) {
    *out = (assign_graph){.node_count = n->node.count, .from_ix = n->link.from_ix, .zone_only = od->node_zone_only};
    ARENA_NEW(a, out->first, (size_t)n->node.count + 1);
    ARENA_NEW(a, out->link, n->link.count);
    ARENA_NEW(a, out->to, n->link.count);
    for (uint32_t v = 0; v < n->node.count; v++) {
        out->first[v] = out->arc_count;
        for (uint32_t i = n->out_first[v]; i < n->out_first[v + 1]; i++) {
            uint32_t e = n->out_link[i];
            if ((n->link.allowed[e] & ALLOW_CAR) != 0) {
                out->link[out->arc_count] = e;
                out->to[out->arc_count++] = n->link.to_ix[e];
            }
        }
    }
    out->first[n->node.count] = out->arc_count;
    return ERR_OK;
}

err_code assign_tree_alloc(const assign_graph *g, arena *a, assign_tree *t) {
    ARENA_NEW(a, t->cost, g->node_count);
    ARENA_NEW(a, t->last_link, g->node_count);
    ARENA_NEW(a, t->heap, (size_t)g->arc_count + 1);  // an entry an improvement, at most one an arc
    return ERR_OK;
}

static bool tree_before(const assign_entry *x, const assign_entry *y) {
    return x->cost < y->cost || (x->cost == y->cost && x->node < y->node);
}

static void tree_push(assign_entry *heap, uint32_t *count, assign_entry e) {
    uint32_t i = (*count)++;
    while (i > 0 && tree_before(&e, &heap[(i - 1) / 2])) {
        heap[i] = heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    heap[i] = e;
}

static assign_entry tree_pop(assign_entry *heap, uint32_t *count) {
    assign_entry top = heap[0], e = heap[--*count];
    uint32_t i = 0;
    for (uint32_t child; (child = 2 * i + 1) < *count; i = child) {
        child += child + 1 < *count && tree_before(&heap[child + 1], &heap[child]);
        if (!tree_before(&heap[child], &e)) {
            break;
        }
        heap[i] = heap[child];
    }
    heap[i] = e;
    return top;
}

void assign_tree_run(const assign_graph *g, const double *link_cost, uint32_t origin_ix, assign_tree *t) {
    for (uint32_t v = 0; v < g->node_count; v++) {
        t->cost[v] = DMATH_INF;
        t->last_link[v] = IX_NONE;
    }
    uint32_t count = 0;
    t->cost[origin_ix] = 0;
    tree_push(t->heap, &count, (assign_entry){.cost = 0, .node = origin_ix});
    while (count > 0) {
        assign_entry top = tree_pop(t->heap, &count);
        uint32_t v = top.node;
        if (top.cost > t->cost[v] || (g->zone_only[v] != 0 && v != origin_ix)) {
            continue;
        }
        for (uint32_t i = g->first[v]; i < g->first[v + 1]; i++) {
            double cost = top.cost + link_cost[g->link[i]];
            if (cost < t->cost[g->to[i]]) {
                t->cost[g->to[i]] = cost;
                t->last_link[g->to[i]] = g->link[i];
                tree_push(t->heap, &count, (assign_entry){.cost = cost, .node = g->to[i]});
            }
        }
    }
}

uint32_t assign_tree_path(const assign_graph *g, const assign_tree *t, uint32_t to_node_ix, uint32_t *link) {
    uint32_t count = 0;
    for (uint32_t e = t->last_link[to_node_ix]; e != IX_NONE; e = t->last_link[g->from_ix[e]]) {
        link[count++] = e;
    }
    return count;
}
