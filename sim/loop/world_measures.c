// Measures in force in a year, applied to a copy of the network and to prices.
#include <math.h>
#include <string.h>

#include "loop/world_measures.h"

// Does a link carry this id (exactly, or the reverse of a two-way row) or this street name?
static bool link_is_target(const network *n, uint32_t link, const char *target) {
    const char *id = n->link.id[link];
    size_t length = strlen(target);
    return strcmp(id, target) == 0 || strcmp(n->link.name[link], target) == 0 ||
           (strncmp(id, target, length) == 0 && strcmp(id + length, "-r") == 0);
}

static err_code apply_link(const scenario_measure *m, network *n, uint32_t link) {
    switch (m->kind) {
        case MEASURE_CYCLE_FACILITY:
            for (int f = 0; f < CYCLE_FACILITY_COUNT; f++) {
                if (strcmp(network_cycle_facility_name((cycle_facility)f), m->text) == 0 &&
                    (n->link.allowed[link] & ALLOW_CYCLE) != 0) {
                    n->link.cycle_facility[link] = (uint8_t)f;
                }
            }
            return ERR_OK;
        case MEASURE_SPEED_LIMIT:
            if (n->link.free_speed_mps[link] > (float)(m->value / 3.6)) {
                n->link.free_speed_mps[link] = (float)(m->value / 3.6);
            }
            return ERR_OK;
        case MEASURE_CLOSE_LINK:
            n->link.allowed[link] &= (uint8_t) ~(ALLOW_CAR | ALLOW_LORRY);
            return ERR_OK;
        default:
            return err_raise(ERR_INTERNAL, "measure %s does not act on links", scenario_measure_name(m->kind));
    }
}

static err_code apply_to_links(const scenario_measure *m, network *n) {
    for (uint32_t k = 0; k < m->target_count; k++) {
        uint32_t hits = 0;
        for (uint32_t e = 0; e < n->link.count; e++) {
            if (link_is_target(n, e, m->target[k])) {
                TRY(apply_link(m, n, e));
                hits++;
            }
        }
        CHECK(hits > 0, ERR_REFERENCE,
              "%s:%d: measure %s names the street or link '%s', which is not in the network; use a name or link_id of "
              "link.csv",
              m->file, m->line, scenario_measure_name(m->kind), m->target[k]);
    }
    return ERR_OK;
}

static err_code apply_parking(const scenario_measure *m, const zone_system *z, float *zone_parking_nok) {
    for (uint32_t k = 0; k < m->target_count; k++) {
        uint32_t hits = 0;
        for (uint32_t i = 0; i < z->zone.count; i++) {
            if (strcmp(z->zone.id[i], m->target[k]) == 0 || strcmp(z->zone.area[i], m->target[k]) == 0) {
                zone_parking_nok[i] = (float)m->value;
                hits++;
            }
        }
        CHECK(hits > 0, ERR_REFERENCE,
              "%s:%d: measure parking_price names '%s', which is neither an area nor a zone of zones.csv", m->file,
              m->line, m->target[k]);
    }
    return ERR_OK;
}

static err_code apply_transit(const scenario_measure *m, const world_case *c, const transit **out) {
    for (uint32_t k = 0; k < c->feed_count; k++) {
        if (strcmp(c->feed_dir[k], m->text) == 0) {
            *out = &c->feed[k];
            return ERR_OK;
        }
    }
    return err_raise(ERR_REFERENCE, "%s:%d: timetable '%s' was not loaded", m->file, m->line, m->text);
}

static err_code apply_one(const scenario_measure *m, const world_case *c, world_year *w) {
    switch (m->kind) {
        case MEASURE_PARKING_PRICE:
            return apply_parking(m, &c->zones, w->zone_parking_nok);
        case MEASURE_CORDON_PRICE:
            for (uint32_t e = 0; e < w->network.link.count; e++) {
                w->network.link.toll_nok[e] += w->network.link.cordon[e] == 1 ? (float)m->value : 0.0F;
            }
            return ERR_OK;
        case MEASURE_FUEL_FACTOR:
            w->car_cost_nok_per_km *= m->value;
            return ERR_OK;
        case MEASURE_FARE_FACTOR:
            w->fare_factor *= m->value;
            return ERR_OK;
        case MEASURE_HOME_OFFICE:
            w->home_office_share = m->value;
            return ERR_OK;
        case MEASURE_TRANSIT:
            return apply_transit(m, c, &w->transit);
        case MEASURE_CYCLE_FACILITY:
        case MEASURE_SPEED_LIMIT:
        case MEASURE_CLOSE_LINK:
            return apply_to_links(m, &w->network);
        case MEASURE_KIND_COUNT:
            break;
    }
    return err_raise(ERR_INTERNAL, "unknown measure kind %d", (int)m->kind);
}

err_code world_measures_apply(const world_case *c, int year, world_year *w) {
    const scenario *s = &c->scenario;
    for (uint32_t e = 0; e < w->network.link.count; e++) {
        if (w->network.link.open_year[e] > year) {
            w->network.link.allowed[e] = 0;
        }
    }
    for (uint32_t i = 0; i < s->measure_count; i++) {
        if (s->measure[i].start_year <= year) {
            TRY(apply_one(&s->measure[i], c, w));
        }
    }
    return ERR_OK;
}

err_code world_measures_check(const world_case *c, arena *scratch) {
    world_year w = {.source = c, .year = 9999, .transit = &c->transit};
    TRY(network_copy(&c->network, scratch, &w.network));
    ARENA_NEW(scratch, w.zone_parking_nok, c->zones.zone.count);
    return world_measures_apply(c, 9999, &w);
}
