// Nested-logit models as YAML files: coefficients, alternatives with availability and utility, nests of any depth.
// docs/formats.md describes the file; model/choice.h the formula and the normalisation (RU2: the root has scale 1).
#ifndef VESTSIM_IO_CHOICE_MODEL_H
#define VESTSIM_IO_CHOICE_MODEL_H

#include "model/choice.h"

enum { CHOICE_MODEL_COLUMNS_MAX = 512 };

typedef struct choice_model {
    const char *file;
    const char *title;          // "" if none
    const char *choice_column;  // NULL: the table has no choices, so no likelihood
    const char *weight_column;  // NULL: every row counts 1
    const char *id_column;      // NULL: none
    choice_tree tree;
    const char *name[CHOICE_ALTERNATIVES_MAX];   // [alternative]
    const char *value[CHOICE_ALTERNATIVES_MAX];  // what the choice column says of it
    struct choice_program *program;              // compiled expressions (sim/io/choice_program.h)
} choice_model;

// Everything lives in a. Errors name file, line and column: unknown keys, words that are not understood, nests with a
// coefficient outside (0,1], members that are not there or twice. Warns of coefficients that are not used.
err_code choice_model_load(const char *path, arena *a, choice_model *out);

#endif
