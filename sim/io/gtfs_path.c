// Walks between stops. Near stops are found by sorting all stops into cells as wide as the longest walk: partners lie
// in the cell itself or in the eight around it.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dmath.h"
#include "base/log.h"
#include "base/par.h"
#include "gtfs_parts.h"

#define DETOUR 1.3              // walking distance against bee-line (header)
#define CELL_MIN_M 1.0          // keeps cell numbers small
#define PATHS_MAX 20000000u     // about 240 MB
#define WALK_MAX_S (48 * 3600)  // of transfers.txt
#define FORBIDDEN_S (-1)

typedef struct named_pair {
    uint32_t from_ix;
    uint32_t to_ix;
    int32_t walk_s;  // FORBIDDEN_S: no change possible
    uint32_t row;
} named_pair;

typedef struct path_builder {
    const gtfs_options *o;
    const gtfs_location *l;
    const transit *t;
    double speed_mps;
    named_pair *named;
    size_t named_count;
    size_t named_room;
    transit_footpath *path;
    size_t path_count;
    size_t path_room;
} path_builder;

static double distance_m(const transit *t, uint32_t i, uint32_t j) {
    double dx = t->stop.x_m[i] - t->stop.x_m[j], dy = t->stop.y_m[i] - t->stop.y_m[j];
    return DETOUR * dmath_sqrt(dx * dx + dy * dy);
}

static int32_t walk_time_s(const path_builder *b, uint32_t i, uint32_t j) {
    double s = ceil(distance_m(b->t, i, j) / b->speed_mps);
    return s < (double)WALK_MAX_S ? (int32_t)s : WALK_MAX_S;
}

static err_code add_named(path_builder *b, named_pair pair) {
    if (b->named_count == b->named_room) {
        CHECK(b->named_count < PATHS_MAX, ERR_RANGE, "transfers.txt makes more than %u pairs of stops", PATHS_MAX);
        size_t room = b->named_room == 0 ? 64 : b->named_room * 2;
        named_pair *larger = mem_grow(b->named, b->named_room * sizeof pair, room * sizeof pair);
        if (larger == NULL) {
            return ERR_MEMORY;
        }
        b->named = larger;
        b->named_room = room;
    }
    b->named[b->named_count++] = pair;
    return ERR_OK;
}

static err_code add_path(path_builder *b, uint32_t from_ix, uint32_t to_ix, int32_t walk_s) {
    if (b->path_count == b->path_room) {
        CHECK(b->path_count < PATHS_MAX, ERR_RANGE,
              "more than %u footpaths between stops; make the longest walk (transit.walk_max_m) shorter", PATHS_MAX);
        size_t room = b->path_room == 0 ? 256 : b->path_room * 2;
        transit_footpath *larger = mem_grow(b->path, b->path_room * sizeof *b->path, room * sizeof *b->path);
        if (larger == NULL) {
            return ERR_MEMORY;
        }
        b->path = larger;
        b->path_room = room;
    }
    b->path[b->path_count++] = (transit_footpath){from_ix, to_ix, walk_s};
    return ERR_OK;
}

// --- transfers.txt ------------------------------------------------------------------------------------------------

typedef struct transfer_columns {
    uint32_t from, to, type, time, special[4];
} transfer_columns;

// The boardable stops of a location: itself, or a station's platforms.
static void platforms(const gtfs_location *l, uint32_t row, const uint32_t **stop, uint32_t *count) {
    if (l->stop_ix[row] != IX_NONE) {
        *stop = &l->stop_ix[row];
        *count = 1;
    } else {
        *stop = l->child + l->child_first[row];
        *count = l->child_first[row + 1] - l->child_first[row];
    }
}

static err_code find_location(const path_builder *b, const table *t, uint32_t row, uint32_t col, uint32_t *out) {
    *out = idmap_find(&b->l->ids, table_text(t, row, col));
    if (*out == IX_NONE) {
        return table_fail(t, row, col, ERR_REFERENCE, "there is no stop '%.60s' in %s", table_text(t, row, col),
                          b->l->file);
    }
    return ERR_OK;
}

