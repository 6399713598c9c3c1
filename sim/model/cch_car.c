#include "model/cch_car.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/par.h"
#include "turn_graph.h"

struct cch_car_scratch {
    cch_customizer *customizer;
    uint32_t *cost;  // [arc][lane]
};

// Arcs in the order of the states they enter.
static err_code gather_arcs(const turn_graph *g, arena *a, arena *scratch, cch_car_index *x, uint32_t **head) {
    uint32_t *order;
    ARENA_NEW(scratch, order, g->arc_count);
    ARENA_NEW(scratch, *head, g->arc_count);
    ARENA_NEW(a, x->in_first, (size_t)g->state_count + 1);
    ARENA_NEW(a, x->arc_link, g->arc_count);
    ARENA_NEW(a, x->arc_tail, g->arc_count);
    if (g->penalty_ds != NULL) {
        ARENA_NEW(a, x->arc_penalty_ds, g->arc_count);
    }
    if (g->state_count > 0) {
        TRY(par_group_u32(g->head_ix, g->arc_count, g->state_count, x->in_first, order));
    }
    for (uint32_t i = 0; i < g->arc_count; i++) {
        x->arc_link[i] = g->link_ix[order[i]];
        x->arc_tail[i] = g->tail_ix[order[i]];
        (*head)[i] = g->head_ix[order[i]];
        if (g->penalty_ds != NULL) {
            x->arc_penalty_ds[i] = g->penalty_ds[order[i]];
        }
    }
    return ERR_OK;
}

static err_code build_graph(const network *n, uint8_t allow, arena *a, arena *scratch, cch_car_index *x,
                            cch_graph *out) {
    turn_graph g;
    uint32_t *head;
    TRY(turn_graph_build(n, allow, scratch, &g));
    x->node_count = n->node.count;
    x->link_count = n->link.count;
    x->state_count = g.state_count;
    x->arc_count = g.arc_count;
    if (g.end_ix != NULL) {
        ARENA_NEW(a, x->end_ix, n->node.count);
        memcpy(x->end_ix, g.end_ix, n->node.count * sizeof *g.end_ix);
    }
    TRY(gather_arcs(&g, a, scratch, x, &head));
    *out = (cch_graph){.node_count = g.state_count, .arc_count = g.arc_count, .tail_ix = x->arc_tail, .head_ix = head};
    return ERR_OK;
}

err_code cch_car_build(const network *n, uint8_t allow, const uint32_t *order, arena *a, cch_car_index **out) {
    cch_graph g;
    arena scratch;
    ARENA_NEW(a, *out, 1);
    arena_init(&scratch);
    err_code code = build_graph(n, allow, a, &scratch, *out, &g);
    code = code == ERR_OK ? cch_build(&g, order, a, &(*out)->cch) : code;
    arena_free(&scratch);
    return code;
}

err_code cch_car_order(const network *n, uint8_t allow, arena *a, uint32_t **order, uint32_t *count) {
    cch_car_index x = {0};
    cch_graph g;
    arena scratch;
    arena_init(&scratch);
    err_code code = build_graph(n, allow, &scratch, &scratch, &x, &g);
    code = code == ERR_OK ? cch_order(&g, a, order) : code;
    *count = x.state_count;
    arena_free(&scratch);
    return code;
}

err_code cch_car_order_key(const network *n, uint8_t allow, uint64_t *key, uint32_t *count) {
    cch_car_index x = {0};
    cch_graph g;
    arena scratch;
    arena_init(&scratch);
    err_code code = build_graph(n, allow, &scratch, &scratch, &x, &g);
    if (code == ERR_OK) {
        uint64_t h = hash_u64(hash_u64(HASH_SEED, g.node_count), g.arc_count);
        h = hash_bytes(h, g.tail_ix, g.arc_count * sizeof *g.tail_ix);
        *key = hash_finish(hash_bytes(h, g.head_ix, g.arc_count * sizeof *g.head_ix));
    }
    *count = x.state_count;
    arena_free(&scratch);
    return code;
}

static uint32_t end_of(const cch_car_index *x, uint32_t node_ix) {
    return x->end_ix == NULL ? node_ix : x->end_ix[node_ix];
}

err_code cch_car_query_init(const cch_car_index *x, arena *a, uint32_t link_capacity, cch_car_query **out) {
    cch_car_query *q;
    ARENA_NEW(a, q, 1);
    q->link_capacity = link_capacity;
    ARENA_NEW(a, q->links, (size_t)link_capacity + 1);  // with an arc to the end of the way
    ARENA_NEW(a, q->sum, x->state_count);
    ARENA_NEW(a, q->stack, x->state_count);
    ARENA_NEW(a, q->state_cost_ds, x->state_count);
    *out = q;
    return cch_query_init(x->cch, a, &q->cch);
}

