// Importers of other formats: each reads `in` and writes what the project reads into the folder out_dir.
#ifndef VESTSIM_CLI_IMPORTS_H
#define VESTSIM_CLI_IMPORTS_H

#include "options.h"

err_code import_matsim(const cli_args *args, const char *in, const char *out_dir);
err_code import_tntp(const cli_args *args, const char *in, const char *out_dir);

#endif
