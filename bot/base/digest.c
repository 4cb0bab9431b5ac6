/* SHA-256 through libcrypto. */
#include "bot/base/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

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
