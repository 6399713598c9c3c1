// vestsim query transit: journeys on a GTFS timetable, from stop to stop, or from anywhere where a network is given.
#include "query_transit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/gmns.h"
#include "io/gtfs.h"
#include "io/project.h"
#include "io/scenario_yaml.h"
#include "model/route_active.h"
#include "model/route_transit.h"
#include "summary.h"

enum { DAY_S = 86400, PATH_BYTES = 4096, DAYS_MAX = 8, PROFILE_MAX = 65536, HOURS_MAX = 48 };

// Without a scenario: assumptions, as in the example scenarios.
#define WALK_SPEED_KMH 4.8
#define WALK_MAX_M 1000.0
#define DETOUR 1.3  // from a stop straight to its node

typedef struct transit_question {
    const char *from, *to, *depart, *date;
    int32_t time_s;  // from the midnight of the date
    char *answer;    // what will be printed
    size_t answer_bytes;
} transit_question;

typedef struct way_list {  // ways between an end of the question and stops
    route_transit_access *way;
    uint32_t count;
    uint32_t node_ix;  // of the network; IX_NONE for a stop or station
} way_list;

typedef struct transit_state {
    arena a;    // of the whole command
    arena day;  // of one date's timetable
    const cli_args *args;
    bool json, csv, arrive_by, profile;
    int64_t days;
    const char *feed, *network_dir, *date;
    scenario s;
    double walk_speed_kmh, walk_max_m;
    bool has_network;
    network n;
    route_active_index *active;
    route_active_query *active_query;
    uint32_t *time_ds;
    float *distance_m;
    transit t;
    route_transit_query *query;
    route_transit_journey *journey;
    uint32_t journey_count;
    int32_t walk_only_s;  // on foot all the way; INT32_MAX if too far
} transit_state;

// --- what is asked
// ----------------------------------------------------------------------------------------------------

static err_code parse_clock(const char *given, int32_t *out) {
    unsigned h = 0, m = 0, s = 0;
    int used = 0;
    bool good = given[strspn(given, "0123456789:")] == '\0' && sscanf(given, "%2u:%2u%n", &h, &m, &used) == 2;
    if (good && given[used] == ':') {
        int more = 0;
        good = sscanf(given + used, ":%2u%n", &s, &more) == 1;
        used += more;
    }
    good = good && given[used] == '\0' && h < HOURS_MAX && m < 60 && s < 60;
    CHECK(good, ERR_RANGE, "time '%.60s': give HH:MM:SS from 00:00:00 to %d:59:59", given, HOURS_MAX - 1);
    *out = (int32_t)(h * 3600 + m * 60 + s);
    return ERR_OK;
}

static bool is_there(const char *folder, const char *name) {
    char path[PATH_BYTES];
    struct stat about;
    int length = snprintf(path, sizeof path, "%s%s%s", folder, name[0] != '\0' ? "/" : "", name);
    return length > 0 && length < PATH_BYTES && stat(path, &about) == 0;
}

static err_code join_path(arena *a, const char *folder, const char *name, const char **out) {
    size_t room = strlen(folder) + strlen(name) + 2;
    char *path;
    ARENA_NEW(a, path, room);
    snprintf(path, room, "%s/%s", folder, name);
    *out = path;
    return ERR_OK;
}

// FEED: a scenario (.yaml), a folder that holds gtfs and network, or a GTFS folder or zip.
static err_code find_feed(transit_state *s, const char *given) {
    size_t length = strlen(given);
    s->walk_speed_kmh = WALK_SPEED_KMH;
    s->walk_max_m = WALK_MAX_M;
    s->date = options_value(s->args, "date");
    if (length > 5 && strcmp(given + length - 5, ".yaml") == 0) {
        TRY(scenario_yaml_load(given, NULL, 0, &s->a, &s->s));
        s->feed = s->s.transit_dir;
        s->network_dir = s->s.network_dir;
        s->walk_speed_kmh = s->s.walk_speed_kmh;
        s->walk_max_m = s->s.transit_walk_max_m;
        s->date = s->date == NULL ? s->s.service_date : s->date;
    } else if (is_there(given, "gtfs") && !is_there(given, "stops.txt")) {
        TRY(join_path(&s->a, given, "gtfs", &s->feed));
        if (is_there(given, "network")) {
            TRY(join_path(&s->a, given, "network", &s->network_dir));
        }
    } else {
        s->feed = given;
    }
    return ERR_OK;
}

