// vestsim report: one self-contained HTML page from results files.
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "commands.h"
#include "comparison.h"
#include "io/report.h"

static err_code open_all(const cli_args *args, arena *a, store_view **view) {
    for (uint32_t i = 0; i < args->word_count; i++) {
        TRY(store_view_open(args->word[i], a, &view[i]));
    }
    return ERR_OK;
}

static err_code language(const cli_args *args, bool *english) {
    const char *lang = options_value(args, "lang");
    *english = lang != NULL && strcmp(lang, "en") == 0;
    CHECK(lang == NULL || *english || strcmp(lang, "nb") == 0, ERR_USAGE, "--lang '%.60s': give nb or en", lang);
    return ERR_OK;
}

// What `compare --format json` prints for the same files, as a text for free(); NULL with one file. Files that compare
// refuses are refused here: a page that shows them side by side would mislead as much.
static err_code compare_files(const cli_args *args, arena *a, char **out) {
    *out = NULL;
    if (args->word_count < 2) {
        return ERR_OK;
    }
    comparison c;
    TRY(comparison_read(args->word, args->word_count, a, &c));
    for (uint32_t i = 0; i < c.warning_count; i++) {
        log_warn("%s", c.warning[i]);
    }
    size_t bytes = 0;
    FILE *memory = open_memstream(out, &bytes);
    CHECK(memory != NULL, ERR_MEMORY, "out of memory when comparing the files");
    comparison_json(memory, &c);
    bool whole = ferror(memory) == 0;
    whole = fclose(memory) == 0 && whole;
    CHECK(whole, ERR_MEMORY, "out of memory when comparing the files");
    return ERR_OK;
}

static err_code write_report(const cli_args *args, const char *output, report_options *o, arena *a) {
    store_view *view[REPORT_FILES_MAX] = {NULL};
    char *compared = NULL;
    err_code code = open_all(args, a, view);
    if (code == ERR_OK) {
        code = compare_files(args, a, &compared);
    }
    if (code == ERR_OK) {
        o->comparison_json = compared;
        code = report_write(output, view, args->word_count, o, a);
    }
    free(compared);
    for (uint32_t i = 0; i < REPORT_FILES_MAX; i++) {
        store_view_close(view[i]);
    }
    return code;
}

static err_code cmd_report(const cli_args *args) {
    report_options o = {0};
    TRY(language(args, &o.english));
    const char *output = options_value(args, "output");
    output = output == NULL ? "report.html" : output;
    arena a;
    arena_init(&a);
    err_code code = write_report(args, output, &o, &a);
    arena_free(&a);
    if (code == ERR_OK) {
        printf("%s\n", output);
    }
    return code;
}

static const cli_option report_options_[] = {
    {.name = "output", .letter = 'o', .value = "FILE.html", .help = "the page to write (default report.html)"},
    {.name = "lang", .value = "nb|en", .help = "Norwegian bokmål (default) or English; the page can switch"},
};

const cli_command cmd_report_command = {
    .name = "report",
    .words = "A.h5 [B.h5 ...]",
    .summary = "Write one HTML page with the verdict, a map, charts and tables.",
    .help =
        "With several files the first is the base that the others are compared with, as vestsim compare does: the "
        "page\n"
        "holds its differences and intervals, and what compare refuses or warns about is refused or warned about "
        "here.\n"
        "The page holds everything it needs: it can be sent by e-mail and opened without a network.\n",
    .option = report_options_,
    .option_count = sizeof report_options_ / sizeof report_options_[0],
    .words_min = 1,
    .words_max = REPORT_FILES_MAX,
    .run = cmd_report,
};
