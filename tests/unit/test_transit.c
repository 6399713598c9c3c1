#include "world/transit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support.h"

static arena memory;

static int start(void **state) {
    (void)state;
    arena_init(&memory);
    return 0;
}

static int stop(void **state) {
    (void)state;
    arena_free(&memory);
    return 0;
}

static uint32_t find_trip(const transit *t, const char *id) {
    for (uint32_t i = 0; i < t->trip.count; i++) {
        if (strcmp(t->trip.id[i], id) == 0) {
            return i;
        }
    }
    fail_msg("there is no trip %s", id);
    return IX_NONE;
}

static uint32_t pattern_of(const transit *t, const char *id) {
    return t->trip.pattern_ix[find_trip(t, id)];
}

static void trips_with_the_same_stops_share_a_pattern(void **state) {
    (void)state;
    static const support_trip trips[4] = {
        {"late", "500", 3, {{0, 900, 900}, {1, 1000, 1010}, {2, 1100, 1100}}},
        {"back", "500", 3, {{2, 100, 100}, {1, 200, 200}, {0, 300, 300}}},
        {"early", "500", 3, {{0, 100, 100}, {1, 200, 210}, {2, 300, 300}}},
        {"short", "500", 2, {{0, 500, 500}, {1, 600, 600}}},
    };
    transit t;
    support_transit(&memory, &t, 3, trips, 4, NULL, 0);
    assert_int_equal(t.pattern_count, 3);
    assert_int_equal(pattern_of(&t, "late"), pattern_of(&t, "early"));
    assert_int_equal(find_trip(&t, "late"), find_trip(&t, "early") + 1);  // by departure
    assert_int_not_equal(pattern_of(&t, "back"), pattern_of(&t, "early"));
    assert_int_not_equal(pattern_of(&t, "short"), pattern_of(&t, "early"));
    uint32_t p = pattern_of(&t, "back");
    const uint32_t *stops = t.pattern_stop + t.pattern_stop_first[p];
    assert_true(stops[0] == 2 && stops[1] == 1 && stops[2] == 0);
    uint32_t event = t.trip.time_first[find_trip(&t, "early")];
    assert_int_equal(t.arrival_s[event + 1], 200);
    assert_int_equal(t.departure_s[event + 1], 210);
}

static void overtaking_trips_are_parted(void **state) {
    (void)state;
    static const support_trip trips[4] = {
        {"slow", "1", 3, {{0, 100, 100}, {1, 500, 500}, {2, 900, 900}}},
        {"express", "1", 3, {{0, 200, 200}, {1, 300, 300}, {2, 400, 400}}},  // overtakes slow
        {"slow2", "1", 3, {{0, 300, 300}, {1, 700, 700}, {2, 1100, 1100}}},  // behind both: first fit = with slow
        {"dwell", "1", 3, {{0, 150, 150}, {1, 450, 600}, {2, 950, 950}}},    // passes slow while it stands
    };
    transit t;
    support_transit(&memory, &t, 3, trips, 4, NULL, 0);
    assert_int_equal(t.pattern_count, 3);
    assert_int_equal(pattern_of(&t, "slow"), pattern_of(&t, "slow2"));
    assert_int_not_equal(pattern_of(&t, "slow"), pattern_of(&t, "express"));
    assert_int_not_equal(pattern_of(&t, "slow"), pattern_of(&t, "dwell"));
}

static void equal_times_do_not_overtake(void **state) {
    (void)state;
    static const support_trip trips[2] = {
        {"b", "1", 2, {{0, 100, 100}, {1, 200, 200}}},
        {"a", "1", 2, {{0, 100, 100}, {1, 200, 200}}},
    };
    transit t;
    support_transit(&memory, &t, 2, trips, 2, NULL, 0);
    assert_int_equal(t.pattern_count, 1);
    assert_string_equal(t.trip.id[0], "a");  // equal departures: by id
}

// Builds with explicit calls, for what support_transit does not offer.
static err_code build(transit *t, uint32_t stop_count, uint32_t trip_count, text *id, const uint32_t *call_first,
                      const transit_call *call, const transit_footpath *path, uint32_t path_count) {
    TRY(transit_alloc_stops(t, &memory, stop_count));
    for (uint32_t s = 0; s < stop_count; s++) {
        char stop_id[16];
        snprintf(stop_id, sizeof stop_id, "s%u", s);
        t->stop.id[s] = arena_text(&memory, stop_id);
        t->stop.name[s] = "";
    }
    static text names[8] = {"", "", "", "", "", "", "", ""};
    static uint8_t types[8] = {3, 2, 3, 3, 3, 3, 3, 3};
    transit_trip_columns meta = {.count = trip_count, .id = id, .line = names, .headsign = names, .route_type = types};
    return transit_build(t, &memory, &meta, call_first, call, path, path_count);
}

