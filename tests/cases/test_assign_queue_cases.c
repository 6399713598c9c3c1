// The queue model against published static volumes, where the problem lies on this machine: squared correlation of link
// volumes. Slow: every day drives 100 000 vehicles.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "io/tntp.h"
#include "io_case.h"
#include "loop/assign.h"
#include "loop/assign_queue.h"
#include "support.h"

static double squared_correlation(const double *x, const double *y, uint32_t n) {
    double mean_x = 0, mean_y = 0, xy = 0, xx = 0, yy = 0;
    for (uint32_t i = 0; i < n; i++) {
        mean_x += x[i] / n;
        mean_y += y[i] / n;
    }
    for (uint32_t i = 0; i < n; i++) {
        xy += (x[i] - mean_x) * (y[i] - mean_y);
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        yy += (y[i] - mean_y) * (y[i] - mean_y);
    }
    return xy * xy / (xx * yy);
}

// Runs a problem for some days and returns the squared correlation of link volumes; both gaps and totals are checked.
static double correlation(const char *name, bool point_queue, uint32_t days_max, uint32_t vehicles, double gap_max) {
    char path[1024];
    struct stat about;
    const char *given = getenv("VESTSIM_CASES");
    snprintf(path, sizeof path, "%.900s/%s",
             given != NULL && given[0] != '\0' ? given : VESTSIM_SOURCE_DIR "/../shared/cases", name);
    if (stat(path, &about) != 0) {
        print_message("skipped: no %s\n", path);
        skip();
    }
    arena a;
    tntp_case c;
    assign_result s;
    assign_queue_result q;
    const tntp_options o = {.toll_factor = -1, .distance_factor = -1};
    const assign_params p = {.gap = 1e-7, .iterations_max = 1000};
    assign_queue_params days = assign_queue_defaults();
    days.days_max = days_max;
    days.point_queue = point_queue;
    log_set_level(LOG_QUIET);
    arena_init(&a);
    assert_ok(tntp_load(path, &o, &a, &c));
    assert_ok(assign_run(&c.network, &c.delay, &c.trips, &p, &a, &s));
    assert_true(s.converged);
    assert_ok(assign_queue_run(&c.network, &c.trips, &days, &a, &q));
    double r2 = squared_correlation(s.flow, q.flow, c.network.link.count);
    print_message("%s: R2 %.4f, gap %.4f, %u days\n", name, r2, q.gap, q.days);
    assert_int_equal(q.vehicles, vehicles);
    assert_int_equal(q.arrived, vehicles);
    assert_true(q.gap < gap_max);
    assert_true(q.total_time_min > s.free_cost_min * 0.99 && q.total_time_min < 3 * s.total_time_min);
    arena_free(&a);
    return r2;
}

static void anaheim_volumes_correlate_with_the_static_equilibrium(void **state) {
    (void)state;
    assert_true(correlation("tntp-anaheim", false, 8, 104694, 0.15) >= 0.75);  // 0.96 when the gap is 3 %
    assert_true(correlation("tntp-anaheim", true, 12, 104694, 0.02) >= 0.75);
}

// Its lengths are free-flow times (the README of the collection says so), so there is no storage to go by: point
// queues.
static void sioux_falls_volumes_correlate_with_the_static_equilibrium(void **state) {
    (void)state;
    assert_true(correlation("tntp-siouxfalls", true, 24, 360600, 0.05) >= 0.75);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anaheim_volumes_correlate_with_the_static_equilibrium),
        cmocka_unit_test(sioux_falls_volumes_correlate_with_the_static_equilibrium),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
