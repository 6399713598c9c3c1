// Making households and persons: which kind moves into which dwelling, what its members have, who comes from outside.
//
// Integerisation is systematic: the dwellings of a type are put in the order of a keyed hash of their ids and take
// equally spaced positions of the cumulative shares, from a keyed random start. Counts of any run of neighbouring
// kinds are then within one of their expectation. A dwelling's position depends on its own id and, weakly, on how many
// others precede it: when a place grows by a few homes nearly all other dwellings keep their household.
#include "model/synth.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/par.h"
#include "synth_part.h"

// assumption: among 16-19 years the share whose main activity is work, not school (upper secondary is nearly general).
static const double EMPLOYED_16_19 = 0.10;
// assumption: share at work among 67-79 years, on a normal weekday (order of magnitude of SSB 13563).
static const double EMPLOYED_67_79 = 0.10;
static const uint64_t COMMUTER_SALT = 0x636f6d6d75746572ULL;  // ids of people from outside lie apart from homes' ids
static const uint64_t VISITOR_SALT = 0x76697369746f7273ULL;
static const double GOLDEN_RATIO_STEP = 0.61803398874989485;  // fills (0,1) evenly for any number of people

// Draw numbers within a purpose of enum draw.
enum {
    DRAW_ROUND_ORDER = 0,    // DRAW_SYNTH_ROUND: order of dwellings in the systematic sample
    DRAW_ROUND_SAMPLED = 1,  // DRAW_SYNTH_ROUND: kept in a sampled population
    DRAW_CYCLE_ELECTRIC = 0,
    DRAW_CYCLE_PLAIN = 1,
    DRAW_COMMUTER_HOME = 0,
    DRAW_COMMUTER_AGE = 1
};

uint32_t synth_home_size(const synth_home *h) {
    uint32_t size = 0;
    for (int g = 0; g < AGE_GROUP_COUNT; g++) {
        size += h->persons[g];
    }
    return size;
}

bool synth_is_sampled(const scenario *s, rng_key key, uint64_t id) {
    return s->scale >= 1.0 || rng_uniform(key, id, DRAW_SYNTH_ROUND, DRAW_ROUND_SAMPLED) < s->scale;
}

static double employment_rate(const scenario *s, age_group age) {
    switch (age) {
        case AGE_16_19:
            return EMPLOYED_16_19;
        case AGE_20_44:
        case AGE_45_66:
            return s->employment_rate;
        case AGE_67_79:
            return EMPLOYED_67_79;
        default:
            return 0.0;
    }
}

static uint8_t draw_cycle(const scenario *s, rng_key key, uint64_t id, age_group age) {
    if (age >= AGE_16_19 && rng_uniform(key, id, DRAW_PERSON_CYCLE, DRAW_CYCLE_ELECTRIC) < s->ecycle_rate) {
        return 2;
    }
    return age >= AGE_6_15 && rng_uniform(key, id, DRAW_PERSON_CYCLE, DRAW_CYCLE_PLAIN) < s->bicycle_rate;
}

// All that a person has, from its own id. Employment is given for people from outside.
static void fill_person(const scenario *s, const synth_input *in, rng_key key, uint64_t id, age_group age,
                        segment traveller, uint8_t employed, uint32_t ix, person_columns *out) {
    out->id[ix] = id;
    out->work_place_ix[ix] = IX_NONE;
    out->age[ix] = (uint8_t)age;
    out->segment[ix] = (uint8_t)traveller;
    out->employed[ix] = employed;
    out->licence[ix] = rng_uniform(key, id, DRAW_PERSON_LICENCE, 0) < in->licence_rate[age];
    bool commutes = employed != 0 || (traveller == SEGMENT_RESIDENT && age == AGE_16_19);
    out->season_pass[ix] = commutes && rng_uniform(key, id, DRAW_PERSON_SEASON_PASS, 0) < s->season_pass_rate;
    out->cycle[ix] = draw_cycle(s, key, id, age);
}

