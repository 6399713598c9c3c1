#include "xml_stream.h"

#include <errno.h>
#include <expat.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { READ_BYTES = 1 << 16, MESSAGE_BYTES = 512, DEPTH_MAX = 64, TIME_MAX_S = 1 << 30 };

struct xml_stream {
    const char *path;
    const xml_handlers *handlers;
    void *ctx;
    XML_Parser parser;
    uint32_t depth;
    err_code code;  // of the handler that failed
};

const char *xml_stream_path(const xml_stream *x) {
    return x->path;
}

uint32_t xml_stream_line(const xml_stream *x) {
    return (uint32_t)XML_GetCurrentLineNumber(x->parser);
}

err_code xml_stream_fail(const xml_stream *x, err_code code, const char *fmt, ...) {
    char message[MESSAGE_BYTES];
    va_list list;
    va_start(list, fmt);
    vsnprintf(message, sizeof message, fmt, list);
    va_end(list);
    return err_raise(code, "%s:%u: %s", x->path, xml_stream_line(x), message);
}

// ---------------------------------------------------------------------------------------------- parsing

static void keep(xml_stream *x, err_code code) {
    if (code != ERR_OK && x->code == ERR_OK) {
        x->code = code;
        (void)XML_StopParser(x->parser, XML_FALSE);
    }
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attribute) {
    xml_stream *x = data;
    if (x->code == ERR_OK && ++x->depth > DEPTH_MAX) {
        keep(x, xml_stream_fail(x, ERR_FORMAT, "elements are nested more than %d deep", (int)DEPTH_MAX));
    }
    if (x->code == ERR_OK) {
        keep(x, x->handlers->start(x, x->ctx, name, (const char *const *)attribute));
    }
}

static void XMLCALL on_end(void *data, const XML_Char *name) {
    xml_stream *x = data;
    x->depth--;
    if (x->code == ERR_OK) {
        keep(x, x->handlers->end(x, x->ctx, name));
    }
}

static void XMLCALL on_characters(void *data, const XML_Char *piece, int length) {
    xml_stream *x = data;
    if (x->code == ERR_OK && x->handlers->characters != NULL) {
        keep(x, x->handlers->characters(x, x->ctx, piece, (size_t)length));
    }
}

static err_code parse_piece(xml_stream *x, int bytes, bool last) {
    if (XML_ParseBuffer(x->parser, bytes, last) == XML_STATUS_OK) {
        return ERR_OK;
    }
    if (x->code != ERR_OK) {
        return x->code;
    }
    enum XML_Error error = XML_GetErrorCode(x->parser);
    CHECK(error != XML_ERROR_NO_MEMORY, ERR_MEMORY, "out of memory while reading %s", x->path);
    return xml_stream_fail(x, ERR_FORMAT, "this is not well-formed XML: %s (column %lu)", XML_ErrorString(error),
                           (unsigned long)XML_GetCurrentColumnNumber(x->parser) + 1);
}

static err_code damaged(const xml_stream *x, gzFile file) {
    int error = Z_OK;
    const char *text = gzerror(file, &error);
    if (error == Z_ERRNO) {
        return err_raise(ERR_FILE, "%s: cannot be read: %s", x->path, strerror(errno));
    }
    return err_raise(ERR_FILE, "%s:%u: the compressed file is cut off or damaged here: %s", x->path, xml_stream_line(x),
                     error == Z_BUF_ERROR ? "unexpected end of file" : text);
}

static err_code parse_file(xml_stream *x, gzFile file) {
    for (;;) {
        void *buffer = XML_GetBuffer(x->parser, READ_BYTES);
        CHECK(buffer != NULL, ERR_MEMORY, "out of memory while reading %s", x->path);
        int bytes = gzread(file, buffer, READ_BYTES);
        int error = Z_OK;
        (void)gzerror(file, &error);
        if (bytes < 0 || (error != Z_OK && error != Z_STREAM_END)) {
            return damaged(x, file);
        }
        TRY(parse_piece(x, bytes, bytes == 0));
        if (bytes == 0) {
            return ERR_OK;
        }
    }
}

