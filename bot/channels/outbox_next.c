/* What is to be sent next. */
#include "bot/channels/outbox_next.h"

#include <string.h>

#include "adapters/channel/channel_fit.h"
#include "bot/base/digest.h"
#include "bot/channels/post_pieces.h"

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
	const struct outbox_setup *setup;
	const struct channel_seat *seat;
	struct store_peer *peer;
	int64_t now_ms;
	struct arena *arena;
	/* of one post */
	struct written *written;
	size_t n, n_messages;
	bool later;     /* the picture that is next is not there yet … */
	struct str why; /* … or never will be; empty: it is not so */
};

static void add_call(struct writing *w, const struct channel_call *call,
	const struct channel_call *manner, size_t n_manners)
{
	w->written = arena_grow(w->arena, w->written, w->n, struct written);
	w->written[w->n++] = (struct written){*call, manner, n_manners};
}

static void write_message(struct writing *w, const struct post *message)
{
	struct channel_peer to = outbox_peer(w->peer, w->now_ms);
	const struct channel_call *call = NULL;
	size_t n, first = 0;

	to.key = key_of(w->setup->secret, w->peer, message, w->n_messages++, w->arena);
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

static void write_words(struct writing *w, const struct post *post)
{
	const struct post *message;
	size_t n = channel_fit(&w->seat->codec->limits, post, w->arena, &message);

	for (size_t i = 0; i < n; i++)
		write_message(w, &message[i]);
}

/* --- pictures --- */

static struct post with_member(
	struct writing *w, const struct post *post, const char *name, const struct value *is)
{
	struct value_builder body = value_build(w->arena);

	value_put(&body, name, is);
	return post_with_body(post, value_record(&body));
}

/* The one that is next: whatever becomes of it is one request. */
static void write_next_picture(struct writing *w, const struct post_piece *piece)
{
	const struct outbox_setup *setup = w->setup;
	const struct value *there = NULL;
	enum outbox_picture is = OUTBOX_PICTURE_NOT;
	struct str why = S("pictures cannot be shown there");
	struct post message;

	if (setup->picture)
		is = setup->picture(setup->authorise_self, w->seat, w->peer->conversation,
			piece->picture, w->arena, &there, &why);
	switch (is) {
	case OUTBOX_PICTURE:
		message = with_member(w, &piece->post, "picture", there);
		write_message(w, &message);
		return;
	case OUTBOX_PICTURE_ASKED:
		w->later = true;
		return;
	case OUTBOX_PICTURE_NOT:
		break;
	}
	if (value_is_set(value_get(piece->picture, "address"))) { /* as other platforms show it */
		message =
			with_member(w, &piece->post, "text", value_get(piece->picture, "address"));
		write_message(w, &message);
	} else {
		w->why = why;
	}
}

/* A picture is one request also when it cannot be known yet which. */
static void write_picture(struct writing *w, const struct post_piece *piece)
{
	static const struct channel_call unknown;
	size_t before = w->n;

	if ((int64_t)before == w->peer->part)
		write_next_picture(w, piece);
	else
		w->n_messages++;
	if (w->n == before)
		add_call(w, &unknown, NULL, 0);
}

/* All requests that show @post. */
static void write_post(struct writing *w, const struct post *post)
{
	struct frame_view view = {.image_origin = w->setup->image_origin,
		.n_image_origins = w->setup->n_image_origins};
	struct post_piece *piece;
	size_t n;

	w->n = w->n_messages = 0;
	w->written = NULL;
	w->later = false;
	w->why = S("");
	if (!w->seat->codec->limits.pictures) {
		write_words(w, post_in_words(post, w->arena));
		return;
	}
	n = post_pieces(post, &view, w->arena, &piece);
	for (size_t i = 0; i < n; i++)
		if (piece[i].picture)
			write_picture(w, &piece[i]);
		else
			write_words(w, &piece[i].post);
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

	*copy = post_with_body(post, value_copy(page->arena, post->body));
	copy->name = arena_str(page->arena, post->name);
	copy->mid = (struct str){0};
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
		.kind = w->later   ? OUTBOX_LATER
			: w->why.n ? OUTBOX_NEVER
				   : OUTBOX_POST,
		.why = w->why,
		.call = written->call,
		.manner = written->manner,
		.n_manners = written->n_manners,
		.post = post->n,
		.last = (size_t)w->peer->part + 1 == w->n,
	};
	return true;
}

struct outbox_next outbox_next(const struct outbox_setup *setup, const struct channel_seat *seat,
	struct store_peer *peer, int64_t now_ms, struct arena *arena)
{
	struct writing w = {
		.setup = setup, .seat = seat, .peer = peer, .now_ms = now_ms, .arena = arena};
	struct outbox_next next = {.kind = OUTBOX_NOTHING};

	for (;;) {
		struct page page = {.arena = arena};

		if (store_posts(setup->store, peer->conversation, (uint32_t)peer->shown, page_posts,
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
