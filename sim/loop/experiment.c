#include "loop/experiment.h"

#include <math.h>
#include <stdio.h>

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

// People, workplaces, tours and traffic of one (year, replication).
static err_code simulate_year(run_state *s, const population *today, uint32_t year_ix, uint32_t replication, arena *a) {
    const scenario *sc = &s->c->scenario;
    const world_year *w = &s->world[year_ix];
    rng_key key = scenario_rng_key(sc, replication);
    population people;
    plan p;
    arena scratch;
    TRY(growth_run(sc, &s->c->people, &s->c->zones, w->station_distance_m, w->year, key, today, a, &people));
    arena_init(&scratch);
    err_code code = activity_assign_fixed(sc, &s->c->zones, &w->los, key, s->out_share, &people, &scratch);
    if (code == ERR_OK) {
        code = activity_run(sc, &s->c->zones, &w->los, w->home_office_share, key, &people, a, &scratch, &p);
    }
    arena_free(&scratch);
    TRY(code);
    const traveltime *warm =
        s->warm[year_ix].link_count > 0 ? &s->warm[year_ix] : (s->warm[0].link_count > 0 ? &s->warm[0] : NULL);
    equilibrium_out e;
    TRY(equilibrium_run(w, &p, &people, key, warm, a, s->r, year_ix, replication, &e));
    code = indicator_collect(w, &people, &p, &e, s->result_arena, a, s->r, year_ix, replication);
    if (code == ERR_OK && s->warm[year_ix].link_count == 0) {
        code = traveltime_copy(&e.time, &s->warm_arena[year_ix], &s->warm[year_ix]);
    }
    log_debug("%d replication %u: %u iterations, gap %.3f %%", w->year, replication, e.iterations, e.gap_pct);
    equilibrium_free(&e);
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
