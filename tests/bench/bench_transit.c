// Journeys per second and core on a synthetic timetable the size of a town: 362 stops in six places, bus lines,
// regional buses and trains, about 128 patterns, 3,600 trips and 47,000 stop events a day. Single-threaded: queries
// share nothing but the timetable. The check is over the first answers: the same on every machine.
//
//   bench_transit [seconds for each measurement, default 1] [one measurement only: 0 to 4]
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "model/route_transit.h"
#include "support.h"

enum {
    TOWNS = 6,
    STOPS = 362,
    TRIPS_MAX = 8000,
    CALLS_MAX = 100000,
    PATHS_MAX = 40000,
    CHECKED = 64,
    BATCH = 64,
    ROUNDS = 5
};

static const uint32_t town_stops[TOWNS] = {90, 25, 20, 15, 12, 200};
static const double town_x[TOWNS] = {0, 6000, -7000, 3000, -2000, 30000};
static const double town_y[TOWNS] = {0, 4000, 2000, -9000, 11000, 12000};

static uint32_t next;

static double uniform(void) {
    return (double)(support_random(7, next++) >> 11) * 0x1p-53;
}

static uint32_t pick(uint32_t count) {
    return (uint32_t)(support_random(7, next++) % count);
}

// Processor time: what else runs on the machine does not count as much.
static double cpu_s(void) {
    return (double)clock() / CLOCKS_PER_SEC;
}

static text number_id(arena *a, char letter, uint32_t number) {
    char id[16];
    snprintf(id, sizeof id, "%c%u", letter, number);
    text copy = arena_text(a, id);
    assert_non_null(copy);
    return copy;
}

typedef struct town {
    arena a;
    transit t;
    double x[STOPS], y[STOPS];
    uint32_t first[TOWNS + 1];  // stops of a place
    text id[TRIPS_MAX], line[TRIPS_MAX];
    uint8_t route_type[TRIPS_MAX];
    uint32_t call_first[TRIPS_MAX + 1], trips, lines;
    transit_call call[CALLS_MAX];
    transit_footpath path[PATHS_MAX];
    uint32_t paths;
} town;

static double straight(const town *w, uint32_t i, uint32_t k) {
    return sqrt((w->x[i] - w->x[k]) * (w->x[i] - w->x[k]) + (w->y[i] - w->y[k]) * (w->y[i] - w->y[k]));
}

static void scatter_stops(town *w) {
    uint32_t s = 0;
    for (uint32_t i = 0; i < TOWNS; i++) {
        w->first[i] = s;
        for (uint32_t k = 0; k < town_stops[i]; k++, s++) {
            double r = k == 0 ? 0 : 400 * sqrt((double)town_stops[i]) * sqrt(uniform()), angle = 6.2832 * uniform();
            w->x[s] = town_x[i] + r * cos(angle);
            w->y[s] = town_y[i] + r * sin(angle);
        }
    }
    w->first[TOWNS] = s;
}

// Trips of a line in one direction, every headway_s from first_s on.
static void add_direction(town *w, const uint32_t *stop, uint32_t count, double speed_mps, uint32_t headway_s,
                          int32_t last_s, int32_t dwell_s) {
    for (int32_t start_s = 5 * 3600 + (int32_t)pick(headway_s); start_s < last_s; start_s += (int32_t)headway_s) {
        uint32_t i = w->trips++, at = w->call_first[i];
        int32_t now_s = start_s;
        assert_true(w->trips < TRIPS_MAX && at + count < CALLS_MAX);
        for (uint32_t k = 0; k < count; k++) {
            now_s += k == 0 ? 0 : (int32_t)(1.3 * straight(w, stop[k], stop[k - 1]) / speed_mps) + 20;
            w->call[at + k] = (transit_call){.stop_ix = stop[k], .arrival_s = now_s};
            now_s += k > 0 && k + 1 < count ? dwell_s : 0;
            w->call[at + k].departure_s = now_s;
        }
        w->call_first[i + 1] = at + count;
        w->id[i] = number_id(&w->a, 't', i);
        w->line[i] = "";
    }
}

static void add_line(town *w, uint32_t *stop, uint32_t count, double speed_mps, uint32_t headway_s, int32_t last_s,
                     int32_t dwell_s) {
    add_direction(w, stop, count, speed_mps, headway_s, last_s, dwell_s);
    for (uint32_t k = 0; k < count / 2; k++) {
        uint32_t swap = stop[k];
        stop[k] = stop[count - 1 - k];
        stop[count - 1 - k] = swap;
    }
    add_direction(w, stop, count, speed_mps, headway_s, last_s, dwell_s);
    w->lines++;
}

