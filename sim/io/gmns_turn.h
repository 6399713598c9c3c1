// GMNS movement.csv: penalties, capacities, control and prohibition of single turns. The file is optional.
#ifndef VESTSIM_IO_GMNS_TURN_H
#define VESTSIM_IO_GMNS_TURN_H

#include "world/network.h"

// Fills n->turn; n must be built.
err_code gmns_turn_load(const char *folder, arena *a, network *n);

#endif