err_code cch_car_scratch_init(const cch_car_index *x, arena *a, cch_car_scratch **out) {
    ARENA_NEW(a, *out, 1);
    ARENA_NEW(a, (*out)->cost, (size_t)x->arc_count * CCH_LANES);
    return cch_customizer_init(x->cch, a, &(*out)->customizer);
}

void cch_car_canonical(const traveltime *t, uint8_t canonical[TRAVELTIME_BINS]) {
    canonical[0] = 0;
    for (uint32_t b = 1; b < TRAVELTIME_BINS; b++) {
        const uint32_t *now = t->time_ds + (size_t)b * t->link_count;
        bool same = memcmp(now, now - t->link_count, t->link_count * sizeof *now) == 0;
        canonical[b] = same ? canonical[b - 1] : (uint8_t)b;
    }
}

err_code cch_car_window_init(const cch_car_index *x, uint32_t set_capacity, arena *a, cch_car_window *w) {
    *w = (cch_car_window){.x = x, .set_capacity = set_capacity};
    ARENA_NEW(a, w->money_ds, x->link_count);
    ARENA_NEW(a, w->set, set_capacity);
    for (uint32_t i = 0; i < set_capacity; i++) {
        TRY(cch_metrics_init(x->cch, a, &w->set[i]));
    }
    return ERR_OK;
}

uint32_t cch_car_window_begin(cch_car_window *w, const route_car_index *vehicle, const route_car_metric *m,
                              const uint8_t canonical[TRAVELTIME_BINS], const uint8_t *needed, uint32_t first_bin) {
    ASSERT(m->time->link_count == w->x->link_count);
    w->vehicle = vehicle;
    w->metric = *m;
    w->canonical = canonical;
    w->bin_count = 0;
    memset(w->lane_of, UINT8_MAX, sizeof w->lane_of);
    route_car_money(vehicle, m, w->money_ds);
    uint32_t b = first_bin;
    for (; b < TRAVELTIME_BINS && w->bin_count < w->set_capacity * CCH_LANES; b++) {
        if (canonical[b] == b && (needed == NULL || needed[b] != 0)) {
            w->lane_of[b] = (uint8_t)w->bin_count;
            w->bin[w->bin_count++] = (uint8_t)b;
        }
    }
    w->set_count = (w->bin_count + CCH_LANES - 1) / CCH_LANES;
    return b;
}

void cch_car_window_fill(cch_car_window *w, uint32_t set, cch_car_scratch *s) {
    uint32_t first = set * CCH_LANES;
    const uint32_t *time_ds[CCH_LANES];
    for (uint32_t l = 0; l < CCH_LANES; l++) {  // spare lanes of the last set repeat its last bin
        uint32_t k = first + l < w->bin_count ? first + l : w->bin_count - 1;
        time_ds[l] = w->metric.time->time_ds + (size_t)w->bin[k] * w->x->link_count;
    }
    for (uint32_t i = 0; i < w->x->arc_count; i++) {
        uint32_t e = w->x->arc_link[i];
        uint32_t *cost = s->cost + (size_t)i * CCH_LANES;
        uint64_t penalty_ds = w->x->arc_penalty_ds == NULL ? 0 : w->x->arc_penalty_ds[i];
        for (int l = 0; l < CCH_LANES; l++) {
            uint64_t sum = e == IX_NONE ? 0 : penalty_ds + time_ds[l][e] + w->money_ds[e];
            cost[l] = sum > CCH_COST_MAX ? CCH_CLOSED : (uint32_t)sum;  // money is IX_NONE where closed
        }
    }
    cch_customize(w->x->cch, s->cost, s->customizer, &w->set[set]);
}

static uint32_t bin_at(uint32_t time_s) {
    uint32_t bin = time_s / TRAVELTIME_BIN_S;
    return bin < TRAVELTIME_BINS ? bin : TRAVELTIME_BINS - 1;
}

uint8_t cch_car_trip_bin(const uint8_t canonical[TRAVELTIME_BINS], uint32_t departure_s) {
    return canonical[bin_at(departure_s)];
}

