#include <string.h>

#include "cch_part.h"

// One cache line an edge while eight metrics are customized. Signed, since that is what old processors compare fast.
typedef struct edge_lanes {
    int32_t up[CCH_LANES];
    int32_t down[CCH_LANES];
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

static int32_t bounded(uint32_t cost) {
    return cost < (uint32_t)CCH_COST_NONE ? (int32_t)cost : CCH_COST_NONE;
}

// Costs of the arcs themselves: the cheapest of parallel ones.
static void respect_arcs(const cch_index *x, const uint32_t *const cost[], uint32_t lanes, edge_lanes *edge,
                         uint32_t *arc_cost) {
    for (uint32_t e = 0; e < x->edge_count; e++) {
        for (uint32_t d = 0; d < 2; d++) {
            int32_t *least = d == 0 ? edge[e].up : edge[e].down;
            for (uint32_t l = 0; l < CCH_LANES; l++) {
                least[l] = CCH_COST_NONE;
            }
            for (uint32_t i = x->arc_first[2 * e + d]; i < x->arc_first[2 * e + d + 1]; i++) {
                for (uint32_t l = 0; l < CCH_LANES; l++) {
                    int32_t now = l < lanes ? bounded(cost[l][x->arc[i]]) : CCH_COST_NONE;
                    arc_cost[(size_t)i * CCH_LANES + l] = (uint32_t)now;
                    least[l] = now < least[l] ? now : least[l];
                }
            }
        }
    }
}

// The way over the node below two ends a and b may be cheaper than their own edge. Sums of two stay below 2^31.
static inline void relax(edge_lanes *restrict own, const edge_lanes *restrict to_a, const edge_lanes *restrict to_b) {
    for (int l = 0; l < CCH_LANES; l++) {
        int32_t over = to_a->down[l] + to_b->up[l];
        own->up[l] = over < own->up[l] ? over : own->up[l];
    }
    for (int l = 0; l < CCH_LANES; l++) {
        int32_t over = to_b->down[l] + to_a->up[l];
        own->down[l] = over < own->down[l] ? over : own->down[l];
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

static void hand_out(const cch_index *x, const edge_lanes *edge, cch_metrics *m) {
    for (size_t l = 0; l < CCH_LANES; l++) {
        uint32_t *up = m->up + l * x->edge_count;
        uint32_t *down = m->down + l * x->edge_count;
        for (uint32_t e = 0; e < x->edge_count; e++) {
            up[e] = (uint32_t)edge[e].up[l];
            down[e] = (uint32_t)edge[e].down[l];
        }
    }
}

void cch_customize(const cch_index *x, const uint32_t *const cost[], uint32_t lane_count, cch_customizer *c,
                   cch_metrics *m) {
    ASSERT(lane_count >= 1 && lane_count <= CCH_LANES);
    respect_arcs(x, cost, lane_count, c->edge, m->arc_cost);
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
