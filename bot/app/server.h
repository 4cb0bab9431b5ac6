/* The server: one loop, one listener, one store, and everything that hangs on them. */
#ifndef TENSTEP_APP_SERVER_H
#define TENSTEP_APP_SERVER_H

#include "adapters/order/sandbox/sandbox.h"
#include "bot/channels/channels.h"
#include "bot/channels/discord_gateways.h"
#include "bot/channels/slack_sockets.h"
#include "bot/common/options.h"
#include "bot/desk/desk.h"
#include "bot/retention/retention.h"
#include "bot/shop/shop_front.h"
#include "bot/shop/shop_service.h"
#include "bot/web/directline_server.h"
#include "bot/web/form_chat.h"
#include "bot/web/rasa_server.h"
#include "bot/web/visitor.h"

struct server {
	/* what was asked for */
	struct options options;
	const char *config_path; /* NULL: --demo without one */
	int port;                /* -1: the configuration's */

	/* what is open */
	char *folder; /* everything mutable is under it */
	struct arena *arena;
	struct serve_config config;
	struct log *log;
	struct metrics *metrics;
	struct content *content;
	struct model *model;
	struct loop *loop;
	struct store *store;
	struct sandbox *sandbox;
	struct shop_service *service; /* the shop, if it is not the demo shop */
	struct order_api *shop, *shop_with_policy, *shop_with_hours;
	struct shop_front *front; /* NULL: the demo shop tells nothing from outside */
	struct http_client *client;
	struct uploads *uploads;
	struct deaths *deaths;
	struct dispatcher *dispatcher;
	struct desk *desk;
	struct retention *retention;             /* NULL: all is kept for ever */
	struct channels *channels;               /* NULL: there are no accounts */
	struct channel_sockets *slack, *discord; /* NULL: none of them asks for it */
	struct directline_server *directline;
	struct rasa_server *rasa;
	struct lobby lobby;
	struct form_chat *form;
	struct listener *listener, *desk_listener;
	struct loop_timer drain_timer;
	struct loop_timer certificate_timer;
	uint64_t certificate_used, certificate_seen; /* how its files stood; 0: not there */
	int64_t certificate_told_ms;                 /* steady: when it was looked at last */
	struct buf page;    /* an answer that is being written */
	struct buf opening; /* what the content says to a buyer who has not written yet */
	bool draining;
	int64_t descriptors_told_ms; /* steady; 0: never */
};

/* Opens all of it; false after a message on stderr.  server_close() in either case. */
bool server_open(struct server *server) MUST_CHECK;
/* SIGTERM, SIGINT and SIGHUP are heard from now on, and heeded when it runs. */
void server_hear_signals(struct server *server);
/* Until SIGTERM or SIGINT, and all that was taken is answered. */
void server_run(struct server *server);
void server_close(struct server *server);

#endif
