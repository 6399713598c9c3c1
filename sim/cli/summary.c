#include "summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_WIDTH = 36, CELL_WIDTH = 17, BAR_CELLS = 20, CELL_BYTES = 48 };

// Mean over replications; NAN when a value is missing.
static double mean_of(const store_summary *s, result_indicator i, uint32_t year_ix) {
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

// The shortest form that reads back as the same number; JSON has no infinity and no NaN.
static void json_number(FILE *out, double value) {
    char written[40];
    if (!isfinite(value)) {
        fputs("null", out);
        return;
    }
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(written, sizeof written, "%.*g", digits, value == 0 ? 0.0 : value);
        if (strtod(written, NULL) == value) {
            break;
        }
    }
    fputs(written, out);
}

static void json_member(FILE *out, const char *name, double value) {
    fprintf(out, ", \"%s\": ", name);
    json_number(out, value);
}

static void json_verdict(FILE *out, const result_verdict *v) {
    json_member(out, "index_pct", v->index_pct);
    fputs(", \"ci_pct\": [", out);
    json_number(out, v->low_pct);
    fputs(", ", out);
    json_number(out, v->high_pct);
    fputs("]", out);
    json_member(out, "probability_at_or_below", v->probability_at_or_below);
    fputs(", \"verdict\": ", out);
    summary_json_text(out, result_verdict_name(v->code));
}

static void json_year(FILE *out, const store_summary *s, uint32_t y) {
    static const result_indicator share[MODE_COUNT] = {RESULT_share_car_driver, RESULT_share_car_passenger,
                                                       RESULT_share_pt, RESULT_share_cycle, RESULT_share_walk};
    fprintf(out, "{\"year\": %d", s->year[y]);
    if (y > 0) {
        json_verdict(out, &s->verdict[y]);
    }
    fprintf(out, ", \"replications\": %u", (unsigned)(y > 0 ? s->verdict[y].replications : s->replications));
    json_member(out, "car_km_sentrum", mean_of(s, RESULT_car_km_sentrum, y));
    fputs(", \"mode_share\": {", out);
    for (int m = 0; m < MODE_COUNT; m++) {
        fprintf(out, "%s\"%s\": ", m == 0 ? "" : ", ", mode_name((mode)m));
        json_number(out, mean_of(s, share[m], y) / 100);
    }
    fputs("}", out);
    json_member(out, "gap", mean_of(s, RESULT_gap_pct, y) / 100);
    json_member(out, "stuck", mean_of(s, RESULT_stuck, y));
    fputs(", \"indicators\": {", out);
    for (int i = 0; i < RESULT_INDICATOR_COUNT; i++) {
        fprintf(out, "%s\"%s\": ", i == 0 ? "" : ", ", result_indicator_name((result_indicator)i));
        json_number(out, mean_of(s, (result_indicator)i, y));
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
    json_member(out, "trips_per_person", mean_of(s, RESULT_trips_per_person, 0));
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
        format_number(cell, mean_of(s, i, y), decimals);
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
            format_number(cell, mean_of(s, mode_row[m].indicator, y), 1);
            fprintf(out, "%*s", CELL_WIDTH, cell);
        }
        fputs("  ", out);
        print_bar(out, mean_of(s, mode_row[m].indicator, last));
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
    print_row(out, s, "car-km in sentrum", RESULT_car_km_sentrum, 0);
    print_row(out, s, "cars over the sentrum cordon", RESULT_cordon_cars, 0);
    print_row(out, s, "residents", RESULT_residents, 0);
    print_row(out, s, "trips a resident", RESULT_trips_per_person, 2);
    print_row(out, s, "car-driver km a resident", RESULT_car_km_resident, 1);
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
