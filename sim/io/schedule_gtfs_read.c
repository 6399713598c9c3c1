// Reads what schedule_gtfs_save writes.
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "io/schedule_gtfs.h"
#include "schedule_builder.h"
#include "xml_stream.h"

#define COORDINATE_MAX_M 1e9

enum { PATH_BYTES = 4096, PERSONS_MAX = 1000000, SEQUENCE_MAX = 1 << 30 };

typedef struct reader {
    const char *folder;
    const network *n;
    arena *scratch;
    schedule_builder b;
    id_index patterns;  // line and pattern; numbers are rows
    id_index trips;     // numbers are rows of trips.txt
    uint32_t unknown, unknown_line;
} reader;

static err_code open_table(const reader *r, const char *name, table **out) {
    char path[PATH_BYTES];
    int length = snprintf(path, sizeof path, "%s/%s", r->folder, name);
    CHECK(length > 0 && length < PATH_BYTES, ERR_FILE, "%.200s...: the path is too long", r->folder);
    return table_load(path, r->scratch, out);
}

static err_code keep(const reader *r, const table *t, uint32_t row, uint32_t col, const char **out) {
    *out = arena_text(r->b.a, table_text(t, row, col));
    return *out != NULL ? ERR_OK : ERR_MEMORY;
}

static err_code require_all(const table *t, const char *const *names, uint32_t *col, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        TRY(table_require(t, names[i], &col[i]));
    }
    return ERR_OK;
}

static err_code fail_unknown(const table *t, uint32_t row, uint32_t col, const char *what) {
    return table_fail(t, row, col, ERR_REFERENCE, "there is no %s '%.60s'", what, table_text(t, row, col));
}

static err_code read_time(const table *t, uint32_t row, uint32_t col, uint32_t *out) {
    if (!xml_stream_parse_time(table_text(t, row, col), out) || *out == IX_NONE) {
        return table_fail(t, row, col, ERR_FORMAT, "'%.60s' is not a time; write HH:MM:SS", table_text(t, row, col));
    }
    return ERR_OK;
}

// --- stops, lines, vehicles -----------------------------------------------------------------------------------------

static err_code load_stops(reader *r) {
    static const char *const names[] = {"stop_id", "stop_x", "stop_y"};
    table *t;
    uint32_t col[3];
    TRY(open_table(r, "stops.txt", &t));
    TRY(require_all(t, names, col, 3));
    uint32_t name = table_column(t, "stop_name"), link = table_column(t, "link_id");
    for (uint32_t row = 0; row < table_row_count(t); row++) {
        schedule_facility f = {.id = table_text(t, row, col[0])};
        if (f.id[0] == '\0' || id_index_find(&r->b.facilities, f.id) != IX_NONE) {
            return table_fail(t, row, col[0], ERR_REFERENCE, "'%.60s': a stop id must be there, and once", f.id);
        }
        TRY(table_f64(t, row, col[1], -COORDINATE_MAX_M, COORDINATE_MAX_M, &f.x_m));
        TRY(table_f64(t, row, col[2], -COORDINATE_MAX_M, COORDINATE_MAX_M, &f.y_m));
        TRY(keep(r, t, row, name, &f.name));
        TRY(keep(r, t, row, link, &f.link_id));
        TRY(schedule_builder_facility(&r->b, f));
    }
    return ERR_OK;
}

static err_code load_lines(reader *r) {
    table *t;
    uint32_t id, line;
    TRY(open_table(r, "routes.txt", &t));
    TRY(table_require(t, "route_id", &id));
    uint32_t name = table_column(t, "route_short_name");
    for (uint32_t row = 0; row < table_row_count(t); row++) {
        TRY(schedule_builder_line(&r->b, table_text(t, row, id), table_text(t, row, name), &line));
        if (line != row) {
            return table_fail(t, row, id, ERR_REFERENCE, "the route id '%.60s' is used twice", table_text(t, row, id));
        }
    }
    return ERR_OK;
}

