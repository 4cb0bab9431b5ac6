/* tenstep authorize: the seller's consent, once. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "adapters/tiktok_chat/tiktok_chat.h"
#include "bot/app/command.h"
#include "bot/base/date.h"
#include "bot/base/percent.h"
#include "bot/common/options.h"
#include "bot/common/version.h"
#include "bot/config/serve_config.h"
#include "bot/shop/shop_enroll.h"
#include "bot/shop/shop_service.h"

enum {
	KEY_CONFIG = 0x500,
	KEY_CODE_FILE,
	KEY_WEBHOOKS,
	max_code_bytes = 4096,
	max_findings_bytes = 1 << 20
};

struct authorize {
	struct options options;
	const char *config_path, *code_path, *webhooks;
	struct serve_config config;
	struct arena *arena;
	char state[24]; /* comes back with the code */
	struct loop *loop;
	struct http_client *client;
	struct log *log;
	struct shop_grant *grant;
	struct str code;
	int status;
};

static const struct argp_option option[] = {
	{"config", KEY_CONFIG, "FILE", 0, "the configuration of the server; needed", 0},
	{"code-file", KEY_CODE_FILE, "FILE", 0,
		"read the code from this file instead of from standard input", 0},
	{"webhooks", KEY_WEBHOOKS, "URL", 0,
		"then tell the platform that the shop's webhooks go there: this server's address "
		"with /shop/webhook; with a consent that is good no code is asked for",
		0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct authorize *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->options;
		return 0;
	case KEY_CONFIG:
		a->config_path = arg;
		return 0;
	case KEY_CODE_FILE:
		a->code_path = arg;
		return 0;
	case KEY_WEBHOOKS:
		a->webhooks = arg;
		if (shop_enroll_fault(str_of(arg)))
			argp_error(state, "the platform does not take '%s': %s", arg,
				shop_enroll_fault(str_of(arg)));
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "nothing else is expected, but there is '%s'", arg);
		return 0;
	case ARGP_KEY_END:
		if (!a->config_path)
			argp_error(state, "--config FILE is needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child child[] = {{&options_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {option, parse, "",
	"Asks the seller for consent to work on the shop's orders: prints a link, takes the code "
	"that the seller's browser comes back with, and keeps the tokens."
	"\vThe code may be given alone or as the whole address that the browser came back to; it "
	"is "
	"good for half an hour, once.  The tokens are kept beside the server's data, for their "
	"owner "
	"only; a server that runs takes them over within half a minute.",
	child, NULL, NULL};

static bool complain(const char *what, const char *detail)
{
	fprintf(stderr, "tenstep: %s%s%s\n", what, *detail ? ": " : "", detail);
	return false;
}

/* --- what it needs --- */

static bool read_config(struct authorize *a)
{
	struct diags diags;
	bool good;

	diags_init(&diags, a->arena);
	good = serve_config_open(a->config_path, a->arena, &a->config, &diags);
	if (diags.n)
		options_print_findings(&a->options, &diags, stderr);
	if (!good)
		return complain("this configuration cannot be used", "");
	return a->config.has_shop ||
	       complain("this configuration has no section \"tiktok_shop\"", "");
}

/* The server's own folder. */
static const char *token_path(struct authorize *a)
{
	char *data = options_data_folder(&a->options);
	const char *folder;

	if (!data)
		return NULL;
	folder = arena_printf(a->arena, "%s/server", data).p;
	free(data);
	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		(void)complain(folder, strerror(errno));
		return NULL;
	}
	return arena_printf(a->arena, "%s/" SHOP_TOKENS, folder).p;
}

static void make_state(struct authorize *a)
{
	unsigned char bytes[8] = {0};

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		abort();
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(a->state + 2 * i, 3, "%02x", bytes[i]);
}

/* --- the code --- */

static void show_link(struct authorize *a)
{
	const struct shop_account *shop = &a->config.shop;
	struct str link;

	make_state(a);
	if (!shop->service_id.n) {
		fprintf(stderr, "The link for the seller is on the app's page in Partner Center "
				"(\"service_id\" would show it here).\n");
	} else {
		link = tts_grant_link(
			a->arena, shop->consent_url, shop->service_id, str_of(a->state));
		fprintf(stderr, "The seller opens\n\n  %.*s\n\n", STR(link));
	}
	if (!a->code_path)
		fprintf(stderr,
			"and consents.  Paste the address that the browser came back to, or "
			"its code:\n");
}

/* "https://…?code=X&state=Y", or X. */
static bool take_code(struct authorize *a, struct str line)
{
	struct str address = line;
	struct str query = (str_cut(&address, '?'), address);
	struct buf field;
	bool good = true;

	if (!query.n) {
		a->code = line;
		return true;
	}
	buf_init(&field, max_code_bytes);
	if (percent_field(query, "state", &field) && a->config.shop.service_id.n && !a->code_path &&
		!str_is(buf_str(&field), a->state))
		good = complain("this is the answer to another link; open the one above", "");
	if (good && !percent_field(query, "code", &field))
		good = complain("there is no code in this address", "");
	if (good)
		a->code = arena_str(a->arena, buf_str(&field));
	buf_release(&field);
	return good;
}

