// What a day leaves behind: statistics of links by entry bin, totals, and their hash.
//
// A vehicle that leaves a link writes one record, of its quarter of an hour and link. Rows are cleared when their
// quarter begins, by each partition for its own links, and only if an earlier day used them.
#include <string.h>

#include "base/hash.h"
#include "base/par.h"
#include "mobsim_internal.h"

enum { LAST_QUARTER = (RESULT_BINS - 1) / TRAVELTIME_THIRDS, LINK_BITS = 32 };
_Static_assert(TRAVELTIME_BIN_S == TRAVELTIME_THIRDS * RESULT_BIN_S, "a third of a quarter is a result bin");
_Static_assert(RESULT_BINS % TRAVELTIME_THIRDS == 0, "quarters end with result bins");

err_code mobsim_alloc_result(const mobsim *m, arena *a, uint32_t leg_count, mobsim_result *r) {
    size_t links = m->network->link.count;
    *r = (mobsim_result){.link_count = m->network->link.count, .unbalanced_s = IX_NONE};
    ARENA_NEW(a, r->arrival_s, leg_count);
    ARENA_NEW(a, r->seen, links * TRAVELTIME_BINS);
    ARENA_NEW(a, r->other_left, links * RESULT_BINS * (VEHICLE_CLASS_COUNT - 1));
    ARENA_NEW(a, r->staying, leg_count);
    if (mobsim_junction_any_penalty(m)) {
        ARENA_NEW(a, r->turn_sum_ds, links * TRAVELTIME_BINS);
    }
    return ERR_OK;
}

err_code mobsim_alloc_stops(arena *a, uint32_t stop_count, mobsim_result *r) {
    ARENA_NEW(a, r->stop_arrival_s, stop_count);
    ARENA_NEW(a, r->stop_departure_s, stop_count);
    return ERR_OK;
}

// -------------------------------------------------------------------------------------------- while it runs

void mobsim_result_clear(const mobsim *m, mobsim_result *r, uint32_t quarter, uint32_t node_first, uint32_t node_end) {
    const network *n = m->network;
    size_t links = r->link_count;
    size_t first = n->in_first[node_first];  // links are in order of their to-nodes
    size_t count = n->in_first[node_end] - first;
    if (r->used[VEHICLE_CAR][quarter]) {
        memset(r->seen + quarter * links + first, 0, count * sizeof *r->seen);
        if (r->turn_sum_ds != NULL) {
            memset(r->turn_sum_ds + quarter * links + first, 0, count * sizeof *r->turn_sum_ds);
        }
    }
    for (size_t c = 1; c < VEHICLE_CLASS_COUNT; ++c) {
        for (size_t third = 0; r->used[c][quarter] && third < TRAVELTIME_THIRDS; ++third) {
            size_t row = (c - 1) * RESULT_BINS + quarter * TRAVELTIME_THIRDS + third;
            memset(r->other_left + row * links + first, 0, count * sizeof *r->other_left);
        }
    }
}

// Rows of quarters that this day does not reach.
static void clear_rest(const mobsim *m, mobsim_result *r) {
    uint32_t reached = (m->params.end_s + TRAVELTIME_BIN_S - 1) / TRAVELTIME_BIN_S;
    for (uint32_t quarter = reached; quarter < TRAVELTIME_BINS; ++quarter) {
        mobsim_result_clear(m, r, quarter, 0, m->network->node.count);
    }
}

// ------------------------------------------------------------------------------------------ when it is over

static uint64_t list_length(const mobsim *m, uint32_t tail) {
    uint64_t length = 0;
    for (uint32_t v = tail; v != IX_NONE; v = m->vehicle[v].next == tail ? IX_NONE : m->vehicle[v].next) {
        ++length;
    }
    return length;
}

static uint64_t staying_key(uint32_t class_ix, uint32_t bin, uint32_t link) {
    return (uint64_t)(class_ix * RESULT_BINS + bin) << LINK_BITS | link;
}

static err_code sort_staying(mobsim_result *r) {
    uint64_t *key = mem_alloc(r->staying_count * sizeof *key);
    uint32_t *order = mem_alloc(r->staying_count * sizeof *order);
    err_code code = key == NULL || order == NULL ? ERR_MEMORY : ERR_OK;
    for (uint32_t i = 0; code == ERR_OK && i < r->staying_count; ++i) {
        key[i] = r->staying[i];
        order[i] = i;
    }
    code = code == ERR_OK ? par_sort_u64(key, r->staying_count, order) : code;
    for (uint32_t i = 0; code == ERR_OK && i < r->staying_count; ++i) {
        r->staying[i] = key[order[i]];
    }
    mem_free(key);
    mem_free(order);
    return code;
}

// Vehicles left at the end of the day, found by walking every queue: must be what the counters say.
static err_code settle_present(const mobsim *m, mobsim_result *r, uint64_t *count) {
    r->staying_count = 0;
    *count = 0;
    for (uint32_t c = 0; c < m->copy_count; ++c) {
        const mobsim_link *x = &m->link[c];
        for (uint32_t v = x->head; v != IX_NONE; v = m->vehicle[v].next) {
            const mobsim_vehicle *u = &m->vehicle[v];
            uint32_t bin = mobsim_result_bin(u);
            r->staying[r->staying_count++] = staying_key(mobsim_class(u), bin, x->link_ix);
        }
        *count += list_length(m, m->queue[c].forced_tail) + list_length(m, m->queue[c].waiting_tail);
    }
    *count += r->staying_count;
    for (uint32_t k = 0; k < m->partition_count; ++k) {
        *count += m->partition[k].dwell_count;
    }
    return r->staying_count > 0 ? sort_staying(r) : ERR_OK;
}

