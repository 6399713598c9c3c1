// Walking and cycling: static shortest trees by perceived time (time x facility factor), with gradient-dependent
// cycle speed. Factors: behaviour.md 2.3 (own path 1.0, along road 1.07, lane 1.3, mixed slow 1.35, mixed fast 1.6);
// speed change per percent of gradient: mobsim.csv cycle.uphill and cycle.downhill, within 5 km/h and 1.3 x flat; an
// e-cycle loses 0.6/1.56 of that uphill (ebike.uphill.prior, an assumption). Links that allow walking may be walked
// both ways. Among ways of equal perceived time the one of least plain time is kept.
#ifndef VESTSIM_MODEL_ROUTE_ACTIVE_H
#define VESTSIM_MODEL_ROUTE_ACTIVE_H

#include "world/network.h"
#include "world/scenario.h"

typedef enum active_mode { ACTIVE_WALK = 0, ACTIVE_CYCLE, ACTIVE_ECYCLE, ACTIVE_MODE_COUNT } active_mode;

typedef struct route_active_index route_active_index;
typedef struct route_active_query route_active_query;

typedef struct route_active_params {
    double walk_speed_kmh;
    double cycle_speed_kmh;
    double ecycle_speed_kmh;
    double uphill_kmh_per_pct;
    double downhill_kmh_per_pct;
    double facility_factor[CYCLE_FACILITY_COUNT];
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
// Time of one link in deciseconds in this mode, IX_NONE if not allowed.
uint32_t route_active_link_ds(const route_active_index *x, active_mode mode, uint32_t link_ix);

#endif
