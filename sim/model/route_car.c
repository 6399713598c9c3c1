#include "model/route_car.h"

#include <math.h>
#include <string.h>

#include "base/par.h"
#include "route_heap.h"
#include "turn_graph.h"

// Everything a relaxation needs of a link lies in its arc but the travel time.
typedef struct car_arc {
    uint32_t head_ix;
    uint32_t link_ix;
    float length_m;
    float toll_nok;
} car_arc;

// Labels are those of the states of turn_graph.h: nodes first.
struct route_car_index {
    uint32_t node_count;
    uint32_t state_count;
    uint32_t link_count;
    uint32_t *arc_first;  // [state + 1], in ascending link ix, an arc to an end state last
    car_arc *arc;
    uint32_t *tail_ix;         // [arc]
    uint32_t *penalty_ds;      // [arc]; NULL = no turn has a record that matters
    uint32_t *link_arc;        // [link] its arc from its node; IX_NONE = closed to this vehicle
    uint32_t *link_state;      // [link] state at its end; IX_NONE = closed
    struct car_sum *link_sum;  // [link]
    uint32_t *end_ix;          // [node] state where ways to it end; NULL = the node itself
};

struct route_car_query {
    route_heap heap;
    uint64_t *length_mm;  // [state], of trees
    uint64_t *toll_mnok;
};

// Money turned into time: the metric with its divisions done.
typedef struct car_price {
    double nok_per_m;
    double ds_per_nok;
} car_price;

// What a path adds up to. Length and toll are whole numbers (mm, thousandths of a krone), so that sums do not
// depend on the order in which a path is walked.
typedef struct car_sum {
    uint64_t length_mm;
    uint64_t toll_mnok;
} car_sum;

static uint64_t thousandths(float value) {
    return value > 0.0F ? (uint64_t)(fmin((double)value, 1.0e12) * 1000.0 + 0.5) : 0;
}

static float from_thousandths(uint64_t value) {
    return (float)((double)value / 1000.0);
}

static void sum_add(car_sum *sum, const car_arc *arc) {
    sum->length_mm += thousandths(arc->length_m);
    sum->toll_mnok += thousandths(arc->toll_nok);
}

static err_code fill_links(uint32_t link_count, arena *a, route_car_index *x) {
    ARENA_NEW(a, x->link_state, link_count);
    ARENA_NEW(a, x->link_sum, link_count);
    for (uint32_t e = 0; e < link_count; e++) {
        uint32_t i = x->link_arc[e];
        x->link_state[e] = i == IX_NONE ? IX_NONE : x->arc[i].head_ix;
        if (i != IX_NONE) {
            sum_add(&x->link_sum[e], &x->arc[i]);
        }
    }
    return ERR_OK;
}

static err_code fill_arcs(const network *n, const turn_graph *g, arena *a, arena *scratch, route_car_index *x) {
    uint32_t *order;
    ARENA_NEW(scratch, order, g->arc_count);
    ARENA_NEW(a, x->arc_first, (size_t)g->state_count + 1);
    ARENA_NEW(a, x->arc, g->arc_count);
    ARENA_NEW(a, x->tail_ix, g->arc_count);
    ARENA_NEW(a, x->link_arc, n->link.count);
    if (g->penalty_ds != NULL) {
        ARENA_NEW(a, x->penalty_ds, g->arc_count);
    }
    for (uint32_t e = 0; e < n->link.count; e++) {
        x->link_arc[e] = IX_NONE;
    }
    if (g->state_count > 0) {
        TRY(par_group_u32(g->tail_ix, g->arc_count, g->state_count, x->arc_first, order));
    }
    for (uint32_t i = 0; i < g->arc_count; i++) {
        uint32_t e = g->link_ix[order[i]];
        x->arc[i] = (car_arc){.head_ix = g->head_ix[order[i]], .link_ix = e};
        x->tail_ix[i] = g->tail_ix[order[i]];
        if (g->penalty_ds != NULL) {
            x->penalty_ds[i] = g->penalty_ds[order[i]];
        }
        if (e != IX_NONE) {
            x->arc[i].length_m = n->link.length_m[e];
            x->arc[i].toll_nok = n->link.toll_nok[e];
            x->link_arc[e] = x->tail_ix[i] < n->node.count ? i : x->link_arc[e];
        }
    }
    return fill_links(n->link.count, a, x);
}