static err_code read_type(reader *r, const table *t, uint32_t row, const uint32_t *col, uint32_t *type) {
    int64_t seats = 0, standing = 0;
    TRY(schedule_builder_type(&r->b, table_text(t, row, col[1]), type));
    TRY(table_i64(t, row, col[2], 0, PERSONS_MAX, &seats));
    TRY(table_i64(t, row, col[3], 0, PERSONS_MAX, &standing));
    schedule_vehicle_type *out = &r->b.s.type[*type];
    out->seats = (uint32_t)seats;
    out->standing = (uint32_t)standing;
    TRY(table_f64(t, row, col[4], 0, 3600, &out->access_s));
    TRY(table_f64(t, row, col[5], 0, 3600, &out->egress_s));
    out->parallel = strcmp(table_text(t, row, col[6]), "parallel") == 0;
    return table_f64(t, row, col[7], 0, 1000, &out->pcu);
}

static err_code load_vehicles(reader *r) {
    static const char *const names[] = {"vehicle_id", "type_id",  "seats", "standing",
                                        "access_s",   "egress_s", "doors", "pcu"};
    table *t;
    uint32_t col[8], vehicle;
    TRY(open_table(r, "vehicles.txt", &t));
    TRY(require_all(t, names, col, 8));
    for (uint32_t row = 0; row < table_row_count(t); row++) {
        uint32_t type = IX_NONE, before = r->b.s.vehicle_count;
        TRY(schedule_builder_vehicle(&r->b, table_text(t, row, col[0]), &vehicle));
        if (vehicle != before || table_is_empty(t, row, col[0])) {
            return table_fail(t, row, col[0], ERR_REFERENCE, "a vehicle id must be there, and once");
        }
        if (!table_is_empty(t, row, col[1])) {
            TRY(read_type(r, t, row, col, &type));
        }
        r->b.s.vehicle[vehicle].type = type;
    }
    return ERR_OK;
}

// --- patterns -------------------------------------------------------------------------------------------------------

static err_code read_links(reader *r, const table *t, uint32_t row, uint32_t col, schedule_pattern *p) {
    const char *cell = table_text(t, row, col);
    char *id;
    ARENA_NEW(r->scratch, id, strlen(cell) + 1);
    p->link_first = r->b.s.link_count;
    while (*(cell += strspn(cell, " ")) != '\0') {
        size_t length = strcspn(cell, " ");
        memcpy(id, cell, length);
        id[length] = '\0';
        cell += length;
        uint32_t link = network_find_link(r->n, id);
        p->known = p->known && link != IX_NONE;
        if (link != IX_NONE) {
            TRY(schedule_builder_link(&r->b, link));
        }
    }
    p->link_count = r->b.s.link_count - p->link_first;
    p->known = p->known && p->link_count > 0;
    return ERR_OK;
}

// "line\npattern" as one key.
static err_code pattern_key(const table *t, uint32_t row, uint32_t line, uint32_t pattern, char out[2048]) {
    int length = snprintf(out, 2048, "%s\n%s", table_text(t, row, line), table_text(t, row, pattern));
    return length < 2048 ? ERR_OK : table_fail(t, row, pattern, ERR_RANGE, "the id is too long");
}

static err_code load_patterns(reader *r) {
    static const char *const names[] = {"route_id", "pattern_id", "mode", "start_link_id", "link_ids"};
    table *t;
    uint32_t col[5], pattern;
    char key[2048];
    TRY(open_table(r, "patterns.txt", &t));
    TRY(require_all(t, names, col, 5));
    for (uint32_t row = 0; row < table_row_count(t); row++) {
        schedule_pattern p = {.known = true, .start_link = IX_NONE};
        p.line = id_index_find(&r->b.lines, table_text(t, row, col[0]));
        if (p.line == IX_NONE) {
            return fail_unknown(t, row, col[0], "route");
        }
        TRY(pattern_key(t, row, col[0], col[1], key));
        TRY(id_index_add(&r->patterns, key, &pattern));
        if (pattern != row) {
            return table_fail(t, row, col[1], ERR_REFERENCE, "the pattern is there twice");
        }
        p.line_id = r->b.lines.id[p.line];
        TRY(keep(r, t, row, col[1], &p.route_id));
        TRY(keep(r, t, row, col[2], &p.mode));
        if (!table_is_empty(t, row, col[3])) {
            p.start_link = network_find_link(r->n, table_text(t, row, col[3]));
            p.known = p.start_link != IX_NONE;
        }
        TRY(read_links(r, t, row, col[4], &p));
        r->unknown_line = !p.known && r->unknown++ == 0 ? table_line(t, row) : r->unknown_line;
        TRY(schedule_builder_pattern(&r->b, &p));
    }
    return ERR_OK;
}

