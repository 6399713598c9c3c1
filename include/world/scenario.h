// Everything a scenario says, as a plain struct with units and ranges: no parsing here (io/scenario_yaml reads it).
//
// One table, SCENARIO_FIELDS, is the single source for the struct, the loader's keys and range checks, the
// effective scenario written to results, and docs/formats.md. A default of NAN means the key is required
// (somewhere along based_on). Purpose-specific coefficients repeat for each purpose under choice.<purpose>.
#ifndef VESTSIM_WORLD_SCENARIO_H
#define VESTSIM_WORLD_SCENARIO_H

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "world/measure.h"
#include "world/mode.h"

// X(member, "yaml.path", default, min, max, unit, doc): numbers
#define SCENARIO_NUMBERS(X)                                                                                            \
    X(today_year, "today_year", NAN, 1990, 2100, "year", "the year that is 'today'")                                   \
    X(seed, "seed", 1, 0, 4294967295.0, "1", "seed of every random draw")                                              \
    X(replications, "replications", 5, 1, 1000, "1", "replications of today and of every year")                        \
    X(replications_max, "verdict.replications_max", 20, 1, 1000, "1", "most replications when adding until settled")   \
    X(half_width_pct, "verdict.half_width_pct", 0.5, 0, 100, "percent",                                                \
      "add replications until the interval is this narrow")                                                            \
    X(confidence, "verdict.confidence", 0.95, 0.5, 0.999, "1", "level of the interval")                                \
    X(scale, "scale", 1, 0.001, 1, "1", "share of travellers simulated; capacities are scaled alike")                  \
    X(gap_max_pct, "convergence.gap_max_pct", 1, 0.001, 100, "percent", "stop when the relative gap is below")         \
    X(share_change_max_point, "convergence.share_change_max_point", 0.1, 0.001, 100, "percentage point",               \
      "and no mode share changes more than")                                                                           \
    X(iterations_max, "convergence.iterations_max", 20, 1, 1000, "1", "give up (exit 3) after so many iterations")     \
    X(switch_cap, "convergence.switch_cap", 0.3, 0.01, 1, "1",                                                         \
      "largest share of travellers who reconsider in an iteration")                                                    \
    X(time_smoothing, "convergence.time_smoothing", 0.5, 0.01, 1, "1",                                                 \
      "weight of the newest day in smoothed travel times")                                                             \
    X(wave_speed_kmh, "traffic.wave_speed_kmh", 18, 5, 40, "km h-1", "speed of backward waves (mobsim.csv w_needed)")  \
    X(jam_spacing_m, "traffic.jam_spacing_m", 7.5, 4, 20, "m",                                                         \
      "length of road a queued car takes (mobsim.csv jam_spacing)")                                                    \
    X(stuck_s, "traffic.stuck_s", 60, 5, 3600, "s", "a head vehicle blocked so long is moved by force and counted")    \
    X(lorry_pcu, "traffic.lorry_pcu", 2, 1, 5, "1", "passenger-car units of a lorry (mobsim.csv pcu.hgv)")             \
    X(end_h, "traffic.end_h", 30, 24, 30, "h", "end of the simulated day")                                             \
    X(walk_speed_kmh, "active.walk_speed_kmh", NAN, 2, 8, "km h-1", "walking speed")                                   \
    X(cycle_speed_kmh, "active.cycle_speed_kmh", NAN, 5, 30, "km h-1", "cycling speed on the flat on a separate path") \
    X(ecycle_speed_kmh, "active.ecycle_speed_kmh", NAN, 5, 40, "km h-1", "e-cycle speed on the flat")                  \
    X(cycle_uphill_kmh_per_pct, "active.cycle_uphill_kmh_per_pct", NAN, 0, 5, "km h-1",                                \
      "speed lost per percent uphill")                                                                                 \
    X(cycle_downhill_kmh_per_pct, "active.cycle_downhill_kmh_per_pct", NAN, 0, 5, "km h-1",                            \
      "speed gained per percent downhill")                                                                             \
    X(ecycle_uphill_kmh_per_pct, "active.ecycle_uphill_kmh_per_pct", 0.6, 0, 5, "km h-1",                              \
      "speed an e-cycle loses per percent uphill (mobsim.csv ebike.uphill.prior, unverified: assumption)")             \
    X(crossing_slow_s, "active.crossing_slow_s", 0, 0, 120, "s",                                                       \
      "wait on foot or cycle at a larger road below 45 km/h")                                                          \
    X(crossing_fast_s, "active.crossing_fast_s", 0, 0, 120, "s", "the same at a road of 45 to 65 km/h")                \
    X(crossing_rural_s, "active.crossing_rural_s", 0, 0, 120, "s", "the same at a road of 65 km/h and more")           \
    X(crossing_signal_s, "active.crossing_signal_s", 0, 0, 120, "s", "wait on foot or cycle at traffic signals")       \
    X(cycle_season_factor, "active.cycle_season_factor", 1, 0, 3, "1", "weight of cycling against the yearly mean")    \
    X(transit_walk_max_m, "transit.walk_max_m", NAN, 100, 5000, "m", "longest walk to or from a stop")                 \
    X(transit_boardings_max, "transit.boardings_max", 4, 1, 8, "1", "most boardings in a journey")                     \
    X(transit_bus_seats, "transit.bus_seats", 45, 1, 1000, "1", "seats of a bus")                                      \
    X(transit_bus_places, "transit.bus_places", 70, 1, 2000, "1", "most riders of a bus, standing too")                \
    X(transit_train_seats, "transit.train_seats", 240, 1, 5000, "1", "seats of a train")                               \
    X(transit_train_places, "transit.train_places", 400, 1, 10000, "1", "most riders of a train, standing too")        \
    X(pt_walk_weight, "choice.pt_walk_weight", NAN, 0.5, 5, "1", "weight of walk time against in-vehicle time")        \
    X(pt_wait_weight, "choice.pt_wait_weight", NAN, 0.5, 5, "1", "weight of wait time")                                \
    X(pt_transfer_min, "choice.pt_transfer_min", NAN, 0, 60, "min", "penalty of a transfer")                           \
    X(pt_fare_base_nok, "choice.pt_fare_base_nok", NAN, 0, 500, "NOK", "single ticket within the municipality")        \
    X(pt_fare_outside_nok, "choice.pt_fare_outside_nok", NAN, 0, 500, "NOK",                                           \
      "single ticket across the municipal border")                                                                     \
    X(pt_season_share, "choice.pt_season_share", NAN, 0, 1, "1",                                                       \
      "share of the single fare a pass holder feels a trip")                                                           \
    X(season_pass_rate, "choice.season_pass_rate", NAN, 0, 1, "1",                                                     \
      "share of employed and students with a season pass")                                                             \
    X(car_cost_nok_per_km, "choice.car_cost_nok_per_km", NAN, 0, 20, "NOK km-1", "perceived running cost")             \
    X(car_access_min, "choice.car_access_min", NAN, 0, 30, "min", "walk to and from the parked car, a trip")           \
    X(parking_occupancy, "choice.parking_occupancy", 0.7, 0, 0.99, "1",                                                \
      "share of parking places taken today where there is a search for one, for measure parking_places (assumption)")  \
    X(outside_parking_nok, "choice.outside_parking_nok", 0, 0, 500, "NOK", "extra parking price at places outside")    \
    X(ev_share, "choice.ev_share", NAN, 0, 1, "1", "share of car-km driven electric, today")                           \
    X(ev_share_per_year, "choice.ev_share_per_year", 0, 0, 0.2, "1",                                                   \
      "increase of ev_share a year, up to ev_share_max")                                                               \
    X(ev_share_max, "choice.ev_share_max", 1, 0, 1, "1", "upper limit of ev_share")                                    \
    X(co2_g_per_km, "emission.car_co2_g_per_km", NAN, 0, 500, "g km-1", "tailpipe CO2 of a fossil car")                \
    X(lorry_co2_g_per_km, "emission.lorry_co2_g_per_km", NAN, 0, 3000, "g km-1", "tailpipe CO2 of a lorry")            \
    X(home_office_share, "people.home_office_share", NAN, 0, 1, "1",                                                   \
      "share of the employed at home on an average weekday")                                                           \
    X(employment_rate, "people.employment_rate", NAN, 0, 1, "1", "employed among 20 to 66 years")                      \
    X(out_commuters, "people.out_commuters", NAN, 0, 1e6, "1", "residents who work outside the municipality")          \
    X(in_commuters, "people.in_commuters", NAN, 0, 1e6, "1", "workers who live outside the municipality")              \
    X(visitors, "people.visitors", NAN, 0, 1e6, "1",                                                                   \
      "other people who live outside and make a tour to the municipality a day")                                       \
    X(bicycle_rate, "people.bicycle_rate", NAN, 0, 1, "1", "share of persons over 5 with a bicycle")                   \
    X(ecycle_rate, "people.ecycle_rate", NAN, 0, 1, "1", "share of persons over 15 with an e-cycle")                   \
    X(cars_detached, "people.cars_per_household.detached", NAN, 0, 5, "1", "mean cars in detached houses")             \
    X(cars_row, "people.cars_per_household.row", NAN, 0, 5, "1", "mean cars in row and two-family houses")             \
    X(cars_flat, "people.cars_per_household.flat", NAN, 0, 5, "1", "mean cars in flats")                               \
    X(cars_station_factor, "people.cars_station_factor", NAN, 0, 2, "1", "factor within 800 m of a railway station")   \
    X(shop_stop_share, "days.shop_stop_share", 0.25, 0, 1, "1",                                                        \
      "share of errands of people at work that day done on the way home")                                              \
    X(escort_stop_share, "days.escort_stop_share", 0.6, 0, 1, "1",                                                     \
      "share of escorting by people at work that day done on the way, where times allow")                              \
    X(joint_shop_share, "days.joint_shop_share", 0.4, 0, 1, "1",                                                       \
      "share of persons who shop with the others of the household, on the same days")                                  \
    X(joint_leisure_share, "days.joint_leisure_share", 0.7, 0, 1, "1", "the same of leisure")                          \
    X(joint_work_share, "days.joint_work_share", 0.1, 0, 1, "1",                                                       \
      "share of those with the same way to work as another who travel with them")                                      \
    X(joint_visitor_share, "days.joint_visitor_share", 0.35, 0, 1, "1", "share of visitors who come with another")     \
    X(mover_share, "growth.mover_share", 0, 0, 1, "1",                                                                 \
      "share of new homes filled by movers from within the municipality")                                              \
    X(good_service_departures, "growth.good_service_departures", 30, 1, 1000, "1",                                     \
      "buses a weekday from a stop with good service, for measure holiday_homes (assumption)")                         \
    X(background_growth_pct, "growth.background_pct_per_year", 0, -10, 10, "percent",                                  \
      "growth a year of visitors and in-commuters")

