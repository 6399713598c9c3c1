// Properties of the queue model on keyed random worlds: the same day for any number of partitions and any superfluous
// visit, nothing lost, and Newell's recursion where it has a closed form.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/par.h"
#include "model/mobsim.h"
#include "support.h"
#include "world/result.h"

enum { SIDE = 12, LEGS = 4000, ROUTE_MAX = 2 * SIDE, END_S = 9000, STOPS_MAX = LEGS, CYCLISTS = 6000 };

typedef struct fixture {
    arena a;
    network n;
    mobsim_params p;
    mobsim *m;
    mobsim_result r;
    uint32_t departure_s[LEGS];
    uint32_t route_first[LEGS + 1];
    uint32_t route_link[LEGS * ROUTE_MAX];
    uint8_t vehicle[LEGS];
    // where everything is on
    bool full;
    uint32_t stop_first[LEGS + 1];
    uint32_t stop_links[STOPS_MAX];
    uint32_t stop_departure_s[STOPS_MAX];
    uint16_t stop_dwell_s[STOPS_MAX];
    uint32_t cycle_link[CYCLISTS];
    uint32_t cycle_s[CYCLISTS];
} fixture;

static int make(void **state) {
    static fixture f;
    arena_init(&f.a);
    f.full = false;
    f.p = (mobsim_params){
        .wave_speed_kmh = 18, .jam_spacing_m = 7.5, .stuck_s = 60, .lorry_pcu = 2.3, .scale = 1, .end_s = END_S};
    *state = &f;
    return 0;
}

static int drop(void **state) {
    fixture *f = *state;
    arena_free(&f->a);
    return 0;
}

static mobsim_demand demand(const fixture *f, uint32_t legs) {
    mobsim_demand d = {.leg_count = legs,
                       .departure_s = f->departure_s,
                       .route_first = f->route_first,
                       .route_link = f->route_link,
                       .vehicle = f->vehicle};
    if (f->full) {
        d.stop_first = f->stop_first;
        d.stop_links = f->stop_links;
        d.stop_departure_s = f->stop_departure_s;
        d.stop_dwell_s = f->stop_dwell_s;
        d.cycle_count = CYCLISTS;
        d.cycle_link = f->cycle_link;
        d.cycle_s = f->cycle_s;
    }
    return d;
}

static uint32_t link_between(const network *n, uint32_t from, uint32_t to) {
    for (uint32_t o = n->out_first[from]; o < n->out_first[from + 1]; ++o) {
        if (n->link.to_ix[n->out_link[o]] == to) {
            return n->out_link[o];
        }
    }
    fail();
    return IX_NONE;
}

// Random walk on the grid that never turns back; a tenth are lorries.
static void make_leg(fixture *f, uint64_t seed, uint32_t leg, uint32_t peak_s) {
    uint32_t node = (uint32_t)(support_random(seed, 4 * leg) % (SIDE * SIDE));
    uint32_t length = 1 + (uint32_t)(support_random(seed, 4 * leg + 1) % (ROUTE_MAX - 1));
    uint32_t before = IX_NONE;
    uint32_t at = f->route_first[leg];
    for (uint32_t i = 0; i < length; ++i) {
        uint32_t outs = f->n.out_first[node + 1] - f->n.out_first[node];
        uint32_t pick = (uint32_t)(support_random(seed + 1, leg * ROUTE_MAX + i) % outs);
        uint32_t link = f->n.out_link[f->n.out_first[node] + pick];
        if (f->n.link.to_ix[link] == before) {
            link = f->n.out_link[f->n.out_first[node] + (pick + 1) % outs];
        }
        f->route_link[at++] = link;
        before = node;
        node = f->n.link.to_ix[link];
    }
    f->route_first[leg + 1] = at;
    f->departure_s[leg] = (uint32_t)(support_random(seed, 4 * leg + 2) % peak_s);
    f->vehicle[leg] = support_random(seed, 4 * leg + 3) % 10 == 0 ? VEHICLE_LORRY : VEHICLE_CAR;
}

