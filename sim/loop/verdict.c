#include "loop/verdict.h"

#include <math.h>
#include <stdio.h>

#include "base/dmath.h"

enum { TO_SETTLE_LIMIT = 1000, CHANGES_MAX = 1000 };

static const double mixture_precision = 0.2;  // c^2, see the header

// ln Gamma(x), x > 0: Lanczos' approximation (Lanczos 1964, SIAM J. Numer. Anal. B 1), g = 7, 9 terms.
static double log_gamma(double x) {
    static const double c[9] = {0.99999999999980993,  676.5203681218851,     -1259.1392167224028,
                                771.32342877765313,   -176.61502916214059,   12.507343278686905,
                                -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7};
    double sum = c[0];
    for (int i = 1; i < 9; i++) {
        sum += c[i] / (x - 1.0 + i);
    }
    double t = x + 6.5;
    return 0.91893853320467274178 + (x - 0.5) * dmath_log(t) - t + dmath_log(sum);
}

// Continued fraction of the incomplete beta function, evaluated by Lentz's method (A&S 26.5.8).
static double beta_fraction(double a, double b, double x) {
    const double tiny = 1e-300;
    double c = 1.0;
    double d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (fabs(d) < tiny ? tiny : d);
    double h = d;
    for (int m = 1; m <= 500; m++) {
        double even = m * (b - m) * x / ((a - 1.0 + 2.0 * m) * (a + 2.0 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 1.0 + 2.0 * m));
        double step[2] = {even, odd};
        double last = 1.0;
        for (int k = 0; k < 2; k++) {
            d = 1.0 + step[k] * d;
            d = 1.0 / (fabs(d) < tiny ? tiny : d);
            c = 1.0 + step[k] / c;
            c = fabs(c) < tiny ? tiny : c;
            last = d * c;
            h *= last;
        }
        if (fabs(last - 1.0) < 1e-15) {
            break;
        }
    }
    return h;
}

static double beta_regularised(double a, double b, double x) {
    if (x <= 0.0) {
        return 0.0;
    }
    if (x >= 1.0) {
        return 1.0;
    }
    double front =
        dmath_exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * dmath_log(x) + b * dmath_log(1.0 - x));
    if (x < (a + 1.0) / (a + b + 2.0)) {
        return front * beta_fraction(a, b, x) / a;
    }
    return 1.0 - front * beta_fraction(b, a, 1.0 - x) / b;
}

double verdict_t_cdf(double t, double degrees) {
    ASSERT(degrees > 0.0);
    if (isinf(t)) {
        return t > 0.0 ? 1.0 : 0.0;
    }
    double tail = 0.5 * beta_regularised(0.5 * degrees, 0.5, degrees / (degrees + t * t));
    return t > 0.0 ? 1.0 - tail : tail;
}

double verdict_t_quantile(double probability, double degrees) {
    ASSERT(probability > 0.0 && probability < 1.0);
    if (probability == 0.5) {  // F is flat in t^2 there: bisection would stop at about 1e-8
        return 0.0;
    }
    double low = -1.0;
    double high = 1.0;
    while (verdict_t_cdf(low, degrees) > probability) {
        low *= 2.0;
    }
    while (verdict_t_cdf(high, degrees) < probability) {
        high *= 2.0;
    }
    for (int i = 0; i < 200 && high - low > 0.0; i++) {
        double middle = 0.5 * (low + high);
        if (middle == low || middle == high) {
            break;
        }
        if (verdict_t_cdf(middle, degrees) < probability) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return 0.5 * (low + high);
}

// Half-width of the confidence sequence at n pairs with this standard deviation; +inf when nothing can be said yet.
static double sequence_half_width(double sd, double n, double confidence) {
    double alpha = 1.0 - confidence;
    double r = mixture_precision / (n + mixture_precision);
    double k = dmath_exp(-dmath_log(alpha * alpha * r) / n);
    if (n < 2.0 || k * r >= 1.0) {
        return INFINITY;
    }
    return dmath_sqrt((n - 1.0) * sd * sd * (k - 1.0) / ((1.0 - k * r) * n));
}

void verdict_interval_of(const double *difference, uint32_t count, double confidence, verdict_interval *out) {
    *out = (verdict_interval){.low = -INFINITY,
                              .high = INFINITY,
                              .t_low = -INFINITY,
                              .t_high = INFINITY,
                              .probability_at_or_below_0 = NAN,
                              .count = count};
    double sum = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        sum += difference[i];
    }
    out->mean = count > 0 ? sum / count : NAN;
    if (count < 2) {
        return;
    }
    double square = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        double d = difference[i] - out->mean;
        square += d * d;
    }
    double n = count;
    out->sd = dmath_sqrt(square / (n - 1.0));
    double half = sequence_half_width(out->sd, n, confidence);
    out->low = out->mean - half;
    out->high = out->mean + half;
    double error = out->sd / dmath_sqrt(n);
    double t_half = verdict_t_quantile(0.5 + 0.5 * confidence, n - 1.0) * error;
    out->t_low = out->mean - t_half;
    out->t_high = out->mean + t_half;
    if (error > 0.0) {
        out->probability_at_or_below_0 = verdict_t_cdf(-out->mean / error, n - 1.0);
    } else {
        out->probability_at_or_below_0 = out->mean <= 0.0 ? 1.0 : 0.0;
    }
}

