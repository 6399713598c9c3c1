#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/par.h"
#include "people_town.h"

static scenario_programme make_programme(const char *id, const char *place, int dwelling, int homes) {
    return (scenario_programme){.id = id,
                                .place_id = place,
                                .dwelling = dwelling,
                                .homes = homes,
                                .from_year = 2026,
                                .to_year = 2035,
                                .parking_norm = -1.0,
                                .source = "test",
                                .file = "plan.yaml",
                                .line = 12};
}

static void grow(town *t, int year, const population *today, population *out) {
    assert_ok(growth_run(&t->s, &t->in, &t->z, t->station_distance_m, year, town_key(), today, &t->a, out));
    assert_ok(population_validate(out, &t->z));
}

static void set_programme(town *t, scenario_programme *entries, uint32_t count) {
    t->s.programme = entries;
    t->s.programme_count = count;
}

static void homes_are_built_evenly_over_the_years(void **state) {
    (void)state;
    scenario_programme p = make_programme("p", "new_flats", 2, 95);
    assert_int_equal(growth_homes_by(&p, 2025), 0);
    assert_int_equal(growth_homes_by(&p, 2026), 9);
    assert_int_equal(growth_homes_by(&p, 2027), 19);
    assert_int_equal(growth_homes_by(&p, 2030), 47);
    assert_int_equal(growth_homes_by(&p, 2035), 95);
    assert_int_equal(growth_homes_by(&p, 2060), 95);
    p.to_year = p.from_year;
    assert_int_equal(growth_homes_by(&p, 2025), 0);
    assert_int_equal(growth_homes_by(&p, 2026), 95);
    p.homes = 0;
    assert_int_equal(growth_homes_by(&p, 2026), 0);
}

static void without_a_programme_nothing_changes(void **state) {
    (void)state;
    town *t = town_create(0.1);
    population today;
    population later;
    town_synthesise(t, &today);
    grow(t, 2040, &today, &later);
    assert_true(population_hash(&today) == population_hash(&later));
    town_free(t);
}

static void new_homes_come_on_top_of_today(void **state) {
    (void)state;
    town *t = town_create(0.1);
    scenario_programme p[2] = {make_programme("flats", "new_flats", 2, 100), make_programme("rows", "new_rows", 1, 50)};
    population today;
    population later;
    set_programme(t, p, 2);
    town_synthesise(t, &today);
    grow(t, 2030, &today, &later);  // 5 of 10 years
    assert_int_equal(later.household.count, today.household.count + 50 + 25);
    for (uint32_t h = 0; h < today.household.count; h++) {
        assert_true(later.household.id[h] == today.household.id[h]);
        assert_int_equal(later.household.cars[h], today.household.cars[h]);
        assert_int_equal(later.household.built_year[h], 0);
    }
    for (uint32_t h = today.household.count; h < later.household.count; h++) {
        bool flat = h < today.household.count + 50;
        assert_int_equal(later.household.dwelling[h], flat ? 2 : 1);
        assert_string_equal(t->z.place.id[later.household.place_ix[h]], flat ? "new_flats" : "new_rows");
        assert_true(later.household.built_year[h] >= 2026 && later.household.built_year[h] <= 2030);
    }
    assert_int_equal(later.household.built_year[today.household.count], 2026);
    assert_int_equal(later.household.built_year[today.household.count + 49], 2030);
    town_free(t);
}

static uint32_t count_new(const population *p) {
    uint32_t count = 0;
    for (uint32_t h = 0; h < p->household.count; h++) {
        count += p->household.built_year[h] != 0;
    }
    return count;
}

// Every household of `few`, by id, is in `many` with the same members, cars and attributes.
static void assert_nested(const population *few, const population *many) {
    uint32_t g = 0;
    for (uint32_t h = 0; h < few->household.count; h++) {
        while (g < many->household.count && many->household.id[g] != few->household.id[h]) {
            g++;  // both keep the order of programme entries
        }
        assert_true(g < many->household.count);
        assert_int_equal(few->household.size[h], many->household.size[g]);
        assert_int_equal(few->household.cars[h], many->household.cars[g]);
        for (uint32_t k = 0; k < few->household.size[h]; k++) {
            uint32_t i = few->household.person_first[h] + k;
            uint32_t j = many->household.person_first[g] + k;
            assert_true(few->person.id[i] == many->person.id[j]);
            assert_int_equal(few->person.age[i], many->person.age[j]);
            assert_int_equal(few->person.employed[i], many->person.employed[j]);
            assert_int_equal(few->person.licence[i], many->person.licence[j]);
            assert_int_equal(few->person.season_pass[i], many->person.season_pass[j]);
            assert_int_equal(few->person.cycle[i], many->person.cycle[j]);
        }
    }
}

