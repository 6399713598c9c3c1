// Links of a results file as rows: fixed columns of the network, and traffic by period of the day for one year.
#include <math.h>
#include <string.h>

#include "export_internal.h"
#include "wkt.h"
#include "world/mode.h"
#include "world/network.h"

enum { PERIODS = 6, BINS_AN_HOUR = 12, FIXED_MAX = 20, CLASSES_MAX = 8, NAME_BYTES = 48, DOC_BYTES = 128 };

// Parts of the day as planners' tables have them; the limits are a convention of this program (assumption).
static const struct {
    const char *name;
    uint32_t from_h, to_h;
} periods[PERIODS] = {{"day", 0, 24},    {"night", 0, 6}, {"am", 6, 9},
                      {"midday", 9, 15}, {"pm", 15, 18},  {"evening", 18, 24}};

static err_code mismatch(const store_view *v, const char *name) {
    return err_raise(ERR_FORMAT, "%s: %s does not fit the rest of its table; run the scenario again",
                     store_view_path(v), name);
}

// --- columns of the network -------------------------------------------------------------------------------------

static export_column *add(export_links *l, const char *name, const char *unit, const char *doc) {
    export_column *c = &l->column[l->column_count++];
    *c = (export_column){.name = name, .unit = unit, .doc = doc};
    return c;
}

static err_code add_words(export_links *l, const char *name, const char *dataset, const char *doc, arena *a) {
    export_column *c = add(l, name, "", doc);
    uint32_t rows;
    TRY(store_view_texts(l->v, dataset, a, &rows, &c->words));
    return rows == l->count ? ERR_OK : mismatch(l->v, dataset);
}

static err_code read_numbers(const export_links *l, const char *dataset, arena *a, double **out) {
    store_shape shape;
    TRY(store_view_numbers(l->v, dataset, 1, a, &shape, out));
    return shape.count == l->count ? ERR_OK : mismatch(l->v, dataset);
}

static err_code add_numbers(export_links *l, const char *name, const char *dataset, const char *unit, const char *doc,
                            double factor, arena *a) {
    export_column *c = add(l, name, unit, doc);
    TRY(read_numbers(l, dataset, a, &c->number));
    c->whole = strcmp(unit, "1") == 0 && strcmp(name, "lanes") != 0;
    for (uint32_t i = 0; i < l->count; i++) {
        c->number[i] *= factor;
    }
    return ERR_OK;
}

// "auto,bike,walk" as in GMNS.
static err_code add_users(export_links *l, arena *a) {
    static const struct {
        int bit;
        const char *name;
    } user[] = {
        {ALLOW_CAR, "auto"}, {ALLOW_BUS, "bus"}, {ALLOW_LORRY, "truck"}, {ALLOW_CYCLE, "bike"}, {ALLOW_WALK, "walk"}};
    export_column *c = add(l, "allowed_uses", "", "who may use the link, as in GMNS");
    double *allowed;
    TRY(read_numbers(l, "/network/links/allowed", a, &allowed));
    ARENA_NEW(a, c->words, l->count);
    for (uint32_t i = 0; i < l->count; i++) {
        char names[64] = "";
        for (size_t u = 0; u < sizeof user / sizeof user[0]; u++) {
            if (allowed[i] >= 0 && allowed[i] < 256 && ((int)allowed[i] & user[u].bit) != 0) {
                strcat(names, names[0] == '\0' ? "" : ",");
                strcat(names, user[u].name);
            }
        }
        c->words[i] = arena_text(a, names);
        CHECK(c->words[i] != NULL, ERR_MEMORY, "out of memory");
    }
    return ERR_OK;
}

static err_code add_facility(export_links *l, arena *a) {
    export_column *c = add(l, "cycle_facility", "", "what cyclists ride on");
    double *facility;
    TRY(read_numbers(l, "/network/links/cycle_facility", a, &facility));
    ARENA_NEW(a, c->words, l->count);
    for (uint32_t i = 0; i < l->count; i++) {
        bool known = facility[i] >= 0 && facility[i] < CYCLE_FACILITY_COUNT;
        c->words[i] = known ? network_cycle_facility_name((cycle_facility)facility[i]) : "";
    }
    return ERR_OK;
}

