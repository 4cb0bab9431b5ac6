/* Addresses, who is connected, and messages that come in pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <cmocka.h>

#include "adapters/net/gather.h"
#include "adapters/net/peers.h"

static struct address address(const char *text)
{
	struct address a;

	assert_true(address_parse(str_of(text), &a));
	return a;
}

static void address_parse__and_text_are_inverse(void **state)
{
	static const struct {
		const char *in, *out;
	} pair[] = {{"127.0.0.1", "127.0.0.1"}, {"::ffff:10.0.0.1", "10.0.0.1"}, {"[::1]", "::1"},
		{"2001:DB8:0:0::1", "2001:db8::1"}, {"::", "::"}};
	static const char *const bad[] = {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "localhost", "[",
		"[]", "::1]", "1.2.3.4 ", "fe80::1%eth0",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"};
	char text[ADDRESS_TEXT];
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof(pair) / sizeof(pair[0]); i++)
		assert_true(str_is(address_text(address(pair[i].in), text), pair[i].out));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(address_parse(str_of(bad[i]), &a));
	assert_false(address_parse(S("1.2.3.4\0x"), &a));
}

static void address_of__a_socket_s_name(void **state)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sockaddr other = {.sa_family = AF_UNIX};
	struct address none = {{0}};

	(void)state;
	inet_pton(AF_INET, "10.1.2.3", &v4.sin_addr);
	inet_pton(AF_INET6, "::ffff:10.1.2.3", &v6.sin6_addr);
	assert_true(address_eq(address_of((struct sockaddr *)&v4), address("10.1.2.3")));
	assert_true(address_eq(address_of((struct sockaddr *)&v6), address("10.1.2.3")));
	assert_true(address_eq(address_of(&other), none));
}

static void address_is_loopback__is_this_machine(void **state)
{
	(void)state;
	assert_true(address_is_loopback(address("127.0.0.1")));
	assert_true(address_is_loopback(address("127.9.9.9")));
	assert_true(address_is_loopback(address("::1")));
	assert_true(address_is_loopback(address("::ffff:127.0.0.1")));
	assert_false(address_is_loopback(address("128.0.0.1")));
	assert_false(address_is_loopback(address("::2")));
}

static void address_party_name__is_one_for_a_household(void **state)
{
	static const struct {
		const char *address, *party;
	} pair[] = {{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"},
		{"2001:db8:1:2::1", "2001:db8:1:2::"}, {"203.0.113.5", "203.0.113.5"},
		{"::ffff:203.0.113.5", "203.0.113.5"}, {"", ""}, {"nobody", "nobody"}};
	char text[ADDRESS_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(pair) / sizeof(pair[0]); i++)
		assert_true(
			str_is(address_party_name(str_of(pair[i].address), text), pair[i].party));
}

static void address_party__is_a_household(void **state)
{
	struct address a = address_party(address("2001:db8:1:2:3:4:5:6"));

	(void)state;
	assert_true(address_eq(a, address_party(address("2001:db8:1:2::1"))));
	assert_false(address_eq(a, address_party(address("2001:db8:1:3::1"))));
	assert_false(
		address_eq(address_party(address("1.2.3.4")), address_party(address("1.2.3.5"))));
}

static void address_forwarded__believes_trusted_ones_from_the_end(void **state)
{
	struct address trusted[] = {address("10.0.0.1"), address("10.0.0.2")};
	struct address proxy = trusted[0], stranger = address("9.9.9.9");

	(void)state;
	assert_true(address_eq(address_forwarded(stranger, S("1.1.1.1"), trusted, 2), stranger));
	assert_true(
		address_eq(address_forwarded(proxy, S("1.1.1.1"), trusted, 2), address("1.1.1.1")));
	assert_true(address_eq(
		address_forwarded(proxy, S("6.6.6.6, 1.1.1.1"), trusted, 2), address("1.1.1.1")));
	assert_true(
		address_eq(address_forwarded(proxy, S("6.6.6.6, 1.1.1.1 ,10.0.0.2"), trusted, 2),
			address("1.1.1.1")));
	assert_true(address_eq(address_forwarded(proxy, S(""), trusted, 2), proxy));
	assert_true(address_eq(address_forwarded(proxy, S("nonsense"), trusted, 2), proxy));
	assert_true(
		address_eq(address_forwarded(proxy, S("1.1.1.1, nonsense"), trusted, 2), proxy));
	assert_true(address_eq(address_forwarded(proxy, S("10.0.0.2"), trusted, 2), trusted[1]));
}

static void peers_enter__counts_connections(void **state)
{
	struct peers_limits limits = {
		.max_entries = 10, .max_connections = 2, .per_s = 100, .burst = 400};
	struct peers *peers = peers_new(&limits);
	struct peer *a, *b, *c;
	const char *why;

	(void)state;
	a = peers_enter(peers, address("1.2.3.4"), 0, &why);
	b = peers_enter(peers, address("1.2.3.4"), 0, &why);
	assert_true(a && a == b && !why);
	assert_null(peers_enter(peers, address("1.2.3.4"), 0, &why));
	assert_string_equal(why, "address");
	c = peers_enter(peers, address("1.2.3.5"), 0, &why);
	assert_non_null(c);
	peers_leave(peers, a);
	assert_non_null(peers_enter(peers, address("1.2.3.4"), 0, &why));
	peers_leave(peers, NULL);
	peers_free(peers);
	peers_free(NULL);
}

static void peers_enter__is_a_token_bucket(void **state)
{
	struct peers_limits limits = {.max_entries = 10, .per_s = 2, .burst = 3};
	struct peers *peers = peers_new(&limits);
	const char *why;
	int taken = 0;

	(void)state;
	for (int i = 0; i < 3; i++)
		peers_leave(peers, peers_enter(peers, address("1.2.3.4"), 1000, &why));
	assert_null(peers_enter(peers, address("1.2.3.4"), 1000, &why));
	assert_string_equal(why, "rate");
	assert_null(peers_enter(peers, address("1.2.3.4"), 1499, &why));
	assert_non_null(peers_enter(peers, address("1.2.3.4"), 1500, &why));
	assert_null(peers_enter(peers, address("1.2.3.4"), 1500, &why));
	assert_null(peers_enter(peers, address("1.2.3.4"), 900, &why)); /* a clock that goes back */
	for (int i = 0; i < 10; i++) /* long quiet fills it, not more */
		taken += peers_enter(peers, address("1.2.3.4"), 1LL << 60, &why) != NULL;
	assert_int_equal(taken, 3);
	assert_non_null(peers_enter(peers, address("1.2.3.5"), 1500, &why));
	peers_free(peers);
}

