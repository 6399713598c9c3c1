#include "io/tntp.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "tntp_part.h"

enum { PATH_BYTES = 4096, LANES_MAX = 50, COUNT_MAX = 10000000 };

// Made passable for the queue model; the delay functions keep the file's numbers.
static const double lane_vph = 2000;  // assumption: about the capacity of a motorway lane
static const double length_min_m = 1;
static const double length_max_m = 1e6;  // what a GMNS folder may hold
static const double speed_max_mps = 100;
static const double speed_default_mps = 50 / 3.6;  // assumption: where neither time nor speed is given

// --- files -----------------------------------------------------------------------------------------------------------

static bool ends_with(const char *name, const char *end) {
    size_t length = strlen(name), end_length = strlen(end);
    return length >= end_length && strcmp(name + length - end_length, end) == 0;
}

static err_code find_net(const char *folder, char out[PATH_BYTES]) {
    DIR *d = opendir(folder);
    CHECK(d != NULL, ERR_FILE, "%s: cannot be read: %s", folder, strerror(errno));
    uint32_t found = 0;
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (ends_with(e->d_name, "_net.tntp")) {
            snprintf(out, PATH_BYTES, "%.3000s/%.255s", folder, e->d_name);
            found++;
        }
    }
    closedir(d);
    CHECK(found == 1, ERR_FILE, "%s: %s; name the file", folder,
          found == 0 ? "there is no file *_net.tntp" : "there is more than one file *_net.tntp");
    return ERR_OK;
}

static err_code find_stem(const char *path, char net[PATH_BYTES], char stem[PATH_BYTES]) {
    struct stat about;
    CHECK(strlen(path) < PATH_BYTES / 2, ERR_FILE, "%.200s...: the path is too long", path);
    CHECK(stat(path, &about) == 0, ERR_FILE, "%s: cannot be read: %s", path, strerror(errno));
    if (S_ISDIR(about.st_mode)) {
        TRY(find_net(path, net));
    } else {
        CHECK(ends_with(path, "_net.tntp"), ERR_FILE, "%s: the name of a TNTP network ends in _net.tntp", path);
        snprintf(net, PATH_BYTES, "%s", path);
    }
    snprintf(stem, PATH_BYTES, "%.*s", (int)(strlen(net) - strlen("_net.tntp")), net);
    return ERR_OK;
}

// --- units -----------------------------------------------------------------------------------------------------------

typedef struct unit {
    const char *column;  // start of the column's title, in small letters
    const char *name;    // of the unit, in small letters
    double factor;
} unit;

static const unit length_units[] = {{"length", "(ft)", 0.3048},
                                    {"length", "(feet)", 0.3048},
                                    {"length", "(mile)", 1609.344},
                                    {"length", "(miles)", 1609.344},
                                    {"length", "(mi)", 1609.344},
                                    {"length", "(km)", 1000},
                                    {"length", "(m)", 1},
                                    {"length", "(meters)", 1},
                                    {"length", "(kilometers)", 1000},
                                    {NULL, NULL, 0}};
static const unit time_units[] = {{"f", "(min)", 1},    {"f", "(minutes)", 1},  {"f", "(h)", 60},
                                  {"f", "(hours)", 60}, {"f", "(s)", 1.0 / 60}, {"f", "(sec)", 1.0 / 60},
                                  {NULL, NULL, 0}};

// The unit that the title of a column names in brackets, or fallback: titles are separated by tabs.
static double unit_of_header(const char *header, const unit *units, double fallback) {
    char title[64];
    for (const char *at = header; *at != '\0';) {
        size_t length = strcspn(at, "\t");
        size_t used = 0;
        for (size_t i = 0; i < length && used + 1 < sizeof title; i++) {
            if (at[i] != ' ') {
                title[used++] = at[i] >= 'A' && at[i] <= 'Z' ? (char)(at[i] - 'A' + 'a') : at[i];
            }
        }
        title[used] = '\0';
        for (const unit *u = units; u->name != NULL; u++) {
            if (strncmp(title, u->column, strlen(u->column)) == 0 && strstr(title, u->name) != NULL) {
                return u->factor;
            }
        }
        at += length + (at[length] == '\t');
    }
    return fallback;
}

