// vestsim mobsim: one day of plans with fixed routes in the queue model.
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/par.h"
#include "commands.h"
#include "io/gmns.h"
#include "io/matsim.h"
#include "io/plans_csv.h"

enum { MODES_MAX = 32, ROUNDS_MAX = 50, END_DEFAULT_S = 36 * 3600, END_MAX_H = 36 };

// Without a scenario: its defaults (include/world/scenario.h, traffic.*).
static const mobsim_params default_params = {
    .wave_speed_kmh = 18, .jam_spacing_m = 7.5, .stuck_s = 60, .lorry_pcu = 2, .scale = 1, .end_s = END_DEFAULT_S};

typedef struct mode_row {
    const char *mode;
    uint32_t legs;
    uint32_t outcome[CHAIN_OUTCOME_COUNT];
} mode_row;

typedef struct day {
    network n;
    mobsim_params p;
    chain_plans plans;
    chain_result r;
    double wall_s;
} day;

static err_code read_end(const cli_args *args, uint32_t *end_s) {
    const char *given = options_value(args, "end");
    unsigned hours = 0, minutes = 0;
    char rest = '\0';
    if (given == NULL) {
        return ERR_OK;
    }
    bool good = sscanf(given, "%2u:%2u%c", &hours, &minutes, &rest) == 2 && minutes < 60 && hours <= END_MAX_H;
    *end_s = hours * 3600 + minutes * 60;
    CHECK(good && *end_s > 0 && *end_s <= END_DEFAULT_S, ERR_USAGE, "--end '%.60s': give HH:MM up to %d:00", given,
          (int)END_MAX_H);
    return ERR_OK;
}

static err_code read_scale(const cli_args *args, double *scale) {
    const char *given = options_value(args, "scale");
    char rest = '\0';
    CHECK(given == NULL || (sscanf(given, "%lf%c", scale, &rest) == 1 && *scale > 0 && *scale <= 1000), ERR_USAGE,
          "--scale '%.60s': give a number above 0", given);
    return ERR_OK;
}

static err_code load(const cli_args *args, arena *a, day *d) {
    struct stat about;
    const char *plans = options_value(args, "plans");
    if (stat(args->word[0], &about) == 0 && S_ISDIR(about.st_mode)) {
        TRY(gmns_load(args->word[0], a, &d->n));
    } else {
        matsim_network_info info;
        TRY(matsim_load_network(args->word[0], a, &d->n, &info));
        d->p.jam_spacing_m = info.cell_size_m;
    }
    size_t length = strlen(plans);
    bool csv = length > 4 && strcmp(plans + length - 4, ".csv") == 0;
    return csv ? plans_csv_load(plans, &d->n, a, &d->plans) : matsim_load_plans(plans, &d->n, a, &d->plans);
}

// Adds up the legs by mode; the last row takes what has no place of its own. Returns the number of rows.
static uint32_t count_modes(const day *d, mode_row row[MODES_MAX]) {
    uint32_t rows = 0;
    for (uint32_t leg = 0; leg < d->plans.leg_count; leg++) {
        const char *name = d->plans.leg[leg].mode;
        uint32_t i = 0;
        while (i < rows && i + 1 < MODES_MAX && strcmp(row[i].mode, name) != 0) {
            i++;
        }
        if (i == rows) {
            row[rows++] = (mode_row){.mode = i + 1 < MODES_MAX ? name : "(other)"};
        }
        row[i].legs++;
        row[i].outcome[d->r.outcome[leg]]++;
    }
    return rows;
}

static double driven_s(const day *d) {
    double sum_s = 0;
    for (uint32_t leg = 0; leg < d->plans.leg_count; leg++) {
        if (d->r.outcome[leg] == CHAIN_ARRIVED) {
            sum_s += (double)(d->r.arrival_s[leg] - d->r.departure_s[leg]);
        }
    }
    return sum_s;
}

