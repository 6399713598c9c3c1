#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/par.h"
#include "people_town.h"

// --- synth_ipu -------------------------------------------------------------------------------------------------

enum { ROWS = 3, COLUMNS = 2, CELLS = ROWS * COLUMNS };

// Plain IPF on a 3 x 2 table, written for itself: rows then columns, many times.
static void plain_ipf(double cell[ROWS][COLUMNS], const double *row, const double *col) {
    for (int sweep = 0; sweep < 100000; sweep++) {
        for (int i = 0; i < ROWS; i++) {
            double sum = cell[i][0] + cell[i][1];
            cell[i][0] *= row[i] / sum;
            cell[i][1] *= row[i] / sum;
        }
        for (int j = 0; j < COLUMNS; j++) {
            double sum = cell[0][j] + cell[1][j] + cell[2][j];
            for (int i = 0; i < ROWS; i++) {
                cell[i][j] *= col[j] / sum;
            }
        }
    }
}

static void ipu_is_ipf_on_a_table(void **state) {
    (void)state;
    double cell[ROWS][COLUMNS] = {{1, 5}, {2, 3}, {4, 1}};
    const double row[ROWS] = {30, 50, 20};
    const double col[COLUMNS] = {65, 35};
    const double target[ROWS + COLUMNS] = {30, 50, 20, 65, 35};
    double incidence[CELLS * (ROWS + COLUMNS)] = {0};
    double weight[CELLS];
    double fit;
    for (int c = 0; c < CELLS; c++) {
        weight[c] = cell[c / COLUMNS][c % COLUMNS];
        incidence[c * (ROWS + COLUMNS) + c / COLUMNS] = 1;
        incidence[c * (ROWS + COLUMNS) + ROWS + c % COLUMNS] = 1;
    }
    plain_ipf(cell, row, col);
    uint32_t sweeps = synth_ipu(incidence, target, CELLS, ROWS + COLUMNS, weight, 1e-13, 1000, &fit);
    assert_true(sweeps > 1 && sweeps < 1000);
    assert_true(fit <= 1e-13);
    for (int c = 0; c < CELLS; c++) {
        assert_near(weight[c], cell[c / COLUMNS][c % COLUMNS], 1e-9);
    }
}

// Two household types and persons of two ages: the example has one solution, w = (10, 20, 5).
static void ipu_meets_households_and_persons(void **state) {
    (void)state;
    const double incidence[3 * 4] = {// households of one, of more; adults, children
                                     1, 0, 1, 0, 0, 1, 2, 1, 0, 1, 1, 3};
    const double target[4] = {10, 25, 55, 35};
    double weight[3] = {1, 1, 1};
    double fit;
    synth_ipu(incidence, target, 3, 4, weight, 1e-12, 100000, &fit);
    assert_near(weight[0], 10, 1e-9);
    assert_near(weight[1], 20, 1e-9);
    assert_near(weight[2], 5, 1e-9);
    assert_true(fit <= 1e-12);
}

static void ipu_reports_margins_that_cannot_be_met(void **state) {
    (void)state;
    const double incidence[2 * 3] = {1, 0, 1, 0, 1, 1};  // the third margin is the sum of the two others
    const double target[3] = {10, 10, 30};
    double weight[2] = {1, 1};
    double fit;
    uint32_t sweeps = synth_ipu(incidence, target, 2, 3, weight, 1e-9, 50, &fit);
    assert_int_equal(sweeps, 50);
    // The last margin is met, each of the others is half too large: (0.5 + 0.5 + 0) / 3.
    assert_near(fit, 1.0 / 3.0, 1e-12);
}

static void ipu_empties_what_must_be_empty(void **state) {
    (void)state;
    const double incidence[2 * 2] = {1, 0, 0, 1};
    const double target[2] = {0, 7};
    double weight[2] = {3, 1};
    double fit;
    synth_ipu(incidence, target, 2, 2, weight, 1e-12, 10, &fit);
    assert_near(weight[0], 0, 0);
    assert_near(weight[1], 7, 1e-12);
    assert_near(fit, 0, 0);
}

static void ipu_without_anything_to_do_makes_no_sweep(void **state) {
    (void)state;
    const double incidence[1] = {1};
    const double target[1] = {2};
    double weight[1] = {2};
    double fit;
    assert_int_equal(synth_ipu(incidence, target, 1, 1, weight, 1e-12, 10, &fit), 0);
    assert_near(fit, 0, 0);
}

// --- synth_run -------------------------------------------------------------------------------------------------

