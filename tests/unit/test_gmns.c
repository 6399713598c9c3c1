#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "io/gmns.h"
#include "io_bad.h"
#include "io_case.h"
#include "support.h"

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

static uint32_t link_ix(const char *id) {
    uint32_t ix = network_find_link(&f.n, id);
    assert_int_not_equal(ix, IX_NONE);
    return ix;
}

static void edit(const char *file, const char *find, const char *replace) {
    char *content = io_case_edit(file, find, replace);
    io_case_write_text(f.folder, file, content);
    free(content);
}

static void reads_nodes_with_both_coordinates(void **state) {
    (void)state;
    assert_ok(gmns_load(f.network, &f.a, &f.n));
    assert_int_equal(f.n.node.count, 3);
    uint32_t b = network_find_node(&f.n, "b");
    assert_int_not_equal(b, IX_NONE);
    assert_string_equal(f.n.node.name[b], "Middle");
    assert_near(f.n.node.lon[b], 10.71, 0);
    assert_near(f.n.node.z_m[b], 25, 0);
    assert_int_equal(f.n.node.control[b], CONTROL_SIGNAL);
    assert_int_equal(f.n.node.control[network_find_node(&f.n, "c")], CONTROL_STOP);
    uint32_t a = network_find_node(&f.n, "a");
    // 0.01 degrees of longitude at 59.6 degrees north
    assert_near(hypot(f.n.node.x_m[b] - f.n.node.x_m[a], f.n.node.y_m[b] - f.n.node.y_m[a]), 564.5, 1);
}

static void reads_links_in_metres_seconds_and_hours(void **state) {
    (void)state;
    assert_ok(gmns_load(f.network, &f.a, &f.n));
    assert_int_equal(f.n.link.count, 4);
    uint32_t bc = link_ix("bc");
    assert_near(f.n.link.length_m[bc], 600, 1e-3);
    assert_near(f.n.link.free_speed_mps[bc], 50 / 3.6, 1e-5);
    assert_near(f.n.link.capacity_vph[bc], 1800, 0);  // 900 a lane, two lanes
    assert_near(f.n.link.toll_nok[bc], 12.5, 0);
    assert_int_equal(f.n.link.allowed[bc], ALLOW_CAR | ALLOW_LORRY);
    assert_string_equal(f.n.link.road_class[bc], "primary");
    uint32_t cb = link_ix("cb");
    assert_int_equal(f.n.link.allowed[cb], ALLOW_CYCLE | ALLOW_WALK);
    assert_int_equal(f.n.link.cycle_facility[cb], CYCLE_PATH_OWN);
    assert_int_equal(f.n.link.open_year[cb], 2028);
    assert_near(f.n.link.capacity_vph[cb], 0, 0);
}

static void makes_two_links_of_one_that_is_not_directed(void **state) {
    (void)state;
    assert_ok(gmns_load(f.network, &f.a, &f.n));
    uint32_t there = link_ix("ab"), back = link_ix("ab-r");
    assert_int_equal(f.n.link.from_ix[there], f.n.link.to_ix[back]);
    assert_int_equal(f.n.link.to_ix[there], f.n.link.from_ix[back]);
    assert_near(f.n.link.grade_pct[there], 0.8, 1e-6);
    assert_near(f.n.link.grade_pct[back], -0.8, 1e-6);
    assert_near(f.n.link.length_m[back], 600, 1e-3);
    assert_string_equal(f.n.link.geometry[back], "LINESTRING (10.71 59.6, 10.705 59.601, 10.7 59.6)");
    assert_int_equal(f.n.link.cycle_facility[back], CYCLE_MIXED_FAST);
}

static void takes_units_from_the_configuration(void **state) {
    (void)state;
    edit("network/config.csv", "m,km,kmh", "foot,mile,mph");
    assert_ok(gmns_load(f.network, &f.a, &f.n));
    uint32_t bc = link_ix("bc");
    assert_near(f.n.link.length_m[bc], 0.6 * 1609.344, 1e-3);
    assert_near(f.n.link.free_speed_mps[bc], 50 * 0.44704, 1e-5);
    assert_near(f.n.node.z_m[network_find_node(&f.n, "a")], 20 * 0.3048, 1e-5);
}

static void reads_a_byte_order_mark_and_windows_lines(void **state) {
    (void)state;
    io_case_write_text(f.folder, "network/node.csv",
                       "\xEF\xBB\xBFnode_id,x_coord,y_coord,name\r\na,10.70,59.60,\"West, old\"\r\nb,10.71,59.60,\r\n"
                       "c,10.72,59.60,\r\n");
    assert_ok(gmns_load(f.network, &f.a, &f.n));
    assert_string_equal(f.n.node.name[network_find_node(&f.n, "a")], "West, old");
}

