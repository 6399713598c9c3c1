// Buses that run late and vehicles that are full or crowded: who rides, who is left behind, what travellers learn.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "loop/indicator.h"
#include "loop_case.h"

// Buses held up in a queue arrive later than planned; whoever looks at the timetable then sees that, and a bus that
// many board stands longer.
static void travellers_see_when_the_buses_ran(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 0, 16);
    bus_day b;
    mobsim_result r = {0};
    mobsim_demand d = {0};
    transit seen;
    const transit *t = f.w.transit;
    assert_ok(bus_build(&f.w, &f.a, &b));
    uint32_t events = transit_event_count(t);
    assert_int_equal(events, 3 * t->trip.count);
    uint32_t *boardings = arena_alloc(&f.a, events, sizeof *boardings);
    assert_non_null(boardings);
    boardings[t->trip.time_first[b.trip_ix[0]] + 1] = 10;
    d.leg_count = b.count;
    assert_ok(bus_add_stops(&b, t, boardings, 0.5, b.count, &f.a, &d));
    assert_int_equal(d.stop_dwell_s[0], mobsim_dwell_s(0));
    assert_int_equal(d.stop_dwell_s[1], mobsim_dwell_s(20));  // a sample of half the people
    assert_ok(mobsim_alloc_stops(&f.a, bus_stop_count(&b), &r));
    for (uint32_t i = 0; i < b.count; i++) {  // all on time
        for (uint32_t k = 0; k < 3; k++) {
            uint32_t event = t->trip.time_first[b.trip_ix[i]] + k;
            r.stop_arrival_s[3 * i + k] = (uint32_t)t->arrival_s[event] - 5;
            r.stop_departure_s[3 * i + k] = (uint32_t)t->departure_s[event];
        }
    }
    assert_ok(bus_shift_timetable(&b, t, &r, &f.a, &seen));
    assert_ok(transit_validate(&seen));
    assert_near(bus_moved_share(&b, t, &seen), 0.0, 0.0);
    assert_memory_equal(seen.departure_s, t->departure_s, events * sizeof *seen.departure_s);
    // The first bus is 40 minutes late from its second stop on: more than the headway, so that the next one of the
    // pattern waits behind it.
    r.stop_arrival_s[1] += 2400;
    r.stop_departure_s[1] += 2400;
    r.stop_arrival_s[2] = IX_NONE;
    assert_ok(bus_shift_timetable(&b, t, &r, &f.a, &seen));
    assert_ok(transit_validate(&seen));
    uint32_t first = t->trip.time_first[b.trip_ix[0]];
    uint32_t next = t->trip.time_first[b.trip_ix[1]];
    assert_int_equal(t->trip.pattern_ix[b.trip_ix[0]], t->trip.pattern_ix[b.trip_ix[1]]);
    assert_int_equal(seen.departure_s[first], t->departure_s[first]);
    assert_int_equal(seen.departure_s[first + 1], t->departure_s[first + 1] + 2400);
    assert_int_equal(seen.arrival_s[first + 2], t->arrival_s[first + 2] + 2400);  // not reached: as late as before
    assert_int_equal(seen.departure_s[next + 1], seen.departure_s[first + 1]);
    assert_near(bus_moved_share(&b, t, &seen), 4.0 / events, 1e-12);
    bus_free(&b);
    arena_free(&f.a);
}

