// MATSim networks, versions 1 and 2, into the columns of world/network.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "io/matsim.h"
#include "xml_stream.h"

#define COORDINATE_MAX_M 1e9
#define LENGTH_MIN_M 0.1
#define LENGTH_MAX_M 1e6
#define SPEED_MAX_MPS 100.0
#define CAPACITY_MIN_VPH 1.0
#define CAPACITY_MAX_VPH 1e5  // a lane
#define LANES_MAX 50.0
#define CELL_SIZE_M 7.5  // MATSim's default

typedef struct node_row {
    const char *id;
    double x_m, y_m, z_m;
} node_row;

typedef struct link_row {
    const char *id;
    const char *road_class;
    uint32_t from_ix, to_ix;
    double length_m, free_speed_mps, capacity_vph, lanes;
    uint8_t allowed;
} link_row;

typedef struct reader {
    arena *a;
    matsim_network_info *info;
    node_row *node;
    size_t node_count, node_capacity;
    link_row *link;
    size_t link_count, link_capacity;
    idmap node_map;
    bool in_network, in_links;
    double period_s;
    uint32_t first_repaired;  // line
    size_t loop_capacity;
} reader;

typedef struct mode_use {
    const char *mode;
    uint8_t allowed;
} mode_use;

static const mode_use uses[] = {
    {"car", ALLOW_CAR | ALLOW_LORRY},
    {"truck", ALLOW_LORRY},
    {"freight", ALLOW_LORRY},
    {"lorry", ALLOW_LORRY},
    {"hgv", ALLOW_LORRY},
    {"bus", ALLOW_BUS},
    {"pt", ALLOW_BUS},
    {"bike", ALLOW_CYCLE},
    {"bicycle", ALLOW_CYCLE},
    {"walk", ALLOW_WALK},
    {NULL, 0},
};

// Modes that none of our users has (train, ferry, artificial links of stops) leave the link to buses: closed to cars.
static uint8_t read_modes(const char *modes) {
    uint8_t allowed = 0;
    while (*(modes += strspn(modes, ", \t\n")) != '\0') {
        size_t length = strcspn(modes, ", \t\n");
        for (const mode_use *use = uses; use->mode != NULL; use++) {
            if (strlen(use->mode) == length && memcmp(use->mode, modes, length) == 0) {
                allowed |= use->allowed;
            }
        }
        modes += length;
    }
    return allowed != 0 ? allowed : ALLOW_BUS;
}

static err_code read_node(reader *r, const xml_stream *x, const char *const *attribute) {
    const char *id, *present;
    node_row row = {0};
    if (r->in_links) {
        return xml_stream_fail(x, ERR_FORMAT, "a node after the links; put all nodes first");
    }
    TRY(xml_stream_text(x, attribute, "id", &id));
    TRY(xml_stream_text(x, attribute, "x", &present));
    TRY(xml_stream_text(x, attribute, "y", &present));
    TRY(xml_stream_number(x, attribute, "x", -COORDINATE_MAX_M, COORDINATE_MAX_M, &row.x_m));
    TRY(xml_stream_number(x, attribute, "y", -COORDINATE_MAX_M, COORDINATE_MAX_M, &row.y_m));
    TRY(xml_stream_number(x, attribute, "z", -COORDINATE_MAX_M, COORDINATE_MAX_M, &row.z_m));
    row.id = arena_text(r->a, id);
    if (row.id == NULL) {
        return ERR_MEMORY;
    }
    XML_STREAM_RESERVE(r->node, r->node_capacity, r->node_count, 1);
    r->node[r->node_count++] = row;
    return ERR_OK;
}

static err_code begin_links(reader *r, const xml_stream *x, const char *const *attribute) {
    if (r->in_links) {
        return xml_stream_fail(x, ERR_FORMAT, "a second list of links; put all links into one");
    }
    r->in_links = true;
    uint32_t period_s;
    TRY(xml_stream_time(x, attribute, "capperiod", &period_s));
    r->period_s = period_s == IX_NONE ? 3600 : period_s;
    if (!(r->period_s > 0)) {
        return xml_stream_fail(x, ERR_RANGE, "capperiod must be above 0");
    }
    r->info->cell_size_m = CELL_SIZE_M;
    double lane_width_m = 0;  // not used by the queue model; only checked
    TRY(xml_stream_number(x, attribute, "effectivecellsize", 1, 100, &r->info->cell_size_m));
    TRY(xml_stream_number(x, attribute, "effectivelanewidth", 0, 100, &lane_width_m));
    CHECK(r->node_count < UINT32_C(1) << 30, ERR_RANGE, "%s: too many nodes", xml_stream_path(x));
    TRY(idmap_init(&r->node_map, r->a, (uint32_t)r->node_count));
    for (uint32_t i = 0; i < r->node_count; i++) {
        if (idmap_put(&r->node_map, r->node[i].id, i) != IX_NONE) {
            return err_raise(ERR_REFERENCE, "%s:%u: the node id '%.60s' is used twice in the nodes before this line",
                             xml_stream_path(x), xml_stream_line(x), r->node[i].id);
        }
    }
    return ERR_OK;
}

