/* The caller's side of a listener: what is told is called, what is wanted is bid. */
#include "adapters/net/listener_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

enum {
	OTHER_DESCRIPTORS = 1024, /* of the whole process: files, and connections that it opens */
	/* What may be on its way to the network for one socket, in its queues' sizes: a round of
	 * the caller's loop can bring much at once. */
	QUEUES_IN_LETTERS = 8,
	KNOCK_AT = 16, /* letters: to be woken costs more than to wait for a few others */
};

size_t listener_descriptors(const struct listener_limits *limits)
{
	return connections_most(limits) + OTHER_DESCRIPTORS;
}

/* --- questions and errands --- */

void listener_judge(struct listener *listener, struct question *question)
{
	const struct listener_setup *setup = &listener->setup;
	unsigned status = 403;

	if (!question->socket)
		question->plan = setup->judge(setup->self, question->head);
	else if (!setup->open(setup->self, question->socket, question->head, &status))
		question->refuse = status;
}

/* Under the lock, but for the judging. */
static void answer_question(struct listener *listener)
{
	struct network *network = &listener->network;
	struct question *question = network->question;

	network->question = NULL;
	if (network->refuses) {
		question->plan.refuse = question->refuse = 503;
	} else {
		pthread_mutex_unlock(&network->lock);
		listener_judge(listener, question);
		pthread_mutex_lock(&network->lock);
	}
	question->done = true;
	pthread_cond_broadcast(&network->changed);
}

static void answer_questions(void *self)
{
	struct listener *listener = self;

	pthread_mutex_lock(&listener->network.lock);
	if (listener->network.question)
		answer_question(listener);
	pthread_mutex_unlock(&listener->network.lock);
}

void listener_wait(struct listener *listener, const bool *done)
{
	struct network *network = &listener->network;

	pthread_mutex_lock(&network->lock);
	while (!*done) {
		if (network->question)
			answer_question(listener);
		else
			pthread_cond_wait(&network->changed, &network->lock);
	}
	pthread_mutex_unlock(&network->lock);
}

static void knock(void *self)
{
	struct listener *listener = self;

	if (listener->together)
		mailbox_empty(listener->network.mail, NULL);
	else
		mailbox_knock(listener->network.mail);
}

/* The network is woken for several at once, and for the last before this thread sleeps. */
static void bid_parts(
	struct listener *listener, const struct letter *letter, const struct str *part, size_t n)
{
	size_t n_letters = mailbox_lay_parts(listener->network.mail, letter, part, n);

	if (n_letters == KNOCK_AT && !listener->together) {
		loop_finish_not(listener->setup.loop, &listener->knock);
		knock(listener);
	} else if (n_letters < KNOCK_AT || listener->together) {
		loop_finish(listener->setup.loop, &listener->knock, knock, listener);
	}
}

void listener_bid(struct listener *listener, const struct letter *letter)
{
	bid_parts(listener, letter, &letter->text, 1);
}

/* --- errands given --- */

static bool run_errand(struct listener *listener,
	bool (*run)(struct connections *connections, struct buf *error), struct buf *error)
{
	struct errand errand = {.run = run, .error = error};

	if (listener->together)
		return run(listener->network.connections, error);
	together_not_now(listener);
	mailbox_put(listener->network.mail, &(struct letter){.kind = BID_ERRAND, .to = &errand});
	listener_wait(listener, &errand.done);
	return errand.good;
}

/* --- told --- */

struct wanted {
	struct http_more more; /* first */
	const char *const *name;
	struct str value[HTTP_MAX_WANTED];
};

static struct str wanted_header(const struct http_more *more, const char *name)
{
	const struct wanted *wanted = (const struct wanted *)more;
	size_t i = 0;

	while (wanted->name && wanted->name[i] && strcmp(wanted->name[i], name))
		i++;
	assert(wanted->name && wanted->name[i]); /* else the plan forgot it */
	return wanted->value[i];
}

static struct exchange *exchange_new(struct listener *listener, struct reply *reply)
{
	struct exchange *exchange = calloc(1, sizeof(*exchange));

	assert(exchange);
	exchange->listener = listener;
	exchange->reply = reply;
	DL_APPEND(listener->waiting, exchange);
	return exchange;
}

