// Link events a second of the queue model on keyed random grids, with 1 and 2 threads. Not a test: prints figures.
// Usage: bench_mobsim [legs] [capacity factor] [--bound] [--junctions] [--congested] [--large]
//   --bound      also replays the memory accesses alone (bench_mobsim_bound.h)
//   --junctions  every node has a control: a quarter each yield, stop, signal, roundabout
//   --congested  10k links, three times the legs at 0.6 of the capacity: about 40 % of time is delay
//   --large      1M links (10 GB of memory)
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>
#include <string.h>

#include "base/dmath.h"
#include "base/log.h"
#include "base/par.h"
#include "bench_mobsim_bound.h"
#include "support.h"

enum { REPEATS = 3, MEAN_BLOCKS = 12, SEED_NETWORK = 1, SEED_DEMAND = 2 };

typedef struct bench_case {
    uint32_t side;
    uint32_t legs;
    double capacity_factor;
    bool bound;
    bool junctions;
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

// Memory, and the share of driving time that is delay.
static void print_size(const bench_case *c, const network *n, const mobsim_demand *d, const mobsim_result *r,
                       size_t link_bytes, size_t leg_bytes) {
    double free_s = 0;
    for (uint32_t i = 0; i < d->route_first[c->legs]; ++i) {
        free_s += traveltime_free_ds(n, d->route_link[i]) / 10.0;
    }
    uint64_t words = 0;
    for (uint32_t leg = 0; leg < c->legs; ++leg) {
        words += (d->route_first[leg + 1] - d->route_first[leg] + 15) / 16;
    }
    printf(
        "  delay %.0f %% of time, %.0f bytes a link without results, 32 a vehicle record, %.0f a leg of the day (route "
        "%.1f)\n",
        100.0 * (double)r->delay_s / ((double)r->delay_s + free_s), (double)link_bytes / n->link.count,
        (double)leg_bytes / c->legs, 8.0 * (double)words / c->legs);
}

static void run_case(const bench_case *c) {
    arena a;
    arena_init(&a);
    network n;
    support_grid_network(&a, &n, c->side, c->side, 180, 50, 1800, 1);
    vary_links(&n, c);
    for (uint32_t v = 0; v < n.node.count && c->junctions; ++v) {
        n.node.control[v] = (uint8_t)(CONTROL_YIELD + v % 4);
    }
    mobsim_demand d = make_demand(&a, &n, c);
    mobsim_params p = {
        .wave_speed_kmh = 18, .jam_spacing_m = 7.5, .stuck_s = 60, .lorry_pcu = 2, .scale = 1, .end_s = 108000};
    mobsim *m;
    mobsim_result r;
    size_t before_bytes = a.used_bytes;
    die(mobsim_build(&n, &p, &a, &m));
    size_t link_bytes = a.used_bytes - before_bytes;
    die(mobsim_alloc_result(m, &a, c->legs, &r));
    before_bytes = a.used_bytes;
    double one_ns = 0;
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
        one_ns = threads == 1 ? best_s * 1e9 / (double)events : one_ns;
        printf(
            "mobsim links=%u legs=%u threads=%u: %.3f s, %.2f M link events/s, %.1f ns/event (%.1f of CPU), "
            "visits/event %.2f, "
            "forced %llu, on network %llu, delay %.0f h, hash %016llx\n",
            n.link.count, c->legs, threads, best_s, (double)events / best_s / 1e6, best_s * 1e9 / (double)events,
            best_cpu_s * 1e9 / (double)events, (double)r.visits / (double)events, (unsigned long long)r.forced,
            (unsigned long long)r.on_network, (double)r.delay_s / 3600,
            (unsigned long long)mobsim_hash(m, &r, c->legs));
        if (threads == 1) {
            print_size(c, &n, &d, &r, link_bytes, a.used_bytes - before_bytes);
        }
    }
    if (c->bound) {
        double bound_ns = bench_mobsim_bound_ns(&n, &p, &d);
        printf("  memory alone %.1f ns/event: one thread takes %.1f times that\n", bound_ns, one_ns / bound_ns);
    }
    arena_free(&a);
}

static bool take_option(int *argc, char **argv, const char *name) {
    for (int i = 1; i < *argc; ++i) {
        if (strcmp(argv[i], name) == 0) {
            memmove(&argv[i], &argv[i + 1], (size_t)(*argc - i - 1) * sizeof *argv);
            --*argc;
            return true;
        }
    }
    return false;
}

int main(int argc, char **argv) {
    bench_case c = {.side = 50};
    c.bound = take_option(&argc, argv, "--bound");
    c.junctions = take_option(&argc, argv, "--junctions");
    bool congested = take_option(&argc, argv, "--congested");
    bool large = take_option(&argc, argv, "--large");
    c.legs = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : (large ? 2000000 : 200000);
    c.capacity_factor = argc > 2 ? strtod(argv[2], NULL) : 1;
    if (congested) {
        c.legs *= 3;
        c.capacity_factor *= 0.6;
        run_case(&c);
        return 0;
    }
    c.side = large ? 500 : 50;
    run_case(&c);
    if (!large) {
        c.side = 159;
        run_case(&c);
    }
    return 0;
}
