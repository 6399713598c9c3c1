#include "support.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// cmocka.h wants the headers above and these first
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"

void support_assert_near(double actual, double expected, double tolerance, const char *what, const char *file,
                         int line) {
    if (actual == expected || fabs(actual - expected) <= tolerance) {
        return;
    }
    print_error("%s is %.17g, expected %.17g within %g\n", what, actual, expected, tolerance);
    _fail(file, line);
}

void support_assert_code(err_code code, err_code expected, const char *part, const char *file, int line) {
    const char *message = code == ERR_OK ? "" : err_message();
    if (code == expected && (part == NULL || strstr(message, part) != NULL)) {
        return;
    }
    print_error("got %s \"%s\", expected %s \"%s\"\n", err_name(code), message, err_name(expected),
                part == NULL ? "" : part);
    _fail(file, line);
}

uint64_t support_random(uint64_t seed, uint32_t i) {
    return hash_finish(hash_u64(hash_u64(HASH_SEED, seed), i));
}

double support_uniform(uint64_t seed, uint32_t i) {
    return (double)(support_random(seed, i) >> 11) * 0x1p-53;
}

void support_temp_dir(char out[256]) {
    const char *base = getenv("TMPDIR");
    snprintf(out, 256, "%.200s/vestsim-test-XXXXXX", base != NULL && base[0] != '\0' ? base : "/tmp");
    assert_non_null(mkdtemp(out));
}

void support_write_file(const char *folder, const char *name, const void *bytes, size_t count) {
    char path[512];
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_true(length > 0 && (size_t)length < sizeof path);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, count, f), count);
    assert_int_equal(fclose(f), 0);
}

static const char *support_id(arena *a, const char *fmt, uint32_t i) {
    char id[32];
    snprintf(id, sizeof id, "%s%u", fmt, (unsigned)i);
    const char *kept = arena_text(a, id);
    assert_non_null(kept);
    return kept;
}

static void support_fill_link(network *n, uint32_t e) {
    n->link.name[e] = "";
    n->link.geometry[e] = "";
    n->link.road_class[e] = "residential";
    n->link.length_m[e] = 100;
    n->link.free_speed_mps[e] = (float)(50 / 3.6);
    n->link.capacity_vph[e] = 1800;
    n->link.lanes[e] = 1;
    n->link.allowed[e] = ALLOW_CAR | ALLOW_BUS | ALLOW_CYCLE | ALLOW_WALK | ALLOW_LORRY;
    n->link.cycle_facility[e] = CYCLE_MIXED_SLOW;
    n->link.inside[e] = 1;
}

void support_blank_network(arena *a, network *n, uint32_t node_count, uint32_t link_count) {
    assert_ok(network_alloc(n, a, node_count, link_count));
    for (uint32_t v = 0; v < node_count; v++) {
        n->node.id[v] = support_id(a, "n", v);
        n->node.name[v] = "";
        n->node.x_m[v] = 600000 + 100.0 * v;
        n->node.y_m[v] = 6600000;
        n->node.lon[v] = 10.75 + 0.001 * v;
        n->node.lat[v] = 59.6;
    }
    for (uint32_t e = 0; e < link_count; e++) {
        n->link.id[e] = support_id(a, "l", e);
        support_fill_link(n, e);
    }
}

typedef struct support_grid {
    uint32_t columns;
    double spacing_m;
    double speed_kmh;
    double capacity_vph;
    double lanes;
} support_grid;

static uint32_t support_grid_link(arena *a, network *n, const support_grid *g, uint32_t e, uint32_t from, uint32_t to) {
    char id[64];
    snprintf(id, sizeof id, "l%u_%u-%u_%u", (unsigned)(from % g->columns), (unsigned)(from / g->columns),
             (unsigned)(to % g->columns), (unsigned)(to / g->columns));
    n->link.id[e] = arena_text(a, id);
    assert_non_null(n->link.id[e]);
    n->link.from_ix[e] = from;
    n->link.to_ix[e] = to;
    n->link.length_m[e] = (float)g->spacing_m;
    n->link.free_speed_mps[e] = (float)(g->speed_kmh / 3.6);
    n->link.capacity_vph[e] = (float)g->capacity_vph;
    n->link.lanes[e] = (float)g->lanes;
    return e + 1;
}

