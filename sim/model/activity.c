// One day of everybody: how many tours of which purpose, where to, and when.
//
// The tours of a person are placed one after the other, the binding ones first (work, school, escort, business, shop,
// leisure). A departure is drawn from the purpose's profile within the hours where the whole tour, with travel, fits
// between the tours already placed: an employee shops after work, not during it, and nobody is in two places at once.
// A tour for which next to none of its usual hours is free is not made; these are counted and logged.
#include "model/activity.h"

#include <math.h>
#include <string.h>

#include "activity_part.h"
#include "base/dmath.h"
#include "base/log.h"
#include "base/par.h"

static const double VISITOR_SHOP_SHARE = 0.6;   // assumption: visitors come 60 % for shops, 40 % for leisure
static const double VISIT_SHARE = 0.3;          // assumption: share of leisure tours that visit somebody's home
static const double RETURN_DAY_STARTS_H = 4.0;  // returns at 0-4 h of a profile are after midnight
enum { COUNT_MAX = 3, DRAW_VISITOR_PURPOSE = PURPOSE_COUNT };

static err_code find_clock(const activity_context *d, purpose why, const char *key, const char *id, double start_h,
                           activity_clock *out) {
    uint32_t ix = id != NULL ? zone_find_profile(d->z, id) : IX_NONE;
    CHECK(ix != IX_NONE, ERR_REFERENCE,
          "choice.%s.%s names the profile '%s', which is not in the profiles table; add it there or name one that is",
          purpose_name(why), key, id != NULL ? id : "");
    activity_clock_init(out, &d->z->profile[ix], start_h);
    return ERR_OK;
}

static err_code find_clocks(activity_context *d) {
    for (int why = 0; why < PURPOSE_COUNT; why++) {
        const purpose_params *params = &d->s->purpose[why];
        TRY(find_clock(d, (purpose)why, "profile_out", params->profile_out, 0.0, &d->out[why]));
        d->has_back[why] = params->profile_return != NULL && params->profile_return[0] != '\0';
        if (d->has_back[why]) {
            TRY(find_clock(d, (purpose)why, "profile_return", params->profile_return, RETURN_DAY_STARTS_H,
                           &d->back[why]));
        }
    }
    return ERR_OK;
}

// --- destinations ----------------------------------------------------------------------------------------------

static bool place_serves(place_kind kind, purpose why) {
    switch (why) {
        case PURPOSE_SHOP:
            return kind == PLACE_SHOP;
        case PURPOSE_LEISURE:
            return kind == PLACE_LEISURE;
        case PURPOSE_ESCORT:
            return kind == PLACE_NURSERY;  // pupils are taken to their own school
        case PURPOSE_BUSINESS:
            return kind == PLACE_WORK;
        default:
            return false;
    }
}

static bool place_is_outside(const activity_context *d, uint32_t place_ix) {
    return d->z->zone.outside[d->z->place.zone_ix[place_ix]] != 0;
}

// Homes inside attract visits in proportion to the households that live there now. A household's attraction is such
// that today's homes have VISIT_SHARE of all attraction inside, so that it does not depend on the unit of the leisure
// places' sizes.
static err_code add_visits(const activity_context *d, arena *scratch, double *size) {
    const place_columns *place = &d->z->place;
    uint32_t *households;
    double leisure = 0.0;
    double homes = 0.0;
    ARENA_NEW(scratch, households, place->count);
    for (uint32_t h = 0; h < d->p->household.count; h++) {
        households[d->p->household.place_ix[h]]++;
    }
    for (uint32_t p = 0; p < place->count; p++) {
        bool inside = !place_is_outside(d, p);
        bool home = zone_place_is_home((place_kind)place->kind[p]);
        leisure += inside ? size[p] : 0.0;
        homes += inside && home ? (double)place->size[p] : 0.0;
    }
    double weight = homes > 0.0 && leisure > 0.0 ? VISIT_SHARE / (1.0 - VISIT_SHARE) * leisure / homes : 1.0;
    for (uint32_t p = 0; p < place->count; p++) {
        size[p] += weight * households[p] / d->s->scale;
    }
    return ERR_OK;
}

