// vestsim ceiling: the most homes, or the least of a measure, for which car traffic in sentrum stays at today's level.
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/par.h"
#include "case.h"
#include "commands.h"
#include "io/json.h"
#include "loop/ceiling.h"
#include "model/growth.h"
#include "summary.h"

enum { PATH_BYTES = 4096, NAME_BYTES = 64, LIST_BYTES = 512, NUMBER_BYTES = 40, SENTENCE_BYTES = 768 };

// Parts of the range: how narrowly a root is bracketed, and how wide the interval of the roots may stay.
static const double tolerance_share = 0.01;
static const double half_width_share = 0.025;
static const double tolerance_pct = 0.05;  // a response this near to today's is as good as a root
static const double range_factor = 3.0;    // default range of a measure: up to so many times its value; homes: 2

typedef struct ceiling_job {
    const cli_args *args;
    world_case c;
    ceiling_problem p;
    ceiling_answer answer;
    char vary[NAME_BYTES];
    uint32_t programme_homes;  // by the year
    double value;              // of the programme or the measure as the scenario has it
    bool json;
} ceiling_job;

static err_code read_number(const cli_args *args, const char *name, double *out) {
    const char *given = options_value(args, name);
    if (given == NULL) {
        return ERR_OK;
    }
    char *end = NULL;
    *out = strtod(given, &end);
    CHECK(end != given && *end == '\0' && isfinite(*out), ERR_USAGE, "--%s '%.40s' must be a number", name, given);
    return ERR_OK;
}

static err_code add_override(case_overrides *o, arena *a, const char *line) {
    o->text[o->count] = arena_text(a, line);
    return o->text[o->count++] == NULL ? ERR_MEMORY : ERR_OK;
}

// --confidence and --year as overrides of the scenario, besides those that every command has.
static err_code load(ceiling_job *j, arena *a) {
    case_overrides overrides;
    char line[NAME_BYTES];
    int64_t year = 0;
    double level = 0.0;
    TRY(case_overrides_from(j->args, a, &overrides));
    TRY(options_integer(j->args, "year", 1990, 2200, &year));
    TRY(read_number(j->args, "confidence", &level));
    if (options_given(j->args, "confidence")) {
        CHECK(level >= 0.5 && level <= 0.999, ERR_USAGE, "--confidence %.6g must lie between 0.5 and 0.999", level);
        snprintf(line, sizeof line, "verdict.confidence=%.17g", level);
        TRY(add_override(&overrides, a, line));
    }
    if (year > 0) {
        snprintf(line, sizeof line, "years=[%lld]", (long long)year);
        TRY(add_override(&overrides, a, line));
    }
    return case_load(j->args->word[0], &overrides, a, &j->c);
}

// --- what varies
// --------------------------------------------------------------------------------------------------------

// "2 (from 2028, value 30), 5 (from 2035, value 50)": the scenario's measures of a kind.
static uint32_t list_measures(const scenario *s, measure_kind kind, char *out, size_t room) {
    uint32_t count = 0;
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < s->measure_count; i++) {
        if (s->measure[i].kind == kind) {
            count++;
            int written = snprintf(out + used, room - used, "%s%s[%u] (from %d, value %.6g)", count == 1 ? "" : ", ",
                                   scenario_measure_name(kind), count, s->measure[i].start_year, s->measure[i].value);
            used = written > 0 && used + (size_t)written < room ? used + (size_t)written : room - 1;
        }
    }
    return count;
}

// Kinds with a value, with commas between.
static void list_kinds(char *out, size_t room) {
    size_t used = 0;
    out[0] = '\0';
    for (int k = 0; k < MEASURE_KIND_COUNT && used < room; k++) {
        if (measure_has_value((measure_kind)k)) {
            int written = snprintf(out + used, room - used, "%s%s", used == 0 ? "" : ", ",
                                   scenario_measure_name((measure_kind)k));
            used += written > 0 ? (size_t)written : 0;
        }
    }
}

