// Households and persons as columns; a person's household is found by household_ix, a household's persons are
// contiguous (person_first CSR).
//
// Ids are stable: a household's id depends on its dwelling (place id and number in it, or programme and number),
// a person's id on the household's id and position. They key every random draw.
#ifndef VESTSIM_WORLD_POPULATION_H
#define VESTSIM_WORLD_POPULATION_H

#include "world/zone.h"

typedef enum age_group {
    AGE_0_5 = 0,
    AGE_6_15,
    AGE_16_19,
    AGE_20_44,
    AGE_45_66,
    AGE_67_79,
    AGE_80_PLUS,
    AGE_GROUP_COUNT
} age_group;

#define HOUSEHOLD_COLUMNS(X)                                                        \
    X(uint64_t, id, "1", "stable id")                                               \
    X(uint32_t, place_ix, "1", "dwelling's place")                                  \
    X(uint32_t, person_first, "1", "first person; next household's ends the range") \
    X(uint8_t, size, "1", "persons")                                                \
    X(uint8_t, cars, "1", "cars available")                                         \
    X(uint8_t, dwelling, "1", "0 detached, 1 row or two-family, 2 flat")            \
    X(uint16_t, built_year, "1", "year a programme dwelling was built; 0 = existing")

#define PERSON_COLUMNS(X)                                                      \
    X(uint64_t, id, "1", "stable id")                                          \
    X(uint32_t, household_ix, "1", "household; IX_NONE for in-commuters")      \
    X(uint32_t, home_place_ix, "1", "place of home (outside for visitors)")    \
    X(uint32_t, work_place_ix, "1", "place of work or school; IX_NONE = none") \
    X(uint8_t, age, "1", "age group (enum age_group)")                         \
    X(uint8_t, employed, "1", "1 employed")                                    \
    X(uint8_t, licence, "1", "1 holds a driving licence")                      \
    X(uint8_t, season_pass, "1", "1 holds a public transport season pass")     \
    X(uint8_t, cycle, "1", "0 none, 1 bicycle, 2 e-cycle")                     \
    X(uint8_t, segment, "1", "resident or visitor (enum segment)")

typedef struct household_columns {
    uint32_t count;
    COLUMN_FIELDS(HOUSEHOLD_COLUMNS)
} household_columns;

typedef struct person_columns {
    uint32_t count;
    COLUMN_FIELDS(PERSON_COLUMNS)
} person_columns;

typedef struct population {
    household_columns household;
    person_columns person;
} population;

err_code population_alloc(population *p, arena *a, uint32_t household_count, uint32_t person_count);
err_code population_validate(const population *p, const zone_system *z);
uint64_t population_hash(const population *p);
void population_describe_households(const population *p, column out[COLUMN_COUNT(HOUSEHOLD_COLUMNS)]);
void population_describe_persons(const population *p, column out[COLUMN_COUNT(PERSON_COLUMNS)]);
// Stable ids: mixes of texts and numbers; collisions are checked by population_validate.
uint64_t population_household_id(const char *place_id, uint32_t dwelling_number);
uint64_t population_person_id(uint64_t household_id, uint32_t position);

#endif
