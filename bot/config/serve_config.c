/* The configuration of the server: its table, and reading a file by it. */
#include "bot/config/serve_config.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/config/config_field.h"

enum { max_config_bytes = 1 << 20 };

#define AT(member) offsetof(struct serve_config, member), sizeof(((struct serve_config *)0)->member)
#define LIST(member, count)                                                                        \
	offsetof(struct serve_config, member), offsetof(struct serve_config, count)
#define FLAG(member) (long)offsetof(struct serve_config, member)

const struct config_section config_section[] = {
	{"", "", -1},
	{"listen", "Where the server is reached.", -1},
	{"website", "The chat on the shop's pages.", -1},
	{"directline", "Direct Line 3.0 for botframework-webchat; on when this section is there.",
		FLAG(directline)},
	{"rasa", "Rasa's REST channel; on when this section is there.", FLAG(rasa)},
	{"tiktok_shop",
		"The shop on TikTok Shop whose orders the assistant works on; `tenstep authorize` "
		"asks "
		"the seller for consent. The platform's webhooks go to /shop/webhook.",
		FLAG(has_shop)},
	{"desk", "People of the shop: the inbox, its webhook, its hours.", -1},
	{"promises", "What buyers were promised to be told.", -1},
	{"policy",
		"What the assistant may do by itself; all else goes to a person, with the reason.",
		-1},
	{"keep", "How long things are kept; what is older goes by itself.", -1},
	{"metrics", "The page /metrics.", -1},
	{"limits", "What one peer, one conversation and all together may use.", -1},
};
const size_t n_config_sections = sizeof(config_section) / sizeof(*config_section);

enum { s = 1000, min = 60 * s, hour = 60 * min, day = 24 * hour }; /* in ms */

