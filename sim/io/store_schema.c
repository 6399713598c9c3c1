// The layout of the results file (docs/formats.md, docs/decisions/0004): what is in which group, with which axes.
// First the axes and tables that groups share, then one function a group, then the list of groups.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/dmath.h"
#include "store_internal.h"

static const int64_t missing_ix = UINT32_MAX;
static const int64_t missing_s = -1;

// --- axes that several groups share ---------------------------------------------------------------------------

static void axis_text(store_group *g, const char *name, const char *doc, hsize_t count, const char *const *texts) {
    const store_variable v = {.name = name, .type = COLUMN_TEXT, .axes = "", .unit = "1", .doc = doc};
    store_axis_write(g, &v, count, texts);
}

// 0, 1, 2 ... or 1, 2, 3 ...
static void axis_counter(store_group *g, const char *name, const char *doc, int32_t first, uint32_t count) {
    const store_variable v = {.name = name, .type = COLUMN_I32, .axes = "", .unit = "1", .doc = doc};
    int32_t *value = store_buffer(g, count, sizeof *value);
    for (uint32_t i = 0; value != NULL && i < count; i++) {
        value[i] = first + (int32_t)i;
    }
    store_axis_write(g, &v, count, value);
    mem_free(value);
}

// Years from index first_ix on: 0 = with today, 1 = without.
static void axis_year(store_group *g, const result *r, uint32_t first_ix) {
    static const store_variable v = {
        .name = "year", .type = COLUMN_I32, .axes = "", .unit = "1", .doc = "year simulated"};
    _Static_assert(sizeof(int) == sizeof(int32_t), "years are stored as they are");
    store_axis_write(g, &v, r->year_count - first_ix, r->year + first_ix);
}

static void axis_replication(store_group *g, const result *r) {
    axis_counter(g, "replication", "replication: same number, same random draws in every year and scenario", 0,
                 r->replications);
}

static void axis_mode(store_group *g) {
    const char *name[MODE_COUNT];
    for (int i = 0; i < MODE_COUNT; i++) {
        name[i] = mode_name((mode)i);
    }
    axis_text(g, "mode", "mode of travel", MODE_COUNT, name);
}

static void axis_class(store_group *g) {
    static const char *const name[VEHICLE_CLASS_COUNT] = {"car", "lorry", "bus"};
    axis_text(g, "class", "class of vehicle", VEHICLE_CLASS_COUNT, name);
}

// Local civil time without offset: readers would shift it to UTC.
static void axis_time(store_group *g, const result *r) {
    char unit[64];
    const char *date = r->scenario->service_date;
    if (date != NULL && strlen(date) == 10) {
        snprintf(unit, sizeof unit, "seconds since %s 00:00:00", date);
    } else {
        snprintf(unit, sizeof unit, "seconds since %04d-01-01 00:00:00", r->year[0]);
    }
    const store_variable v = {
        .name = "time",
        .type = COLUMN_F64,
        .axes = "",
        .unit = unit,
        .doc = "start of the 5 minutes, local civil time of the service day; the last interval also holds all later"};
    double value[RESULT_BINS];
    for (int i = 0; i < RESULT_BINS; i++) {
        value[i] = (double)i * RESULT_BIN_S;
    }
    store_axis_write(g, &v, RESULT_BINS, value);
    if (g->code == ERR_OK) {
        hid_t id = g->axis[g->axis_count - 1].id;
        store_attribute_text(g, id, "calendar", "proleptic_gregorian");
        store_attribute_text(g, id, "standard_name", "time");
    }
}

// --- column tables --------------------------------------------------------------------------------------------

// What the column tables of world do not say: the meanings of small integers, and which value means "none".
static const struct note {
    const char *path;
    const char *flags;
    bool flags_are_bits;
    const int64_t *missing;
    bool internal;  // an offset into arrays that are not stored: left out
} notes[] = {
    {.path = "network/nodes/control", .flags = "none yield stop signal roundabout"},
    {.path = "network/links/allowed", .flags = "car bus cycle walk lorry", .flags_are_bits = true},
    {.path = "network/links/cycle_facility", .flags = "mixed_slow mixed_fast lane path_along path_own"},
    {.path = "network/links/inside", .flags = "outside municipality sentrum"},
    {.path = "network/links/cordon", .flags = "neither enters_sentrum leaves_sentrum"},
    {.path = "zones/outside", .flags = "inside_municipality outside_municipality"},
    {.path = "places/kind",
     .flags = "home_detached home_row home_flat work school_primary school_lower school_upper nursery shop leisure "
              "holiday_home"},
    {.path = "places/zone_ix", .missing = &missing_ix},
    {.path = "places/node_ix", .missing = &missing_ix},
    {.path = "transit/trips/route_type", .flags = "tram metro rail bus ferry"},
    {.path = "transit/trips/pattern_ix", .internal = true},
    {.path = "transit/trips/time_first", .internal = true},
    {.path = "households/home_place", .missing = &missing_ix},
    {.path = "households/dwelling", .flags = "detached row flat"},
    {.path = "persons/home_place", .missing = &missing_ix},
    {.path = "persons/work_place", .missing = &missing_ix},
    {.path = "persons/age", .flags = "0_5 6_15 16_19 20_44 45_66 67_79 80_plus"},
    {.path = "persons/employed", .flags = "no yes"},
    {.path = "persons/licence", .flags = "no yes"},
    {.path = "persons/season_pass", .flags = "no yes"},
    {.path = "persons/cycle", .flags = "none bicycle e_cycle"},
    {.path = "persons/segment", .flags = "resident visitor through"},
    {.path = "trips/segment", .flags = "resident visitor through"},
    {.path = "trips/purpose", .flags = "work school shop leisure escort business"},
    {.path = "trips/origin_place", .missing = &missing_ix},
    {.path = "trips/destination_place", .missing = &missing_ix},
    {.path = "trips/arrival_s", .missing = &missing_s},
    {.path = "trips/mode", .flags = "car_driver car_passenger pt cycle walk"},
    {.path = "trips/return_trip", .flags = "out return"},
};

