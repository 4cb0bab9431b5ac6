/* SHA-256: the examples of FIPS 180-4, and pieces that cannot be shifted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bot/base/digest.h"

static void assert_digest(struct digest digest, const char *expected)
{
	char hex[65];

	digest_hex(digest, hex);
	assert_string_equal(hex, expected);
}

static void digest_of__agrees__with_fips_180_4(void **state)
{
	(void)state;
	assert_digest(digest_of(S("")),
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_digest(digest_of((struct str){0}),
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_digest(digest_of(S("abc")),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_digest(digest_of(S("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void digest_of_pieces__tells_apart__where_pieces_end(void **state)
{
	struct str ab_c[] = {S("ab"), S("c")}, a_bc[] = {S("a"), S("bc")}, abc[] = {S("abc")};
	struct str abc_empty[] = {S("abc"), S("")};
	struct digest a = digest_of_pieces(ab_c, 2), b = digest_of_pieces(a_bc, 2);
	struct digest c = digest_of_pieces(abc, 1), d = digest_of_pieces(abc_empty, 2);

	(void)state;
	assert_memory_not_equal(&a, &b, sizeof(a));
	assert_memory_not_equal(&a, &c, sizeof(a));
	assert_memory_not_equal(&c, &d, sizeof(c));
	b = digest_of(S("\0\0\0\0\0\0\0\3" "abc"));
	assert_memory_equal(&b, &c, sizeof(b));
	b = digest_of_pieces(NULL, 0);
	assert_digest(b, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digest_of__agrees__with_fips_180_4),
		cmocka_unit_test(digest_of_pieces__tells_apart__where_pieces_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
