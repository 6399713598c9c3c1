#include "io/tables.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/project.h"
#include "wkt.h"

enum { LIST_BYTES = 512, LINK_ID_BYTES = 256, PERSONS_MAX = 20, SIZE_KEYS = 5 };

#define SIZE_MAX_PLACE 1e7
#define PRICE_MAX_NOK 1e4
#define VEHICLES_MAX 1e6
#define SHARE_SUM_TOLERANCE 0.02

static const char *const age_keys[AGE_GROUP_COUNT] = {"0_5", "6_15", "16_19", "20_44", "45_66", "67_79", "80_plus"};

// --- small readers ------------------------------------------------------------------------------------------------

typedef struct column_request {
    const char *name;
    bool required;
    uint32_t *ix;
} column_request;

static err_code find_columns(const table *t, const column_request *request, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (request[i].required) {
            TRY(table_require(t, request[i].name, request[i].ix));
        } else {
            *request[i].ix = table_column(t, request[i].name);
        }
    }
    return ERR_OK;
}

static err_code check_rows(const table *t, const char *what) {
    CHECK(table_row_count(t) > 0, ERR_FORMAT, "%s:2: there are no %s; write at least one row", table_name(t), what);
    return ERR_OK;
}

static err_code put_id(idmap *map, const table *t, uint32_t row, uint32_t col, const char *what) {
    const char *id = table_text(t, row, col);
    if (id[0] == '\0') {
        return table_fail(t, row, col, ERR_FORMAT, "is empty; every %s needs an id", what);
    }
    uint32_t earlier = idmap_put(map, id, row);
    if (earlier != IX_NONE) {
        return table_fail(t, row, col, ERR_REFERENCE, "the %s id '%.60s' is used twice, first on line %u", what, id,
                          table_line(t, earlier));
    }
    return ERR_OK;
}

static err_code read_text(const table *t, uint32_t row, uint32_t col, const char **out) {
    *out = table_text(t, row, col);
    return (*out)[0] != '\0' ? ERR_OK : table_fail(t, row, col, ERR_FORMAT, "is empty; a text is needed");
}

static err_code read_flag(const table *t, uint32_t row, uint32_t col, bool *out) {
    int64_t value = 0;
    TRY(table_i64(t, row, col, 0, 1, &value));
    *out = value != 0;
    return ERR_OK;
}

static err_code read_f32(const table *t, uint32_t row, uint32_t col, double min, double max, double fallback,
                         float *out) {
    double value = 0;
    TRY(table_f64_or(t, row, col, min, max, fallback, &value));
    *out = (float)value;
    return ERR_OK;
}

static err_code fail_unknown_name(const table *t, uint32_t row, uint32_t col, const char *list) {
    return table_fail(t, row, col, ERR_FORMAT, "unknown value '%.60s'; valid: %s", table_text(t, row, col), list);
}

static err_code find_node(const table *t, uint32_t row, uint32_t col, const network *n, const char *network_dir,
                          uint32_t *out) {
    *out = network_find_node(n, table_text(t, row, col));
    if (*out == IX_NONE) {
        return table_fail(t, row, col, ERR_REFERENCE, "there is no node '%.60s' in %s/node.csv",
                          table_text(t, row, col), network_dir);
    }
    return ERR_OK;
}

// --- zones.csv, places.csv ----------------------------------------------------------------------------------------

static err_code read_zones(const table *t, arena *a, zone_system *z) {
    uint32_t id, name, area, outside, parking, search;
    const column_request request[] = {{"zone_id", true, &id},
                                      {"name", true, &name},
                                      {"area", true, &area},
                                      {"outside", true, &outside},
                                      {"parking_nok", false, &parking},
                                      {"parking_search_s", false, &search}};
    TRY(find_columns(t, request, 6));
    idmap ids;
    TRY(idmap_init(&ids, a, table_row_count(t)));
    for (uint32_t row = 0; row < table_row_count(t); row++) {
        bool is_outside = false;
        TRY(put_id(&ids, t, row, id, "zone"));
        z->zone.id[row] = table_text(t, row, id);
        z->zone.name[row] = table_text(t, row, name);
        TRY(read_text(t, row, area, &z->zone.area[row]));
        TRY(read_flag(t, row, outside, &is_outside));
        z->zone.outside[row] = is_outside ? 1 : 0;
        TRY(read_f32(t, row, parking, 0, PRICE_MAX_NOK, 0, &z->zone.parking_nok[row]));
        TRY(read_f32(t, row, search, 0, 3600, 0, &z->zone.parking_search_s[row]));
    }
    return ERR_OK;
}