static err_code build_table(activity_context *d, segment who, purpose why, const float *logsum,
                            const uint8_t *slot_used, arena *scratch, activity_table *t) {
    double *size;
    ARENA_NEW(scratch, size, d->z->place.count);
    for (uint32_t p = 0; p < d->z->place.count; p++) {
        bool open = who == SEGMENT_RESIDENT || !place_is_outside(d, p);
        bool serves = place_serves((place_kind)d->z->place.kind[p], why);
        size[p] = open && serves ? (double)d->z->place.size[p] : 0.0;
    }
    if (why == PURPOSE_LEISURE) {
        TRY(add_visits(d, scratch, size));
    }
    TRY(activity_table_init(d->los, d->z->place.count, size, slot_used, scratch, t));
    activity_table_fill(t, d->los, logsum, d->s->purpose[why].size_scale, d->s->purpose[why].logsum_scale);
    return ERR_OK;
}

static err_code build_tables(activity_context *d, arena *scratch) {
    for (int who = SEGMENT_RESIDENT; who <= SEGMENT_VISITOR; who++) {
        uint8_t *used = activity_slots_of(d->los, d->p, (segment)who, scratch);
        if (used == NULL) {
            return ERR_MEMORY;
        }
        for (int why = PURPOSE_SHOP; why < PURPOSE_COUNT; why++) {
            TRY(build_table(d, (segment)who, (purpose)why, d->los->logsum[why], used, scratch, &d->table[who][why]));
            if (who == SEGMENT_RESIDENT && d->los->logsum_no_car[why] != NULL) {
                TRY(build_table(d, (segment)who, (purpose)why, d->los->logsum_no_car[why], used, scratch,
                                &d->no_car[why]));
            }
        }
    }
    return ERR_OK;
}

const activity_table *activity_table_of(const activity_context *d, uint32_t i, purpose why) {
    const population *p = d->p;
    uint32_t h = p->person.household_ix[i];
    bool drives = p->person.licence[i] != 0 && (h == IX_NONE || p->household.cars[h] > 0);
    bool heeds = p->person.segment[i] == SEGMENT_RESIDENT && !drives && d->los->logsum_no_car[why] != NULL;
    return heeds ? &d->no_car[why] : &d->table[p->person.segment[i]][why];
}

static bool has_fixed_place(purpose why) {
    return why == PURPOSE_WORK || why == PURPOSE_SCHOOL;
}

uint64_t activity_tour_id(uint64_t person_id, purpose why, uint32_t number) {
    return rng_mix64(person_id + 0x9e3779b97f4a7c15ULL * (1 + (uint64_t)why * 16 + number));
}

// --- how many --------------------------------------------------------------------------------------------------

// 0 to 3 with the given mean: binomial, by inverting its distribution, so that a higher mean never removes a tour.
static uint32_t draw_count(double mean, double u) {
    double p = fmin(1.0, fmax(0.0, mean / COUNT_MAX));
    double q = 1.0 - p;
    const double share[COUNT_MAX] = {q * q * q, 3.0 * p * q * q, 3.0 * p * p * q};
    double below = share[0];
    uint32_t count = 0;
    while (count < COUNT_MAX && u >= below) {
        count++;
        below += count < COUNT_MAX ? share[count] : 0.0;
    }
    return count;
}

static bool lives_with_child(const population *p, uint32_t person_ix) {
    uint32_t h = p->person.household_ix[person_ix];
    for (uint32_t k = 0; h != IX_NONE && k < p->household.size[h]; k++) {
        if (p->person.age[p->household.person_first[h] + k] <= AGE_6_15) {
            return true;
        }
    }
    return false;
}

