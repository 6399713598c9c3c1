#include "model/departure.h"

#include <math.h>

#include "base/dmath.h"
#include "world/mode.h"

enum {
    DRAW_OFFSET = 65535  // DRAW_DEPARTURE: place of the traveller's alternatives within the step; below are their terms
};

err_code departure_check(const departure_values *v, bool desired_arrival) {
    const double value[] = {v->travel_per_h, v->early_per_h, v->late_per_h, v->late_fixed, v->tolerance_s};
    for (size_t i = 0; i < sizeof value / sizeof *value; i++) {
        CHECK(isfinite(value[i]) && value[i] >= 0, ERR_RANGE,
              "values of travel time, early and late arrival must be finite and not negative, not %g", value[i]);
    }
    CHECK(v->travel_per_h > 0, ERR_RANGE, "the value of travel time must be above 0");
    CHECK(!desired_arrival || v->early_per_h < v->travel_per_h, ERR_RANGE,
          "the value of early arrival %g must be below that of travel time %g; otherwise no queue is long enough",
          v->early_per_h, v->travel_per_h);
    return ERR_OK;
}

double departure_profile_time(const void *profile, double departure_s) {
    const departure_profile *p = profile;
    double at = (departure_s - p->first_s) / p->step_s;
    if (!(at > 0)) {
        return p->time_s[0];
    }
    if (at >= (double)(p->count - 1)) {
        return p->time_s[p->count - 1];
    }
    uint32_t i = (uint32_t)at;
    return p->time_s[i] + (p->time_s[i + 1] - p->time_s[i]) * (at - (double)i);
}

double departure_cost(const departure_trip *t, double departure_s, double travel_s) {
    const departure_values *v = &t->values;
    double late_s = departure_s + (t->desired_arrival ? travel_s : 0) - t->desired_s;
    double cost = v->travel_per_h * travel_s / 3600;
    if (late_s > v->tolerance_s) {
        return cost + v->late_per_h * (late_s - v->tolerance_s) / 3600 + v->late_fixed;
    }
    return -late_s > v->tolerance_s ? cost + v->early_per_h * (-late_s - v->tolerance_s) / 3600 : cost;
}

static double own_offset(const departure_trip *t) {
    return rng_uniform(t->key, t->id, DRAW_DEPARTURE, DRAW_OFFSET);
}

double departure_of(const departure_trip *t, const departure_range *r, uint32_t k) {
    return r->first_s + (k + own_offset(t)) * r->step_s;
}

// Whether the random term of alternative k can exceed x scales: -ln(-ln u) <= -ln(1 - u), so 1 - u < exp(-x) must hold.
// A draw and one exponential instead of two logarithms, for the many alternatives that are far too dear.
static bool term_may_exceed(const departure_trip *t, uint32_t k, double x) {
    double u = rng_uniform(t->key, t->id, DRAW_DEPARTURE, k);
    return 1 - u < dmath_exp(-x) * (1 + 1e-9);
}

static departure_option evaluate_at(const departure_trip *t, uint32_t k, double departure_s, double travel_s) {
    double cost = departure_cost(t, departure_s, travel_s);
    double term = t->scale > 0 ? t->scale * rng_gumbel(t->key, t->id, DRAW_DEPARTURE, k) : 0;
    return (departure_option){
        .k = k, .departure_s = departure_s, .travel_s = travel_s, .cost = cost, .utility = term - cost};
}

departure_option departure_evaluate(const departure_trip *t, const departure_range *r, uint32_t k, double travel_s) {
    return evaluate_at(t, k, departure_of(t, r, k), travel_s);
}

departure_option departure_best(const departure_trip *t, const departure_range *r, departure_time_fn *time,
                                const void *context) {
    double offset = own_offset(t);
    departure_option best = {.utility = -HUGE_VAL};
    for (uint32_t k = 0; k < r->count; k++) {
        double departure_s = r->first_s + (k + offset) * r->step_s;
        double travel_s = time(context, departure_s);
        double needed = best.utility + departure_cost(t, departure_s, travel_s);
        if (t->scale > 0 && needed > t->scale && !term_may_exceed(t, k, needed / t->scale)) {
            continue;
        }
        departure_option o = evaluate_at(t, k, departure_s, travel_s);
        if (o.utility > best.utility) {
            best = o;
        }
    }
    return best;
}

double departure_gap(const departure_option *own, const departure_option *better) {
    double gain = better->utility - own->utility;
    if (!(gain > 0)) {
        return 0;
    }
    return gain < own->cost ? gain / own->cost : 1;
}

double departure_switch_chance(double gap, double share, double ignored, double gap_certain) {
    if (gap <= ignored) {
        return 0;
    }
    return gap < gap_certain ? share * gap / gap_certain : share;
}
