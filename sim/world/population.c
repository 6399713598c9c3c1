#include "world/population.h"

#include "base/par.h"

static err_code population_alloc_households(household_columns *t_, arena *a_, uint32_t n_) {
    t_->count = n_;
    COLUMN_ALLOC(HOUSEHOLD_COLUMNS)
    return ERR_OK;
}

static err_code population_alloc_persons(person_columns *t_, arena *a_, uint32_t n_) {
    t_->count = n_;
    COLUMN_ALLOC(PERSON_COLUMNS)
    return ERR_OK;
}

err_code population_alloc(population *p, arena *a, uint32_t household_count, uint32_t person_count) {
    *p = (population){0};
    CHECK(household_count < IX_NONE && person_count < IX_NONE, ERR_RANGE, "%u households with %u persons are too many",
          household_count, person_count);
    TRY(population_alloc_households(&p->household, a, household_count));
    return population_alloc_persons(&p->person, a, person_count);
}

static err_code population_validate_household(const population *p, const zone_system *z, uint32_t h) {
    const household_columns *t = &p->household;
    CHECK(t->place_ix[h] < z->place.count, ERR_REFERENCE, "household %u: its place is not among the places", h);
    place_kind kind = (place_kind)z->place.kind[t->place_ix[h]];
    CHECK(zone_place_is_home(kind) || kind == PLACE_HOLIDAY_HOME, ERR_REFERENCE,
          "household %u: lives at place '%s', which has no homes", h, z->place.id[t->place_ix[h]]);
    CHECK(t->size[h] >= 1 && t->dwelling[h] <= 2, ERR_RANGE,
          "household %u: has %u persons in dwelling type %u; 1 or more in 0 to 2 are needed", h, t->size[h],
          t->dwelling[h]);
    uint64_t end = (uint64_t)t->person_first[h] + t->size[h];
    CHECK(end <= p->person.count && (h + 1 == t->count || t->person_first[h + 1] == end), ERR_REFERENCE,
          "household %u: its persons do not lie between its neighbours' persons", h);
    for (uint32_t i = t->person_first[h]; i < end; i++) {
        CHECK(p->person.household_ix[i] == h, ERR_REFERENCE, "person %u belongs to household %u, not to %u", i,
              p->person.household_ix[i], h);
        CHECK(p->person.home_place_ix[i] == t->place_ix[h], ERR_REFERENCE,
              "person %u: home is not where household %u lives", i, h);
    }
    return ERR_OK;
}

static err_code population_validate_person(const population *p, const zone_system *z, uint32_t i) {
    const person_columns *t = &p->person;
    uint32_t h = t->household_ix[i];
    CHECK(h == IX_NONE || (h < p->household.count && i >= p->household.person_first[h] &&
                           i - p->household.person_first[h] < p->household.size[h]),
          ERR_REFERENCE, "person %u is not among the persons of household %u", i, h);
    CHECK((t->segment[i] == SEGMENT_RESIDENT && h != IX_NONE) || (t->segment[i] == SEGMENT_VISITOR && h == IX_NONE),
          ERR_RANGE, "person %u: residents have a household and visitors have none", i);
    CHECK(t->home_place_ix[i] < z->place.count, ERR_REFERENCE, "person %u: home is not among the places", i);
    CHECK(t->work_place_ix[i] < z->place.count || t->work_place_ix[i] == IX_NONE, ERR_REFERENCE,
          "person %u: place of work or school is not among the places", i);
    CHECK(t->age[i] < AGE_GROUP_COUNT, ERR_RANGE, "person %u: age group %u is unknown", i, t->age[i]);
    CHECK(t->employed[i] <= 1 && t->licence[i] <= 1 && t->season_pass[i] <= 1 && t->cycle[i] <= 2, ERR_RANGE,
          "person %u: employed, licence and season_pass must be 0 or 1, cycle 0 to 2", i);
    return ERR_OK;
}

static err_code population_check_unique(const char *what, const uint64_t *id, uint32_t count, uint32_t *order) {
    for (uint32_t i = 0; i < count; i++) {
        CHECK(id[i] != 0, ERR_REFERENCE, "%s %u has no id", what, i);
        order[i] = i;
    }
    TRY(par_sort_u64(id, count, order));
    for (uint32_t i = 1; i < count; i++) {
        CHECK(id[order[i]] != id[order[i - 1]], ERR_REFERENCE,
              "%ss %u and %u have the same id; change the id of a place", what, order[i - 1], order[i]);
    }
    return ERR_OK;
}

static err_code population_validate_ids(const population *p) {
    uint32_t rows = p->person.count > p->household.count ? p->person.count : p->household.count;
    uint32_t *order = mem_alloc((size_t)rows * sizeof *order);
    if (order == NULL) {
        return ERR_MEMORY;
    }
    err_code code = population_check_unique("household", p->household.id, p->household.count, order);
    if (code == ERR_OK) {
        code = population_check_unique("person", p->person.id, p->person.count, order);
    }
    mem_free(order);
    return code;
}

err_code population_validate(const population *p, const zone_system *z) {
    for (uint32_t h = 0; h < p->household.count; h++) {
        TRY(population_validate_household(p, z, h));
    }
    for (uint32_t i = 0; i < p->person.count; i++) {
        TRY(population_validate_person(p, z, i));
    }
    return population_validate_ids(p);
}

uint64_t population_hash(const population *p) {
    column households[COLUMN_COUNT(HOUSEHOLD_COLUMNS)], persons[COLUMN_COUNT(PERSON_COLUMNS)];
    population_describe_households(p, households);
    population_describe_persons(p, persons);
    uint64_t h = column_hash(HASH_SEED, households, COLUMN_COUNT(HOUSEHOLD_COLUMNS), p->household.count);
    return hash_finish(column_hash(h, persons, COLUMN_COUNT(PERSON_COLUMNS), p->person.count));
}

void population_describe_households(const population *p, column out[COLUMN_COUNT(HOUSEHOLD_COLUMNS)]) {
    const household_columns *t_ = &p->household;
    const column all[] = {COLUMN_DESCRIBE(HOUSEHOLD_COLUMNS)};
    memcpy(out, all, sizeof all);
}

void population_describe_persons(const population *p, column out[COLUMN_COUNT(PERSON_COLUMNS)]) {
    const person_columns *t_ = &p->person;
    const column all[] = {COLUMN_DESCRIBE(PERSON_COLUMNS)};
    memcpy(out, all, sizeof all);
}

// 0 is kept free for "nobody".
static uint64_t population_not_zero(uint64_t id) {
    return id != 0 ? id : 1;
}

uint64_t population_household_id(const char *place_id, uint32_t dwelling_number) {
    uint64_t h = hash_bytes(HASH_SEED, place_id, strlen(place_id) + 1);
    return population_not_zero(hash_finish(hash_u64(h, dwelling_number)));
}

uint64_t population_person_id(uint64_t household_id, uint32_t position) {
    uint64_t h = hash_u64(HASH_SEED, household_id);
    return population_not_zero(hash_finish(hash_u64(h, position)));
}
