/* tenstep shop: the demo shop as a server of the TikTok Shop Open Platform's wire form. */
#include <stdlib.h>
#include <string.h>

#include "bot/app/command.h"
#include "bot/base/date.h"
#include "bot/counter/shop_hand.h"
#include "bot/counter/shop_server.h"

enum {
	KEY_PORT = 0x400,
	KEY_FIXTURE,
	KEY_NOW,
	KEY_WEBHOOKS,
	KEY_REDIRECT,
	KEY_APP,
	KEY_RATE,
	KEY_MISBEHAVE,
	KEY_SEED,
	KEY_QUIET,
};

static const struct argp_option option[] = {
	{"port", KEY_PORT, "N", 0, "listen here (8123); 0: any free port", 0},
	{"fixture", KEY_FIXTURE, "NAME", 0,
		"what a new shop is like (demo); adapters/order/sandbox/README.md lists them", 0},
	{"now", KEY_NOW, "TIME", 0,
		"the shop's time at the start: Unix seconds or \"2026-03-01 10:00\" (now)", 0},
	{"webhooks-to", KEY_WEBHOOKS, "URL", 0, "where webhooks are posted to", 0},
	{"redirect-to", KEY_REDIRECT, "URL", 0,
		"where the authorise page sends the seller's browser with the code", 0},
	{"app-key", KEY_APP, "KEY", 0, "the app's key (68xu9ks5p4i8j)", 0},
	{"rate", KEY_RATE, "N", 0, "requests a second, more are answered 429 (0: without limit)",
		0},
	{"misbehave", KEY_MISBEHAVE, "RULE", 0,
		"OPERATION:ACT[:COUNT[:MS]], as often as wanted; OPERATION \"*\": any, \"writes\"",
		0},
	{"seed", KEY_SEED, "N", 0, "of the chance in misbehaviour", 0},
	{"quiet", KEY_QUIET, NULL, 0, "no line on stderr for each request", 0},
	{0},
};

static bool read_time(const char *text, int64_t *at)
{
	return str_int(str_of(text), at) || date_parse(str_of(text), at);
}

static void add_mischief(struct shop_server *shop, const char *text, struct argp_state *state)
{
	struct buf error;

	buf_init(&error, 600);
	if (shop->n_mischiefs == SHOP_MISCHIEFS)
		argp_error(state, "that is too much misbehaviour");
	else if (!mischief_read(str_of(text), &shop->mischief[shop->n_mischiefs], &error))
		argp_error(state, "%.*s", STR(buf_str(&error)));
	else if (!strchr("*w", shop->mischief[shop->n_mischiefs].operation[0]) &&
		 !wire_has_operation(str_of(shop->mischief[shop->n_mischiefs].operation)))
		argp_error(state, "there is no operation '%s'; the shop's page names them",
			shop->mischief[shop->n_mischiefs].operation);
	else
		shop->n_mischiefs++;
	buf_release(&error);
}

static bool read_number(const char *text, int64_t most, int64_t *number)
{
	return str_int(str_of(text), number) && *number >= 0 && *number <= most;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct shop_server *shop = state->input;
	int64_t number;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &shop->options;
		return 0;
	case KEY_PORT:
		if (!read_number(arg, 65535, &number))
			argp_error(state, "--port is a number from 0 to 65535, not '%s'", arg);
		else
			shop->port = (int)number;
		return 0;
	case KEY_FIXTURE:
		shop->fixture = arg;
		return 0;
	case KEY_NOW:
		if (!read_time(arg, &shop->start))
			argp_error(state, "--now is a time, not '%s'", arg);
		return 0;
	case KEY_WEBHOOKS:
		shop->webhooks_to = arg;
		return 0;
	case KEY_REDIRECT:
		shop->redirect_to = arg;
		return 0;
	case KEY_APP:
		shop->app_key = arg;
		return 0;
	case KEY_RATE:
		if (!read_number(arg, 1000000, &number))
			argp_error(state, "--rate is a number, not '%s'", arg);
		else
			shop->per_s = (unsigned)number;
		return 0;
	case KEY_MISBEHAVE:
		add_mischief(shop, arg, state);
		return 0;
	case KEY_SEED:
		if (!read_number(arg, INT64_MAX, &number))
			argp_error(state, "--seed is a number, not '%s'", arg);
		else
			shop->seed = (uint64_t)number;
		return 0;
	case KEY_QUIET:
		shop->quiet = true;
		return 0;
	case ARGP_KEY_ARGS:
		shop->word = state->argv + state->next;
		shop->n_words = (size_t)(state->argc - state->next);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child child[] = {{&options_argp, 0, NULL, 0}, {0}};
static const char about[] =
	"Serves the demo shop on 127.0.0.1 in the wire form of the TikTok Shop Open Platform: what "
	"a program "
	"that works with a real shop sends and gets, it sends to and gets from this one. Nothing "
	"of it leaves "
	"this machine. With an ACTION: asks the shop that runs to do something."
	"\vDATA/shop holds the shop (shop.db), the app's secret (app.secret), the admin's token "
	"(admin.token), a configuration for 'tenstep serve' (serve.json) and the ledger "
	"(ledger.jsonl): every "
	"request as it came, and every effect that was really applied.\n\n";

static char *filter(int key, const char *text, void *input)
{
	struct buf both;
	char *copy;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC || !text)
		return (char *)(uintptr_t)text;
	buf_init(&both, 8000);
	buf_adds(&both, text);
	buf_adds(&both, shop_hand_help);
	copy = strdup(both.p);
	buf_release(&both);
	return copy;
}

