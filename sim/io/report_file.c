// What one results file gives to the page besides its traffic: verdict, indicators, counts, shares, stops, homes.
#include <math.h>
#include <string.h>

#include "report_internal.h"
#include "world/result_label.h"

enum { HOURS = 24 };

double report_up(const store_view *v) {
    double scale = store_view_summary(v)->scale;
    return scale > 0 && scale < 1 ? 1 / scale : 1;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static void member_text(FILE *out, const char *key, const char *value) {
    fprintf(out, "\"%s\": ", key);
    json_text(out, value);
}

static void write_verdicts(FILE *out, const store_summary *s) {
    fputs(", \"verdict\": [", out);
    for (uint32_t y = 1; y < s->year_count; y++) {
        const result_verdict *r = &s->verdict[y];
        fprintf(out, "%s{\"year\": %d", y == 1 ? "" : ", ", s->year[y]);
        json_member(out, "index_pct", r->index_pct);
        json_member(out, "low_pct", r->low_pct);
        json_member(out, "high_pct", r->high_pct);
        json_member(out, "t_low_pct", r->t_low_pct);
        json_member(out, "t_high_pct", r->t_high_pct);
        json_member(out, "probability", r->probability_at_or_below);
        json_member(out, "pairs", r->replications);
        json_member(out, "pairs_to_settle", r->replications_to_settle);
        fputs(", ", out);
        member_text(out, "code", result_verdict_name(r->code));
        fputs(", ", out);
        member_text(out, "nb", r->sentence_nb);
        fputs(", ", out);
        member_text(out, "en", r->sentence_en);
        fputs("}", out);
    }
    fputs("]", out);
}

static void write_head(FILE *out, const store_view *v, const char *service_date) {
    const store_summary *s = store_view_summary(v);
    member_text(out, "file", base_name(store_view_path(v)));
    fputs(", ", out);
    member_text(out, "title", s->title);
    fputs(", ", out);
    member_text(out, "scenario", s->scenario_name);
    fputs(", ", out);
    member_text(out, "program", s->program_version);
    fputs(", ", out);
    member_text(out, "commit", s->git_commit);
    fputs(", ", out);
    member_text(out, "service_date", service_date);
    json_member(out, "seed", s->seed);
    json_member(out, "replications", s->replications);
    json_member(out, "confidence", s->confidence);
    json_member(out, "scale", 1 / report_up(v));
    fputs(", \"years\": [", out);
    for (uint32_t y = 0; y < s->year_count; y++) {
        fprintf(out, "%s%d", y == 0 ? "" : ", ", s->year[y]);
    }
    fputs("], \"converged\": [", out);
    for (uint32_t y = 0; y < s->year_count; y++) {
        fprintf(out, "%s%s", y == 0 ? "" : ", ", s->converged[y] ? "true" : "false");
    }
    fputs("]", out);
}

// Every indicator of the file, also those this program does not know: [year][replication].
static err_code write_indicators(FILE *out, const store_view *v, arena *a) {
    uint32_t count;
    const char **name;
    TRY(store_view_list(v, "/indicators", 2, a, &count, &name));
    fputs(", \"indicators\": [", out);
    for (uint32_t i = 0; i < count; i++) {
        char path[256];
        store_shape shape;
        double *value;
        const char *unit, *doc;
        snprintf(path, sizeof path, "/indicators/%s", name[i]);
        TRY(store_view_numbers(v, path, 2, a, &shape, &value));
        TRY(store_view_attribute(v, path, "units", a, &unit));
        TRY(store_view_attribute(v, path, "long_name", a, &doc));
        fprintf(out, "%s{", i == 0 ? "" : ", ");
        member_text(out, "name", name[i]);
        fputs(", ", out);
        member_text(out, "unit", unit);
        fputs(", ", out);
        member_text(out, "doc", doc);
        result_indicator known = result_indicator_find(name[i]);
        for (int nb = 0; known != RESULT_INDICATOR_COUNT && nb < 2; nb++) {
            fputs(", ", out);
            member_text(out, nb == 1 ? "nb" : "en", result_label(known, nb == 1));
            fputs(", ", out);
            member_text(out, nb == 1 ? "unit_nb" : "unit_en", result_unit_label(unit, nb == 1));
        }
        fputs(", \"value\": [", out);
        for (size_t y = 0; y < shape.size[0]; y++) {
            fputs(y == 0 ? "[" : ", [", out);
            for (size_t k = 0; k < shape.size[1]; k++) {
                fputs(k == 0 ? "" : ", ", out);
                json_number(out, value[y * shape.size[1] + k]);
            }
            fputs("]", out);
        }
        fputs("]}", out);
    }
    fputs("]", out);
    return ERR_OK;
}

static void write_texts(FILE *out, const char *key, const char *const *words, uint32_t count) {
    fprintf(out, ", \"%s\": [", key);
    for (uint32_t i = 0; i < count; i++) {
        fputs(i == 0 ? "" : ", ", out);
        json_text(out, words[i]);
    }
    fputs("]", out);
}

// Mean over replications of residents' trips: [year][area][purpose][mode].
static err_code write_area_trips(FILE *out, const store_view *v, arena *a) {
    store_shape s;
    double *trips;
    uint32_t count;
    const char **words;
    static const char *const axis[3] = {"/indicators/area", "/indicators/purpose", "/indicators/mode"};
    static const char *const key[3] = {"areas", "purposes", "modes"};
    for (int i = 0; i < 3; i++) {
        TRY(store_view_texts(v, axis[i], a, &count, &words));
        write_texts(out, key[i], words, count);
    }
    TRY(store_view_numbers(v, "/indicators/area_mode_trips", 5, a, &s, &trips));
    size_t slab = s.size[2] * s.size[3] * s.size[4];
    fputs(", \"area_trips\": [", out);
    for (size_t y = 0; y < s.size[0]; y++) {
        fputs(y == 0 ? "[" : ", [", out);
        for (size_t i = 0; i < slab; i++) {
            double sum = 0;
            for (size_t k = 0; k < s.size[1]; k++) {
                sum += trips[(y * s.size[1] + k) * slab + i];
            }
            fputs(i == 0 ? "" : ",", out);
            json_rounded(out, s.size[1] > 0 ? sum / (double)s.size[1] : NAN, 2);
        }
        fputs("]", out);
    }
    fputs("]", out);
    return ERR_OK;
}

// Vehicles an hour at one point and year, mean over replications: all classes, then cars alone.
static void write_point_hours(FILE *out, const float *count, const store_shape *s, size_t point, double up) {
    size_t bins_an_hour = s->size[2] / HOURS;
    for (size_t classes = s->size[4], pass = 0; pass < 2; pass++, classes = 1) {
        fprintf(out, "%s[", pass == 0 ? "[" : ", ");
        for (size_t h = 0; h < HOURS; h++) {
            double sum = 0;
            for (size_t k = 0; k < s->size[1]; k++) {
                for (size_t b = h * bins_an_hour; b < (h + 1) * bins_an_hour; b++) {
                    for (size_t c = 0; c < classes; c++) {
                        sum += (double)count[((k * s->size[2] + b) * s->size[3] + point) * s->size[4] + c];
                    }
                }
            }
            fputs(h == 0 ? "" : ",", out);
            json_rounded(out, up * sum / (double)s->size[1], 2);
        }
        fputs("]", out);
    }
    fputs("]", out);
}

static err_code write_points(FILE *out, const store_view *v, arena *a) {
    static const char *const text_path[3] = {"/cordon/point", "/cordon/name", "/cordon/source"};
    static const char *const number_path[3] = {"/cordon/observed", "/cordon/sentrum_cordon", "/cordon/through"};
    const char **words[3];
    double *number[3];
    uint32_t count = 0;
    store_shape s;
    for (int i = 0; i < 3; i++) {
        TRY(store_view_texts(v, text_path[i], a, &count, &words[i]));
        TRY(store_view_numbers(v, number_path[i], 1, a, &s, &number[i]));
    }
    TRY(store_view_shape(v, "/cordon/vehicles", &s));
    CHECK(
        s.rank == 5 && s.size[3] == count && s.size[2] % HOURS == 0 && s.size[2] > 0 && s.size[1] > 0 && s.size[4] > 0,
        ERR_FORMAT, "%s: /cordon/vehicles has other dimensions than expected; run the scenario again",
        store_view_path(v));
    size_t slab = s.count / (s.size[0] > 0 ? s.size[0] : 1);
    float *vehicles;
    ARENA_NEW(a, vehicles, s.count);
    for (size_t y = 0; y < s.size[0]; y++) {
        TRY(store_view_part(v, "/cordon/vehicles", 1, &y, vehicles + y * slab, slab));
    }
    fputs(", \"points\": [", out);
    for (uint32_t p = 0; p < count; p++) {
        fputs(p == 0 ? "{" : ", {", out);
        member_text(out, "id", words[0][p]);
        fputs(", ", out);
        member_text(out, "name", words[1][p]);
        fputs(", ", out);
        member_text(out, "source", words[2][p]);
        json_member(out, "observed", number[0][p]);
        json_member(out, "sentrum", number[1][p]);
        json_member(out, "through", number[2][p]);
        fputs(", \"hours\": [", out);
        for (size_t y = 0; y < s.size[0]; y++) {
            fputs(y == 0 ? "" : ", ", out);
            write_point_hours(out, vehicles + y * slab, &s, p, report_up(v));
        }
        fputs("]}", out);
    }
    fputs("]", out);
    return ERR_OK;
}

static void write_rounded(FILE *out, const char *key, const double *value, size_t count, int decimals) {
    fprintf(out, ", \"%s\": [", key);
    for (size_t i = 0; i < count; i++) {
        fputs(i == 0 ? "" : ",", out);
        json_rounded(out, value[i], decimals);
    }
    fputs("]", out);
}

static err_code write_stops(FILE *out, const store_view *v, arena *a) {
    uint32_t count;
    const char **name;
    store_shape s;
    double *value;
    TRY(store_view_texts(v, "/transit/stops/name", a, &count, &name));
    fputs(", \"stops\": {\"count\": ", out);
    fprintf(out, "%u", (unsigned)count);
    write_texts(out, "name", name, count);
    static const char *const path[4] = {"/transit/stops/lon", "/transit/stops/lat", "/transit/stops/x_m",
                                        "/transit/stops/y_m"};
    static const char *const key[4] = {"lon", "lat", "x_m", "y_m"};
    for (int i = 0; i < 4; i++) {
        TRY(store_view_numbers(v, path[i], 1, a, &s, &value));
        write_rounded(out, key[i], value, s.count, 6);
    }
    static const char *const counted[2] = {"boardings", "alightings"};
    for (int i = 0; i < 2; i++) {
        char dataset[64];
        snprintf(dataset, sizeof dataset, "/transit/stops/%s", counted[i]);
        TRY(store_view_numbers(v, dataset, 2, a, &s, &value));
        for (size_t k = 0; k < s.count; k++) {
            value[k] *= report_up(v);
        }
        write_rounded(out, counted[i], value, s.count, 1);
    }
    fputs("}", out);
    return ERR_OK;
}

// Zones as names on the map: the mean of their places.
static err_code write_labels(FILE *out, const store_view *v, arena *a) {
    uint32_t zones;
    const char **name;
    store_shape n, p;
    double *lon, *lat, *zone_ix, *node_ix, *sum;
    TRY(store_view_texts(v, "/zones/name", a, &zones, &name));
    TRY(store_view_numbers(v, "/network/nodes/lon", 1, a, &n, &lon));
    TRY(store_view_numbers(v, "/network/nodes/lat", 1, a, &n, &lat));
    TRY(store_view_numbers(v, "/places/zone_ix", 1, a, &p, &zone_ix));
    TRY(store_view_numbers(v, "/places/node_ix", 1, a, &p, &node_ix));
    ARENA_NEW(a, sum, (size_t)zones * 3);
    for (size_t i = 0; i < p.count; i++) {
        if (zone_ix[i] >= 0 && zone_ix[i] < zones && node_ix[i] >= 0 && node_ix[i] < (double)n.count) {
            double *z = sum + 3 * (size_t)zone_ix[i];
            z[0] += lon[(size_t)node_ix[i]];
            z[1] += lat[(size_t)node_ix[i]];
            z[2] += 1;
        }
    }
    fputs(", \"labels\": [", out);
    bool first = true;
    for (uint32_t z = 0; z < zones; z++) {
        if (sum[3 * z + 2] > 0) {
            fputs(first ? "[" : ", [", out);
            json_text(out, name[z]);
            fputs(", ", out);
            json_rounded(out, sum[3 * z] / sum[3 * z + 2], 5);
            fputs(", ", out);
            json_rounded(out, sum[3 * z + 1] / sum[3 * z + 2], 5);
            fputs("]", out);
            first = false;
        }
    }
    fputs("]", out);
    return ERR_OK;
}

static err_code write_areas(FILE *out, const store_view *v, arena *a) {
    uint32_t count = 0;
    const char **id = NULL, **name = NULL, **geometry = NULL;
    if (store_view_has(v, "/areas/geometry")) {
        TRY(store_view_texts(v, "/areas/area", a, &count, &id));
        TRY(store_view_texts(v, "/areas/name", a, &count, &name));
        TRY(store_view_texts(v, "/areas/geometry", a, &count, &geometry));
    }
    write_texts(out, "area_ids", id, count);
    write_texts(out, "area_names", name, count);
    write_texts(out, "area_geometry", geometry, count);
    return ERR_OK;
}

// Homes to be built and measures: tables of one-dimensional columns, as they stand in the file.
static err_code write_table(FILE *out, const store_view *v, const char *key, const char *group,
                            const char *const *texts, const char *const *numbers, arena *a) {
    fprintf(out, ", \"%s\": {\"present\": %s", key, store_view_has(v, group) ? "true" : "false");
    for (int i = 0; store_view_has(v, group) && texts[i] != NULL; i++) {
        char path[128];
        uint32_t count;
        const char **words;
        snprintf(path, sizeof path, "%s/%s", group, texts[i]);
        TRY(store_view_texts(v, path, a, &count, &words));
        write_texts(out, texts[i], words, count);
    }
    for (int i = 0; store_view_has(v, group) && numbers[i] != NULL; i++) {
        char path[128];
        store_shape s;
        double *value;
        snprintf(path, sizeof path, "%s/%s", group, numbers[i]);
        TRY(store_view_numbers(v, path, 1, a, &s, &value));
        write_rounded(out, numbers[i], value, s.count, 6);
    }
    fputs("}", out);
    return ERR_OK;
}

err_code report_file_json(FILE *out, const store_view *v, uint32_t file_ix, const report_links *l, arena *a) {
    static const char *const home_texts[] = {"programme", "place", "source", NULL};
    static const char *const home_numbers[] = {"homes", "from_year", "to_year", "lon", "lat", NULL};
    static const char *const measure_texts[] = {"kind", "text", "targets", "source", NULL};
    static const char *const measure_numbers[] = {"start_year", "value", NULL};
    const char *date;
    uint32_t count;
    const char **yaml;
    TRY(store_view_attribute(v, "/", "service_date", a, &date));
    fputs("{", out);
    write_head(out, v, date);
    write_verdicts(out, store_view_summary(v));
    TRY(write_indicators(out, v, a));
    TRY(write_area_trips(out, v, a));
    TRY(write_points(out, v, a));
    TRY(write_stops(out, v, a));
    TRY(write_labels(out, v, a));
    TRY(write_areas(out, v, a));
    TRY(write_table(out, v, "programme", "/programme", home_texts, home_numbers, a));
    TRY(write_table(out, v, "measures", "/measures", measure_texts, measure_numbers, a));
    TRY(store_view_texts(v, "/scenario_yaml", a, &count, &yaml));
    fputs(", ", out);
    member_text(out, "yaml", count > 0 ? yaml[0] : "");
    fputs(", \"traffic\": ", out);
    TRY(report_traffic_json(out, v, file_ix, l, a));
    fputs("}", out);
    return ERR_OK;
}
