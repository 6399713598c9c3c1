#include "plan_builder.h"

#include <string.h>

#include "base/log.h"
#include "xml_stream.h"

void plan_builder_free(plan_builder *b) {
    mem_free(b->person);
    mem_free(b->leg);
    mem_free(b->leg_line);
    mem_free(b->route_link);
    id_index_free(&b->names);
}

err_code plan_builder_person(plan_builder *b, const char *id, uint32_t line) {
    plan_person row = {.leg_first = (uint32_t)b->leg_count, .line = line, .last_activity = ""};
    CHECK(b->person_count < UINT32_C(1) << 29, ERR_RANGE, "%s:%u: too many persons", b->path, line);
    row.id = arena_text(b->a, id);
    if (row.id == NULL) {
        return ERR_MEMORY;
    }
    XML_STREAM_RESERVE(b->person, b->person_capacity, b->person_count, 1);
    b->person[b->person_count++] = row;
    return ERR_OK;
}

void plan_builder_drop_legs(plan_builder *b) {
    uint32_t first = b->person[b->person_count - 1].leg_first;
    if (b->leg_count > first) {
        b->route_count = b->leg[first].route_first;
        b->leg_count = first;
    }
}

const char *plan_builder_name(plan_builder *b, const char *name) {
    uint32_t ix;
    b->names.a = b->a;
    return id_index_add(&b->names, name, &ix) == ERR_OK ? b->names.id[ix] : NULL;
}

err_code plan_builder_link(plan_builder *b, uint32_t link) {
    CHECK(b->route_count < UINT32_MAX, ERR_RANGE, "%s: the routes have too many links", b->path);
    XML_STREAM_RESERVE(b->route_link, b->route_capacity, b->route_count, 1);
    b->route_link[b->route_count++] = link;
    return ERR_OK;
}

err_code plan_builder_leg(plan_builder *b, chain_leg leg, uint32_t line) {
    CHECK(b->leg_count < UINT32_MAX / 2, ERR_RANGE, "%s:%u: too many legs", b->path, line);
    uint32_t position = 0;
    uint32_t links = (uint32_t)b->route_count - leg.route_first;
    if (leg.kind == CHAIN_DRIVE && leg.fault == CHAIN_OK) {
        leg.fault = (uint8_t)chain_check_route(b->n, leg.start_link, b->route_link + leg.route_first, links,
                                               (vehicle_class)leg.vehicle, &position);
    }
    if (leg.kind == CHAIN_DRIVE && leg.fault != CHAIN_OK) {
        leg.kind = CHAIN_UNUSABLE;
    }
    if (leg.kind != CHAIN_DRIVE) {
        b->route_count = leg.route_first;
        links = 0;
    }
    leg.route_count = links;
    XML_STREAM_RESERVE(b->leg, b->leg_capacity, b->leg_count, 1);
    XML_STREAM_RESERVE(b->leg_line, b->line_capacity, b->leg_count, 1);
    b->leg_line[b->leg_count] = line;
    b->leg[b->leg_count++] = leg;
    return ERR_OK;
}

static void warn(const plan_builder *b) {
    uint32_t count[CHAIN_FAULT_COUNT] = {0}, first[CHAIN_FAULT_COUNT] = {0};
    uint32_t endless = 0, first_endless = 0;
    for (uint32_t i = 0; i < b->leg_count; i++) {
        const chain_leg *leg = &b->leg[i];
        first[leg->fault] = count[leg->fault]++ == 0 ? b->leg_line[i] : first[leg->fault];
        if (leg->end_s == IX_NONE && leg->stay_s == IX_NONE) {
            first_endless = endless++ == 0 ? b->leg_line[i] : first_endless;
        }
    }
    for (uint32_t fault = CHAIN_OK + 1; fault < CHAIN_FAULT_COUNT; fault++) {
        if (count[fault] > 0) {
            log_warn("%s: %u legs by road %s, the first on line %u; they are not driven, but take their planned time",
                     b->path, count[fault], chain_fault_text((chain_fault)fault), first[fault]);
        }
    }
    if (endless > 0) {
        log_warn("%s: before %u legs the activity has no end and no duration, the first on line %u; they never start",
                 b->path, endless, first_endless);
    }
    if (b->guessed > 0) {
        log_warn("%s: %u legs have no travel time; it is guessed from their distance", b->path, b->guessed);
    }
}

static err_code check_persons(const plan_builder *b) {
    idmap map;
    TRY(idmap_init(&map, b->a, (uint32_t)b->person_count));
    for (uint32_t i = 0; i < b->person_count; i++) {
        uint32_t earlier = idmap_put(&map, b->person[i].id, i);
        CHECK(earlier == IX_NONE, ERR_REFERENCE, "%s:%u: the person id '%.60s' is used twice, first on line %u",
              b->path, b->person[i].line, b->person[i].id, b->person[earlier].line);
    }
    return ERR_OK;
}

static err_code copy_legs(const plan_builder *b, chain_plans *out) {
    ARENA_NEW(b->a, out->leg, b->leg_count);
    ARENA_NEW(b->a, out->route_link, b->route_count);
    if (b->leg_count > 0) {
        memcpy(out->leg, b->leg, b->leg_count * sizeof *b->leg);
    }
    if (b->route_count > 0) {
        memcpy(out->route_link, b->route_link, b->route_count * sizeof *b->route_link);
    }
    return ERR_OK;
}

err_code plan_builder_finish(const plan_builder *b, chain_plans *out) {
    CHECK(b->person_count > 0, ERR_FORMAT, "%s: there are no persons in it", b->path);
    *out = (chain_plans){.person_count = (uint32_t)b->person_count,
                         .leg_count = (uint32_t)b->leg_count,
                         .route_link_count = (uint32_t)b->route_count};
    TRY(check_persons(b));
    ARENA_NEW(b->a, out->person_id, b->person_count);
    ARENA_NEW(b->a, out->last_activity, b->person_count);
    ARENA_NEW(b->a, out->leg_first, b->person_count + 1);
    for (uint32_t i = 0; i < b->person_count; i++) {
        out->person_id[i] = b->person[i].id;
        out->last_activity[i] = b->person[i].last_activity;
        out->leg_first[i] = b->person[i].leg_first;
    }
    out->leg_first[b->person_count] = (uint32_t)b->leg_count;
    TRY(copy_legs(b, out));
    warn(b);
    return ERR_OK;
}
