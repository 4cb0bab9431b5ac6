/* Folding: rows of the journal are moved into the tables, many turns of a conversation at once:
 * they become one piece, in which the newest session stands for those before it. */
#include "adapters/store/store_sqlite.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/store/peer_table.h"

enum { ROW_MAX = 256 << 20, FOLD_ARENA = 1 << 30, CHUNK_MAX = 32 << 10, MOVES_SHARE = 16 };
enum { HURRY_LEAST = 16 }; /* conversations and peers */

/* A conversation with so many of its oldest rows. */
struct folding {
	struct tail_entry *entry;
	size_t n;
	size_t n_aside;          /* of them, that were in the file put aside as the round began */
	bool more;               /* are there that could be folded, too many for one round */
	struct kept_place place; /* in the tables, before and after */
};

static struct folding folding_of(
	struct tail_entry *entry, enum store_fold what, int64_t up_to, size_t max)
{
	size_t n = tail_rows_up_to(entry, up_to, max + 1);
	struct folding f = {.entry = entry, .n = n, .place = entry->place};

	if (n > max) {
		f.n = max;
		f.more = true;
	} else if (what == FOLD_OLDER && n > 1 && n == entry->n_rows) {
		f.n--;
	}
	return f;
}

/* Those that have had rows for longest, with all of them, or all but one: so a conversation's
 * newest session is all that is written of several. */
static size_t choose_oldest(const struct tail *tail, enum store_fold what, int64_t up_to,
	size_t max_rows, struct folding *f)
{
	struct tail_entry *entry = tail_oldest(tail);
	size_t n = 0, n_rows = 0;

	for (; entry && n_rows < max_rows; entry = tail_next(entry)) {
		f[n] = folding_of(entry, what, up_to, max_rows - n_rows);
		n_rows += f[n].n;
		n += f[n].n > 0;
	}
	return n;
}

/* New ones after all those that have a number. */
static int in_order_of_tables(const void *a, const void *b)
{
	const struct folding *x = a, *y = b;

	if (x->place.number != y->place.number)
		return (uint64_t)x->place.number - 1 < (uint64_t)y->place.number - 1 ? -1 : 1;
	return str_cmp(x->entry->conversation, y->entry->conversation);
}

/* What folding needs, and what stays from one conversation to the next, and from round to round. */
struct fold_room {
	struct sql *sql;
	int64_t aside_seq; /* own->aside_seq as the round began */
	struct moves *moves;
	uint64_t key;
	struct arena *arena; /* of one conversation */
	struct journal_parts *part;
	size_t cap;
	struct buf bytes;
	int64_t n_sessions, n_posts;
};

/* So many parts, all empty. */
static struct journal_parts *room_parts(struct fold_room *room, size_t n)
{
	if (room->cap < n) {
		room->cap = 2 * n;
		free(room->part);
		room->part = malloc(room->cap * sizeof(*room->part));
		if (!room->part)
			abort();
	}
	memset(room->part, 0, n * sizeof(*room->part));
	return room->part;
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

/* Posts of several rows in one of the table. */
static void add_chunk(
	struct fold_room *room, int64_t number, const struct journal_parts *part, size_t n)
{
	const struct journal_parts *last = NULL;

	for (size_t i = 0; i < n; i++)
		last = part[i].n_posts ? &part[i] : last;
	if (!last)
		return;
	buf_clear(&room->bytes);
	journal_parts_join(part, n, &room->bytes);
	table_add_posts(room->sql, number, last->last_post, last->last_ms, buf_str(&room->bytes));
}

/* At least one of them. */
static size_t count_of_chunk(const struct journal_parts *part, size_t n)
{
	size_t n_bytes = 0, i = 0;

	for (; i < n && (!n_bytes || n_bytes + part[i].post_bytes.n <= CHUNK_MAX); i++)
		n_bytes += part[i].post_bytes.n;
	return i;
}

static size_t read_pieces(
	struct fold_room *room, const struct kept_place *place, struct journal_parts *part)
{
	struct str bytes[table_most_pieces];
	size_t n = table_pieces(room->sql, place, room->arena, bytes);

