// Spoiled copies of small valid MATSim files and plans.csv, the same ones every time: whatever the readers are given,
// they say something and return, and whatever they accept can be simulated without losing a vehicle. Crashes and leaks
// are found by the sanitizer builds.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/par.h"
#include "io/matsim.h"
#include "io/plans_csv.h"
#include "io/schedule_gtfs.h"
#include "io_case.h"
#include "io_spoil.h"
#include "matsim_case.h"

enum { CASES_EACH = 250, EDITS_MAX = 3 };

typedef struct fixture {
    char folder[256];
    arena a;
    network n;
    matsim_network_info info;
} fixture;

static fixture f;

static const char csv[] =
    "person_id,leg,mode,kind,vehicle,activity,end_time,max_dur,trav_time,start_link_id,end_link_id,link_ids\n"
    "p1,1,car,drive,car,home,07:00:00,,,a,c,b c\n"
    "p1,2,walk,teleport,,work,,00:10:00,00:02:30,c,a,\n"
    "p1,3,,,,home,,,,,,\n"
    "p2,1,truck,drive,lorry,home,25:00:01,,,c,d,d\n";

static void path_of(const char *name, char out[512]) {
    snprintf(out, 512, "%s/%s", f.folder, name);
}

static int make(void **state) {
    (void)state;
    char path[512];
    log_set_level(LOG_QUIET);
    par_set_threads(1);  // thousands of small days
    arena_init(&f.a);
    support_temp_dir(f.folder);
    support_write_file(f.folder, "network.xml", matsim_case_network, strlen(matsim_case_network));
    path_of("network.xml", path);
    assert_ok(matsim_load_network(path, &f.a, &f.n, &f.info));
    return 0;
}

static int drop(void **state) {
    (void)state;
    arena_free(&f.a);
    io_case_remove(f.folder);
    return 0;
}

static err_code simulate_with(const network *n, const chain_plans *plans, const schedule *s, arena *a) {
    const mobsim_params p = {
        .wave_speed_kmh = 18, .jam_spacing_m = 7.5, .stuck_s = 60, .lorry_pcu = 2, .scale = 1, .end_s = 26000};
    chain_result r;
    TRY(chain_run(n, &p, plans, s, 5, a, &r));
    assert_int_equal(r.mobsim.unbalanced_s, IX_NONE);
    assert_int_equal(r.mobsim.started, r.mobsim.arrived + r.mobsim.on_network);
    uint32_t served = 0;
    for (uint32_t leg = 0; leg < plans->leg_count; leg++) {
        served += r.outcome[leg] == CHAIN_SERVED;
    }
    if (s != NULL) {  // nobody is lost between stop and stop
        assert_true(r.transit.completed <= r.transit.departures && r.transit.departures <= s->departure_count);
        assert_int_equal(r.transit.boardings, served + r.transit.riding);
    }
    return ERR_OK;
}

static err_code simulate(const network *n, const chain_plans *plans, arena *a) {
    return simulate_with(n, plans, NULL, a);
}

static err_code ride(schedule *s, arena *a) {
    chain_plans plans;
    char path[512];
    support_write_file(f.folder, "riders.xml", matsim_case_riders, strlen(matsim_case_riders));
    path_of("riders.xml", path);
    assert_ok(matsim_load_plans(path, &f.n, a, &plans));
    (void)chain_place_schedule(&f.n, s);
    return simulate_with(&f.n, &plans, s, a);
}

static err_code load_schedule(const char *path, arena *a) {
    schedule s;
    char vehicles[512];
    support_write_file(f.folder, "vehicles.xml", matsim_case_vehicles, strlen(matsim_case_vehicles));
    path_of("vehicles.xml", vehicles);
    TRY(matsim_load_schedule(path, vehicles, &f.n, &f.info, a, &s));
    return ride(&s, a);
}

static err_code load_vehicles(const char *path, arena *a) {
    schedule s;
    char schedule_path[512];
    support_write_file(f.folder, "schedule.xml", matsim_case_schedule, strlen(matsim_case_schedule));
    path_of("schedule.xml", schedule_path);
    TRY(matsim_load_schedule(schedule_path, path, &f.n, &f.info, a, &s));
    return ride(&s, a);
}

