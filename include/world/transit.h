// A timetable for one service day as flat arrays for RAPTOR (Delling, Pajor, Werneck 2015, "Round-based
// public transit routing", Transportation Science 49(3), section 3.1).
//
// A pattern is a set of trips with the same stop sequence that do not overtake each other; trips of a
// pattern are sorted by departure at every stop. Times are seconds after noon minus 12 h of the service day
// and may exceed 86400. Footpaths are transfers within walking distance, symmetric unless transfers.txt says
// otherwise.
//
// A trip here is one run of a vehicle. Where passengers may stay seated from one GTFS trip to the next (block_id, or
// transfer_type 4) the run joins them: it has the id of the first, and `part` tells which GTFS trip a call belongs to.
// Stops whose transfers differ by route or trip are several rows: the stop itself and, for each such route or trip, a
// row with id "id#k" at the same place (main_ix names the stop).
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
    uint8_t *no_pickup;         // by stop event: 1 = boarding forbidden
    uint8_t *no_dropoff;        // by stop event
    uint32_t *main_ix;          // by stop: the stop it is a part of; itself for most
    uint32_t *part_first;       // trip count + 1; NULL when every trip is one GTFS trip (then trip.id names it)
    struct transit_part *part;  // GTFS trips of a run in order
    // derived by transit_build (and transit_retime)
    struct transit_block *block;   // by pattern
    int32_t *leave_s;              // departures by pattern, position, trip: those of a stop side by side, for searching
    uint32_t *stop_pattern_first;  // stop count + 1
    uint32_t *stop_pattern;        // pattern ix serving the stop
    uint32_t *stop_pattern_pos;    // position of the stop in that pattern
    uint32_t *path_first;          // stop count + 1: footpaths
    uint32_t *path_to;
    int32_t *path_s;
    int32_t *change_s;  // by stop: from one vehicle to another at the same stop; TRANSIT_NO_CHANGE = not possible
    idmap stop_map;
    uint32_t station_count;  // stations of the feed (0 where nobody told); their stops
    text *station_id;
    uint32_t *station_first;  // station_count + 1
    uint32_t *station_stop;
} transit;

#define TRANSIT_NO_CHANGE INT32_MAX

// Where a pattern's trips and times lie. Event of trip n (from 0) at position k: event_first + n * stops + k in
// arrival_s and departure_s, event_first + k * trips + n in leave_s.
typedef struct transit_block {
    uint32_t event_first;
    uint32_t trip_first;
    uint32_t trips;
    uint32_t stop_first;
    uint32_t stops;
    float trips_per_s;  // on average over its day at the first stop: where to begin a search for a departure
} transit_block;

// A GTFS trip within a run.
typedef struct transit_part {
    text trip_id;
    text route_id;
    text line;
    text headsign;
    uint32_t position;  // of its first call in the run
    int32_t day;        // service day, days after the first one of the timetable
} transit_part;

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
    int32_t walk_s;  // from == to: what a change at the stop takes (0 where no such row is)
} transit_footpath;

// Stops must be filled (transit_alloc_stops). Trips come as calls call[call_first[i] .. call_first[i+1]) with
// trip_meta columns id/line/headsign/route_type set (pattern_ix and time_first are computed). Groups trips
// into non-overtaking patterns, sorts, builds all derived arrays. All copied into a.
err_code transit_alloc_stops(transit *t, arena *a, uint32_t stop_count);
err_code transit_build(transit *t, arena *a, const transit_trip_columns *trip_meta, const uint32_t *call_first,
                       const transit_call *call, const transit_footpath *path, uint32_t path_count);
// The GTFS trips of each run, in the order of trip_meta: part[part_first[i] .. part_first[i+1]). After transit_build,
// with the same trip_meta; copied into a.
err_code transit_set_parts(transit *t, arena *a, const transit_trip_columns *trip_meta, const uint32_t *part_first,
                           const transit_part *part);
// The part of a run that a call at a position belongs to when boarding there; NULL where t has no parts.
const transit_part *transit_part_at(const transit *t, uint32_t trip_ix, uint32_t position);
// The same timetable with other times (delays in traffic): arrival_s and departure_s by stop event of t. A vehicle
// never leaves before it arrives nor arrives before it left the stop before, and trips of a pattern keep their order: a
// time that would break this is raised to the earliest that does not (the vehicle behind is held up). What else is in
// the timetable is shared with t, which must outlive it. raised (may be NULL): how many times were raised.
err_code transit_retime(const transit *t, arena *a, const int32_t *arrival_s, const int32_t *departure_s, transit *out,
                        uint32_t *raised);
// The same timetable with the frequency of some trips (chosen[trip]) multiplied by a factor: of each line and pattern
// with n chosen trips there are (n - 1) factor + 1 (rounded), evenly between the first and the last, in times between
// those of their neighbours; with whole factors every old departure stays. changed: lines by pattern whose number of
// trips is another. Stops are shared with t; everything else is in a.
err_code transit_set_frequency(const transit *t, const uint8_t *chosen, double factor, arena *a, transit *out,
                               uint32_t *changed);
uint32_t transit_event_count(const transit *t);
err_code transit_validate(const transit *t);  // times never run backwards, indices in range
uint64_t transit_hash(const transit *t);
uint32_t transit_find_stop(const transit *t, const char *id);
void transit_describe_stops(const transit *t, column out[COLUMN_COUNT(TRANSIT_STOP_COLUMNS)]);
void transit_describe_trips(const transit *t, column out[COLUMN_COUNT(TRANSIT_TRIP_COLUMNS)]);

#endif
