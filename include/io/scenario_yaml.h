// Scenario files (YAML, libfyaml) into the plain scenario struct. Unknown keys (with a suggestion), wrong types,
// out-of-range values, duplicate keys, missing required keys, cycles in based_on: an error with file, line, column
// and what was expected. docs/formats.md lists every key.
#ifndef VESTSIM_IO_SCENARIO_YAML_H
#define VESTSIM_IO_SCENARIO_YAML_H

#include "world/scenario.h"

// overrides: "key=value" texts as from --set, applied last, checked like file content (named "--set").
err_code scenario_yaml_load(const char *path, const char *const *override, uint32_t override_count, arena *a,
                            scenario *out);

#endif
