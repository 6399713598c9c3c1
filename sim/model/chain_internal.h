// The working data of a chain_run, shared by chain.c (legs by road) and chain_transit.c (public transport).
#ifndef VESTSIM_MODEL_CHAIN_INTERNAL_H
#define VESTSIM_MODEL_CHAIN_INTERNAL_H

#include "model/chain.h"

enum { DAY_MAX_S = 1 << 30 };

typedef struct chain_ride {  // a leg given to the queue model
    uint32_t leg;
    uint32_t departure_s;  // as the last run had it, before the gate of the start link
    uint32_t trip_s;       // its travel time there; before the first run, in free flow
} chain_ride;

typedef struct chain_work {
    const network *network;
    const mobsim_params *params;
    const chain_plans *plans;
    const schedule *schedule;  // NULL = none
    chain_result *result;
    chain_ride *ride;     // in the order of the demand
    uint32_t ride_count;  // the demand has the buses after them
    uint32_t bus_count, bus_links;
    uint32_t *ride_of;      // [leg] or IX_NONE
    uint32_t *pending;      // [person] leg that waits for a vehicle of the schedule, IX_NONE = none
    uint32_t *departure_s;  // [ride] after the gate, then [bus]
    uint32_t *route_first;
    uint32_t *route_link;
    uint8_t *vehicle;
    uint64_t *gate_tick;  // [link] when the next vehicle may leave it at its start
    uint64_t *key;        // [ride]
    uint32_t *order;
    struct transit_work *transit;  // of chain_transit.c; NULL without a schedule
    mobsim_demand demand;
} chain_work;

// Goes through legs from `leg` on for a person who is free at at_s (IX_NONE = never), until one that waits for a
// vehicle of the schedule, which is returned with its departure set, or IX_NONE at the end.
uint32_t chain_go_on(const chain_work *w, uint32_t leg, uint32_t end, uint32_t at_s);

// Counts the departures that are driven.
void chain_transit_count(chain_work *w);
// Adds the buses to the demand, whose arrays have room for them, and finds lines and stops of the legs.
err_code chain_transit_build(chain_work *w, arena *a);
// Whether the leg waits for a vehicle of the schedule.
bool chain_is_rider(const chain_work *w, uint32_t leg);
// Lets persons board and alight by the times of the last run (before the first: the timetable) and adds to *changed
// what the next run would have otherwise.
err_code chain_transit_day(chain_work *w, uint32_t *changed);
void chain_transit_sum_up(chain_work *w);

#endif