static err_code find_kind(const char *name, size_t length, measure_kind *out) {
    char word[NAME_BYTES];
    char list[LIST_BYTES];
    const char *known[MEASURE_KIND_COUNT + 1] = {"homes"};
    uint32_t count = 1;
    snprintf(word, sizeof word, "%.*s", (int)(length < NAME_BYTES ? length : NAME_BYTES - 1), name);
    list_kinds(list, sizeof list);
    for (int k = 0; k < MEASURE_KIND_COUNT; k++) {
        if (strcmp(word, scenario_measure_name((measure_kind)k)) == 0) {
            CHECK(measure_has_value((measure_kind)k), ERR_USAGE,
                  "--vary %s: this measure has no numeric value that could vary; use one of %s", word, list);
            *out = (measure_kind)k;
            return ERR_OK;
        }
        if (measure_has_value((measure_kind)k)) {
            known[count++] = scenario_measure_name((measure_kind)k);
        }
    }
    const char *close = options_suggest(word, known, count);
    return err_raise(
        ERR_USAGE,
        "--vary '%.60s' is not known%s%s%s; write homes, or KIND.value or KIND[N].value with the kind of a "
        "measure of the scenario, such as parking_price.value",
        name, close == NULL ? "" : ", did you mean ", close == NULL ? "" : close, close == NULL ? "" : "?");
}

// KIND.value or KIND[N].value, N counting the scenario's measures of that kind from 1.
static err_code find_measure(ceiling_job *j, const char *vary) {
    const scenario *s = &j->c.scenario;
    char list[LIST_BYTES];
    measure_kind kind = MEASURE_KIND_COUNT;
    size_t length = strcspn(vary, ".[");
    unsigned long number = 0;
    const char *rest = vary + length;
    TRY(find_kind(vary, length, &kind));
    if (*rest == '[') {
        char *end = NULL;
        number = strtoul(rest + 1, &end, 10);
        CHECK(rest[1] >= '1' && rest[1] <= '9' && *end == ']', ERR_USAGE,
              "--vary '%.60s': give the number in brackets, such as parking_price[2].value", vary);
        rest = end + 1;
    }
    CHECK(strcmp(rest, ".value") == 0, ERR_USAGE, "--vary '%.60s': end it with .value, such as %s.value", vary,
          scenario_measure_name(kind));
    uint32_t count = list_measures(s, kind, list, sizeof list);
    CHECK(
        count > 0, ERR_REFERENCE,
        "%s: --vary %s: the scenario has no measure of this kind; add one to its measures, with the targets and start "
        "year to study",
        s->path, vary);
    CHECK(count == 1 || number > 0, ERR_REFERENCE, "%s: --vary %s: the scenario has %u of them, name one: %s", s->path,
          vary, count, list);
    CHECK(number <= count, ERR_REFERENCE, "%s: --vary %s: the scenario has only %s", s->path, vary, list);
    uint32_t seen = 0;
    for (uint32_t i = 0; i < s->measure_count; i++) {
        seen += s->measure[i].kind == kind ? 1 : 0;
        if (s->measure[i].kind == kind && seen == (number > 0 ? number : 1)) {
            j->p.measure_ix = i;
            break;
        }
    }
    const scenario_measure *m = &s->measure[j->p.measure_ix];
    CHECK(m->start_year <= j->p.year, ERR_RANGE, "%s:%d: --vary %s: the measure starts in %d, after %d; choose --year",
          m->file, m->line, vary, m->start_year, j->p.year);
    j->value = m->value;
    return ERR_OK;
}

// Both ends must be values the scenario could have.
static err_code check_range(const ceiling_job *j, arena *a) {
    const ceiling_range *r = &j->p.range;
    CHECK(r->min < r->max, ERR_USAGE, "the range from %.6g to %.6g is empty: give a --min below --max", r->min, r->max);
    if (j->p.measure_ix == IX_NONE) {
        CHECK(r->min >= 0 && r->max <= 1e6 && floor(r->min) == r->min && floor(r->max) == r->max, ERR_USAGE,
              "--min and --max of homes must be whole numbers from 0 to 1000000");
        return ERR_OK;
    }
    scenario s = j->c.scenario;
    ARENA_NEW(a, s.measure, s.measure_count);
    memcpy(s.measure, j->c.scenario.measure, s.measure_count * sizeof *s.measure);
    for (int i = 0; i < 2; i++) {
        s.measure[j->p.measure_ix].value = i == 0 ? r->min : r->max;
        err_code code = scenario_validate(&s);
        if (code != ERR_OK) {
            return err_prefix(code, "--%s %.6g", i == 0 ? "min" : "max", i == 0 ? r->min : r->max);
        }
    }
    return ERR_OK;
}

