// Fixed places: where people work and go to school.
//
// Work inside the municipality is a doubly constrained gravity of all who work here, residents and in-commuters
// together, with jobs scaled to the number of workers: residents take the jobs near home, in-commuters the remaining
// ones. Impedance is road distance, not the mode logsum: a workplace is a long-lived choice, and a measure in a
// scenario should not move people to other jobs, which would drown its effect in noise.
#include <math.h>
#include <string.h>

#include "activity_part.h"
#include "base/dmath.h"
#include "base/log.h"
#include "base/par.h"

// assumption: two-way car minutes at about 40 km/h and 0.035 a minute (behaviour.md section 2.4, work).
static const double WORK_PER_KM = 0.10;
// assumption: which job outside is held follows the logsum only mildly; the sizes are commuting margins already.
static const double OUTSIDE_LOGSUM_SCALE = 0.25;
static const double PRIMARY_SHARE = 0.7;  // 7 of 10 school years (demography.csv school.barneskole, .ungdomsskole)
static const double BALANCE_MAX = 1e-10;
enum { BALANCE_SWEEPS_MAX = 1000 };

// Draw numbers.
enum { DRAW_PLACE_INSIDE = 0, DRAW_PLACE_OUTSIDE = 1, DRAW_SCHOOL_LEVEL = 0 };

double activity_out_commute_share(const scenario *s, const population *today) {
    uint32_t employed = 0;
    for (uint32_t i = 0; i < today->person.count; i++) {
        employed += today->person.segment[i] == SEGMENT_RESIDENT && today->person.employed[i];
    }
    double out = s->out_commuters * s->scale;
    return employed > 0 ? fmin(1.0, out / employed) : 0.0;
}

typedef struct fixed_context {
    const scenario *s;
    const zone_system *z;
    const activity_los *los;
    rng_key key;
    double out_commute_share;
    population *p;
    activity_table inside;
    activity_table outside;
} fixed_context;

static bool place_is_outside(const zone_system *z, uint32_t place_ix) {
    return z->zone.outside[z->place.zone_ix[place_ix]] != 0;
}

static bool works_outside(const fixed_context *c, uint32_t person_ix) {
    const person_columns *person = &c->p->person;
    return person->segment[person_ix] == SEGMENT_RESIDENT &&
           rng_uniform(c->key, person->id[person_ix], DRAW_EMPLOYER_OUTSIDE, 0) < c->out_commute_share;
}

static err_code list_jobs(const fixed_context *c, bool outside, const uint8_t *slot_used, arena *scratch,
                          activity_table *out) {
    double *size;
    ARENA_NEW(scratch, size, c->z->place.count);
    for (uint32_t p = 0; p < c->z->place.count; p++) {
        bool job = c->z->place.kind[p] == PLACE_WORK && place_is_outside(c->z, p) == outside;
        size[p] = job ? (double)c->z->place.size[p] : 0.0;
    }
    return activity_table_init(c->los, c->z->place.count, size, slot_used, scratch, out);
}

// Friction exp(-distance) of every (home slot, job) into cumulative.
static void set_friction(const activity_los *los, activity_table *t) {
    for (uint32_t r = 0; r < t->row_count; r++) {
        const float *distance_m = los->distance_m + (size_t)t->row_slot[r] * los->slot_count;
        for (uint32_t j = 0; j < t->count; j++) {
            double km = (double)distance_m[los->place_slot[t->place_ix[j]]] / 1000.0;
            t->cumulative[(size_t)r * t->count + j] = isfinite(km) ? dmath_exp(-WORK_PER_KM * km) : 0.0;
        }
    }
}

// Workers who arrive at each job place when every row is spread by factor * friction.
static void sum_arrivals(const activity_table *t, const double *worker, const double *factor, double *arrivals) {
    memset(arrivals, 0, t->count * sizeof *arrivals);
    for (uint32_t r = 0; r < t->row_count; r++) {
        const double *friction = t->cumulative + (size_t)r * t->count;
        double reach = 0.0;
        for (uint32_t j = 0; j < t->count; j++) {
            reach += factor[j] * friction[j];
        }
        for (uint32_t j = 0; reach > 0.0 && j < t->count; j++) {
            arrivals[j] += worker[r] * factor[j] * friction[j] / reach;
        }
    }
}

