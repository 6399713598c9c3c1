#include "io/gmns_assign.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/gmns.h"

enum { PATH_BYTES = 4096 };

#define VALUE_MAX 1e12

typedef struct load {
    const char *folder;
    arena *a;
    gmns_assign_case *out;
    idmap zones;
} load;

static err_code load_table(const load *l, const char *name, table **out) {
    char path[PATH_BYTES];
    int length = snprintf(path, sizeof path, "%s/%s", l->folder, name);
    CHECK(length > 0 && (size_t)length < sizeof path, ERR_FILE, "%.200s...: the path is too long", l->folder);
    return table_load(path, l->a, out);
}

static bool same_word(const char *x, const char *y) {
    for (; *x != '\0' && *y != '\0'; x++, y++) {
        char a = *x >= 'A' && *x <= 'Z' ? (char)(*x - 'A' + 'a') : *x;
        if (a != *y) {
            return false;
        }
    }
    return *x == *y;
}

// The first column that has one of the names (small letters; list ended by NULL), or IX_NONE.
static uint32_t find_column(const table *t, const char *const *name) {
    for (; *name != NULL; name++) {
        for (uint32_t c = 0; c < table_column_count(t); c++) {
            if (same_word(table_column_name(t, c), *name)) {
                return c;
            }
        }
    }
    return IX_NONE;
}

// --- zones -----------------------------------------------------------------------------------------------------------

static err_code read_zones(load *l) {
    table *t;
    uint32_t id, count = 0;
    od_matrix *m = &l->out->trips;
    TRY(load_table(l, "node.csv", &t));
    TRY(table_require(t, "zone_id", &id));
    uint32_t only = table_column(t, "zone_only");
    TRY(idmap_init(&l->zones, l->a, table_row_count(t)));
    for (uint32_t row = 0; row < table_row_count(t); row++) {
        const char *zone = table_text(t, row, id);
        count += zone[0] != '\0' && idmap_put(&l->zones, zone, count) == IX_NONE;
    }
    CHECK(count > 0, ERR_FORMAT, "%s:2: no node has a zone_id", table_name(t));
    TRY(od_matrix_alloc(m, l->a, count, l->out->network.node.count));
    for (uint32_t row = 0; row < table_row_count(t); row++) {  // rows are nodes, in order
        const char *zone = table_text(t, row, id);
        uint32_t z = zone[0] == '\0' ? IX_NONE : idmap_find(&l->zones, zone);
        if (z != IX_NONE && m->zone_id[z] == NULL) {
            m->zone_id[z] = zone;
            m->zone_node_ix[z] = row;
        }
        int64_t value = 0;
        TRY(table_i64_or(t, row, only, 0, 1, 0, &value));
        m->node_zone_only[row] = (uint8_t)value;
    }
    return ERR_OK;
}

static err_code find_zone(const load *l, const table *t, uint32_t row, uint32_t col, uint32_t *out) {
    const char *id = table_text(t, row, col);
    *out = idmap_find(&l->zones, id);
    return *out != IX_NONE ? ERR_OK
                           : table_fail(t, row, col, ERR_REFERENCE, "there is no zone '%.60s' in node.csv", id);
}

static err_code read_trips(load *l) {
    table *t;
    uint32_t from, to, volume;
    od_cell *cell;
    TRY(load_table(l, "demand.csv", &t));
    TRY(table_require(t, "o_zone_id", &from));
    TRY(table_require(t, "d_zone_id", &to));
    TRY(table_require(t, "volume", &volume));
    ARENA_NEW(l->a, cell, table_row_count(t));
    for (uint32_t row = 0; row < table_row_count(t); row++) {
        TRY(find_zone(l, t, row, from, &cell[row].from_zone_ix));
        TRY(find_zone(l, t, row, to, &cell[row].to_zone_ix));
        TRY(table_f64(t, row, volume, 0, VALUE_MAX, &cell[row].volume));
    }
    err_code code = od_matrix_fill(&l->out->trips, l->a, cell, table_row_count(t));
    return code == ERR_OK ? ERR_OK : err_prefix(code, "%s", table_name(t));
}

// --- delay functions -------------------------------------------------------------------------------------------------

enum { DELAY_FREE = 0, DELAY_ALPHA, DELAY_POWER, DELAY_CAPACITY, DELAY_FIXED, DELAY_COUNT };

