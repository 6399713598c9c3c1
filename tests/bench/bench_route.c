// Routes and journeys per second and core. Single-threaded: queries share nothing but constant indices. The check is
// over the first 64 answers: the same on every machine.
//
//   bench_route [seconds for each measurement, default 1] [one car network: columns of a grid, 0 for towns]
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/par.h"
#include "model/cch_car.h"
#include "model/route_active.h"
#include "model/route_transit.h"
#include "support.h"

enum { LINKS_MAX = 4096, BATCH = 16, CHECKED = 64, STOP_COLUMNS = 19, STOPS = STOP_COLUMNS * STOP_COLUMNS, LINES = 64 };

static uint32_t next;  // restarted by every benchmark, so that its world is always the same

static uint32_t pick(uint32_t count) {
    return (uint32_t)(support_random(42, next++) % count);
}

// Processor time: what else runs on the machine does not count as much.
static double cpu_s(void) {
    return (double)clock() / CLOCKS_PER_SEC;
}

static void report(const char *what, double count, double seconds, uint64_t check) {
    printf("%-46s %10.0f /s and core  %9.2f us each  (check %016llx)\n", what, count / seconds, seconds / count * 1e6,
           (unsigned long long)hash_finish(check));
}

// Two peaks of 50 % to 150 % longer times, coming and going within two hours.
static void peaks(arena *a, const network *n, traveltime *t) {
    static const uint32_t share_pct[8] = {30, 60, 85, 100, 100, 85, 60, 30};
    assert_ok(traveltime_init(t, a, n));
    for (uint32_t e = 0; e < n->link.count; e++) {
        uint32_t peak_pct = 50 + pick(100);
        for (uint32_t k = 0; k < 16; k++) {
            uint32_t b = k < 8 ? 27 + k : 60 + k - 8;
            t->time_ds[(size_t)b * n->link.count + e] += t->free_ds[e] * peak_pct / 100 * share_pct[k % 8] / 100;
        }
        for (uint32_t b = 0; b < TRAVELTIME_BINS; b++) {  // no two quarter-hours alike, so that each has its metric
            t->time_ds[(size_t)b * n->link.count + e] += (b + e) % 7;
        }
    }
    traveltime_repair(t);
}

// A grid with every fifth street faster.
static void grid(arena *a, network *n, traveltime *t, uint32_t columns) {
    support_grid_network(a, n, columns, columns, 150, 40, 900, 1);
    for (uint32_t e = 0; e < n->link.count; e++) {
        uint32_t v = n->link.from_ix[e];
        bool along = n->link.to_ix[e] / columns == v / columns;
        bool fast = (along ? v / columns : v % columns) % 5 == 0;
        n->link.free_speed_mps[e] = fast ? 70.0F / 3.6F : 40.0F / 3.6F;
        n->link.length_m[e] = (float)(60 + pick(240));
        n->link.grade_pct[e] = (float)pick(9) - 4.0F;
        n->link.cycle_facility[e] = (uint8_t)pick(CYCLE_FACILITY_COUNT);
    }
    peaks(a, n, t);
}

typedef struct street_list {  // both directions of each are links
    uint32_t from[60000], to[60000];
    float length_m[60000], speed_mps[60000];
    uint32_t count;
} street_list;

static void street(street_list *s, uint32_t from, uint32_t to, double length_m, double speed_mps) {
    assert_true(s->count < 60000);
    s->from[s->count] = from;
    s->to[s->count] = to;
    s->length_m[s->count] = (float)length_m;
    s->speed_mps[s->count++] = (float)speed_mps;
}

enum { TOWNS = 6, BLOCKS = 26, ROAD_NODES = 10 };

// Streets of one town: a grid with a third of the minor streets missing and every fifth street a main one.
static void town_streets(street_list *s, uint32_t first) {
    for (uint32_t y = 0; y < BLOCKS; y++) {
        for (uint32_t x = 0; x < BLOCKS; x++) {
            uint32_t v = first + y * BLOCKS + x;
            bool main_along = y % 5 == 2, main_across = x % 5 == 2;
            if (x + 1 < BLOCKS && (main_along || pick(10) < 7)) {
                street(s, v, v + 1, 60 + pick(100), main_along ? 13.9 : 8.3);
            }
            if (y + 1 < BLOCKS && (main_across || pick(10) < 7)) {
                street(s, v, v + BLOCKS, 60 + pick(100), main_across ? 13.9 : 8.3);
            }
        }
    }
}

