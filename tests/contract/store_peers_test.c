/* Conversations on messaging platforms: what every kind of store keeps of them. */
#include "tests/contract/store_killed.h"

#include "adapters/store/store_peers.h"

static void hear(struct home *home, const char *conversation, int64_t at_ms, const char *ticket)
{
	struct str rest = str_of(conversation), account = str_cut(&rest, ':');

	store_hear_peer(home->store, &(struct store_peer){
					     .conversation = str_of(conversation),
					     .account = account,
					     .peer = rest,
					     .ticket = str_of(ticket),
					     .heard_ms = at_ms,
				     });
}

static struct store_peer peer_of(struct home *home, const char *conversation)
{
	struct store_peer peer;

	assert_int_equal(
		store_peer(home->store, str_of(conversation), home->arena, &peer), STORE_OK);
	return peer;
}

static void peer__is_made_once__and_keeps_its_newest_ticket(void **state)
{
	struct home *home = *state;
	struct store_peer peer;

	assert_int_equal(store_peer(home->store, S("a:1"), home->arena, &peer), STORE_NONE);
	begin(home);
	hear(home, "a:1", 100, "first");
	hear(home, "a:1", 200, "");
	commit(home);
	reopen(home);
	peer = peer_of(home, "a:1");
	assert_true(str_is(peer.account, "a") && str_is(peer.peer, "1"));
	assert_true(str_is(peer.ticket, "first"));
	assert_int_equal(peer.ticket_ms, 100);
	assert_int_equal(peer.heard_ms, 200);
	assert_int_equal(peer.shown + peer.part + peer.next_ms + peer.tries + peer.claimed, 0);
	begin(home);
	hear(home, "a:1", 300, "second");
	hear(home, "a:1", 250, ""); /* later, and older */
	commit(home);
	peer = peer_of(home, "a:1");
	assert_true(str_is(peer.ticket, "second"));
	assert_int_equal(peer.ticket_ms, 300);
	assert_int_equal(peer.heard_ms, 300);
}

static void peer__keeps__how_the_sending_stands(void **state)
{
	struct home *home = *state;
	struct store_peer peer, back;

	begin(home);
	hear(home, "a:1", 100, "");
	commit(home);
	peer = peer_of(home, "a:1");
	peer.shown = 7, peer.part = 2, peer.next_ms = 500, peer.since_ms = 400, peer.tries = 3;
	peer.unclear = 1, peer.sent_ms = 450, peer.claimed = true, peer.owner = 1;
	peer.error = S("429");
	begin(home);
	store_put_peer(home->store, &peer);
	commit(home);
	reopen(home);
	back = peer_of(home, "a:1");
	assert_int_equal(back.shown, 7);
	assert_int_equal(back.part, 2);
	assert_int_equal(back.next_ms, 500);
	assert_int_equal(back.since_ms, 400);
	assert_int_equal(back.tries, 3);
	assert_int_equal(back.unclear, 1);
	assert_int_equal(back.sent_ms, 450);
	assert_true(back.claimed);
	assert_int_equal(back.owner, 1);
	assert_true(str_is(back.error, "429"));
}

static void wake__brings_forward__only_what_has_not_been_tried(void **state)
{
	struct home *home = *state;
	struct store_peer peer;

	begin(home);
	hear(home, "a:1", 100, "");
	store_wake_peer(home->store, S("a:1"), 1000);
	store_wake_peer(home->store, S("a:1"), 2000);
	store_wake_peer(home->store, S("a:none"), 1);
	commit(home);
	assert_int_equal(peer_of(home, "a:1").next_ms, 1000);
	begin(home);
	store_wake_peer(home->store, S("a:1"), 900);
	commit(home);
	peer = peer_of(home, "a:1");
	assert_int_equal(peer.next_ms, 900);
	peer.tries = 1, peer.next_ms = 5000;
	begin(home);
	store_put_peer(home->store, &peer);
	store_wake_peer(home->store, S("a:1"), 950);
	commit(home);
	assert_int_equal(peer_of(home, "a:1").next_ms, 5000); /* it backs off */
	peer.tries = 0, peer.claimed = true;
	begin(home);
	store_put_peer(home->store, &peer);
	store_wake_peer(home->store, S("a:1"), 950);
	commit(home);
	assert_int_equal(peer_of(home, "a:1").next_ms, 5000); /* it is under way */
}

