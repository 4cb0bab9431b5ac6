/* What Slack sends: events as JSON, presses as a form with JSON in it. */
#include "adapters/slack/slack.h"

#include "adapters/channel/codec.h"
#include "bot/base/percent.h"

enum { window_s = 5 * 60, max_link_bytes = 3000 };

/* --- texts --- */

static const struct {
	const char *escape;
	char c;
} escape[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}};

/* One escape at the head of @text, or one character; the rest stays. */
static void copy_character(struct str *text, struct buf *out)
{
	for (size_t i = 0; i < sizeof(escape) / sizeof(*escape); i++) {
		struct str word = str_of(escape[i].escape);

		if (!str_starts(*text, word))
			continue;
		buf_addc(out, escape[i].c);
		*text = str_sub(*text, word.n, text->n);
		return;
	}
	buf_addc(out, text->p[0]);
	*text = str_sub(*text, 1, text->n);
}

/* "<https://x|shop>" at the head of @text: the words behind the bar, or the address. */
static bool copy_link(struct str *text, struct buf *out)
{
	long end = text->p[0] == '<' ? str_find(str_sub(*text, 0, max_link_bytes), S(">")) : -1;
	struct str inside, address;

	if (end < 0)
		return false;
	inside = str_sub(*text, 1, (size_t)end - 1);
	*text = str_sub(*text, (size_t)end + 1, text->n);
	address = str_cut(&inside, '|');
	inside = inside.n ? inside : address;
	while (inside.n)
		copy_character(&inside, out);
	return true;
}

struct str slack_plain(struct str text, struct arena *arena)
{
	struct str plain;
	struct buf out;

	buf_init(&out, text.n + 1);
	while (text.n)
		if (!copy_link(&text, &out))
			copy_character(&text, &out);
	plain = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return plain;
}

/* The channel, and the thread in it if there is one: a conversation each. */
static struct str peer_of(struct str channel, struct str thread, struct arena *arena)
{
	if (!channel.n || !thread.n)
		return channel;
	return arena_printf(arena, "%.*s:%.*s", STR(channel), STR(thread));
}

/* --- messages --- */

static bool is_ours(const struct json *message)
{
	return json_get(message, "bot_id") ||
	       str_is(json_text(json_get(message, "subtype")), "bot_message");
}

static struct str text_of(const struct json *message, struct arena *arena)
{
	return slack_plain(json_text(json_get(message, "text")), arena);
}

/* Also sent when Slack adds the picture of a link: then the words are what they were. */
static void read_change(
	const struct json *node, struct channel_event *event, struct codec_events *events)
{
	const struct json *now = json_get(node, "message");
	const struct json *before = json_get(node, "previous_message");

	event->kind = CHANNEL_EDITED;
	event->user = codec_id(now, "user", events->arena);
	event->text = text_of(now, events->arena);
	if (is_ours(now))
		events->why = "echo";
	else if (!event->text.n ||
		 str_eq(json_text(json_get(now, "text")), json_text(json_get(before, "text"))))
		events->why = "unknown";
	else
		codec_add(events, event);
}

static void read_words(
	const struct json *node, struct channel_event *event, struct codec_events *events)
{
	static const struct codec_file_members members = {
		"url_private", "name", "mimetype", "size"};
	event->text = text_of(node, events->arena);
	if (json_count(json_get(node, "files")))
		codec_add_files(events, event, json_get(node, "files"), &members);
	else if (event->text.n)
		codec_add(events, event);
	else
		events->why = "unknown";
}

static void read_message(
	const struct json *node, struct channel_event event, struct codec_events *events)
{
	struct str subtype = json_text(json_get(node, "subtype"));

	event.peer = peer_of(codec_id(node, "channel", events->arena),
		codec_id(node, "thread_ts", events->arena), events->arena);
	event.user = codec_id(node, "user", events->arena);
	if (is_ours(node))
		events->why = "echo";
	else if (str_is(subtype, "message_changed"))
		read_change(node, &event, events);
	else if (!subtype.n || str_is(subtype, "file_share"))
		read_words(node, &event, events);
	else
		events->why = "unknown";
}

