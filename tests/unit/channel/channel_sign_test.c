/* Signatures of platforms: published and computed vectors, and what must not pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/channel/channel_sign.h"

static void signed__accepts__each_encoding(void **state)
{
	/* RFC 4231, case 2. */
	const struct str piece[] = {S("what do ya "), S("want for nothing?")};

	(void)state;
	assert_true(channel_signed(S("Jefe"), piece, 2,
		S("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
		CHANNEL_HEX));
	assert_true(channel_signed(S("Jefe"), piece, 2,
		S("W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="), CHANNEL_BASE64));
}

static void signed__refuses__what_is_altered(void **state)
{
	static const char hex[] =
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
	const struct str piece = S("what do ya want for nothing?");
	char other[sizeof(hex) + 1];

	(void)state;
	for (size_t i = 0; i < 64; i++) {
		memcpy(other, hex, sizeof(hex));
		other[i] = other[i] == '0' ? '1' : '0';
		assert_false(channel_signed(S("Jefe"), &piece, 1, str_of(other), CHANNEL_HEX));
		other[i] = 'G';
		assert_false(channel_signed(S("Jefe"), &piece, 1, str_of(other), CHANNEL_HEX));
	}
	memcpy(other, hex, sizeof(hex));
	other[0] = '5', other[1] = 'B';
	assert_false(channel_signed(S("Jefe"), &piece, 1, str_of(other), CHANNEL_HEX));
	assert_false(channel_signed(S("Jefe"), &piece, 1, S(""), CHANNEL_HEX));
	assert_false(channel_signed(S("jefe"), &piece, 1, str_of(hex), CHANNEL_HEX));
	assert_false(channel_signed(S("Jefe"), &piece, 1, str_of(hex), CHANNEL_BASE64));
}

/* HMAC with an empty key of an empty text is known to everybody. */
static void signed__with_an_empty_key__is_never_true(void **state)
{
	(void)state;
	assert_false(channel_signed(S(""), NULL, 0,
		S("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
		CHANNEL_HEX));
	assert_false(channel_same(S(""), S("")));
	assert_true(channel_same(S("a"), S("a")));
	assert_false(channel_same(S("a"), S("A")));
}

static void fresh__holds__to_the_second(void **state)
{
	const int64_t now = 1760000000;

	(void)state;
	assert_true(channel_is_fresh(S("1760000000"), now * 1000 + 999, 300));
	assert_true(channel_is_fresh(S("1759999700"), now * 1000, 300));
	assert_false(channel_is_fresh(S("1759999699"), now * 1000, 300));
	assert_true(channel_is_fresh(S("1760000300"), now * 1000, 300));
	assert_false(channel_is_fresh(S("1760000301"), now * 1000, 300));
	assert_false(channel_is_fresh(S(""), now * 1000, 300));
	assert_false(channel_is_fresh(S("+1760000000"), now * 1000, 300));
	assert_false(channel_is_fresh(S("1760000000.5"), now * 1000, 300));
	assert_false(channel_is_fresh(S("99999999999999999999"), now * 1000, 300));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signed__accepts__each_encoding),
		cmocka_unit_test(signed__refuses__what_is_altered),
		cmocka_unit_test(signed__with_an_empty_key__is_never_true),
		cmocka_unit_test(fresh__holds__to_the_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