struct listed {
	char names[200];
};

static void list(void *self, const struct store_peer *peer)
{
	struct listed *l = self;
	size_t n = strlen(l->names);

	snprintf(l->names + n, sizeof(l->names) - n, "%.*s ", STR(peer->conversation));
}

static void due__lists__one_account_soonest_first(void **state)
{
	static const struct {
		const char *name;
		int64_t at_ms;
	} row[] = {{"a:3", 300}, {"a:1", 100}, {"b:1", 50}, {"a:2", 200}, {"a:4", 400}};
	struct home *home = *state;
	struct listed listed = {""};

	begin(home);
	for (size_t i = 0; i < 5; i++) {
		hear(home, row[i].name, 1, "");
		store_wake_peer(home->store, str_of(row[i].name), row[i].at_ms);
	}
	hear(home, "a:quiet", 1, "");
	commit(home);
	assert_int_equal(store_peers_due(home->store, S("a"), 300, 10, list, &listed), STORE_OK);
	assert_string_equal(listed.names, "a:1 a:2 a:3 ");
	listed.names[0] = '\0';
	assert_int_equal(store_peers_due(home->store, S("a"), 999, 2, list, &listed), STORE_OK);
	assert_string_equal(listed.names, "a:1 a:2 ");
	assert_int_equal(store_peers_next(home->store, S("a")), 100);
	assert_int_equal(store_peers_next(home->store, S("b")), 50);
	assert_int_equal(store_peers_next(home->store, S("none")), 0);
}

static void release__makes_due__what_was_on_its_way(void **state)
{
	struct home *home = *state;
	struct store_peer peer;

	begin(home);
	hear(home, "a:1", 1, "");
	hear(home, "a:2", 1, "");
	commit(home);
	peer = peer_of(home, "a:1");
	peer.claimed = true, peer.next_ms = 9000;
	begin(home);
	store_put_peer(home->store, &peer);
	store_wake_peer(home->store, S("a:2"), 8000);
	commit(home);
	assert_int_equal(store_release_claims(home->store, S("a"), 10), STORE_OK);
	assert_int_equal(peer_of(home, "a:1").next_ms, 10);
	assert_int_equal(peer_of(home, "a:2").next_ms, 8000);
}

static void hasten__makes_due_sooner__who_waits_beyond_a_time(void **state)
{
	struct home *home = *state;

	begin(home);
	for (int i = 1; i <= 4; i++)
		hear(home, i == 1 ? "a:1" : i == 2 ? "a:2" : i == 3 ? "a:3" : "b:1", 1, "");
	store_wake_peer(home->store, S("a:1"), 900);
	store_wake_peer(home->store, S("a:2"), 1500);
	store_wake_peer(home->store, S("a:3"), 9000);
	store_wake_peer(home->store, S("b:1"), 9000);
	commit(home);
	assert_int_equal(store_hasten_peers(home->store, S("a"), 1000, 7000, 1100), STORE_OK);
	assert_int_equal(peer_of(home, "a:1").next_ms, 900);
	assert_int_equal(peer_of(home, "a:2").next_ms, 1100);
	assert_int_equal(peer_of(home, "a:3").next_ms, 2000);
	assert_int_equal(peer_of(home, "b:1").next_ms, 9000);
	assert_int_equal(store_peers_next(home->store, S("a")), 900);
}

static void move_tries__moves__since_when_is_tried(void **state)
{
	static const char *const name[] = {"a:1", "a:2", "a:3", "b:1"};
	static const int64_t since_ms[] = {5000, 0, 100, 5000}, moved_ms[] = {4000, 0, 1, 5000};
	struct home *home = *state;

	begin(home);
	for (size_t i = 0; i < 4; i++)
		hear(home, name[i], 1, "");
	commit(home);
	begin(home);
	for (size_t i = 0; i < 4; i++) {
		struct store_peer peer = peer_of(home, name[i]);

		peer.next_ms = 9000;
		peer.since_ms = since_ms[i];
		store_put_peer(home->store, &peer);
	}
	commit(home);
	assert_int_equal(store_move_tries(home->store, S("a"), -1000), STORE_OK);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(peer_of(home, name[i]).since_ms, moved_ms[i]);
	assert_int_equal(store_peers_next(home->store, S("a")), 9000);
}

