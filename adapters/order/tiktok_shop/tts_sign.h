/* Signatures of the TikTok Shop Open Platform (HMAC-SHA256, keyed with the app's secret): of
 * requests, ours and those a sandbox is sent, and of the webhooks that the platform sends. */
#ifndef TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_SIGN_H
#define TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_SIGN_H

#include "bot/base/digest.h"

/* One parameter of a request's query, both sides decoded: "ids", "1,2" for ids=1%2C2. */
struct tts_param {
	struct str name, value;
};

/* Writes the signature, 64 lower-case hexadecimal digits and a zero byte, into @hex.  @path is
 * without host and query; @param in any order (what is not signed is left out: sign, access_token,
 * x-tts-access-token); @body is the raw bytes as sent, empty when there is none and for
 * multipart/form-data, which is not signed.  An empty value is signed as its name alone. */
void tts_sign(struct str secret, struct str path, const struct tts_param *param, size_t n,
	struct str body, char hex[65]);
/* Whether @given is that signature, in constant time; upper-case digits are wrong. */
bool tts_sign_is(struct str secret, struct str path, const struct tts_param *param, size_t n,
	struct str body, struct str given) MUST_CHECK;

/* What stands in a webhook's Authorization header, without a scheme word. */
void tts_webhook_sign(struct str app_key, struct str secret, struct str body, char hex[65]);
bool tts_webhook_sign_is(
	struct str app_key, struct str secret, struct str body, struct str given) MUST_CHECK;

#endif