void synth_fill_home(const scenario *s, const synth_input *in, rng_key key, const synth_home *h, uint32_t household_ix,
                     uint32_t person_first, population *out) {
    household_columns *household = &out->household;
    uint32_t size = synth_home_size(h);
    uint32_t position = 0;
    uint32_t licences = 0;
    for (int g = 0; g < AGE_GROUP_COUNT; g++) {
        for (uint32_t k = 0; k < h->persons[g]; k++, position++) {
            uint32_t ix = person_first + position;
            uint64_t id = population_person_id(h->id, position);
            uint8_t employed = rng_uniform(key, id, DRAW_PERSON_EMPLOYED, 0) < employment_rate(s, (age_group)g);
            fill_person(s, in, key, id, (age_group)g, SEGMENT_RESIDENT, employed, ix, &out->person);
            out->person.household_ix[ix] = household_ix;
            out->person.home_place_ix[ix] = h->place_ix;
            licences += out->person.licence[ix];
        }
    }
    household->id[household_ix] = h->id;
    household->place_ix[household_ix] = h->place_ix;
    household->person_first[household_ix] = person_first;
    household->size[household_ix] = (uint8_t)size;
    household->dwelling[household_ix] = h->dwelling;
    household->built_year[household_ix] = h->built_year;
    household->cars[household_ix] =
        synth_car_draw(h->car_intercept, size, licences, rng_uniform(key, h->id, DRAW_HOUSEHOLD_CARS, 0));
}

// --- people from outside ---------------------------------------------------------------------------------------

static err_code list_outside_homes(const zone_system *z, arena *a, synth_visitors *out) {
    ARENA_NEW(a, out->home_place_ix, z->place.count);
    ARENA_NEW(a, out->home_cumulative, z->place.count);
    double total = 0.0;
    for (uint32_t p = 0; p < z->place.count; p++) {
        bool home = zone_place_is_home((place_kind)z->place.kind[p]);
        if (home && synth_place_is_outside(z, p) && z->place.size[p] > 0.0F) {
            total += (double)z->place.size[p];
            out->home_place_ix[out->home_count] = p;
            out->home_cumulative[out->home_count++] = total;
        }
    }
    for (uint32_t i = 0; i < out->home_count; i++) {
        out->home_cumulative[i] /= total;
    }
    return ERR_OK;
}

static uint64_t visitor_id(bool commuter, uint32_t number) {
    uint64_t id = population_household_id("", number);
    return rng_mix64(id ^ (commuter ? COMMUTER_SALT : VISITOR_SALT));
}

err_code synth_list_visitors(const scenario *s, const zone_system *z, rng_key key, double growth, arena *a,
                             synth_visitors *out) {
    memset(out, 0, sizeof *out);
    TRY(list_outside_homes(z, a, out));
    uint32_t commuters = (uint32_t)floor(s->in_commuters * growth + 0.5);
    uint32_t visitors = (uint32_t)floor(s->visitors * growth + 0.5);
    uint32_t all = commuters + visitors;
    CHECK(
        all == 0 || out->home_count > 0, ERR_INFEASIBLE,
        "the scenario has %u in-commuters and visitors (people.in_commuters, people.visitors), but no home place lies "
        "in an outside zone; add home places with outside = 1 zones, or set both to 0",
        all);
    ARENA_NEW(a, out->id, all);
    ARENA_NEW(a, out->number, all);
    ARENA_NEW(a, out->commuter, all);
    for (uint32_t i = 0; i < all; i++) {
        bool commuter = i < commuters;
        uint32_t number = commuter ? i : i - commuters;
        uint64_t id = visitor_id(commuter, number);
        if (synth_is_sampled(s, key, id)) {
            out->id[out->count] = id;
            out->number[out->count] = number;
            out->commuter[out->count++] = commuter;
        }
    }
    return ERR_OK;
}

