#include "io/schedule_gtfs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "csv_put.h"
#include "schedule_builder.h"

enum { PATH_BYTES = 4096 };

typedef void put_file(FILE *f, const network *n, const schedule *s);

// GTFS route_type of MATSim's transportMode; what is not named here counts as a bus (3).
static int route_type(const char *vehicle) {
    static const struct {
        const char *mode;
        int type;
    } known[] = {{"tram", 0}, {"subway", 1}, {"metro", 1}, {"rail", 2}, {"train", 2}, {"ferry", 4}, {"ship", 4}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(vehicle, known[i].mode) == 0) {
            return known[i].type;
        }
    }
    return 3;
}

static void put_agency(FILE *f, const network *n, const schedule *s) {
    (void)n;
    (void)s;
    fputs("agency_id,agency_name,agency_url,agency_timezone\n1,MATSim transit schedule,https://matsim.org,Etc/UTC\n",
          f);
}

static void put_calendar(FILE *f, const network *n, const schedule *s) {
    (void)n;
    (void)s;
    fputs(
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "every_day,1,1,1,1,1,1,1,20000101,20991231\n",
        f);
}

static void put_stops(FILE *f, const network *n, const schedule *s) {
    (void)n;
    fputs("stop_id,stop_name,stop_lat,stop_lon,stop_x,stop_y,link_id\n", f);
    for (uint32_t i = 0; i < s->facility_count; i++) {
        const schedule_facility *row = &s->facility[i];
        csv_put_text(f, row->id, ",");
        csv_put_text(f, row->name, "");
        fprintf(f, ",0,0,%.17g,%.17g,", row->x_m, row->y_m);
        csv_put_text(f, row->link_id, "\n");
    }
}

// The type of a line is that of its first pattern.
static int line_type(const schedule *s, uint32_t line) {
    for (uint32_t i = 0; i < s->pattern_count; i++) {
        if (s->pattern[i].line == line) {
            return route_type(s->pattern[i].mode);
        }
    }
    return route_type("");
}

static void put_routes(FILE *f, const network *n, const schedule *s) {
    (void)n;
    fputs("route_id,agency_id,route_short_name,route_type\n", f);
    for (uint32_t i = 0; i < s->line_count; i++) {
        csv_put_text(f, s->line[i].id, ",1,");
        csv_put_text(f, s->line[i].name, "");
        fprintf(f, ",%d\n", line_type(s, i));
    }
}

// line/route/departure: departures have names of their own in their route only.
static void put_trip_id(FILE *f, const schedule *s, const schedule_departure *d, const char *end) {
    const schedule_pattern *p = &s->pattern[d->pattern];
    char id[2048];
    snprintf(id, sizeof id, "%.600s/%.600s/%.600s", p->line_id, p->route_id, d->id);
    csv_put_text(f, id, end);
}

static void put_trips(FILE *f, const network *n, const schedule *s) {
    (void)n;
    fputs("route_id,service_id,trip_id,trip_headsign,pattern_id,departure_id,start_time,vehicle_id\n", f);
    for (uint32_t i = 0; i < s->departure_count; i++) {
        const schedule_departure *d = &s->departure[i];
        const schedule_pattern *p = &s->pattern[d->pattern];
        csv_put_text(f, p->line_id, ",every_day,");
        put_trip_id(f, s, d, ",");
        csv_put_text(f, p->stop_count > 0 ? s->facility[s->stop[p->stop_first + p->stop_count - 1].facility].name : "",
                     ",");
        csv_put_text(f, p->route_id, ",");
        csv_put_text(f, d->id, ",");
        csv_put_time(f, d->departure_s, ",");
        csv_put_text(f, d->vehicle != IX_NONE ? s->vehicle[d->vehicle].id : "", "\n");
    }
}

static void put_stop_times(FILE *f, const network *n, const schedule *s) {
    (void)n;
    fputs("trip_id,arrival_time,departure_time,stop_id,stop_sequence,timepoint,links_driven\n", f);
    for (uint32_t i = 0; i < s->departure_count; i++) {
        const schedule_departure *d = &s->departure[i];
        const schedule_pattern *p = &s->pattern[d->pattern];
        for (uint32_t k = 0; k < p->stop_count; k++) {
            const schedule_stop *stop = &s->stop[p->stop_first + k];
            put_trip_id(f, s, d, ",");
            csv_put_time(f, s->call[d->call_first + k].arrival_s, ",");
            csv_put_time(f, s->call[d->call_first + k].departure_s, ",");
            csv_put_text(f, s->facility[stop->facility].id, "");
            fprintf(f, ",%u,%d,%u\n", k + 1, stop->awaits ? 1 : 0, stop->links_driven);
        }
    }
}

// A pattern of links that are not all known is written without any: it is not driven.
static void put_patterns(FILE *f, const network *n, const schedule *s) {
    fputs("route_id,pattern_id,mode,start_link_id,link_ids\n", f);
    for (uint32_t i = 0; i < s->pattern_count; i++) {
        const schedule_pattern *p = &s->pattern[i];
        uint32_t links = p->known ? p->link_count : 0;
        csv_put_text(f, p->line_id, ",");
        csv_put_text(f, p->route_id, ",");
        csv_put_text(f, p->mode, ",");
        csv_put_text(f, p->known && p->start_link != IX_NONE ? n->link.id[p->start_link] : "", ",");
        for (uint32_t k = 0; k < links; k++) {
            csv_put_text(f, n->link.id[s->link[p->link_first + k]], k + 1 < links ? " " : "");
        }
        fputs("\n", f);
    }
}

