// vestsim run: scenario in, results file and verdict out.
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/par.h"
#include "case.h"
#include "commands.h"
#include "io/store.h"
#include "loop/experiment.h"
#include "roads.h"
#include "summary.h"

enum { PATH_BYTES = 4096 };

// File name of the scenario without folder and .yaml, with .h5: in the present folder.
static err_code default_output(const char *scenario_path, char out[PATH_BYTES]) {
    const char *slash = strrchr(scenario_path, '/');
    const char *name = slash == NULL ? scenario_path : slash + 1;
    size_t length = strlen(name);
    if (length > 5 && strcmp(name + length - 5, ".yaml") == 0) {
        length -= 5;
    } else if (length > 4 && strcmp(name + length - 4, ".yml") == 0) {
        length -= 4;
    }
    CHECK(length > 0 && length + 4 < PATH_BYTES, ERR_FILE, "%.60s: no name of a scenario file", scenario_path);
    snprintf(out, PATH_BYTES, "%.*s.h5", (int)length, name);
    return ERR_OK;
}

// A word as a shell would read it back.
static void print_quoted(FILE *out, const char *word) {
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,=:@+%";
    if (word[0] != '\0' && strspn(word, safe) == strlen(word)) {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (const char *c = word; *c != '\0'; c++) {
        if (*c == '\'') {
            fputs("'\\''", out);
        } else {
            fputc(*c, out);
        }
    }
    fputc('\'', out);
}

// The clock, the machine and the command line must not enter the results file (equal runs give equal bytes), so they
// go to a log beside it, one paragraph a run. A log that cannot be written is no reason to fail a finished run.
static void append_log(const char *output, const cli_args *args, double wall_s, bool converged) {
    char path[PATH_BYTES + 8];
    char host[256] = "";
    char date[32] = "";
    size_t length = strlen(output);
    bool h5 = length > 3 && strcmp(output + length - 3, ".h5") == 0;
    snprintf(path, sizeof path, "%.*s.log", (int)(h5 ? length - 3 : length), output);
    FILE *f = fopen(path, "a");
    if (f == NULL) {
        log_warn("%s: cannot write the log of the run; the results are written", path);
        return;
    }
    time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc) != NULL) {
        (void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &utc);
    }
    (void)gethostname(host, sizeof host - 1);
    fprintf(f, "finished %s\ncommand ", date);
    for (int i = 0; i < args->argc; i++) {
        fputc(' ', f);
        print_quoted(f, args->argv[i]);
    }
    fprintf(f, "\nresults  %s\nprogram  vestsim %s (%s)\nhost     %s\nthreads  %d\nwall     %.1f s\n", output,
            VESTSIM_VERSION, VESTSIM_GIT, host, par_thread_count(), wall_s);
    fprintf(f, "warnings %u\nstatus   %s\n\n", (unsigned)log_warning_count(), converged ? "ok" : "not converged");
    if (fclose(f) != 0) {
        log_warn("%s: cannot write the log of the run; the results are written", path);
    }
}

static err_code simulate(const char *scenario_path, const cli_args *args, const char *output, arena *a) {
    case_overrides overrides;
    world_case c;
    result r;
    TRY(case_overrides_from(args, a, &overrides));
    TRY(case_load(scenario_path, &overrides, a, &c));
    TRY(roads_order(&c.network, ALLOW_CAR | ALLOW_LORRY, a, &c.road_order));
    TRY(result_alloc(&r, a, &c.scenario, &c.network, &c.zones, &c.transit));
    r.program_version = VESTSIM_VERSION;
    r.git_commit = VESTSIM_GIT;
    err_code code = experiment_run(&c, a, &r);
    log_progress_end();
    if (code != ERR_NOT_CONVERGED) {  // results exist and are marked
        TRY(code);
    }
    return store_write(output, &r);
}

// Prints what the file says, read back: that proves that it can be read.
static err_code print_results(const cli_args *args, const char *output, bool json, arena *a, bool *converged) {
    store_summary s;
    TRY(store_read_summary(output, a, &s));
    *converged = summary_converged(&s);
    if (json) {
        summary_print_json(stdout, &s, output);
        return ERR_OK;
    }
    terminal t;
    TRY(terminal_begin(args, &t));
    summary_print_text(&t, &s, output);
    return terminal_end(&t);
}

