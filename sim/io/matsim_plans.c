// MATSim plans: version 4 (<plans>, <act>, routes by nodes), 5 and 6 (<population>, <activity>, routes by links).
#include <math.h>
#include <string.h>

#include "base/dmath.h"
#include "io/matsim.h"
#include "matsim_wish.h"
#include "plan_builder.h"
#include "xml_stream.h"

// Of legs without a travel time, which MATSim would compute when it routes them: its own defaults for walking and
// cycling (teleportedModeSpeed 3 and 15 km/h, beelineDistanceFactor 1.3).
#define WALK_MPS (3.0 / 3.6)
#define CYCLE_MPS (15.0 / 3.6)
#define OTHER_MPS (25.0 / 3.6)  // assumption: MATSim has no default for other modes
#define BEELINE_FACTOR 1.3
#define COORDINATE_MAX_M 1e9

enum { GUESS_MAX_S = 1 << 20 };

typedef struct place {  // an activity
    bool present;
    bool has_xy;
    const char *type;
    uint32_t link;      // IX_NONE = none given, or unknown
    bool unknown_link;  // given, but not in the network
    uint32_t end_s, stay_s;
    double x_m, y_m;
} place;

typedef struct open_leg {  // between its start tag and the next activity
    bool present;
    bool has_route;
    bool by_links;  // the route's text is a list of links
    const char *mode;
    uint32_t line;
    uint32_t departure_s, travel_s, arrival_s, route_s;
    uint32_t start_link, end_link;  // IX_NONE = as the activities say
    bool unknown_link;
    double distance_m;  // NAN = not given
} open_leg;

typedef struct reader {
    plan_builder b;
    bool in_file, in_person, in_plan;  // in_plan: one that is wanted
    bool nodes;                        // version 4: routes by nodes
    bool took_plan, took_selected;     // of this person
    bool in_route;
    place before;
    open_leg leg;
    char *route;  // text of the route
    size_t route_length, route_capacity;
} reader;

static uint32_t find_link(const reader *r, const char *id, bool *unknown) {
    if (id == NULL || id[0] == '\0' || strcmp(id, "null") == 0) {
        return IX_NONE;
    }
    uint32_t link = network_find_link(r->b.n, id);
    *unknown |= link == IX_NONE;
    return link;
}

// --- routes -------------------------------------------------------------------------------------------------------

// Cuts the next word off the rest; NULL at its end.
static char *next_word(char **rest) {
    char *word = *rest + strspn(*rest, " \t\r\n");
    if (*word == '\0') {
        return NULL;
    }
    size_t length = strcspn(word, " \t\r\n");
    *rest = word + length + (word[length] != '\0');
    word[length] = '\0';
    return word;
}

static err_code read_link_route(reader *r, chain_leg *leg) {
    bool unknown = false;
    uint32_t last = leg->start_link, count = 0;
    char *rest = r->route;
    for (char *word = next_word(&rest); word != NULL && !unknown; word = next_word(&rest), count++) {
        last = find_link(r, word, &unknown);
        if (!unknown && (count > 0 || last != leg->start_link)) {
            TRY(plan_builder_link(&r->b, last));
        }
    }
    if (unknown) {
        leg->fault = CHAIN_UNKNOWN_LINK;
    } else if (last != leg->end_link) {
        leg->fault = count == 0 ? CHAIN_NO_ROUTE : CHAIN_OK;
        TRY(plan_builder_link(&r->b, leg->end_link));
    }
    return ERR_OK;
}

static uint32_t link_between(const network *n, uint32_t from, uint32_t to, uint8_t allow) {
    uint32_t closed = IX_NONE;
    for (uint32_t o = n->out_first[from]; o < n->out_first[from + 1]; o++) {
        uint32_t link = n->out_link[o];
        if (n->link.to_ix[link] == to && (n->link.allowed[link] & allow) != 0) {
            return link;
        }
        closed = n->link.to_ix[link] == to ? link : closed;
    }
    return closed;
}

