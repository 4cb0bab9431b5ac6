/* LINE: any signed body. */
#include "tests/fuzz/fuzz_codec.h"

#include "adapters/line/line.h"

static struct str header(struct arena *arena, struct str body, const char *name)
{
	struct digest digest = digest_hmac(S("test_channel_secret"), body);
	struct str text;
	struct buf out;

	if (strcmp(name, "x-line-signature") != 0)
		return S("");
	buf_init(&out, 100);
	base64_encode((struct str){(const char *)digest.byte, sizeof(digest.byte)}, &out);
	text = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str value[n_line_settings] = {
		[LINE_SECRET] = {"test_channel_secret", 19},
		[LINE_TOKEN] = {"line-token", 10},
		[LINE_API] = {"http://127.0.0.1:1", 18},
	};

	fuzz_codec(&line_channel, value, header, data, size);
	return 0;
}
