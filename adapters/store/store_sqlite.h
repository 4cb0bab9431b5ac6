/* What the files of the SQLite store share.  Each holds one kind of thing that is kept; their
 * functions are those of the driver. */
#ifndef TENSTEP_ADAPTERS_STORE_STORE_SQLITE_H
#define TENSTEP_ADAPTERS_STORE_STORE_SQLITE_H

#include "adapters/store/drafts.h"
#include "adapters/store/glance.h"
#include "adapters/store/helper.h"
#include "adapters/store/journal_file.h"
#include "adapters/store/moves.h"
#include "adapters/store/peer_book.h"
#include "adapters/store/store_driver.h"
#include "adapters/store/tail.h"

#include <stdatomic.h>

enum { FOLD_STEP = 1024 }; /* rows, where somebody waits for it */

/* A commit in the second thread.  What it adds is part of the tail already. */
struct pending {
	enum { PENDING_NONE, PENDING_UNDER_WAY, PENDING_ENDED } stage;
	struct journal_file *file;
	int64_t sure_seq, last_seq; /* before it, and its own */
	atomic_bool is_over;
	store_over_function *over;
	void *self;
	enum sql_status status;
	enum store_status at_once; /* of one that was not begun there */
};

struct store_sqlite {
	struct store store; /* first */
	struct sql *sql;
	struct drafts *drafts;
	struct tail *tail;
	struct peer_book *peers;
	struct moves *moves;   /* the folding thread's, as the connection is */
	struct glance *glance; /* forgotten when the tables change */
	uint64_t key;          /* JOURNAL_KEY */
	int64_t last_seq;      /* of the journal */
	/* The journal's files (NULL: the store is in memory), up to which row they are in the one
	 * that was put aside, and how many of those rows are not folded. */
	struct journal_file *file;
	int64_t aside_seq;
	size_t n_aside;
	unsigned noted;     /* JOURNAL_FILES, perhaps with some more */
	int64_t clear_seq;  /* up to which row they are to hold nothing */
	int64_t erased_seq; /* up to which they may hold what was erased */
	bool in_turn; /* between begin and commit; the tables' transaction begins when it must: */
	bool in_file; /* it has begun */
	bool is_gone; /* the files are not where they were opened */
	bool file_failed; /* the last commit, in the journal's files */
	struct helper *committer;
	struct pending pending;
	bool is_lost; /* the transaction that is open, with the commit before it */
	/* Folding may be under way in the second thread.  Then the connection is its own, and the
	 * tail does not change, until sqlite_settle(). */
	struct helper *helper;
	struct folds *folds;
};

struct store_sqlite *sqlite_own(struct store *store);
/* Whatever the folding thread was at is done then. */
void sqlite_settle(struct store_sqlite *own);
/* The commit under way is over: what is in memory is on the disk too. */
void sqlite_settle_commit(struct store_sqlite *own);
struct sql *sqlite_of(const struct store *store);
/* The connection for a statement that must stand in a transaction. */
struct sql *sqlite_writing(struct store *store);
/* The connection for reading; outside a transaction an old error is over. */
struct sql *sqlite_reading(struct store *store);
enum store_status sqlite_status(enum sql_status status);
enum store_status sqlite_read_status(struct store *store);
/* The same for a search: STORE_NONE if nothing was found and nothing went wrong. */
enum store_status sqlite_found(struct store *store, bool found);

/* conversations.c */
enum store_status sqlite_load_session(
	struct store *store, struct str conversation, struct arena *arena, struct str *bytes);
void sqlite_save_session(struct store *store, struct str conversation, struct str bytes,
	int64_t now, int64_t due_ms);
enum store_status sqlite_due(
	struct store *store, int64_t until_ms, store_due_function *each, void *self);
void sqlite_add_post(struct store *store, struct str conversation, const struct post *post);
void sqlite_know(struct store *store, struct str conversation, struct str mid, int64_t at_ms);
enum store_status sqlite_last_post(struct store *store, struct str conversation, uint32_t *n);
enum store_status sqlite_knows(struct store *store, struct str conversation, struct str mid);
enum store_status sqlite_posts(struct store *store, struct str conversation, uint32_t after,
	int limit, store_post_function *each, void *self);

