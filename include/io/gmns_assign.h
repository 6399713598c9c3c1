// What static assignment needs of a GMNS folder beside the network: delay functions (columns vdf_* of link.csv), zones
// (columns zone_id and zone_only of node.csv) and trips (demand.csv: o_zone_id,d_zone_id,volume). Columns of Path4GMNS,
// DTALite and GMNS+ are read too: VDF_fftt1, VDF_alpha1, VDF_beta1, VDF_cap1, vdf_fftt, in any case. What is missing is
// taken from the network: free time from length and speed, capacity of all lanes, alpha 0.15 and power 4.
#ifndef VESTSIM_IO_GMNS_ASSIGN_H
#define VESTSIM_IO_GMNS_ASSIGN_H

#include "world/od_matrix.h"
#include "world/volume_delay.h"

typedef struct gmns_assign_case {
    network network;
    volume_delay delay;
    od_matrix trips;
} gmns_assign_case;

// A zone's trips start and end at the first node of the file that names it.
err_code gmns_assign_load(const char *folder, arena *a, gmns_assign_case *out);
// Forbids every turn at the nodes marked zone_only (1) in a loaded network's node.csv: traffic may start and end there,
// but not pass. Nothing without such a column.
err_code gmns_assign_close_zones(const char *folder, arena *a, network *n);
// demand.csv into a folder, complete or not at all.
err_code gmns_assign_save_trips(const char *folder, const od_matrix *od);

#endif
