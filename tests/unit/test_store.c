// The results file: layout, values, reproducible bytes, and what happens when it cannot be written or read.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka.h wants the headers above first
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "io/store.h"
#include "support.h"

enum { REPLICATIONS = 2, ROOM = 3, ITERATIONS = 3 };

typedef struct fixture {
    arena a;
    char folder[256];
    char path[300];
    scenario scenario;
    network network;
    zone_system zones;
    transit transit;
    result result;
} fixture;

static void make_zones(fixture *f, bool empty) {
    zone_system *z = &f->zones;
    uint32_t places = empty ? 0 : 2;
    assert_ok(zone_alloc(z, &f->a, 2, places));
    for (uint32_t i = 0; i < 2; i++) {
        z->zone.id[i] = i == 0 ? "z0" : "z1";
        z->zone.name[i] = i == 0 ? "Sentrum øst" : "Oslo";
        z->zone.area[i] = i == 0 ? "sentrum" : "outside";
        z->zone.outside[i] = (uint8_t)i;
    }
    for (uint32_t i = 0; i < places; i++) {
        z->place.id[i] = i == 0 ? "home" : "shop";
        z->place.name[i] = "";
        z->place.kind[i] = i == 0 ? PLACE_HOME_FLAT : PLACE_SHOP;
        z->place.size[i] = 10;
    }
    if (!empty) {
        static zone_count_point point[2] = {
            {.id = "kirke", .name = "Vestby kirke", .weekday_vehicles = 4000, .heavy_share = -1, .source = "a count"},
            {.id = "e6", .name = "E6", .weekday_vehicles = -1, .heavy_share = 0.12, .through = true, .source = NULL}};
        z->count_point_count = 2;
        z->count_point = point;
    }
    assert_ok(zone_build(z, &f->a));
}

static void make_transit(fixture *f, bool empty) {
    const support_trip trip[1] = {{.id = "t0", .line = "R21", .call_count = 2, .call = {{0, 0, 0}, {1, 600, 600}}}};
    if (empty) {
        assert_ok(transit_alloc_stops(&f->transit, &f->a, 0));
    } else {
        support_transit(&f->a, &f->transit, 2, trip, 1, NULL, 0);
    }
}

// Numbers that differ everywhere, so that a wrong stride shows.
static void fill_result(result *r) {
    size_t links = r->network->link.count;
    size_t slab = (size_t)RESULT_BINS * links;
    for (size_t i = 0; i < (size_t)r->year_count * VEHICLE_CLASS_COUNT * slab; i++) {
        uint64_t one = i % 7;
        uint64_t two = i % 5;
        r->entered_sum[i] = one + two;
        r->entered_square[i] = one * one + two * two;
    }
    for (size_t i = 0; i < r->year_count * slab; i++) {
        r->time_sum_ds[i] = 100 + i % 11;
        r->cycle_sum[i] = (uint32_t)(i % 9);
        r->foot_sum[i] = (uint32_t)(i % 13);
        r->passenger_sum[i] = (uint32_t)(i % 19);
    }
    size_t points = (size_t)RESULT_BINS * r->zones->count_point_count * VEHICLE_CLASS_COUNT;
    for (size_t i = 0; i < (size_t)r->year_count * ROOM * points; i++) {
        r->point_count[i] = (uint32_t)i;
    }
    for (uint32_t y = 0; y < r->year_count; y++) {
        for (uint32_t k = 0; k < ROOM; k++) {
            for (int i = 0; i < RESULT_INDICATOR_COUNT; i++) {
                *result_indicator_at(r, (result_indicator)i, y, k) = 1000.0 * i + 100.0 * y + 10.0 * k;
            }
            r->converged[y * ROOM + k] = !(y == 1 && k == 1);
        }
        for (uint32_t i = 0; i < r->transit->stop.count; i++) {
            r->boardings_sum[y * r->transit->stop.count + i] = 10 * y + i + 1;
        }
    }
    size_t area_trips = (size_t)r->area_count * PURPOSE_COUNT * MODE_COUNT;
    for (size_t i = 0; i < r->year_count * ROOM * area_trips; i++) {
        r->area_mode_trips[i] = (double)i;
    }
}

