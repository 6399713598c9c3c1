#include "loop/trip_table.h"

#include <math.h>
#include <string.h>

#include "base/dmath.h"
#include "base/par.h"
#include "loop/car_ways.h"

// Pupils within this distance of school have no right to a bus (params/demography.csv school.free_bus_distance_other).
static const float school_walk_m = 4000.0F;

typedef struct row_context {
    const world_year *w;
    const population *people;
    const plan *p;
    const equilibrium_out *e;
    uint32_t *trip_leg;      // [trip] leg or IX_NONE
    tour_cost_search *own;   // [thread] in the vehicles where one has a place, and in no others
    tour_cost_search *room;  // [thread] for those whom a full vehicle left behind
    const car_ways_trips *rides;
    uint32_t *trip_ride;  // [trip] way in `rides` or IX_NONE
    trip_row *rows;
} row_context;

static void drive_row(const row_context *c, uint32_t trip, trip_row *row) {
    const legs_set *legs = &c->e->legs;
    uint32_t leg = c->trip_leg[trip];
    double distance_m = 0.0;
    double toll_nok = 0.0;
    for (uint32_t i = legs->route_first[leg]; i < legs->route_first[leg + 1]; i++) {
        distance_m += (double)c->w->network.link.length_m[legs->route.link[i]];
        toll_nok += (double)c->w->network.link.toll_nok[legs->route.link[i]];
    }
    uint32_t arrival_s = c->e->traffic.arrival_s[leg];
    row->mode = MODE_CAR_DRIVER;
    row->arrival_s = arrival_s == IX_NONE ? -1 : (int32_t)arrival_s;
    row->distance_m = (float)distance_m;
    bool parks = tour_cost_parks(c->p, trip);
    double parking = parks ? world_year_parking_nok(c->w, c->p->trip.to_place_ix[trip]) : 0.0;
    row->cost_nok = (float)(distance_m / 1000.0 * c->w->car_cost_nok_per_km + toll_nok + parking);
}

// In the car of a driver of the plan.
static void ride_row(const row_context *c, uint32_t with_trip, trip_row *row) {
    drive_row(c, with_trip, row);
    row->mode = MODE_CAR_PASSENGER;
    row->cost_nok = 0.0F;
}

// Somebody who has no way to travel is driven by somebody who is not in the plan: the best way there is.
static void lift_row(const row_context *c, uint32_t trip, trip_row *row) {
    const route_car_answer *answer = &c->rides->trip[c->trip_ride[trip]].answer;
    row->mode = MODE_CAR_PASSENGER;
    row->lift = 1;
    if (answer->arrival_s != IX_NONE) {
        row->arrival_s = (int32_t)answer->arrival_s;
        row->distance_m = answer->distance_m;
    }
}

static bool is_lift(const plan *p, uint32_t tour) {
    return p->tour.mode[tour] == MODE_CAR_PASSENGER &&
           (p->tour.lead_tour_ix[tour] == IX_NONE || p->tour.mode[p->tour.lead_tour_ix[tour]] == MODE_CAR_PASSENGER);
}

static err_code find_lifts(const row_context *c, arena *scratch, car_ways_trips *rides, legs_routes *routes) {
    const plan *p = c->p;
    const uint32_t *node_ix = c->w->source->zones.place.node_ix;
    car_ways_classes classes;
    car_ways *ways;
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->trip.count; i++) {
        count += is_lift(p, p->trip.tour_ix[i]) ? 1 : 0;
    }
    TRY(car_ways_trips_init(rides, scratch, count));
    car_ways_set_classes(c->w, &c->e->time, &classes);
    for (uint32_t i = 0; i < p->trip.count; i++) {
        uint32_t tour = p->trip.tour_ix[i];
        if (is_lift(p, tour)) {
            c->trip_ride[i] =
                car_ways_add(rides, classes.of_purpose[p->tour.purpose[tour]], node_ix[p->trip.from_place_ix[i]],
                             node_ix[p->trip.to_place_ix[i]], (uint32_t)p->trip.departure_s[i]);
        }
    }
    TRY(car_ways_init(c->w->roads, classes.count, count, scratch, &ways));
    return car_ways_run(ways, classes.class, rides, routes);
}

