/* tenstep promises: what buyers wait to hear, and whether they were told. */
#include <errno.h>

#include "bot/app/command.h"
#include "bot/desk/desk_door.h"
#include "bot/desk/inbox_print.h"

enum { KEY_ALL = 0x400 };

struct promises {
	struct desk_door door;
	bool all;
};

static const struct argp_option option[] = {
	{"all", KEY_ALL, NULL, 0, "those that are over too: kept, or ended without news", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct promises *promises = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &promises->door;
		return 0;
	case KEY_ALL:
		promises->all = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s' is too much", arg);
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child child[] = {{&desk_door_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {option, parse, NULL,
	"What buyers were promised to be told (the refund moves, the order arrives) and how these "
	"promises stand, asked at the desk of a running server.\v"
	"open: nothing has happened yet.  overdue: there is news that the buyer was not told "
	"within "
	"promises.overdue_after of the configuration, or the order service was not reached for "
	"long. "
	"kept: the buyer was written to, and it is over.  ended: the buyer wanted no more of "
	"it.\n\n"
	"Exit status: 0 nothing is overdue, 1 something is, 2 cannot run.",
	child, NULL, NULL};

static int run(struct promises *promises)
{
	struct inbox_answer answer;
	int64_t overdue = 0;
	int status;

	if (!desk_door_open(&promises->door))
		return EXIT_CANNOT;
	answer = inbox_client_ask(&promises->door.client,
		promises->all ? "/desk/promises?all=1" : "/desk/promises", NULL);
	if (!json_int(json_get(answer.root, "overdue"), &overdue))
		overdue = 0;
	status = desk_door_finish(&promises->door, &answer, inbox_print_promises);
	return status == EXIT_GOOD && overdue ? EXIT_FINDINGS : status;
}

int cmd_promises(int argc, char **argv)
{
	struct promises promises = {.door = {.command = "promises", .options = OPTIONS_DEFAULT}};
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &promises);
	status = run(&promises);
	desk_door_close(&promises.door);
	return status;
}
