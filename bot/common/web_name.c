/* Addresses, origins, URLs. */
#include "bot/common/web_name.h"

#include <arpa/inet.h>
#include <string.h>

enum { max_host_bytes = 253, max_label_bytes = 63, max_url_bytes = 2000 };

static bool is_address(int family, struct str text)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	char copy[64];

	if (text.n >= sizeof(copy) || memchr(text.p, '\0', text.n))
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	return inet_pton(family, copy, bytes) == 1;
}

const char *address_fault(struct str address)
{
	if (address.n && (is_address(AF_INET, address) || is_address(AF_INET6, address)))
		return NULL;
	if (str_is(address, "localhost"))
		return "write 127.0.0.1 or ::1";
	if (str_is(address, "*"))
		return "write 0.0.0.0 or :: for all addresses of this machine";
	return "an address in numbers, like 127.0.0.1 or ::1";
}

bool name_is_loopback(struct str address)
{
	if (address.n > 2 && address.p[0] == '[')
		address = str_sub(address, 1, address.n - 2);
	return str_is(address, "localhost") || str_is(address, "::1") ||
	       (str_starts(address, S("127.")) && is_address(AF_INET, address));
}

static bool is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* A label of a host's name: letters, digits, "-" inside (RFC 1123 section 2.1); and "_", which some
 * use. */
static bool is_label(struct str label)
{
	if (!label.n || label.n > max_label_bytes)
		return false;
	for (size_t i = 0; i < label.n; i++)
		if (!is_lower_or_digit(label.p[i]) && label.p[i] != '-' && label.p[i] != '_')
			return false;
	return label.p[0] != '-' && label.p[label.n - 1] != '-';
}

static bool is_host(struct str host)
{
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		return is_address(AF_INET6, str_sub(host, 1, host.n - 2));
	if (!host.n || host.n > max_host_bytes || host.p[host.n - 1] == '.')
		return false;
	while (host.n)
		if (!is_label(str_cut(&host, '.')))
			return false;
	return true;
}

static const char *host_fault(struct str host)
{
	for (size_t i = 0; i < host.n; i++) {
		if (host.p[i] >= 'A' && host.p[i] <= 'Z')
			return "in small letters, as browsers send it";
		if ((unsigned char)host.p[i] >= 0x80)
			return "in the form 'xn--…' that browsers send";
		if (host.p[i] == '*')
			return "each origin by itself: there are no wildcards";
	}
	return is_host(host) ? NULL : "a host like 'shop.example' is missing";
}

/* Cuts ":PORT" off the end of @host; *port is 0 if there is none.  False if it is no port. */
static bool cut_port(struct str *host, int64_t *port)
{
	size_t colon = host->n;

	*port = 0;
	while (colon && host->p[colon - 1] != ':' && host->p[colon - 1] != ']')
		colon--;
	if (!colon || host->p[colon - 1] == ']')
		return colon == 0 || colon == host->n;
	if (!str_int(str_sub(*host, colon, host->n), port) || *port < 1 || *port > 65535 ||
		host->p[colon] < '1' || host->p[colon] > '9')
		return false;
	host->n = colon - 1;
	return true;
}

static bool cut_scheme(struct str *rest, bool *tls)
{
	static const struct str https = S("https://"), http = S("http://");

	*tls = str_starts(*rest, https);
	if (!*tls && !str_starts(*rest, http))
		return false;
	*rest = str_sub(*rest, *tls ? https.n : http.n, rest->n);
	return true;
}

const char *origin_fault(struct str origin)
{
	int64_t port;
	bool tls;

	if (str_is(origin, "*"))
		return "each origin by itself, like 'https://shop.example'";
	if (!cut_scheme(&origin, &tls))
		return "it begins with https:// or http://";
	if (str_find(origin, S("@")) >= 0)
		return "without a user or password in it";
	for (size_t i = 0; i < origin.n; i++)
		if (memchr("/?#", origin.p[i], 3))
			return i + 1 == origin.n && origin.p[i] == '/'
				       ? "without the '/' at the end"
				       : "without a path: scheme, host and port only";
	if (!cut_port(&origin, &port))
		return "a port is a number from 1 to 65535";
	if (port == (tls ? 443 : 80))
		return tls ? "without ':443', which browsers leave out"
			   : "without ':80', which browsers leave out";
	return host_fault(origin);
}

static const char *url_bytes_fault(struct str url)
{
	if (url.n > max_url_bytes)
		return "at most 2,000 bytes";
	for (size_t i = 0; i < url.n; i++) {
		if (url.p[i] <= ' ' || url.p[i] >= 0x7F)
			return "visible ASCII only; anything else percent-encoded";
		if (url.p[i] == '#')
			return "without '#'";
	}
	return NULL;
}

const char *hook_url_fault(struct str url)
{
	const char *fault = url_bytes_fault(url);
	struct str rest = url, host;
	int64_t port;
	bool tls;

	if (fault)
		return fault;
	if (!cut_scheme(&rest, &tls))
		return "it begins with https://";
	host = str_sub(rest, 0, rest.n);
	for (size_t i = 0; i < host.n; i++)
		if (host.p[i] == '/' || host.p[i] == '?')
			host.n = i;
	if (str_find(host, S("@")) >= 0)
		return "without a user or password in it";
	if (!cut_port(&host, &port))
		return "a port is a number from 1 to 65535";
	fault = host_fault(host);
	if (fault)
		return fault;
	return tls || name_is_loopback(host) ? NULL : "https://; http:// is for this machine only";
}
