/* tenstep match: what each line of stdin is understood as. */
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "bot/app/command.h"
#include "bot/base/text.h"
#include "bot/common/lines.h"
#include "bot/common/options.h"
#include "intents/understand.h"

enum {
	max_line_bytes = 4 << 20,
	reading_bytes = 1 << 20,
	finding_bytes = 4 << 20,
};

static const struct argp_child child[] = {{&options_argp, 0, NULL, 0}, {0}};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	if (key == ARGP_KEY_INIT) {
		state->child_inputs[0] = state->input;
		return 0;
	}
	if (key == ARGP_KEY_ARG) {
		argp_error(state, "messages are read from stdin, one a line, but there is '%s'", arg);
		return EINVAL;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {NULL, parse, "",
	"Reads one message a line from stdin and writes a line for each, in order:\n\n"
	"  intent TAB score TAB decision TAB message\n\n"
	"The decision is accept, confirm, clarify (several intents, joined by commas) or none.",
	child, NULL, NULL};

static void print_intents(const struct reading *reading, FILE *to)
{
	if (!reading->n_top)
		fputs("none", to);
	for (size_t i = 0; i < reading->n_top; i++)
		fprintf(to, "%s%s%.*s", i ? "," : "", reading->candidate[i].negated ? "not " : "",
			STR(reading->candidate[i].intent->name));
}

/* The line again, as text that stays one line: controls become blanks, broken bytes U+FFFD. */
static void print_message(struct str line, struct arena *arena, FILE *to)
{
	if (text_valid_up_to(line) < line.n)
		line = text_repaired(arena, line);
	for (size_t i = 0; i < line.n; i++)
		putc((unsigned char)line.p[i] < 0x20 || line.p[i] == 0x7F ? ' ' : line.p[i], to);
}

static void print_reading(const struct reading *reading, struct str line, struct arena *arena,
	FILE *to)
{
	print_intents(reading, to);
	fprintf(to, "\t%d\t%s\t", reading->n_top ? reading->candidate[0].score : 0,
		decision_name[reading->decision]);
	print_message(line, arena, to);
	putc('\n', to);
}

/* Whoever waits for the answer before writing the next line gets it. */
static void flush_when_idle(void)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

	if (poll(&in, 1, 0) == 0)
		fflush(stdout);
}

static void match_lines(struct intent_set *set)
{
	struct arena *arena = arena_new(reading_bytes);
	struct context context = {.now = (int64_t)time(NULL)};
	struct buf line;

	buf_init(&line, max_line_bytes);
	while (line_read(stdin, &line)) {
		struct str text = buf_str(&line);

		print_reading(understand(set, text, &context, arena), text, arena, stdout);
		arena_reset(arena);
		flush_when_idle();
	}
	buf_release(&line);
	arena_free(arena);
}

int cmd_match(int argc, char **argv)
{
	struct options options = OPTIONS_DEFAULT;
	struct arena *arena = arena_new(finding_bytes);
	struct content *content;
	struct intent_set *set = NULL;
	struct diags diags;
	int status = EXIT_CANNOT;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	diags_init(&diags, arena);
	content = content_open(options.content, options.language, NULL, &diags);
	if (content && !diags.n_errors)
		set = content_load_intents(content, &diags);
	if (diags.n_errors)
		options_print_findings(&options, &diags, stderr);
	if (set) {
		match_lines(set);
		status = EXIT_GOOD;
	}
	intent_set_free(set);
	content_free(content);
	arena_free(arena);
	return status;
}
