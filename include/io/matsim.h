// MATSim files in and out, plain or gzip: networks (network_v1, network_v2), plans (plans_v4, population_v5,
// population_v6), transit schedules with their vehicles, and events. File formats: the DTDs at matsim.org/files/dtd;
// Horni, Nagel and Axhausen (2016).
//
// Broken files are located errors. What MATSim itself puts up with is a counted warning: links without room or
// capacity, loops, plans whose routes do not fit the network (those legs are reported as unusable).
#ifndef VESTSIM_IO_MATSIM_H
#define VESTSIM_IO_MATSIM_H

#include "model/chain.h"
#include "world/schedule.h"

typedef struct matsim_network_info {
    uint32_t links_in_file;
    uint32_t loops;      // left out: links that start and end at the same node
    const char **loop;   // [loops] their ids; the schedule's stops may lie on them
    uint32_t repaired;   // length, capacity, speed or lanes beyond what can be simulated
    double cell_size_m;  // effectivecellsize: length of road a queued car takes
} matsim_network_info;

// x_m and y_m as in the file, lon and lat 0: the coordinates are local metres. `car` opens a link to cars and lorries,
// `truck` to lorries, `bike` to cycles, `walk` to walkers, any other mode to buses alone. A link with oneway="0"
// becomes two, the second with id + "-r".
err_code matsim_load_network(const char *path, arena *a, network *out, matsim_network_info *info);
// The selected plan of every person (the first where none is selected). Legs by car and lorry are driven; a driven leg
// whose route is missing or does not fit the network is CHAIN_UNUSABLE. Node routes (v4) take the first link open to
// the vehicle between two nodes.
err_code matsim_load_plans(const char *path, const network *n, arena *a, chain_plans *out);
// A transit schedule (v1, v2) and, unless vehicles_path is NULL, its vehicles (vehicleDefinitions v1.0, v2.0). info as
// it came from the network. What MATSim puts up with is a counted warning: routes whose links are not in the network or
// that do not pass their stops (their departures keep to the timetable), times that run backwards, vehicles of no type.
err_code matsim_load_schedule(const char *path, const char *vehicles_path, const network *n,
                              const matsim_network_info *info, arena *a, schedule *out);
// Events sorted by time, then by vehicle of the schedule (NULL = none), person and leg in the order of plans; ".gz"
// compresses. No half file is left behind.
err_code matsim_save_events(const char *path, const network *n, const chain_plans *plans, const schedule *s,
                            const chain_result *r, uint32_t end_s);
// network_v2 with x_m and y_m as coordinates, plain or ".gz"; read back by matsim_load_network with the same nodes,
// links, lengths, speeds, capacities and users, but that MATSim's `car` also opens a link to lorries, and that links
// without cars get the least room, capacity and speed that MATSim takes. A street's name and class are attributes.
// Written as PATH.part, then renamed.
err_code matsim_save_network(const char *path, const network *n);

#endif
