/* The other side of Ed25519, for tests: RFC 8032's first key pair signs. */
#ifndef TENSTEP_TESTS_ED25519_KIT_H
#define TENSTEP_TESTS_ED25519_KIT_H

#include <assert.h>
#include <openssl/evp.h>

#include "bot/base/arena.h"
#include "bot/base/digest.h"

#define ED25519_SEED "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define ED25519_PUBLIC "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

/* 128 hexadecimal digits, in @where. */
static inline struct str ed25519_sign(struct arena *where, struct str bytes)
{
	unsigned char seed[32], signature[64];
	size_t n = sizeof(signature);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	char *digit = arena_raw(where, 2 * sizeof(signature) + 1);
	EVP_PKEY *key;
	bool good = hex_decode(S(ED25519_SEED), seed, sizeof(seed));

	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
	good = good && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
	       EVP_DigestSign(context, signature, &n, (const unsigned char *)bytes.p, bytes.n) == 1;
	assert(good && n == sizeof(signature));
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	for (size_t i = 0; i < n; i++) {
		digit[2 * i] = "0123456789abcdef"[signature[i] >> 4];
		digit[2 * i + 1] = "0123456789abcdef"[signature[i] & 15];
	}
	return (struct str){digit, 2 * n};
}

#endif
