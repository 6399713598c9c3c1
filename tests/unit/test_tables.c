#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "io/gmns.h"
#include "io/project.h"
#include "io/scenario_yaml.h"
#include "io/tables.h"
#include "io_bad.h"
#include "io_case.h"
#include "support.h"

typedef struct fixture {
    char folder[IO_CASE_PATH_BYTES];
    arena a;
    scenario s;
    network n;
    zone_system z;
    synth_input people;
} fixture;

static fixture f;

static int set_up(void **state) {
    (void)state;
    io_case_create(f.folder);
    arena_init(&f.a);
    char path[IO_CASE_PATH_BYTES];
    io_case_path(path, f.folder, "today.yaml");
    assert_ok(scenario_yaml_load(path, NULL, 0, &f.a, &f.s));
    assert_ok(gmns_load(f.s.network_dir, &f.a, &f.n));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(&f.a);
    io_case_remove(f.folder);
    return 0;
}

static void edit(const char *file, const char *find, const char *replace) {
    char *content = io_case_edit(file, find, replace);
    io_case_write_text(f.folder, file, content);
    free(content);
}

static void load_zones(void) {
    assert_ok(tables_load_zones(&f.s, &f.n, &f.a, &f.z));
}

static void reads_zones_with_defaults_for_empty_cells(void **state) {
    (void)state;
    load_zones();
    assert_int_equal(f.z.zone.count, 3);
    assert_string_equal(f.z.zone.id[0], "sentrum");
    assert_string_equal(f.z.zone.area[1], "rural");
    assert_int_equal(f.z.zone.outside[2], 1);
    assert_near(f.z.zone.parking_nok[0], 10, 0);
    assert_near(f.z.zone.parking_nok[1], 0, 0);
    assert_near(f.z.zone.parking_search_s[2], 120, 0);
    assert_int_equal(idmap_find(&f.z.zone_map, "rest"), 1);
}

static void attaches_places_to_zones_and_nodes(void **state) {
    (void)state;
    load_zones();
    assert_int_equal(f.z.place.count, 3);
    uint32_t work = idmap_find(&f.z.place_map, "work_b");
    assert_int_equal(f.z.place.kind[work], PLACE_WORK);
    assert_int_equal(f.z.place.zone_ix[work], 1);
    assert_int_equal(f.z.place.node_ix[work], network_find_node(&f.n, "b"));
    assert_near(f.z.place.size[work], 25, 0);
    assert_near(f.z.place.parking_norm[0], -1, 0);  // empty: no limit
}

static void projects_areas_to_metres(void **state) {
    (void)state;
    load_zones();
    assert_int_equal(f.z.polygon_count, 2);
    const zone_polygon *centre = zone_find_polygon(&f.z, "sentrum");
    assert_non_null(centre);
    assert_int_equal(centre->point_count, 4);  // the repeated last point is left out
    double lon = 10.695, lat = 59.595, x_m = 0, y_m = 0;
    assert_ok(project_to_utm32(&lon, &lat, 1, &x_m, &y_m));
    assert_near(centre->x_m[0], x_m, 1e-6);
    assert_near(centre->y_m[0], y_m, 1e-6);
    uint32_t a = network_find_node(&f.n, "a"), b = network_find_node(&f.n, "b");
    assert_true(zone_polygon_contains(centre, f.n.node.x_m[a], f.n.node.y_m[a]));
    assert_false(zone_polygon_contains(centre, f.n.node.x_m[b], f.n.node.y_m[b]));
}

static void reads_counts_that_may_be_empty(void **state) {
    (void)state;
    load_zones();
    assert_int_equal(f.z.count_point_count, 2);
    const zone_count_point *p = &f.z.count_point[0];
    assert_int_equal(p->link_count, 2);
    assert_int_equal(p->link_ix[0], network_find_link(&f.n, "ab"));
    assert_int_equal(p->link_ix[1], network_find_link(&f.n, "ab-r"));
    assert_near(p->weekday_vehicles, 3000, 0);
    assert_near(p->heavy_share, 0.08, 0);
    assert_true(p->sentrum_cordon && !p->through);
    assert_true(f.z.count_point[1].weekday_vehicles < 0 && f.z.count_point[1].heavy_share < 0);
}

