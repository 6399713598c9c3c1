#include "io/order_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"

enum { PATH_BYTES = 4096, WORD = 8, HEAD_WORDS = 3 };

static const char magic[WORD + 1] = "VSORDER1";

static bool join(char out[PATH_BYTES], const char *folder, const char *rest) {
    int length = snprintf(out, PATH_BYTES, "%s%s", folder, rest);
    return length > 0 && length < PATH_BYTES;
}

// False = no cache wanted, or nowhere to have it.
static bool find_folder(char out[PATH_BYTES]) {
    const char *own = getenv("VESTSIM_CACHE");
    const char *xdg = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    if (own != NULL) {
        return own[0] != '\0' && join(out, own, "");
    }
    if (xdg != NULL && xdg[0] == '/') {  // a relative one is to be ignored (XDG base directories)
        return join(out, xdg, "/vestsim");
    }
    return home != NULL && home[0] == '/' && join(out, home, "/.cache/vestsim");
}

static bool find_file(uint64_t key, char out[PATH_BYTES]) {
    char folder[PATH_BYTES], name[48];
    snprintf(name, sizeof name, "/order-%016llx.bin", (unsigned long long)key);
    return find_folder(folder) && join(out, folder, name);
}

static void put_word(uint8_t *to, uint64_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        to[i] = (uint8_t)(value >> (8 * i));
    }
}

static uint64_t get_word(const uint8_t *from, size_t bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++) {
        value |= (uint64_t)from[i] << (8 * i);
    }
    return value;
}

static size_t file_bytes(uint32_t count) {
    return (HEAD_WORDS + 1) * WORD + (size_t)count * sizeof(uint32_t);
}

static bool is_permutation(const uint32_t *order, uint32_t count, uint8_t *seen) {
    memset(seen, 0, count);
    for (uint32_t r = 0; r < count; r++) {
        if (order[r] >= count || seen[order[r]] != 0) {
            return false;
        }
        seen[order[r]] = 1;
    }
    return true;
}

// Reads the order out of a file's bytes; false if they are not what they should be.
static bool decode(const uint8_t *bytes, uint64_t key, uint32_t count, uint32_t *order, uint8_t *seen) {
    size_t hashed = file_bytes(count) - WORD;
    if (memcmp(bytes, magic, WORD) != 0 || get_word(bytes + WORD, WORD) != key ||
        get_word(bytes + 2 * WORD, WORD) != count ||
        get_word(bytes + hashed, WORD) != hash_finish(hash_bytes(HASH_SEED, bytes, hashed))) {
        return false;
    }
    for (uint32_t r = 0; r < count; r++) {
        order[r] = (uint32_t)get_word(bytes + HEAD_WORDS * WORD + (size_t)r * sizeof *order, sizeof *order);
    }
    return is_permutation(order, count, seen);
}

static err_code read_file(FILE *file, const char *path, uint64_t key, uint32_t count, arena *a, uint32_t **out) {
    arena scratch;
    arena_init(&scratch);
    size_t bytes = file_bytes(count);
    uint8_t *read = arena_alloc(&scratch, bytes + 1, 1);
    uint8_t *seen = arena_alloc(&scratch, (size_t)count + 1, 1);
    uint32_t *order = arena_alloc(a, count, sizeof *order);
    err_code code = read == NULL || seen == NULL || order == NULL ? ERR_MEMORY : ERR_OK;
    if (code == ERR_OK) {
        bool whole = fread(read, 1, bytes + 1, file) == bytes;  // and nothing behind
        if (whole && decode(read, key, count, order, seen)) {
            *out = order;
        } else {
            log_warn("%s: damaged, or of another network: not used; delete it, it is made anew", path);
        }
    }
    arena_free(&scratch);
    return code;
}

err_code order_cache_get(uint64_t key, uint32_t count, arena *a, uint32_t **order) {
    char path[PATH_BYTES];
    *order = NULL;
    if (!find_file(key, path)) {
        return ERR_OK;
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return ERR_OK;
    }
    err_code code = read_file(file, path, key, count, a, order);
    fclose(file);
    return code;
}

// Makes the folder with those above it, readable by its owner only; whether it worked shows when the file is opened.
static void make_folder(void) {
    char folder[PATH_BYTES];
    if (!find_folder(folder)) {
        return;
    }
    for (char *c = folder + 1; *c != '\0'; c++) {
        if (*c == '/') {
            *c = '\0';
            (void)mkdir(folder, 0700);
            *c = '/';
        }
    }
    (void)mkdir(folder, 0700);
}

static bool write_file(const char *path, const uint8_t *bytes, size_t count) {
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        return false;
    }
    bool good = fwrite(bytes, 1, count, file) == count;
    return fclose(file) == 0 && good;
}

void order_cache_put(uint64_t key, const uint32_t *order, uint32_t count) {
    char path[PATH_BYTES], part[PATH_BYTES + 32];
    size_t bytes = file_bytes(count), hashed = bytes - WORD;
    uint8_t *all = find_file(key, path) ? mem_alloc(bytes) : NULL;
    if (all == NULL) {
        return;
    }
    memcpy(all, magic, WORD);
    put_word(all + WORD, key, WORD);
    put_word(all + 2 * WORD, count, WORD);
    for (uint32_t r = 0; r < count; r++) {
        put_word(all + HEAD_WORDS * WORD + (size_t)r * sizeof *order, order[r], sizeof *order);
    }
    put_word(all + hashed, hash_finish(hash_bytes(HASH_SEED, all, hashed)), WORD);
    make_folder();
    snprintf(part, sizeof part, "%s.%ld.part", path, (long)getpid());  // a name of this run's own
    if (!write_file(part, all, bytes) || rename(part, path) != 0) {
        log_info("%s: not written; the next run orders this network again", path);
        (void)remove(part);
    }
    mem_free(all);
}
