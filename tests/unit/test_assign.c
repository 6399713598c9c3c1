// Static assignment and the queue model on networks small enough to solve by hand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/par.h"
#include "loop/assign.h"
#include "loop/assign_queue.h"
#include "support.h"

typedef struct fixture {
    arena a;
    network n;
    volume_delay v;
    od_matrix od;
    assign_result r;
} fixture;

static fixture f;

// Two routes from n0 to n3: over n1 (links l0, l1) and over n2 (l2, l3), and a short cut n0 -> n3 (l4).
static int set_up(void **state) {
    static const uint32_t ends[5][2] = {{0, 1}, {1, 3}, {0, 2}, {2, 3}, {0, 3}};
    (void)state;
    log_set_level(LOG_QUIET);
    arena_init(&f.a);
    support_blank_network(&f.a, &f.n, 4, 5);
    for (uint32_t e = 0; e < 5; e++) {
        f.n.link.from_ix[e] = ends[e][0];
        f.n.link.to_ix[e] = ends[e][1];
        f.n.link.length_m[e] = 1000;
    }
    f.n.link.allowed[4] = ALLOW_WALK;  // until a test opens it
    assert_ok(network_build(&f.n, &f.a));
    assert_ok(volume_delay_from_network(&f.v, &f.a, &f.n));
    assert_ok(od_matrix_alloc(&f.od, &f.a, 2, 4));
    f.od.zone_id[0] = "a";
    f.od.zone_id[1] = "b";
    f.od.zone_node_ix[1] = 3;
    const od_cell cells[] = {{0, 1, 1000}, {0, 0, 7}, {1, 1, 0}};
    assert_ok(od_matrix_fill(&f.od, &f.a, cells, 3));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(&f.a);
    return 0;
}

static uint32_t link_ix(const char *id) {
    return network_find_link(&f.n, id);
}

static void set_linear(const char *id, double free_min, double per_vehicle) {
    uint32_t e = link_ix(id);
    f.v.free_min[e] = free_min;
    f.v.alpha[e] = per_vehicle / free_min;
    f.v.power[e] = 1;
    f.v.capacity[e] = 1;
}

static err_code solve(double gap, uint32_t iterations) {
    const assign_params p = {.gap = gap, .iterations_max = iterations};
    return assign_run(&f.n, &f.v, &f.od, &p, &f.a, &f.r);
}

static void linear_costs_split_as_by_hand(void **state) {
    (void)state;
    set_linear("l0", 10, 0.01);
    set_linear("l1", 5, 0);
    set_linear("l2", 8, 0.03);
    set_linear("l3", 5, 0);
    // 15 + 0.01 x = 13 + 0.03 (1000 - x)  ->  x = 700, both 22
    assert_ok(solve(1e-12, 50));
    assert_true(f.r.converged);
    assert_near(f.r.flow[link_ix("l0")], 700, 1e-6);
    assert_near(f.r.flow[link_ix("l3")], 300, 1e-6);
    assert_near(f.r.total_time_min, 22000, 1e-5);
    assert_near(f.r.objective, 15 * 700 + 0.005 * 700 * 700 + 13 * 300 + 0.015 * 300 * 300, 1e-4);
    assert_near(f.r.free_cost_min, 13000, 1e-9);
    assert_near(f.r.intrazonal, 7, 0);
    assert_int_equal(f.r.path_count, 2);
}

// pigou.* of params/validation_cases.csv: cost x on one route, 1 on the other; the optimum is the equilibrium of the
// marginal cost 2 x.
static void pigou_costs_a_third_more_than_the_optimum(void **state) {
    (void)state;
    set_linear("l0", 1e-9, 0.001);
    set_linear("l1", 1e-9, 0);
    set_linear("l2", 1, 0);
    set_linear("l3", 1e-9, 0);
    assert_ok(solve(1e-12, 200));
    assert_near(f.r.flow[link_ix("l0")] / 1000, 1, 1e-6);
    double equilibrium = f.r.total_time_min / 1000;
    assert_near(equilibrium, 1, 1e-6);
    set_linear("l0", 1e-9, 0.002);
    assert_ok(solve(1e-12, 200));
    double share = f.r.flow[link_ix("l0")] / 1000;
    double optimum = share * share + (1 - share);
    assert_near(share, 0.5, 1e-6);
    assert_near(optimum, 0.75, 1e-6);
    assert_near(equilibrium / optimum, 1.333333, 1e-5);
}

