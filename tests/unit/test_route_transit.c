#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/route_transit.h"
#include "support.h"

#define HM(h, m) ((h)*3600 + (m)*60)
#define ENDS(array) (array), (uint32_t)(sizeof(array) / sizeof(array)[0])

enum { ROUNDS = 4 };

typedef struct world {
    arena a;
    transit t;
    route_transit_query *q;
    route_transit_journey out[32];
} world;

static void build(world *w, uint32_t stops, const support_trip *trip, uint32_t trips, const transit_footpath *path,
                  uint32_t paths) {
    arena_init(&w->a);
    support_transit(&w->a, &w->t, stops, trip, trips, path, paths);
    assert_ok(route_transit_query_init(&w->t, &w->a, &w->q));
}

static uint32_t run(world *w, uint32_t from, int32_t access_s, uint32_t to, int32_t egress_s, int32_t departure_s) {
    route_transit_access access = {.stop_ix = from, .walk_s = access_s}, egress = {.stop_ix = to, .walk_s = egress_s};
    return route_transit_run(&w->t, w->q, &access, 1, &egress, 1, departure_s, ROUNDS, w->out);
}

static const char *trip_id(const world *w, const route_transit_leg *leg) {
    return leg->trip_ix == IX_NONE ? "walk" : w->t.trip.id[leg->trip_ix];
}

static void set_flag(const world *w, uint8_t *flag, const char *trip, uint32_t position) {
    for (uint32_t i = 0; i < w->t.trip.count; i++) {
        if (strcmp(w->t.trip.id[i], trip) == 0) {
            flag[w->t.trip.time_first[i] + position] = 1;
        }
    }
}

// A bus every half hour s0 - s1 - s2, ten minutes between stops, half a minute at s1.
static const support_trip half_hourly[3] = {
    {"b1", "1", 3, {{0, HM(8, 0), HM(8, 0)}, {1, HM(8, 10), HM(8, 10) + 30}, {2, HM(8, 20), HM(8, 20)}}},
    {"b2", "1", 3, {{0, HM(8, 30), HM(8, 30)}, {1, HM(8, 40), HM(8, 40) + 30}, {2, HM(8, 50), HM(8, 50)}}},
    {"b3", "1", 3, {{0, HM(9, 0), HM(9, 0)}, {1, HM(9, 10), HM(9, 10) + 30}, {2, HM(9, 20), HM(9, 20)}}},
};

static void rides_the_first_bus_and_leaves_just_in_time(void **state) {
    (void)state;
    world w;
    build(&w, 3, half_hourly, 3, NULL, 0);
    assert_int_equal(run(&w, 0, 240, 2, 120, HM(8, 0)), 1);
    const route_transit_journey *j = &w.out[0];
    assert_int_equal(j->departure_s, HM(8, 26));
    assert_int_equal(j->arrival_s, HM(8, 52));
    assert_int_equal(j->on_board_s, 20 * 60);
    assert_int_equal(j->wait_s, 0);
    assert_int_equal(j->walk_s, 360);
    assert_int_equal(j->boardings, 1);
    assert_int_equal(j->leg_count, 1);
    assert_string_equal(trip_id(&w, &j->leg[0]), "b2");
    assert_int_equal(j->leg[0].from_stop_ix, 0);
    assert_int_equal(j->leg[0].to_stop_ix, 2);
    // Just caught, and just missed by a second.
    assert_int_equal(run(&w, 0, 240, 2, 120, HM(8, 26)), 1);
    assert_int_equal(w.out[0].arrival_s, HM(8, 52));
    assert_int_equal(run(&w, 0, 240, 2, 120, HM(8, 26) + 1), 1);
    assert_int_equal(w.out[0].arrival_s, HM(9, 22));
    arena_free(&w.a);
}

