// Vehicles of a MATSim transit schedule. Private to io.
#ifndef VESTSIM_IO_MATSIM_VEHICLES_H
#define VESTSIM_IO_MATSIM_VEHICLES_H

#include "schedule_builder.h"

// Gives the vehicles that the schedule names their types (vehicleDefinitions v1.0, v2.0); others are left out. Vehicles
// without a type are a counted warning.
err_code matsim_vehicles_load(const char *path, schedule_builder *b);

#endif
