// The network of all modes: nodes and directed links as columns, with CSR adjacency by from- and to-node.
//
// Links are sorted by (to node, external order), so in-links of a node are contiguous: the queue model owns
// links by their to-node (docs/decisions/0003). Coordinates: WGS84 degrees as read, and metres in EUREF89 /
// UTM zone 32N (EPSG:25832) filled by io. Built once a scenario; a year's measures make a changed copy.
#ifndef VESTSIM_WORLD_NETWORK_H
#define VESTSIM_WORLD_NETWORK_H

#include "base/table.h"
#include "world/column.h"
#include "world/mode.h"
#include "world/turn.h"

// Cycle facility; cost factors in params cycling_infra (behaviour.md 2.3).
typedef enum cycle_facility {
    CYCLE_MIXED_SLOW = 0,  // with cars, 30-40 km/h
    CYCLE_MIXED_FAST,      // with cars, 50 km/h and more
    CYCLE_LANE,
    CYCLE_PATH_ALONG,  // path along a road
    CYCLE_PATH_OWN,    // separate path
    CYCLE_FACILITY_COUNT
} cycle_facility;

typedef enum junction_control {
    CONTROL_NONE = 0,
    CONTROL_YIELD,
    CONTROL_STOP,
    CONTROL_SIGNAL,
    CONTROL_ROUNDABOUT
} junction_control;

#define NODE_COLUMNS(X)                                     \
    X(text, id, "1", "external node id")                    \
    X(text, name, "1", "name, may be empty")                \
    X(double, lon, "degrees_east", "longitude, WGS84")      \
    X(double, lat, "degrees_north", "latitude, WGS84")      \
    X(double, x_m, "m", "easting, EUREF89 / UTM zone 32N")  \
    X(double, y_m, "m", "northing, EUREF89 / UTM zone 32N") \
    X(float, z_m, "m", "height above sea level, schematic") \
    X(uint8_t, control, "1", "junction control (enum junction_control)")

#define LINK_COLUMNS(X)                                                                    \
    X(text, id, "1", "external link id")                                                   \
    X(text, name, "1", "street or road name, may be empty")                                \
    X(text, geometry, "1", "WKT linestring in WGS84, may be empty (straight)")             \
    X(text, road_class, "1", "GMNS facility_type")                                         \
    X(uint32_t, from_ix, "1", "from node")                                                 \
    X(uint32_t, to_ix, "1", "to node")                                                     \
    X(float, length_m, "m", "length")                                                      \
    X(float, free_speed_mps, "m s-1", "free speed of cars")                                \
    X(float, capacity_vph, "h-1", "flow capacity, all lanes, passenger-car units")         \
    X(float, lanes, "1", "lanes")                                                          \
    X(float, grade_pct, "percent", "mean gradient in the link's direction")                \
    X(float, toll_nok, "NOK", "toll for a car")                                            \
    X(uint8_t, allowed, "1", "users allowed (bits ALLOW_*)")                               \
    X(uint8_t, cycle_facility, "1", "cycle facility (enum cycle_facility)")                \
    X(uint16_t, open_year, "1", "first year the link exists; 0 = today")                   \
    X(uint8_t, inside, "1", "1 inside the municipality, 2 also inside sentrum, 0 outside") \
    X(uint8_t, cordon, "1", "1 enters sentrum, 2 leaves sentrum, 0 neither")

typedef struct node_columns {
    uint32_t count;
    COLUMN_FIELDS(NODE_COLUMNS)
} node_columns;

typedef struct link_columns {
    uint32_t count;
    COLUMN_FIELDS(LINK_COLUMNS)
} link_columns;

typedef struct network {
    node_columns node;
    link_columns link;
    turn_table turn;      // what is known of single turns; may be empty. Filled after network_build
    uint32_t *in_first;   // node count + 1: in-links of v are in_first[v] .. in_first[v+1]-1
    uint32_t *out_first;  // node count + 1
    uint32_t *out_link;   // link ix by from node, in ascending link ix
    idmap node_map;       // external id -> ix
    idmap link_map;
} network;

err_code network_alloc(network *n, arena *a, uint32_t node_count, uint32_t link_count);
// Sorts links by to-node (stable), builds CSR and maps. Ids must be set; duplicates are ERR_REFERENCE.
err_code network_build(network *n, arena *a);
// Positive lengths, speeds, capacities where cars are allowed, indices in range. Message names the link id.
err_code network_validate(const network *n);
// Deep copy into a (for a year's measures); texts are shared.
err_code network_copy(const network *from, arena *a, network *to);
uint64_t network_hash(const network *n);
uint32_t network_find_node(const network *n, const char *id);  // IX_NONE if absent
uint32_t network_find_link(const network *n, const char *id);
// Node nearest to a point among those that touch a link allowing all bits of `allow`; ties by ix.
uint32_t network_nearest_node(const network *n, double x_m, double y_m, uint8_t allow);
// Column descriptions for hash and store; out has COLUMN_COUNT entries.
void network_describe_nodes(const network *n, column out[COLUMN_COUNT(NODE_COLUMNS)]);
void network_describe_links(const network *n, column out[COLUMN_COUNT(LINK_COLUMNS)]);
const char *network_cycle_facility_name(cycle_facility f);
const char *network_control_name(junction_control c);  // "none", "yield", "stop", "signal", "roundabout"

#endif
