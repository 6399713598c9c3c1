// Walking and cycling: static shortest trees by perceived time, time x facility factor + wait at crossings.
//
// Facility factors: behaviour.md 2.3 (own path 1.0, along road 1.07, lane 1.3, mixed slow 1.35, mixed fast 1.6), for
// cycles only. Cycle speed falls and rises with the gradient: mobsim.csv cycle.uphill and cycle.downhill, within 5 km/h
// and 1.3 x flat; an e-cycle has its own flat speed and uphill loss (ebike.*.prior, unverified: assumptions).
// Crossings: who comes to a node by an arm pays there a wait that depends on the road to be crossed or joined, which is
// the second largest (by capacity) of the other arms for cars: nothing unless it is larger than the arm one comes by
// (then one has priority) or the node is a roundabout, else a wait by its speed; at signals the same wait for all who
// meet two arms. Turning right without crossing pays too (assumption: no turns are told apart). The waits count as they
// are, without the facility factor. No source is known for them; see the scenario keys active.crossing_*_s.
// Cycles keep the direction of a link; links that allow walking may be walked both ways. Among ways of equal perceived
// time the one of least plain time is kept.
#ifndef VESTSIM_MODEL_ROUTE_ACTIVE_H
#define VESTSIM_MODEL_ROUTE_ACTIVE_H

#include "world/network.h"
#include "world/scenario.h"

typedef enum active_mode { ACTIVE_WALK = 0, ACTIVE_CYCLE, ACTIVE_ECYCLE, ACTIVE_MODE_COUNT } active_mode;

typedef enum active_crossing {
    CROSSING_SLOW = 0,  // of a road below 45 km/h
    CROSSING_FAST,      // below 65 km/h
    CROSSING_RURAL,
    CROSSING_SIGNAL,
    CROSSING_COUNT
} active_crossing;

typedef struct route_active_index route_active_index;
typedef struct route_active_query route_active_query;

typedef struct route_active_params {
    double walk_speed_kmh;
    double cycle_speed_kmh;
    double ecycle_speed_kmh;
    double uphill_kmh_per_pct;
    double downhill_kmh_per_pct;
    double ecycle_uphill_kmh_per_pct;
    double facility_factor[CYCLE_FACILITY_COUNT];
    double crossing_s[CROSSING_COUNT];
} route_active_params;

// Fills from the scenario, with the facility factors above.
void route_active_params_init(route_active_params *p, const scenario *s);
err_code route_active_build(const network *n, const route_active_params *p, arena *a, route_active_index **out);
err_code route_active_query_init(const route_active_index *x, arena *a, route_active_query **out);
// One to all from a node: perceived and plain time (ds), distance (m); IX_NONE (INFINITY) where unreachable. Any out
// may be NULL.
// Nodes farther than limit_ds of perceived time count as unreachable (0 = no limit).
void route_active_tree(const route_active_index *x, active_mode mode, route_active_query *q, uint32_t from_node_ix,
                       uint32_t limit_ds, uint32_t *perceived_ds, uint32_t *time_ds, float *distance_m);
// Path of the last tree to a node: link ixs in order (walking against a link gives its ix too); returns the count,
// IX_NONE if unreachable or longer than capacity.
uint32_t route_active_path(const route_active_index *x, const route_active_query *q, uint32_t to_node_ix,
                           uint32_t *links, uint32_t capacity);
// The same path as a ride that departs at departure_s: the second in which each link is entered, and that in which its
// end is left, the wait at the crossing there included (what mobsim_demand.cycle_s wants). Either may be NULL.
uint32_t route_active_ride(const route_active_index *x, const route_active_query *q, uint32_t to_node_ix,
                           uint32_t departure_s, uint32_t *links, uint32_t *enter_s, uint32_t *leave_s,
                           uint32_t capacity);
// Time of one link in its direction, in deciseconds, with the wait at its end; IX_NONE if not allowed.
uint32_t route_active_link_ds(const route_active_index *x, active_mode mode, uint32_t link_ix);

#endif
