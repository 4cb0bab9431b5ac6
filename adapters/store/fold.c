/* Folding: rows of the journal are moved into the tables, many turns of a conversation at once and
 * in the order of the tables.  The newest session of a conversation stands for those before it, and
 * its posts become one row. */
#include "adapters/store/store_sqlite.h"

#include <stdlib.h>

enum { ROW_MAX = 256 << 20, FOLD_ARENA = 1 << 30, CHUNK_MAX = 32 << 10 };

/* A conversation with so many of its oldest rows. */
struct folding {
	struct tail_entry *entry;
	size_t n;
	int64_t session;
};

static size_t count_rows(const struct tail_entry *entry, size_t max)
{
	size_t n = 0;

	for (const struct tail_row *row = entry->row; row && n < max; row = row->next)
		n++;
	return n;
}

/* Those that have had rows for longest, with all of them: so a conversation's newest session is all
 * that is written of several. */
static size_t choose_oldest(const struct tail *tail, size_t max_rows, struct folding *f)
{
	struct tail_entry *entry = tail_oldest(tail);
	size_t n = 0, n_rows = 0;

	for (; entry && n_rows < max_rows; entry = tail_next(entry), n++) {
		f[n] = (struct folding){.entry = entry,
			.n = count_rows(entry, max_rows - n_rows),
			.session = entry->session};
		n_rows += f[n].n;
	}
	return n;
}

/* New ones by name, which is how their index is sorted, after all those that have a number. */
static int in_order_of_tables(const void *a, const void *b)
{
	const struct folding *x = a, *y = b;

	if (x->session != y->session)
		return (uint64_t)x->session - 1 < (uint64_t)y->session - 1 ? -1 : 1;
	return str_cmp(x->entry->conversation, y->entry->conversation);
}

/* Several posts in one row of the table. */
struct chunk {
	struct sql *sql;
	int64_t session;
	struct journal_row row;
	size_t n_bytes;
	struct buf bytes;
};

static void end_chunk(struct chunk *chunk)
{
	const struct kept_post *last;

	if (!chunk->row.n_posts)
		return;
	last = &chunk->row.post[chunk->row.n_posts - 1];
	buf_clear(&chunk->bytes);
	journal_row_encode(&chunk->row, &chunk->bytes);
	table_add_chunk(chunk->sql, chunk->session, last->n, last->at_ms, buf_str(&chunk->bytes));
	chunk->row.post += chunk->row.n_posts;
	chunk->row.n_posts = 0;
	chunk->n_bytes = 0;
}

static void add_to_chunk(struct chunk *chunk, const struct kept_post *post)
{
	if (chunk->n_bytes && chunk->n_bytes + post->body.n > CHUNK_MAX)
		end_chunk(chunk);
	chunk->row.post[chunk->row.n_posts++] = *post;
	chunk->n_bytes += post->body.n;
}

static void fold_row(struct chunk *chunk, const struct journal_row *row)
{
	for (size_t i = 0; i < row->n_posts; i++) {
		add_to_chunk(chunk, &row->post[i]);
		if (row->post[i].mid.n && row->post[i].n > table_posts_with_mid)
			table_add_mid(
				chunk->sql, chunk->session, row->post[i].mid, row->post[i].at_ms);
	}
	for (size_t i = 0; i < row->n_mids; i++)
		table_add_mid(chunk->sql, chunk->session, row->mid[i].mid, row->mid[i].at_ms);
}

static void drop_row(struct sql *sql, int64_t seq)
{
	struct sql_query *q = sql_query(sql, "delete from journal where seq = ?");

	sql_bind_int(q, seq);
	(void)sql_run(q);
}

/* Not beyond the last, behind which the first thread may be adding others. */
static const struct tail_row *next_row(
	const struct folding *f, const struct tail_row **row, size_t i)
{
	const struct tail_row *this = *row;

	if (i + 1 < f->n)
		*row = this->next;
	return this;
}

static size_t count_posts(const struct folding *f)
{
	const struct tail_row *row = f->entry->row;
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += next_row(f, &row, i)->n_posts;
	return n;
}

static void fold_entry(struct sql *sql, const struct folding *f, struct buf *bytes)
{
	const struct tail_row *row = f->entry->row;
	struct arena *arena = arena_new(FOLD_ARENA);
	struct chunk chunk = {.sql = sql, .session = f->session, .bytes = *bytes};
	struct journal_row newest = {0}, read;
	int64_t seq = 0;

	chunk.row.post = arena_array(arena, struct kept_post, count_posts(f) + 1);
	for (size_t i = 0; i < f->n; i++) {
		const struct tail_row *this = next_row(f, &row, i);

		journal_read(this, arena, &read);
		fold_row(&chunk, &read);
		if (read.has_session)
			newest = read;
		if (this->in_table)
			drop_row(sql, this->seq);
		seq = this->seq;
	}
	end_chunk(&chunk);
	if (newest.has_session)
		table_save(sql, f->session, &newest.session, seq);
	else
		table_folded(sql, f->session, seq);
	*bytes = chunk.bytes;
	arena_free(arena);
}

