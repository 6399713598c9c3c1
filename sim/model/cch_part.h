// The hierarchy, shared by the files of cch (private to model). Nodes are called by rank here.
//
// Edges are sorted by (lower end, higher end); an edge stands for both directions. Every pair of higher ends of one
// node is joined by an edge itself, which is what makes metrics customizable.
#ifndef VESTSIM_MODEL_CCH_PART_H
#define VESTSIM_MODEL_CCH_PART_H

#include "model/cch.h"

// What unpacking needs of an edge, half a cache line: a way is unpacked edge by edge, each far from the last.
typedef struct cch_edge {
    uint32_t low;       // lower end
    uint32_t high;      // higher end
    uint32_t place;     // in its higher end's list of `down`
    uint32_t low_down;  // end of its lower end's list of `down`
    uint32_t arc[3];    // places of its arcs: upwards from [0], downwards from [1], end [2]
    uint32_t spare;
} cch_edge;

typedef struct cch_down {  // edges by their higher end
    uint32_t low;          // lower end
    uint32_t edge;
} cch_down;

struct cch_index {
    uint32_t node_count;
    uint32_t edge_count;
    uint32_t arc_count;    // without self-loops
    uint32_t *order;       // [rank] node
    uint32_t *rank;        // [node]
    uint32_t *parent;      // [rank] in the elimination tree; IX_NONE at a root
    uint32_t *up_first;    // [rank + 1] edges by their lower end
    uint32_t *high;        // [edge] higher end, ascending within a node
    uint32_t *down_first;  // [rank + 1] edges by their higher end
    cch_down *down;        // [place] ascending in lower ends
    cch_edge *edge;        // [edge]
    uint32_t *arc_first;   // [2 * edge + direction], direction 1 = from the higher end; 2 * edge count + 1 entries
    uint32_t *arc;         // [place] arc of the graph
};

#endif
