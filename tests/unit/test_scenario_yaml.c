
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/scenario_yaml.h"
#include "io_bad.h"
#include "io_case.h"
#include "support.h"

typedef struct fixture {
    char folder[IO_CASE_PATH_BYTES];
    arena a;
    scenario s;
} fixture;

static fixture f;

static int set_up(void **state) {
    (void)state;
    io_case_create(f.folder);
    arena_init(&f.a);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(&f.a);
    io_case_remove(f.folder);
    return 0;
}

static err_code load_named(const char *name, const char *const *override, uint32_t count, scenario *out) {
    char path[IO_CASE_PATH_BYTES];
    io_case_path(path, f.folder, name);
    return scenario_yaml_load(path, override, count, &f.a, out);
}

static void edit(const char *file, const char *find, const char *replace) {
    char *content = io_case_edit(file, find, replace);
    io_case_write_text(f.folder, file, content);
    free(content);
}

static err_code load_set(const char *override) {
    return load_named("plan.yaml", &override, 1, &f.s);
}

static void write_and_fail(const char *name, const char *content, err_code code, const char *part) {
    io_case_write_text(f.folder, name, content);
    assert_error(load_named(name, NULL, 0, &f.s), code, part);
    assert_error(code, code, name);
}

// --- values
// -----------------------------------------------------------------------------------------------------------

static void reads_values_defaults_and_paths(void **state) {
    (void)state;
    assert_ok(load_named("today.yaml", NULL, 0, &f.s));
    assert_string_equal(f.s.title, "Tiny today");
    assert_string_equal(f.s.name, "today");
    assert_string_equal(f.s.service_date, "2023-10-18");
    assert_near(f.s.today_year, 2023, 0);
    assert_near(f.s.walk_speed_kmh, 5, 0);
    assert_near(f.s.cars_row, 1.3, 0);
    assert_near(f.s.transit_walk_max_m, 1200, 0);
    assert_near(f.s.lorry_pcu, 2, 0);  // default
    assert_near(f.s.purpose[PURPOSE_BUSINESS].walk_per_min, -0.07, 0);
    assert_string_equal(f.s.purpose[PURPOSE_WORK].profile_out, "day");
    assert_string_equal(f.s.purpose[PURPOSE_WORK].profile_return, "");
    assert_int_equal(f.s.year_count, 0);
    assert_int_equal(f.s.measure_count, 0);
    char path[IO_CASE_PATH_BYTES];
    io_case_path(path, f.folder, "zones.csv");
    assert_string_equal(f.s.zones_csv, path);
    io_case_path(path, f.folder, "gtfs");
    assert_string_equal(f.s.transit_dir, path);
}

static void takes_the_rest_from_the_scenario_it_is_based_on(void **state) {
    (void)state;
    assert_ok(load_named("plan.yaml", NULL, 0, &f.s));
    assert_string_equal(f.s.title, "Tiny plan");
    assert_string_equal(f.s.name, "plan");
    assert_near(f.s.seed, 7, 0);
    assert_near(f.s.walk_speed_kmh, 5, 0);
    assert_int_equal(f.s.year_count, 2);
    assert_int_equal(f.s.year[1], 2040);
}

static void reads_programme_and_measures(void **state) {
    (void)state;
    assert_ok(load_named("plan.yaml", NULL, 0, &f.s));
    assert_int_equal(f.s.programme_count, 1);
    const scenario_programme *p = &f.s.programme[0];
    assert_string_equal(p->id, "new_flats");
    assert_string_equal(p->place_id, "home_a");
    assert_int_equal(p->dwelling, 2);
    assert_int_equal(p->homes, 12);
    assert_int_equal(p->from_year, 2026);
    assert_int_equal(p->to_year, 2030);
    assert_near(p->parking_norm, 0.5, 0);
    assert_int_equal(p->line, 7);
    assert_int_equal(f.s.measure_count, 4);
    assert_int_equal(f.s.measure[0].kind, MEASURE_PARKING_PRICE);
    assert_near(f.s.measure[0].value, 30, 0);
    assert_string_equal(f.s.measure[0].target[0], "sentrum");
    assert_string_equal(f.s.measure[1].text, "lane");
    assert_int_equal(f.s.measure[1].target_count, 2);
    char path[IO_CASE_PATH_BYTES];
    io_case_path(path, f.folder, "gtfs");
    assert_string_equal(f.s.measure[2].text, path);
    assert_int_equal(f.s.measure[3].start_year, 2040);
    assert_string_equal(f.s.measure[3].source, "test");
}

