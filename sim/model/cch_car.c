#include "model/cch_car.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/par.h"
#include "route_heap.h"
#include "turn_graph.h"

// Lower bounds for exact repairs: a lane a part of the day, over its bins and those of the next part, and one lane for
// the whole day.
enum { REPAIR_PARTS = CCH_LANES - 1, REPAIR_PART_BINS = (TRAVELTIME_BINS + REPAIR_PARTS - 1) / REPAIR_PARTS };

// A trip whose samples' costs differ by more than this is routed exactly, and so is one whose samples lie more than two
// quarter-hours apart. Of the others, samples were at most 1.1 % off in tests with peaks harsher than real ones
// (docs/methods.md).
static const uint32_t repair_above_pct = 10;
static const uint32_t repair_above_ds = 2 * 2 * TRAVELTIME_BIN_DS;

struct cch_car_repair {
    route_heap heap;
};

struct cch_car_scratch {
    cch_customizer *customizer;
    uint32_t *cost;  // [arc][lane]
};

// Arcs by the state they leave, under the numbers that `order` gives them.
static err_code group_out(const turn_graph *g, const uint32_t *order, arena *a, arena *scratch, cch_car_index *x) {
    uint32_t *tail;
    ARENA_NEW(scratch, tail, g->arc_count);
    ARENA_NEW(a, x->out_first, (size_t)g->state_count + 1);
    ARENA_NEW(a, x->out_arc, g->arc_count);
    ARENA_NEW(a, x->out_head, g->arc_count);
    for (uint32_t i = 0; i < g->arc_count; i++) {
        tail[i] = g->tail_ix[order[i]];
    }
    if (g->state_count > 0) {
        TRY(par_group_u32(tail, g->arc_count, g->state_count, x->out_first, x->out_arc));
    }
    for (uint32_t i = 0; i < g->arc_count; i++) {
        x->out_head[i] = g->head_ix[order[x->out_arc[i]]];
    }
    return ERR_OK;
}

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
    TRY(group_out(g, order, a, scratch, x));
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
        uint64_t h = hash_u64(hash_u64(cch_order_method(), g.node_count), g.arc_count);
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
    ARENA_NEW(a, q->joined, 2 * (size_t)link_capacity);
    ARENA_NEW(a, q->seat, x->state_count);
    ARENA_NEW(a, q->sum, x->state_count);
    ARENA_NEW(a, q->stack, x->state_count);
    ARENA_NEW(a, q->state_cost_ds, x->state_count);
    *out = q;
    ARENA_NEW(a, q->repair, 1);
    TRY(route_heap_init(&q->repair->heap, a, x->state_count));
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
        TRY(cch_metrics_init(x->cch, cch_best_layout(x->cch) | CCH_WAYS, a, &w->set[i]));
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

// An arc's cost from its link's time.
static inline uint32_t arc_cost_ds(const cch_car_window *w, uint32_t i, uint32_t link_ds) {
    uint32_t e = w->x->arc_link[i];
    uint64_t penalty_ds = w->x->arc_penalty_ds == NULL ? 0 : w->x->arc_penalty_ds[i];
    uint64_t sum = penalty_ds + link_ds + w->money_ds[e];  // money is IX_NONE where closed
    return sum > CCH_COST_MAX ? CCH_CLOSED : (uint32_t)sum;
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
            cost[l] = e == IX_NONE ? 0 : arc_cost_ds(w, i, time_ds[l][e]);
        }
    }
    cch_customize(w->x->cch, s->cost, s->customizer, &w->set[set]);
}

err_code cch_car_window_repair(cch_car_window *w, arena *a) {
    w->repairs = true;
    return cch_metrics_init(w->x->cch, CCH_ROWS, a, &w->least);
}

static uint32_t least_ds(const traveltime *t, uint32_t link_ix, uint32_t lane) {
    uint32_t first = lane < REPAIR_PARTS ? lane * REPAIR_PART_BINS : 0;
    uint32_t end = lane < REPAIR_PARTS ? first + 2 * REPAIR_PART_BINS : TRAVELTIME_BINS;
    uint32_t least = UINT32_MAX;
    for (uint32_t b = first; b < end && b < TRAVELTIME_BINS; b++) {
        uint32_t ds = t->time_ds[(size_t)b * t->link_count + link_ix];
        least = ds < least ? ds : least;
    }
    return least;
}

