// Reads a feed for one day: stops, routes, services, trips of the day, their calls, frequencies, then walks.
#include "io/gtfs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/par.h"
#include "gtfs_parts.h"
#include "io/project.h"

enum { HOURS_MAX = 199, HEADWAY_MAX_S = 86400, DAYS_MAX = 16, NUMBER_BYTES = 16 };

// --- small readers ------------------------------------------------------------------------------------------------

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

static err_code find_id(const idmap *map, const table *t, uint32_t row, uint32_t col, const char *what,
                        const char *file, uint32_t *out) {
    *out = idmap_find(map, table_text(t, row, col));
    if (table_is_empty(t, row, col)) {
        return table_fail(t, row, col, ERR_FORMAT, "is empty; the id of a %s is needed", what);
    }
    if (*out == IX_NONE) {
        return table_fail(t, row, col, ERR_REFERENCE, "there is no %s '%.60s' in %s", what, table_text(t, row, col),
                          file);
    }
    return ERR_OK;
}

static err_code keep_text(const gtfs *g, const char *from, const char **out) {
    *out = arena_text(g->a, from);
    return *out == NULL ? ERR_MEMORY : ERR_OK;
}

// H:MM:SS or HH:MM:SS; hours may pass 24.
static err_code read_time(const table *t, uint32_t row, uint32_t col, int32_t *out) {
    const char *cell = table_text(t, row, col);
    size_t digits = strspn(cell, "0123456789");
    int32_t hours = 0;
    for (size_t i = 0; i < digits && i < 3; i++) {
        hours = hours * 10 + (cell[i] - '0');
    }
    const char *p = cell + digits;
    bool good = digits >= 1 && digits <= 3 && hours <= HOURS_MAX && strlen(p) == 6 && p[0] == ':' && p[3] == ':' &&
                p[1] >= '0' && p[1] <= '5' && p[2] >= '0' && p[2] <= '9' && p[4] >= '0' && p[4] <= '5' && p[5] >= '0' &&
                p[5] <= '9';
    if (!good) {
        return table_fail(t, row, col, ERR_FORMAT, "'%.40s' is not a time as HH:MM:SS", cell);
    }
    *out = hours * 3600 + ((p[1] - '0') * 10 + (p[2] - '0')) * 60 + (p[4] - '0') * 10 + (p[5] - '0');
    return ERR_OK;
}

// --- stops.txt ----------------------------------------------------------------------------------------------------

typedef struct stop_columns {
    uint32_t id, name, lat, lon, type, parent;
    uint32_t x, y;  // not GTFS: metres of a plane, as schedule_gtfs_save writes them
} stop_columns;

static err_code find_stop_columns(const table *t, stop_columns *c) {
    TRY(table_require(t, "stop_id", &c->id));
    TRY(table_require(t, "stop_lat", &c->lat));
    TRY(table_require(t, "stop_lon", &c->lon));
    c->name = table_column(t, "stop_name");
    c->type = table_column(t, "location_type");
    c->parent = table_column(t, "parent_station");
    c->x = table_column(t, "stop_x");
    c->y = table_column(t, "stop_y");
    return ERR_OK;
}

// Numbers the boardable stops (location_type 0 or empty); stations, entrances and the like get IX_NONE.
static err_code number_stops(gtfs *g, const table *t, const stop_columns *c, uint32_t *stop_count) {
    gtfs_location *l = &g->location;
    l->count = table_row_count(t);
    l->file = table_name(t);
    TRY(idmap_init(&l->ids, g->scratch, l->count));
    ARENA_NEW(g->scratch, l->stop_ix, l->count);
    *stop_count = 0;
    for (uint32_t row = 0; row < l->count; row++) {
        int64_t type = 0;
        TRY(put_id(&l->ids, t, row, c->id, "stop"));
        TRY(table_i64_or(t, row, c->type, 0, 4, 0, &type));
        l->stop_ix[row] = type == 0 ? (*stop_count)++ : IX_NONE;
    }
    return ERR_OK;
}

