// Cases of traffic flow with known answers. Numbers: params/validation_cases.csv by key, and the facts distilled from
// UXsim (Seo, MIT) and MATSim's QSimTest by id. Elsewhere: static problems (siouxfalls, chicago_sketch, braess) in
// cases/test_tntp_cases.c, pigou and tworoute.bpr in unit/test_assign.c, bus.random_wait in
// unit/test_matsim_schedule.c, matsim_teleport in unit/test_chain.c, mnl in unit/test_choice.c. Without a counterpart:
// mm1 (service times are fixed here), tworoute.logit_sue (no stochastic equilibrium); barcelona, winnipeg and
// chicago_regional are not at hand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/dmath.h"
#include "traffic_case.h"

// ------------------------------------------------------------------------------------ links in a row

// The most vehicles that wait at the end of the first of two links of 300 s each, and the longest delay there.
static void longest_queue(uint32_t *vehicles, uint32_t *delay_s) {
    *vehicles = *delay_s = 0;
    for (uint32_t k = 0, come = 0; k < tc.legs; ++k) {
        uint32_t left_s = tc.r.arrival_s[k] - 300;
        while (come < tc.legs && tc.departure_s[come] + 300 <= left_s) {
            ++come;
        }
        uint32_t waited_s = left_s - 300 - tc.departure_s[k];
        *vehicles = come - k > *vehicles ? come - k : *vehicles;
        *delay_s = waited_s > *delay_s ? waited_s : *delay_s;
    }
}

static void two_links_with_a_bottleneck(void) {
    tc_network(3, NULL, 2, (tc_link[]){{0, 1, 6000, 72, 1800, 4}, {1, 2, 6000, 72, 7200, 4}});
}

// point_queue.*: 2400 veh/h for 30 min into 1800.
static void point_queue(void **state) {
    (void)state;
    uint32_t queue_max, delay_max_s;
    two_links_with_a_bottleneck();
    for (uint32_t k = 0; k < 1200; ++k) {
        tc_car(k * 3 / 2, 0, 1);
    }
    tc_run();
    longest_queue(&queue_max, &delay_max_s);
    assert_near(queue_max, 300, 1);
    assert_near(tc.r.arrival_s[1199] - 600, 40 * 60, 2);
    assert_near(delay_max_s, 10 * 60, 2);
    assert_near((double)tc.r.delay_s / 3600, 100, 0.1);
}

// Costs of passing the bottleneck at exit_s after waiting, in Vickrey's units: 6.4 an hour of waiting, 3.9 too early,
// 15.21 too late.
static double vickrey_cost(double wait_s, double exit_s, double wanted_s) {
    double schedule = exit_s < wanted_s ? 3.9 * (wanted_s - exit_s) : 15.21 * (exit_s - wanted_s);
    return (6.4 * wait_s + schedule) / 3600;
}

// vickrey.*: 1800 vehicles depart as in equilibrium, 4608 and then 533.09 an hour, through 1800 an hour: the queue that
// forms makes all departures equally dear; without a queue, at 1800 an hour, the day costs half.
static void vickrey(void **state) {
    (void)state;
    const double wanted_s = 7200, start_s = wanted_s - 0.79592 * 3600, turn_s = wanted_s - 0.48501 * 3600;
    uint32_t queue_max, delay_max_s;
    double early = 4608 * (turn_s - start_s) / 3600, sum = 0, free_sum = 0;
    two_links_with_a_bottleneck();
    for (uint32_t k = 0; k < 1800; ++k) {
        tc_car(k < early ? start_s + k / 4608. * 3600 : turn_s + (k - early) / 533.09 * 3600, 0, 1);
    }
    tc_run();
    assert_near(tc.departure_s[1799], wanted_s + 0.20408 * 3600, 10);
    longest_queue(&queue_max, &delay_max_s);
    assert_near(queue_max, 873.02, 2);
    assert_near(delay_max_s, 0.48501 * 3600, 4);  // who departs at turn_s comes on time
    for (uint32_t k = 0; k < 1800; ++k) {
        double exit_s = tc.r.arrival_s[k] - 600.;  // as if the road took no time
        double cost = vickrey_cost(exit_s - tc.departure_s[k], exit_s, wanted_s);
        assert_near(cost, 3.104082, 0.015);  // 2 s are 0.004 to 0.008
        sum += cost;
    }
    assert_near(sum, 5587.35, 0.002 * 5587.35);
    tc.legs = 0;
    for (uint32_t k = 0; k < 1800; ++k) {
        tc_car(start_s + 2 * k, 0, 1);
    }
    tc_run();
    for (uint32_t k = 0; k < 1800; ++k) {
        double exit_s = tc.r.arrival_s[k] - 600.;
        free_sum += vickrey_cost(exit_s - tc.departure_s[k], exit_s, wanted_s);
    }
    assert_near(free_sum, 2793.67, 0.004 * 2793.67);
}

