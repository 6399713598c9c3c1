// Company outside the household: colleagues who live at the same place and work at the same place, visitors from the
// same place. One of two neighbours in the order of ids goes with the other, who may drive; both then share the draws
// of the tour.
#include <string.h>

#include "activity_part.h"
#include "base/par.h"

// Sort key of those who may go together; 0 = with nobody.
static uint64_t way_of(const population *p, uint32_t i) {
    bool visitor = p->person.segment[i] == SEGMENT_VISITOR;
    if (p->person.employed[i] != 0 && p->person.work_place_ix[i] != IX_NONE) {
        return (uint64_t)p->person.home_place_ix[i] << 32 | (p->person.work_place_ix[i] + 1);
    }
    return visitor && p->person.employed[i] == 0 ? (uint64_t)p->person.home_place_ix[i] << 32 | UINT32_MAX : 0;
}

static bool wants_company(const activity_context *d, uint32_t i) {
    double share = d->p->person.employed[i] != 0 ? d->s->joint_work_share : d->s->joint_visitor_share;
    return rng_uniform(d->key, d->p->person.id[i], DRAW_JOINT, 0) < share;
}

err_code activity_pairs(activity_context *d, arena *scratch) {
    const population *p = d->p;
    uint32_t n = p->person.count;
    uint64_t *way, *built;
    uint8_t *eligible, *follows;
    uint32_t *order;
    ARENA_NEW(scratch, way, n);
    ARENA_NEW(scratch, built, n);
    ARENA_NEW(scratch, eligible, n);
    ARENA_NEW(scratch, follows, n);
    ARENA_NEW(scratch, order, n);
    ARENA_NEW(scratch, d->partner, n);
    memset(d->partner, 0xff, n * sizeof *d->partner);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t h = p->person.household_ix[i];
        way[i] = way_of(p, i);
        built[i] = h == IX_NONE ? 0 : p->household.built_year[h];
        eligible[i] = way[i] != 0;
        follows[i] = eligible[i] != 0 && wants_company(d, i);
    }
    // By way; those who move in later come last, so that they part nobody.
    uint32_t count = par_select_u8(eligible, n, order);
    TRY(par_sort_u64(p->person.id, count, order));
    TRY(par_sort_u64(built, count, order));
    TRY(par_sort_u64(way, count, order));
    for (uint32_t k = 1; k < count; k++) {
        uint32_t i = order[k];
        uint32_t before = order[k - 1];
        if (follows[i] != 0 && follows[before] == 0 && way[i] == way[before] && p->person.licence[before] != 0) {
            d->partner[i] = before;
        }
    }
    return ERR_OK;
}
