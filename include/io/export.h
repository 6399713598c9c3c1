// Results files in the formats of others: links for QGIS (GeoPackage, GeoJSON), tables with ActivitySim's column names
// (CSV). What each file holds: docs/formats.md.
//
// Every file is written beside its place and renamed when all of an export are complete. What exists is not touched
// unless `force` is set. Flows and tables are of the whole town: counts of a sample (scenario key scale) are scaled up
// in links, and rows of a sample carry a sample_rate.
#ifndef VESTSIM_IO_EXPORT_H
#define VESTSIM_IO_EXPORT_H

#include "io/store_view.h"

typedef struct export_options {
    const char *folder;  // made if it is not there
    int year;            // 0 = every year of the file
    bool force;          // overwrite files that are there
} export_options;

// links.gpkg: needs GDAL; ERR_USAGE with the package's name where the program was built without it.
err_code export_gpkg(const store_view *v, const export_options *o, arena *a);
bool export_has_gdal(void);
// links.geojson (RFC 7946); ERR_RANGE for a network without longitude and latitude.
err_code export_geojson(const store_view *v, const export_options *o, arena *a);
// households.csv, persons.csv, tours.csv, trips.csv, links.csv. ERR_FORMAT for files of format 1.1, which hold no
// persons.
err_code export_csv(const store_view *v, const export_options *o, arena *a);
// Index of the first and one past the last year wanted; ERR_USAGE for a year that is not in the file.
err_code export_years(const store_view *v, const export_options *o, uint32_t *first, uint32_t *end);

#endif
