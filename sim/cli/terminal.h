// Words and numbers on the terminal: in which language, with which characters, how wide.
//
// Text is written as UTF-8 into a text_page and printed at the end; where the locale is not UTF-8 it is written with
// ASCII letters instead (ae, oe, aa, # for bars), so that nothing is garbled. No colour anywhere.
#ifndef VESTSIM_CLI_TERMINAL_H
#define VESTSIM_CLI_TERMINAL_H

#include <stdio.h>

#include "options.h"

enum { TERMINAL_CELL_BYTES = 64, TERMINAL_WIDTH = 76 };  // width that survives being quoted in an e-mail

typedef struct terminal {
    bool norwegian;  // --lang, else the locale's language, else English
    bool ascii;      // the locale is not UTF-8
    FILE *out;       // what is written here ...
    char *text;      // ... is kept here until terminal_end prints it
    size_t bytes;
} terminal;

// Is --lang well given? So that a slip is told before a simulation.
err_code terminal_check(const cli_args *args);
// Begins a text. ERR_USAGE for an unknown --lang.
err_code terminal_begin(const cli_args *args, terminal *t);
// Prints the text to standard output and frees it.
err_code terminal_end(terminal *t);
// The option --lang, for the table of a command.
#define TERMINAL_LANG_OPTION \
    { .name = "lang", .value = "nb|en", .help = "Norwegian bokmål or English; default: by the locale" }

static inline const char *terminal_word(const terminal *t, const char *nb, const char *en) {
    return t->norwegian ? nb : en;
}
// Columns that a text takes once it is printed.
int terminal_width(const terminal *t, const char *text);
// The text in a column: to the left with width > 0, to the right with width < 0.
void terminal_cell(const terminal *t, const char *text, int width);
// Broken between words at TERMINAL_WIDTH, each line after `indent` spaces.
void terminal_paragraph(const terminal *t, const char *text, int indent);
// 1234567.8 as "1 234 568" or "1 234 567,8"; "-" if it is not known. sign: a + before positive ones.
void terminal_number(const terminal *t, double value, int decimals, bool sign, char cell[TERMINAL_CELL_BYTES]);
// Change as an arrow and a number: "▲ +8,6 %". Smaller than half of the last decimal: "= 0,0 %".
void terminal_change(const terminal *t, double change, int decimals, const char *unit, char cell[TERMINAL_CELL_BYTES]);
// A share of 100 as a bar of `cells` characters.
void terminal_bar(const terminal *t, double percent, int cells);

#endif