// tworoute.bpr.*: free-flow times 10 and 15 min, capacities 1000 and 1500, 3000 trips.
static void two_routes_with_bpr_have_the_published_split(void **state) {
    (void)state;
    const od_cell cells[] = {{0, 1, 3000}};
    const char *const id[] = {"l0", "l1", "l2", "l3"};
    const double free_min[] = {10, 1e-12, 15, 1e-12}, capacity[] = {1000, 1e9, 1500, 1e9};
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t e = link_ix(id[i]);
        f.v.free_min[e] = free_min[i];
        f.v.alpha[e] = 0.15;
        f.v.power[e] = 4;
        f.v.capacity[e] = capacity[i];
    }
    assert_ok(od_matrix_fill(&f.od, &f.a, cells, 1));
    assert_ok(solve(1e-12, 200));
    assert_near(f.r.flow[link_ix("l0")], 1486.811355, 1e-3);
    assert_near(f.r.time_min[link_ix("l0")], 17.330182, 1e-5);
    assert_near(f.r.time_min[link_ix("l2")], 17.330182, 1e-5);
}

static void a_fixed_cost_moves_the_split_but_is_no_time(void **state) {
    (void)state;
    set_linear("l0", 10, 0.01);
    set_linear("l1", 5, 0);
    set_linear("l2", 8, 0.03);
    set_linear("l3", 5, 0);
    f.v.fixed_min[link_ix("l1")] = 4;
    // 19 + 0.01 x = 13 + 0.03 (1000 - x)  ->  x = 600
    assert_ok(solve(1e-12, 50));
    assert_near(f.r.flow[link_ix("l0")], 600, 1e-6);
    assert_near(f.r.total_cost_min, 25000, 1e-5);
    assert_near(f.r.total_time_min, 25000 - 4 * 600, 1e-5);
}

static void nobody_passes_a_node_that_is_a_zone_only(void **state) {
    (void)state;
    f.od.node_zone_only[0] = f.od.node_zone_only[1] = f.od.node_zone_only[3] = 1;
    assert_ok(solve(1e-9, 50));
    assert_near(f.r.flow[link_ix("l0")], 0, 0);
    assert_near(f.r.flow[link_ix("l2")], 1000, 0);
}

static void trips_without_a_way_are_counted(void **state) {
    (void)state;
    f.n.link.allowed[link_ix("l1")] = ALLOW_WALK;
    f.n.link.allowed[link_ix("l3")] = ALLOW_BUS;
    assert_ok(solve(1e-9, 50));
    assert_near(f.r.unreachable, 1000, 0);
    assert_near(f.r.total_time_min, 0, 0);
}

static void a_gap_that_is_not_reached_is_said(void **state) {
    (void)state;
    f.v.free_min[link_ix("l2")] *= 1.01;
    assert_ok(solve(1e-15, 1));
    assert_false(f.r.converged);
    assert_true(f.r.gap > 1e-3);
}

static void bad_delay_functions_are_named(void **state) {
    (void)state;
    f.v.capacity[link_ix("l2")] = 0;
    assert_error(solve(1e-6, 10), ERR_RANGE, "link 'l2': capacity 0");
    f.v.capacity[link_ix("l2")] = 1;
    f.v.power[link_ix("l2")] = 0.5;
    assert_error(solve(1e-6, 10), ERR_RANGE, "link 'l2': power 0.5");
    f.v.power[link_ix("l2")] = 1;
    f.v.free_min[link_ix("l2")] = -1;
    assert_error(solve(1e-6, 10), ERR_RANGE, "link 'l2': free time");
}

static void no_trips_and_doubled_trips_are_errors(void **state) {
    (void)state;
    const od_cell twice[] = {{0, 1, 1}, {1, 0, 2}, {0, 1, 3}}, negative[] = {{0, 1, -1}};
    assert_ok(od_matrix_alloc(&f.od, &f.a, 2, 4));
    f.od.zone_id[0] = "a";
    f.od.zone_id[1] = "b";
    assert_ok(od_matrix_fill(&f.od, &f.a, NULL, 0));
    assert_error(solve(1e-6, 10), ERR_INFEASIBLE, "no trips between different zones");
    assert_error(od_matrix_fill(&f.od, &f.a, twice, 3), ERR_REFERENCE, "zone 'a' to zone 'b' are given twice");
    assert_error(od_matrix_fill(&f.od, &f.a, negative, 1), ERR_RANGE, "must not be negative");
}

// The integral's derivative is the time, and the time's is the slope.
static void delay_functions_are_each_others_derivatives(void **state) {
    (void)state;
    static const double powers[] = {0, 1, 4, 5, 2.5, 17};
    for (size_t i = 0; i < sizeof powers / sizeof *powers; i++) {
        f.v.power[0] = powers[i];
        double h = 1e-4, x = 1234.5;
        double rise = volume_delay_integral(&f.v, 0, x + h) - volume_delay_integral(&f.v, 0, x - h);
        assert_near(rise / (2 * h), volume_delay_time(&f.v, 0, x), 1e-6);
        rise = volume_delay_time(&f.v, 0, x + h) - volume_delay_time(&f.v, 0, x - h);
        assert_near(rise / (2 * h), volume_delay_slope(&f.v, 0, x), 1e-8);
    }
}