static err_code read_stop(gtfs *g, const table *t, const stop_columns *c, uint32_t row, uint32_t ix) {
    transit_stop_columns *stop = &g->out->stop;
    if (table_is_empty(t, row, c->lat) || table_is_empty(t, row, c->lon)) {
        return table_fail(t, row, table_is_empty(t, row, c->lat) ? c->lat : c->lon, ERR_FORMAT,
                          "the stop '%.60s' has no coordinates", table_text(t, row, c->id));
    }
    TRY(table_f64(t, row, c->lat, -90, 90, &stop->lat[ix]));
    TRY(table_f64(t, row, c->lon, -180, 180, &stop->lon[ix]));
    if (c->x != IX_NONE && c->y != IX_NONE) {
        TRY(table_f64(t, row, c->x, -1e9, 1e9, &stop->x_m[ix]));
        TRY(table_f64(t, row, c->y, -1e9, 1e9, &stop->y_m[ix]));
    }
    TRY(keep_text(g, table_text(t, row, c->id), &stop->id[ix]));
    return keep_text(g, table_text(t, row, c->name), &stop->name[ix]);
}

static err_code project_stops(const gtfs *g) {
    const table *t = g->stops;
    transit_stop_columns *stop = &g->out->stop;
    if (table_column(t, "stop_x") != IX_NONE && table_column(t, "stop_y") != IX_NONE) {
        return ERR_OK;  // metres already
    }
    err_code code = project_to_utm32(stop->lon, stop->lat, stop->count, stop->x_m, stop->y_m);
    for (uint32_t row = 0; code == ERR_RANGE && row < g->location.count; row++) {
        uint32_t ix = g->location.stop_ix[row];
        if (ix != IX_NONE && !(isfinite(stop->x_m[ix]) && isfinite(stop->y_m[ix]))) {
            return table_fail(t, row, table_column(t, "stop_lon"), code, "%s", err_message());
        }
    }
    return code;
}

// Boardable stops by station. A station that is not there does no harm: its stops stand for themselves.
static err_code group_children(gtfs *g, const table *t, const stop_columns *c) {
    gtfs_location *l = &g->location;
    uint32_t *parent, *row_of, orphans = 0;
    ARENA_NEW(g->scratch, parent, l->count);
    ARENA_NEW(g->scratch, row_of, l->count);
    ARENA_NEW(g->scratch, l->child, l->count);
    ARENA_NEW(g->scratch, l->child_first, (size_t)l->count + 2);
    for (uint32_t row = 0; row < l->count; row++) {
        uint32_t station = idmap_find(&l->ids, table_text(t, row, c->parent));
        orphans += station == IX_NONE && !table_is_empty(t, row, c->parent) ? 1 : 0;
        parent[row] = station != IX_NONE && l->stop_ix[row] != IX_NONE ? station : l->count;
    }
    TRY(par_group_u32(parent, l->count, l->count + 1, l->child_first, row_of));
    for (uint32_t i = 0; i < l->count; i++) {
        l->child[i] = l->stop_ix[row_of[i]];
    }
    ARENA_NEW(g->scratch, l->parent, g->out->stop.count);
    for (uint32_t row = 0; row < l->count; row++) {
        if (l->stop_ix[row] != IX_NONE) {
            l->parent[l->stop_ix[row]] = parent[row] < l->count ? parent[row] : IX_NONE;
        }
    }
    if (orphans > 0) {
        log_warn("%s: %u stops have a parent_station that is not in the file", table_name(t), orphans);
    }
    return ERR_OK;
}

static err_code load_stops(gtfs *g) {
    table *t;
    stop_columns c;
    uint32_t stop_count = 0;
    TRY(gtfs_source_table(g->src, "stops.txt", g->scratch, &t));
    TRY(find_stop_columns(t, &c));
    TRY(number_stops(g, t, &c, &stop_count));
    CHECK(stop_count > 0, ERR_FORMAT, "%s:2: there are no stops", table_name(t));
    TRY(transit_alloc_stops(g->out, g->a, stop_count));
    for (uint32_t row = 0; row < g->location.count; row++) {
        if (g->location.stop_ix[row] != IX_NONE) {
            TRY(read_stop(g, t, &c, row, g->location.stop_ix[row]));
        }
    }
    g->stops = t;
    return group_children(g, t, &c);
}

