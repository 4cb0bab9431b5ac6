/* tenstep read: a flow as a page of sentences. */
#include <stdlib.h>

#include "bot/app/command.h"
#include "bot/app/find_flow.h"
#include "flows/flow_read.h"

enum { max_page_bytes = 16 << 20 };

struct reading {
	struct options options;
	const char *flow;
	bool all;
};

static const struct argp_option option[] = {
	{"all", 'a', NULL, 0, "every flow, one after another", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct reading *reading = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &reading->options;
		return 0;
	case 'a':
		reading->all = true;
		return 0;
	case ARGP_KEY_ARG:
		if (reading->flow)
			argp_error(state, "one flow at a time, and not '%s' too", arg);
		reading->flow = arg;
		return 0;
	case ARGP_KEY_END:
		if (!reading->flow == !reading->all)
			argp_error(state, "a flow is wanted, or --all");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child child[] = {{&options_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {option, parse, "FLOW\n--all",
	"Reads a flow out as a page of sentences (Markdown), for whoever signs it off.", child,
	NULL, NULL};

static bool read_out(const struct reading *reading, const struct flow_set *flows, struct buf *page)
{
	const struct flow *flow;

	for (size_t i = 0; reading->all && i < flow_set_count(flows); i++) {
		if (i)
			buf_adds(page, "\n");
		flow_read(flows, flow_set_at(flows, i), page);
	}
	if (reading->all)
		return true;
	flow = find_flow(flows, reading->flow);
	if (flow)
		flow_read(flows, flow, page);
	return flow != NULL;
}

int cmd_read(int argc, char **argv)
{
	struct reading reading = {.options = OPTIONS_DEFAULT};
	struct content *content;
	struct flow_set *flows;
	struct buf page;
	int status = EXIT_CANNOT;

	argp_parse(&argp, argc, argv, 0, NULL, &reading);
	buf_init(&page, max_page_bytes);
	flows = open_flows(&reading.options, &content);
	if (flows && read_out(&reading, flows, &page)) {
		status = EXIT_GOOD;
		if (page.n && fwrite(page.p, 1, page.n, stdout) != page.n)
			status = EXIT_CANNOT;
	}
	buf_release(&page);
	flow_set_free(flows);
	content_free(content);
	return status;
}
