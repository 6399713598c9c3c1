// Choice models as YAML: what is read, and that every mistake is named with its place and a remedy.
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
#include "support.h"

static const char good[] =
    "choice: taken\n"
    "coefficients:\n"
    "  b: -0.5\n"
    "  mu_in: 4\n"
    "alternatives:\n"
    "  car: {value: 1, utility: b * x}\n"
    "  bus: {value: 2, utility: b * y}\n"
    "  walk: {value: 3, utility: 0}\n"
    "nests:\n"
    "  outer: {mu: 2, members: [walk, inner]}\n"
    "  inner: {mu: mu_in, members: [car, bus]}\n";

static char folder[256];
static arena a;

static int set_up(void **state) {
    (void)state;
    log_set_level(LOG_QUIET);
    support_temp_dir(folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    io_case_remove(folder);
    return 0;
}

static int start(void **state) {
    (void)state;
    arena_init(&a);
    return 0;
}

static int stop(void **state) {
    (void)state;
    arena_free(&a);
    return 0;
}

static err_code load(const char *content, choice_model *m) {
    char path[512];
    support_write_file(folder, "m.yaml", content, strlen(content));
    snprintf(path, sizeof path, "%s/m.yaml", folder);
    return choice_model_load(path, &a, m);
}

static void reads_a_tree_whose_nests_come_in_any_order(void **state) {
    (void)state;
    choice_model m;
    assert_ok(load(good, &m));
    assert_int_equal(m.tree.alternative_count, 3);
    assert_int_equal(m.tree.nest_count, 3);
    assert_string_equal(m.name[1], "bus");
    assert_string_equal(m.value[1], "2");
    assert_int_equal(m.tree.nest_parent[2], 1);
    assert_near(m.tree.nest_lambda[1], 0.5, 0);
    assert_near(m.tree.nest_lambda[2], 0.5, 0);  // mu 4 against the root is 1/2 against the nest above
    assert_int_equal(m.tree.alternative_nest[0], 2);
    assert_int_equal(m.tree.alternative_nest[2], 1);
    assert_int_equal(log_warning_count(), 0);
    // The inner nest first in the file: the same tree.
    choice_model turned;
    char content[1024] = "";
    size_t head = (size_t)(strstr(good, "  outer") - good);
    memcpy(content, good, head);
    content[head] = '\0';
    strcat(content, "  inner: {lambda: 0.5, members: [car, bus]}\n  outer: {mu: 2, members: [walk, inner]}\n");
    assert_ok(load(content, &turned));
    assert_memory_equal(&turned.tree, &m.tree, sizeof m.tree);
    assert_int_equal(log_warning_count(), 1);  // mu_in is not used now
}

// The first place of `find` in the good model becomes `replace`; the message names line and column and has the words.
static void check_bad(const char *find, const char *replace, err_code code, const char *place, const char *words) {
    char content[2048];
    char wanted[300];
    choice_model m;
    const char *at = strstr(good, find);
    assert_non_null(at);
    snprintf(content, sizeof content, "%.*s%s%s", (int)(at - good), good, replace, at + strlen(find));
    snprintf(wanted, sizeof wanted, "/m.yaml:%s: ", place);
    assert_error(load(content, &m), code, wanted);
    assert_error(code, code, words);
}

static void names_place_and_remedy_of_bad_nests(void **state) {
    (void)state;
    check_bad("mu: 2", "mu: 0.8", ERR_RANGE, "10:15", "mu must not fall from the root (1) to the leaves");
    check_bad("mu: 2", "lambda: 1.2", ERR_RANGE, "10:19", "above 0 and at most 1");
    check_bad("mu: 2", "lambda: 0", ERR_RANGE, "10:19", "dissolve the nest");
    check_bad("mu: 2", "lambda: -0.5", ERR_RANGE, "10:19", "lambda -0.5");
    check_bad("mu: 2", "lambda: 1e-9", ERR_RANGE, "10:3", "the numbers are lost");
    check_bad("mu: mu_in", "mu: 1.5", ERR_RANGE, "11:15", "below 2 of what is above it");
    check_bad("mu: mu_in", "mu: x", ERR_REFERENCE, "11:15", "'x' is not a number and no coefficient");
    check_bad("mu: mu_in", "lambda: 1, mu: 4", ERR_FORMAT, "11:3", "either lambda");
    check_bad("mu: mu_in, ", "", ERR_FORMAT, "11:3", "either lambda");
    check_bad("mu: 2", "theta: 2", ERR_FORMAT, "10:11", "it may have: lambda, mu, members");
    check_bad("walk, inner", "walk, other", ERR_REFERENCE, "10:34", "no alternative and no nest 'other'");
    check_bad("walk, inner", "walk, walk", ERR_REFERENCE, "10:34", "in a nest already");
    check_bad("walk, inner", "walk, car", ERR_REFERENCE, "11:32", "'car' is in a nest already");
    check_bad("walk, inner", "walk, outer", ERR_REFERENCE, "10:3", "lies within itself");
    check_bad("[walk, inner]", "[]", ERR_FORMAT, "10:27", "needs 'members");
    check_bad("outer:", "car:", ERR_REFERENCE, "10:3", "is an alternative already");
}

static void names_place_and_remedy_of_bad_parts(void **state) {
    (void)state;
    check_bad("choice:", "chosen:", ERR_FORMAT, "1:1",
              "a choice model has no key 'chosen'; it may have: title, choice");
    check_bad("b: -0.5", "b: fast", ERR_REFERENCE, "3:6", "'fast' is not a number");
    check_bad("b: -0.5", "b: 1 / 0", ERR_RANGE, "3:6", "not a finite number");
    check_bad("b: -0.5", "not: 1", ERR_FORMAT, "3:3", "cannot be the name of a coefficient");
    check_bad("b: -0.5", "1b: 1", ERR_FORMAT, "3:3", "cannot be the name");
    check_bad("value: 2", "value: 1", ERR_REFERENCE, "7:8", "'car' and 'bus' have the same value '1'");
    check_bad("{value: 3, utility: 0}", "{value: 3}", ERR_FORMAT, "8:3", "add 'utility");
    check_bad("alternatives:", "title:", ERR_FORMAT, "6:3", "'title' must be a text");
    check_bad("  b: -0.5\n  mu_in: 4\n", "  - 1\n", ERR_FORMAT, "3:3", "must be a map");
}

static void names_what_is_wrong_in_an_expression(void **state) {
    (void)state;
    static const struct {
        const char *expression, *words;
    } bad[] = {{"b *", "a number or name is missing at the end"},
               {"b * * x", "a number or name is missing before '*'"},
               {"(b * x", "')' is missing before ''"},
               {"b x", "'x' is not expected here"},
               {"b ^ 2", "'^ 2' is not understood"},
               {"b = 2", "'= 2' is not understood"},
               {"ln x", "'(' is missing after ln"},
               {"b < x < y", "'<' is not expected here"},
               {"and", "is missing before 'and'"},
               {"1e999", "too large"},
               {"''", "an expression such as"},
               {"[x]", "an expression such as"},
               {"((((((((((((((((((((((((((((((((((x))))))))))))))))))))))))))))))))))", "parentheses are more than"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        check_bad("b * y", bad[i].expression, i == 9 || i == 12 ? ERR_RANGE : ERR_FORMAT, i == 10 ? "7:29" : "7:28",
                  bad[i].words);
    }
    char deep[1200] = "b";  // many signs are no depth
    for (int i = 0; i < 100; i++) {
        strcat(deep, " - - ");
    }
    strcat(deep, "y");
    choice_model m;
    char content[2048];
    const char *at = strstr(good, "b * y");
    snprintf(content, sizeof content, "%.*s%s%s", (int)(at - good), good, deep, at + 5);
    assert_ok(load(content, &m));
}

// Variables that double each other would be a program of 2^40 steps.
static void variables_that_grow_beyond_bounds_are_refused(void **state) {
    (void)state;
    char content[4096] = "variables:\n  v0: x\n";
    for (int i = 1; i < 40; i++) {
        snprintf(content + strlen(content), sizeof content - strlen(content), "  v%d: v%d + v%d\n", i, i - 1, i - 1);
    }
    strcat(content, "alternatives: {one: {utility: v39}}\n");
    choice_model m;
    assert_error(load(content, &m), ERR_RANGE, "divide it into variables");
}

// Values of expressions, by the utility of the only alternative.
static void expressions_have_their_values(void **state) {
    (void)state;
    static const struct {
        const char *expression;
        double value;
    } known[] = {{"1 + 2 * 3", 7},
                 {"(1 + 2) * 3", 9},
                 {"8 / 4 / 2", 1},
                 {"8 - 4 - 2", 2},
                 {"-x * -y", 6},
                 {"2 - -3", 5},
                 {"x == 2", 1},
                 {"x != 2", 0},
                 {"x < y", 1},
                 {"x <= 2", 1},
                 {"x > y", 0},
                 {"y >= 3.0", 1},
                 {"not x == 2", 0},
                 {"not not x", 1},
                 {"x == 1 or y == 3 and x == 2", 1},
                 {"(x == 1 or y == 3) and x == 1", 0},
                 {"5 * (x == 2) + 7 * (x == 3)", 5},
                 {"ln(1) + x.y", 4},
                 {"1.5e1 + .5", 15.5},
                 {"x * y / 100", 0.06}};
    char path[512];
    static const char csv[] = "x,y,x.y\n2,3,4\n";
    support_write_file(folder, "t.csv", csv, sizeof csv - 1);
    snprintf(path, sizeof path, "%s/t.csv", folder);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        choice_model m;
        choice_table *t;
        choice_rows r;
        char content[300];
        snprintf(content, sizeof content, "alternatives:\n  one: {utility: \"%s\"}\n", known[i].expression);
        assert_ok(load(content, &m));
        assert_ok(choice_table_open(path, &m, &a, &t));
        assert_ok(choice_table_next(t, &r));
        assert_int_equal(r.count, 1);
        assert_near(r.utility[0], known[i].value, 1e-15);
        assert_near(r.probability[0], 1.0, 0);
        assert_ok(choice_table_next(t, &r));
        assert_int_equal(r.count, 0);
        choice_table_close(t);
    }
}

static void running_out_of_memory_is_an_error(void **state) {
    (void)state;
    char path[512];
    static const char csv[] = "x,y,taken\n2,3,1\n";
    support_write_file(folder, "t.csv", csv, sizeof csv - 1);
    snprintf(path, sizeof path, "%s/t.csv", folder);
    bool through = false;
    for (int64_t k = 0; k < 200 && !through; k++) {
        choice_model m;
        choice_table *t = NULL;
        choice_rows r;
        mem_fail_after(k);
        err_code code = load(good, &m);
        code = code == ERR_OK ? choice_table_open(path, &m, &a, &t) : code;
        code = code == ERR_OK ? choice_table_next(t, &r) : code;
        mem_fail_after(-1);
        choice_table_close(t);
        arena_free(&a);
        through = code == ERR_OK;
        assert_true(through || code == ERR_MEMORY);
    }
    assert_true(through);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(reads_a_tree_whose_nests_come_in_any_order),
        CASE(names_place_and_remedy_of_bad_nests),
        CASE(names_place_and_remedy_of_bad_parts),
        CASE(names_what_is_wrong_in_an_expression),
        CASE(variables_that_grow_beyond_bounds_are_refused),
        CASE(expressions_have_their_values),
        CASE(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
