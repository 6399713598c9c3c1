// vestsim export: results in the formats of others.
#include <string.h>

#include "base/log.h"
#include "base/par.h"
#include "commands.h"
#include "export_replay.h"

typedef struct export_format {
    const char *name;
    err_code (*write)(const store_view *v, const export_options *o, arena *a);  // NULL: the day is simulated again
    export_kind kind;
} export_format;

static const export_format formats[] = {{.name = "gpkg", .write = export_gpkg},
                                        {.name = "geojson", .write = export_geojson},
                                        {.name = "csv", .write = export_csv},
                                        {.name = "matsim", .kind = EXPORT_MATSIM},
                                        {.name = "omx", .kind = EXPORT_OMX}};
enum { FORMAT_COUNT = sizeof formats / sizeof formats[0] };

static err_code find_format(const char *name, const export_format **out) {
    const char *known[FORMAT_COUNT];
    CHECK(name != NULL, ERR_USAGE, "--to is missing: give gpkg, geojson, csv, matsim or omx");
    for (uint32_t i = 0; i < FORMAT_COUNT; i++) {
        known[i] = formats[i].name;
        if (strcmp(name, known[i]) == 0) {
            *out = &formats[i];
            return ERR_OK;
        }
    }
    const char *close = options_suggest(name, known, FORMAT_COUNT);
    return err_raise(ERR_USAGE, "--to '%.60s'%s%s%s: give gpkg, geojson, csv, matsim or omx", name,
                     close == NULL ? "" : ", did you mean ", close == NULL ? "" : close, close == NULL ? "" : "?");
}

static err_code export_in(const cli_args *args, const export_format *format, const export_options *o, arena *a) {
    store_view *view = NULL;
    err_code code = store_view_open(args->word[0], a, &view);
    if (code == ERR_OK) {
        code = format->write != NULL ? format->write(view, o, a) : export_replay(args, format->kind, view, o, a);
    }
    store_view_close(view);
    return code;
}

static err_code cmd_export(const cli_args *args) {
    const export_format *format = NULL;
    int64_t year = 0;
    int64_t threads = 0;
    TRY(find_format(options_value(args, "to"), &format));
    TRY(options_integer(args, "year", 1900, 2200, &year));
    TRY(options_integer(args, "threads", 1, 1024, &threads));
    const char *folder = options_value(args, "output");
    CHECK(folder != NULL && folder[0] != '\0', ERR_USAGE, "-o DIR is missing: the folder for the files");
    par_set_threads((int)threads);
    if (options_given(args, "quiet")) {
        log_set_level(LOG_WARN);
    }
    const export_options o = {.folder = folder, .year = (int)year, .force = options_given(args, "force")};
    arena a;
    arena_init(&a);
    err_code code = export_in(args, format, &o, &a);
    arena_free(&a);
    if (code == ERR_OK) {
        printf("%s\n", folder);
    }
    return code;
}

static const cli_option export_options_[] = {
    {.name = "to", .value = "FORMAT", .help = "gpkg, geojson, csv, matsim or omx"},
    {.name = "output", .letter = 'o', .value = "DIR", .help = "folder for the files; made if it is not there"},
    {.name = "year", .value = "Y", .help = "only this year of the file; default: all"},
    {.name = "scenario", .value = "SCENARIO.yaml", .help = "matsim, omx: the scenario that OUT.h5 is a run of"},
    {.name = "set", .value = "KEY=VALUE", .repeats = true, .help = "matsim, omx: as given to the run; may be repeated"},
    {.name = "seed", .value = "S", .help = "matsim, omx: as given to the run"},
    {.name = "replications", .letter = 'r', .value = "R", .help = "matsim, omx: as given to the run"},
    {.name = "years", .value = "Y,Y", .help = "matsim, omx: as given to the run"},
    {.name = "threads", .letter = 't', .value = "N", .help = "threads; default: all. Changes no file"},
    {.name = "quiet", .letter = 'q', .value = NULL, .help = "no progress, only warnings and errors"},
    {.name = "force", .letter = 'f', .value = NULL, .help = "overwrite files that are there"},
};

static const char export_help[] =
    "Formats (docs/formats.md says what every column is):\n"
    "  gpkg     links.gpkg: one row a link and year, traffic by class and part of the day; for QGIS (needs GDAL)\n"
    "  geojson  links.geojson: the same as text; for the web\n"
    "  csv      households, persons, tours, trips (ActivitySim's column names) and links, for spreadsheets\n"
    "  matsim   network-Y.xml.gz and events-Y.xml.gz (network_v2, events): every vehicle link by link, replication 0\n"
    "  omx      skims-Y.omx (OMX 0.2): times, distances and tolls from zone to zone on that day's travel times\n"
    "matsim and omx simulate the day again, since results do not hold every vehicle's way; a hash in OUT.h5 proves\n"
    "that it is the same day.\n"
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
