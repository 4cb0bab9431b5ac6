/* The network's side of a listener: its thread, what it tells, what it is bid. */
#include "adapters/net/listener_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/thread/thread.h"

enum {
	LETTER_BYTES = 64,      /* what a message weighs beside its text */
	MAX_UNHEARD = 64 << 20, /* of all sockets together: the caller is far behind */
	MAX_ERROR = 1000,
};

void head_texts(struct http_head *head, struct str *text[HEAD_TEXTS])
{
	struct str *all[] = {&head->method, &head->path, &head->query, &head->host, &head->origin,
		&head->authorization, &head->content_type, &head->accept, &head->accept_language,
		&head->cookie, &head->if_none_match, &head->user_agent, &head->accept_encoding,
		&head->address};

	_Static_assert(sizeof(all) / sizeof(all[0]) == HEAD_TEXTS, "one place for each");
	memcpy(text, all, sizeof(all));
}

/* --- told --- */

static void tell(struct listener *listener, const struct letter *letter)
{
	if (listener->together)
		listener_hear(listener, letter);
	else
		mailbox_put(listener->mail, letter);
}

static void ask(struct listener *listener, struct question *question)
{
	struct network *network = &listener->network;

	if (listener->together) {
		listener_judge(listener, question);
		return;
	}
	pthread_mutex_lock(&network->lock);
	network->question = question;
	pthread_cond_broadcast(&network->changed);
	pthread_mutex_unlock(&network->lock);
	mailbox_knock(listener->mail);
	pthread_mutex_lock(&network->lock);
	while (!question->done)
		pthread_cond_wait(&network->changed, &network->lock);
	pthread_mutex_unlock(&network->lock);
}

static struct http_plan plan(void *self, const struct http_head *head)
{
	struct listener *listener = self;
	struct http_plan plan = listener->setup.plan(listener->setup.self, head);
	struct question question = {.head = head};

	if (!plan.judge)
		return plan;
	ask(listener, &question);
	return question.plan;
}

static size_t n_wanted(const struct http_plan *plan)
{
	size_t n = 0;

	while (plan->wanted && plan->wanted[n])
		n++;
	assert(n <= HTTP_MAX_WANTED);
	return n;
}

static void request(void *self, struct reply *reply, const struct http_head *head,
	const struct http_plan *plan, struct str body)
{
	struct listener *listener = self;
	struct http_head copy = *head;
	struct request_letter letter = {
		.body = body, .tls = head->tls, .forwarded = head->forwarded};
	struct str *text[HEAD_TEXTS], part[1 + MAX_TEXTS];
	size_t n = n_wanted(plan);

	if (listener->together) {
		listener_hear_request(listener, reply, head, body);
		return;
	}
	head_texts(&copy, text);
	part[0] = (struct str){(char *)&letter, sizeof(letter)};
	for (size_t i = 0; i < HEAD_TEXTS; i++)
		part[1 + i] = *text[i];
	for (size_t i = 0; i < n; i++)
		part[1 + HEAD_TEXTS + i] = http_header(head, plan->wanted[i]);
	n += HEAD_TEXTS;
	for (size_t i = 0; i < n; i++)
		letter.n[i] = (uint32_t)part[1 + i].n;
	mailbox_put_parts(listener->mail,
		&(struct letter){.kind = TOLD_REQUEST, .to = reply, .more = plan->wanted}, part,
		1 + n);
}

static struct socket *socket_new(struct listener *listener, struct connection *connection)
{
	struct socket *socket = calloc(1, sizeof(*socket));

	assert(socket);
	socket->listener = listener;
	socket->connection = connection;
	socket->address = connection_address(connection);
	return socket;
}

static unsigned may_open(
	struct listener *listener, struct socket *socket, const struct http_head *head)
{
	struct socket_plan plan = {.refuse = 404};
	struct question question = {.head = head, .socket = socket};

	if (listener->setup.admit)
		plan = listener->setup.admit(listener->setup.self, head);
	socket->sort = (uint8_t)plan.sort;
	if (plan.refuse || !plan.judge)
		return plan.refuse;
	ask(listener, &question);
	return question.refuse;
}

static unsigned open_socket(void *self, struct connection *connection, const struct http_head *head)
{
	struct listener *listener = self;
	struct socket *socket = socket_new(listener, connection);
	unsigned refuse = may_open(listener, socket, head);

	if (refuse)
		free(socket);
	else
		connection_keep(connection, socket);
	return refuse;
}

static void tell_of(struct connection *connection, enum told told)
{
	struct socket *socket = connection_kept(connection);

	tell(socket->listener, &(struct letter){.kind = told, .to = socket});
}

static void opened(void *self, struct connection *connection)
{
	(void)self;
	tell_of(connection, TOLD_OPENED);
}

static void closed(void *self, struct connection *connection)
{
	(void)self;
	tell_of(connection, TOLD_CLOSED);
}

static void event(void *self, const char *what, const char *why)
{
	struct listener *listener = self;

	tell(listener,
		&(struct letter){.kind = TOLD_EVENT, .to = (void *)(uintptr_t)what, .more = why});
}

