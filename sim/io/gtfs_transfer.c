// transfers.txt: rows between stops, rows for single routes or trips, and rows about staying seated.
//
// A router that keeps one time a stop cannot tell from which route one arrives. So a stop at which routes or trips have
// transfers of their own becomes several rows of the timetable, one for each kind of trips, with footpaths between them
// that take what the most specific row says (GTFS Schedule Reference, transfers.txt, "Transfer specificity").
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/par.h"
#include "gtfs_parts.h"

enum { TRANSFER_MAX_S = 48 * 3600 };

typedef struct transfer_columns {
    uint32_t from, to, type, time, from_route, to_route, from_trip, to_trip;
} transfer_columns;

void gtfs_location_stops(const gtfs_location *l, uint32_t row, const uint32_t **stop, uint32_t *count) {
    if (l->stop_ix[row] != IX_NONE) {
        *stop = &l->stop_ix[row];
        *count = 1;
    } else {
        *stop = l->child + l->child_first[row];
        *count = l->child_first[row + 1] - l->child_first[row];
    }
}

static err_code find_location(const gtfs *g, const table *t, uint32_t row, uint32_t col, uint32_t *out) {
    *out = idmap_find(&g->location.ids, table_text(t, row, col));
    if (*out == IX_NONE) {
        return table_fail(t, row, col, ERR_REFERENCE, "there is no stop '%.60s' in %s", table_text(t, row, col),
                          g->location.file);
    }
    return ERR_OK;
}

// IX_NONE for an empty cell; false if it names nothing.
static bool find_named(const idmap *ids, const table *t, uint32_t row, uint32_t col, uint32_t *out) {
    *out = IX_NONE;
    if (table_is_empty(t, row, col)) {
        return true;
    }
    *out = idmap_find(ids, table_text(t, row, col));
    return *out != IX_NONE;
}

static uint8_t rank_of(const gtfs_transfer *x) {
    bool from_trip = x->from_trip != IX_NONE, to_trip = x->to_trip != IX_NONE;
    bool from_route = x->from_route != IX_NONE, to_route = x->to_route != IX_NONE;
    if (from_trip && to_trip) {
        return 1;
    }
    if ((from_trip && to_route) || (from_route && to_trip)) {
        return 2;
    }
    if (from_trip || to_trip) {
        return 3;
    }
    return from_route && to_route ? 4 : from_route || to_route ? 5 : 6;
}

static err_code read_transfer(gtfs *g, const table *t, uint32_t row, const transfer_columns *c, uint32_t *unknown,
                              uint32_t *odd) {
    int64_t type = 0, time = -1;
    gtfs_transfer x = {.row = row};
    TRY(table_i64_or(t, row, c->type, 0, INT32_MAX, 0, &type));
    *odd += type > 5 ? 1 : 0;  // counts as 0, as readers do with values they do not know
    type = type > 5 ? 0 : type;
    bool known = find_named(&g->trip_ids, t, row, c->from_trip, &x.from_trip);
    known = find_named(&g->trip_ids, t, row, c->to_trip, &x.to_trip) && known;
    known = find_named(&g->route_ids, t, row, c->from_route, &x.from_route) && known;
    known = find_named(&g->route_ids, t, row, c->to_route, &x.to_route) && known;
    *unknown += known ? 0 : 1;
    if (type >= 4) {
        if (known && x.from_trip != IX_NONE && x.to_trip != IX_NONE) {
            g->transfer.seat[g->transfer.seat_count++] = (gtfs_seat){row, (uint8_t)type, x.from_trip, x.to_trip};
        } else if (known) {
            return table_fail(t, row, x.from_trip == IX_NONE ? c->from_trip : c->to_trip, ERR_FORMAT,
                              "is empty; a transfer of type %d is between two trips", (int)type);
        }
        return ERR_OK;
    }
    if (type == 2) {  // the time of other types means nothing; some feeds write -99
        TRY(table_i64_or(t, row, c->time, 0, TRANSFER_MAX_S, -1, &time));
    }
    TRY(find_location(g, t, row, c->from, &x.from));
    TRY(find_location(g, t, row, c->to, &x.to));
    x.type = (uint8_t)type;
    x.time_s = (int32_t)time;
    x.rank = rank_of(&x);
    if (known) {
        g->transfer.row[g->transfer.count++] = x;
    }
    return ERR_OK;
}

