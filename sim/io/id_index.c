#include "id_index.h"

#include "xml_stream.h"

enum { IDS_FIRST = 256 };

void id_index_free(id_index *x) {
    mem_free(x->id);
}

uint32_t id_index_find(const id_index *x, const char *id) {
    return x->map.capacity > 0 ? idmap_find(&x->map, id) : IX_NONE;
}

static err_code make_room(id_index *x) {
    if (x->map.capacity > 0 && x->count < x->map.capacity / 2) {
        return ERR_OK;
    }
    TRY(idmap_init(&x->map, x->a, x->map.capacity > 0 ? x->map.capacity * 2 : IDS_FIRST));
    for (uint32_t i = 0; i < x->count; i++) {
        idmap_put(&x->map, x->id[i], i);
    }
    return ERR_OK;
}

err_code id_index_add(id_index *x, const char *id, uint32_t *out) {
    *out = id_index_find(x, id);
    if (*out != IX_NONE) {
        return ERR_OK;
    }
    CHECK(x->count < UINT32_C(1) << 30, ERR_RANGE, "too many different ids");
    const char *copy = arena_text(x->a, id);
    if (copy == NULL) {
        return ERR_MEMORY;
    }
    TRY(make_room(x));
    XML_STREAM_RESERVE(x->id, x->capacity, x->count, 1);
    *out = (uint32_t)x->count;
    idmap_put(&x->map, copy, *out);
    x->id[x->count++] = copy;
    return ERR_OK;
}
