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
#include "io/matsim.h"
#include "io/plans_csv.h"
#include "io_case.h"
#include "io_spoil.h"
#include "matsim_case.h"

enum { CASES_EACH = 250, EDITS_MAX = 3 };

typedef struct fixture {
    char folder[256];
    arena a;
    network n;
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
    matsim_network_info info;
    char path[512];
    log_set_level(LOG_QUIET);
    arena_init(&f.a);
    support_temp_dir(f.folder);
    support_write_file(f.folder, "network.xml", matsim_case_network, strlen(matsim_case_network));
    path_of("network.xml", path);
    assert_ok(matsim_load_network(path, &f.a, &f.n, &info));
    return 0;
}

static int drop(void **state) {
    (void)state;
    arena_free(&f.a);
    io_case_remove(f.folder);
    return 0;
}

static err_code simulate(const network *n, const chain_plans *plans, arena *a) {
    const mobsim_params p = {
        .wave_speed_kmh = 18, .jam_spacing_m = 7.5, .stuck_s = 60, .lorry_pcu = 2, .scale = 1, .end_s = 26000};
    chain_result r;
    TRY(chain_run(n, &p, plans, 5, a, &r));
    assert_int_equal(r.mobsim.unbalanced_s, IX_NONE);
    assert_int_equal(r.mobsim.started, r.mobsim.arrived + r.mobsim.on_network);
    return ERR_OK;
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
        cmocka_unit_test(networks_answer_every_mutation),       cmocka_unit_test(plans_by_nodes_answer_every_mutation),
        cmocka_unit_test(plans_by_links_answer_every_mutation), cmocka_unit_test(csv_answers_every_mutation),
        cmocka_unit_test(plans_with_other_words_are_simulated),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
