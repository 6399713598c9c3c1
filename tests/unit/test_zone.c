#include "world/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "support.h"

static arena memory;

static int start(void **state) {
    (void)state;
    arena_init(&memory);
    return 0;
}

static int stop(void **state) {
    (void)state;
    arena_free(&memory);
    return 0;
}

static zone_polygon rectangle(const char *id, double x0, double y0, double x1, double y1) {
    double *x = arena_alloc(&memory, 4, sizeof *x), *y = arena_alloc(&memory, 4, sizeof *y);
    assert_true(x != NULL && y != NULL);
    const double xs[4] = {x0, x1, x1, x0}, ys[4] = {y0, y0, y1, y1};
    memcpy(x, xs, sizeof xs);
    memcpy(y, ys, sizeof ys);
    return (zone_polygon){.id = id, .name = id, .point_count = 4, .x_m = x, .y_m = y};
}

// A line n0 .. n6 of 100 m; sentrum holds n2 and n3, the municipality n1 .. n4 and what lies around them.
static void small_world(zone_system *z, network *n) {
    support_line_network(&memory, n, 6, 100, 50, 1800);
    assert_ok(zone_alloc(z, &memory, 2, 3));
    static const char *const zone_id[2] = {"sentrum", "oslo"}, *const place_id[3] = {"home", "shop", "job"};
    static const uint8_t kind[3] = {PLACE_HOME_FLAT, PLACE_SHOP, PLACE_WORK};
    for (uint32_t i = 0; i < 2; i++) {
        z->zone.id[i] = z->zone.name[i] = z->zone.area[i] = zone_id[i];
        z->zone.outside[i] = (uint8_t)i;
    }
    for (uint32_t i = 0; i < 3; i++) {
        z->place.id[i] = place_id[i];
        z->place.name[i] = "";
        z->place.zone_ix[i] = i / 2;
        z->place.node_ix[i] = 2 * i;
        z->place.kind[i] = kind[i];
        z->place.size[i] = 10;
        z->place.parking_norm[i] = -1;
    }
    static zone_polygon polygon[2];
    static zone_count_point point;
    static zone_flow flow;
    static zone_profile profile;
    polygon[0] = rectangle("sentrum", 600150, 6599900, 600350, 6600100);
    polygon[1] = rectangle("municipality", 600040, 6599000, 600460, 6601000);
    point = (zone_count_point){.id = "p", .name = "", .link_ix = {1, 2}, .link_count = 2, .sentrum_cordon = true};
    flow = (zone_flow){.id = "f", .to_node_ix = 6, .weekday_vehicles = 100, .traveller = SEGMENT_THROUGH};
    profile = (zone_profile){.id = "even"};
    for (int h = 0; h < 24; h++) {
        profile.share[h] = 1.0 / 24;
    }
    z->polygon = polygon;
    z->polygon_count = 2;
    z->count_point = &point;
    z->count_point_count = 1;
    z->flow = &flow;
    z->flow_count = 1;
    z->profile = &profile;
    z->profile_count = 1;
}

static void a_sound_world_is_accepted_and_found(void **state) {
    (void)state;
    zone_system z;
    network n;
    small_world(&z, &n);
    assert_ok(zone_build(&z, &memory));
    assert_ok(zone_validate(&z, &n));
    assert_int_equal(idmap_find(&z.zone_map, "oslo"), 1);
    assert_int_equal(idmap_find(&z.place_map, "job"), 2);
    assert_string_equal(zone_find_polygon(&z, "municipality")->id, "municipality");
    assert_null(zone_find_polygon(&z, "green_boundary"));
    assert_int_equal(zone_find_profile(&z, "even"), 0);
    assert_int_equal(zone_find_profile(&z, "odd"), IX_NONE);
}

static void rejects_duplicate_ids(void **state) {
    (void)state;
    zone_system z;
    network n;
    small_world(&z, &n);
    z.zone.id[1] = "sentrum";
    assert_error(zone_build(&z, &memory), ERR_REFERENCE, "zone id 'sentrum' is used twice");
    small_world(&z, &n);
    z.place.id[2] = "home";
    assert_error(zone_build(&z, &memory), ERR_REFERENCE, "place id 'home' is used twice");
    small_world(&z, &n);
    z.polygon[1].id = "sentrum";
    assert_error(zone_validate(&z, &n), ERR_REFERENCE, "area id 'sentrum' is used twice");
}

#define EXPECT_INVALID(change, code, message)               \
    do {                                                    \
        zone_system z;                                      \
        network n;                                          \
        small_world(&z, &n);                                \
        change;                                             \
        assert_error(zone_validate(&z, &n), code, message); \
    } while (0)

