// What the files that read and write scenarios share: every key with its place in the struct, and the readers of
// single values and of the two lists.
#ifndef VESTSIM_IO_SCENARIO_PARTS_H
#define VESTSIM_IO_SCENARIO_PARTS_H

#include "world/scenario.h"
#include "yaml_tree.h"

typedef enum scenario_key_kind {
    KEY_NUMBER,
    KEY_WHOLE,     // a number without decimals
    KEY_PATH,      // file or folder
    KEY_TEXT,      // must not be empty
    KEY_TEXT_ANY,  // may be empty or left out
    KEY_DATE,      // YYYY-MM-DD
    KEY_YEARS,
    KEY_PROGRAMME,
    KEY_MEASURES,
    KEY_ADD_MEASURES,  // after those of the scenario it is based on
    KEY_BASED_ON
} scenario_key_kind;

typedef struct scenario_key {
    const char *path;  // "choice.work.asc_pt"
    scenario_key_kind kind;
    double min;
    double max;
    const char *unit;
    const char *doc;
    size_t offset;            // in scenario, of double or const char *
    const yaml_node *set_by;  // the node that gave the present value, NULL = default
    const char *relative;     // KEY_PATH: the name relative to the folder of the main scenario file
} scenario_key;

typedef struct scenario_keys {  // in the order of the effective scenario
    scenario_key *key;
    uint32_t count;
    const char *const *measure_relative;  // by measure: as scenario_key.relative, for MEASURE_TRANSIT
} scenario_keys;

// The folder a file's relative names are resolved against.
typedef struct scenario_folder {
    const char *opened;    // as used to open files; "" = current folder
    const char *relative;  // seen from the main scenario file; "" = beside it
} scenario_folder;

err_code scenario_keys_init(scenario_keys *keys, arena *a);
scenario_key *scenario_keys_find(const scenario_keys *keys, const char *path);
// Is path a group, such as "choice" or "choice.work"?
bool scenario_keys_is_group(const scenario_keys *keys, const char *path);
// ERR_FORMAT at the key: the key is unknown in the group, did you mean ..., valid are ...
err_code scenario_keys_fail_unknown(const scenario_keys *keys, const yaml_node *n, const char *group);
// The nearest of count names if it is near enough to be a typing error, else NULL.
const char *scenario_keys_nearest(const char *given, const char *const *names, uint32_t count);

err_code scenario_read_number(const yaml_node *n, const char *name, double min, double max, double *out);
err_code scenario_read_whole(const yaml_node *n, const char *name, double min, double max, int *out);
err_code scenario_read_text(const yaml_node *n, const char *name, bool may_be_empty, arena *a, const char **out);
err_code scenario_read_date(const yaml_node *n, const char *name, arena *a, const char **out);
err_code scenario_read_path(const yaml_node *n, const char *name, const scenario_folder *folder, arena *a,
                            const char **resolved, const char **relative);

// The folder part of a path, "" if it has none; and a file name in a folder. NULL when memory is out.
const char *scenario_folder_of(const char *path, arena *a);
const char *scenario_path_join(const char *folder, const char *name, arena *a);

err_code scenario_list_programme(const yaml_node *list, arena *a, scenario *s);
// The scenario's measures from now on, or more of them at the end of those it has.
err_code scenario_list_measures(const yaml_node *list, bool add, const scenario_folder *folder, arena *a, scenario *s,
                                scenario_keys *keys);
const char *scenario_list_dwelling_name(int dwelling);  // "detached", "row", "flat"

// The whole effective scenario as YAML text in a.
err_code scenario_effective_write(const scenario *s, const scenario_keys *keys, arena *a, const char **out);

#endif
