// Well-known text: LINESTRING and POLYGON of longitude and latitude, as GMNS and areas.csv hold them.
#ifndef VESTSIM_IO_WKT_H
#define VESTSIM_IO_WKT_H

#include "base/mem.h"

typedef struct wkt_line {
    uint32_t count;
    double *lon;
    double *lat;
} wkt_line;

// Messages say what is wrong, not where: callers put their row before it. Blanks around numbers, commas and brackets
// do not matter; a third coordinate is left out. A line has at least two points.
err_code wkt_parse_linestring(const char *text, arena *a, wkt_line *out);
// One closed ring of at least three different points and some area; the repeated last point is left out. Holes are
// refused.
err_code wkt_parse_polygon(const char *text, arena *a, wkt_line *out);
// "LINESTRING (lon lat, ...)" with the points in opposite order; NULL when memory is out.
const char *wkt_reversed(const wkt_line *line, arena *a);

#endif
