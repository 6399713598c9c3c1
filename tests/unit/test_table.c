#include "base/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

static arena memory;

static int start(void **state) {
    (void)state;
    arena_init(&memory);
    return 0;
}

static int stop(void **state) {
    (void)state;
    arena_free(&memory);
    return 0;
}

static const table *parse(const char *csv) {
    table *t = NULL;
    assert_ok(table_parse("t.csv", csv, strlen(csv), &memory, &t));
    assert_non_null(t);
    return t;
}

static void expect_error(const char *csv, size_t bytes, const char *message) {
    table *t = NULL;
    assert_error(table_parse("t.csv", csv, bytes, &memory, &t), ERR_FORMAT, message);
    assert_null(t);
}

static void expect_text_error(const char *csv, const char *message) {
    expect_error(csv, strlen(csv), message);
}

static void reads_names_rows_and_cells(void **state) {
    (void)state;
    const table *t = parse("id,name\na,Vestby\nb,Son\n");
    assert_string_equal(table_name(t), "t.csv");
    assert_int_equal(table_row_count(t), 2);
    assert_int_equal(table_column_count(t), 2);
    assert_int_equal(table_column(t, "name"), 1);
    assert_int_equal(table_column(t, "nam"), IX_NONE);
    assert_string_equal(table_column_name(t, 0), "id");
    assert_string_equal(table_text(t, 1, 1), "Son");
    assert_string_equal(table_text(t, 1, IX_NONE), "");
    assert_true(table_is_empty(t, 0, IX_NONE));
    assert_false(table_is_empty(t, 0, 0));
}

static void accepts_every_usual_way_to_end_lines(void **state) {
    (void)state;
    static const char *const same[] = {"id,name\na,b\nc,d\n", "id,name\r\na,b\r\nc,d\r\n", "id,name\na,b\nc,d",
                                       "\xEF\xBB\xBFid,name\r\na,b\nc,d\r\n", "\n\nid,name\n\na,b\n  \nc,d\n\n\n"};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        const table *t = parse(same[i]);
        assert_int_equal(table_row_count(t), 2);
        assert_string_equal(table_column_name(t, 0), "id");
        assert_string_equal(table_text(t, 0, 1), "b");
        assert_string_equal(table_text(t, 1, 0), "c");
        assert_string_equal(table_text(t, 1, 1), "d");
    }
}

static void trims_blanks_and_unquotes(void **state) {
    (void)state;
    const table *t = parse("a,b,c\n  x y\t, \"p, \"\"q\"\"\" ,\"  \"\n,,\"\"\n");
    assert_string_equal(table_text(t, 0, 0), "x y");
    assert_string_equal(table_text(t, 0, 1), "p, \"q\"");
    assert_string_equal(table_text(t, 0, 2), "");
    assert_true(table_is_empty(t, 1, 0) && table_is_empty(t, 1, 1) && table_is_empty(t, 1, 2));
}

static void quoted_cells_may_hold_lines_and_rows_keep_their_line(void **state) {
    (void)state;
    const table *t = parse("a,b\n\"one\ntwo\r\nthree\",2\n\nlast,3\n");
    assert_string_equal(table_text(t, 0, 0), "one\ntwo\r\nthree");
    assert_int_equal(table_line(t, 0), 2);
    assert_int_equal(table_line(t, 1), 6);
}

static void a_single_column_may_hold_a_quoted_empty_cell(void **state) {
    (void)state;
    const table *t = parse("id\na\n\n\"\"\nb\n");
    assert_int_equal(table_row_count(t), 3);
    assert_string_equal(table_text(t, 1, 0), "");
    assert_int_equal(table_line(t, 1), 4);
}

static void a_header_without_rows_is_a_table(void **state) {
    (void)state;
    assert_int_equal(table_row_count(parse("id,name\n")), 0);
    assert_int_equal(table_row_count(parse("id,name")), 0);
}

static void rejects_an_empty_file(void **state) {
    (void)state;
    expect_text_error("", "t.csv: is empty");
    expect_text_error("\n \r\n", "t.csv: is empty");
    expect_text_error("\xEF\xBB\xBF", "t.csv: is empty");
}