static void reads_flows_with_their_profile(void **state) {
    (void)state;
    load_zones();
    assert_int_equal(f.z.flow_count, 2);
    assert_int_equal(f.z.flow[0].vehicle, VEHICLE_CAR);
    assert_int_equal(f.z.flow[0].traveller, SEGMENT_THROUGH);
    assert_int_equal(f.z.flow[1].vehicle, VEHICLE_LORRY);
    assert_int_equal(f.z.flow[1].traveller, SEGMENT_VISITOR);
    assert_near(f.z.flow[0].growth_pct_per_year, 1.5, 0);
    assert_near(f.z.flow[1].growth_pct_per_year, 0, 0);
    assert_int_equal(f.z.flow[1].from_node_ix, network_find_node(&f.n, "a"));
}

static void makes_shares_of_a_profile_add_up_to_one(void **state) {
    (void)state;
    load_zones();
    double sum = 0;
    for (int h = 0; h < 24; h++) {
        sum += f.z.profile[0].share[h];
    }
    assert_near(sum, 1, 1e-12);
    assert_near(f.z.profile[0].share[7], 0.2 / 1.01, 1e-12);
}

static void reads_kinds_of_household_and_margins(void **state) {
    (void)state;
    assert_ok(tables_load_people(&f.s, &f.a, &f.people));
    assert_int_equal(f.people.kind_count, 2);
    const synth_kind *family = &f.people.kind[1];
    assert_string_equal(family->id, "family");
    assert_int_equal(family->size, 4);
    assert_int_equal(family->persons[AGE_6_15], 1);
    assert_near(family->weight, 8, 0);
    assert_near(family->dwelling_weight[0], 5, 0);
    assert_near(f.people.margins.households_by_size[0], 0.3, 1e-12);
    assert_near(f.people.margins.persons_by_age[AGE_20_44], 0.3, 1e-12);
    assert_near(f.people.licence_rate[AGE_45_66], 0.9, 0);
}

enum { MARGINS_BYTES = 4096 };

// The case's margins with a column year (empty: today), and one margin of household sizes of later years.
static void write_later_sizes(const char *last_row) {
    char out[MARGINS_BYTES] = "";
    const char *from = io_case_files[io_case_index("margins.csv")].content;
    for (const char *line = from; *line != '\0'; line += strcspn(line, "\n") + 1) {
        size_t used = strlen(out);
        snprintf(out + used, sizeof out - used, "%.*s,%s\n", (int)strcspn(line, "\n"), line,
                 line == from ? "year" : "");
    }
    size_t used = strlen(out);
    snprintf(out + used, sizeof out - used,
             "household_size,1,0.4,test,2040\nhousehold_size,2,0.3,test,2040\nhousehold_size,3,0.1,test,2040\n"
             "household_size,4,0.1,test,2040\n%s\n",
             last_row);
    io_case_write_text(f.folder, "margins.csv", out);
}

static void reads_margins_of_later_years(void **state) {
    (void)state;
    f.s.today_year = 2023;
    write_later_sizes("household_size,5,0.1,test,2040");
    assert_ok(tables_load_people(&f.s, &f.a, &f.people));
    assert_int_equal(f.people.later_count, 1);
    assert_int_equal(f.people.later[0].year, 2040);
    assert_near(f.people.margins.households_by_size[0], 0.3, 1e-12);
    assert_near(f.people.later[0].margins.households_by_size[0], 0.4, 1e-12);
    assert_near(f.people.later[0].margins.persons_by_age[AGE_20_44], 0.3, 1e-12);  // not spoken of: as before
    assert_near(f.people.later[0].licence_rate[AGE_45_66], 0.9, 0);
    write_later_sizes("household_size,5,0.5,test,2040");
    assert_error(tables_load_people(&f.s, &f.a, &f.people), ERR_RANGE, "add up");
    write_later_sizes("licence,0_5,0,test,2040");
    assert_error(tables_load_people(&f.s, &f.a, &f.people), ERR_FORMAT, "no row with key '5'");
    write_later_sizes("household_size,5,0.1,test,2023");
    assert_error(tables_load_people(&f.s, &f.a, &f.people), ERR_RANGE, "2023 is not after today_year (2023)");
    write_later_sizes("household_size,5,0.1,test,2030");
    assert_error(tables_load_people(&f.s, &f.a, &f.people), ERR_FORMAT, "in rising order");
}

static void takes_age_keys_with_and_without_their_prefix(void **state) {
    (void)state;
    edit("margins.csv", "licence,16_19", "licence,age_16_19");
    assert_ok(tables_load_people(&f.s, &f.a, &f.people));
    assert_near(f.people.licence_rate[AGE_16_19], 0.2, 0);
}