static void make_world(fixture *f, uint64_t seed, double capacity_vph, double length_max_m, uint32_t peak_s) {
    support_grid_network(&f->a, &f->n, SIDE, SIDE, 150, 50, 1800, 1);
    for (uint32_t l = 0; l < f->n.link.count; ++l) {
        f->n.link.length_m[l] = (float)(12 + (length_max_m - 12) * support_uniform(seed, 3 * l));
        f->n.link.free_speed_mps[l] = (float)(8 + 14 * support_uniform(seed, 3 * l + 1));
        f->n.link.capacity_vph[l] = (float)(capacity_vph * (0.5 + support_uniform(seed, 3 * l + 2)));
        f->n.link.lanes[l] = l % 7 == 0 ? 2 : 1;
    }
    f->route_first[0] = 0;
    for (uint32_t leg = 0; leg < LEGS; ++leg) {
        make_leg(f, seed + 100, leg, peak_s);
    }
    assert_ok(mobsim_build(&f->n, &f->p, &f->a, &f->m));
    assert_ok(mobsim_alloc_result(f->m, &f->a, LEGS, &f->r));
}

static uint64_t run_hash(fixture *f, uint32_t partitions, uint32_t spurious_rate) {
    mobsim_set_test_hooks(
        f->m, (mobsim_test_hooks){.drop_vehicle = -1, .spurious_rate = spurious_rate, .partitions = partitions});
    mobsim_demand d = demand(f, LEGS);
    assert_ok(mobsim_run(f->m, &d, &f->r));
    assert_int_equal(f->r.unbalanced_s, IX_NONE);
    assert_int_equal(f->r.started, LEGS);
    assert_int_equal(f->r.started, f->r.arrived + f->r.on_network);
    return mobsim_hash(f->m, &f->r, LEGS);
}

static void expect_same_for_any_partitions(fixture *f, uint64_t expected) {
    const uint32_t partitions[] = {2, 3, 8};
    for (size_t i = 0; i < sizeof partitions / sizeof *partitions; ++i) {
        assert_int_equal(run_hash(f, partitions[i], 0), expected);
    }
}

// The constant pins the model: gcc and clang, debug and release must all give it. Change it only with the physics.
static void gives_the_same_day_for_any_partitions_and_compiler(void **state) {
    fixture *f = *state;
    make_world(f, 7, 900, 300, 3600);
    uint64_t hash = run_hash(f, 1, 0);
    print_message("mobsim hash, busy grid: %016llx\n", (unsigned long long)hash);
    assert_int_equal(f->r.arrived, LEGS);
    assert_true(f->r.delay_s > LEGS);
    expect_same_for_any_partitions(f, hash);
    assert_int_equal(hash, 0xa74c218b5aa058ac);
}

static void gives_the_same_day_in_gridlock(void **state) {
    fixture *f = *state;
    f->p.stuck_s = 45;
    make_world(f, 8, 400, 120, 900);
    uint64_t hash = run_hash(f, 1, 0);
    print_message("mobsim hash, gridlock: %016llx\n", (unsigned long long)hash);
    assert_true(f->r.forced > 100);
    expect_same_for_any_partitions(f, hash);
    assert_int_equal(hash, 0x58fcdd9cd516bc9e);
}

// ------------------------------------------------------------------------------------ everything on

