/* Everything in any order: turns, commits of every kind that succeed or are refused by the disk,
 * folding, forgetting, closing, and what a kill leaves.  Whatever happened, the store says what a
 * plain list of the conversations says.
 *
 * TENSTEP_STEPS: so many (600), TENSTEP_SEED: chance (1). */
#include "adapters/store/store_peers.h"
#include "tests/contract/known_disk.h"

enum { n_chats = 40, n_peers = 10 };

struct chat {
	int64_t life;    /* counts up when it is forgotten; ids of a life are its own */
	int64_t session; /* the step that saved it; 0: there is none */
	int64_t due_ms;
	uint32_t n_posts;
	int64_t known;                 /* the newest id without a post */
	int64_t heard, shown, next_ms; /* as a peer; heard 0: it is none */
};

/* As it must be, and as it was before the commit that is under way. */
struct world {
	struct home *home;
	struct chat chat[n_chats], before[n_chats];
	bool is_under_way;
	bool fails; /* that commit */
	int64_t step;
	unsigned long chance;
};

static unsigned below(struct world *w, unsigned n)
{
	w->chance = w->chance * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(w->chance >> 33) % n;
}

static unsigned setting(const char *name, unsigned otherwise)
{
	const char *text = getenv(name);

	return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

/* --- names --- */

static struct str name_of(struct world *w, int i)
{
	return arena_printf(w->home->arena, i < n_peers ? "p:%d" : "c%d", i);
}

static struct str session_of(struct world *w, int64_t step)
{
	return arena_printf(w->home->arena, "step %lld", (long long)step);
}

static struct str id_of(struct world *w, int i, int64_t life, int64_t n)
{
	return arena_printf(w->home->arena, "%d %lld %lld", i, (long long)life, (long long)n);
}

static struct str known_id(struct world *w, int i, int64_t life, int64_t n)
{
	return arena_printf(w->home->arena, "known %d %lld %lld", i, (long long)life, (long long)n);
}

/* --- is it so? --- */

struct hearing {
	struct world *w;
	int i;
	uint32_t n;
};

static void hear_post(void *self, const struct post *post)
{
	struct hearing *h = self;
	int64_t life = h->w->chat[h->i].life;

	assert_int_equal(post->n, ++h->n);
	assert_true(str_eq(post->mid, id_of(h->w, h->i, life, post->n)));
	assert_int_equal(value_get_int(post->body, "n"), post->n);
}

static void check_ids(struct world *w, int i)
{
	struct store *store = w->home->store;
	const struct chat *chat = &w->chat[i];
	struct str name = name_of(w, i);

	for (uint32_t n = 1; n <= chat->n_posts; n += 1 + chat->n_posts / 8)
		assert_true(is_known(store, name, id_of(w, i, chat->life, n)));
	assert_false(is_known(store, name, id_of(w, i, chat->life, chat->n_posts + 1)));
	assert_false(is_known(store, name, id_of(w, i, chat->life - 1, 1)));
	if (chat->known)
		assert_true(is_known(store, name, known_id(w, i, chat->life, chat->known)));
	assert_false(is_known(store, name, known_id(w, i, chat->life, chat->known + 1)));
}

static void check_chat(struct world *w, int i)
{
	struct store *store = w->home->store;
	const struct chat *chat = &w->chat[i];
	struct hearing hearing = {w, i, 0};
	struct str name = name_of(w, i), bytes;

	assert_int_equal(store_load_session(store, name, w->home->arena, &bytes),
		chat->session ? STORE_OK : STORE_NONE);
	assert_true(!chat->session || str_eq(bytes, session_of(w, chat->session)));
	assert_int_equal(last_post_of(store, name), chat->n_posts);
	assert_int_equal(store_posts(store, name, 0, INT32_MAX, hear_post, &hearing), STORE_OK);
	assert_int_equal(hearing.n, chat->n_posts);
	if (chat->n_posts > 3) {
		hearing.n = chat->n_posts - 2;
		assert_int_equal(store_posts(store, name, 0, -2, hear_post, &hearing), STORE_OK);
		assert_int_equal(hearing.n, chat->n_posts);
	}
	check_ids(w, i);
}

struct list {
	struct world *w;
	int64_t at_ms;
	int n;
};

static int number_of(struct str name)
{
	int64_t i;
	size_t from = name.p[0] == 'p' ? 2 : 1;

	assert_true(str_int(str_sub(name, from, name.n), &i));
	return (int)i;
}

static void hear_due(void *self, struct str name, int64_t due_ms)
{
	struct list *list = self;

	assert_int_equal(due_ms, list->w->chat[number_of(name)].due_ms);
	assert_true(due_ms >= list->at_ms);
	list->at_ms = due_ms;
	list->n++;
}

static void check_due(struct world *w)
{
	struct list list = {.w = w};
	int64_t until_ms = 1 + below(w, 1000);
	int n = 0;

	for (int i = 0; i < n_chats; i++)
		n += w->chat[i].due_ms && w->chat[i].due_ms <= until_ms;
	assert_int_equal(store_due(w->home->store, until_ms, hear_due, &list), STORE_OK);
	assert_int_equal(list.n, n);
}

static void check_peer(struct world *w, int i)
{
	const struct chat *chat = &w->chat[i];
	struct store_peer peer;

	assert_int_equal(store_peer(w->home->store, name_of(w, i), w->home->arena, &peer),
		chat->heard ? STORE_OK : STORE_NONE);
	assert_int_equal(peer.heard_ms, chat->heard);
	assert_int_equal(peer.shown, chat->shown);
	assert_int_equal(peer.next_ms, chat->next_ms);
}

static void hear_peer(void *self, const struct store_peer *peer)
{
	struct list *list = self;

	assert_int_equal(peer->next_ms, list->w->chat[number_of(peer->conversation)].next_ms);
	assert_true(peer->next_ms >= list->at_ms);
	list->at_ms = peer->next_ms;
	list->n++;
}

static void check_peers(struct world *w)
{
	struct list list = {.w = w};
	int64_t until_ms = 1 + below(w, 1000), first = 0;
	int n = 0;

	for (int i = 0; i < n_peers; i++) {
		int64_t next_ms = w->chat[i].next_ms;

		n += next_ms && next_ms <= until_ms;
		if (next_ms && (!first || next_ms < first))
			first = next_ms;
		check_peer(w, i);
	}
	assert_int_equal(
		store_peers_due(w->home->store, S("p"), until_ms, 100, hear_peer, &list), STORE_OK);
	assert_int_equal(list.n, n);
	assert_int_equal(store_peers_next(w->home->store, S("p")), first);
}

static void check_sizes(struct world *w)
{
	int64_t n = 0, n_posts = 0;
	struct store_sizes sizes;

	for (int i = 0; i < n_chats; i++) {
		n += w->chat[i].session > 0;
		n_posts += w->chat[i].n_posts;
	}
	assert_int_equal(store_measure(w->home->store, &sizes), STORE_OK);
	assert_int_equal(sizes.conversations, n);
	assert_int_equal(sizes.posts, n_posts);
}

static void check(struct world *w)
{
	for (int i = 0; i < n_chats; i++)
		check_chat(w, i);
	check_due(w);
	check_peers(w);
}

/* --- a turn --- */

static void say(struct world *w, int i)
{
	struct value_builder b = value_build(w->home->arena);
	struct chat *chat = &w->chat[i];
	struct post post = {.n = ++chat->n_posts, .at_ms = 1, .who = POST_BUYER};

	post.mid = id_of(w, i, chat->life, post.n);
	value_put_int(&b, "n", post.n);
	if (below(w, 10) == 0)
		value_put_text(&b, "long", arena_printf(w->home->arena, "%*d", 9000, 1));
	post.body = value_record(&b);
	store_add_post(w->home->store, name_of(w, i), &post);
}

static int64_t some_time(struct world *w)
{
	return below(w, 3) ? 0 : 1 + below(w, 1000);
}

static void move_peer(struct world *w, int i)
{
	struct str name = name_of(w, i);
	struct chat *chat = &w->chat[i];
	struct store_peer peer = {.conversation = name,
		.account = S("p"),
		.peer = str_sub(name, 2, name.n),
		.heard_ms = chat->heard = w->step};

	store_hear_peer(w->home->store, &peer);
	peer.shown = chat->shown = below(w, 100);
	peer.next_ms = chat->next_ms = some_time(w);
	store_put_peer(w->home->store, &peer);
}

static void one_turn(struct world *w, int i)
{
	struct chat *chat = &w->chat[i];

	chat->session = w->step;
	chat->due_ms = some_time(w);
	store_save_session(
		w->home->store, name_of(w, i), session_of(w, w->step), w->step, chat->due_ms);
	for (unsigned n = below(w, 4); n > 0; n--)
		say(w, i);
	if (below(w, 8) == 0)
		store_know(w->home->store, name_of(w, i), known_id(w, i, chat->life, ++chat->known),
			1);
	if (i < n_peers && below(w, 3))
		move_peer(w, i);
}

/* Some are talked in often, most now and then. */
static void turns(struct world *w)
{
	begin(w->home);
	for (unsigned n = below(w, 5); n > 0; n--)
		one_turn(w, (int)below(w, below(w, 2) ? 5 : n_chats));
	if (below(w, 12) == 0)
		store_add_note(w->home->store, S("note"), w->step, S("c1"), NULL);
}

/* --- commits --- */

static void end_last(struct world *w)
{
	enum store_status status;

	if (!w->is_under_way)
		return;
	status = store_commit_end(w->home->store);
	w->is_under_way = false;
	if (w->fails)
		assert_int_not_equal(status, STORE_OK);
	else
		assert_int_equal(status, STORE_OK);
	was_refused();
}

static void keep(struct world *w, struct chat *to)
{
	memcpy(to, w->chat, sizeof(w->chat));
}

static void take_back(struct world *w, const struct chat *from)
{
	memcpy(w->chat, from, sizeof(w->chat));
}

/* What is refused fails, unless nothing is written there.  All of it may be found after a kill all
 * the same; not when something was committed after it. */
static void commit_refused(struct world *w, const struct chat *before)
{
	enum store_status status;

	refuse(below(w, 4) ? FAULT_TURNS : FAULT_TABLES, below(w, 2) ? OP_SYNC : OP_WRITE);
	status = store_commit(w->home->store);
	refuse(FAULT_NONE, OP_WRITE);
	if (status == STORE_OK)
		return;
	take_back(w, before);
	begin(w->home);
	one_turn(w, (int)below(w, n_chats));
	commit(w->home);
}

/* The one before it, if it is under way, ends while this one is open. */
static void commit_somehow(struct world *w)
{
	struct chat before[n_chats];
	bool was_lost = w->is_under_way && w->fails;

	keep(w, before);
	turns(w);
	end_last(w);
	if (was_lost) {
		store_rollback(w->home->store);
		take_back(w, w->before);
		return;
	}
	switch (below(w, 8)) {
	case 0:
		store_rollback(w->home->store);
		take_back(w, before);
		break;
	case 1:
		commit_refused(w, before);
		break;
	case 2:
	case 3:
	case 4:
		memcpy(w->before, before, sizeof(before));
		store_commit_begin(w->home->store, NULL, NULL);
		w->is_under_way = true;
		w->fails = false;
		break;
	default:
		commit(w->home);
	}
}

/* A conversation that cannot be read fails its commit; often none has to be. */
static void commit_unread(struct world *w)
{
	struct chat before[n_chats];

	end_last(w);
	keep(w, before);
	refuse(FAULT_TABLES, OP_READ);
	turns(w);
	if (store_commit(w->home->store) != STORE_OK)
		take_back(w, before);
	refuse(FAULT_NONE, OP_READ);
}

/* One that fails while the next is written. */
static void commit_in_vain(struct world *w)
{
	end_last(w);
	keep(w, w->before);
	begin(w->home);
	one_turn(w, (int)below(w, n_chats));
	refuse(FAULT_TURNS, below(w, 2) ? OP_SYNC : OP_WRITE);
	store_commit_begin(w->home->store, NULL, NULL);
	w->is_under_way = true;
	/* After a round of folding that may be there although it failed it goes to the tables. */
	w->fails = !store_commit_is_over(w->home->store) || !is_armed();
	if (!w->fails)
		refuse(FAULT_NONE, OP_WRITE);
}

/* --- everything else --- */

static void fold_some(struct world *w)
{
	size_t left;

	end_last(w);
	if (below(w, 4) == 0)
		refuse(FAULT_TABLES, below(w, 2) ? OP_SYNC : OP_WRITE);
	if (store_fold(w->home->store, 1 + below(w, 60), &left) == STORE_OK)
		assert_int_equal(left, store_journal(w->home->store));
	refuse(FAULT_NONE, OP_WRITE);
}

static void forget_chat(struct world *w, int i)
{
	w->chat[i] = (struct chat){.life = w->chat[i].life + 1};
}

static void forget_one(struct world *w)
{
	int i = (int)below(w, n_chats);

	end_last(w);
	assert_int_equal(store_forget(w->home->store, name_of(w, i)), STORE_OK);
	forget_chat(w, i);
}

static bool is_gone(struct world *w, int i)
{
	struct str bytes;

	return w->chat[i].session && store_load_session(w->home->store, name_of(w, i),
					     w->home->arena, &bytes) == STORE_NONE;
}

static bool may_be_gone(const struct world *w, int i, const struct store_idle *idle)
{
	const struct chat *chat = &w->chat[i];

	return chat->session < idle->before && chat->due_ms <= idle->now_ms && !chat->next_ms &&
	       chat->heard < idle->before * 1000;
}

/* Who is idle may be forgotten, nobody else. */
static void expire(struct world *w)
{
	struct store_idle idle = {.before = w->step - 200,
		.now_ms = some_time(w),
		.most = 1 + below(w, 20),
		.may_go = lets_go};
	size_t n_gone = 0;

	end_last(w);
	assert_int_equal(store_expire(w->home->store, 0), STORE_OK);
	for (unsigned i = below(w, 6); i > 0 && !idle.is_over; i--)
		assert_int_equal(store_remove_idle(w->home->store, &idle), STORE_OK);
	for (int i = 0; i < n_chats; i++) {
		n_gone += is_gone(w, i);
		if (is_gone(w, i)) {
			assert_true(may_be_gone(w, i, &idle));
			forget_chat(w, i);
		}
	}
	assert_int_equal(n_gone, idle.n_gone);
	if (below(w, 2))
		assert_int_equal(store_clean(w->home->store), STORE_OK);
}

static void look_at_copy(struct world *w)
{
	struct home copy, *own = w->home;

	end_last(w);
	check_sizes(w); /* nothing is under way */
	open_copy(own, &copy);
	w->home = &copy;
	check(w);
	check_sizes(w);
	w->home = own;
	close_copy(&copy);
}

static void forget_what_was_written(void)
{
	pthread_mutex_lock(&disk.lock);
	for (size_t i = 0; i < disk.n_ops; i++)
		free(disk.op[i].bytes);
	disk.n_ops = 0;
	pthread_mutex_unlock(&disk.lock);
}

static void close_and_open(struct world *w)
{
	end_last(w);
	store_close(w->home->store);
	forget_disk();
	open_store(w->home);
}

/* The journal's files are emptied some steps further: of what is there now, or was before. */
static void clear_aside(struct world *w)
{
	int64_t mark = store_mark(w->home->store) - below(w, 40);
	bool is_clear = false;

	for (unsigned i = below(w, 8); i > 0 && !is_clear; i--) {
		enum store_status status = store_clear_aside(w->home->store, mark, &is_clear);

		(void)status;
		if (below(w, 2))
			usleep(300);
	}
}

/* How it went is told by the next, or by none. */
static void fold_aside(struct world *w)
{
	enum store_status status = store_fold_aside(
		w->home->store, below(w, 2) ? FOLD_ALL : FOLD_OLDER, 1 + below(w, 60));

	(void)status;
}

static void one_step(struct world *w)
{
	unsigned what = below(w, 100);

	w->step++;
	if (w->is_under_way && w->fails)
		commit_somehow(w);
	else if (what < 60)
		commit_somehow(w);
	else if (what < 64)
		commit_in_vain(w);
	else if (what < 68)
		commit_unread(w);
	else if (what < 75)
		fold_aside(w);
	else if (what < 78)
		clear_aside(w);
	else if (what < 88)
		fold_some(w);
	else if (what < 92)
		forget_one(w);
	else if (what < 96)
		expire(w);
	else if (what < 98)
		look_at_copy(w);
	else
		close_and_open(w);
	if (!(w->is_under_way && w->fails) && below(w, 4) == 0)
		check(w);
	forget_what_was_written();
	arena_reset(w->home->arena);
}

static void store__says_what_a_plain_list_says__whatever_happened(void **state)
{
	static struct world world;
	struct world *w = &world;
	unsigned steps = setting("TENSTEP_STEPS", 600);

	w->home = *state;
	w->chance = setting("TENSTEP_SEED", 1);
	for (int i = 0; i < n_chats; i++)
		w->chat[i].life = 1;
	store_close(w->home->store);
	snprintf(disk.folder, sizeof(disk.folder), "%s", w->home->folder);
	disk.on = true;
	open_store(w->home);
	for (unsigned i = 0; i < steps; i++)
		one_step(w);
	close_and_open(w);
	disk.on = false;
	printf("%u steps\n", steps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(store__says_what_a_plain_list_says__whatever_happened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