static void every_dwelling_has_one_household(void **state) {
    (void)state;
    town *t = town_create(0.2);
    population p;
    town_synthesise(t, &p);
    uint32_t count[TOWN_PLACES_MAX] = {0};
    for (uint32_t h = 0; h < p.household.count; h++) {
        uint32_t place = p.household.place_ix[h];
        count[place]++;
        assert_int_equal(p.household.dwelling[h], t->z.place.kind[place]);
        assert_int_equal(p.household.built_year[h], 0);
    }
    for (uint32_t i = 0; i < t->z.place.count; i++) {
        bool home = zone_place_is_home((place_kind)t->z.place.kind[i]) && t->z.place.zone_ix[i] < TOWN_NORTH;
        assert_int_equal(count[i], home ? (uint32_t)lround((double)t->z.place.size[i]) : 0);
    }
    town_free(t);
}

static double mean_cars(const population *p, const uint32_t *place, uint32_t place_count) {
    double cars = 0.0;
    double households = 0.0;
    for (uint32_t h = 0; h < p->household.count; h++) {
        for (uint32_t k = 0; k < place_count; k++) {
            if (p->household.place_ix[h] == place[k]) {
                cars += p->household.cars[h];
                households += 1.0;
            }
        }
    }
    return cars / households;
}

static void mean_cars_follow_dwelling_type_and_station(void **state) {
    (void)state;
    town *t = town_create(3);
    population p;
    town_synthesise(t, &p);
    const uint32_t detached[3] = {4, 5, 6};
    const uint32_t row_near = 2;
    const uint32_t row_far = 3;
    const uint32_t flat_near = 0;
    const uint32_t flat_far = 1;
    assert_near(mean_cars(&p, detached, 3), 1.7, 0.03);
    assert_near(mean_cars(&p, &row_far, 1), 1.3, 0.04);
    assert_near(mean_cars(&p, &row_near, 1), 1.3 * 0.8, 0.06);
    assert_near(mean_cars(&p, &flat_far, 1), 0.95, 0.05);
    assert_near(mean_cars(&p, &flat_near, 1), 0.95 * 0.8, 0.05);
    town_free(t);
}

static void parking_norm_limits_cars(void **state) {
    (void)state;
    town *t = town_create(3);
    population p;
    t->z.place.parking_norm[1] = 0.5F;
    t->z.place.parking_norm[3] = 9.0F;  // more than anybody has: no effect
    town_synthesise(t, &p);
    const uint32_t flats = 1;
    const uint32_t rows = 3;
    assert_near(mean_cars(&p, &flats, 1), 0.5, 0.04);
    assert_near(mean_cars(&p, &rows, 1), 1.3, 0.04);
    town_free(t);
}

static void nobody_without_a_licence_at_home_has_a_car(void **state) {
    (void)state;
    town *t = town_create(0.5);
    population p;
    town_synthesise(t, &p);
    bool several = false;
    for (uint32_t h = 0; h < p.household.count; h++) {
        uint32_t licences = 0;
        for (uint32_t k = 0; k < p.household.size[h]; k++) {
            licences += p.person.licence[p.household.person_first[h] + k];
        }
        assert_true(licences > 0 || p.household.cars[h] == 0);
        assert_true(p.household.cars[h] <= licences + 1);
        several = several || p.household.cars[h] >= 3;
    }
    assert_true(several);
    town_free(t);
}

// Share of the residents of the age groups from..to with the attribute.
static double share_with(const population *p, const uint8_t *attribute, uint8_t value, int from, int to) {
    double with = 0.0;
    double all = 0.0;
    for (uint32_t i = 0; i < p->person.count; i++) {
        if (p->person.segment[i] == SEGMENT_RESIDENT && p->person.age[i] >= from && p->person.age[i] <= to) {
            all += 1.0;
            with += attribute[i] == value;
        }
    }
    return with / all;
}

