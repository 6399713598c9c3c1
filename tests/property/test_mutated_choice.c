// Spoiled copies of a small choice model and its table, the same ones every time: the readers say something and return,
// and what they accept has probabilities that add up to 1. Crashes and leaks are found by the sanitizer builds.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "io/choice_table.h"
#include "io_case.h"
#include "io_spoil.h"

enum { CASES_EACH = 600, EDITS_MAX = 3 };

static const char model[] =
    "title: small\n"
    "choice: taken\n"
    "weight: w\n"
    "id: who\n"
    "coefficients: {asc: -0.7, b: -0.02, m: 2}\n"
    "variables:\n"
    "  free: pass == 1 or x <= 2.5\n"
    "alternatives:\n"
    "  car: {value: 1, available: pass != 2 and not x > 90, utility: asc + b * x / 10}\n"
    "  bus: {value: 2, utility: b * y * (1 - free) + ln(y) * 0.1}\n"
    "  walk: {value: 3, utility: -(x - y) / 100}\n"
    "nests:\n"
    "  outer: {lambda: 0.8, members: [walk, inner]}\n"
    "  inner: {mu: m, members: [car, bus]}\n";
static const char csv[] =
    "who,taken,w,pass,x,y\n"
    "\"a, b\",1,1,1,20,30\n"
    "c,2,0.5,0,2,31\n"
    "d,3,2,2,5,31\n"
    "\"e \"\"f\"\"\",3,1e0,0,91,31\n";

static char folder[256];

static int make(void **state) {
    (void)state;
    log_set_level(LOG_QUIET);
    support_temp_dir(folder);
    return 0;
}

static int drop(void **state) {
    (void)state;
    io_case_remove(folder);
    return 0;
}

static err_code evaluate(const char *model_path, const char *csv_path, arena *a) {
    choice_model m;
    choice_table *t = NULL;
    choice_rows r = {.count = 1};
    TRY(choice_model_load(model_path, a, &m));
    err_code code = choice_table_open(csv_path, &m, a, &t);
    while (code == ERR_OK && r.count > 0) {
        code = choice_table_next(t, &r);
        for (uint32_t row = 0; code == ERR_OK && row < r.count; row++) {
            double sum = 0.0;
            for (int i = 0; i < m.tree.alternative_count; i++) {
                sum += r.probability[row * (uint32_t)m.tree.alternative_count + (uint32_t)i];
            }
            assert_near(sum, 1.0, 1e-9);
            assert_true(r.log_likelihood[row] <= 1e-9);
        }
    }
    choice_table_close(t);
    return code;
}

static void check(uint64_t seed, const char *content, const char *name) {
    char model_path[512], csv_path[512];
    uint32_t loaded = 0;
    snprintf(model_path, sizeof model_path, "%s/m.yaml", folder);
    snprintf(csv_path, sizeof csv_path, "%s/t.csv", folder);
    support_write_file(folder, "m.yaml", model, strlen(model));
    support_write_file(folder, "t.csv", csv, strlen(csv));
    for (uint32_t k = 0; k < CASES_EACH; k++) {
        uint64_t key = seed * 1000003u + k;
        size_t size = strlen(content);
        char *bytes = malloc(size + EDITS_MAX * IO_SPOIL_GROW_MAX);
        assert_non_null(bytes);
        memcpy(bytes, content, size);
        uint32_t edits = 1 + (uint32_t)(support_random(key, 1001) % EDITS_MAX);
        for (uint32_t e = 0; e < edits; e++) {
            size = io_spoil(bytes, size, key, e);
        }
        support_write_file(folder, name, bytes, size);
        free(bytes);
        arena a;
        arena_init(&a);
        err_clear();
        err_code code = evaluate(model_path, csv_path, &a);
        arena_free(&a);
        loaded += code == ERR_OK ? 1 : 0;
        if (code != ERR_OK && (err_exit_status(code) != 2 || strlen(err_message()) < 10)) {
            fail_msg("case %u of %s: %s: '%s'", k, name, err_name(code), err_message());
        }
    }
    // Neither may be all: then nothing was tested.
    assert_in_range(loaded, 5, CASES_EACH - 100);
}

static void models_answer_every_mutation(void **state) {
    (void)state;
    check(21, model, "m.yaml");
}

static void tables_answer_every_mutation(void **state) {
    (void)state;
    check(22, csv, "t.csv");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_answer_every_mutation),
        cmocka_unit_test(tables_answer_every_mutation),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
