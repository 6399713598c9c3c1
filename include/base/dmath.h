// exp, log, pow and sin by fixed sequences of + - * /, so that every compiler and machine gives the same
// bits (libm does not; -ffp-contract=off is required). Errors below 4e-16 relative (exp), 1e-15 (others).
// sin and cos are NaN beyond |x| = 2^20; pow is NaN for negative x.
#ifndef VESTSIM_BASE_DMATH_H
#define VESTSIM_BASE_DMATH_H

#include <math.h>

// The macros of math.h are floats; these need no conversion.
#define DMATH_INF ((double)INFINITY)
#define DMATH_NAN ((double)NAN)

double dmath_exp(double x);            // 0 below -745, +inf above 709.78
double dmath_log(double x);            // -inf at 0, NaN below
double dmath_pow(double x, double y);  // x > 0
double dmath_sin(double x);            // |x| <= 2^20
double dmath_cos(double x);
double dmath_sqrt(double x);  // IEEE exact
// ln(sum exp(v[i])) over n values without overflow, in index order; -inf for n = 0.
double dmath_logsum(const double *v, int n);

#endif
