#include "summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/json.h"
#include "world/result_label.h"

enum { LABEL_WIDTH = 33, TODAY_WIDTH = 8, CELL_WIDTH = 17, BAR_CELLS = 20, YEARS_SHOWN = 2 };

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

// Years after today that the table of figures has room for: the first and the last.
static uint32_t shown_years(const store_summary *s, uint32_t out[YEARS_SHOWN]) {
    uint32_t later = s->year_count - 1;
    out[0] = 1;
    out[1] = later;
    return later < YEARS_SHOWN ? later : YEARS_SHOWN;
}

static double change_pct(const store_summary *s, result_indicator i, uint32_t year_ix) {
    double today = summary_mean(s, i, 0);
    return today > 0 ? 100 * (summary_mean(s, i, year_ix) - today) / today : (double)NAN;
}

// "Car traffic in the centre, km" with its value today and, by year, its value and how it changes.
static void print_row(const terminal *t, const store_summary *s, result_indicator i, int decimals) {
    char label[2 * TERMINAL_CELL_BYTES], value[TERMINAL_CELL_BYTES], change[TERMINAL_CELL_BYTES];
    char cell[2 * TERMINAL_CELL_BYTES + 2];
    uint32_t year[YEARS_SHOWN];
    uint32_t count = shown_years(s, year);
    const char *unit = result_unit_label(result_indicator_unit(i), t->norwegian);
    snprintf(label, sizeof label, "%s%s%s", result_label(i, t->norwegian), unit[0] == '\0' ? "" : ", ", unit);
    terminal_cell(t, label, LABEL_WIDTH);
    terminal_number(t, summary_mean(s, i, 0), decimals, false, value);
    int room = LABEL_WIDTH - terminal_width(t, label);
    terminal_cell(t, value, -(room < 0 ? TODAY_WIDTH + room : TODAY_WIDTH));
    for (uint32_t k = 0; k < count; k++) {
        terminal_number(t, summary_mean(s, i, year[k]), decimals, false, value);
        terminal_change(t, change_pct(s, i, year[k]), 1, "%", change);
        snprintf(cell, sizeof cell, "%s %s", value, change);
        terminal_cell(t, cell, -CELL_WIDTH);
    }
    fputc('\n', t->out);
}

static void print_years(const terminal *t, const store_summary *s, const char *what) {
    char cell[TERMINAL_CELL_BYTES];
    uint32_t year[YEARS_SHOWN];
    uint32_t count = shown_years(s, year);
    terminal_cell(t, what, LABEL_WIDTH);
    snprintf(cell, sizeof cell, "%d", s->year[0]);
    terminal_cell(t, cell, -TODAY_WIDTH);
    for (uint32_t k = 0; k < count; k++) {
        snprintf(cell, sizeof cell, "%d", s->year[year[k]]);
        terminal_cell(t, cell, -CELL_WIDTH);
    }
    fputc('\n', t->out);
}

static const char *verdict_word(const terminal *t, verdict_code code) {
    switch (code) {
        case VERDICT_HOLDS:
            return terminal_word(t, "HOLDER", "HOLDS");
        case VERDICT_EXCEEDS:
            return terminal_word(t, "OVERSKRIDES", "EXCEEDED");
        case VERDICT_NOT_SHOWN:
            break;
    }
    return terminal_word(t, "IKKE VIST", "NOT SHOWN");
}

static void print_verdicts(const terminal *t, const store_summary *s) {
    char change[TERMINAL_CELL_BYTES];
    if (s->year_count == 1) {
        terminal_paragraph(
            t,
            terminal_word(t, "Filen har bare dagens situasjon; det er ingen senere år å sammenligne med.",
                          "The file holds today only: there is no later year to compare with."),
            0);
        return;
    }
    fprintf(t->out, "%s\n",
            terminal_word(t, "Holder biltrafikken i sentrum seg på dagens nivå?",
                          "Does car traffic in the centre stay at today's level?"));
    for (uint32_t y = 1; y < s->year_count; y++) {
        const result_verdict *v = &s->verdict[y];
        terminal_change(t, v->index_pct, 1, "%", change);
        fprintf(t->out, "  %d  ", s->year[y]);
        terminal_cell(t, verdict_word(t, v->code), 12);
        fprintf(t->out, " %s\n", change);
        terminal_paragraph(t, t->norwegian ? v->sentence_nb : v->sentence_en, 8);
    }
}

// Change of one measure against today by year, with its verdict.
static void print_measure(const terminal *t, const store_summary *s, result_measure_ix m) {
    char change[TERMINAL_CELL_BYTES], cell[2 * TERMINAL_CELL_BYTES];
    static const char *const nb[] = {"holder", "over", "ikke vist"}, *const en[] = {"holds", "exceeded", "not shown"};
    uint32_t year[YEARS_SHOWN];
    uint32_t count = shown_years(s, year);
    fputs("  ", t->out);
    terminal_cell(t, result_label(result_measure_indicator(m), t->norwegian), LABEL_WIDTH + TODAY_WIDTH - 2);
    for (uint32_t k = 0; k < count; k++) {
        const result_measure *x = &s->verdict[year[k]].measure[m];
        terminal_number(t, x->change_pct, 1, true, change);
        snprintf(cell, sizeof cell, "%s %s", change, isfinite(x->change_pct) ? (t->norwegian ? nb : en)[x->code] : "");
        terminal_cell(t, cell, -CELL_WIDTH);
    }
    fputc('\n', t->out);
}

