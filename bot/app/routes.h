/* Which path leads where: the functions of struct listener_setup. */
#ifndef TENSTEP_APP_ROUTES_H
#define TENSTEP_APP_ROUTES_H

#include "adapters/net/listener.h"

/* @self is the struct server. */
struct http_plan routes_plan(void *self, const struct http_head *head);
struct socket_plan routes_admit(void *self, const struct http_head *head);
struct http_plan routes_judge(void *self, const struct http_head *head);
void routes_request(
	void *self, struct exchange *exchange, const struct http_head *head, struct str body);
bool routes_open(void *self, struct socket *socket, const struct http_head *head, unsigned *status);
void routes_opened(void *self, struct socket *socket);
void routes_message(void *self, struct socket *socket, struct str text);
void routes_closed(void *self, struct socket *socket);
void routes_event(void *self, const char *what, const char *why);

/* The desk's own listener, when it has one. */
struct http_plan routes_desk_plan(void *self, const struct http_head *head);
void routes_desk_request(
	void *self, struct exchange *exchange, const struct http_head *head, struct str body);

#endif
