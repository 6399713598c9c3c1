// GTFS Schedule folders and zips into a timetable for one service day: agency, routes, trips, stop_times, stops,
// calendar, calendar_dates, frequencies, transfers. Times over 24:00, untimed stops (interpolated by position
// between timed ones), CRLF, BOM. Stops within walk_max_m get footpaths at walk_speed (bee-line x 1.3) unless
// transfers.txt names the pair. A date without any service is an error naming the dates that have.
#ifndef VESTSIM_IO_GTFS_H
#define VESTSIM_IO_GTFS_H

#include "world/transit.h"

typedef struct gtfs_options {
    const char *date;  // YYYY-MM-DD
    double footpath_max_m;
    double walk_speed_kmh;
} gtfs_options;

err_code gtfs_load(const char *folder_or_zip, const gtfs_options *o, arena *a, transit *out);

#endif
