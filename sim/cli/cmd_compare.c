// vestsim compare: runs side by side, every indicator with its difference from the first file and an interval.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "commands.h"
#include "comparison.h"
#include "summary.h"
#include "world/result_label.h"

enum {
    CELL_BYTES = 64,
    LABEL_BYTES = 16,
    NAME_WIDTH = 43,
    NUMBER_WIDTH = 11,
    INTERVAL_WIDTH = 24,
    COLUMNS = 4,
    VERDICT_WIDTH = 20
};

// --- text ---

static void label_of(uint32_t i, char out[LABEL_BYTES]) {
    if (i < 26) {
        snprintf(out, LABEL_BYTES, "%c", (char)('A' + i));
    } else {
        snprintf(out, LABEL_BYTES, "#%u", i + 1);
    }
}

// Enough decimals for four or more figures of `like`.
static int decimals_for(double like) {
    double size = fabs(like);
    if (size == 0.0) {
        return 0;
    }
    return size >= 10000.0 ? 0 : size >= 100.0 ? 1 : size >= 1.0 ? 2 : 4;
}

static void number_cell(const terminal *t, double value, int decimals, bool sign, int width) {
    char cell[TERMINAL_CELL_BYTES];
    terminal_number(t, value, decimals, sign, cell);
    terminal_cell(t, cell, -width);
}

static void interval_cell(const terminal *t, double low, double high, int decimals, int width) {
    char from[TERMINAL_CELL_BYTES], to[TERMINAL_CELL_BYTES], cell[3 * TERMINAL_CELL_BYTES] = "-";
    if (isfinite(low) && isfinite(high)) {
        terminal_number(t, low, decimals, true, from);
        terminal_number(t, high, decimals, true, to);
        snprintf(cell, sizeof cell, "%s %s %s", from, terminal_word(t, "til", "to"), to);
    }
    terminal_cell(t, cell, -width);
}

static void print_files(const terminal *t, const comparison *c) {
    char label[LABEL_BYTES];
    for (uint32_t i = 0; i < c->count; i++) {
        const store_summary *s = &c->summary[i];
        label_of(i, label);
        fprintf(t->out, "%-3s %s%s\n    %s: %u %s%s, %s %u, vestsim %s (%s)%s\n", label, c->file[i],
                i > 0 ? "" : terminal_word(t, "  (grunnlag)", "  (base)"), s->scenario_name, (unsigned)s->replications,
                terminal_word(t, "simulering", "replication"), s->replications == 1 ? "" : terminal_word(t, "er", "s"),
                terminal_word(t, "frø", "seed"), (unsigned)s->seed, s->program_version, s->git_commit,
                c->run[i].converged ? "" : terminal_word(t, ", ikke i likevekt", ", not converged"));
    }
}

static void measure_cell(const terminal *t, const comparison *c, uint32_t file, int year, int measure, bool interval) {
    static const char *const nb[] = {"holder", "over", "ikke vist"}, *const en[] = {"holds", "exceeded", "not shown"};
    char change[TERMINAL_CELL_BYTES], cell[2 * TERMINAL_CELL_BYTES] = "-";
    uint32_t y = compare_find_year(&c->run[file], year);
    if (y == IX_NONE || y == 0) {
        terminal_cell(t, cell, -VERDICT_WIDTH);
        return;
    }
    const result_measure *m = &c->summary[file].verdict[y].measure[measure];
    if (interval) {
        interval_cell(t, m->low_pct, m->high_pct, 1, VERDICT_WIDTH);
        return;
    }
    if (isfinite(m->change_pct)) {
        terminal_number(t, m->change_pct, 1, true, change);
        snprintf(cell, sizeof cell, "%s %s", change, (t->norwegian ? nb : en)[m->code]);
    }
    terminal_cell(t, cell, -VERDICT_WIDTH);
}

