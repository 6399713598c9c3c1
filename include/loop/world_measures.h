// Measures in force in a year, applied to a year's own copy of the network, its prices and its timetable. Every
// measure states in scenario.h what it changes; nothing else changes.
#ifndef VESTSIM_LOOP_WORLD_MEASURES_H
#define VESTSIM_LOOP_WORLD_MEASURES_H

#include "loop/world_year.h"

// w->network (a copy), zone_parking_nok, car_cost_nok_per_km, fare_factor, home_office_share and transit hold today's
// values on entry. Links that open after `year` are closed to everybody. ERR_REFERENCE, located in the scenario
// file, for a target that does not exist.
err_code world_measures_apply(const world_case *c, int year, world_year *w);
// Applies every measure to a throw-away copy, so that `check` finds bad targets before anything runs.
err_code world_measures_check(const world_case *c, arena *scratch);

#endif
