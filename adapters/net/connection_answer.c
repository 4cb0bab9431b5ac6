/* Answers: composed, written piece by piece, and the end of the connection after them. */
#include "adapters/net/connections_inside.h"

#include <assert.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

enum {
	SHORT = 16384,    /* there is room for it always: what was asked for is done */
	LINGER_MS = 2000, /* for a client that still sends the body of a refused request */
};

struct reply *reply_new(struct connection *c)
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

bool reply_lacks_body(const struct reply *e)
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
	if (reply_lacks_body(c->reply)) {
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

	if (from && at + n == total && !reply_lacks_body(e) && !lws_is_ssl(c->wsi))
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

static size_t weight_of(const struct http_answer *answer)
{
	return answer->file || answer->body_is_static ? 0 : answer->body.n;
}

static bool has_room(const struct connection *c, const struct http_answer *answer)
{
	size_t n = weight_of(answer);

	return answer->file ? connection_may_have_file(c) : n <= SHORT || connection_may_hold(c, n);
}

/* @answer, or that there is no room for it. */
static const struct http_answer *with_room(struct connection *c, const struct http_answer *answer)
{
	static const struct http_answer no_room = {.status = 503,
		.type = S("text/plain; charset=utf-8"),
		.body = S("too much is on its way just now; please try again\n")};

	if (has_room(c, answer)) {
		connection_hold(c, weight_of(answer));
		if (answer->file)
			connection_have_file(c);
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

int on_http_writable(struct connection *c, void *in, size_t n)
{
	(void)in;
	(void)n;
	c->asked = false;
	if (c->stage == STAGE_ANSWERING)
		write_piece(c);
	return connection_outcome(c);
}