static struct address numbered(unsigned i)
{
	char text[ADDRESS_TEXT];

	snprintf(text, sizeof(text), "10.%u.%u.%u", i >> 16 & 255, i >> 8 & 255, i & 255);
	return address(text);
}

static void peers_enter__keeps_the_table_bounded(void **state)
{
	struct peers_limits limits = {.max_entries = 100, .per_s = 1, .burst = 4};
	struct peers *peers = peers_new(&limits);
	struct peer *stays[100];
	const char *why;

	(void)state;
	for (unsigned i = 0; i < 10000; i++)
		peers_leave(peers, peers_enter(peers, numbered(i), 0, &why));
	assert_int_equal(peers_entries(peers), 100);
	for (unsigned i = 0; i < 99; i++) /* those that stay do not keep new ones out */
		assert_non_null(stays[i] = peers_enter(peers, numbered(20000 + i), 0, &why));
	for (unsigned i = 0; i < 1000; i++)
		peers_leave(peers, peers_enter(peers, numbered(30000 + i), 0, &why));
	assert_int_equal(peers_entries(peers), 100);
	stays[99] = peers_enter(peers, numbered(50000), 0, &why);
	assert_non_null(stays[99]);
	assert_null(peers_enter(peers, numbered(50001), 0, &why));
	assert_string_equal(why, "table");
	peers_leave(peers, stays[5]);
	for (int i = 0; i < 3 && !peers_enter(peers, numbered(50001), 0, &why); i++)
		;
	assert_null(why);
	peers_free(peers);
}

static enum gather_status add(
	struct gather *gather, struct str bytes, uint64_t rest, bool final, struct str *text)
{
	struct gather_piece piece = {.bytes = bytes, .rest = rest, .final = final};

	return gather_add(gather, &piece, 10, text);
}