// --- network ---------------------------------------------------------------------------------------------------------

enum { NET_INIT = 0, NET_TERM, NET_CAPACITY, NET_LENGTH, NET_TIME, NET_B, NET_POWER, NET_SPEED, NET_TOLL, NET_COUNT };

static const char *const net_names[NET_COUNT] = {"init_node", "term_node", "capacity", "length", "free_flow_time",
                                                 "b",         "power",     "speed",    "toll"};

typedef struct net_read {
    const tntp_options *o;
    tntp_case *out;
    arena *a;
    double length_unit_m, time_unit_min, toll_factor, distance_factor;
    uint32_t zones, nodes, links;
    uint32_t changed;  // links made passable
    uint32_t fast;     // of them because of their speed
    uint32_t too_long;
} net_read;

static err_code read_net_head(net_read *r, tntp_scan *s) {
    tntp_head head;
    TRY(tntp_read_head(s, &head));
    TRY(tntp_head_count(s, &head, "NUMBER OF ZONES", 1, COUNT_MAX, &r->zones));
    TRY(tntp_head_count(s, &head, "NUMBER OF NODES", r->zones, COUNT_MAX, &r->nodes));
    TRY(tntp_head_count(s, &head, "FIRST THRU NODE", 1, COUNT_MAX, &r->out->first_thru));
    TRY(tntp_head_count(s, &head, "NUMBER OF LINKS", 1, COUNT_MAX, &r->links));
    double toll = 0, distance = 0;
    TRY(tntp_head_number(s, &head, "TOLL FACTOR", &toll));
    TRY(tntp_head_number(s, &head, "DISTANCE FACTOR", &distance));
    const char *titles = tntp_head_text(&head, "ORIGINAL HEADER");
    r->length_unit_m = r->o->length_unit_m > 0 ? r->o->length_unit_m : unit_of_header(titles, length_units, 1609.344);
    r->time_unit_min = r->o->time_unit_min > 0 ? r->o->time_unit_min : unit_of_header(titles, time_units, 1);
    r->toll_factor = r->o->toll_factor >= 0 ? r->o->toll_factor : toll;
    r->distance_factor = r->o->distance_factor >= 0 ? r->o->distance_factor : distance;
    return ERR_OK;
}

static err_code number_text(arena *a, uint32_t number, text *out) {
    char cell[16];
    snprintf(cell, sizeof cell, "%u", number);
    *out = arena_text(a, cell);
    return *out == NULL ? ERR_MEMORY : ERR_OK;
}

static err_code make_nodes(net_read *r) {
    tntp_case *c = r->out;
    TRY(network_alloc(&c->network, r->a, r->nodes, r->links));
    ARENA_NEW(r->a, c->node_zone_id, r->nodes);
    TRY(od_matrix_alloc(&c->trips, r->a, r->zones, r->nodes));
    for (uint32_t v = 0; v < r->nodes; v++) {
        TRY(number_text(r->a, v + 1, &c->network.node.id[v]));
        c->network.node.name[v] = "";
        c->node_zone_id[v] = v < r->zones ? c->network.node.id[v] : "";
        c->trips.node_zone_only[v] = v + 1 < c->first_thru;
    }
    for (uint32_t z = 0; z < r->zones; z++) {
        c->trips.zone_id[z] = c->network.node.id[z];
        c->trips.zone_node_ix[z] = z;
    }
    return ERR_OK;
}

