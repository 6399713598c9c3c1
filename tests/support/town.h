// A small town in memory for tests of the loop: a 9 x 6 grid of 250 m, a centre, homes, jobs, a shop, a bus along the
// southern edge, through traffic, and hand-made people with hand-made tours. No files.
#ifndef VESTSIM_TESTS_TOWN_H
#define VESTSIM_TESTS_TOWN_H

#include "loop/world_year.h"
#include "support.h"

// Fills c (arrays in a). through_vehicles cars a day cross from west to east.
void town_build(arena *a, world_case *c, double through_vehicles);
// households x 2 persons, one car and one bicycle each household, one work tour each person and a shopping tour for
// every second; modes not chosen yet.
void town_people(arena *a, const world_case *c, uint32_t households, population *people, plan *p);
// A result table for the case's years.
void town_result(arena *a, const world_case *c, result *r);

#endif
