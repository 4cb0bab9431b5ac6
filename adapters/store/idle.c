/* Conversations that nobody has written in for long: found, judged, erased, some at a time. */
#include "adapters/store/store_sqlite.h"

#include "adapters/store/journal_row.h"
#include "adapters/store/peer_table.h"
#include "adapters/store/tables.h"

enum { PIECE_ARENA = 256 << 20, MOST = 256, A_DAY = 24 * 3600 };

struct candidate {
	int64_t number, saved; /* when it was really written in last */
	struct str name;       /* NULL: it is not idle */
};

struct looking {
	struct store_sqlite *own;
	const struct store_idle *idle;
	struct arena *arena;
	struct candidate candidate[MOST];
	size_t n;
	int64_t last_saved, last_number;
	int64_t newest_seq; /* of those that are idle */
};

/* --- by a clock that was set since --- */

/* Behind, when it was set forward; ahead, when it was set back. */
static int64_t dated(const struct store_idle *idle, int64_t seq, int64_t saved)
{
	if (seq <= idle->back.mark && saved > idle->back.at_s)
		saved = idle->back.at_s;
	if (seq <= idle->forward.mark && saved < idle->forward.at_s)
		saved = idle->forward.at_s;
	return saved;
}

/* Of what stands in no row of the journal: later times than this were none. */
static int64_t latest_ms(const struct store_idle *idle, int64_t seq)
{
	return seq <= idle->back.mark ? idle->now_ms : INT64_MAX;
}

/* --- is it idle? --- */

/* A message that came to nothing leaves its id only. */
static bool has_newer_id(struct sql *sql, int64_t number, int64_t before_ms, int64_t until_ms)
{
	struct sql_query *q =
		sql_query(sql, "select exists (select 1 from mid where conversation = ?"
			       " and at_ms >= ? and at_ms <= ?)");

	sql_bind_int(q, number);
	sql_bind_int(q, before_ms);
	sql_bind_int(q, until_ms);
	return sql_number(q) != 0;
}

static int64_t last_turn(const struct tail_entry *entry, const struct journal_parts *parts)
{
	int64_t saved = entry && entry->session_seq ? entry->saved : parts->session.saved;

	return parts->n_posts && parts->last_ms / 1000 > saved ? parts->last_ms / 1000 : saved;
}

/* Who has rows in the journal was here just now. */
static bool is_idle(const struct looking *looking, const struct kept_piece *newest,
	struct journal_parts *parts, int64_t *saved)
{
	struct store_sqlite *own = looking->own;
	const struct tail_entry *entry = tail_find(own->tail, newest->name);
	int64_t before = looking->idle->before;

	if (!journal_parts_of(newest->bytes, parts))
		return false;
	*saved = dated(looking->idle, newest->seq, last_turn(entry, parts));
	return *saved < before && !(entry && entry->row) &&
	       !peer_book_is_unfolded(own->peers, newest->name) &&
	       !(newest->place.has_mids &&
		       has_newer_id(own->sql, newest->place.number, before * 1000,
			       latest_ms(looking->idle, newest->seq)));
}

/* Something is still to be done in it, or to be told. */
static bool is_held(struct store_sqlite *own, struct str name, int64_t before, int64_t until_ms)
{
	struct sql_query *q = sql_query(own->sql,
		"select exists (select 1 from effect where conversation = ?1"
		"  and (state in ('sent', 'unknown', 'human', 'follows') or untold = 1))"
		" or exists (select 1 from watch where conversation = ?1)"
		" or exists (select 1 from card where conversation = ?1 and closed is null)"
		" or exists (select 1 from send where conversation = ?1 and next_at is not null)"
		" or exists (select 1 from peer where conversation = ?1"
		"  and (next_ms is not null or heard_ms between ?2 and ?3))"
		" or exists (select 1 from chat where conversation = ?1 and read_ms is not null)");

	sql_bind_text(q, name);
	sql_bind_int(q, before * 1000);
	sql_bind_int(q, until_ms);
	return sql_number(q) != 0;
}

static void note_seq(struct looking *looking, int64_t seq)
{
	if (seq > looking->newest_seq)
		looking->newest_seq = seq;
}

/* What may be idle, by its row.  It is judged when all are found. */
static void look_at(void *self, int64_t number, int64_t saved)
{
	struct looking *looking = self;
	struct candidate *candidate = &looking->candidate[looking->n];

	*candidate = (struct candidate){.number = number, .saved = saved};
	looking->last_saved = saved;
	looking->last_number = number;
	looking->n++;
}

