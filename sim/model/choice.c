#include "model/choice.h"

#include <math.h>

#include "base/dmath.h"
#include "world/mode.h"

static const double PI = 3.14159265358979323846;

err_code choice_validate(const choice_tree *t) {
    CHECK(t->alternative_count >= 1 && t->alternative_count <= CHOICE_ALTERNATIVES_MAX, ERR_RANGE,
          "a choice tree has %d alternatives; give 1 to %d", t->alternative_count, CHOICE_ALTERNATIVES_MAX);
    CHECK(t->nest_count >= 1 && t->nest_count <= CHOICE_NODES_MAX, ERR_RANGE,
          "a choice tree has %d nests; give 1 (the root) to %d", t->nest_count, CHOICE_NODES_MAX);
    double scale[CHOICE_NODES_MAX] = {1.0};
    CHECK(t->nest_parent[0] == -1, ERR_REFERENCE, "nest 0 is the root and has no parent; set its parent to -1");
    CHECK(t->nest_lambda[0] == 1.0, ERR_RANGE, "nest 0 is the root; its lambda must be 1, not %g", t->nest_lambda[0]);
    for (int n = 1; n < t->nest_count; n++) {
        CHECK(t->nest_parent[n] >= 0 && t->nest_parent[n] < n, ERR_REFERENCE,
              "nest %d has parent %d; a parent must be a nest with a lower number", n, t->nest_parent[n]);
        CHECK(t->nest_lambda[n] > 0.0 && t->nest_lambda[n] <= 1.0, ERR_RANGE,
              "nest %d has lambda %g; it must be above 0 and at most 1, or the choice is not one of maximal utility", n,
              t->nest_lambda[n]);
        scale[n] = scale[t->nest_parent[n]] * t->nest_lambda[n];
        CHECK(scale[n] >= CHOICE_SCALE_MIN, ERR_RANGE,
              "nest %d has scale %g against the root; below %g the numbers are lost: give a larger lambda", n, scale[n],
              CHOICE_SCALE_MIN);
    }
    for (int i = 0; i < t->alternative_count; i++) {
        CHECK(t->alternative_nest[i] >= 0 && t->alternative_nest[i] < t->nest_count, ERR_REFERENCE,
              "alternative %d is in nest %d, which does not exist; there are %d nests", i, t->alternative_nest[i],
              t->nest_count);
    }
    return ERR_OK;
}

// Scale of each nest against the root: the product of the lambdas on the way down to it.
static void cumulative_lambda(const choice_tree *t, double *scale) {
    scale[0] = 1.0;
    for (int n = 1; n < t->nest_count; n++) {
        scale[n] = scale[t->nest_parent[n]] * t->nest_lambda[n];
    }
}

// A sum of exp(x / scale) kept as top and sum * exp(top / scale), so that nothing overflows.
typedef struct running_sum {
    double top;
    double sum;
} running_sum;

static void running_add(running_sum *r, double x, double scale) {
    if (!(x > -HUGE_VAL)) {
        return;
    }
    if (x <= r->top) {
        r->sum += dmath_exp((x - r->top) / scale);
    } else {
        r->sum = r->sum > 0.0 ? r->sum * dmath_exp((r->top - x) / scale) + 1.0 : 1.0;
        r->top = x;
    }
}

// Inclusive value of every nest in units of utility; returns the root's.
static double inclusive_values(const choice_tree *t, const double *utility, const double *scale, double *inclusive) {
    running_sum total[CHOICE_NODES_MAX];
    for (int n = 0; n < t->nest_count; n++) {
        total[n] = (running_sum){-HUGE_VAL, 0.0};
    }
    for (int i = 0; i < t->alternative_count; i++) {
        running_add(&total[t->alternative_nest[i]], utility[i], scale[t->alternative_nest[i]]);
    }
    // Parents have lower numbers, so every nest is complete when its turn comes.
    for (int n = t->nest_count - 1; n >= 0; n--) {
        inclusive[n] = total[n].sum > 0.0 ? total[n].top + scale[n] * dmath_log(total[n].sum) : -HUGE_VAL;
        if (n > 0) {
            running_add(&total[t->nest_parent[n]], inclusive[n], scale[t->nest_parent[n]]);
        }
    }
    return inclusive[0];
}

