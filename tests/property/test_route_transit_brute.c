// Journeys against an independent brute force on keyed random timetables: every trip, every boarding, every alighting,
// once for each number of boardings, with no use of patterns or of the order of trips.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "model/route_transit.h"
#include "support.h"

enum {
    STOPS_MAX = 12,
    TRIPS_MAX = 40,
    CALLS_MAX = 7,
    PATHS_MAX = 20,
    ENDS_MAX = 5,
    ROUNDS = 5,
    WORLDS = 300,
    QUESTIONS = 8,
    STEP_S = 30,      // all times are multiples of this
    DAY_S = 2 * 3600  // in which everything departs
};

typedef struct world {
    arena a;
    transit t;
    uint32_t stops, trips, paths;
    uint32_t call_first[TRIPS_MAX + 1];
    transit_call call[TRIPS_MAX * CALLS_MAX];
    text id[TRIPS_MAX];
    text line[TRIPS_MAX];
    uint8_t route_type[TRIPS_MAX];
    transit_footpath path[PATHS_MAX];
    route_transit_query *q;
    uint8_t denied[TRIPS_MAX * CALLS_MAX];        // by call as given
    uint8_t denied_event[TRIPS_MAX * CALLS_MAX];  // by stop event of the timetable
    uint64_t seed;
    uint32_t next;
} world;

typedef struct question {
    route_transit_access access[ENDS_MAX], egress[ENDS_MAX];
    uint32_t access_count, egress_count;
    int32_t departure_s;
} question;

static uint32_t pick(world *w, uint32_t count) {
    return (uint32_t)(support_random(w->seed, w->next++) % count);
}

static int32_t pick_s(world *w, uint32_t steps) {
    return (int32_t)(pick(w, steps) * STEP_S);
}

// A trip is a copy of an earlier one at another time and perhaps another speed (so that some overtake), or new. Stops
// may repeat within a trip; some calls allow no boarding or no alighting.
static void random_trip(world *w, uint32_t i) {
    transit_call *to = &w->call[w->call_first[i]];
    uint32_t count = 2 + pick(w, CALLS_MAX - 1);
    uint32_t like = i > 0 && pick(w, 4) > 0 ? pick(w, i) : IX_NONE;
    if (like != IX_NONE) {
        count = w->call_first[like + 1] - w->call_first[like];
    }
    int32_t now_s = 6 * 3600 + pick_s(w, DAY_S / STEP_S);
    uint32_t slow = 1 + pick(w, 20);
    for (uint32_t k = 0; k < count; k++) {
        if (like != IX_NONE) {
            to[k] = w->call[w->call_first[like] + k];
        } else {
            to[k].stop_ix = pick(w, w->stops);
            to[k].no_pickup = pick(w, 10) == 0;
            to[k].no_dropoff = pick(w, 10) == 0;
        }
        if (like != IX_NONE && pick(w, 30) == 0) {
            to[k].no_dropoff = 1 - to[k].no_dropoff;
        }
        now_s += pick_s(w, 1 + slow);
        to[k].arrival_s = now_s;
        now_s += pick_s(w, 3);
        to[k].departure_s = now_s;
    }
    w->call_first[i + 1] = w->call_first[i] + count;
    char id[16];
    snprintf(id, sizeof id, "t%u", (unsigned)i);
    w->id[i] = arena_text(&w->a, id);
    w->line[i] = "";
}

// In every other world some vehicles take nobody at some stops.
static void deny_some(world *w) {
    if (w->seed % 2 == 0) {
        return;
    }
    for (uint32_t i = 0; i < w->t.trip.count; i++) {
        uint32_t given = 0;
        while (w->id[given] != w->t.trip.id[i]) {
            given++;
        }
        for (uint32_t k = 0; k < w->call_first[given + 1] - w->call_first[given]; k++) {
            uint8_t denied = pick(w, 8) == 0 ? 1 : 0;
            w->denied[w->call_first[given] + k] = denied;
            w->denied_event[w->t.trip.time_first[i] + k] = denied;
        }
    }
    route_transit_deny(w->q, w->denied_event);
}

