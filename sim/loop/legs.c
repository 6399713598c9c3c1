#include "loop/legs.h"

#include <math.h>
#include <string.h>

#include "base/dmath.h"

err_code legs_routes_append(legs_routes *r, const uint32_t *links, uint32_t count, uint32_t *first_out) {
    if (r->count + count > r->capacity) {
        size_t capacity = 2 * r->capacity + count + 4096;
        uint32_t *grown = mem_grow(r->link, r->capacity * sizeof *r->link, capacity * sizeof *r->link);
        if (grown == NULL) {
            return ERR_MEMORY;
        }
        r->link = grown;
        r->capacity = capacity;
    }
    CHECK(r->count + count < IX_NONE, ERR_RANGE, "more than 4 billion route links in one day: use a smaller scale");
    if (count > 0) {  // an empty pool has no memory yet
        memcpy(r->link + r->count, links, count * sizeof *links);
    }
    *first_out = (uint32_t)r->count;
    r->count += count;
    return ERR_OK;
}

void legs_routes_free(legs_routes *r) {
    mem_free(r->link);
    *r = (legs_routes){0};
}

err_code legs_set_init(legs_set *s, arena *a, uint32_t capacity) {
    *s = (legs_set){.capacity = capacity};
    ARENA_NEW(a, s->departure_s, capacity);
    ARENA_NEW(a, s->route_first, (size_t)capacity + 1);
    ARENA_NEW(a, s->vehicle, capacity);
    ARENA_NEW(a, s->segment, capacity);
    ARENA_NEW(a, s->tour_ix, capacity);
    ARENA_NEW(a, s->trip_ix, capacity);
    ARENA_NEW(a, s->flow_ix, capacity);
    return ERR_OK;
}

void legs_set_reset(legs_set *s) {
    s->count = 0;
    s->route.count = 0;
}

void legs_set_free(legs_set *s) {
    legs_routes_free(&s->route);
}

err_code legs_set_add(legs_set *s, const legs_leg *leg, const uint32_t *links, uint32_t link_count) {
    ASSERT(s->count < s->capacity);
    uint32_t i = s->count;
    TRY(legs_routes_append(&s->route, links, link_count, &s->route_first[i]));
    s->route_first[i + 1] = (uint32_t)s->route.count;
    s->departure_s[i] = leg->departure_s;
    s->vehicle[i] = (uint8_t)leg->vehicle;
    s->segment[i] = (uint8_t)leg->traveller;
    s->tour_ix[i] = leg->tour_ix;
    s->trip_ix[i] = leg->trip_ix;
    s->flow_ix[i] = leg->flow_ix;
    s->count++;
    return ERR_OK;
}

mobsim_demand legs_demand(const legs_set *s) {
    return (mobsim_demand){.leg_count = s->count,
                           .departure_s = s->departure_s,
                           .route_first = s->route_first,
                           .route_link = s->route.link,
                           .vehicle = s->vehicle};
}

// A time of day from an hour profile: the hour by its share, uniform within the hour.
static uint32_t profile_time_s(const zone_profile *p, double u) {
    double total = 0.0;
    for (int h = 0; h < 24; h++) {
        if (u < total + p->share[h] || h == 23) {
            double within = p->share[h] > 0.0 ? (u - total) / p->share[h] : 0.0;
            within = within < 0.0 ? 0.0 : (within > 0.999999 ? 0.999999 : within);
            return (uint32_t)((h + within) * 3600.0);
        }
        total += p->share[h];
    }
    return 0;
}

static uint32_t flow_vehicle_count(const world_year *w, rng_key key, const zone_flow *f) {
    const scenario *s = &w->source->scenario;
    double years = w->year - s->today_year;
    double n = f->weekday_vehicles * s->scale * dmath_pow(1.0 + f->growth_pct_per_year / 100.0, years);
    uint32_t whole = (uint32_t)floor(n);
    double u = rng_uniform(key, hash_text(f->id), DRAW_FLOW_TIME, 0);
    return whole + (u < n - whole ? 1 : 0);
}

// One group for each (flow, quarter-hour) that has vehicles, in that order.
static err_code build_groups(const world_year *w, arena *a, legs_flow_vehicles *v) {
    enum { QUARTERS = TRAVELTIME_BINS };
    uint32_t *group_of;
    size_t cells = (size_t)w->source->zones.flow_count * QUARTERS;
    ARENA_NEW(a, group_of, cells);
    for (uint32_t i = 0; i < v->count; i++) {
        group_of[(size_t)v->flow_ix[i] * QUARTERS + v->departure_s[i] / TRAVELTIME_BIN_S] = 1;
    }
    for (size_t c = 0; c < cells; c++) {
        v->group_count += group_of[c];
    }
    ARENA_NEW(a, v->group_flow, v->group_count);
    ARENA_NEW(a, v->group_departure_s, v->group_count);
    uint32_t n = 0;
    for (size_t c = 0; c < cells; c++) {
        if (group_of[c] != 0) {
            v->group_flow[n] = (uint32_t)(c / QUARTERS);
            v->group_departure_s[n] = (uint32_t)(c % QUARTERS) * TRAVELTIME_BIN_S + TRAVELTIME_BIN_S / 2;
            group_of[c] = n++;
        }
    }
    for (uint32_t i = 0; i < v->count; i++) {
        v->group[i] = group_of[(size_t)v->flow_ix[i] * QUARTERS + v->departure_s[i] / TRAVELTIME_BIN_S];
    }
    return ERR_OK;
}

err_code legs_build_flows(const world_year *w, rng_key key, arena *a, legs_flow_vehicles *out) {
    const zone_system *z = &w->source->zones;
    *out = (legs_flow_vehicles){0};
    for (uint32_t f = 0; f < z->flow_count; f++) {
        out->count += flow_vehicle_count(w, key, &z->flow[f]);
    }
    ARENA_NEW(a, out->flow_ix, out->count);
    ARENA_NEW(a, out->departure_s, out->count);
    ARENA_NEW(a, out->id, out->count);
    ARENA_NEW(a, out->group, out->count);
    uint32_t n = 0;
    for (uint32_t f = 0; f < z->flow_count; f++) {
        uint32_t vehicles = flow_vehicle_count(w, key, &z->flow[f]);
        uint64_t base = hash_text(z->flow[f].id);
        for (uint32_t k = 0; k < vehicles; k++, n++) {
            out->flow_ix[n] = f;
            out->id[n] = rng_mix64(base + k + 1);
            double u = rng_uniform(key, out->id[n], DRAW_FLOW_TIME, 1);
            out->departure_s[n] = profile_time_s(&z->profile[z->flow[f].profile], u);
        }
    }
    return build_groups(w, a, out);
}
