// A timetable with the vehicles that run it as a GTFS folder: what other programs read of GTFS, and more columns and
// two more files for what GTFS does not know.
//
// stops.txt: stop_x, stop_y (metres of the network's plane; stop_lat and stop_lon are then 0) and link_id. trips.txt:
// pattern_id, departure_id, start_time, vehicle_id. stop_times.txt: links_driven, timepoint 1 = a vehicle that is early
// waits. patterns.txt: what a pattern drives. vehicles.txt: vehicles and their types. Format: docs/formats.md.
#ifndef VESTSIM_IO_SCHEDULE_GTFS_H
#define VESTSIM_IO_SCHEDULE_GTFS_H

#include "world/network.h"
#include "world/schedule.h"

// The folder is made if it is not there; its files are written beside their place and renamed when all are complete.
err_code schedule_gtfs_save(const char *folder, const network *n, const schedule *s);
// Reads such a folder back. Links that are not in the network make a pattern unknown (a counted warning).
err_code schedule_gtfs_load(const char *folder, const network *n, arena *a, schedule *out);
// Whether the folder has a patterns.txt, so that schedule_gtfs_load can read it.
bool schedule_gtfs_is(const char *folder);

#endif
