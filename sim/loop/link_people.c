#include "loop/link_people.h"

#include "base/par.h"

enum { BLOCK = 256, PATH_LINKS_MAX = 2048 };

// --- on foot -----------------------------------------------------------------------------------------------------

typedef struct walk {
    uint32_t from, to;  // nodes
    int32_t time_s;     // it starts then, or, with `arrives`, ends then
    bool arrives;
} walk;

typedef struct walk_path {
    uint32_t count;
    uint32_t total_s;
    uint32_t link[PATH_LINKS_MAX];
    uint32_t enter_s[PATH_LINKS_MAX];  // after the start
    uint32_t leave_s[PATH_LINKS_MAX];
} walk_path;

typedef struct walk_list {
    walk *walk;
    uint32_t count;
    uint64_t *key;    // from, to
    uint32_t *order;  // by key, then as listed
} walk_list;

static void add_walk(walk_list *l, uint32_t from, uint32_t to, int32_t time_s, bool arrives) {
    if (from != IX_NONE && to != IX_NONE && from != to && time_s >= 0) {
        l->key[l->count] = (uint64_t)from << 32 | to;
        l->order[l->count] = l->count;
        l->walk[l->count++] = (walk){.from = from, .to = to, .time_s = time_s, .arrives = arrives};
    }
}

// At most two walks a trip: there, or to the first stop and from the last.
static err_code list_walks(const world_year *w, const plan *p, const trip_row *rows, arena *a, walk_list *out) {
    const plan_trip_columns *t = &p->trip;
    const uint32_t *node_ix = w->source->zones.place.node_ix;
    *out = (walk_list){0};
    ARENA_NEW(a, out->walk, 2 * (size_t)t->count);
    ARENA_NEW(a, out->key, 2 * (size_t)t->count);
    ARENA_NEW(a, out->order, 2 * (size_t)t->count);
    for (uint32_t i = 0; i < t->count; i++) {
        uint32_t from = node_ix[t->from_place_ix[i]], to = node_ix[t->to_place_ix[i]];
        const trip_row *row = &rows[i];
        if (row->mode == MODE_WALK) {
            add_walk(out, from, to, row->departure_s, false);
        } else if (row->mode == MODE_PT && row->boarding_count > 0) {
            add_walk(out, from, w->stop_node[row->board_stop[0]], row->departure_s, false);
            add_walk(out, w->stop_node[row->alight_stop[row->boarding_count - 1]], to, row->arrival_s, true);
        }
    }
    return par_sort_u64(out->key, out->count, out->order);
}

// Ways of the pairs from..end, which all start at one node: one tree serves them.
static void find_paths(const world_year *w, route_active_query *q, const uint64_t *pair, uint32_t from, uint32_t end,
                       walk_path *path) {
    route_active_tree(w->active, ACTIVE_WALK, q, (uint32_t)(pair[from] >> 32), 0, NULL, NULL, NULL);
    for (uint32_t i = from; i < end; i++) {
        walk_path *out = &path[i];
        uint32_t count = route_active_ride(w->active, q, (uint32_t)pair[i], 0, out->link, out->enter_s, out->leave_s,
                                           PATH_LINKS_MAX);
        out->count = count == IX_NONE ? 0 : count;
        out->total_s = out->count == 0 ? 0 : out->leave_s[out->count - 1];
    }
}

static uint32_t bin_of(int64_t time_s) {
    int64_t bin = time_s < 0 ? 0 : time_s / RESULT_BIN_S;
    return bin < RESULT_BINS ? (uint32_t)bin : RESULT_BINS - 1;
}

static void add_path(const walk *x, const walk_path *path, uint32_t links, uint32_t *sum) {
    int64_t start_s = (int64_t)x->time_s - (x->arrives ? path->total_s : 0);
    for (uint32_t k = 0; k < path->count; k++) {
        sum[(size_t)bin_of(start_s + path->enter_s[k]) * links + path->link[k]]++;
    }
}

typedef struct walk_work {
    uint64_t *pair;              // [BLOCK] of a block, each once
    uint32_t *run;               // [BLOCK + 1] first pair of each run with one start
    walk_path *path;             // [BLOCK]
    route_active_query **query;  // [thread]
} walk_work;

// Takes the next pairs of the sorted list; returns how many walks they are.
static uint32_t take_block(const walk_list *l, uint32_t at, walk_work *work, uint32_t *runs) {
    uint32_t pairs = 0, taken = 0;
    *runs = 0;
    for (; at + taken < l->count; taken++) {
        uint64_t key = l->key[l->order[at + taken]];
        if (pairs > 0 && work->pair[pairs - 1] == key) {
            continue;
        }
        if (pairs == BLOCK) {
            break;
        }
        if (pairs == 0 || work->pair[pairs - 1] >> 32 != key >> 32) {
            work->run[(*runs)++] = pairs;
        }
        work->pair[pairs++] = key;
    }
    work->run[*runs] = pairs;
    return taken;
}

