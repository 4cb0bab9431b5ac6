/* What every kind of store keeps to.  The functions under test are those of store.h only. */
#include "tests/contract/store_killed.h"

#include "adapters/store/sqlite/sqlite.h"

/* Sessions */

static void session__unknown__is_none(void **state)
{
	struct home *home = *state;
	struct str bytes = S("x");

	assert_int_equal(
		store_load_session(home->store, S("nobody"), home->arena, &bytes), STORE_NONE);
	assert_int_equal(bytes.n, 0);
}

static void session__comes_back_byte_for_byte_after_reopening(void **state)
{
	struct home *home = *state;
	struct str bytes = {"\0\1\xff session \0", 13};

	begin(home);
	store_save_session(home->store, S("c1"), S("first"), 1, 0);
	store_save_session(home->store, S("c1"), bytes, 2, 0);
	store_save_session(home->store, S("c2"), S("other"), 2, 0);
	commit(home);
	reopen(home);
	is_session(home, "c1", bytes);
	is_session(home, "c2", S("other"));
}

static void session__large__comes_back(void **state)
{
	struct home *home = *state;
	size_t n = 300000;
	char *bytes = malloc(n);

	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(i * 31);
	begin(home);
	store_save_session(home->store, S("c1"), (struct str){bytes, n}, 1, 0);
	commit(home);
	is_session(home, "c1", (struct str){bytes, n});
	free(bytes);
}

static void turn__rolled_back__leaves_nothing(void **state)
{
	struct home *home = *state;
	struct str bytes;

	begin(home);
	store_save_session(home->store, S("c1"), S("half"), 1, 0);
	store_add_note(home->store, S("rating"), 1, S("c1"), rating(home->arena, 5));
	store_rollback(home->store);
	assert_int_equal(store_load_session(home->store, S("c1"), home->arena, &bytes), STORE_NONE);
}

/* Notes and cards */

struct seen {
	size_t n;
	int64_t last_id;
	char text[2000];
};

static void see_note(void *self, const struct store_note *note)
{
	struct seen *seen = self;
	size_t used = strlen(seen->text);

	assert_true(note->id > seen->last_id);
	seen->last_id = note->id;
	seen->n++;
	snprintf(seen->text + used, sizeof(seen->text) - used, "%.*s %lld %.*s %.*s|",
		STR(note->name), (long long)note->at, STR(note->conversation), STR(note->json));
}

static void notes__are_listed_in_order_by_name_and_from_an_id_on(void **state)
{
	struct home *home = *state;
	struct seen seen = {0};
	int64_t first;

	begin(home);
	store_add_note(home->store, S("rating"), 10, S("c1"), rating(home->arena, 5));
	store_add_note(home->store, S("cancelled"), 11, S("c2"), NULL);
	store_add_note(home->store, S("rating"), 12, S("c2"), rating(home->arena, 1));
	commit(home);
	assert_int_equal(store_notes(home->store, S("rating"), 0, see_note, &seen), STORE_OK);
	assert_string_equal(seen.text,
		"rating 10 c1 {\"stars\":5,\"words\":\"\\\"quick\\\" – merci\"}|"
		"rating 12 c2 {\"stars\":1,\"words\":\"\\\"quick\\\" – merci\"}|");
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(store_notes(home->store, S(""), 0, see_note, &seen), STORE_OK);
	assert_int_equal(seen.n, 3);
	first = seen.last_id - 2;
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(store_notes(home->store, S(""), first, see_note, &seen), STORE_OK);
	assert_string_equal(seen.text, "cancelled 11 c2 {}|rating 12 c2 "
				       "{\"stars\":1,\"words\":\"\\\"quick\\\" – merci\"}|");
}

/* Forgetting */