	for (size_t i = 0; i < n; i++)
		if (!journal_parts_of(bytes[i], &part[i]))
			sql_fail(room->sql, "a piece of conversation %lld is damaged",
				(long long)place->number);
	return n;
}

/* All that is in pieces, and in these rows. */
static void fold_posts(struct fold_room *room, const struct folding *f, struct kept_place *place,
	const struct journal_parts *part)
{
	struct journal_parts *all =
		arena_array(room->arena, struct journal_parts, table_most_pieces + f->n);
	size_t n = read_pieces(room, &f->place, all), chunk;

	memcpy(all + n, part, f->n * sizeof(*part));
	n += f->n;
	for (size_t i = 0; i < n; i++)
		all[i].has_session = false;
	for (size_t i = 0; i < n; i += chunk) {
		chunk = count_of_chunk(all + i, n - i);
		add_chunk(room, place->number, all + i, chunk);
	}
	table_drop_pieces(room->sql, place, place->last_post);
}

/* Ids of messages that made no post, and of posts that are not looked through for them. */
static void fold_mids(struct fold_room *room, const struct tail_row *row, struct kept_place *place)
{
	struct journal_row read;

	journal_read(row, room->arena, &read);
	for (size_t i = 0; i < read.n_posts; i++)
		if (read.post[i].mid.n && read.post[i].n > table_posts_with_mid)
			table_add_mid(
				room->sql, place->number, read.post[i].mid, read.post[i].at_ms);
	for (size_t i = 0; i < read.n_mids; i++)
		table_add_mid(room->sql, place->number, read.mid[i].mid, read.mid[i].at_ms);
	place->has_mids = true;
}

/* The row's parts, and what of it stands elsewhere than in a piece. */
static struct journal_parts fold_row(
	struct fold_room *room, const struct tail_row *row, struct kept_piece *piece)
{
	struct kept_place *place = &piece->place;
	struct journal_parts parts = journal_parts_read(row);

	if (row->n_posts)
		place->last_post = row->first + row->n_posts - 1;
	if (parts.n_mids || (row->n_mids && place->last_post > table_posts_with_mid))
		fold_mids(room, row, place);
	if (row->in_table)
		drop_row(room->sql, row->seq);
	piece->seq = row->seq;
	return parts;
}

static const struct kept_session *newest_session(const struct journal_parts *part, size_t n)
{
	while (n--)
		if (part[n].has_session)
			return &part[n].session;
	return NULL;
}

/* The newest piece has the newest session, always. */
static void keep_session(
	struct fold_room *room, const struct folding *f, struct journal_parts *before)
{
	struct kept_piece kept;

	if (table_read(room->sql, room->moves, f->place.number, room->arena, &kept) &&
		!journal_parts_of(kept.bytes, before))
		sql_fail(room->sql, "piece %lld is damaged", (long long)kept.place.piece);
	before->n_posts = 0;
	before->post_bytes.n = 0;
}

static size_t bytes_of_posts(const struct journal_parts *part, size_t n)
{
	size_t n_bytes = 0;

	while (n--)
		n_bytes += part[n].post_bytes.n;
	return n_bytes;
}

/* part[0] is for what is kept already. */
static void add_piece(struct fold_room *room, const struct folding *f, struct kept_piece *piece,
	struct journal_parts *part)
{
	size_t n = f->n + 1;

