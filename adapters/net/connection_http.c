/* HTTP: a request with its body, one a connection. */
#include "adapters/net/connections_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LINGER_BYTES = 1 << 20 };

int connection_outcome(const struct connection *c)
{
	return c->stage == STAGE_DONE || c->broken ? -1 : 0;
}

static void body_late(void *self)
{
	struct connection *c = self;

	connections_tell(c->all, "timeouts", "body");
	reply_refuse(c, 408, "late");
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
		return connection_outcome(c);
	}
	e->plan = c->all->setup.plan(c->all->setup.self, &head->head);
	if (e->plan.refuse) {
		reply_refuse(c, e->plan.refuse, "plan");
		return connection_outcome(c);
	}
	if (head->body_bytes > e->plan.max_body_bytes) {
		reply_refuse(c, 413, "body");
		return connection_outcome(c);
	}
	if (!head->body_bytes) {
		deliver(c, &head->head);
		return connection_outcome(c);
	}
	if (!connection_may_hold(c, head->body_bytes)) {
		reply_refuse(c, 503, "memory");
		return connection_outcome(c);
	}
	connection_hold(c, head->body_bytes);
	c->stage = STAGE_BODY; /* the deadline of the head goes on */
	connection_deadline(c,
		c->begun_ms + c->all->setup.limits.request_ms - loop_steady_ms(c->all->setup.loop),
		body_late);
	if (lws_hdr_total_length(c->wsi, WSI_TOKEN_HTTP_EXPECT))
		say_continue(c);
	return connection_outcome(c);
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
		return connection_outcome(c);
	}
	if (!e)
		return 0;
	e->thrown_away += n;
	if (e->thrown_away > LINGER_BYTES)
		return -1;
	return c->stage == STAGE_LINGERING && !reply_lacks_body(e) ? -1 : connection_outcome(c);
}

int on_body_end(struct connection *c, void *in, size_t n)
{
	(void)in;
	(void)n;
	return c->stage == STAGE_LINGERING ? -1 : connection_outcome(c);
}
