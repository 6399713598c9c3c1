// vestsim query: routes on a network folder, one by one or in batch. Modes are rows of a table: a mode says how it is
// made ready for the network and how it answers one question.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "io/gmns.h"
#include "io/gmns_assign.h"
#include "io/project.h"
#include "model/cch_car.h"
#include "model/route_active.h"
#include "query_choice.h"
#include "query_transit.h"
#include "roads.h"
#include "summary.h"

typedef struct query_question {
    const char *from;  // as given
    const char *to;
    const char *depart;
    uint32_t from_ix;
    uint32_t to_ix;
    uint32_t departure_s;
} query_question;

typedef struct query_way {
    bool found;
    double time_s;
    double cost_s;  // generalised cost in time: what was minimised
    double distance_m;
    double toll_nok;
    uint32_t link_count;
    uint32_t *links;  // room for every link
} query_way;

typedef struct query_mode query_mode;

typedef struct query_state {
    arena a;
    network n;
    const query_mode *mode;
    bool batch;
    double nok_per_km;
    double nok_per_h;
    query_way way;
    // car
    traveltime time;
    route_car_index *car;
    route_car_query *car_query;
    route_car_metric metric;
    cch_car_query *cch_query;
    cch_car_window window;
    uint8_t canonical[TRAVELTIME_BINS];
    // walk, cycle
    route_active_index *active;
    route_active_query *active_query;
    uint32_t *perceived_ds;
    uint32_t *time_ds;
    float *distance_m;
    uint32_t tree_from_ix;  // the tree in these arrays; IX_NONE = none
} query_state;

struct query_mode {
    const char *name;
    uint8_t allow;
    err_code (*open)(query_state *s);
    err_code (*ask)(query_state *s, const query_question *q);
};

// --- car --------------------------------------------------------------------------------------------------------

// One question is answered by Dijkstra; a batch is worth a contraction hierarchy.
static err_code car_open(query_state *s) {
    TRY(traveltime_init(&s->time, &s->a, &s->n));
    s->metric = (route_car_metric){.time = &s->time, .cost_nok_per_km = s->nok_per_km, .nok_per_h = s->nok_per_h};
    TRY(route_car_build(&s->n, ALLOW_CAR, &s->a, &s->car));
    if (!s->batch) {
        return route_car_query_init(s->car, &s->a, &s->car_query);
    }
    uint32_t *order;
    cch_car_index *x;
    cch_car_scratch *scratch;
    TRY(roads_order(&s->n, ALLOW_CAR, &s->a, &order));
    TRY(cch_car_build(&s->n, ALLOW_CAR, order, &s->a, &x));
    TRY(cch_car_query_init(x, &s->a, s->n.link.count + 1, &s->cch_query));
    TRY(cch_car_scratch_init(x, &s->a, &scratch));
    TRY(cch_car_window_init(x, 1, &s->a, &s->window));  // free flow: every quarter-hour is like the first
    cch_car_canonical(&s->time, s->canonical);
    (void)cch_car_window_begin(&s->window, s->car, &s->metric, s->canonical, NULL, 0);
    cch_car_window_fill(&s->window, 0, scratch);
    return ERR_OK;
}

static err_code car_ask(query_state *s, const query_question *q) {
    route_car_answer out;
    if (s->batch) {
        TRY(cch_car_run(&s->window, s->cch_query, q->from_ix, q->to_ix, q->departure_s, s->way.links, &out));
    } else {
        TRY(route_car_run(s->car, &s->metric, s->car_query, q->from_ix, q->to_ix, q->departure_s, s->way.links,
                          s->n.link.count, &out));
    }
    s->way.found = out.arrival_s != IX_NONE;
    if (s->way.found) {
        s->way.time_s = out.time_ds / 10.0;
        s->way.cost_s = out.cost_ds / 10.0;
        s->way.distance_m = (double)out.distance_m;
        s->way.toll_nok = (double)out.toll_nok;
        s->way.link_count = out.link_count;
    }
    return ERR_OK;
}

// --- walk and cycle ---------------------------------------------------------------------------------------------

