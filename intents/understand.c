/* From a message to a reading: the stages, one after another. */
#include "intents/understand.h"

#include "intents/message.h"

enum { match_budget = 96 * 1024 };

static struct message *message_begin(struct intent_set *set, struct str raw,
	const struct context *context, struct arena *arena)
{
	struct message *m = set->scratch;

	m->set = set;
	m->context = context;
	m->arena = arena;
	m->raw = raw;
	m->too_long = m->shouting = m->asking = m->any_digits = m->any_at = false;
	m->n_tokens = m->n_content = 0;
	m->mask = 0;
	m->flags = 0;
	m->n_fixes = m->n_entities = 0;
	m->n_text = 0;
	m->n_pieces = 0;
	m->n_hits = m->n_tried = m->n_faults = 0;
	m->budget = match_budget;
	m->no_index = false;
	m->guessed = false;
	m->reading = NULL;
	return m;
}

static struct reading *rank(struct message *m)
{
	struct reading *reading = hits_rank(m);

	m->reading = reading;
	return reading;
}

static struct reading *read_message(struct message *m)
{
	tokens_read(m);
	words_repair(m);
	entities_find(m);
	pieces_cut(m);
	phrases_match(m);
	hits_negate(m);
	m->matched_budget = m->budget;
	m->matched_faults = m->n_faults;
	m->matched_at = m->context->now;
	return rank(m);
}

const struct reading *understand(struct intent_set *set, struct str message,
	const struct context *context, struct arena *arena)
{
	return read_message(message_begin(set, message, context, arena));
}

const struct reading *understand_again(struct intent_set *set, const struct reading *reading,
	const struct context *context, struct arena *arena)
{
	struct message *m = set->scratch;

	if (m->reading != reading || m->guessed || m->matched_at != context->now)
		return understand(set, reading->raw, context, arena);
	m->context = context;
	m->arena = arena;
	m->budget = m->matched_budget;
	m->n_faults = m->matched_faults;
	return rank(m);
}

const struct reading *understand_explained(struct intent_set *set, struct str message,
	const struct context *context, struct arena *arena)
{
	struct message *m = message_begin(set, message, context, arena);
	struct reading *reading = read_message(m);

	misses_explain(m, reading);
	return reading;
}

const struct reading *understand_without_index(struct intent_set *set, struct str message,
	const struct context *context, struct arena *arena)
{
	struct message *m = message_begin(set, message, context, arena);

	m->no_index = true;
	m->mask = UINT64_MAX;
	m->budget = UINT32_MAX;
	return read_message(m);
}