// Furness iterations on rows (workers by home slot) and columns (jobs, scaled to the workers). On return cumulative
// holds, row by row, the column factors times friction, which is all that a draw needs. Sums run in index order.
static err_code balance(const activity_los *los, const double *worker, arena *scratch, activity_table *t) {
    double *arrivals;
    double *factor;
    double workers = 0.0;
    double jobs = 0.0;
    ARENA_NEW(scratch, arrivals, t->count);
    ARENA_NEW(scratch, factor, t->count);
    for (uint32_t r = 0; r < t->row_count; r++) {
        workers += worker[r];
    }
    for (uint32_t j = 0; j < t->count; j++) {
        jobs += t->size[j];
        factor[j] = t->size[j];
    }
    set_friction(los, t);
    double off = HUGE_VAL;
    for (int sweep = 0; sweep < BALANCE_SWEEPS_MAX && off > BALANCE_MAX; sweep++) {
        sum_arrivals(t, worker, factor, arrivals);
        off = 0.0;
        for (uint32_t j = 0; j < t->count; j++) {
            double wanted = t->size[j] * workers / jobs;
            if (arrivals[j] > 0.0) {
                off = fmax(off, fabs(arrivals[j] / wanted - 1.0));
                factor[j] *= wanted / arrivals[j];
            }
        }
    }
    for (uint32_t r = 0; r < t->row_count; r++) {
        for (uint32_t j = 0; j < t->count; j++) {
            t->cumulative[(size_t)r * t->count + j] *= factor[j];
        }
    }
    return ERR_OK;
}

static err_code build_tables(fixed_context *c, arena *scratch) {
    const person_columns *person = &c->p->person;
    uint8_t *used_inside;
    uint8_t *used_outside;
    double *worker;
    double *worker_by_slot;
    ARENA_NEW(scratch, used_inside, c->los->slot_count);
    ARENA_NEW(scratch, used_outside, c->los->slot_count);
    ARENA_NEW(scratch, worker_by_slot, c->los->slot_count);
    uint32_t inside_count = 0;
    uint32_t outside_count = 0;
    for (uint32_t i = 0; i < person->count; i++) {
        if (person->employed[i]) {
            bool outside = works_outside(c, i);
            uint32_t slot = c->los->place_slot[person->home_place_ix[i]];
            (outside ? used_outside : used_inside)[slot] = 1;
            worker_by_slot[slot] += outside ? 0.0 : 1.0;
            *(outside ? &outside_count : &inside_count) += 1;
        }
    }
    TRY(list_jobs(c, false, used_inside, scratch, &c->inside));
    TRY(list_jobs(c, true, used_outside, scratch, &c->outside));
    CHECK(inside_count == 0 || c->inside.count > 0, ERR_INFEASIBLE,
          "%u people work inside the municipality, but no place of kind work lies there; add such places or raise "
          "people.out_commuters and set people.in_commuters to 0",
          inside_count);
    CHECK(outside_count == 0 || c->outside.count > 0, ERR_INFEASIBLE,
          "%u residents work outside the municipality (people.out_commuters), but no place of kind work lies in an "
          "outside zone; add such places or set people.out_commuters to 0",
          outside_count);
    ARENA_NEW(scratch, worker, c->inside.row_count);
    for (uint32_t r = 0; r < c->inside.row_count; r++) {
        worker[r] = worker_by_slot[c->inside.row_slot[r]];
    }
    TRY(balance(c->los, worker, scratch, &c->inside));
    activity_table_accumulate(&c->inside);
    activity_table_fill(&c->outside, c->los, c->los->logsum[PURPOSE_WORK], 1.0, OUTSIDE_LOGSUM_SCALE);
    return ERR_OK;
}

static void assign_work(const fixed_context *c) {
    person_columns *person = &c->p->person;
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < person->count; i++) {
        person->work_place_ix[i] = IX_NONE;
        if (person->employed[i]) {
            bool outside = works_outside(c, i);
            uint32_t slot = c->los->place_slot[person->home_place_ix[i]];
            uint32_t number = outside ? DRAW_PLACE_OUTSIDE : DRAW_PLACE_INSIDE;
            double u = rng_uniform(c->key, person->id[i], DRAW_WORK_PLACE, number);
            person->work_place_ix[i] = activity_table_draw(outside ? &c->outside : &c->inside, slot, u);
        }
    }
}

