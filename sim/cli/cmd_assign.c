// vestsim assign: static assignment of demand.csv on a GMNS folder.
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/par.h"
#include "commands.h"
#include "io/gmns_assign.h"
#include "loop/assign.h"
#include "loop/assign_queue.h"

enum { PATH_BYTES = 4096, ITERATIONS_DEFAULT = 500 };

static const double gap_default = 1e-6;

typedef struct assign_job {
    gmns_assign_case c;
    assign_params params;
    assign_result result;
    assign_queue_params queue_params;
    assign_queue_result queue_result;
    bool json, queue;
} assign_job;

static err_code read_positive(const cli_args *args, const char *name, double *out) {
    const char *given = options_value(args, name);
    if (given == NULL) {
        return ERR_OK;
    }
    char *end = NULL;
    *out = strtod(given, &end);
    CHECK(end != given && *end == '\0' && isfinite(*out) && *out > 0, ERR_USAGE,
          "--%s '%.40s' must be a number above 0", name, given);
    return ERR_OK;
}

// Links in the order of their ids' file is not kept: rows are sorted by to-node, as everywhere.
static err_code write_flows(const char *path, const assign_job *j) {
    char part[PATH_BYTES];
    int length = snprintf(part, sizeof part, "%s.part", path);
    CHECK(length > 0 && (size_t)length < sizeof part, ERR_FILE, "%.200s...: the path is too long", path);
    FILE *f = fopen(part, "wb");
    CHECK(f != NULL, ERR_FILE, "%s: cannot be written: %s", part, strerror(errno));
    const network *n = &j->c.network;
    const double *flow = j->queue ? j->queue_result.flow : j->result.flow;
    const double *time_min = j->queue ? j->queue_result.time_min : j->result.time_min;
    fputs("link_id,from_node_id,to_node_id,volume,time_min,cost_min\n", f);
    for (uint32_t e = 0; e < n->link.count; e++) {
        fprintf(f, "%s,%s,%s,%.17g,%.17g,%.17g\n", n->link.id[e], n->node.id[n->link.from_ix[e]],
                n->node.id[n->link.to_ix[e]], flow[e], time_min[e], time_min[e] + j->c.delay.fixed_min[e]);
    }
    bool failed = ferror(f) != 0;
    failed = fclose(f) != 0 || failed;
    if (failed || rename(part, path) != 0) {
        unlink(part);
        return err_raise(ERR_FILE, "%s: cannot be written completely; is the disk full?", path);
    }
    return ERR_OK;
}

static void print_json(const assign_job *j) {
    const assign_result *r = &j->result;
    printf("{\"nodes\": %u, \"links\": %u, \"zones\": %u,\n", j->c.network.node.count, j->c.network.link.count,
           j->c.trips.zone_count);
    printf(" \"demand\": %.17g, \"intrazonal\": %.17g, \"unreachable\": %.17g,\n", r->demand, r->intrazonal,
           r->unreachable);
    printf(" \"free_cost_min\": %.17g, \"iterations\": %u, \"paths\": %u, \"relative_gap\": %.6e,\n", r->free_cost_min,
           r->iterations, r->path_count, r->gap);
    printf(" \"objective\": %.17g, \"total_time_min\": %.17g, \"total_cost_min\": %.17g, \"converged\": %s}\n",
           r->objective, r->total_time_min, r->total_cost_min, r->converged ? "true" : "false");
}

static void print_text(const assign_job *j) {
    const assign_result *r = &j->result;
    printf("network      %u nodes, %u links, %u zones\n", j->c.network.node.count, j->c.network.link.count,
           j->c.trips.zone_count);
    printf("demand       %.6f trips, %.6f within a zone, %.6f without a way\n", r->demand, r->intrazonal,
           r->unreachable);
    printf("empty roads  %.6f min: demand x cheapest cost\n", r->free_cost_min);
    printf("iterations   %u, %u paths used\n", r->iterations, r->path_count);
    printf("relative gap %.3e%s\n", r->gap, r->converged ? "" : " (not reached)");
    printf("objective    %.6f (Beckmann)\n", r->objective);
    printf("total time   %.6f min; generalised cost %.6f min\n", r->total_time_min, r->total_cost_min);
}

