// vestsim export: results in the formats of others.
#include <string.h>

#include "commands.h"
#include "io/export.h"

typedef err_code (*export_function)(const store_view *v, const export_options *o, arena *a);

static const struct {
    const char *name;
    export_function write;
} formats[] = {{"gpkg", export_gpkg}, {"geojson", export_geojson}, {"csv", export_csv}};
enum { FORMAT_COUNT = sizeof formats / sizeof formats[0] };

static err_code find_format(const char *name, export_function *out) {
    const char *known[FORMAT_COUNT];
    CHECK(name != NULL, ERR_USAGE, "--to is missing: give gpkg, geojson or csv");
    for (uint32_t i = 0; i < FORMAT_COUNT; i++) {
        known[i] = formats[i].name;
        if (strcmp(name, known[i]) == 0) {
            *out = formats[i].write;
            return ERR_OK;
        }
    }
    const char *close = options_suggest(name, known, FORMAT_COUNT);
    return err_raise(ERR_USAGE, "--to '%.60s'%s%s%s: give gpkg, geojson or csv", name,
                     close == NULL ? "" : ", did you mean ", close == NULL ? "" : close, close == NULL ? "" : "?");
}

static err_code export_in(const cli_args *args, export_function write, const export_options *o, arena *a) {
    store_view *view = NULL;
    err_code code = store_view_open(args->word[0], a, &view);
    if (code == ERR_OK) {
        code = write(view, o, a);
    }
    store_view_close(view);
    return code;
}

static err_code cmd_export(const cli_args *args) {
    export_function write = NULL;
    int64_t year = 0;
    TRY(find_format(options_value(args, "to"), &write));
    TRY(options_integer(args, "year", 1900, 2200, &year));
    const char *folder = options_value(args, "output");
    CHECK(folder != NULL && folder[0] != '\0', ERR_USAGE, "-o DIR is missing: the folder for the files");
    const export_options o = {.folder = folder, .year = (int)year, .force = options_given(args, "force")};
    arena a;
    arena_init(&a);
    err_code code = export_in(args, write, &o, &a);
    arena_free(&a);
    if (code == ERR_OK) {
        printf("%s\n", folder);
    }
    return code;
}

static const cli_option export_options_[] = {
    {.name = "to", .value = "FORMAT", .help = "gpkg, geojson or csv"},
    {.name = "output", .letter = 'o', .value = "DIR", .help = "folder for the files; made if it is not there"},
    {.name = "year", .value = "Y", .help = "only this year of the file; default: all"},
    {.name = "force", .letter = 'f', .value = NULL, .help = "overwrite files that are there"},
};

static const char export_help[] =
    "Formats (docs/formats.md says what every column is):\n"
    "  gpkg     links.gpkg: one row a link and year, traffic by class and part of the day; for QGIS (needs GDAL)\n"
    "  geojson  links.geojson: the same as text; for the web\n"
    "  csv      households, persons, tours, trips (ActivitySim's column names) and links, for spreadsheets\n"
    "Nothing is left half-written; files that are there are kept unless --force is given.\n";

const cli_command cmd_export_command = {
    .name = "export",
    .words = "OUT.h5",
    .summary = "Write results in the formats of GIS, spreadsheets and other models.",
    .help = export_help,
    .option = export_options_,
    .option_count = sizeof export_options_ / sizeof export_options_[0],
    .words_min = 1,
    .words_max = 1,
    .run = cmd_export,
};
