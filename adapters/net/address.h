/* The IP address of a peer, in 16 bytes: an IPv4 one is written as ::ffff:a.b.c.d. */
#ifndef TENSTEP_ADAPTERS_NET_ADDRESS_H
#define TENSTEP_ADAPTERS_NET_ADDRESS_H

#include <sys/socket.h>

#include "bot/base/str.h"

struct address {
	unsigned char byte[16];
};
enum { ADDRESS_TEXT = 46 };

/* Anything that is no IP address is all zeros. */
struct address address_of(const struct sockaddr *socket_address);
/* "127.0.0.1", "2001:db8::1", "[::1]"; false if it is none. */
bool address_parse(struct str text, struct address *out) MUST_CHECK;
/* As people write it: "127.0.0.1", not "::ffff:127.0.0.1". */
struct str address_text(struct address address, char text[ADDRESS_TEXT]);
bool address_eq(struct address a, struct address b);
bool address_is_loopback(struct address address);
/* What one party holds: an IPv4 address, the /64 network of an IPv6 one (RFC 6177 gives a household
 * no less than that). */
struct address address_party(struct address address);
/* Its name, for tables of who may do how much: "203.0.113.5", "2001:db8:1:2::".  What is no address
 * stays as it is; else the result is in @text. */
struct str address_party_name(struct str address, char text[ADDRESS_TEXT]);

/* Who is behind proxies: reads X-Forwarded-For from its end (each proxy appends whom it saw) and
 * returns the first that is not @trusted; @peer when the header names nobody. */
struct address address_forwarded(
	struct address peer, struct str header, const struct address *trusted, size_t n_trusted);

#endif
