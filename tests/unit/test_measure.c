// The table of measure kinds, and that docs/formats.md has it as it is.
#include "world/measure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "world/scenario.h"

enum { ROW_BYTES = 512, DOCS_BYTES = 1 << 20 };

static void every_kind_is_complete(void **state) {
    (void)state;
    for (int k = 0; k < MEASURE_KIND_COUNT; k++) {
        const measure_rule *r = measure_rule_of((measure_kind)k);
        assert_true(strlen(r->name) > 3 && strlen(r->doc) > 10);
        assert_true(r->target < MEASURE_TARGET_COUNT && r->text < MEASURE_TEXT_COUNT);
        assert_true((r->target == MEASURE_NO_TARGET) == (measure_target_words(r->target)[0] == '\0'));
        assert_true((r->text == MEASURE_NO_TEXT) == (measure_text_words(r->text)[0] == '\0'));
        assert_true(measure_has_value((measure_kind)k) ? r->min < r->max : r->min == r->max);
        // a measure without any of the three would say nothing but its year
        assert_true(measure_has_value((measure_kind)k) || r->target != MEASURE_NO_TARGET || r->text != MEASURE_NO_TEXT);
        assert_string_equal(scenario_measure_name((measure_kind)k), r->name);
    }
}

static void the_documented_table_is_this_one(void **state) {
    (void)state;
    static char docs[DOCS_BYTES];
    FILE *f = fopen(VESTSIM_SOURCE_DIR "/docs/formats.md", "rb");
    assert_non_null(f);
    size_t bytes = fread(docs, 1, sizeof docs - 1, f);
    assert_int_equal(fclose(f), 0);
    docs[bytes] = '\0';
    uint32_t missing = 0;
    for (int k = 0; k < MEASURE_KIND_COUNT; k++) {
        char row[ROW_BYTES];
        measure_document((measure_kind)k, row, sizeof row);
        if (strstr(docs, row) == NULL) {
            print_message("docs/formats.md lacks this row:\n%s\n", row);
            missing++;
        }
    }
    assert_int_equal(missing, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_complete),
        cmocka_unit_test(the_documented_table_is_this_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