// triangular.qmax and kc, and the same flow for every speed and wave of params/mobsim.csv.
static void triangular(void **state) {
    (void)state;
    const double waves[] = {15, 18, 20};
    const double speeds[] = {30, 40, 50, 60, 80, 100, 110};
    for (size_t i = 0; i < 21; ++i) {
        double w = waves[i / 7], v = speeds[i % 7];
        double qmax = 1000 / 7.5 / (1 / v + 1 / w);
        tc.p.wave_speed_kmh = w;
        tc.p.end_s = 3600;
        tc_network(4, NULL, 3,
                   (tc_link[]){{0, 1, 3000, v, qmax, 1}, {1, 2, 5000, v, qmax, 1}, {2, 3, 3000, v, qmax, 1}});
        for (uint32_t k = 0; k < 3600; ++k) {
            tc_car(k, 0, 1, 2);  // more than can go
        }
        tc_run();
        uint32_t first_s = tc.r.arrival_s[0], last_s = 3599, through = tc_arrived(0, tc.legs, 1, 0, 3600);
        assert_near((through - 1) * 3600.0 / (last_s - first_s), qmax, 0.002 * qmax + 2);
        assert_near((tc_entered(1) - tc_left(1)) / 5.0, qmax / v, 0.25 + 0.005 * qmax / v);
        if (w == 15 && v == 80) {
            assert_near(qmax, 1684.2105, 1e-3);
            assert_near(qmax / v, 21.0526, 1e-3);
        }
        arena_reset(&tc.a);
    }
}

// Links shorter than what their flow needs have just the room for it: all of it passes, but for the first seconds.
static void short_links_reach_their_capacity(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 300; ++i) {
        double length_m = 3 + 297 * support_uniform(21, 4 * i), v = 25 + 75 * support_uniform(21, 4 * i + 1);
        double q = 400 + 3200 * support_uniform(21, 4 * i + 2);
        tc.p.wave_speed_kmh = 15 + 5 * support_uniform(21, 4 * i + 3);
        tc.p.end_s = 3600;
        tc_network(4, NULL, 3, (tc_link[]){{0, 1, 3000, v, q, 4}, {1, 2, length_m, v, q, 1}, {2, 3, 3000, v, q, 4}});
        for (uint32_t k = 0; k < 3600; ++k) {
            tc_car(k, 0, 1, 2);
        }
        tc_run();
        uint32_t first_s = tc.r.arrival_s[0], through = tc_arrived(0, tc.legs, 1, 0, 3600);
        assert_near((through - 1) * 3600.0 / (3599 - first_s) / q, 1, 0.002);
        arena_reset(&tc.a);
    }
}

// jam_density: a closed road fills up to 133.33 veh/km.
static void jam_density(void **state) {
    (void)state;
    tc.p.end_s = 7200;
    tc_network(3, NULL, 2, (tc_link[]){{0, 1, 3000, 80, 1684.2105, 1}, {1, 2, 100, 80, 1684.2105, 1}});
    tc_turns(1, (tc_turn[]){{.in = 0, .out = 1, .cycle_s = 86400, .green_from_s = 86000, .green_s = 400}});
    for (uint32_t k = 0; k < 600; ++k) {
        tc_car(3 * k, 0, 1);
    }
    tc_run();
    assert_near(tc_entered(0) / 3.0, 1000 / 7.5, 0.7);
    assert_int_equal(tc.r.arrived, 0);
}

