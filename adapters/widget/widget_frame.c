/* Frames of the widget: reading through the strict JSON reader, writing straight into a text. */
#include "adapters/widget/widget_frame.h"

#include <string.h>

#include "adapters/widget/card.h"
#include "adapters/widget/content.h"
#include "bot/base/json_flat.h"
#include "bot/base/json_out.h"
#include "bot/base/text.h"

enum {
	max_frame_bytes = 16 * 1024,
	max_depth = 4,
	max_id_bytes = 64,
	max_text_bytes = 4000,
	max_choice_bytes = 256,
	max_file_bytes = 128,
	max_token_bytes = 128,
	max_language_bytes = 35, /* RFC 5646 section 4.4.1 */
	max_identity_bytes = 2048,
	max_page_bytes = 200,
	max_quoted_bytes = 20,
};

/* --- reading --- */

struct reading {
	struct json_flat members;
	struct frame_in *frame;
	struct frame_refusal *refusal;
	struct buf *error;
};

static bool wrong(struct reading *r, const char *what, const char *name)
{
	buf_addf(r->error, "%s '%s'", what, name);
	return false;
}

/* The message cannot be taken, now or later, and its sender is told by its id. */
static bool refused(struct reading *r, const char *code, const char *why)
{
	r->refusal->code = code;
	buf_adds(r->error, why);
	return false;
}

/* A text that may be absent. */
static bool read_text(struct reading *r, const char *name, size_t max_bytes, struct str *out)
{
	const struct json_member *member = json_flat_get(&r->members, name);

	*out = S("");
	if (!member)
		return true;
	if (member->type != JSON_TEXT)
		return wrong(r, "not a text:", name);
	if (member->value.n > max_bytes)
		return wrong(r, "too long:", name);
	*out = member->value;
	return true;
}

static bool read_number(struct reading *r, const char *name, uint32_t *out)
{
	int64_t number;

	if (!json_flat_int(&r->members, name, &number) || number < 0 || number > UINT32_MAX)
		return wrong(r, "no number, or none that is possible:", name);
	*out = (uint32_t)number;
	return true;
}

static bool is_name(struct str text, const char *also)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i], small = c | 0x20;

		if (!(c >= '0' && c <= '9') && !(small >= 'a' && small <= 'z') &&
			(!c || !strchr(also, c)))
			return false;
	}
	return text.n > 0;
}

static bool read_id(struct reading *r)
{
	if (!read_text(r, "id", max_id_bytes, &r->frame->id))
		return false;
	if (!is_name(r->frame->id, "_:-"))
		return wrong(r, "not an id:", "id");
	r->refusal->id = r->frame->id;
	return true;
}

/* Nothing that anybody could see: blanks, controls, zero-width characters. */
static bool is_blank(struct str text)
{
	size_t n;

	for (; text.n; text = str_sub(text, n, text.n)) {
		int32_t c = text_decode(str_sub(text, 0, 4), &n);

		if (c > 0x20 && c != 0x7F && !text_is_blank(c) && !(c >= 0x200B && c <= 0x200F) &&
			c != 0xFEFF)
			return false;
	}
	return true;
}

static bool read_say(struct reading *r)
{
	const struct json_member *text = json_flat_get(&r->members, "text");

	if (!read_id(r))
		return false;
	if (!text || text->type != JSON_TEXT)
		return wrong(r, "not a text:", "text");
	if (text->value.n > max_text_bytes)
		return refused(r, "too_long", "the message is over 4,000 bytes");
	if (is_blank(text->value))
		return refused(r, "empty", "the message is empty");
	r->frame->text = text->value;
	return true;
}

static bool read_press(struct reading *r)
{
	struct str choice = json_flat_text(&r->members, "choice");

	if (!read_id(r) || !read_number(r, "post", &r->frame->n))
		return false;
	if (!choice.n || choice.n > max_choice_bytes)
		return refused(r, "bad_choice", "no choice, or none that was offered");
	r->frame->choice = choice;
	return true;
}

static bool read_file(struct reading *r)
{
	struct str file = json_flat_text(&r->members, "file");

	if (!read_id(r))
		return false;
	if (file.n > max_file_bytes || !is_name(file, "_-."))
		return refused(r, "bad_file", "no file, or none that was uploaded");
	r->frame->file = file;
	return true;
}

static bool read_version(struct reading *r)
{
	int64_t version;

	if (!json_flat_int(&r->members, "v", &version))
		return wrong(r, "no number:", "v");
	if (version == 1)
		return true;
	buf_addf(r->error, "unknown version %lld", (long long)version);
	return false;
}

/* The page is for the shop's eyes only: what is too long is cut, nobody is turned away for it. */
static bool read_page(struct reading *r)
{
	if (!read_text(r, "page", max_frame_bytes, &r->frame->page))
		return false;
	r->frame->page = text_clip(r->frame->page, max_page_bytes);
	return true;
}

