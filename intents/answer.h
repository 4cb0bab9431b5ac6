/* The expected answer to an open question: yes or no, one of a list, a typed value.  These come
 * before intents, because "the second one" has no score outside its question. */
#ifndef TENSTEP_INTENTS_ANSWER_H
#define TENSTEP_INTENTS_ANSWER_H

#include "intents/understand.h"

enum yes_no { ANSWER_NEITHER, ANSWER_YES, ANSWER_NO };

/* "yes", "yep do it", "no thanks", "y", 👍, "please dont".  NEITHER in doubt ("not sure", "sure?")
 * and for a yes with strings attached ("yes, but …", "ok if …").  *with_more is true when a clear
 * answer at the head is followed by something else worth looking at ("no, the dress", "yes, my name
 * is …"); may be NULL. */
enum yes_no answer_yes_no(
	const struct intent_set *set, const struct reading *reading, bool *with_more);

/* One thing that can be picked. */
struct option {
	struct str label;       /* as shown on the button */
	const struct str *word; /* more that names it: number, product title, colour … */
	size_t n_words;
};

enum pick {
	PICK_NONE,    /* nothing of the list was named */
	PICK_ONE,     /* *index */
	PICK_SEVERAL, /* more than one option fits equally: index[0..*n) names them */
	PICK_ALL,     /* "all", "both", "everything" */
	PICK_NEITHER, /* "none of these", "neither" */
	PICK_OTHER,   /* "the other one": the caller knows what is on screen */
};

/* Picks from @n options: by number ("2", "#2", "number two" when there are that many), position
 * ("the second", "last one"), whole label, order number or its tail (3 digits or more), or words
 * that only one option has, mistyped ones included ("the blu dress").  @index has room for @n
 * entries. */
enum pick answer_pick(const struct intent_set *set, const struct reading *reading,
	const struct option *option, size_t n, size_t *index, size_t *n_index);

/* One of @n options, named by its words in a message that also says what is to be done with it: "I
 * want to cancel the dress".  What the message is understood by may name it, exactly as written, and
 * need not.  Whether there is exactly one: *index. */
bool answer_pick_told(const struct intent_set *set, const struct reading *reading,
	const struct option *option, size_t n, size_t *index);

/* Whether the message holds a whole label or a whole entry of the words of exactly one option ("… I
 * changed my mind"): what may be taken from a message that was no answer to a question.  Single
 * words under five letters do not count. */
bool answer_names(const struct intent_set *set, const struct reading *reading,
	const struct option *option, size_t n, size_t *index);

/* A typed answer: @type as in a flow's slot ("text", "number", "email", "phone", "date", "money",
 * "order", "rating", "yes_no").  NULL if the message holds none of that type.  "text" takes the
 * whole message. */
const struct value *answer_value(const struct intent_set *set, const struct reading *reading,
	struct str type, struct arena *arena);

/* "skip", "no reason", "rather not say", "next", "pass". */
bool answer_skips(const struct intent_set *set, const struct reading *reading);

/* "no, the other order", "not that one", "wrong order": the buyer wants what is shown changed. Such
 * a message may also name the new value (an option, an order number). */
bool answer_corrects(const struct intent_set *set, const struct reading *reading);

#endif