// --- agency.txt, routes.txt, trips.txt ------------------------------------------------------------------------------

static err_code check_agency(gtfs *g) {
    table *t;
    uint32_t ignored = 0;
    TRY(gtfs_source_table(g->src, "agency.txt", g->scratch, &t));
    return table_require(t, "agency_name", &ignored);
}

// The basic types 0 to 12, and Google's extended types folded into them.
static bool basic_route_type(int64_t type, uint8_t *out) {
    static const struct {
        int64_t from, to;
        uint8_t basic;
    } folds[] = {{0, 7, 0},       {11, 12, 0},     {100, 117, 2},   {200, 209, 3},   {300, 399, 2},   {400, 405, 1},
                 {500, 699, 1},   {700, 716, 3},   {800, 800, 11},  {900, 907, 0},   {1000, 1000, 4}, {1100, 1199, 3},
                 {1200, 1200, 4}, {1300, 1307, 6}, {1400, 1402, 7}, {1500, 1599, 3}, {1700, 1702, 3}};
    for (size_t i = 0; i < sizeof folds / sizeof folds[0]; i++) {
        if (type >= folds[i].from && type <= folds[i].to) {
            *out = type <= 12 ? (uint8_t)type : folds[i].basic;
            return true;
        }
    }
    return false;
}

static err_code load_routes(gtfs *g) {
    table *t;
    uint32_t id, type, short_name, long_name, unknown = 0;
    TRY(gtfs_source_table(g->src, "routes.txt", g->scratch, &t));
    TRY(table_require(t, "route_id", &id));
    TRY(table_require(t, "route_type", &type));
    short_name = table_column(t, "route_short_name");
    long_name = table_column(t, "route_long_name");
    g->route_file = table_name(t);
    TRY(idmap_init(&g->route_ids, g->scratch, table_row_count(t)));
    ARENA_NEW(g->scratch, g->route, table_row_count(t));
    for (uint32_t row = 0; row < table_row_count(t); row++) {
        int64_t value = 0;
        TRY(put_id(&g->route_ids, t, row, id, "route"));
        TRY(table_i64(t, row, type, 0, 10000, &value));
        if (!basic_route_type(value, &g->route[row].type)) {
            g->route[row].type = 3;
            unknown++;
        }
        const char *line = table_text(t, row, short_name);
        TRY(keep_text(g, table_text(t, row, id), &g->route[row].id));
        TRY(keep_text(g, line[0] != '\0' ? line : table_text(t, row, long_name), &g->route[row].line));
    }
    if (unknown > 0) {
        log_warn("%s: %u routes have a route_type that is not known and count as buses", table_name(t), unknown);
    }
    return ERR_OK;
}

static err_code read_trip(gtfs *g, const table *t, uint32_t row, const uint32_t col[5]) {
    gtfs_trip *trip = &g->trip[row];
    uint32_t service = 0;
    TRY(put_id(&g->trip_ids, t, row, col[0], "trip"));
    TRY(find_id(&g->route_ids, t, row, col[1], "route", g->route_file, &trip->route));
    TRY(find_id(&g->service.ids, t, row, col[2], "service", "calendar.txt or calendar_dates.txt", &service));
    g->service.used[service] = 1;
    trip->block = table_text(t, row, col[4]);
    trip->days = g->service_days[service];
    trip->id = table_text(t, row, col[0]);
    if (trip->days == 0) {
        return ERR_OK;
    }
    TRY(keep_text(g, table_text(t, row, col[0]), &trip->id));
    return keep_text(g, table_text(t, row, col[3]), &trip->headsign);
}

// Bits of the days of the timetable on which each service runs.
static err_code find_service_days(gtfs *g) {
    uint8_t *active;
    ARENA_NEW(g->scratch, active, g->service.count);
    ARENA_NEW(g->scratch, g->service_days, g->service.count);
    for (uint32_t d = 0; d < g->day_count; d++) {
        gtfs_service_active(&g->service, g->first_day + (int32_t)d, active);
        for (uint32_t i = 0; i < g->service.count; i++) {
            g->service_days[i] |= (uint32_t)active[i] << d;
        }
    }
    return ERR_OK;
}