static err_code read_node_route(reader *r, chain_leg *leg) {
    const network *n = r->b.n;
    uint8_t allow = leg->vehicle == VEHICLE_LORRY ? ALLOW_LORRY : ALLOW_CAR;
    uint32_t at = IX_NONE, count = 0;
    char *rest = r->route;
    for (char *word = next_word(&rest); word != NULL; word = next_word(&rest), count++) {
        uint32_t node = network_find_node(n, word);
        if (node == IX_NONE) {
            leg->fault = CHAIN_UNKNOWN_LINK;
            return ERR_OK;
        }
        uint32_t link = at != IX_NONE ? link_between(n, at, node, allow) : IX_NONE;
        if (count == 0 ? node != n->link.to_ix[leg->start_link] : link == IX_NONE) {
            leg->fault = CHAIN_GAP;
            return ERR_OK;
        }
        if (count > 0) {
            TRY(plan_builder_link(&r->b, link));
        }
        at = node;
    }
    return count == 0 && leg->end_link == leg->start_link ? ERR_OK : plan_builder_link(&r->b, leg->end_link);
}

static err_code read_route(reader *r, chain_leg *leg) {
    if (r->leg.unknown_link) {
        leg->fault = CHAIN_UNKNOWN_LINK;
    } else if (!r->leg.has_route || leg->start_link == IX_NONE || leg->end_link == IX_NONE) {
        leg->fault = CHAIN_NO_ROUTE;
    } else if (r->leg.by_links) {
        return read_link_route(r, leg);
    } else if (r->nodes) {
        return read_node_route(r, leg);
    } else {
        leg->fault = CHAIN_NO_ROUTE;  // a route by words that only its own mode understands
    }
    return ERR_OK;
}

// --- legs ---------------------------------------------------------------------------------------------------------

static chain_kind kind_of(const char *leg_mode, uint8_t *vehicle) {
    static const char *const lorries[] = {"truck", "freight", "lorry", "hgv"};
    *vehicle = VEHICLE_CAR;
    if (strcmp(leg_mode, "car") == 0) {
        return CHAIN_DRIVE;
    }
    for (size_t i = 0; i < sizeof lorries / sizeof *lorries; i++) {
        if (strcmp(leg_mode, lorries[i]) == 0) {
            *vehicle = VEHICLE_LORRY;
            return CHAIN_DRIVE;
        }
    }
    return CHAIN_TELEPORT;
}

static uint32_t guess_travel_s(reader *r, const place *after) {
    const open_leg *leg = &r->leg;
    double distance_m = leg->distance_m;
    bool walks = strstr(leg->mode, "walk") != NULL;
    double speed_mps = walks ? WALK_MPS : strcmp(leg->mode, "bike") == 0 ? CYCLE_MPS : OTHER_MPS;
    if (isnan(distance_m) && r->before.has_xy && after->has_xy) {
        double dx = after->x_m - r->before.x_m, dy = after->y_m - r->before.y_m;
        distance_m = BEELINE_FACTOR * dmath_sqrt(dx * dx + dy * dy);
    }
    r->b.guessed++;
    double travel_s = isnan(distance_m) ? 0 : distance_m / speed_mps;
    return travel_s < GUESS_MAX_S ? (uint32_t)travel_s : GUESS_MAX_S;
}

static uint32_t planned_travel_s(reader *r, const place *after) {
    const open_leg *leg = &r->leg;
    if (leg->route_s != IX_NONE) {
        return leg->route_s;
    }
    if (leg->travel_s != IX_NONE) {
        return leg->travel_s;
    }
    if (leg->departure_s != IX_NONE && leg->arrival_s != IX_NONE && leg->arrival_s >= leg->departure_s) {
        return leg->arrival_s - leg->departure_s;
    }
    return guess_travel_s(r, after);
}