// Those who ride make the journey they planned; whoever was left behind, or never planned to ride, takes what has room.
static bool find_journey(const row_context *c, uint32_t trip, int32_t departure_s, route_transit_journey *j,
                         double *minutes) {
    bool rides = c->p->tour.mode[c->p->trip.tour_ix[trip]] == MODE_PT && c->e->riders.refused[trip] == 0;
    const uint32_t *mine = c->e->cost.board_event + (size_t)trip * ROUTE_TRANSIT_ROUNDS_MAX;
    tour_cost_search *s = rides ? &c->own[par_thread_ix()] : &c->room[par_thread_ix()];
    if (rides) {
        tour_cost_search_hold(s, mine, true);
    }
    bool found = tour_cost_transit(c->w, s, c->p->trip.from_place_ix[trip], c->p->trip.to_place_ix[trip], departure_s,
                                   j, minutes);
    if (rides) {
        tour_cost_search_hold(s, mine, false);
    }
    return found;
}

// False where there is no journey, or a walk between stops on the way is felt as less.
static bool transit_row(const row_context *c, uint32_t trip, double walk_minutes, trip_row *row) {
    const transit *t = c->w->transit;
    uint32_t from_place = c->p->trip.from_place_ix[trip];
    uint32_t to_place = c->p->trip.to_place_ix[trip];
    route_transit_journey j;
    double minutes;
    if (!find_journey(c, trip, row->departure_s, &j, &minutes) || minutes >= walk_minutes) {
        return false;
    }
    row->mode = MODE_PT;
    uint32_t person = c->p->tour.person_ix[c->p->trip.tour_ix[trip]];
    row->departure_s = j.departure_s;
    row->arrival_s = j.arrival_s;
    double distance_m = j.walk_s * c->w->source->scenario.walk_speed_kmh / 3.6;
    for (uint32_t i = 0; i < j.leg_count; i++) {
        const route_transit_leg *l = &j.leg[i];
        if (l->trip_ix != IX_NONE && row->boarding_count < ROUTE_TRANSIT_ROUNDS_MAX) {
            uint16_t b = row->boarding_count++;
            row->trip_ix[b] = l->trip_ix;
            row->board_stop[b] = l->from_stop_ix;
            row->alight_stop[b] = l->to_stop_ix;
            double dx = t->stop.x_m[l->from_stop_ix] - t->stop.x_m[l->to_stop_ix];
            double dy = t->stop.y_m[l->from_stop_ix] - t->stop.y_m[l->to_stop_ix];
            distance_m += dmath_sqrt(dx * dx + dy * dy);
        }
    }
    row->distance_m = (float)distance_m;
    row->cost_nok = (float)world_year_fare_nok(c->w, from_place, to_place, (age_group)c->people->person.age[person],
                                               c->people->person.season_pass[person] != 0);
    return true;
}

static void active_row(const row_context *c, uint32_t trip, mode how, trip_row *row) {
    active_mode m = how == MODE_CYCLE ? tour_cost_cycle(c->people, c->p, c->p->trip.tour_ix[trip]) : ACTIVE_WALK;
    size_t cell = (size_t)c->w->place_slot[c->p->trip.from_place_ix[trip]] * c->w->slot_count +
                  c->w->place_slot[c->p->trip.to_place_ix[trip]];
    row->mode = (uint8_t)how;
    if (c->w->time_ds[m][cell] != IX_NONE) {
        row->arrival_s = row->departure_s + (int32_t)(c->w->time_ds[m][cell] / 10);
        row->distance_m = c->w->active_m[m][cell];
    }
}

// A pupil who was driven to school and is not fetched walks home within walking distance, else takes the bus.
static void home_alone_row(const row_context *c, uint32_t trip, trip_row *row) {
    size_t cell = (size_t)c->w->place_slot[c->p->trip.from_place_ix[trip]] * c->w->slot_count +
                  c->w->place_slot[c->p->trip.to_place_ix[trip]];
    bool near = c->w->time_ds[ACTIVE_WALK][cell] != IX_NONE && c->w->active_m[ACTIVE_WALK][cell] <= school_walk_m;
    if (near || !transit_row(c, trip, HUGE_VAL, row)) {
        active_row(c, trip, MODE_WALK, row);
    }
}

