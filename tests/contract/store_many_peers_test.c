/* Many peers, of which a store has some in memory and some in its tables: whatever was folded,
 * rolled back, forgotten, or found again when it is opened, they stand as a plain list of them
 * says, and the same ones are due. */
#include "tests/contract/store_home.h"

#include <sys/stat.h>

#include "adapters/store/store_peers.h"

enum { n_peers = 9000, most_due = 20, ops = 1500 };

struct model {
	bool there;
	int64_t heard_ms, next_ms, tries, shown;
	char name[16];
};

static struct model model[n_peers], before[n_peers];

static unsigned chance = 2026;

static unsigned below(unsigned n)
{
	chance = chance * 1103515245u + 12345u;
	return chance / 65536 % n;
}

static struct str account_of(size_t i)
{
	return i % 2 ? S("b") : S("a");
}

static void name_peers(void)
{
	memset(model, 0, sizeof(model));
	for (size_t i = 0; i < n_peers; i++)
		snprintf(model[i].name, sizeof(model[i].name), "%c:%zu", i % 2 ? 'b' : 'a', i);
}

/* What one turn may do. */

static void hear(struct home *home, struct model *m)
{
	int64_t at_ms = 1 + below(1000);

	store_hear_peer(home->store, &(struct store_peer){.conversation = str_of(m->name),
					     .account = account_of((size_t)(m - model)),
					     .peer = str_sub(str_of(m->name), 2, 16),
					     .heard_ms = at_ms});
	m->there = true;
	if (at_ms > m->heard_ms)
		m->heard_ms = at_ms;
}

static void wake(struct home *home, struct model *m)
{
	int64_t at_ms = 1 + below(3000);

	store_wake_peer(home->store, str_of(m->name), at_ms);
	if (m->there && (!m->next_ms || (m->next_ms > at_ms && !m->tries)))
		m->next_ms = at_ms;
}

static void put(struct home *home, struct model *m)
{
	struct store_peer peer = {.conversation = str_of(m->name),
		.next_ms = below(3) ? 0 : 1 + below(3000),
		.tries = below(4) == 0,
		.shown = below(1000)};

	store_put_peer(home->store, &peer);
	if (!m->there)
		return;
	m->next_ms = peer.next_ms;
	m->tries = peer.tries;
	m->shown = peer.shown;
}

static void change_some(struct home *home, unsigned n)
{
	while (n--) {
		struct model *m = &model[below(n_peers)];
		unsigned what = below(3);

		if (what == 0)
			hear(home, m);
		else if (what == 1)
			wake(home, m);
		else
			put(home, m);
	}
}

/* What must be seen. */

static void check_peer(struct home *home, const struct model *m)
{
	struct store_peer peer;
	enum store_status status = store_peer(home->store, str_of(m->name), home->arena, &peer);

	assert_int_equal(status, m->there ? STORE_OK : STORE_NONE);
	assert_int_equal(peer.heard_ms, m->heard_ms);
	assert_int_equal(peer.next_ms, m->next_ms);
	assert_int_equal(peer.tries, m->tries);
	assert_int_equal(peer.shown, m->shown);
}

static int soonest_first(const void *a, const void *b)
{
	const struct model *x = *(const struct model *const *)a,
			   *y = *(const struct model *const *)b;

	if (x->next_ms != y->next_ms)
		return x->next_ms < y->next_ms ? -1 : 1;
	return strcmp(x->name, y->name);
}

struct expected {
	const struct model *due[n_peers];
	size_t n, seen;
};

static void expect(struct expected *expected, size_t account)
{
	expected->n = expected->seen = 0;
	for (size_t i = account; i < n_peers; i += 2)
		if (model[i].next_ms)
			expected->due[expected->n++] = &model[i];
	qsort(expected->due, expected->n, sizeof(expected->due[0]), soonest_first);
}

static void see_due(void *self, const struct store_peer *peer)
{
	struct expected *expected = self;

	assert_true(expected->seen < expected->n);
	assert_true(str_is(peer->conversation, expected->due[expected->seen]->name));
	assert_int_equal(peer->next_ms, expected->due[expected->seen++]->next_ms);
}

static void check_due(struct home *home, size_t account)
{
	static struct expected expected;
	int64_t until_ms = below(2) ? below(300) : below(3300);
	size_t n = 0;

	expect(&expected, account);
	while (n < expected.n && n < most_due && expected.due[n]->next_ms <= until_ms)
		n++;
	assert_int_equal(store_peers_due(home->store, account_of(account), until_ms, most_due,
				 see_due, &expected),
		STORE_OK);
	assert_int_equal(expected.seen, n);
	assert_int_equal(store_peers_next(home->store, account_of(account)),
		expected.n ? expected.due[0]->next_ms : 0);
}

