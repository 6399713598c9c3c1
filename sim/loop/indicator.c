#include "loop/indicator.h"

#include <math.h>
#include <string.h>

#include "base/dmath.h"
#include "loop/link_people.h"
#include "loop/trip_table.h"
#include "model/emission.h"

enum { SERVICE = SEGMENT_COUNT, SPLIT_COUNT };  // business tours stand beside the segments, whoever drives

typedef struct road_sums {  // of vehicles on their routes; cars but for lorry_km and cordon_vehicles
    double sentrum_km[SPLIT_COUNT];
    uint64_t cordon_cars[SPLIT_COUNT];
    double municipality_km[SEGMENT_COUNT];
    double everywhere_km[SEGMENT_COUNT];
    uint64_t index_cars[SEGMENT_COUNT];  // at the points of the virtual traffic index
    double lorry_km[SEGMENT_COUNT];      // in the municipality
    uint64_t cordon_vehicles;
    uint64_t departures[24];  // by hour
} road_sums;

static void set(result *r, result_indicator i, uint32_t year_ix, uint32_t replication, double value) {
    *result_indicator_at(r, i, year_ix, replication) = value;
}

// Service trips are the tours of purpose business: the model knows no other trips at work (methods.md).
static bool is_service(const legs_set *legs, const plan *p, uint32_t leg) {
    return legs->tour_ix[leg] != IX_NONE && p->tour.purpose[legs->tour_ix[leg]] == PURPOSE_BUSINESS;
}

static void add_leg(const link_columns *link, const uint8_t *index_point, const legs_set *legs, const plan *p,
                    uint32_t leg, road_sums *sums) {
    uint8_t who = legs->segment[leg];
    int part = is_service(legs, p, leg) ? SERVICE : who;
    bool car = legs->vehicle[leg] == VEHICLE_CAR;
    for (uint32_t i = legs->route_first[leg]; i < legs->route_first[leg + 1]; i++) {
        uint32_t e = legs->route.link[i];
        double km = (double)link->length_m[e] / 1000.0;
        bool crosses = link->cordon[e] != 0;
        sums->cordon_vehicles += crosses ? 1 : 0;
        if (car) {
            sums->sentrum_km[part] += link->inside[e] == 2 ? km : 0.0;
            sums->cordon_cars[part] += crosses ? 1 : 0;
            sums->municipality_km[who] += link->inside[e] != 0 ? km : 0.0;
            sums->everywhere_km[who] += km;
            sums->index_cars[who] += index_point[e];
        } else if (legs->vehicle[leg] == VEHICLE_LORRY) {
            sums->lorry_km[who] += link->inside[e] != 0 ? km : 0.0;
        }
    }
    uint32_t hour = legs->departure_s[leg] / 3600;
    if (car && hour < 24) {
        sums->departures[hour]++;
    }
}

static double peak_hour_pct(const road_sums *sums) {
    uint64_t total = 0;
    uint64_t peak = 0;
    for (int h = 0; h < 24; h++) {
        total += sums->departures[h];
        peak = h >= 12 && sums->departures[h] > peak ? sums->departures[h] : peak;
    }
    return total > 0 ? 100.0 * (double)peak / (double)total : 0.0;
}

// Links of the counting points of the virtual traffic index: all but those of mostly through traffic.
static err_code mark_index_points(const world_year *w, arena *scratch, uint8_t **out) {
    const zone_system *z = &w->source->zones;
    ARENA_NEW(scratch, *out, w->network.link.count);
    for (uint32_t i = 0; i < z->count_point_count; i++) {
        for (uint32_t k = 0; !z->count_point[i].through && k < z->count_point[i].link_count; k++) {
            (*out)[z->count_point[i].link_ix[k]]++;
        }
    }
    return ERR_OK;
}

