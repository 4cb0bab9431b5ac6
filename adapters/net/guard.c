/* The strict check of a request's head. */
#include "adapters/net/guard.h"

#include <string.h>

#include "bot/base/percent.h"
#include "bot/base/text.h"

static const struct guard_fault fine = {0, NULL};

static struct guard_fault fault(unsigned status, const char *why)
{
	return (struct guard_fault){status, why};
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7F;
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_control(s.p[i]) && s.p[i] != '\t')
			return true;
	return false;
}

static bool all_of(struct str s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (!s.p[i] || !strchr(set, s.p[i]))
			return false;
	return s.n > 0;
}

#define DIGITS "0123456789"
#define HEX DIGITS "abcdefABCDEF"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool port_is_fine(struct str port)
{
	return port.n <= 5 && (!port.n || all_of(port, DIGITS));
}

/* A name or an IPv4 address or an IPv6 one in brackets, and perhaps a port (RFC 9110 section 7.2).
 */
static bool host_is_fine(struct str host)
{
	struct str name, rest = host;
	long close;

	if (!host.n || host.n > 260)
		return false;
	if (host.p[0] == '[') {
		close = str_find(host, S("]"));
		if (close < 2 || !all_of(str_sub(host, 1, (size_t)close - 1), HEX ":."))
			return false;
		rest = str_sub(host, (size_t)close + 1, host.n);
		return !rest.n || (rest.p[0] == ':' && port_is_fine(str_sub(rest, 1, rest.n)));
	}
	name = str_cut(&rest, ':');
	return all_of(name, LETTERS DIGITS "-._") && port_is_fine(rest);
}

/* The library decodes the path and takes "//" and "/../" out; what is left over of them, and what
 * nobody means, is refused. */
static bool path_is_fine(struct str path)
{
	if (!path.n || path.p[0] != '/' || str_find(path, S("//")) >= 0)
		return false;
	if (str_find(path, S("/../")) >= 0 || str_ends(path, S("/..")))
		return false;
	for (size_t i = 0; i < path.n; i++)
		if (is_control(path.p[i]))
			return false;
	return text_valid_up_to(path) == path.n;
}

static bool query_is_fine(struct str query)
{
	for (size_t i = 0; i < query.n; i++) {
		int byte = query.p[i];

		if (byte == '%') {
			byte = percent_byte(query, i);
			if (byte < 0)
				return false;
			i += 2;
		}
		if (is_control((char)byte))
			return false;
	}
	return true;
}

/* At most 15 digits: far beyond any ceiling, and no number that overflows anything. */
static bool length_is_fine(const struct guard_value *length, uint64_t *bytes)
{
	int64_t n = 0;

	*bytes = 0;
	if (length->twice)
		return false;
	if (!length->there)
		return true;
	if (length->text.n > 15 || !all_of(length->text, DIGITS) || !str_int(length->text, &n))
		return false;
	*bytes = (uint64_t)n;
	return true;
}

static bool value_is_fine(const struct guard_value *value)
{
	return !value->twice && !has_control(value->text);
}

static bool values_are_fine(const struct guard_head *head)
{
	for (size_t i = 0; i < head->n_values; i++)
		if (has_control(head->value[i]))
			return false;
	return value_is_fine(&head->origin) && value_is_fine(&head->authorization) &&
	       value_is_fine(&head->content_type);
}

struct guard_fault guard_request(const struct guard_head *head, uint64_t *body_bytes)
{
	*body_bytes = 0;
	if (!head->method.n || head->other_method)
		return fault(400, "method");
	if (!str_is(head->version, "HTTP/1.1") && !str_is(head->version, "HTTP/1.0"))
		return fault(505, "version");
	if (head->path.n + head->query.n > GUARD_MAX_PATH)
		return fault(414, "path");
	if (head->split_path || !path_is_fine(head->path))
		return fault(400, "path");
	if (!query_is_fine(head->query))
		return fault(400, "query");
	if (head->host.twice || !host_is_fine(head->host.text))
		return fault(400, "host");
	if (head->transfer_encoding)
		return fault(400, "transfer_encoding");
	if (!length_is_fine(&head->content_length, body_bytes))
		return fault(400, "content_length");
	if (!values_are_fine(head))
		return fault(400, "header");
	return fine;
}

static bool names_upgrade(struct str connection)
{
	while (connection.n)
		if (str_eq_nocase(str_trim(str_cut(&connection, ',')), S("upgrade")))
			return true;
	return false;
}

/* 16 bytes in base64: 22 characters and two "=" (RFC 6455 section 4.1, 7.). */
static bool key_is_fine(struct str key)
{
	return key.n == 24 && all_of(str_sub(key, 0, 22), LETTERS DIGITS "+/") &&
	       str_ends(key, S("=="));
}

struct guard_fault guard_websocket(const struct guard_head *head, const struct guard_upgrade *up)
{
	if (up->upgrade.twice || !str_eq_nocase(up->upgrade.text, S("websocket")))
		return fault(400, "upgrade");
	if (!str_is(head->method, "GET"))
		return fault(400, "upgrade_method");
	if (!str_is(head->version, "HTTP/1.1"))
		return fault(400, "upgrade_http_version");
	if (head->content_length.there && !str_is(head->content_length.text, "0"))
		return fault(400, "upgrade_body");
	/* The library copies these into 128 bytes. */
	if (up->connection.text.n > 120 || !names_upgrade(up->connection.text))
		return fault(400, "connection");
	if (up->version.twice || !str_is(up->version.text, "13"))
		return fault(426, "websocket_version");
	if (up->key.twice || !key_is_fine(up->key.text))
		return fault(400, "websocket_key");
	if (up->protocol.there)
		return fault(400, "websocket_protocol");
	return fine;
}
