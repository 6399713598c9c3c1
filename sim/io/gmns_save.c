// GMNS folders out: config.csv, node.csv, link.csv.
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "io/gmns.h"

enum { PATH_BYTES = 4096 };

typedef enum save_file { SAVE_CONFIG = 0, SAVE_NODE, SAVE_LINK, SAVE_COUNT } save_file;

static const char *const file_names[SAVE_COUNT] = {"config.csv", "node.csv", "link.csv"};
static const char *const control_names[] = {"", "yield", "stop", "signal", "roundabout"};

typedef struct save {
    const char *folder;
    const network *n;
    const char *dataset_name;
    const gmns_extras *extras;
    bool local;
} save;

static err_code save_path(const save *s, save_file file, const char *end, char out[PATH_BYTES]) {
    int length = snprintf(out, PATH_BYTES, "%s/%s%s", s->folder, file_names[file], end);
    CHECK(length > 0 && length < PATH_BYTES, ERR_FILE, "%.200s...: the path is too long", s->folder);
    return ERR_OK;
}

// A cell as RFC 4180 wants it.
static void put_text(FILE *f, const char *cell) {
    if (cell == NULL || strpbrk(cell, ",\"\r\n") == NULL) {
        fputs(cell == NULL ? "" : cell, f);
        return;
    }
    fputc('"', f);
    for (const char *c = cell; *c != '\0'; c++) {
        if (*c == '"') {
            fputc('"', f);
        }
        fputc(*c, f);
    }
    fputc('"', f);
}

// 17 significant digits bring back the same double, and so the same float once rounded.
static void put_number(FILE *f, double value) {
    if (value == floor(value) && fabs(value) < 1e15) {
        fprintf(f, "%.0f", value == 0 ? 0 : value);
        return;
    }
    for (int digits = 6; digits <= 17; digits++) {
        char cell[40];
        double back = 0;
        snprintf(cell, sizeof cell, "%.*g", digits, value);
        if (sscanf(cell, "%lf", &back) == 1 && back == value) {
            fputs(cell, f);
            return;
        }
    }
}

static void put_cell(FILE *f, double value) {
    fputc(',', f);
    put_number(f, value);
}

static void put_uses(FILE *f, uint8_t allowed) {
    static const struct {
        const char *name;
        uint8_t bit;
    } uses[] = {
        {"auto", ALLOW_CAR}, {"bus", ALLOW_BUS}, {"truck", ALLOW_LORRY}, {"bike", ALLOW_CYCLE}, {"walk", ALLOW_WALK}};
    const char *between = "";
    fputc('"', f);
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        if ((allowed & uses[i].bit) != 0) {
            fprintf(f, "%s%s", between, uses[i].name);
            between = ",";
        }
    }
    fputc('"', f);
}

static void write_config(FILE *f, const save *s) {
    fputs("dataset_name,short_length,long_length,speed,crs,geometry_field_format,id_type,version_number\n", f);
    put_text(f, s->dataset_name);
    fprintf(f, ",m,m,mps,%s,wkt,string,0.96\n", s->local ? "local" : "EPSG:4326");
}

static void write_nodes(FILE *f, const save *s) {
    const node_columns *t = &s->n->node;
    const gmns_extras *x = s->extras;
    fprintf(f, "node_id,name,x_coord,y_coord,z_coord,ctrl_type%s%s\n", x->zone_id != NULL ? ",zone_id" : "",
            x->zone_only != NULL ? ",zone_only" : "");
    for (uint32_t i = 0; i < t->count; i++) {
        put_text(f, t->id[i]);
        fputc(',', f);
        put_text(f, t->name[i]);
        put_cell(f, s->local ? t->x_m[i] : t->lon[i]);
        put_cell(f, s->local ? t->y_m[i] : t->lat[i]);
        put_cell(f, (double)t->z_m[i]);
        fprintf(f, ",%s", control_names[t->control[i]]);
        if (x->zone_id != NULL) {
            fputc(',', f);
            put_text(f, x->zone_id[i]);
        }
        if (x->zone_only != NULL) {
            fprintf(f, ",%d", x->zone_only[i] != 0);
        }
        fputc('\n', f);
    }
}

