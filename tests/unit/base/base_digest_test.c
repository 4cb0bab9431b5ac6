/* SHA-256: the examples of FIPS 180-4, and pieces that cannot be shifted. */
#include <pthread.h>
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
	b = digest_of(S("\0\0\0\0\0\0\0\3"
			"abc"));
	assert_memory_equal(&b, &c, sizeof(b));
	b = digest_of_pieces(NULL, 0);
	assert_digest(b, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4231, test cases 1, 2 and 6. */
static void digest_hmac__agrees__with_rfc_4231(void **state)
{
	char key[20], long_key[131];

	(void)state;
	memset(key, 0x0b, sizeof key);
	memset(long_key, 0xaa, sizeof long_key);
	assert_digest(digest_hmac((struct str){key, sizeof key}, S("Hi There")),
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	assert_digest(digest_hmac(S("Jefe"), S("what do ya want for nothing?")),
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	assert_digest(digest_hmac((struct str){long_key, sizeof long_key},
			      S("Test Using Larger Than Block-Size Key - Hash Key First")),
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* RFC 4231's key 1, and no key at all: computed with Python's hmac. */
static void hmac_of_both(void)
{
	char key[20];

	memset(key, 0x0b, sizeof key);
	assert_digest(digest_hmac((struct str){key, sizeof key}, S("Hi There")),
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	assert_digest(digest_hmac(S(""), S("")),
		"b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
	assert_digest(digest_hmac((struct str){0}, S("Hi There")),
		"e48411262715c8370cd5e7bf8e82bef53bd53712d007f3429351843b77c7bb9b");
}

static void *hmac_often(void *self)
{
	for (int i = 0; i < 2000; i++)
		hmac_of_both();
	return self;
}

static void digest_hmac__keeps__nothing_of_another_key_or_thread(void **state)
{
	pthread_t other;

	(void)state;
	hmac_of_both();
	assert_int_equal(pthread_create(&other, NULL, hmac_often, NULL), 0);
	hmac_often(NULL);
	assert_int_equal(pthread_join(other, NULL), 0);
}

static void digest_same__compares__bytes_and_lengths(void **state)
{
	(void)state;
	assert_true(digest_same(S("abc"), S("abc")));
	assert_true(digest_same(S(""), (struct str){0}));
	assert_false(digest_same(S("abc"), S("abd")));
	assert_false(digest_same(S("abc"), S("ab")));
	assert_false(digest_same(S(""), S("a")));
}

/* RFC 4648, section 10. */
static void base64__goes_both_ways__as_in_rfc_4648(void **state)
{
	static const struct {
		struct str bytes, padded, url;
	} row[] = {
		{S(""), S(""), S("")},
		{S("f"), S("Zg=="), S("Zg")},
		{S("fo"), S("Zm8="), S("Zm8")},
		{S("foo"), S("Zm9v"), S("Zm9v")},
		{S("foobar"), S("Zm9vYmFy"), S("Zm9vYmFy")},
		{S("\xfb\xff\xfe"), S("+//+"), S("-__-")},
	};
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		buf_clear(&out);
		base64_encode(row[i].bytes, &out);
		assert_true(str_eq(buf_str(&out), row[i].padded));
		buf_clear(&out);
		base64url_encode(row[i].bytes, &out);
		assert_true(str_eq(buf_str(&out), row[i].url));
		buf_clear(&out);
		assert_true(base64_decode(row[i].padded, &out));
		assert_true(str_eq(buf_str(&out), row[i].bytes));
		buf_clear(&out);
		assert_true(base64url_decode(row[i].url, &out));
		assert_true(str_eq(buf_str(&out), row[i].bytes));
	}
	buf_release(&out);
}

static void base64__refuses__what_encoding_does_not_write(void **state)
{
	static const struct str padded[] = {S("Zg"), S("Zg="), S("Zg==="), S("Zh=="), S("Z==="),
		S("Zm9v\n"), S("Zm 9"), S("Zg==Zg=="), S("Zm9_"), S("====")};
	static const struct str url[] = {
		S("Z"), S("Zh"), S("Zg=="), S("Zm9/"), S("Zm9v "), S("Zm9vZ")};
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	for (size_t i = 0; i < sizeof padded / sizeof *padded; i++)
		assert_false(base64_decode(padded[i], &out));
	for (size_t i = 0; i < sizeof url / sizeof *url; i++)
		assert_false(base64url_decode(url[i], &out));
	buf_release(&out);
}

static void base64__takes__any_length(void **state)
{
	struct buf bytes, text, back;

	(void)state;
	buf_init(&bytes, 4096);
	buf_init(&text, 4096);
	buf_init(&back, 4096);
	for (int n = 0; n < 200; n++) {
		buf_clear(&text);
		buf_clear(&back);
		base64url_encode(buf_str(&bytes), &text);
		assert_true(base64url_decode(buf_str(&text), &back));
		assert_true(str_eq(buf_str(&back), buf_str(&bytes)));
		buf_addc(&bytes, (char)(n * 37));
	}
	buf_release(&bytes);
	buf_release(&text);
	buf_release(&back);
}

/* RFC 8032 section 7.1, tests 1 to 3. */
static const struct {
	const char *key, *bytes, *signature;
} ed25519[] = {
	{"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
		"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
		"5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
	{"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
		"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
		"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
	{"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
		"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
		"18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

static struct str bytes_of(const char *digits, unsigned char *room)
{
	assert_true(hex_decode(str_of(digits), room, strlen(digits) / 2));
	return (struct str){(const char *)room, strlen(digits) / 2};
}

static void digest_ed25519__agrees__with_rfc_8032(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ed25519) / sizeof(*ed25519); i++) {
		unsigned char key[32], bytes[2], signature[64];
		struct str k = bytes_of(ed25519[i].key, key);
		struct str b = bytes_of(ed25519[i].bytes, bytes);
		struct str s = bytes_of(ed25519[i].signature, signature);

		assert_true(digest_ed25519(k, b, s));
		assert_false(digest_ed25519(k, S("other"), s));
		assert_false(digest_ed25519(k, b, str_sub(s, 0, 63)));
		assert_false(digest_ed25519(str_sub(k, 0, 31), b, s));
		assert_false(digest_ed25519(S(""), b, S("")));
		signature[63] ^= 0x80;
		assert_false(digest_ed25519(k, b, s));
	}
}

static void hex_decode__takes__exactly_so_many_digits(void **state)
{
	unsigned char byte[2] = {0};

	(void)state;
	assert_true(hex_decode(S("a0Ff"), byte, 2));
	assert_int_equal(byte[0], 0xA0);
	assert_int_equal(byte[1], 0xFF);
	assert_false(hex_decode(S("a0F"), byte, 2));
	assert_false(hex_decode(S("a0Ff0"), byte, 2));
	assert_false(hex_decode(S("a0Fg"), byte, 2));
	assert_false(hex_decode(S("a0F@"), byte, 2));
	assert_false(hex_decode(S("a0F\x10"), byte, 2));
	assert_true(hex_decode(S(""), byte, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digest_of__agrees__with_fips_180_4),
		cmocka_unit_test(digest_of_pieces__tells_apart__where_pieces_end),
		cmocka_unit_test(digest_hmac__agrees__with_rfc_4231),
		cmocka_unit_test(digest_hmac__keeps__nothing_of_another_key_or_thread),
		cmocka_unit_test(digest_same__compares__bytes_and_lengths),
		cmocka_unit_test(base64__goes_both_ways__as_in_rfc_4648),
		cmocka_unit_test(base64__refuses__what_encoding_does_not_write),
		cmocka_unit_test(base64__takes__any_length),
		cmocka_unit_test(digest_ed25519__agrees__with_rfc_8032),
		cmocka_unit_test(hex_decode__takes__exactly_so_many_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