// X(member, "key", unit, doc): coefficients that every purpose has under choice.<purpose>; all required.
#define SCENARIO_PURPOSE_NUMBERS(X)                                                                   \
    X(tours_per_person, "tours_per_person", "1", "mean tours a person and day among those concerned") \
    X(asc_car_passenger, "asc_car_passenger", "1", "constant against car driver")                     \
    X(asc_pt, "asc_pt", "1", "constant against car driver")                                           \
    X(asc_cycle, "asc_cycle", "1", "constant against car driver")                                     \
    X(asc_walk, "asc_walk", "1", "constant against car driver")                                       \
    X(car_per_min, "car_per_min", "min-1", "utility of a minute in a car, one way")                   \
    X(pt_per_min, "pt_per_min", "min-1", "utility of a minute on board")                              \
    X(cycle_per_min, "cycle_per_min", "min-1", "utility of a minute cycling on a separate path")      \
    X(walk_per_min, "walk_per_min", "min-1", "utility of a minute walking")                           \
    X(cost_per_nok, "cost_per_nok", "NOK-1", "utility of a krone, one way")                           \
    X(lambda_motor, "lambda_motor", "1", "logsum coefficient of the car nest, in (0,1]")              \
    X(lambda_active, "lambda_active", "1", "logsum coefficient of the active nest, in (0,1]")         \
    X(size_scale, "size_scale", "1", "weight of ln(size) in destination choice")                      \
    X(logsum_scale, "logsum_scale", "1", "weight of the mode logsum in destination choice")           \
    X(duration_mean_h, "duration_mean_h", "h", "mean stay at the destination")                        \
    X(duration_spread_h, "duration_spread_h", "h", "half-width of the triangular spread around it")