static void count_letter(void *self, const struct store_dead_letter *letter)
{
	int *n = self;

	assert_true(str_is(letter->why, "blocked") && letter->post == 5 && letter->at_ms == 77);
	++*n;
}

static void dead_letter__is_counted__until_its_time_is_over(void **state)
{
	struct home *home = *state;
	struct store_dead_letter letter = {.conversation = S("a:1"),
		.account = S("a"),
		.post = 5,
		.at_ms = 77,
		.why = S("blocked")};
	struct store_account counts;
	int n = 0;

	begin(home);
	hear(home, "a:1", 1, "");
	hear(home, "b:1", 1, "");
	store_wake_peer(home->store, S("a:1"), 10);
	store_add_dead_letter(home->store, &letter);
	commit(home);
	assert_int_equal(store_account(home->store, S("a"), &counts), STORE_OK);
	assert_int_equal(counts.peers, 1);
	assert_int_equal(counts.waiting, 1);
	assert_int_equal(counts.dead, 1);
	assert_int_equal(store_dead_letters(home->store, S(""), count_letter, &n), STORE_OK);
	assert_int_equal(store_dead_letters(home->store, S("b"), count_letter, &n), STORE_OK);
	assert_int_equal(n, 1);
	assert_int_equal(store_expire(home->store, 78), STORE_OK);
	assert_int_equal(store_account(home->store, S("a"), &counts), STORE_OK);
	assert_int_equal(counts.dead, 0);
}

static void picture__is_known__by_account_and_digest__until_its_time_is_over(void **state)
{
	struct home *home = *state;
	struct store_picture put = {.account = S("a"),
		.digest = S("abc"),
		.url = S("https://p.example/1"),
		.width = 3,
		.height = 4,
		.at_ms = 77};
	struct store_picture got;

	begin(home);
	store_put_picture(home->store, &put);
	put.url = S("https://p.example/2");
	store_put_picture(home->store, &put);
	commit(home);
	assert_int_equal(store_picture(home->store, S("a"), S("abc"), home->arena, &got), STORE_OK);
	assert_true(str_is(got.url, "https://p.example/2"));
	assert_true(got.width == 3 && got.height == 4 && got.at_ms == 77);
	assert_int_equal(
		store_picture(home->store, S("b"), S("abc"), home->arena, &got), STORE_NONE);
	assert_int_equal(
		store_picture(home->store, S("a"), S("abd"), home->arena, &got), STORE_NONE);
	assert_int_equal(store_expire(home->store, 77), STORE_OK);
	assert_int_equal(store_picture(home->store, S("a"), S("abc"), home->arena, &got), STORE_OK);
	assert_int_equal(store_expire(home->store, 78), STORE_OK);
	assert_int_equal(
		store_picture(home->store, S("a"), S("abc"), home->arena, &got), STORE_NONE);
}

static void forget__takes__the_peer_with_it(void **state)
{
	struct home *home = *state;
	struct store_peer peer = {.conversation = S("a:1")};
	struct store_account counts;

	begin(home);
	hear(home, "a:1", 1, "CANARYticket");
	store_add_dead_letter(home->store,
		&(struct store_dead_letter){
			.conversation = S("a:1"), .account = S("a"), .why = S("CANARYwhy")});
	commit(home);
	assert_int_equal(store_forget(home->store, S("a:1")), STORE_OK);
	begin(home);
	store_put_peer(home->store, &peer); /* of a request that was under way */
	commit(home);
	assert_int_equal(store_peer(home->store, S("a:1"), home->arena, &peer), STORE_NONE);
	assert_int_equal(store_account(home->store, S("a"), &counts), STORE_OK);
	assert_int_equal(counts.peers + counts.dead, 0);
}

static void turn_at(struct home *home, const char *conversation, int64_t now_s)
{
	begin(home);
	store_save_session(home->store, str_of(conversation), S("s"), now_s, 0);
	hear(home, conversation, now_s * 1000, "CANARYticket");
	store_wake_peer(home->store, str_of(conversation), now_s * 1000);
	commit(home);
}