// External ids of the nodes at one end.
static err_code add_end(export_links *l, const char *name, const char *doc, const double *node_ix, uint32_t nodes,
                        const char **node_id, arena *a) {
    export_column *c = add(l, name, "", doc);
    ARENA_NEW(a, c->words, l->count);
    for (uint32_t i = 0; i < l->count; i++) {
        if (!(node_ix[i] >= 0 && node_ix[i] < nodes)) {
            return mismatch(l->v, "/network/links");
        }
        c->words[i] = node_id[(uint32_t)node_ix[i]];
    }
    return ERR_OK;
}

// --- shape ------------------------------------------------------------------------------------------------------

typedef struct node_places {
    uint32_t count;
    double *x, *y;  // longitude and latitude, or metres
    const char **id;
} node_places;

static err_code read_nodes(export_links *l, arena *a, node_places *n) {
    store_shape shape, other;
    TRY(store_view_texts(l->v, "/network/nodes/node", a, &n->count, &n->id));
    TRY(store_view_numbers(l->v, "/network/nodes/lon", 1, a, &shape, &n->x));
    TRY(store_view_numbers(l->v, "/network/nodes/lat", 1, a, &other, &n->y));
    if (shape.count != n->count || other.count != n->count) {
        return mismatch(l->v, "/network/nodes");
    }
    l->local = true;
    for (uint32_t i = 0; i < n->count; i++) {
        l->local = l->local && n->x[i] == 0 && n->y[i] == 0;
    }
    if (l->local) {
        TRY(store_view_numbers(l->v, "/network/nodes/x_m", 1, a, &shape, &n->x));
        TRY(store_view_numbers(l->v, "/network/nodes/y_m", 1, a, &other, &n->y));
    }
    return shape.count == n->count && other.count == n->count ? ERR_OK : mismatch(l->v, "/network/nodes");
}

static err_code read_shapes(export_links *l, const node_places *n, const double *from, const double *to, arena *a) {
    const char **geometry;
    wkt_line *line;
    uint32_t rows;
    size_t points = 0;
    TRY(store_view_texts(l->v, "/network/links/geometry", a, &rows, &geometry));
    if (rows != l->count) {
        return mismatch(l->v, "/network/links/geometry");
    }
    ARENA_NEW(a, line, l->count);
    ARENA_NEW(a, l->point_first, (size_t)l->count + 1);
    for (uint32_t i = 0; i < l->count; i++) {
        bool drawn = !l->local && geometry[i][0] != '\0' && wkt_parse_linestring(geometry[i], a, &line[i]) == ERR_OK;
        line[i].count = drawn && line[i].count >= 2 ? line[i].count : 0;
        points += line[i].count == 0 ? 2 : line[i].count;
        CHECK(points < UINT32_MAX, ERR_RANGE, "%s: the network has too many points", store_view_path(l->v));
        l->point_first[i + 1] = (uint32_t)points;
    }
    ARENA_NEW(a, l->xy, points * 2);
    for (uint32_t i = 0; i < l->count; i++) {
        double *xy = l->xy + 2 * (size_t)l->point_first[i];
        const uint32_t end[2] = {(uint32_t)from[i], (uint32_t)to[i]};
        for (uint32_t k = 0; k < l->point_first[i + 1] - l->point_first[i]; k++) {
            xy[2 * k] = line[i].count == 0 ? n->x[end[k]] : line[i].lon[k];
            xy[2 * k + 1] = line[i].count == 0 ? n->y[end[k]] : line[i].lat[k];
        }
    }
    return ERR_OK;
}