static void names_the_row_whose_values_are_wrong(void **state) {
    (void)state;
    EXPECT_INVALID(z.place.zone_ix[1] = 2, ERR_REFERENCE, "place 'shop': its zone");
    EXPECT_INVALID(z.place.node_ix[1] = 7, ERR_REFERENCE, "place 'shop': its node");
    EXPECT_INVALID(z.place.kind[1] = PLACE_KIND_COUNT, ERR_RANGE, "place 'shop': kind");
    EXPECT_INVALID(z.place.size[1] = -1, ERR_RANGE, "place 'shop': size");
    EXPECT_INVALID(z.place.size[1] = NAN, ERR_RANGE, "place 'shop': size");
    EXPECT_INVALID(z.place.parking_norm[0] = (float)-0.5, ERR_RANGE, "place 'home': parking_norm");
    EXPECT_INVALID(z.zone.parking_nok[1] = -1, ERR_RANGE, "zone 'oslo': parking_nok");
    EXPECT_INVALID(z.zone.outside[1] = 2, ERR_RANGE, "zone 'oslo': outside");
    EXPECT_INVALID(z.zone.count = 0, ERR_RANGE, "there are no zones");
    EXPECT_INVALID(z.polygon[0].point_count = 2, ERR_RANGE, "area 'sentrum': a polygon needs 3");
    EXPECT_INVALID(z.polygon[0].x_m[3] = (double)INFINITY, ERR_RANGE, "area 'sentrum': corner 3");
    EXPECT_INVALID(z.count_point[0].link_ix[1] = 6, ERR_REFERENCE, "counting point 'p': a link");
    EXPECT_INVALID(z.count_point[0].link_count = 5, ERR_RANGE, "counting point 'p': has 5 links");
    EXPECT_INVALID(z.count_point[0].through = true, ERR_INFEASIBLE, "counting point 'p': through traffic");
    EXPECT_INVALID(z.flow[0].from_node_ix = 7, ERR_REFERENCE, "flow 'f': one of its nodes");
    EXPECT_INVALID(z.flow[0].weekday_vehicles = -1, ERR_RANGE, "flow 'f': weekday_vehicles");
    EXPECT_INVALID(z.flow[0].profile = 1, ERR_REFERENCE, "flow 'f': its profile");
    EXPECT_INVALID(z.flow[0].traveller = SEGMENT_RESIDENT, ERR_RANGE, "flow 'f': segment");
    EXPECT_INVALID(z.flow[0].vehicle = VEHICLE_CLASS_COUNT, ERR_RANGE, "flow 'f': its vehicle");
    EXPECT_INVALID(z.profile[0].share[3] = -0.1, ERR_RANGE, "profile 'even': the share of hour 3");
    EXPECT_INVALID(z.profile[0].share[3] = 0.1, ERR_RANGE, "profile 'even': its shares add up to 1.05833");
}

static void a_point_is_inside_by_crossings(void **state) {
    (void)state;
    // a U open to the north, with corners on whole metres
    double x[8] = {0, 6, 6, 4, 4, 2, 2, 0}, y[8] = {0, 0, 4, 4, 2, 2, 4, 4};
    zone_polygon u = {.id = "u", .point_count = 8, .x_m = x, .y_m = y};
    assert_true(zone_polygon_contains(&u, 1, 3) && zone_polygon_contains(&u, 5, 3) && zone_polygon_contains(&u, 3, 1));
    assert_false(zone_polygon_contains(&u, 3, 3) || zone_polygon_contains(&u, -1, 1) ||
                 zone_polygon_contains(&u, 7, 1) || zone_polygon_contains(&u, 3, 5));
    for (int k = 0; k < 4; k++) {  // the other way round
        double keep = x[k];
        x[k] = x[7 - k];
        x[7 - k] = keep;
        keep = y[k];
        y[k] = y[7 - k];
        y[7 - k] = keep;
    }
    assert_true(zone_polygon_contains(&u, 1, 3) && !zone_polygon_contains(&u, 3, 3));
}

static void boundaries_belong_to_the_north_eastern_neighbour(void **state) {
    (void)state;
    zone_polygon r = rectangle("r", 0, 0, 2, 1);
    assert_true(zone_polygon_contains(&r, 0, 0) && zone_polygon_contains(&r, 1, 0) &&
                zone_polygon_contains(&r, 0, 0.5));
    assert_false(zone_polygon_contains(&r, 2, 0.5) || zone_polygon_contains(&r, 1, 1) ||
                 zone_polygon_contains(&r, 2, 1) || zone_polygon_contains(&r, 2, 0));
}

