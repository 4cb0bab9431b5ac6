/* HTTP: reading and judging the head, the body, the answer.  One request a connection. */
#include "adapters/net/connections_inside.h"

#include <assert.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/percent.h"

enum {
	LINGER_MS = 2000, /* for a client that still sends the body of a refused request */
	LINGER_BYTES = 1 << 20,
	MAX_FILES = 64, /* open at a time; a quarter of the descriptors that no connection takes */
};

/* --- the head of a request --- */

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

/* The same again, when the body is there: read anew only if another came in between. */
static const struct http_head *head_again(struct connection *c)
{
	struct connections *all = c->all;

	if (all->head_of != c) {
		struct guard_fault fault = head_read(c);

		assert(!fault.status);
	}
	all->scratched = all->head_scratched;
	return &all->head.head;
}

/* --- answers --- */

static struct reply *reply_new(struct connection *c)
{
	struct reply *e = calloc(1, sizeof(*e));

	assert(e && !c->reply);
	e->connection = c;
	e->file = -1;
	c->reply = e;
	return e;
}

void reply_free(struct reply *e)
{
	if (e->file >= 0)
		close(e->file);
	free(e->body);
	free(e->out);
	free(e);
}

static bool is_clean(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F)
			return false;
	return true;
}

/* Writes head lines through the library; on the first that does not fit @failed is set. */
struct lines {
	struct lws *wsi;
	unsigned char *at, *end;
	bool failed;
};

static void add_line(struct lines *lines, const char *name, struct str value)
{
	lines->failed =
		lines->failed ||
		lws_add_http_header_by_name(lines->wsi, (const unsigned char *)name,
			(const unsigned char *)value.p, (int)value.n, &lines->at, lines->end);
}

static void add_own_line(struct lines *lines, struct str line)
{
	struct str value = line, name = str_cut(&value, ':');
	char copy[80];

	if (!is_clean(line) || !name.n || name.n + 2 > sizeof(copy))
		return;
	snprintf(copy, sizeof(copy), "%.*s:", STR(name));
	add_line(lines, copy, str_trim(value));
}

static size_t head_room(const struct http_answer *answer)
{
	size_t n = 320 + answer->type.n;

	for (size_t i = 0; i < answer->n_headers; i++)
		n += answer->headers[i].n + 8;
	return n;
}

static bool may_have_body(unsigned status)
{
	return status != 204 && status != 304;
}

/* The answer's bytes: head and body in one piece, except that what is static and long stays where
 * it is. */
static bool compose(struct reply *e, const struct http_answer *answer)
{
	size_t room = head_room(answer);
	size_t n_whole = answer->file ? answer->file->n_bytes : answer->body.n;
	size_t n_body = may_have_body(answer->status) && !e->is_head ? n_whole : 0;
	size_t left_out = answer->leave_out < n_body ? answer->leave_out : n_body;
	bool apart = answer->file || (answer->body_is_static && n_body > 1024);
	struct lines lines = {e->connection->wsi, NULL, NULL, false};
	unsigned char *start;

	e->out = malloc(LWS_PRE + room + (apart ? 0 : n_body));
	assert(e->out);
	start = lines.at = e->out + LWS_PRE;
	lines.end = start + room;
	if (lws_add_http_header_status(
		    lines.wsi, answer->status | LWSAHH_FLAG_NO_SERVER_NAME, &lines.at, lines.end))
		return false;
	if (answer->type.n && is_clean(answer->type))
		add_line(&lines, "content-type:", answer->type);
	if (may_have_body(answer->status) &&
		lws_add_http_header_content_length(lines.wsi, n_whole, &lines.at, lines.end))
		return false;
	for (size_t i = 0; i < answer->n_headers; i++)
		add_own_line(&lines, answer->headers[i]);
	add_line(&lines, "x-content-type-options:", S("nosniff"));
	add_line(&lines, "referrer-policy:", S("no-referrer"));
	add_line(&lines, "connection:", S("close"));
	if (lines.failed || lws_finalize_http_header(lines.wsi, &lines.at, lines.end))
		return false;
	e->n_out = (size_t)(lines.at - start);
	n_body -= left_out;
	if (apart) {
		e->rest = answer->body.p;
		e->n_rest = n_body;
	} else if (n_body) {
		memcpy(lines.at, answer->body.p, n_body);
		e->n_out += n_body;
	}
	return true;
}

static bool is_body_missing(const struct reply *e)
{
	return e->n_body + e->thrown_away < e->body_bytes;
}

