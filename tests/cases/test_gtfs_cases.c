// Feeds of others with known answers, where they lie on this machine (VESTSIM_CASES, else ../shared/cases beside the
// project): runs and travel times of every reference day of _tables/GTFS_FACTS.tsv, variants of one feed that must be
// alike, and damaged feeds that must be refused or read, but never crash.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "io/gtfs.h"
#include "support.h"

enum { PATH_BYTES = 1024, FEEDS_MIN = 15 };

static char cases[PATH_BYTES];

static int find_cases(void **state) {
    (void)state;
    log_set_level(LOG_QUIET);
    const char *given = getenv("VESTSIM_CASES");
    snprintf(cases, sizeof cases, "%s",
             given != NULL && given[0] != '\0' ? given : VESTSIM_SOURCE_DIR "/../shared/cases");
    return 0;
}

static bool exists(const char *name) {
    char path[2 * PATH_BYTES];
    struct stat about;
    snprintf(path, sizeof path, "%.1000s/%.1000s", cases, name);
    return stat(path, &about) == 0;
}

static void skip_without(const char *name) {
    if (!exists(name)) {
        print_message("skipped: no %s in %s\n", name, cases);
        skip();
    }
}

static err_code load(const char *name, const char *date, arena *a, transit *t) {
    char path[2 * PATH_BYTES];
    snprintf(path, sizeof path, "%.1000s/%.1000s", cases, name);
    gtfs_options o = {.date = date, .footpath_max_m = 0, .walk_speed_kmh = 4.8};
    err_clear();
    return gtfs_load(path, &o, a, t);
}

// GTFS trips, counted once for each run by frequency, and their seconds from first departure to last arrival: without
// the time that a vehicle stands between two trips of its block.
static uint32_t trip_count(const transit *t) {
    return t->part_first[t->trip.count];
}

static long long ride_seconds(const transit *t) {
    long long sum = 0;
    for (uint32_t i = 0; i < t->trip.count; i++) {
        uint32_t p = t->trip.pattern_ix[i], first = t->trip.time_first[i];
        uint32_t last = first + t->pattern_stop_first[p + 1] - t->pattern_stop_first[p] - 1;
        sum += t->arrival_s[last] - t->departure_s[first];
        for (uint32_t k = t->part_first[i] + 1; k < t->part_first[i + 1]; k++) {
            uint32_t event = first + t->part[k].position;
            bool shared = t->arrival_s[event] < t->departure_s[event];
            bool apart = !shared && t->no_dropoff[event] != 0 && t->no_pickup[event - 1] != 0;
            sum -= t->departure_s[event] - t->arrival_s[apart ? event - 1 : event];
        }
    }
    return sum;
}

// Feeds with trips whose times run backwards: refused, with the row.
static bool runs_backwards(const char *feed) {
    return strcmp(feed, "gtfs-partridge/amazon-2017-08-06") == 0 || strcmp(feed, "gtfs-otp/simple") == 0 ||
           strncmp(feed, "gtfs-pt2matsim/gtfs-feed", 24) == 0;
}

// "2007-01-02=7/140/209040/0": trips, runs, seconds from first departure to last arrival, trips past midnight.
static void check_day(const char *feed, const char *day) {
    char date[11] = "";
    long trips = 0, runs = 0;
    long long seconds = 0;
    const char *equals = strchr(day, '=');
    assert_non_null(equals);
    memcpy(date, day, 10);
    assert_int_equal(sscanf(equals, "=%ld/%ld/%lld", &trips, &runs, &seconds), 3);
    arena a;
    transit t;
    arena_init(&a);
    err_code code = load(feed, date, &a, &t);
    if (runs == 0) {
        if (code != ERR_RANGE || strstr(err_message(), date) == NULL) {
            fail_msg("%s on %s: no runs expected, got %s: %s", feed, date, err_name(code), err_message());
        }
    } else if (code == ERR_FORMAT &&
               (strstr(err_message(), "is not UTF-8") != NULL || strcmp(feed, "gtfs-pt2matsim/space-feed") == 0)) {
        // the latter calls at stations, at latitude 1000
        print_message("%s: refused: %s\n", feed, err_message());
    } else if (runs_backwards(feed)) {
        assert_true(code == ERR_RANGE || (code == ERR_OK && trip_count(&t) == (uint32_t)runs));
        if (code != ERR_OK && strstr(err_message(), "stop_times.txt:") == NULL) {
            fail_msg("%s on %s: %s", feed, date, err_message());
        }
    } else if (seconds < 0) {
        fail_msg("%s on %s: negative travel time in the facts", feed, date);
    } else {
        if (code != ERR_OK || trip_count(&t) != (uint32_t)runs || ride_seconds(&t) != seconds) {
            fail_msg("%s on %s: %u runs, %lld s, expected %ld and %lld; %s", feed, date,
                     code == ERR_OK ? trip_count(&t) : 0, code == ERR_OK ? ride_seconds(&t) : 0, runs, seconds,
                     err_message());
        }
    }
    arena_free(&a);
}

