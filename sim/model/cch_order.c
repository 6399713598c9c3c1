#include <metis.h>

#include "base/hash.h"
#include "cch_part.h"

// Neighbours in either direction, each once: what METIS wants. first has node_count + 1 entries.
typedef struct neighbours {
    idx_t *first;
    idx_t *node;
} neighbours;

static err_code fill_neighbours(const cch_graph *g, arena *a, neighbours *out) {
    idx_t *next;
    uint32_t *seen;
    ARENA_NEW(a, out->first, (size_t)g->node_count + 1);
    ARENA_NEW(a, out->node, 2 * (size_t)g->arc_count);
    ARENA_NEW(a, next, (size_t)g->node_count + 1);
    ARENA_NEW(a, seen, g->node_count);
    for (uint32_t i = 0; i < g->arc_count; i++) {
        next[g->tail_ix[i] + 1]++;
        next[g->head_ix[i] + 1]++;
    }
    for (uint32_t v = 0; v < g->node_count; v++) {
        next[v + 1] += next[v];
    }
    idx_t *all;
    idx_t *at;
    ARENA_NEW(a, all, 2 * (size_t)g->arc_count);
    ARENA_NEW(a, at, g->node_count);
    for (uint32_t v = 0; v < g->node_count; v++) {
        at[v] = next[v];
    }
    for (uint32_t i = 0; i < g->arc_count; i++) {
        all[at[g->tail_ix[i]]++] = (idx_t)g->head_ix[i];
        all[at[g->head_ix[i]]++] = (idx_t)g->tail_ix[i];
    }
    idx_t count = 0;
    for (uint32_t v = 0; v < g->node_count; v++) {
        out->first[v] = count;
        for (idx_t i = next[v]; i < next[v + 1]; i++) {
            uint32_t u = (uint32_t)all[i];
            if (u != v && seen[u] != v + 1) {
                seen[u] = v + 1;
                out->node[count++] = (idx_t)u;
            }
        }
    }
    out->first[g->node_count] = count;
    return ERR_OK;
}

enum { ORDER_SEED = 1, ORDER_SEPARATORS = 10, ORDER_UFACTOR = 200 };

uint64_t cch_order_method(void) {
    const uint64_t is[] = {METIS_VER_MAJOR, METIS_VER_MINOR,  METIS_VER_SUBMINOR, IDXTYPEWIDTH,
                           ORDER_SEED,      ORDER_SEPARATORS, ORDER_UFACTOR};
    return hash_finish(hash_bytes(HASH_SEED, is, sizeof is));
}

static err_code dissect(const cch_graph *g, arena *scratch, uint32_t *order) {
    neighbours n;
    TRY(fill_neighbours(g, scratch, &n));
    idx_t *permutation;
    idx_t *inverse;
    ARENA_NEW(scratch, permutation, g->node_count);
    ARENA_NEW(scratch, inverse, g->node_count);
    idx_t nodes = (idx_t)g->node_count;
    idx_t option[METIS_NOPTIONS];
    METIS_SetDefaultOptions(option);
    option[METIS_OPTION_SEED] = ORDER_SEED;
    option[METIS_OPTION_NSEPS] =
        ORDER_SEPARATORS;  // best separator of ten: an order is made once and used for a whole run
    option[METIS_OPTION_UFACTOR] = ORDER_UFACTOR;
    option[METIS_OPTION_CCORDER] = 0;
    option[METIS_OPTION_COMPRESS] = 0;
    int status = METIS_NodeND(&nodes, n.first, n.node, NULL, option, permutation, inverse);
    CHECK(status != METIS_ERROR_MEMORY, ERR_MEMORY, "out of memory while ordering a network of %u nodes",
          (unsigned)g->node_count);
    CHECK(status == METIS_OK, ERR_INTERNAL, "METIS could not order a network of %u nodes (status %d)",
          (unsigned)g->node_count, status);
    for (uint32_t k = 0; k < g->node_count; k++) {
        order[k] = (uint32_t)permutation[k];
    }
    return ERR_OK;
}

err_code cch_order(const cch_graph *g, arena *a, uint32_t **order) {
    CHECK(g->node_count < INT32_MAX / 2 && g->arc_count < INT32_MAX / 2, ERR_RANGE,
          "a network of %u nodes and %u links is too large to order", (unsigned)g->node_count, (unsigned)g->arc_count);
    ARENA_NEW(a, *order, g->node_count);
    bool any = false;
    for (uint32_t i = 0; i < g->arc_count && !any; i++) {
        any = g->tail_ix[i] != g->head_ix[i];
    }
    if (!any) {  // METIS takes no graph without edges
        for (uint32_t v = 0; v < g->node_count; v++) {
            (*order)[v] = v;
        }
        return ERR_OK;
    }
    arena scratch;
    arena_init(&scratch);
    err_code code = dissect(g, &scratch, *order);
    arena_free(&scratch);
    return code;
}