static err_code read_place_kind(const table *t, uint32_t row, uint32_t col, uint8_t *out) {
    const char *cell = table_text(t, row, col);
    char list[LIST_BYTES] = "";
    for (int k = 0; k < PLACE_KIND_COUNT; k++) {
        const char *name = zone_place_kind_name((place_kind)k);
        if (strcmp(cell, name) == 0) {
            *out = (uint8_t)k;
            return ERR_OK;
        }
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", k > 0 ? ", " : "", name);
    }
    return fail_unknown_name(t, row, col, list);
}

// -1 says "no limit"; nothing else below 0 means anything.
static err_code read_parking_norm(const table *t, uint32_t row, uint32_t col, float *out) {
    TRY(read_f32(t, row, col, -1, 20, -1, out));
    if (*out < 0 && *out > -1) {
        return table_fail(t, row, col, ERR_RANGE, "must be 0 or more, or -1 for no limit");
    }
    return ERR_OK;
}

static err_code read_places(const table *t, const table *zones, const scenario *s, const network *n, arena *a,
                            zone_system *z) {
    uint32_t id, name, zone, node, kind, size, norm, zone_id;
    const column_request request[] = {{"place_id", true, &id},       {"name", false, &name}, {"zone_id", true, &zone},
                                      {"node_id", true, &node},      {"kind", true, &kind},  {"size", true, &size},
                                      {"parking_norm", false, &norm}};
    TRY(find_columns(t, request, 7));
    TRY(table_require(zones, "zone_id", &zone_id));
    idmap ids, zone_ids;
    TRY(idmap_init(&ids, a, table_row_count(t)));
    TRY(idmap_init(&zone_ids, a, table_row_count(zones)));
    for (uint32_t row = 0; row < table_row_count(zones); row++) {
        idmap_put(&zone_ids, table_text(zones, row, zone_id), row);
    }
    for (uint32_t row = 0; row < table_row_count(t); row++) {
        TRY(put_id(&ids, t, row, id, "place"));
        z->place.id[row] = table_text(t, row, id);
        z->place.name[row] = table_text(t, row, name);
        z->place.zone_ix[row] = idmap_find(&zone_ids, table_text(t, row, zone));
        if (z->place.zone_ix[row] == IX_NONE) {
            return table_fail(t, row, zone, ERR_REFERENCE, "there is no zone '%.60s' in %s", table_text(t, row, zone),
                              table_name(zones));
        }
        TRY(find_node(t, row, node, n, s->network_dir, &z->place.node_ix[row]));
        TRY(read_place_kind(t, row, kind, &z->place.kind[row]));
        double value = 0;
        TRY(table_f64(t, row, size, 0, SIZE_MAX_PLACE, &value));
        z->place.size[row] = (float)value;
        TRY(read_parking_norm(t, row, norm, &z->place.parking_norm[row]));
    }
    return ERR_OK;
}

// --- areas.csv ----------------------------------------------------------------------------------------------------

// The ring in degrees; all rings are projected at once later.
static err_code read_polygon(const table *t, uint32_t row, uint32_t geometry, arena *a, wkt_line *ring) {
    err_code code = wkt_parse_polygon(table_text(t, row, geometry), a, ring);
    if (code == ERR_OK || code == ERR_MEMORY) {
        return code;
    }
    return table_fail(t, row, geometry, code, "is not a WKT POLYGON of longitude and latitude: %s", err_message());
}

