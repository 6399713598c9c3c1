#include "world/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support.h"

static int years[2] = {2030, 2040};
static scenario_measure measure[1];
static scenario_programme programme[2];

static void set_number(void *base, const scenario_field *f, double value) {
    memcpy((unsigned char *)base + f->offset, &value, sizeof value);
}

static void set_purpose(purpose_params *c) {
    *c = (purpose_params){.tours_per_person = 1,
                          .car_per_min = -0.02,
                          .pt_per_min = -0.02,
                          .cycle_per_min = -0.05,
                          .walk_per_min = -0.05,
                          .cost_per_nok = -0.01,
                          .lambda_motor = 0.8,
                          .lambda_active = 1,
                          .size_scale = 1,
                          .logsum_scale = 0.5,
                          .duration_mean_h = 8,
                          .duration_spread_h = 2,
                          .profile_out = "work",
                          .profile_return = ""};
}

// A scenario in which everything required is in the middle of its range or at a sensible value.
static void sound_scenario(scenario *s) {
    scenario_set_defaults(s);
    uint32_t count;
    const scenario_field *f = scenario_fields(&count);
    for (uint32_t i = 0; i < count; i++) {
        if (f[i].type == SCENARIO_NUMBER && isnan(f[i].fallback)) {
            set_number(s, &f[i], 0.5 * (f[i].min + f[i].max));
        } else if (f[i].type == SCENARIO_PATH) {
            static const char *const file = "file.csv";
            memcpy((unsigned char *)s + f[i].offset, &file, sizeof file);
        }
    }
    for (int p = 0; p < PURPOSE_COUNT; p++) {
        set_purpose(&s->purpose[p]);
    }
    s->today_year = 2023;
    s->service_date = "2023-10-18";
    s->year = years;
    s->year_count = 2;
    years[0] = 2030;
    years[1] = 2040;
    measure[0] =
        (scenario_measure){.kind = MEASURE_FUEL_FACTOR, .start_year = 2028, .value = 1.2, .file = "a.yaml", .line = 7};
    s->measure = measure;
    s->measure_count = 1;
    programme[0] = (scenario_programme){.id = "a",
                                        .place_id = "p",
                                        .homes = 10,
                                        .from_year = 2026,
                                        .to_year = 2040,
                                        .parking_norm = -1,
                                        .file = "a.yaml",
                                        .line = 9};
    programme[1] = programme[0];
    programme[1].id = "b";
    s->programme = programme;
    s->programme_count = 2;
}

static void a_sound_scenario_is_accepted(void **state) {
    (void)state;
    scenario s;
    sound_scenario(&s);
    assert_ok(scenario_validate(&s));
    s.year_count = 0;
    s.measure_count = 0;
    assert_ok(scenario_validate(&s));
}

static void the_table_covers_every_number_once(void **state) {
    (void)state;
    uint32_t count, numbers = 0, paths = 0, of_purpose = 0;
    const scenario_field *f = scenario_fields(&count);
    for (uint32_t i = 0; i < count; i++) {
        numbers += f[i].type == SCENARIO_NUMBER;
        paths += f[i].type == SCENARIO_PATH;
        of_purpose += f[i].type == SCENARIO_PURPOSE;
        for (uint32_t k = 0; k < i; k++) {
            assert_string_not_equal(f[i].path, f[k].path);
            bool same_struct = (f[i].type == SCENARIO_PURPOSE) == (f[k].type == SCENARIO_PURPOSE);
            assert_false(same_struct && f[i].offset == f[k].offset);
        }
        assert_true(f[i].min <= f[i].max && strlen(f[i].doc) > 3 && strlen(f[i].unit) > 0);
        if (f[i].type == SCENARIO_NUMBER && !isnan(f[i].fallback)) {
            assert_true(f[i].fallback >= f[i].min && f[i].fallback <= f[i].max);
        }
        if (f[i].type == SCENARIO_PURPOSE) {
            assert_memory_equal(f[i].path, "choice.*.", 9);
        }
    }
    // every double and text of the two structs is in the table (profiles and lists are read apart)
    assert_int_equal(of_purpose * sizeof(double) + 2 * sizeof(char *), sizeof(purpose_params));
    assert_int_equal(paths, 10);
    assert_int_equal(numbers, 70);
}