static void rejects_rows_of_another_length(void **state) {
    (void)state;
    expect_text_error("a,b\n1,2\n3\n", "t.csv:3: the row has 1 cells where the header has 2; write a comma");
    expect_text_error("a,b\n1,2,5\n", "t.csv:2: the row has 3 cells where the header has 2; quote cells");
    expect_text_error("a,b\n1,2,5\n", "decimal point");
}

static void rejects_broken_quotes(void **state) {
    (void)state;
    expect_text_error("a,b\n1,2\n\"x,3\n4,5\n", "t.csv:3: the quote opened here is never closed");
    expect_text_error("a,b\n\"x\"y,3\n", "t.csv:2: text follows a closing quote");
    expect_text_error("a,b\nx\"y,3\n", "t.csv:2: a quote inside an unquoted cell");
    expect_text_error("a,b\n\"", "t.csv:2: the quote opened here");
}

static void rejects_old_line_ends_and_semicolons(void **state) {
    (void)state;
    expect_text_error("a,b\r1,2\r", "t.csv:1: a carriage return without a line feed");
    expect_text_error("a;b\n1,5;2\n", "t.csv:1: the cells are separated by ';'");
}

static void rejects_two_columns_of_a_name(void **state) {
    (void)state;
    expect_text_error("a,b,a\n", "t.csv:1: has two columns 'a'");
    assert_int_equal(table_column_count(parse("a,,\n1,2,3\n")), 3);  // nameless columns cannot be confused
}

static void rejects_nul_bytes(void **state) {
    (void)state;
    expect_error("a,b\n1,2\n3,\0\n", 12, "t.csv:3: has a NUL byte");
}

static void rejects_what_is_not_utf8(void **state) {
    (void)state;
    // Unicode 15, table 3-7: no overlong forms, surrogates, values beyond U+10FFFF or lone bytes
    static const char *const bad[] = {
        "\x80",         "\xC3",         "\xC3(",        "\xC0\xAF",         "\xC1\xBF",
        "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82",     "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
        "\xF5\x80",     "\xFF\xFE",     "S\xF8rby \xE5"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char csv[64];
        snprintf(csv, sizeof csv, "a\nok\n%s\n", bad[i]);
        expect_text_error(csv, "t.csv:3: is not UTF-8");
    }
    static const char *const good[] = {"\xC2\x80",     "\xDF\xBF",         "\xE0\xA0\x80",     "\xED\x9F\xBF",
                                       "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "H\xC3\xB8len"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_ok(table_check_utf8("t", good[i], strlen(good[i])));
    }
}

static void rejects_a_line_of_10_megabytes(void **state) {
    (void)state;
    size_t bytes = 10000000;
    char *csv = arena_alloc(&memory, bytes + 1, 1);
    assert_non_null(csv);
    memset(csv, 'x', bytes);
    memcpy(csv, "a,b\n1,", 6);
    expect_error(csv, bytes, "t.csv:2: the line has 9999996 bytes; at most 1048576");
}

static void a_line_of_just_the_limit_is_read(void **state) {
    (void)state;
    size_t line = (size_t)1 << 20;
    char *csv = arena_alloc(&memory, line + 3, 1);
    assert_non_null(csv);
    memcpy(csv, "a\n", 2);
    memset(csv + 2, 'x', line);
    table *t;
    assert_ok(table_parse("t.csv", csv, line + 2, &memory, &t));
    assert_int_equal(strlen(table_text(t, 0, 0)), line);
    csv[line + 2] = 'x';
    expect_error(csv, line + 3, "t.csv:2: the line has 1048577 bytes");
}

static void rejects_thousands_of_columns(void **state) {
    (void)state;
    char csv[6000];
    memset(csv, ',', sizeof csv);
    expect_error(csv, sizeof csv, "t.csv:1: has more than 4096 columns");
}

static void a_missing_column_lists_those_that_exist(void **state) {
    (void)state;
    uint32_t size_column = 5;
    const table *t = parse("id,name,size\n");
    assert_ok(table_require(t, "size", &size_column));
    assert_int_equal(size_column, 2);
    assert_error(table_require(t, "zone_id", &size_column), ERR_FORMAT,
                 "t.csv:1: column 'zone_id' is missing; the file has: id, name, size");
    assert_int_equal(size_column, IX_NONE);
    char wide[5000] = "c0";
    for (int i = 1; i < 700; i++) {
        snprintf(wide + strlen(wide), sizeof wide - strlen(wide), ",c%d", i);
    }
    assert_error(table_require(parse(wide), "x", &size_column), ERR_FORMAT, "the file has: c0, c1,");
}

