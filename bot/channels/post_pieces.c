/* A post taken apart where pictures are. */
#include "bot/channels/post_pieces.h"

#include "adapters/widget/content.h"

struct taking {
	const struct post *post;
	struct arena *arena;
	struct post_piece *piece;
	size_t n;
	const char *words; /* where those that no piece has yet begin */
};

static struct post_piece *add(struct taking *t, const struct value *body)
{
	struct post_piece *piece;

	t->piece = arena_grow(t->arena, t->piece, t->n, struct post_piece);
	piece = &t->piece[t->n++];
	*piece = (struct post_piece){.post = post_with_body(t->post, body)};
	return piece;
}

static const struct value *body_of(struct taking *t, struct str text)
{
	struct value_builder body = value_build(t->arena);

	value_put_text(&body, "text", text);
	return value_record(&body);
}

static void add_words(struct taking *t, struct str words)
{
	words = str_trim(words);
	if (words.n)
		(void)add(t, body_of(t, words));
}

static void add_picture(struct taking *t, const char *member, const struct value *what)
{
	struct value_builder picture = value_build(t->arena);
	struct post_piece *piece = add(t, body_of(t, S("")));

	value_put(&picture, member, what);
	piece->picture = value_record(&picture);
}

/* The address is a slice of the text. */
static void take(void *self, const struct content_piece *content)
{
	struct taking *t = self;

	if (content->kind != CONTENT_PICTURE)
		return;
	add_words(t, (struct str){t->words, (size_t)(content->text.p - t->words)});
	add_picture(t, "address", value_text(t->arena, content->text));
	t->words = content->text.p + content->text.n;
}

/* What the whole post has besides words belongs to the last of them. */
static void end_with(struct taking *t, struct str words)
{
	static const char *const member[] = {"choices", "card", "question", "again", "note"};
	struct value_builder body = value_build(t->arena);
	bool any = words.n > 0;

	if (words.n)
		value_put_text(&body, "text", words);
	for (size_t i = 0; i < sizeof member / sizeof *member; i++) {
		const struct value *is = value_get(t->post->body, member[i]);

		if (!value_is_set(is))
			continue;
		value_put(&body, member[i], is);
		any = any || i < 2;
	}
	if (any)
		(void)add(t, value_record(&body));
}

static bool has_file(const struct post *post)
{
	const struct value *file = value_get(post->body, "file");

	return post->who == POST_PERSON && value_is_set(file) && file->type == VALUE_RECORD;
}

size_t post_pieces(const struct post *post, const struct frame_view *view, struct arena *arena,
	struct post_piece **piece)
{
	struct taking t = {.post = post, .arena = arena};
	struct content_rules rules = {.lists = post->who != POST_BUYER, .view = view};
	struct str text = value_get_text(post->body, "text");

	t.words = text.p;
	content_walk(text, &rules, take, &t);
	if (!t.n && !has_file(post)) {
		(void)add(&t, post->body);
	} else {
		end_with(&t,
			str_trim(str_sub(text, (size_t)(t.words ? t.words - text.p : 0), text.n)));
		if (has_file(post))
			add_picture(&t, "file", value_get(post->body, "file"));
	}
	*piece = t.piece;
	return t.n;
}

const struct post *post_in_words(const struct post *post, struct arena *arena)
{
	struct post *words = arena_new_of(arena, struct post);
	struct value_builder body = value_build(arena);
	struct str text = value_get_text(post->body, "text");
	struct str name = value_get_text(value_get(post->body, "file"), "name");

	if (!has_file(post))
		return post;
	value_put_text(&body, "text",
		arena_printf(arena, "%.*s%s[%.*s]", STR(text), text.n ? "\n" : "", STR(name)));
	*words = post_with_body(post, value_record(&body));
	return words;
}
