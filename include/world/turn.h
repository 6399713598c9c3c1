// What is known of single turns: rows of GMNS movement.csv, by in-link and out-link of a node. Turns without a row are
// allowed, cost nothing and follow the node's control.
#ifndef VESTSIM_WORLD_TURN_H
#define VESTSIM_WORLD_TURN_H

#include "world/column.h"

#define TURN_COLUMNS(X)                                                                                        \
    X(uint32_t, in_ix, "1", "link that ends at the node")                                                      \
    X(uint32_t, out_ix, "1", "link that starts there")                                                         \
    X(uint8_t, forbidden, "1", "1 = nobody may turn this way")                                                 \
    X(uint8_t, control, "1", "control of this turn (enum junction_control); TURN_CONTROL_NODE = as the node")  \
    X(float, penalty_s, "s", "time the turn costs")                                                            \
    X(float, capacity_vph, "h-1", "capacity of the turn, also its weight in a merge; 0 = that of the in-link") \
    X(uint32_t, cycle_s, "s", "signal cycle; 0 = as the node's other signals")                                 \
    X(uint32_t, green_from_s, "s", "start of green within the cycle")                                          \
    X(uint32_t, green_s, "s", "length of green")

enum { TURN_CONTROL_NODE = 255 };

typedef struct turn_table {  // sorted by (in_ix, out_ix)
    uint32_t count;
    COLUMN_FIELDS(TURN_COLUMNS)
} turn_table;

err_code turn_alloc(turn_table *t, arena *a, uint32_t count);  // control: as the node
// Sorts by in-link and out-link; a turn with two rows is ERR_REFERENCE (rows of the unsorted table are named).
err_code turn_sort(turn_table *t, arena *a);
err_code turn_copy(const turn_table *from, arena *a, turn_table *to);
uint32_t turn_find(const turn_table *t, uint32_t in_ix, uint32_t out_ix);  // row or IX_NONE
bool turn_is_forbidden(const turn_table *t, uint32_t in_ix, uint32_t out_ix);
// What a turn costs, in the whole seconds that traffic and routes count.
static inline uint32_t turn_penalty_s(const turn_table *t, uint32_t row) {
    return (uint32_t)((double)t->penalty_s[row] + 0.5);
}
uint64_t turn_hash(const turn_table *t, uint64_t h);  // h itself for an empty table
void turn_describe(const turn_table *t, column out[COLUMN_COUNT(TURN_COLUMNS)]);

#endif