err_code xml_stream_parse(const char *path, const xml_handlers *handlers, void *ctx) {
    xml_stream x = {.path = path, .handlers = handlers, .ctx = ctx};
    errno = 0;
    gzFile file = gzopen(path, "rb");
    CHECK(file != NULL, ERR_FILE, "%s: cannot be opened: %s", path, errno != 0 ? strerror(errno) : "out of memory");
    x.parser = XML_ParserCreate(NULL);
    err_code code = x.parser != NULL ? ERR_OK : err_raise(ERR_MEMORY, "out of memory while reading %s", path);
    if (code == ERR_OK) {
        XML_SetUserData(x.parser, &x);
        XML_SetElementHandler(x.parser, on_start, on_end);
        XML_SetCharacterDataHandler(x.parser, on_characters);
        code = parse_file(&x, file);
        XML_ParserFree(x.parser);
    }
    (void)gzclose(file);
    return code;
}

// ------------------------------------------------------------------------------------------- attributes

const char *xml_stream_value(const char *const *attribute, const char *name) {
    for (; *attribute != NULL; attribute += 2) {
        if (strcmp(attribute[0], name) == 0) {
            return attribute[1];
        }
    }
    return NULL;
}

err_code xml_stream_text(const xml_stream *x, const char *const *attribute, const char *name, const char **out) {
    *out = xml_stream_value(attribute, name);
    if (*out == NULL || **out == '\0') {
        return xml_stream_fail(x, ERR_FORMAT, "the attribute '%s' is missing or empty", name);
    }
    return ERR_OK;
}

err_code xml_stream_number(const xml_stream *x, const char *const *attribute, const char *name, double min, double max,
                           double *out) {
    const char *value = xml_stream_value(attribute, name);
    if (value == NULL || value[0] == '\0') {
        return ERR_OK;
    }
    char *end = NULL;
    double number = strtod(value, &end);
    if (*end != '\0' || isnan(number)) {
        return xml_stream_fail(x, ERR_FORMAT, "%s=\"%.60s\" is not a number", name, value);
    }
    if (number < min || number > max) {
        return xml_stream_fail(x, ERR_RANGE, "%s=\"%.60s\" is outside %.6g to %.6g", name, value, min, max);
    }
    *out = number;
    return ERR_OK;
}

bool xml_stream_parse_time(const char *value, uint32_t *out) {
    double seconds = 0;
    *out = IX_NONE;
    if (value[0] == '\0' || strcmp(value, "undefined") == 0 || strcmp(value, "-Infinity") == 0) {
        return true;
    }
    int part = 0;
    for (bool more = true; more; part++) {
        char *end = NULL;
        double number = value[0] >= '0' && value[0] <= '9' ? strtod(value, &end) : -1;
        more = end != NULL && *end == ':';
        if (!(number >= 0 && number <= TIME_MAX_S) || (!more && *end != '\0') || (more && part == 2) ||
            (part > 0 && number >= 60)) {
            return false;
        }
        seconds = seconds * 60 + number;
        value = end + more;
    }
    seconds = part == 2 ? seconds * 60 : seconds;  // HH:MM
    if (!(seconds <= TIME_MAX_S)) {
        return false;
    }
    *out = (uint32_t)seconds;
    return true;
}

err_code xml_stream_time(const xml_stream *x, const char *const *attribute, const char *name, uint32_t *out) {
    const char *value = xml_stream_value(attribute, name);
    *out = IX_NONE;
    if (value != NULL && !xml_stream_parse_time(value, out)) {
        return xml_stream_fail(x, ERR_FORMAT, "%s=\"%.60s\" is not a time; write HH:MM:SS, HH:MM or seconds", name,
                               value);
    }
    return ERR_OK;
}

void *xml_stream_grow(void *items, size_t *capacity, size_t count, size_t more, size_t item_bytes) {
    if (items != NULL && more <= *capacity - count) {
        return items;
    }
    size_t wanted = *capacity * 2 > count + more ? *capacity * 2 : count + more;
    wanted = wanted > 64 ? wanted : 64;
    void *grown = mem_grow(items, *capacity * item_bytes, wanted * item_bytes);
    if (grown != NULL) {
        *capacity = wanted;
    }
    return grown;
}
