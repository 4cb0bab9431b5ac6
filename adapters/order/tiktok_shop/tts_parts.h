/* What the modules of a job share.  A job goes on by continuations: each sends one request and
 * names who hears the answer.  What operations have to know first is gathered by a table
 * (tts_gather.c); each operation then makes its value, or its change. */
#ifndef TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_PARTS_H
#define TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_PARTS_H

#include "adapters/order/tiktok_shop/tts_choices.h"
#include "adapters/order/tiktok_shop/tts_job.h"
#include "adapters/order/tiktok_shop/tts_words.h"

#define TTS_NO_MATCH "the order number and the second detail do not go together"

typedef enum tts_step tts_continue(struct tts_job *job);

/* In the order in which they are asked for. */
enum tts_want {
	WANT_RETURN = 1,         /* the return that is named, and its order's number */
	WANT_ORDER = 2,          /* and that it is the buyer's */
	WANT_CANCELLATIONS = 4,  /* of the orders in @numbers */
	WANT_RETURNS = 8,        /* the same */
	WANT_MAY_CANCEL = 16,    /* whether the seller may cancel all of it, and for what reasons */
	WANT_CANCEL_REFUND = 32, /* what would come back */
	WANT_MAY_RETURN = 64,    /* per item, by the seller */
	WANT_BUYER_RETURN = 128, /* by the buyer, if the seller may nothing */
	WANT_REASONS = 256,      /* the names for returns */
	WANT_RETURN_REFUND = 512,
	WANT_TRACKING = 1024,
};

enum { tts_page_size = 50, tts_max_pages = 10, tts_list_max = 10, tts_max_items = 200 };

struct tts_job {
	struct arena *arena;
	const struct tts_setup *setup;
	struct order_request asked;
	tts_continue *start;
	int64_t now;
	const struct tts_answer *answer; /* what is being heard */

	struct tts_request request;
	tts_continue *then;
	bool hears_all; /* @then wants bad answers too */
	struct tts_end end;
	struct value_builder strange;

	/* gathering */
	unsigned wants;
	tts_continue *gathered;
	struct value_builder page; /* what earlier pages brought */
	struct str page_token;
	unsigned n_pages, mismatches;
	enum tts_step ending; /* of what was heard */
	bool old_version;     /* the newer form of the eligibility is not there */
	bool of_anybody;      /* the order need not be the buyer's: the buyer is being proved */
	const struct value *nameless; /* an order that does not say whose it is; NONE */

	/* gathered; NONE before */
	struct str number;                           /* the order */
	const struct value *numbers;                 /* the orders whose requests are wanted */
	const struct value *order;                   /* as the platform tells it */
	const struct value *cancellations, *returns; /* lists, newest first */
	const struct value *may_cancel;              /* TRUE, or a text: why not (a code) */
	const struct value *cancel_names;            /* reasons that are taken; NONE: not told */
	const struct value *may_return;              /* ids of items; NONE: not told */
	const struct value *return_names;
	const struct value *money; /* what calculating gave; NONE: no answer */
	enum tts_no money_refused; /* why it gave none */
	bool money_was_refused;
	const struct value *tracking;
	bool buyer_may_return;

	/* a list */
	struct value_builder found, ids;
	bool passed; /* the order behind which the list goes on */

	/* a change */
	struct str reason[tts_max_reasons];
	size_t n_reasons, reason_at;
	const struct value *items; /* ids, of a return */
	struct str approving;      /* the cancellation that is being approved */
	struct str made;           /* the id that a good answer gave */
	struct str made_status;
	bool made_pending;
	tts_continue *when_made; /* how it ends if nothing more can be read after that */
	enum tts_no refused_as;  /* what the platform said before the order was read again */
	bool doubt;              /* it is said to be done already: only reading can tell */
	bool sent;               /* a change left in this run */
	bool unsure;             /* something left, and its fate is not known */
	int64_t first_left;      /* when it may have left first */
	unsigned looks;          /* at what became of it, so far */
	unsigned next_look;      /* goes with the next request */
	unsigned look_wants;
	tts_continue *looked;
};

/* --- tts_job.c --- */

/* Sends job->request. */
enum tts_step tts_send(struct tts_job *job, tts_continue *then);
/* The same, and @then hears whatever comes. */
enum tts_step tts_send_any(struct tts_job *job, tts_continue *then);
enum tts_step tts_done(struct tts_job *job, const struct value *value);
enum tts_step tts_refuse(struct tts_job *job, const char *why, struct str why_text);
enum tts_step tts_not_found(struct tts_job *job, bool elsewhere);
enum tts_step tts_fail(struct tts_job *job);
/* It left and nothing is known: looks again, or ends with ORDER_UNKNOWN. */
enum tts_step tts_unsure(struct tts_job *job);
/* Whether a refusal may be final: nothing of unknown fate can still be under way. */
bool tts_may_close(const struct tts_job *job);
/* Nothing more can be learnt by reading: what was done is told, what may have been done is looked
 * for again, and else it fails. */
