// The homes of the programme and who lives in them.
//
// Home k of an entry takes position (start + k * golden ratio) mod 1 of the kinds' shares, with a start keyed by the
// programme's id: any first k homes are an even sample, and home k is the same household for every total and year.
//
// Movers (growth.mover_share): a mover home is filled by a household like one that lives here now, of the size drawn
// for the home. The dwelling it leaves is filled by a new household that is average for its dwelling type, so the
// number of households is always that of today plus the new homes; only who lives where changes. Which dwelling is
// left depends on the new home's id alone, and who comes after on the left dwelling's id alone, so this too is nested.
// Two movers out of 8,000 households may name the same dwelling: it is then left once.
#include "model/growth.h"

#include <math.h>
#include <string.h>

#include "base/dmath.h"
#include "base/par.h"
#include "synth_part.h"

// Mean persons in a new dwelling: demography.csv new_dwelling.detached, .row, .flat (confidence there: unverified).
static const double NEW_DWELLING_PERSONS[SYNTH_DWELLING_TYPES] = {3.3, 2.75, 1.8};
static const double GOLDEN_RATIO_STEP = 0.61803398874989485;
static const uint64_t PROGRAMME_SALT = 0x70726f6772616d6dULL;  // a programme may be called like a place
static const uint64_t REFILL_SALT = 0x726566696c6c6564ULL;

// Draw numbers of DRAW_GROWTH.
enum { DRAW_GROWTH_START = 0, DRAW_GROWTH_MOVER = 1, DRAW_GROWTH_LEAVES = 2, DRAW_GROWTH_REFILL = 3 };

uint32_t growth_homes_by(const scenario_programme *p, int year) {
    if (p->homes <= 0 || year < p->from_year) {
        return 0;
    }
    if (year >= p->to_year) {
        return (uint32_t)p->homes;
    }
    int64_t years = (int64_t)p->to_year - p->from_year + 1;
    int64_t done = (int64_t)year - p->from_year + 1;
    return (uint32_t)(p->homes * done / years);
}

static double line(double from, double to, double share) {
    return from + (to - from) * share;
}

static void interpolate(const synth_year *from, const synth_year *to, double share, synth_input *out) {
    for (int i = 0; i < SYNTH_SIZE_CLASSES; i++) {
        out->margins.households_by_size[i] =
            line(from->margins.households_by_size[i], to->margins.households_by_size[i], share);
    }
    for (int g = 0; g < AGE_GROUP_COUNT; g++) {
        out->margins.persons_by_age[g] = line(from->margins.persons_by_age[g], to->margins.persons_by_age[g], share);
        out->licence_rate[g] = line(from->licence_rate[g], to->licence_rate[g], share);
    }
}

void growth_people_of_year(const synth_input *in, int today_year, int year, synth_input *out) {
    synth_year before = {.year = today_year, .margins = in->margins};
    memcpy(before.licence_rate, in->licence_rate, sizeof before.licence_rate);
    *out = *in;
    for (uint32_t i = 0; i < in->later_count && year > before.year; i++) {
        const synth_year *next = &in->later[i];
        double share = (double)(year - before.year) / (next->year - before.year);
        interpolate(&before, next, fmin(share, 1.0), out);
        before = *next;
    }
}

static int built_year(const scenario_programme *p, uint32_t number, int latest_year) {
    int year = p->from_year;
    while (year < latest_year && growth_homes_by(p, year) <= number) {
        year++;
    }
    return year;
}

// The new homes of all entries up to a year, and the dwellings their movers leave.
typedef struct new_homes {
    uint32_t count;
    synth_home *home;
    synth_home *refill;  // by household of today; size 0 = nobody left
    uint8_t *left;
} new_homes;

typedef struct growth_context {
    const scenario *s;
    const synth_input *in;
    const zone_system *z;
    const float *station_distance_m;
    rng_key key;
    const population *today;
    synth_shares shares;
    synth_car_mass mass[SYNTH_DWELLING_TYPES];  // of the existing stock
    uint32_t *by_size_first;                    // households of today by size class
    uint32_t *by_size;
} growth_context;

