// Trips of one day as rows: what every traveller did, with times, distances and costs; also public transport loads,
// which need each journey again, and cyclists by link.
#ifndef VESTSIM_LOOP_TRIP_TABLE_H
#define VESTSIM_LOOP_TRIP_TABLE_H

#include "loop/equilibrium.h"

typedef struct trip_row {  // a trip of the plan
    uint8_t mode;          // of the trip: a tour by public transport may walk between stops on its way
    uint8_t lift;          // 1 = driven by somebody who is not in the plan, for want of any other way
    int32_t departure_s;
    int32_t arrival_s;  // -1 = had not arrived at the end of the day
    float distance_m;
    float cost_nok;
    uint16_t boarding_count;  // public transport only
    uint32_t trip_ix[ROUTE_TRANSIT_ROUNDS_MAX];
    uint32_t board_stop[ROUTE_TRANSIT_ROUNDS_MAX];
    uint32_t alight_stop[ROUTE_TRANSIT_ROUNDS_MAX];
} trip_row;

// A row a trip of the plan, in `a`. Parallel over trips.
err_code trip_table_build(const world_year *w, const population *people, const plan *p, const equilibrium_out *e,
                          arena *a, trip_row **rows);
// Appends the rows to r->trip (growing in result_arena).
err_code trip_table_store(const world_year *w, const population *people, const plan *p, const trip_row *rows,
                          arena *result_arena, result *r);
// Appends the year's households and persons to r->household and r->person.
err_code trip_table_store_people(const world_year *w, const population *people, arena *result_arena, result *r);
// Boardings and alightings by stop and trip; returns boardings at stops inside the municipality.
uint64_t trip_table_count_transit(const world_year *w, const plan *p, const trip_row *rows, result *r,
                                  uint32_t year_ix);
// Cyclists entering each link by 5-minute bin.
void trip_table_count_cycles(const world_year *w, const population *people, const plan *p, const cyclists *c, result *r,
                             uint32_t year_ix);

#endif
