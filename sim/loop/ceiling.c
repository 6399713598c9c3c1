// Roots of many replications at the same time, each a chain of simulated days on one thread.
#include "loop/ceiling.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/par.h"
#include "base/par_team.h"
#include "loop/experiment.h"
#include "loop/indicator.h"
#include "model/growth.h"

enum { BATCH = 4, MESSAGE_BYTES = 1024 };

static const double simulations_a_seed = 5.0;  // for the progress line only

typedef struct ceiling_search {  // one call of ceiling_run
    const ceiling_problem *p;
    world_year today;  // world of today
    world_year then;   // world of the year, when homes vary
    double out_share;
    const ceiling_root *near;  // of the first seed, for the others
    ceiling_seed *seed;
    struct chain *chain;
    uint32_t first, end;         // seeds of the present batch
    _Atomic uint32_t next;       // seed to take
    _Atomic uint32_t simulated;  // for progress
    uint32_t wanted;             // seeds in all, for progress
    int threads;
} ceiling_search;

typedef struct chain {  // what one seed keeps between its days
    ceiling_search *s;
    uint32_t replication;
    arena a;              // today's people
    arena warm_arena[2];  // of the last day and of the one before, in turn
    traveltime warm;
    uint32_t days;
    par_team *team;  // NULL when alone
    bool speaks;     // in the calling thread, which may report progress
    population today;
    err_code code;
    char message[MESSAGE_BYTES];
} chain;

// --- homes
// ------------------------------------------------------------------------------------------------------------

void ceiling_share_homes(const scenario *s, int year, uint32_t total, uint32_t *homes) {
    uint32_t planned = 0;
    for (uint32_t i = 0; i < s->programme_count; i++) {
        homes[i] = 0;
        planned += growth_homes_by(&s->programme[i], year);
    }
    for (uint32_t k = 0; planned > 0 && k < total; k++) {
        uint32_t best = IX_NONE;
        double best_due = INFINITY;
        for (uint32_t i = 0; i < s->programme_count; i++) {
            uint32_t share = growth_homes_by(&s->programme[i], year);
            double due = share > 0 ? (homes[i] + 0.5) / share : INFINITY;
            if (due < best_due) {
                best = i;
                best_due = due;
            }
        }
        homes[best]++;
    }
}

// The programme with `total` homes by the year. Entries that keep their number keep their years.
static err_code scale_programme(const scenario *from, int year, uint32_t total, arena *a, scenario *out) {
    uint32_t *homes;
    *out = *from;
    ARENA_NEW(a, homes, from->programme_count);
    ARENA_NEW(a, out->programme, from->programme_count);
    ceiling_share_homes(from, year, total, homes);
    for (uint32_t i = 0; i < from->programme_count; i++) {
        scenario_programme *p = &out->programme[i];
        *p = from->programme[i];
        if (homes[i] != growth_homes_by(p, year)) {
            p->homes = (int)homes[i];
            p->to_year = p->to_year < year ? p->to_year : year;
        }
    }
    return ERR_OK;
}

static void report(const ceiling_search *s) {
    char label[64];
    uint32_t done = atomic_load(&s->simulated);
    snprintf(label, sizeof label, "%u simulations, %u of %u seeds", done, s->first, s->wanted);
    log_progress(label, done, fmax(simulations_a_seed * s->wanted, done + 1.0));
}

// --- one day
// ------------------------------------------------------------------------------------------------------------

// Car-km in sentrum of a day; keeps its travel times for the next.
static err_code simulate(chain *c, const world_year *w, const scenario *programme, arena *a, double *km) {
    ceiling_search *s = c->s;
    const world_case *source = w->source;
    scenario one = source->scenario;  // room for one day
    result r;
    experiment_day_out day;
    one.replications = 1;
    one.replications_max = 1;
    one.year_count = 0;
    TRY(result_alloc(&r, a, &one, &source->network, &source->zones, &source->transit));
    const experiment_day_in in = {.world = w,
                                  .programme = programme,
                                  .key = scenario_rng_key(&source->scenario, c->replication),
                                  .today = &c->today,
                                  .out_share = s->out_share,
                                  .warm = c->days > 0 ? &c->warm : NULL};
    TRY(experiment_day(&in, a, &r, 0, 0, &day));
    err_code code = indicator_collect_road(w, &day.people, &day.plan, &day.days, a, &r, 0, 0);
    if (code == ERR_OK) {
        *km = *result_indicator_at(&r, RESULT_car_km_sentrum, 0, 0);
        arena *keep = &c->warm_arena[c->days % 2];
        arena_reset(keep);
        code = traveltime_copy(&day.days.time, keep, &c->warm);
    }
    ceiling_seed *seed = &s->seed[c->replication];
    seed->converged = seed->converged && day.days.converged;
    seed->simulations++;
    c->days++;
    equilibrium_free(&day.days);
    atomic_fetch_add(&s->simulated, 1);
    if (c->speaks) {
        report(s);
    }
    return code;
}

