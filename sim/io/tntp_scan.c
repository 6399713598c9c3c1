// Lines, metadata and numbers of TNTP files.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "tntp_part.h"

enum { MESSAGE_BYTES = 512 };

static const size_t file_max_bytes = (size_t)1 << 30;

err_code tntp_open(tntp_scan *s, const char *path, arena *a) {
    size_t bytes = 0;
    char *content = NULL;
    TRY(table_read_file(path, file_max_bytes, a, &content, &bytes));
    TRY(table_check_utf8(path, content, bytes));
    const char *kept = arena_text(a, path);
    if (kept == NULL) {
        return ERR_MEMORY;
    }
    *s = (tntp_scan){.path = kept, .next = content, .text = content};
    return ERR_OK;
}

static char *skip_blanks(char *at) {
    return at + strspn(at, " \t\r\f\v");
}

static bool scan_line(tntp_scan *s) {
    if (*s->next == '\0') {
        return false;
    }
    s->text = s->next;
    size_t length = strcspn(s->next, "\n");
    s->next += length + (s->next[length] == '\n');
    s->text[length] = '\0';
    s->line++;
    return true;
}

bool tntp_next_line(tntp_scan *s) {
    while (scan_line(s)) {
        s->text[strcspn(s->text, "~")] = '\0';
        char *first = skip_blanks(s->text);
        if (*first != '\0' && strspn(first, "; \t\r") < strlen(first)) {
            return true;
        }
    }
    return false;
}

bool tntp_has_letters(const tntp_scan *s) {
    const char *at = s->text + strspn(s->text, " \t\"");
    return (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
}

err_code tntp_fail(const tntp_scan *s, err_code code, const char *fmt, ...) {
    char message[MESSAGE_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    return err_raise(code, "%s:%u: %s", s->path, s->line, message);
}

static void trim_end(char *value) {
    for (size_t n = strlen(value); n > 0 && strchr(" \t\r", value[n - 1]) != NULL; n--) {
        value[n - 1] = '\0';
    }
}

err_code tntp_read_head(tntp_scan *s, tntp_head *h) {
    *h = (tntp_head){0};
    while (scan_line(s)) {
        char *at = skip_blanks(s->text);
        if (*at == '\0' || *at == '~') {
            continue;
        }
        char *end = *at == '<' ? strchr(at, '>') : NULL;
        if (end == NULL) {
            return tntp_fail(s, ERR_FORMAT, "'%.40s' stands where metadata should; <END OF METADATA> is missing", at);
        }
        *end = '\0';
        if (strcmp(at + 1, "END OF METADATA") == 0) {
            h->end_line = s->line;
            return ERR_OK;
        }
        if (h->count < TNTP_HEAD_MAX) {
            h->key[h->count] = at + 1;
            h->value[h->count] = skip_blanks(end + 1);
            trim_end(skip_blanks(end + 1));
            h->line[h->count++] = s->line;
        }
    }
    return tntp_fail(s, ERR_FORMAT, "the file ends before <END OF METADATA>");
}

static uint32_t head_find(const tntp_head *h, const char *key) {
    for (uint32_t i = 0; i < h->count; i++) {
        if (strcmp(h->key[i], key) == 0) {
            return i;
        }
    }
    return IX_NONE;
}

const char *tntp_head_text(const tntp_head *h, const char *key) {
    uint32_t i = head_find(h, key);
    return i == IX_NONE ? "" : h->value[i];
}

err_code tntp_head_number(tntp_scan *s, const tntp_head *h, const char *key, double *out) {
    uint32_t i = head_find(h, key);
    if (i == IX_NONE || h->value[i][0] == '\0') {
        return ERR_OK;
    }
    char *end = NULL;
    *out = strtod(h->value[i], &end);
    if (*end != '\0' || !isfinite(*out) || *out < 0) {
        return err_raise(ERR_FORMAT, "%s:%u: <%s> is '%.40s', not a number of 0 or above", s->path, h->line[i], key,
                         h->value[i]);
    }
    return ERR_OK;
}

err_code tntp_head_count(tntp_scan *s, const tntp_head *h, const char *key, uint32_t min, uint32_t max, uint32_t *out) {
    double value = -1;
    uint32_t i = head_find(h, key);
    if (i == IX_NONE || h->value[i][0] == '\0') {
        return tntp_fail(s, ERR_FORMAT, "<%s> is missing above <END OF METADATA>", key);
    }
    TRY(tntp_head_number(s, h, key, &value));
    CHECK(value >= min && value <= max && floor(value) == value, ERR_RANGE,
          "%s:%u: <%s> is %s; it must be a whole number from %u to %u", s->path, h->line[i], key, h->value[i], min,
          max);
    *out = (uint32_t)value;
    return ERR_OK;
}

err_code tntp_read_number(const tntp_scan *s, char **at, const char *name, double *out) {
    char *first = skip_blanks(*at), *end = NULL;
    // Digits only: strtod would also take hexadecimal numbers, inf and nan.
    size_t length = strspn(first, "+-0123456789.eE");
    *out = length > 0 ? strtod(first, &end) : 0;
    if (length == 0 || end != first + length || !isfinite(*out) || strchr(" \t\r\f\v;:", first[length]) == NULL) {
        size_t shown = strcspn(first, " \t\r;");
        return tntp_fail(s, ERR_FORMAT, "%s is '%.*s', not a number", name, (int)(shown < 40 ? shown : 40), first);
    }
    *at = end;
    return ERR_OK;
}

err_code tntp_read_row(tntp_scan *s, const char *const *name, uint32_t least, uint32_t most, double *value) {
    char *at = skip_blanks(s->text);
    for (uint32_t i = 0; i < most; i++) {
        if (*at == '\0' || *at == ';') {
            if (i < least) {
                return tntp_fail(s, ERR_FORMAT, "the row ends after %u columns; %s is missing", i, name[i]);
            }
            return ERR_OK;
        }
        TRY(tntp_read_number(s, &at, name[i], &value[i]));
        at = skip_blanks(at);
    }
    return ERR_OK;
}

err_code tntp_check_whole(const tntp_scan *s, const char *name, double value) {
    return floor(value) == value ? ERR_OK : tntp_fail(s, ERR_FORMAT, "%s is %.12g, not a whole number", name, value);
}