// The three measures of car traffic and their splits (model.md section 9).
static void set_measures(const road_sums *sums, double up, double residents, result *r, uint32_t y, uint32_t k) {
    const double *km = sums->sentrum_km;
    const uint64_t *cars = sums->cordon_cars;
    const uint64_t *seen = sums->index_cars;
    double local_km = km[SEGMENT_RESIDENT] + km[SEGMENT_VISITOR];
    uint64_t local_cars = cars[SEGMENT_RESIDENT] + cars[SEGMENT_VISITOR];
    double per_resident = residents > 0.0 ? 1.0 / residents : 0.0;
    set(r, RESULT_car_km_sentrum, y, k, up * local_km);
    set(r, RESULT_car_km_sentrum_all, y, k, up * (local_km + km[SEGMENT_THROUGH] + km[SERVICE]));
    set(r, RESULT_sentrum_car_resident, y, k, up * km[SEGMENT_RESIDENT]);
    set(r, RESULT_sentrum_car_visitor, y, k, up * km[SEGMENT_VISITOR]);
    set(r, RESULT_sentrum_car_through, y, k, up * km[SEGMENT_THROUGH]);
    set(r, RESULT_sentrum_car_service, y, k, up * km[SERVICE]);
    set(r, RESULT_cordon_cars, y, k, up * (double)local_cars);
    set(r, RESULT_cordon_cars_resident, y, k, up * (double)cars[SEGMENT_RESIDENT]);
    set(r, RESULT_cordon_cars_visitor, y, k, up * (double)cars[SEGMENT_VISITOR]);
    set(r, RESULT_cordon_cars_through, y, k, up * (double)cars[SEGMENT_THROUGH]);
    set(r, RESULT_cordon_cars_service, y, k, up * (double)cars[SERVICE]);
    set(r, RESULT_index_cars, y, k,
        up * (double)(seen[SEGMENT_RESIDENT] + seen[SEGMENT_VISITOR] + seen[SEGMENT_THROUGH]));
    set(r, RESULT_index_cars_resident, y, k, up * (double)seen[SEGMENT_RESIDENT]);
    set(r, RESULT_index_cars_visitor, y, k, up * (double)seen[SEGMENT_VISITOR]);
    set(r, RESULT_index_cars_through, y, k, up * (double)seen[SEGMENT_THROUGH]);
    set(r, RESULT_car_km_resident, y, k, per_resident * sums->everywhere_km[SEGMENT_RESIDENT]);
    set(r, RESULT_car_km_visitor, y, k, per_resident * sums->everywhere_km[SEGMENT_VISITOR]);
    set(r, RESULT_car_km_through, y, k, per_resident * sums->everywhere_km[SEGMENT_THROUGH]);
}

err_code indicator_collect_road(const world_year *w, const population *people, const plan *p, const equilibrium_out *e,
                                arena *scratch, result *r, uint32_t year_ix, uint32_t replication) {
    const scenario *s = &w->source->scenario;
    double up = 1.0 / s->scale;
    road_sums sums = {0};
    uint8_t *index_point;
    TRY(mark_index_points(w, scratch, &index_point));
    for (uint32_t i = 0; i < e->legs.count; i++) {
        add_leg(&w->network.link, index_point, &e->legs, p, i, &sums);
    }
    uint32_t residents = 0;
    for (uint32_t i = 0; i < people->person.count; i++) {
        residents += people->person.segment[i] == SEGMENT_RESIDENT ? 1 : 0;
    }
    set_measures(&sums, up, residents, r, year_ix, replication);
    double local_km = sums.municipality_km[SEGMENT_RESIDENT] + sums.municipality_km[SEGMENT_VISITOR];
    double lorry_km = sums.lorry_km[SEGMENT_RESIDENT] + sums.lorry_km[SEGMENT_VISITOR];
    set(r, RESULT_car_km_municipality, year_ix, replication, up * local_km);
    set(r, RESULT_cordon_vehicles, year_ix, replication, up * (double)sums.cordon_vehicles);
    set(r, RESULT_peak_hour_share, year_ix, replication, peak_hour_pct(&sums));
    set(r, RESULT_co2_t, year_ix, replication, emission_co2_t(s, w->year, up * local_km, up * lorry_km));
    set(r, RESULT_delay_h, year_ix, replication, up * (double)e->traffic.delay_s / 3600.0);
    set(r, RESULT_residents, year_ix, replication, up * residents);
    set(r, RESULT_dwellings, year_ix, replication, up * people->household.count);
    set(r, RESULT_gap_pct, year_ix, replication, e->gap_pct);
    set(r, RESULT_stuck, year_ix, replication, (double)e->traffic.on_network);
    set(r, RESULT_forced, year_ix, replication, (double)e->traffic.forced);
    set(r, RESULT_vehicles, year_ix, replication, (double)e->traffic.started);
    return ERR_OK;
}

