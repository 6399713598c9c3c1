// Every indicator has a name in both languages, and no two share one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "world/result_label.h"

static void test_every_indicator_has_both_names(void **state) {
    (void)state;
    for (int i = 0; i < RESULT_INDICATOR_COUNT; i++) {
        for (int nb = 0; nb < 2; nb++) {
            const char *words = result_label((result_indicator)i, nb == 1);
            if (strcmp(words, result_indicator_name((result_indicator)i)) == 0 || strlen(words) > 48) {
                fail_msg("%s: give it a short %s name in sim/world/result_label.c",
                         result_indicator_name((result_indicator)i), nb == 1 ? "Norwegian" : "English");
            }
            for (int k = 0; k < i; k++) {
                assert_string_not_equal(words, result_label((result_indicator)k, nb == 1));
            }
        }
    }
}

static void test_names_find_their_indicator(void **state) {
    (void)state;
    for (int i = 0; i < RESULT_INDICATOR_COUNT; i++) {
        assert_int_equal(result_indicator_find(result_indicator_name((result_indicator)i)), i);
    }
    assert_int_equal(result_indicator_find("nonsense"), RESULT_INDICATOR_COUNT);
    assert_string_equal(result_label(RESULT_INDICATOR_COUNT, true), "?");
}

static void test_units(void **state) {
    (void)state;
    assert_string_equal(result_unit_label("percent", true), "%");
    assert_string_equal(result_unit_label("t", true), "tonn");
    assert_string_equal(result_unit_label("t", false), "tonnes");
    assert_string_equal(result_unit_label("1", true), "");
    assert_string_equal(result_unit_label("m3", false), "m3");
    for (int i = 0; i < RESULT_INDICATOR_COUNT; i++) {
        assert_non_null(result_unit_label(result_indicator_unit((result_indicator)i), true));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_indicator_has_both_names),
        cmocka_unit_test(test_names_find_their_indicator),
        cmocka_unit_test(test_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
