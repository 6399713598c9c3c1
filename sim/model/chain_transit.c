// Persons and the vehicles of a schedule: who boards which departure, and how long its doors are open.
#include <string.h>

#include "base/par.h"
#include "chain_internal.h"

// What happens in one second, in this order.
typedef enum moment {
    MOMENT_ARRIVE = 0,  // passengers alight
    MOMENT_COME,        // persons come to their stops
    MOMENT_CLOSE,       // those who wait have boarded
    MOMENT_COUNT
} moment;

typedef struct rider {              // of a leg that waits for a vehicle
    uint32_t line, access, egress;  // line IX_NONE = the leg does not
    uint32_t person;
    uint32_t next;  // leg behind it in its queue
} rider;

typedef struct coming {  // to a stop
    uint32_t time_s;
    uint32_t leg;
} coming;

typedef struct queue {
    uint32_t first, last;  // legs, IX_NONE = empty
} queue;

typedef struct transit_work {
    rider *rider;          // [leg]
    uint32_t *bus_of;      // [departure] in the demand, IX_NONE = not driven
    uint32_t *before;      // [departure] of the same vehicle, IX_NONE = it is its first
    uint32_t *stop_first;  // of the demand
    uint32_t *stop_links;
    uint32_t *stop_departure_s;
    uint16_t *stop_dwell_s;
    uint32_t *call_departure;  // [call]
    uint32_t *alighted;        // [call]
    queue *waiting;            // [facility]
    queue *riding;             // [departure]
    uint32_t *aboard;          // [departure] persons
    coming *coming;            // heap by (time, leg); one a person at most
    uint32_t coming_count;
    uint64_t *key;  // [moment of a call]
    uint32_t *order;
    bool ran;  // the queue model, once
} transit_work;

// --- the schedule on the network ------------------------------------------------------------------------------------

static bool connects(const network *n, const schedule *s, const schedule_pattern *p) {
    const uint32_t *link = s->link + p->link_first;
    uint32_t before = p->start_link;
    for (uint32_t i = 0; i < p->link_count; i++) {
        if (before != IX_NONE &&
            (n->link.from_ix[link[i]] != n->link.to_ix[before] || turn_is_forbidden(&n->turn, before, link[i]))) {
            return false;
        }
        before = link[i];
    }
    return true;
}

uint32_t chain_place_schedule(network *n, schedule *s) {
    uint32_t opened = 0;
    for (uint32_t i = 0; i < s->pattern_count; i++) {
        schedule_pattern *p = &s->pattern[i];
        const uint32_t *link = s->link + p->link_first;
        p->on_road =
            p->known && p->link_count > 0 && p->stop_count >= 2 && p->stop_count < UINT16_MAX && connects(n, s, p);
        for (uint32_t k = 0; p->on_road && k < p->link_count; k++) {
            opened += (n->link.allowed[link[k]] & ALLOW_BUS) == 0;
            n->link.allowed[link[k]] |= ALLOW_BUS;
        }
    }
    return opened;
}

// --- demand ---------------------------------------------------------------------------------------------------------

static const schedule_pattern *pattern_of(const schedule *s, uint32_t departure) {
    return &s->pattern[s->departure[departure].pattern];
}

void chain_transit_count(chain_work *w) {
    const schedule *s = w->schedule;
    for (uint32_t d = 0; s != NULL && d < s->departure_count; d++) {
        const schedule_pattern *p = pattern_of(s, d);
        w->bus_count += p->on_road;
        w->bus_links += p->on_road ? p->link_count : 0;
    }
}

static err_code alloc_transit(chain_work *w, arena *a) {
    const schedule *s = w->schedule;
    chain_transit *r = &w->result->transit;
    transit_work *t;
    ARENA_NEW(a, t, 1);
    w->transit = t;
    ARENA_NEW(a, t->rider, w->plans->leg_count);
    ARENA_NEW(a, t->bus_of, s->departure_count);
    ARENA_NEW(a, t->before, s->departure_count);
    ARENA_NEW(a, t->stop_first, (size_t)w->ride_count + w->bus_count + 1);
    ARENA_NEW(a, t->stop_links, s->call_count);
    ARENA_NEW(a, t->stop_departure_s, s->call_count);
    ARENA_NEW(a, t->stop_dwell_s, s->call_count);
    ARENA_NEW(a, t->call_departure, s->call_count);
    ARENA_NEW(a, t->alighted, s->call_count);
    ARENA_NEW(a, t->waiting, s->facility_count);
    ARENA_NEW(a, t->riding, s->departure_count);
    ARENA_NEW(a, t->aboard, s->departure_count);
    ARENA_NEW(a, t->coming, w->plans->person_count);
    ARENA_NEW(a, t->key, (size_t)s->call_count * 2);
    ARENA_NEW(a, t->order, (size_t)s->call_count * 2);
    ARENA_NEW(a, r->start_s, s->departure_count);
    ARENA_NEW(a, r->arrival_s, s->call_count);
    ARENA_NEW(a, r->departure_s, s->call_count);
    ARENA_NEW(a, r->entry_first, s->departure_count);
    ARENA_NEW(a, r->boarded, w->plans->leg_count);
    ARENA_NEW(a, r->boarded_s, w->plans->leg_count);
    return ERR_OK;
}