static void passenger_row(const row_context *c, uint32_t trip, trip_row *row) {
    const plan *p = c->p;
    uint32_t tour = p->trip.tour_ix[trip];
    uint32_t lead = p->tour.lead_tour_ix[tour];
    uint32_t pickup = p->tour.pickup_tour_ix[tour];
    uint32_t k = trip - p->trip_first[tour];
    if (is_lift(p, tour)) {
        lift_row(c, trip, row);
    } else if (k == 0 || plan_is_joint(p, tour)) {
        ride_row(c, p->trip_first[lead] + k, row);
    } else if (pickup != IX_NONE && p->tour.mode[pickup] == MODE_CAR_DRIVER) {
        ride_row(c, p->trip_first[pickup + 1] - 1, row);
    } else {
        home_alone_row(c, trip, row);
    }
}

static void make_row(const row_context *c, uint32_t trip) {
    const plan *p = c->p;
    uint32_t tour = p->trip.tour_ix[trip];
    trip_row *row = &c->rows[trip];
    *row = (trip_row){.departure_s = p->trip.departure_s[trip], .arrival_s = -1};
    switch ((mode)p->tour.mode[tour]) {
        case MODE_CAR_DRIVER:
            drive_row(c, trip, row);
            break;
        case MODE_CAR_PASSENGER:
            passenger_row(c, trip, row);
            break;
        case MODE_PT: {
            bool stops = plan_trip_count(p, tour) > 2;
            double walk =
                stops ? tour_cost_walk_minutes(c->w, p->trip.from_place_ix[trip], p->trip.to_place_ix[trip]) : HUGE_VAL;
            if (!transit_row(c, trip, walk, row)) {
                active_row(c, trip, MODE_WALK, row);
            }
            break;
        }
        default:
            active_row(c, trip, (mode)p->tour.mode[tour], row);
            break;
    }
}

static err_code fill_rows(row_context *c, arena *scratch) {
    int threads = par_thread_count();
    car_ways_trips rides;
    legs_routes routes = {0};
    ARENA_NEW(scratch, c->trip_leg, c->p->trip.count);
    ARENA_NEW(scratch, c->trip_ride, c->p->trip.count);
    ARENA_NEW(scratch, c->own, threads);
    ARENA_NEW(scratch, c->room, threads);
    const riders *r = &c->e->riders;
    uint8_t *all;
    ARENA_NEW(scratch, all, r->event_count);
    memset(all, 1, r->event_count);
    const tour_cost_riding own = {.crowd = r->crowd, .full = all};
    const tour_cost_riding room = {.crowd = r->crowd, .full = r->full};
    for (int i = 0; i < threads; i++) {
        TRY(tour_cost_search_init(&c->e->timetable, &own, scratch, &c->own[i]));
        TRY(tour_cost_search_init(&c->e->timetable, &room, scratch, &c->room[i]));
    }
    for (uint32_t i = 0; i < c->e->legs.count; i++) {
        if (c->e->legs.trip_ix[i] != IX_NONE) {
            c->trip_leg[c->e->legs.trip_ix[i]] = i;
        }
    }
    err_code code = find_lifts(c, scratch, &rides, &routes);
    legs_routes_free(&routes);
    TRY(code);
    c->rides = &rides;
#pragma omp parallel for schedule(runtime)
    for (uint32_t i = 0; i < c->p->trip.count; i++) {
        make_row(c, i);
    }
    return ERR_OK;
}

err_code trip_table_build(const world_year *w, const population *people, const plan *p, const equilibrium_out *e,
                          arena *a, trip_row **rows) {
    row_context c = {.w = w, .people = people, .p = p, .e = e};
    ARENA_NEW(a, c.rows, p->trip.count);
    arena scratch;
    arena_init(&scratch);
    err_code code = fill_rows(&c, &scratch);
    arena_free(&scratch);
    *rows = c.rows;
    return code;
}

err_code trip_table_store(const world_year *w, const population *people, const plan *p, const trip_row *rows,
                          arena *result_arena, result *r) {
    uint32_t first = r->trip.count;
    TRY(result_reserve_trips(r, result_arena, first + p->trip.count));
    result_trip_columns *t = &r->trip;
    for (uint32_t i = 0; i < p->trip.count; i++) {
        uint32_t tour = p->trip.tour_ix[i];
        uint32_t person = p->tour.person_ix[tour];
        uint32_t household = people->person.household_ix[person];
        uint32_t row = first + i;
        t->year[row] = w->year;
        t->person[row] = people->person.id[person];
        t->household[row] = household == IX_NONE ? 0 : people->household.id[household];
        t->segment[row] = people->person.segment[person];
        t->purpose[row] = p->trip.purpose[i];
        t->origin_place[row] = p->trip.from_place_ix[i];
        t->destination_place[row] = p->trip.to_place_ix[i];
        t->departure_s[row] = rows[i].departure_s;
        t->arrival_s[row] = rows[i].arrival_s;
        t->mode[row] = rows[i].mode;
        t->distance_m[row] = rows[i].distance_m;
        t->cost_nok[row] = rows[i].cost_nok;
        t->return_trip[row] = i + 1 == p->trip_first[tour + 1] ? 1 : 0;
    }
    t->count = first + p->trip.count;
    return ERR_OK;
}

