#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "io/project.h"
#include "support.h"

// Known pair: Oslo, 10.7522 E 59.9139 N, by PROJ 9.1.1 and by an own Krueger series (ecosystem.md section 2).
static void projects_oslo_to_the_millimetre(void **state) {
    (void)state;
    double lon = 10.7522, lat = 59.9139, x_m = 0, y_m = 0;
    assert_ok(project_to_utm32(&lon, &lat, 1, &x_m, &y_m));
    assert_near(x_m, 597979.9029, 1e-3);
    assert_near(y_m, 6643118.9914, 1e-3);
}

static void puts_the_central_meridian_at_500_km(void **state) {
    (void)state;
    double lon[2] = {9, 9}, lat[2] = {0, 60}, x_m[2], y_m[2];
    assert_ok(project_to_utm32(lon, lat, 2, x_m, y_m));
    assert_near(x_m[0], 500000, 1e-3);
    assert_near(y_m[0], 0, 1e-3);
    assert_near(x_m[1], 500000, 1e-3);
    assert_true(y_m[1] > 6.6e6 && y_m[1] < 6.7e6);
}

// A kilometre on the ground is a kilometre in the plane, but for the projection's scale (at most 4 in 10 000).
static void keeps_distances_in_vestby(void **state) {
    (void)state;
    double lon[2] = {10.7400, 10.7400}, lat[2] = {59.6000, 59.6000 + 1 / 111.4}, x_m[2], y_m[2];
    assert_ok(project_to_utm32(lon, lat, 2, x_m, y_m));
    assert_near(hypot(x_m[1] - x_m[0], y_m[1] - y_m[0]), 1000, 2);
}

static void accepts_no_points(void **state) {
    (void)state;
    assert_ok(project_to_utm32(NULL, NULL, 0, NULL, NULL));
}

static void refuses_what_is_no_place_on_earth(void **state) {
    (void)state;
    double lon[2] = {10, HUGE_VAL}, lat[2] = {60, HUGE_VAL}, x_m[2], y_m[2];
    assert_error(project_to_utm32(lon, lat, 2, x_m, y_m), ERR_RANGE, "cannot be projected");
    assert_true(isfinite(x_m[0]) != 0);
    assert_true(!isfinite(x_m[1]));
}

static void says_what_to_install_without_its_database(void **state) {
    (void)state;
    // PROJ reads these when a context is made; the folder has no proj.db.
    setenv("PROJ_DATA", "/nonexistent", 1);
    setenv("PROJ_LIB", "/nonexistent", 1);
    setenv("PROJ_SKIP_READ_USER_WRITABLE_DIRECTORY", "YES", 1);
    double lon = 10, lat = 60, x_m = 0, y_m = 0;
    err_code code = project_to_utm32(&lon, &lat, 1, &x_m, &y_m);
    unsetenv("PROJ_DATA");
    unsetenv("PROJ_LIB");
    assert_error(code, ERR_FILE, "proj-data");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(projects_oslo_to_the_millimetre),
        cmocka_unit_test(puts_the_central_meridian_at_500_km),
        cmocka_unit_test(keeps_distances_in_vestby),
        cmocka_unit_test(accepts_no_points),
        cmocka_unit_test(refuses_what_is_no_place_on_earth),
        cmocka_unit_test(says_what_to_install_without_its_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