// A network folder says nothing about people: speeds of mobsim.csv (walk.speed, cycle.flat.separate_path,
// ebike.flat.prior, cycle.uphill, cycle.downhill) and waits at crossings (assumptions), as in the Vestby scenario.
static const scenario speeds = {.walk_speed_kmh = 4.8,
                                .cycle_speed_kmh = 17,
                                .ecycle_speed_kmh = 20,
                                .cycle_uphill_kmh_per_pct = 1.56,
                                .cycle_downhill_kmh_per_pct = 1.3,
                                .ecycle_uphill_kmh_per_pct = 0.6,
                                .crossing_slow_s = 1.2,
                                .crossing_fast_s = 2.8,
                                .crossing_rural_s = 14.6,
                                .crossing_signal_s = 7.5};

static err_code active_open(query_state *s) {
    route_active_params params;
    route_active_params_init(&params, &speeds);
    TRY(route_active_build(&s->n, &params, &s->a, &s->active));
    TRY(route_active_query_init(s->active, &s->a, &s->active_query));
    ARENA_NEW(&s->a, s->perceived_ds, s->n.node.count);
    ARENA_NEW(&s->a, s->time_ds, s->n.node.count);
    ARENA_NEW(&s->a, s->distance_m, s->n.node.count);
    s->tree_from_ix = IX_NONE;
    return ERR_OK;
}

static err_code active_ask(query_state *s, const query_question *q) {
    if (s->tree_from_ix != q->from_ix) {
        route_active_tree(s->active, s->mode->allow == ALLOW_WALK ? ACTIVE_WALK : ACTIVE_CYCLE, s->active_query,
                          q->from_ix, 0, s->perceived_ds, s->time_ds, s->distance_m);
        s->tree_from_ix = q->from_ix;
    }
    s->way.found = s->time_ds[q->to_ix] != IX_NONE;
    if (s->way.found) {
        s->way.time_s = s->time_ds[q->to_ix] / 10.0;
        s->way.cost_s = s->perceived_ds[q->to_ix] / 10.0;
        s->way.distance_m = (double)s->distance_m[q->to_ix];
        s->way.link_count = route_active_path(s->active, s->active_query, q->to_ix, s->way.links, s->n.link.count + 1);
    }
    return ERR_OK;
}

static const query_mode modes[] = {
    {.name = "car", .allow = ALLOW_CAR, .open = car_open, .ask = car_ask},
    {.name = "walk", .allow = ALLOW_WALK, .open = active_open, .ask = active_ask},
    {.name = "cycle", .allow = ALLOW_CYCLE, .open = active_open, .ask = active_ask},
};
enum { MODES = sizeof modes / sizeof modes[0] };

// --- questions --------------------------------------------------------------------------------------------------

// A node id, or lon,lat: then the nearest node that the mode can use.
static err_code find_node(query_state *s, const char *given, uint32_t *out) {
    double lon, lat, x_m, y_m;
    *out = network_find_node(&s->n, given);
    if (*out != IX_NONE) {
        return ERR_OK;
    }
    CHECK(options_lon_lat(given, &lon, &lat), ERR_REFERENCE,
          "there is no node '%.60s'; give a node_id of node.csv, or lon,lat in degrees such as 10.75,59.60", given);
    TRY(project_to_utm32(&lon, &lat, 1, &x_m, &y_m));
    *out = network_nearest_node(&s->n, x_m, y_m, s->mode->allow);
    CHECK(*out != IX_NONE, ERR_INFEASIBLE, "no link of the network may be used by %s", s->mode->name);
    return ERR_OK;
}

// HH:MM or HH:MM:SS within the simulated day.
static err_code parse_time(const char *given, uint32_t *out) {
    uint32_t part[3] = {0, 0, 0};
    const char *at = given;
    uint32_t parts = 0;
    for (bool more = true; more && parts < 3; parts++) {
        uint32_t digits = 0;
        for (; *at >= '0' && *at <= '9' && digits < 2; at++, digits++) {
            part[parts] = part[parts] * 10 + (uint32_t)(*at - '0');
        }
        if (digits == 0) {
            break;
        }
        more = *at == ':' && parts < 2;
        at += more ? 1 : 0;
    }
    bool good = parts >= 2 && *at == '\0' && part[0] < 30 && part[1] < 60 && part[2] < 60;
    CHECK(good, ERR_RANGE, "departure '%.60s': give HH:MM:SS from 00:00:00 to 29:59:59", given);
    *out = part[0] * 3600 + part[1] * 60 + part[2];
    return ERR_OK;
}

