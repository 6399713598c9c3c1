// The case's plain CSV tables: zones, places, areas, counts, flows, profiles, household seed, margins.
// Their columns are documented in docs/formats.md. Every error is located.
#ifndef VESTSIM_IO_TABLES_H
#define VESTSIM_IO_TABLES_H

#include "model/synth.h"
#include "world/scenario.h"
#include "world/zone.h"

err_code tables_load_zones(const scenario *s, const network *n, arena *a, zone_system *out);
err_code tables_load_people(const scenario *s, arena *a, synth_input *out);

#endif
