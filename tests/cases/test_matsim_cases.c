// MATSim scenarios of others, where they lie on this machine (VESTSIM_CASES, else ../shared/cases beside the project):
// reference events of MATSim's QSim and of the Rust QSim, and two larger scenarios that must be accounted for.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/log.h"
#include "io/matsim.h"
#include "support.h"
#include "xml_stream.h"

enum { PATH_BYTES = 1024, DAY_S = 36 * 3600, EVENTS_MAX = 70000, ID_BYTES = 16, TEMP_BYTES = 256 };

static char cases[PATH_BYTES];
static char folder[TEMP_BYTES];

static int find_cases(void **state) {
    (void)state;
    log_set_level(LOG_QUIET);
    support_temp_dir(folder);
    const char *given = getenv("VESTSIM_CASES");
    snprintf(cases, sizeof cases, "%s",
             given != NULL && given[0] != '\0' ? given : VESTSIM_SOURCE_DIR "/../shared/cases");
    return 0;
}

static int tidy(void **state) {
    (void)state;
    char path[2 * TEMP_BYTES];
    snprintf(path, sizeof path, "%s/plans.xml", folder);
    (void)remove(path);
    snprintf(path, sizeof path, "%s/events.xml.gz", folder);
    (void)remove(path);
    return remove(folder);
}

static const char *case_path(const char *name, char out[PATH_BYTES]) {
    struct stat about;
    snprintf(out, PATH_BYTES, "%.700s/%.200s", cases, name);
    if (stat(out, &about) != 0) {
        print_message("skipped: no %s in %s\n", name, cases);
        skip();
    }
    return out;
}

// --- a day --------------------------------------------------------------------------------------------------------

typedef struct day {
    arena a;
    network n;
    matsim_network_info info;
    chain_plans plans;
    chain_result r;
} day;

static void run_day(day *d, const char *network_name, const char *plans_path, double scale) {
    char path[PATH_BYTES];
    arena_init(&d->a);
    assert_ok(matsim_load_network(case_path(network_name, path), &d->a, &d->n, &d->info));
    assert_ok(matsim_load_plans(plans_path, &d->n, &d->a, &d->plans));
    const mobsim_params p = {.wave_speed_kmh = 18,
                             .jam_spacing_m = d->info.cell_size_m,
                             .stuck_s = 60,
                             .lorry_pcu = 2,
                             .scale = scale,
                             .end_s = DAY_S};
    assert_ok(chain_run(&d->n, &p, &d->plans, NULL, 50, &d->a, &d->r));
    assert_int_equal(d->r.unsettled, 0);
    assert_int_equal(d->r.mobsim.unbalanced_s, IX_NONE);
    assert_int_equal(d->r.mobsim.started, d->r.mobsim.arrived + d->r.mobsim.on_network);
}

static uint32_t count_legs(const day *d, const char *mode_name, chain_outcome outcome) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < d->plans.leg_count; i++) {
        count += d->r.outcome[i] == outcome && strcmp(d->plans.leg[i].mode, mode_name) == 0;
    }
    return count;
}

static double driven_s(const day *d) {
    double sum_s = 0;
    for (uint32_t i = 0; i < d->plans.leg_count; i++) {
        sum_s += d->r.outcome[i] == CHAIN_ARRIVED ? (double)(d->r.arrival_s[i] - d->r.departure_s[i]) : 0;
    }
    return sum_s;
}

// --- events -------------------------------------------------------------------------------------------------------

typedef struct event {
    double time_s;
    char type[32];
    char who[ID_BYTES];  // person or vehicle
    char link[ID_BYTES];
    char leg_mode[ID_BYTES];
} event;

typedef struct event_list {
    uint32_t count;
    event event[EVENTS_MAX];
} event_list;

static event_list expected, actual;

static void copy(char *out, size_t room, const char *value) {
    snprintf(out, room, "%s", value != NULL ? value : "");
}

