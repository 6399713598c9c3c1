#include "world/scenario.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "world/network.h"

// Messages name the key's path first ("choice.work.cost_per_nok = 1 ..."): the loader finds its line by it. Entries of
// lists know their own file and line.

enum { SCENARIO_YEAR_MAX = 2200, SCENARIO_KEY_BYTES = 128 };

static const scenario_field scenario_field_table[] = {
#define X(member, path, fallback, min, max, unit, doc) \
    {path, SCENARIO_NUMBER, (double)(fallback), (min), (max), unit, doc, offsetof(scenario, member)},
    SCENARIO_NUMBERS(X)
#undef X
#define X(member, path, required, doc) \
    {path, SCENARIO_PATH, (required) ? (double)NAN : 0.0, 0, 0, "1", doc, offsetof(scenario, member)},
        SCENARIO_PATHS(X)
#undef X
// Any finite number can be read; scenario_validate_purpose knows what makes sense.
#define X(member, key, unit, doc) \
    {"choice.*." key, SCENARIO_PURPOSE, (double)NAN, -1e6, 1e6, unit, doc, offsetof(purpose_params, member)},
            SCENARIO_PURPOSE_NUMBERS(X)
#undef X
};

enum { SCENARIO_FIELD_COUNT = sizeof scenario_field_table / sizeof scenario_field_table[0] };

const scenario_field *scenario_fields(uint32_t *count) {
    *count = SCENARIO_FIELD_COUNT;
    return scenario_field_table;
}

void scenario_set_defaults(scenario *s) {
    *s = (scenario){0};
    unsigned char *base = (unsigned char *)s;
    for (uint32_t i = 0; i < SCENARIO_FIELD_COUNT; i++) {
        const scenario_field *f = &scenario_field_table[i];
        if (f->type == SCENARIO_NUMBER) {
            memcpy(base + f->offset, &f->fallback, sizeof f->fallback);
        }
        for (int p = 0; f->type == SCENARIO_PURPOSE && p < PURPOSE_COUNT; p++) {
            unsigned char *params = (unsigned char *)&s->purpose[p];
            memcpy(params + f->offset, &f->fallback, sizeof f->fallback);
        }
    }
}

static double scenario_number_at(const void *base, const scenario_field *f) {
    double value;
    memcpy(&value, (const unsigned char *)base + f->offset, sizeof value);
    return value;
}

static bool scenario_is_whole_key(const char *path) {
    static const char *const whole[] = {
        "today_year",           "seed", "replications", "verdict.replications_max", "convergence.iterations_max",
        "transit.boardings_max"};
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        if (strcmp(path, whole[i]) == 0) {
            return true;
        }
    }
    return false;
}

static err_code scenario_check_number(const char *path, const scenario_field *f, double value) {
    CHECK(!isnan(value), ERR_RANGE, "%s is missing; give it in %s (%s)", path, f->unit, f->doc);
    CHECK(value >= f->min && value <= f->max, ERR_RANGE, "%s = %.12g is outside %.12g to %.12g %s (%s)", path, value,
          f->min, f->max, f->unit, f->doc);
    CHECK(!scenario_is_whole_key(path) || floor(value) == value, ERR_RANGE, "%s = %.12g must be a whole number", path,
          value);
    return ERR_OK;
}

static err_code scenario_validate_fields(const scenario *s) {
    for (uint32_t i = 0; i < SCENARIO_FIELD_COUNT; i++) {
        const scenario_field *f = &scenario_field_table[i];
        if (f->type == SCENARIO_NUMBER) {
            TRY(scenario_check_number(f->path, f, scenario_number_at(s, f)));
        } else if (f->type == SCENARIO_PATH && isnan(f->fallback)) {
            const char *name;
            memcpy(&name, (const unsigned char *)s + f->offset, sizeof name);
            CHECK(name != NULL && name[0] != '\0', ERR_RANGE, "%s is missing; name the file or folder (%s)", f->path,
                  f->doc);
        }
    }
    return ERR_OK;
}

// --- purposes -----------------------------------------------------------------------------------------------------

static err_code scenario_check_sign(const char *purpose_text, const char *key, double value, double min, double max) {
    CHECK(value >= min && value <= max, ERR_RANGE, "choice.%s.%s = %.12g is outside %.12g to %.12g", purpose_text, key,
          value, min, max);
    return ERR_OK;
}

static err_code scenario_check_lambda(const char *purpose_text, const char *key, double value) {
    CHECK(value > 0 && value <= 1, ERR_RANGE,
          "choice.%s.%s = %.12g is outside (0, 1]; outside it the nested logit is no model of choice", purpose_text,
          key, value);
    return ERR_OK;
}