static void answer_late(void *self)
{
	struct connection *c = self;

	connections_tell(c->all, "timeouts", "answer");
	connection_kill_soon(c);
}

static void all_written(struct connection *c)
{
	if (is_body_missing(c->reply)) {
		c->stage = STAGE_LINGERING; /* closing at once would reset what we wrote */
		connection_deadline(c, LINGER_MS, connection_kill);
		return;
	}
	c->stage = STAGE_DONE;
	if (!c->inside && lws_partial_buffered(c->wsi))
		connection_ask_to_write(c); /* there it is closed */
}

/* What is written next leaves together with the end of the connection, which comes at once: one
 * packet instead of two. */
static void hold_for_the_end(const struct connection *c)
{
	int on = 1;

	(void)setsockopt(lws_get_socket_fd(c->wsi), IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
}

/* What is written next, and how much of it; NULL: the file has less than it had. */
static unsigned char *next_piece(struct connection *c, size_t *n)
{
	struct reply *e = c->reply;
	size_t at = e->written, rest_at = at - e->n_out;
	unsigned char *piece = c->all->piece + LWS_PRE;

	*n = at < e->n_out ? e->n_out - at : e->n_rest - rest_at;
	*n = *n < PIECE ? *n : PIECE;
	if (at < e->n_out)
		return e->out + LWS_PRE + at;
	if (e->file < 0)
		return (unsigned char *)(uintptr_t)e->rest + rest_at;
	return pread(e->file, piece, *n, (off_t)rest_at) == (ssize_t)*n ? piece : NULL;
}

/* One piece; the next when the socket is writable again. */
static void write_piece(struct connection *c)
{
	struct reply *e = c->reply;
	size_t total = e->n_out + e->n_rest, at = e->written, n;
	unsigned char *from = next_piece(c, &n);
	int wrote = -1;

	if (from && at + n == total && !is_body_missing(e) && !lws_is_ssl(c->wsi))
		hold_for_the_end(c);
	if (from)
		wrote = lws_write(c->wsi, from, n, at ? LWS_WRITE_HTTP : LWS_WRITE_HTTP_HEADERS);
	if (wrote < 0) {
		c->broken = true;
		c->stage = STAGE_DONE;
		return;
	}
	e->written += n; /* what the socket did not take the library keeps */
	if (e->written == total)
		all_written(c);
	else
		connection_ask_to_write(c);
}

static void drop_file(const struct http_answer *answer)
{
	if (answer->file)
		close(answer->file->descriptor);
}

static size_t weight_of(const struct connection *c, const struct http_answer *answer)
{
	if (answer->file)
		return c->all->setup.limits.max_held_bytes / MAX_FILES;
	return answer->body_is_static ? 0 : answer->body.n;
}

/* @answer, or that there is no room for it. */
static const struct http_answer *with_room(struct connection *c, const struct http_answer *answer)
{
	static const struct http_answer no_room = {.status = 503,
		.type = S("text/plain; charset=utf-8"),
		.body = S("too much is on its way just now; please try again\n")};
	size_t n = weight_of(c, answer);

	if (connection_may_hold(c, n)) {
		connection_hold(c, n);
		return answer;
	}
	connections_tell(c->all, "requests_refused", "memory");
	drop_file(answer);
	return &no_room;
}

void reply_answer(struct reply *e, const struct http_answer *answer)
{
	struct connection *c = e->connection;

	assert(!e->out);
	if (!c) {
		drop_file(answer);
		reply_free(e);
		return;
	}
	answer = with_room(c, answer);
	e->file = answer->file ? answer->file->descriptor : -1;
	c->stage = STAGE_ANSWERING;
	if (!compose(e, answer)) {
		c->broken = true;
		connection_kill_soon(c);
		return;
	}
	write_piece(c);
	if (c->stage == STAGE_ANSWERING)
		connection_deadline(c, 4 * c->all->setup.limits.request_ms, answer_late);
	else if (c->stage == STAGE_DONE && !c->inside && !c->asked)
		connection_kill(c);
}

void reply_drop(struct reply *e)
{
	struct connection *c = e->connection;

	assert(!e->out);
	if (!c) {
		reply_free(e);
		return;
	}
	c->stage = STAGE_DONE;
	c->broken = true;
	connection_kill_soon(c);
}

void reply_refuse(struct connection *c, unsigned status, const char *why)
{
	struct http_answer answer = {.status = status, .type = S("text/plain; charset=utf-8")};

	if (!c->reply)
		reply_new(c);
	connections_tell(c->all, "requests_refused", why);
	reply_answer(c->reply, &answer);
}

/* --- requests --- */

static int outcome(const struct connection *c)
{
	return c->stage == STAGE_DONE || c->broken ? -1 : 0;
}

static void body_late(void *self)
{
	struct connection *c = self;

	connections_tell(c->all, "timeouts", "body");
	reply_refuse(c, 408, "late");
}

/* The head is not complete: nothing is known of the request, and a TLS handshake may be unfinished.
 */
void head_late(void *self)
{
	struct connection *c = self;

	connections_tell(c->all, "timeouts", "head");
	if (!lws_is_ssl(c->wsi)) {
		struct http_answer answer = {.status = 408};

		if (compose(reply_new(c), &answer) && lws_write(c->wsi, c->reply->out + LWS_PRE,
							      c->reply->n_out, LWS_WRITE_HTTP) < 0)
			c->broken = true;
	}
	connection_kill_soon(c);
}

static void deliver(struct connection *c, const struct http_head *head)
{
	struct reply *e = c->reply;

	c->stage = STAGE_WAITING;
	connection_no_deadline(c);
	c->all->setup.request(
		c->all->setup.self, e, head, &e->plan, (struct str){e->body, e->n_body});
}

static void say_continue(struct connection *c)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
	unsigned char bytes[LWS_PRE + sizeof(text)];

	memcpy(bytes + LWS_PRE, text, sizeof(text));
	if (lws_write(c->wsi, bytes + LWS_PRE, sizeof(text) - 1, LWS_WRITE_HTTP_HEADERS) < 0)
		c->broken = true;
}

