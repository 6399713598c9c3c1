// Iterative proportional updating and the shares of household kinds by dwelling type that come from it.
//
// The published update multiplies all households with a person of the margin by one ratio; with several persons a
// household it can end in a cycle although a solution exists. Here a household is multiplied by exp(theta * persons),
// the projection that changes the weights least (Csiszar 1975, Annals of Probability 3(1)), which converges whenever
// the margins can be met. For margins of households, where the counts are 0 or 1, both are the same.
//
// The margins need not agree: sizes imply a number of persons, ages another. Sizes decide (households and dwellings
// are counted, ages are shares): the age margin is scaled to the persons that the sizes imply. In a sweep the ages
// come first, then the sizes, then the dwelling types, so what cannot be met is left over in the ages.
#include <math.h>
#include <string.h>

#include "base/dmath.h"
#include "base/log.h"
#include "base/par.h"
#include "synth_part.h"

enum {
    CONSTRAINT_AGE = 0,
    CONSTRAINT_SIZE = CONSTRAINT_AGE + AGE_GROUP_COUNT,
    CONSTRAINT_DWELLING = CONSTRAINT_SIZE + SYNTH_SIZE_CLASSES,
    CONSTRAINT_COUNT = CONSTRAINT_DWELLING + SYNTH_DWELLING_TYPES,
    SWEEPS_MAX = 5000,
    NEWTON_STEPS = 12,
    TILT_STEPS = 60
};
static const double NEWTON_MIN = 1e-6;  // the error after such a step is of the order of its square
static const double FIT_MAX = 1e-6;
static const double FIT_WARN = 0.01;  // assumption: a mean difference of more than 1 % is worth telling the user
static const double TILT_MAX = 8.0;   // exp(8) a person: as good as only the largest (or smallest) kinds

static double constraint_sum(const double *incidence, const double *weight, uint32_t sample_count,
                             uint32_t constraint_count, uint32_t c) {
    double sum = 0.0;
    for (uint32_t i = 0; i < sample_count; i++) {
        sum += weight[i] * incidence[(size_t)i * constraint_count + c];
    }
    return sum;
}

static double mean_difference(const double *incidence, const double *target, const double *weight,
                              uint32_t sample_count, uint32_t constraint_count) {
    double total = 0.0;
    for (uint32_t c = 0; c < constraint_count; c++) {
        double sum = constraint_sum(incidence, weight, sample_count, constraint_count, c);
        total += target[c] > 0.0 ? fabs(sum - target[c]) / target[c] : (sum > 0.0 ? 1.0 : 0.0);
    }
    return constraint_count > 0 ? total / constraint_count : 0.0;
}

// Sum of weight * incidence * exp(theta * incidence) of a margin, and its derivative in theta.
static double scaled_sum(const double *incidence, const double *weight, uint32_t sample_count,
                         uint32_t constraint_count, uint32_t c, double theta, double *slope) {
    double sum = 0.0;
    *slope = 0.0;
    for (uint32_t i = 0; i < sample_count; i++) {
        double a = incidence[(size_t)i * constraint_count + c];
        if (a > 0.0 && weight[i] > 0.0) {
            double part = weight[i] * a * (theta != 0.0 ? dmath_exp(theta * a) : 1.0);
            sum += part;
            *slope += part * a;
        }
    }
    return sum;
}

// Multiplies the weights by exp(theta * incidence) so that one margin is met. Where all incidences are alike this is
// the plain ratio. Newton on ln(sum), which is convex and rising in theta, so that it always arrives.
static void meet_margin(const double *incidence, double target, uint32_t sample_count, uint32_t constraint_count,
                        uint32_t c, double *weight) {
    double theta = 0.0;
    for (int step = 0; step < NEWTON_STEPS; step++) {
        double slope;
        double sum = scaled_sum(incidence, weight, sample_count, constraint_count, c, theta, &slope);
        if (!(sum > 0.0)) {
            return;  // no sample left that could serve: the fit tells
        }
        double change = dmath_log(target / sum) * sum / slope;
        theta += change;
        if (fabs(change) < NEWTON_MIN) {
            break;
        }
    }
    for (uint32_t i = 0; i < sample_count; i++) {
        double a = incidence[(size_t)i * constraint_count + c];
        if (a > 0.0) {
            weight[i] *= dmath_exp(theta * a);
        }
    }
}

