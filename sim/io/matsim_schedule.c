// MATSim transit schedules: stops, lines, routes with their links and departures.
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "io/matsim.h"
#include "matsim_vehicles.h"
#include "xml_stream.h"

#define COORDINATE_MAX_M 1e9

enum { TIME_MAX_S = 1 << 29 };

typedef struct profile_stop {  // a <stop> of the present route
    uint32_t facility;
    uint32_t arrival_s, departure_s;  // after the departure of the route; IX_NONE = not given
    bool awaits;
} profile_stop;

typedef struct route_link {
    const char *id;
    uint32_t link;  // IX_NONE = a loop, or unknown
    bool unknown;
} route_link;

typedef struct count_line {  // of a warning
    uint32_t count, line;
} count_line;

typedef struct reader {
    schedule_builder b;
    const network *n;
    idmap loops;
    bool in_file, in_mode;
    bool negative;         // the present route has offsets below 0
    uint32_t line;         // the present one, IX_NONE = none
    const char *route_id;  // the same, NULL = none
    char mode[32];
    uint32_t route_line;
    profile_stop *stop;
    size_t stop_count, stop_capacity;
    route_link *link;
    size_t link_count, link_capacity;
    uint32_t departure_first;  // of the route
    id_index route_ids;        // line and route
    count_line unknown_link, off_route, backwards;
} reader;

static void count(count_line *c, uint32_t line) {
    c->line = c->count++ == 0 ? line : c->line;
}

static err_code keep(const reader *r, const char *given, const char **out) {
    *out = arena_text(r->b.a, given != NULL ? given : "");
    return *out != NULL ? ERR_OK : ERR_MEMORY;
}

// --- stops --------------------------------------------------------------------------------------------------------

static err_code read_facility(reader *r, const xml_stream *x, const char *const *attribute) {
    const char *id, *present;
    schedule_facility row = {0};
    TRY(xml_stream_text(x, attribute, "id", &id));
    if (id_index_find(&r->b.facilities, id) != IX_NONE) {
        return xml_stream_fail(x, ERR_REFERENCE, "the stop id '%.60s' is used twice", id);
    }
    TRY(xml_stream_text(x, attribute, "x", &present));
    TRY(xml_stream_text(x, attribute, "y", &present));
    TRY(xml_stream_number(x, attribute, "x", -COORDINATE_MAX_M, COORDINATE_MAX_M, &row.x_m));
    TRY(xml_stream_number(x, attribute, "y", -COORDINATE_MAX_M, COORDINATE_MAX_M, &row.y_m));
    TRY(keep(r, xml_stream_value(attribute, "name"), &row.name));
    TRY(keep(r, xml_stream_value(attribute, "linkRefId"), &row.link_id));
    row.id = id;
    return schedule_builder_facility(&r->b, row);
}

static err_code find_facility(const reader *r, const xml_stream *x, const char *const *attribute, const char *name,
                              uint32_t *out) {
    const char *id;
    TRY(xml_stream_text(x, attribute, name, &id));
    *out = id_index_find(&r->b.facilities, id);
    return *out != IX_NONE ? ERR_OK : xml_stream_fail(x, ERR_REFERENCE, "there is no stop '%.60s'", id);
}

static err_code read_transfer(reader *r, const xml_stream *x, const char *const *attribute) {
    schedule_transfer row = {0};
    double time_s = 0;
    TRY(find_facility(r, x, attribute, "fromStop", &row.from));
    TRY(find_facility(r, x, attribute, "toStop", &row.to));
    TRY(xml_stream_number(x, attribute, "transferTime", 0, TIME_MAX_S, &time_s));
    row.time_s = (uint32_t)time_s;
    return schedule_builder_transfer(&r->b, row);
}

// --- routes -------------------------------------------------------------------------------------------------------

static err_code begin_line(reader *r, const xml_stream *x, const char *const *attribute) {
    const char *id, *name = xml_stream_value(attribute, "name");
    if (r->line != IX_NONE) {
        return xml_stream_fail(x, ERR_FORMAT, "a line inside a line");
    }
    TRY(xml_stream_text(x, attribute, "id", &id));
    return schedule_builder_line(&r->b, id, name != NULL ? name : id, &r->line);
}

