// Hourly traffic by layer, year and link: what the map and its day slider show.
#include <math.h>
#include <string.h>

#include "report_internal.h"

enum { HOURS = 24 };

typedef enum layer_kind { LAYER_SUM, LAYER_SPEED } layer_kind;

typedef struct layer {
    const char *key;
    const char *dataset;
    int class_ix;  // -1 = the dataset has no class axis
    layer_kind kind;
} layer;

// A layer whose dataset a file does not have is left out.
static const layer layers[] = {
    {"car", "/traffic/vehicles", 0, LAYER_SUM},       {"lorry", "/traffic/vehicles", 1, LAYER_SUM},
    {"bus", "/traffic/vehicles", 2, LAYER_SUM},       {"cycle", "/traffic/cyclists", -1, LAYER_SUM},
    {"walk", "/traffic/pedestrians", -1, LAYER_SUM},  {"bus_load", "/traffic/bus_passengers", -1, LAYER_SUM},
    {"speed", "/traffic/speed_kmh", -1, LAYER_SPEED},
};

typedef struct traffic_work {
    uint32_t bins, links, rows;
    double up;       // what a count of the sample stands for
    float *part;     // [bin][row] of the file
    uint16_t *hour;  // [hour][link] of all files
} traffic_work;

// 5-minute values become hours: sums, or the mean of the speeds that were driven.
static void fill_hours(const traffic_work *w, const uint32_t *of, layer_kind kind) {
    uint32_t bins_an_hour = w->bins / HOURS;
    memset(w->hour, 0, (size_t)HOURS * w->links * sizeof *w->hour);
    for (uint32_t h = 0; h < HOURS; h++) {
        for (uint32_t r = 0; r < w->rows; r++) {
            double sum = 0;
            uint32_t driven = 0;
            for (uint32_t b = h * bins_an_hour; b < (h + 1) * bins_an_hour; b++) {
                float value = w->part[(size_t)b * w->rows + r];
                sum += isnan(value) ? 0 : (double)value;
                driven += isnan(value) ? 0 : 1;
            }
            double mean = kind == LAYER_SUM ? w->up * sum : driven > 0 ? sum / driven : 0;
            w->hour[(size_t)h * w->links + of[r]] = mean < UINT16_MAX ? (uint16_t)lround(mean) : UINT16_MAX;
        }
    }
}

static err_code write_layer(FILE *out, const store_view *v, const layer *l, const uint32_t *of, uint32_t years,
                            const traffic_work *w) {
    fputs("[", out);
    for (uint32_t y = 0; y < years; y++) {
        const size_t at[2] = {y, (size_t)l->class_ix};
        fputs(y == 0 ? "" : ", ", out);
        TRY(store_view_part(v, l->dataset, l->class_ix < 0 ? 1 : 2, at, w->part, (size_t)w->bins * w->rows));
        fill_hours(w, of, l->kind);
        TRY(report_pack(out, w->hour, (size_t)HOURS * w->links, sizeof *w->hour));
    }
    fputs("]", out);
    return ERR_OK;
}

err_code report_traffic_json(FILE *out, const store_view *v, uint32_t file_ix, const report_links *links, arena *a) {
    store_shape shape;
    TRY(store_view_shape(v, "/traffic/vehicles", &shape));
    traffic_work w = {.links = links->count, .rows = links->rows[file_ix], .up = report_up(v)};
    w.bins = shape.rank == 4 ? (uint32_t)shape.size[2] : 0;
    CHECK(w.bins >= HOURS && w.bins % HOURS == 0 && shape.size[3] == w.rows, ERR_FORMAT,
          "%s: /traffic/vehicles has other dimensions than expected; run the scenario again", store_view_path(v));
    ARENA_NEW(a, w.part, (size_t)w.bins * w.rows);
    ARENA_NEW(a, w.hour, (size_t)HOURS * w.links);
    uint32_t written = 0;
    fputs("{", out);
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++) {
        if (!store_view_has(v, layers[i].dataset)) {
            continue;
        }
        fprintf(out, "%s\"%s\": ", written++ == 0 ? "" : ", ", layers[i].key);
        TRY(write_layer(out, v, &layers[i], links->of[file_ix], store_view_summary(v)->year_count, &w));
    }
    fputs("}", out);
    return ERR_OK;
}
