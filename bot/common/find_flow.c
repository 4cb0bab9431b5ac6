/* A flow that was named on the command line. */
#include "bot/common/find_flow.h"

enum { max_finding_bytes = 4 << 20 };

error_t flow_choice_parse(struct flow_choice *choice, int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &choice->options;
		return 0;
	case 'a':
		choice->all = true;
		return 0;
	case ARGP_KEY_ARG:
		if (choice->flow)
			argp_error(state, "one flow at a time, and not '%s' too", arg);
		choice->flow = arg;
		return 0;
	case ARGP_KEY_END:
		if (!choice->flow == !choice->all)
			argp_error(state, "a flow is wanted, or --all");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void list_flows(const struct flow_set *flows)
{
	fprintf(stderr, "the flows are:\n");
	for (size_t i = 0; i < flow_set_count(flows); i++)
		fprintf(stderr, "  %-28.*s %.*s\n", STR(flow_set_at(flows, i)->name),
			STR(flow_set_at(flows, i)->title));
}

const struct flow *find_flow(const struct flow_set *flows, const char *name)
{
	const struct flow *flow = flow_set_find(flows, str_of(name));
	size_t n = flow_set_count(flows);
	struct arena *arena;
	struct str *known, hint;

	if (flow)
		return flow;
	arena = arena_new(1 << 20);
	known = arena_array(arena, struct str, n + 1);
	for (size_t i = 0; i < n; i++)
		known[i] = flow_set_at(flows, i)->name;
	hint = diag_nearest(arena, str_of(name), known, n);
	fprintf(stderr, "tenstep: unknown flow '%s'%s%.*s\n", name, hint.n ? "; " : "", STR(hint));
	if (!hint.n)
		list_flows(flows);
	arena_free(arena);
	return NULL;
}

struct flow_set *open_flows(const struct options *options, struct content **content)
{
	struct arena *arena = arena_new(max_finding_bytes);
	struct flow_set *flows = NULL;
	struct diags diags;

	diags_init(&diags, arena);
	*content = content_open(options->content, options->language, NULL, &diags);
	if (*content)
		flows = content_load_flows(*content, &diags);
	if (!flows)
		options_print_findings(options, &diags, stderr);
	arena_free(arena);
	return flows;
}
