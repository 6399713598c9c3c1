// Speed of the people models on a town of Vestby's size (28,000 people): person-days a second and core, and
// nested-logit decisions a second. Usage: bench_people [SCALE [THREADS]].
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/dmath.h"
#include "base/log.h"
#include "base/par.h"
#include "people_town.h"

enum { REPEATS = 5, DECISIONS = 500000 };

static void bench_people(double scale) {
    double best_synth_s = 1e9;
    double best_fixed_s = 1e9;
    double best_day_s = 1e9;
    uint32_t persons = 0;
    uint32_t tours = 0;
    for (int k = 0; k < REPEATS; k++) {
        town *t = town_create(scale);
        arena scratch;
        population p;
        plan day;
        arena_init(&scratch);
        double start_s = log_clock_s();
        assert_ok(synth_run(&t->s, &t->in, &t->z, t->station_distance_m, town_key(), &t->a, &p));
        double synth_s = log_clock_s();
        double share = activity_out_commute_share(&t->s, &p);
        assert_ok(activity_assign_fixed(&t->s, &t->z, &t->los, town_key(), share, &p, &scratch));
        double fixed_s = log_clock_s();
        assert_ok(activity_run(&t->s, &t->z, &t->los, 0.12, town_key(), &p, &t->a, &scratch, &day));
        double end_s = log_clock_s();
        best_synth_s = fmin(best_synth_s, synth_s - start_s);
        best_fixed_s = fmin(best_fixed_s, fixed_s - synth_s);
        best_day_s = fmin(best_day_s, end_s - fixed_s);
        persons = p.person.count;
        tours = day.tour.count;
        arena_free(&scratch);
        town_free(t);
    }
    int threads = par_thread_count();
    double all_s = best_synth_s + best_fixed_s + best_day_s;
    printf("people: %u persons, %u tours, %d threads, best of %d\n", persons, tours, threads, REPEATS);
    printf("  synthesis            %10.0f persons/s and core\n", persons / best_synth_s / threads);
    printf("  work and school      %10.0f persons/s and core\n", persons / best_fixed_s / threads);
    printf("  tours of a day       %10.0f person-days/s and core\n", persons / best_day_s / threads);
    printf("  all three            %10.0f person-days/s and core\n", persons / all_s / threads);
}

// The mode choice of the simulator: five modes, a motorised and an active nest.
static choice_tree mode_tree(void) {
    choice_tree t = {.alternative_count = 5, .nest_count = 3};
    const int nest[5] = {1, 1, 0, 2, 2};
    t.nest_parent[0] = -1;
    t.nest_lambda[0] = 1.0;
    t.nest_lambda[1] = 0.7;
    t.nest_lambda[2] = 0.8;
    memcpy(t.alternative_nest, nest, sizeof nest);
    return t;
}

// Seconds of one exponential (or logarithm) on arguments like those of a choice, kept in a sum so that it is done.
static double seconds_of(double (*f)(double), double from, double *check) {
    double start_s = log_clock_s();
    for (uint32_t i = 0; i < 10 * DECISIONS; i++) {
        *check += f(from + 4e-7 * i);
    }
    return (log_clock_s() - start_s) / (10.0 * DECISIONS);
}

// What part of a decision's time goes into exp and log. The sums of a tree take an exponential for each item but the
// first of a node and a logarithm a node; then there is one exponential a probability.
static void print_shares(const choice_tree *t, double decision_s) {
    int items = t->alternative_count + t->nest_count - 1;
    int exps = items - t->nest_count + t->alternative_count;
    double check = 0.0;
    double exp_s = seconds_of(dmath_exp, -2.0, &check);
    double log_s = seconds_of(dmath_log, 1.0, &check);
    printf("  exp: %d a decision, %4.1f ns each, %2.0f %% of the time; log: %d, %4.1f ns, %2.0f %% (check %.3f)\n",
           exps, 1e9 * exp_s, 100.0 * exps * exp_s / decision_s, t->nest_count, 1e9 * log_s,
           100.0 * t->nest_count * log_s / decision_s, check / DECISIONS);
}

static void bench_choice(void) {
    choice_tree t = mode_tree();
    double v[5] = {0.2, -0.5, 0.0, -0.3, 0.1};
    double p[5];
    double error[5];
    double logsum = 0.0;
    uint32_t chosen[5] = {0};
    double start_s = log_clock_s();
    for (uint32_t i = 0; i < DECISIONS; i++) {
        v[0] = 1e-6 * i;
        logsum += choice_probabilities(&t, v, p);
    }
    double formula_s = log_clock_s();
    for (uint32_t i = 0; i < DECISIONS; i++) {
        choice_frozen_errors(&t, town_key(), i, error);
        chosen[choice_best(&t, v, error)]++;
    }
    double draw_s = log_clock_s();
    for (uint32_t i = 0; i < DECISIONS; i++) {
        v[0] = 1e-6 * i;
        chosen[choice_best(&t, v, error)]++;
    }
    double best_s = log_clock_s();
    printf("nested logit, 5 alternatives, 2 nests, one core (check %.3f, %u)\n", logsum / DECISIONS, chosen[0]);
    printf("  probabilities        %10.0f decisions/s\n", DECISIONS / (formula_s - start_s));
    print_shares(&t, (formula_s - start_s) / DECISIONS);
    printf("  draws and best       %10.0f decisions/s\n", DECISIONS / (draw_s - formula_s));
    printf("  best, draws kept     %10.0f decisions/s\n", DECISIONS / (best_s - draw_s));
}

int main(int argc, char **argv) {
    double scale = argc > 1 ? strtod(argv[1], NULL) : 1.0;
    par_set_threads(argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0);
    bench_people(scale);
    bench_choice();
    return 0;
}
