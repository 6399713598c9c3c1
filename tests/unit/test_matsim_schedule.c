// MATSim transit schedules, vehicles and legs by public transport on a tiny scenario; the same as a GTFS folder; and
// every way in which they can be wrong.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "io/gtfs.h"
#include "io/matsim.h"
#include "io/plans_csv.h"
#include "io/schedule_gtfs.h"
#include "matsim_case.h"
#include "support.h"

enum { TEXT_BYTES = 1 << 14, PATH_BYTES = 512 };

typedef struct fixture {
    char folder[256];
    arena a;
    network n;
    matsim_network_info info;
    schedule s;
} fixture;

static fixture f;

static const mobsim_params params = {
    .wave_speed_kmh = 18, .jam_spacing_m = 7.5, .stuck_s = 60, .lorry_pcu = 2, .scale = 1, .end_s = 30 * 3600};

static const char *file(const char *name) {
    static char path[4][PATH_BYTES];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%s", f.folder, name);
    return path[next];
}

static void write_text(const char *name, const char *content) {
    support_write_file(f.folder, name, content, strlen(content));
}

static const char *edited(const char *content, const char *find, const char *replace) {
    static char out[TEXT_BYTES];
    const char *at = strstr(content, find);
    assert_non_null(at);
    int length = snprintf(out, sizeof out, "%.*s%s%s", (int)(at - content), content, replace, at + strlen(find));
    assert_true(length > 0 && length < TEXT_BYTES);
    return out;
}

static err_code load(const char *schedule_text, const char *vehicles_text) {
    write_text("schedule.xml", schedule_text);
    write_text("vehicles.xml", vehicles_text);
    return matsim_load_schedule(file("schedule.xml"), file("vehicles.xml"), &f.n, &f.info, &f.a, &f.s);
}

static int make(void **state) {
    (void)state;
    memset(&f, 0, sizeof f);
    log_set_level(LOG_QUIET);
    arena_init(&f.a);
    support_temp_dir(f.folder);
    write_text("network.xml", matsim_case_network);
    assert_ok(matsim_load_network(file("network.xml"), &f.a, &f.n, &f.info));
    return 0;
}

static int drop(void **state) {
    (void)state;
    char command[PATH_BYTES + 16];
    snprintf(command, sizeof command, "rm -r '%s'", f.folder);
    arena_free(&f.a);
    return system(command);
}

// --- reading --------------------------------------------------------------------------------------------------------

static void check_case(const schedule *s) {
    assert_int_equal(s->facility_count, 3);
    assert_int_equal(s->line_count, 2);
    assert_int_equal(s->pattern_count, 1);
    assert_int_equal(s->departure_count, 3);
    assert_int_equal(s->vehicle_count, 2);
    assert_int_equal(s->transfer_count, 1);
    const schedule_pattern *p = &s->pattern[0];
    assert_true(p->known);
    assert_string_equal(p->mode, "bus");
    assert_string_equal(s->line[p->line].name, "Line one");
    assert_int_equal(p->start_link, network_find_link(&f.n, "a"));
    assert_int_equal(p->link_count, 3);
    static const uint32_t driven[] = {0, 2, 3}, arrival_s[] = {10, 120, 300}, departure_s[] = {10, 180, 300};
    for (uint32_t i = 0; i < 3; i++) {
        const schedule_call *call = &s->call[s->departure[1].call_first + i];
        assert_int_equal(s->stop[p->stop_first + i].links_driven, driven[i]);
        assert_int_equal(s->stop[p->stop_first + i].awaits, i < 2);
        assert_int_equal(call->arrival_s, 25800 + arrival_s[i]);
        assert_int_equal(call->departure_s, 25800 + departure_s[i]);  // the last one is not before its arrival
    }
    assert_string_equal(s->facility[0].name, "First, stop");
    assert_near(s->facility[1].x_m, 500.5, 0);
    assert_int_equal(s->departure[0].vehicle, s->departure[2].vehicle);
    assert_int_equal(schedule_capacity(s, 0), 2);
    assert_int_equal(schedule_dwell_s(s, 0, 2, 1), 7);  // 6.5 s, one after the other
    assert_int_equal(s->transfer[0].time_s, 90);
}