// lwr.shock.k2 and speed: 1200 veh/h meet a bottleneck of 800.
static void shock_before_a_bottleneck(void **state) {
    (void)state;
    tc_network(4, NULL, 3,
               (tc_link[]){{0, 1, 2000, 80, 1684.2105, 1}, {1, 2, 1000, 80, 800, 1}, {2, 3, 1000, 80, 1684.2105, 1}});
    for (uint32_t k = 0; k < 900; ++k) {
        tc_car(3 * k, 0, 1, 2);
    }
    uint32_t reaches_s = 90 + 45;  // the first vehicle comes to the bottleneck
    uint32_t first_s = tc_first_delay_s(0, reaches_s, 2000);
    assert_near(1000 / ((double)first_s - reaches_s) * 3.6, 6.153846, 0.15);
    tc.p.end_s = 2000;
    tc_run();
    assert_near(tc_entered(1) - tc_left(1), 80, 1.5);
}

// A red of 60 s from second 3600 on at the end of a link of that length; 1200 veh/h.
static void red_light(double length_m) {
    tc_network(4, NULL, 3,
               (tc_link[]){
                   {0, 1, 2000, 80, 1684.2105, 1}, {1, 2, length_m, 80, 1684.2105, 1}, {2, 3, 1000, 80, 1684.2105, 1}});
    tc_turns(1, (tc_turn[]){{.in = 1, .out = 2, .cycle_s = 3600, .green_from_s = 60, .green_s = 3540}});
    for (uint32_t k = 0; k < 300; ++k) {
        tc_car(3000 + 3 * k, 0, 1, 2);
    }
}

// lwr.redlight.*: everything but the queue's length does not depend on where the queue stands.
static void red_light_delay(void **state) {
    (void)state;
    red_light(2000);
    tc_run();
    uint32_t last_delayed = 0, delayed = 0;
    for (uint32_t k = 0; k < 300; ++k) {
        if (tc.r.arrival_s[k] > tc.departure_s[k] + 225) {
            last_delayed = k;
            ++delayed;
        }
    }
    assert_near(tc.r.arrival_s[last_delayed] - 45 - 3600, 208.696, 4);
    assert_near(delayed, 208.696 / 3, 2);
    assert_near((double)tc.r.delay_s, 2086.96, 0.02 * 2086.96);
}

// Seconds after the red began at which the jam has come back that far: the first vehicle that cannot go on is there.
static double jam_reaches_s(double length_m) {
    red_light(length_m);
    tc.p.end_s = tc_first_delay_s(0, 3600, 4000);
    tc_run();
    return tc.departure_s[tc_left(0)] + 90.0 - 3600;
}

static void red_light_queue(void **state) {
    (void)state;
    assert_near(jam_reaches_s(300), 300 / 10.140845 * 3.6, 6);  // a vehicle every 3 s, one slot of rounding
    assert_near(jam_reaches_s(450), 450 / 10.140845 * 3.6, 6);  // the discharge wave catches up at 185.217 s
    double low_m = 300, high_m = 800;                           // the shortest link that holds the whole queue
    tc.p.end_s = 7200;
    while (high_m - low_m > 1) {
        double length_m = (low_m + high_m) / 2;
        red_light(length_m);
        tc_run();
        if (tc_delay_s(0) > 0.5) {
            low_m = length_m;
        } else {
            high_m = length_m;
        }
    }
    // 7 % short, which is less than one and a half vehicles: the length that just holds the queue is
    // 20 / (kj - q (1/v + 1/w)), so a vehicle more of storage is 26 m less. A link has room for its flow capacity in
    // whole seconds and whole vehicles, and vehicles come every 3 s. How many stop is exact (red_light_delay).
    assert_near(high_m / 1000, 0.52174, 0.04);
}

// webster.dd1: cycle 60 s, green 30 s, 600 veh/h, saturation 1800.
static void fixed_time_signal(void **state) {
    (void)state;
    tc_network(3, NULL, 2, (tc_link[]){{0, 1, 1000, 72, 1800, 1}, {1, 2, 1000, 72, 1800, 1}});
    tc_turns(1, (tc_turn[]){{.in = 0, .out = 1, .cycle_s = 60, .green_from_s = 30, .green_s = 30}});
    for (uint32_t k = 0; k < 3000; ++k) {
        tc_car(6 * k, 0, 1);
    }
    tc_run();
    assert_near((double)tc.r.delay_s / 3000, 11.25, 0.5);
    for (uint32_t k = 0; k < 3000; ++k) {
        assert_true((tc.r.arrival_s[k] - 50) % 60 >= 30);  // nobody on red
    }
}

