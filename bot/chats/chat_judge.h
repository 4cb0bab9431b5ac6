/* Whether a turn went as a conversation test says. */
#ifndef TENSTEP_CHATS_CHAT_JUDGE_H
#define TENSTEP_CHATS_CHAT_JUDGE_H

#include "bot/chats/chat_file.h"
#include "bot/chats/chat_seen.h"

enum chat_failure_kind {
	FAIL_DECISION,
	FAIL_STEP,
	FAIL_SLOT,
	FAIL_CALL,
	FAIL_TEXT,
	FAIL_TIMING,
	FAIL_CANNOT, /* the turn could not be played */
	N_FAILURE_KINDS
};
extern const char *const chat_failure_name[N_FAILURE_KINDS]; /* "decision", "step", … */

struct chat_failure {
	enum chat_failure_kind kind;
	struct chat_at at;
	struct str expected, got;
	struct chat_at
		words_at; /* FAIL_TEXT of a "<" line: what --accept rewrites; length 0: nothing */
};

struct chat_failures {
	struct arena *arena;
	struct chat_failure *item;
	size_t n;
};
void chat_fail(struct chat_failures *to, enum chat_failure_kind kind, struct chat_at at,
	struct str expected, struct str got);

/* All that a turn is judged by. */
struct chat_scene {
	const struct seen *seen;       /* this turn */
	const struct session *session; /* after it */
	const struct model *model;     /* for the slots that flows have */
	const struct seen_call *all;   /* the test's calls so far */
	size_t n_all;
	unsigned buyer_turns;          /* the test's so far */
	bool handed_off;               /* in the test so far */
	const struct seen_item *ended; /* in the test so far */
	size_t n_ended;
};

/* Adds what is not as @turn says to @failures, texts that were merely reworded to @notes. */
void chat_judge_turn(const struct chat_turn *turn, const struct chat_scene *scene,
	struct chat_failures *failures, struct chat_failures *notes);
/* "never:" after every turn. */
void chat_judge_never(const struct chat_test *test, const struct chat_scene *scene,
	struct chat_failures *failures);
/* "ends:" and "turns <= N" after the last one. */
void chat_judge_end(const struct chat_test *test, const struct chat_scene *scene,
	struct chat_failures *failures);

/* Whether @got is what a test writes as @expected: a record is named by its number, id, label or
 * title,
 * "*" is anything, of a record only the fields that are written count. */
bool chat_value_matches(const struct value *expected, const struct value *got);
/* A label, whole or cut at a " · ". */
bool chat_label_matches(struct str expected, struct str label);
/* The words of "heard as …", one for each level. */
extern const char *const chat_level_word[N_LEVELS];

#endif