static void a_schedule_is_read_as_it_stands(void **state) {
    (void)state;
    assert_ok(load(matsim_case_schedule, matsim_case_vehicles));
    check_case(&f.s);
    assert_int_equal(chain_place_schedule(&f.n, &f.s), 3);  // b, c and d are for cars
    assert_true(f.s.pattern[0].on_road);
    assert_near(schedule_mean_pcu(&f.s), 2.5, 0);
    assert_int_equal(chain_place_schedule(&f.n, &f.s), 0);
}

static void vehicles_of_version_2_are_read(void **state) {
    (void)state;
    assert_ok(load(matsim_case_schedule,
                   "<vehicleDefinitions>\n<vehicleType id=\"small\"><attributes>"
                   "<attribute name=\"accessTimeInSecondsPerPerson\" class=\"java.lang.Double\">0.5</attribute>"
                   "<attribute name=\"doorOperationMode\" class=\"x\">parallel</attribute>"
                   "<attribute name=\"egressTimeInSecondsPerPerson\" class=\"java.lang.Double\"> 4 </attribute>"
                   "</attributes><capacity seats=\"70\" standingRoomInPersons=\"30\"/></vehicleType>\n"
                   "<vehicle id=\"bus1\" type=\"small\"/></vehicleDefinitions>"));
    assert_int_equal(schedule_capacity(&f.s, 0), 100);
    assert_int_equal(schedule_dwell_s(&f.s, 0, 10, 1), 5);
    assert_int_equal(schedule_dwell_s(&f.s, 0, 1, 3), 12);
    assert_int_equal(schedule_capacity(&f.s, 1), UINT32_MAX);  // bus2 is not in the file
}

// Stops on a link from a node to itself, which is not in the network, are at that node.
static void stops_on_loops_are_at_their_node(void **state) {
    (void)state;
    network n;
    matsim_network_info info;
    schedule s;
    write_text("network.xml", edited(matsim_case_network, "<link id=\"b2\"",
                                     "<link id=\"loop\" from=\"n2\" to=\"n2\" length=\"10\" freespeed=\"9\" "
                                     "capacity=\"9\"/><link id=\"b2\""));
    assert_ok(matsim_load_network(file("network.xml"), &f.a, &n, &info));
    assert_int_equal(info.loops, 1);
    write_text("schedule.xml", edited(matsim_case_schedule, "<link refId=\"a\"/>", "<link refId=\"loop\"/>"));
    assert_ok(matsim_load_schedule(file("schedule.xml"), NULL, &n, &info, &f.a, &s));
    assert_false(s.pattern[0].known);  // the first stop is on a, which is no longer passed
    static char twice[TEXT_BYTES];
    snprintf(twice, sizeof twice, "%s", edited(matsim_case_schedule, "linkRefId=\"a\"", "linkRefId=\"loop\""));
    write_text("schedule.xml", edited(twice, "<link refId=\"a\"/>", "<link refId=\"loop\"/>"));
    assert_ok(matsim_load_schedule(file("schedule.xml"), NULL, &n, &info, &f.a, &s));
    assert_true(s.pattern[0].known);
    assert_int_equal(s.pattern[0].start_link, IX_NONE);
    assert_int_equal(s.pattern[0].link_count, 3);
    (void)chain_place_schedule(&n, &s);
    assert_true(s.pattern[0].on_road);
}

