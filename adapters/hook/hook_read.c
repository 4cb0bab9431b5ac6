/* The generic webhook: what comes in.
 *
 *   {"type": "message", "conversation": "…", "text": "…"}   or "file": {"kind": "image", …}
 *   {"type": "press", "conversation": "…", "choice": "12.0", "label": "…"}
 *   {"type": "edit", …} as a message; {"type": "close", "conversation": "…"}
 *
 * The id of an event is the header webhook-id, which stays the same when it is brought again.
 * Everything that goes out has other types: what we signed ourselves cannot be handed back to us.
 */
#include "adapters/hook/hook_read.h"

#include "adapters/channel/codec.h"
#include "adapters/hook/hook_sign.h"

enum { window_s = 300 };

/* The sender has proved who it is: what it says wrong, it is told. */
static struct channel_taken wrong(const char *why)
{
	struct channel_taken taken = {.status = 400, .why = "malformed"};

	taken.type = S("text/plain; charset=utf-8");
	taken.body = str_of(why);
	return taken;
}

static const struct {
	const char *name;
	enum channel_event_kind kind;
} type_of[] = {
	{"message", CHANNEL_TEXT},
	{"press", CHANNEL_PRESS},
	{"edit", CHANNEL_EDITED},
	{"close", CHANNEL_CLOSED},
};
enum { n_types = sizeof(type_of) / sizeof(*type_of) };

static void read_file(const struct json *file, struct arena *arena, struct channel_event *event)
{
	static const char *const known[] = {"image", "voice", "video", "place", "sticker"};
	struct str kind = codec_text(file, "kind", arena);

	event->kind = CHANNEL_ATTACHMENT;
	event->file.kind = S("file");
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (str_is(kind, known[i]))
			event->file.kind = str_of(known[i]);
	event->file.id = codec_text(file, "id", arena);
	event->file.name = codec_text(file, "name", arena);
	event->file.type = codec_text(file, "type", arena);
	event->file.bytes = codec_int(file, "bytes");
}

static void read_person(const struct json *root, struct arena *arena, struct channel_event *event)
{
	const struct json *user = json_get(root, "user");

	event->user = codec_id(user, "id", arena);
	event->user_name = codec_text(user, "name", arena);
	event->language = codec_text(root, "language", arena);
	event->buyer = codec_id(root, "buyer", arena);
	event->at_ms = codec_int(root, "at");
}

static const char *read_event(
	const struct json *root, struct arena *arena, struct channel_event *event)
{
	const struct json *file = json_get(root, "file");

	event->peer = codec_id(root, "conversation", arena);
	if (!event->peer.n)
		return "'conversation' has 1 to 200 letters, digits and signs without blanks\n";
	event->text = codec_text(root, event->kind == CHANNEL_PRESS ? "choice" : "text", arena);
	event->label = codec_text(root, "label", arena);
	read_person(root, arena, event);
	if (event->kind == CHANNEL_TEXT && json_is(file, JSON_OBJECT))
		read_file(file, arena, event);
	if (event->kind == CHANNEL_PRESS && !event->text.n)
		return "'choice' is the id of the choice that was pressed\n";
	if ((event->kind == CHANNEL_TEXT || event->kind == CHANNEL_EDITED) && !event->text.n)
		return "'text' or 'file' is needed\n";
	return NULL;
}

static struct channel_taken read_root(const struct json *root, struct str id, struct arena *arena)
{
	struct codec_events events = {.arena = arena};
	struct str type = json_text(json_get(root, "type"));
	const char *fault;

	if (!json_is(root, JSON_OBJECT))
		return wrong("the body is a JSON object\n");
	for (size_t i = 0; i < n_types; i++) {
		struct channel_event event = {.kind = type_of[i].kind, .id = id};

		if (!str_is(type, type_of[i].name))
			continue;
		fault = read_event(root, arena, &event);
		if (fault)
			return wrong(fault);
		codec_add(&events, &event);
		return codec_taken(&events);
	}
	return codec_passed("unknown");
}

struct channel_taken hook_take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena)
{
	struct str id = codec_header(request, "webhook-id");
	struct str timestamp = codec_header(request, "webhook-timestamp");
	struct channel_taken taken;
	struct source source;
	struct json_doc *doc;

	if (!str_is(request->method, "POST"))
		return codec_refused(405, "method");
	if (!codec_is_name(id) ||
		!hook_signed(hook_key(account->value[HOOK_SECRET], arena), id, timestamp,
			request->body, codec_header(request, "webhook-signature")))
		return codec_refused(401, "signature");
	if (!channel_is_fresh(timestamp, request->now_ms, window_s))
		return codec_refused(401, "replay");
	doc = codec_parse(&source, request->body);
	if (!doc)
		return wrong("the body is not JSON\n");
	taken = read_root(json_root(doc), arena_str(arena, id), arena);
	json_doc_free(doc);
	return taken;
}
