/* What Messenger and Instagram send: batches of messages, presses, edits, echoes and receipts. */
#include "adapters/graph/graph.h"

#include "adapters/channel/hub.h"

/* One element of "messaging". */
struct letter {
	const struct json *element;
	struct str account;
	struct codec_events *events;
	struct channel_event event; /* with what all kinds have */
};

static struct arena *arena_of(const struct letter *letter)
{
	return letter->events->arena;
}

static void pass(struct letter *letter, const char *why)
{
	letter->events->why = why;
}

/* --- files --- */

static const struct codec_file_kind file_kind[] = {
	{"image", "image"},
	{"video", "video"},
	{"audio", "voice"},
	{"file", "file"},
	{"location", "place"},
};

static struct str kind_of(const struct json *attachment)
{
	if (json_get(json_get(attachment, "payload"), "sticker_id"))
		return S("sticker");
	return codec_file_kind(file_kind, sizeof(file_kind) / sizeof(*file_kind),
		json_text(json_get(attachment, "type")));
}

static size_t read_files(struct letter *letter, const struct json *message)
{
	struct channel_event event = letter->event;
	size_t n = 0;

	event.kind = CHANNEL_ATTACHMENT;
	event.text = codec_text(message, "text", arena_of(letter));
	for (const struct json *a = json_first(json_get(message, "attachments")); a;
		a = json_next(a)) {
		event.file.kind = kind_of(a);
		if (!event.file.kind.n)
			continue;
		event.file.id = codec_text(json_get(a, "payload"), "url", arena_of(letter));
		codec_add_part(letter->events, &event, n++);
	}
	return n;
}

/* --- kinds --- */

static void read_message(struct letter *letter, const struct json *message)
{
	const struct json *reply = json_get(message, "quick_reply");

	letter->event.id = codec_id(message, "mid", arena_of(letter));
	letter->event.text = codec_text(message, "text", arena_of(letter));
	if (json_bool(json_get(message, "is_echo"))) {
		pass(letter, "echo");
		return;
	}
	if (json_bool(json_get(message, "is_deleted"))) {
		pass(letter, "unknown");
		return;
	}
	if (json_text(json_get(reply, "payload")).n) {
		letter->event.kind = CHANNEL_PRESS;
		letter->event.label = letter->event.text;
		letter->event.text = codec_text(reply, "payload", arena_of(letter));
	} else if (read_files(letter, message)) {
		return;
	}
	if (letter->event.text.n)
		codec_add(letter->events, &letter->event);
	else
		pass(letter, "unknown");
}

/* Old ones have no id: then the time is one, a person does not press twice in a millisecond. */
static void read_postback(struct letter *letter, const struct json *postback)
{
	struct channel_event *event = &letter->event;

	event->kind = CHANNEL_PRESS;
	event->id = codec_id(postback, "mid", arena_of(letter));
	if (!event->id.n)
		event->id =
			arena_printf(arena_of(letter), "postback/%lld", (long long)event->at_ms);
	event->text = codec_text(postback, "payload", arena_of(letter));
	event->label = codec_text(postback, "title", arena_of(letter));
	if (event->text.n)
		codec_add(letter->events, event);
	else
		pass(letter, "unknown");
}

/* The message keeps its id; the number of the edit makes the event's. */
static void read_edit(struct letter *letter, const struct json *edit)
{
	struct str mid = codec_id(edit, "mid", arena_of(letter));

	letter->event.kind = CHANNEL_EDITED;
	letter->event.text = codec_text(edit, "text", arena_of(letter));
	if (mid.n)
		letter->event.id = arena_printf(arena_of(letter), "%.*s/edit/%lld", STR(mid),
			(long long)codec_int(edit, "num_edit"));
	if (letter->event.text.n)
		codec_add(letter->events, &letter->event);
	else
		pass(letter, "unknown");
}

static void read_receipt(struct letter *letter, const struct json *receipt)
{
	(void)receipt;
	pass(letter, "receipt");
}

static const struct {
	const char *member;
	void (*read)(struct letter *letter, const struct json *inside);
} kind[] = {
	{"message", read_message},
	{"postback", read_postback},
	{"message_edit", read_edit},
	{"delivery", read_receipt},
	{"read", read_receipt},
};

static void read_element(struct letter *letter)
{
	for (size_t i = 0; i < sizeof(kind) / sizeof(*kind); i++) {
		const struct json *inside = json_get(letter->element, kind[i].member);

		if (json_is(inside, JSON_OBJECT)) {
			kind[i].read(letter, inside);
			return;
		}
	}
	pass(letter, "unknown");
}

/* --- the batch --- */

static void read_messaging(
	const struct json *element, struct str account, struct codec_events *events)
{
	struct letter letter = {element, account, events};

	letter.event.peer = codec_id(json_get(element, "sender"), "id", events->arena);
	letter.event.user = letter.event.peer;
	letter.event.at_ms = codec_int(element, "timestamp");
	if (str_eq(letter.event.peer, account))
		pass(&letter, "echo");
	else
		read_element(&letter);
}

/* What another app answers comes under "standby": it is not for us. */
static void read_entry(const struct json *entry, const struct channel_account *account,
	struct codec_events *events)
{
	struct str id = codec_id(entry, "id", events->arena);

	if (!str_eq(id, account->value[GRAPH_ACCOUNT])) {
		events->why = "another account";
		return;
	}
	if (json_count(json_get(entry, "standby")))
		events->why = "standby";
	for (const struct json *m = json_first(json_get(entry, "messaging")); m; m = json_next(m))
		read_messaging(m, id, events);
}

struct channel_taken graph_take(const struct graph_profile *profile,
	const struct channel_account *account, const struct channel_request *request,
	struct arena *arena)
{
	struct codec_events events = {.arena = arena, .why = "unknown"};
	struct source source;
	struct json_doc *doc;

	if (str_is(request->method, "GET"))
		return hub_challenge(request, account->value[GRAPH_VERIFY_TOKEN], arena);
	if (!hub_is_signed(request, account->value[GRAPH_APP_SECRET]))
		return codec_refused(401, "signature");
	doc = codec_parse(&source, request->body);
	if (!doc)
		return codec_passed("not json");
	if (str_is(json_text(json_get(json_root(doc), "object")), profile->object)) {
		const struct json *entry = json_first(json_get(json_root(doc), "entry"));

		events.why = NULL;
		for (; entry; entry = json_next(entry))
			read_entry(entry, account, &events);
	}
	json_doc_free(doc);
	return codec_taken(&events);
}
