/* Chatwoot: any signed body. */
#include "tests/fuzz/fuzz_codec.h"

#include "adapters/chatwoot/chatwoot.h"

static struct str header(struct arena *arena, struct str body, const char *name)
{
	static const char head[] = "1749416383.";
	char *whole = arena_raw(arena, sizeof(head) + body.n);

	if (strcmp(name, "x-chatwoot-timestamp") == 0)
		return S("1749416383");
	if (strcmp(name, "x-chatwoot-signature") != 0)
		return S("");
	memcpy(whole, head, sizeof(head) - 1);
	if (body.n)
		memcpy(whole + sizeof(head) - 1, body.p, body.n);
	return fuzz_hmac_hex(arena, "sha256=", S("test_bot_secret"),
		(struct str){whole, sizeof(head) - 1 + body.n});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str value[n_chatwoot_settings] = {
		[CHATWOOT_URL] = {"http://127.0.0.1:1", 18},
		[CHATWOOT_TOKEN] = {"cw-token", 8},
		[CHATWOOT_SECRET] = {"test_bot_secret", 15},
	};

	fuzz_codec(&chatwoot_channel, value, header, data, size);
	return 0;
}
