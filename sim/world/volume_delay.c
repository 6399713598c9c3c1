#include "world/volume_delay.h"

#include <math.h>

#include "base/dmath.h"

static const double bpr_alpha = 0.15;  // Bureau of Public Roads (1964)
static const double bpr_power = 4;

err_code volume_delay_alloc(volume_delay *t_, arena *a_, uint32_t n_) {
    *t_ = (volume_delay){.count = n_};
    COLUMN_ALLOC(VOLUME_DELAY_COLUMNS)
    return ERR_OK;
}

err_code volume_delay_from_network(volume_delay *v, arena *a, const network *n) {
    TRY(volume_delay_alloc(v, a, n->link.count));
    for (uint32_t e = 0; e < v->count; e++) {
        double speed_mps = (double)n->link.free_speed_mps[e];
        v->free_min[e] = speed_mps > 0 ? (double)n->link.length_m[e] / speed_mps / 60 : 0;
        v->alpha[e] = bpr_alpha;
        v->power[e] = bpr_power;
        v->capacity[e] = (double)n->link.capacity_vph[e];
    }
    return ERR_OK;
}

static bool volume_delay_is_valid(double value) {
    return isfinite(value) && value >= 0;
}

err_code volume_delay_validate(const volume_delay *v, const network *n) {
    CHECK(v->count == n->link.count, ERR_INTERNAL, "%u links have delay functions, the network has %u", v->count,
          n->link.count);
    for (uint32_t e = 0; e < v->count; e++) {
        if ((n->link.allowed[e] & ALLOW_CAR) == 0) {
            continue;
        }
        const char *id = n->link.id[e];
        CHECK(volume_delay_is_valid(v->free_min[e]) && volume_delay_is_valid(v->alpha[e]) &&
                  volume_delay_is_valid(v->fixed_min[e]),
              ERR_RANGE, "link '%s': free time, alpha and fixed cost of the delay function must not be negative", id);
        CHECK(isfinite(v->capacity[e]) && v->capacity[e] > 0, ERR_RANGE,
              "link '%s': capacity %g of the delay function must be above 0", id, v->capacity[e]);
        // Between 0 and 1 the slope is infinite at 0.
        CHECK(volume_delay_is_valid(v->power[e]) && (v->power[e] == 0 || v->power[e] >= 1), ERR_RANGE,
              "link '%s': power %g of the delay function must be 0 or at least 1", id, v->power[e]);
    }
    return ERR_OK;
}

// x^power; whole powers up to 16 by multiplication, which is fast and exact enough (4 is nearly always the case).
static double volume_delay_power(double x, double power) {
    if (power == 4) {
        return x * x * (x * x);
    }
    if (power <= 16 && floor(power) == power) {
        double y = 1;
        for (int i = (int)power; i > 0; i--) {
            y *= x;
        }
        return y;
    }
    return x > 0 ? dmath_pow(x, power) : 0;
}

double volume_delay_time(const volume_delay *v, uint32_t e, double flow) {
    return v->free_min[e] + v->free_min[e] * v->alpha[e] * volume_delay_power(flow / v->capacity[e], v->power[e]);
}

double volume_delay_slope(const volume_delay *v, uint32_t e, double flow) {
    if (v->power[e] == 0) {
        return 0;
    }
    return v->free_min[e] * v->alpha[e] * v->power[e] / v->capacity[e] *
           volume_delay_power(flow / v->capacity[e], v->power[e] - 1);
}

double volume_delay_integral(const volume_delay *v, uint32_t e, double flow) {
    double part = volume_delay_power(flow / v->capacity[e], v->power[e]) / (v->power[e] + 1);
    return v->free_min[e] * flow * (1 + v->alpha[e] * part);
}