static err_code set_range(ceiling_job *j, arena *a) {
    ceiling_range *r = &j->p.range;
    bool homes = j->p.measure_ix == IX_NONE;
    *r = (ceiling_range){.whole = homes, .tolerance_pct = tolerance_pct};
    r->max = homes ? 2.0 * j->value : range_factor * j->value;
    if (!homes) {
        const measure_rule *rule = measure_rule_of(j->c.scenario.measure[j->p.measure_ix].kind);
        r->min = fmax(r->min, rule->min);
        r->max = fmin(r->max, rule->max);
    }
    TRY(read_number(j->args, "min", &r->min));
    TRY(read_number(j->args, "max", &r->max));
    TRY(check_range(j, a));
    r->tolerance = tolerance_share * (r->max - r->min);
    r->tolerance = homes ? fmax(1.0, floor(r->tolerance)) : r->tolerance;
    j->p.half_width = half_width_share * (r->max - r->min);
    return ERR_OK;
}

static err_code set_problem(ceiling_job *j, arena *a) {
    const scenario *s = &j->c.scenario;
    const char *vary = options_value(j->args, "vary");
    vary = vary == NULL ? "homes" : vary;
    CHECK(s->year_count > 0, ERR_RANGE, "%s: simulates no year after today; give years in the scenario, or --year",
          s->path);
    CHECK(strlen(vary) < NAME_BYTES, ERR_USAGE, "--vary '%.60s...' is too long", vary);
    snprintf(j->vary, sizeof j->vary, "%s", vary);
    j->p = (ceiling_problem){.source = &j->c, .year = s->year[s->year_count - 1], .measure_ix = IX_NONE};
    j->p.confidence = s->confidence;
    j->p.replications = (uint32_t)s->replications;
    j->p.replications_max = (uint32_t)s->replications_max;
    for (uint32_t i = 0; i < s->programme_count; i++) {
        j->programme_homes += growth_homes_by(&s->programme[i], j->p.year);
    }
    if (strcmp(vary, "homes") == 0) {
        CHECK(
            j->programme_homes > 0, ERR_INFEASIBLE,
            "%s: the programme builds no homes by %d, so there is nothing to scale; add entries to programme or choose "
            "--year",
            s->path, j->p.year);
        j->value = j->programme_homes;
    } else {
        TRY(find_measure(j, vary));
    }
    return set_range(j, a);
}

// --- the answer
// ---------------------------------------------------------------------------------------------------------

// Homes as whole numbers, values with up to four figures; Norwegian with a decimal comma.
static void format_value(const ceiling_job *j, double value, bool norwegian, char out[NUMBER_BYTES]) {
    snprintf(out, NUMBER_BYTES, j->p.range.whole ? "%.0f" : "%.4g", value);
    char *point = norwegian ? strchr(out, '.') : NULL;
    if (point != NULL) {
        *point = ',';
    }
}

static void sentence_found(const ceiling_job *j, bool norwegian, char *out, size_t room) {
    const ceiling_answer *x = &j->answer;
    char answer[NUMBER_BYTES], limit[NUMBER_BYTES], low[NUMBER_BYTES], high[NUMBER_BYTES];
    format_value(j, x->answer, norwegian, answer);
    format_value(j, x->limit.mean, norwegian, limit);
    format_value(j, x->limit.low, norwegian, low);
    format_value(j, x->limit.high, norwegian, high);
    int level = (int)(100.0 * j->p.confidence + 0.5);
    bool known = isfinite(x->limit.low) && isfinite(x->limit.high);
    size_t used = 0;
    if (isfinite(x->answer) && norwegian) {
        used = (size_t)snprintf(out, room, "I %d er biltrafikken i sentrum på eller under dagens nivå med %s%s%s%s. ",
                                j->p.year, x->rising ? "inntil " : "minst ", answer,
                                j->p.range.whole ? " boliger" : " som ", j->p.range.whole ? "" : j->vary);
    } else if (isfinite(x->answer)) {
        used = (size_t)snprintf(out, room, "In %d car traffic in sentrum is at or below today's level with %s%s%s%s. ",
                                j->p.year, x->rising ? "up to " : "at least ", answer,
                                j->p.range.whole ? " homes" : " as ", j->p.range.whole ? "" : j->vary);
    } else {
        used = (size_t)snprintf(out, room,
                                norwegian ? "For %d er ingen verdi i området vist å holde. "
                                          : "For %d no value in the range is shown to hold. ",
                                j->p.year);
    }
    if (used < room && known) {
        snprintf(out + used, room - used,
                 norwegian ? "Grensen ligger ved %s, mellom %s og %s med %d %% sikkerhet (%u frø, %u simuleringer)."
                           : "The limit is %s, between %s and %s at %d %% confidence (%u seeds, %u simulations).",
                 limit, low, high, level, x->seeds, x->simulations);
    } else if (used < room) {
        snprintf(out + used, room - used,
                 norwegian ? "Grensen ligger ved %s; %u frø sier ikke hvor sikkert det er (%u simuleringer)."
                           : "The limit is %s; %u seed does not say how sure that is (%u simulations).",
                 limit, x->seeds, x->simulations);
    }
}