static const struct argp argp = {option, parse, "[ACTION WORD...]", about, child, filter, NULL};

/* Ready for `tenstep serve`; the secret is named, not told. */
static bool write_config(struct shop_server *shop)
{
	const char *path = arena_printf(shop->arena, "%s/serve.json", shop->folder).p;
	FILE *file = fopen(path, "we");

	if (!file)
		return false;
	fprintf(file,
		"{\n"
		"  \"tiktok_shop\": {\n"
		"    \"app_key\": \"%s\",\n"
		"    \"app_secret\": {\"file\": \"app.secret\"},\n"
		"    \"service_id\": \"7000000000000000001\",\n"
		"    \"api_url\": \"%.*s\",\n"
		"    \"token_url\": \"%.*s\",\n"
		"    \"consent_url\": \"%.*s/open/authorize\",\n"
		"  },\n"
		"  \"channels\": {\"tiktok\": {\"platform\": \"tiktok_chat\"}},\n"
		"}\n",
		shop->app_key, STR(shop->address), STR(shop->address), STR(shop->address));
	return fclose(file) == 0;
}

static bool write_address(struct shop_server *shop)
{
	FILE *file = fopen(arena_printf(shop->arena, "%s/address", shop->folder).p, "we");

	if (!file)
		return false;
	fprintf(file, "%.*s\n", STR(shop->address));
	return fclose(file) == 0;
}

static void tell(struct shop_server *shop)
{
	struct str code = wire_new_code(shop->wire, loop_now_ms(shop->loop), shop->scratch);

	printf("The demo shop speaks at    %.*s\n", STR(shop->address));
	printf("behind the counter         %.*s/shop/#token=%.*s\n", STR(shop->address),
		STR(shop->admin_token.bytes));
	printf("app key                    %s\n", shop->app_key);
	printf("app secret                 %.*s  (%s/app.secret)\n", STR(shop->app_secret.bytes),
		shop->folder);
	printf("authorisation code         %.*s  (once, for half an hour)\n", STR(code));
	printf("shop id, shop cipher       %.*s, %.*s\n", STR(wire_shop_id()),
		STR(wire_shop_cipher()));
	printf("ledger                     %s/ledger.jsonl\n", shop->folder);
	printf("webhooks go to             %s\n",
		shop->webhooks_to ? shop->webhooks_to
				  : "nobody; --webhooks-to http://127.0.0.1:8080/shop/webhook");
	printf("To work with it            tenstep authorize --config %s/serve.json\n"
	       "                           tenstep serve --config %s/serve.json\n",
		shop->folder, shop->folder);
	printf("Ctrl-C stops it; the shop is kept.\n");
	fflush(stdout);
}

int cmd_shop(int argc, char **argv)
{
	struct shop_server shop = {.options = OPTIONS_DEFAULT, .port = 8123};
	bool good;

	argp_parse(&argp, argc, argv, 0, NULL, &shop);
	if (shop.n_words)
		return shop_hand(&shop.options, shop.word, shop.n_words);
	good = shop_server_open(&shop);
	if (good && (!write_config(&shop) || !write_address(&shop))) {
		perror("tenstep: cannot write into the shop's folder");
		good = false;
	}
	if (good) {
		tell(&shop);
		shop_server_run(&shop);
	}
	shop_server_close(&shop);
	return good ? EXIT_GOOD : EXIT_CANNOT;
}
