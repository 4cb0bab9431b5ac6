/* Direct Line: what we send. */
#include "adapters/directline/directline.h"

#include <string.h>

#include "bot/base/card_text.h"
#include "bot/base/date.h"
#include "bot/base/json_out.h"

/* The client sends at most 256 K characters and takes as many: far above any post. */
enum { arena_bytes = 256 * 1024, max_url_bytes = 2048, max_items = 50, max_choices = 100 };

struct writing {
	struct buf *out;
	struct arena *arena; /* for a card's words; made when there is one */
	const struct directline_view *view;
};

static struct str either(struct str a, const char *b)
{
	return a.n ? a : str_of(b);
}

/* --- one activity's head --- */

static void write_number(struct buf *out, struct str conversation, uint32_t n)
{
	json_out_key(out, "id");
	buf_addc(out, '"');
	json_write_characters(conversation, out);
	buf_addf(out, "|%07lu\"", (unsigned long)n);
}

/* RFC 3339 with milliseconds.  Two posts may have one at_ms; their numbers differ. */
static void write_time(struct buf *out, const struct post *post)
{
	int64_t ms = post->at_ms + post->n;
	struct date date = date_of(ms / 1000);

	json_out_key(out, "timestamp");
	buf_addf(out, "\"%04lld-%02u-%02uT%02u:%02u:%02u.%03uZ\"", (long long)date.year, date.month,
		date.day, date.hour, date.minute, date.second, (unsigned)(ms % 1000));
}

static void write_from(struct buf *out, const char *id, struct str name, const char *role)
{
	json_out_key(out, "from");
	json_out_open(out, '{');
	json_out_member(out, "id", str_of(id));
	json_out_member_if(out, "name", name);
	json_out_member(out, "role", str_of(role));
	json_out_close(out, '}');
}

/* The buyer's own come back under the id that the client gave them. */
static void write_buyer(struct writing *w, const struct post *post)
{
	json_out_key(w->out, "from");
	json_out_open(w->out, '{');
	json_out_member(w->out, "id", either(w->view->user, "user"));
	json_out_member(w->out, "role", S("user"));
	json_out_close(w->out, '}');
	if (!post->mid.n)
		return;
	json_out_key(w->out, "channelData");
	json_out_open(w->out, '{');
	json_out_member(w->out, "clientActivityID", post->mid);
	json_out_close(w->out, '}');
}

static void write_sender(struct writing *w, const struct post *post)
{
	switch (post->who) {
	case POST_BUYER:
		write_buyer(w, post);
		return;
	case POST_PERSON: /* no role is closer: "user" would be drawn as the buyer's own */
		write_from(w->out, "person", post->name, "bot");
		return;
	case POST_BOT:
	case POST_NOTE:
		write_from(w->out, "bot", either(w->view->bot_name, "bot"), "bot");
		return;
	}
}

static void begin(struct buf *out, const char *type)
{
	json_out_open(out, '{');
	json_out_member(out, "type", str_of(type));
	json_out_member(out, "channelId", S("directline"));
}

static void write_conversation(struct buf *out, struct str conversation)
{
	json_out_key(out, "conversation");
	json_out_open(out, '{');
	json_out_member(out, "id", conversation);
	json_out_close(out, '}');
}

/* --- choices --- */

/* A messageBack is the one kind of button that shows its label as the buyer's words and sends a
 * value of ours. */
static void write_action(struct buf *out, const struct value *choice, uint32_t post)
{
	struct str label = value_get_text(choice, "label");

	json_out_open(out, '{');
	json_out_member(out, "type", S("messageBack"));
	json_out_member(out, "title", label);
	json_out_member(out, "text", label);
	json_out_member(out, "displayText", label);
	json_out_key(out, "value");
	json_out_open(out, '{');
	json_out_member(out, "choice", value_get_text(choice, "id"));
	json_out_member_int(out, "post", post);
	json_out_close(out, '}');
	json_out_close(out, '}');
}

static void write_choices(struct buf *out, const struct post *post)
{
	const struct value *choices = value_get(post->body, "choices");

	if (!choices || choices->type != VALUE_LIST || !choices->list.n)
		return;
	json_out_key(out, "suggestedActions");
	json_out_open(out, '{');
	json_out_key(out, "actions");
	json_out_open(out, '[');
	for (size_t i = 0; i < choices->list.n && i < max_choices; i++)
		write_action(out, choices->list.item[i], post->n);
	buf_adds(out, "]}");
}