// Does the person shop, or spend its leisure, as the household does?
bool activity_goes_along(const activity_context *d, uint32_t i, purpose why) {
    double share = why == PURPOSE_SHOP      ? d->s->joint_shop_share
                   : why == PURPOSE_LEISURE ? d->s->joint_leisure_share
                                            : 0.0;
    bool child = d->p->person.age[i] <= AGE_6_15 && why == PURPOSE_SHOP;  // assumption: children do not shop alone
    return d->p->person.household_ix[i] != IX_NONE &&
           ((child && share > 0.0) || rng_uniform(d->key, d->p->person.id[i], DRAW_JOINT, (uint32_t)why + 1) < share);
}

// Those who go along have the household's draw: each makes as many tours as alone, but on the same days.
static double draw_of(const activity_context *d, uint32_t i, purpose why) {
    uint64_t id = d->p->person.id[i];
    if (activity_goes_along(d, i, why)) {
        id = d->p->household.id[d->p->person.household_ix[i]];
    }
    return rng_uniform(d->key, id, DRAW_TOUR_COUNT, (uint32_t)why);
}

// Who travels with somebody else shares that person's draws of the tour.
static uint32_t drawn_as(const activity_context *d, uint32_t i) {
    return d->partner[i] != IX_NONE ? d->partner[i] : i;
}

static void count_work(const activity_context *d, uint32_t i, uint8_t count[PURPOSE_COUNT]) {
    const person_columns *person = &d->p->person;
    if (!person->employed[i]) {
        return;
    }
    // The attendance and the home office are separate draws: raising the home-office share only removes tours.
    double attends =
        person->work_place_ix[i] != IX_NONE ? fmin(1.0, d->s->purpose[PURPOSE_WORK].tours_per_person) : 0.0;
    double goes = attends * (1.0 - d->home_office_share);
    uint32_t as = drawn_as(d, i);
    count[PURPOSE_WORK] = draw_of(d, as, PURPOSE_WORK) < attends &&
                          rng_uniform(d->key, person->id[as], DRAW_HOME_OFFICE, 0) >= d->home_office_share;
    // assumption: a business tour that starts at home is made on a day without a work tour; the mean over all employed
    // is kept.
    if (count[PURPOSE_WORK] == 0 && goes < 1.0 && person->segment[i] == SEGMENT_RESIDENT) {
        double mean = d->s->purpose[PURPOSE_BUSINESS].tours_per_person / (1.0 - goes);
        count[PURPOSE_BUSINESS] = (uint8_t)draw_count(mean, draw_of(d, i, PURPOSE_BUSINESS));
    }
}

static void count_tours(const activity_context *d, uint32_t i, uint8_t count[PURPOSE_COUNT]) {
    const person_columns *person = &d->p->person;
    const purpose_params *params = d->s->purpose;
    memset(count, 0, PURPOSE_COUNT * sizeof *count);
    count_work(d, i, count);
    if (person->segment[i] != SEGMENT_RESIDENT) {
        if (!activity_is_commuter(d->p, i)) {
            double u = rng_uniform(d->key, person->id[drawn_as(d, i)], DRAW_TOUR_COUNT, DRAW_VISITOR_PURPOSE);
            count[u < VISITOR_SHOP_SHARE ? PURPOSE_SHOP : PURPOSE_LEISURE] = 1;
        }
        return;
    }
    bool pupil = !person->employed[i] && person->work_place_ix[i] != IX_NONE;
    count[PURPOSE_SCHOOL] = pupil && draw_of(d, i, PURPOSE_SCHOOL) < params[PURPOSE_SCHOOL].tours_per_person;
    if (person->age[i] >= AGE_6_15) {
        count[PURPOSE_SHOP] = (uint8_t)draw_count(params[PURPOSE_SHOP].tours_per_person, draw_of(d, i, PURPOSE_SHOP));
        count[PURPOSE_LEISURE] =
            (uint8_t)draw_count(params[PURPOSE_LEISURE].tours_per_person, draw_of(d, i, PURPOSE_LEISURE));
    }
    if (person->age[i] >= AGE_20_44 && lives_with_child(d->p, i)) {
        count[PURPOSE_ESCORT] =
            (uint8_t)draw_count(params[PURPOSE_ESCORT].tours_per_person, draw_of(d, i, PURPOSE_ESCORT));
    }
}