static void judge(struct looking *looking, struct store_idle *idle, struct candidate *candidate)
{
	struct store_sqlite *own = looking->own;
	struct journal_parts parts;
	struct kept_piece newest;
	bool is_timed;

	if (!table_read(own->sql, own->moves, candidate->number, looking->arena, &newest) ||
		!is_idle(looking, &newest, &parts, &candidate->saved))
		return;
	is_timed = parts.has_session && parts.session.due_ms > idle->now_ms;
	if (is_timed || is_held(own, newest.name, idle->before, latest_ms(idle, newest.seq)) ||
		!idle->may_go(idle->self, newest.name,
			parts.has_session ? parts.session.bytes : (struct str){"", 0})) {
		idle->n_held++;
		return;
	}
	candidate->name = newest.name;
	note_seq(looking, newest.seq);
	note_seq(looking, peer_table_seq(own->sql, newest.name));
}

/* What is still in the journal's files, though folded, would be read from there again. */
static enum store_status leave_files(struct store_sqlite *own, const struct looking *looking)
{
	if (!own->file || looking->newest_seq < journal_file_first(own->file))
		return STORE_OK;
	return fold_over(own);
}

static void erase(struct looking *looking, struct store_idle *idle)
{
	struct store_sqlite *own = looking->own;

	for (size_t i = 0; i < looking->n; i++) {
		const struct candidate *candidate = &looking->candidate[i];

		if (candidate->name.p) {
			forget_erase(own, candidate->name);
			/* Without rows nothing is lost with them. */
			tail_forget(own->tail, candidate->name);
			peer_book_forget(own->peers, candidate->name);
			idle->n_gone++;
		} else if (candidate->saved >= idle->before) {
			table_note_saved(own->sql, candidate->number, candidate->saved);
		}
	}
}

static bool any_changes(const struct looking *looking, const struct store_idle *idle)
{
	for (size_t i = 0; i < looking->n; i++)
		if (looking->candidate[i].name.p || looking->candidate[i].saved >= idle->before)
			return true;
	return false;
}

static enum store_status erase_all(struct looking *looking, struct store_idle *idle)
{
	struct store_sqlite *own = looking->own;
	enum store_status status = leave_files(own, looking);

	if (status == STORE_OK)
		status = sqlite_status(sql_begin(own->sql));
	if (status != STORE_OK)
		return status;
	erase(looking, idle);
	if (looking->newest_seq > own->erased_seq)
		own->erased_seq = looking->newest_seq;
	return sqlite_status(moves_commit(own->moves, own->sql));
}

bool sqlite_is_at_work(struct store *store)
{
	return !sqlite_commit_is_over(store) || fold_is_under_way(sqlite_own(store));
}

/* From a day to come, before the clock was set back. */
static void look_ahead(struct looking *looking, const struct store_idle *idle, size_t most)
{
	int64_t ahead = idle->now_ms / 1000 + A_DAY;
	bool is_there = idle->saved > ahead;

	table_idle(looking->own->sql, INT64_MAX, is_there ? idle->saved : ahead,
		is_there ? idle->number : INT64_MAX, (int)most, look_at, looking);
}

static void look(struct looking *looking, struct store_idle *idle)
{
	size_t most = idle->most < MOST ? idle->most : MOST;

	table_idle(looking->own->sql, idle->before, idle->saved, idle->number, (int)most, look_at,
		looking);
	if (looking->n < most && idle->back.mark)
		look_ahead(looking, idle, most - looking->n);
	for (size_t i = 0; i < looking->n; i++)
		judge(looking, idle, &looking->candidate[i]);
	idle->is_over = looking->n < most;
	if (looking->n) {
		idle->saved = looking->last_saved;
		idle->number = looking->last_number;
	}
}

enum store_status sqlite_remove_idle(struct store *store, struct store_idle *idle)
{
	struct store_sqlite *own = sqlite_own(store);
	struct arena *arena = arena_new(PIECE_ARENA);
	struct looking *looking = arena_new_of(arena, struct looking);
	struct store_idle after = *idle;
	enum store_status status;

	sqlite_settle_commit(own);
	(void)sqlite_reading(store); /* and settled */
	*looking = (struct looking){.own = own, .idle = idle, .arena = arena};
	look(looking, &after);
	status = sqlite_read_status(store);
	if (status == STORE_OK && any_changes(looking, idle))
		status = erase_all(looking, &after);
	if (status == STORE_OK)
		*idle = after;
	arena_free(arena);
	return status;
}
