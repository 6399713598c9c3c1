#include "loop/bus.h"

#include <string.h>

#include "base/dmath.h"
#include "base/hash.h"

enum { PATH_LINKS_MAX = 1024, ROUTE_TYPE_BUS = 3 };

static const double stop_reach_m = 400.0;  // assumption: farther from a road, a stop is outside the network

typedef struct finder {
    const world_year *w;
    route_car_index *road;
    route_car_query *query;
    route_car_metric metric;
    uint32_t *node;  // [stop] on a road for buses, IX_NONE = outside
    uint32_t links[PATH_LINKS_MAX];
} finder;

static err_code finder_init(const world_year *w, arena *a, traveltime *free_time, finder *f) {
    const transit *t = w->transit;
    TRY(traveltime_init(free_time, a, &w->network));
    TRY(route_car_build(&w->network, ALLOW_BUS, a, &f->road));
    TRY(route_car_query_init(f->road, a, &f->query));
    f->w = w;
    f->metric = (route_car_metric){.time = free_time};
    ARENA_NEW(a, f->node, t->stop.count);
    for (uint32_t s = 0; s < t->stop.count; s++) {
        uint32_t v = network_nearest_node(&w->network, t->stop.x_m[s], t->stop.y_m[s], ALLOW_BUS);
        f->node[s] = IX_NONE;
        if (v != IX_NONE) {
            double dx = w->network.node.x_m[v] - t->stop.x_m[s], dy = w->network.node.y_m[v] - t->stop.y_m[s];
            f->node[s] = dx * dx + dy * dy <= stop_reach_m * stop_reach_m ? v : IX_NONE;
        }
    }
    return ERR_OK;
}

static void keep_stop(bus_day *b, uint32_t pattern, uint32_t position) {
    uint32_t k = b->stop_first[pattern + 1]++;
    b->stop_links[k] = (uint32_t)b->route.count - b->link_first[pattern];
    b->stop_position[k] = position;
}

// On from the link that brought the bus to its stop, if there is one: it may not turn there as it likes either.
static err_code find_way(finder *f, uint32_t pattern, const bus_day *b, uint32_t at, uint32_t node,
                         route_car_answer *out) {
    if (b->route.count == b->link_first[pattern]) {
        return route_car_run(f->road, &f->metric, f->query, at, node, 0, f->links, PATH_LINKS_MAX, out);
    }
    uint32_t last = b->route.link[b->route.count - 1];
    return route_car_run_on(f->road, &f->metric, f->query, last, node, 0, f->links, PATH_LINKS_MAX, out);
}

// Drives a pattern from stop to stop; stops outside the network or without a way to them are passed over.
static err_code route_pattern(finder *f, uint32_t pattern, bus_day *b) {
    const transit *t = f->w->transit;
    uint32_t at = IX_NONE;
    for (uint32_t k = t->pattern_stop_first[pattern]; k < t->pattern_stop_first[pattern + 1]; k++) {
        uint32_t position = k - t->pattern_stop_first[pattern];
        uint32_t node = f->node[t->pattern_stop[k]];
        if (node == IX_NONE) {
            continue;
        }
        if (at != IX_NONE && at != node) {
            route_car_answer answer;
            uint32_t first;
            TRY(find_way(f, pattern, b, at, node, &answer));
            if (answer.arrival_s == IX_NONE) {
                continue;
            }
            TRY(legs_routes_append(&b->route, f->links, answer.link_count, &first));
        }
        at = node;
        keep_stop(b, pattern, position);
    }
    return ERR_OK;
}

static bool is_bus(const transit *t, uint32_t pattern) {
    uint32_t first = t->pattern_trip_first[pattern];
    return first < t->pattern_trip_first[pattern + 1] && t->trip.route_type[first] == ROUTE_TYPE_BUS;
}

