// Reading any part of a results file by name: for reports and exports. The file may be anything: types, extents and
// texts are checked before they are used, and sizes are bounded before memory is taken.
#ifndef VESTSIM_IO_STORE_VIEW_H
#define VESTSIM_IO_STORE_VIEW_H

#include "io/store.h"

enum { STORE_VIEW_RANK_MAX = 6 };

typedef struct store_view store_view;

typedef struct store_shape {
    uint32_t rank;
    size_t size[STORE_VIEW_RANK_MAX];  // outermost first
    size_t count;                      // of all values
} store_shape;

// Refuses what store_read_summary refuses. The view lives in the arena; close it before the arena is freed.
err_code store_view_open(const char *path, arena *a, store_view **out);
void store_view_close(store_view *v);  // accepts NULL
const char *store_view_path(const store_view *v);
const store_summary *store_view_summary(const store_view *v);

bool store_view_has(const store_view *v, const char *name);  // "/traffic/vehicles"
err_code store_view_shape(const store_view *v, const char *name, store_shape *out);
// A whole dataset of numbers with this rank.
err_code store_view_numbers(const store_view *v, const char *name, uint32_t rank, arena *a, store_shape *shape,
                            double **out);
// One-dimensional ids of 64 bits, which numbers above would round.
err_code store_view_ids(const store_view *v, const char *name, arena *a, size_t *count, uint64_t **out);
// The values at the indices `at` of the first `fixed` axes; out has room for `room` values, all others' product.
err_code store_view_part(const store_view *v, const char *name, uint32_t fixed, const size_t *at, float *out,
                         size_t room);
// One-dimensional (or scalar) texts.
err_code store_view_texts(const store_view *v, const char *name, arena *a, uint32_t *count, const char ***out);
// Text attribute of an object; "" where it is absent or no text.
err_code store_view_attribute(const store_view *v, const char *object, const char *name, arena *a, const char **out);
// Names of the datasets of a group that have this rank, in file order.
err_code store_view_list(const store_view *v, const char *group, uint32_t rank, arena *a, uint32_t *count,
                         const char ***out);

#endif
