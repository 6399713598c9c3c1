// Car routes by customizable contraction hierarchies (model/cch.h) on travel times by quarter-hour.
//
// Time dependence by sampling (TD-S: Strasser 2017, ATMOS): the least-cost way in the frozen times of the departure's
// quarter-hour, in those half-way and in those at arrival. Each is driven on the true times and joined with the best so
// far: where the two meet, the better piece is kept. Costs are those of route_car to the decisecond, never below
// route_car_run's where that is exact.
//
// Repairs (cch_car_window_repair): trips whose samples cost more than a tenth more or less than each other, and trips
// of more than an hour, are searched exactly with lower bounds from the least times of their part of the day (A* with
// CCH potentials: Strasser and Zeitz 2021). What samples may still miss is about a hundredth of the cost at most.
//
// Quarter-hours with equal times on every link share one metric ("canonical" bin: the first of equal neighbours). A
// window holds the metrics of some canonical bins; trips wait for the window that has their next bin, so a day is
// routed in one pass over its bins with little memory.
#ifndef VESTSIM_MODEL_CCH_CAR_H
#define VESTSIM_MODEL_CCH_CAR_H

#include "model/cch.h"
#include "model/route_car.h"

typedef struct cch_car_index {
    cch_index *cch;
    uint32_t node_count;
    uint32_t link_count;
    // The graph: nodes, and where turns are restricted states of links at their end and ends of ways (turn_graph.h).
    uint32_t state_count;
    uint32_t arc_count;
    uint32_t *arc_link;        // [arc] link; IX_NONE = leads to the end of ways, costs nothing
    uint32_t *in_first;        // [state + 1] arcs by the state they enter
    uint32_t *arc_tail;        // [arc] state it leaves
    uint32_t *arc_penalty_ds;  // [arc] of the turn; NULL = no turn is restricted
    uint32_t *out_first;       // [state + 1] arcs by the state they leave
    uint32_t *out_arc;         // [place]
    uint32_t *out_head;        // [place] state entered
    uint32_t *end_ix;          // [node] state where ways to it end; NULL = the node itself
} cch_car_index;

typedef struct cch_car_sum {  // of a way; lengths and tolls in whole thousandths, so that sums do not depend on order
    uint32_t time_ds;         // IX_NONE = not worked out yet
    uint32_t parent_arc;
    uint64_t length_mm;
    uint64_t toll_mnok;
} cch_car_sum;

typedef struct cch_car_repair cch_car_repair;  // scratch of exact repairs

typedef struct cch_car_query {  // scratch, one a thread
    cch_query *cch;
    const cch_metrics *asked;     // the trip has been answered in these
    uint32_t cost_ds[CCH_LANES];  // what it costs there
    uint32_t *links;              // [link_capacity] a candidate
    uint32_t *joined;             // [2 * link_capacity] the best of two candidates
    uint64_t *seat;               // [state] stamp << 32 | place in a candidate, for joining
    uint32_t stamp;
    cch_car_repair *repair;
    uint32_t link_capacity;
    // trees
    cch_car_sum *sum;         // [state]
    uint32_t *stack;          // [state]
    uint32_t *state_cost_ds;  // [state]
} cch_car_query;

typedef struct cch_car_repair cch_car_repair;    // scratch of exact repairs
typedef struct cch_car_scratch cch_car_scratch;  // of filling, one a thread

typedef struct cch_car_window {
    const cch_car_index *x;
    const route_car_index *vehicle;
    route_car_metric metric;
    const uint8_t *canonical;          // [bin]
    uint32_t set_capacity;             // CCH_LANES bins each
    uint32_t set_count;                // in use
    uint32_t bin_count;                // canonical bins held
    uint8_t bin[TRAVELTIME_BINS];      // [held] canonical bin
    uint8_t lane_of[TRAVELTIME_BINS];  // [canonical bin] place in `bin`; UINT8_MAX = not held
    uint32_t *money_ds;                // [link]
    cch_metrics *set;                  // [set]
    cch_metrics least;                 // for repairs: lane l for departures in part l of the day
    bool repairs;                      // see cch_car_advance
} cch_car_window;