static void sentence_none(const ceiling_job *j, bool norwegian, char *out, size_t room) {
    static const char *const shape[2][4] = {
        {"", "In %d the ceiling holds everywhere between %s and %s%s (%u seeds, %u simulations).",
         "In %d the ceiling is exceeded everywhere between %s and %s%s (%u seeds, %u simulations).",
         "In %d the response between %s and %s is not monotone: there is no single limit%s (%u seeds, %u "
         "simulations)."},
        {"", "I %d holder taket overalt mellom %s og %s%s (%u frø, %u simuleringer).",
         "I %d er taket overskredet overalt mellom %s og %s%s (%u frø, %u simuleringer).",
         "I %d er svaret mellom %s og %s ikke monotont: det finnes ikke én grense%s (%u frø, %u simuleringer)."}};
    const ceiling_answer *x = &j->answer;
    char min[NUMBER_BYTES], max[NUMBER_BYTES];
    bool shown = x->status == CEILING_NOT_MONOTONE ||
                 x->end_code == (x->status == CEILING_HOLDS_EVERYWHERE ? VERDICT_HOLDS : VERDICT_EXCEEDS);
    format_value(j, j->p.range.min, norwegian, min);
    format_value(j, j->p.range.max, norwegian, max);
    snprintf(
        out, room, shape[norwegian ? 1 : 0][x->status], j->p.year, min, max,
        shown ? ""
              : (norwegian ? " i hvert frø, men det er ikke vist" : " in every seed, which is not enough to show it"),
        x->seeds, x->simulations);
}

static void sentence(const ceiling_job *j, bool norwegian, char *out) {
    (j->answer.status == CEILING_FOUND ? sentence_found : sentence_none)(j, norwegian, out, SENTENCE_BYTES);
}

static void json_seeds(FILE *out, const ceiling_answer *x) {
    fputs(", \"seeds\": [", out);
    for (uint32_t k = 0; k < x->seeds; k++) {
        const ceiling_seed *s = &x->seed[k];
        fprintf(out, "%s\n  {\"replication\": %u, \"status\": \"%s\", \"root\": ", k == 0 ? "" : ",", k,
                ceiling_status_name(s->root.status));
        json_number(out, s->root.x);
        json_member(out, "slope_pct_per_unit", s->root.slope);
        json_member(out, "today_km", s->today_km);
        fprintf(out, ", \"simulations\": %u, \"converged\": %s, \"points\": [", s->simulations,
                s->converged ? "true" : "false");
        for (uint32_t i = 0; i < s->root.point_count; i++) {
            fputs(i == 0 ? "[" : ", [", out);
            json_number(out, s->root.point_x[i]);
            fputs(", ", out);
            json_number(out, s->root.point_pct[i]);
            fputs("]", out);
        }
        fputs("]}", out);
    }
    fputs("]", out);
}