static err_code add_network(export_links *l, arena *a) {
    node_places nodes;
    double *from, *to;
    TRY(read_nodes(l, a, &nodes));
    TRY(add_words(l, "link_id", "/network/links/link", "external id of the link", a));
    TRY(add_words(l, "name", "/network/links/name", "street or road name, may be empty", a));
    TRY(add_words(l, "road_class", "/network/links/road_class", "class of road (GMNS facility_type)", a));
    TRY(read_numbers(l, "/network/links/from_ix", a, &from));
    TRY(read_numbers(l, "/network/links/to_ix", a, &to));
    TRY(add_end(l, "from_node_id", "external id of the node where it starts", from, nodes.count, nodes.id, a));
    TRY(add_end(l, "to_node_id", "external id of the node where it ends", to, nodes.count, nodes.id, a));
    TRY(read_shapes(l, &nodes, from, to, a));
    TRY(add_numbers(l, "length_m", "/network/links/length_m", "m", "length", 1, a));
    TRY(add_numbers(l, "free_speed_kmh", "/network/links/free_speed_mps", "km h-1", "free speed of cars", 3.6, a));
    TRY(add_numbers(l, "capacity_vph", "/network/links/capacity_vph", "h-1", "capacity, all lanes, passenger-car units",
                    1, a));
    TRY(add_numbers(l, "lanes", "/network/links/lanes", "1", "lanes", 1, a));
    TRY(add_numbers(l, "grade_pct", "/network/links/grade_pct", "percent", "mean gradient in its direction", 1, a));
    TRY(add_numbers(l, "toll_nok", "/network/links/toll_nok", "NOK", "toll for a car", 1, a));
    TRY(add_users(l, a));
    TRY(add_facility(l, a));
    TRY(add_numbers(l, "open_year", "/network/links/open_year", "1", "first year the link exists; 0 = today", 1, a));
    TRY(add_numbers(l, "inside", "/network/links/inside", "1", "0 outside, 1 in the municipality, 2 also in sentrum", 1,
                    a));
    return add_numbers(l, "cordon", "/network/links/cordon", "1", "1 enters sentrum, 2 leaves sentrum, 0 neither", 1,
                       a);
}

// --- traffic ----------------------------------------------------------------------------------------------------

// A class of vehicle in every period; `speed` for their mean speed.
static err_code add_periods(export_links *l, const char *what, const char *unit, const char *doc, arena *a) {
    for (int p = 0; p < PERIODS; p++) {
        char name[NAME_BYTES];
        char words[DOC_BYTES];
        (void)snprintf(name, sizeof name, "%.24s_%s", what, periods[p].name);
        (void)snprintf(words, sizeof words, "%.64s, %02u:00 to %02u:00", doc, (unsigned)periods[p].from_h,
                       (unsigned)periods[p].to_h);
        const char *kept_name = arena_text(a, name);
        const char *kept_words = arena_text(a, words);
        CHECK(kept_name != NULL && kept_words != NULL, ERR_MEMORY, "out of memory");
        export_column *c = add(l, kept_name, unit, kept_words);
        ARENA_NEW(a, c->number, l->count);
    }
    return ERR_OK;
}

static uint32_t first_of(const export_links *l, const char *name) {
    for (uint32_t c = 0; c < l->column_count; c++) {
        if (strcmp(l->column[c].name, name) == 0) {
            return c;
        }
    }
    return IX_NONE;
}

static err_code check_traffic(const export_links *l, arena *a) {
    const store_summary *s = store_view_summary(l->v);
    store_shape vehicles, speed, cyclists;
    const char **id;
    uint32_t rows;
    TRY(store_view_shape(l->v, "/traffic/vehicles", &vehicles));
    TRY(store_view_shape(l->v, "/traffic/speed_kmh", &speed));
    TRY(store_view_shape(l->v, "/traffic/cyclists", &cyclists));
    bool fits = vehicles.rank == 4 && vehicles.size[0] == s->year_count && vehicles.size[1] == l->class_count &&
                vehicles.size[2] == RESULT_BINS && vehicles.size[3] == l->count;
    const store_shape *other[2] = {&speed, &cyclists};
    for (int i = 0; i < 2; i++) {
        fits = fits && other[i]->rank == 3 && other[i]->size[0] == s->year_count && other[i]->size[1] == RESULT_BINS &&
               other[i]->size[2] == l->count;
    }
    TRY(store_view_texts(l->v, "/traffic/link", a, &rows, &id));
    fits = fits && rows == l->count;
    for (uint32_t i = 0; fits && i < l->count; i++) {
        fits = strcmp(id[i], l->column[0].words[i]) == 0;
    }
    return fits ? ERR_OK : mismatch(l->v, "/traffic");
}

