// Fuzzes the network loader with one of its three files.
#include "fuzz.h"
#include "io/gmns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[IO_CASE_PATH_BYTES];
    if (size == 0) {
        return 0;
    }
    fuzz_start();
    const char *name = fuzz_put(data, size, "network/config.csv", "network/link.csv");
    io_case_path(path, fuzz_folder, "network");
    arena a;
    arena_init(&a);
    network n;
    fuzz_check(gmns_load(path, &a, &n));
    arena_free(&a);
    io_case_restore(fuzz_folder, name);
    return 0;
}