static uint32_t size_class(uint32_t size) {
    return (size < SYNTH_SIZE_CLASSES ? size : SYNTH_SIZE_CLASSES) - 1;
}

static err_code prepare(growth_context *c, arena *scratch) {
    const household_columns *h = &c->today->household;
    uint32_t *class_of;
    TRY(synth_solve_shares(c->in, c->z, scratch, &c->shares));
    for (int type = 0; type < SYNTH_DWELLING_TYPES; type++) {
        synth_car_mass_of(c->in, &c->shares, c->shares.cumulative[type], &c->mass[type]);
    }
    ARENA_NEW(scratch, class_of, h->count);
    ARENA_NEW(scratch, c->by_size_first, SYNTH_SIZE_CLASSES + 1);
    ARENA_NEW(scratch, c->by_size, h->count);
    for (uint32_t i = 0; i < h->count; i++) {
        class_of[i] = size_class(h->size[i]);
    }
    return par_group_u32(class_of, h->count, SYNTH_SIZE_CLASSES, c->by_size_first, c->by_size);
}

static bool norm_is_for(const scenario_measure *m, const zone_system *z, const scenario_programme *p,
                        uint32_t place_ix) {
    uint32_t zone_ix = z->place.zone_ix[place_ix];
    for (uint32_t k = 0; k < m->target_count; k++) {
        const char *target = m->target[k];
        if (strcmp(target, p->id) == 0 || strcmp(target, z->place.id[place_ix]) == 0 ||
            strcmp(target, z->zone.id[zone_ix]) == 0 || strcmp(target, z->zone.area[zone_ix]) == 0) {
            return true;
        }
    }
    return false;
}

double growth_parking_norm(const scenario *s, const zone_system *z, const scenario_programme *p, uint32_t place_ix,
                           int built_year) {
    double norm = p->parking_norm;
    int since = 0;
    for (uint32_t i = 0; i < s->measure_count; i++) {
        const scenario_measure *m = &s->measure[i];
        if (m->kind == MEASURE_PARKING_NORM && m->start_year <= built_year && m->start_year >= since &&
            norm_is_for(m, z, p, place_ix)) {
            norm = m->value;
            since = m->start_year;
        }
    }
    return norm;
}

// Cars in new homes follow the same model as elsewhere; where that would give more than the parking norm allows, the
// intercept is lowered until the mean of the homes is the norm.
static double new_home_intercept(const growth_context *c, const scenario_programme *p, uint32_t place_ix,
                                 const synth_car_mass *mass, double norm) {
    double target = synth_car_target(c->s, p->dwelling, c->station_distance_m[place_ix]);
    double intercept = synth_car_intercept(&c->mass[p->dwelling], target);
    if (norm >= 0.0 && synth_car_mean(mass, intercept) > norm) {
        intercept = synth_car_intercept(mass, norm);
    }
    return intercept;
}

static void copy_composition(const population *p, uint32_t household_ix, uint8_t persons[AGE_GROUP_COUNT]) {
    memset(persons, 0, AGE_GROUP_COUNT * sizeof *persons);
    for (uint32_t k = 0; k < p->household.size[household_ix]; k++) {
        persons[p->person.age[p->household.person_first[household_ix] + k]]++;
    }
}

// If home is filled by movers: takes over the composition of the household that moves and fills what it leaves.
static void move_in(const growth_context *c, synth_home *home, new_homes *out) {
    const population *today = c->today;
    uint32_t class_ix = size_class(synth_home_size(home));
    uint32_t first = c->by_size_first[class_ix];
    uint32_t count = c->by_size_first[class_ix + 1] - first;
    bool mover = rng_uniform(c->key, home->id, DRAW_GROWTH, DRAW_GROWTH_MOVER) < c->s->mover_share;
    if (!mover || count == 0) {
        return;
    }
    uint32_t leaves = c->by_size[first + rng_index(c->key, home->id, DRAW_GROWTH, DRAW_GROWTH_LEAVES, count)];
    copy_composition(today, leaves, home->persons);
    synth_home *refill = &out->refill[leaves];
    uint8_t type = today->household.dwelling[leaves];
    uint32_t place_ix = today->household.place_ix[leaves];
    refill->id = rng_mix64(today->household.id[leaves] ^ REFILL_SALT);
    refill->place_ix = place_ix;
    refill->dwelling = type;
    double target = synth_car_target(c->s, type, c->station_distance_m[place_ix]);
    double norm = (double)c->z->place.parking_norm[place_ix];
    refill->car_intercept = synth_car_intercept(&c->mass[type], norm >= 0.0 ? fmin(target, norm) : target);
    double u = rng_uniform(c->key, refill->id, DRAW_GROWTH, DRAW_GROWTH_REFILL);
    memcpy(refill->persons, c->in->kind[synth_kind_at(&c->shares, type, u)].persons, sizeof refill->persons);
    out->left[leaves] = 1;
}