static err_code load_riders(const char *path, arena *a) {
    schedule s;
    chain_plans plans;
    char schedule_path[512];
    support_write_file(f.folder, "schedule.xml", matsim_case_schedule, strlen(matsim_case_schedule));
    path_of("schedule.xml", schedule_path);
    assert_ok(matsim_load_schedule(schedule_path, NULL, &f.n, &f.info, a, &s));
    (void)chain_place_schedule(&f.n, &s);
    TRY(matsim_load_plans(path, &f.n, a, &plans));
    return simulate_with(&f.n, &plans, &s, a);
}

static err_code load_network(const char *path, arena *a) {
    network n;
    matsim_network_info info;
    chain_plans plans;
    char plans_path[512];
    TRY(matsim_load_network(path, a, &n, &info));
    support_write_file(f.folder, "plans.xml", matsim_case_v6, strlen(matsim_case_v6));
    path_of("plans.xml", plans_path);
    assert_ok(matsim_load_plans(plans_path, &n, a, &plans));  // good plans fit any network, or are counted
    return simulate(&n, &plans, a);
}

static err_code load_plans(const char *path, arena *a) {
    chain_plans plans;
    TRY(matsim_load_plans(path, &f.n, a, &plans));
    return simulate(&f.n, &plans, a);
}

static err_code load_csv(const char *path, arena *a) {
    chain_plans plans;
    TRY(plans_csv_load(path, &f.n, a, &plans));
    return simulate(&f.n, &plans, a);
}

static void check(uint64_t seed, const char *content, uint32_t edits_max, err_code (*load)(const char *, arena *)) {
    uint32_t loaded = 0;
    char path[512];
    path_of("spoiled", path);
    for (uint32_t k = 0; k < CASES_EACH; k++) {
        uint64_t key = seed * 1000003u + k;
        size_t size = strlen(content);
        char *bytes = malloc(size + EDITS_MAX * IO_SPOIL_GROW_MAX);
        assert_non_null(bytes);
        memcpy(bytes, content, size);
        uint32_t edits = 1 + (uint32_t)(support_random(key, 1001) % edits_max);
        for (uint32_t e = 0; e < edits; e++) {
            size = io_spoil(bytes, size, key, e);
        }
        support_write_file(f.folder, "spoiled", bytes, size);
        free(bytes);
        arena a;
        arena_init(&a);
        err_clear();
        err_code code = load(path, &a);
        arena_free(&a);
        loaded += code == ERR_OK ? 1 : 0;
        if (code != ERR_OK && (err_exit_status(code) != 2 || strlen(err_message()) < 10)) {
            fail_msg("case %u of seed %u: %s: '%s'", k, (unsigned)seed, err_name(code), err_message());
        }
    }
    // Neither may be all: then nothing was tested.
    assert_in_range(loaded, 5, CASES_EACH - 50);
}

static void networks_answer_every_mutation(void **state) {
    (void)state;
    check(11, matsim_case_network, EDITS_MAX, load_network);
}

static void plans_by_nodes_answer_every_mutation(void **state) {
    (void)state;
    check(12, matsim_case_v4, EDITS_MAX, load_plans);
}

static void plans_by_links_answer_every_mutation(void **state) {
    (void)state;
    check(13, matsim_case_v6, EDITS_MAX, load_plans);
}

static void schedules_answer_every_mutation(void **state) {
    (void)state;
    check(16, matsim_case_schedule, EDITS_MAX, load_schedule);
}

static void vehicles_answer_every_mutation(void **state) {
    (void)state;
    check(17, matsim_case_vehicles, EDITS_MAX, load_vehicles);
}

static void routes_by_public_transport_answer_every_mutation(void **state) {
    (void)state;
    check(18, matsim_case_riders, EDITS_MAX, load_riders);
}

// A GTFS folder with the files of import matsim, each of them spoiled in turn.
static const char *spoiled_file;