static err_code load_trips(gtfs *g) {
    table *t;
    uint32_t col[5], active = 0;
    TRY(gtfs_source_table(g->src, "trips.txt", g->scratch, &t));
    TRY(table_require(t, "trip_id", &col[0]));
    TRY(table_require(t, "route_id", &col[1]));
    TRY(table_require(t, "service_id", &col[2]));
    col[3] = table_column(t, "trip_headsign");
    col[4] = table_column(t, "block_id");
    g->trip_file = table_name(t);
    g->trip_count = table_row_count(t);
    TRY(idmap_init(&g->trip_ids, g->scratch, g->trip_count));
    ARENA_NEW(g->scratch, g->trip, g->trip_count);
    TRY(find_service_days(g));
    for (uint32_t row = 0; row < g->trip_count; row++) {
        TRY(read_trip(g, t, row, col));
        active += g->trip[row].days != 0 ? 1 : 0;
    }
    gtfs_service_warn_never(&g->service);
    return active > 0 ? ERR_OK : gtfs_service_fail_empty(&g->service, gtfs_source_path(g->src), g->o->date, g->day);
}

// --- stop_times.txt -----------------------------------------------------------------------------------------------

typedef struct time_columns {
    uint32_t trip, stop, sequence, arrival, departure, pickup, dropoff, distance;
} time_columns;

static err_code find_time_columns(const table *t, time_columns *c) {
    TRY(table_require(t, "trip_id", &c->trip));
    TRY(table_require(t, "stop_id", &c->stop));
    TRY(table_require(t, "stop_sequence", &c->sequence));
    TRY(table_require(t, "arrival_time", &c->arrival));
    TRY(table_require(t, "departure_time", &c->departure));
    c->pickup = table_column(t, "pickup_type");
    c->dropoff = table_column(t, "drop_off_type");
    c->distance = table_column(t, "shape_dist_traveled");
    return ERR_OK;
}

static err_code find_stop(const gtfs *g, const table *t, uint32_t row, uint32_t col, uint32_t *out) {
    uint32_t location = 0;
    TRY(find_id(&g->location.ids, t, row, col, "stop", g->location.file, &location));
    *out = g->location.stop_ix[location];
    if (*out == IX_NONE) {
        return table_fail(t, row, col, ERR_REFERENCE,
                          "'%.60s' is a station or an entrance (location_type); trips call at its stops",
                          table_text(t, row, col));
    }
    return ERR_OK;
}

// One time stands for both; none at all means "on the way".
static err_code read_times(const table *t, uint32_t row, const time_columns *c, gtfs_call *call) {
    call->arrival_s = call->departure_s = GTFS_UNTIMED;
    if (!table_is_empty(t, row, c->arrival)) {
        TRY(read_time(t, row, c->arrival, &call->arrival_s));
    }
    if (!table_is_empty(t, row, c->departure)) {
        TRY(read_time(t, row, c->departure, &call->departure_s));
    }
    call->arrival_s = call->arrival_s == GTFS_UNTIMED ? call->departure_s : call->arrival_s;
    call->departure_s = call->departure_s == GTFS_UNTIMED ? call->arrival_s : call->departure_s;
    return ERR_OK;
}

static err_code read_call(const gtfs *g, const table *t, uint32_t row, const time_columns *c, gtfs_call *call) {
    int64_t sequence = 0, pickup = 0, dropoff = 0;
    TRY(find_stop(g, t, row, c->stop, &call->stop_ix));
    TRY(table_i64(t, row, c->sequence, 0, INT32_MAX, &sequence));
    TRY(table_i64_or(t, row, c->pickup, 0, 3, 0, &pickup));
    TRY(table_i64_or(t, row, c->dropoff, 0, 3, 0, &dropoff));
    TRY(read_times(t, row, c, call));
    TRY(table_f64_or(t, row, c->distance, -1e12, 1e12, -1, &call->distance));
    call->row = row;
    call->node_ix = call->stop_ix;
    call->sequence = (uint32_t)sequence;
    call->no_pickup = pickup == 1 ? 1 : 0;
    call->no_dropoff = dropoff == 1 ? 1 : 0;
    return ERR_OK;
}