static err_code open_network(transit_state *s) {
    route_active_params params = {.walk_speed_kmh = s->walk_speed_kmh, .cycle_speed_kmh = 16, .ecycle_speed_kmh = 20};
    for (int i = 0; i < CYCLE_FACILITY_COUNT; i++) {
        params.facility_factor[i] = 1;  // nobody cycles here
    }
    TRY(gmns_load(s->network_dir, &s->a, &s->n));
    TRY(network_validate(&s->n));
    for (uint32_t e = 0; e < s->n.link.count; e++) {
        s->n.link.allowed[e] = s->n.link.open_year[e] > 0 ? 0 : s->n.link.allowed[e];
    }
    TRY(route_active_build(&s->n, &params, &s->a, &s->active));
    TRY(route_active_query_init(s->active, &s->a, &s->active_query));
    ARENA_NEW(&s->a, s->time_ds, s->n.node.count);
    ARENA_NEW(&s->a, s->distance_m, s->n.node.count);
    s->has_network = true;
    return ERR_OK;
}

// The timetable of a date, with the day before (its trips past midnight) and the days after that are asked for.
static err_code open_day(transit_state *s, const char *date) {
    const gtfs_options o = {.date = date,
                            .footpath_max_m = s->has_network ? s->walk_max_m : 0,
                            .walk_speed_kmh = s->walk_speed_kmh,
                            .days_before = 1,
                            .days_after = (uint32_t)s->days - 1};
    arena_reset(&s->day);
    TRY(gtfs_load(s->feed, &o, &s->day, &s->t));
    TRY(route_transit_query_init(&s->t, &s->day, &s->query));
    ARENA_NEW(&s->day, s->journey, s->profile ? PROFILE_MAX : ROUTE_TRANSIT_ROUNDS_MAX);
    return ERR_OK;
}

// --- ends ---------------------------------------------------------------------------------------------------------

static err_code alloc_ways(transit_state *s, way_list *w) {
    *w = (way_list){.node_ix = IX_NONE};
    // every stop once from the end itself, and once more by a footpath from each stop of it
    ARENA_NEW(&s->day, w->way, (size_t)s->t.stop.count * 2 + s->t.path_first[s->t.stop.count]);
    return ERR_OK;
}

static void add_way(way_list *w, uint32_t stop_ix, int32_t walk_s) {
    w->way[w->count++] = (route_transit_access){.stop_ix = stop_ix, .walk_s = walk_s};
}

// A stop, the rows of it for single routes, and one footpath from (or to) it.
static void add_stop(const transit *t, uint32_t stop_ix, bool from, way_list *w) {
    for (uint32_t s = 0; s < t->stop.count; s++) {
        if (t->main_ix[s] == stop_ix) {
            add_way(w, s, 0);
        }
        for (uint32_t e = t->path_first[s]; e < t->path_first[s + 1]; e++) {
            if (from && s == stop_ix && t->main_ix[t->path_to[e]] != stop_ix) {
                add_way(w, t->path_to[e], t->path_s[e]);
            } else if (!from && t->path_to[e] == stop_ix && t->main_ix[s] != stop_ix) {
                add_way(w, s, t->path_s[e]);
            }
        }
    }
}