static void routes_that_cannot_be_driven_keep_to_the_timetable(void **state) {
    (void)state;
    static const char *const spoiled[][2] = {
        {"<link refId=\"b\"/>", "<link refId=\"nowhere\"/>"},  // not in the network
        {"<link refId=\"b\"/>", ""},                           // a gap
        {"<link refId=\"a\"/>", ""},                           // does not pass its first stop
        {"linkRefId=\"c\"", "linkRefId=\"b2\""},               // nor its second
    };
    for (size_t i = 0; i < sizeof spoiled / sizeof *spoiled; i++) {
        chain_plans plans;
        chain_result r;
        assert_ok(load(edited(matsim_case_schedule, spoiled[i][0], spoiled[i][1]), matsim_case_vehicles));
        (void)chain_place_schedule(&f.n, &f.s);
        assert_false(f.s.pattern[0].on_road);
        write_text("plans.xml", matsim_case_riders);
        assert_ok(matsim_load_plans(file("plans.xml"), &f.n, &f.a, &plans));
        assert_ok(chain_run(&f.n, &params, &plans, &f.s, 10, &f.a, &r));
        assert_int_equal(r.transit.departures, 3);
        assert_int_equal(r.transit.by_timetable, 3);
        assert_int_equal(r.transit.arrival_s[f.s.departure[0].call_first + 1], 25200 + 120);
        assert_int_equal(r.mobsim.started, 0);
        assert_int_equal(r.outcome[0], CHAIN_SERVED);
    }
}

// --- a day ----------------------------------------------------------------------------------------------------------

static void riders_wait_board_and_are_denied(void **state) {
    (void)state;
    chain_plans plans;
    chain_result r;
    assert_ok(load(matsim_case_schedule, matsim_case_vehicles));
    (void)chain_place_schedule(&f.n, &f.s);
    write_text("plans.xml", matsim_case_riders);
    assert_ok(matsim_load_plans(file("plans.xml"), &f.n, &f.a, &plans));
    assert_string_equal(plans.leg[2].wish->line_id, "L1");
    assert_string_equal(plans.leg[2].wish->egress_id, "s3");
    assert_ok(chain_run(&f.n, &params, &plans, &f.s, 20, &f.a, &r));
    assert_int_equal(r.unsettled, 0);
    // Two of three find room; the third takes the next bus. The first bus leaves at 07:00:10, drives b in 50 s and c in
    // 50 s, and waits for its time; then d in 50 s.
    assert_int_equal(r.transit.boardings, 3);
    assert_int_equal(r.transit.denied, 1);
    const uint32_t *arrival_s = r.transit.arrival_s + f.s.departure[0].call_first;
    assert_int_equal(arrival_s[1], 25210 + 100);
    assert_int_equal(r.arrival_s[0], arrival_s[1]);
    assert_int_equal(r.departure_s[1], arrival_s[1] + 60);  // the walk follows the real arrival
    assert_int_equal(r.transit.departure_s[f.s.departure[0].call_first + 1], 25380);
    assert_int_equal(arrival_s[2], 25430);
    assert_int_equal(r.arrival_s[2], 25430);
    assert_int_equal(r.transit.boarded[2], 0);
    assert_int_equal(r.transit.boarded[3], 1);
    assert_int_equal(r.transit.boarded_s[3], 25800);
    assert_int_equal(r.outcome[3], CHAIN_SERVED);
    assert_int_equal(r.transit.completed, 3);
    assert_int_equal(r.mobsim.started, 3);
    // Without a schedule they take their planned time.
    assert_ok(chain_run(&f.n, &params, &plans, NULL, 20, &f.a, &r));
    assert_int_equal(r.arrival_s[0], 25140 + 420);
    assert_int_equal(r.outcome[0], CHAIN_WAS_TELEPORTED);
}

static void who_finds_no_departure_is_reported(void **state) {
    (void)state;
    chain_plans plans;
    chain_result r;
    assert_ok(load(matsim_case_schedule, matsim_case_vehicles));
    (void)chain_place_schedule(&f.n, &f.s);
    static char twice[TEXT_BYTES];
    snprintf(twice, sizeof twice, "%s",
             edited(matsim_case_riders, "PT1===s1===L1===r1===s2", "PT1===s2===L1===r1===s1"));
    write_text("plans.xml", edited(twice, "06:59:20", "07:30:00"));
    assert_ok(matsim_load_plans(file("plans.xml"), &f.n, &f.a, &plans));
    assert_ok(chain_run(&f.n, &params, &plans, &f.s, 20, &f.a, &r));
    assert_int_equal(r.outcome[0], CHAIN_WAS_UNUSABLE);  // no vehicle goes from s2 to s1
    assert_int_equal(r.transit.unfit, 1);
    assert_int_equal(r.outcome[2], CHAIN_SERVED);
    assert_int_equal(r.outcome[3], CHAIN_LEFT_WAITING);  // after the last bus
    assert_int_equal(r.transit.left_waiting, 1);
    mobsim_params short_day = params;
    short_day.end_s = 25400;
    assert_ok(chain_run(&f.n, &short_day, &plans, &f.s, 20, &f.a, &r));
    assert_int_equal(r.outcome[2], CHAIN_UNDER_WAY);
    assert_int_equal(r.transit.riding, 1);
    assert_int_equal(r.transit.departures, 1);
    assert_int_equal(r.transit.completed, 0);
}

