/* The neutral operations that flows call; adapters/order translate them.  One table: names,
 * arguments, the fields of the answer, what it takes to call them.  The meaning of the fields is in
 * flows/OPERATIONS.md. */
#ifndef TENSTEP_FLOWS_OPERATION_H
#define TENSTEP_FLOWS_OPERATION_H

#include "bot/base/str.h"

struct argument {
	const char *name;
	bool required;
};

/* A field or argument that holds one of a few words, and these; ended by a NULL word. */
struct closed {
	const char *name;
	const char *word[12];
};

struct operation {
	const char *name; /* "orders.cancel" */
	const char *about;
	struct argument argument[8]; /* ended by a NULL name */
	const char *gives[32]; /* fields of the answer (or of each item, when it gives a list) */
	/* Which of these fields, and which of the arguments, hold one of a few words; ended by a
	 * NULL name; NULL: none does. */
	const struct closed *closed, *closed_argument;
	bool gives_list;
	bool needs_buyer;    /* only with a proven buyer */
	bool writes;         /* its outcome may be unknown; "unknown" must be handled */
	bool dangerous;      /* a confirmation must stand before it on every path */
	const char *same[4]; /* the arguments that tell what is done: while one call does it, no
			      * other does; none: it may be done any number of times */
};

/* The words of one field: NULL where it may hold any text. */
const char *const *closed_words(const struct closed *closed, struct str name);

extern const struct operation operation[];
extern const unsigned n_operations;

const struct operation *operation_find(struct str name); /* NULL: none */

/* Variables that every flow may read besides its slots, saved answers and named lists; ended by
 * NULL: me (buyer id), buyer {id, name}, now, message (the last one), opening (the message that
 * started the flow), named_order (the order number in it), attachments (list), recent_order (the
 * last order on screen), watching (list {event, of, since}), misses, current {title, flow, step,
 * question, why}, said (last bubble), committed, outcome (how the subflow ended), notice (the event
 * that started a watch flow), channel. */
extern const char *const builtin_variable[];

/* The fields of `notice`, whatever happened. */
extern const char *const notice_field[];
extern const struct closed closed_of_notice[];

#endif
