/* The journal: what turns add is appended to it in one place of the file, whatever conversations it
 * is of, and later folded: moved into the tables, many turns at once and in the order of the
 * tables. The newest session of a conversation stands for those before it. */
#include "adapters/store/store_sqlite.h"

#include <assert.h>
#include <stdlib.h>

enum { ROW_MAX = 256 << 20, ROW_ARENA = 64 << 20, FOLD_ARENA = 1 << 30 };

/* Writing */

struct writing {
	struct sql *sql;
	int64_t seq;
	struct buf bytes;
};

static void write_row(void *self, const struct draft *draft)
{
	struct writing *w = self;
	struct sql_query *q =
		sql_query(w->sql, "insert into journal(seq, conversation, bytes) values (?, ?, ?)");

	buf_clear(&w->bytes);
	journal_row_encode(&draft->row, &w->bytes);
	assert(!w->bytes.over);
	sql_bind_int(q, ++w->seq);
	sql_bind_text(q, draft->conversation);
	sql_bind_blob(q, buf_str(&w->bytes));
	(void)sql_run(q);
}

void journal_write(struct store_sqlite *own)
{
	struct writing w = {own->sql, own->last_seq};

	buf_init(&w.bytes, ROW_MAX);
	drafts_each(own->drafts, write_row, &w);
	buf_release(&w.bytes);
}

static void add_to_tail(void *self, const struct draft *draft)
{
	struct store_sqlite *own = self;

	tail_add(own->tail, draft->conversation, draft->session, draft->last_post, ++own->last_seq,
		&draft->row);
}

void journal_written(struct store_sqlite *own)
{
	drafts_each(own->drafts, add_to_tail, own);
}

/* Reading */

static bool decode(
	struct sql *sql, struct sql_query *q, struct arena *arena, struct journal_row *row)
{
	if (journal_row_decode(arena, sql_copy(q, arena, "bytes"), row))
		return true;
	sql_fail(sql, "row %lld of the journal is damaged", (long long)sql_int(q, "seq"));
	return false;
}

bool journal_read(struct sql *sql, int64_t seq, struct arena *arena, struct journal_row *row)
{
	struct sql_query *q = sql_query(sql, "select seq, bytes from journal where seq = ?");
	bool found;

	sql_bind_int(q, seq);
	found = sql_next(q) && decode(sql, q, arena, row);
	sql_end(q);
	return found;
}

static void read_into_tail(struct store_sqlite *own, struct sql_query *q, struct arena *arena)
{
	struct str conversation = sql_text(q, "conversation");
	struct journal_row row;
	int64_t session = 0;
	uint32_t last = 0;

	if (!decode(own->sql, q, arena, &row))
		return;
	if (!tail_find(own->tail, conversation)) {
		session = table_find(own->sql, conversation);
		last = session ? table_last_post(own->sql, session) : 0;
	}
	own->last_seq = sql_int(q, "seq");
	tail_add(own->tail, conversation, session, last, own->last_seq, &row);
}

enum sql_status journal_open(struct store_sqlite *own)
{
	struct sql_query *q =
		sql_query(own->sql, "select seq, conversation, bytes from journal order by seq");
	struct arena *arena = arena_new(ROW_ARENA);

	while (sql_next(q)) {
		read_into_tail(own, q, arena);
		arena_reset(arena);
	}
	sql_end(q);
	arena_free(arena);
	return sql_status(own->sql);
}

size_t sqlite_journal(const struct store *store)
{
	return tail_rows(((const struct store_sqlite *)store)->tail);
}

/* Folding */

struct folding {
	int64_t seq;
	struct tail_entry *entry;
	struct journal_row row;
	int64_t session;
};

static bool read_rows(struct store_sqlite *own, struct tail_entry *entry, size_t max_rows,
	struct arena *arena, struct folding *f, size_t *n)
{
	for (const struct tail_row *row = entry->row; row && *n < max_rows; row = row->next) {
		f[*n] = (struct folding){.seq = row->seq, .entry = entry};
		if (!journal_read(own->sql, row->seq, arena, &f[*n].row))
			return false;
		++*n;
	}
	return true;
}

/* The conversation of the oldest row with all its rows, then that of the next row that is not among
 * them: so a conversation's newest session is all that is written of several. */