static const struct note *find_note(const char *group, const char *name) {
    size_t length = strlen(group);
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        if (strncmp(notes[i].path, group, length) == 0 && notes[i].path[length] == '/' &&
            strcmp(notes[i].path + length + 1, name) == 0) {
            return &notes[i];
        }
    }
    return NULL;
}

// Texts may be NULL in a table where a file had no such column.
static void column_text(store_group *g, const store_variable *v, const char *const *texts, uint32_t rows,
                        bool is_axis) {
    const char **safe = store_buffer(g, rows, sizeof *safe);
    for (uint32_t i = 0; safe != NULL && i < rows; i++) {
        safe[i] = texts[i] == NULL ? "" : texts[i];
    }
    if (is_axis) {
        store_axis_write(g, v, rows, safe);
    } else {
        store_variable_write(g, v, safe);
    }
    mem_free(safe);
}

// All columns of a table along one axis. A column "id" becomes the axis itself; without one the rows are counted.
static void write_table(store_group *g, const char *axis_name, const char *axis_doc, const column *columns,
                        uint32_t column_count, uint32_t rows) {
    if (strcmp(columns[0].name, "id") != 0) {
        axis_counter(g, axis_name, axis_doc, 0, rows);
    }
    for (uint32_t i = 0; i < column_count && g->code == ERR_OK; i++) {
        const column *c = &columns[i];
        const struct note *note = find_note(g->path, c->name);
        if (note != NULL && note->internal) {
            continue;
        }
        bool is_axis = i == 0 && strcmp(c->name, "id") == 0;
        store_variable v = {.name = is_axis ? axis_name : c->name,
                            .type = c->type,
                            .axes = is_axis ? "" : axis_name,
                            .unit = c->unit,
                            .doc = c->doc};
        if (note != NULL) {
            v.flags = note->flags;
            v.flags_are_bits = note->flags_are_bits;
            v.missing = note->missing;
        }
        if (c->type == COLUMN_TEXT) {
            column_text(g, &v, c->data, rows, is_axis);
        } else {
            store_variable_write(g, &v, c->data);
        }
    }
}

// --- one function a group -------------------------------------------------------------------------------------

static void write_root(store_group *g, const result *r) {
    const scenario *s = r->scenario;
    uint32_t seed = (uint32_t)s->seed;
    int32_t today = r->year[0];
    store_attribute_text(g, g->id, "Conventions", "CF-1.10");
    store_attribute_text(g, g->id, "program", "vestsim");
    store_attribute_text(g, g->id, "program_version", r->program_version);
    store_attribute_text(g, g->id, "git_commit", r->git_commit);
    store_attribute_text(g, g->id, "format_version", STORE_FORMAT_VERSION);
    store_attribute_text(g, g->id, "scenario", s->name);
    store_attribute_text(g, g->id, "service_date", s->service_date);
    store_attribute(g, g->id, "seed", COLUMN_U32, 0, &seed);
    store_attribute(g, g->id, "today_year", COLUMN_I32, 0, &today);
    static const store_variable v = {.name = "scenario_yaml",
                                     .type = COLUMN_TEXT,
                                     .axes = "",
                                     .unit = "1",
                                     .doc = "the whole effective scenario as YAML text"};
    const char *yaml = s->effective_yaml == NULL ? "" : s->effective_yaml;
    store_variable_write(g, &v, &yaml);
}

static void write_nodes(store_group *g, const result *r) {
    column columns[COLUMN_COUNT(NODE_COLUMNS)];
    network_describe_nodes(r->network, columns);
    write_table(g, "node", "", columns, COLUMN_COUNT(NODE_COLUMNS), r->network->node.count);
}

static void write_links(store_group *g, const result *r) {
    column columns[COLUMN_COUNT(LINK_COLUMNS)];
    network_describe_links(r->network, columns);
    write_table(g, "link", "", columns, COLUMN_COUNT(LINK_COLUMNS), r->network->link.count);
}

static void write_zones(store_group *g, const result *r) {
    column columns[COLUMN_COUNT(ZONE_COLUMNS)];
    zone_describe_zones(r->zones, columns);
    write_table(g, "zone", "", columns, COLUMN_COUNT(ZONE_COLUMNS), r->zones->zone.count);
}

static void write_places(store_group *g, const result *r) {
    column columns[COLUMN_COUNT(PLACE_COLUMNS)];
    zone_describe_places(r->zones, columns);
    write_table(g, "place", "", columns, COLUMN_COUNT(PLACE_COLUMNS), r->zones->place.count);
}

static void write_areas(store_group *g, const result *r) {
    const zone_system *z = r->zones;
    uint32_t n = z->polygon_count;
    const char **id = store_buffer(g, n, sizeof *id);
    const char **name = store_buffer(g, n, sizeof *name);
    const char **geometry = store_buffer(g, n, sizeof *geometry);
    for (uint32_t i = 0; g->code == ERR_OK && i < n; i++) {
        id[i] = z->polygon[i].id;
        name[i] = z->polygon[i].name;
        geometry[i] = z->polygon[i].geometry;
    }
    const column columns[] = {
        {"id", "1", "external id of the area", COLUMN_TEXT, id},
        {"name", "1", "name", COLUMN_TEXT, name},
        {"geometry", "1", "WKT polygon in WGS84, as in areas.csv", COLUMN_TEXT, geometry},
    };
    write_table(g, "area", "", columns, sizeof columns / sizeof columns[0], g->code == ERR_OK ? n : 0);
    mem_free(geometry);
    mem_free(name);
    mem_free(id);
}

