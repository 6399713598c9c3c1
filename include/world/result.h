// What a run produces, by year (index 0 = today) and replication: the columns that io/store writes.
//
// loop fills it, io writes it, cli prints it. All arrays live in the arena given to result_alloc; dimension order
// is as documented at each field, last index fastest. Missing values are NAN.
#ifndef VESTSIM_WORLD_RESULT_H
#define VESTSIM_WORLD_RESULT_H

#include "world/plan.h"
#include "world/scenario.h"
#include "world/transit.h"

enum { RESULT_BIN_S = 300, RESULT_BINS = 288 };  // later trips fall in the last bin

// X(name, unit, doc): scalar indicators, each stored as (year, replication)
#define RESULT_INDICATORS(X)                                                                                         \
    X(car_km_sentrum, "km",                                                                                          \
      "definition measure: car-km on links in sentrum by trips with an end in the municipality, no lorries or "      \
      "service trips")                                                                                               \
    X(car_km_sentrum_all, "km", "car-km on links in sentrum, every car")                                             \
    X(car_km_municipality, "km", "car-km in the municipality by trips with an end in it, without lorries")           \
    X(cordon_cars, "1",                                                                                              \
      "definition measure: cars over the sentrum cordon both ways, the same trips as car_km_sentrum")                \
    X(cordon_vehicles, "1", "all vehicles crossing the sentrum cordon, both ways")                                   \
    X(count_point_cars, "1", "cars at the sentrum counting points, both ways")                                       \
    X(car_km_resident, "km", "car-driver km per resident (the virtual travel survey)")                               \
    X(trips_per_person, "1", "trips per resident and day")                                                           \
    X(share_car_driver, "percent", "share of residents' trips as car driver")                                        \
    X(share_car_passenger, "percent", "share of residents' trips as car passenger")                                  \
    X(share_pt, "percent", "share of residents' trips by public transport")                                          \
    X(share_cycle, "percent", "share of residents' trips by cycle")                                                  \
    X(share_walk, "percent", "share of residents' trips on foot")                                                    \
    X(sentrum_car_resident, "km", "part of car_km_sentrum driven by residents")                                      \
    X(sentrum_car_visitor, "km", "part of car_km_sentrum driven by visitors and in-commuters")                       \
    X(sentrum_car_through, "km", "car-km in sentrum driven through: not in car_km_sentrum")                          \
    X(sentrum_car_service, "km", "car-km in sentrum of business tours (service trips): not in car_km_sentrum")       \
    X(cordon_cars_resident, "1", "part of cordon_cars driven by residents")                                          \
    X(cordon_cars_visitor, "1", "part of cordon_cars driven by visitors and in-commuters")                           \
    X(cordon_cars_through, "1", "cars over the cordon of trips with no end in the municipality: not in cordon_cars") \
    X(cordon_cars_service, "1", "cars over the cordon of business tours (service trips): not in cordon_cars")        \
    X(index_cars, "1",                                                                                               \
      "virtual traffic index: light vehicles at the counting points that are not through points, both ways")         \
    X(index_cars_resident, "1", "part of index_cars driven by residents")                                            \
    X(index_cars_visitor, "1", "part of index_cars driven by visitors and in-commuters")                             \
    X(index_cars_through, "1", "part of index_cars driven through")                                                  \
    X(traffic_index_pct, "percent",                                                                                  \
      "virtual traffic index: change of light traffic at the points against today, present method")                  \
    X(traffic_index_2027_pct, "percent", "virtual traffic index: change against today, method from 2027")            \
    X(car_km_visitor, "km",                                                                                          \
      "car-km of visitors and in-commuters per resident: what a travel survey of residents leaves out")              \
    X(car_km_through, "km", "car-km of through traffic per resident: what a travel survey of residents leaves out")  \
    X(delay_h, "h", "vehicle-hours of delay against free flow")                                                      \
    X(peak_hour_share, "percent", "share of the day's car departures in the busiest afternoon hour (12-24)")         \
    X(co2_t, "t", "tailpipe CO2 of cars and lorries in the municipality, without E6 through traffic")                \
    X(activity_min, "min", "minutes walked and cycled per resident")                                                 \
    X(pt_boardings, "1", "boardings of public transport in the municipality")                                        \
    X(residents, "1", "residents simulated")                                                                         \
    X(dwellings, "1", "dwellings occupied")                                                                          \
    X(gap_pct, "percent", "relative gap of the last iteration")                                                      \
    X(stuck, "1", "vehicles that had not arrived at the end of the day")                                             \
    X(forced, "1", "vehicles moved by force past a full link")                                                       \
    X(vehicles, "1", "vehicles started")                                                                             \
    X(lifts, "1", "trips with a driver who is not in the model, by people with no other way to travel")              \
    X(pt_denied, "1", "trips by public transport whose traveller a full vehicle left behind")                        \
    X(state_hash_low, "1", "low 32 bits of the state hash, for determinism tests")

