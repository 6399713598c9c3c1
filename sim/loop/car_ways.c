#include "loop/car_ways.h"

#include <string.h>

#include "base/log.h"
#include "base/par.h"

enum { BLOCK = 1024 };  // trips routed in parallel before their routes are stored in order
static const size_t metrics_bytes_max = (size_t)256 << 20;

typedef struct block_way {
    uint32_t links[CAR_WAYS_LINKS_MAX];
    bool changed;
    uint8_t failed;  // err_code
} block_way;

struct car_ways {
    const cch_car_index *x;
    uint32_t class_count;
    uint8_t canonical[TRAVELTIME_BINS];
    cch_car_window window[CAR_WAYS_CLASSES_MAX];
    bool needed[CAR_WAYS_CLASSES_MAX];
    bool bounded[CAR_WAYS_CLASSES_MAX];  // has its lower bounds for repairs
    cch_car_query **query;               // [thread]
    cch_car_scratch **scratch;           // [thread]
    block_way *block;                    // [BLOCK]
    uint64_t *key;                       // [trip] first bin, class, place of the origin
    uint32_t *first;                     // [key]
    uint32_t *item;                      // [trip] by key
    uint32_t *list;                      // [trip] trips of the present window: carried, then new
};

void car_ways_set_classes(const world_year *w, const traveltime *time, car_ways_classes *out) {
    *out = (car_ways_classes){0};
    for (int u = 0; u < PURPOSE_COUNT; u++) {
        route_car_metric metric = tour_cost_metric(w, time, (purpose)u);
        uint32_t c = 0;
        while (c < out->count && out->class[c].metric.nok_per_h != metric.nok_per_h) {
            c++;
        }
        if (c == out->count) {
            out->class[out->count++] = (car_ways_class){.vehicle = w->car, .metric = metric};
        }
        out->of_purpose[u] = (uint8_t)c;
    }
    out->lorry = (uint8_t)out->count;
    out->class[out->count++] = (car_ways_class){.vehicle = w->lorry, .metric = tour_cost_metric(w, time, PURPOSE_WORK)};
}

err_code car_ways_trips_init(car_ways_trips *t, arena *a, uint32_t capacity) {
    *t = (car_ways_trips){.capacity = capacity};
    ARENA_NEW(a, t->trip, capacity);
    ARENA_NEW(a, t->class_ix, capacity);
    ARENA_NEW(a, t->route_first, capacity);
    return ERR_OK;
}

uint32_t car_ways_add(car_ways_trips *t, uint8_t class_ix, uint32_t from_node_ix, uint32_t to_node_ix,
                      uint32_t departure_s) {
    ASSERT(t->count < t->capacity);
    uint32_t i = t->count++;
    t->trip[i] = (cch_car_trip){.from_node_ix = from_node_ix, .to_node_ix = to_node_ix, .departure_s = departure_s};
    t->class_ix[i] = class_ix;
    t->route_first[i] = IX_NONE;
    return i;
}

// Sets of eight bins a class: enough work for all threads, within the memory allowed.
static uint32_t sets_of_window(const cch_car_index *x, uint32_t class_count) {
    uint32_t sets = (2 * (uint32_t)par_thread_count() + class_count - 1) / class_count;
    size_t fit = metrics_bytes_max / (cch_metrics_bytes(x->cch, CCH_WAYS) * class_count + 1);
    uint32_t most = fit < TRAVELTIME_BINS / CCH_LANES ? (uint32_t)fit : TRAVELTIME_BINS / CCH_LANES;
    sets = sets < most ? sets : most;
    return sets > 0 ? sets : 1;
}

err_code car_ways_init(const cch_car_index *x, uint32_t class_count, uint32_t trip_capacity, arena *a, car_ways **out) {
    car_ways *s;
    int threads = par_thread_count();
    ASSERT(class_count >= 1 && class_count <= CAR_WAYS_CLASSES_MAX);
    ARENA_NEW(a, s, 1);
    s->x = x;
    s->class_count = class_count;
    uint32_t sets = sets_of_window(x, class_count);
    for (uint32_t c = 0; c < class_count; c++) {
        TRY(cch_car_window_init(x, sets, a, &s->window[c]));
        TRY(cch_car_window_repair(&s->window[c], a));
    }
    ARENA_NEW(a, s->query, threads);
    ARENA_NEW(a, s->scratch, threads);
    for (int i = 0; i < threads; i++) {
        TRY(cch_car_query_init(x, a, CAR_WAYS_LINKS_MAX, &s->query[i]));
        TRY(cch_car_scratch_init(x, a, &s->scratch[i]));
    }
    ARENA_NEW(a, s->block, BLOCK);
    ARENA_NEW(a, s->key, trip_capacity);
    ARENA_NEW(a, s->first, (size_t)TRAVELTIME_BINS * class_count + 1);
    ARENA_NEW(a, s->item, trip_capacity);
    ARENA_NEW(a, s->list, trip_capacity);
    *out = s;
    return ERR_OK;
}

