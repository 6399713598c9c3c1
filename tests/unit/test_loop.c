// The loop's parts on a small town in memory: measures, flow vehicles, utilities, equilibrium, indicators.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "loop/indicator.h"
#include "loop/link_people.h"
#include "loop/trip_table.h"
#include "loop/verdict.h"
#include "loop/world_measures.h"
#include "loop_case.h"
#include "people_town.h"

static scenario_measure measure(measure_kind kind, int start_year, double value, const char *what,
                                const char *const *target) {
    return (scenario_measure){.kind = kind,
                              .start_year = start_year,
                              .value = value,
                              .text = what,
                              .target = target,
                              .target_count = target != NULL ? 1 : 0,
                              .source = "test",
                              .file = "town.yaml",
                              .line = 7};
}

static void with_measure(fixture *f, scenario_measure *m, int year, world_year *w) {
    f->c.scenario.measure = m;
    f->c.scenario.measure_count = 1;
    assert_ok(world_year_build(&f->c, year, &f->a, w));
}

static void measures_act_from_their_start_year(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 0, 16);
    static const char *const link[1] = {"l4_1-5_1"};
    static const char *const area[1] = {"sentrum"};
    uint32_t e = network_find_link(&f.c.network, link[0]);
    world_year w;
    scenario_measure m = measure(MEASURE_SPEED_LIMIT, 2030, 30, NULL, link);
    with_measure(&f, &m, 2029, &w);
    assert_near(w.network.link.free_speed_mps[e], 50 / 3.6, 1e-4);
    with_measure(&f, &m, 2030, &w);
    assert_near(w.network.link.free_speed_mps[e], 30 / 3.6, 1e-4);
    assert_near(w.network.link.free_speed_mps[e + 1], 50 / 3.6, 1e-4);
    m = measure(MEASURE_CLOSE_LINK, 2024, 0, NULL, link);
    with_measure(&f, &m, 2030, &w);
    assert_int_equal(w.network.link.allowed[e] & (ALLOW_CAR | ALLOW_LORRY), 0);
    assert_true((w.network.link.allowed[e] & ALLOW_WALK) != 0);
    m = measure(MEASURE_PARKING_PRICE, 2024, 55, NULL, area);
    with_measure(&f, &m, 2030, &w);
    assert_near(w.zone_parking_nok[1], 55, 0);
    assert_near(w.zone_parking_nok[0], 0, 0);
    m = measure(MEASURE_CYCLE_FACILITY, 2024, 0, "path_own", link);
    with_measure(&f, &m, 2030, &w);
    assert_int_equal(w.network.link.cycle_facility[e], CYCLE_PATH_OWN);
    m = measure(MEASURE_FUEL_FACTOR, 2024, 2, NULL, NULL);
    with_measure(&f, &m, 2030, &w);
    assert_near(w.car_cost_nok_per_km, 2.8, 1e-12);
    m = measure(MEASURE_HOME_OFFICE, 2024, 0.4, NULL, NULL);
    with_measure(&f, &m, 2030, &w);
    assert_near(w.home_office_share, 0.4, 0);
    arena_free(&f.a);
}

static void cordon_price_is_paid_once_on_the_way_in(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 0, 16);
    world_year w;
    scenario_measure m = measure(MEASURE_CORDON_PRICE, 2024, 20, NULL, NULL);
    with_measure(&f, &m, 2030, &w);
    uint32_t in = 0;
    for (uint32_t e = 0; e < w.network.link.count; e++) {
        assert_near(w.network.link.toll_nok[e], w.network.link.cordon[e] == 1 ? 20 : 0, 0);
        in += w.network.link.cordon[e] == 1 ? 1 : 0;
    }
    assert_true(in > 0);
    arena_free(&f.a);
}

static void a_measure_on_nothing_is_refused_with_its_place(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 0, 16);
    static const char *const nowhere[1] = {"Storgata"};
    scenario_measure m = measure(MEASURE_SPEED_LIMIT, 2030, 30, NULL, nowhere);
    f.c.scenario.measure = &m;
    f.c.scenario.measure_count = 1;
    assert_error(world_measures_check(&f.c, &f.a), ERR_REFERENCE, "town.yaml:7");
    assert_non_null(strstr(err_message(), "Storgata"));
    m.kind = MEASURE_PARKING_PRICE;
    assert_error(world_measures_check(&f.c, &f.a), ERR_REFERENCE, "Storgata");
    arena_free(&f.a);
}

