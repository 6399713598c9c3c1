#include "summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/json.h"

enum { LABEL_WIDTH = 36, CELL_WIDTH = 17, BAR_CELLS = 20, CELL_BYTES = 48 };

// Mean over replications; NAN when a value is missing.
double summary_mean(const store_summary *s, result_indicator i, uint32_t year_ix) {
    const double *value = s->indicator + ((size_t)i * s->year_count + year_ix) * s->replications;
    double sum = 0;
    for (uint32_t k = 0; k < s->replications; k++) {
        sum += value[k];
    }
    return sum / (double)s->replications;
}

bool summary_converged(const store_summary *s) {
    bool all = true;
    for (uint32_t y = 0; y < s->year_count; y++) {
        all = all && s->converged[y];
    }
    return all;
}

// --- JSON -----------------------------------------------------------------------------------------------------

void summary_json_text(FILE *out, const char *given) {
    fputc('"', out);
    for (const unsigned char *c = (const unsigned char *)given; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            fprintf(out, "\\%c", *c);
        } else if (*c < 0x20 || *c == 0x7f) {
            fprintf(out, "\\u%04x", *c);
        } else {
            fputc(*c, out);
        }
    }
    fputc('"', out);
}

static void json_member(FILE *out, const char *name, double value) {
    fprintf(out, ", \"%s\": ", name);
    json_number(out, value);
}

static void json_pair(FILE *out, const char *name, double low, double high) {
    fprintf(out, ", \"%s\": [", name);
    json_number(out, low);
    fputs(", ", out);
    json_number(out, high);
    fputs("]", out);
}

static void json_measures(FILE *out, const result_verdict *v) {
    fputs(", \"measures\": {", out);
    for (int m = 0; m < RESULT_MEASURE_COUNT; m++) {
        const result_measure *c = &v->measure[m];
        fprintf(out, "%s\"%s\": {\"change_pct\": ", m == 0 ? "" : ", ",
                result_indicator_name(result_measure_indicator((result_measure_ix)m)));
        json_number(out, c->change_pct);
        json_pair(out, "ci_pct", c->low_pct, c->high_pct);
        json_pair(out, "t_ci_pct", c->t_low_pct, c->t_high_pct);
        json_member(out, "probability_at_or_below", c->probability_at_or_below);
        fprintf(out, ", \"verdict\": \"%s\"}", result_verdict_name(c->code));
    }
    fputs("}, \"traffic_index\": {", out);
    for (int i = 0; i < 2; i++) {
        const result_point_index *c = &v->point_index[i];
        fprintf(out, "%s: {\"index_pct\": ", i == 0 ? "\"present\"" : ", \"from_2027\"");
        json_number(out, c->index_pct);
        json_pair(out, "points_ci_pct", c->low_pct, c->high_pct);
        json_member(out, "se_pct", c->se_pct);
        json_member(out, "n_effective", c->n_effective);
        fprintf(out, ", \"points\": %u}", (unsigned)c->points);
    }
    fputs(", \"sentence_nb\": ", out);
    summary_json_text(out, v->sentence_index_nb);
    fputs("}", out);
}

void summary_json_verdict(FILE *out, const result_verdict *v) {
    fputs("\"index_pct\": ", out);
    json_number(out, v->index_pct);
    json_pair(out, "ci_pct", v->low_pct, v->high_pct);
    json_pair(out, "t_ci_pct", v->t_low_pct, v->t_high_pct);
    json_member(out, "probability_at_or_below", v->probability_at_or_below);
    fputs(", \"verdict\": ", out);
    summary_json_text(out, result_verdict_name(v->code));
    fprintf(out, ", \"replications_to_settle\": %u, \"sentence_nb\": ", (unsigned)v->replications_to_settle);
    summary_json_text(out, v->sentence_nb);
    fputs(", \"sentence_en\": ", out);
    summary_json_text(out, v->sentence_en);
    json_measures(out, v);
}