static err_code project_areas(const table *t, uint32_t geometry, const wkt_line *ring, arena *a, zone_system *z) {
    uint32_t total = 0;
    for (uint32_t i = 0; i < z->polygon_count; i++) {
        total += ring[i].count;
    }
    double *lon, *lat, *x_m, *y_m;
    ARENA_NEW(a, lon, total);
    ARENA_NEW(a, lat, total);
    ARENA_NEW(a, x_m, total);
    ARENA_NEW(a, y_m, total);
    for (uint32_t i = 0, at = 0; i < z->polygon_count; at += ring[i].count, i++) {
        memcpy(lon + at, ring[i].lon, ring[i].count * sizeof *lon);
        memcpy(lat + at, ring[i].lat, ring[i].count * sizeof *lat);
        z->polygon[i].point_count = ring[i].count;
        z->polygon[i].x_m = x_m + at;
        z->polygon[i].y_m = y_m + at;
    }
    err_code code = project_to_utm32(lon, lat, total, x_m, y_m);
    for (uint32_t i = 0, at = 0; code == ERR_RANGE && i < z->polygon_count; i++) {
        for (uint32_t k = 0; k < ring[i].count; k++, at++) {
            if (!isfinite(x_m[at]) || !isfinite(y_m[at])) {
                return table_fail(t, i, geometry, code, "%s", err_message());
            }
        }
    }
    return code;
}

static err_code read_areas(const char *path, arena *a, zone_system *z) {
    table *t;
    uint32_t id, name, geometry;
    TRY(table_load(path, a, &t));
    const column_request request[] = {{"area_id", true, &id}, {"name", true, &name}, {"geometry", true, &geometry}};
    TRY(find_columns(t, request, 3));
    TRY(check_rows(t, "areas"));
    z->polygon_count = table_row_count(t);
    ARENA_NEW(a, z->polygon, z->polygon_count);
    wkt_line *ring;
    ARENA_NEW(a, ring, z->polygon_count);
    idmap ids;
    TRY(idmap_init(&ids, a, z->polygon_count));
    for (uint32_t row = 0; row < z->polygon_count; row++) {
        TRY(put_id(&ids, t, row, id, "area"));
        z->polygon[row].id = table_text(t, row, id);
        z->polygon[row].name = table_text(t, row, name);
        z->polygon[row].geometry = table_text(t, row, geometry);
        TRY(read_polygon(t, row, geometry, a, &ring[row]));
    }
    static const char *const required[] = {"sentrum", "municipality"};
    for (size_t i = 0; i < 2; i++) {
        CHECK(idmap_find(&ids, required[i]) != IX_NONE, ERR_REFERENCE,
              "%s:%u: the area '%s' is missing; add its polygon", path, table_line(t, z->polygon_count - 1),
              required[i]);
    }
    return project_areas(t, geometry, ring, a, z);
}

// --- counts.csv ---------------------------------------------------------------------------------------------------

static err_code add_count_link(const table *t, uint32_t row, uint32_t col, const scenario *s, const network *n,
                               const char *id, zone_count_point *p) {
    enum { LINKS_MAX = sizeof p->link_ix / sizeof p->link_ix[0] };
    uint32_t ix = network_find_link(n, id);
    if (ix == IX_NONE) {
        return table_fail(t, row, col, ERR_REFERENCE, "there is no link '%.60s' in %s/link.csv", id, s->network_dir);
    }
    for (uint32_t i = 0; i < p->link_count; i++) {
        if (p->link_ix[i] == ix) {
            return table_fail(t, row, col, ERR_REFERENCE, "the link '%.60s' is named twice", id);
        }
    }
    if (p->link_count == LINKS_MAX) {
        return table_fail(t, row, col, ERR_RANGE, "names more than %d links", (int)LINKS_MAX);
    }
    p->link_ix[p->link_count++] = ix;
    return ERR_OK;
}

