// Kinds of measures: one table, MEASURE_KINDS, that the reader, the effective scenario, `check`, `ceiling`, the
// functions that apply them (loop/world_measures) and docs/formats.md all go by. A kind added here does not link until
// it has its function.
#ifndef VESTSIM_WORLD_MEASURE_H
#define VESTSIM_WORLD_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

typedef enum measure_target {
    MEASURE_NO_TARGET = 0,
    MEASURE_AREAS,    // area or zone ids of zones.csv
    MEASURE_PLACES,   // area, zone or place ids
    MEASURE_HOMES,    // ids of the programme, or area, zone or place ids
    MEASURE_LINKS,    // street names or link ids
    MEASURE_PLANNED,  // the same, of links that open later (link.csv: open_year)
    MEASURE_NODES,    // node ids or names
    MEASURE_LINES,    // route_short_name of the timetable; "bus" or "train" for all of them
    MEASURE_LORRIES,  // ids of lorry flows in flows.csv
    MEASURE_TARGET_COUNT
} measure_target;

typedef enum measure_text {
    MEASURE_NO_TEXT = 0,
    MEASURE_FACILITY,   // a cycle facility
    MEASURE_CONTROL,    // a junction control
    MEASURE_TIMETABLE,  // a GTFS folder
    MEASURE_TEXT_COUNT
} measure_text;

// X(KIND, name, min, max, unit of the value ("" = it has none), targets, text, what it does)
#define MEASURE_KINDS(X)                                                                                             \
    X(PARKING_PRICE, parking_price, 0, 10000, "NOK a stay", AREAS, NO_TEXT,                                          \
      "price of parking there, in place of today's")                                                                 \
    X(PARKING_PLACES, parking_places, 0.05, 20, "factor", AREAS, NO_TEXT,                                            \
      "parking places there against today: fewer make the search longer")                                            \
    X(PARKING_NORM, parking_norm, 0, 20, "cars a dwelling", HOMES, NO_TEXT,                                          \
      "most cars a dwelling, on average, in homes built from the start year on")                                     \
    X(CORDON_PRICE, cordon_price, 0, 10000, "NOK a crossing", NO_TARGET, NO_TEXT,                                    \
      "paid by cars that drive into sentrum")                                                                        \
    X(FUEL_FACTOR, fuel_factor, 0, 100, "factor", NO_TARGET, NO_TEXT, "running cost of cars")                        \
    X(FARE_FACTOR, fare_factor, 0, 100, "factor", NO_TARGET, NO_TEXT, "fares of public transport")                   \
    X(HOME_OFFICE, home_office, 0, 1, "share", NO_TARGET, NO_TEXT,                                                   \
      "the employed who work at home on an average weekday, in place of today's")                                    \
    X(EV_SHARE, ev_share, 0, 1, "share", NO_TARGET, NO_TEXT,                                                         \
      "car-km driven electric, in place of today's share and its trend")                                             \
    X(SEASON, season, 0, 3, "factor", NO_TARGET, NO_TEXT,                                                            \
      "odds of cycling against the mean of the year, in place of active.cycle_season_factor")                        \
    X(BACKGROUND_GROWTH, background_growth, -10, 10, "percent a year", NO_TARGET, NO_TEXT,                           \
      "growth of visitors and in-commuters from the start year on, in place of growth.background_pct_per_year")      \
    X(CYCLE_FACILITY, cycle_facility, 0, 0, "", LINKS, FACILITY, "facility for cycles along the streets")            \
    X(SPEED_LIMIT, speed_limit, 5, 130, "km/h", LINKS, NO_TEXT, "lower free speed; a slower street stays as it is")  \
    X(CLOSE_LINK, close_link, 0, 0, "", LINKS, NO_TEXT, "closed to cars and lorries")                                \
    X(OPEN_LINK, open_link, 0, 0, "", PLANNED, NO_TEXT,                                                              \
      "opens links of link.csv whose open_year has not come: roads, cycle ways, walking short cuts")                 \
    X(JUNCTION, junction, 0, 0, "", NODES, CONTROL, "junction control, in place of today's")                         \
    X(BUS_LANE, bus_lane, 0, 3, "lanes", PLANNED, NO_TEXT,                                                           \
      "opens bus-only links beside a road; buses leave the road, which loses so many lanes a direction")             \
    X(TRANSIT, transit, 0, 0, "", NO_TARGET, TIMETABLE, "another timetable, in place of today's")                    \
    X(FREQUENCY, frequency, 0.1, 10, "factor", LINES, NO_TEXT,                                                       \
      "departures of lines: headways are divided by it, first and last departures stay")                             \
    X(JOBS, jobs, -1000000, 1000000, "jobs", PLACES, NO_TEXT,                                                        \
      "added to the workplaces there, in proportion to their size; in-commuters grow with all jobs")                 \
    X(SHOPS, shops, -1000000, 1000000, "m2", PLACES, NO_TEXT, "shop floor added there, in proportion to its size")   \
    X(FREIGHT_RAIL, freight_rail, 0, 1, "share", LORRIES, NO_TEXT, "lorries of these flows whose load goes by rail") \
    X(HOLIDAY_HOMES, holiday_homes, 0, 1, "share", PLACES, NO_TEXT,                                                  \
      "holiday homes there that become homes, where school, nursery, shop and bus are near enough")

typedef enum measure_kind {
#define X(kind, name, min, max, unit, target, text, doc) MEASURE_##kind,
    MEASURE_KINDS(X)
#undef X
        MEASURE_KIND_COUNT
} measure_kind;

typedef struct measure_rule {
    const char *name;  // as in YAML
    double min;
    double max;
    const char *unit;  // "" = no value
    measure_target target;
    measure_text text;
    const char *doc;
} measure_rule;

const measure_rule *measure_rule_of(measure_kind kind);  // kind must be one of the table
bool measure_has_value(measure_kind kind);
// "area or zone ids", "a cycle facility": for messages and documentation; "" for none.
const char *measure_target_words(measure_target target);
const char *measure_text_words(measure_text text);
// The row of a kind in the table of docs/formats.md.
void measure_document(measure_kind kind, char *out, uint32_t bytes);

#endif