void cch_car_window_fill_least(cch_car_window *w, cch_car_scratch *s) {
    for (uint32_t i = 0; i < w->x->arc_count; i++) {
        uint32_t e = w->x->arc_link[i];
        for (uint32_t l = 0; l < CCH_LANES; l++) {
            s->cost[(size_t)i * CCH_LANES + l] = e == IX_NONE ? 0 : arc_cost_ds(w, i, least_ds(w->metric.time, e, l));
        }
    }
    cch_customize(w->x->cch, s->cost, s->customizer, &w->least);
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

typedef struct drive {  // along a way on the true times
    uint64_t cost_ds;
    uint32_t time_ds;
    uint32_t link_ix;  // driven last; IX_NONE at the start
} drive;

// As route_car_evaluate, with the money terms of the window.
static inline drive drive_link(const cch_car_window *w, uint32_t departure_ds, drive at, uint32_t link_ix) {
    if (w->x->arc_penalty_ds != NULL && at.link_ix != IX_NONE) {
        uint32_t turn_ds = route_car_turn_ds(w->vehicle, at.link_ix, link_ix);
        at.cost_ds += turn_ds;
        at.time_ds += turn_ds;
    }
    uint32_t link_ds = traveltime_at_ds(w->metric.time, link_ix, departure_ds + at.time_ds);
    return (drive){
        .cost_ds = at.cost_ds + link_ds + w->money_ds[link_ix], .time_ds = at.time_ds + link_ds, .link_ix = link_ix};
}

// Link after link on a network without turn records: within a quarter-hour the links' times are known beforehand, so
// that reading one need not wait for the one before.
static drive drive_freely(const cch_car_window *w, uint32_t departure_ds, drive at, const uint32_t *links,
                          uint32_t count) {
    const traveltime *t = w->metric.time;
    uint32_t now_ds = departure_ds + at.time_ds;
    for (uint32_t k = 0; k < count;) {
        uint32_t bin = now_ds / TRAVELTIME_BIN_DS;
        bin = bin < TRAVELTIME_BINS ? bin : TRAVELTIME_BINS - 1;
        uint32_t begin_ds = bin * TRAVELTIME_BIN_DS;
        uint32_t end_ds = bin + 1 < TRAVELTIME_BINS ? begin_ds + TRAVELTIME_BIN_DS : UINT32_MAX;
        const uint32_t *here = t->time_ds + (size_t)bin * t->link_count;
        const uint32_t *before = bin == 0 ? here : here - t->link_count;
        do {  // as traveltime_at_ds
            uint32_t e = links[k++], since_ds = now_ds - begin_ds, own_ds = here[e], before_ds = before[e];
            uint32_t link_ds = before_ds > own_ds + since_ds ? before_ds - since_ds : own_ds;
            at.cost_ds += (uint64_t)link_ds + w->money_ds[e];
            now_ds += link_ds;
        } while (k < count && now_ds < end_ds);
    }
    at.time_ds = now_ds - departure_ds;
    return at;
}

static drive drive_links(const cch_car_window *w, uint32_t departure_ds, drive at, const uint32_t *links,
                         uint32_t count) {
    if (w->x->arc_penalty_ds == NULL) {
        return drive_freely(w, departure_ds, at, links, count);
    }
    for (uint32_t k = 0; k < count; k++) {
        at = drive_link(w, departure_ds, at, links[k]);
    }
    return at;
}

static inline bool is_cheaper(const drive *a, const drive *b) {
    return a->cost_ds < b->cost_ds || (a->cost_ds == b->cost_ds && a->time_ds < b->time_ds);
}

typedef struct two_ways {  // with the same ends
    const uint32_t *mine;
    uint32_t mine_count;
    const uint32_t *other;
    uint32_t other_count;
} two_ways;

// Where the other way, at its place *j, comes back to mine beyond place i; both ways meet at their ends at last.
static void find_meeting(const cch_car_window *w, const cch_car_query *q, const two_ways *ways, uint32_t *i,
                         uint32_t *j) {
    uint32_t from = *i;
    for (uint32_t k = *j; k + 1 < ways->other_count; k++) {
        uint64_t seat = q->seat[route_car_state_after(w->vehicle, ways->other[k])];
        uint32_t place = (uint32_t)seat;
        if (seat >> 32 == q->stamp && place > from && place < ways->mine_count) {
            *i = place;
            *j = k + 1;
            return;
        }
    }
    *i = ways->mine_count;
    *j = ways->other_count;
}

// Only where mine leaves the other way for the first time and up to where both are one at last.
static void take_seats(const cch_car_window *w, cch_car_query *q, const two_ways *ways, uint32_t from) {
    uint32_t mine_end = ways->mine_count, other_end = ways->other_count;
    while (mine_end > from && other_end > from && ways->mine[mine_end - 1] == ways->other[other_end - 1]) {
        mine_end--;
        other_end--;
    }
    mine_end = mine_end == from ? ways->mine_count : mine_end;
    q->stamp++;
    if (q->stamp == 0) {  // gone round: old seats would look new
        memset(q->seat, 0, w->x->state_count * sizeof *q->seat);
        q->stamp = 1;
    }
    for (uint32_t k = from; k < mine_end; k++) {
        q->seat[route_car_state_after(w->vehicle, ways->mine[k])] = (uint64_t)q->stamp << 32 | (k + 1);
    }
}

static uint32_t common_start(const two_ways *ways) {
    uint32_t k = 0;
    while (k < ways->mine_count && k < ways->other_count && ways->mine[k] == ways->other[k]) {
        k++;
    }
    return k;
}

// The best way made of pieces of two, between the states where they meet, into q->joined. On times without overtaking
// it is the best of all ways that use only links of the two, met in this order.
static drive join(const cch_car_window *w, cch_car_query *q, const two_ways *ways, uint32_t departure_ds,
                  uint32_t *count) {
    drive at = {.link_ix = IX_NONE};
    uint32_t i = 0, j = 0;
    *count = 0;
    take_seats(w, q, ways, common_start(ways));
    while (i < ways->mine_count && j < ways->other_count) {
        const uint32_t *mine = ways->mine + i, *other = ways->other + j;
        uint32_t same = common_start(&(two_ways){mine, ways->mine_count - i, other, ways->other_count - j});
        if (same > 0) {
            at = drive_links(w, departure_ds, at, mine, same);
            memcpy(q->joined + *count, mine, same * sizeof *mine);
            *count += same;
            i += same;
            j += same;
            continue;
        }
        find_meeting(w, q, ways, &i, &j);
        drive by_mine = drive_links(w, departure_ds, at, mine, (uint32_t)(ways->mine + i - mine));
        drive by_other = drive_links(w, departure_ds, at, other, (uint32_t)(ways->other + j - other));
        bool leave = is_cheaper(&by_other, &by_mine);
        const uint32_t *from = leave ? other : mine, *to = leave ? ways->other + j : ways->mine + i;
        memcpy(q->joined + *count, from, (size_t)(to - from) * sizeof *from);
        *count += (uint32_t)(to - from);
        at = leave ? by_other : by_mine;
    }
    return at;
}

static void keep(cch_car_trip *trip, const drive *at, const uint32_t *from, uint32_t count, uint32_t *links,
                 bool *changed) {
    trip->answer = (route_car_answer){.cost_ds = (uint32_t)at->cost_ds,
                                      .time_ds = at->time_ds,
                                      .arrival_s = trip->departure_s + (at->time_ds + 5) / 10,
                                      .link_count = count};
    memcpy(links, from, count * sizeof *links);
    *changed = true;
}

// Least cost of the trip in a lane where it is below bound, else CCH_CLOSED. Metrics side by side are all asked at
// once, and the other samples' answers kept.
static uint32_t cost_below(const cch_car_window *w, cch_car_query *q, const cch_car_trip *trip, const cch_metrics *m,
                           uint32_t lane, uint32_t bound) {
    uint32_t from = trip->from_node_ix, to = end_of(w->x, trip->to_node_ix);
    if (m->edge == NULL) {
        return cch_run_below(w->x->cch, m, lane, q->cch, from, to, bound);
    }
    if (q->asked != m) {
        cch_run_lanes(w->x->cch, m, q->cch, from, to, q->cost_ds);
        q->asked = m;
    }
    return q->cost_ds[lane] < bound ? q->cost_ds[lane] : CCH_CLOSED;
}

// One sample: the way that is best in a frozen bin, joined with what there is.
static err_code sample(const cch_car_window *w, cch_car_query *q, cch_car_trip *trip, uint8_t bin, uint32_t *links,
                       bool *changed) {
    const cch_metrics *m = &w->set[w->lane_of[bin] / CCH_LANES];
    uint32_t lane = w->lane_of[bin] % CCH_LANES;
    uint32_t count = 0;
    // Only a way that is better in these times than the present one is of interest.
    uint64_t present = trip->done == 0 ? CCH_COST_NONE : frozen_cost(w, bin, links, trip->answer.link_count);
    uint32_t bound = present < CCH_COST_NONE ? (uint32_t)present : (uint32_t)CCH_COST_NONE;
    uint32_t cost = cost_below(w, q, trip, m, lane, bound);
    uint32_t least = cost == CCH_CLOSED ? bound : cost;
    trip->cost_min_ds = trip->done == 0 || least < trip->cost_min_ds ? least : trip->cost_min_ds;
    trip->cost_max_ds = trip->done == 0 || least > trip->cost_max_ds ? least : trip->cost_max_ds;
    if (cost == CCH_CLOSED) {
        return ERR_OK;
    }
    TRY(read_links(w, q, m, lane, &count));
    if (trip->done == 0) {
        drive at = drive_links(w, trip->departure_s * 10, (drive){.link_ix = IX_NONE}, q->links, count);
        if (at.cost_ds < UINT32_MAX) {
            keep(trip, &at, q->links, count, links, changed);
        }
        return ERR_OK;
    }
    two_ways ways = {links, trip->answer.link_count, q->links, count};
    drive at = join(w, q, &ways, trip->departure_s * 10, &count);
    if (at.cost_ds < trip->answer.cost_ds && count <= q->link_capacity) {
        keep(trip, &at, q->joined, count, links, changed);
    }
    return ERR_OK;
}

// Does the trip meet times that change too much for samples?
static bool wants_repair(const cch_car_window *w, const cch_car_trip *trip) {
    uint64_t high = trip->answer.cost_ds > trip->cost_max_ds ? trip->answer.cost_ds : trip->cost_max_ds;
    bool differ = high * 100 > (uint64_t)trip->cost_min_ds * (100 + repair_above_pct);
    return w->repairs && (differ || trip->answer.time_ds > repair_above_ds);
}

// The lane whose bounds hold for a trip.
static uint32_t repair_lane(const cch_car_trip *trip) {
    uint32_t part = bin_at(trip->departure_s) / REPAIR_PART_BINS;
    uint32_t last_bin = (trip->departure_s + trip->answer.time_ds / 10 + 1) / TRAVELTIME_BIN_S;
    bool held = last_bin < (part + 2) * REPAIR_PART_BINS || part + 2 >= REPAIR_PARTS;
    return held ? part : REPAIR_PARTS;
}

typedef struct aim {  // of one exact search
    const cch_metrics *m;
    uint32_t lane;
    uint32_t departure_ds;
    uint64_t bound;  // keys from here on are no better than what there is
} aim;

// Offers what lies beyond an arc. Keys are (cost so far + least cost from there) << 32 | time.
static void offer_arc(const cch_car_window *w, cch_car_query *q, const aim *t, uint32_t place, uint32_t cost_ds,
                      uint32_t time_ds) {
    const cch_car_index *x = w->x;
    uint32_t i = x->out_arc[place], e = x->arc_link[i];
    uint64_t cost = cost_ds;
    if (e != IX_NONE) {
        if (w->money_ds[e] == IX_NONE) {
            return;
        }
        uint32_t turn_ds = x->arc_penalty_ds == NULL ? 0 : x->arc_penalty_ds[i];
        uint32_t link_ds = traveltime_at_ds(w->metric.time, e, t->departure_ds + time_ds + turn_ds);
        cost += (uint64_t)turn_ds + link_ds + w->money_ds[e];
        time_ds += turn_ds + link_ds;
    }
    if (cost << 32 >= t->bound) {
        return;
    }
    cost += cch_cost_to(x->cch, t->m, t->lane, q->cch, x->out_head[place]);
    if (cost << 32 < t->bound) {
        (void)route_heap_offer(&q->repair->heap, x->out_head[place], cost << 32 | time_ds, place);
    }
}

static uint32_t search_exactly(const cch_car_window *w, cch_car_query *q, const aim *t, uint32_t from, uint32_t to) {
    const cch_car_index *x = w->x;
    route_heap *h = &q->repair->heap;
    route_heap_begin(h, from);  // with key 0
    uint32_t v = route_heap_settle(h);
    for (; v != IX_NONE && v != to; v = route_heap_settle(h)) {
        uint64_t key = h->label[v].key;
        uint32_t left_ds = v == from ? 0 : cch_cost_to(x->cch, t->m, t->lane, q->cch, v);
        for (uint32_t place = x->out_first[v]; place < x->out_first[v + 1]; place++) {
            offer_arc(w, q, t, place, (uint32_t)(key >> 32) - left_ds, (uint32_t)key);
        }
    }
    return v;
}

// Links of the search's way to a state into q->joined; as many as there is room for.
static uint32_t read_search(const cch_car_index *x, cch_car_query *q, uint32_t to) {
    const route_heap *h = &q->repair->heap;
    uint32_t count = 0;
    for (uint32_t p = h->label[to].parent_arc; p != IX_NONE; p = h->label[x->arc_tail[x->out_arc[p]]].parent_arc) {
        count += x->arc_link[x->out_arc[p]] != IX_NONE ? 1U : 0U;
    }
    uint32_t k = count;
    for (uint32_t p = h->label[to].parent_arc; p != IX_NONE; p = h->label[x->arc_tail[x->out_arc[p]]].parent_arc) {
        uint32_t e = x->arc_link[x->out_arc[p]];
        if (e != IX_NONE && --k < q->link_capacity) {
            q->joined[k] = e;
        }
    }
    return count;
}

// Exact search (A*: Hart, Nilsson and Raphael 1968) on the true times, bounded below by the least times of the day's
// part; its way replaces the present one if it is better. Nothing is done where the bound proves the present one.
static void repair(const cch_car_window *w, cch_car_query *q, cch_car_trip *trip, uint32_t *links, bool *changed) {
    const cch_car_index *x = w->x;
    aim t = {&w->least, repair_lane(trip), trip->departure_s * 10, (uint64_t)trip->answer.cost_ds << 32};
    uint32_t to = end_of(x, trip->to_node_ix);
    cch_aim(x->cch, t.m, t.lane, q->cch, to);
    if (cch_cost_to(x->cch, t.m, t.lane, q->cch, trip->from_node_ix) >= trip->answer.cost_ds) {
        return;
    }
    uint32_t v = search_exactly(w, q, &t, trip->from_node_ix, to);
    if (v == IX_NONE) {
        return;
    }
    uint64_t key = q->repair->heap.label[v].key;
    drive at = {.cost_ds = key >> 32, .time_ds = (uint32_t)key};
    uint32_t count = read_search(x, q, v);
    if (count <= q->link_capacity) {
        keep(trip, &at, q->joined, count, links, changed);
    }
}

// Length and toll of the final way.
static void sum_links(const cch_car_window *w, const uint32_t *links, route_car_answer *answer) {
    uint64_t length_mm = 0, toll_mnok = 0;
    route_car_add_links(w->vehicle, links, answer->link_count, &length_mm, &toll_mnok);
    answer->distance_m = (float)((double)length_mm / 1000.0);
    answer->toll_nok = (float)((double)toll_mnok / 1000.0);
}

// Where the trip will be half-way and at its end, by its first sample.
static void set_bins(const cch_car_window *w, cch_car_trip *trip) {
    uint32_t time_s = trip->answer.time_ds / 10;
    for (uint32_t k = 1; k < CCH_CAR_SAMPLES; k++) {
        trip->bin[k] = w->canonical[bin_at(trip->departure_s + time_s * k / (CCH_CAR_SAMPLES - 1))];
    }
}

err_code cch_car_advance(const cch_car_window *w, cch_car_query *q, cch_car_trip *trip, uint32_t *links,
                         bool *changed) {
    *changed = false;
    q->asked = NULL;
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
    if (wants_repair(w, trip)) {
        repair(w, q, trip, links, changed);
    }
    sum_links(w, links, &trip->answer);
    return ERR_OK;
}

uint32_t cch_car_place(const cch_car_index *x, uint32_t node_ix) {
    return cch_rank(x->cch, node_ix);
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
