#include "loop/experiment.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "loop/indicator.h"
#include "loop/traffic_index.h"
#include "loop/verdict.h"
#include "model/growth.h"

typedef struct run_state {
    const world_case *c;
    arena *result_arena;
    result *r;
    arena *world_arena;  // [year]
    world_year *world;   // [year]
    arena *warm_arena;   // [year]
    traveltime *warm;    // [year] of replication 0
    double out_share;    // of employed residents who work outside, fixed by today's population
    uint32_t done;       // (year, replication) pairs
    uint32_t planned;
} run_state;

// The year's numbers with the homes of `programme` and the holiday homes that have become homes.
static err_code scenario_of_year(const world_year *w, const scenario *programme, arena *a, scenario *out) {
    *out = w->source->scenario;
    out->programme = programme->programme;
    out->programme_count = programme->programme_count;
    if (w->conversion_count > 0) {
        ARENA_NEW(a, out->programme, programme->programme_count + w->conversion_count);
        for (uint32_t i = 0; i < programme->programme_count; i++) {
            out->programme[i] = programme->programme[i];
        }
        for (uint32_t i = 0; i < w->conversion_count; i++) {
            out->programme[out->programme_count++] = w->conversion[i];
        }
    }
    return ERR_OK;
}

err_code experiment_day(const experiment_day_in *in, arena *a, result *r, uint32_t year_ix, uint32_t replication,
                        experiment_day_out *out) {
    const world_year *w = in->world;
    const world_case *c = w->source;
    scenario year;
    const scenario *sc = &year;
    arena scratch;
    memset(out, 0, sizeof *out);
    TRY(scenario_of_year(w, in->programme, a, &year));
    const population *stock = in->today;
    population aged;
    if (c->people.later_count > 0 && w->year > (int)sc->today_year) {
        TRY(synth_run(sc, &c->people, &c->zones, w->station_distance_m, in->key, a, &aged));
        stock = &aged;
    }
    TRY(growth_run(sc, &c->people, &c->zones, w->station_distance_m, w->year, in->key, stock, a, &out->people));
    arena_init(&scratch);
    err_code code = activity_assign_fixed(sc, &c->zones, &w->los, in->key, in->out_share, &out->people, &scratch);
    if (code == ERR_OK) {
        code =
            activity_run(sc, &c->zones, &w->los, w->home_office_share, in->key, &out->people, a, &scratch, &out->plan);
    }
    arena_free(&scratch);
    TRY(code);
    return equilibrium_run(w, &out->plan, &out->people, in->key, in->warm, a, r, year_ix, replication, &out->days);
}

static err_code simulate_year(run_state *s, const population *today, uint32_t year_ix, uint32_t replication, arena *a) {
    const world_year *w = &s->world[year_ix];
    const traveltime *warm =
        s->warm[year_ix].link_count > 0 ? &s->warm[year_ix] : (s->warm[0].link_count > 0 ? &s->warm[0] : NULL);
    const experiment_day_in in = {.world = w,
                                  .programme = &s->c->scenario,
                                  .key = scenario_rng_key(&s->c->scenario, replication),
                                  .today = today,
                                  .out_share = s->out_share,
                                  .warm = warm};
    experiment_day_out day;
    TRY(experiment_day(&in, a, s->r, year_ix, replication, &day));
    err_code code =
        indicator_collect(w, &day.people, &day.plan, &day.days, s->result_arena, a, s->r, year_ix, replication);
    if (code == ERR_OK && s->warm[year_ix].link_count == 0) {
        code = traveltime_copy(&day.days.time, &s->warm_arena[year_ix], &s->warm[year_ix]);
    }
    log_debug("%d replication %u: %u iterations, gap %.3f %%", w->year, replication, day.days.iterations,
              day.days.gap_pct);
    equilibrium_free(&day.days);
    return code;
}

static err_code run_replication(run_state *s, uint32_t replication) {
    const scenario *sc = &s->c->scenario;
    rng_key key = scenario_rng_key(sc, replication);
    population today;
    arena base;
    arena_init(&base);
    err_code code = synth_run(sc, &s->c->people, &s->c->zones, s->world[0].station_distance_m, key, &base, &today);
    if (code == ERR_OK && replication == 0) {
        s->out_share = activity_out_commute_share(sc, &today);
    }
    for (uint32_t y = 0; code == ERR_OK && y < s->r->year_count; y++) {
        char label[64];
        snprintf(label, sizeof label, "%d, replication %u", s->r->year[y], replication + 1);
        log_progress(label, s->done, s->planned);
        arena a;
        arena_init(&a);
        code = simulate_year(s, &today, y, replication, &a);
        arena_free(&a);
        s->done++;
    }
    arena_free(&base);
    return code;
}

