/* The tables of what conversations keep. */
#include "adapters/store/tables.h"

#include "adapters/store/journal_row.h"
#include "bot/base/hash.h"

/* Conversations: each has a number out of a few that follow from its name. */

enum { numbers_of_a_name = 7, hash_bits_left_out = 20 };

static int64_t first_number(uint64_t key, struct str name)
{
	return (int64_t)(hash_bytes(name, key) >> hash_bits_left_out << 3 | 1);
}

/* The piece place.piece of the conversation place.number. */
static bool read_piece(struct sql *sql, struct arena *arena, struct kept_piece *piece)
{
	struct sql_query *q = sql_query(sql,
		"select before, n_before, older, mids, seq, last, name, bytes from piece"
		" where id = ?");
	struct kept_place *place = &piece->place;
	bool found;

	sql_bind_int(q, place->piece);
	found = sql_next(q);
	if (found) {
		piece->before = sql_int(q, "before");
		place->n_pieces = (uint32_t)sql_int(q, "n_before") + 1;
		place->n_older = (uint32_t)sql_int(q, "older");
		place->has_mids = sql_int(q, "mids") != 0;
		piece->seq = sql_int(q, "seq");
		place->last_post = (uint32_t)sql_int(q, "last");
		piece->name = sql_copy(q, arena, "name");
		piece->bytes = sql_copy(q, arena, "bytes");
	} else {
		sql_fail(sql, "piece %lld of conversation %lld is missing", (long long)place->piece,
			(long long)place->number);
	}
	sql_end(q);
	return found;
}

/* @q is at a row of .conversation. */
static bool read_newest(struct sql *sql, const struct moves *moves, struct sql_query *q,
	struct arena *arena, struct kept_piece *piece)
{
	int64_t number = sql_int(q, "id"), moved = moves ? moves_find(moves, number) : 0;

	*piece = (struct kept_piece){
		.place = {.number = number,
			.piece = moved ? moved : sql_int(q, "newest"),
			.has_row = true,
			.is_timed = sql_int(q, "timed") != 0},
	};
	return read_piece(sql, arena, piece);
}

bool table_find(struct sql *sql, const struct moves *moves, uint64_t key, struct str name,
	struct arena *arena, struct kept_piece *piece)
{
	struct sql_query *q =
		sql_query(sql, "select id, newest, due is not null as timed from conversation"
			       " where id between ? and ?");
	int64_t first = first_number(key, name);
	bool found = false;

	sql_bind_int(q, first);
	sql_bind_int(q, first + numbers_of_a_name - 1);
	while (!found && sql_next(q) && read_newest(sql, moves, q, arena, piece))
		found = str_eq(piece->name, name);
	sql_end(q);
	if (!found)
		*piece = (struct kept_piece){.name = {"", 0}};
	return found;
}

bool table_read(struct sql *sql, const struct moves *moves, int64_t number, struct arena *arena,
	struct kept_piece *piece)
{
	struct sql_query *q =
		sql_query(sql, "select id, newest, due is not null as timed from conversation"
			       " where id = ?");
	bool found;

	sql_bind_int(q, number);
	found = sql_next(q) && read_newest(sql, moves, q, arena, piece);
	sql_end(q);
	if (!found)
		*piece = (struct kept_piece){.name = {"", 0}};
	return found;
}

int64_t table_new_number(struct sql *sql, uint64_t key, struct str name)
{
	struct sql_query *q =
		sql_query(sql, "select max(id) from conversation where id between ? and ?");
	int64_t first = first_number(key, name), newest;

	sql_bind_int(q, first);
	sql_bind_int(q, first + numbers_of_a_name - 1);
	newest = sql_number(q);
	if (newest == first + numbers_of_a_name - 1)
		sql_fail(sql, "there is no number left for '%.*s'", STR(name));
	return newest ? newest + 1 : first;
}

static void point_to(
	struct sql *sql, const struct kept_place *place, const struct kept_session *session)
{
	struct sql_query *q = sql_query(sql,
		"insert into conversation(id, newest, saved, due) values (?, ?, ?, ?)"
		" on conflict(id) do update set newest = excluded.newest, due = excluded.due");

	sql_bind_int(q, place->number);
	sql_bind_int(q, place->piece);
	sql_bind_int(q, session ? session->saved : 0);
	sql_bind_time(q, session ? session->due_ms : 0);
	(void)sql_run(q);
}

/* Pieces */

/* Its row says so from now on, or it has none. */
static void forget_move(struct moves *moves, int64_t number)
{
	if (moves && moves_find(moves, number))
		moves_put(moves, number, 0);
}

/* What has, or had, a timer stands in its row at once, where timers are looked for. */
static void note_newest(struct sql *sql, struct moves *moves, struct kept_place *place,
	const struct kept_session *session)
{
	bool is_timed = session && session->due_ms;

	if (moves && place->has_row && !place->is_timed && !is_timed) {
		moves_put(moves, place->number, place->piece);
		return;
	}
	point_to(sql, place, session);
	place->has_row = true;
	place->is_timed = is_timed;
	forget_move(moves, place->number);
}

