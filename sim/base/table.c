// The text of the file is changed in place: cells are unquoted, trimmed and NUL-terminated where they stand, and a
// cell is kept as its offset.
#include "base/table.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"

#define TABLE_FILE_BYTES_MAX ((size_t)1 << 30)
#define TABLE_LINE_BYTES_MAX ((size_t)1 << 20)
enum { TABLE_COLUMNS_MAX = 4096, TABLE_SHOWN_BYTES = 60, TABLE_LIST_BYTES = 600, TABLE_NUMBER_BYTES_MAX = 64 };

struct table {
    const char *name;
    char *text;
    uint32_t column_count;
    uint32_t row_count;
    uint32_t *header;  // offset by column
    uint32_t *cell;    // offset, [row][column]
    uint32_t *line;    // by row
};

// --- reading files -----------------------------------------------------------------------------------------------

static err_code table_fail_read(const char *path, int error_number) {
    return err_raise(ERR_FILE, "%s: cannot be read: %s", path, strerror(error_number));
}

static err_code table_fail_size(const char *path, size_t max_bytes) {
    return err_raise(ERR_FORMAT, "%s: is larger than %zu bytes, the most that is read; split it or leave rows out",
                     path, max_bytes);
}

// Pipes and other files whose size is not known beforehand.
static err_code table_read_stream(FILE *f, const char *path, size_t max_bytes, arena *a, char **text, size_t *bytes) {
    size_t room = (size_t)1 << 16, used = 0;
    char *buffer = mem_alloc(room);
    err_code code = buffer == NULL ? ERR_MEMORY : ERR_OK;
    while (code == ERR_OK) {
        size_t got = fread(buffer + used, 1, room - used, f);
        used += got;
        if (ferror(f)) {
            code = table_fail_read(path, errno);
        } else if (used > max_bytes) {
            code = table_fail_size(path, max_bytes);
        } else if (got == 0) {
            break;
        } else if (used == room) {
            char *larger = mem_grow(buffer, room, room * 2);
            code = larger == NULL ? ERR_MEMORY : ERR_OK;
            buffer = larger == NULL ? buffer : larger;
            room *= 2;
        }
    }
    if (code == ERR_OK) {
        *text = arena_text_n(a, buffer, used);
        *bytes = used;
        code = *text == NULL ? ERR_MEMORY : ERR_OK;
    }
    mem_free(buffer);
    return code;
}

static err_code table_read_regular(FILE *f, const char *path, size_t size, arena *a, char **text, size_t *bytes) {
    char *buffer;
    ARENA_NEW(a, buffer, size + 1);
    size_t got = fread(buffer, 1, size, f);
    if (ferror(f)) {
        return table_fail_read(path, errno);
    }
    CHECK(got == size && fgetc(f) == EOF, ERR_FILE, "%s: changed while it was read; try again", path);
    *text = buffer;
    *bytes = got;
    return ERR_OK;
}

static err_code table_open_file(const char *path, FILE **f, struct stat *about) {
    if (stat(path, about) != 0) {
        return errno == ENOENT || errno == ENOTDIR
                   ? err_raise(ERR_FILE, "%s: there is no such file; check the name and the folder", path)
                   : table_fail_read(path, errno);
    }
    CHECK(!S_ISDIR(about->st_mode), ERR_FILE, "%s: is a folder; a file was expected", path);
    *f = fopen(path, "rb");
    return *f == NULL ? table_fail_read(path, errno) : ERR_OK;
}

err_code table_read_file(const char *path, size_t max_bytes, arena *a, char **text, size_t *bytes) {
    *text = NULL;
    *bytes = 0;
    struct stat about;
    FILE *f;
    TRY(table_open_file(path, &f, &about));
    err_code code;
    if (S_ISREG(about.st_mode) && about.st_size > 0) {
        size_t size = (size_t)about.st_size;
        code = size > max_bytes ? table_fail_size(path, max_bytes) : table_read_regular(f, path, size, a, text, bytes);
    } else {
        code = table_read_stream(f, path, max_bytes, a, text, bytes);
    }
    fclose(f);
    return code;
}

