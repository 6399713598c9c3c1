// Small worlds and helpers that many tests share. Everything here fails the running test instead of returning errors.
#ifndef VESTSIM_TESTS_SUPPORT_H
#define VESTSIM_TESTS_SUPPORT_H

#include "world/network.h"
#include "world/transit.h"

// |actual - expected| <= tolerance; NaN never is near anything, equal infinities are.
#define assert_near(actual, expected, tolerance) \
    support_assert_near((double)(actual), (double)(expected), (double)(tolerance), #actual, __FILE__, __LINE__)
void support_assert_near(double actual, double expected, double tolerance, const char *what, const char *file,
                         int line);
// code == ERR_OK, otherwise the test fails and shows the message.
#define assert_ok(code) support_assert_code((code), ERR_OK, NULL, __FILE__, __LINE__)
// code == expected and the message contains part.
#define assert_error(code, expected, part) support_assert_code((code), (expected), (part), __FILE__, __LINE__)
void support_assert_code(err_code code, err_code expected, const char *part, const char *file, int line);

// Deterministic 64-bit numbers for property tests: a pure function of both arguments.
uint64_t support_random(uint64_t seed, uint32_t i);
double support_uniform(uint64_t seed, uint32_t i);  // in [0,1)

// A fresh folder below TMPDIR or /tmp, for test files. out: 256 bytes.
void support_temp_dir(char out[256]);
void support_write_file(const char *folder, const char *name, const void *bytes, size_t count);

// Node ids n0, n1, ...; link ids l0, l1, ...; every mode allowed, 100 m, 50 km/h, 1800 veh/h, one lane, flat, inside
// = 1. Set from_ix/to_ix (and what else differs), then call network_build.
void support_blank_network(arena *a, network *n, uint32_t node_count, uint32_t link_count);
// Two-way grid of all modes; node n<c>_<r> at x = 600000 + c * spacing, y = 6600000 + r * spacing; the link from n0_0
// to n1_0 is called l0_0-1_0. Built. capacity_vph is for all lanes.
void support_grid_network(arena *a, network *n, uint32_t columns, uint32_t rows, double spacing_m, double speed_kmh,
                          double capacity_vph, double lanes);
// One-way line n0 -> n1 -> ... with links l0, l1, ... Built. Link l<i> has index i and enters node n<i+1>.
void support_line_network(arena *a, network *n, uint32_t link_count, double length_m, double speed_kmh,
                          double capacity_vph);

enum { SUPPORT_CALLS_MAX = 16 };
typedef struct support_call {
    uint32_t stop_ix;
    int32_t arrival_s;
    int32_t departure_s;
} support_call;
typedef struct support_trip {
    const char *id;
    const char *line;
    uint32_t call_count;
    support_call call[SUPPORT_CALLS_MAX];
} support_trip;
// Timetable with stops s0, s1, ... 1 km apart on a line; buses; footpaths as given (may be NULL). Built.
void support_transit(arena *a, transit *t, uint32_t stop_count, const support_trip *trip, uint32_t trip_count,
                     const transit_footpath *path, uint32_t path_count);

#endif
