/* IP addresses as 16 bytes. */
#include "adapters/net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};

static bool is_v4(struct address a)
{
	return !memcmp(a.byte, mapped, sizeof(mapped));
}

static struct address of_v4(const void *four)
{
	struct address a;

	memcpy(a.byte, mapped, sizeof(mapped));
	memcpy(a.byte + sizeof(mapped), four, 4);
	return a;
}

struct address address_of(const struct sockaddr *socket_address)
{
	struct address none = {{0}}, a;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (socket_address->sa_family == AF_INET) {
		memcpy(&v4, socket_address, sizeof(v4));
		return of_v4(&v4.sin_addr);
	}
	if (socket_address->sa_family != AF_INET6)
		return none;
	memcpy(&v6, socket_address, sizeof(v6));
	memcpy(a.byte, &v6.sin6_addr, sizeof(a.byte));
	return a;
}

bool address_parse(struct str text, struct address *out)
{
	char copy[ADDRESS_TEXT];
	struct in_addr v4;
	struct in6_addr v6;

	if (text.n > 2 && text.p[0] == '[' && text.p[text.n - 1] == ']')
		text = str_sub(text, 1, text.n - 2);
	if (!text.n || text.n >= sizeof(copy) || memchr(text.p, 0, text.n))
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = 0;
	if (inet_pton(AF_INET, copy, &v4) == 1) {
		*out = of_v4(&v4);
		return true;
	}
	if (inet_pton(AF_INET6, copy, &v6) != 1)
		return false;
	memcpy(out->byte, &v6, sizeof(out->byte));
	return true;
}

struct str address_text(struct address address, char text[ADDRESS_TEXT])
{
	bool v4 = is_v4(address);

	if (!inet_ntop(v4 ? AF_INET : AF_INET6, address.byte + (v4 ? sizeof(mapped) : 0), text,
		    ADDRESS_TEXT))
		text[0] = 0;
	return str_of(text);
}

bool address_eq(struct address a, struct address b)
{
	return !memcmp(a.byte, b.byte, sizeof(a.byte));
}

bool address_is_loopback(struct address address)
{
	static const struct address one = {{[15] = 1}};

	return is_v4(address) ? address.byte[12] == 127 : address_eq(address, one);
}

struct address address_party(struct address address)
{
	if (!is_v4(address))
		memset(address.byte + 8, 0, 8);
	return address;
}

struct str address_party_name(struct str address, char text[ADDRESS_TEXT])
{
	struct address is;

	return address_parse(address, &is) ? address_text(address_party(is), text) : address;
}

static bool is_one_of(struct address address, const struct address *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (address_eq(address, list[i]))
			return true;
	return false;
}

static struct str cut_last(struct str *list)
{
	size_t from = list->n;
	struct str last;

	while (from && list->p[from - 1] != ',')
		from--;
	last = str_sub(*list, from, list->n);
	list->n = from ? from - 1 : 0;
	return str_trim(last);
}

struct address address_forwarded(
	struct address peer, struct str header, const struct address *trusted, size_t n_trusted)
{
	struct address who = peer, next;

	while (header.n && is_one_of(who, trusted, n_trusted)) {
		if (!address_parse(cut_last(&header), &next))
			return who;
		who = next;
	}
	return who;
}
