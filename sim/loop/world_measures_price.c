// Measures on prices, parking and numbers of the scenario.
#include <math.h>
#include <string.h>

#include "base/dmath.h"
#include "world_measures_part.h"

static const double search_max_s = 900.0;  // assumption: who finds no place in a quarter of an hour parks farther away

static err_code fail_zone(const scenario_measure *m, const char *target) {
    return err_raise(ERR_REFERENCE, "%s:%d: measure %s names '%s', which is neither an area nor a zone of zones.csv",
                     m->file, m->line, scenario_measure_name(m->kind), target);
}

err_code world_measures_parking_price(const scenario_measure *m, world_measures_context *k) {
    const zone_system *z = &k->own->zones;
    for (uint32_t i = 0; i < m->target_count; i++) {
        uint32_t hits = 0;
        for (uint32_t zone = 0; zone < z->zone.count; zone++) {
            if (world_measures_zone_is(z, zone, m->target[i])) {
                k->w->zone_parking_nok[zone] = (float)m->value;
                hits++;
            }
        }
        if (hits == 0) {
            return fail_zone(m, m->target[i]);
        }
    }
    return ERR_OK;
}

// Searching for a place takes a time in proportion to 1 / (1 - occupancy) (a hyperbola in the free places, as found in
// Frankfurt by Axhausen, Polak, Boltze and Puzicha 1994; quoted from memory, so an assumption). Today's time is known,
// today's occupancy is the scenario's; with places x factor for the same cars the occupancy is today's / factor.
static double search_s(double today_s, double occupancy, double factor) {
    double longest = fmax(today_s, search_max_s);
    double free_share = 1.0 - occupancy / factor;
    return free_share > 0.0 ? fmin(longest, today_s * (1.0 - occupancy) / free_share) : longest;
}

err_code world_measures_parking_places(const scenario_measure *m, world_measures_context *k) {
    const zone_columns *today = &k->today->zones.zone;
    const zone_system *z = &k->own->zones;
    for (uint32_t i = 0; i < m->target_count; i++) {
        uint32_t hits = 0, searched = 0;
        for (uint32_t zone = 0; zone < z->zone.count; zone++) {
            if (world_measures_zone_is(z, zone, m->target[i])) {
                double today_s = (double)today->parking_search_s[zone];
                z->zone.parking_search_s[zone] = (float)search_s(today_s, k->own->scenario.parking_occupancy, m->value);
                searched += today_s > 0.0 ? 1 : 0;
                hits++;
            }
        }
        if (hits == 0) {
            return fail_zone(m, m->target[i]);
        }
        CHECK(searched > 0, ERR_INFEASIBLE,
              "%s:%d: measure parking_places: nobody searches for a place in '%s' today, so their number changes "
              "nothing; give parking_search_s in zones.csv",
              m->file, m->line, m->target[i]);
    }
    return ERR_OK;
}

err_code world_measures_cordon_price(const scenario_measure *m, world_measures_context *k) {
    link_columns *t = &k->w->network.link;
    for (uint32_t e = 0; e < t->count; e++) {
        t->toll_nok[e] += t->cordon[e] == 1 ? (float)m->value : 0.0F;
    }
    return ERR_OK;
}

err_code world_measures_fuel_factor(const scenario_measure *m, world_measures_context *k) {
    k->w->car_cost_nok_per_km *= m->value;
    return ERR_OK;
}

err_code world_measures_fare_factor(const scenario_measure *m, world_measures_context *k) {
    k->w->fare_factor *= m->value;
    return ERR_OK;
}

err_code world_measures_home_office(const scenario_measure *m, world_measures_context *k) {
    k->w->home_office_share = m->value;
    return ERR_OK;
}

err_code world_measures_ev_share(const scenario_measure *m, world_measures_context *k) {
    scenario *s = &k->own->scenario;
    s->ev_share = m->value;
    s->ev_share_per_year = 0.0;
    s->ev_share_max = fmax(s->ev_share_max, m->value);
    return ERR_OK;
}

err_code world_measures_season(const scenario_measure *m, world_measures_context *k) {
    k->own->scenario.cycle_season_factor = m->value;
    return ERR_OK;
}

// The even growth a year that gives as much by k->year as the scenario's rate does, with the rates of measures from
// their start years on.
err_code world_measures_background_growth(const scenario_measure *m, world_measures_context *k) {
    scenario *s = &k->own->scenario;
    int today_year = (int)s->today_year;
    double growth = 1.0;
    (void)m;  // each measure of the kind works out the same, from all of them
    for (int year = today_year + 1; year <= k->year; year++) {
        double pct = k->today->scenario.background_growth_pct;
        int since = 0;
        for (uint32_t i = 0; i < s->measure_count; i++) {
            const scenario_measure *other = &s->measure[i];
            if (other->kind == MEASURE_BACKGROUND_GROWTH && other->start_year <= year && other->start_year >= since) {
                pct = other->value;
                since = other->start_year;
            }
        }
        growth *= 1.0 + pct / 100.0;
    }
    if (k->year > today_year) {
        s->background_growth_pct = 100.0 * (dmath_pow(growth, 1.0 / (k->year - today_year)) - 1.0);
    }
    return ERR_OK;
}