static void finds_nothing_after_the_last_bus_or_against_the_line(void **state) {
    (void)state;
    world w;
    build(&w, 3, half_hourly, 3, NULL, 0);
    assert_int_equal(run(&w, 0, 0, 2, 0, HM(9, 0) + 1), 0);
    assert_int_equal(run(&w, 2, 0, 0, 0, HM(8, 0)), 0);
    assert_int_equal(run(&w, 1, 0, 1, 0, HM(8, 0)), 0);
    route_transit_access end = {.stop_ix = 0, .walk_s = 0};
    assert_int_equal(route_transit_run(&w.t, w.q, NULL, 0, &end, 1, 0, ROUNDS, w.out), 0);
    assert_int_equal(route_transit_run(&w.t, w.q, &end, 1, NULL, 0, 0, ROUNDS, w.out), 0);
    assert_int_equal(route_transit_run(&w.t, w.q, &end, 1, &end, 1, 0, 0, w.out), 0);
    arena_free(&w.a);
}

static void chooses_among_access_and_egress_stops(void **state) {
    (void)state;
    world w;
    build(&w, 3, half_hourly, 3, NULL, 0);
    const route_transit_access access[] = {
        {.stop_ix = 1, .walk_s = 900}, {.stop_ix = 0, .walk_s = 60}, {.stop_ix = 1, .walk_s = 1200}};
    const route_transit_access egress[] = {
        {.stop_ix = 2, .walk_s = 700}, {.stop_ix = 1, .walk_s = 1200}, {.stop_ix = 2, .walk_s = 300}};
    assert_int_equal(route_transit_run(&w.t, w.q, ENDS(access), ENDS(egress), HM(8, 15), ROUNDS, w.out), 1);
    assert_int_equal(w.out[0].arrival_s, HM(8, 55));
    assert_int_equal(w.out[0].departure_s, HM(8, 29));  // by s0; by s1 one would have to leave at 8:25:30
    assert_int_equal(w.out[0].leg[0].from_stop_ix, 0);
    assert_int_equal(w.out[0].walk_s, 360);
    arena_free(&w.a);
}

// Slow direct bus; fast train after a feeder every ten minutes.
static const support_trip feeder[6] = {
    {"direct", "1", 2, {{0, HM(8, 5), HM(8, 5)}, {2, HM(9, 40), HM(9, 40)}}},
    {"f1", "2", 2, {{0, HM(8, 10), HM(8, 10)}, {1, HM(8, 20), HM(8, 20)}}},
    {"f2", "2", 2, {{0, HM(8, 20), HM(8, 20)}, {1, HM(8, 30), HM(8, 30)}}},
    {"f3", "2", 2, {{0, HM(8, 46), HM(8, 46)}, {1, HM(8, 56), HM(8, 56)}}},
    {"f4", "2", 2, {{0, HM(8, 52), HM(8, 52)}, {1, HM(9, 2), HM(9, 2)}}},
    {"train", "R21", 2, {{1, HM(9, 0), HM(9, 0)}, {2, HM(9, 15), HM(9, 15)}}},
};

static void gives_one_journey_for_each_useful_number_of_boardings(void **state) {
    (void)state;
    world w;
    build(&w, 3, feeder, 6, NULL, 0);
    assert_int_equal(run(&w, 0, 60, 2, 60, HM(8, 0)), 2);
    assert_int_equal(w.out[0].boardings, 1);
    assert_int_equal(w.out[0].arrival_s, HM(9, 41));
    assert_int_equal(w.out[0].departure_s, HM(8, 4));
    assert_int_equal(w.out[1].boardings, 2);
    assert_int_equal(w.out[1].arrival_s, HM(9, 16));
    // One boarding is all that is allowed.
    route_transit_access access = {.stop_ix = 0, .walk_s = 60}, egress = {.stop_ix = 2, .walk_s = 60};
    assert_int_equal(route_transit_run(&w.t, w.q, &access, 1, &egress, 1, HM(8, 0), 1, w.out), 1);
    assert_int_equal(w.out[0].boardings, 1);
    arena_free(&w.a);
}

static void takes_the_last_feeder_that_meets_the_train(void **state) {
    (void)state;
    world w;
    build(&w, 3, feeder, 6, NULL, 0);
    assert_int_equal(run(&w, 0, 60, 2, 60, HM(8, 6)), 1);
    const route_transit_journey *j = &w.out[0];
    assert_int_equal(j->departure_s, HM(8, 45));
    assert_int_equal(j->wait_s, 240);
    assert_int_equal(j->on_board_s, 25 * 60);
    assert_int_equal(j->leg_count, 2);
    assert_string_equal(trip_id(&w, &j->leg[0]), "f3");
    assert_string_equal(trip_id(&w, &j->leg[1]), "train");
    arena_free(&w.a);
}

