// The commands of the program; each is defined in the file named after it.
#ifndef VESTSIM_CLI_COMMANDS_H
#define VESTSIM_CLI_COMMANDS_H

#include "options.h"

extern const cli_command cmd_run_command;
extern const cli_command cmd_check_command;
extern const cli_command cmd_show_command;
extern const cli_command cmd_compare_command;
extern const cli_command cmd_ceiling_command;
extern const cli_command cmd_query_command;
extern const cli_command cmd_import_command;
extern const cli_command cmd_assign_command;
extern const cli_command cmd_mobsim_command;
extern const cli_command cmd_report_command;
extern const cli_command cmd_export_command;

#endif