/* Folded or not. */
static void forget__of_a_turn_with_a_peer__leaves_no_byte(void **state)
{
	struct home *home = *state;
	struct store_peer peer;

	for (int folded = 0; folded < 2; folded++) {
		turn_at(home, "a:1", 1);
		assert_int_equal(store_journal(home->store), 2);
		assert_true(in_file_or_log(home, "CANARYticket"));
		if (folded)
			assert_int_equal(fold(home, 10), 0);
		assert_int_equal(store_forget(home->store, S("a:1")), STORE_OK);
		assert_false(in_file_or_log(home, "CANARYticket"));
		assert_int_equal(store_peers_next(home->store, S("a")), 0);
		reopen(home);
		assert_int_equal(store_peer(home->store, S("a:1"), home->arena, &peer), STORE_NONE);
	}
}

/* The peer's newest row is newer than the session's, and stands in the journal's files still. */
static void expire__of_an_idle_conversation__takes_the_peer_for_good(void **state)
{
	enum { day = 86400 };
	struct home *home = *state, copy;
	struct store_peer peer;

	turn_at(home, "a:1", 10 * day);
	assert_int_equal(store_forget(home->store, S("nobody")), STORE_OK); /* with the files */
	begin(home);
	hear(home, "a:1", 11, "");
	hear(home, "a:2", 11, "");
	store_wake_peer(home->store, S("a:1"), 5);
	commit(home);
	(void)remove_idle(home, 12 * day);
	assert_int_equal(peer_of(home, "a:1").next_ms, 5); /* it was here just now */
	assert_int_equal(fold(home, 10), 0);
	(void)remove_idle(home, 12 * day);
	peer = peer_of(home, "a:1"); /* something waits to be sent */
	begin(home);
	peer.next_ms = 0;
	store_put_peer(home->store, &peer);
	commit(home);
	assert_int_equal(fold(home, 10), 0);
	(void)remove_idle(home, 12 * day);
	assert_int_equal(store_peers_next(home->store, S("a")), 0);
	open_copy(home, &copy);
	assert_int_equal(store_peer(copy.store, S("a:1"), home->arena, &peer), STORE_NONE);
	(void)peer_of(&copy, "a:2");
	close_copy(&copy);
}

/* Else each look at what may not leave yet would be a commit. */
static void put__of_what_stands_already__writes_nothing(void **state)
{
	struct home *home = *state;
	struct store_peer peer;

	begin(home);
	hear(home, "a:1", 100, "t");
	commit(home);
	assert_int_equal(fold(home, 10), 0);
	peer = peer_of(home, "a:1");
	begin(home);
	store_put_peer(home->store, &peer);
	hear(home, "a:1", 90, "");
	commit(home);
	assert_int_equal(store_journal(home->store), 0);
}

static void rollback__leaves__peers_as_they_were(void **state)
{
	struct home *home = *state;
	struct store_peer peer;

	begin(home);
	hear(home, "a:1", 100, "t");
	store_wake_peer(home->store, S("a:1"), 7);
	commit(home);
	begin(home);
	hear(home, "a:1", 200, "");
	store_wake_peer(home->store, S("a:1"), 3);
	hear(home, "a:new", 200, "");
	store_wake_peer(home->store, S("a:new"), 1);
	assert_int_equal(store_peers_next(home->store, S("a")), 1);
	store_rollback(home->store);
	assert_int_equal(peer_of(home, "a:1").heard_ms, 100);
	assert_int_equal(store_peers_next(home->store, S("a")), 7);
	assert_int_equal(store_peer(home->store, S("a:new"), home->arena, &peer), STORE_NONE);
}

/* --- kills --- */

/* A child plays the turn and the sending: it marks the peer due, commits; adds a post, commits;
 * claims it, commits; tells that it sends; marks it shown, commits.  Whenever it is killed: what
 * was said is either shown, or the peer is due; what was told to be sent was claimed before. */
enum { rounds = 40 };