static err_code scenario_validate_purpose(const scenario *s, purpose p) {
    const purpose_params *c = &s->purpose[p];
    const char *name = purpose_name(p);
    for (uint32_t i = 0; i < SCENARIO_FIELD_COUNT; i++) {
        const scenario_field *f = &scenario_field_table[i];
        if (f->type == SCENARIO_PURPOSE) {
            char path[SCENARIO_KEY_BYTES];
            snprintf(path, sizeof path, "choice.%s%s", name, f->path + strlen("choice.*"));
            TRY(scenario_check_number(path, f, scenario_number_at(c, f)));
        }
    }
    TRY(scenario_check_lambda(name, "lambda_motor", c->lambda_motor));
    TRY(scenario_check_lambda(name, "lambda_active", c->lambda_active));
    TRY(scenario_check_sign(name, "tours_per_person", c->tours_per_person, 0, 10));
    // Time and money are never liked: with the wrong sign travellers would seek queues.
    TRY(scenario_check_sign(name, "car_per_min", c->car_per_min, -10, 0));
    TRY(scenario_check_sign(name, "pt_per_min", c->pt_per_min, -10, 0));
    TRY(scenario_check_sign(name, "cycle_per_min", c->cycle_per_min, -10, 0));
    TRY(scenario_check_sign(name, "walk_per_min", c->walk_per_min, -10, 0));
    TRY(scenario_check_sign(name, "cost_per_nok", c->cost_per_nok, -10, 0));
    TRY(scenario_check_sign(name, "size_scale", c->size_scale, 0, 10));
    TRY(scenario_check_sign(name, "logsum_scale", c->logsum_scale, 0, 10));
    TRY(scenario_check_sign(name, "duration_mean_h", c->duration_mean_h, 0, 24));
    return scenario_check_sign(name, "duration_spread_h", c->duration_spread_h, 0, c->duration_mean_h);
}

// --- years and the service date -------------------------------------------------------------------------------------

// The last year the scenario speaks of: simulated, or still being built in. Fewer years can be simulated (--years)
// without making its measures wrong.
static int scenario_last_year(const scenario *s) {
    int last = s->year_count == 0 ? (int)s->today_year : s->year[s->year_count - 1];
    for (uint32_t i = 0; i < s->programme_count; i++) {
        last = s->programme[i].to_year > last ? s->programme[i].to_year : last;
    }
    return last;
}

static err_code scenario_validate_years(const scenario *s) {
    int before = (int)s->today_year;
    for (uint32_t i = 0; i < s->year_count; i++) {
        CHECK(s->year[i] > before, ERR_RANGE, "years: %d must come after %d%s; list every year once, in rising order",
              s->year[i], before, i == 0 ? " (today_year)" : "");
        before = s->year[i];
    }
    CHECK(before <= SCENARIO_YEAR_MAX, ERR_RANGE, "years: %d is after %d, the last that can be simulated", before,
          SCENARIO_YEAR_MAX);
    return ERR_OK;
}