static void random_world(world *w, uint64_t seed) {
    *w = (world){.seed = seed};
    arena_init(&w->a);
    w->stops = 2 + pick(w, STOPS_MAX - 1);
    w->trips = 1 + pick(w, TRIPS_MAX);
    w->paths = pick(w, PATHS_MAX + 1);
    assert_ok(transit_alloc_stops(&w->t, &w->a, w->stops));
    for (uint32_t s = 0; s < w->stops; s++) {
        char id[16];
        snprintf(id, sizeof id, "s%u", (unsigned)s);
        w->t.stop.id[s] = arena_text(&w->a, id);
        w->t.stop.name[s] = "";
    }
    for (uint32_t i = 0; i < w->trips; i++) {
        random_trip(w, i);
    }
    for (uint32_t i = 0; i < w->paths; i++) {  // one way, not transitively closed
        w->path[i].from_ix = pick(w, w->stops);
        w->path[i].to_ix = pick(w, w->stops);
        w->path[i].walk_s = pick_s(w, 20);
    }
    transit_trip_columns meta = {.count = w->trips, .id = w->id, .line = w->line, .headsign = w->line};
    meta.route_type = w->route_type;
    assert_ok(transit_build(&w->t, &w->a, &meta, w->call_first, w->call, w->path, w->paths));
    assert_ok(transit_validate(&w->t));
    assert_ok(route_transit_query_init(&w->t, &w->a, &w->q));
    deny_some(w);
}

static void random_question(world *w, question *k) {
    *k = (question){0};
    k->access_count = 1 + pick(w, ENDS_MAX);
    k->egress_count = 1 + pick(w, ENDS_MAX);
    for (uint32_t i = 0; i < ENDS_MAX; i++) {
        k->access[i].stop_ix = pick(w, w->stops);
        k->access[i].walk_s = pick_s(w, 20);
        k->egress[i].stop_ix = pick(w, w->stops);
        k->egress[i].walk_s = pick_s(w, 20);
        k->access[i].mode = (uint8_t)pick(w, 3);
        k->egress[i].mode = (uint8_t)pick(w, 3);
        if (pick(w, 6) == 0) {  // full for a while; the last place goes at a multiple of the step
            k->access[i].full_from_s = 6 * 3600 + pick_s(w, DAY_S / STEP_S) + 1;
            k->access[i].full_to_s = k->access[i].full_from_s + pick_s(w, 100);
        }
    }
    k->departure_s = 6 * 3600 - 600 + pick_s(w, DAY_S / STEP_S);
}

// ---- brute force ----

typedef struct brute {
    int32_t ride_s[ROUNDS + 1][STOPS_MAX];   // earliest arrival by vehicle with at most k boardings
    int32_t reach_s[ROUNDS + 1][STOPS_MAX];  // at the stop, by vehicle, footpath or access
    int32_t stand_s[ROUNDS + 1][STOPS_MAX];  // and ready to board, after a footpath or none
    int32_t target_s[ROUNDS + 1];
} brute;

static bool is_full(const route_transit_access *a, int32_t there_s) {
    return there_s >= a->full_from_s && there_s < a->full_to_s;
}

static void least(int32_t *value, int32_t offer) {
    *value = offer < *value ? offer : *value;
}

static int32_t path_s(const world *w, uint32_t from, uint32_t to) {
    int32_t best = INT32_MAX;
    for (uint32_t i = 0; i < w->paths; i++) {
        if (w->path[i].from_ix == from && w->path[i].to_ix == to) {
            least(&best, w->path[i].walk_s);
        }
    }
    return best;
}