static void changes_at_a_stop_in_no_time(void **state) {
    (void)state;
    static const support_trip trip[2] = {
        {"a", "1", 2, {{0, HM(8, 0), HM(8, 0)}, {1, HM(8, 10), HM(8, 10)}}},
        {"b", "2", 2, {{1, HM(8, 10), HM(8, 10)}, {2, HM(8, 20), HM(8, 20)}}},
    };
    world w;
    build(&w, 3, trip, 2, NULL, 0);
    assert_int_equal(run(&w, 0, 0, 2, 0, HM(8, 0)), 1);
    assert_int_equal(w.out[0].arrival_s, HM(8, 20));
    assert_int_equal(w.out[0].wait_s, 0);
    arena_free(&w.a);
}

// a: s0 -> s1; footpath s1 -> s2 of five minutes; b: s2 -> s3 at 8:14 and 8:16.
static const support_trip walked[3] = {
    {"a", "1", 2, {{0, HM(8, 0), HM(8, 0)}, {1, HM(8, 10), HM(8, 10)}}},
    {"b1", "2", 2, {{2, HM(8, 14), HM(8, 14)}, {3, HM(8, 24), HM(8, 24)}}},
    {"b2", "2", 2, {{2, HM(8, 16), HM(8, 16)}, {3, HM(8, 26), HM(8, 26)}}},
};
static const transit_footpath walked_path[2] = {{1, 2, 300}, {2, 3, 60}};

static void walks_between_rides(void **state) {
    (void)state;
    world w;
    build(&w, 4, walked, 3, walked_path, 2);
    assert_int_equal(run(&w, 0, 0, 3, 0, HM(8, 0)), 1);
    const route_transit_journey *j = &w.out[0];
    assert_int_equal(j->arrival_s, HM(8, 26));
    assert_int_equal(j->leg_count, 3);
    assert_string_equal(trip_id(&w, &j->leg[1]), "walk");
    assert_int_equal(j->leg[1].from_stop_ix, 1);
    assert_int_equal(j->leg[1].to_stop_ix, 2);
    assert_int_equal(j->leg[1].departure_s, HM(8, 10));
    assert_int_equal(j->leg[1].arrival_s, HM(8, 15));
    assert_string_equal(trip_id(&w, &j->leg[2]), "b2");
    assert_int_equal(j->walk_s, 300);
    assert_int_equal(j->wait_s, 60);
    assert_int_equal(j->boardings, 2);
    arena_free(&w.a);
}

static void never_walks_twice_in_a_row(void **state) {
    (void)state;
    world w;
    build(&w, 4, walked, 3, walked_path, 2);
    assert_int_equal(run(&w, 1, 0, 3, 0, HM(8, 0)), 0);  // access walk, then a footpath
    assert_int_equal(run(&w, 0, 0, 2, 0, HM(8, 0)), 0);  // a footpath, then egress
    arena_free(&w.a);
}

static void footpaths_go_one_way_only(void **state) {
    (void)state;
    static const transit_footpath back = {2, 1, 300};
    world w;
    build(&w, 4, walked, 3, &back, 1);
    assert_int_equal(run(&w, 0, 0, 3, 0, HM(8, 0)), 0);
    arena_free(&w.a);
}

static void does_not_board_or_alight_where_it_is_forbidden(void **state) {
    (void)state;
    world w;
    build(&w, 3, half_hourly, 3, NULL, 0);
    set_flag(&w, w.t.no_pickup, "b1", 0);
    assert_int_equal(run(&w, 0, 0, 2, 0, HM(8, 0)), 1);
    assert_int_equal(w.out[0].arrival_s, HM(8, 50));
    assert_int_equal(run(&w, 1, 0, 2, 0, HM(8, 0)), 1);
    assert_int_equal(w.out[0].arrival_s, HM(8, 20));
    for (int i = 0; i < 3; i++) {
        set_flag(&w, w.t.no_dropoff, half_hourly[i].id, 1);
    }
    assert_int_equal(run(&w, 0, 0, 1, 0, HM(8, 0)), 0);
    assert_int_equal(run(&w, 0, 0, 2, 0, HM(8, 0)), 1);
    arena_free(&w.a);
}

