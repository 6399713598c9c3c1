// GMNS network folders (General Modeling Network Specification 0.96): config.csv, node.csv, link.csv.
// Units are taken from config.csv (short_length, long_length, speed), never guessed. Columns beyond GMNS:
// link.cycle_facility (mixed_slow|mixed_fast|lane|path_along|path_own), link.open_year, node.z_coord as height.
// Non-directed links (directed = 0) become two links, the second with id + "-r". Coordinates: crs EPSG:4326 (longitude,
// latitude), projected by PROJ to EPSG:25832; or crs local, plane coordinates in metres taken as x_m, y_m as they are
// (longitude and latitude are then 0).
// movement.csv, where there is one, fills network.turn; columns beyond GMNS: type `forbidden`, cycle, green_from,
// green (seconds).
#ifndef VESTSIM_IO_GMNS_H
#define VESTSIM_IO_GMNS_H

#include "world/network.h"
#include "world/volume_delay.h"

err_code gmns_load(const char *folder, arena *a, network *out);

// What link.csv and node.csv can hold beside the network; NULL members are left out. Arrays are by node or link ix.
typedef struct gmns_extras {
    const volume_delay *delay;
    const text *zone_id;       // [node] node.zone_id: the zone whose trips start and end here, "" for none
    const uint8_t *zone_only;  // [node] node.zone_only: 1 where traffic may only start and end, not pass
} gmns_extras;

// Writes a folder that gmns_load reads back as an equal network (equal network_hash): links one way each, metres and
// metres a second; crs local when no node has a longitude or latitude. `inside` and `cordon` are no part of a GMNS
// network: they are computed from areas. The folder is made if it is not there; the three files are written beside
// their place and renamed when all are complete. dataset_name may be "".
err_code gmns_save(const char *folder, const network *n, const char *dataset_name);
err_code gmns_save_with(const char *folder, const network *n, const char *dataset_name, const gmns_extras *extras);

#endif
