/* What conversations keep: sessions, posts, ids of messages.  It is in up to three places, the
 * newer before the older: the drafts of the open transaction, the journal (the tail knows its
 * rows), the tables. */
#include "adapters/store/store_sqlite.h"

#include <assert.h>
#include <stdlib.h>

enum { ROW_ARENA = 64 << 20, LIST_ARENA = 64 << 20 };

/* Where a conversation is. */
struct whereabouts {
	struct draft *draft;      /* NULL: not there */
	struct tail_entry *entry; /* NULL: not there */
	struct kept_place tables;
	uint32_t last_post;
};

static const struct kept *look_in_tables(struct store *store, struct str conversation)
{
	struct store_sqlite *own = sqlite_own(store);
	const struct kept *kept =
		glance_at(own->glance, sqlite_of(store), own->moves, own->key, conversation);

	/* What is added to it from now on is newer, even if the journal's files were taken away. */
	if (kept->piece.seq > own->last_seq)
		own->last_seq = kept->piece.seq;
	return kept;
}

/* False: only the tables may have it. */
static bool find_in_memory(
	struct store_sqlite *own, struct str conversation, struct whereabouts *place)
{
	*place = (struct whereabouts){
		.draft = drafts_find(own->drafts, conversation),
		.entry = tail_find(own->tail, conversation),
	};
	if (place->entry) {
		place->tables = place->entry->place;
		place->last_post = place->entry->last_post;
	} else if (place->draft) {
		place->tables = place->draft->place;
	}
	if (place->draft)
		place->last_post = place->draft->last_post;
	return place->draft || place->entry;
}

static struct whereabouts find(struct store *store, struct str conversation)
{
	struct whereabouts place;
	const struct kept *kept;

	if (find_in_memory(sqlite_own(store), conversation, &place))
		return place;
	kept = look_in_tables(store, conversation);
	place.tables = kept->piece.place;
	place.last_post = place.tables.last_post;
	return place;
}

/* An error of an earlier reading is over. */
static struct whereabouts find_to_read(struct store *store, struct str conversation)
{
	struct whereabouts place;

	if (find_in_memory(sqlite_own(store), conversation, &place))
		return place;
	(void)sqlite_reading(store);
	return find(store, conversation);
}

/* Writing: into a draft */

/* What cannot be read must not be taken for new. */
static struct draft *draft_of(struct store *store, struct str conversation)
{
	struct store_sqlite *own = sqlite_own(store);
	struct draft *draft = drafts_find(own->drafts, conversation);
	struct whereabouts place;

	assert(own->in_turn);
	if (draft)
		return draft;
	place = find_to_read(store, conversation);
	if (!place.entry && sqlite_read_status(store) != STORE_OK)
		sql_fail(sqlite_writing(store), "cannot read '%.*s'", STR(conversation));
	return drafts_add(own->drafts, conversation, &place.tables, place.last_post);
}

void sqlite_save_session(
	struct store *store, struct str conversation, struct str bytes, int64_t now, int64_t due_ms)
{
	draft_save(sqlite_own(store)->drafts, draft_of(store, conversation),
		&(struct kept_session){.saved = now, .due_ms = due_ms, .bytes = bytes});
}

void sqlite_add_post(struct store *store, struct str conversation, const struct post *post)
{
	struct draft *draft = draft_of(store, conversation);

	if (post->n != draft->last_post + 1)
		sql_fail(sqlite_writing(store), "post %u of '%.*s' does not follow post %u",
			post->n, STR(conversation), draft->last_post);
	else if (!draft_add_post(sqlite_own(store)->drafts, draft, post))
		sql_fail(sqlite_writing(store), "post %u of '%.*s' is too large", post->n,
			STR(conversation));
}

void sqlite_know(struct store *store, struct str conversation, struct str mid, int64_t at_ms)
{
	assert(mid.n);
	draft_add_mid(sqlite_own(store)->drafts, draft_of(store, conversation), mid, at_ms);
}

/* Reading sessions */

static const struct tail_row *row_with_session(const struct tail_entry *entry)
{
	const struct tail_row *row = entry->row;

	while (row->seq != entry->session_seq)
		row = row->next;
	return row;
}

static void load_row(const struct tail_row *row, struct arena *arena, struct str *bytes)
{
	struct journal_row read;

	journal_read(row, arena, &read);
	*bytes = arena_str(arena, read.session.bytes);
}

enum store_status sqlite_load_session(
	struct store *store, struct str conversation, struct arena *arena, struct str *bytes)
{
	struct whereabouts place = find_to_read(store, conversation);
	const struct kept *kept;

