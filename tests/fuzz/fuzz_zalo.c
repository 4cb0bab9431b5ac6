/* Zalo: any signed body of whatever time. */
#include "tests/fuzz/fuzz_codec.h"

#include "adapters/zalo/zalo.h"

static struct str signature(struct arena *arena, struct str body, struct str at)
{
	static const char app[] = "1000000000000001", secret[] = "test_oa_secret";
	char *whole = arena_raw(arena, sizeof(app) + body.n + at.n + sizeof(secret));
	char hex[65], *p = whole;

	memcpy(p, app, sizeof(app) - 1);
	p += sizeof(app) - 1;
	if (body.n)
		memcpy(p, body.p, body.n);
	p += body.n;
	if (at.n)
		memcpy(p, at.p, at.n);
	p += at.n;
	memcpy(p, secret, sizeof(secret) - 1);
	p += sizeof(secret) - 1;
	digest_hex(digest_of((struct str){whole, (size_t)(p - whole)}), hex);
	return arena_str(arena, (struct str){hex, 64});
}

static struct str header(struct arena *arena, struct str body, const char *name)
{
	struct source source;
	struct json_doc *doc = codec_parse(&source, body);
	struct str at = codec_id(doc ? json_root(doc) : NULL, "timestamp", arena);

	json_doc_free(doc);
	return strcmp(name, "x-zevent-signature") == 0 ? signature(arena, body, at) : S("");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str value[n_zalo_settings] = {
		[ZALO_APP] = {"1000000000000001", 16},
		[ZALO_SECRET] = {"test_oa_secret", 14},
		[ZALO_TOKEN] = {"zalo-token", 10},
		[ZALO_API] = {"http://127.0.0.1:1", 18},
	};

	fuzz_codec(&zalo_channel, value, header, data, size);
	return 0;
}