static void replaces_whole_lists_of_the_scenario_below(void **state) {
    (void)state;
    io_case_write_text(f.folder, "third.yaml",
                       "title: Third\nbased_on: plan.yaml\nmeasures:\n  - {kind: fuel_factor, start_year: 2030, value: "
                       "1.5, source: test}\n");
    assert_ok(load_named("third.yaml", NULL, 0, &f.s));
    assert_int_equal(f.s.measure_count, 1);
    assert_int_equal(f.s.measure[0].kind, MEASURE_FUEL_FACTOR);
    assert_int_equal(f.s.programme_count, 1);
    io_case_write_text(f.folder, "third.yaml", "title: Third\nbased_on: plan.yaml\nmeasures: []\nprogramme:\n");
    assert_ok(load_named("third.yaml", NULL, 0, &f.s));
    assert_int_equal(f.s.measure_count, 0);
    assert_int_equal(f.s.programme_count, 0);
}

static void resolves_names_against_the_file_that_says_them(void **state) {
    (void)state;
    char path[IO_CASE_PATH_BYTES];
    io_case_path(path, f.folder, "variants");
    assert_int_equal(mkdir(path, 0700), 0);
    io_case_write_text(f.folder, "variants/v.yaml", "title: V\nbased_on: ../plan.yaml\nplaces: mine.csv\n");
    assert_ok(load_named("variants/v.yaml", NULL, 0, &f.s));
    io_case_path(path, f.folder, "variants/../zones.csv");
    assert_string_equal(f.s.zones_csv, path);
    io_case_path(path, f.folder, "variants/mine.csv");
    assert_string_equal(f.s.places_csv, path);
    assert_non_null(strstr(f.s.effective_yaml, "zones: \"../zones.csv\"\n"));
    assert_non_null(strstr(f.s.effective_yaml, "places: \"mine.csv\"\n"));
    assert_non_null(strstr(f.s.effective_yaml, "text: \"../gtfs\"\n"));
}

static void reads_a_scenario_in_the_current_folder(void **state) {
    (void)state;
    char before[IO_CASE_PATH_BYTES];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(f.folder), 0);
    err_code code = scenario_yaml_load("plan.yaml", NULL, 0, &f.a, &f.s);
    assert_int_equal(chdir(before), 0);
    assert_ok(code);
    assert_string_equal(f.s.zones_csv, "zones.csv");
    assert_string_equal(f.s.path, "plan.yaml");
}

static void keeps_no_as_a_text(void **state) {
    (void)state;
    edit("today.yaml", "title: Tiny today", "title: NO");
    assert_ok(load_named("today.yaml", NULL, 0, &f.s));
    assert_string_equal(f.s.title, "NO");
}

// --- overrides
// --------------------------------------------------------------------------------------------------------

static void overrides_come_last(void **state) {
    (void)state;
    const char *const set[] = {"scale=0.1",   "choice.work.asc_pt=-1.25", "years=2030,2045",
                               "seed=99",     "replications=2",           "title=a: b=c",
                               "measures=[]", "zones=other.csv",          "transit.boardings_max=2"};
    assert_ok(load_named("plan.yaml", set, 9, &f.s));
    assert_near(f.s.scale, 0.1, 0);
    assert_near(f.s.purpose[PURPOSE_WORK].asc_pt, -1.25, 0);
    assert_near(f.s.purpose[PURPOSE_SHOP].asc_pt, -0.5, 0);
    assert_int_equal(f.s.year_count, 2);
    assert_int_equal(f.s.year[1], 2045);
    assert_near(f.s.seed, 99, 0);
    assert_near(f.s.replications, 2, 0);
    assert_string_equal(f.s.title, "a: b=c");
    assert_int_equal(f.s.measure_count, 0);
    assert_near(f.s.transit_boardings_max, 2, 0);
    char path[IO_CASE_PATH_BYTES];
    io_case_path(path, f.folder, "other.csv");
    assert_string_equal(f.s.zones_csv, path);
}