static void boarding_rules_part_patterns(void **state) {
    (void)state;
    text id[2] = {"open", "no boarding"};
    const uint32_t first[3] = {0, 2, 4};
    const transit_call call[4] = {{0, 100, 100, 0, 0}, {1, 200, 200, 0, 0}, {0, 300, 300, 1, 0}, {1, 400, 400, 0, 1}};
    transit t;
    assert_ok(build(&t, 2, 2, id, first, call, NULL, 0));
    assert_int_equal(t.pattern_count, 2);
    uint32_t i = find_trip(&t, "no boarding");
    assert_int_equal(t.trip.route_type[i], 2);
    assert_int_equal(t.no_pickup[t.trip.time_first[i]], 1);
    assert_int_equal(t.no_dropoff[t.trip.time_first[i] + 1], 1);
    assert_int_equal(t.no_pickup[t.trip.time_first[find_trip(&t, "open")]], 0);
}

static void every_stop_knows_its_patterns(void **state) {
    (void)state;
    static const support_trip trips[2] = {
        {"loop", "1", 4, {{0, 100, 100}, {1, 200, 200}, {2, 300, 300}, {0, 400, 400}}},
        {"line", "2", 2, {{2, 100, 100}, {0, 200, 200}}},
    };
    transit t;
    support_transit(&memory, &t, 4, trips, 2, NULL, 0);
    uint32_t loop = pattern_of(&t, "loop"), line = pattern_of(&t, "line");
    uint32_t seen = 0;
    for (uint32_t i = t.stop_pattern_first[0]; i < t.stop_pattern_first[1]; i++) {
        uint32_t p = t.stop_pattern[i], at = t.stop_pattern_pos[i];
        assert_int_equal(t.pattern_stop[t.pattern_stop_first[p] + at], 0);
        seen += p == loop ? (at == 0 ? 1u : 10u) : p == line && at == 1 ? 100u : 1000u;
        assert_true(i == t.stop_pattern_first[0] || p > t.stop_pattern[i - 1] || at > t.stop_pattern_pos[i - 1]);
    }
    assert_int_equal(seen, 111);
    assert_int_equal(t.stop_pattern_first[4] - t.stop_pattern_first[3], 0);  // nobody serves s3
    assert_int_equal(t.stop_pattern_first[4], 6);
}

static void footpaths_are_sorted_and_the_shortest_is_kept(void **state) {
    (void)state;
    static const support_trip trip = {"a", "1", 2, {{0, 100, 100}, {1, 200, 200}}};
    static const transit_footpath paths[6] = {{2, 1, 90}, {0, 2, 70}, {2, 1, 60}, {2, 0, 70}, {1, 1, 0}, {2, 1, 80}};
    transit t;
    support_transit(&memory, &t, 3, &trip, 1, paths, 6);
    static const uint32_t first[4] = {0, 1, 1, 3}, to[3] = {2, 0, 1};
    static const int32_t walk_s[3] = {70, 70, 60};
    assert_memory_equal(t.path_first, first, sizeof first);
    assert_memory_equal(t.path_to, to, sizeof to);
    assert_memory_equal(t.path_s, walk_s, sizeof walk_s);
}

static void rejects_bad_references(void **state) {
    (void)state;
    text id[2] = {"a", "b"}, same[2] = {"a", "a"};
    const uint32_t first[3] = {0, 2, 4}, empty[3] = {0, 2, 2};
    transit_call call[4] = {{0, 1, 1, 0, 0}, {1, 2, 2, 0, 0}, {0, 3, 3, 0, 0}, {1, 4, 4, 0, 0}};
    transit t;
    assert_error(build(&t, 2, 2, same, first, call, NULL, 0), ERR_REFERENCE, "trip id 'a' is used twice");
    assert_error(build(&t, 2, 2, id, empty, call, NULL, 0), ERR_RANGE, "trip 'b' has no stops");
    call[2].stop_ix = 2;
    assert_error(build(&t, 2, 2, id, first, call, NULL, 0), ERR_REFERENCE, "trip 'b': a stop of it");
    call[2].stop_ix = 0;
    transit_footpath path = {0, 2, 10};
    assert_error(build(&t, 2, 2, id, first, call, &path, 1), ERR_REFERENCE, "footpath 0: its to stop");
    path = (transit_footpath){0, 1, -1};
    assert_error(build(&t, 2, 2, id, first, call, &path, 1), ERR_RANGE, "stop 's0' to 's1'");
    assert_ok(transit_alloc_stops(&t, &memory, 2));
    t.stop.id[0] = t.stop.id[1] = "s";
    transit_trip_columns none = {0};
    const uint32_t zero = 0;
    assert_error(transit_build(&t, &memory, &none, &zero, NULL, NULL, 0), ERR_REFERENCE, "stop id 's' is used twice");
}