	if (f->place.number && !newest_session(part, n))
		keep_session(room, f, &part[0]);
	if (piece->place.n_pieces >= table_most_pieces || bytes_of_posts(part, n) > CHUNK_MAX) {
		fold_posts(room, f, &piece->place, part + 1);
		for (size_t i = 0; i < n; i++) {
			part[i].n_posts = 0;
			part[i].post_bytes.n = 0;
		}
	}
	buf_clear(&room->bytes);
	journal_parts_join(part, n, &room->bytes);
	piece->bytes = buf_str(&room->bytes);
	table_add_piece(room->sql, room->moves, piece, newest_session(part, n));
}

static void fold_entry(struct fold_room *room, struct folding *f)
{
	struct journal_parts *part = room_parts(room, f->n + 1);
	struct kept_piece piece = {.place = f->place, .name = f->entry->conversation};
	const struct tail_row *row = f->entry->row;

	if (!piece.place.number) {
		piece.place.number = table_new_number(room->sql, room->key, piece.name);
		room->n_sessions++;
	}
	for (size_t i = 0; i < f->n; i++) {
		part[i + 1] = fold_row(room, next_row(f, &row, i), &piece);
		f->n_aside += piece.seq <= room->aside_seq;
		room->n_posts += (int64_t)part[i + 1].n_posts;
	}
	add_piece(room, f, &piece, part);
	f->place = piece.place;
	arena_reset(room->arena);
}

/* One round. */
struct folds {
	struct sql *sql;
	struct fold_room room;
	struct folding *f;
	size_t n, cap;
	struct arena *arena;
	struct kept_peer *peer; /* in .arena */
	size_t n_peers;
	enum sql_status status;
	int64_t all_up_to; /* of the journal's rows are in the tables, so its older file is free; 0
			    */
	struct journal_file *file; /* whose older file goes; NULL: none does */
	unsigned files;            /* JOURNAL_FILES then */
	bool aside;        /* it is the second thread's */
	atomic_bool hurry; /* and somebody waits for it */
};

static struct folds *folds_new(void)
{
	struct folds *folds = calloc(1, sizeof(*folds));

	if (!folds)
		abort();
	folds->arena = arena_new(FOLD_ARENA);
	folds->room.arena = arena_new(FOLD_ARENA);
	buf_init(&folds->room.bytes, ROW_MAX);
	return folds;
}

static bool is_all_aside_folded(const struct store_sqlite *own)
{
	return !own->n_aside && peer_book_oldest(own->peers) > own->aside_seq;
}

/* Not while anything is folded. */
static bool is_clearing(const struct store_sqlite *own)
{
	return own->file && journal_file_oldest(own->file) <= own->clear_seq;
}

/* One that holds nothing is begun, as soon as there is one.  What is written from now on, of whom
 * may go on writing, is not in the way then. */
static void turn_to_clear(struct store_sqlite *own)
{
	if (!own->aside_seq && journal_file_oldest_aside(own->file) == INT64_MAX)
		journal_put_aside(own);
}

/* The older file, when it is not needed any more. */
static struct journal_file *file_to_remove(const struct store_sqlite *own)
{
	bool is_needed = own->aside_seq && !is_all_aside_folded(own);

	return is_clearing(own) && !is_needed && journal_file_oldest_aside(own->file) != INT64_MAX
		       ? own->file
		       : NULL;
}

/* So many rows of conversations, and so many peers. */
static void begin_folds(struct store_sqlite *own, enum store_fold what, size_t max_rows)
{
	int64_t up_to = is_clearing(own) && own->aside_seq ? own->aside_seq : INT64_MAX;
	struct folds *folds = own->folds;
	size_t n = tail_rows(own->tail) < max_rows ? tail_rows(own->tail) : max_rows;

	if (!folds)
		folds = own->folds = folds_new();
	if (folds->cap < n) {
		folds->f = realloc(folds->f, n * sizeof(*folds->f));
		folds->cap = n;
		if (!folds->f)
			abort();
	}
	arena_reset(folds->arena);
	folds->sql = folds->room.sql = own->sql;
	folds->room.moves = own->moves;
	folds->room.key = own->key;
	folds->room.aside_seq = own->aside_seq;
	atomic_store(&folds->hurry, false);
	folds->all_up_to = is_all_aside_folded(own) ? own->aside_seq : 0;
	folds->file = file_to_remove(own);
	folds->files = own->noted;
	if (folds->file)
		folds->files &= 1U << journal_file_in_use(own->file);
	folds->n = choose_oldest(own->tail, what, up_to, n, folds->f);
	folds->n_peers = peer_book_list(own->peers, max_rows, folds->arena, &folds->peer);
}

/* What was folded before is durable with this; without it, it would be read from the files again.
 */
static enum sql_status note_folded(struct sql *sql, int64_t seq, unsigned files)
{
	enum sql_status status = sql_begin(sql);