static void brute_ride(const world *w, brute *b, int k) {
    for (uint32_t i = 0; i < w->trips; i++) {
        for (uint32_t from = w->call_first[i]; from < w->call_first[i + 1]; from++) {
            const transit_call *c = &w->call[from];
            if (c->no_pickup != 0 || w->denied[from] != 0 || b->stand_s[k - 1][c->stop_ix] > c->departure_s) {
                continue;
            }
            for (uint32_t to = from + 1; to < w->call_first[i + 1]; to++) {
                if (w->call[to].no_dropoff == 0) {
                    least(&b->ride_s[k][w->call[to].stop_ix], w->call[to].arrival_s);
                }
            }
        }
    }
}

static void brute_round(const world *w, const question *q, brute *b, int k) {
    brute_ride(w, b, k);
    for (uint32_t s = 0; s < w->stops; s++) {
        int32_t change_s = path_s(w, s, s);
        least(&b->reach_s[k][s], b->ride_s[k][s]);
        change_s = change_s == INT32_MAX ? 0 : change_s;
        least(&b->stand_s[k][s], b->ride_s[k][s] == INT32_MAX ? INT32_MAX : b->ride_s[k][s] + change_s);
    }
    for (uint32_t i = 0; i < w->paths; i++) {
        int32_t ride_s = b->ride_s[k][w->path[i].from_ix];
        int32_t there_s = ride_s == INT32_MAX ? INT32_MAX : ride_s + w->path[i].walk_s;
        if (w->path[i].from_ix != w->path[i].to_ix) {
            least(&b->stand_s[k][w->path[i].to_ix], there_s);
            least(&b->reach_s[k][w->path[i].to_ix], there_s);
        }
    }
    for (uint32_t i = 0; i < q->egress_count; i++) {
        int32_t ride_s = b->ride_s[k][q->egress[i].stop_ix];
        least(&b->target_s[k], ride_s == INT32_MAX ? INT32_MAX : ride_s + q->egress[i].walk_s);
    }
}

static void brute_force(const world *w, const question *q, int32_t departure_s, brute *b) {
    for (int k = 0; k <= ROUNDS; k++) {
        b->target_s[k] = INT32_MAX;
        for (uint32_t s = 0; s < w->stops; s++) {
            b->ride_s[k][s] = k == 0 ? INT32_MAX : b->ride_s[k - 1][s];
            b->stand_s[k][s] = k == 0 ? INT32_MAX : b->stand_s[k - 1][s];
            b->reach_s[k][s] = k == 0 ? INT32_MAX : b->reach_s[k - 1][s];
        }
        if (k == 0) {
            for (uint32_t i = 0; i < q->access_count; i++) {
                int32_t there_s = departure_s + q->access[i].walk_s;
                if (is_full(&q->access[i], there_s)) {
                    there_s = q->access[i].full_to_s;  // leave later
                }
                least(&b->stand_s[0][q->access[i].stop_ix], there_s);
                least(&b->reach_s[0][q->access[i].stop_ix], there_s);
            }
            continue;
        }
        brute_round(w, q, b, k);
    }
}

// Latest departure for an arrival with k boardings: try every second that can matter.
static int32_t brute_latest(const world *w, const question *q, int k, int32_t arrival_s) {
    brute b;
    int32_t departure_s = arrival_s - arrival_s % STEP_S;
    for (;; departure_s -= STEP_S) {
        brute_force(w, q, departure_s, &b);
        if (b.target_s[k] <= arrival_s) {
            return departure_s;
        }
    }
}

// ---- checks ----

static int32_t end_s(const route_transit_access *end, uint32_t count, uint32_t stop_ix) {
    int32_t best = INT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        if (end[i].stop_ix == stop_ix) {
            least(&best, end[i].walk_s);
        }
    }
    return best;
}

static bool trip_serves(const world *w, const route_transit_leg *leg) {
    uint32_t i = 0;
    while (w->id[i] != w->t.trip.id[leg->trip_ix]) {
        i++;
    }
    bool on = false;
    for (uint32_t k = w->call_first[i]; k < w->call_first[i + 1]; k++) {
        const transit_call *c = &w->call[k];
        if (on && c->stop_ix == leg->to_stop_ix && c->arrival_s == leg->arrival_s && c->no_dropoff == 0) {
            return true;
        }
        on = on || (c->stop_ix == leg->from_stop_ix && c->departure_s == leg->departure_s && c->no_pickup == 0);
    }
    return false;
}

