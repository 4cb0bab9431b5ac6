/* Viber: any signed body. */
#include "tests/fuzz/fuzz_codec.h"

#include "adapters/viber/viber.h"

static struct str header(struct arena *arena, struct str body, const char *name)
{
	return strcmp(name, "x-viber-content-signature") == 0
		       ? fuzz_hmac_hex(arena, "", S("viber-token"), body)
		       : S("");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str value[n_viber_settings] = {
		[VIBER_TOKEN] = {"viber-token", 11},
		[VIBER_SENDER] = {"Shop", 4},
		[VIBER_API] = {"http://127.0.0.1:1", 18},
	};

	fuzz_codec(&viber_channel, value, header, data, size);
	return 0;
}
