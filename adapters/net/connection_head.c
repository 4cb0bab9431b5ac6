/* The head of a request: read out of the library, judged, and given to callers. */
#include "adapters/net/connections_inside.h"

#include <assert.h>
#include <string.h>

#include "bot/base/percent.h"

static char *scratch(struct connections *all, size_t n)
{
	char *p = all->scratch + all->scratched;

	if (n > SCRATCH - all->scratched)
		return NULL;
	all->scratched += n;
	return p;
}

/* A value, joined by commas when it stood in several lines. */
static struct str value_of(struct head *head, enum lws_token_indexes token)
{
	int n = lws_hdr_total_length(head->wsi, token);
	char *copy = n > 0 ? scratch(head->all, (size_t)n + 1) : NULL;

	if (!copy || lws_hdr_copy(head->wsi, copy, n + 1, token) < 0)
		return (struct str){0};
	return (struct str){copy, (size_t)n};
}

static bool is_there(struct lws *wsi, enum lws_token_indexes token)
{
	char any[MAX_HEAD];

	return lws_hdr_total_length(wsi, token) > 0 ||
	       lws_hdr_copy_fragment(wsi, any, sizeof(any), token, 0) >= 0;
}

static bool is_twice(struct lws *wsi, enum lws_token_indexes token)
{
	return lws_hdr_total_length(wsi, token) != lws_hdr_fragment_length(wsi, token, 0);
}

struct guard_value head_once(struct head *head, enum lws_token_indexes token)
{
	return (struct guard_value){.text = value_of(head, token),
		.there = is_there(head->wsi, token),
		.twice = is_twice(head->wsi, token)};
}

static struct str other_header(const struct http_more *more, const char *name)
{
	struct head *head = (struct head *)(uintptr_t)more;
	char key[64], *copy;
	int n_key, n;

	if (strlen(name) + 2 > sizeof(key))
		return (struct str){0};
	n_key = snprintf(key, sizeof(key), "%s:", name);
	n = lws_hdr_custom_length(head->wsi, key, n_key);
	copy = n < 0 ? NULL : scratch(head->all, (size_t)n + 1);
	if (!copy || lws_hdr_custom_copy(head->wsi, copy, n + 1, key, n_key) < 0)
		return (struct str){0};
	return str_trim((struct str){copy, (size_t)n});
}

/* The library has cut the query at its separators and decoded it: back to what it was. */
static struct str query_of(struct head *head)
{
	struct buf *query = &head->all->query;
	char part[GUARD_MAX_PATH + 2];

	buf_clear(query);
	for (int i = 0;; i++) {
		struct str value, name;
		int n = lws_hdr_copy_fragment(
			head->wsi, part, sizeof(part), WSI_TOKEN_HTTP_URI_ARGS, i);

		if (n < 0)
			return buf_str(query);
		value = (struct str){part, (size_t)n};
		if (i)
			buf_addc(query, '&');
		name = str_cut(&value, '=');
		percent_encode(name, query);
		if (name.n < (size_t)n)
			buf_addc(query, '=');
		percent_encode(value, query);
	}
}

static bool has_other_spelling(struct lws *wsi, const char *name)
{
	return lws_hdr_custom_length(wsi, name, (int)strlen(name)) >= 0;
}

static void read_request_line(struct head *head)
{
	static const struct {
		const char *name;
		enum lws_token_indexes token;
	} method[] = {
		[LWSHUMETH_GET] = {"GET", WSI_TOKEN_GET_URI},
		[LWSHUMETH_POST] = {"POST", WSI_TOKEN_POST_URI},
		[LWSHUMETH_OPTIONS] = {"OPTIONS", WSI_TOKEN_OPTIONS_URI},
		[LWSHUMETH_PUT] = {"PUT", WSI_TOKEN_PUT_URI},
		[LWSHUMETH_PATCH] = {"PATCH", WSI_TOKEN_PATCH_URI},
		[LWSHUMETH_DELETE] = {"DELETE", WSI_TOKEN_DELETE_URI},
		[LWSHUMETH_CONNECT] = {"", WSI_TOKEN_CONNECT},
		[LWSHUMETH_HEAD] = {"HEAD", WSI_TOKEN_HEAD_URI},
	};
	char *path;
	int n, which = lws_http_get_uri_and_method(head->wsi, &path, &n);

	head->guard.other_method = which < 0;
	if (which < 0 || (size_t)which >= sizeof(method) / sizeof(method[0]))
		return;
	head->guard.method = str_of(method[which].name);
	head->guard.path = (struct str){path, (size_t)n};
	head->guard.split_path = is_twice(head->wsi, method[which].token);
	head->guard.query = query_of(head);
	head->guard.version = value_of(head, WSI_TOKEN_HTTP);
	if (head->all->query.over)
		head->guard.path.n = GUARD_MAX_PATH + 1;
}