	*bytes = (struct str){0};
	if (place.draft && place.draft->row.has_session) {
		*bytes = arena_str(arena, place.draft->row.session.bytes);
		return STORE_OK;
	}
	if (place.entry && place.entry->session_seq) {
		load_row(row_with_session(place.entry), arena, bytes);
		return STORE_OK;
	}
	if (!place.tables.number)
		return sqlite_found(store, false);
	(void)sqlite_reading(store);
	kept = look_in_tables(store, conversation);
	if (kept->row.has_session)
		*bytes = arena_str(arena, kept->row.session.bytes);
	return sqlite_found(store, kept->row.has_session);
}

/* Timers */

struct due {
	struct str conversation;
	int64_t due_ms;
};

struct due_list {
	struct store_sqlite *own;
	struct arena *arena;
	int64_t until_ms;
	struct due *due;
	size_t n;
};

static void list(struct due_list *all, struct str conversation, int64_t due_ms)
{
	all->due = arena_grow(all->arena, all->due, all->n, struct due);
	all->due[all->n++] = (struct due){arena_str(all->arena, conversation), due_ms};
}

static bool drafted(const struct due_list *all, struct str conversation)
{
	const struct draft *draft = drafts_find(all->own->drafts, conversation);

	return draft && draft->row.has_session;
}

static void list_draft(void *self, struct draft *draft)
{
	struct due_list *all = self;
	int64_t due_ms = draft->row.session.due_ms;

	if (due_ms && due_ms <= all->until_ms)
		list(all, draft->conversation, due_ms);
}

static void list_entry(void *self, const struct tail_entry *entry)
{
	if (!drafted(self, entry->conversation))
		list(self, entry->conversation, entry->due_ms);
}

static void list_kept(void *self, struct str conversation, int64_t due_ms)
{
	struct due_list *all = self;
	const struct tail_entry *entry = tail_find(all->own->tail, conversation);

	if (!(entry && entry->session_seq) && !drafted(all, conversation))
		list(all, conversation, due_ms);
}

static int soonest_first(const void *a, const void *b)
{
	const struct due *x = a, *y = b;

	if (x->due_ms != y->due_ms)
		return x->due_ms < y->due_ms ? -1 : 1;
	return str_cmp(x->conversation, y->conversation);
}

enum store_status sqlite_due(
	struct store *store, int64_t until_ms, store_due_function *each, void *self)
{
	struct due_list all = {sqlite_own(store), arena_new(LIST_ARENA), .until_ms = until_ms};
	struct sql *sql = sqlite_reading(store); /* what was being folded is in one place now */

	drafts_each(all.own->drafts, list_draft, &all);
	tail_due(all.own->tail, until_ms, list_entry, &all);
	table_due(sql, until_ms, list_kept, &all);
	if (all.n)
		qsort(all.due, all.n, sizeof(*all.due), soonest_first);
	for (size_t i = 0; i < all.n; i++)
		each(self, all.due[i].conversation, all.due[i].due_ms);
	arena_free(all.arena);
	return sqlite_read_status(store);
}

/* Ids */

static bool row_has_mid(const struct tail_row *row, struct str mid)
{
	struct arena *arena = arena_new(ROW_ARENA);
	struct journal_row read;
	bool found;

	journal_read(row, arena, &read);
	found = journal_row_has_mid(&read, mid);
	arena_free(arena);
	return found;
}

static bool tail_has_mid(const struct tail_entry *entry, struct str mid)
{
	for (const struct tail_row *row = entry->row; row; row = row->next)
		if (tail_row_may_hold(row, mid) && row_has_mid(row, mid))
			return true;
	return false;
}

struct id_list {
	struct arena *arena;
	struct str *id;
	size_t n;
};

static void list_id(void *self, struct str mid)
{
	struct id_list *list = self;

	list->id = arena_grow(list->arena, list->id, list->n, struct str);
	list->id[list->n++] = arena_str(list->arena, mid);
}

/* Once for a conversation that goes on: then its next messages need no search.  What cannot be read
 * is asked for again. */
static void learn_ids(struct sql *sql, struct tail_entry *entry)
{
	struct id_list list = {.arena = arena_new(LIST_ARENA)};
	struct arena *scratch = arena_new(ROW_ARENA);

	table_mids(sql, &entry->place, tail_max_ids + 1, scratch, list_id, &list);
	if (sql_status(sql) == SQL_OK)
		tail_learn_ids(entry, list.id, list.n, list.n <= tail_max_ids);
	arena_free(scratch);
	arena_free(list.arena);
}

/* The newest piece is looked at where it was read to; often it is all there is. */
static bool tables_have_mid(struct store *store, struct str conversation, struct str mid)
{
	struct sql *sql = sqlite_reading(store);
	const struct kept *kept = look_in_tables(store, conversation);
	struct kept_place rest = kept->piece.place;
	struct arena *scratch;
	bool found;

	if (journal_row_has_mid(&kept->row, mid))
		return true;
	rest.piece = kept->piece.before;
	if (!rest.piece && !rest.n_older && !rest.has_mids)
		return false;
	scratch = arena_new(ROW_ARENA);
	found = table_has_mid(sql, &rest, mid, scratch);
	arena_free(scratch);
	return found;
}

