#include "io/gmns.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/dmath.h"
#include "base/log.h"
#include "gmns_turn.h"
#include "io/project.h"
#include "wkt.h"

enum { PATH_BYTES = 4096, TOKEN_BYTES = 32 };
enum { OPEN_YEAR_MIN = 1900, OPEN_YEAR_MAX = 2200 };

#define LENGTH_MAX_M 1e6
#define GRADE_MAX_PCT 50.0
#define SPEED_MAX_MPS 100.0
#define CAPACITY_MAX_VPH 1e5  // a lane
#define LANES_MAX 50.0
#define TOLL_MAX_NOK 1e5
#define LOCAL_MAX_M 1e9  // coordinates of a plane
// A link may be drawn a little off; shorter than this against the straight line is worth a warning.
#define SHORT_LINK_FACTOR 0.95

// A name of a choice and what it stands for.
typedef struct choice_name {
    const char *name;
    uint32_t value;
} choice_name;

typedef struct unit_name {
    const char *name;
    double factor;  // to metres or metres a second
} unit_name;

static const unit_name length_units[] = {{"m", 1}, {"km", 1000}, {"mile", 1609.344}, {"foot", 0.3048}, {NULL, 0}};
static const unit_name speed_units[] = {{"kmh", 1 / 3.6}, {"kph", 1 / 3.6}, {"mph", 0.44704}, {"mps", 1}, {NULL, 0}};

static const choice_name uses[] = {{"auto", ALLOW_CAR},
                                   {"bus", ALLOW_BUS},
                                   {"truck", ALLOW_LORRY},
                                   {"bike", ALLOW_CYCLE},
                                   {"walk", ALLOW_WALK},
                                   {"all", ALLOW_CAR | ALLOW_BUS | ALLOW_LORRY | ALLOW_CYCLE | ALLOW_WALK},
                                   {NULL, 0}};

static const choice_name controls[] = {{"none", CONTROL_NONE},
                                       {"yield", CONTROL_YIELD},
                                       {"stop", CONTROL_STOP},
                                       {"4_stop", CONTROL_STOP},
                                       {"signal", CONTROL_SIGNAL},
                                       {"roundabout", CONTROL_ROUNDABOUT},
                                       {NULL, 0}};

static const choice_name facilities[] = {
    {"mixed_slow", CYCLE_MIXED_SLOW}, {"mixed_fast", CYCLE_MIXED_FAST}, {"lane", CYCLE_LANE},
    {"path_along", CYCLE_PATH_ALONG}, {"path_own", CYCLE_PATH_OWN},     {NULL, 0}};

static const choice_name truths[] = {{"1", 1}, {"0", 0}, {"true", 1}, {"false", 0}, {NULL, 0}};

typedef struct gmns_units {
    double short_m;
    double long_m;
    double speed_mps;
} gmns_units;

typedef struct link_table {
    const table *t;
    uint32_t id, name, from, to, directed, geometry, length, facility_type, capacity, free_speed, lanes, grade,
        allowed_uses, toll, cycle_facility, open_year;
} link_table;

typedef struct gmns {
    const char *folder;
    arena *a;
    network *n;
    gmns_units unit;
    bool local;  // crs local: coordinates are metres
    const char *node_file;
    idmap nodes;
    idmap links;  // external id -> row of link.csv
    uint32_t without_uses;
} gmns;

// --- small readers ------------------------------------------------------------------------------------------------

static void lower(const char *word, size_t length, char out[TOKEN_BYTES]) {
    size_t n = length < TOKEN_BYTES - 1 ? length : TOKEN_BYTES - 1;
    for (size_t i = 0; i < n; i++) {
        out[i] = word[i] >= 'A' && word[i] <= 'Z' ? (char)(word[i] - 'A' + 'a') : word[i];
    }
    out[n] = '\0';
}

