#include "export_replay.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "case.h"
#include "io/export_omx.h"
#include "io/matsim.h"
#include "loop/day_plans.h"
#include "loop/skim.h"
#include "roads.h"

enum { PATH_BYTES = 4096 };

typedef enum export_file { FILE_NETWORK = 0, FILE_EVENTS, FILE_SKIMS } export_file;

typedef struct replay {
    export_kind kind;
    const store_view *view;
    const export_options *o;
    world_case c;
    const double *state_hash;  // [year][replication]
    size_t replications;
} replay;

// The results say which scenario they come from: whoever gives another one is told where they part.
static err_code check_scenario(const char *path, const char *given, const char *stored, const char *results) {
    uint32_t line = 1;
    while (*given != '\0' && *stored != '\0') {
        size_t length[2] = {strcspn(given, "\n"), strcspn(stored, "\n")};
        if (length[0] != length[1] || memcmp(given, stored, length[0]) != 0) {
            break;
        }
        given += length[0] + (given[length[0]] == '\n');
        stored += length[1] + (stored[length[1]] == '\n');
        line++;
    }
    CHECK(*given == '\0' && *stored == '\0', ERR_REFERENCE,
          "%s: is not what %s was run with: '%.*s' here, '%.*s' there (line %u of the effective scenario); give the "
          "scenario of the run with the same --set, --seed, --years and --replications",
          path, results, (int)strcspn(given, "\n"), given, (int)strcspn(stored, "\n"), stored, line);
    return ERR_OK;
}

static err_code output_path(const replay *p, export_file file, int year, char out[PATH_BYTES]) {
    static const char *const stem[] = {"network", "events", "skims"};
    static const char *const ending[] = {"xml.gz", "xml.gz", "omx"};
    CHECK(snprintf(out, PATH_BYTES, "%s/%s-%d.%s", p->o->folder, stem[file], year, ending[file]) < PATH_BYTES - 16,
          ERR_FILE, "%.60s...: the path is too long", p->o->folder);
    return ERR_OK;
}

static err_code check_free(const replay *p, int year) {
    export_file first = p->kind == EXPORT_MATSIM ? FILE_NETWORK : FILE_SKIMS;
    export_file last = p->kind == EXPORT_MATSIM ? FILE_EVENTS : FILE_SKIMS;
    for (export_file file = first; file <= last; file++) {
        char path[PATH_BYTES];
        TRY(output_path(p, file, year, path));
        CHECK(p->o->force || access(path, F_OK) != 0, ERR_FILE,
              "%s: there is such a file; give --force to overwrite it, or another folder with -o", path);
    }
    return ERR_OK;
}

static err_code write_matsim(const replay *p, const experiment_replayed *x, int year, arena *a) {
    char path[PATH_BYTES];
    chain_plans plans;
    chain_result happened;
    TRY(day_plans_build(x, a, &plans, &happened));
    TRY(output_path(p, FILE_EVENTS, year, path));
    TRY(matsim_save_events(path, &x->world.network, &plans, NULL, &happened, (uint32_t)(p->c.scenario.end_h * 3600.0)));
    TRY(output_path(p, FILE_NETWORK, year, path));
    return matsim_save_network(path, &x->world.network);
}

static err_code write_omx(const replay *p, const experiment_replayed *x, int year, arena *a) {
    char path[PATH_BYTES];
    skim_set *s;
    export_omx_matrix matrix[SKIM_MAX];
    ARENA_NEW(a, s, 1);
    TRY(skim_build(&x->world, &x->day.days.time, a, s));
    for (uint32_t i = 0; i < s->count; i++) {
        const skim_matrix *m = &s->matrix[i];
        matrix[i] = (export_omx_matrix){.name = m->name, .unit = m->unit, .doc = m->doc, .value = m->value};
    }
    TRY(output_path(p, FILE_SKIMS, year, path));
    return export_omx_save(path, s->zone_count, (const char *const *)p->c.zones.zone.id, matrix, s->count);
}

static err_code write_year(const replay *p, uint32_t year_ix, arena *a) {
    const store_summary *s = store_view_summary(p->view);
    result r;
    experiment_replayed x;
    TRY(result_alloc(&r, a, &p->c.scenario, &p->c.network, &p->c.zones, &p->c.transit));
    TRY(experiment_replay(&p->c, year_ix, a, &r, &x));
    err_code code = ERR_OK;
    if ((double)x.state_hash != p->state_hash[year_ix * p->replications]) {
        code = err_raise(ERR_REFERENCE,
                         "%s: the day of %d comes out differently from the one in the file: the scenario's input files "
                         "or the program (%s, %s) have changed since; run the scenario again",
                         store_view_path(p->view), s->year[year_ix], s->program_version, s->git_commit);
    }
    if (code == ERR_OK) {
        code =
            p->kind == EXPORT_MATSIM ? write_matsim(p, &x, s->year[year_ix], a) : write_omx(p, &x, s->year[year_ix], a);
    }
    experiment_replayed_free(&x);
    return code;
}

static err_code load(const cli_args *args, replay *p, arena *a) {
    const store_summary *s = store_view_summary(p->view);
    const char *path = options_value(args, "scenario");
    case_overrides overrides;
    store_shape shape;
    double *hash;
    CHECK(path != NULL, ERR_USAGE,
          "--to %s needs --scenario SCENARIO.yaml: a results file does not hold every vehicle's way, so the day is "
          "simulated again",
          p->kind == EXPORT_MATSIM ? "matsim" : "omx");
    TRY(case_overrides_from(args, a, &overrides));
    TRY(case_load(path, &overrides, a, &p->c));
    const char *effective = p->c.scenario.effective_yaml == NULL ? "" : p->c.scenario.effective_yaml;
    TRY(check_scenario(path, effective, s->scenario_yaml, store_view_path(p->view)));
    TRY(store_view_numbers(p->view, "/indicators/state_hash_low", 2, a, &shape, &hash));
    CHECK(shape.size[0] == s->year_count && shape.size[1] > 0, ERR_FORMAT,
          "%s: /indicators does not fit its years; run the scenario again", store_view_path(p->view));
    p->state_hash = hash;
    p->replications = shape.size[1];
    return roads_order(&p->c.network, ALLOW_CAR | ALLOW_LORRY, a, &p->c.road_order);
}

static err_code write_years(const replay *p, uint32_t first, uint32_t end) {
    for (uint32_t y = first; y < end; y++) {
        char label[64];
        arena a;
        arena_init(&a);
        (void)snprintf(label, sizeof label, "%d", store_view_summary(p->view)->year[y]);
        log_progress(label, y - first, end - first);
        err_code code = write_year(p, y, &a);
        arena_free(&a);
        TRY(code);
    }
    log_progress("done", end - first, end - first);
    log_progress_end();
    return ERR_OK;
}

err_code export_replay(const cli_args *args, export_kind kind, const store_view *v, const export_options *o, arena *a) {
    replay *p;
    uint32_t first, end;
    ARENA_NEW(a, p, 1);
    p->kind = kind;
    p->view = v;
    p->o = o;
    TRY(export_years(v, o, &first, &end));
    TRY(load(args, p, a));
    for (uint32_t y = first; y < end; y++) {
        TRY(check_free(p, store_view_summary(v)->year[y]));
    }
    bool made = mkdir(o->folder, 0777) == 0;
    CHECK(made || errno == EEXIST, ERR_FILE, "%s: the folder cannot be made: %s", o->folder, strerror(errno));
    err_code code = write_years(p, first, end);
    if (code != ERR_OK && made) {
        (void)rmdir(o->folder);  // stays where years before were written
    }
    return code;
}