static void forget__leaves_no_byte_in_file_or_log(void **state)
{
	struct home *home = *state;
	struct value_builder b = value_build(home->arena);
	struct store_effect effect = {.key = S("key-1"),
		.conversation = S("Xanthippe"),
		.operation = S("orders.cancel"),
		.claimed = 1};
	struct store_effect old;
	struct str bytes;
	char wal[128];

	value_put_text(&b, "words", S("Xanthippe was here"));
	effect.args = value_record(&b);
	snprintf(wal, sizeof(wal), "%s-wal", home->path);
	begin(home);
	store_save_session(home->store, S("Xanthippe"), S("session of Xanthippe"), 1, 0);
	store_save_session(home->store, S("other"), S("Somebody else"), 1, 0);
	store_add_note(home->store, S("rating"), 1, S("Xanthippe"), effect.args);
	(void)store_add_card(home->store, S("Xanthippe"), S("q"), 1, effect.args);
	assert_int_equal(store_claim_effect(home->store, &effect, home->arena, &old), STORE_OK);
	commit(home);
	assert_true(file_holds(home->path, "Xanthippe") || file_holds(wal, "Xanthippe"));
	assert_int_equal(store_forget(home->store, S("Xanthippe")), STORE_OK);
	assert_false(file_holds(home->path, "Xanthippe"));
	assert_false(file_holds(wal, "Xanthippe"));
	assert_int_equal(
		store_load_session(home->store, S("Xanthippe"), home->arena, &bytes), STORE_NONE);
	is_session(home, "other", S("Somebody else"));
	assert_int_equal(store_find_effect(home->store, S("key-1"), home->arena, &old), STORE_OK);
	assert_int_equal(old.state, EFFECT_SENT);
}

/* Opening */

static void open__of_a_newer_schema__is_refused_untouched(void **state)
{
	struct home *home = *state;
	char command[200];
	struct store *store;

	store_close(home->store);
	home->store = NULL;
	snprintf(command, sizeof(command),
		"sqlite3 %s \"update meta set number = 99 where name = 'schema'\"", home->path);
	if (system(command) != 0)
		skip();
	assert_int_equal(store_open(home->path, &store, &home->error), STORE_BROKEN);
	assert_null(store);
	assert_true(str_find(buf_str(&home->error), S("newer tenstep (schema 99")) > 0);
	assert_true(str_find(buf_str(&home->error), str_of(home->path)) > 0);
}

/* The file as the first version of the program made it. */
static const char schema_1[] =
	"create table meta(name text primary key, number integer not null) strict, without rowid;"
	"insert into meta(name, number) values ('schema', 1);"
	"create table session(conversation text primary key, bytes blob not null,"
	" saved integer not null) strict, without rowid;"
	"create table note(id integer primary key autoincrement, name text not null,"
	" at integer not null, conversation text not null, json text not null) strict;"
	"create index note_of_conversation on note(conversation);"
	"create table card(id integer primary key autoincrement, conversation text not null,"
	" queue text not null, at integer not null, closed integer, json text not null) strict;"
	"create index card_of_conversation on card(conversation);"
	"create table effect(key text primary key, conversation text not null, operation text not "
	"null, args blob not null, state text not null, answer blob, claimed integer not null,"
	" settled integer, tries integer not null) strict, without rowid;"
	"create index effect_open on effect(claimed) where state in ('sent', 'unknown');"
	"create index effect_of_conversation on effect(conversation);"
	"insert into session values ('c1', x'6f6c6400', 1700000000), ('c2', x'', 5);"
	"insert into card(conversation, queue, at, json) values ('c1', 'orders', 7, '{}');"
	"insert into note(name, at, conversation, json) values ('rating', 8, 'c1', '{}');";

static void make_schema_1(struct home *home)
{
	struct sql *sql;

	store_close(home->store);
	home->store = NULL;
	assert_int_equal(unlink(home->path), 0);
	assert_int_equal(sql_open(home->path, &sql, &home->error), SQL_OK);
	sql_script(sql, schema_1);
	assert_int_equal(sql_status(sql), SQL_OK);
	sql_close(sql);
}

static void open__of_schema_1__keeps_everything_and_goes_on(void **state)
{
	struct home *home = *state;
	struct store_sizes sizes;
	struct seen seen = {0};

	make_schema_1(home);
	open_store(home);
	is_session(home, "c1", (struct str){"old", 4});
	is_session(home, "c2", S(""));
	assert_int_equal(last_post_of(home->store, S("c1")), 0);
	assert_int_equal(card_of(home, 1).version, 1);
	assert_true(claim_card(home, 1, 1, "Ana"));
	assert_int_equal(store_notes(home->store, S(""), 0, see_note, &seen), STORE_OK);
	assert_string_equal(seen.text, "rating 8 c1 {}|");
	begin(home);
	store_save_session(home->store, S("c1"), S("new"), 1700000001, 0);
	commit(home);
	reopen(home);
	is_session(home, "c1", S("new"));
	assert_int_equal(store_measure(home->store, &sizes), STORE_OK);
	assert_int_equal(sizes.conversations, 2);
	(void)remove_idle(home, 1700000000);
	assert_int_equal(store_measure(home->store, &sizes), STORE_OK);
	assert_int_equal(sizes.conversations, 1);
}

