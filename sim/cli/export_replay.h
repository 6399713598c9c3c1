// Exports that need more than a results file holds: MATSim's events and skims. The scenario is simulated again
// (replication 0 of today and of the year), and the state hash in the file proves that it is the same day.
#ifndef VESTSIM_CLI_EXPORT_REPLAY_H
#define VESTSIM_CLI_EXPORT_REPLAY_H

#include "io/export.h"
#include "options.h"

typedef enum export_kind { EXPORT_MATSIM, EXPORT_OMX } export_kind;

err_code export_replay(const cli_args *args, export_kind kind, const store_view *v, const export_options *o, arena *a);

#endif
