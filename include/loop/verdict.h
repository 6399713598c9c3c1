// The verdict on paired differences: an anytime-valid confidence sequence, Student's t beside it, a code and a
// sentence in Norwegian and English.
//
// Confidence sequence for a Gaussian mean with unknown variance (Lai 1976, Annals of Statistics 4(2), 265-280; in the
// form of Wang and Ramdas 2025, "Anytime-valid t-tests and confidence sequences for Gaussian means with unknown
// variance"): the scale-invariant likelihood ratio of "mean/sd ~ N(0, 1/c^2)" against "mean = m",
//   M_n(m) = sqrt(r) * ((Q + d^2) / (Q + r d^2))^(n/2),  r = c^2/(n + c^2),  Q = (n-1) sd^2,  d^2 = n (mean - m)^2,
// is a non-negative martingale from 1 at the true m, so {m : M_n(m) < 1/alpha} covers it at every n at once with
// probability 1 - alpha (Ville 1939). c^2 = 0.2 makes the interval about shortest for 5 to 20 pairs.
#ifndef VESTSIM_LOOP_VERDICT_H
#define VESTSIM_LOOP_VERDICT_H

#include "world/result.h"

enum { VERDICT_PAIRS_MIN = 5 };  // fewer pairs never give a verdict (model.md section 10)

typedef struct verdict_interval {
    double mean, sd;
    double low, high;      // anytime-valid
    double t_low, t_high;  // fixed sample
    double probability_at_or_below_0;
    uint32_t count;
} verdict_interval;

// Student's t distribution: F(t; degrees) through the incomplete beta function (Abramowitz and Stegun 26.7.1,
// continued fraction 26.5.8) and its inverse by bisection.
double verdict_t_cdf(double t, double degrees);
double verdict_t_quantile(double probability, double degrees);
// difference[0..count): paired differences. With count < 2 the intervals are infinite and the probability NAN.
void verdict_interval_of(const double *difference, uint32_t count, double confidence, verdict_interval *out);
// holds: whole anytime-valid interval <= 0; exceeds: whole interval > 0; not_shown otherwise or with fewer than
// VERDICT_PAIRS_MIN pairs.
verdict_code verdict_judge(const verdict_interval *v);
// Replications at which a mean and sd like these would settle the question; 0 when settled; limit when more.
uint32_t verdict_to_settle(const verdict_interval *v, double confidence, uint32_t limit);
// Fills r->verdict[year_ix] from indicator car_km_sentrum (the definition measure), paired by replication with today:
// differences in percent of today's mean; and the same for every measure of RESULT_MEASURES. Does not touch what
// traffic_index_fill writes, which must have run for the indices to be known.
void verdict_fill(result *r, uint32_t year_ix, double confidence);

#endif
