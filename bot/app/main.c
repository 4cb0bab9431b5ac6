/* The program: finds the subcommand and runs it. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bot/app/command.h"
#include "bot/common/heap.h"
#include "bot/common/options.h"
#include "bot/common/version.h"

static const struct command {
	const char *group; /* begins with this one */
	const char *name;
	int (*run)(int argc, char **argv);
	const char *about;
} command[] = {
	{"Talk", "chat", cmd_chat, "talk to the assistant on the demo shop; --json for scripts"},
	{"Serve", "serve", cmd_serve,
		"the website's chat, its demo page, the desk and the channels; --demo"},
	{NULL, "authorize", cmd_authorize,
		"the seller's consent to work on a TikTok Shop's orders"},
	{NULL, "inbox", cmd_inbox, "who waits for a person, and answering them"},
	{NULL, "channels", cmd_channels, "accounts on messaging platforms, and setting them up"},
	{NULL, "promises", cmd_promises, "what buyers wait to hear, and what is overdue"},
	{NULL, "shop", cmd_shop, "the demo shop as a server that speaks TikTok Shop's wire form"},
	{"Understand", "match", cmd_match, "what each message on stdin is understood as"},
	{NULL, "explain", cmd_explain, "why a message is understood so, and what nearly matched"},
	{"Author", "check", cmd_check, "everything that is wrong in intents and flows"},
	{NULL, "test", cmd_test, "run .chat files; coverage of steps and edges"},
	{NULL, "graph", cmd_graph, "a flow as a picture: DOT, Mermaid, SVG"},
	{NULL, "read", cmd_read, "a flow as a page of sentences"},
};
enum { n_commands = sizeof command / sizeof *command };

static const char examples[] =
	"Examples\n"
	"  tenstep chat                            as somebody the shop does not know yet\n"
	"  tenstep chat --buyer buyer-open         as a buyer whom the channel vouches for\n"
	"  echo 'pls cacel my order' | tenstep match\n"
	"  tenstep explain \"where is my refund??\"\n"
	"  tenstep check && tenstep test tests/chats\n"
	"\n"
	"'tenstep COMMAND --help' tells more.  Exit status: 0 good, 1 findings or failed\n"
	"tests, 2 wrong usage or cannot run.\n";

static void print_help(FILE *to)
{
	fputs("tenstep: a guided order assistant for a shop's buyers\n\n"
	      "Usage: tenstep COMMAND [OPTION...]\n\n",
		to);
	for (int i = 0; i < n_commands; i++) {
		if (command[i].group)
			fprintf(to, "%s%s\n", i ? "\n" : "", command[i].group);
		fprintf(to, "  %-10s %s\n", command[i].name, command[i].about);
	}
	fprintf(to, "\n%s", examples);
}

static int unknown_command(const char *name)
{
	struct arena *arena = arena_new(1 << 16);
	struct str names[n_commands], hint;

	for (int i = 0; i < n_commands; i++)
		names[i] = str_of(command[i].name);
	hint = diag_nearest(arena, str_of(name), names, n_commands);
	fprintf(stderr, "tenstep: unknown command '%s'%s%.*s\n", name,
		hint.n ? "; " : "; 'tenstep --help' lists them", STR(hint));
	arena_free(arena);
	return EXIT_CANNOT;
}

static int run(const struct command *wanted, int argc, char **argv)
{
	char name[64];

	snprintf(name, sizeof name, "tenstep %s", wanted->name);
	argv[0] = name;
	return wanted->run(argc, argv);
}

static int dispatch(int argc, char **argv)
{
	const char *first = argc > 1 ? argv[1] : "--help";

	if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0 || strcmp(first, "-?") == 0 ||
		(strcmp(first, "help") == 0 && argc == 2)) {
		print_help(stdout);
		return EXIT_GOOD;
	}
	if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0) {
		version_print(stdout);
		return EXIT_GOOD;
	}
	if (strcmp(first, "help") == 0) {
		char help[] = "--help";

		argv[1] = argv[2];
		argv[2] = help;
		return dispatch(3, argv);
	}
	for (int i = 0; i < n_commands; i++)
		if (strcmp(command[i].name, first) == 0)
			return run(&command[i], argc - 1, argv + 1);
	if (first[0] == '-') {
		fprintf(stderr, "tenstep: a command comes first; 'tenstep --help' lists them\n");
		return EXIT_CANNOT;
	}
	return unknown_command(first);
}

/* Whatever was written must have arrived: a full disk is no success. */
static int close_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	perror("tenstep: cannot write the result");
	return EXIT_CANNOT;
}

/* What was closed when we were started must not become a file of ours, to which the log is then
 * written.  Reading there ends at once, and writing fails. */
static void keep_standard_descriptors(void)
{
	int descriptor;

	do
		descriptor = open("/dev/null", O_RDONLY);
	while (descriptor >= 0 && descriptor <= STDERR_FILENO);
	if (descriptor >= 0)
		close(descriptor);
}

int main(int argc, char **argv)
{
	keep_standard_descriptors();
	heap_begin();
	/* Whoever started us may have switched it off; a reader that went away ends us silently. */
	signal(SIGPIPE, SIG_DFL);
	argp_err_exit_status = EXIT_CANNOT;
	return close_output(dispatch(argc, argv));
}
