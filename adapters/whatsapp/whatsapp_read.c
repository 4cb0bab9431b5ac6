/* What WhatsApp sends: batches of messages and receipts. */
#include "adapters/whatsapp/whatsapp.h"

#include "adapters/channel/hub.h"

/* One message with what stands around it. */
struct letter {
	const struct json *message, *contacts;
	struct arena *arena;
	struct channel_event event;
};

typedef bool letter_function(struct letter *letter, const struct json *inside);

static bool read_text(struct letter *letter, const struct json *inside)
{
	letter->event.kind = CHANNEL_TEXT;
	letter->event.text = codec_text(inside, "body", letter->arena);
	return letter->event.text.n;
}

/* A button or a row of a list of ours. */
static bool read_interactive(struct letter *letter, const struct json *inside)
{
	const struct json *reply = json_get(inside, "button_reply");

	if (!reply)
		reply = json_get(inside, "list_reply");
	letter->event.kind = CHANNEL_PRESS;
	letter->event.text = codec_text(reply, "id", letter->arena);
	letter->event.label = codec_text(reply, "title", letter->arena);
	return letter->event.text.n;
}

/* A quick reply of a template that the shop sent. */
static bool read_button(struct letter *letter, const struct json *inside)
{
	letter->event.kind = CHANNEL_PRESS;
	letter->event.text = codec_text(inside, "payload", letter->arena);
	letter->event.label = codec_text(inside, "text", letter->arena);
	return letter->event.text.n;
}

static bool read_file(struct letter *letter, const struct json *inside)
{
	letter->event.kind = CHANNEL_ATTACHMENT;
	letter->event.text = codec_text(inside, "caption", letter->arena);
	letter->event.file.id = codec_id(inside, "id", letter->arena);
	letter->event.file.name = codec_text(inside, "filename", letter->arena);
	letter->event.file.type = codec_text(inside, "mime_type", letter->arena);
	return true;
}

static bool read_edit(struct letter *letter, const struct json *inside);

static const struct sort {
	const char *type;
	letter_function *read;
	const char *file_kind;
} sort[] = {
	{"text", read_text},
	{"interactive", read_interactive},
	{"button", read_button},
	{"image", read_file, "image"},
	{"video", read_file, "video"},
	{"audio", read_file, "voice"},
	{"document", read_file, "file"},
	{"sticker", read_file, "sticker"},
	{"location", read_file, "place"},
	{"contacts", read_file, "file"},
	{"edit", read_edit},
};

static const struct sort *sort_of(const struct json *message)
{
	for (size_t i = 0; i < sizeof(sort) / sizeof(*sort); i++)
		if (str_is(json_text(json_get(message, "type")), sort[i].type))
			return &sort[i];
	return NULL;
}

static bool read_sort(struct letter *letter, const struct json *message)
{
	const struct sort *s = sort_of(message);

	if (!s || !s->read(letter, json_get(message, s->type)))
		return false;
	letter->event.file.kind = str_of(s->file_kind);
	return true;
}

/* {original_message_id, message}: only a text can be changed into something else that is said. */
static bool read_edit(struct letter *letter, const struct json *inside)
{
	const struct json *now = json_get(inside, "message");

	if (!str_is(json_text(json_get(now, "type")), "text") ||
		!read_text(letter, json_get(now, "text")))
		return false;
	letter->event.kind = CHANNEL_EDITED;
	return true;
}

/* Whose name it is: several people may be in one batch. */
static const struct json *contact_of(const struct letter *letter)
{
	for (const struct json *c = json_first(letter->contacts); c; c = json_next(c)) {
		struct str id = json_text(json_get(c, "wa_id"));

		if (str_eq(id.n ? id : json_text(json_get(c, "user_id")), letter->event.peer))
			return c;
	}
	return NULL;
}

/* The phone number; a buyer with a user name may come with an id of this business instead. */
static void read_peer(struct letter *letter)
{
	letter->event.peer = codec_id(letter->message, "from", letter->arena);
	if (!letter->event.peer.n)
		letter->event.peer = codec_id(letter->message, "from_user_id", letter->arena);
	letter->event.user = letter->event.peer;
	letter->event.user_name =
		codec_text(json_get(contact_of(letter), "profile"), "name", letter->arena);
}

static void read_message(
	const struct json *message, const struct json *value, struct codec_events *events)
{
	struct letter letter = {message, json_get(value, "contacts"), events->arena};

	read_peer(&letter);
	letter.event.id = codec_id(message, "id", events->arena);
	letter.event.ticket = letter.event.id; /* for the typing sign */
	letter.event.at_ms = codec_int(message, "timestamp") * 1000;
	if (read_sort(&letter, message))
		codec_add(events, &letter.event);
	else
		events->why = "unknown";
}

static void read_change(const struct channel_account *account, const struct json *change,
	struct codec_events *events)
{
	const struct json *value = json_get(change, "value");
	struct str number = codec_id(json_get(value, "metadata"), "phone_number_id", events->arena);

	if (!str_is(json_text(json_get(change, "field")), "messages")) {
		events->why = "unknown";
		return;
	}
	if (!str_eq(number, account->value[WHATSAPP_NUMBER])) {
		events->why = "another number";
		return;
	}
	if (json_count(json_get(value, "statuses")))
		events->why = "receipt";
	for (const struct json *m = json_first(json_get(value, "messages")); m; m = json_next(m))
		read_message(m, value, events);
}

static void read_body(
	const struct channel_account *account, const struct json *root, struct codec_events *events)
{
	for (const struct json *e = json_first(json_get(root, "entry")); e; e = json_next(e)) {
		const struct json *change = json_first(json_get(e, "changes"));

		for (; change; change = json_next(change))
			read_change(account, change, events);
	}
}

struct channel_taken whatsapp_take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena)
{
	struct codec_events events = {.arena = arena};
	struct source source;
	struct json_doc *doc;

	if (str_is(request->method, "GET"))
		return hub_challenge(request, account->value[WHATSAPP_VERIFY_TOKEN], arena);
	if (!hub_is_signed(request, account->value[WHATSAPP_APP_SECRET]))
		return codec_refused(401, "signature");
	doc = codec_parse(&source, request->body);
	if (!doc)
		return codec_passed("not json");
	read_body(account, json_root(doc), &events);
	json_doc_free(doc);
	return codec_taken(&events);
}