// Ids with blanks between.
static err_code read_count_links(const table *t, uint32_t row, uint32_t col, const scenario *s, const network *n,
                                 zone_count_point *p) {
    const char *cell = table_text(t, row, col);
    while (*(cell += strspn(cell, " \t")) != '\0') {
        size_t length = strcspn(cell, " \t");
        char id[LINK_ID_BYTES];
        size_t kept = length < sizeof id - 1 ? length : sizeof id - 1;
        memcpy(id, cell, kept);
        id[kept] = '\0';
        TRY(add_count_link(t, row, col, s, n, id, p));
        cell += length;
    }
    return p->link_count > 0
               ? ERR_OK
               : table_fail(t, row, col, ERR_FORMAT, "is empty; write the link ids, one a direction, blanks between");
}

static err_code read_counts(const scenario *s, const network *n, arena *a, zone_system *z) {
    table *t;
    uint32_t id, name, links, vehicles, heavy, cordon, through, source;
    TRY(table_load(s->counts_csv, a, &t));
    const column_request request[] = {{"point_id", true, &id},        {"name", true, &name},
                                      {"link_ids", true, &links},     {"weekday_vehicles", true, &vehicles},
                                      {"heavy_share", false, &heavy}, {"sentrum_cordon", true, &cordon},
                                      {"through", true, &through},    {"source", true, &source}};
    TRY(find_columns(t, request, 8));
    z->count_point_count = table_row_count(t);
    ARENA_NEW(a, z->count_point, z->count_point_count);
    idmap ids;
    TRY(idmap_init(&ids, a, z->count_point_count));
    for (uint32_t row = 0; row < z->count_point_count; row++) {
        zone_count_point *p = &z->count_point[row];
        TRY(put_id(&ids, t, row, id, "counting point"));
        p->id = table_text(t, row, id);
        p->name = table_text(t, row, name);
        TRY(read_count_links(t, row, links, s, n, p));
        // An empty count is a point that was not counted.
        p->weekday_vehicles = -1;
        p->heavy_share = -1;
        if (!table_is_empty(t, row, vehicles)) {
            TRY(table_f64(t, row, vehicles, 0, VEHICLES_MAX, &p->weekday_vehicles));
        }
        if (!table_is_empty(t, row, heavy)) {
            TRY(table_f64(t, row, heavy, 0, 1, &p->heavy_share));
        }
        TRY(read_flag(t, row, cordon, &p->sentrum_cordon));
        TRY(read_flag(t, row, through, &p->through));
        if (p->sentrum_cordon && p->through) {
            return table_fail(
                t, row, through, ERR_INFEASIBLE,
                "a point of the sentrum measure cannot be one of through traffic; set one of the two to 0");
        }
        TRY(read_text(t, row, source, &p->source));
    }
    return ERR_OK;
}

// --- profiles.csv -------------------------------------------------------------------------------------------------

static err_code read_profile(const table *t, uint32_t row, const uint32_t hour[24], zone_profile *p) {
    double sum = 0;
    for (int h = 0; h < 24; h++) {
        TRY(table_f64(t, row, hour[h], 0, 1, &p->share[h]));
        sum += p->share[h];
    }
    if (fabs(sum - 1) > SHARE_SUM_TOLERANCE) {
        return table_fail(t, row, IX_NONE, ERR_RANGE,
                          "the shares of profile '%.60s' add up to %.6g; they must add up to 1", p->id, sum);
    }
    for (int h = 0; h < 24; h++) {
        p->share[h] /= sum;
    }
    return ERR_OK;
}

static err_code read_profiles(const char *path, arena *a, zone_system *z) {
    table *t;
    uint32_t id, source, hour[24];
    TRY(table_load(path, a, &t));
    TRY(table_require(t, "profile_id", &id));
    TRY(table_require(t, "source", &source));
    for (unsigned h = 0; h < 24; h++) {
        char name[8];
        snprintf(name, sizeof name, "h%02u", h);
        TRY(table_require(t, name, &hour[h]));
    }
    TRY(check_rows(t, "profiles"));
    z->profile_count = table_row_count(t);
    ARENA_NEW(a, z->profile, z->profile_count);
    idmap ids;
    TRY(idmap_init(&ids, a, z->profile_count));
    for (uint32_t row = 0; row < z->profile_count; row++) {
        const char *ignored = NULL;
        TRY(put_id(&ids, t, row, id, "profile"));
        z->profile[row].id = table_text(t, row, id);
        TRY(read_profile(t, row, hour, &z->profile[row]));
        TRY(read_text(t, row, source, &ignored));
    }
    return ERR_OK;
}

