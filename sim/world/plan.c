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
    ARENA_NEW(a, p->trip_first, (size_t)tour_count + 1);
    for (uint32_t i = 0; i < tour_count; i++) {
        p->tour.lead_tour_ix[i] = IX_NONE;
        p->tour.pickup_tour_ix[i] = IX_NONE;
    }
    return ERR_OK;
}

static err_code plan_alloc_trip_columns(plan_trip_columns *t_, arena *a_, uint32_t n_) {
    t_->count = n_;
    COLUMN_ALLOC(PLAN_TRIP_COLUMNS)
    return ERR_OK;
}

err_code plan_alloc_trips(plan *p, arena *a, uint32_t trip_count) {
    return plan_alloc_trip_columns(&p->trip, a, trip_count);
}

bool plan_is_joint(const plan *p, uint32_t tour) {
    uint32_t lead = p->tour.lead_tour_ix[tour];
    if (lead == IX_NONE || plan_trip_count(p, tour) != plan_trip_count(p, lead)) {
        return false;
    }
    for (uint32_t k = 0; k < plan_trip_count(p, tour); k++) {
        uint32_t mine = p->trip_first[tour] + k;
        uint32_t other = p->trip_first[lead] + k;
        if (p->trip.from_place_ix[mine] != p->trip.from_place_ix[other] ||
            p->trip.to_place_ix[mine] != p->trip.to_place_ix[other] ||
            p->trip.departure_s[mine] != p->trip.departure_s[other]) {
            return false;
        }
    }
    return true;
}

// Trips of a tour hang together, start and end at home, pass the destination, and follow each other in time.
static err_code plan_validate_trips(const plan *p, const zone_system *z, uint32_t i) {
    uint32_t first = p->trip_first[i];
    uint32_t last = p->trip_first[i + 1];
    CHECK(first + 2 <= last && last - first <= PLAN_TOUR_TRIPS_MAX && last <= p->trip.count, ERR_REFERENCE,
          "tour %u: has %d trips; 2 to %d are allowed", i, (int)(last - first), (int)PLAN_TOUR_TRIPS_MAX);
    CHECK(p->trip.from_place_ix[first] == p->tour.origin_place_ix[i] &&
              p->trip.to_place_ix[last - 1] == p->tour.origin_place_ix[i] &&
              p->trip.departure_s[first] == p->tour.departure_s[i],
          ERR_REFERENCE, "tour %u: its trips do not start and end at home at its times", i);
    bool visits = false;
    for (uint32_t k = first; k < last; k++) {
        CHECK(p->trip.tour_ix[k] == i, ERR_REFERENCE, "trip %u belongs to tour %u, not to %u", k, p->trip.tour_ix[k],
              i);
        CHECK(p->trip.to_place_ix[k] < z->place.count && p->trip.purpose[k] < PURPOSE_COUNT, ERR_REFERENCE,
              "trip %u: its place or purpose is unknown", k);
        CHECK(k == first || (p->trip.from_place_ix[k] == p->trip.to_place_ix[k - 1] &&
                             p->trip.departure_s[k] >= p->trip.departure_s[k - 1]),
              ERR_RANGE, "trip %u: does not start where and after the one before it ends", k);
        visits = visits || (k > first && p->trip.from_place_ix[k] == p->tour.destination_place_ix[i] &&
                            p->trip.departure_s[k] == p->tour.return_s[i]);
    }
    CHECK(visits, ERR_REFERENCE, "tour %u: no trip leaves its destination at its time", i);
    return ERR_OK;
}

static err_code plan_validate_lead(const plan *p, uint32_t i) {
    const tour_columns *t = &p->tour;
    uint32_t lead = t->lead_tour_ix[i];
    uint32_t pickup = t->pickup_tour_ix[i];
    CHECK(lead == IX_NONE ||
              (lead < t->count && t->person_ix[lead] != t->person_ix[i] && t->lead_tour_ix[lead] == IX_NONE),
          ERR_REFERENCE, "tour %u: its lead is no other person's tour that decides for itself", i);
    CHECK(pickup == IX_NONE || (lead != IX_NONE && pickup < t->count && t->person_ix[pickup] != t->person_ix[i]),
          ERR_REFERENCE, "tour %u: is picked up by no other person's tour, or was not taken there", i);
    if (lead != IX_NONE && !plan_is_joint(p, i)) {
        uint32_t mine = p->trip_first[i];
        uint32_t other = p->trip_first[lead];
        CHECK(p->trip.to_place_ix[mine] == p->trip.to_place_ix[other] &&
                  p->trip.departure_s[mine] == p->trip.departure_s[other],
              ERR_REFERENCE, "tour %u: does not start together with its lead, tour %u", i, lead);
    }
    if (pickup != IX_NONE) {
        uint32_t mine = p->trip_first[i + 1] - 1;
        uint32_t other = p->trip_first[pickup + 1] - 1;
        CHECK(p->trip.from_place_ix[mine] == p->trip.from_place_ix[other] &&
                  p->trip.departure_s[mine] == p->trip.departure_s[other],
              ERR_REFERENCE, "tour %u: does not come home together with tour %u", i, pickup);
    }
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
    CHECK(p->trip_first[0] == 0 && p->trip_first[p->tour.count] == p->trip.count, ERR_REFERENCE,
          "the tours' trips do not cover the table of trips");
    for (uint32_t person = 0; person < persons; person++) {
        CHECK(p->tour_first[person] <= p->tour_first[person + 1] && p->tour_first[person + 1] <= p->tour.count,
              ERR_REFERENCE, "person %u: its tours run backwards", person);
        for (uint32_t i = p->tour_first[person]; i < p->tour_first[person + 1]; i++) {
            CHECK(p->tour.person_ix[i] == person, ERR_REFERENCE, "tour %u belongs to person %u, not to %u", i,
                  p->tour.person_ix[i], person);
            TRY(plan_validate_tour(p, pop, z, i));
            TRY(plan_validate_trips(p, z, i));
            TRY(plan_validate_lead(p, i));
        }
    }
    return plan_check_ids(&p->tour);
}

uint64_t plan_hash(const plan *p) {
    column tours[COLUMN_COUNT(TOUR_COLUMNS)];
    plan_describe_tours(p, tours);
    column trips[COLUMN_COUNT(PLAN_TRIP_COLUMNS)];
    plan_describe_trips(p, trips);
    uint64_t h = column_hash(HASH_SEED, tours, COLUMN_COUNT(TOUR_COLUMNS), p->tour.count);
    return hash_finish(column_hash(h, trips, COLUMN_COUNT(PLAN_TRIP_COLUMNS), p->trip.count));
}

void plan_describe_tours(const plan *p, column out[COLUMN_COUNT(TOUR_COLUMNS)]) {
    const tour_columns *t_ = &p->tour;
    const column all[] = {COLUMN_DESCRIBE(TOUR_COLUMNS)};
    memcpy(out, all, sizeof all);
}

void plan_describe_trips(const plan *p, column out[COLUMN_COUNT(PLAN_TRIP_COLUMNS)]) {
    const plan_trip_columns *t_ = &p->trip;
    const column all[] = {COLUMN_DESCRIBE(PLAN_TRIP_COLUMNS)};
    memcpy(out, all, sizeof all);
}