void support_grid_network(arena *a, network *n, uint32_t columns, uint32_t rows, double spacing_m, double speed_kmh,
                          double capacity_vph, double lanes) {
    support_grid g = {columns, spacing_m, speed_kmh, capacity_vph, lanes};
    uint32_t links = 2 * ((columns - 1) * rows + columns * (rows - 1));
    support_blank_network(a, n, columns * rows, links);
    uint32_t e = 0;
    for (uint32_t v = 0; v < columns * rows; v++) {
        uint32_t c = v % columns, r = v / columns;
        char id[32];
        snprintf(id, sizeof id, "n%u_%u", (unsigned)c, (unsigned)r);
        n->node.id[v] = arena_text(a, id);
        assert_non_null(n->node.id[v]);
        n->node.x_m[v] = 600000 + c * spacing_m;
        n->node.y_m[v] = 6600000 + r * spacing_m;
        n->node.lon[v] = 10.75 + c * spacing_m / 56000;
        n->node.lat[v] = 59.6 + r * spacing_m / 111000;
        if (c + 1 < columns) {
            e = support_grid_link(a, n, &g, e, v, v + 1);
            e = support_grid_link(a, n, &g, e, v + 1, v);
        }
        if (r + 1 < rows) {
            e = support_grid_link(a, n, &g, e, v, v + columns);
            e = support_grid_link(a, n, &g, e, v + columns, v);
        }
    }
    assert_int_equal(e, links);
    assert_ok(network_build(n, a));
    assert_ok(network_validate(n));
}

void support_line_network(arena *a, network *n, uint32_t link_count, double length_m, double speed_kmh,
                          double capacity_vph) {
    support_blank_network(a, n, link_count + 1, link_count);
    for (uint32_t v = 0; v <= link_count; v++) {
        n->node.x_m[v] = 600000 + v * length_m;
    }
    for (uint32_t e = 0; e < link_count; e++) {
        n->link.from_ix[e] = e;
        n->link.to_ix[e] = e + 1;
        n->link.length_m[e] = (float)length_m;
        n->link.free_speed_mps[e] = (float)(speed_kmh / 3.6);
        n->link.capacity_vph[e] = (float)capacity_vph;
    }
    assert_ok(network_build(n, a));
    assert_ok(network_validate(n));
}

void support_transit(arena *a, transit *t, uint32_t stop_count, const support_trip *trip, uint32_t trip_count,
                     const transit_footpath *path, uint32_t path_count) {
    assert_ok(transit_alloc_stops(t, a, stop_count));
    for (uint32_t s = 0; s < stop_count; s++) {
        t->stop.id[s] = support_id(a, "s", s);
        t->stop.name[s] = t->stop.id[s];
        t->stop.x_m[s] = 600000 + 1000.0 * s;
        t->stop.y_m[s] = 6600000;
        t->stop.lon[s] = 10.75 + 0.018 * s;
        t->stop.lat[s] = 59.6;
    }
    uint32_t *call_first = arena_alloc(a, (size_t)trip_count + 1, sizeof *call_first);
    transit_call *call = arena_alloc(a, (size_t)trip_count * SUPPORT_CALLS_MAX, sizeof *call);
    text *id = arena_alloc(a, trip_count, sizeof *id);
    text *line = arena_alloc(a, trip_count, sizeof *line);
    text *headsign = arena_alloc(a, trip_count, sizeof *headsign);
    uint8_t *route_type = arena_alloc(a, trip_count, sizeof *route_type);
    assert_true(call_first != NULL && call != NULL && id != NULL && line != NULL && headsign != NULL &&
                route_type != NULL);
    for (uint32_t i = 0; i < trip_count; i++) {
        id[i] = trip[i].id;
        line[i] = trip[i].line;
        headsign[i] = "";
        route_type[i] = 3;
        call_first[i + 1] = call_first[i] + trip[i].call_count;
        for (uint32_t k = 0; k < trip[i].call_count; k++) {
            const support_call *c = &trip[i].call[k];
            call[call_first[i] + k] =
                (transit_call){.stop_ix = c->stop_ix, .arrival_s = c->arrival_s, .departure_s = c->departure_s};
        }
    }
    transit_trip_columns meta = {
        .count = trip_count, .id = id, .line = line, .headsign = headsign, .route_type = route_type};
    assert_ok(transit_build(t, a, &meta, call_first, call, path, path_count));
    assert_ok(transit_validate(t));
}