static err_code find_profile(const zone_system *z, const char *profiles_csv, const table *t, uint32_t row, uint32_t col,
                             uint32_t *out) {
    *out = zone_find_profile(z, table_text(t, row, col));
    if (*out == IX_NONE) {
        return table_fail(t, row, col, ERR_REFERENCE, "there is no profile '%.60s' in %s", table_text(t, row, col),
                          profiles_csv);
    }
    return ERR_OK;
}

// Do the scenario's purposes name profiles that exist?
static err_code check_purpose_profiles(const scenario *s, const zone_system *z) {
    for (int p = 0; p < PURPOSE_COUNT; p++) {
        const purpose_params *params = &s->purpose[p];
        const char *names[] = {params->profile_out, params->profile_return};
        for (int i = 0; i < 2; i++) {
            bool used = names[i] != NULL && names[i][0] != '\0';
            CHECK(!used || zone_find_profile(z, names[i]) != IX_NONE, ERR_REFERENCE,
                  "%s: choice.%s.%s: there is no profile '%.60s' in %s", s->path, purpose_name((purpose)p),
                  i == 0 ? "profile_out" : "profile_return", names[i], s->profiles_csv);
        }
    }
    return ERR_OK;
}

// --- flows.csv ----------------------------------------------------------------------------------------------------

typedef struct flow_columns {
    uint32_t id, from, to, vehicles, vehicle, traveller, profile, growth, source;
} flow_columns;

static err_code read_flow(const table *t, uint32_t row, const flow_columns *c, const scenario *s, const network *n,
                          const zone_system *z, zone_flow *f) {
    const char *ignored = NULL;
    f->id = table_text(t, row, c->id);
    TRY(find_node(t, row, c->from, n, s->network_dir, &f->from_node_ix));
    TRY(find_node(t, row, c->to, n, s->network_dir, &f->to_node_ix));
    if (f->from_node_ix == f->to_node_ix) {
        return table_fail(t, row, c->to, ERR_REFERENCE, "the flow starts and ends at the same node");
    }
    TRY(table_f64(t, row, c->vehicles, 0, VEHICLES_MAX, &f->weekday_vehicles));
    const char *vehicle = table_text(t, row, c->vehicle);
    f->vehicle = strcmp(vehicle, "lorry") == 0 ? VEHICLE_LORRY : VEHICLE_CAR;
    if (f->vehicle == VEHICLE_CAR && strcmp(vehicle, "car") != 0) {
        return fail_unknown_name(t, row, c->vehicle, "car, lorry");
    }
    const char *traveller = table_text(t, row, c->traveller);
    f->traveller = strcmp(traveller, segment_name(SEGMENT_VISITOR)) == 0 ? SEGMENT_VISITOR : SEGMENT_THROUGH;
    if (f->traveller == SEGMENT_THROUGH && strcmp(traveller, segment_name(SEGMENT_THROUGH)) != 0) {
        return fail_unknown_name(t, row, c->traveller, "through, visitor");
    }
    TRY(find_profile(z, s->profiles_csv, t, row, c->profile, &f->profile));
    TRY(table_f64_or(t, row, c->growth, -20, 20, 0, &f->growth_pct_per_year));
    return read_text(t, row, c->source, &ignored);
}

