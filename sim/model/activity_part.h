// What the activity_*.c files share: destination tables, and a person's day while it is made. Private to the model
// layer.
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
void activity_table_fill(activity_table *t, const activity_los *los, const float *logsum, double size_scale,
                         double logsum_scale);
// Turns the weights in each row's cumulative entries into cumulative shares.
void activity_table_accumulate(activity_table *t);
// Place at position u in (0,1); IX_NONE if there is none.
uint32_t activity_table_draw(const activity_table *t, uint32_t slot, double u);

// Cumulative share of the day by time, from start_h over 24 hours.
typedef struct activity_clock {
    double start_h;
    double cumulative[25];
} activity_clock;

enum { ACTIVITY_TOURS_MAX = 8, ACTIVITY_PARTY_MAX = 5 };

typedef struct activity_context {
    const scenario *s;
    const zone_system *z;
    const activity_los *los;
    const population *p;
    rng_key key;
    double home_office_share;
    int32_t end_s;  // everybody is home by then
    activity_clock out[PURPOSE_COUNT];
    activity_clock back[PURPOSE_COUNT];
    bool has_back[PURPOSE_COUNT];
    activity_table table[SEGMENT_VISITOR + 1][PURPOSE_COUNT];  // free destinations of residents and visitors
    activity_table no_car[PURPOSE_COUNT];                      // of residents who cannot drive
    uint32_t *partner;  // [person] whose draws of the joint tour it shares (activity_pairs), IX_NONE = its own
} activity_context;

typedef struct activity_stop {  // on the way
    uint32_t place_ix;          // IX_NONE = none
    int32_t departure_s;
    uint8_t purpose;
} activity_stop;

typedef struct activity_ref {  // another person's tour
    uint32_t person_ix;        // IX_NONE = none
    uint8_t purpose;
    uint8_t number;
} activity_ref;

typedef struct activity_draft {  // a tour before it is written
    uint32_t destination_ix;
    int32_t departure_s;
    int32_t return_s;
    int32_t home_s;  // back home, with travel
    uint8_t purpose;
    uint8_t number;  // among the person's tours of the purpose
    uint8_t party;   // others who are with it all the way
    bool taken;      // by the lead on its first trip only
    activity_stop out_stop;
    activity_stop home_stop;
    activity_ref lead;
    activity_ref pickup;
} activity_draft;

typedef struct activity_day {
    uint8_t count;
    uint8_t no_room;
    uint8_t no_place;
    uint8_t wanted[PURPOSE_COUNT];
    uint8_t escorts_open;                     // bits: escort activities that wait for what the household does
    activity_draft tour[ACTIVITY_TOURS_MAX];  // in order of time
} activity_day;

static inline activity_draft activity_draft_of(purpose why, uint32_t number) {
    const activity_stop none = {.place_ix = IX_NONE};
    const activity_ref nobody = {.person_ix = IX_NONE};
    return (activity_draft){.purpose = (uint8_t)why,
                            .number = (uint8_t)number,
                            .out_stop = none,
                            .home_stop = none,
                            .lead = nobody,
                            .pickup = nobody};
}
uint64_t activity_tour_id(uint64_t person_id, purpose why, uint32_t number);
void activity_clock_init(activity_clock *c, const zone_profile *profile, double start_h);
int32_t activity_travel_s(const activity_los *los, uint32_t from_place, uint32_t to_place);
int32_t activity_draw_stay(const purpose_params *params, double u);
// Free time before tour k of the day (k = count: after the last one).
void activity_free_time(const activity_context *d, const activity_day *day, uint32_t k, int32_t *from_s, int32_t *to_s);
// Draws the times of a tour by draw_id and adds it; false if the day has no room for it.
bool activity_place_tour(const activity_context *d, uint32_t person_ix, activity_draft tour, uint64_t draw_id,
                         activity_day *day);
// Adds a tour whose times are given; false if they are not free.
bool activity_fit_tour(const activity_context *d, activity_draft tour, activity_day *day);
// Where a person may go for a purpose: who has no licence, or no car in the household, heeds what can be reached
// without.
const activity_table *activity_table_of(const activity_context *d, uint32_t person_ix, purpose why);
bool activity_goes_along(const activity_context *d, uint32_t person_ix, purpose why);
// One activity of a person, as a tour or on the way of one; days are those of the household, from its first person.
void activity_add_plain(const activity_context *d, uint32_t person_ix, purpose why, uint32_t number, activity_day *day);
void activity_add_escort(const activity_context *d, uint32_t household, uint32_t member, uint32_t number,
                         activity_day *days);
// The open ones: to where somebody of the household who may not drive spends the time, or anywhere.
void activity_close_escorts(const activity_context *d, uint32_t household, activity_day *days);
void activity_add_errand(const activity_context *d, uint32_t household, uint32_t member, purpose why, uint32_t number,
                         activity_day *days);
// Pairs people who have the same home and the same place of work, or come as visitors from the same place.
err_code activity_pairs(activity_context *d, arena *scratch);

bool activity_is_commuter(const population *p, uint32_t person_ix);  // employed, lives outside
uint8_t *activity_slots_of(const activity_los *los, const population *p, segment who, arena *a);  // NULL: no memory

#endif
