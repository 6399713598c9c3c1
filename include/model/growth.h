// Growth: the homes of the programme that stand in a year, with their households, added to today's population.
//
// New homes are nested: home k of a programme entry is the same household whatever the total, year or scenario
// (its id is from programme id and number), so growth never shifts anybody else's draws. Persons per new dwelling by
// type: demography.csv new_dwelling.*. Cars are limited by the parking norm.
#ifndef VESTSIM_MODEL_GROWTH_H
#define VESTSIM_MODEL_GROWTH_H

#include "model/synth.h"

// Homes of entry i standing at the end of `year` (evenly from from_year to to_year).
uint32_t growth_homes_by(const scenario_programme *p, int year);
// Parking places a dwelling of a home of entry p at place_ix built in that year: the entry's own, or that of the latest
// measure parking_norm in force then; negative = no limit.
double growth_parking_norm(const scenario *s, const zone_system *z, const scenario_programme *p, uint32_t place_ix,
                           int built_year);
// The margins and licence rates of a year: today's until the first later ones, in between on the straight line, the
// last ones after that. Where in has no later ones, out is in. The dwellings of today then hold other households
// (synth_run with out): the same ids, so the same draws, and the kinds of household in the same order, so that few
// change more than they must.
void growth_people_of_year(const synth_input *in, int today_year, int year, synth_input *out);
// today + programme homes of `year` (+ background growth of visitors), all in a. ERR_REFERENCE for an unknown place.
err_code growth_run(const scenario *s, const synth_input *in, const zone_system *z, const float *station_distance_m,
                    int year, rng_key key, const population *today, arena *a, population *out);

#endif
