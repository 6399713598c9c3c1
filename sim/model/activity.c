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

// assumption: travel as planned by the traveller, door to door: 5 min and 40 km/h, an hour if the way is not known.
static const int32_t TRAVEL_BASE_S = 300;
static const double TRAVEL_MPS = 11.1;
static const int32_t TRAVEL_UNKNOWN_S = 3600;
static const int32_t STAY_MIN_S = 300;          // assumption: shortest stay
static const double FREE_SHARE_MIN = 0.02;      // assumption: a tour needs at least this share of its usual hours free
static const double RETURN_SHARE_MIN = 0.001;   // below: the return profile has nothing to draw from
static const double VISITOR_SHOP_SHARE = 0.6;   // assumption: visitors come 60 % for shops, 40 % for leisure
static const double VISIT_SHARE = 0.3;          // assumption: share of leisure tours that visit somebody's home
static const double RETURN_DAY_STARTS_H = 4.0;  // returns at 0-4 h of a profile are after midnight
enum { TOURS_MAX = 8, COUNT_MAX = 3, DAY_S = 86400 };

// Draw numbers.
enum { DRAW_TIME_DEPARTURE = 0, DRAW_TIME_STAY = 1, DRAW_VISITOR_PURPOSE = PURPOSE_COUNT };

// Cumulative share of the day by time, from start_h over 24 hours.
typedef struct day_clock {
    double start_h;
    double cumulative[25];
} day_clock;

typedef struct day_context {
    const scenario *s;
    const zone_system *z;
    const activity_los *los;
    const population *p;
    rng_key key;
    double home_office_share;
    int32_t end_s;  // everybody is home by then
    day_clock out[PURPOSE_COUNT];
    day_clock back[PURPOSE_COUNT];
    bool has_back[PURPOSE_COUNT];
    activity_table table[SEGMENT_VISITOR + 1][PURPOSE_COUNT];  // free destinations of residents and visitors
} day_context;

typedef struct draft {  // a tour before it is written
    uint32_t destination_ix;
    int32_t departure_s;
    int32_t return_s;
    int32_t home_s;  // back home, with travel
    uint8_t purpose;
    uint8_t number;  // among the person's tours of the purpose
} draft;

typedef struct draft_day {
    uint8_t count;
    uint8_t no_room;
    uint8_t no_place;
    draft tour[TOURS_MAX];
} draft_day;

// --- clocks ----------------------------------------------------------------------------------------------------

static void clock_init(day_clock *c, const zone_profile *profile, double start_h) {
    double total = 0.0;
    c->start_h = start_h;
    c->cumulative[0] = 0.0;
    for (int h = 0; h < 24; h++) {
        total += profile->share[(h + (int)start_h) % 24];
        c->cumulative[h + 1] = total;
    }
    for (int h = 1; h <= 24 && total > 0.0; h++) {
        c->cumulative[h] /= total;
    }
}

static double clock_share_until(const day_clock *c, int32_t time_s) {
    double h = fmin(24.0, fmax(0.0, time_s / 3600.0 - c->start_h));
    int hour = h < 24.0 ? (int)h : 23;
    return c->cumulative[hour] + (h - hour) * (c->cumulative[hour + 1] - c->cumulative[hour]);
}

static int32_t clock_time_at(const day_clock *c, double share) {
    int hour = 0;
    while (hour < 23 && c->cumulative[hour + 1] <= share) {
        hour++;
    }
    double width = c->cumulative[hour + 1] - c->cumulative[hour];
    double part = width > 0.0 ? fmin(1.0, fmax(0.0, (share - c->cumulative[hour]) / width)) : 0.0;
    return (int32_t)floor((c->start_h + hour + part) * 3600.0);
}

// Time at position u of the profile between two times; share = how much of the profile lies there.
static int32_t clock_draw(const day_clock *c, int32_t from_s, int32_t to_s, double u) {
    double from = clock_share_until(c, from_s);
    double to = clock_share_until(c, to_s);
    int32_t time_s = clock_time_at(c, from + u * (to - from));
    return time_s < from_s ? from_s : (time_s > to_s ? to_s : time_s);
}

static err_code find_clock(const day_context *d, purpose why, const char *key, const char *id, double start_h,
                           day_clock *out) {
    uint32_t ix = id != NULL ? zone_find_profile(d->z, id) : IX_NONE;
    CHECK(ix != IX_NONE, ERR_REFERENCE,
          "choice.%s.%s names the profile '%s', which is not in the profiles table; add it there or name one that is",
          purpose_name(why), key, id != NULL ? id : "");
    clock_init(out, &d->z->profile[ix], start_h);
    return ERR_OK;
}

