#include "world/schedule.h"

enum { DWELL_MAX_S = 3600 };

// Of a vehicle whose type is not known: MATSim's defaults (VehicleType accessTime, egressTime 1 s, doors serial).
static const schedule_vehicle_type unknown_type = {.id = "", .access_s = 1, .egress_s = 1};

static const schedule_vehicle_type *type_of(const schedule *s, uint32_t departure) {
    uint32_t vehicle = s->departure[departure].vehicle;
    uint32_t type = vehicle != IX_NONE ? s->vehicle[vehicle].type : IX_NONE;
    return type != IX_NONE ? &s->type[type] : &unknown_type;
}

uint32_t schedule_capacity(const schedule *s, uint32_t departure) {
    const schedule_vehicle_type *type = type_of(s, departure);
    return type != &unknown_type ? type->seats + type->standing : UINT32_MAX;
}

uint32_t schedule_dwell_s(const schedule *s, uint32_t departure, uint32_t boardings, uint32_t alightings) {
    const schedule_vehicle_type *type = type_of(s, departure);
    double on_s = type->access_s * boardings, off_s = type->egress_s * alightings;
    double open_s = !type->parallel ? on_s + off_s : on_s > off_s ? on_s : off_s;
    uint32_t whole_s = open_s < DWELL_MAX_S ? (uint32_t)open_s : DWELL_MAX_S;
    return whole_s + (whole_s < open_s && whole_s < DWELL_MAX_S);
}

double schedule_mean_pcu(const schedule *s) {
    double sum = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->departure_count; i++) {
        const schedule_vehicle_type *type = type_of(s, i);
        if (s->pattern[s->departure[i].pattern].on_road && type->pcu > 0) {
            sum += type->pcu;
            count++;
        }
    }
    return count > 0 ? sum / count : 0;
}

// --- checks -------------------------------------------------------------------------------------------------------

static err_code check_pattern(const schedule *s, const schedule_pattern *p, uint32_t network_links) {
    uint32_t driven = 0;
    CHECK(p->line < s->line_count, ERR_REFERENCE, "route '%.60s': its line does not exist", p->route_id);
    CHECK(p->start_link == IX_NONE || p->start_link < network_links, ERR_REFERENCE,
          "line '%.60s', route '%.60s': its start link is not in the network", p->line_id, p->route_id);
    CHECK(p->link_first <= s->link_count && p->link_count <= s->link_count - p->link_first &&
              p->stop_first <= s->stop_count && p->stop_count <= s->stop_count - p->stop_first,
          ERR_REFERENCE, "line '%.60s', route '%.60s': links or stops out of range", p->line_id, p->route_id);
    for (uint32_t i = 0; i < p->link_count; i++) {
        CHECK(s->link[p->link_first + i] < network_links, ERR_REFERENCE,
              "line '%.60s', route '%.60s': a link of it is not in the network", p->line_id, p->route_id);
    }
    for (uint32_t i = 0; i < p->stop_count; i++) {
        const schedule_stop *stop = &s->stop[p->stop_first + i];
        CHECK(stop->facility < s->facility_count, ERR_REFERENCE, "line '%.60s', route '%.60s': stop %u does not exist",
              p->line_id, p->route_id, i + 1);
        CHECK(!p->known || (stop->links_driven >= driven && stop->links_driven <= p->link_count), ERR_RANGE,
              "line '%.60s', route '%.60s': stop %u is reached after %u of %u links, and the one before it after %u",
              p->line_id, p->route_id, i + 1, stop->links_driven, p->link_count, driven);
        driven = stop->links_driven;
    }
    return ERR_OK;
}

static err_code check_departure(const schedule *s, const schedule_departure *d) {
    uint32_t at_s = d->departure_s;
    CHECK(d->pattern < s->pattern_count && (d->vehicle == IX_NONE || d->vehicle < s->vehicle_count), ERR_REFERENCE,
          "departure '%.60s': its route or vehicle does not exist", d->id);
    uint32_t count = s->pattern[d->pattern].stop_count;
    CHECK(d->call_first <= s->call_count && count <= s->call_count - d->call_first, ERR_REFERENCE,
          "departure '%.60s': calls out of range", d->id);
    for (uint32_t i = 0; i < count; i++) {
        const schedule_call *call = &s->call[d->call_first + i];
        CHECK(call->arrival_s >= at_s && call->departure_s >= call->arrival_s, ERR_RANGE,
              "departure '%.60s': its times run backwards at stop %u", d->id, i + 1);
        at_s = call->departure_s;
    }
    return ERR_OK;
}

err_code schedule_check(const schedule *s, uint32_t network_links) {
    for (uint32_t i = 0; i < s->pattern_count; i++) {
        TRY(check_pattern(s, &s->pattern[i], network_links));
    }
    for (uint32_t i = 0; i < s->departure_count; i++) {
        TRY(check_departure(s, &s->departure[i]));
    }
    for (uint32_t i = 0; i < s->vehicle_count; i++) {
        CHECK(s->vehicle[i].type == IX_NONE || s->vehicle[i].type < s->type_count, ERR_REFERENCE,
              "vehicle '%.60s': its type does not exist", s->vehicle[i].id);
    }
    for (uint32_t i = 0; i < s->transfer_count; i++) {
        CHECK(s->transfer[i].from < s->facility_count && s->transfer[i].to < s->facility_count, ERR_REFERENCE,
              "transfer %u: a stop of it does not exist", i + 1);
    }
    return ERR_OK;
}
