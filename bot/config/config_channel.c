/* "channels": an object of accounts, each with its platform and the settings that the platform's
 * codec asks for. */
#include <string.h>

#include "adapters/tiktok_chat/tiktok_chat.h"
#include "bot/config/channel_table.h"
#include "bot/config/config_field.h"

enum { max_accounts = 100, max_name_bytes = 32, usual_text_bytes = 200 };

#define wrong_key(r, node, code, hint, ...)                                                        \
	json_error_key((r)->diags, (r)->doc, (node), (code), (hint), __VA_ARGS__)

/* Where one value is read to. */
struct slot {
	struct str text;
	struct secret secret;
	bool on;
};

static const struct {
	enum config_kind kind;
	size_t at, size;
} slot_of[] = {
	[CHANNEL_SETTING_TEXT] = {KIND_TEXT, offsetof(struct slot, text), sizeof(struct str)},
	[CHANNEL_SETTING_SECRET] = {KIND_TOKEN, offsetof(struct slot, secret),
		sizeof(struct secret)},
	[CHANNEL_SETTING_URL] = {KIND_HOOK_URL, offsetof(struct slot, text), sizeof(struct str)},
	[CHANNEL_SETTING_SWITCH] = {KIND_SWITCH, offsetof(struct slot, on), sizeof(bool)},
};

static struct config_field field_of(const struct channel_setting *setting, const char *section)
{
	return (struct config_field){
		.section = section,
		.name = setting->name,
		.kind = slot_of[setting->kind].kind,
		.at = slot_of[setting->kind].at,
		.size = slot_of[setting->kind].size,
		.max = (int64_t)(setting->max_bytes ? setting->max_bytes : usual_text_bytes),
		.fallback = setting->fallback,
		.help = setting->help,
		.required = setting->required,
	};
}

static struct str value_of(const struct channel_setting *setting, const struct slot *slot)
{
	switch (setting->kind) {
	case CHANNEL_SETTING_TEXT:
	case CHANNEL_SETTING_URL:
		return slot->text;
	case CHANNEL_SETTING_SECRET:
		return slot->secret.bytes;
	case CHANNEL_SETTING_SWITCH:
		return slot->on ? S("true") : S("");
	}
	return S("");
}

/* --- one account --- */

struct seat_reading {
	struct config_reading *r;
	const struct json *node; /* of the account */
	const char *section;     /* "channels.NAME" */
	const struct channel *codec;
	struct str *value;
};

static void read_setting(struct seat_reading *s, size_t i, const struct json *node)
{
	const struct channel_setting *setting = &s->codec->setting[i];
	struct config_field field = field_of(setting, s->section);
	struct slot slot = {.on = false};
	size_t n_errors = s->r->diags->n_errors;

	s->r->base = &slot;
	config_value_read(s->r, &field, node);
	s->r->base = NULL;
	s->value[i] = value_of(setting, &slot);
	if (s->r->diags->n_errors == n_errors && s->value[i].n < setting->min_bytes &&
		setting->kind != CHANNEL_SETTING_SWITCH)
		json_error(s->r->diags, s->r->doc, node, "G005", S(""),
			"'%s' has at least %zu bytes", setting->name, setting->min_bytes);
}

static struct str hint_for(struct seat_reading *s, struct str key)
{
	struct str *name = arena_array(s->r->arena, struct str, s->codec->n_settings + 1);

	for (size_t i = 0; i < s->codec->n_settings; i++)
		name[i] = str_of(s->codec->setting[i].name);
	name[s->codec->n_settings] = S("platform");
	return diag_nearest(s->r->arena, key, name, s->codec->n_settings + 1);
}

static void read_member(struct seat_reading *s, const struct json *member)
{
	struct str key = json_key(member);

	if (str_is(key, "platform"))
		return;
	for (size_t i = 0; i < s->codec->n_settings; i++)
		if (str_is(key, s->codec->setting[i].name)) {
			read_setting(s, i, member);
			return;
		}
	wrong_key(s->r, member, "G003", hint_for(s, key), "unknown key '%.*s' in \"%s\"", STR(key),
		s->section);
}

static void fill_gaps(struct seat_reading *s)
{
	for (size_t i = 0; i < s->codec->n_settings; i++) {
		const struct channel_setting *setting = &s->codec->setting[i];

		if (json_get(s->node, setting->name))
			continue;
		s->value[i] = str_of(setting->fallback);
		if (setting->required)
			wrong_key(s->r, s->node, "G019",
				setting->kind == CHANNEL_SETTING_SECRET
					? S("{\"file\": PATH} or {\"env\": NAME}")
					: str_of(setting->help),
				"\"%s\" needs '%s'", s->section, setting->name);
	}
}

static const struct channel *find_platform(
	struct config_reading *r, const struct json *account, const char *section)
{
	const struct json *node = json_get(account, "platform");
	const struct channel *codec = channel_named(json_text(node));
	struct str *name = arena_array(r->arena, struct str, n_channel_table);
	struct str hint;
	struct buf all;

	if (codec)
		return codec;
	buf_init(&all, 1000);
	for (size_t i = 0; i < n_channel_table; i++) {
		name[i] = str_of(channel_table[i]->name);
		buf_addf(&all, "%s%s", i ? ", " : "one of: ", channel_table[i]->name);
	}
	hint = diag_nearest(r->arena, json_text(node), name, n_channel_table);
	hint = hint.n ? hint : arena_str(r->arena, buf_str(&all));
	buf_release(&all);
	if (!node)
		wrong_key(r, account, "G019", hint, "\"%s\" needs 'platform'", section);
	else
		json_error(r->diags, r->doc, node, "G028", hint, "unknown platform '%.*s'",
			STR(json_text(node)));
	return NULL;
}

