// Error codes, the message that goes with them, and the macros that pass them up.
//
// Convention (docs/decisions/0001-errors.md): a function that can fail on data, users or resources
// returns err_code and writes its result through the last parameter. The message says where
// (file:line[:column]) and what to do; it is kept per thread and printed once, by the cli. Programmer
// errors are ASSERTs. Nothing below the cli layer exits, aborts or prints.
#ifndef VESTSIM_BASE_ERR_H
#define VESTSIM_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IX_NONE UINT32_MAX  // "no such thing" for every _ix

typedef enum err_code {
    ERR_OK = 0,
    ERR_USAGE,          // the command line is wrong
    ERR_FILE,           // a file is missing, unreadable or unwritable
    ERR_FORMAT,         // a file's text does not follow its format
    ERR_RANGE,          // a value is outside what it may be
    ERR_REFERENCE,      // an id that names nothing, or names two things
    ERR_INFEASIBLE,     // inputs that are each valid but cannot hold together
    ERR_NOT_CONVERGED,  // results exist and are marked
    ERR_MEMORY,         // out of memory
    ERR_INTERRUPTED,    // the user asked to stop (Ctrl-C)
    ERR_INTERNAL,       // a bug in this program
    ERR_COUNT           // not an error: the number of codes
} err_code;

#if defined(__GNUC__)
#define ERR_PRINTF(fmt_ix, arg_ix) __attribute__((format(printf, fmt_ix, arg_ix)))
#else
#define ERR_PRINTF(fmt_ix, arg_ix)
#endif

// Sets this thread's message (printf form, replacing any earlier one) and returns code.
err_code err_raise(err_code code, const char *fmt, ...) ERR_PRINTF(2, 3);
// Puts a printf-formed prefix (and ": ") before the present message; returns code.
err_code err_prefix(err_code code, const char *fmt, ...) ERR_PRINTF(2, 3);
// The message of the last err_raise in this thread; "" if none.
const char *err_message(void);
void err_clear(void);
// Short lower-case name of a code ("file", "format", ...); total over the enum.
const char *err_name(err_code code);
// Process exit code: 0 ok, 1 usage, 2 bad input or file, 3 not converged, 4 internal or memory,
// 130 interrupted.
int err_exit_status(err_code code);
// Called by ASSERT; writes the place to stderr and aborts (the one exception to "no abort": a bug).
_Noreturn void err_assert_failed(const char *condition, const char *file, int line);

#define TRY(expr)                    \
    do {                             \
        err_code try_code_ = (expr); \
        if (try_code_ != ERR_OK) {   \
            return try_code_;        \
        }                            \
    } while (0)

#define CHECK(cond, code, ...)                   \
    do {                                         \
        if (!(cond)) {                           \
            return err_raise(code, __VA_ARGS__); \
        }                                        \
    } while (0)

#if defined(NDEBUG)
#define ASSERT(cond) ((void)sizeof(cond))
#else
#define ASSERT(cond) ((cond) ? (void)0 : err_assert_failed(#cond, __FILE__, __LINE__))
#endif

#endif
