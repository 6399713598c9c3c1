// Synthetic households and persons: iterative proportional updating (Ye, Konduri, Pendyala, Sana, Waddell 2009,
// TRB 88th Annual Meeting, "A methodology to match distributions of both household and person attributes") over a
// seed table of kinds of household, integerised without bias, then one household a dwelling.
#ifndef VESTSIM_MODEL_SYNTH_H
#define VESTSIM_MODEL_SYNTH_H

#include "world/population.h"
#include "world/scenario.h"

// A seed household kind: its composition; dwelling types it may live in.
typedef struct synth_kind {
    const char *id;
    double weight;                     // prior
    uint8_t persons[AGE_GROUP_COUNT];  // by age group
    uint8_t size;
    double dwelling_weight[3];  // relative frequency in detached / row / flat
} synth_kind;

// Targets the weights must meet: households by size (1,2,3,4,5+), persons by age group, households by dwelling type.
// As input the first two are shares in any unit and the third is not used; as reported all are counts.
typedef struct synth_margins {
    double households_by_size[5];
    double persons_by_age[AGE_GROUP_COUNT];
    double households_by_dwelling[3];
} synth_margins;

typedef struct synth_year {  // what households and persons are to be like in a year
    int year;
    synth_margins margins;
    double licence_rate[AGE_GROUP_COUNT];  // age-group shares of licence holders (car_access_licence_ev.csv)
} synth_year;

typedef struct synth_input {
    uint32_t kind_count;
    synth_kind *kind;
    synth_margins margins;
    double licence_rate[AGE_GROUP_COUNT];
    uint32_t later_count;  // years after today with margins of their own, ascending
    synth_year *later;
} synth_input;

// Generic IPU, for tests and synthesis: columns constraint_count x sample_count incidence (row-major by sample),
// targets; weights in/out. A sweep meets the margins one after the other, each by multiplying the weights by
// exp(theta * incidence) (a plain ratio where incidences are 0 or 1), so that it converges to the weights nearest to
// the priors whenever the margins can be met. Returns the number of sweeps; fit = mean absolute relative difference.
uint32_t synth_ipu(const double *incidence, const double *target, uint32_t sample_count, uint32_t constraint_count,
                   double *weight, double fit_max, uint32_t sweeps_max, double *fit);

// Fills households and persons for every dwelling of home places (size rounded), existing stock only; also the
// in-commuters and visitors (segment SEGMENT_VISITOR, homes at PLACE_HOME_* of outside zones in proportion to size).
// In-commuters are employed, visitors are not: that is how they are told apart. Households by dwelling type are counted
// from the places, sizes and ages are shares; with scale < 1 each household and visitor is kept with that probability.
// station_distance_m[place]: distance to the nearest railway station, for car ownership. All in a.
err_code synth_run(const scenario *s, const synth_input *in, const zone_system *z, const float *station_distance_m,
                   rng_key key, arena *a, population *out);
// Reported fit of the last margins: households by size, persons by age as synthesised (residents only).
void synth_margins_of(const population *p, const zone_system *z, synth_margins *out);

#endif
