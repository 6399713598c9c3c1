// From a scenario file and the command line to everything a run needs, read and checked.
#ifndef VESTSIM_CLI_CASE_H
#define VESTSIM_CLI_CASE_H

#include "loop/world_year.h"
#include "options.h"

typedef struct case_overrides {  // "key=value" for the scenario loader, in the order they apply
    uint32_t count;
    const char *text[OPTIONS_VALUES_MAX + 8];
} case_overrides;

// --seed, --replications and --years as overrides, then every --set. ERR_USAGE for values that cannot be.
err_code case_overrides_from(const cli_args *args, arena *a, case_overrides *out);
// Reads and checks the scenario and every file it names. All in a.
err_code case_load(const char *path, const case_overrides *overrides, arena *a, world_case *out);

#endif
