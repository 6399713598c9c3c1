#include "cch_part.h"

// One question in eight metrics: the elimination tree is walked once, each edge is looked at once, and eight costs are
// compared by one instruction where the processor can.

// Offers the nodes above v what v's label and the edges up to them cost. Equal costs keep the lower edge.
static CCH_INLINE void offer_up(const cch_index *x, const cch_lanes *weight, uint32_t direction, uint32_t v,
                                cch_label *label) {
    cch_eight base = label[x->place[v]].cost;
    uint32_t last = x->up_first[v + 1];
    for (uint32_t e = x->up_first[v]; e < last; e++) {
        cch_label *high = &label[x->high_place[e]];
        cch_eight over = base + weight[e].direction[direction];
        cch_eight better = over < high->cost;
        high->from = CCH_PICK(better, (int32_t)e, high->from);
        high->cost = CCH_PICK(better, over, high->cost);
    }
}

static CCH_INLINE void clear(const cch_index *x, cch_label *label, uint32_t v) {
    label[x->place[v]].cost = (cch_eight){0};
    for (uint32_t p = x->place[v] + 1; p <= x->height; p++) {
        label[p].cost = (cch_eight){0} + CCH_COST_NONE;
    }
}

typedef int64_t pairs_of_eight __attribute__((vector_size(CCH_LANES * sizeof(int32_t))));

// Is there a metric in which ways over a node may still be the best?
static CCH_INLINE bool is_of_use(const cch_eight *cost, const cch_eight *best) {
    pairs_of_eight pairs = (pairs_of_eight)(*cost < *best);
    return (pairs[0] | pairs[1] | pairs[2] | pairs[3]) != 0;
}

static CCH_INLINE void meet_at(cch_sweep *s, uint32_t v, const cch_label *here, const cch_label *there) {
    cch_eight sum = here->cost + there->cost;
    cch_eight better = sum < s->cost;
    s->meet = CCH_PICK(better, (int32_t)v, s->meet);
    s->cost = CCH_PICK(better, sum, s->cost);
}

static CCH_INLINE void sweep(const cch_index *x, const cch_lanes *weight, cch_sweep *s) {
    uint32_t f = s->from, b = s->to;
    clear(x, s->forward, f);
    clear(x, s->backward, b);
    s->cost = (cch_eight){0} + CCH_COST_NONE;
    s->meet = (cch_eight){0} - 1;
    // Up both branches, always the lower one, until they are one; IX_NONE beyond a root is higher than any rank.
    while (f != b) {
        if (f < b) {
            offer_up(x, weight, 0, f, s->forward);
            f = x->parent[f];
        } else {
            offer_up(x, weight, 1, b, s->backward);
            b = x->parent[b];
        }
    }
    for (; f != IX_NONE; f = x->parent[f]) {
        const cch_label *here = &s->forward[x->place[f]], *there = &s->backward[x->place[f]];
        meet_at(s, f, here, there);
        if (is_of_use(&here->cost, &s->cost)) {
            offer_up(x, weight, 0, f, s->forward);
        }
        if (is_of_use(&there->cost, &s->cost)) {
            offer_up(x, weight, 1, f, s->backward);
        }
    }
}

#if defined(CCH_WIDE)
CCH_WIDE static void sweep_wide(const cch_index *x, const cch_lanes *weight, cch_sweep *s) {
    sweep(x, weight, s);
}
#endif

void cch_sweep_run(const cch_index *x, const cch_lanes *weight, cch_sweep *s) {
#if defined(CCH_WIDE)
    if (__builtin_cpu_supports("avx2")) {
        sweep_wide(x, weight, s);
        return;
    }
#endif
    sweep(x, weight, s);
}