// A line across a place: stops near a straight line through its centre, in order along it.
static void add_town_line(town *w, uint32_t place) {
    uint32_t stop[32], n = town_stops[place], wanted = 10 + pick(14), count = 0;
    double angle = 6.2832 * uniform();
    wanted = wanted > n ? n : wanted;
    for (uint32_t tries = 0; tries < 3 * n && count < wanted; tries++) {
        uint32_t s = w->first[place] + pick(n);
        bool known = fabs(-sin(angle) * (w->x[s] - town_x[place]) + cos(angle) * (w->y[s] - town_y[place])) >= 900;
        for (uint32_t k = 0; k < count; k++) {
            known = known || stop[k] == s;
        }
        uint32_t k = count;
        for (; !known && k > 0 &&
               cos(angle) * (w->x[stop[k - 1]] - w->x[s]) + sin(angle) * (w->y[stop[k - 1]] - w->y[s]) > 0;
             k--) {
            stop[k] = stop[k - 1];
        }
        if (!known) {
            stop[k] = s;
            count++;
        }
    }
    if (count >= 2) {
        add_line(w, stop, count, 8.3, 1800 + 1800 * pick(2), 24 * 3600, 0);
    }
}

// Hourly regional buses to the three nearest places, by some stops of both.
static void add_regional(town *w, uint32_t from) {
    bool used[TOWNS] = {false};
    used[from] = true;
    for (int q = 0; q < 3; q++) {
        uint32_t to = IX_NONE;
        for (uint32_t k = 0; k < TOWNS; k++) {
            if (!used[k] && (to == IX_NONE ||
                             straight(w, w->first[from], w->first[k]) < straight(w, w->first[from], w->first[to]))) {
                to = k;
            }
        }
        used[to] = true;
        uint32_t stop[16] = {w->first[from]}, count = 1;
        for (uint32_t k = 0; k < 6; k++) {
            stop[count++] = w->first[from] + 1 + k * (town_stops[from] - 1) / 6;
        }
        for (uint32_t k = 6; k-- > 0;) {
            stop[count++] = w->first[to] + 1 + k * (town_stops[to] - 1) / 6;
        }
        stop[count++] = w->first[to];
        add_line(w, stop, count, 16.7, 3600, 23 * 3600, 10);
    }
}

static void build(town *w) {
    arena_init(&w->a);
    next = 0;
    scatter_stops(w);
    for (uint32_t i = 0; i < TOWNS; i++) {
        for (uint32_t l = 0; l < town_stops[i] / 9 + 1; l++) {
            add_town_line(w, i);
        }
        add_regional(w, i);
    }
    for (int l = 0; l < 2; l++) {  // trains through all places
        uint32_t stop[TOWNS] = {w->first[2], w->first[0], w->first[1], w->first[3], w->first[4], w->first[5]};
        add_line(w, stop, TOWNS, 25, 1800, 24 * 3600, 60);
    }
    for (uint32_t s = 0; s < STOPS; s++) {
        for (uint32_t k = 0; k < STOPS; k++) {
            if (s != k && straight(w, s, k) < 500) {
                assert_true(w->paths < PATHS_MAX);
                w->path[w->paths++] = (transit_footpath){s, k, (int32_t)(straight(w, s, k) * 1.3 / 1.25) + 60};
            }
        }
    }
    assert_ok(transit_alloc_stops(&w->t, &w->a, STOPS));
    for (uint32_t s = 0; s < STOPS; s++) {
        w->t.stop.id[s] = number_id(&w->a, 's', s);
        w->t.stop.name[s] = "";
        w->t.stop.x_m[s] = w->x[s];
        w->t.stop.y_m[s] = w->y[s];
    }
    transit_trip_columns meta = {
        .count = w->trips, .id = w->id, .line = w->line, .headsign = w->line, .route_type = w->route_type};
    assert_ok(transit_build(&w->t, &w->a, &meta, w->call_first, w->call, w->path, w->paths));
    assert_ok(transit_validate(&w->t));
    printf("timetable: %d stops, %u patterns, %u trips, %u stop events, %.1f footpaths a stop\n", STOPS,
           w->t.pattern_count, w->trips, transit_event_count(&w->t), (double)w->paths / STOPS);
}

static void report(const char *what, double count, double seconds, uint64_t check) {
    printf("%-52s %10.0f /s and core  %9.2f us each  (check %016llx)\n", what, count / seconds, seconds / count * 1e6,
           (unsigned long long)hash_finish(check));
}

typedef uint64_t question(const town *w, route_transit_query *q, uint64_t h);

// A stop with service.
static uint32_t pick_stop(const town *w) {
    uint32_t s = pick(STOPS);
    while (w->t.stop_pattern_first[s] == w->t.stop_pattern_first[s + 1]) {
        s = (s + 1) % STOPS;
    }
    return s;
}