static void runs_and_times_agree_with_the_facts(void **state) {
    (void)state;
    skip_without("_tables/GTFS_FACTS.tsv");
    char path[2 * PATH_BYTES], *text_read = NULL, *line_end = NULL;
    size_t bytes = 0;
    uint32_t feeds = 0;
    arena a;
    arena_init(&a);
    snprintf(path, sizeof path, "%s/_tables/GTFS_FACTS.tsv", cases);
    assert_ok(table_read_file(path, 1 << 20, &a, &text_read, &bytes));
    for (char *line = text_read; *line != '\0'; line = line_end + 1) {
        line_end = strchr(line, '\n');
        assert_non_null(line_end);
        *line_end = '\0';
        char *days = strrchr(line, '\t'), *feed_end = strchr(line, '\t');
        if (line[0] == '#' || days == NULL || strncmp(line, "path", 4) == 0) {
            continue;
        }
        *feed_end = '\0';
        if (!exists(line)) {
            continue;
        }
        feeds++;
        for (char *day = days + 1; day != NULL; day = strchr(day, ';')) {
            day += strspn(day, "; ");
            check_day(line, day);
        }
    }
    arena_free(&a);
    assert_true(feeds >= FEEDS_MIN);
}

static uint64_t hash_of(const char *name, const char *date) {
    arena a;
    transit t;
    arena_init(&a);
    assert_ok(load(name, date, &a, &t));
    uint64_t hash = transit_hash(&t);
    arena_free(&a);
    return hash;
}

static void a_zip_is_as_good_as_its_folder(void **state) {
    (void)state;
    skip_without("gtfs-google-sample");
    assert_int_equal(hash_of("gtfs-google-sample", "2007-01-06"),
                     hash_of("gtfs-google-sample/sample-feed-1.zip", "2007-01-06"));
}

static void check_refused(const char *name, const char *date, const char *part) {
    arena a;
    transit t;
    arena_init(&a);
    err_code code = load(name, date, &a, &t);
    if (code == ERR_OK || strstr(err_message(), part) == NULL) {
        fail_msg("%s: '%s' expected, got %s: %s", name, part, err_name(code), err_message());
    }
    arena_free(&a);
}

// All zips of this folder hold the feed beside it: in the root, in a folder, made by macOS, with byte order marks. Its
// trips name a route that is not there, so all must be refused, for the same reason and at the same place.
static void every_way_of_zipping_gives_the_same_feed(void **state) {
    (void)state;
    skip_without("gtfs-structure-fixtures/zips");
    char path[2 * PATH_BYTES], name[PATH_BYTES];
    uint32_t count = 0;
    const char *reason = "/trips.txt:2: column 'route_id': there is no route 'route1'";
    check_refused("gtfs-structure-fixtures/basic", "2017-01-07", reason);
    snprintf(path, sizeof path, "%s/gtfs-structure-fixtures/zips", cases);
    DIR *d = opendir(path);
    assert_non_null(d);
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (strstr(e->d_name, ".zip") != NULL) {
            snprintf(name, sizeof name, "gtfs-structure-fixtures/zips/%.200s", e->d_name);
            check_refused(name, "2017-01-07", reason);
            count++;
        }
    }
    closedir(d);
    assert_true(count >= 2);
}

// Every folder and zip below `folder`, whatever is wrong with it.
static void try_all_below(const char *folder, uint32_t *loaded, uint32_t *refused) {
    static const char *const dates[] = {"2010-01-04", "2018-06-05"};
    char path[2 * PATH_BYTES], name[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", cases, folder);
    DIR *d = opendir(path);
    assert_non_null(d);
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] == '.' || strstr(e->d_name, ".md") != NULL || strstr(e->d_name, "COPYING") != NULL) {
            continue;
        }
        snprintf(name, sizeof name, "%.700s/%.200s", folder, e->d_name);
        for (size_t i = 0; i < 2; i++) {
            arena a;
            transit t;
            arena_init(&a);
            err_code code = load(name, dates[i], &a, &t);
            assert_true(code == ERR_OK || err_exit_status(code) == 2);
            // The message names the feed, and the file in it when that is at fault.
            assert_true(code == ERR_OK || strstr(err_message(), e->d_name) != NULL);
            *(code == ERR_OK ? loaded : refused) += 1;
            arena_free(&a);
        }
    }
    closedir(d);
}

