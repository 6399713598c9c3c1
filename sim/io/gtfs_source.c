#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zip.h>

#include "base/log.h"
#include "gtfs_parts.h"

enum { PATH_BYTES = 4096, NAME_BYTES = 512 };

#define MEMBER_MAX_BYTES ((zip_uint64_t)1 << 30)

struct gtfs_source {
    const char *path;
    zip_t *zip;          // NULL for a folder
    const char *prefix;  // folder inside the zip, "" or with its slash
};

const char *gtfs_source_path(const gtfs_source *s) {
    return s->path;
}

// The folder of a member whose last part is name, as a length; -1 if the member is another file. macOS puts shadow
// files in __MACOSX.
static int prefix_length(const char *member, const char *name) {
    size_t all = strlen(member), last = strlen(name);
    if (all < last || strcmp(member + all - last, name) != 0 || strncmp(member, "__MACOSX/", 9) == 0) {
        return -1;
    }
    bool whole = all == last || member[all - last - 1] == '/';
    return whole && all - last < NAME_BYTES ? (int)(all - last) : -1;
}

// Where in the zip the feed lies: the shortest folder with a stops.txt (or trips.txt, if that is the one missing).
static err_code find_prefix(gtfs_source *s, const char *name, arena *a, bool *found) {
    zip_int64_t count = zip_get_num_entries(s->zip, 0);
    int best = -1;
    bool twice = false;
    for (zip_int64_t i = 0; i < count; i++) {
        const char *member = zip_get_name(s->zip, (zip_uint64_t)i, 0);
        int length = member != NULL ? prefix_length(member, name) : -1;
        if (length < 0 || (best >= 0 && length > best)) {
            continue;
        }
        twice = length == best;
        best = length;
        s->prefix = arena_text_n(a, member, (size_t)length);
        if (s->prefix == NULL) {
            return ERR_MEMORY;
        }
    }
    CHECK(!twice || best <= 0, ERR_FORMAT, "%s: holds several feeds (several %s); give one of them", s->path, name);
    *found = best >= 0;
    return ERR_OK;
}

static err_code open_zip(gtfs_source *s, arena *a) {
    int number = 0;
    s->zip = zip_open(s->path, ZIP_RDONLY, &number);
    if (s->zip == NULL) {
        zip_error_t error;
        zip_error_init_with_code(&error, number);
        err_raise(ERR_FORMAT, "%s: is neither a folder nor a whole zip file (%s)", s->path, zip_error_strerror(&error));
        zip_error_fini(&error);
        return ERR_FORMAT;
    }
    bool found = false;
    s->prefix = "";
    TRY(find_prefix(s, "stops.txt", a, &found));
    return found ? ERR_OK : find_prefix(s, "trips.txt", a, &found);
}

err_code gtfs_source_open(const char *path, arena *a, gtfs_source **out) {
    *out = NULL;
    struct stat about;
    CHECK(stat(path, &about) == 0, ERR_FILE, "%s: there is no such folder or zip file; check the name", path);
    gtfs_source *s;
    ARENA_NEW(a, s, 1);
    s->path = arena_text(a, path);
    if (s->path == NULL) {
        return ERR_MEMORY;
    }
    *out = s;
    return S_ISDIR(about.st_mode) ? ERR_OK : open_zip(s, a);
}

void gtfs_source_close(gtfs_source *s) {
    if (s != NULL && s->zip != NULL) {
        zip_discard(s->zip);
        s->zip = NULL;
    }
}

static err_code member_path(const gtfs_source *s, const char *name, char path[PATH_BYTES]) {
    int length = snprintf(path, PATH_BYTES, "%s/%s%s", s->path, s->zip != NULL ? s->prefix : "", name);
    CHECK(length > 0 && length < PATH_BYTES, ERR_FILE, "%.200s...: the path is too long", s->path);
    return ERR_OK;
}

static zip_int64_t locate(const gtfs_source *s, const char *name) {
    char member[2 * NAME_BYTES];
    snprintf(member, sizeof member, "%s%s", s->prefix, name);
    return zip_name_locate(s->zip, member, 0);
}

bool gtfs_source_has(const gtfs_source *s, const char *name) {
    if (s->zip != NULL) {
        return locate(s, name) >= 0;
    }
    char path[PATH_BYTES];
    struct stat about;
    return member_path(s, name, path) == ERR_OK && stat(path, &about) == 0;
}

// --- rows of uneven length ------------------------------------------------------------------------------------------

// Many feeds, the sample feed of the specification among them, leave out empty cells at the end of a row, and some have
// more cells than the header. That harms nothing: missing cells are empty, further ones are left out. Lines keep their
// numbers. Everything else that may be wrong with the text is left for the table reader to say.

typedef struct row_shape {
    size_t end;   // of the row's content, before its line end
    size_t next;  // start of the next row
    size_t cut;   // end of the cell number `want`
    uint32_t cells;
} row_shape;

static row_shape measure_row(const char *bytes, size_t count, size_t at, uint32_t want) {
    row_shape row = {.cells = 1};
    bool quoted = false, cell_start = true;
    for (; at < count; at++) {
        char c = bytes[at];
        if (c == '"') {
            quoted = quoted ? false : cell_start || bytes[at - 1] == '"';
        } else if (!quoted && (c == ',' || c == '\n')) {
            row.cut = row.cells == want ? at : row.cut;
            if (c == '\n') {
                break;
            }
            row.cells++;
        }
        cell_start = !quoted && (c == ',' || (cell_start && (c == ' ' || c == '\t')));
    }
    row.next = at < count ? at + 1 : count;
    row.end = at > 0 && at < count && bytes[at - 1] == '\r' ? at - 1 : at;
    return row;
}