static void home_k_is_the_same_for_every_total_and_year(void **state) {
    (void)state;
    town *t = town_create(0.1);
    scenario_programme p[2] = {make_programme("flats", "new_flats", 2, 60), make_programme("rows", "new_rows", 1, 40)};
    population today;
    population early;
    population late;
    population larger;
    set_programme(t, p, 2);
    town_synthesise(t, &today);
    grow(t, 2028, &today, &early);
    grow(t, 2040, &today, &late);
    p[0].homes = 333;
    p[0].to_year = 2031;
    grow(t, 2040, &today, &larger);
    assert_int_equal(count_new(&early), 18 + 12);
    assert_int_equal(count_new(&late), 100);
    assert_int_equal(count_new(&larger), 373);
    assert_nested(&early, &late);
    assert_nested(&late, &larger);
    town_free(t);
}

static void new_dwellings_have_the_persons_of_new_dwellings(void **state) {
    (void)state;
    const double expected[3] = {3.3, 2.75, 1.8};
    for (int dwelling = 0; dwelling < 3; dwelling++) {
        town *t = town_create(0.2);
        scenario_programme p = make_programme("new", "new_flats", dwelling, 500);
        population today;
        population later;
        set_programme(t, &p, 1);
        town_synthesise(t, &today);
        grow(t, 2040, &today, &later);
        double persons = 0.0;
        for (uint32_t h = today.household.count; h < later.household.count; h++) {
            persons += later.household.size[h];
        }
        assert_near(persons / 500.0, expected[dwelling], 0.03);
        town_free(t);
    }
}

static double mean_new_cars(const population *p) {
    double cars = 0.0;
    for (uint32_t h = 0; h < p->household.count; h++) {
        cars += p->household.built_year[h] != 0 ? p->household.cars[h] : 0.0;
    }
    return cars / count_new(p);
}

static void parking_norm_limits_the_cars_of_new_homes(void **state) {
    (void)state;
    town *t = town_create(0.2);
    scenario_programme p = make_programme("new", "new_rows", 1, 2000);
    population today;
    population later;
    set_programme(t, &p, 1);
    town_synthesise(t, &today);
    grow(t, 2040, &today, &later);
    double free_mean = mean_new_cars(&later);
    assert_true(free_mean > 1.2 && free_mean < 1.7);  // as row houses today, with somewhat larger households
    p.parking_norm = 3.0;
    grow(t, 2040, &today, &later);
    assert_near(mean_new_cars(&later), free_mean, 0.0);
    p.parking_norm = 0.6;
    grow(t, 2040, &today, &later);
    assert_near(mean_new_cars(&later), 0.6, 0.04);
    p.parking_norm = 0.0;
    grow(t, 2040, &today, &later);
    assert_near(mean_new_cars(&later), 0.0, 0.0);
    town_free(t);
}

static void movers_leave_dwellings_that_are_filled_again(void **state) {
    (void)state;
    town *t = town_create(0.2);
    scenario_programme p = make_programme("new", "new_flats", 2, 300);
    population today;
    population early;
    population later;
    set_programme(t, &p, 1);
    town_synthesise(t, &today);
    t->s.mover_share = 0.4;
    grow(t, 2030, &today, &early);
    grow(t, 2040, &today, &later);
    assert_int_equal(later.household.count, today.household.count + 300);
    uint32_t refilled = 0;
    for (uint32_t h = 0; h < today.household.count; h++) {
        bool changed = later.household.id[h] != today.household.id[h];
        refilled += changed;
        assert_int_equal(later.household.place_ix[h], today.household.place_ix[h]);
        assert_int_equal(later.household.dwelling[h], today.household.dwelling[h]);
        // Who came first stays: a dwelling left by 2030 holds the same household in 2040.
        bool changed_early = early.household.id[h] != today.household.id[h];
        assert_true(!changed_early || later.household.id[h] == early.household.id[h]);
    }
    assert_true(refilled > 80 && refilled < 150);  // 120 movers, a few of whom name the same dwelling
    double persons = 0.0;
    for (uint32_t h = today.household.count; h < later.household.count; h++) {
        persons += later.household.size[h];
    }
    assert_near(persons / 300.0, 1.8, 0.1);
    assert_int_equal(count_new(&early), 150);
    town_free(t);
}

static uint32_t count_visitors(const population *p) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->person.count; i++) {
        count += p->person.segment[i] == SEGMENT_VISITOR;
    }
    return count;
}

