// Trip tables: "Origin N", then "destination : volume;" in any arrangement of lines.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "tntp_part.h"

// Volumes that add up to less or more than stated by this share: the file is not complete.
static const double total_tolerance = 0.01;
static const double total_exact = 1e-6;

typedef struct trip_list {
    od_cell *cell;
    uint32_t count, room;
    uint32_t origin;  // 0 = none yet
    double total;
} trip_list;

static err_code list_add(trip_list *l, od_cell cell) {
    if (l->count == l->room) {
        uint32_t room = l->room == 0 ? 4096 : 2 * l->room;
        od_cell *grown = mem_grow(l->cell, l->room * sizeof cell, room * sizeof cell);
        if (grown == NULL) {
            return ERR_MEMORY;
        }
        l->cell = grown;
        l->room = room;
    }
    l->cell[l->count++] = cell;
    return ERR_OK;
}

static err_code read_zone(const tntp_scan *s, char **at, const char *what, uint32_t zones, uint32_t *out) {
    double value = 0;
    TRY(tntp_read_number(s, at, what, &value));
    TRY(tntp_check_whole(s, what, value));
    if (!(value >= 1 && value <= zones)) {
        return tntp_fail(s, ERR_REFERENCE, "%s %.12g is no zone: there are %u", what, value, zones);
    }
    *out = (uint32_t)value;
    return ERR_OK;
}

static char *skip(char *at) {
    return at + strspn(at, " \t\r");
}

static err_code read_cells(trip_list *l, const tntp_scan *s, char *at, const od_matrix *od) {
    for (at = skip(at); *at != '\0'; at = skip(at)) {
        if (*at == ';') {
            at++;
            continue;
        }
        uint32_t to = 0;
        double volume = 0;
        if (l->origin == 0) {
            return tntp_fail(s, ERR_FORMAT, "'%.40s' stands before the first Origin", at);
        }
        TRY(read_zone(s, &at, "destination", od->zone_count, &to));
        at = skip(at);
        if (*at != ':') {
            return tntp_fail(s, ERR_FORMAT, "':' and the trips are missing behind destination %u", to);
        }
        at++;
        TRY(tntp_read_number(s, &at, "the number of trips", &volume));
        if (volume < 0) {
            return tntp_fail(s, ERR_RANGE, "%.12g trips from %u to %u; they must not be negative", volume, l->origin,
                             to);
        }
        at = skip(at);
        if (*at != ';' && *at != '\0') {
            return tntp_fail(s, ERR_FORMAT, "';' is missing behind the trips from %u to %u", l->origin, to);
        }
        l->total += volume;
        TRY(list_add(l, (od_cell){.from_zone_ix = l->origin - 1, .to_zone_ix = to - 1, .volume = volume}));
    }
    return ERR_OK;
}

static err_code read_rows(trip_list *l, tntp_scan *s, const od_matrix *od) {
    while (tntp_next_line(s)) {
        char *at = skip(s->text);
        if (strncmp(at, "Origin", 6) == 0 || strncmp(at, "origin", 6) == 0) {
            at += 6;
            TRY(read_zone(s, &at, "origin", od->zone_count, &l->origin));
        }
        TRY(read_cells(l, s, at, od));
    }
    return ERR_OK;
}

static err_code check_total(const trip_list *l, const tntp_scan *s, double stated) {
    double off = fabs(l->total - stated);
    if (!(stated > 0) || off <= total_exact * stated) {
        return ERR_OK;
    }
    if (off > total_tolerance * stated) {
        return tntp_fail(s, ERR_FORMAT, "the trips add up to %.9g, <TOTAL OD FLOW> is %.9g; is the file complete?",
                         l->total, stated);
    }
    log_warn("%s: the trips add up to %.12g, <TOTAL OD FLOW> is %.12g", s->path, l->total, stated);
    return ERR_OK;
}

err_code tntp_read_trips(const char *path, arena *a, od_matrix *od, double *total_stated) {
    tntp_scan s;
    tntp_head head;
    uint32_t zones = 0;
    TRY(tntp_open(&s, path, a));
    TRY(tntp_read_head(&s, &head));
    TRY(tntp_head_count(&s, &head, "NUMBER OF ZONES", 1, UINT32_MAX / 2, &zones));
    CHECK(zones == od->zone_count, ERR_RANGE, "%s: <NUMBER OF ZONES> is %u here and %u in the network", path, zones,
          od->zone_count);
    TRY(tntp_head_number(&s, &head, "TOTAL OD FLOW", total_stated));
    trip_list l = {0};
    err_code code = read_rows(&l, &s, od);
    code = code == ERR_OK ? check_total(&l, &s, *total_stated) : code;
    if (code == ERR_OK) {
        code = od_matrix_fill(od, a, l.cell, l.count);
        code = code == ERR_OK || code == ERR_MEMORY ? code : err_prefix(code, "%s", path);
    }
    mem_free(l.cell);
    return code;
}
