/* Everything authored, compiled: immutable, counted, with a digest of the content. */
#ifndef TENSTEP_ENGINE_MODEL_H
#define TENSTEP_ENGINE_MODEL_H

#include "bot/base/digest.h"
#include "flows/flow_set.h"
#include "intents/intent_set.h"

struct model;

/* Takes over @intents and @flows.  @before (may be NULL) is the model it replaces: its flows stay
 * loaded for chats that are on them, at most five models back. */
struct model *model_new(struct intent_set *intents, struct flow_set *flows, struct digest digest,
	struct model *before) MUST_CHECK;
struct model *model_ref(struct model *model);
void model_unref(struct model *model);      /* the last one frees it; NULL is fine */

struct intent_set *model_intents(const struct model *model);
const struct flow_set *model_flows(const struct model *model);
struct digest model_digest(const struct model *model);
const struct flow *model_flow(const struct model *model, struct str name);
/* The flow in that very version, from this model or an older one; NULL if it is gone. */
const struct flow *model_flow_version(const struct model *model, struct str name, unsigned version);

#endif