static void among_equal_journeys_takes_the_lowest_trip(void **state) {
    (void)state;
    // Two lines at the same minutes to two stops with the same egress.
    static const support_trip trip[2] = {
        {"x", "1", 2, {{0, HM(8, 0), HM(8, 0)}, {1, HM(8, 10), HM(8, 10)}}},
        {"y", "2", 2, {{0, HM(8, 0), HM(8, 0)}, {2, HM(8, 10), HM(8, 10)}}},
    };
    const route_transit_access access[] = {{.stop_ix = 0, .walk_s = 0}};
    const route_transit_access egress[2][2] = {{{.stop_ix = 1, .walk_s = 60}, {.stop_ix = 2, .walk_s = 60}},
                                               {{.stop_ix = 2, .walk_s = 60}, {.stop_ix = 1, .walk_s = 60}}};
    world w;
    build(&w, 3, trip, 2, NULL, 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(route_transit_run(&w.t, w.q, ENDS(access), ENDS(egress[i]), HM(8, 0), ROUNDS, w.out), 1);
        assert_int_equal(w.out[0].leg[0].trip_ix, 0);
    }
    arena_free(&w.a);
}

static void rides_past_midnight(void **state) {
    (void)state;
    static const support_trip trip[1] = {
        {"night", "1", 2, {{0, HM(24, 50), HM(24, 50)}, {1, HM(25, 10), HM(25, 10)}}},
    };
    world w;
    build(&w, 2, trip, 1, NULL, 0);
    assert_int_equal(run(&w, 0, 300, 1, 0, HM(23, 0)), 1);
    assert_int_equal(w.out[0].departure_s, HM(24, 45));
    assert_int_equal(w.out[0].arrival_s, HM(25, 10));
    arena_free(&w.a);
}

static void an_answer_leaves_nothing_behind_for_the_next(void **state) {
    (void)state;
    world w;
    build(&w, 3, feeder, 6, NULL, 0);
    assert_int_equal(run(&w, 0, 60, 2, 60, HM(8, 0)), 2);
    assert_int_equal(run(&w, 0, 60, 1, 0, HM(8, 0)), 1);  // s2 is no egress any more
    assert_int_equal(w.out[0].arrival_s, HM(8, 20));
    assert_int_equal(run(&w, 1, 0, 2, 0, HM(9, 30)), 0);
    assert_int_equal(run(&w, 0, 60, 2, 60, HM(8, 0)), 2);
    arena_free(&w.a);
}

static void a_tree_gives_arrival_and_boardings_of_every_stop(void **state) {
    (void)state;
    world w;
    int32_t arrival[5];
    uint8_t boardings[5];
    build(&w, 5, walked, 3, walked_path, 2);
    const route_transit_access access[] = {{.stop_ix = 0, .walk_s = 60}};
    route_transit_tree(&w.t, w.q, ENDS(access), HM(7, 59), ROUNDS, arrival, boardings);
    assert_int_equal(arrival[0], HM(8, 0));
    assert_int_equal(boardings[0], 0);
    assert_int_equal(arrival[1], HM(8, 10));
    assert_int_equal(boardings[1], 1);
    assert_int_equal(arrival[2], HM(8, 15));
    assert_int_equal(boardings[2], 1);
    assert_int_equal(arrival[3], HM(8, 26));
    assert_int_equal(boardings[3], 2);
    assert_int_equal(arrival[4], INT32_MAX);
    route_transit_tree(&w.t, w.q, ENDS(access), HM(7, 59), 1, arrival, boardings);
    assert_int_equal(arrival[2], HM(8, 15));
    assert_int_equal(arrival[3], INT32_MAX);
    arena_free(&w.a);
}

static uint32_t profile(world *w, int32_t from_s, int32_t to_s, uint32_t capacity) {
    const route_transit_access access[] = {{.stop_ix = 0, .walk_s = 60}};
    const route_transit_access egress[] = {{.stop_ix = 2, .walk_s = 60}};
    return route_transit_profile(&w->t, w->q, ENDS(access), ENDS(egress), from_s, to_s, ROUNDS, w->out, capacity);
}