// bus1 is back from its first departure only after its second should have left.
static void a_late_vehicle_is_late_for_its_next_departure(void **state) {
    (void)state;
    chain_plans plans;
    chain_result r;
    assert_ok(load(edited(matsim_case_schedule, "07:12:00", "07:01:00"), matsim_case_vehicles));
    (void)chain_place_schedule(&f.n, &f.s);
    write_text("plans.xml", matsim_case_riders);
    assert_ok(matsim_load_plans(file("plans.xml"), &f.n, &f.a, &plans));
    assert_ok(chain_run(&f.n, &params, &plans, &f.s, 20, &f.a, &r));
    assert_int_equal(r.unsettled, 0);
    assert_int_equal(r.transit.arrival_s[f.s.departure[0].call_first + 2], 25430);
    assert_int_equal(r.transit.start_s[2], 25430);
    assert_int_equal(r.transit.boarded[3], 2);  // now before d2
}

static void passengers_make_the_vehicle_dwell(void **state) {
    (void)state;
    chain_plans plans;
    chain_result r;
    static char eager[TEXT_BYTES];
    snprintf(eager, sizeof eager, "%s", matsim_case_schedule);
    for (char *at = strstr(eager, "true"); at != NULL; at = strstr(eager, "true")) {
        memcpy(at, "flse", 4);  // no stop awaits
    }
    assert_ok(load(eager, matsim_case_vehicles));
    (void)chain_place_schedule(&f.n, &f.s);
    write_text("plans.xml", matsim_case_riders);
    assert_ok(matsim_load_plans(file("plans.xml"), &f.n, &f.a, &plans));
    assert_ok(chain_run(&f.n, &params, &plans, &f.s, 20, &f.a, &r));
    const uint32_t *arrival_s = r.transit.arrival_s, *departure_s = r.transit.departure_s;
    assert_int_equal(departure_s[0], 25205);  // 2 x 2.5 s
    assert_int_equal(arrival_s[1], 25305);
    assert_int_equal(departure_s[1], 25307);  // 1.5 s for one who gets off
    assert_int_equal(arrival_s[2], 25357);
}

// bus.random_wait of params/validation_cases.csv: headways of 5 and 15 min in turn make those who come at any time wait
// 6.25 min on average.
static void uneven_headways_make_people_wait(void **state) {
    (void)state;
    enum { STEP_S = 4, CYCLE_S = 1200, PERSONS = CYCLE_S / STEP_S };
    static char content[PERSONS * 256 + 32];
    chain_plans plans;
    chain_result r;
    double wait_s = 0;
    size_t used = (size_t)snprintf(content, sizeof content, "<plans>");
    for (int i = 0; i < PERSONS; i++) {
        used += (size_t)snprintf(content + used, sizeof content - used,
                                 "<person id=\"%d\"><plan><act type=\"h\" link=\"a\" end_time=\"%d\"/><leg mode=\"pt\">"
                                 "<route>PT1===s1===L1===r1===s3</route></leg><act type=\"w\"/></plan></person>",
                                 i, 25200 + 2 + i * STEP_S);
    }
    (void)snprintf(content + used, sizeof content - used, "</plans>");
    write_text("plans.xml", content);
    static char even[2][TEXT_BYTES];
    snprintf(even[0], TEXT_BYTES, "%s", edited(matsim_case_schedule, "07:10:00", "07:05:00"));
    snprintf(even[1], TEXT_BYTES, "%s",
             edited(even[0], "07:12:00\" vehicleRefId=\"bus1", "07:20:00\" vehicleRefId=\"bus3"));
    write_text("schedule.xml", edited(even[1], "awaitDeparture=\"true\"", ""));  // doors close at the arrival
    assert_ok(matsim_load_schedule(file("schedule.xml"), NULL, &f.n, &f.info, &f.a, &f.s));
    (void)chain_place_schedule(&f.n, &f.s);
    assert_ok(matsim_load_plans(file("plans.xml"), &f.n, &f.a, &plans));
    assert_ok(chain_run(&f.n, &params, &plans, &f.s, 50, &f.a, &r));
    assert_int_equal(r.unsettled, 0);
    assert_int_equal(r.transit.boardings, PERSONS);
    for (uint32_t leg = 0; leg < PERSONS; leg++) {
        wait_s += r.transit.boarded_s[leg] - (double)r.departure_s[leg];
    }
    assert_near(wait_s / PERSONS, 6.25 * 60, 0.5);
}