static err_code on_start(xml_stream *x, void *ctx, const char *name, const char *const *attribute) {
    event_list *list = ctx;
    (void)x;
    if (strcmp(name, "event") != 0) {
        return ERR_OK;
    }
    assert_true(list->count < EVENTS_MAX);
    event *e = &list->event[list->count++];
    const char *person = xml_stream_value(attribute, "person");
    e->time_s = strtod(xml_stream_value(attribute, "time"), NULL);
    copy(e->type, sizeof e->type, xml_stream_value(attribute, "type"));
    copy(e->who, sizeof e->who, person != NULL ? person : xml_stream_value(attribute, "vehicle"));
    copy(e->link, sizeof e->link, xml_stream_value(attribute, "link"));
    copy(e->leg_mode, sizeof e->leg_mode, xml_stream_value(attribute, "legMode"));
    e->who[strcspn(e->who, "_")] = '\0';  // the Rust QSim calls the car of person 1 1_car
    return ERR_OK;
}

static err_code on_end(xml_stream *x, void *ctx, const char *name) {
    (void)x;
    (void)ctx;
    (void)name;
    return ERR_OK;
}

static void read_events(const char *path, event_list *list) {
    static const xml_handlers handlers = {.start = on_start, .end = on_end};
    list->count = 0;
    assert_ok(xml_stream_parse(path, &handlers, list));
}

static void save_and_read(const day *d, event_list *list) {
    char path[2 * TEMP_BYTES];
    snprintf(path, sizeof path, "%s/events.xml.gz", folder);
    assert_ok(matsim_save_events(path, &d->n, &d->plans, NULL, &d->r, DAY_S));
    read_events(path, list);
    for (uint32_t i = 1; i < list->count; i++) {
        assert_true(list->event[i - 1].time_s <= list->event[i].time_s);
    }
}

static uint32_t count_events(const event_list *list, const char *type, const char *link) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        const event *e = &list->event[i];
        count += strcmp(e->type, type) == 0 && (link == NULL || strcmp(e->link, link) == 0);
    }
    return count;
}

// The next event of this vehicle on a link from position *at on, or NULL.
static const event *next_entry(const event_list *list, const char *who, uint32_t *at) {
    for (; *at < list->count; (*at)++) {
        const event *e = &list->event[*at];
        if (strcmp(e->type, "entered link") == 0 && strcmp(e->who, who) == 0) {
            return &list->event[(*at)++];
        }
    }
    return NULL;
}

// --- MATSim -------------------------------------------------------------------------------------------------------

// Tolerance of the case: 2 s a link crossed. What is measured is 1 s in all.
static void check_vehicle(const char *who) {
    uint32_t at = 0, expected_at = 0, crossed = 0;
    const event *wanted = next_entry(&expected, who, &expected_at);
    for (; wanted != NULL; wanted = next_entry(&expected, who, &expected_at)) {
        const event *got = next_entry(&actual, who, &at);
        assert_non_null(got);
        assert_string_equal(got->link, wanted->link);
        crossed++;
        assert_near(got->time_s, wanted->time_s, 2 * crossed);
    }
    assert_null(next_entry(&actual, who, &at));
    assert_int_equal(crossed, 7);
}

static void equil_moves_like_the_reference_events(void **state) {
    (void)state;
    static const char *const links[] = {"1", "6", "15", "20", "21", "22", "23"};
    static const char *const types[] = {"actend",    "departure",    "PersonEntersVehicle",    "vehicle enters traffic",
                                        "left link", "entered link", "vehicle leaves traffic", "PersonLeavesVehicle",
                                        "arrival",   "actstart"};
    char path[PATH_BYTES];
    day d;
    read_events(case_path("matsim-equil/expected/plans100_qsim_events.xml.gz", path), &expected);
    run_day(&d, "matsim-equil/network.xml", case_path("matsim-equil/plans100.xml", path), 1);
    assert_int_equal(d.n.node.count, 15);
    assert_int_equal(d.n.link.count, 23);
    assert_int_equal(d.plans.person_count, 100);
    assert_int_equal(count_legs(&d, "car", CHAIN_ARRIVED), 201);
    assert_near(driven_s(&d), 340704, 0.02 * 340704);
    save_and_read(&d, &actual);
    assert_int_equal(actual.count, 3008);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        assert_int_equal(count_events(&actual, types[i], NULL), count_events(&expected, types[i], NULL));
    }
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        assert_int_equal(count_events(&actual, "entered link", links[i]), 100);
    }
    for (uint32_t person = 0; person < d.plans.person_count; person++) {
        check_vehicle(d.plans.person_id[person]);
    }
    arena_free(&d.a);
}

