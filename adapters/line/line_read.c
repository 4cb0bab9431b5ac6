/* What LINE sends: batches of events, the empty one too. */
#include "adapters/line/line.h"

#include "adapters/channel/codec.h"

/* What a kind of event makes of @inside; false: nothing was said. */
typedef bool event_function(
	struct channel_event *event, const struct json *inside, struct arena *arena);

static const struct codec_file_kind file_kind[] = {
	{"image", "image"},
	{"video", "video"},
	{"audio", "voice"},
	{"file", "file"},
	{"sticker", "sticker"},
	{"location", "place"},
};

static bool read_file(struct channel_event *event, const struct json *message, struct arena *arena)
{
	event->file.kind = codec_file_kind(file_kind, sizeof(file_kind) / sizeof(*file_kind),
		json_text(json_get(message, "type")));
	if (!event->file.kind.n)
		return false;
	event->kind = CHANNEL_ATTACHMENT;
	event->file.id = codec_id(message, "id", arena);
	event->file.name = codec_text(message, "fileName", arena);
	event->file.bytes = codec_int(message, "fileSize");
	return true;
}

static bool read_message(
	struct channel_event *event, const struct json *message, struct arena *arena)
{
	if (!str_is(json_text(json_get(message, "type")), "text"))
		return read_file(event, message, arena);
	event->kind = CHANNEL_TEXT;
	event->text = codec_text(message, "text", arena);
	return event->text.n;
}

static bool read_postback(
	struct channel_event *event, const struct json *postback, struct arena *arena)
{
	event->kind = CHANNEL_PRESS;
	event->text = codec_text(postback, "data", arena);
	return event->text.n;
}

/* The buyer blocked the account: nothing reaches them any more. */
static bool read_unfollow(
	struct channel_event *event, const struct json *inside, struct arena *arena)
{
	(void)inside;
	(void)arena;
	event->kind = CHANNEL_CLOSED;
	return true;
}

static const struct {
	const char *type;
	event_function *read;
} kind[] = {
	{"message", read_message},
	{"postback", read_postback},
	{"unfollow", read_unfollow},
};

static bool read_kind(struct channel_event *event, const struct json *node, struct arena *arena)
{
	struct str type = json_text(json_get(node, "type"));

	for (size_t i = 0; i < sizeof(kind) / sizeof(*kind); i++)
		if (str_is(type, kind[i].type))
			return kind[i].read(event, json_get(node, kind[i].type), arena);
	return false;
}

static void read_event(const struct json *node, struct codec_events *events)
{
	const struct json *source = json_get(node, "source");
	struct channel_event event = {
		.peer = codec_id(source, "userId", events->arena),
		.id = codec_id(node, "webhookEventId", events->arena),
		.ticket = codec_id(node, "replyToken", events->arena),
		.at_ms = codec_int(node, "timestamp"),
	};

	event.user = event.peer;
	if (str_is(json_text(json_get(node, "mode")), "standby"))
		events->why = "standby";
	/* Orders are nothing for everybody in a group to read. */
	else if (!str_is(json_text(json_get(source, "type")), "user"))
		events->why = "group";
	else if (!read_kind(&event, node, events->arena))
		events->why = "unknown";
	else
		codec_add(events, &event);
}

struct channel_taken line_take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena)
{
	struct codec_events events = {.arena = arena};
	struct source source;
	struct json_doc *doc;

	if (!channel_signed(account->value[LINE_SECRET], &request->body, 1,
		    codec_header(request, "x-line-signature"), CHANNEL_BASE64))
		return codec_refused(401, "signature");
	doc = codec_parse(&source, request->body);
	if (!doc)
		return codec_passed("not json");
	for (const struct json *e = json_first(json_get(json_root(doc), "events")); e;
		e = json_next(e))
		read_event(e, &events);
	json_doc_free(doc);
	return codec_taken(&events);
}
