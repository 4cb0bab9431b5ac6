/* Commits whose traces can be checked: what one does follows from its number alone, so after a
 * crash the store itself says how far it had come, and all before that must be there, once and
 * whole. */
#ifndef TENSTEP_TESTS_STORE_COMMITS_H
#define TENSTEP_TESTS_STORE_COMMITS_H

#include "adapters/store/store_peers.h"
#include "tests/contract/store_home.h"

enum { conversations = 7, peers = 5 };

/* It adds a post to each conversation that takes_part(), and saves its session. */
static inline bool takes_part(int64_t commit, int conversation)
{
	return (commit * 2654435761u >> 7) % (unsigned)(conversation + 2) < 2;
}

static inline struct str name_of(int conversation)
{
	static char name[16];

	snprintf(name, sizeof(name), "c%d", conversation);
	return str_of(name);
}

static inline uint32_t posts_after(int64_t commit, int conversation)
{
	uint32_t n = 0;

	for (int64_t i = 1; i <= commit; i++)
		n += takes_part(i, conversation);
	return n;
}

static inline void save_turn(
	struct store *store, struct arena *arena, int64_t commit, int conversation)
{
	struct str text = arena_printf(arena, "commit %lld", (long long)commit);
	struct value_builder b = value_build(arena);
	struct str name = name_of(conversation);
	struct post post = {.n = last_post_of(store, name) + 1,
		.at_ms = commit,
		.who = POST_BUYER,
		.mid = text};

	value_put_text(&b, "text", text);
	post.body = value_record(&b);
	store_save_session(store, name, text, commit, commit);
	store_add_post(store, name, &post);
}

/* How a peer stands follows from the last commit that it takes part in: it is heard, and is due or
 * has been shown something. */
static inline bool peer_takes_part(int64_t commit, int peer)
{
	return (commit * 2246822519u >> 5) % (unsigned)(2 * peer + 1) == 0;
}

static inline bool is_due(int64_t commit)
{
	return commit % 4 > 0;
}

static inline struct str peer_name(int peer)
{
	static char name[16];

	snprintf(name, sizeof(name), "p:%d", peer);
	return str_of(name);
}

static inline void move_peer(struct store *store, struct arena *arena, int64_t commit, int i)
{
	struct str name = peer_name(i);
	struct store_peer peer = {.conversation = name, .shown = commit};

	store_hear_peer(store, &(struct store_peer){.conversation = name,
				       .account = S("p"),
				       .peer = str_sub(name, 2, name.n),
				       .ticket = arena_printf(arena, "t%lld", (long long)commit),
				       .heard_ms = commit});
	store_put_peer(store, &peer);
	if (is_due(commit))
		store_wake_peer(store, name, commit);
}

/* Such a commit is one of the tables, the others are the journal's alone: both in turns, and for
 * long nothing but the latter. */
static inline bool has_note(int64_t commit)
{
	return commit % 3 == 0 && commit % 800 < 200;
}

/* Between begin and commit. */
static inline void write_commit(struct store *store, struct arena *arena, int64_t commit)
{
	for (int i = 0; i < conversations; i++)
		if (takes_part(commit, i))
			save_turn(store, arena, commit, i);
	for (int i = 0; i < peers; i++)
		if (peer_takes_part(commit, i))
			move_peer(store, arena, commit, i);
	store_save_session(store, S("count"), arena_printf(arena, "commit %lld", (long long)commit),
		commit, 0);
	if (has_note(commit))
		store_add_note(store, S("commit"), commit, S("c0"), NULL);
}

/* Half of the commits are in two halves: the second is asked for when the next is written. */
static inline bool is_halved(int64_t commit)
{
	return commit % 4 < 2;
}

struct checking {
	struct store *store;
	int conversation;
	int64_t commit; /* of the post before */
	uint32_t n;
};

/* The posts of a conversation are those of the commits it takes part in, in order. */
static inline void check_post(void *self, const struct post *post)
{
	struct checking *c = self;
	struct str text = value_get_text(post->body, "text");
	int64_t commit;

	assert_int_equal(post->n, ++c->n);
	assert_true(str_int(str_sub(text, 7, 20), &commit));
	for (int64_t between = c->commit + 1; between < commit; between++)
		assert_false(takes_part(between, c->conversation));
	assert_true(commit > c->commit && takes_part(commit, c->conversation));
	assert_true(str_eq(post->mid, text));
	c->commit = commit;
}

