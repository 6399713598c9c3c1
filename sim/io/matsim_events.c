// MATSim events of a day: what every person did, in the order of time.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/par.h"
#include "matsim_events_writer.h"

enum { PATH_BYTES = 4096, NUMBER_BYTES = 32 };

typedef enum event_kind {
    EVENT_ACTEND = 0,
    EVENT_DEPARTURE,
    EVENT_ENTERS_VEHICLE,
    EVENT_ENTERS_TRAFFIC,
    EVENT_LEAVES_TRAFFIC,
    EVENT_LEAVES_VEHICLE,
    EVENT_ARRIVAL,
    EVENT_ACTSTART,
    EVENT_STUCK,
    EVENT_WAITS,
    EVENT_BOARDS,
    EVENT_ALIGHTS,
    EVENT_LINK  // EVENT_LINK + 2 * position: leaves the link before; + 1: enters the link
} event_kind;

// --- what happened ------------------------------------------------------------------------------------------------

void events_add(events_writer *w, uint32_t time_s, events_phase phase, uint32_t owner, uint32_t kind) {
    if (w->event != NULL) {
        w->event[w->count] = (events_event){(uint64_t)time_s * PHASE_COUNT + phase, owner, kind};
    }
    w->count++;
}

static void add(events_writer *w, uint32_t leg, uint32_t time_s, uint32_t kind) {
    events_add(w, time_s, PHASE_PERSON, leg, kind);
}

// Waiting at a stop and riding, of a leg that a vehicle of the schedule serves.
static void add_ride(events_writer *w, uint32_t leg) {
    uint32_t boarded = w->r->transit.boarded[leg];
    bool served = w->r->outcome[leg] == CHAIN_SERVED;
    if (!served && boarded == IX_NONE && w->r->outcome[leg] != CHAIN_LEFT_WAITING) {
        return;
    }
    add(w, leg, w->r->departure_s[leg], EVENT_WAITS);
    if (boarded != IX_NONE) {
        add(w, leg, w->r->transit.boarded_s[leg], EVENT_BOARDS);
    }
    if (served) {
        add(w, leg, w->r->arrival_s[leg], EVENT_ALIGHTS);
    }
}

static void add_links(events_writer *w, uint32_t leg) {
    const uint32_t *entry_s = w->r->entry_s + w->r->entry_first[leg];
    for (uint32_t i = 0; i < w->plans->leg[leg].route_count && entry_s[i] != IX_NONE; i++) {
        add(w, leg, entry_s[i], EVENT_LINK + 2 * i);
        add(w, leg, entry_s[i], EVENT_LINK + 2 * i + 1);
    }
}

static void add_leg(events_writer *w, uint32_t leg) {
    uint32_t departure_s = w->r->departure_s[leg], arrival_s = w->r->arrival_s[leg];
    bool drives = w->plans->leg[leg].kind == CHAIN_DRIVE;
    if (departure_s == IX_NONE) {
        return;
    }
    add(w, leg, departure_s, EVENT_ACTEND);
    add(w, leg, departure_s, EVENT_DEPARTURE);
    if (drives) {
        add(w, leg, departure_s, EVENT_ENTERS_VEHICLE);
        add(w, leg, departure_s, EVENT_ENTERS_TRAFFIC);
        if (w->r->entry_first[leg] != IX_NONE) {
            add_links(w, leg);
        }
    } else if (w->s != NULL) {
        add_ride(w, leg);
    }
    if (arrival_s == IX_NONE) {
        add(w, leg, w->end_s, EVENT_STUCK);
        return;
    }
    if (drives) {
        add(w, leg, arrival_s, EVENT_LEAVES_TRAFFIC);
        add(w, leg, arrival_s, EVENT_LEAVES_VEHICLE);
    }
    add(w, leg, arrival_s, EVENT_ARRIVAL);
    add(w, leg, arrival_s, EVENT_ACTSTART);
}

static void add_all(events_writer *w) {
    w->count = 0;
    events_transit_add(w);
    for (uint32_t leg = 0; leg < w->plans->leg_count; leg++) {
        add_leg(w, leg);
    }
}

// --- text ----------------------------------------------------------------------------------------------------------

static void flush(events_writer *w) {
    if (w->used > 0 && !w->failed) {
        w->failed = gzwrite(w->file, w->buffer, (unsigned)w->used) != (int)w->used;
    }
    w->used = 0;
}

