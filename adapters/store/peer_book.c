/* Peers in memory. */
#include "adapters/store/peer_book.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "adapters/store/peer_queue.h"
#include "bot/base/table.h"

enum { max_warm = 4096 };

/* Where an entry is: made by the open transaction and nowhere else, not in the table as it stands,
 * in the table. */
enum state { FRESH, UNFOLDED, WARM, n_states };

struct entry {
	struct peer_wait wait; /* first; its name is the conversation's */
	struct account *account;
	struct store_peer *kept;  /* as it was committed; NULL: it was not yet */
	struct store_peer *draft; /* as the open transaction has it; NULL: as it was */
	int64_t seq;              /* of the row with .kept */
	enum state state;
	struct { /* before a commit that may still fail */
		struct store_peer *kept;
		int64_t seq;
		enum state state;
	} before;
	struct entry *prev, *next;
	UT_hash_handle hh;
	char name[];
};

struct account {
	struct account *next;
	struct peer_queue queue;
	int64_t known_ms;
	size_t n_name;
	char name[];
};

struct peer_book {
	struct entry *by_name;
	struct entry *list[n_states]; /* whoever came there last is the last */
	size_t n[n_states];
	struct entry **changed; /* those with a draft */
	size_t n_changed, room;
	struct entry **unsure; /* those with something before */
	size_t n_unsure, unsure_room;
	struct account *accounts; /* a few */
};

