// What a results file says in short, for people (text that can be pasted into an e-mail) and for programs (JSON).
// Both `run` and `show` print what was read back from the file, so they cannot differ.
#ifndef VESTSIM_CLI_SUMMARY_H
#define VESTSIM_CLI_SUMMARY_H

#include <stdio.h>

#include "io/store.h"
#include "terminal.h"

// The verdict of every year, mode shares as bars, main figures with arrows for their change; path: the file's name.
void summary_print_text(const terminal *t, const store_summary *s, const char *path);
// output: the file that `run` wrote, or NULL to leave the key out.
void summary_print_json(FILE *out, const store_summary *s, const char *output);
// A JSON string; the members of a year's verdict without braces.
void summary_json_text(FILE *out, const char *given);
void summary_json_verdict(FILE *out, const result_verdict *v);
// Mean over replications; NAN when a value is missing.
double summary_mean(const store_summary *s, result_indicator i, uint32_t year_ix);
bool summary_converged(const store_summary *s);

#endif
