// A small synthetic town for the tests and benchmarks of the people models: homes, jobs, schools, shops and leisure on
// a line of inside zones with a railway station at 0, two towns outside, straight-line distances and simple logsums.
// Every number here is made up.
#ifndef VESTSIM_TESTS_PEOPLE_TOWN_H
#define VESTSIM_TESTS_PEOPLE_TOWN_H

#include <math.h>
#include <string.h>

#include "model/activity.h"
#include "model/growth.h"
#include "support.h"

enum { TOWN_ZONES = 5, TOWN_PLACES_MAX = 64, TOWN_SENTRUM = 0, TOWN_NORTH = 3, TOWN_SOUTH = 4 };

typedef struct town {
    arena a;
    zone_system z;
    scenario s;
    synth_input in;
    activity_los los;
    float *station_distance_m;
    double place_km[TOWN_PLACES_MAX];  // position on the line
    uint32_t place_slot[TOWN_PLACES_MAX];
} town;

static inline void town_add_place(town *t, const char *id, uint32_t zone_ix, place_kind kind, double size, double km) {
    uint32_t p = t->z.place.count++;
    t->z.place.id[p] = id;
    t->z.place.name[p] = "";
    t->z.place.zone_ix[p] = zone_ix;
    t->z.place.kind[p] = (uint8_t)kind;
    t->z.place.size[p] = (float)size;
    t->z.place.parking_norm[p] = -1.0F;
    t->place_km[p] = km;
    t->place_slot[p] = p;
}

static inline void town_add_places(town *t, double scale) {
    static const char *const names[TOWN_ZONES] = {"sentrum", "east", "rural", "north", "south"};
    assert_ok(zone_alloc(&t->z, &t->a, TOWN_ZONES, TOWN_PLACES_MAX));
    for (uint32_t i = 0; i < TOWN_ZONES; i++) {
        t->z.zone.id[i] = names[i];
        t->z.zone.name[i] = names[i];
        t->z.zone.area[i] = i < TOWN_NORTH ? names[i] : "outside";
        t->z.zone.outside[i] = i >= TOWN_NORTH;
    }
    t->z.place.count = 0;
    town_add_place(t, "flats_station", 0, PLACE_HOME_FLAT, 900 * scale, 0.3);
    town_add_place(t, "flats_far", 0, PLACE_HOME_FLAT, 700 * scale, 1.2);
    town_add_place(t, "rows_station", 1, PLACE_HOME_ROW, 500 * scale, 0.6);
    town_add_place(t, "rows_far", 1, PLACE_HOME_ROW, 1300 * scale, 2.5);
    town_add_place(t, "houses_a", 1, PLACE_HOME_DETACHED, 1500 * scale, 3.0);
    town_add_place(t, "houses_b", 2, PLACE_HOME_DETACHED, 1800 * scale, 6.0);
    town_add_place(t, "houses_c", 2, PLACE_HOME_DETACHED, 1200 * scale, 8.0);
    town_add_place(t, "new_flats", 0, PLACE_HOME_FLAT, 0, 0.5);
    town_add_place(t, "new_rows", 1, PLACE_HOME_ROW, 0, 2.0);
    town_add_place(t, "jobs_sentrum", 0, PLACE_WORK, 3000 * scale, 0.2);
    town_add_place(t, "jobs_east", 1, PLACE_WORK, 2500 * scale, 2.8);
    town_add_place(t, "jobs_rural", 2, PLACE_WORK, 1500 * scale, 7.0);
    town_add_place(t, "primary_a", 0, PLACE_SCHOOL_PRIMARY, 900 * scale, 0.8);
    town_add_place(t, "primary_b", 2, PLACE_SCHOOL_PRIMARY, 1100 * scale, 6.2);
    town_add_place(t, "lower", 1, PLACE_SCHOOL_LOWER, 900 * scale, 1.0);
    town_add_place(t, "upper", 1, PLACE_SCHOOL_UPPER, 500 * scale, 1.1);
    town_add_place(t, "nursery", 1, PLACE_NURSERY, 400 * scale, 1.5);
    town_add_place(t, "shops_sentrum", 0, PLACE_SHOP, 20000 * scale, 0.1);
    town_add_place(t, "shops_rural", 2, PLACE_SHOP, 5000 * scale, 6.5);
    town_add_place(t, "hall", 0, PLACE_LEISURE, 1000 * scale, 0.9);
    town_add_place(t, "beach", 2, PLACE_LEISURE, 600 * scale, 8.5);
    town_add_place(t, "homes_north", TOWN_NORTH, PLACE_HOME_DETACHED, 30000 * scale, -30.0);
    town_add_place(t, "homes_south", TOWN_SOUTH, PLACE_HOME_FLAT, 10000 * scale, 20.0);
    town_add_place(t, "jobs_north", TOWN_NORTH, PLACE_WORK, 40000 * scale, -30.0);
    town_add_place(t, "jobs_south", TOWN_SOUTH, PLACE_WORK, 12000 * scale, 20.0);
    town_add_place(t, "upper_south", TOWN_SOUTH, PLACE_SCHOOL_UPPER, 3000 * scale, 20.0);
    town_add_place(t, "shops_north", TOWN_NORTH, PLACE_SHOP, 30000 * scale, -28.0);
    town_add_place(t, "park_north", TOWN_NORTH, PLACE_LEISURE, 1000 * scale, -28.0);
    assert_ok(zone_build(&t->z, &t->a));
}