// With vehicles of the queue model: 3000 in an hour on two equal routes of 1800 veh/h each use both, all arrive, and
// the threads do not matter.
static void queues_spread_over_equal_routes(void **state) {
    (void)state;
    assign_queue_params p = assign_queue_defaults();
    assign_queue_result r[2];
    const od_cell cells[] = {{0, 1, 2999.6}};
    assert_ok(od_matrix_alloc(&f.od, &f.a, 2, 4));
    f.od.zone_node_ix[1] = 3;
    f.od.node_zone_only[0] = f.od.node_zone_only[3] = 1;
    assert_ok(od_matrix_fill(&f.od, &f.a, cells, 1));
    p.days_max = 25;
    for (int i = 0; i < 2; i++) {
        par_set_threads(1 + 2 * i);
        assert_ok(assign_queue_run(&f.n, &f.od, &p, &f.a, &r[i]));
    }
    par_set_threads(0);
    assert_int_equal(r[0].vehicles, 2999);
    assert_int_equal(r[0].arrived, 2999);
    assert_near(r[0].flow[link_ix("l0")] + r[0].flow[link_ix("l2")], 2999, 0);
    assert_near(r[0].flow[link_ix("l0")], r[0].flow[link_ix("l1")], 0);
    assert_true(r[0].flow[link_ix("l0")] > 1000 && r[0].flow[link_ix("l2")] > 1000);
    assert_memory_equal(r[0].flow, r[1].flow, f.n.link.count * sizeof *r[0].flow);
    p.period_h = 0;
    assert_error(assign_queue_run(&f.n, &f.od, &p, &f.a, &r[0]), ERR_RANGE, "period");
}

// Vickrey (1969): 1800 commuters, a bottleneck of 1800 veh/h, desired arrival 8:00, alpha 6.4, beta 3.9, gamma 15.21.
// Analytic: delta = beta gamma / (beta + gamma), cost delta N^2 / s, first departure gamma / (beta + gamma) N / s
// before.
typedef struct vickrey_day {
    double cost, start_h, end_h, queue;
} vickrey_day;