/* commits.c */
enum store_status sqlite_begin(struct store *store);
enum store_status sqlite_commit(struct store *store);
void sqlite_rollback(struct store *store);
/* Turns that only add to conversations need the tables at their end, not before. */
enum sql_status sqlite_begin_in_file(struct store_sqlite *own);
void sqlite_commit_begin(struct store *store, store_over_function *over, void *self);
bool sqlite_commit_is_over(struct store *store);
enum store_status sqlite_commit_end(struct store *store);

/* journal.c */
/* The drafts and how peers stand, into the open transaction: peers into their table at once. */
void journal_write(struct store_sqlite *own);
/* The same as a record for the files, to be appended; the seq of its last row, or own->last_seq
 * when there is nothing to write. */
int64_t journal_prepare(struct store_sqlite *own) MUST_CHECK;
/* The file in use is put aside, with all that is not folded, if it is sure.  Not while a commit is
 * under way. */
void journal_put_aside(struct store_sqlite *own);
/* It was committed, or is going to be: the drafts become the tail, peers stand so. */
enum written { WRITTEN_IN_TABLES, WRITTEN_IN_FILES, WRITTEN_MAYBE };
void journal_written(struct store_sqlite *own, enum written written);
/* The slices point into @row, the arrays are in @arena. */
void journal_read(const struct tail_row *row, struct arena *arena, struct journal_row *out);
struct journal_parts journal_parts_read(const struct tail_row *row);
/* Makes the tail from the rows in the file. */
enum sql_status journal_open(struct store_sqlite *own) MUST_CHECK;
size_t sqlite_journal(const struct store *store);
size_t sqlite_unfolded(const struct store *store);

/* fold.c */
enum store_status sqlite_fold(struct store *store, size_t max_rows, size_t *left);
enum store_status sqlite_fold_aside(struct store *store, enum store_fold what, size_t max_rows);
int64_t sqlite_mark(const struct store *store);
enum store_status sqlite_clear_aside(struct store *store, int64_t mark, bool *is_clear);
void folds_free(struct folds *folds); /* NULL is fine */
/* Folds all there is. */
enum store_status fold_all(struct store_sqlite *own) MUST_CHECK;
/* The same, notes it durably, and removes the journal's files.  If that fails, they are read again.
 */
enum store_status fold_over(struct store_sqlite *own);
/* The second half of it, once it is noted. */
enum store_status fold_forget_files(struct store_sqlite *own) MUST_CHECK;
/* In the second thread: who settles waits for it. */
bool fold_is_under_way(const struct store_sqlite *own) MUST_CHECK;
/* And it is at the journal's older file: which one that is must not change. */
bool fold_removes_file(const struct store_sqlite *own) MUST_CHECK;

/* chats.c */
void sqlite_put_chat(struct store *store, const struct store_chat *chat);
enum store_status sqlite_chat(
	struct store *store, struct str conversation, struct arena *arena, struct store_chat *chat);
enum store_status sqlite_chats_due(struct store *store, struct str account, int64_t until_ms,
	int limit, store_chat_function *each, void *self);

/* peers.c */
void sqlite_hear_peer(struct store *store, const struct store_peer *peer);
void sqlite_wake_peer(struct store *store, struct str conversation, int64_t at_ms);
void sqlite_put_peer(struct store *store, const struct store_peer *peer);
enum store_status sqlite_peer(
	struct store *store, struct str conversation, struct arena *arena, struct store_peer *peer);
enum store_status sqlite_peers_due(struct store *store, struct str account, int64_t until_ms,
	int limit, store_peer_function *each, void *self);
int64_t sqlite_peers_next(struct store *store, struct str account);
enum store_status sqlite_release_claims(struct store *store, struct str account, int64_t at_ms);
enum store_status sqlite_hasten_peers(
	struct store *store, struct str account, int64_t after_ms, int64_t by_ms, int64_t least_ms);
enum store_status sqlite_move_tries(struct store *store, struct str account, int64_t by_ms);
void sqlite_add_dead_letter(struct store *store, const struct store_dead_letter *letter);
void sqlite_put_picture(struct store *store, const struct store_picture *picture);
enum store_status sqlite_picture(struct store *store, struct str account, struct str digest,
	struct arena *arena, struct store_picture *picture);
enum store_status sqlite_dead_letters(
	struct store *store, struct str account, store_dead_letter_function *each, void *self);
