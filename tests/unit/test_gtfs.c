#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <zip.h>

#include "io/gtfs.h"
#include "io_bad.h"
#include "io_case.h"
#include "support.h"

typedef struct fixture {
    char folder[IO_CASE_PATH_BYTES];
    char feed[IO_CASE_PATH_BYTES + 16];
    arena a;
    transit t;
    gtfs_options o;
} fixture;

static fixture f;

static int set_up(void **state) {
    (void)state;
    io_case_create(f.folder);
    snprintf(f.feed, sizeof f.feed, "%s/gtfs", f.folder);
    arena_init(&f.a);
    f.o = (gtfs_options){.date = "2023-10-18", .footpath_max_m = 500, .walk_speed_kmh = 4.8};
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

static void load_feed(void) {
    assert_ok(gtfs_load(f.feed, &f.o, &f.a, &f.t));
}

static uint32_t trip_ix(const char *id) {
    for (uint32_t i = 0; i < f.t.trip.count; i++) {
        if (strcmp(f.t.trip.id[i], id) == 0) {
            return i;
        }
    }
    fail_msg("no trip %s", id);
    return IX_NONE;
}

static int32_t arrival(const char *trip, uint32_t position) {
    return f.t.arrival_s[f.t.trip.time_first[trip_ix(trip)] + position];
}

static int32_t departure(const char *trip, uint32_t position) {
    return f.t.departure_s[f.t.trip.time_first[trip_ix(trip)] + position];
}

// Seconds of the footpath between two stops, -1 if there is none.
static int32_t walk_s(const char *from, const char *to) {
    uint32_t i = transit_find_stop(&f.t, from), j = transit_find_stop(&f.t, to);
    for (uint32_t k = f.t.path_first[i]; k < f.t.path_first[i + 1]; k++) {
        if (f.t.path_to[k] == j) {
            return f.t.path_s[k];
        }
    }
    return -1;
}

// --- stops and trips ------------------------------------------------------------------------------------------------

static void leaves_stations_out_of_the_stops(void **state) {
    (void)state;
    load_feed();
    assert_int_equal(f.t.stop.count, 4);
    assert_int_equal(transit_find_stop(&f.t, "S"), IX_NONE);
    uint32_t s1 = transit_find_stop(&f.t, "s1"), s4 = transit_find_stop(&f.t, "s4");
    assert_string_equal(f.t.stop.name[s1], "Track 1");
    // 0.04 degrees of latitude
    assert_near(hypot(f.t.stop.x_m[s4] - f.t.stop.x_m[s1], f.t.stop.y_m[s4] - f.t.stop.y_m[s1]), 4456, 5);
}

static void keeps_the_trips_of_the_day_only(void **state) {
    (void)state;
    load_feed();
    assert_int_equal(f.t.trip.count, 2 + 3 + 3);  // t1, t2, and two rows of frequencies
    f.o.date = "2023-10-22";                      // a Sunday
    load_feed();
    assert_int_equal(f.t.trip.count, 1);
    assert_string_equal(f.t.trip.id[0], "x1");
}

static void follows_exceptions_of_the_calendar(void **state) {
    (void)state;
    f.o.date = "2023-05-17";  // a Wednesday that runs as a Sunday
    load_feed();
    assert_int_equal(f.t.trip.count, 1);
    assert_string_equal(f.t.trip.id[0], "x1");
}

static void runs_on_the_first_and_the_last_day_of_a_calendar(void **state) {
    (void)state;
    edit("gtfs/calendar.txt", "weekday,1,1,1,1,1,0,0,20230101,20231231", "weekday,1,1,1,1,1,0,0,20231017,20231018");
    load_feed();
    f.o.date = "2023-10-17";
    load_feed();
    f.o.date = "2023-10-19";
    assert_error(gtfs_load(f.feed, &f.o, &f.a, &f.t), ERR_RANGE, "2023-10-18");
}

static void needs_no_calendar_beside_calendar_dates(void **state) {
    (void)state;
    char path[IO_CASE_PATH_BYTES];
    io_case_path(path, f.folder, "gtfs/calendar.txt");
    unlink(path);
    io_case_write_text(f.folder, "gtfs/calendar_dates.txt",
                       "service_id,date,exception_type\nweekday,20231018,1\nsunday,20231018,2\n");
    load_feed();
    assert_int_equal(f.t.trip.count, 8);
}

static void names_lines_and_kinds_of_vehicle(void **state) {
    (void)state;
    load_feed();
    assert_string_equal(f.t.trip.line[trip_ix("t1")], "R1");
    assert_int_equal(f.t.trip.route_type[trip_ix("t1")], 2);
    assert_string_equal(f.t.trip.headsign[trip_ix("t1")], "End");
    assert_string_equal(f.t.trip.line[trip_ix("f1#1")], "Two");  // no short name
    edit("gtfs/routes.txt", "r1,x,R1,One,2", "r1,x,R1,One,702");
    load_feed();
    assert_int_equal(f.t.trip.route_type[trip_ix("t1")], 3);  // extended type "express bus"
    edit("gtfs/routes.txt", "r1,x,R1,One,2", "r1,x,R1,One,42");
    load_feed();
    assert_int_equal(f.t.trip.route_type[trip_ix("t1")], 3);  // unknown: a bus
}

// --- times ----------------------------------------------------------------------------------------------------------

static void fills_in_untimed_stops_by_position(void **state) {
    (void)state;
    load_feed();
    // leaves at 7:01, one stop on the way, arrives at 7:21
    assert_int_equal(arrival("t1", 1), 7 * 3600 + 11 * 60);
    assert_int_equal(departure("t1", 1), 7 * 3600 + 11 * 60);
}

static void reads_times_after_midnight(void **state) {
    (void)state;
    load_feed();
    assert_int_equal(departure("t2", 0), 24 * 3600 + 50 * 60);
    assert_int_equal(arrival("t2", 1), 25 * 3600 + 10 * 60);
}

static void sorts_calls_by_sequence_not_by_row(void **state) {
    (void)state;
    edit("gtfs/stop_times.txt", "t2,24:50:00,24:50:00,s1,1,,\nt2,25:10:00,25:10:00,s4,2,,\n",
         "t2,25:10:00,25:10:00,s4,20,,\nt2,24:50:00,24:50:00,s1,3,,\n");
    load_feed();
    assert_int_equal(departure("t2", 0), 24 * 3600 + 50 * 60);
}

static void orders_calls_of_the_same_sequence_by_row(void **state) {
    (void)state;
    edit("gtfs/stop_times.txt", "t1,,,s3,5", "t1,,,s3,1");
    load_feed();
    uint32_t p = f.t.trip.pattern_ix[trip_ix("t1")];
    assert_int_equal(f.t.pattern_stop[f.t.pattern_stop_first[p] + 1], transit_find_stop(&f.t, "s3"));
}

static void takes_one_given_time_for_both(void **state) {
    (void)state;
    edit("gtfs/stop_times.txt", "t1,,,s3,5", "t1,07:05:00,,s3,5");
    load_feed();
    assert_int_equal(arrival("t1", 1), 7 * 3600 + 5 * 60);
    assert_int_equal(departure("t1", 1), 7 * 3600 + 5 * 60);
}

static void leaves_out_calls_before_the_first_and_after_the_last_time(void **state) {
    (void)state;
    edit("gtfs/stop_times.txt", "07:21:00,07:21:00,s4", ",,s4");
    load_feed();
    assert_int_equal(f.t.trip.count, 7);  // t1 has one timed call left: no trip
    edit("gtfs/stop_times.txt", "t1,7:00:00,07:01:00,s1,1,0,1\nt1,,,s3,5,,",
         "t1,,,s1,1,0,1\nt1,7:00:00,07:01:00,s3,5,,");
    load_feed();
    assert_int_equal(f.t.trip.count, 8);
    assert_int_equal(departure("t1", 0), 7 * 3600 + 60);
    assert_int_equal(arrival("t1", 1), 7 * 3600 + 21 * 60);
}

static void keeps_boarding_rules(void **state) {
    (void)state;
    load_feed();
    uint32_t first = f.t.trip.time_first[trip_ix("t1")];
    assert_int_equal(f.t.no_pickup[first], 0);
    assert_int_equal(f.t.no_dropoff[first], 1);
    assert_int_equal(f.t.no_pickup[first + 2], 1);
    assert_int_equal(f.t.no_dropoff[first + 2], 0);
}

// start_time <= departure < end_time, whatever the template's own times are.
static void expands_frequencies_as_the_specification_says(void **state) {
    (void)state;
    load_feed();
    const int32_t expected[6] = {6 * 3600, 6 * 3600 + 1200, 6 * 3600 + 2400, 7 * 3600, 7 * 3600 + 1800, 8 * 3600};
    for (uint32_t k = 0; k < 6; k++) {
        char id[16];
        snprintf(id, sizeof id, "f1#%u", k + 1);
        assert_int_equal(departure(id, 0), expected[k]);
        assert_int_equal(arrival(id, 1), expected[k] + 600);
    }
}

static void ends_frequencies_before_their_end(void **state) {
    (void)state;
    io_case_write_text(f.folder, "gtfs/frequencies.txt",
                       "trip_id,start_time,end_time,headway_secs\nf1,06:00:00,06:20:01,1200\n");
    load_feed();
    assert_int_equal(f.t.trip.count, 2 + 2);
    io_case_write_text(f.folder, "gtfs/frequencies.txt",
                       "trip_id,start_time,end_time,headway_secs\nf1,06:00:00,06:20:00,1200\n");
    load_feed();
    assert_int_equal(f.t.trip.count, 2 + 1);
}

static void fills_in_untimed_stops_by_shape_where_it_is_known(void **state) {
    (void)state;
    io_case_write_text(f.folder, "gtfs/stop_times.txt",
                       "trip_id,arrival_time,departure_time,stop_id,stop_sequence,shape_dist_traveled\n"
                       "t1,7:00:00,07:00:00,s1,1,10\nt1,,,s3,5,40\nt1,07:20:00,07:20:00,s4,9,110\n"
                       "t2,8:00:00,08:00:00,s1,1,10\nt2,,,s3,5,\nt2,08:20:00,08:20:00,s4,9,110\n"
                       "f1,00:10:00,00:10:00,s2,1,\nf1,00:20:00,00:20:00,s3,2,\n");
    load_feed();
    assert_int_equal(arrival("t1", 1), 7 * 3600 + 360);  // 30 of 100
    assert_int_equal(arrival("t2", 1), 8 * 3600 + 600);  // half-way from stop to stop
}

// --- staying seated
// ---------------------------------------------------------------------------------------------------

static void give_blocks(const char *first, const char *second) {
    char trips[256];
    snprintf(trips, sizeof trips,
             "route_id,service_id,trip_id,block_id\nr1,weekday,t1,%s\nr2,weekday,t2,%s\nr2,weekday,f1,\n", first,
             second);
    io_case_write_text(f.folder, "gtfs/trips.txt", trips);
    io_case_write_text(f.folder, "gtfs/stop_times.txt",
                       "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
                       "t1,7:00:00,07:00:00,s1,1\nt1,7:10:00,07:10:00,s3,2\n"
                       "t2,7:15:00,07:15:00,s3,1\nt2,7:30:00,07:30:00,s4,2\n"
                       "f1,00:10:00,00:10:00,s2,1\nf1,00:20:00,00:20:00,s3,2\n");
}

static void trips_of_a_block_are_one_run(void **state) {
    (void)state;
    give_blocks("b", "b");
    load_feed();
    uint32_t run = trip_ix("t1");
    assert_int_equal(f.t.part_first[run + 1] - f.t.part_first[run], 2);
    assert_int_equal(arrival("t1", 1), 7 * 3600 + 600);
    assert_int_equal(departure("t1", 1), 7 * 3600 + 900);
    assert_int_equal(arrival("t1", 2), 7 * 3600 + 1800);
    assert_string_equal(transit_part_at(&f.t, run, 0)->trip_id, "t1");
    assert_string_equal(transit_part_at(&f.t, run, 1)->trip_id, "t2");
    assert_string_equal(transit_part_at(&f.t, run, 1)->route_id, "r2");
}

static void trips_of_two_blocks_are_two_runs(void **state) {
    (void)state;
    give_blocks("b", "c");
    load_feed();
    assert_int_equal(arrival("t2", 1), 7 * 3600 + 1800);
}

static void transfers_of_type_4_and_5_say_who_stays_seated(void **state) {
    (void)state;
    give_blocks("b", "c");
    io_case_write_text(f.folder, "gtfs/transfers.txt",
                       "from_stop_id,to_stop_id,transfer_type,from_trip_id,to_trip_id\n,,4,t1,t2\n");
    load_feed();
    assert_int_equal(f.t.part_first[trip_ix("t1") + 1] - f.t.part_first[trip_ix("t1")], 2);
    give_blocks("b", "b");
    io_case_write_text(f.folder, "gtfs/transfers.txt",
                       "from_stop_id,to_stop_id,transfer_type,from_trip_id,to_trip_id\ns3,s3,5,t1,t2\n");
    load_feed();
    assert_int_equal(arrival("t2", 1), 7 * 3600 + 1800);
}

// --- several days
// -----------------------------------------------------------------------------------------------------

static void days_before_and_after_are_there_too(void **state) {
    (void)state;
    f.o.date = "2023-10-23";  // a Monday: on the Sunday only x1 runs, from 10:00
    f.o.days_before = 1;
    f.o.days_after = 1;
    load_feed();
    assert_int_equal(departure("x1@0", 0), 10 * 3600);
    assert_int_equal(departure("t2@1", 0), 86400 + 24 * 3600 + 3000);
    assert_int_equal(departure("t2@2", 0), 2 * 86400 + 24 * 3600 + 3000);
    assert_int_equal(f.t.part[f.t.part_first[trip_ix("t2@2")]].day, 2);
    f.o.days_before = 16;
    assert_error(gtfs_load(f.feed, &f.o, &f.a, &f.t), ERR_RANGE, "15");
}

static void a_date_without_service_is_an_error_whatever_ran_before(void **state) {
    (void)state;
    f.o.date = "2023-10-21";  // Saturday; t2 of Friday ends at 25:10
    f.o.days_before = 1;
    load_feed();
    f.o.date = "2023-10-28";
    f.o.days_before = 0;
    assert_error(gtfs_load(f.feed, &f.o, &f.a, &f.t), ERR_RANGE, "for example on 2023-10-27");
}

// --- walks ----------------------------------------------------------------------------------------------------------

static void walks_between_near_stops_unless_transfers_name_them(void **state) {
    (void)state;
    load_feed();
    assert_int_equal(walk_s("s1", "s2"), 240);  // min_transfer_time
    int32_t back = walk_s("s2", "s1");          // 22.3 m x 1.3 at 4.8 km/h
    assert_near(back, 22.3 * 1.3 / (4.8 / 3.6), 1);
    // named without a time: walking time, though out of reach
    assert_near(walk_s("s3", "s4"), 2228 * 1.3 / (4.8 / 3.6), 3);
    assert_int_equal(walk_s("s4", "s3"), -1);
    assert_int_equal(walk_s("s1", "s3"), -1);
}

static void forbids_what_transfers_forbid(void **state) {
    (void)state;
    edit("gtfs/transfers.txt", "s1,s2,2,240", "s1,s2,3,");
    load_feed();
    assert_int_equal(walk_s("s1", "s2"), -1);
    assert_true(walk_s("s2", "s1") > 0);
}

static void spreads_a_transfer_at_a_station_over_its_stops(void **state) {
    (void)state;
    edit("gtfs/transfers.txt", "s1,s2,2,240", "S,S,2,90");
    load_feed();
    assert_int_equal(walk_s("s1", "s2"), 90);
    assert_int_equal(walk_s("s2", "s1"), 90);
}

// The time of a change from one row of the stops to another at the same stop or between two.
static void a_change_at_a_stop_takes_what_its_transfer_says(void **state) {
    (void)state;
    edit("gtfs/transfers.txt", "s1,s2,2,240", "s3,s3,2,420");
    load_feed();
    assert_int_equal(f.t.change_s[transit_find_stop(&f.t, "s3")], 420);
    assert_int_equal(f.t.change_s[transit_find_stop(&f.t, "s1")], 0);
    edit("gtfs/transfers.txt", "s1,s2,2,240", "s3,s3,3,");
    load_feed();
    assert_int_equal(f.t.change_s[transit_find_stop(&f.t, "s3")], TRANSIT_NO_CHANGE);
}

// The kind of row at s3 that a trip of a route calls at.
static uint32_t row_of(const char *trip, uint32_t position) {
    return f.t.pattern_stop[f.t.pattern_stop_first[f.t.trip.pattern_ix[trip_ix(trip)]] + position];
}

static int32_t change_s(uint32_t from, uint32_t to) {
    for (uint32_t k = f.t.path_first[from]; from != to && k < f.t.path_first[from + 1]; k++) {
        if (f.t.path_to[k] == to) {
            return f.t.path_s[k];
        }
    }
    return from == to ? f.t.change_s[from] : -1;
}

static void the_most_specific_transfer_holds(void **state) {
    (void)state;
    give_blocks("", "");
    io_case_write_text(f.folder, "gtfs/transfers.txt",
                       "from_stop_id,to_stop_id,from_route_id,to_route_id,from_trip_id,to_trip_id,transfer_type,"
                       "min_transfer_time\n"
                       "s3,s3,,,,,2,100\ns3,s3,r1,,,,2,200\ns3,s3,r1,r2,,,2,300\ns3,s3,,,t1,,2,400\n"
                       "s3,s3,,r2,t1,,2,500\ns3,s3,,,t1,t2,3,\ns3,s3,,,f1,,2,700\ns3,s3,,,,nobody,2,800\n");
    load_feed();
    uint32_t t1 = row_of("t1", 1), t2 = row_of("t2", 0), f1 = row_of("f1#1", 1), s3 = transit_find_stop(&f.t, "s3");
    assert_true(t1 != t2 && t1 != f1 && t2 != f1);
    assert_int_equal(f.t.main_ix[t1], s3);
    assert_int_equal(change_s(t1, t2), -1);   // both trips: forbidden
    assert_int_equal(change_s(t1, f1), 500);  // trip and route: f1 is of r2
    assert_int_equal(change_s(t1, s3), 400);  // the trip alone
    assert_int_equal(change_s(f1, t2), 700);
    assert_int_equal(change_s(t2, t1), 100);  // nothing about r2 on its side: the stop's own
}

static void makes_no_walks_with_no_reach(void **state) {
    (void)state;
    f.o.footpath_max_m = 0;
    load_feed();
    assert_int_equal(f.t.path_first[f.t.stop.count], 2);  // the two that transfers.txt names
}

// The grid of cells against all pairs.
static void finds_the_same_near_stops_as_trying_all_pairs(void **state) {
    (void)state;
    enum { STOPS = 300 };
    char *stops = malloc(STOPS * 64);
    assert_non_null(stops);
    size_t used = (size_t)sprintf(stops,
                                  "stop_id,stop_name,stop_lat,stop_lon\ns1,A,59.6,10.7\ns2,B,59.6,10.7\n"
                                  "s3,C,59.62,10.7\ns4,D,59.64,10.7\n");
    for (uint32_t i = 0; i < STOPS - 4; i++) {
        double lat = 59.6 + 0.05 * support_uniform(11, i), lon = 10.7 + 0.1 * support_uniform(12, i);
        used += (size_t)sprintf(stops + used, "n%u,N,%.6f,%.6f\n", i, lat, lon);
    }
    io_case_write_text(f.folder, "gtfs/stops.txt", stops);
    free(stops);
    char path[IO_CASE_PATH_BYTES];
    io_case_path(path, f.folder, "gtfs/transfers.txt");
    unlink(path);
    load_feed();
    uint32_t expected = 0;
    for (uint32_t i = 0; i < f.t.stop.count; i++) {
        for (uint32_t j = 0; j < f.t.stop.count; j++) {
            double d = 1.3 * hypot(f.t.stop.x_m[i] - f.t.stop.x_m[j], f.t.stop.y_m[i] - f.t.stop.y_m[j]);
            if (i != j && d <= f.o.footpath_max_m) {
                expected++;
                assert_int_equal(walk_s(f.t.stop.id[i], f.t.stop.id[j]), (int32_t)ceil(d / (4.8 / 3.6)));
            }
        }
    }
    assert_true(expected > 500);
    assert_int_equal(f.t.path_first[f.t.stop.count], expected);
}

// --- zip files ------------------------------------------------------------------------------------------------------

static void add_member(zip_t *zip, const char *prefix, size_t i) {
    char name[IO_CASE_PATH_BYTES];
    snprintf(name, sizeof name, "%s%s", prefix, io_case_files[i].name + 5);  // without "gtfs/"
    zip_source_t *source = zip_source_buffer(zip, io_case_files[i].content, strlen(io_case_files[i].content), 0);
    assert_non_null(source);
    assert_true(zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8) >= 0);
}