static err_code build(const network *n, uint8_t allow, arena *a, arena *scratch, route_car_index *x) {
    turn_graph g;
    TRY(turn_graph_build(n, allow, scratch, &g));
    x->node_count = n->node.count;
    x->state_count = g.state_count;
    x->link_count = n->link.count;
    if (g.end_ix != NULL) {
        ARENA_NEW(a, x->end_ix, n->node.count);
        memcpy(x->end_ix, g.end_ix, n->node.count * sizeof *g.end_ix);
    }
    return fill_arcs(n, &g, a, scratch, x);
}

err_code route_car_build(const network *n, uint8_t allow, arena *a, route_car_index **out) {
    arena scratch;
    ARENA_NEW(a, *out, 1);
    arena_init(&scratch);
    err_code code = build(n, allow, a, &scratch, *out);
    arena_free(&scratch);
    return code;
}

err_code route_car_query_init(const route_car_index *x, arena *a, route_car_query **out) {
    route_car_query *q;
    ARENA_NEW(a, q, 1);
    TRY(route_heap_init(&q->heap, a, x->state_count));
    ARENA_NEW(a, q->length_mm, x->state_count);
    ARENA_NEW(a, q->toll_mnok, x->state_count);
    *out = q;
    return ERR_OK;
}

static uint32_t end_of(const route_car_index *x, uint32_t node_ix) {
    return x->end_ix == NULL ? node_ix : x->end_ix[node_ix];
}

static car_price price_of(const route_car_metric *m) {
    car_price p = {.nok_per_m = m->cost_nok_per_km / 1000.0, .ds_per_nok = 0.0};
    if (m->nok_per_h > 0.0) {
        p.ds_per_nok = 36000.0 / m->nok_per_h;
    }
    return p;
}

// Money of an arc in deciseconds. Bounded far above any real route, so that the sums below cannot wrap.
static inline uint64_t money_ds(const car_price *p, const car_arc *arc) {
    double ds = ((double)arc->length_m * p->nok_per_m + (double)arc->toll_nok) * p->ds_per_nok + 0.5;
    if (ds < 4.0e9) {
        return ds > 0.0 ? (uint64_t)ds : 0;
    }
    return (uint64_t)4000000000U;
}

// The label beyond a link; UINT64_MAX when the cost no longer fits (about 13 years): no way worth having.
static inline uint64_t extend(const route_car_metric *m, const car_price *p, const car_arc *arc, uint64_t key,
                              uint32_t departure_ds) {
    uint32_t time_ds = (uint32_t)key;
    uint32_t link_ds = traveltime_at_ds(m->time, arc->link_ix, departure_ds + time_ds);
    uint64_t cost_ds = (key >> 32) + link_ds + money_ds(p, arc);
    return cost_ds < UINT32_MAX ? route_heap_key((uint32_t)cost_ds, time_ds + link_ds) : UINT64_MAX;
}

// A turn's penalty is waited off before the link is entered.
static inline uint64_t extend_turning(const route_car_index *x, const route_car_metric *m, const car_price *p,
                                      uint32_t i, uint64_t key, uint32_t departure_ds) {
    uint32_t penalty_ds = x->penalty_ds[i];
    uint64_t turned = key + route_heap_key(penalty_ds, penalty_ds);
    if ((key >> 32) + penalty_ds >= UINT32_MAX || (uint32_t)key + (uint64_t)penalty_ds >= UINT32_MAX) {
        return UINT64_MAX;
    }
    return x->arc[i].link_ix == IX_NONE ? key : extend(m, p, &x->arc[i], turned, departure_ds);
}

// Settles states until `to` is settled, or all when it is IX_NONE. Labels that cannot beat the one `to` has already
// are not made: most of the last third of a search falls away. Written out twice, so that networks without turn
// records do not pay for those with them.
static inline void search_states(const route_car_index *x, const route_car_metric *m, route_heap *h, uint32_t from,
                                 uint32_t to, uint32_t departure_s, bool turning) {
    car_price price = price_of(m);
    uint32_t departure_ds = departure_s * 10;
    uint64_t bound = UINT64_MAX;
    ASSERT(m->time->link_count == x->link_count);
    route_heap_begin(h, from);
    for (uint32_t v = route_heap_settle(h); v != IX_NONE && v != to; v = route_heap_settle(h)) {
        uint64_t key = h->label[v].key;
        uint32_t last = x->arc_first[v + 1];
        for (uint32_t i = x->arc_first[v]; i < last; i++) {
            const car_arc *arc = &x->arc[i];
            uint64_t beyond = turning ? extend_turning(x, m, &price, i, key, departure_ds)
                                      : extend(m, &price, arc, key, departure_ds);
            if (beyond < bound && route_heap_offer(h, arc->head_ix, beyond, i) && arc->head_ix == to) {
                bound = beyond;
            }
        }
    }
}

