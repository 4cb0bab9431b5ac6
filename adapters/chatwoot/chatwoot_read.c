/* What Chatwoot sends: messages of everybody, of which the contact's are for us while the
 * conversation is pending. */
#include "adapters/chatwoot/chatwoot.h"

#include "adapters/channel/codec.h"

enum { window_s = 5 * 60 };

static const struct codec_file_kind file_kind[] = {
	{"image", "image"},
	{"video", "video"},
	{"audio", "voice"},
	{"file", "file"},
	{"location", "place"},
};

static void read_files(
	struct channel_event event, const struct json *files, struct codec_events *events)
{
	size_t n = 0;

	event.kind = CHANNEL_ATTACHMENT;
	for (const struct json *f = json_first(files); f; f = json_next(f)) {
		event.file.id = codec_text(f, "data_url", events->arena);
		event.file.bytes = codec_int(f, "file_size");
		event.file.kind = codec_file_kind(file_kind, sizeof(file_kind) / sizeof(*file_kind),
			json_text(json_get(f, "file_type")));
		if (!event.file.kind.n)
			event.file.kind = S("file");
		codec_add_part(events, &event, n++);
	}
}

static bool is_number(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
	return text.n;
}

/* It becomes part of an address. */
static struct str peer_of(const struct json *root, struct str conversation, struct arena *arena)
{
	struct str number = codec_id(json_get(root, "account"), "id", arena);

	if (!is_number(number) || !is_number(conversation))
		return S("");
	return arena_printf(arena, "%.*s/%.*s", STR(number), STR(conversation));
}

static struct channel_event event_of(
	const struct json *root, const char *head, struct codec_events *events)
{
	const struct json *talk = json_get(root, "conversation");
	const struct json *attributes = json_get(talk, "additional_attributes");
	const struct json *sender = json_get(root, "sender");
	struct str id = codec_id(root, "id", events->arena);
	struct channel_event event = {
		.peer = peer_of(root, codec_id(talk, "id", events->arena), events->arena),
		.user = codec_id(sender, "id", events->arena),
		.user_name = codec_text(sender, "name", events->arena),
		.language = codec_id(
			json_get(attributes, "browser"), "browser_language", events->arena),
	};

	if (id.n)
		event.id = arena_printf(events->arena, "%s/%.*s", head, STR(id));
	return event;
}

static const char *why_not(const struct json *root)
{
	const struct json *type = json_get(root, "message_type");
	bool incoming = json_is(type, JSON_TEXT) ? str_is(json_text(type), "incoming")
						 : json_is(type, JSON_NUMBER) &&
							   codec_int(root, "message_type") == 0;

	if (!incoming)
		return "echo"; /* ours, a person's, or Chatwoot's own */
	if (json_bool(json_get(root, "private")))
		return "private";
	return NULL;
}

/* Anything but "pending": a person has it. */
static bool is_pending(const struct json *root)
{
	return str_is(json_text(json_get(json_get(root, "conversation"), "status")), "pending");
}

static void read_created(const struct json *root, struct codec_events *events)
{
	struct channel_event event = event_of(root, "message", events);
	const char *why = why_not(root);

	event.text = codec_text(root, "content", events->arena);
	if (why || !is_pending(root))
		events->why = why ? why : "person";
	else if (json_count(json_get(root, "attachments")))
		read_files(event, json_get(root, "attachments"), events);
	else if (event.text.n)
		codec_add(events, &event);
	else
		events->why = "unknown";
}

/* A choice of ours was taken: our own message changes. */
static void read_updated(const struct json *root, struct codec_events *events)
{
	const struct json *attributes = json_get(root, "content_attributes");
	const struct json *value = json_first(json_get(attributes, "submitted_values"));
	struct channel_event event = event_of(root, "press", events);

	event.kind = CHANNEL_PRESS;
	event.text = codec_text(value, "value", events->arena);
	event.label = codec_text(value, "title", events->arena);
	if (!event.text.n)
		events->why = "unknown";
	else if (!is_pending(root))
		events->why = "person";
	else
		codec_add(events, &event);
}

static void read_resolved(const struct json *root, struct codec_events *events)
{
	struct channel_event event = {.kind = CHANNEL_CLOSED};
	struct str id = codec_id(root, "id", events->arena);

	event.peer = peer_of(root, id, events->arena);
	/* A conversation is resolved as often as it is opened again. */
	event.id = arena_printf(events->arena, "resolved/%.*s/%lld", STR(id),
		(long long)codec_int(root, "timestamp"));
	codec_add(events, &event);
}

static const struct codec_kind kind[] = {
	{"message_created", read_created},
	{"message_updated", read_updated},
	{"conversation_resolved", read_resolved},
};

static void read_body(const struct json *root, struct codec_events *events)
{
	codec_read(kind, sizeof(kind) / sizeof(*kind), json_text(json_get(root, "event")), root,
		events);
}

static bool is_signed(const struct channel_account *account, const struct channel_request *request)
{
	struct str at = codec_header(request, "x-chatwoot-timestamp");
	struct str given = codec_header(request, "x-chatwoot-signature"), head = S("sha256=");
	struct str piece[] = {at, S("."), request->body};

	return at.n && str_starts(given, head) &&
	       channel_signed(account->value[CHATWOOT_SECRET], piece, 3,
		       str_sub(given, head.n, given.n), CHANNEL_HEX);
}

/* Releases without signatures are believed by a word in the address, if there is no secret. */
static bool has_path(const struct channel_account *account, const struct channel_request *request)
{
	struct str rest = request->rest;

	if (str_starts(rest, S("/")))
		rest = str_sub(rest, 1, rest.n);
	return !account->value[CHATWOOT_SECRET].n &&
	       channel_same(account->value[CHATWOOT_PATH], rest);
}

struct channel_taken chatwoot_take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena)
{
	struct codec_events events = {.arena = arena};
	bool trusted = has_path(account, request);
	struct source source;
	struct json_doc *doc;

	if (!trusted && !is_signed(account, request))
		return codec_refused(401, "signature");
	if (!trusted && !channel_is_fresh(codec_header(request, "x-chatwoot-timestamp"),
				request->now_ms, window_s))
		return codec_refused(401, "replay");
	doc = codec_parse(&source, request->body);
	if (!doc)
		return codec_passed("not json");
	read_body(json_root(doc), &events);
	json_doc_free(doc);
	return codec_taken(&events);
}