static bool read_code(struct authorize *a)
{
	FILE *file = a->code_path ? fopen(a->code_path, "re") : stdin;
	char line[max_code_bytes];
	bool good = file && fgets(line, sizeof(line), file);
	int error = errno;

	if (file && file != stdin)
		fclose(file);
	if (!file)
		return complain(a->code_path, strerror(error));
	if (!good || !str_trim(str_of(line)).n)
		return complain("no code was given", "");
	return take_code(a, arena_str(a->arena, str_trim(str_of(line))));
}

/* --- the trade --- */

static void show_day(int64_t at)
{
	struct date d = date_of(at);

	printf("%u %s %lld", d.day, date_month_name[d.month], (long long)d.year);
}

static void show_grant(const struct tts_grant *grant, const char *path)
{
	printf("%.*s has consented", STR(grant->seller));
	if (grant->refresh_until) {
		printf(" until ");
		show_day(grant->refresh_until);
	}
	printf(":\n");
	for (size_t i = 0; i < grant->n_shops; i++)
		printf("  %.*s  %.*s  %.*s\n", STR(grant->shop[i].id), STR(grant->shop[i].region),
			STR(grant->shop[i].name));
	printf("The tokens are in %s\n", path);
}

static void done(void *self, bool good, const char *why)
{
	struct authorize *a = self;

	a->status = good ? EXIT_GOOD : EXIT_FINDINGS;
	if (!good)
		(void)complain("there is no consent", why);
	loop_stop(a->loop);
}

static void open_grant(struct authorize *a, const char *path)
{
	struct http_client_setup client = {
		.user_agent = "tenstep/" TENSTEP_VERSION, .allow_loopback = true};
	struct shop_grant_setup grant = {.account = &a->config.shop, .path = path};

	client.loop = grant.loop = a->loop = loop_new();
	grant.client = a->client = http_client_new(&client);
	a->grant = shop_grant_new(&grant);
}

static void close_grant(struct authorize *a)
{
	shop_grant_free(a->grant);
	http_client_free(a->client);
	loop_free(a->loop);
}

static void trade(struct authorize *a, const char *path)
{
	shop_grant_exchange(a->grant, a->code, done, a);
	loop_run(a->loop);
	if (a->status == EXIT_GOOD)
		show_grant(shop_grant_now(a->grant), path);
}

/* --- webhooks --- */

static void show_enrolled(void *self, struct str shop, const char *what, struct str why)
{
	(void)self;
	printf("%.*s  %s%s%.*s\n", STR(shop), what, why.n ? ": not done: " : "", STR(why));
}

static void enrolled(void *self, bool good)
{
	struct authorize *a = self;

	a->status = good ? EXIT_GOOD : EXIT_FINDINGS;
	loop_stop(a->loop);
}

static bool has_chat(const struct serve_config *config)
{
	for (size_t i = 0; i < config->n_channels; i++)
		if (config->channel[i].codec == &tiktok_chat)
			return true;
	return false;
}

static void enroll(struct authorize *a)
{
	struct shop_link_setup setup = {.loop = a->loop,
		.client = a->client,
		.grant = a->grant,
		.account = &a->config.shop};
	struct shop_link *link = shop_link_new(&setup);

	printf("Webhooks go to %s:\n", a->webhooks);
	shop_enroll(&(struct shop_enroll_setup){
		.link = link,
		.grant = a->grant,
		.address = str_of(a->webhooks),
		.chat = has_chat(&a->config),
		.each = show_enrolled,
		.done = enrolled,
		.self = a,
	});
	loop_run(a->loop);
	shop_link_free(link);
	printf("\"Refund success\" has no name there; it is switched on in Partner Center.\n");
}

static int authorize(struct authorize *a)
{
	const char *path = read_config(a) ? token_path(a) : NULL;
	bool has_consent;

	if (!path)
		return EXIT_CANNOT;
	open_grant(a, path);
	has_consent = a->webhooks && shop_grant_now(a->grant);
	if (!has_consent)
		show_link(a);
	if (has_consent)
		a->status = EXIT_GOOD;
	else if (read_code(a))
		trade(a, path);
	if (a->status == EXIT_GOOD && a->webhooks)
		enroll(a);
	close_grant(a);
	return a->status;
}

int cmd_authorize(int argc, char **argv)
{
	struct authorize a = {.options = OPTIONS_DEFAULT, .status = EXIT_CANNOT};
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	a.arena = arena_new(max_findings_bytes);
	status = authorize(&a);
	arena_free(a.arena);
	return status;
}