static void flow_vehicles_are_counted_exactly_and_nested_over_years(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 1234, 16);
    legs_flow_vehicles now, later;
    assert_ok(legs_build_flows(&f.w, key, &f.a, &now));
    assert_int_equal(now.count, 1234);
    world_year w = f.w;
    w.year = 2030;
    assert_ok(legs_build_flows(&w, key, &f.a, &later));
    assert_true(later.count >= 1323 && later.count <= 1324);  // 1234 * 1.01^7 = 1323.03
    for (uint32_t i = 0; i < now.count; i++) {
        assert_true(now.id[i] == later.id[i]);
        assert_int_equal(now.departure_s[i], later.departure_s[i]);
    }
    uint32_t morning = 0;
    for (uint32_t i = 0; i < now.count; i++) {
        morning += now.departure_s[i] < 43200 ? 1 : 0;
    }
    assert_in_range(morning, 550, 690);  // half of 1234 by the flat profile, within 4 standard deviations
    arena_free(&f.a);
}

// At every moment, counted tour by tour: cars away <= cars owned.
static void never_more_drivers_than_cars(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 0, 48);
    tour_cost cost;
    assert_ok(tour_cost_build(&f.w, &f.people, &f.p, key, &f.a, &cost));
    uint32_t several = 0;
    for (uint32_t h = 0; h < f.people.household.count; h++) {
        uint32_t first = f.p.tour_first[2 * h];
        uint32_t last = f.p.tour_first[2 * h + 2];
        uint32_t driving = 0;
        for (uint32_t t = first; t < last; t++) {
            uint32_t away = 0;
            for (uint32_t k = first; k < last; k++) {
                away += cost.driver_ok[k] != 0 && f.p.tour.departure_s[k] <= f.p.tour.departure_s[t] &&
                                f.p.tour.departure_s[t] <= f.p.tour.return_s[k]
                            ? 1
                            : 0;
            }
            assert_true(away <= f.people.household.cars[h]);
            driving += cost.driver_ok[t];
        }
        assert_true(driving >= 1);
        several += driving > 1 ? 1 : 0;
    }
    assert_true(several > 0);  // a car that is home again is used again
    arena_free(&f.a);
}

// A whole synthetic population with stops, company and escorts: at no time are more of a household's cars away than it
// has, by the times of the plan (a car is away until it is home from the last stop). Whoever goes with somebody has no
// car of its own, and each party of a driver fits into one.
static void a_whole_population_never_drives_more_cars_than_it_has(void **state) {
    (void)state;
    town *t = town_create(1);
    population p;
    plan made;
    arena scratch;
    arena_init(&scratch);
    t->s.shop_stop_share = 0.3;
    t->s.escort_stop_share = 0.6;
    t->s.joint_shop_share = 0.6;
    t->s.joint_leisure_share = 0.8;
    t->s.joint_work_share = 0.2;
    t->s.joint_visitor_share = 0.4;
    town_synthesise(t, &p);
    assert_ok(activity_assign_fixed(&t->s, &t->z, &t->los, town_key(), 0.5, &p, &scratch));
    assert_ok(activity_run(&t->s, &t->z, &t->los, 0.12, town_key(), &p, &t->a, &scratch, &made));
    uint8_t *drives = arena_alloc(&scratch, made.tour.count, 1);
    uint8_t *party = arena_alloc(&scratch, made.tour.count, 1);
    assert_true(drives != NULL && party != NULL);
    tour_cost_reserve_cars(&t->los, &p, &made, drives);
    uint32_t with_stops = 0, refused = 0, at_once = 0;
    for (uint32_t h = 0; h < p.household.count; h++) {
        uint32_t first = made.tour_first[p.household.person_first[h]];
        uint32_t last = made.tour_first[p.household.person_first[h] + p.household.size[h]];
        for (uint32_t i = first; i < last; i++) {
            uint32_t away = 0;
            for (uint32_t k = first; k < last; k++) {
                away += drives[k] != 0 && made.tour.departure_s[k] <= made.tour.departure_s[i] &&
                                made.tour.departure_s[i] < tour_cost_car_home_s(&t->los, &made, k)
                            ? 1
                            : 0;
            }
            bool licence = p.person.licence[made.tour.person_ix[i]] != 0;
            assert_true(away <= p.household.cars[h]);
            assert_true(drives[i] == 0 || (licence && made.tour.lead_tour_ix[i] == IX_NONE));
            with_stops += drives[i] != 0 && plan_trip_count(&made, i) > 2 ? 1 : 0;
            refused += drives[i] == 0 && licence && made.tour.lead_tour_ix[i] == IX_NONE ? 1 : 0;
            at_once += away > 1 ? 1 : 0;
        }
    }
    for (uint32_t i = 0; i < made.tour.count; i++) {
        if (plan_is_joint(&made, i)) {
            assert_true(++party[made.tour.lead_tour_ix[i]] < 5);
        }
    }
    assert_true(with_stops > 500 && refused > 500 && at_once > 500);
    arena_free(&scratch);
    town_free(t);
}

