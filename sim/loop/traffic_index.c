#include "loop/traffic_index.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/dmath.h"
#include "loop/verdict.h"

static const double small_change_pct = 1.0;  // params/nullvekst_method.csv small_change_threshold

void traffic_index_interval(double index_pct, double sd_pct, double n_effective, uint32_t points, double confidence,
                            result_point_index *out) {
    *out = (result_point_index){.index_pct = index_pct,
                                .low_pct = -INFINITY,
                                .high_pct = INFINITY,
                                .sd_pct = sd_pct,
                                .se_pct = DMATH_NAN,
                                .n_effective = n_effective,
                                .points = points};
    if (points >= 2) {
        out->se_pct = sd_pct / dmath_sqrt(n_effective);
        double half = verdict_t_quantile(0.5 + 0.5 * confidence, points - 1.0) * out->se_pct;
        out->low_pct = index_pct - half;
        out->high_pct = index_pct + half;
    }
}

void traffic_index_present(const traffic_index_point *point, uint32_t count, double confidence,
                           result_point_index *out) {
    double before = 0.0, after = 0.0, square = 0.0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (point[i].before > 0.0) {
            before += point[i].before;
            after += point[i].after;
            square += point[i].before * point[i].before;
            n++;
        }
    }
    if (n == 0) {
        traffic_index_interval(DMATH_NAN, DMATH_NAN, 0.0, 0, confidence, out);
        return;
    }
    double index = after / before - 1.0;
    double n_effective = before * before / square;
    double spread = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        if (point[i].before > 0.0) {
            double d = point[i].after / point[i].before - 1.0 - index;
            spread += point[i].before / before * d * d;
        }
    }
    double sd = n >= 2 ? dmath_sqrt(spread / (1.0 - 1.0 / n_effective)) : DMATH_NAN;
    traffic_index_interval(100.0 * index, 100.0 * sd, n_effective, n, confidence, out);
}

typedef struct stratum {
    double before, after;  // traffic work at the points
    double index;
    double share;  // V_h / V
    uint32_t points;
} stratum;

// Sums by stratum, their indices and shares; returns the index.
static double weigh_strata(const traffic_index_point *point, uint32_t count, const double *work, uint32_t strata,
                           stratum *s) {
    double total = 0.0, index = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        if (point[i].before > 0.0) {
            ASSERT(point[i].stratum < strata);
            s[point[i].stratum].before += point[i].before * point[i].length_km;
            s[point[i].stratum].after += point[i].after * point[i].length_km;
            s[point[i].stratum].points++;
        }
    }
    for (uint32_t h = 0; h < strata; h++) {
        total += s[h].points > 0 ? work[h] : 0.0;
    }
    for (uint32_t h = 0; h < strata; h++) {
        if (s[h].points > 0) {
            s[h].share = total > 0.0 ? work[h] / total : 0.0;
            s[h].index = s[h].after / s[h].before - 1.0;
            index += s[h].share * s[h].index;
        }
    }
    return index;
}

err_code traffic_index_2027(const traffic_index_point *point, uint32_t count, const double *stratum_work,
                            uint32_t stratum_count, double confidence, arena *scratch, result_point_index *out) {
    stratum *s;
    ARENA_NEW(scratch, s, stratum_count);
    double index = weigh_strata(point, count, stratum_work, stratum_count, s);
    double variance = 0.0, alone = 0.0;
    uint32_t n = 0, singles = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!(point[i].before > 0.0)) {
            continue;
        }
        const stratum *h = &s[point[i].stratum];
        double against = h->points > 1 ? h->index : index;
        double e = h->share * point[i].length_km * (point[i].after - (1.0 + against) * point[i].before) / h->before;
        n++;
        if (h->points > 1) {
            variance += h->points / (h->points - 1.0) * e * e;
        } else {
            alone += e * e;
            singles++;
        }
    }
    variance += singles > 1 ? singles / (singles - 1.0) * alone : alone;
    *out = (result_point_index){.index_pct = n > 0 ? 100.0 * index : DMATH_NAN,
                                .low_pct = -INFINITY,
                                .high_pct = INFINITY,
                                .sd_pct = DMATH_NAN,
                                .se_pct = DMATH_NAN,
                                .n_effective = DMATH_NAN,
                                .points = n};
    if (n >= 2) {
        out->se_pct = 100.0 * dmath_sqrt(variance);
        double half = verdict_t_quantile(0.5 + 0.5 * confidence, n - 1.0) * out->se_pct;
        out->low_pct = out->index_pct - half;
        out->high_pct = out->index_pct + half;
    }
    return ERR_OK;
}

// --- the sentence -----------------------------------------------------------------------------------------------

// One decimal, decimal comma, a true minus sign.
static void format_pct(double value, char *out, size_t room) {
    double tenths = floor(fabs(value) * 10.0 + 0.5);
    snprintf(out, room, "%s%d,%d %%", value < 0.0 && tenths > 0.0 ? "\u2212" : "", (int)(tenths / 10.0),
             (int)(tenths - 10.0 * floor(tenths / 10.0)));
}

