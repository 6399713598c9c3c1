// A team of threads that run one function together and meet at barriers: for work in lock-step windows, where
// a parallel loop per window would cost more than the window's work. Not for parallel loops.
//
// Everything a member wrote before a barrier is seen by every member after it. A waiting member spins a little and
// then yields, so teams larger than the machine still finish.
#ifndef VESTSIM_BASE_PAR_TEAM_H
#define VESTSIM_BASE_PAR_TEAM_H

#include "base/err.h"

enum { PAR_TEAM_MEMBERS_MAX = 256 };

typedef struct par_team par_team;
typedef void par_team_member(void *ctx, int member_ix, par_team *team);

// Runs member(ctx, 0 .. members-1, team) at once, member 0 in the calling thread; returns when all have finished.
// Either all members run or, when threads cannot be started (ERR_MEMORY), none.
err_code par_team_run(int members, par_team_member *member, void *ctx);
// Every member of the team must call it equally often.
void par_team_barrier(par_team *team);
// One member at a time between enter and leave, in no order: only for calls into libraries that may not run twice at
// once, never for anything whose result depends on who comes first. team may be NULL (no team: nothing to wait for).
void par_team_enter(par_team *team);
void par_team_leave(par_team *team);

#endif
