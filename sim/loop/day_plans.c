#include "loop/day_plans.h"

#include <stdio.h>
#include <string.h>

#include "loop/trip_table.h"

enum { ID_BYTES = 48 };

typedef struct builder {
    const experiment_replayed *x;
    arena *a;
    chain_plans *plans;
    chain_result *r;
    const trip_row *rows;
    const uint32_t *trip_leg;  // [trip of the plan] among the vehicles, IX_NONE = not driven
} builder;

static const char *mode_of(uint8_t m) {
    static const char *const names[MODE_COUNT] = {"car", "ride", "pt", "bike", "walk"};
    return names[m];
}

// A link at a node, for activities of those who do not drive: the first that leaves it, or that leads to it.
static uint32_t link_at(const network *n, uint32_t node) {
    if (n->out_first[node] < n->out_first[node + 1]) {
        return n->out_link[n->out_first[node]];
    }
    return n->in_first[node] < n->in_first[node + 1] ? n->in_first[node] : IX_NONE;
}

static chain_leg *next_leg(builder *b, const char *mode_word, const char *activity, int32_t departure_s,
                           int32_t arrival_s, uint32_t *at) {
    *at = b->plans->leg_count++;
    chain_leg *leg = &b->plans->leg[*at];
    *leg = (chain_leg){.mode = mode_word,
                       .activity = activity,
                       .end_s = (uint32_t)departure_s,
                       .stay_s = IX_NONE,
                       .start_link = IX_NONE,
                       .end_link = IX_NONE,
                       .kind = CHAIN_TELEPORT};
    b->r->departure_s[*at] = (uint32_t)departure_s;
    b->r->arrival_s[*at] = arrival_s < 0 ? IX_NONE : (uint32_t)arrival_s;
    b->r->outcome[*at] = arrival_s < 0 ? CHAIN_UNDER_WAY : CHAIN_WAS_TELEPORTED;
    b->r->entry_first[*at] = IX_NONE;
    leg->travel_s = arrival_s < 0 ? IX_NONE : (uint32_t)(arrival_s - departure_s);
    return leg;
}

// Vehicle v of the day on its route: the first link is the start, the rest is driven.
static void set_route(builder *b, chain_leg *leg, uint32_t at, uint32_t v) {
    const legs_set *legs = &b->x->day.days.legs;
    uint32_t first = legs->route_first[v];
    uint32_t count = legs_route_count(legs, v);
    if (count == 0) {
        return;  // from a node to itself: no road is driven
    }
    leg->kind = CHAIN_DRIVE;
    leg->vehicle = legs->vehicle[v];
    b->r->outcome[at] = b->r->arrival_s[at] == IX_NONE ? CHAIN_UNDER_WAY : CHAIN_ARRIVED;
    leg->start_link = legs->route.link[first];
    leg->end_link = legs->route.link[first + count - 1];
    leg->route_first = first + 1;
    leg->route_count = count - 1;
    b->r->entry_first[at] = first + 1;
}

static void add_tour(builder *b, uint32_t tour) {
    const plan *p = &b->x->day.plan;
    const uint32_t *node_ix = b->x->world.source->zones.place.node_ix;
    for (uint32_t k = p->trip_first[tour]; k < p->trip_first[tour + 1]; k++) {
        const trip_row *row = &b->rows[k];
        bool from_home = k == p->trip_first[tour];
        const char *activity = from_home ? "home" : purpose_name((purpose)p->trip.purpose[k - 1]);
        uint32_t at;
        chain_leg *leg = next_leg(b, mode_of(row->mode), activity, row->departure_s, row->arrival_s, &at);
        leg->start_link = link_at(&b->x->world.network, node_ix[p->trip.from_place_ix[k]]);
        leg->end_link = link_at(&b->x->world.network, node_ix[p->trip.to_place_ix[k]]);
        if (row->mode == MODE_CAR_DRIVER && b->trip_leg[k] != IX_NONE) {
            set_route(b, leg, at, b->trip_leg[k]);
        }
    }
}