static void takes_one_year_or_none_by_override(void **state) {
    (void)state;
    const char *const one[] = {"measures=[]", "years=2050"}, *const list[] = {"measures=[]", "years=[2041, 2042]"},
                      *const none[] = {"measures=[]", "years="};
    assert_ok(load_named("plan.yaml", one, 2, &f.s));
    assert_int_equal(f.s.year_count, 1);
    assert_int_equal(f.s.year[0], 2050);
    assert_ok(load_named("plan.yaml", list, 2, &f.s));
    assert_int_equal(f.s.year[1], 2042);
    assert_ok(load_named("plan.yaml", none, 2, &f.s));
    assert_int_equal(f.s.year_count, 0);
}

static void checks_overrides_like_file_content(void **state) {
    (void)state;
    assert_error(load_set("scale=2"), ERR_RANGE, "--set scale=2");
    assert_error(load_set("scale=0,5"), ERR_FORMAT, "decimal comma");
    assert_error(load_set("scale=0x1"), ERR_FORMAT, "--set scale=0x1");
    assert_error(load_set("scale=nan"), ERR_FORMAT, "number");
    assert_error(load_set("scael=1"), ERR_FORMAT, "did you mean 'scale'");
    assert_error(load_set("choice.work.asc_tp=1"), ERR_FORMAT, "did you mean 'asc_pt'");
    assert_error(load_set("choice.wrok.asc_pt=1"), ERR_FORMAT, "--set");
    assert_error(load_set("choice=1"), ERR_FORMAT, "group of keys");
    assert_error(load_set("scale"), ERR_FORMAT, "key=value");
    assert_error(load_set("=1"), ERR_FORMAT, "key=value");
    assert_error(load_set("based_on=today.yaml"), ERR_FORMAT, "based_on");
    assert_error(load_set("years=2030,"), ERR_FORMAT, "comma");
    assert_error(load_set("years=2030,x"), ERR_FORMAT, "'x'");
    assert_error(load_set("years=2040,2030"), ERR_RANGE, "2030");
    assert_error(load_set("years=2030,2030"), ERR_RANGE, "twice");
    assert_error(load_set("measures=[1]"), ERR_FORMAT, "--set");
    assert_error(load_set("measures=[{kind"), ERR_FORMAT, "--set");
    assert_error(load_set("title=\xff"), ERR_FORMAT, "UTF-8");
}

// --- the effective scenario
// ---------------------------------------------------------------------------------------------

static void check_same(const scenario *a, const scenario *b) {
    uint32_t count = 0;
    const scenario_field *fields = scenario_fields(&count);
    for (uint32_t i = 0; i < count; i++) {
        size_t at = fields[i].offset;
        if (fields[i].type == SCENARIO_NUMBER) {
            assert_memory_equal((const char *)a + at, (const char *)b + at, sizeof(double));
        } else if (fields[i].type == SCENARIO_PATH) {
            const char *x, *y;
            memcpy(&x, (const char *)a + at, sizeof x);
            memcpy(&y, (const char *)b + at, sizeof y);
            assert_string_equal(x, y);
        }
    }
    for (int p = 0; p < PURPOSE_COUNT; p++) {
        assert_memory_equal(&a->purpose[p], &b->purpose[p], offsetof(purpose_params, profile_out));
        assert_string_equal(a->purpose[p].profile_out, b->purpose[p].profile_out);
        assert_string_equal(a->purpose[p].profile_return, b->purpose[p].profile_return);
    }
    assert_int_equal(a->year_count, b->year_count);
    assert_memory_equal(a->year, b->year, a->year_count * sizeof *a->year);
    assert_int_equal(a->measure_count, b->measure_count);
    for (uint32_t i = 0; i < a->measure_count; i++) {
        assert_int_equal(a->measure[i].kind, b->measure[i].kind);
        assert_memory_equal(&a->measure[i].value, &b->measure[i].value, sizeof(double));
        assert_int_equal(a->measure[i].target_count, b->measure[i].target_count);
        assert_string_equal(a->measure[i].source, b->measure[i].source);
    }
    assert_int_equal(a->programme_count, b->programme_count);
}