// The world in which the measure has this value. Orders of contraction are made by METIS, which need not be safe to run
// twice at once, so worlds are built one at a time.
static err_code build_world(const ceiling_problem *p, par_team *team, double value, arena *a, world_case *source,
                            world_year *w) {
    *source = *p->source;
    ARENA_NEW(a, source->scenario.measure, source->scenario.measure_count);
    memcpy(source->scenario.measure, p->source->scenario.measure,
           source->scenario.measure_count * sizeof *source->scenario.measure);
    source->scenario.measure[p->measure_ix].value = value;
    par_team_enter(team);
    err_code code = world_year_build(source, p->year, a, w);
    par_team_leave(team);
    return code;
}

static err_code change_in(chain *c, double x, arena *a, double *change_pct) {
    const ceiling_problem *p = c->s->p;
    double km;
    if (p->measure_ix == IX_NONE) {
        scenario programme;
        TRY(scale_programme(&p->source->scenario, p->year, (uint32_t)x, a, &programme));
        TRY(simulate(c, &c->s->then, &programme, a, &km));
    } else {
        world_case *source;
        world_year *w;
        ARENA_NEW(a, source, 1);
        ARENA_NEW(a, w, 1);
        TRY(build_world(p, c->team, x, a, source, w));
        TRY(simulate(c, w, &source->scenario, a, &km));
    }
    double today_km = c->s->seed[c->replication].today_km;
    *change_pct = 100.0 * (km - today_km) / today_km;
    return ERR_OK;
}

static err_code respond(void *context, double x, double *change_pct) {
    chain *c = context;
    arena a;
    TRY(log_check_interrupt());
    arena_init(&a);
    err_code code = change_in(c, x, &a, change_pct);
    arena_free(&a);
    return code;
}

// --- one seed
// -----------------------------------------------------------------------------------------------------------

static err_code run_seed(chain *c) {
    ceiling_search *s = c->s;
    ceiling_seed *seed = &s->seed[c->replication];
    arena a;
    seed->converged = true;
    arena_init(&a);
    err_code code = simulate(c, &s->today, &s->p->source->scenario, &a, &seed->today_km);
    arena_free(&a);
    TRY(code);
    CHECK(seed->today_km > 0.0, ERR_INFEASIBLE, "no car drives in sentrum today: there is no ceiling to look for");
    return ceiling_find_root(respond, c, &s->p->range, s->near, &seed->root);
}

// Takes seeds of the batch until none is left. Everything below runs on one thread here.
static void work(void *context, int member_ix, par_team *team) {
    ceiling_search *s = context;
    if (team != NULL) {
        par_set_threads(1);  // of this thread alone
    }
    for (uint32_t k = atomic_fetch_add(&s->next, 1); k < s->end; k = atomic_fetch_add(&s->next, 1)) {
        chain *c = &s->chain[k];
        c->team = team;
        c->speaks = member_ix == 0;
        c->code = run_seed(c);
        if (c->code != ERR_OK) {
            snprintf(c->message, sizeof c->message, "%s", err_message());
        }
    }
}

// Today's people of a batch: here, because making them may warn.
static err_code prepare(ceiling_search *s) {
    const world_case *source = s->p->source;
    for (uint32_t k = s->first; k < s->end; k++) {
        chain *c = &s->chain[k];
        *c = (chain){.s = s, .replication = k};
        TRY(synth_run(&source->scenario, &source->people, &source->zones, s->today.station_distance_m,
                      scenario_rng_key(&source->scenario, k), &c->a, &c->today));
        if (k == 0) {
            s->out_share = activity_out_commute_share(&source->scenario, &c->today);
        }
    }
    return ERR_OK;
}

static err_code run_batch(ceiling_search *s, uint32_t count) {
    s->end = s->first + count;
    atomic_store(&s->next, s->first);
    err_code code = prepare(s);
    if (code == ERR_OK) {
        // A single seed may use all threads itself.
        int members = count > 1 && s->threads > 1 ? s->threads : 1;
        if (members == 1) {
            work(s, 0, NULL);
        } else {
            code = par_team_run(members, work, s);
            par_set_threads(s->threads);
        }
    }
    for (uint32_t k = s->first; k < s->end; k++) {
        chain *c = &s->chain[k];
        if (code == ERR_OK && c->code != ERR_OK) {
            code = err_raise(c->code, "%s", c->message);
        }
        arena_free(&c->warm_arena[0]);
        arena_free(&c->warm_arena[1]);
        arena_free(&c->a);
    }
    s->first = s->end;
    return code;
}

