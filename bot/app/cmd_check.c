/* tenstep check: everything that is wrong in the content, or in the configuration of the server. */
#include <stdlib.h>
#include <string.h>

#include "bot/app/command.h"
#include "bot/common/options.h"
#include "bot/common/stray.h"
#include "bot/config/serve_config.h"

enum { max_check_bytes = 16 << 20, max_print_bytes = 4 << 20 };

struct check {
	struct options options;
	const char *config; /* NULL: the content is checked */
	bool json, strict, cannot;
	bool lacks_flows; /* of those that the engine starts */
	struct arena *arena;
	struct diags diags;
	size_t n_flows, n_intents, n_phrases;
	const char *folder; /* of the content; "": the copy inside the program */
};

enum { KEY_KEYS = 0x200 };

static const struct argp_option option[] = {
	{"json", 'j', NULL, 0, "one JSON object a finding, a line each", 0},
	{"config", 'c', "FILE", 0, "check the configuration of tenstep serve instead", 0},
	{"config-keys", KEY_KEYS, NULL, 0, "print all keys of such a file and leave", 0},
	{"strict", 's', NULL, 0, "a warning is a failure too", 0},
	{0},
};

static void print(const struct buf *text)
{
	if (text->n)
		fwrite(text->p, 1, text->n, stdout);
}

static void print_keys(void)
{
	struct buf text;

	buf_init(&text, max_print_bytes);
	serve_config_help(&text);
	print(&text);
	buf_release(&text);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct check *check = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &check->options;
		return 0;
	case 'j':
		check->json = true;
		return 0;
	case 'c':
		check->config = arg;
		return 0;
	case KEY_KEYS:
		print_keys();
		exit(EXIT_GOOD);
	case 's':
		check->strict = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state,
			"nothing else is expected, but there is '%s'; a folder is named with "
			"--content",
			arg);
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child child[] = {{&options_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {option, parse, "",
	"Finds what is wrong in intents and flows, or in a configuration: file, line and column, "
	"the line itself, and what would be right.\vExit status: 0 nothing wrong, 1 findings, 2 "
	"cannot run.",
	child, NULL, NULL};

static void check_configuration(struct check *check)
{
	struct serve_config config;

	check->cannot = !serve_config_open(check->config, check->arena, &config, &check->diags) &&
			check->diags.n == 1 && !check->diags.item[0].source;
}

static void check_heard(
	struct check *check, const struct intent_set *intents, const struct flow_set *flows)
{
	for (size_t i = 0; i < intent_set_count(intents); i++) {
		const struct intent *intent = intent_set_at(intents, i);

		if (!flow_set_hears(flows, intent->name))
			intent_set_unheard(intents, intent, &check->diags);
	}
}

/* One finding for all of them: whoever left out flows/repair has left out many. */
static void check_engine_flows(struct check *check, const struct flow_set *flows)
{
	const char *name;
	struct buf names;
	size_t at = 0;

	buf_init(&names, 4000);
	while ((name = flow_set_missing(flows, &at)))
		buf_addf(&names, "%s'%s'", names.n ? ", " : "", name);
	check->lacks_flows = names.n;
	if (names.n)
		diag_add(&check->diags, DIAG_WARNING, "A008", NULL, 0, 0,
			S("take them over from the content that comes with the program, from "
			  "flows/repair"),
			"the program starts by itself what is not there: %.*s",
			STR(buf_str(&names)));
	buf_release(&names);
}

/* Both halves are looked at even when one of them has faults: all findings in one run. */
static void check_content(struct check *check, const struct content *content)
{
	struct intent_set *intents = content_load_intents(content, &check->diags);
	struct flow_set *flows = content_load_flows(content, &check->diags);

	if (intents) {
		intent_set_check(intents, &check->diags);
		check->n_intents = intent_set_count(intents);
		check->n_phrases = intent_set_phrases(intents);
	}
	if (flows)
		check->n_flows = flow_set_count(flows);
	if (flows && intents) {
		flow_set_check(flows, content_intent_names(intents, check->arena),
			intent_set_count(intents), &check->diags);
		if (!check->diags.n_errors) { /* what is missing may be misspelt, or unread */
			check_engine_flows(check, flows);
			if (!check->lacks_flows) /* they would hear much of it */
				check_heard(check, intents, flows);
		}
	}
	flow_set_free(flows);
	intent_set_free(intents);
}

static void print_findings(const struct check *check)
{
	struct buf text;

	if (!check->json) {
		options_print_findings(&check->options, &check->diags, stdout);
		return;
	}
	buf_init(&text, max_print_bytes);
	diags_print_json(&check->diags, &text);
	print(&text);
	buf_release(&text);
}

static void print_summary(const struct check *check)
{
	size_t n_warnings = 0;

	for (size_t i = 0; i < check->diags.n; i++)
		n_warnings += check->diags.item[i].severity == DIAG_WARNING;
	if (check->n_flows && check->n_intents)
		fprintf(stderr, "%zu flows, %zu intents with %zu phrases, %s%s: ", check->n_flows,
			check->n_intents, check->n_phrases,
			*check->folder ? "in " : "those inside the program",
			strcmp(check->folder, ".") ? check->folder : "this folder");
	if (!check->diags.n)
		fprintf(stderr, "nothing wrong\n");
	else
		fprintf(stderr, "%zu error%s, %zu warning%s\n", check->diags.n_errors,
			check->diags.n_errors == 1 ? "" : "s", n_warnings,
			n_warnings == 1 ? "" : "s");
}

static void check_all(struct check *check, struct content **content)
{
	*content = NULL;
	if (check->config) {
		check_configuration(check);
		return;
	}
	*content =
		content_open(check->options.content, check->options.language, NULL, &check->diags);
	check->cannot = !*content;
	if (!*content)
		return;
	check->folder = content_folder(*content);
	find_strays(check->folder, check->options.language, &check->diags);
	check_content(check, *content);
}

int cmd_check(int argc, char **argv)
{
	struct check check = {.options = OPTIONS_DEFAULT, .arena = NULL};
	struct content *content;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &check);
	check.arena = arena_new(max_check_bytes);
	diags_init(&check.diags, check.arena);
	check_all(&check, &content);
	print_findings(&check);
	print_summary(&check);
	status = check.cannot                                              ? EXIT_CANNOT
		 : check.diags.n_errors || (check.strict && check.diags.n) ? EXIT_FINDINGS
									   : EXIT_GOOD;
	arena_free(check.arena);
	content_free(content);
	return status;
}
