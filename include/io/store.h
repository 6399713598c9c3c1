// The results file: HDF5 in the layout of docs/formats.md (design.md section 4), opened by netCDF readers without
// glue. Same content gives the same bytes. Written to a temporary name beside the target, synced and renamed; a
// failed or interrupted write removes the temporary file. docs/decisions/0004.
#ifndef VESTSIM_IO_STORE_H
#define VESTSIM_IO_STORE_H

#include "world/result.h"

#define STORE_FORMAT_VERSION "1.2"

// Can the path be written? Checked before a simulation starts: the folder exists and is writable; the target is absent,
// empty or an HDF5 file (anything else is refused: it is more likely a slip than a wish). Leaves nothing behind.
err_code store_check_writable(const char *path);
err_code store_write(const char *path, const result *r);
// Removes the temporary file of a write in progress (for signal handlers at exit; safe when there is none).
void store_abandon(void);

typedef struct store_summary {  // what `show` needs, read back from a results file
    char title[256];
    char scenario_name[128];
    char program_version[64];
    char format_version[16];
    char git_commit[64];
    uint32_t seed;
    int today_year;
    double confidence;  // level of the intervals, such as 0.95
    uint32_t year_count;
    uint32_t replications;
    int *year;
    bool *converged;            // [year]
    double *indicator;          // [RESULT_INDICATOR_COUNT][year][replication], NAN if absent
    result_verdict *verdict;    // [year]; what an older minor version lacks is NAN, 0 or ""
    uint64_t town_hash;         // of the zones' ids: equal for scenarios of one town
    const char *scenario_yaml;  // the effective scenario
    double scale;               // share of travellers simulated, from it; NAN = not known
} store_summary;
// ERR_FORMAT for a file that is not HDF5, not ours, truncated, or of an unknown major version.
err_code store_read_summary(const char *path, arena *a, store_summary *out);

#endif
