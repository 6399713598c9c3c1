// Private to the export modules.
#ifndef VESTSIM_IO_EXPORT_INTERNAL_H
#define VESTSIM_IO_EXPORT_INTERNAL_H

#include "io/export.h"
#include "io/text_file.h"

// --- links by year: what GeoPackage, GeoJSON and CSV have in common ---------------------------------------------

typedef struct export_column {
    const char *name, *unit, *doc;
    const char **words;  // [link], or NULL for numbers
    double *number;      // [link] NAN = missing
    bool whole;          // numbers without a fraction
} export_column;

typedef struct export_links {
    const store_view *v;
    uint32_t count;
    bool local;             // a plane of its own: points are metres, not degrees
    uint32_t *point_first;  // [link + 1]
    double *xy;             // [point][2] longitude, latitude (or metres)
    uint32_t column_count;
    export_column *column;
    double scale;  // share of the people that was simulated
    uint32_t class_count;
    const char **class_name;
    float *one, *two;    // [bin][link] work
    double *way, *slow;  // [link] work
} export_links;

// Reads the network; columns of a year are filled by export_links_year.
err_code export_links_open(const store_view *v, arena *a, export_links *out);
err_code export_links_year(export_links *l, uint32_t year_ix);

// --- files -----------------------------------------------------------------------------------------------------

enum { EXPORT_PATH_BYTES = TEXT_FILE_PATH_MAX, EXPORT_FILES_MAX = 64 };

typedef struct export_files {
    const export_options *o;
    bool made_folder;
    uint32_t count;
    char path[EXPORT_FILES_MAX][EXPORT_PATH_BYTES];
    char part[EXPORT_FILES_MAX][EXPORT_PATH_BYTES];
} export_files;

// Refuses names that are there (unless forced) and makes the folder.
err_code export_files_open(export_files *f, const export_options *o, const char *const *name, uint32_t count);
err_code export_files_commit(export_files *f);  // renames all
void export_files_abandon(export_files *f);     // removes parts, and the folder if it was made for them

// The scenario's scale, from the effective scenario in the file; 1 where it does not say.
double export_scale(const store_view *v);

#endif