static void *checked(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

struct peer_book *peer_book_new(void)
{
	return checked(calloc(1, sizeof(struct peer_book)));
}

/* --- how a peer stands --- */

static struct str copy_text(struct str text, char **to)
{
	struct str copy = {*to, text.n};

	if (text.n)
		memcpy(*to, text.p, text.n);
	*to += text.n;
	return copy;
}

/* One block with all its texts, but for the conversation's name. */
static struct store_peer *peer_copy(const struct store_peer *peer, struct str conversation)
{
	size_t n = peer->account.n + peer->peer.n + peer->ticket.n + peer->error.n;
	struct store_peer *copy = checked(malloc(sizeof(*copy) + n));
	char *text = (char *)(copy + 1);

	*copy = *peer;
	copy->conversation = conversation;
	copy->account = copy_text(peer->account, &text);
	copy->peer = copy_text(peer->peer, &text);
	copy->ticket = copy_text(peer->ticket, &text);
	copy->error = copy_text(peer->error, &text);
	return copy;
}

static bool is_same(const struct store_peer *a, const struct store_peer *b)
{
	return a->heard_ms == b->heard_ms && a->next_ms == b->next_ms && a->shown == b->shown &&
	       a->part == b->part && a->since_ms == b->since_ms && a->tries == b->tries &&
	       a->unclear == b->unclear && a->sent_ms == b->sent_ms && a->claimed == b->claimed &&
	       a->owner == b->owner && a->ticket_ms == b->ticket_ms && str_eq(a->error, b->error) &&
	       str_eq(a->ticket, b->ticket) && str_eq(a->peer, b->peer) &&
	       str_eq(a->account, b->account);
}

static const struct store_peer *now(const struct entry *entry)
{
	return entry->draft ? entry->draft : entry->kept;
}

/* --- accounts --- */

static struct account *account_of(struct peer_book *book, struct str name)
{
	struct account *account = book->accounts;

	while (account && !str_eq((struct str){account->name, account->n_name}, name))
		account = account->next;
	if (account)
		return account;
	account = checked(calloc(1, sizeof(*account) + name.n + 1));
	if (name.n)
		memcpy(account->name, name.p, name.n);
	account->n_name = name.n;
	account->known_ms = INT64_MIN;
	account->next = book->accounts;
	book->accounts = account;
	return account;
}

static void queue_up(struct entry *entry)
{
	peer_queue_set(&entry->account->queue, &entry->wait, now(entry)->next_ms);
}

/* --- entries --- */

static struct entry *find(struct peer_book *book, struct str conversation)
{
	struct entry *found;

	HASH_FIND(hh, book->by_name, conversation.p, conversation.n, found);
	return found;
}

static void move(struct peer_book *book, struct entry *entry, enum state to)
{
	DL_DELETE(book->list[entry->state], entry);
	book->n[entry->state]--;
	DL_APPEND(book->list[to], entry);
	book->n[to]++;
	entry->state = to;
}

static struct entry *entry_new(struct peer_book *book, const struct store_peer *peer)
{
	struct str name = peer->conversation;
	struct entry *made = checked(calloc(1, sizeof(*made) + name.n + 1));

	if (name.n)
		memcpy(made->name, name.p, name.n);
	made->wait.name = (struct str){made->name, name.n};
	made->account = account_of(book, peer->account);
	HASH_ADD_KEYPTR(hh, book->by_name, made->name, name.n, made);
	DL_APPEND(book->list[FRESH], made);
	book->n[FRESH]++;
	return made;
}

static void drop(struct peer_book *book, struct entry *entry)
{
	peer_queue_set(&entry->account->queue, &entry->wait, 0);
	DL_DELETE(book->list[entry->state], entry);
	book->n[entry->state]--;
	HASH_DEL(book->by_name, entry);
	free(entry->kept);
	free(entry->draft);
	free(entry->before.kept);
	free(entry);
}

static void drop_accounts(struct peer_book *book)
{
	struct account *account;

	while ((account = book->accounts)) {
		book->accounts = account->next;
		peer_queue_release(&account->queue);
		free(account);
	}
}

void peer_book_free(struct peer_book *book)
{
	if (!book)
		return;
	for (enum state state = FRESH; state < n_states; state++)
		while (book->list[state])
			drop(book, book->list[state]);
	drop_accounts(book);
	free(book->changed);
	free(book->unsure);
	free(book);
}

const struct store_peer *peer_book_find(struct peer_book *book, struct str conversation)
{
	const struct entry *entry = find(book, conversation);

	return entry ? now(entry) : NULL;
}

void peer_book_learn(struct peer_book *book, const struct store_peer *peer, int64_t seq)
{
	struct entry *entry = find(book, peer->conversation);

	if (entry)
		return;
	entry = entry_new(book, peer);
	entry->kept = peer_copy(peer, entry->wait.name);
	entry->seq = seq;
	move(book, entry, WARM);
	queue_up(entry);
}

/* --- the open transaction --- */

static void note_change(struct peer_book *book, struct entry *entry)
{
	if (book->n_changed == book->room) {
		book->room = book->room ? 2 * book->room : 16;
		book->changed =
			checked(realloc(book->changed, book->room * sizeof(struct entry *)));
	}
	book->changed[book->n_changed++] = entry;
}

void peer_book_change(struct peer_book *book, const struct store_peer *peer)
{
	struct entry *entry = find(book, peer->conversation);
	struct store_peer *draft;

	if (entry && is_same(now(entry), peer))
		return;
	if (!entry)
		entry = entry_new(book, peer);
	if (!entry->draft)
		note_change(book, entry);
	draft = peer_copy(peer, entry->wait.name); /* @peer may be the old one */
	free(entry->draft);
	entry->draft = draft;
	queue_up(entry);
}

void peer_book_changes(struct peer_book *book, peer_book_function *each, void *self)
{
	for (size_t i = 0; i < book->n_changed; i++)
		each(self, book->changed[i]->draft);
}

int64_t peer_book_commit(struct peer_book *book, int64_t seq, bool in_table)
{
	for (size_t i = 0; i < book->n_changed; i++) {
		struct entry *entry = book->changed[i];

		free(entry->kept);
		entry->kept = entry->draft;
		entry->draft = NULL;
		entry->seq = ++seq;
		move(book, entry, in_table ? WARM : UNFOLDED);
	}
	book->n_changed = 0;
	return seq;
}

static void swap_lists(struct peer_book *book)
{
	struct entry **list = book->changed;
	size_t room = book->room;

	book->changed = book->unsure;
	book->room = book->unsure_room;
	book->unsure = list;
	book->unsure_room = room;
	book->n_unsure = book->n_changed;
	book->n_changed = 0;
}

int64_t peer_book_commit_maybe(struct peer_book *book, int64_t seq)
{
	assert(!book->n_unsure);
	for (size_t i = 0; i < book->n_changed; i++) {
		struct entry *entry = book->changed[i];

		entry->before.kept = entry->kept;
		entry->before.seq = entry->seq;
		entry->before.state = entry->state;
		entry->kept = entry->draft;
		entry->draft = NULL;
		entry->seq = ++seq;
		move(book, entry, UNFOLDED);
	}
	swap_lists(book);
	return seq;
}

void peer_book_sure(struct peer_book *book)
{
	for (size_t i = 0; i < book->n_unsure; i++) {
		free(book->unsure[i]->before.kept);
		book->unsure[i]->before.kept = NULL;
	}
	book->n_unsure = 0;
}

static int by_row(const struct entry *a, const struct entry *b)
{
	return (a->seq > b->seq) - (a->seq < b->seq);
}

/* Those that are not folded stand in the order of their rows. */
static void move_back(struct peer_book *book, struct entry *entry)
{
	entry->seq = entry->before.seq;
	move(book, entry, entry->before.state);
	if (entry->state != UNFOLDED)
		return;
	DL_DELETE(book->list[UNFOLDED], entry);
	DL_INSERT_INORDER(book->list[UNFOLDED], entry, by_row);
}

void peer_book_undo(struct peer_book *book)
{
	for (size_t i = 0; i < book->n_unsure; i++) {
		struct entry *entry = book->unsure[i];

		assert(!entry->draft);
		free(entry->kept);
		entry->kept = entry->before.kept;
		entry->before.kept = NULL;
		if (!entry->kept) {
			drop(book, entry);
			continue;
		}
		move_back(book, entry);
		queue_up(entry);
	}
	book->n_unsure = 0;
}

void peer_book_roll_back(struct peer_book *book)
{
	for (size_t i = 0; i < book->n_changed; i++) {
		struct entry *entry = book->changed[i];

		free(entry->draft);
		entry->draft = NULL;
		if (entry->kept)
			queue_up(entry);
		else
			drop(book, entry);
	}
	book->n_changed = 0;
}

/* --- folding --- */

size_t peer_book_unfolded(const struct peer_book *book)
{
	return book->n[UNFOLDED];
}

bool peer_book_is_unfolded(struct peer_book *book, struct str conversation)
{
	const struct entry *entry = find(book, conversation);

	return entry && entry->state == UNFOLDED;
}

int64_t peer_book_oldest(const struct peer_book *book)
{
	return book->list[UNFOLDED] ? book->list[UNFOLDED]->seq : INT64_MAX;
}

size_t peer_book_list(
	const struct peer_book *book, size_t max, struct arena *arena, struct kept_peer **list)
{
	const struct entry *entry = book->list[UNFOLDED];
	size_t n = 0;

	*list = arena_array(
		arena, struct kept_peer, max < book->n[UNFOLDED] ? max : book->n[UNFOLDED]);
	for (; entry && n < max; entry = entry->next, n++) {
		struct store_peer *copy = &(*list)[n].peer;

		(*list)[n].seq = entry->seq;
		*copy = *entry->kept;
		copy->conversation = arena_str(arena, copy->conversation);
		copy->account = arena_str(arena, copy->account);
		copy->peer = arena_str(arena, copy->peer);
		copy->ticket = arena_str(arena, copy->ticket);
		copy->error = arena_str(arena, copy->error);
	}
	return n;
}

void peer_book_folded(struct peer_book *book, const struct kept_peer *kept)
{
	struct entry *entry = find(book, kept->peer.conversation);

	if (entry && entry->state == UNFOLDED && entry->seq == kept->seq)
		move(book, entry, WARM);
}

/* --- forgetting --- */

/* From now on the tables must be asked for it. */
static void cool(struct peer_book *book, struct entry *entry)
{
	int64_t next_ms = entry->kept->next_ms;

	assert(!entry->draft);
	if (next_ms && next_ms < entry->account->known_ms)
		entry->account->known_ms = next_ms;
	drop(book, entry);
}

void peer_book_forget(struct peer_book *book, struct str conversation)
{
	struct entry *entry = find(book, conversation);

	if (entry)
		cool(book, entry);
}

void peer_book_cool(struct peer_book *book)
{
	while (book->n[WARM] > max_warm && !book->list[WARM]->draft)
		cool(book, book->list[WARM]);
}

void peer_book_clear(struct peer_book *book)
{
	assert(!book->n_changed && !book->n[UNFOLDED]);
	while (book->list[WARM])
		cool(book, book->list[WARM]);
	for (struct account *account = book->accounts; account; account = account->next)
		account->known_ms = INT64_MIN;
}

/* --- waiting --- */

int64_t peer_book_known(struct peer_book *book, struct str account)
{
	return account_of(book, account)->known_ms;
}

void peer_book_know(struct peer_book *book, struct str account, int64_t until_ms)
{
	account_of(book, account)->known_ms = until_ms;
}

/* They leave the queue one after the other, and come back. */
size_t peer_book_due(struct peer_book *book, struct str account, int64_t until_ms, size_t limit,
	const struct store_peer **due)
{
	struct peer_queue *queue = &account_of(book, account)->queue;
	struct peer_wait *first;
	size_t n = 0;

	while (n < limit && (first = peer_queue_first(queue)) && first->at_ms <= until_ms) {
		due[n++] = now((struct entry *)first);
		peer_queue_set(queue, first, 0);
	}
	for (size_t i = 0; i < n; i++)
		queue_up(find(book, due[i]->conversation));
	return n;
}

int64_t peer_book_next(struct peer_book *book, struct str account)
{
	const struct peer_wait *first = peer_queue_first(&account_of(book, account)->queue);

	return first ? first->at_ms : 0;
}
