#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/gmns.h"
#include "io_case.h"
#include "support.h"

#define HEADER "mvmt_id,ib_link_id,ob_link_id,type,penalty,capacity,ctrl_type,cycle,green_from,green\n"

typedef struct fixture {
    char folder[IO_CASE_PATH_BYTES];
    char network[IO_CASE_PATH_BYTES + 16];
    arena a;
    network n;
} fixture;

static fixture f;

static int set_up(void **state) {
    (void)state;
    io_case_create(f.folder);
    snprintf(f.network, sizeof f.network, "%s/network", f.folder);
    arena_init(&f.a);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(&f.a);
    io_case_remove(f.folder);
    return 0;
}

static err_code load(const char *rows) {
    char content[1024];
    snprintf(content, sizeof content, "%s%s", HEADER, rows);
    io_case_write_text(f.folder, "network/movement.csv", content);
    return gmns_load(f.network, &f.a, &f.n);
}

static uint32_t row_of(const char *in, const char *out) {
    return turn_find(&f.n.turn, network_find_link(&f.n, in), network_find_link(&f.n, out));
}

static void does_without_movements(void **state) {
    (void)state;
    assert_ok(gmns_load(f.network, &f.a, &f.n));
    assert_int_equal(f.n.turn.count, 0);
}

static void reads_turns_of_all_kinds(void **state) {
    (void)state;
    assert_ok(load("1,ab,bc,thru,3.5,600,signal,60,10,25\n2,ab,ab-r,forbidden,,,,,,\n"));
    assert_int_equal(f.n.turn.count, 2);
    uint32_t on = row_of("ab", "bc"), back = row_of("ab", "ab-r");
    assert_int_equal(f.n.turn.forbidden[on], 0);
    assert_near(f.n.turn.penalty_s[on], 3.5, 0);
    assert_near(f.n.turn.capacity_vph[on], 600, 0);
    assert_int_equal(f.n.turn.control[on], CONTROL_SIGNAL);
    assert_int_equal(f.n.turn.cycle_s[on], 60);
    assert_int_equal(f.n.turn.green_from_s[on], 10);
    assert_int_equal(f.n.turn.green_s[on], 25);
    assert_int_equal(f.n.turn.forbidden[back], 1);
    assert_int_equal(f.n.turn.control[back], TURN_CONTROL_NODE);
    assert_ok(network_validate(&f.n));
}

static void adds_the_lanes_of_a_turn(void **state) {
    (void)state;
    assert_ok(load("1,ab,bc,thru,2,600,,,,\n2,ab,bc,thru,4,500,,,,\n"));
    assert_int_equal(f.n.turn.count, 1);
    assert_near(f.n.turn.capacity_vph[0], 1100, 0);
    assert_near(f.n.turn.penalty_s[0], 4, 0);
}

static void refuses_what_it_cannot_place(void **state) {
    (void)state;
    assert_error(load("1,ab,zz,,,,,,,\n"), ERR_REFERENCE, "movement.csv:2: column 'ob_link_id': there is no link 'zz'");
    assert_error(load("1,bc,ab,,,,,,,\n"), ERR_REFERENCE, "link 'ab' does not start at node 'c', where link 'bc' ends");
    assert_error(load("1,ab,bc,,-1,,,,,\n"), ERR_RANGE, "movement.csv:2: column 'penalty'");
    assert_error(load("1,ab,bc,,,,Bike signals,,,\n"), ERR_FORMAT, "unknown value 'Bike signals'");
    assert_error(load("1,ab,bc,,,,signal,60,40,30\n"), ERR_RANGE, "must be above 0 and lie within the cycle of 60 s");
    io_case_write_text(f.folder, "network/movement.csv", "mvmt_id,ib_link_id\n1,ab\n");
    assert_error(gmns_load(f.network, &f.a, &f.n), ERR_FORMAT, "ob_link_id");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(does_without_movements),
        CASE(reads_turns_of_all_kinds),
        CASE(adds_the_lanes_of_a_turn),
        CASE(refuses_what_it_cannot_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