static void a_profile_lists_every_departure_worth_taking(void **state) {
    (void)state;
    world w;
    build(&w, 3, half_hourly, 3, NULL, 0);
    assert_int_equal(profile(&w, HM(7, 0), HM(10, 0), 32), 3);
    assert_int_equal(w.out[0].departure_s, HM(8, 59));
    assert_int_equal(w.out[1].departure_s, HM(8, 29));
    assert_int_equal(w.out[2].departure_s, HM(7, 59));
    assert_int_equal(w.out[2].arrival_s, HM(8, 21));
    assert_int_equal(profile(&w, HM(7, 59), HM(8, 29), 32), 2);
    assert_int_equal(profile(&w, HM(7, 59) + 1, HM(8, 29) - 1, 32), 0);
    assert_int_equal(profile(&w, HM(9, 0), HM(8, 0), 32), 0);
    assert_int_equal(profile(&w, INT32_MIN, INT32_MAX, 32), 3);
    w.out[1].departure_s = -1;
    assert_int_equal(profile(&w, HM(7, 0), HM(10, 0), 1), 3);  // counted, not written
    assert_int_equal(w.out[0].departure_s, HM(8, 59));
    assert_int_equal(w.out[1].departure_s, -1);
    arena_free(&w.a);
}

static void a_profile_leaves_out_what_a_later_departure_beats(void **state) {
    (void)state;
    world w;
    build(&w, 3, feeder, 6, NULL, 0);
    // Only the last feeder is worth taking; the direct bus is, for its single boarding.
    assert_int_equal(profile(&w, HM(8, 0), HM(9, 0), 32), 2);
    assert_int_equal(w.out[0].departure_s, HM(8, 45));
    assert_int_equal(w.out[0].boardings, 2);
    assert_int_equal(w.out[1].departure_s, HM(8, 4));
    assert_int_equal(w.out[1].boardings, 1);
    assert_int_equal(profile(&w, HM(8, 6), HM(8, 30), 32), 0);  // beaten from outside the window
    arena_free(&w.a);
}

static void a_change_takes_its_time(void **state) {
    (void)state;
    static const transit_footpath at_change = {1, 1, 300};
    world w;
    build(&w, 3, feeder, 6, &at_change, 1);
    assert_int_equal(run(&w, 0, 60, 2, 60, HM(8, 6)), 1);
    assert_string_equal(trip_id(&w, &w.out[0].leg[0]), "f2");  // f3 meets the train with 4 minutes only
    assert_int_equal(w.out[0].wait_s, 30 * 60);
    assert_int_equal(w.out[0].walk_s, 120);
    arena_free(&w.a);
}

static void leaves_as_late_as_one_may_to_be_there_in_time(void **state) {
    (void)state;
    world w;
    build(&w, 3, feeder, 6, NULL, 0);
    route_transit_access access = {.stop_ix = 0, .walk_s = 60}, egress = {.stop_ix = 2, .walk_s = 60};
    assert_int_equal(route_transit_arrive_by(&w.t, w.q, &access, 1, &egress, 1, HM(10, 0), ROUNDS, w.out), 2);
    assert_int_equal(w.out[0].departure_s, HM(8, 4));  // one boarding
    assert_int_equal(w.out[1].departure_s, HM(8, 45));
    assert_int_equal(w.out[1].arrival_s, HM(9, 16));
    assert_int_equal(route_transit_arrive_by(&w.t, w.q, &access, 1, &egress, 1, HM(9, 16), ROUNDS, w.out), 1);
    assert_int_equal(route_transit_arrive_by(&w.t, w.q, &access, 1, &egress, 1, HM(9, 16) - 1, ROUNDS, w.out), 0);
    arena_free(&w.a);
}

