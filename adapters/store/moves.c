/* Newest pieces that the rows of their conversations do not say yet.
 *
 * The table holds steps in the order in which they were done, 16 bytes each: a conversation's
 * number and its newest piece, or, as a number below 0, which part has gone into its rows: then no
 * step before it counts for this part any more.  A row of the table is added to until it is about a
 * page long.  When all parts have had their turn, the rows before that of the first one are
 * dropped.
 */
#include "adapters/store/moves.h"

#include <assert.h>
#include <stdlib.h>

#include "adapters/store/row_bytes.h"

enum {
	n_parts = 64,
	part_shift = 41,  /* numbers have 47 bits, see tables.c: as many in each part */
	number_shift = 3, /* those of one name beside each other */
	smallest_room = 64,
	row_full = 3900,
	most_bytes = 256 << 20,
};

struct move {
	int64_t number, piece; /* number 0: an empty place */
};

/* A table with empty places, at most half full; or nothing at all. */
struct part {
	struct move *move;
	size_t n, room;
};

struct moves {
	struct part part[n_parts];
	size_t n;
	unsigned next;    /* the part whose turn it is */
	int64_t turn_row; /* where the turn of the first one is noted last; 0: nowhere */
	/* The row that is being added to: all of its steps, and how many bytes are on the disk. */
	int64_t row;
	struct buf step;
	size_t n_sure;
	/* How it was before the open transaction, and how many parts went into their rows in it. */
	struct move *was;
	size_t n_was, was_room;
	unsigned n_lessened;
};

