/* Messenger and Instagram: any signed body. */
#include "tests/fuzz/fuzz_codec.h"

#include "adapters/graph/graph.h"

static struct str header(struct arena *arena, struct str body, const char *name)
{
	return strcmp(name, "x-hub-signature-256") == 0
		       ? fuzz_hmac_hex(arena, "sha256=", S("test_app_secret"), body)
		       : S("");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str value[n_graph_settings] = {
		[GRAPH_ACCOUNT] = {"682498302938465", 15},
		[GRAPH_TOKEN] = {"EAAtest-token", 13},
		[GRAPH_APP_SECRET] = {"test_app_secret", 15},
		[GRAPH_VERIFY_TOKEN] = {"open sesame", 11},
		[GRAPH_API] = {"http://127.0.0.1:1", 18},
	};

	fuzz_codec(&messenger_channel, value, header, data, size);
	fuzz_codec(&instagram_channel, value, header, data, size);
	return 0;
}