// md1.wait: Poisson arrivals of 0.4 /s, service 2 s: 4 s in the queue.
static void fixed_service_queue(void **state) {
    (void)state;
    tc_network(3, NULL, 2, (tc_link[]){{0, 1, 2000, 72, 1800, 1}, {1, 2, 1000, 72, 3600, 1}});
    double at_s = 0;
    for (uint32_t k = 0; k < TC_LEGS; ++k) {
        at_s += -dmath_log(1 - support_uniform(5, k)) / 0.4;
        tc_car(at_s, 0, 1);
    }
    tc_run();
    assert_near((double)tc.r.delay_s / TC_LEGS, 4, 0.3);  // standard error about 0.09
}

// ------------------------------------------------------------------------------------ merge, diverge

// Vehicles an hour past a merge of 3000 and 1500 veh/h into 1800 while both streams come.
static void merge_of(double second_vph, double expect_first, double expect_second) {
    tc_network(
        5, (tc_point[]){{0, 500}, {0, -500}, {500, 0}, {1000, 0}, {2000, 0}}, 4,
        (tc_link[]){
            {0, 2, 9000, 50, 3000, 3}, {1, 2, 9000, 50, 1500, 3}, {2, 3, 200, 50, 1800, 1}, {3, 4, 200, 50, 7200, 1}});
    for (uint32_t k = 0; k < 1500; ++k) {
        tc_car(k * 3600 / 1500, 0, 2, 3);
    }
    for (uint32_t k = 0; k < (uint32_t)second_vph; ++k) {
        tc_car(k * 3600 / second_vph, 1, 2, 3);
    }
    tc_run();
    assert_near(2 * tc_arrived(0, 1500, 1, 2000, 3800), expect_first, 0.01 * expect_first + 2);
    assert_near(2 * tc_arrived(1500, tc.legs, 1, 2000, 3800), expect_second, 0.01 * expect_second + 2);
}

static void merge_daganzo_case1(void **state) {
    (void)state;
    merge_of(900, 1200, 600);
}

static void merge_daganzo_case2(void **state) {
    (void)state;
    merge_of(400, 1400, 400);
}

// The same with a priority of 5/6 to 1/6 from the turn table, against capacities of 2/3 to 1/3.
static void merge_by_given_priority(void **state) {
    (void)state;
    tc_network(
        5, (tc_point[]){{0, 500}, {0, -500}, {500, 0}, {1000, 0}, {2000, 0}}, 4,
        (tc_link[]){
            {0, 2, 9000, 50, 3000, 3}, {1, 2, 9000, 50, 1500, 3}, {2, 3, 200, 50, 1200, 1}, {3, 4, 200, 50, 7200, 1}});
    tc_turns(2, (tc_turn[]){{.in = 0, .out = 2, .vph = 3000}, {.in = 1, .out = 2, .vph = 600}});
    for (uint32_t k = 0; k < 1500; ++k) {
        tc_car(k * 3600 / 1500, 0, 2, 3);
        tc_car(k * 3600 / 1500, 1, 2, 3);
    }
    tc_run();
    assert_near(2 * tc_arrived(0, tc.legs, 2, 2000, 3800), 1000, 12);
    assert_near(2 * tc_arrived(1, tc.legs, 2, 2000, 3800), 200, 6);
}

