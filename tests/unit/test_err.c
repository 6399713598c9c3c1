#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static void keeps_the_last_message(void **state) {
    (void)state;
    assert_int_equal(err_raise(ERR_FILE, "a.csv:%d: gone", 7), ERR_FILE);
    assert_string_equal(err_message(), "a.csv:7: gone");
    assert_int_equal(err_raise(ERR_RANGE, "other"), ERR_RANGE);
    assert_string_equal(err_message(), "other");
    err_clear();
    assert_string_equal(err_message(), "");
}

static void prefixes_the_present_message(void **state) {
    (void)state;
    err_raise(ERR_RANGE, "speed is %s", "negative");
    assert_int_equal(err_prefix(ERR_RANGE, "%s:%d", "link.csv", 3), ERR_RANGE);
    assert_string_equal(err_message(), "link.csv:3: speed is negative");
}

static void may_quote_its_own_message(void **state) {
    (void)state;
    err_raise(ERR_RANGE, "inner");
    err_raise(ERR_FORMAT, "outer (%s)", err_message());
    assert_string_equal(err_message(), "outer (inner)");
}

static void cuts_long_messages_between_characters(void **state) {
    (void)state;
    static char longish[5000];
    for (size_t i = 0; i + 2 < sizeof longish; i += 2) {
        memcpy(longish + i, "\xC3\xB8", 2);  // a two-byte letter
    }
    for (int shift = 0; shift < 2; shift++) {
        err_raise(ERR_FORMAT, "%s%s", shift == 0 ? "" : "x", longish);
        size_t length = strlen(err_message());
        assert_in_range(length, 2000, 2047);
        assert_string_equal(err_message() + length - 4, " ...");
        assert_int_equal((unsigned char)err_message()[length - 5], 0xB8);  // a whole letter stands before the mark
    }
    err_prefix(ERR_FORMAT, "%s", "file:1");
    assert_memory_equal(err_message(), "file:1: ", 8);
    assert_in_range(strlen(err_message()), 2000, 2047);
}

static void names_every_code_differently(void **state) {
    (void)state;
    for (int a = 0; a < ERR_COUNT; a++) {
        assert_true(strlen(err_name((err_code)a)) > 1);
        assert_string_not_equal(err_name((err_code)a), "unknown");
        for (int b = 0; b < a; b++) {
            assert_string_not_equal(err_name((err_code)a), err_name((err_code)b));
        }
    }
    assert_string_equal(err_name(ERR_COUNT), "unknown");
    assert_string_equal(err_name((err_code)-3), "unknown");
}

static void gives_the_documented_exit_statuses(void **state) {
    (void)state;
    static const int expected[ERR_COUNT] = {
        [ERR_OK] = 0,     [ERR_USAGE] = 1,         [ERR_FILE] = 2,       [ERR_FORMAT] = 2,
        [ERR_RANGE] = 2,  [ERR_REFERENCE] = 2,     [ERR_INFEASIBLE] = 2, [ERR_NOT_CONVERGED] = 3,
        [ERR_MEMORY] = 4, [ERR_INTERRUPTED] = 130, [ERR_INTERNAL] = 4,
    };
    for (int c = 0; c < ERR_COUNT; c++) {
        assert_int_equal(err_exit_status((err_code)c), expected[c]);
    }
}

static err_code fails_through(int *reached) {
    TRY(ERR_OK);
    *reached = 1;
    CHECK(*reached == 1, ERR_INTERNAL, "cannot happen");
    TRY(err_raise(ERR_REFERENCE, "below"));
    *reached = 2;
    return ERR_OK;
}

static err_code fails_check(int value) {
    CHECK(value < 3, ERR_RANGE, "%d is not below 3", value);
    return ERR_OK;
}

static void macros_leave_at_the_first_error(void **state) {
    (void)state;
    int reached = 0;
    assert_int_equal(fails_through(&reached), ERR_REFERENCE);
    assert_int_equal(reached, 1);
    assert_string_equal(err_message(), "below");
    assert_int_equal(fails_check(2), ERR_OK);
    assert_int_equal(fails_check(3), ERR_RANGE);
    assert_string_equal(err_message(), "3 is not below 3");
}

static void threads_have_messages_of_their_own(void **state) {
    (void)state;
    err_raise(ERR_FILE, "outside");
    int wrong = 0;
#pragma omp parallel for num_threads(4) schedule(static, 1) reduction(+ : wrong)
    for (int i = 0; i < 64; i++) {
        char expected[32];
        snprintf(expected, sizeof expected, "item %d", i);
        err_raise(ERR_RANGE, "item %d", i);
        wrong += strcmp(err_message(), expected) != 0;
    }
    assert_int_equal(wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_last_message),          cmocka_unit_test(prefixes_the_present_message),
        cmocka_unit_test(may_quote_its_own_message),       cmocka_unit_test(cuts_long_messages_between_characters),
        cmocka_unit_test(names_every_code_differently),    cmocka_unit_test(gives_the_documented_exit_statuses),
        cmocka_unit_test(macros_leave_at_the_first_error), cmocka_unit_test(threads_have_messages_of_their_own),
    };
    return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