// The feed as a zip, each file below prefix, and (as macOS does) shadows of them.
static void write_zip(const char *path, const char *prefix, const char *without, bool shadows) {
    int error = 0;
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &error);
    assert_non_null(zip);
    for (size_t i = 0; i < IO_CASE_FILE_COUNT; i++) {
        if (strncmp(io_case_files[i].name, "gtfs/", 5) != 0 ||
            (without != NULL && strcmp(io_case_files[i].name, without) == 0)) {
            continue;
        }
        add_member(zip, prefix, i);
        if (shadows) {
            add_member(zip, "__MACOSX/._", i);
        }
    }
    assert_int_equal(zip_close(zip), 0);
}

static void reads_a_zip_as_the_folder_it_came_from(void **state) {
    (void)state;
    const char *const prefixes[] = {"", "feed/", "a/b/"};
    load_feed();
    uint64_t hash = transit_hash(&f.t);
    char path[IO_CASE_PATH_BYTES];
    io_case_path(path, f.folder, "feed.zip");
    for (size_t i = 0; i < 3; i++) {
        write_zip(path, prefixes[i], NULL, i == 1);
        assert_ok(gtfs_load(path, &f.o, &f.a, &f.t));
        assert_int_equal(transit_hash(&f.t), hash);
    }
}