double choice_log_probabilities(const choice_tree *t, const double *utility, double *log_probability) {
    double scale[CHOICE_NODES_MAX];
    double inclusive[CHOICE_NODES_MAX];
    double log_share[CHOICE_NODES_MAX];  // ln of the nest's probability
    cumulative_lambda(t, scale);
    double logsum = inclusive_values(t, utility, scale, inclusive);
    log_share[0] = 0.0;
    for (int n = 1; n < t->nest_count; n++) {
        int parent = t->nest_parent[n];
        bool open = inclusive[n] > -HUGE_VAL;
        log_share[n] = open ? log_share[parent] + (inclusive[n] - inclusive[parent]) / scale[parent] : -HUGE_VAL;
    }
    for (int i = 0; i < t->alternative_count; i++) {
        int n = t->alternative_nest[i];
        log_probability[i] = utility[i] > -HUGE_VAL ? (utility[i] - inclusive[n]) / scale[n] + log_share[n] : -HUGE_VAL;
    }
    return logsum;
}

double choice_probabilities(const choice_tree *t, const double *utility, double *probability) {
    if (probability == NULL) {
        double scale[CHOICE_NODES_MAX];
        double inclusive[CHOICE_NODES_MAX];
        cumulative_lambda(t, scale);
        return inclusive_values(t, utility, scale, inclusive);
    }
    double logsum = choice_log_probabilities(t, utility, probability);
    for (int i = 0; i < t->alternative_count; i++) {
        probability[i] = dmath_exp(probability[i]);  // 0 where not available
    }
    return logsum;
}

void choice_evaluate(const choice_tree *t, uint32_t count, const double *utility, double *log_probability,
                     double *probability, double *logsum) {
    size_t width = (size_t)t->alternative_count;
#pragma omp parallel for schedule(runtime)
    for (uint32_t k = 0; k < count; k++) {
        size_t first = k * width;
        logsum[k] = choice_log_probabilities(t, utility + first, log_probability + first);
        for (size_t i = first; i < first + width; i++) {
            probability[i] = dmath_exp(log_probability[i]);
        }
    }
}

// ln sin(pi * x) for 0 < x < 1; the shorter side is used, where 1 - x loses nothing.
static double log_sin_pi(double x) {
    double side = x <= 0.5 ? x : 1.0 - x;
    return dmath_log(dmath_sin(PI * side));
}

// ln of a positive stable variate with Laplace transform exp(-s^lambda), from two uniforms (Kanter 1975): with it,
// lambda * (ln S + Gumbel) is again a standard Gumbel, which is what a nest must do to its members.
static double log_stable(double lambda, double u, double v) {
    double log_exponential = dmath_log(-dmath_log(v));
    return log_sin_pi(lambda * u) - log_sin_pi(u) / lambda +
           (1.0 - lambda) / lambda * (log_sin_pi((1.0 - lambda) * u) - log_exponential);
}

// The middle of one of 2^52 equal cells of (0,1), as base/rng makes its uniforms.
static double unit_of_words(uint32_t high, uint32_t low) {
    uint64_t cell = ((uint64_t)high << 32 | low) >> 12;
    return ((double)cell + 0.5) * 0x1p-52;
}

void choice_frozen_errors(const choice_tree *t, rng_key key, uint64_t entity, double *error) {
    double scale[CHOICE_NODES_MAX];
    double shared[CHOICE_NODES_MAX];  // what all below the nest have in common
    cumulative_lambda(t, scale);
    shared[0] = 0.0;
    for (int n = 1; n < t->nest_count; n++) {
        shared[n] = shared[t->nest_parent[n]];
        if (t->nest_lambda[n] < 1.0) {
            rng_block b = rng_draw(key, entity, DRAW_MODE_NEST, (uint32_t)n);
            double u = unit_of_words(b.word[0], b.word[1]);
            double v = unit_of_words(b.word[2], b.word[3]);
            shared[n] += scale[n] * log_stable(t->nest_lambda[n], u, v);
        }
    }
    for (int i = 0; i < t->alternative_count; i++) {
        int n = t->alternative_nest[i];
        error[i] = shared[n] + scale[n] * rng_gumbel(key, entity, DRAW_MODE_ALTERNATIVE, (uint32_t)i);
    }
}

int choice_best(const choice_tree *t, const double *utility, const double *error) {
    int best = -1;
    double best_value = -HUGE_VAL;
    for (int i = 0; i < t->alternative_count; i++) {
        double value = utility[i] + error[i];
        if (utility[i] > -HUGE_VAL && value > best_value) {
            best = i;
            best_value = value;
        }
    }
    return best;
}