static void reads_geometry_with_odd_blanks(void **state) {
    (void)state;
    edit("network/link.csv", "\"LINESTRING (10.70 59.60, 10.705 59.601, 10.71 59.60)\"",
         "\"linestring( 10.70  59.60 ,10.71\t59.60 0 )\"");
    assert_ok(gmns_load(f.network, &f.a, &f.n));
    assert_string_equal(f.n.link.geometry[link_ix("ab-r")], "LINESTRING (10.71 59.6, 10.7 59.6)");
}

static void lets_everybody_use_a_link_without_uses(void **state) {
    (void)state;
    edit("network/link.csv", "\"auto,truck\"", "");
    assert_ok(gmns_load(f.network, &f.a, &f.n));
    assert_int_equal(f.n.link.allowed[link_ix("bc")], ALLOW_CAR | ALLOW_BUS | ALLOW_LORRY | ALLOW_CYCLE | ALLOW_WALK);
}

static void gives_the_same_network_twice(void **state) {
    (void)state;
    network again;
    assert_ok(gmns_load(f.network, &f.a, &f.n));
    assert_ok(gmns_load(f.network, &f.a, &again));
    assert_int_equal(network_hash(&f.n), network_hash(&again));
}

static err_code load(const char *folder, arena *a) {
    char path[IO_CASE_PATH_BYTES + 16];
    snprintf(path, sizeof path, "%s/network", folder);
    network n;
    return gmns_load(path, a, &n);
}