static void write_link(FILE *f, const save *s, uint32_t e) {
    const link_columns *t = &s->n->link;
    put_text(f, t->id[e]);
    fputc(',', f);
    put_text(f, t->name[e]);
    fputc(',', f);
    put_text(f, s->n->node.id[t->from_ix[e]]);
    fputc(',', f);
    put_text(f, s->n->node.id[t->to_ix[e]]);
    fputs(",1,", f);
    put_text(f, t->geometry[e]);
    put_cell(f, (double)t->length_m[e]);
    fputc(',', f);
    put_text(f, t->road_class[e]);
    double lanes = (double)t->lanes[e];
    put_cell(f, lanes > 0 ? (double)t->capacity_vph[e] / lanes : 0);  // GMNS: a lane
    put_cell(f, (double)t->free_speed_mps[e]);
    put_cell(f, lanes);
    put_cell(f, (double)t->grade_pct[e]);
    fputc(',', f);
    put_uses(f, t->allowed[e]);
    put_cell(f, (double)t->toll_nok[e]);
    fprintf(f, ",%s", network_cycle_facility_name((cycle_facility)t->cycle_facility[e]));
    put_cell(f, t->open_year[e]);
    const volume_delay *v = s->extras->delay;
    if (v != NULL) {
        put_cell(f, v->free_min[e]);
        put_cell(f, v->alpha[e]);
        put_cell(f, v->power[e]);
        put_cell(f, v->capacity[e]);
        put_cell(f, v->fixed_min[e]);
    }
    fputc('\n', f);
}

static void write_links(FILE *f, const save *s) {
    fprintf(f,
            "link_id,name,from_node_id,to_node_id,directed,geometry,length,facility_type,capacity,free_speed,lanes,"
            "grade,allowed_uses,toll,cycle_facility,open_year%s\n",
            s->extras->delay != NULL ? ",vdf_fftt_min,vdf_alpha,vdf_beta,vdf_capacity,vdf_fixed_min" : "");
    for (uint32_t e = 0; e < s->n->link.count; e++) {
        write_link(f, s, e);
    }
}

static err_code write_file(const save *s, save_file file) {
    char path[PATH_BYTES];
    TRY(save_path(s, file, ".part", path));
    FILE *f = fopen(path, "wb");
    CHECK(f != NULL, ERR_FILE, "%s: cannot be written: %s", path, strerror(errno));
    if (file == SAVE_CONFIG) {
        write_config(f, s);
    } else if (file == SAVE_NODE) {
        write_nodes(f, s);
    } else {
        write_links(f, s);
    }
    bool failed = ferror(f) != 0;
    failed = fclose(f) != 0 || failed;
    CHECK(!failed, ERR_FILE, "%s: cannot be written completely; is the disk full?", path);
    return ERR_OK;
}

static err_code write_files(const save *s) {
    for (int file = 0; file < SAVE_COUNT; file++) {
        TRY(write_file(s, (save_file)file));
    }
    for (int file = 0; file < SAVE_COUNT; file++) {
        char part[PATH_BYTES], path[PATH_BYTES];
        TRY(save_path(s, (save_file)file, ".part", part));
        TRY(save_path(s, (save_file)file, "", path));
        CHECK(rename(part, path) == 0, ERR_FILE, "%s: cannot be written: %s", path, strerror(errno));
    }
    return ERR_OK;
}

static void drop_parts(const save *s) {
    for (int file = 0; file < SAVE_COUNT; file++) {
        char part[PATH_BYTES];
        if (snprintf(part, sizeof part, "%.3900s/%s.part", s->folder, file_names[file]) > 0) {
            unlink(part);
        }
    }
}

// What the files cannot hold would come back changed.
static err_code check_representable(const network *n) {
    for (uint32_t e = 0; e < n->link.count; e++) {
        CHECK(n->link.lanes[e] > 0 || !(n->link.capacity_vph[e] > 0), ERR_RANGE,
              "link '%s' has a capacity but no lanes; GMNS holds the capacity of a lane", n->link.id[e]);
    }
    for (uint32_t i = 0; i < n->node.count; i++) {
        CHECK(n->node.control[i] <= CONTROL_ROUNDABOUT, ERR_RANGE, "node '%s': junction control %u is unknown",
              n->node.id[i], n->node.control[i]);
    }
    return ERR_OK;
}

err_code gmns_save_with(const char *folder, const network *n, const char *dataset_name, const gmns_extras *extras) {
    save s = {.folder = folder, .n = n, .dataset_name = dataset_name, .extras = extras, .local = true};
    for (uint32_t i = 0; i < n->node.count && s.local; i++) {
        s.local = n->node.lon[i] == 0 && n->node.lat[i] == 0;
    }
    TRY(check_representable(n));
    CHECK(mkdir(folder, 0777) == 0 || errno == EEXIST, ERR_FILE, "%s: the folder cannot be made: %s", folder,
          strerror(errno));
    err_code code = write_files(&s);
    if (code != ERR_OK) {
        drop_parts(&s);
    }
    return code;
}

err_code gmns_save(const char *folder, const network *n, const char *dataset_name) {
    return gmns_save_with(folder, n, dataset_name, &(gmns_extras){0});
}