// 6 x 6 towns, neighbours joined by three country roads each: separators like those of real road networks.
static void towns(arena *a, network *n, traveltime *t) {
    static street_list s;
    s.count = 0;
    uint32_t per_town = BLOCKS * BLOCKS, nodes = TOWNS * TOWNS * per_town;
    for (uint32_t i = 0; i < TOWNS * TOWNS; i++) {
        town_streets(&s, i * per_town);
    }
    for (uint32_t i = 0; i < 2 * TOWNS * TOWNS * 3; i++) {
        uint32_t across = i % 2, road = i / 2 % 3, town = i / 6;
        uint32_t c = town % TOWNS, r = town / TOWNS, offset = 2 + 5 * (road * 2 % 5);
        if ((across != 0 ? r : c) + 1 >= TOWNS) {
            continue;
        }
        uint32_t here = town * per_town, next_town = (town + (across != 0 ? TOWNS : 1)) * per_town;
        uint32_t v = across != 0 ? here + (BLOCKS - 1) * BLOCKS + offset : here + offset * BLOCKS + BLOCKS - 1;
        uint32_t end = across != 0 ? next_town + offset : next_town + offset * BLOCKS;
        for (uint32_t k = 0; k <= ROAD_NODES; k++) {
            uint32_t to = k == ROAD_NODES ? end : nodes++;
            street(&s, v, to, 300 + pick(300), road == 0 ? 25.0 : 16.7);
            v = to;
        }
    }
    support_blank_network(a, n, nodes, 2 * s.count);
    for (uint32_t e = 0; e < 2 * s.count; e++) {
        uint32_t i = e / 2;
        n->link.from_ix[e] = e % 2 == 0 ? s.from[i] : s.to[i];
        n->link.to_ix[e] = e % 2 == 0 ? s.to[i] : s.from[i];
        n->link.length_m[e] = s.length_m[i];
        n->link.free_speed_mps[e] = s.speed_mps[i];
    }
    assert_ok(network_build(n, a));
    peaks(a, n, t);
}

typedef struct car_world {
    arena a;
    network n;
    traveltime t;
    route_car_index *x;
    route_car_metric m;
    const char *name;
} car_world;

static void car_world_init(car_world *w, uint32_t columns) {
    *w = (car_world){.name = columns > 0 ? "grid" : "towns"};
    next = 0;
    arena_init(&w->a);
    if (columns > 0) {
        grid(&w->a, &w->n, &w->t, columns);
    } else {
        towns(&w->a, &w->n, &w->t);
    }
    w->m = (route_car_metric){&w->t, 2.0, 120.0};
    assert_ok(route_car_build(&w->n, ALLOW_CAR, &w->a, &w->x));
}

// Random questions between 6 and 20 o'clock, the same for every router.
static void question(const car_world *w, uint32_t *from, uint32_t *to, uint32_t *departure_s) {
    *from = pick(w->n.node.count);
    *to = pick(w->n.node.count);
    *departure_s = 21600 + pick(50400);
}

enum { EXACT = 256 };

static double bench_dijkstra(car_world *w, double seconds_min, uint32_t *cost_ds, uint32_t *exact_count) {
    static uint32_t links[LINKS_MAX];
    route_car_query *q;
    char what[80];
    next = 1000000;
    assert_ok(route_car_query_init(w->x, &w->a, &q));
    uint64_t check = HASH_SEED;
    uint32_t count = 0;
    double start = cpu_s(), seconds = 0;
    while (seconds < seconds_min || count < CHECKED) {
        for (int i = 0; i < BATCH; i++, count++) {
            route_car_answer out;
            uint32_t from, to, departure_s;
            question(w, &from, &to, &departure_s);
            assert_ok(route_car_run(w->x, &w->m, q, from, to, departure_s, links, LINKS_MAX, &out));
            check = count < CHECKED ? hash_u64(check, out.cost_ds) : check;
            if (count < EXACT) {
                cost_ds[count] = out.cost_ds;
            }
        }
        seconds = cpu_s() - start;
    }
    *exact_count = count < EXACT ? count : EXACT;
    snprintf(what, sizeof what, "car routes with path, %s of %u links", w->name, (unsigned)w->n.link.count);
    report(what, count, seconds, check);
    return seconds / count;
}

