// The world as it stands in one year: network, prices and timetable after the measures in force, with the router
// indices and level-of-service tables made from them. Shared by all replications of the year; read-only after build.
#ifndef VESTSIM_LOOP_WORLD_YEAR_H
#define VESTSIM_LOOP_WORLD_YEAR_H

#include "model/activity.h"
#include "model/route_active.h"
#include "model/route_car.h"
#include "model/route_transit.h"
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
    struct synth_input *people;
} world_case;

typedef struct world_year {
    const world_case *source;
    int year;
    network network;          // copy with measures applied
    const transit *transit;   // the feed in force
    float *zone_parking_nok;  // [zone]
    double car_cost_nok_per_km;
    double fare_factor;
    double home_office_share;
    double cordon_nok;
    route_car_index *car;
    route_car_index *lorry;
    route_active_index *active;
    float *station_distance_m;  // [place] to the nearest rail stop
    // level of service between the distinct nodes of places ("slots")
    uint32_t slot_count;
    uint32_t *slot_node;
    uint32_t *place_slot;
    uint32_t *walk_ds[ACTIVE_MODE_COUNT];  // plain time [slot][slot], IX_NONE = unreachable; index by active_mode
    uint32_t *perceived_ds[ACTIVE_MODE_COUNT];
    float *walk_m;           // [slot][slot]
    float *cycle_m;          // [slot][slot]
    uint32_t *access_first;  // [slot + 1] stops within walking distance
    route_transit_access *access;
    activity_los los;
} world_year;

err_code world_year_build(const world_case *c, int year, arena *a, world_year *out);
choice_tree world_year_choice_tree(const purpose_params *p);  // alternatives in the order of enum mode

#endif