const struct config_field config_field[] = {
	{"", "log", KIND_LEVEL, AT(log_level), 0, 0, "\"info\"", "The least level that is logged."},
	{"", "demo", KIND_SWITCH, AT(demo), 0, 0, "false",
		"Serve the demo shop and its page, and take its orders for the shop's."},

	{"listen", "address", KIND_ADDRESS, AT(address), 0, 0, "\"127.0.0.1\"",
		"The address to listen on; \"0.0.0.0\" or \"::\" for all of this machine."},
	{"listen", "port", KIND_NUMBER, AT(port), 1, 65535, "8080", "The port."},
	{"listen", "certificate", KIND_FILE, AT(certificate), 0, 0, NULL,
		"The certificate and its chain (PEM). With \"key\": TLS. Read again on SIGHUP, and "
		"by itself some seconds after both files have been renewed."},
	{"listen", "key", KIND_KEY_FILE, AT(key), 0, 0, NULL, "The certificate's key (PEM)."},
	{"listen", "trusted_proxies", KIND_ADDRESSES, LIST(trusted_proxy, n_trusted_proxies), 0, 0,
		NULL, "Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."},

	{"website", "origins", KIND_ORIGINS, LIST(origin, n_origins), 0, 0, NULL,
		"The pages that may open the chat, like \"https://shop.example\". None: only pages "
		"of this server."},
	{"website", "identity", KIND_SECRET, AT(identity[0]), 0, 0, NULL,
		"What the shop's server signs buyers' names with. Without it all buyers are "
		"anonymous."},
	{"website", "identity_before", KIND_SECRET, AT(identity[1]), 0, 0, NULL,
		"The secret before that one, still believed while a new one is brought in."},
	{"website", "title", KIND_TEXT, AT(title), 0, 60, NULL, "What stands above the chat."},
	{"website", "greeting", KIND_TEXT, AT(greeting), 0, 500, NULL,
		"The first thing a new buyer reads. Without it: what the flow session/hello says "
		"to "
		"a stranger."},
	{"website", "consent", KIND_TEXT, AT(consent), 0, 1000, NULL,
		"What a buyer has to agree to before anything is stored. Without it nothing is "
		"asked."},
	{"website", "colour", KIND_COLOUR, AT(colour), 0, 0, NULL, "The shop's colour."},
	{"website", "image_origins", KIND_ORIGINS, LIST(image_origin, n_image_origins), 0, 0, NULL,
		"Where pictures of goods, and those that flows say, come from."},
	{"website", "max_file_bytes", KIND_NUMBER, AT(max_file_bytes), 0, 25 << 20, "5242880",
		"The largest file a buyer may send; 0: none at all."},
	{"website", "files_leave_free", KIND_NUMBER, AT(files_leave_free), 0, 100000000000000,
		"268435456",
		"Bytes of the disk that files leave free, so that conversations go on when it is "
		"nearly full."},

	{"directline", "secret", KIND_TOKEN, AT(directline_secret), 0, 0, NULL,
		"What the shop's server gets tokens for its buyers with.", true},
	{"rasa", "token", KIND_TOKEN, AT(rasa_token), 0, 0, NULL,
		"What a caller has to show: whoever has it may speak for any buyer.", true},

	{"tiktok_shop", "app_key", KIND_TEXT, AT(shop.app_key), 0, 100, NULL,
		"The key of the app, from its page in Partner Center.", true},
	{"tiktok_shop", "app_secret", KIND_TOKEN, AT(shop.app_secret), 0, 0, NULL,
		"The secret of the app, from the same page.", true},
	{"tiktok_shop", "service_id", KIND_TEXT, AT(shop.service_id), 0, 100, NULL,
		"The id of the app's service, for the link at which the seller consents."},
	{"tiktok_shop", "region", KIND_TEXT, AT(shop.region), 0, 2, NULL,
		"The market, like \"US\" or \"GB\". Without it: what the platform tells of each "
		"shop."},
	{"tiktok_shop", "name", KIND_TEXT, AT(shop.about.name), 0, 60, NULL,
		"What the shop is called."},
	{"tiktok_shop", "policy_cancel", KIND_TEXT, AT(shop.about.policy_cancel), 0, 1000, NULL,
		"The shop's own words about cancelling. Without them: the platform's rules."},
	{"tiktok_shop", "policy_refund", KIND_TEXT, AT(shop.about.policy_refund), 0, 1000, NULL,
		"The same about refunds."},
	{"tiktok_shop", "policy_return", KIND_TEXT, AT(shop.about.policy_return), 0, 1000, NULL,
		"The same about returns."},
	{"tiktok_shop", "hours", KIND_TEXT, AT(shop.about.hours), 0, 200, NULL,
		"When people of the shop are there, in words."},
	{"tiktok_shop", "requests_per_second", KIND_NUMBER, AT(shop.requests_per_s), 1, 1000, "10",
		"Requests to the platform for one shop, and as many at once."},
	{"tiktok_shop", "pull_every", KIND_MS, AT(shop.pull_every_ms), s, day, "\"5m\"",
		"How often the buyer chat is asked for messages that no webhook has brought."},
	{"tiktok_shop", "api_url", KIND_HOOK_URL, AT(shop.api_url), 0, 0,
		"\"https://open-api.tiktokglobalshop.com\"", "Where the platform's API is."},
	{"tiktok_shop", "token_url", KIND_HOOK_URL, AT(shop.token_url), 0, 0,
		"\"https://auth.tiktok-shops.com\"", "Where tokens are given out."},
	{"tiktok_shop", "consent_url", KIND_HOOK_URL, AT(shop.consent_url), 0, 0,
		"\"https://services.tiktokshop.com/open/authorize\"",
		"Where the seller consents; in the US "
		"https://services.us.tiktokshop.com/open/authorize."},

	{"desk", "token", KIND_TOKEN, AT(desk_token), 0, 0, NULL,
		"What the inbox shows to be let in. Without it there is no inbox."},
	{"desk", "address", KIND_ADDRESS, AT(desk_address), 0, 0, NULL,
		"A listener of the inbox's own. Without it the inbox is under /desk/ of the "
		"server."},
	{"desk", "port", KIND_NUMBER, AT(desk_port), 1, 65535, NULL, "The port of that listener."},
	{"desk", "webhook_url", KIND_HOOK_URL, AT(webhook_url), 0, 0, NULL,
		"Where a card is posted to when a buyer needs a person; http:// for this machine "
		"only."},
	{"desk", "webhook_secret", KIND_SECRET, AT(webhook_secret), 0, 0, NULL,
		"What these posts are signed with (HMAC-SHA256)."},
	{"desk", "timezone", KIND_TIMEZONE, AT(timezone), 0, 0, NULL,
		"The zone of the hours, like \"Europe/Berlin\". Without it: UTC."},
	{"desk", "hours", KIND_HOURS, AT(hours), 0, 0, NULL,
		"When somebody is there: {\"monday\": \"09:00-18:00\", …}; a day that is left out "
		"is closed. Without it: always."},
	{"desk", "nobody_after", KIND_SECONDS, AT(nobody_after_s), min, 7 * day, "\"never\"",
		"A buyer who waited this long for a person goes back to the assistant."},
	{"desk", "waiting", KIND_TEXT, AT(waiting), 0, 500, NULL,
		"What a buyer who waits for a person is told."},

	{"promises", "quiet", KIND_SPAN, AT(quiet), 0, 0, NULL,
		"When no buyer is written to by itself, like \"22:00-08:00\", in the desk's "
		"time zone. What buyers ask is answered at any time."},
	{"promises", "look_every", KIND_MS, AT(look_every_ms), s, day, "\"5m\"",
		"How often the order service is asked about what a buyer waits to hear, for the "
		"case that its messages get lost."},
	{"promises", "overdue_after", KIND_MS, AT(overdue_after_ms), s, 7 * day, "\"15m\"",
		"News that a buyer was not told after this time are shown as overdue; quiet hours "
		"do not count."},

	{"policy", "may_cancel", KIND_SWITCH, AT(shop.policy.cancel), 0, 0, "true",
		"It may cancel an order, or ask for it, where the order service allows that."},
	{"policy", "cancel_up_to", KIND_AMOUNTS, LIST(may_cancel.limit, may_cancel.n_limits), 0, 0,
		NULL,
		"Only orders of at most this total, one amount for each currency; an order in "
		"another currency is for a person. Without it: any."},
	{"policy", "cancel_when", KIND_STATUSES, LIST(may_cancel.status, may_cancel.n_statuses), 0,
		0, NULL,
		"Only orders in these states. Without it: all that the order service allows."},
	{"policy", "cancel_in", KIND_MARKETS, LIST(may_cancel.market, may_cancel.n_markets), 0, 0,
		NULL, "Only orders of shops in these countries. Without it: in all."},
	{"policy", "may_approve", KIND_SWITCH, AT(shop.policy.approve), 0, 0, "true",
		"It may grant a cancellation that the buyer has asked for in the platform's app."},
	{"policy", "may_return", KIND_SWITCH, AT(shop.policy.create_return), 0, 0, "true",
		"It may start a return."},
	{"policy", "return_up_to", KIND_AMOUNTS, LIST(may_return.limit, may_return.n_limits), 0, 0,
		NULL, "The same for what the returned items have cost."},
	{"policy", "return_when", KIND_STATUSES, LIST(may_return.status, may_return.n_statuses), 0,
		0, NULL, "Only of orders in these states."},
	{"policy", "return_in", KIND_MARKETS, LIST(may_return.market, may_return.n_markets), 0, 0,
		NULL, "Only of orders of shops in these countries."},

	{"keep", "conversations", KIND_SECONDS, AT(keep_conversations_s), (int64_t)30 * day,
		(int64_t)3650 * day, "\"never\"",
		"After this time without a word a conversation is removed, as if its buyer had "
		"erased it. \"never\": it is not."},
	{"keep", "uploads", KIND_SECONDS, AT(keep_uploads_s), hour, (int64_t)30 * day, "\"1d\"",
		"After this time a file is removed that came from a page and that no message has "
		"named. \"never\": it is not."},

	{"metrics", "token", KIND_TOKEN, AT(metrics_token), 0, 0, NULL,
		"What a reader has to show. Without it only this machine may read, by the name "
		"localhost or a loopback address."},

	{"limits", "connections", KIND_NUMBER, AT(limits.max_connections), 1, 1000000, "16384",
		"Open connections in all; never more than the open files of the process less 256."},
	{"limits", "connections_per_address", KIND_NUMBER, AT(limits.max_per_address), 1, 65536,
		"64",
		"Open connections of one address; this machine and trusted proxies are free."},
	{"limits", "connects_per_second", KIND_NUMBER, AT(limits.connects_per_s), 1, 100000, "50",
		"New connections of one address; four times that at once."},
	{"limits", "message_bytes", KIND_NUMBER, AT(limits.max_message_bytes), 1024, 1 << 20,
		"16384", "One message of a WebSocket."},
	{"limits", "queue_bytes", KIND_NUMBER, AT(limits.max_queue_bytes), 16384, 16 << 20,
		"262144", "What may wait to be written to one connection."},
	{"limits", "held_bytes", KIND_NUMBER, AT(limits.max_held_bytes), 128 << 20,
		(int64_t)1 << 36, "268435456",
		"What may be in memory of requests that come and answers that are not read; of one "
		"address a quarter."},
	{"limits", "request", KIND_MS, AT(limits.request_ms), s, 5 * min, "\"15s\"",
		"Time for a whole request."},
	{"limits", "message", KIND_MS, AT(limits.message_ms), s, 5 * min, "\"10s\"",
		"Time for a whole message of a WebSocket."},
	{"limits", "ping", KIND_MS, AT(limits.ping_ms), 5 * s, 10 * min, "\"30s\"",
		"A silent connection is asked for a sign of life after this time."},
	{"limits", "drop", KIND_MS, AT(limits.drop_ms), 10 * s, hour, "\"1m\"",
		"A silent connection is dropped after this time; more than \"ping\"."},
	{"limits", "messages_per_minute", KIND_NUMBER, AT(messages_per_minute), 1, 6000000, "60",
		"Messages of one conversation, and 20 at once."},
	{"limits", "conversations_per_minute", KIND_NUMBER, AT(conversations_per_minute), 1, 60000,
		"10", "New conversations of one address, or of one /64 network of IPv6."},
};
const size_t n_config_fields = sizeof(config_field) / sizeof(*config_field);