// diverge.fifo: S 1600, split .75/.25, R 1800/300: 900/300.
static void diverge_fifo(void **state) {
    (void)state;
    tc_network(6, (tc_point[]){{0, 0}, {500, 0}, {900, 300}, {900, -300}, {1500, 300}, {1500, -300}}, 5,
               (tc_link[]){{0, 1, 9000, 50, 1600, 3},
                           {1, 2, 200, 50, 1800, 1},
                           {1, 3, 200, 50, 300, 1},
                           {2, 4, 200, 50, 3600, 1},
                           {3, 5, 200, 50, 3600, 1}});
    for (uint32_t k = 0; k < 2400; ++k) {
        if (k % 4 == 3) {
            tc_car(k * 3600 / 1600, 0, 2, 4);
        } else {
            tc_car(k * 3600 / 1600, 0, 1, 3);
        }
    }
    tc_run();
    double first = 0, second = 0;
    for (uint32_t k = 0; k < tc.legs; ++k) {
        bool within = tc.r.arrival_s[k] >= 2000 && tc.r.arrival_s[k] < 5600;
        first += within && k % 4 != 3;
        second += within && k % 4 == 3;
    }
    assert_near(first, 900, 9);
    assert_near(second, 300, 3);
}

// --------------------------------------------------------------------------------------------- UXsim

enum { UX_M = 1000, UX_KMH = 72, UX_VPH = 2880 };  // 20 m/s, 0.8 veh/s; jam density 0.2 veh/m

static void ux_begin(void) {
    tc.p.jam_spacing_m = 5;
    tc.p.wave_speed_kmh = 18;  // 0.2 veh/m = 0.8 (1/20 + 1/w), w = 5 m/s
}

static void uxsim_1link(void **state) {
    (void)state;
    ux_begin();
    tc_network(2, NULL, 1, (tc_link[]){{0, 1, UX_M, UX_KMH, UX_VPH, 1}});
    for (uint32_t k = 0; k < 250; ++k) {
        tc_car(2 * k, 0);
    }
    tc_run();
    assert_int_equal(tc.r.arrived, 250);
    assert_near(tc_time_s(0) / 250, 50, 0.05);  // uxsim.1link.tt
    assert_near(tc_time_s(0), 12500, 12.5);     // uxsim.1link.ttt
    assert_int_equal(tc.r.delay_s, 0);
}

// Flow capacity acts at the exit of a link here and at both ends in UXsim: 20 m of link 3 before the rest of it.
static void ux_merge(double rate) {
    ux_begin();
    tc_network(5, (tc_point[]){{0, 500}, {0, -500}, {900, 0}, {920, 0}, {1900, 0}}, 4,
               (tc_link[]){{0, 2, UX_M, UX_KMH, UX_VPH, 1},
                           {1, 2, UX_M, UX_KMH, UX_VPH, 1},
                           {2, 3, 20, UX_KMH, UX_VPH, 1},
                           {3, 4, UX_M - 20, UX_KMH, UX_VPH, 1}});
    for (uint32_t k = 0; k < 1000 * rate; ++k) {
        tc_car(k / rate, 0, 2, 3);
        tc_car(k / rate, 1, 2, 3);
    }
    tc_run();
    assert_near(tc_left(0), 1000 * rate, 0);
    assert_near(tc_left(3), 2000 * rate, 0);
    assert_near(tc_time_s(3) / tc_left(3), 49, 0.5);
}

static void uxsim_merge_free(void **state) {
    (void)state;
    ux_merge(0.3);
    assert_near(tc_time_s(0) / 300, 50, 1);
    assert_near(tc_time_s(1) / 300, 50, 1);
}

static void uxsim_merge_cong(void **state) {
    (void)state;
    ux_merge(0.5);
    double first_s = tc_time_s(0) / 500, second_s = tc_time_s(1) / 500;
    assert_near(first_s, second_s, 0.02 * second_s);
    assert_near((first_s + second_s) / 2 - 50, 125, 10);
    uint32_t last_s = 0;
    for (uint32_t k = 0; k < tc.legs; ++k) {
        last_s = tc.r.arrival_s[k] > last_s ? tc.r.arrival_s[k] : last_s;
    }
    assert_near(last_s, 1250 + 50 + 50, 10);
}

