#include "io/choice_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/dmath.h"
#include "base/table.h"
#include "choice_program.h"

enum { PIECE_BYTES = 4 << 20, BLOCK_ROWS = 16384 };

static const double cell_max = 1e100;  // products of two still have room

struct choice_table {
    const choice_model *m;
    const char *path;
    table_stream *stream;
    arena piece;
    table *rows;       // the piece that is being evaluated; NULL = none
    uint32_t next;     // its first row that is not
    uint32_t *column;  // [choice_names.column] column of the table
    uint32_t choice_column, weight_column, id_column;
    double value[CHOICE_ALTERNATIVES_MAX];  // of the choice column as numbers; NaN where they are none
    // of a block
    uint32_t *line;
    const char **id;
    uint32_t *chosen;
    double *weight, *utility, *log_probability, *probability, *logsum, *log_likelihood;
    choice_totals totals;
};

// --- columns ------------------------------------------------------------------------------------------------------

static err_code find_column(const choice_table *t, const yaml_node *node, const char *name, uint32_t *out) {
    err_code code = table_require(t->rows, name, out);
    return code == ERR_OK ? code
                          : err_prefix(code, "%s:%d:%d: '%.60s' is no coefficient, no variable and no column",
                                       node->file, node->line, node->column, name);
}

static err_code find_named_column(const choice_table *t, const char *key, const char *name, uint32_t *out) {
    *out = IX_NONE;
    return name == NULL ? ERR_OK : find_column(t, yaml_tree_child(t->m->program->root, key), name, out);
}

static err_code check_ambiguous(const choice_table *t, const yaml_node *map) {
    for (const yaml_node *n = map == NULL ? NULL : map->first; n != NULL; n = n->next) {
        if (table_column(t->rows, n->key) != IX_NONE) {
            return yaml_tree_fail_key(n, ERR_REFERENCE, "'%s' is also a column of %s; rename it in the model", n->key,
                                      t->path);
        }
    }
    return ERR_OK;
}

static err_code find_columns(choice_table *t, arena *a) {
    const struct choice_program *p = t->m->program;
    ARENA_NEW(a, t->column, p->names.column_count);
    for (uint32_t i = 0; i < p->names.column_count; i++) {
        TRY(find_column(t, p->names.column_node[i], p->names.column[i], &t->column[i]));
    }
    TRY(check_ambiguous(t, p->coefficients));
    TRY(check_ambiguous(t, p->variables));
    TRY(find_named_column(t, "choice", t->m->choice_column, &t->choice_column));
    TRY(find_named_column(t, "weight", t->m->weight_column, &t->weight_column));
    return find_named_column(t, "id", t->m->id_column, &t->id_column);
}

// A number for comparing choices: "2" and "2.0" are the same. NaN for texts.
static double number_of(const char *text) {
    char *end = NULL;
    double value = strtod(text, &end);
    return end != text && *end == '\0' ? value : DMATH_NAN;
}

static err_code alloc_block(choice_table *t, arena *a) {
    size_t cells = (size_t)BLOCK_ROWS * (size_t)t->m->tree.alternative_count;
    ARENA_NEW(a, t->line, BLOCK_ROWS);
    ARENA_NEW(a, t->id, BLOCK_ROWS);
    ARENA_NEW(a, t->chosen, BLOCK_ROWS);
    ARENA_NEW(a, t->weight, BLOCK_ROWS);
    ARENA_NEW(a, t->logsum, BLOCK_ROWS);
    ARENA_NEW(a, t->log_likelihood, BLOCK_ROWS);
    ARENA_NEW(a, t->utility, cells);
    ARENA_NEW(a, t->log_probability, cells);
    ARENA_NEW(a, t->probability, cells);
    return ERR_OK;
}

static err_code next_piece(choice_table *t) {
    arena_reset(&t->piece);
    t->next = 0;
    return table_stream_next(t->stream, &t->piece, &t->rows);
}

