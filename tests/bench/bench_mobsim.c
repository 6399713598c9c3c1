// Link events a second of the queue model on keyed random grids, with 1 and 2 threads. Not a test: prints figures.
// Usage: bench_mobsim [legs] [capacity factor]
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/dmath.h"
#include "base/log.h"
#include "base/par.h"
#include "model/mobsim.h"
#include "support.h"

enum { REPEATS = 3, MEAN_BLOCKS = 12, SEED_NETWORK = 1, SEED_DEMAND = 2 };

typedef struct bench_case {
    uint32_t side;
    uint32_t legs;
    double capacity_factor;
} bench_case;

// Arterials every fifth street; lengths 60 to 300 m.
static void vary_links(network *n, const bench_case *c) {
    for (uint32_t l = 0; l < n->link.count; ++l) {
        uint32_t from = n->link.from_ix[l];
        uint32_t to = n->link.to_ix[l];
        bool arterial =
            (from % c->side % 5 == 0 && to % c->side % 5 == 0) || (from / c->side % 5 == 0 && to / c->side % 5 == 0);
        double capacity = (arterial ? 1800 : 900) * (0.8 + 0.4 * support_uniform(SEED_NETWORK, 2 * l));
        n->link.length_m[l] = (float)(60 + 240 * support_uniform(SEED_NETWORK, 2 * l + 1));
        n->link.free_speed_mps[l] = arterial ? 19.4F : 11.1F;
        n->link.lanes[l] = arterial ? 2 : 1;
        n->link.capacity_vph[l] = (float)(capacity * c->capacity_factor);
    }
}

static uint32_t link_between(const network *n, uint32_t from, uint32_t to) {
    for (uint32_t o = n->out_first[from]; o < n->out_first[from + 1]; ++o) {
        if (n->link.to_ix[n->out_link[o]] == to) {
            return n->out_link[o];
        }
    }
    return IX_NONE;
}

static double uniform(uint32_t leg, uint32_t k) {
    return support_uniform(SEED_DEMAND, leg * 16 + k);
}

static int32_t offset(uint32_t leg, uint32_t k) {
    double blocks = -MEAN_BLOCKS * dmath_log(1 - uniform(leg, k));
    blocks = blocks < 200 ? blocks : 200;
    return uniform(leg, k + 1) < 0.5 ? (int32_t)blocks : -(int32_t)blocks;
}

static int32_t clamp(int32_t value, int32_t side) {
    return value < 0 ? 0 : (value >= side ? side - 1 : value);
}

static uint32_t departure(uint32_t leg) {
    double spread = uniform(leg, 11) + uniform(leg, 12) + uniform(leg, 13) - 1.5;
    double kind = uniform(leg, 10);
    double second = kind < 0.35 ? 8 * 3600 + spread * 5760 : (kind < 0.7 ? 16.5 * 3600 + spread * 7200 : 0);
    return (uint32_t)(second > 0 ? second : 5 * 3600 + uniform(leg, 14) * 17 * 3600);
}

// A staircase from an origin near the middle.
static uint32_t make_route(const network *n, const bench_case *c, uint32_t leg, uint32_t *route) {
    int32_t side = (int32_t)c->side;
    double spread_x = uniform(leg, 0) + uniform(leg, 1) + uniform(leg, 2) - 1.5;
    double spread_y = uniform(leg, 3) + uniform(leg, 4) + uniform(leg, 5) - 1.5;
    int32_t x = clamp((int32_t)(side / 2.0 + spread_x * side * 0.36), side);
    int32_t y = clamp((int32_t)(side / 2.0 + spread_y * side * 0.36), side);
    int32_t to_x = clamp(x + offset(leg, 6), side);
    int32_t to_y = clamp(y + offset(leg, 8), side);
    uint32_t count = 0;
    bool along_x = leg % 2 == 0;
    while (x != to_x || y != to_y) {
        uint32_t from = (uint32_t)(y * side + x);
        along_x = support_random(SEED_DEMAND + 1, leg * 512 + count) % 8 == 0 ? !along_x : along_x;
        if (x != to_x && (along_x || y == to_y)) {
            x += to_x > x ? 1 : -1;
        } else {
            y += to_y > y ? 1 : -1;
        }
        route[count++] = link_between(n, from, (uint32_t)(y * side + x));
    }
    return count;
}