static void says_which_file_a_zip_lacks(void **state) {
    (void)state;
    char path[IO_CASE_PATH_BYTES];
    io_case_path(path, f.folder, "feed.zip");
    write_zip(path, "", "gtfs/stop_times.txt", false);
    assert_error(gtfs_load(path, &f.o, &f.a, &f.t), ERR_FILE, "feed.zip/stop_times.txt");
    write_zip(path, "", "gtfs/stops.txt", false);
    assert_error(gtfs_load(path, &f.o, &f.a, &f.t), ERR_FILE, "feed.zip/stops.txt");
}

// Every truncation and many flipped bytes: an error or the same feed, never a crash.
static void refuses_damaged_zips(void **state) {
    (void)state;
    char path[IO_CASE_PATH_BYTES], spoiled[IO_CASE_PATH_BYTES];
    io_case_path(path, f.folder, "feed.zip");
    io_case_path(spoiled, f.folder, "spoiled.zip");
    write_zip(path, "", NULL, false);
    char *bytes = NULL;
    size_t size = 0;
    assert_ok(table_read_file(path, 1 << 20, &f.a, &bytes, &size));
    for (uint32_t k = 0; k < 40; k++) {
        size_t kept = size * k / 40;
        io_case_write_bytes(f.folder, "spoiled.zip", bytes, kept);
        arena a;
        arena_init(&a);
        err_code code = gtfs_load(spoiled, &f.o, &a, &f.t);
        arena_free(&a);
        assert_true(code == ERR_FORMAT || code == ERR_FILE);
        assert_non_null(strstr(err_message(), "spoiled.zip"));
    }
    load_feed();
    uint64_t hash = transit_hash(&f.t);
    for (uint32_t k = 0; k < 100; k++) {
        size_t at = (size_t)(support_random(5, k) % size);
        bytes[at] = (char)(bytes[at] ^ 0x55);
        io_case_write_bytes(f.folder, "spoiled.zip", bytes, size);
        bytes[at] = (char)(bytes[at] ^ 0x55);
        arena a;
        arena_init(&a);
        err_clear();
        err_code code = gtfs_load(spoiled, &f.o, &a, &f.t);
        assert_true(code == ERR_OK ? transit_hash(&f.t) == hash || f.t.trip.count > 0 : err_message()[0] != '\0');
        arena_free(&a);
    }
}

