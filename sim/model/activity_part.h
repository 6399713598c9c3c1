// Destination tables shared by activity.c and activity_fixed.c. Private to the model layer.
#ifndef VESTSIM_MODEL_ACTIVITY_PART_H
#define VESTSIM_MODEL_ACTIVITY_PART_H

#include "model/activity.h"

// Candidate places of a purpose and, for each origin slot in use, their cumulative choice shares.
typedef struct activity_table {
    uint32_t count;  // candidates, in place order
    uint32_t *place_ix;
    double *size;
    uint32_t row_count;
    uint32_t *row_slot;
    uint32_t *row_of_slot;  // by slot; IX_NONE = not in use
    double *cumulative;     // row_count x count; a row's last entry is 1, or 0 if nothing can be reached
} activity_table;

// Candidates are the places with place_size > 0, origins the slots with slot_used != 0.
err_code activity_table_init(const activity_los *los, uint32_t place_count, const double *place_size,
                             const uint8_t *slot_used, arena *a, activity_table *out);
// Shares proportional to size^size_scale * exp(logsum_scale * logsum of the purpose).
void activity_table_fill(activity_table *t, const activity_los *los, purpose why, double size_scale,
                         double logsum_scale);
// Turns the weights in each row's cumulative entries into cumulative shares.
void activity_table_accumulate(activity_table *t);
// Place at position u in (0,1); IX_NONE if there is none.
uint32_t activity_table_draw(const activity_table *t, uint32_t slot, double u);

bool activity_is_commuter(const population *p, uint32_t person_ix);  // employed, lives outside
uint8_t *activity_slots_of(const activity_los *los, const population *p, segment who, arena *a);  // NULL: no memory

#endif