static void loads_the_effective_scenario_to_the_same_values(void **state) {
    (void)state;
    const char *const set[] = {"choice.work.cost_per_nok=-0.1234567890123456789", "people.visitors=1e-7",
                               "title=Ås \"quoted\" \\ back\tslash # no comment: {", "choice.car_cost_nok_per_km=0.1",
                               "seed=4294967295"};
    scenario again;
    assert_ok(load_named("plan.yaml", set, 5, &f.s));
    io_case_write_text(f.folder, "effective.yaml", f.s.effective_yaml);
    assert_ok(load_named("effective.yaml", NULL, 0, &again));
    check_same(&f.s, &again);
    assert_string_equal(again.title, "Ås \"quoted\" \\ back\tslash # no comment: {");
    assert_string_equal(f.s.effective_yaml, again.effective_yaml);
}

// add_measures keeps those of the scenario below, with their timetable's folder; twice below each other adds twice.
static void adds_measures_to_those_of_the_scenario_below(void **state) {
    (void)state;
    io_case_write_text(f.folder, "more.yaml",
                       "title: More\nbased_on: plan.yaml\nadd_measures:\n"
                       "  - {kind: junction, start_year: 2030, text: roundabout, targets: [b], source: test}\n");
    io_case_write_text(f.folder, "most.yaml",
                       "title: Most\nbased_on: more.yaml\nadd_measures:\n"
                       "  - {kind: frequency, start_year: 2031, value: 2, targets: [bus], source: test}\n");
    assert_ok(load_named("most.yaml", NULL, 0, &f.s));
    assert_int_equal(f.s.measure_count, 6);
    assert_int_equal(f.s.measure[0].kind, MEASURE_PARKING_PRICE);
    assert_int_equal(f.s.measure[2].kind, MEASURE_TRANSIT);
    assert_int_equal(f.s.measure[4].kind, MEASURE_JUNCTION);
    assert_string_equal(f.s.measure[4].text, "roundabout");
    assert_int_equal(f.s.measure[5].kind, MEASURE_FREQUENCY);
    scenario again;
    io_case_write_text(f.folder, "effective.yaml", f.s.effective_yaml);
    assert_ok(load_named("effective.yaml", NULL, 0, &again));
    check_same(&f.s, &again);
    assert_string_equal(f.s.effective_yaml, again.effective_yaml);
    const char *const set[] = {"add_measures=[{kind: fuel_factor, start_year: 2030, value: 2, source: test}]"};
    assert_ok(load_named("most.yaml", set, 1, &f.s));
    assert_int_equal(f.s.measure_count, 7);
    write_and_fail("both.yaml", "based_on: plan.yaml\nmeasures: []\nadd_measures: []\n", ERR_FORMAT,
                   "both.yaml:3:1: 'add_measures' and 'measures' (line 2) in one file");
    write_and_fail("both.yaml", "based_on: plan.yaml\nadd_measures: []\nmeasures: []\n", ERR_FORMAT, "both.yaml:3:1");
    write_and_fail("bad.yaml", "based_on: plan.yaml\nadd_measures:\n  - {kind: junctions}\n", ERR_FORMAT,
                   "bad.yaml:3:");
}