/* --- defaults --- */

static void read_fallback(struct config_reading *r, const struct config_field *f)
{
	struct source source = {"default", str_of(f->fallback)};
	struct json_doc *doc = json_parse(&source, 0, NULL, r->diags);

	assert(doc);
	r->doc = doc;
	config_value_read(r, f, json_root(doc));
	json_doc_free(doc);
}

void serve_config_default(struct arena *arena, struct serve_config *config)
{
	struct config_reading r = {.arena = arena, .config = config};
	struct diags diags;

	*config = (struct serve_config){.port = 0};
	diags_init(&diags, arena);
	r.diags = &diags;
	for (size_t i = 0; i < n_config_fields; i++)
		if (config_field[i].fallback)
			read_fallback(&r, &config_field[i]);
	assert(!diags.n); /* a default that its own kind refuses */
}

/* --- reading --- */

static const struct config_field *field_of(const char *section, struct str name)
{
	for (size_t i = 0; i < n_config_fields; i++)
		if (strcmp(config_field[i].section, section) == 0 &&
			str_is(name, config_field[i].name))
			return &config_field[i];
	return NULL;
}

static const struct config_section *section_of(struct str name)
{
	for (size_t i = 1; i < n_config_sections; i++)
		if (str_is(name, config_section[i].name))
			return &config_section[i];
	return NULL;
}

