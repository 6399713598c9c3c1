// Earliest arrivals by the connection scan algorithm (Dibbelt, Pajor, Strasser and Wagner, "Connection Scan Algorithm",
// ACM JEA 23, 2018): all rides between two calls in order of departure, looked at once.
#include <stdlib.h>
#include <string.h>

#include "model/route_transit.h"

typedef struct scan_ride {
    int32_t departure_s;
    int32_t arrival_s;
    uint32_t from_ix;
    uint32_t to_ix;
    uint32_t trip_ix;
    uint32_t event;  // of the departure; the next is that of the arrival
} scan_ride;

struct route_transit_scan {
    const transit *timetable;
    scan_ride *ride;
    uint32_t ride_count;
    int32_t first_s;   // departure of the first
    uint32_t *minute;  // first ride that departs in a minute or later, counted from first_s; minutes + 1
    uint32_t minutes;
};

struct route_transit_scan_query {
    const route_transit_scan *scan;
    int32_t *reach_s;   // [stop] earliest arrival by vehicle
    int32_t *ready_s;   // [stop] and ready to board
    int32_t *egress_s;  // [stop] -1 = no egress here
    uint32_t *boarded;  // [trip] stop event at which one may be on board, IX_NONE = not
};

static int compare_rides(const void *left, const void *right) {
    const scan_ride *a = left, *b = right;
    if (a->departure_s != b->departure_s) {
        return a->departure_s < b->departure_s ? -1 : 1;
    }
    return a->event < b->event ? -1 : a->event > b->event;  // trips lie one after the other
}

static err_code index_minutes(route_transit_scan *x, arena *a) {
    if (x->ride_count > 0) {
        x->first_s = x->ride[0].departure_s;
        x->minutes = (uint32_t)(x->ride[x->ride_count - 1].departure_s - x->first_s) / 60 + 1;
    }
    ARENA_NEW(a, x->minute, (size_t)x->minutes + 1);
    uint32_t i = 0;
    for (uint32_t m = 0; m <= x->minutes; m++) {
        while (i < x->ride_count && x->ride[i].departure_s < x->first_s + (int32_t)m * 60) {
            i++;
        }
        x->minute[m] = i;
    }
    return ERR_OK;
}

err_code route_transit_scan_build(const transit *t, arena *a, route_transit_scan **out) {
    route_transit_scan *x;
    ARENA_NEW(a, x, 1);
    x->timetable = t;
    ARENA_NEW(a, x->ride, transit_event_count(t));
    for (uint32_t i = 0; i < t->trip.count; i++) {
        const transit_block *b = &t->block[t->trip.pattern_ix[i]];
        for (uint32_t k = 0; k + 1 < b->stops; k++) {
            uint32_t event = t->trip.time_first[i] + k;
            x->ride[x->ride_count++] = (scan_ride){t->departure_s[event],
                                                   t->arrival_s[event + 1],
                                                   t->pattern_stop[b->stop_first + k],
                                                   t->pattern_stop[b->stop_first + k + 1],
                                                   i,
                                                   event};
        }
    }
    if (x->ride_count > 0) {
        qsort(x->ride, x->ride_count, sizeof *x->ride, compare_rides);
    }
    *out = x;
    return index_minutes(x, a);
}

err_code route_transit_scan_query_init(const route_transit_scan *x, arena *a, route_transit_scan_query **out) {
    route_transit_scan_query *q;
    uint32_t stops = x->timetable->stop.count;
    ARENA_NEW(a, q, 1);
    q->scan = x;
    ARENA_NEW(a, q->reach_s, stops);
    ARENA_NEW(a, q->ready_s, stops);
    ARENA_NEW(a, q->egress_s, stops);
    ARENA_NEW(a, q->boarded, x->timetable->trip.count);
    memset(q->egress_s, 0xff, stops * sizeof *q->egress_s);
    *out = q;
    return ERR_OK;
}

// Never INT32_MAX, so that times can be added: two days after any clock.
#define NEVER_S (INT32_MAX / 2)

static void start(route_transit_scan_query *q, const route_transit_access *access, uint32_t access_count,
                  int32_t departure_s, int32_t *first_s) {
    uint32_t stops = q->scan->timetable->stop.count;
    for (uint32_t s = 0; s < stops; s++) {
        q->reach_s[s] = q->ready_s[s] = NEVER_S;
    }
    memset(q->boarded, 0xff, q->scan->timetable->trip.count * sizeof *q->boarded);
    *first_s = NEVER_S;
    for (uint32_t i = 0; i < access_count; i++) {
        const route_transit_access *a = &access[i];
        int64_t there_s = (int64_t)departure_s + a->walk_s;
        there_s = there_s >= a->full_from_s && there_s < a->full_to_s ? a->full_to_s : there_s;
        if (there_s < q->ready_s[a->stop_ix]) {
            q->ready_s[a->stop_ix] = (int32_t)there_s;
            *first_s = (int32_t)there_s < *first_s ? (int32_t)there_s : *first_s;
        }
    }
}

