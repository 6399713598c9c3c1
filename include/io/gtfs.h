// GTFS Schedule folders and zips into a timetable for one service day: agency, routes, trips, stop_times, stops,
// calendar, calendar_dates, frequencies, transfers. Times over 24:00, untimed stops (interpolated by position
// between timed ones), CRLF, BOM. Stops within footpath_max_m (bee-line x 1.3) get footpaths at walk_speed_kmh unless
// transfers.txt names the pair; a transfer at a station holds between all its stops. A date without any service is an
// error naming the dates that have. Oddities that harm nothing (rows of uneven length, unknown route types, calls
// without a time at a trip's ends ...) are counted warnings; everything else is a located error. Columns stop_x and
// stop_y (not GTFS: metres of a local plane, written by io/schedule_gtfs) take the place of the projection. Memory is
// bounded: files of 1 GiB, 500 000 runs and 20 million stop events a day, 20 million footpaths.
#ifndef VESTSIM_IO_GTFS_H
#define VESTSIM_IO_GTFS_H

#include "world/transit.h"

typedef struct gtfs_options {
    const char *date;       // YYYY-MM-DD
    double footpath_max_m;  // 0: only what transfers.txt names
    double walk_speed_kmh;
} gtfs_options;

err_code gtfs_load(const char *folder_or_zip, const gtfs_options *o, arena *a, transit *out);

#endif
