/* Certificates and keys, made while a test runs: none of them is anybody's. */
#ifndef TENSTEP_TESTS_MADE_CERTIFICATE_H
#define TENSTEP_TESTS_MADE_CERTIFICATE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static inline FILE *file_of_mode(const char *path, mode_t mode)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	return file >= 0 ? fdopen(file, "w") : NULL;
}

/* @password: NULL: not locked. */
static inline bool write_key(EVP_PKEY *key, const char *path, mode_t mode, const char *password)
{
	FILE *to = file_of_mode(path, mode);

	return to &&
	       PEM_write_PrivateKey(to, key, password ? EVP_aes_128_cbc() : NULL, NULL, 0, NULL,
		       (void *)(uintptr_t)password) &&
	       fclose(to) == 0;
}

/* @begins, @ends: as "20200101000000Z". */
static inline bool write_certificate(
	EVP_PKEY *key, const char *path, const char *begins, const char *ends)
{
	FILE *to = file_of_mode(path, 0644);
	X509 *made = X509_new();
	bool good = to && made && X509_set_pubkey(made, key) &&
		    ASN1_TIME_set_string(X509_getm_notBefore(made), begins) &&
		    ASN1_TIME_set_string(X509_getm_notAfter(made), ends) &&
		    X509_sign(made, key, EVP_sha256()) && PEM_write_X509(to, made);

	X509_free(made);
	return good && fclose(to) == 0;
}

#endif
