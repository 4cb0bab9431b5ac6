/* Telegram: what comes in. */
#include "adapters/telegram/telegram_parts.h"

#include "adapters/channel/channel_sign.h"

enum { max_body_bytes = 1 << 20, max_nodes = 20000, max_depth = 32 };

/* --- an update's pieces --- */

struct update {
	const struct json *root, *message; /* or edited_message, or the callback's message */
	struct arena *arena;
	struct channel_event *event;
	size_t n;
};

/* Ids are whole numbers of at most 52 bits, or texts of digits when they are longer. */
static struct str id_text(const struct json *node, struct arena *arena)
{
	int64_t number;

	if (json_is(node, JSON_TEXT))
		return arena_str(arena, json_text(node));
	if (json_int(node, &number))
		return arena_printf(arena, "%lld", (long long)number);
	return S("");
}

static struct channel_event *add_event(struct update *u, enum channel_event_kind kind)
{
	struct channel_event *event;

	u->event = arena_grow(u->arena, u->event, u->n, struct channel_event);
	event = &u->event[u->n++];
	*event = (struct channel_event){.kind = kind};
	return event;
}

static struct str full_name(const struct json *from, struct arena *arena)
{
	struct str first = json_text(json_get(from, "first_name"));
	struct str last = json_text(json_get(from, "last_name"));

	return arena_printf(arena, "%.*s%s%.*s", STR(first), last.n ? " " : "", STR(last));
}

static void put_person(struct update *u, struct channel_event *event, const struct json *from)
{
	int64_t at;

	event->peer = id_text(json_get(json_get(u->message, "chat"), "id"), u->arena);
	event->user = id_text(json_get(from, "id"), u->arena);
	event->user_name = full_name(from, u->arena);
	event->language = arena_str(u->arena, json_text(json_get(from, "language_code")));
	if (json_int(json_get(u->message, "date"), &at))
		event->at_ms = at * 1000;
}

/* --- attachments --- */

static const struct {
	const char *member, *kind;
} attachment[] = {
	{"photo", "image"},
	{"voice", "voice"},
	{"audio", "voice"},
	{"video", "video"},
	{"video_note", "video"},
	{"animation", "video"},
	{"sticker", "sticker"},
	{"document", "file"},
	{"location", "place"},
	{"contact", "file"},
};

/* Of a picture there are several sizes, the largest is the last. */
static const struct json *last_of(const struct json *node)
{
	const struct json *last = NULL;

	for (const struct json *m = json_first(node); m; m = json_next(m))
		last = m;
	return json_is(node, JSON_ARRAY) ? last : node;
}

static void put_file(
	struct channel_event *event, const char *kind, const struct json *file, struct arena *arena)
{
	int64_t bytes = 0;

	event->file.kind = str_of(kind);
	event->file.id = arena_str(arena, json_text(json_get(file, "file_id")));
	event->file.name = arena_str(arena, json_text(json_get(file, "file_name")));
	event->file.type = arena_str(arena, json_text(json_get(file, "mime_type")));
	if (json_int(json_get(file, "file_size"), &bytes))
		event->file.bytes = bytes;
}

/* An animation has a "document" too: the first that is known counts. */
static bool add_attachment(struct update *u)
{
	for (size_t i = 0; i < sizeof(attachment) / sizeof(*attachment); i++) {
		const struct json *file = last_of(json_get(u->message, attachment[i].member));
		struct channel_event *event;

		if (!json_is(file, JSON_OBJECT))
			continue;
		event = add_event(u, CHANNEL_ATTACHMENT);
		put_file(event, attachment[i].kind, file, u->arena);
		event->text = arena_str(u->arena, json_text(json_get(u->message, "caption")));
		return true;
	}
	return false;
}

/* --- texts --- */

/* "/start" opens every chat; "/refund_status@shop_bot" is "refund status" in a command's form. */
static struct str plain_words(struct str text, struct arena *arena)
{
	struct str word = str_sub(text, 1, text.n), rest = {0};
	char *copy;
	size_t end = 0;

	if (text.n < 2 || text.p[0] != '/')
		return arena_str(arena, text);
	while (end < word.n && word.p[end] != ' ' && word.p[end] != '\n' && word.p[end] != '@')
		end++;
	rest = str_sub(word, end, word.n);
	if (rest.n && rest.p[0] == '@')
		str_cut(&rest, ' ');
	word = str_sub(word, 0, end);
	if (str_is(word, "start"))
		return S("hello");
	copy = arena_cstr(arena, word);
	for (size_t i = 0; i < word.n; i++)
		copy[i] = copy[i] == '_' ? ' ' : copy[i];
	return arena_printf(arena, "%s%s%.*s", copy, rest.n ? " " : "", STR(str_trim(rest)));
}

