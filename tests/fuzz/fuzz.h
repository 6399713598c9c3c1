// What the fuzz targets share: the tiny case in a temporary folder, one file of which is what the fuzzer made.
// Build: cmake with clang, -DVESTSIM_FUZZ=ON and -DVESTSIM_SANITIZE=address,fuzzer-no-link; run fuzz_<loader>
// -max_len=8192.
#ifndef VESTSIM_TESTS_FUZZ_H
#define VESTSIM_TESTS_FUZZ_H

#include <stdint.h>

#include "base/log.h"
#include "base/mem.h"
#include "io_case.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char fuzz_folder[IO_CASE_PATH_BYTES];

static inline void fuzz_clean(void) {
    io_case_remove(fuzz_folder);
}

static inline void fuzz_start(void) {
    if (fuzz_folder[0] == '\0') {
        log_set_level(LOG_QUIET);
        io_case_create(fuzz_folder);
        atexit(fuzz_clean);
    }
}

// The first byte chooses a file from first to last; the rest is its content. Returns the file's name.
static inline const char *fuzz_put(const uint8_t *data, size_t size, const char *first, const char *last) {
    size_t low = io_case_index(first), high = io_case_index(last);
    const char *name = io_case_files[low + data[0] % (high - low + 1)].name;
    io_case_write_bytes(fuzz_folder, name, data + 1, size - 1);
    return name;
}

// Every answer must be "fine" or a message that says something.
static inline void fuzz_check(err_code code) {
    if (code != ERR_OK && (err_exit_status(code) != 2 || strlen(err_message()) < 10)) {
        fprintf(stderr, "code %s, message '%s'\n", err_name(code), err_message());
        abort();
    }
    err_clear();
}

#endif
