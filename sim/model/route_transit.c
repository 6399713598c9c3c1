#include "model/route_transit.h"

#include <string.h>

#include "route_transit_query.h"

static const int32_t transit_never_s = INT32_MAX;

// ---- scratch ----

err_code route_transit_search_init(transit_search *s, const transit *t, arena *a) {
    uint32_t stops = t->stop.count;
    ARENA_NEW(a, s->label, stops);
    ARENA_NEW(a, s->touched_flag, stops);
    ARENA_NEW(a, s->touched, stops);
    ARENA_NEW(a, s->ride_round, stops);
    ARENA_NEW(a, s->board_round, stops);
    ARENA_NEW(a, s->ride_stop, stops);
    ARENA_NEW(a, s->board_stop, stops);
    ARENA_NEW(a, s->pattern_pos, t->pattern_count);
    ARENA_NEW(a, s->pattern, t->pattern_count);
    memset(s->pattern_pos, 0xff, (size_t)t->pattern_count * sizeof *s->pattern_pos);
    for (uint32_t i = 0; i < stops; i++) {  // as if left behind by an earlier search
        s->touched_flag[i] = 1;
        s->touched[i] = i;
    }
    s->touched_count = stops;
    return ERR_OK;
}

void route_transit_search_clear(transit_search *s, uint32_t stop_count, int32_t blank_s) {
    for (uint32_t i = 0; i < s->touched_count; i++) {
        transit_label *l = &s->label[s->touched[i]];
        for (int k = 0; k < ROUTE_TRANSIT_ROUNDS_MAX; k++) {
            l->ride_s[k] = blank_s;
            l->board_s[k] = blank_s;
        }
        s->touched_flag[s->touched[i]] = 0;
    }
    s->touched_count = 0;
    if (s->round > UINT32_MAX / 2) {  // long before the numbers run out
        memset(s->ride_round, 0, stop_count * sizeof *s->ride_round);
        memset(s->board_round, 0, stop_count * sizeof *s->board_round);
        s->round = 0;
    }
    s->ride_count = 0;
    s->board_count = 0;
}

void route_transit_touch(transit_search *s, uint32_t stop_ix) {
    if (s->touched_flag[stop_ix] == 0) {
        s->touched_flag[stop_ix] = 1;
        s->touched[s->touched_count++] = stop_ix;
    }
}

// Footpaths by the stop they lead to, for going backwards.
static err_code build_reverse(route_transit_query *q, arena *a) {
    const transit *t = q->timetable;
    uint32_t stops = t->stop.count;
    uint32_t paths = t->path_first[stops];
    uint32_t *fill;
    ARENA_NEW(a, q->reverse_first, (size_t)stops + 1);
    ARENA_NEW(a, q->reverse_from, paths);
    ARENA_NEW(a, q->reverse_s, paths);
    ARENA_NEW(a, fill, stops);
    for (uint32_t i = 0; i < paths; i++) {
        q->reverse_first[t->path_to[i] + 1]++;
    }
    for (uint32_t s = 0; s < stops; s++) {
        q->reverse_first[s + 1] += q->reverse_first[s];
        fill[s] = q->reverse_first[s];
    }
    for (uint32_t s = 0; s < stops; s++) {
        for (uint32_t i = t->path_first[s]; i < t->path_first[s + 1]; i++) {
            uint32_t place = fill[t->path_to[i]]++;
            q->reverse_from[place] = s;
            q->reverse_s[place] = t->path_s[i];
        }
    }
    return ERR_OK;
}

// One bit for each second from a day before the first departure (walks are shorter) to the last.
static err_code build_departure_bits(route_transit_query *q, arena *a) {
    const transit *t = q->timetable;
    int32_t first_s = INT32_MAX;
    int32_t last_s = INT32_MIN;
    for (uint32_t i = 0; i < t->trip.count; i++) {
        uint32_t p = t->trip.pattern_ix[i];
        uint32_t stops = t->pattern_stop_first[p + 1] - t->pattern_stop_first[p];
        for (uint32_t j = 0; j < stops; j++) {
            int32_t departure_s = t->departure_s[t->trip.time_first[i] + j];
            first_s = departure_s < first_s ? departure_s : first_s;
            last_s = departure_s > last_s ? departure_s : last_s;
        }
    }
    q->bit_first_s = t->trip.count > 0 ? first_s - 86400 : 0;
    q->bit_words = t->trip.count > 0 ? (uint32_t)(last_s - q->bit_first_s) / 64 + 1 : 0;
    ARENA_NEW(a, q->departure_bit, q->bit_words);
    return ERR_OK;
}

