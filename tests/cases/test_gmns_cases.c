// GMNS networks of others, where they lie on this machine (VESTSIM_CASES, else ../shared/cases beside the project):
// those without declared units or in other coordinates are refused with their place; with a configuration and the
// missing `directed` column added they load with the counts known.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "io/gmns.h"
#include "io_case.h"
#include "support.h"

enum { PATH_BYTES = 1024 };

static char cases[PATH_BYTES];

static int find_cases(void **state) {
    (void)state;
    log_set_level(LOG_QUIET);
    const char *given = getenv("VESTSIM_CASES");
    snprintf(cases, sizeof cases, "%s",
             given != NULL && given[0] != '\0' ? given : VESTSIM_SOURCE_DIR "/../shared/cases");
    return 0;
}

static void skip_without(const char *name) {
    char path[2 * PATH_BYTES];
    struct stat about;
    snprintf(path, sizeof path, "%.1000s/%.1000s", cases, name);
    if (stat(path, &about) != 0) {
        print_message("skipped: no %s in %s\n", name, cases);
        skip();
    }
}

static void check_refused(const char *name, const char *part) {
    char path[2 * PATH_BYTES];
    arena a;
    network n;
    arena_init(&a);
    snprintf(path, sizeof path, "%.1000s/%.1000s", cases, name);
    err_code code = gmns_load(path, &a, &n);
    if (code == ERR_OK || err_exit_status(code) != 2 || strstr(err_message(), part) == NULL) {
        fail_msg("%s: '%s' expected, got %s: %s", name, part, err_name(code), err_message());
    }
    arena_free(&a);
}

static void networks_without_units_are_refused(void **state) {
    (void)state;
    skip_without("gmns-zephyr");
    skip_without("gmns-path4gmns");
    check_refused("gmns-path4gmns/Two_Corridor", "Two_Corridor/config.csv");
    check_refused("gmns-zephyr/Cambridge_Multimodal_Network", "config.csv");
    check_refused("gmns-zephyr/Arlington_Signals", "config.csv:2: column 'crs'");
    check_refused("gmns-zephyr/Arlington_Signals_Errors", "config.csv");
}

// Copies link.csv with a last column `directed` of 1 in every row.
static void add_directed(const char *from, const char *folder, arena *a) {
    char *bytes = NULL, *out = NULL;
    size_t count = 0, used = 0;
    bool first = true;
    assert_ok(table_read_file(from, 1 << 24, a, &bytes, &count));
    out = malloc(count * 2 + 64);
    assert_non_null(out);
    for (const char *line = bytes; *line != '\0';) {
        size_t length = strcspn(line, "\r\n");
        if (length > 0) {
            used += (size_t)sprintf(out + used, "%.*s,%s\n", (int)length, line, first ? "directed" : "1");
            first = false;
        }
        line += length + strspn(line + length, "\r\n");
    }
    io_case_write_bytes(folder, "link.csv", out, used);
    free(out);
}

static void check_counts(const char *name, uint32_t nodes, uint32_t links, double first_length_m) {
    char from[2 * PATH_BYTES], folder[IO_CASE_PATH_BYTES], *bytes = NULL;
    size_t count = 0;
    arena a;
    network n;
    arena_init(&a);
    io_case_create(folder);
    io_case_write_text(folder, "config.csv", "short_length,long_length,speed,crs\nm,mile,mph,EPSG:4326\n");
    snprintf(from, sizeof from, "%s/%s/node.csv", cases, name);
    assert_ok(table_read_file(from, 1 << 24, &a, &bytes, &count));
    io_case_write_bytes(folder, "node.csv", bytes, count);
    snprintf(from, sizeof from, "%s/%s/link.csv", cases, name);
    add_directed(from, folder, &a);
    assert_ok(gmns_load(folder, &a, &n));
    assert_int_equal(n.node.count, nodes);
    assert_int_equal(n.link.count, links);
    assert_near(n.link.length_m[network_find_link(&n, "1")], first_length_m, 0.01);
    arena_free(&a);
    io_case_remove(folder);
}

static void networks_with_units_have_the_counts_known(void **state) {
    (void)state;
    skip_without("gmns-path4gmns");
    skip_without("gmns-plus-dev");
    check_counts("gmns-path4gmns/Two_Corridor", 4, 4, 10 * 1609.344);
    check_counts("gmns-plus-dev/14_Sioux_Falls", 24, 76, 6 * 1609.344);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_without_units_are_refused),
        cmocka_unit_test(networks_with_units_have_the_counts_known),
    };
    return cmocka_run_group_tests(tests, find_cases, NULL);
}