void traffic_index_sentence(const result_point_index *p, char *out, size_t room) {
    char low[32], high[32];
    if (!isfinite(p->low_pct) || !isfinite(p->high_pct)) {
        snprintf(out, room, "Trafikkindeksen har for få tellepunkt til å gi en feilmargin.");
        return;
    }
    const char *verdict =
        "Når denne regnemåten legges til grunn kan man ikke si helt sikkert om trafikken har økt eller "
        "ikke sammenlignet med referanseåret, men den ligger omtrent på samme nivå.";
    if (p->low_pct >= 0.0) {
        verdict = "Trafikken har økt sammenlignet med referanseåret.";
    } else if (p->high_pct <= 0.0) {
        verdict = "Trafikken har gått ned sammenlignet med referanseåret.";
    }
    const char *prefix = "";
    if (fabs(p->index_pct) <= small_change_pct) {
        prefix = p->index_pct >= 0.0 ? "Svak økning. " : "Svak nedgang. ";
    }
    format_pct(p->low_pct, low, sizeof low);
    format_pct(p->high_pct, high, sizeof high);
    snprintf(out, room,
             "%s%s Beregningene har en feilmargin som betyr at trafikknivået ligger et sted mellom %s og %s.", prefix,
             verdict, low, high);
}

// --- on a result ------------------------------------------------------------------------------------------------

typedef struct index_frame {  // what is the same for every year and replication
    traffic_index_point *point;
    uint32_t *count_point;  // [point] index in zones
    uint32_t count;
    double *work;
    uint32_t strata;
} index_frame;

// Traffic work today (mean over replications is not needed: a factor cancels) of the road class on inside links.
static void add_class_work(const result *r, index_frame *f, uint32_t *class_link) {
    const link_columns *link = &r->network->link;
    const uint64_t *entered = r->entered_sum + (size_t)VEHICLE_CAR * RESULT_BINS * link->count;  // of year 0
    for (uint32_t e = 0; e < link->count; e++) {
        if (link->inside[e] == 0) {
            continue;
        }
        uint32_t h = 0;
        while (h < f->strata && strcmp(link->road_class[class_link[h]], link->road_class[e]) != 0) {
            h++;
        }
        uint64_t cars = 0;
        for (uint32_t bin = 0; h < f->strata && bin < RESULT_BINS; bin++) {
            cars += entered[(size_t)bin * link->count + e];
        }
        if (h < f->strata) {
            f->work[h] += (double)cars * (double)link->length_m[e];
        }
    }
}

static err_code frame_build(const result *r, arena *a, index_frame *f) {
    const zone_system *z = r->zones;
    const link_columns *link = &r->network->link;
    uint32_t *class_link;  // a link of each stratum, for its name
    ARENA_NEW(a, f->point, z->count_point_count);
    ARENA_NEW(a, f->count_point, z->count_point_count);
    ARENA_NEW(a, class_link, z->count_point_count);
    ARENA_NEW(a, f->work, z->count_point_count);
    for (uint32_t i = 0; i < z->count_point_count; i++) {
        const zone_count_point *p = &z->count_point[i];
        if (p->through || p->link_count == 0) {
            continue;
        }
        uint32_t e = p->link_ix[0];
        uint32_t h = 0;
        while (h < f->strata && strcmp(link->road_class[class_link[h]], link->road_class[e]) != 0) {
            h++;
        }
        if (h == f->strata) {
            class_link[f->strata++] = e;
        }
        f->point[f->count] = (traffic_index_point){.length_km = (double)link->length_m[e] / 1000.0, .stratum = h};
        f->count_point[f->count++] = i;
    }
    add_class_work(r, f, class_link);
    return ERR_OK;
}

static double cars_at(const result *r, uint32_t year_ix, uint32_t replication, uint32_t count_point) {
    size_t points = r->zones->count_point_count;
    const uint32_t *day = r->point_count + ((size_t)year_ix * r->replications_max + replication) * RESULT_BINS *
                                               points * VEHICLE_CLASS_COUNT;
    uint64_t cars = 0;
    for (uint32_t bin = 0; bin < RESULT_BINS; bin++) {
        cars += day[(bin * points + count_point) * VEHICLE_CLASS_COUNT + VEHICLE_CAR];
    }
    return (double)cars;
}

// Points of a year from the replications first .. first + count - 1.
static void fill_points(const result *r, index_frame *f, uint32_t year_ix, uint32_t first, uint32_t count) {
    for (uint32_t i = 0; i < f->count; i++) {
        f->point[i].before = f->point[i].after = 0.0;
        for (uint32_t k = first; k < first + count; k++) {
            f->point[i].before += cars_at(r, 0, k, f->count_point[i]) / count;
            f->point[i].after += cars_at(r, year_ix, k, f->count_point[i]) / count;
        }
    }
}

static err_code fill_year(result *r, double confidence, index_frame *f, uint32_t year_ix, arena *a) {
    result_point_index now, later;
    for (uint32_t k = 0; k < r->replications; k++) {
        fill_points(r, f, year_ix, k, 1);
        traffic_index_present(f->point, f->count, confidence, &now);
        TRY(traffic_index_2027(f->point, f->count, f->work, f->strata, confidence, a, &later));
        *result_indicator_at(r, RESULT_traffic_index_pct, year_ix, k) = now.index_pct;
        *result_indicator_at(r, RESULT_traffic_index_2027_pct, year_ix, k) = later.index_pct;
    }
    if (year_ix > 0) {
        result_verdict *v = &r->verdict[year_ix];
        fill_points(r, f, year_ix, 0, r->replications);
        traffic_index_present(f->point, f->count, confidence, &v->point_index[0]);
        TRY(traffic_index_2027(f->point, f->count, f->work, f->strata, confidence, a, &v->point_index[1]));
        traffic_index_sentence(&v->point_index[0], v->sentence_index_nb, sizeof v->sentence_index_nb);
    }
    return ERR_OK;
}

err_code traffic_index_fill(result *r, double confidence) {
    index_frame f = {0};
    arena a;
    arena_init(&a);
    err_code code = frame_build(r, &a, &f);
    for (uint32_t y = 0; code == ERR_OK && y < r->year_count; y++) {
        code = fill_year(r, confidence, &f, y, &a);
    }
    arena_free(&a);
    return code;
}
