/* The platform's words for states, and ours.  Old and doubled spellings are taken for the present
 * one; a word that no table knows is carried on as it is and told to the log. */
#ifndef TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_WORDS_H
#define TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_WORDS_H

#include "bot/base/str.h"

enum tts_order_group {
	TTS_GROUP_STRANGE, /* a status that we do not know */
	TTS_GROUP_OPEN,    /* not yet shipped */
	TTS_GROUP_ON_THE_WAY,
	TTS_GROUP_DELIVERED,
	TTS_GROUP_OVER,
};

struct tts_order_word {
	struct str wire;   /* the one of nine, or the unknown word */
	const char *words; /* behind "is" */
	enum tts_order_group group;
};
struct tts_order_word tts_order_word(struct str status);

/* cancel_status */
enum tts_cancel_state {
	TTS_CANCEL_STRANGE,
	TTS_CANCEL_PENDING,
	TTS_CANCEL_SUCCESS,  /* accepted, the money is on its way */
	TTS_CANCEL_COMPLETE, /* the money is out */
	TTS_CANCEL_OFF,      /* withdrawn, declined, closed */
};
enum tts_cancel_state tts_cancel_state(struct str cancel_status);

/* return_status, with what returns and refunds of OPERATIONS.md make of it. */
struct tts_return_word {
	const char *state;  /* "waiting_seller" … "closed" */
	const char *words;  /* state_text */
	const char *next;   /* what the buyer does now */
	const char *refund; /* "waiting_seller" … "rejected"; NULL: no money is involved */
	bool live;          /* it keeps its items from another return */
	bool travels;       /* the buyer sends or has sent it: label and address matter */
	bool known;
};
/* An unknown status is taken for one that lives and waits for the shop. */
const struct tts_return_word *tts_return_word(struct str return_status);

/* What may stand in these fields beside states: false for a word that is new to us. */
enum tts_field {
	TTS_RETURN_TYPE,
	TTS_CANCEL_TYPE,
	TTS_ROLE,
	TTS_ARBITRATION,
	TTS_NEXT_ACTION,
	TTS_RETURN_METHOD,
	TTS_REQUEST_TYPE,
	TTS_PACKAGE_STATUS,
	TTS_DOCUMENT,
	TTS_SHIPMENT_TYPE,
	TTS_HANDOVER,
	TTS_DISPLAY_STATUS,
	TTS_INITIATOR,
};
bool tts_word_is_known(enum tts_field field, struct str word);

#endif
