// Static user equilibrium on problems of others, where they lie on this machine (VESTSIM_CASES, else ../shared/cases
// beside the project): counts and trips exact, demand x cheapest cost on empty roads to 1e-6, published (or exactly
// solved) objective of Beckmann to 1e-6 at a relative gap of 1e-7.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/par.h"
#include "io/gmns.h"
#include "io/gmns_assign.h"
#include "io/tntp.h"
#include "io_case.h"
#include "loop/assign.h"
#include "support.h"

enum { PATH_BYTES = 1024 };

static char cases[PATH_BYTES];
static arena a;

static int find_cases(void **state) {
    (void)state;
    log_set_level(LOG_QUIET);
    const char *given = getenv("VESTSIM_CASES");
    snprintf(cases, sizeof cases, "%s",
             given != NULL && given[0] != '\0' ? given : VESTSIM_SOURCE_DIR "/../shared/cases");
    return 0;
}

static int set_up(void **state) {
    (void)state;
    arena_init(&a);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(&a);
    return 0;
}

static void load(const char *name, double toll_factor, double distance_factor, tntp_case *out) {
    char path[2 * PATH_BYTES];
    struct stat about;
    snprintf(path, sizeof path, "%s/%s", cases, name);
    if (stat(path, &about) != 0) {
        print_message("skipped: no %s in %s\n", name, cases);
        skip();
    }
    const tntp_options o = {.toll_factor = toll_factor, .distance_factor = distance_factor};
    assert_ok(tntp_load(path, &o, &a, out));
}

typedef struct known {
    const char *name;
    uint32_t zones, nodes, links;
    double demand, intrazonal, free_cost, objective, total_cost;
    double toll_factor, distance_factor;
} known;

static void check(const known *k) {
    tntp_case c;
    assign_result r;
    const assign_params p = {.gap = 1e-7, .iterations_max = 100};
    load(k->name, k->toll_factor, k->distance_factor, &c);
    assert_int_equal(c.trips.zone_count, k->zones);
    assert_int_equal(c.network.node.count, k->nodes);
    assert_int_equal(c.network.link.count, k->links);
    assert_ok(assign_run(&c.network, &c.delay, &c.trips, &p, &a, &r));
    assert_near(r.demand, k->demand, 1e-6);
    assert_near(r.intrazonal, k->intrazonal, 1e-6);
    assert_near(r.unreachable, 0, 0);
    assert_near(r.free_cost_min, k->free_cost, 1e-6 * k->free_cost);
    assert_true(r.converged && r.gap <= 1e-7);
    assert_near(r.objective, k->objective, 1e-6 * k->objective);
    assert_near(r.total_cost_min, k->total_cost, 1e-4 * k->total_cost);
}

static void sioux_falls_reaches_the_published_optimum(void **state) {
    (void)state;
    check(&(known){"tntp-siouxfalls", 24, 24, 76, 360600, 0, 3176000, 4231335.287107, 7480225.344921, -1, -1});
}

static void anaheim_reaches_the_published_optimum(void **state) {
    (void)state;
    check(&(known){"tntp-anaheim", 38, 416, 914, 104694.4, 0, 1248129.434947, 1286032.171096, 1419913.851059, -1, -1});
}

static void eastern_massachusetts_reaches_the_exact_optimum(void **state) {
    (void)state;
    check(&(known){"tntp-eastern-massachusetts", 74, 74, 258, 65576.375431, 0, 25099.211618, 26160.345922910758,
                   28181.423167314246, -1, -1});
}

static void berlin_tiergarten_reaches_the_exact_optimum(void **state) {
    (void)state;
    check(&(known){"tntp-berlin-tiergarten", 26, 361, 766, 10754.87, 0, 665829.383538, 683234.569267268991,
                   716823.698545943713, -1, -1});
}

static void chicago_sketch_reaches_the_published_optimum_with_toll_and_distance(void **state) {
    (void)state;
    check(&(known){"tntp-chicago-sketch", 387, 933, 2950, 1260907.440001, 123414, 16622993.331412, 17313018.738748,
                   18935450.261583, 0.02, 0.04});
}

static void braess_users_lose_by_the_link_in_the_middle(void **state) {
    (void)state;
    check(&(known){"tntp-braess", 2, 4, 5, 6, 0, 60, 386.00000008, 552.000000018461, -1, -1});
    tntp_case c;
    assign_result r;
    const assign_params p = {.gap = 1e-9, .iterations_max = 100};
    load("tntp-braess", -1, -1, &c);
    uint32_t middle = network_find_link(&c.network, "4");
    assert_string_equal(c.network.node.id[c.network.link.from_ix[middle]], "3");
    c.network.link.allowed[middle] = ALLOW_WALK;
    assert_ok(assign_run(&c.network, &c.delay, &c.trips, &p, &a, &r));
    assert_near(r.total_time_min, 6 * 83, 1e-5);
    assert_near(r.flow[middle], 0, 0);
    for (uint32_t e = 0; e < 5; e++) {
        assert_near(r.flow[e], e == middle ? 0 : 3, 1e-6);
    }
}

