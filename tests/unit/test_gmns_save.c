// What gmns_save writes, gmns_load reads back as an equal network.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "io/gmns.h"
#include "io_case.h"
#include "support.h"

typedef struct fixture {
    char folder[IO_CASE_PATH_BYTES];
    char network[IO_CASE_PATH_BYTES + 16];
    char copy[IO_CASE_PATH_BYTES + 16];
    arena a;
    network n;
} fixture;

static fixture f;

static int set_up(void **state) {
    (void)state;
    log_set_level(LOG_QUIET);
    io_case_create(f.folder);
    snprintf(f.network, sizeof f.network, "%s/network", f.folder);
    snprintf(f.copy, sizeof f.copy, "%s/copy", f.folder);
    arena_init(&f.a);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(&f.a);
    io_case_remove(f.folder);
    return 0;
}

static void check_round_trip(const network *n) {
    network back;
    assert_ok(gmns_save(f.copy, n, "a, \"quoted\" name"));
    assert_ok(gmns_load(f.copy, &f.a, &back));
    assert_int_equal(back.node.count, n->node.count);
    assert_int_equal(back.link.count, n->link.count);
    assert_true(network_hash(&back) == network_hash(n));
}

static void a_loaded_network_comes_back_equal(void **state) {
    (void)state;
    assert_ok(gmns_load(f.network, &f.a, &f.n));
    check_round_trip(&f.n);
}

// Networks of the project have every column in use.
static void vestby_comes_back_equal(void **state) {
    (void)state;
    assert_ok(gmns_load(VESTSIM_SOURCE_DIR "/scenarios/vestby/network", &f.a, &f.n));
    check_round_trip(&f.n);
}

static void a_network_without_longitudes_is_written_in_metres(void **state) {
    (void)state;
    support_grid_network(&f.a, &f.n, 4, 3, 123.456, 50, 1777, 3);
    for (uint32_t i = 0; i < f.n.link.count; i++) {
        f.n.link.inside[i] = 0;
        f.n.link.length_m[i] = (float)(1 + 3000 * support_uniform(1, i));
        f.n.link.free_speed_mps[i] = (float)(1 + 40 * support_uniform(2, i));
        f.n.link.capacity_vph[i] = (float)(1 + 9000 * support_uniform(3, i));
        f.n.link.lanes[i] = (float)(1 + i % 3);
    }
    for (uint32_t i = 0; i < f.n.node.count; i++) {
        f.n.node.x_m[i] = 1e6 * support_uniform(4, i) - 5e5;
        f.n.node.lon[i] = f.n.node.lat[i] = 0;
        f.n.node.name[i] = i == 1 ? "Two\nlines" : i == 2 ? "Comma, \"quotes\"" : "";
    }
    check_round_trip(&f.n);
    network back;
    assert_ok(gmns_load(f.copy, &f.a, &back));
    assert_near(back.node.lon[3], 0, 0);
    assert_near(back.node.x_m[3], f.n.node.x_m[3], 0);
}

static void what_cannot_be_held_is_refused(void **state) {
    (void)state;
    support_line_network(&f.a, &f.n, 2, 100, 50, 1800);
    f.n.link.lanes[1] = 0;
    assert_error(gmns_save(f.copy, &f.n, ""), ERR_RANGE, "link 'l1' has a capacity but no lanes");
}

static void a_folder_that_cannot_be_written_is_an_error_and_leaves_no_parts(void **state) {
    (void)state;
    support_line_network(&f.a, &f.n, 2, 100, 50, 1800);
    char path[2 * IO_CASE_PATH_BYTES];
    snprintf(path, sizeof path, "%s/today.yaml/below", f.folder);
    assert_error(gmns_save(path, &f.n, ""), ERR_FILE, "the folder cannot be made");
    assert_ok(gmns_save(f.copy, &f.n, ""));
    snprintf(path, sizeof path, "%s/link.csv.part", f.copy);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_error(gmns_save(f.copy, &f.n, ""), ERR_FILE, "link.csv.part: cannot be written");
    struct stat about;
    snprintf(path, sizeof path, "%s/node.csv.part", f.copy);
    assert_int_not_equal(stat(path, &about), 0);
    assert_ok(gmns_load(f.copy, &f.a, &f.n));  // what stood there is whole
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_loaded_network_comes_back_equal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(vestby_comes_back_equal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_network_without_longitudes_is_written_in_metres, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_held_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_written_is_an_error_and_leaves_no_parts, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
