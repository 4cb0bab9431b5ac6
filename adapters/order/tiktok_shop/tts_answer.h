/* What an answer of the platform means: the envelope {code, message, request_id, data}, read
 * strictly, and its codes put into the few classes that a caller has to tell apart.  The one
 * question behind them: is it sure that nothing was done? */
#ifndef TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_ANSWER_H
#define TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_ANSWER_H

#include "bot/base/value.h"

enum tts_meaning {
	TTS_OK,
	/* Surely not done: */
	TTS_NO,       /* a rule of the shop says no; @no says which */
	TTS_TOKEN,    /* the access token is over or unknown: get a new one, then once more */
	TTS_BUSY,     /* too many requests, or something is locked: later */
	TTS_CLOCK,    /* our clock is wrong: later, signed anew */
	TTS_DENIED,   /* the app is not set up for this: key, signature, scope, address */
	TTS_MISTAKEN, /* no such path, version or parameter: ours is wrong, or theirs is old */
	TTS_NOT_SENT, /* nothing left this machine */
	/* Not sure: */
	TTS_ALREADY, /* somebody has done it or is doing it, maybe we ourselves: ask */
	TTS_UNCLEAR, /* sent, and no answer that says what became of it.  A read is of no use */
};

enum tts_no {
	TTS_NO_RULE, /* no further word */
	TTS_NO_STATE,
	TTS_NO_SHIPPED,
	TTS_NO_REASON,
	TTS_NO_ITEMS,
	TTS_NO_RISK,
	TTS_NO_OTHERS, /* somebody else's order */
};

struct tts_answer {
	enum tts_meaning meaning;
	enum tts_no no;           /* TTS_NO */
	int64_t code;             /* 0: there was none */
	struct str message;       /* theirs, for logs: at most 200 bytes, control bytes as blanks */
	struct str request_id;    /* empty: none */
	const struct value *data; /* a record, or NONE */
};

/* Reads an answer that came with HTTP status @status into @arena.  Ids that came as numbers of more
 * than 15 digits are texts. */
void tts_answer_read(
	struct arena *arena, unsigned status, struct str body, struct tts_answer *answer);
/* The class alone, for codes that are met elsewhere. */
enum tts_meaning tts_meaning_of(int64_t code, struct str message);
const char *tts_meaning_name(enum tts_meaning meaning); /* "ok", "unclear", … */

#endif
