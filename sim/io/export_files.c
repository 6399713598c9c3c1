// What all exports do with files, years and samples.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "export_internal.h"

err_code export_files_open(export_files *f, const export_options *o, const char *const *name, uint32_t count) {
    ASSERT(count <= EXPORT_FILES_MAX);
    f->o = o;
    f->made_folder = false;
    f->count = count;
    for (uint32_t i = 0; i < count; i++) {
        int length = snprintf(f->path[i], sizeof f->path[i], "%s/%s", o->folder, name[i]);
        CHECK(length > 0 && (size_t)length + 8 < sizeof f->path[i], ERR_FILE, "%.60s...: the file name is too long",
              o->folder);
        // Drivers look at the ending of a name, so the mark of what is not complete stands before it.
        const char *dot = strchr(name[i], '.');
        int stem = dot == NULL ? (int)strlen(name[i]) : (int)(dot - name[i]);
        (void)snprintf(f->part[i], sizeof f->part[i], "%.*s/%.*s.part%s", (int)strlen(o->folder), o->folder, stem,
                       name[i], dot == NULL ? "" : dot);
        CHECK(o->force || access(f->path[i], F_OK) != 0, ERR_FILE,
              "%s: there is such a file; give --force to overwrite it, or another folder with -o", f->path[i]);
    }
    errno = 0;
    f->made_folder = mkdir(o->folder, 0777) == 0;
    CHECK(f->made_folder || errno == EEXIST, ERR_FILE, "%s: the folder cannot be made: %s", o->folder, strerror(errno));
    return ERR_OK;
}

err_code export_files_commit(export_files *f) {
    for (uint32_t i = 0; i < f->count; i++) {
        CHECK(rename(f->part[i], f->path[i]) == 0, ERR_FILE, "%s: cannot be written: %s", f->path[i], strerror(errno));
    }
    f->count = 0;
    return ERR_OK;
}

void export_files_abandon(export_files *f) {
    for (uint32_t i = 0; i < f->count; i++) {
        (void)remove(f->part[i]);
    }
    if (f->count > 0 && f->made_folder) {
        (void)rmdir(f->o->folder);  // stays where something else has come into it
    }
    f->count = 0;
}

err_code export_years(const store_view *v, const export_options *o, uint32_t *first, uint32_t *end) {
    const store_summary *s = store_view_summary(v);
    *first = 0;
    *end = s->year_count;
    for (uint32_t y = 0; o->year != 0 && y < s->year_count; y++) {
        if (s->year[y] == o->year) {
            *first = y;
            *end = y + 1;
            return ERR_OK;
        }
    }
    CHECK(o->year == 0, ERR_USAGE, "--year %d: %s has no such year; it has %d to %d (see: vestsim show %s)", o->year,
          store_view_path(v), s->year[0], s->year[s->year_count - 1], store_view_path(v));
    return ERR_OK;
}

double export_scale(const store_view *v) {
    const char *at = strstr(store_view_summary(v)->scenario_yaml, "\nscale: ");
    double scale = at == NULL ? 1.0 : strtod(at + strlen("\nscale: "), NULL);
    return scale > 0.0 && scale <= 1.0 ? scale : 1.0;
}