err_code export_links_open(const store_view *v, arena *a, export_links *out) {
    const char **id;
    memset(out, 0, sizeof *out);
    out->v = v;
    out->scale = export_scale(v);
    TRY(store_view_texts(v, "/network/links/link", a, &out->count, &id));
    TRY(store_view_texts(v, "/traffic/class", a, &out->class_count, &out->class_name));
    CHECK(out->class_count <= CLASSES_MAX, ERR_FORMAT, "%s: /traffic has more classes of vehicles than can be",
          store_view_path(v));
    ARENA_NEW(a, out->column, FIXED_MAX + PERIODS * (CLASSES_MAX + 3));
    TRY(add_network(out, a));
    TRY(add_periods(out, "vehicles", "1", "vehicles of all classes entering the link", a));
    for (uint32_t c = 0; c < out->class_count; c++) {
        TRY(add_periods(out, out->class_name[c], "1", "vehicles of this class entering the link", a));
    }
    TRY(add_periods(out, "cyclists", "1", "cyclists entering the link", a));
    TRY(add_periods(out, "speed_kmh", "km h-1", "mean speed of the vehicles that enter", a));
    size_t slab = (size_t)RESULT_BINS * out->count;
    ARENA_NEW(a, out->one, slab);
    ARENA_NEW(a, out->two, slab);
    ARENA_NEW(a, out->way, (size_t)PERIODS * out->count);
    ARENA_NEW(a, out->slow, (size_t)PERIODS * out->count);
    return check_traffic(out, a);
}

static bool in_period(int period, uint32_t bin) {
    return bin >= periods[period].from_h * BINS_AN_HOUR && bin < periods[period].to_h * BINS_AN_HOUR;
}

// Adds counts by 5 minutes to the six columns from `first` on.
static void add_counts(export_links *l, uint32_t first, const float *count) {
    for (int p = 0; p < PERIODS; p++) {
        double *sum = l->column[first + (uint32_t)p].number;
        for (uint32_t bin = 0; bin < RESULT_BINS; bin++) {
            for (uint32_t i = 0; in_period(p, bin) && i < l->count; i++) {
                sum[i] += (double)count[(size_t)bin * l->count + i] / l->scale;
            }
        }
    }
}

// Way over time of the vehicles with a speed, which is the space mean of the period.
static void add_speed(export_links *l, const float *vehicles, const float *speed) {
    for (int p = 0; p < PERIODS; p++) {
        for (uint32_t bin = 0; bin < RESULT_BINS; bin++) {
            for (uint32_t i = 0; in_period(p, bin) && i < l->count; i++) {
                size_t at = (size_t)bin * l->count + i;
                if (speed[at] > 0 && vehicles[at] > 0) {
                    l->way[(size_t)p * l->count + i] += (double)vehicles[at];
                    l->slow[(size_t)p * l->count + i] += (double)vehicles[at] / (double)speed[at];
                }
            }
        }
    }
}

err_code export_links_year(export_links *l, uint32_t year_ix) {
    size_t slab = (size_t)RESULT_BINS * l->count;
    uint32_t total = first_of(l, "vehicles_day");
    uint32_t speed = first_of(l, "speed_kmh_day");
    ASSERT(total != IX_NONE && speed != IX_NONE);
    for (uint32_t c = total; c < l->column_count; c++) {
        memset(l->column[c].number, 0, l->count * sizeof *l->column[c].number);
    }
    memset(l->way, 0, PERIODS * l->count * sizeof *l->way);
    memset(l->slow, 0, PERIODS * l->count * sizeof *l->slow);
    memset(l->two, 0, slab * sizeof *l->two);
    for (uint32_t c = 0; c < l->class_count; c++) {
        const size_t at[2] = {year_ix, c};
        TRY(store_view_part(l->v, "/traffic/vehicles", 2, at, l->one, slab));
        add_counts(l, total + PERIODS * (1 + c), l->one);
        for (size_t i = 0; i < slab; i++) {
            l->two[i] += l->one[i];
        }
    }
    const size_t at[1] = {year_ix};
    add_counts(l, total, l->two);
    TRY(store_view_part(l->v, "/traffic/speed_kmh", 1, at, l->one, slab));
    add_speed(l, l->two, l->one);
    TRY(store_view_part(l->v, "/traffic/cyclists", 1, at, l->one, slab));
    add_counts(l, total + PERIODS * (1 + l->class_count), l->one);
    for (int p = 0; p < PERIODS; p++) {
        for (uint32_t i = 0; i < l->count; i++) {
            size_t k = (size_t)p * l->count + i;
            l->column[speed + (uint32_t)p].number[i] = l->slow[k] > 0 ? l->way[k] / l->slow[k] : (double)NAN;
        }
    }
    return ERR_OK;
}
