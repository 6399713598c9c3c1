// Spoils small valid inputs, the same way every time, for tests that a loader answers whatever it is given.
#ifndef VESTSIM_TESTS_IO_SPOIL_H
#define VESTSIM_TESTS_IO_SPOIL_H

#include <string.h>

#include "support.h"

enum { IO_SPOIL_GROW_MAX = 40 };  // an edit makes a text no more than this longer

// One edit: a bit flipped, a byte replaced by one that means something to a parser, a piece cut out, doubled or moved
// to another place, noise put in, or the end cut off.
static inline size_t io_spoil(char *bytes, size_t size, uint64_t key, uint32_t edit) {
    static const char meaning[] = ",\"\n\r\0;:{}[]-.#'&*!%|>?\t \xff\xef";
    uint64_t r = support_random(key, edit * 4), q = support_random(key, edit * 4 + 1);
    size_t at = size == 0 ? 0 : (size_t)(q % size),
           piece = (size_t)(support_random(key, edit * 4 + 2) % IO_SPOIL_GROW_MAX);
    piece = piece > size - at ? size - at : piece;
    switch (r % 6) {
        case 0:
            if (size > 0) {
                bytes[at] = (char)(bytes[at] ^ (1 << (r >> 8) % 8));
            }
            return size;
        case 1:
            if (size > 0) {
                bytes[at] = meaning[(r >> 8) % (sizeof meaning - 1)];
            }
            return size;
        case 2:
            memmove(bytes + at, bytes + at + piece, size - at - piece);
            return size - piece;
        case 3:
            memmove(bytes + at + piece, bytes + at, size - at);
            return size + piece;
        case 4:
            for (size_t i = 0; i < piece; i++) {
                bytes[at + i] = (char)support_random(key + i, 77);
            }
            return size;
        default:
            return (r >> 8) % 4 == 0 ? at : size;
    }
}

#endif
