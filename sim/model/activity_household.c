// What people of a household do together or for each other: errands on the way home from work, children taken to
// nursery and school, shopping and leisure with company.
#include <math.h>
#include <string.h>

#include "activity_part.h"

// assumption: nurseries and schools receive children between these times and hand them back between those.
static const int32_t DROP_FROM_S = 24300, DROP_TO_S = 34200;      // 06:45 to 09:30
static const int32_t PICKUP_FROM_S = 48600, PICKUP_TO_S = 63000;  // 13:30 to 17:30
static const int32_t ERRAND_FROM_S = 25200, ERRAND_TO_S = 79200;  // assumption: shops are open 07 to 22
static const float ESCORT_MIN_M = 1000.0F;                        // assumption: nobody is taken to what is nearer
static const double DROP_SHARE = 0.5;  // assumption: half of escorting is to the child's place, half from it

// Draw numbers.
enum { DRAW_TIME_STAY = 1, DRAW_WHICH_CHILD = 0, DRAW_DIRECTION = 1, DRAW_ON_THE_WAY = 2 };

// The work tour on whose way something can be done; NULL if the person has none or travels with somebody.
static activity_draft *work_tour(activity_day *day, uint32_t *position) {
    for (uint32_t k = 0; k < day->count; k++) {
        if (day->tour[k].purpose == PURPOSE_WORK && day->tour[k].lead.person_ix == IX_NONE) {
            *position = k;
            return &day->tour[k];
        }
    }
    return NULL;
}

static bool stop_after_work(const activity_context *d, uint32_t person, activity_stop stop, int32_t stay_s,
                            int32_t from_s, int32_t to_s, activity_day *day) {
    uint32_t k;
    activity_draft *work = work_tour(day, &k);
    if (work == NULL || work->home_stop.place_ix != IX_NONE) {
        return false;
    }
    int32_t there_s = work->return_s + activity_travel_s(d->los, work->destination_ix, stop.place_ix);
    stop.departure_s = there_s + stay_s;
    int32_t home_s = stop.departure_s + activity_travel_s(d->los, stop.place_ix, d->p->person.home_place_ix[person]);
    int32_t free_from_s;
    int32_t free_to_s;
    activity_free_time(d, day, k + 1, &free_from_s, &free_to_s);
    if (there_s < from_s || there_s > to_s || home_s > free_to_s) {
        return false;
    }
    work->home_stop = stop;
    work->home_s = home_s;
    return true;
}

// The stop comes before work, which is reached when it was; so the person leaves home earlier.
static bool stop_before_work(const activity_context *d, uint32_t person, activity_stop stop, int32_t stay_s,
                             activity_day *day) {
    uint32_t k;
    activity_draft *work = work_tour(day, &k);
    if (work == NULL || work->out_stop.place_ix != IX_NONE) {
        return false;
    }
    uint32_t home = d->p->person.home_place_ix[person];
    int32_t work_s = work->departure_s + activity_travel_s(d->los, home, work->destination_ix);
    stop.departure_s = work_s - activity_travel_s(d->los, stop.place_ix, work->destination_ix);
    int32_t there_s = stop.departure_s - stay_s;
    int32_t departure_s = there_s - activity_travel_s(d->los, home, stop.place_ix);
    int32_t free_from_s;
    int32_t free_to_s;
    activity_free_time(d, day, k, &free_from_s, &free_to_s);
    if (there_s < DROP_FROM_S || there_s > DROP_TO_S || departure_s < free_from_s) {
        return false;
    }
    work->out_stop = stop;
    work->departure_s = departure_s;
    return true;
}

// --- children --------------------------------------------------------------------------------------------------

typedef struct escort {
    uint32_t person;  // who takes the child
    uint64_t id;
    uint32_t child;  // among the household's persons
    uint32_t place_ix;
    int32_t stay_s;
    activity_draft *school;  // the tour of who is taken; NULL for nurseries and children who stay at home
    bool pupil;
    bool drop;
} escort;

static activity_draft *school_tour(activity_day *day) {
    for (uint32_t k = 0; k < day->count; k++) {
        if (day->tour[k].purpose == PURPOSE_SCHOOL) {
            return &day->tour[k];
        }
    }
    return NULL;
}

static bool find_child(const activity_context *d, uint32_t household, activity_day *days, escort *e) {
    const population *p = d->p;
    uint32_t first = p->household.person_first[household];
    uint32_t count = 0;
    for (uint32_t k = 0; k < p->household.size[household]; k++) {
        count += p->person.age[first + k] <= AGE_6_15;
    }
    uint32_t wanted = count > 0 ? rng_index(d->key, e->id, DRAW_ESCORT, DRAW_WHICH_CHILD, count) : 0;
    for (uint32_t k = 0; k < p->household.size[household]; k++) {
        if (p->person.age[first + k] <= AGE_6_15 && wanted-- == 0) {
            e->child = k;
            break;
        }
    }
    e->place_ix = p->person.work_place_ix[first + e->child];
    e->pupil = e->place_ix != IX_NONE;
    e->school = e->pupil ? school_tour(&days[e->child]) : NULL;
    if (!e->pupil) {  // always the same nursery
        double u = rng_uniform(d->key, p->household.id[household], DRAW_DESTINATION, 0);
        uint32_t slot = d->los->place_slot[p->household.place_ix[household]];
        e->place_ix = activity_table_draw(&d->table[SEGMENT_RESIDENT][PURPOSE_ESCORT], slot, u);
    }
    return count > 0 && e->place_ix != IX_NONE;
}

