/* tenstep chat: talk to the assistant on the demo shop. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "bot/app/command.h"
#include "bot/base/date.h"
#include "bot/terminal/chat_mode.h"

enum { KEY_JSON = 0x200, KEY_BUYER, KEY_NOW, KEY_SEED, KEY_AS, KEY_FRESH, KEY_SHOP };

enum { max_name_bytes = 64 };

struct chat {
	struct talk talk;
	bool json;
	const char *now, *seed;
};

static const struct argp_option option[] = {
	{"json", KEY_JSON, NULL, 0,
		"a message a line in, a JSON object a turn out; nothing is kept unless --data "
		"names a folder",
		0},
	{"buyer", KEY_BUYER, "ID", 0, "the channel vouches for this buyer, say buyer-open", 0},
	{"now", KEY_NOW, "TIME", 0, "begin at this time (UTC), say \"2025-03-01 10:00\"", 0},
	{"seed", KEY_SEED, "N", 0, "all chance comes from this number", 0},
	{"as", KEY_AS, "NAME", 0, "the conversation of that name; otherwise each buyer has one", 0},
	{"fresh", KEY_FRESH, NULL, 0, "begin anew: the conversation and the demo shop", 0},
	{"shop", KEY_SHOP, "FIXTURE", 0, "a shop in memory, say two_open_orders; nothing is kept",
		0},
	{0},
};

static void parse_seed(struct argp_state *state, const char *arg, uint64_t *seed)
{
	int64_t number;

	if (!str_int(str_of(arg), &number))
		argp_error(state, "--seed is a whole number, not '%s'", arg);
	else
		*seed = (uint64_t)number;
}

static void parse_now(struct argp_state *state, const char *arg, int64_t *ms)
{
	int64_t at;

	if (!date_parse(str_of(arg), &at) || at < 0)
		argp_error(state, "--now is a time like \"2025-03-01 10:00\", not '%s'", arg);
	else
		*ms = at * 1000;
}

static void check_name(struct argp_state *state, const char *arg)
{
	size_t n = strspn(arg, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	if (!n || n > max_name_bytes || arg[n])
		argp_error(state,
			"a conversation's name is letters, digits, '.', '_' and '-', not '%s'",
			arg);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct chat *chat = state->input;
	struct talk *talk = &chat->talk;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &talk->options;
		return 0;
	case KEY_JSON:
		chat->json = true;
		return 0;
	case KEY_BUYER:
		check_name(state, arg);
		talk->buyer = arg;
		return 0;
	case KEY_NOW:
		chat->now = arg;
		parse_now(state, arg, &talk->start_ms);
		return 0;
	case KEY_SEED:
		chat->seed = arg;
		parse_seed(state, arg, &talk->seed);
		return 0;
	case KEY_AS:
		check_name(state, arg);
		talk->name = arg;
		return 0;
	case KEY_FRESH:
		talk->fresh = true;
		return 0;
	case KEY_SHOP:
		talk->fixture = arg;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "nothing else is expected, but there is '%s'", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child child[] = {{&options_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {option, parse, "",
	"Talks to the assistant on the embedded demo shop.  The conversation and the shop are "
	"kept, so that "
	"a chat can be ended or killed at any moment and gone on with."
	"\vBuyers of the demo shop: buyer-open, buyer-transit, buyer-refund, buyer-mixed; without "
	"--buyer you "
	"are nobody until you prove who you are.  ':help' in the chat lists what else it "
	"understands.",
	child, NULL, NULL};

static int64_t real_time_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint64_t random_seed(void)
{
	uint64_t seed = 0;

	return getrandom(&seed, sizeof seed, 0) == (ssize_t)sizeof seed ? seed : 0;
}

int cmd_chat(int argc, char **argv)
{
	struct chat chat = {.talk = {.options = OPTIONS_DEFAULT}};
	struct talk *talk = &chat.talk;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &chat);
	if (!chat.now)
		talk->start_ms = real_time_ms();
	if (!chat.seed)
		talk->seed = random_seed();
	talk->memory = talk->fixture || (chat.json && !talk->options.data);
	if (!talk_open(talk)) {
		talk_close(talk);
		return EXIT_CANNOT;
	}
	status = chat.json ? chat_json(talk) : chat_terminal(talk);
	talk_close(talk);
	return status;
}
