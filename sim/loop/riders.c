#include "loop/riders.h"

#include <math.h>
#include <string.h>

#include "base/par.h"

enum { ROUTE_TYPE_RAIL = 2 };

static const double denied_share = 0.005;
static const double felt_step = 0.05;   // assumption: smaller differences of crowding are not noticed
static const double felt_share = 0.01;  // assumption

double riders_crowding(double load_per_seat) {
    double f = load_per_seat;
    double sitting = fmax(1.0, 0.38 * f + 0.67);
    double standing = fmax(1.79, 0.82 * f + 0.765);
    return f <= 1.0 ? sitting : (sitting + (f - 1.0) * standing) / f;
}

static err_code draw_order(const plan *p, rng_key key, arena *a, uint32_t **order) {
    uint64_t *luck;
    ARENA_NEW(a, *order, p->tour.count);
    ARENA_NEW(a, luck, p->tour.count);
    for (uint32_t i = 0; i < p->tour.count; i++) {
        rng_block b = rng_draw_at(key, p->tour.id[i], DRAW_BOARDING, 0, 0, 0);
        luck[i] = (uint64_t)b.word[0] << 32 | b.word[1];
        (*order)[i] = i;
    }
    return par_sort_u64(luck, p->tour.count, *order);
}

static uint32_t calls_of(const transit *t, uint32_t trip) {
    uint32_t pattern = t->trip.pattern_ix[trip];
    return t->pattern_stop_first[pattern + 1] - t->pattern_stop_first[pattern];
}

err_code riders_init(const world_year *w, const plan *p, rng_key key, arena *a, riders *out) {
    const transit *t = w->transit;
    const scenario *s = &w->source->scenario;
    size_t rides = (size_t)p->trip.count * ROUTE_TRANSIT_ROUNDS_MAX;
    *out = (riders){.event_count = transit_event_count(t), .trip_count = p->trip.count};
    TRY(draw_order(p, key, a, &out->order));
    ARENA_NEW(a, out->trip_of, out->event_count);
    ARENA_NEW(a, out->given, out->event_count);
    ARENA_NEW(a, out->board_event, rides);
    ARENA_NEW(a, out->alight_event, rides);
    ARENA_NEW(a, out->capacity, t->trip.count);
    ARENA_NEW(a, out->seats, t->trip.count);
    ARENA_NEW(a, out->boarded, out->event_count);
    ARENA_NEW(a, out->load, out->event_count);
    ARENA_NEW(a, out->full, out->event_count);
    ARENA_NEW(a, out->refused, out->trip_count);
    ARENA_NEW(a, out->crowd, out->event_count);
    ARENA_NEW(a, out->seen_full, out->event_count);
    ARENA_NEW(a, out->held, out->trip_count);
    for (uint32_t i = 0; i < t->trip.count; i++) {
        bool rail = t->trip.route_type[i] == ROUTE_TYPE_RAIL;
        // whole places, so that a vehicle is full when its riders are as many
        double places = floor(s->scale * (rail ? s->transit_train_places : s->transit_bus_places) + 0.5);
        out->capacity[i] = (float)fmax(1.0, places);
        out->seats[i] = (float)(s->scale * (rail ? s->transit_train_seats : s->transit_bus_seats));
        for (uint32_t k = 0; k < calls_of(t, i); k++) {
            out->trip_of[t->trip.time_first[i] + k] = i;
        }
    }
    for (uint32_t e = 0; e < out->event_count; e++) {
        out->crowd[e] = 1.0F;
    }
    return ERR_OK;
}

typedef struct ride {
    uint32_t trip;  // of the plan
    uint32_t board_event;
    uint32_t alight_event;
} ride;