static void open__of_a_damaged_journal__is_refused(void **state)
{
	struct home *home = *state;
	struct store *store;
	struct sql *sql;

	store_close(home->store);
	home->store = NULL;
	assert_int_equal(sql_open(home->path, &sql, &home->error), SQL_OK);
	sql_script(sql, "insert into journal(seq, conversation, bytes) values (5, 'c', x'0100')");
	assert_int_equal(sql_status(sql), SQL_OK);
	sql_close(sql);
	assert_int_equal(store_open(home->path, &store, &home->error), STORE_BROKEN);
	assert_null(store);
	assert_true(str_find(buf_str(&home->error), S("row 5 of the journal is damaged")) > 0);
	assert_true(str_find(buf_str(&home->error), str_of(home->path)) > 0);
}

static void open__in_memory__works_without_a_file(void **state)
{
	struct home *home = *state;
	struct store *store;

	assert_int_equal(store_open(NULL, &store, &home->error), STORE_OK);
	assert_int_equal(store_begin(store), STORE_OK);
	store_save_session(store, S("c"), S("x"), 1, 0);
	assert_int_equal(store_commit(store), STORE_OK);
	store_close(store);
}

/* Killing.  A child does turns as fast as it can and tells each commit through a pipe; it is killed
 * at some moment; what it had told must be there, and a turn is there as a whole or not at all. */

static void turn_of_child(struct store *store, struct arena *arena, int64_t turn)
{
	struct str bytes = arena_printf(arena, "turn %lld", (long long)turn);

	if (store_begin(store) != STORE_OK)
		_exit(3);
	store_save_session(store, S("c1"), bytes, turn, 0);
	store_add_note(store, S("turn"), turn, S("c1"), NULL);
	if (store_commit(store) != STORE_OK)
		_exit(4);
}

static void child_works(const char *path, int64_t turn, int pipe_end)
{
	struct arena *arena = arena_new(1 << 16);
	struct store *store;
	struct buf error;

	buf_init(&error, 1000);
	if (store_open(path, &store, &error) != STORE_OK)
		_exit(2);
	for (;; turn++) {
		turn_of_child(store, arena, turn);
		if (write(pipe_end, &turn, sizeof(turn)) != sizeof(turn))
			_exit(5);
		arena_reset(arena);
	}
}

static void kill__at_any_moment__loses_no_acknowledged_turn(void **state)
{
	struct home *home = *state;
	unsigned random = 12345;
	int64_t turn = 1;

	for (int round = 0; round < 50; round++) {
		struct seen seen = {0};
		struct str bytes;
		int64_t told, stored;

		store_close(home->store);
		home->store = NULL;
		random = random * 1103515245u + 12345u;
		told = store_kill_at_work(child_works, home->path, turn, random / 65536 % 12000);
		assert_true(told >= turn);
		open_store(home);
		assert_int_equal(
			store_load_session(home->store, S("c1"), home->arena, &bytes), STORE_OK);
		assert_true(
			str_starts(bytes, S("turn ")) && str_int(str_sub(bytes, 5, 20), &stored));
		assert_true(stored == told || stored == told + 1);
		assert_int_equal(store_notes(home->store, S("turn"), 0, see_note, &seen), STORE_OK);
		assert_int_equal(seen.n, stored);
		turn = stored + 1;
		arena_reset(home->arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(session__unknown__is_none),
		T(session__comes_back_byte_for_byte_after_reopening),
		T(session__large__comes_back),
		T(turn__rolled_back__leaves_nothing),
		T(notes__are_listed_in_order_by_name_and_from_an_id_on),
		T(forget__leaves_no_byte_in_file_or_log),
		T(open__of_a_newer_schema__is_refused_untouched),
		T(open__of_schema_1__keeps_everything_and_goes_on),
		T(open__of_a_damaged_journal__is_refused),
		T(open__in_memory__works_without_a_file),
		T(kill__at_any_moment__loses_no_acknowledged_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
