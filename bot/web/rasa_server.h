/* Rasa's REST channel, served: GET /webhooks/rest/ and POST /webhooks/rest/webhook. */
#ifndef TENSTEP_WEB_RASA_SERVER_H
#define TENSTEP_WEB_RASA_SERVER_H

#include "adapters/net/listener.h"
#include "bot/config/serve_config.h"
#include "bot/dispatch/dispatcher.h"

struct rasa_server;

struct rasa_setup {
	struct loop *loop;
	struct dispatcher *dispatcher;
	const struct serve_config
		*config; /* rasa_token: as a bearer or ?token=; empty: loopback only */
	struct log *log;
	struct metrics *metrics;
};
struct rasa_server *rasa_server_new(const struct rasa_setup *setup) MUST_CHECK;
void rasa_server_free(struct rasa_server *server); /* NULL is fine */

/* Requests whose path begins with "/webhooks/rest". */
struct http_plan rasa_plan(struct rasa_server *server, const struct http_head *head);
void rasa_request(struct rasa_server *server, struct exchange *exchange,
	const struct http_head *head, struct str body);

#endif