static void times_must_not_run_backwards(void **state) {
    (void)state;
    text id[1] = {"a"};
    const uint32_t first[2] = {0, 2};
    transit t;
    const transit_call early[2] = {{0, 100, 200, 0, 0}, {1, 150, 300, 0, 0}};
    assert_ok(build(&t, 2, 1, id, first, early, NULL, 0));
    assert_error(transit_validate(&t), ERR_RANGE, "trip 'a': arrives at stop 's1' at 150 s");
    const transit_call stay[2] = {{0, 100, 90, 0, 0}, {1, 150, 300, 0, 0}};
    assert_ok(build(&t, 2, 1, id, first, stay, NULL, 0));
    assert_error(transit_validate(&t), ERR_RANGE, "trip 'a': leaves stop 's0' at 90 s");
    const transit_call before[2] = {{0, -10, 90, 0, 0}, {1, 150, 300, 0, 0}};
    assert_ok(build(&t, 2, 1, id, first, before, NULL, 0));
    assert_error(transit_validate(&t), ERR_RANGE, "before the day begins");
}

static void validation_finds_damage(void **state) {
    (void)state;
    static const support_trip trips[2] = {
        {"a", "1", 2, {{0, 100, 100}, {1, 200, 200}}},
        {"b", "1", 2, {{0, 300, 300}, {1, 400, 400}}},
    };
    transit t;
    support_transit(&memory, &t, 2, trips, 2, NULL, 0);
    t.arrival_s[t.trip.time_first[0]] = 301;  // a now arrives after b
    t.departure_s[t.trip.time_first[0]] = 301;
    t.arrival_s[t.trip.time_first[0] + 1] = 350;
    t.departure_s[t.trip.time_first[0] + 1] = 350;
    assert_error(transit_validate(&t), ERR_INTERNAL, "trip 'b' overtakes trip 'a'");
    support_transit(&memory, &t, 2, trips, 2, NULL, 0);
    t.pattern_stop[0] = 7;
    assert_error(transit_validate(&t), ERR_INTERNAL, "not among the stops");
    support_transit(&memory, &t, 2, trips, 2, NULL, 0);
    t.stop.x_m[1] = (double)NAN;
    assert_error(transit_validate(&t), ERR_RANGE, "stop 's1': its coordinates");
}

static void a_day_without_trips_is_a_timetable(void **state) {
    (void)state;
    transit t;
    const uint32_t first = 0;
    assert_ok(build(&t, 2, 0, NULL, &first, NULL, NULL, 0));
    assert_int_equal(t.pattern_count, 0);
    assert_int_equal(t.stop_pattern_first[2], 0);
    assert_ok(transit_validate(&t));
    assert_int_equal(transit_find_stop(&t, "s1"), 1);
    assert_int_equal(transit_find_stop(&t, "s2"), IX_NONE);
}

// Random timetables: whatever the order of the input, the same timetable comes out, and no pattern has overtaking.
static void the_order_of_the_input_does_not_matter(void **state) {
    (void)state;
    enum { TRIPS = 60 };
    for (uint32_t round = 0; round < 20; round++) {
        support_trip trips[TRIPS], shuffled[TRIPS];
        static char id[TRIPS][8];
        for (uint32_t i = 0; i < TRIPS; i++) {
            snprintf(id[i], sizeof id[i], "t%u", i);
            support_trip *trip = &trips[i];
            *trip = (support_trip){.id = id[i], .line = "1", .call_count = 3};
            int32_t at = (int32_t)(support_random(round, 10 * i) % 40);
            for (uint32_t k = 0; k < 3; k++) {
                int32_t stay = (int32_t)(support_random(round, 10 * i + 2 * k + 1) % 3);
                trip->call[k] = (support_call){i % 5 == 0 ? 2 - k : k, at, at + stay};
                at += stay + (int32_t)(support_random(round, 10 * i + 2 * k + 2) % 30);
            }
            shuffled[i] = *trip;
        }
        for (uint32_t i = TRIPS - 1; i > 0; i--) {
            uint32_t k = (uint32_t)(support_random(1000 + round, i) % (i + 1));
            support_trip kept = shuffled[i];
            shuffled[i] = shuffled[k];
            shuffled[k] = kept;
        }
        transit t, u;
        support_transit(&memory, &t, 3, trips, TRIPS, NULL, 0);  // validates: nobody overtakes
        support_transit(&memory, &u, 3, shuffled, TRIPS, NULL, 0);
        assert_int_equal(t.trip.count, TRIPS);
        assert_true(t.pattern_count > 2);
        assert_true(transit_hash(&t) == transit_hash(&u));
    }
}

