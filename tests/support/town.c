#include "town.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

enum { COLUMNS = 9, ROWS = 6, PLACES = 24 };

static uint32_t node(const network *n, uint32_t col, uint32_t row) {
    char id[32];
    snprintf(id, sizeof id, "n%u_%u", col, row);
    uint32_t v = network_find_node(n, id);
    assert_true(v != IX_NONE);
    return v;
}

static void add_polygon(arena *a, zone_polygon *p, const char *id, double x0, double y0, double x1, double y1) {
    const double x[4] = {x0, x1, x1, x0};
    const double y[4] = {y0, y0, y1, y1};
    *p = (zone_polygon){.id = id, .name = id, .point_count = 4};
    p->x_m = arena_alloc(a, 4, sizeof *p->x_m);
    p->y_m = arena_alloc(a, 4, sizeof *p->y_m);
    assert_true(p->x_m != NULL && p->y_m != NULL);
    memcpy(p->x_m, x, sizeof x);
    memcpy(p->y_m, y, sizeof y);
}

static void set_place(zone_system *z, const network *n, uint32_t i, place_kind kind, uint32_t zone, uint32_t col,
                      uint32_t row, float size) {
    static const char *const ids[PLACES] = {"p0",  "p1",  "p2",  "p3",  "p4",  "p5",  "p6",  "p7",
                                            "p8",  "p9",  "p10", "p11", "p12", "p13", "p14", "p15",
                                            "p16", "p17", "p18", "p19", "p20", "p21", "p22", "p23"};
    z->place.id[i] = ids[i];
    z->place.name[i] = "";
    z->place.zone_ix[i] = zone;
    z->place.node_ix[i] = node(n, col, row);
    z->place.kind[i] = (uint8_t)kind;
    z->place.size[i] = size;
    z->place.parking_norm[i] = -1.0F;
}

static void build_zones(arena *a, const network *n, zone_system *z) {
    static const char *const ids[3] = {"suburb", "centre", "away"};
    static const char *const areas[3] = {"tettsted", "sentrum", "outside"};
    assert_ok(zone_alloc(z, a, 3, PLACES));
    for (uint32_t i = 0; i < 3; i++) {
        z->zone.id[i] = ids[i];
        z->zone.name[i] = ids[i];
        z->zone.area[i] = areas[i];
        z->zone.outside[i] = i == 2;
    }
    for (uint32_t i = 0; i < 16; i++) {  // homes in the west
        set_place(z, n, i, (place_kind)(PLACE_HOME_DETACHED + i % 3), 0, i % 4, i / 4, 20.0F);
    }
    for (uint32_t i = 16; i < 20; i++) {
        set_place(z, n, i, PLACE_WORK, 1, 5 + i % 2, 1 + (i - 16) / 2, 50.0F);
    }
    set_place(z, n, 20, PLACE_SHOP, 1, 6, 2, 1000.0F);
    set_place(z, n, 21, PLACE_WORK, 2, 8, 3, 100.0F);
    set_place(z, n, 22, PLACE_HOME_FLAT, 2, 8, 4, 100.0F);
    set_place(z, n, 23, PLACE_SHOP, 0, 2, 2, 200.0F);
    z->polygon_count = 2;
    z->polygon = arena_alloc(a, 2, sizeof *z->polygon);
    assert_true(z->polygon != NULL);
    add_polygon(a, &z->polygon[0], "municipality", 599900, 6599900, 601900, 6601400);
    add_polygon(a, &z->polygon[1], "sentrum", 601200, 6600200, 601600, 6600600);
}