static int compare_calls(const void *left, const void *right) {
    const gtfs_call *a = left, *b = right;
    if (a->sequence != b->sequence) {
        return a->sequence < b->sequence ? -1 : 1;
    }
    return (a->row > b->row) - (a->row < b->row);
}

// All rows are checked; those of trips of the day are kept, grouped by trip and sorted by stop_sequence.
static err_code load_calls(gtfs *g) {
    table *t;
    time_columns c;
    uint32_t *trip_of, *row_of;
    TRY(gtfs_source_table(g->src, "stop_times.txt", g->scratch, &t));
    TRY(find_time_columns(t, &c));
    g->stop_times = t;
    uint32_t rows = table_row_count(t);
    ARENA_NEW(g->scratch, trip_of, rows);
    ARENA_NEW(g->scratch, row_of, rows);
    ARENA_NEW(g->scratch, g->call_first, (size_t)g->trip_count + 2);
    for (uint32_t row = 0; row < rows; row++) {
        gtfs_call checked;
        TRY(find_id(&g->trip_ids, t, row, c.trip, "trip", g->trip_file, &trip_of[row]));
        TRY(read_call(g, t, row, &c, &checked));
        trip_of[row] = g->trip[trip_of[row]].days != 0 ? trip_of[row] : g->trip_count;
    }
    TRY(par_group_u32(trip_of, rows, g->trip_count + 1, g->call_first, row_of));
    uint32_t kept = g->call_first[g->trip_count];
    ARENA_NEW(g->scratch, g->call, kept);
    for (uint32_t i = 0; i < kept; i++) {
        TRY(read_call(g, t, row_of[i], &c, &g->call[i]));
    }
    for (uint32_t i = 0; i < g->trip_count; i++) {
        uint32_t count = g->call_first[i + 1] - g->call_first[i];
        if (count > 1) {
            qsort(g->call + g->call_first[i], count, sizeof *g->call, compare_calls);
        }
    }
    return ERR_OK;
}

// Do all calls from..to have a shape_dist_traveled that grows?
static bool has_distances(const gtfs_call *call, uint32_t from, uint32_t to) {
    for (uint32_t k = from; k <= to; k++) {
        if (call[k].distance < 0 || (k > from && call[k].distance < call[k - 1].distance)) {
            return false;
        }
    }
    return call[to].distance > call[from].distance;
}

// Times of untimed calls between two timed ones: at even speed along the shape where its distances are given, else in
// equal steps from stop to stop. Whole seconds, rounded down.
static void fill_between(gtfs_call *call, uint32_t from, uint32_t to) {
    int64_t span = (int64_t)call[to].arrival_s - call[from].departure_s;
    bool by_shape = to > from + 1 && has_distances(call, from, to);
    double length = call[to].distance - call[from].distance;
    for (uint32_t k = from + 1; k < to; k++) {
        int64_t part = by_shape ? (int64_t)((double)span * ((call[k].distance - call[from].distance) / length))
                                : span * (k - from) / (to - from);
        call[k].arrival_s = call[k].departure_s = call[from].departure_s + (int32_t)part;
    }
}

static err_code check_order(const table *t, const gtfs_call *before, const gtfs_call *call) {
    uint32_t arrival = table_column(t, "arrival_time"), departure = table_column(t, "departure_time");
    if (call->departure_s < call->arrival_s) {
        return table_fail(t, call->row, departure, ERR_RANGE, "leaves (%s) before it arrives (%s)",
                          table_text(t, call->row, departure), table_text(t, call->row, arrival));
    }
    if (before != NULL && call->arrival_s < before->departure_s) {
        return table_fail(t, call->row, arrival, ERR_RANGE,
                          "%s is before the departure from the stop before (line %u); times must not run backwards",
                          table_text(t, call->row, arrival), table_line(t, before->row));
    }
    return ERR_OK;
}

