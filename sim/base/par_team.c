#include "base/par_team.h"

#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>

enum { SPINS_BEFORE_YIELD = 1000, CACHE_LINE_BYTES = 64 };

typedef enum gate { GATE_SHUT = 0, GATE_OPEN, GATE_CANCELLED } gate;

struct par_team {
    int members;
    par_team_member *member;
    void *ctx;
    pthread_mutex_t one;
    // The two counters are written by all and lie on lines of their own.
    alignas(CACHE_LINE_BYTES) _Atomic int arrived;
    alignas(CACHE_LINE_BYTES) _Atomic unsigned generation;
    _Atomic int start;  // enum gate
};

typedef struct team_seat {
    par_team *team;
    int member_ix;
} team_seat;

static void pause_spinning(int *spins) {
    if (++*spins > SPINS_BEFORE_YIELD) {
        sched_yield();
    }
}

void par_team_barrier(par_team *team) {
    // The generation cannot move before this member arrives, so a relaxed read is enough.
    unsigned generation = atomic_load_explicit(&team->generation, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) == team->members - 1) {
        atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&team->generation, generation + 1, memory_order_release);
        return;
    }
    int spins = 0;
    while (atomic_load_explicit(&team->generation, memory_order_acquire) == generation) {
        pause_spinning(&spins);
    }
}

static void *run_seat(void *seat_ptr) {
    const team_seat *seat = seat_ptr;
    par_team *team = seat->team;
    int spins = 0;
    int state = GATE_SHUT;
    while ((state = atomic_load_explicit(&team->start, memory_order_acquire)) == GATE_SHUT) {
        pause_spinning(&spins);
    }
    if (state == GATE_OPEN) {
        team->member(team->ctx, seat->member_ix, team);
    }
    return NULL;
}

void par_team_enter(par_team *team) {
    if (team != NULL) {
        (void)pthread_mutex_lock(&team->one);
    }
}

void par_team_leave(par_team *team) {
    if (team != NULL) {
        (void)pthread_mutex_unlock(&team->one);
    }
}

err_code par_team_run(int members, par_team_member *member, void *ctx) {
    ASSERT(members >= 1 && members <= PAR_TEAM_MEMBERS_MAX);
    par_team team = {.members = members, .member = member, .ctx = ctx, .one = PTHREAD_MUTEX_INITIALIZER};
    pthread_t thread[PAR_TEAM_MEMBERS_MAX];
    team_seat seat[PAR_TEAM_MEMBERS_MAX];
    int started = 1;
    int failure = 0;
    for (; started < members; ++started) {
        seat[started] = (team_seat){.team = &team, .member_ix = started};
        failure = pthread_create(&thread[started], NULL, run_seat, &seat[started]);
        if (failure != 0) {
            break;
        }
    }
    // Nobody begins before all are there: a barrier with a missing member would never open.
    atomic_store_explicit(&team.start, failure == 0 ? GATE_OPEN : GATE_CANCELLED, memory_order_release);
    if (failure == 0) {
        member(ctx, 0, &team);
    }
    for (int i = 1; i < started; ++i) {
        pthread_join(thread[i], NULL);
    }
    CHECK(failure == 0, ERR_MEMORY, "cannot start thread %d of %d (%s): use fewer threads", started + 1, members,
          strerror(failure));
    return ERR_OK;
}