err_code route_transit_query_init(const transit *t, arena *a, route_transit_query **out) {
    route_transit_query *q;
    ARENA_NEW(a, q, 1);
    q->timetable = t;
    size_t cells = (size_t)ROUTE_TRANSIT_ROUNDS_MAX * t->stop.count;
    TRY(route_transit_search_init(&q->forward, t, a));
    TRY(route_transit_search_init(&q->late, t, a));
    ARENA_NEW(a, q->late_ride, cells);
    ARENA_NEW(a, q->late_next, cells);
    ARENA_NEW(a, q->egress_walk_s, t->stop.count);
    memset(q->egress_walk_s, 0xff, (size_t)t->stop.count * sizeof *q->egress_walk_s);
    TRY(build_reverse(q, a));
    TRY(build_departure_bits(q, a));
    *out = q;
    return ERR_OK;
}

void route_transit_begin(route_transit_query *q, const route_transit_access *access, uint32_t access_count,
                         const route_transit_access *egress, uint32_t egress_count, uint32_t rounds) {
    ASSERT(rounds <= ROUTE_TRANSIT_ROUNDS_MAX);
    route_transit_search_clear(&q->forward, q->timetable->stop.count, transit_never_s);
    q->access = access;
    q->access_count = access_count;
    q->egress = egress;
    q->egress_count = egress_count;
    q->rounds = rounds;
    for (int k = 0; k < ROUTE_TRANSIT_ROUNDS_MAX; k++) {
        q->target_s[k] = transit_never_s;
    }
    q->windows = false;
    for (uint32_t i = 0; i < access_count; i++) {
        q->windows = q->windows || access[i].full_from_s < access[i].full_to_s;
    }
    q->egress_shortest_s = egress_count > 0 ? transit_never_s : 0;
    for (uint32_t i = 0; i < egress_count; i++) {
        ASSERT(egress[i].stop_ix < q->timetable->stop.count && egress[i].walk_s >= 0);
        int32_t *walk_s = &q->egress_walk_s[egress[i].stop_ix];
        if (*walk_s < 0 || egress[i].walk_s < *walk_s) {
            *walk_s = egress[i].walk_s;
        }
        if (egress[i].walk_s < q->egress_shortest_s) {
            q->egress_shortest_s = egress[i].walk_s;
        }
    }
}

void route_transit_end(route_transit_query *q) {
    for (uint32_t i = 0; i < q->egress_count; i++) {
        q->egress_walk_s[q->egress[i].stop_ix] = -1;
    }
}

// ---- the forward search ----

// A better time to be ready to board at a stop, after k boardings.
static void better_board(route_transit_query *q, uint32_t stop_ix, uint32_t k, int32_t ready_s) {
    transit_search *f = &q->forward;
    int32_t *board_s = f->label[stop_ix].board_s;
    if (ready_s >= board_s[k]) {
        return;
    }
    board_s[k] = ready_s;
    for (uint32_t i = k + 1; i < q->rounds && board_s[i] > ready_s; i++) {
        board_s[i] = ready_s;
    }
    if (f->board_round[stop_ix] != f->round) {
        f->board_round[stop_ix] = f->round;
        f->board_stop[f->board_count++] = stop_ix;
        route_transit_touch(f, stop_ix);
    }
}

// A better arrival by vehicle, with k boardings.
static void better_ride(route_transit_query *q, uint32_t stop_ix, uint32_t k, int32_t arrival_s) {
    transit_search *f = &q->forward;
    int32_t *ride_s = f->label[stop_ix].ride_s;
    for (uint32_t i = k - 1; i < q->rounds && ride_s[i] > arrival_s; i++) {
        ride_s[i] = arrival_s;
    }
    if (f->ride_round[stop_ix] != f->round) {
        f->ride_round[stop_ix] = f->round;
        f->ride_stop[f->ride_count++] = stop_ix;
        route_transit_touch(f, stop_ix);
    }
    int32_t walk_s = q->egress_walk_s[stop_ix];
    if (walk_s >= 0) {
        for (uint32_t i = k - 1; i < q->rounds && q->target_s[i] > arrival_s + walk_s; i++) {
            q->target_s[i] = arrival_s + walk_s;
        }
    }
}

