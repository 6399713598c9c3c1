// Cells and times of CSV files that are written. Private to io.
#ifndef VESTSIM_IO_CSV_PUT_H
#define VESTSIM_IO_CSV_PUT_H

#include <stdio.h>

#include "base/table.h"

// The text, quoted where it must be (RFC 4180), and what follows it.
void csv_put_text(FILE *f, const char *cell, const char *end);
// HH:MM:SS with hours beyond 24, nothing for IX_NONE; and what follows.
void csv_put_time(FILE *f, uint32_t time_s, const char *end);

#endif