static void writes_no_folder_of_this_machine(void **state) {
    (void)state;
    char content[IO_CASE_PATH_BYTES * 3];
    snprintf(content, sizeof content, "title: Far\nbased_on: %s/plan.yaml\nnetwork: %s/network/\n", f.folder, f.folder);
    io_case_write_text(f.folder, "far.yaml", content);
    assert_ok(load_named("far.yaml", NULL, 0, &f.s));
    assert_null(strstr(f.s.effective_yaml, f.folder));
    assert_null(strstr(f.s.effective_yaml, "/tmp"));
    assert_non_null(strstr(f.s.effective_yaml, "network: \"network\"\n"));
    assert_non_null(strstr(f.s.effective_yaml, "zones: \"zones.csv\"\n"));
}

static void writes_the_same_bytes_for_the_same_content(void **state) {
    (void)state;
    assert_ok(load_named("plan.yaml", NULL, 0, &f.s));
    const char *first = f.s.effective_yaml;
    // another order, other spelling of numbers, comments
    edit("today.yaml", "active: {walk_speed_kmh: 5, cycle_speed_kmh: 16,",
         "# speeds\nactive: {cycle_speed_kmh: 1.6e1, walk_speed_kmh: 5.000,");
    assert_ok(load_named("plan.yaml", NULL, 0, &f.s));
    assert_string_equal(first, f.s.effective_yaml);
    assert_ok(load_set("seed=8"));
    assert_string_not_equal(first, f.s.effective_yaml);
}

// --- what is refused
// ------------------------------------------------------------------------------------------------------

static void finds_circles_of_based_on(void **state) {
    (void)state;
    io_case_write_text(f.folder, "a.yaml", "title: A\nbased_on: ./b.yaml\n");
    io_case_write_text(f.folder, "b.yaml", "title: B\n\nbased_on: a.yaml\n");
    assert_error(load_named("a.yaml", NULL, 0, &f.s), ERR_REFERENCE, "b.yaml:3:11: ");
    assert_error(load_named("a.yaml", NULL, 0, &f.s), ERR_REFERENCE, "circle");
    write_and_fail("self.yaml", "based_on: self.yaml\n", ERR_REFERENCE, "self.yaml:1:");
}

static void names_both_files_when_a_base_is_missing(void **state) {
    (void)state;
    write_and_fail("x.yaml", "title: X\nbased_on: nowhere.yaml\n", ERR_FILE, "nowhere.yaml");
    assert_non_null(strstr(err_message(), "x.yaml:2:11"));
}

static void bounds_a_chain_of_scenarios(void **state) {
    (void)state;
    for (int i = 0; i < 30; i++) {
        char name[32], content[64];
        snprintf(name, sizeof name, "c%d.yaml", i);
        snprintf(content, sizeof content, "based_on: c%d.yaml\n", i + 1);
        io_case_write_text(f.folder, name, content);
    }
    assert_error(load_named("c0.yaml", NULL, 0, &f.s), ERR_REFERENCE, "more than");
}

static void names_the_first_required_key_that_is_missing(void **state) {
    (void)state;
    write_and_fail("bare.yaml", "title: Bare\n", ERR_FORMAT, "'today_year'");
    edit("today.yaml", "  pt_wait_weight: 1.4\n", "");
    assert_error(load_named("plan.yaml", NULL, 0, &f.s), ERR_FORMAT, "'choice.pt_wait_weight'");
    edit("today.yaml", "zones: zones.csv\n", "");
    assert_error(load_named("plan.yaml", NULL, 0, &f.s), ERR_FORMAT, "'zones'");
    edit("today.yaml", "title: Tiny today\n", "");
    assert_error(load_named("today.yaml", NULL, 0, &f.s), ERR_FORMAT, "'title'");
    edit("today.yaml", "asc_cycle: -1,", "");
    assert_error(load_named("plan.yaml", NULL, 0, &f.s), ERR_FORMAT, "'choice.work.asc_cycle'");
}