static void message(void *self, struct connection *connection, struct str text)
{
	struct listener *listener = self;
	struct socket *socket = connection_kept(connection);
	unsigned weight = (unsigned)text.n + LETTER_BYTES;

	if (atomic_load(&socket->unheard) + weight > listener->setup.limits.max_queue_bytes ||
		atomic_load(&listener->unheard) + weight > MAX_UNHEARD) {
		event(listener, "messages_refused", "unheard");
		connection_close(connection, 1013, "too much is waiting");
		return;
	}
	atomic_fetch_add(&socket->unheard, weight);
	atomic_fetch_add(&listener->unheard, weight);
	tell(listener, &(struct letter){
			       .kind = TOLD_MESSAGE, .number = weight, .to = socket, .text = text});
}

/* --- bid --- */

static struct str cut(struct str *text, size_t n)
{
	struct str piece = {text->p, n};

	text->p += n;
	text->n -= n;
	return piece;
}

static void answer(struct reply *reply, struct str text)
{
	struct answer_letter letter;
	struct str header[MAX_ANSWER_HEADERS], lengths;
	struct http_answer answer = {.headers = header};

	memcpy(&letter, cut(&text, sizeof(letter)).p, sizeof(letter));
	assert(letter.n_headers <= MAX_ANSWER_HEADERS);
	lengths = cut(&text, letter.n_headers * sizeof(size_t));
	answer.type = cut(&text, letter.n_type);
	for (size_t i = 0; i < letter.n_headers; i++) {
		size_t n;

		memcpy(&n, lengths.p + i * sizeof(n), sizeof(n));
		header[i] = cut(&text, n);
	}
	answer.status = letter.status;
	answer.n_headers = letter.n_headers;
	answer.leave_out = letter.leave_out;
	answer.file = letter.has_file ? &letter.file : NULL;
	answer.body_is_static = letter.body;
	answer.body = letter.body ? (struct str){letter.body, letter.n_body} : text;
	reply_answer(reply, &answer);
}

static void run_errand(struct listener *listener, struct errand *errand)
{
	bool good = errand->run(listener->network.connections, errand->error);

	pthread_mutex_lock(&listener->network.lock);
	errand->good = good;
	errand->done = true;
	pthread_cond_broadcast(&listener->network.changed);
	pthread_mutex_unlock(&listener->network.lock);
}

void network_take(void *self, const struct letter *letter)
{
	struct listener *listener = self;

	switch ((enum bid)letter->kind) {
	case BID_SEND: {
		struct socket *socket = (struct socket *)(uintptr_t)letter->more;

		atomic_fetch_sub(&socket->unsent, (unsigned)letter->text.n);
		connection_send(letter->to, letter->text);
		break;
	}
	case BID_CLOSE:
		connection_close(letter->to, (unsigned)letter->number, letter->text.p);
		break;
	case BID_FREE:
		connection_free(letter->to);
		free((void *)(uintptr_t)letter->more);
		break;
	case BID_ANSWER:
		answer(letter->to, letter->text);
		break;
	case BID_DROP:
		reply_drop(letter->to);
		break;
	case BID_ERRAND:
		run_errand(listener, letter->to);
		break;
	case BID_REST:
		loop_stop(listener->network.loop);
		break;
	case BID_END:
		listener->network.over = true;
		loop_stop(listener->network.loop);
		break;
	}
}

/* --- the thread --- */

static bool open_connections(struct listener *listener)
{
	const struct listener_setup *setup = &listener->setup;
	struct network *network = &listener->network;
	struct connections_setup with = {.loop = network->loop,
		.address = setup->address,
		.port = setup->port,
		.certificate = setup->certificate,
		.key = setup->key,
		.trusted_proxy = setup->trusted_proxy,
		.n_trusted_proxies = setup->n_trusted_proxies,
		.limits = setup->limits,
		.self = listener,
		.plan = plan,
		.request = request,
		.open = open_socket,
		.opened = opened,
		.message = message,
		.closed = closed,
		.event = event};
	struct connections *connections = connections_open(&with, &network->error);

	pthread_mutex_lock(&network->lock);
	network->connections = connections;
	network->opened = true;
	pthread_cond_broadcast(&network->changed);
	pthread_mutex_unlock(&network->lock);
	return connections != NULL;
}

static void *run(void *self)
{
	struct listener *listener = self;
	struct network *network = &listener->network;

	if (open_connections(listener)) {
		while (!network->over) {
			together_rest(listener);
			loop_run(network->loop);
		}
		connections_close(network->connections);
	}
	pthread_mutex_lock(&network->lock);
	network->ended = true;
	pthread_cond_broadcast(&network->changed);
	pthread_mutex_unlock(&network->lock);
	return NULL;
}

void network_begin(struct listener *listener)
{
	struct network *network = &listener->network;

	if (pthread_mutex_init(&network->lock, NULL) || pthread_cond_init(&network->changed, NULL))
		abort();
	network->loop = loop_new();
	network->mail = mailbox_new(network->loop, network_take, NULL, listener);
	buf_init(&network->error, MAX_ERROR);
	network->is_there = thread_begin(&network->thread, "tenstep-net", run, listener);
	if (network->is_there)
		return;
	buf_adds(&network->error, "cannot start a thread for the network");
	network->opened = true;
}

void network_end(struct listener *listener)
{
	struct network *network = &listener->network;

	if (!network->is_there)
		return;
	mailbox_put(network->mail, &(struct letter){.kind = BID_END});
	listener_wait(listener, &network->ended);
	pthread_join(network->thread, NULL);
}