// Is there such an access, with room on arrival, that makes one wait only where it fills up meanwhile?
static bool offers(const route_transit_access *a, uint32_t count, const route_transit_journey *j, int32_t access_s) {
    int32_t there_s = j->departure_s + access_s;
    for (uint32_t i = 0; i < count; i++) {
        if (a[i].stop_ix == j->leg[0].from_stop_ix && a[i].mode == j->access_mode && a[i].walk_s == access_s &&
            !is_full(&a[i], there_s)) {
            return there_s == j->leg[0].departure_s || is_full(&a[i], there_s + 1);
        }
    }
    return false;
}

// The legs are a journey that can be made, and its totals are the sums of its parts.
static void check_legs(const world *w, const question *q, const route_transit_journey *j) {
    int32_t walk_s = 0, ride_s = 0, wait_s = 0, now_s = j->leg[0].departure_s;
    uint32_t boardings = 0;
    assert_true(j->leg_count > 0 && j->leg[0].trip_ix != IX_NONE);
    for (uint32_t i = 0; i < j->leg_count; i++) {
        const route_transit_leg *leg = &j->leg[i];
        assert_true(i == 0 || leg->from_stop_ix == j->leg[i - 1].to_stop_ix);
        assert_true(leg->departure_s >= now_s);
        if (leg->trip_ix == IX_NONE) {
            assert_true(j->leg[i - 1].trip_ix != IX_NONE && i + 1 < j->leg_count);
            assert_int_equal(leg->departure_s, now_s);
            assert_int_equal(leg->arrival_s - leg->departure_s, path_s(w, leg->from_stop_ix, leg->to_stop_ix));
            walk_s += leg->arrival_s - leg->departure_s;
        } else {
            assert_true(trip_serves(w, leg));
            wait_s += leg->departure_s - now_s;
            ride_s += leg->arrival_s - leg->departure_s;
            boardings++;
        }
        now_s = leg->arrival_s;
    }
    int32_t egress_s = end_s(q->egress, q->egress_count, j->leg[j->leg_count - 1].to_stop_ix);
    assert_int_equal(j->arrival_s, now_s + egress_s);
    int32_t first_wait_s = j->wait_s - wait_s, other_s = 0;
    int32_t access_s = j->leg[0].departure_s - first_wait_s - j->departure_s;
    assert_true(first_wait_s >= 0 && offers(q->access, q->access_count, j, access_s));
    *(j->access_mode == 0 ? &walk_s : &other_s) += access_s;
    *(j->egress_mode == 0 ? &walk_s : &other_s) += egress_s;
    wait_s = j->wait_s;
    assert_int_equal(j->walk_s, walk_s);
    assert_int_equal(j->other_s, other_s);
    assert_int_equal(j->on_board_s, ride_s);
    assert_int_equal(j->wait_s, wait_s);
    assert_int_equal(j->boardings, boardings);
    assert_int_equal(j->arrival_s - j->departure_s, j->walk_s + j->other_s + j->on_board_s + j->wait_s);
}

static uint32_t run(world *w, const question *q, int32_t departure_s, route_transit_journey *out) {
    return route_transit_run(&w->t, w->q, q->access, q->access_count, q->egress, q->egress_count, departure_s, ROUNDS,
                             out);
}

static void check_run(world *w, const question *q) {
    brute b;
    route_transit_journey out[ROUNDS];
    brute_force(w, q, q->departure_s, &b);
    uint32_t count = run(w, q, q->departure_s, out);
    uint32_t at = 0;
    for (int k = 1; k <= ROUNDS; k++) {
        if (b.target_s[k] >= b.target_s[k - 1]) {
            continue;
        }
        assert_true(at < count);
        assert_int_equal(out[at].boardings, k);
        assert_int_equal(out[at].arrival_s, b.target_s[k]);
        assert_int_equal(out[at].departure_s, brute_latest(w, q, k, b.target_s[k]));
        check_legs(w, q, &out[at]);
        at++;
    }
    assert_int_equal(at, count);
}