// Every control, U-turns forbidden, one turn in eight with a penalty, capacity or signal of its own.
static void add_junctions(fixture *f, uint64_t seed) {
    network *n = &f->n;
    for (uint32_t v = 0; v < n->node.count; ++v) {
        n->node.control[v] = (uint8_t)(support_random(seed, v) % (CONTROL_ROUNDABOUT + 1));
    }
    assert_ok(turn_alloc(&n->turn, &f->a, n->link.count * 4));
    uint32_t rows = 0;
    for (uint32_t l = 0; l < n->link.count; ++l) {
        uint32_t node = n->link.to_ix[l];
        for (uint32_t o = n->out_first[node]; o < n->out_first[node + 1]; ++o) {
            uint32_t out = n->out_link[o];
            uint64_t random = support_random(seed + 1, l * 4 + (o - n->out_first[node]));
            bool back = n->link.to_ix[out] == n->link.from_ix[l];
            if (!back && random % 8 != 0) {
                continue;
            }
            n->turn.in_ix[rows] = l;
            n->turn.out_ix[rows] = out;
            n->turn.forbidden[rows] = back;
            n->turn.penalty_s[rows] = (float)(random / 8 % 10);
            n->turn.capacity_vph[rows] = random / 128 % 2 == 0 ? 400 : 0;
            n->turn.cycle_s[rows] = random / 256 % 3 == 0 ? 40 : 0;
            n->turn.green_from_s[rows] = 5;
            n->turn.green_s[rows] = 20;
            ++rows;
        }
    }
    n->turn.count = rows;
    assert_ok(turn_sort(&n->turn, &f->a));
    assert_ok(network_validate(n));
}

// A tenth of the legs are buses that stop after every third link; cyclists everywhere.
static void add_buses_and_cyclists(fixture *f, uint64_t seed) {
    uint32_t stops = 0;
    for (uint32_t leg = 0; leg < LEGS; ++leg) {
        uint32_t links = f->route_first[leg + 1] - f->route_first[leg];
        f->stop_first[leg] = stops;
        if (leg % 10 == 3) {
            f->vehicle[leg] = VEHICLE_BUS;
            for (uint32_t at = leg % 4; at <= links && stops < STOPS_MAX; at += 3) {
                f->stop_links[stops] = at;
                f->stop_dwell_s[stops] = mobsim_dwell_s((uint32_t)(support_random(seed, stops) % 6));
                f->stop_departure_s[stops++] = f->departure_s[leg] + 40 * at;
            }
        }
        f->stop_first[leg + 1] = stops;
    }
    for (uint32_t i = 0; i < CYCLISTS; ++i) {
        f->cycle_link[i] = (uint32_t)(support_random(seed + 1, i) % f->n.link.count);
        f->cycle_s[i] = (uint32_t)(support_random(seed + 2, i) % 5000);
    }
    f->full = true;
}

static void make_full_world(fixture *f, uint64_t seed, double capacity_vph, uint32_t peak_s) {
    make_world(f, seed, capacity_vph, 300, peak_s);
    add_junctions(f, seed + 200);
    add_buses_and_cyclists(f, seed + 300);
    assert_ok(mobsim_build(&f->n, &f->p, &f->a, &f->m));
    assert_ok(mobsim_alloc_result(f->m, &f->a, LEGS, &f->r));
    assert_ok(mobsim_alloc_stops(&f->a, STOPS_MAX, &f->r));
}

// Also pinned for compilers; visits nobody asked for change nothing here either.
static void gives_the_same_day_with_all_physics(void **state) {
    fixture *f = *state;
    f->p.stuck_s = 120;
    f->p.end_s = 40000;
    make_full_world(f, 21, 900, 3600);
    uint64_t hash = run_hash(f, 1, 0);
    print_message("mobsim hash, all physics: %016llx\n", (unsigned long long)hash);
    assert_int_equal(f->r.arrived, LEGS);
    uint64_t stops = hash_bytes(HASH_SEED, f->r.stop_departure_s, f->stop_first[LEGS] * sizeof(uint32_t));
    expect_same_for_any_partitions(f, hash);
    assert_int_equal(run_hash(f, 1, 700), hash);
    assert_int_equal(run_hash(f, 3, 300), hash);
    assert_int_equal(hash_bytes(HASH_SEED, f->r.stop_departure_s, f->stop_first[LEGS] * sizeof(uint32_t)), stops);
    assert_int_equal(hash, 0x9027b3feb3011a7c);
}

static void gives_the_same_gridlock_with_all_physics(void **state) {
    fixture *f = *state;
    f->p.stuck_s = 45;
    make_full_world(f, 22, 400, 900);
    uint64_t hash = run_hash(f, 1, 0);
    assert_true(f->r.forced > 100);
    expect_same_for_any_partitions(f, hash);
    assert_int_equal(run_hash(f, 2, 300), hash);
}