#define NODE "network/node.csv"
#define LINK "network/link.csv"
#define CONFIG "network/config.csv"
static const io_bad_case bad[] = {
    {"missing config", CONFIG, IO_BAD_MISSING, .code = ERR_FILE, .message = {"never guessed"}},
    {"missing nodes", NODE, IO_BAD_MISSING, .code = ERR_FILE},
    {"missing links", LINK, IO_BAD_MISSING, .code = ERR_FILE},
    {"empty config", CONFIG, IO_BAD_EMPTY, .code = ERR_FORMAT, .message = {"empty"}},
    {"empty nodes", NODE, IO_BAD_EMPTY, .code = ERR_FORMAT, .message = {"empty"}},
    {"empty links", LINK, IO_BAD_EMPTY, .code = ERR_FORMAT, .message = {"empty"}},
    {"NUL in nodes", NODE, IO_BAD_NUL, .code = ERR_FORMAT, .line = 2, .message = {"NUL"}},
    {"NUL in links", LINK, IO_BAD_NUL, .code = ERR_FORMAT, .line = 2, .message = {"NUL"}},
    {"not UTF-8 nodes", NODE, IO_BAD_UTF8, .code = ERR_FORMAT, .line = 2, .message = {"UTF-8"}},
    {"not UTF-8 links", LINK, IO_BAD_UTF8, .code = ERR_FORMAT, .line = 2, .message = {"UTF-8"}},
    {"long line in nodes", NODE, IO_BAD_LONG_LINE, .code = ERR_FORMAT, .line = 2},
    {"long line in links", LINK, IO_BAD_LONG_LINE, .code = ERR_FORMAT, .line = 2},
    {"cut in a quoted cell", LINK, IO_BAD_CUT, "\"auto,truck\"", .code = ERR_FORMAT, .line = 3},
    IO_BAD("no x_coord", NODE, "x_coord", "easting", ERR_FORMAT, 1, "x_coord"),
    IO_BAD("no length", LINK, ",length", ",laenge", ERR_FORMAT, 1, "'length'"),
    IO_BAD("no directed", LINK, ",directed", ",oneway", ERR_FORMAT, 1, "directed"),
    IO_BAD("no speed unit", CONFIG, ",speed", ",fart", ERR_FORMAT, 1, "speed"),
    IO_BAD("unknown length unit", CONFIG, "m,km,", "m,furlong,", ERR_FORMAT, 2, "furlong", "mile"),
    IO_BAD("empty length unit", CONFIG, "m,km,", "m,,", ERR_FORMAT, 2, "never guessed"),
    IO_BAD("other coordinates", CONFIG, "EPSG:4326", "EPSG:25832", ERR_FORMAT, 2, "EPSG:25832"),
    IO_BAD("two configurations", CONFIG, "0.96\n", "0.96\nx,m,km,kmh,EPSG:4326,wkt,string,1\n", ERR_FORMAT, 2, NULL),
    IO_BAD("letters for a number", NODE, "b,Middle,10.71", "b,Middle,ten", ERR_FORMAT, 3, "ten", "x_coord"),
    IO_BAD("decimal comma", LINK, ",0.6,primary,900,50,2", ",\"0,6\",primary,900,50,2", ERR_FORMAT, 3, "decimal comma",
           "length"),
    IO_BAD("latitude out of range", NODE, "10.72,59.60", "10.72,95.60", ERR_RANGE, 4, "95.6", "y_coord"),
    IO_BAD("unknown control", NODE, "signal", "lights", ERR_FORMAT, 3, "lights", "roundabout"),
    IO_BAD("node twice", NODE, "c,East", "a,East", ERR_REFERENCE, 4, "'a'", "line 2"),
    IO_BAD("node without id", NODE, "c,East", ",East", ERR_FORMAT, 4, "id"),
    IO_BAD("negative length", LINK, ",0.6,primary,900,50,2", ",-0.6,primary,900,50,2", ERR_RANGE, 3, "-0.6", "length"),
    IO_BAD("zero length", LINK, ",0.58,path", ",0,path", ERR_RANGE, 4, "length"),
    IO_BAD("endless length", LINK, ",0.58,path", ",1e30,path", ERR_RANGE, 4, "length"),
    IO_BAD("unknown node", LINK, "bc,Main street,b,c", "bc,Main street,b,q", ERR_REFERENCE, 3, "'q'", "node.csv"),
    IO_BAD("loop", LINK, "bc,Main street,b,c", "bc,Main street,b,b", ERR_REFERENCE, 3, "loop"),
    IO_BAD("link twice", LINK, "cb,Path", "ab,Path", ERR_REFERENCE, 4, "'ab'", "line 2"),
    IO_BAD("id of an opposite link taken", LINK, "cb,Path", "ab-r,Path", ERR_REFERENCE, 4, "'ab-r'"),
    IO_BAD("unknown use", LINK, "\"auto,truck\"", "\"auto,lorry\"", ERR_FORMAT, 3, "lorry", "truck"),
    IO_BAD("unknown facility", LINK, "path_own", "boulevard", ERR_FORMAT, 4, "boulevard", "path_along"),
    IO_BAD("directed neither 0 nor 1", LINK, "b,c,1", "b,c,2", ERR_FORMAT, 3, "directed"),
    IO_BAD("directed empty", LINK, "b,c,1", "b,c,", ERR_FORMAT, 3, "directed"),
    IO_BAD("cars without capacity", LINK, "primary,900,50,2", "primary,,50,2", ERR_FORMAT, 3, "capacity"),
    IO_BAD("cars without speed", LINK, "primary,900,50,2", "primary,900,0,2", ERR_RANGE, 3, "free_speed"),
    IO_BAD("speed of light", LINK, "primary,900,50,2", "primary,900,5000,2", ERR_RANGE, 3, "free_speed"),
    IO_BAD("wall", LINK, "path,,,,-1", "path,,,,-90", ERR_RANGE, 4, "grade"),
    IO_BAD("geometry of one point", LINK, "\"LINESTRING (10.70 59.60, 10.705 59.601, 10.71 59.60)\"",
           "LINESTRING (10.70 59.60)", ERR_FORMAT, 2, "LINESTRING", "two points"),
    IO_BAD("geometry that is none", LINK, "LINESTRING (", "CIRCLE (", ERR_FORMAT, 2, "LINESTRING"),
    IO_BAD("geometry off the globe", LINK, "10.705 59.601", "597000 6600000", ERR_RANGE, 2, "longitude"),
    {"no nodes at all", NODE, IO_BAD_CUT, "a,West,10.70,59.60,20,none", .code = ERR_FORMAT, .line = 2},
    IO_BAD("row cut short", LINK, ",path_own,2028", ",path_own", ERR_FORMAT, 4, "cells"),
};

static void locates_every_kind_of_bad_input(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        io_bad_check(&bad[i], f.folder, load);
    }
    assert_ok(load(f.folder, &f.a));  // all files are whole again
}

static void survives_a_lack_of_memory_anywhere(void **state) {
    (void)state;
    io_bad_starve(f.folder, load, 400);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(reads_nodes_with_both_coordinates),
        TEST(reads_links_in_metres_seconds_and_hours),
        TEST(makes_two_links_of_one_that_is_not_directed),
        TEST(takes_units_from_the_configuration),
        TEST(reads_a_byte_order_mark_and_windows_lines),
        TEST(reads_geometry_with_odd_blanks),
        TEST(lets_everybody_use_a_link_without_uses),
        TEST(gives_the_same_network_twice),
        TEST(locates_every_kind_of_bad_input),
        TEST(survives_a_lack_of_memory_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