static err_code read_transfer(path_builder *b, const table *t, uint32_t row, const transfer_columns *c) {
    int64_t type = 0, time = -1;
    uint32_t from = 0, to = 0, from_count = 0, to_count = 0;
    const uint32_t *from_stop = NULL, *to_stop = NULL;
    TRY(table_i64_or(t, row, c->type, 0, 5, 0, &type));
    if (type >= 4) {
        return ERR_OK;  // staying seated between two trips: not a walk
    }
    if (type == 2) {  // the time of other types means nothing; some feeds write -99
        TRY(table_i64_or(t, row, c->time, 0, WALK_MAX_S, -1, &time));
    }
    TRY(find_location(b, t, row, c->from, &from));
    TRY(find_location(b, t, row, c->to, &to));
    platforms(b->l, from, &from_stop, &from_count);
    platforms(b->l, to, &to_stop, &to_count);
    for (uint32_t i = 0; i < from_count; i++) {
        for (uint32_t j = 0; j < to_count; j++) {
            if (from_stop[i] == to_stop[j]) {
                continue;
            }
            int32_t walk_s = type == 3                ? FORBIDDEN_S
                             : type == 2 && time >= 0 ? (int32_t)time
                                                      : walk_time_s(b, from_stop[i], to_stop[j]);
            TRY(add_named(b, (named_pair){from_stop[i], to_stop[j], walk_s, row}));
        }
    }
    return ERR_OK;
}

static bool is_special(const table *t, uint32_t row, const transfer_columns *c) {
    for (int i = 0; i < 4; i++) {
        if (!table_is_empty(t, row, c->special[i])) {
            return true;
        }
    }
    return false;
}

static int compare_named(const void *left, const void *right) {
    const named_pair *a = left, *b = right;
    if (a->from_ix != b->from_ix) {
        return a->from_ix < b->from_ix ? -1 : 1;
    }
    if (a->to_ix != b->to_ix) {
        return a->to_ix < b->to_ix ? -1 : 1;
    }
    return (a->row > b->row) - (a->row < b->row);
}

// Keeps the first row that names a pair.
static void sort_named(path_builder *b) {
    if (b->named_count == 0) {
        return;
    }
    qsort(b->named, b->named_count, sizeof *b->named, compare_named);
    size_t kept = 1;
    for (size_t i = 1; i < b->named_count; i++) {
        const named_pair *last = &b->named[kept - 1];
        if (b->named[i].from_ix != last->from_ix || b->named[i].to_ix != last->to_ix) {
            b->named[kept++] = b->named[i];
        }
    }
    b->named_count = kept;
}

static err_code read_transfers(path_builder *b, gtfs_source *src, arena *a) {
    static const char *const special[4] = {"from_route_id", "to_route_id", "from_trip_id", "to_trip_id"};
    if (!gtfs_source_has(src, "transfers.txt")) {
        return ERR_OK;
    }
    table *t;
    transfer_columns c;
    uint32_t skipped = 0;
    TRY(gtfs_source_table(src, "transfers.txt", a, &t));
    TRY(table_require(t, "from_stop_id", &c.from));
    TRY(table_require(t, "to_stop_id", &c.to));
    c.type = table_column(t, "transfer_type");
    c.time = table_column(t, "min_transfer_time");
    for (int i = 0; i < 4; i++) {
        c.special[i] = table_column(t, special[i]);
    }
    for (uint32_t row = 0; row < table_row_count(t); row++) {
        if (is_special(t, row, &c)) {
            skipped++;
        } else {
            TRY(read_transfer(b, t, row, &c));
        }
    }
    if (skipped > 0) {
        log_warn("%s: %u transfers between single routes or trips are left out", table_name(t), skipped);
    }
    sort_named(b);
    return ERR_OK;
}

// --- near stops ---------------------------------------------------------------------------------------------------

typedef struct cell_index {
    uint64_t *key;    // by stop: row of cells << 32 | column of cells
    uint32_t *order;  // stops by key
    uint32_t count;
} cell_index;