static void persons_have_what_the_rates_say(void **state) {
    (void)state;
    town *t = town_create(1);
    population p;
    town_synthesise(t, &p);
    assert_near(share_with(&p, p.person.employed, 1, AGE_20_44, AGE_45_66), 0.8, 0.015);
    assert_near(share_with(&p, p.person.employed, 1, AGE_0_5, AGE_6_15), 0, 0);
    assert_near(share_with(&p, p.person.licence, 1, AGE_0_5, AGE_6_15), 0, 0);
    assert_near(share_with(&p, p.person.licence, 1, AGE_45_66, AGE_45_66), 0.95, 0.015);
    assert_near(share_with(&p, p.person.licence, 1, AGE_80_PLUS, AGE_80_PLUS), 0.62, 0.07);
    assert_near(share_with(&p, p.person.cycle, 0, AGE_0_5, AGE_0_5), 1, 0);
    assert_near(share_with(&p, p.person.cycle, 1, AGE_6_15, AGE_6_15), 0.7, 0.03);
    assert_near(share_with(&p, p.person.cycle, 2, AGE_16_19, AGE_80_PLUS), 0.1, 0.01);
    assert_near(share_with(&p, p.person.season_pass, 1, AGE_0_5, AGE_6_15), 0, 0);
    for (uint32_t i = 0; i < p.person.count; i++) {
        bool commutes = p.person.employed[i] || p.person.age[i] == AGE_16_19;
        assert_true(commutes || !p.person.season_pass[i]);
        assert_true(p.person.work_place_ix[i] == IX_NONE);
    }
    town_free(t);
}

static void people_from_outside_live_outside_in_proportion(void **state) {
    (void)state;
    town *t = town_create(1);
    population p;
    town_synthesise(t, &p);
    uint32_t commuters = 0;
    uint32_t visitors = 0;
    uint32_t north = 0;
    for (uint32_t i = 0; i < p.person.count; i++) {
        if (p.person.segment[i] == SEGMENT_VISITOR) {
            assert_true(t->z.zone.outside[t->z.place.zone_ix[p.person.home_place_ix[i]]]);
            assert_true(p.person.household_ix[i] == IX_NONE);
            commuters += p.person.employed[i];
            visitors += !p.person.employed[i];
            north += t->z.place.zone_ix[p.person.home_place_ix[i]] == TOWN_NORTH;
        }
    }
    assert_int_equal(commuters, 5100);
    assert_int_equal(visitors, 3000);
    assert_near(north / 8100.0, 0.75, 0.001);
    town_free(t);
}

static void same_people_for_any_number_of_threads(void **state) {
    (void)state;
    const int threads[4] = {1, 2, 3, 8};
    uint64_t hash[4];
    for (int k = 0; k < 4; k++) {
        par_set_threads(threads[k]);
        town *t = town_create(0.3);
        population p;
        town_synthesise(t, &p);
        hash[k] = population_hash(&p);
        town_free(t);
    }
    par_set_threads(0);
    assert_true(hash[0] == hash[1] && hash[1] == hash[2] && hash[2] == hash[3]);
}

static void another_seed_makes_other_people(void **state) {
    (void)state;
    town *t = town_create(0.1);
    population p;
    population q;
    town_synthesise(t, &p);
    rng_key other = {.seed = 8, .replication = 0};
    assert_ok(synth_run(&t->s, &t->in, &t->z, t->station_distance_m, other, &t->a, &q));
    assert_true(population_hash(&p) != population_hash(&q));
    town_free(t);
}

// Index of a household by id, IX_NONE if there is none. Linear: small towns only.
static uint32_t find_household(const population *p, uint64_t id) {
    for (uint32_t h = 0; h < p->household.count; h++) {
        if (p->household.id[h] == id) {
            return h;
        }
    }
    return IX_NONE;
}

static bool same_household(const population *p, uint32_t g, const population *q, uint32_t h) {
    if (p->household.size[g] != q->household.size[h] || p->household.cars[g] != q->household.cars[h]) {
        return false;
    }
    for (uint32_t k = 0; k < p->household.size[g]; k++) {
        uint32_t i = p->household.person_first[g] + k;
        uint32_t j = q->household.person_first[h] + k;
        if (p->person.id[i] != q->person.id[j] || p->person.age[i] != q->person.age[j] ||
            p->person.employed[i] != q->person.employed[j] || p->person.licence[i] != q->person.licence[j] ||
            p->person.cycle[i] != q->person.cycle[j]) {
            return false;
        }
    }
    return true;
}

static void a_sample_is_a_part_of_the_whole(void **state) {
    (void)state;
    town *t = town_create(0.2);
    population whole;
    population part;
    town_synthesise(t, &whole);
    t->s.scale = 0.3;
    town_synthesise(t, &part);
    assert_near(part.household.count / (double)whole.household.count, 0.3, 0.035);
    assert_near(part.person.count / (double)whole.person.count, 0.3, 0.035);
    for (uint32_t h = 0; h < part.household.count; h++) {
        uint32_t g = find_household(&whole, part.household.id[h]);
        assert_true(g != IX_NONE);
        assert_true(same_household(&whole, g, &part, h));
    }
    town_free(t);
}

