// Standard error is caught in a file, or in a pseudo-terminal for the bar.
#if !defined(_XOPEN_SOURCE)
#define _XOPEN_SOURCE 700
#endif
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char caught[8192];
static int kept_stderr = -1;

static void catch_on(int descriptor) {
    fflush(stderr);
    kept_stderr = dup(STDERR_FILENO);
    assert_true(kept_stderr >= 0);
    assert_true(dup2(descriptor, STDERR_FILENO) >= 0);
}

static void release(void) {
    fflush(stderr);
    dup2(kept_stderr, STDERR_FILENO);
    close(kept_stderr);
}

static FILE *catch_in_file(void) {
    FILE *f = tmpfile();
    assert_non_null(f);
    catch_on(fileno(f));
    return f;
}

static void read_caught(FILE *f) {
    release();
    rewind(f);
    size_t got = fread(caught, 1, sizeof caught - 1, f);
    caught[got] = '\0';
    fclose(f);
}

static void writes_levels_up_to_the_one_set(void **state) {
    (void)state;
    FILE *f = catch_in_file();
    log_set_level(LOG_INFO);
    log_info("info %d", 1);
    log_debug("debug %d", 2);
    log_set_level(LOG_WARN);
    log_info("info %d", 3);
    log_warn("warn %d", 4);
    log_set_level(LOG_DEBUG);
    log_debug("debug %d", 5);
    read_caught(f);
    log_set_level(LOG_INFO);
    assert_string_equal(caught, "info 1\nwarning: warn 4\ndebug: debug 5\n");
}

static void shows_the_same_warning_once_and_counts_it_twice(void **state) {
    (void)state;
    uint32_t before = log_warning_count();
    FILE *f = catch_in_file();
    log_set_level(LOG_INFO);
    log_warn("margin %d", 1);
    log_warn("margin %d", 1);
    log_warn("margin %d", 2);
    read_caught(f);
    assert_string_equal(caught, "warning: margin 1\nwarning: margin 2\n");
    assert_int_equal(log_warning_count(), before + 3);
}

static void counts_warnings_even_when_quiet(void **state) {
    (void)state;
    uint32_t before = log_warning_count();
    FILE *f = catch_in_file();
    log_set_level(LOG_QUIET);
    log_warn("not seen");
    log_set_level(LOG_INFO);
    read_caught(f);
    assert_string_equal(caught, "");
    assert_int_equal(log_warning_count(), before + 1);
}

static void short_work_in_a_file_gives_one_plain_line(void **state) {
    (void)state;
    FILE *f = catch_in_file();
    for (int i = 0; i <= 100; i++) {
        log_progress("routes", i, 100);
    }
    log_progress_end();
    log_progress_end();  // harmless
    read_caught(f);
    assert_string_equal(caught, "routes: 100 %\n");
}

static void odd_totals_never_leave_0_to_100(void **state) {
    (void)state;
    FILE *f = catch_in_file();
    log_progress("empty", 0, 0);
    log_progress_end();
    log_progress("too much", 7, 5);
    log_progress_end();
    log_progress("negative", -7, 5);
    log_progress_end();
    read_caught(f);
    assert_string_equal(caught, "empty: 0 %\ntoo much: 100 %\nnegative: 0 %\n");
}

static void time_left_follows_the_time_taken(void **state) {
    (void)state;
    static const struct {
        double elapsed_s, percent;
        const char *words;
    } known[] = {{60, 50, ", about 60 s left"},
                 {60, 25, ", about 3 min left"},
                 {5, 99, ", about 1 s left"},
                 {3600, 25, ", about 3 h 0 min left"},
                 {1e6, 5, ", about 219 days left"},
                 {60, 1, ""},
                 {1, 50, ""},
                 {60, 100, ""},
                 {6400, 50, ", about 1 h 40 min left"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        char left[40];
        log_time_left(known[i].elapsed_s, known[i].percent, left, sizeof left);
        assert_string_equal(left, known[i].words);
    }
}

// Runs one progress report and one line on a pseudo-terminal.
static void run_on_terminal(const char *term, const char *no_color) {
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
        skip();  // no pseudo-terminals here
    }
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    if (slave < 0) {
        skip();
    }
    assert_int_equal(setenv("TERM", term, 1), 0);
    assert_int_equal(setenv("NO_COLOR", no_color, 1), 0);
    catch_on(slave);
    log_set_level(LOG_INFO);
    log_progress("routes", 50, 100);
    log_warn("odd");
    log_progress_end();
    release();
    // The terminal hands its text on in pieces: read until the mark that is written last.
    assert_int_equal(write(slave, "<end>", 5), 5);
    size_t used = 0;
    caught[0] = '\0';
    while (strstr(caught, "<end>") == NULL) {
        ssize_t got = read(master, caught + used, sizeof caught - 1 - used);
        assert_true(got > 0);
        used += (size_t)got;
        caught[used] = '\0';
    }
    close(slave);
    close(master);
}

static void draws_a_bar_on_a_terminal(void **state) {
    (void)state;
    run_on_terminal("xterm", "");
    assert_non_null(strstr(caught, "[###############...............]  50 %  routes"));
    assert_non_null(strstr(caught, "\033[33mwarning:\033[0m odd"));
    assert_non_null(strstr(caught, "routes\r\033[K"));  // the bar is erased before the warning is written
}

static void no_color_and_dumb_terminals_get_plain_lines(void **state) {
    (void)state;
    run_on_terminal("xterm", "1");
    assert_null(strchr(caught, '\033'));
    assert_non_null(strstr(caught, "routes: 50 %"));
    run_on_terminal("dumb", "");
    assert_null(strchr(caught, '\033'));
    assert_non_null(strstr(caught, "warning: odd"));
}

static void the_clock_never_runs_backwards(void **state) {
    (void)state;
    double before = log_clock_s();
    assert_true(before > 0);
    for (int i = 0; i < 1000; i++) {
        double now = log_clock_s();
        assert_true(now >= before);
        before = now;
    }
}

static void a_request_to_stop_is_seen_until_the_end(void **state) {
    (void)state;
    assert_int_equal(log_check_interrupt(), ERR_OK);
    log_request_interrupt();
    assert_int_equal(log_check_interrupt(), ERR_INTERRUPTED);
    assert_int_equal(log_check_interrupt(), ERR_INTERRUPTED);
    assert_non_null(strstr(err_message(), "stopped"));
}

int main(void) {
    setenv("TERM", "dumb", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_levels_up_to_the_one_set),
        cmocka_unit_test(shows_the_same_warning_once_and_counts_it_twice),
        cmocka_unit_test(counts_warnings_even_when_quiet),
        cmocka_unit_test(short_work_in_a_file_gives_one_plain_line),
        cmocka_unit_test(odd_totals_never_leave_0_to_100),
        cmocka_unit_test(time_left_follows_the_time_taken),
        cmocka_unit_test(draws_a_bar_on_a_terminal),
        cmocka_unit_test(no_color_and_dumb_terminals_get_plain_lines),
        cmocka_unit_test(the_clock_never_runs_backwards),
        cmocka_unit_test(a_request_to_stop_is_seen_until_the_end),  // last: it cannot be taken back
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
