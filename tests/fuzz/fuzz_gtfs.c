// Fuzzes the GTFS loader with one file of a feed, or with a whole zip when the input begins with "PK".
#include "fuzz.h"
#include "io/gtfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[IO_CASE_PATH_BYTES];
    const char *name = NULL;
    if (size < 2) {
        return 0;
    }
    fuzz_start();
    if (data[0] == 'P' && data[1] == 'K') {
        io_case_write_bytes(fuzz_folder, "fuzz.zip", data, size);
        io_case_path(path, fuzz_folder, "fuzz.zip");
    } else {
        name = fuzz_put(data, size, "gtfs/agency.txt", "gtfs/transfers.txt");
        io_case_path(path, fuzz_folder, "gtfs");
    }
    gtfs_options o = {.date = "2023-10-18", .footpath_max_m = 500, .walk_speed_kmh = 4.8};
    o.days_before = data[size - 1] % 3;  // one day or several
    o.days_after = data[size - 1] / 3 % 3;
    arena a;
    arena_init(&a);
    transit t;
    fuzz_check(gtfs_load(path, &o, &a, &t));
    arena_free(&a);
    if (name != NULL) {
        io_case_restore(fuzz_folder, name);
    }
    return 0;
}