void activity_add_plain(const activity_context *d, uint32_t i, purpose why, uint32_t number, activity_day *day) {
    const person_columns *person = &d->p->person;
    bool shared = why == PURPOSE_WORK || person->segment[i] == SEGMENT_VISITOR;
    uint32_t as = shared ? drawn_as(d, i) : i;
    uint64_t id = activity_tour_id(person->id[as], why, number);
    activity_draft tour = activity_draft_of(why, number);
    if (as != i) {
        tour.lead = (activity_ref){.person_ix = as, .purpose = (uint8_t)why, .number = (uint8_t)number};
    }
    uint32_t slot = d->los->place_slot[person->home_place_ix[i]];
    double u = rng_uniform(d->key, id, DRAW_DESTINATION, 0);
    tour.destination_ix =
        has_fixed_place(why) ? person->work_place_ix[i] : activity_table_draw(activity_table_of(d, i, why), slot, u);
    if (tour.destination_ix == IX_NONE) {
        day->no_place++;
    } else if (day->count == ACTIVITY_TOURS_MAX || !activity_place_tour(d, i, tour, id, day)) {
        day->no_room++;
    }
}

// Activities of one purpose of a household: those who may drive first, since others go with them.
static void plan_purpose(const activity_context *d, uint32_t household, purpose why, activity_day *days) {
    const household_columns *h = &d->p->household;
    uint32_t first = h->person_first[household];
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t k = 0; k < h->size[household]; k++) {
            if ((d->p->person.licence[first + k] == 0) != (pass == 1)) {
                continue;
            }
            for (uint32_t number = 0; number < days[k].wanted[why]; number++) {
                if (why == PURPOSE_ESCORT) {
                    activity_add_escort(d, household, k, number, days);
                } else if (why == PURPOSE_SHOP || why == PURPOSE_LEISURE) {
                    activity_add_errand(d, household, k, why, number, days);
                } else {
                    activity_add_plain(d, first + k, why, number, &days[k]);
                }
            }
        }
    }
}

static const purpose day_order[PURPOSE_COUNT] = {PURPOSE_WORK,     PURPOSE_SCHOOL, PURPOSE_ESCORT,
                                                 PURPOSE_BUSINESS, PURPOSE_SHOP,   PURPOSE_LEISURE};

static void plan_household(const activity_context *d, uint32_t household, activity_day *days) {
    uint32_t first = d->p->household.person_first[household];
    for (uint32_t k = 0; k < d->p->household.size[household]; k++) {
        count_tours(d, first + k, days[k].wanted);
    }
    for (int step = 0; step < PURPOSE_COUNT; step++) {
        plan_purpose(d, household, day_order[step], days);
    }
    activity_close_escorts(d, household, days);
}

static void plan_visitor(const activity_context *d, uint32_t i, activity_day *day) {
    count_tours(d, i, day->wanted);
    for (int step = 0; step < PURPOSE_COUNT; step++) {
        for (uint32_t number = 0; number < day->wanted[day_order[step]]; number++) {
            activity_add_plain(d, i, day_order[step], number, day);
        }
    }
}

// --- all -------------------------------------------------------------------------------------------------------

static bool has(const activity_stop *s) {
    return s->place_ix != IX_NONE;
}

static uint32_t add_trip(plan *out, uint32_t trip, uint32_t tour, uint32_t to, int32_t departure_s, uint8_t why) {
    bool first = trip == out->trip_first[tour];
    out->trip.tour_ix[trip] = tour;
    out->trip.from_place_ix[trip] = first ? out->tour.origin_place_ix[tour] : out->trip.to_place_ix[trip - 1];
    out->trip.to_place_ix[trip] = to;
    out->trip.departure_s[trip] = departure_s;
    out->trip.purpose[trip] = why;
    return trip + 1;
}

