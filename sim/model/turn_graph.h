// The road network as car routers see it (private to model): states joined by arcs. An arc is a link driven after a
// turn; it costs the link and the turn's penalty.
//
// A node is one state as long as all of its turns are free, so that a network without restrictions is routed as it
// stands. An in-link that has a forbidden or penalized turn gets a state of its own at its end, from which only its
// allowed turns lead on; its node then also gets an end state, to which an arc without cost leads from the node and
// from each of those states. Ways start at the node (a vehicle that departs may take any link) and lead to its end
// state. U-turns are turns like others. (docs/decisions/0007)
#ifndef VESTSIM_MODEL_TURN_GRAPH_H
#define VESTSIM_MODEL_TURN_GRAPH_H

#include "world/network.h"

typedef struct turn_graph {
    uint32_t node_count;   // states below this are the nodes
    uint32_t state_count;  // with links' states and end states
    uint32_t arc_count;
    uint32_t *tail_ix;     // [arc] state
    uint32_t *head_ix;     // [arc] state
    uint32_t *link_ix;     // [arc]; IX_NONE = leads to an end state, costs nothing
    uint32_t *penalty_ds;  // [arc]; NULL = no turn has a record that matters
    uint32_t *after_link;  // [link] state at its end; IX_NONE = closed
    uint32_t *end_ix;      // [node] where ways to it end; NULL = the node itself, throughout
} turn_graph;

// Of the links that allow any of `allow`. Arcs by link, those of one link by tail state, then those to end states.
err_code turn_graph_build(const network *n, uint8_t allow, arena *a, turn_graph *out);

static inline uint32_t turn_graph_end(const turn_graph *g, uint32_t node_ix) {
    return g->end_ix == NULL ? node_ix : g->end_ix[node_ix];
}

#endif