static void refuses_yaml_beyond_plain_values(void **state) {
    (void)state;
    write_and_fail("y.yaml", "title: &t X\n", ERR_FORMAT, "y.yaml:1:");
    write_and_fail("y.yaml", "title: X\nseed: *t\n", ERR_FORMAT, "y.yaml:2:");
    write_and_fail("y.yaml", "title: !!int 5\n", ERR_FORMAT, "tags");
    write_and_fail("y.yaml", "title: X\n---\ntitle: Y\n", ERR_FORMAT, "second YAML document");
    write_and_fail("y.yaml", "? [a, b]\n: c\n", ERR_FORMAT, "key");
    write_and_fail("y.yaml", "- title\n", ERR_FORMAT, "a list");
    write_and_fail("y.yaml", "title\n", ERR_FORMAT, "a single value");
    write_and_fail("y.yaml", "# nothing\n", ERR_FORMAT, "y.yaml:1:");
    write_and_fail("y.yaml", "  \n\n", ERR_FORMAT, "empty");
    write_and_fail("y.yaml", "title: \"a\\0b\"\n", ERR_FORMAT, "y.yaml:1:");
    write_and_fail("y.yaml", "a: [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]\n", ERR_FORMAT, "nested");
    write_and_fail("y.yaml", "title: X\n\tseed: 1\n", ERR_FORMAT, "y.yaml:");
    write_and_fail("y.yaml", "title: [X\nseed: 1\n", ERR_FORMAT, "y.yaml:");
    char *deep = malloc(200002);
    assert_non_null(deep);
    memset(deep, '[', 200000);
    strcpy(deep + 200000, "\n");
    write_and_fail("y.yaml", deep, ERR_FORMAT, "y.yaml:1:");
    free(deep);
}

static void finds_a_key_given_twice_in_two_ways(void **state) {
    (void)state;
    write_and_fail("d.yaml", "title: X\nseed: 1\nseed: 2\n", ERR_FORMAT, "d.yaml:3:1: 'seed' is given twice");
    write_and_fail("d.yaml", "verdict: {confidence: 0.9}\nverdict.confidence: 0.9\n", ERR_FORMAT, "d.yaml:2:1: ");
}

static err_code load(const char *folder, arena *a) {
    char path[IO_CASE_PATH_BYTES];
    io_case_path(path, folder, "plan.yaml");
    scenario s;
    return scenario_yaml_load(path, NULL, 0, a, &s);
}