static void walking_utility_equals_a_hand_calculation(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 0, 16);
    tour_cost cost;
    assert_ok(tour_cost_build(&f.w, &f.people, &f.p, key, &f.a, &cost));
    const zone_system *z = &f.c.zones;
    uint32_t from = z->place.node_ix[f.p.tour.origin_place_ix[0]];
    uint32_t to = z->place.node_ix[f.p.tour.destination_place_ix[0]];
    const node_columns *n = &f.c.network.node;
    double metres = fabs(n->x_m[from] - n->x_m[to]) + fabs(n->y_m[from] - n->y_m[to]);
    double minutes = metres / (4.8 / 3.6) / 60.0;
    assert_near(tour_cost_fixed(&cost, 0, MODE_WALK), 0.5 - 0.078 * minutes,
                0.005);  // link times are whole deciseconds
    arena_free(&f.a);
}

static void equilibrium_accounts_for_everybody_and_converges(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 3000, 240);
    equilibrium_out e;
    assert_ok(equilibrium_run(&f.w, &f.p, &f.people, key, NULL, &f.a, &f.r, 0, 0, &e));
    check_day(&f, &e);
    assert_true(e.converged);
    assert_true(e.gap_pct >= 0.0 && e.gap_pct <= f.c.scenario.gap_max_pct);
    assert_true(f.r.iteration_gap_pct[0] > 1.0F);  // the first day is not an equilibrium
    equilibrium_free(&e);
    arena_free(&f.a);
}

static void equilibrium_is_the_same_for_any_number_of_threads(void **state) {
    (void)state;
    uint64_t first = 0;
    for (int threads = 1; threads <= 3; threads++) {
        static fixture f;
        par_set_threads(threads);
        set_up(&f, 3000, 160);
        equilibrium_out e;
        assert_ok(equilibrium_run(&f.w, &f.p, &f.people, key, NULL, &f.a, &f.r, 0, 0, &e));
        uint64_t h = plan_hash(&f.p);
        for (uint32_t i = 0; i < e.legs.count; i++) {
            h = hash_u64(h, e.traffic.arrival_s[i]);
        }
        first = threads == 1 ? h : first;
        assert_true(h == first);
        equilibrium_free(&e);
        arena_free(&f.a);
    }
    par_set_threads(0);
}

static void indicators_equal_a_recount(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 500, 200);
    equilibrium_out e;
    assert_ok(equilibrium_run(&f.w, &f.p, &f.people, key, NULL, &f.a, &f.r, 0, 0, &e));
    assert_ok(indicator_collect(&f.w, &f.people, &f.p, &e, &f.a, &f.a, &f.r, 0, 0));
    f.r.replications = 1;
    double crossings = 0.0;
    double sentrum_m = 0.0;
    for (uint32_t i = 0; i < e.legs.count; i++) {
        for (uint32_t k = e.legs.route_first[i]; k < e.legs.route_first[i + 1]; k++) {
            uint32_t link = e.legs.route.link[k];
            crossings += f.w.network.link.cordon[link] != 0 && e.legs.tour_ix[i] != IX_NONE ? 1.0 : 0.0;
            sentrum_m += f.w.network.link.inside[link] == 2 && e.legs.tour_ix[i] != IX_NONE
                             ? (double)f.w.network.link.length_m[link]
                             : 0.0;
        }
    }
    assert_true(crossings > 0.0);
    assert_near(*result_indicator_at(&f.r, RESULT_cordon_cars, 0, 0), crossings, 1e-9);
    assert_near(*result_indicator_at(&f.r, RESULT_car_km_sentrum, 0, 0), sentrum_m / 1000.0, 1e-6);
    double shares = 0.0;
    for (int m = 0; m < MODE_COUNT; m++) {
        shares += *result_indicator_at(&f.r, (result_indicator)(RESULT_share_car_driver + m), 0, 0);
    }
    assert_near(shares, 100.0, 1e-9);
    assert_near(*result_indicator_at(&f.r, RESULT_trips_per_person, 0, 0), 2.0 * f.p.tour.count / f.people.person.count,
                1e-12);
    assert_int_equal(f.r.trip.count, f.p.trip.count);
    for (uint32_t i = 0; i < f.r.trip.count; i++) {  // nobody vanishes: every trip arrives or is marked
        assert_true(f.r.trip.arrival_s[i] == -1 || f.r.trip.arrival_s[i] >= f.r.trip.departure_s[i]);
    }
    equilibrium_free(&e);
    arena_free(&f.a);
}

static double link_metres(const fixture *f, const uint32_t *sum, uint32_t first_bin, uint32_t end_bin) {
    uint32_t links = f->w.network.link.count;
    double metres = 0.0;
    for (uint32_t bin = first_bin; bin < end_bin; bin++) {
        for (uint32_t l = 0; l < links; l++) {
            metres += sum[(size_t)bin * links + l] * (double)f->w.network.link.length_m[l];
        }
    }
    return metres;
}

