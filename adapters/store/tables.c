/* The tables of what conversations keep. */
#include "adapters/store/tables.h"

#include "adapters/store/journal_row.h"

enum { seconds_of_day = 86400 };

int64_t table_find(struct sql *sql, struct str conversation, int64_t *seq)
{
	struct sql_query *q = sql_query(sql, "select id, seq from session where conversation = ?");
	int64_t session = 0;

	sql_bind_text(q, conversation);
	*seq = 0;
	if (sql_next(q)) {
		session = sql_int(q, "id");
		*seq = sql_int(q, "seq");
	}
	sql_end(q);
	return session;
}

int64_t table_add(struct sql *sql, struct str conversation)
{
	struct sql_query *q = sql_query(
		sql, "insert into session(conversation, saved, day) values (?, 0, 0) returning id");

	sql_bind_text(q, conversation);
	return sql_number(q);
}

/* The index of days is touched on the first turn of a day only. */
static void save_day(struct sql *sql, int64_t session, int64_t day)
{
	struct sql_query *q =
		sql_query(sql, "update session set day = ?2 where id = ?1 and day <> ?2");

	sql_bind_int(q, session);
	sql_bind_int(q, day);
	(void)sql_run(q);
}

void table_save(struct sql *sql, int64_t session, const struct kept_session *kept, int64_t seq)
{
	struct sql_query *q = sql_query(
		sql, "update session set saved = ?, due = ?, bytes = ?, seq = ? where id = ?");

	sql_bind_int(q, kept->saved);
	sql_bind_time(q, kept->due_ms);
	sql_bind_blob(q, kept->bytes);
	sql_bind_int(q, seq);
	sql_bind_int(q, session);
	(void)sql_run(q);
	save_day(sql, session, kept->saved / seconds_of_day);
}

void table_folded(struct sql *sql, int64_t session, int64_t seq)
{
	struct sql_query *q = sql_query(sql, "update session set seq = ? where id = ?");

	sql_bind_int(q, seq);
	sql_bind_int(q, session);
	(void)sql_run(q);
}

void table_add_post(struct sql *sql, int64_t session, const struct kept_post *post)
{
	struct sql_query *q =
		sql_query(sql, "insert into post(session, mid, n, at_ms, who, name, message, body)"
			       " values (?, '', ?, ?, ?, ?, ?, ?)");

	sql_bind_int(q, session);
	sql_bind_int(q, post->n);
	sql_bind_int(q, post->at_ms);
	sql_bind_text(q, str_of(post_who_name[post->who]));
	sql_bind_optional(q, post->name);
	sql_bind_optional(q, post->mid);
	sql_bind_blob(q, post->body);
	(void)sql_run(q);
}

static const char chunk_word[] = "rows"; /* where others have whose post it is */

void table_add_chunk(struct sql *sql, int64_t session, uint32_t n, int64_t at_ms, struct str bytes)
{
	struct sql_query *q = sql_query(sql, "insert into post(session, mid, n, at_ms, who, body)"
					     " values (?, '', ?, ?, ?, ?)");

	sql_bind_int(q, session);
	sql_bind_int(q, n);
	sql_bind_int(q, at_ms);
	sql_bind_kept_text(q, str_of(chunk_word));
	sql_bind_kept_blob(q, bytes);
	(void)sql_run(q);
}

void table_add_mid(struct sql *sql, int64_t session, struct str mid, int64_t at_ms)
{
	struct sql_query *q = sql_query(
		sql, "insert or ignore into post(session, mid, n, at_ms) values (?, ?, 0, ?)");

	sql_bind_int(q, session);
	sql_bind_text(q, mid);
	sql_bind_int(q, at_ms);
	(void)sql_run(q);
}

bool table_load(struct sql *sql, int64_t session, struct arena *arena, struct str *bytes)
{
	struct sql_query *q =
		sql_query(sql, "select bytes from session where id = ? and bytes is not null");
	bool found;

	sql_bind_int(q, session);
	found = sql_next(q);
	if (found)
		*bytes = sql_copy(q, arena, "bytes");
	sql_end(q);
	return found;
}

void table_due(struct sql *sql, int64_t until_ms, kept_due_function *each, void *self)
{
	struct sql_query *q =
		sql_query(sql, "select conversation, due from session where due <= ?");

	sql_bind_int(q, until_ms);
	while (sql_next(q))
		each(self, sql_text(q, "conversation"), sql_int(q, "due"));
	sql_end(q);
}

uint32_t table_last_post(struct sql *sql, int64_t session)
{
	struct sql_query *q =
		sql_query(sql, "select max(n) from post where session = ? and mid = ''");

	sql_bind_int(q, session);
	return (uint32_t)sql_number(q);
}

static enum post_who who_of(struct str word)
{
	for (unsigned i = 0; i <= POST_NOTE; i++)
		if (str_is(word, post_who_name[i]))
			return i;
	return POST_NOTE;
}