static void defaults_are_those_of_the_table(void **state) {
    (void)state;
    scenario s;
    memset(&s, 0x5A, sizeof s);
    scenario_set_defaults(&s);
    assert_true(isnan(s.today_year) && isnan(s.walk_speed_kmh) && isnan(s.purpose[PURPOSE_ESCORT].asc_walk));
    assert_true(s.replications == 5 && s.scale == 1 && s.wave_speed_kmh == 18 && s.seed == 1);
    assert_true(s.title == NULL && s.zones_csv == NULL && s.year_count == 0 && s.measure == NULL);
}

static void a_missing_number_is_named_by_its_key(void **state) {
    (void)state;
    uint32_t count;
    const scenario_field *f = scenario_fields(&count);
    for (uint32_t i = 0; i < count; i++) {
        if (f[i].type != SCENARIO_PATH && isnan(f[i].fallback)) {
            scenario s;
            sound_scenario(&s);
            char key[128];
            bool of_purpose = f[i].type == SCENARIO_PURPOSE;
            snprintf(key, sizeof key, "%s%s is missing", of_purpose ? "choice.shop" : "",
                     of_purpose ? f[i].path + 8 : f[i].path);
            set_number(of_purpose ? (void *)&s.purpose[PURPOSE_SHOP] : (void *)&s, &f[i], (double)NAN);
            assert_error(scenario_validate(&s), ERR_RANGE, key);
        }
    }
}

static void numbers_outside_their_range_are_named(void **state) {
    (void)state;
    uint32_t count;
    const scenario_field *f = scenario_fields(&count);
    for (uint32_t i = 0; i < count; i++) {
        for (int side = 0; f[i].type == SCENARIO_NUMBER && side < 2; side++) {
            scenario s;
            sound_scenario(&s);
            set_number(&s, &f[i], side == 0 ? f[i].min - 1e-3 : f[i].max + 1e-3);
            char message[160];
            snprintf(message, sizeof message, "%s = ", f[i].path);
            assert_error(scenario_validate(&s), ERR_RANGE, message);
            assert_non_null(strstr(err_message(), "is outside"));
            set_number(&s, &f[i], (double)INFINITY);
            assert_error(scenario_validate(&s), ERR_RANGE, message);
        }
    }
}

static void counts_and_years_must_be_whole(void **state) {
    (void)state;
    scenario s;
    sound_scenario(&s);
    s.replications = 2.5;
    assert_error(scenario_validate(&s), ERR_RANGE, "replications = 2.5 must be a whole number");
    sound_scenario(&s);
    s.today_year = 2023.5;
    assert_error(scenario_validate(&s), ERR_RANGE, "today_year = 2023.5 must be a whole number");
}

static void missing_files_are_named_by_their_key(void **state) {
    (void)state;
    scenario s;
    sound_scenario(&s);
    s.counts_csv = NULL;
    assert_error(scenario_validate(&s), ERR_RANGE, "counts is missing");
    s.counts_csv = "";
    assert_error(scenario_validate(&s), ERR_RANGE, "counts is missing");
}

#define EXPECT_INVALID(change, code, message)               \
    do {                                                    \
        scenario s;                                         \
        sound_scenario(&s);                                 \
        change;                                             \
        assert_error(scenario_validate(&s), code, message); \
    } while (0)