static void reads_numbers_in_their_range(void **state) {
    (void)state;
    const table *t = parse("x\n12.5\n-3e2\n+0.25\n 7 \n.5\n1e-400\n");
    const double expected[6] = {12.5, -300, 0.25, 7, 0.5, 0};
    double x;
    for (uint32_t r = 0; r < 6; r++) {
        assert_ok(table_f64(t, r, 0, -1e3, 1e3, &x));
        assert_true(x == expected[r]);
    }
    assert_ok(table_f64(t, 0, 0, 12.5, 12.5, &x));
    assert_error(table_f64(t, 0, 0, 0, 12.4, &x), ERR_RANGE, "t.csv:2: column 'x': 12.5 is outside 0 to 12.4");
    assert_error(table_f64(t, 1, 0, 0, 1e9, &x), ERR_RANGE, "t.csv:3: column 'x': -3e2 is outside");
}

static void rejects_what_is_not_a_number(void **state) {
    (void)state;
    static const char *const bad[] = {"abc", "1.5x", "nan", "inf", "-inf",  "0x10",
                                      "1 2", "--1",  "e5",  "-",   "1e999", "\xC3\xB8"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char csv[64], message[128];
        double x = 77;
        snprintf(csv, sizeof csv, "id,x\na,%s\n", bad[i]);
        snprintf(message, sizeof message, "t.csv:2: column 'x': '%s' is not a number", bad[i]);
        assert_error(table_f64(parse(csv), 0, 1, -1e9, 1e9, &x), ERR_FORMAT, message);
        assert_true(x == 77);
    }
    double x;
    assert_error(table_f64(parse("id,x\na,\n"), 0, 1, 0, 1, &x), ERR_FORMAT,
                 "t.csv:2: column 'x': is empty; a number is needed");
}

static void a_decimal_comma_gets_a_hint(void **state) {
    (void)state;
    const table *t = parse("id,x\na,\"12,5\"\nb,\"1,2,3\"\n");
    double x;
    int64_t n;
    assert_error(table_f64(t, 0, 1, 0, 100, &x), ERR_FORMAT,
                 "t.csv:2: column 'x': '12,5' has a decimal comma; use a point: 12.5");
    assert_error(table_f64(t, 1, 1, 0, 100, &x), ERR_FORMAT, "'1,2,3' is not a number");
    assert_error(table_i64(t, 0, 1, 0, 100, &n), ERR_FORMAT, "decimal comma");
}

static void long_and_odd_cells_are_shown_short(void **state) {
    (void)state;
    char csv[400] = "x\n";
    for (int i = 0; i < 100; i++) {
        strcat(csv, "\xC3\xB8");
    }
    double x;
    assert_error(table_f64(parse(csv), 0, 0, 0, 1, &x), ERR_FORMAT, "\xC3\xB8...' is not a number");
    assert_true(strlen(err_message()) < 150);
    assert_ok(table_check_utf8("message", err_message(), strlen(err_message())));
    assert_error(table_f64(parse("x\n\"a\nb\"\n"), 0, 0, 0, 1, &x), ERR_FORMAT, "'a?b' is not a number");
}

static void reads_whole_numbers(void **state) {
    (void)state;
    const table *t = parse("n\n12\n-9223372036854775808\n+5\n9223372036854775808\n12.0\n1e3\n-\n99\n");
    int64_t n;
    assert_ok(table_i64(t, 0, 0, 0, 20, &n));
    assert_true(n == 12);
    assert_ok(table_i64(t, 1, 0, INT64_MIN, INT64_MAX, &n));
    assert_true(n == INT64_MIN);
    assert_ok(table_i64(t, 2, 0, 0, 20, &n));
    assert_true(n == 5);
    assert_error(table_i64(t, 3, 0, INT64_MIN, INT64_MAX, &n), ERR_RANGE, "9223372036854775808 is outside");
    assert_error(table_i64(t, 4, 0, 0, 20, &n), ERR_FORMAT, "'12.0' is not a whole number");
    assert_error(table_i64(t, 5, 0, 0, 2000, &n), ERR_FORMAT, "not a whole number");
    assert_error(table_i64(t, 6, 0, 0, 20, &n), ERR_FORMAT, "not a whole number");
    assert_error(table_i64(t, 7, 0, 0, 20, &n), ERR_RANGE, "t.csv:9: column 'n': 99 is outside 0 to 20");
}

