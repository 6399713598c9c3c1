// Car routes: time-dependent Dijkstra (Dreyfus 1969, Operations Research 17(3)) on generalised cost: travel time by
// 15-minute bin plus distance cost and toll in time units. With zero money weights it is exact earliest arrival on
// FIFO times; with money the label of least generalised cost is kept (time as tie-break), exact when times do not
// depend on the departure and within the bins' variation otherwise.
//
// Turns (network.turn): nobody takes a forbidden one; a penalty is waited off before the link is entered and is part of
// time and cost, here and in everything below. A way may begin with any link of its node, and end by any.
//
// index (topology, immutable) / metric (times and prices) / query (scratch, one a thread). Costs are integers
// (deciseconds), ties broken by node ix, so answers do not depend on threads.
#ifndef VESTSIM_MODEL_ROUTE_CAR_H
#define VESTSIM_MODEL_ROUTE_CAR_H

#include "model/traveltime.h"

typedef struct route_car_index route_car_index;
typedef struct route_car_query route_car_query;

typedef struct route_car_metric {
    const traveltime *time;
    double cost_nok_per_km;  // running cost
    double nok_per_h;        // value of time that turns money into time; 0 or less = money does not count
} route_car_metric;

typedef struct route_car_answer {
    uint32_t arrival_s;  // to the nearest second; IX_NONE (and time_ds, cost_ds alike) if there is no way
    uint32_t time_ds;    // travel time
    uint32_t cost_ds;    // generalised cost in deciseconds
    float distance_m;
    float toll_nok;
    uint32_t link_count;  // links of the path, written to the caller's array if there is one
} route_car_answer;

// allow: ALLOW_CAR or ALLOW_LORRY.
err_code route_car_build(const network *n, uint8_t allow, arena *a, route_car_index **out);
err_code route_car_query_init(const route_car_index *x, arena *a, route_car_query **out);
// links: room for link_capacity entries; ERR_RANGE if the path is longer. links may be NULL (no path wanted).
// from == to gives an empty path that arrives at once.
err_code route_car_run(const route_car_index *x, const route_car_metric *m, route_car_query *q, uint32_t from_node_ix,
                       uint32_t to_node_ix, uint32_t departure_s, uint32_t *links, uint32_t link_capacity,
                       route_car_answer *out);
// As route_car_run, for a vehicle that has just driven a link: its first turn counts. The link must be open to it.
err_code route_car_run_on(const route_car_index *x, const route_car_metric *m, route_car_query *q,
                          uint32_t from_link_ix, uint32_t to_node_ix, uint32_t departure_s, uint32_t *links,
                          uint32_t link_capacity, route_car_answer *out);
// One to all: generalised cost, time (ds), distance (m) and toll by node; IX_NONE/inf where unreachable. Any out may be
// NULL.
void route_car_tree(const route_car_index *x, const route_car_metric *m, route_car_query *q, uint32_t from_node_ix,
                    uint32_t departure_s, uint32_t *cost_ds, uint32_t *time_ds, float *distance_m, float *toll_nok);
// Evaluates a fixed path at a departure time on the metric (for gaps): as route_car_run's answer; no way if a link is
// closed to the index's vehicle or a turn forbidden. Where money counts and times change, an old path may turn out a
// little cheaper than run's answer: clamp gaps at 0.
void route_car_evaluate(const route_car_index *x, const route_car_metric *m, const uint32_t *links, uint32_t link_count,
                        uint32_t departure_s, route_car_answer *out);
// What the turn between two links that follow each other costs, in deciseconds; IX_NONE if it is forbidden or a link
// is closed to the index's vehicle.
uint32_t route_car_turn_ds(const route_car_index *x, uint32_t in_link_ix, uint32_t out_link_ix);
// Where a vehicle is at the end of an open link: the same number means that the same ways lead on, at the same cost.
uint32_t route_car_state_after(const route_car_index *x, uint32_t link_ix);
// Adds an open link's length (mm) and toll (thousandths of a krone) to the sums, as every answer above does.
void route_car_add_link(const route_car_index *x, uint32_t link_ix, uint64_t *length_mm, uint64_t *toll_mnok);
void route_car_add_links(const route_car_index *x, const uint32_t *links, uint32_t count, uint64_t *length_mm,
                         uint64_t *toll_mnok);
// What a link costs beside its travel time, in deciseconds: the rounded money term that every answer above adds.
// IX_NONE for links closed to the index's vehicle. money_ds has link_count entries.
void route_car_money(const route_car_index *x, const route_car_metric *m, uint32_t *money_ds);

#endif