static void parks_where_there_is_room(void **state) {
    (void)state;
    enum { CAR = 2 };
    uint32_t day[20] = {[16] = 10, [17] = 10, [18] = 3};  // cars by half hour: ten from 8:00 to 9:00
    route_transit_access access[] = {{.stop_ix = 0, .walk_s = 1200}, {.stop_ix = 0, .walk_s = 300, .mode = CAR}};
    const route_transit_access egress[] = {{.stop_ix = 2}};
    route_transit_park(&access[1], day, 20, 1800, 10);
    assert_int_equal(access[1].full_from_s, HM(8, 0));
    assert_int_equal(access[1].full_to_s, HM(9, 0));
    world w;
    build(&w, 3, half_hourly, 3, NULL, 0);
    // Before the car park fills up by car, a second before; then on foot; when there is room again by car.
    assert_int_equal(route_transit_run(&w.t, w.q, ENDS(access), ENDS(egress), HM(7, 30), ROUNDS, w.out), 1);
    assert_int_equal(w.out[0].access_mode, CAR);
    assert_int_equal(w.out[0].departure_s, HM(7, 55) - 1);
    assert_int_equal(w.out[0].wait_s, 1);
    assert_int_equal(w.out[0].other_s, 300);
    assert_int_equal(w.out[0].walk_s, 0);
    assert_int_equal(route_transit_run(&w.t, w.q, ENDS(access), ENDS(egress), HM(8, 0), ROUNDS, w.out), 1);
    assert_int_equal(w.out[0].access_mode, 0);
    assert_int_equal(w.out[0].departure_s, HM(8, 10));
    assert_int_equal(route_transit_run(&w.t, w.q, ENDS(access), ENDS(egress), HM(8, 15), ROUNDS, w.out), 1);
    assert_int_equal(w.out[0].access_mode, CAR);
    assert_int_equal(w.out[0].departure_s, HM(8, 55));
    route_transit_park(&access[1], day, 18, 1800, 10);  // full to the end of what is known
    assert_int_equal(access[1].full_to_s, INT32_MAX);
    route_transit_park(&access[1], day, 20, 1800, 11);  // never full
    assert_int_equal(access[1].full_from_s, access[1].full_to_s);
    arena_free(&w.a);
}

static void leaves_travellers_behind_where_vehicles_are_full(void **state) {
    (void)state;
    world w;
    build(&w, 3, half_hourly, 3, NULL, 0);
    float load[9] = {0}, capacity[3] = {2, 2, 2}, factor[9];
    uint8_t denied[9];
    assert_int_equal(run(&w, 1, 0, 2, 0, HM(8, 0)), 1);
    route_transit_add_load(&w.out[0], 2, load);
    assert_int_equal(run(&w, 0, 0, 1, 0, HM(8, 0)), 1);
    route_transit_add_load(&w.out[0], 1, load);
    assert_true(load[0] == 1 && load[1] == 2 && load[2] == 0 && load[3] == 0);
    // b1 is full from s1 on: nobody boards there, but who came from s0 stays.
    assert_int_equal(route_transit_full_vehicles(&w.t, load, capacity, denied), 1);
    route_transit_deny(w.q, denied);
    assert_int_equal(run(&w, 1, 0, 2, 0, HM(8, 0)), 1);
    assert_string_equal(trip_id(&w, &w.out[0].leg[0]), "b2");
    assert_int_equal(run(&w, 0, 0, 2, 0, HM(8, 0)), 1);
    assert_string_equal(trip_id(&w, &w.out[0].leg[0]), "b1");
    // On board from 8:00 to 8:10 and, twice as bad, from then to 8:20.
    for (int i = 0; i < 9; i++) {
        factor[i] = i == 1 ? 2 : 1;
    }
    assert_near(route_transit_crowded_s(&w.t, &w.out[0], factor), 600 + 2 * 600, 1e-6);
    route_transit_deny(w.q, NULL);
    assert_int_equal(run(&w, 1, 0, 2, 0, HM(8, 0)), 1);
    assert_string_equal(trip_id(&w, &w.out[0].leg[0]), "b1");
    arena_free(&w.a);
}

