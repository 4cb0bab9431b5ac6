/* The cards of flows (flows/OPERATIONS.md) as the widget draws them (PROTOCOL.md, "A CARD").  What
 * a card is follows from its fields; fields that no card has are left out. */
#ifndef TENSTEP_ADAPTERS_WIDGET_CARD_H
#define TENSTEP_ADAPTERS_WIDGET_CARD_H

#include "adapters/widget/widget_frame.h"

enum card_kind {
	CARD_NONE,   /* nothing that can be drawn */
	CARD_ORDER,  /* has number and status */
	CARD_REFUND, /* has state and amount, and no id */
	CARD_RETURN, /* has id, order and state */
	CARD_ORDERS, /* a list of orders, or a record with one in "orders" */
};
enum card_kind card_kind_of(const struct value *card);

/* The way of an order, a refund or a return, and how far it has come. */
enum step_state { STEP_DONE, STEP_NOW, STEP_NEXT };
extern const char *const step_state_name[3]; /* "done", "now", "next" */
enum { card_max_steps = 5 };
struct card_step {
	const char *text;
	enum step_state state;
};
/* How many; 0 when the state is not known. */
size_t card_steps(const struct value *card, struct card_step step[card_max_steps]);

/* A JSON object; null for CARD_NONE. */
void card_write(const struct value *card, const struct frame_view *view, struct buf *out);

#endif
