// Collects persons and their legs from a file into chain_plans, and says what could not be used. Private to io.
#ifndef VESTSIM_IO_PLAN_BUILDER_H
#define VESTSIM_IO_PLAN_BUILDER_H

#include "id_index.h"
#include "model/chain.h"

typedef struct plan_person {
    const char *id;
    const char *last_activity;
    uint32_t leg_first;
    uint32_t line;
} plan_person;

typedef struct plan_builder {
    arena *a;
    const network *n;
    const char *path;
    plan_person *person;
    size_t person_count, person_capacity;
    chain_leg *leg;
    size_t leg_count, leg_capacity;
    uint32_t *leg_line;  // parallel to leg
    size_t line_capacity;
    uint32_t *route_link;
    size_t route_count, route_capacity;
    id_index names;    // distinct modes, types of activity, lines, routes and stops
    uint32_t guessed;  // teleported legs whose travel time had to be guessed
} plan_builder;

void plan_builder_free(plan_builder *b);
err_code plan_builder_person(plan_builder *b, const char *id, uint32_t line);
void plan_builder_drop_legs(plan_builder *b);  // of the present person
// One copy of each name; NULL when out of memory.
const char *plan_builder_name(plan_builder *b, const char *name);
err_code plan_builder_link(plan_builder *b, uint32_t link);  // one more link of the route of the leg that is added next
// Adds a leg of the present person whose route are the links since route_first; a driven leg whose route cannot be
// driven becomes CHAIN_UNUSABLE, with the fault given or found.
err_code plan_builder_leg(plan_builder *b, chain_leg leg, uint32_t line);
// Fills out and warns about what is unusable.
err_code plan_builder_finish(const plan_builder *b, chain_plans *out);

#endif