static void events_have_matsims_names(void **state) {
    (void)state;
    chain_plans plans;
    chain_result r;
    char *bytes;
    size_t count;
    assert_ok(load(matsim_case_schedule, matsim_case_vehicles));
    (void)chain_place_schedule(&f.n, &f.s);
    write_text("plans.xml", matsim_case_riders);
    assert_ok(matsim_load_plans(file("plans.xml"), &f.n, &f.a, &plans));
    assert_ok(chain_run(&f.n, &params, &plans, &f.s, 20, &f.a, &r));
    assert_ok(matsim_save_events(file("e.xml"), &f.n, &plans, &f.s, &r, params.end_s));
    assert_ok(table_read_file(file("e.xml"), 1 << 20, &f.a, &bytes, &count));
    static const char *const wanted[] = {
        // in this order
        "<event time=\"25140.0\" type=\"waitingForPt\" person=\"q1\" agent=\"q1\" atStop=\"s1\" destinationStop=\"s2\" "
        "/>",
        "<event time=\"25200.0\" type=\"TransitDriverStarts\" driverId=\"pt_bus1_small\" vehicleId=\"bus1\" "
        "transitLineId=\"L1\" transitRouteId=\"r1\" departureId=\"d1\" />",
        "<event time=\"25200.0\" type=\"VehicleArrivesAtFacility\" vehicle=\"bus1\" facility=\"s1\" delay=\"-10.0\" />",
        "<event time=\"25200.0\" type=\"PersonEntersVehicle\" person=\"q1\" vehicle=\"bus1\" />",
        "<event time=\"25210.0\" type=\"VehicleDepartsAtFacility\" vehicle=\"bus1\" facility=\"s1\" delay=\"0.0\" />",
        "<event time=\"25210.0\" type=\"left link\" vehicle=\"bus1\" link=\"a\" />",
        "<event time=\"25210.0\" type=\"entered link\" vehicle=\"bus1\" link=\"b\" />",
        "<event time=\"25260.0\" type=\"entered link\" vehicle=\"bus1\" link=\"c\" />",
        "<event time=\"25310.0\" type=\"VehicleArrivesAtFacility\" vehicle=\"bus1\" facility=\"s2\" delay=\"-10.0\" />",
        "<event time=\"25310.0\" type=\"PersonLeavesVehicle\" person=\"q1\" vehicle=\"bus1\" />",
        "<event time=\"25310.0\" type=\"arrival\" person=\"q1\" link=\"c\" legMode=\"pt\" />",
        "<event time=\"25430.0\" type=\"PersonLeavesVehicle\" person=\"q2\" vehicle=\"bus1\" />",
        "<event time=\"25430.0\" type=\"vehicle leaves traffic\" person=\"pt_bus1_small\" link=\"d\" vehicle=\"bus1\"",
    };
    const char *at = bytes;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const char *next = strstr(at, wanted[i]);
        if (next == NULL) {
            fail_msg("not there, or too early: %s", wanted[i]);
        }
        at = next;
    }
}

// --- GTFS -----------------------------------------------------------------------------------------------------------