static void write_trips(const activity_draft *t, uint32_t ix, plan *out) {
    uint32_t trip = out->trip_first[ix];
    int32_t at_s = t->departure_s;
    if (has(&t->out_stop)) {
        trip = add_trip(out, trip, ix, t->out_stop.place_ix, at_s, t->out_stop.purpose);
        at_s = t->out_stop.departure_s;
    }
    trip = add_trip(out, trip, ix, t->destination_ix, at_s, t->purpose);
    at_s = t->return_s;
    uint8_t left = t->purpose;
    if (has(&t->home_stop)) {
        trip = add_trip(out, trip, ix, t->home_stop.place_ix, at_s, t->home_stop.purpose);
        at_s = t->home_stop.departure_s;
        left = t->home_stop.purpose;
    }
    trip = add_trip(out, trip, ix, out->tour.origin_place_ix[ix], at_s, left);
    ASSERT(trip == out->trip_first[ix + 1]);
}

static void write_person(const activity_context *d, uint32_t i, const activity_day *day, plan *out) {
    for (uint32_t k = 0; k < day->count; k++) {
        const activity_draft *tour = &day->tour[k];
        uint32_t ix = out->tour_first[i] + k;
        out->tour.id[ix] = activity_tour_id(d->p->person.id[i], (purpose)tour->purpose, tour->number);
        out->tour.person_ix[ix] = i;
        out->tour.purpose[ix] = tour->purpose;
        out->tour.origin_place_ix[ix] = d->p->person.home_place_ix[i];
        out->tour.destination_place_ix[ix] = tour->destination_ix;
        out->tour.departure_s[ix] = tour->departure_s;
        out->tour.return_s[ix] = tour->return_s;
        out->tour.mode[ix] = MODE_COUNT;
        write_trips(tour, ix, out);
    }
}

static uint32_t find_tour(const activity_context *d, const plan *p, const activity_ref *r) {
    if (r->person_ix == IX_NONE) {
        return IX_NONE;
    }
    uint64_t id = activity_tour_id(d->p->person.id[r->person_ix], (purpose)r->purpose, r->number);
    for (uint32_t k = p->tour_first[r->person_ix]; k < p->tour_first[r->person_ix + 1]; k++) {
        if (p->tour.id[k] == id) {
            return k;
        }
    }
    return IX_NONE;
}

// Who was meant to travel together does so if the times came out alike (a pupil always leaves with its lead). A tour
// whose lead has a lead decides for itself.
static void write_leads(const activity_context *d, uint32_t i, const activity_day *days, plan *out) {
    for (uint32_t k = 0; k < days[i].count; k++) {
        const activity_draft *tour = &days[i].tour[k];
        uint32_t ix = out->tour_first[i] + k;
        uint32_t lead = find_tour(d, out, &tour->lead);
        if (lead == IX_NONE ||
            days[tour->lead.person_ix].tour[lead - out->tour_first[tour->lead.person_ix]].lead.person_ix != IX_NONE) {
            continue;
        }
        out->tour.lead_tour_ix[ix] = lead;
        if (!tour->taken && !plan_is_joint(out, ix)) {
            out->tour.lead_tour_ix[ix] = IX_NONE;
        } else {
            out->tour.pickup_tour_ix[ix] = find_tour(d, out, &tour->pickup);
        }
    }
}