static void the_hash_sees_times_and_paths(void **state) {
    (void)state;
    static const support_trip trip = {"a", "1", 2, {{0, 100, 100}, {1, 200, 200}}};
    const transit_footpath path = {0, 1, 60};
    transit t;
    support_transit(&memory, &t, 2, &trip, 1, &path, 1);
    uint64_t before = transit_hash(&t);
    t.departure_s[1]++;
    assert_true(transit_hash(&t) != before);
    t.departure_s[1]--;
    t.path_s[0]++;
    assert_true(transit_hash(&t) != before);
    t.path_s[0]--;
    t.no_dropoff[0] = 1;
    assert_true(transit_hash(&t) != before);
    t.no_dropoff[0] = 0;
    assert_true(transit_hash(&t) == before);
}

// Two trips of a pattern, ten minutes apart, three stops.
static const support_trip ten_minutely[2] = {
    {"a", "1", 3, {{0, 28800, 28800}, {1, 29400, 29430}, {2, 30000, 30000}}},
    {"b", "1", 3, {{0, 29400, 29400}, {1, 30000, 30030}, {2, 30600, 30600}}},
};

static void a_path_from_a_stop_to_itself_is_the_time_of_a_change(void **state) {
    (void)state;
    static const transit_footpath path[] = {{1, 1, 300}, {1, 1, 240}, {2, 2, TRANSIT_NO_CHANGE}};
    transit t;
    support_transit(&memory, &t, 3, ten_minutely, 2, path, 3);
    assert_int_equal(t.change_s[0], 0);
    assert_int_equal(t.change_s[1], 240);
    assert_int_equal(t.change_s[2], TRANSIT_NO_CHANGE);
    assert_int_equal(t.path_first[3], 0);
    assert_int_equal(t.main_ix[2], 2);
}

static void other_times_keep_the_order_of_trips(void **state) {
    (void)state;
    transit t, late;
    uint32_t raised = 0;
    support_transit(&memory, &t, 3, ten_minutely, 2, NULL, 0);
    int32_t arrival[6], departure[6];
    memcpy(arrival, t.arrival_s, sizeof arrival);
    memcpy(departure, t.departure_s, sizeof departure);
    assert_int_equal(transit_event_count(&t), 6);
    assert_ok(transit_retime(&t, &memory, arrival, departure, &late, &raised));
    assert_int_equal(raised, 0);
    assert_int_equal(transit_hash(&late), transit_hash(&t));
    uint32_t a = t.trip.time_first[find_trip(&t, "a")], b = t.trip.time_first[find_trip(&t, "b")];
    arrival[a + 1] = 30060;  // later than it leaves, and later than the trip behind
    assert_ok(transit_retime(&t, &memory, arrival, departure, &late, &raised));
    assert_ok(transit_validate(&late));
    assert_int_equal(late.departure_s[a + 1], 30060);
    assert_int_equal(late.arrival_s[a + 2], 30060);
    assert_int_equal(late.arrival_s[b + 1], 30060);
    assert_int_equal(late.departure_s[b + 1], 30060);
    assert_int_equal(late.arrival_s[b + 2], 30600);
    assert_int_equal(raised, 5);
    assert_int_equal(late.leave_s[late.block[0].event_first + 2], 30060);  // second stop, first trip
    assert_int_equal(t.arrival_s[b + 1], 30000);                           // the timetable itself is as it was
}

