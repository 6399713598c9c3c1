// The expressions of a choice model, for choice_table (private to io).
#ifndef VESTSIM_IO_CHOICE_PROGRAM_H
#define VESTSIM_IO_CHOICE_PROGRAM_H

#include "choice_expr.h"
#include "io/choice_model.h"

struct choice_program {
    choice_names names;
    const yaml_node *coefficients;  // the maps, for messages
    const yaml_node *variables;
    const yaml_node *root;
    const yaml_node *alternative[CHOICE_ALTERNATIVES_MAX];
    choice_expr available[CHOICE_ALTERNATIVES_MAX];  // count 0: always
    choice_expr utility[CHOICE_ALTERNATIVES_MAX];
};

#endif
