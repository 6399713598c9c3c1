#include "world/turn.h"

#include <string.h>

#include "base/par.h"
#include "base/table.h"

err_code turn_alloc(turn_table *t_, arena *a_, uint32_t n_) {
    *t_ = (turn_table){.count = n_};
    COLUMN_ALLOC(TURN_COLUMNS)
    if (n_ > 0) {
        memset(t_->control, TURN_CONTROL_NODE, n_);
    }
    return ERR_OK;
}

err_code turn_copy(const turn_table *f_, arena *a_, turn_table *t_) {
    uint32_t n_ = f_->count;
    *t_ = (turn_table){.count = n_};
    COLUMN_COPY(TURN_COLUMNS)
    return ERR_OK;
}

static uint64_t turn_key(const turn_table *t, uint32_t row) {
    return (uint64_t)t->in_ix[row] << 32 | t->out_ix[row];
}

static err_code turn_gather(turn_table *t, arena *a, const uint32_t *order) {
#define TURN_GATHER(type, name, unit, doc)        \
    {                                             \
        type *sorted;                             \
        ARENA_NEW(a, sorted, t->count);           \
        for (uint32_t i = 0; i < t->count; i++) { \
            sorted[i] = t->name[order[i]];        \
        }                                         \
        t->name = sorted;                         \
    }
    TURN_COLUMNS(TURN_GATHER)
#undef TURN_GATHER
    return ERR_OK;
}

err_code turn_sort(turn_table *t, arena *a) {
    uint64_t *key;
    uint32_t *order;
    ARENA_NEW(a, key, t->count);
    ARENA_NEW(a, order, t->count);
    for (uint32_t i = 0; i < t->count; i++) {
        key[i] = turn_key(t, i);
        order[i] = i;
    }
    TRY(par_sort_u64(key, t->count, order));
    for (uint32_t i = 1; i < t->count; i++) {
        CHECK(key[order[i - 1]] != key[order[i]], ERR_REFERENCE, "rows %u and %u describe the same turn; keep one",
              order[i - 1] + 1, order[i] + 1);
    }
    return turn_gather(t, a, order);
}

uint32_t turn_find(const turn_table *t, uint32_t in_ix, uint32_t out_ix) {
    uint64_t wanted = (uint64_t)in_ix << 32 | out_ix;
    uint32_t low = 0, high = t->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (turn_key(t, middle) < wanted) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < t->count && turn_key(t, low) == wanted ? low : IX_NONE;
}

bool turn_is_forbidden(const turn_table *t, uint32_t in_ix, uint32_t out_ix) {
    uint32_t row = turn_find(t, in_ix, out_ix);
    return row != IX_NONE && t->forbidden[row] != 0;
}

uint64_t turn_hash(const turn_table *t, uint64_t h) {
    if (t->count == 0) {
        return h;
    }
    column columns[COLUMN_COUNT(TURN_COLUMNS)];
    turn_describe(t, columns);
    return column_hash(h, columns, COLUMN_COUNT(TURN_COLUMNS), t->count);
}

void turn_describe(const turn_table *t_, column out[COLUMN_COUNT(TURN_COLUMNS)]) {
    const column all[] = {COLUMN_DESCRIBE(TURN_COLUMNS)};
    _Static_assert(sizeof all / sizeof *all == COLUMN_COUNT(TURN_COLUMNS), "one description a column");
    memcpy(out, all, sizeof all);
}
