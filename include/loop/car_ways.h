// Best car routes of many trips at once (model/cch_car.h): trips are sorted by quarter-hour and money weight, and the
// day is walked in windows of a few hours, so that few metrics are held at a time. Answers do not depend on the size of
// the windows or the number of threads.
#ifndef VESTSIM_LOOP_CAR_WAYS_H
#define VESTSIM_LOOP_CAR_WAYS_H

#include "loop/legs.h"
#include "loop/tour_cost.h"

enum { CAR_WAYS_CLASSES_MAX = 16, CAR_WAYS_LINKS_MAX = 1024 };

typedef struct car_ways_class {  // who weighs money alike in the same kind of vehicle
    const route_car_index *vehicle;
    route_car_metric metric;
} car_ways_class;

typedef struct car_ways_classes {
    uint32_t count;
    car_ways_class class[CAR_WAYS_CLASSES_MAX];
    uint8_t of_purpose[PURPOSE_COUNT];
    uint8_t lorry;
} car_ways_classes;

typedef struct car_ways_trips {  // columns of one question; room for `capacity`
    uint32_t count;
    uint32_t capacity;
    cch_car_trip *trip;     // from, to and departure set by car_ways_add; the answer by car_ways_run
    uint8_t *class_ix;      // [trip]
    uint32_t *route_first;  // [trip] first link in the routes; answer.link_count of them
} car_ways_trips;

typedef struct car_ways car_ways;  // memory and scratch of a run of the loop

// One class of car for each distinct money weight of the purposes, and lorries.
void car_ways_set_classes(const world_year *w, const traveltime *time, car_ways_classes *out);
err_code car_ways_trips_init(car_ways_trips *t, arena *a, uint32_t capacity);
// Index of the new trip.
uint32_t car_ways_add(car_ways_trips *t, uint8_t class_ix, uint32_t from_node_ix, uint32_t to_node_ix,
                      uint32_t departure_s);
err_code car_ways_init(const cch_car_index *x, uint32_t class_count, uint32_t trip_capacity, arena *a, car_ways **out);
// Every class' metric has the same times. Routes are appended to `routes`. ERR_RANGE for a route of more than
// CAR_WAYS_LINKS_MAX links; ERR_INTERRUPTED when asked to stop.
err_code car_ways_run(car_ways *s, const car_ways_class *class, car_ways_trips *t, legs_routes *routes);

#endif
