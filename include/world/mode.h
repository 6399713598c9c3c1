// The small enumerations that every layer shares: modes, purposes, vehicle classes, areas of reporting,
// and the purposes of random draws. Values are stored in results files: append, never renumber.
#ifndef VESTSIM_WORLD_MODE_H
#define VESTSIM_WORLD_MODE_H

#include <stdint.h>

typedef enum mode { MODE_CAR_DRIVER = 0, MODE_CAR_PASSENGER, MODE_PT, MODE_CYCLE, MODE_WALK, MODE_COUNT } mode;

// Tour purposes. SHOP includes services, LEISURE includes visits.
typedef enum purpose {
    PURPOSE_WORK = 0,
    PURPOSE_SCHOOL,
    PURPOSE_SHOP,
    PURPOSE_LEISURE,
    PURPOSE_ESCORT,
    PURPOSE_BUSINESS,
    PURPOSE_COUNT
} purpose;

// Vehicles of the queue model.
typedef enum vehicle_class { VEHICLE_CAR = 0, VEHICLE_LORRY, VEHICLE_BUS, VEHICLE_CLASS_COUNT } vehicle_class;

// Bits of link_allowed: who may use a link.
enum { ALLOW_CAR = 1, ALLOW_BUS = 2, ALLOW_CYCLE = 4, ALLOW_WALK = 8, ALLOW_LORRY = 16 };

// Who a traveller is, for the split of traffic.
typedef enum segment { SEGMENT_RESIDENT = 0, SEGMENT_VISITOR, SEGMENT_THROUGH, SEGMENT_COUNT } segment;

// Purposes of draws (rng counter word): dense and append-only, see docs/decisions/0002.
typedef enum draw {
    DRAW_SYNTH_HOUSEHOLD = 0,  // which seed household fills a dwelling
    DRAW_SYNTH_ROUND,          // integerisation
    DRAW_PERSON_LICENCE,
    DRAW_PERSON_EMPLOYED,
    DRAW_PERSON_SEASON_PASS,
    DRAW_PERSON_CYCLE,
    DRAW_HOUSEHOLD_CARS,
    DRAW_WORK_PLACE,
    DRAW_SCHOOL_PLACE,
    DRAW_HOME_OFFICE,
    DRAW_TOUR_COUNT,  // whether and how many tours of a purpose
    DRAW_TOUR_TIME,   // departure and duration
    DRAW_DESTINATION,
    DRAW_MODE_ALTERNATIVE,  // one Gumbel an alternative
    DRAW_MODE_NEST,         // the nest's stable variate
    DRAW_REPLAN,            // whether a traveller reconsiders in an iteration
    DRAW_FLOW_TIME,         // external flows
    DRAW_GROWTH,            // which programme dwelling is built and occupied when
    DRAW_EMPLOYER_OUTSIDE,
    DRAW_COMMUTER,
    DRAW_DEPARTURE,  // departure times: one Gumbel an alternative, and their offset
    DRAW_JOINT,      // who travels together
    DRAW_STOP,       // whether an errand is done on the way
    DRAW_ESCORT,     // which child is taken, there or back
    DRAW_BOARDING,   // who gets on where a vehicle has few places left
    DRAW_PURPOSE_COUNT
} draw;

static inline const char *mode_name(mode m) {
    static const char *const names[MODE_COUNT] = {"car_driver", "car_passenger", "pt", "cycle", "walk"};
    return (unsigned)m < MODE_COUNT ? names[m] : "?";
}
static inline const char *purpose_name(purpose p) {
    static const char *const names[PURPOSE_COUNT] = {"work", "school", "shop", "leisure", "escort", "business"};
    return (unsigned)p < PURPOSE_COUNT ? names[p] : "?";
}
static inline const char *segment_name(segment s) {
    static const char *const names[SEGMENT_COUNT] = {"resident", "visitor", "through"};
    return (unsigned)s < SEGMENT_COUNT ? names[s] : "?";
}

#endif