static err_code read_question(query_state *s, query_question *q) {
    TRY(find_node(s, q->from, &q->from_ix));
    TRY(find_node(s, q->to, &q->to_ix));
    return parse_time(q->depart, &q->departure_s);
}

static err_code ask(query_state *s, const query_question *q) {
    s->way = (query_way){.links = s->way.links};
    return s->mode->ask(s, q);
}

// --- answers ----------------------------------------------------------------------------------------------------

static void print_clock(uint32_t seconds) {
    printf("%02u:%02u:%02u", (unsigned)(seconds / 3600), (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
}

static void print_text(const query_state *s, const query_question *q) {
    const query_way *w = &s->way;
    uint32_t time_s = (uint32_t)(w->time_s + 0.5);
    printf("%s from %s to %s\n", s->mode->name, s->n.node.id[q->from_ix], s->n.node.id[q->to_ix]);
    printf("depart    ");
    print_clock(q->departure_s);
    printf("\narrive    ");
    print_clock(q->departure_s + time_s);
    printf("\ntime      ");
    print_clock(time_s);
    printf("\ndistance  %.3f km\ncost      %.1f s", w->distance_m / 1000, w->cost_s);
    if (w->toll_nok > 0) {
        printf("\ntoll      %.2f NOK", w->toll_nok);
    }
    printf("\nlinks    ");
    for (uint32_t i = 0; i < w->link_count; i++) {
        printf(" %s", s->n.link.id[w->links[i]]);
    }
    printf("\n");
}

static void print_json(const query_state *s, const query_question *q) {
    const query_way *w = &s->way;
    printf("{\"mode\": \"%s\", \"from\": ", s->mode->name);
    summary_json_text(stdout, s->n.node.id[q->from_ix]);
    printf(", \"to\": ");
    summary_json_text(stdout, s->n.node.id[q->to_ix]);
    printf(", \"departure_s\": %u, \"found\": %s", (unsigned)q->departure_s, w->found ? "true" : "false");
    if (w->found) {
        printf(", \"time_s\": %.1f, \"cost_s\": %.1f, \"distance_m\": %.3f, \"toll_nok\": %.3f, \"links\": [",
               w->time_s, w->cost_s, w->distance_m, w->toll_nok);
        for (uint32_t i = 0; i < w->link_count; i++) {
            printf("%s", i > 0 ? ", " : "");
            summary_json_text(stdout, s->n.link.id[w->links[i]]);
        }
        printf("]");
    }
    printf("}");
}

static void print_doubling_quotes(const char *given) {
    for (const char *c = given; *c != '\0'; c++) {
        if (*c == '"') {
            fputc('"', stdout);
        }
        fputc(*c, stdout);
    }
}

// A CSV cell, quoted where RFC 4180 asks for it.
static void print_cell(const char *given) {
    if (strpbrk(given, ",\"\r\n") == NULL) {
        printf("%s", given);
        return;
    }
    printf("\"");
    print_doubling_quotes(given);
    printf("\"");
}

static void print_csv_row(const query_state *s, const query_question *q) {
    const query_way *w = &s->way;
    print_cell(q->from);
    printf(",");
    print_cell(q->to);
    printf(",");
    print_cell(q->depart);
    printf(",");
    print_cell(s->n.node.id[q->from_ix]);
    printf(",");
    print_cell(s->n.node.id[q->to_ix]);
    if (!w->found) {
        printf(",,,,,\n");
        return;
    }
    printf(",%.1f,%.1f,%.3f,%.3f,\"", w->time_s, w->cost_s, w->distance_m, w->toll_nok);
    for (uint32_t i = 0; i < w->link_count; i++) {
        printf("%s", i > 0 ? " " : "");
        print_doubling_quotes(s->n.link.id[w->links[i]]);
    }
    printf("\"\n");
}

// All questions are read before the first is answered, so that an error leaves no half output.
static err_code read_batch(query_state *s, const char *path, query_question **question, uint32_t *count) {
    table *t;
    uint32_t from, to, depart;
    TRY(table_load(path, &s->a, &t));
    TRY(table_require(t, "from", &from));
    TRY(table_require(t, "to", &to));
    TRY(table_require(t, "depart", &depart));
    *count = table_row_count(t);
    ARENA_NEW(&s->a, *question, *count);
    for (uint32_t row = 0; row < *count; row++) {
        query_question *q = &(*question)[row];
        q->from = table_text(t, row, from);
        q->to = table_text(t, row, to);
        q->depart = table_text(t, row, depart);
        err_code code = read_question(s, q);
        if (code != ERR_OK) {
            return err_prefix(code, "%s:%u", path, (unsigned)table_line(t, row));
        }
    }
    return ERR_OK;
}

static err_code answer_batch(query_state *s, const char *path, bool json) {
    query_question *question;
    uint32_t count;
    TRY(read_batch(s, path, &question, &count));
    fputs(json ? "[" : "from,to,depart,from_node,to_node,time_s,cost_s,distance_m,toll_nok,links\n", stdout);
    for (uint32_t i = 0; i < count; i++) {
        TRY(ask(s, &question[i]));
        if (json) {
            fputs(i > 0 ? ",\n" : "\n", stdout);
            print_json(s, &question[i]);
        } else {
            print_csv_row(s, &question[i]);
        }
    }
    fputs(json ? "\n]\n" : "", stdout);
    return ERR_OK;
}

static err_code answer_one(query_state *s, const cli_args *args, bool json) {
    query_question q = {.from = options_value(args, "from"),
                        .to = options_value(args, "to"),
                        .depart = options_given(args, "depart") ? options_value(args, "depart") : "08:00:00"};
    TRY(read_question(s, &q));
    TRY(ask(s, &q));
    CHECK(s->way.found, ERR_INFEASIBLE, "there is no way by %s from %s to %s%s", s->mode->name, q.from, q.to,
          s->mode->allow == ALLOW_CAR && s->n.turn.count > 0
              ? " (forbidden turns of movement.csv and zones that may not be passed are left out)"
              : "");
    if (json) {
        print_json(s, &q);
        printf("\n");
    } else {
        print_text(s, &q);
    }
    return ERR_OK;
}

// --- command ----------------------------------------------------------------------------------------------------

static err_code read_number(const cli_args *args, const char *name, double *out) {
    const char *given = options_value(args, name);
    if (given == NULL) {
        return ERR_OK;
    }
    char *end = NULL;
    *out = strtod(given, &end);
    CHECK(end != given && *end == '\0' && *out >= 0 && *out <= 1e6, ERR_USAGE,
          "--%s '%.60s': give a number from 0 to 1000000", name, given);
    return ERR_OK;
}

static err_code open_network(query_state *s, const char *folder) {
    TRY(gmns_load(folder, &s->a, &s->n));
    TRY(gmns_assign_close_zones(folder, &s->a, &s->n));
    TRY(network_validate(&s->n));
    for (uint32_t e = 0; e < s->n.link.count; e++) {
        if (s->n.link.open_year[e] > 0) {
            s->n.link.allowed[e] = 0;  // not there yet
        }
    }
    ARENA_NEW(&s->a, s->way.links, (size_t)s->n.link.count + 1);
    return s->mode->open(s);
}

static err_code find_mode(const char *name, const query_mode **out) {
    const char *known[MODES + 2] = {[MODES] = "choice", [MODES + 1] = "transit"};
    for (size_t i = 0; i < MODES; i++) {
        known[i] = modes[i].name;
        if (strcmp(name, known[i]) == 0) {
            *out = &modes[i];
            return ERR_OK;
        }
    }
    const char *close = options_suggest(name, known, MODES + 2);
    return err_raise(ERR_USAGE, "query '%.60s': give car, walk, cycle, transit or choice%s%s%s", name,
                     close == NULL ? "" : "; did you mean ", close == NULL ? "" : close, close == NULL ? "" : "?");
}

static err_code cmd_query(const cli_args *args) {
    static const char *const of_choice[] = {"model", "output", "utilities", "threads"};
    bool json = false;
    if (strcmp(args->word[0], "choice") == 0) {
        return query_choice(args);
    }
    if (strcmp(args->word[0], "transit") == 0) {
        return query_transit(args);
    }
    CHECK(!options_given(args, "date") && !options_given(args, "arrive-by") && !options_given(args, "profile") &&
              !options_given(args, "days"),
          ERR_USAGE, "--date, --arrive-by, --profile and --days are for query transit");
    query_state s = {.batch = options_given(args, "batch")};
    TRY(find_mode(args->word[0], &s.mode));
    for (size_t i = 0; i < sizeof of_choice / sizeof of_choice[0]; i++) {
        CHECK(!options_given(args, of_choice[i]), ERR_USAGE, "--%s is for query choice; leave it out", of_choice[i]);
    }
    TRY(options_format(args, &json));
    TRY(read_number(args, "nok-per-km", &s.nok_per_km));
    TRY(read_number(args, "nok-per-h", &s.nok_per_h));
    bool one = options_given(args, "from") && options_given(args, "to");
    bool any = options_given(args, "from") || options_given(args, "to") || options_given(args, "depart");
    CHECK(s.batch ? !any : one, ERR_USAGE, "give --from and --to, or --batch FILE.csv with columns from,to,depart");
    arena_init(&s.a);
    err_code code = open_network(&s, args->word[1]);
    if (code == ERR_OK) {
        code = s.batch ? answer_batch(&s, options_value(args, "batch"), json) : answer_one(&s, args, json);
    }
    arena_free(&s.a);
    return code;
}

static const cli_option query_options[] = {
    {.name = "from", .value = "NODE", .help = "start: a node_id, or lon,lat in degrees (nearest node of the mode)"},
    {.name = "to", .value = "NODE", .help = "end, likewise"},
    {.name = "depart", .value = "HH:MM:SS", .help = "departure; default 08:00:00"},
    {.name = "batch", .value = "FILE.csv", .help = "many questions: columns from,to,depart; answers as CSV or JSON"},
    {.name = "nok-per-km", .value = "NOK", .help = "running cost of the car; counts only with --nok-per-h"},
    {.name = "nok-per-h",
     .value = "NOK",
     .help = "value of time that turns tolls and running cost into time; default 0: only time counts"},
    {.name = "model", .value = "MODEL.yaml", .help = "choice: the model"},
    {.name = "output", .letter = 'o', .value = "FILE.csv", .help = "choice: probabilities, one row an observation"},
    {.name = "utilities", .help = "choice: also write the utilities"},
    {.name = "threads", .letter = 't', .value = "N", .help = "choice: threads (default: all); the result is the same"},
    {.name = "date", .value = "YYYY-MM-DD", .help = "transit: service day; default the scenario's"},
    {.name = "arrive-by", .help = "transit: --depart is the time to be there; the latest departures are given"},
    {.name = "profile", .help = "transit: all journeys of the day worth taking, from --depart (default 00:00:00) on"},
    {.name = "days", .value = "N", .help = "transit: service days looked at from the date on, 1 to 8; default 2"},
    {.name = "format", .value = "text|json", .help = "text for people (CSV with --batch; default) or JSON"},
};

const cli_command cmd_query_command = {
    .name = "query",
    .words = "car|walk|cycle|transit DIR, or choice CHOICES.csv",
    .choices = "car|walk|cycle|transit|choice",
    .summary = "Find routes on a network, journeys on a timetable, or probabilities of a choice model.",
    .help =
        "Prints departure, arrival, time, distance, generalised cost in seconds (what is minimised: time and, for "
        "cars\n"
        "with --nok-per-h, money; for walking and cycling, perceived time) and the links in order. Links with an\n"
        "opening year are left out. Batch answers: from,to,depart,from_node,to_node,time_s,cost_s,distance_m,\n"
        "toll_nok,links (separated by blanks), empty where there is no way. Exit 2 when a single question has no "
        "way.\n"
        "transit: DIR is a GTFS folder or zip (stop to stop, walking by transfers.txt only), a scenario (.yaml), or a\n"
        "folder with gtfs and network; then also lon,lat. Ends are a stop_id or the stop_id of a station. All "
        "journeys\n"
        "that no other beats in arrival (or departure) and boardings. Times count from the midnight of the date;\n"
        "trips of the day before that run past midnight are there.\n"
        "\n"
        "choice CHOICES.csv --model MODEL.yaml: probabilities of a nested logit model (any depth of nests) for every "
        "row of\n"
        "a table; prints log-likelihoods, rho-squared and shares. Both files: docs/formats.md.\n",
    .option = query_options,
    .option_count = sizeof query_options / sizeof query_options[0],
    .words_min = 2,
    .words_max = 2,
    .run = cmd_query,
};
