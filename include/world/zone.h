// Space for demand: areas (polygons), zones, and places (homes, jobs, schools, shops, each at one node).
#ifndef VESTSIM_WORLD_ZONE_H
#define VESTSIM_WORLD_ZONE_H

#include "world/network.h"

typedef enum place_kind {
    PLACE_HOME_DETACHED = 0,  // size = dwellings
    PLACE_HOME_ROW,
    PLACE_HOME_FLAT,
    PLACE_WORK,            // size = jobs
    PLACE_SCHOOL_PRIMARY,  // years 1-7, size = pupils
    PLACE_SCHOOL_LOWER,    // years 8-10
    PLACE_SCHOOL_UPPER,    // upper secondary
    PLACE_NURSERY,
    PLACE_SHOP,          // size = shop floor, m2
    PLACE_LEISURE,       // size = attraction (visits a day, relative)
    PLACE_HOLIDAY_HOME,  // size = holiday homes: empty on an average weekday; a measure makes homes of them
    PLACE_KIND_COUNT
} place_kind;

// Reporting areas, from the polygons' ids in areas.csv. Sentrum lies inside the municipality.
#define ZONE_COLUMNS(X)                                                                        \
    X(text, id, "1", "external zone id")                                                       \
    X(text, name, "1", "name")                                                                 \
    X(text, area, "1", "area of reporting: sentrum, tettsted, son, holen, rural, outside ...") \
    X(uint8_t, outside, "1", "1 outside the municipality")                                     \
    X(float, parking_nok, "NOK", "price of parking a stay, today")                             \
    X(float, parking_search_s, "s", "time to park and walk, today")

#define PLACE_COLUMNS(X)                                                  \
    X(text, id, "1", "external place id")                                 \
    X(text, name, "1", "name, may be empty")                              \
    X(uint32_t, zone_ix, "1", "zone")                                     \
    X(uint32_t, node_ix, "1", "network node the place is attached to")    \
    X(uint8_t, kind, "1", "kind (enum place_kind)")                       \
    X(float, size, "1", "dwellings, jobs, pupils, m2 or relative visits") \
    X(float, parking_norm, "1", "parking places a dwelling; -1 = as built (no limit)")

typedef struct zone_columns {
    uint32_t count;
    COLUMN_FIELDS(ZONE_COLUMNS)
} zone_columns;

typedef struct place_columns {
    uint32_t count;
    COLUMN_FIELDS(PLACE_COLUMNS)
} place_columns;

typedef struct zone_polygon {  // closed ring in metres (UTM 32N), first point not repeated
    text id;                   // "sentrum", "municipality", "green_boundary", ...
    text name;
    text geometry;  // WKT in WGS84 as read; NULL where it was not read from a file
    uint32_t point_count;
    double *x_m;
    double *y_m;
} zone_polygon;

// A counting point: directed links whose vehicles are counted, and what was counted.
typedef struct zone_count_point {
    text id;
    text name;
    uint32_t link_ix[4];
    uint32_t link_count;
    double weekday_vehicles;  // observed, both directions, all classes; negative = none
    double heavy_share;       // observed or negative
    bool sentrum_cordon;      // one of the points of the sentrum measure
    bool through;             // mostly through traffic (E6): never in the sentrum measure
    text source;
} zone_count_point;

// Fixed vehicle flows from outside to outside or lorries: not subject to mode choice.
typedef struct zone_flow {
    text id;
    uint32_t from_node_ix;
    uint32_t to_node_ix;
    double weekday_vehicles;
    vehicle_class vehicle;
    segment traveller;  // SEGMENT_THROUGH or SEGMENT_VISITOR (lorries with an end inside)
    uint32_t profile;   // index of an hour profile
    double growth_pct_per_year;
} zone_flow;

typedef struct zone_profile {  // shares of the day by hour, summing to 1
    text id;
    double share[24];
} zone_profile;

typedef struct zone_system {
    zone_columns zone;
    place_columns place;
    uint32_t polygon_count;
    zone_polygon *polygon;
    uint32_t count_point_count;
    zone_count_point *count_point;
    uint32_t flow_count;
    zone_flow *flow;
    uint32_t profile_count;
    zone_profile *profile;
    idmap zone_map;
    idmap place_map;
} zone_system;

err_code zone_alloc(zone_system *z, arena *a, uint32_t zone_count, uint32_t place_count);
err_code zone_build(zone_system *z, arena *a);  // maps; duplicate ids are ERR_REFERENCE
err_code zone_validate(const zone_system *z, const network *n);
uint64_t zone_hash(const zone_system *z);
const zone_polygon *zone_find_polygon(const zone_system *z, const char *id);  // NULL if absent
uint32_t zone_find_profile(const zone_system *z, const char *id);
bool zone_polygon_contains(const zone_polygon *p, double x_m, double y_m);  // even-odd, boundary by rule
// Fills link.inside and link.cordon from the polygons "municipality" and "sentrum": a node is in sentrum when
// inside the polygon; a link is in sentrum (inside = 2) when both ends are, inside the municipality (1) when its
// midpoint is. cordon: 1 when only its to-node is in sentrum, 2 when only its from-node is.
err_code zone_mark_links(const zone_system *z, network *n);
bool zone_place_is_home(place_kind kind);
const char *zone_place_kind_name(place_kind kind);  // "home_detached", "work", ... as in places.csv
void zone_describe_zones(const zone_system *z, column out[COLUMN_COUNT(ZONE_COLUMNS)]);
void zone_describe_places(const zone_system *z, column out[COLUMN_COUNT(PLACE_COLUMNS)]);

#endif
