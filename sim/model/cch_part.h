// The hierarchy, shared by the files of cch (private to model). Nodes are called by rank here.
//
// Edges are sorted by (lower end, higher end); an edge stands for both directions. Every pair of higher ends of one
// node is joined by an edge itself, which is what makes metrics customizable.
#ifndef VESTSIM_MODEL_CCH_PART_H
#define VESTSIM_MODEL_CCH_PART_H

#include "model/cch.h"

struct cch_index {
    uint32_t node_count;
    uint32_t edge_count;
    uint32_t arc_count;    // without self-loops
    uint32_t *order;       // [rank] node
    uint32_t *rank;        // [node]
    uint32_t *parent;      // [rank] in the elimination tree; IX_NONE at a root
    uint32_t *up_first;    // [rank + 1] edges by their lower end
    uint32_t *high;        // [edge] higher end, ascending within a node
    uint32_t *low;         // [edge] lower end
    uint32_t *down_first;  // [rank + 1] edges by their higher end
    uint32_t *down_edge;   // [place] ascending
    uint32_t *down_low;    // [place] its lower end
    uint32_t *down_place;  // [edge] its place
    uint32_t *arc_first;   // [2 * edge + direction], direction 1 = from the higher end; 2 * edge count + 1 entries
    uint32_t *arc;         // [place] arc of the graph
};

#endif
