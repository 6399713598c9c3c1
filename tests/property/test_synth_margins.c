// Synthesised people meet their margins, in a town of Vestby's size and in random towns whose margins are feasible.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "people_town.h"

static double sum(const double *values, int count) {
    double total = 0.0;
    for (int i = 0; i < count; i++) {
        total += values[i];
    }
    return total;
}

// Largest difference of the made shares from the wanted ones, as a share of the whole.
static double worst_difference(const double *made, const double *wanted, int count) {
    double worst = 0.0;
    for (int i = 0; i < count; i++) {
        worst = fmax(worst, fabs(made[i] / sum(made, count) - wanted[i] / sum(wanted, count)));
    }
    return worst;
}

static void vestby_size_margins_are_met(void **state) {
    (void)state;
    town *t = town_create(1);
    population p;
    synth_margins made;
    town_synthesise(t, &p);
    synth_margins_of(&p, &t->z, &made);
    const synth_margins *wanted = &t->in.margins;
    assert_near(sum(made.households_by_size, 5), 7900, 0);
    for (int c = 0; c < 5; c++) {
        double target = 7900 * wanted->households_by_size[c] / sum(wanted->households_by_size, 5);
        assert_near(made.households_by_size[c] / target, 1, 0.005);
    }
    assert_true(worst_difference(made.persons_by_age, wanted->persons_by_age, AGE_GROUP_COUNT) < 0.002);
    for (int g = 0; g < AGE_GROUP_COUNT; g++) {
        double target = sum(made.persons_by_age, AGE_GROUP_COUNT) * wanted->persons_by_age[g] /
                        sum(wanted->persons_by_age, AGE_GROUP_COUNT);
        assert_near(made.persons_by_age[g] / target, 1, 0.01);
    }
    assert_near(made.households_by_dwelling[0], 4500, 0);
    assert_near(made.households_by_dwelling[1], 1800, 0);
    assert_near(made.households_by_dwelling[2], 1600, 0);
    town_free(t);
}

// Margins made from random weights of the kinds can be met, whatever the priors say.
static void random_feasible_margins_are_met(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 12; seed++) {
        town *t = town_create(0.5);
        synth_margins *m = &t->in.margins;
        memset(m, 0, sizeof *m);
        for (uint32_t k = 0; k < t->in.kind_count; k++) {
            const synth_kind *kind = &t->in.kind[k];
            double weight = kind->weight * (0.5 + support_uniform(seed, k));
            m->households_by_size[kind->size < 5 ? kind->size - 1 : 4] += weight;
            for (int g = 0; g < AGE_GROUP_COUNT; g++) {
                m->persons_by_age[g] += weight * kind->persons[g];
            }
        }
        population p;
        synth_margins made;
        town_synthesise(t, &p);
        synth_margins_of(&p, &t->z, &made);
        assert_true(worst_difference(made.households_by_size, m->households_by_size, 5) < 0.004);
        assert_true(worst_difference(made.persons_by_age, m->persons_by_age, AGE_GROUP_COUNT) < 0.005);
        town_free(t);
    }
}

// Each integer count is near its expectation: over seeds the mean count has no bias.
static void integerisation_has_no_bias(void **state) {
    (void)state;
    town *t = town_create(0.02);  // 158 dwellings: rounding would show
    enum { SEEDS = 60 };
    double mean[5] = {0};
    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        population p;
        synth_margins made;
        rng_key key = {.seed = seed, .replication = 1};
        assert_ok(synth_run(&t->s, &t->in, &t->z, t->station_distance_m, key, &t->a, &p));
        synth_margins_of(&p, &t->z, &made);
        for (int c = 0; c < 5; c++) {
            mean[c] += made.households_by_size[c] / SEEDS;
        }
    }
    for (int c = 0; c < 5; c++) {
        double expected = sum(mean, 5) * t->in.margins.households_by_size[c] / sum(t->in.margins.households_by_size, 5);
        assert_near(mean[c], expected, 0.25);
    }
    town_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vestby_size_margins_are_met),
        cmocka_unit_test(random_feasible_margins_are_met),
        cmocka_unit_test(integerisation_has_no_bias),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