static void print_queue(const assign_job *j) {
    const assign_queue_result *r = &j->queue_result;
    static const char *const shape[2] = {
        "vehicles     %llu departed in %g h, %llu arrived, %llu without a way, %llu moved by force\n"
        "days         %u\nrelative gap %.3e (%s)%s\ntotal time   %.6f min\n",
        " \"vehicles\": %llu, \"period_h\": %g, \"arrived\": %llu, \"unreachable\": %llu, \"forced\": %llu, "
        "\"days\": %u, \"relative_gap\": %.6e, \"gap_of\": \"%s\", \"converged\": %s, \"total_time_min\": %.17g}\n"};
    static const char *const reached[2][2] = {{" (not reached)", ""}, {"false", "true"}};
    if (j->queue_params.choose_departure) {
        printf(j->json ? "{\"total_cost\": %.17g,\n" : "total cost   %.6f (travel time and schedule delay)\n",
               r->total_cost);
    }
    printf(j->json ? j->queue_params.choose_departure ? " \"day_gaps\": [" : "{\"day_gaps\": [" : "gap by day  ");
    for (uint32_t day = 1; day <= r->days; day++) {
        printf(j->json ? "%s%.4e" : "%s%.4f", j->json && day > 1 ? ", " : j->json ? "" : " ", r->day_gap[day]);
    }
    printf(j->json ? "],\n" : "\n");
    printf(shape[j->json], (unsigned long long)r->vehicles, j->queue_params.period_h, (unsigned long long)r->arrived,
           (unsigned long long)r->unreachable, (unsigned long long)r->forced, r->days, r->gap,
           j->queue_params.choose_departure ? "cost" : "travel time", reached[j->json][r->converged],
           r->total_time_min);
}

static err_code run_static(assign_job *j, arena *a, double gap, int64_t iterations) {
    j->params = (assign_params){.gap = gap > 0 ? gap : gap_default,
                                .iterations_max = iterations > 0 ? (uint32_t)iterations : ITERATIONS_DEFAULT};
    TRY(assign_run(&j->c.network, &j->c.delay, &j->c.trips, &j->params, a, &j->result));
    log_progress_end();
    return ERR_OK;
}

// --departure-choice ALPHA,BETA,GAMMA and what belongs to it.
static err_code read_departures(const cli_args *args, assign_queue_params *p) {
    const char *given = options_value(args, "departure-choice"), *at = options_value(args, "arrive-at");
    CHECK((given == NULL) == (at == NULL), ERR_USAGE, "--departure-choice and --arrive-at need each other");
    CHECK(given != NULL || !options_given(args, "taste-min"), ERR_USAGE, "--taste-min needs --departure-choice");
    if (given == NULL) {
        return ERR_OK;
    }
    departure_values v = {0};
    double *const value[] = {&v.travel_per_h, &v.early_per_h, &v.late_per_h};
    const char *next = given;
    for (int i = 0; i < 3; i++) {
        char *end = NULL;
        *value[i] = strtod(next, &end);
        CHECK(end != next && *end == (i < 2 ? ',' : '\0'), ERR_USAGE,
              "--departure-choice '%.60s': give three values per hour, of travel time, early and late: 6.4,3.9,15.21",
              given);
        next = end + 1;
    }
    unsigned hours = 0, minutes = 0;
    int used = 0;
    CHECK(sscanf(at, "%2u:%2u%n", &hours, &minutes, &used) == 2 && at[used] == '\0' && minutes < 60, ERR_USAGE,
          "--arrive-at '%.40s': give HH:MM", at);
    assign_queue_choose_departures(p, v, hours * 3600.0 + minutes * 60.0);
    const char *taste = options_value(args, "taste-min");
    char *end = NULL;
    p->taste_min = taste != NULL ? strtod(taste, &end) : p->taste_min;
    CHECK(taste == NULL || (end != taste && *end == '\0'), ERR_USAGE, "--taste-min '%.40s' must be a number", taste);
    return ERR_OK;
}

static err_code run_queue(const cli_args *args, assign_job *j, arena *a, double gap, int64_t days) {
    j->queue_params = assign_queue_defaults();
    TRY(read_positive(args, "period-h", &j->queue_params.period_h));
    TRY(read_departures(args, &j->queue_params));
    const char *kind = options_value(args, "queue");
    CHECK(kind == NULL || strcmp(kind, "point") == 0 || strcmp(kind, "spatial") == 0, ERR_USAGE,
          "--queue '%.40s' is not known; write point or spatial", kind);
    j->queue_params.point_queue = kind != NULL && strcmp(kind, "point") == 0;
    j->queue_params.gap = gap > 0 ? gap : j->queue_params.gap;
    j->queue_params.days_max = days > 0 ? (uint32_t)days : j->queue_params.days_max;
    TRY(assign_queue_run(&j->c.network, &j->c.trips, &j->queue_params, a, &j->queue_result));
    log_progress_end();
    return ERR_OK;
}

