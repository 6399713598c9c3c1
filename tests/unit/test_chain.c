// Persons whose legs follow each other in the queue model.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/chain.h"
#include "support.h"

enum { LINKS = 6, PERSONS_MAX = 40, LEGS_MAX = 120, ROUTE_MAX = 600 };

typedef struct fixture {
    arena a;
    network n;
    mobsim_params p;
    chain_plans plans;
    chain_result r;
    const char *person_id[PERSONS_MAX];
    const char *last_activity[PERSONS_MAX];
    char id[PERSONS_MAX][8];
    uint32_t leg_first[PERSONS_MAX + 1];
    chain_leg leg[LEGS_MAX];
    uint32_t route_link[ROUTE_MAX];
} fixture;

static int make(void **state) {
    static fixture f;
    memset(&f, 0, sizeof f);
    arena_init(&f.a);
    support_line_network(&f.a, &f.n, LINKS, 100, 36, 1800);  // 10 s a link, 2 s a vehicle
    f.p = (mobsim_params){
        .wave_speed_kmh = 18, .jam_spacing_m = 7.5, .stuck_s = 600, .lorry_pcu = 2, .scale = 1, .end_s = 7200};
    f.plans.person_id = f.person_id;
    f.plans.last_activity = f.last_activity;
    f.plans.leg_first = f.leg_first;
    f.plans.leg = f.leg;
    f.plans.route_link = f.route_link;
    *state = &f;
    return 0;
}

static int drop(void **state) {
    fixture *f = *state;
    arena_free(&f->a);
    return 0;
}

static void add_person(fixture *f) {
    uint32_t i = f->plans.person_count++;
    snprintf(f->id[i], sizeof f->id[i], "p%02u", i);
    f->person_id[i] = f->id[i];
    f->last_activity[i] = "end";
    f->leg_first[i + 1] = f->plans.leg_count;
}

static chain_leg *add_leg(fixture *f, chain_kind kind, uint32_t end_s, uint32_t stay_s) {
    chain_leg *leg = &f->leg[f->plans.leg_count++];
    *leg = (chain_leg){.mode = kind == CHAIN_TELEPORT ? "walk" : "car",
                       .activity = "act",
                       .end_s = end_s,
                       .stay_s = stay_s,
                       .start_link = IX_NONE,
                       .end_link = IX_NONE,
                       .route_first = f->plans.route_link_count,
                       .kind = (uint8_t)kind};
    f->leg_first[f->plans.person_count] = f->plans.leg_count;
    return leg;
}

// A leg by car that starts at the end of link `start` and drives to the end of link `end`.
static chain_leg *add_drive(fixture *f, uint32_t end_s, uint32_t stay_s, uint32_t start, uint32_t end) {
    chain_leg *leg = add_leg(f, CHAIN_DRIVE, end_s, stay_s);
    leg->start_link = start;
    leg->end_link = end;
    for (uint32_t link = start + 1; link <= end; link++) {
        f->route_link[f->plans.route_link_count++] = link;
    }
    leg->route_count = end - start;
    return leg;
}

static void run(fixture *f) {
    assert_ok(chain_run(&f->n, &f->p, &f->plans, NULL, 20, &f->a, &f->r));
    assert_int_equal(f->r.unsettled, 0);
    assert_int_equal(f->r.mobsim.unbalanced_s, IX_NONE);
}

static void a_leg_departs_when_the_stay_after_the_arrival_is_over(void **state) {
    fixture *f = *state;
    add_person(f);
    add_drive(f, 100, IX_NONE, 0, 2);
    add_drive(f, IX_NONE, 600, 2, 3);
    add_leg(f, CHAIN_TELEPORT, 200, IX_NONE)->travel_s = 50;  // its end time has passed: at once
    run(f);
    assert_int_equal(f->r.departure_s[0], 100);
    assert_int_equal(f->r.entry_s[f->r.entry_first[0]], 101);  // a second over the node
    assert_int_equal(f->r.entry_s[f->r.entry_first[0] + 1], 111);
    assert_int_equal(f->r.arrival_s[0], 121);
    assert_int_equal(f->r.departure_s[1], 721);
    assert_int_equal(f->r.arrival_s[1], 732);
    assert_int_equal(f->r.departure_s[2], 732);
    assert_int_equal(f->r.arrival_s[2], 782);
    assert_int_equal(f->r.outcome[1], CHAIN_ARRIVED);
    assert_int_equal(f->r.outcome[2], CHAIN_WAS_TELEPORTED);
    assert_int_equal(f->r.entry_first[2], IX_NONE);
    assert_int_equal(f->r.rounds, 1);
}

// matsim_teleport of the facts of traffic flow: 15 s from 6:00.
static void a_teleported_leg_takes_its_time(void **state) {
    fixture *f = *state;
    f->p.end_s = 30000;
    add_person(f);
    add_leg(f, CHAIN_TELEPORT, 21600, IX_NONE)->travel_s = 15;
    run(f);
    assert_int_equal(f->r.departure_s[0], 21600);
    assert_int_equal(f->r.arrival_s[0], 21615);
}

static void departures_settle_when_the_first_leg_is_held_up(void **state) {
    fixture *f = *state;
    for (uint32_t i = 0; i < 20; i++) {
        add_person(f);
        add_drive(f, 0, IX_NONE, 0, 2);
        add_drive(f, IX_NONE, 0, 2, 5);
    }
    run(f);
    assert_true(f->r.rounds > 1);
    for (uint32_t i = 0; i < 20; i++) {
        assert_int_equal(f->r.departure_s[2 * i + 1], f->r.arrival_s[2 * i]);
        // Descending ids: the last person leaves the start link first, the others follow 2 s apart.
        assert_int_equal(f->r.entry_s[f->r.entry_first[2 * i]], 1 + 2 * (19 - i));
    }
    assert_int_equal(f->r.mobsim.arrived, 40);
}