static void put_vehicles(FILE *f, const network *n, const schedule *s) {
    (void)n;
    fputs("vehicle_id,type_id,seats,standing,access_s,egress_s,doors,pcu\n", f);
    for (uint32_t i = 0; i < s->vehicle_count; i++) {
        uint32_t type = s->vehicle[i].type;
        csv_put_text(f, s->vehicle[i].id, ",");
        if (type == IX_NONE) {
            fputs(",,,,,,\n", f);
            continue;
        }
        const schedule_vehicle_type *row = &s->type[type];
        csv_put_text(f, row->id, "");
        fprintf(f, ",%u,%u,%.17g,%.17g,%s,%.17g\n", row->seats, row->standing, row->access_s, row->egress_s,
                row->parallel ? "parallel" : "serial", row->pcu);
    }
}

static void put_transfers(FILE *f, const network *n, const schedule *s) {
    (void)n;
    fputs("from_stop_id,to_stop_id,transfer_type,min_transfer_time\n", f);
    for (uint32_t i = 0; i < s->transfer_count; i++) {
        csv_put_text(f, s->facility[s->transfer[i].from].id, ",");
        csv_put_text(f, s->facility[s->transfer[i].to].id, "");
        fprintf(f, ",2,%u\n", s->transfer[i].time_s);
    }
}

static const struct {
    const char *name;
    put_file *put;
} files[] = {{"agency.txt", put_agency},     {"calendar.txt", put_calendar}, {"stops.txt", put_stops},
             {"routes.txt", put_routes},     {"trips.txt", put_trips},       {"stop_times.txt", put_stop_times},
             {"patterns.txt", put_patterns}, {"vehicles.txt", put_vehicles}, {"transfers.txt", put_transfers}};
enum { FILE_COUNT = sizeof files / sizeof files[0] };

static err_code path_of(const char *folder, size_t file, const char *end, char out[PATH_BYTES]) {
    int length = snprintf(out, PATH_BYTES, "%s/%s%s", folder, files[file].name, end);
    CHECK(length > 0 && length < PATH_BYTES, ERR_FILE, "%.200s...: the path is too long", folder);
    return ERR_OK;
}

static err_code write_file(const char *folder, size_t file, const network *n, const schedule *s) {
    char path[PATH_BYTES];
    TRY(path_of(folder, file, ".part", path));
    FILE *f = fopen(path, "wb");
    CHECK(f != NULL, ERR_FILE, "%s: cannot be written: %s", path, strerror(errno));
    files[file].put(f, n, s);
    bool failed = ferror(f) != 0;
    failed = fclose(f) != 0 || failed;
    CHECK(!failed, ERR_FILE, "%s: cannot be written; is the disk full?", path);
    return ERR_OK;
}

// Ids that would read as something else when they come back.
static err_code check_ids(const network *n, const schedule *s) {
    for (uint32_t i = 0; i < s->link_count; i++) {
        const char *id = n->link.id[s->link[i]];
        CHECK(strpbrk(id, " ,\"\t\r\n") == NULL, ERR_RANGE,
              "link '%.60s': an id with a blank, comma or quote cannot be written in a route", id);
    }
    for (uint32_t i = 0; i < s->pattern_count; i++) {
        const schedule_pattern *p = &s->pattern[i];
        CHECK(strlen(p->line_id) <= 500 && strlen(p->route_id) <= 500, ERR_RANGE,
              "line '%.60s...', route '%.60s...': ids may have 500 characters", p->line_id, p->route_id);
    }
    for (uint32_t i = 0; i < s->departure_count; i++) {
        CHECK(strlen(s->departure[i].id) <= 500, ERR_RANGE, "departure '%.60s...': ids may have 500 characters",
              s->departure[i].id);
    }
    return ERR_OK;
}

err_code schedule_gtfs_save(const char *folder, const network *n, const schedule *s) {
    char path[PATH_BYTES], part[PATH_BYTES];
    TRY(check_ids(n, s));
    CHECK(mkdir(folder, 0777) == 0 || errno == EEXIST, ERR_FILE, "%s: the folder cannot be made: %s", folder,
          strerror(errno));
    err_code code = ERR_OK;
    for (size_t i = 0; i < FILE_COUNT && code == ERR_OK; i++) {
        code = write_file(folder, i, n, s);
    }
    for (size_t i = 0; i < FILE_COUNT; i++) {
        if (path_of(folder, i, ".part", part) != ERR_OK || path_of(folder, i, "", path) != ERR_OK) {
            continue;
        }
        if (code != ERR_OK) {
            (void)remove(part);
        } else if (rename(part, path) != 0) {
            code = err_raise(ERR_FILE, "%s: cannot be written: %s", path, strerror(errno));
        }
    }
    return code;
}

bool schedule_gtfs_is(const char *folder) {
    struct stat about;
    char path[PATH_BYTES];
    int length = snprintf(path, sizeof path, "%s/patterns.txt", folder);
    return length > 0 && length < PATH_BYTES && stat(path, &about) == 0;
}
