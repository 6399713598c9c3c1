// Fuzzes the scenario loader with a whole file, and with an override when the file begins with '='.
#include "fuzz.h"
#include "io/scenario_yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[IO_CASE_PATH_BYTES], override[256];
    const char *const overrides[] = {override};
    if (size == 0) {
        return 0;
    }
    fuzz_start();
    bool is_override = data[0] == '=';
    if (is_override) {
        size_t kept = size - 1 < sizeof override - 1 ? size - 1 : sizeof override - 1;
        memcpy(override, data + 1, kept);
        override[kept] = '\0';
        io_case_path(path, fuzz_folder, "plan.yaml");
    } else {
        io_case_write_bytes(fuzz_folder, "fuzz.yaml", data, size);
        io_case_path(path, fuzz_folder, "fuzz.yaml");
    }
    arena a;
    arena_init(&a);
    scenario s;
    fuzz_check(scenario_yaml_load(path, overrides, is_override ? 1 : 0, &a, &s));
    arena_free(&a);
    return 0;
}