static void visitors_grow_in_the_background(void **state) {
    (void)state;
    town *t = town_create(0.1);
    population today;
    population later;
    population fewer;
    town_synthesise(t, &today);
    t->s.background_growth_pct = 1.0;
    grow(t, 2033, &today, &later);
    assert_int_equal(count_visitors(&today), 510 + 300);
    assert_int_equal(count_visitors(&later), 563 + 331);  // 510 and 300 times 1.01^10 = 1.10462
    t->s.background_growth_pct = -1.0;
    grow(t, 2033, &today, &fewer);
    assert_int_equal(count_visitors(&fewer), 461 + 271);  // times 0.99^10 = 0.90438
    uint32_t first = today.person.count - 810;
    for (uint32_t k = 0; k < 510; k++) {  // today's in-commuters are all still there and the same
        assert_true(today.person.id[first + k] == later.person.id[first + k]);
        assert_int_equal(today.person.home_place_ix[first + k], later.person.home_place_ix[first + k]);
    }
    town_free(t);
}

static void samples_of_growth_are_parts_of_the_whole(void **state) {
    (void)state;
    town *t = town_create(0.1);
    scenario_programme p = make_programme("new", "new_flats", 2, 1000);
    population today;
    population whole;
    population part;
    set_programme(t, &p, 1);
    town_synthesise(t, &today);
    grow(t, 2040, &today, &whole);
    t->s.scale = 0.25;
    town_synthesise(t, &today);
    grow(t, 2040, &today, &part);
    assert_near(count_new(&part), 250, 45);
    assert_nested(&part, &whole);
    town_free(t);
}

static void same_growth_for_any_number_of_threads(void **state) {
    (void)state;
    const int threads[4] = {1, 2, 3, 8};
    uint64_t hash[4];
    for (int k = 0; k < 4; k++) {
        par_set_threads(threads[k]);
        town *t = town_create(0.1);
        scenario_programme p = make_programme("new", "new_flats", 2, 400);
        population today;
        population later;
        set_programme(t, &p, 1);
        t->s.mover_share = 0.2;
        town_synthesise(t, &today);
        grow(t, 2033, &today, &later);
        hash[k] = population_hash(&later);
        town_free(t);
    }
    par_set_threads(0);
    assert_true(hash[0] == hash[1] && hash[1] == hash[2] && hash[2] == hash[3]);
}

static void refuses_places_where_no_home_can_stand(void **state) {
    (void)state;
    town *t = town_create(0.05);
    scenario_programme p = make_programme("sole_skog", "nowhere", 2, 10);
    population today;
    population later;
    set_programme(t, &p, 1);
    town_synthesise(t, &today);
    const char *const bad[3] = {"nowhere", "jobs_east", "homes_north"};
    const char *const why[3] = {"plan.yaml:12: programme 'sole_skog' builds at place 'nowhere', which is not in",
                                "which is of kind work", "outside the municipality"};
    for (int k = 0; k < 3; k++) {
        p.place_id = bad[k];
        err_code code =
            growth_run(&t->s, &t->in, &t->z, t->station_distance_m, 2040, town_key(), &today, &t->a, &later);
        assert_error(code, ERR_REFERENCE, why[k]);
    }
    town_free(t);
}

static scenario_measure make_norm(int start_year, double value, const char *const *target) {
    return (scenario_measure){.kind = MEASURE_PARKING_NORM,
                              .start_year = start_year,
                              .value = value,
                              .target = target,
                              .target_count = 1,
                              .source = "test",
                              .file = "plan.yaml",
                              .line = 20};
}

static double cars_of(const population *p, int from_year, int to_year) {
    uint32_t cars = 0, homes = 0;
    for (uint32_t h = 0; h < p->household.count; h++) {
        if (p->household.built_year[h] >= from_year && p->household.built_year[h] <= to_year) {
            cars += p->household.cars[h];
            homes++;
        }
    }
    assert_true(homes > 100);
    return (double)cars / homes;
}

