// Column tables: one X-macro a table declares type, name, unit and meaning of every column once; it
// drives the struct, its allocation, its hash and its HDF5 dataset.
//
//   #define NODE_COLUMNS(X) X(double, x_m, "m", "easting, EUREF89 / UTM 32N") ...
//   typedef struct node_columns { uint32_t count; COLUMN_FIELDS(NODE_COLUMNS) } node_columns;
#ifndef VESTSIM_WORLD_COLUMN_H
#define VESTSIM_WORLD_COLUMN_H

#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

typedef enum column_type {
    COLUMN_U8,
    COLUMN_I8,
    COLUMN_U16,
    COLUMN_U32,
    COLUMN_U64,
    COLUMN_I32,
    COLUMN_F32,
    COLUMN_F64,
    COLUMN_TEXT
} column_type;

// One column of a live table, for code that treats columns generically (hash, store).
typedef struct column {
    const char *name;
    const char *unit;  // CF unit, "1" for none
    const char *doc;
    column_type type;
    const void *data;  // count values; const char *const * for COLUMN_TEXT
} column;

typedef const char *text;  // a NUL-terminated UTF-8 text owned by the table's arena

#define COLUMN_TYPE(type) \
    _Generic((type *)0, uint8_t *: COLUMN_U8, int8_t *: COLUMN_I8, uint16_t *: COLUMN_U16,             \
             uint32_t *: COLUMN_U32, uint64_t *: COLUMN_U64, int32_t *: COLUMN_I32,                    \
             float *: COLUMN_F32, double *: COLUMN_F64, text *: COLUMN_TEXT)

#define COLUMN_FIELD_(type, name, unit, doc) type *name;
#define COLUMN_FIELDS(TABLE) TABLE(COLUMN_FIELD_)
// For functions that return err_code and have `t_` (the table), `arena *a_` and `uint32_t n_` (rows) in scope.
#define COLUMN_ALLOC_(type, name, unit, doc) ARENA_NEW(a_, t_->name, n_);
#define COLUMN_ALLOC(TABLE) TABLE(COLUMN_ALLOC_)
// The same with `f_`, a table whose n_ rows are copied into t_'s columns.
#define COLUMN_COPY_(type, name, unit, doc)                        \
    ARENA_NEW(a_, t_->name, n_);                                   \
    if (n_ > 0) {                                                  \
        memcpy(t_->name, f_->name, (size_t)n_ * sizeof *t_->name); \
    }
#define COLUMN_COPY(TABLE) TABLE(COLUMN_COPY_)
// Initialisers of an array of column descriptions of `t_`.
#define COLUMN_DESCRIBE_(type, name, unit, doc) {#name, unit, doc, COLUMN_TYPE(type), t_->name},
#define COLUMN_DESCRIBE(TABLE) TABLE(COLUMN_DESCRIBE_)
#define COLUMN_COUNT_(type, name, unit, doc) +1
#define COLUMN_COUNT(TABLE) (0 TABLE(COLUMN_COUNT_))

size_t column_value_bytes(column_type type);  // bytes of one value in memory
// Hash of count values of every column, in order (texts by content).
uint64_t column_hash(uint64_t h, const column *columns, uint32_t column_count, uint32_t row_count);

#endif
