/* Conversations in the tables: pieces, of which the newest counts; and how they became pieces. */
#include "tests/contract/store_home.h"

#include "adapters/store/sqlite/sqlite.h"

static void add(struct home *home, const char *name, uint32_t n)
{
	struct value_builder b = value_build(home->arena);
	char id[16], text[32];
	struct post post = {.n = n, .at_ms = n, .who = POST_BUYER};

	snprintf(id, sizeof(id), "i%u", n);
	snprintf(text, sizeof(text), "%s said %u", name, n);
	post.mid = str_of(id);
	value_put_text(&b, "text", str_of(text));
	post.body = value_record(&b);
	store_add_post(home->store, str_of(name), &post);
}

/* A turn that is folded by itself: a piece. */
static void piece(struct home *home, const char *name, uint32_t n)
{
	char text[32];
	size_t left;

	snprintf(text, sizeof(text), "%s %u", name, n);
	begin(home);
	store_save_session(home->store, str_of(name), str_of(text), n, 0);
	add(home, name, n);
	commit(home);
	assert_int_equal(store_fold(home->store, 1, &left), STORE_OK);
	assert_int_equal(left, 0);
}

struct list {
	char text[2000];
};

static void see_post(void *self, const struct post *post)
{
	struct list *list = self;
	size_t used = strlen(list->text);

	snprintf(list->text + used, sizeof(list->text) - used, "%u:%.*s ", post->n, STR(post->mid));
}

static const char *posts(struct home *home, const char *name, uint32_t after, int limit)
{
	static struct list list;

	list.text[0] = '\0';
	assert_int_equal(
		store_posts(home->store, str_of(name), after, limit, see_post, &list), STORE_OK);
	return list.text;
}

static void pieces__in_any_number__are_one_conversation(void **state)
{
	struct home *home = *state;
	char id[16], text[32];

	for (uint32_t n = 1; n <= 40; n++) {
		piece(home, "c", n);
		if (n % 3 == 0)
			reopen(home);
		snprintf(text, sizeof(text), "c %u", n);
		is_session(home, "c", str_of(text));
		assert_int_equal(last_post_of(home->store, S("c")), n);
		for (uint32_t i = 1; i <= n + 1; i++) {
			snprintf(id, sizeof(id), "i%u", i);
			assert_int_equal(is_known(home->store, S("c"), str_of(id)), i <= n);
		}
	}
	assert_string_equal(posts(home, "c", 0, 3), "1:i1 2:i2 3:i3 ");
	assert_string_equal(posts(home, "c", 4, 4), "5:i5 6:i6 7:i7 8:i8 ");
	assert_string_equal(posts(home, "c", 34, 9), "35:i35 36:i36 37:i37 38:i38 39:i39 40:i40 ");
	assert_string_equal(posts(home, "c", 0, -2), "39:i39 40:i40 ");
}

static void pieces__of_a_conversation_that_is_forgotten__are_all_gone(void **state)
{
	struct home *home = *state;
	struct store_sizes sizes;

	for (uint32_t n = 1; n <= 20; n++) {
		piece(home, "Xanthippe", n);
		piece(home, "c", n);
	}
	assert_int_equal(store_forget(home->store, S("Xanthippe")), STORE_OK);
	assert_int_equal(last_post_of(home->store, S("Xanthippe")), 0);
	assert_string_equal(posts(home, "c", 0, -2), "19:i19 20:i20 ");
	assert_int_equal(store_measure(home->store, &sizes), STORE_OK);
	assert_int_equal(sizes.conversations, 1);
	assert_int_equal(sizes.posts, 20);
	assert_false(file_holds(home->path, "Xanthippe"));
}

static void piece__without_a_session__has_the_one_before(void **state)
{
	struct home *home = *state;
	struct str bytes;
	size_t left;

	begin(home);
	add(home, "c", 1);
	commit(home);
	assert_int_equal(store_fold(home->store, 1, &left), STORE_OK);
	reopen(home);
	assert_int_equal(store_load_session(home->store, S("c"), home->arena, &bytes), STORE_NONE);
	piece(home, "c", 2);
	begin(home);
	add(home, "c", 3);
	store_know(home->store, S("c"), S("pressed"), 1);
	commit(home);
	assert_int_equal(store_fold(home->store, 1, &left), STORE_OK);
	reopen(home);
	is_session(home, "c", S("c 2"));
	assert_string_equal(posts(home, "c", 0, 9), "1:i1 2:i2 3:i3 ");
	assert_true(is_known(home->store, S("c"), S("pressed")));
	assert_false(is_known(home->store, S("c"), S("i4")));
}