static void write_programme(store_group *g, const result *r) {
    const scenario *s = r->scenario;
    uint32_t n = s->programme_count;
    const char **words[3];
    double *place[2];
    int32_t *number[4];
    float *norm = store_buffer(g, n, sizeof *norm);
    for (int i = 0; i < 3; i++) {
        words[i] = store_buffer(g, n, sizeof *words[i]);
    }
    for (int i = 0; i < 2; i++) {
        place[i] = store_buffer(g, n, sizeof *place[i]);
    }
    for (int i = 0; i < 4; i++) {
        number[i] = store_buffer(g, n, sizeof *number[i]);
    }
    for (uint32_t i = 0; g->code == ERR_OK && i < n; i++) {
        const scenario_programme *p = &s->programme[i];
        uint32_t at = idmap_find(&r->zones->place_map, p->place_id);
        uint32_t node = at == IX_NONE ? IX_NONE : r->zones->place.node_ix[at];
        words[0][i] = p->id;
        words[1][i] = p->place_id;
        words[2][i] = p->source;
        place[0][i] = node == IX_NONE ? (double)NAN : r->network->node.lon[node];
        place[1][i] = node == IX_NONE ? (double)NAN : r->network->node.lat[node];
        const int values[4] = {p->dwelling, p->homes, p->from_year, p->to_year};
        for (int k = 0; k < 4; k++) {
            number[k][i] = values[k];
        }
        norm[i] = (float)p->parking_norm;
    }
    const column columns[] = {
        {"id", "1", "external id of the entry", COLUMN_TEXT, words[0]},
        {"place", "1", "external id of the place", COLUMN_TEXT, words[1]},
        {"dwelling", "1", "kind of dwelling", COLUMN_I32, number[0]},
        {"homes", "1", "homes built, evenly over the years", COLUMN_I32, number[1]},
        {"from_year", "1", "first year of building", COLUMN_I32, number[2]},
        {"to_year", "1", "last year of building", COLUMN_I32, number[3]},
        {"parking_norm", "1", "parking places a dwelling; negative = no limit", COLUMN_F32, norm},
        {"lon", "degrees_east", "longitude of the place, WGS84", COLUMN_F64, place[0]},
        {"lat", "degrees_north", "latitude of the place, WGS84", COLUMN_F64, place[1]},
        {"source", "1", "where the entry comes from", COLUMN_TEXT, words[2]},
    };
    write_table(g, "programme", "", columns, sizeof columns / sizeof columns[0], g->code == ERR_OK ? n : 0);
    for (int i = 0; i < 4; i++) {
        mem_free(number[i]);
    }
    for (int i = 0; i < 2; i++) {
        mem_free(place[i]);
    }
    for (int i = 0; i < 3; i++) {
        mem_free(words[i]);
    }
    mem_free(norm);
}

// Targets of a measure as one text: "sentrum, station".
static const char *join_targets(store_group *g, const scenario_measure *m, char **out) {
    size_t bytes = 1;
    for (uint32_t i = 0; i < m->target_count; i++) {
        bytes += strlen(m->target[i]) + 2;
    }
    *out = store_buffer(g, bytes, 1);
    for (uint32_t i = 0; *out != NULL && i < m->target_count; i++) {
        strcat(*out, i == 0 ? "" : ", ");
        strcat(*out, m->target[i]);
    }
    return *out;
}

static void write_measures(store_group *g, const result *r) {
    const scenario *s = r->scenario;
    uint32_t n = s->measure_count;
    const char **kind = store_buffer(g, n, sizeof *kind);
    const char **words = store_buffer(g, n, sizeof *words);
    const char **source = store_buffer(g, n, sizeof *source);
    const char **target = store_buffer(g, n, sizeof *target);
    char **joined = store_buffer(g, n, sizeof *joined);
    int32_t *start = store_buffer(g, n, sizeof *start);
    double *value = store_buffer(g, n, sizeof *value);
    for (uint32_t i = 0; g->code == ERR_OK && i < n; i++) {
        const scenario_measure *m = &s->measure[i];
        kind[i] = scenario_measure_name(m->kind);
        // A timetable's text is a folder of the machine that ran it: only its name may be stored.
        const char *slash = m->text == NULL ? NULL : strrchr(m->text, '/');
        words[i] = m->text == NULL ? "" : slash == NULL ? m->text : slash + 1;
        source[i] = m->source;
        target[i] = join_targets(g, m, &joined[i]);
        start[i] = m->start_year;
        value[i] = measure_has_value(m->kind) ? m->value : (double)NAN;
    }
    const column columns[] = {
        {"kind", "1", "kind of measure, as in the scenario", COLUMN_TEXT, kind},
        {"start_year", "1", "first year in force", COLUMN_I32, start},
        {"value", "1", "its number, in the unit of the kind; missing if it has none", COLUMN_F64, value},
        {"text", "1", "its text, such as a cycle facility or a timetable", COLUMN_TEXT, words},
        {"targets", "1", "areas, zones, places, streets, links, nodes, lines or flows it is about", COLUMN_TEXT,
         target},
        {"source", "1", "where it comes from", COLUMN_TEXT, source},
    };
    write_table(g, "measure", "measures in the order of the scenario", columns, sizeof columns / sizeof columns[0],
                g->code == ERR_OK ? n : 0);
    for (uint32_t i = 0; joined != NULL && i < n; i++) {
        mem_free(joined[i]);
    }
    mem_free(value);
    mem_free(start);
    mem_free(joined);
    mem_free(target);
    mem_free(source);
    mem_free(words);
    mem_free(kind);
}

static const store_variable vehicles_mean = {
    .name = "vehicles",
    .type = COLUMN_F32,
    .axes = "year class time link",
    .unit = "1",
    .doc = "vehicles entering the link in the interval, mean over replications"};
static const store_variable vehicles_error = {
    .name = "vehicles_se",
    .type = COLUMN_F32,
    .axes = "year class time link",
    .unit = "1",
    .doc = "standard error of vehicles over replications; missing with one replication"};
static const store_variable speed_mean = {
    .name = "speed_kmh",
    .type = COLUMN_F32,
    .axes = "year time link",
    .unit = "km h-1",
    .doc = "mean speed of the vehicles that enter in the interval (space mean); missing where none did"};
