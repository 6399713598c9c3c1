// GMNS network folders (General Modeling Network Specification 0.96): config.csv, node.csv, link.csv.
// Units are taken from config.csv (short_length, long_length, speed), never guessed. Columns beyond GMNS:
// link.cycle_facility (mixed_slow|mixed_fast|lane|path_along|path_own), link.open_year, node.z_coord as height.
// Non-directed links (directed = 0) become two links, the second with id + "-r". Coordinates are projected by PROJ
// to EPSG:25832. movement.csv, where there is one, fills network.turn; columns beyond GMNS: type `forbidden`, cycle,
// green_from, green (seconds).
#ifndef VESTSIM_IO_GMNS_H
#define VESTSIM_IO_GMNS_H

#include "world/network.h"

err_code gmns_load(const char *folder, arena *a, network *out);

#endif
