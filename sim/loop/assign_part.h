// Parts of the static assignment.
#ifndef VESTSIM_LOOP_ASSIGN_PART_H
#define VESTSIM_LOOP_ASSIGN_PART_H

#include "loop/assign.h"

// --- shortest trees (assign_tree.c)

typedef struct assign_graph {  // links open to cars, by from node
    uint32_t node_count;
    uint32_t arc_count;
    uint32_t *first;          // node + 1
    uint32_t *link;           // [arc]
    uint32_t *to;             // [arc] node
    const uint32_t *from_ix;  // [link]
    const uint8_t *zone_only;
} assign_graph;

typedef struct assign_entry {
    double cost;
    uint32_t node;
} assign_entry;

typedef struct assign_tree {
    double *cost;         // [node] infinite where there is no way
    uint32_t *last_link;  // [node] IX_NONE at the origin and where there is no way
    assign_entry *heap;
} assign_tree;

err_code assign_graph_build(const network *n, const od_matrix *od, arena *a, assign_graph *out);
err_code assign_tree_alloc(const assign_graph *g, arena *a, assign_tree *t);
void assign_tree_run(const assign_graph *g, const double *link_cost, uint32_t origin_ix, assign_tree *t);

// --- paths and their flows (assign_path.c)

typedef struct assign_pair {
    uint32_t cell;  // of the matrix
    uint32_t from_node_ix;
    uint32_t to_node_ix;
    double volume;
} assign_pair;

typedef struct assign_paths {  // paths of pair i are pair_first[i] .. pair_first[i+1]-1; heap memory
    uint32_t *pair_first;
    uint32_t *link_first;  // path + 1
    uint32_t *link;        // from end to start
    double *flow;
    uint32_t pair_count, path_count;
    uint32_t path_room, link_room;
} assign_paths;

typedef struct assign_state {  // of links at the present flows
    const volume_delay *delay;
    double *flow;
    double *cost;   // time + fixed
    double *slope;  // of the cost
    uint32_t *mark[2];
    uint32_t stamp;
} assign_state;

void assign_paths_free(assign_paths *p);
void assign_paths_clear(assign_paths *p);
// Ends the present pair and begins the next.
err_code assign_paths_next_pair(assign_paths *p, uint32_t pair_capacity);
// Adds a path of the present pair.
err_code assign_paths_add(assign_paths *p, const uint32_t *link, uint32_t count, double flow);
// The way from the root of the tree to a node, from end to start, into link; how many.
uint32_t assign_tree_path(const assign_graph *g, const assign_tree *t, uint32_t to_node_ix, uint32_t *link);
double assign_path_cost(const assign_state *s, const assign_paths *p, uint32_t path);
// Flow, cost and slope of every link from the paths.
void assign_state_load(assign_state *s, const assign_paths *p);
// One pass over all pairs: flow moves to the cheapest path. Returns sum(flow x (cost - cheapest)) met on the way.
double assign_balance(assign_state *s, assign_paths *p);

#endif