// --- trips and their calls ------------------------------------------------------------------------------------------

static err_code load_trips(reader *r) {
    static const char *const names[] = {"route_id",     "trip_id",    "pattern_id",
                                        "departure_id", "start_time", "vehicle_id"};
    table *t;
    uint32_t col[6], trip;
    char key[2048];
    TRY(open_table(r, "trips.txt", &t));
    TRY(require_all(t, names, col, 6));
    for (uint32_t row = 0; row < table_row_count(t); row++) {
        schedule_departure d = {.vehicle = IX_NONE};
        TRY(pattern_key(t, row, col[0], col[2], key));
        d.pattern = id_index_find(&r->patterns, key);
        if (d.pattern == IX_NONE) {
            return fail_unknown(t, row, col[2], "pattern");
        }
        TRY(id_index_add(&r->trips, table_text(t, row, col[1]), &trip));
        if (trip != row) {
            return table_fail(t, row, col[1], ERR_REFERENCE, "the trip id '%.60s' is used twice",
                              table_text(t, row, col[1]));
        }
        TRY(keep(r, t, row, col[3], &d.id));
        TRY(read_time(t, row, col[4], &d.departure_s));
        if (!table_is_empty(t, row, col[5])) {
            d.vehicle = id_index_find(&r->b.vehicles, table_text(t, row, col[5]));
            if (d.vehicle == IX_NONE) {
                return fail_unknown(t, row, col[5], "vehicle");
            }
        }
        TRY(schedule_builder_departure(&r->b, d));
    }
    return ERR_OK;
}

enum {
    CALL_TRIP = 0,
    CALL_ARRIVAL,
    CALL_DEPARTURE,
    CALL_STOP,
    CALL_SEQUENCE,
    CALL_TIMEPOINT,
    CALL_DRIVEN,
    CALL_COLUMNS
};

// One call; `first` = of the first trip of its pattern, which says where all others call.
static err_code read_call(reader *r, const table *t, uint32_t row, const uint32_t *col, const schedule_pattern *p,
                          uint32_t position, bool first) {
    schedule_call call;
    int64_t sequence = 0, awaits = 0, driven = 0;
    uint32_t facility = id_index_find(&r->b.facilities, table_text(t, row, col[CALL_STOP]));
    if (facility == IX_NONE) {
        return fail_unknown(t, row, col[CALL_STOP], "stop");
    }
    TRY(read_time(t, row, col[CALL_ARRIVAL], &call.arrival_s));
    TRY(read_time(t, row, col[CALL_DEPARTURE], &call.departure_s));
    TRY(table_i64(t, row, col[CALL_SEQUENCE], position + 1, position + 1, &sequence));
    TRY(table_i64(t, row, col[CALL_TIMEPOINT], 0, 1, &awaits));
    TRY(table_i64(t, row, col[CALL_DRIVEN], 0, SEQUENCE_MAX, &driven));
    if (first) {
        TRY(schedule_builder_stop(&r->b, (schedule_stop){facility, (uint32_t)driven, awaits == 1}));
    } else if (position >= p->stop_count || r->b.s.stop[p->stop_first + position].facility != facility ||
               r->b.s.stop[p->stop_first + position].links_driven != (uint32_t)driven) {
        return table_fail(t, row, col[CALL_STOP], ERR_FORMAT, "other stops than the trips of its pattern before it");
    }
    return schedule_builder_call(&r->b, call);
}

