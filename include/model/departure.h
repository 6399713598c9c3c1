// Choice of departure time with schedule delay.
//
// Cost of a departure (Vickrey 1969, Am. Econ. Rev. 59(2); Small 1982, Am. Econ. Rev. 72(3)):
//   cost = travel * T + early * max(0, SDE - tolerance) + late * max(0, SDL - tolerance) + late_fixed * [SDL >
//   tolerance]
// T is travel time; SDE and SDL are hours before and after the desired time, counted at arrival (Vickrey, Small) or at
// departure (trips whose start is bound). Small's interval of indifference is `tolerance_s`.
//
// Alternatives are departures first_s + (k + u) step_s, k < count, where u in (0,1) is the traveller's own: many
// travellers together choose in continuous time. Utility of one is -cost + scale * Gumbel(0,1), the term frozen by
// (key, id, k): the same person likes the same times every day and in every scenario (docs/decisions/0002), and over
// many persons shares are those of the logit with this scale. Scale 0 is the deterministic best response.
//
// Units of cost are the caller's (kroner, utility); values are per hour. Pure: no state, safe from parallel loops.
#ifndef VESTSIM_MODEL_DEPARTURE_H
#define VESTSIM_MODEL_DEPARTURE_H

#include "base/err.h"
#include "base/rng.h"

typedef struct departure_values {
    double travel_per_h;  // alpha, above 0
    double early_per_h;   // beta, below alpha where counted at arrival: else nobody would ever stop queueing earlier
    double late_per_h;    // gamma
    double late_fixed;    // for being late at all
    double tolerance_s;   // as early or late costs nothing
} departure_values;

typedef struct departure_trip {
    departure_values values;
    double desired_s;      // since midnight
    bool desired_arrival;  // false: desired_s is a departure
    double scale;          // of the random terms, in units of cost
    rng_key key;
    uint64_t id;  // stable external id
} departure_trip;

typedef struct departure_range {
    double first_s;
    double step_s;
    uint32_t count;  // at least 1, at most 65535
} departure_range;

// Travel time in s when leaving at departure_s (since midnight).
typedef double departure_time_fn(const void *context, double departure_s);

// A table of travel times as departure_time_fn: time_s[i] at first_s + i * step_s (for means of quarter-hours: their
// middles), straight between, constant beyond the ends.
typedef struct departure_profile {
    double first_s;
    double step_s;
    uint32_t count;  // at least 1
    const double *time_s;
} departure_profile;
double departure_profile_time(const void *profile, double departure_s);

typedef struct departure_option {
    uint32_t k;
    double departure_s;
    double travel_s;
    double cost;     // without the random term
    double utility;  // -cost + random term
} departure_option;

// Finite, not negative, travel above 0, early below travel where the desired time is an arrival (no equilibrium else).
err_code departure_check(const departure_values *v, bool desired_arrival);
double departure_cost(const departure_trip *t, double departure_s, double travel_s);
double departure_of(const departure_trip *t, const departure_range *r, uint32_t k);
departure_option departure_evaluate(const departure_trip *t, const departure_range *r, uint32_t k, double travel_s);
// The alternative of highest utility; of equals the earliest.
departure_option departure_best(const departure_trip *t, const departure_range *r, departure_time_fn *time,
                                const void *context);
// Share of what a day costs that the better option saves, in [0,1].
double departure_gap(const departure_option *own, const departure_option *better);
// Probability of changing from day to day: share * gap / gap_certain, at most share; none at gaps below `ignored`.
// Vickrey's equilibrium is not stable under fast best responses: keep share small and falling (docs/methods.md).
double departure_switch_chance(double gap, double share, double ignored, double gap_certain);

#endif
