/* What is known of a value before it is there: which fields it has, what it may be.  For the
 * checker only. */
#ifndef TENSTEP_FLOWS_SHAPE_H
#define TENSTEP_FLOWS_SHAPE_H

#include "bot/base/json.h"
#include "flows/expr.h"
#include "flows/operation.h"
#include "flows/template.h"

/* A set of what a value may be. */
enum {
	MAY_BE_NONE = 1,
	MAY_BE_BOOL = 2,
	MAY_BE_NUMBER = 4,
	MAY_BE_TEXT = 8,
	MAY_BE_LIST = 16,
	MAY_BE_RECORD = 32,
	MAY_BE_ANY = 63,
};

/* A value or, with @list, each item of a list. */
struct shape {
	const char *const *field; /* of a record, ended by NULL; NULL: nothing is known */
	bool list;
	const struct closed *closed; /* which of the fields hold one of a few words; may be NULL */
	const char *const *word;     /* all that it may be, ended by NULL; NULL: anything */
	unsigned may_be;             /* what it is when it is set; 0: not known */
};

extern const struct shape shape_unknown, shape_money, shape_choices, shape_buyer, shape_current,
	shape_watching, shape_notice;

bool shape_has(struct shape shape, struct str field);
/* What a field of that name of such a record holds: money, items, one of a few words … */
struct shape shape_of_field(struct shape of, struct str field);
struct shape shape_item(struct shape list);
bool shape_is_money(struct shape shape);

/* A value is compared with one that is written there: order.status is "DELIVERED". */
struct comparison {
	struct shape with; /* what is known of the value */
	struct str name;   /* of what stands there, "order", and its field, "status": empty when */
	struct str field;  /* it is more than that */
	const struct value *literal;
	bool by_size;      /* < <= > >=, not whether they are the same */
	struct stretch at; /* of the written value */
};

/* Whoever reads through an expression: is told each name and says what it is; is told each field
 * that what stands in front of it does not have (no list has any); and each comparison. */
struct expr_reader {
	struct shape (*name)(void *self, struct str name, struct stretch at);
	void (*no_field)(void *self, struct str field, struct shape of, struct stretch at);
	void (*compared)(void *self, const struct comparison *comparison); /* NULL: nobody asks */
	/* The first filter behind a hole; NULL: nobody asks. */
	void (*filtered)(void *self, struct shape what, struct str filter, struct stretch at);
	void *self;
};

/* Reads through all of @expr (NULL: nothing to read); returns what its value looks like. */
struct shape expr_read(const struct expr *expr, const struct expr_reader *reader);
void template_read(const struct template *template, const struct expr_reader *reader);

#endif
