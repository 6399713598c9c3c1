// Household cars: an ordered logit on household size and licence holders whose intercept is solved, so that the mean
// over the households of a dwelling type is the scenario's (times the station factor, at most the parking norm).
#include <math.h>
#include <string.h>

#include "base/dmath.h"
#include "synth_part.h"

// assumption: a licence holder moves the odds of one more car by exp(1.2), another member by exp(0.25); no source with
// coefficients for Norway was found (behaviour.md section 2.6 has only means by dwelling type).
static const double PER_LICENCE = 1.2;
static const double PER_PERSON = 0.25;
// assumption: latent distance between the first, second, third and fourth car.
static const double THRESHOLD_STEP = 2.8;
enum { CARS_MAX = 4, INTERCEPT_STEPS = 70 };
static const double INTERCEPT_MAX = 40.0;
static const float STATION_NEAR_M = 800.0F;  // car_access_licence_ev.csv, cars_per_hh.station_800m_factor

static double logistic(double x) {
    return 1.0 / (1.0 + dmath_exp(-x));
}

// Nobody to drive, no car; at most one car more than drivers. assumption.
static uint32_t most_cars(uint32_t licences) {
    uint32_t most = licences == 0 ? 0 : licences + 1;
    return most < CARS_MAX ? most : CARS_MAX;
}

static double latent(double intercept, uint32_t size, uint32_t licences) {
    uint32_t s = size < SYNTH_CAR_SIZES - 1 ? size : SYNTH_CAR_SIZES - 1;
    uint32_t l = licences < SYNTH_CAR_LICENCES - 1 ? licences : SYNTH_CAR_LICENCES - 1;
    return intercept + PER_LICENCE * l + PER_PERSON * s;
}

// Probabilities of 0, 1, ... licence holders in a kind, all above the last class in it.
static void licence_shares(const synth_input *in, const synth_kind *kind, double share[SYNTH_CAR_LICENCES]) {
    memset(share, 0, SYNTH_CAR_LICENCES * sizeof *share);
    share[0] = 1.0;
    for (int g = 0; g < AGE_GROUP_COUNT; g++) {
        double rate = in->licence_rate[g];
        for (uint32_t person = 0; person < kind->persons[g]; person++) {
            share[SYNTH_CAR_LICENCES - 1] += rate * share[SYNTH_CAR_LICENCES - 2];
            for (int l = SYNTH_CAR_LICENCES - 2; l > 0; l--) {
                share[l] = (1.0 - rate) * share[l] + rate * share[l - 1];
            }
            share[0] *= 1.0 - rate;
        }
    }
}

void synth_car_mass_of(const synth_input *in, const synth_shares *w, const double *cumulative, synth_car_mass *out) {
    memset(out, 0, sizeof *out);
    for (uint32_t p = 0; p < w->kind_count; p++) {
        const synth_kind *kind = &in->kind[w->order[p]];
        double share = cumulative[p] - (p > 0 ? cumulative[p - 1] : 0.0);
        uint32_t size = kind->size < SYNTH_CAR_SIZES - 1 ? kind->size : SYNTH_CAR_SIZES - 1;
        double licences[SYNTH_CAR_LICENCES];
        licence_shares(in, kind, licences);
        for (int l = 0; l < SYNTH_CAR_LICENCES; l++) {
            out->share[size][l] += share * licences[l];
        }
    }
}

double synth_car_mean(const synth_car_mass *m, double intercept) {
    double mean = 0.0;
    for (uint32_t size = 0; size < SYNTH_CAR_SIZES; size++) {
        for (uint32_t l = 0; l < SYNTH_CAR_LICENCES; l++) {
            double x = latent(intercept, size, l);
            for (uint32_t car = 0; m->share[size][l] > 0.0 && car < most_cars(l); car++) {
                mean += m->share[size][l] * logistic(x - THRESHOLD_STEP * car);
            }
        }
    }
    return mean;
}

double synth_car_intercept(const synth_car_mass *m, double mean_cars) {
    double low = -INTERCEPT_MAX;
    double high = INTERCEPT_MAX;
    for (int step = 0; step < INTERCEPT_STEPS; step++) {
        double middle = 0.5 * (low + high);
        if (synth_car_mean(m, middle) < mean_cars) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return 0.5 * (low + high);
}

double synth_car_target(const scenario *s, int dwelling, float station_distance_m) {
    const double mean[SYNTH_DWELLING_TYPES] = {s->cars_detached, s->cars_row, s->cars_flat};
    return station_distance_m <= STATION_NEAR_M ? mean[dwelling] * s->cars_station_factor : mean[dwelling];
}

uint8_t synth_car_draw(double intercept, uint32_t size, uint32_t licences, double u) {
    double x = latent(intercept, size, licences);
    uint32_t cars = 0;
    while (cars < most_cars(licences) && u < logistic(x - THRESHOLD_STEP * cars)) {
        cars++;
    }
    return (uint8_t)cars;
}
