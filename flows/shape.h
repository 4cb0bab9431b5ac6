/* What is known of a value before it is there: which fields it has.  For the checker only. */
#ifndef TENSTEP_FLOWS_SHAPE_H
#define TENSTEP_FLOWS_SHAPE_H

#include "bot/base/json.h"
#include "flows/expr.h"
#include "flows/template.h"

/* The fields of a record or, with @list, of each record of a list; NULL: nothing is known. */
struct shape {
	const char *const *field; /* ended by NULL */
	bool list;
};

extern const struct shape shape_unknown, shape_choices, shape_buyer, shape_current, shape_watching;

bool shape_has(struct shape shape, struct str field);
/* What a field of that name holds, whoever gives it: money, items, … */
struct shape shape_of_field(struct str field);
struct shape shape_item(struct shape list);

/* Whoever reads through an expression: is told each name and says what it is; is told each field
 * that what stands in front of it does not have (no list has any); and each text that one is
 * compared with. */
struct expr_reader {
	struct shape (*name)(void *self, struct str name, struct stretch at);
	void (*no_field)(void *self, struct str field, struct shape of, struct stretch at);
	/* NULL: nobody wants to know.  A name, or its field, is compared with a written text. */
	void (*compared)(void *self, struct str name, struct str field, struct str text,
		struct stretch at);
	void *self;
};

/* Reads through all of @expr (NULL: nothing to read); returns what its value looks like. */
struct shape expr_read(const struct expr *expr, const struct expr_reader *reader);
void template_read(const struct template *template, const struct expr_reader *reader);

#endif