// A vehicle's departures in order of time.
static err_code link_vehicles(const chain_work *w, arena *a) {
    const schedule *s = w->schedule;
    uint64_t *key;
    uint32_t *order, *last;
    ARENA_NEW(a, key, s->departure_count);
    ARENA_NEW(a, order, s->departure_count);
    ARENA_NEW(a, last, s->vehicle_count);
    for (uint32_t d = 0; d < s->departure_count; d++) {
        key[d] = s->departure[d].departure_s;
        order[d] = d;
        w->transit->before[d] = IX_NONE;
    }
    memset(last, 0xff, s->vehicle_count * sizeof *last);
    TRY(par_sort_u64(key, s->departure_count, order));
    for (uint32_t i = 0; i < s->departure_count; i++) {
        uint32_t vehicle = s->departure[order[i]].vehicle;
        if (vehicle != IX_NONE) {
            w->transit->before[order[i]] = last[vehicle];
            last[vehicle] = order[i];
        }
    }
    return ERR_OK;
}

static void add_bus(chain_work *w, uint32_t departure) {
    const schedule *s = w->schedule;
    const schedule_pattern *p = pattern_of(s, departure);
    transit_work *t = w->transit;
    uint32_t leg = w->demand.leg_count++, first = w->route_first[leg], stop = t->stop_first[leg];
    t->bus_of[departure] = leg;
    w->result->transit.entry_first[departure] = first;
    w->vehicle[leg] = VEHICLE_BUS;
    memcpy(w->route_link + first, s->link + p->link_first, p->link_count * sizeof *w->route_link);
    w->route_first[leg + 1] = first + p->link_count;
    for (uint32_t i = 0; i < p->stop_count; i++, stop++) {
        const schedule_stop *row = &s->stop[p->stop_first + i];
        t->stop_links[stop] = row->links_driven;
        t->stop_departure_s[stop] = row->awaits ? s->call[s->departure[departure].call_first + i].departure_s : 0;
    }
    t->stop_first[leg + 1] = stop;
}

static void add_buses(chain_work *w) {
    const schedule *s = w->schedule;
    transit_work *t = w->transit;
    for (uint32_t d = 0; d < s->departure_count; d++) {
        t->bus_of[d] = w->result->transit.entry_first[d] = IX_NONE;
        for (uint32_t i = 0; i < pattern_of(s, d)->stop_count; i++) {
            t->call_departure[s->departure[d].call_first + i] = d;
        }
        if (pattern_of(s, d)->on_road) {
            add_bus(w, d);
        }
    }
    w->demand.stop_first = t->stop_first;
    w->demand.stop_links = t->stop_links;
    w->demand.stop_departure_s = t->stop_departure_s;
    w->demand.stop_dwell_s = t->stop_dwell_s;
}

// Position of a stop in a pattern from `from` on, IX_NONE = not there.
static uint32_t position_of(const schedule *s, const schedule_pattern *p, uint32_t facility, uint32_t from) {
    for (uint32_t i = from; i < p->stop_count; i++) {
        if (s->stop[p->stop_first + i].facility == facility) {
            return i;
        }
    }
    return IX_NONE;
}

static bool can_be_served(const schedule *s, const uint32_t *line_first, const uint32_t *line_pattern, const rider *r) {
    for (uint32_t k = line_first[r->line]; k < line_first[r->line + 1]; k++) {
        const schedule_pattern *p = &s->pattern[line_pattern[k]];
        uint32_t access = position_of(s, p, r->access, 0);
        if (access != IX_NONE && position_of(s, p, r->egress, access + 1) != IX_NONE) {
            return true;
        }
    }
    return false;
}

