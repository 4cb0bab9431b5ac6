/* tenstep channels: the accounts on messaging platforms. */
#include <stdio.h>
#include <string.h>

#include "bot/app/command.h"
#include "bot/channels/channel_client.h"
#include "bot/common/web_name.h"
#include "bot/desk/desk_door.h"
#include "bot/desk/inbox_print.h"

enum { KEY_CONFIG = 0x400, KEY_ADDRESS };
enum { max_words = 4, max_config_bytes = 4 << 20 };

struct channels_command {
	struct desk_door door;
	const char *config, *address;
	const char *word[max_words];
	int n_words;
	struct arena *arena;
};

static const struct argp_option option[] = {
	{"config", KEY_CONFIG, "FILE", 0, "register, test: the configuration with the account", 0},
	{"address", KEY_ADDRESS, "URL", 0,
		"register: where the platform reaches this server, https://…; without a path, "
		"/channels/NAME is added",
		0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct channels_command *c = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &c->door;
		return 0;
	case KEY_CONFIG:
		c->config = arg;
		return 0;
	case KEY_ADDRESS:
		c->address = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (c->n_words == max_words)
			argp_error(
				state, "'%s' is too much; a text of several words is quoted", arg);
		else
			c->word[c->n_words++] = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child child[] = {{&desk_door_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {option, parse,
	"[list]\nletters\nregister NAME --address URL --config FILE\ntest NAME PEER TEXT --config "
	"FILE",
	"The accounts on messaging platforms: how they stand, and setting them up.\v"
	"list asks the desk of a running server how each account stands: good; sending, when "
	"something waits to be shown; refused, when the platform takes nothing from it (a wrong "
	"token). letters are posts that could not be shown. register makes the platform call this "
	"server, where it has a call for that. test sends TEXT to PEER, the conversation as the "
	"platform calls it, without a server.\n\n"
	"Exit status: 0 done, 1 not done or something stands badly, 2 cannot run.",
	child, NULL, NULL};

/* --- at the desk --- */

static bool stands_badly(const struct json *answer)
{
	for (const struct json *c = json_first(json_get(answer, "channels")); c; c = json_next(c))
		if (str_is(json_text(json_get(c, "state")), "refused"))
			return true;
	return false;
}

static int ask_desk(struct channels_command *c, print_function *print)
{
	struct inbox_answer answer;
	bool badly;
	int status;

	if (!desk_door_open(&c->door))
		return EXIT_CANNOT;
	answer = inbox_client_ask(&c->door.client, "/desk/channels", NULL);
	badly = stands_badly(answer.root);
	status = desk_door_finish(&c->door, &answer, print);
	return status == EXIT_GOOD && badly ? EXIT_FINDINGS : status;
}

static int list(struct channels_command *c)
{
	return ask_desk(c, inbox_print_channels);
}

static int letters(struct channels_command *c)
{
	return ask_desk(c, inbox_print_letters);
}

/* --- at the platform --- */

static int complain(const char *what, struct str about)
{
	fprintf(stderr, "tenstep channels: %s%.*s\n", what, STR(about));
	return EXIT_CANNOT;
}

static const struct channel_seat *seat_named(const struct serve_config *config, struct str name)
{
	for (size_t i = 0; i < config->n_channels; i++)
		if (str_eq(config->channel[i].account.name, name))
			return &config->channel[i];
	return NULL;
}

/* NULL after a message. */
static const struct channel_seat *find_seat(struct channels_command *c, struct serve_config *config)
{
	const struct channel_seat *seat;
	struct diags diags;
	bool good;

	if (!c->config) {
		complain("--config FILE says which account is meant", S(""));
		return NULL;
	}
	diags_init(&diags, c->arena);
	good = serve_config_open(c->config, c->arena, config, &diags);
	if (diags.n)
		options_print_findings(&c->door.options, &diags, stderr);
	if (!good)
		return NULL;
	seat = seat_named(config, str_of(c->word[1]));
	if (!seat)
		complain("the configuration has no account ", str_of(c->word[1]));
	else if (seat->codec->borrows)
		complain("a running server alone can speak for ", str_of(seat->codec->about));
	return seat && !seat->codec->borrows ? seat : NULL;
}

static int finish(const struct channels_command *c, bool good, const char *done, struct str why)
{
	if (good)
		printf("%s %s.\n", c->word[1], done);
	else
		fprintf(stderr, "tenstep channels: %s: %.*s\n", c->word[1], STR(why));
	return good ? EXIT_GOOD : EXIT_FINDINGS;
}

/* "https://shop.example" is the server; what has a path is the address itself. */
static struct str address_of(const struct channels_command *c)
{
	struct str address = str_of(c->address);
	bool has_path = str_find(str_sub(address, strlen("https://"), address.n), S("/")) >= 0;

	if (str_ends(address, S("/")))
		address.n--;
	return has_path && address.n == str_of(c->address).n
		       ? address
		       : arena_printf(c->arena, "%.*s/channels/%s", STR(address), c->word[1]);
}

static int register_account(struct channels_command *c)
{
	struct channel_client client;
	struct serve_config config;
	const struct channel_seat *seat;
	struct str why = {0};
	const char *fault;
	bool good;

	if (!c->address)
		return complain("--address https://… says where this server is reached", S(""));
	fault = hook_url_fault(str_of(c->address));
	if (fault)
		return complain("the address cannot be used: ", str_of(fault));
	seat = find_seat(c, &config);
	if (!seat)
		return EXIT_CANNOT;
	channel_client_open(&client, seat);
	good = channel_client_register(&client, address_of(c), &why);
	finish(c, good, "is registered", why);
	channel_client_close(&client);
	return good ? EXIT_GOOD : EXIT_FINDINGS;
}

static int test(struct channels_command *c)
{
	struct channel_client client;
	struct serve_config config;
	const struct channel_seat *seat = find_seat(c, &config);
	struct str why = {0};
	bool good;

	if (!seat)
		return EXIT_CANNOT;
	channel_client_open(&client, seat);
	good = channel_client_send(&client, str_of(c->word[2]), str_of(c->word[3]), &why);
	finish(c, good, "has taken the message", why);
	channel_client_close(&client);
	return good ? EXIT_GOOD : EXIT_FINDINGS;
}

/* --- which --- */

static const struct action {
	const char *name, *usage;
	int n_words;
	int (*run)(struct channels_command *c);
} action[] = {
	{"list", "list", 1, list},
	{"letters", "letters", 1, letters},
	{"register", "register NAME --address URL --config FILE", 2, register_account},
	{"test", "test NAME PEER TEXT --config FILE", 4, test},
};
enum { n_actions = sizeof(action) / sizeof(*action) };

static int run(struct channels_command *c)
{
	const char *name = c->n_words ? c->word[0] : "list";
	int n = c->n_words ? c->n_words : 1;

	for (int i = 0; i < n_actions; i++) {
		if (strcmp(action[i].name, name) != 0)
			continue;
		if (n == action[i].n_words)
			return action[i].run(c);
		return complain("usage: tenstep channels ", str_of(action[i].usage));
	}
	return complain("list, letters, register and test are known, not ", str_of(name));
}

int cmd_channels(int argc, char **argv)
{
	struct channels_command c = {.door = {.command = "channels", .options = OPTIONS_DEFAULT}};
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &c);
	c.arena = arena_new(max_config_bytes);
	status = run(&c);
	desk_door_close(&c.door);
	arena_free(c.arena);
	return status;
}