// Rides of the day in the order of boarding: by departure and event, then by the draw.
static err_code list_rides(const transit *t, const plan *p, const tour_cost *cost, const riders *r, arena *scratch,
                           ride **out, uint32_t **order, uint32_t *count) {
    uint64_t *at;
    uint32_t most = 0, n = 0;
    for (uint32_t k = 0; k < p->trip.count; k++) {
        most += p->tour.mode[p->trip.tour_ix[k]] == MODE_PT ? ROUTE_TRANSIT_ROUNDS_MAX : 0;
    }
    ARENA_NEW(scratch, *out, most);
    ARENA_NEW(scratch, *order, most);
    ARENA_NEW(scratch, at, most);
    for (uint32_t i = 0; i < p->tour.count; i++) {
        uint32_t tour = r->order[i];
        size_t first = (size_t)p->trip_first[tour] * ROUTE_TRANSIT_ROUNDS_MAX;
        size_t end = (size_t)p->trip_first[tour + 1] * ROUTE_TRANSIT_ROUNDS_MAX;
        for (size_t k = first; p->tour.mode[tour] == MODE_PT && k < end; k++) {
            uint32_t board = cost->board_event[k];
            if (board != IX_NONE) {
                (*out)[n] = (ride){(uint32_t)(k / ROUTE_TRANSIT_ROUNDS_MAX), board, cost->alight_event[k]};
                at[n] = (uint64_t)(uint32_t)t->departure_s[board] << 32 | board;
                (*order)[n] = n;
                n++;
            }
        }
    }
    *count = n;
    return par_sort_u64(at, n, *order);
}

err_code riders_board(const transit *t, const plan *p, const tour_cost *cost, riders *r) {
    arena scratch;
    ride *rides = NULL;
    uint32_t *order = NULL, count = 0;
    memset(r->boarded, 0, r->event_count * sizeof *r->boarded);
    memset(r->load, 0, r->event_count * sizeof *r->load);
    memset(r->refused, 0, r->trip_count);
    r->wanted = 0;
    r->denied = 0;
    for (uint32_t k = 0; k < p->trip.count; k++) {
        bool by_pt = p->tour.mode[p->trip.tour_ix[k]] == MODE_PT;
        r->wanted += by_pt && cost->board_event[(size_t)k * ROUTE_TRANSIT_ROUNDS_MAX] != IX_NONE ? 1 : 0;
    }
    arena_init(&scratch);
    err_code code = list_rides(t, p, cost, r, &scratch, &rides, &order, &count);
    for (uint32_t i = 0; code == ERR_OK && i < count; i++) {
        const ride *x = &rides[order[i]];
        if (r->refused[x->trip] != 0) {
            continue;  // did not get so far
        }
        if (r->load[x->board_event] >= r->capacity[r->trip_of[x->board_event]]) {
            r->refused[x->trip] = 1;
            r->denied++;
            continue;
        }
        r->boarded[x->board_event]++;
        for (uint32_t e = x->board_event; e < x->alight_event; e++) {
            r->load[e] += 1.0F;
        }
    }
    arena_free(&scratch);
    TRY(code);
    (void)route_transit_full_vehicles(t, r->load, r->capacity, r->full);
    return ERR_OK;
}

bool riders_left(const riders *r) {
    return r->denied > denied_share * r->wanted;
}

bool riders_changed(const transit *t, const riders *r) {
    double all_s = 0.0, otherwise_s = 0.0;
    for (uint32_t i = 0; i < t->trip.count; i++) {
        uint32_t first = t->trip.time_first[i];
        for (uint32_t e = first; e + 1 < first + calls_of(t, i); e++) {
            double now = riders_crowding((double)(r->load[e] / r->seats[i]));
            double time_s = (double)r->load[e] * (t->arrival_s[e + 1] - t->departure_s[e]);
            all_s += time_s;
            otherwise_s += fabs(now - (double)r->crowd[e]) > felt_step ? time_s : 0.0;
        }
    }
    return otherwise_s > felt_share * all_s;
}

static tour_cost_riding riding_of(const riders *r) {
    return (tour_cost_riding){.crowd = r->crowd, .full = r->seen_full, .held = r->held};
}

static void see_crowding(double newest, riders *r) {
    for (uint32_t e = 0; e < r->event_count; e++) {
        double now = riders_crowding((double)(r->load[e] / r->seats[r->trip_of[e]]));
        r->crowd[e] = (float)((1.0 - newest) * (double)r->crowd[e] + newest * now);
    }
}

