// The virtual traffic index: the Norwegian road authority's index of light traffic at counting points (byindeks),
// computed on simulated points. Two methods:
//
// Present method (Statens vegvesen's code and documentation, snohan/byindeks and trafikkdata.no, read 2026), with
// R_i and W_i the light vehicles of point i before and after:
//   I = sum(W)/sum(R) - 1,  I_i = W_i/R_i - 1,  w_i = R_i/sum(R),  n_eff = 1/sum(w^2),
//   sd^2 = sum(w_i (I_i - I)^2) / (1 - 1/n_eff),  se = sd/sqrt(n_eff),  interval I +- t(n - 1) se.
//
// Method from 1 January 2027, as announced: weights of traffic work (vehicles x length), post-stratified by functional
// class, robust variance, one year instead of three and calendar-adjusted (a simulated average weekday needs neither).
// The authority's formulas were not available; ours, by the textbook (Cochran 1977, Sampling Techniques, chapters 5A
// and 6):
//   I_h = sum_h(L W)/sum_h(L R) - 1,  I = sum_h(V_h I_h)/sum_h(V_h),
//   e_i = (V_h/V) L_i (W_i - (1 + I_h) R_i) / sum_h(L R),  se^2 = sum_h n_h/(n_h - 1) sum_h(e_i^2),
// L the length of the counted link, V_h the traffic work of the class on the roads of the municipality today. Classes
// without a point drop out of V; classes with one point form one class for se (their e_i against I). Strata are the
// network's road classes (assumption: they stand for the functional classes A-D).
#ifndef VESTSIM_LOOP_TRAFFIC_INDEX_H
#define VESTSIM_LOOP_TRAFFIC_INDEX_H

#include "world/result.h"

typedef struct traffic_index_point {
    double before;     // light vehicles in the reference, > 0; points without traffic then are left out
    double after;      // light vehicles now
    double length_km;  // of the road the point stands for; 2027 only
    uint32_t stratum;  // 2027 only
} traffic_index_point;

// The present method's interval from its own figures. index_pct and sd_pct in percent; t with points - 1 degrees of
// freedom. Fewer than 2 points: infinite ends.
void traffic_index_interval(double index_pct, double sd_pct, double n_effective, uint32_t points, double confidence,
                            result_point_index *out);
void traffic_index_present(const traffic_index_point *point, uint32_t count, double confidence,
                           result_point_index *out);
// stratum_work[0..stratum_count): V_h, any unit. scratch: room for what strata need.
err_code traffic_index_2027(const traffic_index_point *point, uint32_t count, const double *stratum_work,
                            uint32_t stratum_count, double confidence, arena *scratch, result_point_index *out);
// The authority's own words on an index and its interval (Norwegian), with the margin of error.
void traffic_index_sentence(const result_point_index *p, char *out, size_t room);

// Indicators traffic_index_pct and traffic_index_2027_pct of every year and replication used, and the point indices of
// every year's verdict from the mean over replications. Points: every counting point that is not marked `through`.
err_code traffic_index_fill(result *r, double confidence);

#endif
