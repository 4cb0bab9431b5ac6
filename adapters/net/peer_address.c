/* What kind of network an address belongs to. */
#include "adapters/net/peer_address.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct range {
	uint8_t prefix[16];
	unsigned bits;
	enum peer_kind kind;
};

static const struct range four[] = {
	{{0}, 8, PEER_LOOPBACK}, /* 0.0.0.0 connects to this machine */
	{{127}, 8, PEER_LOOPBACK},
	{{10}, 8, PEER_PRIVATE},
	{{100, 64}, 10, PEER_PRIVATE},  /* shared between a provider and its customers */
	{{169, 254}, 16, PEER_PRIVATE}, /* link-local: where clouds keep their secrets */
	{{172, 16}, 12, PEER_PRIVATE},
	{{192, 0, 0}, 24, PEER_PRIVATE},
	{{192, 0, 2}, 24, PEER_PRIVATE},
	{{192, 168}, 16, PEER_PRIVATE},
	{{198, 18}, 15, PEER_PRIVATE},
	{{198, 51, 100}, 24, PEER_PRIVATE},
	{{203, 0, 113}, 24, PEER_PRIVATE},
	{{224}, 4, PEER_NOBODY},
	{{240}, 4, PEER_NOBODY},
};

static const struct range six[] = {
	{{0xfc}, 7, PEER_PRIVATE},
	{{0xfe, 0x80}, 10, PEER_PRIVATE},
	{{0xfe, 0xc0}, 10, PEER_PRIVATE},
	{{0x01}, 64, PEER_NOBODY}, /* 100::/64: discard */
	{{0x20, 0x01, 0x0d, 0xb8}, 32, PEER_PRIVATE},
	{{0x20, 0x01}, 23, PEER_PRIVATE}, /* Teredo and other assignments to protocols */
	{{0xff}, 8, PEER_NOBODY},
};

/* Prefixes of IPv6 that carry an IPv4 address, and where. */
static const struct carrier {
	uint8_t prefix[16];
	unsigned bits, at;
} carrier[] = {
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, 12}, /* mapped */
	{{0, 0x64, 0xff, 0x9b}, 96, 12},                      /* NAT64, RFC 6052 */
	{{0x20, 0x02}, 16, 2},                                /* 6to4, RFC 3056 */
};

static bool starts_with(const uint8_t *address, const uint8_t *prefix, unsigned bits)
{
	unsigned rest = bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	return memcmp(address, prefix, bits / 8) == 0 &&
	       (!rest || (address[bits / 8] & mask) == (prefix[bits / 8] & mask));
}

static enum peer_kind find(const struct range *range, size_t n, const uint8_t *address)
{
	for (size_t i = 0; i < n; i++)
		if (starts_with(address, range[i].prefix, range[i].bits))
			return range[i].kind;
	return PEER_PUBLIC;
}

static enum peer_kind kind_of_four(const uint8_t *address)
{
	return find(four, sizeof(four) / sizeof(four[0]), address);
}

static enum peer_kind kind_of_six(const uint8_t *address)
{
	static const uint8_t one[16] = {[15] = 1}, zero[16];

	if (memcmp(address, one, 16) == 0 || memcmp(address, zero, 16) == 0)
		return PEER_LOOPBACK;
	for (size_t i = 0; i < sizeof(carrier) / sizeof(carrier[0]); i++)
		if (starts_with(address, carrier[i].prefix, carrier[i].bits))
			return kind_of_four(address + carrier[i].at);
	if (starts_with(
		    address, zero, 96)) /* "compatible", long out of use: nobody's public host */
		return kind_of_four(address + 12) == PEER_LOOPBACK ? PEER_LOOPBACK : PEER_PRIVATE;
	return find(six, sizeof(six) / sizeof(six[0]), address);
}

enum peer_kind peer_kind(const struct sockaddr *address, size_t n)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (n >= sizeof(in) && address->sa_family == AF_INET) {
		memcpy(&in, address, sizeof(in));
		return kind_of_four((const uint8_t *)&in.sin_addr);
	}
	if (n >= sizeof(in6) && address->sa_family == AF_INET6) {
		memcpy(&in6, address, sizeof(in6));
		return kind_of_six((const uint8_t *)&in6.sin6_addr);
	}
	return PEER_NOBODY;
}
