// XML read as a stream of elements by expat, plain or gzip, with located errors. Private to io.
#ifndef VESTSIM_IO_XML_STREAM_H
#define VESTSIM_IO_XML_STREAM_H

#include "base/mem.h"

typedef struct xml_stream xml_stream;

// Handlers return what they raised; parsing stops at the first error. attribute: name, value, name, value, ..., NULL.
typedef struct xml_handlers {
    err_code (*start)(xml_stream *x, void *ctx, const char *name, const char *const *attribute);
    err_code (*end)(xml_stream *x, void *ctx, const char *name);
    err_code (*characters)(xml_stream *x, void *ctx, const char *piece, size_t length);  // may be NULL
} xml_handlers;

// ERR_FILE when path cannot be read or its compressed data are cut off or damaged, ERR_FORMAT when it is not XML.
err_code xml_stream_parse(const char *path, const xml_handlers *handlers, void *ctx);
const char *xml_stream_path(const xml_stream *x);
uint32_t xml_stream_line(const xml_stream *x);
// Raises code with "path:line: " before the message.
err_code xml_stream_fail(const xml_stream *x, err_code code, const char *fmt, ...) ERR_PRINTF(3, 4);

const char *xml_stream_value(const char *const *attribute, const char *name);  // NULL when absent
// The value, which must be there and not be empty.
err_code xml_stream_text(const xml_stream *x, const char *const *attribute, const char *name, const char **out);
// A number in [min, max]; when it is absent or empty, *out is not changed.
err_code xml_stream_number(const xml_stream *x, const char *const *attribute, const char *name, double min, double max,
                           double *out);
// A time of day or a duration as MATSim writes them (HH:MM:SS with hours beyond 24, HH:MM, or seconds), rounded down
// to seconds; IX_NONE when it is absent, empty or "undefined".
err_code xml_stream_time(const xml_stream *x, const char *const *attribute, const char *name, uint32_t *out);
// The same of a text alone; false when it is none.
bool xml_stream_parse_time(const char *value, uint32_t *out);

// The array with room for count + more items, grown by doubling and freed with mem_free; NULL when out of memory (the
// old one stays).
void *xml_stream_grow(void *items, size_t *capacity, size_t count, size_t more, size_t item_bytes);
// items: an lvalue of pointer type. Returns ERR_MEMORY from the calling function on failure.
#define XML_STREAM_RESERVE(items, capacity, count, more)                                        \
    do {                                                                                        \
        void *grown_ = xml_stream_grow((items), &(capacity), (count), (more), sizeof *(items)); \
        if (grown_ == NULL) {                                                                   \
            return ERR_MEMORY;                                                                  \
        }                                                                                       \
        (items) = grown_;                                                                       \
    } while (0)

#endif
