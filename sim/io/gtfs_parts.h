// What the files that read GTFS share: the folder or zip, the calendar, transfers, footpaths and runs.
#ifndef VESTSIM_IO_GTFS_PARTS_H
#define VESTSIM_IO_GTFS_PARTS_H

#include "io/gtfs.h"

#define GTFS_UNTIMED INT32_MIN

// --- gtfs_source: a folder or a zip -------------------------------------------------------------------------------

typedef struct gtfs_source gtfs_source;

// A zip may hold its files in one folder inside. Close in any case when *out is not NULL.
err_code gtfs_source_open(const char *path, arena *a, gtfs_source **out);
void gtfs_source_close(gtfs_source *s);
const char *gtfs_source_path(const gtfs_source *s);
bool gtfs_source_has(const gtfs_source *s, const char *name);
err_code gtfs_source_table(gtfs_source *s, const char *name, arena *a, table **out);  // ERR_FILE if it is not there

// --- gtfs_service: which services run on which day ----------------------------------------------------------------

typedef struct gtfs_service_exception {
    uint32_t service;
    int32_t day;
    uint32_t row;
    bool added;
} gtfs_service_exception;

typedef struct gtfs_service {
    idmap ids;
    uint32_t count;
    uint8_t *weekdays;   // by service: bit 0 Monday .. bit 6 Sunday
    int32_t *first_day;  // by service, days since 1970-01-01; first > last: only exceptions
    int32_t *last_day;   // included
    uint8_t *used;       // by service: set by the caller when a trip has it
    uint32_t exception_count;
    gtfs_service_exception *exception;  // sorted by service; the last of a day holds
    const table *calendar;              // NULL if there is none; its rows are the first services
    const table *dates;                 // NULL if there is none
    uint32_t *date_row;                 // by service: first row of dates that names it
} gtfs_service;

// Everything lives in a. At least one of calendar.txt and calendar_dates.txt must be there.
err_code gtfs_service_load(gtfs_source *src, arena *a, gtfs_service *out);
// "YYYY-MM-DD" as days since 1970-01-01.
err_code gtfs_service_day(const char *date, int32_t *out);
// active: one flag a service.
void gtfs_service_active(const gtfs_service *s, int32_t day, uint8_t *active);
// ERR_RANGE: nothing runs that day; names days near it on which used services run.
err_code gtfs_service_fail_empty(const gtfs_service *s, const char *path, const char *date, int32_t day);
// Warns, with its place, of a used service that runs on no day at all.
void gtfs_service_warn_never(const gtfs_service *s);

// --- gtfs_transfer: transfers.txt -----------------------------------------------------------------------------------

// The locations of stops.txt by row.
typedef struct gtfs_location {
    idmap ids;
    uint32_t count;
    uint32_t *stop_ix;      // boardable stop, or IX_NONE (station, entrance ...)
    uint32_t *parent;       // by boardable stop: row of its station, IX_NONE if none
    uint32_t *child_first;  // by row, count + 1: boardable stops of a station
    uint32_t *child;        // stop ix
    const char *file;
} gtfs_location;

typedef struct gtfs_transfer {
    uint32_t row;
    uint8_t type;       // 0 to 3
    uint8_t rank;       // of the specification: 1 both trips .. 5 one route, 6 stops only
    int32_t time_s;     // min_transfer_time of type 2; -1 if not given
    uint32_t from, to;  // rows of stops.txt
    uint32_t from_trip, to_trip, from_route, to_route;  // rows; IX_NONE where not named
} gtfs_transfer;

typedef struct gtfs_seat {  // a row of type 4 (stay on board) or 5 (all must leave)
    uint32_t row;
    uint8_t type;
    uint32_t from_trip, to_trip;
} gtfs_seat;

// A kind of trips with transfers of their own at a stop: one trip, or those of a route that are not named themselves.
typedef struct gtfs_kind {
    uint32_t stop_ix;
    uint32_t trip;   // IX_NONE: a route
    uint32_t route;  // of the trip too
    uint32_t node;   // row of the timetable's stops; IX_NONE until numbered, or when no trip of it calls
} gtfs_kind;