enum { CCH_CAR_SAMPLES = 3 };

typedef struct cch_car_trip {  // set the first three, zero the rest
    uint32_t from_node_ix;
    uint32_t to_node_ix;
    uint32_t departure_s;
    uint32_t cost_min_ds;  // of the samples in their frozen times
    uint32_t cost_max_ds;
    uint8_t done;                  // samples done; CCH_CAR_SAMPLES = the answer is final
    uint8_t bin[CCH_CAR_SAMPLES];  // canonical; the first is set by cch_car_trip_bin, the others by the first sample
    route_car_answer answer;
} cch_car_trip;

// The graph of every link that allows any of `allow`, with network.turn. A year's closed links keep their place and
// only cost CCH_CLOSED, so one index serves all years and vehicles of a network (turns being the same for all).
// order: what cch_car_order gave for this graph, or NULL to work it out.
err_code cch_car_build(const network *n, uint8_t allow, const uint32_t *order, arena *a, cch_car_index **out);
// Contraction order of that graph, to be kept, and a hash of the graph by which to find it again. The hash is of ends
// of links and turns that are restricted, not of lengths, times or prices.
err_code cch_car_order(const network *n, uint8_t allow, arena *a, uint32_t **order, uint32_t *count);
err_code cch_car_order_key(const network *n, uint8_t allow, uint64_t *key, uint32_t *count);
err_code cch_car_query_init(const cch_car_index *x, arena *a, uint32_t link_capacity, cch_car_query **out);
err_code cch_car_scratch_init(const cch_car_index *x, arena *a, cch_car_scratch **out);
// canonical[bin] = first bin of the run of equal bins it is in.
void cch_car_canonical(const traveltime *t, uint8_t canonical[TRAVELTIME_BINS]);

err_code cch_car_window_init(const cch_car_index *x, uint32_t set_capacity, arena *a, cch_car_window *w);
// Prepares the canonical bins of `needed` (a flag each; NULL = all) from first_bin on, as many as fit; returns the bin
// after the last it looked at. vehicle's index must be of the same links. Then fill each set; sets may be filled in
// parallel.
uint32_t cch_car_window_begin(cch_car_window *w, const route_car_index *vehicle, const route_car_metric *m,
                              const uint8_t canonical[TRAVELTIME_BINS], const uint8_t *needed, uint32_t first_bin);
void cch_car_window_fill(cch_car_window *w, uint32_t set, cch_car_scratch *s);

// Makes cch_car_advance repair what samples may miss; then, after each cch_car_window_begin of another metric,
// cch_car_window_fill_least.
err_code cch_car_window_repair(cch_car_window *w, arena *a);
void cch_car_window_fill_least(cch_car_window *w, cch_car_scratch *s);

uint8_t cch_car_trip_bin(const uint8_t canonical[TRAVELTIME_BINS], uint32_t departure_s);
// A node's place in the contraction order. Trips of one bin in the order of their origins' places are found faster.
uint32_t cch_car_place(const cch_car_index *x, uint32_t node_ix);
// Takes the trip's next samples as far as the window holds their bins. The answer is final when trip->done is
// CCH_CAR_SAMPLES. links: room for the query's link capacity; *changed says that a better way was written there.
// ERR_RANGE as route_car_run.
err_code cch_car_advance(const cch_car_window *w, cch_car_query *q, cch_car_trip *trip, uint32_t *links, bool *changed);
// The whole of it for a window that holds all bins; as route_car_run.
err_code cch_car_run(const cch_car_window *w, cch_car_query *q, uint32_t from_node_ix, uint32_t to_node_ix,
                     uint32_t departure_s, uint32_t *links, route_car_answer *out);

// One to all in the frozen times of the departure's bin, which the window must hold; outs as route_car_tree, only
// cost_ds may not be NULL. Where times do not change with the departure, costs are those of route_car_tree; of ways of
// equal cost another may be taken. Link times must be above zero, as those of traveltime.h are.
void cch_car_tree(const cch_car_window *w, cch_car_query *q, uint32_t from_node_ix, uint32_t departure_s,
                  uint32_t *cost_ds, uint32_t *time_ds, float *distance_m, float *toll_nok);

#endif
