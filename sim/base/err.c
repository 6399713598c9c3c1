// The message is a fixed buffer per thread: raising an error never needs memory.
#include "base/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ERR_MESSAGE_BYTES = 2048 };

static _Thread_local char err_text[ERR_MESSAGE_BYTES];

// Cuts a text that filled its buffer before a broken UTF-8 sequence and marks the cut.
static void err_mark_cut(char *text, size_t room) {
    static const char mark[] = " ...";
    size_t end = room - sizeof mark;
    while (end > 0 && ((unsigned char)text[end] & 0xC0u) == 0x80u) {
        end--;
    }
    memcpy(text + end, mark, sizeof mark);
}

static void err_format(char *out, size_t room, const char *fmt, va_list args) {
    int length = vsnprintf(out, room, fmt, args);
    if (length < 0) {
        out[0] = '\0';
    } else if ((size_t)length >= room) {
        err_mark_cut(out, room);
    }
}

err_code err_raise(err_code code, const char *fmt, ...) {
    char fresh[ERR_MESSAGE_BYTES];  // the arguments may point into the present message
    va_list args;
    va_start(args, fmt);
    err_format(fresh, sizeof fresh, fmt, args);
    va_end(args);
    memcpy(err_text, fresh, strlen(fresh) + 1);
    return code;
}

err_code err_prefix(err_code code, const char *fmt, ...) {
    char fresh[ERR_MESSAGE_BYTES];
    va_list args;
    va_start(args, fmt);
    err_format(fresh, sizeof fresh, fmt, args);
    va_end(args);
    size_t used = strlen(fresh);
    size_t room = sizeof fresh - used;
    int length = snprintf(fresh + used, room, ": %s", err_text);
    if (length >= 0 && (size_t)length >= room) {
        err_mark_cut(fresh, sizeof fresh);
    }
    memcpy(err_text, fresh, strlen(fresh) + 1);
    return code;
}

const char *err_message(void) {
    return err_text;
}

void err_clear(void) {
    err_text[0] = '\0';
}

const char *err_name(err_code code) {
    static const char *const names[ERR_COUNT] = {
        "ok",         "usage",         "file",   "format",      "range",    "reference",
        "infeasible", "not_converged", "memory", "interrupted", "internal",
    };
    return (unsigned)code < ERR_COUNT ? names[code] : "unknown";
}

int err_exit_status(err_code code) {
    switch (code) {
        case ERR_OK:
            return 0;
        case ERR_USAGE:
            return 1;
        case ERR_FILE:
        case ERR_FORMAT:
        case ERR_RANGE:
        case ERR_REFERENCE:
        case ERR_INFEASIBLE:
            return 2;
        case ERR_NOT_CONVERGED:
            return 3;
        case ERR_INTERRUPTED:
            return 130;
        case ERR_MEMORY:
        case ERR_INTERNAL:
        case ERR_COUNT:
            break;
    }
    return 4;
}

_Noreturn void err_assert_failed(const char *condition, const char *file, int line) {
    fprintf(stderr, "%s:%d: internal error: assertion failed: %s\n", file, line, condition);
    abort();
}