static err_code read_end(const reader *r, const xml_stream *x, const char *const *attribute, const char *name,
                         uint32_t *out) {
    const char *id;
    TRY(xml_stream_text(x, attribute, name, &id));
    *out = idmap_find(&r->node_map, id);
    if (*out == IX_NONE) {
        return xml_stream_fail(x, ERR_REFERENCE, "there is no node '%.60s'", id);
    }
    return ERR_OK;
}

static bool raise_to(double *value, double low, double high) {
    double given = *value;
    *value = given < low ? low : given > high ? high : given;
    return *value != given;
}

// What cars need, within what can be simulated.
static err_code read_supply(reader *r, const xml_stream *x, const char *const *attribute, link_row *row) {
    const char *present;
    double capacity = 0;
    row->lanes = 1;
    TRY(xml_stream_text(x, attribute, "length", &present));
    TRY(xml_stream_text(x, attribute, "freespeed", &present));
    TRY(xml_stream_text(x, attribute, "capacity", &present));
    TRY(xml_stream_number(x, attribute, "length", 0, LENGTH_MAX_M, &row->length_m));
    TRY(xml_stream_number(x, attribute, "freespeed", 0, HUGE_VAL, &row->free_speed_mps));
    TRY(xml_stream_number(x, attribute, "capacity", 0, HUGE_VAL, &capacity));
    TRY(xml_stream_number(x, attribute, "permlanes", 0, HUGE_VAL, &row->lanes));
    row->capacity_vph = capacity * 3600 / r->period_s;
    bool cars = (row->allowed & (ALLOW_CAR | ALLOW_LORRY)) != 0;
    if (cars && !(row->free_speed_mps >= 1e-3)) {
        return xml_stream_fail(x, ERR_RANGE, "link '%.60s': freespeed must be above 0 where cars drive", row->id);
    }
    bool repaired = raise_to(&row->lanes, row->lanes > 0 ? 0.1 : 1, LANES_MAX);
    repaired |= raise_to(&row->length_m, LENGTH_MIN_M, LENGTH_MAX_M);
    repaired |= raise_to(&row->free_speed_mps, 0, SPEED_MAX_MPS);
    repaired |= raise_to(&row->capacity_vph, cars ? CAPACITY_MIN_VPH : 0, CAPACITY_MAX_VPH * row->lanes);
    if (repaired && r->info->repaired++ == 0) {
        r->first_repaired = xml_stream_line(x);
    }
    return ERR_OK;
}

static err_code add_link(reader *r, const link_row *row) {
    XML_STREAM_RESERVE(r->link, r->link_capacity, r->link_count, 1);
    r->link[r->link_count++] = *row;
    return ERR_OK;
}

static err_code add_opposite(reader *r, const link_row *row) {
    link_row back = *row;
    size_t length = strlen(row->id);
    char *id;
    ARENA_NEW(r->a, id, length + 3);
    snprintf(id, length + 3, "%s-r", row->id);
    back.id = id;
    back.from_ix = row->to_ix;
    back.to_ix = row->from_ix;
    return add_link(r, &back);
}

static err_code read_link(reader *r, const xml_stream *x, const char *const *attribute) {
    const char *id;
    link_row row = {0};
    TRY(xml_stream_text(x, attribute, "id", &id));
    TRY(read_end(r, x, attribute, "from", &row.from_ix));
    TRY(read_end(r, x, attribute, "to", &row.to_ix));
    const char *modes = xml_stream_value(attribute, "modes");
    const char *type = xml_stream_value(attribute, "type");
    const char *oneway = xml_stream_value(attribute, "oneway");
    row.allowed = read_modes(modes != NULL ? modes : "car");
    row.id = arena_text(r->a, id);
    row.road_class = arena_text(r->a, type != NULL ? type : "");
    if (row.id == NULL || row.road_class == NULL) {
        return ERR_MEMORY;
    }
    r->info->links_in_file++;
    TRY(read_supply(r, x, attribute, &row));
    if (row.from_ix == row.to_ix) {
        XML_STREAM_RESERVE(r->info->loop, r->loop_capacity, r->info->loops, 1);
        r->info->loop[r->info->loops++] = row.id;
        return ERR_OK;
    }
    TRY(add_link(r, &row));
    bool both = oneway != NULL && (strcmp(oneway, "0") == 0 || strcmp(oneway, "false") == 0);
    return both ? add_opposite(r, &row) : ERR_OK;
}