static void says_what_a_file_is_not(void **state) {
    (void)state;
    char path[IO_CASE_PATH_BYTES];
    io_case_path(path, f.folder, "zones.csv");
    assert_error(gtfs_load(path, &f.o, &f.a, &f.t), ERR_FORMAT, "neither a folder nor a whole zip");
    io_case_path(path, f.folder, "nowhere");
    assert_error(gtfs_load(path, &f.o, &f.a, &f.t), ERR_FILE, "nowhere");
}

// --- the rest
// ---------------------------------------------------------------------------------------------------------

static void reads_a_byte_order_mark_and_windows_lines(void **state) {
    (void)state;
    io_case_write_text(f.folder, "gtfs/routes.txt",
                       "\xEF\xBB\xBFroute_id,route_short_name,route_type\r\nr1,\"R, 1\",2\r\n\r\nr2,R2,3\r\n");
    load_feed();
    assert_string_equal(f.t.trip.line[trip_ix("t1")], "R, 1");
}

// As in the specification's own sample feed. Quotes and commas in cells must not be taken for cell ends.
static void reads_rows_of_uneven_length(void **state) {
    (void)state;
    load_feed();
    uint64_t hash = transit_hash(&f.t);
    edit("gtfs/stop_times.txt", "t2,24:50:00,24:50:00,s1,1,,\nt2,25:10:00,25:10:00,s4,2,,\n",
         "t2,24:50:00,24:50:00,s1,1\r\n\nt2,25:10:00,25:10:00,s4,2,,,more,\"a, b\"\n");
    io_case_write_text(f.folder, "gtfs/routes.txt",
                       "route_id,route_type,route_short_name,route_long_name,route_desc\n"
                       "r1,2,\"R1\",\"One \"\"fast\"\", direct\"\nr2,3,,\"Two\"");
    load_feed();
    assert_int_equal(transit_hash(&f.t), hash);
    edit("gtfs/stop_times.txt", "t1,,,s3,5,,", "t1,,,s3");
    assert_error(gtfs_load(f.feed, &f.o, &f.a, &f.t), ERR_FORMAT, "stop_times.txt:3: column 'stop_sequence'");
}

