/* Which addresses are of this machine, of a private network, of the world. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "adapters/net/peer_address.h"

static enum peer_kind kind_of(const char *text)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return peer_kind((struct sockaddr *)&in, sizeof(in));
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return peer_kind((struct sockaddr *)&in6, sizeof(in6));
}

static void peer_kind__judges__at_the_edges_of_ranges(void **state)
{
	static const struct {
		const char *address;
		enum peer_kind kind;
	} known[] = {
		{"0.0.0.0", PEER_LOOPBACK},
		{"0.255.255.255", PEER_LOOPBACK},
		{"1.0.0.0", PEER_PUBLIC},
		{"9.255.255.255", PEER_PUBLIC},
		{"10.0.0.0", PEER_PRIVATE},
		{"11.0.0.0", PEER_PUBLIC},
		{"100.63.255.255", PEER_PUBLIC},
		{"100.64.0.0", PEER_PRIVATE},
		{"100.127.255.255", PEER_PRIVATE},
		{"100.128.0.0", PEER_PUBLIC},
		{"126.255.255.255", PEER_PUBLIC},
		{"127.255.255.255", PEER_LOOPBACK},
		{"128.0.0.0", PEER_PUBLIC},
		{"169.253.255.255", PEER_PUBLIC},
		{"169.254.169.254", PEER_PRIVATE},
		{"172.15.255.255", PEER_PUBLIC},
		{"172.16.0.0", PEER_PRIVATE},
		{"172.31.255.255", PEER_PRIVATE},
		{"172.32.0.0", PEER_PUBLIC},
		{"192.168.255.255", PEER_PRIVATE},
		{"192.169.0.0", PEER_PUBLIC},
		{"198.17.255.255", PEER_PUBLIC},
		{"198.19.255.255", PEER_PRIVATE},
		{"198.20.0.0", PEER_PUBLIC},
		{"223.255.255.255", PEER_PUBLIC},
		{"224.0.0.0", PEER_NOBODY},
		{"255.255.255.255", PEER_NOBODY},
		{"::", PEER_LOOPBACK},
		{"::1", PEER_LOOPBACK},
		{"::2", PEER_LOOPBACK},
		{"::8.8.8.8", PEER_PRIVATE},
		{"::ffff:8.8.8.8", PEER_PUBLIC},
		{"::ffff:127.0.0.1", PEER_LOOPBACK},
		{"::ffff:192.168.1.1", PEER_PRIVATE},
		{"64:ff9b::808:808", PEER_PUBLIC},
		{"64:ff9b::7f00:1", PEER_LOOPBACK},
		{"2002:808:808::1", PEER_PUBLIC},
		{"2002:a00:1::", PEER_PRIVATE},
		{"2001::1", PEER_PRIVATE},
		{"2001:4860:4860::8888", PEER_PUBLIC},
		{"2001:db8::1", PEER_PRIVATE},
		{"fbff::1", PEER_PUBLIC},
		{"fc00::1", PEER_PRIVATE},
		{"fdff::1", PEER_PRIVATE},
		{"fe7f::1", PEER_PUBLIC},
		{"fe80::1", PEER_PRIVATE},
		{"febf::1", PEER_PRIVATE},
		{"fec0::1", PEER_PRIVATE},
		{"ff02::1", PEER_NOBODY},
		{"100::1", PEER_NOBODY},
		{"2a00:1450::1", PEER_PUBLIC},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (kind_of(known[i].address) != known[i].kind)
			fail_msg("%s: %d", known[i].address, (int)kind_of(known[i].address));
	assert_int_equal(
		peer_kind(&(struct sockaddr){.sa_family = AF_UNIX}, sizeof(struct sockaddr)),
		PEER_NOBODY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peer_kind__judges__at_the_edges_of_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