// The rows of stop_times.txt come in the order of the trips, and in each of them in the order of stop_sequence.
static err_code load_calls(reader *r) {
    static const char *const names[CALL_COLUMNS] = {"trip_id",       "arrival_time", "departure_time", "stop_id",
                                                    "stop_sequence", "timepoint",    "links_driven"};
    table *t;
    uint32_t col[CALL_COLUMNS], row = 0;
    TRY(open_table(r, "stop_times.txt", &t));
    TRY(require_all(t, names, col, CALL_COLUMNS));
    for (uint32_t d = 0; d < r->b.s.departure_count; d++) {
        schedule_pattern *p = &r->b.s.pattern[r->b.s.departure[d].pattern];
        bool first = p->stop_count == 0;
        uint32_t count = 0;
        p->stop_first = first ? r->b.s.stop_count : p->stop_first;
        r->b.s.departure[d].call_first = r->b.s.call_count;
        while (row < table_row_count(t) && strcmp(table_text(t, row, col[CALL_TRIP]), r->trips.id[d]) == 0) {
            TRY(read_call(r, t, row++, col, p, count++, first));
        }
        CHECK(first || count == p->stop_count, ERR_FORMAT, "%s: trip '%.60s' has %u stops; others of its pattern %u",
              table_name(t), r->trips.id[d], count, p->stop_count);
        p->stop_count = count;
    }
    return row == table_row_count(t)
               ? ERR_OK
               : table_fail(t, row, col[CALL_TRIP], ERR_FORMAT, "stop times must come in the order of trips.txt");
}

static err_code load_transfers(reader *r) {
    table *t;
    uint32_t from, to, time;
    TRY(open_table(r, "transfers.txt", &t));
    TRY(table_require(t, "from_stop_id", &from));
    TRY(table_require(t, "to_stop_id", &to));
    TRY(table_require(t, "min_transfer_time", &time));
    for (uint32_t row = 0; row < table_row_count(t); row++) {
        int64_t time_s = 0;
        schedule_transfer transfer = {.from = id_index_find(&r->b.facilities, table_text(t, row, from)),
                                      .to = id_index_find(&r->b.facilities, table_text(t, row, to))};
        if (transfer.from == IX_NONE || transfer.to == IX_NONE) {
            return fail_unknown(t, row, transfer.from == IX_NONE ? from : to, "stop");
        }
        TRY(table_i64(t, row, time, 0, SEQUENCE_MAX, &time_s));
        transfer.time_s = (uint32_t)time_s;
        TRY(schedule_builder_transfer(&r->b, transfer));
    }
    return ERR_OK;
}

static err_code load(reader *r) {
    TRY(load_stops(r));
    TRY(load_lines(r));
    TRY(load_vehicles(r));
    TRY(load_patterns(r));
    TRY(load_trips(r));
    TRY(load_calls(r));
    TRY(load_transfers(r));
    if (r->unknown > 0) {
        log_warn(
            "%s/patterns.txt: %u patterns have no links or name links that are not in the network, the first on "
            "line %u; their departures keep to the timetable without being in the traffic",
            r->folder, r->unknown, r->unknown_line);
    }
    return ERR_OK;
}

err_code schedule_gtfs_load(const char *folder, const network *n, arena *a, schedule *out) {
    *out = (schedule){0};
    arena scratch;
    arena_init(&scratch);
    reader r = {.folder = folder, .n = n, .scratch = &scratch};
    schedule_builder_init(&r.b, a);
    r.patterns.a = r.trips.a = &scratch;
    err_code code = load(&r);
    if (code == ERR_OK) {
        code = schedule_builder_finish(&r.b, n->link.count, out);
        code = code == ERR_OK || code == ERR_MEMORY ? code : err_prefix(code, "%s", folder);
    }
    schedule_builder_free(&r.b);
    id_index_free(&r.patterns);
    id_index_free(&r.trips);
    arena_free(&scratch);
    return code;
}