static void takes_stops_of_a_station_that_is_not_there(void **state) {
    (void)state;
    edit("gtfs/stops.txt", "10.7000,0,S", "10.7000,0,T");
    load_feed();
    assert_int_equal(f.t.stop.count, 4);
}

static void names_days_that_do_run(void **state) {
    (void)state;
    f.o.date = "2023-10-21";  // a Saturday
    err_code code = gtfs_load(f.feed, &f.o, &f.a, &f.t);
    assert_error(code, ERR_RANGE, "2023-10-20");
    assert_error(code, ERR_RANGE, "2023-10-22");
    assert_error(code, ERR_RANGE, "between 2023-01-01 and 2023-12-31");
    f.o.date = "1999-01-01";
    assert_error(gtfs_load(f.feed, &f.o, &f.a, &f.t), ERR_RANGE, "between 2023-01-01 and 2023-12-31");
    f.o.date = "18.10.2023";
    assert_error(gtfs_load(f.feed, &f.o, &f.a, &f.t), ERR_FORMAT, "YYYY-MM-DD");
    f.o.date = "2023-02-29";
    assert_error(gtfs_load(f.feed, &f.o, &f.a, &f.t), ERR_FORMAT, "2023-02-29");
}

static err_code load(const char *folder, arena *a) {
    char path[IO_CASE_PATH_BYTES + 16];
    snprintf(path, sizeof path, "%s/gtfs", folder);
    transit t;
    return gtfs_load(path, &f.o, a, &t);
}

