#include "terminal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// The value that decides a category of the locale: the first of these that is set and not empty (POSIX).
static const char *locale_value(const char *category) {
    const char *const name[] = {"LC_ALL", category, "LANG"};
    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
        const char *value = getenv(name[i]);
        if (value != NULL && value[0] != '\0') {
            return value;
        }
    }
    return "";
}

static bool is_utf8(const char *locale) {
    const char *dot = strchr(locale, '.');
    return dot != NULL && (strncmp(dot, ".UTF-8", 6) == 0 || strncmp(dot, ".utf8", 5) == 0 ||
                           strncmp(dot, ".utf-8", 6) == 0 || strncmp(dot, ".UTF8", 5) == 0);
}

static bool is_norwegian(const char *locale) {
    return strncmp(locale, "nb", 2) == 0 || strncmp(locale, "nn", 2) == 0 || strncmp(locale, "no", 2) == 0;
}

err_code terminal_check(const cli_args *args) {
    const char *lang = options_value(args, "lang");
    CHECK(lang == NULL || strcmp(lang, "nb") == 0 || strcmp(lang, "en") == 0, ERR_USAGE,
          "--lang '%.60s': give nb or en", lang);
    return ERR_OK;
}

err_code terminal_begin(const cli_args *args, terminal *t) {
    const char *lang = options_value(args, "lang");
    TRY(terminal_check(args));
    *t =
        (terminal){.norwegian = is_norwegian(locale_value("LC_MESSAGES")), .ascii = !is_utf8(locale_value("LC_CTYPE"))};
    t->norwegian = lang == NULL ? t->norwegian : strcmp(lang, "nb") == 0;
    t->out = open_memstream(&t->text, &t->bytes);
    CHECK(t->out != NULL, ERR_MEMORY, "out of memory for text");
    return ERR_OK;
}

// --- characters --------------------------------------------------------------------------------------------------

// Bytes of the character at c: what follows it and is no character's start belongs to it.
static size_t character_length(const char *c) {
    size_t length = 1;
    while (((unsigned char)c[length] & 0xC0) == 0x80) {
        length++;
    }
    return length;
}

// What stands for a character in ASCII; "?" for the rest.
static const char *ascii_of(const char *c, size_t length) {
    static const struct {
        const char *from, *to;
    } known[] = {{"æ", "ae"}, {"ø", "oe"}, {"å", "aa"}, {"Æ", "Ae"}, {"Ø", "Oe"}, {"Å", "Aa"}, {"é", "e"},
                 {"è", "e"},  {"ö", "o"},  {"ä", "a"},  {"ü", "u"},  {"−", "-"},  {"–", "-"},  {"·", "*"},
                 {"█", "#"},  {"▌", "#"},  {"▲", "^"},  {"▼", "v"},  {"₂", "2"},  {"“", "\""}, {"”", "\""},
                 {"«", "\""}, {"»", "\""}, {"’", "'"},  {"…", "..."}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strlen(known[i].from) == length && memcmp(known[i].from, c, length) == 0) {
            return known[i].to;
        }
    }
    return "?";
}

static void print_ascii(const char *text) {
    while (*text != '\0') {
        size_t length = character_length(text);
        if (length == 1 && (unsigned char)*text < 0x80) {
            putchar(*text);
        } else {
            fputs(ascii_of(text, length), stdout);
        }
        text += length;
    }
}

err_code terminal_end(terminal *t) {
    bool whole = ferror(t->out) == 0;
    whole = fclose(t->out) == 0 && whole;
    if (whole && t->ascii) {
        print_ascii(t->text);
    } else if (whole) {
        fputs(t->text, stdout);
    }
    free(t->text);
    *t = (terminal){0};
    CHECK(whole, ERR_MEMORY, "out of memory for text");
    return ERR_OK;
}

int terminal_width(const terminal *t, const char *text) {
    int width = 0;
    while (*text != '\0') {
        size_t length = character_length(text);
        width += t->ascii && length > 1 ? (int)strlen(ascii_of(text, length)) : 1;
        text += length;
    }
    return width;
}

static void spaces(FILE *out, int count) {
    for (int i = 0; i < count; i++) {
        fputc(' ', out);
    }
}

void terminal_cell(const terminal *t, const char *text, int width) {
    int left = abs(width) - terminal_width(t, text);
    if (width < 0) {
        spaces(t->out, left);
    }
    fputs(text, t->out);
    if (width > 0) {
        spaces(t->out, left);
    }
}

void terminal_paragraph(const terminal *t, const char *text, int indent) {
    int at = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        char word[512];
        snprintf(word, sizeof word, "%.*s", (int)length, text);
        if (at > 0 && at + 1 + terminal_width(t, word) > TERMINAL_WIDTH) {
            fputc('\n', t->out);
            at = 0;
        }
        if (at == 0) {
            spaces(t->out, indent);
            at = indent;
        } else {
            fputc(' ', t->out);
            at++;
        }
        fputs(word, t->out);
        at += terminal_width(t, word);
        text += length + (text[length] == ' ' ? 1 : 0);
    }
    fputc('\n', t->out);
}

// --- numbers -----------------------------------------------------------------------------------------------------

void terminal_number(const terminal *t, double value, int decimals, bool sign, char cell[TERMINAL_CELL_BYTES]) {
    char plain[TERMINAL_CELL_BYTES];
    if (!isfinite(value) || fabs(value) >= 1e15) {
        snprintf(cell, TERMINAL_CELL_BYTES, "-");
        return;
    }
    snprintf(plain, sizeof plain, "%.*f", decimals, fabs(value));
    bool zero = strspn(plain, "0.") == strlen(plain);
    size_t whole = strcspn(plain, ".");
    size_t to = (size_t)snprintf(cell, TERMINAL_CELL_BYTES, "%s", zero ? "" : value < 0 ? "−" : sign ? "+" : "");
    for (size_t i = 0; plain[i] != '\0' && to + 3 < TERMINAL_CELL_BYTES; i++) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0) {
            cell[to++] = ' ';
        }
        cell[to++] = plain[i];
        if (plain[i] == '.' && t->norwegian) {
            cell[to - 1] = ',';
        }
    }
    cell[to] = '\0';
}

void terminal_change(const terminal *t, double change, int decimals, const char *unit, char cell[TERMINAL_CELL_BYTES]) {
    char value[TERMINAL_CELL_BYTES];
    terminal_number(t, change, decimals, true, value);
    if (!isfinite(change)) {
        snprintf(cell, TERMINAL_CELL_BYTES, "-");
        return;
    }
    const char *arrow = value[0] == '+' ? "▲" : value[0] >= '0' && value[0] <= '9' ? "=" : "▼";
    snprintf(cell, TERMINAL_CELL_BYTES, "%s %.40s%s%.8s", arrow, value, unit[0] == '\0' ? "" : " ", unit);
}

// Half steps, so that shares under one cell still show.
void terminal_bar(const terminal *t, double percent, int cells) {
    int halves = isfinite(percent) ? (int)floor(percent / 100 * 2 * cells + 0.5) : 0;
    halves = halves < 0 ? 0 : halves > 2 * cells ? 2 * cells : halves;
    for (int i = 0; i < halves / 2; i++) {
        fputs("█", t->out);
    }
    fputs(halves % 2 != 0 ? "▌" : "", t->out);
    spaces(t->out, cells - halves / 2 - halves % 2);
}