static void *checked(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

struct moves *moves_new(void)
{
	struct moves *moves = checked(calloc(1, sizeof(*moves)));

	buf_init(&moves->step, most_bytes);
	return moves;
}

void moves_free(struct moves *moves)
{
	if (!moves)
		return;
	for (size_t i = 0; i < n_parts; i++)
		free(moves->part[i].move);
	buf_release(&moves->step);
	free(moves->was);
	free(moves);
}

/* --- in memory --- */

static unsigned part_of(int64_t number)
{
	return (uint64_t)number >> part_shift & (n_parts - 1);
}

/* Where it is, or where it would be. */
static struct move *place_of(const struct part *part, int64_t number)
{
	size_t last = part->room - 1, i = (uint64_t)number >> number_shift & last;

	while (part->move[i].number && part->move[i].number != number)
		i = (i + 1) & last;
	return &part->move[i];
}

static void make_room(struct part *part)
{
	struct part old = *part;

	if (2 * part->n < part->room)
		return;
	part->room = old.room ? 2 * old.room : smallest_room;
	part->move = checked(calloc(part->room, sizeof(*part->move)));
	for (size_t i = 0; i < old.room; i++)
		if (old.move[i].number)
			*place_of(part, old.move[i].number) = old.move[i];
	free(old.move);
}

static int64_t set(struct moves *moves, int64_t number, int64_t piece)
{
	struct part *part = &moves->part[part_of(number)];
	struct move *move;
	int64_t was;

	make_room(part);
	move = place_of(part, number);
	was = move->piece;
	part->n += !move->number;
	moves->n += !move->number;
	*move = (struct move){number, piece};
	return was;
}

static void empty(struct moves *moves, unsigned which)
{
	struct part *part = &moves->part[which];

	moves->n -= part->n;
	free(part->move);
	*part = (struct part){.n = 0};
}

size_t moves_count(const struct moves *moves)
{
	return moves->n;
}

int64_t moves_find(const struct moves *moves, int64_t number)
{
	const struct part *part = &moves->part[part_of(number)];

	return part->room ? place_of(part, number)->piece : 0;
}

/* --- steps --- */

static void add_step(struct moves *moves, int64_t number, int64_t piece)
{
	row_put(&moves->step, (uint64_t)number, 8);
	row_put(&moves->step, (uint64_t)piece, 8);
}

static int64_t step_of_part(unsigned part)
{
	return -1 - (int64_t)part;
}

static void part_done(struct moves *moves, unsigned part, int64_t row)
{
	empty(moves, part);
	moves->next = (part + 1) % n_parts;
	if (part == 0)
		moves->turn_row = row;
}

static bool read_steps(struct moves *moves, int64_t row, struct str bytes)
{
	struct row_reader r = {bytes, true};

	while (r.good && r.in.n) {
		int64_t number = (int64_t)row_take(&r, 8), piece = (int64_t)row_take(&r, 8);

		if (!r.good || !number || number < step_of_part(n_parts - 1))
			return false;
		if (number > 0)
			(void)set(moves, number, piece);
		else
			part_done(moves, (unsigned)(-1 - number), row);
	}
	return r.good;
}

void moves_read(struct moves *moves, struct sql *sql)
{
	struct sql_query *q = sql_query(sql, "select id, bytes from moves order by id");

	while (sql_next(q))
		if (!read_steps(moves, sql_int(q, "id"), sql_text(q, "bytes")))
			sql_fail(sql, "row %lld of moves is damaged", (long long)sql_int(q, "id"));
	sql_end(q);
}

/* --- in a transaction --- */

static void note_was(struct moves *moves, int64_t number, int64_t piece)
{
	if (moves->n_was == moves->was_room) {
		moves->was_room = moves->was_room ? 2 * moves->was_room : smallest_room;
		moves->was = checked(realloc(moves->was, moves->was_room * sizeof(*moves->was)));
	}
	moves->was[moves->n_was++] = (struct move){number, piece};
}

void moves_put(struct moves *moves, int64_t number, int64_t piece)
{
	assert(number > 0 && !moves->n_lessened);
	note_was(moves, number, set(moves, number, piece));
	add_step(moves, number, piece);
}

static int in_order(const void *a, const void *b)
{
	const struct move *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static void write_move(struct sql *sql, const struct move *move)
{
	struct sql_query *q = sql_query(sql, "update conversation set newest = ? where id = ?");

	sql_bind_int(q, move->piece);
	sql_bind_int(q, move->number);
	(void)sql_run(q);
}

/* In the order of their table.  Empty places and those whose row says so have no piece. */
static void write_part(struct sql *sql, const struct part *part)
{
	struct move *sorted = checked(malloc((part->n + 1) * sizeof(*sorted)));
	size_t n = 0;

	for (size_t i = 0; i < part->room; i++)
		if (part->move[i].piece)
			sorted[n++] = part->move[i];
	qsort(sorted, n, sizeof(*sorted), in_order);
	for (size_t i = 0; i < n; i++)
		write_move(sql, &sorted[i]);
	free(sorted);
}

/* When the last part's turn is over, what was noted before the first one's counts no more. */
static void drop_old_rows(const struct moves *moves, struct sql *sql)
{
	struct sql_query *q = sql_query(sql, "delete from moves where id < ?");

	sql_bind_int(q, moves->turn_row);
	(void)sql_run(q);
}

void moves_lessen(struct moves *moves, struct sql *sql, size_t most)
{
	size_t n = moves->n;

	while (n > most && sql_status(sql) == SQL_OK) {
		unsigned i = (moves->next + moves->n_lessened++) % n_parts;

		write_part(sql, &moves->part[i]);
		n -= moves->part[i].n;
		add_step(moves, step_of_part(i), 0);
		if (i == n_parts - 1)
			drop_old_rows(moves, sql);
	}
}

static void write_steps(struct moves *moves, struct sql *sql)
{
	struct sql_query *q;

	if (moves->step.n == moves->n_sure)
		return;
	if (moves->step.over)
		sql_fail(sql, "too many moves in a transaction");
	if (moves->row)
		q = sql_query(sql, "update moves set bytes = ? where id = ?");
	else
		q = sql_query(sql, "insert into moves(bytes) values (?)");
	sql_bind_kept_blob(q, buf_str(&moves->step));
	if (moves->row)
		sql_bind_int(q, moves->row);
	(void)sql_run(q);
	if (!moves->row)
		moves->row = sql_last_id(sql);
}

static void sure(struct moves *moves)
{
	moves->n_sure = moves->step.n;
	while (moves->n_lessened) {
		part_done(moves, moves->next, moves->row);
		moves->n_lessened--;
	}
	if (moves->step.n < row_full)
		return;
	buf_clear(&moves->step);
	moves->n_sure = 0;
	moves->row = 0;
}

static void undo(struct moves *moves, int64_t row)
{
	while (moves->n_was) {
		const struct move *was = &moves->was[--moves->n_was];

		(void)set(moves, was->number, was->piece);
	}
	moves->step.n = moves->n_sure;
	moves->step.over = false;
	moves->row = row;
}

enum sql_status moves_commit(struct moves *moves, struct sql *sql)
{
	int64_t row = moves->row;
	enum sql_status status;

	write_steps(moves, sql);
	status = sql_commit(sql);
	if (status == SQL_OK)
		sure(moves);
	else
		undo(moves, row);
	moves->n_was = 0;
	moves->n_lessened = 0;
	return status;
}