static void fill_iterations(result *r) {
    for (uint32_t y = 0; y < r->year_count; y++) {
        for (uint32_t k = 0; k < ROOM; k++) {
            for (uint32_t i = 0; i < (y == 0 ? 1 : ITERATIONS); i++) {
                size_t at = ((size_t)y * ROOM + k) * r->iterations_max + i;
                r->iteration_gap_pct[at] = (float)(100 * y + 10 * k + i);
                r->iteration_stuck[at] = 0;
                for (int m = 0; m < MODE_COUNT; m++) {
                    r->iteration_share[at * MODE_COUNT + (size_t)m] = (float)(20 + m);
                }
            }
        }
    }
}

static void fill_trips(fixture *f) {
    result *r = &f->result;
    assert_ok(result_reserve_trips(r, &f->a, 3));
    r->trip.count = 3;
    for (uint32_t i = 0; i < 3; i++) {
        r->trip.year[i] = 2023;
        r->trip.person[i] = UINT64_MAX - i;
        r->trip.purpose[i] = PURPOSE_SHOP;
        r->trip.destination_place[i] = i == 2 ? IX_NONE : 1;
        r->trip.departure_s[i] = (int32_t)(28800 + i);
        r->trip.arrival_s[i] = i == 1 ? -1 : 30000;
        r->trip.mode[i] = MODE_PT;
        r->trip.distance_m[i] = 1500;
    }
}

static void fill_people(fixture *f) {
    result *r = &f->result;
    assert_ok(result_reserve_people(r, &f->a, 1, 2));
    r->household.count = 1;
    r->household.year[0] = 2023;
    r->household.household[0] = UINT64_MAX;
    r->person.count = 2;
    for (uint32_t i = 0; i < 2; i++) {
        r->person.year[i] = 2023;
        r->person.person[i] = UINT64_MAX - i;
        r->person.work_place[i] = i == 0 ? IX_NONE : 1;
        r->person.age[i] = AGE_20_44;
    }
}

static void fill_verdict(result_verdict *v, double index_pct) {
    *v = (result_verdict){.index_pct = index_pct,
                          .low_pct = index_pct - 1,
                          .high_pct = index_pct + 1,
                          .t_low_pct = -(double)INFINITY,
                          .t_high_pct = (double)INFINITY,
                          .probability_at_or_below = 0.25,
                          .code = VERDICT_EXCEEDS,
                          .replications = 2,
                          .replications_to_settle = 9};
    snprintf(v->sentence_nb, sizeof v->sentence_nb, "Nei: biltrafikken i sentrum øker.");
    snprintf(v->sentence_en, sizeof v->sentence_en, "No: car traffic in sentrum grows.");
}

static void make(fixture *f, bool empty) {
    static int years[2] = {2030, 2040};
    memset(f, 0, sizeof *f);
    arena_init(&f->a);
    support_temp_dir(f->folder);
    snprintf(f->path, sizeof f->path, "%s/out.h5", f->folder);
    scenario *s = &f->scenario;
    scenario_set_defaults(s);
    s->title = "Tittel med æøå";
    s->name = "toy";
    s->path = "toy.yaml";
    s->service_date = "2023-10-18";
    s->effective_yaml = "title: Tittel med æøå\n";
    s->today_year = 2023;
    s->seed = 42;
    s->replications = REPLICATIONS;
    s->replications_max = ROOM;
    s->iterations_max = 5;
    s->year_count = empty ? 0 : 2;
    s->year = years;
    support_line_network(&f->a, &f->network, 3, 500, 50, 1800);
    make_zones(f, empty);
    make_transit(f, empty);
    result *r = &f->result;
    assert_ok(result_alloc(r, &f->a, s, &f->network, &f->zones, &f->transit));
    r->program_version = "9.8.7";
    r->git_commit = "abc";
    r->replications = empty ? 1 : REPLICATIONS;
    if (!empty) {
        assert_int_equal(r->replications_max, ROOM);
        fill_result(r);
        fill_iterations(r);
        fill_trips(f);
        fill_people(f);
        fill_verdict(&r->verdict[1], 3.5);
        fill_verdict(&r->verdict[2], -2.25);
    }
}

static int setup(void **state) {
    static fixture f;
    make(&f, false);
    *state = &f;
    return 0;
}

static int setup_empty(void **state) {
    static fixture f;
    make(&f, true);
    *state = &f;
    return 0;
}

