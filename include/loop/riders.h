// Who gets on the vehicles of the timetable on a simulated day, and what travellers learn from it: full vehicles and
// crowding.
//
// Journeys are ridden in the order of their boardings; a vehicle with as many on board as it has places takes nobody
// else. Who of those who want to board at the same time gets on is a keyed draw that stays the same from day to day
// (assumption: the model does not know who came first to the stop). Whoever is left behind does not ride that day: the
// trip is counted as denied. At the next look its traveller finds another vehicle or another mode: riders keep their
// places, free places are handed out one tour after another in the order of the draw, and who does not ride sees only
// the vehicles that then have room. So nobody is sent to a place that is already given away.
//
// Crowding: time on board is felt longer, by the HELMET curves of load over seats f (params/time_weights.csv):
// 0.38 f + 0.67 on a seat, 0.82 f + 0.765 standing, at least 1.79 standing and, other than HELMET, at least 1 on a
// seat, since the mode constants hold for vehicles with room. Above f = 1 the mean over those who sit and stand.
#ifndef VESTSIM_LOOP_RIDERS_H
#define VESTSIM_LOOP_RIDERS_H

#include "loop/tour_cost.h"

typedef struct riders {
    uint32_t event_count;  // stop events of the timetable
    uint32_t trip_count;   // of the plan
    uint32_t *trip_of;     // [event] trip of the timetable
    uint32_t *order;       // [tour of the plan] by the draw
    float *capacity;       // [timetable trip] places in the sample
    float *seats;          // [timetable trip]
    // of today
    uint32_t *boarded;  // [event]
    float *load;        // [event] on board on the way to the next stop
    uint8_t *full;      // [event] nobody else gets on here
    uint8_t *refused;   // [trip of the plan] left behind by a full vehicle
    uint32_t wanted;    // trips of the plan that want to ride
    uint32_t denied;    // how many of them were refused
    // as travellers last saw it
    float *crowd;            // [event] weight of time on board
    float *given;            // [event] places that riders hold
    uint8_t *seen_full;      // [event] all are given
    uint8_t *held;           // [trip of the plan] had places in the vehicles of the journey below
    uint32_t *board_event;   // [trip of the plan][ROUTE_TRANSIT_ROUNDS_MAX], IX_NONE = no more
    uint32_t *alight_event;  // the same
} riders;

// Empty vehicles that have room. Seats and places are the scenario's (transit.*), times its scale.
err_code riders_init(const world_year *w, const plan *p, rng_key key, arena *a, riders *out);
// Today's riders, by the modes of the plan and the journeys in `cost`, in the timetable t.
err_code riders_board(const transit *t, const plan *p, const tour_cost *cost, riders *r);
// Were more than 0.5 % of the trips denied (assumption: a few are left behind on any day)?
bool riders_left(const riders *r);
// Is more than 1 % of the time on board now felt otherwise, by more than 0.05, than travellers last saw (assumption)?
bool riders_changed(const transit *t, const riders *r);
// Travellers see the timetable t and who found room in it, and find their journeys (`cost`) anew. Of the crowding they
// see the mean of before and today, weighted by convergence.time_smoothing.
err_code riders_look(const world_year *w, const transit *t, const population *people, const plan *p, tour_cost *cost,
                     riders *r);
// Weight of a minute on board with f riders a seat.
double riders_crowding(double load_per_seat);

#endif