static err_code add_place(transit_state *s, double lon, double lat, way_list *w) {
    double x_m, y_m;
    TRY(project_to_utm32(&lon, &lat, 1, &x_m, &y_m));
    w->node_ix = network_nearest_node(&s->n, x_m, y_m, ALLOW_WALK);
    CHECK(w->node_ix != IX_NONE, ERR_INFEASIBLE, "%s: no link of the network may be walked", s->network_dir);
    route_active_tree(s->active, ACTIVE_WALK, s->active_query, w->node_ix, 0, NULL, s->time_ds, s->distance_m);
    for (uint32_t k = 0; k < s->t.stop.count; k++) {
        uint32_t v = network_nearest_node(&s->n, s->t.stop.x_m[k], s->t.stop.y_m[k], ALLOW_WALK);
        double dx = s->n.node.x_m[v] - s->t.stop.x_m[k], dy = s->n.node.y_m[v] - s->t.stop.y_m[k];
        double extra_m = DETOUR * sqrt(dx * dx + dy * dy);
        if (s->time_ds[v] != IX_NONE && (double)s->distance_m[v] + extra_m <= s->walk_max_m) {
            add_way(w, k, (int32_t)(s->time_ds[v] / 10.0 + extra_m / (s->walk_speed_kmh / 3.6) + 0.5));
        }
    }
    return ERR_OK;
}

static err_code find_end(transit_state *s, const char *given, bool from, way_list *w) {
    const transit *t = &s->t;
    double lon, lat;
    TRY(alloc_ways(s, w));
    uint32_t stop = transit_find_stop(t, given);
    if (stop != IX_NONE) {
        add_stop(t, t->main_ix[stop], from, w);
        return ERR_OK;
    }
    for (uint32_t i = 0; i < t->station_count; i++) {
        if (strcmp(t->station_id[i], given) == 0) {
            for (uint32_t k = t->station_first[i]; k < t->station_first[i + 1]; k++) {
                add_stop(t, t->station_stop[k], from, w);
            }
            return ERR_OK;
        }
    }
    CHECK(options_lon_lat(given, &lon, &lat), ERR_REFERENCE,
          "there is no stop '%.60s' in %s; give a stop_id or the stop_id of a station%s", given, s->feed,
          s->has_network ? ", or lon,lat in degrees such as 10.75,59.60" : "");
    CHECK(s->has_network, ERR_USAGE,
          "'%.60s': coordinates need a network to walk on; give a scenario, or a folder with gtfs and network", given);
    return add_place(s, lon, lat, w);
}

// On foot all the way: a stop that both ends have, at most one of them by a walk; or by the network.
static int32_t walk_only(transit_state *s, const way_list *from, const way_list *to) {
    int32_t best_s = INT32_MAX;
    if (from->node_ix != IX_NONE && to->node_ix != IX_NONE) {
        // the tree of the last end that was found is still there: its root is `to`
        double m = (double)s->distance_m[from->node_ix];
        return s->time_ds[from->node_ix] != IX_NONE && m <= s->walk_max_m ? (int32_t)(s->time_ds[from->node_ix] / 10)
                                                                          : INT32_MAX;
    }
    for (uint32_t i = 0; i < from->count; i++) {
        for (uint32_t k = 0; k < to->count; k++) {
            const route_transit_access *a = &from->way[i], *b = &to->way[k];
            bool one_walk = a->walk_s == 0 || b->walk_s == 0;
            if (a->stop_ix == b->stop_ix && one_walk && a->walk_s + b->walk_s < best_s) {
                best_s = a->walk_s + b->walk_s;
            }
        }
    }
    return best_s;
}

// --- answers ----------------------------------------------------------------------------------------------------

static void keep_better_than_walking(transit_state *s, int32_t time_s) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->journey_count && s->walk_only_s != INT32_MAX; i++) {
        const route_transit_journey *j = &s->journey[i];
        bool better = s->profile     ? j->arrival_s - j->departure_s < s->walk_only_s
                      : s->arrive_by ? j->departure_s > time_s - s->walk_only_s
                                     : j->arrival_s < time_s + s->walk_only_s;
        if (better) {
            s->journey[kept++] = *j;
        }
    }
    s->journey_count = s->walk_only_s != INT32_MAX ? kept : s->journey_count;
}