static void ux_diverge(double rate1, double rate2, double second_vph) {
    ux_begin();
    tc_network(5, (tc_point[]){{0, 0}, {1000, 0}, {1900, 400}, {1900, -400}, {2900, 400}}, 4,
               (tc_link[]){{0, 1, UX_M, UX_KMH, UX_VPH, 1},
                           {1, 2, UX_M, UX_KMH, UX_VPH, 1},
                           {1, 3, UX_M, UX_KMH, UX_VPH, 1},
                           {2, 4, 10, UX_KMH, UX_VPH, 1}});
    tc_turns(1, (tc_turn[]){{.in = 0, .out = 1, .vph = second_vph}});
    for (uint32_t k = 0; k < 1000 * rate1; ++k) {
        tc_car(k / rate1, 0, 1);
    }
    for (uint32_t k = 0; k < 1000 * rate2; ++k) {
        tc_car(k / rate2, 0, 2);
    }
    tc_run();
    assert_near(tc_left(1), 1000 * rate1, 0);
    assert_near(tc_left(2), 1000 * rate2, 0);
}

static void uxsim_diverge(void **state) {
    (void)state;
    ux_diverge(0.3, 0.3, UX_VPH);
    assert_near(tc_time_s(0) / 600, 50, 2);
    assert_near(tc_time_s(1) / 300, 50, 1);
    ux_diverge(0.2, 0.3, 720);  // uxsim_diverge_lesscap
    assert_near(tc_time_s(0) / 500, 50, 5);
    ux_diverge(0.3, 0.2, 720);  // uxsim_diverge_block: 300 vehicles at 0.2 a second hold up everybody
    assert_near(tc_time_s(0) / 500, 333, 0.2 * 333);
}

// 0.8 veh/s for 300 s, then 0.4: upstream 0.6667 veh/s and 0.06667 veh/m, downstream 20 m/s.
static void uxsim_bottleneck(void **state) {
    (void)state;
    ux_begin();
    tc.p.end_s = 300;
    tc_network(3, NULL, 2, (tc_link[]){{0, 1, UX_M, UX_KMH, 2400, 1}, {1, 2, UX_M, UX_KMH, UX_VPH, 1}});
    for (uint32_t k = 0; k < 240; ++k) {
        tc_car(k * 1.25, 0, 1);
    }
    for (uint32_t k = 0; k < 400; ++k) {
        tc_car(300 + k * 2.5, 0, 1);
    }
    tc_run();
    assert_near(tc_left(0) / (300.0 - 50), 0.6667, 0.01);
    tc.p.end_s = 3000;
    tc_run();
    assert_near(tc_time_s(1) / tc_left(1), 50, 0.5);
    // The 0.8 veh/s that come and the 0.6667 that leave differ by 33 vehicles after 250 s: 50 s of delay at most.
    uint32_t most_s = 0;
    for (uint32_t k = 0; k < 240; ++k) {
        uint32_t delay_s = tc.r.arrival_s[k] - tc.departure_s[k] - 100;
        most_s = delay_s > most_s ? delay_s : most_s;
    }
    assert_near(most_s, 240 / 0.66667 - 300, 3);
}

// The same with the upstream link cut in two: its second half is full of the queue at 300 s.
static void uxsim_bottleneck_density(void **state) {
    (void)state;
    ux_begin();
    tc.p.end_s = 300;
    tc_network(
        4, NULL, 3,
        (tc_link[]){
            {0, 1, UX_M / 2, UX_KMH, UX_VPH, 1}, {1, 2, UX_M / 2, UX_KMH, 2400, 1}, {2, 3, UX_M, UX_KMH, UX_VPH, 1}});
    for (uint32_t k = 0; k < 240; ++k) {
        tc_car(k * 1.25, 0, 1, 2);
    }
    tc_run();
    double vehicles = tc_entered(1) - tc_left(1);
    assert_near(vehicles / (UX_M / 2.), 0.06667, 0.1 * 0.06667);
    // Speed by the flow that passes: 0.6667 / 0.06667 = 10 m/s.
    assert_near(0.66667 / (vehicles / (UX_M / 2.)), 10, 1);
}

// -------------------------------------------------------------------------------------------- MATSim

static void matsim_flow_capacity(void **state) {
    (void)state;
    tc_network(4, NULL, 3, (tc_link[]){{0, 1, 100, 36, 60000, 9}, {1, 2, 100, 36, 6000, 9}, {2, 3, 100, 36, 60000, 9}});
    for (uint32_t k = 0; k < 10000; ++k) {
        tc_car(25200 - 1801 - 9, 1, 2);
    }
    tc_run();
    const uint32_t expected[] = {3001, 6000, 999};
    for (uint32_t h = 0; h < 3; ++h) {
        uint32_t from_s = 21600 + 3600 * h + 10;  // ten seconds after link 2
        assert_near(tc_arrived(0, tc.legs, 1, from_s, from_s + 3600), expected[h], 1);
    }
}

