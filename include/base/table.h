// CSV tables (RFC 4180: quotes, CRLF or LF, optional BOM) with errors that name file, line and column,
// and maps from external ids to indices.
//
// A table is the whole file, checked once: UTF-8, no NUL byte, no unclosed quote, every row as long as
// the header, line length and file size bounded. Cells are NUL-terminated texts with surrounding blanks
// removed; they live in the arena given at load.
#ifndef VESTSIM_BASE_TABLE_H
#define VESTSIM_BASE_TABLE_H

#include "base/mem.h"

typedef struct table table;

// ERR_FILE if missing, ERR_FORMAT for anything above; an empty file (no header) is an error, a header
// without rows is not.
err_code table_load(const char *path, arena *a, table **out);
err_code table_parse(const char *name, const char *text, size_t bytes, arena *a, table **out);
// Whole file as bytes with a terminating NUL (not counted); bounded by max_bytes. Used by other readers too.
err_code table_read_file(const char *path, size_t max_bytes, arena *a, char **text, size_t *bytes);
// ERR_FORMAT naming file:line when text is not UTF-8 or has a NUL byte.
err_code table_check_utf8(const char *name, const char *text, size_t bytes);

// A file of any size, in pieces: each is a table with the header of the file and its next whole rows, which keep the
// lines they have in the file; piece_bytes bounds the memory (at least 2 MiB, so that the longest line fits).
// The header and rows may not be longer than a piece. s lives in a; close it also after errors (NULL is accepted).
typedef struct table_stream table_stream;
err_code table_stream_open(const char *path, size_t piece_bytes, arena *a, table_stream **out);
// The next piece, in a; the first one comes even without rows. *out is NULL at the end. After an error only close.
err_code table_stream_next(table_stream *s, arena *a, table **out);
void table_stream_close(table_stream *s);

const char *table_name(const table *t);  // the path as given
uint32_t table_row_count(const table *t);
uint32_t table_column_count(const table *t);
uint32_t table_column(const table *t, const char *name);  // IX_NONE if absent
const char *table_column_name(const table *t, uint32_t column);
err_code table_require(const table *t, const char *name, uint32_t *column_out);  // names what exists
const char *table_text(const table *t, uint32_t row, uint32_t column);           // "" if column is IX_NONE
bool table_is_empty(const table *t, uint32_t row, uint32_t column);
// Whole-cell numbers in [min,max]; a decimal comma, trailing text, nan or inf is a located error.
err_code table_f64(const table *t, uint32_t row, uint32_t column, double min, double max, double *out);
err_code table_f64_or(const table *t, uint32_t row, uint32_t column, double min, double max, double fallback,
                      double *out);
err_code table_i64(const table *t, uint32_t row, uint32_t column, int64_t min, int64_t max, int64_t *out);
err_code table_i64_or(const table *t, uint32_t row, uint32_t column, int64_t min, int64_t max, int64_t fallback,
                      int64_t *out);
uint32_t table_line(const table *t, uint32_t row);  // line in the file where the row starts, from 1
// Raises code with "file:line: column 'name': " before the message.
err_code table_fail(const table *t, uint32_t row, uint32_t column, err_code code, const char *fmt, ...)
    ERR_PRINTF(5, 6);

// External id -> index. Keys are not copied: they must outlive the map (arena texts do).
typedef struct idmap {
    struct idmap_slot *slot;
    uint32_t capacity;  // power of two
    uint32_t count;
} idmap;
err_code idmap_init(idmap *m, arena *a, uint32_t expected);
// Returns IX_NONE and stores ix when key is new; otherwise the index it already has (nothing changed).
uint32_t idmap_put(idmap *m, const char *key, uint32_t ix);
uint32_t idmap_find(const idmap *m, const char *key);  // IX_NONE if absent

#endif
