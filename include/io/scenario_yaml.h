// Scenario files (YAML, libfyaml) into the plain scenario struct. Unknown keys (with a suggestion), wrong types,
// out-of-range values, duplicate keys, missing required keys, cycles in based_on: an error with file, line, column
// and what was expected. docs/formats.md lists every key. Keys may be nested or dotted (transit.walk_max_m: 1200); the
// dotted form is needed for the numbers under `transit`, since `transit` itself names the timetable.
//
// File names are resolved against the folder of the file that says them. The effective scenario names them as seen from
// the main file, never absolutely (of an absolute name only the last part is kept), and loads again to the same values
// when it lies beside the files.
#ifndef VESTSIM_IO_SCENARIO_YAML_H
#define VESTSIM_IO_SCENARIO_YAML_H

#include "world/scenario.h"

// overrides: "key=value" texts as from --set, applied last, checked like file content (named "--set"): dotted keys,
// years as 2030,2040, lists in YAML's flow form (measures=[]), file names relative to the scenario's folder.
err_code scenario_yaml_load(const char *path, const char *const *override, uint32_t override_count, arena *a,
                            scenario *out);

#endif
