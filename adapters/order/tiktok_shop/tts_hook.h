/* What the platform's webhooks say of orders and of the authorisation.  A webhook carries a hint,
 * not the truth: it may be late, come twice or out of turn, and says nothing of money.  So each
 * names the order to be looked at, and the API is asked. */
#ifndef TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_HOOK_H
#define TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_HOOK_H

#include "bot/base/arena.h"

enum tts_hook_kind {
	TTS_HOOK_ORDER,        /* 1: the order's status */
	TTS_HOOK_CANCELLATION, /* 11 */
	TTS_HOOK_RETURN,       /* 12 */
	TTS_HOOK_REFUND,       /* 67: the money has gone out */
	TTS_HOOK_MESSAGE,      /* 14: of the buyer chat, another codec's */
	TTS_HOOK_DEAUTHORISED, /* 6: the seller took the authorisation back */
	TTS_HOOK_EXPIRING,     /* 7: the authorisation ends soon */
	TTS_HOOK_AFTERSALES,   /* 64, 65: what they carry is not published; noted only */
	TTS_HOOK_OTHER,
};
extern const char *const tts_hook_name[TTS_HOOK_OTHER + 1]; /* for metrics and the log */

enum { tts_hook_max_orders = 50 };

struct tts_hook {
	enum tts_hook_kind kind;
	int64_t type;    /* the platform's number */
	struct str id;   /* of this message, the same at each repeat; where the platform gives none,
			    one made of what it says */
	struct str shop; /* its shop_id */
	int64_t at;      /* when it was sent, Unix seconds; 0: not told */
	struct str order[tts_hook_max_orders]; /* ids; a refund may be about several */
	size_t n_orders;
	struct str state; /* as the platform spells it; for the log */
	int64_t expires;  /* EXPIRING: Unix seconds; 0: not told */
};

/* @body was found to be signed (tts_webhook_sign_is()).  Slices in @arena.  False: it is no JSON
 * object with a type. */
bool tts_hook_read(struct str body, struct arena *arena, struct tts_hook *hook) MUST_CHECK;

#endif