// How the day came out against what was asked for.
static void log_tally(const activity_context *d, const activity_day *days, const plan *p) {
    uint32_t no_room = 0, no_place = 0, residents = 0, trips = 0, led = 0;
    uint32_t by_purpose[PURPOSE_COUNT] = {0};
    for (uint32_t i = 0; i < d->p->person.count; i++) {
        no_room += days[i].no_room;
        no_place += days[i].no_place;
        residents += d->p->person.segment[i] == SEGMENT_RESIDENT;
    }
    for (uint32_t t = 0; t < p->tour.count; t++) {
        bool resident = d->p->person.segment[p->tour.person_ix[t]] == SEGMENT_RESIDENT;
        led += p->tour.lead_tour_ix[t] != IX_NONE;
        for (uint32_t k = p->trip_first[t]; resident && k < p->trip_first[t + 1]; k++) {
            by_purpose[p->trip.purpose[k]]++;
            trips++;
        }
    }
    log_debug(
        "day: %u persons, %u tours with %u stops on the way, %u made with somebody else; %u left out for want of "
        "time, %u for want of a place that can be reached",
        d->p->person.count, p->tour.count, p->trip.count - 2 * p->tour.count, led, no_room, no_place);
    double all = trips > 0 ? trips / 100.0 : 1.0;
    log_debug(
        "day: %.3f trips a resident; percent of them: work %.1f, school %.1f, shop %.1f, leisure %.1f, escort "
        "%.1f, business %.1f",
        residents > 0 ? (double)trips / residents : 0.0, by_purpose[PURPOSE_WORK] / all,
        by_purpose[PURPOSE_SCHOOL] / all, by_purpose[PURPOSE_SHOP] / all, by_purpose[PURPOSE_LEISURE] / all,
        by_purpose[PURPOSE_ESCORT] / all, by_purpose[PURPOSE_BUSINESS] / all);
}

static void make_days(const activity_context *d, activity_day *day) {
    const population *p = d->p;
#pragma omp parallel for schedule(runtime)
    for (uint32_t h = 0; h < p->household.count; h++) {
        plan_household(d, h, &day[p->household.person_first[h]]);
    }
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < p->person.count; i++) {
        if (p->person.household_ix[i] == IX_NONE) {
            plan_visitor(d, i, &day[i]);
        }
    }
}

static err_code write_plan(const activity_context *d, const activity_day *day, arena *a, arena *scratch, plan *out) {
    uint32_t persons = d->p->person.count;
    uint32_t *count;
    ARENA_NEW(scratch, count, (size_t)persons + 1);
    for (uint32_t i = 0; i < persons; i++) {
        count[i] = day[i].count;
    }
    par_scan_u32(count, persons, count);
    TRY(plan_alloc(out, a, count[persons], persons));
    memcpy(out->tour_first, count, ((size_t)persons + 1) * sizeof *count);
    uint32_t trips = 0;
    for (uint32_t i = 0; i < persons; i++) {
        for (uint32_t k = 0; k < day[i].count; k++) {
            out->trip_first[count[i] + k] = trips;
            trips += 2U + has(&day[i].tour[k].out_stop) + has(&day[i].tour[k].home_stop);
        }
    }
    out->trip_first[count[persons]] = trips;
    TRY(plan_alloc_trips(out, a, trips));
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < persons; i++) {
        write_person(d, i, &day[i], out);
    }
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < persons; i++) {
        write_leads(d, i, day, out);
    }
    return ERR_OK;
}

err_code activity_run(const scenario *s, const zone_system *z, const activity_los *los, double home_office_share,
                      rng_key key, const population *p, arena *a, arena *scratch, plan *out) {
    activity_day *day;
    activity_context *d;
    ARENA_NEW(scratch, d, 1);
    ARENA_NEW(scratch, day, p->person.count);
    *d = (activity_context){.s = s, .z = z, .los = los, .p = p, .key = key, .home_office_share = home_office_share};
    d->end_s = (int32_t)(s->end_h * 3600.0) - 1;
    TRY(find_clocks(d));
    TRY(build_tables(d, scratch));
    TRY(activity_pairs(d, scratch));
    make_days(d, day);
    TRY(write_plan(d, day, a, scratch, out));
    log_tally(d, day, out);
    return ERR_OK;
}
