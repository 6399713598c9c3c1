#include "world/plan.h"

#include "base/par.h"

static err_code plan_alloc_tours(tour_columns *t_, arena *a_, uint32_t n_) {
    t_->count = n_;
    COLUMN_ALLOC(TOUR_COLUMNS)
    return ERR_OK;
}

err_code plan_alloc(plan *p, arena *a, uint32_t tour_count, uint32_t person_count) {
    *p = (plan){0};
    TRY(plan_alloc_tours(&p->tour, a, tour_count));
    ARENA_NEW(a, p->tour_first, (size_t)person_count + 1);
    return ERR_OK;
}

static err_code plan_validate_tour(const plan *p, const population *pop, const zone_system *z, uint32_t i) {
    const tour_columns *t = &p->tour;
    uint32_t person = t->person_ix[i];
    CHECK(t->origin_place_ix[i] < z->place.count && t->destination_place_ix[i] < z->place.count, ERR_REFERENCE,
          "tour %u: one of its places is not among the places", i);
    CHECK(t->origin_place_ix[i] == pop->person.home_place_ix[person], ERR_REFERENCE,
          "tour %u: does not start at the home of person %u", i, person);
    CHECK(t->purpose[i] < PURPOSE_COUNT, ERR_RANGE, "tour %u: purpose %u is unknown", i, t->purpose[i]);
    CHECK(t->mode[i] <= MODE_COUNT, ERR_RANGE, "tour %u: mode %u is unknown", i, t->mode[i]);
    CHECK(t->departure_s[i] >= 0, ERR_RANGE, "tour %u: departs before midnight (%d s)", i, (int)t->departure_s[i]);
    CHECK(t->return_s[i] >= t->departure_s[i], ERR_RANGE, "tour %u: returns at %d s, before it departs (%d s)", i,
          (int)t->return_s[i], (int)t->departure_s[i]);
    CHECK(i == p->tour_first[person] || t->departure_s[i] >= t->departure_s[i - 1], ERR_RANGE,
          "tour %u: departs before the same person's tour before it", i);
    return ERR_OK;
}

static err_code plan_check_ids(const tour_columns *t) {
    uint32_t *order = mem_alloc((size_t)t->count * sizeof *order);
    if (order == NULL) {
        return ERR_MEMORY;
    }
    for (uint32_t i = 0; i < t->count; i++) {
        order[i] = i;
    }
    err_code code = par_sort_u64(t->id, t->count, order);
    for (uint32_t i = 1; i < t->count && code == ERR_OK; i++) {
        if (t->id[order[i]] == t->id[order[i - 1]]) {
            code = err_raise(ERR_REFERENCE, "tours %u and %u have the same id", order[i - 1], order[i]);
        }
    }
    mem_free(order);
    return code;
}

err_code plan_validate(const plan *p, const population *pop, const zone_system *z) {
    uint32_t persons = pop->person.count;
    CHECK(p->tour_first[0] == 0 && p->tour_first[persons] == p->tour.count, ERR_REFERENCE,
          "the persons' tours do not cover the table of tours");
    for (uint32_t person = 0; person < persons; person++) {
        CHECK(p->tour_first[person] <= p->tour_first[person + 1] && p->tour_first[person + 1] <= p->tour.count,
              ERR_REFERENCE, "person %u: its tours run backwards", person);
        for (uint32_t i = p->tour_first[person]; i < p->tour_first[person + 1]; i++) {
            CHECK(p->tour.person_ix[i] == person, ERR_REFERENCE, "tour %u belongs to person %u, not to %u", i,
                  p->tour.person_ix[i], person);
            TRY(plan_validate_tour(p, pop, z, i));
        }
    }
    return plan_check_ids(&p->tour);
}

uint64_t plan_hash(const plan *p) {
    column tours[COLUMN_COUNT(TOUR_COLUMNS)];
    plan_describe_tours(p, tours);
    return hash_finish(column_hash(HASH_SEED, tours, COLUMN_COUNT(TOUR_COLUMNS), p->tour.count));
}

void plan_describe_tours(const plan *p, column out[COLUMN_COUNT(TOUR_COLUMNS)]) {
    const tour_columns *t_ = &p->tour;
    const column all[] = {COLUMN_DESCRIBE(TOUR_COLUMNS)};
    memcpy(out, all, sizeof all);
}
