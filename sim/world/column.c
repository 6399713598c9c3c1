#include "world/column.h"

size_t column_value_bytes(column_type type) {
    switch (type) {
        case COLUMN_U8:
        case COLUMN_I8:
            return 1;
        case COLUMN_U16:
            return 2;
        case COLUMN_U32:
        case COLUMN_I32:
        case COLUMN_F32:
            return 4;
        case COLUMN_U64:
        case COLUMN_F64:
            return 8;
        case COLUMN_TEXT:
            break;
    }
    return sizeof(text);
}

// A text with its terminating NUL, so that "ab","c" and "a","bc" differ; a missing text is its own value.
static uint64_t column_hash_text(uint64_t h, text value) {
    return value == NULL ? hash_u64(h, UINT64_MAX) : hash_bytes(h, value, strlen(value) + 1);
}

static uint64_t column_hash_one(uint64_t h, const column *c, uint32_t row_count) {
    switch (c->type) {
        case COLUMN_F32:
            for (uint32_t i = 0; i < row_count; i++) {
                h = hash_f64(h, (double)((const float *)c->data)[i]);
            }
            return h;
        case COLUMN_F64:
            for (uint32_t i = 0; i < row_count; i++) {
                h = hash_f64(h, ((const double *)c->data)[i]);
            }
            return h;
        case COLUMN_TEXT:
            for (uint32_t i = 0; i < row_count; i++) {
                h = column_hash_text(h, ((const text *)c->data)[i]);
            }
            return h;
        case COLUMN_U8:
        case COLUMN_I8:
        case COLUMN_U16:
        case COLUMN_U32:
        case COLUMN_U64:
        case COLUMN_I32:
            break;
    }
    return hash_bytes(h, c->data, (size_t)row_count * column_value_bytes(c->type));
}

uint64_t column_hash(uint64_t h, const column *columns, uint32_t column_count, uint32_t row_count) {
    h = hash_u64(h, row_count);
    for (uint32_t i = 0; i < column_count; i++) {
        h = column_hash_one(h, &columns[i], row_count);
    }
    return h;
}
