// Persons with fixed plans: legs that follow each other, driven ones in the queue model, the others moved in time only.
//
// A leg departs at the end time of the activity before it, or where there is none when the activity's duration has
// passed since the arrival, and never before the arrival (MATSim's rule "tryEndTimeThenDuration"; Horni, Nagel and
// Axhausen 2016, The Multi-Agent Transport Simulation MATSim, chapter 4). The queue model takes fixed departures, so
// the day is run again until every departure is what the arrivals of the same run make it: where all activities have
// end times that is one run, otherwise two or three, because a delay passes on to later legs only.
//
// A driven leg starts at the end of its start link, as in MATSim: the route is without that link, and vehicles that
// depart from it leave it one headway of its flow capacity apart, the first a second after its departure. Vehicles
// driving through the start link are not held up by those who depart from it (a simplification). Legs of the same
// second are served in descending order of the person's id, as MATSim's queue of departures does.
//
// Public transport (world/schedule): every departure is a bus in the queue model that drives the links of its pattern
// and calls at its stops; its dwell follows from who got on and off in the run before. A person whose leg names a line
// waits at the access stop and boards the first vehicle of the line that has room and calls at the egress stop later
// (MATSim's rule: any route of the line), first come first served. The doors close when the vehicle is there, and not
// before its departure time where it awaits that: who comes during the dwell after that has missed it (a
// simplification, as are vehicles that call off the road, and departures that do not queue for their start link). A
// vehicle that comes late from one departure is late for its next. Departures whose route cannot be driven keep to
// the timetable.
#ifndef VESTSIM_MODEL_CHAIN_H
#define VESTSIM_MODEL_CHAIN_H

#include "model/mobsim.h"
#include "world/schedule.h"

typedef enum chain_kind {
    CHAIN_DRIVE = 0,  // in the queue model
    CHAIN_TELEPORT,   // takes travel_s
    CHAIN_UNUSABLE    // should be driven but cannot be; takes travel_s, so that the person's day goes on
} chain_kind;

// Why a leg is unusable.
typedef enum chain_fault {
    CHAIN_OK = 0,
    CHAIN_NO_ROUTE,      // no route in the plan
    CHAIN_UNKNOWN_LINK,  // its route or start names a link or node that is not in the network
    CHAIN_CLOSED,        // a link is closed to the vehicle
    CHAIN_GAP,           // two links of the route do not connect
    CHAIN_TURN,          // a turn of the route is forbidden
    CHAIN_FAULT_COUNT
} chain_fault;

typedef struct chain_wish {  // the journey of a leg by public transport
    const char *line_id;
    const char *route_id;               // as planned; any route of the line will do
    const char *access_id, *egress_id;  // stops
} chain_wish;

typedef struct chain_leg {
    const char *mode;
    const char *activity;  // type of the activity before the leg
    uint32_t end_s;        // when that ends; IX_NONE = not given
    uint32_t stay_s;       // or how long it takes; IX_NONE = not given: departs at end_s, or never if both are missing
    uint32_t travel_s;     // of a leg that is not driven
    uint32_t start_link;   // network link of the activity before, IX_NONE = not known
    uint32_t end_link;     // and of the one after
    uint32_t route_first;  // driven links in chain_plans.route_link; none: start and end are the same place
    uint32_t route_count;
    const chain_wish *wish;  // NULL = none; only of CHAIN_TELEPORT, which it is where there is no schedule
    uint8_t kind;            // enum chain_kind
    uint8_t vehicle;         // enum vehicle_class
    uint8_t fault;           // enum chain_fault
} chain_leg;

typedef struct chain_plans {
    uint32_t person_count;
    uint32_t leg_count;
    uint32_t route_link_count;
    const char **person_id;
    const char **last_activity;  // [person] type of the activity after the last leg
    uint32_t *leg_first;         // [person + 1]
    chain_leg *leg;
    uint32_t *route_link;
} chain_plans;

typedef enum chain_outcome {
    CHAIN_ARRIVED = 0,     // driven
    CHAIN_UNDER_WAY,       // at the end of the day
    CHAIN_NOT_STARTED,     // its time did not come before the end of the day
    CHAIN_WAS_TELEPORTED,  // teleported, and at its destination
    CHAIN_WAS_UNUSABLE,    // reported; a wish that no departure of the schedule can fulfil among them
    CHAIN_SERVED,          // by public transport
    CHAIN_LEFT_WAITING,    // at the end of the day, at a stop
    CHAIN_OUTCOME_COUNT
} chain_outcome;

typedef struct chain_transit {  // what the departures of the schedule did
    uint32_t departures;        // that started before the end of the day
    uint32_t completed;         // of these, at their last stop before the end of the day
    uint32_t by_timetable;      // of those started, not in the traffic
    uint32_t boardings;
    uint32_t denied;        // times that a vehicle had no room for somebody who waited for it
    uint32_t left_waiting;  // persons at a stop at the end of the day
    uint32_t riding;        // persons in a vehicle at the end of the day
    uint32_t unfit;         // legs with a wish that no departure can fulfil
    uint32_t *start_s;      // [departure] IX_NONE = not started
    uint32_t *arrival_s;    // [call] of the schedule; IX_NONE = not reached
    uint32_t *departure_s;  // [call]
    uint32_t *entry_first;  // [departure] place of its links in entry_s, IX_NONE = not driven
    uint32_t *boarded;      // [leg] departure that was boarded, IX_NONE = none
    uint32_t *boarded_s;    // [leg] when
} chain_transit;

typedef struct chain_result {
    uint32_t *departure_s;  // [leg] IX_NONE = not started
    uint32_t *arrival_s;    // [leg] IX_NONE = did not arrive
    uint8_t *outcome;       // [leg] enum chain_outcome
    uint32_t *entry_first;  // [leg] place of the route in entry_s, IX_NONE = not driven
    uint32_t *entry_s;      // second in which each link of a driven route is entered, IX_NONE = not reached
    uint32_t rounds;        // runs of the queue model
    uint32_t unsettled;     // departures and dwells that the last run would still change (0 unless rounds_max was met)
    mobsim_result mobsim;   // of the last run
    chain_transit transit;  // zeros without a schedule
} chain_result;

// Whether a vehicle can drive route[0 .. count) when it starts at the end of start_link; *position says where not.
chain_fault chain_check_route(const network *n, uint32_t start_link, const uint32_t *route, uint32_t count,
                              vehicle_class vehicle, uint32_t *position);
// "has no route", ... for messages.
const char *chain_fault_text(chain_fault fault);
// Decides which patterns of a schedule are driven (schedule_pattern.on_road). Links that they need and that are closed
// to buses are opened to them: returns how many. Patterns that do not connect, take a forbidden turn or have fewer than
// two stops or no link are not driven.
uint32_t chain_place_schedule(network *n, schedule *s);
// Runs the day at most rounds_max times. Legs of kind CHAIN_DRIVE must pass chain_check_route. s: NULL = no public
// transport, and legs with a wish are teleported; otherwise it must have been placed on the network.
// p->bus_pcu 0 = the mean of the schedule's vehicles, where they have one.
err_code chain_run(const network *n, const mobsim_params *p, const chain_plans *plans, const schedule *s,
                   uint32_t rounds_max, arena *a, chain_result *r);

#endif