static err_code ask(transit_state *s, const transit_question *q) {
    way_list from, to;
    TRY(find_end(s, q->from, true, &from));
    TRY(find_end(s, q->to, false, &to));
    s->walk_only_s = walk_only(s, &from, &to);
    int32_t time_s = q->time_s + DAY_S;  // the timetable begins a day before
    if (s->profile) {
        uint32_t found = route_transit_profile(&s->t, s->query, from.way, from.count, to.way, to.count, time_s,
                                               2 * DAY_S - 1, ROUTE_TRANSIT_ROUNDS_MAX, s->journey, PROFILE_MAX);
        CHECK(found <= PROFILE_MAX, ERR_RANGE, "more than %d journeys; ask from a later --depart", PROFILE_MAX);
        s->journey_count = found;
        for (uint32_t i = 0; i < found / 2; i++) {  // first departure first
            route_transit_journey swap = s->journey[i];
            s->journey[i] = s->journey[found - 1 - i];
            s->journey[found - 1 - i] = swap;
        }
    } else if (s->arrive_by) {
        s->journey_count = route_transit_arrive_by(&s->t, s->query, from.way, from.count, to.way, to.count, time_s,
                                                   ROUTE_TRANSIT_ROUNDS_MAX, s->journey);
    } else {
        s->journey_count = route_transit_run(&s->t, s->query, from.way, from.count, to.way, to.count, time_s,
                                             ROUTE_TRANSIT_ROUNDS_MAX, s->journey);
    }
    keep_better_than_walking(s, time_s);
    return ERR_OK;
}

// Seconds of the timetable as a clock of the date: 24:10:00 is the night after, -00:10:00 the evening before.
static void put_clock(FILE *out, int32_t seconds) {
    int32_t s = seconds - DAY_S;
    unsigned u = (unsigned)(s < 0 ? -s : s);
    fprintf(out, "%s%02u:%02u:%02u", s < 0 ? "-" : "", u / 3600, u / 60 % 60, u % 60);
}

static uint32_t position_of(const transit *t, uint32_t trip_ix, uint32_t event) {
    return event - t->trip.time_first[trip_ix];
}

// Is GTFS trip k of the run ridden by a leg?
static bool rides_part(const transit *t, const route_transit_leg *l, uint32_t k) {
    uint32_t board = position_of(t, l->trip_ix, l->board_event), alight = position_of(t, l->trip_ix, l->alight_event);
    bool last = k + 1 == t->part_first[l->trip_ix + 1];
    return t->part[k].position < alight && (last || t->part[k + 1].position > board);
}

// The trip ids of a leg (several when one stays seated), each through `put`.
static void put_trips(FILE *out, const transit *t, const route_transit_leg *l, const char *between, bool json) {
    bool first = true;
    for (uint32_t k = t->part_first[l->trip_ix]; k < t->part_first[l->trip_ix + 1]; k++) {
        if (rides_part(t, l, k)) {
            fputs(first ? "" : between, out);
            if (json) {
                summary_json_text(out, t->part[k].trip_id);
            } else {
                fputs(t->part[k].trip_id, out);
            }
            first = false;
        }
    }
}

static const transit_part *boarded_part(const transit *t, const route_transit_leg *l) {
    return transit_part_at(t, l->trip_ix, position_of(t, l->trip_ix, l->board_event));
}

// A change at the same stop between rows for single routes is no walk.
static bool is_walk(const transit *t, const route_transit_leg *l) {
    return l->trip_ix == IX_NONE && t->main_ix[l->from_stop_ix] != t->main_ix[l->to_stop_ix];
}

static const char *stop_id(const transit *t, uint32_t stop_ix) {
    return t->stop.id[t->main_ix[stop_ix]];
}

static void text_walk(FILE *out, int32_t from_s, int32_t to_s, const char *from, const char *to) {
    fputs("  ", out);
    put_clock(out, from_s);
    fprintf(out, " %s  -> ", from);
    put_clock(out, to_s);
    fprintf(out, " %s  on foot\n", to);
}

