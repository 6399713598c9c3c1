// A choice table (CSV, wide format: one row an observation) evaluated with a choice model, block by block, so that the
// size of the file does not matter. Results do not depend on threads, blocks or pieces.
#ifndef VESTSIM_IO_CHOICE_TABLE_H
#define VESTSIM_IO_CHOICE_TABLE_H

#include "io/choice_model.h"

typedef struct choice_table choice_table;

typedef struct choice_rows {  // a block; valid until the next one. Cells [row * alternative_count + alternative]
    uint32_t count;           // 0 = the end
    const uint32_t *line;     // [row] in the file
    const char *const *id;    // [row] text of the id column, "" if none
    const uint32_t *chosen;   // [row] alternative; IX_NONE without a choice column
    const double *weight;     // [row]
    const double *utility;    // -inf where not available
    const double *probability;
    const double *logsum;          // [row]
    const double *log_likelihood;  // [row] ln of the probability of what was chosen; 0 without a choice column
} choice_rows;

typedef struct choice_totals {  // weighted, over the rows so far
    uint64_t observations;
    double weight;
    double log_likelihood;
    double null_log_likelihood;  // all available alternatives alike
    double available[CHOICE_ALTERNATIVES_MAX];
    double chosen[CHOICE_ALTERNATIVES_MAX];
    double probability[CHOICE_ALTERNATIVES_MAX];
} choice_totals;

// m must outlive the table; a holds its buffers. Columns that the table lacks, and names that are both a coefficient or
// variable and a column, are errors located in the model. Close also after errors (NULL is accepted).
err_code choice_table_open(const char *path, const choice_model *m, arena *a, choice_table **out);
// Cells are read only where an expression that counts needs them: those of alternatives that are not available may be
// empty. Located errors: empty cells and texts, utilities that are not finite, weights below 0, choices that are no
// alternative or not available, rows in which nothing is available; at the end, an alternative that no row could take.
err_code choice_table_next(choice_table *t, choice_rows *out);
const choice_totals *choice_table_totals(const choice_table *t);
void choice_table_close(choice_table *t);

#endif