enum store_status sqlite_account(
	struct store *store, struct str account, struct store_account *counts);

/* watches.c */
void sqlite_set_watches(struct store *store, struct str conversation,
	const struct store_watch *watch, size_t n, int64_t now_ms);
enum store_status sqlite_watching(struct store *store, struct str event, struct str of,
	store_name_function *each, void *self);

enum store_status sqlite_promises(
	struct store *store, bool all, store_promise_function *each, void *self);
void sqlite_keep_promise(struct store *store, struct str conversation, struct str event,
	struct str of, int64_t now_ms);

/* shop_things.c */
int64_t sqlite_add_notice(struct store *store, const struct store_notice *notice, struct str order,
	struct str fields);
enum store_status sqlite_next_notice(
	struct store *store, int64_t after, struct arena *arena, struct store_notice *notice);
void sqlite_take_notice(struct store *store, int64_t id);
void sqlite_put_order(struct store *store, const struct store_order *order);
enum store_status sqlite_order(
	struct store *store, struct str number, struct arena *arena, struct store_order *order);
void sqlite_look_at(struct store *store, struct str number, int64_t at_ms);
void sqlite_look_at_watched(struct store *store, int64_t before_ms, int64_t at_ms);
void sqlite_note_looked(struct store *store, int64_t at_ms);
enum store_status sqlite_orders_due(
	struct store *store, int64_t until_ms, int limit, store_order_function *each, void *self);
bool sqlite_know_hook(struct store *store, struct str id, int64_t at_ms);
enum store_status sqlite_cursor(
	struct store *store, struct str name, struct arena *arena, struct str *value);
void sqlite_set_cursor(struct store *store, struct str name, struct str value);

/* desk_things.c */
void sqlite_add_note(struct store *store, const struct store_note *note);
enum store_status sqlite_notes(
	struct store *store, struct str name, int64_t after, store_note_function *each, void *self);
int64_t sqlite_add_card(struct store *store, const struct store_card *card);
bool sqlite_claim_card(
	struct store *store, int64_t id, int64_t version, struct str person, int64_t at);
void sqlite_close_card(struct store *store, int64_t id, int64_t at);
enum store_status sqlite_card(
	struct store *store, int64_t id, struct arena *arena, struct store_card *card);
enum store_status sqlite_cards(
	struct store *store, bool closed_too, store_card_function *each, void *self);
int64_t sqlite_add_send(
	struct store *store, struct str conversation, const struct store_send *send);
void sqlite_mark_send(struct store *store, const struct store_send *send);
enum store_status sqlite_sends(
	struct store *store, bool all, store_send_function *each, void *self);

/* effects.c */
enum store_status sqlite_find_effect(
	struct store *store, struct str key, struct arena *arena, struct store_effect *effect);
enum store_status sqlite_claim_effect(struct store *store, const struct store_effect *effect,
	struct arena *arena, struct store_effect *existing);
void sqlite_follow_effect(struct store *store, const struct store_effect *effect);
void sqlite_resend_effect(struct store *store, struct str key, int64_t now);
void sqlite_settle_effect(struct store *store, struct str key, const struct store_verdict *verdict);
void sqlite_told_effect(struct store *store, struct str key);
void sqlite_finish_effects(
	struct store *store, struct str conversation, struct str evidence, int64_t now);
void sqlite_drop_effect(struct store *store, struct str key);
enum store_status sqlite_effects(struct store *store, enum effect_choice choice,
	struct arena *arena, struct store_effect **effects, size_t *n);
enum store_status sqlite_effects_of(struct store *store, struct str conversation,
	struct arena *arena, struct store_effect **effects, size_t *n);

/* forget.c */
enum store_status sqlite_forget(struct store *store, struct str conversation);
enum store_status sqlite_clean(struct store *store);
/* All rows of it, in the open transaction; nothing of it is in the journal. */
void forget_erase(struct store_sqlite *own, struct str conversation);
/* Whether older copies of what was erased may be in the log or in the journal's files. */
bool forget_left_copies(struct store_sqlite *own) MUST_CHECK;

/* idle.c */
enum store_status sqlite_remove_idle(struct store *store, struct store_idle *idle);
bool sqlite_is_at_work(struct store *store);

/* expire.c */
enum store_status sqlite_expire(struct store *store, int64_t before_ms);

#endif
