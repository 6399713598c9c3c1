// Every function reduces its argument exactly or in two parts, then evaluates a Taylor series by Horner's rule.
// Only + - * / and sqrt are used, each of which IEEE 754 defines to the bit; see the header for the accuracy.
#include "base/dmath.h"

#include <float.h>
#include <stdint.h>
#include <string.h>

_Static_assert(FLT_EVAL_METHOD == 0, "double arithmetic must not use wider registers");
_Static_assert(DBL_MANT_DIG == 53, "double must be IEEE binary64");

// ln 2 in two parts: the first has 32 trailing zero bits, so that a multiple up to 2^20 is exact.
static const double ln2_high = 0x1.62e42feep-1;
static const double ln2_low = 0x1.a39ef35793c76p-33;

// 2^k for -1022 <= k <= 1023.
static double dmath_power_of_two(int k) {
    uint64_t bits = (uint64_t)(k + 1023) << 52;
    double out;
    memcpy(&out, &bits, sizeof out);
    return out;
}

// exp(x + tail) with a small tail.
static double dmath_exp_with_tail(double x, double tail) {
    // 1/2!, 1/3!, ... 1/13!; the next term is below 5e-18 for |r| <= ln(2)/2.
    static const double term[12] = {
        1.0 / 2,     1.0 / 6,      1.0 / 24,      1.0 / 120,      1.0 / 720,       1.0 / 5040,
        1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800.0,
    };
    double k = floor(x * 1.44269504088896340736 + 0.5);
    double high = x - k * ln2_high;  // exact
    double low = tail - k * ln2_low;
    double r = high + low;
    double q = term[11];
    for (int i = 10; i >= 0; i--) {
        q = q * r + term[i];
    }
    double y = 1.0 + (high + (low + r * r * q));
    int exponent = (int)k;
    int half = exponent / 2;  // in two steps: 2^k itself may not be a normal number
    return y * dmath_power_of_two(half) * dmath_power_of_two(exponent - half);
}

double dmath_exp(double x) {
    if (x != x) {
        return x;
    }
    if (x > 709.782712893383973096) {
        return DMATH_INF;
    }
    if (x < -745.2) {
        return 0.0;
    }
    return dmath_exp_with_tail(x, 0.0);
}

// x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); x positive and finite.
static double dmath_split(double x, int *k_out) {
    int k = 0;
    if (x < DBL_MIN) {
        x *= 0x1p54;
        k = -54;
    }
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    k += (int)(bits >> 52) - 1023;
    bits = (bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 1.41421356237309504880) {
        m *= 0.5;
        k++;
    }
    *k_out = k;
    return m - 1.0;
}

// ln(1+f) = 2 atanh(s) with s = f/(2+f) = 2s + s R(s^2); this is R, |s| <= 0.1716.
static double dmath_log_series(double z) {
    static const double term[11] = {2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11, 2.0 / 13,
                                    2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21, 2.0 / 23};
    double r = term[10];
    for (int i = 9; i >= 0; i--) {
        r = r * z + term[i];
    }
    return r * z;
}

double dmath_log(double x) {
    if (x != x || x < 0) {
        return DMATH_NAN;
    }
    if (x == 0) {
        return -DMATH_INF;
    }
    if (x > DBL_MAX) {
        return x;
    }
    int k;
    double f = dmath_split(x, &k);
    double s = f / (2.0 + f);
    double half_square = 0.5 * f * f;
    // 2s = f - s f, and s f = f^2/2 - s f^2/2: the large part f is exact
    double small = half_square - s * (half_square + dmath_log_series(s * s));
    double kd = (double)k;
    return kd * ln2_high - ((small - kd * ln2_low) - f);
}

// a*b = product + error exactly (Dekker 1971, Numerische Mathematik 18(3)); no overflow for the values used here.
static double dmath_product_error(double a, double b, double product) {
    const double split = 134217729.0;  // 2^27 + 1
    double ca = split * a, cb = split * b;
    double ah = ca - (ca - a), bh = cb - (cb - b);
    double al = a - ah, bl = b - bh;
    return ((ah * bh - product) + ah * bl + al * bh) + al * bl;
}

