// Cyclists of one run of the loop: the ways of every cycling tour, found once since they do not depend on traffic, and
// those of a day that the cars meet. On mixed links a cyclist takes flow from the cars (model/mobsim.h); on lanes and
// paths of their own, and where no cars go, cyclists and cars do not meet.
#ifndef VESTSIM_LOOP_CYCLISTS_H
#define VESTSIM_LOOP_CYCLISTS_H

#include "loop/legs.h"

typedef struct cyclists_path cyclists_path;

typedef struct cyclists {
    uint32_t trip_count;         // of the plan
    uint32_t *first;             // [trip] first link of its way in `route`; IX_NONE = never asked for
    uint32_t *count;             // [trip] links; 0 where there is no way
    legs_routes route;           // free with cyclists_free
    uint32_t *wanted;            // [trip] scratch
    cyclists_path *block;        // scratch
    route_active_query **query;  // [thread]
} cyclists;

err_code cyclists_init(const world_year *w, const plan *p, arena *a, cyclists *out);
void cyclists_free(cyclists *c);
// Finds the ways of tours that cycle now and have none yet. Parallel; the same for any number of threads.
err_code cyclists_find(const world_year *w, const population *people, const plan *p, cyclists *c);
// Points demand at the cyclists on mixed links, in tour order; all tours that cycle must have ways. Arrays in a.
err_code cyclists_add(const world_year *w, const population *people, const plan *p, const cyclists *c, arena *a,
                      mobsim_demand *d);

#endif