// On foot, metres on the links are the metres of the trips, between departure and arrival; the same for any threads.
static void people_on_foot_are_on_the_links_of_their_trips(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 0, 240);
    equilibrium_out e;
    trip_row *rows;
    assert_ok(equilibrium_run(&f.w, &f.p, &f.people, key, NULL, &f.a, &f.r, 0, 0, &e));
    for (uint32_t t = 0; t < f.p.tour.count; t++) {
        f.p.tour.mode[t] = MODE_WALK;
    }
    assert_ok(trip_table_build(&f.w, &f.people, &f.p, &e, &f.a, &rows));
    double trips_m = 0.0;
    for (uint32_t i = 0; i < f.p.trip.count; i++) {
        trips_m += rows[i].mode == MODE_WALK ? (double)rows[i].distance_m : 0.0;
    }
    size_t cells = (size_t)RESULT_BINS * f.w.network.link.count;
    uint32_t *one = f.r.foot_sum, *three = f.r.foot_sum + cells;  // two years
    for (int threads = 1; threads <= 3; threads += 2) {
        par_set_threads(threads);
        assert_ok(link_people_add_foot(&f.w, &f.p, rows, &f.r, threads == 1 ? 0 : 1));
    }
    par_set_threads(0);
    assert_true(trips_m > 1e5);
    assert_near(link_metres(&f, one, 0, RESULT_BINS), trips_m, 1e-6 * trips_m);
    assert_memory_equal(one, three, cells * sizeof *one);
    memset(one, 0, cells * sizeof *one);
    f.p.trip.count = plan_trip_count(&f.p, 0);
    assert_ok(link_people_add_foot(&f.w, &f.p, rows, &f.r, 0));
    for (uint32_t i = 0; i < f.p.trip.count; i++) {
        assert_int_equal(rows[i].mode, MODE_WALK);
        uint32_t first = (uint32_t)rows[i].departure_s / RESULT_BIN_S,
                 last = (uint32_t)rows[i].arrival_s / RESULT_BIN_S;
        assert_near(link_metres(&f, one, first, last + 1), (double)rows[i].distance_m, 0.1);
    }
    equilibrium_free(&e);
    arena_free(&f.a);
}

// In buses, between the stops where one boards and alights, and on foot before and after.
static void bus_passengers_are_between_their_stops(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 0, 240);
    equilibrium_out e;
    trip_row rows[1] = {{.mode = MODE_PT}};
    assert_ok(equilibrium_run(&f.w, &f.p, &f.people, key, NULL, &f.a, &f.r, 0, 0, &e));
    const transit *t = f.w.transit;
    uint32_t trip = t->trip.count - 1, pattern = t->trip.pattern_ix[trip];
    const uint32_t *stop = t->pattern_stop + t->pattern_stop_first[pattern];
    const uint32_t *kept = e.buses.stop_links + e.buses.stop_first[pattern];
    const uint32_t *route = e.buses.route.link + e.buses.link_first[pattern];
    for (uint32_t board = 0; board < 2; board++) {
        size_t cells = (size_t)RESULT_BINS * f.w.network.link.count;
        memset(f.r.passenger_sum, 0, cells * sizeof *f.r.passenger_sum);
        memset(f.r.foot_sum, 0, cells * sizeof *f.r.foot_sum);
        f.p.trip.count = 1;
        rows[0].boarding_count = 1;
        rows[0].trip_ix[0] = trip;
        rows[0].board_stop[0] = stop[board];
        rows[0].alight_stop[0] = stop[2];
        int32_t leave_s = t->departure_s[t->trip.time_first[trip] + board];
        int32_t arrive_s = t->arrival_s[t->trip.time_first[trip] + 2];
        rows[0].departure_s = leave_s - 600;
        rows[0].arrival_s = arrive_s + 600;
        double way_m = 0.0;
        for (uint32_t i = kept[board]; i < kept[2]; i++) {
            way_m += (double)f.w.network.link.length_m[route[i]];
        }
        assert_ok(link_people_add_passengers(&f.w, &f.p, &e.buses, rows, &f.r, 0));
        assert_true(way_m > 0.0);
        assert_near(link_metres(&f, f.r.passenger_sum, 0, RESULT_BINS), way_m, 1e-3);
        assert_near(
            link_metres(&f, f.r.passenger_sum, (uint32_t)leave_s / RESULT_BIN_S, (uint32_t)arrive_s / RESULT_BIN_S + 1),
            way_m, 1e-3);
        assert_ok(link_people_add_foot(&f.w, &f.p, rows, &f.r, 0));
        uint32_t before = (uint32_t)rows[0].departure_s / RESULT_BIN_S;
        uint32_t after = (uint32_t)rows[0].arrival_s / RESULT_BIN_S;
        bool at_stop = f.w.stop_node[stop[board]] == f.w.source->zones.place.node_ix[f.p.trip.from_place_ix[0]];
        assert_true(at_stop || link_metres(&f, f.r.foot_sum, before, before + 3) > 0.0);
        at_stop = f.w.stop_node[stop[2]] == f.w.source->zones.place.node_ix[f.p.trip.to_place_ix[0]];
        assert_true(at_stop || link_metres(&f, f.r.foot_sum, after > 6 ? after - 6 : 0, after + 1) > 0.0);
    }
    equilibrium_free(&e);
    arena_free(&f.a);
}