// The reference was run with a tenth of the capacity: its links pass 1000 vehicles in ten hours.
static void equil_with_2000_persons_queues_as_long(void **state) {
    (void)state;
    char path[PATH_BYTES];
    day d;
    run_day(&d, "matsim-equil/network.xml", case_path("matsim-equil/plans2000.xml.gz", path), 0.1);
    assert_int_equal(d.plans.person_count, 2000);
    assert_int_equal(count_legs(&d, "car", CHAIN_ARRIVED), 4000);
    assert_near(driven_s(&d), 78444000, 0.02 * 78444000);
    arena_free(&d.a);
}

static void check_accounted(const char *network_name, const char *plans_name, uint32_t persons, uint32_t links,
                            const char *const *modes, const uint32_t *legs, uint32_t driven) {
    char path[PATH_BYTES];
    day d;
    uint32_t sum = 0;
    run_day(&d, network_name, case_path(plans_name, path), 1);
    assert_int_equal(d.plans.person_count, persons);
    assert_int_equal(d.info.links_in_file, links);
    assert_int_equal(d.n.link.count + d.info.loops, links);
    for (uint32_t i = 0; modes[i] != NULL; i++) {
        uint32_t done = count_legs(&d, modes[i], i < driven ? CHAIN_ARRIVED : CHAIN_WAS_TELEPORTED);
        assert_int_equal(done, legs[i]);
        sum += done;
    }
    assert_int_equal(sum, d.plans.leg_count);
    arena_free(&d.a);
}

static void corsica_is_accounted_for(void **state) {
    (void)state;
    static const char *const modes[] = {"car", "car_passenger", "walk", "pt", NULL};
    static const uint32_t legs[] = {1084, 129, 208, 5};
    check_accounted("eqasim-corsica/corsica_network.xml.gz", "eqasim-corsica/corsica_population.xml.gz", 389, 65034,
                    modes, legs, 1);
}

static void pt_tutorial_is_accounted_for(void **state) {
    (void)state;
    // 1090 trips by public transport: those routed on foot are two or three legs.
    static const char *const modes[] = {"car", "pt", "transit_walk", NULL};
    static const uint32_t legs[] = {1138, 621, 1711};
    check_accounted("matsim-pt-tutorial/multimodalnetwork.xml", "matsim-pt-tutorial/0.plans.xml.gz", 900, 54, modes,
                    legs, 1);
}

// --- public transport -----------------------------------------------------------------------------------------------

// A day with the departures of a schedule, whose counts come from the case's README.
static void run_transit_day(day *d, schedule *s, const char *network_name, const char *plans_name,
                            const char *schedule_name, const char *vehicles_name) {
    char path[PATH_BYTES], vehicles[PATH_BYTES];
    arena_init(&d->a);
    assert_ok(matsim_load_network(case_path(network_name, path), &d->a, &d->n, &d->info));
    assert_ok(matsim_load_schedule(case_path(schedule_name, path), case_path(vehicles_name, vehicles), &d->n, &d->info,
                                   &d->a, s));
    (void)chain_place_schedule(&d->n, s);
    assert_ok(matsim_load_plans(case_path(plans_name, path), &d->n, &d->a, &d->plans));
    const mobsim_params p = {.wave_speed_kmh = 18,
                             .jam_spacing_m = d->info.cell_size_m,
                             .stuck_s = 60,
                             .lorry_pcu = 2,
                             .scale = 1,
                             .end_s = DAY_S};
    assert_ok(chain_run(&d->n, &p, &d->plans, s, 50, &d->a, &d->r));
    assert_int_equal(d->r.unsettled, 0);
    assert_int_equal(d->r.mobsim.unbalanced_s, IX_NONE);
    assert_int_equal(d->r.mobsim.started, d->r.mobsim.arrived + d->r.mobsim.on_network);
    assert_int_equal(d->r.transit.departures, s->departure_count);
    assert_int_equal(d->r.transit.completed, s->departure_count);
}

