#include "bench_mobsim_bound.h"

#include "base/log.h"

enum { SECONDS = 1 << 17, BUCKETS = 256, BUCKET_LINES = 16, AHEAD = 24, REPEATS = 3 };

typedef struct line64 {
    uint32_t word[16];
} line64;

typedef struct line32 {
    uint32_t word[8];
} line32;

typedef struct touch {  // one vehicle leaves a link
    uint32_t link, next, vehicle, hole, bucket;
} touch;

typedef struct moment {  // of a leg: its departure (at 0) or the end of its link at - 1
    uint32_t leg, at;
} moment;

typedef struct replay {
    arena a;
    const network *n;
    const mobsim_demand *d;
    uint32_t count;  // moments
    moment *moment;  // by second
    uint32_t *second_first;
    touch *touch;
    uint32_t touches;
    uint32_t vehicles;  // most at once
    uint32_t *hole_first, *hole_pos;
} replay;

static uint32_t second_of(uint32_t time_ds) {
    uint32_t s = time_ds / 10;
    return s < SECONDS ? s : SECONDS - 1;
}

// Calls for every moment of a leg: counts seconds, or places moments.
static void walk_leg(replay *r, uint32_t leg, bool place) {
    uint32_t time_ds = r->d->departure_s[leg] * 10;
    uint32_t links = r->d->route_first[leg + 1] - r->d->route_first[leg];
    for (uint32_t at = 0; links > 0 && at <= links; ++at) {
        time_ds += at > 0 ? traveltime_free_ds(r->n, r->d->route_link[r->d->route_first[leg] + at - 1]) : 0;
        uint32_t *slot = &r->second_first[second_of(time_ds) + (place ? 0U : 1U)];
        if (place) {
            r->moment[*slot] = (moment){.leg = leg, .at = at};
        }
        ++*slot;
    }
}

static err_code sort_moments(replay *r) {
    ARENA_NEW(&r->a, r->second_first, SECONDS + 1);
    for (uint32_t leg = 0; leg < r->d->leg_count; ++leg) {
        walk_leg(r, leg, false);
    }
    for (uint32_t s = 0; s < SECONDS; ++s) {
        r->second_first[s + 1] += r->second_first[s];
    }
    r->count = r->second_first[SECONDS];
    ARENA_NEW(&r->a, r->moment, r->count);
    for (uint32_t leg = 0; leg < r->d->leg_count; ++leg) {
        walk_leg(r, leg, true);  // second_first[s] ends where s + 1 begins
    }
    return ERR_OK;
}

static err_code lay_out_holes(replay *r, const mobsim_params *p) {
    ARENA_NEW(&r->a, r->hole_first, r->n->link.count + 1);
    ARENA_NEW(&r->a, r->hole_pos, r->n->link.count);
    for (uint32_t l = 0; l < r->n->link.count; ++l) {
        double slots = (double)r->n->link.length_m[l] * (double)r->n->link.lanes[l] / p->jam_spacing_m;
        r->hole_first[l + 1] = r->hole_first[l] + (uint32_t)slots + 1;
    }
    return ERR_OK;
}

// Vehicle records come from a last-in first-out pool, holes from a ring a link, as in the model.
static err_code record(replay *r) {
    uint32_t *vehicle_of, *freed;
    uint32_t free_count = 0;
    ARENA_NEW(&r->a, vehicle_of, r->d->leg_count);
    ARENA_NEW(&r->a, freed, r->d->leg_count);
    ARENA_NEW(&r->a, r->touch, r->count);
    for (uint32_t s = 0, i = 0; s < SECONDS; ++s) {
        for (; i < r->second_first[s]; ++i) {
            moment m = r->moment[i];
            if (m.at == 0) {
                vehicle_of[m.leg] = free_count > 0 ? freed[--free_count] : r->vehicles++;
                continue;
            }
            uint32_t first = r->d->route_first[m.leg], links = r->d->route_first[m.leg + 1] - first;
            uint32_t link = r->d->route_link[first + m.at - 1];
            uint32_t next = m.at < links ? r->d->route_link[first + m.at] : link;
            uint32_t slots = r->hole_first[link + 1] - r->hole_first[link];
            uint32_t hole = r->hole_first[link] + r->hole_pos[link]++ % slots;
            uint32_t bucket = (s + traveltime_free_ds(r->n, next) / 10) % BUCKETS * BUCKET_LINES + i % BUCKET_LINES;
            r->touch[r->touches++] = (touch){link, next, vehicle_of[m.leg], hole, bucket};
            if (m.at == links) {
                freed[free_count++] = vehicle_of[m.leg];
            }
        }
    }
    return ERR_OK;
}

#if defined(__GNUC__)
#define FETCH(address) __builtin_prefetch((address), 1)
#else
#define FETCH(address) ((void)(address))
#endif

static err_code play(replay *r, double *best_s) {
    line64 *link, *bucket;
    line32 *vehicle;
    uint32_t *hole;
    ARENA_NEW(&r->a, link, r->n->link.count);
    ARENA_NEW(&r->a, vehicle, r->vehicles);
    ARENA_NEW(&r->a, hole, r->hole_first[r->n->link.count]);
    ARENA_NEW(&r->a, bucket, BUCKETS * BUCKET_LINES);
    *best_s = 1e9;
    for (int repeat = 0; repeat < REPEATS; ++repeat) {
        double start_s = log_clock_s();
        for (uint32_t i = 0; i < r->touches; ++i) {
            const touch *ahead = &r->touch[i + AHEAD < r->touches ? i + AHEAD : i];
            FETCH(&link[ahead->link]);
            FETCH(&link[ahead->next]);
            FETCH(&vehicle[ahead->vehicle]);
            FETCH(&hole[ahead->hole]);
            FETCH(&bucket[ahead->bucket]);
            const touch *t = &r->touch[i];
            uint32_t x = link[t->link].word[0]++;
            link[t->next].word[1] += x;
            vehicle[t->vehicle].word[0] += x;
            hole[t->hole] += x;
            bucket[t->bucket].word[0] += x;
        }
        double took_s = log_clock_s() - start_s;
        *best_s = took_s < *best_s ? took_s : *best_s;
    }
    return ERR_OK;
}

static err_code run(replay *r, const mobsim_params *p, double *best_s) {
    TRY(sort_moments(r));
    TRY(lay_out_holes(r, p));
    TRY(record(r));
    return play(r, best_s);
}

double bench_mobsim_bound_ns(const network *n, const mobsim_params *p, const mobsim_demand *d) {
    replay r = {.n = n, .d = d};
    double best_s = 0;
    arena_init(&r.a);
    err_code code = run(&r, p, &best_s);
    double ns = code == ERR_OK && r.touches > 0 ? best_s * 1e9 / r.touches : 0;
    arena_free(&r.a);
    return ns;
}