enum { ASKED = 4096 };

typedef struct asked {  // questions in the order in which the loop routes them: by quarter-hour, then place of origin
    uint32_t from[ASKED], to[ASKED], departure_s[ASKED], order[ASKED];
    uint64_t key[ASKED];
    uint32_t cost_ds[ASKED];
} asked;

static void ask_all(const car_world *w, const cch_car_window *v, asked *q) {
    next = 1000000;
    for (uint32_t i = 0; i < ASKED; i++) {
        question(w, &q->from[i], &q->to[i], &q->departure_s[i]);
        uint64_t bin = cch_car_trip_bin(v->canonical, q->departure_s[i]);
        q->key[i] = bin << 32 | cch_car_place(v->x, q->from[i]);
        q->order[i] = i;
    }
    assert_ok(par_sort_u64(q->key, ASKED, q->order));
}

static uint64_t check_costs(const asked *a) {
    uint64_t check = HASH_SEED;
    for (uint32_t i = 0; i < CHECKED; i++) {
        check = hash_u64(check, a->cost_ds[i]);
    }
    return check;
}

typedef enum row { ROW_QUERY, ROW_UNPACK, ROW_SAMPLED } row;

static double bench_cch(const cch_car_window *v, cch_car_query *q, asked *a, double seconds_min, row r,
                        const char *what) {
    static uint32_t links[LINKS_MAX];
    double start = cpu_s(), seconds = 0;
    uint32_t count = 0, n;
    for (; seconds < seconds_min; seconds = cpu_s() - start) {
        for (uint32_t k = 0; k < ASKED; k++, count++) {
            uint32_t i = a->order[k];
            if (r == ROW_SAMPLED) {
                route_car_answer out;
                assert_ok(cch_car_run(v, q, a->from[i], a->to[i], a->departure_s[i], links, &out));
                a->cost_ds[i] = out.cost_ds;
                continue;
            }
            uint32_t place = v->lane_of[cch_car_trip_bin(v->canonical, a->departure_s[i])];
            const cch_metrics *m = &v->set[place / CCH_LANES];
            a->cost_ds[i] = cch_run(v->x->cch, m, place % CCH_LANES, q->cch, a->from[i], a->to[i]);
            if (r == ROW_UNPACK) {
                assert_ok(cch_path(v->x->cch, m, place % CCH_LANES, q->cch, links, LINKS_MAX, &n));
            }
        }
    }
    report(what, count, seconds, check_costs(a));
    return seconds / count;
}

static void print_excess(const asked *a, const uint32_t *exact_ds, uint32_t exact_count) {
    double mean = 0, worst = 0;
    for (uint32_t i = 0; i < exact_count; i++) {
        if (exact_ds[i] != IX_NONE && exact_ds[i] > 0) {
            double over = (double)a->cost_ds[i] / exact_ds[i] - 1.0;
            mean += over / exact_count;
            worst = over > worst ? over : worst;
        }
    }
    printf("    excess over Dijkstra: mean %.4f %%, worst %.3f %% of %u\n", 100 * mean, 100 * worst, exact_count);
}

static void bench_trees(const cch_car_window *v, cch_car_query *q, const asked *a, double seconds_min) {
    uint32_t *cost_ds = mem_alloc(v->x->node_count * sizeof *cost_ds);
    assert_non_null(cost_ds);
    uint64_t check = HASH_SEED;
    uint32_t count = 0;
    double start = cpu_s(), seconds = 0;
    for (; seconds < seconds_min; seconds = cpu_s() - start, count++) {
        cch_car_tree(v, q, a->from[count % ASKED], a->departure_s[count % ASKED], cost_ds, NULL, NULL, NULL);
        check = count < 8 ? hash_u64(check, cost_ds[a->to[count % ASKED]]) : check;
    }
    report("  CCH tree with time, length and toll", count, seconds, check);
    mem_free(cost_ds);
}

