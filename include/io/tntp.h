// TNTP test problems (github.com/bstabler/TransportationNetworks): NAME_net.tntp, NAME_trips.tntp and, where there is
// one, NAME_node.tntp. Read as they are found: tabs or blanks, missing blanks, `~` comments, rows with or without `;`.
// Nodes below <FIRST THRU NODE> carry no through traffic. Errors name file and line.
//
// The files state no units for certain: what the column titles of <ORIGINAL HEADER> say in brackets is used, else miles
// and minutes; options overrule both. The delay functions keep every number of the file. For the queue model the
// network is made passable: lengths of at least 1 m, at most 100 m/s, lanes of about 2000 veh/h; counted in a warning.
#ifndef VESTSIM_IO_TNTP_H
#define VESTSIM_IO_TNTP_H

#include "world/od_matrix.h"
#include "world/volume_delay.h"

typedef struct tntp_options {
    double length_unit_m;      // metres in a unit of length; 0 = as the file says
    double time_unit_min;      // minutes in a unit of time; 0 = as the file says
    double coordinate_unit_m;  // metres in a unit of the node file; 0 = 1
    double toll_factor;        // time units for a unit of toll; below 0 = <TOLL FACTOR>, else 0
    double distance_factor;    // time units for a unit of length; below 0 = <DISTANCE FACTOR>, else 0
} tntp_options;

typedef struct tntp_case {
    const char *name;  // NAME
    network network;   // plane coordinates; all 0 without a node file. Link ids are rows of the file, from 1
    volume_delay delay;
    od_matrix trips;
    text *node_zone_id;   // [node] "" for nodes that are no zone
    double total_stated;  // <TOTAL OD FLOW>, 0 if not given
    uint32_t first_thru;  // <FIRST THRU NODE>
} tntp_case;

// path: a folder with one *_net.tntp, or the file itself.
err_code tntp_load(const char *path, const tntp_options *o, arena *a, tntp_case *out);

#endif
