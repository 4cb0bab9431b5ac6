/* The strict check of heads, percent signs, forms and cookies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/net/guard.h"
#include "adapters/net/listener.h"
#include "bot/base/percent.h"

static struct guard_head fine_head(void)
{
	return (struct guard_head){.method = S("GET"),
		.path = S("/chat"),
		.version = S("HTTP/1.1"),
		.host = {.text = S("shop.example"), .there = true}};
}

static unsigned status_of(const struct guard_head *head)
{
	uint64_t bytes;

	return guard_request(head, &bytes).status;
}

static unsigned host_status(const char *host)
{
	struct guard_head head = fine_head();

	head.host.text = str_of(host);
	return status_of(&head);
}

static void guard_request__host(void **state)
{
	static const char *const good[] = {"a", "shop.example", "SHOP.example:443",
		"127.0.0.1:8080", "[::1]", "[2001:db8::1]:8080", "under_score.example", "a:"};
	static const char *const bad[] = {"", " ", "a b", "a,b", "a, a", "a/b", "a@b", "a:b",
		"a:1:2", "a:123456", "[]", "[", "[::1", "::1", "[::1]x", "[::1]:x", "[g::1]",
		"a\tb", "a\001", "\xC3\xA9.example", "a%41", ":80", "a?b", "a#b", "a\\b"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(host_status(good[i]), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(host_status(bad[i]), 400);
}

static unsigned length_status(const char *length, uint64_t *bytes)
{
	struct guard_head head = fine_head();

	head.content_length = (struct guard_value){.text = str_of(length), .there = true};
	return guard_request(&head, bytes).status;
}

static void guard_request__content_length(void **state)
{
	static const char *const bad[] = {"", " 1", "1 ", "-1", "+1", "1,1", "1, 1", "0x10", "1e3",
		"1.0", "9999999999999999", "18446744073709551616", "\xD9\xA1", "1\001"};
	uint64_t bytes = 7;

	(void)state;
	assert_int_equal(length_status("0", &bytes), 0);
	assert_int_equal(bytes, 0);
	assert_int_equal(length_status("0012", &bytes), 0);
	assert_int_equal(bytes, 12);
	assert_int_equal(length_status("999999999999999", &bytes), 0);
	assert_int_equal(bytes, 999999999999999);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(length_status(bad[i], &bytes), 400);
		assert_int_equal(bytes, 0);
	}
}

static unsigned path_status(const char *path, const char *query)
{
	struct guard_head head = fine_head();

	head.path = str_of(path);
	head.query = str_of(query);
	return status_of(&head);
}

static void guard_request__path_and_query(void **state)
{
	static const char *const bad[] = {"", "a", "*", "//", "/a//b", "/../a", "/a/../b", "/a/..",
		"/\n", "/\x7F", "/\xFF", "/\xC0\xAF", "/a\tb"};
	static const char *const bad_query[] = {
		"%", "%4", "a=%zz", "a=%0g", "%00", "a=%0a", "%7f", "\n", "a\tb", "a=%1F"};
	char long_path[2002] = "/";

	(void)state;
	assert_int_equal(path_status("/", ""), 0);
	assert_int_equal(path_status("/a/..b/.c", "a=%20&b=%C3%A9+&&=%25"), 0);
	assert_int_equal(path_status("/\xC3\xA9", ""), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(path_status(bad[i], ""), 400);
	for (size_t i = 0; i < sizeof(bad_query) / sizeof(bad_query[0]); i++)
		assert_int_equal(path_status("/", bad_query[i]), 400);
	memset(long_path + 1, 'a', 1999);
	assert_int_equal(path_status(long_path, ""), 0);
	assert_int_equal(path_status(long_path, "a"), 414);
	long_path[2000] = 'a';
	assert_int_equal(path_status(long_path, ""), 414);
}

static void guard_request__the_rest(void **state)
{
	struct guard_head head = fine_head();
	struct str value[2] = {S("fine\tso far \xC3\xA9"), S("not\001fine")};

	(void)state;
	head.transfer_encoding = true;
	assert_int_equal(status_of(&head), 400);
	head = fine_head();
	head.host.twice = true;
	assert_int_equal(status_of(&head), 400);
	head = fine_head();
	head.content_length.twice = true;
	assert_int_equal(status_of(&head), 400);
	head = fine_head();
	head.other_method = true;
	assert_int_equal(status_of(&head), 400);
	head = fine_head();
	head.method = S("");
	assert_int_equal(status_of(&head), 400);
	head = fine_head();
	head.split_path = true;
	assert_int_equal(status_of(&head), 400);
	head = fine_head();
	head.version = S("HTTP/1.0");
	assert_int_equal(status_of(&head), 0);
	head.version = S("HTTP/2.0");
	assert_int_equal(status_of(&head), 505);
	head.version = S("");
	assert_int_equal(status_of(&head), 505);
	head = fine_head();
	head.origin.twice = true;
	assert_int_equal(status_of(&head), 400);
	head = fine_head();
	head.authorization.text = S("a\nb");
	assert_int_equal(status_of(&head), 400);
	head = fine_head();
	head.value = value;
	head.n_values = 1;
	assert_int_equal(status_of(&head), 0);
	head.n_values = 2;
	assert_int_equal(status_of(&head), 400);
}

static struct guard_upgrade fine_upgrade(void)
{
	return (struct guard_upgrade){.upgrade = {.text = S("websocket"), .there = true},
		.connection = {.text = S("Upgrade"), .there = true},
		.version = {.text = S("13"), .there = true},
		.key = {.text = S("dGhlIHNhbXBsZSBub25jZQ=="), .there = true}};
}

static void guard_websocket__takes_only_what_the_protocol_asks_for(void **state)
{
	struct guard_head get = fine_head(), other = fine_head();
	struct guard_upgrade up = fine_upgrade();

	(void)state;
	assert_int_equal(guard_websocket(&get, &up).status, 0);
	up.upgrade.text = S("WebSocket");
	up.connection.text = S("keep-alive, UPGRADE");
	assert_int_equal(guard_websocket(&get, &up).status, 0);
	other.method = S("POST");
	assert_int_equal(guard_websocket(&other, &up).status, 400);
	other = fine_head();
	other.version = S("HTTP/1.0");
	assert_int_equal(guard_websocket(&other, &up).status, 400);
	other = fine_head();
	other.content_length = (struct guard_value){.text = S("1"), .there = true};
	assert_int_equal(guard_websocket(&other, &up).status, 400);

	up = fine_upgrade();
	up.upgrade.text = S("h2c");
	assert_int_equal(guard_websocket(&get, &up).status, 400);
	up.upgrade.text = S("websocket, h2c");
	assert_int_equal(guard_websocket(&get, &up).status, 400);
	up = fine_upgrade();
	up.connection.text = S("close");
	assert_int_equal(guard_websocket(&get, &up).status, 400);
	up.connection.text = S("upgraded");
	assert_int_equal(guard_websocket(&get, &up).status, 400);
	up = fine_upgrade();
	up.version.text = S("99");
	assert_int_equal(guard_websocket(&get, &up).status, 426);
	up.version.text = S("");
	assert_int_equal(guard_websocket(&get, &up).status, 426);
	up = fine_upgrade();
	up.key.text = S("dGhlIHNhbXBsZSBub25jZQ=");
	assert_int_equal(guard_websocket(&get, &up).status, 400);
	up.key.text = S("dGhlIHNhbXBsZSBub25j=Q==");
	assert_int_equal(guard_websocket(&get, &up).status, 400);
	up = fine_upgrade();
	up.key.twice = true;
	assert_int_equal(guard_websocket(&get, &up).status, 400);
	up = fine_upgrade();
	up.protocol = (struct guard_value){.text = S("soap"), .there = true};
	assert_int_equal(guard_websocket(&get, &up).status, 400);
}

static void http_field__decodes_and_refuses(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	assert_true(http_field(S("a=1&b=x+y%26%3D&a=2"), "a", &out) && str_is(buf_str(&out), "1"));
	assert_true(
		http_field(S("a=1&b=x+y%26%3D=z"), "b", &out) && str_is(buf_str(&out), "x y&==z"));
	assert_true(http_field(S("%61=1"), "a", &out) && str_is(buf_str(&out), "1"));
	assert_true(http_field(S("a&b=2"), "a", &out) && str_is(buf_str(&out), ""));
	assert_true(http_field(S("a=%C3%A9"), "a", &out) && str_is(buf_str(&out), "\xC3\xA9"));
	assert_false(http_field(S("a=1"), "b", &out));
	assert_int_equal(out.n, 0);
	assert_false(http_field(S(""), "", &out));
	assert_false(http_field(S("a=%"), "a", &out));
	assert_false(http_field(S("a=%4"), "a", &out));
	assert_false(http_field(S("a=%4x"), "a", &out));
	assert_true(http_field(S("%zz=1&a=2"), "a", &out) && str_is(buf_str(&out), "2"));
	buf_release(&out);
	buf_init(&out, 3);
	assert_false(http_field(S("a=12345"), "a", &out));
	buf_release(&out);
}

static void http_cookie__finds_by_the_whole_name(void **state)
{
	(void)state;
	assert_true(str_is(http_cookie(S("a=1; sid=42; b=2"), "sid"), "42"));
	assert_true(str_is(http_cookie(S("sid=1=2"), "sid"), "1=2"));
	assert_true(str_is(http_cookie(S(" sid = 42 "), "sid"), "42"));
	assert_int_equal(http_cookie(S("xsid=1; sidx=2; SID=3"), "sid").n, 0);
	assert_int_equal(http_cookie(S(""), "sid").n, 0);
	assert_int_equal(http_cookie(S("sid"), "sid").n, 0);
	assert_int_equal(http_cookie(S(";;=;"), "sid").n, 0);
}

static void http_header__of_a_head_made_by_hand_is_empty(void **state)
{
	struct http_head head = {.method = S("GET")};

	(void)state;
	assert_int_equal(http_header(&head, "x-test").n, 0);
}

static void percent_encode__is_undone_by_decoding(void **state)
{
	struct buf encoded, decoded;
	char all[256];

	(void)state;
	buf_init(&encoded, 1000);
	buf_init(&decoded, 1000);
	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	percent_encode((struct str){all, 256}, &encoded);
	assert_true(percent_decode_form(buf_str(&encoded), &decoded));
	assert_true(str_eq(buf_str(&decoded), (struct str){all, 256}));
	buf_release(&encoded);
	buf_release(&decoded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guard_request__host),
		cmocka_unit_test(guard_request__content_length),
		cmocka_unit_test(guard_request__path_and_query),
		cmocka_unit_test(guard_request__the_rest),
		cmocka_unit_test(guard_websocket__takes_only_what_the_protocol_asks_for),
		cmocka_unit_test(http_field__decodes_and_refuses),
		cmocka_unit_test(http_cookie__finds_by_the_whole_name),
		cmocka_unit_test(http_header__of_a_head_made_by_hand_is_empty),
		cmocka_unit_test(percent_encode__is_undone_by_decoding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