static void empty_margin(const double *incidence, uint32_t sample_count, uint32_t constraint_count, uint32_t c,
                         double *weight) {
    for (uint32_t i = 0; i < sample_count; i++) {
        weight[i] = incidence[(size_t)i * constraint_count + c] > 0.0 ? 0.0 : weight[i];
    }
}

uint32_t synth_ipu(const double *incidence, const double *target, uint32_t sample_count, uint32_t constraint_count,
                   double *weight, double fit_max, uint32_t sweeps_max, double *fit) {
    uint32_t sweep = 0;
    *fit = mean_difference(incidence, target, weight, sample_count, constraint_count);
    while (*fit > fit_max && sweep < sweeps_max) {
        for (uint32_t c = 0; c < constraint_count; c++) {
            if (target[c] > 0.0) {
                meet_margin(incidence, target[c], sample_count, constraint_count, c, weight);
            } else {
                empty_margin(incidence, sample_count, constraint_count, c, weight);
            }
        }
        sweep++;
        *fit = mean_difference(incidence, target, weight, sample_count, constraint_count);
    }
    return sweep;
}

bool synth_place_is_outside(const zone_system *z, uint32_t place_ix) {
    return z->zone.outside[z->place.zone_ix[place_ix]] != 0;
}

uint32_t synth_count_dwellings(const zone_system *z, uint32_t place_ix) {
    if (!zone_place_is_home((place_kind)z->place.kind[place_ix]) || synth_place_is_outside(z, place_ix)) {
        return 0;
    }
    return (uint32_t)floor((double)z->place.size[place_ix] + 0.5);
}

static uint32_t size_class(uint32_t size) {
    return (size < SYNTH_SIZE_CLASSES ? size : SYNTH_SIZE_CLASSES) - 1;
}

// Negative when kind a comes before kind b: by size, then by persons from the oldest age group down, then as given.
static int compare_kinds(const synth_kind *kinds, uint32_t a, uint32_t b) {
    if (kinds[a].size != kinds[b].size) {
        return kinds[a].size < kinds[b].size ? -1 : 1;
    }
    for (int g = AGE_GROUP_COUNT - 1; g >= 0; g--) {
        if (kinds[a].persons[g] != kinds[b].persons[g]) {
            return kinds[a].persons[g] < kinds[b].persons[g] ? -1 : 1;
        }
    }
    return a < b ? -1 : 1;
}

static void order_kinds(const synth_input *in, uint32_t *order) {
    for (uint32_t i = 0; i < in->kind_count; i++) {  // insertion sort: kinds are few
        uint32_t j = i;
        while (j > 0 && compare_kinds(in->kind, order[j - 1], i) > 0) {
            order[j] = order[j - 1];
            j--;
        }
        order[j] = i;
    }
}

static double sum_of(const double *values, int count) {
    double sum = 0.0;
    for (int i = 0; i < count; i++) {
        sum += values[i];
    }
    return sum;
}

// Mean size of a size class among the kinds, by their priors; the class's lower bound if there are none.
static double class_mean_size(const synth_input *in, uint32_t class_ix) {
    double weight = 0.0;
    double persons = 0.0;
    for (uint32_t k = 0; k < in->kind_count; k++) {
        if (size_class(in->kind[k].size) == class_ix) {
            weight += in->kind[k].weight;
            persons += in->kind[k].weight * in->kind[k].size;
        }
    }
    return weight > 0.0 ? persons / weight : class_ix + 1.0;
}

