#include "turn_graph.h"

static bool is_open(const network *n, uint32_t link_ix, uint8_t allow) {
    return (n->link.allowed[link_ix] & allow) != 0;
}

// Does a row of the turn table matter to routes?
static bool matters(const network *n, uint32_t row, uint8_t allow) {
    const turn_table *t = &n->turn;
    return (t->forbidden[row] != 0 || turn_penalty_s(t, row) > 0) && is_open(n, t->in_ix[row], allow) &&
           is_open(n, t->out_ix[row], allow);
}

static err_code number_states(const network *n, uint8_t allow, arena *a, turn_graph *g) {
    g->node_count = n->node.count;
    g->state_count = n->node.count;
    ARENA_NEW(a, g->after_link, n->link.count);
    for (uint32_t e = 0; e < n->link.count; e++) {
        g->after_link[e] = is_open(n, e, allow) ? n->link.to_ix[e] : IX_NONE;
    }
    for (uint32_t row = 0; row < n->turn.count; row++) {  // sorted by in-link
        uint32_t *state = &g->after_link[n->turn.in_ix[row]];
        if (matters(n, row, allow) && *state < n->node.count) {
            *state = g->state_count++;
        }
    }
    if (g->state_count == n->node.count) {
        return ERR_OK;
    }
    ARENA_NEW(a, g->end_ix, n->node.count);
    for (uint32_t v = 0; v < n->node.count; v++) {
        bool whole = true;
        for (uint32_t e = n->in_first[v]; e < n->in_first[v + 1]; e++) {
            whole = whole && (g->after_link[e] == IX_NONE || g->after_link[e] == v);
        }
        g->end_ix[v] = whole ? v : g->state_count++;
    }
    return ERR_OK;
}

// Adds an arc, or only counts it while there is no room yet.
static void add_arc(turn_graph *g, uint32_t tail, uint32_t head, uint32_t link, uint32_t penalty_ds) {
    uint32_t i = g->arc_count++;
    if (g->tail_ix != NULL) {
        g->tail_ix[i] = tail;
        g->head_ix[i] = head;
        g->link_ix[i] = link;
        if (g->penalty_ds != NULL) {
            g->penalty_ds[i] = penalty_ds;
        }
    }
}

static void add_turn(const network *n, turn_graph *g, uint32_t in, uint32_t out) {
    uint32_t row = turn_find(&n->turn, in, out);
    if (row == IX_NONE) {
        add_arc(g, g->after_link[in], g->after_link[out], out, 0);
    } else if (n->turn.forbidden[row] == 0) {
        add_arc(g, g->after_link[in], g->after_link[out], out, 10 * turn_penalty_s(&n->turn, row));
    }
}

static void add_arcs(const network *n, turn_graph *g) {
    g->arc_count = 0;
    for (uint32_t e = 0; e < n->link.count; e++) {
        uint32_t v = n->link.from_ix[e];
        if (g->after_link[e] == IX_NONE) {
            continue;
        }
        add_arc(g, v, g->after_link[e], e, 0);
        for (uint32_t in = n->in_first[v]; g->end_ix != NULL && g->end_ix[v] != v && in < n->in_first[v + 1]; in++) {
            if (g->after_link[in] != IX_NONE && g->after_link[in] != v) {
                add_turn(n, g, in, e);
            }
        }
    }
    for (uint32_t v = 0; g->end_ix != NULL && v < n->node.count; v++) {
        if (g->end_ix[v] == v) {
            continue;
        }
        add_arc(g, v, g->end_ix[v], IX_NONE, 0);
        for (uint32_t in = n->in_first[v]; in < n->in_first[v + 1]; in++) {
            if (g->after_link[in] != IX_NONE && g->after_link[in] != v) {
                add_arc(g, g->after_link[in], g->end_ix[v], IX_NONE, 0);
            }
        }
    }
}

err_code turn_graph_build(const network *n, uint8_t allow, arena *a, turn_graph *out) {
    *out = (turn_graph){0};
    TRY(number_states(n, allow, a, out));
    add_arcs(n, out);
    uint32_t *tail;
    ARENA_NEW(a, tail, out->arc_count);
    ARENA_NEW(a, out->head_ix, out->arc_count);
    ARENA_NEW(a, out->link_ix, out->arc_count);
    if (out->end_ix != NULL) {
        ARENA_NEW(a, out->penalty_ds, out->arc_count);
    }
    out->tail_ix = tail;
    add_arcs(n, out);
    return ERR_OK;
}