// First trip of [first, end) that leaves position pos at ready_s or later and takes passengers there; end if none.
static uint32_t earliest_trip(const route_transit_query *q, uint32_t first, uint32_t end, uint32_t pos,
                              int32_t ready_s) {
    const transit *t = q->timetable;
    uint32_t low = first;
    uint32_t high = end;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (t->departure_s[t->trip.time_first[middle] + pos] < ready_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    while (low < end && !route_transit_boards(q, t->trip.time_first[low] + pos)) {
        low++;
    }
    return low;
}

// Rides pattern p from position pos on, in round k, boarding wherever round k - 1 made a better label.
static void scan_pattern(route_transit_query *q, uint32_t p, uint32_t pos, uint32_t k, bool exact_start) {
    const transit *t = q->timetable;
    const transit_search *f = &q->forward;
    const uint32_t *stop = t->pattern_stop + t->pattern_stop_first[p];
    const uint32_t last = t->pattern_stop_first[p + 1] - t->pattern_stop_first[p] - 1;
    const uint32_t first_trip = t->pattern_trip_first[p];
    const uint32_t no_trip = t->pattern_trip_first[p + 1];
    const uint32_t marked = f->round - 1;
    // Not later than the target, rather than earlier: the late search looks at journeys that arrive alike.
    int32_t bound_s = q->target_s[k - 1] - q->egress_shortest_s;
    uint32_t trip = no_trip;
    uint32_t event = 0;  // first of the trip
    for (uint32_t j = pos; j <= last; j++) {
        uint32_t s = stop[j];
        if (trip != no_trip) {
            int32_t arrival_s = t->arrival_s[event + j];
            if (arrival_s < f->label[s].ride_s[k - 1] && arrival_s <= bound_s && t->no_dropoff[event + j] == 0) {
                better_ride(q, s, k, arrival_s);
                bound_s = q->target_s[k - 1] - q->egress_shortest_s;
            }
        }
        if (j == last || f->board_round[s] != marked) {
            continue;
        }
        int32_t ready_s = f->label[s].board_s[k - 1];
        // Nothing to find beyond the target, nor when the trip before the present one has gone.
        if (ready_s > bound_s ||
            (trip != no_trip && (trip == first_trip || t->departure_s[t->trip.time_first[trip - 1] + j] < ready_s))) {
            continue;
        }
        uint32_t found = earliest_trip(q, first_trip, trip, j, ready_s);
        if (found != trip && (!exact_start || t->departure_s[t->trip.time_first[found] + j] == ready_s)) {
            trip = found;
            event = t->trip.time_first[trip];
        }
    }
}

static void queue_patterns(route_transit_query *q) {
    const transit *t = q->timetable;
    transit_search *f = &q->forward;
    f->pattern_count = 0;
    for (uint32_t i = 0; i < f->board_count; i++) {
        uint32_t s = f->board_stop[i];
        for (uint32_t e = t->stop_pattern_first[s]; e < t->stop_pattern_first[s + 1]; e++) {
            uint32_t p = t->stop_pattern[e];
            uint32_t pos = t->stop_pattern_pos[e];
            if (f->pattern_pos[p] == IX_NONE) {
                f->pattern[f->pattern_count++] = p;
            }
            if (pos < f->pattern_pos[p]) {  // IX_NONE is greater than any position
                f->pattern_pos[p] = pos;
            }
        }
    }
}

// After the rides of round k: change at the stop or walk to another.
static void transfer(route_transit_query *q, uint32_t k) {
    const transit *t = q->timetable;
    transit_search *f = &q->forward;
    for (uint32_t i = 0; i < f->ride_count; i++) {
        uint32_t s = f->ride_stop[i];
        int32_t arrival_s = f->label[s].ride_s[k - 1];
        int32_t bound_s = q->target_s[k - 1] - q->egress_shortest_s;
        if (arrival_s >= bound_s) {
            continue;
        }
        if (t->change_s[s] < bound_s - arrival_s) {
            better_board(q, s, k, arrival_s + t->change_s[s]);
        }
        for (uint32_t e = t->path_first[s]; e < t->path_first[s + 1]; e++) {
            if (t->path_s[e] < bound_s - arrival_s) {
                better_board(q, t->path_to[e], k, arrival_s + t->path_s[e]);
            }
        }
    }
}

void route_transit_forward(route_transit_query *q, int32_t departure_s, bool exact_start) {
    transit_search *f = &q->forward;
    f->round++;
    f->board_count = 0;
    for (uint32_t i = 0; i < q->access_count; i++) {
        ASSERT(q->access[i].stop_ix < q->timetable->stop.count && q->access[i].walk_s >= 0);
        int64_t ready_s = (int64_t)departure_s + q->access[i].walk_s;
        if (ready_s >= q->access[i].full_from_s && ready_s < q->access[i].full_to_s) {
            ready_s = q->access[i].full_to_s;  // leaves later, when there is room again
        }
        if (ready_s < transit_never_s) {
            better_board(q, q->access[i].stop_ix, 0, (int32_t)ready_s);
        }
    }
    for (uint32_t k = 1; k <= q->rounds && f->board_count > 0; k++) {
        queue_patterns(q);
        f->round++;
        f->ride_count = 0;
        for (uint32_t i = 0; i < f->pattern_count; i++) {
            uint32_t p = f->pattern[i];
            scan_pattern(q, p, f->pattern_pos[p], k, exact_start && k == 1 && !q->windows);
            f->pattern_pos[p] = IX_NONE;
        }
        f->board_count = 0;
        if (k < q->rounds) {
            transfer(q, k);
        }
    }
}

// ---- questions ----

uint32_t route_transit_run(const transit *t, route_transit_query *q, const route_transit_access *access,
                           uint32_t access_count, const route_transit_access *egress, uint32_t egress_count,
                           int32_t departure_s, uint32_t rounds, route_transit_journey *out) {
    ASSERT(t == q->timetable);
    uint32_t count = 0;
    if (access_count == 0 || egress_count == 0) {
        return 0;
    }
    route_transit_begin(q, access, access_count, egress, egress_count, rounds);
    route_transit_forward(q, departure_s, false);
    int32_t before_s = transit_never_s;
    for (uint32_t k = 1; k <= rounds; k++) {
        if (q->target_s[k - 1] < before_s) {
            before_s = q->target_s[k - 1];
            route_transit_late(q, k, &out[count++]);
        }
    }
    route_transit_end(q);
    return count;
}

void route_transit_deny(route_transit_query *q, const uint8_t *denied) {
    q->denied = denied;
}

static void tree_offer(int32_t *arrival_s, uint8_t *boardings, uint32_t stop_ix, int32_t time_s, uint32_t k) {
    if (time_s < arrival_s[stop_ix]) {
        arrival_s[stop_ix] = time_s;
        boardings[stop_ix] = (uint8_t)k;
    } else if (time_s == arrival_s[stop_ix] && k < boardings[stop_ix]) {
        boardings[stop_ix] = (uint8_t)k;
    }
}

void route_transit_tree(const transit *t, route_transit_query *q, const route_transit_access *access,
                        uint32_t access_count, int32_t departure_s, uint32_t rounds, int32_t *arrival_s,
                        uint8_t *boardings) {
    ASSERT(t == q->timetable);
    for (uint32_t s = 0; s < t->stop.count; s++) {
        arrival_s[s] = transit_never_s;
        boardings[s] = 0;
    }
    route_transit_begin(q, access, access_count, NULL, 0, rounds);
    route_transit_forward(q, departure_s, false);
    for (uint32_t i = 0; i < q->forward.touched_count; i++) {
        uint32_t s = q->forward.touched[i];
        const transit_label *l = &q->forward.label[s];
        if (l->board_s[0] != transit_never_s) {
            tree_offer(arrival_s, boardings, s, l->board_s[0], 0);
        }
        uint32_t k = rounds;  // fewest boardings with the earliest arrival by vehicle
        while (k > 1 && l->ride_s[k - 2] == l->ride_s[k - 1]) {
            k--;
        }
        if (k == 0 || l->ride_s[k - 1] == transit_never_s) {
            continue;
        }
        int32_t ride_s = l->ride_s[k - 1];
        tree_offer(arrival_s, boardings, s, ride_s, k);
        for (uint32_t e = t->path_first[s]; e < t->path_first[s + 1]; e++) {
            tree_offer(arrival_s, boardings, t->path_to[e], ride_s + t->path_s[e], k);
        }
    }
}