static err_code fail_choice(const table *t, uint32_t row, uint32_t col, const char *token, const choice_name *choices) {
    char list[256] = "";
    for (const choice_name *c = choices; c->name != NULL; c++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "", c->name);
    }
    return table_fail(t, row, col, ERR_FORMAT, "unknown value '%.40s'; valid: %s", token, list);
}

// One of the choices, upper and lower case alike; fallback when the cell is empty.
static err_code read_choice(const table *t, uint32_t row, uint32_t col, const choice_name *choices, uint32_t fallback,
                            uint32_t *out) {
    const char *cell = table_text(t, row, col);
    *out = fallback;
    if (cell[0] == '\0') {
        return ERR_OK;
    }
    char token[TOKEN_BYTES];
    lower(cell, strlen(cell), token);
    for (const choice_name *c = choices; c->name != NULL; c++) {
        if (strcmp(c->name, token) == 0) {
            *out = c->value;
            return ERR_OK;
        }
    }
    return fail_choice(t, row, col, cell, choices);
}

static err_code load_file(gmns *g, const char *name, table **out) {
    char path[PATH_BYTES];
    int length = snprintf(path, sizeof path, "%s/%s", g->folder, name);
    CHECK(length > 0 && (size_t)length < sizeof path, ERR_FILE, "%.200s...: the path is too long", g->folder);
    return table_load(path, g->a, out);
}

// --- config.csv ---------------------------------------------------------------------------------------------------

static err_code read_unit(const table *t, const char *column_name, const unit_name *units, double *out) {
    uint32_t col;
    TRY(table_require(t, column_name, &col));
    const char *cell = table_text(t, 0, col);
    char token[TOKEN_BYTES], list[128] = "";
    lower(cell, strlen(cell), token);
    for (const unit_name *u = units; u->name != NULL; u++) {
        if (strcmp(u->name, token) == 0) {
            *out = u->factor;
            return ERR_OK;
        }
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "", u->name);
    }
    return table_fail(t, 0, col, ERR_FORMAT,
                      "'%.40s' is not a unit that is known; units are never guessed, write one of %s", cell, list);
}

static err_code read_config(gmns *g) {
    table *t;
    err_code code = load_file(g, "config.csv", &t);
    if (code == ERR_FILE) {
        return err_prefix(code, "the units and the coordinate system stand in config.csv and are never guessed");
    }
    TRY(code);
    CHECK(table_row_count(t) == 1, ERR_FORMAT, "%s:2: config.csv has one row of values, not %u", table_name(t),
          table_row_count(t));
    TRY(read_unit(t, "short_length", length_units, &g->unit.short_m));
    TRY(read_unit(t, "long_length", length_units, &g->unit.long_m));
    TRY(read_unit(t, "speed", speed_units, &g->unit.speed_mps));
    uint32_t crs;
    TRY(table_require(t, "crs", &crs));
    const char *name = table_text(t, 0, crs);
    g->local = strcmp(name, "local") == 0;
    if (!g->local && strcmp(name, "EPSG:4326") != 0 && strcmp(name, "epsg:4326") != 0 && strcmp(name, "4326") != 0) {
        return table_fail(t, 0, crs, ERR_FORMAT,
                          "'%.60s' is not read; convert the coordinates to longitude and latitude (EPSG:4326) "
                          "or to metres of a plane (local)",
                          name);
    }
    return ERR_OK;
}

// --- node.csv -----------------------------------------------------------------------------------------------------

static err_code project_nodes(const gmns *g, const table *t) {
    node_columns *node = &g->n->node;
    if (g->local) {
        return ERR_OK;  // read as metres
    }
    err_code code = project_to_utm32(node->lon, node->lat, node->count, node->x_m, node->y_m);
    if (code != ERR_RANGE) {
        return code;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        if (!isfinite(node->x_m[i]) || !isfinite(node->y_m[i])) {
            return table_fail(t, i, table_column(t, "x_coord"), ERR_RANGE, "node '%.60s': %s", node->id[i],
                              err_message());
        }
    }
    return code;
}

