// The small HDF5 tools of the results file: attributes, groups, axes and variables (see store_internal.h).
#include <hdf5_hl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "store_internal.h"

enum {
    CHUNK_ELEMENTS = 65536,  // 256 kB of float
    CHUNK_LINKS = 64,        // of series: a whole day of some links, so that one street's day is read from few chunks
    PLAIN_ELEMENTS = 1024,   // smaller variables are stored plainly: a chunk index costs more than it saves
};

// --- errors ---------------------------------------------------------------------------------------------------

void store_silence(void) {
    (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

static herr_t keep_innermost(unsigned n, const H5E_error2_t *error, void *reason) {
    if (n == 0 && error->desc != NULL) {
        snprintf(reason, 160, "%s", error->desc);
    }
    return 0;
}

err_code store_raise(err_code code, const char *what, const char *where) {
    char reason[160] = "no reason given";
    (void)H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, reason);
    return err_raise(code, "HDF5 could not %s %s: %s", what, where, reason);
}

static void fail(store_group *g, const char *what, const char *name) {
    char where[256];
    if (g->code == ERR_OK) {
        snprintf(where, sizeof where, "/%s/%s", g->path, name);
        g->code = store_raise(ERR_INTERNAL, what, where);
    }
}

// --- types and attributes -------------------------------------------------------------------------------------

// Types in the file are little-endian whatever the machine; texts are UTF-8 of variable length (fixed length crashes
// netCDF-C 4.9.0). The caller closes it.
static hid_t type_in_file(column_type type) {
    switch (type) {
        case COLUMN_U8:
            return H5Tcopy(H5T_STD_U8LE);
        case COLUMN_I8:
            return H5Tcopy(H5T_STD_I8LE);
        case COLUMN_U16:
            return H5Tcopy(H5T_STD_U16LE);
        case COLUMN_U32:
            return H5Tcopy(H5T_STD_U32LE);
        case COLUMN_U64:
            return H5Tcopy(H5T_STD_U64LE);
        case COLUMN_I32:
            return H5Tcopy(H5T_STD_I32LE);
        case COLUMN_F32:
            return H5Tcopy(H5T_IEEE_F32LE);
        case COLUMN_F64:
            return H5Tcopy(H5T_IEEE_F64LE);
        case COLUMN_TEXT:
            break;
    }
    hid_t id = H5Tcopy(H5T_C_S1);
    H5Tset_size(id, H5T_VARIABLE);
    H5Tset_cset(id, H5T_CSET_UTF8);
    return id;
}

static hid_t type_in_memory(column_type type) {
    if (type == COLUMN_TEXT) {
        return type_in_file(type);
    }
    hid_t file_type = type_in_file(type);
    hid_t id = H5Tget_native_type(file_type, H5T_DIR_ASCEND);
    H5Tclose(file_type);
    return id;
}

// count 0 = a scalar attribute. data: one value or an array (char *const * for texts).
void store_attribute(store_group *g, hid_t object, const char *name, column_type type, hsize_t count,
                     const void *data) {
    if (g->code != ERR_OK) {
        return;
    }
    hid_t space = count == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &count, NULL);
    hid_t file_type = type_in_file(type);
    hid_t memory_type = type_in_memory(type);
    hid_t id = H5Acreate2(object, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (id < 0 || H5Awrite(id, memory_type, data) < 0) {
        fail(g, "write attribute", name);
    }
    H5Aclose(id);
    H5Tclose(memory_type);
    H5Tclose(file_type);
    H5Sclose(space);
}

void store_attribute_text(store_group *g, hid_t object, const char *name, const char *value) {
    const char *one = value == NULL ? "" : value;
    store_attribute(g, object, name, COLUMN_TEXT, 0, &one);
}

// An integer attribute of the variable's own type (CF asks it of _FillValue and flag_values).
static void attribute_integers(store_group *g, hid_t object, const char *name, column_type type, hsize_t count,
                               const int64_t *value) {
    uint64_t room[32];
    hsize_t n = count == 0 ? 1 : count;
    ASSERT(n <= 32);
    memcpy(room, value, (size_t)n * sizeof *value);
    hid_t memory_type = type_in_memory(type);
    if (H5Tconvert(H5T_NATIVE_INT64, memory_type, (size_t)n, room, NULL, H5P_DEFAULT) < 0) {
        fail(g, "convert attribute", name);
    }
    H5Tclose(memory_type);
    store_attribute(g, object, name, type, count, room);
}

static void attribute_flags(store_group *g, hid_t object, const store_variable *v) {
    int64_t value[32];
    hsize_t count = 1;
    for (const char *c = v->flags; *c != '\0'; c++) {
        count += *c == ' ';
    }
    for (hsize_t i = 0; i < count && i < 32; i++) {
        value[i] = v->flags_are_bits ? (int64_t)1 << i : (int64_t)i;
    }
    attribute_integers(g, object, v->flags_are_bits ? "flag_masks" : "flag_values", v->type, count, value);
    store_attribute_text(g, object, "flag_meanings", v->flags);
}

static void attributes_of(store_group *g, hid_t object, const store_variable *v) {
    store_attribute_text(g, object, "long_name", v->doc);
    if (v->type != COLUMN_TEXT) {
        store_attribute_text(g, object, "units", v->unit);
    }
    if (v->type == COLUMN_F32) {
        const float nothing = NAN;
        store_attribute(g, object, "_FillValue", v->type, 1, &nothing);
    } else if (v->type == COLUMN_F64) {
        const double nothing = (double)NAN;
        store_attribute(g, object, "_FillValue", v->type, 1, &nothing);
    } else if (v->missing != NULL) {
        attribute_integers(g, object, "_FillValue", v->type, 1, v->missing);
    }
    if (v->flags != NULL) {
        attribute_flags(g, object, v);
    }
}

// --- groups, axes, variables ----------------------------------------------------------------------------------

// No times of the clock in any object, links and attributes in the order they were made (netCDF expects it).
static void reproducible(hid_t plist) {
    H5Pset_obj_track_times(plist, 0);
    H5Pset_attr_creation_order(plist, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
}

hid_t store_fcpl(void) {
    hid_t id = H5Pcreate(H5P_FILE_CREATE);
    reproducible(id);
    H5Pset_link_creation_order(id, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    return id;
}

void store_group_open(store_group *g, hid_t file, const char *path, const char *title) {
    *g = (store_group){.code = ERR_OK, .path = path};
    hid_t plist = H5Pcreate(H5P_GROUP_CREATE);
    reproducible(plist);
    H5Pset_link_creation_order(plist, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    g->id =
        path[0] == '\0' ? H5Gopen2(file, "/", H5P_DEFAULT) : H5Gcreate2(file, path, H5P_DEFAULT, plist, H5P_DEFAULT);
    H5Pclose(plist);
    if (g->id < 0) {
        fail(g, "create group", "");
        return;
    }
    store_attribute_text(g, g->id, "title", title);
}

void store_group_close(store_group *g) {
    for (uint32_t i = 0; i < g->axis_count; i++) {
        H5Dclose(g->axis[i].id);
    }
    g->axis_count = 0;
    if (g->id >= 0 && H5Gclose(g->id) < 0) {
        fail(g, "close group", "");
    }
}

static const store_axis *find_axis(const store_group *g, const char *name, size_t length) {
    for (uint32_t i = 0; i < g->axis_count; i++) {
        if (strlen(g->axis[i].name) == length && memcmp(g->axis[i].name, name, length) == 0) {
            return &g->axis[i];
        }
    }
    return NULL;
}

// The axes of a variable, in order; returns how many. A name that is no axis of the group is a bug.
static int axes_of(store_group *g, const char *names, const store_axis *out[STORE_AXES_MAX]) {
    int rank = 0;
    for (const char *at = names; *at != '\0' && g->code == ERR_OK;) {
        size_t length = strcspn(at, " ");
        const store_axis *axis = find_axis(g, at, length);
        if (axis == NULL || rank == STORE_AXES_MAX) {
            g->code = err_raise(ERR_INTERNAL, "results file: group %s has no axis for '%s'", g->path, names);
            return 0;
        }
        out[rank++] = axis;
        at += length + (at[length] == ' ');
    }
    return rank;
}

// An axis of length 0 must be extensible: HDF5 allows no chunk larger than a fixed extent.
static hid_t space_of(int rank, const hsize_t *size) {
    hsize_t most[STORE_AXES_MAX];
    for (int i = 0; i < rank; i++) {
        most[i] = size[i] == 0 ? H5S_UNLIMITED : size[i];
    }
    return rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, size, most);
}

static hid_t dataset_plist(int rank, const hsize_t *size, column_type type) {
    hid_t plist = H5Pcreate(H5P_DATASET_CREATE);
    reproducible(plist);
    hsize_t total = 1;
    hsize_t room = CHUNK_ELEMENTS;
    hsize_t chunk[STORE_AXES_MAX];
    for (int i = rank - 1; i >= 0; i--) {
        total *= size[i];
        hsize_t most = rank >= 3 && i == rank - 1 && room > CHUNK_LINKS ? CHUNK_LINKS : room;
        chunk[i] = size[i] == 0 ? 1 : size[i] < most ? size[i] : most;
        room = room / chunk[i] == 0 ? 1 : room / chunk[i];
    }
    if (rank > 0 && (total == 0 || total > PLAIN_ELEMENTS)) {
        H5Pset_chunk(plist, rank, chunk);
        if (type != COLUMN_TEXT) {  // texts lie outside the chunks
            H5Pset_shuffle(plist);
            H5Pset_deflate(plist, 1);
        }
    }
    return plist;
}

static hid_t dataset_create(store_group *g, const char *name, column_type type, int rank, const hsize_t *size) {
    hid_t plist = dataset_plist(rank, size, type);
    hid_t space = space_of(rank, size);
    hid_t file_type = type_in_file(type);
    hid_t id = H5Dcreate2(g->id, name, file_type, space, H5P_DEFAULT, plist, H5P_DEFAULT);
    if (id < 0) {
        fail(g, "create", name);
    }
    H5Tclose(file_type);
    H5Sclose(space);
    H5Pclose(plist);
    return id;
}

// Opens a variable for writing; -1 after a failure. The caller closes it with H5Dclose.
hid_t store_variable_open(store_group *g, const store_variable *v) {
    const store_axis *axis[STORE_AXES_MAX];
    hsize_t size[STORE_AXES_MAX];
    int rank = axes_of(g, v->axes, axis);
    if (g->code != ERR_OK) {
        return -1;
    }
    for (int i = 0; i < rank; i++) {
        size[i] = axis[i]->count;
    }
    hid_t id = dataset_create(g, v->name, v->type, rank, size);
    if (g->code != ERR_OK) {
        return -1;
    }
    attributes_of(g, id, v);
    for (int i = 0; i < rank; i++) {
        if (H5DSattach_scale(id, axis[i]->id, (unsigned)i) < 0) {
            fail(g, "attach the axes of", v->name);
        }
    }
    return id;
}

// Writes the part of an open variable where the first `fixed` axes have the indices at; data holds the rest whole.
void store_write_part(store_group *g, hid_t id, const store_variable *v, int fixed, const hsize_t *at,
                      const void *data) {
    hsize_t start[STORE_AXES_MAX] = {0};
    hsize_t count[STORE_AXES_MAX] = {1};
    if (g->code != ERR_OK) {
        return;
    }
    hid_t space = H5Dget_space(id);
    int rank = H5Sget_simple_extent_ndims(space);
    if (H5Sget_simple_extent_npoints(space) > 0) {
        H5Sget_simple_extent_dims(space, count, NULL);
        for (int i = 0; i < fixed; i++) {
            start[i] = at[i];
            count[i] = 1;
        }
        hid_t memory = rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, count, NULL);
        hid_t type = type_in_memory(v->type);
        if ((rank > 0 && H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) < 0) ||
            H5Dwrite(id, type, memory, space, H5P_DEFAULT, data) < 0) {
            fail(g, "write", v->name);
        }
        H5Tclose(type);
        H5Sclose(memory);
    }
    H5Sclose(space);
}

void store_variable_write(store_group *g, const store_variable *v, const void *data) {
    hid_t id = store_variable_open(g, v);
    if (id >= 0) {
        store_write_part(g, id, v, 0, NULL, data);
        H5Dclose(id);
    }
}

// A coordinate variable that is the scale of its own axis.
static hid_t axis_open(store_group *g, const store_variable *v, hsize_t count) {
    if (g->code != ERR_OK) {
        return -1;
    }
    ASSERT(g->axis_count < STORE_AXES_MAX);
    hid_t id = dataset_create(g, v->name, v->type, 1, &count);
    if (g->code != ERR_OK) {
        return -1;
    }
    if (H5DSset_scale(id, v->name) < 0) {
        fail(g, "make an axis of", v->name);
    }
    attributes_of(g, id, v);
    g->axis[g->axis_count++] = (store_axis){.name = v->name, .count = count, .id = id};
    return id;
}

void store_axis_write(store_group *g, const store_variable *v, hsize_t count, const void *data) {
    hid_t id = axis_open(g, v, count);
    if (id >= 0) {
        store_write_part(g, id, v, 0, NULL, data);
    }
}

// Room for count items of a work buffer; NULL (and the group failed) when memory is out. Free with mem_free.
void *store_buffer(store_group *g, size_t count, size_t size) {
    void *room = g->code == ERR_OK ? mem_alloc((count == 0 ? 1 : count) * size) : NULL;
    if (room == NULL && g->code == ERR_OK) {
        g->code = ERR_MEMORY;
    }
    return room;
}