static void json_year(FILE *out, const store_summary *s, uint32_t y) {
    static const result_indicator share[MODE_COUNT] = {RESULT_share_car_driver, RESULT_share_car_passenger,
                                                       RESULT_share_pt, RESULT_share_cycle, RESULT_share_walk};
    fprintf(out, "{\"year\": %d", s->year[y]);
    if (y > 0) {
        fputs(", ", out);
        summary_json_verdict(out, &s->verdict[y]);
    }
    fprintf(out, ", \"replications\": %u", (unsigned)(y > 0 ? s->verdict[y].replications : s->replications));
    json_member(out, "car_km_sentrum", summary_mean(s, RESULT_car_km_sentrum, y));
    fputs(", \"mode_share\": {", out);
    for (int m = 0; m < MODE_COUNT; m++) {
        fprintf(out, "%s\"%s\": ", m == 0 ? "" : ", ", mode_name((mode)m));
        json_number(out, summary_mean(s, share[m], y) / 100);
    }
    fputs("}", out);
    json_member(out, "gap", summary_mean(s, RESULT_gap_pct, y) / 100);
    json_member(out, "stuck", summary_mean(s, RESULT_stuck, y));
    fputs(", \"indicators\": {", out);
    for (int i = 0; i < RESULT_INDICATOR_COUNT; i++) {
        fprintf(out, "%s\"%s\": ", i == 0 ? "" : ", ", result_indicator_name((result_indicator)i));
        json_number(out, summary_mean(s, (result_indicator)i, y));
    }
    fputs("}", out);
    fputs("}", out);
}

void summary_print_json(FILE *out, const store_summary *s, const char *output) {
    fputs("{\"scenario\": ", out);
    summary_json_text(out, s->scenario_name);
    fputs(", \"years\": [", out);
    for (uint32_t y = 1; y < s->year_count; y++) {
        fputs(y == 1 ? "" : ", ", out);
        json_year(out, s, y);
    }
    fputs("], \"today\": ", out);
    json_year(out, s, 0);
    if (output != NULL) {
        fputs(", \"output\": ", out);
        summary_json_text(out, output);
    }
    fprintf(out, ", \"seed\": %u, \"replications\": %u", (unsigned)s->seed, (unsigned)s->replications);
    json_member(out, "trips_per_person", summary_mean(s, RESULT_trips_per_person, 0));
    fprintf(out, ", \"converged\": %s, \"version\": ", summary_converged(s) ? "true" : "false");
    summary_json_text(out, s->program_version);
    fputs("}\n", out);
}

// --- text -----------------------------------------------------------------------------------------------------

// 1234567.8 as "1 234 568" (decimals 0) or "1 234 567.8".
static void format_number(char cell[CELL_BYTES], double value, int decimals) {
    char plain[CELL_BYTES];
    if (!isfinite(value) || fabs(value) >= 1e15) {
        snprintf(cell, CELL_BYTES, "-");
        return;
    }
    snprintf(plain, sizeof plain, "%.*f", decimals, value);
    size_t whole = strcspn(plain, ".");
    size_t to = 0;
    for (size_t i = 0; plain[i] != '\0' && to + 2 < CELL_BYTES; i++) {
        bool digit_before = i > 0 && plain[i - 1] != '-';
        if (i < whole && digit_before && (whole - i) % 3 == 0) {
            cell[to++] = ' ';
        }
        cell[to++] = plain[i];
    }
    cell[to] = '\0';
}

static void print_row(FILE *out, const store_summary *s, const char *label, result_indicator i, int decimals) {
    char cell[CELL_BYTES];
    fprintf(out, "%-*s", LABEL_WIDTH, label);
    for (uint32_t y = 0; y < s->year_count; y++) {
        format_number(cell, summary_mean(s, i, y), decimals);
        fprintf(out, "%*s", CELL_WIDTH, cell);
    }
    fputc('\n', out);
}

// A share as a bar of BAR_CELLS, with half steps.
static void print_bar(FILE *out, double percent) {
    int halves = isfinite(percent) ? (int)floor(percent / 100 * 2 * BAR_CELLS + 0.5) : 0;
    for (int i = 0; i < halves / 2; i++) {
        fputs("█", out);
    }
    fputs(halves % 2 != 0 ? "▌" : "", out);
}