static void accepts_tables_without_counts_and_flows(void **state) {
    (void)state;
    io_case_write_text(f.folder, "counts.csv",
                       "point_id,name,link_ids,weekday_vehicles,heavy_share,sentrum_cordon,through,source\n");
    io_case_write_text(f.folder, "flows.csv",
                       "flow_id,from_node_id,to_node_id,weekday_vehicles,vehicle,segment,profile_id,source\n");
    load_zones();
    assert_int_equal(f.z.count_point_count, 0);
    assert_int_equal(f.z.flow_count, 0);
}

static void knows_the_profiles_the_scenario_names(void **state) {
    (void)state;
    f.s.purpose[PURPOSE_SHOP].profile_out = "night";
    assert_error(tables_load_zones(&f.s, &f.n, &f.a, &f.z), ERR_REFERENCE, "choice.shop.profile_out");
}

// Network and scenario are whole in these tests: only tables are loaded again.
static err_code load(const char *folder, arena *a) {
    (void)folder;
    zone_system z;
    synth_input people;
    TRY(tables_load_zones(&f.s, &f.n, a, &z));
    return tables_load_people(&f.s, a, &people);
}

static const io_bad_case bad[] = {
    {"no zones", "zones.csv", IO_BAD_MISSING, .code = ERR_FILE},
    {"no places", "places.csv", IO_BAD_MISSING, .code = ERR_FILE},
    {"no areas", "areas.csv", IO_BAD_MISSING, .code = ERR_FILE},
    {"no counts", "counts.csv", IO_BAD_MISSING, .code = ERR_FILE},
    {"no flows", "flows.csv", IO_BAD_MISSING, .code = ERR_FILE},
    {"no profiles", "profiles.csv", IO_BAD_MISSING, .code = ERR_FILE},
    {"no seed", "household_seed.csv", IO_BAD_MISSING, .code = ERR_FILE},
    {"no margins", "margins.csv", IO_BAD_MISSING, .code = ERR_FILE},
    {"empty zones", "zones.csv", IO_BAD_EMPTY, .code = ERR_FORMAT, .message = {"empty"}},
    {"empty places", "places.csv", IO_BAD_EMPTY, .code = ERR_FORMAT, .message = {"empty"}},
    {"empty areas", "areas.csv", IO_BAD_EMPTY, .code = ERR_FORMAT, .message = {"empty"}},
    {"empty counts", "counts.csv", IO_BAD_EMPTY, .code = ERR_FORMAT, .message = {"empty"}},
    {"empty flows", "flows.csv", IO_BAD_EMPTY, .code = ERR_FORMAT, .message = {"empty"}},
    {"empty profiles", "profiles.csv", IO_BAD_EMPTY, .code = ERR_FORMAT, .message = {"empty"}},
    {"empty seed", "household_seed.csv", IO_BAD_EMPTY, .code = ERR_FORMAT, .message = {"empty"}},
    {"empty margins", "margins.csv", IO_BAD_EMPTY, .code = ERR_FORMAT, .message = {"empty"}},
    {"NUL in zones", "zones.csv", IO_BAD_NUL, .code = ERR_FORMAT, .line = 2, .message = {"NUL"}},
    {"NUL in areas", "areas.csv", IO_BAD_NUL, .code = ERR_FORMAT, .line = 2, .message = {"NUL"}},
    {"NUL in margins", "margins.csv", IO_BAD_NUL, .code = ERR_FORMAT, .line = 2, .message = {"NUL"}},
    {"not UTF-8 places", "places.csv", IO_BAD_UTF8, .code = ERR_FORMAT, .line = 2, .message = {"UTF-8"}},
    {"not UTF-8 counts", "counts.csv", IO_BAD_UTF8, .code = ERR_FORMAT, .line = 2, .message = {"UTF-8"}},
    {"not UTF-8 seed", "household_seed.csv", IO_BAD_UTF8, .code = ERR_FORMAT, .line = 2, .message = {"UTF-8"}},
    {"long line in areas", "areas.csv", IO_BAD_LONG_LINE, .code = ERR_FORMAT, .line = 2},
    {"long line in profiles", "profiles.csv", IO_BAD_LONG_LINE, .code = ERR_FORMAT, .line = 2},
    {"long line in flows", "flows.csv", IO_BAD_LONG_LINE, .code = ERR_FORMAT, .line = 2},
    {"areas cut in a quote", "areas.csv", IO_BAD_CUT, "POLYGON ((10.695 59.595,", .code = ERR_FORMAT, .line = 2},
    IO_BAD("no outside", "zones.csv", ",outside", ",ute", ERR_FORMAT, 1, "outside"),
    IO_BAD("no node_id", "places.csv", "node_id", "node", ERR_FORMAT, 1, "node_id"),
    IO_BAD("no geometry", "areas.csv", "geometry", "shape", ERR_FORMAT, 1, "geometry"),
    IO_BAD("no link_ids", "counts.csv", "link_ids", "links", ERR_FORMAT, 1, "link_ids"),
    IO_BAD("no vehicle", "flows.csv", "vehicle,seg", "kind,seg", ERR_FORMAT, 1, "'vehicle'"),
    IO_BAD("no h13", "profiles.csv", "h13", "x13", ERR_FORMAT, 1, "h13"),
    IO_BAD("no age", "household_seed.csv", "age_45_66", "age_45_67", ERR_FORMAT, 1, "age_45_66"),
    IO_BAD("no source", "margins.csv", "source", "from", ERR_FORMAT, 1, "source"),
    IO_BAD("zone twice", "zones.csv", "rest,Rest", "sentrum,Rest", ERR_REFERENCE, 3, "'sentrum'", "line 2"),
    IO_BAD("zone half outside", "zones.csv", "rural,0", "rural,0.5", ERR_FORMAT, 3, "outside"),
    IO_BAD("zone without area", "zones.csv", "rural,0", ",0", ERR_FORMAT, 3, "area"),
    IO_BAD("negative parking price", "zones.csv", ",10,60", ",-10,60", ERR_RANGE, 2, "parking_nok"),
    IO_BAD("parking price with a comma", "zones.csv", ",10,60", ",\"10,5\",60", ERR_FORMAT, 2, "decimal comma"),
    IO_BAD("place twice", "places.csv", "work_b", "home_a", ERR_REFERENCE, 3, "'home_a'"),
    IO_BAD("place in no zone", "places.csv", "work_b,,rest", "work_b,,moon", ERR_REFERENCE, 3, "'moon'", "zones.csv"),
    IO_BAD("place at no node", "places.csv", "rest,b,", "rest,z,", ERR_REFERENCE, 3, "'z'", "node.csv"),
    IO_BAD("unknown kind of place", "places.csv", ",work,", ",office,", ERR_FORMAT, 3, "office", "school_lower"),
    IO_BAD("negative size", "places.csv", ",25,-1", ",-25,-1", ERR_RANGE, 3, "size"),
    IO_BAD("size in letters", "places.csv", ",25,-1", ",many,-1", ERR_FORMAT, 3, "many"),
    IO_BAD("half a parking norm below zero", "places.csv", ",25,-1", ",25,-0.5", ERR_RANGE, 3, "parking_norm"),
    IO_BAD("area twice", "areas.csv", "municipality,All", "sentrum,All", ERR_REFERENCE, 3, "'sentrum'"),
    IO_BAD("no municipality", "areas.csv", "municipality,All", "kommune,All", ERR_REFERENCE, 3, "'municipality'"),
    IO_BAD("open ring", "areas.csv", ", 10.695 59.595))", "))", ERR_FORMAT, 2, "not closed"),
    IO_BAD("ring without area", "areas.csv", "(10.6 59.5,10.715 59.5,10.715 59.7,10.6 59.7,10.6 59.5)",
           "(10.6 59.5,10.7 59.6,10.65 59.55,10.6 59.5)", ERR_RANGE, 3, "no area"),
    IO_BAD("ring with a hole", "areas.csv", "10.6 59.5))", "10.6 59.5),(10.6 59.5,10.7 59.6,10.6 59.5))", ERR_FORMAT, 3,
           "hole"),
    IO_BAD("latitude first", "areas.csv", "10.6 59.7,", "59.7 190.6,", ERR_RANGE, 3, "latitude"),
    IO_BAD("coordinate missing", "areas.csv", "10.6 59.7,", "10.6,", ERR_FORMAT, 3, "latitude"),
    IO_BAD("letters in a polygon", "areas.csv", "10.6 59.7,", "10.6 north,", ERR_FORMAT, 3, "north"),
    IO_BAD("not a polygon", "areas.csv", "POLYGON((10.6 59.5", "POINT((10.6 59.5", ERR_FORMAT, 3, "POLYGON"),
    IO_BAD("text behind a polygon", "areas.csv", "10.6 59.5))", "10.6 59.5)) x", ERR_FORMAT, 3, "POLYGON"),
    IO_BAD("unknown link", "counts.csv", "ab ab-r", "ab xy", ERR_REFERENCE, 2, "'xy'", "link.csv"),
    IO_BAD("link twice", "counts.csv", "ab ab-r", "ab ab", ERR_REFERENCE, 2, "twice"),
    IO_BAD("no links", "counts.csv", "ab ab-r", " ", ERR_FORMAT, 2, "link_ids"),
    IO_BAD("count twice", "counts.csv", "p2,East", "p1,East", ERR_REFERENCE, 3, "'p1'"),
    IO_BAD("negative count", "counts.csv", "3000", "-3000", ERR_RANGE, 2, "weekday_vehicles"),
    IO_BAD("share above one", "counts.csv", "0.08", "8", ERR_RANGE, 2, "heavy_share"),
    IO_BAD("through and cordon", "counts.csv", "0.08,1,0", "0.08,1,1", ERR_INFEASIBLE, 2, "through"),
    IO_BAD("count without source", "counts.csv", "0.08,1,0,test", "0.08,1,0,", ERR_FORMAT, 2, "source"),
    IO_BAD("flow twice", "flows.csv", "f2,a", "f1,a", ERR_REFERENCE, 3, "'f1'"),
    IO_BAD("flow from nowhere", "flows.csv", "f2,a", "f2,z", ERR_REFERENCE, 3, "'z'"),
    IO_BAD("flow on the spot", "flows.csv", "f2,a,c", "f2,a,a", ERR_REFERENCE, 3, "same node"),
    IO_BAD("flow of bicycles", "flows.csv", "lorry", "bicycle", ERR_FORMAT, 3, "bicycle", "car, lorry"),
    IO_BAD("flow of residents", "flows.csv", "visitor", "resident", ERR_FORMAT, 3, "resident", "through"),
    IO_BAD("flow without its profile", "flows.csv", "visitor,day", "visitor,night", ERR_REFERENCE, 3, "'night'",
           "profiles.csv"),
    IO_BAD("negative flow", "flows.csv", ",80,", ",-80,", ERR_RANGE, 3, "weekday_vehicles"),
    IO_BAD("profile of half a day", "profiles.csv", "0.1,0.2,0.1", "0.1,0,0", ERR_RANGE, 2, "'day'", "add up"),
    IO_BAD("negative share", "profiles.csv", "0.1,0.2,0.1", "0.1,-0.2,0.1", ERR_RANGE, 2, "h07"),
    IO_BAD("kind twice", "household_seed.csv", "family,8", "single,8", ERR_REFERENCE, 3, "'single'"),
    IO_BAD("kind without weight", "household_seed.csv", "family,8", "family,0", ERR_RANGE, 3, "weight"),
    IO_BAD("kind with half a child", "household_seed.csv", "family,8,1", "family,8,0.5", ERR_FORMAT, 3, "age_0_5"),
    IO_BAD("kind without people", "household_seed.csv", "single,10,0,0,0,1", "single,10,0,0,0,0", ERR_RANGE, 2,
           "0 persons"),
    IO_BAD("kind of children only", "household_seed.csv", "1,1,0,2,0", "1,1,0,0,0", ERR_INFEASIBLE, 3, "'family'"),
    IO_BAD("kind without a home", "household_seed.csv", ",5,3,1,test", ",0,0,0,test", ERR_INFEASIBLE, 3, "'family'"),
    IO_BAD("unknown margin", "margins.csv", "age,0_5", "ages,0_5", ERR_FORMAT, 7, "'ages'", "household_size"),
    IO_BAD("unknown key", "margins.csv", "age,0_5", "age,0_4", ERR_FORMAT, 7, "'0_4'", "80_plus"),
    IO_BAD("margin twice", "margins.csv", "age,6_15", "age,0_5", ERR_REFERENCE, 8, "twice"),
    IO_BAD("margin left out", "margins.csv", "licence,80_plus,0.5,test\n", "", ERR_FORMAT, 19, "'80_plus'"),
    IO_BAD("shares above one", "margins.csv", "age,20_44,0.3", "age,20_44,0.9", ERR_RANGE, 20, "add up"),
    IO_BAD("licence above one", "margins.csv", "licence,45_66,0.9", "licence,45_66,90", ERR_RANGE, 18, "value"),
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
        TEST(reads_zones_with_defaults_for_empty_cells),
        TEST(attaches_places_to_zones_and_nodes),
        TEST(projects_areas_to_metres),
        TEST(reads_counts_that_may_be_empty),
        TEST(reads_flows_with_their_profile),
        TEST(makes_shares_of_a_profile_add_up_to_one),
        TEST(reads_kinds_of_household_and_margins),
        TEST(reads_margins_of_later_years),
        TEST(takes_age_keys_with_and_without_their_prefix),
        TEST(accepts_tables_without_counts_and_flows),
        TEST(knows_the_profiles_the_scenario_names),
        TEST(locates_every_kind_of_bad_input),
        TEST(survives_a_lack_of_memory_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
