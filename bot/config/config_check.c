/* What must hold between the fields of a configuration. */
#include <time.h>

#include "adapters/net/certificate.h"
#include "bot/common/web_name.h"
#include "bot/config/config_field.h"

static const struct json *member(
	const struct config_reading *r, const char *section, const char *name)
{
	return json_get(json_get(json_root(r->doc), section), name);
}

#define error_key(r, node, code, hint, ...)                                                        \
	json_error_key((r)->diags, (r)->doc, (node), (code), (hint), __VA_ARGS__)
#define warning_key(r, node, code, hint, ...)                                                      \
	diag_add((r)->diags, DIAG_WARNING, (code), json_source((r)->doc),                          \
		json_where_key((r)->doc, (node)).offset, json_where_key((r)->doc, (node)).length,  \
		(hint), __VA_ARGS__)

static void check_needs(struct config_reading *r)
{
	static const struct {
		const char *section, *name, *needs;
	} pair[] = {
		{"listen", "certificate", "key"},
		{"listen", "key", "certificate"},
		{"website", "identity_before", "identity"},
		{"desk", "address", "port"},
		{"desk", "port", "address"},
		{"desk", "address", "token"},
		{"desk", "webhook_url", "webhook_secret"},
		{"desk", "webhook_secret", "webhook_url"},
	};

	for (size_t i = 0; i < sizeof(pair) / sizeof(*pair); i++) {
		const struct json *node = member(r, pair[i].section, pair[i].name);

		if (node && !member(r, pair[i].section, pair[i].needs))
			error_key(r, node, "G020", S(""), "'%s' needs '%s' beside it", pair[i].name,
				pair[i].needs);
	}
}

/* Whoever knows one secret must not know another by it. */
static void check_secrets_differ(struct config_reading *r)
{
	for (size_t i = 0; i < n_config_fields; i++)
		for (size_t k = 0; k < i; k++) {
			const struct config_field *a = &config_field[k], *b = &config_field[i];
			const struct secret *x, *y;

			if ((a->kind != KIND_SECRET && a->kind != KIND_TOKEN) ||
				(b->kind != KIND_SECRET && b->kind != KIND_TOKEN))
				continue;
			x = (const void *)((const char *)r->config + a->at);
			y = (const void *)((const char *)r->config + b->at);
			if (x->bytes.n && str_eq(x->bytes, y->bytes))
				error_key(r, member(r, b->section, b->name), "G024",
					S("a secret of its own for each purpose"),
					"this is the secret of '%s.%s' again", a->section, a->name);
		}
}

static void check_listeners(struct config_reading *r)
{
	const struct serve_config *c = r->config;

	if (c->desk_port && c->desk_port == c->port && str_eq(c->desk_address, c->address))
		error_key(r, member(r, "desk", "port"), "G025",
			S("another port, or neither address nor port to have the inbox under "
			  "/desk/"),
			"the inbox cannot listen where the server listens");
}

/* Both files are there.  What a browser would not accept is served nevertheless: the old one is no
 * reason to be without a server. */
static void check_certificate(struct config_reading *r)
{
	const struct json *own = member(r, "listen", "certificate"),
			  *key = member(r, "listen", "key"), *at;
	struct certificate certificate;
	enum certificate_fault fault;
	struct buf line;

	if (!r->config->certificate.n || !r->config->key.n)
		return;
	fault = certificate_read(r->config->certificate.p, r->config->key.p, &certificate);
	at = fault == CERTIFICATE_NONE ? own : key;
	if (fault != CERTIFICATE_GOOD) {
		json_error(r->diags, r->doc, at, "G035", str_of(certificate_fault_hint[fault]),
			"'%.*s' %s", STR(json_text(at)), certificate_fault_text[fault]);
		return;
	}
	buf_init(&line, 200);
	if (certificate_worries(&certificate, time(NULL), &line))
		diag_add(r->diags, DIAG_WARNING, "G036", json_source(r->doc),
			json_where(r->doc, own).offset, json_where(r->doc, own).length,
			S("a renewed one is read at the next SIGHUP"), "%.*s", STR(buf_str(&line)));
	buf_release(&line);
}

/* Passwords of the desk and what buyers write would go over the network for all to read. */
static void check_encrypted(struct config_reading *r)
{
	const struct serve_config *c = r->config;

	if (!name_is_loopback(c->address) && !c->certificate.n && !c->n_trusted_proxies)
		warning_key(r, member(r, "listen", "address"), "G022",
			S("\"certificate\" and \"key\", or a proxy in \"trusted_proxies\""),
			"what buyers write goes over the network unencrypted");
	if (c->desk_address.n && !name_is_loopback(c->desk_address) && !c->certificate.n)
		warning_key(r, member(r, "desk", "address"), "G022",
			S("\"certificate\" and \"key\" in \"listen\""),
			"the token of the inbox goes over the network unencrypted");
}

static void check_times(struct config_reading *r)
{
	const struct json *drop = member(r, "limits", "drop"), *ping = member(r, "limits", "ping");

	if (r->config->limits.ping_ms >= r->config->limits.drop_ms)
		error_key(r, drop ? drop : ping, "G026", S(""),
			"a connection would be dropped before it was asked for a sign of life");
	if (r->config->has_hours && !r->config->timezone.n && !member(r, "desk", "timezone"))
		warning_key(r, member(r, "desk", "hours"), "G027",
			S("\"timezone\": \"Europe/Berlin\""), "these hours are taken as UTC");
	if (r->config->quiet.from != r->config->quiet.to && !r->config->timezone.n &&
		!member(r, "desk", "timezone"))
		warning_key(r, member(r, "promises", "quiet"), "G027",
			S("\"timezone\": \"Europe/Berlin\" in \"desk\""),
			"these hours are taken as UTC");
}

/* Paths are put behind it. */
static void without_slash(struct str *url)
{
	while (str_ends(*url, S("/")))
		url->n--;
}

static void check_shop(struct config_reading *r)
{
	const struct json *demo = json_get(json_root(r->doc), "demo");

	without_slash(&r->config->shop.api_url);
	without_slash(&r->config->shop.token_url);
	without_slash(&r->config->shop.consent_url);
	if (r->config->has_shop && r->config->demo)
		error_key(r, demo, "G032", S("leave one of them away"),
			"there cannot be the demo shop and \"tiktok_shop\" at once");
}

void config_check(struct config_reading *r)
{
	check_shop(r);
	config_channels_complete(r);
	check_needs(r);
	check_secrets_differ(r);
	check_listeners(r);
	check_certificate(r);
	check_encrypted(r);
	check_times(r);
}
