// Private to the report modules.
#ifndef VESTSIM_IO_REPORT_INTERNAL_H
#define VESTSIM_IO_REPORT_INTERNAL_H

#include "base/table.h"
#include "io/json.h"
#include "io/report.h"

// The links of all files together, in the order in which they are first seen.
typedef struct report_links {
    idmap map;
    uint32_t count;
    const char **id;
    uint32_t *file;  // first file that has it
    uint32_t *row;   // its row there
    uint32_t **of;   // [file][row]: index here
    uint32_t *rows;  // [file]
} report_links;

err_code report_links_build(store_view *const *file, uint32_t count, arena *a, report_links *out);
// JSON members, each with its key: {"network": ..., "files": [...]}.
err_code report_network_json(FILE *out, store_view *const *file, uint32_t count, const report_links *l, arena *a);
err_code report_file_json(FILE *out, const store_view *v, uint32_t file_ix, const report_links *l, arena *a);
// Hourly traffic by layer, year and link: {"layers": [...], "blob": ...}.
err_code report_traffic_json(FILE *out, const store_view *v, uint32_t file_ix, const report_links *l, arena *a);
// By how much the counts of a sampled run are multiplied to stand for everybody (1 / scale); indicators are so already.
double report_up(const store_view *v);
// A quoted blob: items of `width` bytes with equal bytes side by side, deflated (zlib), in base64.
err_code report_pack(FILE *out, const void *data, size_t count, size_t width);

// A file embedded at build time (cmake/embed.cmake).
typedef struct report_asset {
    const char *name;
    const unsigned char *data;
    size_t size;
} report_asset;
extern const report_asset report_assets[];
extern const size_t report_asset_count;

#endif