static void empty_cells_take_the_fallback(void **state) {
    (void)state;
    const table *t = parse("id,x\na,\nb,3\nc,q\n");
    double x;
    int64_t n;
    assert_ok(table_f64_or(t, 0, 1, 0, 1, 42, &x));
    assert_true(x == 42);
    assert_ok(table_f64_or(t, 1, IX_NONE, 0, 1, 42, &x));
    assert_true(x == 42);
    assert_ok(table_i64_or(t, 0, 1, 0, 1, -7, &n));
    assert_true(n == -7);
    assert_ok(table_i64_or(t, 1, 1, 0, 5, -7, &n));
    assert_true(n == 3);
    assert_error(table_f64_or(t, 1, 1, 0, 1, 42, &x), ERR_RANGE, "outside");
    assert_error(table_f64_or(t, 2, 1, 0, 1, 42, &x), ERR_FORMAT, "not a number");
    assert_error(table_i64_or(t, 2, 1, 0, 1, 42, &n), ERR_FORMAT, "not a whole number");
}

static void failures_name_file_line_and_column(void **state) {
    (void)state;
    const table *t = parse("id,x\na,1\n\nb,2\n");
    assert_int_equal(table_fail(t, 1, 1, ERR_REFERENCE, "unknown node '%s'", "n7"), ERR_REFERENCE);
    assert_string_equal(err_message(), "t.csv:4: column 'x': unknown node 'n7'");
    table_fail(t, 0, IX_NONE, ERR_RANGE, "odd");
    assert_string_equal(err_message(), "t.csv:2: odd");
    table_fail(t, IX_NONE, 0, ERR_RANGE, "odd");
    assert_string_equal(err_message(), "t.csv:1: column 'id': odd");
}

static void loads_files_and_pipes(void **state) {
    (void)state;
    char folder[256], path[300];
    support_temp_dir(folder);
    snprintf(path, sizeof path, "%s/t.csv", folder);
    support_write_file(folder, "t.csv", "id\na\nb\n", 7);
    table *t;
    assert_ok(table_load(path, &memory, &t));
    assert_int_equal(table_row_count(t), 2);
    assert_string_equal(table_name(t), path);
    assert_int_equal(unlink(path), 0);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "id\na\n", 5), 5);
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    assert_ok(table_load(path, &memory, &t));
    assert_int_equal(table_row_count(t), 1);
    close(ends[0]);
    assert_int_equal(rmdir(folder), 0);
}