static void expire__looks_at_when_it_was_saved_last(void **state)
{
	struct home *home = *state;

	piece(home, "old", 1);
	piece(home, "woke", 1);
	begin(home);
	store_save_session(home->store, S("woke"), S("again"), 100, 0);
	commit(home);
	reopen(home);
	(void)remove_idle(home, 50);
	assert_int_equal(last_post_of(home->store, S("old")), 0);
	is_session(home, "woke", S("again"));
	(void)remove_idle(home, 100);
	is_session(home, "woke", S("again"));
	(void)remove_idle(home, 101);
	assert_int_equal(last_post_of(home->store, S("woke")), 0);
}

/* The file while nobody uses it. */
static void change_file(struct home *home, bool anew, const char *script)
{
	struct sql *sql;

	store_close(home->store);
	home->store = NULL;
	if (anew)
		assert_int_equal(unlink(home->path), 0);
	assert_int_equal(sql_open(home->path, &sql, &home->error), SQL_OK);
	sql_script(sql, script);
	assert_int_equal(sql_status(sql), SQL_OK);
	sql_close(sql);
}

static void number__that_another_name_has__is_not_taken_for_it(void **state)
{
	struct home *home = *state;
	struct str bytes;

	piece(home, "c", 1);
	change_file(home, false, "update piece set name = 'd'");
	open_store(home);
	assert_int_equal(store_load_session(home->store, S("c"), home->arena, &bytes), STORE_NONE);
	piece(home, "c", 1);
	piece(home, "c", 2);
	reopen(home);
	is_session(home, "c", S("c 2"));
	assert_int_equal(last_post_of(home->store, S("c")), 2);
}

static void piece__that_is_missing__is_an_error_and_no_new_conversation(void **state)
{
	struct home *home = *state;
	struct str bytes;

	piece(home, "c", 1);
	change_file(home, false, "delete from piece");
	open_store(home);
	assert_int_equal(
		store_load_session(home->store, S("c"), home->arena, &bytes), STORE_BROKEN);
	assert_true(str_find(str_of(store_error(home->store)), S("is missing")) > 0);
}

/* What of a file of schema 11 has to do with conversations. */
static const char schema_11[] =
	"create table meta(name text primary key, number integer not null) strict, without rowid;"
	"insert into meta(name, number) values ('schema', 11), ('sessions', 3), ('posts', 5),"
	" ('folded', 7), ('key', -5);"
	"create table session(id integer primary key, conversation text not null unique,"
	" saved integer not null, day integer not null, due integer, bytes blob,"
	" seq integer not null default 0) strict;"
	"create index session_idle on session(day);"
	"create index session_due on session(due) where due is not null;"
	"create table post(session integer not null, mid text not null, n integer not null,"
	" at_ms integer not null, who text, name text, message text, body blob,"
	" primary key(session, mid, n)) strict, without rowid;"
	"create index post_taken on post(at_ms) where n = 0;"
	"create table peer(conversation text primary key) strict, without rowid;"
	"create table journal(seq integer primary key, conversation text not null,"
	" bytes blob not null) strict;"
	"insert into session values (1, 'c', 90, 0, 77, x'73657373696f6e206f662063', 7),"
	" (2, 'silent', 80, 0, null, null, 0), (9, 'd', 70, 0, null, x'', 6);"
	/* One post by itself, of the oldest kind, and two in one row. */
	"insert into post values (1, '', 1, 1000, 'buyer', null, 'i1', x'0601047465787404026869'),"
	" (1, '', 3, 1002, 'rows', null, null, x'"
	"01000200000002000000e90300000000000000000000000200000069320b000000060104"
	"746578740402686903000000ea030000000000000100000000000000000b000000060104"
	"746578740402686900000000'),"
	" (1, 'i1', 0, 1000, null, null, null, null), (1, 'pressed', 0, 5, null, null, null, null),"
	" (2, '', 1, 1, 'bot', null, null, x'0601047465787404026869');";

static void see_due(void *self, struct str conversation, int64_t due_ms)
{
	struct list *list = self;

	snprintf(list->text, sizeof(list->text), "%.*s %lld", STR(conversation), (long long)due_ms);
}

