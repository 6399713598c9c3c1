// Measures on jobs, shops, lorries and homes.
#include <string.h>

#include "model/growth.h"
#include "world_measures_part.h"

// Places of a kind that the targets name, marked; every target must name one.
static err_code mark_places(const scenario_measure *m, const zone_system *z, place_kind kind, arena *scratch,
                            uint8_t **marked, uint32_t *count) {
    ARENA_NEW(scratch, *marked, z->place.count);
    *count = 0;
    for (uint32_t i = 0; i < m->target_count; i++) {
        uint32_t hits = 0;
        for (uint32_t p = 0; p < z->place.count; p++) {
            if (z->place.kind[p] == kind && world_measures_place_is(z, p, m->target[i])) {
                *count += (*marked)[p] == 0 ? 1 : 0;
                (*marked)[p] = 1;
                hits++;
            }
        }
        CHECK(hits > 0, ERR_REFERENCE,
              "%s:%d: measure %s names '%s', where there is no place of kind %s; use an area or zone of zones.csv or a "
              "place_id of places.csv that has one",
              m->file, m->line, scenario_measure_name(m->kind), m->target[i], zone_place_kind_name(kind));
    }
    return ERR_OK;
}

// Adds to the marked places in proportion to their size, evenly where all are empty.
static err_code add_size(const scenario_measure *m, zone_system *z, const uint8_t *marked, uint32_t count) {
    double total = 0.0;
    for (uint32_t p = 0; p < z->place.count; p++) {
        total += marked[p] ? (double)z->place.size[p] : 0.0;
    }
    CHECK(total + m->value >= 0.0, ERR_INFEASIBLE,
          "%s:%d: measure %s takes away %.6g %s where there are %.6g; take fewer", m->file, m->line,
          scenario_measure_name(m->kind), -m->value, measure_rule_of(m->kind)->unit, total);
    for (uint32_t p = 0; p < z->place.count; p++) {
        if (marked[p]) {
            double size = (double)z->place.size[p];
            double share = total > 0.0 ? size / total : 1.0 / count;
            double sum = size + m->value * share;
            z->place.size[p] = sum > 0.0 ? (float)sum : 0.0F;
        }
    }
    return ERR_OK;
}

static err_code add_to_places(const scenario_measure *m, world_measures_context *k, place_kind kind) {
    uint8_t *marked;
    uint32_t count;
    arena scratch;
    arena_init(&scratch);
    err_code code = mark_places(m, &k->own->zones, kind, &scratch, &marked, &count);
    if (code == ERR_OK) {
        code = add_size(m, &k->own->zones, marked, count);
    }
    arena_free(&scratch);
    return code;
}

static double jobs_inside(const zone_system *z) {
    double jobs = 0.0;
    for (uint32_t p = 0; p < z->place.count; p++) {
        bool inside = z->zone.outside[z->place.zone_ix[p]] == 0;
        jobs += inside && z->place.kind[p] == PLACE_WORK ? (double)z->place.size[p] : 0.0;
    }
    return jobs;
}

// Residents keep the share of them who work outside; in-commuters grow with the jobs (assumption: today's share of
// them).
err_code world_measures_jobs(const scenario_measure *m, world_measures_context *k) {
    double before = jobs_inside(&k->own->zones);
    TRY(add_to_places(m, k, PLACE_WORK));
    if (before > 0.0) {
        k->own->scenario.in_commuters *= jobs_inside(&k->own->zones) / before;
    }
    return ERR_OK;
}

err_code world_measures_shops(const scenario_measure *m, world_measures_context *k) {
    return add_to_places(m, k, PLACE_SHOP);
}

err_code world_measures_freight_rail(const scenario_measure *m, world_measures_context *k) {
    const zone_system *z = &k->own->zones;
    for (uint32_t i = 0; i < m->target_count; i++) {
        uint32_t f = 0;
        while (f < z->flow_count && strcmp(z->flow[f].id, m->target[i]) != 0) {
            f++;
        }
        CHECK(f < z->flow_count, ERR_REFERENCE,
              "%s:%d: measure freight_rail names the flow '%s', which is not in flows.csv; use a flow_id of lorries",
              m->file, m->line, m->target[i]);
        CHECK(z->flow[f].vehicle == VEHICLE_LORRY, ERR_REFERENCE,
              "%s:%d: measure freight_rail names the flow '%s', which is of cars; use a flow_id of lorries", m->file,
              m->line, m->target[i]);
        z->flow[f].weekday_vehicles *= 1.0 - m->value;
    }
    return ERR_OK;
}

// The norm itself acts where homes are built (model/growth), by the year of building.
err_code world_measures_parking_norm(const scenario_measure *m, world_measures_context *k) {
    const zone_system *z = &k->own->zones;
    const scenario *s = &k->own->scenario;
    for (uint32_t i = 0; i < m->target_count; i++) {
        bool known = false;
        for (uint32_t p = 0; p < s->programme_count; p++) {
            known = known || strcmp(s->programme[p].id, m->target[i]) == 0;
        }
        for (uint32_t p = 0; p < z->place.count; p++) {
            known = known || world_measures_place_is(z, p, m->target[i]);
        }
        CHECK(known, ERR_REFERENCE,
              "%s:%d: measure parking_norm names '%s', which is neither an entry of the programme nor an area, zone or "
              "place with homes",
              m->file, m->line, m->target[i]);
    }
    return ERR_OK;
}

// Which of them are near enough to everything is known when the year's ways on foot are (loop/holiday).
err_code world_measures_holiday_homes(const scenario_measure *m, world_measures_context *k) {
    uint8_t *marked;
    uint32_t count;
    TRY(mark_places(m, &k->own->zones, PLACE_HOLIDAY_HOME, k->a, &marked, &count));
    for (uint32_t p = 0; p < k->own->zones.place.count; p++) {
        if (marked[p]) {
            k->w->holiday_share[p] = (float)m->value;
        }
    }
    return ERR_OK;
}