// ln x as high + low with about 60 bits, for powers.
static double dmath_log_parts(double x, double *low_out) {
    int k;
    double f = dmath_split(x, &k);
    double d = 2.0 + f;
    double d_low = f - (d - 2.0);
    double s = f / d;
    double product = s * d;
    double s_low = (((f - product) - dmath_product_error(s, d, product)) - s * d_low) / d;
    double kd = (double)k;
    double a = kd * ln2_high, b = 2.0 * s;
    double sum = a + b;
    double b_part = sum - a;
    double sum_low = (a - (sum - b_part)) + (b - b_part);
    double low = sum_low + (2.0 * s_low + (s * dmath_log_series(s * s) + kd * ln2_low));
    double high = sum + low;
    *low_out = low - (high - sum);
    return high;
}

double dmath_pow(double x, double y) {
    if (y == 0 || x == 1) {
        return 1.0;
    }
    if (x != x || y != y || x < 0) {
        return DMATH_NAN;
    }
    if (x == 0 || x > DBL_MAX || y > DBL_MAX || y < -DBL_MAX) {
        int grows = (x > 1) == (y > 0);
        return grows ? DMATH_INF : 0.0;
    }
    double low;
    double high = dmath_log_parts(x, &low);
    double product = y * high;
    if (product > 709.79) {
        return DMATH_INF;
    }
    if (product < -745.2) {
        return 0.0;
    }
    double tail = y < 0x1p900 && y > -0x1p900 ? dmath_product_error(y, high, product) + y * low : 0.0;
    return dmath_exp_with_tail(product, tail);
}

// x - k pi/2 with the nearest k; |x| <= 2^20. pi/2 in three parts, the first two with 33 bits, so that their
// multiples are exact.
static int dmath_reduce(double x, double *r_out, double *tail_out) {
    static const double part1 = 0x1.921fb544p+0;
    static const double part2 = 0x1.0b4611a6p-34;
    static const double part3 = 0x1.3198a2e037073p-69;
    double k = floor(x * 0.63661977236758134308 + 0.5);
    double a = x - k * part1;  // exact
    double b = k * part2;      // exact
    double r = a - b;
    double lost = (a - r) - b;
    double tail = lost - k * part3;
    double sum = r + tail;
    *tail_out = tail - (sum - r);
    *r_out = sum;
    return (int)(((int64_t)k % 4 + 4) % 4);
}

static double dmath_sin_series(double r, double tail) {
    static const double term[8] = {-1.0 / 6,
                                   1.0 / 120,
                                   -1.0 / 5040,
                                   1.0 / 362880,
                                   -1.0 / 39916800.0,
                                   1.0 / 6227020800.0,
                                   -1.0 / 1307674368000.0,
                                   1.0 / 355687428096000.0};
    double z = r * r;
    double q = term[7];
    for (int i = 6; i >= 0; i--) {
        q = q * z + term[i];
    }
    return r + (tail + r * z * q);
}

static double dmath_cos_series(double r, double tail) {
    static const double term[7] = {1.0 / 24,          -1.0 / 720,           1.0 / 40320,           -1.0 / 3628800,
                                   1.0 / 479001600.0, -1.0 / 87178291200.0, 1.0 / 20922789888000.0};
    double z = r * r;
    double q = term[6];
    for (int i = 5; i >= 0; i--) {
        q = q * z + term[i];
    }
    double half = 0.5 * z;
    double w = 1.0 - half;
    return w + (((1.0 - w) - half) + (z * z * q - r * tail));
}

static double dmath_sin_shifted(double x, int quarter_turns) {
    if (!(x >= -1048576.0 && x <= 1048576.0)) {
        return DMATH_NAN;
    }
    double r, tail;
    int quadrant = (dmath_reduce(x, &r, &tail) + quarter_turns) % 4;
    double y = quadrant % 2 == 0 ? dmath_sin_series(r, tail) : dmath_cos_series(r, tail);
    return quadrant < 2 ? y : -y;
}

double dmath_sin(double x) {
    return dmath_sin_shifted(x, 0);
}

double dmath_cos(double x) {
    return dmath_sin_shifted(x, 1);
}

double dmath_sqrt(double x) {
    return sqrt(x);
}

double dmath_logsum(const double *v, int n) {
    double largest = -DMATH_INF;
    for (int i = 0; i < n; i++) {
        if (v[i] != v[i]) {
            return DMATH_NAN;
        }
        largest = v[i] > largest ? v[i] : largest;
    }
    if (largest < -DBL_MAX || largest > DBL_MAX) {
        return largest;
    }
    double sum = 0;
    for (int i = 0; i < n; i++) {
        sum += dmath_exp(v[i] - largest);
    }
    return largest + dmath_log(sum);
}