/* Of the top, the sections are names too. */
static size_t names_of(const char *section, struct str *name)
{
	size_t n = 0;

	for (size_t i = 0; i < n_config_fields; i++)
		if (strcmp(config_field[i].section, section) == 0)
			name[n++] = str_of(config_field[i].name);
	for (size_t i = 1; !*section && i < n_config_sections; i++)
		name[n++] = str_of(config_section[i].name);
	if (!*section)
		name[n++] = S("channels");
	return n;
}

/* What is not for the server alone. */
static bool is_option(struct str key)
{
	return str_is(key, "content") || str_is(key, "lang") || str_is(key, "data");
}

/* A key of another section is told by that section. */
static struct str hint_for(struct config_reading *r, const char *section, struct str key)
{
	struct str *name =
		arena_array(r->arena, struct str, n_config_fields + n_config_sections + 1);
	struct str nearest = diag_nearest(r->arena, key, name, names_of(section, name));

	for (size_t i = 0; !nearest.n && i < n_config_fields; i++)
		if (str_is(key, config_field[i].name))
			return *config_field[i].section
				       ? arena_printf(r->arena, "'%.*s' belongs in \"%s\"",
						 STR(key), config_field[i].section)
				       : arena_printf(
						 r->arena, "'%.*s' belongs to the top", STR(key));
	if (!nearest.n && is_option(key))
		return arena_printf(r->arena, "it is said on the command line: --%.*s", STR(key));
	return nearest.n ? nearest : S("'tenstep check --config-keys' lists all keys");
}