static err_code route_patterns(finder *f, arena *a, bus_day *b) {
    const transit *t = f->w->transit;
    uint32_t calls = t->pattern_stop_first[t->pattern_count];
    ARENA_NEW(a, b->link_first, (size_t)t->pattern_count + 1);
    ARENA_NEW(a, b->stop_first, (size_t)t->pattern_count + 1);
    ARENA_NEW(a, b->stop_links, calls);
    ARENA_NEW(a, b->stop_position, calls);
    for (uint32_t p = 0; p < t->pattern_count; p++) {
        b->link_first[p] = (uint32_t)b->route.count;
        b->stop_first[p + 1] = b->stop_first[p];
        if (is_bus(t, p)) {
            TRY(route_pattern(f, p, b));
        }
    }
    b->link_first[t->pattern_count] = (uint32_t)b->route.count;
    return ERR_OK;
}

static bool runs(const world_year *w, uint32_t trip) {
    double u = (double)(hash_text(w->transit->trip.id[trip]) >> 11) * 0x1p-53;
    return u < w->source->scenario.scale;
}

static err_code list_buses(const world_year *w, arena *a, bus_day *b) {
    const transit *t = w->transit;
    ARENA_NEW(a, b->trip_ix, t->trip.count);
    ARENA_NEW(a, b->departure_s, t->trip.count);
    ARENA_NEW(a, b->pattern_ix, t->trip.count);
    for (uint32_t p = 0; p < t->pattern_count; p++) {
        bool driven = b->link_first[p + 1] > b->link_first[p];
        for (uint32_t i = t->pattern_trip_first[p]; i < t->pattern_trip_first[p + 1] && is_bus(t, p); i++) {
            int32_t at_s = driven ? t->departure_s[t->trip.time_first[i] + b->stop_position[b->stop_first[p]]] : -1;
            if (at_s < 0) {
                b->trips_left_out++;
            } else if (runs(w, i)) {
                b->trip_ix[b->count] = i;
                b->pattern_ix[b->count] = p;
                b->departure_s[b->count++] = (uint32_t)at_s;
            }
        }
    }
    return ERR_OK;
}

err_code bus_build(const world_year *w, arena *a, bus_day *out) {
    *out = (bus_day){0};
    finder *f;
    traveltime free_time;
    ARENA_NEW(a, f, 1);
    TRY(finder_init(w, a, &free_time, f));
    TRY(route_patterns(f, a, out));
    return list_buses(w, a, out);
}

void bus_free(bus_day *b) {
    legs_routes_free(&b->route);
}

err_code bus_add_legs(const bus_day *b, legs_set *legs) {
    for (uint32_t i = 0; i < b->count; i++) {
        uint32_t p = b->pattern_ix[i];
        legs_leg leg = {.departure_s = b->departure_s[i],
                        .tour_ix = IX_NONE,
                        .trip_ix = IX_NONE,
                        .flow_ix = IX_NONE,
                        .vehicle = VEHICLE_BUS,
                        .traveller = SEGMENT_THROUGH};
        TRY(legs_set_add(legs, &leg, b->route.link + b->link_first[p], b->link_first[p + 1] - b->link_first[p]));
    }
    return ERR_OK;
}

uint32_t bus_stop_count(const bus_day *b) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < b->count; i++) {
        uint32_t p = b->pattern_ix[i];
        count += b->stop_first[p + 1] - b->stop_first[p];
    }
    return count;
}

