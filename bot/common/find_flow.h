/* A flow that was named on the command line. */
#ifndef TENSTEP_COMMON_FIND_FLOW_H
#define TENSTEP_COMMON_FIND_FLOW_H

#include "bot/common/options.h"

/* What a command that shows flows was asked for: one of them by name, or --all. */
struct flow_choice {
	struct options options;
	const char *flow;       /* NULL: all */
	bool all;
};

/* The keys of a command's argp that are about the choice: 'a' for --all, the name, and that it is one
 * of the two.  The command's parser hands on what is not its own. */
error_t flow_choice_parse(
	struct flow_choice *choice, int key, char *arg, struct argp_state *state);

/* NULL after a message on stderr that names the nearest flow, or all of them. */
const struct flow *find_flow(const struct flow_set *flows, const char *name);

/* All flows of the content.  NULL after findings or a message on stderr.  The caller frees the set,
 * then *@content. */
struct flow_set *open_flows(const struct options *options, struct content **content) MUST_CHECK;

#endif