static void unknown_key(struct config_reading *r, const char *section, const struct json *member)
{
	struct str key = json_key(member);

	if (*section)
		json_error_key(r->diags, r->doc, member, "G003", hint_for(r, section, key),
			"unknown key '%.*s' in \"%s\"", STR(key), section);
	else
		json_error_key(r->diags, r->doc, member, "G003", hint_for(r, section, key),
			"unknown key '%.*s'", STR(key));
}

static void read_member(struct config_reading *r, const char *section, const struct json *member)
{
	const struct config_field *field = field_of(section, json_key(member));

	if (field)
		config_value_read(r, field, member);
	else
		unknown_key(r, section, member);
}

static void check_required(
	struct config_reading *r, const struct config_section *section, const struct json *node)
{
	for (size_t i = 0; i < n_config_fields; i++) {
		const struct config_field *f = &config_field[i];

		if (f->required && strcmp(f->section, section->name) == 0 &&
			!json_get(node, f->name))
			json_error_key(r->diags, r->doc, node, "G019",
				config_kind_is_secret(f->kind)
					? S("{\"file\": PATH} or {\"env\": NAME}")
					: S(""),
				"\"%s\" needs '%s'", section->name, f->name);
	}
}

static void read_section(
	struct config_reading *r, const struct config_section *section, const struct json *node)
{
	if (!json_is(node, JSON_OBJECT)) {
		json_error(r->diags, r->doc, node, "G002", S(""),
			"\"%s\" is an object, and this is %s", section->name,
			json_type_name(json_type(node)));
		return;
	}
	if (section->flag >= 0)
		*(bool *)((char *)r->config + section->flag) = true;
	for (const struct json *m = json_first(node); m; m = json_next(m))
		read_member(r, section->name, m);
	check_required(r, section, node);
}

static void read_root(struct config_reading *r, const struct json *root)
{
	const struct config_section *section;

	if (!json_is(root, JSON_OBJECT)) {
		json_error(r->diags, r->doc, root, "G001", S("{\"listen\": {\"port\": 8080}}"),
			"a configuration is an object, and this is %s",
			json_type_name(json_type(root)));
		return;
	}
	for (const struct json *m = json_first(root); m; m = json_next(m)) {
		section = section_of(json_key(m));
		if (section)
			read_section(r, section, m);
		else if (str_is(json_key(m), "channels"))
			config_channels_read(r, m);
		else
			read_member(r, "", m);
	}
	config_check(r);
}