// Age of a person from outside, by the municipality's own age margin between two groups (assumption: people who come
// are of the ages of those who live here).
static age_group visitor_age(const synth_input *in, rng_key key, uint64_t id, age_group from, age_group to) {
    double cumulative[AGE_GROUP_COUNT];
    double total = 0.0;
    for (int g = (int)from; g <= (int)to; g++) {
        total += in->margins.persons_by_age[g];
        cumulative[g - (int)from] = total;
    }
    double u = rng_uniform(key, id, DRAW_COMMUTER, DRAW_COMMUTER_AGE) * total;
    return (age_group)((uint32_t)from + synth_position_at(cumulative, (uint32_t)to - (uint32_t)from + 1, u));
}

void synth_fill_visitors(const scenario *s, const synth_input *in, rng_key key, const synth_visitors *v,
                         uint32_t person_first, population *out) {
    // One start for all, then golden-ratio steps by number: the first n are spread over the homes outside in proportion
    // to their size for every n.
    double start = rng_uniform(key, COMMUTER_SALT, DRAW_COMMUTER, DRAW_COMMUTER_HOME);
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < v->count; i++) {
        uint32_t ix = person_first + i;
        bool commuter = v->commuter[i] != 0;
        age_group from = commuter ? AGE_20_44 : AGE_16_19;
        age_group to = commuter ? AGE_45_66 : AGE_80_PLUS;
        age_group age = visitor_age(in, key, v->id[i], from, to);
        fill_person(s, in, key, v->id[i], age, SEGMENT_VISITOR, commuter, ix, &out->person);
        double position = start + GOLDEN_RATIO_STEP * v->number[i];
        uint32_t home = synth_position_at(v->home_cumulative, v->home_count, position - floor(position));
        out->person.household_ix[ix] = IX_NONE;
        out->person.home_place_ix[ix] = v->home_place_ix[home];
    }
}

// --- the existing stock ----------------------------------------------------------------------------------------

typedef struct dwelling_list {
    uint32_t count;
    uint64_t *id;
    uint32_t *place_ix;
    uint32_t *kind_ix;
    uint8_t *type;
    uint8_t *keep;
} dwelling_list;

static err_code list_dwellings(const scenario *s, const zone_system *z, rng_key key, arena *a, dwelling_list *out) {
    uint32_t total = 0;
    for (uint32_t p = 0; p < z->place.count; p++) {
        total += synth_count_dwellings(z, p);
    }
    ARENA_NEW(a, out->id, total);
    ARENA_NEW(a, out->place_ix, total);
    ARENA_NEW(a, out->kind_ix, total);
    ARENA_NEW(a, out->type, total);
    ARENA_NEW(a, out->keep, total);
    out->count = 0;
    for (uint32_t p = 0; p < z->place.count; p++) {
        uint32_t dwellings = synth_count_dwellings(z, p);
        for (uint32_t number = 0; number < dwellings; number++) {
            uint32_t i = out->count++;
            out->id[i] = population_household_id(z->place.id[p], number);
            out->place_ix[i] = p;
            out->type[i] = (uint8_t)(z->place.kind[p] - PLACE_HOME_DETACHED);
            out->keep[i] = synth_is_sampled(s, key, out->id[i]);
        }
    }
    return ERR_OK;
}

static err_code assign_kinds(const synth_shares *w, rng_key key, arena *a, dwelling_list *list) {
    uint64_t *hash;
    uint8_t *of_type;
    uint32_t *order;
    ARENA_NEW(a, hash, list->count);
    ARENA_NEW(a, of_type, list->count);
    ARENA_NEW(a, order, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        rng_block b = rng_draw(key, list->id[i], DRAW_SYNTH_ROUND, DRAW_ROUND_ORDER);
        hash[i] = (uint64_t)b.word[0] << 32 | b.word[1];
    }
    for (int type = 0; type < SYNTH_DWELLING_TYPES; type++) {
        for (uint32_t i = 0; i < list->count; i++) {
            of_type[i] = list->type[i] == type;
        }
        uint32_t count = par_select_u8(of_type, list->count, order);
        TRY(par_sort_u64(hash, count, order));
        double start = rng_uniform(key, (uint64_t)type, DRAW_SYNTH_HOUSEHOLD, 0);
        for (uint32_t rank = 0; rank < count; rank++) {
            list->kind_ix[order[rank]] = synth_kind_at(w, type, (rank + start) / count);
        }
    }
    return ERR_OK;
}

