// Levelled messages and progress on standard error: the only user of stderr below the cli.
// Not thread-safe by design: call from outside parallel regions only.
#ifndef VESTSIM_BASE_LOG_H
#define VESTSIM_BASE_LOG_H

#include "base/err.h"

typedef enum log_level { LOG_QUIET = 0, LOG_WARN, LOG_INFO, LOG_DEBUG } log_level;

void log_set_level(log_level level);  // also forgets which warnings were shown
// Counted each time (log_warning_count); a text that was shown lately is not shown again.
void log_warn(const char *fmt, ...) ERR_PRINTF(1, 2);
void log_info(const char *fmt, ...) ERR_PRINTF(1, 2);
void log_debug(const char *fmt, ...) ERR_PRINTF(1, 2);
uint32_t log_warning_count(void);

// Progress of long work: a bar on a TTY (unless NO_COLOR/TERM=dumb, then plain), otherwise a plain line
// at most every 10 s and at the end. done/total in any unit; label says what runs now.
void log_progress(const char *label, double done, double total);
void log_progress_end(void);
// ", about 3 min left" by the time that the work took so far; "" while it is too early to tell. On the bar of a TTY.
void log_time_left(double elapsed_s, double percent, char *out, size_t size);

// Seconds of a monotonic clock, for logs and benchmarks only: never a model input.
double log_clock_s(void);

// Set by the cli's SIGINT/SIGTERM handler (async-signal-safe); long loops poll it and return
// ERR_INTERRUPTED through log_check_interrupt.
void log_request_interrupt(void);
err_code log_check_interrupt(void);

#endif