// Level of service from the places' positions; call again after moving or adding places.
static inline void town_build_los(town *t) {
    uint32_t n = t->z.place.count;
    float *distance_m = arena_alloc(&t->a, (size_t)n * n, sizeof *distance_m);
    t->station_distance_m = arena_alloc(&t->a, n, sizeof *t->station_distance_m);
    assert_true(distance_m != NULL && t->station_distance_m != NULL);
    t->los.slot_count = n;
    t->los.place_slot = t->place_slot;
    t->los.distance_m = distance_m;
    for (uint32_t i = 0; i < n; i++) {
        t->station_distance_m[i] = (float)(1000.0 * fabs(t->place_km[i]));
        for (uint32_t j = 0; j < n; j++) {
            distance_m[(size_t)i * n + j] = (float)(1000.0 * fabs(t->place_km[i] - t->place_km[j]) + 100.0);
        }
    }
    for (int why = 0; why < PURPOSE_COUNT; why++) {
        float *logsum = arena_alloc(&t->a, (size_t)n * n, sizeof *logsum);
        assert_non_null(logsum);
        for (uint32_t i = 0; i < n * n; i++) {
            logsum[i] = -0.0002F * distance_m[i];
        }
        t->los.logsum[why] = logsum;
    }
}

static inline void town_add_kind(town *t, double weight, const uint8_t persons[AGE_GROUP_COUNT], double detached,
                                 double row, double flat) {
    synth_kind *k = &t->in.kind[t->in.kind_count++];
    k->id = "kind";
    k->weight = weight;
    k->dwelling_weight[0] = detached;
    k->dwelling_weight[1] = row;
    k->dwelling_weight[2] = flat;
    for (int g = 0; g < AGE_GROUP_COUNT; g++) {
        k->persons[g] = persons[g];
        k->size = (uint8_t)(k->size + persons[g]);
    }
}

static inline void town_add_people(town *t) {
    static const struct {
        double weight;
        uint8_t persons[AGE_GROUP_COUNT];
        double where[3];
    } kinds[] = {
        {8, {0, 0, 0, 1, 0, 0, 0}, {1, 2, 5}}, {8, {0, 0, 0, 0, 1, 0, 0}, {2, 2, 4}},
        {5, {0, 0, 0, 0, 0, 1, 0}, {2, 1, 3}}, {3, {0, 0, 0, 0, 0, 0, 1}, {2, 1, 3}},
        {8, {0, 0, 0, 2, 0, 0, 0}, {2, 3, 4}}, {9, {0, 0, 0, 0, 2, 0, 0}, {5, 2, 2}},
        {6, {0, 0, 0, 0, 0, 2, 0}, {5, 2, 2}}, {2, {0, 0, 0, 0, 0, 1, 1}, {4, 1, 2}},
        {1, {0, 0, 0, 0, 0, 0, 2}, {3, 1, 2}}, {2, {0, 1, 0, 1, 0, 0, 0}, {1, 3, 3}},
        {1, {1, 0, 0, 1, 0, 0, 0}, {1, 2, 3}}, {2, {0, 0, 1, 0, 1, 0, 0}, {2, 2, 2}},
        {4, {1, 0, 0, 2, 0, 0, 0}, {2, 3, 2}}, {3, {0, 1, 0, 2, 0, 0, 0}, {3, 3, 1}},
        {4, {0, 0, 1, 0, 2, 0, 0}, {5, 2, 1}}, {2, {0, 0, 0, 1, 2, 0, 0}, {4, 2, 1}},
        {1, {0, 2, 0, 1, 0, 0, 0}, {2, 3, 1}}, {3, {2, 0, 0, 2, 0, 0, 0}, {4, 3, 1}},
        {4, {1, 1, 0, 2, 0, 0, 0}, {5, 3, 1}}, {5, {0, 2, 0, 2, 0, 0, 0}, {6, 3, 1}},
        {3, {0, 1, 1, 0, 2, 0, 0}, {6, 2, 1}}, {1, {0, 0, 1, 1, 2, 0, 0}, {5, 1, 1}},
        {2, {1, 2, 0, 2, 0, 0, 0}, {6, 2, 0}}, {2, {0, 2, 1, 0, 2, 0, 0}, {6, 2, 0}},
        {1, {0, 2, 2, 0, 2, 0, 0}, {6, 1, 0}}, {1, {2, 2, 0, 2, 0, 0, 0}, {6, 1, 0}},
    };
    static const double by_size[5] = {27, 31, 15, 18, 9};
    static const double by_age[AGE_GROUP_COUNT] = {7, 13.5, 5, 31, 29.5, 11, 3};
    static const double licence[AGE_GROUP_COUNT] = {0, 0, 0.3, 0.9, 0.95, 0.9, 0.62};
    uint32_t count = sizeof kinds / sizeof kinds[0];
    t->in.kind = arena_alloc(&t->a, count, sizeof *t->in.kind);
    assert_non_null(t->in.kind);
    for (uint32_t i = 0; i < count; i++) {
        town_add_kind(t, kinds[i].weight, kinds[i].persons, kinds[i].where[0], kinds[i].where[1], kinds[i].where[2]);
    }
    memcpy(t->in.margins.households_by_size, by_size, sizeof by_size);
    memcpy(t->in.margins.persons_by_age, by_age, sizeof by_age);
    memcpy(t->in.licence_rate, licence, sizeof licence);
}