static err_code read_flows(const scenario *s, const network *n, arena *a, zone_system *z) {
    table *t;
    flow_columns c;
    TRY(table_load(s->flows_csv, a, &t));
    const column_request request[] = {{"flow_id", true, &c.id},         {"from_node_id", true, &c.from},
                                      {"to_node_id", true, &c.to},      {"weekday_vehicles", true, &c.vehicles},
                                      {"vehicle", true, &c.vehicle},    {"segment", true, &c.traveller},
                                      {"profile_id", true, &c.profile}, {"growth_pct_per_year", false, &c.growth},
                                      {"source", true, &c.source}};
    TRY(find_columns(t, request, 9));
    z->flow_count = table_row_count(t);
    ARENA_NEW(a, z->flow, z->flow_count);
    idmap ids;
    TRY(idmap_init(&ids, a, z->flow_count));
    for (uint32_t row = 0; row < z->flow_count; row++) {
        TRY(put_id(&ids, t, row, c.id, "flow"));
        TRY(read_flow(t, row, &c, s, n, z, &z->flow[row]));
    }
    return ERR_OK;
}

err_code tables_load_zones(const scenario *s, const network *n, arena *a, zone_system *out) {
    *out = (zone_system){0};
    table *zones, *places;
    TRY(table_load(s->zones_csv, a, &zones));
    TRY(table_load(s->places_csv, a, &places));
    TRY(check_rows(zones, "zones"));
    TRY(check_rows(places, "places"));
    TRY(zone_alloc(out, a, table_row_count(zones), table_row_count(places)));
    TRY(read_zones(zones, a, out));
    TRY(read_places(places, zones, s, n, a, out));
    TRY(read_profiles(s->profiles_csv, a, out));
    TRY(check_purpose_profiles(s, out));
    TRY(read_counts(s, n, a, out));
    TRY(read_flows(s, n, a, out));
    TRY(read_areas(s->areas_csv, a, out));
    err_code code = zone_build(out, a);
    code = code == ERR_OK ? zone_validate(out, n) : code;
    return code == ERR_OK ? ERR_OK : err_prefix(code, "%s", s->places_csv);
}

// --- household_seed.csv -------------------------------------------------------------------------------------------

typedef struct seed_columns {
    uint32_t id, weight, age[AGE_GROUP_COUNT], dwelling[3];
} seed_columns;

static err_code find_seed_columns(const table *t, seed_columns *c) {
    static const char *const dwellings[] = {"detached", "row", "flat"};
    TRY(table_require(t, "kind_id", &c->id));
    TRY(table_require(t, "weight", &c->weight));
    for (int i = 0; i < AGE_GROUP_COUNT; i++) {
        char name[16];
        snprintf(name, sizeof name, "age_%s", age_keys[i]);
        TRY(table_require(t, name, &c->age[i]));
    }
    for (int i = 0; i < 3; i++) {
        TRY(table_require(t, dwellings[i], &c->dwelling[i]));
    }
    return ERR_OK;
}

static err_code read_kind(const table *t, uint32_t row, const seed_columns *c, synth_kind *k) {
    int64_t size = 0, grown = 0;
    k->id = table_text(t, row, c->id);
    TRY(table_f64(t, row, c->weight, 0, 1e9, &k->weight));
    if (!(k->weight > 0)) {
        return table_fail(t, row, c->weight, ERR_RANGE, "must be above 0; leave the kind out if there are none");
    }
    for (int i = 0; i < AGE_GROUP_COUNT; i++) {
        int64_t persons = 0;
        TRY(table_i64(t, row, c->age[i], 0, PERSONS_MAX, &persons));
        k->persons[i] = (uint8_t)persons;
        size += persons;
        grown += i >= AGE_16_19 ? persons : 0;
    }
    if (size == 0 || size > PERSONS_MAX) {
        return table_fail(t, row, IX_NONE, ERR_RANGE, "household kind '%.60s' has %d persons; 1 to %d are possible",
                          k->id, (int)size, PERSONS_MAX);
    }
    if (grown == 0) {
        return table_fail(t, row, IX_NONE, ERR_INFEASIBLE, "household kind '%.60s' has nobody of 16 years or more",
                          k->id);
    }
    k->size = (uint8_t)size;
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        TRY(table_f64(t, row, c->dwelling[i], 0, 1e9, &k->dwelling_weight[i]));
        sum += k->dwelling_weight[i];
    }
    return sum > 0
               ? ERR_OK
               : table_fail(t, row, c->dwelling[0], ERR_INFEASIBLE,
                            "household kind '%.60s' lives in no dwelling type; give one a frequency above 0", k->id);
}

