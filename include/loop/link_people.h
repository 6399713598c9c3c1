// People on the links who are not vehicles: those on foot, and those in buses. Counted from the day's trips.
#ifndef VESTSIM_LOOP_LINK_PEOPLE_H
#define VESTSIM_LOOP_LINK_PEOPLE_H

#include "loop/trip_table.h"

// Adds to r->foot_sum people entering each link on foot by 5 minutes: whole trips on foot and the walks from the door
// to the first stop and from the last to the door, each by its way of least perceived time; changes between stops are
// left out. A walk against a link's direction counts on that link. rows: of trip_table_build. Parallel over walks.
err_code link_people_add_foot(const world_year *w, const plan *p, const trip_row *rows, result *r, uint32_t year_ix);
// Adds to r->passenger_sum people in buses entering each link: those who board, between their stops, along the way that
// the buses of the timetable drive, at the timetable's times shared out by length. Stretches that buses are not routed
// on (stops outside the network) and other vehicles than buses are left out.
err_code link_people_add_passengers(const world_year *w, const plan *p, const bus_day *buses, const trip_row *rows,
                                    result *r, uint32_t year_ix);

#endif
