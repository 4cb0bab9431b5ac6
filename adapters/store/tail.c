/* Which rows of the journal are not folded yet. */
#include "adapters/store/tail.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

struct conversation {
	struct tail_entry entry; /* first */
	UT_hash_handle hh;
	char name[];
};

struct tail {
	struct conversation *by_name;
	size_t n_rows;
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

static void drop_row(struct tail *tail, struct tail_entry *entry)
{
	struct tail_row *row = entry->row;

	entry->row = row->next;
	if (row->seq == entry->session_seq)
		entry->session_seq = 0;
	tail->n_rows--;
	tail->n_posts -= row->n_posts;
	free(row);
}

static void drop_entry(struct tail *tail, struct tail_entry *entry)
{
	struct conversation *found = (struct conversation *)entry;

	if (!entry->session)
		tail->n_new--;
	HASH_DEL(tail->by_name, found);
	free(found);
}

static void drop_all(struct tail *tail, struct tail_entry *entry)
{
	while (entry->row)
		drop_row(tail, entry);
	drop_entry(tail, entry);
}

void tail_free(struct tail *tail)
{
	struct conversation *each, *next;

	if (!tail)
		return;
	HASH_ITER(hh, tail->by_name, each, next)
	drop_all(tail, &each->entry);
	free(tail);
}

size_t tail_rows(const struct tail *tail)
{
	return tail->n_rows;
}

int64_t tail_new_sessions(const struct tail *tail)
{
	return tail->n_new;
}

int64_t tail_posts(const struct tail *tail)
{
	return tail->n_posts;
}

struct tail_entry *tail_find(const struct tail *tail, struct str conversation)
{
	struct conversation *found;

	HASH_FIND(hh, tail->by_name, conversation.p, conversation.n, found);
	return found ? &found->entry : NULL;
}

static struct tail_entry *entry_new(
	struct tail *tail, struct str name, int64_t session, uint32_t last_post)
{
	struct conversation *made = checked(calloc(1, sizeof(*made) + name.n + 1));

	if (name.n)
		memcpy(made->name, name.p, name.n);
	made->entry.conversation = (struct str){made->name, name.n};
	made->entry.session = session;
	made->entry.last_post = last_post;
	HASH_ADD_KEYPTR(hh, tail->by_name, made->name, name.n, made);
	if (!session)
		tail->n_new++;
	return &made->entry;
}

static struct tail_row *row_new(int64_t seq, const struct journal_row *from)
{
	size_t n_mids = from->n_mids;
	struct tail_row *row;

	for (size_t i = 0; i < from->n_posts; i++)
		n_mids += from->post[i].mid.n > 0;
	row = checked(calloc(1, sizeof(*row) + n_mids * sizeof(row->mid[0])));
	row->seq = seq;
	row->first = from->n_posts ? from->post[0].n : 0;
	row->n_posts = (uint32_t)from->n_posts;
	for (size_t i = 0; i < from->n_posts; i++)
		if (from->post[i].mid.n)
			row->mid[row->n_mids++] = str_hash(from->post[i].mid);
	for (size_t i = 0; i < from->n_mids; i++)
		row->mid[row->n_mids++] = str_hash(from->mid[i].mid);
	return row;
}

static void append(struct tail_entry *entry, struct tail_row *row)
{
	if (entry->row)
		entry->newest->next = row;
	else
		entry->row = row;
	entry->newest = row;
}

void tail_add(struct tail *tail, struct str conversation, int64_t session, uint32_t last_post,
	int64_t seq, const struct journal_row *from)
{
	struct tail_entry *entry = tail_find(tail, conversation);

	if (!entry)
		entry = entry_new(tail, conversation, session, last_post);
	append(entry, row_new(seq, from));
	tail->n_rows++;
	tail->n_posts += (int64_t)from->n_posts;
	if (from->n_posts)
		entry->last_post = from->post[from->n_posts - 1].n;
	if (!from->has_session)
		return;
	entry->session_seq = seq;
	entry->saved = from->session.saved;
	entry->due_ms = from->session.due_ms;
	if (entry->due_ms && entry->due_ms < tail->soonest)
		tail->soonest = entry->due_ms;
}

void tail_folded(struct tail *tail, struct tail_entry *entry, int64_t session)
{
	assert(entry->row && session);
	if (!entry->session)
		tail->n_new--;
	entry->session = session;
	drop_row(tail, entry);
	if (!entry->row)
		drop_entry(tail, entry);
}

void tail_forget(struct tail *tail, struct str conversation)
{
	struct tail_entry *entry = tail_find(tail, conversation);

	if (entry)
		drop_all(tail, entry);
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
	struct conversation *one, *next;

	if (tail->soonest > until_ms)
		return;
	tail->soonest = INT64_MAX;
	HASH_ITER(hh, tail->by_name, one, next)
	{
		int64_t due_ms = one->entry.session_seq ? one->entry.due_ms : 0;

		if (due_ms && due_ms < tail->soonest)
			tail->soonest = due_ms;
		if (due_ms && due_ms <= until_ms)
			each(self, &one->entry);
	}
}