typedef enum result_indicator {
#define X(name, unit, doc) RESULT_##name,
    RESULT_INDICATORS(X)
#undef X
        RESULT_INDICATOR_COUNT
} result_indicator;

#define RESULT_TRIP_COLUMNS(X)                                                        \
    X(int32_t, year, "1", "year simulated")                                           \
    X(uint64_t, person, "1", "person's stable id")                                    \
    X(uint64_t, household, "1", "household's stable id, 0 for visitors")              \
    X(uint8_t, segment, "1", "0 resident, 1 visitor, 2 through")                      \
    X(uint8_t, purpose, "1", "what is done at the end; of a trip home, at its start") \
    X(uint32_t, origin_place, "1", "index in /places")                                \
    X(uint32_t, destination_place, "1", "index in /places")                           \
    X(int32_t, departure_s, "s", "departure, seconds after midnight")                 \
    X(int32_t, arrival_s, "s", "arrival; -1 = had not arrived at the end of the day") \
    X(uint8_t, mode, "1", "mode")                                                     \
    X(float, distance_m, "m", "distance along the route")                             \
    X(float, cost_nok, "NOK", "out-of-pocket cost felt")                              \
    X(uint8_t, return_trip, "1", "1 for the trip home")

typedef struct result_trip_columns {
    uint32_t count;
    uint32_t capacity;
    COLUMN_FIELDS(RESULT_TRIP_COLUMNS)
} result_trip_columns;

// Who travels: households and persons of replication 0, so that trips can be joined with age, cars and homes.
#define RESULT_HOUSEHOLD_COLUMNS(X)                      \
    X(int32_t, year, "1", "year simulated")              \
    X(uint64_t, household, "1", "household's stable id") \
    X(uint32_t, home_place, "1", "index in /places")     \
    X(uint8_t, size, "1", "persons")                     \
    X(uint8_t, cars, "1", "cars available")              \
    X(uint8_t, dwelling, "1", "kind of dwelling")        \
    X(uint16_t, built_year, "1", "year a programme dwelling was built; 0 = existing")

#define RESULT_PERSON_COLUMNS(X)                                              \
    X(int32_t, year, "1", "year simulated")                                   \
    X(uint64_t, person, "1", "person's stable id")                            \
    X(uint64_t, household, "1", "household's stable id, 0 for visitors")      \
    X(uint32_t, home_place, "1", "index in /places; outside for visitors")    \
    X(uint32_t, work_place, "1", "place of work or school, index in /places") \
    X(uint8_t, age, "1", "age group")                                         \
    X(uint8_t, employed, "1", "employed")                                     \
    X(uint8_t, licence, "1", "holds a driving licence")                       \
    X(uint8_t, season_pass, "1", "holds a public transport season pass")      \
    X(uint8_t, cycle, "1", "cycle at hand")                                   \
    X(uint8_t, segment, "1", "0 resident, 1 visitor, 2 through")

typedef struct result_household_columns {
    uint32_t count;
    uint32_t capacity;
    COLUMN_FIELDS(RESULT_HOUSEHOLD_COLUMNS)
} result_household_columns;

typedef struct result_person_columns {
    uint32_t count;
    uint32_t capacity;
    COLUMN_FIELDS(RESULT_PERSON_COLUMNS)
} result_person_columns;

typedef enum verdict_code { VERDICT_HOLDS = 0, VERDICT_EXCEEDS, VERDICT_NOT_SHOWN } verdict_code;

// X(indicator): what the verdict is given on besides the headline (car_km_sentrum), as /verdict's axis `measure`
#define RESULT_MEASURES(X)    \
    X(car_km_sentrum)         \
    X(cordon_cars)            \
    X(traffic_index_pct)      \
    X(traffic_index_2027_pct) \
    X(car_km_resident)
typedef enum result_measure_ix {
#define X(name) RESULT_MEASURE_##name,
    RESULT_MEASURES(X)
#undef X
        RESULT_MEASURE_COUNT
} result_measure_ix;

typedef struct result_measure {      // change against today, percent of today's mean (percentage points of an index)
    double change_pct;               // mean over the pairs
    double low_pct, high_pct;        // anytime-valid confidence sequence
    double t_low_pct, t_high_pct;    // fixed-sample Student's t interval
    double probability_at_or_below;  // P(change <= 0), Student's t on the pairs
    verdict_code code;
} result_measure;