static void open__of_schema_11__makes_pieces_of_it(void **state)
{
	struct home *home = *state;
	struct list due = {""};
	struct str bytes;

	change_file(home, true, schema_11);
	for (int i = 0; i < 2; i++) { /* and it is done once */
		open_store(home);
		is_session(home, "c", S("session of c"));
		is_session(home, "d", S(""));
		assert_int_equal(store_load_session(home->store, S("silent"), home->arena, &bytes),
			STORE_NONE);
		assert_string_equal(posts(home, "c", 0, 9), "1:i1 2:i2 3: ");
		assert_string_equal(posts(home, "silent", 0, 9), "1: ");
		assert_true(is_known(home->store, S("c"), S("i1")));
		assert_true(is_known(home->store, S("c"), S("i2")));
		assert_true(is_known(home->store, S("c"), S("pressed")));
		assert_false(is_known(home->store, S("d"), S("i1")));
		assert_int_equal(store_due(home->store, 77, see_due, &due), STORE_OK);
		assert_string_equal(due.text, "c 77");
		store_close(home->store);
	}
	open_store(home);
	piece(home, "c", 4);
	reopen(home);
	assert_string_equal(posts(home, "c", 0, 9), "1:i1 2:i2 3: 4:i4 ");
	assert_int_equal(store_due(home->store, 77, see_due, &due), STORE_OK);
}

/* Many, so that for some the newest piece is not in their row; how each must be. */
enum { crowd = 300 };

struct member {
	uint32_t posts;
	int64_t due_ms; /* 0: none */
};

static struct str name_of_member(char text[16], unsigned i)
{
	snprintf(text, 16, "m%u", i);
	return str_of(text);
}

static void member_turn(struct home *home, struct member *member, unsigned i)
{
	char text[32], name[16];
	struct str conversation = name_of_member(name, i);

	member->posts++;
	member->due_ms = rand() % 6 ? 0 : 1 + rand() % 1000;
	snprintf(text, sizeof(text), "%s %u", name, member->posts);
	store_save_session(home->store, conversation, str_of(text), member->posts, member->due_ms);
	add(home, name, member->posts);
}

static void count_due(void *self, struct str conversation, int64_t due_ms)
{
	struct member *left = self;
	unsigned i = (unsigned)atoi(conversation.p + 1);

	assert_int_equal(left[i].due_ms, due_ms);
	left[i].due_ms = 0;
}

static void are_members(struct home *home, const struct member *member)
{
	struct member left[crowd];
	char text[32], name[16];
	struct store_sizes sizes;
	int64_t n = 0, n_posts = 0;

	for (unsigned i = 0; i < crowd; i++) {
		struct str conversation = name_of_member(name, i);

		arena_reset(home->arena);
		assert_int_equal(last_post_of(home->store, conversation), member[i].posts);
		n += member[i].posts > 0;
		n_posts += member[i].posts;
		if (!member[i].posts)
			continue;
		snprintf(text, sizeof(text), "%s %u", name, member[i].posts);
		is_session(home, name, str_of(text));
	}
	memcpy(left, member, sizeof(left));
	assert_int_equal(store_due(home->store, 2000, count_due, left), STORE_OK);
	for (unsigned i = 0; i < crowd; i++)
		assert_int_equal(left[i].due_ms, 0);
	assert_int_equal(store_measure(home->store, &sizes), STORE_OK);
	assert_int_equal(sizes.conversations, n);
	assert_int_equal(sizes.posts, n_posts);
}

static void conversations__that_wake_by_chance__are_found_with_all_they_had(void **state)
{
	static struct member member[crowd];
	struct home *home = *state;

	srand(3);
	for (int round = 0; round < 120; round++) {
		for (int k = rand() % 40; k > 0; k--) {
			unsigned i = (unsigned)rand() % crowd;

			begin(home);
			member_turn(home, &member[i], i);
			commit(home);
		}
		while (rand() % 3 && fold(home, 20))
			;
		if (rand() % 4 == 0) {
			unsigned i = (unsigned)rand() % crowd;
			char name[16];

			assert_int_equal(
				store_forget(home->store, name_of_member(name, i)), STORE_OK);
			member[i] = (struct member){0};
		}
		if (rand() % 4 == 0)
			reopen(home);
		if (round % 10 == 9)
			are_members(home, member);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(pieces__in_any_number__are_one_conversation),
		T(pieces__of_a_conversation_that_is_forgotten__are_all_gone),
		T(piece__without_a_session__has_the_one_before),
		T(expire__looks_at_when_it_was_saved_last),
		T(number__that_another_name_has__is_not_taken_for_it),
		T(piece__that_is_missing__is_an_error_and_no_new_conversation),
		T(open__of_schema_11__makes_pieces_of_it),
		T(conversations__that_wake_by_chance__are_found_with_all_they_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