static void choice_coefficients_must_make_sense(void **state) {
    (void)state;
    EXPECT_INVALID(s.purpose[PURPOSE_WORK].lambda_motor = 0, ERR_RANGE,
                   "choice.work.lambda_motor = 0 is outside (0, 1]");
    EXPECT_INVALID(s.purpose[PURPOSE_WORK].lambda_active = 1.01, ERR_RANGE, "choice.work.lambda_active = 1.01");
    EXPECT_INVALID(s.purpose[PURPOSE_SHOP].car_per_min = 0.02, ERR_RANGE, "choice.shop.car_per_min = 0.02");
    EXPECT_INVALID(s.purpose[PURPOSE_SHOP].pt_per_min = 0.02, ERR_RANGE, "choice.shop.pt_per_min");
    EXPECT_INVALID(s.purpose[PURPOSE_SHOP].cycle_per_min = 0.02, ERR_RANGE, "choice.shop.cycle_per_min");
    EXPECT_INVALID(s.purpose[PURPOSE_SHOP].walk_per_min = 0.02, ERR_RANGE, "choice.shop.walk_per_min");
    EXPECT_INVALID(s.purpose[PURPOSE_SHOP].cost_per_nok = 0.02, ERR_RANGE, "choice.shop.cost_per_nok");
    EXPECT_INVALID(s.purpose[PURPOSE_ESCORT].tours_per_person = -1, ERR_RANGE, "choice.escort.tours_per_person");
    EXPECT_INVALID(s.purpose[PURPOSE_ESCORT].size_scale = -1, ERR_RANGE, "choice.escort.size_scale");
    EXPECT_INVALID(s.purpose[PURPOSE_ESCORT].logsum_scale = -1, ERR_RANGE, "choice.escort.logsum_scale");
    EXPECT_INVALID(s.purpose[PURPOSE_BUSINESS].duration_mean_h = 25, ERR_RANGE, "choice.business.duration_mean_h");
    EXPECT_INVALID(s.purpose[PURPOSE_BUSINESS].duration_spread_h = 9, ERR_RANGE, "choice.business.duration_spread_h");
    EXPECT_INVALID(s.purpose[PURPOSE_BUSINESS].asc_pt = (double)INFINITY, ERR_RANGE, "choice.business.asc_pt");
}

static void electric_shares_must_agree(void **state) {
    (void)state;
    EXPECT_INVALID((s.ev_share = 0.6, s.ev_share_max = 0.5), ERR_INFEASIBLE, "choice.ev_share = 0.6 is above");
}

static void years_rise_after_today(void **state) {
    (void)state;
    EXPECT_INVALID(years[0] = 2023, ERR_RANGE, "years: 2023 must come after 2023 (today_year)");
    EXPECT_INVALID(years[1] = 2030, ERR_RANGE, "years: 2030 must come after 2030; list every year once");
    EXPECT_INVALID(years[1] = 2999, ERR_RANGE, "years: 2999 is after");
}

static void the_service_date_is_a_date(void **state) {
    (void)state;
    static const char *const bad[] = {"",           "2023-10-1",  "2023-10-181", "2023/10/18",
                                      "18-10-2023", "2023-13-01", "2023-00-10",  "2023-02-29",
                                      "2100-02-29", "2023-04-31", "2023-04-00",  "2O23-04-01"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        EXPECT_INVALID(s.service_date = bad[i], ERR_FORMAT, "is not a date");
    }
    EXPECT_INVALID(s.service_date = NULL, ERR_FORMAT, "service_date");
    static const char *const good[] = {"2024-02-29", "2000-02-29", "2023-12-31"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        scenario s;
        sound_scenario(&s);
        s.service_date = good[i];
        assert_ok(scenario_validate(&s));
    }
}

static void measures_are_checked_where_they_stand(void **state) {
    (void)state;
    EXPECT_INVALID(measure[0].start_year = 2041, ERR_RANGE,
                   "a.yaml:7: measures: fuel_factor starts in 2041, outside the scenario's years 2023 to 2040");
    EXPECT_INVALID(measure[0].start_year = 2022, ERR_RANGE, "a.yaml:7: measures: fuel_factor starts in 2022");
    EXPECT_INVALID(measure[0].value = -1, ERR_RANGE, "a.yaml:7: measures: the value -1 of fuel_factor");
    EXPECT_INVALID(measure[0].value = (double)NAN, ERR_RANGE, "of fuel_factor is outside");
    EXPECT_INVALID(measure[0].kind = MEASURE_KIND_COUNT, ERR_RANGE, "a.yaml:7: measures: kind");
    EXPECT_INVALID((measure[0].kind = MEASURE_HOME_OFFICE, measure[0].value = 1.5), ERR_RANGE, "of home_office");
    EXPECT_INVALID(measure[0].kind = MEASURE_PARKING_PRICE, ERR_RANGE, "parking_price needs targets");
    EXPECT_INVALID(measure[0].kind = MEASURE_CLOSE_LINK, ERR_RANGE, "close_link needs targets");
    EXPECT_INVALID(measure[0].kind = MEASURE_TRANSIT, ERR_RANGE, "transit needs a text: the timetable's folder");
    static const char *const streets[1] = {"Kirkeveien"};
    EXPECT_INVALID((measure[0].kind = MEASURE_CYCLE_FACILITY, measure[0].target = streets, measure[0].target_count = 1),
                   ERR_RANGE, "cycle_facility needs a text: the facility's name");
    EXPECT_INVALID((measure[0].kind = MEASURE_CYCLE_FACILITY, measure[0].target = streets, measure[0].target_count = 1,
                    measure[0].text = "highway"),
                   ERR_REFERENCE, "cycle facility 'highway' is unknown");
    EXPECT_INVALID((measure[0].kind = MEASURE_SPEED_LIMIT, measure[0].target = streets, measure[0].target_count = 1),
                   ERR_RANGE, "the value 1.2 of speed_limit is outside 5 to 130");
    EXPECT_INVALID((measure[0].file = NULL, measure[0].value = 101), ERR_RANGE,
                   "measures: the value 101 of fuel_factor");
}

