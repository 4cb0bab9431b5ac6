/* What one thread tells another, in order: letters of a few words and some bytes. */
#ifndef TENSTEP_ADAPTERS_NET_MAILBOX_H
#define TENSTEP_ADAPTERS_NET_MAILBOX_H

#include "adapters/net/loop.h"

struct mailbox;

/* What a letter says is up to the two; @to and @more are theirs, nothing here follows them. */
struct letter {
	unsigned kind;
	uint64_t number;
	void *to;
	const void *more;
	struct str text; /* lives during the call that reads it */
};

typedef void letter_function(void *self, const struct letter *letter);

/* @each is called in the thread of @loop, and @after when all that was there has been read (or
 * somebody knocked; NULL: nothing).  In that thread the mailbox is emptied and freed. */
struct mailbox *mailbox_new(
	struct loop *loop, letter_function *each, loop_function *after, void *self) MUST_CHECK;
void mailbox_free(struct mailbox *mailbox); /* what is in it is lost; NULL is fine */

/* From any thread; the text is copied. */
void mailbox_put(struct mailbox *mailbox, const struct letter *letter);
/* The same, the text in parts. */
void mailbox_put_parts(
	struct mailbox *mailbox, const struct letter *letter, const struct str *part, size_t n);
/* The same, and the loop is not woken: that is for whoever has laid several, by mailbox_knock().
 * How many wait now. */
size_t mailbox_lay_parts(
	struct mailbox *mailbox, const struct letter *letter, const struct str *part, size_t n);
/* Wakes the loop, also if nothing was put. */
void mailbox_knock(struct mailbox *mailbox);
/* Reads what is there now instead of when the loop comes to it; @each NULL: as it was made. */
void mailbox_empty(struct mailbox *mailbox, letter_function *each);

#endif
