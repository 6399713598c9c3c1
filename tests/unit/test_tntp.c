// The TNTP reader on a tiny problem: oddities are read, mistakes are named with file and line.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "io/tntp.h"
#include "io_case.h"
#include "support.h"

static const char good_net[] =
    "<NUMBER OF ZONES> 2\t\t\n<NUMBER OF NODES> 3\n<FIRST THRU NODE> 3\n<NUMBER OF LINKS> 4\n"
    "<ORIGINAL HEADER>~ \tInit\tTerm\tCapacity (veh/h)\tLength (ft)\tFree Flow Time (min)\tB\tPower\t;\n"
    "<END OF METADATA>\t\t\n\n~\tinit_node\tterm_node\tcapacity\n"
    "\t1\t3\t1800.5\t5280\t1.5\t0.15\t4\t0\t10\t1\t;\n"
    " 3 1 9000 5280 1.5 0.15 4 0 0 1;\n"
    "\t3\t2\t1800\t0\t0\t0\t0\t;\n"
    "2 3 1800 5280 1.5 0.15 4\n";
static const char good_trips[] =
    "<NUMBER OF ZONES> 2\n<TOTAL OD FLOW>   35.5\n<END OF METADATA>\n\n~ a comment\nOrigin \t1 \n"
    "    1 :      5.0;     2 :    20.25;\nOrigin  2\n1:10.25;2 : 0.0;\n";
static const char good_node[] = "Node\tX\tY\t;\n1\t0\t0\t;\n2\t2000\t0\t;\n3 1000 5 ;\n";

static char folder[IO_CASE_PATH_BYTES];
static arena a;
static tntp_case c;
static const tntp_options options = {.toll_factor = -1, .distance_factor = -1};

static int set_up(void **state) {
    (void)state;
    log_set_level(LOG_QUIET);
    io_case_create(folder);
    io_case_write_text(folder, "T_net.tntp", good_net);
    io_case_write_text(folder, "T_trips.tntp", good_trips);
    io_case_write_text(folder, "T_node.tntp", good_node);
    arena_init(&a);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(&a);
    io_case_remove(folder);
    return 0;
}

static void reads_the_network_in_its_units(void **state) {
    (void)state;
    assert_ok(tntp_load(folder, &options, &a, &c));
    assert_string_equal(c.name, "T");
    assert_int_equal(c.network.link.count, 4);
    uint32_t e = network_find_link(&c.network, "1");
    assert_near(c.network.link.length_m[e], 1609.344, 1e-3);
    assert_near(c.network.link.free_speed_mps[e], 1609.344 / 90, 1e-4);
    assert_near(c.delay.free_min[e], 1.5, 0);
    assert_near(c.delay.capacity[e], 1800.5, 0);
    assert_near(c.delay.alpha[e], 0.15, 0);
    assert_near(c.network.node.x_m[2], 1000, 0);
    assert_int_equal(c.first_thru, 3);
    assert_int_equal(c.trips.node_zone_only[0], 1);
    assert_int_equal(c.trips.node_zone_only[2], 0);
    uint32_t zero = network_find_link(&c.network, "3");
    assert_near(c.network.link.length_m[zero], 1, 0);  // passable for the queue model
    assert_near(c.delay.free_min[zero], 0, 0);
    assert_near(c.network.link.lanes[network_find_link(&c.network, "2")], 5, 0);
}

static void reads_trips_and_leaves_out_empty_cells(void **state) {
    (void)state;
    assert_ok(tntp_load(folder, &options, &a, &c));
    assert_int_equal(c.trips.first[2], 3);
    assert_near(od_matrix_total(&c.trips), 35.5, 0);
    assert_near(od_matrix_intrazonal(&c.trips), 5, 0);
    assert_near(c.trips.volume[2], 10.25, 0);
}

static void options_overrule_the_file(void **state) {
    (void)state;
    const tntp_options o = {
        .length_unit_m = 1, .time_unit_min = 60, .coordinate_unit_m = 2, .toll_factor = 0.5, .distance_factor = 0.001};
    assert_ok(tntp_load(folder, &o, &a, &c));
    uint32_t e = network_find_link(&c.network, "1");
    assert_near(c.network.link.length_m[e], 5280, 0);
    assert_near(c.delay.free_min[e], 90, 0);
    assert_near(c.delay.fixed_min[e], 60 * (0.5 * 10 + 0.001 * 5280), 1e-9);
    assert_near(c.network.node.x_m[1], 4000, 0);
}

