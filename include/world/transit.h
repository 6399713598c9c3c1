// A timetable for one service day as flat arrays for RAPTOR (Delling, Pajor, Werneck 2015, "Round-based
// public transit routing", Transportation Science 49(3), section 3.1).
//
// A pattern is a set of trips with the same stop sequence that do not overtake each other; trips of a
// pattern are sorted by departure at every stop. Times are seconds after noon minus 12 h of the service day
// and may exceed 86400. Footpaths are transfers within walking distance, symmetric unless transfers.txt says
// otherwise.
#ifndef VESTSIM_WORLD_TRANSIT_H
#define VESTSIM_WORLD_TRANSIT_H

#include "base/table.h"
#include "world/column.h"

#define TRANSIT_STOP_COLUMNS(X)                            \
    X(text, id, "1", "GTFS stop_id")                       \
    X(text, name, "1", "GTFS stop_name")                   \
    X(double, lon, "degrees_east", "longitude, WGS84")     \
    X(double, lat, "degrees_north", "latitude, WGS84")     \
    X(double, x_m, "m", "easting, EUREF89 / UTM zone 32N") \
    X(double, y_m, "m", "northing, EUREF89 / UTM zone 32N")

#define TRANSIT_TRIP_COLUMNS(X)                                                    \
    X(text, id, "1", "GTFS trip_id (with #k for the k-th run of a frequency)")     \
    X(text, line, "1", "GTFS route_short_name")                                    \
    X(text, headsign, "1", "GTFS trip_headsign")                                   \
    X(uint8_t, route_type, "1", "GTFS route_type: 2 rail, 3 bus, 0 tram, 1 metro") \
    X(uint32_t, pattern_ix, "1", "pattern")                                        \
    X(uint32_t, time_first, "1", "offset of the first stop event in arrival_s/departure_s")

typedef struct transit_stop_columns {
    uint32_t count;
    COLUMN_FIELDS(TRANSIT_STOP_COLUMNS)
} transit_stop_columns;

typedef struct transit_trip_columns {  // sorted by (pattern, departure at the first stop, id)
    uint32_t count;
    COLUMN_FIELDS(TRANSIT_TRIP_COLUMNS)
} transit_trip_columns;

typedef struct transit {
    transit_stop_columns stop;
    transit_trip_columns trip;
    uint32_t pattern_count;
    uint32_t *pattern_stop_first;  // pattern_count + 1
    uint32_t *pattern_stop;        // stop ix in order
    uint32_t *pattern_trip_first;  // pattern_count + 1: trip ix range
    int32_t *arrival_s;            // by stop event; trip.time_first + position
    int32_t *departure_s;
    uint8_t *no_pickup;   // by stop event: 1 = boarding forbidden
    uint8_t *no_dropoff;  // by stop event
    // derived by transit_build
    uint32_t *stop_pattern_first;  // stop count + 1
    uint32_t *stop_pattern;        // pattern ix serving the stop
    uint32_t *stop_pattern_pos;    // position of the stop in that pattern
    uint32_t *path_first;          // stop count + 1: footpaths
    uint32_t *path_to;
    int32_t *path_s;
    idmap stop_map;
} transit;

// One stop event before patterns are made.
typedef struct transit_call {
    uint32_t stop_ix;
    int32_t arrival_s;
    int32_t departure_s;
    uint8_t no_pickup;
    uint8_t no_dropoff;
} transit_call;

typedef struct transit_footpath {
    uint32_t from_ix;
    uint32_t to_ix;
    int32_t walk_s;
} transit_footpath;

// Stops must be filled (transit_alloc_stops). Trips come as calls call[call_first[i] .. call_first[i+1]) with
// trip_meta columns id/line/headsign/route_type set (pattern_ix and time_first are computed). Groups trips
// into non-overtaking patterns, sorts, builds all derived arrays. All copied into a.
err_code transit_alloc_stops(transit *t, arena *a, uint32_t stop_count);
err_code transit_build(transit *t, arena *a, const transit_trip_columns *trip_meta, const uint32_t *call_first,
                       const transit_call *call, const transit_footpath *path, uint32_t path_count);
err_code transit_validate(const transit *t);  // times never run backwards, indices in range
uint64_t transit_hash(const transit *t);
uint32_t transit_find_stop(const transit *t, const char *id);
void transit_describe_stops(const transit *t, column out[COLUMN_COUNT(TRANSIT_STOP_COLUMNS)]);
void transit_describe_trips(const transit *t, column out[COLUMN_COUNT(TRANSIT_TRIP_COLUMNS)]);

#endif