enum tts_step tts_blind(struct tts_job *job);
/* What a bad answer to a read means. */
enum tts_step tts_stuck(struct tts_job *job);

void tts_get(struct tts_job *job, struct str path);
void tts_post(
	struct tts_job *job, struct str path, struct json *body); /* takes @body; may be NULL */
void tts_param(struct tts_job *job, const char *name, struct str value);
/* For idempotency_key: a UUID that follows from the decision's key. */
struct str tts_idempotency_key(struct tts_job *job);

/* A text argument; of a record its number or id. */
struct str tts_argument(const struct tts_job *job, const char *name);
/* The digits of an order's or a return's number as people write it; empty when it is none. */
struct str tts_number_of(struct arena *arena, struct str written);
/* A word that no table knows goes to the log. */
void tts_word(struct tts_job *job, enum tts_field field, const char *name, struct str word);
void tts_strange(struct tts_job *job, const char *name, struct str word);

/* --- tts_gather.c --- */

enum tts_step tts_gather(struct tts_job *job, unsigned wants, tts_continue *then);

/* --- tts_wire.c: reading the platform's records --- */

/* A text; a whole number as its digits. */
struct str tts_wire_text(struct arena *arena, const struct value *record, const char *name);
/* For buyers' eyes: clipped. */
struct str tts_wire_words(struct arena *arena, const struct value *record, const char *name);
/* NONE unless it is an amount of that currency that is above 0. */
const struct value *tts_wire_money(struct arena *arena, struct str amount, struct str currency);
/* {currency, refund_total} of a request's refund_amount. */
const struct value *tts_wire_refund(struct arena *arena, const struct value *refund_amount);
bool tts_wire_list_has(const struct value *list, struct str text);
void tts_wire_put_time(struct value_builder *b, const char *name, int64_t at);
void tts_wire_put_if(struct value_builder *b, const char *name, const struct value *value);
/* "3 March" */
struct str tts_wire_day(struct arena *arena, int64_t at);
/* Until when the seller has to answer; 0: nothing waits for the seller. */
int64_t tts_wire_deadline(const struct value *request);

/* --- tts_order.c --- */

struct tts_order_word tts_order_status(const struct tts_job *job, const struct value *order);
struct str tts_order_id(const struct tts_job *job, const struct value *order);
const struct value *tts_order_total(const struct tts_job *job, const struct value *order);
/* The money that the buyer has given: NONE for unpaid and for cash on delivery. */
const struct value *tts_order_paid(const struct tts_job *job, const struct value *order);
struct str tts_order_paid_with(const struct tts_job *job, const struct value *order);
const struct value *tts_order_value(struct tts_job *job, const struct value *order);
/* Lines of the order, and one by its id (NONE). */
const struct value *tts_order_lines(const struct value *order);
const struct value *tts_order_line(struct tts_job *job, const struct value *order, struct str id);
/* {id, title, variant, price}, to be closed by the caller. */
struct value_builder tts_line_record(
	struct tts_job *job, const struct value *order, const struct value *line);

/* --- tts_cancel.c --- */

struct tts_verdict {
	const char *answer;
	const char *refusal;              /* NULL: it may be done */
	struct str why;                   /* a clause for the buyer */
	const struct value *cancellation; /* that decides it; NONE */
	bool approve;                     /* by granting what the buyer asked for */
};
struct tts_verdict tts_verdict(struct tts_job *job, const struct value *order);
/* The newest cancellation of an order in that state; NONE. */
const struct value *tts_cancellation_of(
	const struct tts_job *job, struct str order, enum tts_cancel_state state);

/* --- tts_return.c --- */

const struct value *tts_return_value(struct tts_job *job, const struct value *of_return);
/* Whether a line is in a return that lives. */
bool tts_line_is_returning(struct tts_job *job, struct str order, struct str line);

/* --- tts_refund.c --- */

/* {state, …} of refunds.status; "none" when there is no refund. */
const struct value *tts_refund_value(struct tts_job *job, const struct value *order);

/* The operations. */
tts_continue tts_orders_list, tts_orders_get, tts_orders_track, tts_orders_can_cancel,
	tts_orders_cancel, tts_refunds_status, tts_returns_can_return, tts_returns_reasons,
	tts_returns_create, tts_returns_list, tts_returns_status, tts_returns_set_tracking,
	tts_buyers_verify, tts_shop_info;

#endif
