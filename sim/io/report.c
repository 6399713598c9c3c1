#include "io/report.h"

#include <string.h>

#include "io/text_file.h"
#include "report_internal.h"

static const report_asset *find_asset(const char *name, size_t length) {
    for (size_t i = 0; i < report_asset_count; i++) {
        if (strlen(report_assets[i].name) == length && memcmp(report_assets[i].name, name, length) == 0) {
            return &report_assets[i];
        }
    }
    return NULL;
}

static err_code write_data(FILE *out, store_view *const *file, uint32_t count, const report_options *o, arena *a) {
    report_links links;
    TRY(report_links_build(file, count, a, &links));
    fprintf(out, "{\"lang\": \"%s\", \"network\": ", o->english ? "en" : "nb");
    TRY(report_network_json(out, file, count, &links, a));
    fputs(", \"files\": [", out);
    for (uint32_t i = 0; i < count; i++) {
        fputs(i == 0 ? "" : ", ", out);
        TRY(report_file_json(out, file[i], i, &links, a));
    }
    fputs("], \"comparison\": ", out);
    for (const char *c = o->comparison_json == NULL ? "null" : o->comparison_json; *c != '\0'; c++) {
        if (*c == '<') {
            fputs("\\u003c", out);  // stands only inside texts: nothing may end the script element
        } else {
            fputc(*c, out);
        }
    }
    fputs("}", out);
    return ERR_OK;
}

// The template names what goes where: {{asset:NAME}}, {{data}}, {{lang}}.
static err_code write_page(FILE *out, store_view *const *file, uint32_t count, const report_options *o, arena *a) {
    const report_asset *page = find_asset("report.html", strlen("report.html"));
    ASSERT(page != NULL);
    const char *at = (const char *)page->data;
    const char *end = at + page->size;
    while (at < end) {
        const char *open = memchr(at, '{', (size_t)(end - at));
        while (open != NULL && (open + 1 >= end || open[1] != '{')) {
            open = memchr(open + 1, '{', (size_t)(end - open - 1));
        }
        if (open == NULL) {
            break;
        }
        fwrite(at, 1, (size_t)(open - at), out);
        const char *close = memchr(open, '}', (size_t)(end - open));
        ASSERT(close != NULL);
        const char *name = open + 2;
        size_t length = (size_t)(close - name);
        if (length == 4 && memcmp(name, "data", 4) == 0) {
            TRY(write_data(out, file, count, o, a));
        } else if (length == 4 && memcmp(name, "lang", 4) == 0) {
            fputs(o->english ? "en" : "nb", out);
        } else {
            const report_asset *asset = find_asset(name, length);
            ASSERT(asset != NULL);
            fwrite(asset->data, 1, asset->size, out);
        }
        at = close + 2;
    }
    fwrite(at, 1, (size_t)(end - at), out);
    return ERR_OK;
}

err_code report_write(const char *output, store_view *const *file, uint32_t count, const report_options *o, arena *a) {
    ASSERT(count > 0 && count <= REPORT_FILES_MAX);
    text_file page;
    TRY(text_file_open(&page, output));
    err_code code = write_page(page.out, file, count, o, a);
    if (code == ERR_OK) {
        code = text_file_commit(&page);
    }
    text_file_abandon(&page);
    return code;
}