static struct str message_id(const struct update *u)
{
	return id_text(json_get(u->message, "message_id"), u->arena);
}

/* --- the kinds of updates --- */

static const char *take_message(struct update *u)
{
	struct str text = json_text(json_get(u->message, "text"));
	struct channel_event *event;

	if (text.n)
		add_event(u, CHANNEL_TEXT)->text = plain_words(text, u->arena);
	else if (!add_attachment(u))
		return "unknown";
	event = &u->event[u->n - 1];
	put_person(u, event, json_get(u->message, "from"));
	event->id = arena_printf(u->arena, "m%.*s", STR(message_id(u)));
	return NULL;
}

static const char *take_edit(struct update *u)
{
	struct str text = json_text(json_get(u->message, "text"));
	struct channel_event *event;

	if (!text.n)
		return "unknown";
	event = add_event(u, CHANNEL_EDITED);
	event->text = plain_words(text, u->arena);
	put_person(u, event, json_get(u->message, "from"));
	event->id = arena_printf(u->arena, "m%.*s.%.*s", STR(message_id(u)),
		STR(id_text(json_get(u->message, "edit_date"), u->arena)));
	return NULL;
}

static const char *take_press(struct update *u, const struct json *callback)
{
	struct str id = id_text(json_get(callback, "id"), u->arena);
	struct str data = json_text(json_get(callback, "data"));
	struct channel_event *event;

	if (!id.n || !data.n || !json_get(u->message, "chat"))
		return "unknown";
	event = add_event(u, CHANNEL_PRESS);
	event->text = arena_str(u->arena, data);
	put_person(u, event, json_get(callback, "from"));
	event->id = arena_printf(u->arena, "c%.*s", STR(id));
	event->at_ms = 0; /* the message's own */
	event->ticket = id;
	return NULL;
}

static bool is_plain(struct str word)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] <= ' ' || word.p[i] >= 0x7F)
			return false;
	return word.n && word.n <= 200;
}

/* Orders are nobody's business in a group: only the chat of one person with the bot is answered. */
static const char *take_update(struct update *u)
{
	const struct json *callback = json_get(u->root, "callback_query"), *from;
	const char *why;

	u->message = callback ? json_get(callback, "message") : json_get(u->root, "message");
	if (!u->message)
		u->message = json_get(u->root, "edited_message");
	if (!u->message)
		return "unknown";
	from = json_get(callback ? callback : u->message, "from");
	if (json_bool(json_get(from, "is_bot")))
		return "echo";
	if (!str_is(json_text(json_get(json_get(u->message, "chat"), "type")), "private"))
		return "group";
	why = callback                              ? take_press(u, callback)
	      : json_get(u->root, "edited_message") ? take_edit(u)
						    : take_message(u);
	if (u->n && (!is_plain(u->event[0].peer) || !is_plain(u->event[0].id))) {
		u->n = 0;
		return "unknown";
	}
	return why;
}

/* The answer to a webhook may be a call: it stops the button's spinner without another request. */
static void stop_spinner(const struct update *u, struct channel_taken *taken)
{
	const struct json *callback = json_get(u->root, "callback_query");
	struct str id = id_text(json_get(callback, "id"), u->arena);
	struct buf body;

	if (!id.n)
		return;
	buf_init(&body, 1000);
	json_out_start(&body, '{');
	json_out_member(&body, "method", S("answerCallbackQuery"));
	json_out_member(&body, "callback_query_id", id);
	json_out_close(&body, '}');
	taken->type = S("application/json");
	taken->body = arena_str(u->arena, buf_str(&body));
	buf_release(&body);
}

struct channel_taken telegram_take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena)
{
	static const struct json_limits limits = {max_body_bytes, max_nodes, max_depth};
	struct channel_taken taken = {.status = 200};
	struct source source = {"update", request->body};
	struct update u = {.arena = arena};
	struct json_doc *doc;

	if (!str_is(request->method, "POST"))
		return (struct channel_taken){.status = 405, .why = "method"};
	if (!telegram_asks(account) &&
		!channel_same(account->value[TELEGRAM_SECRET],
			request->header(request->inside, "x-telegram-bot-api-secret-token")))
		return (struct channel_taken){.status = 401, .why = "signature"};
	doc = json_parse(&source, JSON_BIG_AS_TEXT, &limits, NULL);
	if (!doc) /* it would not be better the next time */
		return (struct channel_taken){.status = 200, .why = "not json"};
	u.root = json_root(doc);
	taken.why = take_update(&u);
	if (!telegram_asks(account))
		stop_spinner(&u, &taken);
	taken.event = u.event;
	taken.n_events = u.n;
	json_doc_free(doc);
	return taken;
}