// Files first .. end - 1 side by side: change of every measure against each file's own today.
static void print_verdict_block(const terminal *t, const comparison *c, uint32_t first, uint32_t end) {
    char label[LABEL_BYTES], year[LABEL_BYTES];
    terminal_cell(t, terminal_word(t, "endring mot i dag, %", "change against today, %"), 6 + NAME_WIDTH);
    for (uint32_t i = first; i < end; i++) {
        label_of(i, label);
        terminal_cell(t, label, -VERDICT_WIDTH);
    }
    for (uint32_t y = 1; y < c->year_count; y++) {
        for (int m = 0; m < 2 * RESULT_MEASURE_COUNT; m++) {
            bool interval = m % 2 == 1;
            snprintf(year, sizeof year, "%d", c->year[y]);
            fputc('\n', t->out);
            terminal_cell(t, m == 0 ? year : "", 6);
            terminal_cell(t,
                          interval ? terminal_word(t, "  intervall", "  interval")
                                   : result_label(result_measure_indicator((result_measure_ix)(m / 2)), t->norwegian),
                          NAME_WIDTH);
            for (uint32_t i = first; i < end; i++) {
                measure_cell(t, c, i, c->year[y], m / 2, interval);
            }
        }
    }
    fputs("\n\n", t->out);
}

static void print_difference(const terminal *t, result_indicator i, const compare_cell *x) {
    static const char mark[] = {'?', '<', '>', '='};
    int decimals = decimals_for(fmax(fabs(x->base_mean), fabs(x->mean)));
    char name[2 * TERMINAL_CELL_BYTES];
    const char *unit = result_unit_label(result_indicator_unit(i), t->norwegian);
    snprintf(name, sizeof name, "%s%s%s", result_label(i, t->norwegian), unit[0] == '\0' ? "" : ", ", unit);
    terminal_cell(t, name, NAME_WIDTH);
    number_cell(t, x->base_mean, decimals, false, NUMBER_WIDTH);
    number_cell(t, x->mean, decimals, false, NUMBER_WIDTH);
    number_cell(t, x->pairs > 0 ? x->difference.mean : (double)NAN, decimals, true, NUMBER_WIDTH);
    interval_cell(t, x->difference.low, x->difference.high, decimals, INTERVAL_WIDTH);
    interval_cell(t, x->difference.t_low, x->difference.t_high, decimals, INTERVAL_WIDTH);
    fprintf(t->out, " %c\n", x->pairs > 0 ? mark[x->shown] : '-');
}

static void print_differences(const terminal *t, const comparison *c, uint32_t file, int year) {
    char label[LABEL_BYTES], head[CELL_BYTES], level[TERMINAL_CELL_BYTES + 4];
    double confidence = comparison_confidence(c);
    label_of(file, label);
    compare_cell x;
    compare_indicator(&c->run[0], &c->run[file], RESULT_residents, year, confidence, &x);
    fprintf(t->out, terminal_word(t, "%d: %s mot A, %u par%s%s\n", "%d: %s against A, %u pair%s%s\n"), year, label,
            x.pairs, x.pairs == 1 ? "" : terminal_word(t, "", "s"),
            x.pairs >= 2 ? "" : terminal_word(t, " (ett par gir ikke noe intervall)", " (one pair gives no interval)"));
    snprintf(head, sizeof head, "%s - A", label);
    terminal_number(t, 100.0 * confidence, fmod(100.0 * confidence, 1.0) > 0.0 ? 1 : 0, false, level);
    strcat(level, " %");
    const char *const title[] = {"A", label, head, level, terminal_word(t, "Students t", "Student's t")};
    terminal_cell(t, "", NAME_WIDTH);
    for (int k = 0; k < 5; k++) {
        terminal_cell(t, title[k], k < 3 ? -NUMBER_WIDTH : -INTERVAL_WIDTH);
    }
    fputc('\n', t->out);
    for (int i = 0; i < RESULT_INDICATOR_COUNT; i++) {
        if (comparison_has((result_indicator)i)) {
            compare_indicator(&c->run[0], &c->run[file], (result_indicator)i, year, confidence, &x);
            print_difference(t, (result_indicator)i, &x);
        }
    }
    fputc('\n', t->out);
}