static int compare_kinds(const void *left, const void *right) {
    const gtfs_kind *a = left, *b = right;
    if (a->stop_ix != b->stop_ix) {
        return a->stop_ix < b->stop_ix ? -1 : 1;
    }
    if (a->trip != b->trip) {
        return a->trip < b->trip ? -1 : 1;  // IX_NONE, a route, comes last
    }
    return a->route < b->route ? -1 : a->route > b->route;
}

// The kinds that one side of a row makes at each stop of its location.
static uint32_t list_side(const gtfs *g, uint32_t location, uint32_t trip, uint32_t route, gtfs_kind *out) {
    const uint32_t *stop;
    uint32_t stops;
    if (trip == IX_NONE && route == IX_NONE) {
        return 0;
    }
    gtfs_location_stops(&g->location, location, &stop, &stops);
    for (uint32_t i = 0; out != NULL && i < stops; i++) {
        out[i] = (gtfs_kind){stop[i], trip, trip != IX_NONE ? g->trip[trip].route : route, IX_NONE};
    }
    return stops;
}

static uint32_t list_kinds(const gtfs *g, gtfs_kind *out) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < g->transfer.count; i++) {
        const gtfs_transfer *x = &g->transfer.row[i];
        count += list_side(g, x->from, x->from_trip, x->from_route, out != NULL ? out + count : NULL);
        count += list_side(g, x->to, x->to_trip, x->to_route, out != NULL ? out + count : NULL);
    }
    return count;
}

static err_code build_kinds(gtfs *g) {
    gtfs_transfers *x = &g->transfer;
    uint32_t count = list_kinds(g, NULL);
    ARENA_NEW(g->scratch, x->kind, count);
    ARENA_NEW(g->scratch, x->kind_first, (size_t)x->stop_count + 1);
    list_kinds(g, x->kind);
    if (count > 0) {
        qsort(x->kind, count, sizeof *x->kind, compare_kinds);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || compare_kinds(&x->kind[i], &x->kind[x->kind_count - 1]) != 0) {
            x->kind[x->kind_count++] = x->kind[i];
            x->kind_first[x->kind[i].stop_ix]++;
        }
    }
    par_scan_u32(x->kind_first, x->stop_count, x->kind_first);
    return ERR_OK;
}

err_code gtfs_transfer_load(gtfs *g) {
    gtfs_transfers *x = &g->transfer;
    x->stop_count = x->node_count = g->out->stop.count;
    if (gtfs_source_has(g->src, "transfers.txt")) {
        table *t;
        transfer_columns c;
        uint32_t unknown = 0, odd = 0;
        TRY(gtfs_source_table(g->src, "transfers.txt", g->scratch, &t));
        TRY(table_require(t, "from_stop_id", &c.from));
        TRY(table_require(t, "to_stop_id", &c.to));
        c.type = table_column(t, "transfer_type");
        c.time = table_column(t, "min_transfer_time");
        c.from_route = table_column(t, "from_route_id");
        c.to_route = table_column(t, "to_route_id");
        c.from_trip = table_column(t, "from_trip_id");
        c.to_trip = table_column(t, "to_trip_id");
        ARENA_NEW(g->scratch, x->row, table_row_count(t));
        ARENA_NEW(g->scratch, x->seat, table_row_count(t));
        for (uint32_t row = 0; row < table_row_count(t); row++) {
            TRY(read_transfer(g, t, row, &c, &unknown, &odd));
        }
        if (unknown > 0) {
            log_warn("%s: %u transfers name a route or trip that is not in the feed and are left out", table_name(t),
                     unknown);
        }
        if (odd > 0) {
            log_warn("%s: %u transfers have a transfer_type that is not known and count as type 0", table_name(t), odd);
        }
        x->t = t;
    }
    return build_kinds(g);
}

gtfs_kind *gtfs_transfer_kind(const gtfs *g, uint32_t stop_ix, uint32_t trip) {
    const gtfs_transfers *x = &g->transfer;
    for (uint32_t k = x->kind_first[stop_ix]; k < x->kind_first[stop_ix + 1]; k++) {
        gtfs_kind *kind = &x->kind[k];
        if (kind->trip == trip || (kind->trip == IX_NONE && kind->route == g->trip[trip].route)) {
            return kind;
        }
    }
    return NULL;
}

void gtfs_transfer_number(gtfs_transfers *x) {
    for (uint32_t k = 0; k < x->kind_count; k++) {
        if (x->kind[k].node != IX_NONE) {
            x->kind[k].node = x->node_count++;
        }
    }
}
