// vestsim import: files of other programs become what this one reads.
#include <string.h>

#include "commands.h"
#include "imports.h"

typedef struct import_format {
    const char *name;
    err_code (*run)(const cli_args *args, const char *in, const char *out_dir);
} import_format;

static const import_format formats[] = {{"tntp", import_tntp}, {"matsim", import_matsim}};
enum { FORMAT_COUNT = sizeof formats / sizeof formats[0] };

static err_code cmd_import(const cli_args *args) {
    const char *out_dir = options_value(args, "output");
    CHECK(out_dir != NULL && out_dir[0] != '\0', ERR_USAGE, "--output DIR is missing: the folder to write");
    const char *known[FORMAT_COUNT];
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        known[i] = formats[i].name;
        if (strcmp(formats[i].name, args->word[0]) == 0) {
            return formats[i].run(args, args->word[1], out_dir);
        }
    }
    const char *close = options_suggest(args->word[0], known, FORMAT_COUNT);
    return err_raise(ERR_USAGE, "unknown format '%.60s'%s%s%s; see: vestsim import --help", args->word[0],
                     close == NULL ? "" : ", did you mean ", close == NULL ? "" : close, close == NULL ? "" : "?");
}

static const cli_option import_options[] = {
    {.name = "output", .letter = 'o', .value = "DIR", .help = "folder to write"},
    {.name = "plans", .value = "FILE", .help = "matsim: plans or population (default: the only such file in IN)"},
    {.name = "schedule", .value = "FILE", .help = "matsim: transit schedule (default: the only such file in IN)"},
    {.name = "vehicles", .value = "FILE", .help = "matsim: its vehicles (default: the only such file in IN)"},
    {.name = "length-unit", .value = "U", .help = "tntp: m, km, mile or foot (default: as the file says, else mile)"},
    {.name = "time-unit", .value = "U", .help = "tntp: min, h or s (default: as the file says, else min)"},
    {.name = "coordinate-unit", .value = "U", .help = "tntp: of the node file: m, km, mile or foot (default m)"},
    {.name = "toll-factor", .value = "F", .help = "tntp: time for a unit of toll (default: as the file says, else 0)"},
    {.name = "distance-factor",
     .value = "F",
     .help = "tntp: time for a unit of length (default: as the file says, else 0)"},
};

const cli_command cmd_import_command = {
    .name = "import",
    .words = "FORMAT IN",
    .choices = "tntp|matsim",
    .summary = "Turn files of other programs into what this one reads. FORMAT: tntp or matsim.",
    .help =
        "tntp: IN is a folder with NAME_net.tntp, NAME_trips.tntp and perhaps NAME_node.tntp, or the net file.\n"
        "Writes a GMNS folder with delay functions, zones and demand.csv; see docs/formats.md.\n"
        "\n"
        "matsim: IN is a network file (.xml, .xml.gz) or a folder with network, plans, transit schedule and its\n"
        "vehicles. Writes a GMNS folder and, for vestsim mobsim, plans.csv where there are plans and the schedule as\n"
        "a GTFS folder gtfs where there is one.\n",
    .option = import_options,
    .option_count = sizeof import_options / sizeof import_options[0],
    .words_min = 2,
    .words_max = 2,
    .run = cmd_import,
};