static void print_text(const terminal *t, const comparison *c) {
    char level[TERMINAL_CELL_BYTES];
    print_files(t, c);
    fputc('\n', t->out);
    for (uint32_t i = 0; i < c->warning_count; i++) {
        fprintf(t->out, "%s: %s\n%s", terminal_word(t, "merk", "warning"), c->warning[i],
                i + 1 == c->warning_count ? "\n" : "");
    }
    for (uint32_t first = 0; c->year_count > 1 && first < c->count; first += COLUMNS) {
        print_verdict_block(t, c, first, first + COLUMNS < c->count ? first + COLUMNS : c->count);
    }
    for (uint32_t y = 0; y < c->year_count; y++) {
        for (uint32_t i = 1; i < c->count; i++) {
            if (compare_find_year(&c->run[0], c->year[y]) != IX_NONE &&
                compare_find_year(&c->run[i], c->year[y]) != IX_NONE) {
                print_differences(t, c, i, c->year[y]);
            }
        }
    }
    terminal_number(t, 100.0 * comparison_confidence(c), 0, false, level);
    fprintf(t->out,
            terminal_word(t,
                          "Forskjellenes intervaller: gyldige når som helst (%s %%), ved siden av Students t.\n"
                          "< lavere, > høyere, = likt i hvert par, ? ikke vist.\n",
                          "Intervals of the differences: anytime-valid at %s %%, beside it Student's t.\n"
                          "< lower, > higher, = equal in every pair, ? not shown.\n"),
            level);
}

// --- CSV
// ----------------------------------------------------------------------------------------------------------------

static void csv_text(const char *given) {
    if (strpbrk(given, ",\"\r\n") == NULL) {
        fputs(given, stdout);
        return;
    }
    putchar('"');
    for (const char *c = given; *c != '\0'; c++) {
        if (*c == '"') {
            putchar('"');
        }
        putchar(*c);
    }
    putchar('"');
}

static void csv_number(double value) {  // empty when not known
    if (isfinite(value)) {
        printf(",%.17g", value);
    } else {
        putchar(',');
    }
}

static void csv_row_start(int year, const char *indicator, const char *unit, const char *file, const char *base,
                          uint32_t pairs) {
    printf("%d,%s,%s,", year, indicator, unit);
    csv_text(file);
    putchar(',');
    csv_text(base);
    printf(",%u", pairs);
}

static void csv_difference(const comparison *c, uint32_t file, int year, result_indicator i) {
    compare_cell x;
    compare_indicator(&c->run[0], &c->run[file], i, year, comparison_confidence(c), &x);
    csv_row_start(year, result_indicator_name(i), result_indicator_unit(i), c->file[file], c->file[0], x.pairs);
    csv_number(x.base_mean);
    csv_number(x.mean);
    csv_number(x.difference.mean);
    csv_number(x.difference_pct);
    csv_number(x.difference.low);
    csv_number(x.difference.high);
    csv_number(x.difference.t_low);
    csv_number(x.difference.t_high);
    csv_number(x.difference.probability_at_or_below_0);
    printf(",%s\n", x.pairs > 0 ? compare_shown_name(x.shown) : "");
}

// The file's own verdict on a measure, as a row against "today"; difference and interval in percent.
static void csv_verdict(const comparison *c, uint32_t file, uint32_t y, int m) {
    const store_summary *s = &c->summary[file];
    const result_measure *x = &s->verdict[y].measure[m];
    result_indicator i = result_measure_indicator((result_measure_ix)m);
    csv_row_start(s->year[y], result_indicator_name(i), "percent", c->file[file], "today", s->verdict[y].replications);
    csv_number(summary_mean(s, i, 0));
    csv_number(summary_mean(s, i, y));
    csv_number(x->change_pct);
    csv_number(x->change_pct);
    csv_number(x->low_pct);
    csv_number(x->high_pct);
    csv_number(x->t_low_pct);
    csv_number(x->t_high_pct);
    csv_number(x->probability_at_or_below);
    printf(",%s\n", result_verdict_name(x->code));
}