// Length of the UTF-8 sequence at p (Unicode table 3-7), 0 if there is none.
static size_t table_utf8_length(const unsigned char *p, size_t left) {
    unsigned char c = p[0];
    if (c < 0x80) {
        return 1;
    }
    size_t length = c >= 0xC2 && c <= 0xDF ? 2 : (c & 0xF0u) == 0xE0u ? 3 : c >= 0xF0 && c <= 0xF4 ? 4 : 0;
    if (length == 0 || length > left) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xC0u) != 0x80u) {
            return 0;
        }
    }
    bool overlong = (c == 0xE0 && p[1] < 0xA0) || (c == 0xF0 && p[1] < 0x90);
    bool surrogate = c == 0xED && p[1] > 0x9F;
    bool beyond = c == 0xF4 && p[1] > 0x8F;
    return overlong || surrogate || beyond ? 0 : length;
}

static err_code table_check_utf8_from(const char *name, const char *text, size_t bytes, size_t line) {
    const unsigned char *p = (const unsigned char *)text;
    for (size_t i = 0; i < bytes;) {
        CHECK(p[i] != 0, ERR_FORMAT, "%s:%zu: has a NUL byte; this is not a text file", name, line);
        size_t length = table_utf8_length(p + i, bytes - i);
        CHECK(length != 0, ERR_FORMAT, "%s:%zu: is not UTF-8 (byte 0x%02X); save the file as UTF-8", name, line, p[i]);
        line += p[i] == '\n';
        i += length;
    }
    return ERR_OK;
}

err_code table_check_utf8(const char *name, const char *text, size_t bytes) {
    return table_check_utf8_from(name, text, bytes, 1);
}

static err_code table_check_lines(const char *name, const char *text, size_t bytes, size_t line) {
    for (size_t i = 0; i < bytes; line++) {
        const char *end = memchr(text + i, '\n', bytes - i);
        size_t length = end == NULL ? bytes - i : (size_t)(end - (text + i));
        CHECK(length <= TABLE_LINE_BYTES_MAX, ERR_FORMAT, "%s:%zu: the line has %zu bytes; at most %zu are read", name,
              line, length, TABLE_LINE_BYTES_MAX);
        i += length + 1;
    }
    return ERR_OK;
}

// --- splitting into cells -----------------------------------------------------------------------------------------

typedef struct table_list {  // grows outside the arena, so that nothing is left behind there
    uint32_t *item;
    size_t count;
    size_t room;
} table_list;

typedef struct table_scan {
    const char *name;
    char *text;
    size_t bytes;
    size_t at;
    uint32_t line;
    uint32_t header_count;  // cells in the header row; 0 while it is read
    size_t header_end;      // where the text goes on behind the header
    table_list cell;
    table_list row_line;
} table_scan;

static err_code table_list_add(table_list *l, uint32_t value) {
    if (l->count == l->room) {
        size_t room = l->room == 0 ? 256 : l->room * 2;
        uint32_t *larger = mem_grow(l->item, l->count * sizeof *l->item, room * sizeof *l->item);
        if (larger == NULL) {
            return ERR_MEMORY;
        }
        l->item = larger;
        l->room = room;
    }
    l->item[l->count++] = value;
    return ERR_OK;
}

static bool table_is_blank(char c) {
    return c == ' ' || c == '\t';
}

// At a comma, a line end or the end of the text. The text has a NUL at [bytes], so looking one further is safe.
static bool table_at_end(const table_scan *s) {
    char c = s->text[s->at];
    return s->at == s->bytes || c == ',' || c == '\n' || (c == '\r' && s->text[s->at + 1] == '\n');
}

