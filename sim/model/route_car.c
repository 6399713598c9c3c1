#include "model/route_car.h"

#include <math.h>

#include "route_heap.h"

// Everything a relaxation needs of a link lies in its arc but the travel time.
typedef struct car_arc {
    uint32_t head_ix;
    uint32_t link_ix;
    float length_m;
    float toll_nok;
} car_arc;

struct route_car_index {
    uint32_t node_count;
    uint32_t link_count;
    uint32_t *arc_first;  // [node + 1], in ascending link ix
    car_arc *arc;
    uint32_t *tail_ix;   // [arc]
    uint32_t *link_arc;  // [link]; IX_NONE = closed to this vehicle
};

struct route_car_query {
    route_heap heap;
    uint64_t *length_mm;  // [node], of trees
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

err_code route_car_build(const network *n, uint8_t allow, arena *a, route_car_index **out) {
    route_car_index *x;
    ARENA_NEW(a, x, 1);
    x->node_count = n->node.count;
    x->link_count = n->link.count;
    uint32_t arcs = 0;
    for (uint32_t e = 0; e < n->link.count; e++) {
        arcs += (n->link.allowed[e] & allow) != 0 ? 1U : 0U;
    }
    ARENA_NEW(a, x->arc_first, (size_t)n->node.count + 1);
    ARENA_NEW(a, x->arc, arcs);
    ARENA_NEW(a, x->tail_ix, arcs);
    ARENA_NEW(a, x->link_arc, n->link.count);
    arcs = 0;
    for (uint32_t v = 0; v < n->node.count; v++) {
        x->arc_first[v] = arcs;
        for (uint32_t i = n->out_first[v]; i < n->out_first[v + 1]; i++) {
            uint32_t e = n->out_link[i];
            if ((n->link.allowed[e] & allow) == 0) {
                x->link_arc[e] = IX_NONE;
                continue;
            }
            x->arc[arcs] = (car_arc){.head_ix = n->link.to_ix[e],
                                     .link_ix = e,
                                     .length_m = n->link.length_m[e],
                                     .toll_nok = n->link.toll_nok[e]};
            x->tail_ix[arcs] = v;
            x->link_arc[e] = arcs++;
        }
    }
    x->arc_first[n->node.count] = arcs;
    *out = x;
    return ERR_OK;
}

err_code route_car_query_init(const route_car_index *x, arena *a, route_car_query **out) {
    route_car_query *q;
    ARENA_NEW(a, q, 1);
    TRY(route_heap_init(&q->heap, a, x->node_count));
    ARENA_NEW(a, q->length_mm, x->node_count);
    ARENA_NEW(a, q->toll_mnok, x->node_count);
    *out = q;
    return ERR_OK;
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

// The label beyond an arc; UINT64_MAX when the cost no longer fits (about 13 years): no way worth having.
static inline uint64_t extend(const route_car_metric *m, const car_price *p, const car_arc *arc, uint64_t key,
                              uint32_t departure_ds) {
    uint32_t time_ds = (uint32_t)key;
    uint32_t link_ds = traveltime_at_ds(m->time, arc->link_ix, departure_ds + time_ds);
    uint64_t cost_ds = (key >> 32) + link_ds + money_ds(p, arc);
    return cost_ds < UINT32_MAX ? route_heap_key((uint32_t)cost_ds, time_ds + link_ds) : UINT64_MAX;
}

// Settles nodes until `to` is settled, or all when it is IX_NONE. Labels that cannot beat the one `to` has already
// are not made: most of the last third of a search falls away.
static void search(const route_car_index *x, const route_car_metric *m, route_heap *h, uint32_t from, uint32_t to,
                   uint32_t departure_s) {
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
            uint64_t beyond = extend(m, &price, arc, key, departure_ds);
            if (beyond < bound && route_heap_offer(h, arc->head_ix, beyond, i) && arc->head_ix == to) {
                bound = beyond;
            }
        }
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

static void sum_add(car_sum *sum, const car_arc *arc) {
    sum->length_mm += thousandths(arc->length_m);
    sum->toll_mnok += thousandths(arc->toll_nok);
}

err_code route_car_run(const route_car_index *x, const route_car_metric *m, route_car_query *q, uint32_t from_node_ix,
                       uint32_t to_node_ix, uint32_t departure_s, uint32_t *links, uint32_t link_capacity,
                       route_car_answer *out) {
    route_heap *h = &q->heap;
    ASSERT(from_node_ix < x->node_count && to_node_ix < x->node_count);
    search(x, m, h, from_node_ix, to_node_ix, departure_s);
    if (!route_heap_settled(h, to_node_ix)) {
        answer_none(out);
        return ERR_OK;
    }
    uint32_t count = 0;
    car_sum sum = {0, 0};
    for (uint32_t i = h->label[to_node_ix].parent_arc; i != IX_NONE; i = h->label[x->tail_ix[i]].parent_arc) {
        sum_add(&sum, &x->arc[i]);
        count++;
    }
    answer_fill(out, h->label[to_node_ix].key, sum, departure_s, count);
    if (links == NULL) {
        return ERR_OK;
    }
    CHECK(count <= link_capacity, ERR_RANGE,
          "the car route from node %u to node %u has %u links but there is room for %u: give room for more links",
          (unsigned)from_node_ix, (unsigned)to_node_ix, (unsigned)count, (unsigned)link_capacity);
    for (uint32_t i = h->label[to_node_ix].parent_arc; i != IX_NONE; i = h->label[x->tail_ix[i]].parent_arc) {
        links[--count] = x->arc[i].link_ix;
    }
    return ERR_OK;
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
        bool reached = route_heap_reached(h, v);
        if (cost_ds != NULL) {
            cost_ds[v] = reached ? (uint32_t)(h->label[v].key >> 32) : IX_NONE;
        }
        if (time_ds != NULL) {
            time_ds[v] = reached ? (uint32_t)h->label[v].key : IX_NONE;
        }
        if (distance_m != NULL) {
            distance_m[v] = reached ? from_thousandths(q->length_mm[v]) : INFINITY;
        }
        if (toll_nok != NULL) {
            toll_nok[v] = reached ? from_thousandths(q->toll_mnok[v]) : INFINITY;
        }
    }
}

void route_car_evaluate(const route_car_index *x, const route_car_metric *m, const uint32_t *links, uint32_t link_count,
                        uint32_t departure_s, route_car_answer *out) {
    car_price price = price_of(m);
    car_sum sum = {0, 0};
    uint64_t key = 0;
    ASSERT(m->time->link_count == x->link_count);
    for (uint32_t k = 0; k < link_count && key != UINT64_MAX; k++) {
        ASSERT(links[k] < x->link_count);
        uint32_t i = x->link_arc[links[k]];
        if (i == IX_NONE) {
            key = UINT64_MAX;
            break;
        }
        key = extend(m, &price, &x->arc[i], key, departure_s * 10);
        sum_add(&sum, &x->arc[i]);
    }
    if (key == UINT64_MAX) {
        answer_none(out);
        return;
    }
    answer_fill(out, key, sum, departure_s, link_count);
}

void route_car_add_link(const route_car_index *x, uint32_t link_ix, uint64_t *length_mm, uint64_t *toll_mnok) {
    ASSERT(x->link_arc[link_ix] != IX_NONE);
    car_sum sum = {*length_mm, *toll_mnok};
    sum_add(&sum, &x->arc[x->link_arc[link_ix]]);
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