struct range {
	uint32_t first, last;
	kept_post_function *each;
	void *self;
};

static void show(const struct range *range, const struct kept_post *post)
{
	if (post->n >= range->first && post->n <= range->last)
		range->each(range->self, post);
}

static void show_single(const struct range *range, struct sql_query *q, enum post_who who)
{
	struct kept_post post = {
		.n = (uint32_t)sql_int(q, "n"),
		.at_ms = sql_int(q, "at_ms"),
		.who = who,
		.name = sql_text(q, "name"),
		.mid = sql_text(q, "message"),
		.body = sql_text(q, "body"),
	};

	show(range, &post);
}

static void show_chunk(
	const struct range *range, struct sql *sql, struct sql_query *q, struct arena *arena)
{
	struct journal_row row;

	arena_reset(arena);
	if (!journal_row_decode(arena, sql_text(q, "body"), &row)) {
		sql_fail(sql, "posts up to %lld are damaged", (long long)sql_int(q, "n"));
		return;
	}
	for (size_t i = 0; i < row.n_posts; i++)
		show(range, &row.post[i]);
}

/* A row has the number of its last post; the first that has one of the range may begin before it,
 * and so may the first that is behind it. */
void table_posts(struct sql *sql, int64_t session, uint32_t first, uint32_t last,
	struct arena *arena, kept_post_function *each, void *self)
{
	const struct range range = {first, last, each, self};
	struct sql_query *q = sql_query(
		sql, "select * from post where session = ? and mid = '' and n >= ? order by n");
	uint32_t n = 0;

	sql_bind_int(q, session);
	sql_bind_int(q, first);
	while (n < last && sql_next(q)) {
		struct str who = sql_text(q, "who");

		n = (uint32_t)sql_int(q, "n");
		if (str_is(who, chunk_word))
			show_chunk(&range, sql, q, arena);
		else
			show_single(&range, q, who_of(who));
	}
	sql_end(q);
}

struct looking {
	struct str mid;
	bool found;
};

static void look_at_post(void *self, const struct kept_post *post)
{
	struct looking *looking = self;

	looking->found = looking->found || str_eq(post->mid, looking->mid);
}

bool table_has_mid(struct sql *sql, int64_t session, struct str mid, struct arena *arena)
{
	struct sql_query *q =
		sql_query(sql, "select 1 from post where session = ? and mid = ? and n = 0");
	struct looking looking = {.mid = mid};

	sql_bind_int(q, session);
	sql_bind_text(q, mid);
	if (sql_number(q) == 1)
		return true;
	table_posts(sql, session, 1, table_posts_with_mid, arena, look_at_post, &looking);
	return looking.found;
}

struct listing {
	kept_mid_function *each;
	void *self;
};

static void list_mid(void *self, const struct kept_post *post)
{
	const struct listing *listing = self;

	if (post->mid.n)
		listing->each(listing->self, post->mid);
}

void table_mids(struct sql *sql, int64_t session, int64_t max, struct arena *arena,
	kept_mid_function *each, void *self)
{
	struct sql_query *q =
		sql_query(sql, "select mid from post where session = ? and mid > '' limit ?");

	sql_bind_int(q, session);
	sql_bind_int(q, max);
	while (sql_next(q))
		each(self, sql_text(q, "mid"));
	sql_end(q);
	table_posts(sql, session, 1, table_posts_with_mid, arena, list_mid,
		&(struct listing){each, self});
}

static int64_t run_on(struct sql_query *q, int64_t session)
{
	sql_bind_int(q, session);
	return sql_run(q);
}

void table_erase(struct sql *sql, int64_t session)
{
	table_counted(sql, COUNT_POSTS, -(int64_t)table_last_post(sql, session));
	(void)run_on(sql_query(sql, "delete from post where session = ?"), session);
	table_counted(sql, COUNT_SESSIONS,
		-run_on(sql_query(sql, "delete from session where id = ?"), session));
}

static const char *const number_name[] = {
	[COUNT_SESSIONS] = "sessions",
	[COUNT_POSTS] = "posts",
	[JOURNAL_FOLDED] = "folded",
	[JOURNAL_KEY] = "key",
};

int64_t table_number(struct sql *sql, enum table_number of)
{
	struct sql_query *q = sql_query(sql, "select number from meta where name = ?");

	sql_bind_text(q, str_of(number_name[of]));
	return sql_number(q);
}

void table_counted(struct sql *sql, enum table_number of, int64_t more)
{
	struct sql_query *q = sql_query(sql, "update meta set number = number + ? where name = ?");

	sql_bind_int(q, more);
	sql_bind_text(q, str_of(number_name[of]));
	(void)sql_run(q);
}

void table_set_number(struct sql *sql, enum table_number of, int64_t number)
{
	struct sql_query *q = sql_query(sql, "update meta set number = ? where name = ?");

	sql_bind_int(q, number);
	sql_bind_text(q, str_of(number_name[of]));
	(void)sql_run(q);
}
