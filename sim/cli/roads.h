// Contraction order of a network's roads, from the cache where it pays.
#ifndef VESTSIM_CLI_ROADS_H
#define VESTSIM_CLI_ROADS_H

#include "model/cch_car.h"

// *order is NULL for networks that are ordered faster than it would take to keep their order.
err_code roads_order(const network *n, uint8_t allow, arena *a, uint32_t **order);

#endif
