#include "loop/holiday.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "world_measures_part.h"

enum { DWELLING_DETACHED = 0, ROUTE_BUS = 3, ID_BYTES = 256 };

static const double service_max_m = 2000.0;        // model.md section 8
static const double stop_max_m = 1000.0;           // model.md section 8
static const float safe_speed_mps = 40.5F / 3.6F;  // assumption: walking beside cars of at most 40 km/h is safe

typedef struct holiday_ways {
    route_active_index *safe;
    route_active_query *safe_query;
    route_active_query *any_query;
    uint32_t *time_ds;  // [node]
    float *distance_m;  // [node]
    uint32_t *buses;    // [stop] departures of buses a weekday
} holiday_ways;

static bool link_is_safe(const link_columns *t, uint32_t e) {
    bool cars = (t->allowed[e] & (ALLOW_CAR | ALLOW_LORRY)) != 0;
    bool path = t->cycle_facility[e] == CYCLE_PATH_ALONG || t->cycle_facility[e] == CYCLE_PATH_OWN;
    return !cars || path || t->free_speed_mps[e] <= safe_speed_mps;
}

static void count_buses(const transit *t, uint32_t *buses) {
    for (uint32_t p = 0; p < t->pattern_count; p++) {
        const transit_block *b = &t->block[p];
        for (uint32_t i = b->trip_first; i < b->trip_first + b->trips; i++) {
            for (uint32_t s = 0; s < b->stops && t->trip.route_type[i] == ROUTE_BUS; s++) {
                buses[t->main_ix[t->pattern_stop[b->stop_first + s]]] += t->no_pickup[t->trip.time_first[i] + s] == 0;
            }
        }
    }
}

static err_code ways_init(const world_year *w, arena *scratch, holiday_ways *h) {
    network safe;
    route_active_params params;
    TRY(network_copy(&w->network, scratch, &safe));
    for (uint32_t e = 0; e < safe.link.count; e++) {
        if (!link_is_safe(&safe.link, e)) {
            safe.link.allowed[e] &= (uint8_t)~ALLOW_WALK;
        }
    }
    route_active_params_init(&params, &w->source->scenario);
    TRY(route_active_build(&safe, &params, scratch, &h->safe));
    TRY(route_active_query_init(h->safe, scratch, &h->safe_query));
    TRY(route_active_query_init(w->active, scratch, &h->any_query));
    ARENA_NEW(scratch, h->time_ds, w->network.node.count);
    ARENA_NEW(scratch, h->distance_m, w->network.node.count);
    ARENA_NEW(scratch, h->buses, w->transit->stop.count);
    count_buses(w->transit, h->buses);
    return ERR_OK;
}

static bool place_is_near(const zone_system *z, const float *distance_m, place_kind kind) {
    for (uint32_t p = 0; p < z->place.count; p++) {
        if (z->place.kind[p] == kind && z->place.size[p] > 0.0F &&
            (double)distance_m[z->place.node_ix[p]] <= service_max_m) {
            return true;
        }
    }
    return false;
}

// What is missing at a node for living there all year, or NULL.
static const char *what_is_missing(const world_year *w, holiday_ways *h, uint32_t node) {
    static const place_kind needed[] = {PLACE_SCHOOL_PRIMARY, PLACE_NURSERY, PLACE_SHOP};
    const zone_system *z = &w->source->zones;
    route_active_tree(h->safe, ACTIVE_WALK, h->safe_query, node, 0, NULL, h->time_ds, h->distance_m);
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (!place_is_near(z, h->distance_m, needed[i])) {
            return zone_place_kind_name(needed[i]);
        }
    }
    route_active_tree(w->active, ACTIVE_WALK, h->any_query, node, 0, NULL, h->time_ds, h->distance_m);
    for (uint32_t s = 0; s < w->transit->stop.count; s++) {
        uint32_t v = w->stop_node[s];
        if (v != IX_NONE && (double)h->distance_m[v] <= stop_max_m &&
            h->buses[s] >= w->source->scenario.good_service_departures) {
            return NULL;
        }
    }
    return "bus stop with good service";
}

// The year from which a place's homes may be converted: the first measure that names it.
static const scenario_measure *first_measure(const world_year *w, uint32_t place) {
    const scenario *s = &w->source->scenario;
    const scenario_measure *first = NULL;
    for (uint32_t i = 0; i < s->measure_count; i++) {
        const scenario_measure *m = &s->measure[i];
        for (uint32_t k = 0; m->kind == MEASURE_HOLIDAY_HOMES && k < m->target_count; k++) {
            bool names = world_measures_place_is(&w->source->zones, place, m->target[k]);
            first = names && (first == NULL || m->start_year < first->start_year) ? m : first;
        }
    }
    return first;
}

static err_code add_entry(world_year *w, uint32_t place, uint32_t homes, arena *a) {
    char id[ID_BYTES];
    const char *place_id = w->source->zones.place.id[place];
    const scenario_measure *m = first_measure(w, place);
    ASSERT(m != NULL);
    snprintf(id, sizeof id, "holiday_homes:%.200s", place_id);
    scenario_programme *p = &w->conversion[w->conversion_count++];
    *p = (scenario_programme){.id = arena_text(a, id),
                              .place_id = place_id,
                              .dwelling = DWELLING_DETACHED,
                              .homes = (int)homes,
                              .from_year = m->start_year,
                              .to_year = m->start_year,
                              .parking_norm = -1.0,
                              .source = m->source,
                              .file = m->file,
                              .line = m->line};
    return p->id == NULL ? ERR_MEMORY : ERR_OK;
}

static err_code convert(world_year *w, arena *a, arena *scratch) {
    const zone_system *z = &w->source->zones;
    holiday_ways h;
    uint32_t named = 0, missing_count = 0;
    TRY(ways_init(w, scratch, &h));
    ARENA_NEW(a, w->conversion, z->place.count);
    for (uint32_t p = 0; p < z->place.count; p++) {
        uint32_t homes = (uint32_t)floor((double)w->holiday_share[p] * (double)z->place.size[p] + 0.5);
        const char *missing = homes > 0 ? what_is_missing(w, &h, z->place.node_ix[p]) : NULL;
        named += homes > 0 ? 1 : 0;
        missing_count += missing != NULL ? 1 : 0;
        if (missing != NULL) {
            log_debug("holiday homes at '%s' are not converted in %d: no %s is near enough", z->place.id[p], w->year,
                      missing);
        } else if (homes > 0) {
            TRY(add_entry(w, p, homes, a));
        }
    }
    if (named > 0 && missing_count == named) {
        log_warn("holiday homes: nowhere are school, nursery, shop and bus near enough in %d, so none is converted",
                 w->year);
    }
    return ERR_OK;
}

err_code holiday_build(arena *a, world_year *w) {
    bool any = false;
    for (uint32_t p = 0; p < w->source->zones.place.count; p++) {
        any = any || w->holiday_share[p] > 0.0F;
    }
    if (!any) {
        return ERR_OK;
    }
    arena scratch;
    arena_init(&scratch);
    err_code code = convert(w, a, &scratch);
    arena_free(&scratch);
    return code;
}