static void read_event(const struct json *payload, struct codec_events *events)
{
	const struct json *event = json_get(payload, "event");

	if (!str_is(json_text(json_get(event, "type")), "message"))
		events->why = "unknown";
	/* Orders are nothing for everybody in a channel to read. */
	else if (!str_is(json_text(json_get(event, "channel_type")), "im"))
		events->why = "group";
	else
		read_message(event,
			(struct channel_event){.kind = CHANNEL_TEXT,
				.id = codec_id(payload, "event_id", events->arena),
				.at_ms = codec_int(payload, "event_time") * 1000},
			events);
}

/* --- presses --- */

static void read_action(
	const struct json *payload, const struct json *action, struct codec_events *events)
{
	struct str at = codec_id(action, "action_ts", events->arena);
	struct str thread = codec_id(json_get(payload, "container"), "thread_ts", events->arena);
	struct channel_event event = {.kind = CHANNEL_PRESS};

	event.peer = peer_of(
		codec_id(json_get(payload, "channel"), "id", events->arena), thread, events->arena);
	event.user = codec_id(json_get(payload, "user"), "id", events->arena);
	event.text = codec_text(action, "value", events->arena);
	if (!event.text.n)
		event.text =
			codec_text(json_get(action, "selected_option"), "value", events->arena);
	event.label = text_of(json_get(action, "text"), events->arena);
	if (at.n)
		event.id = arena_printf(events->arena, "%.*s/%.*s", STR(at),
			STR(codec_id(action, "action_id", events->arena)));
	if (event.text.n)
		codec_add(events, &event);
	else
		events->why = "unknown";
}

static void read_actions(const struct json *payload, struct codec_events *events)
{
	const struct json *action = json_first(json_get(payload, "actions"));

	for (; action; action = json_next(action))
		read_action(payload, action, events);
}

void slack_read_payload(const struct json *payload, struct codec_events *events)
{
	struct str type = json_text(json_get(payload, "type"));

	if (str_is(type, "event_callback"))
		read_event(payload, events);
	else if (str_is(type, "block_actions"))
		read_actions(payload, events);
	else
		events->why = "unknown";
}

/* --- requests --- */

static bool is_signed(
	const struct channel_account *account, const struct channel_request *request, struct str at)
{
	struct str given = codec_header(request, "x-slack-signature"), head = S("v0=");
	struct str piece[] = {S("v0:"), at, S(":"), request->body};

	return str_starts(given, head) && channel_signed(account->value[SLACK_SECRET], piece, 4,
						  str_sub(given, head.n, given.n), CHANNEL_HEX);
}

static struct channel_taken take_json(struct str body, struct arena *arena)
{
	struct codec_events events = {.arena = arena};
	struct channel_taken taken;
	struct source source;
	struct json_doc *doc = codec_parse(&source, body);

	if (!doc)
		return codec_passed("not json");
	if (str_is(json_text(json_get(json_root(doc), "type")), "url_verification")) {
		taken = codec_answered("text/plain", codec_id(json_root(doc), "challenge", arena));
	} else {
		slack_read_payload(json_root(doc), &events);
		taken = codec_taken(&events);
	}
	json_doc_free(doc);
	return taken;
}

static struct channel_taken take_form(struct str form, struct arena *arena)
{
	struct channel_taken taken = codec_passed("unknown"); /* "ssl_check=1", a slash command */
	struct buf payload;

	buf_init(&payload, form.n + 1);
	if (percent_field(form, "payload", &payload))
		taken = take_json(buf_str(&payload), arena);
	buf_release(&payload);
	return taken;
}

struct channel_taken slack_take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena)
{
	struct str at = codec_header(request, "x-slack-request-timestamp");

	if (str_is(request->body,
		    "ssl_check=1")) /* whether our certificate is good; nothing is signed */
		return codec_passed("unknown");
	if (!is_signed(account, request, at))
		return codec_refused(401, "signature");
	if (!at.n || !channel_is_fresh(at, request->now_ms, window_s))
		return codec_refused(401, "replay");
	return str_starts(request->body, S("{")) ? take_json(request->body, arena)
						 : take_form(request->body, arena);
}
