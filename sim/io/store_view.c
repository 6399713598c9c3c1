#include "io/store_view.h"

#include <string.h>

#include "store_internal.h"

enum { VALUES_MAX = 1 << 28, NAMES_MAX = 4096 };

struct store_view {
    const char *path;
    hid_t file;
    store_summary summary;
};

static err_code damaged(const store_view *v, const char *name, const char *how) {
    return err_raise(ERR_FORMAT, "%s: %s %s; the file is damaged or incomplete: run the scenario again", v->path, name,
                     how);
}

err_code store_view_open(const char *path, arena *a, store_view **out) {
    ARENA_NEW(a, *out, 1);
    store_view *v = *out;
    v->file = -1;
    v->path = arena_text(a, path);
    CHECK(v->path != NULL, ERR_MEMORY, "out of memory");
    TRY(store_read_summary(path, a, &v->summary));
    hid_t fapl = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_file_locking(fapl, false, true);
    v->file = H5Fopen(path, H5F_ACC_RDONLY, fapl);
    H5Pclose(fapl);
    CHECK(v->file >= 0, ERR_FORMAT, "%s: cannot be opened: it is damaged or cut short; run the scenario again", path);
    return ERR_OK;
}

void store_view_close(store_view *v) {
    if (v != NULL && v->file >= 0) {
        H5Fclose(v->file);
        v->file = -1;
    }
}

const char *store_view_path(const store_view *v) {
    return v->path;
}

const store_summary *store_view_summary(const store_view *v) {
    return &v->summary;
}

// A path is there when each of its groups is: HDF5 does not look through missing ones.
bool store_view_has(const store_view *v, const char *name) {
    char part[256];
    size_t length = strlen(name);
    if (length == 0 || length >= sizeof part || name[0] != '/') {
        return false;
    }
    for (size_t i = 1; i <= length; i++) {
        if (name[i] == '/' || name[i] == '\0') {
            memcpy(part, name, i);
            part[i] = '\0';
            if (H5Lexists(v->file, part, H5P_DEFAULT) <= 0) {
                return false;
            }
        }
    }
    return true;
}

static bool shape_of(hid_t id, store_shape *out) {
    hsize_t size[H5S_MAX_RANK];
    hid_t space = H5Dget_space(id);
    int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    bool ok = rank >= 0 && rank <= STORE_VIEW_RANK_MAX;
    ok = ok && (rank == 0 || H5Sget_simple_extent_dims(space, size, NULL) == rank);
    H5Sclose(space);
    *out = (store_shape){.rank = ok ? (uint32_t)rank : 0, .count = 1};
    for (int i = 0; ok && i < rank; i++) {
        ok = size[i] <= VALUES_MAX;
        out->size[i] = (size_t)size[i];
        out->count *= (size_t)size[i];
        ok = ok && out->count <= VALUES_MAX;
    }
    return ok;
}

static bool is_class(hid_t id, H5T_class_t wanted, H5T_class_t or_this) {
    hid_t type = H5Dget_type(id);
    H5T_class_t found = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
    bool ok = found == wanted || found == or_this;
    if (ok && found == H5T_STRING) {
        ok = H5Tis_variable_str(type) > 0;
    }
    H5Tclose(type);
    return ok;
}

// Opens a dataset, of texts or of numbers; the caller closes it.
static err_code open_dataset(const store_view *v, const char *name, bool texts, hid_t *id, store_shape *shape) {
    *id = store_view_has(v, name) ? H5Dopen2(v->file, name, H5P_DEFAULT) : -1;
    if (*id < 0) {
        return damaged(v, name, "is missing");
    }
    bool right = texts ? is_class(*id, H5T_STRING, H5T_STRING) : is_class(*id, H5T_INTEGER, H5T_FLOAT);
    if (!right || !shape_of(*id, shape)) {
        H5Dclose(*id);
        return damaged(v, name, "has another type or other dimensions than expected");
    }
    return ERR_OK;
}