// Is every year's verdict interval as narrow as the scenario asks?
static bool narrow_enough(const run_state *s) {
    const scenario *sc = &s->c->scenario;
    for (uint32_t y = 1; y < s->r->year_count; y++) {
        verdict_fill(s->r, y, sc->confidence);
        if (!(s->r->verdict[y].high_pct - s->r->verdict[y].low_pct <= 2.0 * sc->half_width_pct)) {
            return false;
        }
    }
    return true;
}

static err_code run_all(run_state *s) {
    const scenario *sc = &s->c->scenario;
    uint32_t least = (uint32_t)sc->replications;
    uint32_t most = s->r->year_count > 1 ? s->r->replications_max : least;
    for (uint32_t y = 0; y < s->r->year_count; y++) {
        arena_init(&s->world_arena[y]);
        arena_init(&s->warm_arena[y]);
        TRY(world_year_build(s->c, s->r->year[y], &s->world_arena[y], &s->world[y]));
    }
    s->planned = least * s->r->year_count;
    for (uint32_t k = 0; k < most; k++) {
        if (k >= least) {
            if (narrow_enough(s)) {
                break;
            }
            s->planned += s->r->year_count;
        }
        TRY(run_replication(s, k));
        s->r->replications = k + 1;
    }
    log_progress("done", s->done, s->done);
    log_progress_end();
    return ERR_OK;
}

err_code experiment_run(const world_case *c, arena *a, result *r) {
    run_state s = {.c = c, .result_arena = a, .r = r};
    ARENA_NEW(a, s.world_arena, r->year_count);
    ARENA_NEW(a, s.world, r->year_count);
    ARENA_NEW(a, s.warm_arena, r->year_count);
    ARENA_NEW(a, s.warm, r->year_count);
    err_code code = run_all(&s);
    for (uint32_t y = 0; y < r->year_count; y++) {
        arena_free(&s.world_arena[y]);
        arena_free(&s.warm_arena[y]);
    }
    TRY(code);
    TRY(traffic_index_fill(r, c->scenario.confidence));
    for (uint32_t y = 1; y < r->year_count; y++) {
        verdict_fill(r, y, c->scenario.confidence);
    }
    return ERR_OK;
}

// One day, from the world to the equilibrium.
static err_code replay_day(const world_case *c, uint32_t year_ix, const population *today, double out_share,
                           const traveltime *warm, arena *a, result *r, experiment_replayed *x) {
    const experiment_day_in in = {.world = &x->world,
                                  .programme = &c->scenario,
                                  .key = scenario_rng_key(&c->scenario, 0),
                                  .today = today,
                                  .out_share = out_share,
                                  .warm = warm};
    return experiment_day(&in, a, r, year_ix, 0, &x->day);
}

// A later year starts from the travel times of today, as in a run.
static err_code replay_days(const world_case *c, uint32_t year_ix, arena *a, result *r, experiment_replayed *x) {
    const scenario *sc = &c->scenario;
    population today;
    traveltime warm;
    TRY(world_year_build(c, r->year[0], a, &x->world));
    TRY(synth_run(sc, &c->people, &c->zones, x->world.station_distance_m, scenario_rng_key(sc, 0), a, &today));
    double out_share = activity_out_commute_share(sc, &today);
    TRY(replay_day(c, 0, &today, out_share, NULL, a, r, x));
    if (year_ix == 0) {
        return ERR_OK;
    }
    TRY(traveltime_copy(&x->day.days.time, a, &warm));
    experiment_replayed_free(x);
    TRY(world_year_build(c, r->year[year_ix], a, &x->world));
    return replay_day(c, year_ix, &today, out_share, &warm, a, r, x);
}

err_code experiment_replay(const world_case *c, uint32_t year_ix, arena *a, result *r, experiment_replayed *out) {
    memset(out, 0, sizeof *out);
    ASSERT(year_ix < r->year_count);
    err_code code = replay_days(c, year_ix, a, r, out);
    if (code == ERR_OK) {
        code = equilibrium_record(&out->world, &out->day.people, &out->day.plan, &out->day.days, a, &out->entry_s);
    }
    if (code != ERR_OK) {
        experiment_replayed_free(out);
        return code;
    }
    out->state_hash = indicator_state_hash(&out->day.people, &out->day.plan, &out->day.days);
    return ERR_OK;
}

void experiment_replayed_free(experiment_replayed *x) {
    equilibrium_free(&x->day.days);
    memset(&x->day, 0, sizeof x->day);
}
