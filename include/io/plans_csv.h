// Our own table of plans with fixed routes (plans.csv in docs/formats.md): what an import writes and `mobsim` reads.
#ifndef VESTSIM_IO_PLANS_CSV_H
#define VESTSIM_IO_PLANS_CSV_H

#include "model/chain.h"

// Located errors for cells that cannot be read; legs whose route does not fit the network are counted warnings.
err_code plans_csv_load(const char *path, const network *n, arena *a, chain_plans *out);
// No half file is left behind. What is saved loads as the same plans, but for the reason why a leg is unusable.
err_code plans_csv_save(const char *path, const network *n, const chain_plans *plans);

#endif
