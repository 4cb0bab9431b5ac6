/* One file of flows/ becomes a flow or a named list. */
#ifndef TENSTEP_FLOWS_FLOW_LOAD_H
#define TENSTEP_FLOWS_FLOW_LOAD_H

#include "bot/base/json.h"
#include "flows/flow.h"

/* Findings about the shape of the file (F002 … F019) go to @diags.  The flow lives in @arena and
 * points into @doc. NULL if nothing can be made of it; with findings that are errors it is not fit
 * to be used. */
const struct flow *flow_load(
	const struct json_doc *doc, struct arena *arena, struct diags *diags) MUST_CHECK;

struct named_list {
	struct str name;
	const struct value *choices; /* a list of records {id, label, words} */
	const struct json_doc *doc;
};

const struct named_list *named_list_load(
	const struct json_doc *doc, struct arena *arena, struct diags *diags) MUST_CHECK;

/* Letters, digits and _, beginning with a letter; the parts of a flow's name are joined with '/'.
 */
bool name_is_good(struct str name, bool flow);

#endif