verdict_code verdict_judge(const verdict_interval *v) {
    if (v->count < VERDICT_PAIRS_MIN) {
        return VERDICT_NOT_SHOWN;
    }
    if (v->high <= 0.0) {
        return VERDICT_HOLDS;
    }
    return v->low > 0.0 ? VERDICT_EXCEEDS : VERDICT_NOT_SHOWN;
}

uint32_t verdict_to_settle(const verdict_interval *v, double confidence, uint32_t limit) {
    if (verdict_judge(v) != VERDICT_NOT_SHOWN) {
        return 0;
    }
    if (v->count < 2) {
        return VERDICT_PAIRS_MIN;
    }
    uint32_t n = v->count + 1 > VERDICT_PAIRS_MIN ? v->count + 1 : VERDICT_PAIRS_MIN;
    while (n < limit && sequence_half_width(v->sd, n, confidence) >= fabs(v->mean)) {
        n++;
    }
    return n;
}

// One decimal with a sign; Norwegian uses a decimal comma and a true minus sign.
static void format_percent(double value, bool norwegian, char *out, size_t size) {
    if (!isfinite(value)) {
        snprintf(out, size, norwegian ? "ukjent" : "unknown");
        return;
    }
    const char *sign = value < 0.0 ? "\u2212" : "+";
    double tenths = floor(fabs(value) * 10.0 + 0.5);
    int whole = (int)(tenths / 10.0);
    int tenth = (int)(tenths - 10.0 * whole);
    snprintf(out, size, "%s%d%s%d %%", sign, whole, norwegian ? "," : ".", tenth);
}

// What comes after the index: its interval, or why there is none.
static void margin_text(const result_verdict *v, double confidence, bool norwegian, char *out, size_t size) {
    char low[32], high[32];
    if (v->replications < 2) {
        snprintf(out, size,
                 norwegian ? "men én simulering sier ikke hvor sikkert det er"
                           : "but one replication does not say how sure that is");
        return;
    }
    if (!isfinite(v->low_pct) || !isfinite(v->high_pct)) {
        snprintf(out, size,
                 norwegian ? "men %u simuleringer er for få til å si hvor sikkert det er"
                           : "but %u replications are too few to say how sure that is",
                 v->replications);
        return;
    }
    format_percent(v->low_pct, norwegian, low, sizeof low);
    format_percent(v->high_pct, norwegian, high, sizeof high);
    int level = (int)(100.0 * confidence + 0.5);
    snprintf(out, size,
             norwegian ? "mellom %s og %s med %d %% sikkerhet (%u simuleringer)"
                       : "between %s and %s at %d %% confidence (%u replications)",
             low, high, level, v->replications);
}

