// What the memory of the machine allows: the cache lines that the queue model touches for every link event, in the
// order in which traffic without delay touches them, with perfect prefetch and next to no arithmetic.
#ifndef VESTSIM_TESTS_BENCH_MOBSIM_BOUND_H
#define VESTSIM_TESTS_BENCH_MOBSIM_BOUND_H

#include "model/mobsim.h"

// Nanoseconds an event, best of three; 0 when memory is out.
double bench_mobsim_bound_ns(const network *n, const mobsim_params *p, const mobsim_demand *d);

#endif
