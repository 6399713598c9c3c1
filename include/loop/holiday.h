// Holiday homes that become homes for the whole year (measure holiday_homes), as entries of a housing programme.
//
// A municipality may allow it where children and shoppers do not depend on a car: places of kind holiday_home are
// converted only when primary school, nursery and shop are within 2 km of safe way on foot and a bus stop with good
// service within 1 km on foot (model.md section 8). Safe: no cars, a path beside the road, or at most 40 km/h
// (assumption). Good service: at least growth.good_service_departures departures of buses a weekday from the stop.
#ifndef VESTSIM_LOOP_HOLIDAY_H
#define VESTSIM_LOOP_HOLIDAY_H

#include "loop/world_year.h"

// Fills w->conversion from w->holiday_share, in the order of places; w's network, timetable, ways on foot and stops are
// made. Home k of a place is the same household whatever the share.
err_code holiday_build(arena *a, world_year *w);

#endif