static void check_some(struct home *home)
{
	for (unsigned i = 0; i < 10; i++)
		check_peer(home, &model[below(n_peers)]);
	check_due(home, below(2));
	arena_reset(home->arena);
}

static void check_all(struct home *home)
{
	struct store_account counts;
	int64_t there = 0, waiting = 0;

	for (size_t i = 0; i < n_peers; i += 2) {
		there += model[i].there;
		waiting += model[i].next_ms > 0;
	}
	assert_int_equal(store_account(home->store, S("a"), &counts), STORE_OK);
	assert_int_equal(counts.peers, there);
	assert_int_equal(counts.waiting, waiting);
	for (size_t i = 0; i < n_peers; i++, arena_reset(home->arena))
		check_peer(home, &model[i]);
}

/* What may happen between. */

static void check_copy(const struct home *home)
{
	struct home copy;

	open_copy(home, &copy);
	for (unsigned i = 0; i < 5; i++)
		check_some(&copy);
	check_all(&copy);
	close_copy(&copy);
}

static void do_turn(struct home *home)
{
	bool back = below(8) == 0;

	memcpy(before, model, sizeof(model));
	begin(home);
	change_some(home, 1 + below(40));
	if (below(6) == 0)
		store_add_note(home->store, S("n"), 1, S("c"), NULL); /* then in the tables */
	check_some(home);
	if (!back) {
		commit(home);
		return;
	}
	store_rollback(home->store);
	memcpy(model, before, sizeof(model));
}

static void do_something(struct home *home)
{
	struct model *m = &model[below(n_peers)];

	switch (below(40)) {
	case 0:
		(void)fold(home, 1 + below(2000));
		break;
	case 1:
	case 2:
	case 3:
	case 4:
		assert_int_equal(store_fold_aside(home->store, below(2) ? FOLD_ALL : FOLD_OLDER,
					 1 + below(500)),
			STORE_OK);
		break;
	case 5:
		if (below(10) == 0) {
			assert_int_equal(store_forget(home->store, str_of(m->name)), STORE_OK);
			*m = before[m - model];
			m->there = false;
			m->heard_ms = m->next_ms = m->tries = m->shown = 0;
		}
		break;
	case 6:
		if (below(20) == 0)
			reopen(home);
		break;
	case 7:
		if (below(30) == 0)
			check_copy(home);
		break;
	}
}

static void peers__in_memory_or_in_tables__stand_as_they_were_written(void **state)
{
	struct home *home = *state;

	name_peers();
	begin(home);
	for (size_t i = 0; i < n_peers; i++) {
		hear(home, &model[i]);
		if (i % 3)
			wake(home, &model[i]);
	}
	commit(home);
	while (fold(home, 1000))
		;
	for (unsigned i = 0; i < ops; i++) {
		do_turn(home);
		do_something(home);
		check_some(home);
	}
	check_all(home);
	check_copy(home);
	reopen(home);
	check_all(home);
}

/* The files hold each change; they are begun anew when what is in them is folded, also when that
 * is quick. */
static void files__stay_small__when_all_is_folded_in_time(void **state)
{
	struct home *home = *state;
	struct stat about;
	char path[128];

	name_peers();
	for (unsigned i = 0; i < 900; i++) {
		begin(home);
		for (size_t k = 0; k < 200; k++)
			hear(home, &model[k]), put(home, &model[k]);
		commit(home);
		assert_int_equal(fold(home, 1000), 0);
	}
	for (size_t i = 2; i < n_suffixes; i++) {
		snprintf(path, sizeof(path), "%s%s", home->path, store_suffix[i]);
		assert_int_equal(stat(path, &about), 0);
		assert_true(about.st_size < 12 << 20); /* of 27 MB that were written */
	}
}

/* A file with rows of peers that are not folded counts, though no conversation needs it. */
static void files__are_not_begun_anew__before_the_peers_are_folded(void **state)
{
	struct home *home = *state;

	name_peers();
	for (unsigned i = 0; i < 3; i++) {
		begin(home);
		for (size_t k = 0; k < n_peers; k++)
			hear(home, &model[k]);
		store_save_session(home->store, S("c"), S("s"), 1, 0);
		commit(home);
		(void)fold(home, 10);
	}
	for (unsigned i = 0; i < 3; i++)
		assert_true(fold(home, 10) > 1000);
	check_copy(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(peers__in_memory_or_in_tables__stand_as_they_were_written),
		T(files__stay_small__when_all_is_folded_in_time),
		T(files__are_not_begun_anew__before_the_peers_are_folded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
