// What the files that read GTFS share: the folder or zip, the calendar, and footpaths.
#ifndef VESTSIM_IO_GTFS_PARTS_H
#define VESTSIM_IO_GTFS_PARTS_H

#include "io/gtfs.h"

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
} gtfs_service;

// Everything lives in a. At least one of calendar.txt and calendar_dates.txt must be there.
err_code gtfs_service_load(gtfs_source *src, arena *a, gtfs_service *out);
// "YYYY-MM-DD" as days since 1970-01-01.
err_code gtfs_service_day(const char *date, int32_t *out);
// active: one flag a service.
void gtfs_service_active(const gtfs_service *s, int32_t day, uint8_t *active);
// ERR_RANGE: nothing runs that day; names days near it on which used services run.
err_code gtfs_service_fail_empty(const gtfs_service *s, const char *path, const char *date, int32_t day);

// --- gtfs_path: walks between stops ---------------------------------------------------------------------------------

// The locations of stops.txt by row.
typedef struct gtfs_location {
    idmap ids;
    uint32_t count;
    uint32_t *stop_ix;      // boardable stop, or IX_NONE (station, entrance ...)
    uint32_t *child_first;  // by row, count + 1: boardable stops of a station
    uint32_t *child;        // stop ix
    const char *file;
} gtfs_location;

// All walks: transfers.txt, and every pair of stops within reach that it does not name. The list is mem_alloc'ed.
err_code gtfs_path_build(gtfs_source *src, const gtfs_options *o, const gtfs_location *l, const transit *t, arena *a,
                         transit_footpath **path, uint32_t *path_count);

#endif
