// Links of all files together, and how they lie on the map.
#include <math.h>
#include <string.h>

#include "report_internal.h"
#include "wkt.h"

static void add_file(uint32_t file_ix, const char *const *id, report_links *l) {
    for (uint32_t r = 0; r < l->rows[file_ix]; r++) {
        uint32_t at = idmap_put(&l->map, id[r], l->count);
        if (at == IX_NONE) {
            at = l->count++;
            l->id[at] = id[r];
            l->file[at] = file_ix;
            l->row[at] = r;
        }
        l->of[file_ix][r] = at;
    }
}

err_code report_links_build(store_view *const *file, uint32_t count, arena *a, report_links *out) {
    const char **id[REPORT_FILES_MAX];
    uint32_t total = 0;
    memset(out, 0, sizeof *out);
    ARENA_NEW(a, out->of, count);
    ARENA_NEW(a, out->rows, count);
    for (uint32_t f = 0; f < count; f++) {
        TRY(store_view_texts(file[f], "/network/links/link", a, &out->rows[f], &id[f]));
        ARENA_NEW(a, out->of[f], out->rows[f]);
        total += out->rows[f];
    }
    TRY(idmap_init(&out->map, a, total));
    ARENA_NEW(a, out->id, total);
    ARENA_NEW(a, out->file, total);
    ARENA_NEW(a, out->row, total);
    for (uint32_t f = 0; f < count; f++) {
        add_file(f, id[f], out);
    }
    return ERR_OK;
}

// What the map needs of one file's network.
typedef struct road_table {
    uint32_t nodes, links;
    double *lon, *lat, *x_m, *y_m, *from_ix, *to_ix;
    const char **geometry, **name, **road_class;
} road_table;

static err_code load_roads(const store_view *v, arena *a, road_table *t) {
    store_shape n, l;
    uint32_t rows;
    TRY(store_view_numbers(v, "/network/nodes/lon", 1, a, &n, &t->lon));
    t->nodes = (uint32_t)n.count;
    const struct {
        const char *dataset;
        double **out;
    } node[] = {{"/network/nodes/lat", &t->lat}, {"/network/nodes/x_m", &t->x_m}, {"/network/nodes/y_m", &t->y_m}};
    for (size_t i = 0; i < sizeof node / sizeof node[0]; i++) {
        TRY(store_view_numbers(v, node[i].dataset, 1, a, &n, node[i].out));
        CHECK(n.count == t->nodes, ERR_FORMAT, "%s: %s has another length than its table; run the scenario again",
              store_view_path(v), node[i].dataset);
    }
    TRY(store_view_numbers(v, "/network/links/from_ix", 1, a, &l, &t->from_ix));
    t->links = (uint32_t)l.count;
    TRY(store_view_numbers(v, "/network/links/to_ix", 1, a, &l, &t->to_ix));
    bool even = l.count == t->links;
    TRY(store_view_texts(v, "/network/links/geometry", a, &rows, &t->geometry));
    even = even && rows == t->links;
    TRY(store_view_texts(v, "/network/links/name", a, &rows, &t->name));
    even = even && rows == t->links;
    TRY(store_view_texts(v, "/network/links/road_class", a, &rows, &t->road_class));
    even = even && rows == t->links;
    for (uint32_t i = 0; even && i < t->links; i++) {
        even = t->from_ix[i] >= 0 && t->from_ix[i] < t->nodes && t->to_ix[i] >= 0 && t->to_ix[i] < t->nodes;
    }
    CHECK(even, ERR_FORMAT, "%s: /network/links has columns that do not fit together; run the scenario again",
          store_view_path(v));
    return ERR_OK;
}

// A network in a plane of its own has no degrees: all are 0.
static bool is_local(const road_table *t) {
    for (uint32_t i = 0; i < t->nodes; i++) {
        if (t->lon[i] != 0 || t->lat[i] != 0) {
            return false;
        }
    }
    return true;
}

enum { UNIT_PER_DEGREE = 1000000, UNIT_PER_M = 10 };

static int32_t unit(double value, double per) {
    double scaled = value * per;
    return scaled > -2e9 && scaled < 2e9 ? (int32_t)lround(scaled) : 0;
}

typedef struct point_list {  // x, y pairs, each less the one before it
    int32_t *xy;
    uint32_t count, capacity;
    int32_t last[2];
} point_list;

static err_code add_point(point_list *p, arena *a, int32_t x, int32_t y) {
    if (p->count == p->capacity) {
        uint32_t capacity = 2 * p->capacity + 1024;
        int32_t *xy;
        ARENA_NEW(a, xy, (size_t)capacity * 2);
        if (p->count > 0) {
            memcpy(xy, p->xy, (size_t)p->count * 2 * sizeof *xy);
        }
        p->xy = xy;
        p->capacity = capacity;
    }
    // Differences wrap like unsigned numbers, and so does the page when it adds them up.
    p->xy[2 * p->count] = (int32_t)((uint32_t)x - (uint32_t)p->last[0]);
    p->xy[2 * p->count + 1] = (int32_t)((uint32_t)y - (uint32_t)p->last[1]);
    p->last[0] = x;
    p->last[1] = y;
    ++p->count;
    return ERR_OK;
}