static void text_journey(FILE *out, const transit *t, const route_transit_journey *j, const transit_question *q) {
    const route_transit_leg *first = &j->leg[0], *last = &j->leg[j->leg_count - 1];
    fputs("depart ", out);
    put_clock(out, j->departure_s);
    fputs("  arrive ", out);
    put_clock(out, j->arrival_s);
    fprintf(out, "  %u boarding%s\n", j->boardings, j->boardings == 1 ? "" : "s");
    if (j->departure_s < first->departure_s) {
        text_walk(out, j->departure_s, first->departure_s, q->from, stop_id(t, first->from_stop_ix));
    }
    for (uint32_t i = 0; i < j->leg_count; i++) {
        const route_transit_leg *l = &j->leg[i];
        if (is_walk(t, l)) {
            text_walk(out, l->departure_s, l->arrival_s, stop_id(t, l->from_stop_ix), stop_id(t, l->to_stop_ix));
        } else if (l->trip_ix != IX_NONE) {
            const transit_part *p = boarded_part(t, l);
            fputs("  ", out);
            put_clock(out, l->departure_s);
            fprintf(out, " %s  -> ", stop_id(t, l->from_stop_ix));
            put_clock(out, l->arrival_s);
            fprintf(out, " %s  route %s%s%s, trip ", stop_id(t, l->to_stop_ix), p->route_id,
                    p->line[0] != '\0' ? ", line " : "", p->line);
            put_trips(out, t, l, " then ", false);
            fprintf(out, "%s%s\n", p->headsign[0] != '\0' ? ", to " : "", p->headsign);
        }
    }
    if (last->arrival_s < j->arrival_s) {
        text_walk(out, last->arrival_s, j->arrival_s, stop_id(t, last->to_stop_ix), q->to);
    }
}

static void text_answer(FILE *out, transit_state *s, const transit_question *q) {
    fprintf(out, "from %s to %s on %s\n", q->from, q->to, q->date);
    if (s->walk_only_s != INT32_MAX) {
        fprintf(out, "on foot %d s\n", (int)s->walk_only_s);
    }
    for (uint32_t i = 0; i < s->journey_count; i++) {
        text_journey(out, &s->t, &s->journey[i], q);
    }
}

static void json_end(FILE *out, const char *name, const transit *t, uint32_t stop_ix) {
    fprintf(out, "\"%s\": ", name);
    summary_json_text(out, stop_id(t, stop_ix));
    fprintf(out, ", \"%s_name\": ", name);
    summary_json_text(out, t->stop.name[stop_ix]);
    fputs(", ", out);
}

static void json_leg(FILE *out, const transit *t, const route_transit_leg *l) {
    fprintf(out, "{\"mode\": \"%s\", ", l->trip_ix == IX_NONE ? "walk" : "transit");
    json_end(out, "from", t, l->from_stop_ix);
    json_end(out, "to", t, l->to_stop_ix);
    fprintf(out, "\"departure_s\": %d, \"arrival_s\": %d", (int)(l->departure_s - DAY_S), (int)(l->arrival_s - DAY_S));
    if (l->trip_ix != IX_NONE) {
        const transit_part *p = boarded_part(t, l);
        fputs(", \"route\": ", out);
        summary_json_text(out, p->route_id);
        fputs(", \"line\": ", out);
        summary_json_text(out, p->line);
        fputs(", \"headsign\": ", out);
        summary_json_text(out, p->headsign);
        fprintf(out, ", \"service_day\": %d, \"trips\": [", (int)p->day - 1);
        put_trips(out, t, l, ", ", true);
        fputs("]", out);
    }
    fputs("}", out);
}

static void json_answer(FILE *out, transit_state *s, const transit_question *q) {
    const transit *t = &s->t;
    fputs("{\"mode\": \"transit\", \"from\": ", out);
    summary_json_text(out, q->from);
    fputs(", \"to\": ", out);
    summary_json_text(out, q->to);
    fputs(", \"date\": ", out);
    summary_json_text(out, q->date);
    fprintf(out, ", \"%s\": %d, ", s->arrive_by ? "arrive_by_s" : "departure_s", (int)q->time_s);
    if (s->walk_only_s != INT32_MAX) {
        fprintf(out, "\"walk_only_s\": %d, ", (int)s->walk_only_s);
    }
    fputs("\"journeys\": [", out);
    for (uint32_t i = 0; i < s->journey_count; i++) {
        const route_transit_journey *j = &s->journey[i];
        fprintf(out,
                "%s{\"departure_s\": %d, \"arrival_s\": %d, \"boardings\": %u, \"on_board_s\": %d, \"walk_s\": %d, ",
                i > 0 ? ", " : "", (int)(j->departure_s - DAY_S), (int)(j->arrival_s - DAY_S), j->boardings,
                (int)j->on_board_s, (int)j->walk_s);
        fprintf(out, "\"wait_s\": %d, \"legs\": [", (int)j->wait_s);
        bool first = true;
        for (uint32_t k = 0; k < j->leg_count; k++) {
            if (j->leg[k].trip_ix != IX_NONE || is_walk(t, &j->leg[k])) {
                fputs(first ? "" : ", ", out);
                json_leg(out, t, &j->leg[k]);
                first = false;
            }
        }
        fputs("]}", out);
    }
    fputs("]}", out);
}

