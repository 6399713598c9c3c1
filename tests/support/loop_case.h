// A year of the small town with its people and a day's plan, for tests of the loop. Header only, as town.h's users
// need.
#ifndef VESTSIM_TESTS_LOOP_CASE_H
#define VESTSIM_TESTS_LOOP_CASE_H

#include "loop/equilibrium.h"
#include "town.h"

static const rng_key key = {.seed = 5, .replication = 0};

typedef struct fixture {
    arena a;
    world_case c;
    world_year w;
    population people;
    plan p;
    result r;
} fixture;

static inline void set_up(fixture *f, double through, uint32_t households) {
    arena_init(&f->a);
    town_build(&f->a, &f->c, through);
    town_people(&f->a, &f->c, households, &f->people, &f->p);
    assert_ok(world_year_build(&f->c, 2023, &f->a, &f->w));
    town_result(&f->a, &f->c, &f->r);
}

// The scenario the year goes by: its own copy.
static inline scenario *settings(const fixture *f) {
    return (scenario *)(uintptr_t)&f->w.source->scenario;
}

// Everybody is on the road or has arrived, and nobody was lost.
static inline void check_day(const fixture *f, const equilibrium_out *e) {
    uint32_t drivers = 0;
    uint32_t driven = 0;
    for (uint32_t t = 0; t < f->p.tour.count; t++) {
        assert_true(f->p.tour.mode[t] < MODE_COUNT);
        driven += f->p.tour.mode[t] == MODE_CAR_DRIVER ? plan_trip_count(&f->p, t) : 0;
        drivers += f->p.tour.mode[t] == MODE_CAR_DRIVER ? 1 : 0;
    }
    assert_true(drivers > 0 && drivers < f->p.tour.count);
    assert_int_equal(e->legs.count, driven + e->flows.count + e->buses.count);
    assert_int_equal(e->traffic.started, e->legs.count);
    assert_int_equal(e->traffic.started, e->traffic.arrived + e->traffic.on_network);
    assert_int_equal(e->traffic.unbalanced_s, IX_NONE);
}

#endif
