/* The demo shop in the wire form of the TikTok Shop Open Platform: requests in, answers out, over a
 * struct sandbox; no sockets, no clock, no chance.  What the platform checks is checked in its
 * order: path, method, version, key, time, sign, token, scope, cipher, rate, body, state. README.md
 * beside this file lists what there is and where the platform's own pages leave a question open. */
#ifndef TENSTEP_ADAPTERS_ORDER_SHOP_WIRE_H
#define TENSTEP_ADAPTERS_ORDER_SHOP_WIRE_H

#include "adapters/order/sandbox/seller.h"
#include "adapters/order/tiktok_shop/tts_sign.h"

struct wire;

struct wire_setup {
	struct sandbox *sandbox; /* the caller's; the wire is its watcher from now on */
	struct str app_key, app_secret;
	struct str chance;    /* secret bytes of which tokens, codes and request ids are made */
	struct str scopes;    /* of the app, separated by blanks; empty: all there are */
	unsigned per_s;       /* requests a second of one app and shop, 0: without limit */
	struct str image_url; /* where uploaded pictures are, without a slash at the end */
	/* Keeps an uploaded picture under its name ("….png"); NULL: they are not kept. */
	void (*keep_image)(void *self, struct str name, struct str bytes);
	void *self;
};

/* NULL with a line in @error when the shop's storage fails.  The setup's texts are copied. */
struct wire *wire_new(const struct wire_setup *setup, struct buf *error) MUST_CHECK;
void wire_free(struct wire *wire); /* NULL is fine */

/* A request as it came.  @param are the decoded pairs of the query. */
struct wire_request {
	struct str method, path;
	const struct tts_param *param;
	size_t n_params;
	struct str token; /* x-tts-access-token */
	struct str content_type, body;
	int64_t now_ms; /* Unix time by the clock on the wall: the shop's own may be elsewhere */
};

struct wire_answer {
	unsigned status;       /* of HTTP */
	const char *operation; /* "orders.search"; "" when no path fits */
	int code;              /* of the envelope; 0: success */
	bool changed;          /* something was done that was not done before */
	char request_id[36];
	struct str body; /* in the caller's buffer */
};
/* Answers into @out (cleared first).  Whatever the request does is committed before this returns.
 */
void wire_answer(struct wire *wire, const struct wire_request *request, struct buf *out,
	struct wire_answer *answer);
/* The operation that a request would reach; "" if none. */
const char *wire_operation(const struct wire_request *request);
/* Whether there is one of that name; their names, from 0, NULL behind the last. */
bool wire_has_operation(struct str name);
const char *wire_operation_name(size_t n);

/* The envelope of an error, for whoever answers in the platform's place. */
void wire_error(struct wire *wire, int64_t now_ms, int code, const char *message, struct buf *out);

/* A code that the app may exchange for a token within half an hour, once.  @redirect: "". */
struct str wire_new_code(struct wire *wire, int64_t now_ms, struct arena *arena);
/* All access tokens are expired from now on (@refresh_too: refresh tokens as well). */
void wire_expire_tokens(struct wire *wire, int64_t now_ms, bool refresh_too);
/* What the app may do from now on; empty: everything. */
void wire_set_scopes(struct wire *wire, struct str scopes);
/* Whether the shop may write to a buyer: `can_send_message` and what Send Message answers.  False:
 * there is no such buyer, or the storage failed. */
bool wire_set_silent(struct wire *wire, struct str buyer, bool silent);

struct str wire_shop_id(void);
struct str wire_shop_cipher(void);

/* --- ids: the shop's own names and the platform's digits --- */

struct str wire_order_id(struct arena *arena, struct str number);
/* The order that a platform's id, or the shop's own number, names; empty: none. */
struct str wire_order_number(struct wire *wire, struct str id, struct arena *arena);
struct str wire_user_id(struct arena *arena, struct str buyer);

/* --- for people --- */

/* The shop at a glance: {"now", "buyers": […], "goods": […], "orders": [{"number", "id", "status",
 * …, "steps": ["ship", …]}], "webhooks": {…}}. */
void wire_overview(struct wire *wire, struct buf *out);
/* What was said in the talk with a buyer: {"messages": [{"role", "type", "content", "at"}]}. */
void wire_talk(struct wire *wire, struct str buyer, struct buf *out);

/* --- webhooks: what has to be told --- */

/* An event that is to be posted: the oldest whose time has come. */
struct wire_event {
	int64_t id;
	int type;           /* 1, 11, 12, 13, 14, 64, 67 */
	unsigned tries;     /* so far */
	struct str address; /* where to */
	struct str body;    /* the bytes to send */
	char signature[65]; /* the Authorization header */
};
/* False: there is none at the shop's time.  An event that is under way is not given again before
 * its outcome is told.  Texts are in @arena. */
bool wire_next_event(struct wire *wire, struct arena *arena, struct wire_event *event) MUST_CHECK;
/* Taken (HTTP 200), or to be tried again after 2 minutes, 30 minutes, 3 hours and 12 hours of the
 * shop's time, then dropped. */
void wire_event_done(struct wire *wire, int64_t id, bool taken);
/* When the next try is due in the shop's time; 0: nothing waits. */
int64_t wire_next_event_at(struct wire *wire);
/* One address for all types without one of their own (as set on the app's page); empty: none. */
void wire_set_webhook(struct wire *wire, struct str address);

/* --- the ledger: what was really done --- */

/* Each change of the shop, once, in order: {"n":12,"at":…,"what":"cancellation","order_id":…,…}
 * with the request that caused it, if one did.  Called after the commit. */
typedef void wire_effect_function(void *self, struct str line);
void wire_effects(struct wire *wire, wire_effect_function *function, void *self);

/* The shop's clock: what is due until then happens.  False: the storage failed. */
bool wire_advance(struct wire *wire, int64_t to);

/* For changes that no request makes: around the sandbox's functions.  wire_end() commits and tells
 * the effects; false: nothing was done. */
bool wire_begin(struct wire *wire, const char *cause) MUST_CHECK;
bool wire_end(struct wire *wire);

#endif