static void explains_files_that_cannot_be_read(void **state) {
    (void)state;
    char folder[256], path[300];
    support_temp_dir(folder);
    table *t = (table *)&memory;  // must be cleared on failure
    snprintf(path, sizeof path, "%s/none.csv", folder);
    assert_error(table_load(path, &memory, &t), ERR_FILE, "there is no such file");
    assert_null(t);
    assert_non_null(strstr(err_message(), path));
    snprintf(path, sizeof path, "%s/none/t.csv", folder);
    assert_error(table_load(path, &memory, &t), ERR_FILE, "there is no such file");
    assert_error(table_load(folder, &memory, &t), ERR_FILE, "is a folder; a file was expected");
    support_write_file(folder, "empty.csv", "", 0);
    snprintf(path, sizeof path, "%s/empty.csv", folder);
    assert_error(table_load(path, &memory, &t), ERR_FORMAT, "is empty");
    assert_int_equal(unlink(path), 0);
    support_write_file(folder, "shut.csv", "id\n", 3);
    snprintf(path, sizeof path, "%s/shut.csv", folder);
    assert_int_equal(chmod(path, 0), 0);
    if (geteuid() != 0) {  // nothing is shut to root
        assert_error(table_load(path, &memory, &t), ERR_FILE, "cannot be read");
    }
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void files_above_the_limit_are_refused(void **state) {
    (void)state;
    char folder[256], path[300];
    support_temp_dir(folder);
    support_write_file(folder, "f", "0123456789", 10);
    snprintf(path, sizeof path, "%s/f", folder);
    char *bytes;
    size_t count;
    assert_ok(table_read_file(path, 10, &memory, &bytes, &count));
    assert_int_equal(count, 10);
    assert_string_equal(bytes, "0123456789");
    assert_error(table_read_file(path, 9, &memory, &bytes, &count), ERR_FORMAT, "larger than 9 bytes");
    assert_error(table_read_file("/dev/zero", 100000, &memory, &bytes, &count), ERR_FORMAT, "larger than 100000");
    // a sparse file of more than 1 GiB costs nothing to make and must cost nothing to refuse
    assert_int_equal(truncate(path, ((off_t)1 << 30) + 1), 0);
    table *t;
    uint64_t before = mem_alloc_count();
    assert_error(table_load(path, &memory, &t), ERR_FORMAT, "larger than 1073741824 bytes");
    assert_int_equal(mem_alloc_count(), before);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

// Damaged tables of every kind are either read or refused with a message; nothing else may happen (run under ASan).
static void random_damage_never_does_harm(void **state) {
    (void)state;
    static const char base[] = "id,name,x\n\"a\",\"b \"\"c\"\"\n\",1.5\r\n d , \xC3\xB8 ,-2\n,,\n";
    static const char spice[] = "\",\n\r \t\0\xC3\xFF;a1";
    uint32_t read = 0, refused = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        char csv[sizeof base];
        memcpy(csv, base, sizeof base);
        size_t bytes = sizeof base - 1;
        for (uint32_t k = 0; k < 1 + support_random(1, i) % 3; k++) {
            csv[support_random(2, 4 * i + k) % bytes] = spice[support_random(3, 4 * i + k) % (sizeof spice - 1)];
        }
        bytes = support_random(4, i) % 4 == 0 ? support_random(5, i) % bytes : bytes;
        arena a;
        arena_init(&a);
        char *exact = arena_text_n(&a, csv, bytes);
        assert_non_null(exact);
        table *t = NULL;
        err_clear();
        if (table_parse("t.csv", exact, bytes, &a, &t) == ERR_OK) {
            read++;
            for (uint32_t r = 0; r < table_row_count(t); r++) {
                for (uint32_t c = 0; c < table_column_count(t); c++) {
                    double x;
                    (void)table_f64_or(t, r, c, -1e9, 1e9, 0, &x);
                    assert_true(strlen(table_text(t, r, c)) <= bytes);
                }
                assert_in_range(table_line(t, r), 2, 10);
            }
        } else {
            refused++;
            assert_memory_equal(err_message(), "t.csv:", 6);
        }
        arena_free(&a);
    }
    assert_true(read > 1000 && refused > 1000);
}

static const char *write_file(const char *content, size_t bytes) {
    static char path[] = "/tmp/vestsim_table_stream_XXXXXX";
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    int handle = mkstemp(path);
    assert_true(handle >= 0);
    assert_int_equal(write(handle, content, bytes), (ssize_t)bytes);
    close(handle);
    return path;
}

// Rows with quoted cells over several lines, in pieces of every size: the same cells and lines as the whole table.
static void a_stream_gives_the_rows_of_the_whole_table(void **state) {
    (void)state;
    char csv[4096];
    size_t bytes = (size_t)snprintf(csv, sizeof csv, "\n\nid,\"a\nb\",c\r\n");
    for (int i = 0; i < 60; i++) {
        bytes += (size_t)snprintf(csv + bytes, sizeof csv - bytes, "%d,\"x%s%d \"\"q\"\"\",%s\n%s", i,
                                  i % 3 == 0 ? "\n" : "", i, i % 4 == 0 ? "" : "z", i % 7 == 0 ? "\n" : "");
    }
    table *whole;
    assert_ok(table_parse("t.csv", csv, bytes, &memory, &whole));
    const char *path = write_file(csv, bytes);
    for (size_t piece = 64; piece < 2 * bytes; piece += 37) {
        table_stream *s;
        table *t;
        uint32_t row = 0;
        assert_ok(table_stream_open(path, piece, &memory, &s));
        for (assert_ok(table_stream_next(s, &memory, &t)); t != NULL; assert_ok(table_stream_next(s, &memory, &t))) {
            assert_int_equal(table_column_count(t), 3);
            assert_string_equal(table_column_name(t, 1), "a\nb");
            for (uint32_t i = 0; i < table_row_count(t); i++, row++) {
                assert_int_equal(table_line(t, i), table_line(whole, row));
                for (uint32_t c = 0; c < 3; c++) {
                    assert_string_equal(table_text(t, i, c), table_text(whole, row, c));
                }
            }
        }
        assert_int_equal(row, 60);
        table_stream_close(s);
    }
    unlink(path);
}

static void a_stream_locates_its_errors(void **state) {
    (void)state;
    table_stream *s;
    table *t;
    static const struct {
        const char *csv, *message;
    } bad[] = {{"a,b\n1,2\n3,4\n5,6\n7\n", ":5: the row has 1 cells"},
               {"a,b\n1,2\n3,4\n5,6\n7,\"8\n9,10\n11,12\n13,14\n15,16\n", ":5: the quote opened here"},
               {"a,b\n1,2\n3,4\n5,\xff\n", ":4: is not UTF-8"},
               {"", "is empty"}};
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        const char *path = write_file(bad[k].csv, strlen(bad[k].csv));
        err_code code = ERR_OK;
        assert_ok(table_stream_open(path, 9, &memory, &s));
        do {
            code = table_stream_next(s, &memory, &t);
        } while (code == ERR_OK && t != NULL);
        assert_error(code, ERR_FORMAT, bad[k].message);
        table_stream_close(s);
        unlink(path);
    }
    assert_error(table_stream_open("/nowhere/t.csv", 64, &memory, &s), ERR_FILE, "there is no such file");
    assert_error(table_stream_open("/tmp", 64, &memory, &s), ERR_FILE, "is a folder");
    table_stream_close(s);
}