static void a_route_of_no_links_takes_no_time(void **state) {
    fixture *f = *state;
    add_person(f);
    add_drive(f, 300, IX_NONE, 2, 2);
    run(f);
    assert_int_equal(f->r.arrival_s[0], 300);
    assert_int_equal(f->r.outcome[0], CHAIN_ARRIVED);
    assert_int_equal(f->r.mobsim.started, 0);
}

static void every_leg_has_one_outcome_at_the_end_of_the_day(void **state) {
    fixture *f = *state;
    add_person(f);  // arrives just before the end, the next leg is under way then, the one after has not started
    add_drive(f, 7100, IX_NONE, 0, 2);
    add_drive(f, IX_NONE, 60, 2, 5);
    add_drive(f, IX_NONE, 0, 5, 5);
    add_person(f);  // beyond the day
    add_drive(f, 7200, IX_NONE, 0, 1);
    add_person(f);  // on foot at the end
    add_leg(f, CHAIN_TELEPORT, 7000, IX_NONE)->travel_s = 300;
    add_person(f);  // no end, no duration
    add_drive(f, IX_NONE, IX_NONE, 0, 1);
    add_person(f);  // cannot be driven: takes its time, the day goes on
    chain_leg *leg = add_leg(f, CHAIN_UNUSABLE, 100, IX_NONE);
    leg->fault = CHAIN_GAP;
    leg->travel_s = 40;
    add_drive(f, IX_NONE, 10, 0, 1);
    run(f);
    static const uint8_t expected[] = {CHAIN_ARRIVED,   CHAIN_UNDER_WAY,   CHAIN_NOT_STARTED,  CHAIN_NOT_STARTED,
                                       CHAIN_UNDER_WAY, CHAIN_NOT_STARTED, CHAIN_WAS_UNUSABLE, CHAIN_ARRIVED};
    assert_memory_equal(f->r.outcome, expected, sizeof expected);
    assert_int_equal(f->r.departure_s[7], 150);
    assert_int_equal(f->r.departure_s[3], IX_NONE);
    assert_int_equal(f->r.mobsim.on_network, 1);
    assert_int_equal(f->r.entry_s[f->r.entry_first[3]], IX_NONE);
}

static void routes_that_cannot_be_driven_are_found(void **state) {
    fixture *f = *state;
    const uint32_t good[] = {1, 2}, gap[] = {1, 3}, unknown[] = {1, LINKS};
    uint32_t at;
    assert_int_equal(chain_check_route(&f->n, 0, good, 2, VEHICLE_CAR, &at), CHAIN_OK);
    assert_int_equal(chain_check_route(&f->n, 1, good, 2, VEHICLE_CAR, &at), CHAIN_GAP);
    assert_int_equal(at, 0);
    assert_int_equal(chain_check_route(&f->n, 0, gap, 2, VEHICLE_CAR, &at), CHAIN_GAP);
    assert_int_equal(at, 1);
    assert_int_equal(chain_check_route(&f->n, 0, unknown, 2, VEHICLE_CAR, &at), CHAIN_UNKNOWN_LINK);
    assert_int_equal(chain_check_route(&f->n, IX_NONE, good, 2, VEHICLE_CAR, &at), CHAIN_UNKNOWN_LINK);
    uint32_t from = 1, to = 2;
    uint8_t forbidden = 1;
    f->n.turn = (turn_table){.count = 1, .in_ix = &from, .out_ix = &to, .forbidden = &forbidden};
    assert_int_equal(chain_check_route(&f->n, 0, good, 2, VEHICLE_CAR, &at), CHAIN_TURN);
    assert_int_equal(at, 1);
    f->n.turn = (turn_table){0};
    f->n.link.allowed[2] = ALLOW_CAR;
    assert_int_equal(chain_check_route(&f->n, 0, good, 2, VEHICLE_LORRY, &at), CHAIN_CLOSED);
    assert_int_equal(at, 1);
    add_person(f);
    add_drive(f, 0, IX_NONE, 0, 3)->vehicle = VEHICLE_LORRY;
    assert_error(chain_run(&f->n, &f->p, &f->plans, NULL, 20, &f->a, &f->r), ERR_REFERENCE,
                 "person 'p00', leg 1: link 2");
}

static void memory_errors_are_passed_on(void **state) {
    fixture *f = *state;
    add_person(f);
    add_drive(f, 0, IX_NONE, 0, 3);
    for (int64_t after = 0; after < 4; after++) {
        arena a;
        arena_init(&a);
        mem_fail_after(after);
        err_code code = chain_run(&f->n, &f->p, &f->plans, NULL, 20, &a, &f->r);
        mem_fail_after(-1);
        arena_free(&a);
        assert_true(code == ERR_OK || code == ERR_MEMORY);
        assert_true(after > 0 || code == ERR_MEMORY);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_leg_departs_when_the_stay_after_the_arrival_is_over, make, drop),
        cmocka_unit_test_setup_teardown(a_teleported_leg_takes_its_time, make, drop),
        cmocka_unit_test_setup_teardown(departures_settle_when_the_first_leg_is_held_up, make, drop),
        cmocka_unit_test_setup_teardown(a_route_of_no_links_takes_no_time, make, drop),
        cmocka_unit_test_setup_teardown(every_leg_has_one_outcome_at_the_end_of_the_day, make, drop),
        cmocka_unit_test_setup_teardown(routes_that_cannot_be_driven_are_found, make, drop),
        cmocka_unit_test_setup_teardown(memory_errors_are_passed_on, make, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