static void search(const route_car_index *x, const route_car_metric *m, route_heap *h, uint32_t from, uint32_t to,
                   uint32_t departure_s) {
    if (x->penalty_ds == NULL) {
        search_states(x, m, h, from, to, departure_s, false);
    } else {
        search_states(x, m, h, from, to, departure_s, true);
    }
}

static void answer_none(route_car_answer *out) {
    *out = (route_car_answer){.arrival_s = IX_NONE, .time_ds = IX_NONE, .cost_ds = IX_NONE};
}

static void answer_fill(route_car_answer *out, uint64_t key, car_sum sum, uint32_t departure_s, uint32_t link_count) {
    out->cost_ds = (uint32_t)(key >> 32);
    out->time_ds = (uint32_t)key;
    out->arrival_s = departure_s + (out->time_ds + 5) / 10;
    out->distance_m = from_thousandths(sum.length_mm);
    out->toll_nok = from_thousandths(sum.toll_mnok);
    out->link_count = link_count;
}

// The way to a state that has been settled.
static err_code read_way(const route_car_index *x, const route_heap *h, uint32_t to, uint32_t departure_s,
                         uint32_t *links, uint32_t link_capacity, route_car_answer *out) {
    uint32_t count = 0;
    car_sum sum = {0, 0};
    for (uint32_t i = h->label[to].parent_arc; i != IX_NONE; i = h->label[x->tail_ix[i]].parent_arc) {
        sum_add(&sum, &x->arc[i]);
        count += x->arc[i].link_ix != IX_NONE ? 1U : 0U;
    }
    answer_fill(out, h->label[to].key, sum, departure_s, count);
    if (links == NULL) {
        return ERR_OK;
    }
    CHECK(count <= link_capacity, ERR_RANGE,
          "a car route has %u links but there is room for %u: give room for more links", (unsigned)count,
          (unsigned)link_capacity);
    for (uint32_t i = h->label[to].parent_arc; i != IX_NONE; i = h->label[x->tail_ix[i]].parent_arc) {
        if (x->arc[i].link_ix != IX_NONE) {
            links[--count] = x->arc[i].link_ix;
        }
    }
    return ERR_OK;
}

static err_code run_from_state(const route_car_index *x, const route_car_metric *m, route_car_query *q, uint32_t from,
                               uint32_t to_node_ix, uint32_t departure_s, uint32_t *links, uint32_t link_capacity,
                               route_car_answer *out) {
    ASSERT(to_node_ix < x->node_count);
    uint32_t to = end_of(x, to_node_ix);
    search(x, m, &q->heap, from, to, departure_s);
    if (!route_heap_settled(&q->heap, to)) {
        answer_none(out);
        return ERR_OK;
    }
    return read_way(x, &q->heap, to, departure_s, links, link_capacity, out);
}

err_code route_car_run(const route_car_index *x, const route_car_metric *m, route_car_query *q, uint32_t from_node_ix,
                       uint32_t to_node_ix, uint32_t departure_s, uint32_t *links, uint32_t link_capacity,
                       route_car_answer *out) {
    ASSERT(from_node_ix < x->node_count);
    return run_from_state(x, m, q, from_node_ix, to_node_ix, departure_s, links, link_capacity, out);
}

err_code route_car_run_on(const route_car_index *x, const route_car_metric *m, route_car_query *q,
                          uint32_t from_link_ix, uint32_t to_node_ix, uint32_t departure_s, uint32_t *links,
                          uint32_t link_capacity, route_car_answer *out) {
    ASSERT(from_link_ix < x->link_count && x->link_arc[from_link_ix] != IX_NONE);
    uint32_t from = x->arc[x->link_arc[from_link_ix]].head_ix;
    return run_from_state(x, m, q, from, to_node_ix, departure_s, links, link_capacity, out);
}

// Lengths and tolls of a finished tree: parents are settled before their children.
static void tree_sums(const route_car_index *x, route_car_query *q) {
    const route_heap *h = &q->heap;
    for (uint32_t k = 0; k < h->settled_count; k++) {
        uint32_t v = h->settled[k];
        uint32_t i = h->label[v].parent_arc;
        car_sum sum = {0, 0};
        if (i != IX_NONE) {
            sum = (car_sum){q->length_mm[x->tail_ix[i]], q->toll_mnok[x->tail_ix[i]]};
            sum_add(&sum, &x->arc[i]);
        }
        q->length_mm[v] = sum.length_mm;
        q->toll_mnok[v] = sum.toll_mnok;
    }
}

