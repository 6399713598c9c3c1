#include "loop/cyclists.h"

#include "base/par.h"
#include "loop/tour_cost.h"

enum { BLOCK = 512, PATH_LINKS_MAX = 2048 };

struct cyclists_path {
    uint32_t count;
    uint32_t links[PATH_LINKS_MAX];
};

err_code cyclists_init(const world_year *w, const plan *p, arena *a, cyclists *out) {
    int threads = par_thread_count();
    *out = (cyclists){.trip_count = p->trip.count};
    ARENA_NEW(a, out->first, out->trip_count);
    ARENA_NEW(a, out->count, out->trip_count);
    ARENA_NEW(a, out->wanted, out->trip_count);
    ARENA_NEW(a, out->block, BLOCK);
    ARENA_NEW(a, out->query, threads);
    for (int i = 0; i < threads; i++) {
        TRY(route_active_query_init(w->active, a, &out->query[i]));
    }
    for (uint32_t i = 0; i < out->trip_count; i++) {
        out->first[i] = IX_NONE;
    }
    return ERR_OK;
}

void cyclists_free(cyclists *c) {
    legs_routes_free(&c->route);
}

static void find_path(const world_year *w, const population *people, const plan *p, route_active_query *q,
                      uint32_t trip, cyclists_path *out) {
    active_mode m = tour_cost_cycle(people, p, p->trip.tour_ix[trip]);
    const place_columns *place = &w->source->zones.place;
    uint32_t from = p->trip.from_place_ix[trip];
    uint32_t to = p->trip.to_place_ix[trip];
    size_t cell = (size_t)w->place_slot[from] * w->slot_count + w->place_slot[to];
    out->count = 0;
    if (w->perceived_ds[m][cell] != IX_NONE) {
        route_active_tree(w->active, m, q, place->node_ix[from], w->perceived_ds[m][cell] + 1, NULL, NULL, NULL);
        uint32_t count = route_active_path(w->active, q, place->node_ix[to], out->links, PATH_LINKS_MAX);
        out->count = count != IX_NONE ? count : 0;
    }
}

err_code cyclists_find(const world_year *w, const population *people, const plan *p, cyclists *c) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->trip_count; i++) {
        if (p->tour.mode[p->trip.tour_ix[i]] == MODE_CYCLE && c->first[i] == IX_NONE) {
            c->wanted[n++] = i;
        }
    }
    for (uint32_t from = 0; from < n; from += BLOCK) {
        uint32_t block = n - from < BLOCK ? n - from : BLOCK;
#pragma omp parallel for schedule(runtime)
        for (uint32_t i = 0; i < block; i++) {
            find_path(w, people, p, c->query[par_thread_ix()], c->wanted[from + i], &c->block[i]);
        }
        for (uint32_t i = 0; i < block; i++) {
            uint32_t trip = c->wanted[from + i];
            c->count[trip] = c->block[i].count;
            TRY(legs_routes_append(&c->route, c->block[i].links, c->block[i].count, &c->first[trip]));
        }
    }
    return ERR_OK;
}

static bool meets_cars(const link_columns *link, uint32_t e) {
    bool mixed = link->cycle_facility[e] == CYCLE_MIXED_SLOW || link->cycle_facility[e] == CYCLE_MIXED_FAST;
    return mixed && (link->allowed[e] & ALLOW_CAR) != 0;
}

err_code cyclists_add(const world_year *w, const population *people, const plan *p, const cyclists *c, arena *a,
                      mobsim_demand *d) {
    const link_columns *link = &w->network.link;
    uint32_t *links;
    uint32_t *at_s;
    size_t most = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->trip_count; i++) {
        most += p->tour.mode[p->trip.tour_ix[i]] == MODE_CYCLE ? c->count[i] : 0;
    }
    ARENA_NEW(a, links, most);
    ARENA_NEW(a, at_s, most);
    for (uint32_t i = 0; i < c->trip_count; i++) {
        uint32_t tour = p->trip.tour_ix[i];
        if (p->tour.mode[tour] != MODE_CYCLE) {
            continue;
        }
        active_mode m = tour_cost_cycle(people, p, tour);
        uint64_t time_ds = 10 * (uint64_t)p->trip.departure_s[i];
        for (uint32_t k = c->first[i]; k < c->first[i] + c->count[i]; k++) {
            uint32_t e = c->route.link[k];
            time_ds += route_active_link_ds(w->active, m, e);
            if (meets_cars(link, e)) {
                links[n] = e;
                at_s[n++] = (uint32_t)(time_ds / 10);
            }
        }
    }
    d->cycle_count = n;
    d->cycle_link = links;
    d->cycle_s = at_s;
    return ERR_OK;
}