static void damaged_feeds_never_crash(void **state) {
    (void)state;
    static const char *const folders[] = {
        "gtfs-transitfeed-bad",       "gtfs-etalab-bad",         "gtfs-conveyal-fake", "gtfs-hove-transit-model",
        "gtfs-navitia-missing-files", "gtfs-structure-fixtures", "gtfs-mmri-journeys", "gtfs-rrrr-qa"};
    uint32_t loaded = 0, refused = 0;
    skip_without(folders[0]);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        if (exists(folders[i])) {
            try_all_below(folders[i], &loaded, &refused);
        }
    }
    print_message("%u loads, %u refusals\n", loaded, refused);
    assert_true(refused > 50);
}

static void structural_damage_is_refused_with_its_place(void **state) {
    (void)state;
    skip_without("gtfs-transitfeed-bad");
    const char *date = "2007-01-03";
    check_refused("gtfs-transitfeed-bad/missing_stops", date, "stops.txt");
    check_refused("gtfs-transitfeed-bad/missing_trips", date, "trips.txt");
    check_refused("gtfs-transitfeed-bad/missing_routes", date, "routes.txt");
    check_refused("gtfs-transitfeed-bad/missing_agency", date, "agency.txt");
    check_refused("gtfs-transitfeed-bad/missing_stop_times", date, "stop_times.txt");
    check_refused("gtfs-transitfeed-bad/missing_calendar", date, "calendar.txt");
    check_refused("gtfs-transitfeed-bad/undefined_stop", date, "stop_times.txt:");
    check_refused("gtfs-transitfeed-bad/duplicate_schedule_id", date, "calendar.txt:");
    check_refused("gtfs-transitfeed-bad/negative_stop_sequence", date, "stop_times.txt:");
    check_refused("gtfs-transitfeed-bad/bad_date_format", date, "calendar");
    check_refused("gtfs-transitfeed-bad/bad_utf8", date, "UTF-8");
    check_refused("gtfs-transitfeed-bad/contains_null", date, "NUL");
    check_refused("gtfs-transitfeed-bad/utf16", date, "UTF-8");
    check_refused("gtfs-transitfeed-bad/missing_weekday_column", date, "calendar.txt:1");
    check_refused("gtfs-transitfeed-bad/unknown_format.zip", date, "zip");
}

static void harmless_oddities_load(void **state) {
    (void)state;
    skip_without("gtfs-transitfeed-bad");
    static const char *const good[] = {"good_feed", "good_feed.zip", "utf8bom", "unknown_file", "unrecognized_columns"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char name[PATH_BYTES];
        snprintf(name, sizeof name, "gtfs-transitfeed-bad/%s", good[i]);
        assert_int_not_equal(hash_of(name, "2007-01-03"), 0);
    }
}

// expected/schedule.xml of the folder: offsets from the first departure, and the departures of 2018-10-05.
typedef struct schedule {
    const char *id;
    int32_t first_s, headway_s, runs, calls, offset_s[5];
} schedule;

static void check_schedule(const transit *t, const schedule *x) {
    for (int32_t run = 0; run < x->runs; run++) {
        char id[32];
        uint32_t i = 0;
        snprintf(id, sizeof id, "%s#%d", x->id, (int)run + 1);
        while (i < t->trip.count && strcmp(t->trip.id[i], id) != 0) {
            i++;
        }
        assert_true(i < t->trip.count);
        uint32_t p = t->trip.pattern_ix[i];
        assert_int_equal(t->pattern_stop_first[p + 1] - t->pattern_stop_first[p], x->calls);
        for (int32_t k = 0; k < x->calls; k++) {
            assert_int_equal(t->arrival_s[t->trip.time_first[i] + (uint32_t)k],
                             x->first_s + run * x->headway_s + x->offset_s[k]);
        }
    }
}

static void a_schedule_has_the_departures_and_offsets_of_pt2matsim(void **state) {
    (void)state;
    static const schedule all[] = {{"routeA1", 28800, 10800, 3, 4, {0, 20, 40, 80}},
                                   {"routeA2", 32400, 10800, 3, 4, {0, 40, 60, 80}},
                                   {"routeB", 25200, 10800, 4, 5, {0, 80, 100, 140, 160}}};
    skip_without("gtfs-pt2matsim/gtfs-feed");
    arena a;
    transit t;
    arena_init(&a);
    assert_ok(load("gtfs-pt2matsim/gtfs-feed", "2018-10-05", &a, &t));
    assert_int_equal(t.trip.count, 10);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        check_schedule(&t, &all[i]);
    }
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_and_times_agree_with_the_facts),
        cmocka_unit_test(a_zip_is_as_good_as_its_folder),
        cmocka_unit_test(every_way_of_zipping_gives_the_same_feed),
        cmocka_unit_test(damaged_feeds_never_crash),
        cmocka_unit_test(structural_damage_is_refused_with_its_place),
        cmocka_unit_test(harmless_oddities_load),
        cmocka_unit_test(a_schedule_has_the_departures_and_offsets_of_pt2matsim),
    };
    return cmocka_run_group_tests(tests, find_cases, NULL);
}
