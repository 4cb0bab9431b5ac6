/* What may be told only after the commit: acknowledgements, posts, changes of hands. */
#ifndef TENSTEP_DISPATCH_BATCH_H
#define TENSTEP_DISPATCH_BATCH_H

#include "bot/dispatch/dispatcher.h"

struct room;

enum news_kind {
	NEWS_DONE,   /* whoever wrote learns what became of it */
	NEWS_POST,   /* a new line of the transcript */
	NEWS_OWNER,  /* somebody else answers now */
	NEWS_SEALED, /* the proof has ended */
	NEWS_CARD,   /* a person is needed */
	NEWS_TYPING, /* the bot waits for the shop */
	NEWS_NOTICE, /* the shop need not repeat this one */
};

/* Hundreds wait for one commit: small, so that they are still in the cache when it is over. */
struct news {
	enum news_kind kind;
	struct room *room;
	union {
		struct {                      /* DONE */
			taken_function *done; /* NULL: they went away */
			void *self;
			enum taken taken;
			uint32_t n;
		};
		struct post post; /* POST; in the batch's arena */
		struct {          /* OWNER */
			enum owner owner;
			struct str person;
		};
		int64_t notice; /* NOTICE */
	};
};

/* Grows in an arena of its own, is emptied as a whole. */
struct batch {
	struct arena *arena;
	struct news *news;
	size_t n, cap;
	size_t safe; /* so many are about what is on disk already */
};

void batch_init(struct batch *batch);
void batch_release(struct batch *batch);
void batch_clear(struct batch *batch);

/* A zeroed one at the end; until the next is added. */
struct news *batch_add(struct batch *batch, enum news_kind kind, struct room *room);
/* What @post is made of is in the batch's arena already. */
void batch_add_post(struct batch *batch, struct room *room, const struct post *post);
/* Nobody named @self is told anything any more. */
void batch_forget(struct batch *batch, const void *self);

#endif