static void build_flows(arena *a, const network *n, zone_system *z, double vehicles) {
    z->profile_count = 1;
    z->profile = arena_alloc(a, 1, sizeof *z->profile);
    z->flow_count = 1;
    z->flow = arena_alloc(a, 1, sizeof *z->flow);
    z->count_point_count = 1;
    z->count_point = arena_alloc(a, 1, sizeof *z->count_point);
    assert_true(z->profile != NULL && z->flow != NULL && z->count_point != NULL);
    z->profile[0].id = "flat";
    for (int h = 0; h < 24; h++) {
        z->profile[0].share[h] = 1.0 / 24.0;
    }
    z->flow[0] = (zone_flow){.id = "west-east",
                             .from_node_ix = node(n, 0, 5),
                             .to_node_ix = node(n, 8, 5),
                             .weekday_vehicles = vehicles,
                             .vehicle = VEHICLE_CAR,
                             .traveller = SEGMENT_THROUGH,
                             .profile = 0,
                             .growth_pct_per_year = 1.0};
    z->count_point[0] = (zone_count_point){.id = "c0",
                                           .name = "Into the centre",
                                           .link_count = 1,
                                           .weekday_vehicles = 100,
                                           .heavy_share = 0.1,
                                           .sentrum_cordon = true,
                                           .source = "invented for tests"};
    z->count_point[0].link_ix[0] = network_find_link(n, "l4_1-5_1");
    assert_true(z->count_point[0].link_ix[0] != IX_NONE);
}

static void build_transit(arena *a, transit *t) {
    enum { TRIPS = 64 };
    static char id[TRIPS][16];
    support_trip *trip = arena_alloc(a, TRIPS, sizeof *trip);
    assert_true(trip != NULL);
    for (uint32_t i = 0; i < TRIPS; i++) {  // every half hour each way between the stops at 0, 1 and 2 km
        snprintf(id[i], sizeof id[i], "t%u", i);
        int32_t start_s = 18000 + 1800 * (int32_t)(i / 2);
        trip[i] = (support_trip){.id = id[i], .line = "B", .call_count = 3};
        for (uint32_t k = 0; k < 3; k++) {
            int32_t at_s = start_s + 180 * (int32_t)k;
            trip[i].call[k] = (support_call){.stop_ix = i % 2 == 0 ? k : 2 - k, .arrival_s = at_s, .departure_s = at_s};
        }
    }
    support_transit(a, t, 3, trip, TRIPS, NULL, 0);
}

static void build_scenario(scenario *s) {
    scenario_set_defaults(s);
    s->title = "Town for tests";
    s->name = "town";
    s->path = "town.yaml";
    s->service_date = "2023-10-18";
    s->effective_yaml = "title: Town for tests\n";
    s->today_year = 2023;
    s->replications = 5;
    s->replications_max = 5;
    s->walk_speed_kmh = 4.8;
    s->cycle_speed_kmh = 16;
    s->ecycle_speed_kmh = 20;
    s->cycle_uphill_kmh_per_pct = 1.56;
    s->cycle_downhill_kmh_per_pct = 1.3;
    s->transit_walk_max_m = 800;
    s->pt_walk_weight = 1.6;
    s->pt_wait_weight = 1.5;
    s->pt_transfer_min = 10;
    s->pt_fare_base_nok = 40;
    s->pt_fare_outside_nok = 64;
    s->pt_season_share = 0.3;
    s->season_pass_rate = 0.2;
    s->car_cost_nok_per_km = 1.4;
    s->car_access_min = 2;
    s->ev_share = 0.3;
    s->co2_g_per_km = 150;
    s->lorry_co2_g_per_km = 800;
    s->home_office_share = 0.12;
    for (int u = 0; u < PURPOSE_COUNT; u++) {
        s->purpose[u] = (purpose_params){.tours_per_person = 0.5,
                                         .asc_car_passenger = -2,
                                         .asc_pt = -0.5,
                                         .asc_cycle = -1,
                                         .asc_walk = 0.5,
                                         .car_per_min = -0.035,
                                         .pt_per_min = -0.03,
                                         .cycle_per_min = -0.056,
                                         .walk_per_min = -0.078,
                                         .cost_per_nok = -0.017,
                                         .lambda_motor = 0.8,
                                         .lambda_active = 0.7,
                                         .size_scale = 1,
                                         .logsum_scale = 1,
                                         .duration_mean_h = 2,
                                         .duration_spread_h = 1,
                                         .profile_out = "flat",
                                         .profile_return = ""};
    }
}

