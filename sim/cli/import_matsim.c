// vestsim import matsim: a MATSim network as a GMNS folder, plans with their routes as plans.csv, the transit schedule
// as a GTFS folder.
#include <ctype.h>
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "imports.h"
#include "io/gmns.h"
#include "io/matsim.h"
#include "io/plans_csv.h"
#include "io/schedule_gtfs.h"

enum { PATH_BYTES = 4096 };

static bool ends_with(const char *name, const char *end) {
    size_t length = strlen(name), end_length = strlen(end);
    return length >= end_length && strcmp(name + length - end_length, end) == 0;
}

static bool is_folder(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

// Whether name contains part (in lower case), whatever the case of its letters; at its start where `first`.
static bool name_has(const char *name, const char *part, bool first) {
    for (size_t from = 0; name[from] != '\0' && (from == 0 || !first); from++) {
        size_t i = 0;
        while (part[i] != '\0' && tolower((unsigned char)name[from + i]) == part[i]) {
            i++;
        }
        if (part[i] == '\0') {
            return true;
        }
    }
    return false;
}

// The file of a folder whose name is `exact` or, if there is none, the only one that contains `part`, both in lower
// case. out is "" when there is none at all.
static err_code find_file(const char *folder, const char *exact, const char *part, const char *remedy,
                          char out[PATH_BYTES]) {
    char found[256] = "", other[256] = "";
    bool is_exact = false;
    DIR *d = opendir(folder);
    CHECK(d != NULL, ERR_FILE, "%s: the folder cannot be read", folder);
    for (const struct dirent *e = readdir(d); e != NULL && !is_exact; e = readdir(d)) {
        if (!ends_with(e->d_name, ".xml") && !ends_with(e->d_name, ".xml.gz")) {
            continue;
        }
        size_t length = strlen(exact);
        is_exact = name_has(e->d_name, exact, true) && e->d_name[length] == '.';
        if (is_exact || name_has(e->d_name, part, false)) {
            snprintf(is_exact || found[0] == '\0' ? found : other, sizeof found, "%s", e->d_name);
        }
    }
    closedir(d);
    CHECK(is_exact || other[0] == '\0', ERR_USAGE, "%s: both %s and %s could be meant; %s", folder,
          strcmp(found, other) < 0 ? found : other, strcmp(found, other) < 0 ? other : found, remedy);
    CHECK(snprintf(out, PATH_BYTES, "%s%s%s", found[0] != '\0' ? folder : "", found[0] != '\0' ? "/" : "", found) <
              PATH_BYTES,
          ERR_FILE, "%.200s...: the path is too long", folder);
    return ERR_OK;
}

typedef struct input_paths {  // "" = none
    char network[PATH_BYTES], plans[PATH_BYTES], schedule[PATH_BYTES], vehicles[PATH_BYTES];
} input_paths;

// The file of an option, else the first of a folder that is found under one of the names.
static err_code find_input(const cli_args *args, const char *option, const char *in, const char *const names[3],
                           char out[PATH_BYTES]) {
    const char *given = options_value(args, option);
    char remedy[64];
    snprintf(remedy, sizeof remedy, "say which: --%s FILE", option);
    out[0] = '\0';
    CHECK(given == NULL || strlen(given) < PATH_BYTES, ERR_FILE, "the path is too long");
    if (given != NULL) {
        strcpy(out, given);
    }
    for (int i = 0; i < 3 && names[i] != NULL && out[0] == '\0' && is_folder(in); i++) {
        TRY(find_file(in, names[i], names[i], remedy, out));
    }
    return ERR_OK;
}

static err_code find_inputs(const cli_args *args, const char *in, input_paths *paths) {
    static const char *const plans[3] = {"plans", "population"};
    static const char *const schedules[3] = {"transitschedule", "schedule"};
    static const char *const vehicles[3] = {"transitvehicles", "transit_vehicles", "vehicles"};
    TRY(find_input(args, "plans", in, plans, paths->plans));
    TRY(find_input(args, "schedule", in, schedules, paths->schedule));
    TRY(find_input(args, "vehicles", in, vehicles, paths->vehicles));
    CHECK(paths->schedule[0] != '\0' || !options_given(args, "vehicles"), ERR_USAGE,
          "--vehicles FILE is of no use without a transit schedule: give --schedule FILE");
    CHECK(strlen(in) < PATH_BYTES, ERR_FILE, "the path is too long");
    if (!is_folder(in)) {
        strcpy(paths->network, in);
        return ERR_OK;
    }
    TRY(find_file(in, "network", "network", "name the network file instead of the folder", paths->network));
    CHECK(paths->network[0] != '\0', ERR_FILE, "%s: no file called *network*.xml or *network*.xml.gz is in it", in);
    return ERR_OK;
}

static void print_network(const network *n, const matsim_network_info *info) {
    double length_m = 0;
    for (uint32_t i = 0; i < n->link.count; i++) {
        length_m += (double)n->link.length_m[i];
    }
    printf("network      %u nodes, %u links, %.3f km", n->node.count, n->link.count, length_m / 1000);
    if (info->loops > 0) {
        printf(" (%u of %u links left out)", info->loops, info->links_in_file);
    }
    printf("\n");
}

static void print_plans(const chain_plans *plans) {
    uint32_t count[CHAIN_UNUSABLE + 1] = {0};
    for (uint32_t i = 0; i < plans->leg_count; i++) {
        count[plans->leg[i].kind]++;
    }
    printf("plans        %u persons, %u legs: %u driven, %u teleported, %u unusable\n", plans->person_count,
           plans->leg_count, count[CHAIN_DRIVE], count[CHAIN_TELEPORT], count[CHAIN_UNUSABLE]);
}

static void print_schedule(const schedule *s) {
    uint32_t driven = 0;
    for (uint32_t i = 0; i < s->departure_count; i++) {
        driven += s->pattern[s->departure[i].pattern].on_road;
    }
    printf("schedule     %u stops, %u lines, %u routes, %u departures of %u vehicles; %u of them in the traffic\n",
           s->facility_count, s->line_count, s->pattern_count, s->departure_count, s->vehicle_count, driven);
}

typedef struct import_result {
    network n;
    matsim_network_info info;
    chain_plans plans;
    schedule s;
} import_result;

static err_code load_inputs(const input_paths *paths, arena *a, import_result *r) {
    TRY(matsim_load_network(paths->network, a, &r->n, &r->info));
    if (paths->plans[0] != '\0') {
        TRY(matsim_load_plans(paths->plans, &r->n, a, &r->plans));
    }
    if (paths->schedule[0] != '\0') {
        TRY(matsim_load_schedule(paths->schedule, paths->vehicles[0] != '\0' ? paths->vehicles : NULL, &r->n, &r->info,
                                 a, &r->s));
        uint32_t opened = chain_place_schedule(&r->n, &r->s);
        if (opened > 0) {
            log_warn("%s: its vehicles drive %u links that are closed to buses; they are opened to them",
                     paths->schedule, opened);
        }
    }
    return ERR_OK;
}

static err_code run_import(const input_paths *paths, const char *out_dir, arena *a) {
    import_result *r;
    char plans[PATH_BYTES], gtfs[PATH_BYTES];
    ARENA_NEW(a, r, 1);
    CHECK(snprintf(plans, sizeof plans, "%s/plans.csv", out_dir) < PATH_BYTES &&
              snprintf(gtfs, sizeof gtfs, "%s/gtfs", out_dir) < PATH_BYTES,
          ERR_FILE, "the path is too long");
    TRY(load_inputs(paths, a, r));
    const char *base = strrchr(paths->network, '/');
    TRY(gmns_save(out_dir, &r->n, base != NULL ? base + 1 : paths->network));
    print_network(&r->n, &r->info);
    if (paths->plans[0] != '\0') {
        TRY(plans_csv_save(plans, &r->n, &r->plans));
        print_plans(&r->plans);
    }
    if (paths->schedule[0] != '\0') {
        TRY(schedule_gtfs_save(gtfs, &r->n, &r->s));
        print_schedule(&r->s);
    }
    printf("written to   %s\n", out_dir);
    return ERR_OK;
}

err_code import_matsim(const cli_args *args, const char *in, const char *out_dir) {
    arena a;
    input_paths *paths;
    arena_init(&a);
    paths = arena_alloc(&a, 1, sizeof *paths);
    err_code code = paths != NULL ? find_inputs(args, in, paths) : ERR_MEMORY;
    code = code == ERR_OK ? run_import(paths, out_dir, &a) : code;
    arena_free(&a);
    return code;
}