static void check_tree(world *w, const question *q) {
    brute b;
    int32_t arrival_s[STOPS_MAX];
    uint8_t boardings[STOPS_MAX];
    uint32_t rounds = pick(w, ROUNDS + 1);
    brute_force(w, q, q->departure_s, &b);
    route_transit_tree(&w->t, w->q, q->access, q->access_count, q->departure_s, rounds, arrival_s, boardings);
    for (uint32_t s = 0; s < w->stops; s++) {
        assert_int_equal(arrival_s[s], b.reach_s[rounds][s]);
        uint32_t k = 0;
        while (b.reach_s[k][s] != b.reach_s[rounds][s]) {
            k++;
        }
        assert_int_equal(boardings[s], arrival_s[s] == INT32_MAX ? 0 : k);
    }
}

// Arrive-by: the latest departures of brute force, each with the earliest arrival from there.
static uint32_t check_arrive_by(world *w, const question *q) {
    route_transit_journey out[ROUNDS];
    int32_t by_s = q->departure_s + 3600, earliest_s = 5 * 3600 - 1200, fewer_s = INT32_MIN;
    uint32_t at = 0, count = route_transit_arrive_by(&w->t, w->q, q->access, q->access_count, q->egress,
                                                     q->egress_count, by_s, ROUNDS, out);
    for (int k = 1; k <= ROUNDS; k++) {
        brute b;
        int32_t s = by_s - by_s % STEP_S;
        for (; s >= earliest_s; s -= STEP_S) {
            brute_force(w, q, s, &b);
            if (b.target_s[k] <= by_s) {
                break;
            }
        }
        if (s < earliest_s || s <= fewer_s) {
            continue;
        }
        fewer_s = s;
        assert_true(at < count);
        assert_int_equal(out[at].departure_s, s);
        assert_int_equal(out[at].boardings, k);
        assert_int_equal(out[at].arrival_s, b.target_s[k]);
        check_legs(w, q, &out[at++]);
    }
    assert_int_equal(at, count);
    return count;
}

static void arrive_by_gives_the_latest_departures_of_brute_force(void **state) {
    (void)state;
    uint32_t journeys = 0, several = 0;
    for (uint64_t seed = 20001; seed <= 20000 + WORLDS; seed++) {
        world w;
        question q;
        random_world(&w, seed);
        random_question(&w, &q);
        uint32_t count = check_arrive_by(&w, &q);
        journeys += count;
        several += count > 1;
        arena_free(&w.a);
    }
    assert_true(journeys > WORLDS / 2 && several > WORLDS / 50);
}

// Brute force with as many boardings as anybody may make: rounds until nothing gets better.
static int32_t brute_earliest(const world *w, const question *q) {
    static brute b;
    int32_t best_s = INT32_MAX, before_s = INT32_MIN;
    brute_force(w, q, q->departure_s, &b);
    for (int more = 0; more < (int)TRIPS_MAX * 2; more++) {
        best_s = b.target_s[ROUNDS];
        if (more > ROUNDS * 4 && best_s == before_s) {
            break;
        }
        before_s = best_s;
        memcpy(b.ride_s[ROUNDS - 1], b.ride_s[ROUNDS], sizeof b.ride_s[0]);
        memcpy(b.stand_s[ROUNDS - 1], b.stand_s[ROUNDS], sizeof b.stand_s[0]);
        brute_round(w, q, &b, ROUNDS);
    }
    return best_s;
}