static void fill_windows(const car_world *w, const uint8_t *canonical, cch_car_window *v, cch_car_scratch *scratch) {
    double best_s = 1e9, start;
    for (int k = 0; k < 3; k++) {
        cch_car_window_begin(v, w->x, &w->m, canonical, NULL, 0);
        start = cpu_s();
        for (uint32_t i = 0; i < 96 / CCH_LANES; i++) {
            cch_car_window_fill(v, i, scratch);
        }
        best_s = cpu_s() - start < best_s ? cpu_s() - start : best_s;
        for (uint32_t i = 96 / CCH_LANES; i < v->set_count; i++) {
            cch_car_window_fill(v, i, scratch);
        }
    }
    printf("  CCH customization of 96 quarter-hours: %.3f s\n", best_s);
}

static void bench_car(uint32_t columns, double seconds_min) {
    static uint32_t exact_ds[EXACT];
    static asked a;
    car_world w;
    cch_car_index *x;
    cch_car_query *q;
    cch_car_scratch *scratch;
    cch_car_window v;
    uint8_t canonical[TRAVELTIME_BINS];
    car_world_init(&w, columns);
    uint32_t exact_count;
    double dijkstra_s = bench_dijkstra(&w, seconds_min, exact_ds, &exact_count);
    double start = cpu_s();
    assert_ok(cch_car_build(&w.n, ALLOW_CAR, NULL, &w.a, &x));
    printf("  CCH order and index: %.3f s, %u edges\n", cpu_s() - start, (unsigned)cch_edge_count(x->cch));
    assert_ok(cch_car_query_init(x, &w.a, LINKS_MAX, &q));
    assert_ok(cch_car_scratch_init(x, &w.a, &scratch));
    assert_ok(cch_car_window_init(x, TRAVELTIME_BINS / CCH_LANES, &w.a, &v));
    cch_car_canonical(&w.t, canonical);
    fill_windows(&w, canonical, &v, scratch);
    ask_all(&w, &v, &a);
    (void)bench_cch(&v, q, &a, seconds_min, ROW_QUERY, "  CCH query");
    double static_s = bench_cch(&v, q, &a, seconds_min, ROW_UNPACK, "  CCH query and unpacking");
    double sampled_s = bench_cch(&v, q, &a, seconds_min, ROW_SAMPLED, "  CCH best of three quarter-hours, true times");
    print_excess(&a, exact_ds, exact_count);
    assert_ok(cch_car_window_repair(&v, &w.a));
    start = cpu_s();
    cch_car_window_fill_least(&v, scratch);
    printf("  CCH lower bounds for repairs: %.3f s\n", cpu_s() - start);
    double repaired_s = bench_cch(&v, q, &a, seconds_min, ROW_SAMPLED, "  CCH the same with exact repairs");
    print_excess(&a, exact_ds, exact_count);
    bench_trees(&v, q, &a, seconds_min);
    printf("  Dijkstra / CCH: %.0f (one query), %.0f (best of three), %.0f (with repairs)\n", dijkstra_s / static_s,
           dijkstra_s / sampled_s, dijkstra_s / repaired_s);
    arena_free(&w.a);
}