static err_code read_delay(load *l) {
    static const char *const names[DELAY_COUNT][5] = {{"vdf_fftt_min", "vdf_fftt", "vdf_fftt1", NULL},
                                                      {"vdf_alpha", "vdf_alpha1", NULL},
                                                      {"vdf_beta", "vdf_beta1", NULL},
                                                      {"vdf_capacity", "vdf_cap", "vdf_cap1", NULL},
                                                      {"vdf_fixed_min", NULL}};
    table *t;
    const network *n = &l->out->network;
    volume_delay *v = &l->out->delay;
    double *const target[DELAY_COUNT] = {v->free_min, v->alpha, v->power, v->capacity, v->fixed_min};
    uint32_t id, col[DELAY_COUNT];
    TRY(load_table(l, "link.csv", &t));
    TRY(table_require(t, "link_id", &id));
    for (int i = 0; i < DELAY_COUNT; i++) {
        col[i] = find_column(t, names[i]);
    }
    for (uint32_t row = 0; row < table_row_count(t); row++) {
        const char *link = table_text(t, row, id);
        char back[256];
        snprintf(back, sizeof back, "%.240s-r", link);  // the other direction of a row for both
        uint32_t e = network_find_link(n, link), r = network_find_link(n, back);
        ASSERT(e != IX_NONE);
        for (int i = 0; i < DELAY_COUNT; i++) {
            TRY(table_f64_or(t, row, col[i], 0, VALUE_MAX, target[i][e], &target[i][e]));
            if (r != IX_NONE && n->link.from_ix[r] == n->link.to_ix[e] && n->link.to_ix[r] == n->link.from_ix[e]) {
                target[i][r] = target[i][e];
            }
        }
    }
    err_code code = volume_delay_validate(v, n);
    return code == ERR_OK ? ERR_OK : err_prefix(code, "%s", table_name(t));
}

err_code gmns_assign_load(const char *folder, arena *a, gmns_assign_case *out) {
    *out = (gmns_assign_case){0};
    load l = {.folder = folder, .a = a, .out = out};
    TRY(gmns_load(folder, a, &out->network));
    TRY(volume_delay_from_network(&out->delay, a, &out->network));
    TRY(read_delay(&l));
    TRY(read_zones(&l));
    return read_trips(&l);
}

static uint32_t turns_at(const network *n, uint32_t v) {
    return (n->in_first[v + 1] - n->in_first[v]) * (n->out_first[v + 1] - n->out_first[v]);
}

static void forbid_turns_at(const network *n, uint32_t v, turn_table *t, uint32_t *row) {
    for (uint32_t in = n->in_first[v]; in < n->in_first[v + 1]; in++) {
        for (uint32_t i = n->out_first[v]; i < n->out_first[v + 1]; i++, (*row)++) {
            t->in_ix[*row] = in;
            t->out_ix[*row] = n->out_link[i];
            t->forbidden[*row] = 1;
        }
    }
}

// The rows there are, but for those at closed nodes, and all turns of those.
static err_code forbid_passing(network *n, const uint8_t *closed, arena *a) {
    turn_table t, kept;
    uint32_t rows = n->turn.count;
    for (uint32_t v = 0; v < n->node.count; v++) {
        rows += closed[v] != 0 ? turns_at(n, v) : 0;
    }
    TRY(turn_alloc(&t, a, rows));
    TRY(turn_copy(&n->turn, a, &kept));
    rows = 0;
    for (uint32_t i = 0; i < kept.count; i++) {
        if (closed[n->link.to_ix[kept.in_ix[i]]] == 0) {
#define ZONE_COPY(type, name, unit, doc) t.name[rows] = kept.name[i];
            TURN_COLUMNS(ZONE_COPY)
            rows++;
        }
    }
    for (uint32_t v = 0; v < n->node.count; v++) {
        if (closed[v] != 0) {
            forbid_turns_at(n, v, &t, &rows);
        }
    }
    t.count = rows;
    n->turn = t;
    return turn_sort(&n->turn, a);
}

err_code gmns_assign_close_zones(const char *folder, arena *a, network *n) {
    load l = {.folder = folder, .a = a};
    table *t;
    uint8_t *closed;
    bool any = false;
    TRY(load_table(&l, "node.csv", &t));
    uint32_t only = table_column(t, "zone_only");
    ARENA_NEW(a, closed, n->node.count);
    ASSERT(table_row_count(t) == n->node.count);
    for (uint32_t row = 0; row < table_row_count(t); row++) {  // rows are nodes, in order
        int64_t value = 0;
        TRY(table_i64_or(t, row, only, 0, 1, 0, &value));
        closed[row] = (uint8_t)value;
        any = any || value != 0;
    }
    return any ? forbid_passing(n, closed, a) : ERR_OK;
}

err_code gmns_assign_save_trips(const char *folder, const od_matrix *od) {
    char part[PATH_BYTES], path[PATH_BYTES];
    int length = snprintf(part, sizeof part, "%s/demand.csv.part", folder);
    CHECK(length > 0 && (size_t)length < sizeof part, ERR_FILE, "%.200s...: the path is too long", folder);
    snprintf(path, sizeof path, "%.*s", length - (int)strlen(".part"), part);
    FILE *f = fopen(part, "wb");
    CHECK(f != NULL, ERR_FILE, "%s: cannot be written: %s", part, strerror(errno));
    fputs("o_zone_id,d_zone_id,volume\n", f);
    for (uint32_t o = 0; o < od->zone_count; o++) {
        for (uint32_t i = od->first[o]; i < od->first[o + 1]; i++) {
            fprintf(f, "%s,%s,%.17g\n", od->zone_id[o], od->zone_id[od->to_zone_ix[i]], od->volume[i]);
        }
    }
    bool failed = ferror(f) != 0;
    failed = fclose(f) != 0 || failed;
    if (failed || rename(part, path) != 0) {
        unlink(part);
        return err_raise(ERR_FILE, "%s: cannot be written completely; is the disk full?", path);
    }
    return ERR_OK;
}
