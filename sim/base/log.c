#include "base/log.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"

enum { LOG_BAR_CELLS = 30, LOG_LABEL_BYTES = 96, LOG_REMEMBERED = 16, LOG_WARNING_BYTES = 1024 };

static const double log_plain_every_s = 10.0;
static const double log_bar_every_s = 0.1;

static log_level log_present_level = LOG_INFO;
static uint32_t log_warnings;
static uint64_t log_shown[LOG_REMEMBERED];  // hashes of the last warnings shown
static uint32_t log_shown_next;
static atomic_int log_interrupted;  // lock-free on every supported machine, so safe in a signal handler

static struct {
    bool active;     // something was reported and not yet ended
    bool bar_drawn;  // the cursor stands behind a bar
    bool bar;        // TTY: bar; otherwise plain lines
    double started_s;
    double shown_at_s;
    double percent;  // of the last report
    double shown_percent;
    char label[LOG_LABEL_BYTES];
} log_bar;

static bool log_is_fancy(void) {
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    if (no_color != NULL && no_color[0] != '\0') {
        return false;
    }
    if (term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0) {
        return false;
    }
    return isatty(STDERR_FILENO) == 1;
}

static void log_erase_bar(void) {
    if (log_bar.bar_drawn) {
        fputs("\r\033[K", stderr);
        log_bar.bar_drawn = false;
    }
}

static void log_line(const char *head, const char *fmt, va_list args) {
    log_erase_bar();
    fputs(head, stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    fflush(stderr);
}

void log_set_level(log_level level) {
    log_present_level = level;
    memset(log_shown, 0, sizeof log_shown);
}

// The same warning again (from another replication, say) is counted but shown once. Remembers the last few.
static bool log_is_repeated(const char *message) {
    uint64_t h = hash_text(message);
    for (uint32_t i = 0; i < LOG_REMEMBERED; i++) {
        if (log_shown[i] == h) {
            return true;
        }
    }
    log_shown[log_shown_next++ % LOG_REMEMBERED] = h;
    return false;
}

static void log_show_warning(const char *fmt, ...) ERR_PRINTF(1, 2);
static void log_show_warning(const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    log_line(log_is_fancy() ? "\033[33mwarning:\033[0m " : "warning: ", fmt, args);
    va_end(args);
}

void log_warn(const char *fmt, ...) {
    log_warnings++;
    char message[LOG_WARNING_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    if (log_present_level >= LOG_WARN && !log_is_repeated(message)) {
        log_show_warning("%s", message);
    }
}

void log_info(const char *fmt, ...) {
    if (log_present_level < LOG_INFO) {
        return;
    }
    va_list args;
    va_start(args, fmt);
    log_line("", fmt, args);
    va_end(args);
}

void log_debug(const char *fmt, ...) {
    if (log_present_level < LOG_DEBUG) {
        return;
    }
    va_list args;
    va_start(args, fmt);
    log_line("debug: ", fmt, args);
    va_end(args);
}

uint32_t log_warning_count(void) {
    return log_warnings;
}

void log_time_left(double elapsed_s, double percent, char *out, size_t size) {
    out[0] = '\0';
    if (percent < 2.0 || percent >= 100.0 || elapsed_s < 2.0) {
        return;
    }
    double left_s = elapsed_s * (100.0 - percent) / percent;
    int minutes = left_s < 1e8 ? (int)(left_s / 60.0 + 0.5) : 0;
    if (left_s < 90.0) {
        snprintf(out, size, ", about %d s left", left_s < 10.0 ? (int)left_s + 1 : 5 * (int)(left_s / 5.0 + 0.5));
    } else if (minutes < 90) {
        snprintf(out, size, ", about %d min left", minutes);
    } else if (minutes < 48 * 60) {
        snprintf(out, size, ", about %d h %d min left", minutes / 60, minutes % 60 / 10 * 10);
    } else {
        snprintf(out, size, ", about %d days left", minutes / (24 * 60));
    }
}

static void log_draw(double now_s) {
    if (log_bar.bar) {
        char cells[LOG_BAR_CELLS + 1] = "";
        int full = (int)floor(log_bar.percent * LOG_BAR_CELLS / 100.0);
        for (int i = 0; i < LOG_BAR_CELLS; i++) {
            cells[i] = i < full ? '#' : '.';
        }
        char left[40];
        log_time_left(now_s - log_bar.started_s, log_bar.percent, left, sizeof left);
        fprintf(stderr, "\r\033[K[%s] %3.0f %%%s  %s", cells, floor(log_bar.percent), left, log_bar.label);
        log_bar.bar_drawn = true;
    } else {
        fprintf(stderr, "%s: %.0f %%\n", log_bar.label, floor(log_bar.percent));
    }
    fflush(stderr);
    log_bar.shown_at_s = now_s;
    log_bar.shown_percent = log_bar.percent;
}

void log_progress(const char *label, double done, double total) {
    if (log_present_level < LOG_INFO) {
        return;
    }
    double percent = total > 0 ? 100.0 * done / total : 0.0;
    percent = percent > 0 ? percent : 0.0;  // also turns NaN into 0
    log_bar.percent = percent < 100.0 ? percent : 100.0;
    snprintf(log_bar.label, sizeof log_bar.label, "%s", label);
    double now_s = log_clock_s();
    if (!log_bar.active) {
        log_bar.active = true;
        log_bar.bar = log_is_fancy();
        log_bar.started_s = now_s;
        // A bar appears at once; the first plain line only when the work turns out to be long.
        log_bar.shown_at_s = log_bar.bar ? -1.0 : now_s;
        log_bar.shown_percent = -1.0;
    }
    if (log_bar.shown_at_s < 0 || now_s - log_bar.shown_at_s >= (log_bar.bar ? log_bar_every_s : log_plain_every_s)) {
        log_draw(now_s);
    }
}

void log_progress_end(void) {
    if (!log_bar.active) {
        return;
    }
    if (log_bar.bar) {
        log_erase_bar();
        fflush(stderr);
    } else if (log_bar.shown_percent < log_bar.percent) {
        log_draw(log_clock_s());
    }
    log_bar.active = false;
}

double log_clock_s(void) {
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
        return 0.0;
    }
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void log_request_interrupt(void) {
    atomic_store(&log_interrupted, 1);
}

err_code log_check_interrupt(void) {
    CHECK(atomic_load(&log_interrupted) == 0, ERR_INTERRUPTED, "stopped on request; nothing was written");
    return ERR_OK;
}