// A year's verdict sentence when `count` replications end at these changes of 100 km, percent.
static const result_verdict *verdict_of(fixture *f, uint32_t count, const double *change) {
    assert_true(count <= f->r.replications_max);
    f->r.replications = count;
    for (uint32_t k = 0; k < count; k++) {
        for (int i = 0; i < RESULT_INDICATOR_COUNT; i++) {
            *result_indicator_at(&f->r, (result_indicator)i, 0, k) = 100.0;
            *result_indicator_at(&f->r, (result_indicator)i, 1, k) = 100.0 + change[k];
        }
    }
    verdict_fill(&f->r, 1, 0.95);
    return &f->r.verdict[1];
}

static void sentences_say_what_is_missing_and_how_to_get_it(void **state) {
    (void)state;
    static fixture f;
    static const double change[5] = {1.0, 3.0, 2.0, 4.0, 2.5};
    arena_init(&f.a);
    town_build(&f.a, &f.c, 0);
    f.c.scenario.replications = f.c.scenario.replications_max = 5;
    town_result(&f.a, &f.c, &f.r);
    for (uint32_t n = 1; n <= 5; n++) {
        const result_verdict *v = verdict_of(&f, n, change);
        assert_null(strstr(v->sentence_nb, "ukjent"));
        assert_null(strstr(v->sentence_en, "unknown"));
        bool few = n < VERDICT_PAIRS_MIN, known = isfinite(v->low_pct);
        assert_true((strstr(v->sentence_nb, "kjør igjen med --replications ") != NULL) == few);
        assert_true((strstr(v->sentence_en, "run again with --replications ") != NULL) == few);
        assert_true((strstr(v->sentence_nb, "med 95 % sikkerhet") != NULL) == known);
    }
    const result_verdict *v = verdict_of(&f, 2, change);
    assert_string_equal(
        v->sentence_nb,
        "Det er ikke vist om biltrafikken i sentrum i 2030 er over eller under dagens nivå: +2,0 %, men "
        "2 simuleringer er for få til å si hvor sikkert det er. Om lag 9 ville avgjøre det: kjør "
        "igjen med --replications 9.");
    v = verdict_of(&f, 1, change);
    assert_non_null(strstr(v->sentence_en, "+1.0 %, but one replication does not say how sure that is."));
    arena_free(&f.a);
}

static void dearer_driving_means_less_driving(void **state) {
    (void)state;
    uint32_t drivers[2] = {0, 0};
    for (int k = 0; k < 2; k++) {
        static fixture f;
        set_up(&f, 0, 240);
        scenario_measure m = measure(MEASURE_FUEL_FACTOR, 2023, 10, NULL, NULL);
        if (k == 1) {
            with_measure(&f, &m, 2023, &f.w);
        }
        equilibrium_out e;
        assert_ok(equilibrium_run(&f.w, &f.p, &f.people, key, NULL, &f.a, &f.r, 0, 0, &e));
        for (uint32_t t = 0; t < f.p.tour.count; t++) {
            drivers[k] += f.p.tour.mode[t] == MODE_CAR_DRIVER ? 1 : 0;
        }
        equilibrium_free(&e);
        arena_free(&f.a);
    }
    assert_true(drivers[1] < drivers[0]);
}

// Every trip of the timetable drives by road and keeps its stops; nobody counts it as a car.
static void buses_of_the_timetable_drive_in_the_traffic(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 0, 240);
    equilibrium_out e;
    const transit *t = f.w.transit;
    assert_ok(equilibrium_run(&f.w, &f.p, &f.people, key, NULL, &f.a, &f.r, 0, 0, &e));
    assert_int_equal(e.buses.count, t->trip.count);
    assert_int_equal(bus_stop_count(&e.buses), 3 * t->trip.count);
    uint32_t first_leg = e.legs.count - e.buses.count;
    for (uint32_t i = 0; i < e.buses.count; i++) {
        uint32_t calls = t->trip.time_first[e.buses.trip_ix[i]];
        assert_int_equal(e.legs.vehicle[first_leg + i], VEHICLE_BUS);
        for (uint32_t k = 0; k < 3; k++) {
            uint32_t left_s = e.traffic.stop_departure_s[3 * i + k];
            assert_true(k == 2 || left_s >= (uint32_t)t->departure_s[calls + k]);
            assert_true(left_s <= (uint32_t)t->departure_s[calls + k] + 300);  // hardly any traffic
            assert_true(k == 0 || e.traffic.stop_arrival_s[3 * i + k] > e.traffic.stop_departure_s[3 * i + k - 1]);
        }
        assert_int_equal(e.traffic.arrival_s[first_leg + i], e.traffic.stop_arrival_s[3 * i + 2]);
    }
    equilibrium_free(&e);
    arena_free(&f.a);
}

typedef struct turn_count {
    uint32_t in_ix, out_ix, vehicles;
} turn_count;

