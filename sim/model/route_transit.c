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
    uint32_t words = 0;
    ARENA_NEW(a, q->bit_first, t->pattern_count);
    for (uint32_t p = 0; p < t->pattern_count; p++) {
        q->bit_first[p] = words;
        words += (t->block[p].stops + 63) / 64;
    }
    ARENA_NEW(a, q->forward.board_bit, words);
    ARENA_NEW(a, q->ridden, t->pattern_count);
    ARENA_NEW(a, q->ridden_pattern, t->pattern_count);
    memset(q->ridden, 0xff, (size_t)t->pattern_count * sizeof *q->ridden);
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
    for (uint32_t i = 0; i < q->ridden_count; i++) {
        memset(&q->ridden[q->ridden_pattern[i]], 0xff, sizeof *q->ridden);
    }
    q->ridden_count = 0;
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

// How many of the first `count` departures at a stop are before ready_s: a guess at even headways, then steps from
// there; by halving where trips lie unevenly.
static uint32_t count_gone(const int32_t *leave_s, uint32_t count, float trips_per_s, int32_t ready_s) {
    enum { STEPS = 6 };
    if (count == 0 || leave_s[0] >= ready_s) {
        return 0;
    }
    float guess = (float)(ready_s - leave_s[0]) * trips_per_s;
    uint32_t n = guess < (float)count ? (uint32_t)guess : count;
    for (int step = 0; step < STEPS; step++) {
        if (leave_s[n - (n > 0 ? 1 : 0)] >= ready_s) {
            n--;  // not the first: that one is gone
        } else if (n < count && leave_s[n] < ready_s) {
            n++;
        } else {
            return n;
        }
    }
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (leave_s[middle] < ready_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

// First of the pattern's trips before `end` that leaves position pos at ready_s or later and takes passengers there;
// end if none.
static uint32_t earliest_trip(const route_transit_query *q, const transit_block *b, uint32_t end, uint32_t pos,
                              int32_t ready_s) {
    uint32_t n = count_gone(q->timetable->leave_s + b->event_first + pos * b->trips, end, b->trips_per_s, ready_s);
    while (n < end && !route_transit_boards(q, b->event_first + n * b->stops + pos)) {
        n++;
    }
    return n;
}

// Can nobody who is ready then find a trip at a position that was not ridden from there or before with at most k
// boardings? Decides most of the time, at little cost.
static bool is_covered(const route_transit_query *q, const transit_block *b, uint32_t p, uint32_t pos, uint32_t k,
                       int32_t ready_s) {
    const transit_ridden *r = &q->ridden[p];
    uint32_t end = pos >= r->pos[k - 1] ? r->trip[k - 1] : b->trips;  // IX_NONE is greater than any position
    return end == 0 || q->timetable->leave_s[b->event_first + (size_t)pos * b->trips + end - 1] < ready_s;
}

// Patterns that serve a stop marked in round k - 1, with the positions where one may board.
static void queue_patterns(route_transit_query *q, uint32_t k) {
    const transit *t = q->timetable;
    transit_search *f = &q->forward;
    int32_t bound_s = q->target_s[k - 1] - q->egress_shortest_s;
    f->pattern_count = 0;
    for (uint32_t i = 0; i < f->board_count; i++) {
        uint32_t s = f->board_stop[i];
        int32_t ready_s = f->label[s].board_s[k - 1];
        if (ready_s > bound_s) {
            continue;
        }
        for (uint32_t e = t->stop_pattern_first[s]; e < t->stop_pattern_first[s + 1]; e++) {
            uint32_t p = t->stop_pattern[e];
            uint32_t pos = t->stop_pattern_pos[e];
            const transit_block *b = &t->block[p];
            if (is_covered(q, b, p, pos, k, ready_s) || pos + 1 == b->stops) {
                continue;
            }
            f->board_bit[q->bit_first[p] + pos / 64] |= (uint64_t)1 << pos % 64;
            if (f->pattern_pos[p] == IX_NONE) {
                f->pattern[f->pattern_count++] = p;
                f->pattern_pos[p] = 0;
            }
        }
    }
}

// Rides a trip in round k over positions from..to.
static void ride(route_transit_query *q, const transit_block *b, uint32_t n, uint32_t from, uint32_t to, uint32_t k) {
    const transit *t = q->timetable;
    const transit_label *label = q->forward.label;
    const uint32_t *stop = t->pattern_stop + b->stop_first;
    const int32_t *arrival_s = t->arrival_s + b->event_first + (size_t)n * b->stops;
    const uint8_t *no_dropoff = t->no_dropoff + b->event_first + (size_t)n * b->stops;
    // Not later than the target, rather than earlier: the late search looks at journeys that arrive alike.
    int32_t bound_s = q->target_s[k - 1] - q->egress_shortest_s;
    for (uint32_t j = from; j <= to; j++) {
        if (arrival_s[j] < label[stop[j]].ride_s[k - 1] && arrival_s[j] <= bound_s && no_dropoff[j] == 0) {
            better_ride(q, stop[j], k, arrival_s[j]);
            bound_s = q->target_s[k - 1] - q->egress_shortest_s;
        }
    }
}

// Remembers that trip n was ridden from position pos with k boardings (and so with more).
static void remember(route_transit_query *q, uint32_t p, uint32_t n, uint32_t pos, uint32_t k) {
    transit_ridden *r = &q->ridden[p];
    if (r->trip[ROUTE_TRANSIT_ROUNDS_MAX - 1] == IX_NONE) {
        q->ridden_pattern[q->ridden_count++] = p;
    }
    for (uint32_t i = k - 1; i < ROUTE_TRANSIT_ROUNDS_MAX; i++) {
        if (n <= r->trip[i]) {
            r->trip[i] = n;
            r->pos[i] = pos;
        }
    }
}

// The trip to board at a position in place of the one ridden (or `end`, none): an earlier one that is not gone, unless
// it or one before it was ridden from here or before.
static uint32_t board(const route_transit_query *q, uint32_t p, uint32_t pos, uint32_t trip, uint32_t k,
                      bool exact_start) {
    const transit *t = q->timetable;
    const transit_block *b = &t->block[p];
    const transit_ridden *r = &q->ridden[p];
    const int32_t *leave_s = t->leave_s + b->event_first + (size_t)pos * b->trips;
    int32_t ready_s = q->forward.label[t->pattern_stop[b->stop_first + pos]].board_s[k - 1];
    uint32_t end = pos >= r->pos[k - 1] && r->trip[k - 1] < trip ? r->trip[k - 1] : trip;  // IX_NONE: no position
    // Nothing to find beyond the target, nor when the trip before has gone.
    if (end == 0 || ready_s > q->target_s[k - 1] - q->egress_shortest_s ||
        (end < b->trips && leave_s[end - 1] < ready_s)) {
        return trip;
    }
    uint32_t n = earliest_trip(q, b, end, pos, ready_s);
    return n < end && (!exact_start || leave_s[n] == ready_s) ? n : trip;
}

// Rides pattern p in round k, boarding wherever round k - 1 made a better label.
static void scan_pattern(route_transit_query *q, uint32_t p, uint32_t k, bool exact_start) {
    const transit_block *b = &q->timetable->block[p];
    uint64_t *bits = q->forward.board_bit + q->bit_first[p];
    uint32_t trip = b->trips, from = 0, last = b->stops - 1;  // the trip ridden, and from where on it is to be
    uint32_t to = last;
    for (uint32_t word = 0; word <= last / 64; word++) {
        for (uint64_t set = bits[word]; set != 0; set &= set - 1) {
            uint32_t pos = word * 64 + (uint32_t)__builtin_ctzll(set);
            uint32_t n = board(q, p, pos, trip, k, exact_start);
            if (n == trip) {
                continue;
            }
            if (trip < b->trips && from <= to) {
                ride(q, b, trip, from, pos < to ? pos : to, k);
            }
            const transit_ridden *r = &q->ridden[p];
            trip = n;
            from = pos + 1;
            to = r->trip[k - 1] == n && r->pos[k - 1] > pos ? r->pos[k - 1] : last;
            remember(q, p, n, pos, k);
        }
        bits[word] = 0;
    }
    if (trip < b->trips) {
        ride(q, b, trip, from, to, k);
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

// Passes on the stops that were reached better in round k, unless fewer boardings do as well.
static void tell(route_transit_query *q, uint32_t k, int32_t departure_s) {
    const transit_search *f = &q->forward;
    for (uint32_t i = 0; i < f->ride_count; i++) {
        const int32_t *ride_s = f->label[f->ride_stop[i]].ride_s;
        if (k == 1 || ride_s[k - 1] < ride_s[k - 2]) {
            q->found(q->found_ctx, f->ride_stop[i], departure_s, ride_s[k - 1], k);
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
        queue_patterns(q, k);
        f->round++;
        f->ride_count = 0;
        for (uint32_t i = 0; i < f->pattern_count; i++) {
            f->pattern_pos[f->pattern[i]] = IX_NONE;
            scan_pattern(q, f->pattern[i], k, exact_start && k == 1 && !q->windows);
        }
        if (q->found != NULL) {
            tell(q, k, departure_s);
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
