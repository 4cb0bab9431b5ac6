/* What we assume where the platform's papers are silent. */
#include "adapters/order/tiktok_shop/tts_choices.h"

enum tts_meaning tts_choice_unknown_code(int64_t code)
{
	/* Each 105… and 106… that is known is about credentials, before any rule of the shop. */
	return code / 1000 == 105 || code / 1000 == 106 ? TTS_DENIED : TTS_UNCLEAR;
}

enum tts_meaning tts_choice_bare_status(unsigned status)
{
	switch (status) {
	case 401:
		return TTS_TOKEN;
	case 403:
		return TTS_DENIED;
	case 404:
	case 405:
		return TTS_MISTAKEN;
	case 429:
		return TTS_BUSY;
	default:
		return TTS_UNCLEAR;
	}
}