static err_code begin_route(reader *r, const xml_stream *x, const char *const *attribute) {
    const char *id;
    char both[1024];
    uint32_t ix, before = (uint32_t)r->route_ids.count;
    if (r->line == IX_NONE || r->route_id != NULL) {
        return xml_stream_fail(x, ERR_FORMAT, "a route that belongs to no line");
    }
    TRY(xml_stream_text(x, attribute, "id", &id));
    TRY(keep(r, id, &r->route_id));
    snprintf(both, sizeof both, "%.500s\n%.500s", r->b.lines.id[r->line], id);
    TRY(id_index_add(&r->route_ids, both, &ix));
    if (ix < before) {
        return xml_stream_fail(x, ERR_REFERENCE, "line '%.60s' has two routes '%.60s'", r->b.lines.id[r->line], id);
    }
    r->mode[0] = '\0';
    r->route_line = xml_stream_line(x);
    r->stop_count = r->link_count = 0;
    r->negative = false;
    r->departure_first = r->b.s.departure_count;
    return ERR_OK;
}

// Negative offsets are found in schedules of others: taken as not given, and counted.
static err_code read_offset(reader *r, const xml_stream *x, const char *const *attribute, const char *name,
                            uint32_t *out) {
    const char *value = xml_stream_value(attribute, name);
    uint32_t below;
    *out = IX_NONE;
    if (value != NULL && value[0] == '-' && xml_stream_parse_time(value + 1, &below) && below != IX_NONE) {
        r->negative = true;
        return ERR_OK;
    }
    return xml_stream_time(x, attribute, name, out);
}

static err_code read_stop(reader *r, const xml_stream *x, const char *const *attribute) {
    profile_stop row = {0};
    const char *awaits = xml_stream_value(attribute, "awaitDeparture");
    TRY(find_facility(r, x, attribute, "refId", &row.facility));
    TRY(read_offset(r, x, attribute, "arrivalOffset", &row.arrival_s));
    TRY(read_offset(r, x, attribute, "departureOffset", &row.departure_s));
    row.awaits = awaits != NULL && strcmp(awaits, "true") == 0;
    XML_STREAM_RESERVE(r->stop, r->stop_capacity, r->stop_count, 1);
    r->stop[r->stop_count++] = row;
    return ERR_OK;
}

static err_code read_route_link(reader *r, const xml_stream *x, const char *const *attribute) {
    const char *id;
    route_link row = {0};
    TRY(xml_stream_text(x, attribute, "refId", &id));
    TRY(keep(r, id, &row.id));
    row.link = network_find_link(r->n, id);
    row.unknown = row.link == IX_NONE && idmap_find(&r->loops, id) == IX_NONE;
    XML_STREAM_RESERVE(r->link, r->link_capacity, r->link_count, 1);
    r->link[r->link_count++] = row;
    return ERR_OK;
}

static err_code read_departure(reader *r, const xml_stream *x, const char *const *attribute) {
    const char *id, *vehicle = xml_stream_value(attribute, "vehicleRefId");
    schedule_departure row = {.pattern = r->b.s.pattern_count, .vehicle = IX_NONE};
    TRY(xml_stream_text(x, attribute, "id", &id));
    TRY(keep(r, id, &row.id));
    TRY(xml_stream_time(x, attribute, "departureTime", &row.departure_s));
    if (row.departure_s == IX_NONE || row.departure_s > TIME_MAX_S) {
        return xml_stream_fail(x, ERR_FORMAT, "the attribute 'departureTime' is missing or too large");
    }
    if (vehicle != NULL && vehicle[0] != '\0') {
        TRY(schedule_builder_vehicle(&r->b, vehicle, &row.vehicle));
    }
    return schedule_builder_departure(&r->b, row);
}

// --- the end of a route: its links, where it calls, and the times of its departures ---------------------------------

// Loops are not in the network: a stop on one is at its node.
static err_code add_links(reader *r, schedule_pattern *p) {
    p->start_link = r->link_count > 0 ? r->link[0].link : IX_NONE;
    p->link_first = r->b.s.link_count;
    for (size_t i = 0; i < r->link_count; i++) {
        p->known = p->known && !r->link[i].unknown;
        if (i > 0 && r->link[i].link != IX_NONE) {
            TRY(schedule_builder_link(&r->b, r->link[i].link));
        }
    }
    p->link_count = r->b.s.link_count - p->link_first;
    return ERR_OK;
}