static const store_variable present_mean = {
    .name = "present",
    .type = COLUMN_F32,
    .axes = "year time link",
    .unit = "1",
    .doc = "vehicles on the link: travel time of those who enter in the interval, divided by its length"};
static const store_variable cyclists_mean = {
    .name = "cyclists",
    .type = COLUMN_F32,
    .axes = "year time link",
    .unit = "1",
    .doc = "cyclists entering the link in the interval, mean over replications"};
static const store_variable pedestrians_mean = {
    .name = "pedestrians",
    .type = COLUMN_F32,
    .axes = "year time link",
    .unit = "1",
    .doc =
        "people entering the link on foot in the interval, in either direction: trips on foot and walks to the first "
        "and from the last stop, mean over replications"};
static const store_variable passengers_mean = {
    .name = "bus_passengers",
    .type = COLUMN_F32,
    .axes = "year time link",
    .unit = "1",
    .doc = "people in buses entering the link in the interval, by the timetable, mean over replications"};
enum { TRAFFIC_DATASETS = 7 };

// Rounds to 10 significant bits, ties to even: what is derived from counts needs no more, and the zeros that are left
// compress to half the size. NaN and infinity stay as they are.
static float round_bits(float value) {
    enum { DROPPED = 14 };  // of the 24 of a float
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (isfinite(value)) {
        bits += (UINT32_C(1) << (DROPPED - 1)) - 1 + (bits >> DROPPED & 1);
        bits &= ~((UINT32_C(1) << DROPPED) - 1);
        memcpy(&value, &bits, sizeof bits);
    }
    return value;
}

// Mean and standard error of counts from their sum and sum of squares over n replications.
static void fill_mean(const uint64_t *sum, size_t count, uint32_t n, float *out) {
    for (size_t i = 0; i < count; i++) {
        out[i] = (float)((double)sum[i] / (double)n);
    }
}

static void fill_error(const uint64_t *sum, const uint64_t *square, size_t count, uint32_t n, float *out) {
    for (size_t i = 0; i < count; i++) {
        if (n < 2) {
            out[i] = NAN;
            continue;
        }
        // Integers, so that equal counts give exactly 0.
        double spread = (double)(square[i] * n - sum[i] * sum[i]) / ((double)n * (double)(n - 1));
        out[i] = round_bits((float)dmath_sqrt(spread / (double)n));
    }
}

static void fill_speed(const result *r, const uint64_t *entered, const uint64_t *time_ds, float *speed,
                       float *present) {
    size_t links = r->network->link.count;
    size_t slab = (size_t)RESULT_BINS * links;
    for (size_t i = 0; i < slab; i++) {
        uint64_t vehicles = 0;
        for (size_t c = 0; c < VEHICLE_CLASS_COUNT; c++) {
            vehicles += entered[c * slab + i];
        }
        double time_s = (double)time_ds[i] * 0.1;
        double way_m = (double)vehicles * (double)r->network->link.length_m[i % links];
        speed[i] = vehicles > 0 && time_ds[i] > 0 ? round_bits((float)(way_m / time_s * 3.6)) : NAN;
        present[i] = round_bits((float)(time_s / (double)RESULT_BIN_S / (double)r->replications));
    }
}

static void write_people(store_group *g, hid_t id, const store_variable *v, const result *r, const uint32_t *sum,
                         uint32_t year_ix, float *value) {
    size_t slab = (size_t)RESULT_BINS * r->network->link.count;
    hsize_t at[1] = {year_ix};
    for (size_t i = 0; i < slab; i++) {
        value[i] = (float)((double)sum[year_ix * slab + i] / (double)r->replications);
    }
    store_write_part(g, id, v, 1, at, value);
}

static void write_traffic_year(store_group *g, const result *r, const hid_t id[TRAFFIC_DATASETS], uint32_t year_ix,
                               float *one, float *two) {
    size_t slab = (size_t)RESULT_BINS * r->network->link.count;
    for (uint32_t c = 0; c < VEHICLE_CLASS_COUNT; c++) {
        size_t first = ((size_t)year_ix * VEHICLE_CLASS_COUNT + c) * slab;
        hsize_t at[2] = {year_ix, c};
        fill_mean(r->entered_sum + first, slab, r->replications, one);
        store_write_part(g, id[0], &vehicles_mean, 2, at, one);
        fill_error(r->entered_sum + first, r->entered_square + first, slab, r->replications, one);
        store_write_part(g, id[1], &vehicles_error, 2, at, one);
    }
    hsize_t at[1] = {year_ix};
    fill_speed(r, r->entered_sum + (size_t)year_ix * VEHICLE_CLASS_COUNT * slab, r->time_sum_ds + year_ix * slab, one,
               two);
    store_write_part(g, id[2], &speed_mean, 1, at, one);
    store_write_part(g, id[3], &present_mean, 1, at, two);
    write_people(g, id[4], &cyclists_mean, r, r->cycle_sum, year_ix, one);
    write_people(g, id[5], &pedestrians_mean, r, r->foot_sum, year_ix, one);
    write_people(g, id[6], &passengers_mean, r, r->passenger_sum, year_ix, one);
}

static void write_traffic(store_group *g, const result *r) {
    column columns[COLUMN_COUNT(LINK_COLUMNS)];
    network_describe_links(r->network, columns);
    axis_year(g, r, 0);
    axis_class(g);
    axis_time(g, r);
    axis_text(g, "link", "external link id; in the order of /network/links", r->network->link.count, columns[0].data);
    const store_variable *const v[TRAFFIC_DATASETS] = {&vehicles_mean,  &vehicles_error, &speed_mean,
                                                       &present_mean,   &cyclists_mean,  &pedestrians_mean,
                                                       &passengers_mean};
    size_t slab = (size_t)RESULT_BINS * r->network->link.count;
    float *one = store_buffer(g, slab, sizeof *one);
    float *two = store_buffer(g, slab, sizeof *two);
    hid_t id[TRAFFIC_DATASETS];
    for (int i = 0; i < TRAFFIC_DATASETS; i++) {
        id[i] = store_variable_open(g, v[i]);
    }
    for (uint32_t y = 0; y < r->year_count && g->code == ERR_OK; y++) {
        write_traffic_year(g, r, id, y, one, two);
    }
    for (int i = 0; i < TRAFFIC_DATASETS; i++) {
        if (id[i] >= 0) {
            H5Dclose(id[i]);
        }
    }
    mem_free(two);
    mem_free(one);
}

