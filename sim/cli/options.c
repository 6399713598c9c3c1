#include "options.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SUGGEST_BYTES = 64, NAMES_MAX = 64, HELP_COLUMN = 26, HELP_WIDTH = 78 };

// Edit distance (insert, delete, replace) between words shorter than SUGGEST_BYTES.
static uint32_t distance(const char *a, const char *b) {
    uint32_t row[SUGGEST_BYTES + 1];
    size_t length_a = strlen(a);
    size_t length_b = strlen(b);
    for (uint32_t j = 0; j <= length_b; j++) {
        row[j] = j;
    }
    for (uint32_t i = 1; i <= length_a; i++) {
        uint32_t diagonal = row[0];
        row[0] = i;
        for (uint32_t j = 1; j <= length_b; j++) {
            uint32_t best = diagonal + (a[i - 1] != b[j - 1]);
            best = row[j] + 1 < best ? row[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[length_b];
}

const char *options_suggest(const char *word, const char *const *candidate, uint32_t count) {
    const char *best = NULL;
    size_t length = strlen(word);
    uint32_t best_distance = length < 4 ? 2 : 3;  // exclusive: one slip in short words, two in longer ones
    for (uint32_t i = 0; length > 0 && length < SUGGEST_BYTES && i < count; i++) {
        // The start of a longer word counts as close: "replic" for "replications".
        uint32_t d = length >= 3 && strncmp(word, candidate[i], length) == 0 ? 1
                     : strlen(candidate[i]) < SUGGEST_BYTES                  ? distance(word, candidate[i])
                                                                             : best_distance;
        if (d < best_distance) {
            best_distance = d;
            best = candidate[i];
        }
    }
    return best;
}

static const cli_option *find_name(const cli_command *c, const char *name, size_t length) {
    for (uint32_t i = 0; i < c->option_count; i++) {
        if (strlen(c->option[i].name) == length && memcmp(c->option[i].name, name, length) == 0) {
            return &c->option[i];
        }
    }
    return NULL;
}

static const cli_option *find_letter(const cli_command *c, char letter) {
    for (uint32_t i = 0; i < c->option_count; i++) {
        if (c->option[i].letter == letter) {
            return &c->option[i];
        }
    }
    return NULL;
}

static err_code unknown_option(const cli_command *c, const char *given, const char *name, size_t length) {
    const char *known[NAMES_MAX];
    char word[SUGGEST_BYTES] = "";
    for (uint32_t i = 0; i < c->option_count; i++) {
        known[i] = c->option[i].name;
    }
    if (length < sizeof word) {
        memcpy(word, name, length);
        word[length] = '\0';
    }
    const char *close = options_suggest(word, known, c->option_count);
    return err_raise(ERR_USAGE, "unknown option '%.100s'%s%s%s; see: vestsim %s --help", given,
                     close == NULL ? "" : ", did you mean --", close == NULL ? "" : close, close == NULL ? "" : "?",
                     c->name);
}

static err_code add_value(cli_args *a, const cli_option *option, const char *text) {
    for (uint32_t i = 0; !option->repeats && i < a->value_count; i++) {
        CHECK(a->value[i].option != option, ERR_USAGE, "--%s was given twice", option->name);
    }
    CHECK(a->value_count < OPTIONS_VALUES_MAX, ERR_USAGE, "more than %d options", (int)OPTIONS_VALUES_MAX);
    a->value[a->value_count].option = option;
    a->value[a->value_count++].text = text;
    return ERR_OK;
}

// One option at argv[*at]; moves *at on when the value is the next word.
static err_code parse_option(const cli_command *c, int argc, char **argv, int *at, cli_args *a) {
    const char *word = argv[*at];
    bool is_long = word[1] == '-';
    const char *name = is_long ? word + 2 : word + 1;
    size_t length = is_long ? strcspn(name, "=") : 1;
    const cli_option *option = is_long ? find_name(c, name, length) : find_letter(c, name[0]);
    if (option == NULL) {
        return unknown_option(c, word, name, is_long ? length : strlen(name));
    }
    const char *rest = name + length;  // "=value", "value" of -ovalue, or ""
    if (option->value == NULL) {
        CHECK(*rest == '\0', ERR_USAGE, "--%s takes no value", option->name);
        return add_value(a, option, "");
    }
    if (*rest != '\0') {
        return add_value(a, option, *rest == '=' ? rest + 1 : rest);
    }
    CHECK(*at + 1 < argc, ERR_USAGE, "--%s needs a value: --%s %s", option->name, option->name, option->value);
    *at += 1;
    return add_value(a, option, argv[*at]);
}

static bool asks_for_help(int argc, char **argv, int first) {
    for (int i = first; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

err_code options_parse(const cli_command *command, int argc, char **argv, int first, cli_args *out) {
    ASSERT(command->option_count < NAMES_MAX);
    *out = (cli_args){.command = command, .argc = argc, .argv = argv};
    out->help = asks_for_help(argc, argv, first);
    if (out->help) {
        return ERR_OK;
    }
    bool options_ended = false;
    for (int i = first; i < argc; i++) {
        const char *word = argv[i];
        if (!options_ended && strcmp(word, "--") == 0) {
            options_ended = true;
        } else if (!options_ended && word[0] == '-' && word[1] != '\0') {
            TRY(parse_option(command, argc, argv, &i, out));
        } else {
            CHECK(out->word_count < command->words_max && out->word_count < OPTIONS_WORDS_MAX, ERR_USAGE,
                  "'%.100s' is one word too many; usage: vestsim %s %s", word, command->name, command->words);
            out->word[out->word_count++] = word;
        }
    }
    CHECK(out->word_count >= command->words_min, ERR_USAGE, "%s is missing; usage: vestsim %s %s [options]",
          command->words, command->name, command->words);
    return ERR_OK;
}

const char *options_value(const cli_args *args, const char *name) {
    const char *text = NULL;
    for (uint32_t i = 0; i < args->value_count; i++) {
        if (strcmp(args->value[i].option->name, name) == 0) {
            text = args->value[i].text;
        }
    }
    return text;
}

bool options_given(const cli_args *args, const char *name) {
    return options_value(args, name) != NULL;
}

err_code options_integer(const cli_args *args, const char *name, int64_t min, int64_t max, int64_t *out) {
    const char *text = options_value(args, name);
    if (text == NULL) {
        return ERR_OK;
    }
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    bool starts_well = (text[0] >= '0' && text[0] <= '9') || text[0] == '-';
    CHECK(starts_well && *end == '\0' && errno == 0 && value >= min && value <= max, ERR_USAGE,
          "--%s '%.60s': give a whole number from %lld to %lld", name, text, (long long)min, (long long)max);
    *out = value;
    return ERR_OK;
}

err_code options_format(const cli_args *args, bool *json) {
    const char *text = options_value(args, "format");
    *json = text != NULL && strcmp(text, "json") == 0;
    CHECK(text == NULL || *json || strcmp(text, "text") == 0, ERR_USAGE, "--format '%.60s': give text or json", text);
    return ERR_OK;
}

// Text broken between words so that it fits beside the column of options.
static void print_wrapped(FILE *out, const char *help, size_t column) {
    size_t at = column;
    while (*help != '\0') {
        size_t length = strcspn(help, " ");
        if (at > column && at + 1 + length > HELP_WIDTH) {
            fprintf(out, "\n%*s", (int)column, "");
            at = column;
        } else if (at > column) {
            fputc(' ', out);
            at++;
        }
        fprintf(out, "%.*s", (int)length, help);
        at += length;
        help += length + (help[length] == ' ');
    }
    fputc('\n', out);
}

static void print_option(FILE *out, const cli_option *o) {
    char left[96];
    char letter[5] = "    ";
    if (o->letter != 0) {
        snprintf(letter, sizeof letter, "-%c, ", o->letter);
    }
    snprintf(left, sizeof left, "  %s--%s%s%s", letter, o->name, o->value == NULL ? "" : " ",
             o->value == NULL ? "" : o->value);
    fputs(left, out);
    if (strlen(left) + 2 > HELP_COLUMN) {
        fprintf(out, "\n%*s", HELP_COLUMN, "");
    } else {
        fprintf(out, "%*s", (int)(HELP_COLUMN - strlen(left)), "");
    }
    print_wrapped(out, o->help, HELP_COLUMN);
}

void options_print_help(FILE *out, const cli_command *command) {
    fprintf(out, "usage: vestsim %s %s [options]\n\n%s\n\noptions:\n", command->name, command->words, command->summary);
    for (uint32_t i = 0; i < command->option_count; i++) {
        print_option(out, &command->option[i]);
    }
    static const cli_option help = {.name = "help", .letter = 'h', .value = NULL, .help = "this text"};
    print_option(out, &help);
    if (command->help[0] != '\0') {
        fprintf(out, "\n%s", command->help);
    }
}

bool options_lon_lat(const char *given, double *lon, double *lat) {
    char *end = NULL;
    *lon = strtod(given, &end);
    if (end == given || *end != ',') {
        return false;
    }
    const char *second = end + 1;
    *lat = strtod(second, &end);
    return end != second && *end == '\0' && fabs(*lon) <= 180 && fabs(*lat) <= 90;
}
