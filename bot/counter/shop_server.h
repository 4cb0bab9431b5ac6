/* `tenstep shop`: the demo shop behind HTTP, in the wire form of the TikTok Shop Open Platform. */
#ifndef TENSTEP_COUNTER_SHOP_SERVER_H
#define TENSTEP_COUNTER_SHOP_SERVER_H

#include "adapters/net/http_client.h"
#include "adapters/net/listener.h"
#include "adapters/order/shop_wire/wire.h"
#include "bot/common/log.h"
#include "bot/common/options.h"
#include "bot/common/secret.h"
#include "bot/counter/shop_hooks.h"
#include "bot/counter/shop_ledger.h"
#include "bot/counter/shop_mischief.h"

enum { SHOP_MISCHIEFS = 16 };

struct held; /* an answer, or a request, that waits */

struct shop_server {
	/* what was asked for */
	struct options options;
	int port;                              /* 0: any free one */
	const char *fixture;                   /* of a shop that is made; NULL: "demo" */
	int64_t start;                         /* the shop's time at the start; 0: the wall's */
	const char *app_key;                   /* NULL: "68xu9ks5p4i8j" */
	const char *webhooks_to, *redirect_to; /* URLs; NULL: none */
	unsigned per_s;                        /* requests a second, 0: without limit */
	uint64_t seed;                         /* of chance in misbehaviour */
	struct mischief_rule mischief[SHOP_MISCHIEFS];
	size_t n_mischiefs;
	bool quiet;
	char **word; /* an action for a shop that runs already; NULL: none */
	size_t n_words;

	/* what is open */
	char *folder; /* DATA/shop */
	struct arena *arena, *scratch;
	struct log *log;
	struct loop *loop;
	struct sandbox *sandbox;
	struct wire *wire;
	struct shop_ledger *ledger;
	struct mischiefs *mischiefs;
	struct http_client *client;
	struct shop_hooks *hooks;
	struct listener *listener;
	struct secret app_secret, admin_token;
	struct str address; /* "http://127.0.0.1:8123" */
	int64_t ahead;      /* seconds that the shop's clock is ahead of the wall's */
	struct loop_timer tick;
	struct held *held;
	struct buf out;
};

/* Opens all of it; false after a message on stderr.  shop_server_close() in either case. */
bool shop_server_open(struct shop_server *server) MUST_CHECK;
/* Until SIGTERM or SIGINT. */
void shop_server_run(struct shop_server *server);
void shop_server_close(struct shop_server *server);

/* The shop's time, moved up to now. */
int64_t shop_server_now(struct shop_server *server);
/* Sets the shop's clock; earlier than it is: false. */
bool shop_server_set_clock(struct shop_server *server, int64_t to);

/* Reads an uploaded picture into @out (cleared first); false: there is none of that name. */
bool shop_picture(struct shop_server *server, struct str name, struct buf *out);

/* shop_door.c: one request to the platform's interface, answered now or later */
void shop_door_request(struct shop_server *server, struct exchange *exchange,
	const struct http_head *head, struct str body);
/* Whatever waits is dropped. */
void shop_door_close(struct shop_server *server);

/* shop_admin.c: what people do by hand, below /shop/ */
bool shop_admin_owns(const struct http_head *head);
struct http_plan shop_admin_plan(struct shop_server *server, const struct http_head *head);
void shop_admin_request(struct shop_server *server, struct exchange *exchange,
	const struct http_head *head, struct str body);

#endif
