/* Tokens: any bytes as a token are refused; any header and payload under a right signature, on two
 * lines, are taken only within the limits of identity.h. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "adapters/widget/identity.h"
#include "bot/base/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct str secret[] = {
	S("the secret of last month, retired"), S("a secret of the shop, long enough")};
static const int64_t now = 1732406400;

static bool read_token(struct str token, const struct str *secrets, size_t n)
{
	struct arena *arena = arena_new(1 << 20);
	struct identity identity;
	struct buf error;
	bool ok;

	buf_init(&error, 1000);
	ok = identity_read(token, secrets, n, now, arena, &identity, &error);
	assert(ok == (error.n == 0) && ok == (identity.buyer.n > 0));
	if (ok) {
		assert(identity.expires > now - identity_skew_s);
		assert(identity.expires <= now + identity_skew_s + identity_max_life_s);
		assert(identity.buyer.n <= 256 && identity.name.n <= 128);
		for (size_t i = 0; i < identity.buyer.n; i++)
			assert((unsigned char)identity.buyer.p[i] >= 0x20);
	}
	buf_release(&error);
	arena_free(arena);
	return ok;
}

static void sign(struct str header, struct str payload, struct buf *out)
{
	struct digest digest;

	base64url_encode(header, out);
	buf_addc(out, '.');
	base64url_encode(payload, out);
	digest = digest_hmac(secret[1], buf_str(out));
	buf_addc(out, '.');
	base64url_encode((struct str){(const char *)digest.byte, sizeof(digest.byte)}, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = {(const char *)data, size}, payload = input,
		   header = str_cut(&payload, '\n');
	static const struct str other[] = {S("nobody knows this one, not even the corpus")};
	struct buf token;

	read_token(input, secret, 2);
	assert(!read_token(input, other, 1));
	buf_init(&token, 1 << 20);
	sign(header, payload, &token);
	if (!token.over && read_token(buf_str(&token), secret, 2))
		assert(!read_token(buf_str(&token), secret, 1)); /* the other secret alone */
	buf_release(&token);
	return 0;
}
