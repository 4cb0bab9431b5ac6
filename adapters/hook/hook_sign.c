/* Signatures of Standard Webhooks. */
#include "adapters/hook/hook_sign.h"

#include "adapters/channel/channel_sign.h"
#include "bot/base/digest.h"

enum { max_key_bytes = 4096, max_signatures = 8, max_signed_bytes = 2 << 20 };

static const struct str version = S("v1,"), mark = S("whsec_");

struct str hook_key(struct str secret, struct arena *arena)
{
	struct str key = secret;
	struct buf bytes;

	if (!str_starts(secret, mark))
		return secret;
	buf_init(&bytes, max_key_bytes);
	if (base64_decode(str_sub(secret, mark.n, secret.n), &bytes))
		key = arena_str(arena, buf_str(&bytes));
	buf_release(&bytes);
	return key;
}

bool hook_signed(
	struct str key, struct str id, struct str timestamp, struct str body, struct str header)
{
	const struct str piece[] = {id, S("."), timestamp, S("."), body};
	bool good = false;

	/* All are looked at: how long it takes says nothing of which was right. */
	for (int i = 0; i < max_signatures && header.n; i++) {
		bool more = str_find(header, S(" ")) >= 0;
		struct str one = str_cut(&header, ' ');

		if (!one.n || (more && !header.n))
			return false;
		if (str_starts(one, version))
			good |= channel_signed(
				key, piece, 5, str_sub(one, version.n, one.n), CHANNEL_BASE64);
	}
	return good && !header.n;
}

struct str hook_sign(
	struct str key, struct str id, struct str timestamp, struct str body, struct arena *arena)
{
	struct digest digest;
	struct buf whole, text;
	struct str signature;

	buf_init(&whole, max_signed_bytes);
	buf_addf(&whole, "%.*s.%.*s.", STR(id), STR(timestamp));
	buf_add(&whole, body);
	digest = digest_hmac(key, buf_str(&whole));
	buf_release(&whole);
	buf_init(&text, 100);
	buf_add(&text, version);
	base64_encode((struct str){(const char *)digest.byte, sizeof(digest.byte)}, &text);
	signature = arena_str(arena, buf_str(&text));
	buf_release(&text);
	return signature;
}
