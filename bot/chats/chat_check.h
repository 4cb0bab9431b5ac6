/* Names in conversation tests: do the flows, steps, intents, fixtures … exist? */
#ifndef TENSTEP_CHATS_CHAT_CHECK_H
#define TENSTEP_CHATS_CHAT_CHECK_H

#include "adapters/order/sandbox/sandbox.h"
#include "bot/chats/chat_file.h"
#include "flows/flow_set.h"
#include "intents/intent_set.h"

/* What names may mean.  All of it is the caller's. */
struct chat_names {
	const struct flow_set *flows;
	const struct intent_set *intents;
	const struct str *shop; /* fixtures */
	size_t n_shops;
	struct sandbox *demo; /* knows the buyers; NULL: they are not checked */
};

/* Findings C030 … about every name of the file. */
void chat_check(const struct chat_file *file, const struct chat_names *names, struct diags *diags);

/* A finding C038 for each flow where more than half of the tests begin in the middle. */
void chat_check_starts(const struct chat_file *const *file, size_t n_files,
	const struct chat_names *names, struct diags *diags);

/* What "flow/step", or "flow" alone, names.  *step is NULL for a flow alone; *flow stays NULL when
 * it is unknown.  "repair/no_match" is a flow when there is one of that name. */
enum chat_ref { REF_STEP, REF_FLOW, REF_UNKNOWN_FLOW, REF_UNKNOWN_STEP };
enum chat_ref chat_ref_find(const struct flow_set *flows, struct str ref, const struct flow **flow,
	const struct step **step);

/* Where "load: FLOW version N" is looked for: beside the test file. */
const char *chat_version_path(
	struct arena *arena, const char *test_file, struct str flow, int64_t version);

#endif
