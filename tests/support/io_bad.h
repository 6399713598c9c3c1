// Table-driven tests of bad input: one file of the tiny case is spoiled, the loader must say what and where.
#ifndef VESTSIM_TESTS_IO_BAD_H
#define VESTSIM_TESTS_IO_BAD_H

#include "base/mem.h"
#include "io_case.h"

typedef enum io_bad_kind {
    IO_BAD_EDIT = 0,   // find is replaced by replace
    IO_BAD_MISSING,    // no such file
    IO_BAD_EMPTY,      // no bytes
    IO_BAD_NUL,        // a NUL byte on the second line
    IO_BAD_UTF8,       // a byte that is not UTF-8 on the second line
    IO_BAD_LONG_LINE,  // ten million bytes without a line end, after the first line
    IO_BAD_CUT         // the file ends in the middle of `find`
} io_bad_kind;

typedef struct io_bad_case {
    const char *title;
    const char *file;  // the file that is spoiled
    io_bad_kind kind;
    const char *find;
    const char *replace;
    err_code code;
    int line;                // expected in the message behind the file's name; 0 = none
    const char *message[2];  // parts the message must have
    const char *blamed;      // the file the message names, if it is another
} io_bad_case;

// An edit: which text becomes which, and the code, line and message parts that must follow.
#define IO_BAD(title_, file_, find_, replace_, code_, line_, ...)                                        \
    {                                                                                                    \
        .title = (title_), .file = (file_), .kind = IO_BAD_EDIT, .find = (find_), .replace = (replace_), \
        .code = (code_), .line = (line_), .message = {                                                   \
            __VA_ARGS__                                                                                  \
        }                                                                                                \
    }

static inline void io_bad_insert(const io_bad_case *c, const char *folder, const char *bytes, size_t count) {
    const char *content = io_case_files[io_case_index(c->file)].content;
    const char *line_end = strchr(content, '\n');
    size_t head = line_end == NULL ? strlen(content) : (size_t)(line_end - content) + 1;
    char *spoiled = malloc(strlen(content) + count);
    if (spoiled == NULL) {
        abort();
    }
    memcpy(spoiled, content, head);
    memcpy(spoiled + head, bytes, count);
    memcpy(spoiled + head + count, content + head, strlen(content) - head);
    io_case_write_bytes(folder, c->file, spoiled, strlen(content) + count);
    free(spoiled);
}

static inline void io_bad_spoil(const io_bad_case *c, const char *folder) {
    enum { LONG_BYTES = 10000000 };
    char path[IO_CASE_PATH_BYTES];
    io_case_path(path, folder, c->file);
    if (c->kind == IO_BAD_MISSING) {
        unlink(path);
    } else if (c->kind == IO_BAD_EMPTY) {
        io_case_write_bytes(folder, c->file, "", 0);
    } else if (c->kind == IO_BAD_NUL) {
        io_bad_insert(c, folder, "x\0y", 3);
    } else if (c->kind == IO_BAD_UTF8) {
        io_bad_insert(c, folder, "x\xff\xfey", 4);
    } else if (c->kind == IO_BAD_LONG_LINE) {
        char *line = malloc(LONG_BYTES);
        if (line == NULL) {
            abort();
        }
        memset(line, 'x', LONG_BYTES);
        io_bad_insert(c, folder, line, LONG_BYTES);
        free(line);
    } else if (c->kind == IO_BAD_CUT) {
        const char *content = io_case_files[io_case_index(c->file)].content;
        const char *at = strstr(content, c->find);
        io_case_write_bytes(folder, c->file, content, at == NULL ? 0 : (size_t)(at - content) + strlen(c->find) / 2);
    } else {
        char *content = io_case_edit(c->file, c->find, c->replace);
        io_case_write_text(folder, c->file, content);
        free(content);
    }
}

// Spoils, loads, checks, restores. load: the loader under test on the case's folder.
static inline void io_bad_check(const io_bad_case *c, const char *folder,
                                err_code (*load)(const char *folder, arena *a)) {
    char place[IO_CASE_PATH_BYTES + 64];
    const char *blamed = c->blamed != NULL ? c->blamed : c->file;
    snprintf(place, sizeof place, c->line > 0 ? "%s/%s:%d:" : "%s/%s", folder, blamed, c->line);
    io_bad_spoil(c, folder);
    arena a;
    arena_init(&a);
    err_clear();
    err_code code = load(folder, &a);
    bool good = code == c->code && strstr(err_message(), place) != NULL;
    for (int i = 0; i < 2; i++) {
        good = good && (c->message[i] == NULL || strstr(err_message(), c->message[i]) != NULL);
    }
    if (!good) {
        print_error("%s (%s): got %s: %s\n  expected %s, '%s', '%s', '%s'\n", c->title, c->file, err_name(code),
                    err_message(), err_name(c->code), place, c->message[0] != NULL ? c->message[0] : "",
                    c->message[1] != NULL ? c->message[1] : "");
    }
    arena_free(&a);
    io_case_restore(folder, c->file);
    assert_true(good);
}

// Fails the k-th allocation for every k until the loader gets through: each time ERR_MEMORY, at most `most` times.
static inline void io_bad_starve(const char *folder, err_code (*load)(const char *folder, arena *a), int64_t most) {
    bool done = false;
    for (int64_t k = 0; !done && k < most; k++) {
        arena a;
        arena_init(&a);
        mem_fail_after(k);
        err_code code = load(folder, &a);
        mem_fail_after(-1);
        arena_free(&a);
        assert_true(code == ERR_OK || code == ERR_MEMORY);
        done = code == ERR_OK;
    }
    assert_true(done);
}

#endif
