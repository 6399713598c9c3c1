// The command line: one table a command says its options, and drives parsing, checking and the help text.
//
// Accepted: --name value, --name=value, -x value, -xvalue, options before or after the other words, and -- to end
// options. Errors are ERR_USAGE with a suggestion where a word is close to a known one.
#ifndef VESTSIM_CLI_OPTIONS_H
#define VESTSIM_CLI_OPTIONS_H

#include <stdio.h>

#include "base/mem.h"

enum { OPTIONS_VALUES_MAX = 256, OPTIONS_WORDS_MAX = 64 };

typedef struct cli_option {
    const char *name;   // without the dashes
    char letter;        // short form, or 0
    const char *value;  // what the value is called in the help; NULL = a switch without value
    bool repeats;       // may be given more than once
    const char *help;
} cli_option;

typedef struct cli_args cli_args;

typedef struct cli_command {
    const char *name;
    const char *words;    // the words after the command, for the help: "SCENARIO.yaml"
    const char *summary;  // one line
    const char *choices;  // what the first word can be, "car|walk"; NULL = a file or folder
    const char *help;     // the rest of the help, below the options
    const cli_option *option;
    uint32_t option_count;
    uint32_t words_min;
    uint32_t words_max;
    err_code (*run)(const cli_args *args);
} cli_command;

struct cli_args {
    const cli_command *command;
    bool help;  // --help or -h was given: nothing else was checked
    uint32_t word_count;
    const char *word[OPTIONS_WORDS_MAX];
    uint32_t value_count;
    struct {
        const cli_option *option;
        const char *text;  // "" for a switch
    } value[OPTIONS_VALUES_MAX];
    int argc;  // the whole line, for the log of a run
    char **argv;
};

// argv[first ..] are the words after the command's name.
err_code options_parse(const cli_command *command, int argc, char **argv, int first, cli_args *out);
const char *options_value(const cli_args *args, const char *name);  // the last one given; NULL if none
bool options_given(const cli_args *args, const char *name);
// Whole number in [min, max]; *out is not changed when the option was not given.
err_code options_integer(const cli_args *args, const char *name, int64_t min, int64_t max, int64_t *out);
// "lon,lat" in degrees; false where it is anything else.
bool options_lon_lat(const char *given, double *lon, double *lat);
// --format text|json.
err_code options_format(const cli_args *args, bool *json);
// The candidate closest to word, or NULL when none is close.
const char *options_suggest(const char *word, const char *const *candidate, uint32_t count);
void options_print_help(FILE *out, const cli_command *command);

#endif