static void gather_add__gives_whole_messages(void **state)
{
	struct gather gather = {0};
	struct str text, whole = S("hello");

	(void)state;
	assert_int_equal(add(&gather, whole, 0, true, &text), GATHER_WHOLE);
	assert_ptr_equal(text.p, whole.p); /* not copied */
	gather_release(&gather);
	assert_int_equal(add(&gather, S(""), 0, true, &text), GATHER_WHOLE);
	assert_int_equal(text.n, 0);
	gather_release(&gather);
	assert_int_equal(add(&gather, S("he"), 3, true, &text), GATHER_MORE);
	assert_int_equal(add(&gather, S("llo"), 0, true, &text), GATHER_WHOLE);
	assert_true(str_is(text, "hello"));
	gather_release(&gather);
	assert_int_equal(add(&gather, S("\xC3"), 0, false, &text), GATHER_MORE);
	assert_int_equal(add(&gather, S(""), 0, false, &text), GATHER_MORE);
	assert_int_equal(add(&gather, S("\xA9"), 0, true, &text), GATHER_WHOLE);
	assert_true(str_is(text, "\xC3\xA9"));
	gather_release(&gather);
	assert_int_equal(add(&gather, S(""), 0, false, &text), GATHER_MORE);
	assert_int_equal(add(&gather, S("0123456789"), 0, true, &text), GATHER_WHOLE);
	gather_release(&gather);
}

static void gather_add__refuses(void **state)
{
	struct gather gather = {0};
	struct gather_piece binary = {.bytes = S("x"), .final = true, .binary = true};
	struct str text;
	int i;

	(void)state;
	assert_int_equal(add(&gather, S("01234567890"), 0, true, &text), GATHER_TOO_BIG);
	assert_int_equal(add(&gather, S("0"), 10, true, &text), GATHER_TOO_BIG);
	assert_int_equal(add(&gather, S(""), INT64_MAX, true, &text), GATHER_TOO_BIG);
	assert_int_equal(add(&gather, S("0"), UINT64_MAX, true, &text), GATHER_TOO_BIG);
	gather_release(&gather);
	assert_int_equal(add(&gather, S("01234"), 0, false, &text), GATHER_MORE);
	assert_int_equal(add(&gather, S("5"), 5, true, &text), GATHER_TOO_BIG);
	gather_release(&gather);
	assert_int_equal(add(&gather, S("a\0b"), 0, true, &text), GATHER_NO_TEXT);
	gather_release(&gather);
	assert_int_equal(add(&gather, S("\xC3"), 0, true, &text), GATHER_NO_TEXT);
	gather_release(&gather);
	assert_int_equal(add(&gather, S("\xC3"), 0, false, &text), GATHER_MORE);
	assert_int_equal(add(&gather, S("("), 0, true, &text), GATHER_NO_TEXT);
	gather_release(&gather);
	assert_int_equal(gather_add(&gather, &binary, 10, &text), GATHER_BINARY);
	for (i = 0; add(&gather, S(""), 0, false, &text) == GATHER_MORE; i++)
		;
	assert_int_equal(i, GATHER_MAX_FRAGMENTS);
	gather_release(&gather);
}

/* What is only announced takes no memory. */
static void gather_add__believes_no_announcement(void **state)
{
	struct gather gather = {0};
	struct gather_piece piece = {.bytes = S("x"), .rest = 999999, .final = true};
	struct str text;

	(void)state;
	assert_int_equal(gather_add(&gather, &piece, 1 << 20, &text), GATHER_MORE);
	assert_true(gather.cap < 100);
	gather_release(&gather);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(address_parse__and_text_are_inverse),
		cmocka_unit_test(address_of__a_socket_s_name),
		cmocka_unit_test(address_is_loopback__is_this_machine),
		cmocka_unit_test(address_party__is_a_household),
		cmocka_unit_test(address_party_name__is_one_for_a_household),
		cmocka_unit_test(address_forwarded__believes_trusted_ones_from_the_end),
		cmocka_unit_test(peers_enter__counts_connections),
		cmocka_unit_test(peers_enter__is_a_token_bucket),
		cmocka_unit_test(peers_enter__keeps_the_table_bounded),
		cmocka_unit_test(gather_add__gives_whole_messages),
		cmocka_unit_test(gather_add__refuses),
		cmocka_unit_test(gather_add__believes_no_announcement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