static uint32_t area_of(const world_year *w, const result *r, uint32_t place) {
    const char *area = w->source->zones.zone.area[w->source->zones.place.zone_ix[place]];
    for (uint32_t i = 0; i < r->area_count; i++) {
        if (strcmp(r->area[i], area) == 0) {
            return i;
        }
    }
    return IX_NONE;
}

static void collect_modes(const world_year *w, const population *people, const plan *p, const equilibrium_out *e,
                          const trip_row *rows, result *r, uint32_t year_ix, uint32_t replication) {
    double up = 1.0 / w->source->scenario.scale;
    double trips[MODE_COUNT] = {0};
    double total = 0.0;
    double active_min = 0.0;
    double lifts = 0.0;
    double *cell = r->area_mode_trips +
                   ((size_t)year_ix * r->replications_max + replication) * r->area_count * PURPOSE_COUNT * MODE_COUNT;
    for (uint32_t i = 0; i < p->trip.count; i++) {
        uint32_t tour = p->trip.tour_ix[i];
        uint32_t person = p->tour.person_ix[tour];
        const trip_row *row = &rows[i];
        lifts += row->lift;
        if (people->person.segment[person] != SEGMENT_RESIDENT) {
            continue;
        }
        uint32_t area = area_of(w, r, people->person.home_place_ix[person]);
        if (area != IX_NONE) {
            cell[((size_t)area * PURPOSE_COUNT + p->trip.purpose[i]) * MODE_COUNT + row->mode] += up;
        }
        trips[row->mode] += 1.0;
        total += 1.0;
        bool active = row->mode == MODE_WALK || row->mode == MODE_CYCLE;
        active_min += active && row->arrival_s > row->departure_s ? (row->arrival_s - row->departure_s) / 60.0 : 0.0;
        bool first = i == p->trip_first[tour];
        active_min += first && p->tour.mode[tour] == MODE_PT ? (double)e->cost.pt_walk_min[tour] : 0.0;
    }
    set(r, RESULT_pt_denied, year_ix, replication, up * e->riders.denied);
    set(r, RESULT_lifts, year_ix, replication, up * lifts);
    double residents = *result_indicator_at(r, RESULT_residents, year_ix, replication) / up;
    const result_indicator share[MODE_COUNT] = {RESULT_share_car_driver, RESULT_share_car_passenger, RESULT_share_pt,
                                                RESULT_share_cycle, RESULT_share_walk};
    for (int m = 0; m < MODE_COUNT; m++) {
        set(r, share[m], year_ix, replication, total > 0.0 ? 100.0 * trips[m] / total : 0.0);
    }
    set(r, RESULT_trips_per_person, year_ix, replication, residents > 0.0 ? total / residents : 0.0);
    set(r, RESULT_activity_min, year_ix, replication, residents > 0.0 ? active_min / residents : 0.0);
}