static void *must(void *p) {
    if (p == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(4);
    }
    return p;
}

static mobsim_demand make_demand(arena *a, const network *n, const bench_case *c) {
    uint32_t *departure_s = must(arena_alloc(a, c->legs, sizeof *departure_s));
    uint32_t *first = must(arena_alloc(a, c->legs + 1, sizeof *first));
    uint8_t *vehicle = must(arena_alloc(a, c->legs, sizeof *vehicle));
    uint32_t *route = must(arena_alloc(a, c->side * 2, sizeof *route));
    for (uint32_t leg = 0; leg < c->legs; ++leg) {
        departure_s[leg] = departure(leg);
        vehicle[leg] = uniform(leg, 15) < 0.05 ? VEHICLE_LORRY : VEHICLE_CAR;
        first[leg + 1] = first[leg] + make_route(n, c, leg, route);
    }
    uint32_t *links = must(arena_alloc(a, first[c->legs], sizeof *links));
    for (uint32_t leg = 0; leg < c->legs; ++leg) {
        make_route(n, c, leg, links + first[leg]);
    }
    return (mobsim_demand){.leg_count = c->legs,
                           .departure_s = departure_s,
                           .route_first = first,
                           .route_link = links,
                           .vehicle = vehicle};
}

static void die(err_code code) {
    if (code != ERR_OK) {
        fprintf(stderr, "%s\n", err_message());
        exit(4);
    }
}

static void run_case(const bench_case *c) {
    arena a;
    arena_init(&a);
    network n;
    support_grid_network(&a, &n, c->side, c->side, 180, 50, 1800, 1);
    vary_links(&n, c);
    mobsim_demand d = make_demand(&a, &n, c);
    mobsim_params p = {
        .wave_speed_kmh = 18, .jam_spacing_m = 7.5, .stuck_s = 60, .lorry_pcu = 2, .scale = 1, .end_s = 108000};
    mobsim *m;
    mobsim_result r;
    die(mobsim_build(&n, &p, &a, &m));
    die(mobsim_alloc_result(m, &a, c->legs, &r));
    for (uint32_t threads = 1; threads <= 2; ++threads) {
        mobsim_set_test_hooks(m, (mobsim_test_hooks){.drop_vehicle = -1, .partitions = threads});
        par_set_threads((int)threads);
        double best_s = 1e9;
        double best_cpu_s = 1e9;  // of all threads: what counts on a busy machine
        for (int i = 0; i < REPEATS; ++i) {
            double start_s = log_clock_s();
            clock_t start_cpu = clock();
            die(mobsim_run(m, &d, &r));
            double took_s = log_clock_s() - start_s;
            double took_cpu_s = (double)(clock() - start_cpu) / CLOCKS_PER_SEC;
            best_s = took_s < best_s ? took_s : best_s;
            best_cpu_s = took_cpu_s < best_cpu_s ? took_cpu_s : best_cpu_s;
        }
        uint64_t events = r.link_events + r.started;
        printf(
            "mobsim links=%u legs=%u threads=%u: %.3f s, %.2f M link events/s, %.1f ns/event (%.1f of CPU), "
            "visits/event %.2f, "
            "forced %llu, on network %llu, delay %.0f h, hash %016llx\n",
            n.link.count, c->legs, threads, best_s, (double)events / best_s / 1e6, best_s * 1e9 / (double)events,
            best_cpu_s * 1e9 / (double)events, (double)r.visits / (double)events, (unsigned long long)r.forced,
            (unsigned long long)r.on_network, (double)r.delay_s / 3600,
            (unsigned long long)mobsim_hash(m, &r, c->legs));
    }
    arena_free(&a);
}

int main(int argc, char **argv) {
    uint32_t legs = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 200000;
    double factor = argc > 2 ? strtod(argv[2], NULL) : 1;
    const bench_case cases[] = {{.side = 50, .legs = legs, .capacity_factor = factor},
                                {.side = 159, .legs = legs, .capacity_factor = factor}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        run_case(&cases[i]);
    }
    return 0;
}