// The first and the last call are timed.
static err_code complete_trip(gtfs *g, gtfs_call *call, uint32_t count) {
    uint32_t timed = 0;
    TRY(check_order(g->stop_times, NULL, &call[0]));
    for (uint32_t k = 1; k < count; k++) {
        g->same_sequence += call[k].sequence == call[k - 1].sequence ? 1 : 0;
        if (call[k].arrival_s != GTFS_UNTIMED) {
            TRY(check_order(g->stop_times, &call[timed], &call[k]));
            fill_between(call, timed, k);
            timed = k;
        }
    }
    return ERR_OK;
}

// Calls before the first and after the last time of a trip cannot be served: nobody knows when. They are left out.
static uint32_t trim_untimed(gtfs *g, uint32_t trip) {
    uint32_t first = g->call_first[trip], end = g->call_first[trip + 1];
    while (first < end && g->call[first].arrival_s == GTFS_UNTIMED) {
        first++;
    }
    while (end > first && g->call[end - 1].arrival_s == GTFS_UNTIMED) {
        end--;
    }
    uint32_t trimmed = g->call_first[trip + 1] - g->call_first[trip] - (end - first);
    g->trip[trip].call_first = first;
    g->trip[trip].call_count = end - first;
    return trimmed;
}

static err_code complete_trips(gtfs *g) {
    uint32_t too_short = 0, trimmed = 0;
    for (uint32_t i = 0; i < g->trip_count; i++) {
        trimmed += trim_untimed(g, i);
        if (g->trip[i].call_count >= 2) {
            TRY(complete_trip(g, g->call + g->trip[i].call_first, g->trip[i].call_count));
        } else if (g->trip[i].days != 0) {
            too_short++;
        }
    }
    if (g->same_sequence > 0) {
        log_warn("%s: %u calls have the stop_sequence of another call of their trip; the order of rows decides",
                 table_name(g->stop_times), g->same_sequence);
    }
    if (trimmed > 0) {
        log_warn("%s: %u calls at the beginning or end of trips have no time and are left out",
                 table_name(g->stop_times), trimmed);
    }
    if (too_short > 0) {
        log_warn("%s: %u trips of the day have fewer than two stops and are left out", g->trip_file, too_short);
    }
    return ERR_OK;
}

// --- frequencies.txt ----------------------------------------------------------------------------------------------

static err_code read_frequency(const table *t, uint32_t row, const uint32_t col[5], gtfs_frequency *out) {
    int64_t headway = 0, exact = 0;
    out->row = row;
    TRY(table_i64_or(t, row, col[4], 0, 1, 0, &exact));  // both are run at the times of the headway
    TRY(read_time(t, row, col[1], &out->start_s));
    TRY(read_time(t, row, col[2], &out->end_s));
    TRY(table_i64(t, row, col[3], INT32_MIN, INT32_MAX, &headway));
    if (headway < 1 || headway > HEADWAY_MAX_S) {
        return table_fail(t, row, col[3], ERR_RANGE, "a headway of %d s is not possible; it must be from 1 to %d",
                          (int)headway, HEADWAY_MAX_S);
    }
    if (out->end_s < out->start_s) {
        return table_fail(t, row, col[2], ERR_RANGE,
                          "is before start_time; write times after midnight as 24:00:00 and on");
    }
    out->headway_s = (int32_t)headway;
    return ERR_OK;
}