typedef struct bad {
    const char *file, *find, *replace;  // find NULL: the file ends before `replace`
    err_code code;
    const char *part;
} bad;

static void check_bad(const bad *b) {
    const char *good = strcmp(b->file, "T_net.tntp") == 0     ? good_net
                       : strcmp(b->file, "T_trips.tntp") == 0 ? good_trips
                                                              : good_node;
    char text_out[4096];
    const char *at = strstr(good, b->find != NULL ? b->find : b->replace);
    assert_non_null(at);
    if (b->find == NULL) {
        snprintf(text_out, sizeof text_out, "%.*s", (int)(at - good), good);
    } else {
        snprintf(text_out, sizeof text_out, "%.*s%s%s", (int)(at - good), good, b->replace, at + strlen(b->find));
    }
    io_case_write_text(folder, b->file, text_out);
    err_code code = tntp_load(folder, &options, &a, &c);
    if (code != b->code || strstr(err_message(), b->part) == NULL) {
        fail_msg("'%s' expected, got %s: %s", b->part, err_name(code), err_message());
    }
    io_case_write_text(folder, b->file, good);
}

static void mistakes_are_named_with_their_place(void **state) {
    (void)state;
    static const bad all[] = {
        {"T_net.tntp", "<NUMBER OF LINKS> 4\n", "", ERR_FORMAT, "T_net.tntp:5: <NUMBER OF LINKS> is missing"},
        {"T_net.tntp", "<NUMBER OF ZONES> 2", "<NUMBER OF ZONES> two", ERR_FORMAT, "T_net.tntp:1: <NUMBER OF ZONES>"},
        {"T_net.tntp", "NODES> 3", "NODES> 1", ERR_RANGE, "T_net.tntp:2: <NUMBER OF NODES> is 1"},
        {"T_net.tntp", "<END OF METADATA>", "", ERR_FORMAT, "T_net.tntp:9: "},
        {"T_net.tntp", NULL, "<ORIGINAL", ERR_FORMAT, "T_net.tntp:4: the file ends before <END OF METADATA>"},
        {"T_net.tntp", "9000", "-9000", ERR_RANGE, "T_net.tntp:10: capacity -9000"},
        {"T_net.tntp", "9000", "0", ERR_RANGE, "T_net.tntp:10: capacity 0"},
        {"T_net.tntp", "9000", "9o00", ERR_FORMAT, "T_net.tntp:10: capacity is '9o00', not a number"},
        {"T_net.tntp", "9000", "nan", ERR_FORMAT, "T_net.tntp:10: capacity is 'nan'"},
        {"T_net.tntp", "9000", "1e999", ERR_FORMAT, "T_net.tntp:10: capacity is '1e999'"},
        {"T_net.tntp", " 3 1 9000", " 4 1 9000", ERR_REFERENCE, "T_net.tntp:10: init_node 4 is no node"},
        {"T_net.tntp", " 3 1 9000", " 3 1.5 9000", ERR_FORMAT, "T_net.tntp:10: term_node is 1.5"},
        {"T_net.tntp", " 3 1 9000", " 3 3 9000", ERR_REFERENCE, "T_net.tntp:10: the link starts and ends at node 3"},
        {"T_net.tntp", "5280 1.5 0.15 4 0 0 1;", "-5280 1.5 0.15 4;", ERR_RANGE, "T_net.tntp:10: length -5280"},
        {"T_net.tntp", "0.15 4 0 0 1;", "0.15 0.5;", ERR_RANGE, "T_net.tntp:10: power 0.5"},
        {"T_net.tntp", "0.15 4 0 0 1;", "0.15;", ERR_FORMAT, "T_net.tntp:10: the row ends after 6 columns; power"},
        {"T_net.tntp", NULL, "2 3 1800", ERR_FORMAT, "T_net.tntp:11: the file ends after 3 of 4 links"},
        {"T_net.tntp", "LINKS> 4", "LINKS> 3", ERR_FORMAT, "T_net.tntp:12: a link more than <NUMBER OF LINKS>, 3"},
        {"T_net.tntp", "LINKS> 4", "LINKS> 4e12", ERR_RANGE, "T_net.tntp:4: <NUMBER OF LINKS>"},
        {"T_trips.tntp", "ZONES> 2", "ZONES> 3", ERR_RANGE, "<NUMBER OF ZONES> is 3 here and 2 in the network"},
        {"T_trips.tntp", "2 :    20.25", "3 :    20.25", ERR_REFERENCE, "T_trips.tntp:7: destination 3 is no zone"},
        {"T_trips.tntp", "Origin  2", "Origin  3", ERR_REFERENCE, "T_trips.tntp:8: origin 3 is no zone"},
        {"T_trips.tntp", "Origin \t1 \n", "", ERR_FORMAT, "T_trips.tntp:6: '1 :"},
        {"T_trips.tntp", "20.25", "-20.25", ERR_RANGE, "T_trips.tntp:7: -20.25 trips from 1 to 2"},
        {"T_trips.tntp", "20.25", "many", ERR_FORMAT, "T_trips.tntp:7: the number of trips is 'many'"},
        {"T_trips.tntp", "1:10.25", "1 10.25", ERR_FORMAT, "T_trips.tntp:9: ':' and the trips are missing"},
        {"T_trips.tntp", "2 : 0.0", "1 : 0.0", ERR_REFERENCE, "the trips from zone '2' to zone '1' are given twice"},
        {"T_trips.tntp", NULL, "Origin  2", ERR_FORMAT, "T_trips.tntp:7: the trips add up to 25.25"},
        {"T_node.tntp", "3 1000 5 ;", "4 1000 5 ;", ERR_REFERENCE, "T_node.tntp:4: node 4 is not in the network"},
        {"T_node.tntp", "3 1000 5 ;", "2 1000 5 ;", ERR_REFERENCE, "T_node.tntp:4: node 2 is given twice"},
        {"T_node.tntp", "3 1000 5 ;", "3 1000 ;", ERR_FORMAT, "T_node.tntp:4: the row ends after 2 columns; Y"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        check_bad(&all[i]);
    }
}

static void missing_files_are_named(void **state) {
    (void)state;
    char path[IO_CASE_PATH_BYTES + 32];
    snprintf(path, sizeof path, "%s/T_trips.tntp", folder);
    unlink(path);
    assert_error(tntp_load(folder, &options, &a, &c), ERR_FILE, "T_trips.tntp");
    assert_error(tntp_load(path, &options, &a, &c), ERR_FILE, "T_trips.tntp");
    io_case_write_text(folder, "U_net.tntp", good_net);
    assert_error(tntp_load(folder, &options, &a, &c), ERR_FILE, "more than one file *_net.tntp");
    snprintf(path, sizeof path, "%s/gtfs", folder);
    assert_error(tntp_load(path, &options, &a, &c), ERR_FILE, "no file *_net.tntp");
    snprintf(path, sizeof path, "%s/today.yaml", folder);
    assert_error(tntp_load(path, &options, &a, &c), ERR_FILE, "ends in _net.tntp");
}

// Cutting a file anywhere is an error or a smaller problem, never a crash.
static void any_cut_is_survived(void **state) {
    (void)state;
    for (size_t cut = 0; cut < sizeof good_net; cut += 3) {
        arena_reset(&a);
        io_case_write_bytes(folder, "T_net.tntp", good_net, cut);
        (void)tntp_load(folder, &options, &a, &c);
    }
    io_case_write_text(folder, "T_net.tntp", good_net);
    for (size_t cut = 0; cut < sizeof good_trips; cut += 3) {
        arena_reset(&a);
        io_case_write_bytes(folder, "T_trips.tntp", good_trips, cut);
        (void)tntp_load(folder, &options, &a, &c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_the_network_in_its_units, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_trips_and_leaves_out_empty_cells, set_up, tear_down),
        cmocka_unit_test_setup_teardown(options_overrule_the_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(mistakes_are_named_with_their_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(missing_files_are_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(any_cut_is_survived, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
