// The late search: from one arrival back to the latest departure, over what the forward search reached.
#include "route_transit_query.h"

#define UNBOUNDED UINT32_MAX  // for "boardings before": without a forward search

// A later last departure by vehicle from a stop, with k boardings to go.
static void better_ride(route_transit_query *q, uint32_t stop_ix, uint32_t k, int32_t departure_s,
                        transit_late_ride ride) {
    transit_search *l = &q->late;
    int32_t *ride_s = l->label[stop_ix].ride_s;
    for (uint32_t i = k - 1; i < ROUTE_TRANSIT_ROUNDS_MAX && ride_s[i] < departure_s; i++) {
        ride_s[i] = departure_s;
    }
    q->late_ride[(size_t)(k - 1) * q->timetable->stop.count + stop_ix] = ride;
    if (l->ride_round[stop_ix] != l->round) {
        l->ride_round[stop_ix] = l->round;
        l->ride_stop[l->ride_count++] = stop_ix;
        route_transit_touch(l, stop_ix);
    }
}

// A later last arrival at a stop that still makes the boarding at next_ix, k boardings to go.
static void better_arrival(route_transit_query *q, uint32_t stop_ix, uint32_t k, int32_t latest_s, uint32_t next_ix) {
    transit_search *l = &q->late;
    int32_t *board_s = l->label[stop_ix].board_s;
    if (latest_s <= board_s[k]) {
        return;
    }
    for (uint32_t i = k; i < ROUTE_TRANSIT_ROUNDS_MAX && board_s[i] < latest_s; i++) {
        board_s[i] = latest_s;
    }
    q->late_next[(size_t)k * q->timetable->stop.count + stop_ix] = next_ix;
    if (l->board_round[stop_ix] != l->round) {
        l->board_round[stop_ix] = l->round;
        l->board_stop[l->board_count++] = stop_ix;
        route_transit_touch(l, stop_ix);
    }
}

