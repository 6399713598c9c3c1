// The command line: what is accepted, what is refused and with which words.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h wants the headers above first
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "support.h"

static const cli_option test_options[] = {
    {.name = "output", .letter = 'o', .value = "FILE", .help = "where to"},
    {.name = "threads", .letter = 't', .value = "N", .help = "how many"},
    {.name = "set", .value = "KEY=VALUE", .repeats = true, .help = "override"},
    {.name = "format", .value = "text|json", .help = "form"},
    {.name = "quiet", .letter = 'q', .value = NULL, .help = "say less"},
};
static const cli_command test_command = {.name = "run",
                                         .words = "SCENARIO.yaml",
                                         .summary = "Runs.",
                                         .help = "More.\n",
                                         .option = test_options,
                                         .option_count = sizeof test_options / sizeof test_options[0],
                                         .words_min = 1,
                                         .words_max = 1};

enum { WORDS = 12 };

// Parses the words up to the first NULL after "vestsim run".
static err_code parse(cli_args *args, const char *const words[WORDS]) {
    static char copy[WORDS + 2][64];
    static char *argv[WORDS + 2];
    int argc = 0;
    for (int i = 0; i < WORDS + 2; i++) {
        const char *word = i == 0 ? "vestsim" : i == 1 ? "run" : words[i - 2];
        if (word == NULL) {
            break;
        }
        snprintf(copy[i], sizeof copy[i], "%s", word);
        argv[argc++] = copy[i];
    }
    return options_parse(&test_command, argc, argv, 2, args);
}
#define PARSE(args, ...) parse((args), (const char *const[WORDS]){__VA_ARGS__})

static void accepts_every_form_of_a_value(void **state) {
    (void)state;
    cli_args a;
    assert_ok(PARSE(&a, "--output", "x.h5", "s.yaml"));
    assert_string_equal(options_value(&a, "output"), "x.h5");
    assert_ok(PARSE(&a, "s.yaml", "--output=x=y.h5"));
    assert_string_equal(options_value(&a, "output"), "x=y.h5");
    assert_ok(PARSE(&a, "-o", "x.h5", "s.yaml"));
    assert_string_equal(options_value(&a, "output"), "x.h5");
    assert_ok(PARSE(&a, "-ox.h5", "s.yaml"));
    assert_string_equal(options_value(&a, "output"), "x.h5");
    assert_ok(PARSE(&a, "-q", "s.yaml", "--output="));
    assert_true(options_given(&a, "quiet"));
    assert_string_equal(options_value(&a, "output"), "");
    assert_int_equal(a.word_count, 1);
    assert_string_equal(a.word[0], "s.yaml");
    assert_null(options_value(&a, "threads"));
}

static void keeps_repeated_options_in_order(void **state) {
    (void)state;
    cli_args a;
    assert_ok(PARSE(&a, "s.yaml", "--set", "a=1", "--set=b=2"));
    assert_int_equal(a.value_count, 2);
    assert_string_equal(a.value[0].text, "a=1");
    assert_string_equal(a.value[1].text, "b=2");
    assert_error(PARSE(&a, "s.yaml", "-o", "a", "--output=b"), ERR_USAGE, "--output was given twice");
}

static void two_dashes_end_the_options(void **state) {
    (void)state;
    cli_args a;
    assert_ok(PARSE(&a, "--", "--set"));
    assert_string_equal(a.word[0], "--set");
    assert_ok(PARSE(&a, "-"));
    assert_string_equal(a.word[0], "-");
}

static void refuses_a_wrong_number_of_words(void **state) {
    (void)state;
    cli_args a;
    assert_error(PARSE(&a, NULL), ERR_USAGE, "SCENARIO.yaml is missing");
    assert_error(PARSE(&a, "-q"), ERR_USAGE, "SCENARIO.yaml is missing");
    assert_error(PARSE(&a, "a.yaml", "b.yaml"), ERR_USAGE, "'b.yaml' is one word too many");
}

static void refuses_unknown_options_and_suggests_a_known_one(void **state) {
    (void)state;
    cli_args a;
    assert_error(PARSE(&a, "s.yaml", "--thread=2"), ERR_USAGE, "did you mean --threads?");
    assert_error(PARSE(&a, "s.yaml", "--quite"), ERR_USAGE, "did you mean --quiet?");
    assert_error(PARSE(&a, "s.yaml", "--entirely-else"), ERR_USAGE, "unknown option '--entirely-else'");
    assert_null(strstr(err_message(), "did you mean"));
    assert_error(PARSE(&a, "s.yaml", "-x"), ERR_USAGE, "unknown option '-x'");
}

