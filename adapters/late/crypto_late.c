/* libcrypto, loaded when it is first needed. */
#include "adapters/late/crypto_late.h"

#include <pthread.h>

#include "adapters/late/late.h"

static const struct late_function function[] = {
	{"EVP_Digest", offsetof(struct crypto_late, digest)},
	{"EVP_sha256", offsetof(struct crypto_late, sha256)},
	{"EVP_MD_CTX_new", offsetof(struct crypto_late, context_new)},
	{"EVP_MD_CTX_free", offsetof(struct crypto_late, context_free)},
	{"EVP_DigestInit_ex", offsetof(struct crypto_late, digest_init)},
	{"EVP_DigestUpdate", offsetof(struct crypto_late, digest_update)},
	{"EVP_DigestFinal_ex", offsetof(struct crypto_late, digest_final)},
	{"HMAC", offsetof(struct crypto_late, hmac)},
	{"CRYPTO_memcmp", offsetof(struct crypto_late, compare)},
	{"EVP_PKEY_new_raw_public_key", offsetof(struct crypto_late, public_key)},
	{"EVP_PKEY_free", offsetof(struct crypto_late, key_free)},
	{"EVP_DigestVerifyInit", offsetof(struct crypto_late, verify_init)},
	{"EVP_DigestVerify", offsetof(struct crypto_late, verify)},
	{"ERR_clear_error", offsetof(struct crypto_late, clear_error)},
	{"EVP_EncodeBlock", offsetof(struct crypto_late, encode)},
	{"EVP_DecodeBlock", offsetof(struct crypto_late, decode)},
};
static struct crypto_late table;

static void load(void)
{
	static const struct late_library library = {
		LATE_CRYPTO, "libssl3", function, sizeof(function) / sizeof(function[0])};

	late_load(&library, &table);
}

const struct crypto_late *crypto_late(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, load);
	return &table;
}