// A quoted cell from behind its opening quote; moves the unquoted text to where the quote stood.
static err_code table_scan_quoted(table_scan *s, size_t first, size_t *end_out) {
    uint32_t opened = s->line;
    size_t write = first;
    s->at = first + 1;
    for (;;) {
        CHECK(s->at < s->bytes, ERR_FORMAT,
              "%s:%u: the quote opened here is never closed; close it, and double every quote inside a cell", s->name,
              opened);
        char c = s->text[s->at++];
        if (c == '"') {
            if (s->text[s->at] != '"') {
                break;
            }
            s->at++;
        }
        s->line += c == '\n';
        s->text[write++] = c;
    }
    while (table_is_blank(s->text[s->at])) {
        s->at++;
    }
    CHECK(table_at_end(s), ERR_FORMAT, "%s:%u: text follows a closing quote; double every quote inside a quoted cell",
          s->name, s->line);
    *end_out = write;
    return ERR_OK;
}

static err_code table_scan_plain(table_scan *s, size_t *end_out) {
    while (!table_at_end(s)) {
        char c = s->text[s->at];
        CHECK(c != '"', ERR_FORMAT,
              "%s:%u: a quote inside an unquoted cell; quote the whole cell and double the quotes inside it", s->name,
              s->line);
        CHECK(c != '\r', ERR_FORMAT,
              "%s:%u: a carriage return without a line feed; save the file with Unix or Windows line ends", s->name,
              s->line);
        s->at++;
    }
    *end_out = s->at;
    return ERR_OK;
}

// One cell, trimmed and NUL-terminated in place; *last tells whether it ended its row.
static err_code table_scan_cell(table_scan *s, uint32_t *offset_out, bool *quoted_out, bool *last_out) {
    while (table_is_blank(s->text[s->at])) {
        s->at++;
    }
    size_t first = s->at, end = s->at;
    *quoted_out = s->text[first] == '"';
    TRY(*quoted_out ? table_scan_quoted(s, first, &end) : table_scan_plain(s, &end));
    char stop = s->at == s->bytes ? '\n' : s->text[s->at];
    *last_out = stop != ',';
    s->at += stop == '\r' ? 2 : s->at < s->bytes ? 1 : 0;
    while (end > first && table_is_blank(s->text[end - 1])) {
        end--;
    }
    while (first < end && table_is_blank(s->text[first])) {
        first++;
    }
    s->text[end] = '\0';
    *offset_out = (uint32_t)first;
    return ERR_OK;
}

static err_code table_fail_width(const table_scan *s, uint32_t line, uint32_t cells) {
    return err_raise(ERR_FORMAT, "%s:%u: the row has %u cells where the header has %u; %s", s->name, line, cells,
                     s->header_count,
                     cells > s->header_count ? "quote cells that contain a comma, and use a decimal point"
                                             : "write a comma for every empty cell");
}

// One row, or nothing for a blank line.
static err_code table_scan_row(table_scan *s) {
    uint32_t line = s->line, cells = 0;
    size_t count_before = s->cell.count;
    bool last = false, blank = false;
    while (!last) {
        uint32_t offset;
        bool quoted;
        TRY(table_scan_cell(s, &offset, &quoted, &last));
        cells++;
        blank = cells == 1 && !quoted && s->text[offset] == '\0';
        CHECK(s->header_count > 0 || cells <= TABLE_COLUMNS_MAX, ERR_FORMAT, "%s:%u: has more than %d columns", s->name,
              line, TABLE_COLUMNS_MAX);
        if (s->header_count == 0 || cells <= s->header_count) {
            TRY(table_list_add(&s->cell, offset));
        }
    }
    s->line++;
    if (blank) {
        s->cell.count = count_before;
        return ERR_OK;
    }
    if (s->header_count == 0) {
        s->header_count = cells;
        return ERR_OK;
    }
    if (cells != s->header_count) {
        return table_fail_width(s, line, cells);
    }
    return table_list_add(&s->row_line, line);
}