static err_code put_id(idmap *map, const table *t, uint32_t row, uint32_t col, const char *id, const char *what) {
    if (id[0] == '\0') {
        return table_fail(t, row, col, ERR_FORMAT, "is empty; every %s needs an id", what);
    }
    uint32_t earlier = idmap_put(map, id, row);
    if (earlier != IX_NONE) {
        return table_fail(t, row, col, ERR_REFERENCE, "the %s id '%.60s' is used twice, first on line %u", what, id,
                          table_line(t, earlier));
    }
    return ERR_OK;
}

static err_code read_node(gmns *g, const table *t, uint32_t row, const uint32_t col[6]) {
    node_columns *node = &g->n->node;
    node->id[row] = table_text(t, row, col[0]);
    TRY(put_id(&g->nodes, t, row, col[0], node->id[row], "node"));
    if (g->local) {
        TRY(table_f64(t, row, col[1], -LOCAL_MAX_M, LOCAL_MAX_M, &node->x_m[row]));
        TRY(table_f64(t, row, col[2], -LOCAL_MAX_M, LOCAL_MAX_M, &node->y_m[row]));
    } else {
        TRY(table_f64(t, row, col[1], -180, 180, &node->lon[row]));
        TRY(table_f64(t, row, col[2], -90, 90, &node->lat[row]));
    }
    node->name[row] = table_text(t, row, col[3]);
    double z = 0;
    TRY(table_f64_or(t, row, col[4], -1e5, 1e5, 0, &z));
    node->z_m[row] = (float)(z * g->unit.short_m);
    uint32_t control = 0;
    TRY(read_choice(t, row, col[5], controls, CONTROL_NONE, &control));
    node->control[row] = (uint8_t)control;
    return ERR_OK;
}

static err_code read_nodes(gmns *g, const table *t) {
    uint32_t col[6];
    TRY(table_require(t, "node_id", &col[0]));
    TRY(table_require(t, "x_coord", &col[1]));
    TRY(table_require(t, "y_coord", &col[2]));
    col[3] = table_column(t, "name");
    col[4] = table_column(t, "z_coord");
    col[5] = table_column(t, "ctrl_type");
    TRY(idmap_init(&g->nodes, g->a, table_row_count(t)));
    for (uint32_t row = 0; row < table_row_count(t); row++) {
        TRY(read_node(g, t, row, col));
    }
    return ERR_OK;
}

// --- link.csv -----------------------------------------------------------------------------------------------------

static err_code find_link_columns(const table *t, link_table *l) {
    *l = (link_table){.t = t};
    TRY(table_require(t, "link_id", &l->id));
    TRY(table_require(t, "from_node_id", &l->from));
    TRY(table_require(t, "to_node_id", &l->to));
    TRY(table_require(t, "directed", &l->directed));
    TRY(table_require(t, "length", &l->length));
    l->name = table_column(t, "name");
    l->geometry = table_column(t, "geometry");
    l->facility_type = table_column(t, "facility_type");
    l->capacity = table_column(t, "capacity");
    l->free_speed = table_column(t, "free_speed");
    l->lanes = table_column(t, "lanes");
    l->grade = table_column(t, "grade");
    l->allowed_uses = table_column(t, "allowed_uses");
    l->toll = table_column(t, "toll");
    l->cycle_facility = table_column(t, "cycle_facility");
    l->open_year = table_column(t, "open_year");
    return ERR_OK;
}

static err_code read_directed(const link_table *l, uint32_t row, bool *out) {
    uint32_t value = 0;
    TRY(read_choice(l->t, row, l->directed, truths, IX_NONE, &value));
    if (value == IX_NONE) {
        return table_fail(l->t, row, l->directed, ERR_FORMAT, "is empty; write 1 (one way) or 0 (both ways)");
    }
    *out = value != 0;
    return ERR_OK;
}