#define STOPS "gtfs/stops.txt"
#define TRIPS "gtfs/trips.txt"
#define TIMES "gtfs/stop_times.txt"
#define ROUTES "gtfs/routes.txt"
#define CALENDAR "gtfs/calendar.txt"
#define DATES "gtfs/calendar_dates.txt"
#define FREQUENCIES "gtfs/frequencies.txt"
#define TRANSFERS "gtfs/transfers.txt"
static const io_bad_case bad[] = {
    {"no agencies", "gtfs/agency.txt", IO_BAD_MISSING, .code = ERR_FILE},
    {"no stops", STOPS, IO_BAD_MISSING, .code = ERR_FILE},
    {"no routes", ROUTES, IO_BAD_MISSING, .code = ERR_FILE},
    {"no trips", TRIPS, IO_BAD_MISSING, .code = ERR_FILE},
    {"no stop times", TIMES, IO_BAD_MISSING, .code = ERR_FILE},
    {"empty agencies", "gtfs/agency.txt", IO_BAD_EMPTY, .code = ERR_FORMAT, .message = {"empty"}},
    {"empty stops", STOPS, IO_BAD_EMPTY, .code = ERR_FORMAT, .message = {"empty"}},
    {"empty trips", TRIPS, IO_BAD_EMPTY, .code = ERR_FORMAT, .message = {"empty"}},
    {"empty stop times", TIMES, IO_BAD_EMPTY, .code = ERR_FORMAT, .message = {"empty"}},
    {"empty calendar", CALENDAR, IO_BAD_EMPTY, .code = ERR_FORMAT, .message = {"empty"}},
    {"empty frequencies", FREQUENCIES, IO_BAD_EMPTY, .code = ERR_FORMAT, .message = {"empty"}},
    {"empty transfers", TRANSFERS, IO_BAD_EMPTY, .code = ERR_FORMAT, .message = {"empty"}},
    {"NUL in stops", STOPS, IO_BAD_NUL, .code = ERR_FORMAT, .line = 2, .message = {"NUL"}},
    {"NUL in stop times", TIMES, IO_BAD_NUL, .code = ERR_FORMAT, .line = 2, .message = {"NUL"}},
    {"not UTF-8 stops", STOPS, IO_BAD_UTF8, .code = ERR_FORMAT, .line = 2, .message = {"UTF-8"}},
    {"not UTF-8 trips", TRIPS, IO_BAD_UTF8, .code = ERR_FORMAT, .line = 2, .message = {"UTF-8"}},
    {"long line in stops", STOPS, IO_BAD_LONG_LINE, .code = ERR_FORMAT, .line = 2},
    {"long line in stop times", TIMES, IO_BAD_LONG_LINE, .code = ERR_FORMAT, .line = 2},
    {"stop times cut off", TIMES, IO_BAD_CUT, "07:01:00,s1", .code = ERR_FORMAT, .line = 2, .message = {"stop"}},
    IO_BAD("no stop_lat", STOPS, "stop_lat", "lat", ERR_FORMAT, 1, "stop_lat"),
    IO_BAD("no service_id", TRIPS, "service_id", "service", ERR_FORMAT, 1, "service_id"),
    IO_BAD("no stop_sequence", TIMES, "stop_sequence", "sequence", ERR_FORMAT, 1, "stop_sequence"),
    IO_BAD("no route_type", ROUTES, "route_type", "type", ERR_FORMAT, 1, "route_type"),
    IO_BAD("no tuesday", CALENDAR, "tuesday", "tirsdag", ERR_FORMAT, 1, "tuesday"),
    IO_BAD("stop twice", STOPS, "s3,Middle", "s1,Middle", ERR_REFERENCE, 5, "'s1'", "line 3"),
    IO_BAD("route twice", ROUTES, "r2,x", "r1,x", ERR_REFERENCE, 3, "'r1'", "line 2"),
    IO_BAD("trip twice", TRIPS, "weekday,t2", "weekday,t1", ERR_REFERENCE, 3, "'t1'", "line 2"),
    IO_BAD("service twice", CALENDAR, "sunday,0,0", "weekday,0,0", ERR_REFERENCE, 3, "'weekday'"),
    IO_BAD("stop without coordinates", STOPS, "59.6200,10.7000", "59.6200,", ERR_FORMAT, 5, "'s3'", "no coordinates"),
    IO_BAD("stop off the globe", STOPS, "59.6200,10.7000", "159.6200,10.7000", ERR_RANGE, 5, "stop_lat"),
    IO_BAD("coordinate with a comma", STOPS, "59.6200,10.7000", "\"59,6200\",10.7000", ERR_FORMAT, 5, "decimal comma"),
    IO_BAD("unknown kind of stop", STOPS, "59.6000,10.7000,1,", "59.6000,10.7000,9,", ERR_RANGE, 2, "location_type"),
    IO_BAD("unknown route", TRIPS, "r2,weekday,f1", "r9,weekday,f1", ERR_REFERENCE, 4, "'r9'", "routes.txt"),
    IO_BAD("unknown service", TRIPS, "r2,weekday,f1", "r2,never,f1", ERR_REFERENCE, 4, "'never'", "calendar"),
    IO_BAD("route type in letters", ROUTES, "R1,One,2", "R1,One,rail", ERR_FORMAT, 2, "rail"),
    IO_BAD("unknown stop", TIMES, "t1,,,s3,5", "t1,,,s9,5", ERR_REFERENCE, 3, "'s9'", "stops.txt"),
    IO_BAD("call at a station", TIMES, "t1,,,s3,5", "t1,,,S,5", ERR_REFERENCE, 3, "'S'", "station"),
    IO_BAD("unknown trip", TIMES, "t1,,,s3,5", "t9,,,s3,5", ERR_REFERENCE, 3, "'t9'", "trips.txt"),
    IO_BAD("negative sequence", TIMES, "t1,,,s3,5", "t1,,,s3,-5", ERR_RANGE, 3, "stop_sequence"),
    IO_BAD("not a time", TIMES, "7:00:00", "7.00", ERR_FORMAT, 2, "7.00", "HH:MM:SS"),
    IO_BAD("minute 75", TIMES, "7:00:00", "6:75:00", ERR_FORMAT, 2, "6:75:00"),
    IO_BAD("leaves before arriving", TIMES, "7:00:00,07:01:00", "7:00:00,06:59:00", ERR_RANGE, 2, "departure_time"),
    IO_BAD("time runs backwards", TIMES, "07:21:00,07:21:00", "06:21:00,07:21:00", ERR_RANGE, 4, "backwards", "line 2"),
    IO_BAD("not a day", CALENDAR, "20231231\nsunday", "20231332\nsunday", ERR_FORMAT, 2, "20231332"),
    IO_BAD("weekday neither 0 nor 1", CALENDAR, "weekday,1", "weekday,2", ERR_RANGE, 2, "monday"),
    IO_BAD("not a day of exception", DATES, "20230517,2", "17.05.2023,2", ERR_FORMAT, 2, "17.05.2023"),
    IO_BAD("unknown exception", DATES, "20230517,2", "20230517,3", ERR_RANGE, 2, "exception_type"),
    IO_BAD("negative headway", FREQUENCIES, ",1200,", ",-1200,", ERR_RANGE, 2, "-1200", "headway"),
    IO_BAD("no headway", FREQUENCIES, ",1200,", ",0,", ERR_RANGE, 2, "headway"),
    IO_BAD("frequency ends before it starts", FREQUENCIES, "07:00:00,08:30:00", "07:00:00,06:30:00", ERR_RANGE, 3,
           "end_time"),
    IO_BAD("neither exact nor not", FREQUENCIES, "1200,", "1200,2", ERR_RANGE, 2, "exact_times"),
    IO_BAD("transfer from an unknown stop", TRANSFERS, "s1,s2", "s9,s2", ERR_REFERENCE, 2, "'s9'"),
    IO_BAD("negative transfer time", TRANSFERS, "2,240", "2,-240", ERR_RANGE, 2, "min_transfer_time"),
};