static void store_households(int year, const household_columns *from, result_household_columns *to) {
    for (uint32_t i = 0; i < from->count; i++) {
        uint32_t row = to->count++;
        to->year[row] = year;
        to->household[row] = from->id[i];
        to->home_place[row] = from->place_ix[i];
        to->size[row] = from->size[i];
        to->cars[row] = from->cars[i];
        to->dwelling[row] = from->dwelling[i];
        to->built_year[row] = from->built_year[i];
    }
}

static void store_persons(int year, const population *people, result_person_columns *to) {
    const person_columns *from = &people->person;
    for (uint32_t i = 0; i < from->count; i++) {
        uint32_t row = to->count++;
        uint32_t household = from->household_ix[i];
        to->year[row] = year;
        to->person[row] = from->id[i];
        to->household[row] = household == IX_NONE ? 0 : people->household.id[household];
        to->home_place[row] = from->home_place_ix[i];
        to->work_place[row] = from->work_place_ix[i];
        to->age[row] = from->age[i];
        to->employed[row] = from->employed[i];
        to->licence[row] = from->licence[i];
        to->season_pass[row] = from->season_pass[i];
        to->cycle[row] = from->cycle[i];
        to->segment[row] = from->segment[i];
    }
}

err_code trip_table_store_people(const world_year *w, const population *people, arena *result_arena, result *r) {
    TRY(result_reserve_people(r, result_arena, r->household.count + people->household.count,
                              r->person.count + people->person.count));
    store_households(w->year, &people->household, &r->household);
    store_persons(w->year, people, &r->person);
    return ERR_OK;
}

uint64_t trip_table_count_transit(const world_year *w, const plan *p, const trip_row *rows, result *r,
                                  uint32_t year_ix) {
    // Stops and trips of another timetable are matched to today's by id, since the file's axes are today's.
    const transit *today = r->transit;
    uint64_t inside = 0;
    for (uint32_t i = 0; i < p->trip.count; i++) {
        for (uint16_t b = 0; rows[i].mode == MODE_PT && b < rows[i].boarding_count; b++) {
            inside += w->stop_inside[rows[i].board_stop[b]] ? 1 : 0;
            uint32_t board = transit_find_stop(today, w->transit->stop.id[rows[i].board_stop[b]]);
            uint32_t alight = transit_find_stop(today, w->transit->stop.id[rows[i].alight_stop[b]]);
            if (board != IX_NONE) {
                r->boardings_sum[(size_t)year_ix * today->stop.count + board]++;
            }
            if (alight != IX_NONE) {
                r->alightings_sum[(size_t)year_ix * today->stop.count + alight]++;
            }
            if (w->transit == today) {
                r->trip_load_sum[(size_t)year_ix * today->trip.count + rows[i].trip_ix[b]]++;
            }
        }
    }
    return inside;
}

void trip_table_count_cycles(const world_year *w, const population *people, const plan *p, const cyclists *c, result *r,
                             uint32_t year_ix) {
    for (uint32_t i = 0; i < c->trip_count; i++) {
        uint32_t tour = p->trip.tour_ix[i];
        if (p->tour.mode[tour] != MODE_CYCLE) {
            continue;
        }
        active_mode m = tour_cost_cycle(people, p, tour);
        uint64_t time_ds = 10 * (uint64_t)p->trip.departure_s[i];
        for (uint32_t k = c->first[i]; k < c->first[i] + c->count[i]; k++) {
            uint64_t bin = time_ds / 10 / RESULT_BIN_S;
            bin = bin < RESULT_BINS ? bin : RESULT_BINS - 1;
            r->cycle_sum[((size_t)year_ix * RESULT_BINS + bin) * w->network.link.count + c->route.link[k]]++;
            time_ds += route_active_link_ds(w->active, m, c->route.link[k]);
        }
    }
}
