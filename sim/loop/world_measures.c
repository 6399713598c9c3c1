// Measures in force in a year: their order, and one function for each kind.
#include <string.h>

#include "base/par.h"
#include "world_measures_part.h"

typedef err_code (*measure_function)(const scenario_measure *m, world_measures_context *k);

static const measure_function functions[MEASURE_KIND_COUNT] = {
#define X(kind, name, min, max, unit, target, text, doc) [MEASURE_##kind] = world_measures_##name,
    MEASURE_KINDS(X)
#undef X
};

enum { CHECK_YEAR = 2199 };  // after every start year

bool world_measures_zone_is(const zone_system *z, uint32_t zone_ix, const char *target) {
    return strcmp(z->zone.id[zone_ix], target) == 0 || strcmp(z->zone.area[zone_ix], target) == 0;
}

bool world_measures_place_is(const zone_system *z, uint32_t place_ix, const char *target) {
    return strcmp(z->place.id[place_ix], target) == 0 || world_measures_zone_is(z, z->place.zone_ix[place_ix], target);
}

err_code world_measures_own(const world_case *c, arena *a, world_case **own) {
    zone_system *z;
    ARENA_NEW(a, *own, 1);
    **own = *c;
    z = &(*own)->zones;
    ARENA_NEW(a, z->place.size, z->place.count);
    ARENA_NEW(a, z->zone.parking_search_s, z->zone.count);
    ARENA_NEW(a, z->flow, z->flow_count);
    memcpy(z->place.size, c->zones.place.size, z->place.count * sizeof *z->place.size);
    memcpy(z->zone.parking_search_s, c->zones.zone.parking_search_s, z->zone.count * sizeof *z->zone.parking_search_s);
    for (uint32_t i = 0; i < z->flow_count; i++) {
        z->flow[i] = c->zones.flow[i];
    }
    return ERR_OK;
}

// Measures by start year; equal years stay in the order of the scenario.
static err_code list_in_force(const scenario *s, int year, arena *scratch, uint32_t **order, uint32_t *count) {
    uint64_t *start;
    *count = 0;
    ARENA_NEW(scratch, start, s->measure_count);
    ARENA_NEW(scratch, *order, s->measure_count);
    for (uint32_t i = 0; i < s->measure_count; i++) {
        start[i] = (uint64_t)s->measure[i].start_year;
        if (s->measure[i].start_year <= year) {
            (*order)[(*count)++] = i;
        }
    }
    return par_sort_u64(start, *count, *order);
}

static err_code apply_all(world_measures_context *k, arena *scratch) {
    const scenario *s = &k->today->scenario;
    uint32_t *order;
    uint32_t count;
    TRY(list_in_force(s, k->year, scratch, &order, &count));
    for (uint32_t i = 0; i < count; i++) {
        const scenario_measure *m = &s->measure[order[i]];
        TRY(functions[m->kind](m, k));
    }
    return ERR_OK;
}

err_code world_measures_apply(const world_case *c, world_case *own, int year, arena *a, world_year *w) {
    for (uint32_t e = 0; e < w->network.link.count; e++) {
        if (w->network.link.open_year[e] > year) {
            w->network.link.allowed[e] = 0;
        }
    }
    world_measures_context k = {.today = c, .own = own, .w = w, .year = year, .a = a};
    arena scratch;
    arena_init(&scratch);
    err_code code = apply_all(&k, &scratch);
    arena_free(&scratch);
    return code;
}

err_code world_measures_check(const world_case *c, arena *scratch) {
    world_year w = {.source = c, .year = CHECK_YEAR, .transit = &c->transit};
    world_case *own;
    TRY(world_measures_own(c, scratch, &own));
    TRY(network_copy(&c->network, scratch, &w.network));
    ARENA_NEW(scratch, w.zone_parking_nok, c->zones.zone.count);
    ARENA_NEW(scratch, w.holiday_share, c->zones.place.count);
    return world_measures_apply(c, own, CHECK_YEAR, scratch, &w);
}
