// The world as it stands in one year: network, prices and timetable after the measures in force, with the router
// indices and level-of-service tables made from them. Shared by all replications of the year; read-only after build.
#ifndef VESTSIM_LOOP_WORLD_YEAR_H
#define VESTSIM_LOOP_WORLD_YEAR_H

#include "model/activity.h"
#include "model/cch_car.h"
#include "model/route_active.h"
#include "model/route_car.h"
#include "model/route_transit.h"
#include "model/synth.h"
#include "world/result.h"

// Everything read from files, for a scenario. Filled by io/case, used by the loop.
typedef struct world_case {
    scenario scenario;
    network network;  // today and later: open_year tells
    zone_system zones;
    transit transit;        // today's timetable
    uint32_t feed_count;    // other timetables named by measures
    const char **feed_dir;  // as in scenario_measure.text
    transit *feed;
    synth_input people;
    uint32_t *road_order;  // contraction order of cars' and lorries' roads (cch_car_build); NULL = worked out each year
} world_case;

typedef struct world_year {
    const world_case
        *source;  // the year's own copy: numbers, place sizes and flows as the measures in force leave them
    int year;
    network network;         // copy with the measures in force applied; same links in the same order every year
    const transit *transit;  // the timetable in force
    double car_cost_nok_per_km;
    double fare_factor;
    double home_office_share;
    float *zone_parking_nok;  // [zone]
    float *holiday_share;     // [place] of its holiday homes that may become homes, measures in force
    uint32_t conversion_count;
    scenario_programme *conversion;  // holiday homes that do (loop/holiday): a programme of their own
    route_car_index *car;
    route_car_index *lorry;
    cch_car_index *roads;  // every link that cars or lorries may ever use: the same order of contraction every year
    route_active_index *active;
    float *station_distance_m;  // [place] straight to the nearest railway stop; +inf without one
    uint32_t *stop_node;        // [stop] nearest node that allows walking
    bool *stop_inside;          // [stop] inside the municipality
    // level of service between "slots": the distinct nodes of places
    uint32_t slot_count;
    uint32_t *slot_node;
    uint32_t *place_slot;
    uint32_t *time_ds[ACTIVE_MODE_COUNT];       // [slot][slot] walking, cycling, e-cycling; IX_NONE = unreachable
    uint32_t *perceived_ds[ACTIVE_MODE_COUNT];  // [slot][slot]
    float *active_m[ACTIVE_MODE_COUNT];         // [slot][slot]
    uint32_t *access_first;                     // [slot + 1]: stops within walking distance, by stop ix
    route_transit_access *access;
    activity_los los;  // for destination choice and the choice of workplace and school
} world_year;

// Applies every measure with start_year <= year, opens and closes links, builds routers and level of service.
// ERR_REFERENCE (located in the scenario file) for a measure whose target does not exist.
err_code world_year_build(const world_case *c, int year, arena *a, world_year *out);
// Mode choice tree of a purpose; alternatives in the order of enum mode. Nests: car (driver, passenger), public
// transport alone, active (cycle, walk).
choice_tree world_year_choice_tree(const purpose_params *p);
// Single fare felt by a person of an age group, one way.
double world_year_fare_nok(const world_year *w, uint32_t from_place, uint32_t to_place, age_group age,
                           bool season_pass);
// Price of parking for a stay at a place.
double world_year_parking_nok(const world_year *w, uint32_t place);

#endif