static err_code read_end(const gmns *g, const link_table *l, uint32_t row, uint32_t col, uint32_t *out) {
    const char *id = table_text(l->t, row, col);
    *out = idmap_find(&g->nodes, id);
    if (*out == IX_NONE) {
        return table_fail(l->t, row, col, ERR_REFERENCE, "there is no node '%.60s' in %s", id, g->node_file);
    }
    return ERR_OK;
}

// A list of uses with commas, semicolons or blanks between.
static err_code read_uses(gmns *g, const link_table *l, uint32_t row, uint8_t *out) {
    const char *cell = table_text(l->t, row, l->allowed_uses);
    uint32_t allowed = 0;
    while (*(cell += strspn(cell, ",; ")) != '\0') {
        size_t length = strcspn(cell, ",; ");
        char token[TOKEN_BYTES];
        lower(cell, length, token);
        const choice_name *use = uses;
        while (use->name != NULL && strcmp(use->name, token) != 0) {
            use++;
        }
        if (use->name == NULL || length >= TOKEN_BYTES) {
            return fail_choice(l->t, row, l->allowed_uses, token, uses);
        }
        allowed |= use->value;
        cell += length;
    }
    if (allowed == 0) {
        g->without_uses++;
        allowed = ALLOW_CAR | ALLOW_BUS | ALLOW_LORRY | ALLOW_CYCLE | ALLOW_WALK;
    }
    *out = (uint8_t)allowed;
    return ERR_OK;
}

// A positive value in units of factor, at most max once converted. Empty is an error where cars drive, otherwise 0.
static err_code read_positive(const link_table *l, uint32_t row, uint32_t col, const char *what, bool needed,
                              double factor, double max, double *out) {
    *out = 0;
    if (table_is_empty(l->t, row, col)) {
        return !needed ? ERR_OK
                       : table_fail(l->t, row, col, ERR_FORMAT,
                                    "link '%.60s' has no %s; it is needed where cars or lorries are allowed",
                                    table_text(l->t, row, l->id), what);
    }
    double value = 0;
    TRY(table_f64(l->t, row, col, -HUGE_VAL, HUGE_VAL, &value));
    if (!(value * factor <= max) || value < 0 || (value == 0 && needed)) {
        return table_fail(l->t, row, col, ERR_RANGE, "%s %.12g of link '%.60s' must be above 0 and at most %.6g", what,
                          value, table_text(l->t, row, l->id), max / factor);
    }
    *out = value * factor;
    return ERR_OK;
}

// Length, and what cars need.
static err_code read_supply(const gmns *g, const link_table *l, uint32_t row, uint32_t ix) {
    link_columns *link = &g->n->link;
    bool cars = (link->allowed[ix] & (ALLOW_CAR | ALLOW_LORRY)) != 0;
    double length_m = 0, capacity = 0, speed = 0, lanes = 0;
    TRY(read_positive(l, row, l->length, "length", true, g->unit.long_m, LENGTH_MAX_M, &length_m));
    TRY(read_positive(l, row, l->capacity, "capacity", cars, 1, CAPACITY_MAX_VPH, &capacity));
    TRY(read_positive(l, row, l->free_speed, "free_speed", cars, g->unit.speed_mps, SPEED_MAX_MPS, &speed));
    TRY(read_positive(l, row, l->lanes, "lanes", cars, 1, LANES_MAX, &lanes));
    link->length_m[ix] = (float)length_m;
    link->capacity_vph[ix] = (float)(capacity * lanes);
    link->free_speed_mps[ix] = (float)speed;
    link->lanes[ix] = (float)lanes;
    if (!(link->length_m[ix] > 0) || (cars && !(link->capacity_vph[ix] > 0 && link->free_speed_mps[ix] > 0))) {
        return table_fail(l->t, row, IX_NONE, ERR_RANGE, "length, capacity or free_speed of link '%.60s' is too near 0",
                          link->id[ix]);
    }
    return ERR_OK;
}