// Triangles around a middle point cover a square: every point, also on shared edges, lies in exactly one of them.
static void neighbours_never_share_or_lose_a_point(void **state) {
    (void)state;
    static const double cx[4] = {0, 8, 8, 0}, cy[4] = {0, 0, 8, 8};
    for (uint32_t i = 0; i < 20000; i++) {
        double px = (double)(support_random(1, i) % 64) / 8, py = (double)(support_random(2, i) % 64) / 8;
        int owners = 0;
        for (int k = 0; k < 4; k++) {
            double x[3] = {cx[k], cx[(k + 1) % 4], 3}, y[3] = {cy[k], cy[(k + 1) % 4], 5};
            zone_polygon t = {.id = "t", .point_count = 3, .x_m = x, .y_m = y};
            owners += zone_polygon_contains(&t, px, py);
        }
        assert_int_equal(owners, 1);
    }
}

static void links_are_marked_by_their_nodes_and_middles(void **state) {
    (void)state;
    zone_system z;
    network n;
    small_world(&z, &n);
    assert_ok(zone_mark_links(&z, &n));
    // l0: n0-n1, its middle 600050 is inside; l1 enters sentrum; l2 lies in it; l3 leaves; l4 inside; l5 outside
    static const uint8_t inside[6] = {1, 1, 2, 1, 1, 0}, cordon[6] = {0, 1, 0, 2, 0, 0};
    assert_memory_equal(n.link.inside, inside, sizeof inside);
    assert_memory_equal(n.link.cordon, cordon, sizeof cordon);
}

static void marking_needs_both_polygons(void **state) {
    (void)state;
    zone_system z;
    network n;
    small_world(&z, &n);
    z.polygon[0].id = "centre";
    assert_error(zone_mark_links(&z, &n), ERR_REFERENCE, "no polygon 'sentrum'");
    small_world(&z, &n);
    z.polygon_count = 1;
    assert_error(zone_mark_links(&z, &n), ERR_REFERENCE, "no polygon 'municipality'");
}

static void the_hash_sees_every_part(void **state) {
    (void)state;
    zone_system z;
    network n;
    small_world(&z, &n);
    uint64_t before = zone_hash(&z);
#define EXPECT_SEEN(change)                   \
    do {                                      \
        small_world(&z, &n);                  \
        assert_true(zone_hash(&z) == before); \
        change;                               \
        assert_true(zone_hash(&z) != before); \
    } while (0)
    EXPECT_SEEN(z.zone.parking_nok[0] = 5);
    EXPECT_SEEN(z.place.size[2] = 5);
    EXPECT_SEEN(z.polygon[1].y_m[2] += 1);
    EXPECT_SEEN(z.count_point[0].link_ix[1] = 3);
    EXPECT_SEEN(z.count_point[0].sentrum_cordon = false);
    EXPECT_SEEN(z.flow[0].weekday_vehicles = 101);
    EXPECT_SEEN(z.profile[0].share[23] = 0.5);
#undef EXPECT_SEEN
}

static void kinds_have_the_names_of_the_file_format(void **state) {
    (void)state;
    assert_string_equal(zone_place_kind_name(PLACE_HOME_DETACHED), "home_detached");
    assert_string_equal(zone_place_kind_name(PLACE_SCHOOL_UPPER), "school_upper");
    assert_string_equal(zone_place_kind_name(PLACE_LEISURE), "leisure");
    assert_string_equal(zone_place_kind_name(PLACE_KIND_COUNT), "?");
    int homes = 0;
    for (int k = 0; k < PLACE_KIND_COUNT; k++) {
        assert_true(zone_place_is_home((place_kind)k) ==
                    (strncmp(zone_place_kind_name((place_kind)k), "home_", 5) == 0));
        homes += zone_place_is_home((place_kind)k);
    }
    assert_int_equal(homes, 3);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_sound_world_is_accepted_and_found),
        CASE(rejects_duplicate_ids),
        CASE(names_the_row_whose_values_are_wrong),
        CASE(a_point_is_inside_by_crossings),
        CASE(boundaries_belong_to_the_north_eastern_neighbour),
        CASE(neighbours_never_share_or_lose_a_point),
        CASE(links_are_marked_by_their_nodes_and_middles),
        CASE(marking_needs_both_polygons),
        CASE(the_hash_sees_every_part),
        CASE(kinds_have_the_names_of_the_file_format),
    };
    return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
