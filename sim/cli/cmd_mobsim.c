// vestsim mobsim: one day of plans with fixed routes in the queue model.
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/par.h"
#include "commands.h"
#include "io/gmns.h"
#include "io/matsim.h"
#include "io/plans_csv.h"
#include "io/schedule_gtfs.h"
#include "summary.h"

enum { PATH_BYTES = 4096, MODES_MAX = 32, ROUNDS_MAX = 50, END_DEFAULT_S = 36 * 3600, END_MAX_H = 36 };

// Without a scenario: its defaults (include/world/scenario.h, traffic.*).
static const mobsim_params default_params = {
    .wave_speed_kmh = 18, .jam_spacing_m = 7.5, .stuck_s = 60, .lorry_pcu = 2, .scale = 1, .end_s = END_DEFAULT_S};

typedef struct mode_row {
    const char *mode;
    uint32_t legs, departed, arrived;
    uint64_t travel_s;  // of those that arrived
    uint32_t outcome[CHAIN_OUTCOME_COUNT];
} mode_row;

typedef struct day {
    network n;
    mobsim_params p;
    matsim_network_info info;
    chain_plans plans;
    bool has_schedule;
    schedule s;
    chain_result r;
    double wall_s;
    bool json;
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

static bool is_folder(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

// The schedule that is given, or that import matsim has left in the folder of the network.
static err_code load_schedule(const cli_args *args, arena *a, day *d) {
    const char *given = options_value(args, "schedule"), *vehicles = options_value(args, "vehicles");
    char gtfs[PATH_BYTES];
    CHECK(snprintf(gtfs, sizeof gtfs, "%s/gtfs", args->word[0]) < PATH_BYTES, ERR_FILE, "the path is too long");
    const char *path = given != NULL ? given : gtfs;
    d->has_schedule = given != NULL || schedule_gtfs_is(gtfs);
    CHECK(vehicles == NULL || (given != NULL && !is_folder(given)), ERR_USAGE,
          "--vehicles FILE goes with a MATSim transit schedule: give --schedule FILE.xml");
    if (!d->has_schedule) {
        return ERR_OK;
    }
    TRY(is_folder(path) ? schedule_gtfs_load(path, &d->n, a, &d->s)
                        : matsim_load_schedule(path, vehicles, &d->n, &d->info, a, &d->s));
    uint32_t opened = chain_place_schedule(&d->n, &d->s);
    if (opened > 0) {
        log_warn("%s: its vehicles drive %u links that are closed to buses; they are opened to them", path, opened);
    }
    return ERR_OK;
}

static void note_wishes(const day *d) {
    uint32_t wishes = 0, other = 0;
    for (uint32_t leg = 0; leg < d->plans.leg_count; leg++) {
        wishes += d->plans.leg[leg].wish != NULL;
        other += d->plans.leg[leg].wish == NULL && strcmp(d->plans.leg[leg].mode, "pt") == 0;
    }
    if (wishes > 0 && !d->has_schedule) {
        log_warn("%u legs name a line, but there is no schedule (--schedule); they take their planned time", wishes);
    } else if (other > 0 && d->has_schedule) {
        log_warn("%u legs by pt name no line and stops; they take their planned time", other);
    }
}

static err_code load(const cli_args *args, arena *a, day *d) {
    const char *plans = options_value(args, "plans");
    if (is_folder(args->word[0])) {
        TRY(gmns_load(args->word[0], a, &d->n));
    } else {
        TRY(matsim_load_network(args->word[0], a, &d->n, &d->info));
        d->p.jam_spacing_m = d->info.cell_size_m;
    }
    TRY(load_schedule(args, a, d));
    size_t length = strlen(plans);
    bool csv = length > 4 && strcmp(plans + length - 4, ".csv") == 0;
    TRY(csv ? plans_csv_load(plans, &d->n, a, &d->plans) : matsim_load_plans(plans, &d->n, a, &d->plans));
    note_wishes(d);
    return ERR_OK;
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
        uint32_t departure_s = d->r.departure_s[leg], arrival_s = d->r.arrival_s[leg];
        row[i].legs++;
        row[i].departed += departure_s != IX_NONE;
        row[i].arrived += arrival_s != IX_NONE;
        row[i].travel_s += arrival_s != IX_NONE ? arrival_s - departure_s : 0;
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
    static const char *const titles[CHAIN_OUTCOME_COUNT] = {"driven",   "under way", "not started", "teleported",
                                                            "unusable", "served",    "waiting"};
    // The last two are of public transport.
    int columns = d->has_schedule ? CHAIN_OUTCOME_COUNT : CHAIN_SERVED;
    mode_row row[MODES_MAX];
    uint32_t rows = count_modes(d, row);
    const mobsim_result *m = &d->r.mobsim;
    printf("network      %u nodes, %u links\n", d->n.node.count, d->n.link.count);
    printf("persons      %u with %u legs\n\n", d->plans.person_count, d->plans.leg_count);
    printf("%-14s %9s", "mode", "legs");
    for (int i = 0; i < columns; i++) {
        printf(" %11s", titles[i]);
    }
    printf("\n");
    for (uint32_t k = 0; k < rows; k++) {
        printf("%-14s %9u", row[k].mode, row[k].legs);
        for (int i = 0; i < columns; i++) {
            printf(" %11u", row[k].outcome[i]);
        }
        printf("\n");
    }
    printf("\ntravel time  %.0f s by those who drove and arrived\n", driven_s(d));
    printf("traffic      %llu link events, %llu s of delay, %llu vehicles moved by force\n",
           (unsigned long long)m->link_events, (unsigned long long)m->delay_s, (unsigned long long)m->forced);
    if (d->has_schedule) {
        const chain_transit *t = &d->r.transit;
        printf("transit      %u of %u departures ran, %u to their last stop, %u of them by the timetable alone\n",
               t->departures, d->s.departure_count, t->completed, t->by_timetable);
        printf("passengers   %u boardings, %u denied for want of room, %u left at stops, %u under way, %u unfit\n",
               t->boardings, t->denied, t->left_waiting, t->riding, t->unfit);
    }
    printf("rounds       %u until departures followed arrivals\n", d->r.rounds);
    // One line: it alone differs from run to run.
    printf("wall         %.3f s with %d thread%s; day %.3f s (the last round, network and routes laid out)\n",
           d->wall_s, par_thread_count(), par_thread_count() == 1 ? "" : "s", m->day_s);
}

static void print_json_modes(const day *d) {
    mode_row row[MODES_MAX];
    uint32_t rows = count_modes(d, row);
    fputs(" \"modes\": [", stdout);
    for (uint32_t k = 0; k < rows; k++) {
        const uint32_t *o = row[k].outcome;
        printf("%s\n  {\"mode\": ", k > 0 ? "," : "");
        summary_json_text(stdout, row[k].mode);
        printf(", \"legs\": %u, \"departed\": %u, \"arrived\": %u, \"stuck\": %u, \"travel_time_s\": %llu, ",
               row[k].legs, row[k].departed, row[k].arrived, row[k].departed - row[k].arrived,
               (unsigned long long)row[k].travel_s);
        printf(
            "\"driven\": %u, \"served\": %u, \"teleported\": %u, \"unusable\": %u, \"under_way\": %u, "
            "\"waiting\": %u, \"not_started\": %u}",
            o[CHAIN_ARRIVED], o[CHAIN_SERVED], o[CHAIN_WAS_TELEPORTED], o[CHAIN_WAS_UNUSABLE], o[CHAIN_UNDER_WAY],
            o[CHAIN_LEFT_WAITING], o[CHAIN_NOT_STARTED]);
    }
    fputs("\n ],\n", stdout);
}

static void print_json(const day *d) {
    const mobsim_result *m = &d->r.mobsim;
    const chain_transit *t = &d->r.transit;
    printf("{\n \"nodes\": %u,\n \"links\": %u,\n \"persons\": %u,\n \"legs\": %u,\n", d->n.node.count, d->n.link.count,
           d->plans.person_count, d->plans.leg_count);
    print_json_modes(d);
    printf(
        " \"traffic\": {\"started\": %llu, \"arrived\": %llu, \"on_network\": %llu, \"conserved\": %s, "
        "\"link_events\": %llu, \"delay_s\": %llu, \"forced\": %llu, \"travel_time_s\": %.0f},\n",
        (unsigned long long)m->started, (unsigned long long)m->arrived, (unsigned long long)m->on_network,
        m->started == m->arrived + m->on_network ? "true" : "false", (unsigned long long)m->link_events,
        (unsigned long long)m->delay_s, (unsigned long long)m->forced, driven_s(d));
    if (d->has_schedule) {
        printf(
            " \"transit\": {\"departures\": %u, \"run\": %u, \"completed\": %u, \"by_timetable\": %u, "
            "\"boardings\": %u, \"denied\": %u, \"left_waiting\": %u, \"riding\": %u, \"unfit\": %u},\n",
            d->s.departure_count, t->departures, t->completed, t->by_timetable, t->boardings, t->denied,
            t->left_waiting, t->riding, t->unfit);
    } else {
        fputs(" \"transit\": null,\n", stdout);
    }
    printf(" \"rounds\": %u,\n \"unsettled\": %u,\n \"version\": \"%s\"\n}\n", d->r.rounds, d->r.unsettled,
           VESTSIM_VERSION);
}

static err_code run_day(const cli_args *args, arena *a, day *d) {
    const char *events = options_value(args, "events");
    d->p = default_params;
    TRY(options_format(args, &d->json));
    TRY(read_end(args, &d->p.end_s));
    TRY(read_scale(args, &d->p.scale));
    TRY(load(args, a, d));
    double start_s = log_clock_s();
    const schedule *s = d->has_schedule ? &d->s : NULL;
    TRY(chain_run(&d->n, &d->p, &d->plans, s, ROUNDS_MAX, a, &d->r));
    d->wall_s = log_clock_s() - start_s;
    CHECK(d->r.mobsim.unbalanced_s == IX_NONE, ERR_INTERNAL, "a vehicle was lost at second %u: please report this",
          d->r.mobsim.unbalanced_s);
    if (d->r.unsettled > 0) {
        log_warn(
            "after %u rounds %u legs still depart at another time than the arrival before them says, or vehicles "
            "dwell for others than board",
            d->r.rounds, d->r.unsettled);
    }
    if (events != NULL) {
        TRY(matsim_save_events(events, &d->n, &d->plans, s, &d->r, d->p.end_s));
    }
    (d->json ? print_json : print_day)(d);
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
    {.name = "schedule",
     .value = "FILE",
     .help = "transit schedule: MATSim (.xml, .xml.gz) or a GTFS folder of import matsim; default DIR/gtfs"},
    {.name = "vehicles", .value = "FILE", .help = "its vehicles, where it is MATSim's (.xml, .xml.gz)"},
    {.name = "events", .value = "OUT.xml.gz", .help = "write MATSim events (.xml or .xml.gz)"},
    {.name = "threads", .letter = 't', .value = "N", .help = "threads; default: all the machine has. Same results"},
    {.name = "end", .value = "HH:MM", .help = "end of the day; default and latest 36:00"},
    {.name = "scale", .value = "X", .help = "factor on flow and storage capacity, for samples; default 1"},
    {.name = "format", .value = "text|json", .help = "text for people (default) or JSON"},
};

const cli_command cmd_mobsim_command = {
    .name = "mobsim",
    .words = "DIR",
    .summary = "Simulate one day of plans with fixed routes, without any choice.",
    .help =
        "DIR is a GMNS folder or a MATSim network file. Legs by car and lorry are driven, legs by other modes take\n"
        "their planned time; a leg follows the arrival of the one before it. With a transit schedule, its departures\n"
        "drive as buses and legs that name a line and stops wait for them.\n",
    .option = mobsim_options,
    .option_count = sizeof mobsim_options / sizeof mobsim_options[0],
    .words_min = 1,
    .words_max = 1,
    .run = cmd_mobsim,
};
