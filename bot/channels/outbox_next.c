/* What is to be sent next. */
#include "bot/channels/outbox_next.h"

#include <string.h>

#include "adapters/channel/channel_fit.h"
#include "bot/base/digest.h"

enum {
	page_posts = 8,
	key_bytes = 16,
	max_calls = 200, /* of one post */
	first_wait_ms = 1000,
	longest_wait_ms = 5 * 60 * 1000,
	longest_told_ms = 24 * 3600 * 1000,
};

/* --- when --- */

int64_t outbox_again_ms(int64_t now_ms, int64_t tries, int64_t wait_ms, uint64_t salt)
{
	int64_t wait = first_wait_ms, spread;

	for (int64_t i = 1; i < tries && wait < longest_wait_ms; i++)
		wait *= 2;
	wait = wait < longest_wait_ms ? wait : longest_wait_ms;
	spread = wait / 4;
	wait += (int64_t)(salt % (uint64_t)(2 * spread + 1)) - spread;
	if (wait_ms > wait)
		wait = wait_ms < longest_told_ms ? wait_ms : longest_told_ms;
	return now_ms + wait;
}

/* --- what --- */

struct channel_peer outbox_peer(const struct store_peer *peer, int64_t now_ms)
{
	return (struct channel_peer){
		.peer = peer->peer,
		.ticket = peer->ticket,
		.ticket_ms = peer->ticket_ms,
		.heard_ms = peer->heard_ms,
		.sent_ms = peer->sent_ms,
		.tries = (unsigned)peer->tries,
		.now_ms = now_ms,
	};
}

/* The same at each try, and of no other message: 16 bytes that nobody else can tell. */
static struct str key_of(struct str secret, const struct store_peer *peer, const struct post *post,
	size_t message, struct arena *arena)
{
	struct str what = arena_printf(arena, "message %.*s %u %lld %zu", STR(peer->conversation),
		post->n, (long long)post->at_ms, message);
	char hex[65];

	digest_hex(digest_hmac(secret, what), hex);
	return arena_str(arena, (struct str){hex, 2 * key_bytes});
}

/* What counts, and what goes beside it: a codec may leave that away at the next try. */
struct written {
	struct channel_call call;
	const struct channel_call *manner;
	size_t n_manners;
};

struct writing {
	const struct channel_seat *seat;
	struct store_peer *peer;
	struct str secret;
	int64_t now_ms;
	struct arena *arena;
	struct written *written;
	size_t n;
};

static void add_call(struct writing *w, const struct channel_call *call,
	const struct channel_call *manner, size_t n_manners)
{
	w->written = arena_grow(w->arena, w->written, w->n, struct written);
	w->written[w->n++] = (struct written){*call, manner, n_manners};
}

static void write_message(struct writing *w, const struct post *message, size_t index)
{
	struct channel_peer to = outbox_peer(w->peer, w->now_ms);
	const struct channel_call *call = NULL;
	size_t n, first = 0;

	to.key = key_of(w->secret, w->peer, message, index, w->arena);
	n = w->seat->codec->encode(&w->seat->account, &to, message, w->arena, &call);
	for (size_t i = 0; i < n && w->n < max_calls; i++) {
		if (call[i].optional)
			continue;
		add_call(w, &call[i], call + first, i - first);
		first = i + 1;
	}
	for (; first < n && w->n < max_calls; first++) /* what follows the message has its turn */
		add_call(w, &call[first], NULL, 0);
}

/* All requests that show @post. */
static void write_post(struct writing *w, const struct post *post)
{
	const struct post *message;
	size_t n = channel_fit(&w->seat->codec->limits, post, w->arena, &message);

	w->n = 0;
	w->written = NULL;
	for (size_t i = 0; i < n; i++)
		write_message(w, &message[i], i);
}

/* --- reading on --- */

struct page {
	struct arena *arena;
	struct post post[page_posts];
	size_t n;
};

static void add_post(void *self, const struct post *post)
{
	struct page *page = self;
	struct post *copy = &page->post[page->n++];

	*copy = *post;
	copy->name = arena_str(page->arena, post->name);
	copy->mid = (struct str){0};
	copy->body = value_copy(page->arena, post->body);
}

/* False: nothing of @post is left to be sent. */
static bool next_of_post(struct writing *w, const struct post *post, struct outbox_next *next)
{
	const struct written *written;

	write_post(w, post);
	if ((size_t)w->peer->part >= w->n)
		return false;
	written = &w->written[w->peer->part];
	*next = (struct outbox_next){
		.kind = OUTBOX_POST,
		.call = written->call,
		.manner = written->manner,
		.n_manners = written->n_manners,
		.post = post->n,
		.last = (size_t)w->peer->part + 1 == w->n,
	};
	return true;
}

struct outbox_next outbox_next(struct store *store, const struct channel_seat *seat,
	struct store_peer *peer, struct str secret, int64_t now_ms, struct arena *arena)
{
	struct writing w = {seat, peer, secret, now_ms, arena, NULL, 0};
	struct outbox_next next = {.kind = OUTBOX_NOTHING};

	for (;;) {
		struct page page = {.arena = arena};

		if (store_posts(store, peer->conversation, (uint32_t)peer->shown, page_posts,
			    add_post, &page) != STORE_OK)
			return (struct outbox_next){.kind = OUTBOX_BROKEN};
		for (size_t i = 0; i < page.n; i++) {
			if (next_of_post(&w, &page.post[i], &next))
				return next;
			peer->shown = page.post[i].n;
			peer->part = 0;
		}
		if (page.n < page_posts || arena_over(arena))
			return next;
	}
}
