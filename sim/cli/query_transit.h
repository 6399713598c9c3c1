// Journeys by public transport: `query transit`.
#ifndef VESTSIM_CLI_QUERY_TRANSIT_H
#define VESTSIM_CLI_QUERY_TRANSIT_H

#include "options.h"

err_code query_transit(const cli_args *args);

#endif