void table_add_piece(struct sql *sql, struct moves *moves, struct kept_piece *piece,
	const struct kept_session *session)
{
	struct sql_query *q =
		sql_query(sql, "insert into piece(conversation, before, n_before, older, mids, seq,"
			       " last, name, bytes) values (?, ?, ?, ?, ?, ?, ?, ?, ?)");
	struct kept_place *place = &piece->place;

	piece->before = place->piece;
	sql_bind_int(q, place->number);
	sql_bind_int(q, piece->before);
	sql_bind_int(q, place->n_pieces);
	sql_bind_int(q, place->n_older);
	sql_bind_bool(q, place->has_mids);
	sql_bind_int(q, piece->seq);
	sql_bind_int(q, place->last_post);
	sql_bind_kept_text(q, piece->name);
	sql_bind_kept_blob(q, piece->bytes);
	(void)sql_run(q);
	place->piece = sql_last_id(sql);
	place->n_pieces++;
	note_newest(sql, moves, place, session);
}

void table_drop_pieces(struct sql *sql, struct kept_place *place, uint32_t n_older)
{
	while (place->piece && place->n_pieces) {
		struct sql_query *q =
			sql_query(sql, "delete from piece where id = ? returning before");

		sql_bind_int(q, place->piece);
		place->piece = sql_number(q);
		place->n_pieces--;
	}
	place->piece = 0;
	place->n_pieces = 0;
	place->n_older = n_older;
}

/* Older posts and ids */

static const char rows_word[] = "rows"; /* where single ones have whose post it is */

void table_add_posts(struct sql *sql, int64_t number, uint32_t n, int64_t at_ms, struct str bytes)
{
	struct sql_query *q = sql_query(
		sql, "insert into posts(conversation, n, at_ms, who, body) values (?, ?, ?, ?, ?)");

	sql_bind_int(q, number);
	sql_bind_int(q, n);
	sql_bind_int(q, at_ms);
	sql_bind_kept_text(q, str_of(rows_word));
	sql_bind_kept_blob(q, bytes);
	(void)sql_run(q);
}

void table_add_mid(struct sql *sql, int64_t number, struct str mid, int64_t at_ms)
{
	struct sql_query *q = sql_query(
		sql, "insert or ignore into mid(conversation, mid, at_ms) values (?, ?, ?)");

	sql_bind_int(q, number);
	sql_bind_text(q, mid);
	sql_bind_int(q, at_ms);
	(void)sql_run(q);
}

void table_due(struct sql *sql, int64_t until_ms, kept_due_function *each, void *self)
{
	struct sql_query *q = sql_query(sql, "select name, due from conversation c"
					     " join piece p on p.id = c.newest where due <= ?");

	sql_bind_int(q, until_ms);
	while (sql_next(q))
		each(self, sql_text(q, "name"), sql_int(q, "due"));
	sql_end(q);
}

/* Reading posts */

static enum post_who who_of(struct str word)
{
	for (unsigned i = 0; i <= POST_NOTE; i++)
		if (str_is(word, post_who_name[i]))
			return i;
	return POST_NOTE;
}

struct range {
	struct sql *sql;
	uint32_t first, last;
	struct arena *arena;
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

	arena_reset(range->arena);
	show(range, &post);
}

static void show_row(const struct range *range, const struct journal_row *row)
{
	for (size_t i = 0; i < row->n_posts; i++)
		show(range, &row->post[i]);
}

static void show_rows(const struct range *range, struct sql_query *q)
{
	struct journal_row row;

	arena_reset(range->arena);
	if (journal_row_decode(range->arena, sql_text(q, "body"), &row))
		show_row(range, &row);
	else
		sql_fail(range->sql, "posts up to %lld are damaged", (long long)sql_int(q, "n"));
}

/* A row has the number of its last post; the first that has one of the range may begin before it,
 * and so may the first that is behind it. */
static void show_older(const struct range *range, int64_t number)
{
	struct sql_query *q = sql_query(
		range->sql, "select * from posts where conversation = ? and n >= ? order by n");
	uint32_t n = 0;

	sql_bind_int(q, number);
	sql_bind_int(q, range->first);
	while (n < range->last && sql_next(q)) {
		struct str who = sql_text(q, "who");

		n = (uint32_t)sql_int(q, "n");
		if (str_is(who, rows_word))
			show_rows(range, q);
		else
			show_single(range, q, who_of(who));
	}
	sql_end(q);
}

/* Which piece is before this one. */
static int64_t read_bytes(struct sql *sql, int64_t piece, struct arena *arena, struct str *bytes)
{
	struct sql_query *q = sql_query(sql, "select before, bytes from piece where id = ?");
	int64_t before = 0;

	*bytes = (struct str){"", 0};
	sql_bind_int(q, piece);
	if (sql_next(q)) {
		before = sql_int(q, "before");
		*bytes = sql_copy(q, arena, "bytes");
	} else {
		sql_fail(sql, "piece %lld is missing", (long long)piece);
	}
	sql_end(q);
	return before;
}

