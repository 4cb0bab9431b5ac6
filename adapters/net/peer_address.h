/* What kind of network an address belongs to, whatever it is dressed up as: an IPv4 address inside
 * an IPv6 one (mapped, compatible, 6to4, NAT64) is judged as what it is. */
#ifndef TENSTEP_ADAPTERS_NET_PEER_ADDRESS_H
#define TENSTEP_ADAPTERS_NET_PEER_ADDRESS_H

#include <sys/socket.h>

enum peer_kind {
	PEER_PUBLIC,
	PEER_LOOPBACK, /* this machine, "any address" included: connecting to it comes home too */
	PEER_PRIVATE,  /* private, link-local, shared, documentation, tunnels to anywhere */
	PEER_NOBODY,   /* multicast, broadcast, reserved, no IP address at all */
};

/* By the registries of special addresses (RFC 6890 and the IANA tables it began). */
enum peer_kind peer_kind(const struct sockaddr *address, size_t n);

#endif
