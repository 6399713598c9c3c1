// Private to the store modules: groups, axes and variables of the results file.
//
// Errors are sticky: the first failure is kept in the group's code and later calls on it do nothing, so that the
// layout (store_schema.c) reads as a list. Every variable has a dimension scale on every axis, a unit and a long name,
// in the group itself: xarray opens each group alone.
#ifndef VESTSIM_IO_STORE_INTERNAL_H
#define VESTSIM_IO_STORE_INTERNAL_H

#include <hdf5.h>

#include "io/store.h"

enum { STORE_AXES_MAX = 6 };

typedef struct store_axis {
    const char *name;
    hsize_t count;
    hid_t id;  // the scale, open as long as the group is
} store_axis;

typedef struct store_group {
    err_code code;
    hid_t id;
    const char *path;  // without leading slash, "" for the root
    uint32_t axis_count;
    store_axis axis[STORE_AXES_MAX];
} store_group;

typedef struct store_variable {
    const char *name;
    column_type type;
    const char *axes;  // names of axes of the group, outermost first, separated by one blank; "" = one value
    const char *unit;
    const char *doc;
    const char *flags;  // meanings of the values 0, 1, 2 ... (of the bits if flags_are_bits), or NULL
    bool flags_are_bits;
    const int64_t *missing;  // the integer that means "no value", or NULL; floats always have NAN
} store_variable;

// Raises code with the innermost reason that HDF5 gives.
err_code store_raise(err_code code, const char *what, const char *where);
void store_silence(void);  // HDF5 prints nothing of its own
hid_t store_fcpl(void);    // file creation settings that make equal contents equal bytes

void store_group_open(store_group *g, hid_t file, const char *path, const char *title);
void store_group_close(store_group *g);
// count 0 = a scalar attribute. data: one value or an array (const char *const * for texts).
void store_attribute(store_group *g, hid_t object, const char *name, column_type type, hsize_t count, const void *data);
void store_attribute_text(store_group *g, hid_t object, const char *name, const char *value);
// A coordinate variable that is the scale of its own axis; v->axes is not used.
void store_axis_write(store_group *g, const store_variable *v, hsize_t count, const void *data);
void store_variable_write(store_group *g, const store_variable *v, const void *data);
// In parts: open (-1 after a failure; close with H5Dclose), then write where the first `fixed` axes have the indices
// at and data holds the other axes whole.
hid_t store_variable_open(store_group *g, const store_variable *v);
void store_write_part(store_group *g, hid_t id, const store_variable *v, int fixed, const hsize_t *at,
                      const void *data);
// Work room for count items; NULL (and the group failed) when memory is out. Free with mem_free.
void *store_buffer(store_group *g, size_t count, size_t size_bytes);

// store_schema.c: the whole content of the file.
err_code store_schema_write(hid_t file, const result *r);

#endif
