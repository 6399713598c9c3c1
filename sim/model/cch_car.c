#include "model/cch_car.h"

#include <math.h>
#include <string.h>

struct cch_car_scratch {
    cch_customizer *customizer;
    uint32_t *cost;  // [arc][lane]
};

err_code cch_car_build(const network *n, uint8_t allow, arena *a, cch_car_index **out) {
    cch_car_index *x;
    uint32_t *tail;
    uint32_t *head;
    ARENA_NEW(a, x, 1);
    x->link_count = n->link.count;
    ARENA_NEW(a, x->arc_link, n->link.count);
    ARENA_NEW(a, tail, n->link.count);
    ARENA_NEW(a, head, n->link.count);
    ARENA_NEW(a, x->in_first, (size_t)n->node.count + 1);
    for (uint32_t v = 0; v < n->node.count; v++) {
        x->in_first[v] = x->arc_count;
        for (uint32_t e = n->in_first[v]; e < n->in_first[v + 1]; e++) {
            if ((n->link.allowed[e] & allow) != 0) {
                tail[x->arc_count] = n->link.from_ix[e];
                head[x->arc_count] = v;
                x->arc_link[x->arc_count++] = e;
            }
        }
    }
    x->in_first[n->node.count] = x->arc_count;
    x->arc_tail = tail;
    x->node_count = n->node.count;
    cch_graph g = {.node_count = n->node.count, .arc_count = x->arc_count, .tail_ix = tail, .head_ix = head};
    *out = x;
    return cch_build(&g, NULL, a, &x->cch);
}

err_code cch_car_query_init(const cch_car_index *x, arena *a, uint32_t link_capacity, cch_car_query **out) {
    ARENA_NEW(a, *out, 1);
    (*out)->link_capacity = link_capacity;
    ARENA_NEW(a, (*out)->links, link_capacity);
    ARENA_NEW(a, (*out)->sum, x->node_count);
    ARENA_NEW(a, (*out)->stack, x->node_count);
    return cch_query_init(x->cch, a, &(*out)->cch);
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
        for (int l = 0; l < CCH_LANES; l++) {
            uint64_t sum = (uint64_t)time_ds[l][e] + w->money_ds[e];
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
    }
    return cost;
}

// One sample: the way that is best in a frozen bin, kept if it is better on the true times than what there is.
static err_code sample(const cch_car_window *w, cch_car_query *q, cch_car_trip *trip, uint8_t bin, uint32_t *links,
                       bool *changed) {
    const cch_metrics *m = &w->set[w->lane_of[bin] / CCH_LANES];
    uint32_t lane = w->lane_of[bin] % CCH_LANES;
    uint32_t count = 0;
    route_car_answer answer;
    uint32_t cost = cch_run(w->x->cch, m, lane, q->cch, trip->from_node_ix, trip->to_node_ix);
    if (cost == CCH_CLOSED ||
        (trip->done > 0 && frozen_cost(w, bin, links, trip->answer.link_count) == cost)) {  // nothing new to find
        return ERR_OK;
    }
    TRY(cch_path(w->x->cch, m, lane, q->cch, q->links, q->link_capacity, &count));
    for (uint32_t i = 0; i < count; i++) {
        q->links[i] = w->x->arc_link[q->links[i]];
    }
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

// The arc that brings a node its cost: the first of those that fit. IX_NONE at the root.
static uint32_t parent_arc(const cch_car_window *w, const uint32_t *bin_ds, const uint32_t *cost_ds, uint32_t v) {
    const cch_car_index *x = w->x;
    for (uint32_t i = x->in_first[v]; cost_ds[v] > 0 && i < x->in_first[v + 1]; i++) {
        uint32_t e = x->arc_link[i];
        uint32_t before = cost_ds[x->arc_tail[i]];
        if (before < cost_ds[v] && w->money_ds[e] != IX_NONE &&
            (uint64_t)before + bin_ds[e] + w->money_ds[e] == cost_ds[v]) {
            return i;
        }
    }
    return IX_NONE;
}

// Sums along parents: up from a node to one that is known, then back down.
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
        const cch_car_sum *before = &q->sum[w->x->arc_tail[own->parent_arc]];
        uint32_t e = w->x->arc_link[own->parent_arc];
        own->time_ds = before->time_ds + bin_ds[e];
        own->length_mm = before->length_mm;
        own->toll_mnok = before->toll_mnok;
        route_car_add_link(w->vehicle, e, &own->length_mm, &own->toll_mnok);
    }
}

void cch_car_tree(const cch_car_window *w, cch_car_query *q, uint32_t from_node_ix, uint32_t departure_s,
                  uint32_t *cost_ds, uint32_t *time_ds, float *distance_m, float *toll_nok) {
    uint8_t bin = cch_car_trip_bin(w->canonical, departure_s);
    uint32_t place = w->lane_of[bin];
    const uint32_t *bin_ds = w->metric.time->time_ds + (size_t)bin * w->x->link_count;
    ASSERT(place != UINT8_MAX);
    cch_tree(w->x->cch, &w->set[place / CCH_LANES], place % CCH_LANES, q->cch, from_node_ix, cost_ds);
    for (uint32_t v = 0; v < w->x->node_count; v++) {
        q->sum[v].time_ds = IX_NONE;
    }
    q->sum[from_node_ix] = (cch_car_sum){.parent_arc = IX_NONE};
    for (uint32_t v = 0; v < w->x->node_count; v++) {
        bool reached = cost_ds[v] != CCH_CLOSED;
        if (reached) {
            sum_up(w, q, bin_ds, cost_ds, v);
        }
        if (time_ds != NULL) {
            time_ds[v] = reached ? q->sum[v].time_ds : IX_NONE;
        }
        if (distance_m != NULL) {
            distance_m[v] = reached ? (float)((double)q->sum[v].length_mm / 1000.0) : INFINITY;
        }
        if (toll_nok != NULL) {
            toll_nok[v] = reached ? (float)((double)q->sum[v].toll_mnok / 1000.0) : INFINITY;
        }
    }
}