static void a_schedule_comes_back_from_its_gtfs_folder(void **state) {
    (void)state;
    schedule back;
    transit t;
    assert_ok(load(matsim_case_schedule, matsim_case_vehicles));
    assert_false(schedule_gtfs_is(f.folder));
    assert_ok(schedule_gtfs_save(file("gtfs"), &f.n, &f.s));
    assert_true(schedule_gtfs_is(file("gtfs")));
    assert_ok(schedule_gtfs_load(file("gtfs"), &f.n, &f.a, &back));
    check_case(&back);
    assert_string_equal(back.departure[2].id, "d3");
    assert_near(schedule_mean_pcu(&back), 0, 0);  // not placed
    // Other readers of GTFS find the same timetable, with the stops in metres of the network's plane.
    const gtfs_options o = {.date = "2023-10-18", .footpath_max_m = 0, .walk_speed_kmh = 5};
    assert_ok(gtfs_load(file("gtfs"), &o, &f.a, &t));
    assert_int_equal(t.stop.count, 3);
    assert_near(t.stop.x_m[1], 500.5, 0);
    assert_near(t.stop.y_m[2], 500, 0);
    assert_int_equal(t.trip.count, 3);
    assert_string_equal(t.trip.line[0], "Line one");
    assert_string_equal(t.trip.id[1], "L1/r1/d2");
    assert_int_equal(t.departure_s[t.trip.time_first[1] + 1], 25800 + 180);
}

static void plans_with_wishes_come_back_from_csv(void **state) {
    (void)state;
    chain_plans plans, back;
    write_text("plans.xml", matsim_case_riders);
    assert_ok(matsim_load_plans(file("plans.xml"), &f.n, &f.a, &plans));
    assert_ok(plans_csv_save(file("plans.csv"), &f.n, &plans));
    assert_ok(plans_csv_load(file("plans.csv"), &f.n, &f.a, &back));
    assert_int_equal(back.leg_count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(back.leg[i].wish == NULL, plans.leg[i].wish == NULL);
        if (back.leg[i].wish != NULL) {
            assert_string_equal(back.leg[i].wish->line_id, plans.leg[i].wish->line_id);
            assert_string_equal(back.leg[i].wish->route_id, plans.leg[i].wish->route_id);
            assert_string_equal(back.leg[i].wish->access_id, plans.leg[i].wish->access_id);
            assert_string_equal(back.leg[i].wish->egress_id, plans.leg[i].wish->egress_id);
        }
    }
}

// --- bad input ------------------------------------------------------------------------------------------------------

