#include "reference.h"

#include <string.h>

enum { PATH_BYTES = 4096, EXTENSION_BYTES = 16 };

// --- manual pages ------------------------------------------------------------------------------------------------

// Text of a manual page: no line may begin with a control character, and - is a minus that can be copied.
static void roff(FILE *out, const char *text, size_t length) {
    bool start = true;
    for (size_t i = 0; i < length; i++) {
        if (start && (text[i] == '.' || text[i] == '\'')) {
            fputs("\\&", out);
        }
        if (text[i] == '\\') {
            fputs("\\e", out);
        } else if (text[i] == '-') {
            fputs("\\-", out);
        } else {
            fputc(text[i], out);
        }
        start = text[i] == '\n';
    }
}

static void roff_text(FILE *out, const char *text) {
    roff(out, text, strlen(text));
}

// The help below the options is laid out by hand: its lines stay as they are.
static void roff_lines(FILE *out, const char *text) {
    fputs(".nf\n", out);
    for (const char *line = text; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        if (length == 0) {
            fputs(".sp\n", out);
        } else {
            roff(out, line, length);
            fputc('\n', out);
        }
        line += length + (line[length] == '\n' ? 1 : 0);
    }
    fputs(".fi\n", out);
}

static void man_head(FILE *out, const char *name, const char *summary) {
    fprintf(out, ".TH \"%s\" \"1\" \"\" \"vestsim %s\" \"Vestsim\"\n.SH NAME\n", name, VESTSIM_VERSION);
    roff_text(out, name);
    fputs(" \\- ", out);
    roff_text(out, summary);
    fputs("\n", out);
}

static void man_option(FILE *out, const cli_option *o) {
    fputs(".TP\n", out);
    if (o->letter != 0) {
        fprintf(out, "\\fB\\-%c\\fR, ", o->letter);
    }
    fputs("\\fB\\-\\-", out);
    roff_text(out, o->name);
    fputs("\\fR", out);
    if (o->value != NULL) {
        fputs(" \\fI", out);
        roff_text(out, o->value);
        fputs("\\fR", out);
    }
    fputs("\n", out);
    roff_text(out, o->help);
    fputs("\n", out);
}

static void man_command(FILE *out, const reference *r, const cli_command *c) {
    char name[64];
    snprintf(name, sizeof name, "vestsim-%.40s", c->name);
    man_head(out, name, c->summary);
    fprintf(out, ".SH SYNOPSIS\n\\fBvestsim %s\\fR \\fI", c->name);
    roff_text(out, c->words);
    fputs("\\fR [options]\n.SH OPTIONS\n", out);
    for (uint32_t i = 0; i < c->option_count; i++) {
        man_option(out, &c->option[i]);
    }
    fputs(".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nthis text\n", out);
    if (c->help[0] != '\0') {
        fputs(".SH DESCRIPTION\n", out);
        roff_lines(out, c->help);
    }
    fputs(".SH EXIT STATUS\n", out);
    roff_text(out, r->exit);
    fputs("\n.SH SEE ALSO\n\\fBvestsim\\fR(1)\n", out);
}

static void man_program(FILE *out, const reference *r) {
    man_head(out, "vestsim", "traffic and mode choice of a growing town");
    fputs(".SH SYNOPSIS\n\\fBvestsim\\fR \\fICOMMAND\\fR ... [options]\n.SH DESCRIPTION\n", out);
    roff_text(out, r->about);
    fputs("\n.SH COMMANDS\n", out);
    for (uint32_t i = 0; i < r->count; i++) {
        fprintf(out, ".TP\n\\fB%s\\fR \\fI", r->command[i]->name);
        roff_text(out, r->command[i]->words);
        fputs("\\fR\n", out);
        roff_text(out, r->command[i]->summary);
        fputs("\n", out);
    }
    fputs(".SH EXIT STATUS\n", out);
    roff_text(out, r->exit);
    fputs(
        "\n.SH ENVIRONMENT\n.TP\n\\fBNO_COLOR\\fR\nno colour and no bar on a terminal\n.TP\n\\fBLC_ALL\\fR, "
        "\\fBLC_MESSAGES\\fR, \\fBLC_CTYPE\\fR, \\fBLANG\\fR\nlanguage and characters of texts for people\n.TP\n"
        "\\fBVESTSIM_CACHE\\fR\nfolder of kept contraction orders\n.SH SEE ALSO\n",
        out);
    for (uint32_t i = 0; i < r->count; i++) {
        fprintf(out, "%s\\fBvestsim\\-%s\\fR(1)", i == 0 ? "" : ",\n", r->command[i]->name);
    }
    fputs("\n", out);
}

