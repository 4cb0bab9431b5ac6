/* tenstep explain: why a message is understood as it is, and what nearly matched. */
#include <time.h>

#include "bot/app/command.h"
#include "bot/common/options.h"
#include "intents/understand.h"

enum { max_message_bytes = 1 << 20, reading_bytes = 4 << 20, max_print_bytes = 4 << 20 };

struct explain {
	struct options options;
	bool mask;
	struct buf message;
};

static const struct argp_option option[] = {
	{"mask", 'm', NULL, 0, "hide e-mail addresses and phone numbers", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct explain *explain = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &explain->options;
		return 0;
	case 'm':
		explain->mask = true;
		return 0;
	case ARGP_KEY_ARG:
		if (explain->message.n)
			buf_addc(&explain->message, ' ');
		buf_adds(&explain->message, arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "a message is missing: tenstep explain \"where is my refund?\"");
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child child[] = {{&options_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {option, parse, "MESSAGE...",
	"Shows how a message is read: what was mended, what it names, every intent that matched with "
	"its points, and for those that nearly did the words they lacked.", child, NULL, NULL};

static double microseconds(const struct timespec *from, const struct timespec *to)
{
	return (double)(to->tv_sec - from->tv_sec) * 1e6
		+ (double)(to->tv_nsec - from->tv_nsec) / 1e3;
}

/* Read twice: the first time compiles the phrases that are tried. */
static double measure(struct intent_set *set, struct str message, const struct context *context)
{
	struct arena *arena = arena_new(reading_bytes);
	struct timespec from, to;
	double best = 0;

	for (int i = 0; i < 3; i++) {
		clock_gettime(CLOCK_MONOTONIC, &from);
		understand(set, message, context, arena);
		clock_gettime(CLOCK_MONOTONIC, &to);
		best = !i || microseconds(&from, &to) < best ? microseconds(&from, &to) : best;
		arena_reset(arena);
	}
	arena_free(arena);
	return best;
}

static void explain_message(struct intent_set *set, const struct explain *explain)
{
	struct str message = buf_str(&explain->message);
	struct context context = {.now = (int64_t)time(NULL)};
	struct arena *arena = arena_new(reading_bytes);
	struct buf text;

	buf_init(&text, max_print_bytes);
	reading_explain(understand_explained(set, message, &context, arena), explain->mask, &text);
	fwrite(text.p, 1, text.n, stdout);
	printf("time     %.0f µs, %zu phrases known\n", measure(set, message, &context),
		intent_set_phrases(set));
	buf_release(&text);
	arena_free(arena);
}

int cmd_explain(int argc, char **argv)
{
	struct explain explain = {.options = OPTIONS_DEFAULT};
	struct arena *arena = arena_new(reading_bytes);
	struct content *content;
	struct intent_set *set = NULL;
	struct diags diags;

	buf_init(&explain.message, max_message_bytes);
	argp_parse(&argp, argc, argv, 0, NULL, &explain);
	diags_init(&diags, arena);
	content = content_open(explain.options.content, explain.options.language, NULL, &diags);
	if (content && !diags.n_errors)
		set = content_load_intents(content, &diags);
	if (diags.n_errors)
		options_print_findings(&explain.options, &diags, stderr);
	if (set)
		explain_message(set, &explain);
	buf_release(&explain.message);
	intent_set_free(set);
	content_free(content);
	arena_free(arena);
	return set ? EXIT_GOOD : EXIT_CANNOT;
}
