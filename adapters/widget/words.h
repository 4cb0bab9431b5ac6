/* What the server says itself in the languages of the widget: the plain page, what a buyer who
 * waits is told, and the name of the chat's button before the rest of the widget is there.  What
 * the flows say is in their own language.  Words that the widget has too are the same there
 * (js/lang).  Pure. */
#ifndef TENSTEP_ADAPTERS_WIDGET_WORDS_H
#define TENSTEP_ADAPTERS_WIDGET_WORDS_H

#include "bot/base/value.h"

enum word {
	WORD_CHAT, /* the button, before the rest of the widget is there */
	WORD_SKIP,
	WORD_CONVERSATION,
	WORD_OLDER,
	WORD_SEALED, /* what was said before, for a proof has ended */
	WORD_RENEW,
	WORD_MESSAGE,
	WORD_WRITE,
	WORD_SEND,
	WORD_NOTE,
	WORD_BUYER,
	WORD_BOT,
	WORD_PERSON,
	WORD_EARLIER,
	WORD_FILE,
	WORD_DONE,
	WORD_NOW, /* a step of a card */
	WORD_NEXT,
	WORD_ERASE,
	WORD_SURE,
	WORD_WAITING,
	WORD_WITH_PERSON, /* {who} */
	WORD_YOU_ARE_NEXT,
	WORD_PLACE, /* {n}: of those who wait */
	WORD_NOBODY,
	WORD_BACK_AT, /* {when} */
	WORD_EMPTY,
	WORD_TOO_LONG,
	WORD_UNREAD,
	WORD_STALE, /* a page */
	WORD_NOT_READ,
	WORD_NO_BUTTON,
	WORD_TOO_FAST, /* {n}: seconds */
	WORD_TOO_MANY,
	WORD_NOT_STORED,
	WORD_NOT_ERASED,
	WORD_ORDER, /* {n}; as the next one */
	WORD_RETURN,
	WORD_REFUND,
	WORD_STATUS,
	WORD_TOTAL,
	WORD_AMOUNT,
	WORD_PAID_WITH,
	WORD_CREATED,
	WORD_REQUESTED,
	WORD_APPROVED,
	WORD_PAID,
	WORD_DEADLINE,
	WORD_SHIP_BY,
	WORD_DELIVER_BY,
	WORD_DELIVERED,
	WORD_CANCELLED,
	WORD_CARRIER,
	WORD_TRACKING,
	WORD_LABEL,
	WORD_ADDRESS,
	WORD_WHY,
	N_WORDS,
};
struct words {
	const char *tag;           /* "de" */
	const char *word[N_WORDS]; /* some have one hole, as in "Order {n}" */
};
/* By the first part of a language tag ("de" of "de-AT"); English for what there is none of. */
const struct words *words_of(struct str tag);
/* What a browser asks for (Accept-Language, RFC 9110 12.5.4): the best that there is. */
const struct words *words_asked(struct str accept);
bool words_are_rtl(const struct words *words);

struct str words_get(const struct words *words, enum word word);
/* With @value in its hole. */
struct str words_with(
	const struct words *words, enum word word, struct str value, struct arena *arena);

/* A file each: words_ar.c … */
extern const struct words words_en, words_ar, words_de, words_es, words_fr, words_he, words_id,
	words_it, words_pt, words_th, words_vi, words_zh;
/* All of them, English first. */
enum { n_words_known = 12 };
extern const struct words *const words_known[n_words_known];

#endif