static void print_json(FILE *out, const ceiling_job *j) {
    const ceiling_answer *x = &j->answer;
    char said[SENTENCE_BYTES];
    bool found = x->status == CEILING_FOUND;
    fputs("{\"scenario\": ", out);
    summary_json_text(out, j->c.scenario.name);
    fputs(", \"vary\": ", out);
    summary_json_text(out, j->vary);
    fprintf(out, ", \"year\": %d, \"outcome\": \"%s\"", j->p.year, ceiling_status_name(x->status));
    fprintf(out, ", \"holds\": %s", !found ? "null" : x->rising ? "\"below\"" : "\"above\"");
    json_member(out, "answer", found ? x->answer : (double)NAN);
    json_member(out, "limit", found ? x->limit.mean : (double)NAN);
    json_pair(out, "ci", found ? x->limit.low : (double)NAN, found ? x->limit.high : (double)NAN);
    json_pair(out, "t_ci", found ? x->limit.t_low : (double)NAN, found ? x->limit.t_high : (double)NAN);
    json_member(out, "confidence", j->p.confidence);
    json_member(out, "spread_sd", found && x->seeds > 1 ? x->limit.sd : (double)NAN);
    json_pair(out, "spread", found ? x->root_min : (double)NAN, found ? x->root_max : (double)NAN);
    json_member(out, "scenario_value", j->value);
    json_pair(out, "range", j->p.range.min, j->p.range.max);
    fprintf(out, ", \"seed\": %.0f, \"replications\": %u, \"cut_by_range\": %u, \"simulations\": %u",
            j->c.scenario.seed, x->seeds, found ? x->cut : 0, x->simulations);
    fputs(", \"end_change\": {\"change_pct\": ", out);
    json_number(out, found ? (double)NAN : x->end_change_pct.mean);
    json_pair(out, "ci_pct", found ? (double)NAN : x->end_change_pct.low, found ? (double)NAN : x->end_change_pct.high);
    fprintf(out, ", \"verdict\": %s%s%s}", found ? "" : "\"", found ? "null" : result_verdict_name(x->end_code),
            found ? "" : "\"");
    fprintf(out, ", \"converged\": %s, \"sentence_nb\": ", x->converged ? "true" : "false");
    sentence(j, true, said);
    summary_json_text(out, said);
    fputs(", \"sentence_en\": ", out);
    sentence(j, false, said);
    summary_json_text(out, said);
    json_seeds(out, x);
    fputs(", \"version\": ", out);
    summary_json_text(out, VESTSIM_VERSION);
    fputs("}\n", out);
}

static void print_text(FILE *out, const ceiling_job *j) {
    const ceiling_answer *x = &j->answer;
    char said[SENTENCE_BYTES], number[NUMBER_BYTES];
    fprintf(out, "%s (%s)\n\n", j->c.scenario.title, j->c.scenario.name);
    sentence(j, true, said);
    fprintf(out, "%s\n", said);
    sentence(j, false, said);
    fprintf(out, "%s\n\n", said);
    format_value(j, j->value, false, number);
    fprintf(out, "varied        %s: %s in the scenario, searched from %.6g to %.6g\n", j->vary, number, j->p.range.min,
            j->p.range.max);
    if (x->status == CEILING_FOUND && x->seeds > 1) {
        fprintf(out, "roots         standard deviation %.4g, from %.6g to %.6g\n", x->limit.sd, x->root_min,
                x->root_max);
        fprintf(out, "Student's t   %.6g to %.6g\n", x->limit.t_low, x->limit.t_high);
    }
    if (x->status == CEILING_FOUND && x->cut > 0) {
        fprintf(out, "warning       %u of %u seeds cross outside the range and were taken at its end: widen it\n",
                x->cut, x->seeds);
    }
    fprintf(out, "simulations   %u\n\n  seed        root  simulations  change against today, %%, at each point\n",
            x->simulations);
    for (uint32_t k = 0; k < x->seeds; k++) {
        const ceiling_seed *s = &x->seed[k];
        if (s->root.status == CEILING_FOUND) {
            fprintf(out, "  %4u  %10.5g  %11u ", k, s->root.x, s->simulations);
        } else {
            fprintf(out, "  %4u  %10s  %11u ", k, "-", s->simulations);
        }
        for (uint32_t i = 0; i < s->root.point_count; i++) {
            fprintf(out, " %.5g:%+.2f", s->root.point_x[i], s->root.point_pct[i]);
        }
        fputc('\n', out);
    }
}

// The JSON under a temporary name, renamed when complete.
static err_code write_json(const char *path, const ceiling_job *j) {
    char part[PATH_BYTES];
    int length = snprintf(part, sizeof part, "%s.part", path);
    CHECK(length > 0 && (size_t)length < sizeof part, ERR_FILE, "%.200s...: the path is too long", path);
    FILE *f = fopen(part, "wb");
    CHECK(f != NULL, ERR_FILE, "%s: cannot be written: %s", part, strerror(errno));
    print_json(f, j);
    bool failed = ferror(f) != 0;
    failed = fclose(f) != 0 || failed;
    if (failed || rename(part, path) != 0) {
        unlink(part);
        return err_raise(ERR_FILE, "%s: cannot be written completely; is the disk full?", path);
    }
    return ERR_OK;
}

// Found out before an hour of work, not after it.
static err_code check_writable(const char *path) {
    char part[PATH_BYTES];
    int length = snprintf(part, sizeof part, "%s.part", path);
    CHECK(length > 0 && (size_t)length < sizeof part, ERR_FILE, "%.200s...: the path is too long", path);
    FILE *f = fopen(part, "wb");
    CHECK(f != NULL, ERR_FILE, "%s: cannot be written: %s", path, strerror(errno));
    (void)fclose(f);
    unlink(part);
    return ERR_OK;
}

