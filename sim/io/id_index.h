// Ids in the order in which they came first, found again by text. Private to io.
#ifndef VESTSIM_IO_ID_INDEX_H
#define VESTSIM_IO_ID_INDEX_H

#include "base/table.h"

typedef struct id_index {
    arena *a;  // the ids, and the map
    idmap map;
    const char **id;
    size_t count, capacity;
} id_index;

void id_index_free(id_index *x);
uint32_t id_index_find(const id_index *x, const char *id);  // IX_NONE if absent
// The number of the id, new or not.
err_code id_index_add(id_index *x, const char *id, uint32_t *out);

#endif
