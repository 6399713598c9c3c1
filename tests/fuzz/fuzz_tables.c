// Fuzzes the loaders of the plain tables with one of their files.
#include "fuzz.h"
#include "io/gmns.h"
#include "io/scenario_yaml.h"
#include "io/tables.h"

static arena kept;
static scenario s;
static network n;

static void start(void) {
    char path[IO_CASE_PATH_BYTES];
    if (fuzz_folder[0] != '\0') {
        return;
    }
    fuzz_start();
    arena_init(&kept);
    io_case_path(path, fuzz_folder, "today.yaml");
    if (scenario_yaml_load(path, NULL, 0, &kept, &s) != ERR_OK || gmns_load(s.network_dir, &kept, &n) != ERR_OK) {
        fprintf(stderr, "%s\n", err_message());
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    start();
    const char *name = fuzz_put(data, size, "zones.csv", "margins.csv");
    arena a;
    arena_init(&a);
    zone_system z;
    synth_input people;
    err_code code = tables_load_zones(&s, &n, &a, &z);
    fuzz_check(code == ERR_OK ? tables_load_people(&s, &a, &people) : code);
    arena_free(&a);
    io_case_restore(fuzz_folder, name);
    return 0;
}