static err_code set_targets(const synth_input *in, const double *homes, double *target) {
    double size_sum = sum_of(in->margins.households_by_size, SYNTH_SIZE_CLASSES);
    double age_sum = sum_of(in->margins.persons_by_age, AGE_GROUP_COUNT);
    CHECK(size_sum > 0.0, ERR_INFEASIBLE,
          "the household_size shares in the margins table add up to %g; give the share of each size 1 to 5", size_sum);
    CHECK(age_sum > 0.0, ERR_INFEASIBLE,
          "the age shares in the margins table add up to %g; give the share of each age group", age_sum);
    double households = sum_of(homes, SYNTH_DWELLING_TYPES);
    double persons = 0.0;
    for (uint32_t c = 0; c < SYNTH_SIZE_CLASSES; c++) {
        target[CONSTRAINT_SIZE + c] = households * in->margins.households_by_size[c] / size_sum;
        persons += target[CONSTRAINT_SIZE + c] * class_mean_size(in, c);
    }
    for (int g = 0; g < AGE_GROUP_COUNT; g++) {
        target[CONSTRAINT_AGE + g] = persons * in->margins.persons_by_age[g] / age_sum;
    }
    for (int d = 0; d < SYNTH_DWELLING_TYPES; d++) {
        target[CONSTRAINT_DWELLING + d] = homes[d];
    }
    return ERR_OK;
}

static void set_incidence(const synth_kind *kind, int dwelling, double *row) {
    for (int g = 0; g < AGE_GROUP_COUNT; g++) {
        row[CONSTRAINT_AGE + g] = kind->persons[g];
    }
    row[CONSTRAINT_SIZE + size_class(kind->size)] = 1.0;
    row[CONSTRAINT_DWELLING + dwelling] = 1.0;
}

// Turns weights into cumulative shares; false if they add up to nothing.
static bool accumulate(double *values, uint32_t count) {
    double total = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        total += values[i];
    }
    double running = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        running += total > 0.0 ? values[i] / total : 0.0;
        values[i] = running;
    }
    // Rounding must not leave a gap above the last kind that has a weight.
    for (uint32_t i = count; total > 0.0 && i > 0 && values[i - 1] >= running; i--) {
        values[i - 1] = 1.0;
    }
    return total > 0.0;
}

static err_code check_kinds(const synth_input *in) {
    CHECK(in->kind_count > 0, ERR_INFEASIBLE, "the household seed table has no kinds of household; add rows");
    for (uint32_t k = 0; k < in->kind_count; k++) {
        uint32_t persons = 0;
        for (int g = 0; g < AGE_GROUP_COUNT; g++) {
            persons += in->kind[k].persons[g];
        }
        CHECK(persons > 0 && persons == in->kind[k].size, ERR_INFEASIBLE,
              "kind of household '%s' has size %u but %u persons; give at least one person and make them agree",
              in->kind[k].id, in->kind[k].size, persons);
    }
    return ERR_OK;
}

static err_code solve(const synth_input *in, synth_shares *out, arena *a) {
    uint32_t sample_count = in->kind_count * SYNTH_DWELLING_TYPES;
    double *incidence;
    double *weight;
    double target[CONSTRAINT_COUNT];
    ARENA_NEW(a, incidence, (size_t)sample_count * CONSTRAINT_COUNT);
    ARENA_NEW(a, weight, sample_count);
    TRY(set_targets(in, out->homes, target));
    for (uint32_t k = 0; k < in->kind_count; k++) {
        for (int d = 0; d < SYNTH_DWELLING_TYPES; d++) {
            size_t i = (size_t)k * SYNTH_DWELLING_TYPES + (size_t)d;
            weight[i] = in->kind[k].weight * in->kind[k].dwelling_weight[d];
            set_incidence(&in->kind[k], d, incidence + i * CONSTRAINT_COUNT);
        }
    }
    if (sum_of(out->homes, SYNTH_DWELLING_TYPES) > 0.0) {
        synth_ipu(incidence, target, sample_count, CONSTRAINT_COUNT, weight, FIT_MAX, SWEEPS_MAX, &out->fit);
    }
    for (int d = 0; d < SYNTH_DWELLING_TYPES; d++) {
        for (uint32_t p = 0; p < in->kind_count; p++) {
            const synth_kind *kind = &in->kind[out->order[p]];
            // A type with no home today keeps its priors, for the homes of a programme.
            out->cumulative[d][p] = out->homes[d] > 0.0
                                        ? weight[(size_t)out->order[p] * SYNTH_DWELLING_TYPES + (size_t)d]
                                        : kind->weight * kind->dwelling_weight[d];
        }
    }
    return ERR_OK;
}