static err_code write_page(const reference *r, const char *folder, const cli_command *c) {
    char path[PATH_BYTES];
    int length =
        snprintf(path, sizeof path, "%s/vestsim%s%s.1", folder, c == NULL ? "" : "-", c == NULL ? "" : c->name);
    CHECK(length > 0 && (size_t)length < sizeof path, ERR_FILE, "%.60s...: the path is too long", folder);
    FILE *out = fopen(path, "w");
    CHECK(out != NULL, ERR_FILE, "%s: cannot be written; the folder must exist", path);
    if (c == NULL) {
        man_program(out, r);
    } else {
        man_command(out, r, c);
    }
    bool whole = ferror(out) == 0;
    whole = fclose(out) == 0 && whole;
    CHECK(whole, ERR_FILE, "%s: cannot be written; is the disk full?", path);
    return ERR_OK;
}

err_code reference_write_man(const reference *r, const char *folder) {
    TRY(write_page(r, folder, NULL));
    for (uint32_t i = 0; i < r->count; i++) {
        TRY(write_page(r, folder, r->command[i]));
    }
    return ERR_OK;
}

// --- bash --------------------------------------------------------------------------------------------------------

static const char bash_head[] =
    "# Completion for bash, made by vestsim help --bash.\n"
    "_vestsim_files() {\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    local line\n"
    "    COMPREPLY=()\n"
    "    while IFS= read -r line; do COMPREPLY+=(\"$line\"); done < <(\n"
    "        if [ -n \"$1\" ]; then compgen -d -- \"$cur\"; compgen -f -X \"!*.$1\" -- \"$cur\"; else compgen -f -- "
    "\"$cur\"; fi)\n"
    "}\n"
    "_vestsim_words() { local IFS=$' \\t\\n'; COMPREPLY=($(compgen -W \"$1\" -- \"$cur\")); }\n"
    "_vestsim() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
    "    COMPREPLY=()\n"
    "    if [ \"$cur\" = \"=\" ]; then cur=; elif [ \"$prev\" = \"=\" ]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n";

// Extension that a value's or word's name tells: "OUT.h5" -> "h5"; "" for folders and other files.
static void extension_of(const char *name, char out[EXTENSION_BYTES]) {
    const char *dot = strchr(name, '.');
    size_t length = dot == NULL ? 0 : strspn(dot + 1, "abcdefghijklmnopqrstuvwxyz0123456789");
    snprintf(out, EXTENSION_BYTES, "%.*s", length < EXTENSION_BYTES ? (int)length : 0, dot == NULL ? "" : dot + 1);
}

static bool is_file(const char *value) {
    return strchr(value, '.') != NULL || strstr(value, "FILE") != NULL || strstr(value, "DIR") != NULL ||
           strcmp(value, "IN") == 0;
}

// "nb|en" as words for compgen.
static void print_choices(FILE *out, const char *choices) {
    for (const char *c = choices; *c != '\0'; c++) {
        fputc(*c == '|' ? ' ' : *c, out);
    }
}

static void bash_value(FILE *out, const cli_option *o) {
    char extension[EXTENSION_BYTES];
    if (o->value == NULL) {
        return;
    }
    fprintf(out, "            --%s", o->name);
    if (o->letter != 0) {
        fprintf(out, "|-%c", o->letter);
    }
    fputs(") ", out);
    if (strchr(o->value, '|') != NULL) {
        fputs("_vestsim_words \"", out);
        print_choices(out, o->value);
        fputs("\"; ", out);
    } else if (is_file(o->value)) {
        extension_of(o->value, extension);
        fprintf(out, "_vestsim_files \"%s\"; ", extension);
    }
    fputs("return ;;\n", out);
}

static void bash_command(FILE *out, const cli_command *c) {
    char extension[EXTENSION_BYTES];
    fprintf(out, "    %s)\n        case $prev in\n", c->name);
    for (uint32_t i = 0; i < c->option_count; i++) {
        bash_value(out, &c->option[i]);
    }
    fputs("        esac\n        if [[ $cur == -* ]]; then\n            _vestsim_words \"", out);
    for (uint32_t i = 0; i < c->option_count; i++) {
        fprintf(out, "--%s ", c->option[i].name);
    }
    fputs("--help\"\n", out);
    if (c->choices != NULL) {
        fputs("        elif [ \"$COMP_CWORD\" -eq 2 ]; then\n            _vestsim_words \"", out);
        print_choices(out, c->choices);
        fputs("\"\n", out);
    }
    extension_of(c->choices == NULL ? c->words : "", extension);
    fprintf(out, "        else\n            _vestsim_files \"%s\"\n        fi ;;\n", extension);
}

void reference_print_bash(const reference *r, FILE *out) {
    fputs(bash_head, out);
    fputs("    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        _vestsim_words \"", out);
    for (uint32_t i = 0; i < r->count; i++) {
        fprintf(out, "%s ", r->command[i]->name);
    }
    fputs("help --help --version\"\n        return\n    fi\n    case ${COMP_WORDS[1]} in\n    help) _vestsim_words \"",
          out);
    for (uint32_t i = 0; i < r->count; i++) {
        fprintf(out, "%s%s", i == 0 ? "" : " ", r->command[i]->name);
    }
    fputs("\" ;;\n", out);
    for (uint32_t i = 0; i < r->count; i++) {
        bash_command(out, r->command[i]);
    }
    fputs("    esac\n}\ncomplete -F _vestsim vestsim\n", out);
}