static err_code find_clocks(day_context *d) {
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
            return kind == PLACE_NURSERY || kind == PLACE_SCHOOL_PRIMARY;
        case PURPOSE_BUSINESS:
            return kind == PLACE_WORK;
        default:
            return false;
    }
}

static bool place_is_outside(const day_context *d, uint32_t place_ix) {
    return d->z->zone.outside[d->z->place.zone_ix[place_ix]] != 0;
}

// Homes inside attract visits in proportion to the households that live there now. A household's attraction is such
// that today's homes have VISIT_SHARE of all attraction inside, so that it does not depend on the unit of the leisure
// places' sizes.
static err_code add_visits(const day_context *d, arena *scratch, double *size) {
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

static err_code build_table(day_context *d, segment who, purpose why, const uint8_t *slot_used, arena *scratch) {
    double *size;
    activity_table *t = &d->table[who][why];
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
    activity_table_fill(t, d->los, why, d->s->purpose[why].size_scale, d->s->purpose[why].logsum_scale);
    return ERR_OK;
}

static err_code build_tables(day_context *d, arena *scratch) {
    for (int who = SEGMENT_RESIDENT; who <= SEGMENT_VISITOR; who++) {
        uint8_t *used = activity_slots_of(d->los, d->p, (segment)who, scratch);
        if (used == NULL) {
            return ERR_MEMORY;
        }
        for (int why = PURPOSE_SHOP; why < PURPOSE_COUNT; why++) {
            TRY(build_table(d, (segment)who, (purpose)why, used, scratch));
        }
    }
    return ERR_OK;
}

static bool has_fixed_place(purpose why) {
    return why == PURPOSE_WORK || why == PURPOSE_SCHOOL;
}

static uint64_t tour_id(uint64_t person_id, purpose why, uint32_t number) {
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

static double draw_of(const day_context *d, uint32_t i, purpose why) {
    return rng_uniform(d->key, d->p->person.id[i], DRAW_TOUR_COUNT, (uint32_t)why);
}

static void count_work(const day_context *d, uint32_t i, uint32_t count[PURPOSE_COUNT]) {
    const person_columns *person = &d->p->person;
    if (!person->employed[i]) {
        return;
    }
    // The attendance and the home office are separate draws: raising the home-office share only removes tours.
    double attends =
        person->work_place_ix[i] != IX_NONE ? fmin(1.0, d->s->purpose[PURPOSE_WORK].tours_per_person) : 0.0;
    double goes = attends * (1.0 - d->home_office_share);
    count[PURPOSE_WORK] = draw_of(d, i, PURPOSE_WORK) < attends &&
                          rng_uniform(d->key, person->id[i], DRAW_HOME_OFFICE, 0) >= d->home_office_share;
    // assumption: a business tour that starts at home is made on a day without a work tour; the mean over all employed
    // is kept.
    if (count[PURPOSE_WORK] == 0 && goes < 1.0 && person->segment[i] == SEGMENT_RESIDENT) {
        double mean = d->s->purpose[PURPOSE_BUSINESS].tours_per_person / (1.0 - goes);
        count[PURPOSE_BUSINESS] = draw_count(mean, draw_of(d, i, PURPOSE_BUSINESS));
    }
}

static void count_tours(const day_context *d, uint32_t i, uint32_t count[PURPOSE_COUNT]) {
    const person_columns *person = &d->p->person;
    const purpose_params *params = d->s->purpose;
    memset(count, 0, PURPOSE_COUNT * sizeof *count);
    count_work(d, i, count);
    if (person->segment[i] != SEGMENT_RESIDENT) {
        if (!activity_is_commuter(d->p, i)) {
            double u = rng_uniform(d->key, person->id[i], DRAW_TOUR_COUNT, DRAW_VISITOR_PURPOSE);
            count[u < VISITOR_SHOP_SHARE ? PURPOSE_SHOP : PURPOSE_LEISURE] = 1;
        }
        return;
    }
    bool pupil = !person->employed[i] && person->work_place_ix[i] != IX_NONE;
    count[PURPOSE_SCHOOL] = pupil && draw_of(d, i, PURPOSE_SCHOOL) < params[PURPOSE_SCHOOL].tours_per_person;
    if (person->age[i] >= AGE_6_15) {
        count[PURPOSE_SHOP] = draw_count(params[PURPOSE_SHOP].tours_per_person, draw_of(d, i, PURPOSE_SHOP));
        count[PURPOSE_LEISURE] = draw_count(params[PURPOSE_LEISURE].tours_per_person, draw_of(d, i, PURPOSE_LEISURE));
    }
    if (person->age[i] >= AGE_20_44 && lives_with_child(d->p, i)) {
        count[PURPOSE_ESCORT] = draw_count(params[PURPOSE_ESCORT].tours_per_person, draw_of(d, i, PURPOSE_ESCORT));
    }
}

// --- when ------------------------------------------------------------------------------------------------------

static int32_t travel_s(const activity_los *los, uint32_t from_place, uint32_t to_place) {
    size_t from = los->place_slot[from_place];
    double m = (double)los->distance_m[from * los->slot_count + los->place_slot[to_place]];
    return isfinite(m) ? TRAVEL_BASE_S + (int32_t)ceil(m / TRAVEL_MPS) : TRAVEL_UNKNOWN_S;
}

// Symmetric triangular stay around the mean, from one uniform.
static int32_t draw_stay(const purpose_params *params, double u) {
    double side = u < 0.5 ? dmath_sqrt(2.0 * u) - 1.0 : 1.0 - dmath_sqrt(2.0 * (1.0 - u));
    double stay_s = 3600.0 * (params->duration_mean_h + params->duration_spread_h * side);
    return stay_s > STAY_MIN_S ? (int32_t)floor(stay_s) : STAY_MIN_S;
}

// Free time before tour k of the day (k = count: after the last one).
static void free_time(const day_context *d, const draft_day *day, uint32_t k, int32_t *from_s, int32_t *to_s) {
    *from_s = k > 0 ? day->tour[k - 1].home_s : 0;
    *to_s = k < day->count ? day->tour[k].departure_s : d->end_s;
}

// Departures in free time k that leave room for length_s; false if there are none. The profile covers one day.
static bool departures(const day_context *d, const draft_day *day, uint32_t k, int32_t length_s, int32_t *from_s,
                       int32_t *to_s) {
    free_time(d, day, k, from_s, to_s);
    *to_s -= length_s;
    *to_s = *to_s < DAY_S ? *to_s : DAY_S - 1;
    return *to_s >= *from_s;
}

// Draws a departure within all free times in proportion to the profile; returns the free time's number, IX_NONE if
// too little of the profile is free.
static uint32_t draw_departure(const day_context *d, const draft_day *day, purpose why, int32_t length_s, double u,
                               int32_t *departure_s) {
    const day_clock *clock = &d->out[why];
    double share[TOURS_MAX + 1];
    double total = 0.0;
    int32_t from_s;
    int32_t to_s;
    for (uint32_t k = 0; k <= day->count; k++) {
        bool room = departures(d, day, k, length_s, &from_s, &to_s);
        share[k] = room ? clock_share_until(clock, to_s) - clock_share_until(clock, from_s) : 0.0;
        total += share[k];
    }
    if (total < FREE_SHARE_MIN) {
        return IX_NONE;
    }
    double at = u * total;
    uint32_t chosen = IX_NONE;
    for (uint32_t k = 0; k <= day->count; k++) {
        if (share[k] > 0.0) {
            chosen = k;
            if (at < share[k]) {
                break;
            }
            at -= share[k];
        }
    }
    departures(d, day, chosen, length_s, &from_s, &to_s);
    *departure_s = clock_draw(clock, from_s, to_s, fmin(1.0, at / share[chosen]));
    return chosen;
}

// Times of one tour; false if the day has no room for it.
static bool place_tour(const day_context *d, uint32_t i, draft tour, uint64_t id, draft_day *day) {
    purpose why = (purpose)tour.purpose;
    uint32_t home = d->p->person.home_place_ix[i];
    int32_t out_s = travel_s(d->los, home, tour.destination_ix);
    int32_t back_s = travel_s(d->los, tour.destination_ix, home);
    double u_stay = rng_uniform(d->key, id, DRAW_TOUR_TIME, DRAW_TIME_STAY);
    int32_t stay_s = draw_stay(&d->s->purpose[why], u_stay);
    int32_t least_s = d->has_back[why] ? STAY_MIN_S : stay_s;
    double u = rng_uniform(d->key, id, DRAW_TOUR_TIME, DRAW_TIME_DEPARTURE);
    uint32_t k = draw_departure(d, day, why, out_s + least_s + back_s, u, &tour.departure_s);
    if (k == IX_NONE) {
        return false;
    }
    int32_t from_s;
    int32_t to_s;
    free_time(d, day, k, &from_s, &to_s);
    int32_t latest_s = to_s - back_s;
    int32_t arrival_s = tour.departure_s + out_s;
    tour.return_s = arrival_s + stay_s < latest_s ? arrival_s + stay_s : latest_s;
    if (d->has_back[why]) {
        const day_clock *clock = &d->back[why];
        int32_t first_s = arrival_s + STAY_MIN_S;
        if (clock_share_until(clock, latest_s) - clock_share_until(clock, first_s) > RETURN_SHARE_MIN) {
            tour.return_s = clock_draw(clock, first_s, latest_s, u_stay);
        }
    }
    tour.home_s = tour.return_s + back_s;
    memmove(&day->tour[k + 1], &day->tour[k], (day->count - k) * sizeof day->tour[0]);
    day->tour[k] = tour;
    day->count++;
    return true;
}

static void plan_person(const day_context *d, uint32_t i, draft_day *day) {
    static const purpose order[] = {PURPOSE_WORK,     PURPOSE_SCHOOL, PURPOSE_ESCORT,
                                    PURPOSE_BUSINESS, PURPOSE_SHOP,   PURPOSE_LEISURE};
    const person_columns *person = &d->p->person;
    uint32_t slot = d->los->place_slot[person->home_place_ix[i]];
    uint32_t count[PURPOSE_COUNT];
    count_tours(d, i, count);
    for (uint32_t step = 0; step < PURPOSE_COUNT; step++) {
        purpose why = order[step];
        for (uint32_t number = 0; number < count[why]; number++) {
            uint64_t id = tour_id(person->id[i], why, number);
            draft tour = {.purpose = (uint8_t)why, .number = (uint8_t)number};
            double u = rng_uniform(d->key, id, DRAW_DESTINATION, 0);
            tour.destination_ix = has_fixed_place(why)
                                      ? person->work_place_ix[i]
                                      : activity_table_draw(&d->table[person->segment[i]][why], slot, u);
            if (tour.destination_ix == IX_NONE) {
                day->no_place++;
            } else if (day->count == TOURS_MAX || !place_tour(d, i, tour, id, day)) {
                day->no_room++;
            }
        }
    }
}

// --- all -------------------------------------------------------------------------------------------------------

static void write_person(const day_context *d, uint32_t i, const draft_day *day, plan *out) {
    for (uint32_t k = 0; k < day->count; k++) {
        const draft *tour = &day->tour[k];
        uint32_t ix = out->tour_first[i] + k;
        out->tour.id[ix] = tour_id(d->p->person.id[i], (purpose)tour->purpose, tour->number);
        out->tour.person_ix[ix] = i;
        out->tour.purpose[ix] = tour->purpose;
        out->tour.origin_place_ix[ix] = d->p->person.home_place_ix[i];
        out->tour.destination_place_ix[ix] = tour->destination_ix;
        out->tour.departure_s[ix] = tour->departure_s;
        out->tour.return_s[ix] = tour->return_s;
        out->tour.mode[ix] = MODE_COUNT;
    }
}

static void log_tally(const draft_day *day, uint32_t person_count, uint32_t tour_count) {
    uint32_t no_room = 0;
    uint32_t no_place = 0;
    for (uint32_t i = 0; i < person_count; i++) {
        no_room += day[i].no_room;
        no_place += day[i].no_place;
    }
    log_debug("day: %u persons, %u tours; %u left out for want of time, %u for want of a place that can be reached",
              person_count, tour_count, no_room, no_place);
}

err_code activity_run(const scenario *s, const zone_system *z, const activity_los *los, double home_office_share,
                      rng_key key, const population *p, arena *a, arena *scratch, plan *out) {
    uint32_t person_count = p->person.count;
    draft_day *day;
    uint32_t *count;
    day_context *d;
    ARENA_NEW(scratch, d, 1);
    ARENA_NEW(scratch, day, person_count);
    ARENA_NEW(scratch, count, (size_t)person_count + 1);
    *d = (day_context){.s = s, .z = z, .los = los, .p = p, .key = key, .home_office_share = home_office_share};
    d->end_s = (int32_t)(s->end_h * 3600.0) - 1;
    TRY(find_clocks(d));
    TRY(build_tables(d, scratch));
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < person_count; i++) {
        plan_person(d, i, &day[i]);
        count[i] = day[i].count;
    }
    par_scan_u32(count, person_count, count);
    TRY(plan_alloc(out, a, count[person_count], person_count));
    memcpy(out->tour_first, count, ((size_t)person_count + 1) * sizeof *count);
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < person_count; i++) {
        write_person(d, i, &day[i], out);
    }
    log_tally(day, person_count, count[person_count]);
    return ERR_OK;
}