static err_code read_extras(const gmns *g, const link_table *l, uint32_t row, uint32_t ix) {
    link_columns *link = &g->n->link;
    double grade = 0, toll = 0;
    uint32_t facility = 0;
    int64_t open_year = 0;
    TRY(table_f64_or(l->t, row, l->grade, -GRADE_MAX_PCT, GRADE_MAX_PCT, 0, &grade));
    TRY(table_f64_or(l->t, row, l->toll, 0, TOLL_MAX_NOK, 0, &toll));
    TRY(read_choice(l->t, row, l->cycle_facility, facilities, CYCLE_MIXED_SLOW, &facility));
    TRY(table_i64_or(l->t, row, l->open_year, 0, OPEN_YEAR_MAX, 0, &open_year));
    if (open_year != 0 && open_year < OPEN_YEAR_MIN) {
        return table_fail(l->t, row, l->open_year, ERR_RANGE, "%d is not a year; leave the cell empty for today",
                          (int)open_year);
    }
    link->grade_pct[ix] = (float)grade;
    link->toll_nok[ix] = (float)toll;
    link->cycle_facility[ix] = (uint8_t)facility;
    link->open_year[ix] = (uint16_t)open_year;
    return ERR_OK;
}

// The geometry must be readable; the second of two links gets it the other way round.
static err_code read_geometry(const gmns *g, const link_table *l, uint32_t row, const char **reversed) {
    const char *cell = table_text(l->t, row, l->geometry);
    *reversed = "";
    if (cell[0] == '\0' || g->local) {
        return ERR_OK;  // geometry of a plane is kept as it is
    }
    wkt_line line = {0};
    err_code code = wkt_parse_linestring(cell, g->a, &line);
    if (code == ERR_MEMORY) {
        return code;
    }
    if (code != ERR_OK) {
        return table_fail(l->t, row, l->geometry, code, "is not a WKT LINESTRING: %s", err_message());
    }
    *reversed = wkt_reversed(&line, g->a);
    return *reversed == NULL ? ERR_MEMORY : ERR_OK;
}

static err_code add_opposite(gmns *g, const link_table *l, uint32_t row, uint32_t ix, const char *geometry) {
    link_columns *link = &g->n->link;
    size_t length = strlen(link->id[ix]);
    char *id;
    ARENA_NEW(g->a, id, length + 3);
    snprintf(id, length + 3, "%s-r", link->id[ix]);
    TRY(put_id(&g->links, l->t, row, l->id, id, "link"));
    uint32_t to = ix + 1;
    link->id[to] = id;
    link->name[to] = link->name[ix];
    link->geometry[to] = geometry;
    link->road_class[to] = link->road_class[ix];
    link->from_ix[to] = link->to_ix[ix];
    link->to_ix[to] = link->from_ix[ix];
    link->length_m[to] = link->length_m[ix];
    link->free_speed_mps[to] = link->free_speed_mps[ix];
    link->capacity_vph[to] = link->capacity_vph[ix];
    link->lanes[to] = link->lanes[ix];
    link->grade_pct[to] = 0.0F - link->grade_pct[ix];
    link->toll_nok[to] = link->toll_nok[ix];
    link->allowed[to] = link->allowed[ix];
    link->cycle_facility[to] = link->cycle_facility[ix];
    link->open_year[to] = link->open_year[ix];
    return ERR_OK;
}

