/* A post becomes messages that fit. */
#include "adapters/channel/channel_fit.h"

#include "adapters/channel/channel_text.h"

enum {
	max_text_bytes = 256 << 10,
	max_choices = 100,
	max_messages = 40, /* what is longer than these is cut */
};

/* --- handles --- */

struct str channel_handle_write(struct arena *arena, struct channel_handle handle)
{
	return arena_printf(arena, "%u.%u", handle.post, handle.choice);
}

/* Digits as we write them, so that one button has one name: no sign, no zero in front. */
static bool read_number(struct str digits, int64_t most, int64_t *number)
{
	for (size_t i = 0; i < digits.n; i++)
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return false;
	return digits.n && digits.n <= 10 && (digits.p[0] != '0' || digits.n == 1) &&
	       str_int(digits, number) && *number <= most;
}

bool channel_handle_read(struct str payload, struct channel_handle *handle)
{
	struct str rest = payload, post = str_cut(&rest, '.');
	int64_t n, index;

	if (!read_number(post, UINT32_MAX, &n) || !n || !read_number(rest, max_choices - 1, &index))
		return false;
	*handle = (struct channel_handle){(uint32_t)n, (unsigned)index};
	return true;
}

/* --- choices --- */

struct fitting {
	const struct channel_limits *limits;
	const struct post *post;
	struct arena *arena;
	const struct value *choices; /* NULL: none */
	bool numbered;               /* in the text, not as buttons */
	struct post *message;
	size_t n;
};

static size_t count_choices(const struct fitting *f)
{
	size_t n = value_count(f->choices);

	return n < max_choices ? n : max_choices;
}

static struct str label_of(const struct fitting *f, size_t i)
{
	return value_get_text(value_at(f->choices, i), "label");
}

static struct channel_limit label_limit(const struct fitting *f)
{
	return count_choices(f) > f->limits->buttons ? f->limits->row_label : f->limits->label;
}

/* Two that read the same when they are cut are told apart by a number in front. */
static bool labels_collide(const struct fitting *f, struct channel_limit limit)
{
	size_t n = count_choices(f);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (str_eq(channel_cut(f->arena, label_of(f, i), limit),
				    channel_cut(f->arena, label_of(f, k), limit)))
				return true;
	return false;
}

static const struct value *fitted_choices(const struct fitting *f)
{
	struct channel_limit limit = label_limit(f);
	bool collide = labels_collide(f, limit);
	struct value_builder list = value_build(f->arena);

	for (size_t i = 0; i < count_choices(f); i++) {
		struct value_builder one = value_build(f->arena);
		struct str label = label_of(f, i);

		if (collide)
			label = arena_printf(f->arena, "%zu. %.*s", i + 1, STR(label));
		value_put_text(&one, "id",
			channel_handle_write(
				f->arena, (struct channel_handle){f->post->n, (unsigned)i}));
		value_put_text(&one, "label", channel_cut(f->arena, label, limit));
		value_push(&list, value_record(&one));
	}
	return value_list(&list);
}

static bool must_number(const struct fitting *f)
{
	size_t n = count_choices(f);

	return n > f->limits->buttons && n > f->limits->list_rows;
}

/* --- texts --- */

static void add_paragraph(struct buf *out, struct str text)
{
	if (text.n && out->n)
		buf_adds(out, "\n\n");
	buf_add(out, text);
}

static void add_numbered(const struct fitting *f, struct buf *out)
{
	buf_adds(out, out->n ? "\n" : "");
	for (size_t i = 0; i < count_choices(f); i++)
		buf_addf(out, "%s%zu. %.*s", out->n ? "\n" : "", i + 1, STR(label_of(f, i)));
}

/* A card of one order, where the platform has such a thing and the text says the most of it too. */
static bool is_native(const struct fitting *f)
{
	return f->limits->cards && value_get_text(f->post->body, "text").n &&
	       value_get_text(value_get(f->post->body, "card"), "number").n;
}

static struct str whole_text(const struct fitting *f)
{
	struct str text;
	struct buf out;

	buf_init(&out, max_text_bytes);
	buf_add(&out, str_trim(value_get_text(f->post->body, "text")));
	if (!is_native(f))
		add_paragraph(&out, channel_card(value_get(f->post->body, "card"), f->arena));
	if (f->numbered)
		add_numbered(f, &out);
	text = arena_str(f->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static void add_message(struct fitting *f, struct str text, bool last)
{
	struct value_builder body = value_build(f->arena);

	value_put_text(&body, "text", arena_str(f->arena, text));
	if (last && f->choices && !f->numbered)
		value_put(&body, "choices", fitted_choices(f));
	if (last && value_bool_of(value_get(f->post->body, "question")))
		value_put(&body, "question", &value_true);
	if (last && is_native(f))
		value_put(&body, "card", value_get(f->post->body, "card"));
	if (value_get_text(f->post->body, "note").n)
		value_put_text(&body, "note", value_get_text(f->post->body, "note"));
	f->message = arena_grow(f->arena, f->message, f->n, struct post);
	f->message[f->n++] = post_with_body(f->post, value_record(&body));
}

static struct channel_limit last_limit(const struct fitting *f)
{
	bool buttons = f->choices && !f->numbered;

	return buttons && f->limits->question_text.most ? f->limits->question_text
							: f->limits->text;
}

/* The last message carries the buttons and may have less room than those before it. */
static void cut_text(struct fitting *f, struct str text)
{
	struct channel_limit last = last_limit(f);

	while (!channel_fits(text, last) && f->n + 1 < max_messages) {
		struct str piece = channel_piece(
			&text, channel_fits(text, f->limits->text) ? last : f->limits->text);

		if (!piece.n)
			break;
		if (text.n)
			add_message(f, piece, false);
		else
			text = piece;
	}
	add_message(f, channel_cut(f->arena, text, last), true);
}

bool channel_is_numbered(const struct channel_limits *limits, const struct post *post)
{
	struct fitting f = {
		.limits = limits, .post = post, .choices = value_get(post->body, "choices")};

	return f.choices->type == VALUE_LIST && f.choices->list.n && must_number(&f);
}

size_t channel_fit(const struct channel_limits *limits, const struct post *post,
	struct arena *arena, const struct post **messages)
{
	struct fitting f = {.limits = limits, .post = post, .arena = arena};
	const struct value *choices = value_get(post->body, "choices");
	struct str text;

	*messages = NULL;
	if (post->who == POST_BUYER)
		return 0;
	if (choices && choices->type == VALUE_LIST && choices->list.n)
		f.choices = choices;
	f.numbered = f.choices && must_number(&f);
	text = whole_text(&f);
	if (!text.n && !f.choices)
		return 0;
	cut_text(&f, text);
	*messages = f.message;
	return f.n;
}