static void print_measures(const terminal *t, const store_summary *s) {
    print_years(t, s, terminal_word(t, "Endring mot i dag, %, målt på", "Change against today, %, by"));
    for (int m = 0; m < RESULT_MEASURE_COUNT; m++) {
        print_measure(t, s, (result_measure_ix)m);
    }
}

static void print_share(const terminal *t, const store_summary *s, result_indicator i, const char *name) {
    char cell[TERMINAL_CELL_BYTES];
    uint32_t last = s->year_count - 1;
    fputs("  ", t->out);
    terminal_cell(t, name, 18);
    for (uint32_t k = 0; k < (last > 0 ? 2 : 1); k++) {
        double share = summary_mean(s, i, k == 0 ? 0 : last);
        terminal_number(t, share, 1, false, cell);
        terminal_cell(t, cell, -5);
        fputs(" ", t->out);
        terminal_bar(t, share, BAR_CELLS);
    }
    if (last > 0) {
        terminal_change(t, summary_mean(s, i, last) - summary_mean(s, i, 0), 1, "", cell);
        fputs(cell, t->out);
    }
    fputc('\n', t->out);
}

static void print_shares(const terminal *t, const store_summary *s) {
    static const struct {
        const char *nb, *en;
        result_indicator indicator;
    } row[MODE_COUNT] = {{"bil, fører", "car, driver", RESULT_share_car_driver},
                         {"bil, passasjer", "car, passenger", RESULT_share_car_passenger},
                         {"kollektivt", "public transport", RESULT_share_pt},
                         {"sykkel", "cycle", RESULT_share_cycle},
                         {"gange", "walk", RESULT_share_walk}};
    char cell[TERMINAL_CELL_BYTES];
    terminal_cell(t, terminal_word(t, "Innbyggernes reiser, %", "Residents' trips, %"), 26);
    snprintf(cell, sizeof cell, "%d", s->year[0]);
    terminal_cell(t, cell, BAR_CELLS + 6);
    if (s->year_count > 1) {
        fprintf(t->out, "%d", s->year[s->year_count - 1]);
    }
    fputc('\n', t->out);
    for (int m = 0; m < MODE_COUNT; m++) {
        print_share(t, s, row[m].indicator, terminal_word(t, row[m].nb, row[m].en));
    }
    fputc('\n', t->out);
}

static void print_figures(const terminal *t, const store_summary *s) {
    static const struct {
        result_indicator indicator;
        int decimals;
    } row[] = {{RESULT_car_km_sentrum, 0},
               {RESULT_sentrum_car_resident, 0},
               {RESULT_sentrum_car_visitor, 0},
               {RESULT_cordon_cars, 0},
               {RESULT_index_cars, 0},
               {RESULT_car_km_resident, 1},
               {RESULT_residents, 0},
               {RESULT_trips_per_person, 2},
               {RESULT_pt_boardings, 0},
               {RESULT_activity_min, 1},
               {RESULT_co2_t, 1},
               {RESULT_delay_h, 0}};
    print_years(t, s, terminal_word(t, "En gjennomsnittlig hverdag", "An average weekday"));
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        print_row(t, s, row[i].indicator, row[i].decimals);
    }
}

static void print_quality(const terminal *t, const store_summary *s, const char *path) {
    char gap[TERMINAL_CELL_BYTES], stuck[TERMINAL_CELL_BYTES], line[512];
    uint32_t last = s->year_count - 1;
    terminal_number(t, summary_mean(s, RESULT_gap_pct, last), 2, false, gap);
    terminal_number(t, summary_mean(s, RESULT_stuck, last), 0, false, stuck);
    snprintf(line, sizeof line,
             terminal_word(t, "%u simulering%s per år, frø %u; %d: rest til likevekt %s %%, %s kjøretøy kom ikke fram.",
                           "%u replication%s, seed %u; %d: relative gap %s %%, %s vehicles did not arrive."),
             (unsigned)s->replications, s->replications == 1 ? "" : terminal_word(t, "er", "s"), (unsigned)s->seed,
             s->year[last], gap, stuck);
    fputc('\n', t->out);
    terminal_paragraph(t, line, 0);
    if (!summary_converged(s)) {
        terminal_paragraph(
            t,
            terminal_word(t, "Ikke i likevekt: iterasjonene stanset før kravene i scenariet var nådd.",
                          "Not converged: the day-to-day loop stopped before the thresholds of the scenario "
                          "were met."),
            0);
    }
    fprintf(t->out, "%s: %s (vestsim %s, %s)\n", terminal_word(t, "Resultater", "Results"), path, s->program_version,
            s->git_commit);
}

void summary_print_text(const terminal *t, const store_summary *s, const char *path) {
    fprintf(t->out, "%s (%s)\n\n", s->title, s->scenario_name);
    print_verdicts(t, s);
    fputc('\n', t->out);
    print_shares(t, s);
    print_figures(t, s);
    if (s->year_count > 1) {
        fputc('\n', t->out);
        print_measures(t, s);
    }
    print_quality(t, s, path);
}