// X(member, "yaml.path", required, doc): file names relative to the scenario file that names them
#define SCENARIO_PATHS(X)                                                                    \
    X(network_dir, "network", 1, "folder with GMNS node.csv, link.csv, config.csv")          \
    X(transit_dir, "transit", 1, "GTFS folder or zip")                                       \
    X(zones_csv, "zones", 1, "zones.csv")                                                    \
    X(places_csv, "places", 1, "places.csv")                                                 \
    X(areas_csv, "areas", 1, "areas.csv: polygons as WKT")                                   \
    X(counts_csv, "counts", 1, "counts.csv: counting points and what was counted")           \
    X(flows_csv, "flows", 1, "flows.csv: through traffic and lorries")                       \
    X(profiles_csv, "profiles", 1, "profiles.csv: shares of the day by hour")                \
    X(seed_csv, "household_seed", 1, "household_seed.csv: kinds of household for synthesis") \
    X(margins_csv, "margins", 1, "margins.csv: totals the synthetic people must meet")

typedef struct purpose_params {
#define X(member, key, unit, doc) double member;
    SCENARIO_PURPOSE_NUMBERS(X)
#undef X
    const char *profile_out;     // profile id of departures from home
    const char *profile_return;  // profile id of departures for home; "" = departure + duration
} purpose_params;

