// GTFS Schedule folders and zips into a timetable for one service day (or several): agency, routes, trips, stop_times,
// stops, calendar, calendar_dates, frequencies, transfers. BOM, CRLF, times over 24:00.
//
// - Untimed stops get times at even speed along shape_dist_traveled where all calls between two timed ones have it,
// else
//   in equal steps from stop to stop; whole seconds, rounded down.
// - frequencies.txt: start_time is the departure of the first run from its first stop; runs at start, start + headway,
//   ... before end_time, whether exact_times is 0 or 1.
// - In-seat: consecutive trips of a block on a day are one run where the second begins at the stop or station where the
//   first ends, or within 200 m; transfers of type 4 join any two, type 5 parts them. Trips by frequency are not
//   joined.
// - transfers.txt: types 0 and 1 take the walk, 2 its min_transfer_time (also at the same stop), 3 none; rows for
// single
//   routes or trips count before others in the order of the specification; among equals the first row. A transfer at a
//   station holds between all its stops and at each of them.
// - Stops within footpath_max_m (bee-line x 1.3) get footpaths at walk_speed_kmh unless transfers.txt names the pair.
//
// Columns stop_x and stop_y (not GTFS: metres of a local plane, written by io/schedule_gtfs) take the place of the
// projection. A date without any service is an error naming the dates that have. Oddities that harm nothing (rows of
// uneven length, unknown route types, calls without a time at a trip's ends, services that never run ...) are counted
// warnings; everything else is a located error. Memory is bounded: files of 1 GiB, 500 000 runs and 20 million stop
// events, 20 million footpaths.
#ifndef VESTSIM_IO_GTFS_H
#define VESTSIM_IO_GTFS_H

#include "world/transit.h"

typedef struct gtfs_options {
    const char *date;       // YYYY-MM-DD
    double footpath_max_m;  // 0: only what transfers.txt names
    double walk_speed_kmh;
    // Service days before and after the date that are read too, 0 to 15 each. With days before, times count from the
    // midnight of the first of them, so that trips of the day before past 24:00 are there in the night of the date.
    uint32_t days_before;
    uint32_t days_after;
} gtfs_options;

err_code gtfs_load(const char *folder_or_zip, const gtfs_options *o, arena *a, transit *out);

#endif
