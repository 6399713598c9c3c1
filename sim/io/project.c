#include "io/project.h"

#include <math.h>
#include <proj.h>

static err_code fail_context(PJ_CONTEXT *context, const char *what) {
    int number = context != NULL ? proj_context_errno(context) : 0;
    const char *reason = number != 0 ? proj_context_errno_string(context, number) : "no reason given";
    return err_raise(ERR_FILE,
                     "PROJ cannot %s (%s): its database proj.db is missing or too old; install the package proj-data, "
                     "or point PROJ_DATA (PROJ_LIB before PROJ 9.1) at the folder that holds proj.db",
                     what, reason != NULL ? reason : "unknown");
}

static void stay_quiet(void *user, int level, const char *message) {
    (void)user;
    (void)level;
    (void)message;
}

// The whole transformation, axes in the order x = longitude / easting.
static err_code make_transformation(PJ_CONTEXT *context, PJ **out) {
    // No grids from the network: results must not depend on it. PROJ's own printing is off; we report.
    proj_log_func(context, NULL, stay_quiet);
    proj_context_set_enable_network(context, 0);
    PJ *raw = proj_create_crs_to_crs(context, "EPSG:4326", "EPSG:25832", NULL);
    if (raw == NULL) {
        return fail_context(context, "make EPSG:4326 to EPSG:25832");
    }
    *out = proj_normalize_for_visualization(context, raw);
    proj_destroy(raw);
    return *out != NULL ? ERR_OK : fail_context(context, "order the axes of EPSG:4326");
}

err_code project_to_utm32(const double *lon, const double *lat, uint32_t count, double *x_m, double *y_m) {
    if (count == 0) {
        return ERR_OK;
    }
    PJ_CONTEXT *context = proj_context_create();
    CHECK(context != NULL, ERR_MEMORY, "out of memory for PROJ");
    PJ *transformation = NULL;
    err_code code = make_transformation(context, &transformation);
    if (code == ERR_OK) {
        for (uint32_t i = 0; i < count; i++) {
            x_m[i] = lon[i];
            y_m[i] = lat[i];
        }
        proj_trans_generic(transformation, PJ_FWD, x_m, sizeof *x_m, count, y_m, sizeof *y_m, count, NULL, 0, 0, NULL,
                           0, 0);
        proj_destroy(transformation);
    }
    proj_context_destroy(context);
    for (uint32_t i = 0; code == ERR_OK && i < count; i++) {
        if (!isfinite(x_m[i]) || !isfinite(y_m[i])) {
            code =
                err_raise(ERR_RANGE, "longitude %.9g, latitude %.9g cannot be projected to EPSG:25832 (UTM zone 32N)",
                          lon[i], lat[i]);
        }
    }
    return code;
}
