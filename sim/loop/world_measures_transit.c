// Measures on the timetable.
#include <string.h>

#include "world_measures_part.h"

enum { ROUTE_RAIL = 2, ROUTE_BUS = 3 };

err_code world_measures_transit(const scenario_measure *m, world_measures_context *k) {
    const world_case *c = k->today;
    for (uint32_t i = 0; i < c->feed_count; i++) {
        if (strcmp(c->feed_dir[i], m->text) == 0) {
            k->w->transit = &c->feed[i];
            return ERR_OK;
        }
    }
    return err_raise(ERR_REFERENCE, "%s:%d: timetable '%s' was not loaded", m->file, m->line, m->text);
}

static bool trip_is(const transit *t, uint32_t trip, const char *target) {
    return strcmp(t->trip.line[trip], target) == 0 ||
           (strcmp(target, "bus") == 0 && t->trip.route_type[trip] == ROUTE_BUS) ||
           (strcmp(target, "train") == 0 && t->trip.route_type[trip] == ROUTE_RAIL);
}

static err_code set_frequency(const scenario_measure *m, world_measures_context *k, const char *target,
                              uint8_t *chosen) {
    const transit *t = k->w->transit;
    transit *changed;
    uint32_t trips = 0, lines = 0;
    for (uint32_t i = 0; i < t->trip.count; i++) {
        chosen[i] = trip_is(t, i, target) ? 1 : 0;
        trips += chosen[i];
    }
    CHECK(trips > 0, ERR_REFERENCE,
          "%s:%d: measure frequency names the line '%s', which does not run on the service date; use a "
          "route_short_name of the timetable then in force, bus or train",
          m->file, m->line, target);
    ARENA_NEW(k->a, changed, 1);
    TRY(transit_set_frequency(t, chosen, m->value, k->a, changed, &lines));
    CHECK(
        lines > 0 || m->value == 1.0, ERR_INFEASIBLE,
        "%s:%d: measure frequency: a factor of %.6g adds or takes away no departure of '%s', which has too few; write "
        "a timetable (measure transit)",
        m->file, m->line, m->value, target);
    k->w->transit = changed;
    return ERR_OK;
}

err_code world_measures_frequency(const scenario_measure *m, world_measures_context *k) {
    for (uint32_t i = 0; i < m->target_count; i++) {
        uint8_t *chosen;
        ARENA_NEW(k->a, chosen, k->w->transit->trip.count);
        TRY(set_frequency(m, k, m->target[i], chosen));
    }
    return ERR_OK;
}
