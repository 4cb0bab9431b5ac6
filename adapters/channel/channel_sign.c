/* Signatures. */
#include "adapters/channel/channel_sign.h"

#include "bot/base/digest.h"

enum { hex_digits = 64, max_signed_bytes = 2 << 20, max_given_bytes = 100 };

static struct str bytes_of(const struct digest *digest)
{
	return (struct str){(const char *)digest->byte, sizeof(digest->byte)};
}

static struct digest sign(struct str key, const struct str *piece, size_t n)
{
	struct digest digest;
	struct buf whole;

	if (n == 1)
		return digest_hmac(key, piece[0]);
	buf_init(&whole, max_signed_bytes);
	for (size_t i = 0; i < n; i++)
		buf_add(&whole, piece[i]);
	digest = digest_hmac(key, buf_str(&whole));
	buf_release(&whole);
	return digest;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(struct str given, struct digest *digest)
{
	if (given.n != hex_digits)
		return false;
	for (size_t i = 0; i < sizeof(digest->byte); i++) {
		int high = digit_of(given.p[2 * i]), low = digit_of(given.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		digest->byte[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static bool is_base64_of(struct str given, const struct digest *expected)
{
	struct buf bytes;
	bool same;

	buf_init(&bytes, max_given_bytes);
	same = given.n < max_given_bytes && base64_decode(given, &bytes) &&
	       digest_same(bytes_of(expected), buf_str(&bytes));
	buf_release(&bytes);
	return same;
}

bool channel_signed(struct str key, const struct str *piece, size_t n, struct str given,
	enum channel_encoding encoding)
{
	size_t whole = 0;
	struct digest expected, told;

	for (size_t i = 0; i < n; i++)
		whole += piece[i].n;
	if (!key.n || whole >= max_signed_bytes)
		return false;
	expected = sign(key, piece, n);
	switch (encoding) {
	case CHANNEL_HEX:
		return read_hex(given, &told) && digest_same(bytes_of(&expected), bytes_of(&told));
	case CHANNEL_BASE64:
		return is_base64_of(given, &expected);
	}
	return false;
}

bool channel_same(struct str expected, struct str given)
{
	return expected.n && digest_same(expected, given);
}

bool channel_is_fresh(struct str seconds, int64_t now_ms, int64_t window_s)
{
	int64_t at;

	for (size_t i = 0; i < seconds.n; i++)
		if (seconds.p[i] < '0' || seconds.p[i] > '9')
			return false;
	if (seconds.n > 12 || !str_int(seconds, &at))
		return false;
	return at >= now_ms / 1000 - window_s && at <= now_ms / 1000 + window_s;
}
