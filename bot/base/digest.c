/* SHA-256 through libcrypto. */
#include "bot/base/digest.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(int done)
{
	if (done != 1) {
		fputs("tenstep: libcrypto cannot compute SHA-256\n", stderr);
		abort();
	}
}

struct digest digest_of(struct str bytes)
{
	struct digest digest;

	must(EVP_Digest(bytes.p, bytes.n, digest.byte, NULL, EVP_sha256(), NULL));
	return digest;
}

struct digest digest_of_pieces(const struct str *piece, size_t n)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	struct digest digest;

	must(context != NULL);
	must(EVP_DigestInit_ex(context, EVP_sha256(), NULL));
	for (size_t i = 0; i < n; i++) {
		unsigned char length[8];

		for (int byte = 0; byte < 8; byte++)
			length[byte] = (unsigned char)((uint64_t)piece[i].n >> (56 - 8 * byte));
		must(EVP_DigestUpdate(context, length, sizeof(length)));
		must(EVP_DigestUpdate(context, piece[i].p, piece[i].n));
	}
	must(EVP_DigestFinal_ex(context, digest.byte, NULL));
	EVP_MD_CTX_free(context);
	return digest;
}

void digest_hex(struct digest digest, char hex[65])
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < sizeof(digest.byte); i++) {
		hex[2 * i] = digit[digest.byte[i] >> 4];
		hex[2 * i + 1] = digit[digest.byte[i] & 15];
	}
	hex[64] = 0;
}

struct digest digest_hmac(struct str key, struct str bytes)
{
	struct digest digest;
	unsigned n = sizeof(digest.byte);

	must(key.n <= INT32_MAX && HMAC(EVP_sha256(), key.p ? key.p : "", (int)key.n,
					   (const unsigned char *)(bytes.p ? bytes.p : ""), bytes.n,
					   digest.byte, &n) != NULL);
	return digest;
}

bool digest_same(struct str a, struct str b)
{
	return a.n == b.n && (!a.n || CRYPTO_memcmp(a.p, b.p, a.n) == 0);
}

static int hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hex_decode(struct str digits, unsigned char *byte, size_t n)
{
	int wrong = 0;

	if (digits.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = hex_of(digits.p[2 * i]), low = hex_of(digits.p[2 * i + 1]);

		wrong |= high | low;
		byte[i] = (unsigned char)((high & 15) << 4 | (low & 15));
	}
	return wrong >= 0;
}

/* --- Ed25519: one call for all bytes, it cannot be fed in pieces --- */

bool digest_ed25519(struct str key, struct str bytes, struct str signature)
{
	EVP_PKEY *public = NULL;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good;

	must(context != NULL);
	if (key.n == 32 && signature.n == 64)
		public = EVP_PKEY_new_raw_public_key(
			EVP_PKEY_ED25519, NULL, (const unsigned char *)key.p, key.n);
	good = public && EVP_DigestVerifyInit(context, NULL, NULL, NULL, public) == 1 &&
	       EVP_DigestVerify(context, (const unsigned char *)signature.p, signature.n,
		       (const unsigned char *)(bytes.p ? bytes.p : ""), bytes.n) == 1;
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(public);
	/* Left in the thread's queue, a refusal would be taken for one of TLS's by whoever asks
	 * next. */
	ERR_clear_error();
	return good;
}

/* --- base64 --- */

enum { piece_bytes = 48, piece_digits = 64 }; /* whole groups: 3 bytes are 4 digits */

static void encode(struct str bytes, bool url, struct buf *out)
{
	for (struct str rest = bytes; rest.n; rest = str_sub(rest, piece_bytes, rest.n)) {
		struct str piece = str_sub(rest, 0, piece_bytes);
		char digit[piece_digits + 1];
		int n = EVP_EncodeBlock(
			(unsigned char *)digit, (const unsigned char *)piece.p, (int)piece.n);

		for (int i = 0; url && i < n; i++)
			digit[i] = digit[i] == '+' ? '-' : digit[i] == '/' ? '_' : digit[i];
		while (url && n && digit[n - 1] == '=')
			n--;
		buf_add(out, (struct str){digit, (size_t)n});
	}
}

static bool is_digit(char c, bool url)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (url ? c == '-' || c == '_' : c == '+' || c == '/');
}

/* At most piece_digits, in the ordinary alphabet, with '=' to whole groups; false: one is none. */
static bool read_digits(struct str text, bool url, char *digit)
{
	for (size_t i = 0; i < text.n; i++) {
		if (!is_digit(text.p[i], url))
			return false;
		digit[i] = text.p[i] == '-' ? '+' : text.p[i] == '_' ? '/' : text.p[i];
	}
	for (size_t i = text.n; i % 4; i++)
		digit[i] = '=';
	return true;
}

static bool decode_piece(struct str text, bool url, struct buf *out)
{
	char digit[piece_digits], again[5];
	unsigned char byte[piece_bytes];
	size_t n_groups = (text.n + 3) / 4, last = text.n % 4;

	if (last == 1 || !read_digits(text, url, digit) ||
		EVP_DecodeBlock(byte, (unsigned char *)digit, (int)(4 * n_groups)) !=
			(int)(3 * n_groups))
		return false;
	/* Spare bits must be zero, or two texts would mean the same bytes. */
	if (last) {
		EVP_EncodeBlock(
			(unsigned char *)again, byte + 3 * (n_groups - 1), (int)last - 1);
		if (memcmp(again, digit + 4 * (n_groups - 1), 4) != 0)
			return false;
	}
	buf_add(out, (struct str){(const char *)byte, text.n * 3 / 4});
	return true;
}

static bool decode(struct str text, bool url, struct buf *out)
{
	if (!url && text.n % 4)
		return false;
	for (int spare = 0; !url && spare < 2 && text.n && text.p[text.n - 1] == '='; spare++)
		text.n--;
	for (; text.n; text = str_sub(text, piece_digits, text.n))
		if (!decode_piece(str_sub(text, 0, piece_digits), url, out))
			return false;
	return !out->over;
}

void base64url_encode(struct str bytes, struct buf *out)
{
	encode(bytes, true, out);
}

bool base64url_decode(struct str text, struct buf *out)
{
	return decode(text, true, out);
}

void base64_encode(struct str bytes, struct buf *out)
{
	encode(bytes, false, out);
}

bool base64_decode(struct str text, struct buf *out)
{
	return decode(text, false, out);
}