/* --- cards --- */

static void begin_attachment(struct buf *out, const char *kind)
{
	json_out_open(out, '{');
	json_out_key(out, "contentType");
	buf_addf(out, "\"application/vnd.microsoft.card.%s\"", kind);
	json_out_key(out, "content");
	json_out_open(out, '{');
}

static void write_items(struct writing *w, const struct value *items)
{
	if (!items || items->type != VALUE_LIST || !items->list.n)
		return;
	json_out_key(w->out, "items");
	json_out_open(w->out, '[');
	for (size_t i = 0; i < items->list.n && i < max_items; i++) {
		const struct value *item = items->list.item[i];

		json_out_open(w->out, '{');
		json_out_member(w->out, "title", card_item(item, w->arena));
		json_out_member_if(w->out, "price", card_money(value_get(item, "price"), w->arena));
		json_out_close(w->out, '}');
	}
	json_out_close(w->out, ']');
}

static bool is_elsewhere(const char *label)
{
	return strcmp(label, "Total") == 0 || strcmp(label, "Label") == 0;
}

static void write_facts(struct writing *w, const struct value *card)
{
	struct card_row row[card_max_rows];
	size_t n = card_rows(card, w->arena, row);

	json_out_key(w->out, "facts");
	json_out_open(w->out, '[');
	for (size_t i = 0; i < n; i++) {
		if (is_elsewhere(row[i].label))
			continue;
		json_out_open(w->out, '{');
		json_out_member(w->out, "key", str_of(row[i].label));
		json_out_member(w->out, "value", row[i].value);
		json_out_close(w->out, '}');
	}
	json_out_close(w->out, ']');
}

static void write_label(struct writing *w, struct str url)
{
	if (!str_starts(url, S("https://")) && !str_starts(url, S("http://")))
		return;
	json_out_key(w->out, "buttons");
	json_out_open(w->out, '[');
	json_out_open(w->out, '{');
	json_out_member(w->out, "type", S("openUrl"));
	json_out_member(w->out, "title", S("Return label"));
	json_out_member(w->out, "value", url);
	buf_adds(w->out, "}]");
}

static void write_receipt(struct writing *w, const struct value *card)
{
	begin_attachment(w->out, "receipt");
	json_out_member_if(w->out, "title", card_title(card, w->arena));
	write_facts(w, card);
	write_items(w, value_get(card, "items"));
	json_out_member_if(w->out, "total", card_money(value_get(card, "total"), w->arena));
	write_label(w, value_get_text(card, "label"));
	buf_adds(w->out, "}}");
}

/* One of several orders: title, how it stands, what it is. */
static void write_hero(struct writing *w, const struct value *card)
{
	begin_attachment(w->out, "hero");
	json_out_member_if(w->out, "title", card_title(card, w->arena));
	json_out_member_if(w->out, "subtitle", value_get_text(card, "status_text"));
	json_out_member_if(w->out, "text", value_get_text(card, "first_item"));
	buf_adds(w->out, "}}");
}

static void write_card(struct writing *w, const struct value *card)
{
	bool several = card_part(card, 1) != NULL;
	const struct value *part;

	if (!card_part(card, 0))
		return;
	w->arena = arena_new(arena_bytes);
	json_out_key(w->out, "attachments");
	json_out_open(w->out, '[');
	for (size_t i = 0; (part = card_part(card, i)); i++) {
		if (several)
			write_hero(w, part);
		else
			write_receipt(w, part);
	}
	json_out_close(w->out, ']');
	if (several)
		json_out_member(w->out, "attachmentLayout", S("carousel"));
	arena_free(w->arena);
}

static void write_file(struct writing *w, const struct value *file)
{
	struct buf url;

	buf_init(&url, max_url_bytes);
	if (w->view->file_url)
		w->view->file_url(w->view->self, value_get_text(file, "id"), &url);
	json_out_key(w->out, "attachments");
	json_out_open(w->out, '[');
	json_out_open(w->out, '{');
	json_out_member(w->out, "contentType", value_get_text(file, "type"));
	json_out_member_if(w->out, "contentUrl", buf_str(&url));
	json_out_member(w->out, "name", value_get_text(file, "name"));
	buf_adds(w->out, "}]");
	buf_release(&url);
}