err_code choice_table_open(const char *path, const choice_model *m, arena *a, choice_table **out) {
    choice_table *t;
    *out = NULL;
    ARENA_NEW(a, t, 1);
    t->m = m;
    t->path = path;
    for (int i = 0; i < m->tree.alternative_count; i++) {
        t->value[i] = number_of(m->value[i]);
    }
    TRY(alloc_block(t, a));
    TRY(table_stream_open(path, PIECE_BYTES, a, &t->stream));
    arena_init(&t->piece);
    *out = t;
    TRY(next_piece(t));  // never the end: the first piece comes with the header alone
    return find_columns(t, a);
}

void choice_table_close(choice_table *t) {
    if (t != NULL) {
        table_stream_close(t->stream);
        arena_free(&t->piece);
    }
}

const choice_totals *choice_table_totals(const choice_table *t) {
    return &t->totals;
}

// --- one row ------------------------------------------------------------------------------------------------------

typedef struct row_cells {  // of the columns that were needed so far
    double value[CHOICE_MODEL_COLUMNS_MAX];
    uint8_t known[CHOICE_MODEL_COLUMNS_MAX];
} row_cells;

static err_code run_expr(const choice_table *t, uint32_t row, const choice_expr *e, row_cells *c, double *out) {
    for (uint32_t i = 0; i < e->count; i++) {
        uint32_t k = e->step[i].column;
        if (e->step[i].op == CHOICE_OP_COLUMN && c->known[k] == 0) {
            TRY(table_f64(t->rows, row, t->column[k], -cell_max, cell_max, &c->value[k]));
            c->known[k] = 1;
        }
    }
    *out = choice_expr_run(e, c->value);
    return ERR_OK;
}

static err_code row_utilities(const choice_table *t, uint32_t row, double *utility) {
    row_cells c;
    const struct choice_program *p = t->m->program;
    memset(c.known, 0, p->names.column_count);
    int open = 0;
    for (int i = 0; i < t->m->tree.alternative_count; i++) {
        double available = 1.0;
        if (p->available[i].count > 0) {
            TRY(run_expr(t, row, &p->available[i], &c, &available));
        }
        utility[i] = -HUGE_VAL;
        if (available != 0.0) {
            TRY(run_expr(t, row, &p->utility[i], &c, &utility[i]));
            open++;
        }
        bool finite = available == available && (available == 0.0 || isfinite(utility[i]));
        if (!finite) {
            return table_fail(t->rows, row, IX_NONE, ERR_RANGE,
                              "the %s of '%s' (%s:%d) is not a finite number; look for a division by 0 or the ln of 0",
                              available == available ? "utility" : "availability", t->m->name[i], t->m->file,
                              p->utility[i].node->line);
        }
    }
    if (open == 0) {
        return table_fail(
            t->rows, row, IX_NONE, ERR_INFEASIBLE,
            "no alternative is available here; correct the row or leave it out, or correct 'available' in "
            "%s",
            t->m->file);
    }
    return ERR_OK;
}

static err_code row_choice(const choice_table *t, uint32_t row, const double *utility, uint32_t *chosen) {
    *chosen = IX_NONE;
    if (t->choice_column == IX_NONE) {
        return ERR_OK;
    }
    const char *cell = table_text(t->rows, row, t->choice_column);
    double number = number_of(cell);
    for (uint32_t i = 0; i < (uint32_t)t->m->tree.alternative_count && *chosen == IX_NONE; i++) {
        *chosen = strcmp(cell, t->m->value[i]) == 0 || number == t->value[i] ? i : IX_NONE;
    }
    if (*chosen == IX_NONE) {
        return table_fail(
            t->rows, row, t->choice_column, ERR_REFERENCE,
            "'%.60s' is the value of no alternative of %s (such as '%.60s'); correct it or leave the row out", cell,
            t->m->file, t->m->value[0]);
    }
    if (!(utility[*chosen] > -HUGE_VAL)) {
        return table_fail(t->rows, row, t->choice_column, ERR_INFEASIBLE,
                          "'%s' is chosen but not available here; correct the row or leave it out, or correct "
                          "'available' of '%s' in %s",
                          t->m->name[*chosen], t->m->name[*chosen], t->m->file);
    }
    return ERR_OK;
}