/* The JSON reader repeats what it did not expect, which may be a secret whose quotes were lost. */
static void mask_message(struct diag *item, struct str text, struct str masked)
{
	struct str was = str_sub(text, item->offset, item->length ? item->length : 1);
	long repeated = str_find(item->message, S(", not '"));

	if (str_eq(was, str_sub(masked, item->offset, was.n)) || strcmp(item->code, "J003") == 0)
		return;
	if (strcmp(item->code, "J002") == 0) { /* its hint is the same for all */
		item->message = S("this is not UTF-8");
		return;
	}
	item->hint = (struct str){0};
	item->message =
		repeated < 0 ? S("this is not JSON") : str_sub(item->message, 0, (size_t)repeated);
}

/* Findings print the line they are about: they are given a copy without secrets. */
static void mask_findings(const struct source *source, struct arena *arena, struct diags *diags)
{
	struct source *masked = NULL;

	for (size_t i = 0; i < diags->n; i++) {
		if (diags->item[i].source != source)
			continue;
		if (!masked) {
			masked = arena_new_of(diags->arena, struct source);
			masked->name = arena_cstr(diags->arena, str_of(source->name));
			masked->text = config_masked(source->text, arena);
		}
		if (diags->item[i].code[0] == 'J')
			mask_message(&diags->item[i], source->text, masked->text);
		diags->item[i].source = masked;
	}
}

bool serve_config_read(const struct source *source, struct str folder, struct arena *arena,
	struct serve_config *config, struct diags *diags)
{
	struct config_reading r = {
		.folder = folder, .arena = arena, .config = config, .diags = diags};
	size_t n_errors = diags->n_errors;
	struct json_doc *doc;

	serve_config_default(arena, config);
	config->text = digest_of(source->text);
	doc = json_parse(source, JSON_AUTHORED, NULL, diags);
	r.doc = doc;
	if (doc)
		read_root(&r, json_root(doc));
	json_doc_free(doc);
	mask_findings(source, diags->arena, diags);
	return diags->n_errors == n_errors;
}

/* All of the open @file; false with errno set. */
static bool read_all(FILE *file, struct arena *arena, struct str *out)
{
	char *text = malloc(max_config_bytes + 1);
	size_t n;
	int error = 0;

	if (!text)
		abort();
	n = fread(text, 1, max_config_bytes + 1, file);
	if (ferror(file))
		error = errno;
	else if (n > max_config_bytes)
		error = EFBIG;
	else
		*out = arena_str(arena, (struct str){text, n});
	free(text);
	errno = error;
	return !error;
}

/* NULL with errno set. */
static struct source *read_file(const char *path, struct arena *arena)
{
	struct source *source = arena_new_of(arena, struct source);
	FILE *file = fopen(path, "re");
	bool good;
	int error;

	if (!file)
		return NULL;
	source->name = arena_cstr(arena, str_of(path));
	good = read_all(file, arena, &source->text);
	error = errno;
	fclose(file);
	errno = error;
	return good ? source : NULL;
}

static struct str folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return S(".");
	return slash == path ? S("/") : (struct str){path, (size_t)(slash - path)};
}

bool serve_config_open(
	const char *path, struct arena *arena, struct serve_config *config, struct diags *diags)
{
	const struct source *source = read_file(path, arena);

	if (source)
		return serve_config_read(source, folder_of(path), arena, config, diags);
	serve_config_default(arena, config);
	diag_add(diags, DIAG_ERROR, "G000", NULL, 0, 0, S(""),
		"cannot read the configuration '%s': %s", path, strerror(errno));
	return false;
}

bool serve_config_demo(const char *data_folder, struct arena *arena, struct serve_config *config,
	struct buf *error)
{
	serve_config_default(arena, config);
	config->demo = config->directline = config->rasa = true;
	config->title = S("Juniper & Finch");
	config->greeting = S("Hello! Ask about your order, a refund or a return.");
	return secret_keep(arena_printf(arena, "%s/desk.token", data_folder).p, arena,
		       &config->desk_token, error) &&
	       secret_keep(arena_printf(arena, "%s/identity.secret", data_folder).p, arena,
		       &config->identity[0], error);
}
