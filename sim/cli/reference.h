// Manual pages and shell completion, written from the table of commands: what the program knows of itself, once.
#ifndef VESTSIM_CLI_REFERENCE_H
#define VESTSIM_CLI_REFERENCE_H

#include <stdio.h>

#include "options.h"

typedef struct reference {
    uint32_t count;
    const cli_command *const *command;
    const char *about;  // what the program is, for vestsim(1)
    const char *exit;   // its exit statuses
} reference;

// vestsim.1 and vestsim-COMMAND.1 in a folder that exists.
err_code reference_write_man(const reference *r, const char *folder);
// A completion function for bash: commands, options, their values and files of the right kind.
void reference_print_bash(const reference *r, FILE *out);

#endif
