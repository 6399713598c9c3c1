#include "io/json.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// Bytes of the UTF-8 character at c, 0 if it is none (RFC 3629: no overlong forms, no surrogates).
static size_t utf8_length(const unsigned char *c) {
    if (c[0] < 0x80) {
        return 1;
    }
    size_t n = c[0] >= 0xF0 ? 4 : c[0] >= 0xE0 ? 3 : 2;
    if (c[0] < 0xC2 || c[0] > 0xF4) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if ((c[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (c[0] == 0xE0 && c[1] < 0xA0) || (c[0] == 0xF0 && c[1] < 0x90);
    bool beyond = (c[0] == 0xED && c[1] > 0x9F) || (c[0] == 0xF4 && c[1] > 0x8F);
    return overlong || beyond ? 0 : n;
}

static void put_character(FILE *out, const unsigned char *c, size_t n) {
    if (n == 0) {
        fputs("\\ufffd", out);
    } else if (n == 1 && (*c == '"' || *c == '\\')) {
        fprintf(out, "\\%c", *c);
    } else if (n == 1 && (*c < 0x20 || *c == 0x7f || *c == '<' || *c == '>' || *c == '&')) {
        fprintf(out, "\\u%04x", *c);
    } else if (n == 3 && c[0] == 0xE2 && c[1] == 0x80 && (c[2] == 0xA8 || c[2] == 0xA9)) {
        fprintf(out, "\\u20%02x", c[2] - 0x80);  // line ends in older JavaScript
    } else {
        fwrite(c, 1, n, out);
    }
}

void json_text(FILE *out, const char *text) {
    fputc('"', out);
    for (const unsigned char *c = (const unsigned char *)(text == NULL ? "" : text); *c != '\0';) {
        size_t n = utf8_length(c);
        put_character(out, c, n);
        c += n == 0 ? 1 : n;
    }
    fputc('"', out);
}

void json_number(FILE *out, double value) {
    char written[40];
    if (!isfinite(value)) {
        fputs("null", out);
        return;
    }
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(written, sizeof written, "%.*g", digits, value == 0 ? 0.0 : value);
        if (strtod(written, NULL) == value) {
            break;
        }
    }
    fputs(written, out);
}

void json_rounded(FILE *out, double value, int decimals) {
    char written[64];
    if (!isfinite(value) || fabs(value) > 1e15) {
        json_number(out, value);
        return;
    }
    snprintf(written, sizeof written, "%.*f", decimals, value);
    if (strchr(written, '.') != NULL) {
        size_t end = strlen(written);
        while (written[end - 1] == '0') {
            written[--end] = '\0';
        }
        if (written[end - 1] == '.') {
            written[end - 1] = '\0';
        }
    }
    fputs(strcmp(written, "-0") == 0 ? "0" : written, out);
}

void json_member(FILE *out, const char *name, double value) {
    fprintf(out, ", \"%s\": ", name);
    json_number(out, value);
}

void json_pair(FILE *out, const char *name, double low, double high) {
    fprintf(out, ", \"%s\": [", name);
    json_number(out, low);
    fputs(", ", out);
    json_number(out, high);
    fputs("]", out);
}