// A stop, another and a time between 6 and 20 o'clock.
static void ends(const town *w, route_transit_access *from, route_transit_access *to, int32_t *time_s) {
    *from = (route_transit_access){.stop_ix = pick_stop(w)};
    *to = (route_transit_access){.stop_ix = pick_stop(w)};
    *time_s = 6 * 3600 + (int32_t)(uniform() * 14 * 3600);
}

static route_transit_scan_query *scan_query;

static uint64_t ask_earliest(const town *w, route_transit_query *q, uint64_t h) {
    (void)q;
    route_transit_access from, to;
    int32_t time_s;
    ends(w, &from, &to, &time_s);
    return hash_u64(h, (uint64_t)route_transit_earliest(scan_query, &from, 1, &to, 1, time_s, NULL));
}

static uint64_t ask_front(const town *w, route_transit_query *q, uint64_t h) {
    route_transit_access from, to;
    route_transit_journey out[ROUTE_TRANSIT_ROUNDS_MAX];
    int32_t time_s;
    ends(w, &from, &to, &time_s);
    uint32_t n = route_transit_run(&w->t, q, &from, 1, &to, 1, time_s, ROUNDS, out);
    return hash_u64(h, n == 0 ? 0 : (uint64_t)out[n - 1].arrival_s);
}

static uint64_t ask_arrive_by(const town *w, route_transit_query *q, uint64_t h) {
    route_transit_access from, to;
    route_transit_journey out[ROUTE_TRANSIT_ROUNDS_MAX];
    int32_t time_s;
    ends(w, &from, &to, &time_s);
    uint32_t n = route_transit_arrive_by(&w->t, q, &from, 1, &to, 1, time_s, ROUNDS, out);
    return hash_u64(h, n == 0 ? 0 : (uint64_t)out[n - 1].departure_s);
}

static uint64_t ask_tree(const town *w, route_transit_query *q, uint64_t h) {
    static int32_t arrival_s[STOPS];
    static uint8_t boardings[STOPS];
    route_transit_access from, to;
    int32_t time_s;
    ends(w, &from, &to, &time_s);
    route_transit_tree(&w->t, q, &from, 1, time_s, ROUNDS, arrival_s, boardings);
    return hash_bytes(h, arrival_s, sizeof arrival_s);
}

static void count_found(void *ctx, uint32_t stop_ix, int32_t departure_s, int32_t arrival_s, uint32_t boardings) {
    uint64_t *sum = ctx;
    *sum += stop_ix + (uint64_t)departure_s * 3 + (uint64_t)arrival_s * 5 + boardings;
}

// All departures of the day to all stops, from a stop and those within a walk of it.
static uint64_t ask_profile(const town *w, route_transit_query *q, uint64_t h) {
    route_transit_access from[STOPS];
    uint32_t s = pick_stop(w), count = 1;
    uint64_t sum = 0;
    from[0] = (route_transit_access){.stop_ix = s};
    for (uint32_t e = w->t.path_first[s]; e < w->t.path_first[s + 1]; e++) {
        from[count++] = (route_transit_access){.stop_ix = w->t.path_to[e], .walk_s = w->t.path_s[e]};
    }
    route_transit_profile_tree(&w->t, q, from, count, 0, 108000, ROUNDS, count_found, &sum);
    return hash_u64(h, sum);
}

static void measure(const town *w, route_transit_query *q, const char *what, question *ask, double seconds_min,
                    uint32_t batch) {
    double count = 0, start_s = cpu_s(), seconds = 0;
    uint64_t check = HASH_SEED;
    next = 1000000;
    while (seconds < seconds_min || count < CHECKED) {
        for (uint32_t i = 0; i < batch; i++, count++) {
            uint64_t h = ask(w, q, check);
            check = count < CHECKED ? h : check;
        }
        seconds = cpu_s() - start_s;
    }
    report(what, count, seconds, check);
}

int main(int argc, char **argv) {
    static town w;
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 1;
    route_transit_query *q;
    build(&w);
    route_transit_scan *scan;
    assert_ok(route_transit_query_init(&w.t, &w.a, &q));
    assert_ok(route_transit_scan_build(&w.t, &w.a, &scan));
    assert_ok(route_transit_scan_query_init(scan, &w.a, &scan_query));
    static const struct {
        const char *what;
        question *ask;
        uint32_t batch;
    } all[] = {{"earliest arrival, stop to stop", ask_earliest, BATCH},
               {"front of arrival and boardings with legs", ask_front, BATCH},
               {"arrive by, with legs", ask_arrive_by, BATCH},
               {"one to all", ask_tree, BATCH},
               {"whole day from one origin to all stops", ask_profile, 4}};
    for (long i = 0; i < (long)(sizeof all / sizeof all[0]); i++) {
        if (argc <= 2 || strtol(argv[2], NULL, 10) == i) {
            measure(&w, q, all[i].what, all[i].ask, seconds, all[i].batch);
        }
    }
    arena_free(&w.a);
    return 0;
}