static err_code find_place(const zone_system *z, const scenario_programme *p, uint32_t *out) {
    uint32_t ix = idmap_find(&z->place_map, p->place_id);
    CHECK(ix != IX_NONE, ERR_REFERENCE,
          "%s:%d: programme '%s' builds at place '%s', which is not in the places table; add a place of kind home_* "
          "(its size may be 0) or correct the name",
          p->file, p->line, p->id, p->place_id);
    place_kind kind = (place_kind)z->place.kind[ix];
    CHECK(zone_place_is_home(kind) || kind == PLACE_HOLIDAY_HOME, ERR_REFERENCE,
          "%s:%d: programme '%s' builds homes at place '%s', which is of kind %s; name a place of kind home_*", p->file,
          p->line, p->id, p->place_id, zone_place_kind_name(kind));
    CHECK(!synth_place_is_outside(z, ix), ERR_REFERENCE,
          "%s:%d: programme '%s' builds at place '%s', which lies outside the municipality; name a place inside",
          p->file, p->line, p->id, p->place_id);
    *out = ix;
    return ERR_OK;
}

static err_code add_entry(const growth_context *c, const scenario_programme *p, int year, arena *scratch,
                          new_homes *out) {
    uint32_t place_ix = IX_NONE;
    double *cumulative;
    TRY(find_place(c->z, p, &place_ix));
    ARENA_NEW(scratch, cumulative, c->shares.kind_count);
    synth_tilt_shares(&c->shares, c->in, p->dwelling, NEW_DWELLING_PERSONS[p->dwelling], cumulative);
    uint32_t homes = growth_homes_by(p, year);
    CHECK(homes == 0 || cumulative[c->shares.kind_count - 1] > 0.0, ERR_INFEASIBLE,
          "%s:%d: programme '%s' builds homes that no kind of household in the seed table may live in; give a kind a "
          "positive weight for this dwelling type",
          p->file, p->line, p->id);
    synth_car_mass mass;
    synth_car_mass_of(c->in, &c->shares, cumulative, &mass);
    double norm = (double)NAN;  // of the home before
    double intercept = 0.0;
    uint64_t programme = population_household_id(p->id, UINT32_MAX) ^ PROGRAMME_SALT;
    double start = rng_uniform(c->key, programme, DRAW_GROWTH, DRAW_GROWTH_START);
    for (uint32_t number = 0; number < homes; number++) {
        synth_home home = {.place_ix = place_ix, .dwelling = (uint8_t)p->dwelling};
        home.id = rng_mix64(population_household_id(p->id, number) ^ PROGRAMME_SALT);
        home.built_year = (uint16_t)built_year(p, number, year);
        double its_norm = growth_parking_norm(c->s, c->z, p, place_ix, home.built_year);
        if (!(its_norm == norm)) {  // homes stand in the order of their years: few changes
            norm = its_norm;
            intercept = new_home_intercept(c, p, place_ix, &mass, norm);
        }
        home.car_intercept = intercept;
        if (!synth_is_sampled(c->s, c->key, home.id)) {
            continue;
        }
        double position = start + GOLDEN_RATIO_STEP * number;
        uint32_t at = synth_position_at(cumulative, c->shares.kind_count, position - floor(position));
        memcpy(home.persons, c->in->kind[c->shares.order[at]].persons, sizeof home.persons);
        move_in(c, &home, out);
        out->home[out->count++] = home;
    }
    return ERR_OK;
}

