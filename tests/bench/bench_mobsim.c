// Link events a second of the queue model on keyed random grids, with 1 and 2 threads. Not a test: prints figures.
// Usage: bench_mobsim [CASE ...] [--legs N] [--repeats N] [--threads N]
//   10k 100k 1M      links; 200 000 legs (1M: 2 000 000, 10 GB of memory)
//   10k-junctions    every node has a control: a quarter each yield, stop, signal, roundabout; also 100k- and 1M-
//   congested        10k links, three times the legs at 0.6 of the capacity: about 40 % of time is delay
//   default: all but those of 1M links. Each case also replays its memory accesses alone (bench_mobsim_bound.h).
// ns/event is the whole of mobsim_run, "day" the part without laying out routes. CPU is that of all threads: what
// counts on a busy machine, whose load is printed.
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

enum { MEAN_BLOCKS = 12, SEED_NETWORK = 1, SEED_DEMAND = 2 };

typedef struct bench_case {
    const char *name;
    uint32_t side;
    uint32_t legs;
    double capacity_factor;
    bool junctions;
} bench_case;

static const bench_case CASES[] = {
    {"10k", 50, 200000, 1, false},
    {"10k-junctions", 50, 200000, 1, true},
    {"congested", 50, 600000, 0.6, false},
    {"100k", 159, 200000, 1, false},
    {"100k-junctions", 159, 200000, 1, true},
    {"1M", 500, 2000000, 1, false},
    {"1M-junctions", 500, 2000000, 1, true},
};

static int repeats = 3;
static uint32_t threads_max = 2;

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

typedef struct bench_time {
    double wall_s, cpu_s, day_s;  // best of all repeats
} bench_time;

static bench_time take_time(mobsim *m, const mobsim_demand *d, mobsim_result *r) {
    bench_time best = {1e9, 1e9, 1e9};
    for (int i = 0; i < repeats; ++i) {
        double start_s = log_clock_s();
        clock_t start_cpu = clock();
        die(mobsim_run(m, d, r));
        double wall_s = log_clock_s() - start_s;
        double cpu_s = (double)(clock() - start_cpu) / CLOCKS_PER_SEC;
        best.wall_s = wall_s < best.wall_s ? wall_s : best.wall_s;
        best.cpu_s = cpu_s < best.cpu_s ? cpu_s : best.cpu_s;
        best.day_s = r->day_s < best.day_s ? r->day_s : best.day_s;
    }
    return best;
}

static void print_load(void) {
    FILE *f = fopen("/proc/loadavg", "r");
    double load = -1;
    if (f != NULL) {
        if (fscanf(f, "%lf", &load) != 1) {
            load = -1;
        }
        fclose(f);
    }
    printf("load of the machine %.1f\n", load);
}

static void print_time(uint32_t threads, const bench_time *t, const mobsim_result *r, uint64_t hash) {
    double events = (double)(r->link_events + r->started);
    printf(
        "  threads=%u: %.3f s, %.2f M link events/s, %.1f ns/event (%.1f of CPU; day %.1f), visits/event %.2f, forced "
        "%llu, "
        "on network %llu, hash %016llx\n",
        threads, t->wall_s, events / t->wall_s / 1e6, t->wall_s * 1e9 / events, t->cpu_s * 1e9 / events,
        t->day_s * 1e9 / events, (double)r->visits / events, (unsigned long long)r->forced,
        (unsigned long long)r->on_network, (unsigned long long)hash);
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
    par_set_threads(1);
    size_t before_bytes = a.used_bytes;
    die(mobsim_build(&n, &p, &a, &m));
    size_t link_bytes = a.used_bytes - before_bytes;
    die(mobsim_alloc_result(m, &a, c->legs, &r));
    before_bytes = a.used_bytes;
    bench_time one = {0};
    print_load();
    printf("mobsim %s: links=%u legs=%u\n", c->name, n.link.count, c->legs);
    for (uint32_t threads = 1; threads <= threads_max; ++threads) {
        mobsim_set_test_hooks(m, (mobsim_test_hooks){.drop_vehicle = -1, .partitions = threads});
        par_set_threads((int)threads);
        bench_time t = take_time(m, &d, &r);
        print_time(threads, &t, &r, mobsim_hash(m, &r, c->legs));
        if (threads == 1) {
            one = t;
            print_size(c, &n, &d, &r, link_bytes, a.used_bytes - before_bytes);
        } else {
            printf("  %u threads are %.2f times as fast as one (the day %.2f)\n", threads, one.wall_s / t.wall_s,
                   one.day_s / t.day_s);
        }
    }
    double bound_ns = bench_mobsim_bound_ns(&n, &p, &d);
    double events = (double)(r.link_events + r.started);
    printf("  memory alone %.1f ns/event: one thread takes %.1f times that (CPU %.1f)\n", bound_ns,
           one.wall_s * 1e9 / events / bound_ns, one.cpu_s * 1e9 / events / bound_ns);
    arena_free(&a);
}

static const bench_case *find_case(const char *name) {
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; ++i) {
        if (strcmp(CASES[i].name, name) == 0) {
            return &CASES[i];
        }
    }
    fprintf(stderr, "no case '%s': see the head of tests/bench/bench_mobsim.c\n", name);
    exit(1);
}

int main(int argc, char **argv) {
    uint32_t legs = 0;
    bool chosen[sizeof CASES / sizeof *CASES] = {false};
    bool any = false;
    for (int i = 1; i < argc; ++i) {
        uint32_t value = i + 1 < argc ? (uint32_t)strtoul(argv[i + 1], NULL, 10) : 0;
        if (strcmp(argv[i], "--legs") == 0) {
            legs = value;
            ++i;
        } else if (strcmp(argv[i], "--repeats") == 0) {
            repeats = (int)value;
            ++i;
        } else if (strcmp(argv[i], "--threads") == 0) {
            threads_max = value;
            ++i;
        } else {
            chosen[find_case(argv[i]) - CASES] = any = true;
        }
    }
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; ++i) {
        bench_case c = CASES[i];
        c.legs = legs > 0 ? legs : c.legs;
        if (chosen[i] || (!any && c.side < 500)) {
            run_case(&c);
        }
    }
    return 0;
}
