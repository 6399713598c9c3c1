// Profiles: one forward search for each second at which a journey may start, latest first, over labels that are kept
// from search to search (rRAPTOR's self-pruning: what starts earlier must arrive earlier to be of use).
#include "route_transit_query.h"

// Marks in the bit set every second at which somebody who just catches a trip at an access stop starts walking.
static void mark_departures(route_transit_query *q, int32_t from_s, int32_t to_s) {
    const transit *t = q->timetable;
    for (uint32_t i = 0; i < q->access_count; i++) {
        uint32_t s = q->access[i].stop_ix;
        for (uint32_t e = t->stop_pattern_first[s]; e < t->stop_pattern_first[s + 1]; e++) {
            uint32_t p = t->stop_pattern[e];
            for (uint32_t trip = t->pattern_trip_first[p]; trip < t->pattern_trip_first[p + 1]; trip++) {
                uint32_t event = t->trip.time_first[trip] + t->stop_pattern_pos[e];
                int32_t start_s = route_transit_latest_at(&q->access[i], t->departure_s[event]) - q->access[i].walk_s;
                if (route_transit_boards(q, event) && start_s >= from_s && start_s <= to_s &&
                    start_s >= q->bit_first_s) {
                    uint32_t bit = (uint32_t)(start_s - q->bit_first_s);
                    q->departure_bit[bit / 64] |= (uint64_t)1 << bit % 64;
                }
            }
        }
    }
}

// Searches from one second and adds the journeys that nothing starting later, or as late with fewer boardings,
// equals. Returns the new count.
static uint32_t add_departure(route_transit_query *q, int32_t departure_s, route_transit_journey *out,
                              uint32_t capacity, uint32_t count) {
    int32_t later_s[ROUTE_TRANSIT_ROUNDS_MAX];
    for (int k = 0; k < ROUTE_TRANSIT_ROUNDS_MAX; k++) {
        later_s[k] = q->target_s[k];
    }
    route_transit_forward(q, departure_s, true);
    int32_t fewer_s = INT32_MAX;
    for (uint32_t k = 1; k <= q->rounds; k++) {
        int32_t arrival_s = q->target_s[k - 1];
        if (arrival_s < later_s[k - 1] && arrival_s < fewer_s) {
            if (count < capacity) {
                route_transit_late(q, k, &out[count]);
            }
            count++;
        }
        fewer_s = arrival_s;
    }
    return count;
}

uint32_t route_transit_profile(const transit *t, route_transit_query *q, const route_transit_access *access,
                               uint32_t access_count, const route_transit_access *egress, uint32_t egress_count,
                               int32_t from_s, int32_t to_s, uint32_t rounds, route_transit_journey *out,
                               uint32_t capacity) {
    ASSERT(t == q->timetable);
    uint32_t count = 0;
    if (access_count == 0 || egress_count == 0 || from_s > to_s) {
        return 0;
    }
    route_transit_begin(q, access, access_count, egress, egress_count, rounds);
    if (to_s < INT32_MAX) {
        // What starts after the window may beat what starts within: such journeys are not on the front.
        route_transit_forward(q, to_s + 1, false);
    }
    mark_departures(q, from_s, to_s);
    for (uint32_t word = q->bit_words; word-- > 0;) {
        for (uint32_t bit = 64; q->departure_bit[word] != 0; bit--) {
            uint64_t mask = (uint64_t)1 << (bit - 1);
            if ((q->departure_bit[word] & mask) != 0) {
                q->departure_bit[word] &= ~mask;
                int32_t departure_s = q->bit_first_s + (int32_t)(word * 64 + bit - 1);
                count = add_departure(q, departure_s, out, capacity, count);
            }
        }
    }
    route_transit_end(q);
    return count;
}

void route_transit_profile_tree(const transit *t, route_transit_query *q, const route_transit_access *access,
                                uint32_t access_count, int32_t from_s, int32_t to_s, uint32_t rounds,
                                route_transit_found *found, void *ctx) {
    ASSERT(t == q->timetable);
    if (access_count == 0 || from_s > to_s) {
        return;
    }
    route_transit_begin(q, access, access_count, NULL, 0, rounds);
    if (to_s < INT32_MAX) {
        route_transit_forward(q, to_s + 1, false);
    }
    mark_departures(q, from_s, to_s);
    q->found = found;
    q->found_ctx = ctx;
    for (uint32_t word = q->bit_words; word-- > 0;) {
        for (uint32_t bit = 64; q->departure_bit[word] != 0; bit--) {
            uint64_t mask = (uint64_t)1 << (bit - 1);
            if ((q->departure_bit[word] & mask) != 0) {
                q->departure_bit[word] &= ~mask;
                route_transit_forward(q, q->bit_first_s + (int32_t)(word * 64 + bit - 1), true);
            }
        }
    }
    q->found = NULL;
}