// Buses that take ten minutes longer to each stop after the first: who boards at the first stop both ways loses ten
// minutes on board each way, and no more; boardings are counted where the journeys board.
static void bus_delays_are_felt(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 0, 240);
    tour_cost cost;
    transit late = *f.w.transit;
    for (uint32_t t = 0; t < f.p.tour.count; t++) {  // from one end of the line to the other
        if (f.p.tour.origin_place_ix[t] == 0) {
            f.p.tour.destination_place_ix[t] = 21;
            f.p.trip.to_place_ix[f.p.trip_first[t]] = 21;
            f.p.trip.from_place_ix[f.p.trip_first[t] + 1] = 21;
        }
    }
    assert_ok(plan_validate(&f.p, &f.people, &f.c.zones));
    assert_ok(tour_cost_build(&f.w, &f.people, &f.p, key, &f.a, &cost));
    uint32_t events = transit_event_count(&late);
    late.arrival_s = arena_alloc(&f.a, events, sizeof *late.arrival_s);
    late.departure_s = arena_alloc(&f.a, events, sizeof *late.departure_s);
    uint32_t *boardings = arena_alloc(&f.a, events, sizeof *boardings);
    double *before = arena_alloc(&f.a, f.p.tour.count, sizeof *before);
    uint8_t *first_stops = arena_alloc(&f.a, f.p.tour.count, 1);
    assert_true(late.arrival_s != NULL && late.departure_s != NULL && boardings != NULL && before != NULL &&
                first_stops != NULL);
    for (uint32_t i = 0; i < events; i++) {
        late.arrival_s[i] = f.w.transit->arrival_s[i] + (i % 3 > 0 ? 600 : 0);
        late.departure_s[i] = f.w.transit->departure_s[i] + (i % 3 > 0 ? 600 : 0);
    }
    uint32_t riding = 0, trips = 0, on_board = 0;
    for (uint32_t t = 0; t < f.p.tour.count; t++) {
        before[t] = tour_cost_fixed(&cost, t, MODE_PT);
        f.p.tour.mode[t] = before[t] > -HUGE_VAL ? MODE_PT : MODE_WALK;
        trips += before[t] > -HUGE_VAL ? 2 : 0;
        first_stops[t] = before[t] > -HUGE_VAL;
        for (uint32_t k = f.p.trip_first[t]; k < f.p.trip_first[t + 1]; k++) {
            uint32_t event = cost.board_event[(size_t)k * ROUTE_TRANSIT_ROUNDS_MAX];
            bool once = cost.board_event[(size_t)k * ROUTE_TRANSIT_ROUNDS_MAX + 1] == IX_NONE;
            first_stops[t] = first_stops[t] != 0 && once && event != IX_NONE && event % 3 == 0;
        }
    }
    riders on;
    settings(&f)->transit_bus_places = 2000;
    assert_ok(riders_init(&f.w, &f.p, key, &f.a, &on));
    assert_ok(riders_board(f.w.transit, &f.p, &cost, &on));
    assert_int_equal(on.denied, 0);
    for (uint32_t i = 0; i < events; i++) {
        on_board += on.boarded[i];
    }
    assert_true(on_board >= trips && on_board < 2 * trips);
    const tour_cost_riding room = {0};
    assert_ok(tour_cost_set_timetable(&f.w, &late, &room, &f.people, &f.p, TOUR_COST_ALL, &cost));
    for (uint32_t t = 0; t < f.p.tour.count; t++) {
        if (first_stops[t] != 0) {
            double loss = before[t] - tour_cost_fixed(&cost, t, MODE_PT);
            assert_true(loss > 0.0 && loss < 0.03 * 10.0 + 1e-9);  // less where another way is now better
            riding += loss > 0.03 * 10.0 - 1e-9 ? 1 : 0;
        }
    }
    assert_true(riding > 20);
    arena_free(&f.a);
}

// A bus line with few places: what every rider boards and leaves is counted again here. Full vehicles leave people
// behind, who are counted one by one, find other vehicles or go by other modes; nobody rides beyond the places there
// are.
static void check_riders(const fixture *f, const equilibrium_out *e, uint32_t places) {
    const riders *r = &e->riders;
    uint32_t *on = calloc(r->event_count, sizeof *on);
    assert_non_null(on);
    uint32_t refused = 0;
    for (uint32_t k = 0; k < f->p.trip.count; k++) {
        bool rides = f->p.tour.mode[f->p.trip.tour_ix[k]] == MODE_PT;
        bool met_full = false;
        const uint32_t *board = e->cost.board_event + (size_t)k * ROUTE_TRANSIT_ROUNDS_MAX;
        const uint32_t *alight = e->cost.alight_event + (size_t)k * ROUTE_TRANSIT_ROUNDS_MAX;
        assert_true(r->refused[k] == 0 || rides);
        refused += r->refused[k];
        for (int i = 0; rides && i < ROUTE_TRANSIT_ROUNDS_MAX && board[i] != IX_NONE; i++) {
            met_full = met_full || r->full[board[i]] != 0;
            for (uint32_t v = board[i]; r->refused[k] == 0 && v < alight[i]; v++) {
                on[v]++;
            }
        }
        assert_true(r->refused[k] == 0 || met_full);
    }
    assert_int_equal(r->denied, refused);
    for (uint32_t v = 0; v < r->event_count; v++) {
        assert_true(on[v] <= places && (uint32_t)(r->load[v] + 0.5F) <= places);
        assert_true(r->denied > 0 || on[v] == (uint32_t)(r->load[v] + 0.5F));
    }
    free(on);
}