// What is missing and how to get it; nothing when it is settled.
static void settle_text(const result_verdict *v, bool norwegian, char *out, size_t size) {
    out[0] = '\0';
    if (v->replications < VERDICT_PAIRS_MIN && v->replications_to_settle <= VERDICT_PAIRS_MIN) {
        snprintf(out, size,
                 norwegian ? " Det trengs minst %d: kjør igjen med --replications %d."
                           : " At least %d are needed: run again with --replications %d.",
                 (int)VERDICT_PAIRS_MIN, (int)VERDICT_PAIRS_MIN);
    } else if (v->replications < VERDICT_PAIRS_MIN && v->replications_to_settle < TO_SETTLE_LIMIT) {
        snprintf(out, size,
                 norwegian ? " Om lag %u ville avgjøre det: kjør igjen med --replications %u."
                           : " About %u would settle it: run again with --replications %u.",
                 v->replications_to_settle, v->replications_to_settle);
    } else if (v->replications_to_settle > 0) {
        bool many = v->replications_to_settle >= TO_SETTLE_LIMIT;
        snprintf(out, size,
                 norwegian ? " %s %u simuleringer ville avgjøre det." : " %s %u replications would settle it.",
                 norwegian ? (many ? "Mer enn" : "Om lag") : (many ? "More than" : "About"), v->replications_to_settle);
    }
}

static void sentence(const result_verdict *v, int year, double confidence, bool norwegian, char *out, size_t size) {
    static const char *const lead[2][3] = {
        {"Car traffic in sentrum in %d is at or below today's level",
         "Car traffic in sentrum in %d is above today's level",
         "It is not shown whether car traffic in sentrum in %d is above or below today's level"},
        {"Biltrafikken i sentrum i %d er på eller under dagens nivå",
         "Biltrafikken i sentrum i %d er høyere enn dagens nivå",
         "Det er ikke vist om biltrafikken i sentrum i %d er over eller under dagens nivå"}};
    char start[160], index[32], margin[160], more[160];
    snprintf(start, sizeof start, lead[norwegian ? 1 : 0][v->code], year);
    format_percent(v->index_pct, norwegian, index, sizeof index);
    margin_text(v, confidence, norwegian, margin, sizeof margin);
    settle_text(v, norwegian, more, sizeof more);
    snprintf(out, size, "%s: %s, %s.%s", start, index, margin, more);
}

// Paired changes of an indicator against today: percent of today's mean; of an index, which is a change already, as is.
static uint32_t paired_changes(const result *r, result_indicator i, uint32_t year_ix, double *change) {
    uint32_t n = r->replications < CHANGES_MAX ? r->replications : CHANGES_MAX;
    bool index = i == RESULT_traffic_index_pct || i == RESULT_traffic_index_2027_pct;
    double today = index ? 100.0 : result_indicator_mean(r, i, 0);
    for (uint32_t k = 0; k < n; k++) {
        double now = *result_indicator_at(r, i, year_ix, k);
        double then = *result_indicator_at(r, i, 0, k);
        change[k] = today > 0.0 ? 100.0 * (now - then) / today : 0.0;
    }
    return n;
}

static void fill_measure(const result *r, result_measure_ix m, uint32_t year_ix, double confidence) {
    double change[CHANGES_MAX];
    verdict_interval v;
    verdict_interval_of(change, paired_changes(r, result_measure_indicator(m), year_ix, change), confidence, &v);
    r->verdict[year_ix].measure[m] = (result_measure){.change_pct = v.mean,
                                                      .low_pct = v.low,
                                                      .high_pct = v.high,
                                                      .t_low_pct = v.t_low,
                                                      .t_high_pct = v.t_high,
                                                      .probability_at_or_below = v.probability_at_or_below_0,
                                                      .code = verdict_judge(&v)};
}

void verdict_fill(result *r, uint32_t year_ix, double confidence) {
    double change[CHANGES_MAX];
    verdict_interval v;
    uint32_t n = paired_changes(r, RESULT_car_km_sentrum, year_ix, change);
    verdict_interval_of(change, n, confidence, &v);
    result_verdict *out = &r->verdict[year_ix];
    out->index_pct = v.mean;
    out->low_pct = v.low;
    out->high_pct = v.high;
    out->t_low_pct = v.t_low;
    out->t_high_pct = v.t_high;
    out->probability_at_or_below = v.probability_at_or_below_0;
    out->code = verdict_judge(&v);
    out->replications = n;
    out->replications_to_settle = verdict_to_settle(&v, confidence, TO_SETTLE_LIMIT);
    for (int m = 0; m < RESULT_MEASURE_COUNT; m++) {
        fill_measure(r, (result_measure_ix)m, year_ix, confidence);
    }
    sentence(out, r->year[year_ix], confidence, true, out->sentence_nb, sizeof out->sentence_nb);
    sentence(out, r->year[year_ix], confidence, false, out->sentence_en, sizeof out->sentence_en);
}
