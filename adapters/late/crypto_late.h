/* libcrypto, loaded when something is first hashed or decoded.  The functions have libcrypto's own
 * names and types; nothing else includes its headers. */
#ifndef TENSTEP_ADAPTERS_LATE_CRYPTO_LATE_H
#define TENSTEP_ADAPTERS_LATE_CRYPTO_LATE_H

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

struct crypto_late {
	__typeof__(EVP_Digest) *digest;
	__typeof__(EVP_sha256) *sha256;
	__typeof__(EVP_MD_CTX_new) *context_new;
	__typeof__(EVP_MD_CTX_free) *context_free;
	__typeof__(EVP_DigestInit_ex) *digest_init;
	__typeof__(EVP_DigestUpdate) *digest_update;
	__typeof__(EVP_DigestFinal_ex) *digest_final;
	__typeof__(HMAC) *hmac;
	__typeof__(CRYPTO_memcmp) *compare;
	__typeof__(EVP_PKEY_new_raw_public_key) *public_key;
	__typeof__(EVP_PKEY_free) *key_free;
	__typeof__(EVP_DigestVerifyInit) *verify_init;
	__typeof__(EVP_DigestVerify) *verify;
	__typeof__(ERR_clear_error) *clear_error;
	__typeof__(EVP_EncodeBlock) *encode;
	__typeof__(EVP_DecodeBlock) *decode;
};

/* Loads it the first time, in whatever thread. */
const struct crypto_late *crypto_late(void);

#define EVP_Digest (crypto_late()->digest)
#define EVP_sha256 (crypto_late()->sha256)
#define EVP_MD_CTX_new (crypto_late()->context_new)
#define EVP_MD_CTX_free (crypto_late()->context_free)
#define EVP_DigestInit_ex (crypto_late()->digest_init)
#define EVP_DigestUpdate (crypto_late()->digest_update)
#define EVP_DigestFinal_ex (crypto_late()->digest_final)
#define HMAC (crypto_late()->hmac)
#define CRYPTO_memcmp (crypto_late()->compare)
#define EVP_PKEY_new_raw_public_key (crypto_late()->public_key)
#define EVP_PKEY_free (crypto_late()->key_free)
#define EVP_DigestVerifyInit (crypto_late()->verify_init)
#define EVP_DigestVerify (crypto_late()->verify)
#define ERR_clear_error (crypto_late()->clear_error)
#define EVP_EncodeBlock (crypto_late()->encode)
#define EVP_DecodeBlock (crypto_late()->decode)

#endif