bool connections_trusts(const struct connections *all, struct address address)
{
	for (size_t i = 0; i < all->setup.n_trusted_proxies; i++)
		if (address_eq(all->trusted[i], address))
			return true;
	return false;
}

/* Who a trusted proxy says it is; that party's count is what matters then.  A head that is read
 * again is not another connection of theirs. */
static bool believe_proxy(struct connection *c, struct head *head, struct str forwarded_for)
{
	struct connections *all = c->all;
	const char *why;

	if (!c->proxied && !connections_trusts(all, c->address)) {
		head->head.forwarded = forwarded_for.n > 0;
		return true;
	}
	if (str_eq_nocase(other_header(&head->more, "x-forwarded-proto"), S("https")))
		head->head.tls = true;
	if (c->proxied)
		return true;
	c->proxied = true;
	c->address = address_forwarded(
		c->address, forwarded_for, all->trusted, all->setup.n_trusted_proxies);
	if (connections_trusts(all, c->address) || address_is_loopback(c->address))
		return true;
	c->peer = peers_enter(all->peers, c->address, loop_steady_ms(all->setup.loop), &why);
	return c->peer != NULL;
}

static void read_values(struct head *head)
{
	struct http_head *outer = &head->head;

	outer->method = head->guard.method;
	outer->path = head->guard.path;
	outer->query = head->guard.query;
	outer->host = head->guard.host.text;
	outer->origin = head->guard.origin.text;
	outer->authorization = head->guard.authorization.text;
	outer->content_type = head->guard.content_type.text;
	outer->accept = value_of(head, WSI_TOKEN_HTTP_ACCEPT);
	outer->accept_language = value_of(head, WSI_TOKEN_HTTP_ACCEPT_LANGUAGE);
	outer->accept_encoding = value_of(head, WSI_TOKEN_HTTP_ACCEPT_ENCODING);
	outer->cookie = value_of(head, WSI_TOKEN_HTTP_COOKIE);
	outer->if_none_match = value_of(head, WSI_TOKEN_HTTP_IF_NONE_MATCH);
	outer->user_agent = value_of(head, WSI_TOKEN_HTTP_USER_AGENT);
}

struct guard_fault head_read(struct connection *c)
{
	struct connections *all = c->all;
	struct head *head = &all->head;
	struct str forwarded_for, value[7];
	struct guard_fault fault;
	struct lws *wsi = c->wsi;

	memset(head, 0, sizeof(*head));
	head->wsi = wsi;
	head->all = all;
	head->more.header = other_header;
	head->head.more = &head->more;
	head->head.tls = lws_is_ssl(wsi);
	all->head_of = c;
	all->scratched = 0;
	read_request_line(head);
	head->guard.host = head_once(head, WSI_TOKEN_HOST);
	head->guard.content_length = head_once(head, WSI_TOKEN_HTTP_CONTENT_LENGTH);
	head->guard.content_length.twice |= has_other_spelling(wsi, "content-length :");
	head->guard.origin = head_once(head, WSI_TOKEN_ORIGIN);
	head->guard.authorization = head_once(head, WSI_TOKEN_HTTP_AUTHORIZATION);
	head->guard.content_type = head_once(head, WSI_TOKEN_HTTP_CONTENT_TYPE);
	head->guard.transfer_encoding = is_there(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) ||
					has_other_spelling(wsi, "transfer-encoding :") ||
					has_other_spelling(wsi, "transfer-encoding\t:");
	read_values(head);
	forwarded_for = value_of(head, WSI_TOKEN_X_FORWARDED_FOR);
	value[0] = forwarded_for;
	value[1] = head->head.accept;
	value[2] = head->head.accept_language;
	value[3] = head->head.accept_encoding;
	value[4] = head->head.cookie;
	value[5] = head->head.if_none_match;
	value[6] = head->head.user_agent;
	head->guard.value = value;
	head->guard.n_values = 7;
	fault = guard_request(&head->guard, &head->body_bytes);
	head->guard.value = NULL;
	if (!fault.status && !believe_proxy(c, head, forwarded_for))
		fault = (struct guard_fault){429, "address"};
	head->head.address = address_text(c->address, head->address);
	all->head_scratched = all->scratched;
	return fault;
}

const struct http_head *head_again(struct connection *c)
{
	struct connections *all = c->all;

	if (all->head_of != c) {
		struct guard_fault fault = head_read(c);

		assert(!fault.status);
	}
	all->scratched = all->head_scratched;
	return &all->head.head;
}