static err_code table_check_header(const table_scan *s) {
    CHECK(s->header_count > 0, ERR_FORMAT, "%s: is empty; a header row with the column names was expected", s->name);
    const char *first = s->text + s->cell.item[0];
    CHECK(s->header_count > 1 || strchr(first, ';') == NULL, ERR_FORMAT,
          "%s:1: the cells are separated by ';'; save the file with commas and decimal points", s->name);
    for (uint32_t i = 0; i < s->header_count; i++) {
        const char *name = s->text + s->cell.item[i];
        for (uint32_t j = 0; j < i && name[0] != '\0'; j++) {
            CHECK(strcmp(name, s->text + s->cell.item[j]) != 0, ERR_FORMAT, "%s:1: has two columns '%.60s'", s->name,
                  name);
        }
    }
    return ERR_OK;
}

// A piece of a stream begins with a copy of the header (header_bytes), which is line 1 whatever first_line is.
static err_code table_scan_all(table_scan *s, const char *path, size_t header_bytes, uint32_t first_line) {
    CHECK(s->bytes <= TABLE_FILE_BYTES_MAX, ERR_FORMAT, "%s: is larger than %zu bytes, the most that is read", path,
          TABLE_FILE_BYTES_MAX);
    TRY(table_check_lines(path, s->text + header_bytes, s->bytes - header_bytes, first_line));
    TRY(table_check_utf8_from(path, s->text + header_bytes, s->bytes - header_bytes, first_line));
    s->at = s->bytes >= 3 && memcmp(s->text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (s->at < s->bytes && s->header_count == 0) {
        TRY(table_scan_row(s));
    }
    TRY(table_check_header(s));
    s->header_end = s->at;
    s->line = header_bytes > 0 ? first_line : s->line;
    while (s->at < s->bytes) {
        TRY(table_scan_row(s));
    }
    return ERR_OK;
}

static err_code table_keep(const table_scan *s, const char *path, arena *a, table **out) {
    table *t;
    ARENA_NEW(a, t, 1);
    t->name = arena_text(a, path);
    t->text = s->text;
    t->column_count = s->header_count;
    t->row_count = (uint32_t)s->row_line.count;
    ARENA_NEW(a, t->header, s->cell.count);
    ARENA_NEW(a, t->line, s->row_line.count);
    if (t->name == NULL) {
        return ERR_MEMORY;
    }
    memcpy(t->header, s->cell.item, s->cell.count * sizeof *t->header);
    t->cell = t->header + t->column_count;
    if (t->row_count > 0) {
        memcpy(t->line, s->row_line.item, s->row_line.count * sizeof *t->line);
    }
    *out = t;
    return ERR_OK;
}

// s->text: in the arena, with a NUL at [bytes]; it is changed.
static err_code table_parse_scan(table_scan *s, size_t header_bytes, uint32_t first_line, arena *a, table **out) {
    s->line = 1;
    err_code code = table_scan_all(s, s->name, header_bytes, first_line);
    if (code == ERR_OK) {
        code = table_keep(s, s->name, a, out);
    }
    mem_free(s->cell.item);
    mem_free(s->row_line.item);
    return code;
}

static err_code table_parse_owned(const char *name, char *text, size_t bytes, arena *a, table **out) {
    table_scan s = {.name = name, .text = text, .bytes = bytes};
    return table_parse_scan(&s, 0, 1, a, out);
}

err_code table_parse(const char *name, const char *text, size_t bytes, arena *a, table **out) {
    *out = NULL;
    char *copy = arena_text_n(a, text, bytes);
    return copy == NULL ? ERR_MEMORY : table_parse_owned(name, copy, bytes, a, out);
}

err_code table_load(const char *path, arena *a, table **out) {
    *out = NULL;
    char *text;
    size_t bytes;
    TRY(table_read_file(path, TABLE_FILE_BYTES_MAX, a, &text, &bytes));
    return table_parse_owned(path, text, bytes, a, out);
}

// --- streams ------------------------------------------------------------------------------------------------------

struct table_stream {
    const char *name;
    FILE *file;
    size_t piece_bytes;
    char *buffer;   // what was read and not yet given out
    size_t filled;  // bytes in it
    char *header;   // the header row as it stands in the file, with its line end
    size_t header_bytes;
    uint32_t line;  // where buffer begins
    bool at_end;
};

err_code table_stream_open(const char *path, size_t piece_bytes, arena *a, table_stream **out) {
    table_stream *s;
    struct stat about;
    *out = NULL;
    ARENA_NEW(a, s, 1);
    *s = (table_stream){.name = arena_text(a, path), .piece_bytes = piece_bytes, .line = 1};
    ARENA_NEW(a, s->buffer, piece_bytes);
    ARENA_NEW(a, s->header, piece_bytes);
    if (s->name == NULL) {
        return ERR_MEMORY;
    }
    TRY(table_open_file(path, &s->file, &about));
    *out = s;
    return ERR_OK;
}

void table_stream_close(table_stream *s) {
    if (s != NULL && s->file != NULL) {
        (void)fclose(s->file);
        s->file = NULL;
    }
}

// Bytes up to the end of the last whole row: a line end that is in no quotes. 0 if there is none.
static size_t table_rows_bytes(const char *text, size_t bytes) {
    bool quoted = false;
    size_t end = 0;
    for (size_t i = 0; i < bytes; i++) {
        quoted ^= text[i] == '"';
        end = text[i] == '\n' && !quoted ? i + 1 : end;
    }
    return end;
}

static err_code table_stream_fill(table_stream *s) {
    size_t wanted = s->piece_bytes - s->filled;
    size_t got = fread(s->buffer + s->filled, 1, wanted, s->file);
    if (ferror(s->file)) {
        return table_fail_read(s->name, errno);
    }
    s->at_end = got < wanted;
    s->filled += got;
    return ERR_OK;
}

err_code table_stream_next(table_stream *s, arena *a, table **out) {
    *out = NULL;
    if (s->at_end && s->filled == 0 && s->header_bytes > 0) {
        return ERR_OK;
    }
    if (!s->at_end) {
        TRY(table_stream_fill(s));
    }
    // A piece without a row end goes to the parser as it is, which says which quote is open or which line is too long.
    size_t take = s->at_end ? s->filled : table_rows_bytes(s->buffer, s->filled);
    take = take == 0 ? s->filled : take;
    table_scan scan = {.name = s->name, .bytes = s->header_bytes + take};
    ARENA_NEW(a, scan.text, scan.bytes + 1);
    memcpy(scan.text, s->header, s->header_bytes);
    memcpy(scan.text + s->header_bytes, s->buffer, take);
    TRY(table_parse_scan(&scan, s->header_bytes, s->line, a, out));
    if (s->header_bytes == 0) {
        s->header_bytes = scan.header_end;
        memcpy(s->header, s->buffer, s->header_bytes);
    }
    s->line = scan.line;
    s->filled -= take;
    memmove(s->buffer, s->buffer + take, s->filled);
    return ERR_OK;
}

// --- cells --------------------------------------------------------------------------------------------------------

const char *table_name(const table *t) {
    return t->name;
}

uint32_t table_row_count(const table *t) {
    return t->row_count;
}

uint32_t table_column_count(const table *t) {
    return t->column_count;
}

uint32_t table_column(const table *t, const char *name) {
    for (uint32_t i = 0; i < t->column_count; i++) {
        if (strcmp(table_column_name(t, i), name) == 0) {
            return i;
        }
    }
    return IX_NONE;
}

const char *table_column_name(const table *t, uint32_t column) {
    return column < t->column_count ? t->text + t->header[column] : "?";
}

err_code table_require(const table *t, const char *name, uint32_t *column_out) {
    *column_out = table_column(t, name);
    if (*column_out != IX_NONE) {
        return ERR_OK;
    }
    char list[TABLE_LIST_BYTES] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < t->column_count && used + TABLE_SHOWN_BYTES + 8 < sizeof list; i++) {
        const char *next = i + 1 < t->column_count ? ", " : "";
        int wrote =
            snprintf(list + used, sizeof list - used, "%.*s%s", TABLE_SHOWN_BYTES, table_column_name(t, i), next);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
    return err_raise(ERR_FORMAT, "%s:1: column '%s' is missing; the file has: %s", t->name, name, list);
}

const char *table_text(const table *t, uint32_t row, uint32_t column) {
    ASSERT(row < t->row_count && (column < t->column_count || column == IX_NONE));
    return column == IX_NONE ? "" : t->text + t->cell[(size_t)row * t->column_count + column];
}

bool table_is_empty(const table *t, uint32_t row, uint32_t column) {
    return table_text(t, row, column)[0] == '\0';
}

uint32_t table_line(const table *t, uint32_t row) {
    ASSERT(row < t->row_count);
    return t->line[row];
}

err_code table_fail(const table *t, uint32_t row, uint32_t column, err_code code, const char *fmt, ...) {
    char message[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    uint32_t line = row < t->row_count ? t->line[row] : 1;
    if (column >= t->column_count) {
        return err_raise(code, "%s:%u: %s", t->name, line, message);
    }
    return err_raise(code, "%s:%u: column '%.60s': %s", t->name, line, table_column_name(t, column), message);
}

// --- numbers ------------------------------------------------------------------------------------------------------

// A cell for a message: cut at a character's start, control characters shown as '?'.
static const char *table_shown(const char *cell, char out[TABLE_SHOWN_BYTES + 4]) {
    size_t length = strlen(cell), keep = length;
    if (length > TABLE_SHOWN_BYTES) {
        keep = TABLE_SHOWN_BYTES;
        while (keep > 0 && ((unsigned char)cell[keep] & 0xC0u) == 0x80u) {
            keep--;
        }
    }
    for (size_t i = 0; i < keep; i++) {
        out[i] = (unsigned char)cell[i] < 0x20 ? '?' : cell[i];
    }
    memcpy(out + keep, keep < length ? "..." : "", keep < length ? 4 : 1);
    return out;
}

static bool table_has_only(const char *cell, const char *allowed) {
    return cell[0] != '\0' && cell[strspn(cell, allowed)] == '\0';
}

// True for a plain decimal number; strtod alone would also take hexadecimal, nan and inf.
static bool table_parse_f64(const char *cell, double *out) {
    if (strlen(cell) > TABLE_NUMBER_BYTES_MAX || !table_has_only(cell, "0123456789+-.eE")) {
        return false;
    }
    char *end;
    *out = strtod(cell, &end);
    return *end == '\0' && end != cell && isfinite(*out);
}

// Explains a cell that is not the number wanted ("a number" or "a whole number").
static err_code table_fail_number(const table *t, uint32_t row, uint32_t column, const char *wanted) {
    const char *cell = table_text(t, row, column);
    char shown[TABLE_SHOWN_BYTES + 4], point[TABLE_NUMBER_BYTES_MAX + 1];
    if (cell[0] == '\0') {
        return table_fail(t, row, column, ERR_FORMAT, "is empty; %s is needed", wanted);
    }
    const char *comma = strchr(cell, ',');
    double ignored;
    if (comma != NULL && strlen(cell) < sizeof point) {
        memcpy(point, cell, strlen(cell) + 1);
        point[comma - cell] = '.';
        if (table_parse_f64(point, &ignored)) {
            return table_fail(t, row, column, ERR_FORMAT, "'%s' has a decimal comma; use a point: %s",
                              table_shown(cell, shown), point);
        }
    }
    return table_fail(t, row, column, ERR_FORMAT, "'%s' is not %s", table_shown(cell, shown), wanted);
}

err_code table_f64(const table *t, uint32_t row, uint32_t column, double min, double max, double *out) {
    const char *cell = table_text(t, row, column);
    double value;
    if (!table_parse_f64(cell, &value)) {
        return table_fail_number(t, row, column, "a number");
    }
    if (!(value >= min && value <= max)) {
        return table_fail(t, row, column, ERR_RANGE, "%s is outside %.12g to %.12g", cell, min, max);
    }
    *out = value;
    return ERR_OK;
}

err_code table_f64_or(const table *t, uint32_t row, uint32_t column, double min, double max, double fallback,
                      double *out) {
    if (table_is_empty(t, row, column)) {
        *out = fallback;
        return ERR_OK;
    }
    return table_f64(t, row, column, min, max, out);
}

err_code table_i64(const table *t, uint32_t row, uint32_t column, int64_t min, int64_t max, int64_t *out) {
    const char *cell = table_text(t, row, column);
    const char *digits = cell + (cell[0] == '-' || cell[0] == '+');
    if (!table_has_only(digits, "0123456789")) {
        return table_fail_number(t, row, column, "a whole number");
    }
    errno = 0;
    long long value = strtoll(cell, NULL, 10);
    if (errno == ERANGE || value < min || value > max) {
        char shown[TABLE_SHOWN_BYTES + 4];
        return table_fail(t, row, column, ERR_RANGE, "%s is outside %lld to %lld", table_shown(cell, shown),
                          (long long)min, (long long)max);
    }
    *out = value;
    return ERR_OK;
}

err_code table_i64_or(const table *t, uint32_t row, uint32_t column, int64_t min, int64_t max, int64_t fallback,
                      int64_t *out) {
    if (table_is_empty(t, row, column)) {
        *out = fallback;
        return ERR_OK;
    }
    return table_i64(t, row, column, min, max, out);
}

// --- ids ----------------------------------------------------------------------------------------------------------

struct idmap_slot {
    const char *key;  // NULL = free
    uint64_t hash;
    uint32_t ix;
};

err_code idmap_init(idmap *m, arena *a, uint32_t expected) {
    CHECK(expected < UINT32_C(1) << 30, ERR_RANGE, "%u ids are more than an id map can hold", expected);
    uint32_t capacity = 8;
    while (capacity < expected + expected / 2 + 1) {
        capacity *= 2;
    }
    *m = (idmap){.capacity = capacity};
    ARENA_NEW(a, m->slot, capacity);
    return ERR_OK;
}

// The slot of key, or the free slot where it would go.
static struct idmap_slot *idmap_probe(const idmap *m, const char *key, uint64_t hash) {
    uint32_t mask = m->capacity - 1;
    uint32_t i = (uint32_t)hash & mask;
    while (m->slot[i].key != NULL && (m->slot[i].hash != hash || strcmp(m->slot[i].key, key) != 0)) {
        i = (i + 1) & mask;
    }
    return &m->slot[i];
}

uint32_t idmap_put(idmap *m, const char *key, uint32_t ix) {
    uint64_t hash = hash_text(key);
    struct idmap_slot *slot = idmap_probe(m, key, hash);
    if (slot->key != NULL) {
        return slot->ix;
    }
    // One slot always stays free: a search for an absent key ends there.
    if (m->count + 1 >= m->capacity) {
        err_assert_failed("idmap has room for another id", __FILE__, __LINE__);
    }
    *slot = (struct idmap_slot){key, hash, ix};
    m->count++;
    return IX_NONE;
}

uint32_t idmap_find(const idmap *m, const char *key) {
    if (m->count == 0) {
        return IX_NONE;
    }
    const struct idmap_slot *slot = idmap_probe(m, key, hash_text(key));
    return slot->key != NULL ? slot->ix : IX_NONE;
}
