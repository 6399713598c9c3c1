#include "wkt.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_BYTES = 64, POINT_BYTES = 64, SHOWN_BYTES = 24, COORDINATES_MAX = 4 };

#define AREA_MIN_SHARE 1e-9

static const char *skip_blanks(const char *p) {
    return p + strspn(p, " \t\r\n");
}

static err_code fail_near(const char *at, const char *expected) {
    return err_raise(ERR_FORMAT, "%s was expected before '%.*s'%s", expected, SHOWN_BYTES, at,
                     *at == '\0' ? " (the text ends)" : "");
}

// Case does not matter; the keyword must end where letters end.
static err_code expect_keyword(const char **at, const char *keyword) {
    const char *p = skip_blanks(*at);
    for (const char *k = keyword; *k != '\0'; k++, p++) {
        char c = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
        if (c != *k) {
            return fail_near(skip_blanks(*at), keyword);
        }
    }
    p = skip_blanks(p);
    if (*p == 'Z' || *p == 'z') {
        p++;
    }
    *at = p;
    return ERR_OK;
}

static err_code expect_char(const char **at, char c) {
    const char expected[2] = {c, '\0'};
    const char *p = skip_blanks(*at);
    if (*p != c) {
        return fail_near(p, expected);
    }
    *at = p + 1;
    return ERR_OK;
}

static err_code read_number(const char **at, double *out) {
    const char *p = skip_blanks(*at);
    size_t length = strspn(p, "0123456789+-.eE");
    char number[NUMBER_BYTES];
    if (length == 0 || length >= sizeof number) {
        return fail_near(p, "a number");
    }
    memcpy(number, p, length);
    number[length] = '\0';
    char *end = NULL;
    *out = strtod(number, &end);
    if (*end != '\0') {
        return fail_near(p, "a number");
    }
    *at = p + length;
    return ERR_OK;
}

static err_code read_point(const char **at, double *lon, double *lat) {
    double value[COORDINATES_MAX] = {0};
    int count = 0;
    for (;;) {
        const char *p = skip_blanks(*at);
        if (*p == ',' || *p == ')') {
            break;
        }
        if (count == COORDINATES_MAX) {
            return fail_near(p, "a comma or a bracket");
        }
        TRY(read_number(at, &value[count]));
        count++;
    }
    CHECK(count >= 2, ERR_FORMAT, "a point needs a longitude and a latitude with a blank between");
    CHECK(value[0] >= -180 && value[0] <= 180, ERR_RANGE, "longitude %.9g is outside -180 to 180 degrees", value[0]);
    CHECK(value[1] >= -90 && value[1] <= 90, ERR_RANGE, "latitude %.9g is outside -90 to 90 degrees", value[1]);
    *lon = value[0];
    *lat = value[1];
    return ERR_OK;
}

// "(x y, x y, ...)"
static err_code read_points(const char **at, arena *a, wkt_line *out) {
    TRY(expect_char(at, '('));
    uint32_t room = 1;
    for (const char *p = *at; *p != '\0' && *p != ')'; p++) {
        room += *p == ',';
    }
    ARENA_NEW(a, out->lon, room);
    ARENA_NEW(a, out->lat, room);
    out->count = 0;
    for (;;) {
        ASSERT(out->count < room);
        TRY(read_point(at, &out->lon[out->count], &out->lat[out->count]));
        out->count++;
        const char *p = skip_blanks(*at);
        *at = p + 1;
        if (*p == ')') {
            return ERR_OK;
        }
        // read_point stops at a comma or a bracket only
    }
}

static err_code expect_end(const char *at) {
    at = skip_blanks(at);
    return *at == '\0' ? ERR_OK : fail_near(at, "the end");
}

err_code wkt_parse_linestring(const char *text, arena *a, wkt_line *out) {
    TRY(expect_keyword(&text, "LINESTRING"));
    TRY(read_points(&text, a, out));
    TRY(expect_end(text));
    CHECK(out->count >= 2, ERR_FORMAT, "a LINESTRING needs at least two points");
    return ERR_OK;
}

static double widest(const double *values, uint32_t count) {
    double low = values[0], high = values[0];
    for (uint32_t i = 1; i < count; i++) {
        low = values[i] < low ? values[i] : low;
        high = values[i] > high ? values[i] : high;
    }
    return high - low;
}

// Against the box around the ring, so that rounding does not make an area of a line.
static bool has_area(const wkt_line *ring) {
    double sum = 0;
    for (uint32_t i = 0; i < ring->count; i++) {
        uint32_t j = i + 1 == ring->count ? 0 : i + 1;
        sum += (ring->lon[i] - ring->lon[0]) * (ring->lat[j] - ring->lat[0]) -
               (ring->lon[j] - ring->lon[0]) * (ring->lat[i] - ring->lat[0]);
    }
    return fabs(sum) > AREA_MIN_SHARE * widest(ring->lon, ring->count) * widest(ring->lat, ring->count);
}

err_code wkt_parse_polygon(const char *text, arena *a, wkt_line *out) {
    TRY(expect_keyword(&text, "POLYGON"));
    TRY(expect_char(&text, '('));
    TRY(read_points(&text, a, out));
    CHECK(*skip_blanks(text) != ',', ERR_FORMAT, "the polygon has a hole; only one outer ring is read");
    TRY(expect_char(&text, ')'));
    TRY(expect_end(text));
    uint32_t last = out->count - 1;
    CHECK(out->count >= 4 && out->lon[0] == out->lon[last] && out->lat[0] == out->lat[last], ERR_FORMAT,
          "the ring is not closed: it needs at least four points, the last the same as the first");
    out->count--;
    CHECK(has_area(out), ERR_RANGE, "the ring has no area");
    return ERR_OK;
}

const char *wkt_reversed(const wkt_line *line, arena *a) {
    size_t room = 16 + (size_t)line->count * POINT_BYTES;
    char *out = arena_alloc(a, room, 1);
    if (out == NULL) {
        return NULL;
    }
    size_t used = (size_t)snprintf(out, room, "LINESTRING (");
    for (uint32_t i = line->count; i-- > 0;) {
        used +=
            (size_t)snprintf(out + used, room - used, "%.10g %.10g%s", line->lon[i], line->lat[i], i > 0 ? ", " : ")");
    }
    return out;
}