static void csv_cell(FILE *out, const char *given) {
    bool quoted = strpbrk(given, ",\"\r\n") != NULL;
    fputs(quoted ? "\"" : "", out);
    for (const char *c = given; *c != '\0'; c++) {
        fputs(*c == '"' ? "\"\"" : (char[2]){*c, '\0'}, out);
    }
    fputs(quoted ? "\"" : "", out);
}

static void csv_question(FILE *out, const transit_question *q) {
    csv_cell(out, q->from);
    fputc(',', out);
    csv_cell(out, q->to);
    fprintf(out, ",%s,%s,", q->depart, q->date);
}

static void csv_answer(FILE *out, transit_state *s, const transit_question *q) {
    if (s->walk_only_s != INT32_MAX) {
        int32_t leave_s = s->arrive_by ? q->time_s - s->walk_only_s : q->time_s;
        csv_question(out, q);
        fprintf(out, "%d,%d,0,%d,0,\n", (int)leave_s, (int)(leave_s + s->walk_only_s), (int)s->walk_only_s);
    }
    for (uint32_t i = 0; i < s->journey_count; i++) {
        const route_transit_journey *j = &s->journey[i];
        csv_question(out, q);
        fprintf(out, "%d,%d,%u,%d,%d,\"", (int)(j->departure_s - DAY_S), (int)(j->arrival_s - DAY_S), j->boardings,
                (int)j->walk_s, (int)j->wait_s);
        bool first = true;
        for (uint32_t k = 0; k < j->leg_count; k++) {
            if (j->leg[k].trip_ix != IX_NONE) {
                fputs(first ? "" : " ", out);
                put_trips(out, &s->t, &j->leg[k], "+", false);
                first = false;
            }
        }
        fputs("\"\n", out);
    }
    if (s->walk_only_s == INT32_MAX && s->journey_count == 0) {
        csv_question(out, q);
        fputs(",,,,,\n", out);
    }
}

// --- the command ------------------------------------------------------------------------------------------------

static err_code answer(transit_state *s, transit_question *q) {
    TRY(ask(s, q));
    FILE *out = open_memstream(&q->answer, &q->answer_bytes);
    CHECK(out != NULL, ERR_MEMORY, "out of memory for an answer");
    (s->json ? json_answer : s->csv ? csv_answer : text_answer)(out, s, q);
    CHECK(fclose(out) == 0, ERR_MEMORY, "out of memory for an answer");
    return ERR_OK;
}

static err_code read_batch(transit_state *s, const char *path, transit_question **question, uint32_t *count,
                           table **out) {
    table *t;
    uint32_t from, to, depart, date;
    TRY(table_load(path, &s->a, &t));
    TRY(table_require(t, "from", &from));
    TRY(table_require(t, "to", &to));
    TRY(table_require(t, "depart", &depart));
    date = table_column(t, "date");
    *out = t;
    *count = table_row_count(t);
    ARENA_NEW(&s->a, *question, *count);
    for (uint32_t row = 0; row < *count; row++) {
        transit_question *q = &(*question)[row];
        q->from = table_text(t, row, from);
        q->to = table_text(t, row, to);
        q->depart = table_text(t, row, depart);
        q->date = table_is_empty(t, row, date) ? s->date : table_text(t, row, date);
        if (q->date == NULL) {
            return table_fail(t, row, from, ERR_USAGE, "the date is missing; give --date or a column date");
        }
        err_code code = parse_clock(q->depart, &q->time_s);
        if (code != ERR_OK) {
            return table_fail(t, row, depart, code, "%s", err_message());
        }
    }
    return ERR_OK;
}

