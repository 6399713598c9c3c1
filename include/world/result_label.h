// What a planner calls the indicators: short names in Norwegian bokmål and English, for terminals, pages and tables.
// The exact definitions are result_indicator_doc.
#ifndef VESTSIM_WORLD_RESULT_LABEL_H
#define VESTSIM_WORLD_RESULT_LABEL_H

#include "world/result.h"

// The indicator's name where it has no label (tests/unit/test_result_label.c finds those).
const char *result_label(result_indicator i, bool norwegian);
// The indicator with this name; RESULT_INDICATOR_COUNT if there is none.
result_indicator result_indicator_find(const char *name);
// A unit of the indicators as a reader writes it: "%", "km", "tonn"; "" for plain numbers; others as they are.
const char *result_unit_label(const char *unit, bool norwegian);

#endif