static err_code run_in(const cli_args *args, assign_job *j, arena *a) {
    int64_t threads = 0, iterations = 0;
    double gap = 0;
    const char *cost = options_value(args, "cost"), *output = options_value(args, "output");
    TRY(options_format(args, &j->json));
    TRY(options_integer(args, "threads", 1, 1024, &threads));
    TRY(options_integer(args, "iterations", 1, 32000, &iterations));
    TRY(read_positive(args, "gap", &gap));
    CHECK(cost == NULL || strcmp(cost, "bpr") == 0 || strcmp(cost, "queue") == 0, ERR_USAGE,
          "--cost '%.40s' is not known; write bpr or queue", cost);
    j->queue = cost != NULL && strcmp(cost, "queue") == 0;
    static const char *const queue_only[] = {"period-h", "queue", "departure-choice", "arrive-at", "taste-min"};
    for (size_t i = 0; i < sizeof queue_only / sizeof *queue_only; i++) {
        CHECK(j->queue || !options_given(args, queue_only[i]), ERR_USAGE, "--%s needs --cost queue", queue_only[i]);
    }
    par_set_threads((int)threads);
    TRY(gmns_assign_load(args->word[0], a, &j->c));
    TRY(j->queue ? run_queue(args, j, a, gap, iterations) : run_static(j, a, gap, iterations));
    if (output != NULL) {
        TRY(write_flows(output, j));
    }
    (j->queue ? print_queue : j->json ? print_json : print_text)(j);
    CHECK(j->queue ? j->queue_result.converged : j->result.converged, ERR_NOT_CONVERGED,
          "not converged: relative gap %.3e after %u iterations, %.3e wanted; allow more with --iterations",
          j->queue ? j->queue_result.gap : j->result.gap, j->queue ? j->queue_result.days : j->result.iterations,
          j->queue ? j->queue_params.gap : j->params.gap);
    return ERR_OK;
}

static err_code cmd_assign(const cli_args *args) {
    arena a;
    assign_job j = {0};
    arena_init(&a);
    err_code code = run_in(args, &j, &a);
    arena_free(&a);
    return code;
}

static const cli_option assign_options[] = {
    {.name = "cost", .value = "MODEL", .help = "bpr: delay functions (default); queue: the traffic of vestsim run"},
    {.name = "gap", .value = "G", .help = "relative gap to reach (default 1e-6; queue 0.01, departures 0.15)"},
    {.name = "iterations",
     .value = "N",
     .help = "searches for new paths at most (default 500), or days (60; departures 250)"},
    {.name = "period-h", .value = "H", .help = "queue: the trips depart evenly in this many hours (default 1)"},
    {.name = "queue", .value = "KIND", .help = "spatial: queues reach back (default); point: they do not"},
    {.name = "departure-choice",
     .value = "A,B,G",
     .help = "queue: choose departures; values per hour of travel time, early and late arrival"},
    {.name = "arrive-at", .value = "HH:MM", .help = "when everybody wants to arrive (with --departure-choice)"},
    {.name = "taste-min",
     .value = "M",
     .help = "scale of personal tastes for departures, minutes of travel (default 3)"},
    {.name = "output", .letter = 'o', .value = "FILE", .help = "flows of the links as CSV"},
    {.name = "threads", .letter = 't', .value = "N", .help = "threads (default: all); the result is the same"},
    {.name = "format", .value = "F", .help = "text or json"},
};

const cli_command cmd_assign_command = {
    .name = "assign",
    .words = "DIR",
    .summary = "Static user equilibrium of the trips in DIR/demand.csv on the GMNS network in DIR.",
    .help =
        "Cost of a link: BPR time at its flow plus its fixed cost; columns vdf_* of link.csv, see docs/formats.md.\n"
        "Prints relative gap, Beckmann's objective and total travel time. Exit 3 when the gap is not reached.\n",
    .option = assign_options,
    .option_count = sizeof assign_options / sizeof assign_options[0],
    .words_min = 1,
    .words_max = 1,
    .run = cmd_assign,
};
