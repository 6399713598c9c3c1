// Placing tours in a person's day: hour profiles, free time between the tours already placed, stays.
#include <math.h>
#include <string.h>

#include "activity_part.h"
#include "base/dmath.h"

// assumption: travel as planned by the traveller, door to door: 5 min and 40 km/h, an hour if the way is not known.
static const int32_t TRAVEL_BASE_S = 300;
static const double TRAVEL_MPS = 11.1;
static const int32_t TRAVEL_UNKNOWN_S = 3600;
static const int32_t STAY_MIN_S = 300;         // assumption: shortest stay
static const double FREE_SHARE_MIN = 0.02;     // assumption: a tour needs at least this share of its usual hours free
static const double RETURN_SHARE_MIN = 0.001;  // below: the return profile has nothing to draw from
enum { DAY_S = 86400 };

// Draw numbers.
enum { DRAW_TIME_DEPARTURE = 0, DRAW_TIME_STAY = 1 };

// --- clocks ----------------------------------------------------------------------------------------------------

void activity_clock_init(activity_clock *c, const zone_profile *profile, double start_h) {
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

static double clock_share_until(const activity_clock *c, int32_t time_s) {
    double h = fmin(24.0, fmax(0.0, time_s / 3600.0 - c->start_h));
    int hour = h < 24.0 ? (int)h : 23;
    return c->cumulative[hour] + (h - hour) * (c->cumulative[hour + 1] - c->cumulative[hour]);
}

static int32_t clock_time_at(const activity_clock *c, double share) {
    int hour = 0;
    while (hour < 23 && c->cumulative[hour + 1] <= share) {
        hour++;
    }
    double width = c->cumulative[hour + 1] - c->cumulative[hour];
    double part = width > 0.0 ? fmin(1.0, fmax(0.0, (share - c->cumulative[hour]) / width)) : 0.0;
    return (int32_t)floor((c->start_h + hour + part) * 3600.0);
}

// Time at position u of the profile between two times; share = how much of the profile lies there.
static int32_t clock_draw(const activity_clock *c, int32_t from_s, int32_t to_s, double u) {
    double from = clock_share_until(c, from_s);
    double to = clock_share_until(c, to_s);
    int32_t time_s = clock_time_at(c, from + u * (to - from));
    return time_s < from_s ? from_s : (time_s > to_s ? to_s : time_s);
}

// --- when ------------------------------------------------------------------------------------------------------

int32_t activity_travel_s(const activity_los *los, uint32_t from_place, uint32_t to_place) {
    size_t from = los->place_slot[from_place];
    double m = (double)los->distance_m[from * los->slot_count + los->place_slot[to_place]];
    return isfinite(m) ? TRAVEL_BASE_S + (int32_t)ceil(m / TRAVEL_MPS) : TRAVEL_UNKNOWN_S;
}

// Symmetric triangular stay around the mean, from one uniform.
int32_t activity_draw_stay(const purpose_params *params, double u) {
    double side = u < 0.5 ? dmath_sqrt(2.0 * u) - 1.0 : 1.0 - dmath_sqrt(2.0 * (1.0 - u));
    double stay_s = 3600.0 * (params->duration_mean_h + params->duration_spread_h * side);
    return stay_s > STAY_MIN_S ? (int32_t)floor(stay_s) : STAY_MIN_S;
}

// Free time before tour k of the day (k = count: after the last one).
void activity_free_time(const activity_context *d, const activity_day *day, uint32_t k, int32_t *from_s,
                        int32_t *to_s) {
    *from_s = k > 0 ? day->tour[k - 1].home_s : 0;
    *to_s = k < day->count ? day->tour[k].departure_s : d->end_s;
}

// Departures in free time k that leave room for length_s; false if there are none. The profile covers one day.
static bool departures(const activity_context *d, const activity_day *day, uint32_t k, int32_t length_s,
                       int32_t *from_s, int32_t *to_s) {
    activity_free_time(d, day, k, from_s, to_s);
    *to_s -= length_s;
    *to_s = *to_s < DAY_S ? *to_s : DAY_S - 1;
    return *to_s >= *from_s;
}

// Draws a departure within all free times in proportion to the profile; returns the free time's number, IX_NONE if
// too little of the profile is free.
static uint32_t draw_departure(const activity_context *d, const activity_day *day, purpose why, int32_t length_s,
                               double u, int32_t *departure_s) {
    const activity_clock *clock = &d->out[why];
    double share[ACTIVITY_TOURS_MAX + 1];
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

static void insert(activity_day *day, uint32_t k, activity_draft tour) {
    memmove(&day->tour[k + 1], &day->tour[k], (day->count - k) * sizeof day->tour[0]);
    day->tour[k] = tour;
    day->count++;
}

// Times of one tour; false if the day has no room for it.
bool activity_place_tour(const activity_context *d, uint32_t i, activity_draft tour, uint64_t id, activity_day *day) {
    purpose why = (purpose)tour.purpose;
    uint32_t home = d->p->person.home_place_ix[i];
    int32_t out_s = activity_travel_s(d->los, home, tour.destination_ix);
    int32_t back_s = activity_travel_s(d->los, tour.destination_ix, home);
    double u_stay = rng_uniform(d->key, id, DRAW_TOUR_TIME, DRAW_TIME_STAY);
    int32_t stay_s = activity_draw_stay(&d->s->purpose[why], u_stay);
    int32_t least_s = d->has_back[why] ? STAY_MIN_S : stay_s;
    double u = rng_uniform(d->key, id, DRAW_TOUR_TIME, DRAW_TIME_DEPARTURE);
    uint32_t k = draw_departure(d, day, why, out_s + least_s + back_s, u, &tour.departure_s);
    if (k == IX_NONE) {
        return false;
    }
    int32_t from_s;
    int32_t to_s;
    activity_free_time(d, day, k, &from_s, &to_s);
    int32_t latest_s = to_s - back_s;
    int32_t arrival_s = tour.departure_s + out_s;
    tour.return_s = arrival_s + stay_s < latest_s ? arrival_s + stay_s : latest_s;
    if (d->has_back[why]) {
        const activity_clock *clock = &d->back[why];
        int32_t first_s = arrival_s + STAY_MIN_S;
        if (clock_share_until(clock, latest_s) - clock_share_until(clock, first_s) > RETURN_SHARE_MIN) {
            tour.return_s = clock_draw(clock, first_s, latest_s, u_stay);
        }
    }
    tour.home_s = tour.return_s + back_s;
    insert(day, k, tour);
    return true;
}

bool activity_fit_tour(const activity_context *d, activity_draft tour, activity_day *day) {
    for (uint32_t k = 0; k <= day->count && day->count < ACTIVITY_TOURS_MAX; k++) {
        int32_t from_s;
        int32_t to_s;
        activity_free_time(d, day, k, &from_s, &to_s);
        if (tour.departure_s >= from_s && tour.home_s <= to_s && tour.departure_s < DAY_S) {
            insert(day, k, tour);
            return true;
        }
    }
    return false;
}
