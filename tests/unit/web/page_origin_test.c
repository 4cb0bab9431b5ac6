/* Which pages may speak with the server, and the token that a request brings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bot/web/page_origin.h"

static void page_is_allowed__knows__own_and_listed_pages_only(void **state)
{
	static const struct str listed[] = {S("https://shop.example")};
	static const struct {
		const char *origin, *host;
		bool tls, allowed;
	} example[] = {
		{"http://bot.example:8080", "bot.example:8080", false, true},
		{"https://bot.example", "bot.example", true, true},
		{"http://bot.example", "bot.example", true, false},
		{"https://bot.example", "bot.example", false, false},
		{"https://bot.example.evil", "bot.example", true, false},
		{"https://shop.example", "bot.example", true, true},
		{"https://shop.example:444", "bot.example", true, false},
		{"http://shop.example", "bot.example", false, false},
		{"null", "bot.example", true, false},
		{"", "", true, false},
	};
	struct serve_config config = {.origin = listed, .n_origins = 1};

	(void)state;
	for (size_t i = 0; i < sizeof example / sizeof *example; i++) {
		struct http_head head = {
			.origin = str_of(example[i].origin),
			.host = str_of(example[i].host),
			.tls = example[i].tls,
		};

		if (page_is_allowed(&config, &head) != example[i].allowed)
			fail_msg("'%s' at '%s'", example[i].origin, example[i].host);
	}
}

static void head_is_local__needs_the_address_and_the_name(void **state)
{
	static const struct {
		const char *address, *host;
		bool forwarded, local;
	} example[] = {
		{"127.0.0.1", "127.0.0.1:8080", false, true},
		{"127.0.0.1", "127.9.0.1", false, true},
		{"127.0.0.1", "localhost:8080", false, true},
		{"::1", "[::1]:8080", false, true},
		{"::1", "[::1]", false, true},
		{"127.0.0.1", "evil.example:8080", false, false},
		{"127.0.0.1", "127.0.0.1.evil.example", false, false},
		{"127.0.0.1", "localhost.evil.example:80", false, false},
		{"127.0.0.1", "", false, false},
		{"127.0.0.1", "127.0.0.1:8080", true, false},
		{"203.0.113.5", "127.0.0.1:8080", false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof example / sizeof *example; i++) {
		struct http_head head = {
			.address = str_of(example[i].address),
			.host = str_of(example[i].host),
			.forwarded = example[i].forwarded,
		};

		if (head_is_local(&head) != example[i].local)
			fail_msg("%s at '%s'", example[i].address, example[i].host);
	}
}

static void bearer_of__reads__one_scheme_only(void **state)
{
	struct http_head head = {.authorization = S("Bearer abc")};

	(void)state;
	assert_true(str_is(bearer_of(&head), "abc"));
	head.authorization = S("bearer  abc ");
	assert_true(str_is(bearer_of(&head), "abc"));
	head.authorization = S("Basic abc");
	assert_int_equal(bearer_of(&head).n, 0);
	head.authorization = S("Bearer");
	assert_int_equal(bearer_of(&head).n, 0);
	head.authorization = S("");
	assert_int_equal(bearer_of(&head).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_is_allowed__knows__own_and_listed_pages_only),
		cmocka_unit_test(head_is_local__needs_the_address_and_the_name),
		cmocka_unit_test(bearer_of__reads__one_scheme_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