static int64_t read_posts(const struct range *range, int64_t piece, struct journal_row *row)
{
	struct str bytes;
	int64_t before = read_bytes(range->sql, piece, range->arena, &bytes);

	if (!journal_row_decode(range->arena, bytes, row))
		sql_fail(range->sql, "piece %lld is damaged", (long long)piece);
	return before;
}

static void show_pieces(const struct range *range, const struct kept_place *place)
{
	struct journal_row row[table_most_pieces];
	int64_t piece = place->piece;
	size_t n = 0;

	arena_reset(range->arena);
	while (piece && n < table_most_pieces) {
		piece = read_posts(range, piece, &row[n++]);
		if (row[n - 1].n_posts && row[n - 1].post[0].n <= range->first)
			break;
	}
	while (n)
		show_row(range, &row[--n]);
}

size_t table_pieces(struct sql *sql, const struct kept_place *place, struct arena *arena,
	struct str bytes[table_most_pieces])
{
	int64_t piece = place->piece;
	size_t n = 0;

	while (piece && n < table_most_pieces)
		piece = read_bytes(sql, piece, arena, &bytes[n++]);
	for (size_t i = 0; i < n / 2; i++) {
		struct str newer = bytes[i];

		bytes[i] = bytes[n - 1 - i];
		bytes[n - 1 - i] = newer;
	}
	return n;
}

void table_posts(struct sql *sql, const struct kept_place *place, uint32_t first, uint32_t last,
	struct arena *arena, kept_post_function *each, void *self)
{
	const struct range range = {sql, first, last, arena, each, self};

	if (first <= place->n_older)
		show_older(&range, place->number);
	if (last > place->n_older)
		show_pieces(&range, place);
}

/* Ids */

struct looking {
	struct str mid;
	bool found;
};

static void look_at_post(void *self, const struct kept_post *post)
{
	struct looking *looking = self;

	looking->found = looking->found || str_eq(post->mid, looking->mid);
}

static bool has_row(struct sql *sql, int64_t number, struct str mid)
{
	struct sql_query *q =
		sql_query(sql, "select 1 from mid where conversation = ? and mid = ?");

	sql_bind_int(q, number);
	sql_bind_text(q, mid);
	return sql_number(q) == 1;
}

bool table_has_mid(
	struct sql *sql, const struct kept_place *place, struct str mid, struct arena *arena)
{
	struct looking looking = {.mid = mid};

	if (place->has_mids && has_row(sql, place->number, mid))
		return true;
	table_posts(sql, place, 1, table_posts_with_mid, arena, look_at_post, &looking);
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

void table_mids(struct sql *sql, const struct kept_place *place, int64_t max, struct arena *arena,
	kept_mid_function *each, void *self)
{
	struct sql_query *q = sql_query(sql, "select mid from mid where conversation = ? limit ?");

	sql_bind_int(q, place->number);
	sql_bind_int(q, place->has_mids ? max : 0);
	while (sql_next(q))
		each(self, sql_text(q, "mid"));
	sql_end(q);
	table_posts(sql, place, 1, table_posts_with_mid, arena, list_mid,
		&(struct listing){each, self});
}

/* The end of conversations */

static int64_t run_on(struct sql_query *q, int64_t number)
{
	sql_bind_int(q, number);
	return sql_run(q);
}

void table_erase(struct sql *sql, struct moves *moves, const struct kept_piece *newest)
{
	struct kept_place place = newest->place;

	forget_move(moves, place.number);
	table_counted(sql, COUNT_POSTS, -(int64_t)newest->place.last_post);
	table_drop_pieces(sql, &place, 0);
	(void)run_on(sql_query(sql, "delete from posts where conversation = ?"), place.number);
	(void)run_on(sql_query(sql, "delete from mid where conversation = ?"), place.number);
	table_counted(sql, COUNT_SESSIONS,
		-run_on(sql_query(sql, "delete from conversation where id = ?"), place.number));
}

void table_idle(struct sql *sql, int64_t before, int64_t saved, int64_t number, int max,
	kept_number_function *each, void *self)
{
	struct sql_query *q = sql_query(sql,
		"select id, saved from conversation where saved < ? and (saved, id) > (?, ?)"
		" order by saved, id limit ?");

	sql_bind_int(q, before);
	sql_bind_int(q, saved);
	sql_bind_int(q, number);
	sql_bind_int(q, max);
	while (sql_next(q))
		each(self, sql_int(q, "id"), sql_int(q, "saved"));
	sql_end(q);
}

void table_note_saved(struct sql *sql, int64_t number, int64_t saved)
{
	struct sql_query *q = sql_query(sql, "update conversation set saved = ? where id = ?");

	sql_bind_int(q, saved);
	sql_bind_int(q, number);
	(void)sql_run(q);
}

/* Numbers */

static const char *const number_name[] = {
	[COUNT_SESSIONS] = "sessions",
	[COUNT_POSTS] = "posts",
	[JOURNAL_FOLDED] = "folded",
	[JOURNAL_FILES] = "files",
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
	struct sql_query *q = sql_query(sql, "insert into meta(name, number) values (?1, ?2)"
					     " on conflict(name) do update set number = ?2");

	sql_bind_text(q, str_of(number_name[of]));
	sql_bind_int(q, number);
	(void)sql_run(q);
}