// What a way costs in a frozen bin: equal to the query's answer if it is best there too.
static uint64_t frozen_cost(const cch_car_window *w, uint8_t bin, const uint32_t *links, uint32_t count) {
    const uint32_t *time_ds = w->metric.time->time_ds + (size_t)bin * w->x->link_count;
    uint64_t cost = 0;
    for (uint32_t i = 0; i < count; i++) {
        cost += (uint64_t)time_ds[links[i]] + w->money_ds[links[i]];
        if (w->x->arc_penalty_ds != NULL && i > 0) {
            cost += route_car_turn_ds(w->vehicle, links[i - 1], links[i]);
        }
    }
    return cost;
}

// The links of the last query's way into q->links.
static err_code read_links(const cch_car_window *w, cch_car_query *q, const cch_metrics *m, uint32_t lane,
                           uint32_t *count) {
    uint32_t arcs;
    TRY(cch_path(w->x->cch, m, lane, q->cch, q->links, q->link_capacity + 1, &arcs));
    *count = 0;
    for (uint32_t i = 0; i < arcs; i++) {
        uint32_t e = w->x->arc_link[q->links[i]];
        if (e != IX_NONE) {  // only the last may be
            q->links[(*count)++] = e;
        }
    }
    CHECK(*count <= q->link_capacity, ERR_RANGE,
          "a route has %u links but there is room for %u: give room for more links", (unsigned)*count,
          (unsigned)q->link_capacity);
    return ERR_OK;
}

// One sample: the way that is best in a frozen bin, kept if it is better on the true times than what there is.
static err_code sample(const cch_car_window *w, cch_car_query *q, cch_car_trip *trip, uint8_t bin, uint32_t *links,
                       bool *changed) {
    const cch_metrics *m = &w->set[w->lane_of[bin] / CCH_LANES];
    uint32_t lane = w->lane_of[bin] % CCH_LANES;
    uint32_t count = 0;
    route_car_answer answer;
    uint32_t cost = cch_run(w->x->cch, m, lane, q->cch, trip->from_node_ix, end_of(w->x, trip->to_node_ix));
    if (cost == CCH_CLOSED ||
        (trip->done > 0 && frozen_cost(w, bin, links, trip->answer.link_count) == cost)) {  // nothing new to find
        return ERR_OK;
    }
    TRY(read_links(w, q, m, lane, &count));
    route_car_evaluate(w->vehicle, &w->metric, q->links, count, trip->departure_s, &answer);
    if (answer.cost_ds < trip->answer.cost_ds) {
        trip->answer = answer;
        memcpy(links, q->links, count * sizeof *links);
        *changed = true;
    }
    return ERR_OK;
}

// Where the trip will be half-way and at its end, by its first sample.
static void set_bins(const cch_car_window *w, cch_car_trip *trip) {
    uint32_t time_s = trip->answer.time_ds / 10;
    trip->bin[1] = w->canonical[bin_at(trip->departure_s + time_s / 2)];
    trip->bin[2] = w->canonical[bin_at(trip->departure_s + time_s)];
}

err_code cch_car_advance(const cch_car_window *w, cch_car_query *q, cch_car_trip *trip, uint32_t *links,
                         bool *changed) {
    *changed = false;
    while (trip->done < CCH_CAR_SAMPLES) {
        uint8_t bin = trip->bin[trip->done];
        bool again = trip->done > 0 && bin == trip->bin[trip->done - 1];
        if (!again && w->lane_of[bin] == UINT8_MAX) {
            return ERR_OK;
        }
        if (trip->done == 0) {
            trip->answer = (route_car_answer){.arrival_s = IX_NONE, .time_ds = IX_NONE, .cost_ds = IX_NONE};
        }
        if (!again) {
            TRY(sample(w, q, trip, bin, links, changed));
        }
        if (trip->done == 0 && trip->answer.arrival_s == IX_NONE) {
            trip->done = CCH_CAR_SAMPLES;  // what is closed is closed all day
            return ERR_OK;
        }
        if (trip->done == 0) {
            set_bins(w, trip);
        }
        trip->done++;
    }
    return ERR_OK;
}

err_code cch_car_run(const cch_car_window *w, cch_car_query *q, uint32_t from_node_ix, uint32_t to_node_ix,
                     uint32_t departure_s, uint32_t *links, route_car_answer *out) {
    bool changed;
    cch_car_trip trip = {.from_node_ix = from_node_ix, .to_node_ix = to_node_ix, .departure_s = departure_s};
    trip.bin[0] = cch_car_trip_bin(w->canonical, departure_s);
    TRY(cch_car_advance(w, q, &trip, links, &changed));
    ASSERT(trip.done == CCH_CAR_SAMPLES);
    *out = trip.answer;
    return ERR_OK;
}