void listener_hear_request(struct listener *listener, struct reply *reply,
	const struct http_head *head, struct str body)
{
	together_look(listener);
	listener->setup.request(listener->setup.self, exchange_new(listener, reply), head, body);
}

static void hear_request(struct listener *listener, const struct letter *letter)
{
	const struct request_letter *head_of = (const void *)letter->text.p;
	const char *at = letter->text.p + sizeof(*head_of);
	struct wanted wanted = {.more = {wanted_header}, .name = letter->more};
	struct http_head head = {
		.tls = head_of->tls, .forwarded = head_of->forwarded, .more = &wanted.more};
	struct str *text[MAX_TEXTS];

	head_texts(&head, text);
	for (size_t i = 0; i < HTTP_MAX_WANTED; i++)
		text[HEAD_TEXTS + i] = &wanted.value[i];
	for (size_t i = 0; i < MAX_TEXTS; i++) {
		*text[i] = (struct str){at, head_of->n[i]};
		at += head_of->n[i];
	}
	listener_hear_request(listener, letter->to, &head, head_of->body);
}

static void hear_message(struct listener *listener, const struct letter *letter)
{
	struct socket *socket = letter->to;

	atomic_fetch_sub(&socket->unheard, (unsigned)letter->number);
	atomic_fetch_sub(&listener->unheard, letter->number);
	if (!socket->closing)
		listener->setup.message(listener->setup.self, socket, letter->text);
}

static void hear_closed(struct listener *listener, struct socket *socket)
{
	together_look(listener);
	listener->setup.closed(listener->setup.self, socket);
	listener_bid(listener,
		&(struct letter){.kind = BID_FREE, .to = socket->connection, .more = socket});
}

void listener_hear(void *self, const struct letter *letter)
{
	struct listener *listener = self;

	switch ((enum told)letter->kind) {
	case TOLD_REQUEST:
		hear_request(listener, letter);
		break;
	case TOLD_OPENED:
		together_look(listener);
		listener->setup.opened(listener->setup.self, letter->to);
		break;
	case TOLD_MESSAGE:
		hear_message(listener, letter);
		break;
	case TOLD_CLOSED:
		hear_closed(listener, letter->to);
		break;
	case TOLD_EVENT:
		if (listener->setup.event)
			listener->setup.event(listener->setup.self, letter->to, letter->more);
		break;
	case TOLD_RESTS:
		together_hear(listener, letter);
		break;
	}
}

/* When the network has ended. */
static void hear_last(void *self, const struct letter *letter)
{
	if (letter->kind == TOLD_REQUEST)
		reply_drop(letter->to);
	else if (letter->kind != TOLD_MESSAGE)
		listener_hear(self, letter);
}

/* --- the listener --- */

struct listener *listener_begin(const struct listener_setup *setup)
{
	struct listener *listener = calloc(1, sizeof(*listener));

	assert(listener);
	listener->setup = *setup;
	together_prepare(listener);
	connections_default(&listener->setup.limits);
	listener->mail = mailbox_new(setup->loop, listener_hear, answer_questions, listener);
	network_begin(listener);
	return listener;
}

bool listener_listen(struct listener *listener, struct buf *error)
{
	struct network *network = &listener->network;

	listener_wait(listener, &network->opened);
	if (!network->connections) {
		buf_add(error, buf_str(&network->error));
		return false;
	}
	together_begin(listener);
	if (!run_errand(listener, connections_listen, error))
		return false;
	listener->port = connections_port(network->connections);
	return true;
}

struct listener *listener_open(const struct listener_setup *setup, struct buf *error)
{
	struct listener *listener = listener_begin(setup);

	if (listener_listen(listener, error))
		return listener;
	listener_close(listener);
	return NULL;
}

int listener_port(const struct listener *listener)
{
	return listener->port;
}

static bool drain(struct connections *connections, struct buf *error)
{
	(void)error;
	connections_drain(connections);
	return true;
}

void listener_drain(struct listener *listener)
{
	(void)run_errand(listener, drain, NULL);
}

bool listener_renew(struct listener *listener, struct buf *error)
{
	return run_errand(listener, connections_renew, error);
}

size_t listener_connections(const struct listener *listener)
{
	return connections_count(listener->network.connections);
}

/* Whoever answers later finds nobody. */
static void orphan(struct listener *listener)
{
	struct exchange *exchange, *next;

	DL_FOREACH_SAFE(listener->waiting, exchange, next)
	{
		reply_drop(exchange->reply);
		exchange->listener = NULL;
	}
}

