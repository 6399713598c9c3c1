// vestsim import matsim: a MATSim network as a GMNS folder, plans with their routes as plans.csv.
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "imports.h"
#include "io/gmns.h"
#include "io/matsim.h"
#include "io/plans_csv.h"

enum { PATH_BYTES = 4096 };

static bool ends_with(const char *name, const char *end) {
    size_t length = strlen(name), end_length = strlen(end);
    return length >= end_length && strcmp(name + length - end_length, end) == 0;
}

static bool is_folder(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

// The file of a folder whose name is `exact` or, if there is none, the only one that contains `part`. out is "" when
// there is none at all.
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
        is_exact = strncmp(e->d_name, exact, length) == 0 && e->d_name[length] == '.';
        if (is_exact || strstr(e->d_name, part) != NULL) {
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

static err_code find_inputs(const cli_args *args, const char *in, char network_path[PATH_BYTES],
                            char plans_path[PATH_BYTES]) {
    const char *plans = options_value(args, "plans");
    plans_path[0] = '\0';
    if (plans == NULL && is_folder(in)) {
        TRY(find_file(in, "plans", "plans", "say which: --plans FILE", plans_path));
        if (plans_path[0] == '\0') {
            TRY(find_file(in, "population", "population", "say which: --plans FILE", plans_path));
        }
    }
    CHECK(strlen(in) < PATH_BYTES && (plans == NULL || strlen(plans) < PATH_BYTES), ERR_FILE, "the path is too long");
    if (plans != NULL) {
        strcpy(plans_path, plans);
    }
    if (!is_folder(in)) {
        strcpy(network_path, in);
        return ERR_OK;
    }
    TRY(find_file(in, "network", "network", "name the network file instead of the folder", network_path));
    CHECK(network_path[0] != '\0', ERR_FILE, "%s: no file called *network*.xml or *network*.xml.gz is in it", in);
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

static err_code run_import(const char *network_path, const char *plans_path, const char *out_dir, arena *a) {
    network n;
    matsim_network_info info;
    chain_plans plans = {0};
    char path[PATH_BYTES];
    CHECK(snprintf(path, sizeof path, "%s/plans.csv", out_dir) < PATH_BYTES, ERR_FILE, "the path is too long");
    TRY(matsim_load_network(network_path, a, &n, &info));
    if (plans_path[0] != '\0') {
        TRY(matsim_load_plans(plans_path, &n, a, &plans));
    }
    const char *base = strrchr(network_path, '/');
    TRY(gmns_save(out_dir, &n, base != NULL ? base + 1 : network_path));
    print_network(&n, &info);
    if (plans_path[0] != '\0') {
        TRY(plans_csv_save(path, &n, &plans));
        print_plans(&plans);
    }
    printf("written to   %s\n", out_dir);
    return ERR_OK;
}

err_code import_matsim(const cli_args *args, const char *in, const char *out_dir) {
    char network_path[PATH_BYTES], plans_path[PATH_BYTES];
    TRY(find_inputs(args, in, network_path, plans_path));
    arena a;
    arena_init(&a);
    err_code code = run_import(network_path, plans_path, out_dir, &a);
    arena_free(&a);
    return code;
}