static void bench_active(uint32_t columns, double seconds_min) {
    arena a;
    network n;
    traveltime t;
    route_active_index *x;
    route_active_query *q;
    scenario s = {.walk_speed_kmh = 4.8,
                  .cycle_speed_kmh = 17,
                  .ecycle_speed_kmh = 20,
                  .cycle_uphill_kmh_per_pct = 1.56,
                  .cycle_downhill_kmh_per_pct = 1.3};
    route_active_params p;
    char what[80];
    next = 0;
    arena_init(&a);
    grid(&a, &n, &t, columns);
    uint32_t *perceived;
    perceived = arena_alloc(&a, n.node.count, sizeof *perceived);
    assert_non_null(perceived);
    route_active_params_init(&p, &s);
    assert_ok(route_active_build(&n, &p, &a, &x));
    assert_ok(route_active_query_init(x, &a, &q));
    uint64_t check = HASH_SEED;
    uint32_t count = 0;
    double start = cpu_s(), seconds = 0;
    while (seconds < seconds_min) {
        for (int i = 0; i < BATCH; i++, count++) {
            route_active_tree(x, ACTIVE_CYCLE, q, pick(n.node.count), 0, perceived, NULL, NULL);
            check = count < CHECKED ? hash_u64(check, perceived[pick(n.node.count)]) : check;
        }
        seconds = cpu_s() - start;
    }
    snprintf(what, sizeof what, "cycle trees, %u links", (unsigned)n.link.count);
    report(what, count, seconds, check);
    arena_free(&a);
}

// One bus line there and back every half hour from 5 to midnight: a walk over the grid of stops that never turns back.
static void add_line(arena *a, uint32_t line, text *id, uint32_t *call_first, transit_call *call, uint32_t *trips) {
    uint32_t stop[24];
    uint32_t count = 9 + pick(9);
    uint32_t at = pick(STOPS);
    int32_t leg_s[24];
    uint32_t way = pick(4);
    for (uint32_t k = 0; k < count; k++) {
        stop[k] = at;
        leg_s[k] = (int32_t)(50 + pick(60));
        way = pick(4) == 0 ? (way + 1 + 2 * pick(2)) % 4 : way;
        uint32_t c = at % STOP_COLUMNS, r = at / STOP_COLUMNS;
        c = way == 0 ? (c + 1) % STOP_COLUMNS : way == 2 ? (c + STOP_COLUMNS - 1) % STOP_COLUMNS : c;
        r = way == 1 ? (r + 1) % STOP_COLUMNS : way == 3 ? (r + STOP_COLUMNS - 1) % STOP_COLUMNS : r;
        at = r * STOP_COLUMNS + c;
    }
    for (uint32_t back = 0; back < 2; back++) {
        for (int32_t start_s = 5 * 3600 + (int32_t)pick(30) * 60; start_s < 19 * 3600; start_s += 1800) {
            uint32_t i = (*trips)++;
            char text_id[32];
            snprintf(text_id, sizeof text_id, "l%u_%u_%d", (unsigned)line, (unsigned)back, (int)start_s);
            id[i] = arena_text(a, text_id);
            assert_non_null(id[i]);
            int32_t now_s = start_s;
            for (uint32_t k = 0; k < count; k++) {
                uint32_t from = back != 0 ? count - 1 - k : k;
                call[call_first[i] + k] = (transit_call){stop[from], now_s, now_s, 0, 0};
                now_s += leg_s[from];
            }
            call_first[i + 1] = call_first[i] + count;
        }
    }
}

static void town(arena *a, transit *t) {
    enum { TRIPS_MAX = LINES * 2 * 30, PATHS_MAX = STOPS * 4 };
    static text id[TRIPS_MAX], empty[TRIPS_MAX];
    static uint8_t route_type[TRIPS_MAX];
    static uint32_t call_first[TRIPS_MAX + 1];
    static transit_call call[TRIPS_MAX * 24];
    static transit_footpath path[PATHS_MAX];
    uint32_t trips = 0, paths = 0;
    assert_ok(transit_alloc_stops(t, a, STOPS));
    for (uint32_t s = 0; s < STOPS; s++) {
        char stop_id[16];
        snprintf(stop_id, sizeof stop_id, "s%u", (unsigned)s);
        t->stop.id[s] = arena_text(a, stop_id);
        t->stop.name[s] = "";
        if (s % STOP_COLUMNS + 1 < STOP_COLUMNS) {
            path[paths++] = (transit_footpath){s, s + 1, 340};
            path[paths++] = (transit_footpath){s + 1, s, 340};
        }
        if (s + STOP_COLUMNS < STOPS) {
            path[paths++] = (transit_footpath){s, s + STOP_COLUMNS, 340};
            path[paths++] = (transit_footpath){s + STOP_COLUMNS, s, 340};
        }
    }
    for (uint32_t line = 0; line < LINES; line++) {
        add_line(a, line, id, call_first, call, &trips);
    }
    for (uint32_t i = 0; i < trips; i++) {
        empty[i] = "";
    }
    transit_trip_columns meta = {.count = trips, .id = id, .line = empty, .headsign = empty, .route_type = route_type};
    assert_ok(transit_build(t, a, &meta, call_first, call, path, paths));
    assert_ok(transit_validate(t));
    printf("timetable: %u stops, %u patterns, %u trips, %u stop events, %u footpaths\n", (unsigned)STOPS,
           (unsigned)t->pattern_count, (unsigned)trips, (unsigned)call_first[trips], (unsigned)paths);
}