static err_code on_start(xml_stream *x, void *ctx, const char *name, const char *const *attribute) {
    reader *r = ctx;
    if (!r->in_network) {
        if (strcmp(name, "network") != 0) {
            return xml_stream_fail(x, ERR_FORMAT, "this is not a MATSim network: it starts with <%.60s>", name);
        }
        r->in_network = true;
    } else if (strcmp(name, "node") == 0) {
        return read_node(r, x, attribute);
    } else if (strcmp(name, "links") == 0) {
        return begin_links(r, x, attribute);
    } else if (strcmp(name, "link") == 0) {
        return r->in_links ? read_link(r, x, attribute)
                           : xml_stream_fail(x, ERR_FORMAT, "a link outside the list of links");
    }
    return ERR_OK;
}

static err_code on_end(xml_stream *x, void *ctx, const char *name) {
    (void)x;
    (void)ctx;
    (void)name;
    return ERR_OK;
}

// ------------------------------------------------------------------------------------------------ result

static void fill_nodes(const reader *r, network *n) {
    for (uint32_t i = 0; i < n->node.count; i++) {
        n->node.id[i] = r->node[i].id;
        n->node.name[i] = "";
        n->node.x_m[i] = r->node[i].x_m;
        n->node.y_m[i] = r->node[i].y_m;
        n->node.z_m[i] = (float)r->node[i].z_m;
    }
}

static void fill_links(const reader *r, network *n) {
    link_columns *t = &n->link;
    for (uint32_t i = 0; i < t->count; i++) {
        const link_row *row = &r->link[i];
        t->id[i] = row->id;
        t->name[i] = "";
        t->geometry[i] = "";
        t->road_class[i] = row->road_class;
        t->from_ix[i] = row->from_ix;
        t->to_ix[i] = row->to_ix;
        t->length_m[i] = (float)row->length_m;
        t->free_speed_mps[i] = (float)row->free_speed_mps;
        t->capacity_vph[i] = (float)row->capacity_vph;
        t->lanes[i] = (float)row->lanes;
        t->allowed[i] = row->allowed;
    }
}

static err_code finish(const reader *r, const char *path, arena *a, network *out) {
    CHECK(r->node_count > 0 && r->link_count > 0, ERR_FORMAT, "%s: the network has %u nodes and %u links", path,
          (unsigned)r->node_count, (unsigned)r->link_count);
    TRY(network_alloc(out, a, (uint32_t)r->node_count, (uint32_t)r->link_count));
    fill_nodes(r, out);
    fill_links(r, out);
    err_code code = network_build(out, a);
    code = code == ERR_OK ? network_validate(out) : code;
    if (code != ERR_OK) {
        return err_prefix(code, "%s", path);
    }
    if (r->info->loops > 0) {
        log_warn("%s: %u links start and end at the same node; they are left out", path, r->info->loops);
    }
    if (r->info->repaired > 0) {
        log_warn(
            "%s: %u links have a length, capacity, speed or number of lanes that cannot be simulated (0 or very "
            "large), the first on line %u; the nearest possible value is used",
            path, r->info->repaired, r->first_repaired);
    }
    return ERR_OK;
}

err_code matsim_load_network(const char *path, arena *a, network *out, matsim_network_info *info) {
    static const xml_handlers handlers = {.start = on_start, .end = on_end};
    *out = (network){0};
    *info = (matsim_network_info){.cell_size_m = CELL_SIZE_M};
    reader r = {.a = a, .info = info};
    err_code code = xml_stream_parse(path, &handlers, &r);
    if (code == ERR_OK) {
        code = finish(&r, path, a, out);
    }
    const char **loop = info->loop;
    info->loop = code == ERR_OK ? arena_alloc(a, info->loops, sizeof *loop) : NULL;
    if (info->loop != NULL && info->loops > 0) {
        memcpy(info->loop, loop, info->loops * sizeof *loop);
    } else if (code == ERR_OK && info->loop == NULL) {
        code = ERR_MEMORY;
    }
    mem_free(loop);
    mem_free(r.node);
    mem_free(r.link);
    return code;
}