void listener_close(struct listener *listener)
{
	struct network *network;

	if (!listener)
		return;
	network = &listener->network;
	pthread_mutex_lock(&network->lock);
	network->refuses = true;
	pthread_mutex_unlock(&network->lock);
	together_end(listener);
	network_end(listener);
	mailbox_empty(listener->mail, hear_last);
	mailbox_empty(network->mail, NULL);
	orphan(listener);
	loop_finish_not(listener->setup.loop, &listener->knock);
	mailbox_free(listener->mail);
	mailbox_free(network->mail);
	loop_free(network->loop);
	buf_release(&network->error);
	pthread_cond_destroy(&network->changed);
	pthread_mutex_destroy(&network->lock);
	free(listener);
}

/* --- exchanges --- */

static struct reply *end_exchange(struct exchange *exchange)
{
	struct reply *reply = exchange->reply;

	if (exchange->listener)
		DL_DELETE(exchange->listener->waiting, exchange);
	free(exchange);
	return reply;
}

void exchange_answer(struct exchange *exchange, const struct http_answer *answer)
{
	struct listener *listener = exchange->listener;
	struct reply *reply = end_exchange(exchange);
	struct answer_letter letter = {.status = answer->status,
		.n_type = answer->type.n,
		.n_headers = answer->n_headers,
		.n_body = answer->body.n,
		.leave_out = answer->leave_out,
		.body = answer->body_is_static ? answer->body.p : NULL};
	size_t length[MAX_ANSWER_HEADERS], n = 0;
	struct str part[MAX_ANSWER_HEADERS + 4];

	if (!listener) {
		if (answer->file)
			close(answer->file->descriptor);
		return;
	}
	if (answer->file) {
		letter.has_file = true;
		letter.file = *answer->file;
	}
	assert(answer->n_headers <= MAX_ANSWER_HEADERS);
	part[n++] = (struct str){(char *)&letter, sizeof(letter)};
	part[n++] = (struct str){(char *)length, answer->n_headers * sizeof(*length)};
	part[n++] = answer->type;
	for (size_t i = 0; i < answer->n_headers; i++) {
		length[i] = answer->headers[i].n;
		part[n++] = answer->headers[i];
	}
	if (!answer->body_is_static)
		part[n++] = answer->body;
	bid_parts(listener, &(struct letter){.kind = BID_ANSWER, .to = reply}, part, n);
}

void exchange_drop(struct exchange *exchange)
{
	struct listener *listener = exchange->listener;
	struct reply *reply = end_exchange(exchange);

	if (listener)
		listener_bid(listener, &(struct letter){.kind = BID_DROP, .to = reply});
}

/* --- sockets --- */

bool socket_send(struct socket *socket, struct str text)
{
	struct listener *listener = socket->listener;
	size_t most = QUEUES_IN_LETTERS * listener->setup.limits.max_queue_bytes;

	if (socket->closing)
		return true;
	if (atomic_load(&socket->unsent) + text.n > most) {
		listener_hear(listener, &(struct letter){.kind = TOLD_EVENT,
						.to = (void *)(uintptr_t) "messages_refused",
						.more = "queue"});
		socket_close(socket, 1013, "too much is waiting");
		return false;
	}
	atomic_fetch_add(&socket->unsent, (unsigned)text.n);
	listener_bid(listener,
		&(struct letter){
			.kind = BID_SEND, .to = socket->connection, .more = socket, .text = text});
	return true;
}

void socket_close(struct socket *socket, unsigned code, const char *reason)
{
	const char *why = reason ? reason : "";

	if (socket->closing)
		return;
	socket->closing = true;
	listener_bid(socket->listener, &(struct letter){.kind = BID_CLOSE,
					       .number = code,
					       .to = socket->connection,
					       .more = socket,
					       .text = {why, strlen(why) + 1}});
}

void socket_keep(struct socket *socket, void *own)
{
	socket->own = own;
}

void *socket_kept(const struct socket *socket)
{
	return socket->own;
}

unsigned socket_sort(const struct socket *socket)
{
	return socket->sort;
}

struct str socket_address(const struct socket *socket)
{
	return address_text(socket->address, socket->listener->address);
}