// Fills link ix, and ix + 1 when the row stands for both directions; adds how many to *ix.
static err_code read_link(gmns *g, const link_table *l, uint32_t row, uint32_t *ix) {
    link_columns *link = &g->n->link;
    uint32_t i = *ix;
    link->id[i] = table_text(l->t, row, l->id);
    TRY(put_id(&g->links, l->t, row, l->id, link->id[i], "link"));
    TRY(read_end(g, l, row, l->from, &link->from_ix[i]));
    TRY(read_end(g, l, row, l->to, &link->to_ix[i]));
    if (link->from_ix[i] == link->to_ix[i]) {
        return table_fail(l->t, row, l->to, ERR_REFERENCE,
                          "link '%.60s' starts and ends at node '%.60s'; split the loop by a node in between",
                          link->id[i], table_text(l->t, row, l->to));
    }
    link->name[i] = table_text(l->t, row, l->name);
    link->geometry[i] = table_text(l->t, row, l->geometry);
    link->road_class[i] = table_text(l->t, row, l->facility_type);
    TRY(read_uses(g, l, row, &link->allowed[i]));
    TRY(read_supply(g, l, row, i));
    TRY(read_extras(g, l, row, i));
    const char *reversed = NULL;
    TRY(read_geometry(g, l, row, &reversed));
    bool directed = true;
    TRY(read_directed(l, row, &directed));
    if (!directed) {
        TRY(add_opposite(g, l, row, i, reversed));
    }
    *ix += directed ? 1 : 2;
    return ERR_OK;
}

static err_code count_links(const link_table *l, uint32_t *out) {
    uint32_t count = 0;
    for (uint32_t row = 0; row < table_row_count(l->t); row++) {
        bool directed = true;
        TRY(read_directed(l, row, &directed));
        count += directed ? 1 : 2;
    }
    *out = count;
    return ERR_OK;
}

static void warn_questionable(const gmns *g, const char *link_file) {
    const link_columns *link = &g->n->link;
    uint32_t short_count = 0, first = IX_NONE;
    for (uint32_t i = 0; i < link->count; i++) {
        double dx = g->n->node.x_m[link->to_ix[i]] - g->n->node.x_m[link->from_ix[i]];
        double dy = g->n->node.y_m[link->to_ix[i]] - g->n->node.y_m[link->from_ix[i]];
        if ((double)link->length_m[i] < SHORT_LINK_FACTOR * dmath_sqrt(dx * dx + dy * dy)) {
            short_count++;
            first = first == IX_NONE ? i : first;
        }
    }
    if (short_count > 0) {
        log_warn(
            "%s: %u of %u links are shorter than the straight line between their nodes, the first '%s'; check lengths "
            "and units",
            link_file, short_count, link->count, link->id[first]);
    }
    if (g->without_uses > 0) {
        log_warn("%s: %u links have no allowed_uses; everybody may use them", link_file, g->without_uses);
    }
}

static err_code load_tables(gmns *g) {
    TRY(read_config(g));
    table *nodes, *links;
    TRY(load_file(g, "node.csv", &nodes));
    TRY(load_file(g, "link.csv", &links));
    CHECK(table_row_count(nodes) > 0, ERR_FORMAT, "%s:2: there are no nodes", table_name(nodes));
    CHECK(table_row_count(links) > 0, ERR_FORMAT, "%s:2: there are no links", table_name(links));
    CHECK(table_row_count(links) < IX_NONE / 8, ERR_RANGE, "%s: too many links", table_name(links));
    g->node_file = table_name(nodes);
    link_table l;
    uint32_t link_count = 0;
    TRY(find_link_columns(links, &l));
    TRY(count_links(&l, &link_count));
    TRY(network_alloc(g->n, g->a, table_row_count(nodes), link_count));
    TRY(read_nodes(g, nodes));
    TRY(idmap_init(&g->links, g->a, link_count));
    uint32_t ix = 0;
    for (uint32_t row = 0; row < table_row_count(links); row++) {
        TRY(read_link(g, &l, row, &ix));
    }
    TRY(project_nodes(g, nodes));
    warn_questionable(g, table_name(links));
    err_code code = network_build(g->n, g->a);
    code = code == ERR_OK ? network_validate(g->n) : code;
    return code == ERR_OK ? gmns_turn_load(g->folder, g->a, g->n) : err_prefix(code, "%s", table_name(links));
}

err_code gmns_load(const char *folder, arena *a, network *out) {
    *out = (network){0};
    gmns g = {.folder = folder, .a = a, .n = out};
    return load_tables(&g);
}