err_code synth_solve_shares(const synth_input *in, const zone_system *z, arena *a, synth_shares *out) {
    static const char *const names[SYNTH_DWELLING_TYPES] = {"detached", "row", "flat"};
    memset(out, 0, sizeof *out);
    TRY(check_kinds(in));
    out->kind_count = in->kind_count;
    ARENA_NEW(a, out->order, in->kind_count);
    order_kinds(in, out->order);
    for (uint32_t p = 0; p < z->place.count; p++) {
        uint32_t dwellings = synth_count_dwellings(z, p);
        if (dwellings > 0) {
            out->homes[z->place.kind[p] - PLACE_HOME_DETACHED] += dwellings;
        }
    }
    for (int d = 0; d < SYNTH_DWELLING_TYPES; d++) {
        ARENA_NEW(a, out->cumulative[d], in->kind_count);
    }
    TRY(solve(in, out, a));
    for (int d = 0; d < SYNTH_DWELLING_TYPES; d++) {
        bool fits = accumulate(out->cumulative[d], in->kind_count);
        CHECK(fits || out->homes[d] == 0.0, ERR_INFEASIBLE,
              "%.0f homes are of type %s, but no kind of household may live there; give at least one kind in the "
              "household seed table a positive '%s'",
              out->homes[d], names[d], names[d]);
    }
    return ERR_OK;
}

void synth_report_fit(const synth_shares *w) {
    if (w->fit > FIT_WARN) {
        log_warn(
            "households meet their margins only to within %.1f %% on average: the sizes, ages and dwelling types "
            "asked for do not fit together, or the household seed table lacks kinds",
            100.0 * w->fit);
    }
}

uint32_t synth_kind_at(const synth_shares *w, int dwelling, double u) {
    const double *cumulative = w->cumulative[dwelling];
    return w->order[synth_position_at(cumulative, w->kind_count, u)];
}

uint32_t synth_position_at(const double *cumulative, uint32_t count, double u) {
    uint32_t low = 0;
    uint32_t high = count - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (cumulative[middle] > u) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static double tilt(const synth_shares *w, const synth_input *in, int dwelling, double theta, double *out) {
    double total = 0.0;
    double persons = 0.0;
    for (uint32_t p = 0; p < w->kind_count; p++) {
        double share = w->cumulative[dwelling][p] - (p > 0 ? w->cumulative[dwelling][p - 1] : 0.0);
        double size = in->kind[w->order[p]].size;
        out[p] = share * dmath_exp(theta * size);
        total += out[p];
        persons += out[p] * size;
    }
    return total > 0.0 ? persons / total : 0.0;
}

void synth_tilt_shares(const synth_shares *w, const synth_input *in, int dwelling, double mean_size,
                       double *cumulative) {
    double low = -TILT_MAX;
    double high = TILT_MAX;
    for (int step = 0; step < TILT_STEPS; step++) {  // the mean size rises with theta
        double theta = 0.5 * (low + high);
        if (tilt(w, in, dwelling, theta, cumulative) < mean_size) {
            low = theta;
        } else {
            high = theta;
        }
    }
    accumulate(cumulative, w->kind_count);
}