static void link_flows_are_the_published_ones(void **state) {
    (void)state;
    tntp_case c;
    assign_result r;
    const assign_params p = {.gap = 1e-10, .iterations_max = 200};
    load("tntp-siouxfalls", -1, -1, &c);
    assert_ok(assign_run(&c.network, &c.delay, &c.trips, &p, &a, &r));
    assert_near(r.flow[network_find_link(&c.network, "1")], 4494.6576464564205, 0.01);       // 1 -> 2
    assert_near(r.flow[network_find_link(&c.network, "6")], 14006.371019862527, 0.01);       // 3 -> 4
    assert_near(r.time_min[network_find_link(&c.network, "10")], 7.1333004801798925, 1e-6);  // 4 -> 11
}

// The folder that import writes gives the same answer, for any number of threads.
static void the_gmns_folder_gives_the_same_bytes_for_any_threads(void **state) {
    (void)state;
    tntp_case c;
    gmns_assign_case g;
    assign_result direct, r;
    const assign_params p = {.gap = 1e-6, .iterations_max = 100};
    char folder[IO_CASE_PATH_BYTES];
    load("tntp-anaheim", -1, -1, &c);
    const gmns_extras extras = {.delay = &c.delay, .zone_id = c.node_zone_id, .zone_only = c.trips.node_zone_only};
    io_case_create(folder);
    assert_ok(gmns_save_with(folder, &c.network, c.name, &extras));
    assert_ok(gmns_assign_save_trips(folder, &c.trips));
    assert_ok(gmns_assign_load(folder, &a, &g));
    io_case_remove(folder);
    assert_true(network_hash(&g.network) == network_hash(&c.network));
    par_set_threads(1);
    assert_ok(assign_run(&c.network, &c.delay, &c.trips, &p, &a, &direct));
    for (int threads = 1; threads <= 3; threads++) {
        par_set_threads(threads);
        assert_ok(assign_run(&g.network, &g.delay, &g.trips, &p, &a, &r));
        assert_memory_equal(r.flow, direct.flow, c.network.link.count * sizeof *r.flow);
        assert_int_equal(r.iterations, direct.iterations);
    }
    par_set_threads(0);
}

// Copies link.csv with a last column `directed` of 1 in every row.
static void add_directed(const char *from, const char *folder) {
    char *bytes = NULL, *out = NULL;
    size_t count = 0, used = 0;
    assert_ok(table_read_file(from, 1 << 24, &a, &bytes, &count));
    out = malloc(count * 2 + 64);
    assert_non_null(out);
    for (const char *line = bytes; *line != '\0';) {
        size_t length = strcspn(line, "\r\n");
        if (length > 0) {
            used += (size_t)sprintf(out + used, "%.*s,%s\n", (int)length, line, used == 0 ? "directed" : "1");
        }
        line += length + strspn(line + length, "\r\n");
    }
    io_case_write_bytes(folder, "link.csv", out, used);
    free(out);
}

// 20 (1 + 0.15 (x/4000)^4) = 30 (1 + 0.15 ((7000-x)/3000)^4)
static void two_corridors_split_as_solved_by_hand(void **state) {
    (void)state;
    char from[2 * PATH_BYTES], folder[IO_CASE_PATH_BYTES], *bytes = NULL;
    static const char *const files[] = {"node.csv", "demand.csv"};
    struct stat about;
    gmns_assign_case g;
    assign_result r;
    size_t count = 0;
    const assign_params p = {.gap = 1e-9, .iterations_max = 100};
    snprintf(from, sizeof from, "%s/gmns-path4gmns/Two_Corridor/link.csv", cases);
    if (stat(from, &about) != 0) {
        print_message("skipped: no %s\n", from);
        skip();
    }
    io_case_create(folder);
    add_directed(from, folder);
    io_case_write_text(folder, "config.csv", "short_length,long_length,speed,crs\nm,mile,mph,EPSG:4326\n");
    for (int i = 0; i < 2; i++) {
        snprintf(from, sizeof from, "%s/gmns-path4gmns/Two_Corridor/%s", cases, files[i]);
        assert_ok(table_read_file(from, 1 << 24, &a, &bytes, &count));
        io_case_write_bytes(folder, files[i], bytes, count);
    }
    assert_ok(gmns_assign_load(folder, &a, &g));
    io_case_remove(folder);
    assert_ok(assign_run(&g.network, &g.delay, &g.trips, &p, &a, &r));
    uint32_t freeway = network_find_link(&g.network, "1");
    assert_near(r.flow[freeway], 5447.853, 0.01);
    assert_near(r.total_time_min / 7000, 30.3224, 1e-3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sioux_falls_reaches_the_published_optimum, set_up, tear_down),
        cmocka_unit_test_setup_teardown(anaheim_reaches_the_published_optimum, set_up, tear_down),
        cmocka_unit_test_setup_teardown(eastern_massachusetts_reaches_the_exact_optimum, set_up, tear_down),
        cmocka_unit_test_setup_teardown(berlin_tiergarten_reaches_the_exact_optimum, set_up, tear_down),
        cmocka_unit_test_setup_teardown(chicago_sketch_reaches_the_published_optimum_with_toll_and_distance, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(braess_users_lose_by_the_link_in_the_middle, set_up, tear_down),
        cmocka_unit_test_setup_teardown(link_flows_are_the_published_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_gmns_folder_gives_the_same_bytes_for_any_threads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_corridors_split_as_solved_by_hand, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, find_cases, NULL);
}