static bool is_uneven(const row_shape *row, size_t start, uint32_t want) {
    return row->cells != want && row->end > start;
}

// Room for the text with even rows; 0 if it is even already (or too large to be evened: then it is refused as it is).
static size_t even_size(const char *bytes, size_t count, uint32_t *uneven) {
    uint32_t want = measure_row(bytes, count, 0, 0).cells;
    uint64_t size = 0;
    *uneven = 0;
    for (size_t at = 0; at < count;) {
        row_shape row = measure_row(bytes, count, at, want);
        bool odd = is_uneven(&row, at, want);
        *uneven += odd ? 1 : 0;
        size += row.next - at + (odd && row.cells < want ? want - row.cells : 0);
        at = row.next;
    }
    return *uneven > 0 && size < MEMBER_MAX_BYTES ? (size_t)size : 0;
}

static size_t make_even(const char *bytes, size_t count, char *out) {
    uint32_t want = measure_row(bytes, count, 0, 0).cells;
    size_t used = 0;
    for (size_t at = 0; at < count;) {
        row_shape row = measure_row(bytes, count, at, want);
        bool odd = is_uneven(&row, at, want);
        size_t end = odd && row.cells > want ? row.cut : row.end;
        memcpy(out + used, bytes + at, end - at);
        used += end - at;
        for (uint32_t missing = row.cells; odd && missing < want; missing++) {
            out[used++] = ',';
        }
        memcpy(out + used, bytes + row.end, row.next - row.end);
        used += row.next - row.end;
        at = row.next;
    }
    return used;
}

static err_code parse_table(const char *path, const char *bytes, size_t count, arena *a, table **out) {
    uint32_t uneven = 0;
    size_t room = even_size(bytes, count, &uneven);
    if (room == 0) {
        return table_parse(path, bytes, count, a, out);
    }
    char *even = mem_alloc(room);
    if (even == NULL) {
        return ERR_MEMORY;
    }
    size_t used = make_even(bytes, count, even);
    err_code code = table_parse(path, even, used, a, out);
    mem_free(even);
    if (code == ERR_OK) {
        log_warn("%s: %u rows have fewer or more cells than the header; missing cells are empty", path, uneven);
    }
    return code;
}

static err_code read_folder_table(const char *path, arena *a, table **out) {
    arena raw;
    arena_init(&raw);
    char *bytes = NULL;
    size_t count = 0;
    err_code code = table_read_file(path, MEMBER_MAX_BYTES, &raw, &bytes, &count);
    if (code == ERR_OK) {
        code = parse_table(path, bytes, count, a, out);
    }
    arena_free(&raw);
    return code;
}

// --- zip ------------------------------------------------------------------------------------------------------------

// The whole member, its size taken from the directory and checked against what comes out.
static err_code read_member(zip_file_t *f, const char *path, char *out, size_t bytes) {
    size_t used = 0;
    while (used < bytes) {
        zip_int64_t got = zip_fread(f, out + used, bytes - used);
        CHECK(got > 0, ERR_FORMAT, "%s: the zip file is damaged here; fetch it again", path);
        used += (size_t)got;
    }
    char more;
    CHECK(zip_fread(f, &more, 1) == 0, ERR_FORMAT,
          "%s: the zip file is damaged here (checksum or size); fetch it again", path);
    return ERR_OK;
}

static err_code read_zip_table(gtfs_source *s, const char *name, const char *path, arena *a, table **out) {
    zip_int64_t ix = locate(s, name);
    CHECK(ix >= 0, ERR_FILE, "%s: is not in the zip file; a GTFS feed needs it", path);
    zip_stat_t about;
    zip_stat_init(&about);
    CHECK(zip_stat_index(s->zip, (zip_uint64_t)ix, 0, &about) == 0 && (about.valid & ZIP_STAT_SIZE) != 0, ERR_FORMAT,
          "%s: the zip file does not say how large it is", path);
    CHECK(about.size <= MEMBER_MAX_BYTES, ERR_FORMAT, "%s: is larger than %llu bytes, the most that is read", path,
          (unsigned long long)MEMBER_MAX_BYTES);
    zip_file_t *f = zip_fopen_index(s->zip, (zip_uint64_t)ix, 0);
    if (f == NULL) {
        return err_raise(ERR_FORMAT, "%s: cannot be unpacked (%s)", path, zip_strerror(s->zip));
    }
    size_t bytes = (size_t)about.size;
    char *bytes_read = mem_alloc(bytes + 1);
    err_code code = bytes_read == NULL ? ERR_MEMORY : read_member(f, path, bytes_read, bytes);
    zip_fclose(f);
    if (code == ERR_OK) {
        code = parse_table(path, bytes_read, bytes, a, out);
    }
    mem_free(bytes_read);
    return code;
}

err_code gtfs_source_table(gtfs_source *s, const char *name, arena *a, table **out) {
    char path[PATH_BYTES];
    TRY(member_path(s, name, path));
    return s->zip != NULL ? read_zip_table(s, name, path, a, out) : read_folder_table(path, a, out);
}