static inline void town_add_profiles(town *t) {
    static const double morning[24] = {0, 0, 0, 0, 1, 6, 19, 30, 15, 6, 3, 2, 2, 3, 4, 3, 2, 1, 1, 1, 1, 0, 0, 0};
    static const double afternoon[24] = {1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 4, 5, 8, 15, 25, 20, 10, 4, 2, 1, 1, 1, 1};
    static const double day[24] = {0, 0, 0, 0, 0, 0, 1, 2, 4, 7, 9, 10, 10, 9, 9, 10, 11, 9, 5, 3, 1, 0, 0, 0};
    static const double evening[24] = {1, 0, 0, 0, 0, 1, 1, 1, 2, 4, 6, 6, 6, 6, 6, 7, 9, 12, 13, 9, 5, 3, 1, 1};
    static const double school[24] = {0, 0, 0, 0, 0, 0, 5, 55, 30, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    const struct {
        const char *id;
        const double *share;
    } profiles[] = {
        {"morning", morning}, {"afternoon", afternoon}, {"day", day}, {"evening", evening}, {"school", school}};
    t->z.profile_count = 5;
    t->z.profile = arena_alloc(&t->a, 5, sizeof *t->z.profile);
    assert_non_null(t->z.profile);
    for (int i = 0; i < 5; i++) {
        double total = 0.0;
        t->z.profile[i].id = profiles[i].id;
        for (int h = 0; h < 24; h++) {
            total += profiles[i].share[h];
        }
        for (int h = 0; h < 24; h++) {
            t->z.profile[i].share[h] = profiles[i].share[h] / total;
        }
    }
}

static inline void town_set_scenario(town *t, double scale) {
    scenario *s = &t->s;
    static const struct {
        double tours;
        const char *out;
        const char *back;
        double mean_h;
        double spread_h;
    } days[PURPOSE_COUNT] = {
        {0.85, "morning", "afternoon", 8.0, 2.0}, {0.95, "school", "", 6.0, 1.0}, {0.35, "day", "", 0.7, 0.5},
        {0.4, "evening", "", 2.0, 1.5},           {0.3, "day", "", 0.2, 0.1},     {0.04, "morning", "", 3.0, 2.0}};
    s->today_year = 2023;
    s->scale = 1.0;
    s->end_h = 30.0;
    s->employment_rate = 0.8;
    s->home_office_share = 0.12;
    s->out_commuters = 5700 * scale;
    s->in_commuters = 5100 * scale;
    s->visitors = 3000 * scale;
    s->season_pass_rate = 0.25;
    s->bicycle_rate = 0.7;
    s->ecycle_rate = 0.1;
    s->cars_detached = 1.7;
    s->cars_row = 1.3;
    s->cars_flat = 0.95;
    s->cars_station_factor = 0.8;
    for (int why = 0; why < PURPOSE_COUNT; why++) {
        purpose_params *p = &s->purpose[why];
        p->tours_per_person = days[why].tours;
        p->profile_out = days[why].out;
        p->profile_return = days[why].back;
        p->duration_mean_h = days[why].mean_h;
        p->duration_spread_h = days[why].spread_h;
        p->size_scale = 1.0;
        p->logsum_scale = 1.0;
    }
}

// scale 1: 7,900 dwellings, about as large as Vestby.
static inline town *town_create(double scale) {
    town *t = mem_alloc(sizeof *t);
    assert_non_null(t);
    arena_init(&t->a);
    town_add_places(t, scale);
    town_build_los(t);
    town_add_people(t);
    town_add_profiles(t);
    town_set_scenario(t, scale);
    return t;
}

static inline void town_free(town *t) {
    arena_free(&t->a);
    mem_free(t);
}

static inline rng_key town_key(void) {
    return (rng_key){.seed = 7, .replication = 0};
}

static inline void town_synthesise(town *t, population *out) {
    assert_ok(synth_run(&t->s, &t->in, &t->z, t->station_distance_m, town_key(), &t->a, out));
    assert_ok(population_validate(out, &t->z));
}

#endif
