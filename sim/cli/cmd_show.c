// vestsim show: a summary of a results file.
#include "commands.h"
#include "summary.h"

static err_code cmd_show(const cli_args *args) {
    bool json = false;
    terminal t;
    TRY(options_format(args, &json));
    TRY(terminal_begin(args, &t));
    arena a;
    arena_init(&a);
    store_summary s;
    err_code code = store_read_summary(args->word[0], &a, &s);
    if (code == ERR_OK && json) {
        summary_print_json(stdout, &s, NULL);
    } else if (code == ERR_OK) {
        summary_print_text(&t, &s, args->word[0]);
    }
    arena_free(&a);
    err_code end = terminal_end(&t);
    return code == ERR_OK ? end : code;
}

static const cli_option show_options[] = {
    {.name = "format", .value = "text|json", .help = "text for people (default) or JSON for programs"},
    TERMINAL_LANG_OPTION,
};

const cli_command cmd_show_command = {
    .name = "show",
    .words = "OUT.h5",
    .summary = "Print a summary of a results file: the verdict of every year and the main figures.",
    .help = "The JSON is that of `vestsim run --format json` without \"output\"; see: vestsim run --help\n",
    .option = show_options,
    .option_count = sizeof show_options / sizeof show_options[0],
    .words_min = 1,
    .words_max = 1,
    .run = cmd_show,
};