static void print_day(const day *d) {
    static const char *const titles[CHAIN_OUTCOME_COUNT] = {"driven", "under way", "not started", "teleported",
                                                            "unusable"};
    mode_row row[MODES_MAX];
    uint32_t rows = count_modes(d, row);
    const mobsim_result *m = &d->r.mobsim;
    printf("network      %u nodes, %u links\n", d->n.node.count, d->n.link.count);
    printf("persons      %u with %u legs\n\n", d->plans.person_count, d->plans.leg_count);
    printf("%-14s %9s", "mode", "legs");
    for (int i = 0; i < CHAIN_OUTCOME_COUNT; i++) {
        printf(" %11s", titles[i]);
    }
    printf("\n");
    for (uint32_t k = 0; k < rows; k++) {
        printf("%-14s %9u", row[k].mode, row[k].legs);
        for (int i = 0; i < CHAIN_OUTCOME_COUNT; i++) {
            printf(" %11u", row[k].outcome[i]);
        }
        printf("\n");
    }
    printf("\ntravel time  %.0f s by those who drove and arrived\n", driven_s(d));
    printf("traffic      %llu link events, %llu s of delay, %llu vehicles moved by force\n",
           (unsigned long long)m->link_events, (unsigned long long)m->delay_s, (unsigned long long)m->forced);
    printf("rounds       %u until departures followed arrivals\n", d->r.rounds);
    printf("wall         %.3f s with %d thread%s\n", d->wall_s, par_thread_count(), par_thread_count() == 1 ? "" : "s");
}

static err_code run_day(const cli_args *args, arena *a, day *d) {
    const char *events = options_value(args, "events");
    d->p = default_params;
    TRY(read_end(args, &d->p.end_s));
    TRY(read_scale(args, &d->p.scale));
    TRY(load(args, a, d));
    double start_s = log_clock_s();
    TRY(chain_run(&d->n, &d->p, &d->plans, ROUNDS_MAX, a, &d->r));
    d->wall_s = log_clock_s() - start_s;
    CHECK(d->r.mobsim.unbalanced_s == IX_NONE, ERR_INTERNAL, "a vehicle was lost at second %u: please report this",
          d->r.mobsim.unbalanced_s);
    if (d->r.unsettled > 0) {
        log_warn("after %u rounds %u legs still depart at another time than the arrival before them says", d->r.rounds,
                 d->r.unsettled);
    }
    if (events != NULL) {
        TRY(matsim_save_events(events, &d->n, &d->plans, &d->r, d->p.end_s));
    }
    print_day(d);
    return ERR_OK;
}

static err_code cmd_mobsim(const cli_args *args) {
    int64_t threads = 0;
    CHECK(options_given(args, "plans"), ERR_USAGE, "--plans FILE is missing: say whose day is simulated");
    TRY(options_integer(args, "threads", 1, 1024, &threads));
    par_set_threads((int)threads);
    arena a;
    day *d;
    arena_init(&a);
    d = arena_alloc(&a, 1, sizeof *d);
    err_code code = d != NULL ? run_day(args, &a, d) : ERR_MEMORY;
    arena_free(&a);
    return code;
}

static const cli_option mobsim_options[] = {
    {.name = "plans", .value = "FILE", .help = "plans with routes: MATSim (.xml, .xml.gz) or plans.csv; required"},
    {.name = "events", .value = "OUT.xml.gz", .help = "write MATSim events (.xml or .xml.gz)"},
    {.name = "threads", .letter = 't', .value = "N", .help = "threads; default: all the machine has. Same results"},
    {.name = "end", .value = "HH:MM", .help = "end of the day; default and latest 36:00"},
    {.name = "scale", .value = "X", .help = "factor on flow and storage capacity, for samples; default 1"},
};

const cli_command cmd_mobsim_command = {
    .name = "mobsim",
    .words = "DIR",
    .summary = "Simulate one day of plans with fixed routes, without any choice.",
    .help =
        "DIR is a GMNS folder or a MATSim network file. Legs by car and lorry are driven, legs by other modes take\n"
        "their planned time; a leg follows the arrival of the one before it.\n",
    .option = mobsim_options,
    .option_count = sizeof mobsim_options / sizeof mobsim_options[0],
    .words_min = 1,
    .words_max = 1,
    .run = cmd_mobsim,
};
