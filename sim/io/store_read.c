// Reading a results file back for `show`. The file may be anything: every type, extent and text is checked before it
// is used, and sizes are bounded before memory is taken.
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "store_internal.h"

enum { YEARS_MAX = 1000, REPLICATIONS_MAX = 10000, ZONES_MAX = 1000000 };

// Sticky errors, as when writing.
typedef struct reader {
    err_code code;
    const char *path;
    hid_t file;
} reader;

static void damaged(reader *d, const char *name, const char *how) {
    if (d->code == ERR_OK) {
        d->code = err_raise(ERR_FORMAT, "%s: %s %s; the file is damaged or incomplete: run the scenario again", d->path,
                            name, how);
    }
}

static hid_t open_dataset(reader *d, const char *name) {
    hid_t id = d->code == ERR_OK ? H5Dopen2(d->file, name, H5P_DEFAULT) : -1;
    if (id < 0) {
        damaged(d, name, "is missing");
    }
    return id;
}

// Extents of a dataset; false (and d failed) unless it has this rank.
static bool extent_of(reader *d, hid_t id, const char *name, int rank, hsize_t *size) {
    hid_t space = H5Dget_space(id);
    bool ok = space >= 0 && H5Sget_simple_extent_ndims(space) == rank;
    if (ok && rank > 0) {
        ok = H5Sget_simple_extent_dims(space, size, NULL) == rank;
    }
    H5Sclose(space);
    if (!ok) {
        damaged(d, name, "has other dimensions than expected");
    }
    return ok;
}

static bool is_class(hid_t id, H5T_class_t wanted) {
    hid_t type = H5Dget_type(id);
    bool ok = type >= 0 && H5Tget_class(type) == wanted;
    H5Tclose(type);
    return ok;
}

// Length of a one-dimensional dataset, at most `most`.
static uint32_t length_of(reader *d, const char *name, uint32_t most) {
    hsize_t size = 0;
    hid_t id = open_dataset(d, name);
    if (id >= 0 && extent_of(d, id, name, 1, &size) && size > most) {
        damaged(d, name, "is too long");
    }
    if (id >= 0) {
        H5Dclose(id);
    }
    return d->code == ERR_OK ? (uint32_t)size : 0;
}

// A whole dataset of numbers with exactly these extents, converted to memory_type.
static void read_numbers(reader *d, const char *name, int rank, const hsize_t *size, hid_t memory_type, void *out) {
    hsize_t have[2] = {0};
    hid_t id = open_dataset(d, name);
    if (id < 0) {
        return;
    }
    if (extent_of(d, id, name, rank, have)) {
        bool ok = memcmp(have, size, (size_t)rank * sizeof *have) == 0;
        ok = ok && (is_class(id, H5T_INTEGER) || is_class(id, H5T_FLOAT));
        bool empty = size[0] == 0 || (rank == 2 && size[1] == 0);
        if (!ok || (!empty && H5Dread(id, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) < 0)) {
            damaged(d, name, "cannot be read");
        }
    }
    H5Dclose(id);
}

static hid_t text_type(void) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

static bool is_text(hid_t type) {
    return type >= 0 && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) > 0;
}

// Shortens at a whole UTF-8 character.
static void copy_text(char *to, size_t room, const char *from) {
    size_t length = from == NULL ? 0 : strlen(from);
    if (length >= room) {
        length = room - 1;
        while (length > 0 && ((unsigned char)from[length] & 0xC0) == 0x80) {
            length--;
        }
    }
    memcpy(to, from == NULL ? "" : from, length);
    to[length] = '\0';
}

static void read_attribute_text(reader *d, const char *object, const char *name, char *out, size_t room) {
    out[0] = '\0';
    if (d->code != ERR_OK) {
        return;
    }
    char *value = NULL;
    hid_t id = H5Aopen_by_name(d->file, object, name, H5P_DEFAULT, H5P_DEFAULT);
    hid_t file_type = id < 0 ? -1 : H5Aget_type(id);
    hid_t space = id < 0 ? -1 : H5Aget_space(id);
    hid_t type = text_type();
    if (is_text(file_type) && H5Sget_simple_extent_npoints(space) == 1 && H5Aread(id, type, &value) >= 0) {
        copy_text(out, room, value);
        H5free_memory(value);
    } else {
        damaged(d, name, "(attribute) is missing or no text");
    }
    H5Tclose(type);
    H5Sclose(space);
    H5Tclose(file_type);
    H5Aclose(id);
}