static void print_shares(FILE *out, const store_summary *s) {
    static const struct {
        const char *label;
        result_indicator indicator;
    } mode_row[MODE_COUNT] = {{"  car, driver", RESULT_share_car_driver},
                              {"  car, passenger", RESULT_share_car_passenger},
                              {"  public transport", RESULT_share_pt},
                              {"  cycle", RESULT_share_cycle},
                              {"  walk", RESULT_share_walk}};
    uint32_t last = s->year_count - 1;
    fprintf(out, "residents' trips by mode, %%\n");
    for (int m = 0; m < MODE_COUNT; m++) {
        fprintf(out, "%-*s", LABEL_WIDTH, mode_row[m].label);
        for (uint32_t y = 0; y < s->year_count; y++) {
            char cell[CELL_BYTES];
            format_number(cell, summary_mean(s, mode_row[m].indicator, y), 1);
            fprintf(out, "%*s", CELL_WIDTH, cell);
        }
        fputs("  ", out);
        print_bar(out, summary_mean(s, mode_row[m].indicator, last));
        fputc('\n', out);
    }
}

static void print_index(FILE *out, const store_summary *s) {
    char cell[CELL_BYTES];
    fprintf(out, "%-*s%*s", LABEL_WIDTH, "car-km in sentrum against today, %", CELL_WIDTH, "");
    for (uint32_t y = 1; y < s->year_count; y++) {
        snprintf(cell, sizeof cell, isfinite(s->verdict[y].index_pct) ? "%+.1f" : "-", s->verdict[y].index_pct);
        fprintf(out, "%*s", CELL_WIDTH, cell);
    }
    snprintf(cell, sizeof cell, "  interval, %.4g %%", 100 * s->confidence);
    fprintf(out, "\n%-*s%*s", LABEL_WIDTH, cell, CELL_WIDTH, "");
    for (uint32_t y = 1; y < s->year_count; y++) {
        const result_verdict *v = &s->verdict[y];
        bool known = isfinite(v->low_pct) && isfinite(v->high_pct);
        snprintf(cell, sizeof cell, known ? "%+.1f to %+.1f" : "not known", v->low_pct, v->high_pct);
        fprintf(out, "%*s", CELL_WIDTH, cell);
    }
    fputc('\n', out);
}

// Change of one measure against today by year, with its verdict's sign: = at or below shown, + above shown, ? not
// shown.
static void print_measure(FILE *out, const store_summary *s, const char *label, result_measure_ix m) {
    static const char *const mark[] = {"holds", "exceeds", "not shown"};
    char cell[CELL_BYTES];
    fprintf(out, "%-*s%*s", LABEL_WIDTH, label, CELL_WIDTH, "");
    for (uint32_t y = 1; y < s->year_count; y++) {
        const result_measure *c = &s->verdict[y].measure[m];
        snprintf(cell, sizeof cell, isfinite(c->change_pct) ? "%+.1f %s" : "-", c->change_pct, mark[c->code]);
        fprintf(out, "%*s", CELL_WIDTH, cell);
    }
    fputc('\n', out);
}

// The road authority's interval: between counting points, not between replications.
static void print_points(FILE *out, const store_summary *s, int method) {
    char cell[CELL_BYTES];
    fprintf(out, "%-*s%*s", LABEL_WIDTH, "  interval between points", CELL_WIDTH, "");
    for (uint32_t y = 1; y < s->year_count; y++) {
        const result_point_index *p = &s->verdict[y].point_index[method];
        bool known = isfinite(p->low_pct) && isfinite(p->high_pct);
        snprintf(cell, sizeof cell, known ? "%+.1f to %+.1f" : "too few points", p->low_pct, p->high_pct);
        fprintf(out, "%*s", CELL_WIDTH, cell);
    }
    fputc('\n', out);
}