typedef struct gtfs_transfers {
    const table *t;  // NULL without transfers.txt
    gtfs_transfer *row;
    uint32_t count;
    gtfs_seat *seat;
    uint32_t seat_count;
    gtfs_kind *kind;  // by stop, trips before routes
    uint32_t kind_count;
    uint32_t stop_count;   // boardable stops
    uint32_t node_count;   // those and the numbered kinds
    uint32_t *kind_first;  // by stop, stop_count + 1
} gtfs_transfers;

struct gtfs;
err_code gtfs_transfer_load(struct gtfs *g);
// The kind that a call of a trip at a stop belongs to; NULL for the stop's ordinary one.
gtfs_kind *gtfs_transfer_kind(const struct gtfs *g, uint32_t stop_ix, uint32_t trip);
// Numbers the kinds whose node is not IX_NONE after the stops.
void gtfs_transfer_number(gtfs_transfers *x);
// The boardable stops of a location: itself, or a station's platforms.
void gtfs_location_stops(const gtfs_location *l, uint32_t row, const uint32_t **stop, uint32_t *count);

// --- the feed being read --------------------------------------------------------------------------------------------

typedef struct gtfs_route {
    const char *id;
    const char *line;
    uint8_t type;
} gtfs_route;

// A trip of trips.txt.
typedef struct gtfs_trip {
    const char *id;
    const char *headsign;
    const char *block;  // "" if none
    uint32_t route;
    uint32_t days;        // bit d: runs on day d of the timetable
    uint32_t call_first;  // its calls that have or get a time
    uint32_t call_count;
} gtfs_trip;

// A row of stop_times.txt of a trip of the days read.
typedef struct gtfs_call {
    uint32_t sequence;
    uint32_t row;
    uint32_t stop_ix;
    uint32_t node_ix;   // stop of the timetable: stop_ix, or one of its kinds
    int32_t arrival_s;  // GTFS_UNTIMED if not given
    int32_t departure_s;
    double distance;  // shape_dist_traveled; negative if not given
    uint8_t no_pickup;
    uint8_t no_dropoff;
} gtfs_call;

// A row of frequencies.txt.
typedef struct gtfs_frequency {
    uint32_t trip;
    uint32_t row;
    int32_t start_s;
    int32_t end_s;
    int32_t headway_s;
} gtfs_frequency;

typedef struct gtfs {
    const gtfs_options *o;
    gtfs_source *src;
    arena *a;        // what the timetable keeps
    arena *scratch;  // the rest
    transit *out;
    gtfs_location location;
    const table *stops;
    gtfs_service service;
    int32_t day;        // the date asked for
    int32_t first_day;  // of the timetable
    uint32_t day_count;
    uint32_t *service_days;  // by service, bits as in gtfs_trip.days
    idmap route_ids;
    gtfs_route *route;
    const char *route_file;
    idmap trip_ids;
    gtfs_trip *trip;
    uint32_t trip_count;
    const char *trip_file;
    uint32_t *call_first;  // by trip, count + 1
    gtfs_call *call;       // of trips of the days, in order of the trip
    const table *stop_times;
    uint32_t same_sequence;     // calls with the stop_sequence of the one before
    uint32_t *frequency_first;  // by trip, count + 1
    gtfs_frequency *frequency;  // by trip, in file order
    gtfs_transfers transfer;
} gtfs;

// --- gtfs_run: vehicles' runs ---------------------------------------------------------------------------------------

typedef struct gtfs_runs {
    transit_trip_columns meta;
    uint32_t *call_first;
    transit_call *call;
    uint32_t call_count;
    uint32_t *part_first;
    transit_part *part;
    uint32_t part_count;
} gtfs_runs;

// Trips by day, by frequency, and joined where passengers may stay seated.
err_code gtfs_run_build(gtfs *g, gtfs_runs *out);

// --- gtfs_path: walks between stops ---------------------------------------------------------------------------------

// All walks between rows of the timetable's stops and the times of changes at them: transfers.txt, and every pair of
// stops within reach that it does not name. The list is mem_alloc'ed.
err_code gtfs_path_build(const gtfs *g, transit_footpath **path, uint32_t *path_count);

#endif
