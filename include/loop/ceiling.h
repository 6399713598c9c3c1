// The inverse question: how many homes, or how much of a measure, fit under the ceiling "car-km in sentrum at or below
// today's". One root for every replication on common random numbers (sample-average approximation, speed.md section 5);
// the spread of the roots gives the interval.
#ifndef VESTSIM_LOOP_CEILING_H
#define VESTSIM_LOOP_CEILING_H

#include "loop/verdict.h"
#include "loop/world_year.h"

// --- one root -------------------------------------------------------------------------------------------------------

enum { CEILING_POINTS_MAX = 40 };

// Response at x: change against today in percent, above 0 = over the ceiling.
typedef err_code ceiling_response(void *context, double x, double *change_pct);

typedef enum ceiling_status {
    CEILING_FOUND = 0,
    CEILING_HOLDS_EVERYWHERE,  // no crossing: at or below today's in the whole range
    CEILING_FAILS_EVERYWHERE,
    CEILING_NOT_MONOTONE  // more than one crossing, or a response that turns back
} ceiling_status;

typedef struct ceiling_range {
    double min, max;
    bool whole;            // x are whole numbers (homes)
    double tolerance;      // the crossing is bracketed as narrowly as this, or
    double tolerance_pct;  // a response so near 0 was met
} ceiling_range;

typedef struct ceiling_root {
    ceiling_status status;
    double x;      // of the crossing, between the two points nearest to it; the end of the range when there is none
    bool rising;   // the ceiling holds below x
    double slope;  // percent per unit of x from the first point to the last
    uint32_t point_count;  // evaluations, in order of x
    double point_x[CEILING_POINTS_MAX];
    double point_pct[CEILING_POINTS_MAX];
} ceiling_root;

// near == NULL: both ends and three points between are evaluated, to see whether the response is monotone, then the
// crossing is bracketed by the Illinois rule (Dowell and Jarratt 1971). near: the root of another replication; its
// place and slope give the first two points, so that a smooth response needs about three evaluations. A response counts
// as turning back where it goes against the way of the whole range by more than a quarter of its whole change
// (assumption).
err_code ceiling_find_root(ceiling_response *response, void *context, const ceiling_range *range,
                           const ceiling_root *near, ceiling_root *out);

// --- homes and measures ---------------------------------------------------------------------------------------------

// How many of `total` homes entry i builds by `year`: shares of the programme's own numbers in that year by
// Sainte-Laguë's divisors, so that the homes of a larger total contain those of a smaller one. homes[programme_count].
// total above the programme goes on in the same shares. Zero everywhere if the programme builds nothing by then.
void ceiling_share_homes(const scenario *s, int year, uint32_t total, uint32_t *homes);

typedef struct ceiling_problem {
    const world_case *source;
    int year;
    uint32_t measure_ix;  // the measure whose value varies; IX_NONE = homes
    ceiling_range range;
    uint32_t replications;      // at least (never less than VERDICT_PAIRS_MIN to give an interval)
    uint32_t replications_max;  // more, four at a time, while the interval's half-width is above `half_width`
    double half_width;          // in units of x
    double confidence;
} ceiling_problem;

typedef struct ceiling_seed {
    ceiling_root root;
    double today_km;       // car_km_sentrum
    uint32_t simulations;  // with today's
    bool converged;
} ceiling_seed;

typedef struct ceiling_answer {
    ceiling_status status;
    bool rising;
    double answer;  // the most (rising) or least x that holds with the confidence asked: an end of the interval;
                    // NAN when the interval reaches beyond the range or is not known
    verdict_interval limit;  // of the roots
    double root_min, root_max;
    uint32_t seeds;
    uint32_t cut;  // seeds without a crossing in the range, taken at its end: the interval is then too narrow
    verdict_interval
        end_change_pct;     // of the change at the end of the range where a first seed without crossing stopped
    verdict_code end_code;  // decides `holds` or `fails` everywhere; NAN numbers when found
    uint32_t simulations;
    bool converged;
    ceiling_seed *seed;  // [seeds], in the arena
} ceiling_answer;

// Seeds run at the same time, each on one thread; the answer does not depend on how many. Reports progress.
err_code ceiling_run(const ceiling_problem *p, arena *a, ceiling_answer *out);
const char *ceiling_status_name(ceiling_status s);  // "found", "holds_everywhere", ...

#endif