static int compare_u32(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static vickrey_day measure(const assign_queue_result *r, double arrive_s, uint32_t *left, uint32_t *there) {
    vickrey_day d = {.cost = r->total_cost};
    uint32_t n = r->vehicle_count;
    for (uint32_t i = 0; i < n; i++) {
        left[i] = r->departure_s[i];
        there[i] = r->arrival_s[i];
    }
    qsort(left, n, sizeof *left, compare_u32);
    qsort(there, n, sizeof *there, compare_u32);
    for (uint32_t i = 0, gone = 0; i < n; i++) {
        while (gone < n && there[gone] <= left[i]) {
            gone++;
        }
        double queue = (double)(i + 1) - (double)gone;
        d.queue = queue > d.queue ? queue : d.queue;
    }
    d.start_h = (arrive_s - left[n / 20]) / 3600;
    d.end_h = (there[n - 1 - n / 20] - arrive_s) / 3600;
    return d;
}

// Total cost within 5 %, the longest queue within 10 %, the time by which 5 % have left within 5 minutes and that by
// which 95 % have arrived within 3: the ends themselves are single persons with a taste for odd hours. Departures until
// the first on-time one leave at rate s alpha / (alpha - beta), arrivals come at rate s.
static void departure_times_reach_vickreys_equilibrium(void **state) {
    (void)state;
    const double delta = 3.9 * 15.21 / (3.9 + 15.21), rate_early = 1800 * 6.4 / (6.4 - 3.9);
    const double start_h = 15.21 / (3.9 + 15.21) - 90 / rate_early, end_h = 3.9 / (3.9 + 15.21) - 90 / 1800.0;
    const departure_values values = {.travel_per_h = 6.4, .early_per_h = 3.9, .late_per_h = 15.21};
    const od_cell cells[] = {{0, 1, 1800}};
    assign_queue_params p = assign_queue_defaults();
    assign_queue_result r, again;
    network n;
    od_matrix od;
    uint32_t *left, *there;
    support_line_network(&f.a, &n, 2, 10, 360, 1800);
    n.link.capacity_vph[1] = 20000;
    assert_ok(od_matrix_alloc(&od, &f.a, 2, 3));
    od.zone_id[0] = "a";
    od.zone_id[1] = "b";
    od.zone_node_ix[1] = 2;
    assert_ok(od_matrix_fill(&od, &f.a, cells, 1));
    left = arena_alloc(&f.a, 1800, sizeof *left);
    there = arena_alloc(&f.a, 1800, sizeof *there);
    p.point_queue = true;
    assign_queue_choose_departures(&p, values, 8 * 3600);
    par_set_threads(1);
    for (p.seed = 1; p.seed <= 2; p.seed++) {
        assert_ok(assign_queue_run(&n, &od, &p, &f.a, &r));
        vickrey_day d = measure(&r, p.arrive_s, left, there);
        print_message("seed %u, %u days: cost %.1f (%.1f) start %.3f (%.3f) end %.3f (%.3f) queue %.0f\n", p.seed,
                      r.days, d.cost, delta * 1800, d.start_h, start_h, d.end_h, end_h, d.queue);
        assert_true(r.converged);
        assert_int_equal(r.arrived, 1800);
        assert_near(d.cost, 5587.35, 0.05 * 5587.35);
        assert_near(delta * 1800, 5587.35, 0.01);
        assert_near(d.queue, 873.02, 0.1 * 873.02);
        assert_near(d.start_h, start_h, 5 / 60.0);
        assert_near(d.end_h, end_h, 3 / 60.0);
    }
    p.days_max = 8;
    p.gap = 1e-9;
    for (int threads = 1; threads <= 2; threads++) {
        par_set_threads(threads);
        assert_ok(assign_queue_run(&n, &od, &p, &f.a, threads == 1 ? &r : &again));
    }
    par_set_threads(0);
    assert_memory_equal(r.departure_s, again.departure_s, 1800 * sizeof *r.departure_s);
    assert_memory_equal(r.arrival_s, again.arrival_s, 1800 * sizeof *r.arrival_s);
    assert_memory_equal(r.day_gap, again.day_gap, (r.days + 1) * sizeof *r.day_gap);
}

static void bad_departure_wishes_are_named(void **state) {
    (void)state;
    const departure_values values = {.travel_per_h = 6, .early_per_h = 3, .late_per_h = 15};
    assign_queue_params p = assign_queue_defaults();
    assign_queue_result r;
    assign_queue_choose_departures(&p, values, 1800);
    assert_error(assign_queue_run(&f.n, &f.od, &p, &f.a, &r), ERR_RANGE, "arrival at 0.5 h");
    assign_queue_choose_departures(&p, values, 8 * 3600);
    p.values.early_per_h = 6;
    assert_error(assign_queue_run(&f.n, &f.od, &p, &f.a, &r), ERR_RANGE, "early arrival 6 must be below");
    p.values.early_per_h = 3;
    p.taste_min = -1;
    assert_error(assign_queue_run(&f.n, &f.od, &p, &f.a, &r), ERR_RANGE, "taste scale");
}

// A road with room for one vehicle: spatial queues keep most from starting, point queues let everybody on.
static void point_queues_do_not_reach_back(void **state) {
    (void)state;
    assign_queue_params p = assign_queue_defaults();
    assign_queue_result r[2];
    network n;
    od_matrix od;
    const od_cell cells[] = {{0, 1, 600}};
    support_line_network(&f.a, &n, 3, 30, 36, 7200);
    n.link.capacity_vph[1] = 300;
    assert_ok(od_matrix_alloc(&od, &f.a, 2, 4));
    od.zone_id[0] = "a";
    od.zone_id[1] = "b";
    od.zone_node_ix[1] = 3;
    assert_ok(od_matrix_fill(&od, &f.a, cells, 1));
    for (int i = 0; i < 2; i++) {
        p.point_queue = i == 1;
        assert_ok(assign_queue_run(&n, &od, &p, &f.a, &r[i]));
        assert_int_equal(r[i].arrived, 600);
    }
    // 600 in an hour through 300 an hour: the mean wait is half an hour either way, but in another place
    assert_near(r[1].total_time_min / 600, 30, 1);
    assert_near(r[0].total_time_min / 600, 30, 1);
    assert_true(r[0].time_min[1] < 2 && r[0].time_min[0] < 6);  // the rest wait to start
    assert_true(r[1].time_min[1] > 25 && r[1].time_min[0] < 0.2);
    assert_true(r[1].day_gap[1] < 0.01 && r[1].days >= 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(linear_costs_split_as_by_hand),
        CASE(pigou_costs_a_third_more_than_the_optimum),
        CASE(two_routes_with_bpr_have_the_published_split),
        CASE(a_fixed_cost_moves_the_split_but_is_no_time),
        CASE(nobody_passes_a_node_that_is_a_zone_only),
        CASE(trips_without_a_way_are_counted),
        CASE(a_gap_that_is_not_reached_is_said),
        CASE(bad_delay_functions_are_named),
        CASE(no_trips_and_doubled_trips_are_errors),
        CASE(delay_functions_are_each_others_derivatives),
        CASE(queues_spread_over_equal_routes),
        CASE(point_queues_do_not_reach_back),
        CASE(bad_departure_wishes_are_named),
        CASE(departure_times_reach_vickreys_equilibrium),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