// Buses keep their order of events, dwell as long as they must and never leave before the timetable.
static void every_bus_calls_at_every_stop(void **state) {
    fixture *f = *state;
    f->p.stuck_s = 120;
    f->p.end_s = 40000;
    make_full_world(f, 23, 900, 3600);
    run_hash(f, 2, 0);
    uint32_t calls = 0;
    for (uint32_t leg = 0; leg < LEGS; ++leg) {
        uint32_t links = f->route_first[leg + 1] - f->route_first[leg];
        uint32_t before_s = f->departure_s[leg];
        for (uint32_t k = f->stop_first[leg]; k < f->stop_first[leg + 1]; ++k, ++calls) {
            bool last = k + 1 == f->stop_first[leg + 1] && f->stop_links[k] == links;
            assert_true(f->r.stop_arrival_s[k] >= before_s);
            assert_true(f->r.stop_departure_s[k] >= f->r.stop_arrival_s[k] + (last ? 0 : f->stop_dwell_s[k]));
            assert_true(last || f->r.stop_departure_s[k] >= f->stop_departure_s[k]);
            before_s = f->r.stop_departure_s[k];
        }
        assert_true(f->r.arrival_s[leg] >= before_s);
    }
    assert_true(calls > 1000);
    assert_int_equal(f->r.link_events, f->route_first[LEGS]);
}

static void follows_the_thread_count_without_changing_the_day(void **state) {
    fixture *f = *state;
    make_world(f, 9, 900, 300, 1800);
    par_set_threads(1);
    uint64_t hash = run_hash(f, 0, 0);
    par_set_threads(3);
    assert_int_equal(run_hash(f, 0, 0), hash);
    par_set_threads(0);
}

static void visits_that_nobody_asked_for_change_nothing(void **state) {
    fixture *f = *state;
    f->p.stuck_s = 45;
    f->p.end_s = 8000;
    make_world(f, 10, 400, 120, 900);
    uint64_t hash = run_hash(f, 1, 0);
    uint64_t visits = f->r.visits;
    assert_int_equal(run_hash(f, 1, 2000), hash);
    assert_true(f->r.visits > visits + visits / 2);
    assert_int_equal(run_hash(f, 3, 500), hash);
}

// Links of many minutes: wake-ups beyond the calendar's range, and so many left-over entries that it must be tidied.
static void long_links_and_crowded_calendars_change_nothing(void **state) {
    fixture *f = *state;
    make_world(f, 11, 900, 15000, 900);
    uint64_t hash = run_hash(f, 1, 0);
    assert_int_equal(run_hash(f, 1, 40000), hash);
    assert_int_equal(run_hash(f, 2, 0), hash);
}

static void every_vehicle_drives_every_link_of_its_route_once(void **state) {
    fixture *f = *state;
    make_world(f, 12, 900, 200, 3600);
    run_hash(f, 1, 0);
    assert_int_equal(f->r.arrived, LEGS);
    uint32_t links = f->n.link.count;
    uint64_t entered = 0;
    uint64_t left = 0;
    uint64_t time_ds = 0;
    uint64_t free_ds = 0;
    for (uint32_t row = 0; row < VEHICLE_CLASS_COUNT * RESULT_BINS; ++row) {
        for (uint32_t l = 0; l < links; ++l) {
            entered += mobsim_entered(&f->r, row / RESULT_BINS, row % RESULT_BINS, l);
        }
    }
    for (size_t i = 0; i < (size_t)TRAVELTIME_BINS * links; ++i) {
        left += traveltime_left(&f->r.seen[i]);
        time_ds += f->r.seen[i].time_sum_ds;
    }
    for (uint32_t i = 0; i < f->route_first[LEGS]; ++i) {
        free_ds += traveltime_free_ds(&f->n, f->route_link[i]);
    }
    assert_int_equal(entered, f->route_first[LEGS]);
    assert_int_equal(left, f->route_first[LEGS]);
    assert_int_equal(f->r.link_events, f->route_first[LEGS]);
    assert_int_equal(time_ds, free_ds + 10 * f->r.delay_s);
    for (uint32_t leg = 0; leg < LEGS; ++leg) {
        uint32_t least_ds = 0;
        for (uint32_t i = f->route_first[leg]; i < f->route_first[leg + 1]; ++i) {
            least_ds += traveltime_free_ds(&f->n, f->route_link[i]);
        }
        assert_true((f->r.arrival_s[leg] - f->departure_s[leg]) * 10 + 5 >= least_ds);
    }
}