static void fold_entries(struct sql *sql, struct folding *f, size_t n)
{
	int64_t n_sessions = 0, n_posts = 0;
	struct buf bytes;

	buf_init(&bytes, ROW_MAX);
	qsort(f, n, sizeof(*f), in_order_of_tables);
	for (size_t i = 0; i < n; i++) {
		if (!f[i].session) {
			f[i].session = table_add(sql, f[i].entry->conversation);
			n_sessions++;
		}
		n_posts += (int64_t)count_posts(&f[i]);
		fold_entry(sql, &f[i], &bytes);
	}
	table_counted(sql, COUNT_SESSIONS, n_sessions);
	table_counted(sql, COUNT_POSTS, n_posts);
	buf_release(&bytes);
}

/* One round. */
struct folds {
	struct sql *sql;
	struct folding *f;
	size_t n, cap;
	enum sql_status status;
	int64_t all_up_to; /* of the journal's rows are in the tables, so its older file is free; 0
			    */
	bool aside;        /* it is the second thread's */
};

static void begin_folds(struct store_sqlite *own, size_t max_rows)
{
	struct folds *folds = own->folds;

	if (!folds)
		folds = own->folds = calloc(1, sizeof(*folds));
	if (folds && folds->cap < max_rows) {
		folds->f = realloc(folds->f, max_rows * sizeof(*folds->f));
		folds->cap = max_rows;
	}
	if (!folds || !folds->f)
		abort();
	folds->sql = own->sql;
	folds->all_up_to = own->n_aside ? 0 : own->aside_seq;
	folds->n = choose_oldest(own->tail, max_rows, folds->f);
}

/* What was folded before is durable with this; without it, it would be read from the files again.
 */
static enum sql_status note_folded(struct sql *sql, int64_t seq)
{
	enum sql_status status = sql_begin(sql);

	if (status != SQL_OK)
		return status;
	table_set_number(sql, JOURNAL_FOLDED, seq);
	return sql_commit(sql);
}

/* Changes nothing but the file. */
static void fold(void *self)
{
	struct folds *folds = self;

	folds->status = folds->all_up_to ? note_folded(folds->sql, folds->all_up_to) : SQL_OK;
	if (folds->status != SQL_OK) {
		folds->all_up_to = 0;
		return;
	}
	folds->status = sql_begin_relaxed(folds->sql);
	if (folds->status != SQL_OK)
		return;
	fold_entries(folds->sql, folds->f, folds->n);
	folds->status = sql_commit(folds->sql);
	if (folds->status == SQL_OK)
		sql_write_back(folds->sql);
}

static void count_folded(struct store_sqlite *own, const struct folding *f)
{
	const struct tail_row *row = f->entry->row;

	for (size_t i = 0; i < f->n; i++)
		own->n_aside -= next_row(f, &row, i)->seq <= own->aside_seq;
}

static void end_folds(struct store_sqlite *own)
{
	struct folds *folds = own->folds;

	if (folds->all_up_to) {
		journal_file_drop_aside(own->file);
		own->aside_seq = 0;
	}
	for (size_t i = 0; i < folds->n && folds->status == SQL_OK; i++) {
		count_folded(own, &folds->f[i]);
		tail_folded(own->tail, folds->f[i].entry, folds->f[i].session, folds->f[i].n);
	}
	folds->n = 0;
}

void fold_forget_files(struct store_sqlite *own)
{
	if (own->file)
		journal_file_remove(own->file);
	own->aside_seq = 0;
	own->n_aside = 0;
}

void sqlite_settle(struct store_sqlite *own)
{
	if (!own->folds || !own->folds->aside)
		return;
	helper_wait(own->helper);
	own->folds->aside = false;
	end_folds(own);
}

void folds_free(struct folds *folds)
{
	if (folds)
		free(folds->f);
	free(folds);
}

enum store_status sqlite_fold(struct store *store, size_t max_rows, size_t *left)
{
	struct store_sqlite *own = sqlite_own(store);

	sqlite_settle(own);
	*left = tail_rows(own->tail);
	if (!*left)
		return STORE_OK;
	begin_folds(own, max_rows < *left ? max_rows : *left);
	fold(own->folds);
	end_folds(own);
	*left = tail_rows(own->tail);
	return sqlite_status(own->folds->status);
}

enum store_status fold_all(struct store_sqlite *own)
{
	enum store_status status = STORE_OK;
	size_t left;

	do
		status = sqlite_fold(&own->store, FOLD_STEP, &left);
	while (status == STORE_OK && left);
	return status;
}

enum store_status fold_over(struct store_sqlite *own)
{
	enum store_status status = fold_all(own);

	if (status != STORE_OK || !own->file || !journal_file_bytes(own->file))
		return status;
	status = sqlite_status(note_folded(own->sql, own->last_seq));
	if (status == STORE_OK)
		fold_forget_files(own);
	return status;
}

enum store_status sqlite_fold_aside(struct store *store, size_t max_rows)
{
	struct store_sqlite *own = sqlite_own(store);
	enum sql_status last = own->folds && !own->folds->aside ? own->folds->status : SQL_OK;
	size_t n = tail_rows(own->tail) < max_rows ? tail_rows(own->tail) : max_rows;

	if (own->folds && own->folds->aside && helper_is_done(own->helper))
		sqlite_settle(own);
	if (!n || (own->folds && own->folds->aside) || own->in_file)
		return sqlite_status(last);
	begin_folds(own, n);
	own->folds->aside = helper_begin(own->helper, fold, own->folds);
	if (!own->folds->aside) {
		fold(own->folds);
		end_folds(own);
	}
	return sqlite_status(last);
}