// What an arc costs and takes; IX_NONE where it is closed.
static uint64_t arc_cost(const cch_car_window *w, const uint32_t *bin_ds, uint32_t i, uint32_t *time_ds) {
    uint32_t e = w->x->arc_link[i];
    *time_ds = 0;
    if (e == IX_NONE) {
        return 0;
    }
    *time_ds = bin_ds[e] + (w->x->arc_penalty_ds == NULL ? 0 : w->x->arc_penalty_ds[i]);
    return w->money_ds[e] == IX_NONE ? IX_NONE : (uint64_t)*time_ds + w->money_ds[e];
}

// The arc that brings a state its cost: the first of those that fit. IX_NONE at the root. Only the end of ways is
// entered by arcs without cost, and nothing leads on from there, so that parents make no rings.
static uint32_t parent_arc(const cch_car_window *w, const uint32_t *bin_ds, const uint32_t *cost_ds, uint32_t v) {
    const cch_car_index *x = w->x;
    for (uint32_t i = x->in_first[v]; i < x->in_first[v + 1]; i++) {
        uint32_t time_ds;
        uint64_t own = arc_cost(w, bin_ds, i, &time_ds);
        uint32_t before = cost_ds[x->arc_tail[i]];
        bool forward = before < cost_ds[v] || x->arc_link[i] == IX_NONE;
        if (forward && own != IX_NONE && (uint64_t)before + own == cost_ds[v]) {
            return i;
        }
    }
    return IX_NONE;
}

// Sums along parents: up from a state to one that is known, then back down.
static void sum_up(const cch_car_window *w, cch_car_query *q, const uint32_t *bin_ds, const uint32_t *cost_ds,
                   uint32_t v) {
    uint32_t waiting = 0;
    for (; q->sum[v].time_ds == IX_NONE; v = w->x->arc_tail[q->sum[v].parent_arc]) {
        q->sum[v].parent_arc = parent_arc(w, bin_ds, cost_ds, v);
        ASSERT(q->sum[v].parent_arc != IX_NONE);
        q->stack[waiting++] = v;
    }
    while (waiting > 0) {
        uint32_t at = q->stack[--waiting];
        cch_car_sum *own = &q->sum[at];
        uint32_t parent = own->parent_arc;
        uint32_t time_ds;
        (void)arc_cost(w, bin_ds, parent, &time_ds);
        *own = q->sum[w->x->arc_tail[parent]];
        own->parent_arc = parent;
        own->time_ds += time_ds;
        if (w->x->arc_link[parent] != IX_NONE) {
            route_car_add_link(w->vehicle, w->x->arc_link[parent], &own->length_mm, &own->toll_mnok);
        }
    }
}

void cch_car_tree(const cch_car_window *w, cch_car_query *q, uint32_t from_node_ix, uint32_t departure_s,
                  uint32_t *cost_ds, uint32_t *time_ds, float *distance_m, float *toll_nok) {
    uint8_t bin = cch_car_trip_bin(w->canonical, departure_s);
    uint32_t place = w->lane_of[bin];
    const uint32_t *bin_ds = w->metric.time->time_ds + (size_t)bin * w->x->link_count;
    uint32_t *state_ds = q->state_cost_ds;
    ASSERT(place != UINT8_MAX);
    cch_tree(w->x->cch, &w->set[place / CCH_LANES], place % CCH_LANES, q->cch, from_node_ix, state_ds);
    for (uint32_t v = 0; v < w->x->state_count; v++) {
        q->sum[v].time_ds = IX_NONE;
    }
    q->sum[from_node_ix] = (cch_car_sum){.parent_arc = IX_NONE};
    for (uint32_t v = 0; v < w->x->node_count; v++) {
        uint32_t end = end_of(w->x, v);
        bool reached = state_ds[end] != CCH_CLOSED;
        if (reached) {
            sum_up(w, q, bin_ds, state_ds, end);
        }
        cost_ds[v] = state_ds[end];
        if (time_ds != NULL) {
            time_ds[v] = reached ? q->sum[end].time_ds : IX_NONE;
        }
        if (distance_m != NULL) {
            distance_m[v] = reached ? (float)((double)q->sum[end].length_mm / 1000.0) : INFINITY;
        }
        if (toll_nok != NULL) {
            toll_nok[v] = reached ? (float)((double)q->sum[end].toll_mnok / 1000.0) : INFINITY;
        }
    }
}