// Vehicle form of Newell's model on a line, cars only: vehicle n leaves link i at the largest of its free-flow
// arrival, the time the capacity allows, the exit of the vehicle before, and the time hole n - S of the next link has
// come back.
typedef struct line_link {
    uint32_t free_ds, hole_s, slots;
    double headway_s;
} line_link;

enum { LINE_LINKS = 6, LINE_CARS = 600 };

static line_link line_physics(const fixture *f, uint32_t l) {
    const link_columns *c = &f->n.link;
    double length_m = (double)c->length_m[l];
    double hole_s = length_m / (f->p.wave_speed_kmh / 3.6);
    line_link x = {.free_ds = traveltime_free_ds(&f->n, l)};
    x.hole_s = hole_s < 1 ? 1 : (uint32_t)(hole_s + 0.5);
    x.headway_s = (double)(uint32_t)(3600.0 / (double)c->capacity_vph[l] * 16384 + 0.5) / 16384;
    uint32_t by_length = (uint32_t)(length_m * (double)c->lanes[l] / f->p.jam_spacing_m + 0.5);
    uint32_t cycle_s = (x.free_ds + 9) / 10 + x.hole_s + 1;
    uint32_t by_flow = (uint32_t)(cycle_s * (double)c->capacity_vph[l] / 3600) + 1;
    x.slots = by_length > by_flow ? by_length : by_flow;
    return x;
}

