// The hierarchy, shared by the files of cch (private to model). Nodes are called by rank here.
//
// Edges are sorted by (lower end, higher end); an edge stands for both directions. Every pair of higher ends of one
// node is joined by an edge itself, which is what makes metrics customizable.
#ifndef VESTSIM_MODEL_CCH_PART_H
#define VESTSIM_MODEL_CCH_PART_H

#include "model/cch.h"

// Kernels are compiled twice from the same lines: for any processor of the architecture and, on x86-64, for 256-bit
// integers, which is taken where the machine has them. Whole numbers: both give the same.
#if defined(__x86_64__) && defined(__GNUC__)
#define CCH_WIDE __attribute__((target("avx2")))
#endif
#if defined(__GNUC__)
#define CCH_INLINE __attribute__((always_inline)) inline
#else
#define CCH_INLINE inline
#endif

// Eight whole numbers that are worked on together. Comparing gives -1 where it holds.
typedef int32_t cch_eight __attribute__((vector_size(CCH_LANES * sizeof(int32_t))));
typedef int32_t cch_eight_anywhere  // in an array of whole numbers
    __attribute__((vector_size(CCH_LANES * sizeof(int32_t)), aligned(4), may_alias));

// One cache line an edge with the costs of eight metrics. Signed, since that is what old processors compare fast.
struct cch_lanes {
    cch_eight direction[2];  // from the lower to the higher end, then from the higher to the lower
};

// What brings an edge its cost, a line an edge like cch_lanes: an arc of the graph or a way over a lower node.
struct cch_via {
    cch_eight direction[2];  // CCH_VIA_ARC + arc (negative), or the edge from the node between to the lower end
};

enum { CCH_VIA_ARC = INT32_MIN };

typedef struct cch_label {  // of a node in eight metrics
    cch_eight cost;
    cch_eight from;  // edge that brought it
} cch_label;

// One question answered in eight metrics at once. A node's label lies at its place (cch_index.place), so that those of
// all nodes above one node are neighbours and few.
typedef struct cch_sweep {
    cch_label *forward;   // [place]
    cch_label *backward;  // [place]
    cch_eight cost;
    cch_eight meet;     // where the way is highest; negative = no way
    uint32_t from, to;  // ranks
} cch_sweep;

// One question in one metric.
typedef struct cch_climb {
    int32_t *cost[2];  // [place] from the start, and to the aim
    int32_t *edge[2];  // [place] that brought it
    uint32_t from, to;
    uint32_t meet;  // where the way is highest; IX_NONE = no way
} cch_climb;

typedef struct cch_row_run {  // edges of one node whose higher ends follow each other
    uint32_t first;
    uint32_t end;
} cch_row_run;

struct cch_index {
    uint32_t node_count;
    uint32_t edge_count;
    uint32_t arc_count;    // without self-loops
    uint32_t height;       // of the elimination tree: most nodes above one node
    uint32_t *order;       // [rank] node
    uint32_t *rank;        // [node]
    uint32_t *parent;      // [rank] in the elimination tree; IX_NONE at a root
    uint32_t *place;       // [rank] height - number of nodes above it: one more with every step up, `height` at a root
    uint32_t *up_first;    // [rank + 1] edges by their lower end
    uint32_t *low;         // [edge] lower end
    uint32_t *high;        // [edge] higher end, ascending within a node
    uint32_t *high_place;  // [edge] place of the higher end
    uint32_t *run_first;   // [rank + 1] long runs by lower end
    cch_row_run *run;
    uint32_t *arc_first;  // [2 * edge + direction], direction 1 = from the higher end; 2 * edge count + 1 entries
    uint32_t *arc;        // [place] arc of the graph
    bool side_by_side;    // the layout in which questions are faster
};

// a where the mask is -1, b where it is 0.
#define CCH_PICK(mask, a, b) ((b) ^ (((a) ^ (b)) & (mask)))

// Answers s->from -> s->to in all lanes of metrics that lie side by side.
void cch_sweep_run(const cch_index *x, const struct cch_lanes *weight, cch_sweep *s);
// Answers c->from -> c->to in one metric held by rows, where it costs less than bound. Returns the least cost, or
// bound.
int32_t cch_climb_run(const cch_index *x, const int32_t *const weight[2], cch_climb *c, int32_t bound);

#endif