static bool read_hello(struct reading *r)
{
	struct frame_in *frame = r->frame;

	frame->has_after = json_flat_get(&r->members, "after") != NULL;
	if (!read_version(r) || !read_text(r, "token", max_token_bytes, &frame->token) ||
		!read_text(r, "lang", max_language_bytes, &frame->lang) ||
		!read_text(r, "identity", max_identity_bytes, &frame->identity) || !read_page(r))
		return false;
	if (frame->lang.n && !is_name(frame->lang, "-"))
		return wrong(r, "not a language:", "lang");
	return !frame->has_after || read_number(r, "after", &frame->after);
}

static bool read_older(struct reading *r)
{
	return read_number(r, "before", &r->frame->n);
}

static bool read_read(struct reading *r)
{
	return read_number(r, "n", &r->frame->n);
}

static bool read_identity(struct reading *r)
{
	if (!read_text(r, "identity", max_identity_bytes, &r->frame->identity))
		return false;
	return r->frame->identity.n || wrong(r, "not a text:", "identity");
}

static bool read_nothing(struct reading *r)
{
	(void)r;
	return true;
}

static const struct {
	const char *name;
	enum frame_kind kind;
	bool (*read)(struct reading *r);
} kind_of[] = {
	{"hello", FRAME_HELLO, read_hello},
	{"say", FRAME_SAY, read_say},
	{"press", FRAME_PRESS, read_press},
	{"file", FRAME_FILE, read_file},
	{"typing", FRAME_TYPING, read_nothing},
	{"older", FRAME_OLDER, read_older},
	{"read", FRAME_READ, read_read},
	{"identity", FRAME_IDENTITY, read_identity},
	{"forget", FRAME_FORGET, read_nothing},
	{"ping", FRAME_PING, read_nothing},
};

static bool read_kind(struct reading *r)
{
	struct str name = json_flat_text(&r->members, "t");

	if (!r->members.is_object) {
		buf_adds(r->error, "a frame is one object");
		return false;
	}
	for (size_t i = 0; i < sizeof(kind_of) / sizeof(*kind_of); i++) {
		if (!str_is(name, kind_of[i].name))
			continue;
		r->frame->kind = kind_of[i].kind;
		return kind_of[i].read(r);
	}
	buf_addf(r->error, "unknown frame kind '%.*s'", STR(text_clip(name, max_quoted_bytes)));
	return false;
}

bool frame_read(struct str bytes, struct arena *arena, struct frame_in *frame,
	struct frame_refusal *refusal, struct buf *error)
{
	static const struct json_limits limits = {max_frame_bytes, json_flat_most, max_depth};
	struct source source = {"frame", bytes};
	struct reading r;
	struct diags diags;

	*frame = (struct frame_in){0};
	*refusal = (struct frame_refusal){0};
	r.frame = frame;
	r.refusal = refusal;
	r.error = error;
	diags_init(&diags, arena);
	if (json_flat_read(&source, 0, &limits, arena, &r.members, &diags))
		return read_kind(&r);
	buf_adds(error, "not JSON");
	if (diags.n)
		buf_addf(error, ": %.*s", STR(diags.item[0].message));
	return false;
}

/* --- writing --- */

#define FRAME(kind) S("{\"t\":\"" kind "\"")

static void begin(struct buf *out, struct str opening)
{
	buf_add(out, opening);
}

static void end(struct buf *out)
{
	json_out_close(out, '}');
}

static void write_choices(struct buf *out, const struct value *choices)
{
	json_out_key(out, "choices");
	json_out_open(out, '[');
	for (size_t i = 0; i < choices->list.n; i++) {
		json_out_open(out, '{');
		json_out_member(out, "id", value_get_text(choices->list.item[i], "id"));
		json_out_member(out, "label", value_get_text(choices->list.item[i], "label"));
		json_out_close(out, '}');
	}
	json_out_close(out, ']');
}

static void write_url(struct buf *out, struct str file, const struct frame_view *view)
{
	struct buf url;

	if (!view || !view->file_url)
		return;
	buf_init(&url, 1024);
	view->file_url(view->self, file, &url);
	json_out_member_if(out, "url", buf_str(&url));
	buf_release(&url);
}

static void write_file(struct buf *out, const struct value *file, const struct frame_view *view)
{
	json_out_key(out, "file");
	json_out_open(out, '{');
	json_out_member(out, "id", value_get_text(file, "id"));
	json_out_member(out, "name", value_get_text(file, "name"));
	json_out_member(out, "type", value_get_text(file, "type"));
	json_out_member_int(out, "bytes", value_get_int(file, "bytes"));
	write_url(out, value_get_text(file, "id"), view);
	json_out_close(out, '}');
}

static void write_body(struct buf *out, const struct post *post, const struct frame_view *view)
{
	struct content_rules rules = {.lists = post->who != POST_BUYER, .view = view};
	struct str text = value_get_text(post->body, "text");

	if (!text.n)
		return;
	json_out_key(out, "body");
	content_write(text, &rules, out);
}

