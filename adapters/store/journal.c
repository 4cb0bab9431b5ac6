/* The journal: what turns add is appended to it in one place, whatever conversations it is of, and
 * later folded (fold.c).  Turns that change nothing but conversations, and how peers stand, go to
 * the journal's own files; what others add is a row of a table, so that it is one transaction with
 * the rest that they write. seq counts through both. */
#include "adapters/store/store_sqlite.h"

#include <assert.h>

#include "adapters/store/peer_row.h"
#include "adapters/store/peer_table.h"

enum {
	ROW_MAX = 256 << 20,
	ROW_ARENA = 64 << 20,
	USUAL_ROW = 2048, /* bytes; longer ones count as several */
	TURN_ROWS = 8192,
	TURN_BYTES = 8 << 20
};

/* Writing */

static void encode(struct store_sqlite *own, struct draft *draft)
{
	draft->bytes = journal_row_encode(&draft->row, drafts_arena(own->drafts));
	assert(draft->bytes.n <= ROW_MAX);
}

struct writing {
	struct store_sqlite *own;
	struct buf bytes; /* of a peer */
	int64_t seq;
};

static void add_row(void *self, struct draft *draft)
{
	struct writing *w = self;
	struct sql_query *q = sql_query(
		w->own->sql, "insert into journal(seq, conversation, bytes) values (?, ?, ?)");

	encode(w->own, draft);
	sql_bind_int(q, ++w->seq);
	sql_bind_kept_text(q, draft->conversation);
	sql_bind_kept_blob(q, draft->bytes);
	(void)sql_run(q);
}

static void put_peer(void *self, const struct store_peer *peer)
{
	struct writing *w = self;

	peer_table_put(w->own->sql, peer, ++w->seq);
}

void journal_write(struct store_sqlite *own)
{
	struct writing w = {.own = own, .seq = own->last_seq};

	drafts_each(own->drafts, add_row, &w);
	peer_book_changes(own->peers, put_peer, &w);
}

static void add_to_record(void *self, struct draft *draft)
{
	struct writing *w = self;

	encode(w->own, draft);
	journal_file_add(w->own->file, draft->conversation, draft->bytes);
	w->seq++;
}

static void add_peer_to_record(void *self, const struct store_peer *peer)
{
	struct writing *w = self;

	buf_clear(&w->bytes);
	peer_row_encode(peer, &w->bytes);
	journal_file_add(w->own->file, peer->conversation, buf_str(&w->bytes));
	w->seq++;
}

void journal_put_aside(struct store_sqlite *own)
{
	if (!journal_file_is_sure(own->file))
		return;
	journal_file_turn(own->file);
	own->aside_seq = own->last_seq;
	own->n_aside = tail_rows(own->tail);
}

/* Nearly all that is in the older file is folded by the time that the newer one is as long.  Where
 * everything is folded soon, rows are few and the file grows all the same. */
static void take_turns(struct store_sqlite *own)
{
	if (own->aside_seq ||
		(sqlite_journal(&own->store) < TURN_ROWS &&
			journal_file_length(own->file) < TURN_BYTES) ||
		fold_removes_file(own))
		return;
	journal_put_aside(own);
}

/* A new file is noted before there is anything in it.  Where that fails it is tried again with the
 * next record: nothing is lost by it. */
static void note_file(struct store_sqlite *own)
{
	unsigned files = own->noted | 1U << journal_file_in_use(own->file);

	if (files == own->noted && journal_file_is_made(own->file))
		return;
	sqlite_settle(own);
	files = own->noted | 1U << journal_file_in_use(own->file);
	if (journal_file_make(own->file) != SQL_OK || sql_begin(own->sql) != SQL_OK)
		return;
	table_set_number(own->sql, JOURNAL_FILES, files);
	if (sql_commit(own->sql) == SQL_OK)
		own->noted = files;
}

int64_t journal_prepare(struct store_sqlite *own)
{
	struct writing w = {.own = own, .seq = own->last_seq};

	take_turns(own);
	note_file(own);
	journal_file_expect(own->file, own->last_seq + 1);
	journal_file_begin(own->file);
	buf_init(&w.bytes, ROW_MAX);
	drafts_each(own->drafts, add_to_record, &w);
	peer_book_changes(own->peers, add_peer_to_record, &w);
	buf_release(&w.bytes);
	return w.seq;
}

struct adding {
	struct store_sqlite *own;
	bool in_table;
};

static void add_to_tail(void *self, struct draft *draft)
{
	const struct adding *w = self;
	struct tail_row *row = tail_add(w->own->tail, draft->conversation, &draft->place,
		++w->own->last_seq, &draft->row, draft->bytes);

	row->in_table = w->in_table;
}

void journal_written(struct store_sqlite *own, enum written written)
{
	bool in_table = written == WRITTEN_IN_TABLES;

	drafts_each(own->drafts, add_to_tail, &(struct adding){own, in_table});
	if (written == WRITTEN_MAYBE)
		own->last_seq = peer_book_commit_maybe(own->peers, own->last_seq);
	else
		own->last_seq = peer_book_commit(own->peers, own->last_seq, in_table);
}

/* Reading */

