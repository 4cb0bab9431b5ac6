/* Messages of ours that may have been shown in the buyer chat. */
#include "bot/shop/shop_search.h"

#include <stdlib.h>

#include "adapters/tiktok_chat/tiktok_chat.h"

enum {
	max_questions = 8, /* at once */
	max_question_bytes = 16 << 20,
	max_pages = 100,        /* a buyer may have written much since */
	good_for_ms = 5000,     /* what was found out is not true for long */
	max_age_s = 25 * 86400, /* which of them are ours is known for 30 days */
};

/* One message that is looked for. */
struct question {
	struct shop_search *search;
	struct arena *arena; /* NULL: free */
	struct str peer;
	struct channel_call call;
	enum outbox_trace found; /* ASKING while it is asked */
	struct str message;      /* THERE: its id */
	int64_t until_ms;        /* steady */
	size_t n_pages;
};

struct shop_search {
	struct shop_search_setup setup;
	struct question question[max_questions];
};

static void forget(struct question *question)
{
	arena_free(question->arena);
	*question = (struct question){.arena = NULL};
}

static bool knows(void *self, struct str message)
{
	const struct question *q = self;

	return q->search->setup.knows(q->search->setup.self, q->peer, message);
}

static void ask_page(struct question *q, struct str token);

/* What could not be asked is asked again. */
static void heard(void *self, const struct value *data, const char *why)
{
	struct question *q = self;
	struct loop *loop = q->search->setup.loop;
	struct tiktok_chat_trace trace = {.call = &q->call,
		.oldest_s = loop_now_ms(loop) / 1000 - max_age_s,
		.knows = knows,
		.self = q};
	struct str next;

	(void)why;
	if (!data) {
		forget(q);
		return;
	}
	q->message = arena_str(q->arena, tiktok_chat_is_there(data, &trace, q->arena, &next));
	if (next.n && ++q->n_pages < max_pages && !arena_over(q->arena)) {
		ask_page(q, next);
		return;
	}
	q->found = q->message.n ? OUTBOX_THERE : OUTBOX_ABSENT;
	q->until_ms = loop_steady_ms(loop) + good_for_ms;
}

static void ask_page(struct question *q, struct str token)
{
	const struct shop_search_setup *setup = &q->search->setup;
	struct channel_call messages =
		tiktok_chat_messages(&setup->seat->account, q->peer, token, q->arena);

	shop_line_ask(setup->line, &messages, heard, q);
}

static struct question *find(
	struct shop_search *search, struct str peer, const struct channel_call *call)
{
	for (size_t i = 0; i < max_questions; i++) {
		struct question *q = &search->question[i];

		if (q->arena && q->found != OUTBOX_ASKING &&
			loop_steady_ms(search->setup.loop) > q->until_ms)
			forget(q);
		if (q->arena && str_eq(q->peer, peer) && str_eq(q->call.body, call->body))
			return q;
	}
	return NULL;
}

static struct question *free_place(struct shop_search *search)
{
	for (size_t i = 0; i < max_questions; i++)
		if (!search->question[i].arena)
			return &search->question[i];
	return NULL;
}

static void ask(struct shop_search *search, struct str peer, const struct channel_call *call)
{
	struct question *q = free_place(search);

	if (!q)
		return;
	q->search = search;
	q->arena = arena_new(max_question_bytes);
	q->peer = arena_str(q->arena, peer);
	q->call.body = arena_str(q->arena, call->body);
	q->found = OUTBOX_ASKING;
	ask_page(q, S(""));
}

enum outbox_trace shop_search_look(struct shop_search *search, struct str peer,
	const struct channel_call *call, struct arena *arena, struct str *message)
{
	enum outbox_trace found = OUTBOX_ASKING;
	struct question *q;

	if (!peer.n)
		return found; /* only whether it can be asked */
	q = find(search, peer, call);
	if (!q)
		ask(search, peer, call);
	else
		found = q->found;
	if (q && found != OUTBOX_ASKING) {
		*message = arena_str(arena, q->message);
		forget(q);
	}
	return found;
}

struct shop_search *shop_search_new(const struct shop_search_setup *setup)
{
	struct shop_search *search = calloc(1, sizeof *search);

	if (!search)
		abort();
	search->setup = *setup;
	return search;
}

void shop_search_free(struct shop_search *search)
{
	if (!search)
		return;
	for (size_t i = 0; i < max_questions; i++)
		if (search->question[i].arena) {
			shop_line_forget(search->setup.line, &search->question[i]);
			forget(&search->question[i]);
		}
	free(search);
}