enum { TURNS_MAX = 2000, TURNS_FORBIDDEN = 12 };

// Turns that the day's vehicles make, busiest first.
static uint32_t count_turns(const equilibrium_out *e, uint32_t legs, turn_count *out) {
    uint32_t n = 0;
    memset(out, 0, TURNS_MAX * sizeof *out);
    for (uint32_t i = 0; i < legs; i++) {
        for (uint32_t k = e->legs.route_first[i] + 1; k < e->legs.route_first[i + 1]; k++) {
            uint32_t in = e->legs.route.link[k - 1], to = e->legs.route.link[k], t = 0;
            while (t < n && (out[t].in_ix != in || out[t].out_ix != to)) {
                t++;
            }
            assert_true(t < TURNS_MAX);
            if (t == n) {
                out[n++] = (turn_count){in, to, 0};
            }
            out[t].vehicles++;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = i + 1; k < n; k++) {
            if (out[k].vehicles > out[i].vehicles) {
                turn_count swap = out[i];
                out[i] = out[k];
                out[k] = swap;
            }
        }
    }
    return n;
}

// The busiest turns are forbidden one day (buses make some of them) and the next cost half a minute: nobody makes those
// any more, the day still goes well, and vehicles that pay are slower.
static void nobody_makes_a_forbidden_turn(void **state) {
    (void)state;
    static fixture f;
    static turn_count before[TURNS_MAX], after[TURNS_MAX];
    set_up(&f, 1500, 240);
    equilibrium_out e;
    assert_ok(equilibrium_run(&f.w, &f.p, &f.people, key, NULL, &f.a, &f.r, 0, 0, &e));
    assert_true(count_turns(&e, e.legs.count, before) > 2 * TURNS_FORBIDDEN);
    equilibrium_free(&e);
    arena_free(&f.a);

    set_up(&f, 1500, 240);
    turn_table *t = &f.c.network.turn;
    assert_ok(turn_alloc(t, &f.a, 2 * TURNS_FORBIDDEN));
    for (uint32_t i = 0; i < t->count; i++) {
        t->in_ix[i] = before[i].in_ix;
        t->out_ix[i] = before[i].out_ix;
        t->forbidden[i] = i < TURNS_FORBIDDEN ? 1 : 0;
        t->penalty_s[i] = i < TURNS_FORBIDDEN ? 0.0F : 30.0F;
    }
    assert_ok(turn_sort(t, &f.a));
    assert_ok(network_validate(&f.c.network));
    assert_ok(world_year_build(&f.c, 2023, &f.a, &f.w));
    assert_ok(equilibrium_run(&f.w, &f.p, &f.people, key, NULL, &f.a, &f.r, 0, 0, &e));
    check_day(&f, &e);
    uint32_t paid[2] = {0, 0};  // by cars and lorries, by all: a bus that stops at a node does not wait for its turn
    for (int k = 0; k < 2; k++) {
        uint32_t n = count_turns(&e, e.legs.count - (k == 0 ? e.buses.count : 0), after);
        for (uint32_t i = 0; i < n; i++) {
            assert_false(turn_is_forbidden(t, after[i].in_ix, after[i].out_ix));
            paid[k] += turn_find(t, after[i].in_ix, after[i].out_ix) != IX_NONE ? after[i].vehicles : 0;
        }
    }
    assert_true(paid[0] > 0);
    uint64_t penalties_ds = 0;
    for (size_t i = 0; i < (size_t)TRAVELTIME_BINS * f.w.network.link.count; i++) {
        penalties_ds += e.traffic.turn_sum_ds[i];
        assert_true(e.traffic.turn_sum_ds[i] <= e.traffic.seen[i].time_sum_ds);
        assert_true(e.time.time_ds[i] >= e.time.free_ds[i % f.w.network.link.count] - 5);  // never less than free flow
    }
    assert_in_range(penalties_ds, (uint64_t)paid[0] * 300, (uint64_t)paid[1] * 300);
    equilibrium_free(&e);
    arena_free(&f.a);
}

static void stops_off_the_roads_are_left_out(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 0, 16);
    bus_day b;
    f.c.transit.stop.x_m[1] += 5000;
    assert_ok(bus_build(&f.w, &f.a, &b));
    assert_int_equal(b.count, f.w.transit->trip.count);
    assert_int_equal(bus_stop_count(&b), 2 * b.count);
    bus_free(&b);
    f.c.transit.stop.x_m[2] += 5000;
    assert_ok(bus_build(&f.w, &f.a, &b));
    assert_int_equal(b.count, 0);
    assert_int_equal(b.trips_left_out, f.w.transit->trip.count);
    bus_free(&b);
    arena_free(&f.a);
}