static err_code load_frequencies(gtfs *g) {
    ARENA_NEW(g->scratch, g->frequency_first, (size_t)g->trip_count + 2);
    if (!gtfs_source_has(g->src, "frequencies.txt")) {
        return ERR_OK;
    }
    table *t;
    uint32_t col[5], *trip_of, *row_of, unknown = 0;
    gtfs_frequency *read;
    TRY(gtfs_source_table(g->src, "frequencies.txt", g->scratch, &t));
    TRY(table_require(t, "trip_id", &col[0]));
    TRY(table_require(t, "start_time", &col[1]));
    TRY(table_require(t, "end_time", &col[2]));
    TRY(table_require(t, "headway_secs", &col[3]));
    col[4] = table_column(t, "exact_times");
    uint32_t rows = table_row_count(t);
    ARENA_NEW(g->scratch, read, rows);
    ARENA_NEW(g->scratch, g->frequency, rows);
    ARENA_NEW(g->scratch, trip_of, rows);
    ARENA_NEW(g->scratch, row_of, rows);
    for (uint32_t row = 0; row < rows; row++) {
        TRY(read_frequency(t, row, col, &read[row]));
        read[row].trip = idmap_find(&g->trip_ids, table_text(t, row, col[0]));
        unknown += read[row].trip == IX_NONE ? 1 : 0;
        trip_of[row] = read[row].trip == IX_NONE ? g->trip_count : read[row].trip;
    }
    if (unknown > 0) {
        log_warn("%s: %u rows name a trip that is not in %s and are left out", table_name(t), unknown, g->trip_file);
    }
    TRY(par_group_u32(trip_of, rows, g->trip_count + 1, g->frequency_first, row_of));
    for (uint32_t i = 0; i < g->frequency_first[g->trip_count]; i++) {
        g->frequency[i] = read[row_of[i]];
    }
    return ERR_OK;
}

// --- the timetable ------------------------------------------------------------------------------------------------

// Which of the stop's kinds each call belongs to; the timetable's stops with those kinds after the stops.
static err_code place_calls(gtfs *g) {
    gtfs_transfers *x = &g->transfer;
    uint32_t calls = g->call_first[g->trip_count];
    for (uint32_t i = 0; x->kind_count > 0 && i < g->trip_count; i++) {
        for (uint32_t k = 0; k < g->trip[i].call_count; k++) {
            gtfs_kind *kind = gtfs_transfer_kind(g, g->call[g->trip[i].call_first + k].stop_ix, i);
            if (kind != NULL) {
                kind->node = 0;  // in use
            }
        }
    }
    gtfs_transfer_number(x);
    for (uint32_t i = 0; x->kind_count > 0 && i < g->trip_count; i++) {
        for (uint32_t k = 0; k < g->trip[i].call_count && g->trip[i].call_first + k < calls; k++) {
            gtfs_call *call = &g->call[g->trip[i].call_first + k];
            const gtfs_kind *kind = gtfs_transfer_kind(g, call->stop_ix, i);
            call->node_ix = kind != NULL ? kind->node : call->stop_ix;
        }
    }
    return ERR_OK;
}

static err_code add_kind_stops(gtfs *g) {
    const gtfs_transfers *x = &g->transfer;
    if (x->node_count == x->stop_count) {
        return ERR_OK;
    }
    transit plain = *g->out;
    TRY(transit_alloc_stops(g->out, g->a, x->node_count));
    transit_stop_columns *to = &g->out->stop;
    uint32_t number = 0, before = IX_NONE;
    for (uint32_t i = 0; i < x->stop_count; i++) {
        to->id[i] = plain.stop.id[i];
    }
    for (uint32_t k = 0; k < x->kind_count; k++) {
        if (x->kind[k].node == IX_NONE) {
            continue;
        }
        number = x->kind[k].stop_ix == before ? number + 1 : 1;
        before = x->kind[k].stop_ix;
        g->out->main_ix[x->kind[k].node] = before;
        size_t room = strlen(plain.stop.id[before]) + NUMBER_BYTES;
        char *id;
        ARENA_NEW(g->a, id, room);
        snprintf(id, room, "%s#%u", plain.stop.id[before], number);
        to->id[x->kind[k].node] = id;
    }
    for (uint32_t i = 0; i < x->node_count; i++) {
        uint32_t from = g->out->main_ix[i];
        to->name[i] = plain.stop.name[from];
        to->lon[i] = plain.stop.lon[from];
        to->lat[i] = plain.stop.lat[from];
        to->x_m[i] = plain.stop.x_m[from];
        to->y_m[i] = plain.stop.y_m[from];
    }
    return ERR_OK;
}