static void mark_used(const mobsim *m, mobsim_result *r) {
    memset(r->used, 0, sizeof r->used);
    for (uint32_t k = 0; k < m->partition_count; ++k) {
        for (uint32_t c = 0; c < VEHICLE_CLASS_COUNT; ++c) {
            for (uint32_t quarter = 0; quarter < TRAVELTIME_BINS; ++quarter) {
                uint32_t row = c == VEHICLE_CAR || quarter < LAST_QUARTER ? quarter : LAST_QUARTER;
                r->used[VEHICLE_CAR][quarter] |= m->partition[k].used[c][quarter];
                r->used[c][row] |= m->partition[k].used[c][quarter];
            }
        }
    }
}

err_code mobsim_result_collect(const mobsim *m, const mobsim_demand *d, mobsim_result *r) {
    mobsim_counters sum = {.unbalanced_s = IX_NONE};
    for (uint32_t leg = 0; leg < d->leg_count; ++leg) {
        bool at_once = d->route_first[leg + 1] == d->route_first[leg] && r->arrival_s[leg] != IX_NONE;
        sum.started += at_once;
        sum.arrived += at_once;
    }
    for (uint32_t k = 0; k < m->partition_count; ++k) {
        const mobsim_counters *c = &m->partition[k].counters;
        sum.started += c->started;
        sum.arrived += c->arrived;
        sum.present += c->present;
        sum.link_events += c->link_events;
        sum.visits += c->visits;
        sum.forced += c->forced;
        sum.delay_s += c->delay_s;
        sum.unbalanced_s = c->unbalanced_s < sum.unbalanced_s ? c->unbalanced_s : sum.unbalanced_s;
    }
    uint64_t found;
    clear_rest(m, r);
    mark_used(m, r);
    TRY(settle_present(m, r, &found));
    bool lost = sum.started != sum.arrived + sum.present || sum.present != found;
    r->link_events = sum.link_events;
    r->visits = sum.visits;
    r->started = sum.started;
    r->arrived = sum.arrived;
    r->on_network = sum.present;
    r->forced = sum.forced;
    r->delay_s = sum.delay_s;
    r->unbalanced_s = lost && sum.unbalanced_s == IX_NONE ? m->params.end_s : sum.unbalanced_s;
    return ERR_OK;
}

// ---------------------------------------------------------------------------------------------- reading it

static uint32_t left_of_all(const mobsim_result *r, uint32_t bin, uint32_t link) {
    uint32_t left = mobsim_seen(r, bin / TRAVELTIME_THIRDS, link)->left[bin % TRAVELTIME_THIRDS];
    for (uint32_t quarter = LAST_QUARTER + 1; bin + 1 == RESULT_BINS && quarter < TRAVELTIME_BINS; ++quarter) {
        left += traveltime_left(mobsim_seen(r, quarter, link));
    }
    return left;
}

static uint32_t left_of(const mobsim_result *r, uint32_t class_ix, uint32_t bin, uint32_t link) {
    if (class_ix != VEHICLE_CAR) {
        return r->other_left[((size_t)(class_ix - 1) * RESULT_BINS + bin) * r->link_count + link];
    }
    uint32_t left = left_of_all(r, bin, link);
    for (uint32_t c = 1; c < VEHICLE_CLASS_COUNT; ++c) {
        left -= left_of(r, c, bin, link);
    }
    return left;
}

static uint32_t first_staying(const mobsim_result *r, uint64_t key) {
    uint32_t low = 0, high = r->staying_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (r->staying[middle] < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

uint32_t mobsim_entered(const mobsim_result *r, uint32_t class_ix, uint32_t bin, uint32_t link) {
    uint64_t key = staying_key(class_ix, bin, link);
    uint32_t staying = r->staying_count == 0 ? 0 : first_staying(r, key + 1) - first_staying(r, key);
    return left_of(r, class_ix, bin, link) + staying;
}

uint64_t mobsim_hash(const mobsim *m, const mobsim_result *r, uint32_t leg_count) {
    uint32_t links = m->network->link.count;
    uint64_t h = hash_bytes(HASH_SEED, r->arrival_s, leg_count * sizeof *r->arrival_s);
    for (uint32_t row = 0; row < VEHICLE_CLASS_COUNT * RESULT_BINS; ++row) {
        for (uint32_t l = 0; l < links; ++l) {
            uint32_t entered = mobsim_entered(r, row / RESULT_BINS, row % RESULT_BINS, l);
            h = hash_bytes(h, &entered, sizeof entered);
        }
    }
    for (size_t i = 0; i < (size_t)links * TRAVELTIME_BINS; ++i) {
        uint32_t left = traveltime_left(&r->seen[i]);
        h = hash_bytes(h, &left, sizeof left);
    }
    for (size_t i = 0; i < (size_t)links * TRAVELTIME_BINS; ++i) {
        h = hash_bytes(h, &r->seen[i].time_sum_ds, sizeof r->seen[i].time_sum_ds);
    }
    const uint64_t totals[] = {r->link_events, r->started, r->arrived, r->on_network, r->forced, r->delay_s};
    for (size_t i = 0; i < sizeof totals / sizeof *totals; ++i) {
        h = hash_u64(h, totals[i]);
    }
    return hash_finish(h);  // visits are work, not state: they may differ
}