err_code store_view_shape(const store_view *v, const char *name, store_shape *out) {
    hid_t id = -1;
    TRY(open_dataset(v, name, false, &id, out));
    H5Dclose(id);
    return ERR_OK;
}

err_code store_view_numbers(const store_view *v, const char *name, uint32_t rank, arena *a, store_shape *shape,
                            double **out) {
    hid_t id = -1;
    TRY(open_dataset(v, name, false, &id, shape));
    err_code code = shape->rank == rank ? ERR_OK : damaged(v, name, "has other dimensions than expected");
    *out = code == ERR_OK ? arena_alloc(a, shape->count, sizeof **out) : NULL;
    if (code == ERR_OK && *out == NULL) {
        code = err_raise(ERR_MEMORY, "out of memory for %s of %s", name, v->path);
    }
    if (code == ERR_OK && shape->count > 0 && H5Dread(id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, *out) < 0) {
        code = damaged(v, name, "cannot be read");
    }
    H5Dclose(id);
    return code;
}

err_code store_view_ids(const store_view *v, const char *name, arena *a, size_t *count, uint64_t **out) {
    hid_t id = -1;
    store_shape shape;
    TRY(open_dataset(v, name, false, &id, &shape));
    err_code code = shape.rank == 1 ? ERR_OK : damaged(v, name, "has other dimensions than expected");
    *count = shape.count;
    *out = code == ERR_OK ? arena_alloc(a, shape.count, sizeof **out) : NULL;
    if (code == ERR_OK && *out == NULL) {
        code = err_raise(ERR_MEMORY, "out of memory for %s of %s", name, v->path);
    }
    if (code == ERR_OK && shape.count > 0 && H5Dread(id, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, *out) < 0) {
        code = damaged(v, name, "cannot be read");
    }
    H5Dclose(id);
    return code;
}

static herr_t read_part(hid_t id, const store_shape *shape, uint32_t fixed, const size_t *at, float *out) {
    hsize_t start[STORE_VIEW_RANK_MAX] = {0};
    hsize_t count[STORE_VIEW_RANK_MAX];
    for (uint32_t i = 0; i < shape->rank; i++) {
        start[i] = i < fixed ? at[i] : 0;
        count[i] = i < fixed ? 1 : shape->size[i];
    }
    hid_t space = H5Dget_space(id);
    hid_t memory = H5Screate_simple((int)shape->rank, count, NULL);
    herr_t status = H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    status = status < 0 ? status : H5Dread(id, H5T_NATIVE_FLOAT, memory, space, H5P_DEFAULT, out);
    H5Sclose(memory);
    H5Sclose(space);
    return status;
}

err_code store_view_part(const store_view *v, const char *name, uint32_t fixed, const size_t *at, float *out,
                         size_t room) {
    hid_t id = -1;
    store_shape shape;
    TRY(open_dataset(v, name, false, &id, &shape));
    bool ok = shape.rank >= fixed && shape.rank > 0;
    size_t wanted = 1;
    for (uint32_t i = 0; ok && i < shape.rank; i++) {
        ok = i >= fixed || at[i] < shape.size[i];
        wanted *= i < fixed ? 1 : shape.size[i];
    }
    err_code code = ok && wanted == room ? ERR_OK : damaged(v, name, "has other dimensions than expected");
    if (code == ERR_OK && room > 0 && read_part(id, &shape, fixed, at, out) < 0) {
        code = damaged(v, name, "cannot be read");
    }
    H5Dclose(id);
    return code;
}

static hid_t text_type(void) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

// HDF5 owns what it gives: copied into the arena, then freed.
static err_code keep_texts(char **raw, uint32_t count, arena *a, const char ***out) {
    err_code code = ERR_OK;
    *out = arena_alloc(a, count, sizeof **out);
    for (uint32_t i = 0; i < count; i++) {
        const char *copy = *out == NULL ? NULL : arena_text(a, raw[i] == NULL ? "" : raw[i]);
        if (copy == NULL) {
            code = ERR_MEMORY;
        } else {
            (*out)[i] = copy;
        }
        H5free_memory(raw[i]);
    }
    return code == ERR_OK && *out != NULL ? ERR_OK : err_raise(ERR_MEMORY, "out of memory for texts");
}

