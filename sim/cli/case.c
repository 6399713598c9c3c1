#include "case.h"

#include <stdlib.h>
#include <string.h>

#include "io/gmns.h"
#include "io/gtfs.h"
#include "io/scenario_yaml.h"
#include "io/tables.h"
#include "loop/world_measures.h"

enum { TEXT_BYTES = 512 };

static err_code add_override(case_overrides *o, arena *a, const char *given) {
    const char *copy = arena_text(a, given);
    if (copy == NULL) {
        return ERR_MEMORY;
    }
    o->text[o->count++] = copy;
    return ERR_OK;
}

static err_code add_number(const cli_args *args, const char *option, const char *key, int64_t min, int64_t max,
                           arena *a, case_overrides *o) {
    char line[TEXT_BYTES];
    int64_t value = 0;
    TRY(options_integer(args, option, min, max, &value));
    if (options_given(args, option)) {
        snprintf(line, sizeof line, "%s=%lld", key, (long long)value);
        TRY(add_override(o, a, line));
    }
    return ERR_OK;
}

// --years 2030,2040 as years=[2030,2040]; the loader checks that they lie after today and ascend.
static err_code add_years(const cli_args *args, arena *a, case_overrides *o) {
    char line[TEXT_BYTES];
    const char *years = options_value(args, "years");
    if (years == NULL) {
        return ERR_OK;
    }
    bool ok = strlen(years) + 16 < sizeof line;
    for (const char *at = years; ok; at++) {
        size_t digits = strspn(at, "0123456789");
        ok = digits == 4 && (at[4] == ',' || at[4] == '\0');
        at += 4;
        if (!ok || *at == '\0') {
            break;
        }
    }
    CHECK(ok, ERR_USAGE, "--years '%.60s': give years separated by commas, such as 2030,2040", years);
    snprintf(line, sizeof line, "years=[%s]", years);
    return add_override(o, a, line);
}

err_code case_overrides_from(const cli_args *args, arena *a, case_overrides *out) {
    out->count = 0;
    TRY(add_number(args, "seed", "seed", 0, UINT32_MAX, a, out));
    TRY(add_number(args, "replications", "replications", 1, 1000, a, out));
    TRY(add_number(args, "replications", "verdict.replications_max", 1, 1000, a, out));
    TRY(add_years(args, a, out));
    for (uint32_t i = 0; i < args->value_count; i++) {
        if (strcmp(args->value[i].option->name, "set") == 0) {
            const char *given = args->value[i].text;
            const char *equals = strchr(given, '=');
            CHECK(equals != NULL && equals != given, ERR_USAGE, "--set '%.60s': give key=value, such as scale=0.1",
                  given);
            TRY(add_override(out, a, given));
        }
    }
    return ERR_OK;
}

// Timetables of measures, each folder once.
static err_code load_feeds(const gtfs_options *o, arena *a, world_case *c) {
    const scenario *s = &c->scenario;
    ARENA_NEW(a, c->feed_dir, s->measure_count);
    ARENA_NEW(a, c->feed, s->measure_count);
    for (uint32_t i = 0; i < s->measure_count; i++) {
        const scenario_measure *m = &s->measure[i];
        bool known = m->kind != MEASURE_TRANSIT;
        for (uint32_t k = 0; k < c->feed_count && !known; k++) {
            known = strcmp(c->feed_dir[k], m->text) == 0;
        }
        if (known) {
            continue;
        }
        err_code code = gtfs_load(m->text, o, a, &c->feed[c->feed_count]);
        if (code != ERR_OK) {
            return err_prefix(code, "%s:%d: timetable of measure transit", m->file, m->line);
        }
        c->feed_dir[c->feed_count++] = m->text;
    }
    return ERR_OK;
}

static err_code load_transit(arena *a, world_case *c) {
    const scenario *s = &c->scenario;
    const gtfs_options o = {
        .date = s->service_date, .footpath_max_m = s->transit_walk_max_m, .walk_speed_kmh = s->walk_speed_kmh};
    TRY(gtfs_load(s->transit_dir, &o, a, &c->transit));
    return load_feeds(&o, a, c);
}

static err_code check_programme(const world_case *c) {
    const scenario *s = &c->scenario;
    for (uint32_t i = 0; i < s->programme_count; i++) {
        const scenario_programme *p = &s->programme[i];
        uint32_t place = idmap_find(&c->zones.place_map, p->place_id);
        CHECK(place != IX_NONE, ERR_REFERENCE, "%s:%d: programme '%s': there is no place '%s'; use a place_id of %s",
              p->file, p->line, p->id, p->place_id, s->places_csv);
        CHECK(zone_place_is_home((place_kind)c->zones.place.kind[place]), ERR_REFERENCE,
              "%s:%d: programme '%s': place '%s' is of kind %s; homes are built at places of kind home_*", p->file,
              p->line, p->id, p->place_id, zone_place_kind_name((place_kind)c->zones.place.kind[place]));
    }
    return ERR_OK;
}

static err_code check_profiles(const world_case *c) {
    const scenario *s = &c->scenario;
    for (int i = 0; i < PURPOSE_COUNT; i++) {
        const char *given[2] = {s->purpose[i].profile_out, s->purpose[i].profile_return};
        for (int k = 0; k < 2; k++) {
            bool none = k == 1 && (given[k] == NULL || given[k][0] == '\0');  // the return may follow from duration
            CHECK(none || zone_find_profile(&c->zones, given[k] == NULL ? "" : given[k]) != IX_NONE, ERR_REFERENCE,
                  "%s: choice.%s.%s: there is no profile '%s'; use a profile_id of %s", s->path,
                  purpose_name((purpose)i), k == 0 ? "profile_out" : "profile_return", given[k] == NULL ? "" : given[k],
                  s->profiles_csv);
        }
    }
    return ERR_OK;
}

// What one file says about another, so that a slip is told now and not when its year is reached.
static err_code check_references(const world_case *c) {
    TRY(check_programme(c));
    TRY(check_profiles(c));
    arena scratch;
    arena_init(&scratch);
    err_code code = world_measures_check(c, &scratch);
    arena_free(&scratch);
    return code;
}

err_code case_load(const char *path, const case_overrides *overrides, arena *a, world_case *out) {
    memset(out, 0, sizeof *out);
    scenario *s = &out->scenario;
    TRY(scenario_yaml_load(path, overrides->text, overrides->count, a, s));
    TRY(gmns_load(s->network_dir, a, &out->network));
    TRY(tables_load_zones(s, &out->network, a, &out->zones));
    TRY(zone_mark_links(&out->zones, &out->network));
    TRY(network_validate(&out->network));
    TRY(zone_validate(&out->zones, &out->network));
    TRY(load_transit(a, out));
    TRY(tables_load_people(s, a, &out->people));
    return check_references(out);
}
