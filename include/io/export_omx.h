// Matrices from zone to zone as Open Matrix (OMX 0.2; github.com/osPlanning/omx/wiki/Specification): HDF5 with
// /data/NAME (rows = from, columns = to), /lookup and the attributes OMX_VERSION and SHAPE, chunked, zlib level 1.
#ifndef VESTSIM_IO_EXPORT_OMX_H
#define VESTSIM_IO_EXPORT_OMX_H

#include "base/err.h"

typedef struct export_omx_matrix {
    const char *name, *unit, *doc;
    const double *value;  // [zone][zone], NAN = none
} export_omx_matrix;

// Lookups: zone_number (1, 2, ...) and zone_id (external ids, texts of fixed length: PyTables reads no others).
// Written as PATH.part, then renamed; the same bytes every time.
err_code export_omx_save(const char *path, uint32_t zone_count, const char *const *zone_id,
                         const export_omx_matrix *matrix, uint32_t count);

#endif