static void write_said(struct buf *out, const struct post *post, const struct frame_view *view)
{
	const struct value *body = post->body;
	const struct value *choices = value_get(body, "choices"), *card = value_get(body, "card");

	write_body(out, post, view);
	if (choices && choices->type == VALUE_LIST && choices->list.n)
		write_choices(out, choices);
	if (card_kind_of(card) != CARD_NONE) {
		json_out_key(out, "card");
		card_write(card, view, out);
	}
	if (value_bool_of(value_get(body, "question")))
		json_out_member_bool(out, "question", true);
}

/* Looked up before anything of the body is read, which is in no cache by now.  A card is of one
 * buyer: nothing of it stays in memory for longer than it is told. */
static void write_bot(struct buf *out, const struct post *post, const struct frame_view *view)
{
	struct post_memo *memo = view && post->bytes.n ? view->memo : NULL;
	struct str kept = memo ? post_memo_find(memo, post->bytes) : S("");
	size_t from = out->n;

	if (kept.n) {
		buf_add(out, kept);
		return;
	}
	write_said(out, post, view);
	if (memo && !out->over && !value_is_set(value_get(post->body, "card")))
		post_memo_see(memo, post->bytes, str_sub(buf_str(out), from, out->n));
}

/* The members of a post, into an object that is open. */
static void write_post(struct buf *out, const struct post *post, const struct frame_view *view)
{
	const struct value *file = post->who == POST_BOT ? NULL : value_get(post->body, "file");

	json_out_member_int(out, "n", post->n);
	json_out_member_int(out, "at", post->at_ms);
	json_out_member(out, "who", str_of(post_who_name[post->who]));
	json_out_member_if(out, "name", post->name);
	if (post->who == POST_BUYER) /* others' ids are the desk's own */
		json_out_member_if(out, "id", post->mid);
	if (post->who == POST_BOT)
		write_bot(out, post, view);
	else
		write_body(out, post, view);
	if (file && file->type == VALUE_RECORD)
		write_file(out, file, view);
	if (post->who == POST_NOTE)
		json_out_member_if(out, "note", value_get_text(post->body, "note"));
}

static void write_posts(
	struct buf *out, const struct post *post, size_t n, const struct frame_view *view)
{
	json_out_key(out, "posts");
	json_out_open(out, '[');
	for (size_t i = 0; i < n; i++) {
		json_out_open(out, '{');
		write_post(out, &post[i], view);
		json_out_close(out, '}');
	}
	json_out_close(out, ']');
}

void frame_welcome(
	struct buf *out, const struct frame_welcome *welcome, const struct frame_view *view)
{
	begin(out, FRAME("welcome"));
	json_out_member_if(out, "token", welcome->token);
	json_out_member_int(out, "last", welcome->last);
	json_out_member_bool(out, "known", welcome->known);
	json_out_member(out, "owner", welcome->owner);
	json_out_member_if(out, "person", welcome->person);
	json_out_member_if(out, "name", welcome->name);
	write_posts(out, welcome->post, welcome->n_posts, view);
	json_out_member_bool(out, "older", welcome->older);
	if (welcome->sealed)
		json_out_member_bool(out, "sealed", true);
	end(out);
}

void frame_post(struct buf *out, const struct post *post, const struct frame_view *view)
{
	begin(out, FRAME("post"));
	write_post(out, post, view);
	end(out);
}

void frame_older(struct buf *out, const struct post *post, size_t n, bool older,
	const struct frame_view *view)
{
	begin(out, FRAME("older"));
	write_posts(out, post, n, view);
	json_out_member_bool(out, "older", older);
	end(out);
}

void frame_ack(struct buf *out, struct str id, uint32_t n)
{
	begin(out, FRAME("ack"));
	json_out_member(out, "id", id);
	json_out_member_int(out, "n", n);
	end(out);
}

void frame_refused(
	struct buf *out, struct str id, const char *code, const char *text, int64_t wait_ms)
{
	begin(out, FRAME("refused"));
	json_out_member(out, "id", id);
	json_out_member(out, "code", str_of(code));
	json_out_member(out, "text", str_of(text));
	if (wait_ms > 0)
		json_out_member_int(out, "wait", wait_ms);
	end(out);
}

void frame_typing(struct buf *out, const char *who)
{
	begin(out, FRAME("typing"));
	json_out_member(out, "who", str_of(who));
	end(out);
}

void frame_owner(struct buf *out, struct str owner, struct str person, struct str text)
{
	begin(out, FRAME("owner"));
	json_out_member(out, "owner", owner);
	json_out_member(out, "person", person);
	json_out_member(out, "text", text);
	end(out);
}

void frame_error(struct buf *out, const char *code, const char *text)
{
	begin(out, FRAME("error"));
	json_out_member(out, "code", str_of(code));
	json_out_member(out, "text", str_of(text));
	end(out);
}

void frame_simple(struct buf *out, const char *kind)
{
	json_out_start(out, '{');
	json_out_member(out, "t", str_of(kind));
	end(out);
}