static void broken_schedules_are_located_errors(void **state) {
    (void)state;
    static const struct {
        bool vehicles;
        const char *find, *replace;
        err_code code;
        const char *message;
    } bad[] = {
        {false, "<transitSchedule>", "<schedule>", ERR_FORMAT, "schedule.xml:3: this is not a MATSim transit schedule"},
        {false, "id=\"s2\"", "id=\"s1\"", ERR_REFERENCE, "schedule.xml:6: the stop id 's1' is used twice"},
        {false, "x=\"0\"", "x=\"east\"", ERR_FORMAT, "schedule.xml:5: x=\"east\" is not a number"},
        {false, " y=\"500\"", "", ERR_FORMAT, "schedule.xml:7: the attribute 'y' is missing"},
        {false, "refId=\"s2\"", "refId=\"s9\"", ERR_REFERENCE, "schedule.xml:15: there is no stop 's9'"},
        {false, "toStop=\"s2\"", "toStop=\"s9\"", ERR_REFERENCE, "schedule.xml:9: there is no stop 's9'"},
        {false, "07:10:00", "later", ERR_FORMAT, "schedule.xml:22: departureTime=\"later\" is not a time"},
        {false, "departureTime=\"07:10:00\"", "", ERR_FORMAT, "schedule.xml:22: the attribute 'departureTime'"},
        {false, "00:02:00", "soon", ERR_FORMAT, "schedule.xml:15: arrivalOffset=\"soon\" is not a time"},
        {false, "id=\"d2\"", "", ERR_FORMAT, "schedule.xml:22: the attribute 'id' is missing"},
        {false, "</transitRoute>", "", ERR_FORMAT, "schedule.xml:26: this is not well-formed XML"},
        {false, "<transitLine id=\"L2\"/>", "<departure id=\"x\"/>", ERR_FORMAT, "belongs to no transitRoute"},
        {false, "<transitLine id=\"L2\"/>", "<transitRoute id=\"x\"/>", ERR_FORMAT, "a route that belongs to no line"},
        {false, "<transitLine id=\"L2\"/>", "<transitLine id=\"L1\"><transitRoute id=\"r1\"/></transitLine>",
         ERR_REFERENCE, "schedule.xml:27: line 'L1' has two routes 'r1'"},
        {true, "<vehicleDefinitions", "<vehicles", ERR_FORMAT, "vehicles.xml:1: these are not MATSim vehicles"},
        {true, "type=\"small\"", "type=\"big\"", ERR_REFERENCE, "vehicles.xml:8: there is no vehicle type 'big'"},
        {true, "persons=\"1\"", "persons=\"-1\"", ERR_RANGE, "vehicles.xml:3: persons=\"-1\" is outside"},
        {true, "2.5", "slow", ERR_FORMAT, "vehicles.xml:4: secondsPerPerson=\"slow\" is not a number"},
        {true, "<vehicle id=\"bus1\"", "<vehicleType id=\"small\"/><vehicle id=\"bus1\"", ERR_REFERENCE,
         "vehicles.xml:8: the vehicle type 'small' is there twice"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *good = bad[i].vehicles ? matsim_case_vehicles : matsim_case_schedule;
        const char *spoiled = edited(good, bad[i].find, bad[i].replace);
        // A root that is not closed is found at the end of the file only: what it starts with, at once.
        err_code code =
            load(bad[i].vehicles ? matsim_case_schedule : spoiled, bad[i].vehicles ? spoiled : matsim_case_vehicles);
        assert_error(code, bad[i].code, bad[i].message);
    }
    assert_error(matsim_load_schedule(file("none.xml"), NULL, &f.n, &f.info, &f.a, &f.s), ERR_FILE, "none.xml");
}

static void times_that_run_backwards_are_raised(void **state) {
    (void)state;
    static const char *const odd[][2] = {{"00:02:00", "-08:15:00"}, {"\"00:03:00\"", "\"00:00:30\""}};
    for (size_t i = 0; i < 2; i++) {
        assert_ok(load(edited(matsim_case_schedule, odd[i][0], odd[i][1]), matsim_case_vehicles));
        const schedule_call *call = &f.s.call[f.s.departure[0].call_first];
        assert_true(call[1].arrival_s >= call[0].departure_s && call[1].departure_s >= call[1].arrival_s);
        assert_true(call[2].arrival_s >= call[1].departure_s);
    }
}

static void broken_gtfs_folders_are_located_errors(void **state) {
    (void)state;
    static const struct {
        const char *file, *find, *replace;
        err_code code;
        const char *message;
    } bad[] = {
        {"stops.txt", "stop_x", "x", ERR_FORMAT, "stop_x"},
        {"stops.txt", "s2,Second", "s1,Second", ERR_REFERENCE, "stops.txt:3"},
        {"stops.txt", "500.5", "far", ERR_FORMAT, "stops.txt:3"},
        {"routes.txt", "L2", "L1", ERR_REFERENCE, "routes.txt:3"},
        {"patterns.txt", "L1,r1", "L7,r1", ERR_REFERENCE, "patterns.txt:2"},
        {"trips.txt", ",r1,d2", ",r7,d2", ERR_REFERENCE, "trips.txt:3"},
        {"trips.txt", "L1/r1/d2", "L1/r1/d1", ERR_REFERENCE, "trips.txt:3"},
        {"trips.txt", "bus2", "bus7", ERR_REFERENCE, "trips.txt:3"},
        {"trips.txt", "07:10:00", "later", ERR_FORMAT, "trips.txt:3"},
        {"trips.txt", "07:00:00", "07:01:00", ERR_RANGE, "departure 'd1': its times run backwards"},
        {"stop_times.txt", "s2,2", "s9,2", ERR_REFERENCE, "stop_times.txt:3"},
        {"stop_times.txt", "s2,2", "s2,3", ERR_RANGE, "stop_times.txt:3"},
        {"stop_times.txt", "s2,2,1,2", "s2,2,1,9", ERR_FORMAT, "stop_times.txt:6"},
        {"stop_times.txt", "L1/r1/d1", "L1/r1/d9", ERR_FORMAT, "stop_times.txt"},
        {"vehicles.txt", "bus2", "bus1", ERR_REFERENCE, "vehicles.txt:3"},
        {"vehicles.txt", "small,1,1", "small,1,x", ERR_FORMAT, "vehicles.txt:2"},
        {"transfers.txt", "s1,s2", "s1,s9", ERR_REFERENCE, "transfers.txt:2"},
    };
    assert_ok(load(matsim_case_schedule, matsim_case_vehicles));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char *bytes, name[64];
        size_t count;
        schedule back;
        assert_ok(schedule_gtfs_save(file("gtfs"), &f.n, &f.s));
        snprintf(name, sizeof name, "gtfs/%s", bad[i].file);
        assert_ok(table_read_file(file(name), TEXT_BYTES, &f.a, &bytes, &count));
        write_text(name, edited(bytes, bad[i].find, bad[i].replace));
        assert_error(schedule_gtfs_load(file("gtfs"), &f.n, &f.a, &back), bad[i].code, bad[i].message);
        assert_ok(schedule_gtfs_save(file("gtfs"), &f.n, &f.s));
        assert_int_equal(unlink(file(name)), 0);
        assert_error(schedule_gtfs_load(file("gtfs"), &f.n, &f.a, &back), ERR_FILE, bad[i].file);
    }
    assert_error(schedule_gtfs_save("/nonexistent/x", &f.n, &f.s), ERR_FILE, "cannot be made");
}

