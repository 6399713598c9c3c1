#include "loop/indicator.h"

#include <math.h>
#include <string.h>

#include "base/dmath.h"
#include "loop/trip_table.h"
#include "model/emission.h"

typedef struct road_sums {             // of vehicles on their routes
    double sentrum_km[SEGMENT_COUNT];  // cars
    double municipality_km[SEGMENT_COUNT];
    double lorry_km[SEGMENT_COUNT];  // in the municipality
    double resident_km;              // everywhere, cars of residents
    uint64_t cordon_cars;            // with an end in the municipality
    uint64_t cordon_vehicles;
    uint64_t departures[24];  // cars by hour
} road_sums;

static void set(result *r, result_indicator i, uint32_t year_ix, uint32_t replication, double value) {
    *result_indicator_at(r, i, year_ix, replication) = value;
}

static void add_leg(const link_columns *link, const legs_set *legs, uint32_t leg, road_sums *sums) {
    uint8_t who = legs->segment[leg];
    bool car = legs->vehicle[leg] == VEHICLE_CAR;
    for (uint32_t i = legs->route_first[leg]; i < legs->route_first[leg + 1]; i++) {
        uint32_t e = legs->route.link[i];
        double km = (double)link->length_m[e] / 1000.0;
        bool crosses = link->cordon[e] != 0;
        sums->cordon_vehicles += crosses ? 1 : 0;
        if (car) {
            sums->sentrum_km[who] += link->inside[e] == 2 ? km : 0.0;
            sums->municipality_km[who] += link->inside[e] != 0 ? km : 0.0;
            sums->resident_km += who == SEGMENT_RESIDENT ? km : 0.0;
            sums->cordon_cars += crosses && who != SEGMENT_THROUGH ? 1 : 0;
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

static void collect_road(const world_year *w, const equilibrium_out *e, const population *people, result *r,
                         uint32_t year_ix, uint32_t replication) {
    const scenario *s = &w->source->scenario;
    double up = 1.0 / s->scale;
    road_sums sums = {0};
    for (uint32_t i = 0; i < e->legs.count; i++) {
        add_leg(&w->network.link, &e->legs, i, &sums);
    }
    uint32_t residents = 0;
    for (uint32_t i = 0; i < people->person.count; i++) {
        residents += people->person.segment[i] == SEGMENT_RESIDENT ? 1 : 0;
    }
    double local_km = sums.municipality_km[SEGMENT_RESIDENT] + sums.municipality_km[SEGMENT_VISITOR];
    double lorry_km = sums.lorry_km[SEGMENT_RESIDENT] + sums.lorry_km[SEGMENT_VISITOR];
    double sentrum_local = sums.sentrum_km[SEGMENT_RESIDENT] + sums.sentrum_km[SEGMENT_VISITOR];
    set(r, RESULT_car_km_sentrum, year_ix, replication, up * sentrum_local);
    set(r, RESULT_car_km_sentrum_all, year_ix, replication, up * (sentrum_local + sums.sentrum_km[SEGMENT_THROUGH]));
    set(r, RESULT_car_km_municipality, year_ix, replication, up * local_km);
    set(r, RESULT_cordon_cars, year_ix, replication, up * (double)sums.cordon_cars);
    set(r, RESULT_cordon_vehicles, year_ix, replication, up * (double)sums.cordon_vehicles);
    set(r, RESULT_car_km_resident, year_ix, replication, residents > 0 ? sums.resident_km / residents : 0.0);
    set(r, RESULT_sentrum_car_resident, year_ix, replication, up * sums.sentrum_km[SEGMENT_RESIDENT]);
    set(r, RESULT_sentrum_car_visitor, year_ix, replication, up * sums.sentrum_km[SEGMENT_VISITOR]);
    set(r, RESULT_sentrum_car_through, year_ix, replication, up * sums.sentrum_km[SEGMENT_THROUGH]);
    set(r, RESULT_peak_hour_share, year_ix, replication, peak_hour_pct(&sums));
    set(r, RESULT_co2_t, year_ix, replication, emission_co2_t(s, w->year, up * local_km, up * lorry_km));
    set(r, RESULT_delay_h, year_ix, replication, up * (double)e->traffic.delay_s / 3600.0);
    set(r, RESULT_residents, year_ix, replication, up * residents);
    set(r, RESULT_dwellings, year_ix, replication, up * people->household.count);
    set(r, RESULT_gap_pct, year_ix, replication, e->gap_pct);
    set(r, RESULT_stuck, year_ix, replication, (double)e->traffic.on_network);
    set(r, RESULT_forced, year_ix, replication, (double)e->traffic.forced);
    set(r, RESULT_vehicles, year_ix, replication, (double)e->traffic.started);
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
    const uint32_t *entered = e->traffic.entered;
    uint64_t *sum = r->entered_sum + (size_t)year_ix * VEHICLE_CLASS_COUNT * cells;
    uint64_t *square = r->entered_square + (size_t)year_ix * VEHICLE_CLASS_COUNT * cells;
    for (size_t i = 0; i < VEHICLE_CLASS_COUNT * cells; i++) {
        sum[i] += entered[i];
        square[i] += (uint64_t)entered[i] * entered[i];
    }
    // Travel times are known by quarter-hour: shared among its three 5-minute bins in proportion to vehicles.
    uint64_t *time = r->time_sum_ds + (size_t)year_ix * cells;
    for (uint32_t bin = 0; bin < RESULT_BINS; bin++) {
        size_t quarter = (size_t)(bin / 3) * links;
        for (size_t l = 0; l < links; l++) {
            uint64_t vehicles = 0;
            for (size_t c = 0; c < VEHICLE_CLASS_COUNT; c++) {
                vehicles += entered[c * cells + (size_t)bin * links + l];
            }
            uint64_t left = e->traffic.entered_15[quarter + l];
            time[(size_t)bin * links + l] += left > 0 ? vehicles * e->traffic.time_sum_ds[quarter + l] / left : 0;
        }
    }
}

static void collect_points(const world_year *w, const equilibrium_out *e, result *r, uint32_t year_ix,
                           uint32_t replication) {
    const zone_system *z = &w->source->zones;
    size_t links = w->network.link.count;
    double cars = 0.0;
    for (uint32_t bin = 0; bin < RESULT_BINS; bin++) {
        for (uint32_t i = 0; i < z->count_point_count; i++) {
            const zone_count_point *point = &z->count_point[i];
            for (uint32_t c = 0; c < VEHICLE_CLASS_COUNT; c++) {
                uint32_t n = 0;
                for (uint32_t k = 0; k < point->link_count; k++) {
                    n += e->traffic.entered[((size_t)c * RESULT_BINS + bin) * links + point->link_ix[k]];
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

err_code indicator_collect(const world_year *w, const population *people, const plan *p, const equilibrium_out *e,
                           arena *result_arena, arena *scratch, result *r, uint32_t year_ix, uint32_t replication) {
    trip_row *rows;
    collect_road(w, e, people, r, year_ix, replication);
    collect_traffic(w, e, r, year_ix);
    collect_points(w, e, r, year_ix, replication);
    TRY(trip_table_build(w, people, p, e, scratch, &rows));
    collect_modes(w, people, p, e, rows, r, year_ix, replication);
    uint64_t boardings = trip_table_count_transit(w, p, rows, r, year_ix);
    set(r, RESULT_pt_boardings, year_ix, replication, (double)boardings / w->source->scenario.scale);
    trip_table_count_cycles(w, people, p, &e->cyclists, r, year_ix);
    if (replication == 0) {
        TRY(trip_table_store(w, people, p, rows, result_arena, r));
    }
    uint64_t h = hash_u64(plan_hash(p), population_hash(people));
    for (uint32_t i = 0; i < e->legs.count; i++) {
        h = hash_u64(h, e->traffic.arrival_s[i]);
    }
    set(r, RESULT_state_hash_low, year_ix, replication, (double)(uint32_t)hash_finish(h));
    return ERR_OK;
}
