// What compare and report share: results files read and checked as one comparison, and its JSON.
#ifndef VESTSIM_CLI_COMPARISON_H
#define VESTSIM_CLI_COMPARISON_H

#include <stdio.h>

#include "io/store.h"
#include "loop/compare.h"

enum { COMPARISON_YEARS_MAX = 1000 };

typedef struct comparison {
    uint32_t count;
    const char *const *file;
    store_summary *summary;  // [count]
    compare_run *run;        // [count]
    uint32_t year_count;     // of all files together, today first
    int year[COMPARISON_YEARS_MAX];
    const char *const *warning;
    uint32_t warning_count;
} comparison;

// Reads every file; the first is the base. ERR_INFEASIBLE when one cannot be compared with it (compare_check).
err_code comparison_read(const char *const *file, uint32_t count, arena *a, comparison *out);
bool comparison_has(result_indicator i);  // all but the fingerprint of the state, which is no quantity
double comparison_confidence(const comparison *c);
// The document that `vestsim compare --format json` prints (see its help).
void comparison_json(FILE *out, const comparison *c);

#endif