typedef struct scenario_measure {
    measure_kind kind;
    int start_year;
    double value;
    const char *text;           // facility, junction control or resolved folder
    const char *const *target;  // what measure_rule.target says
    uint32_t target_count;
    const char *source;  // where the number comes from, or "assumption: ..."
    const char *file;    // for located errors later
    int line;
} scenario_measure;

typedef struct scenario_programme {  // homes to be built at one place
    const char *id;                  // stable: keys the new homes' draws
    const char *place_id;            // an existing place of kind home_* (may have size 0 today)
    int dwelling;                    // 0 detached, 1 row, 2 flat
    int homes;
    int from_year;  // built evenly over from_year .. to_year, both included
    int to_year;
    double parking_norm;  // places a dwelling; negative = no limit
    const char *source;
    const char *file;
    int line;
} scenario_programme;

typedef struct scenario {
    const char *title;
    const char *name;            // file name without folder and .yaml
    const char *path;            // file as given
    const char *service_date;    // GTFS date YYYY-MM-DD (key "service_date")
    const char *effective_yaml;  // the whole effective scenario as text, same bytes for same content
#define X(member, path, default_, min, max, unit, doc) double member;
    SCENARIO_NUMBERS(X)
#undef X
#define X(member, path, required, doc) const char *member;
    SCENARIO_PATHS(X)
#undef X
    purpose_params purpose[PURPOSE_COUNT];
    uint32_t year_count;  // simulated besides today; ascending, after today_year
    int *year;
    uint32_t measure_count;
    scenario_measure *measure;
    uint32_t programme_count;
    scenario_programme *programme;
} scenario;

typedef enum scenario_type { SCENARIO_NUMBER, SCENARIO_PATH, SCENARIO_PURPOSE } scenario_type;
typedef struct scenario_field {  // one key, for loaders and documentation
    const char *path;            // "choice.*.asc_pt" for purpose fields
    scenario_type type;
    double fallback;  // NAN = required
    double min;
    double max;
    const char *unit;
    const char *doc;
    size_t offset;  // in scenario, or in purpose_params
} scenario_field;

const scenario_field *scenario_fields(uint32_t *count);
void scenario_set_defaults(scenario *s);  // required numbers become NAN, texts NULL
// Ranges, sums and cross-references that need no other table (years after today, nests in (0,1], ...).
err_code scenario_validate(const scenario *s);
const char *scenario_measure_name(measure_kind kind);  // "parking_price", ... as in YAML
rng_key scenario_rng_key(const scenario *s, uint32_t replication);

#endif