err_code store_view_texts(const store_view *v, const char *name, arena *a, uint32_t *count, const char ***out) {
    hid_t id = -1;
    store_shape shape;
    TRY(open_dataset(v, name, true, &id, &shape));
    err_code code = shape.rank <= 1 ? ERR_OK : damaged(v, name, "has other dimensions than expected");
    *count = (uint32_t)shape.count;
    char **raw = code == ERR_OK ? mem_alloc((shape.count + 1) * sizeof *raw) : NULL;
    if (code == ERR_OK && raw == NULL) {
        code = err_raise(ERR_MEMORY, "out of memory for %s of %s", name, v->path);
    }
    if (code == ERR_OK) {
        hid_t type = text_type();
        bool read = shape.count == 0 || H5Dread(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw) >= 0;
        H5Tclose(type);
        code = read ? keep_texts(raw, *count, a, out) : damaged(v, name, "cannot be read");
    }
    mem_free(raw);
    H5Dclose(id);
    return code;
}

err_code store_view_attribute(const store_view *v, const char *object, const char *name, arena *a, const char **out) {
    *out = "";
    if (strcmp(object, "/") != 0 && !store_view_has(v, object)) {
        return ERR_OK;
    }
    char *value = NULL;
    hid_t id = H5Aopen_by_name(v->file, object, name, H5P_DEFAULT, H5P_DEFAULT);
    hid_t file_type = id < 0 ? -1 : H5Aget_type(id);
    hid_t space = id < 0 ? -1 : H5Aget_space(id);
    hid_t type = text_type();
    bool is_text = file_type >= 0 && H5Tget_class(file_type) == H5T_STRING && H5Tis_variable_str(file_type) > 0;
    if (is_text && H5Sget_simple_extent_npoints(space) == 1 && H5Aread(id, type, &value) >= 0 && value != NULL) {
        *out = arena_text(a, value);
        H5free_memory(value);
    }
    H5Tclose(type);
    H5Sclose(space);
    H5Tclose(file_type);
    H5Aclose(id);
    CHECK(*out != NULL, ERR_MEMORY, "out of memory");
    return ERR_OK;
}

typedef struct listing {
    const store_view *v;
    arena *a;
    uint32_t rank;
    uint32_t count;
    const char **name;
} listing;

static herr_t list_one(hid_t group, const char *name, const H5L_info_t *info, void *context) {
    (void)info;
    listing *l = context;
    store_shape shape;
    H5O_info_t object;
    if (l->count == NAMES_MAX || H5Oget_info_by_name2(group, name, &object, H5O_INFO_BASIC, H5P_DEFAULT) < 0 ||
        object.type != H5O_TYPE_DATASET) {
        return 0;
    }
    hid_t id = H5Dopen2(group, name, H5P_DEFAULT);
    if (id >= 0 && shape_of(id, &shape) && shape.rank == l->rank) {
        l->name[l->count] = arena_text(l->a, name);
        l->count += l->name[l->count] != NULL;
    }
    H5Dclose(id);
    return 0;
}

err_code store_view_list(const store_view *v, const char *group, uint32_t rank, arena *a, uint32_t *count,
                         const char ***out) {
    listing l = {.v = v, .a = a, .rank = rank};
    ARENA_NEW(a, l.name, NAMES_MAX);
    hid_t id = store_view_has(v, group) ? H5Gopen2(v->file, group, H5P_DEFAULT) : -1;
    if (id < 0) {
        return damaged(v, group, "is missing");
    }
    herr_t status = H5Literate(id, H5_INDEX_CRT_ORDER, H5_ITER_INC, NULL, list_one, &l);
    if (status < 0) {  // a group that was written without order
        l.count = 0;
        status = H5Literate(id, H5_INDEX_NAME, H5_ITER_INC, NULL, list_one, &l);
    }
    H5Gclose(id);
    *count = l.count;
    *out = l.name;
    return status < 0 ? damaged(v, group, "cannot be read") : ERR_OK;
}
