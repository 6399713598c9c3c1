#include <string.h>

#include "cch_part.h"

struct cch_customizer {
    cch_lanes *edge;  // of metrics in rows, while they are customized
};

err_code cch_customizer_init(const cch_index *x, arena *a, cch_customizer **out) {
    ARENA_NEW(a, *out, 1);
    ARENA_NEW(a, (*out)->edge, x->edge_count);
    return ERR_OK;
}

err_code cch_metrics_init(const cch_index *x, int how, arena *a, cch_metrics *out) {
    *out = (cch_metrics){0};
    if ((how & CCH_SIDE_BY_SIDE) != 0) {
        ARENA_NEW(a, out->edge, x->edge_count);
    } else {
        ARENA_NEW(a, out->up, (size_t)x->edge_count * CCH_LANES);
        ARENA_NEW(a, out->down, (size_t)x->edge_count * CCH_LANES);
    }
    if ((how & CCH_WAYS) != 0) {
        ARENA_NEW(a, out->via, x->edge_count);
    }
    return ERR_OK;
}

size_t cch_metrics_bytes(const cch_index *x, int how) {
    return x->edge_count * (sizeof(cch_lanes) + ((how & CCH_WAYS) != 0 ? sizeof(cch_via) : 0));
}

// Costs of the arcs themselves: the cheapest of parallel ones, of equal ones the first.
static CCH_INLINE void respect_arcs(const cch_index *x, const uint32_t *cost, cch_lanes *edge, cch_via *via) {
    const cch_eight none = (cch_eight){0} + CCH_COST_NONE;
    for (uint32_t directed = 0; directed < 2 * x->edge_count; directed++) {
        cch_eight least = none, code = {0};
        for (uint32_t i = x->arc_first[directed]; i < x->arc_first[directed + 1]; i++) {
            cch_eight own = *(const cch_eight_anywhere *)(cost + (size_t)x->arc[i] * CCH_LANES);
            cch_eight better = (own >= 0) & (own < least);  // CCH_CLOSED is below zero here
            code = CCH_PICK(better, CCH_VIA_ARC + (int32_t)x->arc[i], code);
            least = CCH_PICK(better, own, least);
        }
        edge[directed / 2].direction[directed % 2] = least;
        if (via != NULL) {
            via[directed / 2].direction[directed % 2] = code;
        }
    }
}

// The way over the node below two ends may be cheaper than their own edge. Of equal ways an arc is kept, else the one
// over the higher node, which comes later. Sums of two stay below 2^31.
static CCH_INLINE void relax(cch_eight *own, cch_eight *via, const cch_eight *first, const cch_eight *second,
                             uint32_t over_edge) {
    cch_eight over = *first + *second;
    if (via == NULL) {
        *own = CCH_PICK(over < *own, over, *own);
        return;
    }
    cch_eight better = over < *own - (*via >= 0);
    *via = CCH_PICK(better, (int32_t)over_edge, *via);
    *own = CCH_PICK(better, over, *own);
}

// Lower triangles from the lowest node up: an edge is final when its lower end's turn comes.
static CCH_INLINE void relax_all(const cch_index *x, cch_lanes *edge, cch_via *via) {
    const uint32_t *high = x->high;
    for (uint32_t v = 0; v < x->node_count; v++) {
        uint32_t last = x->up_first[v + 1];
        for (uint32_t i = x->up_first[v]; i < last; i++) {
            const cch_lanes to_a = edge[i];
            uint32_t own = x->up_first[high[i]];
            for (uint32_t k = i + 1; k < last; k++) {
                uint32_t b = high[k];
                while (high[own] != b) {
                    own++;
                }
                const cch_lanes *to_b = &edge[k];
                cch_eight *ways = via == NULL ? NULL : via[own].direction;
                relax(&edge[own].direction[0], ways, &to_a.direction[1], &to_b->direction[0], i);
                relax(&edge[own].direction[1], ways == NULL ? NULL : ways + 1, &to_b->direction[1], &to_a.direction[0],
                      i);
            }
        }
    }
}

static CCH_INLINE void customize(const cch_index *x, const uint32_t *cost, cch_lanes *edge, cch_via *via) {
    if (via == NULL) {  // written out twice, so that costs alone do not pay for ways
        respect_arcs(x, cost, edge, NULL);
        relax_all(x, edge, NULL);
    } else {
        respect_arcs(x, cost, edge, via);
        relax_all(x, edge, via);
    }
}

#if defined(CCH_WIDE)
CCH_WIDE static void customize_wide(const cch_index *x, const uint32_t *cost, cch_lanes *edge, cch_via *via) {
    customize(x, cost, edge, via);
}
#endif

// From lines of eight lanes to a row a lane, in blocks that stay in the fastest cache.
static void hand_out(const cch_index *x, const cch_lanes *edge, cch_metrics *m) {
    enum { BLOCK = 128 };
    for (uint32_t from = 0; from < x->edge_count; from += BLOCK) {
        uint32_t count = x->edge_count - from < BLOCK ? x->edge_count - from : BLOCK;
        for (size_t l = 0; l < CCH_LANES; l++) {
            uint32_t *up = m->up + l * x->edge_count + from;
            uint32_t *down = m->down + l * x->edge_count + from;
            for (uint32_t k = 0; k < count; k++) {
                up[k] = (uint32_t)edge[from + k].direction[0][l];
                down[k] = (uint32_t)edge[from + k].direction[1][l];
            }
        }
    }
}

void cch_customize(const cch_index *x, const uint32_t *cost, cch_customizer *c, cch_metrics *m) {
    cch_lanes *edge = m->edge == NULL ? c->edge : m->edge;
#if defined(CCH_WIDE)
    if (__builtin_cpu_supports("avx2")) {
        customize_wide(x, cost, edge, m->via);
    } else {
        customize(x, cost, edge, m->via);
    }
#else
    customize(x, cost, edge, m->via);
#endif
    if (m->edge == NULL) {
        hand_out(x, edge, m);
    }
}