static void matsim_fractional_capacity(void **state) {
    (void)state;
    tc_network(3, NULL, 2, (tc_link[]){{0, 1, 100, 36, 900, 1}, {1, 2, 100, 36, 6000, 1}});
    for (uint32_t k = 0; k < 100; ++k) {
        tc_car(25200 - 1800, 0, 1);
    }
    tc_run();
    for (uint32_t k = 1; k < 100; ++k) {
        assert_int_equal(tc.r.arrival_s[k] - tc.r.arrival_s[k - 1], 4);
    }
}

static void matsim_single_agent(void **state) {
    (void)state;
    tc_network(3, NULL, 2, (tc_link[]){{0, 1, 100, 36, 6000, 1}, {1, 2, 100, 36, 6000, 1}});
    tc_car(21601, 0);  // MATSim's leg starts at the end of its first link
    tc_run();
    assert_near(tc.r.arrival_s[0], 21612, 1);
}

// ------------------------------------------------------------------------------------------ junctions

enum { WEST, EAST, SOUTH, NORTH };

// Four arms of 9 km in each direction: link 2 a + 0 comes in from arm a, 2 a + 1 goes out.
static void make_crossing(uint8_t control, double main_vph, double side_vph) {
    const tc_point xy[5] = {{-5000, 0}, {5000, 0}, {0, -5000}, {0, 5000}, {0, 0}};
    tc_link link[8];
    for (uint32_t a = 0; a < 4; ++a) {
        double vph = a < 2 ? main_vph : side_vph;
        link[2 * a] = (tc_link){a, 4, 9000, 50, vph, 1};
        link[2 * a + 1] = (tc_link){4, a, 9000, 50, 3600, 1};
    }
    tc_network(5, xy, 8, link);
    tc.n.node.control[4] = control;
}

// Cars of an hour from arm to arm, evenly or at random; returns the first leg.
static uint32_t stream(uint32_t from, uint32_t to, double vph, bool random) {
    uint32_t first = tc.legs;
    double at_s = 0;
    for (uint32_t k = 0; vph > 0 && k < 3 * vph; ++k) {
        at_s += 3600 / vph * (random ? -dmath_log(1 - support_uniform(17 + from, k)) : 1);
        if (at_s < 3 * 3600) {
            tc_car(at_s, 2 * from, 2 * to + 1);
        }
    }
    return first;
}

// Entries an hour between 1:00 and 2:50, when both streams are settled (1296 s to drive).
static double flow_of(uint32_t first, uint32_t end) {
    return tc_arrived(first, end, 1, 4896, 4896 + 6600) * 3600.0 / 6600;
}

// roundabout.1lane.hcm6: 1380 exp(-0.00102 q).
static void roundabout_entry_follows_hcm(void **state) {
    (void)state;
    for (uint32_t random = 0; random < 2; ++random) {
        for (uint32_t q = 0; q <= 1000; q += 200) {
            make_crossing(CONTROL_ROUNDABOUT, 2400, 2400);
            uint32_t across = stream(WEST, EAST, q, random == 1);
            uint32_t entry = stream(SOUTH, NORTH, 2000, false);
            tc_run();
            double measured = flow_of(across, entry);
            double expected = 1380 * dmath_exp(-0.00102 * measured);
            assert_near(measured, q, 0.15 * q + 1);
            assert_near(flow_of(entry, tc.legs), expected, 0.05 * expected);
            arena_reset(&tc.a);
        }
    }
}

// Who leaves before an entry does not hold it up: west to south (right) and east to north pass no southern entry.
static void roundabout_counts_only_who_passes(void **state) {
    (void)state;
    make_crossing(CONTROL_ROUNDABOUT, 2400, 2400);
    stream(WEST, SOUTH, 500, false);
    stream(EAST, NORTH, 500, false);
    uint32_t entry = stream(SOUTH, EAST, 2000, false);
    tc_run();
    assert_near(flow_of(entry, tc.legs), 1380, 20);
}