static void rides_on_the_times_of_a_late_day(void **state) {
    (void)state;
    world w;
    build(&w, 3, feeder, 6, NULL, 0);
    uint32_t events = transit_event_count(&w.t);
    int32_t *arrival = arena_alloc(&w.a, events, sizeof *arrival), *departure = arena_alloc(&w.a, events, 4);
    assert_true(arrival != NULL && departure != NULL);
    for (uint32_t i = 0; i < events; i++) {  // all are five minutes late, but for the train
        bool train = w.t.arrival_s[i] >= HM(9, 0) && w.t.arrival_s[i] <= HM(9, 15) && w.t.arrival_s[i] != HM(9, 2);
        arrival[i] = w.t.arrival_s[i] + (train ? 0 : 300);
        departure[i] = w.t.departure_s[i] + (train ? 0 : 300);
    }
    transit late;
    uint32_t raised = 1;
    assert_ok(transit_retime(&w.t, &w.a, arrival, departure, &late, &raised));
    assert_int_equal(raised, 0);
    route_transit_query *q;
    assert_ok(route_transit_query_init(&late, &w.a, &q));
    route_transit_access access = {.stop_ix = 0, .walk_s = 60}, egress = {.stop_ix = 2, .walk_s = 60};
    // f3 now comes to the change at 9:01 and misses the train: f2, leaving at 8:25.
    assert_int_equal(route_transit_run(&late, q, &access, 1, &egress, 1, HM(8, 12), ROUNDS, w.out), 1);
    assert_int_equal(w.out[0].departure_s, HM(8, 24));
    assert_int_equal(w.out[0].arrival_s, HM(9, 16));
    arena_free(&w.a);
}

static void running_out_of_memory_is_an_error(void **state) {
    (void)state;
    world w;
    build(&w, 3, half_hourly, 3, NULL, 0);
    arena none;
    arena_init(&none);
    route_transit_query *q;
    mem_fail_after(0);
    assert_error(route_transit_query_init(&w.t, &none, &q), ERR_MEMORY, NULL);
    mem_fail_after(-1);
    arena_free(&none);
    arena_free(&w.a);
}

static void a_timetable_without_trips_has_no_journeys(void **state) {
    (void)state;
    world w;
    int32_t arrival[2];
    uint8_t boardings[2];
    const route_transit_access access[] = {{.stop_ix = 0, .walk_s = 60}};
    build(&w, 2, NULL, 0, NULL, 0);
    assert_int_equal(run(&w, 0, 0, 1, 0, 0), 0);
    assert_int_equal(route_transit_profile(&w.t, w.q, ENDS(access), ENDS(access), 0, 90000, ROUNDS, w.out, 32), 0);
    route_transit_tree(&w.t, w.q, ENDS(access), 0, ROUNDS, arrival, boardings);
    assert_int_equal(arrival[0], 60);
    assert_int_equal(arrival[1], INT32_MAX);
    arena_free(&w.a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rides_the_first_bus_and_leaves_just_in_time),
        cmocka_unit_test(finds_nothing_after_the_last_bus_or_against_the_line),
        cmocka_unit_test(chooses_among_access_and_egress_stops),
        cmocka_unit_test(gives_one_journey_for_each_useful_number_of_boardings),
        cmocka_unit_test(takes_the_last_feeder_that_meets_the_train),
        cmocka_unit_test(changes_at_a_stop_in_no_time),
        cmocka_unit_test(walks_between_rides),
        cmocka_unit_test(never_walks_twice_in_a_row),
        cmocka_unit_test(footpaths_go_one_way_only),
        cmocka_unit_test(does_not_board_or_alight_where_it_is_forbidden),
        cmocka_unit_test(among_equal_journeys_takes_the_lowest_trip),
        cmocka_unit_test(rides_past_midnight),
        cmocka_unit_test(an_answer_leaves_nothing_behind_for_the_next),
        cmocka_unit_test(a_tree_gives_arrival_and_boardings_of_every_stop),
        cmocka_unit_test(a_profile_lists_every_departure_worth_taking),
        cmocka_unit_test(a_profile_leaves_out_what_a_later_departure_beats),
        cmocka_unit_test(a_change_takes_its_time),
        cmocka_unit_test(leaves_as_late_as_one_may_to_be_there_in_time),
        cmocka_unit_test(parks_where_there_is_room),
        cmocka_unit_test(leaves_travellers_behind_where_vehicles_are_full),
        cmocka_unit_test(rides_on_the_times_of_a_late_day),
        cmocka_unit_test(running_out_of_memory_is_an_error),
        cmocka_unit_test(a_timetable_without_trips_has_no_journeys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
