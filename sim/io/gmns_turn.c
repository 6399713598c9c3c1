#include "gmns_turn.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 4096, KEY_BYTES = 32 };

#define PENALTY_MAX_S 3600.0
#define CAPACITY_MAX_VPH 1e5
#define CYCLE_MAX_S 86400

typedef struct control_name {
    const char *name;
    uint8_t control;
} control_name;

// The names of GMNS 0.96 and those of node.csv.
static const control_name controls[] = {{"", TURN_CONTROL_NODE},
                                        {"none", CONTROL_NONE},
                                        {"no_control", CONTROL_NONE},
                                        {"yield", CONTROL_YIELD},
                                        {"stop", CONTROL_STOP},
                                        {"stop_2_way", CONTROL_STOP},
                                        {"stop_4_way", CONTROL_STOP},
                                        {"4_stop", CONTROL_STOP},
                                        {"signal", CONTROL_SIGNAL},
                                        {"signal_with_RTOR", CONTROL_SIGNAL},
                                        {"roundabout", CONTROL_ROUNDABOUT},
                                        {NULL, 0}};

typedef struct movement_table {
    const table *t;
    uint32_t in, out, type, penalty, capacity, ctrl_type, cycle, green_from, green;
} movement_table;

static err_code find_link(const movement_table *m, const network *n, uint32_t row, uint32_t col, uint32_t *out) {
    const char *id = table_text(m->t, row, col);
    *out = network_find_link(n, id);
    if (*out == IX_NONE) {
        return table_fail(m->t, row, col, ERR_REFERENCE, "there is no link '%.60s' in link.csv", id);
    }
    return ERR_OK;
}

static err_code read_control(const movement_table *m, uint32_t row, uint8_t *out) {
    const char *cell = table_text(m->t, row, m->ctrl_type);
    for (const control_name *c = controls; c->name != NULL; c++) {
        if (strcmp(c->name, cell) == 0) {
            *out = c->control;
            return ERR_OK;
        }
    }
    return table_fail(m->t, row, m->ctrl_type, ERR_FORMAT,
                      "unknown value '%.40s'; valid: none, no_control, yield, stop, stop_2_way, stop_4_way, 4_stop, "
                      "signal, signal_with_RTOR, roundabout",
                      cell);
}

static err_code read_signal(const movement_table *m, uint32_t row, turn_table *t, uint32_t ix) {
    int64_t cycle = 0, from = 0, green = 0;
    TRY(table_i64_or(m->t, row, m->cycle, 0, CYCLE_MAX_S, 0, &cycle));
    TRY(table_i64_or(m->t, row, m->green_from, 0, CYCLE_MAX_S, 0, &from));
    TRY(table_i64_or(m->t, row, m->green, 0, CYCLE_MAX_S, 0, &green));
    if (cycle > 0 && (green == 0 || from + green > cycle)) {
        return table_fail(m->t, row, m->green, ERR_RANGE,
                          "green of %d s from %d s must be above 0 and lie within the cycle of %d s", (int)green,
                          (int)from, (int)cycle);
    }
    t->cycle_s[ix] = (uint32_t)cycle;
    t->green_from_s[ix] = (uint32_t)from;
    t->green_s[ix] = (uint32_t)green;
    return ERR_OK;
}

// Rows for single lanes of one turn add up: the capacities are summed, the longest penalty counts.
static err_code read_row(const movement_table *m, network *n, uint32_t row, uint32_t ix) {
    turn_table *t = &n->turn;
    double penalty = 0, capacity = 0;
    TRY(table_f64_or(m->t, row, m->penalty, 0, PENALTY_MAX_S, 0, &penalty));
    TRY(table_f64_or(m->t, row, m->capacity, 0, CAPACITY_MAX_VPH, 0, &capacity));
    const char *type = table_text(m->t, row, m->type);
    if (strcmp(type, "forbidden") == 0 || strcmp(type, "prohibited") == 0) {
        t->forbidden[ix] = 1;
    }
    t->penalty_s[ix] = (float)penalty > t->penalty_s[ix] ? (float)penalty : t->penalty_s[ix];
    t->capacity_vph[ix] += (float)capacity;
    TRY(read_control(m, row, &t->control[ix]));
    return read_signal(m, row, t, ix);
}

static err_code read_all(const movement_table *m, arena *a, network *n) {
    uint32_t rows = table_row_count(m->t);
    idmap seen;
    TRY(idmap_init(&seen, a, rows));
    TRY(turn_alloc(&n->turn, a, rows));
    uint32_t count = 0;
    for (uint32_t row = 0; row < rows; row++) {
        uint32_t in, out;
        TRY(find_link(m, n, row, m->in, &in));
        TRY(find_link(m, n, row, m->out, &out));
        if (n->link.to_ix[in] != n->link.from_ix[out]) {
            return table_fail(m->t, row, m->out, ERR_REFERENCE,
                              "link '%.60s' does not start at node '%.60s', where link '%.60s' ends", n->link.id[out],
                              n->node.id[n->link.to_ix[in]], n->link.id[in]);
        }
        char *key;
        ARENA_NEW(a, key, KEY_BYTES);
        snprintf(key, KEY_BYTES, "%u %u", in, out);
        uint32_t ix = idmap_put(&seen, key, count);
        if (ix == IX_NONE) {
            ix = count++;
            n->turn.in_ix[ix] = in;
            n->turn.out_ix[ix] = out;
        }
        TRY(read_row(m, n, row, ix));
    }
    n->turn.count = count;
    return turn_sort(&n->turn, a);
}

static bool is_absent(const char *path) {
    errno = 0;
    FILE *file = fopen(path, "rb");
    if (file != NULL) {
        fclose(file);
        return false;
    }
    return errno == ENOENT;
}

err_code gmns_turn_load(const char *folder, arena *a, network *n) {
    char path[PATH_BYTES];
    int length = snprintf(path, sizeof path, "%s/movement.csv", folder);
    CHECK(length > 0 && (size_t)length < sizeof path, ERR_FILE, "%.200s...: the path is too long", folder);
    if (is_absent(path)) {
        return ERR_OK;
    }
    table *t;
    TRY(table_load(path, a, &t));
    movement_table m = {.t = t};
    TRY(table_require(t, "ib_link_id", &m.in));
    TRY(table_require(t, "ob_link_id", &m.out));
    m.type = table_column(t, "type");
    m.penalty = table_column(t, "penalty");
    m.capacity = table_column(t, "capacity");
    m.ctrl_type = table_column(t, "ctrl_type");
    m.cycle = table_column(t, "cycle");
    m.green_from = table_column(t, "green_from");
    m.green = table_column(t, "green");
    return read_all(&m, a, n);
}