static double siegloch(double q, double tc_s, double tf_s) {
    return 3600 / tf_s * dmath_exp(-q * (tc_s - tf_s / 2) / 3600);
}

// Minor roads by Siegloch with the gaps of params/mobsim.csv.
static void minor_entry_follows_siegloch(void **state) {
    (void)state;
    for (uint32_t control = CONTROL_YIELD; control <= CONTROL_STOP; ++control) {
        for (uint32_t q = 0; q <= 800; q += 200) {
            make_crossing((uint8_t)control, 2400, 1800);
            stream(WEST, EAST, q, false);
            uint32_t right = stream(SOUTH, EAST, 1800, false);
            tc_run();
            assert_near(flow_of(right, tc.legs), siegloch(q, 6.2, 3.3), 0.05 * siegloch(q, 6.2, 3.3));
            make_crossing((uint8_t)control, 2400, 1800);
            stream(WEST, EAST, q / 2.0, false);
            stream(EAST, WEST, q / 2.0, false);
            uint32_t left = stream(SOUTH, WEST, 1800, false);
            tc_run();
            assert_near(flow_of(left, tc.legs), siegloch(q, 7.1, 3.5), 0.05 * siegloch(q, 7.1, 3.5));
            make_crossing((uint8_t)control, 2400, 1800);
            stream(WEST, EAST, q, false);
            uint32_t major_left = stream(EAST, SOUTH, 2400, false);
            tc_run();
            assert_near(flow_of(major_left, tc.legs), siegloch(q, 4.1, 2.2), 0.05 * siegloch(q, 4.1, 2.2));
            arena_reset(&tc.a);
        }
    }
}

static void main_road_does_not_wait(void **state) {
    (void)state;
    make_crossing(CONTROL_YIELD, 1800, 1000);
    uint32_t across = stream(WEST, EAST, 2400, false);
    uint32_t side = stream(SOUTH, NORTH, 900, false);
    tc_run();
    assert_near(flow_of(across, side), 1800, 10);
    assert_near(flow_of(side, tc.legs), siegloch(1800, 7.1, 3.5), 5);
}

// The default plan: 52 s of green in a cycle of 60, shared by capacity.
static void default_signal_shares_green_by_capacity(void **state) {
    (void)state;
    make_crossing(CONTROL_SIGNAL, 1800, 900);
    uint32_t across = stream(WEST, EAST, 1800, false);
    uint32_t side = stream(SOUTH, NORTH, 900, false);
    tc_run();
    assert_near(flow_of(across, side), 18 * 60, 20);          // 35 s at one in 2 s
    assert_near(flow_of(side, tc.legs), 900 * 17 / 60., 50);  // 17 s at one in 4 s
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TC_CASE(point_queue),
        TC_CASE(vickrey),
        TC_CASE(triangular),
        TC_CASE(short_links_reach_their_capacity),
        TC_CASE(jam_density),
        TC_CASE(shock_before_a_bottleneck),
        TC_CASE(red_light_delay),
        TC_CASE(red_light_queue),
        TC_CASE(fixed_time_signal),
        TC_CASE(fixed_service_queue),
        TC_CASE(merge_daganzo_case1),
        TC_CASE(merge_daganzo_case2),
        TC_CASE(merge_by_given_priority),
        TC_CASE(diverge_fifo),
        TC_CASE(uxsim_1link),
        TC_CASE(uxsim_merge_free),
        TC_CASE(uxsim_merge_cong),
        TC_CASE(uxsim_diverge),
        TC_CASE(uxsim_bottleneck),
        TC_CASE(uxsim_bottleneck_density),
        TC_CASE(matsim_flow_capacity),
        TC_CASE(matsim_fractional_capacity),
        TC_CASE(matsim_single_agent),
        TC_CASE(roundabout_entry_follows_hcm),
        TC_CASE(roundabout_counts_only_who_passes),
        TC_CASE(minor_entry_follows_siegloch),
        TC_CASE(main_road_does_not_wait),
        TC_CASE(default_signal_shares_green_by_capacity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