static void print_csv(const comparison *c) {
    printf(
        "year,indicator,unit,file,base,pairs,base_mean,mean,difference,difference_pct,low,high,t_low,t_high,"
        "probability_at_or_below_0,shown\n");
    for (uint32_t file = 0; file < c->count; file++) {
        for (uint32_t y = 1; y < c->summary[file].year_count; y++) {
            for (int m = 0; m < RESULT_MEASURE_COUNT; m++) {
                csv_verdict(c, file, y, m);
            }
        }
    }
    for (uint32_t y = 0; y < c->year_count; y++) {
        for (uint32_t file = 1; file < c->count; file++) {
            bool both = compare_find_year(&c->run[0], c->year[y]) != IX_NONE &&
                        compare_find_year(&c->run[file], c->year[y]) != IX_NONE;
            for (int i = 0; both && i < RESULT_INDICATOR_COUNT; i++) {
                if (comparison_has((result_indicator)i)) {
                    csv_difference(c, file, c->year[y], (result_indicator)i);
                }
            }
        }
    }
}

// --- command
// --------------------------------------------------------------------------------------------------------------

static err_code cmd_compare(const cli_args *args) {
    const char *format = options_value(args, "format");
    format = format == NULL ? "text" : format;
    bool text_format = strcmp(format, "text") == 0, csv = strcmp(format, "csv") == 0;
    CHECK(text_format || csv || strcmp(format, "json") == 0, ERR_USAGE,
          "--format '%.40s' is not known; write text, csv or json", format);
    comparison c;
    terminal t;
    TRY(terminal_begin(args, &t));
    arena a;
    arena_init(&a);
    err_code code = comparison_read(args->word, args->word_count, &a, &c);
    for (uint32_t i = 0; code == ERR_OK && !text_format && i < c.warning_count; i++) {
        log_warn("%s", c.warning[i]);
    }
    if (code == ERR_OK) {
        if (text_format) {
            print_text(&t, &c);
        } else if (csv) {
            print_csv(&c);
        } else {
            comparison_json(stdout, &c);
        }
    }
    arena_free(&a);
    err_code end = terminal_end(&t);
    return code == ERR_OK ? end : code;
}

static const cli_option compare_options[] = {
    {.name = "format", .value = "text|csv|json", .help = "text for people (default), CSV or JSON for programs"},
    TERMINAL_LANG_OPTION,
};

static const char compare_help[] =
    "The first file is the base. Files are paired by replication: with the same seed, replication k of two files "
    "shares\n"
    "every random draw, so that small differences show. Intervals are anytime-valid at the base's confidence (you may "
    "add\n"
    "replications and look again), with Student's t beside them; one replication gives no interval.\n"
    "\n"
    "Refused: another town (other zones), another today_year, no year after today in common, another major format\n"
    "version. Warned about: another program version or commit, minor format version, seed, scale, confidence or "
    "number\n"
    "of replications, a file that did not converge, and a today that differs.\n"
    "\n"
    "CSV, one row a year, indicator and file: year, indicator, unit, file, base, pairs, base_mean, mean, difference,\n"
    "difference_pct, low, high, t_low, t_high, probability_at_or_below_0, shown (lower, higher, equal, not_shown). "
    "Rows\n"
    "whose base is \"today\" are the files' own verdicts: difference and interval in percent, shown = the verdict.\n"
    "JSON: base, confidence, files[], warnings[], years[]: year, verdicts[] (as in vestsim run, by file) and "
    "indicators:\n"
    "unit and differences[] with file, pairs, base_mean, mean, difference, difference_pct, ci, t_ci,\n"
    "probability_at_or_below_0, shown. What is not known is empty in CSV and null in JSON.\n";

const cli_command cmd_compare_command = {
    .name = "compare",
    .words = "A.h5 B.h5 ...",
    .summary = "Verdicts and every indicator of results files side by side, with paired differences and intervals.",
    .help = compare_help,
    .option = compare_options,
    .option_count = sizeof compare_options / sizeof compare_options[0],
    .words_min = 2,
    .words_max = OPTIONS_WORDS_MAX,
    .run = cmd_compare,
};