static int scenario_days_in(int year, int month) {
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool scenario_is_date(const char *date) {
    static const char form[] = "dddd-dd-dd";
    int number[3] = {0, 0, 0};
    for (size_t i = 0, part = 0; i < sizeof form; i++) {  // the terminating NUL is compared too
        if (form[i] != 'd') {
            if (date[i] != form[i]) {
                return false;
            }
            part++;
        } else if (date[i] >= '0' && date[i] <= '9') {
            number[part] = number[part] * 10 + (date[i] - '0');
        } else {
            return false;
        }
    }
    return number[1] >= 1 && number[1] <= 12 && number[2] >= 1 && number[2] <= scenario_days_in(number[0], number[1]);
}

// --- measures and homes ---------------------------------------------------------------------------------------------

// "file:line: " of a list entry, or nothing when it was not read from a file.
static const char *scenario_place(const char *file, int line, char *out, size_t room) {
    if (file == NULL || line <= 0) {
        return "";
    }
    snprintf(out, room, "%s:%d: ", file, line);
    return out;
}

static bool scenario_is_facility(const char *name) {
    for (int f = 0; f < CYCLE_FACILITY_COUNT; f++) {
        if (strcmp(name, network_cycle_facility_name((cycle_facility)f)) == 0) {
            return true;
        }
    }
    return false;
}

static bool scenario_is_control(const char *name) {
    for (int c = 0; c <= CONTROL_ROUNDABOUT; c++) {
        if (strcmp(name, network_control_name((junction_control)c)) == 0) {
            return true;
        }
    }
    return false;
}

static err_code scenario_validate_measure(const scenario *s, const scenario_measure *m) {
    char at[512];
    const char *place = scenario_place(m->file, m->line, at, sizeof at);
    CHECK((unsigned)m->kind < MEASURE_KIND_COUNT, ERR_RANGE, "%smeasures: kind %d is unknown", place, (int)m->kind);
    const measure_rule *rule = measure_rule_of(m->kind);
    int today = (int)s->today_year, last = scenario_last_year(s);
    CHECK(m->start_year >= today && m->start_year <= last, ERR_RANGE,
          "%smeasures: %s starts in %d, outside the scenario's years %d to %d; change its start_year, add a year or "
          "remove it",
          place, rule->name, m->start_year, today, last);
    CHECK(!measure_has_value(m->kind) || (m->value >= rule->min && m->value <= rule->max), ERR_RANGE,
          "%smeasures: the value %.12g of %s is outside %.12g to %.12g", place, m->value, rule->name, rule->min,
          rule->max);
    CHECK(rule->target == MEASURE_NO_TARGET || m->target_count > 0, ERR_RANGE,
          "%smeasures: %s needs targets: where it holds (%s)", place, rule->name, measure_target_words(rule->target));
    CHECK(rule->text == MEASURE_NO_TEXT || (m->text != NULL && m->text[0] != '\0'), ERR_RANGE,
          "%smeasures: %s needs a text: %s", place, rule->name, measure_text_words(rule->text));
    CHECK(rule->text != MEASURE_FACILITY || scenario_is_facility(m->text), ERR_REFERENCE,
          "%smeasures: cycle facility '%.60s' is unknown; use mixed_slow, mixed_fast, lane, path_along or path_own",
          place, m->text == NULL ? "" : m->text);
    CHECK(rule->text != MEASURE_CONTROL || scenario_is_control(m->text), ERR_REFERENCE,
          "%smeasures: junction control '%.60s' is unknown; use none, yield, stop, signal or roundabout", place,
          m->text == NULL ? "" : m->text);
    return ERR_OK;
}

static err_code scenario_validate_programme(const scenario *s, uint32_t i) {
    const scenario_programme *p = &s->programme[i];
    char at[512];
    const char *place = scenario_place(p->file, p->line, at, sizeof at);
    CHECK(p->id != NULL && p->id[0] != '\0', ERR_REFERENCE, "%sprogramme: entry %u has no id", place, i + 1);
    for (uint32_t j = 0; j < i; j++) {
        CHECK(strcmp(s->programme[j].id, p->id) != 0, ERR_REFERENCE, "%sprogramme: id '%s' is used twice", place,
              p->id);
    }
    CHECK(p->place_id != NULL && p->place_id[0] != '\0', ERR_REFERENCE, "%sprogramme: '%s' has no place", place, p->id);
    CHECK(p->dwelling >= 0 && p->dwelling <= 2, ERR_RANGE, "%sprogramme: '%s': dwelling must be detached, row or flat",
          place, p->id);
    CHECK(p->homes >= 0 && p->homes <= 1000000, ERR_RANGE, "%sprogramme: '%s': %d homes are outside 0 to 1000000",
          place, p->id, p->homes);
    CHECK(p->from_year <= p->to_year, ERR_RANGE, "%sprogramme: '%s': from %d is after to %d", place, p->id,
          p->from_year, p->to_year);
    CHECK(p->from_year > (int)s->today_year && p->to_year <= SCENARIO_YEAR_MAX, ERR_RANGE,
          "%sprogramme: '%s': %d to %d must lie after today_year (%d) and not after %d; homes that stand today belong "
          "in places.csv",
          place, p->id, p->from_year, p->to_year, (int)s->today_year, SCENARIO_YEAR_MAX);
    CHECK(isfinite(p->parking_norm) && p->parking_norm <= 20, ERR_RANGE,
          "%sprogramme: '%s': parking_norm %.12g is outside 0 to 20 (negative = no limit)", place, p->id,
          p->parking_norm);
    return ERR_OK;
}

err_code scenario_validate(const scenario *s) {
    TRY(scenario_validate_fields(s));
    CHECK(s->service_date != NULL && scenario_is_date(s->service_date), ERR_FORMAT,
          "service_date '%.40s' is not a date; write it as 2023-10-18", s->service_date == NULL ? "" : s->service_date);
    CHECK(s->ev_share <= s->ev_share_max, ERR_INFEASIBLE,
          "choice.ev_share = %.12g is above choice.ev_share_max = %.12g", s->ev_share, s->ev_share_max);
    TRY(scenario_validate_years(s));
    for (int p = 0; p < PURPOSE_COUNT; p++) {
        TRY(scenario_validate_purpose(s, (purpose)p));
    }
    for (uint32_t i = 0; i < s->measure_count; i++) {
        TRY(scenario_validate_measure(s, &s->measure[i]));
    }
    for (uint32_t i = 0; i < s->programme_count; i++) {
        TRY(scenario_validate_programme(s, i));
    }
    return ERR_OK;
}

const char *scenario_measure_name(measure_kind kind) {
    return (unsigned)kind < MEASURE_KIND_COUNT ? measure_rule_of(kind)->name : "?";
}

rng_key scenario_rng_key(const scenario *s, uint32_t replication) {
    return (rng_key){.seed = (uint32_t)s->seed, .replication = replication};
}