static err_code build_cells(const transit *t, double cell_m, arena *a, cell_index *out) {
    uint32_t n = t->stop.count;
    double x_min = t->stop.x_m[0], y_min = t->stop.y_m[0];
    for (uint32_t i = 1; i < n; i++) {
        x_min = t->stop.x_m[i] < x_min ? t->stop.x_m[i] : x_min;
        y_min = t->stop.y_m[i] < y_min ? t->stop.y_m[i] : y_min;
    }
    ARENA_NEW(a, out->key, n);
    ARENA_NEW(a, out->order, n);
    out->count = n;
    for (uint32_t i = 0; i < n; i++) {
        // from 1, so that the cell before the first has a number too
        uint64_t col = (uint64_t)((t->stop.x_m[i] - x_min) / cell_m) + 1;
        uint64_t row = (uint64_t)((t->stop.y_m[i] - y_min) / cell_m) + 1;
        out->key[i] = row << 32 | col;
        out->order[i] = i;
    }
    return par_sort_u64(out->key, n, out->order);
}

// First place in the order whose key is not below key.
static uint32_t lower_bound(const cell_index *c, uint64_t key) {
    uint32_t low = 0, high = c->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (c->key[c->order[middle]] < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_named(const path_builder *b, uint32_t from_ix, uint32_t to_ix) {
    size_t low = 0, high = b->named_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const named_pair *p = &b->named[middle];
        if (p->from_ix == from_ix && p->to_ix == to_ix) {
            return true;
        }
        if (p->from_ix < from_ix || (p->from_ix == from_ix && p->to_ix < to_ix)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

static err_code add_near(path_builder *b, const cell_index *c, uint32_t i) {
    for (int d = -1; d <= 1; d++) {
        uint64_t middle = c->key[i] + ((uint64_t)(int64_t)d << 32);
        for (uint32_t k = lower_bound(c, middle - 1); k < c->count && c->key[c->order[k]] <= middle + 1; k++) {
            uint32_t j = c->order[k];
            if (j != i && distance_m(b->t, i, j) <= b->o->footpath_max_m && !is_named(b, i, j)) {
                TRY(add_path(b, i, j, walk_time_s(b, i, j)));
            }
        }
    }
    return ERR_OK;
}

static err_code build_near(path_builder *b, arena *a) {
    if (!(b->o->footpath_max_m > 0) || b->t->stop.count == 0) {
        return ERR_OK;
    }
    double reach_m = b->o->footpath_max_m / DETOUR;
    cell_index cells;
    TRY(build_cells(b->t, reach_m > CELL_MIN_M ? reach_m : CELL_MIN_M, a, &cells));
    for (uint32_t i = 0; i < b->t->stop.count; i++) {
        TRY(add_near(b, &cells, i));
    }
    return ERR_OK;
}

static err_code build_all(path_builder *b, gtfs_source *src, arena *a) {
    TRY(read_transfers(b, src, a));
    TRY(build_near(b, a));
    for (size_t i = 0; i < b->named_count; i++) {
        const named_pair *p = &b->named[i];
        if (p->walk_s != FORBIDDEN_S) {
            TRY(add_path(b, p->from_ix, p->to_ix, p->walk_s));
        }
    }
    return ERR_OK;
}

err_code gtfs_path_build(gtfs_source *src, const gtfs_options *o, const gtfs_location *l, const transit *t, arena *a,
                         transit_footpath **path, uint32_t *path_count) {
    *path = NULL;
    *path_count = 0;
    CHECK(o->walk_speed_kmh > 0 && o->footpath_max_m >= 0, ERR_RANGE,
          "walking speed and longest walk must be positive");
    path_builder b = {.o = o, .l = l, .t = t, .speed_mps = o->walk_speed_kmh / 3.6};
    err_code code = build_all(&b, src, a);
    mem_free(b.named);
    if (code != ERR_OK) {
        mem_free(b.path);
        return code;
    }
    *path = b.path;
    *path_count = (uint32_t)b.path_count;
    return ERR_OK;
}
