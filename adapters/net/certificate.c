/* A certificate and its key, looked at before anybody is shown them. */
#include "adapters/net/certificate.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "bot/base/date.h"

enum { FILE_MAX = 1 << 20 };

const char *const certificate_fault_text[] = {
	[CERTIFICATE_GOOD] = "is good",
	[CERTIFICATE_NONE] = "holds no certificate in PEM form",
	[CERTIFICATE_NO_KEY] = "holds no private key in PEM form",
	[CERTIFICATE_KEY_LOCKED] = "is locked by a password, and nobody is there to type it",
	[CERTIFICATE_KEY_OTHER] = "is not the key of the certificate",
};

const char *const certificate_fault_hint[] = {
	[CERTIFICATE_GOOD] = "",
	[CERTIFICATE_NONE] =
		"-----BEGIN CERTIFICATE-----, the server's own first, its chain behind it",
	[CERTIFICATE_NO_KEY] = "-----BEGIN PRIVATE KEY-----",
	[CERTIFICATE_KEY_LOCKED] = "openssl pkey -in LOCKED -out KEY",
	[CERTIFICATE_KEY_OTHER] = ("both of the same request; in the file of the certificate, the "
				   "server's own first, its chain behind it"),
};

/* Whatever else a path may lead to has no end, or keeps who reads it waiting. */
static BIO *read_file(const char *path, char *bytes)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat about;
	ssize_t n = 0;

	if (file < 0)
		return NULL;
	if (fstat(file, &about) == 0 && S_ISREG(about.st_mode))
		n = pread(file, bytes, FILE_MAX, 0);
	close(file);
	return n > 0 ? BIO_new_mem_buf(bytes, (int)n) : NULL;
}

/* Else the library would ask on the terminal. */
static int no_password(char *password, int n, int writes, void *asked)
{
	(void)password;
	(void)n;
	(void)writes;
	*(bool *)asked = true;
	return -1;
}

static int64_t seconds_of(const ASN1_TIME *time)
{
	struct tm tm = {0};

	if (!ASN1_TIME_to_tm(time, &tm))
		return 0;
	return date_unix((struct date){
		.year = tm.tm_year + 1900,
		.month = (unsigned)tm.tm_mon + 1,
		.day = (unsigned)tm.tm_mday,
		.hour = (unsigned)tm.tm_hour,
		.minute = (unsigned)tm.tm_min,
		.second = (unsigned)tm.tm_sec,
	});
}

static enum certificate_fault judge(X509 *certificate, BIO *key_file)
{
	bool asked = false;
	EVP_PKEY *key =
		key_file ? PEM_read_bio_PrivateKey(key_file, NULL, no_password, &asked) : NULL;
	enum certificate_fault fault = CERTIFICATE_GOOD;

	if (!key)
		fault = asked ? CERTIFICATE_KEY_LOCKED : CERTIFICATE_NO_KEY;
	else if (!X509_check_private_key(certificate, key))
		fault = CERTIFICATE_KEY_OTHER;
	EVP_PKEY_free(key);
	return fault;
}

enum certificate_fault certificate_read(
	const char *path, const char *key_path, struct certificate *certificate)
{
	char *bytes = malloc(2 * FILE_MAX);
	enum certificate_fault fault = CERTIFICATE_NONE;
	BIO *file, *key_file;
	X509 *read;

	if (!bytes)
		abort();
	file = read_file(path, bytes);
	key_file = read_file(key_path, bytes + FILE_MAX);
	read = file ? PEM_read_bio_X509(file, NULL, NULL, NULL) : NULL;
	*certificate = (struct certificate){0};
	if (read) {
		certificate->begins = seconds_of(X509_get0_notBefore(read));
		certificate->ends = seconds_of(X509_get0_notAfter(read));
		fault = judge(read, key_file);
	}
	ERR_clear_error();
	X509_free(read);
	BIO_free(file);
	BIO_free(key_file);
	OPENSSL_cleanse(bytes + FILE_MAX, FILE_MAX);
	free(bytes);
	return fault;
}

static void add_time(struct buf *line, int64_t at)
{
	struct date date = date_of(at);

	buf_addf(line, "%04lld-%02u-%02u %02u:%02u UTC", (long long)date.year, date.month, date.day,
		date.hour, date.minute);
}

bool certificate_worries(const struct certificate *certificate, int64_t now, struct buf *line)
{
	int64_t left = certificate->ends - now;

	if (now < certificate->begins) {
		buf_adds(line, "the certificate is not valid before ");
		add_time(line, certificate->begins);
		return true;
	}
	if (left >= (certificate->ends - certificate->begins) / 10)
		return false;
	buf_adds(line, left <= 0 ? "the certificate ended at " : "the certificate ends soon, at ");
	add_time(line, certificate->ends);
	if (left <= 0)
		buf_adds(line, ": browsers do not accept it any more");
	return true;
}