static void refuses_missing_and_needless_values(void **state) {
    (void)state;
    cli_args a;
    assert_error(PARSE(&a, "s.yaml", "--output"), ERR_USAGE, "--output needs a value");
    assert_error(PARSE(&a, "s.yaml", "-o"), ERR_USAGE, "--output needs a value");
    assert_error(PARSE(&a, "s.yaml", "--quiet=1"), ERR_USAGE, "takes no value");
}

static void refuses_more_options_than_there_is_room_for(void **state) {
    (void)state;
    enum { MANY = OPTIONS_VALUES_MAX + 4 };
    static char word[] = "--set=a=1";
    static char *argv[MANY];
    cli_args a;
    for (int i = 0; i < MANY; i++) {
        argv[i] = word;
    }
    assert_error(options_parse(&test_command, MANY, argv, 2, &a), ERR_USAGE, "more than");
}

static void help_wins_over_every_mistake(void **state) {
    (void)state;
    cli_args a;
    assert_ok(PARSE(&a, "--nonsense", "--help"));
    assert_true(a.help);
    assert_ok(PARSE(&a, "-h"));
    assert_true(a.help);
    assert_ok(PARSE(&a, "--", "--help"));
    assert_false(a.help);
}

static void reads_whole_numbers_in_range(void **state) {
    (void)state;
    cli_args a;
    int64_t n = 77;
    assert_ok(PARSE(&a, "s.yaml"));
    assert_ok(options_integer(&a, "threads", 1, 8, &n));
    assert_int_equal(n, 77);  // not given: not touched
    assert_ok(PARSE(&a, "s.yaml", "-t8"));
    assert_ok(options_integer(&a, "threads", 1, 8, &n));
    assert_int_equal(n, 8);
    static const char *const wrong[] = {"0",   "9",  "-1", "2.5", "1e1", "",
                                        "two", "2x", " 2", "+2",  "0x2", "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_ok(PARSE(&a, "s.yaml", "-t", wrong[i]));
        assert_error(options_integer(&a, "threads", 1, 8, &n), ERR_USAGE, "whole number from 1 to 8");
    }
    assert_int_equal(n, 8);
}

static void reads_the_format(void **state) {
    (void)state;
    cli_args a;
    bool json = true;
    assert_ok(PARSE(&a, "s.yaml"));
    assert_ok(options_format(&a, &json));
    assert_false(json);
    assert_ok(PARSE(&a, "s.yaml", "--format", "json"));
    assert_ok(options_format(&a, &json));
    assert_true(json);
    assert_ok(PARSE(&a, "s.yaml", "--format", "xml"));
    assert_error(options_format(&a, &json), ERR_USAGE, "text or json");
}

static void suggests_only_what_is_close(void **state) {
    (void)state;
    static const char *const known[] = {"run", "check", "show"};
    assert_string_equal(options_suggest("chek", known, 3), "check");
    assert_string_equal(options_suggest("runs", known, 3), "run");
    assert_string_equal(options_suggest("che", known, 3), "check");
    assert_null(options_suggest("simulate", known, 3));
    assert_null(options_suggest("", known, 3));
    char huge[5000];
    memset(huge, 'r', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    assert_null(options_suggest(huge, known, 3));
}

static void help_names_every_option(void **state) {
    (void)state;
    char *written = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&written, &size);
    assert_non_null(f);
    options_print_help(f, &test_command);
    assert_int_equal(fclose(f), 0);
    assert_non_null(strstr(written, "usage: vestsim run SCENARIO.yaml [options]"));
    assert_non_null(strstr(written, "Runs."));
    assert_non_null(strstr(written, "More."));
    for (size_t i = 0; i < sizeof test_options / sizeof test_options[0]; i++) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "--%s", test_options[i].name);
        assert_non_null(strstr(written, wanted));
        assert_non_null(strstr(written, test_options[i].help));
    }
    free(written);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_every_form_of_a_value),
        cmocka_unit_test(keeps_repeated_options_in_order),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(refuses_a_wrong_number_of_words),
        cmocka_unit_test(refuses_unknown_options_and_suggests_a_known_one),
        cmocka_unit_test(refuses_missing_and_needless_values),
        cmocka_unit_test(refuses_more_options_than_there_is_room_for),
        cmocka_unit_test(help_wins_over_every_mistake),
        cmocka_unit_test(reads_whole_numbers_in_range),
        cmocka_unit_test(reads_the_format),
        cmocka_unit_test(suggests_only_what_is_close),
        cmocka_unit_test(help_names_every_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
