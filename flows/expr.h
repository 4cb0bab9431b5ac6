/* The little language of conditions: "order is set and count(items) > 1".
 *
 *   or  and  not   is  is not  =  !=  <  <=  >  >=  in  +  -      (loosest to tightest; ( ) group)
 *   x is set   x is not set   x is "shipped"   x in ["a", "b"]
 *   name   name.field   name[1]   (from 1)
 *   "text" or 'text'   12   true   false   none   ["a", 1]
 *   count(x)   first(x)   last(x)   has(x, value)
 *   only(x, "field", value)   items of a list whose field is value
 *   join(x, "field")   texts joined with ", ", equal ones once
 *   text(x)   lower(x)   money("50.00 USD")
 *   minutes(n)   hours(n)   days(n)   in seconds
 *
 * A value stands as a condition by itself too: it is true when it is set and not false.
 * Comparing money compares amounts of one currency.  Anything of the wrong type is `none`, never a
 * fault at run time; what can be known to be wrong is a finding when the file is read. */
#ifndef TENSTEP_FLOWS_EXPR_H
#define TENSTEP_FLOWS_EXPR_H

#include "bot/base/arena.h"
#include "bot/base/diag.h"
#include "bot/base/value.h"

struct expr;

/* Where names come from: returns NONE for what is not set. */
struct scope {
	const struct value *(*look_up)(const void *self, struct str name);
	const void *self;
};

/* @source/@offset: where the text stands in its file, for findings (F1xx, added to @diags; NULL
 * then). */
const struct expr *expr_parse(struct arena *arena, struct str text, const struct source *source,
	size_t offset, struct diags *diags) MUST_CHECK;
/* Never NULL.  What it makes lives in @arena, or is part of what the scope gave. */
const struct value *expr_eval(const struct expr *expr, struct scope scope, struct arena *arena);
bool expr_true(const struct expr *expr, struct scope scope, struct arena *arena);
/* The value that is written there and needs no looking up: "'open'", "12"; NULL: it is more. */
const struct value *expr_literal(const struct expr *expr);
/* Texts, numbers and records with an id or number compare by it; see expr.c. */
struct str expr_text(const struct expr *expr); /* as written */

/* Calls @each for every name that is read ("order", with its first field "number" or empty). */
void expr_names(const struct expr *expr,
	void (*each)(void *self, struct str name, struct str field), void *self);

/* Whether @name is surely set wherever the expression has come out as @outcome: "x is set and …"
 * proves it of true, "x is not set or …" of false. */
bool expr_proves_set(const struct expr *expr, struct str name, bool outcome);

#endif