// First ride that departs at first_s or later.
static uint32_t first_ride(const route_transit_scan *x, int32_t first_s) {
    if (x->ride_count == 0 || first_s <= x->first_s) {
        return 0;
    }
    uint32_t m = (uint32_t)(first_s - x->first_s) / 60;
    uint32_t i = x->minute[m < x->minutes ? m : x->minutes];
    while (i < x->ride_count && x->ride[i].departure_s < first_s) {
        i++;
    }
    return i;
}

static void arrive(route_transit_scan_query *q, uint32_t stop_ix, int32_t arrival_s, int32_t *best_s) {
    const transit *t = q->scan->timetable;
    int32_t egress_s = q->egress_s[stop_ix];
    q->reach_s[stop_ix] = arrival_s;
    if (egress_s >= 0 && arrival_s + egress_s < *best_s) {
        *best_s = arrival_s + egress_s;
    }
    if (t->change_s[stop_ix] < NEVER_S && arrival_s + t->change_s[stop_ix] < q->ready_s[stop_ix]) {
        q->ready_s[stop_ix] = arrival_s + t->change_s[stop_ix];
    }
    for (uint32_t e = t->path_first[stop_ix]; e < t->path_first[stop_ix + 1]; e++) {
        int32_t there_s = arrival_s + t->path_s[e];
        if (there_s < q->ready_s[t->path_to[e]]) {
            q->ready_s[t->path_to[e]] = there_s;
        }
    }
}

// First ride that departs in the same second as ride i - 1.
static uint32_t second_of(const scan_ride *ride, uint32_t i) {
    int32_t departure_s = ride[i - 1].departure_s;
    while (i > 0 && ride[i - 1].departure_s == departure_s) {
        i--;
    }
    return i;
}

// May one be on board of a ride? Once boarded, for the rest of the trip.
static inline bool on_board(route_transit_scan_query *q, const scan_ride *c, const uint8_t *denied) {
    // Not "boarded at all": in a second looked at again that may have been further on.
    if (q->boarded[c->trip_ix] <= c->event) {
        return true;
    }
    if (q->ready_s[c->from_ix] > c->departure_s || q->scan->timetable->no_pickup[c->event] != 0 ||
        (denied != NULL && denied[c->event] != 0)) {
        return false;
    }
    q->boarded[c->trip_ix] = c->event;
    return true;
}

// From ride i on until nothing that departs later can be of use.
static int32_t scan(route_transit_scan_query *q, uint32_t i, const uint8_t *denied) {
    const transit *t = q->scan->timetable;
    const scan_ride *ride = q->scan->ride;
    const uint32_t count = q->scan->ride_count;
    int32_t best_s = NEVER_S;
    // Something took no time at all: rides of that second that were looked at before it may be of use now.
    int32_t again_s = NEVER_S;
    for (;; i++) {
        if (again_s != NEVER_S && (i == count || ride[i].departure_s > again_s)) {
            again_s = NEVER_S;
            i = second_of(ride, i);
        }
        if (i == count || ride[i].departure_s >= best_s) {
            break;
        }
        const scan_ride *c = &ride[i];
        if (on_board(q, c, denied) && c->arrival_s < q->reach_s[c->to_ix] && t->no_dropoff[c->event + 1] == 0) {
            arrive(q, c->to_ix, c->arrival_s, &best_s);
            again_s = c->arrival_s == c->departure_s ? c->departure_s : again_s;
        }
    }
    return best_s;
}

static bool served(const transit *t, const route_transit_access *end, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (t->stop_pattern_first[end[i].stop_ix] < t->stop_pattern_first[end[i].stop_ix + 1]) {
            return true;
        }
    }
    return false;
}

int32_t route_transit_earliest(route_transit_scan_query *q, const route_transit_access *access, uint32_t access_count,
                               const route_transit_access *egress, uint32_t egress_count, int32_t departure_s,
                               const uint8_t *denied) {
    int32_t first_s;
    if (!served(q->scan->timetable, access, access_count) || !served(q->scan->timetable, egress, egress_count)) {
        return INT32_MAX;  // not worth scanning the day for
    }
    start(q, access, access_count, departure_s, &first_s);
    for (uint32_t i = 0; i < egress_count; i++) {
        int32_t *egress_s = &q->egress_s[egress[i].stop_ix];
        *egress_s = *egress_s < 0 || egress[i].walk_s < *egress_s ? egress[i].walk_s : *egress_s;
    }
    int32_t best_s = scan(q, first_ride(q->scan, first_s), denied);
    for (uint32_t i = 0; i < egress_count; i++) {
        q->egress_s[egress[i].stop_ix] = -1;
    }
    return best_s == NEVER_S ? INT32_MAX : best_s;
}
