/* Reasons.  The platform has fixed names for them, by who gives the reason, by the order's status
 * and by market; buyers read labels of ours. */
#ifndef TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_REASONS_H
#define TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_REASONS_H

#include "bot/base/value.h"

enum tts_market { TTS_US, TTS_UK, TTS_SEA };

/* "US", "GB", "VN" …; where no list of names is known, the market whose names look alike. */
enum tts_market tts_market_of(struct str region);

/* The names for a seller who cancels because the buyer wants it, best first, at most
 * tts_max_reasons; how many.  @buyers is what the buyer said, an id of
 * flows/lists/cancel_reasons.json; @offered the names that the platform allows for this order (a
 * list; NONE: it was not asked), of which only those are taken.  "Out of stock" is never among
 * them: it empties the shelf. */
enum { tts_max_reasons = 4 };
size_t tts_cancel_reasons(enum tts_market market, struct str order_status, struct str buyers,
	const struct value *offered, struct str name[tts_max_reasons]);

/* What returns.reasons answers: a list of {id, label, words, photos}, where the id is the
 * platform's name.  @offered as above; NONE gives the market's own list.  Names without a label of
 * ours are left out and, if @strange is not NULL, put there (a builder of a list). */
const struct value *tts_return_reasons(struct arena *arena, enum tts_market market,
	const struct value *offered, struct value_builder *strange);
/* The label of a name, of any side; empty: none. */
struct str tts_reason_label(struct str name);

#endif