static void a_scan_finds_the_earliest_arrival_of_brute_force(void **state) {
    (void)state;
    uint32_t found = 0;
    for (uint64_t seed = 30001; seed <= 30000 + WORLDS; seed++) {
        world w;
        question q;
        route_transit_scan *scan;
        route_transit_scan_query *sq;
        random_world(&w, seed);
        assert_ok(route_transit_scan_build(&w.t, &w.a, &scan));
        assert_ok(route_transit_scan_query_init(scan, &w.a, &sq));
        for (int i = 0; i < QUESTIONS; i++) {
            random_question(&w, &q);
            int32_t got = route_transit_earliest(sq, q.access, q.access_count, q.egress, q.egress_count, q.departure_s,
                                                 w.denied_event);
            assert_int_equal(got, brute_earliest(&w, &q));
            found += got != INT32_MAX;
        }
        arena_free(&w.a);
    }
    assert_true(found > WORLDS);
}

static void arrivals_and_departures_are_those_of_brute_force(void **state) {
    (void)state;
    uint32_t journeys = 0, several = 0;
    for (uint64_t seed = 1; seed <= WORLDS; seed++) {
        world w;
        question q;
        route_transit_journey out[ROUNDS];
        random_world(&w, seed);
        for (int i = 0; i < QUESTIONS; i++) {
            random_question(&w, &q);
            check_run(&w, &q);
            check_tree(&w, &q);
            uint32_t count = run(&w, &q, q.departure_s, out);
            journeys += count;
            several += count > 1;
        }
        arena_free(&w.a);
    }
    // The worlds must be worth searching.
    assert_true(journeys > WORLDS && several > WORLDS / 10);
}

static void check_same_journey(const route_transit_journey *a, const route_transit_journey *b) {
    assert_int_equal(a->departure_s, b->departure_s);
    assert_int_equal(a->arrival_s, b->arrival_s);
    assert_int_equal(a->boardings, b->boardings);
    assert_int_equal(a->wait_s, b->wait_s);
    assert_int_equal(a->walk_s, b->walk_s);
    assert_int_equal(a->leg_count, b->leg_count);
    for (uint32_t i = 0; i < a->leg_count; i++) {
        assert_int_equal(a->leg[i].trip_ix, b->leg[i].trip_ix);
        assert_int_equal(a->leg[i].from_stop_ix, b->leg[i].from_stop_ix);
        assert_int_equal(a->leg[i].to_stop_ix, b->leg[i].to_stop_ix);
        assert_int_equal(a->leg[i].departure_s, b->leg[i].departure_s);
        assert_int_equal(a->leg[i].arrival_s, b->leg[i].arrival_s);
    }
}

// The profile is what single queries from every second of the window find to leave in that second.
static uint32_t check_profile(world *w, const question *q, int32_t from_s, int32_t to_s) {
    enum { CAPACITY = 400 };
    static route_transit_journey front[CAPACITY];
    route_transit_journey out[ROUNDS];
    uint32_t count = route_transit_profile(&w->t, w->q, q->access, q->access_count, q->egress, q->egress_count, from_s,
                                           to_s, ROUNDS, front, CAPACITY);
    assert_true(count <= CAPACITY);
    uint32_t at = 0;
    for (int32_t s = to_s; s >= from_s; s--) {
        uint32_t n = run(w, q, s, out);
        for (uint32_t i = 0; i < n; i++) {
            if (out[i].departure_s == s) {
                assert_true(at < count);
                check_same_journey(&front[at++], &out[i]);
            }
        }
    }
    assert_int_equal(at, count);
    assert_int_equal(route_transit_profile(&w->t, w->q, q->access, q->access_count, q->egress, q->egress_count, from_s,
                                           to_s, ROUNDS, front, 1),
                     count);
    return count;
}

enum { FOUND_MAX = 20000 };

typedef struct found_list {
    uint32_t count;
    struct {
        uint32_t stop_ix, boardings;
        int32_t departure_s, arrival_s;
    } row[FOUND_MAX];
} found_list;

