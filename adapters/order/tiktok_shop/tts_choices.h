/* Where the platform's papers are silent or contradict each other: what we assume, in one place, so
 * that a fact learnt later changes one line.  The README beside this file lists them for people. */
#ifndef TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_CHOICES_H
#define TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_CHOICES_H

#include "adapters/order/tiktok_shop/tts_answer.h"

/* A code that no table knows: nobody promises that nothing was done. */
enum tts_meaning tts_choice_unknown_code(int64_t code);

/* A status without a readable envelope, from a gateway or a proxy on the way.  A bare 503 promises
 * nothing: a proxy may say so after it has passed a request on. */
enum tts_meaning tts_choice_bare_status(unsigned status);

enum {
	/* How long a request may linger on its way and still be carried out: an earlier one of
	 * unknown fate forbids a final "refused" until it is older than this. */
	tts_linger_s = 5 * 60,
	/* A repeat under its idempotency_key leaves within this time: for how long the platform
	 * remembers a key is not written anywhere. */
	tts_resend_within_s = 10 * 60,
	/* How far the clocks of two machines may be apart. */
	tts_clock_slack_s = 120,
};

#endif
