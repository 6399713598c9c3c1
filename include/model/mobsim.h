// One day of traffic: spatial queues with backward-moving holes at 1-second resolution, event-driven on a
// per-second bucket calendar with one parallel phase (vehicle form of Newell's model: entry n is allowed at t iff
// n < storage + #{exits k: exit(k) + length/wave speed <= t}; Newell 1993, Transp. Res. B 27(4), part I-III).
//
// A link is owned by its to-node; a partition owns nodes. What one node writes in second t can be used by another
// only at t + 1 or later, because free-flow and hole times are at least 1 s, so nodes of one second are independent:
// no locks, no atomics, same bytes for any number of threads (docs/decisions/0003). A visit that finds nothing to do
// changes nothing. Gridlock is broken by moving a head vehicle that waited stuck_s into a counted vertical queue.
//
// A leg drives all of its links from start to end: departing vehicles wait in a vertical queue at the start of their
// first link and enter it in turn with the node's in-links (a MATSim leg, which starts at the end of its first link,
// is the same leg without that link). Arriving vehicles leave the end of their last link in FIFO order and use none
// of its flow capacity. A vehicle needs one free slot to enter and then takes its pcu (a lorry borrows the next
// slots that come free, so that it cannot be passed over for ever). Free-flow times are exact to 0.1 s: a vehicle
// carries the fraction of a second from link to link, starting with half a second.
//
// Junctions (network.node.control and network.turn): turn penalties and capacities, signals as gates, and entries to
// roundabouts and from minor roads whose headway grows with the conflicting flow of the last minute. Who shares a full
// link gets it in proportion to priority (Daganzo 1995, Transp. Res. B 29(2)): a vehicle that waited for room or took
// the last of it is charged the headway of its link, and who was charged least goes first. Buses leave the road at
// their stops, dwell, and come back as departing vehicles. Cyclists on mixed links take flow capacity but are not in
// the queue.
#ifndef VESTSIM_MODEL_MOBSIM_H
#define VESTSIM_MODEL_MOBSIM_H

#include "model/traveltime.h"

typedef struct mobsim_params {
    double wave_speed_kmh;
    double jam_spacing_m;
    uint32_t stuck_s;
    double lorry_pcu;  // takes this many slots and headways (rounded to 1/16)
    double scale;      // flow and storage capacity factor for sampled populations
    uint32_t end_s;    // end of the simulated day
    double bus_pcu;    // as lorry_pcu; 0 = 2 (params/mobsim.csv)
    double cycle_pcu;  // flow that a cyclist takes from a mixed link; 0 = 0.25 (params/mobsim.csv)
} mobsim_params;

// Fixed routes: leg i departs at departure_s[i] and drives route_link[route_first[i] .. route_first[i+1]).
// Consecutive links must connect by turns that are not forbidden; a leg with an empty route arrives at once. Not
// changed, not owned.
//
// Stops (buses only): stop k of leg i is stop_first[i] + k, reached when stop_links[.] links of the route have been
// driven (0 = where it starts; never falling). The bus dwells stop_dwell_s[.] and leaves at stop_departure_s[.] or as
// soon as it can. stop_first NULL = no stops. Cyclists: at cycle_s[.] one leaves the end of link cycle_link[.].
typedef struct mobsim_demand {
    uint32_t leg_count;
    const uint32_t *departure_s;
    const uint32_t *route_first;  // leg_count + 1
    const uint32_t *route_link;
    const uint8_t *vehicle;      // enum vehicle_class
    const uint32_t *stop_first;  // leg_count + 1, or NULL
    const uint32_t *stop_links;
    const uint32_t *stop_departure_s;  // timetable: not before
    const uint16_t *stop_dwell_s;
    uint32_t cycle_count;
    const uint32_t *cycle_link;
    const uint32_t *cycle_s;
} mobsim_demand;

// Dwell of a bus: 3.5 s and 2 s a boarding passenger (params/mobsim.csv bus.dwell.*), rounded up.
static inline uint16_t mobsim_dwell_s(uint32_t boardings) {
    uint32_t dwell_s = 4 + 2 * boardings;
    return dwell_s < UINT16_MAX ? (uint16_t)dwell_s : UINT16_MAX;
}