// Two of a household go to work together: one decides, one car drives, both arrive in it.
static void a_passenger_rides_with_the_driver_who_leads(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 0, 240);
    for (uint32_t h = 0; h < 240; h++) {  // the second person's only tour is made like the first one's work tour
        uint32_t lead = f.p.tour_first[2 * h];
        uint32_t with = f.p.tour_first[2 * h + 1];
        f.p.tour.lead_tour_ix[with] = lead;
        f.p.tour.destination_place_ix[with] = f.p.tour.destination_place_ix[lead];
        f.p.tour.departure_s[with] = f.p.tour.departure_s[lead];
        f.p.tour.return_s[with] = f.p.tour.return_s[lead];
        for (uint32_t k = 0; k < 2; k++) {
            f.p.trip.from_place_ix[f.p.trip_first[with] + k] = f.p.trip.from_place_ix[f.p.trip_first[lead] + k];
            f.p.trip.to_place_ix[f.p.trip_first[with] + k] = f.p.trip.to_place_ix[f.p.trip_first[lead] + k];
            f.p.trip.departure_s[f.p.trip_first[with] + k] = f.p.trip.departure_s[f.p.trip_first[lead] + k];
        }
    }
    assert_ok(plan_validate(&f.p, &f.people, &f.c.zones));
    equilibrium_out e;
    assert_ok(equilibrium_run(&f.w, &f.p, &f.people, key, NULL, &f.a, &f.r, 0, 0, &e));
    check_day(&f, &e);
    trip_row *rows;
    assert_ok(trip_table_build(&f.w, &f.people, &f.p, &e, &f.a, &rows));
    uint32_t riding = 0;
    for (uint32_t h = 0; h < 240; h++) {
        uint32_t lead = f.p.tour_first[2 * h];
        uint32_t with = f.p.tour_first[2 * h + 1];
        assert_int_equal(f.p.tour.mode[with], tour_cost_mode_with((mode)f.p.tour.mode[lead]));
        assert_true(e.cost.driver_ok[with] == 0 && f.p.tour.mode[with] != MODE_CAR_DRIVER);
        for (uint32_t k = 0; k < 2; k++) {
            const trip_row *mine = &rows[f.p.trip_first[with] + k];
            const trip_row *other = &rows[f.p.trip_first[lead] + k];
            if (f.p.tour.mode[lead] == MODE_CAR_DRIVER) {
                assert_true(mine->mode == MODE_CAR_PASSENGER && mine->lift == 0);
                assert_int_equal(mine->arrival_s, other->arrival_s);
                riding++;
            }
        }
        assert_true(f.p.tour.mode[with] != MODE_CYCLE);  // who goes along has no bicycle
    }
    assert_true(riding > 100);
    equilibrium_free(&e);
    arena_free(&f.a);
}

// A town near the limit of its streets: the loop converges, and modes come to rest.
static void a_congested_town_comes_to_rest(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 15000, 4800);
    f.c.scenario.iterations_max = settings(&f)->iterations_max = 30;
    town_result(&f.a, &f.c, &f.r);  // with room for as many days
    settings(&f)->gap_max_pct = 0.5;
    equilibrium_out e;
    assert_ok(equilibrium_run(&f.w, &f.p, &f.people, key, NULL, &f.a, &f.r, 0, 0, &e));
    assert_true(f.r.iteration_gap_pct[1] > 2.0F);  // far from an equilibrium on the second day
    assert_true(e.converged && e.gap_pct < 0.5 && e.iterations <= 30);
    equilibrium_free(&e);
    traveltime warm;
    assert_ok(traveltime_copy(&e.time, &f.a, &warm));
    settings(&f)->gap_max_pct = 0.001;  // go on to the end: do the shares swing?
    settings(&f)->share_change_max_point = 0.001;
    settings(&f)->iterations_max = 20;
    assert_ok(equilibrium_run(&f.w, &f.p, &f.people, key, &warm, &f.a, &f.r, 1, 0, &e));
    const float *share = f.r.iteration_share + (size_t)f.r.replications_max * f.r.iterations_max * MODE_COUNT;
    for (uint32_t day = e.iterations - 5; day < e.iterations; day++) {
        for (int m = 0; m < MODE_COUNT; m++) {
            double change =
                (double)(share[day * MODE_COUNT + (uint32_t)m] - share[(day - 1) * MODE_COUNT + (uint32_t)m]);
            assert_true(fabs(change) < 0.1);
        }
    }
    equilibrium_free(&e);
    arena_free(&f.a);
}

