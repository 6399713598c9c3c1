#include <string.h>

#include "cch_part.h"

// One cache line an edge while eight metrics are customized. Signed, since that is what old processors compare fast.
typedef struct edge_lanes {
    int32_t lane[2 * CCH_LANES];  // from the lower to the higher end, then from the higher to the lower
} edge_lanes;

struct cch_customizer {
    edge_lanes *edge;
};

// The same code for any x86-64 and, where the machine has it, for 256-bit integers. Not under sanitizers and not
// elsewhere: there the first is all there is.
#if defined(__x86_64__) && defined(__GNUC__)
#define CCH_WIDE 1
#endif

err_code cch_customizer_init(const cch_index *x, arena *a, cch_customizer **out) {
    ARENA_NEW(a, *out, 1);
    ARENA_NEW(a, (*out)->edge, x->edge_count);
    return ERR_OK;
}

err_code cch_metrics_init(const cch_index *x, arena *a, cch_metrics *out) {
    ARENA_NEW(a, out->up, (size_t)x->edge_count * CCH_LANES);
    ARENA_NEW(a, out->down, (size_t)x->edge_count * CCH_LANES);
    ARENA_NEW(a, out->arc_cost, (size_t)x->arc_count * CCH_LANES);
    return ERR_OK;
}

size_t cch_metrics_bytes(const cch_index *x) {
    return ((size_t)x->edge_count * 2 + x->arc_count) * CCH_LANES * sizeof(uint32_t);
}

// Costs of the arcs themselves: the cheapest of parallel ones.
static void respect_arcs(const cch_index *x, const uint32_t *cost, int32_t *least, uint32_t *arc_cost) {
    for (uint32_t directed = 0; directed < 2 * x->edge_count; directed++, least += CCH_LANES) {
#pragma omp simd
        for (int l = 0; l < CCH_LANES; l++) {
            least[l] = CCH_COST_NONE;
        }
        for (uint32_t i = x->arc_first[directed]; i < x->arc_first[directed + 1]; i++) {
            const uint32_t *from = cost + (size_t)x->arc[i] * CCH_LANES;
            for (uint32_t l = 0; l < CCH_LANES; l++) {
                int32_t now = from[l] < (uint32_t)CCH_COST_NONE ? (int32_t)from[l] : CCH_COST_NONE;
                arc_cost[(size_t)l * x->arc_count + i] = (uint32_t)now;
                least[l] = now < least[l] ? now : least[l];
            }
        }
    }
}

// The way over the node below two ends a and b may be cheaper than their own edge. Sums of two stay below 2^31.
static inline void relax(edge_lanes *restrict own, const edge_lanes *restrict to_a, const edge_lanes *restrict to_b) {
#pragma omp simd
    for (int l = 0; l < CCH_LANES; l++) {
        int32_t over = to_a->lane[CCH_LANES + l] + to_b->lane[l];
        own->lane[l] = over < own->lane[l] ? over : own->lane[l];
    }
#pragma omp simd
    for (int l = 0; l < CCH_LANES; l++) {
        int32_t over = to_b->lane[CCH_LANES + l] + to_a->lane[l];
        own->lane[CCH_LANES + l] = over < own->lane[CCH_LANES + l] ? over : own->lane[CCH_LANES + l];
    }
}

// Lower triangles from the lowest node up: an edge is final when its lower end's turn comes.
static inline void relax_all(const cch_index *x, edge_lanes *edge) {
    const uint32_t *high = x->high;
    for (uint32_t v = 0; v < x->node_count; v++) {
        uint32_t last = x->up_first[v + 1];
        for (uint32_t i = x->up_first[v]; i < last; i++) {
            uint32_t own = x->up_first[high[i]];
            for (uint32_t k = i + 1; k < last; k++) {
                uint32_t b = high[k];
                while (high[own] != b) {
                    own++;
                }
                relax(&edge[own], &edge[i], &edge[k]);
            }
        }
    }
}

#if defined(CCH_WIDE)
__attribute__((target("avx2"))) static void relax_all_wide(const cch_index *x, edge_lanes *edge) {
    relax_all(x, edge);
}
#endif

// From lines of eight lanes to a row a lane, in blocks that stay in the fastest cache.
static void hand_out(const cch_index *x, const edge_lanes *edge, cch_metrics *m) {
    enum { BLOCK = 128 };
    for (uint32_t from = 0; from < x->edge_count; from += BLOCK) {
        uint32_t count = x->edge_count - from < BLOCK ? x->edge_count - from : BLOCK;
        for (size_t l = 0; l < CCH_LANES; l++) {
            uint32_t *up = m->up + l * x->edge_count + from;
            uint32_t *down = m->down + l * x->edge_count + from;
            for (uint32_t k = 0; k < count; k++) {
                up[k] = (uint32_t)edge[from + k].lane[l];
                down[k] = (uint32_t)edge[from + k].lane[CCH_LANES + l];
            }
        }
    }
}

void cch_customize(const cch_index *x, const uint32_t *cost, cch_customizer *c, cch_metrics *m) {
    respect_arcs(x, cost, c->edge->lane, m->arc_cost);
#if defined(CCH_WIDE)
    if (__builtin_cpu_supports("avx2")) {
        relax_all_wide(x, c->edge);
    } else {
        relax_all(x, c->edge);
    }
#else
    relax_all(x, c->edge);
#endif
    hand_out(x, c->edge, m);
}
