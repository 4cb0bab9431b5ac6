/* Which WebSocket is whose. */
#include "bot/app/routes_inside.h"

#include <string.h>

#include "bot/web/page_origin.h"

enum sort { SORT_CHAT, SORT_DIRECTLINE, SORT_BARRED };

static bool is_chat(const struct http_head *head)
{
	return str_is(head->path, "/chat");
}

/* A browser is not shown why an upgrade was refused: a page that may not chat here is told by a
 * close code. */
static struct socket_plan admit_chat(const struct server *server, const struct http_head *head)
{
	if (!head->origin.n)
		return (struct socket_plan){.refuse = 403};
	return (struct socket_plan){
		.sort = page_is_allowed(&server->config, head) ? SORT_CHAT : SORT_BARRED};
}

struct socket_plan routes_admit(void *self, const struct http_head *head)
{
	const struct server *server = self;

	if (is_chat(head))
		return admit_chat(server, head);
	if (server->directline && routes_is_directline(head))
		return (struct socket_plan){.sort = SORT_DIRECTLINE, .judge = true};
	return (struct socket_plan){.refuse = 404};
}

bool routes_open(void *self, struct socket *socket, const struct http_head *head, unsigned *status)
{
	return directline_open(((struct server *)self)->directline, socket, head, status);
}

void routes_opened(void *self, struct socket *socket)
{
	struct server *server = self;

	switch ((enum sort)socket_sort(socket)) {
	case SORT_CHAT:
		visitor_opened(&server->lobby, socket);
		break;
	case SORT_DIRECTLINE:
		directline_opened(server->directline, socket);
		break;
	case SORT_BARRED:
		metrics_add(server->metrics, "tenstep_refused_total", "connection", "origin", 1);
		socket_close(socket, 4003, "this page may not chat here");
		break;
	}
}

void routes_message(void *self, struct socket *socket, struct str text)
{
	struct server *server = self;

	if (socket_sort(socket) == SORT_DIRECTLINE)
		directline_message(server->directline, socket, text);
	else if (socket_sort(socket) == SORT_CHAT)
		visitor_message(&server->lobby, socket, text);
}

void routes_closed(void *self, struct socket *socket)
{
	struct server *server = self;

	if (socket_sort(socket) == SORT_DIRECTLINE)
		directline_closed(server->directline, socket);
	else if (socket_sort(socket) == SORT_CHAT)
		visitor_closed(&server->lobby, socket);
}

/* Nobody can come in, and who operates the server cannot ask it either. */
static void tell_descriptors(struct server *server)
{
	int64_t now_ms = loop_steady_ms(server->loop);

	if (server->descriptors_told_ms && now_ms - server->descriptors_told_ms < 60 * 1000)
		return;
	server->descriptors_told_ms = now_ms;
	LOG(server->log, LOG_WARNING, loop_now_ms(server->loop),
		"nobody can come in: no more files may be open (LimitNOFILE=, ulimit -n)", LOG_END);
}

void routes_event(void *self, const char *what, const char *why)
{
	struct server *server = self;

	metrics_add(server->metrics, "tenstep_refused_total", what, why, 1);
	LOG(server->log, LOG_DEBUG, loop_now_ms(server->loop), what, log_word("why", str_of(why)));
	if (strcmp(why, "descriptors") == 0)
		tell_descriptors(server);
}
