/* All flows and named lists of the content. */
#ifndef TENSTEP_FLOWS_FLOW_SET_H
#define TENSTEP_FLOWS_FLOW_SET_H

#include "flows/flow.h"

struct flow_set;

/* Reads every source: {"flow": …} is a flow, {"list": …} a named list of choices
 * ({"list": "cancel_reasons", "choices": [{"id", "label", "words": […]}, …]}).  All findings go to
 * @diags; NULL if one is an error.  The sources, array and texts, must outlive the set and @diags.
 */
struct flow_set *flow_set_load(
	const struct source *sources, size_t n, struct diags *diags) MUST_CHECK;
void flow_set_free(struct flow_set *set);

size_t flow_set_count(const struct flow_set *set);
const struct flow *flow_set_at(
	const struct flow_set *set, size_t index); /* in order of the source names */
const struct flow *flow_set_find(const struct flow_set *set, struct str name);
/* The flow that an intent starts, NULL if none.  @negated: "not cancel_order". */
const struct flow *flow_set_started_by(const struct flow_set *set, struct str intent, bool negated);
/* Whether an intent, or that it is not meant, starts a flow or is in the 'on' of a step. */
bool flow_set_hears(const struct flow_set *set, struct str intent);
/* A named list as a value: a list of records {id, label, words}; NULL if there is none. */
const struct value *flow_set_list(const struct flow_set *set, struct str name);
/* The named lists, in order of the source names, for whoever goes through all of them. */
size_t flow_set_n_lists(const struct flow_set *set);
struct str flow_set_list_name(const struct flow_set *set, size_t index);
const struct json_doc *flow_set_list_doc(const struct flow_set *set, size_t index);

/* The flows that the engine starts by name and that are not there, after one another: @at counts from
 * 0; NULL: no further one. */
const char *flow_set_missing(const struct flow_set *set, size_t *at);

/* Everything that a reader of the files can get wrong (flow_check.c lists the codes F0xx): names,
 * types, reachability, dead ends, silent loops, missing edges, questions that cannot be left, and
 * the proof that no path reaches a dangerous operation without the account step and a confirmation
 * that shows what will happen.
 * @intents are the names of all intents. */
void flow_set_check(const struct flow_set *set, const struct str *intents, size_t n_intents,
	struct diags *diags);

#endif