static uint32_t later(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

static void newell_line(const fixture *f, uint32_t arrival_s[LINE_CARS]) {
    static uint32_t exit_s[LINE_LINKS][LINE_CARS];
    line_link x[LINE_LINKS];
    double flow_s[LINE_LINKS] = {0};
    for (uint32_t i = 0; i < LINE_LINKS; ++i) {
        x[i] = line_physics(f, i);
    }
    uint32_t waiting_s = 0;
    for (uint32_t n = 0; n < LINE_CARS; ++n) {
        uint32_t enter_s = later(f->departure_s[n], waiting_s);
        if (n >= x[0].slots) {
            enter_s = later(enter_s, exit_s[0][n - x[0].slots] + x[0].hole_s);
        }
        waiting_s = enter_s;
        uint32_t carry_ds = 5;
        for (uint32_t i = 0; i < LINE_LINKS; ++i) {
            carry_ds += x[i].free_ds;
            uint32_t leave_s = enter_s + carry_ds / 10;
            carry_ds %= 10;
            leave_s = n > 0 ? later(leave_s, exit_s[i][n - 1]) : leave_s;
            if (i + 1 < LINE_LINKS) {
                leave_s = later(leave_s, (uint32_t)flow_s[i]);
                if (n >= x[i + 1].slots) {
                    leave_s = later(leave_s, exit_s[i + 1][n - x[i + 1].slots] + x[i + 1].hole_s);
                }
                flow_s[i] = (flow_s[i] > leave_s ? flow_s[i] : leave_s) + x[i].headway_s;
            }
            exit_s[i][n] = leave_s;
            enter_s = leave_s;
        }
        arrival_s[n] = enter_s;
    }
}

static void follows_newells_recursion_on_lines(void **state) {
    fixture *f = *state;
    static uint32_t expected_s[LINE_CARS];
    f->p.stuck_s = END_S;
    f->p.end_s = 100000;
    for (uint64_t seed = 0; seed < 40; ++seed) {
        support_line_network(&f->a, &f->n, LINE_LINKS, 100, 50, 1800);
        for (uint32_t l = 0; l < LINE_LINKS; ++l) {
            f->n.link.length_m[l] = (float)(5 + 900 * support_uniform(seed, 4 * l));
            f->n.link.free_speed_mps[l] = (float)(5 + 25 * support_uniform(seed, 4 * l + 1));
            f->n.link.capacity_vph[l] = (float)(200 + 3000 * support_uniform(seed, 4 * l + 2));
        }
        uint32_t departure_s = 0;
        for (uint32_t k = 0; k < LINE_CARS; ++k) {
            departure_s += (uint32_t)(support_random(seed + 50, k) % 5);
            f->departure_s[k] = departure_s;
            f->vehicle[k] = VEHICLE_CAR;
            f->route_first[k + 1] = (k + 1) * LINE_LINKS;
            for (uint32_t l = 0; l < LINE_LINKS; ++l) {
                f->route_link[k * LINE_LINKS + l] = l;
            }
        }
        newell_line(f, expected_s);
        assert_ok(mobsim_build(&f->n, &f->p, &f->a, &f->m));
        assert_ok(mobsim_alloc_result(f->m, &f->a, LINE_CARS, &f->r));
        mobsim_set_test_hooks(f->m, (mobsim_test_hooks){.drop_vehicle = -1, .partitions = 1 + (uint32_t)(seed % 3)});
        mobsim_demand d = demand(f, LINE_CARS);
        assert_ok(mobsim_run(f->m, &d, &f->r));
        for (uint32_t k = 0; k < LINE_CARS; ++k) {
            if (f->r.arrival_s[k] != expected_s[k]) {
                fail_msg("line %u, car %u: arrives at %u s, should at %u s", (uint32_t)seed, k, f->r.arrival_s[k],
                         expected_s[k]);
            }
        }
        arena_reset(&f->a);
    }
}

// First in, first out on every link: vehicles of one route arrive in the order they left.
static void nobody_overtakes(void **state) {
    fixture *f = *state;
    make_world(f, 13, 500, 150, 1800);
    for (uint32_t leg = 0; leg + 1 < LEGS; leg += 2) {  // pairs that drive the same way
        uint32_t first = f->route_first[leg];
        uint32_t links = f->route_first[leg + 1] - first;
        f->route_first[leg + 2] = first + 2 * links;
        for (uint32_t i = 0; i < links; ++i) {
            uint32_t from =
                i == 0 ? f->n.link.from_ix[f->route_link[first]] : f->n.link.to_ix[f->route_link[first + i - 1]];
            f->route_link[first + links + i] = link_between(&f->n, from, f->n.link.to_ix[f->route_link[first + i]]);
        }
        f->departure_s[leg + 1] = f->departure_s[leg] + leg % 40;
        if (leg + 2 < LEGS) {
            make_leg(f, 113, leg + 2, 1800);
        }
    }
    f->p.stuck_s = 45;
    run_hash(f, 2, 0);
    for (uint32_t leg = 0; leg + 1 < LEGS; leg += 2) {
        assert_true(f->r.arrival_s[leg] <= f->r.arrival_s[leg + 1]);
    }
    add_junctions(f, 7);
    f->p.end_s = 100000;
    assert_ok(mobsim_build(&f->n, &f->p, &f->a, &f->m));
    run_hash(f, 2, 0);
    for (uint32_t leg = 0; leg + 1 < LEGS; leg += 2) {
        assert_true(f->r.arrival_s[leg] <= f->r.arrival_s[leg + 1]);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(gives_the_same_day_for_any_partitions_and_compiler),
        CASE(gives_the_same_day_in_gridlock),
        CASE(follows_the_thread_count_without_changing_the_day),
        CASE(visits_that_nobody_asked_for_change_nothing),
        CASE(long_links_and_crowded_calendars_change_nothing),
        CASE(every_vehicle_drives_every_link_of_its_route_once),
        CASE(follows_newells_recursion_on_lines),
        CASE(nobody_overtakes),
        CASE(gives_the_same_day_with_all_physics),
        CASE(gives_the_same_gridlock_with_all_physics),
        CASE(every_bus_calls_at_every_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