static void put(events_writer *w, const char *words) {
    for (; *words != '\0'; words++) {
        if (w->used == sizeof w->buffer) {
            flush(w);
        }
        w->buffer[w->used++] = *words;
    }
}

static void put_escaped(events_writer *w, const char *words) {
    for (; *words != '\0'; words++) {
        char one[2] = {*words, '\0'};
        const char *as = *words == '&'                                        ? "&amp;"
                         : *words == '<'                                      ? "&lt;"
                         : *words == '>'                                      ? "&gt;"
                         : *words == '"'                                      ? "&quot;"
                         : *words == '\n' || *words == '\t' || *words == '\r' ? " "
                                                                              : one;
        put(w, as);
    }
}

void events_put_attribute(events_writer *w, const char *name, const char *value) {
    put(w, " ");
    put(w, name);
    put(w, "=\"");
    put_escaped(w, value);
    put(w, "\"");
}

void events_put_link(events_writer *w, uint32_t link) {
    if (link < w->n->link.count) {
        events_put_attribute(w, "link", w->n->link.id[link]);
    }
}

static const char *activity_after(const events_writer *w, uint32_t leg) {
    uint32_t person = w->person[leg];
    return leg + 1 < w->plans->leg_first[person + 1] ? w->plans->leg[leg + 1].activity
                                                     : w->plans->last_activity[person];
}

static void put_link_event(events_writer *w, const events_event *e) {
    const chain_leg *leg = &w->plans->leg[e->owner];
    uint32_t position = (e->kind - EVENT_LINK) / 2;
    bool leaves = (e->kind - EVENT_LINK) % 2 == 0;
    const uint32_t *route = w->plans->route_link + leg->route_first;
    events_put_attribute(w, "type", leaves ? "left link" : "entered link");
    events_put_attribute(w, "vehicle", w->plans->person_id[w->person[e->owner]]);
    events_put_link(w, !leaves ? route[position] : position > 0 ? route[position - 1] : leg->start_link);
}

// What all other events say besides time and person.
static void put_details(events_writer *w, const events_event *e) {
    const chain_leg *leg = &w->plans->leg[e->owner];
    bool starts = e->kind == EVENT_ACTEND || e->kind == EVENT_DEPARTURE || e->kind == EVENT_ENTERS_TRAFFIC;
    bool in_vehicle = e->kind >= EVENT_ENTERS_VEHICLE && e->kind <= EVENT_LEAVES_VEHICLE;
    bool in_traffic = e->kind == EVENT_ENTERS_TRAFFIC || e->kind == EVENT_LEAVES_TRAFFIC;
    bool rides = e->kind == EVENT_BOARDS || e->kind == EVENT_ALIGHTS;
    if (!rides && (!in_vehicle || in_traffic)) {
        if (e->kind != EVENT_STUCK) {
            events_put_link(w, starts ? leg->start_link : leg->end_link);
        }
    }
    if (in_vehicle) {
        events_put_attribute(w, "vehicle", w->plans->person_id[w->person[e->owner]]);
    }
    if (rides) {
        events_put_attribute(w, "vehicle", events_vehicle_id(w, w->r->transit.boarded[e->owner]));
    }
    if (in_traffic) {
        events_put_attribute(w, "networkMode", leg->mode);
        events_put_attribute(w, "relativePosition", "1.0");
    }
    if (e->kind == EVENT_DEPARTURE || e->kind == EVENT_ARRIVAL || e->kind == EVENT_STUCK) {
        events_put_attribute(w, "legMode", leg->mode);
    }
    if (e->kind == EVENT_ACTEND || e->kind == EVENT_ACTSTART) {
        events_put_attribute(w, "actType", e->kind == EVENT_ACTEND ? leg->activity : activity_after(w, e->owner));
    }
}

static void put_waiting(events_writer *w, const events_event *e) {
    const chain_wish *wish = w->plans->leg[e->owner].wish;
    events_put_attribute(w, "type", "waitingForPt");
    events_put_attribute(w, "person", w->plans->person_id[w->person[e->owner]]);
    events_put_attribute(w, "agent", w->plans->person_id[w->person[e->owner]]);
    events_put_attribute(w, "atStop", wish->access_id);
    events_put_attribute(w, "destinationStop", wish->egress_id);
}

