/* Everything authored, compiled: immutable, counted, with a digest of the content. */
#include "bot/engine/model.h"

#include <stdio.h>
#include <stdlib.h>

enum { max_older = 5 };

struct model {
	unsigned references;
	struct intent_set *intents;
	struct flow_set *flows;
	struct digest digest;
	struct model *before;
};

struct model *model_new(struct intent_set *intents, struct flow_set *flows, struct digest digest,
	struct model *before)
{
	struct model *model = malloc(sizeof(*model)), *older = before;

	if (!model) {
		fputs("tenstep: out of memory\n", stderr);
		abort();
	}
	*model = (struct model){1, intents, flows, digest, before ? model_ref(before) : NULL};
	for (unsigned n = 1; older; n++, older = older->before)
		if (n == max_older) {
			model_unref(older->before);
			older->before = NULL;
		}
	return model;
}

struct model *model_ref(struct model *model)
{
	model->references++;
	return model;
}

void model_unref(struct model *model)
{
	while (model && --model->references == 0) {
		struct model *before = model->before;

		intent_set_free(model->intents);
		flow_set_free(model->flows);
		free(model);
		model = before;
	}
}

struct intent_set *model_intents(const struct model *model)
{
	return model->intents;
}

const struct flow_set *model_flows(const struct model *model)
{
	return model->flows;
}

struct digest model_digest(const struct model *model)
{
	return model->digest;
}

const struct flow *model_flow(const struct model *model, struct str name)
{
	return flow_set_find(model->flows, name);
}

const struct flow *model_flow_version(const struct model *model, struct str name, unsigned version)
{
	for (; model; model = model->before) {
		const struct flow *flow = flow_set_find(model->flows, name);

		if (flow && flow->version == version)
			return flow;
	}
	return NULL;
}