/* --- posts --- */

static void write_bot(struct writing *w, const struct post *post)
{
	bool question = value_bool_of(value_get(post->body, "question"));

	json_out_member(w->out, "inputHint", question ? S("expectingInput") : S("acceptingInput"));
	write_choices(w->out, post);
	write_card(w, value_get(post->body, "card"));
}

static void write_post(struct writing *w, const struct post *post)
{
	const struct value *file = value_get(post->body, "file");
	struct str text = value_get_text(post->body, "text");

	begin(w->out, "message");
	write_number(w->out, w->view->conversation, post->n);
	write_time(w->out, post);
	write_conversation(w->out, w->view->conversation);
	write_sender(w, post);
	json_out_member_if(w->out, "text", text);
	json_out_member(w->out, "textFormat", S("plain"));
	if (post->who == POST_BOT)
		write_bot(w, post);
	else if (file && file->type == VALUE_RECORD)
		write_file(w, file);
	json_out_close(w->out, '}');
}

void directline_activities(struct buf *out, const struct post *post, size_t n, uint32_t after,
	const struct directline_view *view)
{
	struct writing w = {out, NULL, view};

	json_out_start(out, '{');
	json_out_key(out, "activities");
	json_out_open(out, '[');
	for (size_t i = 0; i < n; i++)
		write_post(&w, &post[i]);
	json_out_close(out, ']');
	json_out_key(out, "watermark");
	buf_addf(out, "\"%lu\"", (unsigned long)(n ? post[n - 1].n : after));
	json_out_close(out, '}');
}

static void write_alone(
	struct buf *out, const char *type, struct str person, const struct directline_view *view)
{
	json_out_start(out, '{');
	json_out_key(out, "activities");
	json_out_open(out, '[');
	begin(out, type);
	write_conversation(out, view->conversation);
	if (person.n)
		write_from(out, "person", person, "bot");
	else
		write_from(out, "bot", either(view->bot_name, "bot"), "bot");
	buf_adds(out, "}]}");
}

void directline_typing(struct buf *out, struct str person, const struct directline_view *view)
{
	write_alone(out, "typing", person, view);
}

void directline_end(struct buf *out, const struct directline_view *view)
{
	write_alone(out, "endOfConversation", S(""), view);
}

/* --- answers --- */

void directline_id(struct buf *out, struct str conversation, uint32_t n)
{
	json_out_start(out, '{');
	write_number(out, conversation, n);
	json_out_close(out, '}');
}

void directline_conversation(struct buf *out, struct str conversation, struct str token,
	int64_t expires_in, struct str stream_url)
{
	json_out_start(out, '{');
	json_out_member(out, "conversationId", conversation);
	json_out_member(out, "token", token);
	json_out_member_int(out, "expires_in", expires_in);
	json_out_member_if(out, "streamUrl", stream_url);
	json_out_close(out, '}');
}

void directline_stream_url(struct buf *out, bool tls, struct str host, struct str conversation,
	uint32_t after, struct str token)
{
	buf_addf(out,
		"%s://%.*s/v3/directline/conversations/%.*s/stream?watermark=", tls ? "wss" : "ws",
		STR(host), STR(conversation));
	if (after)
		buf_addf(out, "%lu", (unsigned long)after);
	else
		buf_addc(out, '-');
	buf_adds(out, "&t=");
	buf_add(out, token);
}

static const struct {
	unsigned status;
	const char *code;
} code_of[] = {
	{400, "BadArgument"},
	{401, "Unauthorized"},
	{403, "TokenExpired"},
	{404, "NotFound"},
	{405, "MethodNotAllowed"},
	{409, "Conflict"},
	{413, "MessageSizeTooBig"},
	{415, "UnsupportedMediaType"},
	{429, "TooManyRequests"},
	{502, "BotRejectedActivity"},
	{503, "ServiceUnavailable"},
};

const char *directline_code(unsigned status)
{
	for (size_t i = 0; i < sizeof(code_of) / sizeof(*code_of); i++)
		if (code_of[i].status == status)
			return code_of[i].code;
	return "ServiceError";
}

void directline_error(struct buf *out, const char *code, struct str message)
{
	json_out_start(out, '{');
	json_out_key(out, "error");
	json_out_open(out, '{');
	json_out_member(out, "code", str_of(code));
	json_out_member(out, "message", message);
	buf_adds(out, "}}");
}