#define TODAY "today.yaml"
#define PLAN "plan.yaml"
static const io_bad_case bad[] = {
    {"no scenario", PLAN, IO_BAD_MISSING, .code = ERR_FILE},
    {"no base", TODAY, IO_BAD_MISSING, .code = ERR_FILE, .message = {"plan.yaml:3:11: based_on"}},
    {"empty scenario", PLAN, IO_BAD_EMPTY, .code = ERR_FORMAT, .line = 1, .message = {"empty"}},
    {"empty base", TODAY, IO_BAD_EMPTY, .code = ERR_FORMAT, .line = 1, .message = {"empty"}},
    {"NUL byte", PLAN, IO_BAD_NUL, .code = ERR_FORMAT, .line = 2, .message = {"NUL"}},
    {"not UTF-8", PLAN, IO_BAD_UTF8, .code = ERR_FORMAT, .line = 2, .message = {"UTF-8"}},
    {"not UTF-8 base", TODAY, IO_BAD_UTF8, .code = ERR_FORMAT, .line = 2, .message = {"UTF-8"}},
    {"long line", PLAN, IO_BAD_LONG_LINE, .code = ERR_FORMAT, .line = 2, .message = {"longer"}},
    {"cut in a list", PLAN, IO_BAD_CUT, "{kind: parking_price, start_year: 2028", .code = ERR_FORMAT},
    IO_BAD("unknown key", TODAY, "service_date", "service_dato", ERR_FORMAT, 3, "did you mean 'service_date'"),
    IO_BAD("unknown key far from any", TODAY, "service_date", "weather", ERR_FORMAT, 3, "no key 'weather'",
           "household_seed"),
    IO_BAD("unknown key in a group", TODAY, "  ev_share:", "  ev_shear:", ERR_FORMAT, 27, "'choice'"),
    IO_BAD("unknown key of a purpose", TODAY, "asc_walk", "asc_wolk", ERR_FORMAT, 30, "did you mean 'asc_walk'",
           "choice.work"),
    IO_BAD("unknown dotted key", TODAY, "transit.walk_max_m", "transit.walk_max_km", ERR_FORMAT, 16,
           "did you mean 'walk_max_m'"),
    IO_BAD("letters for a number", TODAY, "walk_speed_kmh: 5", "walk_speed_kmh: five", ERR_FORMAT, 14,
           "'active.walk_speed_kmh'", "five"),
    IO_BAD("number with a unit", TODAY, "walk_speed_kmh: 5", "walk_speed_kmh: 5 km/h", ERR_FORMAT, 14, "5 km/h"),
    IO_BAD("decimal comma", TODAY, "pt_walk_weight: 1.6", "pt_walk_weight: 1,6", ERR_FORMAT, 18, "decimal comma"),
    IO_BAD("quoted number", TODAY, "today_year: 2023", "today_year: \"2023\"", ERR_FORMAT, 2, "quotes"),
    IO_BAD("octal number", TODAY, "today_year: 2023", "today_year: 0o17", ERR_FORMAT, 2, "0o17"),
    IO_BAD("half a year", TODAY, "today_year: 2023", "today_year: 2023.5", ERR_FORMAT, 2, "whole number"),
    IO_BAD("list for a number", TODAY, "today_year: 2023", "today_year: [2023]", ERR_FORMAT, 2, "a list"),
    IO_BAD("nothing for a number", TODAY, "today_year: 2023", "today_year:", ERR_FORMAT, 2, "nothing"),
    IO_BAD("out of range", TODAY, "walk_speed_kmh: 5", "walk_speed_kmh: 50", ERR_RANGE, 14, "from 2 to 8"),
    IO_BAD("number for a group", TODAY,
           "active: {walk_speed_kmh: 5, cycle_speed_kmh: 16, ecycle_speed_kmh: 20, cycle_uphill_kmh_per_pct: 1.5,\n    "
           "     cycle_downhill_kmh_per_pct: 1}",
           "active: 5", ERR_FORMAT, 14, "group of keys"),
    IO_BAD("not a date", TODAY, "2023-10-18", "18.10.2023", ERR_FORMAT, 3, "YYYY-MM-DD"),
    IO_BAD("30 February", TODAY, "2023-10-18", "2023-02-30", ERR_FORMAT, 3, "2023-02-30"),
    IO_BAD("path that is a list", TODAY, "zones: zones.csv", "zones: [zones.csv]", ERR_FORMAT, 6, "'zones'"),
    IO_BAD("path that is empty", TODAY, "zones: zones.csv", "zones: \"\"", ERR_FORMAT, 6, "'zones'"),
    IO_BAD("nest above one", TODAY, "lambda_motor: 0.7", "lambda_motor: 1.7", ERR_RANGE, 31, "lambda_motor"),
    IO_BAD("years before today", PLAN, "[2030, 2040]", "[2020, 2040]", ERR_RANGE, 4, "2020"),
    IO_BAD("year in letters", PLAN, "[2030, 2040]", "[2030, soon]", ERR_FORMAT, 4, "soon"),
    IO_BAD("year twice", PLAN, "[2030, 2040]", "[2030, 2030]", ERR_RANGE, 4, "twice"),
    IO_BAD("negative seed", PLAN, "seed: 7", "seed: -7", ERR_RANGE, 5, "'seed'"),
    IO_BAD("programme without source", PLAN, ",\n     source: \"assumption: test\"", "", ERR_FORMAT, 7, "no 'source'",
           "assumption"),
    IO_BAD("programme with an empty source", PLAN, "\"assumption: test\"", "\"\"", ERR_FORMAT, 8, "'source'"),
    IO_BAD("programme of castles", PLAN, "dwelling: flat", "dwelling: castle", ERR_FORMAT, 7, "castle", "detached"),
    IO_BAD("programme of half a home", PLAN, "homes: 12", "homes: 12.5", ERR_FORMAT, 7, "whole number"),
    IO_BAD("programme of fewer than no homes", PLAN, "homes: 12", "homes: -12", ERR_RANGE, 7, "'homes'"),
    IO_BAD("programme that ends before it begins", PLAN, "to: 2030", "to: 2020", ERR_RANGE, 7, "2026"),
    IO_BAD("programme with an unknown key", PLAN, "parking_norm", "parking_nrom", ERR_FORMAT, 7,
           "did you mean 'parking_norm'"),
    IO_BAD("programme that is no list", PLAN, "programme:\n  - {", "programme:\n    {", ERR_FORMAT, 7,
           "must be a list"),
    IO_BAD("programme without an id", PLAN, "id: new_flats, ", "", ERR_FORMAT, 7, "no 'id'"),
    IO_BAD("programme id twice", PLAN, "measures:\n",
           "  - {id: new_flats, place: home_a, dwelling: flat, homes: 1, from: 2026, to: 2026, source: x}\nmeasures:\n",
           ERR_REFERENCE, 9, "'new_flats'", "line 7"),
    IO_BAD("unknown measure", PLAN, "parking_price", "parking_prize", ERR_FORMAT, 10, "did you mean 'parking_price'",
           "cordon_price"),
    IO_BAD("measure without source", PLAN, "targets: [sentrum], source: test", "targets: [sentrum]", ERR_FORMAT, 10,
           "no 'source'"),
    IO_BAD("measure without value", PLAN, "value: 30, ", "", ERR_FORMAT, 10, "'value'"),
    IO_BAD("measure without targets", PLAN, "targets: [sentrum], ", "", ERR_FORMAT, 10, "'targets'"),
    IO_BAD("measure with no targets", PLAN, "[sentrum]", "[]", ERR_FORMAT, 10, "'targets'"),
    IO_BAD("measure with one target, no list", PLAN, "[sentrum]", "sentrum", ERR_FORMAT, 10, "must be a list"),
    IO_BAD("negative price", PLAN, "value: 30", "value: -30", ERR_RANGE, 10, "NOK"),
    IO_BAD("measure with a value it has no use for", PLAN, "targets: [bc]", "targets: [bc], value: 3", ERR_FORMAT, 13,
           "means nothing"),
    IO_BAD("unknown cycle facility", PLAN, "text: lane", "text: line", ERR_FORMAT, 11, "did you mean 'lane'",
           "path_own"),
    IO_BAD("measure in letters", PLAN, "start_year: 2030", "start_year: later", ERR_FORMAT, 12, "later"),
    IO_BAD("text for a measure", PLAN, "- {kind: close_link, start_year: 2040, targets: [bc], source: test}",
           "- close_link", ERR_FORMAT, 13, "group of keys"),
};