// Cyclists of every household that meet cars on its street: the same town, with and without a path of their own.
static uint64_t delay_beside_cyclists(cycle_facility facility, uint64_t *hash) {
    static fixture f;
    set_up(&f, 6000, 2400);
    for (uint32_t e = 0; e < f.c.network.link.count; e++) {
        f.c.network.link.cycle_facility[e] = (uint8_t)facility;
    }
    f.c.scenario.purpose[PURPOSE_WORK].asc_cycle = 50;  // who has a bicycle rides it
    f.c.scenario.iterations_max = 2;
    assert_ok(world_year_build(&f.c, 2023, &f.a, &f.w));
    equilibrium_out e;
    assert_ok(equilibrium_run(&f.w, &f.p, &f.people, key, NULL, &f.a, &f.r, 0, 0, &e));
    uint32_t cycling = 0;
    for (uint32_t t = 0; t < f.p.tour.count; t++) {
        cycling += f.p.tour.mode[t] == MODE_CYCLE ? 1 : 0;
    }
    assert_true(cycling > 2000);
    *hash = plan_hash(&f.p);
    for (uint32_t i = 0; i < e.legs.count; i++) {
        *hash = hash_u64(*hash, e.traffic.arrival_s[i]);
    }
    uint64_t delay_s = e.traffic.delay_s;
    equilibrium_free(&e);
    arena_free(&f.a);
    return delay_s;
}

static void cyclists_on_the_street_take_room_from_cars(void **state) {
    (void)state;
    uint64_t apart = 0;
    uint64_t mixed[3];
    uint64_t among_cars_s = 0;
    for (int threads = 1; threads <= 3; threads++) {
        par_set_threads(threads);
        among_cars_s = delay_beside_cyclists(CYCLE_MIXED_SLOW, &mixed[threads - 1]);
        assert_true(mixed[threads - 1] == mixed[0]);
    }
    par_set_threads(0);
    uint64_t apart_s = delay_beside_cyclists(CYCLE_PATH_OWN, &apart);
    assert_true(apart_s > 0 && among_cars_s > apart_s + apart_s / 20);
}

static void cyclists_leave_each_mixed_link_when_they_get_there(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 0, 16);
    cyclists c;
    mobsim_demand d = {0};
    for (uint32_t t = 0; t < f.p.tour.count; t++) {
        f.p.tour.mode[t] = t == 0 ? MODE_CYCLE : MODE_WALK;
    }
    f.w.network.link.cycle_facility[0] = CYCLE_MIXED_SLOW;
    assert_ok(cyclists_init(&f.w, &f.p, &f.a, &c));
    assert_ok(cyclists_find(&f.w, &f.people, &f.p, &c));
    assert_true(c.count[0] > 1 && c.count[1] > 1);
    for (uint32_t k = 0; k < c.count[0]; k++) {  // on the first way every second link is a path of its own
        f.w.network.link.cycle_facility[c.route.link[c.first[0] + k]] = k % 2 == 0 ? CYCLE_MIXED_FAST : CYCLE_PATH_OWN;
    }
    for (uint32_t k = 0; k < c.count[1]; k++) {
        f.w.network.link.cycle_facility[c.route.link[c.first[1] + k]] = CYCLE_LANE;
    }
    assert_ok(cyclists_add(&f.w, &f.people, &f.p, &c, &f.a, &d));
    assert_int_equal(d.cycle_count, (c.count[0] + 1) / 2);
    uint32_t time_ds = 10 * (uint32_t)f.p.tour.departure_s[0];
    for (uint32_t k = 0; k < c.count[0]; k++) {
        uint32_t e = c.route.link[c.first[0] + k];
        time_ds += route_active_link_ds(f.w.active, ACTIVE_CYCLE, e);
        assert_true(k % 2 == 1 || (d.cycle_link[k / 2] == e && d.cycle_s[k / 2] == time_ds / 10));
    }
    cyclists_free(&c);
    arena_free(&f.a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_act_from_their_start_year),
        cmocka_unit_test(cordon_price_is_paid_once_on_the_way_in),
        cmocka_unit_test(a_measure_on_nothing_is_refused_with_its_place),
        cmocka_unit_test(flow_vehicles_are_counted_exactly_and_nested_over_years),
        cmocka_unit_test(never_more_drivers_than_cars),
        cmocka_unit_test(a_whole_population_never_drives_more_cars_than_it_has),
        cmocka_unit_test(walking_utility_equals_a_hand_calculation),
        cmocka_unit_test(equilibrium_accounts_for_everybody_and_converges),
        cmocka_unit_test(equilibrium_is_the_same_for_any_number_of_threads),
        cmocka_unit_test(indicators_equal_a_recount),
        cmocka_unit_test(people_on_foot_are_on_the_links_of_their_trips),
        cmocka_unit_test(bus_passengers_are_between_their_stops),
        cmocka_unit_test(sentences_say_what_is_missing_and_how_to_get_it),
        cmocka_unit_test(dearer_driving_means_less_driving),
        cmocka_unit_test(buses_of_the_timetable_drive_in_the_traffic),
        cmocka_unit_test(nobody_makes_a_forbidden_turn),
        cmocka_unit_test(stops_off_the_roads_are_left_out),
        cmocka_unit_test(a_passenger_rides_with_the_driver_who_leads),
        cmocka_unit_test(a_congested_town_comes_to_rest),
        cmocka_unit_test(cyclists_on_the_street_take_room_from_cars),
        cmocka_unit_test(cyclists_leave_each_mixed_link_when_they_get_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