// One text or number of each counting point.
static void write_points(store_group *g, const zone_system *z) {
    uint32_t n = z->count_point_count;
    const char **id = store_buffer(g, n, sizeof *id);
    const char **name = store_buffer(g, n, sizeof *name);
    const char **source = store_buffer(g, n, sizeof *source);
    float *observed = store_buffer(g, n, sizeof *observed);
    float *heavy = store_buffer(g, n, sizeof *heavy);
    int8_t *sentrum = store_buffer(g, n, sizeof *sentrum);
    int8_t *through = store_buffer(g, n, sizeof *through);
    for (uint32_t i = 0; g->code == ERR_OK && i < n; i++) {
        const zone_count_point *p = &z->count_point[i];
        id[i] = p->id;
        name[i] = p->name;
        source[i] = p->source;
        observed[i] = p->weekday_vehicles < 0 ? NAN : (float)p->weekday_vehicles;
        heavy[i] = p->heavy_share < 0 ? NAN : (float)p->heavy_share;
        sentrum[i] = p->sentrum_cordon;
        through[i] = p->through;
    }
    const column columns[] = {
        {"id", "1", "external id of the counting point", COLUMN_TEXT, id},
        {"name", "1", "name", COLUMN_TEXT, name},
        {"observed", "1", "vehicles counted on a weekday, both directions, all classes", COLUMN_F32, observed},
        {"heavy_share", "1", "share of heavy vehicles counted", COLUMN_F32, heavy},
        {"sentrum_cordon", "1", "1 for a point of the sentrum measure", COLUMN_I8, sentrum},
        {"through", "1", "1 for mostly through traffic, never in the sentrum measure", COLUMN_I8, through},
        {"source", "1", "where the count comes from", COLUMN_TEXT, source},
    };
    if (g->code == ERR_OK) {
        write_table(g, "point", "", columns, sizeof columns / sizeof columns[0], n);
    }
    mem_free(through);
    mem_free(sentrum);
    mem_free(heavy);
    mem_free(observed);
    mem_free(source);
    mem_free(name);
    mem_free(id);
}

static void write_cordon(store_group *g, const result *r) {
    static const store_variable v = {.name = "vehicles",
                                     .type = COLUMN_U32,
                                     .axes = "year replication time point class",
                                     .unit = "1",
                                     .doc = "vehicles passing the counting point in the interval, both directions"};
    axis_year(g, r, 0);
    axis_replication(g, r);
    axis_time(g, r);
    write_points(g, r->zones);
    axis_class(g);
    hid_t id = store_variable_open(g, &v);
    size_t slab = (size_t)RESULT_BINS * r->zones->count_point_count * VEHICLE_CLASS_COUNT;
    for (uint32_t y = 0; y < r->year_count && g->code == ERR_OK; y++) {
        hsize_t at[1] = {y};
        store_write_part(g, id, &v, 1, at, r->point_count + (size_t)y * r->replications_max * slab);
    }
    if (id >= 0) {
        H5Dclose(id);
    }
}

static void write_indicators(store_group *g, const result *r) {
    axis_year(g, r, 0);
    axis_replication(g, r);
    double *value = store_buffer(g, (size_t)r->year_count * r->replications, sizeof *value);
    for (int i = 0; i < RESULT_INDICATOR_COUNT && g->code == ERR_OK; i++) {
        for (uint32_t y = 0; y < r->year_count; y++) {
            for (uint32_t k = 0; k < r->replications; k++) {
                value[(size_t)y * r->replications + k] = *result_indicator_at(r, (result_indicator)i, y, k);
            }
        }
        const store_variable v = {.name = result_indicator_name((result_indicator)i),
                                  .type = COLUMN_F64,
                                  .axes = "year replication",
                                  .unit = result_indicator_unit((result_indicator)i),
                                  .doc = result_indicator_doc((result_indicator)i)};
        store_variable_write(g, &v, value);
    }
    mem_free(value);
}

static void write_area_trips(store_group *g, const result *r) {
    static const store_variable v = {.name = "area_mode_trips",
                                     .type = COLUMN_F64,
                                     .axes = "year replication area purpose mode",
                                     .unit = "1",
                                     .doc = "residents' trips by area of home, purpose of the tour and mode"};
    const char *name[PURPOSE_COUNT];
    for (int i = 0; i < PURPOSE_COUNT; i++) {
        name[i] = purpose_name((purpose)i);
    }
    axis_text(g, "area", "area of reporting", r->area_count, r->area);
    axis_text(g, "purpose", "purpose of the tour", PURPOSE_COUNT, name);
    axis_mode(g);
    hid_t id = store_variable_open(g, &v);
    size_t slab = (size_t)r->area_count * PURPOSE_COUNT * MODE_COUNT;
    for (uint32_t y = 0; y < r->year_count && g->code == ERR_OK; y++) {
        hsize_t at[1] = {y};
        store_write_part(g, id, &v, 1, at, r->area_mode_trips + (size_t)y * r->replications_max * slab);
    }
    if (id >= 0) {
        H5Dclose(id);
    }
}

static void write_indicator_group(store_group *g, const result *r) {
    write_indicators(g, r);
    write_area_trips(g, r);
}

