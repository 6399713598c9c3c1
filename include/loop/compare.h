// Runs side by side: may they be compared at all, and how does every indicator differ, paired by replication.
//
// Replication k of two runs with the same seed shares every random draw (common random numbers), so their difference
// carries little noise. Runs with different seeds share nothing: their differences are still unbiased and the interval
// still valid, but wide; that is a warning, not an error.
#ifndef VESTSIM_LOOP_COMPARE_H
#define VESTSIM_LOOP_COMPARE_H

#include "loop/verdict.h"

typedef struct compare_run {  // a finished run; nothing is owned
    const char *name;         // its file, for messages
    const char *program_version;
    const char *git_commit;
    const char *format_version;
    uint32_t seed;
    double scale;  // share of travellers simulated; NAN = not known
    double confidence;
    bool converged;
    uint64_t town_hash;  // of the zones' ids
    int today_year;
    uint32_t year_count;  // with today
    const int *year;
    uint32_t replications;
    const double *indicator;  // [RESULT_INDICATOR_COUNT][year][replication]
} compare_run;

typedef enum compare_shown {  // by the anytime-valid interval and at least VERDICT_PAIRS_MIN pairs
    COMPARE_NOT_SHOWN = 0,
    COMPARE_LOWER,   // the whole interval below 0
    COMPARE_HIGHER,  // above 0
    COMPARE_EQUAL    // every pair is the same
} compare_shown;

typedef struct compare_cell {
    uint32_t pairs;  // replications that both runs have; 0 when one of them lacks the indicator
    double base_mean, mean;
    verdict_interval difference;  // other - base
    double difference_pct;        // of base_mean; NAN when that is 0
    compare_shown shown;
} compare_cell;

// ERR_INFEASIBLE, with the reason, when a run cannot be compared with the first: another town (other zones), another
// today-year or no year in common. Otherwise warnings, each with its reason: other program version or commit, other
// minor format version, other seed, scale, confidence, years or number of replications, not converged, and a today that
// differs although seed and scale are the same. *warning: texts in the arena.
err_code compare_check(const compare_run *run, uint32_t count, arena *a, const char *const **warning,
                       uint32_t *warning_count);
uint32_t compare_find_year(const compare_run *run, int year);  // IX_NONE
void compare_indicator(const compare_run *base, const compare_run *other, result_indicator i, int year,
                       double confidence, compare_cell *out);
const char *compare_shown_name(compare_shown s);  // "not_shown", "lower", "higher", "equal"

#endif