static void memory_errors_are_passed_on(void **state) {
    (void)state;
    assert_ok(load(matsim_case_schedule, matsim_case_vehicles));
    assert_ok(schedule_gtfs_save(file("gtfs"), &f.n, &f.s));
    err_code code = ERR_MEMORY;
    for (int64_t after = 0; after < 400 && code == ERR_MEMORY; after++) {
        arena a;
        schedule s;
        arena_init(&a);
        mem_fail_after(after);
        code = after % 2 == 0 ? schedule_gtfs_load(file("gtfs"), &f.n, &a, &s)
                              : matsim_load_schedule(file("schedule.xml"), file("vehicles.xml"), &f.n, &f.info, &a, &s);
        mem_fail_after(-1);
        assert_true(code == ERR_OK || code == ERR_MEMORY);
        assert_true(after > 2 || code == ERR_MEMORY);
        arena_free(&a);
    }
    assert_ok(code);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_schedule_is_read_as_it_stands, make, drop),
        cmocka_unit_test_setup_teardown(vehicles_of_version_2_are_read, make, drop),
        cmocka_unit_test_setup_teardown(stops_on_loops_are_at_their_node, make, drop),
        cmocka_unit_test_setup_teardown(routes_that_cannot_be_driven_keep_to_the_timetable, make, drop),
        cmocka_unit_test_setup_teardown(riders_wait_board_and_are_denied, make, drop),
        cmocka_unit_test_setup_teardown(who_finds_no_departure_is_reported, make, drop),
        cmocka_unit_test_setup_teardown(a_late_vehicle_is_late_for_its_next_departure, make, drop),
        cmocka_unit_test_setup_teardown(passengers_make_the_vehicle_dwell, make, drop),
        cmocka_unit_test_setup_teardown(uneven_headways_make_people_wait, make, drop),
        cmocka_unit_test_setup_teardown(events_have_matsims_names, make, drop),
        cmocka_unit_test_setup_teardown(a_schedule_comes_back_from_its_gtfs_folder, make, drop),
        cmocka_unit_test_setup_teardown(plans_with_wishes_come_back_from_csv, make, drop),
        cmocka_unit_test_setup_teardown(broken_schedules_are_located_errors, make, drop),
        cmocka_unit_test_setup_teardown(times_that_run_backwards_are_raised, make, drop),
        cmocka_unit_test_setup_teardown(broken_gtfs_folders_are_located_errors, make, drop),
        cmocka_unit_test_setup_teardown(memory_errors_are_passed_on, make, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