// Mean over replications of [year][items] sums.
static void write_yearly_mean(store_group *g, const store_variable *v, const result *r, const uint64_t *sum,
                              size_t items) {
    size_t count = (size_t)r->year_count * items;
    float *mean = store_buffer(g, count, sizeof *mean);
    if (mean != NULL) {
        fill_mean(sum, count, r->replications, mean);
        store_variable_write(g, v, mean);
    }
    mem_free(mean);
}

static void write_stops(store_group *g, const result *r) {
    static const store_variable on = {.name = "boardings",
                                      .type = COLUMN_F32,
                                      .axes = "year stop",
                                      .unit = "1",
                                      .doc = "travellers boarding at the stop, mean over replications"};
    static const store_variable off = {.name = "alightings",
                                       .type = COLUMN_F32,
                                       .axes = "year stop",
                                       .unit = "1",
                                       .doc = "travellers alighting at the stop, mean over replications"};
    column columns[COLUMN_COUNT(TRANSIT_STOP_COLUMNS)];
    transit_describe_stops(r->transit, columns);
    axis_year(g, r, 0);
    write_table(g, "stop", "", columns, COLUMN_COUNT(TRANSIT_STOP_COLUMNS), r->transit->stop.count);
    write_yearly_mean(g, &on, r, r->boardings_sum, r->transit->stop.count);
    write_yearly_mean(g, &off, r, r->alightings_sum, r->transit->stop.count);
}

static void write_trip_departures(store_group *g, const transit *t) {
    static const store_variable v = {.name = "departure_s",
                                     .type = COLUMN_I32,
                                     .axes = "trip",
                                     .unit = "s",
                                     .doc = "departure from the first stop, seconds after midnight"};
    int32_t *value = store_buffer(g, t->trip.count, sizeof *value);
    for (uint32_t i = 0; value != NULL && i < t->trip.count; i++) {
        value[i] = t->departure_s[t->trip.time_first[i]];
    }
    if (value != NULL) {
        store_variable_write(g, &v, value);
    }
    mem_free(value);
}

static void write_transit_trips(store_group *g, const result *r) {
    static const store_variable load = {
        .name = "boardings",
        .type = COLUMN_F32,
        .axes = "year trip",
        .unit = "1",
        .doc =
            "travellers boarding the vehicle on the whole trip, mean over replications; 0 in years with another "
            "timetable"};
    column columns[COLUMN_COUNT(TRANSIT_TRIP_COLUMNS)];
    transit_describe_trips(r->transit, columns);
    axis_year(g, r, 0);
    write_table(g, "trip", "", columns, COLUMN_COUNT(TRANSIT_TRIP_COLUMNS), r->transit->trip.count);
    write_trip_departures(g, r->transit);
    write_yearly_mean(g, &load, r, r->trip_load_sum, r->transit->trip.count);
}

static void write_households(store_group *g, const result *r) {
    column columns[COLUMN_COUNT(RESULT_HOUSEHOLD_COLUMNS)];
    result_describe_households(r, columns);
    write_table(g, "row", "row of the table", columns, COLUMN_COUNT(RESULT_HOUSEHOLD_COLUMNS), r->household.count);
}

static void write_persons(store_group *g, const result *r) {
    column columns[COLUMN_COUNT(RESULT_PERSON_COLUMNS)];
    result_describe_persons(r, columns);
    write_table(g, "row", "row of the table", columns, COLUMN_COUNT(RESULT_PERSON_COLUMNS), r->person.count);
}

static void write_trips(store_group *g, const result *r) {
    column columns[COLUMN_COUNT(RESULT_TRIP_COLUMNS)];
    result_describe_trips(r, columns);
    write_table(g, "trip", "row of the table", columns, COLUMN_COUNT(RESULT_TRIP_COLUMNS), r->trip.count);
}

// Iterations that any year and replication reached: the rest of the room is not stored.
static uint32_t iterations_used(const result *r) {
    uint32_t used = 0;
    for (uint32_t y = 0; y < r->year_count; y++) {
        for (uint32_t k = 0; k < r->replications; k++) {
            const float *gap = r->iteration_gap_pct + ((size_t)y * r->replications_max + k) * r->iterations_max;
            for (uint32_t i = used; i < r->iterations_max; i++) {
                used = isnan(gap[i]) ? used : i + 1;
            }
        }
    }
    return used;
}

// from: [year][replications_max][iterations_max][width]; written as [year][replication][used][width].
static void write_iterations(store_group *g, const store_variable *v, const result *r, const float *from, uint32_t used,
                             size_t width) {
    size_t row = used * width;
    float *value = store_buffer(g, (size_t)r->year_count * r->replications * row, sizeof *value);
    for (uint32_t y = 0; value != NULL && y < r->year_count; y++) {
        for (uint32_t k = 0; k < r->replications; k++) {
            memcpy(value + ((size_t)y * r->replications + k) * row,
                   from + ((size_t)y * r->replications_max + k) * r->iterations_max * width, row * sizeof *value);
        }
    }
    if (value != NULL) {
        store_variable_write(g, v, value);
    }
    mem_free(value);
}

static void write_converged(store_group *g, const result *r) {
    static const store_variable v = {.name = "converged",
                                     .type = COLUMN_I8,
                                     .axes = "year replication",
                                     .unit = "1",
                                     .doc = "whether the thresholds of the scenario were met",
                                     .flags = "no yes"};
    int8_t *value = store_buffer(g, (size_t)r->year_count * r->replications, sizeof *value);
    for (uint32_t y = 0; value != NULL && y < r->year_count; y++) {
        for (uint32_t k = 0; k < r->replications; k++) {
            value[(size_t)y * r->replications + k] = r->converged[(size_t)y * r->replications_max + k];
        }
    }
    if (value != NULL) {
        store_variable_write(g, &v, value);
    }
    mem_free(value);
}

