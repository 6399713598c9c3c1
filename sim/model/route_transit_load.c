// What a simulated day tells the next search: loads of vehicles, full vehicles and full car parks.
#include "model/route_transit.h"

void route_transit_add_load(const route_transit_journey *j, float weight, float *load) {
    for (uint32_t i = 0; i < j->leg_count; i++) {
        const route_transit_leg *leg = &j->leg[i];
        for (uint32_t e = leg->board_event; leg->trip_ix != IX_NONE && e < leg->alight_event; e++) {
            load[e] += weight;
        }
    }
}

double route_transit_crowded_s(const transit *t, const route_transit_journey *j, const float *factor) {
    double seconds = 0;
    for (uint32_t i = 0; i < j->leg_count; i++) {
        const route_transit_leg *leg = &j->leg[i];
        for (uint32_t e = leg->board_event; leg->trip_ix != IX_NONE && e < leg->alight_event; e++) {
            // On board from the departure, or from the arrival where one sits through the stop.
            int32_t from_s = e == leg->board_event ? t->departure_s[e] : t->arrival_s[e];
            seconds += (double)factor[e] * (t->arrival_s[e + 1] - from_s);
        }
    }
    return seconds;
}

uint32_t route_transit_full_vehicles(const transit *t, const float *load, const float *capacity, uint8_t *denied) {
    uint32_t marked = 0;
    for (uint32_t i = 0; i < t->trip.count; i++) {
        uint32_t p = t->trip.pattern_ix[i], first = t->trip.time_first[i];
        uint32_t stops = t->pattern_stop_first[p + 1] - t->pattern_stop_first[p];
        for (uint32_t k = 0; k < stops; k++) {
            denied[first + k] = k + 1 < stops && load[first + k] >= capacity[i] ? 1 : 0;
            marked += denied[first + k];
        }
    }
    return marked;
}

void route_transit_park(route_transit_access *access, const uint32_t *occupied, uint32_t bins, int32_t bin_s,
                        uint32_t capacity) {
    uint32_t from = 0;
    while (from < bins && occupied[from] < capacity) {
        from++;
    }
    uint32_t to = from;
    while (to < bins && occupied[to] >= capacity) {
        to++;
    }
    access->full_from_s = (int32_t)from * bin_s;
    access->full_to_s = to == bins && from < bins ? INT32_MAX : (int32_t)to * bin_s;
}