// Trips by first bin, then class, then place of their origin in the hierarchy: neighbours ask for the same parts of the
// same metric, which are then still in the cache.
static err_code sort_trips(car_ways *s, car_ways_trips *t) {
    uint32_t keys = TRAVELTIME_BINS * s->class_count;
    memset(s->first, 0, ((size_t)keys + 1) * sizeof *s->first);
    for (uint32_t i = 0; i < t->count; i++) {
        cch_car_trip *trip = &t->trip[i];
        trip->bin[0] = cch_car_trip_bin(s->canonical, trip->departure_s);
        uint32_t key = trip->bin[0] * s->class_count + t->class_ix[i];
        s->key[i] = (uint64_t)key << 32 | cch_car_place(s->x, trip->from_node_ix);
        s->item[i] = i;
        s->first[key + 1]++;
    }
    for (uint32_t k = 0; k < keys; k++) {
        s->first[k + 1] += s->first[k];
    }
    return par_sort_u64(s->key, t->count, s->item);
}

// Begins every class' window at first_bin; returns the bin after the last it holds.
static uint32_t begin_windows(car_ways *s, const car_ways_class *class, uint32_t first_bin) {
    uint32_t end = TRAVELTIME_BINS;  // the same for all: their windows are of one size
    for (uint32_t c = 0; c < s->class_count; c++) {
        end = cch_car_window_begin(&s->window[c], class[c].vehicle, &class[c].metric, s->canonical, NULL, first_bin);
    }
    return end;
}

// Metrics of the classes that a listed trip needs; the first time also their lower bounds.
static void make_metrics(car_ways *s) {
    uint32_t sets = s->window[0].set_count, items = sets + 1;
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < s->class_count * items; i++) {
        uint32_t c = i / items, set = i % items;
        if (s->needed[c] && set < sets) {
            cch_car_window_fill(&s->window[c], set, s->scratch[par_thread_ix()]);
        } else if (s->needed[c] && !s->bounded[c]) {
            cch_car_window_fill_least(&s->window[c], s->scratch[par_thread_ix()]);
            s->bounded[c] = true;
        }
    }
}

static void advance_one(car_ways *s, car_ways_trips *t, uint32_t i, block_way *b) {
    b->failed = (uint8_t)cch_car_advance(&s->window[t->class_ix[i]], s->query[par_thread_ix()], &t->trip[i], b->links,
                                         &b->changed);
}

// Advances the listed trips in parallel blocks; better routes are stored in list order.
static err_code advance_all(car_ways *s, car_ways_trips *t, uint32_t count, legs_routes *routes) {
    for (uint32_t from = 0; from < count; from += BLOCK) {
        uint32_t n = count - from < BLOCK ? count - from : BLOCK;
        TRY(log_check_interrupt());
#pragma omp parallel for schedule(runtime)
        for (uint32_t k = 0; k < n; k++) {
            uint32_t i = s->list[from + k];
            if (t->route_first[i] != IX_NONE) {  // a carried trip compares with what it has
                memcpy(s->block[k].links, routes->link + t->route_first[i],
                       t->trip[i].answer.link_count * sizeof *routes->link);
            }
            advance_one(s, t, i, &s->block[k]);
        }
        for (uint32_t k = 0; k < n; k++) {
            uint32_t i = s->list[from + k];
            if (s->block[k].failed != 0) {  // the message is kept by thread: raise it here
                return err_raise((err_code)s->block[k].failed,
                                 "a car route has more than %d links: simplify the network between its nodes",
                                 (int)CAR_WAYS_LINKS_MAX);
            }
            if (s->block[k].changed) {
                TRY(legs_routes_append(routes, s->block[k].links, t->trip[i].answer.link_count, &t->route_first[i]));
            }
        }
    }
    return ERR_OK;
}

// The window's trips: those carried (already in the list), then those whose first bin lies in it.
static uint32_t list_trips(car_ways *s, const car_ways_trips *t, uint32_t carried, uint32_t first_bin, uint32_t end) {
    uint32_t from = s->first[first_bin * s->class_count];
    uint32_t to = s->first[end * s->class_count];
    memcpy(s->list + carried, s->item + from, (to - from) * sizeof *s->list);
    uint32_t count = carried + (to - from);
    memset(s->needed, 0, sizeof s->needed);
    for (uint32_t k = 0; k < count; k++) {
        const cch_car_trip *trip = &t->trip[s->list[k]];
        if (trip->bin[trip->done] < end) {
            s->needed[t->class_ix[s->list[k]]] = true;
        }
    }
    return count;
}

err_code car_ways_run(car_ways *s, const car_ways_class *class, car_ways_trips *t, legs_routes *routes) {
    uint32_t carried = 0;
    if (t->count == 0) {
        return ERR_OK;
    }
    cch_car_canonical(class[0].metric.time, s->canonical);
    TRY(sort_trips(s, t));
    memset(s->bounded, 0, sizeof s->bounded);
    for (uint32_t bin = 0; bin < TRAVELTIME_BINS;) {
        uint32_t end = begin_windows(s, class, bin);
        uint32_t count = list_trips(s, t, carried, bin, end);
        make_metrics(s);
        TRY(advance_all(s, t, count, routes));
        carried = 0;
        for (uint32_t k = 0; k < count; k++) {
            if (t->trip[s->list[k]].done < CCH_CAR_SAMPLES) {
                s->list[carried++] = s->list[k];
            }
        }
        bin = end;
    }
    ASSERT(carried == 0);
    return ERR_OK;
}