static void keep_found(void *ctx, uint32_t stop_ix, int32_t departure_s, int32_t arrival_s, uint32_t boardings) {
    found_list *l = ctx;
    assert_true(l->count < FOUND_MAX);
    l->row[l->count].stop_ix = stop_ix;
    l->row[l->count].boardings = boardings;
    l->row[l->count].departure_s = departure_s;
    l->row[l->count++].arrival_s = arrival_s;
}

// Whoever may leave in a second has the best of what is listed for it and later, at every stop and number of boardings.
static void check_profile_tree(world *w, const question *q, int32_t from_s, int32_t to_s) {
    static found_list list;
    list.count = 0;
    route_transit_profile_tree(&w->t, w->q, q->access, q->access_count, from_s, to_s, ROUNDS, keep_found, &list);
    for (int32_t s = from_s; s <= to_s; s += STEP_S) {
        brute now, after;
        brute_force(w, q, s, &now);
        brute_force(w, q, to_s + 1, &after);  // what leaves later still is not listed
        for (uint32_t v = 0; v < w->stops; v++) {
            for (uint32_t k = 1; k <= ROUNDS; k++) {
                int32_t best_s = after.ride_s[k][v];
                for (uint32_t i = 0; i < list.count; i++) {
                    if (list.row[i].stop_ix == v && list.row[i].boardings <= k && list.row[i].departure_s >= s) {
                        least(&best_s, list.row[i].arrival_s);
                    }
                }
                assert_int_equal(best_s, now.ride_s[k][v]);
            }
        }
    }
}

static void profiles_to_all_stops_are_those_of_brute_force(void **state) {
    (void)state;
    for (uint64_t seed = 40001; seed <= 40000 + WORLDS / 10; seed++) {
        world w;
        question q;
        random_world(&w, seed);
        random_question(&w, &q);
        int32_t from_s = 6 * 3600 + pick_s(&w, 60);
        check_profile_tree(&w, &q, from_s, from_s + pick_s(&w, 60));
        arena_free(&w.a);
    }
}

static void profiles_are_repeated_single_queries(void **state) {
    (void)state;
    uint32_t journeys = 0;
    for (uint64_t seed = 5001; seed <= 5000 + WORLDS / 3; seed++) {
        world w;
        question q;
        random_world(&w, seed);
        random_question(&w, &q);
        int32_t from_s = 6 * 3600 - 900 + pick_s(&w, 60);
        journeys += check_profile(&w, &q, from_s, from_s + pick_s(&w, 150));
        arena_free(&w.a);
    }
    assert_true(journeys > WORLDS / 2);
}

static void answers_do_not_depend_on_the_order_of_the_ends(void **state) {
    (void)state;
    for (uint64_t seed = 9001; seed <= 9000 + WORLDS; seed++) {
        world w;
        question q, turned;
        route_transit_journey a[ROUNDS], b[ROUNDS];
        random_world(&w, seed);
        random_question(&w, &q);
        turned = q;
        for (uint32_t i = 0; i < q.access_count; i++) {
            turned.access[i] = q.access[q.access_count - 1 - i];
        }
        for (uint32_t i = 0; i < q.egress_count; i++) {
            turned.egress[i] = q.egress[q.egress_count - 1 - i];
        }
        uint32_t count = run(&w, &q, q.departure_s, a);
        assert_int_equal(run(&w, &turned, q.departure_s, b), count);
        for (uint32_t i = 0; i < count; i++) {
            check_same_journey(&a[i], &b[i]);
        }
        arena_free(&w.a);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrivals_and_departures_are_those_of_brute_force),
        cmocka_unit_test(a_scan_finds_the_earliest_arrival_of_brute_force),
        cmocka_unit_test(arrive_by_gives_the_latest_departures_of_brute_force),
        cmocka_unit_test(profiles_to_all_stops_are_those_of_brute_force),
        cmocka_unit_test(profiles_are_repeated_single_queries),
        cmocka_unit_test(answers_do_not_depend_on_the_order_of_the_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
