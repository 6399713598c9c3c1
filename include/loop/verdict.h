// The verdict on paired differences: an anytime-valid confidence sequence, Student's t beside it, a code and a
// sentence.
//
// Confidence sequence: normal mixture with known-scale plug-in is NOT valid for small samples with unknown variance;
// used here is the t-test based e-process (Lai 1976, Annals of Statistics 4(2); Wang and Ramdas 2025, "Anytime-valid
// t-tests and confidence sequences for Gaussian means with unknown variance"): see docs/methods/verdict.md.
#ifndef VESTSIM_LOOP_VERDICT_H
#define VESTSIM_LOOP_VERDICT_H

#include "world/result.h"

typedef struct verdict_interval {
    double mean, sd;
    double low, high;      // anytime-valid
    double t_low, t_high;  // fixed sample
    double probability_at_or_below_0;
    uint32_t count;
} verdict_interval;

// Student's t distribution: F(t; degrees) and its inverse.
double verdict_t_cdf(double t, double degrees);
double verdict_t_quantile(double probability, double degrees);
// difference[0..count): paired differences. With count < 2 the intervals are infinite.
void verdict_interval_of(const double *difference, uint32_t count, double confidence, verdict_interval *out);
// holds: whole interval <= 0; exceeds: whole interval > 0; not_shown otherwise or with fewer than 5 pairs.
verdict_code verdict_judge(const verdict_interval *v);
// Replications at which a mean and sd like these would settle the question; 0 when settled.
uint32_t verdict_to_settle(const verdict_interval *v, double confidence, uint32_t limit);
// Fills r->verdict[year_ix] from indicator car_km_sentrum (definition measure), paired by replication with today.
void verdict_fill(result *r, uint32_t year_ix, double confidence);

#endif
