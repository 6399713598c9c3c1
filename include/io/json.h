// JSON out: texts and numbers, written so that any reader and any HTML page can hold them.
#ifndef VESTSIM_IO_JSON_H
#define VESTSIM_IO_JSON_H

#include <stdio.h>

// A quoted text. '<', '>' and '&' are escaped too, so that no text can end a script element; bytes that are no UTF-8
// become U+FFFD. NULL is written as "".
void json_text(FILE *out, const char *text);
// The shortest form that reads back as the same number; null for infinity and NaN, which JSON does not have.
void json_number(FILE *out, double value);
// At most `decimals` decimals, for figures whose last digits mean nothing.
void json_rounded(FILE *out, double value, int decimals);
// Of an object, after its first member: `, "name": value` and `, "name": [low, high]`.
void json_member(FILE *out, const char *name, double value);
void json_pair(FILE *out, const char *name, double low, double high);

#endif
