/* WhatsApp: any signed body. */
#include "tests/fuzz/fuzz_codec.h"

#include "adapters/whatsapp/whatsapp.h"

static struct str header(struct arena *arena, struct str body, const char *name)
{
	return strcmp(name, "x-hub-signature-256") == 0
		       ? fuzz_hmac_hex(arena, "sha256=", S("test_app_secret"), body)
		       : S("");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str value[n_whatsapp_settings] = {
		[WHATSAPP_NUMBER] = {"106540352242922", 15},
		[WHATSAPP_TOKEN] = {"EAAtest-token", 13},
		[WHATSAPP_APP_SECRET] = {"test_app_secret", 15},
		[WHATSAPP_VERIFY_TOKEN] = {"open sesame", 11},
		[WHATSAPP_API] = {"http://127.0.0.1:1", 18},
	};

	fuzz_codec(&whatsapp_channel, value, header, data, size);
	return 0;
}