// The three measures of model.md section 9, each split by who drives.
static void print_measures(FILE *out, const store_summary *s) {
    if (s->year_count > 1) {
        fprintf(out, "change against today, %%, and verdict\n");
        print_measure(out, s, "  car-km in sentrum", RESULT_MEASURE_car_km_sentrum);
        print_measure(out, s, "  cars over the cordon", RESULT_MEASURE_cordon_cars);
        print_measure(out, s, "  virtual traffic index", RESULT_MEASURE_traffic_index_pct);
        print_points(out, s, 0);
        print_measure(out, s, "  same, method from 2027", RESULT_MEASURE_traffic_index_2027_pct);
        print_points(out, s, 1);
        print_measure(out, s, "  virtual travel survey", RESULT_MEASURE_car_km_resident);
    }
    print_row(out, s, "car-km in sentrum", RESULT_car_km_sentrum, 0);
    print_row(out, s, "  residents", RESULT_sentrum_car_resident, 0);
    print_row(out, s, "  visitors", RESULT_sentrum_car_visitor, 0);
    print_row(out, s, "  (through, not counted)", RESULT_sentrum_car_through, 0);
    print_row(out, s, "  (service trips, not counted)", RESULT_sentrum_car_service, 0);
    print_row(out, s, "cars over the sentrum cordon", RESULT_cordon_cars, 0);
    print_row(out, s, "  residents", RESULT_cordon_cars_resident, 0);
    print_row(out, s, "  visitors", RESULT_cordon_cars_visitor, 0);
    print_row(out, s, "  (through, not counted)", RESULT_cordon_cars_through, 0);
    print_row(out, s, "  (service trips, not counted)", RESULT_cordon_cars_service, 0);
    print_row(out, s, "cars at the index's points", RESULT_index_cars, 0);
    print_row(out, s, "  residents", RESULT_index_cars_resident, 0);
    print_row(out, s, "  visitors", RESULT_index_cars_visitor, 0);
    print_row(out, s, "  through", RESULT_index_cars_through, 0);
    print_row(out, s, "car-driver km a resident (survey)", RESULT_car_km_resident, 1);
    print_row(out, s, "  (visitors', not surveyed)", RESULT_car_km_visitor, 1);
    print_row(out, s, "  (through, not surveyed)", RESULT_car_km_through, 1);
}

static void print_table(FILE *out, const store_summary *s) {
    fprintf(out, "%-*s", LABEL_WIDTH, "mean of an average weekday");
    for (uint32_t y = 0; y < s->year_count; y++) {
        char cell[CELL_BYTES];
        snprintf(cell, sizeof cell, y == 0 ? "today (%d)" : "%d", s->year[y]);
        fprintf(out, "%*s", CELL_WIDTH, cell);
    }
    fputc('\n', out);
    for (uint32_t i = 0; i < LABEL_WIDTH + CELL_WIDTH * s->year_count; i++) {
        fputc('-', out);
    }
    fputc('\n', out);
    if (s->year_count > 1) {
        print_index(out, s);
    }
    print_measures(out, s);
    print_row(out, s, "residents", RESULT_residents, 0);
    print_row(out, s, "trips a resident", RESULT_trips_per_person, 2);
    print_shares(out, s);
    print_row(out, s, "boardings of bus and train", RESULT_pt_boardings, 0);
    print_row(out, s, "minutes on foot or cycle a resident", RESULT_activity_min, 1);
    print_row(out, s, "CO2 of road traffic, tonnes", RESULT_co2_t, 2);
    print_row(out, s, "delay in traffic, vehicle-hours", RESULT_delay_h, 0);
    print_row(out, s, "relative gap, %", RESULT_gap_pct, 2);
    print_row(out, s, "vehicles stuck", RESULT_stuck, 1);
}

static const char *verdict_words(verdict_code code) {
    switch (code) {
        case VERDICT_HOLDS:
            return "HOLDER / HOLDS";
        case VERDICT_EXCEEDS:
            return "OVERSKRIDES / EXCEEDS";
        case VERDICT_NOT_SHOWN:
            break;
    }
    return "IKKE VIST / NOT SHOWN";
}

void summary_print_text(FILE *out, const store_summary *s, const char *path) {
    fprintf(out, "%s (%s)\n", s->title, s->scenario_name);
    fprintf(out, "%u replication%s, seed %u, vestsim %s (%s)\n\n", (unsigned)s->replications,
            s->replications == 1 ? "" : "s", (unsigned)s->seed, s->program_version, s->git_commit);
    for (uint32_t y = 1; y < s->year_count; y++) {
        const result_verdict *v = &s->verdict[y];
        fprintf(out, "%d  %s\n      %s\n      %s\n", s->year[y], verdict_words(v->code), v->sentence_nb,
                v->sentence_en);
    }
    fputs(s->year_count > 1 ? "\n" : "", out);
    print_table(out, s);
    if (!summary_converged(s)) {
        fputs("\nNot converged: the day-to-day loop stopped before the thresholds of the scenario were met.\n", out);
    }
    fprintf(out, "\nresults: %s\n", path);
}