// Stations (and other locations with children) and their stops.
static err_code keep_stations(gtfs *g) {
    const gtfs_location *l = &g->location;
    transit *t = g->out;
    uint32_t id = table_column(g->stops, "stop_id");
    ARENA_NEW(g->a, t->station_id, l->count);
    ARENA_NEW(g->a, t->station_first, (size_t)l->count + 1);
    ARENA_NEW(g->a, t->station_stop, l->child_first[l->count]);
    for (uint32_t row = 0; row < l->count; row++) {
        uint32_t count = l->child_first[row + 1] - l->child_first[row];
        if (count == 0 || l->stop_ix[row] != IX_NONE) {
            continue;
        }
        uint32_t ix = t->station_count++;
        TRY(keep_text(g, table_text(g->stops, row, id), &t->station_id[ix]));
        memcpy(t->station_stop + t->station_first[ix], l->child + l->child_first[row], count * sizeof *l->child);
        t->station_first[ix + 1] = t->station_first[ix] + count;
    }
    return ERR_OK;
}

// Does anything run on the date or on the days after it, were it only the end of a trip of the night before?
static bool runs_on_the_date(const gtfs *g, const gtfs_runs *r) {
    for (uint32_t i = 0; i < r->meta.count; i++) {
        if (r->call[r->call_first[i + 1] - 1].arrival_s >= (int32_t)g->o->days_before * 86400) {
            return true;
        }
    }
    return false;
}

static err_code build_timetable(gtfs *g) {
    gtfs_runs r;
    TRY(place_calls(g));
    TRY(project_stops(g));
    TRY(gtfs_run_build(g, &r));
    if (!runs_on_the_date(g, &r)) {
        return gtfs_service_fail_empty(&g->service, gtfs_source_path(g->src), g->o->date, g->day);
    }
    transit_footpath *path = NULL;
    uint32_t path_count = 0;
    TRY(gtfs_path_build(g, &path, &path_count));
    err_code code = add_kind_stops(g);
    code = code == ERR_OK ? transit_build(g->out, g->a, &r.meta, r.call_first, r.call, path, path_count) : code;
    mem_free(path);
    code = code == ERR_OK ? transit_set_parts(g->out, g->a, &r.meta, r.part_first, r.part) : code;
    code = code == ERR_OK ? keep_stations(g) : code;
    code = code == ERR_OK ? transit_validate(g->out) : code;
    return code == ERR_OK ? ERR_OK : err_prefix(code, "%s", gtfs_source_path(g->src));
}

static err_code set_days(gtfs *g) {
    TRY(gtfs_service_day(g->o->date, &g->day));
    g->first_day = g->day - (int32_t)g->o->days_before;
    g->day_count = g->o->days_before + 1 + g->o->days_after;
    CHECK(g->o->days_before < DAYS_MAX && g->o->days_after < DAYS_MAX, ERR_RANGE,
          "%u service days before and %u after the date; at most %d each can be read", g->o->days_before,
          g->o->days_after, DAYS_MAX - 1);
    return ERR_OK;
}

static err_code load_feed(gtfs *g) {
    TRY(set_days(g));
    TRY(check_agency(g));
    TRY(load_stops(g));
    TRY(load_routes(g));
    TRY(gtfs_service_load(g->src, g->scratch, &g->service));
    TRY(load_trips(g));
    TRY(load_calls(g));
    TRY(complete_trips(g));
    TRY(load_frequencies(g));
    TRY(gtfs_transfer_load(g));
    return build_timetable(g);
}

err_code gtfs_load(const char *folder_or_zip, const gtfs_options *o, arena *a, transit *out) {
    arena scratch;
    arena_init(&scratch);
    *out = (transit){0};
    gtfs g = {.o = o, .a = a, .scratch = &scratch, .out = out};
    err_code code = gtfs_source_open(folder_or_zip, &scratch, &g.src);
    if (code == ERR_OK) {
        code = load_feed(&g);
    }
    gtfs_source_close(g.src);
    arena_free(&scratch);
    return code;
}