static void ids_are_found_again(void **state) {
    (void)state;
    idmap m;
    assert_ok(idmap_init(&m, &memory, 5000));
    for (uint32_t i = 0; i < 5000; i++) {
        char id[16];
        snprintf(id, sizeof id, "id%u", i);
        assert_int_equal(idmap_put(&m, arena_text(&memory, id), i * 3), IX_NONE);
    }
    assert_int_equal(m.count, 5000);
    assert_int_equal(idmap_put(&m, "id77", 1), 231);  // already there: nothing changes
    assert_int_equal(idmap_find(&m, "id77"), 231);
    assert_int_equal(idmap_find(&m, "id4999"), 14997);
    assert_int_equal(idmap_find(&m, "id5000"), IX_NONE);
    assert_int_equal(idmap_find(&m, ""), IX_NONE);
}

static void an_empty_id_map_finds_nothing(void **state) {
    (void)state;
    idmap zeroed = {0}, m;
    assert_int_equal(idmap_find(&zeroed, "x"), IX_NONE);
    assert_ok(idmap_init(&m, &memory, 0));
    assert_int_equal(idmap_find(&m, "x"), IX_NONE);
    assert_error(idmap_init(&m, &memory, UINT32_MAX), ERR_RANGE, "more than an id map can hold");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(reads_names_rows_and_cells),
        CASE(accepts_every_usual_way_to_end_lines),
        CASE(trims_blanks_and_unquotes),
        CASE(quoted_cells_may_hold_lines_and_rows_keep_their_line),
        CASE(a_single_column_may_hold_a_quoted_empty_cell),
        CASE(a_header_without_rows_is_a_table),
        CASE(rejects_an_empty_file),
        CASE(rejects_rows_of_another_length),
        CASE(rejects_broken_quotes),
        CASE(rejects_old_line_ends_and_semicolons),
        CASE(rejects_two_columns_of_a_name),
        CASE(rejects_nul_bytes),
        CASE(rejects_what_is_not_utf8),
        CASE(rejects_a_line_of_10_megabytes),
        CASE(a_line_of_just_the_limit_is_read),
        CASE(rejects_thousands_of_columns),
        CASE(a_missing_column_lists_those_that_exist),
        CASE(reads_numbers_in_their_range),
        CASE(rejects_what_is_not_a_number),
        CASE(a_decimal_comma_gets_a_hint),
        CASE(long_and_odd_cells_are_shown_short),
        CASE(reads_whole_numbers),
        CASE(empty_cells_take_the_fallback),
        CASE(failures_name_file_line_and_column),
        CASE(loads_files_and_pipes),
        CASE(explains_files_that_cannot_be_read),
        CASE(files_above_the_limit_are_refused),
        CASE(random_damage_never_does_harm),
        CASE(a_stream_gives_the_rows_of_the_whole_table),
        CASE(a_stream_locates_its_errors),
        CASE(ids_are_found_again),
        CASE(an_empty_id_map_finds_nothing),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