int on_request(struct connection *c, void *in, size_t n)
{
	struct head *head = &c->all->head;
	struct guard_fault fault;
	struct reply *e;

	(void)in;
	(void)n;
	lws_set_timeout(c->wsi, NO_PENDING_TIMEOUT, 0);
	fault = head_read(c);
	e = reply_new(c);
	e->body_bytes = head->body_bytes;
	e->is_head = str_is(head->guard.method, "HEAD");
	if (fault.status) {
		reply_refuse(c, fault.status, fault.why);
		return outcome(c);
	}
	e->plan = c->all->setup.plan(c->all->setup.self, &head->head);
	if (e->plan.refuse) {
		reply_refuse(c, e->plan.refuse, "plan");
		return outcome(c);
	}
	if (head->body_bytes > e->plan.max_body_bytes) {
		reply_refuse(c, 413, "body");
		return outcome(c);
	}
	if (!head->body_bytes) {
		deliver(c, &head->head);
		return outcome(c);
	}
	if (!connection_may_hold(c, head->body_bytes)) {
		reply_refuse(c, 503, "memory");
		return outcome(c);
	}
	connection_hold(c, head->body_bytes);
	c->stage = STAGE_BODY; /* the deadline of the head goes on */
	connection_deadline(c,
		c->begun_ms + c->all->setup.limits.request_ms - loop_steady_ms(c->all->setup.loop),
		body_late);
	if (lws_hdr_total_length(c->wsi, WSI_TOKEN_HTTP_EXPECT))
		say_continue(c);
	return outcome(c);
}

static void take_body(struct reply *e, struct str bytes)
{
	if (!e->body) {
		e->body = malloc(e->body_bytes);
		assert(e->body);
	}
	if (bytes.n > e->body_bytes - e->n_body)
		bytes.n = e->body_bytes - e->n_body;
	memcpy(e->body + e->n_body, bytes.p, bytes.n);
	e->n_body += bytes.n;
}

int on_body(struct connection *c, void *in, size_t n)
{
	struct reply *e = c->reply;

	if (c->stage == STAGE_BODY) {
		if (n)
			take_body(e, (struct str){in, n});
		if (e->n_body == e->body_bytes)
			deliver(c, head_again(c));
		return outcome(c);
	}
	if (!e)
		return 0;
	e->thrown_away += n;
	if (e->thrown_away > LINGER_BYTES)
		return -1;
	return c->stage == STAGE_LINGERING && !is_body_missing(e) ? -1 : outcome(c);
}

int on_body_end(struct connection *c, void *in, size_t n)
{
	(void)in;
	(void)n;
	return c->stage == STAGE_LINGERING ? -1 : outcome(c);
}

int on_http_writable(struct connection *c, void *in, size_t n)
{
	(void)in;
	(void)n;
	c->asked = false;
	if (c->stage == STAGE_ANSWERING)
		write_piece(c);
	return outcome(c);
}
