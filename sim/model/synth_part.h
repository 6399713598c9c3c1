// What synth.c, synth_ipu.c, synth_car.c and growth.c share: weights of the kinds by dwelling type, the car-ownership
// model, and the making of one household or visitor. Private to the model layer.
#ifndef VESTSIM_MODEL_SYNTH_PART_H
#define VESTSIM_MODEL_SYNTH_PART_H

#include "model/synth.h"

enum { SYNTH_DWELLING_TYPES = 3, SYNTH_SIZE_CLASSES = 5, SYNTH_CAR_SIZES = 6, SYNTH_CAR_LICENCES = 6 };

// Shares of the kinds among the households of each dwelling type.
typedef struct synth_shares {
    uint32_t kind_count;
    uint32_t *order;                           // kinds by size, then by age from the oldest: alike kinds are neighbours
    double *cumulative[SYNTH_DWELLING_TYPES];  // by position in order; the last is 1, or 0 if no kind fits
    double homes[SYNTH_DWELLING_TYPES];        // inside dwellings of the type
    double fit;                                // mean absolute relative difference to the margins
} synth_shares;

// Solves the IPU for today's stock. ERR_INFEASIBLE when a dwelling type in use has no kind.
err_code synth_solve_shares(const synth_input *in, const zone_system *z, arena *a, synth_shares *out);
// Warns when the margins could not be met.
void synth_report_fit(const synth_shares *w);
// First position whose cumulative share is above u (the last one if none is).
uint32_t synth_position_at(const double *cumulative, uint32_t count, double u);
// Kind at position u in (0,1) of a dwelling type's cumulative shares.
uint32_t synth_kind_at(const synth_shares *w, int dwelling, double u);
// Shares of a type tilted by exp(theta * size) so that households have mean_size persons on average (as near as the
// kinds allow); the result is cumulative by position in order.
void synth_tilt_shares(const synth_shares *w, const synth_input *in, int dwelling, double mean_size,
                       double *cumulative);
uint32_t synth_count_dwellings(const zone_system *z, uint32_t place_ix);  // 0 unless a home inside the municipality
bool synth_place_is_outside(const zone_system *z, uint32_t place_ix);

// Households by (size, licence holders), both capped: what the expected number of cars depends on.
typedef struct synth_car_mass {
    double share[SYNTH_CAR_SIZES][SYNTH_CAR_LICENCES];
} synth_car_mass;

void synth_car_mass_of(const synth_input *in, const synth_shares *w, const double *cumulative, synth_car_mass *out);
double synth_car_mean(const synth_car_mass *m, double intercept);
double synth_car_intercept(const synth_car_mass *m, double mean_cars);
double synth_car_target(const scenario *s, int dwelling, float station_distance_m);
uint8_t synth_car_draw(double intercept, uint32_t size, uint32_t licences, double u);

typedef struct synth_home {  // a household about to move in
    uint64_t id;
    uint32_t place_ix;
    uint16_t built_year;
    uint8_t dwelling;
    uint8_t persons[AGE_GROUP_COUNT];
    double car_intercept;
} synth_home;

uint32_t synth_home_size(const synth_home *h);
// Writes household household_ix and its persons from person_first on, with everything drawn from their own ids.
void synth_fill_home(const scenario *s, const synth_input *in, rng_key key, const synth_home *h, uint32_t household_ix,
                     uint32_t person_first, population *out);
// One keyed decision for the sampling share `scale`.
bool synth_is_sampled(const scenario *s, rng_key key, uint64_t id);

// In-commuters and visitors, numbered from 0 each, in-commuters first; only those sampled.
typedef struct synth_visitors {
    uint32_t count;
    uint64_t *id;
    uint32_t *number;
    uint8_t *commuter;
    uint32_t home_count;  // outside home places
    uint32_t *home_place_ix;
    double *home_cumulative;
} synth_visitors;

// growth multiplies the scenario's numbers; person k is the same for any growth.
err_code synth_list_visitors(const scenario *s, const zone_system *z, rng_key key, double growth, arena *a,
                             synth_visitors *out);
void synth_fill_visitors(const scenario *s, const synth_input *in, rng_key key, const synth_visitors *v,
                         uint32_t person_first, population *out);

#endif
