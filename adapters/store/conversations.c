/* What conversations keep: sessions, posts, ids of messages. */
#include "adapters/store/store_sqlite.h"

#include "adapters/store/tables.h"

enum { BODY_MAX = 1 << 20, POSTS_ARENA = 4 << 20 };

static int64_t find_or_add(struct store *store, struct str conversation)
{
	struct sql *sql = sqlite_writing(store);
	int64_t session = table_find(sql, conversation);

	return session ? session : table_add(sql, conversation);
}

enum store_status sqlite_load_session(
	struct store *store, struct str conversation, struct arena *arena, struct str *bytes)
{
	struct sql_query *q = sql_query(sqlite_reading(store),
		"select bytes from session where conversation = ? and bytes is not null");
	bool found;

	*bytes = (struct str){0};
	sql_bind_text(q, conversation);
	found = sql_next(q);
	if (found)
		*bytes = sql_copy(q, arena, "bytes");
	sql_end(q);
	return sqlite_found(store, found);
}

void sqlite_save_session(
	struct store *store, struct str conversation, struct str bytes, int64_t now, int64_t due_ms)
{
	table_save(sqlite_of(store), find_or_add(store, conversation),
		&(struct kept_session){.saved = now, .due_ms = due_ms, .bytes = bytes});
}

enum store_status sqlite_due(
	struct store *store, int64_t until_ms, store_due_function *each, void *self)
{
	struct sql_query *q = sql_query(sqlite_reading(store),
		"select conversation, due from session where due <= ? order by due, id");

	sql_bind_int(q, until_ms);
	while (sql_next(q))
		each(self, sql_text(q, "conversation"), sql_int(q, "due"));
	sql_end(q);
	return sqlite_read_status(store);
}

void sqlite_add_post(struct store *store, struct str conversation, const struct post *post)
{
	int64_t session = find_or_add(store, conversation);
	struct buf body;

	buf_init(&body, BODY_MAX);
	value_encode(post->body, &body);
	table_add_post(sqlite_of(store), session,
		&(struct kept_post){.n = post->n,
			.at_ms = post->at_ms,
			.who = post->who,
			.name = post->name,
			.mid = post->mid,
			.body = buf_str(&body)});
	buf_release(&body);
	if (post->mid.n)
		table_add_mid(sqlite_of(store), session, post->mid, post->at_ms);
}

void sqlite_know(struct store *store, struct str conversation, struct str mid, int64_t at_ms)
{
	table_add_mid(sqlite_of(store), find_or_add(store, conversation), mid, at_ms);
}

uint32_t sqlite_last_post(struct store *store, struct str conversation)
{
	struct sql *sql = sqlite_reading(store);

	return table_last_post(sql, table_find(sql, conversation));
}

bool sqlite_knows(struct store *store, struct str conversation, struct str mid)
{
	struct sql *sql = sqlite_reading(store);

	return table_has_mid(sql, table_find(sql, conversation), mid);
}

struct showing {
	struct arena *arena;
	store_post_function *each;
	void *self;
};

static void show_post(void *self, const struct kept_post *kept)
{
	struct showing *showing = self;
	struct str body = kept->body;
	struct post post = {kept->n, kept->at_ms, kept->who, kept->name, kept->mid, &value_none};

	arena_reset(showing->arena);
	if (value_decode(showing->arena, &body, &post.body))
		showing->each(showing->self, &post);
}

enum store_status sqlite_posts(struct store *store, struct str conversation, uint32_t after,
	int limit, store_post_function *each, void *self)
{
	struct showing showing = {arena_new(POSTS_ARENA), each, self};
	struct sql *sql = sqlite_reading(store);
	int64_t session = table_find(sql, conversation), first = (int64_t)after + 1,
		last = (int64_t)after + limit;

	if (limit < 0) {
		last = after ? (int64_t)after - 1 : table_last_post(sql, session);
		first = last + limit + 1;
	}
	if (first < 1)
		first = 1;
	if (last > UINT32_MAX)
		last = UINT32_MAX;
	if (first <= last)
		table_posts(sql, session, (uint32_t)first, (uint32_t)last, show_post, &showing);
	arena_free(showing.arena);
	return sqlite_read_status(store);
}

enum store_status sqlite_fold(struct store *store, size_t max_rows, size_t *left)
{
	(void)max_rows;
	*left = 0;
	(void)sqlite_reading(store);
	return STORE_OK;
}

size_t sqlite_journal(const struct store *store)
{
	(void)store;
	return 0;
}
