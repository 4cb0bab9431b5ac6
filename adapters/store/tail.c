/* What of the journal is not folded yet. */
#include "adapters/store/tail.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "bot/base/table.h"

enum { max_warm = 16384, usual_ids = 8, max_listed = 64 };

struct conversation {
	struct tail_entry entry; /* first */
	struct conversation *prev, *next;
	UT_hash_handle hh;
	char name[];
};

struct tail {
	struct conversation *by_name;
	struct conversation *latest; /* that was looked for: a turn asks for the same again */
	struct conversation *unfolded, *warm; /* with rows, and without; the newest last */
	size_t n_rows, n_bytes, n_warm;
	int64_t n_new, n_posts;
	int64_t soonest; /* no timer is due before; INT64_MAX: there is none */
};

static void *checked(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

struct tail *tail_new(void)
{
	struct tail *tail = checked(calloc(1, sizeof(*tail)));

	tail->soonest = INT64_MAX;
	return tail;
}

static struct conversation *whole(const struct tail_entry *entry)
{
	return (struct conversation *)(uintptr_t)entry;
}

/* --- ids --- */

static uint32_t shorten(uint64_t hash)
{
	uint32_t half = (uint32_t)(hash ^ hash >> 32);

	return half ? half : 1;
}

static void forget_ids(struct tail_entry *entry)
{
	free(entry->id);
	entry->id = NULL;
	entry->n_ids = entry->id_room = 0;
	entry->knows_ids = false;
}

static bool is_list(const struct tail_entry *entry)
{
	return entry->id_room <= max_listed;
}

/* Where it is in the table, or where it would be. */
static uint32_t *place_of(const struct tail_entry *entry, uint32_t hash)
{
	uint32_t last = entry->id_room - 1, i = hash & last;

	while (entry->id[i] && entry->id[i] != hash)
		i = (i + 1) & last;
	return &entry->id[i];
}

static bool has_id(const struct tail_entry *entry, uint32_t hash)
{
	if (!is_list(entry))
		return *place_of(entry, hash) == hash;
	for (uint32_t i = 0; i < entry->n_ids; i++)
		if (entry->id[i] == hash)
			return true;
	return false;
}

/* A table is at most half full.  Most conversations are short, and stay a list. */
static void make_room(struct tail_entry *entry)
{
	struct tail_entry old = *entry;

	entry->id_room = old.id_room ? 2 * old.id_room : usual_ids;
	if (is_list(entry)) {
		entry->id = checked(realloc(old.id, entry->id_room * sizeof(*entry->id)));
		return;
	}
	entry->id_room = 4 * old.n_ids;
	entry->id = checked(calloc(entry->id_room, sizeof(*entry->id)));
	for (uint32_t i = 0; i < old.id_room; i++)
		if (old.id[i])
			*place_of(entry, old.id[i]) = old.id[i];
	free(old.id);
}

static void add_id(struct tail_entry *entry, uint64_t hash)
{
	uint32_t id = shorten(hash);

	if (!entry->knows_ids || has_id(entry, id))
		return;
	if (entry->n_ids == tail_max_ids) {
		forget_ids(entry);
		return;
	}
	if (entry->n_ids == (is_list(entry) ? entry->id_room : entry->id_room / 2))
		make_room(entry);
	if (is_list(entry))
		entry->id[entry->n_ids] = id;
	else
		*place_of(entry, id) = id;
	entry->n_ids++;
}

static void add_ids_of_row(struct tail_entry *entry, const struct tail_row *row)
{
	for (size_t i = 0; i < row->n_mids; i++)
		add_id(entry, row->mid[i]);
}

void tail_learn_ids(struct tail_entry *entry, const struct str *mid, size_t n, bool complete)
{
	entry->asked_ids = true;
	entry->knows_ids = complete;
	for (size_t i = 0; i < n; i++)
		add_id(entry, str_hash(mid[i]));
	for (const struct tail_row *row = entry->row; row; row = row->next)
		add_ids_of_row(entry, row);
}

bool tail_may_know(const struct tail_entry *entry, struct str mid)
{
	return !entry->knows_ids || has_id(entry, shorten(str_hash(mid)));
}

/* --- entries --- */

static void count(struct tail *tail, const struct tail_row *row)
{
	tail->n_rows++;
	tail->n_bytes += row->n_bytes;
	tail->n_posts += row->n_posts;
}

static void uncount(struct tail *tail, const struct tail_row *row)
{
	tail->n_rows--;
	tail->n_bytes -= row->n_bytes;
	tail->n_posts -= row->n_posts;
}

static void drop_row(struct tail *tail, struct tail_entry *entry)
{
	struct tail_row *row = entry->row;

	entry->row = row->next;
	if (entry->row)
		entry->row->prev = NULL;
	entry->n_rows--;
	if (row->seq == entry->session_seq)
		entry->session_seq = 0;
	uncount(tail, row);
	free(row);
}

static void drop_entry(struct tail *tail, struct conversation *found)
{
	bool is_warm = !found->entry.row;

	while (found->entry.row)
		drop_row(tail, &found->entry);
	if (!found->entry.place.number)
		tail->n_new--;
	tail->n_warm -= is_warm;
	if (is_warm)
		DL_DELETE(tail->warm, found);
	else
		DL_DELETE(tail->unfolded, found);
	HASH_DEL(tail->by_name, found);
	if (tail->latest == found)
		tail->latest = NULL;
	forget_ids(&found->entry);
	free(found);
}

void tail_free(struct tail *tail)
{
	if (!tail)
		return;
	while (tail->unfolded)
		drop_entry(tail, tail->unfolded);
	while (tail->warm)
		drop_entry(tail, tail->warm);
	free(tail);
}

void tail_cool(struct tail *tail, size_t n)
{
	while (n-- && tail->warm)
		drop_entry(tail, tail->warm);
}

size_t tail_rows(const struct tail *tail)
{
	return tail->n_rows;
}

size_t tail_bytes(const struct tail *tail)
{
	return tail->n_bytes;
}

size_t tail_entries(const struct tail *tail)
{
	return HASH_COUNT(tail->by_name) - tail->n_warm;
}

int64_t tail_new_sessions(const struct tail *tail)
{
	return tail->n_new;
}

int64_t tail_posts(const struct tail *tail)
{
	return tail->n_posts;
}

static struct conversation *find(struct tail *tail, struct str conversation)
{
	struct conversation *found = tail->latest;

	if (found && str_eq(found->entry.conversation, conversation))
		return found;
	HASH_FIND(hh, tail->by_name, conversation.p, conversation.n, found);
	if (found)
		tail->latest = found;
	return found;
}

struct tail_entry *tail_find(struct tail *tail, struct str conversation)
{
	struct conversation *found = find(tail, conversation);

	return found ? &found->entry : NULL;
}

struct tail_entry *tail_oldest(const struct tail *tail)
{
	return tail->unfolded ? &tail->unfolded->entry : NULL;
}

struct tail_entry *tail_next(const struct tail_entry *entry)
{
	struct conversation *next = whole(entry)->next;

	return next ? &next->entry : NULL;
}

/* Mostly all of them, which asks no row but the newest. */
size_t tail_rows_up_to(const struct tail_entry *entry, int64_t seq, size_t most)
{
	const struct tail_row *row = entry->row;
	size_t n = 0;

	if (!row || entry->newest->seq <= seq)
		return entry->n_rows < most ? entry->n_rows : most;
	for (; row->seq <= seq && n < most; row = row->next)
		n++;
	return n;
}

static struct conversation *entry_new(
	struct tail *tail, struct str name, const struct kept_place *place)
{
	struct conversation *made = checked(calloc(1, sizeof(*made) + name.n + 1));

	if (name.n)
		memcpy(made->name, name.p, name.n);
	made->entry.conversation = (struct str){made->name, name.n};
	made->entry.place = *place;
	made->entry.last_post = place->last_post;
	made->entry.knows_ids = made->entry.asked_ids = !place->number;
	HASH_ADD_KEYPTR(hh, tail->by_name, made->name, name.n, made);
	if (!place->number)
		tail->n_new++;
	return made;
}

/* Among those with rows. */
static struct tail_entry *entry_of(
	struct tail *tail, struct str name, const struct kept_place *place)
{
	struct conversation *found = find(tail, name);

	if (found && found->entry.row)
		return &found->entry;
	if (found) {
		DL_DELETE(tail->warm, found);
		tail->n_warm--;
	} else {
		found = entry_new(tail, name, place);
	}
	DL_APPEND(tail->unfolded, found);
	return &found->entry;
}

static size_t count_mids(const struct journal_row *row)
{
	size_t n = row->n_mids;

	for (size_t i = 0; i < row->n_posts; i++)
		n += row->post[i].mid.n > 0;
	return n;
}

static struct tail_row *row_new(int64_t seq, const struct journal_row *from, struct str bytes)
{
	size_t n_mids = count_mids(from);
	struct tail_row *row =
		checked(malloc(sizeof(*row) + n_mids * sizeof(row->mid[0]) + bytes.n));

	*row = (struct tail_row){.seq = seq,
		.first = from->n_posts ? from->post[0].n : 0,
		.n_posts = (uint32_t)from->n_posts,
		.n_bytes = bytes.n};
	for (size_t i = 0; i < from->n_posts; i++)
		if (from->post[i].mid.n)
			row->mid[row->n_mids++] = str_hash(from->post[i].mid);
	for (size_t i = 0; i < from->n_mids; i++)
		row->mid[row->n_mids++] = str_hash(from->mid[i].mid);
	if (bytes.n)
		memcpy(row->mid + n_mids, bytes.p, bytes.n);
	return row;
}

struct str tail_row_bytes(const struct tail_row *row)
{
	return (struct str){(const char *)(row->mid + row->n_mids), row->n_bytes};
}

static void append(struct tail_entry *entry, struct tail_row *row)
{
	row->prev = entry->row ? entry->newest : NULL;
	if (entry->row)
		entry->newest->next = row;
	else
		entry->row = row;
	entry->newest = row;
	entry->n_rows++;
}

struct tail_row *tail_add(struct tail *tail, struct str conversation,
	const struct kept_place *place, int64_t seq, const struct journal_row *from,
	struct str bytes)
{
	struct tail_entry *entry = entry_of(tail, conversation, place);

	append(entry, row_new(seq, from, bytes));
	add_ids_of_row(entry, entry->newest);
	count(tail, entry->newest);
	if (from->n_posts)
		entry->last_post = from->post[from->n_posts - 1].n;
	if (!from->has_session)
		return entry->newest;
	entry->session_seq = seq;
	entry->saved = from->session.saved;
	entry->due_ms = from->session.due_ms;
	if (entry->due_ms && entry->due_ms < tail->soonest)
		tail->soonest = entry->due_ms;
	return entry->newest;
}

void tail_folded(struct tail *tail, struct tail_entry *entry, const struct kept_place *place,
	size_t n, bool more)
{
	assert(entry->row && place->number);
	if (!entry->place.number)
		tail->n_new--;
	entry->place = *place;
	while (n--)
		drop_row(tail, entry);
	if (entry->row && more)
		return;
	DL_DELETE(tail->unfolded, whole(entry));
	if (entry->row) {
		DL_APPEND(tail->unfolded, whole(entry));
		return;
	}
	DL_APPEND(tail->warm, whole(entry));
	if (++tail->n_warm > max_warm)
		tail_cool(tail, 1);
}

/* --- undoing --- */

/* What the rows say of the conversation. */
static void look_anew(struct tail *tail, struct tail_entry *entry)
{
	struct journal_parts parts;

	entry->last_post = entry->place.last_post;
	entry->session_seq = 0;
	for (const struct tail_row *row = entry->row; row; row = row->next) {
		if (row->n_posts)
			entry->last_post = row->first + row->n_posts - 1;
		if (!journal_parts_of(tail_row_bytes(row), &parts) || !parts.has_session)
			continue;
		entry->session_seq = row->seq;
		entry->saved = parts.session.saved;
		entry->due_ms = parts.session.due_ms;
	}
	tail->soonest = INT64_MIN; /* to be looked for */
}

/* Ids of it stay known: then they are looked for, and not found. */
static void drop_newest(struct tail *tail, struct tail_entry *entry)
{
	struct tail_row *row = entry->newest;

	entry->newest = row->prev;
	if (row->prev)
		row->prev->next = NULL;
	else
		entry->row = NULL;
	entry->n_rows--;
	uncount(tail, row);
	free(row);
}

static void undo(struct tail *tail, struct conversation *found, int64_t seq)
{
	struct tail_entry *entry = &found->entry;

	while (entry->row && entry->newest->seq > seq)
		drop_newest(tail, entry);
	look_anew(tail, entry);
	if (entry->row)
		return;
	DL_DELETE(tail->unfolded, found);
	DL_APPEND(tail->warm, found);
	tail->n_warm++;
	if (!entry->place.number)
		drop_entry(tail, found);
}

void tail_undo(struct tail *tail, int64_t seq)
{
	struct conversation *one, *next;

	DL_FOREACH_SAFE(tail->unfolded, one, next)
	if (one->entry.newest->seq > seq)
		undo(tail, one, seq);
}

void tail_forget(struct tail *tail, struct str conversation)
{
	struct tail_entry *entry = tail_find(tail, conversation);

	if (entry)
		drop_entry(tail, whole(entry));
}

bool tail_row_may_hold(const struct tail_row *row, struct str mid)
{
	uint64_t hash = str_hash(mid);

	for (size_t i = 0; i < row->n_mids; i++)
		if (row->mid[i] == hash)
			return true;
	return false;
}

/* Looks at everything only when something may be due; then it is known anew what comes first. */
void tail_due(struct tail *tail, int64_t until_ms, tail_due_function *each, void *self)
{
	struct conversation *one;

	if (tail->soonest > until_ms)
		return;
	tail->soonest = INT64_MAX;
	DL_FOREACH(tail->unfolded, one)
	{
		int64_t due_ms = one->entry.session_seq ? one->entry.due_ms : 0;

		if (due_ms && due_ms < tail->soonest)
			tail->soonest = due_ms;
		if (due_ms && due_ms <= until_ms)
			each(self, &one->entry);
	}
}
