// MATSim events of the vehicles of a schedule.
#include <stdio.h>

#include "matsim_events_writer.h"

enum { NAME_BYTES = 256, NUMBER_BYTES = 32 };

typedef enum vehicle_kind {
    VEHICLE_DRIVER_STARTS = 0,
    VEHICLE_DRIVER_ENTERS,
    VEHICLE_ENTERS_TRAFFIC,
    VEHICLE_LEAVES_TRAFFIC,
    VEHICLE_DRIVER_LEAVES,
    VEHICLE_AT  // + 4 * position: arrives at a stop; + 1: departs; + 2: leaves the link before; + 3: enters the link
} vehicle_kind;

const char *events_vehicle_id(const events_writer *w, uint32_t departure) {
    const schedule_departure *d = &w->s->departure[departure];
    return d->vehicle != IX_NONE ? w->s->vehicle[d->vehicle].id : d->id;
}

static void add_departure(events_writer *w, uint32_t departure) {
    const schedule_departure *d = &w->s->departure[departure];
    const schedule_pattern *p = &w->s->pattern[d->pattern];
    const chain_transit *r = &w->r->transit;
    uint32_t owner = departure | EVENTS_OF_VEHICLE, start_s = r->start_s[departure], link = 0, end_s = IX_NONE;
    if (start_s == IX_NONE) {
        return;
    }
    events_add(w, start_s, PHASE_VEHICLE_COMES, owner, VEHICLE_DRIVER_STARTS);
    events_add(w, start_s, PHASE_VEHICLE_COMES, owner, VEHICLE_DRIVER_ENTERS);
    if (p->on_road) {
        events_add(w, start_s, PHASE_VEHICLE_COMES, owner, VEHICLE_ENTERS_TRAFFIC);
    }
    for (uint32_t i = 0; i <= p->stop_count; i++) {
        uint32_t links = i < p->stop_count ? w->s->stop[p->stop_first + i].links_driven : p->link_count;
        for (; p->on_road && link < links; link++) {
            uint32_t entry_s = w->r->entry_s[r->entry_first[departure] + link];
            if (entry_s != IX_NONE) {
                events_add(w, entry_s, PHASE_VEHICLE_GOES, owner, VEHICLE_AT + 4 * link + 2);
                events_add(w, entry_s, PHASE_VEHICLE_GOES, owner, VEHICLE_AT + 4 * link + 3);
            }
        }
        if (i == p->stop_count) {
            break;
        }
        end_s = r->arrival_s[d->call_first + i];
        if (end_s != IX_NONE) {
            events_add(w, end_s, PHASE_VEHICLE_COMES, owner, VEHICLE_AT + 4 * i);
        }
        if (r->departure_s[d->call_first + i] != IX_NONE) {
            events_add(w, r->departure_s[d->call_first + i], PHASE_VEHICLE_GOES, owner, VEHICLE_AT + 4 * i + 1);
        }
    }
    if (end_s != IX_NONE) {
        if (p->on_road) {
            events_add(w, end_s, PHASE_VEHICLE_GOES, owner, VEHICLE_LEAVES_TRAFFIC);
        }
        events_add(w, end_s, PHASE_VEHICLE_GOES, owner, VEHICLE_DRIVER_LEAVES);
    }
}

void events_transit_add(events_writer *w) {
    for (uint32_t d = 0; w->s != NULL && d < w->s->departure_count; d++) {
        add_departure(w, d);
    }
}

// --- text -----------------------------------------------------------------------------------------------------------

// "pt_" vehicle "_" type, as MATSim names its drivers.
static void put_driver(events_writer *w, const char *attribute, uint32_t departure) {
    char name[NAME_BYTES];
    uint32_t vehicle = w->s->departure[departure].vehicle;
    uint32_t type = vehicle != IX_NONE ? w->s->vehicle[vehicle].type : IX_NONE;
    snprintf(name, sizeof name, "pt_%.100s%s%.100s", events_vehicle_id(w, departure), type != IX_NONE ? "_" : "",
             type != IX_NONE ? w->s->type[type].id : "");
    events_put_attribute(w, attribute, name);
}