static err_code list_homes(const growth_context *c, int year, arena *scratch, new_homes *out) {
    uint32_t most = 0;
    for (uint32_t i = 0; i < c->s->programme_count; i++) {
        most += growth_homes_by(&c->s->programme[i], year);
    }
    memset(out, 0, sizeof *out);
    ARENA_NEW(scratch, out->home, most);
    ARENA_NEW(scratch, out->refill, c->today->household.count);
    ARENA_NEW(scratch, out->left, c->today->household.count);
    for (uint32_t i = 0; i < c->s->programme_count; i++) {
        TRY(add_entry(c, &c->s->programme[i], year, scratch, out));
    }
    return ERR_OK;
}

#define COPY_ROW(type, name, unit, doc) to->name[to_ix] = from->name[from_ix];

static void copy_person(const person_columns *from, uint32_t from_ix, person_columns *to, uint32_t to_ix) {
    PERSON_COLUMNS(COPY_ROW)
}

static void copy_household(const population *from, uint32_t h, uint32_t person_first, population *out) {
    const household_columns *source = &from->household;
    household_columns *target = &out->household;
    target->id[h] = source->id[h];
    target->place_ix[h] = source->place_ix[h];
    target->person_first[h] = person_first;
    target->size[h] = source->size[h];
    target->cars[h] = source->cars[h];
    target->dwelling[h] = source->dwelling[h];
    target->built_year[h] = source->built_year[h];
    for (uint32_t k = 0; k < source->size[h]; k++) {
        copy_person(&from->person, source->person_first[h] + k, &out->person, person_first + k);
        out->person.household_ix[person_first + k] = h;
    }
}

static void write_households(const growth_context *c, const new_homes *homes, const uint32_t *first, population *out) {
    uint32_t existing = c->today->household.count;
    uint32_t count = existing + homes->count;
#pragma omp parallel for schedule(runtime)
    for (uint32_t h = 0; h < count; h++) {
        if (h < existing && !homes->left[h]) {
            copy_household(c->today, h, first[h], out);
        } else {
            const synth_home *home = h < existing ? &homes->refill[h] : &homes->home[h - existing];
            synth_fill_home(c->s, c->in, c->key, home, h, first[h], out);
        }
    }
}

static err_code build(growth_context *c, int year, arena *a, arena *scratch, population *out) {
    new_homes homes;
    synth_visitors visitors;
    uint32_t *first;
    uint32_t existing = c->today->household.count;
    TRY(prepare(c, scratch));
    TRY(list_homes(c, year, scratch, &homes));
    double growth = dmath_pow(1.0 + c->s->background_growth_pct / 100.0, (double)year - c->s->today_year);
    TRY(synth_list_visitors(c->s, c->z, c->key, growth, scratch, &visitors));
    uint32_t count = existing + homes.count;
    ARENA_NEW(scratch, first, (size_t)count + 1);
    for (uint32_t h = 0; h < existing; h++) {
        first[h] = homes.left[h] ? synth_home_size(&homes.refill[h]) : c->today->household.size[h];
    }
    for (uint32_t i = 0; i < homes.count; i++) {
        first[existing + i] = synth_home_size(&homes.home[i]);
    }
    par_scan_u32(first, count, first);
    TRY(population_alloc(out, a, count, first[count] + visitors.count));
    write_households(c, &homes, first, out);
    synth_fill_visitors(c->s, c->in, c->key, &visitors, first[count], out);
    return ERR_OK;
}

err_code growth_run(const scenario *s, const synth_input *in, const zone_system *z, const float *station_distance_m,
                    int year, rng_key key, const population *today, arena *a, population *out) {
    growth_context c = {.s = s, .in = in, .z = z, .station_distance_m = station_distance_m, .key = key, .today = today};
    arena scratch;
    arena_init(&scratch);
    err_code code = build(&c, year, a, &scratch, out);
    arena_free(&scratch);
    return code;
}