	if (status != SQL_OK)
		return status;
	if (seq)
		table_set_number(sql, JOURNAL_FOLDED, seq);
	table_set_number(sql, JOURNAL_FILES, files);
	return sql_commit(sql);
}

/* What is in it stays in the tables whatever happens. */
static enum sql_status remove_file(struct folds *folds)
{
	int error = folds->file ? journal_file_remove_aside(folds->file) : 0;

	if (error)
		sql_fail(folds->sql, "cannot remove a file of the journal: %s", strerror(error));
	return error ? SQL_BROKEN : SQL_OK;
}

/* Not before it has done so much that the transaction is worth its cost: half a millisecond. */
static bool is_to_end(struct folds *folds, size_t done)
{
	return done >= HURRY_LEAST && atomic_load(&folds->hurry);
}

/* In the order of the tables. */
static void fold_entries(struct folds *folds)
{
	struct fold_room *room = &folds->room;
	size_t done = 0;

	room->n_sessions = room->n_posts = 0;
	qsort(folds->f, folds->n, sizeof(*folds->f), in_order_of_tables);
	for (; done < folds->n && !is_to_end(folds, done); done++)
		fold_entry(room, &folds->f[done]);
	folds->n = done;
	table_counted(room->sql, COUNT_SESSIONS, room->n_sessions);
	table_counted(room->sql, COUNT_POSTS, room->n_posts);
}

static void fold_peers(struct folds *folds)
{
	size_t done = 0;

	for (; done < folds->n_peers && !is_to_end(folds, folds->n + done); done++)
		peer_table_put(folds->sql, &folds->peer[done].peer, folds->peer[done].seq);
	folds->n_peers = done;
}

/* Their number is bounded, and so large that several go to a page of the rows when they do: one
 * holds about 170.  Twice as many if somebody waits. */
static void lessen_moves(struct folds *folds)
{
	size_t most = (size_t)table_number(folds->sql, COUNT_SESSIONS) / MOVES_SHARE;

	moves_lessen(
		folds->room.moves, folds->sql, is_to_end(folds, HURRY_LEAST) ? 2 * most : most);
}

/* Changes nothing but the file. */
static void fold(void *self)
{
	struct folds *folds = self;

	folds->status = folds->all_up_to || folds->file
				? note_folded(folds->sql, folds->all_up_to, folds->files)
				: SQL_OK;
	if (folds->status == SQL_OK)
		folds->status = remove_file(folds);
	if (folds->status != SQL_OK) {
		folds->all_up_to = 0;
		return;
	}
	folds->status = sql_begin_relaxed(folds->sql);
	if (folds->status != SQL_OK)
		return;
	if (folds->n)
		fold_entries(folds);
	fold_peers(folds);
	lessen_moves(folds);
	folds->status = moves_commit(folds->room.moves, folds->sql);
	if (folds->status == SQL_OK && !is_to_end(folds, HURRY_LEAST))
		sql_write_back(folds->sql);
}

/* A file that was put aside since has all that were being folded. */
static size_t count_aside(
	const struct store_sqlite *own, const struct folds *folds, const struct folding *f)
{
	return own->aside_seq > folds->room.aside_seq ? f->n : f->n_aside;
}

static void end_folds(struct store_sqlite *own)
{
	struct folds *folds = own->folds;

	glance_forget(own->glance);
	if (folds->all_up_to) {
		journal_file_drop_aside(own->file);
		own->aside_seq = 0;
	}
	for (size_t i = 0; i < folds->n && folds->status == SQL_OK; i++) {
		own->n_aside -= count_aside(own, folds, &folds->f[i]);
		tail_folded(own->tail, folds->f[i].entry, &folds->f[i].place, folds->f[i].n,
			folds->f[i].more);
	}
	for (size_t i = 0; i < folds->n_peers && folds->status == SQL_OK; i++)
		peer_book_folded(own->peers, &folds->peer[i]);
	peer_book_cool(own->peers);
	if (folds->file)
		own->noted = folds->files;
	folds->n = folds->n_peers = 0;
	folds->file = NULL;
}

enum store_status fold_forget_files(struct store_sqlite *own)
{
	own->aside_seq = 0;
	own->n_aside = 0;
	own->noted = 0;
	return own->file ? sqlite_status(journal_file_remove(own->file)) : STORE_OK;
}

bool fold_removes_file(const struct store_sqlite *own)
{
	return own->folds && own->folds->file;
}

bool fold_is_under_way(const struct store_sqlite *own)
{
	return own->folds && own->folds->aside && !helper_is_done(own->helper);
}

void sqlite_settle(struct store_sqlite *own)
{
	if (!own->folds || !own->folds->aside)
		return;
	atomic_store(&own->folds->hurry, true);
	helper_wait(own->helper);
	own->folds->aside = false;
	end_folds(own);
}

void folds_free(struct folds *folds)
{
	if (!folds)
		return;
	arena_free(folds->arena);
	arena_free(folds->room.arena);
	buf_release(&folds->room.bytes);
	free(folds->room.part);
	free(folds->f);
	free(folds);
}

enum store_status sqlite_fold(struct store *store, size_t max_rows, size_t *left)
{
	struct store_sqlite *own = sqlite_own(store);