void route_car_tree(const route_car_index *x, const route_car_metric *m, route_car_query *q, uint32_t from_node_ix,
                    uint32_t departure_s, uint32_t *cost_ds, uint32_t *time_ds, float *distance_m, float *toll_nok) {
    const route_heap *h = &q->heap;
    ASSERT(from_node_ix < x->node_count);
    search(x, m, &q->heap, from_node_ix, IX_NONE, departure_s);
    if (distance_m != NULL || toll_nok != NULL) {
        tree_sums(x, q);
    }
    for (uint32_t v = 0; v < x->node_count; v++) {
        uint32_t end = end_of(x, v);
        bool reached = route_heap_reached(h, end);
        if (cost_ds != NULL) {
            cost_ds[v] = reached ? (uint32_t)(h->label[end].key >> 32) : IX_NONE;
        }
        if (time_ds != NULL) {
            time_ds[v] = reached ? (uint32_t)h->label[end].key : IX_NONE;
        }
        if (distance_m != NULL) {
            distance_m[v] = reached ? from_thousandths(q->length_mm[end]) : INFINITY;
        }
        if (toll_nok != NULL) {
            toll_nok[v] = reached ? from_thousandths(q->toll_mnok[end]) : INFINITY;
        }
    }
}

// The arc that a link is after the arc before it; IX_NONE if the link is closed or the turn forbidden.
static inline uint32_t arc_after(const route_car_index *x, uint32_t before, uint32_t link_ix) {
    uint32_t i = x->link_arc[link_ix];
    if (x->penalty_ds == NULL || before == IX_NONE || i == IX_NONE || x->arc[before].head_ix < x->node_count) {
        return i;
    }
    uint32_t state = x->arc[before].head_ix;
    for (i = x->arc_first[state]; i < x->arc_first[state + 1]; i++) {
        if (x->arc[i].link_ix == link_ix) {
            return i;
        }
    }
    return IX_NONE;
}

void route_car_evaluate(const route_car_index *x, const route_car_metric *m, const uint32_t *links, uint32_t link_count,
                        uint32_t departure_s, route_car_answer *out) {
    car_price price = price_of(m);
    car_sum sum = {0, 0};
    uint64_t key = 0;
    uint32_t i = IX_NONE;
    ASSERT(m->time->link_count == x->link_count);
    for (uint32_t k = 0; k < link_count && key != UINT64_MAX; k++) {
        ASSERT(links[k] < x->link_count);
        i = arc_after(x, i, links[k]);
        if (i == IX_NONE) {
            key = UINT64_MAX;
            break;
        }
        key = x->penalty_ds == NULL ? extend(m, &price, &x->arc[i], key, departure_s * 10)
                                    : extend_turning(x, m, &price, i, key, departure_s * 10);
        sum_add(&sum, &x->arc[i]);
    }
    if (key == UINT64_MAX) {
        answer_none(out);
        return;
    }
    answer_fill(out, key, sum, departure_s, link_count);
}

uint32_t route_car_turn_ds(const route_car_index *x, uint32_t in_link_ix, uint32_t out_link_ix) {
    uint32_t i = arc_after(x, x->link_arc[in_link_ix], out_link_ix);
    return i == IX_NONE ? IX_NONE : (x->penalty_ds == NULL ? 0 : x->penalty_ds[i]);
}

uint32_t route_car_state_after(const route_car_index *x, uint32_t link_ix) {
    ASSERT(x->link_state[link_ix] != IX_NONE);
    return x->link_state[link_ix];
}

void route_car_add_link(const route_car_index *x, uint32_t link_ix, uint64_t *length_mm, uint64_t *toll_mnok) {
    route_car_add_links(x, &link_ix, 1, length_mm, toll_mnok);
}

void route_car_add_links(const route_car_index *x, const uint32_t *links, uint32_t count, uint64_t *length_mm,
                         uint64_t *toll_mnok) {
    car_sum sum = {*length_mm, *toll_mnok};
    for (uint32_t k = 0; k < count; k++) {
        ASSERT(x->link_state[links[k]] != IX_NONE);
        sum.length_mm += x->link_sum[links[k]].length_mm;
        sum.toll_mnok += x->link_sum[links[k]].toll_mnok;
    }
    *length_mm = sum.length_mm;
    *toll_mnok = sum.toll_mnok;
}

void route_car_money(const route_car_index *x, const route_car_metric *m, uint32_t *out_ds) {
    car_price price = price_of(m);
    for (uint32_t e = 0; e < x->link_count; e++) {
        uint32_t i = x->link_arc[e];
        out_ds[e] = i == IX_NONE ? IX_NONE : (uint32_t)money_ds(&price, &x->arc[i]);
    }
}