static size_t read_oldest(
	struct store_sqlite *own, size_t max_rows, struct arena *arena, struct folding *f)
{
	struct sql_query *q =
		sql_query(own->sql, "select seq, conversation from journal order by seq");
	size_t n = 0;

	while (n < max_rows && sql_next(q)) {
		struct tail_entry *entry = tail_find(own->tail, sql_text(q, "conversation"));

		assert(entry);
		if (entry->row->seq == sql_int(q, "seq") &&
			!read_rows(own, entry, max_rows, arena, f, &n))
			break;
	}
	sql_end(q);
	return n;
}

/* New ones by name, which is how their index is sorted, after all those that have a number. */
static int compare_entries(const struct tail_entry *a, const struct tail_entry *b)
{
	if (a->session != b->session)
		return (uint64_t)a->session - 1 < (uint64_t)b->session - 1 ? -1 : 1;
	return a->session ? 0 : str_cmp(a->conversation, b->conversation);
}

static int in_order_of_tables(const void *a, const void *b)
{
	const struct folding *x = a, *y = b;
	int order = compare_entries(x->entry, y->entry);

	return order ? order : (x->seq > y->seq) - (x->seq < y->seq);
}

static int in_order_of_journal(const void *a, const void *b)
{
	const struct folding *x = a, *y = b;

	return (x->seq > y->seq) - (x->seq < y->seq);
}

static void fold_row(struct sql *sql, const struct folding *f)
{
	const struct journal_row *row = &f->row;

	for (size_t i = 0; i < row->n_posts; i++) {
		table_add_post(sql, f->session, &row->post[i]);
		if (row->post[i].mid.n)
			table_add_mid(sql, f->session, row->post[i].mid, row->post[i].at_ms);
	}
	for (size_t i = 0; i < row->n_mids; i++)
		table_add_mid(sql, f->session, row->mid[i].mid, row->mid[i].at_ms);
	if (f->entry->session_seq == f->seq)
		table_save(sql, f->session, &row->session);
}

static void drop_row(struct sql *sql, int64_t seq)
{
	struct sql_query *q = sql_query(sql, "delete from journal where seq = ?");

	sql_bind_int(q, seq);
	(void)sql_run(q);
}

/* Afterwards @f is in the order of the journal. */
static void fold_rows(struct sql *sql, struct folding *f, size_t n)
{
	int64_t n_sessions = 0, n_posts = 0;

	qsort(f, n, sizeof(*f), in_order_of_tables);
	for (size_t i = 0; i < n; i++) {
		bool same = i > 0 && f[i].entry == f[i - 1].entry;

		f[i].session = same ? f[i - 1].session : f[i].entry->session;
		if (!f[i].session) {
			f[i].session = table_add(sql, f[i].entry->conversation);
			n_sessions++;
		}
		fold_row(sql, &f[i]);
		n_posts += (int64_t)f[i].row.n_posts;
	}
	qsort(f, n, sizeof(*f), in_order_of_journal);
	for (size_t i = 0; i < n; i++)
		drop_row(sql, f[i].seq);
	table_counted(sql, COUNT_SESSIONS, n_sessions);
	table_counted(sql, COUNT_POSTS, n_posts);
}

static void folded(struct tail *tail, struct folding *f, size_t n)
{
	for (size_t i = 0; i < n; i++)
		tail_folded(tail, f[i].entry, f[i].session);
}

static enum store_status fold(struct store_sqlite *own, size_t max_rows, struct arena *arena)
{
	struct folding *f = arena_array(arena, struct folding, max_rows);
	enum sql_status status = sql_begin_relaxed(own->sql);
	size_t n;

	if (status != SQL_OK)
		return sqlite_status(status);
	n = read_oldest(own, max_rows, arena, f);
	fold_rows(own->sql, f, n);
	status = sql_commit(own->sql);
	if (status == SQL_OK)
		folded(own->tail, f, n);
	return sqlite_status(status);
}

enum store_status sqlite_fold(struct store *store, size_t max_rows, size_t *left)
{
	struct store_sqlite *own = sqlite_own(store);
	size_t n = tail_rows(own->tail) < max_rows ? tail_rows(own->tail) : max_rows;
	enum store_status status = STORE_OK;
	struct arena *arena;

	if (n) {
		arena = arena_new(FOLD_ARENA);
		status = fold(own, n, arena);
		arena_free(arena);
	}
	*left = tail_rows(own->tail);
	return status;
}
