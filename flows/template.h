/* Texts with holes: "Cancel order {order.number} ({order.total|money})?"
 *
 * {expr} or {expr|filter}.  {{ is a brace.  Filters: money (a money record: $29.90), date (12 March
 * 2025), time (10:00 UTC), when (12 March, 10:00 UTC), days ("3 days"), plural:one:many (only the
 * word: "{n} {n|plural:item:items}"), list ("a, b and c"), label (of a choice), lower, capital,
 * short (at most 60 characters); several in a row are done one after another.  A value that is none
 * prints nothing.  Money prints as with its filter, any other record its label, else number, else
 * id, else title.  {a ? text | other} is not there: use steps. */
#ifndef TENSTEP_FLOWS_TEMPLATE_H
#define TENSTEP_FLOWS_TEMPLATE_H

#include "flows/expr.h"

struct template;

const struct template *template_parse(struct arena *arena, struct str text,
	const struct source *source, size_t offset, struct diags *diags) MUST_CHECK;
void template_render(
	const struct template *template, struct scope scope, struct arena *arena, struct buf *out);
/* Whether it has no hole, and what it always is then; of the template's memory. */
bool template_is_plain(const struct template *template, struct str *text) MUST_CHECK;
struct str template_text(const struct template *template); /* as written */
void template_names(const struct template *template,
	void (*each)(void *self, struct str name, struct str field), void *self);
/* How a value reads without a filter. */
void value_print(const struct value *value, struct buf *out);

#endif
