/* tenstep graph: a flow as a picture. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bot/app/command.h"
#include "bot/common/find_flow.h"
#include "flows/flow_graph.h"

enum { max_graph_bytes = 16 << 20, no_such_program = 127 };

enum picture { PICTURE_DOT, PICTURE_MERMAID, PICTURE_SVG };

struct drawing {
	struct flow_choice choice;
	const char *out;
	enum picture picture;
};

static const struct argp_option option[] = {
	{"all", 'a', NULL, 0, "a map of all flows: what starts, runs, offers what", 0},
	{"format", 'f', "FORMAT", 0, "dot (the default), mermaid, or svg (needs Graphviz)", 0},
	{"out", 'o', "FILE", 0, "write there and not on the standard output", 0},
	{0},
};

static enum picture picture_of(const char *word, struct argp_state *state)
{
	static const char *const known[] = {"dot", "mermaid", "svg"};

	for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(word, known[i]) == 0)
			return (enum picture)i;
	argp_error(state, "unknown format '%s'; it is dot, mermaid or svg", word);
	return PICTURE_DOT;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct drawing *drawing = state->input;

	switch (key) {
	case 'f':
		drawing->picture = picture_of(arg, state);
		return 0;
	case 'o':
		drawing->out = arg;
		return 0;
	default:
		return flow_choice_parse(&drawing->choice, key, arg, state);
	}
}

static const struct argp_child child[] = {{&options_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {option, parse, "FLOW\n--all",
	"Draws a flow: its steps, what leads from one to the other, and where it ends.", child,
	NULL, NULL};

static bool draw(const struct drawing *drawing, const struct flow_set *flows, struct buf *graph)
{
	enum graph_format format = drawing->picture == PICTURE_MERMAID ? GRAPH_MERMAID : GRAPH_DOT;
	const struct flow *flow;

	if (drawing->choice.all) {
		flow_set_graph(flows, format, graph);
		return true;
	}
	flow = find_flow(flows, drawing->choice.flow);
	if (flow)
		flow_graph(flow, format, graph);
	return flow != NULL;
}

/* Graphviz reads the graph from a pipe and writes the picture on @to. */

static void become_dot(int from, int to)
{
	if (dup2(from, STDIN_FILENO) >= 0 && dup2(to, STDOUT_FILENO) >= 0)
		execlp("dot", "dot", "-Tsvg", (char *)NULL);
	_exit(errno == ENOENT ? no_such_program : 1);
}

static void feed(int to, const struct buf *graph)
{
	size_t done = 0;

	while (done < graph->n) {
		ssize_t n = write(to, graph->p + done, graph->n - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break; /* it has gone; its exit status says why */
		done += (size_t)n;
	}
	close(to);
}

static bool wait_for_dot(pid_t dot)
{
	int status = 0;

	while (waitpid(dot, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	if (WIFEXITED(status) && WEXITSTATUS(status) == no_such_program)
		fprintf(stderr,
			"tenstep: for svg Graphviz is needed, and there is no program 'dot'; "
			"install the package graphviz, or ask for --format mermaid\n");
	else if (!WIFEXITED(status) || WEXITSTATUS(status))
		fprintf(stderr, "tenstep: Graphviz could not draw it\n");
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool write_svg(const struct buf *graph, FILE *to)
{
	int pipe_ends[2];
	pid_t dot;

	fflush(to);
	if (pipe(pipe_ends) < 0 || (dot = fork()) < 0) {
		fprintf(stderr, "tenstep: cannot start 'dot': %s\n", strerror(errno));
		return false;
	}
	if (dot == 0) {
		close(pipe_ends[1]);
		become_dot(pipe_ends[0], fileno(to));
	}
	close(pipe_ends[0]);
	signal(SIGPIPE, SIG_IGN);
	feed(pipe_ends[1], graph);
	return wait_for_dot(dot);
}

static bool write_picture(const struct drawing *drawing, const struct buf *graph)
{
	FILE *to = drawing->out ? fopen(drawing->out, "we") : stdout;
	bool good;

	if (!to) {
		fprintf(stderr, "tenstep: cannot write '%s': %s\n", drawing->out, strerror(errno));
		return false;
	}
	if (drawing->picture == PICTURE_SVG)
		good = write_svg(graph, to);
	else
		good = fwrite(graph->p, 1, graph->n, to) == graph->n;
	if (drawing->out && fclose(to) != 0) {
		fprintf(stderr, "tenstep: cannot write '%s': %s\n", drawing->out, strerror(errno));
		good = false;
	}
	if (drawing->out && !good)
		(void)remove(drawing->out); /* half a picture is no picture */
	return good;
}

int cmd_graph(int argc, char **argv)
{
	struct drawing drawing = {.choice = {.options = OPTIONS_DEFAULT}};
	struct content *content;
	struct flow_set *flows;
	struct buf graph;
	bool good;

	argp_parse(&argp, argc, argv, 0, NULL, &drawing);
	buf_init(&graph, max_graph_bytes);
	flows = open_flows(&drawing.choice.options, &content);
	good = flows && draw(&drawing, flows, &graph) && write_picture(&drawing, &graph);
	buf_release(&graph);
	flow_set_free(flows);
	content_free(content);
	return good ? EXIT_GOOD : EXIT_CANNOT;
}