static void most_households_stay_when_a_place_grows(void **state) {
    (void)state;
    town *t = town_create(0.3);
    population before;
    population after;
    town_synthesise(t, &before);
    t->z.place.size[5] += 20.0F;
    town_synthesise(t, &after);
    uint32_t same = 0;
    for (uint32_t h = 0; h < before.household.count; h++) {
        uint32_t g = find_household(&after, before.household.id[h]);
        assert_true(g != IX_NONE);
        same += same_household(&before, h, &after, g);
    }
    assert_int_equal(after.household.count, before.household.count + 20);
    assert_true(same > 0.8 * before.household.count);
    town_free(t);
}

static void refuses_homes_that_no_household_fits(void **state) {
    (void)state;
    town *t = town_create(0.1);
    population p;
    for (uint32_t k = 0; k < t->in.kind_count; k++) {
        t->in.kind[k].dwelling_weight[2] = 0;
    }
    assert_error(synth_run(&t->s, &t->in, &t->z, t->station_distance_m, town_key(), &t->a, &p), ERR_INFEASIBLE, "flat");
    town_free(t);
}

static void refuses_visitors_with_no_home_outside(void **state) {
    (void)state;
    town *t = town_create(0.1);
    population p;
    for (uint32_t i = 0; i < TOWN_ZONES; i++) {
        t->z.zone.outside[i] = 0;
    }
    assert_error(synth_run(&t->s, &t->in, &t->z, t->station_distance_m, town_key(), &t->a, &p), ERR_INFEASIBLE,
                 "people.in_commuters");
    town_free(t);
}

static void refuses_kinds_whose_size_is_wrong(void **state) {
    (void)state;
    town *t = town_create(0.1);
    population p;
    t->in.kind[3].size = 4;
    assert_error(synth_run(&t->s, &t->in, &t->z, t->station_distance_m, town_key(), &t->a, &p), ERR_INFEASIBLE,
                 "size 4 but 1 persons");
    town_free(t);
}

static void refuses_margins_without_any_share(void **state) {
    (void)state;
    town *t = town_create(0.1);
    population p;
    memset(t->in.margins.persons_by_age, 0, sizeof t->in.margins.persons_by_age);
    assert_error(synth_run(&t->s, &t->in, &t->z, t->station_distance_m, town_key(), &t->a, &p), ERR_INFEASIBLE, "age");
    town_free(t);
}

static void running_out_of_memory_is_reported(void **state) {
    (void)state;
    town *t = town_create(0.1);
    int64_t live = mem_live_count();
    int failures = 0;
    for (int64_t after = 0; after < 4; after++) {
        arena a;
        population p;
        arena_init(&a);
        mem_fail_after(after);
        err_code code = synth_run(&t->s, &t->in, &t->z, t->station_distance_m, town_key(), &a, &p);
        mem_fail_after(-1);
        assert_true(code == ERR_OK || code == ERR_MEMORY);
        failures += code == ERR_MEMORY;
        arena_free(&a);
        assert_true(mem_live_count() == live);
    }
    assert_true(failures > 0);
    town_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ipu_is_ipf_on_a_table),
        cmocka_unit_test(ipu_meets_households_and_persons),
        cmocka_unit_test(ipu_reports_margins_that_cannot_be_met),
        cmocka_unit_test(ipu_empties_what_must_be_empty),
        cmocka_unit_test(ipu_without_anything_to_do_makes_no_sweep),
        cmocka_unit_test(every_dwelling_has_one_household),
        cmocka_unit_test(mean_cars_follow_dwelling_type_and_station),
        cmocka_unit_test(parking_norm_limits_cars),
        cmocka_unit_test(nobody_without_a_licence_at_home_has_a_car),
        cmocka_unit_test(persons_have_what_the_rates_say),
        cmocka_unit_test(people_from_outside_live_outside_in_proportion),
        cmocka_unit_test(same_people_for_any_number_of_threads),
        cmocka_unit_test(another_seed_makes_other_people),
        cmocka_unit_test(a_sample_is_a_part_of_the_whole),
        cmocka_unit_test(most_households_stay_when_a_place_grows),
        cmocka_unit_test(refuses_homes_that_no_household_fits),
        cmocka_unit_test(refuses_visitors_with_no_home_outside),
        cmocka_unit_test(refuses_kinds_whose_size_is_wrong),
        cmocka_unit_test(refuses_margins_without_any_share),
        cmocka_unit_test(running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
