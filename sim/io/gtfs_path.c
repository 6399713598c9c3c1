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

typedef struct stop_pair {
    uint32_t from_ix;
    uint32_t to_ix;
    int32_t walk_s;  // FORBIDDEN_S: no change possible
    uint32_t row;    // of transfers.txt
} stop_pair;

// A row for single routes or trips, at one pair of stops.
typedef struct special_pair {
    uint32_t from_ix;
    uint32_t to_ix;
    uint32_t transfer;  // index
    uint8_t rank;
} special_pair;

typedef struct path_builder {
    const gtfs *g;
    const gtfs_options *o;
    const gtfs_location *l;
    const transit *t;
    double speed_mps;
    stop_pair *named;
    size_t named_count;
    size_t named_room;
    special_pair *special;  // by pair, most specific first
    size_t special_count;
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

static err_code add_named(path_builder *b, stop_pair pair) {
    if (b->named_count == b->named_room) {
        CHECK(b->named_count < PATHS_MAX, ERR_RANGE, "transfers.txt makes more than %u pairs of stops", PATHS_MAX);
        size_t room = b->named_room == 0 ? 64 : b->named_room * 2;
        stop_pair *larger = mem_grow(b->named, b->named_room * sizeof pair, room * sizeof pair);
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

// What a row makes of a pair of stops.
static int32_t transfer_s(const path_builder *b, const gtfs_transfer *x, uint32_t from_ix, uint32_t to_ix) {
    if (x->type == 3) {
        return FORBIDDEN_S;
    }
    if (x->type == 2 && x->time_s >= 0) {
        return x->time_s;
    }
    return from_ix == to_ix ? 0 : walk_time_s(b, from_ix, to_ix);
}

static int compare_named(const void *left, const void *right) {
    const stop_pair *a = left, *b = right;
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
        const stop_pair *last = &b->named[kept - 1];
        if (b->named[i].from_ix != last->from_ix || b->named[i].to_ix != last->to_ix) {
            b->named[kept++] = b->named[i];
        }
    }
    b->named_count = kept;
}

static int compare_special(const void *left, const void *right) {
    const special_pair *a = left, *b = right;
    if (a->from_ix != b->from_ix) {
        return a->from_ix < b->from_ix ? -1 : 1;
    }
    if (a->to_ix != b->to_ix) {
        return a->to_ix < b->to_ix ? -1 : 1;
    }
    if (a->rank != b->rank) {
        return a->rank < b->rank ? -1 : 1;
    }
    return (a->transfer > b->transfer) - (a->transfer < b->transfer);
}

typedef struct pair_list {  // the pairs of stops of a row
    const uint32_t *from, *to;
    uint32_t from_count, to_count;
} pair_list;

static pair_list pairs_of(const path_builder *b, const gtfs_transfer *x) {
    pair_list p;
    gtfs_location_stops(b->l, x->from, &p.from, &p.from_count);
    gtfs_location_stops(b->l, x->to, &p.to, &p.to_count);
    return p;
}

static err_code list_transfers(path_builder *b) {
    const gtfs_transfers *x = &b->g->transfer;
    uint64_t specials = 0;
    for (uint32_t i = 0; i < x->count; i++) {
        pair_list p = pairs_of(b, &x->row[i]);
        specials += x->row[i].rank < 6 ? (uint64_t)p.from_count * p.to_count : 0;
    }
    CHECK(specials <= PATHS_MAX, ERR_RANGE, "transfers.txt makes more than %u pairs of stops", PATHS_MAX);
    ARENA_NEW(b->g->scratch, b->special, specials);
    for (uint32_t i = 0; i < x->count; i++) {
        pair_list p = pairs_of(b, &x->row[i]);
        for (uint64_t k = 0; k < (uint64_t)p.from_count * p.to_count; k++) {
            uint32_t from_ix = p.from[k / p.to_count], to_ix = p.to[k % p.to_count];
            if (x->row[i].rank < 6) {
                b->special[b->special_count++] = (special_pair){from_ix, to_ix, i, x->row[i].rank};
            } else {
                int32_t walk_s = transfer_s(b, &x->row[i], from_ix, to_ix);
                TRY(add_named(b, (stop_pair){from_ix, to_ix, walk_s, x->row[i].row}));
            }
        }
    }
    if (b->special_count > 0) {
        qsort(b->special, b->special_count, sizeof *b->special, compare_special);
    }
    sort_named(b);
    return ERR_OK;
}

// --- pairs of stops into footpaths
// ------------------------------------------------------------------------------------

// First row for single routes or trips at a pair of stops; special_count if none.
static size_t find_special(const path_builder *b, uint32_t from_ix, uint32_t to_ix) {
    size_t low = 0, high = b->special_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const special_pair *p = &b->special[middle];
        if (p->from_ix < from_ix || (p->from_ix == from_ix && p->to_ix < to_ix)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < b->special_count && b->special[low].from_ix == from_ix && b->special[low].to_ix == to_ix;
    return found ? low : b->special_count;
}

static bool side_fits(uint32_t trip, uint32_t route, const gtfs_kind *kind) {
    return (trip == IX_NONE || (kind != NULL && kind->trip == trip)) &&
           (route == IX_NONE || (kind != NULL && kind->route == route));
}

// From one kind of trips to another: what the most specific row says, else plain_s.
static int32_t kind_s(const path_builder *b, size_t special, uint32_t from_ix, uint32_t to_ix, const gtfs_kind *from,
                      const gtfs_kind *to, int32_t plain_s) {
    for (; special < b->special_count; special++) {
        const special_pair *p = &b->special[special];
        if (p->from_ix != from_ix || p->to_ix != to_ix) {
            break;
        }
        const gtfs_transfer *x = &b->g->transfer.row[p->transfer];
        if (side_fits(x->from_trip, x->from_route, from) && side_fits(x->to_trip, x->to_route, to)) {
            return transfer_s(b, x, from_ix, to_ix);
        }
    }
    return plain_s;
}

// All footpaths between the rows of two stops (or of one with itself).
static err_code add_pair(path_builder *b, uint32_t from_ix, uint32_t to_ix, int32_t plain_s) {
    const gtfs_transfers *x = &b->g->transfer;
    size_t special = find_special(b, from_ix, to_ix);
    for (uint32_t i = x->kind_first[from_ix]; i <= x->kind_first[from_ix + 1]; i++) {
        const gtfs_kind *from = i < x->kind_first[from_ix + 1] ? &x->kind[i] : NULL;  // NULL: all other trips
        for (uint32_t k = x->kind_first[to_ix]; k <= x->kind_first[to_ix + 1]; k++) {
            const gtfs_kind *to = k < x->kind_first[to_ix + 1] ? &x->kind[k] : NULL;
            uint32_t from_node = from != NULL ? from->node : from_ix, to_node = to != NULL ? to->node : to_ix;
            if (from_node == IX_NONE || to_node == IX_NONE) {
                continue;
            }
            int32_t walk_s = kind_s(b, special, from_ix, to_ix, from, to, plain_s);
            if (from_node == to_node && walk_s == FORBIDDEN_S) {
                TRY(add_path(b, from_node, to_node, TRANSIT_NO_CHANGE));
            } else if (walk_s != FORBIDDEN_S && (from_node != to_node || walk_s > 0)) {
                TRY(add_path(b, from_node, to_node, walk_s));
            }
        }
    }
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

static const stop_pair *find_named(const path_builder *b, uint32_t from_ix, uint32_t to_ix) {
    size_t low = 0, high = b->named_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const stop_pair *p = &b->named[middle];
        if (p->from_ix == from_ix && p->to_ix == to_ix) {
            return p;
        }
        if (p->from_ix < from_ix || (p->from_ix == from_ix && p->to_ix < to_ix)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

static err_code add_near(path_builder *b, const cell_index *c, uint32_t i) {
    for (int d = -1; d <= 1; d++) {
        uint64_t middle = c->key[i] + ((uint64_t)(int64_t)d << 32);
        for (uint32_t k = lower_bound(c, middle - 1); k < c->count && c->key[c->order[k]] <= middle + 1; k++) {
            uint32_t j = c->order[k];
            if (j != i && distance_m(b->t, i, j) <= b->o->footpath_max_m && find_named(b, i, j) == NULL) {
                TRY(add_pair(b, i, j, walk_time_s(b, i, j)));
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

// Pairs that only rows for single routes or trips name, and that are not within reach.
static err_code add_special_only(path_builder *b) {
    for (size_t i = 0; i < b->special_count; i++) {
        const special_pair *p = &b->special[i];
        bool again = i > 0 && p[-1].from_ix == p->from_ix && p[-1].to_ix == p->to_ix;
        bool reached = b->o->footpath_max_m > 0 && distance_m(b->t, p->from_ix, p->to_ix) <= b->o->footpath_max_m;
        if (!again && p->from_ix != p->to_ix && !reached && find_named(b, p->from_ix, p->to_ix) == NULL) {
            TRY(add_pair(b, p->from_ix, p->to_ix, FORBIDDEN_S));
        }
    }
    return ERR_OK;
}

static err_code build_all(path_builder *b) {
    TRY(list_transfers(b));
    TRY(build_near(b, b->g->scratch));
    for (size_t i = 0; i < b->named_count; i++) {
        TRY(add_pair(b, b->named[i].from_ix, b->named[i].to_ix, b->named[i].walk_s));
    }
    for (uint32_t s = 0; s < b->g->transfer.stop_count; s++) {
        if (find_named(b, s, s) == NULL) {
            TRY(add_pair(b, s, s, 0));
        }
    }
    return add_special_only(b);
}

err_code gtfs_path_build(const gtfs *g, transit_footpath **path, uint32_t *path_count) {
    *path = NULL;
    *path_count = 0;
    CHECK(g->o->walk_speed_kmh > 0 && g->o->footpath_max_m >= 0, ERR_RANGE,
          "walking speed and longest walk must be positive");
    path_builder b = {.g = g, .o = g->o, .l = &g->location, .t = g->out, .speed_mps = g->o->walk_speed_kmh / 3.6};
    err_code code = build_all(&b);
    mem_free(b.named);
    if (code != ERR_OK) {
        mem_free(b.path);
        return code;
    }
    *path = b.path;
    *path_count = (uint32_t)b.path_count;
    return ERR_OK;
}
