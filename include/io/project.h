// WGS84 <-> EUREF89 / UTM zone 32N (EPSG:25832) through PROJ.
#ifndef VESTSIM_IO_PROJECT_H
#define VESTSIM_IO_PROJECT_H

#include "base/err.h"

// ERR_FILE when PROJ's database is missing. ERR_RANGE when a point cannot be projected: its x_m or y_m is then not
// finite, so that callers can say which row it came from.
err_code project_to_utm32(const double *lon, const double *lat, uint32_t count, double *x_m, double *y_m);

#endif
