#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/par_team.h"

enum { ROUNDS = 200, MEMBERS_MAX = 9 };

typedef struct relay {
    int members;
    int runs[MEMBERS_MAX];
    uint32_t value[2][MEMBERS_MAX];
    bool wrong[MEMBERS_MAX];
} relay;

// Each round every member adds what all members wrote the round before; plain memory, only the barrier between.
static void run_relay(void *ctx, int member_ix, par_team *team) {
    relay *r = ctx;
    ++r->runs[member_ix];
    r->value[0][member_ix] = 1;
    par_team_barrier(team);
    for (uint32_t round = 1; round <= ROUNDS; ++round) {
        uint32_t sum = 0;
        for (int i = 0; i < r->members; ++i) {
            sum += r->value[(round - 1) % 2][i];
            r->wrong[member_ix] |= r->value[(round - 1) % 2][i] != r->value[(round - 1) % 2][0];
        }
        r->value[round % 2][member_ix] = sum % 1000003;
        par_team_barrier(team);
    }
}

static void runs_every_member_once_and_in_step(void **state) {
    (void)state;
    for (int members = 1; members <= MEMBERS_MAX; members += 2) {
        relay r = {.members = members};
        assert_int_equal(par_team_run(members, run_relay, &r), ERR_OK);
        uint64_t expected = 1;
        for (int round = 0; round < ROUNDS; ++round) {
            expected = expected * (uint64_t)members % 1000003;
        }
        for (int i = 0; i < members; ++i) {
            assert_int_equal(r.runs[i], 1);
            assert_false(r.wrong[i]);
            assert_int_equal(r.value[ROUNDS % 2][i], expected);
        }
    }
}

enum { VISITS = 20000 };

// Plain memory, so that a visit beside another loses counts (and ThreadSanitizer reports it).
static void visit(void *ctx, int member_ix, par_team *team) {
    uint64_t *visits = ctx;
    (void)member_ix;
    for (int i = 0; i < VISITS; ++i) {
        par_team_enter(team);
        ++*visits;
        par_team_leave(team);
    }
}

static void one_member_at_a_time_between_enter_and_leave(void **state) {
    (void)state;
    uint64_t visits = 0;
    assert_int_equal(par_team_run(3, visit, &visits), ERR_OK);
    assert_int_equal(visits, 3 * VISITS);
    par_team_enter(NULL);  // no team, nobody to wait for
    par_team_leave(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(runs_every_member_once_and_in_step),
                                       cmocka_unit_test(one_member_at_a_time_between_enter_and_leave)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
