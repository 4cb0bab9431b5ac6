/* What Discord sends to an address of ours: interactions, each to be answered within three seconds.
 */
#include "adapters/discord/discord.h"

#include <string.h>

#include "adapters/channel/codec.h"
#include "bot/base/digest.h"

enum {
	window_s = 5 * 60, /* Discord names none */
	max_token_bytes = 1000,
	option_is_file = 11,
};

enum interaction_type {
	INTERACTION_PING = 1,
	INTERACTION_COMMAND = 2,
	INTERACTION_COMPONENT = 3,
};

/* --- believing --- */

static bool is_signed(const struct channel_account *account, const struct channel_request *request,
	struct str at, struct arena *arena)
{
	unsigned char key[32], signature[64];
	char *whole = arena_raw(arena, at.n + request->body.n + 1);

	if (!hex_decode(account->value[DISCORD_PUBLIC_KEY], key, sizeof(key)) ||
		!hex_decode(
			codec_header(request, "x-signature-ed25519"), signature, sizeof(signature)))
		return false;
	if (at.n)
		memcpy(whole, at.p, at.n);
	if (request->body.n)
		memcpy(whole + at.n, request->body.p, request->body.n);
	return digest_ed25519((struct str){(const char *)key, sizeof(key)},
		(struct str){whole, at.n + request->body.n},
		(struct str){(const char *)signature, sizeof(signature)});
}

/* --- reading --- */

/* It becomes part of an address. */
static struct str read_token(const struct json *root, struct arena *arena)
{
	struct str token = json_text(json_get(root, "token"));

	for (size_t i = 0; i < token.n; i++) {
		char c = token.p[i], lower = (char)(c | 0x20);

		if (!((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
			    c == '_' || c == '.'))
			return S("");
	}
	return token.n <= max_token_bytes ? arena_str(arena, token) : S("");
}

/* In a server, what one person asks is nobody else's business: a conversation is a channel and a
 * person there, and answers are shown to that person alone. */
static void read_peer(struct channel_event *event, const struct json *root, struct arena *arena)
{
	const struct json *member = json_get(root, "member");
	const struct json *user = member ? json_get(member, "user") : json_get(root, "user");
	struct str channel = codec_id(root, "channel_id", arena);

	event->user = codec_id(user, "id", arena);
	event->user_name = codec_text(user, "global_name", arena);
	event->peer = channel;
	if (member && channel.n && event->user.n)
		event->peer = arena_printf(arena, "%.*s/%.*s", STR(channel), STR(event->user));
	else if (member)
		event->peer = S("");
}

static void read_file(
	struct channel_event *event, const struct json *data, struct str id, struct arena *arena)
{
	const struct json *files = json_get(json_get(data, "resolved"), "attachments");
	const struct json *file = json_get(files, arena_cstr(arena, id));

	if (!file)
		return;
	event->kind = CHANNEL_ATTACHMENT;
	event->file.id = codec_text(file, "url", arena);
	event->file.name = codec_text(file, "filename", arena);
	event->file.type = codec_text(file, "content_type", arena);
	event->file.bytes = codec_int(file, "size");
	event->file.kind = str_starts(event->file.type, S("image/")) ? S("image") : S("file");
}

/* Whatever the command is called, its first text is what is said; without one, its name is. */
static bool read_command(struct channel_event *event, const struct json *data, struct arena *arena)
{
	event->kind = CHANNEL_TEXT;
	for (const struct json *o = json_first(json_get(data, "options")); o; o = json_next(o)) {
		if (codec_int(o, "type") == option_is_file)
			read_file(event, data, codec_id(o, "value", arena), arena);
		else if (!event->text.n)
			event->text = codec_text(o, "value", arena);
	}
	if (!event->text.n && event->kind == CHANNEL_TEXT)
		event->text = codec_text(data, "name", arena);
	return event->text.n || event->kind == CHANNEL_ATTACHMENT;
}

static bool read_component(
	struct channel_event *event, const struct json *data, struct arena *arena)
{
	struct str value = json_text(json_first(json_get(data, "values")));

	event->kind = CHANNEL_PRESS;
	event->text = value.n ? arena_str(arena, value) : codec_text(data, "custom_id", arena);
	return event->text.n;
}

/* --- answering --- */

/* What is said comes later, by the interaction's token.  64: shown to this person only. */
static struct str deferred(enum interaction_type type, bool in_server)
{
	if (type == INTERACTION_COMPONENT)
		return S("{\"type\":6}");
	return in_server ? S("{\"type\":5,\"data\":{\"flags\":64}}") : S("{\"type\":5}");
}

bool discord_is_interaction(const struct json *root)
{
	int64_t type = codec_int(root, "type");

	return type == INTERACTION_COMMAND || type == INTERACTION_COMPONENT;
}

struct channel_taken discord_take_interaction(const struct json *root, struct arena *arena)
{
	enum interaction_type type = (enum interaction_type)codec_int(root, "type");
	struct codec_events events = {.arena = arena};
	struct channel_event event = {.id = codec_id(root, "id", arena),
		.ticket = read_token(root, arena),
		.language = codec_id(root, "locale", arena)};
	const struct json *data = json_get(root, "data");
	struct channel_taken taken;

	read_peer(&event, root, arena);
	if (type == INTERACTION_COMMAND ? read_command(&event, data, arena)
					: read_component(&event, data, arena))
		codec_add(&events, &event);
	else
		events.why = "unknown";
	taken = codec_taken(&events);
	taken.type = S("application/json");
	taken.body = deferred(type, json_get(root, "member"));
	return taken;
}

static struct channel_taken take_json(const struct json *root, struct arena *arena)
{
	if (codec_int(root, "type") == INTERACTION_PING)
		return codec_answered("application/json", S("{\"type\":1}"));
	return discord_is_interaction(root) ? discord_take_interaction(root, arena)
					    : codec_passed("unknown");
}

/* Discord sends wrong signatures on purpose, and takes the address away from whoever believes one.
 */
struct channel_taken discord_take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena)
{
	struct str at = codec_header(request, "x-signature-timestamp");
	struct channel_taken taken;
	struct source source;
	struct json_doc *doc;

	if (!is_signed(account, request, at, arena))
		return codec_refused(401, "signature");
	if (!at.n || !channel_is_fresh(at, request->now_ms, window_s))
		return codec_refused(401, "replay");
	doc = codec_parse(&source, request->body);
	if (!doc)
		return codec_passed("not json");
	taken = take_json(json_root(doc), arena);
	json_doc_free(doc);
	return taken;
}