static void check_together(const struct seat_reading *s, const struct channel_account *account)
{
	const char *fault = s->codec->fault ? s->codec->fault(account) : NULL;

	if (fault)
		wrong_key(s->r, s->node, "G030", S(""), "\"%s\": %s", s->section, fault);
}

static bool read_account(
	struct config_reading *r, const struct json *node, struct channel_seat *seat)
{
	struct seat_reading s = {.r = r, .node = node};
	size_t n_errors = r->diags->n_errors;

	s.section = arena_printf(r->arena, "channels.%.*s", STR(json_key(node))).p;
	if (!json_is(node, JSON_OBJECT)) {
		json_error(r->diags, r->doc, node, "G002", S(""),
			"\"%s\" is an object, and this is %s", s.section,
			json_type_name(json_type(node)));
		return false;
	}
	s.codec = find_platform(r, node, s.section);
	if (!s.codec)
		return false;
	s.value = arena_array(r->arena, struct str, s.codec->n_settings + 1);
	for (const struct json *m = json_first(node); m; m = json_next(m))
		read_member(&s, m);
	fill_gaps(&s);
	*seat = (struct channel_seat){s.codec, {arena_str(r->arena, json_key(node)), s.value}};
	if (r->diags->n_errors == n_errors)
		check_together(&s, &seat->account);
	return r->diags->n_errors == n_errors;
}

/* --- all of them --- */

/* It is part of addresses and of conversations' names, where the server's own chats stand too. */
static bool name_is_good(struct str name)
{
	static const char *const own[] = {"widget", "directline", "rasa", "form", "chat"};

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (str_is(name, own[i]))
			return false;
	for (size_t i = 0; i < name.n; i++)
		if (!name.p[i] || !strchr("abcdefghijklmnopqrstuvwxyz0123456789_-", name.p[i]))
			return false;
	return name.n && name.n <= max_name_bytes;
}

void config_channels_read(struct config_reading *r, const struct json *node)
{
	struct channel_seat *seat;
	size_t n = 0;

	if (!json_is(node, JSON_OBJECT)) {
		json_error(r->diags, r->doc, node, "G002", S(""),
			"\"channels\" is an object, and this is %s",
			json_type_name(json_type(node)));
		return;
	}
	if (json_count(node) > max_accounts) {
		wrong_key(r, node, "G023", S(""),
			"'channels' has %zu entries; at most %d are taken", json_count(node),
			max_accounts);
		return;
	}
	seat = arena_array(r->arena, struct channel_seat, json_count(node) + 1);
	for (const struct json *m = json_first(node); m; m = json_next(m))
		if (!name_is_good(json_key(m)))
			wrong_key(r, m, "G029",
				S("1 to 32 of a–z, 0–9, '_' and '-'; not the name of a chat of the "
				  "server's own"),
				"an account cannot be called '%.*s'", STR(json_key(m)));
		else if (read_account(r, m, &seat[n]))
			n++;
	r->config->channel = seat;
	r->config->n_channels = n;
}

/* --- the shop's own chat --- */

static const struct str *values_of_shop(
	struct config_reading *r, const struct channel_account *account)
{
	const struct shop_account *shop = &r->config->shop;
	struct str *value = arena_array(r->arena, struct str, TIKTOK_CHAT_VALUES);

	value[TIKTOK_CHAT_SHOP] = account->value[TIKTOK_CHAT_SHOP];
	value[TIKTOK_CHAT_KEY] = shop->app_key;
	value[TIKTOK_CHAT_SECRET] = shop->app_secret.bytes;
	value[TIKTOK_CHAT_API] = shop->api_url;
	return value;
}

void config_channels_complete(struct config_reading *r)
{
	const struct json *all = json_get(json_root(r->doc), "channels");
	struct channel_seat *seat =
		arena_array(r->arena, struct channel_seat, r->config->n_channels + 1);

	for (size_t i = 0; i < r->config->n_channels; i++) {
		seat[i] = r->config->channel[i];
		if (seat[i].codec != &tiktok_chat)
			continue;
		seat[i].account.value = values_of_shop(r, &seat[i].account);
		if (!r->config->has_shop)
			wrong_key(r, json_get(all, arena_cstr(r->arena, seat[i].account.name)),
				"G033", S("a section \"tiktok_shop\""),
				"\"channels.%.*s\" is the chat of a shop that is not there",
				STR(seat[i].account.name));
	}
	r->config->channel = seat;
}

/* --- pages --- */

bool config_channel_key(struct str key, bool *secret)
{
	bool known = str_is(key, "platform");

	*secret = false;
	for (size_t i = 0; i < n_channel_table; i++)
		for (size_t k = 0; k < channel_table[i]->n_settings; k++) {
			const struct channel_setting *setting = &channel_table[i]->setting[k];

			if (!str_is(key, setting->name))
				continue;
			known = true;
			*secret = *secret || setting->kind == CHANNEL_SETTING_SECRET ||
				  setting->kind == CHANNEL_SETTING_URL;
		}
	return known;
}

void config_channels_show(void (*platform)(const struct channel *codec, struct buf *out),
	void (*show)(const struct config_field *field, struct buf *out), struct buf *out)
{
	for (size_t i = 0; i < n_channel_table; i++) {
		platform(channel_table[i], out);
		for (size_t k = 0; k < channel_table[i]->n_settings; k++) {
			const struct channel_setting *setting = &channel_table[i]->setting[k];
			struct config_field field = field_of(setting, "channels.NAME");

			show(&field, out);
		}
	}
}
