// Buses of the timetable as vehicles of the road traffic: every trip with GTFS route_type 3 drives by road from stop to
// stop. Stops far from a road for buses are left out, and so are trips with fewer than two stops left.
#ifndef VESTSIM_LOOP_BUS_H
#define VESTSIM_LOOP_BUS_H

#include "loop/legs.h"

typedef struct bus_day {
    uint32_t count;
    uint32_t *trip_ix;      // [bus] in world_year.transit
    uint32_t *departure_s;  // [bus]
    uint32_t *pattern_ix;   // [bus] whose route it drives
    // by pattern of the timetable; empty for those that are not driven
    uint32_t *link_first;     // pattern count + 1
    legs_routes route;        // free with bus_free
    uint32_t *stop_first;     // pattern count + 1
    uint32_t *stop_links;     // links driven before the stop
    uint32_t *stop_position;  // in the pattern
    uint32_t trips_left_out;
} bus_day;

// Routes by free-flow times. In a sample (scenario scale below 1) that share of the trips runs, by a keyed draw.
err_code bus_build(const world_year *w, arena *a, bus_day *out);
void bus_free(bus_day *b);
// Adds a leg for every bus; the set must have room.
err_code bus_add_legs(const bus_day *b, legs_set *legs);
uint32_t bus_stop_count(const bus_day *b);
// Points demand, whose last legs are the buses, at their stops: timetable departures, and dwells by those who board.
// boardings is by stop event of the timetable (world/transit.h) in the sample. Arrays in a.
err_code bus_add_stops(const bus_day *b, const transit *t, const uint32_t *boardings, double scale,
                       uint32_t leg_capacity, arena *a, mobsim_demand *d);
// The timetable as the buses kept it in simulated traffic, no earlier than planned; where a stop is not on the road the
// bus stays as late as it was; nobody overtakes within a pattern (transit_retime). New times in a, the rest is
// planned's. stops are the results of bus_add_stops' demand.
err_code bus_shift_timetable(const bus_day *b, const transit *planned, const mobsim_result *stops, arena *a,
                             transit *out);
// Share of the buses' stop events whose departure differs by more than a minute between two timetables.
double bus_moved_share(const bus_day *b, const transit *x, const transit *y);

#endif
