// Kept contraction orders: what was written comes back, anything else is not trusted, and nothing ever fails.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/log.h"
#include "io/order_cache.h"
#include "support.h"

enum { COUNT = 1000, BYTES = 24 + 4 * COUNT + 8 };

static const uint64_t key = 0x0123456789abcdefULL;

typedef struct fixture {
    char folder[256];
    char path[320];
    uint32_t order[COUNT];
    arena a;
} fixture;

static int make(void **state) {
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    arena_init(&f->a);
    support_temp_dir(f->folder);
    snprintf(f->path, sizeof f->path, "%s/deep/down/order-0123456789abcdef.bin", f->folder);
    char cache[300];
    snprintf(cache, sizeof cache, "%s/deep/down", f->folder);
    setenv("VESTSIM_CACHE", cache, 1);
    for (uint32_t r = 0; r < COUNT; r++) {
        f->order[r] = (r * 7 + 3) % COUNT;
    }
    log_set_level(LOG_QUIET);
    *state = f;
    return 0;
}

static int drop(void **state) {
    fixture *f = *state;
    arena_free(&f->a);
    free(f);
    return 0;
}

static uint32_t *get(fixture *f, uint64_t k, uint32_t count) {
    uint32_t *order;
    assert_ok(order_cache_get(k, count, &f->a, &order));
    return order;
}

static void read_all(const char *path, uint8_t bytes[BYTES]) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(bytes, 1, BYTES, file), BYTES);
    assert_int_equal(fgetc(file), EOF);
    fclose(file);
}

static void write_all(const char *path, const uint8_t *bytes, size_t count) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    fclose(file);
}

static void what_was_kept_comes_back(void **state) {
    fixture *f = *state;
    assert_null(get(f, key, COUNT));
    assert_int_equal(log_warning_count(), 0);
    order_cache_put(key, f->order, COUNT);
    uint32_t *order = get(f, key, COUNT);
    assert_non_null(order);
    assert_memory_equal(order, f->order, sizeof f->order);
    assert_null(get(f, key + 1, COUNT));
    f->order[0] = f->order[1];
    order_cache_put(key, f->order, COUNT);  // replaced as a whole; and not a permutation
    assert_null(get(f, key, COUNT));
}

// Every single bit matters: magic, key, count, order, hash.
static void damaged_files_are_not_trusted(void **state) {
    fixture *f = *state;
    static uint8_t bytes[BYTES + 1];
    order_cache_put(key, f->order, COUNT);
    read_all(f->path, bytes);
    for (uint32_t i = 0; i < BYTES; i += i < 32 || i > BYTES - 16 ? 1 : 97) {
        bytes[i] ^= (uint8_t)(1u << i % 8);
        write_all(f->path, bytes, BYTES);
        assert_null(get(f, key, COUNT));
        bytes[i] ^= (uint8_t)(1u << i % 8);
    }
    for (size_t length = 0; length < BYTES; length += 61) {
        write_all(f->path, bytes, length);
        assert_null(get(f, key, COUNT));
    }
    write_all(f->path, bytes, BYTES + 1);
    assert_null(get(f, key, COUNT));
    write_all(f->path, bytes, BYTES);
    assert_null(get(f, key, COUNT - 1));
    assert_true(log_warning_count() > 0);
    assert_non_null(get(f, key, COUNT));
}

// A right hash does not make an order of what is none.
static void orders_that_are_none_are_not_trusted(void **state) {
    fixture *f = *state;
    static uint8_t bytes[BYTES];
    order_cache_put(key, f->order, COUNT);
    read_all(f->path, bytes);
    for (int kind = 0; kind < 2; kind++) {
        memset(bytes + 24, kind == 0 ? 0xff : 0, 4);  // out of range; twice
        uint64_t h = hash_finish(hash_bytes(HASH_SEED, bytes, BYTES - 8));
        for (int i = 0; i < 8; i++) {
            bytes[BYTES - 8 + i] = (uint8_t)(h >> (8 * i));
        }
        write_all(f->path, bytes, BYTES);
        assert_null(get(f, key, COUNT));
    }
}

static void no_folder_is_no_trouble(void **state) {
    fixture *f = *state;
    char path[320];
    setenv("VESTSIM_CACHE", "", 1);
    order_cache_put(key, f->order, COUNT);
    assert_null(get(f, key, COUNT));
    setenv("VESTSIM_CACHE", "/proc/nowhere", 1);
    order_cache_put(key, f->order, COUNT);
    assert_null(get(f, key, COUNT));
    snprintf(path, sizeof path, "%s/file", f->folder);
    support_write_file(f->folder, "file", "x", 1);
    setenv("VESTSIM_CACHE", path, 1);  // a file where the folder should be
    order_cache_put(key, f->order, COUNT);
    assert_null(get(f, key, COUNT));
    unsetenv("VESTSIM_CACHE");
    setenv("XDG_CACHE_HOME", "relative", 1);
    setenv("HOME", f->folder, 1);
    order_cache_put(key, f->order, COUNT);
    assert_non_null(get(f, key, COUNT));
    snprintf(path, sizeof path, "%s/.cache/vestsim/order-0123456789abcdef.bin", f->folder);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    setenv("XDG_CACHE_HOME", f->folder, 1);
    assert_null(get(f, key, COUNT));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_kept_comes_back, make, drop),
        cmocka_unit_test_setup_teardown(damaged_files_are_not_trusted, make, drop),
        cmocka_unit_test_setup_teardown(orders_that_are_none_are_not_trusted, make, drop),
        cmocka_unit_test_setup_teardown(no_folder_is_no_trouble, make, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