static uint32_t count_files(const char *folder, bool remove_them) {
    DIR *d = opendir(folder);
    assert_non_null(d);
    uint32_t count = 0;
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] != '.') {
            count++;
            if (remove_them) {
                (void)unlinkat(dirfd(d), e->d_name, 0);
            }
        }
    }
    assert_int_equal(closedir(d), 0);
    return count;
}

static int teardown(void **state) {
    fixture *f = *state;
    (void)count_files(f->folder, true);
    (void)rmdir(f->folder);
    arena_free(&f->a);
    return 0;
}

static unsigned char *read_bytes(fixture *f, const char *path, size_t *count) {
    char *bytes = NULL;
    assert_ok(table_read_file(path, 1 << 28, &f->a, &bytes, count));
    return (unsigned char *)bytes;
}

static hid_t open_file(const char *path) {
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    return file;
}

// The numbers of a dataset as doubles; returns how many.
static size_t read_doubles(hid_t file, const char *name, double *out, size_t room) {
    hid_t id = H5Dopen2(file, name, H5P_DEFAULT);
    assert_true(id >= 0);
    hid_t space = H5Dget_space(id);
    hssize_t count = H5Sget_simple_extent_npoints(space);
    assert_true(count >= 0 && (size_t)count <= room);
    assert_true(H5Dread(id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0);
    H5Sclose(space);
    H5Dclose(id);
    return (size_t)count;
}

// --- what is in the file --------------------------------------------------------------------------------------

static void reads_back_what_was_written(void **state) {
    fixture *f = *state;
    store_summary s;
    assert_ok(store_write(f->path, &f->result));
    assert_ok(store_read_summary(f->path, &f->a, &s));
    assert_string_equal(s.title, "Tittel med æøå");
    assert_string_equal(s.scenario_name, "toy");
    assert_string_equal(s.program_version, "9.8.7");
    assert_string_equal(s.git_commit, "abc");
    assert_string_equal(s.format_version, STORE_FORMAT_VERSION);
    assert_int_equal(s.seed, 42);
    assert_near(s.confidence, 0.95, 0);
    assert_int_equal(s.year_count, 3);
    assert_int_equal(s.replications, REPLICATIONS);
    assert_int_equal(s.year[0], 2023);
    assert_int_equal(s.year[2], 2040);
    assert_true(s.converged[0]);
    assert_false(s.converged[1]);
    assert_near(s.indicator[((size_t)RESULT_stuck * 3 + 2) * REPLICATIONS + 1], 1000.0 * RESULT_stuck + 210, 0);
    assert_near(s.verdict[1].index_pct, 3.5, 0);
    assert_near(s.verdict[2].low_pct, -3.25, 0);
    assert_near(s.verdict[2].high_pct, -1.25, 0);
    assert_near(s.verdict[2].t_high_pct, INFINITY, 0);
    assert_near(s.verdict[2].probability_at_or_below, 0.25, 0);
    assert_int_equal(s.verdict[2].code, VERDICT_EXCEEDS);
    assert_int_equal(s.verdict[2].replications, 2);
    assert_int_equal(s.verdict[2].replications_to_settle, 9);
    assert_string_equal(s.verdict[1].sentence_nb, "Nei: biltrafikken i sentrum øker.");
    assert_string_equal(s.verdict[2].sentence_en, "No: car traffic in sentrum grows.");
}

static void traffic_is_mean_and_standard_error(void **state) {
    fixture *f = *state;
    enum { LINKS = 3, SLAB = RESULT_BINS * LINKS, COUNT = 3 * VEHICLE_CLASS_COUNT * SLAB };
    double *value = calloc(COUNT, sizeof *value);
    double *error = calloc(COUNT, sizeof *error);
    assert_ok(store_write(f->path, &f->result));
    hid_t file = open_file(f->path);
    assert_int_equal(read_doubles(file, "/traffic/vehicles", value, COUNT), COUNT);
    assert_int_equal(read_doubles(file, "/traffic/vehicles_se", error, COUNT), COUNT);
    for (size_t i = 0; i < COUNT; i += 13) {
        double one = (double)(i % 7);
        double two = (double)(i % 5);
        assert_near(value[i], (one + two) / 2, 1e-6);
        assert_near(error[i], fabs(one - two) / 2, 1e-6);  // sd |a - b| / sqrt 2, divided by sqrt 2
    }
    size_t i = (size_t)2 * SLAB + 17;  // year 2040
    size_t cars = (size_t)2 * VEHICLE_CLASS_COUNT * SLAB + 17;
    double entered = (double)(f->result.entered_sum[cars] + f->result.entered_sum[cars + SLAB] +
                              f->result.entered_sum[cars + 2 * SLAB]);
    double time_s = (double)f->result.time_sum_ds[i] / 10;
    assert_int_equal(read_doubles(file, "/traffic/speed_kmh", value, COUNT), 3 * SLAB);
    double speed_kmh = entered * 500 / time_s * 3.6;  // kept to 10 significant bits: half of the last is 2^-10
    assert_near(value[i], speed_kmh, speed_kmh * 0x1p-10);
    assert_int_equal(read_doubles(file, "/traffic/present", value, COUNT), 3 * SLAB);
    assert_near(value[i], time_s / 300 / REPLICATIONS, time_s / 300 / REPLICATIONS * 0x1p-10);
    assert_int_equal(read_doubles(file, "/traffic/cyclists", value, COUNT), 3 * SLAB);
    assert_near(value[i], (double)f->result.cycle_sum[i] / REPLICATIONS, 1e-6);
    assert_int_equal(read_doubles(file, "/traffic/pedestrians", value, COUNT), 3 * SLAB);
    assert_near(value[i], (double)f->result.foot_sum[i] / REPLICATIONS, 1e-6);
    assert_int_equal(read_doubles(file, "/traffic/bus_passengers", value, COUNT), 3 * SLAB);
    assert_near(value[i], (double)f->result.passenger_sum[i] / REPLICATIONS, 1e-6);
    H5Fclose(file);
    free(error);
    free(value);
}

static void one_replication_has_no_standard_error(void **state) {
    fixture *f = *state;
    double *error = calloc(3 * VEHICLE_CLASS_COUNT * RESULT_BINS * 3, sizeof *error);
    f->result.replications = 1;
    assert_ok(store_write(f->path, &f->result));
    hid_t file = open_file(f->path);
    size_t count = read_doubles(file, "/traffic/vehicles_se", error, 3 * VEHICLE_CLASS_COUNT * RESULT_BINS * 3);
    for (size_t i = 0; i < count; i++) {
        assert_true(isnan(error[i]));
    }
    H5Fclose(file);
    free(error);
}

static void room_for_more_replications_is_not_stored(void **state) {
    fixture *f = *state;
    enum { DAY = RESULT_BINS * 2 * VEHICLE_CLASS_COUNT, COUNT = 3 * REPLICATIONS * DAY };
    double *value = calloc(COUNT, sizeof *value);
    double gap[3 * REPLICATIONS * ITERATIONS];
    assert_ok(store_write(f->path, &f->result));
    hid_t file = open_file(f->path);
    assert_int_equal(read_doubles(file, "/cordon/vehicles", value, COUNT), COUNT);
    for (size_t y = 0; y < 3; y++) {
        assert_near(value[y * REPLICATIONS * DAY + 5], y * ROOM * DAY + 5, 0);
        assert_near(value[(y * REPLICATIONS + 1) * DAY + 5], (y * ROOM + 1) * DAY + 5, 0);
    }
    assert_int_equal(read_doubles(file, "/convergence/gap_pct", gap, 3 * REPLICATIONS * ITERATIONS),
                     3 * REPLICATIONS * ITERATIONS);
    assert_near(gap[(2 * REPLICATIONS + 1) * ITERATIONS + 2], 212, 0);
    assert_true(isnan(gap[1]));  // today needed one iteration
    assert_int_equal(read_doubles(file, "/indicators/area_mode_trips", value, COUNT),
                     3 * REPLICATIONS * PURPOSE_COUNT * MODE_COUNT);
    assert_near(value[(REPLICATIONS + 1) * PURPOSE_COUNT * MODE_COUNT], (ROOM + 1) * PURPOSE_COUNT * MODE_COUNT, 0);
    H5Fclose(file);
    free(value);
}

static void transit_is_a_mean_over_replications(void **state) {
    fixture *f = *state;
    double value[6];
    assert_ok(store_write(f->path, &f->result));
    hid_t file = open_file(f->path);
    assert_int_equal(read_doubles(file, "/transit/stops/boardings", value, 6), 6);
    assert_near(value[5], 22.0 / REPLICATIONS, 0);
    H5Fclose(file);
}

// --- what every object of the file must be ---------------------------------------------------------------------

typedef struct visit {
    uint32_t datasets;
    FILE *rows;  // documentation rows of the file, for the comparison with docs/formats.md
    char group[128];
} visit;

static void read_text_attribute(hid_t id, const char *name, char *out, size_t room) {
    char *value = NULL;
    hid_t attribute = H5Aopen(id, name, H5P_DEFAULT);
    assert_true(attribute >= 0);
    hid_t type = H5Aget_type(attribute);
    assert_true(H5Tis_variable_str(type) > 0);
    assert_int_equal(H5Tget_cset(type), H5T_CSET_UTF8);
    assert_true(H5Aread(attribute, type, &value) >= 0);
    snprintf(out, room, "%s", value);
    H5free_memory(value);
    H5Tclose(type);
    H5Aclose(attribute);
}

static const char *type_name(hid_t id) {
    hid_t type = H5Dget_type(id);
    const char *name = NULL;
    size_t size = H5Tget_size(type);
    if (H5Tget_class(type) == H5T_FLOAT) {
        name = size == 4 ? "float32" : "float64";
    } else if (H5Tget_class(type) == H5T_INTEGER && H5Tget_sign(type) == H5T_SGN_NONE) {
        name = size == 1 ? "uint8" : size == 2 ? "uint16" : size == 4 ? "uint32" : "uint64";
    } else if (H5Tget_class(type) == H5T_INTEGER) {
        name = size == 1 ? "int8" : "int32";
    } else if (H5Tget_class(type) == H5T_STRING) {
        assert_true(H5Tis_variable_str(type) > 0);  // fixed length crashes netCDF-C 4.9.0
        assert_int_equal(H5Tget_cset(type), H5T_CSET_UTF8);
        name = "text";
    }
    assert_non_null(name);  // no compound, no enum
    H5Tclose(type);
    return name;
}

static void keep_short_name(const char *path, char *out, size_t room) {
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    size_t length = strlen(name);
    assert_true(length < room);
    memcpy(out, name, length + 1);
}

static herr_t name_of_scale(hid_t dataset, unsigned dimension, hid_t scale, void *out) {
    char path[128];
    (void)dataset;
    (void)dimension;
    assert_true(H5Iget_name(scale, path, sizeof path) > 0);
    keep_short_name(path, out, 64);
    return 1;
}

// "year, link" for a variable; its own name for an axis. Fails when an axis has no scale.
static void axes_text(hid_t id, const char *own_name, char *out, size_t room) {
    hid_t space = H5Dget_space(id);
    int rank = H5Sget_simple_extent_ndims(space);
    H5Sclose(space);
    out[0] = '\0';
    if (H5DSis_scale(id) > 0) {
        assert_int_equal(rank, 1);
        snprintf(out, room, "%s", own_name);
        return;
    }
    for (int i = 0; i < rank; i++) {
        char name[64] = "";
        size_t at = strlen(out);
        assert_int_equal(H5DSget_num_scales(id, (unsigned)i), 1);
        assert_true(H5DSiterate_scales(id, (unsigned)i, NULL, name_of_scale, name) > 0);
        snprintf(out + at, room - at, "%s%s", i == 0 ? "" : ", ", name);
    }
}

static void check_dataset(visit *v, hid_t id, const char *path) {
    char group[128] = "";
    char name[64];
    char axes[256];
    char doc[256];
    char unit[64] = "";
    const char *slash = strrchr(path, '/');
    snprintf(group, sizeof group, "/%.*s", slash == NULL ? 0 : (int)(slash - path), path);
    keep_short_name(path, name, sizeof name);
    axes_text(id, name, axes, sizeof axes);
    read_text_attribute(id, "long_name", doc, sizeof doc);
    const char *type = type_name(id);
    if (strcmp(type, "text") != 0) {
        read_text_attribute(id, "units", unit, sizeof unit);
        assert_true(unit[0] != '\0');
    }
    if (strncmp(type, "float", 5) == 0) {
        assert_true(H5Aexists(id, "_FillValue") > 0);
    }
    if (strcmp(group, v->group) != 0) {
        fprintf(v->rows, "group %s\n", group);
        snprintf(v->group, sizeof v->group, "%s", group);
    }
    const char *shown = strncmp(unit, "seconds since", 13) == 0 ? "seconds since the service day" : unit;
    fprintf(v->rows, "| `%s` | %s | %s | %s | %s |\n", name, axes, type, strcmp(shown, "1") == 0 ? "" : shown, doc);
    v->datasets++;
}

static herr_t check_object(hid_t root, const char *path, const H5O_info_t *info, void *arg) {
    visit *v = arg;
    (void)info;
    hid_t id = H5Oopen(root, path, H5P_DEFAULT);
    H5O_info_t all;
    assert_true(H5Oget_info2(id, &all, H5O_INFO_ALL) >= 0);
    assert_int_equal(all.mtime, 0);  // no clock in the file
    assert_int_equal(all.ctime, 0);
    if (all.type == H5O_TYPE_DATASET) {
        check_dataset(v, id, path);
    } else {
        hid_t plist = H5Gget_create_plist(id);
        unsigned order = 0;
        assert_true(H5Pget_link_creation_order(plist, &order) >= 0);
        assert_int_equal(order, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
        H5Pclose(plist);
    }
    H5Oclose(id);
    return 0;
}

// Visits every object in the order of making, with the rows of documentation as text.
static uint32_t visit_file(const char *path, char **rows) {
    visit v = {0};
    size_t size = 0;
    v.rows = open_memstream(rows, &size);
    assert_non_null(v.rows);
    hid_t file = open_file(path);
    assert_true(H5Ovisit2(file, H5_INDEX_CRT_ORDER, H5_ITER_INC, check_object, &v, H5O_INFO_BASIC) >= 0);
    H5Fclose(file);
    assert_int_equal(fclose(v.rows), 0);
    return v.datasets;
}

static void every_variable_has_axes_units_and_a_name(void **state) {
    fixture *f = *state;
    char *rows = NULL;
    assert_ok(store_write(f->path, &f->result));
    assert_true(visit_file(f->path, &rows) > 100);
    free(rows);
}

static void empty_axes_are_whole_and_readable(void **state) {
    fixture *f = *state;
    char *rows = NULL;
    store_summary s;
    assert_ok(store_write(f->path, &f->result));
    uint32_t datasets = visit_file(f->path, &rows);
    free(rows);
    assert_true(datasets > 100);
    assert_ok(store_read_summary(f->path, &f->a, &s));
    assert_int_equal(s.year_count, 1);
    assert_int_equal(s.replications, 1);
}

// docs/formats.md lists every dataset: rows under "### `/group`" headings, exactly those of a produced file.
static void documentation_lists_every_dataset(void **state) {
    fixture *f = *state;
    char *rows = NULL;
    char *doc = NULL;
    size_t size = 0;
    assert_ok(store_write(f->path, &f->result));
    (void)visit_file(f->path, &rows);
    assert_ok(table_read_file(VESTSIM_SOURCE_DIR "/docs/formats.md", 1 << 24, &f->a, &doc, &size));
    char *section = strstr(doc, "## Results (HDF5)");
    assert_non_null(section);
    uint32_t documented = 0;
    for (const char *at = strstr(section, "\n| `"); at != NULL; at = strstr(at + 1, "\n| `")) {
        documented++;
    }
    uint32_t missing = 0;
    uint32_t written = 0;
    const char *heading = section;
    char wanted[160];
    for (char *line = strtok(rows, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        bool is_group = strncmp(line, "group ", 6) == 0;
        snprintf(wanted, sizeof wanted, "### `%s`", is_group ? line + 6 : "");
        const char *found = is_group ? strstr(section, wanted) : heading == NULL ? NULL : strstr(heading, line);
        const char *next = heading == NULL ? NULL : strstr(heading + 4, "\n### ");
        bool elsewhere = !is_group && found != NULL && next != NULL && found > next;
        if (found == NULL || elsewhere) {
            print_error("docs/formats.md lacks: %s\n", line);
            missing++;
        }
        heading = is_group ? found : heading;
        written += is_group ? 0 : 1;
    }
    free(rows);
    assert_int_equal(missing, 0);
    assert_int_equal(documented, written);  // nothing documented that is not in the file
}

// --- the same bytes -------------------------------------------------------------------------------------------

static void same_result_gives_the_same_bytes(void **state) {
    fixture *f = *state;
    char other[300];
    size_t count[2];
    snprintf(other, sizeof other, "%s/a-much-longer-name-of-another-file.h5", f->folder);
    assert_ok(store_write(f->path, &f->result));
    sleep(1);  // a clock in the file would show
    assert_ok(store_write(other, &f->result));
    const unsigned char *one = read_bytes(f, f->path, &count[0]);
    const unsigned char *two = read_bytes(f, other, &count[1]);
    assert_int_equal(count[0], count[1]);
    assert_memory_equal(one, two, count[0]);
    f->result.entered_sum[0] += 1;  // and another result gives others
    assert_ok(store_write(other, &f->result));
    two = read_bytes(f, other, &count[1]);
    assert_true(count[0] != count[1] || memcmp(one, two, count[0]) != 0);
}

static void overwrites_an_older_results_file_and_leaves_only_it(void **state) {
    fixture *f = *state;
    store_summary s;
    assert_ok(store_write(f->path, &f->result));
    f->scenario.seed = 43;
    assert_ok(store_write(f->path, &f->result));
    assert_ok(store_read_summary(f->path, &f->a, &s));
    assert_int_equal(s.seed, 43);
    assert_int_equal(count_files(f->folder, false), 1);
}

// --- when it cannot be written ----------------------------------------------------------------------------------

static void checks_that_the_place_is_writable(void **state) {
    fixture *f = *state;
    char path[400];
    assert_ok(store_check_writable(f->path));
    assert_int_equal(count_files(f->folder, false), 0);
    assert_error(store_check_writable(""), ERR_USAGE, "empty");
    assert_error(store_check_writable(f->folder), ERR_FILE, "is a folder");
    snprintf(path, sizeof path, "%s/", f->folder);
    assert_error(store_check_writable(path), ERR_FILE, "folder");
    snprintf(path, sizeof path, "%s/none/out.h5", f->folder);
    assert_error(store_check_writable(path), ERR_FILE, "mkdir -p");
    support_write_file(f->folder, "note.txt", "text", 4);
    snprintf(path, sizeof path, "%s/note.txt/out.h5", f->folder);
    assert_error(store_check_writable(path), ERR_FILE, "cannot write");
    snprintf(path, sizeof path, "%s/note.txt", f->folder);
    assert_error(store_check_writable(path), ERR_FILE, "not overwritten");
    assert_error(store_write(path, &f->result), ERR_FILE, "not overwritten");
    support_write_file(f->folder, "empty.h5", "", 0);
    snprintf(path, sizeof path, "%s/empty.h5", f->folder);
    assert_ok(store_check_writable(path));
    assert_error(store_check_writable("/dev/null"), ERR_FILE, "not a regular file");
    assert_error(store_check_writable("/proc/out.h5"), ERR_FILE, "cannot write");
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_error(store_check_writable(path), ERR_FILE, "cannot write");
}

static void a_full_disk_leaves_nothing_and_keeps_the_old_file(void **state) {
    fixture *f = *state;
    struct rlimit old;
    size_t before;
    size_t after;
    assert_ok(store_write(f->path, &f->result));
    const unsigned char *one = read_bytes(f, f->path, &before);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    for (size_t limit = 0; limit <= before - 1; limit += before / 4) {
        struct rlimit small = {.rlim_cur = limit, .rlim_max = old.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        f->scenario.seed = 7;
        err_code code = store_write(f->path, &f->result);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        assert_error(code, ERR_FILE, "writing failed");
        assert_int_equal(count_files(f->folder, false), 1);
    }
    const unsigned char *two = read_bytes(f, f->path, &after);
    assert_int_equal(before, after);
    assert_memory_equal(one, two, before);
}

static void running_out_of_memory_is_an_error_and_leaks_nothing(void **state) {
    fixture *f = *state;
    int64_t live = mem_live_count();
    uint64_t start = mem_alloc_count();
    assert_ok(store_write(f->path, &f->result));
    uint64_t needed = mem_alloc_count() - start;
    assert_true(needed > 5);
    assert_int_equal(count_files(f->folder, true), 1);
    for (uint64_t i = 0; i < needed; i++) {
        mem_fail_after((int64_t)i);
        err_code code = store_write(f->path, &f->result);
        mem_fail_after(-1);
        assert_error(code, ERR_MEMORY, NULL);
        assert_int_equal(mem_live_count(), live);
        assert_int_equal(count_files(f->folder, false), 0);
    }
    assert_ok(store_write(f->path, &f->result));
}

// Last in the list: the wish to stop cannot be taken back.
static void an_interrupted_write_leaves_nothing(void **state) {
    fixture *f = *state;
    log_request_interrupt();
    assert_int_equal(store_write(f->path, &f->result), ERR_INTERRUPTED);
    assert_int_equal(count_files(f->folder, false), 0);
    store_abandon();  // harmless when nothing is pending
}

// --- when it cannot be read -------------------------------------------------------------------------------------

static void write_foreign(const char *path, const char *version) {
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(file >= 0);
    if (version != NULL) {
        hid_t type = H5Tcopy(H5T_C_S1);
        H5Tset_size(type, H5T_VARIABLE);
        H5Tset_cset(type, H5T_CSET_UTF8);
        hid_t space = H5Screate(H5S_SCALAR);
        const char *value[2] = {"vestsim", version};
        const char *name[2] = {"program", "format_version"};
        for (int i = 0; i < 2; i++) {
            hid_t id = H5Acreate2(file, name[i], type, space, H5P_DEFAULT, H5P_DEFAULT);
            assert_true(H5Awrite(id, type, &value[i]) >= 0);
            H5Aclose(id);
        }
        H5Sclose(space);
        H5Tclose(type);
    }
    H5Fclose(file);
}

static void refuses_what_is_not_a_results_file(void **state) {
    fixture *f = *state;
    store_summary s;
    assert_error(store_read_summary(f->path, &f->a, &s), ERR_FILE, "No such file");
    assert_error(store_read_summary(f->folder, &f->a, &s), ERR_FILE, "not a regular file");
    support_write_file(f->folder, "out.h5", "year,index\n", 11);
    assert_error(store_read_summary(f->path, &f->a, &s), ERR_FORMAT, "not an HDF5 file");
    support_write_file(f->folder, "out.h5", "", 0);
    assert_error(store_read_summary(f->path, &f->a, &s), ERR_FORMAT, "not an HDF5 file");
    write_foreign(f->path, NULL);
    assert_error(store_read_summary(f->path, &f->a, &s), ERR_FORMAT, "not a results file of vestsim");
    write_foreign(f->path, "2.0");
    assert_error(store_read_summary(f->path, &f->a, &s), ERR_FORMAT, "format version 2.0");
    write_foreign(f->path, "1.9");
    assert_error(store_read_summary(f->path, &f->a, &s), ERR_FORMAT, "damaged");
}

static void refuses_a_file_cut_short(void **state) {
    fixture *f = *state;
    store_summary s;
    size_t count;
    assert_ok(store_write(f->path, &f->result));
    const unsigned char *bytes = read_bytes(f, f->path, &count);
    for (size_t kept = 16; kept < count; kept += count / 23) {
        support_write_file(f->folder, "out.h5", bytes, kept);
        assert_error(store_read_summary(f->path, &f->a, &s), ERR_FORMAT, f->path);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_back_what_was_written, setup, teardown),
        cmocka_unit_test_setup_teardown(traffic_is_mean_and_standard_error, setup, teardown),
        cmocka_unit_test_setup_teardown(one_replication_has_no_standard_error, setup, teardown),
        cmocka_unit_test_setup_teardown(room_for_more_replications_is_not_stored, setup, teardown),
        cmocka_unit_test_setup_teardown(transit_is_a_mean_over_replications, setup, teardown),
        cmocka_unit_test_setup_teardown(every_variable_has_axes_units_and_a_name, setup, teardown),
        cmocka_unit_test_setup_teardown(empty_axes_are_whole_and_readable, setup_empty, teardown),
        cmocka_unit_test_setup_teardown(documentation_lists_every_dataset, setup, teardown),
        cmocka_unit_test_setup_teardown(same_result_gives_the_same_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(overwrites_an_older_results_file_and_leaves_only_it, setup, teardown),
        cmocka_unit_test_setup_teardown(checks_that_the_place_is_writable, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_leaves_nothing_and_keeps_the_old_file, setup, teardown),
        cmocka_unit_test_setup_teardown(running_out_of_memory_is_an_error_and_leaks_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_what_is_not_a_results_file, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_a_file_cut_short, setup, teardown),
        cmocka_unit_test_setup_teardown(an_interrupted_write_leaves_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
