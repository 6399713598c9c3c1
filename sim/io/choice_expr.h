// Expressions of a choice model (private to io): numbers, names, + - * /, comparisons, and, or, not, ln, parentheses;
// compiled once to a stack program and run for every row. docs/formats.md tells the language.
#ifndef VESTSIM_IO_CHOICE_EXPR_H
#define VESTSIM_IO_CHOICE_EXPR_H

#include "yaml_tree.h"

enum { CHOICE_EXPR_STACK_MAX = 64, CHOICE_EXPR_CODE_MAX = 4096 };

typedef enum choice_op {
    CHOICE_OP_NUMBER,
    CHOICE_OP_COLUMN,
    CHOICE_OP_NEGATE,
    CHOICE_OP_NOT,
    CHOICE_OP_LN,
    CHOICE_OP_ADD,
    CHOICE_OP_SUBTRACT,
    CHOICE_OP_MULTIPLY,
    CHOICE_OP_DIVIDE,
    CHOICE_OP_EQUAL,
    CHOICE_OP_UNEQUAL,
    CHOICE_OP_LESS,
    CHOICE_OP_AT_MOST,
    CHOICE_OP_GREATER,
    CHOICE_OP_AT_LEAST,
    CHOICE_OP_AND,
    CHOICE_OP_OR
} choice_op;

typedef struct choice_step {
    choice_op op;
    uint32_t column;  // of CHOICE_OP_COLUMN: index in choice_names.column
    double number;    // of CHOICE_OP_NUMBER
} choice_step;

typedef struct choice_expr {
    const yaml_node *node;  // where it stands
    uint32_t count;
    choice_step *step;
} choice_expr;

// What a name may mean: a coefficient, a variable (an expression of its own), else a column of the table. Columns are
// collected as they are met.
typedef struct choice_names {
    uint32_t coefficient_count;
    const char **coefficient;  // [coefficient]
    double *value;
    uint8_t *used;
    uint32_t variable_count;
    const char **variable;
    choice_expr *variable_expr;
    uint32_t column_count;
    const char **column;
    const yaml_node **column_node;  // where the column is first used
    uint32_t column_room;
} choice_names;

// Index of a column, added when it is new; ERR_RANGE when there are too many.
err_code choice_expr_column(choice_names *names, const char *name, const yaml_node *node, uint32_t *ix);
// Errors carry the place of the scalar node and the word of the expression.
err_code choice_expr_compile(const yaml_node *node, choice_names *names, arena *a, choice_expr *out);
// column[.] are the values of choice_names.column. Division by 0 gives inf or NaN, as ln does: callers check.
double choice_expr_run(const choice_expr *e, const double *column);

#endif