static err_code check_row(const net_read *r, const tntp_scan *s, const double value[NET_COUNT]) {
    for (int i = NET_INIT; i <= NET_TERM; i++) {
        TRY(tntp_check_whole(s, net_names[i], value[i]));
        if (!(value[i] >= 1 && value[i] <= r->nodes)) {
            return tntp_fail(s, ERR_REFERENCE, "%s %.12g is no node: <NUMBER OF NODES> is %u", net_names[i], value[i],
                             r->nodes);
        }
    }
    if (value[NET_INIT] == value[NET_TERM]) {
        return tntp_fail(s, ERR_REFERENCE, "the link starts and ends at node %.0f", value[NET_INIT]);
    }
    if (!(value[NET_CAPACITY] > 0)) {
        return tntp_fail(s, ERR_RANGE, "capacity %.12g must be above 0", value[NET_CAPACITY]);
    }
    for (int i = NET_LENGTH; i < NET_COUNT; i++) {
        if (!(value[i] >= 0)) {
            return tntp_fail(s, ERR_RANGE, "%s %.12g must not be negative", net_names[i], value[i]);
        }
    }
    if (value[NET_POWER] > 0 && value[NET_POWER] < 1) {
        return tntp_fail(s, ERR_RANGE, "power %.12g must be 0 or at least 1: the delay would not be convex",
                         value[NET_POWER]);
    }
    return ERR_OK;
}

// What the queue model drives on.
static void fill_supply(net_read *r, uint32_t e, const double value[NET_COUNT]) {
    link_columns *t = &r->out->network.link;
    double length_m = value[NET_LENGTH] * r->length_unit_m, time_s = value[NET_TIME] * r->time_unit_min * 60;
    bool changed = length_m < length_min_m || length_m > length_max_m;
    r->too_long += length_m > length_max_m;
    length_m = length_m < length_min_m ? length_min_m : length_m > length_max_m ? length_max_m : length_m;
    double speed_mps = time_s > 0 ? length_m / time_s : value[NET_TIME] == 0 ? speed_max_mps : speed_default_mps;
    if (speed_mps > speed_max_mps) {
        speed_mps = speed_max_mps;
        changed = true;
        r->fast++;
    }
    double lanes = ceil(value[NET_CAPACITY] / lane_vph);
    lanes = lanes < 1 ? 1 : lanes > LANES_MAX ? LANES_MAX : lanes;
    t->length_m[e] = (float)length_m;
    t->free_speed_mps[e] = (float)speed_mps;
    t->capacity_vph[e] = (float)value[NET_CAPACITY];
    t->lanes[e] = (float)lanes;
    t->allowed[e] = ALLOW_CAR | ALLOW_LORRY;
    r->changed += changed;
}

static err_code read_net_row(net_read *r, tntp_scan *s, uint32_t e) {
    double value[NET_COUNT] = {0};
    TRY(tntp_read_row(s, net_names, NET_POWER + 1, NET_COUNT, value));
    TRY(check_row(r, s, value));
    link_columns *t = &r->out->network.link;
    volume_delay *v = &r->out->delay;
    TRY(number_text(r->a, e + 1, &t->id[e]));
    t->name[e] = t->geometry[e] = t->road_class[e] = "";
    t->from_ix[e] = (uint32_t)value[NET_INIT] - 1;
    t->to_ix[e] = (uint32_t)value[NET_TERM] - 1;
    fill_supply(r, e, value);
    v->free_min[e] = value[NET_TIME] * r->time_unit_min;
    v->alpha[e] = value[NET_B];
    v->power[e] = value[NET_POWER];
    v->capacity[e] = value[NET_CAPACITY];
    v->fixed_min[e] = (r->toll_factor * value[NET_TOLL] + r->distance_factor * value[NET_LENGTH]) * r->time_unit_min;
    return ERR_OK;
}

// network_build sorts the links: the delay functions follow by the number that is the link's id.
static err_code build_network(net_read *r) {
    tntp_case *c = r->out;
    volume_delay file = c->delay, sorted;
    err_code code = network_build(&c->network, r->a);
    TRY(code == ERR_OK ? network_validate(&c->network) : code);
    TRY(volume_delay_alloc(&sorted, r->a, r->links));
    for (uint32_t e = 0; e < r->links; e++) {
        uint32_t row = (uint32_t)strtoul(c->network.link.id[e], NULL, 10) - 1;
        sorted.free_min[e] = file.free_min[row];
        sorted.alpha[e] = file.alpha[row];
        sorted.power[e] = file.power[row];
        sorted.capacity[e] = file.capacity[row];
        sorted.fixed_min[e] = file.fixed_min[row];
    }
    c->delay = sorted;
    return ERR_OK;
}