// --- all seeds
// ------------------------------------------------------------------------------------------------------------

static void summarise(const ceiling_problem *p, ceiling_answer *out, double *value) {
    const ceiling_root *first = &out->seed[0].root;
    uint32_t with[4] = {0};
    out->rising = first->rising;
    out->converged = true;
    out->simulations = 0;
    for (uint32_t k = 0; k < out->seeds; k++) {
        const ceiling_seed *seed = &out->seed[k];
        with[seed->root.status]++;
        value[k] = seed->root.x;
        out->simulations += seed->simulations;
        out->converged = out->converged && seed->converged;
        out->root_min = k == 0 || value[k] < out->root_min ? value[k] : out->root_min;
        out->root_max = k == 0 || value[k] > out->root_max ? value[k] : out->root_max;
    }
    out->cut = with[CEILING_HOLDS_EVERYWHERE] + with[CEILING_FAILS_EVERYWHERE];
    out->status = with[CEILING_NOT_MONOTONE] > 0                 ? CEILING_NOT_MONOTONE
                  : with[CEILING_HOLDS_EVERYWHERE] == out->seeds ? CEILING_HOLDS_EVERYWHERE
                  : with[CEILING_FAILS_EVERYWHERE] == out->seeds ? CEILING_FAILS_EVERYWHERE
                                                                 : CEILING_FOUND;
    verdict_interval_of(value, out->seeds, p->confidence, &out->limit);
    out->answer = out->rising ? out->limit.low : out->limit.high;
    if (p->range.whole) {
        out->answer = out->rising ? floor(out->answer) : ceil(out->answer);
    }
    bool known = out->status == CEILING_FOUND && out->seeds >= VERDICT_PAIRS_MIN && out->answer >= p->range.min &&
                 out->answer <= p->range.max;
    out->answer = known ? out->answer : (double)NAN;
}

// Change against today at the end of the range that decides, over the seeds, when none of them crosses inside.
static void judge_end(const ceiling_problem *p, ceiling_answer *out, double *value) {
    double end = out->seed[0].root.x;
    for (uint32_t k = 0; k < out->seeds; k++) {
        const ceiling_root *r = &out->seed[k].root;
        value[k] = (double)NAN;
        for (uint32_t i = 0; i < r->point_count; i++) {
            value[k] = r->point_x[i] == end ? r->point_pct[i] : value[k];
        }
    }
    verdict_interval_of(value, out->seeds, p->confidence, &out->end_change_pct);
    out->end_code = verdict_judge(&out->end_change_pct);
}

static err_code run_batches(ceiling_search *s, ceiling_answer *out, double *value) {
    const ceiling_problem *p = s->p;
    uint32_t most = p->replications_max > p->replications ? p->replications_max : p->replications;
    while (out->seeds < most) {
        uint32_t count = out->seeds == 0                ? 1
                         : out->seeds < p->replications ? p->replications - out->seeds
                                                        : (most - out->seeds < BATCH ? most - out->seeds : BATCH);
        s->wanted = out->seeds < p->replications ? p->replications : out->seeds + count;
        TRY(run_batch(s, count));
        out->seeds += count;
        summarise(p, out, value);
        s->near = &out->seed[0].root;
        bool narrow = out->limit.high - out->limit.low <= 2.0 * p->half_width;
        if (out->status == CEILING_NOT_MONOTONE || (out->seeds >= p->replications && narrow)) {
            break;
        }
    }
    judge_end(p, out, value);
    return ERR_OK;
}

static err_code run_all(ceiling_search *s, arena *a, ceiling_answer *out) {
    const ceiling_problem *p = s->p;
    uint32_t most = p->replications_max > p->replications ? p->replications_max : p->replications;
    double *value;
    ARENA_NEW(a, out->seed, most);
    ARENA_NEW(a, s->chain, most);
    ARENA_NEW(a, value, most);
    s->seed = out->seed;
    s->threads = par_thread_count() < PAR_TEAM_MEMBERS_MAX ? par_thread_count() : PAR_TEAM_MEMBERS_MAX;
    TRY(world_year_build(p->source, (int)p->source->scenario.today_year, a, &s->today));
    if (p->measure_ix == IX_NONE) {
        TRY(world_year_build(p->source, p->year, a, &s->then));
    }
    err_code code = run_batches(s, out, value);
    log_progress_end();
    return code;
}

err_code ceiling_run(const ceiling_problem *p, arena *a, ceiling_answer *out) {
    ceiling_search s = {.p = p};
    *out = (ceiling_answer){0};
    return run_all(&s, a, out);
}
