// vestsim query choice: probabilities of a choice model on a table of observations.
#ifndef VESTSIM_CLI_QUERY_CHOICE_H
#define VESTSIM_CLI_QUERY_CHOICE_H

#include "options.h"

err_code query_choice(const cli_args *args);

#endif
