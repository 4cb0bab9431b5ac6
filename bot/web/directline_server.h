/* Bot Framework Direct Line 3.0, served: the paths under /v3/directline and their stream. */
#ifndef TENSTEP_WEB_DIRECTLINE_SERVER_H
#define TENSTEP_WEB_DIRECTLINE_SERVER_H

#include "adapters/net/listener.h"
#include "bot/config/serve_config.h"
#include "bot/dispatch/dispatcher.h"
#include "bot/web/uploads.h"

struct directline_server;

struct directline_setup {
	struct loop *loop;
	struct dispatcher *dispatcher;
	struct uploads *uploads;
	const struct serve_config *config;
	struct str token_secret; /* signs tokens; 32 bytes of the server's own */
	struct log *log;
	struct metrics *metrics;
};
struct directline_server *directline_server_new(const struct directline_setup *setup) MUST_CHECK;
void directline_server_free(struct directline_server *server); /* NULL is fine */

/* Requests whose path begins with "/v3/directline/". */
struct http_plan directline_plan(struct directline_server *server, const struct http_head *head);
struct http_plan directline_judge(struct directline_server *server, const struct http_head *head);
void directline_request(struct directline_server *server, struct exchange *exchange,
	const struct http_head *head, struct str body);
/* Sockets below that path, as in struct listener_setup.  What is kept at the socket is this
 * server's. */
bool directline_open(struct directline_server *server, struct socket *socket,
	const struct http_head *head, unsigned *status);
void directline_opened(struct directline_server *server, struct socket *socket);
void directline_message(struct directline_server *server, struct socket *socket, struct str text);
void directline_closed(struct directline_server *server, struct socket *socket);

#endif