static void take_there(const escort *e, activity_ref by, int32_t departure_s) {
    e->school->lead = by;
    e->school->taken = true;
    e->school->departure_s = departure_s;
}

static void take_home(const escort *e, activity_ref by, int32_t departure_s, int32_t home_s) {
    e->school->pickup = by;
    e->school->return_s = departure_s;
    e->school->home_s = home_s;
}

// May the child be taken, at these times? Its other tours are not placed yet, so only the school day itself counts.
static bool child_can(const escort *e, int32_t departure_s, int32_t stop_departure_s) {
    if (e->school == NULL) {
        return false;
    }
    return e->drop ? e->school->lead.person_ix == IX_NONE && departure_s < e->school->return_s - 3600
                   : e->school->pickup.person_ix == IX_NONE && stop_departure_s > e->school->departure_s + 3600;
}

static bool escort_on_the_way(const activity_context *d, const escort *e, activity_day *day) {
    activity_stop stop = {.place_ix = e->place_ix, .purpose = PURPOSE_ESCORT};
    if (e->pupil && (e->school == NULL || (e->drop ? e->school->lead : e->school->pickup).person_ix != IX_NONE)) {
        return false;  // at home today, or somebody does it already
    }
    bool made = e->drop ? stop_before_work(d, e->person, stop, e->stay_s, day)
                        : stop_after_work(d, e->person, stop, e->stay_s, PICKUP_FROM_S, PICKUP_TO_S, day);
    if (!made) {
        return false;
    }
    uint32_t k = 0;
    const activity_draft *work = work_tour(day, &k);
    activity_ref by = {.person_ix = e->person, .purpose = PURPOSE_WORK, .number = work->number};
    if (e->drop && child_can(e, work->departure_s, work->out_stop.departure_s)) {
        take_there(e, by, work->departure_s);
    } else if (!e->drop && child_can(e, work->departure_s, work->home_stop.departure_s)) {
        take_home(e, by, work->home_stop.departure_s, work->home_s);
    }
    return true;
}

// A tour of its own at the time of the other's tour; false when the adult is not free then.
static bool escort_at_time_of(const activity_context *d, const escort *e, uint32_t number, activity_day *day) {
    uint32_t home = d->p->person.home_place_ix[e->person];
    activity_draft tour = activity_draft_of(PURPOSE_ESCORT, number);
    int32_t out_s = activity_travel_s(d->los, home, e->place_ix);
    int32_t back_s = activity_travel_s(d->los, e->place_ix, home);
    tour.destination_ix = e->place_ix;
    tour.departure_s = e->drop ? e->school->departure_s : e->school->return_s - e->stay_s - out_s;
    tour.return_s = e->drop ? tour.departure_s + out_s + e->stay_s : e->school->return_s;
    tour.home_s = tour.return_s + back_s;
    if (!activity_fit_tour(d, tour, day)) {
        return false;
    }
    activity_ref by = {.person_ix = e->person, .purpose = PURPOSE_ESCORT, .number = (uint8_t)number};
    if (e->drop) {
        take_there(e, by, tour.departure_s);
    } else {
        take_home(e, by, tour.return_s, e->school->home_s);
    }
    return true;
}

void activity_add_escort(const activity_context *d, uint32_t household, uint32_t member, uint32_t number,
                         activity_day *days) {
    activity_day *day = &days[member];
    escort e = {.person = d->p->household.person_first[household] + member};
    e.id = activity_tour_id(d->p->person.id[e.person], PURPOSE_ESCORT, number);
    if (!find_child(d, household, days, &e)) {
        day->no_place++;
        return;
    }
    e.drop = rng_uniform(d->key, e.id, DRAW_ESCORT, DRAW_DIRECTION) < DROP_SHARE;
    e.stay_s =
        activity_draw_stay(&d->s->purpose[PURPOSE_ESCORT], rng_uniform(d->key, e.id, DRAW_TOUR_TIME, DRAW_TIME_STAY));
    bool on_the_way = rng_uniform(d->key, e.id, DRAW_ESCORT, DRAW_ON_THE_WAY) < d->s->escort_stop_share;
    if (on_the_way && escort_on_the_way(d, &e, day)) {
        return;
    }
    bool can = e.school != NULL && child_can(&e, e.school->departure_s, e.school->return_s);
    if (!can || !escort_at_time_of(d, &e, number, day)) {
        day->escorts_open |= (uint8_t)(1U << number);
    }
}