static void a_run_tells_which_trip_a_call_belongs_to(void **state) {
    (void)state;
    transit t;
    support_transit(&memory, &t, 3, ten_minutely, 2, NULL, 0);
    assert_null(transit_part_at(&t, 0, 0));
    text id[2] = {"b", "a"};
    const transit_trip_columns meta = {.count = 2, .id = id};
    const uint32_t part_first[3] = {0, 1, 3};
    const transit_part part[3] = {{"b", "r", "1", "", 0, 0}, {"a", "r", "1", "", 0, 0}, {"a2", "r2", "2", "", 1, 0}};
    assert_ok(transit_set_parts(&t, &memory, &meta, part_first, part));
    assert_string_equal(transit_part_at(&t, find_trip(&t, "a"), 0)->trip_id, "a");
    assert_string_equal(transit_part_at(&t, find_trip(&t, "a"), 2)->trip_id, "a2");
    assert_string_equal(transit_part_at(&t, find_trip(&t, "b"), 2)->trip_id, "b");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

// Three buses of line 500 and one of 600 on the same stops: only those chosen change.
static void a_frequency_keeps_the_ends_of_the_day(void **state) {
    (void)state;
    static const support_trip trips[4] = {
        {"a", "500", 2, {{0, 1000, 1010}, {1, 1200, 1200}}},
        {"b", "500", 2, {{0, 2000, 2010}, {1, 2300, 2300}}},
        {"c", "500", 2, {{0, 4000, 4010}, {1, 4200, 4200}}},
        {"x", "600", 2, {{0, 2500, 2500}, {1, 2600, 2600}}},
    };
    transit t, more, fewer, same;
    support_transit(&memory, &t, 2, trips, 4, NULL, 0);
    uint8_t chosen[4];
    for (uint32_t i = 0; i < 4; i++) {
        chosen[i] = strcmp(t.trip.line[i], "500") == 0 ? 1 : 0;
    }
    uint32_t changed = 0;
    assert_ok(transit_set_frequency(&t, chosen, 2.0, &memory, &more, &changed));
    assert_ok(transit_validate(&more));
    assert_int_equal(changed, 1);
    assert_int_equal(more.trip.count, 6);  // a, between, b, between, c and x
    uint32_t first = more.trip.time_first[find_trip(&more, "a")];
    assert_int_equal(more.departure_s[first], 1010);  // old departures stay
    uint32_t between = more.trip.time_first[find_trip(&more, "a+1")];
    assert_int_equal(more.arrival_s[between], 1500);
    assert_int_equal(more.departure_s[between], 1510);
    assert_int_equal(more.arrival_s[between + 1], 1750);
    between = more.trip.time_first[find_trip(&more, "b+3")];
    assert_int_equal(more.departure_s[between], 3010);
    assert_int_equal(more.departure_s[more.trip.time_first[find_trip(&more, "x")]], 2500);
    assert_ok(transit_set_frequency(&t, chosen, 0.5, &memory, &fewer, &changed));
    assert_int_equal(fewer.trip.count, 3);
    assert_int_equal(find_trip(&fewer, "a") != IX_NONE && find_trip(&fewer, "c") != IX_NONE, 1);
    assert_ok(transit_set_frequency(&t, chosen, 1.0, &memory, &same, &changed));
    assert_int_equal(changed, 0);
    assert_true(transit_hash(&same) == transit_hash(&t));
    assert_ok(transit_set_frequency(&t, chosen, 0.1, &memory, &fewer, &changed));
    assert_int_equal(fewer.trip.count, 2);  // one departure is left
    memset(chosen, 0, sizeof chosen);
    assert_ok(transit_set_frequency(&t, chosen, 5.0, &memory, &same, &changed));
    assert_int_equal(changed, 0);
    assert_true(transit_hash(&same) == transit_hash(&t));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(trips_with_the_same_stops_share_a_pattern),
        CASE(overtaking_trips_are_parted),
        CASE(equal_times_do_not_overtake),
        CASE(boarding_rules_part_patterns),
        CASE(every_stop_knows_its_patterns),
        CASE(footpaths_are_sorted_and_the_shortest_is_kept),
        CASE(rejects_bad_references),
        CASE(a_frequency_keeps_the_ends_of_the_day),
        CASE(times_must_not_run_backwards),
        CASE(validation_finds_damage),
        CASE(a_day_without_trips_is_a_timetable),
        CASE(the_order_of_the_input_does_not_matter),
        CASE(the_hash_sees_times_and_paths),
        CASE(a_path_from_a_stop_to_itself_is_the_time_of_a_change),
        CASE(other_times_keep_the_order_of_trips),
        CASE(a_run_tells_which_trip_a_call_belongs_to),
    };
    return cmocka_run_group_tests_name("transit", tests, NULL, NULL);
}