static err_code run_in(ceiling_job *j, arena *a) {
    int64_t threads = 0;
    const char *output = options_value(j->args, "output");
    TRY(options_format(j->args, &j->json));
    TRY(options_integer(j->args, "threads", 1, 1024, &threads));
    if (output != NULL) {
        TRY(check_writable(output));
    }
    par_set_threads((int)threads);
    if (options_given(j->args, "quiet")) {
        log_set_level(LOG_WARN);
    }
    TRY(load(j, a));
    TRY(set_problem(j, a));
    TRY(ceiling_run(&j->p, a, &j->answer));
    if (output != NULL) {
        TRY(write_json(output, j));
    }
    (j->json ? print_json : print_text)(stdout, j);
    CHECK(
        j->answer.converged, ERR_NOT_CONVERGED,
        "not converged: some of the days behind the answer still moved after the last iteration; allow more with --set "
        "convergence.iterations_max=N");
    return ERR_OK;
}

static err_code cmd_ceiling(const cli_args *args) {
    static ceiling_job j;
    arena a;
    arena_init(&a);
    j = (ceiling_job){.args = args};
    err_code code = run_in(&j, &a);
    arena_free(&a);
    return code;
}

static const cli_option ceiling_options[] = {
    {.name = "vary",
     .value = "WHAT",
     .help = "homes (default), or KIND.value or KIND[N].value of a measure, see below"},
    {.name = "confidence",
     .letter = 'c',
     .value = "C",
     .help = "level of the interval; default: the scenario's (0.95)"},
    {.name = "year", .value = "Y", .help = "year to hold the ceiling in; default: the scenario's last"},
    {.name = "min", .value = "A", .help = "least value to look at; default 0"},
    {.name = "max", .value = "B", .help = "most; default: twice the programme, three times the measure's value"},
    {.name = "output", .letter = 'o', .value = "OUT.json", .help = "writes the JSON there, whatever --format is"},
    {.name = "threads", .letter = 't', .value = "N", .help = "threads, one seed each; default: all. Changes no result"},
    {.name = "seed", .value = "S", .help = "seed of every random draw, instead of the scenario's"},
    {.name = "replications",
     .letter = 'r',
     .value = "R",
     .help = "exactly R seeds (replications), instead of the scenario's least and most"},
    {.name = "set", .value = "KEY=VALUE", .repeats = true, .help = "override any key of the scenario; may be repeated"},
    {.name = "format", .value = "text|json", .help = "text for people (default) or JSON for programs"},
    {.name = "quiet", .letter = 'q', .value = NULL, .help = "no progress, only warnings and errors"},
};

static const char ceiling_help[] =
    "Homes: the programme's entries grow and shrink together, and home k is the same household in any total. "
    "Measures:\n"
    "KIND is parking_price, cordon_price, fuel_factor, fare_factor, home_office or speed_limit; when the scenario has\n"
    "several of a kind, KIND[N] is the Nth in its order (parking_price[2].value).\n"
    "\n"
    "Every replication gives one root on common random numbers; the interval is that of the roots' mean. The answer "
    "is\n"
    "the end of the interval on the side where the ceiling holds: the most homes, or the least of a measure, for "
    "which\n"
    "it holds with the confidence asked. Seeds are added while the interval is wider than 5 % of the range.\n"
    "\n"
    "JSON: scenario, vary, year, outcome (found, holds_everywhere, fails_everywhere, not_monotone), holds (below or\n"
    "above the limit), answer, limit, ci, t_ci, confidence, spread_sd, spread, scenario_value, range, seed,\n"
    "replications, cut_by_range, simulations, end_change, converged, sentence_nb, sentence_en, seeds[], version.\n"
    "\n"
    "Exit: 0 answered (also when it holds or fails everywhere), 1 wrong command line, 2 bad input, 3 answered but not\n"
    "converged, 4 internal error, 130 interrupted.\n";

const cli_command cmd_ceiling_command = {
    .name = "ceiling",
    .words = "SCENARIO.yaml",
    .summary = "The most homes, or the least of a measure, for which car traffic in sentrum stays at today's level.",
    .help = ceiling_help,
    .option = ceiling_options,
    .option_count = sizeof ceiling_options / sizeof ceiling_options[0],
    .words_min = 1,
    .words_max = 1,
    .run = cmd_ceiling,
};