static void put_start(events_writer *w, uint32_t departure) {
    const schedule_departure *d = &w->s->departure[departure];
    put_driver(w, "driverId", departure);
    events_put_attribute(w, "vehicleId", events_vehicle_id(w, departure));
    events_put_attribute(w, "transitLineId", w->s->pattern[d->pattern].line_id);
    events_put_attribute(w, "transitRouteId", w->s->pattern[d->pattern].route_id);
    events_put_attribute(w, "departureId", d->id);
}

static void put_stop(events_writer *w, uint32_t departure, uint32_t position, bool departs) {
    const schedule_departure *d = &w->s->departure[departure];
    const schedule_stop *stop = &w->s->stop[w->s->pattern[d->pattern].stop_first + position];
    const schedule_call *call = &w->s->call[d->call_first + position];
    const chain_transit *r = &w->r->transit;
    int64_t delay_s = departs ? (int64_t)r->departure_s[d->call_first + position] - call->departure_s
                              : (int64_t)r->arrival_s[d->call_first + position] - call->arrival_s;
    char number[NUMBER_BYTES];
    snprintf(number, sizeof number, "%lld.0", (long long)delay_s);
    events_put_attribute(w, "vehicle", events_vehicle_id(w, departure));
    events_put_attribute(w, "facility", w->s->facility[stop->facility].id);
    events_put_attribute(w, "delay", number);
}

static void put_link_event(events_writer *w, uint32_t departure, uint32_t position, bool enters) {
    const schedule_pattern *p = &w->s->pattern[w->s->departure[departure].pattern];
    events_put_attribute(w, "vehicle", events_vehicle_id(w, departure));
    events_put_link(w, enters         ? w->s->link[p->link_first + position]
                       : position > 0 ? w->s->link[p->link_first + position - 1]
                                      : p->start_link);
}

static void put_traffic(events_writer *w, uint32_t departure, bool enters) {
    const schedule_pattern *p = &w->s->pattern[w->s->departure[departure].pattern];
    put_driver(w, "person", departure);
    events_put_link(w, enters ? p->start_link : w->s->link[p->link_first + p->link_count - 1]);
    events_put_attribute(w, "vehicle", events_vehicle_id(w, departure));
    events_put_attribute(w, "networkMode", "car");
    events_put_attribute(w, "relativePosition", "1.0");
}

void events_transit_put(events_writer *w, const events_event *e) {
    static const char *const types[] = {"TransitDriverStarts",      "PersonEntersVehicle", "vehicle enters traffic",
                                        "vehicle leaves traffic",   "PersonLeavesVehicle", "VehicleArrivesAtFacility",
                                        "VehicleDepartsAtFacility", "left link",           "entered link"};
    uint32_t departure = e->owner & ~EVENTS_OF_VEHICLE;
    uint32_t position = e->kind >= VEHICLE_AT ? (e->kind - VEHICLE_AT) / 4 : 0;
    uint32_t type = e->kind >= VEHICLE_AT ? VEHICLE_AT + (e->kind - VEHICLE_AT) % 4 : e->kind;
    events_put_attribute(w, "type", types[type]);
    if (type == VEHICLE_DRIVER_STARTS) {
        put_start(w, departure);
    } else if (type == VEHICLE_DRIVER_ENTERS || type == VEHICLE_DRIVER_LEAVES) {
        put_driver(w, "person", departure);
        events_put_attribute(w, "vehicle", events_vehicle_id(w, departure));
    } else if (type == VEHICLE_ENTERS_TRAFFIC || type == VEHICLE_LEAVES_TRAFFIC) {
        put_traffic(w, departure, type == VEHICLE_ENTERS_TRAFFIC);
    } else if (type < VEHICLE_AT + 2) {
        put_stop(w, departure, position, type == VEHICLE_AT + 1);
    } else {
        put_link_event(w, departure, position, type == VEHICLE_AT + 3);
    }
}