// Intercept of the car model at every home place inside.
static err_code place_intercepts(const scenario *s, const synth_input *in, const synth_shares *w, const zone_system *z,
                                 const float *station_distance_m, arena *a, double **out) {
    synth_car_mass mass[SYNTH_DWELLING_TYPES];
    ARENA_NEW(a, *out, z->place.count);
    for (int type = 0; type < SYNTH_DWELLING_TYPES; type++) {
        synth_car_mass_of(in, w, w->cumulative[type], &mass[type]);
    }
    for (uint32_t p = 0; p < z->place.count; p++) {
        if (synth_count_dwellings(z, p) > 0) {
            int type = z->place.kind[p] - PLACE_HOME_DETACHED;
            double target = synth_car_target(s, type, station_distance_m[p]);
            double norm = (double)z->place.parking_norm[p];
            target = norm >= 0.0 ? fmin(target, norm) : target;
            (*out)[p] = synth_car_intercept(&mass[type], target);
        }
    }
    return ERR_OK;
}

static err_code build(const scenario *s, const synth_input *in, const zone_system *z, const float *station_distance_m,
                      rng_key key, arena *a, arena *scratch, population *out) {
    synth_shares w;
    dwelling_list list;
    synth_visitors visitors;
    double *intercept;
    uint32_t *kept;
    uint32_t *first;
    TRY(synth_solve_shares(in, z, scratch, &w));
    synth_report_fit(&w);
    TRY(list_dwellings(s, z, key, scratch, &list));
    TRY(assign_kinds(&w, key, scratch, &list));
    TRY(place_intercepts(s, in, &w, z, station_distance_m, scratch, &intercept));
    TRY(synth_list_visitors(s, z, key, 1.0, scratch, &visitors));
    ARENA_NEW(scratch, kept, list.count);
    ARENA_NEW(scratch, first, (size_t)list.count + 1);
    uint32_t household_count = par_select_u8(list.keep, list.count, kept);
    for (uint32_t h = 0; h < household_count; h++) {
        first[h] = in->kind[list.kind_ix[kept[h]]].size;
    }
    par_scan_u32(first, household_count, first);
    TRY(population_alloc(out, a, household_count, first[household_count] + visitors.count));
#pragma omp parallel for schedule(runtime)
    for (uint32_t h = 0; h < household_count; h++) {
        uint32_t i = kept[h];
        synth_home home = {.id = list.id[i], .place_ix = list.place_ix[i], .dwelling = list.type[i]};
        memcpy(home.persons, in->kind[list.kind_ix[i]].persons, sizeof home.persons);
        home.car_intercept = intercept[home.place_ix];
        synth_fill_home(s, in, key, &home, h, first[h], out);
    }
    synth_fill_visitors(s, in, key, &visitors, first[household_count], out);
    return ERR_OK;
}

err_code synth_run(const scenario *s, const synth_input *in, const zone_system *z, const float *station_distance_m,
                   rng_key key, arena *a, population *out) {
    arena scratch;
    arena_init(&scratch);
    err_code code = build(s, in, z, station_distance_m, key, a, &scratch, out);
    arena_free(&scratch);
    return code;
}

void synth_margins_of(const population *p, const zone_system *z, synth_margins *out) {
    memset(out, 0, sizeof *out);
    for (uint32_t h = 0; h < p->household.count; h++) {
        uint32_t size = p->household.size[h];
        out->households_by_size[size < SYNTH_SIZE_CLASSES ? size - 1 : SYNTH_SIZE_CLASSES - 1] += 1.0;
        out->households_by_dwelling[p->household.dwelling[h]] += 1.0;
    }
    for (uint32_t i = 0; i < p->person.count; i++) {
        bool resident = p->person.segment[i] == SEGMENT_RESIDENT;
        if (resident && !synth_place_is_outside(z, p->person.home_place_ix[i])) {
            out->persons_by_age[p->person.age[i]] += 1.0;
        }
    }
}
