/* Rasa's REST channel. */
#include "adapters/rasa/rasa.h"

#include "bot/base/json_out.h"
#include "bot/base/text.h"

enum {
	max_body_bytes = 64 * 1024,
	max_nodes = 1000,
	max_depth = 16,
	max_choice_bytes = 256,
	max_id_bytes = 128,
	max_language_bytes = 35,
};

/* --- reading --- */

static bool wrong(struct buf *error, const char *why)
{
	buf_adds(error, why);
	return false;
}

/* It becomes part of a conversation's id and of log lines. */
static bool is_plain(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7F)
			return false;
	return true;
}

static bool read_sender(const struct json *root, struct arena *arena, struct rasa_message *message,
	struct buf *error)
{
	const struct json *node = json_get(root, "sender");
	struct str sender = json_text(node);

	message->sender = S("default");
	if (!node || json_is(node, JSON_NULL))
		return true;
	if (!sender.n || sender.n > rasa_max_sender_bytes || !is_plain(sender))
		return wrong(error, "'sender' must be a text of 1 to 128 bytes");
	message->sender = arena_str(arena, sender);
	return true;
}

/* The text if it is short and plain, else empty: what is in metadata is anybody's own idea. */
static struct str read_extra(
	const struct json *metadata, const char *name, size_t max_bytes, struct arena *arena)
{
	struct str text = json_text(json_get(metadata, name));

	return text.n <= max_bytes && is_plain(text) ? arena_str(arena, text) : S("");
}

static void read_metadata(
	const struct json *metadata, struct arena *arena, struct rasa_message *message)
{
	message->id = read_extra(metadata, "message_id", max_id_bytes, arena);
	message->language = read_extra(metadata, "language", max_language_bytes, arena);
	if (!message->language.n)
		message->language = read_extra(metadata, "locale", max_language_bytes, arena);
}

static const struct str press_head = S("/choose{");

/* What we put behind a button; anything else that begins with "/" is a text like any other. */
static struct str read_choice(struct str text, struct arena *arena)
{
	static const struct json_limits limits = {rasa_max_message_bytes, 8, 2};
	struct source source = {"payload", str_sub(text, press_head.n - 1, text.n)};
	struct json_doc *doc;
	struct str choice;

	if (!str_starts(text, press_head))
		return S("");
	doc = json_parse(&source, 0, &limits, NULL);
	if (!doc)
		return S("");
	choice = json_text(json_get(json_root(doc), "choice"));
	choice = choice.n <= max_choice_bytes ? arena_str(arena, choice) : S("");
	json_doc_free(doc);
	return choice;
}

static bool read_text(const struct json *root, struct arena *arena, struct rasa_message *message,
	struct buf *error)
{
	const struct json *node = json_get(root, "message");
	struct str text = str_trim(json_text(node));

	if (!json_is(node, JSON_TEXT))
		return wrong(error, "'message' must be a text");
	if (!text.n)
		return wrong(error, "'message' is empty");
	if (text.n > rasa_max_message_bytes)
		return wrong(error, "'message' is over 4,000 bytes");
	message->choice = read_choice(text, arena);
	if (!message->choice.n)
		message->text = arena_str(arena, text);
	return true;
}

bool rasa_read(
	struct str body, struct arena *arena, struct rasa_message *message, struct buf *error)
{
	static const struct json_limits limits = {max_body_bytes, max_nodes, max_depth};
	struct source source = {"body", body};
	struct json_doc *doc = json_parse(&source, JSON_BIG_AS_TEXT, &limits, NULL);
	const struct json *root;
	bool ok;

	*message = (struct rasa_message){0};
	if (!doc)
		return wrong(error, "the body is not JSON");
	root = json_root(doc);
	ok = read_sender(root, arena, message, error) && read_text(root, arena, message, error);
	read_metadata(json_get(root, "metadata"), arena, message);
	json_doc_free(doc);
	return ok;
}

/* --- writing --- */

struct piece {
	struct str recipient, text;
	const struct value *choices, *card; /* NULL: none */
};

static void write_payload(struct buf *out, struct str id)
{
	struct buf payload;

	buf_init(&payload, 4096);
	buf_add(&payload, S("/choose"));
	json_out_start(&payload, '{');
	json_out_member(&payload, "choice", id);
	json_out_close(&payload, '}');
	json_out_member(out, "payload", buf_str(&payload));
	buf_release(&payload);
}

static void write_buttons(struct buf *out, const struct value *choices)
{
	json_out_key(out, "buttons");
	json_out_open(out, '[');
	for (size_t i = 0; i < choices->list.n; i++) {
		const struct value *choice = choices->list.item[i];

		json_out_open(out, '{');
		json_out_member(out, "title", value_get_text(choice, "label"));
		write_payload(out, value_get_text(choice, "id"));
		json_out_close(out, '}');
	}
	json_out_close(out, ']');
}

static void write_piece(struct buf *out, const struct piece *piece)
{
	json_out_open(out, '{');
	json_out_member(out, "recipient_id", piece->recipient);
	json_out_member_if(out, "text", piece->text);
	if (piece->choices)
		write_buttons(out, piece->choices);
	if (piece->card) {
		json_out_key(out, "custom");
		json_out_value(out, piece->card);
	}
	json_out_close(out, '}');
}

/* Cuts what is before the next empty line off @text; without line ends around it. */
static struct str next_part(struct str *text)
{
	struct str part = *text;
	long end;

	*text = str_trim(*text);
	part = *text;
	end = str_find(part, S("\n\n"));
	if (end >= 0)
		part.n = (size_t)end;
	*text = str_trim(str_sub(*text, part.n, text->n));
	return part;
}

static const struct value *list_of(const struct value *body, const char *name)
{
	const struct value *list = value_get(body, name);

	return list && list->type == VALUE_LIST && list->list.n ? list : NULL;
}

static const struct value *card_of(const struct value *body)
{
	const struct value *card = value_get(body, "card");

	return value_is_set(card) ? card : NULL;
}

typedef void piece_function(struct buf *out, const struct piece *piece);

static void each_piece(
	struct buf *out, struct str recipient, const struct post *post, piece_function *write)
{
	struct str text = value_get_text(post->body, "text");
	struct piece piece = {.recipient = recipient};

	if (post->who == POST_BUYER)
		return;
	do {
		piece.text = next_part(&text);
		if (!text.n) { /* the last one */
			piece.choices = list_of(post->body, "choices");
			piece.card = card_of(post->body);
		}
		if (piece.text.n || piece.choices || piece.card)
			write(out, &piece);
	} while (text.n);
}

void rasa_write(struct buf *out, struct str recipient, const struct post *post, size_t n)
{
	json_out_start(out, '[');
	for (size_t i = 0; i < n; i++)
		each_piece(out, recipient, &post[i], write_piece);
	json_out_close(out, ']');
}

/* A line's end is what JSON on lines is told apart by; the last byte is one or nothing. */
static void write_line(struct buf *out, const struct piece *piece)
{
	write_piece(out, piece);
	buf_addc(out, '\n');
}

void rasa_write_line(struct buf *out, struct str recipient, const struct post *post)
{
	each_piece(out, recipient, post, write_line);
}

void rasa_error(struct buf *out, struct str reason)
{
	json_out_start(out, '{');
	json_out_member(out, "status", S("failure"));
	json_out_member(out, "reason", reason);
	json_out_close(out, '}');
}
