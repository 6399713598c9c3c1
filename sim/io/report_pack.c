#include <string.h>
#include <zlib.h>

#include "base/mem.h"
#include "report_internal.h"

static void base64(FILE *out, const unsigned char *data, size_t size) {
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        uint32_t have = size - i < 3 ? (uint32_t)(size - i) : 3;
        uint32_t bits = (uint32_t)data[i] << 16;
        bits |= have > 1 ? (uint32_t)data[i + 1] << 8 : 0;
        bits |= have > 2 ? data[i + 2] : 0;
        char four[4] = {digit[bits >> 18], digit[bits >> 12 & 63], have > 1 ? digit[bits >> 6 & 63] : '=',
                        have > 2 ? digit[bits & 63] : '='};
        fwrite(four, 1, sizeof four, out);
    }
}

// The low bytes of all items first, then the next: high bytes are mostly 0 and shrink to nothing.
static void shuffle(const unsigned char *from, unsigned char *to, size_t count, size_t width) {
    for (size_t b = 0; b < width; b++) {
        for (size_t i = 0; i < count; i++) {
            to[b * count + i] = from[i * width + b];
        }
    }
}

err_code report_pack(FILE *out, const void *data, size_t count, size_t width) {
    size_t bytes = count * width;
    uLongf packed_bytes = compressBound((uLong)bytes);
    unsigned char *plain = mem_alloc(bytes + 1);
    unsigned char *packed = mem_alloc((size_t)packed_bytes + 1);
    err_code code = plain != NULL && packed != NULL ? ERR_OK : ERR_MEMORY;
    if (code == ERR_OK) {
        shuffle(data, plain, count, width);
        int status = compress2(packed, &packed_bytes, plain, (uLong)bytes, 6);
        code = status == Z_OK ? ERR_OK : err_raise(ERR_MEMORY, "out of memory when compressing");
    }
    if (code == ERR_OK) {
        fputc('"', out);
        base64(out, packed, (size_t)packed_bytes);
        fputc('"', out);
    }
    mem_free(packed);
    mem_free(plain);
    return code;
}
