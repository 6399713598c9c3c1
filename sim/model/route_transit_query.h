// What the three files of route_transit share (private to model): the scratch of a query and the two searches.
//
// A journey is access, ride, (transfer, ride)..., egress. A transfer is at the same stop in its change time or by one
// footpath; never two walks in a row, so footpaths need not be transitively closed. For that, arrivals by vehicle
// (from which one may walk) are kept apart from readiness to board (after a walk or none).
//
// The forward search gives times only: earliest arrivals by number of boardings. The late search then goes back from
// the destination over what the forward search reached and finds, for one arrival and number of boardings, the latest
// departure and the legs. Single queries and profiles thus give the same journeys.
#ifndef VESTSIM_MODEL_ROUTE_TRANSIT_QUERY_H
#define VESTSIM_MODEL_ROUTE_TRANSIT_QUERY_H

#include "model/route_transit.h"

// Times of one stop: one cache line. Entries never get worse with k ("with at most k boardings").
typedef struct transit_label {
    int32_t ride_s[ROUTE_TRANSIT_ROUNDS_MAX];   // [k - 1] forward: arrival by vehicle; late: last departure by vehicle
    int32_t board_s[ROUTE_TRANSIT_ROUNDS_MAX];  // [k] forward: ready to board; late: last arrival that still connects
} transit_label;

// Labels, marks and queues of one search. Marks are round numbers that only grow, so nothing is cleared for them.
typedef struct transit_search {
    transit_label *label;   // [stop]
    uint8_t *touched_flag;  // [stop]
    uint32_t *touched;      // stops whose labels are not blank
    uint32_t touched_count;
    uint32_t round;         // number of the round under way
    uint32_t *ride_round;   // [stop] round of the last better ride label
    uint32_t *board_round;  // [stop] round of the last better board label
    uint32_t *ride_stop;    // stops with a better ride label in this round
    uint32_t *board_stop;   // stops with a better board label after this round
    uint32_t *pattern_pos;  // [pattern] where to start scanning; IX_NONE = not queued
    uint64_t *board_bit;    // forward: positions of queued patterns where one may board, from bit_first on
    uint32_t *pattern;      // queued patterns
    uint32_t ride_count;
    uint32_t board_count;
    uint32_t pattern_count;
} transit_search;

// The trip of a pattern ridden last with at most k boardings, and from where: whoever boards it or a later one there or
// further on finds nothing new (Witt, "Trip-Based Public Transit Routing", ESA 2015). One cache line a pattern.
typedef struct transit_ridden {
    uint32_t trip[ROUTE_TRANSIT_ROUNDS_MAX];  // [k - 1] from the pattern's first; IX_NONE = none
    uint32_t pos[ROUTE_TRANSIT_ROUNDS_MAX];
} transit_ridden;

typedef struct transit_late_ride {  // the ride of a late label
    uint32_t trip_ix;
    uint32_t board_pos;
    uint32_t alight_pos;
} transit_late_ride;

struct route_transit_query {
    const transit *timetable;
    transit_search forward;
    transit_search late;
    uint32_t *bit_first;       // [pattern] first word of its board_bit
    transit_ridden *ridden;    // [pattern] by the forward searches since route_transit_begin
    uint32_t *ridden_pattern;  // those that are not blank
    uint32_t ridden_count;
    transit_late_ride *late_ride;  // [(k - 1) * stops + stop]
    uint32_t *late_next;           // [k * stops + stop]: stop of the next boarding
    uint32_t *reverse_first;       // [stop + 1]: footpaths by the stop they lead to
    uint32_t *reverse_from;
    int32_t *reverse_s;
    int32_t *egress_walk_s;  // [stop]; -1 = no egress here
    int32_t egress_shortest_s;
    const route_transit_access *access;
    const route_transit_access *egress;
    uint32_t access_count;
    uint32_t egress_count;
    uint32_t rounds;
    int32_t target_s[ROUTE_TRANSIT_ROUNDS_MAX];  // [k - 1]: earliest arrival with at most k boardings
    uint64_t *departure_bit;                     // profiles: seconds at which a journey may start
    int32_t bit_first_s;
    uint32_t bit_words;
    const uint8_t *denied;       // [stop event] boarding denied; NULL = nowhere
    bool windows;                // some access is full at times
    route_transit_found *found;  // told of every better arrival by vehicle; NULL = nobody
    void *found_ctx;
};

// Sets the ends of a question and blanks the forward labels. egress_count may be 0 (one to all).
void route_transit_begin(route_transit_query *q, const route_transit_access *access, uint32_t access_count,
                         const route_transit_access *egress, uint32_t egress_count, uint32_t rounds);
void route_transit_end(route_transit_query *q);
// One forward search from departure_s over the labels as they stand (blank, or those of later departures). With
// exact_start the first boarding must leave just as its access walk ends: later ones were found before.
void route_transit_forward(route_transit_query *q, int32_t departure_s, bool exact_start);
// The journey that arrives at target_s[boardings - 1] and departs latest.
void route_transit_late(route_transit_query *q, uint32_t boardings, route_transit_journey *out);
// Last second at or before by_s at which one may arrive at an access stop; INT32_MIN if none.
int32_t route_transit_latest_at(const route_transit_access *access, int32_t by_s);
// May passengers board at a stop event?
static inline bool route_transit_boards(const route_transit_query *q, uint32_t event) {
    return q->timetable->no_pickup[event] == 0 && (q->denied == NULL || q->denied[event] == 0);
}

// Scratch handling for both searches.
err_code route_transit_search_init(transit_search *s, const transit *t, arena *a);
void route_transit_search_clear(transit_search *s, uint32_t stop_count, int32_t blank_s);
void route_transit_touch(transit_search *s, uint32_t stop_ix);

#endif