void journal_read(const struct tail_row *row, struct arena *arena, struct journal_row *out)
{
	bool good = journal_row_decode(arena, tail_row_bytes(row), out);

	assert(good); /* it was decoded before it became part of the tail, or encoded here */
	(void)good;
}

struct journal_parts journal_parts_read(const struct tail_row *row)
{
	struct journal_parts parts;
	bool good = journal_parts_of(tail_row_bytes(row), &parts);

	assert(good);
	(void)good;
	return parts;
}

struct row_in_table {
	int64_t seq;
	struct str conversation, bytes;
};

struct reading {
	struct store_sqlite *own;
	struct arena *arena, *scratch;
	struct row_in_table *row; /* which are not in the tail yet, in order of seq */
	size_t n_rows;
};

static void read_into_tail(
	struct reading *r, int64_t seq, struct str conversation, struct str bytes, bool in_table)
{
	struct store_sqlite *own = r->own;
	const struct tail_entry *entry = tail_find(own->tail, conversation);
	struct kept_piece kept = {.seq = 0};
	struct journal_row row;
	struct tail_row *made;
	uint32_t last;

	if (seq > own->last_seq)
		own->last_seq = seq;
	arena_reset(r->scratch);
	if (!entry && table_find(own->sql, own->moves, own->key, conversation, r->scratch, &kept) &&
		seq <= kept.seq)
		return;
	last = entry ? entry->last_post : kept.place.last_post;
	if (!journal_row_decode(r->scratch, bytes, &row)) {
		sql_fail(own->sql, "row %lld of the journal is damaged", (long long)seq);
		return;
	}
	if (row.n_posts && row.post[0].n != last + 1) {
		sql_fail(own->sql,
			"row %lld of the journal: post %u of '%.*s' does not follow post %u: "
			"do the store's files belong together?",
			(long long)seq, row.post[0].n, STR(conversation), last);
		return;
	}
	made = tail_add(own->tail, conversation, &kept.place, seq, &row, bytes);
	made->in_table = in_table;
}

/* Those in the table, up to one of the files. */
static void read_before(struct reading *r, int64_t seq)
{
	for (; r->n_rows && r->row->seq < seq; r->row++, r->n_rows--)
		read_into_tail(r, r->row->seq, r->row->conversation, r->row->bytes, true);
}

/* A row of the files may be folded already, and the table newer. */
static void read_into_book(
	struct store_sqlite *own, int64_t seq, struct str conversation, struct str bytes)
{
	struct store_peer peer;

	if (seq > own->last_seq)
		own->last_seq = seq;
	if (!peer_row_decode(bytes, conversation, &peer)) {
		sql_fail(own->sql, "row %lld of the journal is damaged", (long long)seq);
	} else if (seq > peer_table_seq(own->sql, conversation)) {
		peer_book_change(own->peers, &peer);
		peer_book_commit(own->peers, seq - 1, false);
	}
}

static void read_row(void *self, int64_t seq, struct str conversation, struct str bytes)
{
	struct reading *r = self;

	read_before(r, seq);
	if (peer_row_is(bytes))
		read_into_book(r->own, seq, conversation, bytes);
	else
		read_into_tail(r, seq, conversation, bytes, false);
}

static void list_table(struct reading *r)
{
	struct sql_query *q =
		sql_query(r->own->sql, "select seq, conversation, bytes from journal order by seq");

	while (sql_next(q)) {
		r->row = arena_grow(r->arena, r->row, r->n_rows, struct row_in_table);
		r->row[r->n_rows++] = (struct row_in_table){sql_int(q, "seq"),
			sql_copy(q, r->arena, "conversation"), sql_copy(q, r->arena, "bytes")};
	}
	sql_end(q);
}

static void read_files(struct reading *r)
{
	struct store_sqlite *own = r->own;
	enum sql_status status = journal_file_read(own->file, own->last_seq, read_row, r);

	if (status != SQL_OK)
		sql_fail(own->sql, "%s", journal_file_error(own->file));
	own->aside_seq = journal_file_aside(own->file);
}

static size_t count_aside(const struct store_sqlite *own)
{
	size_t n = 0;

	for (struct tail_entry *entry = tail_oldest(own->tail); entry; entry = tail_next(entry))
		n += tail_rows_up_to(entry, own->aside_seq, SIZE_MAX);
	return n;
}

enum sql_status journal_open(struct store_sqlite *own)
{
	struct reading r = {own, arena_new(ROW_MAX), arena_new(ROW_ARENA)};

	own->last_seq = table_number(own->sql, JOURNAL_FOLDED);
	list_table(&r);
	if (own->file)
		read_files(&r);
	read_before(&r, INT64_MAX);
	own->n_aside = count_aside(own);
	arena_free(r.arena);
	arena_free(r.scratch);
	return sql_status(own->sql);
}

size_t sqlite_journal(const struct store *store)
{
	const struct store_sqlite *own = (const struct store_sqlite *)store;
	size_t heavy = tail_bytes(own->tail) / USUAL_ROW, rows = tail_rows(own->tail);

	return (heavy > rows ? heavy : rows) + peer_book_unfolded(own->peers);
}

size_t sqlite_unfolded(const struct store *store)
{
	return tail_entries(((const struct store_sqlite *)store)->tail);
}