typedef struct result_point_index {  // the road authority's index: its spread is that between counting points
    double index_pct;
    double low_pct, high_pct;  // infinite with fewer than two points
    double sd_pct, se_pct, n_effective;
    uint32_t points;
} result_point_index;

typedef struct result_verdict {      // per year after today
    double index_pct;                // mean paired change of the definition measure against today
    double low_pct, high_pct;        // anytime-valid confidence sequence
    double t_low_pct, t_high_pct;    // fixed-sample Student's t interval
    double probability_at_or_below;  // P(change <= 0), Student's t on the paired differences
    verdict_code code;
    uint32_t replications;
    uint32_t replications_to_settle;  // 0 when settled; estimate otherwise
    char sentence_nb[512];
    char sentence_en[512];
    result_measure measure[RESULT_MEASURE_COUNT];
    result_point_index point_index[2];  // of the means over replications: present method, method from 2027
    char sentence_index_nb[512];        // the road authority's words on point_index[0]
} result_verdict;

enum { RESULT_ITERATIONS_MAX = 1000 };

typedef struct result {
    const scenario *scenario;  // not owned; the next three are today's
    const network *network;
    const zone_system *zones;
    const transit *transit;
    const char *program_version;
    const char *git_commit;
    uint32_t year_count;  // with today
    int *year;
    uint32_t replications;      // completed and used
    uint32_t replications_max;  // room
    uint32_t iterations_max;    // room

    double *indicator;        // [RESULT_INDICATOR_COUNT][year][replications_max]
    double *area_mode_trips;  // [year][replications_max][area_count][PURPOSE_COUNT][MODE_COUNT] residents' trips by
                              // home area
    uint32_t area_count;
    const char **area;  // names, from zone.area without "outside", in first-seen order

    // traffic by link: sums over replications of counts and of their squares
    uint64_t *entered_sum;     // [year][VEHICLE_CLASS_COUNT][RESULT_BINS][link]
    uint64_t *entered_square;  // same
    uint64_t *time_sum_ds;     // [year][RESULT_BINS][link]: travel time of entering vehicles, deciseconds, summed over
                               // replications
    uint32_t *cycle_sum;       // [year][RESULT_BINS][link]: cyclists entering
    uint32_t *foot_sum;        // same: people entering on foot (loop/link_people.h)
    uint32_t *passenger_sum;   // same: people in buses entering
    // counting points: vehicles by 5 minutes, in (to sentrum, or first link listed) and others summed by point
    uint32_t *point_count;  // [year][replications_max][RESULT_BINS][count_point][VEHICLE_CLASS_COUNT]
    // transit, means over replications are formed at writing
    uint64_t *boardings_sum;   // [year][stop]
    uint64_t *alightings_sum;  // [year][stop]
    uint64_t *trip_load_sum;   // [year][trip]: boardings of today's-timetable trips (years with another feed keep their
                               // own stops only)
    // convergence, NAN-padded
    float *iteration_gap_pct;  // [year][replications_max][iterations_max]
    float *iteration_share;    // [year][replications_max][iterations_max][MODE_COUNT] percent
    float *iteration_stuck;    // [year][replications_max][iterations_max]
    bool *converged;           // [year][replications_max]

    result_trip_columns trip;            // replication 0
    result_household_columns household;  // replication 0
    result_person_columns person;        // replication 0
    result_verdict *verdict;             // [year]; entry 0 unused
} result;

err_code result_alloc(result *r, arena *a, const scenario *s, const network *n, const zone_system *z, const transit *t);
double *result_indicator_at(const result *r, result_indicator i, uint32_t year_ix, uint32_t replication);
const char *result_indicator_name(result_indicator i);
const char *result_indicator_unit(result_indicator i);
const char *result_indicator_doc(result_indicator i);
double result_indicator_mean(const result *r, result_indicator i, uint32_t year_ix);  // over replications used
bool result_all_converged(const result *r);
err_code result_reserve_trips(result *r, arena *a, uint32_t capacity);                       // keeps rows
err_code result_reserve_people(result *r, arena *a, uint32_t households, uint32_t persons);  // keeps rows
uint64_t result_hash(const result *r);  // everything above; the "state hash" of determinism tests
result_indicator result_measure_indicator(result_measure_ix m);
const char *result_verdict_name(verdict_code code);  // "holds", "exceeds", "not_shown"
void result_describe_trips(const result *r, column out[COLUMN_COUNT(RESULT_TRIP_COLUMNS)]);
void result_describe_households(const result *r, column out[COLUMN_COUNT(RESULT_HOUSEHOLD_COLUMNS)]);
void result_describe_persons(const result *r, column out[COLUMN_COUNT(RESULT_PERSON_COLUMNS)]);

#endif