// The stops within `reach` grid steps of a place beside a random stop, 400 m a step at 4.8 km/h.
static uint32_t ends(route_transit_access *out, int32_t reach) {
    int32_t c0 = (int32_t)pick(STOP_COLUMNS), r0 = (int32_t)pick(STOP_COLUMNS);
    uint32_t count = 0;
    for (int32_t r = 0; r < STOP_COLUMNS; r++) {
        for (int32_t c = 0; c < STOP_COLUMNS; c++) {
            int32_t steps = abs(c - c0) + abs(r - r0);
            if (steps <= reach) {
                out[count++] =
                    (route_transit_access){.stop_ix = (uint32_t)(r * STOP_COLUMNS + c), .walk_s = 60 + steps * 300};
            }
        }
    }
    return count;
}

static void bench_transit(double seconds_min) {
    arena a;
    transit t;
    route_transit_query *q;
    route_transit_access access[32], egress[32];
    route_transit_journey out[8];
    static route_transit_journey front[4096];
    next = 0;
    arena_init(&a);
    town(&a, &t);
    assert_ok(route_transit_query_init(&t, &a, &q));
    for (int32_t reach = 0; reach <= 2; reach++) {
        next = 1000000;
        uint64_t check = HASH_SEED;
        uint32_t count = 0;
        char what[80];
        double start = cpu_s(), seconds = 0;
        while (seconds < seconds_min) {
            for (int i = 0; i < BATCH; i++, count++) {
                uint32_t from = ends(access, reach), to = ends(egress, reach);
                uint32_t n = route_transit_run(&t, q, access, from, egress, to, 21600 + (int32_t)pick(36000), 4, out);
                check = count < CHECKED ? hash_u64(check, n > 0 ? (uint64_t)out[n - 1].arrival_s : 0) : check;
            }
            seconds = cpu_s() - start;
        }
        snprintf(what, sizeof what, "journeys, up to %d stops at each end", 1 + 2 * reach * (reach + 1));
        report(what, count, seconds, check);
    }
    next = 1000000;
    uint64_t check = HASH_SEED;
    uint32_t count = 0, journeys = 0;
    double start = cpu_s(), seconds = 0;
    for (; seconds < seconds_min; count++, seconds = cpu_s() - start) {
        uint32_t from = ends(access, 1), to = ends(egress, 1);
        uint32_t n = route_transit_profile(&t, q, access, from, egress, to, 0, 108000, 4, front, 4096);
        check = count < CHECKED ? hash_u64(check, n) : check;
        journeys += n;
    }
    report("day profiles, up to 5 stops at each end", count, seconds, check);
    printf("  %.1f journeys a profile\n", (double)journeys / count);
    arena_free(&a);
}

int main(int argc, char **argv) {
    double seconds = argc > 1 ? atof(argv[1]) : 1.0;
    if (argc > 2) {  // one car network: columns of a grid, 0 for the towns
        bench_car((uint32_t)strtoul(argv[2], NULL, 10), seconds);
        return 0;
    }
    bench_car(20, seconds);
    bench_car(36, seconds);
    bench_car(0, seconds);
    bench_car(159, seconds);
    bench_active(36, seconds);
    bench_transit(seconds);
    return 0;
}
