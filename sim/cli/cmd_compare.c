// vestsim compare: runs side by side, every indicator with its difference from the first file and an interval.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "commands.h"
#include "comparison.h"
#include "summary.h"

enum { CELL_BYTES = 64, LABEL_BYTES = 16, NAME_WIDTH = 24, COLUMNS = 4, VERDICT_WIDTH = 20 };

// --- text
// ---------------------------------------------------------------------------------------------------------------

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
    return size >= 10000.0 ? 0 : size >= 100.0 ? 1 : size >= 1.0 ? 2 : 4;
}

static void format_plain(char cell[CELL_BYTES], double value, int decimals) {
    snprintf(cell, CELL_BYTES, isfinite(value) ? "%.*f" : "-", decimals, value);
}

static void format_interval(char cell[CELL_BYTES], double low, double high, int decimals) {
    snprintf(cell, CELL_BYTES, isfinite(low) && isfinite(high) ? "%+.*f to %+.*f" : "-", decimals, low, decimals, high);
}

static void print_files(const comparison *c) {
    char label[LABEL_BYTES];
    for (uint32_t i = 0; i < c->count; i++) {
        const store_summary *s = &c->summary[i];
        label_of(i, label);
        printf("%-3s %s%s\n    %s: %u replication%s, seed %u, vestsim %s (%s)%s\n", label, c->file[i],
               i == 0 ? "  (base)" : "", s->scenario_name, (unsigned)s->replications, s->replications == 1 ? "" : "s",
               (unsigned)s->seed, s->program_version, s->git_commit, c->run[i].converged ? "" : ", not converged");
    }
}

static void measure_cell(const comparison *c, uint32_t file, int year, int measure, bool interval,
                         char cell[CELL_BYTES]) {
    static const char *const mark[] = {"holds", "exceeds", "not shown"};
    uint32_t y = compare_find_year(&c->run[file], year);
    snprintf(cell, CELL_BYTES, "-");
    if (y == IX_NONE || y == 0) {
        return;
    }
    const result_measure *m = &c->summary[file].verdict[y].measure[measure];
    if (interval) {
        format_interval(cell, m->low_pct, m->high_pct, 1);
    } else if (isfinite(m->change_pct)) {
        snprintf(cell, CELL_BYTES, "%+.1f %s", m->change_pct, mark[m->code]);
    }
}

// Files first .. end - 1 side by side: change of every measure against each file's own today.
static void print_verdict_block(const comparison *c, uint32_t first, uint32_t end) {
    char cell[CELL_BYTES], label[LABEL_BYTES];
    printf("%-*s", 6 + NAME_WIDTH, "change against today, %");
    for (uint32_t i = first; i < end; i++) {
        label_of(i, label);
        printf("%*s", VERDICT_WIDTH, label);
    }
    for (uint32_t y = 1; y < c->year_count; y++) {
        for (int m = 0; m < RESULT_MEASURE_COUNT; m++) {
            for (int interval = 0; interval < 2; interval++) {
                const char *name = result_indicator_name(result_measure_indicator((result_measure_ix)m));
                printf("\n%-6.0d%-*s", m == 0 && interval == 0 ? c->year[y] : 0, NAME_WIDTH,
                       interval == 0 ? name : "  interval");
                for (uint32_t i = first; i < end; i++) {
                    measure_cell(c, i, c->year[y], m, interval == 1, cell);
                    printf("%*s", VERDICT_WIDTH, cell);
                }
            }
        }
    }
    printf("\n\n");
}

static void print_differences(const comparison *c, uint32_t file, int year) {
    char label[LABEL_BYTES], head[CELL_BYTES], cell[4][CELL_BYTES], level[CELL_BYTES];
    static const char mark[] = {'?', '<', '>', '='};
    label_of(file, label);
    compare_cell x;
    compare_indicator(&c->run[0], &c->run[file], RESULT_residents, year, comparison_confidence(c), &x);
    snprintf(head, sizeof head, "%s - A", label);
    snprintf(level, sizeof level, "%.4g %%", 100.0 * comparison_confidence(c));
    printf("%d: %s against A, %u pair%s%s\n", year, label, x.pairs, x.pairs == 1 ? "" : "s",
           x.pairs < 2 ? " (one pair gives no interval)" : "");
    printf("%-*s %11s %11s %11s %23s %23s\n", NAME_WIDTH, "", "A", label, head, level, "Student's t");
    for (int i = 0; i < RESULT_INDICATOR_COUNT; i++) {
        if (!comparison_has((result_indicator)i)) {
            continue;
        }
        compare_indicator(&c->run[0], &c->run[file], (result_indicator)i, year, comparison_confidence(c), &x);
        int decimals = decimals_for(fmax(fabs(x.base_mean), fabs(x.mean)));
        format_plain(cell[0], x.base_mean, decimals);
        format_plain(cell[1], x.mean, decimals);
        format_interval(cell[2], x.difference.low, x.difference.high, decimals);
        format_interval(cell[3], x.difference.t_low, x.difference.t_high, decimals);
        printf("%-*s %11s %11s", NAME_WIDTH, result_indicator_name((result_indicator)i), cell[0], cell[1]);
        if (x.pairs > 0) {
            printf(" %+11.*f %23s %23s %c\n", decimals, x.difference.mean, cell[2], cell[3], mark[x.shown]);
        } else {
            printf(" %11s %23s %23s -\n", "-", "-", "-");
        }
    }
    printf("\n");
}

static void print_text(const comparison *c) {
    print_files(c);
    printf("\n");
    for (uint32_t i = 0; i < c->warning_count; i++) {
        printf("warning: %s\n%s", c->warning[i], i + 1 == c->warning_count ? "\n" : "");
    }
    if (c->year_count > 1) {
        for (uint32_t first = 0; first < c->count; first += COLUMNS) {
            print_verdict_block(c, first, first + COLUMNS < c->count ? first + COLUMNS : c->count);
        }
    }
    for (uint32_t y = 0; y < c->year_count; y++) {
        for (uint32_t i = 1; i < c->count; i++) {
            if (compare_find_year(&c->run[0], c->year[y]) != IX_NONE &&
                compare_find_year(&c->run[i], c->year[y]) != IX_NONE) {
                print_differences(c, i, c->year[y]);
            }
        }
    }
    printf(
        "Intervals of the differences: anytime-valid at %.4g %%, beside it Student's t. < lower, > higher, = equal in "
        "every "
        "pair, ? not shown.\n",
        100.0 * comparison_confidence(c));
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
    arena a;
    arena_init(&a);
    err_code code = comparison_read(args->word, args->word_count, &a, &c);
    for (uint32_t i = 0; code == ERR_OK && !text_format && i < c.warning_count; i++) {
        log_warn("%s", c.warning[i]);
    }
    if (code == ERR_OK) {
        if (text_format) {
            print_text(&c);
        } else if (csv) {
            print_csv(&c);
        } else {
            comparison_json(stdout, &c);
        }
    }
    arena_free(&a);
    return code;
}

static const cli_option compare_options[] = {
    {.name = "format", .value = "text|csv|json", .help = "text for people (default), CSV or JSON for programs"},
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
