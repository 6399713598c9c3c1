// Links as GeoJSON (RFC 7946): one feature a link and year, in longitude and latitude.
#include <string.h>

#include "export_internal.h"
#include "io/json.h"

enum { DEGREE_DECIMALS = 7, VALUE_DECIMALS = 3 };

// A foreign member, which RFC 7946 allows: what the properties mean.
static void put_columns(FILE *out, const export_links *l) {
    fputs("\"columns\": [{\"name\": \"year\", \"unit\": \"1\", \"meaning\": \"year simulated\"}", out);
    for (uint32_t c = 0; c < l->column_count; c++) {
        fputs(",\n {\"name\": ", out);
        json_text(out, l->column[c].name);
        fputs(", \"unit\": ", out);
        json_text(out, l->column[c].unit);
        fputs(", \"meaning\": ", out);
        json_text(out, l->column[c].doc);
        fputs("}", out);
    }
    fputs("],\n", out);
}

static void put_feature(FILE *out, const export_links *l, int year, uint32_t row) {
    fprintf(out, "{\"type\": \"Feature\", \"properties\": {\"year\": %d", year);
    for (uint32_t c = 0; c < l->column_count; c++) {
        fputs(", ", out);
        json_text(out, l->column[c].name);
        fputs(": ", out);
        if (l->column[c].words != NULL) {
            json_text(out, l->column[c].words[row]);
        } else {
            json_rounded(out, l->column[c].number[row], VALUE_DECIMALS);
        }
    }
    fputs("}, \"geometry\": {\"type\": \"LineString\", \"coordinates\": [", out);
    for (uint32_t p = l->point_first[row]; p < l->point_first[row + 1]; p++) {
        fputs(p == l->point_first[row] ? "[" : ", [", out);
        json_rounded(out, l->xy[2 * (size_t)p], DEGREE_DECIMALS);
        fputs(", ", out);
        json_rounded(out, l->xy[2 * (size_t)p + 1], DEGREE_DECIMALS);
        fputs("]", out);
    }
    fputs("]}}", out);
}

static err_code put_all(FILE *out, export_links *l, uint32_t first, uint32_t end) {
    const store_summary *s = store_view_summary(l->v);
    fputs("{\"type\": \"FeatureCollection\", \"name\": ", out);
    json_text(out, s->title);
    fputs(",\n", out);
    put_columns(out, l);
    fputs("\"features\": [\n", out);
    for (uint32_t y = first; y < end; y++) {
        TRY(export_links_year(l, y));
        for (uint32_t i = 0; i < l->count; i++) {
            fputs(y == first && i == 0 ? "" : ",\n", out);
            put_feature(out, l, s->year[y], i);
        }
    }
    fputs("\n]}\n", out);
    return ERR_OK;
}

err_code export_geojson(const store_view *v, const export_options *o, arena *a) {
    static const char *const name[] = {"links.geojson"};
    export_links l;
    export_files files;
    uint32_t first, end;
    TRY(export_years(v, o, &first, &end));
    TRY(export_links_open(v, a, &l));
    CHECK(!l.local, ERR_RANGE,
          "%s: the network has no longitude and latitude, which GeoJSON needs; use --to gpkg, which takes any plane",
          store_view_path(v));
    TRY(export_files_open(&files, o, name, 1));
    text_file f = {0};
    err_code code = text_file_open(&f, files.part[0]);
    if (code == ERR_OK) {
        code = put_all(f.out, &l, first, end);
    }
    if (code == ERR_OK) {
        code = text_file_commit(&f);
    }
    if (code == ERR_OK) {
        code = export_files_commit(&files);
    }
    text_file_abandon(&f);
    export_files_abandon(&files);
    return code;
}
