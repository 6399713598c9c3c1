// Measures in force in a year, applied to a year's own copy of the case, its network, its prices and its timetable.
// What each kind changes is said in world/measure.h; nothing else changes. Measures act in the order of their start
// years, and of the scenario where these are equal: a later one replaces an earlier one of its kind at the same place,
// factors are multiplied.
#ifndef VESTSIM_LOOP_WORLD_MEASURES_H
#define VESTSIM_LOOP_WORLD_MEASURES_H

#include "loop/world_year.h"

// A copy of the case for one year. It shares all that no measure changes; its scenario's numbers, place sizes, search
// times for parking and flows are its own.
err_code world_measures_own(const world_case *c, arena *a, world_case **own);
// own is from world_measures_own(c); w->network (a copy), zone_parking_nok, holiday_share, car_cost_nok_per_km,
// fare_factor, home_office_share and transit hold today's values on entry. Links that open after `year` are closed to
// everybody unless a measure opens them. ERR_REFERENCE, located in the scenario file, for a target that does not exist;
// ERR_INFEASIBLE for a measure that takes more than there is.
err_code world_measures_apply(const world_case *c, world_case *own, int year, arena *a, world_year *w);
// Applies every measure to a throw-away copy, so that `check` finds bad targets before anything runs.
err_code world_measures_check(const world_case *c, arena *scratch);

#endif