// Only homes built from its year on, and only those it names; the same households with fewer cars.
static void a_parking_norm_is_for_homes_built_later(void **state) {
    (void)state;
    static const char *const entry[1] = {"flats"}, *const elsewhere[1] = {"new_rows"}, *const area[1] = {"sentrum"};
    town *t = town_create(0.1);
    scenario_programme p[1] = {make_programme("flats", "new_flats", 2, 2000)};
    scenario_measure m[3];
    population today, free, normed;
    set_programme(t, p, 1);
    town_synthesise(t, &today);
    grow(t, 2035, &today, &free);
    m[0] = make_norm(2030, 0.2, entry);
    t->s.measure = m;
    t->s.measure_count = 1;
    grow(t, 2035, &today, &normed);
    assert_near(cars_of(&normed, 2026, 2029), cars_of(&free, 2026, 2029), 0);
    assert_near(cars_of(&normed, 2030, 2035), 0.2, 0.04);
    assert_true(cars_of(&free, 2030, 2035) > 0.4);
    assert_int_equal(normed.person.count, free.person.count);
    m[0].target = elsewhere;
    grow(t, 2035, &today, &normed);
    assert_true(population_hash(&normed) == population_hash(&free));
    uint32_t place = idmap_find(&t->z.place_map, "new_flats");
    m[1] = make_norm(2033, 0.1, area);
    m[2] = make_norm(2031, 0.3, entry);  // in the order of years, not of the list
    t->s.measure_count = 3;
    assert_near(growth_parking_norm(&t->s, &t->z, p, place, 2030), -1.0, 0);
    assert_near(growth_parking_norm(&t->s, &t->z, p, place, 2032), 0.3, 0);
    assert_near(growth_parking_norm(&t->s, &t->z, p, place, 2033), 0.1, 0);
    town_free(t);
}

static uint32_t count_size(const population *p, uint32_t size) {
    uint32_t n = 0;
    for (uint32_t h = 0; h < p->household.count; h++) {
        n += p->household.size[h] == size ? 1 : 0;
    }
    return n;
}

// Halfway to margins with more single persons: half of the change, in the same dwellings with the same ids.
static void households_follow_the_margins_of_the_year(void **state) {
    (void)state;
    town *t = town_create(0.5);
    synth_year later = {.year = 2043, .margins = t->in.margins};
    memcpy(later.licence_rate, t->in.licence_rate, sizeof later.licence_rate);
    double *size = later.margins.households_by_size;
    double moved = 0.5 * size[3];
    size[3] -= moved;
    size[0] += moved;
    later.licence_rate[AGE_80_PLUS] = 0.9;
    t->in.later = &later;
    t->in.later_count = 1;
    synth_input half, all, none;
    int today_year = (int)t->s.today_year;
    later.year = today_year + 20;
    growth_people_of_year(&t->in, today_year, today_year, &none);
    assert_memory_equal(&none, &t->in, sizeof none);
    growth_people_of_year(&t->in, today_year, today_year + 10, &half);
    assert_near(half.margins.households_by_size[0], 0.5 * (t->in.margins.households_by_size[0] + size[0]), 1e-12);
    assert_near(half.licence_rate[AGE_80_PLUS], 0.5 * (t->in.licence_rate[AGE_80_PLUS] + 0.9), 1e-12);
    growth_people_of_year(&t->in, today_year, today_year + 50, &all);
    assert_near(all.margins.households_by_size[0], size[0], 1e-12);
    population today, aged;
    assert_ok(synth_run(&t->s, &t->in, &t->z, t->station_distance_m, town_key(), &t->a, &today));
    assert_ok(synth_run(&t->s, &all, &t->z, t->station_distance_m, town_key(), &t->a, &aged));
    assert_int_equal(aged.household.count, today.household.count);
    uint32_t other = 0;
    for (uint32_t h = 0; h < today.household.count; h++) {
        assert_true(aged.household.id[h] == today.household.id[h]);
        assert_int_equal(aged.household.place_ix[h], today.household.place_ix[h]);
        other += aged.household.size[h] != today.household.size[h] ? 1 : 0;
    }
    double share = (double)count_size(&aged, 1) / aged.household.count;
    double total = 0.0;  // margins may be in any unit
    for (int i = 0; i < 5; i++) {
        total += size[i];
    }
    moved /= total;
    assert_near(share - (double)count_size(&today, 1) / today.household.count, moved, 0.03);
    // each step down from four persons to one is three sizes for the moved share: no more change than that
    assert_true(other > moved * today.household.count * 0.8 && other < 3.5 * moved * today.household.count);
    town_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(homes_are_built_evenly_over_the_years),
        cmocka_unit_test(without_a_programme_nothing_changes),
        cmocka_unit_test(new_homes_come_on_top_of_today),
        cmocka_unit_test(a_parking_norm_is_for_homes_built_later),
        cmocka_unit_test(households_follow_the_margins_of_the_year),
        cmocka_unit_test(home_k_is_the_same_for_every_total_and_year),
        cmocka_unit_test(new_dwellings_have_the_persons_of_new_dwellings),
        cmocka_unit_test(parking_norm_limits_the_cars_of_new_homes),
        cmocka_unit_test(movers_leave_dwellings_that_are_filled_again),
        cmocka_unit_test(visitors_grow_in_the_background),
        cmocka_unit_test(samples_of_growth_are_parts_of_the_whole),
        cmocka_unit_test(same_growth_for_any_number_of_threads),
        cmocka_unit_test(refuses_places_where_no_home_can_stand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
