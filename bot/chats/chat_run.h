/* Plays conversation tests: each on a fresh demo shop in memory, with a clock that only the test
 * moves. */
#ifndef TENSTEP_CHATS_CHAT_RUN_H
#define TENSTEP_CHATS_CHAT_RUN_H

#include "bot/chats/chat_cover.h"
#include "bot/chats/chat_judge.h"
#include "bot/chats/chat_shops.h"
#include "bot/common/content.h"

/* What lies between the buyer and the bot, a messaging platform say.  What does not get through
 * fails the play, and *why (in @arena) tells it. */
struct chat_wire {
	void (*begin)(void *self); /* of a play */
	/* The buyer's message on its way in: what arrives is put in its place. */
	bool (*carry)(void *self, struct event *event, struct arena *arena, struct str *why);
	/* A line of the transcript on its way out. */
	bool (*show)(void *self, const struct post *post, struct arena *arena, struct str *why);
	void *self;
};

/* What all tests share.  Everything is the caller's. */
struct chat_stage {
	struct model *model;
	const struct content *content; /* for "load" and "publish" */
	struct chat_cover *cover;      /* NULL: nothing is counted */
	bool past_words;               /* plays on when nothing but words is different */
	const struct chat_wire *wire;  /* NULL: nothing lies between */
	struct chat_shops *shops;      /* NULL: each play fills a shop anew, which is slow */
};

/* One play of a test: tests with a table or "for each" have several. */
struct chat_play {
	const struct chat_file *file;
	const struct chat_test *test;
	struct str name; /* of the test, with what varies behind it */
	struct chat_failures failures, notes;
	struct str transcript; /* up to the turn that failed, or all */
	struct str explain;    /* of that turn */
	unsigned turns;
};

/* How many plays a test makes. */
size_t chat_plays(const struct chat_stage *stage, const struct chat_test *test);
/* Plays number @row (from 0); all of the result lives in @arena. */
struct chat_play chat_play(const struct chat_stage *stage, const struct chat_file *file,
	const struct chat_test *test, size_t row, struct arena *arena);

/* Whether nothing is different but words of lines whose step is right. */
bool chat_only_reworded(const struct chat_play *play);

#endif
