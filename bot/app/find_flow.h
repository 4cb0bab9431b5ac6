/* A flow that was named on the command line. */
#ifndef TENSTEP_APP_FIND_FLOW_H
#define TENSTEP_APP_FIND_FLOW_H

#include "bot/app/options.h"

/* NULL after a message on stderr that names the nearest flow, or all of them. */
const struct flow *find_flow(const struct flow_set *flows, const char *name);

/* All flows of the content.  NULL after findings or a message on stderr.  The caller frees the set,
 * then *@content. */
struct flow_set *open_flows(const struct options *options, struct content **content) MUST_CHECK;

#endif