static err_code read_net(net_read *r, const char *path) {
    tntp_scan s;
    TRY(tntp_open(&s, path, r->a));
    TRY(read_net_head(r, &s));
    TRY(make_nodes(r));
    TRY(volume_delay_alloc(&r->out->delay, r->a, r->links));
    uint32_t rows = 0;
    while (tntp_next_line(&s)) {
        if (rows == r->links) {
            return tntp_fail(&s, ERR_FORMAT, "a link more than <NUMBER OF LINKS>, %u", r->links);
        }
        TRY(read_net_row(r, &s, rows++));
    }
    if (rows < r->links) {
        return tntp_fail(&s, ERR_FORMAT, "the file ends after %u of %u links; is it complete?", rows, r->links);
    }
    TRY(build_network(r));
    if (r->changed > 0) {
        log_warn(
            "%s: for the queue model, %u links were made 1 m to 1000 km long and at most %.0f m/s fast (%u too long, "
            "%u too fast: are lengths or times in other units?); the delay functions are unchanged",
            path, r->changed, speed_max_mps, r->too_long, r->fast);
    }
    return ERR_OK;
}

// --- coordinates -----------------------------------------------------------------------------------------------------

static err_code read_node_row(net_read *r, tntp_scan *s, uint8_t *seen) {
    static const char *const names[3] = {"node", "X", "Y"};
    double value[3];
    TRY(tntp_read_row(s, names, 3, 3, value));
    TRY(tntp_check_whole(s, names[0], value[0]));
    if (!(value[0] >= 1 && value[0] <= r->nodes)) {
        return tntp_fail(s, ERR_REFERENCE, "node %.12g is not in the network of %u nodes", value[0], r->nodes);
    }
    uint32_t v = (uint32_t)value[0] - 1;
    if (seen[v] != 0) {
        return tntp_fail(s, ERR_REFERENCE, "node %u is given twice", v + 1);
    }
    seen[v] = 1;
    double unit_m = r->o->coordinate_unit_m > 0 ? r->o->coordinate_unit_m : 1;
    r->out->network.node.x_m[v] = value[1] * unit_m;
    r->out->network.node.y_m[v] = value[2] * unit_m;
    return ERR_OK;
}

static err_code read_nodes(net_read *r, const char *stem) {
    char path[PATH_BYTES + 16];
    struct stat about;
    snprintf(path, sizeof path, "%s_node.tntp", stem);
    if (stat(path, &about) != 0) {
        log_warn("%s: no such file; all nodes are put at 0, 0", path);
        return ERR_OK;
    }
    tntp_scan s;
    uint8_t *seen;
    TRY(tntp_open(&s, path, r->a));
    ARENA_NEW(r->a, seen, r->nodes);
    bool first = true;
    while (tntp_next_line(&s)) {
        if (!first || !tntp_has_letters(&s)) {  // the first line may be titles
            TRY(read_node_row(r, &s, seen));
        }
        first = false;
    }
    return ERR_OK;
}

err_code tntp_load(const char *path, const tntp_options *o, arena *a, tntp_case *out) {
    char net[PATH_BYTES], stem[PATH_BYTES], trips[PATH_BYTES + 16];
    *out = (tntp_case){0};
    net_read r = {.o = o, .out = out, .a = a};
    TRY(find_stem(path, net, stem));
    const char *slash = strrchr(stem, '/');
    out->name = arena_text(a, slash == NULL ? stem : slash + 1);
    if (out->name == NULL) {
        return ERR_MEMORY;
    }
    TRY(read_net(&r, net));
    TRY(read_nodes(&r, stem));
    snprintf(trips, sizeof trips, "%s_trips.tntp", stem);
    return tntp_read_trips(trips, a, &out->trips, &out->total_stated);
}
