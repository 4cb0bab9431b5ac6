/* What is looked up in a conversation's transcript. */
#include "bot/dispatch/transcript.h"

enum { recent_posts = 200, choice_within = 48 };

struct gathering {
	struct arena *arena;
	struct posts posts;
};

static void gather(void *self, const struct post *post)
{
	struct gathering *g = self;
	struct post *copy;

	g->posts.post = arena_grow(g->arena, g->posts.post, g->posts.n, struct post);
	copy = &g->posts.post[g->posts.n++];
	*copy = post_with_body(post, value_copy(g->arena, post->body));
	copy->name = arena_str(g->arena, post->name);
	copy->mid = arena_str(g->arena, post->mid);
}

struct posts transcript_page(struct dispatcher *dispatcher, struct str conversation, uint32_t after,
	int limit, struct arena *arena)
{
	struct gathering g = {.arena = arena};

	dispatcher_posts(dispatcher, conversation, after, limit, gather, &g);
	return g.posts;
}

static bool is_hidden(const struct post *post, const struct standing *standing)
{
	bool awaited = post->who == POST_PERSON && post->at_ms > standing->buyer_ms;

	return post->at_ms < standing->hides_before_ms && !awaited;
}

void transcript_hide(struct posts *posts, const struct standing *standing)
{
	size_t kept = 0;

	for (size_t i = 0; i < posts->n; i++)
		if (!is_hidden(&posts->post[i], standing))
			posts->post[kept++] = posts->post[i];
	posts->hidden = kept < posts->n;
	posts->n = kept;
}

bool transcript_shows(struct dispatcher *dispatcher, struct str conversation, uint32_t n,
	const struct standing *standing, struct arena *arena)
{
	struct posts posts = {0};

	if (n)
		posts = transcript_page(dispatcher, conversation, n - 1, 1, arena);
	transcript_hide(&posts, standing);
	return posts.n > 0;
}

static const struct value *choice_with(
	const struct post *post, const char *member, struct str wanted)
{
	const struct value *choices = value_get(post->body, "choices");

	for (size_t i = 0; post->who == POST_BOT && i < value_count(choices); i++)
		if (str_eq(value_get_text(value_at(choices, i), member), wanted))
			return value_at(choices, i);
	return NULL;
}

struct offering {
	struct arena *arena;
	struct str id, label;
	bool found;
};

/* The newest comes last. */
static void match_choice(void *self, const struct post *post)
{
	struct offering *offering = self;
	const struct value *choice = choice_with(post, "id", offering->id);

	if (!choice)
		return;
	offering->found = true;
	offering->label = arena_str(offering->arena, value_get_text(choice, "label"));
}

bool transcript_choice(struct dispatcher *dispatcher, struct str conversation, uint32_t n,
	struct str id, struct arena *arena, struct str *label)
{
	struct offering offering = {.arena = arena, .id = id};

	dispatcher_posts(dispatcher, conversation, n ? n - 1 : 0, n ? 1 : -choice_within,
		match_choice, &offering);
	*label = offering.label;
	return offering.found;
}

/* The newest post with buttons; NULL: none of the last ones has any.  It is nearly always the first
 * that is looked at. */
static const struct post *newest_question(
	struct dispatcher *dispatcher, struct str conversation, struct arena *arena)
{
	uint32_t before = 0;

	for (int seen = 0, at_once = 1; seen < choice_within; seen += at_once, at_once *= 2) {
		struct posts posts =
			transcript_page(dispatcher, conversation, before, -at_once, arena);

		for (size_t i = posts.n; i-- > 0;)
			if (value_count(value_get(posts.post[i].body, "choices")))
				return &posts.post[i];
		if (!posts.n || posts.post[0].n <= 1)
			return NULL;
		before = posts.post[0].n;
	}
	return NULL;
}

struct str transcript_choice_called(struct dispatcher *dispatcher, struct str conversation,
	struct str label, struct arena *arena)
{
	const struct post *post = newest_question(dispatcher, conversation, arena);

	return post ? value_get_text(choice_with(post, "label", label), "id") : (struct str){0};
}

struct wanted {
	struct str mid;
	uint32_t n;
};

static void match_mid(void *self, const struct post *post)
{
	struct wanted *wanted = self;

	if (post->who == POST_BUYER && str_eq(post->mid, wanted->mid))
		wanted->n = post->n;
}

uint32_t transcript_of_message(
	struct dispatcher *dispatcher, struct str conversation, struct str mid)
{
	struct wanted wanted = {.mid = mid};

	if (mid.n)
		dispatcher_posts(dispatcher, conversation, 0, -recent_posts, match_mid, &wanted);
	return wanted.n;
}
