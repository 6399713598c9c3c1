// WGS84 <-> EUREF89 / UTM zone 32N (EPSG:25832) through PROJ.
#ifndef VESTSIM_IO_PROJECT_H
#define VESTSIM_IO_PROJECT_H

#include "base/err.h"

err_code project_to_utm32(const double *lon, const double *lat, uint32_t count, double *x_m, double *y_m);

#endif