static err_code add_all(const world_year *w, const walk_list *l, walk_work *work, uint32_t *sum) {
    uint32_t links = w->network.link.count;
    for (uint32_t at = 0; at < l->count;) {
        uint32_t runs;
        uint32_t taken = take_block(l, at, work, &runs);
#pragma omp parallel for schedule(runtime)
        for (uint32_t i = 0; i < runs; i++) {
            find_paths(w, work->query[par_thread_ix()], work->pair, work->run[i], work->run[i + 1], work->path);
        }
        uint32_t pair = 0;
        for (uint32_t i = at; i < at + taken; i++) {
            pair += l->key[l->order[i]] != work->pair[pair] ? 1 : 0;
            add_path(&l->walk[l->order[i]], &work->path[pair], links, sum);
        }
        at += taken;
    }
    return ERR_OK;
}

static err_code add_foot(const world_year *w, const plan *p, const trip_row *rows, arena *scratch, uint32_t *sum) {
    walk_list l;
    walk_work work;
    int threads = par_thread_count();
    TRY(list_walks(w, p, rows, scratch, &l));
    ARENA_NEW(scratch, work.pair, BLOCK);
    ARENA_NEW(scratch, work.run, BLOCK + 1);
    ARENA_NEW(scratch, work.path, BLOCK);
    ARENA_NEW(scratch, work.query, threads);
    for (int i = 0; i < threads; i++) {
        TRY(route_active_query_init(w->active, scratch, &work.query[i]));
    }
    return add_all(w, &l, &work, sum);
}

err_code link_people_add_foot(const world_year *w, const plan *p, const trip_row *rows, result *r, uint32_t year_ix) {
    arena scratch;
    arena_init(&scratch);
    err_code code = add_foot(w, p, rows, &scratch, r->foot_sum + (size_t)year_ix * RESULT_BINS * w->network.link.count);
    arena_free(&scratch);
    return code;
}

// --- in buses ----------------------------------------------------------------------------------------------------

// Position of a stop in a pattern from `first` on; IX_NONE if it is not served there.
static uint32_t position_of(const transit *t, uint32_t pattern, uint32_t stop, uint32_t first) {
    const transit_block *b = &t->block[pattern];
    for (uint32_t k = first; k < b->stops; k++) {
        if (t->main_ix[t->pattern_stop[b->stop_first + k]] == t->main_ix[stop]) {
            return k;
        }
    }
    return IX_NONE;
}

// One stretch from a kept stop to the next: the links between them, entered at times shared out by length.
static void add_stretch(const world_year *w, const bus_day *b, uint32_t trip, uint32_t kept, uint32_t *sum) {
    const transit *t = w->transit;
    uint32_t pattern = t->trip.pattern_ix[trip];
    const uint32_t *link = b->route.link + b->link_first[pattern];
    const float *length_m = w->network.link.length_m;
    const int32_t *leave = t->departure_s + t->trip.time_first[trip];
    const int32_t *arrive = t->arrival_s + t->trip.time_first[trip];
    double from_s = leave[b->stop_position[kept]], whole_m = 0.0, gone_m = 0.0;
    double time_s = (double)arrive[b->stop_position[kept + 1]] - from_s;
    for (uint32_t i = b->stop_links[kept]; i < b->stop_links[kept + 1]; i++) {
        whole_m += (double)length_m[link[i]];
    }
    for (uint32_t i = b->stop_links[kept]; i < b->stop_links[kept + 1]; i++) {
        double at_s = from_s + (whole_m > 0.0 ? time_s * gone_m / whole_m : 0.0);
        sum[(size_t)bin_of((int64_t)at_s) * w->network.link.count + link[i]]++;
        gone_m += (double)length_m[link[i]];
    }
}

static void add_ride(const world_year *w, const bus_day *b, uint32_t trip, uint32_t board_stop, uint32_t alight_stop,
                     uint32_t *sum) {
    const transit *t = w->transit;
    uint32_t pattern = t->trip.pattern_ix[trip];
    uint32_t board = position_of(t, pattern, board_stop, 0);
    uint32_t alight = board == IX_NONE ? IX_NONE : position_of(t, pattern, alight_stop, board + 1);
    if (alight == IX_NONE) {
        return;
    }
    for (uint32_t k = b->stop_first[pattern]; k + 1 < b->stop_first[pattern + 1]; k++) {
        if (b->stop_position[k] >= board && b->stop_position[k + 1] <= alight) {
            add_stretch(w, b, trip, k, sum);
        }
    }
}

err_code link_people_add_passengers(const world_year *w, const plan *p, const bus_day *buses, const trip_row *rows,
                                    result *r, uint32_t year_ix) {
    uint32_t *sum = r->passenger_sum + (size_t)year_ix * RESULT_BINS * w->network.link.count;
    for (uint32_t i = 0; i < p->trip.count; i++) {
        for (uint16_t k = 0; rows[i].mode == MODE_PT && k < rows[i].boarding_count; k++) {
            add_ride(w, buses, rows[i].trip_ix[k], rows[i].board_stop[k], rows[i].alight_stop[k], sum);
        }
    }
    return ERR_OK;
}