static inline void check_conversation(struct home *home, int conversation, int64_t stored)
{
	struct checking c = {.store = home->store, .conversation = conversation};
	struct str name = name_of(conversation), bytes;

	assert_int_equal(store_posts(home->store, name, 0, INT32_MAX, check_post, &c), STORE_OK);
	assert_int_equal(c.n, posts_after(stored, conversation));
	assert_int_equal(last_post_of(home->store, name), c.n);
	if (!c.n)
		return;
	assert_int_equal(store_load_session(home->store, name, home->arena, &bytes), STORE_OK);
	assert_true(str_eq(bytes, arena_printf(home->arena, "commit %lld", (long long)c.commit)));
	assert_true(is_known(home->store, name, bytes));
}

/* The notes are those of the commits that have one, in order. */
static inline void check_note(void *self, const struct store_note *note)
{
	int64_t *commit = self;

	while (!has_note(++*commit))
		;
	assert_int_equal(note->at, *commit);
}

static inline int64_t count_commits(struct home *home)
{
	int64_t commit = 0;
	struct str bytes;

	if (store_load_session(home->store, S("count"), home->arena, &bytes) == STORE_OK)
		assert_true(str_int(str_sub(bytes, 7, 20), &commit));
	return commit;
}

static inline void check_notes(struct home *home, int64_t stored)
{
	int64_t commit = 0;

	assert_int_equal(store_notes(home->store, S("commit"), 0, check_note, &commit), STORE_OK);
	assert_true(commit <= stored);
	while (++commit <= stored)
		assert_false(has_note(commit));
}

static inline int64_t last_of_peer(int64_t stored, int i)
{
	while (stored > 0 && !peer_takes_part(stored, i))
		stored--;
	return stored;
}

static inline void check_peer(struct home *home, int i, int64_t stored)
{
	int64_t commit = last_of_peer(stored, i);
	struct store_peer peer;

	assert_int_equal(store_peer(home->store, peer_name(i), home->arena, &peer),
		commit ? STORE_OK : STORE_NONE);
	assert_int_equal(peer.heard_ms, commit);
	assert_int_equal(peer.shown, commit);
	assert_int_equal(peer.next_ms, is_due(commit) ? commit : 0);
	assert_true(!commit ||
		    str_eq(peer.ticket, arena_printf(home->arena, "t%lld", (long long)commit)));
}

static inline void count_due_peer(void *self, const struct store_peer *peer)
{
	assert_true(peer->next_ms > 0);
	++*(int *)self;
}

static inline void check_peers(struct home *home, int64_t stored)
{
	int due = 0, seen = 0;

	for (int i = 0; i < peers; i++) {
		check_peer(home, i, stored);
		due += is_due(last_of_peer(stored, i));
	}
	assert_int_equal(store_peers_due(home->store, S("p"), INT64_MAX - 1, 2 * peers,
				 count_due_peer, &seen),
		STORE_OK);
	assert_int_equal(seen, due);
}

/* Conversations that are talked in now and then, and may be removed in between. */
enum { guests = 3 };

static inline struct str guest_name(struct arena *arena, int64_t i)
{
	return arena_printf(arena, "guest %lld", (long long)(i % guests));
}

static inline void say_as_guest(struct store *store, struct arena *arena, int64_t commit)
{
	struct str name = guest_name(arena, commit / 10);
	struct post post = {.n = last_post_of(store, name) + 1,
		.at_ms = commit * 1000,
		.who = POST_BUYER,
		.body = &value_none};

	store_save_session(store, name, S("guest"), commit, 0);
	store_add_post(store, name, &post);
}

static inline void count_post(void *self, const struct post *post)
{
	assert_int_equal(post->n, ++*(uint32_t *)self);
}

/* Each is there as a whole, or not at all. */
static inline void check_guests(struct home *home)
{
	for (int i = 0; i < guests; i++) {
		struct str name = guest_name(home->arena, i), bytes;
		uint32_t n = 0;

		assert_int_equal(
			store_posts(home->store, name, 0, INT32_MAX, count_post, &n), STORE_OK);
		assert_int_equal(last_post_of(home->store, name), n);
		assert_int_equal(store_load_session(home->store, name, home->arena, &bytes),
			n ? STORE_OK : STORE_NONE);
	}
}

/* All that the commits have written is there, and nothing else; how many they are. */
static inline int64_t check_store(struct home *home)
{
	int64_t stored = count_commits(home);

	check_notes(home, stored);
	check_peers(home, stored);
	for (int i = 0; i < conversations; i++)
		check_conversation(home, i, stored);
	check_guests(home);
	return stored;
}

#endif