static void collect_traffic(const world_year *w, const equilibrium_out *e, result *r, uint32_t year_ix) {
    size_t links = w->network.link.count;
    size_t cells = (size_t)RESULT_BINS * links;
    uint64_t *sum = r->entered_sum + (size_t)year_ix * VEHICLE_CLASS_COUNT * cells;
    uint64_t *square = r->entered_square + (size_t)year_ix * VEHICLE_CLASS_COUNT * cells;
    uint64_t *time = r->time_sum_ds + (size_t)year_ix * cells;
    // Travel times are known by quarter-hour: shared among its three 5-minute bins in proportion to vehicles.
    for (uint32_t bin = 0; bin < RESULT_BINS; bin++) {
        for (uint32_t l = 0; l < links; l++) {
            uint64_t vehicles = 0;
            for (uint32_t c = 0; c < VEHICLE_CLASS_COUNT; c++) {
                uint64_t entered = mobsim_entered(&e->traffic, c, bin, l);
                vehicles += entered;
                sum[c * cells + (size_t)bin * links + l] += entered;
                square[c * cells + (size_t)bin * links + l] += entered * entered;
            }
            const traveltime_seen *seen = mobsim_seen(&e->traffic, bin / TRAVELTIME_THIRDS, l);
            uint64_t left = traveltime_left(seen);
            time[(size_t)bin * links + l] += left > 0 ? vehicles * seen->time_sum_ds / left : 0;
        }
    }
}

static void collect_points(const world_year *w, const equilibrium_out *e, result *r, uint32_t year_ix,
                           uint32_t replication) {
    const zone_system *z = &w->source->zones;
    double cars = 0.0;
    for (uint32_t bin = 0; bin < RESULT_BINS; bin++) {
        for (uint32_t i = 0; i < z->count_point_count; i++) {
            const zone_count_point *point = &z->count_point[i];
            for (uint32_t c = 0; c < VEHICLE_CLASS_COUNT; c++) {
                uint32_t n = 0;
                for (uint32_t k = 0; k < point->link_count; k++) {
                    n += mobsim_entered(&e->traffic, c, bin, point->link_ix[k]);
                }
                size_t at = ((((size_t)year_ix * r->replications_max + replication) * RESULT_BINS + bin) *
                                 z->count_point_count +
                             i) *
                                VEHICLE_CLASS_COUNT +
                            c;
                r->point_count[at] = n;
                cars += point->sentrum_cordon && c == VEHICLE_CAR ? (double)n : 0.0;
            }
        }
    }
    set(r, RESULT_count_point_cars, year_ix, replication, cars / w->source->scenario.scale);
}

uint32_t indicator_state_hash(const population *people, const plan *p, const equilibrium_out *e) {
    uint64_t h = hash_u64(plan_hash(p), population_hash(people));
    for (uint32_t i = 0; i < e->legs.count; i++) {
        h = hash_u64(h, e->traffic.arrival_s[i]);
    }
    return (uint32_t)hash_finish(h);
}

err_code indicator_collect(const world_year *w, const population *people, const plan *p, const equilibrium_out *e,
                           arena *result_arena, arena *scratch, result *r, uint32_t year_ix, uint32_t replication) {
    trip_row *rows;
    TRY(indicator_collect_road(w, people, p, e, scratch, r, year_ix, replication));
    collect_traffic(w, e, r, year_ix);
    collect_points(w, e, r, year_ix, replication);
    TRY(trip_table_build(w, people, p, e, scratch, &rows));
    collect_modes(w, people, p, e, rows, r, year_ix, replication);
    uint64_t boardings = trip_table_count_transit(w, p, rows, r, year_ix);
    set(r, RESULT_pt_boardings, year_ix, replication, (double)boardings / w->source->scenario.scale);
    trip_table_count_cycles(w, people, p, &e->cyclists, r, year_ix);
    TRY(link_people_add_foot(w, p, rows, r, year_ix));
    TRY(link_people_add_passengers(w, p, &e->buses, rows, r, year_ix));
    if (replication == 0) {
        TRY(trip_table_store(w, people, p, rows, result_arena, r));
        TRY(trip_table_store_people(w, people, result_arena, r));
    }
    set(r, RESULT_state_hash_low, year_ix, replication, (double)indicator_state_hash(people, p, e));
    return ERR_OK;
}