static void pt_tutorial_runs_its_schedule(void **state) {
    (void)state;
    char path[2 * TEMP_BYTES];
    day d;
    schedule s;
    run_transit_day(&d, &s, "matsim-pt-tutorial/multimodalnetwork.xml", "matsim-pt-tutorial/0.plans.xml.gz",
                    "matsim-pt-tutorial/transitschedule.xml", "matsim-pt-tutorial/transitVehicles.xml");
    assert_int_equal(s.facility_count, 4);
    assert_int_equal(s.line_count, 1);
    assert_int_equal(s.pattern_count, 2);
    assert_int_equal(s.departure_count, 100);
    assert_int_equal(schedule_capacity(&s, 0), 80);
    assert_int_equal(d.r.transit.by_timetable, 0);
    assert_int_equal(count_legs(&d, "car", CHAIN_ARRIVED), 1138);
    assert_int_equal(count_legs(&d, "pt", CHAIN_SERVED), 621);
    assert_int_equal(count_legs(&d, "transit_walk", CHAIN_WAS_TELEPORTED), 1711);
    assert_int_equal(d.r.transit.boardings, 621);
    assert_int_equal(d.r.transit.denied, 0);
    // MATSim 14 has the first train at stop 2a at 21801 s, a second late; it does not wait for its time there.
    uint32_t call = s.departure[0].call_first + 1;
    assert_int_equal(d.r.transit.arrival_s[call], 21801);
    assert_true(d.r.transit.departure_s[call] < s.call[call].departure_s);
    snprintf(path, sizeof path, "%s/events.xml.gz", folder);
    assert_ok(matsim_save_events(path, &d.n, &d.plans, &s, &d.r, DAY_S));
    read_events(path, &actual);
    assert_int_equal(count_events(&actual, "TransitDriverStarts", NULL), 100);
    assert_int_equal(count_events(&actual, "VehicleArrivesAtFacility", NULL), 300);
    assert_int_equal(count_events(&actual, "waitingForPt", NULL), 621);
    assert_int_equal(count_events(&actual, "PersonEntersVehicle", NULL), 1138 + 621 + 100);
    assert_int_equal(count_events(&actual, "PersonLeavesVehicle", NULL), 1138 + 621 + 100);
    assert_int_equal(count_events(&actual, "arrival", NULL), 1138 + 621 + 1711);
    assert_int_equal(count_events(&actual, "entered link", "12"), count_events(&actual, "left link", "12"));
    arena_free(&d.a);
}

static void siouxfalls_runs_its_schedule(void **state) {
    (void)state;
    day d;
    schedule s;
    run_transit_day(
        &d, &s, "matsim-siouxfalls-2014/Siouxfalls_network_PT.xml", "matsim-siouxfalls-2014/reduced_population.xml",
        "matsim-siouxfalls-2014/Siouxfalls_transitSchedule.xml", "matsim-siouxfalls-2014/Siouxfalls_vehicles.xml");
    double length_m = 0;
    for (uint32_t i = 0; i < d.n.link.count; i++) {
        length_m += (double)d.n.link.length_m[i];
    }
    assert_int_equal(d.n.node.count, 282);
    assert_int_equal(d.info.links_in_file, 334);
    assert_near(length_m, 148676, 0.5);
    assert_int_equal(s.facility_count, 133);
    assert_int_equal(s.line_count, 10);
    assert_int_equal(s.pattern_count, 10);
    assert_int_equal(s.departure_count, 2040);
    assert_int_equal(d.plans.person_count, 11);
    assert_int_equal(count_legs(&d, "car", CHAIN_WAS_UNUSABLE), 20);  // the file has no routes
    assert_int_equal(count_legs(&d, "pt", CHAIN_WAS_TELEPORTED), 2);
    arena_free(&d.a);
}

