// The words of a MATSim route by public transport. Private to io.
#ifndef VESTSIM_IO_MATSIM_WISH_H
#define VESTSIM_IO_MATSIM_WISH_H

#include "plan_builder.h"

// Reads `PT1===access===line===route===egress` (plans v4, experimentalPt1) or the JSON object of default_pt routes. The
// text is changed. *out is NULL when it is neither or lacks the line or a stop.
err_code matsim_wish_read(plan_builder *b, char *route, const chain_wish **out);

#endif