enum store_status sqlite_knows(struct store *store, struct str conversation, struct str mid)
{
	struct whereabouts place = find_to_read(store, conversation);

	if (!mid.n)
		return STORE_NONE;
	if (place.entry && !place.entry->asked_ids) {
		struct sql *sql = sqlite_reading(store); /* which may forget the entry */

		place = find(store, conversation);
		if (place.entry && !place.entry->asked_ids)
			learn_ids(sql, place.entry);
	}
	if (place.draft && journal_row_has_mid(&place.draft->row, mid))
		return STORE_OK;
	if (place.entry && !tail_may_know(place.entry, mid))
		return STORE_NONE;
	if (place.entry && tail_has_mid(place.entry, mid))
		return STORE_OK;
	if ((place.entry || place.draft) && !place.tables.number)
		return STORE_NONE;
	return sqlite_found(
		store, place.tables.number && tables_have_mid(store, conversation, mid));
}

/* Posts */

enum store_status sqlite_last_post(struct store *store, struct str conversation, uint32_t *n)
{
	struct whereabouts place = find_to_read(store, conversation);

	*n = place.last_post;
	return place.draft || place.entry ? STORE_OK : sqlite_read_status(store);
}

struct showing {
	int64_t first, last;
	uint32_t damaged; /* post; 0: none */
	struct arena *arena; /* of the row that is shown, and its posts */
	store_post_function *each;
	void *self;
};

static void show_post(void *self, const struct kept_post *kept)
{
	struct showing *showing = self;
	struct str body = kept->body;
	struct post post = {
		kept->n, kept->at_ms, kept->who, kept->name, kept->mid, &value_none, S("")};

	if (value_decode_in_place(showing->arena, &body, &post.body))
		showing->each(showing->self, &post);
	else
		showing->damaged = kept->n;
}

static void show_row(struct showing *showing, const struct journal_row *row)
{
	for (size_t i = 0; i < row->n_posts; i++)
		if (row->post[i].n >= showing->first && row->post[i].n <= showing->last)
			show_post(showing, &row->post[i]);
}

static void show_tail(struct showing *showing, const struct tail_entry *entry)
{
	const struct tail_row *row = entry->row ? entry->newest : NULL;
	struct journal_row read;

	while (row && row->prev && (!row->n_posts || row->first > showing->first))
		row = row->prev; /* what is wanted is nearly always new */
	for (; row; row = row->next) {
		if (!row->n_posts || row->first > showing->last ||
			row->first + row->n_posts <= showing->first)
			continue;
		arena_reset(showing->arena);
		journal_read(row, showing->arena, &read);
		show_row(showing, &read);
	}
}

/* Posts in the rows follow those in the tables. */
static bool is_all_in_tail(const struct showing *showing, const struct tail_entry *entry)
{
	const struct tail_row *row = entry ? entry->row : NULL;

	while (row && !row->n_posts)
		row = row->next;
	return row && row->first <= showing->first;
}

/* Posts have no gaps: the wanted ones are those from one number to another. */
static void want(struct showing *showing, uint32_t newest, uint32_t after, int limit)
{
	showing->first = (int64_t)after + 1;
	showing->last = (int64_t)after + limit;
	if (limit < 0) {
		showing->last = after && after <= newest ? (int64_t)after - 1 : newest;
		showing->first = showing->last + limit + 1;
	}
	if (showing->first < 1)
		showing->first = 1;
	if (showing->last > newest)
		showing->last = newest;
}

enum store_status sqlite_posts(struct store *store, struct str conversation, uint32_t after,
	int limit, store_post_function *each, void *self)
{
	struct showing showing = {.each = each, .self = self};
	struct whereabouts place = find_to_read(store, conversation);
	bool in_tables;

	want(&showing, place.last_post, after, limit);
	if (showing.first > showing.last)
		return STORE_OK;
	in_tables = place.tables.number && !is_all_in_tail(&showing, place.entry);
	showing.arena = arena_new(ROW_ARENA);
	if (in_tables) {
		struct sql *sql = sqlite_reading(store); /* what was being folded is in them now */

		place = find(store, conversation);
		table_posts(sql, &place.tables, (uint32_t)showing.first, (uint32_t)showing.last,
			showing.arena, show_post, &showing);
	}
	if (place.entry)
		show_tail(&showing, place.entry);
	if (place.draft)
		show_row(&showing, &place.draft->row);
	arena_free(showing.arena);
	if (showing.damaged)
		sql_fail(sqlite_reading(store), "post %u is damaged", showing.damaged);
	return in_tables || showing.damaged ? sqlite_read_status(store) : STORE_OK;
}