static void locates_every_kind_of_bad_input(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        io_bad_check(&bad[i], f.folder, load);
    }
    assert_ok(load(f.folder, &f.a));
}

static void survives_a_lack_of_memory_anywhere(void **state) {
    (void)state;
    io_bad_starve(f.folder, load, 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(reads_values_defaults_and_paths),
        TEST(takes_the_rest_from_the_scenario_it_is_based_on),
        TEST(reads_programme_and_measures),
        TEST(adds_measures_to_those_of_the_scenario_below),
        TEST(replaces_whole_lists_of_the_scenario_below),
        TEST(resolves_names_against_the_file_that_says_them),
        TEST(reads_a_scenario_in_the_current_folder),
        TEST(keeps_no_as_a_text),
        TEST(overrides_come_last),
        TEST(takes_one_year_or_none_by_override),
        TEST(checks_overrides_like_file_content),
        TEST(loads_the_effective_scenario_to_the_same_values),
        TEST(writes_no_folder_of_this_machine),
        TEST(writes_the_same_bytes_for_the_same_content),
        TEST(finds_circles_of_based_on),
        TEST(names_both_files_when_a_base_is_missing),
        TEST(bounds_a_chain_of_scenarios),
        TEST(names_the_first_required_key_that_is_missing),
        TEST(refuses_yaml_beyond_plain_values),
        TEST(finds_a_key_given_twice_in_two_ways),
        TEST(locates_every_kind_of_bad_input),
        TEST(survives_a_lack_of_memory_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