static void read_attribute_number(reader *d, const char *object, const char *name, hid_t memory_type, void *out) {
    if (d->code != ERR_OK) {
        return;
    }
    hid_t id = H5Aopen_by_name(d->file, object, name, H5P_DEFAULT, H5P_DEFAULT);
    hid_t type = id < 0 ? -1 : H5Aget_type(id);
    hid_t space = id < 0 ? -1 : H5Aget_space(id);
    bool number = type >= 0 && (H5Tget_class(type) == H5T_INTEGER || H5Tget_class(type) == H5T_FLOAT);
    if (!number || H5Sget_simple_extent_npoints(space) != 1 || H5Aread(id, memory_type, out) < 0) {
        damaged(d, name, "(attribute) is missing or no number");
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(id);
}

// One text a verdict, into the member at `offset` of v[0 .. count).
static void read_sentences(reader *d, const char *name, uint32_t count, result_verdict *v, size_t offset, size_t room,
                           arena *a) {
    hsize_t size = 0;
    hid_t id = open_dataset(d, name);
    if (id < 0) {
        return;
    }
    char **value = arena_alloc(a, count, sizeof *value);
    hid_t file_type = H5Dget_type(id);
    hid_t type = text_type();
    if (value == NULL) {
        d->code = ERR_MEMORY;
    } else if (extent_of(d, id, name, 1, &size)) {
        if (size != count || !is_text(file_type) ||
            (count > 0 && H5Dread(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) < 0)) {
            damaged(d, name, "cannot be read");
        }
        for (uint32_t i = 0; d->code == ERR_OK && i < count; i++) {
            copy_text((char *)&v[i] + offset, room, value[i]);
            H5free_memory(value[i]);
        }
    }
    H5Tclose(type);
    H5Tclose(file_type);
    H5Dclose(id);
}

static void read_verdicts(reader *d, store_summary *s, arena *a) {
    static const struct {
        const char *name;
        size_t offset;
    } number[] = {
        {"/verdict/index_pct", offsetof(result_verdict, index_pct)},
        {"/verdict/low_pct", offsetof(result_verdict, low_pct)},
        {"/verdict/high_pct", offsetof(result_verdict, high_pct)},
        {"/verdict/t_low_pct", offsetof(result_verdict, t_low_pct)},
        {"/verdict/t_high_pct", offsetof(result_verdict, t_high_pct)},
        {"/verdict/probability_at_or_below", offsetof(result_verdict, probability_at_or_below)},
    };
    const uint32_t n = s->year_count - 1;
    const hsize_t size = n;
    double value[YEARS_MAX];
    uint32_t pairs[YEARS_MAX];
    uint32_t settle[YEARS_MAX];
    int8_t code[YEARS_MAX];
    result_verdict *v = s->verdict + 1;
    for (size_t i = 0; i < sizeof number / sizeof number[0]; i++) {
        read_numbers(d, number[i].name, 1, &size, H5T_NATIVE_DOUBLE, value);
        for (uint32_t y = 0; d->code == ERR_OK && y < n; y++) {
            memcpy((char *)&v[y] + number[i].offset, &value[y], sizeof value[y]);
        }
    }
    read_numbers(d, "/verdict/replications", 1, &size, H5T_NATIVE_UINT32, pairs);
    read_numbers(d, "/verdict/replications_to_settle", 1, &size, H5T_NATIVE_UINT32, settle);
    read_numbers(d, "/verdict/code", 1, &size, H5T_NATIVE_INT8, code);
    for (uint32_t y = 0; d->code == ERR_OK && y < n; y++) {
        if (code[y] < VERDICT_HOLDS || code[y] > VERDICT_NOT_SHOWN) {
            damaged(d, "/verdict/code", "has an unknown value");
            return;
        }
        v[y].code = (verdict_code)code[y];
        v[y].replications = pairs[y];
        v[y].replications_to_settle = settle[y];
    }
    read_sentences(d, "/verdict/sentence_nb", n, v, offsetof(result_verdict, sentence_nb), sizeof v->sentence_nb, a);
    read_sentences(d, "/verdict/sentence_en", n, v, offsetof(result_verdict, sentence_en), sizeof v->sentence_en, a);
}

// One member (a double) of the `count` structs of `step` bytes that each verdict holds from `offset`; older minor
// versions have no such dataset.
static void read_verdict_cells(reader *d, const char *name, store_summary *s, hsize_t count, size_t offset, size_t step,
                               arena *a) {
    const uint32_t n = s->year_count - 1;
    const hsize_t size[2] = {n, count};
    char path[96];
    snprintf(path, sizeof path, "/verdict/%s", name);
    double *value = d->code == ERR_OK ? arena_alloc(a, (size_t)n * count, sizeof *value) : NULL;
    if (value == NULL) {
        d->code = d->code == ERR_OK ? ERR_MEMORY : d->code;
        return;
    }
    if (H5Lexists(d->file, path, H5P_DEFAULT) > 0) {
        read_numbers(d, path, 2, size, H5T_NATIVE_DOUBLE, value);
    } else {
        for (size_t i = 0; i < (size_t)n * count; i++) {
            value[i] = (double)NAN;
        }
    }
    for (size_t i = 0; d->code == ERR_OK && i < (size_t)n * count; i++) {
        memcpy((char *)&s->verdict[1 + i / count] + offset + i % count * step, &value[i], sizeof value[i]);
    }
}

static void read_measures(reader *d, store_summary *s, arena *a) {
#define AT(member) (offsetof(result_verdict, measure) + offsetof(result_measure, member))
    static const struct {
        const char *name;
        size_t offset;
    } number[] = {
        {"measure_change_pct", AT(change_pct)}, {"measure_low_pct", AT(low_pct)},
        {"measure_high_pct", AT(high_pct)},     {"measure_t_low_pct", AT(t_low_pct)},
        {"measure_t_high_pct", AT(t_high_pct)}, {"measure_probability_at_or_below", AT(probability_at_or_below)}};
#undef AT
    for (size_t i = 0; i < sizeof number / sizeof number[0]; i++) {
        read_verdict_cells(d, number[i].name, s, RESULT_MEASURE_COUNT, number[i].offset, sizeof(result_measure), a);
    }
    const hsize_t size[2] = {s->year_count - 1, RESULT_MEASURE_COUNT};
    int8_t *code = d->code == ERR_OK ? arena_alloc(a, size[0] * size[1], sizeof *code) : NULL;
    bool there = code != NULL && H5Lexists(d->file, "/verdict/measure_code", H5P_DEFAULT) > 0;
    if (there) {
        read_numbers(d, "/verdict/measure_code", 2, size, H5T_NATIVE_INT8, code);
    }
    for (size_t i = 0; d->code == ERR_OK && code != NULL && i < size[0] * size[1]; i++) {
        if (there && (code[i] < VERDICT_HOLDS || code[i] > VERDICT_NOT_SHOWN)) {
            damaged(d, "/verdict/measure_code", "has an unknown value");
            return;
        }
        s->verdict[1 + i / RESULT_MEASURE_COUNT].measure[i % RESULT_MEASURE_COUNT].code =
            there ? (verdict_code)code[i] : VERDICT_NOT_SHOWN;
    }
}

static void read_point_indices(reader *d, store_summary *s, arena *a) {
#define AT(member) (offsetof(result_verdict, point_index) + offsetof(result_point_index, member))
    static const struct {
        const char *name;
        size_t offset;
    } number[] = {{"points_index_pct", AT(index_pct)}, {"points_low_pct", AT(low_pct)},
                  {"points_high_pct", AT(high_pct)},   {"points_sd_pct", AT(sd_pct)},
                  {"points_se_pct", AT(se_pct)},       {"points_n_effective", AT(n_effective)}};
#undef AT
    for (size_t i = 0; i < sizeof number / sizeof number[0]; i++) {
        read_verdict_cells(d, number[i].name, s, 2, number[i].offset, sizeof(result_point_index), a);
    }
    const hsize_t size[2] = {s->year_count - 1, 2};
    uint32_t *points = d->code == ERR_OK ? arena_alloc(a, size[0] * 2, sizeof *points) : NULL;
    if (points != NULL && H5Lexists(d->file, "/verdict/points_points", H5P_DEFAULT) > 0) {
        read_numbers(d, "/verdict/points_points", 2, size, H5T_NATIVE_UINT32, points);
        read_sentences(d, "/verdict/index_sentence_nb", s->year_count - 1, s->verdict + 1,
                       offsetof(result_verdict, sentence_index_nb), sizeof s->verdict->sentence_index_nb, a);
    }
    for (size_t i = 0; d->code == ERR_OK && points != NULL && i < size[0] * 2; i++) {
        s->verdict[1 + i / 2].point_index[i % 2].points = points[i];
    }
}

// Texts of a one-dimensional dataset, hashed in order.
static uint64_t hash_texts(reader *d, const char *name, arena *a) {
    uint32_t count = length_of(d, name, ZONES_MAX);
    uint64_t h = hash_u64(HASH_SEED, count);
    hid_t id = d->code == ERR_OK ? open_dataset(d, name) : -1;
    if (id < 0) {
        return h;
    }
    char **value = arena_alloc(a, count, sizeof *value);
    hid_t file_type = H5Dget_type(id);
    hid_t type = text_type();
    if (value == NULL) {
        d->code = ERR_MEMORY;
    } else if (!is_text(file_type) || (count > 0 && H5Dread(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) < 0)) {
        damaged(d, name, "cannot be read");
    }
    for (uint32_t i = 0; d->code == ERR_OK && i < count; i++) {
        const char *given = value[i] == NULL ? "" : value[i];
        h = hash_bytes(h, given, strlen(given) + 1);
        H5free_memory(value[i]);
    }
    H5Tclose(type);
    H5Tclose(file_type);
    H5Dclose(id);
    return hash_finish(h);
}

// The value of a top-level number of the effective scenario; NAN if absent.
static double scenario_number(const char *yaml, const char *key) {
    size_t length = strlen(key);
    for (const char *line = yaml; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n' ? 1 : 0;
        if (strncmp(line, key, length) == 0 && line[length] == ':') {
            return strtod(line + length + 1, NULL);
        }
    }
    return (double)NAN;
}

// The effective scenario: one text.
static void read_scenario_text(reader *d, store_summary *s, arena *a) {
    char *value = NULL;
    hid_t id = d->code == ERR_OK ? open_dataset(d, "/scenario_yaml") : -1;
    if (id < 0) {
        return;
    }
    hid_t file_type = H5Dget_type(id);
    hid_t type = text_type();
    if (extent_of(d, id, "/scenario_yaml", 0, NULL) && is_text(file_type) &&
        H5Dread(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value) >= 0) {
        s->scenario_yaml = arena_text(a, value == NULL ? "" : value);
        s->scale = s->scenario_yaml == NULL ? (double)NAN : scenario_number(s->scenario_yaml, "scale");
        d->code = s->scenario_yaml == NULL ? ERR_MEMORY : d->code;
        H5free_memory(value);
    } else {
        damaged(d, "/scenario_yaml", "cannot be read");
    }
    H5Tclose(type);
    H5Tclose(file_type);
    H5Dclose(id);
}

// A file of an older minor version may lack an indicator: its values stay NAN.
static void read_indicators(reader *d, store_summary *s) {
    const hsize_t size[2] = {s->year_count, s->replications};
    for (int i = 0; i < RESULT_INDICATOR_COUNT && d->code == ERR_OK; i++) {
        char name[96];
        double *value = s->indicator + (size_t)i * s->year_count * s->replications;
        for (size_t k = 0; k < (size_t)s->year_count * s->replications; k++) {
            value[k] = (double)NAN;
        }
        snprintf(name, sizeof name, "/indicators/%s", result_indicator_name((result_indicator)i));
        if (H5Lexists(d->file, name, H5P_DEFAULT) > 0) {
            read_numbers(d, name, 2, size, H5T_NATIVE_DOUBLE, value);
        }
    }
}

static void read_converged(reader *d, store_summary *s, arena *a) {
    const hsize_t size[2] = {s->year_count, s->replications};
    int8_t *value = arena_alloc(a, (size_t)s->year_count * s->replications, sizeof *value);
    if (value == NULL) {
        d->code = ERR_MEMORY;
        return;
    }
    read_numbers(d, "/convergence/converged", 2, size, H5T_NATIVE_INT8, value);
    for (uint32_t y = 0; y < s->year_count; y++) {
        s->converged[y] = true;
        for (uint32_t k = 0; k < s->replications; k++) {
            s->converged[y] = s->converged[y] && value[(size_t)y * s->replications + k] != 0;
        }
    }
}

static err_code alloc_summary(arena *a, store_summary *s) {
    ARENA_NEW(a, s->year, s->year_count);
    ARENA_NEW(a, s->converged, s->year_count);
    ARENA_NEW(a, s->verdict, s->year_count);
    ARENA_NEW(a, s->indicator, (size_t)RESULT_INDICATOR_COUNT * s->year_count * s->replications);
    return ERR_OK;
}

// Is it ours, and of a version this program knows?
static void read_header(reader *d, store_summary *s) {
    char program[32];
    if (H5Aexists(d->file, "program") <= 0 || H5Aexists(d->file, "format_version") <= 0) {
        d->code = err_raise(ERR_FORMAT, "%s: is an HDF5 file but not a results file of vestsim", d->path);
        return;
    }
    read_attribute_text(d, "/", "program", program, sizeof program);
    read_attribute_text(d, "/", "format_version", s->format_version, sizeof s->format_version);
    if (d->code == ERR_OK && strcmp(program, "vestsim") != 0) {
        d->code = err_raise(ERR_FORMAT, "%s: is an HDF5 file but not a results file of vestsim", d->path);
    }
    if (d->code == ERR_OK && strtol(s->format_version, NULL, 10) != strtol(STORE_FORMAT_VERSION, NULL, 10)) {
        d->code = err_raise(
            ERR_FORMAT, "%s: has format version %s, this program reads %s: use the version of vestsim that wrote it",
            d->path, s->format_version, STORE_FORMAT_VERSION);
    }
    read_attribute_text(d, "/", "title", s->title, sizeof s->title);
    read_attribute_text(d, "/", "scenario", s->scenario_name, sizeof s->scenario_name);
    read_attribute_text(d, "/", "program_version", s->program_version, sizeof s->program_version);
    read_attribute_text(d, "/", "git_commit", s->git_commit, sizeof s->git_commit);
    read_attribute_number(d, "/", "seed", H5T_NATIVE_UINT32, &s->seed);
    read_attribute_number(d, "/", "today_year", H5T_NATIVE_INT, &s->today_year);
    if (d->code == ERR_OK && H5Lexists(d->file, "verdict", H5P_DEFAULT) <= 0) {
        damaged(d, "/verdict", "is missing");
    }
    read_attribute_number(d, "/verdict", "confidence", H5T_NATIVE_DOUBLE, &s->confidence);
}

static err_code read_summary(reader *d, arena *a, store_summary *s) {
    read_header(d, s);
    s->year_count = length_of(d, "/indicators/year", YEARS_MAX);
    s->replications = length_of(d, "/indicators/replication", REPLICATIONS_MAX);
    TRY(d->code);
    CHECK(s->year_count > 0 && s->replications > 0, ERR_FORMAT, "%s: has no years or no replications", d->path);
    TRY(alloc_summary(a, s));
    const hsize_t years = s->year_count;
    _Static_assert(sizeof(int) == sizeof(int32_t), "years are read as they are");
    read_numbers(d, "/indicators/year", 1, &years, H5T_NATIVE_INT, s->year);
    read_indicators(d, s);
    if (d->code == ERR_OK) {
        read_converged(d, s, a);
    }
    if (d->code == ERR_OK) {
        read_verdicts(d, s, a);
    }
    read_measures(d, s, a);
    read_point_indices(d, s, a);
    s->town_hash = hash_texts(d, "/zones/zone", a);
    read_scenario_text(d, s, a);
    return d->code;
}

static err_code check_readable(const char *path) {
    struct stat st;
    CHECK(stat(path, &st) == 0, ERR_FILE, "%s: %s; name a results file written by `vestsim run`", path,
          strerror(errno));
    CHECK(S_ISREG(st.st_mode), ERR_FILE, "%s: is not a regular file; name a results file written by `vestsim run`",
          path);
    FILE *f = fopen(path, "rb");
    CHECK(f != NULL, ERR_FILE, "%s: cannot be read (%s)", path, strerror(errno));
    (void)fclose(f);
    CHECK(H5Fis_hdf5(path) > 0, ERR_FORMAT, "%s: is not an HDF5 file; name a results file written by `vestsim run`",
          path);
    return ERR_OK;
}

err_code store_read_summary(const char *path, arena *a, store_summary *out) {
    store_silence();
    memset(out, 0, sizeof *out);
    TRY(check_readable(path));
    hid_t fapl = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_file_locking(fapl, false, true);  // network file systems without locks are common on clusters
    reader d = {.code = ERR_OK, .path = path, .file = H5Fopen(path, H5F_ACC_RDONLY, fapl)};
    H5Pclose(fapl);
    CHECK(d.file >= 0, ERR_FORMAT, "%s: cannot be opened: it is damaged or cut short; run the scenario again", path);
    err_code code = read_summary(&d, a, out);
    H5Fclose(d.file);
    return code;
}
