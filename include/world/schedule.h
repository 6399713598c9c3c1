// A timetable with the vehicles that run it on the network: which links every departure drives, where it calls, how
// many persons its vehicle takes. world/transit is the same timetable for routing; this one is for driving it.
//
// A pattern (MATSim's transitRoute) drives its links from the end of start_link on, as a car leg does, and calls at
// its stops after links_driven of them. Departures (trips) of a pattern have the same stops, each with its own times.
// Departures with the same vehicle are one vehicle's day. Filled by io; indices are checked by schedule_check.
#ifndef VESTSIM_WORLD_SCHEDULE_H
#define VESTSIM_WORLD_SCHEDULE_H

#include "base/table.h"

typedef struct schedule_facility {  // a stop
    const char *id;
    const char *name;
    double x_m, y_m;
    const char *link_id;  // link it lies on, "" = none
} schedule_facility;

typedef struct schedule_stop {  // of a pattern
    uint32_t facility;
    uint32_t links_driven;  // before it is reached
    bool awaits;            // a vehicle that is early waits for its departure time
} schedule_stop;

typedef struct schedule_line {
    const char *id;
    const char *name;
} schedule_line;

typedef struct schedule_pattern {
    const char *line_id;  // of its line
    const char *route_id;
    const char *mode;  // MATSim's transportMode
    uint32_t line;
    uint32_t start_link;  // IX_NONE = none: it starts at the from-node of its first link
    uint32_t link_first;  // in schedule.link
    uint32_t link_count;
    uint32_t stop_first;  // in schedule.stop
    uint32_t stop_count;
    bool known;    // all links of its route are in the network
    bool on_road;  // can be driven; otherwise its departures keep to the timetable without being in the traffic
} schedule_pattern;

typedef struct schedule_departure {
    const char *id;
    uint32_t pattern;
    uint32_t vehicle;      // IX_NONE = one of its own, of no known type
    uint32_t departure_s;  // from its start link
    uint32_t call_first;   // in schedule.call; as many as the pattern has stops
} schedule_departure;

typedef struct schedule_call {
    uint32_t arrival_s;
    uint32_t departure_s;
} schedule_call;

typedef struct schedule_vehicle {
    const char *id;
    uint32_t type;  // IX_NONE = not known: no limit to its passengers
} schedule_vehicle;

typedef struct schedule_vehicle_type {
    const char *id;
    uint32_t seats, standing;
    double access_s, egress_s;  // a passenger
    bool parallel;              // passengers get on and off at the same time, not one after the other
    double pcu;                 // passenger-car units
} schedule_vehicle_type;

typedef struct schedule_transfer {
    uint32_t from, to;  // facilities
    uint32_t time_s;
} schedule_transfer;

typedef struct schedule {
    uint32_t facility_count, pattern_count, line_count, departure_count, vehicle_count, type_count, transfer_count;
    uint32_t link_count, stop_count, call_count;
    schedule_facility *facility;
    schedule_line *line;
    schedule_pattern *pattern;
    schedule_departure *departure;  // by pattern, then as in the file
    schedule_vehicle *vehicle;
    schedule_vehicle_type *type;
    schedule_transfer *transfer;
    uint32_t *link;
    schedule_stop *stop;
    schedule_call *call;
} schedule;

// Checks indices, that calls never run backwards in time and stops along the links.
// ERR_REFERENCE or ERR_RANGE with the id of what is wrong.
err_code schedule_check(const schedule *s, uint32_t network_links);
// Persons a departure's vehicle takes; UINT32_MAX = no limit.
uint32_t schedule_capacity(const schedule *s, uint32_t departure);
// Seconds its doors are open when so many get on and off.
uint32_t schedule_dwell_s(const schedule *s, uint32_t departure, uint32_t boardings, uint32_t alightings);
// Passenger-car units of a departure's vehicle, mean over all that are on the road; 0 when none is known.
double schedule_mean_pcu(const schedule *s);

#endif