static void corsica_runs_its_schedule(void **state) {
    (void)state;
    day d;
    schedule s;
    run_transit_day(&d, &s, "eqasim-corsica/corsica_network.xml.gz", "eqasim-corsica/corsica_population.xml.gz",
                    "eqasim-corsica/corsica_transit_schedule.xml.gz", "eqasim-corsica/corsica_transit_vehicles.xml.gz");
    assert_int_equal(s.facility_count, 198);
    assert_int_equal(s.line_count, 35);
    assert_int_equal(s.departure_count, 83);
    assert_int_equal(schedule_capacity(&s, 0), 70);
    assert_int_equal(count_legs(&d, "car", CHAIN_ARRIVED), 1084);
    assert_int_equal(count_legs(&d, "car_passenger", CHAIN_WAS_TELEPORTED), 129);
    assert_int_equal(count_legs(&d, "walk", CHAIN_WAS_TELEPORTED), 208);
    assert_int_equal(count_legs(&d, "pt", CHAIN_SERVED), 5);
    assert_int_equal(d.r.transit.boardings, 5);
    arena_free(&d.a);
}

static void pt_tutorial_without_routes_reports_every_leg(void **state) {
    (void)state;
    char path[PATH_BYTES];
    day d;
    run_day(&d, "matsim-pt-tutorial/multimodalnetwork.xml", case_path("matsim-pt-tutorial/population.xml", path), 1);
    assert_int_equal(count_legs(&d, "car", CHAIN_WAS_UNUSABLE), 1138);
    assert_int_equal(count_legs(&d, "pt", CHAIN_WAS_TELEPORTED), 1090);
    assert_int_equal(d.plans.leg_count, 2228);
    arena_free(&d.a);
}

// --- Rust QSim ----------------------------------------------------------------------------------------------------

static const event *first_of(const event_list *list, const char *type, const char *link, double from_s) {
    for (uint32_t i = 0; i < list->count; i++) {
        const event *e = &list->event[i];
        if (e->time_s >= from_s && strcmp(e->type, type) == 0 && strcmp(e->link, link) == 0) {
            return e;
        }
    }
    fail_msg("no '%s' on link %s from %.0f s on", type, link, from_s);
    return NULL;
}

static void three_links_move_like_the_reference_events(void **state) {
    (void)state;
    char path[PATH_BYTES];
    day d;
    read_events(case_path("rust-qsim-basic/expected/3-links_expected_events.xml", path), &expected);
    run_day(&d, "rust-qsim-basic/3-links-network.xml", case_path("rust-qsim-basic/1-agent-full-leg.xml", path), 1);
    save_and_read(&d, &actual);
    assert_int_equal(d.plans.leg_count, 3);
    assert_int_equal(count_legs(&d, "walk", CHAIN_WAS_TELEPORTED), 2);
    // The reference walks 16 s to the car, the plan says 8: times are counted from the departure by car.
    double got_s = first_of(&actual, "vehicle enters traffic", "link1", 0)->time_s;
    double wanted_s = first_of(&expected, "vehicle enters traffic", "link1", 0)->time_s;
    assert_near(got_s, 32400 + 8, 0);
    const struct {
        const char *type, *link;
        double tolerance_s;  // 1 s a link and leg
    } points[] = {{"left link", "link1", 1},
                  {"entered link", "link2", 1},
                  {"entered link", "link3", 2},
                  {"vehicle leaves traffic", "link3", 2}};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        double got = first_of(&actual, points[i].type, points[i].link, 0)->time_s - got_s;
        double wanted = first_of(&expected, points[i].type, points[i].link, 0)->time_s - wanted_s;
        assert_near(got, wanted, points[i].tolerance_s);
    }
    arena_free(&d.a);
}

