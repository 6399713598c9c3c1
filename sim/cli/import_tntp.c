// vestsim import tntp: a TNTP test problem as a GMNS folder with delay functions, zones and trips.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "imports.h"
#include "io/gmns.h"
#include "io/gmns_assign.h"
#include "io/tntp.h"

typedef struct unit {
    const char *name;
    double factor;
} unit;

static const unit length_units[] = {{"m", 1}, {"km", 1000}, {"mile", 1609.344}, {"foot", 0.3048}, {NULL, 0}};
static const unit time_units[] = {{"min", 1}, {"h", 60}, {"s", 1.0 / 60}, {NULL, 0}};

static err_code read_unit(const cli_args *args, const char *name, const unit *units, const char *known, double *out) {
    const char *given = options_value(args, name);
    *out = 0;
    for (const unit *u = units; given != NULL && u->name != NULL; u++) {
        if (strcmp(u->name, given) == 0) {
            *out = u->factor;
        }
    }
    CHECK(given == NULL || *out > 0, ERR_USAGE, "--%s '%.40s' is not known; write one of %s", name, given, known);
    return ERR_OK;
}

static err_code read_factor(const cli_args *args, const char *name, double *out) {
    const char *given = options_value(args, name);
    *out = -1;
    if (given != NULL) {
        char *end = NULL;
        *out = strtod(given, &end);
        CHECK(end != given && *end == '\0' && isfinite(*out) && *out >= 0, ERR_USAGE,
              "--%s '%.40s' must be a number of 0 or above", name, given);
    }
    return ERR_OK;
}

static err_code convert(const cli_args *args, const char *in, const char *out_dir, arena *a) {
    tntp_options o = {0};
    tntp_case c;
    TRY(read_unit(args, "length-unit", length_units, "m, km, mile, foot", &o.length_unit_m));
    TRY(read_unit(args, "coordinate-unit", length_units, "m, km, mile, foot", &o.coordinate_unit_m));
    TRY(read_unit(args, "time-unit", time_units, "min, h, s", &o.time_unit_min));
    TRY(read_factor(args, "toll-factor", &o.toll_factor));
    TRY(read_factor(args, "distance-factor", &o.distance_factor));
    TRY(tntp_load(in, &o, a, &c));
    const gmns_extras extras = {.delay = &c.delay, .zone_id = c.node_zone_id, .zone_only = c.trips.node_zone_only};
    TRY(gmns_save_with(out_dir, &c.network, c.name, &extras));
    TRY(gmns_assign_save_trips(out_dir, &c.trips));
    printf("%s: %u zones, %u nodes, %u links; %.6f trips, %.6f of them within a zone -> %s\n", c.name,
           c.trips.zone_count, c.network.node.count, c.network.link.count, od_matrix_total(&c.trips),
           od_matrix_intrazonal(&c.trips), out_dir);
    return ERR_OK;
}

err_code import_tntp(const cli_args *args, const char *in, const char *out_dir) {
    arena a;
    arena_init(&a);
    err_code code = convert(args, in, out_dir, &a);
    arena_free(&a);
    return code;
}