// Gives (or gives back) a place in every vehicle of a trip's journey.
static void give(const uint32_t *board, const uint32_t *alight, float places, tour_cost_search *s, riders *r) {
    for (int i = 0; i < ROUTE_TRANSIT_ROUNDS_MAX && board[i] != IX_NONE; i++) {
        for (uint32_t e = board[i]; e < alight[i]; e++) {
            r->given[e] += places;
            r->seen_full[e] = r->given[e] >= r->capacity[r->trip_of[e]];
            if (s != NULL) {
                s->denied[e] = r->seen_full[e];
            }
        }
    }
}

// Those who rode today keep their places and journeys until they find better ones.
static void keep_places(const plan *p, const tour_cost *cost, riders *r) {
    size_t bytes = (size_t)r->trip_count * ROUTE_TRANSIT_ROUNDS_MAX * sizeof *r->board_event;
    if (r->event_count == 0 || bytes == 0) {
        return;
    }
    memcpy(r->board_event, cost->board_event, bytes);
    memcpy(r->alight_event, cost->alight_event, bytes);
    memset(r->given, 0, r->event_count * sizeof *r->given);
    memset(r->seen_full, 0, r->event_count);
    for (uint32_t k = 0; k < r->trip_count; k++) {
        size_t at = (size_t)k * ROUTE_TRANSIT_ROUNDS_MAX;
        r->held[k] = p->tour.mode[p->trip.tour_ix[k]] == MODE_PT && r->refused[k] == 0;
        if (r->held[k] != 0) {
            give(r->board_event + at, r->alight_event + at, 1.0F, NULL, r);
        }
    }
}

static bool has_room(const plan *p, const tour_cost *cost, uint32_t tour, const riders *r) {
    size_t end = (size_t)p->trip_first[tour + 1] * ROUTE_TRANSIT_ROUNDS_MAX;
    for (size_t k = (size_t)p->trip_first[tour] * ROUTE_TRANSIT_ROUNDS_MAX; k < end; k++) {
        if (cost->board_event[k] != IX_NONE && r->seen_full[cost->board_event[k]] != 0) {
            return false;
        }
    }
    return true;
}

// One tour after another takes the places of its new journey, or finds another one where they are gone.
static err_code hand_out(const world_year *w, const transit *t, const population *people, const plan *p, arena *scratch,
                         tour_cost *cost, riders *r) {
    tour_cost_search search;
    const tour_cost_riding riding = {.crowd = r->crowd, .full = r->seen_full};  // own places are given back first
    TRY(tour_cost_search_init(t, &riding, scratch, &search));
    for (uint32_t i = 0; i < p->tour.count; i++) {
        uint32_t tour = r->order[i];
        if (p->tour.mode[tour] != MODE_PT) {
            continue;
        }
        for (uint32_t k = p->trip_first[tour]; k < p->trip_first[tour + 1]; k++) {
            size_t at = (size_t)k * ROUTE_TRANSIT_ROUNDS_MAX;
            if (r->held[k] != 0) {
                give(r->board_event + at, r->alight_event + at, -1.0F, &search, r);
            }
        }
        if (!has_room(p, cost, tour, r)) {
            tour_cost_set_tour(w, &riding, people, p, &search, tour, cost);
        }
        bool rides = tour_cost_fixed(cost, tour, MODE_PT) > -HUGE_VAL;
        for (uint32_t k = p->trip_first[tour]; rides && k < p->trip_first[tour + 1]; k++) {
            size_t at = (size_t)k * ROUTE_TRANSIT_ROUNDS_MAX;
            give(cost->board_event + at, cost->alight_event + at, 1.0F, &search, r);
        }
    }
    return ERR_OK;
}

err_code riders_look(const world_year *w, const transit *t, const population *people, const plan *p, tour_cost *cost,
                     riders *r) {
    arena scratch;
    tour_cost_riding riding = riding_of(r);
    see_crowding(w->source->scenario.time_smoothing, r);
    keep_places(p, cost, r);
    TRY(tour_cost_set_timetable(w, t, &riding, people, p, TOUR_COST_RIDERS, cost));
    arena_init(&scratch);
    err_code code = hand_out(w, t, people, p, &scratch, cost, r);
    arena_free(&scratch);
    TRY(code);
    memset(r->held, 0, r->trip_count);
    TRY(tour_cost_set_timetable(w, t, &riding, people, p, TOUR_COST_OTHERS, cost));
    tour_cost_add_company(w, p, cost);
    return ERR_OK;
}