static err_code begin_person(builder *b, const char *prefix, uint64_t id, const char *last_activity) {
    char text_id[ID_BYTES];
    (void)snprintf(text_id, sizeof text_id, "%s%llu", prefix, (unsigned long long)id);
    uint32_t person = b->plans->person_count++;
    b->plans->person_id[person] = arena_text(b->a, text_id);
    b->plans->last_activity[person] = last_activity;
    b->plans->leg_first[person] = b->plans->leg_count;
    CHECK(b->plans->person_id[person] != NULL, ERR_MEMORY, "out of memory");
    return ERR_OK;
}

static err_code add_people(builder *b) {
    const plan *p = &b->x->day.plan;
    const person_columns *person = &b->x->day.people.person;
    for (uint32_t i = 0; i < person->count; i++) {
        if (p->tour_first[i] < p->tour_first[i + 1]) {
            TRY(begin_person(b, "", person->id[i], "home"));
            for (uint32_t t = p->tour_first[i]; t < p->tour_first[i + 1]; t++) {
                add_tour(b, t);
            }
        }
    }
    return ERR_OK;
}

// Vehicles that belong to no tour.
static err_code add_vehicles(builder *b) {
    const legs_set *legs = &b->x->day.days.legs;
    const uint32_t *arrival_s = b->x->day.days.traffic.arrival_s;
    uint64_t flows = 0, buses = 0;
    for (uint32_t v = 0; v < legs->count; v++) {
        if (legs->tour_ix[v] != IX_NONE) {
            continue;
        }
        bool is_bus = legs->vehicle[v] == VEHICLE_BUS;
        const char *mode_word = is_bus ? "bus" : legs->vehicle[v] == VEHICLE_LORRY ? "truck" : "car";
        const char *activity = is_bus ? "line" : "outside";
        uint32_t at;
        TRY(begin_person(b, is_bus ? "bus_" : "flow_", is_bus ? buses++ : flows++, activity));
        chain_leg *leg = next_leg(b, mode_word, activity, (int32_t)legs->departure_s[v],
                                  arrival_s[v] == IX_NONE ? -1 : (int32_t)arrival_s[v], &at);
        set_route(b, leg, at, v);
    }
    return ERR_OK;
}

static err_code alloc(builder *b) {
    const legs_set *legs = &b->x->day.days.legs;
    size_t persons = (size_t)b->x->day.people.person.count + legs->count;
    size_t rows = (size_t)b->x->day.plan.trip.count + legs->count;
    ARENA_NEW(b->a, b->plans->person_id, persons);
    ARENA_NEW(b->a, b->plans->last_activity, persons);
    ARENA_NEW(b->a, b->plans->leg_first, persons + 1);
    ARENA_NEW(b->a, b->plans->leg, rows);
    ARENA_NEW(b->a, b->r->departure_s, rows);
    ARENA_NEW(b->a, b->r->arrival_s, rows);
    ARENA_NEW(b->a, b->r->outcome, rows);
    ARENA_NEW(b->a, b->r->entry_first, rows);
    return ERR_OK;
}

err_code day_plans_build(const experiment_replayed *x, arena *a, chain_plans *plans, chain_result *happened) {
    const legs_set *legs = &x->day.days.legs;
    trip_row *rows;
    uint32_t *trip_leg;
    memset(plans, 0, sizeof *plans);
    memset(happened, 0, sizeof *happened);
    TRY(trip_table_build(&x->world, &x->day.people, &x->day.plan, &x->day.days, a, &rows));
    ARENA_NEW(a, trip_leg, x->day.plan.trip.count);
    memset(trip_leg, 0xff, x->day.plan.trip.count * sizeof *trip_leg);
    for (uint32_t v = 0; v < legs->count; v++) {
        if (legs->trip_ix[v] != IX_NONE) {
            trip_leg[legs->trip_ix[v]] = v;
        }
    }
    builder b = {.x = x, .a = a, .plans = plans, .r = happened, .rows = rows, .trip_leg = trip_leg};
    TRY(alloc(&b));
    plans->route_link = legs->route.link;
    plans->route_link_count = (uint32_t)legs->route.count;
    happened->entry_s = x->entry_s;
    TRY(add_people(&b));
    TRY(add_vehicles(&b));
    plans->leg_first[plans->person_count] = plans->leg_count;
    return ERR_OK;
}