static void write_convergence(store_group *g, const result *r) {
    static const store_variable gap = {.name = "gap_pct",
                                       .type = COLUMN_F32,
                                       .axes = "year replication iteration",
                                       .unit = "percent",
                                       .doc = "relative gap: what travellers could still gain of what they pay"};
    static const store_variable stuck = {.name = "stuck",
                                         .type = COLUMN_F32,
                                         .axes = "year replication iteration",
                                         .unit = "1",
                                         .doc = "vehicles that had not arrived at the end of the day"};
    static const store_variable share = {.name = "mode_share_pct",
                                         .type = COLUMN_F32,
                                         .axes = "year replication iteration mode",
                                         .unit = "percent",
                                         .doc = "share of residents' trips by mode"};
    uint32_t used = iterations_used(r);
    axis_year(g, r, 0);
    axis_replication(g, r);
    axis_counter(g, "iteration", "day-to-day iteration", 1, used);
    axis_mode(g);
    write_iterations(g, &gap, r, r->iteration_gap_pct, used, 1);
    write_iterations(g, &stuck, r, r->iteration_stuck, used, 1);
    write_iterations(g, &share, r, r->iteration_share, used, MODE_COUNT);
    write_converged(g, r);
}

#define VERDICT_NUMBERS(X)                                                                                  \
    X(index_pct, "percent", "mean change of the definition measure (car_km_sentrum) against today, paired") \
    X(low_pct, "percent", "lower end of the anytime-valid confidence sequence of index_pct")                \
    X(high_pct, "percent", "upper end of the anytime-valid confidence sequence of index_pct")               \
    X(t_low_pct, "percent", "lower end of the fixed-sample Student's t interval of index_pct")              \
    X(t_high_pct, "percent", "upper end of the fixed-sample Student's t interval of index_pct")             \
    X(probability_at_or_below, "1", "probability that the change is at or below 0, Student's t on the pairs")
#define VERDICT_COUNTS(X)                              \
    X(replications, "1", "pairs of replications used") \
    X(replications_to_settle, "1", "estimate of the pairs that would settle it; 0 = settled")