// One past the last trip of [first, end) that reaches position pos by latest_s and lets passengers off there; first
// if none.
static uint32_t latest_trip(const transit *t, uint32_t first, uint32_t end, uint32_t pos, int32_t latest_s) {
    uint32_t low = first;
    uint32_t high = end;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (t->arrival_s[t->trip.time_first[middle] + pos] <= latest_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    while (low > first && t->no_dropoff[t->trip.time_first[low - 1] + pos] != 0) {
        low--;
    }
    return low;
}

// Was the forward search ready to board at a stop by then, with `before` boardings? UNBOUNDED: it was not asked.
static bool ready(const route_transit_query *q, uint32_t stop_ix, uint32_t before, int32_t by_s) {
    return before == UNBOUNDED || q->forward.label[stop_ix].board_s[before] <= by_s;
}

// Had it come by vehicle by then?
static bool arrived(const route_transit_query *q, uint32_t stop_ix, uint32_t before, int32_t by_s) {
    return before == UNBOUNDED || q->forward.label[stop_ix].ride_s[before - 1] <= by_s;
}

// Rides pattern p backwards from position pos. `before` boardings were made before this ride, so a stop is of use
// when the forward search is ready there in time with that many.
static void scan_pattern(route_transit_query *q, uint32_t p, uint32_t pos, uint32_t k, uint32_t before) {
    const transit *t = q->timetable;
    const transit_search *l = &q->late;
    const uint32_t *stop = t->pattern_stop + t->pattern_stop_first[p];
    const uint32_t first = t->pattern_trip_first[p];
    const uint32_t end = t->pattern_trip_first[p + 1];
    uint32_t after = first;  // one past the trip ridden; first = none
    uint32_t alight = 0;
    for (uint32_t j = pos + 1; j-- > 0;) {
        uint32_t s = stop[j];
        uint32_t trip = after;
        while (trip > first && !route_transit_boards(q, t->trip.time_first[trip - 1] + j)) {
            trip--;  // of trips that take nobody here an earlier one, which arrives in time too
        }
        if (trip > first) {
            int32_t departure_s = t->departure_s[t->trip.time_first[trip - 1] + j];
            if (departure_s > l->label[s].ride_s[k - 1] && ready(q, s, before, departure_s)) {
                better_ride(q, s, k, departure_s, (transit_late_ride){trip - 1, j, alight});
            }
        }
        if (j == 0 || l->board_round[s] != l->round - 1) {
            continue;
        }
        uint32_t found = latest_trip(t, after, end, j, l->label[s].board_s[k - 1]);
        if (found > after) {
            after = found;
            alight = j;
        }
    }
}

// Patterns that reach a marked stop, in ascending order (so that equal journeys go by the lowest trip), with the
// last marked position.
static void queue_patterns(route_transit_query *q) {
    const transit *t = q->timetable;
    transit_search *l = &q->late;
    l->pattern_count = 0;
    for (uint32_t i = 0; i < l->board_count; i++) {
        uint32_t s = l->board_stop[i];
        for (uint32_t e = t->stop_pattern_first[s]; e < t->stop_pattern_first[s + 1]; e++) {
            uint32_t p = t->stop_pattern[e];
            uint32_t pos = t->stop_pattern_pos[e];
            if (l->pattern_pos[p] != IX_NONE) {
                l->pattern_pos[p] = pos > l->pattern_pos[p] ? pos : l->pattern_pos[p];
                continue;
            }
            l->pattern_pos[p] = pos;
            uint32_t place = l->pattern_count++;
            for (; place > 0 && l->pattern[place - 1] > p; place--) {
                l->pattern[place] = l->pattern[place - 1];
            }
            l->pattern[place] = p;
        }
    }
}

// Before the rides of round k: arrive at the stop itself or walk to it from another. Only arrivals that the forward
// search makes (with `before` boardings) are followed further.
static void transfer(route_transit_query *q, uint32_t k, uint32_t before) {
    const transit *t = q->timetable;
    transit_search *l = &q->late;
    for (uint32_t i = 0; i < l->ride_count; i++) {
        uint32_t s = l->ride_stop[i];
        int32_t departure_s = l->label[s].ride_s[k - 1];
        int64_t there_s = (int64_t)departure_s - t->change_s[s];
        if (there_s > INT32_MIN && arrived(q, s, before, (int32_t)there_s)) {
            better_arrival(q, s, k, (int32_t)there_s, s);
        }
        for (uint32_t e = q->reverse_first[s]; e < q->reverse_first[s + 1]; e++) {
            uint32_t from = q->reverse_from[e];
            if (arrived(q, from, before, departure_s - q->reverse_s[e])) {
                better_arrival(q, from, k, departure_s - q->reverse_s[e], s);
            }
        }
    }
}

// Rides of round k come after `boardings - k` others; unbounded, any number may come before.
static void search(route_transit_query *q, uint32_t boardings, int32_t arrival_s, bool unbounded) {
    transit_search *l = &q->late;
    route_transit_search_clear(l, q->timetable->stop.count, INT32_MIN);
    l->round++;
    for (uint32_t i = 0; i < q->egress_count; i++) {
        uint32_t s = q->egress[i].stop_ix;
        int32_t latest_s = arrival_s - q->egress_walk_s[s];
        if (arrived(q, s, unbounded ? UNBOUNDED : boardings, latest_s)) {
            better_arrival(q, s, 0, latest_s, IX_NONE);
        }
    }
    for (uint32_t k = 1; k <= boardings; k++) {
        uint32_t before = unbounded ? UNBOUNDED : boardings - k;
        queue_patterns(q);
        l->round++;
        l->ride_count = 0;
        for (uint32_t i = 0; i < l->pattern_count; i++) {
            uint32_t p = l->pattern[i];
            scan_pattern(q, p, l->pattern_pos[p], k, before);
            l->pattern_pos[p] = IX_NONE;
        }
        l->board_count = 0;
        if (k < boardings) {
            transfer(q, k, before);
        }
    }
}

static void add_leg(route_transit_journey *j, route_transit_leg leg) {
    ASSERT(j->leg_count < ROUTE_TRANSIT_LEGS_MAX);
    j->leg[j->leg_count++] = leg;
}

// Adds the rides and walks from the boarding at a stop with k boardings to go; returns the last stop.
static uint32_t follow(const route_transit_query *q, uint32_t stop_ix, uint32_t boardings, route_transit_journey *j) {
    const transit *t = q->timetable;
    size_t stops = t->stop.count;
    for (uint32_t k = boardings; k > 0; k--) {
        const transit_late_ride *r = &q->late_ride[(k - 1) * stops + stop_ix];
        uint32_t event = t->trip.time_first[r->trip_ix];
        int32_t departure_s = t->departure_s[event + r->board_pos];
        int32_t arrival_s = t->arrival_s[event + r->alight_pos];
        uint32_t alight_ix = t->pattern_stop[t->pattern_stop_first[t->trip.pattern_ix[r->trip_ix]] + r->alight_pos];
        if (j->leg_count > 0) {
            j->wait_s += departure_s - j->leg[j->leg_count - 1].arrival_s;
        }
        j->on_board_s += arrival_s - departure_s;
        add_leg(j, (route_transit_leg){r->trip_ix, stop_ix, alight_ix, departure_s, arrival_s, event + r->board_pos,
                                       event + r->alight_pos});
        if (k == 1) {
            return alight_ix;
        }
        stop_ix = q->late_next[(k - 1) * stops + alight_ix];
        if (stop_ix != alight_ix) {
            int32_t walk_s = q->late.label[stop_ix].ride_s[k - 2] - q->late.label[alight_ix].board_s[k - 1];
            j->walk_s += walk_s;
            add_leg(j,
                    (route_transit_leg){IX_NONE, alight_ix, stop_ix, arrival_s, arrival_s + walk_s, IX_NONE, IX_NONE});
        }
    }
    return stop_ix;
}

int32_t route_transit_latest_at(const route_transit_access *access, int32_t by_s) {
    return by_s >= access->full_from_s && by_s < access->full_to_s ? access->full_from_s - 1 : by_s;
}

// Among equal departures the lowest stop, then the shortest way, then the lowest mode.
static bool preferred(const route_transit_access *a, const route_transit_access *than) {
    if (a->stop_ix != than->stop_ix) {
        return a->stop_ix < than->stop_ix;
    }
    return a->walk_s != than->walk_s ? a->walk_s < than->walk_s : a->mode < than->mode;
}

// The access that leaves latest with `boardings` rides, over the late labels; NULL if none reaches any.
static const route_transit_access *last_access(const route_transit_query *q, uint32_t boardings, int32_t *departure_s) {
    const route_transit_access *best = NULL;
    *departure_s = INT32_MIN;
    for (uint32_t i = 0; i < q->access_count; i++) {
        const route_transit_access *a = &q->access[i];
        int32_t ride_s = q->late.label[a->stop_ix].ride_s[boardings - 1];
        if (ride_s == INT32_MIN) {
            continue;
        }
        int32_t leave_s = route_transit_latest_at(a, ride_s) - a->walk_s;
        if (best == NULL || leave_s > *departure_s || (leave_s == *departure_s && preferred(a, best))) {
            *departure_s = leave_s;
            best = a;
        }
    }
    return best;
}

static void add_way(route_transit_journey *j, int32_t seconds, uint8_t mode) {
    *(mode == 0 ? &j->walk_s : &j->other_s) += seconds;
}

static uint8_t egress_mode(const route_transit_query *q, uint32_t stop_ix) {
    uint8_t mode = UINT8_MAX;
    for (uint32_t i = 0; i < q->egress_count; i++) {
        const route_transit_access *e = &q->egress[i];
        if (e->stop_ix == stop_ix && e->walk_s == q->egress_walk_s[stop_ix] && e->mode < mode) {
            mode = e->mode;
        }
    }
    return mode;
}

void route_transit_late(route_transit_query *q, uint32_t boardings, route_transit_journey *out) {
    int32_t departure_s;
    search(q, boardings, q->target_s[boardings - 1], false);
    const route_transit_access *access = last_access(q, boardings, &departure_s);
    ASSERT(access != NULL);
    *out = (route_transit_journey){
        .departure_s = departure_s,
        .arrival_s = q->target_s[boardings - 1],
        .access_mode = access->mode,
        .boardings = boardings,
    };
    add_way(out, access->walk_s, access->mode);
    uint32_t last = follow(q, access->stop_ix, boardings, out);
    out->wait_s += out->leg[0].departure_s - departure_s - access->walk_s;
    int32_t egress_s = q->egress_walk_s[last];
    // Arriving at the last stop before it is needed cannot be: the arrival would then be earlier.
    ASSERT(out->leg[out->leg_count - 1].arrival_s + egress_s == out->arrival_s);
    out->egress_mode = egress_mode(q, last);
    add_way(out, egress_s, out->egress_mode);
}

uint32_t route_transit_arrive_by(const transit *t, route_transit_query *q, const route_transit_access *access,
                                 uint32_t access_count, const route_transit_access *egress, uint32_t egress_count,
                                 int32_t arrival_s, uint32_t rounds, route_transit_journey *out) {
    ASSERT(t == q->timetable);
    uint32_t count = 0;
    int32_t leave_s[ROUTE_TRANSIT_ROUNDS_MAX], fewer_s = INT32_MIN;
    if (access_count == 0 || egress_count == 0 || rounds == 0) {
        return 0;
    }
    // When to leave, backwards from the arrival; then what a traveller who leaves then does, forwards.
    route_transit_begin(q, access, access_count, egress, egress_count, rounds);
    search(q, rounds, arrival_s, true);
    for (uint32_t k = 1; k <= rounds; k++) {
        last_access(q, k, &leave_s[k - 1]);
    }
    route_transit_end(q);
    for (uint32_t k = 1; k <= rounds; k++) {
        if (leave_s[k - 1] > fewer_s) {
            fewer_s = leave_s[k - 1];
            route_transit_begin(q, access, access_count, egress, egress_count, k);
            route_transit_forward(q, fewer_s, false);
            route_transit_late(q, k, &out[count++]);
            route_transit_end(q);
        }
    }
    return count;
}