// The plan as the Rust QSim routed it: its own walks to and from the car.
static const char routed_plan[] =
    "<population><person id=\"1\"><plan selected=\"yes\">\n"
    "<activity type=\"h\" link=\"1\" end_time=\"06:00:00\"/><leg mode=\"walk\" trav_time=\"0\"/>\n"
    "<activity type=\"car interaction\" link=\"1\" max_dur=\"0\"/>\n"
    "<leg mode=\"car\"><route type=\"links\" start_link=\"1\" end_link=\"20\">1 2 11 20</route></leg>\n"
    "<activity type=\"car interaction\" link=\"20\" max_dur=\"0\"/><leg mode=\"walk\" trav_time=\"01:50:18\"/>\n"
    "<activity type=\"w\" link=\"20\" max_dur=\"00:10:00\"/><leg mode=\"walk\" trav_time=\"01:50:18\"/>\n"
    "<activity type=\"car interaction\" link=\"20\" max_dur=\"0\"/>\n"
    "<leg mode=\"car\"><route type=\"links\" start_link=\"20\" end_link=\"20\">20</route></leg>\n"
    "<activity type=\"car interaction\" link=\"20\" max_dur=\"0\"/><leg mode=\"walk\" trav_time=\"0\"/>\n"
    "<activity type=\"w\" link=\"20\" max_dur=\"03:30:00\"/><leg mode=\"walk\" trav_time=\"0\"/>\n"
    "<activity type=\"car interaction\" link=\"20\" max_dur=\"0\"/>\n"
    "<leg mode=\"car\"><route type=\"links\" start_link=\"20\" end_link=\"1\">20 21 22 23 1</route></leg>\n"
    "<activity type=\"car interaction\" link=\"1\" max_dur=\"0\"/><leg mode=\"walk\" trav_time=\"0\"/>\n"
    "<activity type=\"h\" link=\"1\"/></plan></person></population>\n";

static void equil_with_one_person_moves_like_the_reference_events(void **state) {
    (void)state;
    char path[PATH_BYTES];
    day d;
    double tolerance_s = 0;
    uint32_t at = 0, legs = 0;
    read_events(case_path("rust-qsim-basic/expected/equil_expected_events.xml", path), &expected);
    support_write_file(folder, "plans.xml", routed_plan, strlen(routed_plan));
    snprintf(path, sizeof path, "%s/plans.xml", folder);
    run_day(&d, "rust-qsim-basic/equil/equil-network.xml", path, 1);
    save_and_read(&d, &actual);
    assert_int_equal(count_legs(&d, "car", CHAIN_ARRIVED), 3);
    assert_near(driven_s(&d), 3240, 10);
    for (uint32_t i = 0; i < expected.count; i++) {
        const event *wanted = &expected.event[i];
        if (strcmp(wanted->type, "travelled") == 0) {
            continue;  // not written: says the same as the arrival
        }
        const event *got = &actual.event[at++];
        assert_string_equal(got->type, wanted->type);
        assert_string_equal(got->link, wanted->link);
        assert_string_equal(got->leg_mode, wanted->leg_mode);
        // 1 s a link, and 1 s a leg and activity, which the Rust QSim adds.
        tolerance_s += strcmp(wanted->type, "entered link") == 0 || strcmp(wanted->type, "arrival") == 0;
        legs += strcmp(wanted->type, "arrival") == 0;
        assert_near(got->time_s, wanted->time_s, tolerance_s + 1);
    }
    assert_int_equal(at, actual.count);
    assert_int_equal(legs, 9);
    arena_free(&d.a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equil_moves_like_the_reference_events),
        cmocka_unit_test(equil_with_2000_persons_queues_as_long),
        cmocka_unit_test(corsica_is_accounted_for),
        cmocka_unit_test(pt_tutorial_is_accounted_for),
        cmocka_unit_test(pt_tutorial_without_routes_reports_every_leg),
        cmocka_unit_test(pt_tutorial_runs_its_schedule),
        cmocka_unit_test(siouxfalls_runs_its_schedule),
        cmocka_unit_test(corsica_runs_its_schedule),
        cmocka_unit_test(three_links_move_like_the_reference_events),
        cmocka_unit_test(equil_with_one_person_moves_like_the_reference_events),
    };
    return cmocka_run_group_tests(tests, find_cases, tidy);
}
