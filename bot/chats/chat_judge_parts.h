/* Inside the judging of conversation tests: what its parts share. */
#ifndef TENSTEP_CHATS_CHAT_JUDGE_PARTS_H
#define TENSTEP_CHATS_CHAT_JUDGE_PARTS_H

#include "bot/chats/chat_judge.h"

/* A turn that is judged. */
struct judge {
	const struct chat_scene *scene;
	const struct seen *seen;
	struct chat_failures *failures;
	struct arena *arena;
};

enum { max_words_bytes = 4000 };

/* "flow/step, flow/step": who spoke. */
struct str judge_steps(struct judge *j);
struct str judge_none_if_empty(struct str text);
/* Where the conversation stands, in words. */
struct str judge_place(struct arena *arena, const struct chat_scene *scene);
/* Whether "flow/step" or "flow" names that step. */
bool judge_ref_is(struct str ref, struct str flow, struct str step);
bool judge_stands_at(const struct chat_scene *scene, struct str ref);
struct str judge_step_name(struct judge *j, const struct seen_bubble *bubble);

void judge_fail(struct judge *j, enum chat_failure_kind kind, const struct chat_fact *fact,
	struct str expected, struct str got);
/* A value as a test would write it. */
struct str judge_shown(struct judge *j, const struct value *value);

/* chat_judge_decision.c */
typedef void judge_fact_function(struct judge *j, const struct chat_fact *fact);
judge_fact_function judge_intent, judge_decision, judge_heard, judge_fixed, judge_digression,
	judge_corrected;
void judge_number(struct judge *j, const struct chat_fact *fact, enum chat_failure_kind kind,
	const char *what, int64_t got);

/* chat_judge_effect.c */
judge_fact_function judge_called, judge_watching;
/* handoff, note, ended: one that has the name, if one is given, and the fields. */
void judge_item(struct judge *j, const struct chat_fact *fact, const char *what,
	const struct seen_item *item, size_t n);

/* chat_judge_speech.c: the "<" lines of a turn that has some. */
void judge_speeches(struct judge *j, const struct chat_turn *turn, struct chat_failures *notes);

#endif
