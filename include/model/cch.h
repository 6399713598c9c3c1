// Customizable contraction hierarchies (Dibbelt, Strasser and Wagner 2016, ACM JEA 21(1.5)) on any directed graph with
// integer arc costs: the nodes may be junctions and the arcs links, or the nodes links and the arcs allowed turns with
// their penalties.
//
// index (order and topology, made once a graph; a closed arc keeps its place and costs CCH_CLOSED) / metrics (eight
// cost vectors customized together) / query (scratch, one a thread). The order is METIS' nested dissection with a
// fixed seed. Costs are whole numbers; where several ways cost the same, the one taken follows from the order alone,
// so answers do not depend on threads. Self-loops are never part of a way.
#ifndef VESTSIM_MODEL_CCH_H
#define VESTSIM_MODEL_CCH_H

#include "base/mem.h"

enum {
    CCH_LANES = 8,               // metrics customized together
    CCH_COST_MAX = 0x3ffffffe,   // ways that cost more do not count as ways: 3.4 years in deciseconds
    CCH_COST_NONE = 0x3fffffff,  // inside metrics: no way
};
#define CCH_CLOSED UINT32_MAX  // arc cost: cannot be used; query result: no way

typedef struct cch_graph {
    uint32_t node_count;
    uint32_t arc_count;
    const uint32_t *tail_ix;  // [arc]
    const uint32_t *head_ix;  // [arc]
} cch_graph;

typedef struct cch_index cch_index;
typedef struct cch_query cch_query;
typedef struct cch_customizer cch_customizer;  // scratch of cch_customize, one a thread

typedef struct cch_lanes cch_lanes;
typedef struct cch_via cch_via;

// How metrics are held.
enum {
    CCH_ROWS = 0,          // a row a metric: for trees, and for queries that are answered one metric at a time
    CCH_SIDE_BY_SIDE = 1,  // the metrics of an edge side by side: a query is answered in all of them at once
    CCH_WAYS = 2,          // can tell ways (cch_path), not only costs
};

// Costs of the hierarchy's edges for CCH_LANES metrics.
typedef struct cch_metrics {
    uint32_t *up;     // rows: [lane][edge] from the lower to the higher end; NULL = side by side
    uint32_t *down;   // rows: [lane][edge] from the higher to the lower end
    cch_lanes *edge;  // side by side: [edge]
    cch_via *via;     // [edge] what an edge's way goes over; NULL = not kept
} cch_metrics;

// Contraction order: order[rank] = node, rank 0 first. A pure function of the graph; may be kept and given to
// cch_build later.
err_code cch_order(const cch_graph *g, arena *a, uint32_t **order);
// Names the method and library version behind cch_order: an order made otherwise is as good, but of ways of equal cost
// it may choose another.
uint64_t cch_order_method(void);
// order: as cch_order returns it (any permutation of the nodes is correct, a bad one is slow), or NULL to work it out.
err_code cch_build(const cch_graph *g, const uint32_t *order, arena *a, cch_index **out);
uint32_t cch_edge_count(const cch_index *x);
uint32_t cch_rank(const cch_index *x, uint32_t node_ix);  // place in the order
// For storing: the order the index was built with.
const uint32_t *cch_order_used(const cch_index *x);

err_code cch_customizer_init(const cch_index *x, arena *a, cch_customizer **out);
// CCH_ROWS or CCH_SIDE_BY_SIDE: that in which questions on this graph are faster.
int cch_best_layout(const cch_index *x);
// how: CCH_ROWS or CCH_SIDE_BY_SIDE, with or without CCH_WAYS.
err_code cch_metrics_init(const cch_index *x, int how, arena *a, cch_metrics *out);
size_t cch_metrics_bytes(const cch_index *x, int how);
// cost[arc][lane]; lanes that are not needed may be CCH_CLOSED throughout.
void cch_customize(const cch_index *x, const uint32_t *cost, cch_customizer *c, cch_metrics *m);

err_code cch_query_init(const cch_index *x, arena *a, cch_query **out);
// Least cost from one node to another in a lane, CCH_CLOSED if there is no way. from == to costs 0.
uint32_t cch_run(const cch_index *x, const cch_metrics *m, uint32_t lane, cch_query *q, uint32_t from_ix,
                 uint32_t to_ix);
// The same where it is below bound, else CCH_CLOSED: looks at less.
uint32_t cch_run_below(const cch_index *x, const cch_metrics *m, uint32_t lane, cch_query *q, uint32_t from_ix,
                       uint32_t to_ix, uint32_t bound);
// Least cost in every lane, for metrics side by side; then cch_path may be asked for any lane.
void cch_run_lanes(const cch_index *x, const cch_metrics *m, cch_query *q, uint32_t from_ix, uint32_t to_ix,
                   uint32_t cost[CCH_LANES]);
// The arcs of the last question's way, in order; ERR_RANGE if there are more than capacity. No way gives no arcs.
err_code cch_path(const cch_index *x, const cch_metrics *m, uint32_t lane, cch_query *q, uint32_t *arcs,
                  uint32_t capacity, uint32_t *count);
// Least cost from any node to one node (CCH potentials: Strasser and Zeitz 2021, SEA): first cch_aim, then as many
// cch_cost_to as wanted, each of which only works out what no other has. CCH_COST_NONE if there is no way.
void cch_aim(const cch_index *x, const cch_metrics *m, uint32_t lane, cch_query *q, uint32_t to_ix);
uint32_t cch_cost_to(const cch_index *x, const cch_metrics *m, uint32_t lane, cch_query *q, uint32_t from_ix);
// One to all (PHAST: Delling, Goldberg, Nowatzyk and Werneck 2013): least cost of every node, CCH_CLOSED if no way.
void cch_tree(const cch_index *x, const cch_metrics *m, uint32_t lane, cch_query *q, uint32_t from_ix, uint32_t *cost);

#endif
