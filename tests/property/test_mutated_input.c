// Two and a half thousand spoiled copies of small valid inputs, the same ones every time: whatever a loader is given,
// it must say something and return. Crashes and leaks are found by the sanitizer builds. A failing case prints its
// number.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "io/gmns.h"
#include "io/gtfs.h"
#include "io/scenario_yaml.h"
#include "io/tables.h"
#include "io_case.h"
#include "io_spoil.h"
#include "support.h"

enum { CASES_EACH = 500, EDITS_MAX = 3, GROW_BYTES = 64 };

typedef struct fixture {
    char folder[IO_CASE_PATH_BYTES];
    arena a;
    scenario s;
    network n;
} fixture;

static fixture f;

static int set_up(void **state) {
    (void)state;
    log_set_level(LOG_QUIET);
    io_case_create(f.folder);
    arena_init(&f.a);
    char path[IO_CASE_PATH_BYTES];
    io_case_path(path, f.folder, "plan.yaml");
    assert_ok(scenario_yaml_load(path, NULL, 0, &f.a, &f.s));
    assert_ok(gmns_load(f.s.network_dir, &f.a, &f.n));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(&f.a);
    io_case_remove(f.folder);
    return 0;
}

// Spoils one of the files of a list and hands the folder to the loader.
static void check_files(uint64_t seed, const io_case_file *files, size_t count, err_code (*load)(arena *a)) {
    uint32_t loaded = 0;
    for (uint32_t k = 0; k < CASES_EACH; k++) {
        uint64_t key = seed * 1000003u + k;
        const io_case_file *file = &files[(size_t)(support_random(key, 1000) % count)];
        size_t size = strlen(file->content);
        char *bytes = malloc(size + EDITS_MAX * GROW_BYTES);
        assert_non_null(bytes);
        memcpy(bytes, file->content, size);
        uint32_t edits = 1 + (uint32_t)(support_random(key, 1001) % EDITS_MAX);
        for (uint32_t e = 0; e < edits; e++) {
            size = io_spoil(bytes, size, key, e);
        }
        io_case_write_bytes(f.folder, file->name, bytes, size);
        free(bytes);
        arena a;
        arena_init(&a);
        err_clear();
        err_code code = load(&a);
        arena_free(&a);
        io_case_write_text(f.folder, file->name, file->content);
        loaded += code == ERR_OK ? 1 : 0;
        if (code != ERR_OK && (err_exit_status(code) != 2 || strlen(err_message()) < 10)) {
            fail_msg("case %u of seed %u (%s): %s: '%s'", k, (unsigned)seed, file->name, err_name(code), err_message());
        }
    }
    // Neither may be all: then nothing was tested.
    assert_in_range(loaded, 5, CASES_EACH - 100);
}

// The case's files from first to last.
static void check(uint64_t seed, size_t first, size_t last, err_code (*load)(arena *a)) {
    check_files(seed, &io_case_files[first], last - first + 1, load);
}

static const io_case_file every_kind = {
    "kinds.yaml",
    "title: All\nbased_on: plan.yaml\nadd_measures:\n"
    "  - {kind: parking_places, start_year: 2030, value: 0.5, targets: [sentrum], source: test}\n"
    "  - {kind: parking_norm, start_year: 2030, value: 1, targets: [new_flats], source: test}\n"
    "  - {kind: ev_share, start_year: 2030, value: 0.5, source: test}\n"
    "  - {kind: season, start_year: 2030, value: 0.4, source: test}\n"
    "  - {kind: background_growth, start_year: 2030, value: -1.5, source: test}\n"
    "  - {kind: open_link, start_year: 2030, targets: [bc], source: test}\n"
    "  - {kind: junction, start_year: 2030, text: roundabout, targets: [b], source: test}\n"
    "  - {kind: bus_lane, start_year: 2030, value: 1, targets: [bc], source: test}\n"
    "  - {kind: frequency, start_year: 2030, value: 2, targets: [bus, train], source: test}\n"
    "  - {kind: jobs, start_year: 2030, value: -10, targets: [sentrum], source: test}\n"
    "  - {kind: shops, start_year: 2030, value: 1e3, targets: [sentrum], source: test}\n"
    "  - {kind: freight_rail, start_year: 2030, value: 1, targets: [a, b], source: test}\n"
    "  - {kind: holiday_homes, start_year: 2030, value: 0.5, targets: [sentrum], source: test}\n"};

static err_code load_every_kind(arena *a) {
    char path[IO_CASE_PATH_BYTES];
    io_case_path(path, f.folder, every_kind.name);
    scenario s;
    return scenario_yaml_load(path, NULL, 0, a, &s);
}

static void measures_answer_every_mutation(void **state) {
    (void)state;
    io_case_write_text(f.folder, every_kind.name, every_kind.content);
    assert_ok(load_every_kind(&f.a));
    check_files(5, &every_kind, 1, load_every_kind);
}

static err_code load_scenario(arena *a) {
    char path[IO_CASE_PATH_BYTES];
    io_case_path(path, f.folder, "plan.yaml");
    scenario s;
    return scenario_yaml_load(path, NULL, 0, a, &s);
}

static err_code load_network(arena *a) {
    network n;
    return gmns_load(f.s.network_dir, a, &n);
}

static err_code load_transit(arena *a) {
    gtfs_options o = {
        .date = "2023-10-18", .footpath_max_m = 500, .walk_speed_kmh = 4.8, .days_before = 1, .days_after = 1};
    transit t;
    return gtfs_load(f.s.transit_dir, &o, a, &t);
}

static err_code load_tables(arena *a) {
    zone_system z;
    synth_input people;
    TRY(tables_load_zones(&f.s, &f.n, a, &z));
    return tables_load_people(&f.s, a, &people);
}

static void scenario_answers_every_mutation(void **state) {
    (void)state;
    check(1, io_case_index("today.yaml"), io_case_index("plan.yaml"), load_scenario);
}

static void gmns_answers_every_mutation(void **state) {
    (void)state;
    check(2, io_case_index("network/config.csv"), io_case_index("network/link.csv"), load_network);
}

static void gtfs_answers_every_mutation(void **state) {
    (void)state;
    check(3, io_case_index("gtfs/agency.txt"), io_case_index("gtfs/transfers.txt"), load_transit);
}

static void tables_answer_every_mutation(void **state) {
    (void)state;
    check(4, io_case_index("zones.csv"), io_case_index("margins.csv"), load_tables);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenario_answers_every_mutation), cmocka_unit_test(measures_answer_every_mutation),
        cmocka_unit_test(gmns_answers_every_mutation),     cmocka_unit_test(gtfs_answers_every_mutation),
        cmocka_unit_test(tables_answer_every_mutation),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
