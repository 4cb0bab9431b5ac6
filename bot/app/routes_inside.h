/* What the parts of the routes share: routes.c has the table, routes_health.c and routes_socket.c
 * what stands in it or beside it.  Nobody else includes this. */
#ifndef TENSTEP_APP_ROUTES_INSIDE_H
#define TENSTEP_APP_ROUTES_INSIDE_H

#include "bot/app/routes.h"
#include "bot/app/server.h"

/* A handler answers the exchange, now or later. */
typedef void route_handler(struct server *server, struct exchange *exchange,
	const struct http_head *head, struct str body);

/* --- routes_answer.c: each answers and is done with the exchange --- */

void routes_answer(struct exchange *exchange, unsigned status, struct str type, struct str body);
void routes_answer_text(struct exchange *exchange, unsigned status, const char *text);
/* Frees @tree. */
void routes_answer_json(struct server *server, struct exchange *exchange, unsigned status,
	struct json *tree, const struct str *headers, size_t n_headers);
/* {"error": {"code": …, "message": …}} */
void routes_answer_fault(struct server *server, struct exchange *exchange, unsigned status,
	const char *code, const char *message);

/* --- routes_health.c --- */

route_handler routes_get_health, routes_get_ready, routes_get_metrics;

/* --- routes.c --- */

bool routes_is_directline(const struct http_head *head);

#endif