static void a_bus_with_too_few_places_loses_riders(void **state) {
    (void)state;
    uint32_t riding[2] = {0}, others[2] = {0};
    for (int few = 0; few < 2; few++) {
        static fixture f;
        set_up(&f, 0, 600);
        settings(&f)->transit_bus_places = few != 0 ? 6 : 400;
        settings(&f)->transit_bus_seats = 400;  // nobody stands: places alone make the difference
        settings(&f)->purpose[PURPOSE_WORK].asc_pt = 3;
        f.c.scenario.iterations_max = settings(&f)->iterations_max = 30;
        town_result(&f.a, &f.c, &f.r);
        for (uint32_t t = 0; t < f.p.tour.count; t++) {  // far enough to ride
            if (f.p.tour.purpose[t] == PURPOSE_WORK) {
                f.p.tour.destination_place_ix[t] = 21;
                f.p.trip.to_place_ix[f.p.trip_first[t]] = 21;
                f.p.trip.from_place_ix[f.p.trip_first[t] + 1] = 21;
            }
        }
        equilibrium_out e;
        assert_ok(equilibrium_run(&f.w, &f.p, &f.people, key, NULL, &f.a, &f.r, 0, 0, &e));
        check_day(&f, &e);
        check_riders(&f, &e, few != 0 ? 6 : 400);
        assert_int_equal(e.riders.denied, 0);  // who was left behind has found another way by the end
        assert_ok(indicator_collect(&f.w, &f.people, &f.p, &e, &f.a, &f.a, &f.r, 0, 0));
        for (uint32_t t = 0; t < f.p.tour.count; t++) {
            riding[few] += f.p.tour.mode[t] == MODE_PT ? 1 : 0;
            others[few] += f.p.tour.mode[t] != MODE_PT ? 1 : 0;
        }
        // Nobody is lost: every trip of the table rides or goes by another mode.
        uint32_t boardings = 0;
        for (uint32_t v = 0; v < e.riders.event_count; v++) {
            boardings += e.riders.boarded[v];
        }
        assert_true(boardings >= 2 * riding[few]);
        equilibrium_free(&e);
        arena_free(&f.a);
    }
    assert_true(riding[0] > 300 && riding[1] < riding[0] / 2 && riding[1] > 50);
    assert_int_equal(riding[0] + others[0], riding[1] + others[1]);
}

// On a day before anybody has learnt: those beyond the places are denied, one by one.
static void full_vehicles_leave_the_rest_behind(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 0, 240);
    tour_cost cost;
    riders r;
    assert_ok(tour_cost_build(&f.w, &f.people, &f.p, key, &f.a, &cost));
    uint32_t rides = 0, first_event = IX_NONE, wanted = 0;
    for (uint32_t t = 0; t < f.p.tour.count; t++) {
        f.p.tour.mode[t] = tour_cost_fixed(&cost, t, MODE_PT) > -HUGE_VAL ? MODE_PT : MODE_WALK;
        const uint32_t *board = cost.board_event + (size_t)f.p.trip_first[t] * ROUTE_TRANSIT_ROUNDS_MAX;
        if (f.p.tour.mode[t] == MODE_PT) {
            first_event = first_event == IX_NONE ? board[0] : first_event;
            wanted += board[0] == first_event ? 1 : 0;
            rides++;
        }
    }
    assert_true(wanted > 8 && rides > wanted);
    settings(&f)->transit_bus_places = 2000;
    settings(&f)->transit_bus_seats = 10;
    assert_ok(riders_init(&f.w, &f.p, key, &f.a, &r));
    assert_ok(riders_board(f.w.transit, &f.p, &cost, &r));
    assert_int_equal(r.denied, 0);
    assert_true(r.boarded[first_event] >= wanted && r.full[first_event] == 0);
    assert_true(riders_changed(f.w.transit, &r));  // crowded
    uint32_t all = r.boarded[first_event];
    assert_ok(riders_look(&f.w, f.w.transit, &f.people, &f.p, &cost, &r));
    double seen = riders_crowding((double)r.load[first_event] / 10.0);
    assert_near((double)r.crowd[first_event], 0.5 + 0.5 * seen, 1e-6);
    settings(&f)->transit_bus_places = 5;
    assert_ok(riders_init(&f.w, &f.p, key, &f.a, &r));
    assert_ok(riders_board(f.w.transit, &f.p, &cost, &r));
    assert_true(r.boarded[first_event] <= 5 && r.full[first_event] != 0);
    assert_true(r.denied >= all - 5);
    assert_true(riders_left(&r));
    arena_free(&f.a);
}

static void crowding_follows_the_published_curves(void **state) {
    (void)state;
    assert_near(riders_crowding(0.0), 1.0, 0);
    assert_near(riders_crowding(0.5), 1.0, 0);
    assert_near(riders_crowding(1.0), 1.05, 1e-12);
    // twice as many as seats: half sit at 0.38 * 2 + 0.67, half stand at 0.82 * 2 + 0.765
    assert_near(riders_crowding(2.0), 0.5 * 1.43 + 0.5 * 2.405, 1e-12);
    for (double x = 0.0; x < 4.0; x += 0.01) {
        assert_true(riders_crowding(x + 0.01) >= riders_crowding(x));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(travellers_see_when_the_buses_ran),      cmocka_unit_test(bus_delays_are_felt),
        cmocka_unit_test(a_bus_with_too_few_places_loses_riders), cmocka_unit_test(full_vehicles_leave_the_rest_behind),
        cmocka_unit_test(crowding_follows_the_published_curves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
