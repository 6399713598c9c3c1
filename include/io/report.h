// One self-contained page from results files: verdict, map, charts and tables in one HTML file that asks the network
// for nothing. The page's own files are in analysis/report/; they, Leaflet and Chart.js are embedded in the program.
#ifndef VESTSIM_IO_REPORT_H
#define VESTSIM_IO_REPORT_H

#include "io/store_view.h"

enum { REPORT_FILES_MAX = 8 };

typedef struct report_options {
    bool english;                 // else Norwegian bokmål; the reader can switch
    const char *comparison_json;  // what `compare --format json` prints for the same files, or NULL with one file
} report_options;

// The first file is the base of comparisons. Links are matched by id: a road of one file only is drawn for it only.
// ERR_FORMAT for files that are no results, ERR_FILE when the page cannot be written; nothing half-written.
err_code report_write(const char *output, store_view *const *file, uint32_t count, const report_options *o, arena *a);

#endif