static void locates_every_kind_of_bad_input(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        io_bad_check(&bad[i], f.folder, load);
    }
    assert_ok(load(f.folder, &f.a));
}

static void refuses_a_feed_without_any_calendar(void **state) {
    (void)state;
    char path[IO_CASE_PATH_BYTES];
    io_case_path(path, f.folder, CALENDAR);
    unlink(path);
    io_case_path(path, f.folder, DATES);
    unlink(path);
    assert_error(gtfs_load(f.feed, &f.o, &f.a, &f.t), ERR_FILE, "calendar_dates.txt");
}

static void bounds_what_frequencies_may_make(void **state) {
    (void)state;
    char rows[4096] = "trip_id,start_time,end_time,headway_secs\n";
    for (int i = 0; i < 40; i++) {
        strcat(rows, "f1,00:00:00,190:00:00,1\n");
    }
    io_case_write_text(f.folder, FREQUENCIES, rows);
    assert_error(gtfs_load(f.feed, &f.o, &f.a, &f.t), ERR_RANGE, "headways");
}

static void survives_a_lack_of_memory_anywhere(void **state) {
    (void)state;
    io_bad_starve(f.folder, load, 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(leaves_stations_out_of_the_stops),
        TEST(keeps_the_trips_of_the_day_only),
        TEST(follows_exceptions_of_the_calendar),
        TEST(runs_on_the_first_and_the_last_day_of_a_calendar),
        TEST(needs_no_calendar_beside_calendar_dates),
        TEST(names_lines_and_kinds_of_vehicle),
        TEST(fills_in_untimed_stops_by_position),
        TEST(reads_times_after_midnight),
        TEST(sorts_calls_by_sequence_not_by_row),
        TEST(orders_calls_of_the_same_sequence_by_row),
        TEST(takes_one_given_time_for_both),
        TEST(leaves_out_calls_before_the_first_and_after_the_last_time),
        TEST(keeps_boarding_rules),
        TEST(expands_frequencies_as_the_specification_says),
        TEST(ends_frequencies_before_their_end),
        TEST(walks_between_near_stops_unless_transfers_name_them),
        TEST(forbids_what_transfers_forbid),
        TEST(spreads_a_transfer_at_a_station_over_its_stops),
        TEST(fills_in_untimed_stops_by_shape_where_it_is_known),
        TEST(trips_of_a_block_are_one_run),
        TEST(trips_of_two_blocks_are_two_runs),
        TEST(transfers_of_type_4_and_5_say_who_stays_seated),
        TEST(days_before_and_after_are_there_too),
        TEST(a_date_without_service_is_an_error_whatever_ran_before),
        TEST(a_change_at_a_stop_takes_what_its_transfer_says),
        TEST(the_most_specific_transfer_holds),
        TEST(makes_no_walks_with_no_reach),
        TEST(finds_the_same_near_stops_as_trying_all_pairs),
        TEST(reads_a_zip_as_the_folder_it_came_from),
        TEST(says_which_file_a_zip_lacks),
        TEST(refuses_damaged_zips),
        TEST(says_what_a_file_is_not),
        TEST(reads_a_byte_order_mark_and_windows_lines),
        TEST(reads_rows_of_uneven_length),
        TEST(takes_stops_of_a_station_that_is_not_there),
        TEST(names_days_that_do_run),
        TEST(locates_every_kind_of_bad_input),
        TEST(refuses_a_feed_without_any_calendar),
        TEST(bounds_what_frequencies_may_make),
        TEST(survives_a_lack_of_memory_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