typedef struct mobsim_result {
    uint32_t *arrival_s;         // [leg]; IX_NONE = not arrived at the end of the day
    uint32_t *stop_arrival_s;    // [stop]; IX_NONE = not reached. NULL without mobsim_alloc_stops
    uint32_t *stop_departure_s;  // [stop]; at the last stop of a route its arrival
    // Statistics of links; read them with the functions below.
    uint32_t link_count;
    traveltime_seen *seen;   // [TRAVELTIME_BINS][link]: all vehicles that left; entries after the last bin are in it
    uint32_t *turn_sum_ds;   // likewise: what of their time were penalties of turns; NULL = no turn has one
    uint32_t *other_left;    // [class - 1][RESULT_BINS][link]: those of them that were no cars (later ones: last bin)
    uint64_t *staying;       // sorted: on a link at the end of the day, see mobsim_entered
    uint32_t staying_count;  // at most one a leg
    uint8_t used[VEHICLE_CLASS_COUNT][TRAVELTIME_BINS];  // rows of seen (class 0) and other_left that are not all 0
    uint64_t link_events;                                // vehicles leaving a link (work done)
    uint64_t visits;                                     // link visits
    uint64_t started;                                    // vehicles that departed before the end of the day
    uint64_t arrived;
    uint64_t on_network;    // at the end of the day, with those still waiting to enter
    uint64_t forced;        // moved by the gridlock timer
    uint64_t delay_s;       // vehicle-seconds above free flow, on links left
    uint32_t unbalanced_s;  // first second at which started != arrived + on network, IX_NONE = never
    double prepare_s;  // wall time of the run: routes and empty state, then the day; says nothing about the traffic
    double day_s;
} mobsim_result;

typedef struct mobsim mobsim;  // index and scratch, reusable for many days

// Checks the network (closed links have no capacity; zero-length or zero-capacity links are raised to 1 slot) and
// lays out partitions. The arena must outlive it.
err_code mobsim_build(const network *n, const mobsim_params *p, arena *a, mobsim **out);
err_code mobsim_alloc_result(const mobsim *m, arena *a, uint32_t leg_count, mobsim_result *r);
// Room for the stop events of a demand with stops.
err_code mobsim_alloc_stops(arena *a, uint32_t stop_count, mobsim_result *r);
// Runs the day; r's arrays are overwritten. ERR_REFERENCE for a route that does not connect, uses a closed link or
// turns where it must not, and for stops that are not on the route.
// Balance (started = arrived + on network) is checked at every second from counters kept apart.
err_code mobsim_run(mobsim *m, const mobsim_demand *d, mobsim_result *r);
// Vehicles of a class that entered a link in a 5-minute bin of RESULT_BINS (later ones are in the last bin), those
// still on the link at the end of the day included; and the whole row [link].
uint32_t mobsim_entered(const mobsim_result *r, uint32_t class_ix, uint32_t bin, uint32_t link);
// By 15-minute entry bin of TRAVELTIME_BINS, of all classes: vehicles that left, and their time on the link.
static inline const traveltime_seen *mobsim_seen(const mobsim_result *r, uint32_t quarter, uint32_t link) {
    return &r->seen[(size_t)quarter * r->link_count + link];
}
// Of the outcome alone: times taken and work done are not in it.
uint64_t mobsim_hash(const mobsim *m, const mobsim_result *r, uint32_t leg_count);
// From the next run on, writes when each leg enters each link of its route into entry_s, which is parallel to
// demand.route_link; IX_NONE where it did not get there. NULL (the default) records nothing.
void mobsim_set_recorder(mobsim *m, uint32_t *entry_s);
// Tests only: drop the k-th departing vehicle (the balance must notice), inject spurious wake-ups at this rate per
// 65536 link-seconds (nothing may change), force a number of partitions (0 = thread count).
typedef struct mobsim_test_hooks {
    int64_t drop_vehicle;  // -1 = none
    uint32_t spurious_rate;
    uint32_t partitions;
} mobsim_test_hooks;
void mobsim_set_test_hooks(mobsim *m, mobsim_test_hooks hooks);

#endif