static err_code add_line(const road_table *t, uint32_t row, bool local, arena *a, point_list *p) {
    uint32_t from = (uint32_t)t->from_ix[row];
    uint32_t to = (uint32_t)t->to_ix[row];
    wkt_line line;
    if (local) {
        TRY(add_point(p, a, unit(t->x_m[from], UNIT_PER_M), unit(t->y_m[from], UNIT_PER_M)));
        return add_point(p, a, unit(t->x_m[to], UNIT_PER_M), unit(t->y_m[to], UNIT_PER_M));
    }
    if (t->geometry[row][0] != '\0' && wkt_parse_linestring(t->geometry[row], a, &line) == ERR_OK && line.count >= 2) {
        for (uint32_t i = 0; i < line.count; i++) {
            TRY(add_point(p, a, unit(line.lon[i], UNIT_PER_DEGREE), unit(line.lat[i], UNIT_PER_DEGREE)));
        }
        return ERR_OK;
    }
    TRY(add_point(p, a, unit(t->lon[from], UNIT_PER_DEGREE), unit(t->lat[from], UNIT_PER_DEGREE)));
    return add_point(p, a, unit(t->lon[to], UNIT_PER_DEGREE), unit(t->lat[to], UNIT_PER_DEGREE));
}

static void text_array(FILE *out, const char *key, const report_links *l, const road_table *t, size_t which) {
    fprintf(out, ", \"%s\": [", key);
    for (uint32_t i = 0; i < l->count; i++) {
        const road_table *roads = &t[l->file[i]];
        const char *words = which == 0 ? l->id[i] : which == 1 ? roads->name[l->row[i]] : roads->road_class[l->row[i]];
        fputs(i == 0 ? "" : ",", out);
        json_text(out, words);
    }
    fputs("]", out);
}

static err_code write_shapes(FILE *out, const report_links *l, const road_table *t, bool local, arena *a) {
    point_list p = {0};
    uint16_t *points;
    ARENA_NEW(a, points, l->count);
    for (uint32_t i = 0; i < l->count; i++) {
        uint32_t before = p.count;
        TRY(add_line(&t[l->file[i]], l->row[i], local, a, &p));
        CHECK(p.count - before <= UINT16_MAX, ERR_RANGE, "link '%s' has more than 65535 points; simplify its geometry",
              l->id[i]);
        points[i] = (uint16_t)(p.count - before);
    }
    fputs(", \"points\": ", out);
    TRY(report_pack(out, points, l->count, sizeof *points));
    fputs(", \"xy\": ", out);
    return report_pack(out, p.xy, (size_t)p.count * 2, sizeof *p.xy);
}

// Columns that the map shows when a street is chosen, as blobs.
static err_code write_columns(FILE *out, store_view *const *file, uint32_t count, const report_links *l, arena *a) {
    static const struct {
        const char *key, *dataset;
        double scale;
    } wanted[] = {{"length_dm", "/network/links/length_m", 10},
                  {"lanes_10", "/network/links/lanes", 10},
                  {"free_kmh", "/network/links/free_speed_mps", 3.6},
                  {"allowed", "/network/links/allowed", 1},
                  {"inside", "/network/links/inside", 1},
                  {"cordon", "/network/links/cordon", 1},
                  {"facility", "/network/links/cycle_facility", 1}};
    uint32_t *value;
    ARENA_NEW(a, value, l->count);
    for (size_t c = 0; c < sizeof wanted / sizeof wanted[0]; c++) {
        for (uint32_t f = 0; f < count; f++) {
            store_shape shape;
            double *from;
            TRY(store_view_numbers(file[f], wanted[c].dataset, 1, a, &shape, &from));
            CHECK(shape.count == l->rows[f], ERR_FORMAT,
                  "%s: %s has another length than its table; run the scenario again", store_view_path(file[f]),
                  wanted[c].dataset);
            for (uint32_t r = 0; r < l->rows[f]; r++) {
                uint32_t i = l->of[f][r];
                double scaled = from[r] * wanted[c].scale;
                if (l->file[i] == f) {
                    value[i] = scaled > 0 && scaled < 4e9 ? (uint32_t)lround(scaled) : 0;
                }
            }
        }
        fprintf(out, ", \"%s\": ", wanted[c].key);
        TRY(report_pack(out, value, l->count, sizeof *value));
    }
    return ERR_OK;
}

err_code report_network_json(FILE *out, store_view *const *file, uint32_t count, const report_links *l, arena *a) {
    road_table *t;
    ARENA_NEW(a, t, count);
    for (uint32_t f = 0; f < count; f++) {
        TRY(load_roads(file[f], a, &t[f]));
    }
    bool local = is_local(&t[0]);
    fprintf(out, "{\"count\": %u, \"crs\": \"%s\"", (unsigned)l->count, local ? "local" : "wgs84");
    text_array(out, "id", l, t, 0);
    text_array(out, "name", l, t, 1);
    text_array(out, "road_class", l, t, 2);
    TRY(write_shapes(out, l, t, local, a));
    TRY(write_columns(out, file, count, l, a));
    fputs("}", out);
    return ERR_OK;
}