void town_build(arena *a, world_case *c, double through_vehicles) {
    static int years[1] = {2030};
    *c = (world_case){0};
    build_scenario(&c->scenario);
    c->scenario.year_count = 1;
    c->scenario.year = years;
    support_grid_network(a, &c->network, COLUMNS, ROWS, 250, 50, 900, 1);
    build_zones(a, &c->network, &c->zones);
    build_flows(a, &c->network, &c->zones, through_vehicles);
    assert_ok(zone_build(&c->zones, a));
    assert_ok(zone_validate(&c->zones, &c->network));
    assert_ok(zone_mark_links(&c->zones, &c->network));
    build_transit(a, &c->transit);
}

static void add_tour(plan *p, uint32_t person, purpose u, uint32_t from, uint32_t to, int32_t departure_s,
                     int32_t return_s) {
    uint32_t i = p->tour.count++;
    p->tour.id[i] = rng_mix64(1000003ULL * (person + 1) + (uint64_t)u);
    p->tour.person_ix[i] = person;
    p->tour.purpose[i] = (uint8_t)u;
    p->tour.origin_place_ix[i] = from;
    p->tour.destination_place_ix[i] = to;
    p->tour.departure_s[i] = departure_s;
    p->tour.return_s[i] = return_s;
    p->tour.mode[i] = MODE_COUNT;
    for (uint32_t k = 0; k < 2; k++) {
        uint32_t trip = p->trip.count++;
        p->trip.tour_ix[trip] = i;
        p->trip.from_place_ix[trip] = k == 0 ? from : to;
        p->trip.to_place_ix[trip] = k == 0 ? to : from;
        p->trip.departure_s[trip] = k == 0 ? departure_s : return_s;
        p->trip.purpose[trip] = (uint8_t)u;
    }
    p->trip_first[i + 1] = p->trip.count;
}

void town_people(arena *a, const world_case *c, uint32_t households, population *people, plan *p) {
    assert_ok(population_alloc(people, a, households, 2 * households));
    assert_ok(plan_alloc(p, a, 4 * households, 2 * households));
    assert_ok(plan_alloc_trips(p, a, 8 * households));
    p->tour.count = 0;
    p->trip.count = 0;
    for (uint32_t h = 0; h < households; h++) {
        uint32_t home = h % 16;
        people->household.id[h] = population_household_id(c->zones.place.id[home], h / 16);
        people->household.place_ix[h] = home;
        people->household.person_first[h] = 2 * h;
        people->household.size[h] = 2;
        people->household.cars[h] = 1;
        for (uint32_t k = 0; k < 2; k++) {
            uint32_t i = 2 * h + k;
            people->person.id[i] = population_person_id(people->household.id[h], k);
            people->person.household_ix[i] = h;
            people->person.home_place_ix[i] = home;
            people->person.work_place_ix[i] = 16 + (h + k) % 4;
            people->person.age[i] = AGE_20_44;
            people->person.employed[i] = 1;
            people->person.licence[i] = 1;
            people->person.cycle[i] = k == 0 ? 1 : 0;
            people->person.segment[i] = SEGMENT_RESIDENT;
            p->tour_first[i] = p->tour.count;
            int32_t start_s = 25200 + (int32_t)(support_random(3, i) % 3600);
            add_tour(p, i, PURPOSE_WORK, home, 16 + (h + k) % 4, start_s, start_s + 28800);
            if (i % 2 == 0) {
                add_tour(p, i, PURPOSE_SHOP, home, i % 4 == 0 ? 20 : 23, 64800 + (int32_t)(i % 1800), 68400);
            }
        }
    }
    p->tour_first[2 * households] = p->tour.count;
}

void town_result(arena *a, const world_case *c, result *r) {
    assert_ok(result_alloc(r, a, &c->scenario, &c->network, &c->zones, &c->transit));
    r->program_version = "0";
    r->git_commit = "0";
}