static void write_verdict_numbers(store_group *g, const result *r) {
    double *number = store_buffer(g, r->year_count, sizeof *number);
    uint32_t *count = store_buffer(g, r->year_count, sizeof *count);
#define WRITE(to, column_type_, name_, unit_, doc_)                                            \
    if (g->code == ERR_OK) {                                                                   \
        static const store_variable v = {                                                      \
            .name = #name_, .type = column_type_, .axes = "year", .unit = unit_, .doc = doc_}; \
        for (uint32_t y = 1; y < r->year_count; y++) {                                         \
            to[y - 1] = r->verdict[y].name_;                                                   \
        }                                                                                      \
        store_variable_write(g, &v, to);                                                       \
    }
#define X(name_, unit_, doc_) WRITE(number, COLUMN_F64, name_, unit_, doc_)
    VERDICT_NUMBERS(X)
#undef X
#define X(name_, unit_, doc_) WRITE(count, COLUMN_U32, name_, unit_, doc_)
    VERDICT_COUNTS(X)
#undef X
#undef WRITE
    mem_free(count);
    mem_free(number);
}

#define MEASURE_NUMBERS(X)                                                                                 \
    X(change_pct, "percent",                                                                               \
      "mean change of the measure against today, paired: percent of today, percentage points of an index") \
    X(low_pct, "percent", "lower end of the anytime-valid confidence sequence of measure_change_pct")      \
    X(high_pct, "percent", "upper end of the anytime-valid confidence sequence of measure_change_pct")     \
    X(t_low_pct, "percent", "lower end of the fixed-sample Student's t interval of measure_change_pct")    \
    X(t_high_pct, "percent", "upper end of the fixed-sample Student's t interval of measure_change_pct")   \
    X(probability_at_or_below, "1", "probability that the change is at or below 0, Student's t on the pairs")

// Every measure of RESULT_MEASURES by year.
static void write_verdict_measures(store_group *g, const result *r) {
    static const store_variable code = {.name = "measure_code",
                                        .type = COLUMN_I8,
                                        .axes = "year measure",
                                        .unit = "1",
                                        .doc = "the measure at or below today's",
                                        .flags = "holds exceeds not_shown"};
    const char *name[RESULT_MEASURE_COUNT];
    for (int m = 0; m < RESULT_MEASURE_COUNT; m++) {
        name[m] = result_indicator_name(result_measure_indicator((result_measure_ix)m));
    }
    axis_text(g, "measure", "indicator judged", RESULT_MEASURE_COUNT, name);
    double *number = store_buffer(g, (size_t)r->year_count * RESULT_MEASURE_COUNT, sizeof *number);
    int8_t *value = store_buffer(g, (size_t)r->year_count * RESULT_MEASURE_COUNT, sizeof *value);
#define WRITE(to, name_, column_type_, unit_, doc_, member_)                                                      \
    if (g->code == ERR_OK) {                                                                                      \
        static const store_variable v = {                                                                         \
            .name = "measure_" #name_, .type = column_type_, .axes = "year measure", .unit = unit_, .doc = doc_}; \
        for (size_t i = 0; i < (size_t)(r->year_count - 1) * RESULT_MEASURE_COUNT; i++) {                         \
            to[i] = r->verdict[1 + i / RESULT_MEASURE_COUNT].measure[i % RESULT_MEASURE_COUNT].member_;           \
        }                                                                                                         \
        store_variable_write(g, &v, to);                                                                          \
    }
#define X(name_, unit_, doc_) WRITE(number, name_, COLUMN_F64, unit_, doc_, name_)
    MEASURE_NUMBERS(X)
#undef X
#undef WRITE
    for (size_t i = 0; g->code == ERR_OK && i < (size_t)(r->year_count - 1) * RESULT_MEASURE_COUNT; i++) {
        value[i] = (int8_t)r->verdict[1 + i / RESULT_MEASURE_COUNT].measure[i % RESULT_MEASURE_COUNT].code;
    }
    if (g->code == ERR_OK) {
        store_variable_write(g, &code, value);
    }
    mem_free(value);
    mem_free(number);
}

#define POINT_INDEX_NUMBERS(X)                                                                                  \
    X(index_pct, "percent", "virtual traffic index of the mean counts: change against today at the points")     \
    X(low_pct, "percent", "lower end of its interval by the spread between points (not between replications)")  \
    X(high_pct, "percent", "upper end of its interval by the spread between points (not between replications)") \
    X(sd_pct, "percent", "weighted standard deviation of the points' changes; missing in the method from 2027") \
    X(se_pct, "percent", "standard error of index_pct by the spread between points")                            \
    X(n_effective, "1", "effective number of points; missing in the method from 2027")                          \
    X(points, "1", "points with traffic today")

// The road authority's index by year and method.
static void write_point_index(store_group *g, const result *r) {
    static const store_variable nb = {.name = "index_sentence_nb",
                                      .type = COLUMN_TEXT,
                                      .axes = "year",
                                      .unit = "1",
                                      .doc = "the road authority's words on the index by the present method"};
    static const char *const method[2] = {"present", "from_2027"};
    axis_text(g, "method", "method of the traffic index", 2, method);
    double *number = store_buffer(g, 2 * (size_t)r->year_count, sizeof *number);
    const char **sentence = store_buffer(g, r->year_count, sizeof *sentence);
#define X(name_, unit_, doc_)                                                                                 \
    if (g->code == ERR_OK) {                                                                                  \
        static const store_variable v = {                                                                     \
            .name = "points_" #name_, .type = COLUMN_F64, .axes = "year method", .unit = unit_, .doc = doc_}; \
        for (size_t i = 0; i < 2 * (size_t)(r->year_count - 1); i++) {                                        \
            number[i] = (double)r->verdict[1 + i / 2].point_index[i % 2].name_;                               \
        }                                                                                                     \
        store_variable_write(g, &v, number);                                                                  \
    }
    POINT_INDEX_NUMBERS(X)
#undef X
    for (uint32_t y = 1; g->code == ERR_OK && y < r->year_count; y++) {
        sentence[y - 1] = r->verdict[y].sentence_index_nb;
    }
    if (g->code == ERR_OK) {
        store_variable_write(g, &nb, sentence);
    }
    mem_free(sentence);
    mem_free(number);
}

static void write_verdict(store_group *g, const result *r) {
    static const store_variable code = {.name = "code",
                                        .type = COLUMN_I8,
                                        .axes = "year",
                                        .unit = "1",
                                        .doc = "verdict on the ceiling: car traffic in sentrum at or below today's",
                                        .flags = "holds exceeds not_shown"};
    static const store_variable nb = {
        .name = "sentence_nb", .type = COLUMN_TEXT, .axes = "year", .unit = "1", .doc = "verdict in Norwegian"};
    static const store_variable en = {
        .name = "sentence_en", .type = COLUMN_TEXT, .axes = "year", .unit = "1", .doc = "verdict in English"};
    double confidence = r->scenario->confidence;
    store_attribute(g, g->id, "confidence", COLUMN_F64, 0, &confidence);
    axis_year(g, r, 1);
    write_verdict_numbers(g, r);
    int8_t *value = store_buffer(g, r->year_count, sizeof *value);
    const char **texts = store_buffer(g, 2 * (size_t)r->year_count, sizeof *texts);
    for (uint32_t y = 1; g->code == ERR_OK && y < r->year_count; y++) {
        value[y - 1] = (int8_t)r->verdict[y].code;
        texts[y - 1] = r->verdict[y].sentence_nb;
        texts[r->year_count + y - 1] = r->verdict[y].sentence_en;
    }
    if (g->code == ERR_OK) {
        store_variable_write(g, &code, value);
        store_variable_write(g, &nb, texts);
        store_variable_write(g, &en, texts + r->year_count);
    }
    mem_free(texts);
    mem_free(value);
    write_verdict_measures(g, r);
    write_point_index(g, r);
}

// --- the file -------------------------------------------------------------------------------------------------

static const struct {
    const char *path;
    const char *title;
    void (*write)(store_group *g, const result *r);
} groups[] = {
    {"network", "Network of all modes", NULL},
    {"network/nodes", "Nodes", write_nodes},
    {"network/links", "Directed links; from_ix and to_ix count rows of /network/nodes from 0", write_links},
    {"zones", "Zones", write_zones},
    {"places", "Homes, jobs, schools, shops; zone_ix and node_ix count rows of /zones and /network/nodes",
     write_places},
    {"areas", "Areas as polygons", write_areas},
    {"programme", "Homes to be built", write_programme},
    {"measures", "Measures", write_measures},
    {"traffic", "Traffic by link and 5 minutes", write_traffic},
    {"cordon", "Vehicles at the counting points by 5 minutes", write_cordon},
    {"indicators", "Indicators by year and replication", write_indicator_group},
    {"transit", "Public transport", NULL},
    {"transit/stops", "Stops", write_stops},
    {"transit/trips", "Trips of today's timetable", write_transit_trips},
    {"households", "Households of replication 0, one row a household and year", write_households},
    {"persons", "Persons of replication 0, one row a person and year", write_persons},
    {"trips", "Trips of replication 0, one row a trip", write_trips},
    {"convergence", "The day-to-day loop by iteration", write_convergence},
    {"verdict", "Verdict for every year after today", write_verdict},
};

err_code store_schema_write(hid_t file, const result *r) {
    CHECK(r->replications > 0 && r->year_count > 0, ERR_INTERNAL, "a result without years or replications");
    store_group g;
    store_group_open(&g, file, "", r->scenario->title == NULL ? "" : r->scenario->title);
    write_root(&g, r);
    store_group_close(&g);
    for (size_t i = 0; i < sizeof groups / sizeof groups[0] && g.code == ERR_OK; i++) {
        store_group_open(&g, file, groups[i].path, groups[i].title);
        if (groups[i].write != NULL) {
            groups[i].write(&g, r);
        }
        store_group_close(&g);
    }
    return g.code;
}
