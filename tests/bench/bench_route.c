// Routes and journeys per second and core. Single-threaded: queries share nothing but constant indices. The check is
// over the first 64 answers: the same on every machine.
//
//   bench_route [seconds for each measurement, default 1]
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "model/route_active.h"
#include "model/route_car.h"
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

// A grid with every fifth street faster and two peaks of 50 % to 150 % longer times.
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
    assert_ok(traveltime_init(t, a, n));
    for (uint32_t e = 0; e < n->link.count; e++) {
        uint32_t peak_pct = 50 + pick(100);
        for (uint32_t b = 0; b < TRAVELTIME_BINS; b++) {
            bool peak = (b >= 28 && b < 34) || (b >= 60 && b < 68);
            t->time_ds[(size_t)b * n->link.count + e] += peak ? t->free_ds[e] * peak_pct / 100 : 0;
        }
    }
    traveltime_repair(t);
}

static void bench_car(uint32_t columns, double seconds_min) {
    arena a;
    network n;
    traveltime t;
    route_car_index *x;
    route_car_query *q;
    static uint32_t links[LINKS_MAX];
    char what[80];
    next = 0;
    arena_init(&a);
    grid(&a, &n, &t, columns);
    route_car_metric m = {&t, 2.0, 120.0};
    assert_ok(route_car_build(&n, ALLOW_CAR, &a, &x));
    assert_ok(route_car_query_init(x, &a, &q));
    uint64_t check = HASH_SEED;
    uint32_t count = 0;
    double start = cpu_s(), seconds = 0;
    while (seconds < seconds_min) {
        for (int i = 0; i < BATCH; i++, count++) {
            route_car_answer out;
            uint32_t from = pick(n.node.count);
            uint32_t to = pick(n.node.count);
            uint32_t departure_s = 21600 + pick(50400);
            assert_ok(route_car_run(x, &m, q, from, to, departure_s, links, LINKS_MAX, &out));
            check = count < CHECKED ? hash_u64(check, out.cost_ds) : check;
        }
        seconds = cpu_s() - start;
    }
    snprintf(what, sizeof what, "car routes with path, %u links", (unsigned)n.link.count);
    report(what, count, seconds, check);
    arena_free(&a);
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
                out[count++] = (route_transit_access){(uint32_t)(r * STOP_COLUMNS + c), 60 + steps * 300};
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
    bench_car(20, seconds);
    bench_car(36, seconds);
    bench_car(137, seconds);
    bench_active(36, seconds);
    bench_transit(seconds);
    return 0;
}