static err_code read_seed(const char *path, arena *a, synth_input *out) {
    table *t;
    seed_columns c;
    TRY(table_load(path, a, &t));
    TRY(find_seed_columns(t, &c));
    TRY(check_rows(t, "household kinds"));
    out->kind_count = table_row_count(t);
    ARENA_NEW(a, out->kind, out->kind_count);
    idmap ids;
    TRY(idmap_init(&ids, a, out->kind_count));
    for (uint32_t row = 0; row < out->kind_count; row++) {
        TRY(put_id(&ids, t, row, c.id, "household kind"));
        TRY(read_kind(t, row, &c, &out->kind[row]));
    }
    return ERR_OK;
}

// --- margins.csv --------------------------------------------------------------------------------------------------

enum { MARGINS = 3, YEARS_MAX = 17, YEAR_MAX = 2200 };

typedef struct margin {
    const char *name;
    const char *const *keys;
    int key_count;
    double *value;
    bool shares;  // add up to 1
} margin;

static int find_key(const margin *m, const char *key) {
    const char *plain = strncmp(key, "age_", 4) == 0 ? key + 4 : key;
    for (int k = 0; k < m->key_count; k++) {
        if (strcmp(m->keys[k], plain) == 0) {
            return k;
        }
    }
    return -1;
}

static err_code fail_key(const table *t, uint32_t row, uint32_t col, const margin *m) {
    char list[LIST_BYTES] = "";
    for (int k = 0; k < m->key_count; k++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", k > 0 ? ", " : "", m->keys[k]);
    }
    return fail_unknown_name(t, row, col, list);
}

static err_code read_margin_row(const table *t, uint32_t row, const uint32_t col[5], margin margins[MARGINS]) {
    for (int i = 0; i < MARGINS; i++) {
        margin *m = &margins[i];
        if (strcmp(table_text(t, row, col[0]), m->name) != 0) {
            continue;
        }
        int key = find_key(m, table_text(t, row, col[1]));
        if (key < 0) {
            return fail_key(t, row, col[1], m);
        }
        if (!isnan(m->value[key])) {
            return table_fail(t, row, col[1], ERR_REFERENCE, "'%s' '%s' is given twice", m->name, m->keys[key]);
        }
        const char *ignored = NULL;
        TRY(table_f64(t, row, col[2], 0, 1, &m->value[key]));
        return read_text(t, row, col[3], &ignored);
    }
    return fail_unknown_name(t, row, col[0], "household_size, age, licence");
}

static err_code check_margin(const table *t, const margin *m) {
    double sum = 0;
    for (int k = 0; k < m->key_count; k++) {
        CHECK(!isnan(m->value[k]), ERR_FORMAT, "%s:%u: the margin '%s' has no row with key '%s'; add it", table_name(t),
              table_line(t, table_row_count(t) - 1), m->name, m->keys[k]);
        sum += m->value[k];
    }
    if (!m->shares) {
        return ERR_OK;
    }
    CHECK(fabs(sum - 1) <= SHARE_SUM_TOLERANCE, ERR_RANGE,
          "%s:%u: the shares of the margin '%s' add up to %.6g; they must add up to 1", table_name(t),
          table_line(t, table_row_count(t) - 1), m->name, sum);
    for (int k = 0; k < m->key_count; k++) {
        m->value[k] /= sum;
    }
    return ERR_OK;
}

static void margins_of(synth_year *y, margin out[MARGINS]) {
    static const char *const size_keys[SIZE_KEYS] = {"1", "2", "3", "4", "5"};
    out[0] = (margin){"household_size", size_keys, SIZE_KEYS, y->margins.households_by_size, true};
    out[1] = (margin){"age", age_keys, AGE_GROUP_COUNT, y->margins.persons_by_age, true};
    out[2] = (margin){"licence", age_keys, AGE_GROUP_COUNT, y->licence_rate, false};
}