	sqlite_settle_commit(own);
	sqlite_settle(own);
	*left = sqlite_journal(store);
	if (!*left)
		return STORE_OK;
	begin_folds(own, FOLD_ALL, max_rows);
	fold(own->folds);
	end_folds(own);
	*left = sqlite_journal(store);
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
	status = sqlite_status(note_folded(own->sql, own->last_seq, 0));
	return status == STORE_OK ? fold_forget_files(own) : status;
}

static bool is_aside(const struct store_sqlite *own)
{
	return own->folds && own->folds->aside;
}

static void settle_if_done(struct store_sqlite *own)
{
	if (is_aside(own) && helper_is_done(own->helper))
		sqlite_settle(own);
}

/* Whoever asks for it: while the files are to be cleared, that is what is done. */
enum store_status sqlite_fold_aside(struct store *store, enum store_fold what, size_t max_rows)
{
	struct store_sqlite *own = sqlite_own(store);
	enum sql_status last = own->folds && !own->folds->aside ? own->folds->status : SQL_OK;

	settle_if_done(own);
	if (is_aside(own) || own->in_file)
		return sqlite_status(last);
	if (!sqlite_journal(store) && !sql_log_is_long(own->sql) && !is_clearing(own))
		return sqlite_status(last);
	sqlite_settle_commit(own); /* what may still fail must not be in the tables */
	if (is_clearing(own)) {
		turn_to_clear(own);
		what = FOLD_ALL;
	}
	begin_folds(own, what, max_rows);
	own->folds->aside = helper_begin(own->helper, fold, own->folds);
	if (!own->folds->aside) {
		fold(own->folds);
		end_folds(own);
	}
	return sqlite_status(last);
}

int64_t sqlite_mark(const struct store *store)
{
	return ((const struct store_sqlite *)store)->last_seq;
}

enum store_status sqlite_clear_aside(struct store *store, int64_t mark, bool *is_clear)
{
	struct store_sqlite *own = sqlite_own(store);

	if (mark > own->clear_seq)
		own->clear_seq = mark;
	settle_if_done(own);
	*is_clear = !is_aside(own) && !is_clearing(own);
	return *is_clear ? STORE_OK : sqlite_fold_aside(store, FOLD_ALL, FOLD_STEP);
}