// Takes a member who may not drive to one of its tours, or home from one it was taken to.
static bool escort_member(const activity_context *d, uint32_t household, escort *e, uint32_t number, activity_day *days,
                          activity_day *day) {
    const population *p = d->p;
    uint32_t first = p->household.person_first[household];
    for (uint32_t k = 0; k < p->household.size[household]; k++) {
        for (uint32_t t = 0; p->person.licence[first + k] == 0 && t < days[k].count; t++) {
            activity_draft *tour = &days[k].tour[t];
            bool led = tour->lead.person_ix != IX_NONE;
            bool open = !led || (tour->taken && tour->pickup.person_ix == IX_NONE);
            size_t cell = (size_t)d->los->place_slot[p->household.place_ix[household]] * d->los->slot_count +
                          d->los->place_slot[tour->destination_ix];
            if (tour->purpose == PURPOSE_ESCORT || !open || d->los->distance_m[cell] < ESCORT_MIN_M) {
                continue;
            }
            e->school = tour;
            e->place_ix = tour->destination_ix;
            e->drop = !led;
            if (first + k != e->person && escort_at_time_of(d, e, number, day)) {
                return true;
            }
        }
    }
    return false;
}

void activity_close_escorts(const activity_context *d, uint32_t household, activity_day *days) {
    uint32_t first = d->p->household.person_first[household];
    for (uint32_t member = 0; member < d->p->household.size[household]; member++) {
        activity_day *day = &days[member];
        for (uint32_t number = 0; day->escorts_open >> number != 0; number++) {
            escort e = {.person = first + member};
            if ((day->escorts_open >> number & 1) == 0) {
                continue;
            }
            e.id = activity_tour_id(d->p->person.id[e.person], PURPOSE_ESCORT, number);
            e.stay_s = activity_draw_stay(&d->s->purpose[PURPOSE_ESCORT],
                                          rng_uniform(d->key, e.id, DRAW_TOUR_TIME, DRAW_TIME_STAY));
            if (escort_member(d, household, &e, number, days, day)) {
                continue;
            }
            (void)find_child(d, household, days, &e);
            activity_draft tour = activity_draft_of(PURPOSE_ESCORT, number);
            tour.destination_ix = e.place_ix;
            if (day->count == ACTIVITY_TOURS_MAX || !activity_place_tour(d, e.person, tour, e.id, day)) {
                day->no_room++;
            }
        }
    }
}

// --- errands and company ---------------------------------------------------------------------------------------

// Goes along with a member who may drive and does the same today.
static bool go_along(const activity_context *d, uint32_t household, uint32_t member, purpose why, uint32_t number,
                     activity_day *days) {
    const population *p = d->p;
    uint32_t first = p->household.person_first[household];
    for (uint32_t k = 0; k < p->household.size[household]; k++) {
        for (uint32_t t = 0; k != member && p->person.licence[first + k] != 0 && t < days[k].count; t++) {
            activity_draft *lead = &days[k].tour[t];
            if (lead->purpose != why || lead->lead.person_ix != IX_NONE || lead->party + 1 >= ACTIVITY_PARTY_MAX) {
                continue;
            }
            activity_draft mine = *lead;
            mine.number = (uint8_t)number;
            mine.party = 0;
            mine.lead = (activity_ref){.person_ix = first + k, .purpose = (uint8_t)why, .number = lead->number};
            if (activity_fit_tour(d, mine, &days[member])) {
                lead->party++;
                return true;
            }
        }
    }
    return false;
}

static bool errand_after_work(const activity_context *d, uint32_t person, uint64_t id, activity_day *day) {
    if (rng_uniform(d->key, id, DRAW_STOP, 0) >= d->s->shop_stop_share) {
        return false;
    }
    uint32_t slot = d->los->place_slot[d->p->person.home_place_ix[person]];
    double u = rng_uniform(d->key, id, DRAW_DESTINATION, 0);
    activity_stop stop = {.purpose = PURPOSE_SHOP};
    stop.place_ix = activity_table_draw(activity_table_of(d, person, PURPOSE_SHOP), slot, u);
    int32_t stay_s =
        activity_draw_stay(&d->s->purpose[PURPOSE_SHOP], rng_uniform(d->key, id, DRAW_TOUR_TIME, DRAW_TIME_STAY));
    return stop.place_ix != IX_NONE && stop_after_work(d, person, stop, stay_s, ERRAND_FROM_S, ERRAND_TO_S, day);
}

void activity_add_errand(const activity_context *d, uint32_t household, uint32_t member, purpose why, uint32_t number,
                         activity_day *days) {
    uint32_t person = d->p->household.person_first[household] + member;
    uint64_t id = activity_tour_id(d->p->person.id[person], why, number);
    if (why == PURPOSE_SHOP && errand_after_work(d, person, id, &days[member])) {
        return;
    }
    if (activity_goes_along(d, person, why) && go_along(d, household, member, why, number, days)) {
        return;
    }
    activity_add_plain(d, person, why, number, &days[member]);
}
