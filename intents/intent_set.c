/* What a compiled pack answers about itself. */
#include "intents/intent_set.h"

#include "intents/pack.h"

void intent_set_free(struct intent_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->n_patterns; i++)
		pattern_release(&set->pattern[i]);
	matcher_free(set->matcher);
	arena_free(set->picking);
	for (size_t i = 0; i < set->n_docs; i++)
		json_doc_free(set->doc[i]);
	arena_free(set->arena);
}

size_t intent_set_count(const struct intent_set *set)
{
	return set->n_intents;
}

const struct intent *intent_set_at(const struct intent_set *set, size_t index)
{
	return index < set->n_intents ? &set->intent[index].intent : NULL;
}

const struct intent *intent_set_find(const struct intent_set *set, struct str name)
{
	for (size_t i = 0; i < set->n_intents; i++)
		if (str_eq(set->intent[i].intent.name, name))
			return &set->intent[i].intent;
	return NULL;
}

size_t intent_set_phrases(const struct intent_set *set)
{
	return set->n_phrases;
}

struct str intent_set_language(const struct intent_set *set)
{
	return set->language.code;
}

size_t intent_examples(const struct intent_set *set, const struct intent *intent,
	const struct example **out)
{
	*out = set->intent[intent->index].example;
	return set->intent[intent->index].n_examples;
}

size_t intent_counter_examples(const struct intent_set *set, const struct intent *intent,
	const struct example **out)
{
	*out = set->intent[intent->index].counter;
	return set->intent[intent->index].n_counters;
}

size_t intent_set_key_groups(const struct intent_set *set)
{
	return lexicon_n_keys(set->lexicon) / keys_a_group + 1;
}
