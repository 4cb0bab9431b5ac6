/* What a seller's consent gives an app: two tokens, and the shops they are for. */
#ifndef TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_GRANT_H
#define TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_GRANT_H

#include "adapters/order/tiktok_shop/tts_answer.h"
#include "adapters/order/tiktok_shop/tts_request.h"

struct tts_shop {
	struct str id, name, region, cipher;
};

struct tts_grant {
	struct str access, refresh;
	int64_t access_until, refresh_until; /* Unix seconds; the platform says when */
	struct str seller, region;
	const struct tts_shop *shop;
	size_t n_shops;
};

/* Where a seller gives consent; @state comes back with the code. */
struct str tts_grant_link(
	struct arena *arena, struct str page, struct str service_id, struct str state);

/* Addresses of the token host, to be read with GET.  They hold the app's secret: never logged. */
struct str tts_grant_exchange_url(struct arena *arena, struct str host, struct str app_key,
	struct str secret, struct str code);
struct str tts_grant_refresh_url(struct arena *arena, struct str host, struct str app_key,
	struct str secret, struct str refresh_token);
/* The answer to either: new tokens; the shops stay as they are.  False: there are none in it. */
bool tts_grant_take(
	struct arena *arena, const struct tts_answer *answer, struct tts_grant *grant) MUST_CHECK;

/* The shops of a token. */
void tts_grant_ask_shops(struct tts_request *request);
bool tts_grant_take_shops(
	struct arena *arena, const struct tts_answer *answer, struct tts_grant *grant) MUST_CHECK;

/* As it is kept in a file. */
void tts_grant_write(const struct tts_grant *grant, struct buf *out);
bool tts_grant_read(struct arena *arena, struct str text, struct tts_grant *grant) MUST_CHECK;

#endif