// Row `row` of the piece becomes row `at` of the block.
static err_code read_row(choice_table *t, uint32_t row, uint32_t at) {
    double *utility = t->utility + (size_t)at * (size_t)t->m->tree.alternative_count;
    t->line[at] = table_line(t->rows, row);
    t->id[at] = table_text(t->rows, row, t->id_column);
    t->weight[at] = 1.0;
    if (t->weight_column != IX_NONE) {
        TRY(table_f64(t->rows, row, t->weight_column, 0.0, cell_max, &t->weight[at]));
    }
    TRY(row_utilities(t, row, utility));
    return row_choice(t, row, utility, &t->chosen[at]);
}

// --- blocks -------------------------------------------------------------------------------------------------------

// Rows are added in the order of the file, so that sums do not depend on blocks and threads.
static void add_block(choice_table *t, uint32_t count) {
    choice_totals *s = &t->totals;
    uint32_t alternatives = (uint32_t)t->m->tree.alternative_count;
    for (uint32_t row = 0; row < count; row++) {
        double w = t->weight[row];
        int open = 0;
        for (uint32_t i = 0; i < alternatives; i++) {
            size_t cell = (size_t)row * alternatives + i;
            bool available = t->utility[cell] > -HUGE_VAL;
            open += available ? 1 : 0;
            s->available[i] += available ? w : 0.0;
            s->chosen[i] += t->chosen[row] == i ? w : 0.0;
            s->probability[i] += w * t->probability[cell];
        }
        s->observations++;
        s->weight += w;
        if (t->chosen[row] != IX_NONE) {
            t->log_likelihood[row] = t->log_probability[(size_t)row * alternatives + t->chosen[row]];
            s->log_likelihood += w * t->log_likelihood[row];
        }
        s->null_log_likelihood -= w * dmath_log(open);
    }
}

static err_code check_totals(const choice_table *t) {
    const choice_totals *s = &t->totals;
    CHECK(s->observations > 0, ERR_FORMAT, "%s: has no rows; there is nothing to evaluate", t->path);
    CHECK(s->weight > 0.0, ERR_RANGE, "%s: all weights are 0; there is nothing to evaluate", t->path);
    for (int i = 0; i < t->m->tree.alternative_count; i++) {
        if (!(s->available[i] > 0.0)) {
            const yaml_node *n = t->m->program->alternative[i];
            return yaml_tree_fail_key(n, ERR_INFEASIBLE,
                                      "no one can take '%s': it is available in no row of %s; correct its 'available' "
                                      "or leave the alternative out",
                                      n->key, t->path);
        }
    }
    return ERR_OK;
}

err_code choice_table_next(choice_table *t, choice_rows *out) {
    *out = (choice_rows){0};
    while (t->rows != NULL && t->next == table_row_count(t->rows)) {
        TRY(next_piece(t));
    }
    if (t->rows == NULL) {
        return check_totals(t);
    }
    uint32_t first = t->next;
    uint32_t left = table_row_count(t->rows) - first;
    uint32_t count = left < BLOCK_ROWS ? left : BLOCK_ROWS;
    for (uint32_t i = 0; i < count; i++) {
        TRY(read_row(t, first + i, i));
    }
    choice_evaluate(&t->m->tree, count, t->utility, t->log_probability, t->probability, t->logsum);
    t->next += count;
    add_block(t, count);
    *out = (choice_rows){count,      t->line,        t->id,     t->chosen,        t->weight,
                         t->utility, t->probability, t->logsum, t->log_likelihood};
    return ERR_OK;
}
