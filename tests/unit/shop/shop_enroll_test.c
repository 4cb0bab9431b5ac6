/* Addresses that the platform posts webhooks to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bot/shop/shop_enroll.h"

static void address__is_https_on_a_name(void **state)
{
	static const char *const good[] = {"https://shop.example", "https://shop.example/",
		"https://shop.example/shop/webhook", "http://127.0.0.1:8080/shop/webhook",
		"http://localhost:8080/x"};
	static const struct {
		const char *address, *fault;
	} bad[] = {
		{"", "it does not begin with https://"},
		{"http://shop.example/x", "it does not begin with https://"},
		{"https://", "it has no name of a host"},
		{"https:///x", "it has no name of a host"},
		{"https://10.0.0.1/x", "it has no name of a host"},
		{"https://[::1]/x", "it has no name of a host"},
		{"https://shop.example:8443/x", "it names a port"},
		{"https://me@shop.example/x", "it names a user"},
	};
	char longest[300] = "https://shop.example/";

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_null(shop_enroll_fault(str_of(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_string_equal(shop_enroll_fault(str_of(bad[i].address)), bad[i].fault);
	memset(longest + strlen(longest), 'x', 255 - strlen(longest));
	assert_null(shop_enroll_fault(str_of(longest)));
	longest[255] = 'x';
	assert_string_equal(shop_enroll_fault(str_of(longest)), "it is longer than 255 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(address__is_https_on_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