// The leg that ends at this activity.
static err_code close_leg(reader *r, const place *after) {
    open_leg *open = &r->leg;
    const place *before = &r->before;
    chain_leg leg = {.mode = open->mode, .activity = before->type, .end_s = before->end_s, .stay_s = before->stay_s};
    leg.kind = (uint8_t)kind_of(open->mode, &leg.vehicle);
    leg.start_link = open->start_link != IX_NONE ? open->start_link : before->link;
    leg.end_link = open->end_link != IX_NONE ? open->end_link : after->link;
    leg.route_first = (uint32_t)r->b.route_count;
    open->unknown_link |= leg.start_link == IX_NONE && before->unknown_link;
    open->unknown_link |= leg.end_link == IX_NONE && after->unknown_link;
    if (leg.end_s == IX_NONE && leg.stay_s == IX_NONE) {
        leg.end_s = open->departure_s;
    }
    if (leg.kind == CHAIN_DRIVE) {
        TRY(read_route(r, &leg));
    } else if (open->has_route) {
        TRY(matsim_wish_read(&r->b, r->route, &leg.wish));
    }
    TRY(plan_builder_leg(&r->b, leg, open->line));
    chain_leg *added = &r->b.leg[r->b.leg_count - 1];
    if (added->kind != CHAIN_DRIVE) {
        added->travel_s = planned_travel_s(r, after);
    }
    *open = (open_leg){0};
    return ERR_OK;
}

static err_code read_activity(reader *r, const xml_stream *x, const char *const *attribute) {
    place here = {.present = true};
    const char *type = xml_stream_value(attribute, "type");
    const char *duration = xml_stream_value(attribute, "max_dur") != NULL ? "max_dur" : "dur";
    if (r->before.present && !r->leg.present) {
        return xml_stream_fail(x, ERR_FORMAT, "two activities without a leg between");
    }
    here.has_xy = xml_stream_value(attribute, "x") != NULL && xml_stream_value(attribute, "y") != NULL;
    TRY(xml_stream_number(x, attribute, "x", -COORDINATE_MAX_M, COORDINATE_MAX_M, &here.x_m));
    TRY(xml_stream_number(x, attribute, "y", -COORDINATE_MAX_M, COORDINATE_MAX_M, &here.y_m));
    TRY(xml_stream_time(x, attribute, "end_time", &here.end_s));
    TRY(xml_stream_time(x, attribute, duration, &here.stay_s));
    here.link = find_link(r, xml_stream_value(attribute, "link"), &here.unknown_link);
    here.type = plan_builder_name(&r->b, type != NULL ? type : "");
    if (here.type == NULL) {
        return ERR_MEMORY;
    }
    if (r->leg.present) {
        TRY(close_leg(r, &here));
    }
    r->before = here;
    return ERR_OK;
}

static err_code read_leg(reader *r, const xml_stream *x, const char *const *attribute) {
    const char *leg_mode;
    if (!r->before.present || r->leg.present) {
        return xml_stream_fail(
            x, ERR_FORMAT,
            r->leg.present ? "two legs without an activity between" : "a leg without an activity before it");
    }
    r->leg = (open_leg){.present = true,
                        .line = xml_stream_line(x),
                        .start_link = IX_NONE,
                        .end_link = IX_NONE,
                        .route_s = IX_NONE,
                        .distance_m = NAN};
    TRY(xml_stream_text(x, attribute, "mode", &leg_mode));
    TRY(xml_stream_time(x, attribute, "dep_time", &r->leg.departure_s));
    TRY(xml_stream_time(x, attribute, "trav_time", &r->leg.travel_s));
    TRY(xml_stream_time(x, attribute, "arr_time", &r->leg.arrival_s));
    r->leg.mode = plan_builder_name(&r->b, leg_mode);
    if (r->leg.mode == NULL) {
        return ERR_MEMORY;
    }
    XML_STREAM_RESERVE(r->route, r->route_capacity, 0, 1);
    r->route_length = 0;
    r->route[0] = '\0';
    return ERR_OK;
}

static err_code begin_route(reader *r, const xml_stream *x, const char *const *attribute) {
    open_leg *leg = &r->leg;
    const char *type = xml_stream_value(attribute, "type");
    if (!leg->present || leg->has_route) {
        return xml_stream_fail(x, ERR_FORMAT, "a route that belongs to no leg");
    }
    leg->has_route = true;
    leg->by_links = type != NULL ? strcmp(type, "links") == 0 : !r->nodes;
    leg->start_link = find_link(r, xml_stream_value(attribute, "start_link"), &leg->unknown_link);
    leg->end_link = find_link(r, xml_stream_value(attribute, "end_link"), &leg->unknown_link);
    const char *distance = xml_stream_value(attribute, "distance") != NULL ? "distance" : "dist";
    const char *given = xml_stream_value(attribute, distance);
    if (given != NULL && strcmp(given, "NaN") != 0) {
        TRY(xml_stream_number(x, attribute, distance, 0, COORDINATE_MAX_M, &leg->distance_m));
    }
    r->in_route = true;
    return xml_stream_time(x, attribute, "trav_time", &leg->route_s);
}