err_code bus_add_stops(const bus_day *b, const transit *t, const uint32_t *boardings, double scale,
                       uint32_t leg_capacity, arena *a, mobsim_demand *d) {
    uint32_t count = bus_stop_count(b);
    uint32_t *first, *links, *departure_s;
    uint16_t *dwell_s;
    ASSERT(d->leg_count <= leg_capacity && b->count <= d->leg_count);
    ARENA_NEW(a, first, (size_t)leg_capacity + 1);
    ARENA_NEW(a, links, count);
    ARENA_NEW(a, departure_s, count);
    ARENA_NEW(a, dwell_s, count);
    uint32_t at = 0;
    for (uint32_t i = 0; i < b->count; i++) {
        uint32_t p = b->pattern_ix[i];
        for (uint32_t k = b->stop_first[p]; k < b->stop_first[p + 1]; k++, at++) {
            links[at] = b->stop_links[k];
            uint32_t event = t->trip.time_first[b->trip_ix[i]] + b->stop_position[k];
            departure_s[at] = (uint32_t)t->departure_s[event];
            dwell_s[at] = mobsim_dwell_s((uint32_t)(boardings[event] / scale + 0.5));
        }
        first[d->leg_count - b->count + i + 1] = at;
    }
    d->stop_first = first;
    d->stop_links = links;
    d->stop_departure_s = departure_s;
    d->stop_dwell_s = dwell_s;
    return ERR_OK;
}

static int32_t later(int32_t a, int32_t b) {
    return a > b ? a : b;
}

// Times of one bus; `at` is its first stop among the results.
static void shift_trip(const bus_day *b, uint32_t bus, uint32_t at, const transit *planned, const mobsim_result *r,
                       int32_t *arrives_s, int32_t *leaves_s) {
    uint32_t p = b->pattern_ix[bus];
    uint32_t first = planned->trip.time_first[b->trip_ix[bus]];
    uint32_t calls = planned->pattern_stop_first[p + 1] - planned->pattern_stop_first[p];
    int32_t late_s = 0;
    uint32_t k = b->stop_first[p];
    for (uint32_t position = 0; position < calls; position++) {
        uint32_t event = first + position;
        int32_t arrival_s = planned->arrival_s[event] + late_s;
        int32_t departure_s = planned->departure_s[event] + late_s;
        if (k < b->stop_first[p + 1] && b->stop_position[k] == position) {
            uint32_t stop = at + k++ - b->stop_first[p];
            if (r->stop_arrival_s[stop] != IX_NONE && r->stop_departure_s[stop] != IX_NONE) {
                arrival_s = later(planned->arrival_s[event], (int32_t)r->stop_arrival_s[stop]);
                departure_s = later(planned->departure_s[event], (int32_t)r->stop_departure_s[stop]);
                late_s = departure_s - planned->departure_s[event];
            }
        }
        arrives_s[event] = arrival_s;
        leaves_s[event] = departure_s;
    }
}

err_code bus_shift_timetable(const bus_day *b, const transit *planned, const mobsim_result *stops, arena *a,
                             transit *out) {
    uint32_t events = transit_event_count(planned);
    int32_t *arrival_s, *departure_s;
    ARENA_NEW(a, arrival_s, events);
    ARENA_NEW(a, departure_s, events);
    if (events > 0) {
        memcpy(arrival_s, planned->arrival_s, events * sizeof *arrival_s);
        memcpy(departure_s, planned->departure_s, events * sizeof *departure_s);
    }
    uint32_t at = 0;
    for (uint32_t i = 0; i < b->count; i++) {
        uint32_t p = b->pattern_ix[i];
        shift_trip(b, i, at, planned, stops, arrival_s, departure_s);
        at += b->stop_first[p + 1] - b->stop_first[p];
    }
    return transit_retime(planned, a, arrival_s, departure_s, out, NULL);
}

double bus_moved_share(const bus_day *b, const transit *x, const transit *y) {
    uint32_t moved = 0;
    uint32_t all = 0;
    for (uint32_t i = 0; i < b->count; i++) {
        uint32_t p = b->pattern_ix[i];
        for (uint32_t k = b->stop_first[p]; k < b->stop_first[p + 1]; k++) {
            uint32_t event = x->trip.time_first[b->trip_ix[i]] + b->stop_position[k];
            int32_t by_s = x->departure_s[event] - y->departure_s[event];
            moved += by_s > 60 || by_s < -60 ? 1 : 0;
            all++;
        }
    }
    return all > 0 ? (double)moved / all : 0.0;
}