static err_code add_stops(reader *r, schedule_pattern *p) {
    size_t at = 0;
    uint32_t driven = 0;
    p->stop_first = r->b.s.stop_count;
    p->stop_count = (uint32_t)r->stop_count;
    for (size_t i = 0; i < r->stop_count; i++) {
        const char *link_id = r->b.s.facility[r->stop[i].facility].link_id;
        size_t k = at;
        uint32_t to_there = driven;
        while (k < r->link_count && strcmp(r->link[k].id, link_id) != 0) {
            k++;
            to_there += k < r->link_count && r->link[k].link != IX_NONE;
        }
        if (k < r->link_count) {
            at = k;
            driven = to_there;
        } else if (p->known) {
            p->known = false;
            count(&r->off_route, r->route_line);
        }
        TRY(schedule_builder_stop(
            &r->b,
            (schedule_stop){.facility = r->stop[i].facility, .links_driven = driven, .awaits = r->stop[i].awaits}));
    }
    return ERR_OK;
}

// Offsets that are not given are as the other one; those that run backwards are raised (the departure from the last
// stop without a count: writers of schedules leave it at 0).
static void mend_offsets(reader *r) {
    uint32_t at_s = 0;
    bool backwards = r->negative;
    r->negative = false;
    for (size_t i = 0; i < r->stop_count; i++) {
        profile_stop *stop = &r->stop[i];
        stop->arrival_s = stop->arrival_s == IX_NONE ? stop->departure_s : stop->arrival_s;
        stop->arrival_s = stop->arrival_s == IX_NONE ? at_s : stop->arrival_s;
        backwards |= stop->arrival_s < at_s;
        stop->arrival_s = stop->arrival_s < at_s ? at_s : stop->arrival_s;
        stop->arrival_s = stop->arrival_s < TIME_MAX_S ? stop->arrival_s : TIME_MAX_S;
        stop->departure_s = stop->departure_s == IX_NONE ? stop->arrival_s : stop->departure_s;
        backwards |= stop->departure_s < stop->arrival_s && i + 1 < r->stop_count;
        stop->departure_s = stop->departure_s < stop->arrival_s ? stop->arrival_s : stop->departure_s;
        stop->departure_s = stop->departure_s < TIME_MAX_S ? stop->departure_s : TIME_MAX_S;
        at_s = stop->departure_s;
    }
    if (backwards) {
        count(&r->backwards, r->route_line);
    }
}

static err_code add_calls(reader *r) {
    for (uint32_t d = r->departure_first; d < r->b.s.departure_count; d++) {
        uint32_t start_s = r->b.s.departure[d].departure_s;
        r->b.s.departure[d].call_first = r->b.s.call_count;
        for (size_t i = 0; i < r->stop_count; i++) {
            TRY(schedule_builder_call(
                &r->b, (schedule_call){start_s + r->stop[i].arrival_s, start_s + r->stop[i].departure_s}));
        }
    }
    return ERR_OK;
}

static err_code end_route(reader *r) {
    schedule_pattern p = {
        .line_id = r->b.lines.id[r->line], .route_id = r->route_id, .line = r->line, .known = r->link_count > 0};
    TRY(keep(r, r->mode, &p.mode));
    TRY(add_links(r, &p));
    if (!p.known) {
        count(&r->unknown_link, r->route_line);
    }
    TRY(add_stops(r, &p));
    mend_offsets(r);
    TRY(add_calls(r));
    r->route_id = NULL;
    return schedule_builder_pattern(&r->b, &p);
}

// --- elements -----------------------------------------------------------------------------------------------------