// --- elements -----------------------------------------------------------------------------------------------------

static err_code begin_person(reader *r, const xml_stream *x, const char *const *attribute) {
    const char *id;
    if (r->in_person) {
        return xml_stream_fail(x, ERR_FORMAT, "a person inside a person");
    }
    TRY(xml_stream_text(x, attribute, "id", &id));
    r->in_person = true;
    r->took_plan = r->took_selected = false;
    return plan_builder_person(&r->b, id, xml_stream_line(x));
}

static err_code begin_plan(reader *r, const xml_stream *x, const char *const *attribute) {
    const char *selected = xml_stream_value(attribute, "selected");
    bool is_selected = selected != NULL && (strcmp(selected, "yes") == 0 || strcmp(selected, "true") == 0);
    if (!r->in_person || r->in_plan) {
        return xml_stream_fail(x, ERR_FORMAT, "a plan that belongs to no person");
    }
    if (r->took_plan && (r->took_selected || !is_selected)) {
        return ERR_OK;
    }
    plan_builder_drop_legs(&r->b);
    r->took_plan = r->in_plan = true;
    r->took_selected = is_selected;
    r->before = (place){0};
    r->leg = (open_leg){0};
    return ERR_OK;
}

static err_code end_plan(reader *r, const xml_stream *x) {
    if (r->leg.present) {
        return xml_stream_fail(x, ERR_FORMAT, "the plan ends with a leg; an activity must follow it");
    }
    r->b.person[r->b.person_count - 1].last_activity = r->before.present ? r->before.type : "";
    r->in_plan = false;
    return ERR_OK;
}

static err_code on_start(xml_stream *x, void *ctx, const char *name, const char *const *attribute) {
    reader *r = ctx;
    if (!r->in_file) {
        r->nodes = strcmp(name, "plans") == 0;
        r->in_file = true;
        if (!r->nodes && strcmp(name, "population") != 0) {
            return xml_stream_fail(x, ERR_FORMAT, "these are not MATSim plans: the file starts with <%.60s>", name);
        }
        return ERR_OK;
    }
    if (strcmp(name, "person") == 0) {
        return begin_person(r, x, attribute);
    }
    if (strcmp(name, "plan") == 0) {
        return begin_plan(r, x, attribute);
    }
    if (!r->in_plan) {
        return ERR_OK;
    }
    if (strcmp(name, "act") == 0 || strcmp(name, "activity") == 0) {
        return read_activity(r, x, attribute);
    }
    if (strcmp(name, "leg") == 0) {
        return read_leg(r, x, attribute);
    }
    return strcmp(name, "route") == 0 ? begin_route(r, x, attribute) : ERR_OK;
}

static err_code on_end(xml_stream *x, void *ctx, const char *name) {
    reader *r = ctx;
    if (strcmp(name, "route") == 0) {
        r->in_route = false;
    } else if (strcmp(name, "plan") == 0 && r->in_plan) {
        return end_plan(r, x);
    } else if (strcmp(name, "person") == 0) {
        r->in_person = false;
    }
    return ERR_OK;
}

static err_code on_characters(xml_stream *x, void *ctx, const char *piece, size_t length) {
    reader *r = ctx;
    (void)x;
    if (!r->in_route) {
        return ERR_OK;
    }
    XML_STREAM_RESERVE(r->route, r->route_capacity, r->route_length, length + 1);
    memcpy(r->route + r->route_length, piece, length);
    r->route_length += length;
    r->route[r->route_length] = '\0';
    return ERR_OK;
}

err_code matsim_load_plans(const char *path, const network *n, arena *a, chain_plans *out) {
    static const xml_handlers handlers = {.start = on_start, .end = on_end, .characters = on_characters};
    *out = (chain_plans){0};
    reader r = {.b = {.a = a, .n = n, .path = path}};
    err_code code = xml_stream_parse(path, &handlers, &r);
    if (code == ERR_OK) {
        code = plan_builder_finish(&r.b, out);
    }
    plan_builder_free(&r.b);
    mem_free(r.route);
    return code;
}
