#include "io/text_file.h"

#include <errno.h>
#include <string.h>

err_code text_file_open(text_file *f, const char *path) {
    f->path = path;
    f->out = NULL;
    int length = snprintf(f->part, sizeof f->part, "%s.part", path);
    CHECK(length > 0 && (size_t)length < sizeof f->part, ERR_FILE, "%.60s...: the file name is too long", path);
    f->out = fopen(f->part, "wb");
    CHECK(f->out != NULL, ERR_FILE, "%s: cannot be written: %s", path, strerror(errno));
    return ERR_OK;
}

err_code text_file_commit(text_file *f) {
    errno = 0;
    bool failed = ferror(f->out) != 0;
    failed = fclose(f->out) != 0 || failed;
    f->out = NULL;
    if (failed || rename(f->part, f->path) != 0) {
        int reason = errno;
        (void)remove(f->part);
        return err_raise(ERR_FILE, "%s: cannot be written: %s", f->path,
                         reason != 0 ? strerror(reason) : "is the disk full?");
    }
    return ERR_OK;
}

void text_file_abandon(text_file *f) {
    if (f->out != NULL) {
        (void)fclose(f->out);
        (void)remove(f->part);
        f->out = NULL;
    }
}