// Finds line and stops of every leg by their ids.
static err_code find_riders(chain_work *w, arena *a) {
    const schedule *s = w->schedule;
    const chain_plans *plans = w->plans;
    idmap lines, facilities;
    uint32_t *line, *line_first, *line_pattern;
    TRY(idmap_init(&lines, a, s->line_count));
    TRY(idmap_init(&facilities, a, s->facility_count));
    ARENA_NEW(a, line, s->pattern_count);
    ARENA_NEW(a, line_first, (size_t)s->line_count + 1);
    ARENA_NEW(a, line_pattern, s->pattern_count);
    for (uint32_t p = 0; p < s->pattern_count; p++) {
        line[p] = s->pattern[p].line;
    }
    TRY(par_group_u32(line, s->pattern_count, s->line_count, line_first, line_pattern));
    for (uint32_t i = 0; i < s->line_count; i++) {
        idmap_put(&lines, s->line[i].id, i);
    }
    for (uint32_t f = 0; f < s->facility_count; f++) {
        idmap_put(&facilities, s->facility[f].id, f);
    }
    for (uint32_t person = 0; person < plans->person_count; person++) {
        for (uint32_t leg = plans->leg_first[person]; leg < plans->leg_first[person + 1]; leg++) {
            const chain_wish *wish = plans->leg[leg].kind == CHAIN_TELEPORT ? plans->leg[leg].wish : NULL;
            rider *r = &w->transit->rider[leg];
            *r = (rider){.line = IX_NONE, .person = person, .next = IX_NONE};
            if (wish == NULL) {
                continue;
            }
            r->line = idmap_find(&lines, wish->line_id);
            r->access = idmap_find(&facilities, wish->access_id);
            r->egress = idmap_find(&facilities, wish->egress_id);
            bool known = r->line != IX_NONE && r->access != IX_NONE && r->egress != IX_NONE;
            r->line = known && can_be_served(s, line_first, line_pattern, r) ? r->line : IX_NONE;
            w->result->transit.unfit += r->line == IX_NONE;
        }
    }
    return ERR_OK;
}

err_code chain_transit_build(chain_work *w, arena *a) {
    TRY(alloc_transit(w, a));
    TRY(link_vehicles(w, a));
    add_buses(w);
    return find_riders(w, a);
}

bool chain_is_rider(const chain_work *w, uint32_t leg) {
    return w->transit != NULL && w->transit->rider[leg].line != IX_NONE;
}

// --- times of the vehicles ------------------------------------------------------------------------------------------

// When departure d reached its last stop in the last run (before the first: by the timetable); IX_NONE = it did not.
static uint32_t end_of(const chain_work *w, uint32_t d) {
    uint32_t stops = pattern_of(w->schedule, d)->stop_count;
    return stops > 0 ? w->result->transit.arrival_s[w->schedule->departure[d].call_first + stops - 1]
                     : w->result->transit.start_s[d];
}

// Calls of departure d that is not in the traffic, or of any before the first run: by the timetable, late by as much as
// its start is.
static void call_by_timetable(const chain_work *w, uint32_t d) {
    const schedule *s = w->schedule;
    chain_transit *r = &w->result->transit;
    uint32_t start_s = r->start_s[d], late_s = start_s != IX_NONE ? start_s - s->departure[d].departure_s : 0;
    for (uint32_t i = 0; i < pattern_of(s, d)->stop_count; i++) {
        uint32_t call = s->departure[d].call_first + i;
        uint64_t arrival_s = (uint64_t)s->call[call].arrival_s + late_s;
        uint64_t departure_s = (uint64_t)s->call[call].departure_s + late_s;
        r->arrival_s[call] = start_s != IX_NONE && arrival_s < w->params->end_s ? (uint32_t)arrival_s : IX_NONE;
        r->departure_s[call] = start_s != IX_NONE && departure_s < w->params->end_s ? (uint32_t)departure_s : IX_NONE;
    }
}

static void call_as_driven(const chain_work *w, uint32_t d) {
    chain_transit *r = &w->result->transit;
    uint32_t stop = w->transit->stop_first[w->transit->bus_of[d]], call = w->schedule->departure[d].call_first;
    for (uint32_t i = 0; i < pattern_of(w->schedule, d)->stop_count; i++) {
        r->arrival_s[call + i] = w->result->mobsim.stop_arrival_s[stop + i];
        r->departure_s[call + i] = w->result->mobsim.stop_departure_s[stop + i];
    }
}