static err_code on_start(xml_stream *x, void *ctx, const char *name, const char *const *attribute) {
    reader *r = ctx;
    static const struct {
        const char *name;
        err_code (*read)(reader *r, const xml_stream *x, const char *const *attribute);
    } of_route[] = {{"stop", read_stop}, {"link", read_route_link}, {"departure", read_departure}};
    if (!r->in_file) {
        r->in_file = true;
        return strcmp(name, "transitSchedule") == 0
                   ? ERR_OK
                   : xml_stream_fail(x, ERR_FORMAT, "this is not a MATSim transit schedule: it starts with <%.60s>",
                                     name);
    }
    if (strcmp(name, "stopFacility") == 0) {
        return read_facility(r, x, attribute);
    }
    if (strcmp(name, "relation") == 0) {
        return read_transfer(r, x, attribute);
    }
    if (strcmp(name, "transitLine") == 0) {
        return begin_line(r, x, attribute);
    }
    if (strcmp(name, "transitRoute") == 0) {
        return begin_route(r, x, attribute);
    }
    for (size_t i = 0; i < sizeof of_route / sizeof *of_route; i++) {
        if (strcmp(name, of_route[i].name) == 0) {
            return r->route_id != NULL
                       ? of_route[i].read(r, x, attribute)
                       : xml_stream_fail(x, ERR_FORMAT, "a <%.20s> that belongs to no transitRoute", name);
        }
    }
    r->in_mode = r->route_id != NULL && strcmp(name, "transportMode") == 0;
    return ERR_OK;
}

static err_code on_end(xml_stream *x, void *ctx, const char *name) {
    reader *r = ctx;
    (void)x;
    r->in_mode = false;
    if (strcmp(name, "transitRoute") == 0 && r->route_id != NULL) {
        return end_route(r);
    }
    if (strcmp(name, "transitLine") == 0) {
        r->line = IX_NONE;
    }
    return ERR_OK;
}

static err_code on_characters(xml_stream *x, void *ctx, const char *piece, size_t length) {
    reader *r = ctx;
    (void)x;
    size_t used = strlen(r->mode);
    for (size_t i = 0; r->in_mode && i < length && used + 1 < sizeof r->mode; i++) {
        if (piece[i] > ' ') {
            r->mode[used++] = piece[i];
            r->mode[used] = '\0';
        }
    }
    return ERR_OK;
}

// --- file ---------------------------------------------------------------------------------------------------------

static void warn(const reader *r, const char *path) {
    if (r->unknown_link.count > 0) {
        log_warn(
            "%s: %u routes have no links or name links that are not in the network, the first on line %u; their "
            "departures keep to the timetable without being in the traffic",
            path, r->unknown_link.count, r->unknown_link.line);
    }
    if (r->off_route.count > 0) {
        log_warn(
            "%s: %u routes do not pass the links of their stops in order, the first on line %u; their departures "
            "keep to the timetable without being in the traffic",
            path, r->off_route.count, r->off_route.line);
    }
    if (r->backwards.count > 0) {
        log_warn("%s: %u routes have times that run backwards, the first on line %u; they are raised", path,
                 r->backwards.count, r->backwards.line);
    }
}

static err_code load(reader *r, const char *path, const char *vehicles_path, const matsim_network_info *info) {
    static const xml_handlers handlers = {.start = on_start, .end = on_end, .characters = on_characters};
    TRY(idmap_init(&r->loops, r->b.a, info->loops));
    for (uint32_t i = 0; i < info->loops; i++) {
        idmap_put(&r->loops, info->loop[i], i);
    }
    TRY(xml_stream_parse(path, &handlers, r));
    warn(r, path);
    return vehicles_path != NULL ? matsim_vehicles_load(vehicles_path, &r->b) : ERR_OK;
}

err_code matsim_load_schedule(const char *path, const char *vehicles_path, const network *n,
                              const matsim_network_info *info, arena *a, schedule *out) {
    *out = (schedule){0};
    reader r = {.n = n, .line = IX_NONE};
    arena scratch;
    arena_init(&scratch);
    schedule_builder_init(&r.b, a);
    r.route_ids.a = &scratch;
    err_code code = load(&r, path, vehicles_path, info);
    if (code == ERR_OK) {
        code = schedule_builder_finish(&r.b, n->link.count, out);
        code = code == ERR_OK || code == ERR_MEMORY ? code : err_prefix(code, "%s", path);
    }
    schedule_builder_free(&r.b);
    id_index_free(&r.route_ids);
    mem_free(r.stop);
    mem_free(r.link);
    arena_free(&scratch);
    return code;
}
