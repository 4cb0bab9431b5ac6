/* tenstep read: a flow as a page of sentences. */
#include <stdlib.h>

#include "bot/app/command.h"
#include "bot/common/find_flow.h"
#include "flows/flow_read.h"

enum { max_page_bytes = 16 << 20 };

static const struct argp_option option[] = {
	{"all", 'a', NULL, 0, "every flow, one after another", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	return flow_choice_parse(state->input, key, arg, state);
}

static const struct argp_child child[] = {{&options_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {option, parse, "FLOW\n--all",
	"Reads a flow out as a page of sentences (Markdown), for whoever signs it off.", child,
	NULL, NULL};

static bool read_out(
	const struct flow_choice *choice, const struct flow_set *flows, struct buf *page)
{
	const struct flow *flow;

	for (size_t i = 0; choice->all && i < flow_set_count(flows); i++) {
		if (i)
			buf_adds(page, "\n");
		flow_read(flows, flow_set_at(flows, i), page);
	}
	if (choice->all)
		return true;
	flow = find_flow(flows, choice->flow);
	if (flow)
		flow_read(flows, flow, page);
	return flow != NULL;
}

int cmd_read(int argc, char **argv)
{
	struct flow_choice choice = {.options = OPTIONS_DEFAULT};
	struct content *content;
	struct flow_set *flows;
	struct buf page;
	int status = EXIT_CANNOT;

	argp_parse(&argp, argc, argv, 0, NULL, &choice);
	buf_init(&page, max_page_bytes);
	flows = open_flows(&choice.options, &content);
	if (flows && read_out(&choice, flows, &page)) {
		status = EXIT_GOOD;
		if (page.n && fwrite(page.p, 1, page.n, stdout) != page.n)
			status = EXIT_CANNOT;
	}
	buf_release(&page);
	flow_set_free(flows);
	content_free(content);
	return status;
}