// Times of all calls in the last run, then the starts of the next one; how many of these are other than in the last.
static uint32_t time_vehicles(chain_work *w) {
    const schedule *s = w->schedule;
    chain_transit *r = &w->result->transit;
    transit_work *t = w->transit;
    uint32_t changed = 0;
    for (uint32_t d = 0; d < s->departure_count; d++) {
        if (!t->ran) {
            r->start_s[d] = s->departure[d].departure_s;
        }
        if (t->ran && t->bus_of[d] != IX_NONE) {
            call_as_driven(w, d);
        } else {
            call_by_timetable(w, d);
        }
    }
    for (uint32_t d = 0; d < s->departure_count; d++) {
        uint32_t before = t->before[d], start_s = s->departure[d].departure_s;
        if (before != IX_NONE) {
            uint32_t free_s = end_of(w, before);
            start_s = free_s == IX_NONE ? IX_NONE : free_s > start_s ? free_s : start_s;
        }
        start_s = start_s < w->params->end_s ? start_s : IX_NONE;
        changed += start_s != r->start_s[d];
        r->start_s[d] = start_s;
        if (t->bus_of[d] != IX_NONE) {
            w->departure_s[t->bus_of[d]] = start_s;
        }
    }
    t->ran = true;
    return changed;
}

// --- persons
// ----------------------------------------------------------------------------------------------------------

static bool comes_first(coming a, coming b) {
    return a.time_s != b.time_s ? a.time_s < b.time_s : a.leg < b.leg;
}

static void push_coming(transit_work *t, coming c) {
    uint32_t i = t->coming_count++;
    for (; i > 0 && comes_first(c, t->coming[(i - 1) / 2]); i = (i - 1) / 2) {
        t->coming[i] = t->coming[(i - 1) / 2];
    }
    t->coming[i] = c;
}

static coming pop_coming(transit_work *t) {
    coming first = t->coming[0], last = t->coming[--t->coming_count];
    uint32_t i = 0;
    for (uint32_t child = 1; child < t->coming_count; child = 2 * i + 1) {
        child += child + 1 < t->coming_count && comes_first(t->coming[child + 1], t->coming[child]);
        if (!comes_first(t->coming[child], last)) {
            break;
        }
        t->coming[i] = t->coming[child];
        i = child;
    }
    t->coming[i] = last;
    return first;
}

static void append(transit_work *t, queue *q, uint32_t leg) {
    t->rider[leg].next = IX_NONE;
    *(q->last == IX_NONE ? &q->first : &t->rider[q->last].next) = leg;
    q->last = leg;
}

// Takes leg out of q, where `before` stands before it (IX_NONE = it is the first).
static void take_out(transit_work *t, queue *q, uint32_t before, uint32_t leg) {
    *(before == IX_NONE ? &q->first : &t->rider[before].next) = t->rider[leg].next;
    q->last = q->last == leg ? before : q->last;
}

// Those who want to get off at this call do, and go on with their day.
static uint32_t alight(chain_work *w, uint32_t d, uint32_t facility, uint32_t now_s) {
    transit_work *t = w->transit;
    queue *q = &t->riding[d];
    uint32_t count = 0;
    for (uint32_t leg = q->first, before = IX_NONE, next; leg != IX_NONE; leg = next) {
        next = t->rider[leg].next;
        if (t->rider[leg].egress != facility) {
            before = leg;
            continue;
        }
        take_out(t, q, before, leg);
        count++;
        w->result->arrival_s[leg] = now_s;
        uint32_t waits = chain_go_on(w, leg + 1, w->plans->leg_first[t->rider[leg].person + 1], now_s);
        if (waits != IX_NONE) {
            push_coming(t, (coming){w->result->departure_s[waits], waits});
        }
    }
    t->aboard[d] -= count;
    return count;
}

// Those at the stop whom the vehicle takes where they want to go, as long as there is room.
static uint32_t board(chain_work *w, uint32_t d, uint32_t position, uint32_t arrival_s) {
    const schedule *s = w->schedule;
    const schedule_pattern *p = pattern_of(s, d);
    transit_work *t = w->transit;
    chain_transit *r = &w->result->transit;
    queue *q = &t->waiting[s->stop[p->stop_first + position].facility];
    uint32_t capacity = schedule_capacity(s, d), count = 0;
    for (uint32_t leg = q->first, before = IX_NONE, next; leg != IX_NONE; leg = next) {
        next = t->rider[leg].next;
        bool fits = t->rider[leg].line == p->line && position_of(s, p, t->rider[leg].egress, position + 1) != IX_NONE;
        bool room = t->aboard[d] < capacity;
        r->denied += fits && !room;
        if (!fits || !room) {
            before = leg;
            continue;
        }
        take_out(t, q, before, leg);
        append(t, &t->riding[d], leg);
        t->aboard[d]++;
        count++;
        uint32_t came_s = w->result->departure_s[leg];
        r->boarded[leg] = d;
        r->boarded_s[leg] = came_s > arrival_s ? came_s : arrival_s;
    }
    r->boardings += count;
    return count;
}

