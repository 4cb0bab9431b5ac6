/* A certificate and its key: what is wrong with the files, and with the time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/net/certificate.h"
#include "tests/unit/made_certificate.h"

static char folder[] = "/tmp/tenstep-certificate-XXXXXX";
static const char *const made[] = {"own.pem", "own.key", "other.key", "locked.key", "chain.pem"};
enum { n_made = sizeof(made) / sizeof(*made) };
enum { begins = 1577836800, ends = 1585612800 }; /* 2020-01-01, 90 days later */

static const char *in(const char *name)
{
	static char path[4][80];
	static unsigned next;

	next = (next + 1) % 4;
	snprintf(path[next], sizeof(path[next]), "%s/%s", folder, name);
	return path[next];
}

static int set_up(void **state)
{
	EVP_PKEY *own = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
	bool good =
		mkdtemp(folder) && own && other &&
		write_certificate(own, in("own.pem"), "20200101000000Z", "20200331000000Z") &&
		write_certificate(other, in("chain.pem"), "20200101000000Z", "20200331000000Z") &&
		write_key(own, in("own.key"), 0600, NULL) &&
		write_key(other, in("other.key"), 0600, NULL) &&
		write_key(own, in("locked.key"), 0600, "a password");

	(void)state;
	EVP_PKEY_free(own);
	EVP_PKEY_free(other);
	return good ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_made; i++)
		unlink(in(made[i]));
	return rmdir(folder);
}

static void certificate_read__says__which_file_is_wrong_and_how(void **state)
{
	static const struct {
		const char *certificate, *key;
		enum certificate_fault fault;
	} pair[] = {
		{"own.pem", "own.key", CERTIFICATE_GOOD},
		{"own.pem", "other.key", CERTIFICATE_KEY_OTHER},
		{"chain.pem", "own.key", CERTIFICATE_KEY_OTHER},
		{"own.pem", "locked.key", CERTIFICATE_KEY_LOCKED},
		{"own.pem", "own.pem", CERTIFICATE_NO_KEY},
		{"own.pem", "none.key", CERTIFICATE_NO_KEY},
		{"own.key", "own.key", CERTIFICATE_NONE},
		{"none.pem", "own.key", CERTIFICATE_NONE},
		{"", "own.key", CERTIFICATE_NONE},
		{"../../dev/zero", "own.key", CERTIFICATE_NONE},
	};
	struct certificate certificate;

	(void)state;
	for (size_t i = 0; i < sizeof(pair) / sizeof(*pair); i++)
		assert_int_equal(
			certificate_read(in(pair[i].certificate), in(pair[i].key), &certificate),
			pair[i].fault);
}

static void is_worry(int64_t now, const char *wanted)
{
	struct certificate certificate;
	struct buf line;

	assert_int_equal(
		certificate_read(in("own.pem"), in("own.key"), &certificate), CERTIFICATE_GOOD);
	assert_int_equal(certificate.begins, begins);
	assert_int_equal(certificate.ends, ends);
	buf_init(&line, 200);
	assert_int_equal(certificate_worries(&certificate, now, &line), *wanted != '\0');
	assert_string_equal(line.n ? line.p : "", wanted);
	buf_release(&line);
}

static void certificate__worries__before_its_time_soon_before_its_end_and_after_it(void **state)
{
	(void)state;
	is_worry(begins - 1, "the certificate is not valid before 2020-01-01 00:00 UTC");
	is_worry(begins, "");
	is_worry(ends - 9 * 86400, "");
	is_worry(ends - 9 * 86400 + 1, "the certificate ends soon, at 2020-03-31 00:00 UTC");
	is_worry(ends,
		"the certificate ended at 2020-03-31 00:00 UTC: browsers do not accept it any "
		"more");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificate_read__says__which_file_is_wrong_and_how),
		cmocka_unit_test(
			certificate__worries__before_its_time_soon_before_its_end_and_after_it),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