// --- schools ---------------------------------------------------------------------------------------------------

static place_kind school_of(const fixed_context *c, uint32_t person_ix) {
    const person_columns *person = &c->p->person;
    bool resident = person->segment[person_ix] == SEGMENT_RESIDENT;
    if (resident && person->age[person_ix] == AGE_6_15) {
        double u = rng_uniform(c->key, person->id[person_ix], DRAW_SCHOOL_PLACE, DRAW_SCHOOL_LEVEL);
        return u < PRIMARY_SHARE ? PLACE_SCHOOL_PRIMARY : PLACE_SCHOOL_LOWER;
    }
    if (resident && person->age[person_ix] == AGE_16_19 && !person->employed[person_ix]) {
        return PLACE_SCHOOL_UPPER;
    }
    return PLACE_KIND_COUNT;
}

// Nearest school of the kind by road; with places left if asked. Ties by place order.
static uint32_t nearest_school(const fixed_context *c, place_kind kind, uint32_t slot, const double *left,
                               bool with_places) {
    const float *distance_m = c->los->distance_m + (size_t)slot * c->los->slot_count;
    uint32_t best = IX_NONE;
    float best_m = HUGE_VALF;
    for (uint32_t p = 0; p < c->z->place.count; p++) {
        float m = distance_m[c->los->place_slot[p]];
        if (c->z->place.kind[p] == kind && m < best_m && (!with_places || left[p] > 0.0)) {
            best = p;
            best_m = m;
        }
    }
    return best;
}

// Pupils choose one after the other: those in existing homes first, then by the year their home was built, each group
// in the order of ids, so that families who move in never take the place of a child who lives here already.
static err_code order_pupils(const fixed_context *c, arena *scratch, uint32_t **order, uint32_t *count) {
    const population *p = c->p;
    uint64_t *built;
    uint8_t *pupil;
    ARENA_NEW(scratch, built, p->person.count);
    ARENA_NEW(scratch, pupil, p->person.count);
    ARENA_NEW(scratch, *order, p->person.count);
    for (uint32_t i = 0; i < p->person.count; i++) {
        pupil[i] = school_of(c, i) != PLACE_KIND_COUNT;
        uint32_t household = p->person.household_ix[i];
        built[i] = household == IX_NONE ? 0 : p->household.built_year[household];
    }
    *count = par_select_u8(pupil, p->person.count, *order);
    TRY(par_sort_u64(p->person.id, *count, *order));
    return par_sort_u64(built, *count, *order);  // stable: ids stay in order within a year
}

static err_code assign_schools(const fixed_context *c, arena *scratch) {
    person_columns *person = &c->p->person;
    uint32_t *order;
    uint32_t count;
    double *left;
    uint32_t crowded = 0;
    TRY(order_pupils(c, scratch, &order, &count));
    ARENA_NEW(scratch, left, c->z->place.count);
    for (uint32_t p = 0; p < c->z->place.count; p++) {
        left[p] = ceil((double)c->z->place.size[p] * c->s->scale);
    }
    for (uint32_t k = 0; k < count; k++) {
        uint32_t i = order[k];
        uint32_t slot = c->los->place_slot[person->home_place_ix[i]];
        place_kind kind = school_of(c, i);
        uint32_t school = nearest_school(c, kind, slot, left, true);
        if (school == IX_NONE) {  // all full: the nearest takes one more
            school = nearest_school(c, kind, slot, left, false);
            crowded += school != IX_NONE;
        }
        person->work_place_ix[i] = school;
        if (school != IX_NONE) {
            left[school] -= 1.0;
        }
    }
    log_debug("schools: %u pupils, %u of them above the places there are", count, crowded);
    return ERR_OK;
}

err_code activity_assign_fixed(const scenario *s, const zone_system *z, const activity_los *los, rng_key key,
                               double out_commute_share, population *p, arena *scratch) {
    fixed_context c = {.s = s, .z = z, .los = los, .key = key, .out_commute_share = out_commute_share, .p = p};
    TRY(build_tables(&c, scratch));
    assign_work(&c);
    return assign_schools(&c, scratch);
}