// The set of margins of a row's year (0 = today), made when it is met first; years ascend.
static err_code find_margin_year(const table *t, uint32_t row, uint32_t col, int today_year, synth_year set[YEARS_MAX],
                                 uint32_t *count, synth_year **out) {
    int64_t year = 0;
    TRY(table_i64_or(t, row, col, 0, YEAR_MAX, 0, &year));
    if (year != 0 && year <= today_year) {
        return table_fail(t, row, col, ERR_RANGE, "%d is not after today_year (%d); leave the cell empty for today",
                          (int)year, today_year);
    }
    for (uint32_t i = 0; i < *count; i++) {
        if (set[i].year == (int)year) {
            *out = &set[i];
            return ERR_OK;
        }
    }
    if (*count == YEARS_MAX || (*count > 0 && set[*count - 1].year > (int)year)) {
        return table_fail(t, row, col, ERR_FORMAT,
                          "write the rows of today first, then those of at most %d later years "
                          "in rising order",
                          YEARS_MAX - 1);
    }
    synth_year *y = &set[(*count)++];
    margin margins[MARGINS];
    y->year = (int)year;
    margins_of(y, margins);
    for (int i = 0; i < MARGINS; i++) {
        for (int k = 0; k < margins[i].key_count; k++) {
            margins[i].value[k] = (double)NAN;
        }
    }
    *out = y;
    return ERR_OK;
}

// A margin that a later year does not speak of is that of the year before.
static void take_over(synth_year *before, synth_year *y) {
    margin from[MARGINS], to[MARGINS];
    margins_of(before, from);
    margins_of(y, to);
    for (int i = 0; i < MARGINS; i++) {
        bool silent = true;
        for (int k = 0; k < to[i].key_count; k++) {
            silent = silent && isnan(to[i].value[k]);
        }
        for (int k = 0; silent && k < to[i].key_count; k++) {
            to[i].value[k] = from[i].value[k];
        }
    }
}

static err_code keep_margins(const table *t, synth_year *set, uint32_t count, arena *a, synth_input *out) {
    for (uint32_t y = 0; y < count; y++) {
        margin margins[MARGINS];
        if (y > 0) {
            take_over(&set[y - 1], &set[y]);
        }
        margins_of(&set[y], margins);
        for (int i = 0; i < MARGINS; i++) {
            TRY(check_margin(t, &margins[i]));
        }
    }
    out->margins = set[0].margins;
    memcpy(out->licence_rate, set[0].licence_rate, sizeof out->licence_rate);
    out->later_count = count - 1;
    ARENA_NEW(a, out->later, out->later_count);
    for (uint32_t y = 1; y < count; y++) {
        out->later[y - 1] = set[y];
    }
    return ERR_OK;
}

static err_code read_margins(const scenario *s, arena *a, synth_input *out) {
    synth_year set[YEARS_MAX] = {{0}};
    uint32_t count = 0;
    const char *path = s->margins_csv;
    table *t;
    uint32_t col[5];
    TRY(table_load(path, a, &t));
    TRY(table_require(t, "margin", &col[0]));
    TRY(table_require(t, "key", &col[1]));
    TRY(table_require(t, "value", &col[2]));
    TRY(table_require(t, "source", &col[3]));
    col[4] = table_column(t, "year");
    TRY(check_rows(t, "margins"));
    for (uint32_t row = 0; row < table_row_count(t); row++) {
        synth_year *y = NULL;
        margin margins[MARGINS];
        TRY(find_margin_year(t, row, col[4], (int)s->today_year, set, &count, &y));
        margins_of(y, margins);
        TRY(read_margin_row(t, row, col, margins));
    }
    if (set[0].year != 0) {
        return table_fail(t, 0, col[4], ERR_FORMAT, "there are no margins of today; leave their year empty");
    }
    return keep_margins(t, set, count, a, out);
}

err_code tables_load_people(const scenario *s, arena *a, synth_input *out) {
    *out = (synth_input){0};
    TRY(read_seed(s->seed_csv, a, out));
    return read_margins(s, a, out);
}