// Sorts what the vehicles do by time; returns how many moments there are.
static err_code sort_moments(chain_work *w, uint32_t *count) {
    const schedule *s = w->schedule;
    const chain_transit *r = &w->result->transit;
    transit_work *t = w->transit;
    *count = 0;
    for (uint32_t call = 0; call < s->call_count; call++) {
        if (r->arrival_s[call] == IX_NONE) {
            t->key[2 * (size_t)call] = t->key[2 * (size_t)call + 1] = 0;
            continue;
        }
        const schedule_departure *d = &s->departure[t->call_departure[call]];
        const schedule_stop *stop = &s->stop[s->pattern[d->pattern].stop_first + call - d->call_first];
        uint32_t close_s = stop->awaits && s->call[call].departure_s > r->arrival_s[call] ? s->call[call].departure_s
                                                                                          : r->arrival_s[call];
        t->key[2 * (size_t)call] = (uint64_t)r->arrival_s[call] * MOMENT_COUNT + MOMENT_ARRIVE;
        t->key[2 * (size_t)call + 1] = (uint64_t)close_s * MOMENT_COUNT + MOMENT_CLOSE;
        t->order[(*count)++] = 2 * call;
        t->order[(*count)++] = 2 * call + 1;
    }
    return par_sort_u64(t->key, *count, t->order);
}

static void people_come(chain_work *w, uint64_t before) {
    transit_work *t = w->transit;
    while (t->coming_count > 0 && (uint64_t)t->coming[0].time_s * MOMENT_COUNT + MOMENT_COME < before) {
        uint32_t leg = pop_coming(t).leg;
        append(t, &t->waiting[t->rider[leg].access], leg);
    }
}

static void start_day(chain_work *w) {
    transit_work *t = w->transit;
    chain_transit *r = &w->result->transit;
    memset(t->waiting, 0xff, w->schedule->facility_count * sizeof *t->waiting);
    memset(t->riding, 0xff, w->schedule->departure_count * sizeof *t->riding);
    memset(t->aboard, 0, w->schedule->departure_count * sizeof *t->aboard);
    memset(r->boarded, 0xff, w->plans->leg_count * sizeof *r->boarded);
    memset(r->boarded_s, 0xff, w->plans->leg_count * sizeof *r->boarded_s);
    r->boardings = r->denied = 0;
    t->coming_count = 0;
    for (uint32_t person = 0; person < w->plans->person_count; person++) {
        uint32_t leg = w->pending[person];
        if (leg != IX_NONE) {
            push_coming(t, (coming){w->result->departure_s[leg], leg});
        }
    }
}

err_code chain_transit_day(chain_work *w, uint32_t *changed) {
    const schedule *s = w->schedule;
    transit_work *t = w->transit;
    chain_transit *r = &w->result->transit;
    uint32_t count = 0;
    *changed += time_vehicles(w);
    TRY(sort_moments(w, &count));
    start_day(w);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t call = t->order[i] / 2, d = t->call_departure[call];
        uint32_t position = call - s->departure[d].call_first;
        uint32_t facility = s->stop[pattern_of(s, d)->stop_first + position].facility;
        people_come(w, t->key[t->order[i]]);
        if (t->order[i] % 2 == 0) {
            t->alighted[call] = alight(w, d, facility, r->arrival_s[call]);
            continue;
        }
        uint32_t boardings = board(w, d, position, r->arrival_s[call]);
        if (t->bus_of[d] != IX_NONE) {
            uint32_t stop = t->stop_first[t->bus_of[d]] + position;
            uint32_t dwell_s = schedule_dwell_s(s, d, boardings, t->alighted[call]);
            *changed += t->stop_dwell_s[stop] != dwell_s;
            t->stop_dwell_s[stop] = (uint16_t)dwell_s;
        }
    }
    people_come(w, UINT64_MAX);
    return ERR_OK;
}

void chain_transit_sum_up(chain_work *w) {
    const schedule *s = w->schedule;
    chain_transit *r = &w->result->transit;
    for (uint32_t d = 0; d < s->departure_count; d++) {
        bool starts = r->start_s[d] != IX_NONE;
        r->departures += starts;
        r->completed += starts && end_of(w, d) != IX_NONE;
        r->by_timetable += starts && !pattern_of(s, d)->on_road;
    }
    for (uint32_t leg = 0; leg < w->plans->leg_count; leg++) {
        r->left_waiting += w->result->outcome[leg] == CHAIN_LEFT_WAITING;
        r->riding += chain_is_rider(w, leg) && w->result->outcome[leg] == CHAIN_UNDER_WAY;
    }
}