static err_code load_gtfs(const char *path, arena *a) {
    schedule s;
    char gtfs[512], schedule_path[512], target[600], name[64];
    support_write_file(f.folder, "schedule.xml", matsim_case_schedule, strlen(matsim_case_schedule));
    path_of("schedule.xml", schedule_path);
    path_of("gtfs", gtfs);
    assert_ok(matsim_load_schedule(schedule_path, NULL, &f.n, &f.info, a, &s));
    assert_ok(schedule_gtfs_save(gtfs, &f.n, &s));
    snprintf(name, sizeof name, "%.60s", spoiled_file);
    snprintf(target, sizeof target, "%s/%s", gtfs, name);
    assert_int_equal(rename(path, target), 0);
    TRY(schedule_gtfs_load(gtfs, &f.n, a, &s));
    return ride(&s, a);
}

static void gtfs_folders_answer_every_mutation(void **state) {
    (void)state;
    static const char *const names[] = {"stops.txt",    "routes.txt",   "trips.txt",    "stop_times.txt",
                                        "patterns.txt", "vehicles.txt", "transfers.txt"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[600], gtfs[512], *bytes;
        size_t count;
        arena a;
        schedule s;
        arena_init(&a);
        support_write_file(f.folder, "schedule.xml", matsim_case_schedule, strlen(matsim_case_schedule));
        path_of("schedule.xml", path);
        path_of("gtfs", gtfs);
        assert_ok(matsim_load_schedule(path, NULL, &f.n, &f.info, &a, &s));
        assert_ok(schedule_gtfs_save(gtfs, &f.n, &s));
        snprintf(path, sizeof path, "%s/%s", gtfs, names[i]);
        assert_ok(table_read_file(path, 1 << 20, &a, &bytes, &count));
        spoiled_file = names[i];
        check(20 + i, bytes, EDITS_MAX, load_gtfs);
        (void)remove(path);
        arena_free(&a);
    }
    char path[512];
    path_of("gtfs", path);
    io_case_remove(path);
}

static void csv_answers_every_mutation(void **state) {
    (void)state;
    check(14, csv, EDITS_MAX, load_csv);
}

// Numbers and ids are changed more often than the markup, so that more of it is read.
static void plans_with_other_words_are_simulated(void **state) {
    (void)state;
    static const char *const words[] = {"n1", "n2", "n3", "n4", "a", "b", "c", "d", "b2", "t", "0", "25200", "x"};
    enum { WORDS = sizeof words / sizeof *words };
    uint32_t unusable = 0;
    char path[512];
    path_of("words.xml", path);
    for (uint32_t k = 0; k < CASES_EACH; k++) {
        char content[2048];
        const char *w[8];
        for (uint32_t i = 0; i < 8; i++) {
            w[i] = words[support_random(15, k * 8 + i) % WORDS];
        }
        snprintf(
            content, sizeof content,
            "<population><person id=\"p\"><plan><activity link=\"%s\" end_time=\"25200\"/><leg mode=\"car\"><route "
            "type=\"links\">%s %s %s %s</route></leg><activity link=\"%s\" max_dur=\"5\"/><leg mode=\"truck\">"
            "<route>%s %s</route></leg><activity link=\"d\"/></plan></person></population>",
            w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
        support_write_file(f.folder, "words.xml", content, strlen(content));
        arena a;
        chain_plans plans;
        arena_init(&a);
        assert_ok(matsim_load_plans(path, &f.n, &a, &plans));
        unusable += plans.leg[0].kind == CHAIN_UNUSABLE;
        assert_ok(simulate(&f.n, &plans, &a));
        arena_free(&a);
    }
    assert_in_range(unusable, 100, CASES_EACH);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_answer_every_mutation),
        cmocka_unit_test(plans_by_nodes_answer_every_mutation),
        cmocka_unit_test(plans_by_links_answer_every_mutation),
        cmocka_unit_test(csv_answers_every_mutation),
        cmocka_unit_test(plans_with_other_words_are_simulated),
        cmocka_unit_test(schedules_answer_every_mutation),
        cmocka_unit_test(vehicles_answer_every_mutation),
        cmocka_unit_test(routes_by_public_transport_answer_every_mutation),
        cmocka_unit_test(gtfs_folders_answer_every_mutation),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