static void one_post(struct store *store, uint32_t n)
{
	struct arena *arena = arena_new(1 << 16);
	struct value_builder b = value_build(arena);
	struct post post = {.n = n, .at_ms = n, .who = POST_BOT};

	value_put_text(&b, "text", S("said"));
	post.body = value_record(&b);
	store_add_post(store, S("a:1"), &post);
	arena_free(arena);
}

static void step(struct store *store, void (*write)(struct store *store, struct store_peer *peer),
	struct store_peer *peer)
{
	if (store_begin(store) != STORE_OK)
		_exit(3);
	write(store, peer);
	if (store_commit(store) != STORE_OK)
		_exit(4);
}

static void mark(struct store *store, struct store_peer *peer)
{
	(void)peer;
	store_hear_peer(store, &(struct store_peer){.conversation = S("a:1"),
				       .account = S("a"),
				       .peer = S("1"),
				       .heard_ms = 1});
	store_wake_peer(store, S("a:1"), 1);
}

static void speak(struct store *store, struct store_peer *peer)
{
	(void)peer;
	one_post(store, last_post_of(store, S("a:1")) + 1);
}

static void put(struct store *store, struct store_peer *peer)
{
	store_put_peer(store, peer);
}

static void child_works(const char *path, int64_t begin_at, int pipe_end)
{
	struct arena *arena = arena_new(1 << 16);
	struct store_peer peer;
	struct store *store;
	struct buf error;

	(void)begin_at;
	buf_init(&error, 1000);
	if (store_open(path, &store, &error) != STORE_OK)
		_exit(2);
	for (;; arena_reset(arena)) {
		int64_t n;

		step(store, mark, &peer);
		step(store, speak, &peer);
		if (store_peer(store, S("a:1"), arena, &peer) != STORE_OK)
			_exit(5);
		n = last_post_of(store, S("a:1"));
		peer.claimed = true, peer.next_ms = 100, peer.tries++;
		step(store, put, &peer);
		if (write(pipe_end, &n, sizeof(n)) != sizeof(n))
			_exit(6);
		peer.claimed = false, peer.next_ms = 0, peer.tries = 0, peer.shown = n;
		step(store, put, &peer);
	}
}

static void kill__at_any_moment__leaves_no_post_that_nobody_sends(void **state)
{
	struct home *home = *state;
	unsigned random = 99;

	store_close(home->store);
	home->store = NULL;
	for (int round = 0; round < rounds; round++) {
		struct store_peer peer;
		int64_t sent, last;

		random = random * 1103515245u + 12345u;
		sent = store_kill_at_work(child_works, home->path, 1, random / 65536 % 5000);
		open_store(home);
		peer = peer_of(home, "a:1");
		last = last_post_of(home->store, S("a:1"));
		assert_true(last == peer.shown || last == peer.shown + 1);
		if (last > peer.shown)
			assert_true(peer.next_ms > 0);
		if (sent > peer.shown) /* it left, and is known to have left */
			assert_true(peer.claimed && peer.tries > 0);
		if (peer.claimed) /* the next child begins with nothing under way */
			peer.claimed = false;
		peer.shown = last, peer.next_ms = 0, peer.tries = 0;
		begin(home);
		store_put_peer(home->store, &peer);
		commit(home);
		store_close(home->store);
		home->store = NULL;
		arena_reset(home->arena);
	}
	open_store(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(peer__is_made_once__and_keeps_its_newest_ticket),
		T(peer__keeps__how_the_sending_stands),
		T(wake__brings_forward__only_what_has_not_been_tried),
		T(due__lists__one_account_soonest_first),
		T(release__makes_due__what_was_on_its_way),
		T(hasten__makes_due_sooner__who_waits_beyond_a_time),
		T(move_tries__moves__since_when_is_tried),
		T(dead_letter__is_counted__until_its_time_is_over),
		T(picture__is_known__by_account_and_digest__until_its_time_is_over),
		T(forget__takes__the_peer_with_it),
		T(forget__of_a_turn_with_a_peer__leaves_no_byte),
		T(expire__of_an_idle_conversation__takes_the_peer_for_good),
		T(put__of_what_stands_already__writes_nothing),
		T(rollback__leaves__peers_as_they_were),
		T(kill__at_any_moment__leaves_no_post_that_nobody_sends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