// Dates in the order in which they first appear; a timetable is read once for each.
static err_code answer_all(transit_state *s, transit_question *q, uint32_t count, const table *t) {
    for (uint32_t i = 0; i < count; i++) {
        if (q[i].answer != NULL) {
            continue;
        }
        TRY(open_day(s, q[i].date));
        for (uint32_t k = i; k < count; k++) {
            if (q[k].answer == NULL && strcmp(q[k].date, q[i].date) == 0) {
                err_code code = answer(s, &q[k]);
                if (code != ERR_OK) {
                    return t != NULL ? err_prefix(code, "%s:%u", table_name(t), table_line(t, k)) : code;
                }
            }
        }
    }
    return ERR_OK;
}

static err_code run_batch(transit_state *s, const char *path) {
    transit_question *q = NULL;
    table *t;
    uint32_t count = 0;
    s->csv = !s->json;
    TRY(read_batch(s, path, &q, &count, &t));
    err_code code = answer_all(s, q, count, t);
    if (code == ERR_OK) {
        fputs(s->json ? "[" : "from,to,depart,date,departure_s,arrival_s,boardings,walk_s,wait_s,trips\n", stdout);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (code == ERR_OK) {
            fputs(!s->json ? "" : i > 0 ? ",\n" : "\n", stdout);
            fputs(q[i].answer, stdout);
        }
        free(q[i].answer);
    }
    fputs(code == ERR_OK && s->json ? "\n]\n" : "", stdout);
    return code;
}

static err_code run_one(transit_state *s) {
    transit_question q = {.from = options_value(s->args, "from"),
                          .to = options_value(s->args, "to"),
                          .depart = options_given(s->args, "depart") ? options_value(s->args, "depart")
                                    : s->profile                     ? "00:00:00"
                                                                     : "08:00:00",
                          .date = s->date};
    CHECK(q.date != NULL, ERR_USAGE, "give --date YYYY-MM-DD, a day of %s", s->feed);
    TRY(parse_clock(q.depart, &q.time_s));
    err_code code = answer_all(s, &q, 1, NULL);
    if (code == ERR_OK && s->journey_count == 0 && s->walk_only_s == INT32_MAX) {
        code = err_raise(ERR_INFEASIBLE, "there is no journey from %.60s to %.60s %s %s on %s", q.from, q.to,
                         s->arrive_by ? "arriving by" : "departing from", q.depart, q.date);
    }
    if (code == ERR_OK) {
        fputs(q.answer, stdout);
        fputs(s->json ? "\n" : "", stdout);
    }
    free(q.answer);
    return code;
}

err_code query_transit(const cli_args *args) {
    transit_state s = {.args = args, .days = 2};
    bool batch = options_given(args, "batch");
    bool one = options_given(args, "from") && options_given(args, "to");
    bool any = options_given(args, "from") || options_given(args, "to") || options_given(args, "depart");
    TRY(options_format(args, &s.json));
    TRY(options_integer(args, "days", 1, DAYS_MAX, &s.days));
    s.arrive_by = options_given(args, "arrive-by");
    s.profile = options_given(args, "profile");
    CHECK(batch ? !any : one, ERR_USAGE, "give --from and --to, or --batch FILE.csv with columns from,to,depart");
    CHECK(!(s.arrive_by && s.profile), ERR_USAGE, "--arrive-by and --profile do not go together");
    CHECK(!options_given(args, "nok-per-km") && !options_given(args, "nok-per-h"), ERR_USAGE,
          "journeys by public transport are found by time; leave out --nok-per-km and --nok-per-h");
    arena_init(&s.a);
    arena_init(&s.day);
    err_code code = find_feed(&s, args->word[1]);
    if (code == ERR_OK && s.network_dir != NULL) {
        code = open_network(&s);
    }
    if (code == ERR_OK) {
        code = batch ? run_batch(&s, options_value(args, "batch")) : run_one(&s);
    }
    arena_free(&s.day);
    arena_free(&s.a);
    return code;
}