static void put_event(events_writer *w, const events_event *e) {
    static const char *const types[EVENT_LINK] = {"actend",
                                                  "departure",
                                                  "PersonEntersVehicle",
                                                  "vehicle enters traffic",
                                                  "vehicle leaves traffic",
                                                  "PersonLeavesVehicle",
                                                  "arrival",
                                                  "actstart",
                                                  "stuckAndAbort",
                                                  "waitingForPt",
                                                  "PersonEntersVehicle",
                                                  "PersonLeavesVehicle"};
    char time[NUMBER_BYTES];
    snprintf(time, sizeof time, "%llu.0", (unsigned long long)(e->key / PHASE_COUNT));
    put(w, "\t<event");
    events_put_attribute(w, "time", time);
    if ((e->owner & EVENTS_OF_VEHICLE) != 0) {
        events_transit_put(w, e);
    } else if (e->kind >= EVENT_LINK) {
        put_link_event(w, e);
    } else if (e->kind == EVENT_WAITS) {
        put_waiting(w, e);
    } else {
        events_put_attribute(w, "type", types[e->kind]);
        events_put_attribute(w, "person", w->plans->person_id[w->person[e->owner]]);
        put_details(w, e);
    }
    put(w, " />\n");
}

// --- file ---------------------------------------------------------------------------------------------------------

static err_code sort_events(events_writer *w, arena *a, uint32_t **order) {
    uint64_t *key;
    add_all(w);
    CHECK(w->count < UINT32_MAX, ERR_RANGE, "the day has more events than can be sorted: leave out --events");
    ARENA_NEW(a, w->event, w->count);
    ARENA_NEW(a, key, w->count);
    ARENA_NEW(a, *order, w->count);
    ARENA_NEW(a, w->person, w->plans->leg_count);
    for (uint32_t person = 0; person < w->plans->person_count; person++) {
        for (uint32_t leg = w->plans->leg_first[person]; leg < w->plans->leg_first[person + 1]; leg++) {
            w->person[leg] = person;
        }
    }
    add_all(w);
    for (uint32_t i = 0; i < w->count; i++) {
        key[i] = w->event[i].key;
        (*order)[i] = i;
    }
    return par_sort_u64(key, (uint32_t)w->count, *order);
}

static err_code write_events(events_writer *w, const char *path, const uint32_t *order) {
    size_t length = strlen(path);
    bool compressed = length > 3 && strcmp(path + length - 3, ".gz") == 0;
    errno = 0;
    w->file = gzopen(path, compressed ? "wb" : "wbT");
    CHECK(w->file != NULL, ERR_FILE, "%s: cannot be written: %s", path, strerror(errno));
    put(w, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<events version=\"1.0\">\n");
    for (uint32_t i = 0; i < w->count; i++) {
        put_event(w, &w->event[order[i]]);
    }
    put(w, "</events>\n");
    flush(w);
    int closed = gzclose(w->file);
    CHECK(!w->failed && closed == Z_OK, ERR_FILE, "%s: cannot be written; is the disk full?", path);
    return ERR_OK;
}

static err_code save(events_writer *w, const char *path, arena *a) {
    char temporary[PATH_BYTES];
    uint32_t *order = NULL;
    bool compressed = strlen(path) > 3 && strcmp(path + strlen(path) - 3, ".gz") == 0;
    int length = snprintf(temporary, sizeof temporary, "%s.part%s", path, compressed ? ".gz" : "");
    CHECK(length > 0 && (size_t)length < sizeof temporary, ERR_FILE, "the path of the events is too long");
    TRY(sort_events(w, a, &order));
    err_code code = write_events(w, temporary, order);
    if (code == ERR_OK && rename(temporary, path) != 0) {
        code = err_raise(ERR_FILE, "%s: cannot be written: %s", path, strerror(errno));
    }
    if (code != ERR_OK) {
        (void)remove(temporary);
    }
    return code;
}

err_code matsim_save_events(const char *path, const network *n, const chain_plans *plans, const schedule *s,
                            const chain_result *r, uint32_t end_s) {
    arena a;
    arena_init(&a);
    events_writer *w = arena_alloc(&a, 1, sizeof *w);
    err_code code = ERR_MEMORY;
    if (w != NULL) {
        w->n = n;
        w->plans = plans;
        w->s = s;
        w->r = r;
        w->end_s = end_s;
        code = save(w, path, &a);
    }
    arena_free(&a);
    return code;
}