static void homes_are_checked_where_they_stand(void **state) {
    (void)state;
    EXPECT_INVALID(programme[1].id = "a", ERR_REFERENCE, "a.yaml:9: programme: id 'a' is used twice");
    EXPECT_INVALID(programme[1].id = NULL, ERR_REFERENCE, "programme: entry 2 has no id");
    EXPECT_INVALID(programme[1].place_id = "", ERR_REFERENCE, "programme: 'b' has no place");
    EXPECT_INVALID(programme[1].dwelling = 3, ERR_RANGE, "'b': dwelling");
    EXPECT_INVALID(programme[1].homes = -1, ERR_RANGE, "'b': -1 homes");
    EXPECT_INVALID(programme[1].from_year = 2041, ERR_RANGE, "'b': from 2041 is after to 2040");
    EXPECT_INVALID(programme[1].from_year = 2023, ERR_RANGE, "must lie after today_year (2023)");
    EXPECT_INVALID(programme[1].parking_norm = (double)NAN, ERR_RANGE, "'b': parking_norm");
}

static void every_measure_has_a_name_of_its_own(void **state) {
    (void)state;
    assert_string_equal(scenario_measure_name(MEASURE_PARKING_PRICE), "parking_price");
    assert_string_equal(scenario_measure_name(MEASURE_TRANSIT), "transit");
    assert_string_equal(scenario_measure_name(MEASURE_KIND_COUNT), "?");
    for (int a = 0; a < MEASURE_KIND_COUNT; a++) {
        for (int b = 0; b < a; b++) {
            assert_string_not_equal(scenario_measure_name((measure_kind)a), scenario_measure_name((measure_kind)b));
        }
    }
}

static void draws_are_keyed_by_seed_and_replication_only(void **state) {
    (void)state;
    scenario s;
    sound_scenario(&s);
    s.seed = 4294967295.0;
    rng_key key = scenario_rng_key(&s, 3);
    assert_true(key.seed == 4294967295u && key.replication == 3);
    s.name = "other";
    s.today_year = 2024;
    rng_key again = scenario_rng_key(&s, 3);
    assert_memory_equal(&key, &again, sizeof key);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_scenario_is_accepted),
        cmocka_unit_test(the_table_covers_every_number_once),
        cmocka_unit_test(defaults_are_those_of_the_table),
        cmocka_unit_test(a_missing_number_is_named_by_its_key),
        cmocka_unit_test(numbers_outside_their_range_are_named),
        cmocka_unit_test(counts_and_years_must_be_whole),
        cmocka_unit_test(missing_files_are_named_by_their_key),
        cmocka_unit_test(choice_coefficients_must_make_sense),
        cmocka_unit_test(electric_shares_must_agree),
        cmocka_unit_test(years_rise_after_today),
        cmocka_unit_test(the_service_date_is_a_date),
        cmocka_unit_test(measures_are_checked_where_they_stand),
        cmocka_unit_test(homes_are_checked_where_they_stand),
        cmocka_unit_test(every_measure_has_a_name_of_its_own),
        cmocka_unit_test(draws_are_keyed_by_seed_and_replication_only),
    };
    return cmocka_run_group_tests_name("scenario", tests, NULL, NULL);
}