static err_code run_in(const cli_args *args, arena *a) {
    char output[PATH_BYTES];
    bool json = false;
    bool converged = false;
    int64_t threads = 0;
    double start_s = log_clock_s();
    TRY(options_format(args, &json));
    TRY(options_integer(args, "threads", 1, 1024, &threads));
    TRY(terminal_check(args));
    const char *given = options_value(args, "output");
    if (given == NULL) {
        TRY(default_output(args->word[0], output));
    } else {
        CHECK(strlen(given) < PATH_BYTES - 32, ERR_FILE, "%.60s...: the path is too long", given);
        snprintf(output, sizeof output, "%s", given);
    }
    TRY(store_check_writable(output));
    par_set_threads((int)threads);
    if (options_given(args, "quiet")) {
        log_set_level(LOG_WARN);
    }
    TRY(simulate(args->word[0], args, output, a));
    TRY(print_results(args, output, json, a, &converged));
    append_log(output, args, log_clock_s() - start_s, converged);
    CHECK(
        converged, ERR_NOT_CONVERGED,
        "not converged: the gap or the mode shares still moved after the last iteration of a year; the results are in "
        "%s and marked; allow more with --set convergence.iterations_max=N",
        output);
    return ERR_OK;
}

static err_code cmd_run(const cli_args *args) {
    arena a;
    arena_init(&a);
    err_code code = run_in(args, &a);
    arena_free(&a);
    return code;
}

static const cli_option run_options[] = {
    {.name = "output", .letter = 'o', .value = "OUT.h5", .help = "results file; default: SCENARIO.h5 in this folder"},
    {.name = "threads", .letter = 't', .value = "N", .help = "threads; default: all. Changes no result"},
    {.name = "seed", .value = "S", .help = "seed of every random draw, instead of the scenario's"},
    {.name = "replications",
     .letter = 'r',
     .value = "R",
     .help = "exactly R replications of every year, instead of the scenario's least and most"},
    {.name = "years", .value = "Y,Y", .help = "years to simulate besides today, instead of the scenario's"},
    {.name = "set",
     .value = "KEY=VALUE",
     .repeats = true,
     .help = "override any key of the scenario, such as scale=0.1 or choice.work.asc_pt=-1; may be repeated"},
    {.name = "format", .value = "text|json", .help = "text for people (default) or JSON for programs"},
    TERMINAL_LANG_OPTION,
    {.name = "quiet", .letter = 'q', .value = NULL, .help = "no progress, only warnings and errors"},
};

static const char run_help[] =
    "Writes one HDF5 file (docs/formats.md) and prints the verdict of every year. Beside OUT.h5, OUT.log\n"
    "gets a paragraph with date, command line, machine and time.\n"
    "\n"
    "JSON (--format json), the only thing on standard output:\n"
    "  scenario, seed, replications, converged, version, output (the file written)\n"
    "  trips_per_person    trips a resident and day, today\n"
    "  years[]             one for every year after today:\n"
    "    index_pct         change of car-km in sentrum against today, percent\n"
    "    ci_pct            [low, high] of it, anytime-valid at the scenario's confidence\n"
    "    probability_at_or_below  that the change is at or below 0\n"
    "    t_ci_pct          Student's t interval of a fixed number of replications, for comparison\n"
    "    verdict           holds | exceeds | not_shown\n"
    "    sentence_nb, sentence_en, replications_to_settle (0 = settled)\n"
    "    measures          change_pct, ci_pct, t_ci_pct, probability_at_or_below, verdict of car_km_sentrum,\n"
    "                      cordon_cars, traffic_index_pct, traffic_index_2027_pct, car_km_resident\n"
    "    traffic_index     present, from_2027: index_pct and its interval between counting points\n"
    "    replications      pairs of replications behind it\n"
    "    car_km_sentrum    definition measure, km a weekday\n"
    "    mode_share        fractions of residents' trips, adding to 1 (0.587, not 58.7)\n"
    "    gap               relative gap as a fraction (0.0042 = 0.42 %), mean over replications\n"
    "    stuck             vehicles that had not arrived at the end of the day, mean over replications\n"
    "    indicators        every indicator of the results file (docs/formats.md), in its own unit\n"
    "  today               the same for today, without the verdict\n"
    "An infinite or missing number is null.\n"
    "\n"
    "Exit: 0 done, 1 wrong command line, 2 bad input or file, 3 done but not converged (results are written and\n"
    "marked), 4 internal error or out of memory, 130 interrupted (nothing is written).\n";

const cli_command cmd_run_command = {
    .name = "run",
    .words = "SCENARIO.yaml",
    .summary = "Simulate today and the scenario's years, write one results file, print the verdict of every year.",
    .help = run_help,
    .option = run_options,
    .option_count = sizeof run_options / sizeof run_options[0],
    .words_min = 1,
    .words_max = 1,
    .run = cmd_run,
};
